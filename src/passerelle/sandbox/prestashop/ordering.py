"""Orders as the shop itself makes them: totals, stock movements, states."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from hashlib import blake2b

from passerelle.sandbox.prestashop.database import Database
from passerelle.sandbox.prestashop.errors import Crash
from passerelle.sandbox.prestashop.starting_data import CANCELLED, FRANCE, PAYMENT_ERROR
from passerelle.sandbox.prestashop.table import Row, Value
from passerelle.sandbox.prestashop.values import number, rounded

_CENT = Decimal("0.01")
_NO_STOCK = (CANCELLED, PAYMENT_ERROR)
Lines = Iterable[tuple[int, int]]


def cents(value: Decimal) -> Decimal:
    """Half-up to the cent: PS_PRICE_ROUND_MODE 2."""
    return value.quantize(_CENT, rounding=ROUND_HALF_UP)


def tax_of(database: Database, group: int) -> Row | None:
    """The tax that a tax rule group has in France."""
    for rule in database["tax_rules"].by("id_tax_rules_group", str(group)):
        if rule.number("id_country") == FRANCE:
            return database["taxes"].get(rule.number("id_tax"))
    return None


def rate_of(database: Database, product: Row) -> Decimal:
    """The product's VAT rate in France as a fraction, 0 without a tax rule group."""
    tax = tax_of(database, product.number("id_tax_rules_group"))
    return number(tax.text("rate")) / 100 if tax else Decimal(0)


def displayed_price(database: Database, product: Row) -> Decimal:
    """The price incl. VAT on the shop page: stored price × (1 + rate), half-up to the cent."""
    return cents(number(product.text("price")) * (1 + rate_of(database, product)))


def reference_of(order: int) -> str:
    """Nine capital letters, one reference per order."""
    value = order * 7919 % 26**9
    return "".join(chr(65 + value // 26**place % 26) for place in range(8, -1, -1))


def place(database: Database, lines: Lines, *, state: int, customer: int = 1) -> Row:
    """A sale: the order, its lines, its first history line; stock is taken unless the payment failed.

    Raises:
        KeyError: an unknown product or state.
    """
    state_row = database["order_states"].rows[state]
    order = database.insert("orders", _order_values(database, state=state_row, customer=customer))
    database.change(order, {"reference": reference_of(order.id)})
    _add_lines(database, order, lines)
    if state not in _NO_STOCK:
        _take(database, order, sign=-1)
    database.insert("order_histories", {"id_order": str(order.id), "id_order_state": str(state)})
    _mark(database, order, state_row)
    return order


def edit(database: Database, order: Row, lines: Lines) -> None:
    """The back office changes the lines of an order: stock follows while the order holds stock."""
    holds = order.number("current_state") not in _NO_STOCK
    if holds:
        _take(database, order, sign=1)
    for ident in database["order_details"].ids_by("id_order", str(order.id)):
        database["order_details"].remove(ident)
    _add_lines(database, order, lines)
    if holds:
        _take(database, order, sign=-1)
    database.touch(order)


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
    _mark(database, row, new)


def _restock(database: Database, order: Row, *, old: Row, new: Row) -> None:
    sold_before, sold_now = old.text("logable") == "1", new.text("logable") == "1"
    if sold_now and not sold_before and old.id in _NO_STOCK:
        _take(database, order, sign=-1)
    elif not sold_now and new.id in _NO_STOCK and (sold_before or old.id not in _NO_STOCK):
        _take(database, order, sign=1)


def _take(database: Database, order: Row, *, sign: int) -> None:
    for line in database["order_details"].by("id_order", str(order.id)):
        database.move_stock(line.number("product_id"), sign * line.number("product_quantity"))


def _mark(database: Database, order: Row, state: Row) -> None:
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


def _order_values(database: Database, *, state: Row, customer: int) -> dict[str, Value]:
    one = dict.fromkeys(("id_currency", "id_lang", "id_carrier", "id_address_delivery", "id_address_invoice"), "1")
    return {
        **one,
        "id_cart": str(database["orders"].next_id),
        "id_customer": str(customer),
        "id_shop_group": "1",
        "current_state": str(state.id),
        "module": "ps_wirepayment",
        "payment": "Virement bancaire",
        "secure_key": blake2b(str(database["orders"].next_id).encode(), digest_size=16).hexdigest(),
        "round_mode": "2",
        "round_type": "2",
        "conversion_rate": "1",
    }


def _add_lines(database: Database, order: Row, lines: Lines) -> None:
    excluded = included = Decimal(0)
    for product, quantity in lines:
        row = database["products"].rows[product]
        line = database.insert("order_details", _line_values(database, order, product=row, quantity=quantity))
        excluded += number(line.text("total_price_tax_excl"))
        included += number(line.text("total_price_tax_incl"))
    totals = dict.fromkeys(("total_paid", "total_paid_tax_incl", "total_products_wt"), str(included))
    totals |= dict.fromkeys(("total_paid_tax_excl", "total_products"), str(excluded))
    database.change(order, dict(totals))


def _line_values(database: Database, order: Row, *, product: Row, quantity: int) -> dict[str, Value]:
    price = number(product.text("price"))
    included = price * (1 + rate_of(database, product))
    name = product.values[product.resource.index["name"]]
    rows = database.stock_rows(product.id)
    return {
        "id_order": str(order.id),
        "id_shop": "1",
        "product_id": str(product.id),
        "product_name": name[0] if isinstance(name, tuple) else name,
        "product_quantity": str(quantity),
        "product_quantity_in_stock": str(min(quantity, rows[0].number("quantity")) if rows else 0),
        "product_price": str(price),
        "product_ean13": product.text("ean13"),
        "product_reference": product.text("reference"),
        "product_weight": product.text("weight"),
        "id_tax_rules_group": product.text("id_tax_rules_group"),
        "unit_price_tax_excl": rounded(price),
        "unit_price_tax_incl": rounded(included),
        "total_price_tax_excl": str(cents(price * quantity)),
        "total_price_tax_incl": str(cents(included * quantity)),
        "original_product_price": str(price),
        "original_wholesale_price": product.text("wholesale_price"),
        "purchase_supplier_price": product.text("wholesale_price"),
    }
