"""The usual days: a first run, a quiet one, changes of every kind."""

from __future__ import annotations

from tests.scenarios.house import House, journal


def test_a_first_run_makes_the_shop_equal_to_the_erp_and_a_second_one_writes_nothing(house: House) -> None:
    house.done()
    house.assert_shop_equals_erp()
    assert {flow: report.writes for flow, report in house.done().items()} == {"catalogue": 0, "prices": 0, "stocks": 0}


def test_a_changed_stock_is_one_write_that_carries_that_one_facet(house: House) -> None:
    house.done()
    before, entries = {ref: house.shown(ref) for ref in house.refs()}, len(journal())
    house.sage.set_stock("ART-007", 1, on_hand=99)
    house.shop.reset_counters()
    report = house.done("stocks")["stocks"]
    assert (report.writes, report.counts["updated"]) == (1, 1)
    [(method, path, entities)] = house.writes()
    assert (method, path.split("?")[0].endswith("stock_availables"), entities) == ("PATCH", True, 1)
    assert [(entry.key, entry.kind, entry.state) for entry in journal()[entries:]] == [
        ("ART-007", "set_stock", "confirmed")
    ]
    house.assert_shop_equals_erp()
    others = {ref: house.shown(ref) for ref in house.refs() if ref != "ART-007"}
    assert others == {ref: shown for ref, shown in before.items() if ref != "ART-007"}
