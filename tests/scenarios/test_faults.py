"""Answers are lost, cut, late or false, at every kind of write: nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import FLOWS, SOAK, House, issues, journal

from passerelle.errors import AnswerUnreadable, CredentialsRefused, RateLimited, Unavailable
from passerelle.sandbox.prestashop import Fault

pytestmark = pytest.mark.slow

KINDS: dict[str, Callable[[], Fault]] = {
    "a 500 that had committed": lambda: Fault("error_after_commit"),
    "a lost answer": lambda: Fault("lost_answer"),
    "a truncated answer": lambda: Fault("truncated_answer"),
    "a batch half done at a timeout": lambda: Fault("half_batch", entities=2, seconds=0.6),
    "a connection reset": lambda: Fault("reset"),
    "too many requests": lambda: Fault("status", status=429, retry_after=2),
    "a maintenance page": lambda: Fault("status", status=503),
    "a page of HTML": lambda: Fault("html"),
}
WRITES = ("POST products", "PATCH products", "PATCH stock_availables", "POST categories", "POST manufacturers")
LASTING = 50


def changed(house: House) -> None:
    """A shop in step, then changes that need every kind of write."""
    house.stock_catalogue()
    house.done()
    for n in range(1, 10):
        house.sage.update_article(
            f"ART-{n:03d}", AR_Design=f"Renommé {n}", AR_PrixVen=f"{n + 60}.90", **{"Marque commerciale": f"Marque {n}"}
        )
        house.sage.set_stock(f"ART-{n:03d}", 1, on_hand=100 + n)
    house.sql("INSERT INTO F_CATALOGUE (CL_No, CL_Intitule, CL_NoParent, CL_Niveau) VALUES (5, 'Clous', 4, 1)")
    house.sql("INSERT INTO F_CATALOGUE (CL_No, CL_Intitule, CL_NoParent, CL_Niveau) VALUES (6, 'Vis', 4, 1)")
    house.sage.update_article("ART-010", CL_No1=4, CL_No2=5)
    house.sage.update_article("ART-011", CL_No1=4, CL_No2=6)
    for n in range(26, 32):
        house.add_article(n)
    house.sage.set_published("ART-012", False)
    house.shop.reset_counters()


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("kind", KINDS)
def test_one_bad_answer_to_a_write_loses_and_doubles_nothing(build: Builder, kind: str, write: str) -> None:
    for skip in range(3 if SOAK else 1):
        house = build(timeout=0.4)
        changed(house)
        method, resource = write.split()
        fault = KINDS[kind]()
        fault.method, fault.resource, fault.skip = method, resource, skip
        house.shop.inject(fault)
        for flow in FLOWS:
            assert house.run(flow).state in ("done", "failed")
            house.assert_nothing_free()
        assert SOAK or not house.shop.mischief.faults, "the fault met no request"
        house.shop.mischief.faults.clear()
        house.settled()
        house.assert_shop_equals_erp()
        assert not issues()


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("kind", ["a 500 that had committed", "a truncated answer", "a connection reset"])
def test_a_shop_that_never_answers_well_is_in_step_once_it_does(build: Builder, kind: str, write: str) -> None:
    house = build(timeout=2)
    changed(house)
    fault = KINDS[kind]()
    fault.method, fault.resource = write.split()
    fault.times = LASTING
    house.shop.inject(fault)
    for flow in FLOWS:
        house.run(flow)
        house.assert_nothing_free()
    house.shop.mischief.faults.clear()
    house.settled()
    house.assert_shop_equals_erp()
    assert not issues()


@pytest.mark.parametrize("write", WRITES)
def test_a_shop_that_goes_away_after_a_lost_answer_is_looked_at_first_when_it_is_back(
    build: Builder, write: str
) -> None:
    house = build(timeout=2)
    changed(house)
    method, resource = write.split()
    house.shop.inject(Fault("error_after_commit", method=method, resource=resource))

    def gone() -> None:
        house.shop.inject(Fault("reset", times=10_000))

    house.shop.hook("after_write", gone, resource=resource)
    for flow in FLOWS:
        house.run(flow)
    assert house.shop.mischief.faults
    house.shop.mischief.faults.clear()
    house.shop.mischief.hooks.clear()
    house.settled()
    house.assert_shop_equals_erp()
    house.sage.update_article("ART-026", AR_Design="Toujours à nous", CL_No1=1, CL_No2=2)
    house.done()
    house.assert_shop_equals_erp()


def test_a_stock_taken_in_a_lost_answer_and_put_back_in_the_erp_is_put_back_in_the_shop(house: House) -> None:
    house.done()
    before = house.stock_of("ART-005")
    house.sage.set_stock("ART-005", 1, on_hand=90)
    house.shop.inject(Fault("error_after_commit", method="WRITE", resource="stock_availables"))
    house.shop.hook("after_write", lambda: house.shop.inject(Fault("reset", times=1000)), resource="stock_availables")
    assert house.run("stocks").state == "failed"
    house.shop.mischief.faults.clear()
    assert house.stock_of("ART-005") != before
    house.sage.set_stock("ART-005", 1, on_hand=15)
    house.done("stocks")
    assert house.stock_of("ART-005") == before
    house.assert_shop_equals_erp()


def test_a_stock_parked_after_two_lost_answers_is_written_again_though_the_erp_went_back(house: House) -> None:
    house.done()
    house.sage.set_stock("ART-005", 1, on_hand=90)
    house.shop.inject(Fault("error_after_commit", method="WRITE", resource="stock_availables", times=2))
    house.done("stocks")
    assert issues() == {("stocks", "ART-005"): "refused_by_shop"}
    house.sage.set_stock("ART-005", 1, on_hand=15)
    house.done("stocks")
    assert not issues()
    house.assert_shop_equals_erp()


def test_a_shop_that_answers_no_write_at_all_is_left_alone_after_a_dozen(house: House) -> None:
    house.done()
    for n in range(1, 26):
        house.sage.set_stock(f"ART-{n:03d}", 1, on_hand=60 + n)
    house.shop.reset_counters()
    house.shop.inject(Fault("error_after_commit", method="WRITE", times=1000))
    report = house.run("stocks")
    assert (report.state, type(report.failure)) == ("failed", Unavailable)
    assert len(house.writes()) == 12
    house.shop.mischief.faults.clear()
    house.settled()
    house.assert_shop_equals_erp()


def test_a_refused_key_stops_the_run_and_nothing_is_lost(house: House) -> None:
    house.done("catalogue")
    house.configure(key="PASSERELLEWRONGKEY00000000000000")
    house.sage.update_article("ART-001", AR_Design="Un nouveau nom")
    entries = len(journal())
    for flow in FLOWS:
        report = house.run(flow)
        assert report.state == "failed"
        assert isinstance(report.failure, CredentialsRefused)
    assert {entry.state for entry in journal()[entries:]} <= {"postponed"}
    house.configure(key="")
    house.settled()
    house.assert_shop_equals_erp()


def test_a_key_that_is_revoked_in_the_middle_loses_and_doubles_nothing(build: Builder) -> None:
    house = build()
    house.stock_catalogue()
    rights = house.shop.keys[house.shop.key]
    house.shop.hook("after_write", lambda: house.shop.keys.pop(house.shop.key), resource="products")
    report = house.run("catalogue")
    assert isinstance(report.failure, CredentialsRefused)
    house.shop.keys[house.shop.key] = rights
    house.settled()
    house.assert_shop_equals_erp()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("status", status=429, retry_after=2, times=1000), RateLimited),
        (Fault("status", status=503, times=1000), Unavailable),
        (Fault("reset", times=1000), Unavailable),
        (Fault("html", times=1000), AnswerUnreadable),
    ],
)
def test_a_shop_that_cannot_be_read_fails_the_run_with_its_reason(
    house: House, fault: Fault, error: type[Exception]
) -> None:
    house.done()
    house.sage.set_stock("ART-001", 1, on_hand=55)
    house.add_article(26)
    house.shop.inject(fault)
    for flow in ("catalogue", "stocks"):
        report = house.run(flow)
        assert (report.state, type(report.failure)) == ("failed", error)
    house.shop.mischief.faults.clear()
    house.settled()
    house.assert_shop_equals_erp()


def test_a_webservice_that_is_switched_off_says_so(house: House) -> None:
    house.done()
    house.add_article(26)
    house.shop.webservice_enabled = False
    report = house.run("catalogue")
    assert (report.state, report.failure and report.failure.code()) == ("failed", "service_disabled")
    house.shop.webservice_enabled = True
    house.settled()
    house.assert_shop_equals_erp()
