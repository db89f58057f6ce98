"""Refunds: bookkeeping only, the gateways of this shop give no money back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from passerelle.sandbox.woocommerce import stock
from passerelle.sandbox.woocommerce.calculation import line_tax
from passerelle.sandbox.woocommerce.database import POSTS, Database
from passerelle.sandbox.woocommerce.errors import Refusal
from passerelle.sandbox.woocommerce.rows import ZERO, Line, Order, Tax, TaxLine
from passerelle.sandbox.woocommerce.values import decimal_text, number, whole

_CODE = "woocommerce_rest_cannot_create_order_refund"


def refunded(database: Database, order: Order) -> Decimal:
    return sum((database.state.refunds[one].amount for one in order.refunds), ZERO)


def create(database: Database, order: Order, given: Mapping[str, Any]) -> Order:
    """A refund of an order. Its amount is not compared with its lines, and the order's total stays.

    Raises:
        Refusal: 500 when the gateway is asked (the default), or when more than what is left is given back.
    """
    amount = number(decimal_text(given.get("amount") or "0"))
    if amount < 0:
        raise Refusal("woocommerce_rest_invalid_order_refund", "Refund amount must be greater than zero.")
    if amount > order.total - refunded(database, order):
        raise Refusal(_CODE, "Invalid refund amount.", status=500, bare=True)
    if given.get("api_refund", True):
        message = "The payment gateway for this order does not support automatic refunds."
        raise Refusal(_CODE, message, status=500, bare=True)
    refund = _stored(database, order, amount, reason=str(given.get("reason") or ""))
    items = given.get("line_items")
    for item in items if isinstance(items, list) else ():
        line = next((one for one in order.lines if one.id == whole(item.get("id"))), None)
        if line:
            refund.lines.append(_line(database, line, item))
            if given.get("api_restock", True):
                _restock(database, order, line, whole(item.get("quantity")))
    _total(database, refund)
    if order.total and refunded(database, order) >= order.total:
        order.status = "refunded"
    return refund


def refund_in_full(database: Database, order: Order) -> None:
    """What a status of refunded brings: a refund of all that is left, and no stock back."""
    left = order.total - refunded(database, order)
    if left > 0:
        _stored(database, order, left, reason="Order fully refunded.")


def _stored(database: Database, order: Order, amount: Decimal, *, reason: str) -> Order:
    now = database.now()
    refund = Order(database.next_id(POSTS), now, now, "", parent_id=order.id, amount=amount, reason=reason)
    refund.currency = order.currency
    database.state.refunds[refund.id] = refund
    order.refunds.insert(0, refund.id)
    order.modified = now
    return refund


def _line(database: Database, line: Line, item: Mapping[str, Any]) -> Line:
    total = -number(decimal_text(item.get("refund_total") or 0))
    found = Line(database.next_id("items"), line.kind, line.name, line.product_id, line.variation_id)
    found.quantity, found.tax_class = -whole(item.get("quantity")), line.tax_class
    found.total = found.subtotal = total
    found.method_id, found.instance_id, found.refunded_item = line.method_id, line.instance_id, line.id
    for tax in item.get("refund_tax") or ():
        owed = -number(decimal_text(tax.get("refund_total") or 0))
        found.taxes.append(Tax(whole(tax.get("id")), owed, owed))
    return found


def _restock(database: Database, order: Order, line: Line, pieces: int) -> None:
    product = stock.holder(database, line)
    pieces = min(pieces, line.reduced)
    if product and pieces > 0:
        before, after = stock.move(database, product, pieces)
        line.reduced -= pieces
        line.restocked += pieces
        stock.add_note(database, order, f"Item #{product.id} stock increased from {before} to {after}.")


def _total(database: Database, refund: Order) -> None:
    sums: dict[int, Decimal] = {}
    for line in refund.lines:
        for tax in line.taxes:
            sums[tax.rate_id] = sums.get(tax.rate_id, ZERO) + tax.total
    refund.tax_lines = [TaxLine(database.next_id("items"), rate, total) for rate, total in sums.items()]
    refund.total = -refund.amount
    refund.cart_tax = sum((line_tax(database, line) for line in refund.lines), ZERO)
