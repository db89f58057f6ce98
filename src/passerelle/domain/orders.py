"""Orders of a shop and the ERP documents made of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from passerelle.domain.catalogue import variant_shop_id
from passerelle.domain.money import HUNDRED
from passerelle.domain.parties import Address, Customer
from passerelle.domain.stock import DocumentKind


class OrderLine(msgspec.Struct, frozen=True):
    """A line of a shop order: the shop's product and variant ids ("" for none), the reference it had, the quantity."""

    product_id: str
    variant_id: str
    sku: str
    quantity: Decimal

    @property
    def article(self) -> str:
        """The shop's id of what was sold: the variant where there is one, else the product."""
        return variant_shop_id(self.product_id, self.variant_id)


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
    """A line of an ERP document; of a variant, `sku` is the variant's."""

    sku: str
    quantity: Decimal


class Parcel(msgspec.Struct, frozen=True):
    """A parcel of a fulfilment."""

    tracking_number: str
    carrier: str = ""


class DocumentState(StrEnum):
    """How far a document is within its kind."""

    ENTERED = "entered"
    CONFIRMED = "confirmed"
    READY = "ready"  # an order to prepare, a delivery to invoice, an invoice to book


class ErpDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A sales document of the ERP that carries one of our order keys.

    `total` is incl. VAT by the ERP's own arithmetic, None where it does not say. `origins` are the numbers that its
    lines had at earlier stages.
    """

    order_key: str
    kind: DocumentKind
    number: str
    lines: tuple[DocumentLine, ...]
    state: DocumentState = DocumentState.ENTERED
    total: Decimal | None = None
    parcels: tuple[Parcel, ...] = ()
    origins: tuple[str, ...] = ()


def order_key(profile_key: str, *, shop_order_id: str) -> str:
    """The key that ties an ERP document to a shop order: `MD-123`, at most 17 characters.

    Raises ValueError when it would be longer: it is never truncated.
    """
    key = f"{profile_key}-{shop_order_id}"
    if len(key) > 17:
        raise ValueError(f"order key {key} is longer than 17 characters")
    return key


class SalesLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a sales document to place in the ERP; `unit_price` and `discount` (percent) on the basis said.

    `erp_id` is the ERP's own id of the article or variant, "" where only its reference is known.
    """

    sku: str
    erp_id: str = ""
    label: str
    quantity: Decimal
    unit_price: Decimal
    tax_included: bool
    tax_code: str
    discount: Decimal = Decimal(0)


class SalesDocument(msgspec.Struct, frozen=True, kw_only=True, tag="document"):
    """A document to place in the ERP under its order key.

    `series`, `warehouse`, `carrier`, `payment_method` are the ERP's own names or numbers, empty for its defaults.
    `tax_category` is the ERP's accounting category. `remark` is free text: the shop's vouchers and comments.
    """

    order_key: str
    kind: DocumentKind
    customer_code: str
    dated_on: date
    currency: str
    reference: str = ""
    series: str = ""
    warehouse: str = ""
    carrier: str = ""
    payment_method: str = ""
    tax_category: str = ""
    remark: str = ""
    delivery_address: Address | None = None
    lines: tuple[SalesLine, ...]


class DocumentTotals(msgspec.Struct, frozen=True):
    """Totals by the ERP's own arithmetic: incl. VAT, and per tax code (base, VAT)."""

    total: Decimal
    by_tax: dict[str, tuple[Decimal, Decimal]]


class TaxedAmount(msgspec.Struct, frozen=True):
    """An amount excl. and incl. VAT, as the shop counted both."""

    net: Decimal
    gross: Decimal


NOTHING = TaxedAmount(Decimal(0), Decimal(0))


class SoldLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a shop order as it was sold: unit price and whole line, before the order's own discounts.

    `rate` is the VAT in percent by the shop's own tax record; None: it is to be derived from the amounts.
    """

    product_id: str
    variant_id: str = ""
    sku: str
    name: str
    quantity: Decimal
    unit: TaxedAmount
    total: TaxedAmount
    rate: Decimal | None = None

    @property
    def article(self) -> str:
        """The shop's id of what was sold: the variant where there is one, else the product."""
        return variant_shop_id(self.product_id, self.variant_id)


class ShippingLine(msgspec.Struct, frozen=True, kw_only=True):
    """What delivery costs. `carrier` is the shop's lasting name for the carrier, `name` its label."""

    carrier: str
    name: str
    amount: TaxedAmount


class Discount(msgspec.Struct, frozen=True, kw_only=True):
    """A discount on the whole order, as a positive amount. `free_shipping`: it first takes off the delivery."""

    code: str
    name: str
    amount: TaxedAmount
    free_shipping: bool = False


class StatusChange(msgspec.Struct, frozen=True, kw_only=True):
    """A status an order had since `at`; `author` is the person of the shop who set it, "" for the shop itself."""

    status: str
    at: datetime
    author: str = ""


class SalesOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order of a shop, whole: what a document is made of.

    `customer` carries both addresses of this order. `payment_method` is the payment module's own name,
    `payment_label` what the buyer read. `total` is what the shop charged, `paid` what it says was received.
    Times are aware, UTC.
    """

    shop_id: str
    reference: str
    status: str
    created_at: datetime
    updated_at: datetime
    currency: str
    payment_method: str
    payment_label: str
    customer: Customer
    lines: tuple[SoldLine, ...]
    shipping: ShippingLine | None = None
    discounts: tuple[Discount, ...] = ()
    wrapping: TaxedAmount = NOTHING
    total: TaxedAmount
    paid: Decimal = Decimal(0)
    message: str = ""


class OrderStatuses(msgspec.Struct, frozen=True, kw_only=True):
    """The statuses of one order: the current one, and all it had, oldest first, as far as the shop remembers."""

    shop_id: str
    current: str
    history: tuple[StatusChange, ...] = ()


def rate_of(amount: TaxedAmount) -> Decimal:
    """The VAT rate in percent that the two amounts say, unrounded; 0 for nothing."""
    return (amount.gross / amount.net - 1) * HUNDRED if amount.net else Decimal(0)
