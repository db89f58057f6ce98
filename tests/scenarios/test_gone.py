"""What becomes of the products of articles that leave the scope, and how they come back."""

from __future__ import annotations

from random import Random

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import House, differences, journal, sampled, stored
from tests.scenarios.ranged_house import RANGES, add_ranged, expected, name_ranges, shown

from passerelle.app import selectors, services
from passerelle.app.services import Report
from passerelle.domain.facets import Facet
from passerelle.errors import OptionUnsupported
from passerelle.planner.actions import ActionKind
from passerelle.ports.store import Settlement
from passerelle.sandbox.prestashop import Fault
from passerelle.storage.store import DjangoStore

GUARD = "gone_percent = 10\nto_zero_percent = 100\nprice_move_percent = 1000\nprices_moved_percent = 100\n"


def policy(build: Builder, gone: str, *, articles: int = 6, extra: str = "", guards: str | None = None) -> House:
    wishes = {} if guards is None else {"guards": guards}
    house = build(articles=f'gone = "{gone}"', extra=extra, **wishes)
    house.stock_catalogue(articles=articles)
    return house


def told(house: House, report: Report) -> list[tuple[str, str, str]]:
    """Kind, reference and reason of what is planned."""
    return [
        (p.action.kind.value, p.action.key, p.action.reason.code if p.action.reason else "")
        for p in selectors.plan_of(house.opened(), report.run)
    ]


def quiet(house: House) -> None:
    """Another run of everything writes nothing."""
    assert {flow: report.writes for flow, report in house.done().items()} == {"catalogue": 0, "prices": 0, "stocks": 0}


def allow_guard(house: House, report: Report) -> Report:
    return services.approve(house.opened(), services.find_run(report.run)[0])


# --- zero_stock ------------------------------------------------------------------------------------------------------


def test_a_product_that_is_sold_out_stays_visible_and_comes_back_with_its_stock(build: Builder) -> None:
    house = policy(build, "zero_stock")
    house.done()
    before = stored(house.shop)
    house.sage.set_published("ART-003", False)
    report = house.done("catalogue")["catalogue"]
    assert told(house, report) == [("set_stock", "ART-003", "gone")]
    assert (house.stock_of("ART-003"), house.product("ART-003").text("active")) == (0, "1")
    touched = {table for table, _, _ in differences(before, house.shop)}
    assert touched <= {"stock_availables", "products"}
    quiet(house)
    house.sage.set_published("ART-003", True)
    house.done()
    assert house.shown("ART-003") == house.expected()["ART-003"]
    quiet(house)


def test_every_variant_is_sold_out_and_comes_back_with_its_stock(build: Builder) -> None:
    house = policy(build, "zero_stock", extra=RANGES)
    name_ranges(house)
    add_ranged(house, "TEE", sizes=("S", "M"), colours=("Bleu", "Rouge"))
    house.settled()
    house.sage.set_published("TEE", False)
    house.done("catalogue")
    assert {one.stock for one in shown(house, "TEE").values()} == {0}
    assert house.product("TEE").text("active") == "1"
    assert house.shop.stock_of(house.product("TEE").id) == 0
    quiet(house)
    house.sage.set_published("TEE", True)
    house.done()
    assert shown(house, "TEE") == expected(house, "TEE")
    quiet(house)


def test_the_guard_counts_a_product_that_is_sold_out_once_whatever_its_variants(build: Builder) -> None:
    house = policy(build, "zero_stock", articles=12, extra=RANGES, guards=GUARD)
    name_ranges(house)
    add_ranged(house, "TEE", sizes=("S", "M", "L"))
    house.settled()
    house.sage.set_published("TEE", False)
    assert house.run("catalogue").state == "done"  # 1 of 13, not 3
    house.sage.set_published("ART-001", False)
    house.sage.set_published("ART-002", False)
    report = house.run("catalogue")
    assert [(held.code, held.params["count"]) for held in report.held_by] == [("guard_gone", "2")]


def test_an_article_that_came_back_before_the_approval_keeps_its_stock(build: Builder) -> None:
    house = policy(build, "zero_stock", guards=GUARD)
    house.done()
    house.sage.set_published("ART-003", False)
    report = house.run("catalogue")
    assert report.state == "held"
    house.sage.set_published("ART-003", True)
    allow_guard(house, report)
    assert house.stock_of("ART-003") == house.expected()["ART-003"].stock
    house.settled()


# --- delete ----------------------------------------------------------------------------------------------------------


def test_a_product_that_passerelle_created_is_deleted_and_made_anew_when_its_article_is_back(build: Builder) -> None:
    house = policy(build, "delete")
    house.done()
    old = house.product("ART-003").id
    house.sage.set_published("ART-003", False)
    report = house.done("catalogue")["catalogue"]
    assert told(house, report) == [("delete_product", "ART-003", "gone")]
    assert not house.shop.product_by_reference("ART-003")
    [row] = [row for row in journal(key="ART-003") if row.kind == ActionKind.DELETE_PRODUCT.value]
    assert row.state == "confirmed"
    quiet(house)
    house.sage.set_published("ART-003", True)
    house.done()
    assert house.product("ART-003").id != old
    house.assert_shop_equals_erp()
    quiet(house)


def test_a_product_with_variants_is_deleted_whole_and_comes_back_whole(build: Builder) -> None:
    house = policy(build, "delete", extra=RANGES)
    name_ranges(house)
    add_ranged(house, "TEE", sizes=("S", "M"))
    house.settled()
    house.sage.set_published("TEE", False)
    house.done("catalogue")
    assert not house.shop.product_by_reference("TEE")
    assert len(house.shop.database["combinations"].rows) == 0
    quiet(house)
    house.sage.set_published("TEE", True)
    house.settled()
    assert shown(house, "TEE") == expected(house, "TEE")


def test_a_product_that_the_shop_had_before_is_hidden_and_the_reason_is_told(build: Builder) -> None:
    house = policy(build, "delete")
    house.shop.add_product("ART-001", name="Fait main", price="5")
    house.settled()
    for ref in ("ART-001", "ART-002"):
        house.sage.set_published(ref, False)
    report = house.done("catalogue")["catalogue"]
    assert sorted(told(house, report)) == [
        ("delete_product", "ART-002", "gone"), ("hide_product", "ART-001", "gone_adopted"),
    ]  # fmt: skip
    assert house.product("ART-001").text("active") == "0"
    quiet(house)
    house.sage.set_published("ART-001", True)
    house.settled()
    assert house.product("ART-001").text("active") == "1"


def test_deletions_are_held_by_the_guard_and_one_that_came_back_meanwhile_is_spared(build: Builder) -> None:
    house = policy(build, "delete", guards=GUARD)
    house.done()
    for ref in ("ART-001", "ART-002"):
        house.sage.set_published(ref, False)
    report = house.run("catalogue")
    assert [held.code for held in report.held_by] == ["guard_gone"]
    assert house.product("ART-001")
    house.sage.set_published("ART-001", True)
    allow_guard(house, report)
    assert house.product("ART-001").text("active") == "1"
    assert not house.shop.product_by_reference("ART-002")


def test_a_product_that_someone_deleted_before_is_no_trouble(build: Builder) -> None:
    house = policy(build, "delete")
    house.done()
    for ref in ("ART-001", "ART-002", "ART-003"):
        house.sage.set_published(ref, False)
    del house.shop.database["products"].rows[house.product("ART-002").id]
    report = house.done("catalogue")["catalogue"]
    assert report.counts["updated"] == 3
    assert sorted(row.text("reference") for row in house.shop.products.values()) == ["ART-004", "ART-005", "ART-006"]
    quiet(house)


def test_a_deletion_cannot_be_undone_and_says_so(build: Builder) -> None:
    house = policy(build, "delete")
    house.done()
    house.sage.set_published("ART-003", False)
    run = house.done("catalogue")["catalogue"].run
    undo = services.undo(house.opened(), services.find_run(run)[0])
    assert undo.state in ("done", "planned")
    assert told(house, undo) == [("skip", "ART-003", "undo_final")]


@pytest.mark.parametrize("kind", ["error_after_commit", "lost_answer", "truncated_answer"])
def test_a_deletion_without_an_answer_is_done_once_and_its_article_comes_back_in_good_order(
    build: Builder, kind: str
) -> None:
    house = policy(build, "delete")
    house.done()
    house.configure(timeout=0.4)
    house.sage.set_published("ART-003", False)
    house.shop.inject(Fault(kind, method="DELETE", resource="products", seconds=0.6))  # type: ignore[arg-type]
    house.run("catalogue")
    house.clock.sleep(30)
    house.sage.set_published("ART-003", True)
    for _ in range(3):
        house.run("catalogue")
    house.settled()
    house.assert_shop_equals_erp()


@pytest.mark.parametrize("back", [True, False])
def test_a_process_that_ends_right_after_a_deletion_leaves_nothing_linked_to_nothing(
    build: Builder, monkeypatch: pytest.MonkeyPatch, back: bool
) -> None:
    house = policy(build, "delete")
    house.done()
    house.sage.set_published("ART-003", False)

    def killed(store: DjangoStore, run_id: int, *, flow: str, settlement: Settlement) -> list[int]:
        raise SystemExit if settlement.unlink else AssertionError

    with monkeypatch.context() as patched:
        patched.setattr(DjangoStore, "settle", killed)
        with pytest.raises(SystemExit):
            house.run("catalogue")
    assert not house.shop.product_by_reference("ART-003")
    house.sage.set_published("ART-003", back)
    for _ in range(3):
        house.run("catalogue")
    house.settled()
    house.assert_shop_equals_erp()
    assert bool(house.shop.product_by_reference("ART-003")) is back


# --- leave, hide, and what a shop cannot -----------------------------------------------------------------------------


@pytest.mark.parametrize(("gone", "active"), [("leave", "1"), ("hide", "0")])
def test_a_product_is_left_or_hidden(build: Builder, gone: str, active: str) -> None:
    house = policy(build, gone)
    house.done()
    stock = house.stock_of("ART-003")
    house.sage.set_published("ART-003", False)
    house.settled()
    assert (house.product("ART-003").text("active"), house.stock_of("ART-003")) == (active, stock)


def test_a_shop_that_cannot_archive_refuses_the_profile_and_names_the_option(build: Builder) -> None:
    house = policy(build, "archive")
    report = house.run("catalogue")
    assert isinstance(report.failure, OptionUnsupported)
    assert report.failure.params["option"] == 'articles.gone = "archive"'
    assert "articles.gone" in report.failure.message
    assert report.writes == 0
    assert [found.text.code for found in services.check(house.opened()) if found.severity.value == "error"] == [
        "option_unsupported"
    ]


def test_the_journal_of_a_deletion_keeps_what_the_product_was(build: Builder) -> None:
    house = policy(build, "delete")
    house.done()
    house.sage.set_published("ART-003", False)
    report = house.done("catalogue")["catalogue"]
    [planned] = selectors.plan_of(house.opened(), report.run)
    assert {Facet.TEXTS, Facet.PRICE, Facet.LOGISTICS} <= planned.action.old.keys()


# --- over any history ------------------------------------------------------------------------------------------------


def assert_as_the_erp_says(house: House, gone: str, *, adopted: str) -> None:
    """What is in scope is shown as the ERP says; what left it is what the policy makes of it."""
    scope = house.refs()
    assert {ref: house.shown(ref) for ref in scope if ref not in ("TEE", adopted)} == house.expected("TEE", adopted)
    if "TEE" in scope:
        assert shown(house, "TEE") == expected(house, "TEE")
    there = {row.text("reference"): row for row in house.shop.products.values()}
    for ref in there.keys() - set(scope):
        if gone == "zero_stock":
            assert (there[ref].text("active"), house.stock_of(ref)) == ("1", 0)
        else:
            assert (ref, there[ref].text("active")) == (adopted, "0")
    house.assert_no_double()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(sampled(1, 60)))
@pytest.mark.parametrize("gone", ["zero_stock", "delete"])
def test_over_any_history_what_left_and_came_back_is_as_the_erp_says(build: Builder, gone: str, seed: int) -> None:
    rng = Random(seed)
    house = policy(build, gone, articles=8, extra=RANGES)
    name_ranges(house)
    add_ranged(house, "TEE", sizes=("S", "M"))
    house.shop.add_product("ART-001", name="Fait main", price="5")
    house.settled()
    out: set[str] = set()
    for _ in range(5):
        for ref in rng.sample(["TEE", *(f"ART-{n:03d}" for n in range(1, 9))], 3):
            change = rng.choice([house.sage.set_published, lambda one, on: house.sage.set_dormant(one, not on)])
            out ^= {ref}
            if ref in out:
                change(ref, False)
            else:
                house.sage.set_published(ref, True)
                house.sage.set_dormant(ref, False)
        house.sage.set_stock("ART-005", 1, on_hand=rng.randrange(1, 50))
        house.done()
        quiet(house)
        assert_as_the_erp_says(house, gone, adopted="ART-001")
