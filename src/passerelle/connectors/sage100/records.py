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
    CATALOGUE_COLUMNS,
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
            _first({mapping.same(row[0]): mapping.same(row[1])} for row in map(FamilyVat._make, vat)),
            _first({mapping.same(row[0]): mapping.plain(row[1])} for row in map(Family._make, labels)),
            {row[0]: CatalogueNode._make(row) for row in nodes},
        )


def _first(each: Iterable[dict[str, str]]) -> dict[str, str]:
    """The first value of every key: rows come in their order of creation."""
    found: dict[str, str] = {}
    for one in each:
        found = one | found
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
        vat, prices, texts = _by_article(vat_rows), _by_article(price_rows), self._texts(text_rows)
        families, path_parts, shown = self._families, self._path_parts, self._shown
        records = []
        for row in articles:
            raw = row[:]
            key = raw[0]
            leaf = 0 if shown is None else raw[shown + 3] or raw[shown + 2] or raw[shown + 1] or raw[shown] or 0
            own_vat = vat.get(key)
            more = (own_vat, prices.get(key), texts.get(key))
            tax = b"" if own_vat is None else self._tax_parts[own_vat[0]]
            made = blake2b(_encode((raw, more, families[raw[_FAMILY]], tax, path_parts[leaf])), digest_size=16)
            read = partial(self._read, raw, more, leaf)
            records.append(Record(raw[1].rstrip(" "), str(key), made.digest(), read))
        return records
