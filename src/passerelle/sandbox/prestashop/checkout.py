"""A sale: who buys, where it goes, what it costs by PrestaShop's own arithmetic, and the rows that it leaves.

Per line, the price excl. VAT has 6 decimals, the price incl. VAT is that price with the rate, to 6 decimals. Then the
rounding decides: 1 rounds each piece to the cent, 2 (the usual one) each line, 3 nothing but the totals. Seen on a real
8.2.0: what is charged adds the lines before that rounding (pieces rounded under 1), so that with 2 the lines shown may
be cents away from the total. A voucher is taken from the lines after their rounding, its row is not rounded at all,
and the sum of the vouchers is rounded once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b

from passerelle.sandbox.prestashop import assortment, ordering
from passerelle.sandbox.prestashop.database import Database
from passerelle.sandbox.prestashop.ordering import Lines, cents
from passerelle.sandbox.prestashop.starting_data import CURRENCIES, FRANCE
from passerelle.sandbox.prestashop.table import Row, Value
from passerelle.sandbox.prestashop.values import number, rounded

ITEM, LINE, TOTAL = 1, 2, 3  # PS_ROUND_TYPE
_MICRO = Decimal("0.000001")
Pair = tuple[Decimal, Decimal]  # excl., incl. VAT
NOTHING: Pair = (Decimal(0), Decimal(0))


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """Who buys. A guest is a new customer each time, anyone else is found again by e-mail."""

    email: str = "jean.acheteur@example.test"
    firstname: str = "Jean"
    lastname: str = "Acheteur"
    company: str = ""
    guest: bool = False


@dataclass(frozen=True, kw_only=True)
class Destination:
    """An address; `firstname` and `lastname` are the buyer's where they are left out. `region` is a name."""

    firstname: str = ""
    lastname: str = ""
    company: str = ""
    vat_number: str = ""
    address1: str = "12 rue de l'Église"
    address2: str = ""
    postcode: str = "75011"
    city: str = "Paris"
    country: str = "FR"
    region: str = ""
    phone: str = ""
    phone_mobile: str = ""


@dataclass(frozen=True, kw_only=True)
class Voucher:
    """A cart rule: `percent` off the products or an `amount` incl. VAT off them, and free delivery if it says so."""

    name: str = "Remise"
    code: str = ""
    percent: str = "0"
    amount: str = "0"
    free_shipping: bool = False


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """Everything of a sale but its lines; amounts as (excl. VAT, incl. VAT). See FakePrestashop.place_order."""

    buyer: Buyer = Buyer()
    deliver_to: Destination = Destination()
    invoice_to: Destination | None = None
    carrier: int = 1
    shipping: tuple[str, str] = ("0", "0")
    wrapping: tuple[str, str] = ("0", "0")
    vouchers: tuple[Voucher, ...] = ()
    prices: Mapping[int, str] | None = None
    module: str = "ps_wirepayment"
    payment: str = "Virement bancaire"
    round_type: int | None = None
    tax_free: bool = False
    currency: str = "EUR"
    message: str = ""  # the buyer's, left at the checkout
    note: str = ""  # the shopkeeper's
    gift_message: str = ""


@dataclass(slots=True)
class _Priced:
    """A line while its order is made: the tax it bears, and what is left of it after vouchers."""

    rate: Decimal
    total: Pair


def place(database: Database, lines: Lines, *, state: int, wishes: Wishes) -> Row:
    """A sale: the order, its lines, its first history line; stock is taken unless the payment failed.

    Raises:
        KeyError: an unknown product, combination, state, carrier, country, region or currency.
    """
    state_row = database["order_states"].rows[state]
    order = database.insert("orders", _order_values(database, state=state_row, wishes=wishes))
    database.change(order, {"reference": ordering.reference_of(order.id)})
    priced = _add_lines(database, order, lines, prices=wishes.prices or {}, tax_free=wishes.tax_free)
    discount = _add_vouchers(database, order, priced, wishes=wishes)
    _total(database, order, discount=discount)
    _ship(database, order)
    _leave_message(database, order, wishes.message)
    if state not in ordering.NO_STOCK:
        ordering.take(database, order, sign=-1)
    database.insert("order_histories", {"id_order": str(order.id), "id_order_state": str(state)})
    ordering.mark(database, order, state_row)
    return order


def edit(database: Database, order: Row, lines: Lines) -> None:
    """The back office changes the lines of an order: stock follows while the order holds stock."""
    holds = order.number("current_state") not in ordering.NO_STOCK
    untaxed = order.text("total_products") == order.text("total_products_wt")
    if holds:
        ordering.take(database, order, sign=1)
    for ident in database["order_details"].ids_by("id_order", str(order.id)):
        database["order_details"].remove(ident)
    _add_lines(database, order, lines, prices={}, tax_free=untaxed and number(order.text("total_products")) > 0)
    _total(database, order, discount=_pair(order, "total_discounts"))
    if holds:
        ordering.take(database, order, sign=-1)
    database.touch(order)


# --- who and where ----------------------------------------------------------------------------------------------------


def _customer(database: Database, buyer: Buyer) -> Row:
    for known in () if buyer.guest else database["customers"].by("email", buyer.email):
        if known.text("is_guest") != "1":
            return known
    key = blake2b(f"{buyer.email} {database['customers'].next_id}".encode(), digest_size=16).hexdigest()
    one = dict.fromkeys(("id_lang", "id_shop", "id_shop_group", "active"), "1")
    names: dict[str, Value] = {"email": buyer.email, "firstname": buyer.firstname, "lastname": buyer.lastname}
    guest: dict[str, Value] = {"is_guest": str(int(buyer.guest)), "id_default_group": "2" if buyer.guest else "3"}
    return database.insert(
        "customers", {**one, **names, **guest, "company": buyer.company, "secure_key": key, "passwd": "$2y$10$sandbox"}
    )


def _address(database: Database, to: Destination, *, customer: Row) -> Row:
    """An address of the customer, the same one again where nothing differs."""
    values: dict[str, Value] = {
        "id_customer": str(customer.id),
        "id_country": str(_country(database, to.country).id),
        "id_state": str(_region(database, to.region)),
        "alias": "Mon adresse",
        "firstname": to.firstname or customer.text("firstname"),
        "lastname": to.lastname or customer.text("lastname"),
        "company": to.company,
        "vat_number": to.vat_number,
        "address1": to.address1,
        "address2": to.address2,
        "postcode": to.postcode,
        "city": to.city,
        "phone": to.phone,
        "phone_mobile": to.phone_mobile,
    }
    for known in database["addresses"].by("id_customer", str(customer.id)):
        if all(known.text(name) == value for name, value in values.items()):
            return known
    return database.insert("addresses", values)


def _country(database: Database, code: str) -> Row:
    for country in database["countries"]:
        if country.text("iso_code") == code:
            return country
    raise KeyError(f"country {code}")


def _region(database: Database, name: str) -> int:
    if not name:
        return 0
    for region in database["states"]:
        if region.text("name") == name:
            return region.id
    raise KeyError(f"region {name}")


def _currency(database: Database, code: str) -> Row:
    for currency in database["currencies"]:
        if currency.text("iso_code") == code:
            return currency
    name, symbol, numeric = CURRENCIES[code]
    values: dict[str, Value] = {"names": name, "symbol": symbol, "iso_code": code, "numeric_iso_code": numeric}
    return database.insert("currencies", {**values, "precision": "2", "conversion_rate": "1", "active": "1"})


# --- what it costs ----------------------------------------------------------------------------------------------------


def line_total(unit: Decimal, *, quantity: int, round_type: int) -> Decimal:
    """A line's total by PS_ROUND_TYPE."""
    if round_type == ITEM:
        return cents(unit) * quantity
    return cents(unit * quantity) if round_type == LINE else unit * quantity


def discount_of(voucher: Voucher, lines: Iterable[_Priced], *, shipping: Pair) -> Pair:
    """What a voucher takes off, excl. and incl. VAT, unrounded; the lines keep what is left for the next voucher."""
    excluded = included = Decimal(0)
    whole = sum((line.total[1] for line in lines), Decimal(0))
    for line in lines:
        taken = _taken(voucher, line, whole=whole)
        line.total = (line.total[0] - taken[0], line.total[1] - taken[1])
        excluded, included = excluded + taken[0], included + taken[1]
    if voucher.free_shipping:
        excluded, included = excluded + shipping[0], included + shipping[1]
    return excluded, included


def _taken(voucher: Voucher, line: _Priced, *, whole: Decimal) -> Pair:
    percent, amount = Decimal(voucher.percent), Decimal(voucher.amount)
    excluded, included = line.total[0] * percent / 100, line.total[1] * percent / 100
    if amount and whole:
        part = min(amount, whole) * line.total[1] / whole
        excluded, included = excluded + part / (1 + line.rate), included + part
    return excluded, included


def _add_lines(
    database: Database, order: Row, lines: Lines, *, prices: Mapping[int, str], tax_free: bool
) -> list[_Priced]:
    address = database["addresses"].get(order.number("id_address_delivery"))
    country = address.number("id_country") if address else FRANCE
    priced = []
    for product, *variant, quantity in lines:
        row = database["products"].rows[product]
        combination = assortment.bought(database, product, combination=variant[0]) if variant else None
        tax = None if tax_free else ordering.tax_of(database, row.number("id_tax_rules_group"), country=country)
        rate = number(tax.text("rate")) / 100 if tax else Decimal(0)
        price = Decimal(prices.get(product) or assortment.price_of(row, combination))
        values = _line_values(database, order, product=row, quantity=quantity, price=price, rate=rate)
        if combination is not None:
            values |= assortment.line_values(database, row, combination=combination, quantity=quantity)
        line = database.insert("order_details", values)
        line.links["taxes"] = ((str(tax.id),),) if tax else ()
        priced.append(_Priced(rate, _pair(line, "total_price")))
    products = [sum((line.total[side] for line in priced), Decimal(0)) for side in (0, 1)]
    database.change(order, {"total_products": str(cents(products[0])), "total_products_wt": str(cents(products[1]))})
    return priced


def _line_values(
    database: Database, order: Row, *, product: Row, quantity: int, price: Decimal, rate: Decimal
) -> dict[str, Value]:
    included = (price * (1 + rate)).quantize(_MICRO)
    round_type = order.number("round_type")
    return {
        "id_order": str(order.id),
        "id_shop": "1",
        "product_id": str(product.id),
        "product_name": assortment.first(product, "name"),
        "product_quantity": str(quantity),
        "product_quantity_in_stock": str(min(quantity, database.stock(product.id))),
        "product_price": str(price),
        "product_ean13": product.text("ean13"),
        "product_reference": product.text("reference"),
        "product_weight": product.text("weight"),
        "id_tax_rules_group": product.text("id_tax_rules_group"),
        "unit_price_tax_excl": rounded(price),
        "unit_price_tax_incl": rounded(included),
        "total_price_tax_excl": str(line_total(price, quantity=quantity, round_type=round_type)),
        "total_price_tax_incl": str(line_total(included, quantity=quantity, round_type=round_type)),
        "original_product_price": product.text("price"),
        "original_wholesale_price": product.text("wholesale_price"),
        "purchase_supplier_price": product.text("wholesale_price"),
    }


def _add_vouchers(database: Database, order: Row, priced: list[_Priced], *, wishes: Wishes) -> Pair:
    """The vouchers' rows; their sum, which the shop rounds once."""
    excluded = included = Decimal(0)
    for voucher in wishes.vouchers:
        taken = discount_of(voucher, priced, shipping=_pair(order, "total_shipping"))
        rule = _cart_rule(database, voucher)
        values: dict[str, Value] = {"id_order": str(order.id), "id_cart_rule": str(rule.id), "name": voucher.name}
        values |= {"value_tax_excl": str(taken[0]), "value": str(taken[1])}
        database.insert("order_cart_rules", {**values, "free_shipping": str(int(voucher.free_shipping))})
        excluded, included = excluded + taken[0], included + taken[1]
    return cents(excluded), cents(included)


def _cart_rule(database: Database, voucher: Voucher) -> Row:
    values: dict[str, Value] = {"name": voucher.name, "code": voucher.code, "active": "1", "reduction_tax": "1"}
    values |= {"reduction_percent": voucher.percent, "reduction_amount": voucher.amount, "quantity": "1"}
    values |= {"free_shipping": str(int(voucher.free_shipping))}
    return database.insert("cart_rules", {**values, "date_from": database.now(), "date_to": "2099-12-31 00:00:00"})


def _total(database: Database, order: Row, *, discount: Pair) -> None:
    """What is charged: the lines before their rounding, less the vouchers, plus delivery and wrapping."""
    lines = database["order_details"].by("id_order", str(order.id))
    in_pieces = order.number("round_type") == ITEM
    units = [
        [cents(unit) if in_pieces else unit for line in lines for unit in [number(line.text(f"unit_price_tax_{side}"))]]
        for side in ("excl", "incl")
    ]
    quantities = [line.number("product_quantity") for line in lines]
    products = [sum((a * b for a, b in zip(side, quantities, strict=True)), Decimal(0)) for side in units]
    shipping, wrapping = _pair(order, "total_shipping"), _pair(order, "total_wrapping")
    excluded, included = (
        cents(products[side] - discount[side] + cents(shipping[side]) + cents(wrapping[side])) for side in (0, 1)
    )
    changes: dict[str, Value] = {**_amounts("total_discounts", discount), "total_paid": str(included)}
    changes |= {"total_paid_tax_excl": str(excluded), "total_paid_tax_incl": str(included)}
    database.change(order, changes)


def _pair(row: Row, name: str) -> Pair:
    return number(row.text(f"{name}_tax_excl")), number(row.text(f"{name}_tax_incl"))


def _amounts(name: str, pair: Pair) -> dict[str, Value]:
    return {name: str(pair[1]), f"{name}_tax_excl": str(pair[0]), f"{name}_tax_incl": str(pair[1])}


# --- the rows ---------------------------------------------------------------------------------------------------------


def _order_values(database: Database, *, state: Row, wishes: Wishes) -> dict[str, Value]:
    customer = _customer(database, wishes.buyer)
    delivery = _address(database, wishes.deliver_to, customer=customer)
    invoice = _address(database, wishes.invoice_to or wishes.deliver_to, customer=customer)
    round_type = wishes.round_type or int(number(database.setting("PS_ROUND_TYPE")))
    shipping, wrapping = (tuple(map(Decimal, one)) for one in (wishes.shipping, wishes.wrapping))
    return {
        "id_lang": "1",
        "id_currency": str(_currency(database, wishes.currency).id),
        "id_customer": str(customer.id),
        "id_carrier": str(database["carriers"].rows[wishes.carrier].id) if wishes.carrier else "0",
        "id_address_delivery": str(delivery.id),
        "id_address_invoice": str(invoice.id),
        "id_cart": str(database["orders"].next_id),
        "id_shop_group": "1",
        "current_state": str(state.id),
        "module": wishes.module,
        "payment": wishes.payment,
        "secure_key": customer.text("secure_key"),
        "round_mode": "2",
        "round_type": str(round_type),
        "conversion_rate": "1",
        "note": wishes.note,
        "gift": str(int(bool(wishes.gift_message or wrapping[1]))),
        "gift_message": wishes.gift_message,
        **_amounts("total_shipping", (shipping[0], shipping[1])),
        **_amounts("total_wrapping", (wrapping[0], wrapping[1])),
    }


def _leave_message(database: Database, order: Row, message: str) -> None:
    if message:
        values = {name: order.text(name) for name in ("id_cart", "id_customer")}
        database.insert("messages", {**values, "id_order": str(order.id), "message": message})


def _ship(database: Database, order: Row) -> None:
    """The row that will hold the parcel's number; an order without a carrier has none."""
    if not order.number("id_carrier"):
        return
    lines = database["order_details"].by("id_order", str(order.id))
    weight = sum((number(line.text("product_weight")) * line.number("product_quantity") for line in lines), Decimal(0))
    excluded, included = _pair(order, "total_shipping")
    values: dict[str, Value] = {"id_order": str(order.id), "id_carrier": order.text("id_carrier")}
    values |= {"shipping_cost_tax_excl": str(excluded), "shipping_cost_tax_incl": str(included), "weight": str(weight)}
    database.insert("order_carriers", values)
