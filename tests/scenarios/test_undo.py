"""A run taken back: previewed, approved, and kept so until the ERP says something else or a person releases it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import House, differences, issues, stored
from tests.scenarios.test_custom_fields import FIELDS, by_hand, features, fill

from passerelle.app import services
from passerelle.app.selectors import plan_of
from passerelle.app.services import Report
from passerelle.errors import RunNotHeld, RunNotUndoable
from passerelle.planner.actions import ActionKind

pytestmark = pytest.mark.slow
REFS = [f"ART-{n:03d}" for n in range(1, 26)]
CATALOGUE_AND_PRICES = ("catalogue", "prices")


@pytest.fixture
def settled(house: House) -> House:
    """A house in step, whose request counters start at 0."""
    house.settled()
    house.shop.reset_counters()
    return house


def undo(house: House, report: Report) -> Report:
    """Plan the undo of a run."""
    return services.undo(house.opened(), services.find_run(report.run)[0])


def approve(house: House, report: Report, selection: str = "") -> Report:
    return services.approve(house.opened(), services.find_run(report.run)[0], selection=selection)


def taken_back(house: House, report: Report) -> Report:
    """Undo a run; it must be done, and no flow may find anything to write afterwards."""
    planned = undo(house, report)
    assert (planned.state, planned.writes, [t.code for t in planned.held_by]) == ("held", 0, ["undo"])
    done = approve(house, planned)
    assert (done.state, done.counts["failed"], done.undoes) == ("done", 0, report.run)
    assert nothing_to_write(house)
    return done


def nothing_to_write(house: House) -> bool:
    reports = [house.run(flow, preview=True) for flow in CATALOGUE_AND_PRICES]
    reports += [house.run(flow) for flow in CATALOGUE_AND_PRICES]
    return all(report.counts["planned"] == report.writes == 0 for report in reports)


def reasons(house: House, report: Report) -> list[tuple[str, str]]:
    """What a plan does not send: (record, code of the reason)."""
    return [
        (planned.action.key, planned.action.reason.code)
        for planned in plan_of(house.opened(), report.run)
        if planned.action.kind is ActionKind.SKIP and planned.action.reason is not None
    ]


def reprice(house: House, *refs: str, to: str = "123.45") -> Report:
    for ref in refs:
        house.sage.set_price(ref, to)
    return house.done("prices")["prices"]


# --- brought back, and stays so ---


def test_a_price_run_is_brought_back_and_stays(settled: House) -> None:
    before = stored(settled.shop)
    prices = reprice(settled, *REFS[:10])
    assert differences(before, settled.shop)
    taken_back(settled, prices)
    assert {key for key in differences(before, settled.shop) if key[2] != "date_upd"} == set()
    report = settled.run("prices", preview=True)
    assert reasons(settled, report) == [(ref, "pinned") for ref in REFS[:10]]


def test_price_and_tax_rule_of_one_product_are_undone_together(settled: House) -> None:
    before = settled.shown("ART-005")
    settled.sage.set_vat_of_article("ART-005", 1, "C55")
    settled.sage.set_price("ART-005", "50.00", ttc=True)
    done = taken_back(settled, settled.done("prices")["prices"])
    assert settled.shown("ART-005") == before
    [action] = [p.action for p in plan_of(settled.opened(), done.run)]
    assert {facet.value for facet in action.new} == {"tax", "price"}


def test_a_run_of_texts_brands_and_categories_is_brought_back_and_stays(settled: House) -> None:
    before = {ref: settled.shown(ref) for ref in REFS}
    for ref in REFS[:5]:
        settled.sage.update_article(ref, AR_Design=f"Faute de frappe {ref}", AR_Langue1="Typo")
    settled.sage.update_article("ART-004", CL_No1=1, CL_No2=3)
    settled.sage.update_article("ART-004", **{"Marque commerciale": "Inconnue"})
    settled.sage.update_article("ART-006", AR_CodeBarre="")
    run = settled.done("catalogue")["catalogue"]
    changed = {ref: settled.shown(ref) for ref in REFS}
    assert changed != before
    planned = undo(settled, run)
    assert reasons(settled, planned) == [("Inconnue", "undo_kept")]
    assert approve(settled, planned).state == "done"
    assert {ref: settled.shown(ref) for ref in REFS} == before
    assert nothing_to_write(settled)


def test_a_run_of_features_is_brought_back_and_stays(build: Builder) -> None:
    house = build(extra=FIELDS)
    house.stock_catalogue(articles=6)
    by_hand(house.shop, "Matière", "Acier")
    fill(house, "ART-001", season="Printemps", range_="Pro")
    fill(house, "ART-002", season="Hiver")
    house.settled()
    refs = [f"ART-{n:03d}" for n in range(1, 7)]
    before = {ref: features(house, ref) for ref in refs}
    fill(house, "ART-001", season="Été | Automne", range_="Pro")
    fill(house, "ART-002")
    fill(house, "ART-003", season="Été")
    run = house.done("catalogue")["catalogue"]
    assert features(house, "ART-001") == {"Saison": {"Été", "Automne"}, "Gamme": {"Pro"}}
    assert (features(house, "ART-002"), features(house, "ART-003")) == ({}, {"Saison": {"Été"}})
    planned = undo(house, run)
    assert approve(house, planned).counts["failed"] == 0
    assert {ref: features(house, ref) for ref in refs} == before
    assert sorted(reasons(house, planned)) == [("Automne", "undo_kept"), ("Été", "undo_kept")]
    assert nothing_to_write(house)
    pinned = [key for key, code in reasons(house, house.run("catalogue", preview=True)) if code == "pinned"]
    assert pinned == ["ART-001", "ART-002", "ART-003"]
    services.release(house.opened())
    house.done("catalogue")
    assert features(house, "ART-001") == {"Saison": {"Été", "Automne"}, "Gamme": {"Pro"}}
    assert (features(house, "ART-002"), features(house, "ART-003")) == ({}, {"Saison": {"Été"}})


def test_the_undo_shows_every_field_before_it_is_sent(settled: House) -> None:
    was = settled.shop.displayed_price(settled.product("ART-002").id)
    planned = undo(settled, reprice(settled, "ART-002"))
    [shown] = list(plan_of(settled.opened(), planned.run))
    assert (shown.action.kind, shown.action.key) == (ActionKind.UPDATE_PRODUCT, "ART-002")
    [price] = shown.changes
    assert (price.field[:5], price.old) == ("price", Decimal("123.45"))
    assert price.new is not None
    assert settled.shop.displayed_price(settled.product("ART-002").id) != was


def test_only_what_is_selected_is_taken_back(settled: House) -> None:
    before = {ref: settled.shown(ref) for ref in REFS[:2]}
    planned = undo(settled, reprice(settled, *REFS[:2]))
    assert approve(settled, planned, "1").counts["updated"] == 1
    assert settled.shown(REFS[0]) == before[REFS[0]]
    assert settled.shown(REFS[1]) != before[REFS[1]]
    assert nothing_to_write(settled)


def test_an_undo_is_approved_once_and_no_guard_blocks_it(build: Builder) -> None:
    house = build(guards="")
    house.stock_catalogue()
    house.settled()
    before = {ref: house.shown(ref) for ref in REFS}
    for ref in REFS:
        house.sage.set_price(ref, "900.00")
    held = house.run("prices")
    assert held.state == "held"
    assert approve(house, held).state == "done"
    taken_back(house, held)
    assert {ref: house.shown(ref) for ref in REFS} == before


# --- until the ERP changes, or a person releases it ---


def test_the_facet_goes_on_when_the_erp_changes_it(settled: House) -> None:
    taken_back(settled, reprice(settled, "ART-003", "ART-004"))
    settled.sage.set_price("ART-003", "77.00", ttc=True)
    assert settled.done("prices")["prices"].counts["updated"] == 1
    assert settled.shown("ART-003").price == Decimal("77.00")
    settled.sage.set_price("ART-003", "123.45")  # what was undone once is only a price now
    settled.done("prices")
    assert settled.shown("ART-003").price == settled.expected()["ART-003"].price
    assert settled.shown("ART-004").price != settled.expected()["ART-004"].price


def test_an_erp_that_takes_its_value_back_itself_frees_the_facet(settled: House) -> None:
    [(old,)] = settled.sql("SELECT AR_PrixVen FROM F_ARTICLE WHERE AR_Ref = 'ART-003'")
    taken_back(settled, reprice(settled, "ART-003"))
    settled.sage.set_price("ART-003", str(old))
    assert nothing_to_write(settled)
    assert not reasons(settled, settled.run("prices", preview=True))
    reprice(settled, "ART-003")
    assert settled.shown("ART-003").price == settled.expected()["ART-003"].price


def test_another_facet_of_a_pinned_product_goes_on(settled: House) -> None:
    taken_back(settled, reprice(settled, "ART-003"))
    pinned = settled.shown("ART-003").price
    settled.sage.update_article("ART-003", AR_Design="Nouveau nom")
    assert settled.done("catalogue")["catalogue"].counts["updated"] == 1
    assert (settled.shown("ART-003").name, settled.shown("ART-003").price) == ("Nouveau nom", pinned)
    settled.done()
    assert reasons(settled, settled.run("prices", preview=True)) == [("ART-003", "pinned")]


def test_a_pinned_text_stays_listed_while_other_facets_go_on(settled: House) -> None:
    settled.sage.update_article("ART-003", AR_Design="Faute")
    taken_back(settled, settled.done("catalogue")["catalogue"])
    settled.sage.update_article("ART-003", CL_No1=4, CL_No2=0)
    settled.done("catalogue")
    assert settled.shown("ART-003").category == "Visserie"
    assert settled.shown("ART-003").name != "Faute"
    assert reasons(settled, settled.run("catalogue", preview=True)) == [("ART-003", "pinned")]


@pytest.mark.parametrize(("only", "freed"), [("ART-003", 1), (None, 2), ("ART-009", 0)])
def test_a_release_sends_the_erps_value_again(settled: House, only: str | None, freed: int) -> None:
    taken_back(settled, reprice(settled, "ART-003", "ART-004"))
    assert services.release(settled.opened(), only=only) == freed
    report = settled.done("prices")["prices"]
    assert report.counts["updated"] == freed
    free = {ref: settled.shown(ref).price == settled.expected()[ref].price for ref in ("ART-003", "ART-004")}
    assert sum(free.values()) == freed
    if freed == 2:
        settled.assert_shop_equals_erp()


def test_an_undo_is_undone_like_any_run(settled: House) -> None:
    undone = taken_back(settled, reprice(settled, "ART-003"))
    taken_back(settled, undone)
    settled.assert_shop_equals_erp()
    settled.sage.set_price("ART-003", "10.00")
    settled.done("prices")
    settled.assert_shop_equals_erp()


# --- what cannot be undone is listed ---


def test_what_a_later_run_changed_is_left_alone(settled: House) -> None:
    first = reprice(settled, "ART-003", "ART-004")
    reprice(settled, "ART-004", to="222.00")
    before = settled.shown("ART-003")
    planned = undo(settled, first)
    assert reasons(settled, planned) == [("ART-004", "undo_since")]
    assert approve(settled, planned).counts["updated"] == 1
    assert settled.shown("ART-003") != before
    assert settled.shown("ART-004").price == settled.expected()["ART-004"].price


def test_what_is_changed_between_the_preview_and_the_approval_waits(settled: House) -> None:
    planned = undo(settled, reprice(settled, "ART-003", "ART-004"))
    reprice(settled, "ART-004", to="222.00")
    done = approve(settled, planned)
    assert (done.counts["updated"], done.counts["failed"]) == (1, 1)
    assert settled.shown("ART-004").price == settled.expected()["ART-004"].price


def test_a_creation_is_hidden_and_stays_hidden_until_it_is_released(settled: House) -> None:
    ref = settled.add_article(26)
    run = settled.done("catalogue")["catalogue"]
    planned = undo(settled, run)
    assert reasons(settled, planned) == [(ref, "undo_stock")]
    assert approve(settled, planned).state == "done"
    settled.sage.update_article(ref, AR_Design="Un autre nom")
    settled.done()
    assert settled.product(ref).text("active") == "0"
    assert nothing_to_write(settled)
    services.release(settled.opened())
    settled.done()
    settled.assert_shop_equals_erp()


def test_a_product_that_left_the_scope_is_shown_again(settled: House) -> None:
    settled.sage.set_published("ART-007", False)
    run = settled.done("catalogue")["catalogue"]
    assert settled.product("ART-007").text("active") == "0"
    taken_back(settled, run)
    assert settled.product("ART-007").text("active") == "1"
    assert reasons(settled, settled.run("catalogue", preview=True)) == [("ART-007", "pinned")]
    settled.sage.set_published("ART-007", True)
    settled.settled()
    settled.sage.set_published("ART-007", False)
    settled.done("catalogue")
    assert settled.product("ART-007").text("active") == "0"


def test_a_product_without_a_price_is_never_shown_by_an_undo(settled: House) -> None:
    ref = settled.add_article(26)
    settled.sage.set_price(ref, 0)
    settled.run("catalogue")
    settled.sage.set_published(ref, False)
    run = settled.done("catalogue")["catalogue"]
    planned = undo(settled, run)
    assert (planned.state, reasons(settled, planned)) == ("done", [(ref, "undo_unpriced")])
    settled.assert_nothing_free()


def test_the_first_price_of_a_product_undone_hides_it(settled: House) -> None:
    ref = settled.add_article(26)
    settled.sage.set_price(ref, 0)
    settled.run("catalogue")
    settled.sage.set_price(ref, "12.00")
    run = settled.done("catalogue")["catalogue"]
    assert settled.product(ref).text("active") == "1"
    planned = undo(settled, run)
    assert (ref, "undo_unknown") in reasons(settled, planned)
    assert approve(settled, planned).state == "done"
    assert settled.product(ref).text("active") == "0"
    assert nothing_to_write(settled)


def test_stock_is_listed_and_nothing_is_sent(settled: House) -> None:
    settled.sage.set_stock("ART-003", 1, on_hand=99)
    run = settled.done("stocks")["stocks"]
    settled.shop.reset_counters()
    report = undo(settled, run)
    assert (report.state, report.counts["skipped"], settled.writes()) == ("done", 1, [])
    assert reasons(settled, report) == [("ART-003", "undo_stock")]


def test_an_adopted_product_goes_back_to_what_the_shop_had(build: Builder) -> None:
    house = build()
    house.stock_catalogue()
    house.settled()
    shop, was = house.shop, {ref: house.shown(ref) for ref in REFS}
    for ref in REFS:
        house.sage.set_price(ref, "321.00")
    other = build(shop=shop)  # the same shop, seen by a Passerelle that does not know it
    other.base.write_bytes(house.base.read_bytes())
    planned = undo(other, other.done("prices")["prices"])
    assert approve(other, planned).counts["updated"] == len(REFS)
    assert other.done("prices")["prices"].writes == 0
    assert {ref: replace(other.shown(ref), stock=0) for ref in REFS} == {r: replace(w, stock=0) for r, w in was.items()}


# --- which runs ---


@pytest.mark.parametrize("state", ["planned", "held", "cancelled"])
def test_a_run_that_sent_nothing_cannot_be_undone(settled: House, state: str) -> None:
    settled.sage.set_price("ART-003", "11.00")
    report = settled.run("prices", preview=True)
    settled.opened().store.set_run(report.run, state=state)
    with pytest.raises(RunNotUndoable) as refused:
        undo(settled, report)
    assert refused.value.params == {"run": str(report.run), "state": state}


def test_an_undo_can_be_given_up(settled: House) -> None:
    planned = undo(settled, reprice(settled, "ART-003"))
    row = services.find_run(planned.run)[0]
    services.cancel(settled.opened(), row)
    with pytest.raises(RunNotHeld):
        approve(settled, planned)
    settled.assert_shop_equals_erp()
    assert nothing_to_write(settled)


def test_a_refused_undo_is_an_issue_of_its_flow_and_the_rest_goes_on(settled: House) -> None:
    run = reprice(settled, "ART-003", "ART-004")
    planned = undo(settled, run)
    settled.shop.delete_product(settled.product("ART-004").id)
    done = approve(settled, planned)
    assert (done.counts["updated"], done.counts["failed"]) == (1, 1)
    assert issues() == {("prices", "ART-004"): "gone_from_shop"}
    settled.done()
    assert issues() == {}
