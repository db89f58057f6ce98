"""The REST API's JSON: what is read of each kind of record, its errors, and the entities in its texts.

Records are read field by field, so that what plugins add does not matter and what is missing or of another type does.
Fields with a default are those that a request may leave out. Amounts and quantities are never floats: amounts are
texts, and JSON numbers become decimals.
"""

from __future__ import annotations

import re
from decimal import Decimal
from html import escape as _escape
from html import unescape
from typing import Any

import msgspec

SYSTEM = "WooCommerce"
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


def shown(text: str) -> str:
    """A name as a person reads it: the shop gives names with HTML entities (`Vis &amp; écrous`)."""
    return _ENTITY.sub(lambda found: unescape(found.group()), text)


def sendable(text: str) -> str:
    """A name as the shop keeps it whole: after a bare `<` it drops the rest, `&lt;` stays."""
    return _escape(text, quote=False)


# --- errors ----------------------------------------------------------------------------------------------------------


class ErrorData(msgspec.Struct, frozen=True):
    """What accompanies an error; `resource_id` is the record that is in the way."""

    status: int | None = None
    resource_id: int | None = None


class VendorError(msgspec.Struct, frozen=True):
    """An error as the API writes it. `data` may also be a bare status, or nothing at all."""

    code: str
    message: str = ""
    data: Any = None

    @property
    def details(self) -> ErrorData:
        """Its data, where they have the usual form."""
        try:
            return msgspec.convert(self.data, ErrorData, strict=False)
        except msgspec.ValidationError:
            return ErrorData(status=self.data if isinstance(self.data, int) else None)


class BatchItem(msgspec.Struct, frozen=True):
    """What is said of an item of a batch beside its record: an error, if it has one."""

    error: VendorError | None = None


# --- settings --------------------------------------------------------------------------------------------------------


class Setting(msgspec.Struct, frozen=True):
    """A setting of the shop; `value` is a text, or a list for a few."""

    id: str
    value: Any = ""


class Environment(msgspec.Struct, frozen=True):
    """What WordPress says of itself."""

    version: str
    home_url: str = ""
    language: str = ""
    wp_multisite: bool = False


class SystemStatus(msgspec.Struct, frozen=True):
    """The part of the system status that is used."""

    environment: Environment


class Index(msgspec.Struct, frozen=True):
    """What the site's API says to anyone."""

    home: str = ""
    namespaces: list[str] = []


class TaxClass(msgspec.Struct, frozen=True):
    """A tax class; `slug` is "standard" for the one that products name by nothing."""

    slug: str
    name: str


class TaxRate(msgspec.Struct, frozen=True, rename={"tax_class": "class"}):
    """A rate in percent, of a class, for a country ("" for all)."""

    id: int
    country: str
    rate: str
    tax_class: str
    state: str = ""
    postcode: str = ""
    city: str = ""
    postcodes: list[str] = []
    cities: list[str] = []


class Zone(msgspec.Struct, frozen=True):
    """A shipping zone."""

    id: int
    name: str = ""


class ShippingMethod(msgspec.Struct, frozen=True):
    """A shipping method of a zone."""

    instance_id: int
    method_id: str
    title: str
    enabled: bool = True


class StatusTotal(msgspec.Struct, frozen=True):
    """A status that orders can have."""

    slug: str
    name: str


# --- products --------------------------------------------------------------------------------------------------------


class Ref(msgspec.Struct, frozen=True):
    """A record that another one names."""

    id: int


class Meta(msgspec.Struct, frozen=True):
    """A custom field; its value is a text, or whatever a plugin put there."""

    key: str
    value: Any = ""


class ProductAttribute(msgspec.Struct, frozen=True):
    """An attribute of a product with the names of its values. `id` 0: the product's own, without shared values."""

    id: int
    name: str = ""
    position: int = 0
    visible: bool = False
    variation: bool = False
    options: list[str] = []


class Choice(msgspec.Struct, frozen=True):
    """The value of an attribute that a variation has: its name; in the default of a product, its slug."""

    id: int
    option: str
    name: str = ""


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """A record with custom fields."""

    meta_data: list[Meta] = []

    def meta(self, key: str) -> str:
        """A custom field as a text, "" where there is none."""
        return next((str(one.value) for one in self.meta_data if one.key == key and one.value is not None), "")


class Product(Described, frozen=True, kw_only=True):
    """A product, or in a lookup by reference a variation."""

    id: int
    type: str = "simple"
    status: str = "publish"
    name: str = ""
    sku: str = ""
    global_unique_id: str = ""
    parent_id: int = 0
    description: str = ""
    short_description: str = ""
    regular_price: str = ""
    price: str = ""
    tax_class: str = ""
    weight: str = ""
    manage_stock: bool | str = False
    stock_quantity: Decimal | None = None
    categories: list[Ref] = []
    brands: list[Ref] = []
    attributes: list[ProductAttribute] = []
    default_attributes: list[Choice] = []
    variations: list[int] = []


class Variation(Described, frozen=True, kw_only=True):
    """A variation. What it lacks of reference and weight is its product's."""

    id: int
    sku: str = ""
    global_unique_id: str = ""
    regular_price: str = ""
    weight: str = ""
    manage_stock: bool | str = False
    stock_quantity: Decimal | None = None
    attributes: list[Choice] = []


class Category(msgspec.Struct, frozen=True):
    """A category; `parent` 0 on the first level."""

    id: int
    name: str
    slug: str = ""
    parent: int = 0


class Term(msgspec.Struct, frozen=True):
    """A brand, or a value that products share."""

    id: int
    name: str
    slug: str = ""


class Attribute(msgspec.Struct, frozen=True):
    """An attribute that products share."""

    id: int
    name: str
    slug: str = ""


class Value(msgspec.Struct, frozen=True):
    """A value that products share: its attribute's number and its own, its name as a person reads it, its slug."""

    attribute: int
    id: int
    name: str
    slug: str


# --- orders ----------------------------------------------------------------------------------------------------------


class Place(msgspec.Struct, frozen=True):
    """An address of an order."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    address_1: str = ""
    address_2: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""
    email: str = ""
    phone: str = ""


class LineTax(msgspec.Struct, frozen=True):
    """What a line is charged at one rate, unrounded; "" where that is nothing."""

    id: int
    total: str = ""
    subtotal: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Goods of an order, excl. tax whatever the shop's prices are: `subtotal` before discounts, `total` after them."""

    product_id: int
    variation_id: int = 0
    name: str = ""
    sku: str | None = ""
    quantity: Decimal
    subtotal: str = "0"
    subtotal_tax: str = "0"
    total: str = "0"
    total_tax: str = "0"
    taxes: list[LineTax] = []


class Charge(msgspec.Struct, frozen=True):
    """A fee of an order; below 0 it is a discount."""

    name: str | None
    total: str
    total_tax: str
    taxes: list[LineTax] = []


class Delivery(msgspec.Struct, frozen=True):
    """How an order is delivered, and at what price."""

    method_title: str
    method_id: str
    total: str
    total_tax: str
    instance_id: str | int = ""
    taxes: list[LineTax] = []


class Coupon(msgspec.Struct, frozen=True):
    """A coupon of an order. Its amounts are in the lines already."""

    code: str
    discount: str
    discount_tax: str
    free_shipping: bool = False


class OrderTax(msgspec.Struct, frozen=True):
    """A rate of an order, in percent."""

    rate_id: int
    rate_percent: Decimal | None = None


class Refund(msgspec.Struct, frozen=True):
    """What was paid back, below 0."""

    total: str


class OrderHead(msgspec.Struct, frozen=True):
    """An order as far as its status and dates are asked for. Dates are UTC without saying so."""

    id: int
    status: str
    date_created_gmt: str | None = None
    date_modified_gmt: str | None = None
    date_paid_gmt: str | None = None
    date_completed_gmt: str | None = None
    number: str = ""
    line_items: list[Line] = []
    meta_data: list[Meta] = []


class Order(OrderHead, frozen=True, kw_only=True):
    """An order, whole."""

    currency: str
    total: str
    total_tax: str
    customer_id: int
    billing: Place
    shipping: Place
    payment_method: str = ""
    payment_method_title: str = ""
    customer_note: str = ""
    tax_lines: list[OrderTax] = []
    shipping_lines: list[Delivery] = []
    fee_lines: list[Charge] = []
    coupon_lines: list[Coupon] = []
    refunds: list[Refund] = []
