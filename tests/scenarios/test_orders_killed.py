"""The process is killed at every boundary of the journal of orders and statuses: nothing twice, nothing lost."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import SOAK
from tests.scenarios.order_house import Trade
from tests.scenarios.test_killed import DONE, KILLED, Doomed

from passerelle.sandbox.prestashop import Buyer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="a process that kills itself is started by fork"),
]
CALLS = ("intend", "intend_orders", "handed_over", "settle", "put_orders", "set_due", "set_fact")
PHASES = ("before", "after") if SOAK else ("after",)
# What was done before the run that is killed: nothing, customers taken, documents taken, parcels gone.
STAGES = ("customers", "documents", "acknowledge", "statuses")
MET = {
    ("customers", "intend"), ("customers", "handed_over"), ("customers", "settle"),
    ("documents", "intend_orders"), ("documents", "handed_over"), ("documents", "settle"),
    ("acknowledge", "intend"), ("acknowledge", "settle"), ("statuses", "intend"), ("statuses", "settle"),
}  # fmt: skip


@pytest.fixture(scope="module")
def doomed() -> Iterator[Doomed]:
    process = Doomed()
    yield process
    process.end()


def _at_stage(build: Builder, stage: str) -> tuple[Trade, list[int]]:
    house = build()
    house.stock_catalogue()
    trade = Trade(house)
    products = trade.open_shop()
    buyers = [Buyer(email=f"b{n}@example.test", firstname="B", lastname="Client") for n in range(2)]
    orders = [trade.order((products[n], n + 1), buyer=buyers[n % 2], carrier=2) for n in range(3)]
    for _ in range(STAGES.index(stage)):
        house.done("orders")
        trade.robot.take()
    if stage == "statuses":
        for order in orders:
            trade.robot.deliver(trade.documents(order)[0][1], tracking=f"6A{order}")
    house.clock.sleep(10)
    return trade, orders


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("call", CALLS if SOAK else CALLS[:4])
@pytest.mark.parametrize("stage", STAGES)
def test_killed_at_every_boundary_an_order_is_one_document_and_its_parcels_are_told_once(
    build: Builder, doomed: Doomed, stage: str, call: str
) -> None:
    flow = "statuses" if stage == "statuses" else "orders"
    for phase in PHASES:
        number = 0
        while True:
            trade, orders = _at_stage(build, stage)
            number += 1
            ended = doomed.run(trade.house, flow, call=call, phase=phase, number=number)
            assert ended in (DONE, KILLED)
            trade.day()
            trade.assert_one_document_each(*orders)
            for order in orders:
                parcels, states = trade.house.shop.parcels(order), trade.history(order)
                assert len(parcels) == len(set(parcels)) >= 1
                assert len(states) == len(set(states)), states
            if ended == DONE:
                break
        assert number > 1 or (stage, call) not in MET, "no boundary was met"
