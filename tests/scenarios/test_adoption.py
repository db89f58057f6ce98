"""A first run over a shop that was filled by hand: linked, never doubled, its sheets never overwritten."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import House, differences, ean13, incl_vat, issues, stored

from passerelle.app import services

pytestmark = pytest.mark.slow
TEXTS = ("name", "description", "description_short", "meta_title", "meta_description", "link_rewrite")


@pytest.fixture
def filled(build: Builder) -> House:
    """Articles 1 to 12 are in the shop by hand: 1-6 by reference, 7-8 by barcode alone, 9-12 oddly."""
    house = build()
    house.stock_catalogue()
    shop = house.shop
    shelf = shop.add_category("Rayon fait main")
    for n in range(1, 7):
        shop.add_product(
            f"ART-{n:03d}", name=f"Fiche écrite à la main {n}", price="5.5", stock=3, categories=[shelf],
            description=f"<p>Un texte soigné {n}</p>", active="0" if n == 2 else "1",
        )  # fmt: skip
    for n in (7, 8):
        shop.add_product("", name=f"Sans référence {n}", price="5.5", ean13=ean13(n), categories=[shelf])
    for _ in range(2):
        shop.add_product("ART-009", name="En double", price="1", categories=[shelf])
        shop.add_product("", name="Code-barres en double", price="1", ean13=ean13(10), categories=[shelf])
    shop.add_product("AUTRE-11", name="Même code-barres", price="1", ean13=ean13(11), categories=[shelf])
    shop.add_product("art-012", name="Autre casse", price="1", categories=[shelf])
    shop.add_product("PAS-DANS-L-ERP", name="Rien à voir", price="9", stock=4, categories=[shelf])
    return house


ADOPTED = [*range(1, 9), 12]
ODD_NAMES = ("En double", "Code-barres en double", "Même code-barres", "Rien à voir")
ODD = {"ART-009": "match_ambiguous", "ART-010": "match_ambiguous", "ART-011": "match_contradicts"}


def _sheet(house: House, ident: int) -> dict[str, object]:
    row = house.shop.products[ident]
    return {
        **{name: getattr(row, name) for name in TEXTS},
        "categories": row.linked("categories"), "default": row.text("id_category_default"),
        "active": row.text("active"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "first", [("catalogue", "prices", "stocks"), ("prices", "catalogue", "stocks"), ("stocks", "prices", "catalogue")]
)
def test_adoption_makes_no_double_and_overwrites_no_sheet(filled: House, first: tuple[str, ...]) -> None:
    house, shop = filled, filled.shop
    before = {ident: _sheet(house, ident) for ident in shop.products}
    stranger = max(shop.products)
    foreign = [row for row in shop.products.values() if row.name[1] in ODD_NAMES]
    assert len(foreign) == 6
    whole = stored(shop)
    house.done(*first)
    house.settled()
    changed = {ident for table, ident, _ in differences(whole, shop) if table == "products" and ident <= stranger}
    assert not changed & {row.id for row in foreign}
    assert {ident: _sheet(house, ident) for ident in before} == before
    created = {row.text("reference") for ident, row in shop.products.items() if ident > stranger}
    assert created == {f"ART-{n:03d}" for n in range(13, 26)}
    for n in ADOPTED:
        [product] = [row for row in shop.products.values() if row.text("reference").upper() == f"ART-{n:03d}"]
        expected = house.expected()[f"ART-{n:03d}"]
        assert shop.displayed_price(product.id) == expected.price
        assert shop.stock_of(product.id) == expected.stock
    assert {key: code for (flow, key), code in issues().items() if flow == "catalogue"} == ODD


def test_what_the_merchant_hid_stays_hidden_until_the_article_leaves_and_comes_back(filled: House) -> None:
    house = filled
    house.settled()
    assert house.product("ART-002").text("active") == "0"
    house.sage.update_article("ART-002", AR_Design="Un nouveau nom", AR_PrixVen="99.90")
    house.settled()
    assert house.product("ART-002").text("active") == "0"
    for published, active in ((False, "0"), (True, "1")):
        house.sage.set_published("ART-001", published)
        house.sage.set_published("ART-002", published)
        house.settled()
        assert house.product("ART-001").text("active") == active
        assert house.product("ART-002").text("active") == active


def test_a_product_that_two_runs_meant_to_adopt_is_adopted_once(filled: House) -> None:
    house = filled
    planned = house.run("stocks", preview=True)
    house.done("catalogue")
    house.sage.set_published("ART-001", False)
    house.done("catalogue")
    house.sage.set_published("ART-001", True)
    assert services.approve(house.opened(), services.find_run(planned.run)[0]).state == "done"
    house.done("catalogue")
    assert house.product("ART-001").text("active") == "1"


def test_a_barcode_that_two_articles_share_identifies_no_product(build: Builder) -> None:
    house = build()
    house.stock_catalogue(articles=3)
    house.sage.update_article("ART-002", AR_CodeBarre=ean13(1))
    house.shop.add_product("", name="Lequel ?", price="1", ean13=ean13(1))
    house.done("catalogue")
    assert house.shop.products[1].text("reference") == ""


def test_a_barcode_that_a_linked_product_carries_too_is_an_issue_and_never_a_guess(build: Builder) -> None:
    house = build()
    house.stock_catalogue(articles=3)
    house.done()
    house.shop.add_product("", name="Lequel ?", price="1", ean13=ean13(1))
    house.add_article(4)
    house.sage.update_article("ART-004", AR_CodeBarre=ean13(1))
    before = stored(house.shop)
    house.done("catalogue")
    assert issues() == {("catalogue", "ART-004"): "match_ambiguous"}
    assert not differences(before, house.shop)


def test_a_prices_run_changes_the_price_and_the_tax_of_its_products_and_nothing_else(filled: House) -> None:
    house, shop = filled, filled.shop
    house.settled()
    house.sage.set_price("ART-001", "77.70", ttc=True)
    house.sage.set_price("ART-020", "88.80", ttc=False)
    changing = {house.product("ART-001").id, house.product("ART-020").id}
    before = stored(shop)
    shop.reset_counters()
    house.done("prices")
    assert [(method, entities) for method, _, entities in house.writes()] == [("PATCH", 2)]
    assert differences(before, shop) <= {
        ("products", ident, name) for ident in changing for name in ("price", "date_upd", "unit_price_ratio")
    }
    assert shop.displayed_price(house.product("ART-001").id) == Decimal("77.70")
    assert shop.displayed_price(house.product("ART-020").id) == incl_vat(
        Decimal("88.80"), included=False, rate=Decimal(20)
    )
