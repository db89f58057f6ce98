"""Orders of a shop and the ERP documents made of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import msgspec

from passerelle.domain.stock import DocumentKind


class OrderLine(msgspec.Struct, frozen=True):
    """A line of a shop order: the shop's product and variant ids ("" for none), the reference it had, the quantity."""

    product_id: str
    variant_id: str
    sku: str
    quantity: Decimal


class ShopOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order as far as stock is concerned.

    `holds_stock` is true while the shop has taken its quantities from its own stock: any status but cancelled ones
    and failed payments. `created_at` and `updated_at` are aware, UTC.
    """

    shop_id: str
    reference: str
    status: str
    created_at: datetime
    updated_at: datetime
    holds_stock: bool
    lines: tuple[OrderLine, ...]


class DocumentLine(msgspec.Struct, frozen=True):
    """A line of an ERP document."""

    sku: str
    quantity: Decimal


class ErpDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A sales document of the ERP that carries one of our order keys."""

    order_key: str
    kind: DocumentKind
    number: str
    lines: tuple[DocumentLine, ...]


def order_key(profile_key: str, *, shop_order_id: str) -> str:
    """The key that ties an ERP document to a shop order: `MD-123`, at most 17 characters.

    Raises ValueError when it would be longer: it is never truncated.
    """
    key = f"{profile_key}-{shop_order_id}"
    if len(key) > 17:
        raise ValueError(f"order key {key} is longer than 17 characters")
    return key


class SalesLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a sales document to place in the ERP; `unit_price` and `discount` (percent) on the basis said."""

    sku: str
    label: str
    quantity: Decimal
    unit_price: Decimal
    tax_included: bool
    tax_code: str
    discount: Decimal = Decimal(0)


class SalesDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document to place in the ERP under its order key."""

    order_key: str
    kind: DocumentKind
    customer_code: str
    dated_on: date
    currency: str
    reference: str = ""
    lines: tuple[SalesLine, ...]


class DocumentTotals(msgspec.Struct, frozen=True):
    """Totals by the ERP's own arithmetic: incl. VAT, and per tax code (base, VAT)."""

    total: Decimal
    by_tax: dict[str, tuple[Decimal, Decimal]]


class Parcel(msgspec.Struct, frozen=True):
    """A parcel of a fulfilment."""

    tracking_number: str
    carrier: str = ""
