"""Other shops and other profiles: without PATCH, with a third language, prices and stocks alone, one record only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import FLOWS, House, differences, issues, stored

from passerelle.app import services, wiring
from passerelle.errors import FlowUnavailable
from passerelle.sandbox.prestashop import FakePrestashop

pytestmark = pytest.mark.slow
SHOPS: dict[str, Callable[[], FakePrestashop]] = {
    "without PATCH": lambda: FakePrestashop(version="1.7.8.11", patch=False),
    "without PHP warnings": lambda: FakePrestashop(php_warnings=False),
    "with a third language": lambda: FakePrestashop(languages=("fr", "en", "de")),
}


@pytest.mark.parametrize("kind", SHOPS)
def test_the_shop_equals_the_erp_after_a_first_run_and_after_changes(build: Builder, kind: str) -> None:
    house = build(shop=SHOPS[kind]())
    house.stock_catalogue()
    house.done()
    house.assert_shop_equals_erp()
    assert {flow: report.writes for flow, report in house.done().items()} == dict.fromkeys(FLOWS, 0)
    for n in range(1, 12):
        house.sage.update_article(f"ART-{n:03d}", AR_Design=f"Renommé {n}", AR_PrixVen=f"{n + 60}.90")
        house.sage.set_stock(f"ART-{n:03d}", 1, on_hand=70 + n)
    house.sage.set_published("ART-020", False)
    house.settled()
    house.assert_shop_equals_erp()


@pytest.mark.parametrize("kind", SHOPS)
def test_a_price_alone_changes_nothing_else_of_a_product(build: Builder, kind: str) -> None:
    house = build(shop=SHOPS[kind]())
    house.stock_catalogue()
    house.done()
    product = house.product("ART-006")
    product.put("additional_shipping_cost", "4.500000")
    product.put("condition", "used")
    house.shop.set_stock(product.id, 3)
    before = stored(house.shop)
    house.sage.set_price("ART-006", "66.60", ttc=True)
    house.done("prices")
    # a whole record cannot say "no threshold": the shop makes 0 of what is empty
    spared = {"price", "date_upd", "unit_price_ratio"} | ({"low_stock_threshold"} if not house.shop.patch else set())
    assert {name for _, _, name in differences(before, house.shop)} <= spared
    assert {ident for _, ident, _ in differences(before, house.shop)} == {product.id}


def test_prices_and_stocks_alone_touch_only_those_of_the_products_that_are_there(build: Builder) -> None:
    house = build()
    house.stock_catalogue()
    for n in range(1, 11):
        house.shop.add_product(f"ART-{n:03d}", name=f"Fiche {n}", price="1", stock=1)
    text = house.profile.read_text(encoding="utf-8").replace("export = true", "export = false")
    a, b = text.index("[articles.texts]"), text.index("[articles.tax.rules]")
    c, d = text.index("[articles.brand]"), text.index("[articles.prices]")
    house.profile.write_text(text[:a] + text[b:c] + text[d:], encoding="utf-8")
    before = stored(house.shop)
    with pytest.raises(FlowUnavailable):
        house.run("catalogue")
    house.settled("prices", "stocks")
    changed = {(table, name) for table, _, name in differences(before, house.shop)}
    assert changed <= {
        ("products", "price"), ("products", "id_tax_rules_group"), ("products", "ean13"), ("products", "date_upd"),
        ("products", "unit_price_ratio"), ("products", "weight"), ("stock_availables", "quantity"),
    }  # fmt: skip
    assert len(house.shop.products) == 10
    for n in range(1, 11):
        shown, expected = house.shown(f"ART-{n:03d}"), house.expected()[f"ART-{n:03d}"]
        assert (shown.price, shown.stock, shown.tax_group) == (expected.price, expected.stock, expected.tax_group)


def test_without_creation_only_products_that_are_there_are_linked(build: Builder) -> None:
    house = build(articles="create = false")
    house.stock_catalogue()
    house.shop.add_product("ART-003", name="Fiche", price="1")
    house.settled()
    assert [row.text("reference") for row in house.shop.products.values()] == ["ART-003"]
    assert house.shown("ART-003").price == house.expected()["ART-003"].price


@pytest.mark.parametrize("flow", FLOWS)
def test_a_run_of_one_record_leaves_the_others_and_their_issues_alone(house: House, flow: str) -> None:
    house.sage.set_price("ART-009", 0)
    house.done()
    told = issues()
    for ref in house.refs():
        house.sql(
            "UPDATE F_ARTICLE SET AR_PrixVen = AR_PrixVen + 1, AR_Design = AR_Design || '!' WHERE AR_Ref = ?", ref
        )
        house.sage.set_stock(ref, 1, on_hand=60)
    house.sage.set_published("ART-011", False)
    before = stored(house.shop)
    house.shop.reset_counters()
    report = house.run(flow, only="ART-005")
    assert (report.state, report.counts["updated"]) == ("done", 1)
    row = house.shop.stock_row(house.product("ART-005").id).id
    touched = {("products", house.product("ART-005").id), ("stock_availables", row)}
    assert {(table, ident) for table, ident, _ in differences(before, house.shop)} <= touched
    assert issues() == told


@pytest.mark.parametrize("flow", FLOWS)
def test_a_run_of_one_record_that_left_the_scope_changes_nothing(house: House, flow: str) -> None:
    house.done()
    house.sage.set_published("ART-005", False)
    before = stored(house.shop)
    report = house.run(flow, only="ART-005")
    assert (report.state, report.writes) == ("done", 0)
    assert not differences(before, house.shop)


def test_articles_without_prices_are_created_hidden_and_stay_the_shop_s_business(build: Builder) -> None:
    house = build()
    house.stock_catalogue(articles=5)
    text = house.profile.read_text(encoding="utf-8").replace("[articles.prices]\n", "")
    house.profile.write_text(text, encoding="utf-8")
    house.done("catalogue")
    assert {row.text("active") for row in house.shop.products.values()} == {"0"}
    product = house.product("ART-003")
    product.put("price", "12.000000")
    product.put("active", "1")
    house.sage.update_article("ART-003", AR_Design="Renommé")
    house.done("catalogue", "stocks")
    assert (product.text("active"), product.text("price")) == ("1", "12.000000")
    assert product.name[1] == "Renommé"


def test_a_profile_reopened_on_another_shop_address_asks_that_shop_again(build: Builder) -> None:
    house = build()
    house.stock_catalogue(articles=3)
    house.done()
    with house.shop.serve() as url:
        text = house.profile.read_text(encoding="utf-8").replace(house.url, url)
        house.profile.write_text(text, encoding="utf-8")
        opened = wiring.open_profile(str(house.profile), clock=house.clock, environ={})
        assert opened.kept_context() is None
        assert services.run_flow(opened, "catalogue").writes == 0
