"""The memory ERP behind the ErpSource and ErpSink ports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TypeVar

import msgspec

from passerelle.connectors.memory_erp.client import Failure, MemoryErpData
from passerelle.connectors.memory_erp.config import MemoryErpConfig
from passerelle.connectors.memory_erp.manifest import manifest
from passerelle.connectors.memory_erp.mapping import (
    COLUMNS,
    awake,
    check_fields,
    condition,
    digest,
    document_of,
    in_scope,
    level_of,
    price_category,
    product_of,
    ranged,
    raw,
    resolve_warehouses,
    rows_of,
    stock_rows_of,
    totals,
    variant_category,
    variant_sku,
    variant_stock_rows,
)
from passerelle.connectors.memory_erp.wire import Article, VariantRow
from passerelle.domain.catalogue import Product
from passerelle.domain.orders import DocumentTotals, ErpDocument, SalesDocument
from passerelle.domain.parties import Customer
from passerelle.domain.stock import StockLevel, Warehouse
from passerelle.domain.texts import N_, text
from passerelle.errors import (
    AnswerUnreadable,
    CapabilityMissing,
    CredentialsRefused,
    NotThisSystem,
    PasserelleError,
    RecordError,
    RecordUnreadable,
    Unavailable,
    WriteUnanswered,
)
from passerelle.ports.clock import Clock
from passerelle.ports.erp import Placed, ProductQuery, Record, StockQuery
from passerelle.ports.manifest import Capability, Finding, Severity

T = TypeVar("T")
Wanted = Callable[[Article], bool]
Make = Callable[[Article], list[Record[T]]]


class MemoryErp:
    """An ErpSource and ErpSink over MemoryErpData; with `later` it takes documents at `data.take()`."""

    def __init__(self, config: MemoryErpConfig, *, clock: Clock, data: MemoryErpData | None = None) -> None:
        self.manifest = manifest(without=config.without, later=config.later)
        self.data = data if data is not None else MemoryErpData(path=config.path)
        self.later = config.later
        self._clock = clock

    def check(self) -> list[Finding]:
        """Whether the ERP answers."""
        found = text(
            "erp_answers", N_("{system} answers and counts in {currency}."), system="memory", currency=self.currency()
        )
        return [Finding(Severity.OK, found)]

    def currency(self) -> str:
        """The company's currency."""
        return self._read("currency", lambda: self.data.state.currency)

    def fields(self) -> list[str]:
        """The fields of an article, and its columns."""
        return self._read("fields", lambda: [*COLUMNS, *(f for f in self.data.state.fields if f not in COLUMNS)])

    def warehouses(self) -> list[Warehouse]:
        """All warehouses."""
        return self._read("warehouses", lambda: list(self.data.warehouses))

    def price_categories(self) -> list[str]:
        """All price categories."""
        return self._read("price_categories", lambda: list(self.data.state.price_categories))

    # --- articles -----------------------------------------------------------------------------------------------

    def products(self, query: ProductQuery) -> Iterator[list[Record[Product]]]:
        """Articles in scope, by pages.

        Raises FilterInvalid, FieldUnknown, PriceCategoryUnknown at once, CapabilityMissing for variants not declared.
        """
        self._need(Capability.PRODUCTS_READ, Capability.VARIANTS_READ if query.variants else None)
        wanted = self._read("products.check", lambda: self._wanted(query))
        chosen = price_category(query.base_price, categories=self.data.state.price_categories)
        return self._pages("products", wanted, lambda article: [self._product(article, query=query, chosen=chosen)])

    def count(self, query: ProductQuery) -> int:
        """How many articles are in scope; a variant too is found by its reference in `only`."""
        self._need(Capability.PRODUCTS_READ)
        wanted = self._read("count.check", lambda: self._wanted(query))
        found = self._read("count", lambda: sum(map(wanted, self.data.articles.values())))
        return found or int(query.only is not None and self._sells(query, query.only))

    def _sells(self, query: ProductQuery, sku: str) -> bool:
        sold = self._scope(msgspec.structs.replace(query, only=None))
        articles = self._read("count", lambda: list(filter(sold, self.data.articles.values())))
        return any(variant_sku(article, one) == sku for article in articles for one in awake(article))

    def _wanted(self, query: ProductQuery) -> Wanted:
        state = self.data.state
        check_fields(query.fields, fields=state.fields)
        price_category(query.base_price, categories=state.price_categories)
        if query.variants:
            variant_category(query, categories=state.price_categories)
        return self._scope(query)

    def _scope(self, query: ProductQuery | StockQuery) -> Wanted:
        holds = condition(query.filter, fields=self.data.state.fields)
        return lambda article: (
            in_scope(article, published_only=query.published_only, only=query.only) and holds(article)
        )

    def _product(self, article: Article, *, query: ProductQuery, chosen: str) -> Record[Product]:
        rows = raw(rows_of(article, state=self.data.state))
        category = variant_category(query, categories=self.data.state.price_categories) if query.variants else ""
        read = partial(product_of, rows, query=query, price_category=chosen, variant_prices=category)
        return Record(key=article.sku, erp_id=str(article.id), digest=digest(rows), read=read)

    # --- stock --------------------------------------------------------------------------------------------------

    def stock(self, query: StockQuery) -> Iterator[list[Record[StockLevel]]]:
        """The stock of articles in scope, by pages.

        Raises WarehouseUnknown, WarehouseMissing, FilterInvalid, CapabilityMissing at once.
        """
        self._need(Capability.STOCK_READ, Capability.VARIANTS_READ if query.variants else None)
        wanted = self._read("stock.check", lambda: self._scope(query))
        chosen = self._read(
            "stock.check", lambda: resolve_warehouses(query.warehouses, warehouses=self.data.warehouses)
        )
        if not query.variants:
            return self._pages("stock", wanted, lambda article: [self._level(article, warehouses=chosen)])
        return self._pages("stock", wanted, lambda article: self._levels(article, warehouses=chosen))

    def _levels(self, article: Article, *, warehouses: list[Warehouse]) -> list[Record[StockLevel]]:
        if not ranged(article):
            return [self._level(article, warehouses=warehouses)]
        return [self._variant_level(article, one, warehouses=warehouses) for one in awake(article)]

    def _variant_level(
        self, article: Article, variant: VariantRow, *, warehouses: list[Warehouse]
    ) -> Record[StockLevel]:
        chosen = [one.id for one in warehouses]
        rows = raw(variant_stock_rows(article, variant, state=self.data.state, warehouses=chosen))
        key = variant_sku(article, variant)
        return Record(key=key, erp_id=str(variant.id), digest=digest(rows), read=partial(level_of, rows))

    def _level(self, article: Article, *, warehouses: list[Warehouse]) -> Record[StockLevel]:
        rows = raw(stock_rows_of(article, state=self.data.state, warehouses=[one.id for one in warehouses]))
        return Record(key=article.sku, erp_id=str(article.id), digest=digest(rows), read=partial(level_of, rows))

    def _pages(self, call: str, wanted: Wanted, make: Make[T]) -> Iterator[list[Record[T]]]:
        last = 0
        while page := self._read(call, partial(self._records_after, last, wanted, make)):
            last = max(page)
            if records := [record for of_article in page.values() for record in of_article]:
                yield records

    def _records_after(self, last: int, wanted: Wanted, make: Make[T]) -> dict[int, list[Record[T]]]:
        """The records of the next articles, by the article's id; one that is sold as variants may have any number."""
        rows = (article for _, article in sorted(self.data.articles.items()) if article.id > last and wanted(article))
        return {article.id: make(article) for article in islice(rows, self.data.page_size)}

    # --- documents ----------------------------------------------------------------------------------------------

    def documents(self, profile_key: str) -> Iterator[ErpDocument]:
        """The documents of one profile."""
        self._need(Capability.DOCUMENTS_READ)
        prefix = f"{profile_key}-"
        rows = self._read("documents", lambda: list(self.data.documents.items()))
        return (document_of(row) for key, row in rows if key.startswith(prefix))

    def price(self, document: SalesDocument) -> DocumentTotals:
        """The ERP's own totals. Raises RecordUnreadable."""
        self._need(Capability.DOCUMENTS_WRITE)
        return self._read("price", lambda: totals(document, taxes=self.data.taxes))

    def place(self, document: SalesDocument, *, handing_over: Callable[[], None]) -> str:
        """Place a document, once per order key; with `later`, "" until the ERP has taken it.

        Raises RecordUnreadable for an article or tax that the ERP does not have.
        """
        self._need(Capability.DOCUMENTS_WRITE)
        if not self.later:
            return self._write("place", lambda: self._place(document))
        found = self._read("place.find", lambda: self.data.documents.get(document.order_key))
        if found is None:
            self._read("place.verify", lambda: self._verify(document))
            self._hand_over("place", document.order_key, self._named(document), handing_over)
        return found.number if found else ""

    def place_many(self, documents: Sequence[SalesDocument]) -> list[Placed]:
        """Place documents in one call, unless the ERP takes them later. Raises CapabilityMissing."""
        self._need(Capability.DOCUMENTS_WRITE)
        if self.later:
            raise CapabilityMissing(system=self.manifest.title, capability="several documents in one call")
        return self._write("place", lambda: [self._outcome(document) for document in documents])

    def _outcome(self, document: SalesDocument) -> Placed:
        try:
            return Placed(order_key=document.order_key, number=self._place(document))
        except RecordError as error:
            return Placed(order_key=document.order_key, error=error)

    def _place(self, document: SalesDocument) -> str:
        self._verify(document)
        return self.data.place(self._named(document))

    def _named(self, document: SalesDocument) -> SalesDocument:
        """The same with the reference that the ERP has for each line."""
        lines = tuple(msgspec.structs.replace(line, sku=self.data.sold(line)) for line in document.lines)
        return msgspec.structs.replace(document, lines=lines)

    def _verify(self, document: SalesDocument) -> None:
        totals(document, taxes=self.data.taxes)
        known = self.data.sold_skus()
        for line in document.lines:
            if self.data.sold(line) not in known:
                raise RecordUnreadable(key=document.order_key, why=f"the ERP sells no article {line.sku}")

    def _hand_over(
        self, call: str, name: str, record: SalesDocument | Customer, handing_over: Callable[[], None]
    ) -> None:
        """Make ready, say so, then hand over: only a failure of the last step leaves open whether it was done."""
        if self._write(f"{call}.prepare", lambda: self.data.prepare(name, record), final=False):
            handing_over()
            self._write(call, lambda: self.data.hand_over(name))

    def resume(self, order_key: str) -> None:
        """Hand over what is ready under an order key."""
        self._need(Capability.DOCUMENTS_WRITE)
        self._write("resume", lambda: self.data.hand_over(order_key))

    def successors(self, numbers: Sequence[str]) -> dict[str, list[ErpDocument]]:
        """Documents that came of these; every number is a key of the answer."""
        self._need(Capability.DOCUMENTS_WRITE)
        rows = self._read("successors", lambda: list(self.data.documents.values()))
        return {number: [document_of(row) for row in rows if number in row.origins] for number in numbers}

    def refusal(self, name: str) -> str | None:
        """Why the ERP refused what was handed over under this name."""
        self._need(Capability.DOCUMENTS_WRITE)
        return self._read("refusal", lambda: self.data.state.refusals.get(name))

    def find_document(self, order_key: str) -> ErpDocument | None:
        """The document of an order key."""
        self._need(Capability.DOCUMENTS_WRITE)
        row = self._read("find_document", lambda: self.data.documents.get(order_key))
        return None if row is None else document_of(row)

    def find_customers(self, *, code: str = "", email: str = "") -> list[Customer]:
        """Customers with this code, or with this e-mail whatever its case."""
        self._need(Capability.DOCUMENTS_WRITE)
        return self._read(
            "find_customers",
            lambda: [
                one
                for one in self.data.state.customers.values()
                if (code and one.code == code) or (email and one.email.casefold() == email.casefold())
            ],
        )

    def place_customer(self, customer: Customer, *, handing_over: Callable[[], None]) -> str:
        """Place a customer, once per code or shop id; gives its code. With `later` the code must be given."""
        self._need(Capability.DOCUMENTS_WRITE)
        if not self.later:
            return self._write("place_customer", lambda: self.data.place_customer(customer))
        if not customer.code:
            raise CapabilityMissing(system=self.manifest.title, capability="the next customer code")
        if not self.find_customers(code=customer.code):
            self._hand_over("place_customer", customer.code, customer, handing_over)
        return customer.code

    def resume_customer(self, code: str) -> None:
        """Hand over what is ready under a customer code."""
        self._need(Capability.DOCUMENTS_WRITE)
        self._write("resume_customer", lambda: self.data.hand_over(code))

    # --- calls --------------------------------------------------------------------------------------------------

    def _need(self, *capabilities: Capability | None) -> None:
        for capability in capabilities:
            if capability is not None and capability not in self.manifest.capabilities:
                raise CapabilityMissing(system=self.manifest.title, capability=str(capability))

    def _read(self, call: str, ask: Callable[[], T]) -> T:
        try:
            return self.data.read(call, ask)
        except Failure as failure:
            raise self._error(failure.signal, write=False) from failure

    def _write(self, call: str, act: Callable[[], T], *, final: bool = True) -> T:
        """`final` False: what it writes counts for nothing until something else is written."""
        try:
            return self.data.write(call, act)
        except Failure as failure:
            raise self._error(failure.signal, write=final) from failure

    def _error(self, signal: str, *, write: bool) -> PasserelleError:
        """What a failure of the ERP means for us. Only a connection never made is surely not done."""
        system = self.manifest.title
        match signal:
            case "login":
                return CredentialsRefused(system=system, detail=signal)
            case "other":
                return NotThisSystem(system=system, why="it is another database", detail=signal)
            case "unreadable" if not write:
                return AnswerUnreadable(system=system, why="it is not what an ERP answers", detail=signal)
            case "unavailable":
                return Unavailable(system=system, detail=signal)
        return WriteUnanswered(system=system, detail=signal) if write else Unavailable(system=system, detail=signal)
