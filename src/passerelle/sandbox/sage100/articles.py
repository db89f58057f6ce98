"""Articles of the demo company: label, price, brand, weight, catalogue, all drawn from the vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Final

from .parameters import SALES_RATES, UNITS
from .references import ean13, reference
from .rows import NO_DATE, Row, created_and_changed, day
from .vocabulary import Product

_CENT, _TENTH_MILLI = Decimal("0.01"), Decimal("0.0001")
_SERIES = ("", "Pro", "Éco", "Chantier", "Expert", "Atelier")
_UNPRICED = frozenset({77, 177, 277})
# Labels that someone typed one day; the second holds a character that some shops forbid in a name.
_TYPED_LABELS = {41: 'FLEXIBLE INOX 1/2" F-F 50cm***', 50: "Cheville Ø 8 = mèche 8 (lot de 50)"}
_LABEL_LENGTH: Final = 69


@dataclass(frozen=True, slots=True)
class Article:
    """What tariffs, stock and documents need to know of an article. `price` excludes VAT."""

    ref: str
    label: str
    price: Decimal
    rate: Decimal
    tax: str
    purchase: Decimal
    entered_ttc: bool
    tracked: bool
    by_measure: bool
    sold: bool
    product: Product


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which article of a product this is: `series` counts the rounds through its sizes and options."""

    number: int
    series: int
    size: int
    option: int


def draw_article(
    index: int, *, products: tuple[Product, ...], catalogue: Mapping[tuple[str, ...], int], rng: Random
) -> tuple[Article, Row]:
    """The `index`-th article, products taken in turn so that any number of articles covers all of them."""
    turn, position = divmod(index, len(products))
    product = products[position]
    choice = _choose(product, turn=turn, offset=position)
    ref = reference(product.prefix, style=position, number=choice.number, index=index)
    label = _TYPED_LABELS.get(index) or _label(product, choice=choice)
    row: Row = {"AR_Ref": ref, "AR_Design": label + (" " * (index % 3) if index % 11 == 0 else "")}
    row |= {"FA_CodeFamille": product.family.code, "AR_Langue1": _english(product, choice=choice, rng=rng)}
    row |= _price(index, product=product, choice=choice, rng=rng)
    row |= _logistics(product, choice=choice, rng=rng) | _state(rng) | _path(product, catalogue=catalogue, rng=rng)
    row |= _identity(index, product=product, rng=rng) | _dates(rng)
    return _article(row, product=product), row


def _choose(product: Product, *, turn: int, offset: int) -> _Choice:
    """Steps through sizes and options together, so that a short run already shows several of both."""
    combinations = len(product.sizes) * len(product.options)
    series, rank = divmod(turn, combinations)
    rank = (rank + offset) % combinations
    return _Choice(turn + 1, series, size=rank // len(product.options), option=rank % len(product.options))


def _label(product: Product, *, choice: _Choice) -> str:
    label = product.french.format(size=product.sizes[choice.size][0], option=product.options[choice.option][0])
    return f"{label}{_series_name(choice.series)}"[:_LABEL_LENGTH].strip()


def _english(product: Product, *, choice: _Choice, rng: Random) -> str:
    if rng.random() < 0.12:
        return ""
    label = product.english.format(size=product.sizes[choice.size][1], option=product.options[choice.option][1])
    return f"{label}{_series_name(choice.series)}"[:_LABEL_LENGTH].strip()


def _series_name(series: int) -> str:
    if series < len(_SERIES):
        return f" {_SERIES[series]}".rstrip()
    return f" {_SERIES[series % len(_SERIES)]} {series}".replace("  ", " ")


def _price(index: int, *, product: Product, choice: _Choice, rng: Random) -> Row:
    if index in _UNPRICED:
        return {"AR_PrixVen": 0, "AR_PrixTTC": 0, "AR_PrixAch": 0, "AR_Coef": 0, "AR_PUNet": 0, "AR_CoutStd": 0}
    price = _list_price(product, choice=choice, rng=rng)
    coefficient = Decimal(rng.randrange(130, 230)) / 100
    purchase = (price / coefficient).quantize(_TENTH_MILLI, ROUND_HALF_UP)
    costs: Row = {"AR_PrixAch": purchase, "AR_Coef": coefficient, "AR_PUNet": purchase, "AR_CoutStd": purchase}
    kind = rng.random()
    if kind < 0.05:
        return {"AR_PrixVen": 0, "AR_PrixTTC": 0} | costs
    if kind < 0.17 and not product.fine:
        return {"AR_PrixVen": _retail(price, rate=SALES_RATES[product.family.tax]), "AR_PrixTTC": 1} | costs
    return {"AR_PrixVen": price, "AR_PrixTTC": 0} | costs


def _list_price(product: Product, *, choice: _Choice, rng: Random) -> Decimal:
    low, high = product.price
    climb = (choice.size + rng.random()) / len(product.sizes)
    units = round((low + (high - low) * climb) * (1 + 0.02 * (choice.series % 6)))
    return Decimal(units).scaleb(-4 if product.fine else -2)


def _retail(price: Decimal, *, rate: Decimal) -> Decimal:
    """A shelf price incl. VAT: 23,88 becomes 23,90, small prices end with 5 or 9."""
    ttc = (price * (100 + rate) / 100).quantize(_CENT, ROUND_HALF_UP)
    return ttc.quantize(Decimal(1), ROUND_HALF_UP) - Decimal("0.10") if ttc > 2 else ttc


def _logistics(product: Product, *, choice: _Choice, rng: Random) -> Row:
    light, heavy = product.weight
    grams = round(light + (heavy - light) * choice.size / max(1, len(product.sizes) - 1))
    grams = 0 if rng.random() < 0.05 else grams
    in_grams = grams < 60
    net = Decimal(grams) if in_grams else Decimal(grams).scaleb(-3)
    gross = (net * Decimal("1.06")).quantize(Decimal(1) if in_grams else Decimal("0.001"))
    return {
        "AR_UnitePoids": 3 if in_grams else 2,
        "AR_PoidsNet": net,
        "AR_PoidsBrut": gross,
        "AR_UniteVen": UNITS.index(product.unit) + 1,
        "AR_SuiviStock": _stock_mode(product, rng=rng),
        "AR_Contremarque": int(rng.random() < 0.015),
        "AR_Delai": rng.choice((0, 2, 5, 10)),
        "AR_Garantie": 36 if product.family.eco else 0,
    }


def _stock_mode(product: Product, *, rng: Random) -> int:
    draw = rng.random()
    if product.family.code == "ELECPORT" and draw < 0.1:
        return 1
    if product.family.code in {"PEINTURE", "DROGUERIE"} and draw < 0.1:
        return 5
    return 3 if draw > 0.96 else 2


def _state(rng: Random) -> Row:
    return {"AR_Publie": int(rng.random() < 0.91), "AR_Sommeil": int(rng.random() < 0.03)}


def _path(product: Product, *, catalogue: Mapping[tuple[str, ...], int], rng: Random) -> Row:
    depth = 0 if rng.random() < 0.03 else len(product.path)
    numbers = [catalogue[product.path[: level + 1]] if level < depth else 0 for level in range(4)]
    return {f"CL_No{level}": number for level, number in enumerate(numbers, start=1)}


def _identity(index: int, *, product: Product, rng: Random) -> Row:
    brand = rng.choice(product.department.brands)
    written = rng.choice((brand, brand, brand, brand.upper(), f"{brand}   "))
    empty = rng.choice(("", None)) if rng.random() < 0.07 else written
    return {
        "AR_CodeBarre": None if rng.random() < 0.06 else ean13(1_000_000 + index),
        "AR_Photo": f".\\Multimedia\\{product.prefix.lower()}{index:06d}.jpg" if rng.random() < 0.7 else "",
        "AR_Stat01": rng.choice("ABC"),
        "AR_Stat02": rng.choice(("Toute saison", "Printemps", "", None)),
        "AR_Langue2": rng.choice(("", None)),
        "AR_Pays": rng.choice(("France", "France", "Italie", "Allemagne", "")),
        "Marque commerciale": empty,
        "Densité": Decimal(rng.randrange(110, 160)).scaleb(-2) if product.family.code == "PEINTURE" else None,
    }


def _dates(rng: Random) -> Row:
    """A few articles have a price that Sage will apply one day; until then it is not the price."""
    scheduled = rng.random() < 0.03
    row: Row = {"AR_DateCreation": day(rng), "AR_DateModif": day(rng, after=300)}
    row |= {"AR_DateApplication": "2099-01-01 00:00:00" if scheduled else NO_DATE}
    return row | {"AR_PrixVenNouv": Decimal("999.99") if scheduled else 0} | created_and_changed(rng)


def _article(row: Row, *, product: Product) -> Article:
    rate = SALES_RATES[product.family.tax]
    entered, purchase = Decimal(str(row["AR_PrixVen"])), Decimal(str(row["AR_PrixAch"]))
    price = entered or purchase * Decimal(str(row["AR_Coef"]))
    if row["AR_PrixTTC"]:
        price = price * 100 / (100 + rate)
    return Article(
        ref=str(row["AR_Ref"]),
        label=str(row["AR_Design"]).strip(),
        price=price.quantize(Decimal("0.000001"), ROUND_HALF_UP),
        rate=rate,
        tax=product.family.tax,
        purchase=purchase,
        entered_ttc=bool(row["AR_PrixTTC"]),
        tracked=row["AR_SuiviStock"] != 0,
        by_measure=product.unit in {"Mètre", "Litre"},
        sold=not row["AR_Sommeil"] and price > 0,
        product=product,
    )
