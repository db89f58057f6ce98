"""The operations of /orders, of notes and refunds below them, of /coupons and the report of totals."""

from __future__ import annotations

from collections import Counter
from typing import Any

from passerelle.sandbox.woocommerce import coupons, orders, refunds, stock
from passerelle.sandbox.woocommerce.database import Database
from passerelle.sandbox.woocommerce.errors import Refusal, invalid_id
from passerelle.sandbox.woocommerce.listing import Call, Page, cut, dated, listed, ordered
from passerelle.sandbox.woocommerce.order_view import shown_note, shown_order, shown_refund
from passerelle.sandbox.woocommerce.rows import Note, Order
from passerelle.sandbox.woocommerce.starting_data import STATUS_NAMES
from passerelle.sandbox.woocommerce.terms import need_force
from passerelle.sandbox.woocommerce.values import kses, truth, whole


def list_orders(database: Database, call: Call) -> Page:
    """Orders of any status but the trash; `number`, `meta_key` and the like are not read."""
    given = call.given
    rows = ordered(dated(_candidates(database, call), given), given, keys={})
    return Page([shown_order(database, one, dp=call.dp) for one in cut(rows, given)], len(rows))


def _candidates(database: Database, call: Call) -> list[Order]:
    given, wanted = call.given, listed(call.given.get("status")) or ["any"]
    rows = list(database.state.orders.values())
    if "any" in wanted:
        rows = [one for one in rows if one.status not in ("trash", "auto-draft")]
    else:
        rows = [one for one in rows if one.status in wanted]
    if given.get("customer") not in (None, ""):
        rows = [one for one in rows if one.customer_id == whole(given["customer"])]
    if given.get("product"):
        rows = [one for one in rows if any(line.product_id == whole(given["product"]) for line in one.lines)]
    if given.get("search"):
        word = str(given["search"]).lower()
        rows = [one for one in rows if word in _searched_text(one)]
    return rows


def _searched_text(order: Order) -> str:
    return " ".join((str(order.id), order.transaction_id, *order.billing.values(), *order.shipping.values())).lower()


def _found(database: Database, ident: int, *, status: int = 404) -> Order:
    order = database.state.orders.get(ident)
    if not order:
        raise invalid_id("shop_order", status=status)
    return order


def read_order(database: Database, call: Call) -> dict[str, Any]:
    return shown_order(database, _found(database, call.ident), dp=call.dp)


def create_order(database: Database, call: Call) -> dict[str, Any]:
    return shown_order(database, orders.create(database, call.given), dp=call.dp)


def update_order(database: Database, call: Call) -> dict[str, Any]:
    order = _found(database, call.ident, status=400)
    return shown_order(database, orders.update(database, order, call.given), dp=call.dp)


def delete_order(database: Database, call: Call) -> dict[str, Any]:
    """To the trash, or for good with `force`; stock does not move."""
    order = _found(database, call.ident)
    shown = shown_order(database, order, dp=call.dp)
    if truth(call.given.get("force", False)):
        del database.state.orders[order.id]
    elif order.status == "trash":
        raise Refusal("woocommerce_rest_already_trashed", "The order has already been deleted.", status=410)
    else:
        orders.trash(database, order)
    return shown


# notes


def _order_of(database: Database, call: Call) -> Order:
    order = database.state.orders.get(int(call.ids["order_id"]))
    if not order:
        raise Refusal("woocommerce_rest_order_invalid_id", "Invalid order ID.", status=404)
    return order


def list_notes(database: Database, call: Call) -> Page:
    """The notes of an order, the latest first, all of them."""
    order, kind = _order_of(database, call), call.given.get("type")
    found = [one for one in reversed(database.state.notes) if one.order_id == order.id]
    if kind in ("customer", "internal"):
        found = [one for one in found if one.customer_note == (kind == "customer")]
    return Page([shown_note(one) for one in found])


def _note(database: Database, call: Call) -> Note:
    order = _order_of(database, call)
    found = next((one for one in database.state.notes if one.id == call.ident and one.order_id == order.id), None)
    if not found:
        raise Refusal("woocommerce_rest_invalid_id", "Invalid resource ID.", status=404)
    return found


def read_note(database: Database, call: Call) -> dict[str, Any]:
    return shown_note(_note(database, call))


def create_note(database: Database, call: Call) -> dict[str, Any]:
    order, given = _order_of(database, call), call.given
    author = "admin" if truth(given.get("added_by_user", False)) else ""
    text = kses(given.get("note") or "")
    customer = truth(given.get("customer_note", False))
    return shown_note(stock.add_note(database, order, text, customer=customer, author=author))


def delete_note(database: Database, call: Call) -> dict[str, Any]:
    need_force(call, "Webhooks do not support trashing.")
    note = _note(database, call)
    database.state.notes.remove(note)
    return shown_note(note)


# refunds


def list_refunds(database: Database, call: Call) -> Page:
    order = _order_of(database, call)
    found = [database.state.refunds[one] for one in order.refunds]
    return Page([shown_refund(database, one, dp=call.dp) for one in cut(found, call.given)], len(found))


def list_all_refunds(database: Database, call: Call) -> Page:
    """The refunds of every order, with the order as `parent_id`."""
    rows = ordered(dated(database.state.refunds.values(), call.given), call.given, keys={})
    shown = [{**shown_refund(database, one, dp=call.dp), "parent_id": one.parent_id} for one in cut(rows, call.given)]
    return Page(shown, len(rows))


def _refund(database: Database, call: Call) -> Order:
    order = _order_of(database, call)
    if call.ident not in order.refunds:
        raise invalid_id("shop_order_refund", status=404)
    return database.state.refunds[call.ident]


def read_refund(database: Database, call: Call) -> dict[str, Any]:
    return shown_refund(database, _refund(database, call), dp=call.dp)


def create_refund(database: Database, call: Call) -> dict[str, Any]:
    refund = refunds.create(database, _order_of(database, call), call.given)
    return shown_refund(database, refund, dp=call.dp)


def delete_refund(database: Database, call: Call) -> dict[str, Any]:
    need_force(call, "Refunds do not support trashing.")
    refund = _refund(database, call)
    database.state.orders[refund.parent_id].refunds.remove(refund.id)
    del database.state.refunds[refund.id]
    return shown_refund(database, refund, dp=call.dp)


# coupons and reports


def list_coupons(database: Database, call: Call) -> Page:
    found = list(database.state.coupons.values())
    if call.given.get("code"):
        found = [one for one in found if one.code.lower() == str(call.given["code"]).lower()]
    return Page([coupons.shown_coupon(database, one) for one in cut(found, call.given)], len(found))


def read_coupon(database: Database, call: Call) -> dict[str, Any]:
    coupon = database.state.coupons.get(call.ident)
    if not coupon:
        raise invalid_id("shop_coupon", status=404)
    return coupons.shown_coupon(database, coupon)


def create_coupon(database: Database, call: Call) -> dict[str, Any]:
    return coupons.shown_coupon(database, coupons.create(database, call.given))


def order_totals(database: Database, call: Call) -> Page:
    """How many orders each status has: the list of statuses, custom ones included."""
    counted = Counter(one.status for one in database.state.orders.values())
    return Page([{"slug": one, "name": name, "total": counted[one]} for one, name in STATUS_NAMES.items()])
