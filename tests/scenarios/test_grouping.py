"""Simple articles that share a field become the variants of one product."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import House, issues
from tests.scenarios.ranged_house import shown

GROUPS = """
[articles.variants]
group_by = "AR_Stat01"
{more}
[articles.variants.options]
"Taille" = "AR_Stat02"
"Couleur" = "AR_Stat03"
"""


@pytest.fixture
def house(build: Builder) -> House:
    made = build(extra=GROUPS.format(more=""))
    made.stock_catalogue(articles=3)
    for number, (size, colour, price) in enumerate([("S", "Rouge", "10"), ("M", "Rouge", "12"), ("S", "Bleu", "10")]):
        member(made, f"TS-{number}", size=size, colour=colour, price=price, stock=4 + number)
    return made


def member(house: House, ref: str, *, size: str, colour: str, price: str = "10", stock: int = 4) -> None:
    house.sage.add_article(
        ref, AR_Design=f"T-shirt {size} {colour}", AR_Langue1=f"T-shirt {size}", AR_PrixVen=price, AR_Stat01="TSHIRT",
        AR_Stat02=size, AR_Stat03=colour,
    )  # fmt: skip
    house.sage.set_stock(ref, 1, on_hand=stock)


def seen(house: House, ref: str) -> dict[str, tuple[Decimal, int]]:
    """Values → (price incl. VAT, stock) of the variants of a product."""
    return {label: (one.price, one.stock) for label, one in shown(house, ref).items()}


def test_articles_of_a_group_are_one_product_with_a_variant_each(house: House) -> None:
    house.done()
    assert seen(house, "TS-0") == {
        "Rouge S": (Decimal("12.00"), 4), "Rouge M": (Decimal("14.40"), 5), "Bleu S": (Decimal("12.00"), 6),
    }  # fmt: skip
    assert not house.shop.product_by_reference("TS-1")
    assert house.product("TS-0").name[1] == "T-shirt S Rouge"
    house.settled()
    assert not issues()


def test_the_article_named_by_the_group_gives_the_sheet(house: House) -> None:
    member(house, "TSHIRT", size="XL", colour="Noir")
    house.done()
    assert house.product("TSHIRT").name[1] == "T-shirt XL Noir"
    assert len(seen(house, "TSHIRT")) == 4


def test_a_price_and_a_stock_of_one_article_reach_its_variant_alone(house: House) -> None:
    house.done()
    house.sage.update_article("TS-1", AR_PrixVen="15")
    house.sage.set_stock("TS-2", 1, on_hand=1)
    house.shop.reset_counters()
    house.done("prices", "stocks")
    assert [entities for _, _, entities in house.writes()] == [1, 1]
    assert seen(house, "TS-0")["Rouge M"] == (Decimal("18.00"), 5)
    assert seen(house, "TS-0")["Bleu S"] == (Decimal("12.00"), 1)


def test_an_article_that_joins_the_group_is_a_new_variant_and_one_that_leaves_is_sold_out(house: House) -> None:
    house.done()
    member(house, "TS-9", size="XXL", colour="Bleu", stock=7)
    house.sage.set_published("TS-1", False)
    house.done()
    assert seen(house, "TS-0")["Bleu XXL"] == (Decimal("12.00"), 7)
    assert seen(house, "TS-0")["Rouge M"][1] == 0
    house.settled()


def test_the_product_outlives_its_master(house: House) -> None:
    house.done()
    product = house.product("TS-0").id
    house.sage.set_published("TS-0", False)
    house.settled()
    assert house.product("TS-1").id == product
    assert {label: stock for label, (_, stock) in seen(house, "TS-1").items()} == {
        "Rouge S": 0, "Rouge M": 5, "Bleu S": 6,
    }  # fmt: skip


def test_an_article_whose_vat_differs_waits_and_the_others_are_sold(house: House) -> None:
    house.sage.set_vat_of_article("TS-1", 1, "C55")
    house.done()
    assert issues() == {("catalogue", "TS-1"): "variant_tax_differs", ("prices", "TS-1"): "variant_tax_differs"}
    assert set(seen(house, "TS-0")) == {"Rouge S", "Bleu S"}


def test_two_articles_with_the_same_values_wait(house: House) -> None:
    member(house, "TS-8", size="S", colour="Rouge")
    house.done()
    assert {key for (flow, key), code in issues().items() if code == "variant_twice"} == {"TS-0", "TS-8"}
    assert set(seen(house, "TS-0")) == {"Rouge M", "Bleu S"}


def test_one_article_of_a_group_run_alone_leaves_the_other_variants_in_place(house: House) -> None:
    house.configure(extra=GROUPS.format(more="delete_missing = true"))
    house.done()
    house.sage.update_article("TS-1", AR_PrixVen="15")
    report = house.run("prices", only="TS-1")
    assert report.state == "done"
    house.run("catalogue", only="TS-1")
    assert len(seen(house, "TS-0")) == 3
    assert seen(house, "TS-0")["Rouge M"][0] == Decimal("18.00")
