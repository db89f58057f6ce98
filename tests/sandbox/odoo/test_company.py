"""The demo company in the simulated Odoo, and the robot that plays its warehouse."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.sandbox.odoo.client import Client

from passerelle.sandbox.odoo import FakeOdoo
from passerelle.sandbox.odoo.company import BRAND, build_company
from passerelle.sandbox.odoo.robot import Robot


@pytest.fixture(scope="module")
def company() -> FakeOdoo:
    odoo = FakeOdoo()
    build_company(odoo)
    return odoo


def own(odoo: FakeOdoo) -> list[object]:
    return [one for one in odoo.records("product.template") if "Delivery" not in (one.default_code or "")]


def test_it_has_as_many_articles_as_asked_for_a_ninth_of_them_in_variants(company: FakeOdoo) -> None:
    assert len(own(company)) == 900
    counts = Counter(one.product_tmpl_id for one in company.products.values())
    assert sum(1 for count in counts.values() if count > 1) == 100


@pytest.mark.parametrize("articles", [12, 60])
def test_a_smaller_one_is_as_large_as_it_says(articles: int) -> None:
    odoo = FakeOdoo(version=17)
    build_company(odoo, articles=articles, customers=3)
    assert len(own(odoo)) == articles


def test_the_same_numbers_give_the_same_company() -> None:
    dumps = []
    for _ in range(2):
        odoo = FakeOdoo()
        build_company(odoo, articles=60, customers=10)
        dumps.append({
            model: [{name: value for name, value in row.items() if not name.endswith("_date")} for row in rows.values()]
            for model, rows in odoo.as_json().items()
        })  # fmt: skip
    assert dumps[0] == dumps[1]


def test_a_few_articles_are_wrong_on_purpose(company: FakeOdoo) -> None:
    products = list(company.products.values())
    codes = Counter(one.default_code for one in products)
    assert codes[False] == 2
    assert [code for code, count in codes.items() if count > 1 and code] != []
    assert sum(1 for one in products if one.list_price == 0) >= 5
    assert sum(1 for one in products if len(one.taxes_id) > 1) == 1
    assert any(not one.active for one in products)
    assert any(company.stock_of(one) < 0 for one in products)


def test_it_sells_under_brands_in_a_tree_of_categories_at_several_rates(company: FakeOdoo) -> None:
    templates = company.records("product.template")
    assert len({str(getattr(one, BRAND)).strip().upper() for one in templates}) > 10
    names = [one.display_name for one in company.records("product.category")]
    assert max(name.count(" / ") for name in names) >= 3
    rates = {company.record("account.tax", tax).amount for one in templates for tax in one.taxes_id}
    assert rates >= {20.0, 10.0, 5.5}
    assert any(company.record("account.tax", tax).price_include for one in templates for tax in one.taxes_id)


def test_its_screws_cost_less_than_a_cent_and_keep_their_decimals(company: FakeOdoo) -> None:
    prices = [one.list_price for one in company.records("product.template")]
    assert any(round(price, 2) != price for price in prices)


def test_a_caller_reads_its_own_fields_and_both_languages(company: FakeOdoo) -> None:
    with company.serve() as url:
        client = Client(url, company)
        assert client.call("product.product", "fields_get", allfields=[BRAND])[BRAND]["string"] == "Marque commerciale"
        row = client.call("product.product", "search_read", domain=[["default_code", "=", "CTR-0003"]],
                          fields=["name"], context={"lang": "fr_FR"})[0]  # fmt: skip
        assert row["name"].startswith("Cutter")
        assert client.read("product.product", row["id"], "name").startswith("Safety knife")


def test_the_robot_delivers_every_third_order_in_two_parcels_and_invoices_all() -> None:
    odoo = FakeOdoo()
    first, second = (odoo.add_product(code, name=code, stock={"Dépôt principal": 9}) for code in "AB")
    partner = odoo.add_partner("Jean")
    orders = [odoo.place_order(partner, [(first, 2), (second, 1)], reference=f"OM-{one}") for one in (3, 4)]
    other = odoo.place_order(partner, [(first, 1)], reference="téléphone")
    for one in (*orders, other):
        odoo.confirm(one)
    robot = Robot(odoo)
    assert [robot.work() for _ in range(4)] == [2, 2, 1, 0]
    assert [(one.delivery_status, one.invoice_status) for one in orders] == [("full", "invoiced")] * 2
    numbers = [[parcel.carrier_tracking_ref for parcel in odoo.pickings_of(one)] for one in orders]
    assert numbers == [["6A0000000031", "6A0000000032"], ["6A0000000041"]]
    assert other.delivery_status == "pending"


def test_the_robot_confirms_quotations_only_where_it_is_told_to() -> None:
    odoo = FakeOdoo()
    product = odoo.add_product("A", name="A", stock={"Dépôt principal": 9})
    order = odoo.place_order(odoo.add_partner("Jean"), [(product, 1)], reference="OM-1")
    assert (Robot(odoo).work(), order.state) == (0, "draft")
    assert (Robot(odoo, confirms=True).work(), order.state) == (1, "sale")
