"""Sage 100 as an ErpSource, and as an ErpSink where there is a folder of import files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from passerelle.connectors.sage100 import imports, mapping, pricing, queries, range_queries, sqlfilter
from passerelle.connectors.sage100.choices import (
    chosen_depots,
    chosen_tariff,
    product_layout,
    text_fields,
    variant_tariff,
)
from passerelle.connectors.sage100.client import Client
from passerelle.connectors.sage100.config import Sage100Config
from passerelle.connectors.sage100.documents import Documents
from passerelle.connectors.sage100.files import ImportFolder, customer_stem, file_safe, order_stem
from passerelle.connectors.sage100.findings import currencies, findings, settings_findings
from passerelle.connectors.sage100.manifest import TITLE, manifest
from passerelle.connectors.sage100.pages import Page, Statements, pages
from passerelle.connectors.sage100.records import ProductRecords, RangeReading, SmallTables, StockRecords
from passerelle.connectors.sage100.selects import Scope, Select
from passerelle.connectors.sage100.sold import SoldArticles
from passerelle.connectors.sage100.tables import CUSTOMERS
from passerelle.connectors.sage100.versions import ORIGINS, RANGE_PRICES, RANGE_STOCK, RANGE_TABLES, gone
from passerelle.connectors.sage100.wire import Depot, StockedArticle, Tariff
from passerelle.domain.catalogue import Product
from passerelle.domain.orders import DocumentTotals, ErpDocument, SalesDocument
from passerelle.domain.parties import Customer
from passerelle.domain.stock import StockLevel, Warehouse
from passerelle.errors import CapabilityMissing, WarehouseMissing
from passerelle.ports.clock import Clock
from passerelle.ports.erp import Placed, ProductQuery, Record, StockQuery
from passerelle.ports.manifest import Capability, Finding

PAGE: Final = 1000
ASSUMED_CURRENCY: Final = "EUR"


class Sage100:
    """One company. `page_size` is the number of articles or documents read at a time."""

    def __init__(self, config: Sage100Config, *, clock: Clock, page_size: int = PAGE) -> None:
        self._config = config
        self._clock = clock
        self._page_size = page_size
        self._client = Client(config.url)
        self._sold = SoldArticles(self._client)
        self._documents = Documents(self._client, config.order_key_field, config.tracking_field, page_size)
        self._folder = ImportFolder(config.orders_folder) if config.orders_folder else None
        if self._folder is not None:
            self._format = imports.format_of(config)
        self.manifest = manifest(importing=self._folder is not None)

    def close(self) -> None:
        """Give the database connections back."""
        self._client.close()

    def check(self) -> list[Finding]:
        """See `findings`. Raises Unavailable, CredentialsRefused, RightMissing, NotThisSystem, SchemaIncomplete."""
        found = findings(
            self._client, total=self.count(ProductQuery(published_only=False)), published=self.count(ProductQuery()),
            depots=self.warehouses(), currency=self.currency(), assumed=self._assumed(),
        )  # fmt: skip
        return found + settings_findings(self._client, config=self._config)

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
        ranges = self._range_reading(query) if query.variants else None
        records = ProductRecords(
            layout, small=small, ranges=ranges, tax_included=query.tax_included, today=self._today()
        )
        return (records.of(page) for page in pages(self._client, statements))

    def typed_rows(self, query: ProductQuery) -> Iterator[Page]:
        """The very rows that `products` makes its records of, page by page, with nothing made of them."""
        return pages(self._client, self._product_statements(query))

    def count(self, query: ProductQuery) -> int:
        """How many articles are in scope; a variant too is found by its reference in `only`. Raises FilterInvalid."""
        scope = self._scope(query)
        statement = queries.count(self._client.tables(), scope=scope)
        found = int(self._client.rows(statement, filtered=bool(query.filter))[0][0])
        if found or query.only is None:
            return found
        every = replace(scope, only=None)
        return int(self._sold.sells(query.only, scope=every, filtered=bool(query.filter)))

    def _product_statements(self, query: ProductQuery) -> Statements:
        tables, scope = self._client.tables(), self._scope(query)
        layout = product_layout(tables, query=query)
        tariff = chosen_tariff(query.base_price, tariffs=self._tariffs) if query.prices else None
        dependent = (
            queries.article_vat(tables, scope=scope, category=query.vat_category),
            None if tariff is None else queries.category_prices(tables, scope=scope, category=tariff),
            queries.glossaries(tables, scope=scope) if layout.glossary else None,
            *(self._range_statements(query, scope=scope) if query.variants else ()),
        )
        own = queries.articles(tables, names=layout.columns, scope=scope, page=self._page_size)
        return Statements(own, dependent, filtered=bool(query.filter), page=self._page_size)

    def _range_statements(self, query: ProductQuery, *, scope: Scope) -> tuple[Select | None, Select | None]:
        """The SELECTs of combinations and of their prices, those that the base has tables for."""
        tables, category = self._client.tables(), self._range_reading(query).category
        combined, priced = not gone(RANGE_TABLES, has=tables.has), tables.has(RANGE_PRICES)
        return (
            range_queries.combinations(tables, scope=scope, whole=True) if combined else None,
            range_queries.range_prices(tables, scope=scope, category=category, prices=query.prices)
            if combined and priced
            else None,
        )

    def _range_reading(self, query: ProductQuery) -> RangeReading:
        category = variant_tariff(query, tariffs=self._tariffs)
        return RangeReading(category, lacking=gone(RANGE_TABLES, has=self._client.tables().has))

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
        lacking = gone((*RANGE_TABLES, RANGE_STOCK), has=tables.has) if query.variants else ""
        sums = (queries.stock_sums(tables, scope=scope, depots=depots),)
        statements = Statements(
            queries.articles(tables, names=StockedArticle._fields, scope=scope, page=self._page_size),
            sums + (self._range_stock(scope, depots) if query.variants else ()),
            filtered=bool(query.filter),
            page=self._page_size,
        )
        records = StockRecords(variants=query.variants, lacking=lacking)
        return (found for page in pages(self._client, statements) if (found := records.of(page)))

    def _range_stock(self, scope: Scope, depots: list[int]) -> tuple[Select | None, ...]:
        """The SELECTs of combinations and of their counters, those that the base has tables for."""
        tables = self._client.tables()
        if gone(RANGE_TABLES, has=tables.has):
            return (None, None)
        sums = range_queries.range_sums(tables, scope=scope, depots=depots) if tables.has(RANGE_STOCK) else None
        return (range_queries.combinations(tables, scope=scope, whole=False), sums)

    def documents(self, profile_key: str) -> Iterator[ErpDocument]:
        """Raises FieldUnknown for a tracking field that the base lacks."""
        return self._documents.of_profile(profile_key)

    # --- placing -----------------------------------------------------------------------------------------------------

    def price(self, document: SalesDocument) -> DocumentTotals:
        """By the arithmetic that `pricing` assumes. Raises OrderUnmapped."""
        self._importing()
        by_line = self._config.vat_rounding == "line"
        return pricing.totals(document, rates=self._documents.rates(), by_line=by_line)

    def place(self, document: SalesDocument, *, handing_over: Callable[[], None]) -> str:
        """The number of the document that is there, "" for one that is handed over, now or before."""
        folder, stem = self._importing(), order_stem(document.order_key)
        found = self._documents.with_key(document.order_key)
        if found is not None:
            return found.number
        if not folder.knows(stem):
            self.price(document)
            sold = self._documents.verify(document)
            content = imports.order_file(document, sold=sold, format=self._format, countries=self._country_labels())
            folder.hand_over(stem, content, handing_over=handing_over)
        return ""

    def place_many(self, documents: Sequence[SalesDocument]) -> list[Placed]:
        """Raises CapabilityMissing: each document is a file of its own."""
        raise CapabilityMissing(system=self.manifest.title, capability="several documents in one call")

    def resume(self, order_key: str) -> None:
        self._importing().resume(order_stem(order_key))

    def find_document(self, order_key: str) -> ErpDocument | None:
        """The document at the earliest stage under this key."""
        self._importing()
        return self._documents.with_key(order_key)

    def successors(self, numbers: Sequence[str]) -> dict[str, list[ErpDocument]]:
        """Every number is a key of the answer."""
        self._importing()
        return self._documents.after(numbers)

    def refusal(self, name: str) -> str | None:
        """The first line of `error/<name>.err`, or of `error/C-<code>.err`."""
        folder = self._importing()
        if not file_safe(name):
            return None
        reason = folder.refusal(order_stem(name))
        return folder.refusal(customer_stem(name)) if reason is None else reason

    def find_customers(self, *, code: str = "", email: str = "") -> list[Customer]:
        self._importing()
        return self._documents.customers(code=code, email=email)

    def place_customer(self, customer: Customer, *, handing_over: Callable[[], None]) -> str:
        """Raises CapabilityMissing without a code: an import file cannot ask Sage for the next one."""
        folder = self._importing()
        if not customer.code:
            raise CapabilityMissing(system=TITLE, capability="the next customer code")
        stem = customer_stem(customer.code)
        if not self.find_customers(code=customer.code) and not folder.knows(stem):
            format = self._format.narrowed("name", to=self._client.tables().length(CUSTOMERS, "CT_Intitule"))
            content = imports.customer_file(customer, format=format, countries=self._country_labels())
            folder.hand_over(stem, content, handing_over=handing_over)
        return customer.code

    def resume_customer(self, code: str) -> None:
        self._importing().resume(customer_stem(code))

    def _importing(self) -> ImportFolder:
        """The folder of import files. Raises CapabilityMissing, also where the base could not tell their course."""
        if self._folder is None or not all(map(self._client.tables().has, ORIGINS)):
            raise CapabilityMissing(system=TITLE, capability=Capability.DOCUMENTS_WRITE.value)
        return self._folder

    def _country_labels(self) -> dict[str, str]:
        return mapping.labels(self._documents.countries())

    def _today(self) -> date:
        return self._clock.now().astimezone().date()
