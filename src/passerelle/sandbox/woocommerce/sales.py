"""What buyers do in the shop: they order, with an account or as guests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from passerelle.sandbox.woocommerce import coupons, customers, orders
from passerelle.sandbox.woocommerce.database import Database
from passerelle.sandbox.woocommerce.rows import Customer, Order
from passerelle.sandbox.woocommerce.starting_data import EMPTY_BILLING, EMPTY_SHIPPING

# A product, a variation of it or 0, and how many.
Line = tuple[int, int, int]
_PLACE = ("company", "address_1", "address_2", "city", "postcode", "country", "state", "phone")


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """Who buys, and the billing address. A guest leaves no account; anyone else has one by e-mail."""

    email: str = "jeanne.martin@example.test"
    first_name: str = "Jeanne"
    last_name: str = "Martin"
    company: str = ""
    address_1: str = "2 rue Haute"
    address_2: str = ""
    city: str = "Lyon"
    postcode: str = "69001"
    country: str = "FR"
    state: str = ""
    phone: str = "0400000000"
    guest: bool = False

    def billing(self) -> dict[str, str]:
        names = {"first_name": self.first_name, "last_name": self.last_name, "email": self.email}
        return {**EMPTY_BILLING, **names, **{one: getattr(self, one) for one in _PLACE}}


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """All that an order may have beside its lines; amounts are net, as text.

    `shipping` None is no delivery line, "0" a free one. `fee` is (name, net), negative for a discount. `coupon` is
    (code, "10%") or (code, "5.00"), the amount as the shop enters prices. `prices` {product or variation: net}.
    """

    buyer: Buyer = Buyer()
    billing: Mapping[str, str] = field(default_factory=dict)
    deliver_to: Mapping[str, str] | None = None
    shipping: str | None = None
    shipping_method: str = "flat_rate"
    shipping_instance: str = "1"  # which of the zone's deliveries, as the checkout notes it
    shipping_title: str = "Forfait"
    fee: tuple[str, str] | None = None
    coupon: tuple[str, str] | None = None
    payment_method: str = "bacs"
    payment_title: str = "Virement bancaire"
    transaction_id: str = ""
    prices: Mapping[int, str] = field(default_factory=dict)
    currency: str = ""
    note: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)


def place(database: Database, lines: Iterable[Line], *, status: str, wishes: Wishes) -> Order:
    """A buyer orders: the shop stores it pending, then moves it to its status, which takes the stock.

    Raises:
        KeyError: a product or variation that does not exist.
    """
    body = _body(database, list(lines), wishes)
    if wishes.coupon:
        _know_coupon(database, *wishes.coupon)
    order = orders.create(database, body, via="checkout")
    if status != "pending":
        orders.set_status(database, order, status)
    return order


def _body(database: Database, lines: list[Line], wishes: Wishes) -> dict[str, Any]:
    buyer = wishes.buyer
    billing = {**buyer.billing(), **wishes.billing}
    names = {"first_name": buyer.first_name, "last_name": buyer.last_name}
    place_of_delivery = wishes.deliver_to if wishes.deliver_to is not None else billing
    delivery = {**names, **{one: value for one, value in place_of_delivery.items() if one in EMPTY_SHIPPING}}
    body: dict[str, Any] = {
        "customer_id": 0 if buyer.guest else account(database, buyer).id,
        "billing": billing,
        "shipping": delivery,
        "payment_method": wishes.payment_method,
        "payment_method_title": wishes.payment_title,
        "transaction_id": wishes.transaction_id,
        "customer_note": wishes.note,
        "line_items": [_line(database, one, wishes) for one in lines],
        "meta_data": [{"key": key, "value": value} for key, value in wishes.meta.items()],
    }
    if wishes.shipping is not None:
        method = {"method_id": wishes.shipping_method, "instance_id": wishes.shipping_instance}
        body["shipping_lines"] = [{**method, "method_title": wishes.shipping_title, "total": wishes.shipping}]
    if wishes.fee:
        body["fee_lines"] = [{"name": wishes.fee[0], "total": wishes.fee[1]}]
    if wishes.coupon:
        body["coupon_lines"] = [{"code": wishes.coupon[0]}]
    if wishes.currency:
        body["currency"] = wishes.currency
    return body


def _line(database: Database, line: Line, wishes: Wishes) -> dict[str, Any]:
    product, variation, quantity = line
    sold = database.state.products[variation or product]
    item: dict[str, Any] = {"product_id": product, "variation_id": variation, "quantity": quantity}
    if sold.id in wishes.prices:
        total = f"{orders.amount(wishes.prices[sold.id]) * quantity:f}"
        item |= {"subtotal": total, "total": total}
    return item


def account(database: Database, buyer: Buyer) -> Customer:
    """The buyer's account, made at the first order."""
    held = customers.with_email(database, buyer.email)
    if held:
        return held
    made = customers.add(database, buyer.email, username=customers.free_username(database, buyer.email))
    made.first_name, made.last_name = buyer.first_name, buyer.last_name
    made.billing = buyer.billing()
    return made


def _know_coupon(database: Database, code: str, amount: str) -> None:
    if not coupons.find(database, code):
        kind = "percent" if amount.endswith("%") else "fixed_cart"
        coupons.create(database, {"code": code, "amount": amount.rstrip("% "), "discount_type": kind})
