"""Outillage Martin in Odoo: the demo company of the other simulated ERPs, its catalogue, stock and customers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from itertools import product as combinations
from random import Random
from typing import Any, Final

from passerelle.sandbox.odoo.customers import add_customers
from passerelle.sandbox.odoo.fields import char
from passerelle.sandbox.odoo.odoo import FakeOdoo
from passerelle.sandbox.sage100.references import ean13, reference
from passerelle.sandbox.sage100.vocabulary import Product, load_vocabulary

MAIN_WAREHOUSE, SHOP_WAREHOUSE = "Dépôt principal", "Magasin Villeurbanne"
BRAND, SEASON = "x_marque", "x_saison"  # the company's own fields
_RATES: Final = {"C20": 20.0, "C10": 10.0, "C55": 5.5, "C21": 2.1}
_SERIES = ("", "Pro", "Éco", "Chantier", "Expert", "Atelier")
_SMALLEST_WITH_SPECIALS = 50
_ARTICLES, _RANGED = 900, 100  # of the demo
# (reference, label, price excl. VAT, published, tax): not followed in stock.
_SERVICES = (
    ("PORT", "Frais de port", "9.90", False, 20.0), ("DIVERS", "Article divers", "0", False, 20.0),
    ("ECART", "Écart d'arrondi", "0", False, 0.0), ("AFFUTAGE-LAME", "Affûtage d'une lame de scie circulaire", "12.50",
                                                    True, 20.0),
    ("REPRO-CLE", "Reproduction de clé plate (à la minute)", "6.25", True, 20.0),
    ("LIVR-CHANTIER", "Livraison sur chantier, moins de 30 km", "45", True, 20.0),
)  # fmt: skip
CARRIERS = (("Enlèvement au magasin", "0"), ("Messagerie 24/48 h", "9.90"), ("Express avant 13 h", "18.50"))
# Wrong on purpose, by the number of the article: no price, no reference, the reference of the one before, two taxes.
_UNPRICED, _NAMELESS, _DOUBLES, _TWICE_TAXED = frozenset({77, 177, 277}), frozenset({61, 161}), 141, 201
_TYPED_LABELS = {41: 'FLEXIBLE INOX 1/2" F-F 50cm***', 50: "Cheville Ø 8 = mèche 8 (lot de 50)"}


@dataclass(frozen=True, slots=True)
class Line:
    """What one line of the table of articles with ranges says; `price` in cents, `weight` in grams."""

    prefix: str
    path: str
    label: str
    models: tuple[str, ...]
    ranges: tuple[tuple[str, tuple[str, ...]], ...]
    price: tuple[int, int]
    weight: int


def build_company(odoo: FakeOdoo, *, articles: int = _ARTICLES, customers: int = 200, seed: int = 2026) -> None:
    """Fill a fresh simulated Odoo; the same numbers give the same records.

    `articles` counts templates but those of the delivery methods, which come on top. Below 50 there are simple ones
    only; from 50 on one in nine comes in variants, and six are services. Prices have four decimals here, as a dealer in
    screws sets them.
    """

    def rng(purpose: str) -> Random:
        """One stream a purpose: a change in one part leaves the others as they were."""
        return Random(f"{seed}-odoo-{purpose}")

    with odoo.change() as env:
        precision = next(one for one in odoo.records("decimal.precision") if one.values["name"] == "Product Price")
        env.write([precision], {"digits": 4})
        for name, label in ((BRAND, "Marque commerciale"), (SEASON, "Saison")):
            odoo.add_field("product.template", char(name, label))
        ranged = articles * _RANGED // _ARTICLES if articles >= _SMALLEST_WITH_SPECIALS else 0
        services = _SERVICES if articles >= _SMALLEST_WITH_SPECIALS else ()
        _add_services(odoo, services)
        _add_simple(odoo, count=articles - ranged - len(services), rng=rng("articles"))
        _add_ranged(odoo, count=ranged, rng=rng("ranged"))
        for name, price in CARRIERS:
            odoo.add_carrier(name, price=price)
        add_customers(odoo, count=customers, rng=rng("customers"))
        _add_pricelists(odoo)


def _add_services(odoo: FakeOdoo, services: Sequence[tuple[str, str, str, bool, float]]) -> None:
    kind = {"type" if odoo.version >= 18 else "detailed_type": "service"}
    for code, name, price, published, rate in services:
        values: dict[str, Any] = {"storable": False, "published": published, "taxes": [_tax(odoo, rate)], **kind}
        odoo.add_product(code, name=name, list_price=price, category="Services", **values)


def _tax(odoo: FakeOdoo, rate: float, *, included: bool = False) -> int:
    return odoo.tax(rate, included=included)


# simple articles


def _add_simple(odoo: FakeOdoo, *, count: int, rng: Random) -> None:
    products = load_vocabulary().products
    last = ""
    for index in range(count):
        turn, position = divmod(index, len(products))
        product = products[position]
        code = reference(product.prefix, style=position, number=turn + 1, index=index)
        values = _article(index, product=product, turn=turn, offset=position, rng=rng)
        included = values.pop("included")
        rate = _RATES[product.family.tax]
        taxes = [_tax(odoo, rate, included=included)]
        if index == _TWICE_TAXED:
            taxes.append(_tax(odoo, 10.0 if rate == 20.0 else 20.0))
        given = last if index == _DOUBLES else None if index in _NAMELESS else code
        odoo.add_product(given, taxes=taxes, **values, **_logistics(index, product=product, rng=rng))
        last = code


def _article(index: int, *, product: Product, turn: int, offset: int, rng: Random) -> dict[str, Any]:
    """Sizes and options in turn, so that a short run already shows several of both."""
    count = len(product.sizes) * len(product.options)
    series, rank = divmod(turn, count)
    size, option = divmod((rank + offset) % count, len(product.options))
    tail = f" {_SERIES[series % len(_SERIES)]}".rstrip() + (f" {series}" if series >= len(_SERIES) else "")
    names = [
        f"{text.format(size=product.sizes[size][language], option=product.options[option][language])}{tail}"
        for language, text in enumerate((product.french, product.english))
    ]
    french = _TYPED_LABELS.get(index, names[0])
    english = names[1] if rng.random() > 0.12 else french
    price, included = _price(index, product=product, size=size, series=series, rng=rng)
    return {
        "name": {"fr_FR": french, "en_US": english},
        "list_price": price,
        "included": included,
        "standard_price": float(Decimal(price) / 2),
        "category": product.path if rng.random() > 0.03 else "",
        "published": rng.random() < 0.91,
        "active": rng.random() > 0.03,
        "description_sale": {"fr_FR": product.department.french[0], "en_US": product.department.english[0]}
        if rng.random() > 0.2
        else False,
    }


def _price(index: int, *, product: Product, size: int, series: int, rng: Random) -> tuple[str, bool]:
    """One in eight is a shelf price that holds its VAT: 23,88 becomes 23,90."""
    if index in _UNPRICED:
        return "0", False
    low, high = product.price
    climb = (size + rng.random()) / len(product.sizes)
    units = round((low + (high - low) * climb) * (1 + 0.02 * (series % 6)))
    price = Decimal(units).scaleb(-4 if product.fine else -2)
    if product.fine or rng.random() > 0.12:
        return str(price), False
    gross = price * (100 + Decimal(str(_RATES[product.family.tax]))) / 100
    return str(gross.quantize(Decimal(1), ROUND_HALF_UP) - Decimal("0.10") if gross > 2 else gross), True


def _logistics(index: int, *, product: Product, rng: Random) -> dict[str, Any]:
    light, heavy = product.weight
    brand = rng.choice(product.department.brands)
    written = rng.choice((brand, brand, brand, brand.upper(), f"{brand}   "))
    stock = {MAIN_WAREHOUSE: _on_hand(product, rng=rng)} if rng.random() < 0.96 else {}
    if rng.random() < 0.55:
        stock[SHOP_WAREHOUSE] = _on_hand(product, rng=rng)
    return {
        "weight": round((light + (heavy - light) * rng.random()) / 1000, 2),
        "barcode": ean13(1_000_000 + index) if rng.random() > 0.06 else False,
        BRAND: written if rng.random() > 0.07 else False,
        SEASON: rng.choice(("Toute saison", "Printemps", False)),
        "stock": stock,
    }


def _on_hand(product: Product, *, rng: Random) -> float:
    """Many of what is cheap, few of what is dear; one in eight out of stock, one in a hundred below zero."""
    draw = rng.random()
    if draw < 0.13:
        return 0.0 if draw < 0.12 else float(-rng.randrange(1, 6))
    cents = product.price[1] / (100 if product.fine else 1)
    return float(rng.randrange(1, 5 if cents > 20000 else 26 if cents > 2000 else 151))


# articles with variants


def _add_ranged(odoo: FakeOdoo, *, count: int, rng: Random) -> None:
    """Lines in turn, each time with the next of their models."""
    for index, (line, model) in enumerate(_drawn(count)):
        low, high = line.price
        series, number = divmod(model, len(line.models))
        label = line.label.format(model=line.models[number]) + (f" série {series + 1}" if series else "")
        sizes = line.ranges[0][1]
        price = Decimal(rng.randrange(low, high)).scaleb(-2)
        dear = (price * Decimal("0.08")).quantize(Decimal("0.01"))
        extras = {value: str(dear) for value in sizes[len(sizes) * 2 // 3 :]} if index % 3 == 2 else {}
        own: dict[str, Any] = {BRAND: rng.choice(_brands(line.path.partition("/")[0])), "taxes": [_tax(odoo, 20.0)]}
        template = odoo.add_template(
            label, attributes=dict(line.ranges), list_price=str(price), category=line.path, extras=extras, **own
        )
        _add_variants(odoo, template, line=line, code=f"{line.prefix}-{model + 1:02d}", number=index, rng=rng)


def _add_variants(odoo: FakeOdoo, template: int, *, line: Line, code: str, number: int, rng: Random) -> None:
    """References, bar codes, weights; one variant in twelve has no stock at all, a few are archived."""
    chosen = list(combinations(*(values for _, values in line.ranges)))
    for place, (variant, _) in enumerate(zip(odoo.variants(template), chosen, strict=True)):
        values: dict[str, Any] = {"default_code": f"{code}.{place + 1:03d}", "weight": line.weight / 1000}
        if rng.random() < 0.9:
            values["barcode"] = ean13(91_000_000 + number * 100 + place)
        if place > 0 and rng.random() < 0.04:
            values["active"] = False
        odoo.write("product.product", variant, values)
        if rng.random() > 0.08:
            odoo.set_stock(variant, MAIN_WAREHOUSE, rng.randrange(0, 40))
        if rng.random() > 0.6:
            odoo.set_stock(variant, SHOP_WAREHOUSE, rng.randrange(8))


def _drawn(count: int) -> Iterator[tuple[Line, int]]:
    lines = _lines()
    return ((lines[index % len(lines)], index // len(lines)) for index in range(count))


@cache
def _lines() -> tuple[Line, ...]:
    raw = tomllib.loads((files("passerelle.sandbox.sage100") / "ranged.toml").read_text(encoding="utf-8"))
    return tuple(_line(line) for line in raw["lines"])


def _line(raw: dict[str, Any]) -> Line:
    ranges = [raw[name] for name in ("first", "second") if name in raw]
    return Line(
        raw["prefix"], raw["path"], raw["label"], tuple(raw["models"]),
        tuple((name, tuple(values)) for name, *values in ranges), (raw["price"][0], raw["price"][1]), raw["weight"],
    )  # fmt: skip


def _brands(department: str) -> tuple[str, ...]:
    products = load_vocabulary().products
    return next(one.department.brands for one in products if one.department.name == department)


# price lists


def _add_pricelists(odoo: FakeOdoo) -> None:
    """Ten percent for professionals, more for what they buy by the hundred, and a promotion that is over."""
    screws = odoo.category("Visserie et fixation")
    percent = {"compute_price": "percentage", "base": "list_price"}
    odoo.add_pricelist("Professionnels", items=[
        {"applied_on": "3_global", "percent_price": 10, **percent},
        {"applied_on": "2_product_category", "categ_id": screws, "percent_price": 25, **percent},
        {"applied_on": "2_product_category", "categ_id": screws, "percent_price": 30, "min_quantity": 100, **percent},
    ])  # fmt: skip
    odoo.add_pricelist("Collectivités", items=[
        {"applied_on": "3_global", "percent_price": 12, **percent},
        {"applied_on": "3_global", "percent_price": 50, "date_start": "2025-03-01 00:00:00",
         "date_end": "2025-05-31 22:00:00", **percent},
    ])  # fmt: skip
