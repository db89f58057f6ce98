"""Who decides each field: the ERP, the ERP once, or the shop. And sheets written by hand, taken over on purpose."""

from __future__ import annotations

from typing import Any

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import House, differences, issues, stored
from tests.scenarios.test_custom_fields import features

from passerelle.app import selectors, services
from passerelle.planner.actions import ActionKind

TEXTS = """
summary = "AR_Stat01"
description = "AR_Stat02"
meta_title = "AR_Stat03"
[articles.custom_fields.features]
"Saison" = "AR_Stat02"
"""
LEFT = """
[articles.ownership]
name = "erp_once"
summary = "erp_once"
description = "shop"
brand = "shop"
categories = "erp_once"
custom_fields = "shop"
weight = "erp_once"
barcode = "shop"
"""


def home(build: Builder, extra: str = "", *, articles: str = "", shop: Any = None) -> House:
    """Six articles with texts, brands, weights and barcodes."""
    house = build(shop=shop, extra=extra, articles=articles)
    text = house.profile.read_text("utf-8").replace('en = "AR_Langue1" }\n', 'en = "AR_Langue1" }' + TEXTS, 1)
    house.profile.write_text(text, "utf-8")
    house.stock_catalogue(articles=6)
    house.sql("UPDATE F_ARTICLE SET AR_Stat01 = 'Accroche', AR_Stat02 = 'Printemps', AR_Stat03 = 'Titre'")
    house.sql("UPDATE F_ARTICLE SET AR_PoidsNet = 2500, AR_UnitePoids = 3")
    return house


def sheet(house: House, ref: str) -> dict[str, Any]:
    row = house.product(ref)
    return {
        "name": row.name[1], "summary": row.description_short[1], "description": row.description[1],
        "meta_title": row.meta_title[1], "brand": row.text("id_manufacturer"), "weight": row.text("weight"),
        "ean": row.text("ean13"), "category": row.text("id_category_default"), "active": row.text("active"),
    }  # fmt: skip


def by_hand(house: House, ref: str, **fields: Any) -> None:
    """Someone writes a product's sheet in the back office; a text goes into every language."""
    row = house.product(ref)
    for name, value in fields.items():
        row.put(name, (value,) * len(getattr(row, name)) if isinstance(getattr(row, name), dict) else value)


def erp_moves(house: House, ref: str) -> None:
    """Every field of an article changes at once."""
    house.sage.update_article(
        ref, AR_Design="Nouveau nom", AR_Langue1="New name", AR_Stat01="Autre accroche", AR_Stat02="Automne",
        AR_Stat03="Autre titre", AR_PoidsNet="4000", AR_CodeBarre="3760000099991", CL_No1=4, CL_No2=0,
        **{"Marque commerciale": "Autre marque"},
    )  # fmt: skip


def test_at_creation_erp_once_is_written_and_what_the_shop_decides_is_left_out(build: Builder) -> None:
    house = home(build, LEFT)
    house.done()
    made = sheet(house, "ART-001")
    assert (made["name"], made["summary"]) == ("Outil n° 1 élégant", "<p>Accroche</p>")
    assert made["description"] == ""
    assert made["meta_title"] == "Titre"
    assert made["brand"] in ("", "0")
    assert not house.shop.manufacturers
    assert float(made["weight"]) > 0
    assert made["ean"] == ""
    assert features(house, "ART-001") == {}
    assert house.shop.categories[int(made["category"])].name[1] == "Outils"
    assert {flow: report.writes for flow, report in house.done().items()} == {"catalogue": 0, "prices": 0, "stocks": 0}


def test_what_the_shop_decides_is_never_touched_whatever_the_erp_says(build: Builder) -> None:
    house = home(build, LEFT)
    house.done()
    by_hand(
        house, "ART-001", name="Nom du marchand", description_short="<p>À la main</p>",
        description="<p>Fiche</p>", weight="9.000000", ean13="4006381333931",
    )  # fmt: skip
    before = stored(house.shop)
    erp_moves(house, "ART-001")
    house.settled()
    touched = {name for table, _, name in differences(before, house.shop) if table == "products"}
    assert touched <= {"meta_title", "date_upd"}
    assert sheet(house, "ART-001")["meta_title"] == "Autre titre"
    assert house.product("ART-001").name[1] == "Nom du marchand"


def test_a_difference_on_a_field_that_the_shop_decides_is_no_drift(build: Builder) -> None:
    house = home(build, LEFT)
    house.done()
    by_hand(
        house, "ART-001", name="Nom du marchand", description_short="<p>À la main</p>", description="<p>Fiche</p>",
        weight="9.000000", ean13="4006381333931", id_category_default="2", id_manufacturer="0",
    )  # fmt: skip
    report = services.reconcile(house.opened(), "catalogue")
    assert (report.state, report.counts["planned"]) == ("done", 0)
    by_hand(house, "ART-001", meta_title="Autre")
    report = services.reconcile(house.opened(), "catalogue")
    assert (report.state, report.counts["planned"]) == ("held", 1)
    [planned] = [p for p in selectors.plan_of(house.opened(), report.run) if p.changes]
    assert {change.field for change in planned.changes} == {"meta_title"}
    services.approve(house.opened(), services.find_run(report.run)[0])
    assert sheet(house, "ART-001")["meta_title"] == "Titre"
    assert sheet(house, "ART-001")["name"] == "Nom du marchand"
    assert sheet(house, "ART-001")["weight"] == "9.000000"


def test_a_field_given_to_the_shop_later_writes_nothing_and_its_difference_is_no_drift(build: Builder) -> None:
    house = home(build)
    house.done()
    by_hand(house, "ART-001", name="Nom du marchand", description="<p>Fiche</p>", ean13="4006381333931")
    house.profile.write_text(house.profile.read_text("utf-8") + LEFT, "utf-8")
    assert services.reconcile(house.opened(), "catalogue").counts["planned"] == 0
    assert {report.writes for report in house.done().values()} == {0}
    erp_moves(house, "ART-001")
    house.settled()
    assert sheet(house, "ART-001")["name"] == "Nom du marchand"
    assert sheet(house, "ART-001")["description"] == "<p>Fiche</p>"
    assert sheet(house, "ART-001")["ean"] == "4006381333931"


def test_what_is_given_back_to_the_erp_is_written_when_the_erp_says_something_else(build: Builder) -> None:
    house = home(build, LEFT)
    house.done()
    erp_moves(house, "ART-001")
    house.settled()
    house.profile.write_text(house.profile.read_text("utf-8").replace(LEFT, ""), "utf-8")
    house.settled()
    now = sheet(house, "ART-001")
    assert (now["name"], now["description"], now["ean"]) == ("Nouveau nom", "<p>Automne</p>", "3760000099991")
    assert features(house, "ART-001") == {"Saison": {"Automne"}}


def test_an_undo_leaves_what_the_shop_decides_alone(build: Builder) -> None:
    house = home(build)
    house.done()
    erp_moves(house, "ART-001")
    run = house.done("catalogue")["catalogue"].run
    house.profile.write_text(house.profile.read_text("utf-8") + LEFT, "utf-8")
    by_hand(house, "ART-001", description="<p>Fiche</p>")
    undo = services.undo(house.opened(), services.find_run(run)[0])
    services.approve(house.opened(), services.find_run(undo.run)[0])
    assert sheet(house, "ART-001")["meta_title"] == "Titre"
    assert sheet(house, "ART-001")["description"] == "<p>Fiche</p>"


@pytest.mark.parametrize("owner", ["erp_once", "shop"])
def test_showing_a_product_can_be_left_to_the_shop(build: Builder, owner: str) -> None:
    house = home(build, f'[articles.ownership]\nvisibility = "{owner}"\n', articles='gone = "zero_stock"')
    house.done()
    created = "1" if owner == "erp_once" else "0"
    assert {row.text("active") for row in house.shop.products.values()} == {created}
    by_hand(house, "ART-001", active="0")
    by_hand(house, "ART-002", active="1")
    erp_moves(house, "ART-001")
    house.settled()
    assert services.reconcile(house.opened(), "catalogue").counts["planned"] == 0
    assert [sheet(house, ref)["active"] for ref in ("ART-001", "ART-002")] == ["0", "1"]


def test_where_the_shop_decides_the_categories_new_products_are_listed_to_be_put_in_their_place(
    build: Builder,
) -> None:
    house = home(build, '[articles.ownership]\ncategories = "shop"\n')
    report = house.run("catalogue", preview=True)
    told = [p.action for p in selectors.plan_of(house.opened(), report.run) if p.action.reason is not None]
    assert [a.key for a in told if a.reason is not None and a.reason.code == "to_classify"] == house.refs()
    house.done()
    assert {row.text("id_category_default") for row in house.shop.products.values()} == {"2"}
    by_hand(house, "ART-001", id_category_default="1")
    erp_moves(house, "ART-001")
    house.settled()
    assert sheet(house, "ART-001")["category"] == "1"


# --- brands that are emptied -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("send_empty", [False, True])
def test_an_emptied_brand_is_taken_off_only_if_that_is_wanted(build: Builder, send_empty: bool) -> None:
    house = home(build)
    if send_empty:
        text = house.profile.read_text("utf-8")
        house.profile.write_text(text.replace("[articles.brand]\n", "[articles.brand]\nsend_empty = true\n"), "utf-8")
    house.done()
    by_hand(house, "ART-002", id_manufacturer=house.product("ART-001").text("id_manufacturer"))  # ART-002 has none
    held = sheet(house, "ART-001")["brand"]
    house.sage.update_article("ART-001", **{"Marque commerciale": ""})
    house.sage.update_article("ART-002", AR_Design="Renommé")
    house.settled()
    assert sheet(house, "ART-001")["brand"] == ("0" if send_empty else held)
    assert sheet(house, "ART-002")["brand"] == held
    house.sage.update_article("ART-001", **{"Marque commerciale": "Forgial"})
    house.settled()
    assert house.shown("ART-001").brand == "Forgial"


# --- sheets that are taken over --------------------------------------------------------------------------------------


@pytest.fixture
def adopted(build: Builder) -> House:
    """ART-001 and ART-002 were in the shop before, in a category of the merchant's."""
    house = home(build)
    shelf = house.shop.add_category("Rayon fait main")
    for n in (1, 2):
        house.shop.add_product(
            f"ART-00{n}", name=f"Fiche {n}", price="5.5", categories=[2, shelf], description=f"<p>Soigné {n}</p>"
        )
    house.settled()
    assert sheet(house, "ART-001")["name"] == "Fiche 1"
    return house


def plan_of(house: House) -> dict[str, dict[str, tuple[Any, Any]]]:
    """Reference → field → old and new of the catalogue's plan."""
    report = house.run("catalogue", preview=True)
    assert report.writes == 0
    return {
        p.action.key: {f"{c.field}.{c.language}".rstrip("."): (c.old, c.new) for c in p.changes}
        for p in selectors.plan_of(house.opened(), report.run)
        if p.action.kind is ActionKind.UPDATE_PRODUCT
    }


def test_a_take_over_is_shown_before_it_is_written_and_can_be_undone(adopted: House) -> None:
    house = adopted
    before, shelves = stored(house.shop), sorted(house.product("ART-001").linked("categories"))
    assert services.take_over(house.opened()) == 2
    planned = plan_of(house)
    assert planned.keys() == {"ART-001", "ART-002"}
    assert planned["ART-001"]["name.fr"] == ("Fiche 1", "Outil n° 1 élégant")
    assert planned["ART-001"]["description.fr"] == ("<p>Soigné 1</p>", "<p>Printemps</p>")
    assert planned["ART-001"]["categories"] == ("Rayon fait main", "Outils")
    assert not differences(before, house.shop)
    run = house.done("catalogue")["catalogue"].run
    assert sheet(house, "ART-001")["name"] == "Outil n° 1 élégant"
    assert house.shown("ART-001").category == "Outils"
    house.settled()
    undo = services.undo(house.opened(), services.find_run(run)[0])
    assert services.approve(house.opened(), services.find_run(undo.run)[0]).counts["updated"] == 2
    moved = {name for _, _, name in differences(before, house.shop)}
    assert moved <= {"date_upd", "links"}, moved  # the order of its categories
    assert sorted(house.product("ART-001").linked("categories")) == shelves
    assert {report.writes for report in house.done().values()} == {0}
    assert services.take_over(house.opened()) == 0


def test_one_product_is_taken_over_alone_and_texts_without_categories(adopted: House) -> None:
    house = adopted
    assert services.take_over(house.opened(), only="ART-001", what="texts") == 1
    planned = plan_of(house)
    assert planned.keys() == {"ART-001"}
    assert "categories" not in planned["ART-001"]
    house.settled()
    assert sheet(house, "ART-001")["name"] == "Outil n° 1 élégant"
    assert house.shown("ART-001").category == "Rayon fait main"
    assert sheet(house, "ART-002")["name"] == "Fiche 2"
    assert services.take_over(house.opened(), what="texts") == 1
    assert services.take_over(house.opened(), what="categories") == 2


def test_what_a_taken_over_product_holds_already_is_not_written(adopted: House) -> None:
    house = adopted
    by_hand(house, "ART-001", name="Outil n° 1 élégant", description="<p>Printemps</p>", meta_title="Titre")
    by_hand(house, "ART-001", description_short="<p>Accroche</p>")
    house.product("ART-001").put("name", ("Outil n° 1 élégant", "Tool no. 1"))
    services.take_over(house.opened(), only="ART-001", what="texts")
    assert plan_of(house) == {}
    assert {report.writes for report in house.done().values()} == {0}
    by_hand(house, "ART-001", name="Autre")
    assert services.reconcile(house.opened(), "catalogue").counts["planned"] == 1


def test_a_take_over_respects_the_fields_that_the_shop_decides(adopted: House) -> None:
    house = adopted
    house.profile.write_text(house.profile.read_text("utf-8") + '[articles.ownership]\ndescription = "shop"\n', "utf-8")
    services.take_over(house.opened())
    assert not any(field.startswith("description") for field in plan_of(house)["ART-001"])
    house.settled()
    assert sheet(house, "ART-001")["description"] == "<p>Soigné 1</p>"
    assert not issues()
