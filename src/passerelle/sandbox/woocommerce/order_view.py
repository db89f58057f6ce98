"""How the API shows orders, refunds and notes."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from passerelle.sandbox.woocommerce import coupons
from passerelle.sandbox.woocommerce.calculation import line_tax
from passerelle.sandbox.woocommerce.database import Database
from passerelle.sandbox.woocommerce.product_view import choice_values, shown_image, shown_meta, shown_sku
from passerelle.sandbox.woocommerce.rows import Line, Note, Order, Tax, TaxLine
from passerelle.sandbox.woocommerce.starting_data import CURRENCIES
from passerelle.sandbox.woocommerce.values import fixed, gmt, local, plain


def places_shown(database: Database, dp: int | None) -> int:
    """The decimals of amounts: those that the shop displays, or those asked for."""
    return database.places if dp is None else dp


def shown_order(database: Database, order: Order, *, dp: int | None = None) -> dict[str, Any]:
    """As /orders shows it, `dp` decimals."""
    places = places_shown(database, dp)
    editable = order.status in ("pending", "on-hold", "auto-draft")
    return {
        "id": order.id,
        "parent_id": 0,
        "status": order.status,
        "currency": order.currency,
        "version": database.version,
        "prices_include_tax": order.prices_include_tax,
        "date_created": local(order.created),
        "date_modified": local(order.modified),
        **_totals(order, places=places),
        "customer_id": order.customer_id,
        "order_key": order.order_key,
        "billing": _address(order.billing),
        "shipping": _address(order.shipping),
        "payment_method": order.payment_method,
        "payment_method_title": order.payment_method_title,
        "transaction_id": order.transaction_id,
        "customer_ip_address": "",
        "customer_user_agent": "",
        "created_via": order.created_via,
        "customer_note": order.customer_note,
        "date_completed": local(order.completed),
        "date_paid": local(order.paid),
        "cart_hash": "",
        "number": str(order.id),
        "meta_data": shown_meta(order.meta),
        **_lines(database, order, places=places),
        "coupon_lines": [coupons.shown_line(one, places=database.places) for one in order.coupon_lines],
        "refunds": [_refund(database, one, places=places) for one in order.refunds],
        "payment_url": f"{database.home}/checkout/order-pay/{order.id}/?pay_for_order=true&key={order.order_key}",
        "is_editable": editable,
        "needs_payment": order.status in ("pending", "failed") and order.total > 0,
        "needs_processing": any(one.kind == "line_items" and one.product_id for one in order.lines),
        "date_created_gmt": gmt(order.created),
        "date_modified_gmt": gmt(order.modified),
        "date_completed_gmt": gmt(order.completed),
        "date_paid_gmt": gmt(order.paid),
        "currency_symbol": CURRENCIES.get(order.currency, ("", order.currency, ""))[1],
    }


def _totals(order: Order, *, places: int) -> dict[str, str]:
    amounts = {
        "discount_total": order.discount_total,
        "discount_tax": order.discount_tax,
        "shipping_total": order.shipping_total,
        "shipping_tax": order.shipping_tax,
        "cart_tax": order.cart_tax,
        "total": order.total,
        "total_tax": order.total_tax,
    }
    return {name: fixed(amount, places) for name, amount in amounts.items()}


_ORDER_OF_ADDRESS = (
    *("first_name", "last_name", "company", "address_1", "address_2", "city", "state"),
    *("postcode", "country", "email", "phone"),
)


def _address(address: dict[str, str]) -> dict[str, str]:
    return {name: address[name] for name in _ORDER_OF_ADDRESS if name in address}


def _lines(database: Database, order: Order, *, places: int) -> dict[str, Any]:
    of = {
        kind: [one for one in order.lines if one.kind == kind] for kind in ("line_items", "shipping_lines", "fee_lines")
    }
    return {
        "line_items": [shown_product_line(database, one, places=places) for one in of["line_items"]],
        "tax_lines": [shown_tax_line(database, one, places=places) for one in order.tax_lines],
        "shipping_lines": [_shipping_line(database, one, places=places) for one in of["shipping_lines"]],
        "fee_lines": [_fee_line(database, one, places=places) for one in of["fee_lines"]],
    }


def _refund(database: Database, ident: int, *, places: int) -> dict[str, Any]:
    refund = database.state.refunds[ident]
    return {"id": ident, "reason": refund.reason, "total": f"-{fixed(refund.amount, places)}"}


def _taxes(taxes: Iterable[Tax]) -> list[dict[str, Any]]:
    return [
        {"id": one.rate_id, "total": plain(one.total), "subtotal": "" if one.subtotal is None else plain(one.subtotal)}
        for one in taxes
    ]


def shown_product_line(database: Database, line: Line, *, places: int) -> dict[str, Any]:
    """A product line: amounts without tax, `price` a float with what floats bring."""
    product = database.state.products.get(line.variation_id or line.product_id)
    parent = database.state.products.get(product.parent_id) if product else None
    image: dict[str, Any] = {"id": "" if product else 0, "src": ""}
    if product and product.images and (shown := shown_image(database, product.images[0])):
        image = {"id": shown["id"], "src": shown["src"]}
    return {
        "id": line.id,
        "name": line.name,
        "product_id": line.product_id,
        "variation_id": line.variation_id,
        "quantity": line.quantity,
        "tax_class": line.tax_class,
        "subtotal": fixed(line.subtotal, places),
        "subtotal_tax": fixed(line_tax(database, line, subtotal=True), places),
        "total": fixed(line.total, places),
        "total_tax": fixed(line_tax(database, line), places),
        "taxes": _taxes(line.taxes),
        "meta_data": _line_meta(database, line),
        "sku": shown_sku(database, product) if product else None,
        "price": _float_price(line),
        "image": image,
        "parent_name": parent.name if parent else None,
    }


def _float_price(line: Line) -> float | int:
    if not line.quantity:
        return 0
    price = float(line.total) / line.quantity
    return int(price) if price == int(price) else price


def _line_meta(database: Database, line: Line) -> list[dict[str, Any]]:
    variation = database.state.products.get(line.variation_id)
    choices = {
        one["slug"]: (one["name"], one["option"]) for one in (choice_values(database, variation) if variation else ())
    }
    shown = []
    for one in line.meta:
        label, text = choices.get(one.key, (one.key, one.value))
        shown.append(_meta(one.id, one.key, one.value, label=label, text=text))
    numbers = {
        "_reduced_stock": line.reduced,
        "_restock_refunded_items": line.restocked,
        "_refunded_item_id": line.refunded_item,
    }
    for index, (key, count) in enumerate(numbers.items(), 1):
        if count:
            shown.append(_meta(line.id * 10 + index, key, str(count), label=key, text=str(count)))
    return shown


def _meta(ident: int, key: str, value: Any, *, label: str, text: Any) -> dict[str, Any]:
    return {"id": ident, "key": key, "value": value, "display_key": label, "display_value": text}


def shown_tax_line(database: Database, line: TaxLine, *, places: int) -> dict[str, Any]:
    rate = database.state.tax_rates[line.rate_id]
    percent = Decimal(rate.rate)
    return {
        "id": line.id,
        "rate_code": f"{rate.country}-{rate.name}-{rate.priority}",
        "rate_id": line.rate_id,
        "label": rate.name,
        "compound": rate.compound,
        "tax_total": fixed(line.tax_total, places),
        "shipping_tax_total": fixed(line.shipping_tax_total, places),
        "rate_percent": int(percent) if percent == percent.to_integral_value() else float(percent),
        "meta_data": [],
    }


def _shipping_line(database: Database, line: Line, *, places: int) -> dict[str, Any]:
    return {
        "id": line.id,
        "method_title": line.name,
        "method_id": line.method_id,
        "instance_id": line.instance_id,
        "total": fixed(line.total, places),
        "total_tax": fixed(line_tax(database, line), places),
        "taxes": _taxes(line.taxes),
        "tax_status": line.tax_status,
        "meta_data": shown_meta(line.meta),
    }


def _fee_line(database: Database, line: Line, *, places: int) -> dict[str, Any]:
    return {
        "id": line.id,
        "name": line.name,
        "tax_class": line.tax_class,
        "tax_status": line.tax_status,
        "amount": "",
        "total": fixed(line.total, places),
        "total_tax": fixed(line_tax(database, line), places),
        "taxes": _taxes(line.taxes),
        "meta_data": shown_meta(line.meta),
    }


def shown_refund(database: Database, refund: Order, *, dp: int | None = None) -> dict[str, Any]:
    """As /orders/{id}/refunds shows it: quantities and amounts of lines are negative."""
    places = places_shown(database, dp)
    lines = _lines(database, refund, places=places)
    return {
        "id": refund.id,
        "date_created": local(refund.created),
        "date_created_gmt": gmt(refund.created),
        "amount": fixed(refund.amount, places),
        "reason": refund.reason,
        "refunded_by": 1,
        "refunded_payment": False,
        "meta_data": [],
        "line_items": lines["line_items"],
        "shipping_lines": lines["shipping_lines"],
        "tax_lines": lines["tax_lines"],
        "fee_lines": lines["fee_lines"],
    }


def shown_note(note: Note) -> dict[str, Any]:
    return {
        "id": note.id,
        "author": note.author,
        "date_created": local(note.created),
        "date_created_gmt": gmt(note.created),
        "note": note.note,
        "customer_note": note.customer_note,
    }
