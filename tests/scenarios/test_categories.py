"""Categories made of ERP fields, and articles to put in their place where the shop owns its tree."""

from __future__ import annotations

from tests.scenarios.conftest import Builder
from tests.scenarios.house import House

from passerelle.app import selectors, services

LEVELS = '[articles.categories]\nlevels = ["AR_Stat01", "{AR_Stat02}", "AR_Stat03"]\n'


def fill(house: House, ref: str, *levels: str) -> None:
    house.sql("UPDATE F_ARTICLE SET AR_Stat01 = ?, AR_Stat02 = ?, AR_Stat03 = ? WHERE AR_Ref = ?", *levels, ref)


def path(house: House, ref: str) -> list[str]:
    """The names of a product's default category and those above it, root first."""
    categories, found = house.shop.categories, []
    one = categories[house.product(ref).number("id_category_default")]
    while one.id != 2:
        found.append(one.name[1])
        one = categories[one.number("id_parent")]
    return found[::-1]


def test_fields_make_the_tree_and_a_level_that_is_empty_is_left_out(build: Builder) -> None:
    house = build(extra=LEVELS)
    house.stock_catalogue(articles=5)
    fill(house, "ART-001", "Jardin", "Taille", "Sécateurs")
    fill(house, "ART-002", "JARDIN", "", "Sécateurs")
    fill(house, "ART-003", "Atelier", "Taille", "")
    fill(house, "ART-004", "Jardin ", "taille", "Scies")
    house.done()
    assert path(house, "ART-001") == ["Jardin", "Taille", "Sécateurs"]
    assert path(house, "ART-002") == ["Jardin", "Sécateurs"]
    assert path(house, "ART-003") == ["Atelier", "Taille"]
    assert path(house, "ART-004") == ["Jardin", "Taille", "Scies"]
    assert path(house, "ART-005") == []
    house.assert_no_double()
    assert house.done("catalogue")["catalogue"].writes == 0


def test_an_article_that_changes_its_fields_moves_and_makes_only_what_is_missing(build: Builder) -> None:
    house = build(extra=LEVELS)
    house.stock_catalogue(articles=5)
    fill(house, "ART-001", "Jardin", "Taille", "Sécateurs")
    house.done()
    fill(house, "ART-001", "Jardin", "Taille", "Cisailles")
    house.shop.reset_counters()
    house.done("catalogue")
    assert path(house, "ART-001") == ["Jardin", "Taille", "Cisailles"]
    assert [name.split("?")[0].rpartition("/")[2] for _, name, _ in house.writes()] == ["categories", "products"]
    house.settled()


def test_where_the_shop_owns_its_tree_new_products_are_listed_to_be_put_in_their_place(build: Builder) -> None:
    house = build(extra="[articles.categories]\ncreate = false\n")
    house.stock_catalogue(articles=3)
    opened = house.opened()
    report = services.run_flow(opened, "catalogue", preview=True)
    told = [planned.action for planned in selectors.plan_of(opened, report.run)]
    assert [a.key for a in told if a.reason is not None and a.reason.code == "to_classify"] == house.refs()
    house.done()
    assert not any(path(house, ref) for ref in house.refs())
    house.settled()
