"""The process is killed at every boundary of the journal, then run again: nothing twice, nothing lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import HASTY, SOAK, House

from passerelle.app import services

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="a process that kills itself is started by fork"),
]
MOMENTS = [("intend", "after"), ("settle", "before")]  # journalled and not sent; sent and not noted
if SOAK:
    MOMENTS += [("intend", "before"), ("settle", "after")]
FEATURES = '[articles.custom_fields.features]\n"Saison" = "AR_Stat02"\n'
DONE, KILLED = 0, -getattr(signal, "SIGKILL", 9)


RecordProperty = Callable[[str, object], None]


class Doomed:
    """A process that runs flows in forks of itself."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("worker.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(
        self, house: House, flow: str, *, call: str = "", phase: str = "", number: int = 0, approve: int = 0
    ) -> int:
        """Run a flow, or approve a run; gives how its process ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        job = {
            "home": str(house.folder), "profile": str(house.profile), "now": house.clock.now().isoformat(),
            "flow": flow, "approve": approve, "call": call, "phase": phase, "number": number,
            "pragmas": HASTY,
        }  # fmt: skip
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def doomed() -> Iterator[Doomed]:
    process = Doomed()
    yield process
    process.end()


def nothing_yet(house: House) -> None:
    """An empty shop."""


def everything_changed(house: House) -> None:
    """A shop in step, then changes of every kind in the ERP."""
    house.done()
    for n in range(1, 12):
        house.sage.update_article(f"ART-{n:03d}", AR_Design=f"Renommé {n}", **{"Marque commerciale": "Nouvelle"})
    house.sage.update_article("ART-012", CL_No1=4, CL_No2=0, AR_Stat02="Neuve|S1")
    for n in (13, 14):
        house.sage.set_published(f"ART-{n:03d}", False)
    for n in (26, 27, 28):
        house.add_article(n)


def prices_changed(house: House) -> None:
    """A shop in step, then new prices and a new VAT rate."""
    house.done()
    for n in range(1, 24):
        house.sage.set_price(f"ART-{n:03d}", f"{n + 100}.{n:02d}", ttc=n % 3 == 0)
    house.sage.set_vat_of_article("ART-024", 1, "C55")


def stocks_changed(house: House) -> None:
    """A shop in step, then other stocks."""
    house.done()
    for n in range(1, 26):
        house.sage.set_stock(f"ART-{n:03d}", 1, on_hand=n * 3 % 50)


STORIES = {
    "a first catalogue": ("catalogue", nothing_yet),
    "a later catalogue": ("catalogue", everything_changed),
    "prices": ("prices", prices_changed),
    "stocks": ("stocks", stocks_changed),
}


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("call", "phase"), MOMENTS)
@pytest.mark.parametrize("story", STORIES)
def test_killed_at_every_boundary_and_run_again_the_shop_equals_the_erp(
    build: Builder, doomed: Doomed, record_property: RecordProperty, story: str, call: str, phase: str
) -> None:
    flow, prepared = STORIES[story]
    boundaries = 0
    while True:
        house = build(extra=FEATURES)
        house.stock_catalogue()
        house.sql("UPDATE F_ARTICLE SET AR_Stat02 = 'S' || (cbMarq % 3)")
        prepared(house)
        house.shop.reset_counters()
        ended = doomed.run(house, flow, call=call, phase=phase, number=boundaries + 1)
        house.assert_nothing_free()
        if ended == DONE:
            break
        assert ended == KILLED
        boundaries += 1
        _back_to_work(house, flow)
    assert boundaries >= 3
    record_property("boundaries", boundaries)


def _back_to_work(house: House, flow: str) -> None:
    """The same flow again is enough; then no flow finds anything to write."""
    house.done(flow)
    house.assert_shop_equals_erp()
    assert house.done(flow)[flow].writes == 0
    house.done()
    house.assert_shop_equals_erp()
    assert {f: report.writes for f, report in house.done().items()} == {"catalogue": 0, "prices": 0, "stocks": 0}


@pytest.mark.parametrize("first", [("stocks", "catalogue"), ("prices", "stocks", "catalogue")])
def test_what_a_killed_catalogue_left_is_ours_whichever_flow_comes_next(
    build: Builder, doomed: Doomed, first: tuple[str, ...]
) -> None:
    house = build()
    house.stock_catalogue()
    number = 1
    while not house.shop.products:
        assert doomed.run(house, "catalogue", call="settle", phase="before", number=number) == KILLED
        number += 1
    house.done(*first)
    house.done()
    for n in range(1, 8):
        house.sage.update_article(f"ART-{n:03d}", AR_Design=f"Une autre désignation {n}", CL_No1=4, CL_No2=0)
    house.done()
    house.assert_shop_equals_erp()


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("goes_on", ["approve", "undo again"])
@pytest.mark.parametrize(("call", "phase"), MOMENTS)
def test_an_undo_that_is_killed_at_any_boundary_can_be_ended(
    build: Builder, doomed: Doomed, call: str, phase: str, goes_on: str
) -> None:
    boundaries = 0
    while True:
        house = build()
        house.stock_catalogue()
        house.settled()
        before = {ref: house.shown(ref) for ref in house.refs()}
        prices_changed(house)
        undone = services.find_run(house.done("prices")["prices"].run)[0]
        held = services.undo(house.opened(), undone).run
        ended = doomed.run(house, "prices", approve=held, call=call, phase=phase, number=boundaries + 1)
        if ended != DONE:
            assert ended == KILLED
            if goes_on == "undo again":  # a run of the lane came first, and ended the undo
                house.done("prices")
                held = services.undo(house.opened(), undone).run
            row = services.find_run(held)[0]
            if row.state != "done":
                assert services.approve(house.opened(), row).state == "done"
        assert {ref: house.shown(ref) for ref in house.refs()} == before
        assert {f: report.writes for f, report in house.done().items()} == {"catalogue": 0, "prices": 0, "stocks": 0}
        if ended == DONE:
            break
        boundaries += 1
    assert boundaries >= 3
