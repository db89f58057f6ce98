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
from typing import Any, Final, TypeVar

import msgspec

from passerelle.connectors.sage100 import mapping, queries
from passerelle.connectors.sage100.choices import Layout
from passerelle.connectors.sage100.client import Client
from passerelle.connectors.sage100.pages import Page, Rows
from passerelle.connectors.sage100.wire import (
    Article,
    CatalogueNode,
    CategoryPrice,
    Family,
    FamilyVat,
    Glossary,
    StockedArticle,
    StockSums,
    Tax as TaxRow,
)
from passerelle.domain.catalogue import Product
from passerelle.domain.pricing import Tax
from passerelle.domain.stock import StockLevel
from passerelle.errors import RecordUnreadable
from passerelle.ports.erp import ProductQuery, Record

T = TypeVar("T")
Raw = tuple[Any, ...]

_encode: Final = msgspec.msgpack.Encoder().encode
_FAMILY: Final = Article._fields.index("FA_CodeFamille")


def digest(parts: object) -> bytes:
    """16 bytes of the rows a record is made of."""
    return blake2b(_encode(parts), digest_size=16).digest()


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
    """Makes the records of a page."""

    def __init__(self, layout: Layout, *, small: SmallTables, tax_included: bool | None, today: date) -> None:
        self._layout = layout
        self._small = small
        self._tax_included = tax_included
        self._today = today
        self._shown = layout.columns.index("CL_No1") if "CL_No1" in layout.columns else None
        self._fixed = tuple(name for name in layout.columns if name in Article._fields)
        self._families: _Once[bytes] = _Once(self._family_part)
        self._paths: _Once[mapping.Path | str] = _Once(lambda leaf: mapping.path(small.catalogue, leaf=leaf))
        self._path_parts: _Once[bytes] = _Once(lambda leaf: _encode(self._paths[leaf]))
        self._tax_parts: _Once[bytes] = _Once(lambda code: _encode((code, small.taxes.get(mapping.same(code)))))

    def of(self, page: Page) -> list[Record[Product]]:
        """The records of one page, in its order."""
        articles, vat_rows, price_rows, text_rows = page
        vat, prices, texts = by_article(vat_rows), by_article(price_rows), self._texts(text_rows)
        families, tax_parts, path_parts, shown = self._families, self._tax_parts, self._path_parts, self._shown
        records = []
        for row in articles:
            raw = row[:]
            key = raw[0]
            leaf = 0 if shown is None else raw[shown + 3] or raw[shown + 2] or raw[shown + 1] or raw[shown] or 0
            own_vat = vat.get(key)
            more = (own_vat, prices.get(key), texts.get(key))
            tax = b"" if own_vat is None else tax_parts[own_vat[0]]
            parts = (raw, more, families[raw[_FAMILY]], tax, path_parts[leaf])
            read = partial(self._read, raw, more, leaf)
            records.append(Record(raw[1].rstrip(" "), str(key), digest(parts), read))
        return records

    def _texts(self, rows: Rows) -> dict[int, tuple[Raw, ...]]:
        """The long texts in force today, by article; those of yesterday and tomorrow are no part of the record."""
        found: dict[int, tuple[Raw, ...]] = {}
        for row in rows:
            if mapping.in_force(Glossary._make(row[1:]), today=self._today):
                found[row[0]] = (*found.get(row[0], ()), row[1:])
        return found

    def _family_part(self, code: object) -> bytes:
        family = mapping.same(code)
        tax_code = self._small.family_vat.get(family)
        return _encode((tax_code, self._small.taxes.get(tax_code or ""), self._small.family_labels.get(family)))

    def _read(self, raw: Raw, more: tuple[Raw | None, Raw | None, tuple[Raw, ...] | None], leaf: int) -> Product:
        own_vat, price_row, text_rows = more
        article = Article(**dict(zip(self._fixed, raw, strict=False)))
        category = None if price_row is None else CategoryPrice._make(price_row)
        return mapping.product(
            article,
            fields=self._fields(raw, texts=[Glossary._make(row) for row in text_rows or ()], article=article),
            categories=self._path(leaf, key=mapping.plain(article.AR_Ref)),
            tax=self._tax(article, own=own_vat),
            price=mapping.price(article, category=category, tax_included=self._tax_included),
        )

    def _fields(self, raw: Raw, *, texts: list[Glossary], article: Article) -> dict[str, str]:
        label = self._small.family_labels.get(mapping.same(article.FA_CodeFamille), "")
        key = mapping.plain(article.AR_Ref)
        glossary = self._layout.glossary.items()
        return {
            **{field: mapping.field_text(raw[at]) for field, at in self._layout.positions.items()},
            **dict.fromkeys(self._layout.family, label),
            **{field: mapping.glossary_text(texts, name=name, key=key) for field, name in glossary},
        }

    def _path(self, leaf: int, *, key: str) -> mapping.Path:
        path = self._paths[leaf]
        if isinstance(path, str):
            raise RecordUnreadable(key=key, why=path)
        return path

    def _tax(self, article: Article, *, own: Raw | None) -> Tax | None:
        """The article's own tax, which stands even when it is blank; without one its family's."""
        family = self._small.family_vat.get(mapping.same(article.FA_CodeFamille), "")
        return self._small.taxes.get(family if own is None else mapping.same(own[0]))


def stock_records(page: Page) -> list[Record[StockLevel]]:
    """The records of one page of articles and of the sums of their counters."""
    articles, sum_rows = page
    sums = by_article(sum_rows)
    records = []
    for row in articles:
        raw = row[:]
        own = sums.get(raw[0])
        records.append(Record(raw[1].rstrip(" "), str(raw[0]), digest((raw, own)), partial(_read_stock, raw, own)))
    return records


def _read_stock(raw: Raw, own: Raw | None) -> StockLevel:
    return mapping.stock_level(StockedArticle._make(raw), sums=None if own is None else StockSums._make(own))


def by_article(rows: Rows) -> dict[int, Raw]:
    """The first row of each article, without the cbMarq that every row begins with."""
    found: dict[int, Raw] = {}
    for row in rows:
        found.setdefault(row[0], row[1:])
    return found
