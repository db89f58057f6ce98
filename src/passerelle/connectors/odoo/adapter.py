"""Odoo as an ErpSource and an ErpSink."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from passerelle.connectors.odoo import check
from passerelle.connectors.odoo.articles import PAGE, TEMPLATE, Articles, Wanted
from passerelle.connectors.odoo.catalogue import Catalogue
from passerelle.connectors.odoo.client import OdooClient
from passerelle.connectors.odoo.company import Company
from passerelle.connectors.odoo.config import OdooConfig
from passerelle.connectors.odoo.customers import Customers
from passerelle.connectors.odoo.documents import Documents
from passerelle.connectors.odoo.loading import Loader
from passerelle.connectors.odoo.manifest import MANIFEST
from passerelle.connectors.odoo.placing import Placing
from passerelle.connectors.odoo.sheets import Sheets
from passerelle.connectors.odoo.stock import Stock
from passerelle.domain.catalogue import Product
from passerelle.domain.orders import DocumentTotals, ErpDocument, SalesDocument
from passerelle.domain.parties import Customer
from passerelle.domain.stock import StockLevel, Warehouse
from passerelle.ports.clock import Clock
from passerelle.ports.erp import Placed, ProductQuery, Record, StockQuery
from passerelle.ports.limiter import Limiter
from passerelle.ports.manifest import Finding
from passerelle.transport.http import Counts


class Odoo:
    """One company. `page_size` is the number of articles or orders read at a time."""

    def __init__(
        self, config: OdooConfig, *, clock: Clock, limiter: Limiter, tally: Counts, page_size: int = PAGE
    ) -> None:  # fmt: skip
        self.manifest = MANIFEST
        self._config = config
        self._client = OdooClient(config, clock=clock, limiter=limiter, tally=tally)
        self._company = Company(self._client, config)
        self._articles = Articles(self._client, self._company, config, page=page_size)
        self._catalogue = Catalogue(self._company, self._articles, config, clock=clock)
        self._stock = Stock(self._company, self._articles)
        self._documents = Documents(self._client, self._company, self._articles, page=page_size)
        loader = Loader(self._client, self._company, clock=clock)
        self._customers = Customers(self._company, loader)
        sheets = Sheets(self._company, self._articles, self._customers, config)
        self._placing = Placing(self._client, self._company, self._documents, loader, sheets, config)

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()

    def check(self) -> list[Finding]:
        """See `check.findings`. Raises Unavailable, CredentialsRefused, NotThisSystem."""
        return check.findings(self._client, self._company, self._config, count=self.count)

    # --- lists -------------------------------------------------------------------------------------------------------

    def currency(self) -> str:
        """That of the company: a shared product shows the main company's."""
        return self._company.currency

    def fields(self) -> list[str]:
        return self._catalogue.fields()

    def warehouses(self) -> list[Warehouse]:
        return self._company.warehouses()

    def price_categories(self) -> list[str]:
        """The price lists in the company's currency."""
        return self._catalogue.price_categories()

    # --- articles and stock ------------------------------------------------------------------------------------------

    def products(self, query: ProductQuery) -> Iterator[list[Record[Product]]]:
        """Raises FilterInvalid, FieldUnknown and PriceCategoryUnknown at once, not when the first page is asked for."""
        return self._catalogue.records(query)

    def count(self, query: ProductQuery) -> int:
        """How many articles are in scope; a variant too is found by its reference in `only`. Raises FilterInvalid."""
        if query.only is None:
            context = self._company.context()
            return int(self._client.ask(TEMPLATE, "search_count", domain=self._articles.domain(query), context=context))
        pages = self._articles.pages(query, Wanted())
        return sum(map(len, pages)) or int(self._articles.sells(query, query.only))

    def stock(self, query: StockQuery) -> Iterator[list[Record[StockLevel]]]:
        """Raises WarehouseMissing, WarehouseUnknown and FilterInvalid at once."""
        return self._stock.records(query)

    # --- documents ---------------------------------------------------------------------------------------------------

    def documents(self, profile_key: str) -> Iterator[ErpDocument]:
        """Those that are whole: an order that a stopped run left half placed is not there, and is placed again."""
        return self._documents.of_profile(profile_key)

    def find_document(self, order_key: str) -> ErpDocument | None:
        """The document at the earliest stage under this key, one that is not whole yet too: `place` goes on with it."""
        return next(iter(self._documents.with_key(order_key)), None)

    def successors(self, numbers: Sequence[str]) -> dict[str, list[ErpDocument]]:
        """Every number is a key of the answer; a delivery or invoice keeps the number of its order."""
        return self._documents.after(numbers)

    # --- placing -----------------------------------------------------------------------------------------------------

    def price(self, document: SalesDocument) -> DocumentTotals:
        """By Odoo's arithmetic and the decimals that the database keeps. Raises OrderUnmapped."""
        return self._placing.price(document)

    def place(self, document: SalesDocument, *, handing_over: Callable[[], None]) -> str:
        """The number of the order. Odoo takes it at once: nothing is handed over for later."""
        (placed,) = self._placing.place([document])
        if placed.error is not None:
            raise placed.error
        return placed.number

    def place_many(self, documents: Sequence[SalesDocument]) -> list[Placed]:
        """As `place`, together: four calls for all, and what looking up their customers and articles takes."""
        return self._placing.place(documents)

    def resume(self, order_key: str) -> None:
        """Nothing is ever handed over for later."""

    def refusal(self, name: str) -> str | None:
        """None: Odoo refuses at once."""
        return None

    # --- customers ---------------------------------------------------------------------------------------------------

    def find_customers(self, *, code: str = "", email: str = "") -> list[Customer]:
        return self._customers.find(code=code, email=email)

    def place_customer(self, customer: Customer, *, handing_over: Callable[[], None]) -> str:
        """Raises CapabilityMissing without a code: Odoo has no numbers of its own for customers."""
        return self._customers.place(customer)

    def resume_customer(self, code: str) -> None:
        """Nothing is ever handed over for later."""
