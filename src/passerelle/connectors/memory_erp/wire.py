"""What the memory ERP stores, and the JSON file it may be kept in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from passerelle.domain.orders import DocumentState, Parcel, SalesDocument
from passerelle.domain.parties import Customer
from passerelle.domain.stock import DocumentKind, Warehouse


class VariantRow(msgspec.Struct, kw_only=True):
    """A variant of an article; its id is a number of the ERP of its own, under which its stock is kept.

    `values` are those of the article's options, in their order, "" for one that the ERP no longer has. `price` None is
    the article's, any other is on the article's basis; `category_prices` is price category → price.
    """

    id: int
    sku: str = ""
    values: list[str] = []
    gtin: str = ""
    price: Decimal | None = None
    category_prices: dict[str, tuple[Decimal, bool]] = {}
    weight: Decimal | None = None
    asleep: bool = False


class Article(msgspec.Struct, kw_only=True):
    """An article row.

    `taxes` is accounting category (its number as text) → tax code; `category_prices` is price category → price.
    `options` names what its `variants` differ by.
    """

    id: int
    sku: str
    label: str = ""
    fields: dict[str, str] = {}
    gtin: str = ""
    weight: Decimal | None = None
    category: str = ""
    taxes: dict[str, str] = {}
    price: Decimal = Decimal(0)
    tax_included: bool = False
    category_prices: dict[str, tuple[Decimal, bool]] = {}
    followed: bool = True
    has_variants: bool = False
    options: list[str] = []
    variants: list[VariantRow] = []
    published: bool = True
    dormant: bool = False


class CategoryRow(msgspec.Struct, kw_only=True):
    """A node of the tree; the first level has no parent."""

    key: str
    names: dict[str, str]
    parent: str = ""


class StockRow(msgspec.Struct, kw_only=True):
    """The counters of one article in one warehouse."""

    on_hand: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    prepared: Decimal = Decimal(0)
    blocked: Decimal = Decimal(0)
    incoming: Decimal = Decimal(0)


class ArticleRows(msgspec.Struct, kw_only=True):
    """Every raw row that one article is made of. `path` is root first."""

    article: Article
    taxes: dict[str, Decimal]
    path: list[CategoryRow]


class StockRows(msgspec.Struct, kw_only=True):
    """Every raw row that the stock of one article or variant is made of."""

    id: int
    sku: str
    followed: bool
    has_variants: bool
    rows: list[StockRow]


class DocumentRow(msgspec.Struct, kw_only=True):
    """A document and its number; both change with its `kind` as it goes from order to invoice.

    `origins` are the numbers it had before; `total` is incl. VAT.
    """

    number: str
    kind: DocumentKind
    document: SalesDocument
    state: DocumentState = DocumentState.ENTERED
    total: Decimal | None = None
    parcels: list[Parcel] = []
    origins: list[str] = []


class ErpState(msgspec.Struct, kw_only=True):
    """The whole ERP. `stock` is warehouse id → article id → counters; `taxes` code → rate in percent.

    What is handed over to an ERP that takes it later is `ready` first, then `waiting`, by order key or customer code.
    `refusals` are its reasons, by the same names.
    """

    currency: str = "EUR"
    fields: list[str] = msgspec.field(default_factory=lambda: ["label", "brand", "family", "text"])
    price_categories: list[str] = msgspec.field(default_factory=lambda: ["Public", "Professionnels"])
    warehouses: list[Warehouse] = msgspec.field(
        default_factory=lambda: [Warehouse("1", "Principal"), Warehouse("2", "Réserve")]
    )
    taxes: dict[str, Decimal] = msgspec.field(
        default_factory=lambda: {"C20": Decimal(20), "C10": Decimal(10), "C55": Decimal("5.5"), "C0": Decimal(0)}
    )
    categories: dict[str, CategoryRow] = {}
    articles: dict[int, Article] = {}
    stock: dict[str, dict[int, StockRow]] = {}
    documents: dict[str, DocumentRow] = {}
    customers: dict[str, Customer] = {}
    ready: dict[str, SalesDocument | Customer] = {}
    waiting: dict[str, SalesDocument | Customer] = {}
    refusals: dict[str, str] = {}
    last_id: int = 0


def encode(state: Any) -> bytes:
    """The JSON of a whole ERP."""
    return msgspec.json.format(msgspec.json.encode(state), indent=1)


def decode(data: bytes) -> ErpState:
    """The ERP of a JSON file. Raises msgspec.DecodeError."""
    return msgspec.json.decode(data, type=ErpState)
