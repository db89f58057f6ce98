"""Answers are lost, cut, late or false, at every kind of write: nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import FLOWS, SOAK, House, issues, journal
from tests.scenarios.ranged_house import RANGES, add_ranged, expected, name_ranges, shown

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


# --- variants --------------------------------------------------------------------------------------------------------

VARIANT_WRITES = (
    "POST product_options", "POST product_option_values", "POST combinations", "PATCH combinations",
    "DELETE combinations",
)  # fmt: skip


def ranged(build: Builder, **wishes: object) -> House:
    """A shop in step with one ranged article, then changes that need every kind of write of variants."""
    house = build(extra=RANGES + "delete_missing = true\n", **wishes)
    house.stock_catalogue(articles=3)
    name_ranges(house)
    add_ranged(house, "BOTTE", sizes=("40", "41", "42"), price="59.90", ttc=1)
    house.done()
    house.sage.set_combination_dormant("BOTTE", ("40",), True)
    house.sage.set_combination_price("BOTTE", ("41",), 1, "66.60")
    house.sage.update_combination("BOTTE", ("42",), AE_Ref="CUISSARDE")
    add_ranged(house, "CHEMISE", sizes=("S", "M"), colours=("Rouge", "Bleu"))
    house.shop.reset_counters()
    return house


def assert_variants_are_there_once(house: House) -> None:
    """The shop shows each combination of the ERP once; no option and no value is there twice."""
    for ref in ("BOTTE", "CHEMISE"):
        assert house.product(ref).text("active") == "1"
        assert shown(house, ref) == expected(house, ref)
    options = [row.name[1] for row in house.shop.database["product_options"]]
    values = [(row.text("id_attribute_group"), row.name[1]) for row in house.shop.database["product_option_values"]]
    assert len(options) == len(set(options))
    assert len(values) == len(set(values))


def assert_one_outcome_each() -> None:
    """Of what was journalled of a run, each record was written once at most, and nothing is left open."""
    written = [(entry.run_id, entry.seq) for entry in journal() if entry.state == "confirmed"]
    assert len(written) == len(set(written))
    assert not [entry for entry in journal() if entry.state in ("intended", "doubted")]


@pytest.mark.parametrize("write", VARIANT_WRITES)
@pytest.mark.parametrize("kind", KINDS)
def test_one_bad_answer_to_a_write_of_variants_loses_and_doubles_nothing(build: Builder, kind: str, write: str) -> None:
    for skip in range(2 if SOAK else 1):
        house = ranged(build, timeout=0.4)
        fault = KINDS[kind]()
        fault.method, fault.resource = write.split()
        fault.skip = skip
        house.shop.inject(fault)
        for flow in FLOWS:
            assert house.run(flow).state in ("done", "failed")
            house.assert_nothing_free()
        assert SOAK or not house.shop.mischief.faults, "the fault met no request"
        house.shop.mischief.faults.clear()
        house.settled()
        assert_variants_are_there_once(house)
        assert_one_outcome_each()
        assert not issues()


def test_a_bad_combination_in_the_middle_of_a_batch_is_parked_and_the_others_are_made_once(build: Builder) -> None:
    house = ranged(build)
    house.sage.update_combination("CHEMISE", ("S", "Bleu"), AE_CodeBarre="PAS UN CODE", AE_Ref="FAUTIVE")
    house.done()
    assert {key for _, key in issues()} == {"FAUTIVE"}
    made = {label: one for label, one in expected(house, "CHEMISE").items() if label != "Bleu S"}
    assert shown(house, "CHEMISE") == made
    assert len(made) == 3
    assert_one_outcome_each()
    house.sage.update_combination("CHEMISE", ("S", "Bleu"), AE_CodeBarre="3760000000017")
    house.settled()
    assert_variants_are_there_once(house)
    assert not issues()
