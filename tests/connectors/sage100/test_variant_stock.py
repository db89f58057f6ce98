"""The stock of combinations, bases that lack tables of ranges, and which references are known."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.sage100.harness import BRUN, NOIR, SageHarness
from tests.connectors.sage100.test_statements import statements_of
from tests.connectors.sage100.test_variants import variants

from passerelle.connectors.sage100 import ranges
from passerelle.connectors.sage100.adapter import Sage100
from passerelle.connectors.sage100.config import Sage100Config
from passerelle.domain.stock import StockLevel
from passerelle.errors import RecordUnreadable, SchemaIncomplete
from passerelle.ports.erp import ProductQuery, Record, StockQuery
from passerelle.sandbox.sage100 import build_company
from passerelle.testing.builders import articles
from passerelle.testing.clock import HeldClock


def stock(harness: SageHarness, *depots: str, **query: Any) -> dict[str, Record[StockLevel]]:
    pages = harness.adapter.stock(StockQuery(warehouses=depots or ("1", "2"), **{"variants": True, **query}))
    return {one.key: one for page in pages for one in page}


# --- stock -----------------------------------------------------------------------------------------------------------


def test_every_counter_is_summed_over_the_depots_and_the_article_s_own_is_not_added(shoe: SageHarness) -> None:
    shoe.edits.set_combination_stock("SECU", NOIR, 1, on_hand="0.1", reserved=1, prepared=2, to_check=3, on_order=4)
    shoe.edits.set_combination_stock("SECU", NOIR, 2, on_hand="0.2", reserved=10, prepared=20, to_check=30, on_order=40)
    shoe.edits.set_combination_stock("SECU", BRUN, 2, on_hand=7)
    level = stock(shoe)["SECU-40-Noir"].read()
    counters = (level.on_hand, level.reserved, level.prepared, level.blocked, level.incoming)
    assert counters == (Decimal("0.3"), 11, 22, 33, 44)
    assert {key: one.read().on_hand for key, one in stock(shoe, "1").items()} == {
        "SECU-40-Noir": Decimal("0.1"),
        "SECU-40-Brun": 0,
    }
    assert stock(shoe, variants=False)["SECU"].read().on_hand == Decimal("7.3")


def test_a_page_whose_articles_sell_nothing_is_no_empty_page(shoe: SageHarness) -> None:
    for values in (NOIR, BRUN):
        shoe.edits.set_combination_dormant("SECU", values, True)
    assert list(shoe.adapter.stock(StockQuery(warehouses=("1",), variants=True))) == []
    shoe.edits.set_combination_dormant("SECU", BRUN, False)
    assert list(stock(shoe)) == ["SECU-40-Brun"]


def test_a_counter_that_is_no_number_concerns_its_variant_alone(shoe: SageHarness) -> None:
    shoe.edits.set_combination_stock("SECU", NOIR, 1, on_hand=5)
    shoe.edits.set_combination_stock("SECU", BRUN, 1, on_hand=6)
    shoe.execute("UPDATE F_GAMSTOCK SET GS_QteSto = NULL WHERE AG_No2 = 2")
    assert [one.read().on_hand for one in stock(shoe).values()] == [0, 6]


# --- other bases -----------------------------------------------------------------------------------------------------


def opened(harness: SageHarness) -> Sage100:
    return Sage100(Sage100Config(url=f"sqlite:///{harness.path}"), clock=HeldClock())


@pytest.mark.parametrize("table", ["F_ARTENUMREF", "F_ARTGAMME"])
def test_a_base_without_combinations_says_so_of_each_ranged_article(shoe: SageHarness, table: str) -> None:
    shoe.edits.add_article("A1")
    shoe.execute(f"ALTER TABLE {table} RENAME TO gone")
    with closing(opened(shoe)) as adapter:
        records = {one.key: one for page in adapter.products(ProductQuery(variants=True)) for one in page}
        levels = {
            one.key: one
            for page in adapter.stock(StockQuery(warehouses=("1",), variants=True))
            for one in page
        }  # fmt: skip
        assert set(records) == set(levels) == {"SECU", "A1"}
        for record in (records["SECU"], levels["SECU"]):
            with pytest.raises(RecordUnreadable, match=f"SECU.*no {table}"):
                record.read()
        assert (records["A1"].read().sku, levels["A1"].read().on_hand) == ("A1", 0)
        plain = [one.read() for page in adapter.products(ProductQuery()) for one in page]
        assert [one.has_variants for one in plain] == [True, False]
        assert adapter.count(ProductQuery(only="SECU-40-Noir")) == 0


def test_a_base_without_their_stock_says_so_of_each_variant(shoe: SageHarness) -> None:
    shoe.execute("ALTER TABLE F_GAMSTOCK RENAME TO gone")
    with closing(opened(shoe)) as adapter:
        (page,) = adapter.stock(StockQuery(warehouses=("1",), variants=True))
        assert [(one.key, one.erp_id) for one in page] == [("SECU-40-Noir", "1-2"), ("SECU-40-Brun", "1-3")]
        for record in page:
            with pytest.raises(RecordUnreadable, match=f"{record.key}.*no F_GAMSTOCK"):
                record.read()
        assert len([one.read() for page in adapter.products(ProductQuery(variants=True)) for one in page]) == 1


def test_a_base_without_range_prices_or_names_still_has_variants(shoe: SageHarness) -> None:
    shoe.edits.set_combination_price("SECU", NOIR, 1, 61)
    for table in ("F_TARIFGAM", "P_GAMME"):
        shoe.execute(f"ALTER TABLE {table} RENAME TO gone_{table}")
    with closing(opened(shoe)) as adapter:
        ((record,),) = adapter.products(ProductQuery(variants=True))
        first = record.read().variants[0]
        assert (first.price, first.options) == (None, (("Gamme 1", "40"), ("Gamme 2", "Noir")))


def test_a_table_of_ranges_that_lacks_a_column_is_named(shoe: SageHarness) -> None:
    shoe.execute("ALTER TABLE F_ARTENUMREF RENAME COLUMN AE_Sommeil TO gone")
    with closing(opened(shoe)) as adapter, pytest.raises(SchemaIncomplete, match=r"F_ARTENUMREF\.AE_Sommeil"):
        adapter.products(ProductQuery(variants=True))


def test_keys_are_the_same_whatever_their_case_and_the_spaces_behind_them(shoe: SageHarness) -> None:
    shoe.edits.set_combination_stock("SECU", NOIR, 1, on_hand=5)
    shoe.execute("UPDATE F_ARTENUMREF SET AR_Ref = 'secu'")
    shoe.execute("UPDATE F_GAMSTOCK SET AR_Ref = 'Secu'")
    assert [one.sku for one in variants(shoe)] == ["SECU-40-Noir", "SECU-40-Brun"]
    assert stock(shoe)["SECU-40-Noir"].read().on_hand == 5
    assert shoe.adapter.count(ProductQuery(only="SECU-40-Noir  ")) == 1


# --- what it costs ---------------------------------------------------------------------------------------------------


def test_nothing_is_asked_about_ranges_where_nobody_wants_variants(shoe: SageHarness) -> None:
    shoe.adapter.fields()
    seen = statements_of(shoe.adapter, lambda: list(shoe.adapter.products(ProductQuery())))
    seen += statements_of(shoe.adapter, lambda: list(shoe.adapter.stock(StockQuery(warehouses=("1",)))))
    assert not [name for name in ("F_ARTENUMREF", "F_TARIFGAM", "F_GAMSTOCK", "P_GAMME") if name in " ".join(seen)]


def test_the_number_of_queries_follows_the_pages_not_the_variants(shoe: SageHarness) -> None:
    shoe.seed(*articles(5))
    shoe.adapter.fields()
    query, levels = ProductQuery(variants=True), StockQuery(warehouses=("1",), variants=True)

    def asked() -> tuple[int, int]:
        adapter = shoe.adapter
        return (
            len(statements_of(adapter, lambda: [one.read() for page in adapter.products(query) for one in page])),
            len(statements_of(adapter, lambda: [one.read() for page in adapter.stock(levels) for one in page])),
        )

    before = asked()
    for size in range(41, 80):
        shoe.edits.add_combination("SECU", (str(size), "Noir"))
    assert asked() == before


# --- whether a reference is known ------------------------------------------------------------------------------------


def test_a_reference_is_known_by_whatever_a_variant_is_called(shoe: SageHarness) -> None:
    shoe.edits.update_combination("SECU", NOIR, AE_Ref="SN-40")
    count = shoe.adapter.count
    for sku, found in (
        ("SN-40", 1), ("SECU-40-Brun", 1), ("SECU", 1), ("SECU-40-Noir", 0), ("SECU-40", 0), ("SECU-40-Brun-", 0),
        ("-40-Brun", 0), ("", 0), ("-" * 80, 0), ("%", 0),
    ):  # fmt: skip
        assert count(ProductQuery(only=sku)) == found, sku
    shoe.edits.set_combination_dormant("SECU", NOIR, True)
    assert count(ProductQuery(only="SN-40")) == 0
    shoe.edits.set_published("SECU", False)
    assert count(ProductQuery(only="SECU-40-Brun")) == 0
    assert count(ProductQuery(only="SECU-40-Brun", published_only=False)) == 1
    assert count(ProductQuery(only="SECU-40-Brun", published_only=False, filter="AR_PrixVen > 60")) == 0


@pytest.mark.parametrize("erp_id", ["12", "0-1", "1-", "-1", "1-2-3", "01-2", "1 -2", "9999999999-1", "", "é-1"])
def test_what_is_no_pair_of_numbers_is_no_id_of_a_combination(erp_id: str) -> None:
    assert ranges.numbers_of(erp_id) is None


def test_the_id_of_a_combination_is_read_as_it_is_written() -> None:
    for numbers in ((1, 0), (12, 345), (999_999_999, 1)):
        assert ranges.numbers_of(ranges.erp_id(numbers)) == numbers


def test_the_demo_company_s_variants_are_all_read_and_held_in_stock(tmp_path: Path) -> None:
    build_company(tmp_path / "demo.db", articles=60, ranged=100, customers=3)
    with closing(Sage100(Sage100Config(url=f"sqlite:///{tmp_path / 'demo.db'}"), clock=HeldClock())) as adapter:
        found = [one.read() for page in adapter.products(ProductQuery(variants=True)) for one in page]
        query = StockQuery(warehouses=("1", "2"), variants=True)
        levels = {one.key: one.read() for page in adapter.stock(query) for one in page}
    every = [variant for one in found for variant in one.variants]
    assert len(every) == len({one.sku for one in every}) > 800
    assert {one.sku for one in every} <= set(levels)
    assert {len(one.options) for one in every} == {1, 2}
    assert any(one.price for one in every)
    assert max(len(one.categories) for one in found) == 4
