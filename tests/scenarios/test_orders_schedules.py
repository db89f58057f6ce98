"""Random days of a shop: orders, faults, files taken late, people who deliver and shops that answer badly."""

from __future__ import annotations

from random import Random

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import House, sampled
from tests.scenarios.order_house import ORDER_FLOWS, Trade

from passerelle.sandbox.prestashop import Buyer, Fault

pytestmark = pytest.mark.slow
FAULTS = ("error_after_commit", "lost_answer", "truncated_answer", "half_batch", "reset", "html")
PLACES = (
    ("GET", "orders"), ("GET", "order_details"), ("GET", "customers"), ("GET", "order_histories"),
    ("POST", "order_histories"), ("PATCH", "order_carriers"), ("PATCH", "stock_availables"),
)  # fmt: skip


@pytest.mark.parametrize("seed", range(sampled(20, 300)))
def test_whatever_happens_in_a_day_each_order_is_one_document_and_is_told_once(build: Builder, seed: int) -> None:
    rng = Random(seed)
    house = build(timeout=0.4)
    house.stock_catalogue(articles=25)
    trade = Trade(house, after=rng.choice([3, None]))
    products = trade.open_shop()
    orders: list[int] = []
    for _ in range(8):
        _event(trade, rng, products, orders)
        house.clock.sleep(7)
        for flow in rng.sample(ORDER_FLOWS, rng.randrange(1, 4)):
            assert house.run(flow).state in ("done", "failed")
    orders.append(trade.order((products[0], 1)))
    _quiet(house)
    trade.day(16)
    trade.assert_one_document_each(*orders)
    for order in orders:
        parcels, states = house.shop.parcels(order), trade.history(order)
        assert len(parcels) == len(set(parcels)) >= 1
        assert len(states) == len(set(states)), states


def _event(trade: Trade, rng: Random, products: list[int], orders: list[int]) -> None:
    what = rng.choice(["order", "order", "fault", "fault", "take", "work"])
    if what == "order":
        buyer = Buyer(email=f"b{rng.randrange(3)}@example.test", firstname="Bea", lastname="Client")
        lines = [(product, rng.randrange(1, 3)) for product in rng.sample(products, 2)]
        orders.append(trade.order(*lines, buyer=buyer, carrier=2, shipping=("4.90", "5.88")))
    elif what == "fault":
        kind = rng.choice(FAULTS)
        fault = Fault(kind, entities=1, seconds=0.6) if kind == "half_batch" else Fault(kind)
        fault.method, fault.resource = rng.choice(PLACES)
        trade.house.shop.inject(fault)
    elif what == "take":
        trade.robot.take()
    else:
        trade.robot.work()


def _quiet(house: House) -> None:
    """Faults that wait for a request are spent as far as one comes, then forgotten, so that the day can end."""
    for _ in range(12):
        for flow in ORDER_FLOWS:
            house.run(flow)
    house.shop.mischief.faults.clear()
