"""Orders of every kind through the whole way: the shop's arithmetic, ours, the file, and the robot's arithmetic."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import House, issues, sampled
from tests.scenarios.order_house import Trade

from passerelle.sandbox.prestashop import Buyer, Destination, Voucher

pytestmark = pytest.mark.slow
REASONS = {"order_vat_differs", "order_total_differs", "order_unmapped"}  # what may park an order, and says so
TOLERANCE = Decimal("0.05")


def _wishes(rng: Random) -> dict[str, Any]:
    """A random order's circumstances."""
    wishes: dict[str, Any] = {"round_type": rng.choice([1, 2, 2, 2, 3]), "carrier": 2}
    wishes["buyer"] = Buyer(email=f"b{rng.randrange(20)}@example.test", firstname="Bea", lastname="Client")
    if rng.random() < 0.6:
        net = Decimal(rng.randrange(100, 2500)) / 100
        wishes["shipping"] = (f"{net}", f"{(net * Decimal('1.2')).quantize(Decimal('0.01'))}")
    if rng.random() < 0.2:
        wishes["wrapping"] = ("2.50", "3.00")
    if rng.random() < 0.4:
        wishes["vouchers"] = (_voucher(rng),)
    if rng.random() < 0.1:
        wishes |= {"tax_free": True, "deliver_to": Destination(country="CH", city="Genève", postcode="1200")}
        wishes.pop("shipping", None)
        wishes.pop("wrapping", None)
    return wishes


def _voucher(rng: Random) -> Voucher:
    kind = rng.randrange(3)
    if kind == 0:
        return Voucher(code="PCT", percent=str(rng.choice([5, 10, 15, 33])))
    return (
        Voucher(code="EUR", amount=f"{rng.randrange(50, 300) / 100:.2f}") if kind == 1 else Voucher(free_shipping=True)
    )


@pytest.mark.parametrize("rounding", ["document", "line"])
def test_the_document_totals_what_the_shop_charged_or_the_order_waits_and_says_why(
    build: Builder, rounding: str
) -> None:
    rng = Random(f"orders {rounding}")
    house = build()
    house.stock_catalogue()
    trade = Trade(house, after=None, rounding=rounding)
    house.configure(guards=f"{house.wishes.guards}\nfirst_orders = 100000")
    _map_switzerland(house)
    products = trade.open_shop()
    for product in products:
        house.shop.set_stock(product, 100_000)
    orders = []
    for _ in range(sampled(150, 2_500)):
        count = 16 if rng.random() < 0.05 else rng.randrange(1, 6)
        lines = [(product, rng.randrange(1, 9)) for product in rng.sample(products, count)]
        orders.append(trade.order(*lines, **_wishes(rng)))
    for _ in range(3):
        assert house.run("orders").state == "done"
        trade.robot.take()
    house.done("orders")
    parked = {key: code for (flow, key), code in issues().items() if flow == "orders"}
    assert set(parked.values()) <= REASONS, Counter(parked.values())
    assert len(parked) <= len(orders) * 0.1, Counter(parked.values())
    placed = [order for order in orders if str(order) not in parked]
    trade.assert_one_document_each(*placed)
    for order in placed:
        _compare(trade, order)


def _map_switzerland(house: House) -> None:
    text = house.profile.read_text(encoding="utf-8")
    house.profile.write_text(text.replace('"FR" = "France"', '"FR" = "France"\n"CH" = "Suisse"'), encoding="utf-8")


def _compare(trade: Trade, order: int) -> None:
    """By the robot's own arithmetic the file totals what was charged, and its VAT is the shop's."""
    total, by_tax = trade.robot.totals_of(trade.folder / "done" / f"MD-{order}.txt")
    row = trade.house.shop.orders[order]
    assert total == trade.charged(order)
    vat = Decimal(row.text("total_paid_tax_incl")) - Decimal(row.text("total_paid_tax_excl"))
    ours = sum((tax for _, tax in by_tax.values()), Decimal(0))
    assert abs(ours - vat) <= TOLERANCE * (len(by_tax) + 1), (order, by_tax, vat)
