"""What the shop does with its orders: prices, references, stock movements, states."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from passerelle.sandbox.prestashop import assortment
from passerelle.sandbox.prestashop.database import Database
from passerelle.sandbox.prestashop.errors import Crash
from passerelle.sandbox.prestashop.starting_data import CANCELLED, FRANCE, PAYMENT_ERROR
from passerelle.sandbox.prestashop.table import Row, Value
from passerelle.sandbox.prestashop.values import number

_CENT = Decimal("0.01")
NO_STOCK = (CANCELLED, PAYMENT_ERROR)
Line = tuple[int, int] | tuple[int, int, int]  # product, quantity; or product, combination, quantity
Lines = Iterable[Line]


def cents(value: Decimal) -> Decimal:
    """Half-up to the cent: PS_PRICE_ROUND_MODE 2."""
    return value.quantize(_CENT, rounding=ROUND_HALF_UP)


def tax_of(database: Database, group: int, *, country: int = FRANCE) -> Row | None:
    """The tax that a tax rule group has in a country."""
    for rule in database["tax_rules"].by("id_tax_rules_group", str(group)):
        if rule.number("id_country") == country:
            return database["taxes"].get(rule.number("id_tax"))
    return None


def rate_of(database: Database, product: Row) -> Decimal:
    """The product's VAT rate in France as a fraction, 0 without a tax rule group."""
    tax = tax_of(database, product.number("id_tax_rules_group"))
    return number(tax.text("rate")) / 100 if tax else Decimal(0)


def displayed_price(database: Database, product: Row, *, combination: int = 0) -> Decimal:
    """The price incl. VAT on the shop page: stored price × (1 + rate), half-up to the cent.

    Of the default combination where none is told.
    """
    chosen = database["combinations"].get(combination or assortment.default_of(database, product.id))
    return cents(assortment.price_of(product, chosen) * (1 + rate_of(database, product)))


def reference_of(order: int) -> str:
    """Nine capital letters, one reference per order."""
    value = order * 7919 % 26**9
    return "".join(chr(65 + value // 26**place % 26) for place in range(8, -1, -1))


def check_state(database: Database, order: int, *, state: int) -> None:
    """Raise Crash where the order or the state does not exist."""
    if database["orders"].get(order) is None or database["order_states"].get(state) is None:
        raise Crash


def apply_state(database: Database, order: int, *, state: int) -> None:
    """Move an order to a state: stock, invoice and delivery numbers, validity, date_upd.

    The shop gives stock back when an order becomes cancelled or failed. It takes it again only on the way from there to
    a state that counts as a sale (`logable`): from cancelled to "awaiting bank wire" nothing is taken.
    """
    row = database["orders"].rows[order]
    old = database["order_states"].get(row.number("current_state"))
    new = database["order_states"].rows[state]
    if old is not None:
        _restock(database, row, old=old, new=new)
    mark(database, row, new)


def _restock(database: Database, order: Row, *, old: Row, new: Row) -> None:
    sold_before, sold_now = old.text("logable") == "1", new.text("logable") == "1"
    if sold_now and not sold_before and old.id in NO_STOCK:
        take(database, order, sign=-1)
    elif not sold_now and new.id in NO_STOCK and (sold_before or old.id not in NO_STOCK):
        take(database, order, sign=1)


def take(database: Database, order: Row, *, sign: int) -> None:
    """Take the goods of an order from the stock (-1), or give them back (1)."""
    for line in database["order_details"].by("id_order", str(order.id)):
        quantity, combination = line.number("product_quantity"), line.number("product_attribute_id")
        database.move_stock(line.number("product_id"), sign * quantity, combination=combination)


def mark(database: Database, order: Row, state: Row) -> None:
    """What a state leaves on an order: numbers and dates, what was paid, date_upd."""
    now = database.now()
    changes: dict[str, Value] = {"current_state": str(state.id), "valid": state.text("logable"), "date_upd": now}
    if state.text("invoice") == "1" and not order.number("invoice_number"):
        changes |= {"invoice_number": _next_number(database, "invoice_number"), "invoice_date": now}
    if state.text("delivery") == "1" and not order.number("delivery_number"):
        changes |= {"delivery_number": _next_number(database, "delivery_number"), "delivery_date": now}
    if state.text("paid") == "1":
        changes["total_paid_real"] = order.text("total_paid")
    database.change(order, changes)


def _next_number(database: Database, name: str) -> str:
    return str(max((order.number(name) for order in database["orders"]), default=0) + 1)
