"""What the simulated shop stores: one struct a kind of record, saved and loaded as they are.

Names are the vendor's own, because these rows are what its REST API shows. Texts are stored as the shop keeps them:
names HTML-encoded, prices as strings. Amounts of orders are Decimals of full precision, moments are aware and UTC.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct, field

ZERO = Decimal(0)


class Meta(Struct):
    """A free value under a key; `value` is text, a list or an object."""

    id: int
    key: str
    value: Any


class Option(Struct):
    """An attribute of a product: `id` 0 for one of its own. `options` are term ids, or texts where `id` is 0."""

    id: int
    name: str
    options: list[Any]
    position: int = 0
    visible: bool = False
    variation: bool = False


class Product(Struct):
    """A product, or a variation where `parent_id` is set. `choices` is its variation: attribute key -> slug or text."""

    id: int
    created: datetime
    modified: datetime
    type: str = "simple"
    status: str = "publish"
    name: str = "Product"
    slug: str = ""
    parent_id: int = 0
    sku: str = ""
    global_unique_id: str = ""
    regular_price: str = ""
    sale_price: str = ""
    price: str = ""
    date_on_sale_from: datetime | None = None
    date_on_sale_to: datetime | None = None
    description: str = ""
    short_description: str = ""
    featured: bool = False
    catalog_visibility: str = "visible"
    virtual: bool = False
    downloadable: bool = False
    external_url: str = ""
    button_text: str = ""
    tax_status: str = "taxable"
    tax_class: str = ""
    manage_stock: bool = False
    stock_quantity: int | None = None
    stock_status: str = "instock"
    backorders: str = "no"
    low_stock_amount: int | None = None
    sold_individually: bool = False
    weight: str = ""
    dimensions: dict[str, str] = field(default_factory=lambda: {"length": "", "width": "", "height": ""})
    reviews_allowed: bool = True
    purchase_note: str = ""
    menu_order: int = 0
    total_sales: int = 0
    post_password: str = ""
    upsell_ids: list[int] = []
    cross_sell_ids: list[int] = []
    grouped_products: list[int] = []
    categories: list[int] = []
    brands: list[int] = []
    tags: list[int] = []
    images: list[int] = []
    attributes: list[Option] = []
    default_attributes: dict[str, str] = {}
    choices: dict[str, str] = {}
    children: list[int] = []
    meta: list[Meta] = []
    status_before_trash: str = ""


class Term(Struct):
    """A category, a brand, a tag or a value of an attribute."""

    id: int
    name: str
    slug: str
    parent: int = 0
    description: str = ""
    display: str = "default"
    menu_order: int = 0


class Attribute(Struct):
    """A global attribute; `slug` with its prefix pa_."""

    id: int
    name: str
    slug: str
    type: str = "select"
    order_by: str = "menu_order"
    has_archives: bool = False


class Image(Struct):
    """An attachment: uploaded bytes are not kept, their number is."""

    id: int
    created: datetime
    name: str
    file: str
    alt: str = ""
    mime_type: str = "image/png"
    size: int = 0


class TaxRate(Struct):
    """A tax rate of a country ("" for all); `class_slug` "" is the standard class."""

    id: int
    country: str
    rate: str
    name: str
    class_slug: str = ""
    priority: int = 1
    compound: bool = False
    shipping: bool = True
    order: int = 0


class Tax(Struct):
    """What a line owes of one rate, unrounded; `subtotal` None on lines without one."""

    rate_id: int
    total: Decimal
    subtotal: Decimal | None = None


class Line(Struct):
    """A line of an order: product, shipping or fee. Amounts excl. tax."""

    id: int
    kind: str  # line_items, shipping_lines, fee_lines
    name: str = ""
    product_id: int = 0
    variation_id: int = 0
    quantity: int = 1
    tax_class: str = ""
    tax_status: str = "taxable"
    subtotal: Decimal = ZERO
    total: Decimal = ZERO
    taxes: list[Tax] = []
    method_id: str = ""
    instance_id: str = ""
    meta: list[Meta] = []
    reduced: int = 0  # pieces taken from stock
    restocked: int = 0
    refunded_item: int = 0


class TaxLine(Struct):
    """The sum of one rate over an order."""

    id: int
    rate_id: int
    tax_total: Decimal = ZERO
    shipping_tax_total: Decimal = ZERO


class CouponLine(Struct):
    """A coupon as an order used it."""

    id: int
    code: str
    discount: Decimal
    discount_tax: Decimal
    discount_type: str = "percent"
    nominal_amount: str = "0"
    coupon_id: int = 0
    meta_id: int = 0


class Order(Struct):
    """An order, or a refund where `parent_id` is set: then amounts and quantities are negative."""

    id: int
    created: datetime
    modified: datetime
    order_key: str
    status: str = "pending"
    currency: str = "EUR"
    prices_include_tax: bool = False
    customer_id: int = 0
    billing: dict[str, str] = {}
    shipping: dict[str, str] = {}
    payment_method: str = ""
    payment_method_title: str = ""
    transaction_id: str = ""
    created_via: str = "rest-api"
    customer_note: str = ""
    completed: datetime | None = None
    paid: datetime | None = None
    lines: list[Line] = []
    tax_lines: list[TaxLine] = []
    coupon_lines: list[CouponLine] = []
    refunds: list[int] = []
    meta: list[Meta] = []
    discount_total: Decimal = ZERO
    discount_tax: Decimal = ZERO
    shipping_total: Decimal = ZERO
    shipping_tax: Decimal = ZERO
    cart_tax: Decimal = ZERO
    total_tax: Decimal = ZERO
    total: Decimal = ZERO
    stock_reduced: bool = False
    status_before_trash: str = ""
    parent_id: int = 0
    amount: Decimal = ZERO
    reason: str = ""


class Note(Struct):
    """A note of an order; `customer_note` is mailed to the buyer."""

    id: int
    order_id: int
    created: datetime
    note: str
    customer_note: bool = False
    author: str = "WooCommerce"


class Coupon(Struct):
    """A coupon: `discount_type` percent or fixed_cart; `amount` incl. tax where the shop's prices are."""

    id: int
    code: str
    created: datetime
    modified: datetime
    discount_type: str = "fixed_cart"
    amount: str = "0"
    usage_count: int = 0
    free_shipping: bool = False
    meta: list[Meta] = []


class Customer(Struct):
    """An account; `role` customer, administrator, subscriber, or one of a plugin."""

    id: int
    created: datetime
    email: str
    username: str
    modified: datetime | None = None
    first_name: str = ""
    last_name: str = ""
    role: str = "customer"
    billing: dict[str, str] = {}
    shipping: dict[str, str] = {}
    is_paying_customer: bool = False
    meta: list[Meta] = []


class State(Struct):
    """The whole shop."""

    settings: dict[str, str]
    products: dict[int, Product] = {}
    categories: dict[int, Term] = {}
    brands: dict[int, Term] = {}
    tags: dict[int, Term] = {}
    attributes: dict[int, Attribute] = {}
    terms: dict[int, dict[int, Term]] = {}
    images: dict[int, Image] = {}
    tax_rates: dict[int, TaxRate] = {}
    tax_classes: dict[str, str] = {}
    orders: dict[int, Order] = {}
    refunds: dict[int, Order] = {}
    notes: list[Note] = []
    coupons: dict[int, Coupon] = {}
    customers: dict[int, Customer] = {}
    sequences: dict[str, int] = {}
