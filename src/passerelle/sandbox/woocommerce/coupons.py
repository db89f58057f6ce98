"""Coupons: what they take off the lines of an order."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from html import escape
from typing import Any

from passerelle.sandbox.woocommerce.calculation import (
    calculate,
    line_tax,
    rates,
    round_tax,
    tax_country,
    taxes_on,
    taxes_within,
)
from passerelle.sandbox.woocommerce.database import POSTS, Database
from passerelle.sandbox.woocommerce.discounts import Share, spread
from passerelle.sandbox.woocommerce.errors import Refusal
from passerelle.sandbox.woocommerce.rows import ZERO, Coupon, CouponLine, Line, Order
from passerelle.sandbox.woocommerce.values import clean, decimal_text, fixed, gmt, local, number, plain, rounded


def create(database: Database, given: Mapping[str, Any]) -> Coupon:
    """A coupon from a body.

    Raises:
        Refusal: the code exists.
    """
    code = clean(given.get("code") or "")
    if find(database, code):
        raise Refusal("woocommerce_rest_coupon_code_already_exists", "The coupon code already exists")
    now = database.now()
    coupon = Coupon(database.next_id(POSTS), code, now, now, amount=decimal_text(given.get("amount") or "0"))
    coupon.discount_type = str(given.get("discount_type") or coupon.discount_type)
    coupon.free_shipping = bool(given.get("free_shipping"))
    database.state.coupons[coupon.id] = coupon
    return coupon


def find(database: Database, code: str) -> Coupon | None:
    return next((one for one in database.state.coupons.values() if one.code.lower() == code.lower()), None)


def apply_all(database: Database, order: Order, given: list[Any]) -> None:
    """Apply the coupons that a body names by code and the order does not have yet.

    Raises:
        Refusal: an unknown coupon; those before it stay applied.
    """
    held = {one.code.lower() for one in order.coupon_lines}
    for item in given:
        code = clean(item.get("code") or "") if isinstance(item, dict) else ""
        if not code or code.lower() in held:
            continue
        coupon = find(database, code)
        if not coupon:
            raise Refusal(
                "woocommerce_rest_invalid_coupon", f"Coupon {escape(chr(34) + code + chr(34))} does not exist!"
            )
        take_off(database, order, coupon)


def take_off(database: Database, order: Order, coupon: Coupon) -> None:
    """Apply one coupon more: all of them are taken off the lines again, from what these cost before any."""
    applied = CouponLine(
        database.next_id("items"), coupon.code, ZERO, ZERO, coupon.discount_type, coupon.amount, coupon.id
    )
    applied.meta_id = database.next_id("item_meta")
    order.coupon_lines.append(applied)
    coupon.usage_count += 1
    stored = {one.id: one.total for one in order.lines}
    _take_all(database, order)
    calculate(database, order, stored=stored)


def _take_all(database: Database, order: Order) -> None:
    lines = [one for one in order.lines if one.kind == "line_items"]
    shares = [Share(_price_in_cents(database, order, one), one.quantity) for one in lines]
    for applied in order.coupon_lines:
        cents = spread(applied.discount_type, number(applied.nominal_amount), shares, places=database.places)
        _note(database, order, applied, lost=dict(zip((one.id for one in lines), cents, strict=True)))
    for line, share in zip(lines, shares, strict=True):
        amount = Decimal(share.taken).scaleb(-database.places)
        net = amount - _tax_of(database, order, line, amount) if order.prices_include_tax else amount
        line.total = line.subtotal - min(net, line.subtotal)


def _note(database: Database, order: Order, applied: CouponLine, *, lost: Mapping[int, int]) -> None:
    """What a coupon took, without and with tax apart.

    The API rounds the tax of each line, the shop's own checkout that of the sum; what the lines lose is rounded in
    neither way, so that all three may differ by a cent.
    """
    amounts = {one.id: Decimal(lost[one.id]).scaleb(-database.places) for one in order.lines if one.id in lost}
    taxes = [_tax_of(database, order, one, amounts[one.id]) for one in order.lines if one.id in lost]
    if order.created_via == "rest-api" and not database.is_on("woocommerce_tax_round_at_subtotal"):
        taxes = [round_tax(database, one) for one in taxes]
    applied.discount_tax = sum(taxes, ZERO)
    applied.discount = sum(amounts.values(), ZERO) - (applied.discount_tax if order.prices_include_tax else ZERO)


def _tax_of(database: Database, order: Order, line: Line, amount: Decimal) -> Decimal:
    """The tax of what a line loses: inside the amount where prices include it, else on top of it."""
    if line.tax_status != "taxable":
        return ZERO
    found = rates(database, tax_country(database, order), line.tax_class)
    if order.prices_include_tax:
        return taxes_within(amount, found)
    return sum(taxes_on(amount, found).values(), ZERO)


def _price_in_cents(database: Database, order: Order, line: Line) -> int:
    price = line.subtotal + (line_tax(database, line, subtotal=True) if order.prices_include_tax else ZERO)
    return int(rounded(price, database.places).scaleb(database.places))


def shown_coupon(database: Database, coupon: Coupon) -> dict[str, Any]:
    """As /coupons shows it."""
    nothing: dict[str, Any] = {"date_expires": None, "date_expires_gmt": None}
    return {
        "id": coupon.id,
        "code": coupon.code,
        "amount": fixed(number(coupon.amount), 2),
        "status": "publish",
        "date_created": local(coupon.created),
        "date_created_gmt": gmt(coupon.created),
        "date_modified": local(coupon.modified),
        "date_modified_gmt": gmt(coupon.modified),
        "discount_type": coupon.discount_type,
        "description": "",
        **nothing,
        "usage_count": coupon.usage_count,
        "individual_use": False,
        "product_ids": [],
        "excluded_product_ids": [],
        **dict.fromkeys(("usage_limit", "usage_limit_per_user", "limit_usage_to_x_items")),
        "free_shipping": coupon.free_shipping,
        "product_categories": [],
        "excluded_product_categories": [],
        "exclude_sale_items": False,
        "minimum_amount": "0.00",
        "maximum_amount": "0.00",
        "email_restrictions": [],
        "used_by": [],
        "meta_data": [],
    }


def shown_line(line: CouponLine, *, places: int) -> dict[str, Any]:
    """A coupon on an order: it repeats what the lines have lost already.

    Amounts have the shop's own `places`, whatever decimals are asked for, and no zeros at the end: "4.5".
    """
    nominal = number(line.nominal_amount)
    info = f'[{line.coupon_id},"{line.code}","{line.discount_type}",{plain(nominal)}]'
    return {
        "id": line.id,
        "code": line.code,
        "discount": plain(rounded(line.discount, places)),
        "discount_tax": plain(rounded(line.discount_tax, places)),
        "meta_data": [
            {
                "id": line.meta_id,
                "key": "coupon_info",
                "value": info,
                "display_key": "coupon_info",
                "display_value": info,
            }
        ],
        "discount_type": line.discount_type,
        "nominal_amount": int(nominal) if nominal == nominal.to_integral_value() else float(nominal),
        "free_shipping": False,
    }
