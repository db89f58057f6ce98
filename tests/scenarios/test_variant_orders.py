"""Orders of variants: which one was sold reaches the ERP, and what is sold of one is not put back on sale."""

from __future__ import annotations

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import issues
from tests.scenarios.order_house import Trade
from tests.scenarios.ranged_house import RANGES, add_ranged, expected, name_ranges, shown


@pytest.fixture
def trade(build: Builder) -> Trade:
    house = build()
    house.stock_catalogue(articles=2)
    name_ranges(house)
    add_ranged(house, "CHEMISE", colours=("Rouge", "Bleu"), stock=20)
    made = Trade(house)
    house.configure(extra=house.wishes.extra + RANGES)
    house.done()
    return made


def combination(trade: Trade, *values: str) -> tuple[int, int]:
    """(product, combination) of the shop."""
    house = trade.house
    product = house.product("CHEMISE").id
    for ident, row in house.shop.combinations_of(product).items():
        held = {
            house.shop.database["product_option_values"].rows[int(v[0])].name[1]
            for v in row.links["product_option_values"]
        }
        if held == set(values):
            return product, ident
    raise AssertionError(values)


LINES = """
SELECT l.AR_Ref, v1.EG_Enumere, v2.EG_Enumere, l.DL_Qte FROM F_DOCLIGNE l
  JOIN F_DOCENTETE h ON h.DO_Piece = l.DO_Piece AND h.DO_Type = l.DO_Type
  LEFT JOIN F_ARTGAMME v1 ON v1.AG_No = l.AG_No1 LEFT JOIN F_ARTGAMME v2 ON v2.AG_No = l.AG_No2 AND l.AG_No2 <> 0
WHERE h.DO_NoWeb = ? AND l.AR_Ref = 'CHEMISE' ORDER BY l.DL_Ligne
"""


def test_an_order_of_two_variants_reaches_the_erp_with_their_values_and_to_the_cent(trade: Trade) -> None:
    red, blue = combination(trade, "M", "Rouge"), combination(trade, "L", "Bleu")
    order = trade.order((*red, 2), (*blue, 1))
    trade.day(work=False)
    lines = trade.house.sql(LINES, f"MD-{order}")
    assert [(ref, size, colour, int(quantity)) for ref, size, colour, quantity in lines] == [
        ("CHEMISE", "M", "Rouge", 2),
        ("CHEMISE", "L", "Bleu", 1),
    ]
    trade.assert_one_document_each(order)
    assert not issues()


def test_what_is_sold_of_a_variant_is_netted_on_that_variant_alone(trade: Trade) -> None:
    house = trade.house
    before = {label: one.stock for label, one in shown(house, "CHEMISE").items()}
    trade.order((*combination(trade, "M", "Rouge"), 3))
    house.done("stocks")
    after = {label: one.stock for label, one in shown(house, "CHEMISE").items()}
    assert {label: before[label] - after[label] for label in before if before[label] != after[label]} == {"Rouge M": 3}


def test_once_the_document_is_there_the_stock_of_the_variant_is_that_of_the_erp(trade: Trade) -> None:
    house = trade.house
    order = trade.order((*combination(trade, "S", "Bleu"), 4))
    trade.day()
    trade.assert_one_document_each(order)
    house.settled("stocks")
    assert shown(house, "CHEMISE") == expected(house, "CHEMISE")
    assert trade.status(order) in (4, 5)


def test_an_order_cancelled_gives_the_variant_its_stock_back(trade: Trade) -> None:
    house = trade.house
    before = shown(house, "CHEMISE")
    order = trade.order((*combination(trade, "S", "Bleu"), 4), state=10)
    house.done("stocks")
    house.shop.change_state(order, 6)
    house.settled("stocks")
    assert shown(house, "CHEMISE") == before


def test_a_line_sold_without_a_choice_of_variant_waits_and_says_which_article(trade: Trade) -> None:
    product, _ = combination(trade, "S", "Bleu")
    order = trade.order((product, 1))
    trade.house.done("orders")
    assert issues() == {("orders", str(order)): "order_line_unknown"}
    assert trade.documents(order) == []
