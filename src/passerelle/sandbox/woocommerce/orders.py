"""Orders written through the API: bad references are accepted, a bad coupon leaves the order behind."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from passerelle.sandbox.woocommerce import coupons, stock
from passerelle.sandbox.woocommerce.calculation import calculate, net_price
from passerelle.sandbox.woocommerce.database import POSTS, Database
from passerelle.sandbox.woocommerce.errors import Refusal
from passerelle.sandbox.woocommerce.product_view import full_title, shown_tax_class
from passerelle.sandbox.woocommerce.refunds import refund_in_full
from passerelle.sandbox.woocommerce.rows import Line, Meta, Order, Product
from passerelle.sandbox.woocommerce.schema import ORDER_STATUSES
from passerelle.sandbox.woocommerce.schema import email as email_problem
from passerelle.sandbox.woocommerce.starting_data import EMPTY_BILLING, EMPTY_SHIPPING, STATUS_NAMES
from passerelle.sandbox.woocommerce.values import clean, decimal_text, number, slug, whole

Given = Mapping[str, Any]
_TEXTS = (
    "currency",
    "customer_note",
    "payment_method",
    "payment_method_title",
    "transaction_id",
)
_LINES = ("line_items", "shipping_lines", "fee_lines")
_RECALCULATED = ("billing", "shipping", *_LINES, "coupon_lines")


def create(database: Database, given: Given, *, via: str = "rest-api") -> Order:
    """An order from a body, made by the API or by the shop's own checkout.

    Raises:
        Refusal: a customer or a line that cannot be; a coupon that does not exist: then the order is stored, pending.
    """
    now = database.now()
    order = Order(0, now, now, f"wc_order_{secrets.token_hex(7)[:13]}")
    order.created_via = via
    order.currency = database.setting("woocommerce_currency")
    order.prices_include_tax = database.is_on("woocommerce_prices_include_tax")
    order.billing, order.shipping = dict(EMPTY_BILLING), dict(EMPTY_SHIPPING)
    _apply(database, order, given)
    order.id = database.next_id(POSTS)
    database.state.orders[order.id] = order
    calculate(database, order)
    _apply_coupons(database, order, given)
    _move(database, order, given)
    if given.get("set_paid") is True:
        _pay(database, order)
    return order


def update(database: Database, order: Order, given: Given) -> Order:
    """Change what the body names. Lines without an id are added, a quantity alone changes no amount."""
    _apply(database, order, given)
    if any(given.get(name) is not None for name in _RECALCULATED):
        calculate(database, order)
    _apply_coupons(database, order, given)
    order.modified = database.now()
    _move(database, order, given)
    if given.get("set_paid") is True and order.status in ("pending", "failed"):
        _pay(database, order)
    return order


def _apply_coupons(database: Database, order: Order, given: Given) -> None:
    if isinstance(given.get("coupon_lines"), list):
        coupons.apply_all(database, order, given["coupon_lines"])


def _move(database: Database, order: Order, given: Given) -> None:
    """To the status of the body: of batches, where it is not checked, one that the shop does not know is `pending`."""
    if given.get("status"):
        status = str(given["status"]).removeprefix("wc-")
        set_status(database, order, status if status in (*ORDER_STATUSES, "trash", "auto-draft") else "pending")


def _pay(database: Database, order: Order) -> None:
    order.paid = order.paid or database.now()
    if order.status in ("pending", "failed", "on-hold", "cancelled"):
        set_status(database, order, "completed" if order.payment_method == "cod" else "processing")


def set_status(database: Database, order: Order, status: str) -> None:
    """Move an order, from any status to any: dates, note, stock; a full refund where it becomes refunded."""
    old, order.status = order.status, status
    now = database.now()
    if status in ("processing", "completed"):
        order.paid = order.paid or now
    if status == "completed":
        order.completed = now
        customer = database.state.customers.get(order.customer_id)
        if customer:
            customer.is_paying_customer = True
    if old == status:
        return
    order.modified = now
    stock.follow_status(database, order)
    names = (STATUS_NAMES.get(old, old), STATUS_NAMES.get(status, status))
    stock.add_note(database, order, f"Order status changed from {names[0]} to {names[1]}.")
    if status == "refunded":
        refund_in_full(database, order)


def _apply(database: Database, order: Order, given: Given) -> None:
    customer = whole(given.get("customer_id"))
    if customer and customer not in database.state.customers:
        raise Refusal("woocommerce_rest_invalid_customer_id", "Customer ID is invalid.")
    lines = _merged_lines(database, order, given)
    for name in _TEXTS:
        if given.get(name) is not None:
            setattr(order, name, str(given[name]))
    if given.get("customer_id") is not None:
        order.customer_id = customer
    for name in ("billing", "shipping"):
        if isinstance(given.get(name), dict):
            held = getattr(order, name)
            changed = {key: clean(value) for key, value in given[name].items() if key in held and value is not None}
            setattr(order, name, {**held, **changed})
    order.meta = database.put_meta(
        order.meta, given.get("meta_data") or (), own=lambda key, value: _set_own(order, key, value)
    )
    _replace_lines(database, order, lines)


def _replace_lines(database: Database, order: Order, lines: list[Line]) -> None:
    kept = {one.id for one in lines}
    removed = [one for one in order.lines if one.id not in kept]
    for line in removed:
        line.quantity = 0
    order.lines = lines
    for line in (*removed, *lines):
        if line.kind == "line_items":
            stock.adjust(database, order, line)


def _set_own(order: Order, key: str, value: Any) -> bool:
    """Addresses behind internal keys: `_billing_email` is the address itself, and checked."""
    kind, _, name = key.lstrip("_").partition("_")
    if not key.startswith("_") or kind not in ("billing", "shipping") or name not in getattr(order, kind):
        return False
    if name == "email" and value and email_problem(name, value):
        raise Refusal("order_invalid_billing_email", "Invalid billing email address")
    setattr(order, kind, {**getattr(order, kind), name: str(value or "")})
    return True


def _merged_lines(database: Database, order: Order, given: Given) -> list[Line]:
    """The lines after the body: changed by id, added without one, removed with quantity 0."""
    lines = list(order.lines)
    for kind in _LINES:
        for item in given.get(kind) if isinstance(given.get(kind), list) else ():  # type: ignore[union-attr]
            if not isinstance(item, dict):
                continue
            ident = whole(item.get("id"))
            held = next((one for one in lines if one.id == ident and one.kind == kind), None) if ident else None
            if ident and not held:
                raise Refusal(
                    "woocommerce_rest_invalid_item_id", "Order item ID provided is not associated with order."
                )
            if held and _is_removal(item, kind=kind):
                lines.remove(held)
            elif held:
                _change_line(database, held, item)
            else:
                lines.append(_new_line(database, kind, item))
    return lines


def _is_removal(item: Mapping[str, Any], *, kind: str) -> bool:
    names = {"line_items": "quantity", "shipping_lines": "method_id", "fee_lines": "name"}
    named = names[kind] in item and item[names[kind]] is None
    return named or (kind == "line_items" and "quantity" in item and whole(item["quantity"]) == 0)


def _new_line(database: Database, kind: str, item: Given) -> Line:
    if kind == "line_items":
        return product_line(database, item)
    if kind == "shipping_lines":
        if not item.get("method_id"):
            raise Refusal("woocommerce_rest_invalid_shipping_item", "Shipping method ID is required.")
        method, _, instance = str(item["method_id"]).partition(":")
        instance = str(item.get("instance_id") or instance)
        name = str(item.get("method_title") or "Shipping")
        line = Line(0, kind, name, method_id=method, instance_id=instance)
    else:
        if not item.get("name"):
            raise Refusal("woocommerce_rest_invalid_fee_item", "Fee name is required.")
        line = Line(0, kind, str(item["name"]))
    line.id = database.next_id("items")
    _change_line(database, line, item)
    return line


def product_line(database: Database, item: Given) -> Line:
    """A line of the body: an unknown product gives an empty line, none at all a refusal."""
    if not any(item.get(name) for name in ("product_id", "variation_id", "sku")):
        message = "Product ID or SKU is required."
        raise Refusal("woocommerce_rest_required_product_reference", message)
    quantity = whole(item["quantity"]) if item.get("quantity") is not None else 1
    line = Line(0, "line_items", quantity=quantity)
    product = _product(database, item)
    if product:
        _take_product(database, line, product)
    line.id = database.next_id("items")
    _change_line(database, line, item)
    return line


def _product(database: Database, item: Given) -> Product | None:
    if item.get("sku"):
        found = [one for one in database.with_sku(str(item["sku"])) if one.status != "trash"]
        return found[0] if found else None
    return database.live_product(whole(item.get("variation_id")) or whole(item.get("product_id")))


def _take_product(database: Database, line: Line, product: Product) -> None:
    is_variation = product.type == "variation"
    line.product_id = product.parent_id if is_variation else product.id
    line.variation_id = product.id if is_variation else 0
    line.name = full_title(database, product)
    line.tax_class = shown_tax_class(database, product)
    line.tax_status = product.tax_status
    line.meta = [Meta(database.next_id("item_meta"), key, value) for key, value in product.choices.items()]
    line.total = line.subtotal = net_price(database, product, quantity=line.quantity)


def _change_line(database: Database, line: Line, item: Given) -> None:
    if item.get("name"):
        line.name = clean(item["name"])
    if line.kind == "shipping_lines" and item.get("method_title") is not None:
        line.name = clean(item["method_title"])
    if line.kind == "line_items" and item.get("quantity") is not None:
        line.quantity = whole(item["quantity"])
        if line.quantity < 0:
            raise Refusal("woocommerce_rest_invalid_product_quantity", "Product quantity must be a positive float.")
    if item.get("tax_class") is not None:
        wanted = slug(str(item["tax_class"]))
        line.tax_class = wanted if wanted in database.state.tax_classes else ""
    if item.get("tax_status") is not None and line.kind == "fee_lines":
        line.tax_status = str(item["tax_status"])
    _set_amounts(line, item)
    line.meta = database.put_meta(line.meta, item.get("meta_data") or (), own=lambda key, value: False)


def _set_amounts(line: Line, item: Given) -> None:
    """Net amounts, whatever the shop's prices are; a subtotal is never below the total."""
    if item.get("subtotal") is not None and line.kind == "line_items":
        line.subtotal = amount(item["subtotal"])
    if item.get("total") is not None:
        line.total = amount(item["total"])
    if line.kind != "line_items" or line.subtotal < line.total:
        line.subtotal = line.total


def amount(value: Any) -> Decimal:
    return number(decimal_text(value))


def trash(database: Database, order: Order) -> None:
    """To the trash: out of the list, stock untouched."""
    order.status_before_trash, order.status = order.status, "trash"
    order.modified = database.now()
