"""Further categories of the shop, which the ERP names; what is not clear is told and waits for the shop."""

from __future__ import annotations

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import House, differences, stored

from passerelle.app import selectors, services
from passerelle.app.services import Report

OPTIONS = '[articles.categories]\nextra = "AR_Stat01"\n{more}\n'
OWN_TREE = "create = false"


@pytest.fixture(params=["", OWN_TREE], ids=["the ERP's tree", "the shop's own tree"])
def house(build: Builder, request: pytest.FixtureRequest) -> House:
    made = build(extra=OPTIONS.format(more=request.param))
    made.stock_catalogue(articles=4)
    return made


def say(house: House, ref: str, value: str) -> None:
    house.sql("UPDATE F_ARTICLE SET AR_Stat01 = ? WHERE AR_Ref = ?", value, ref)


def shelves(house: House, ref: str) -> set[str]:
    """The names of a product's categories."""
    return {str(house.shop.categories[one].name[1]) for one in house.product(ref).linked("categories")}


def default(house: House, ref: str) -> str:
    return str(house.shop.categories[house.product(ref).number("id_category_default")].name[1])


def told(house: House, report: Report) -> list[tuple[str, str]]:
    planned = (p.action for p in selectors.plan_of(house.opened(), report.run))
    return [(a.key, a.reason.code) for a in planned if a.reason is not None and a.reason.code != "to_classify"]


def quiet(house: House) -> None:
    assert {flow: report.writes for flow, report in house.done().items()} == {"catalogue": 0, "prices": 0, "stocks": 0}


def test_a_product_is_put_there_too_by_name_by_number_and_by_path(house: House) -> None:
    promo = house.shop.add_category("Promotions  d'été")
    news = house.shop.add_category("Nouveautés")
    others = {house.shop.add_category("Accessoires", parent=promo)}
    wanted = house.shop.add_category("Accessoires", parent=news)
    say(house, "ART-001", f" promotions d'ÉTÉ | {news} |nouveautés > Accessoires| ")
    report = house.done()["catalogue"]
    assert told(house, report) == []
    main = default(house, "ART-001")
    assert main == ("Accueil" if house.wishes.extra.count(OWN_TREE) else "Outils")
    added = {"Promotions  d'été", "Nouveautés", "Accessoires"}
    assert added <= shelves(house, "ART-001")
    assert main in shelves(house, "ART-001")
    assert wanted in house.product("ART-001").linked("categories")
    assert not others & set(house.product("ART-001").linked("categories"))
    assert not shelves(house, "ART-002") & added
    quiet(house)
    assert services.reconcile(house.opened(), "catalogue").counts["planned"] == 0


def test_a_category_that_the_erp_names_no_more_is_left_and_only_that_one(house: House) -> None:
    house.shop.add_category("Promotions")
    house.shop.add_category("Nouveautés")
    say(house, "ART-001", "Promotions|Nouveautés")
    house.done()
    main = default(house, "ART-001")
    before = stored(house.shop)
    say(house, "ART-001", "Nouveautés")
    house.settled()
    assert "Promotions" not in shelves(house, "ART-001")
    assert "Nouveautés" in shelves(house, "ART-001")
    assert default(house, "ART-001") == main
    assert {name for table, _, name in differences(before, house.shop) if table == "products"} <= {"links", "date_upd"}
    say(house, "ART-001", "")
    house.settled()
    assert "Nouveautés" not in shelves(house, "ART-001")


def test_a_name_that_is_not_found_or_found_twice_is_told_and_the_product_goes_on(house: House) -> None:
    first, second = house.shop.add_category("Jardin"), house.shop.add_category("Maison")
    for parent in (first, second):
        house.shop.add_category("Lampes", parent=parent)
    say(house, "ART-001", "Promotions|Maison")
    say(house, "ART-002", "Lampes")
    say(house, "ART-003", "9999")
    report = house.done()["catalogue"]
    assert told(house, report) == [
        ("ART-001", "category_not_found"), ("ART-002", "category_ambiguous"), ("ART-003", "category_not_found"),
    ]  # fmt: skip
    assert "Maison" in shelves(house, "ART-001")
    assert not {"Lampes", "Jardin"} & (shelves(house, "ART-002") | shelves(house, "ART-003"))
    assert told(house, house.done("catalogue")["catalogue"]) == told(house, report)
    quiet(house)
    house.shop.add_category("Promotions")
    house.settled()
    assert {"Maison", "Promotions"} <= shelves(house, "ART-001")
    assert ("ART-001", "category_not_found") not in told(house, house.done("catalogue")["catalogue"])


def test_while_a_name_is_not_clear_nothing_that_was_put_before_is_taken_away(house: House) -> None:
    there = house.shop.add_category("Promotions")
    say(house, "ART-001", "Promotions")
    house.done()
    house.shop.categories[there].put("name", ("Soldes", "Sales"))
    house.sage.update_article("ART-001", AR_Design="Renommé")
    report = house.done("catalogue")["catalogue"]
    assert told(house, report) == [("ART-001", "category_not_found")]
    assert "Soldes" in shelves(house, "ART-001")


def test_where_the_merchant_put_a_product_it_stays_where_the_shop_owns_its_tree(build: Builder) -> None:
    house = build(extra=OPTIONS.format(more=OWN_TREE))
    house.stock_catalogue(articles=2)
    house.shop.add_category("Promotions")
    house.done()
    shelf = house.shop.add_category("Rayon du marchand")
    product = house.product("ART-001")
    product.put("id_category_default", str(shelf))
    product.links["categories"] = ((str(shelf),),)
    say(house, "ART-001", "Promotions")
    house.settled()
    assert (default(house, "ART-001"), shelves(house, "ART-001")) == (
        "Rayon du marchand", {"Rayon du marchand", "Promotions"},
    )  # fmt: skip
    say(house, "ART-001", "")
    house.settled()
    assert shelves(house, "ART-001") == {"Rayon du marchand"}


def test_a_further_category_taken_off_by_hand_is_drift_and_is_repaired(house: House) -> None:
    house.shop.add_category("Promotions")
    say(house, "ART-001", "Promotions")
    house.done()
    product = house.product("ART-001")
    main = default(house, "ART-001")
    product.links["categories"] = tuple(one for one in product.links["categories"][:1])
    report = services.reconcile(house.opened(), "catalogue")
    assert (report.state, report.counts["planned"]) == ("held", 1)
    services.approve(house.opened(), services.find_run(report.run)[0])
    assert "Promotions" in shelves(house, "ART-001")
    assert default(house, "ART-001") == main
    assert services.reconcile(house.opened(), "catalogue").counts["planned"] == 0


def test_a_run_can_be_undone_and_stays_so(house: House) -> None:
    house.shop.add_category("Promotions")
    house.done()
    before = shelves(house, "ART-001")
    say(house, "ART-001", "Promotions")
    run = house.done("catalogue")["catalogue"].run
    undo = services.undo(house.opened(), services.find_run(run)[0])
    services.approve(house.opened(), services.find_run(undo.run)[0])
    assert shelves(house, "ART-001") == before
    quiet(house)


def test_a_category_deleted_in_the_shop_is_told_and_hurts_nothing(house: House) -> None:
    there = house.shop.add_category("Promotions")
    say(house, "ART-001", "Promotions")
    house.done()
    del house.shop.database["categories"].rows[there]
    product = house.product("ART-001")
    product.links["categories"] = tuple(one for one in product.links["categories"] if one[0] != str(there))
    services.reconcile(house.opened(), "catalogue")
    report = house.done("catalogue")["catalogue"]
    assert told(house, report) == [("ART-001", "category_not_found")]
    house.shop.add_category("Promotions")
    house.settled()
    assert "Promotions" in shelves(house, "ART-001")
