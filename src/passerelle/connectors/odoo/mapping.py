"""Odoo's rows → our records. Pure: what a record says is decided here, what is read is decided elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final

import msgspec

from passerelle.connectors.odoo import wire
from passerelle.connectors.odoo.articles import ArticleRows, storable
from passerelle.connectors.odoo.company import SaleTax
from passerelle.connectors.odoo.pricelists import PriceListLoop, PriceLists, Sold
from passerelle.connectors.odoo.wire import Row
from passerelle.domain.catalogue import Category, Product, Variant
from passerelle.domain.pricing import Price, Tax
from passerelle.domain.stock import StockLevel
from passerelle.errors import RecordUnreadable, ReferenceTwice
from passerelle.ports.erp import ProductQuery

MAX_LEVELS: Final = 6
POUND: Final = Decimal("0.45359237")
WEIGHTS: Final = {"kg": Decimal(1), "lb": POUND, "lbs": POUND, "": Decimal(1)}
QUANTITIES: Final = ("qty_available", "incoming_qty", "outgoing_qty")

_encode = msgspec.msgpack.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Tariff:
    """A price list and what it depends on; without one, the sales price of the product."""

    lists: PriceLists
    pricelist: int | None = None

    def price(self, of: Sold) -> Decimal:
        """The unit price of one piece. Raises PriceListLoop."""
        return of.list_price if self.pricelist is None else self.lists.price(self.pricelist, of=of)


@dataclass(frozen=True, slots=True)
class Reading:
    """What all articles of a query share. `texts` are the fields asked for: name → (field, language or "").

    `nodes` are the categories by id, `root` the one whose children are the first level; `described` is what Odoo says
    of its fields.
    """

    query: ProductQuery
    taxes: Mapping[int, SaleTax]
    nodes: Mapping[int, Row]
    root: int | None
    attributes: Mapping[int, Row]
    articles: Tariff
    variants: Tariff
    texts: Mapping[str, tuple[str, str]]
    described: Mapping[str, Row]
    languages: Mapping[str, str] = field(default_factory=dict)  # our code → Odoo's
    stamp: bytes = b""


def digest(*rows: Any) -> bytes:
    """16 bytes that tell raw rows apart."""
    return blake2b(_encode(rows), digest_size=16).digest()


def rows_of(article: ArticleRows, reading: Reading) -> list[Any]:
    """Every raw row that an article is made of."""
    taxes = [reading.taxes[one] for one in wire.ids(article.template.get("taxes_id")) if one in reading.taxes]
    categories = [reading.nodes[one] for one in _above(article.template, reading) if one in reading.nodes]
    return [
        article.template, article.reference, article.lines, article.variants, article.values, article.twice, taxes,
        categories, reading.stamp,
    ]  # fmt: skip


# --- articles --------------------------------------------------------------------------------------------------------


def product_of(article: ArticleRows, reading: Reading) -> Product:
    """Raises ReferenceTwice, RecordUnreadable."""
    template, query = article.template, reading.query
    _check_identity(article)
    tax = _tax(article, reading)
    included = bool(tax and tax.included) if query.tax_included is None else query.tax_included
    amount = _article_price(article, reading) if query.prices else None
    return Product(
        sku=article.key,
        erp_id=article.erp_id,
        label=wire.plain(template["name"]),
        fields={name: _text(template, source, reading) for name, source in reading.texts.items()},
        gtin="" if article.ranged else wire.plain(template.get("barcode")),
        weight=None if article.ranged else _weight(template, key=article.key),
        categories=_categories(article, reading) if query.categories else (),
        tax=None if tax is None else Tax(tax.code, tax.rate or Decimal(0)),
        price=None if amount is None else Price(amount, included),
        followed=storable(template),
        has_variants=article.ranged,
        variants=tuple(
            _variant(article, one, reading, base=amount, included=included)
            for one in article.variants
            if query.variants
        ),
    )


def _check_identity(article: ArticleRows) -> None:
    for sku in article.twice:
        _check_once(article, sku)
    if not article.ranged and article.key == article.erp_id:
        raise RecordUnreadable(key=article.key, why="it has no internal reference")


def _check_once(article: ArticleRows, sku: str) -> None:
    if sku in article.twice:
        raise ReferenceTwice(key=sku, others=", ".join(map(str, article.twice[sku])))


def _tax(article: ArticleRows, reading: Reading) -> SaleTax | None:
    """The one sales tax of the company; those of other companies and of purchases do not count."""
    own = [reading.taxes[one] for one in wire.ids(article.template.get("taxes_id")) if one in reading.taxes]
    if len(own) > 1:
        names = ", ".join(one.name for one in own)
        raise RecordUnreadable(key=article.key, why=f"it has several sales taxes: {names}")
    if own and own[0].rate is None:
        raise RecordUnreadable(key=article.key, why=f"its tax {own[0].name} is no percentage")
    return own[0] if own else None


def _weight(row: Row, *, key: str) -> Decimal | None:
    """In kilograms; 0 is none. Odoo weighs in pounds where it is set so."""
    unit = wire.plain(row.get("weight_uom_name"))
    if unit not in WEIGHTS:
        raise RecordUnreadable(key=key, why=f"its weight is in {unit}")
    return wire.number(row.get("weight")) * WEIGHTS[unit] or None


def _above(template: Row, reading: Reading) -> list[int]:
    """Its category and those above it, the root's children first. A loop in the tree ends it."""
    path: list[int] = []
    one = wire.ref(template.get("categ_id"))
    while one is not None and one not in path:
        path.append(one)
        one = wire.ref(reading.nodes.get(one, {}).get("parent_id"))
    return path[::-1]


def _categories(article: ArticleRows, reading: Reading) -> tuple[Category, ...]:
    path = _above(article.template, reading)
    if any(one not in reading.nodes for one in path) or (path and reading.nodes[path[0]].get("parent_id")):
        raise RecordUnreadable(key=article.key, why="its category has no place in the tree")
    shown = [one for one in path if one != reading.root][:MAX_LEVELS]
    parents = [None, *map(str, shown)]
    return tuple(
        Category(str(one), _names(reading.nodes[one], reading), parent)
        for one, parent in zip(shown, parents, strict=False)
    )


def _names(node: Row, reading: Reading) -> dict[str, str]:
    return {ours: wire.plain(node.get(f"name@{lang}") or node["name"]) for ours, lang in reading.languages.items()}


# --- prices ----------------------------------------------------------------------------------------------------------


def _article_price(article: ArticleRows, reading: Reading) -> Decimal:
    return _priced(reading.articles, _sold(article, None, reading), key=article.key)


def _sold(article: ArticleRows, variant: Row | None, reading: Reading) -> Sold:
    template = article.template
    only = None if article.ranged else wire.ref(template.get("product_variant_id"))
    extra = Decimal(0) if variant is None else _extra(article, variant)
    return Sold(
        template=template["id"],
        variant=only if variant is None else variant["id"],
        categories=frozenset(_above(template, reading)),
        list_price=wire.number(template.get("list_price")) + extra,
        cost=wire.number((variant or template).get("standard_price")),
    )


def _extra(article: ArticleRows, variant: Row) -> Decimal:
    chosen = set(wire.ids(variant.get("product_template_attribute_value_ids")))
    return sum((wire.number(one["price_extra"]) for one in article.values if one["id"] in chosen), Decimal(0))


def _priced(tariff: Tariff, of: Sold, *, key: str) -> Decimal:
    try:
        return tariff.price(of)
    except PriceListLoop:
        raise RecordUnreadable(key=key, why="its price list is based on itself") from None


# --- variants --------------------------------------------------------------------------------------------------------


def _variant(
    article: ArticleRows, row: Row, reading: Reading, *, base: Decimal | None, included: bool
) -> Variant:  # fmt: skip
    sku = article.sku(row)
    amount = _priced(reading.variants, _sold(article, row, reading), key=sku) if reading.query.prices else None
    return Variant(
        sku=sku,
        erp_id=str(row["id"]),
        options=tuple(zip(_option_names(article, reading), (v for _, v in article.options(row)), strict=True)),
        gtin=wire.plain(row.get("barcode")),
        price=None if amount is None or amount == base else Price(amount, included),
        weight=_weight(row, key=sku),
    )


def _option_names(article: ArticleRows, reading: Reading) -> list[str]:
    """The names of the attributes; two of the same name are told apart by a 2 behind the second."""
    found: list[str] = []
    for line in article.lines:
        name = wire.plain(reading.attributes[wire.ref(line["attribute_id"]) or 0]["name"])
        same = sum(one == name for one in found)
        found.append(f"{name} {same + 1}" if same else name)
    return found


# --- texts -----------------------------------------------------------------------------------------------------------


def _text(template: Row, source: tuple[str, str], reading: Reading) -> str:
    name, lang = source
    value = template.get(f"{name}@{lang}" if lang else name)
    return shown(value, described=reading.described[name])


def shown(value: Any, *, described: Row) -> str:
    """A value as people read it: the label of a choice, the name of a record, 1 or 0; "" for none."""
    kind = described.get("type")
    if kind == "boolean":
        return "1" if value else "0"
    if kind == "many2one":
        return wire.named(value)
    if kind == "selection":
        return str(dict(map(tuple, described.get("selection") or ())).get(value, "")) if value else ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return wire.plain(value)


# --- stock -----------------------------------------------------------------------------------------------------------


def level_of(
    article: ArticleRows, quantities: Sequence[Row], *, variant: Row | None
) -> StockLevel:  # fmt: skip
    """The counters summed over products and warehouses; none is 0. Raises ReferenceTwice."""

    def total(counter: str) -> Decimal:
        return sum((wire.number(row.get(counter)) for row in quantities), Decimal(0))

    sku = article.key if variant is None else article.sku(variant)
    _check_once(article, sku)
    return StockLevel(
        sku=sku,
        erp_id=article.erp_id if variant is None else str(variant["id"]),
        followed=storable(article.template),
        has_variants=variant is None and article.ranged,
        variant_of="" if variant is None else article.key,
        on_hand=total("qty_available"),
        reserved=total("outgoing_qty"),
        incoming=total("incoming_qty"),
    )
