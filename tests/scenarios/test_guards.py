"""What holds a run, and how it is approved, in part, late, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import House, differences, issues, journal, stored

from passerelle.app import services
from passerelle.app.selectors import plan_of
from passerelle.app.services import Report
from passerelle.errors import PlanOutdated, PlanStale, RunNotHeld, SelectionInvalid

pytestmark = pytest.mark.slow
REFS = [f"ART-{n:03d}" for n in range(1, 26)]


@pytest.fixture
def guarded(build: Builder) -> House:
    """A house in step, with the usual guards."""
    house = build(guards="")
    house.stock_catalogue()
    house.settled()
    house.shop.reset_counters()
    return house


def approve(house: House, report: Report, selection: str = "") -> Report:
    return services.approve(house.opened(), services.find_run(report.run)[0], selection=selection)


def delete_all(house: House) -> None:
    for ref in REFS:
        house.sage.delete_article(ref)


def unpublish_all(house: House) -> None:
    house.sql("UPDATE F_ARTICLE SET AR_Publie = 0")


def filter_nothing(house: House) -> None:
    house.configure(articles="filter = \"FA_CodeFamille = 'INCONNUE'\"")


@pytest.mark.parametrize("empty", [delete_all, unpublish_all, filter_nothing])
@pytest.mark.parametrize("flow", ["catalogue", "prices", "stocks"])
def test_an_empty_read_is_held_and_archives_nothing_even_if_it_is_approved(
    guarded: House, empty: Callable[[House], None], flow: str
) -> None:
    empty(guarded)
    before = stored(guarded.shop)
    report = guarded.run(flow)
    assert (report.state, report.writes) == ("held", 0)
    assert [text.code for text in report.held_by] == ["guard_empty"]
    assert approve(guarded, report).state == "done"
    assert not differences(before, guarded.shop)


@pytest.mark.parametrize(("leaving", "state"), [(2, "done"), (3, "held")])
def test_more_than_a_tenth_gone_is_held(guarded: House, leaving: int, state: str) -> None:
    for ref in REFS[:leaving]:
        guarded.sage.set_published(ref, False)
    report = guarded.run("catalogue")
    assert report.state == state
    hidden = [row for row in guarded.shop.products.values() if row.text("active") == "0"]
    assert len(hidden) == (leaving if state == "done" else 0)


@pytest.mark.parametrize(("sold_out", "state"), [(7, "done"), (8, "held")])
def test_more_than_three_tenths_sold_out_is_held(guarded: House, sold_out: int, state: str) -> None:
    for ref in REFS[:sold_out]:
        guarded.sage.set_stock(ref, 1, on_hand=0)
    report = guarded.run("stocks")
    assert (report.state, report.writes > 0) == (state, state == "done")


@pytest.mark.parametrize(("price", "state"), [("15.00", "done"), ("15.01", "held"), ("5.00", "done"), ("4.99", "held")])
def test_one_price_that_moves_by_more_than_half_is_held(guarded: House, price: str, state: str) -> None:
    guarded.sage.set_price("ART-004", "10.00", ttc=False)
    report = guarded.run("prices")
    if report.state == "held":
        approve(guarded, report)
    guarded.sage.set_price("ART-004", price)
    assert guarded.run("prices").state == state


@pytest.mark.parametrize(("moving", "state"), [(7, "done"), (8, "held")])
@pytest.mark.parametrize("flow", ["prices", "catalogue"])
def test_more_than_three_tenths_of_the_prices_moving_is_held(
    guarded: House, flow: str, moving: int, state: str
) -> None:
    for ref in REFS[:moving]:
        guarded.sql("UPDATE F_ARTICLE SET AR_PrixVen = AR_PrixVen * 1.1 WHERE AR_Ref = ?", ref)
    if flow == "prices":
        assert guarded.run("prices").state == state
    else:
        assert guarded.run("catalogue").writes == 0


def test_creations_are_never_held(build: Builder) -> None:
    house = build(guards="")
    house.stock_catalogue()
    assert house.run("catalogue").state == "done"


def test_an_approved_plan_is_executed_exactly_as_it_was_planned(guarded: House) -> None:
    for n, ref in enumerate(REFS[:9]):
        guarded.sage.set_price(ref, f"{n + 20}.50", ttc=True)
    held = guarded.run("prices")
    assert held.state == "held"
    planned = {p.action.key: p.action.new for p in plan_of(guarded.opened(), held.run)}
    assert set(planned) == set(REFS[:9])
    report = approve(guarded, held)
    assert (report.state, report.counts["updated"], report.counts["failed"]) == ("done", 9, 0)
    guarded.assert_shop_equals_erp()
    assert guarded.run("prices").writes == 0


def test_a_selection_is_executed_and_the_rest_is_planned_again(guarded: House) -> None:
    for ref in REFS[:9]:
        guarded.sage.set_price(ref, "33.30", ttc=True)
    held = guarded.run("prices")
    numbers = {p.action.key: p.number for p in plan_of(guarded.opened(), held.run)}
    with pytest.raises(SelectionInvalid):
        approve(guarded, held, "999")
    report = approve(guarded, held, f"{numbers['ART-001']}-{numbers['ART-002']},{numbers['ART-005']}")
    assert (report.state, report.counts["updated"]) == ("done", 3)
    moved = {row.key for row in journal() if row.run_id == held.run}
    assert moved == {"ART-001", "ART-002", "ART-005"}
    again = guarded.run("prices")
    assert again.counts["planned"] == 6


def test_a_record_that_changed_since_waits_for_the_next_run(guarded: House) -> None:
    for ref in REFS[:9]:
        guarded.sage.set_price(ref, "33.30", ttc=True)
    held = guarded.run("prices")
    guarded.sage.set_price("ART-003", "44.40")
    before = guarded.shop.displayed_price(guarded.product("ART-003").id)
    report = approve(guarded, held)
    assert (report.counts["updated"], report.counts["failed"]) == (8, 1)
    assert guarded.shop.displayed_price(guarded.product("ART-003").id) == before
    approve_if_held(guarded, guarded.run("prices"))
    guarded.assert_shop_equals_erp()


def approve_if_held(house: House, report: Report) -> None:
    assert (approve(house, report) if report.state == "held" else report).state == "done"


def test_an_article_that_came_back_since_is_not_hidden(guarded: House) -> None:
    for ref in REFS[:5]:
        guarded.sage.set_published(ref, False)
    held = guarded.run("catalogue")
    guarded.sage.set_published("ART-002", True)
    assert approve(guarded, held).state == "done"
    assert guarded.product("ART-002").text("active") == "1"
    assert guarded.product("ART-001").text("active") == "0"


def test_a_stock_that_moved_since_by_a_shop_order_waits_for_the_next_run(guarded: House) -> None:
    for ref in REFS[:9]:
        guarded.sage.set_stock(ref, 1, on_hand=0)
    held = guarded.run("stocks")
    assert held.state == "held"
    guarded.sage.set_stock("ART-001", 1, on_hand=50)
    assert approve(guarded, held).counts["failed"] == 1
    guarded.done("stocks")
    guarded.assert_shop_equals_erp()


def test_a_stock_plan_of_a_quarter_of_an_hour_ago_is_refused(guarded: House) -> None:
    guarded.sage.set_stock("ART-001", 1, on_hand=50)
    fresh, late = guarded.run("stocks", preview=True), guarded.run("stocks", preview=True)
    guarded.clock.sleep(timedelta(minutes=15).total_seconds())
    assert approve(guarded, fresh).state == "done"
    guarded.clock.sleep(1)
    with pytest.raises(PlanStale):
        approve(guarded, late)


def test_a_plan_made_with_other_settings_is_refused(guarded: House) -> None:
    guarded.sage.set_price("ART-001", "13.30")
    planned = guarded.run("prices", preview=True)
    guarded.configure(articles="published_only = false")
    with pytest.raises(PlanOutdated):
        approve(guarded, planned)
    guarded.configure(articles="")
    assert approve(guarded, planned).state == "done"


def test_a_cancelled_run_is_over(guarded: House) -> None:
    guarded.sage.set_price("ART-001", "13.30")
    planned = guarded.run("prices", preview=True)
    services.cancel(guarded.opened(), services.find_run(planned.run)[0])
    with pytest.raises(RunNotHeld):
        approve(guarded, planned)
    with pytest.raises(RunNotHeld):
        services.cancel(guarded.opened(), services.find_run(planned.run)[0])
    assert not issues()
    assert guarded.run("prices").counts["updated"] == 1


def test_a_preview_writes_nothing(guarded: House) -> None:
    guarded.add_article(26)
    guarded.sage.set_price("ART-001", "13.30")
    guarded.sage.set_stock("ART-002", 1, on_hand=3)
    before = stored(guarded.shop)
    for flow in ("catalogue", "prices", "stocks"):
        report = guarded.run(flow, preview=True)
        assert (report.state, report.writes) == ("planned", 0)
        assert report.counts["planned"] >= 1
    assert not differences(before, guarded.shop)
    guarded.settled()
    guarded.assert_shop_equals_erp()
