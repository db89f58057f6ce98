"""The ERP side: articles and stock are read, documents are read and placed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from passerelle.domain.catalogue import Product
from passerelle.domain.orders import DocumentTotals, ErpDocument, SalesDocument
from passerelle.domain.parties import Customer
from passerelle.domain.stock import StockLevel, Warehouse
from passerelle.errors import RecordError
from passerelle.ports.manifest import Finding, Manifest

T = TypeVar("T")


class Record(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """One record as read, not yet mapped.

    `key` is the ERP reference, `erp_id` the ERP's own stable id. `digest` hashes the raw rows the record is made of,
    so that an unchanged record is recognised without mapping it. `read()` maps the rows; it raises RecordError.
    """

    key: str
    erp_id: str
    digest: bytes
    read: Callable[[], T]


class ProductQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which articles, and which of their data, a profile wants.

    `fields` are the ERP's own field names to deliver in `Product.fields`; `base_price` is "article" or a price
    category by name or number; `vat_category` the ERP's accounting category; `languages` our language codes.
    `categories`, `prices`, `variants` say whether those parts are wanted at all. `only` restricts to one reference.
    `variant_prices` is the price category, by name or number, of variant prices that exist per category only; "":
    that of `base_price`, else the first one.
    """

    published_only: bool = True
    filter: str = ""
    fields: frozenset[str] = frozenset()
    base_price: str = "article"
    tax_included: bool | None = None  # None: as the ERP says
    vat_category: int = 1
    categories: bool = True
    prices: bool = True
    variants: bool = False
    variant_prices: str = ""
    only: str | None = None


class StockQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which articles' stock, summed over which warehouses (by name or id, resolved at each run).

    With `variants`, an article that has some gives one record for each of them, under the variant's own reference and
    id, and none for itself; `only` is the reference of an article, all the same.
    """

    warehouses: tuple[str, ...]
    published_only: bool = True
    filter: str = ""
    variants: bool = False
    only: str | None = None


class ErpSource(Protocol):
    """Reads an ERP. Reads never write anything, not even temporary tables.

    Every method raises Unavailable when the ERP does not answer, CredentialsRefused or NotThisSystem when it cannot be
    used. "Empty" is an empty iterator, never a swallowed error.
    """

    @property
    def manifest(self) -> Manifest: ...

    def check(self) -> list[Finding]:
        """What is wrong with this connection; changes nothing. Rights are asked for, never tried."""
        ...

    def currency(self) -> str:
        """ISO 4217 code of the company's currency."""
        ...

    def fields(self) -> list[str]:
        """Names that `ProductQuery.fields` accepts."""
        ...

    def warehouses(self) -> list[Warehouse]: ...

    def price_categories(self) -> list[str]: ...

    def products(self, query: ProductQuery) -> Iterator[list[Record[Product]]]:
        """All articles in scope, each once, in pages by the ERP's integer id.

        Raises FilterInvalid at once, FieldUnknown and PriceCategoryUnknown before the first page.
        """
        ...

    def count(self, query: ProductQuery) -> int:
        """How many articles are in scope."""
        ...

    def stock(self, query: StockQuery) -> Iterator[list[Record[StockLevel]]]:
        """The stock of all articles in scope, each once; a followed article without a row is 0.

        Raises FilterInvalid at once, WarehouseUnknown and WarehouseMissing before the first page.
        """
        ...

    def documents(self, profile_key: str) -> Iterator[ErpDocument]:
        """The sales documents whose order key starts with `<profile_key>-`."""
        ...


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one of several documents: placed under a number, or an error that concerns this one alone."""

    order_key: str
    number: str = ""
    error: RecordError | None = None


class ErpSink(Protocol):
    """Places documents and customers in an ERP.

    Some ERPs take a document at once, others take a file later. `handing_over` is called by the latter when all is
    ready and just before the point of no return: what it journals decides, after a crash, between placing again
    (it was not called) and waiting (it was). It may raise; nothing is handed over then.
    """

    def price(self, document: SalesDocument) -> DocumentTotals:
        """The ERP's own totals of a document, before anything is written. Raises RecordError."""
        ...

    def place(self, document: SalesDocument, *, handing_over: Callable[[], None]) -> str:
        """Place a document; gives its number, or "" when the ERP takes it later.

        The same order key twice gives the same document. Raises RecordError, WriteUnanswered, Unavailable.
        """
        ...

    def place_many(self, documents: Sequence[SalesDocument]) -> list[Placed]:
        """Place several documents in as few requests as there can be, one outcome each, in order; as `place` does each.

        Only of an ERP that takes documents at once and says in `max_batch` how many ("place_many"). Raises
        WriteUnanswered when nobody can tell which were placed, Unavailable when none was.
        """
        ...

    def resume(self, order_key: str) -> None:
        """Finish handing over a document whose `handing_over` was called; does nothing if that was finished."""
        ...

    def find_document(self, order_key: str) -> ErpDocument | None: ...

    def successors(self, numbers: Sequence[str]) -> dict[str, list[ErpDocument]]:
        """Documents that the lines of these documents have gone on to, whatever key they carry."""
        ...

    def refusal(self, name: str) -> str | None:
        """Why the ERP refused what was handed over under this order key or customer code; None when it did not."""
        ...

    def find_customers(self, *, code: str = "", email: str = "") -> list[Customer]:
        """The customers with this code (exact) or e-mail (ignoring case)."""
        ...

    def place_customer(self, customer: Customer, *, handing_over: Callable[[], None]) -> str:
        """Place a customer; gives the code, as given or the ERP's next. The same code twice is one customer."""
        ...

    def resume_customer(self, code: str) -> None:
        """As `resume`, of a customer."""
        ...
