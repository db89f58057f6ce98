"""A filter decides which articles are sold online: what it leaves out is hidden, and comes back with its removal."""

from __future__ import annotations

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import House

from passerelle.app import services
from passerelle.app.services import Report
from passerelle.errors import FilterInvalid
from passerelle.ports.manifest import Severity

FLOWS = ("catalogue", "prices", "stocks")
KEPT = "AR_PrixTTC = 1"  # every second article


def filtered(condition: str, **options: object) -> str:
    """The lines of [articles] with a filter."""
    return f"filter = '''{condition}'''\n" + "\n".join(f"{name} = {value}" for name, value in options.items())


def kept(house: House) -> set[str]:
    """What the shop should show, asked of the base."""
    return {ref for (ref,) in house.sql(f"SELECT AR_Ref FROM F_ARTICLE WHERE {KEPT}")}


def visible(house: House) -> set[str]:
    return {row.text("reference") for row in house.shop.products.values() if row.text("active") == "1"}


def notes(report: Report) -> list[tuple[str, str]]:
    """How many match and how many there would be, as a preview tells it."""
    return [(note.params["count"], note.params["without"]) for note in report.notes if note.code == "filter_matches"]


def test_articles_left_out_are_hidden_and_come_back_when_the_filter_is_removed(house: House) -> None:
    house.settled()
    house.assert_shop_equals_erp()
    house.configure(articles=filtered(KEPT))
    house.settled()
    everything = set(house.refs())
    assert visible(house) == kept(house) != everything
    assert {house.product(ref).text("active") for ref in everything - kept(house)} == {"0"}
    house.configure(articles="")
    house.settled()
    house.assert_shop_equals_erp()


def test_a_change_of_the_filter_alone_is_noticed(house: House) -> None:
    house.settled()
    for condition, shown in (("AR_Ref <> 'ART-003'", 24), ("AR_Ref <> 'ART-004'", 24), ("AR_Ref > 'ART-020'", 5)):
        house.configure(articles=filtered(condition))
        house.done()
        assert len(visible(house)) == shown
    assert visible(house) == {f"ART-{n:03d}" for n in range(21, 26)}


def test_an_article_left_out_from_the_beginning_never_reaches_the_shop(house: House) -> None:
    house.configure(articles=filtered(KEPT))
    house.settled()
    assert {row.text("reference") for row in house.shop.products.values()} == visible(house) == kept(house)


def test_an_article_left_out_gets_neither_price_nor_stock(house: House) -> None:
    house.settled()
    house.configure(articles=filtered("AR_Ref <> 'ART-002'"))
    house.done()
    before = house.shop.displayed_price(house.product("ART-002").id), house.stock_of("ART-002")
    house.sage.update_article("ART-002", AR_PrixVen="777")
    house.sage.set_stock("ART-002", 1, on_hand=777)
    house.done()
    assert (house.shop.displayed_price(house.product("ART-002").id), house.stock_of("ART-002")) == before
    house.configure(articles="")
    house.settled()
    house.assert_shop_equals_erp()


def test_an_article_that_changes_sides_follows(house: House) -> None:
    house.configure(articles=filtered("AR_Stat01 <> 'NON'"))
    house.settled()
    house.sage.update_article("ART-007", AR_Stat01="NON")
    house.settled()
    assert house.product("ART-007").text("active") == "0"
    house.sage.update_article("ART-007", AR_Stat01="")
    house.settled()
    house.assert_shop_equals_erp()


def test_one_article_alone_is_held_against_the_filter_too(house: House) -> None:
    house.configure(articles=filtered("AR_Ref <> 'ART-002'"))
    for ref, found in (("ART-002", "0"), ("ART-003", "1")):
        assert notes(house.run("catalogue", only=ref, preview=True)) == [(found, "1")]
        house.run("catalogue", only=ref)
        assert len(house.shop.product_by_reference(ref)) == int(found)


def test_a_filter_that_keeps_nothing_hides_nothing(house: House) -> None:
    house.settled()
    house.configure(articles=filtered("AR_Ref = 'no such article'"))
    for flow in FLOWS:
        report = house.run(flow)
        assert [text.code for text in report.held_by] == ["guard_empty"], report
    assert visible(house) == set(house.refs())


def test_gone_articles_are_left_alone_where_the_profile_says_so(house: House) -> None:
    house.settled()
    house.configure(articles=filtered(KEPT, gone='"leave"'))
    house.settled()
    assert visible(house) == set(house.refs())


def test_a_preview_tells_how_many_match(house: House) -> None:
    house.configure(articles=filtered(KEPT))
    matching, every = str(len(kept(house))), str(len(house.refs()))
    for flow in FLOWS:
        assert notes(house.run(flow, preview=True)) == [(matching, every)]
    house.configure(articles="")
    assert notes(house.run("catalogue", preview=True)) == []


@pytest.mark.parametrize(
    ("condition", "severity", "count"),
    [(KEPT, Severity.OK, "13"), ("AR_Ref = 'ART-001'", Severity.OK, "1"), ("1 = 0", Severity.WARNING, "0")],
)
def test_a_check_tells_how_many_match(house: House, condition: str, severity: Severity, count: str) -> None:
    house.configure(articles=filtered(condition))
    [said] = [finding for finding in services.check(house.opened()) if finding.text.code == "filter_matches"]
    assert said.severity is severity
    assert said.text.params == {"count": count, "without": "25"}


def test_a_filter_that_cannot_be_used_ends_every_flow_before_a_write(build: Builder) -> None:
    house = build(articles=filtered("AR_Ref = 'a'; DROP TABLE F_ARTICLE"))
    house.stock_catalogue()
    for flow in FLOWS:
        assert isinstance(house.run(flow).failure, FilterInvalid)
    assert house.writes() == []
    [said] = [finding for finding in services.check(house.opened()) if finding.severity is Severity.ERROR]
    assert said.text.code == "filter_invalid"
    assert said.next_step is not None
    assert len(house.refs()) == 25
