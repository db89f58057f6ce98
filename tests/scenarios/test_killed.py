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
from tests.scenarios.ranged_house import RANGES, add_ranged, expected, name_ranges, shown

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


def variants_changed(house: House) -> None:
    """Variants in step, then one that is sold no more (the default), new ones, a reference and values of their own."""
    house.done()
    house.sage.set_combination_dormant("CHEMISE", ("S", "Rouge"), True)
    house.sage.set_combination_dormant("BOTTE", ("40",), True)
    house.sage.add_combination("BOTTE", ("42",))
    house.sage.set_combination_stock("BOTTE", ("42",), 1, on_hand=3)
    house.sage.update_combination("CHEMISE", ("M", "Bleu"), AE_Ref="MARINE", AE_CodeBarre="3760000000017")
    house.sage.update_article("CHEMISE", AR_Design="Chemise d'été")
    add_ranged(house, "GANT", sizes=("S", "XXL"), stock=2)


def variant_prices_changed(house: House) -> None:
    """Variants in step, then other prices of articles and of their variants: the base and the differences move."""
    house.sage.set_combination_price("CHEMISE", ("M", "Rouge"), 1, "13.10")
    house.done()
    house.sage.update_article("CHEMISE", AR_PrixVen="12")
    house.sage.update_article("BOTTE", AR_PrixVen="66")
    house.sage.set_combination_price("CHEMISE", ("M", "Bleu"), 1, "14.50")
    house.sage.set_combination_price("BOTTE", ("41",), 1, "70")
    house.sage.set_price("ART-002", "77.70", ttc=True)


RANGED_STORIES = {
    "first variants": ("catalogue", nothing_yet),
    "later variants": ("catalogue", variants_changed),
    "prices of variants": ("prices", variant_prices_changed),
}


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("call", "phase"), MOMENTS)
@pytest.mark.parametrize("story", RANGED_STORIES)
def test_killed_between_any_two_writes_of_variants_and_run_again_no_combination_is_twice(
    build: Builder, doomed: Doomed, record_property: RecordProperty, story: str, call: str, phase: str
) -> None:
    flow, prepared = RANGED_STORIES[story]
    boundaries = 0
    while True:
        house = build(extra=RANGES + "delete_missing = true\n")
        house.stock_catalogue(articles=3)
        name_ranges(house)
        add_ranged(house, "CHEMISE", sizes=("S", "M"), colours=("Rouge", "Bleu"))
        add_ranged(house, "BOTTE", sizes=("40", "41"), price="59.90", ttc=1)
        prepared(house)
        ended = doomed.run(house, flow, call=call, phase=phase, number=boundaries + 1)
        house.assert_nothing_free()
        if ended == DONE:
            break
        assert ended == KILLED
        boundaries += 1
        _back_to_work(house, flow, equal=assert_variants_equal)
    assert boundaries >= 3
    record_property("boundaries", boundaries)


def assert_variants_equal(house: House) -> None:
    """Each combination that the ERP sells is there once with its price and stock; options and values are there once."""
    plain = house.expected("CHEMISE", "BOTTE", "GANT")
    assert {ref: house.shown(ref) for ref in plain} == plain
    for ref in set(house.refs()) - set(plain):
        product = house.product(ref)
        assert product.text("active") == "1"
        assert shown(house, ref) == expected(house, ref)
        defaults = [row.text("default_on") for row in house.shop.combinations_of(product.id).values()]
        assert defaults.count("1") == 1
    for table, group in (("product_options", "-"), ("product_option_values", "id_attribute_group")):
        names = [(row.text(group) if group != "-" else "", row.name[1]) for row in house.shop.database[table]]
        assert len(names) == len(set(names)), f"a double of {table}: {sorted(names)}"


def _back_to_work(
    house: House, flow: str, *, equal: Callable[[House], None] = House.assert_shop_equals_erp
) -> None:  # fmt: skip
    """The same flow again is enough; then no flow finds anything to write."""
    house.done(flow)
    equal(house)
    assert house.done(flow)[flow].writes == 0
    house.done()
    equal(house)
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
