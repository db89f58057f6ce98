"""Pages of rows cut into records: the digest of each is made here, its mapping only when somebody asks.

This is the hot path of a run in which nothing changed: tuples as the driver gave them, one encoding and one hash an
article, small tables encoded once for all articles that share a line of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from hashlib import blake2b
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from passerelle.connectors.sage100 import mapping, queries, ranges
from passerelle.connectors.sage100.choices import Layout
from passerelle.connectors.sage100.client import Client
from passerelle.connectors.sage100.pages import Page, Rows
from passerelle.connectors.sage100.wire import (
    Article,
    CatalogueNode,
    CategoryPrice,
    Combination,
    Family,
    FamilyVat,
    Glossary,
    RangeSums,
    StockedArticle,
    StockSums,
    TaxRow,
)
from passerelle.domain.catalogue import Product, Variant
from passerelle.domain.pricing import Tax
from passerelle.domain.stock import StockLevel
from passerelle.errors import RecordUnreadable
from passerelle.ports.erp import ProductQuery, Record

T = TypeVar("T")
Raw = tuple[Any, ...]

_encode: Final = msgspec.msgpack.Encoder().encode
_FAMILY: Final = Article._fields.index("FA_CodeFamille")
_RANGED: Final = StockedArticle._fields.index("AR_Gamme1")


class Extra(NamedTuple):
    """What an article has of its own in dependent tables.

    Its tax code and that tax, its tariff row, its long texts, its combinations: each with its price row or None.
    """

    vat: Raw | None = None
    tax: Tax | None = None
    price: Raw | None = None
    texts: tuple[Raw, ...] = ()
    combinations: tuple[Raw, ...] = ()


_NOTHING: Final = Extra()
_NOTHING_PART: Final = _encode(_NOTHING)


class RangeReading(NamedTuple):
    """How combinations are read: with the prices of which tariff category; `lacking` names the tables not there."""

    category: int
    lacking: str = ""


class Reading(msgspec.Struct, gc=False):
    """Maps one article when called. Out of the garbage collector's sight: thousands live at a time, none in a cycle."""

    of: ProductRecords
    raw: Raw
    extra: Extra

    def __call__(self) -> Product:
        return self.of.read(self.raw, extra=self.extra)


class _Once(dict[Any, T]):
    """Values made when they are first asked for."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Any) -> T:
        self[key] = value = self._make(key)
        return value


@dataclass(frozen=True, slots=True)
class SmallTables:
    """What is read once a call: taxes, and by folded family code the tax code and the label; the catalogue."""

    taxes: dict[str, Tax]
    family_vat: dict[str, str]
    family_labels: dict[str, str]
    catalogue: dict[int, CatalogueNode]

    @classmethod
    def read(cls, client: Client, *, query: ProductQuery, layout: Layout) -> SmallTables:
        """Only the tables that the query needs."""
        tables = client.tables()
        taxes = [TaxRow._make(row) for row in client.rows(queries.taxes(tables))]
        vat = client.rows(queries.family_vat(tables, category=query.vat_category))
        labels = client.rows(queries.families(tables)) if layout.family else []
        nodes = client.rows(queries.catalogue(tables)) if query.categories else []
        return cls(
            mapping.rates(taxes),
            _first((mapping.same(row[0]), mapping.same(row[1])) for row in map(FamilyVat._make, vat)),
            _first((mapping.same(row[0]), mapping.plain(row[1])) for row in map(Family._make, labels)),
            {row[0]: CatalogueNode._make(row) for row in nodes},
        )


def _first(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The first value of every key: rows come in their order of creation."""
    found: dict[str, str] = {}
    for key, value in pairs:
        found.setdefault(key, value)
    return found


class ProductRecords:
    """Makes the records of a page; `ranges` None: without variants."""

    def __init__(
        self, layout: Layout, *, small: SmallTables, ranges: RangeReading | None, tax_included: bool | None, today: date
    ) -> None:
        self._layout = layout
        self._small = small
        self._ranges = ranges
        self._tax_included = tax_included
        self._today = today
        self._shown = layout.fixed.index("CL_No1") if "CL_No1" in layout.fixed else None
        self._families: _Once[bytes] = _Once(self._family_part)
        self._paths: _Once[mapping.Path | str] = _Once(lambda leaf: mapping.path(small.catalogue, leaf=leaf))
        self._path_parts: _Once[bytes] = _Once(lambda leaf: _encode(self._paths[leaf]))

    def of(self, page: Page) -> list[Record[Product]]:
        """The records of one page, in its order."""
        articles, *dependents = page
        extras = self._extras(*dependents)
        families, path_parts, shown = self._families, self._path_parts, self._shown
        records = []
        for row in articles:
            raw = row[:]
            key = raw[0]
            extra = extras.get(key)
            own = _NOTHING_PART if extra is None else _encode(extra)
            leaf = 0 if shown is None else raw[shown + 3] or raw[shown + 2] or raw[shown + 1] or raw[shown] or 0
            parts = _encode(raw) + own + families[raw[_FAMILY]] + path_parts[leaf]
            digest = blake2b(parts, digest_size=16).digest()
            records.append(Record(raw[1].rstrip(" "), str(key), digest, Reading(self, raw, extra or _NOTHING)))
        return records

    def _extras(self, vat_rows: Rows, price_rows: Rows, text_rows: Rows, *range_rows: Rows) -> dict[int, Extra]:
        vat, prices, texts = by_article(vat_rows), by_article(price_rows), self._texts(text_rows)
        taxes = {key: self._tax(row[0]) for key, row in vat.items()}
        variants = self._combinations(*range_rows) if range_rows else {}
        keys = vat.keys() | prices.keys() | texts.keys() | variants.keys()
        return {
            key: Extra(vat.get(key), taxes.get(key), prices.get(key), texts.get(key, ()), variants.get(key, ()))
            for key in keys
        }

    def _combinations(self, rows: Rows, prices: Rows) -> dict[int, tuple[Raw, ...]]:
        assert self._ranges is not None
        return ranges.combined(rows, prices=prices, category=self._ranges.category)

    def _texts(self, rows: Rows) -> dict[int, tuple[Raw, ...]]:
        """The long texts in force today, by article; those of yesterday and tomorrow are no part of the record."""
        found: dict[int, tuple[Raw, ...]] = {}
        for row in rows:
            unlimited = row[1] is None and row[2] is None  # nearly all of them
            if unlimited or mapping.in_force(Glossary._make(row[1:]), today=self._today):
                found[row[0]] = (*found.get(row[0], ()), row[1:])
        return found

    def _family_part(self, code: object) -> bytes:
        family = mapping.same(code)
        tax_code = self._small.family_vat.get(family)
        return _encode((tax_code, self._tax(tax_code), self._small.family_labels.get(family)))

    def read(self, raw: Raw, *, extra: Extra) -> Product:
        """The product of an article's row. Raises RecordUnreadable."""
        article = Article(**dict(zip(self._layout.fixed, raw, strict=False)))
        family = self._small.family_vat.get(mapping.same(article.FA_CodeFamille))
        category = None if extra.price is None else CategoryPrice._make(extra.price)
        return mapping.product(
            article,
            fields=self._fields(raw, texts=[Glossary._make(row) for row in extra.texts], article=article),
            categories=self._path(article),
            tax=self._tax(family) if extra.vat is None else extra.tax,
            price=mapping.price(article, category=category, tax_included=self._tax_included),
            variants=self._variants(article, extra=extra),
        )

    def _variants(self, article: Article, *, extra: Extra) -> tuple[Variant, ...]:
        if self._ranges is None or not article.AR_Gamme1:
            return ()
        if self._ranges.lacking:
            raise ranges.unreadable(article.AR_Ref, lacking=self._ranges.lacking)
        return ranges.variants(article, rows=extra.combinations, tax_included=self._tax_included)

    def _fields(self, raw: Raw, *, texts: list[Glossary], article: Article) -> dict[str, str]:
        label = self._small.family_labels.get(mapping.same(article.FA_CodeFamille), "")
        key = mapping.plain(article.AR_Ref)
        glossary = self._layout.glossary.items()
        return {
            **{field: mapping.field_text(raw[at]) for field, at in self._layout.positions.items()},
            **dict.fromkeys(self._layout.family, label),
            **{field: mapping.glossary_text(texts, name=name, key=key) for field, name in glossary},
        }

    def _path(self, article: Article) -> mapping.Path:
        leaf = mapping.deepest((article.CL_No1, article.CL_No2, article.CL_No3, article.CL_No4))
        path = self._paths[leaf]
        if isinstance(path, str):
            raise RecordUnreadable(key=mapping.plain(article.AR_Ref), why=path)
        return path

    def _tax(self, code: object) -> Tax | None:
        return self._small.taxes.get(mapping.same(code))


class StockRecords:
    """Makes the records of a page of articles and of the sums of their counters.

    With `variants` each combination has a record, and its article has none; `lacking` names the tables of ranges that
    are not there.
    """

    def __init__(self, *, variants: bool, lacking: str) -> None:
        self._variants = variants
        self._lacking = lacking

    def of(self, page: Page) -> list[Record[StockLevel]]:
        """The records of one page, in its order."""
        articles, sum_rows, *range_rows = page
        sums = by_article(sum_rows)
        found, counters = self._ranged(*range_rows)
        records = []
        for row in articles:
            raw = row[:]
            if self._variants and raw[_RANGED]:
                records += self._of_article(raw, rows=found.get(raw[0]), counters=counters)
            else:
                own = sums.get(raw[0])
                digest = blake2b(_encode((raw, own)), digest_size=16).digest()
                records.append(Record(raw[1].rstrip(" "), str(raw[0]), digest, partial(_read_stock, raw, own)))
        return records

    def _ranged(self, rows: Rows = (), sum_rows: Rows = ()) -> tuple[dict[int, tuple[Raw, ...]], dict[Raw, Raw]]:
        return ranges.combined(rows, prices=(), category=0), ranges.summed(sum_rows)

    def _of_article(
        self, raw: Raw, *, rows: tuple[Raw, ...] | None, counters: dict[Raw, Raw]
    ) -> list[Record[StockLevel]]:
        if rows is None and self._lacking:
            fail = partial(_no_stock, raw[1], self._lacking)
            return [_stock_record(raw[1], str(raw[0]), (raw, self._lacking), fail)]
        return [self._of_combination(raw, own, counters.get((raw[0], *own[:2]))) for own, _ in rows or ()]

    def _of_combination(self, raw: Raw, own: Raw, sums: Raw | None) -> Record[StockLevel]:
        row = Combination(*own)
        sku = ranges.sku(raw[1], row)
        read = partial(_no_stock, sku, self._lacking) if self._lacking else partial(_read_range, raw, row, sums)
        return _stock_record(sku, ranges.erp_id(own[:2]), (raw, own, sums), read)


def _stock_record(key: str, erp_id: str, rows: object, read: Callable[[], StockLevel]) -> Record[StockLevel]:
    return Record(key.rstrip(" "), erp_id, blake2b(_encode(rows), digest_size=16).digest(), read)


def _read_stock(raw: Raw, own: Raw | None) -> StockLevel:
    return mapping.stock_level(StockedArticle._make(raw), sums=None if own is None else StockSums._make(own))


def _read_range(raw: Raw, row: Combination, own: Raw | None) -> StockLevel:
    sums = None if own is None else RangeSums._make(own)
    return ranges.level(StockedArticle._make(raw), row, sums=sums)


def _no_stock(key: str, lacking: str) -> StockLevel:
    raise ranges.unreadable(key, lacking=lacking)


def by_article(rows: Rows) -> dict[int, Raw]:
    """The first row of each article, without the cbMarq that every row begins with."""
    found: dict[int, Raw] = {}
    for row in rows:
        found.setdefault(row[0], row[1:])
    return found
