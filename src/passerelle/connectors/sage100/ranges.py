"""Sage's ranges [gammes] as variants: what a combination is called, costs and holds. Pure.

A combination's own reference (AE_Ref) is its reference; where it is blank it is made of the article's and the values:
`CHAUS-SECU-42-Noir`, each as Sage spells it but for the spaces at its end. In place of a value that Sage no longer has
stands its number, so that two such combinations stay apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from passerelle.connectors.sage100.mapping import number, plain
from passerelle.connectors.sage100.range_queries import target
from passerelle.connectors.sage100.wire import Article, Combination, RangePrice, RangeSums, StockedArticle
from passerelle.domain.catalogue import Variant
from passerelle.domain.pricing import Price
from passerelle.domain.stock import StockLevel
from passerelle.errors import RecordUnreadable

Raw = tuple[Any, ...]
Numbers = tuple[int, int]  # AG_No1 and AG_No2

UNNAMED: Final = "Gamme"  # a range whose name in P_GAMME is blank: Gamme 1
_ID: Final = re.compile(r"([1-9]\d{0,8})-(0|[1-9]\d{0,8})")


def erp_id(numbers: Numbers) -> str:
    """The id of a combination: AG_No1-AG_No2. An AG_No is given once in a base, whatever the article."""
    return f"{numbers[0]}-{numbers[1]}"


def numbers_of(erp_id: str) -> Numbers | None:
    """The numbers in an id; None for that of an article, which is its cbMarq."""
    found = _ID.fullmatch(erp_id)
    return (int(found[1]), int(found[2])) if found else None


def reference(article: object, *, own: object, values: Sequence[object], numbers: Numbers) -> str:
    """What a combination is called: its own reference, else the article's with its values."""
    if plain(own):
        return plain(own)
    parts = [plain(value) or str(number) for value, number in zip(values, numbers, strict=True) if number]
    return "-".join((plain(article), *parts))


def sku(article: object, combination: Any) -> str:
    """The reference of a row that has the columns of `wire.Combination`."""
    values = (combination.value1, combination.value2)
    numbers = (combination.AG_No1, combination.AG_No2)
    return reference(article, own=combination.AE_Ref, values=values, numbers=numbers)


def article_parts(sku: str, *, longest: int) -> list[str]:
    """The references of articles that a reference made of values may begin with."""
    return [sku[:at] for at, letter in enumerate(sku[: longest + 1]) if letter == "-" and at]


# --- articles --------------------------------------------------------------------------------------------------------


def combined(rows: Iterable[Any], *, prices: Iterable[Any], category: int) -> dict[int, tuple[Raw, ...]]:
    """By cbMarq of the article, its combinations in their order, each with its row of F_TARIFGAM or None.

    A customer's code may be that of a category but for its case, and then it is a customer's.
    """
    priced: dict[tuple[Any, ...], Raw] = {}
    for row in prices:
        price = row[1:]
        if plain(price[2]) == target(category):
            priced.setdefault((row[0], *price[:2]), price)
    found: dict[int, dict[tuple[Any, ...], Raw]] = {}
    for row in rows:
        key = row[1:3]
        found.setdefault(row[0], {}).setdefault(key, (row[1:], priced.get((row[0], *key))))
    return {marq: tuple(of_article.values()) for marq, of_article in found.items()}


def variants(article: Article, *, rows: Iterable[Raw], tax_included: bool | None) -> tuple[Variant, ...]:
    """The variants of an article. Raises RecordUnreadable."""
    return tuple(
        _variant(
            article,
            Combination(*own),
            price=None if price is None else RangePrice(*price),
            tax_included=tax_included,
        )
        for own, price in rows
    )


def _variant(article: Article, row: Combination, *, price: RangePrice | None, tax_included: bool | None) -> Variant:
    barcode = plain(row.AE_CodeBarre).strip()
    return Variant(
        sku=sku(article.AR_Ref, row),
        erp_id=erp_id((row.AG_No1, row.AG_No2)),
        options=_options(row),
        gtin=barcode or ("" if price is None else plain(price.TG_CodeBarre).strip()),
        price=None if price is None else _price(article, price, tax_included=tax_included),
    )


def _options(row: Combination) -> tuple[tuple[str, str], ...]:
    """The name of each range with the value, "" for one that Sage no longer has. No two names are the same."""
    first = plain(row.name1).strip() or f"{UNNAMED} 1"
    if not (row.AG_No2 or row.AR_Gamme2):
        return ((first, plain(row.value1)),)
    other = plain(row.name2).strip() or f"{UNNAMED} 2"
    other = f"{other} 2" if other.casefold() == first.casefold() else other
    return (first, plain(row.value1)), (other, plain(row.value2))


def _price(article: Article, row: RangePrice, *, tax_included: bool | None) -> Price | None:
    """The combination's price; it includes VAT where the article's prices of that category do. None: 0."""
    amount = number(row.TG_Prix, name="TG_Prix", key=plain(article.AR_Ref))
    if amount <= 0:
        return None
    flag = article.AR_PrixTTC if row.AC_PrixTTC is None else row.AC_PrixTTC
    return Price(amount, bool(flag) if tax_included is None else tax_included)


# --- stock -----------------------------------------------------------------------------------------------------------


def summed(rows: Iterable[Any]) -> dict[tuple[Any, ...], Raw]:
    """The counters of combinations, by (cbMarq, AG_No1, AG_No2)."""
    return {row[:3]: row[3:] for row in rows}


def level(article: StockedArticle, row: Combination, *, sums: RangeSums | None) -> StockLevel:
    """The counters of a combination; without a row they are 0. Raises RecordUnreadable."""
    key = sku(article.AR_Ref, row)
    named = zip(RangeSums._fields, sums or _NO_STOCK, strict=True)
    counters = [number(value, name=name, key=key) for name, value in named]
    on_hand, reserved, prepared, blocked, incoming = counters
    return StockLevel(
        sku=key,
        erp_id=erp_id((row.AG_No1, row.AG_No2)),
        followed=bool(article.AR_SuiviStock),
        on_hand=on_hand,
        reserved=reserved,
        prepared=prepared,
        blocked=blocked,
        incoming=incoming,
    )


_NO_STOCK: Final = (None,) * len(RangeSums._fields)


def unreadable(article: object, *, lacking: str) -> RecordUnreadable:
    """What becomes of an article whose combinations the base cannot give."""
    return RecordUnreadable(key=plain(article), why=f"this base has no {lacking}, where its variants are kept")
