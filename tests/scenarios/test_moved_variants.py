"""What random catalogues taught: articles that change groups, values that change hands, sheets that come back."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.scenarios.house import close_home, open_home
from tests.scenarios.random_oracle import told
from tests.scenarios.random_town import Town, Wishes

from passerelle.connectors.memory_shop.wire import StoredProduct

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def home(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    open_home(tmp_path, template)
    yield
    close_home()


def member(town: Town, sku: str, *, model: str, size: str, stock: int = 5) -> int:
    """A simple article of a group."""
    return town.erp.add_article(sku, price=Decimal(10), fields={"model": model, "size": size}, stock={"1": stock})


def settled(town: Town) -> None:
    """Two runs of everything are enough, and a third one writes nothing."""
    town.done()
    town.done()
    assert set(town.done().values()) == {0}


def product(town: Town, sku: str) -> StoredProduct:
    (found,) = [one for one in town.shop.products.values() if one.sku == sku]
    return found


def shown(town: Town, sku: str) -> dict[str, tuple[str, int]]:
    """Reference of each variant → (its only value, its stock)."""
    return {
        row.sku: (town.shop.option_values[row.values[0]].text, row.stock)
        for row in product(town, sku).variants.values()
    }


@pytest.mark.parametrize("delete_missing", [False, True])
@pytest.mark.parametrize(("here", "there"), [("Marin", "Sport"), ("Sport", "Marin")])
def test_an_article_that_moves_to_another_group_is_sold_there_and_no_longer_here(
    tmp_path: Path, here: str, there: str, delete_missing: bool
) -> None:
    town = Town(tmp_path, Wishes(grouped=True, delete_missing=delete_missing))
    member(town, "A1", model="Marin", size="S")
    member(town, "B1", model="Sport", size="S")
    moving = member(town, "C1", model=here, size="M", stock=7)
    homes = {"Marin": "A1", "Sport": "B1"}
    with town.connected():
        settled(town)
        town.erp.articles[moving].fields["model"] = there
        settled(town)
    assert shown(town, homes[there])["C1"] == ("M", 7)
    assert "C1" not in shown(town, homes[here])
    assert product(town, homes[here]).visible
    assert not told(town)


@pytest.mark.parametrize("delete_missing", [False, True])
@pytest.mark.parametrize("before", ["new in its group", "a product before"])
def test_an_article_that_leaves_its_group_is_a_product_with_its_own_stock_and_no_variant_any_more(
    tmp_path: Path, before: str, delete_missing: bool
) -> None:
    town = Town(tmp_path, Wishes(grouped=True, delete_missing=delete_missing))
    member(town, "A1", model="Marin", size="S")
    leaving = member(town, "A2", model="" if before == "a product before" else "Marin", size="M")
    with town.connected():
        settled(town)
        town.erp.articles[leaving].fields["model"] = "Marin"
        settled(town)
        town.erp.articles[leaving].fields["model"] = ""
        settled(town)
        town.erp.set_stock(leaving, 9)
        settled(town)
    assert shown(town, "A1") == {"A1": ("S", 5)}
    assert (product(town, "A2").visible, product(town, "A2").stock) == (True, 9)


def test_when_the_variant_shown_first_leaves_its_group_another_one_is_shown_first(tmp_path: Path) -> None:
    town = Town(tmp_path, Wishes(grouped=True))
    member(town, "A1", model="Marin", size="")  # put aside, and still the master
    leaving = member(town, "A2", model="Marin", size="M")
    member(town, "A3", model="Marin", size="L")
    with town.connected():
        settled(town)
        town.erp.articles[leaving].fields["model"] = ""
        settled(town)
    assert {row.sku: row.default for row in product(town, "A1").variants.values()} == {"A3": True}


@pytest.mark.parametrize("delete_missing", [False, True])
def test_a_group_that_gets_another_name_is_another_product_with_the_same_variants(
    tmp_path: Path, delete_missing: bool
) -> None:
    town = Town(tmp_path, Wishes(grouped=True, delete_missing=delete_missing))
    idents = [member(town, sku, model="Marin", size=size) for sku, size in (("A1", "S"), ("A2", "M"))]
    town.erp.add_article("Z", price=Decimal(1))
    with town.connected():
        settled(town)
        for ident in idents:
            town.erp.articles[ident].fields["model"] = "Sport"
        settled(town)
    visible = [one for one in town.shop.products.values() if one.visible and one.variants]
    assert [sorted(row.sku for row in one.variants.values()) for one in visible] == [["A1", "A2"]]


def test_a_ranged_article_under_another_reference_and_name_keeps_the_references_of_its_variants(tmp_path: Path) -> None:
    town = Town(tmp_path, Wishes())
    ident = town.erp.add_article("OLD", label="Un", price=Decimal(10), options=["Taille"])
    town.erp.add_variant(ident, "S", sku="V1", stock={"1": 3})
    with town.connected():
        settled(town)
        town.erp.articles[ident].sku, town.erp.articles[ident].label = "NEW", "Deux"
        settled(town)
    assert product(town, "NEW").visible
    assert not product(town, "OLD").visible
    assert shown(town, "NEW") == {"V1": ("S", 3)}


@pytest.mark.parametrize("stays", ["asleep", "put aside"])
def test_a_variant_does_not_take_the_values_that_another_one_still_has_in_the_shop(tmp_path: Path, stays: str) -> None:
    town = Town(tmp_path, Wishes())
    ident = town.erp.add_article("A", price=Decimal(10), options=["Taille"])
    for size in "SML":
        town.erp.add_variant(ident, size, sku=f"V-{size}", stock={"1": 3})
    small, medium, _ = town.erp.articles[ident].variants
    with town.connected():
        settled(town)
        medium.asleep, medium.values = (True, ["M"]) if stays == "asleep" else (False, [""])
        small.values = ["M"]
        settled(town)
        assert told(town)["V-S"] == "variant_twice"
        assert {sku: value for sku, (value, _) in shown(town, "A").items()} == {"V-S": "S", "V-M": "M", "V-L": "L"}
        medium.asleep, medium.values = False, ["XL"]
        settled(town)
    assert {sku: value for sku, (value, _) in shown(town, "A").items()} == {"V-S": "M", "V-M": "XL", "V-L": "L"}
    assert not told(town)


def test_two_variants_may_change_their_values_with_each_other(tmp_path: Path) -> None:
    town = Town(tmp_path, Wishes(batch=1))
    ident = town.erp.add_article("A", price=Decimal(10), options=["Taille"])
    for size in "SM":
        town.erp.add_variant(ident, size, sku=f"V-{size}", stock={"1": 3})
    small, medium = town.erp.articles[ident].variants
    with town.connected():
        settled(town)
        small.values, medium.values = ["M"], ["S"]
        settled(town)
    assert {sku: value for sku, (value, _) in shown(town, "A").items()} == {"V-S": "M", "V-M": "S"}


def test_the_merchant_s_own_default_stays_it_when_ours_is_deleted(tmp_path: Path) -> None:
    town = Town(tmp_path, Wishes(delete_missing=True))
    ident = town.erp.add_article("A", price=Decimal(10), options=["Taille"])
    for size in "SM":
        town.erp.add_variant(ident, size, stock={"1": 3})
    with town.connected():
        settled(town)
        for row in product(town, "A").variants.values():
            row.default = False
        value = town.shop.add_option_value(town.shop.add_option("Doublure"), "Laine")
        town.shop.add_variant(product(town, "A").id, sku="MAIN", values=[value], default=True)
        town.erp.articles[ident].variants[0].asleep = True
        settled(town)
    assert [row.sku for row in product(town, "A").variants.values() if row.default] == ["MAIN"]


def test_a_weight_that_the_article_no_longer_says_leaves_its_variants_weights_right(tmp_path: Path) -> None:
    town = Town(tmp_path, Wishes())
    ident = town.erp.add_article("A", price=Decimal(10), options=["Taille"], weight=Decimal(2))
    town.erp.add_variant(ident, "S", weight=Decimal(3), stock={"1": 3})
    with town.connected():
        settled(town)
        town.erp.articles[ident].weight = None
        settled(town)
    (row,) = product(town, "A").variants.values()
    assert (product(town, "A").weight or 0) + row.weight == 3


def test_where_the_shop_owns_prices_an_article_that_comes_back_is_not_shown_free(tmp_path: Path) -> None:
    town = Town(tmp_path, Wishes(prices=""))
    ident = town.erp.add_article("A", price=Decimal(10))
    town.erp.add_article("Z", price=Decimal(10))
    with town.connected():
        settled(town)
        town.erp.articles[ident].dormant = True
        settled(town)
        town.erp.articles[ident].dormant = False
        settled(town)
    assert not product(town, "A").visible


def test_categories_of_several_levels_are_made_in_one_request(tmp_path: Path) -> None:
    town = Town(tmp_path, Wishes(), categories_at_once=50)
    town.erp.add_category("Outils", "Scies")
    for sku, category in (("A", "Outils"), ("B", "Outils/Scies")):
        town.erp.add_article(sku, price=Decimal(10), category=category)
    with town.connected():
        settled(town)
    names = {town.shop.categories[product(town, sku).category].names["fr"] for sku in ("A", "B")}
    assert names == {"Outils", "Scies"}
    assert not told(town)
