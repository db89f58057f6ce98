"""Sage 100 as an ErpSource."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import structlog

from passerelle.connectors.sage100 import mapping, queries, sqlfilter
from passerelle.connectors.sage100.choices import chosen_depots, chosen_tariff, product_layout, text_fields
from passerelle.connectors.sage100.client import Client
from passerelle.connectors.sage100.config import Sage100Config
from passerelle.connectors.sage100.findings import currencies, findings
from passerelle.connectors.sage100.manifest import MANIFEST
from passerelle.connectors.sage100.pages import Page, Statements, pages
from passerelle.connectors.sage100.queries import Scope
from passerelle.connectors.sage100.records import ProductRecords, SmallTables, stock_records
from passerelle.connectors.sage100.wire import Depot, Header, Line, StockedArticle, Tariff
from passerelle.domain.catalogue import Product
from passerelle.domain.orders import ErpDocument
from passerelle.domain.stock import StockLevel, Warehouse
from passerelle.errors import WarehouseMissing
from passerelle.ports.clock import Clock
from passerelle.ports.erp import NoDocuments, ProductQuery, Record, StockQuery
from passerelle.ports.manifest import Finding, Manifest

PAGE: Final = 1000
ASSUMED_CURRENCY: Final = "EUR"

log = structlog.get_logger("passerelle.sage100")


class Sage100(NoDocuments):
    """Reads one company. `page_size` is the number of articles or documents read at a time."""

    manifest: Manifest = MANIFEST

    def __init__(self, config: Sage100Config, *, clock: Clock, page_size: int = PAGE) -> None:
        self._config = config
        self._clock = clock
        self._page_size = page_size
        self._client = Client(config.url)

    def close(self) -> None:
        """Give the database connections back."""
        self._client.close()

    def check(self) -> list[Finding]:
        """See `findings`. Raises Unavailable, CredentialsRefused, RightMissing, NotThisSystem."""
        return findings(
            self._client, total=self.count(ProductQuery(published_only=False)), published=self.count(ProductQuery()),
            depots=self.warehouses(), currency=self.currency(), assumed=self._assumed(),
        )  # fmt: skip

    # --- lists -------------------------------------------------------------------------------------------------------

    def currency(self) -> str:
        """The option, else the one currency that P_DEVISE names, else EUR (`check` says so then)."""
        if self._config.currency:
            return self._config.currency
        known = currencies(self._client)
        return known[0] if len(known) == 1 else ASSUMED_CURRENCY

    def _assumed(self) -> bool:
        return not self._config.currency and len(currencies(self._client)) != 1

    def fields(self) -> list[str]:
        return text_fields(self._client.tables())

    def warehouses(self) -> list[Warehouse]:
        return [mapping.warehouse(depot) for depot in self._depots()]

    def price_categories(self) -> list[str]:
        """The labels of the tariff categories in use."""
        return [label for tariff in self._tariffs() if (label := mapping.plain(tariff.CT_Intitule))]

    def _depots(self) -> list[Depot]:
        return [Depot._make(row) for row in self._client.rows(queries.depots(self._client.tables()))]

    def _tariffs(self) -> list[Tariff]:
        return [Tariff._make(row) for row in self._client.rows(queries.tariffs(self._client.tables()))]

    # --- articles ----------------------------------------------------------------------------------------------------

    def products(self, query: ProductQuery) -> Iterator[list[Record[Product]]]:
        """Raises FilterInvalid, FieldUnknown and PriceCategoryUnknown at once, not when the first page is asked for."""
        statements = self._product_statements(query)
        layout = product_layout(self._client.tables(), query=query)
        small = SmallTables.read(self._client, query=query, layout=layout)
        records = ProductRecords(layout, small=small, tax_included=query.tax_included, today=self._today())
        return (records.of(page) for page in pages(self._client, statements))

    def typed_rows(self, query: ProductQuery) -> Iterator[Page]:
        """The very rows that `products` makes its records of, page by page, with nothing made of them."""
        return pages(self._client, self._product_statements(query))

    def count(self, query: ProductQuery) -> int:
        """Raises FilterInvalid."""
        statement = queries.count(self._client.tables(), scope=self._scope(query))
        return int(self._client.rows(statement, filtered=bool(query.filter))[0][0])

    def _product_statements(self, query: ProductQuery) -> Statements:
        tables, scope = self._client.tables(), self._scope(query)
        layout = product_layout(tables, query=query)
        tariff = chosen_tariff(query.base_price, tariffs=self._tariffs) if query.prices else None
        dependent = (
            queries.article_vat(tables, scope=scope, category=query.vat_category),
            None if tariff is None else queries.category_prices(tables, scope=scope, category=tariff),
            queries.glossaries(tables, scope=scope) if layout.glossary else None,
        )
        own = queries.articles(tables, names=layout.columns, scope=scope, page=self._page_size)
        return Statements(own, dependent, filtered=bool(query.filter), page=self._page_size)

    def _scope(self, query: ProductQuery | StockQuery) -> Scope:
        condition = ""
        if query.filter.strip():
            article = self._client.tables()["F_ARTICLE"]
            condition = sqlfilter.condition(query.filter, article=article, database=self._client.database)
        return Scope(published_only=query.published_only, condition=condition, only=query.only)

    # --- stock and documents -----------------------------------------------------------------------------------------

    def stock(self, query: StockQuery) -> Iterator[list[Record[StockLevel]]]:
        """Raises WarehouseMissing, WarehouseUnknown and FilterInvalid at once."""
        if not query.warehouses:
            raise WarehouseMissing()
        tables, scope = self._client.tables(), self._scope(query)
        depots = chosen_depots(query.warehouses, depots=self._depots())
        statements = Statements(
            queries.articles(tables, names=StockedArticle._fields, scope=scope, page=self._page_size),
            (queries.stock_sums(tables, scope=scope, depots=depots),),
            filtered=bool(query.filter),
            page=self._page_size,
        )
        return (stock_records(page) for page in pages(self._client, statements))

    def documents(self, profile_key: str) -> Iterator[ErpDocument]:
        tables, prefix, field = self._client.tables(), f"{profile_key}-", self._config.order_key_field
        statements = Statements(
            queries.headers(tables, field=field, prefix=prefix, page=self._page_size),
            (queries.lines(tables, field=field, prefix=prefix),),
            page=self._page_size,
        )
        for page in pages(self._client, statements):
            yield from _documents(page, prefix=prefix)

    def _today(self) -> date:
        return self._clock.now().astimezone().date()


def _documents(page: Page, *, prefix: str) -> Iterator[ErpDocument]:
    """Those of a page whose key has the prefix, its case included, and that are not invoices of a deposit."""
    headers, line_rows = page
    lines: dict[int, list[Line]] = {}
    for row in (row for row in line_rows if row.AR_Ref is not None):
        lines.setdefault(row[0], []).append(Line._make(row[1:]))
    for header in map(Header._make, headers):
        kind = mapping.kind(header)
        if kind is None:
            log.info("document left out", number=header.DO_Piece, type=header.DO_Type, origin=header.DO_Provenance)
        elif mapping.plain(header.order_key).startswith(prefix):
            yield mapping.document(header, of_kind=kind, lines=lines.get(header.cbMarq, ()))
