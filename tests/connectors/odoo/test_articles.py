"""Articles of Odoo: what is in scope, what they are called, what they cost, how much of them is there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.odoo.conftest import Serve
from tests.connectors.odoo.harness import REFERENCE, OdooHarness, connect

from passerelle.domain.catalogue import Product
from passerelle.domain.pricing import Price
from passerelle.domain.stock import StockLevel, StockType, quantity
from passerelle.errors import FieldUnknown, PriceCategoryUnknown, RecordUnreadable, ReferenceTwice
from passerelle.ports.erp import ProductQuery, Record, StockQuery
from passerelle.sandbox.odoo import FakeOdoo
from passerelle.sandbox.odoo.fields import boolean, char, choice, number
from passerelle.sandbox.odoo.starting_data import MAIN
from passerelle.testing.builders import article, pieces

MAIN_WAREHOUSE = "Dépôt principal"


def records(harness: OdooHarness, **query: Any) -> dict[str, Record[Product]]:
    pages = harness.adapter.products(ProductQuery(**query))
    return {record.erp_id: record for page in pages for record in page}


def products(harness: OdooHarness, **query: Any) -> dict[str, Product]:
    """By reference, as read."""
    return {record.key: record.read() for record in records(harness, **query).values()}


def level(harness: OdooHarness, sku: str, *warehouses: str, **query: Any) -> StockLevel:
    asked = StockQuery(warehouses=warehouses or (MAIN_WAREHOUSE,), **query)
    [found] = [record for page in harness.adapter.stock(asked) for record in page if record.key == sku]
    return found.read()


# --- which articles --------------------------------------------------------------------------------------------------


def test_articles_of_another_company_are_not_ours_and_shared_ones_are(harness: OdooHarness) -> None:
    harness.odoo.add_product("SHARED", name="a", company_id=False)
    harness.odoo.add_product("OURS", name="b", company_id=harness.odoo.company)
    harness.odoo.add_product("THEIRS", name="c", company_id=MAIN)
    assert set(products(harness)) == {"SHARED", "OURS"}


def test_an_article_without_a_reference_is_out_of_scope(harness: OdooHarness) -> None:
    harness.odoo.add_product(None, name="Forfait")
    harness.seed(article("A1"))
    assert set(products(harness)) == {"A1"}
    assert harness.adapter.count(ProductQuery()) == 1


def test_a_reference_given_twice_concerns_both_even_on_other_pages(harness: OdooHarness) -> None:
    harness.seed(*(article(f"A{number}") for number in range(7)))
    harness.odoo.add_product("A0", name="Double")
    found = records(harness)
    doubles = [record for record in found.values() if record.key == "A0"]
    assert len(doubles) == 2
    for record in doubles:
        with pytest.raises(ReferenceTwice):
            record.read()
    assert sum(record.read().sku != "A0" for record in found.values() if record not in doubles) == 6


def test_a_reference_that_two_variants_bear_concerns_their_articles_and_their_own_stock(harness: OdooHarness) -> None:
    codes = {"S": "SAME", "M": "PULL-M"}
    harness.odoo.add_template("Pull", attributes={"Taille": ["S", "M"]}, codes=codes, **{REFERENCE: "PULL"})
    harness.odoo.add_product("SAME", name="Autre")
    harness.seed(article("A1"))
    found = {record.key: record for record in records(harness, variants=True).values()}
    for key in ("PULL", "SAME"):
        with pytest.raises(ReferenceTwice, match="SAME"):
            found[key].read()
    assert found["A1"].read().sku == "A1"
    query = StockQuery(warehouses=(MAIN_WAREHOUSE,), variants=True)
    read = [record for page in harness.adapter.stock(query) for record in page]
    assert sorted(record.key for record in read) == ["A1", "PULL-M", "SAME", "SAME"]
    for record in read:
        if record.key == "SAME":
            with pytest.raises(ReferenceTwice):
                record.read()
        else:
            assert record.read().on_hand == 0


def test_published_means_on_odoo_s_own_site_where_there_is_one(serve: Serve) -> None:
    harness = serve(FakeOdoo(modules=("website_sale",)))
    harness.seed(article("A1"), article("A2"))
    template = harness.product("A2").values["product_tmpl_id"]
    harness.odoo.write("product.template", template, {"is_published": False})
    harness.odoo.write("product.template", harness.product("A1").values["product_tmpl_id"], {"is_published": True})
    assert set(products(harness)) == {"A1"}


def test_a_filter_follows_the_tree_of_categories(harness: OdooHarness) -> None:
    harness.seed(article("A1", category=("Outillage", "Vis")), article("A2", category=("Jardin",)))
    top = harness.odoo.category("Outillage")
    assert set(products(harness, filter=f"[('categ_id', 'child_of', {top})]")) == {"A1"}
    assert set(products(harness, filter="[('categ_id.name', '=', 'Jardin')]")) == {"A2"}


# --- what they are called --------------------------------------------------------------------------------------------


def test_without_a_field_for_it_an_article_with_variants_is_called_by_its_number(serve: Serve) -> None:
    harness = serve(FakeOdoo(), template_reference="")
    template = harness.odoo.add_template("Pull", attributes={"Taille": ["S", "M"]}, codes={"S": "PULL-S"})
    found = products(harness, variants=True)[f"T{template}"]
    assert (found.erp_id, [one.sku for one in found.variants]) == (f"T{template}", ["PULL-S", f"T{template}-M"])
    assert set(products(harness, only=f"T{template}")) == {f"T{template}"}
    assert [harness.adapter.count(ProductQuery(only=sku)) for sku in ("PULL-S", f"T{template}-M", "T999")] == [1, 1, 0]


def test_an_attribute_that_leaves_no_choice_makes_no_variants(harness: OdooHarness) -> None:
    harness.odoo.add_template("Gant", attributes={"Matière": ["Cuir"]}, default_code="GANT")
    found = products(harness, variants=True)["GANT"]
    assert (found.has_variants, found.variants) == (False, ())


def test_variants_come_in_the_order_of_their_values(harness: OdooHarness) -> None:
    template = harness.odoo.add_template("Pull", attributes={"Taille": ["M", "S"]}, **{REFERENCE: "PULL"})
    for value in harness.odoo.records("product.attribute.value"):
        harness.odoo.write("product.attribute.value", value, {"sequence": 1 if value.name == "S" else 2})
    found = products(harness, variants=True)["PULL"]
    assert [one.options for one in found.variants] == [(("Taille", "S"),), (("Taille", "M"),)]
    assert found.erp_id == f"T{template}"


def test_the_top_of_the_tree_is_left_out_and_can_be_another(serve: Serve) -> None:
    harness = serve(FakeOdoo())
    harness.seed(article("A1", category=("Vente", "Outillage", "Vis")), article("A2"))
    named = connect(harness.odoo, harness.url, root_category="Vente")
    for adapter, path in ((harness.adapter, ["Vente", "Outillage", "Vis"]), (named, ["Outillage", "Vis"])):
        found = {record.key: record.read() for page in adapter.products(ProductQuery()) for record in page}
        assert [category.names["fr"] for category in found["A1"].categories] == path
    assert products(harness)["A2"].categories == ()
    named.close()


# --- texts -----------------------------------------------------------------------------------------------------------


def test_fields_are_shown_as_people_read_them_in_each_language(harness: OdooHarness) -> None:
    odoo = harness.odoo
    own = (
        choice("x_season", "Season", [("s", "Summer")]), boolean("x_fragile", "Fragile"), number("x_depth", "Depth"),
        char("x_brand", "Brand"), char("x_empty", "Empty"),
    )  # fmt: skip
    for field in own:
        odoo.add_field("product.template", field)
    values = {"x_season": "s", "x_fragile": True, "x_depth": 12.5, "x_brand": "Facom"}
    odoo.add_product("A1", name={"fr_FR": "Clé", "en_US": "Wrench"}, category="Outillage", **values)
    names = ("name", "name@en_US", "categ_id", *(field.name for field in own))
    assert set(names) <= set(harness.adapter.fields())
    found = products(harness, fields=frozenset(names))["A1"]
    assert found.label == "Clé"
    assert found.fields == {
        "name": "Clé", "name@en_US": "Wrench", "categ_id": "Outillage", "x_season": "Summer", "x_fragile": "1",
        "x_depth": "12.5", "x_brand": "Facom", "x_empty": "",
    }  # fmt: skip


def test_a_field_that_odoo_lacks_is_named_with_what_is_near(harness: OdooHarness) -> None:
    with pytest.raises(FieldUnknown) as unknown:
        harness.adapter.products(ProductQuery(fields=frozenset({"default_cod"})))
    assert "default_code" in unknown.value.params["nearest"]
    assert not {"image_1920", "taxes_id", "write_date"} & set(harness.adapter.fields())


# --- prices and taxes ------------------------------------------------------------------------------------------------


def test_taxes_of_purchases_and_of_other_companies_do_not_count(harness: OdooHarness) -> None:
    odoo = harness.odoo
    others = [odoo.tax(20.0, use="purchase"), odoo.tax(15.0, company=MAIN)]
    odoo.add_product("A1", name="A1", taxes=[*others, odoo.tax(5.5)])
    odoo.add_product("A2", name="A2", taxes=others)
    found = products(harness)
    assert (found["A1"].tax.code, found["A1"].tax.rate) == (f"tax-{odoo.tax(5.5)}", Decimal("5.5"))  # type: ignore[union-attr]
    assert found["A2"].tax is None


def test_several_sales_taxes_are_an_issue_of_their_article(harness: OdooHarness) -> None:
    harness.odoo.add_product("A1", name="A1", taxes=[harness.odoo.tax(20.0), harness.odoo.tax(10.0)])
    [record] = records(harness).values()
    with pytest.raises(RecordUnreadable, match="20% G, 10% G"):
        record.read()


def test_a_price_list_gives_the_base_price_and_that_of_variants(harness: OdooHarness) -> None:
    odoo = harness.odoo
    plain = odoo.record("product.product", odoo.add_product("A1", name="A1", list_price=10))
    template = odoo.add_template(
        "Pull", attributes={"Taille": ["S", "M"]}, list_price=40, extras={"M": 5}, **{REFERENCE: "PULL"}
    )
    rules = [
        {"applied_on": "3_global", "compute_price": "percentage", "percent_price": 10},
        {"applied_on": "1_product", "product_tmpl_id": plain.values["product_tmpl_id"], "compute_price": "fixed",
         "fixed_price": 8.5},
        {"applied_on": "0_product_variant", "product_id": odoo.variant(template, "S").id, "compute_price": "fixed",
         "fixed_price": 30},
    ]  # fmt: skip
    number_ = odoo.add_pricelist("Pro", items=rules)
    found = products(harness, base_price="Pro", variants=True)
    assert found["A1"].price == Price(Decimal("8.5"), False)
    assert found["PULL"].price == Price(Decimal(36), False)
    assert [one.price for one in found["PULL"].variants] == [Price(Decimal(30), False), Price(Decimal("40.5"), False)]
    assert found == products(harness, base_price=str(number_), variants=True)
    own = products(harness, variant_prices="Pro", variants=True)["PULL"]
    assert own.price == Price(Decimal(40), False)
    assert [one.price.amount for one in own.variants if one.price] == [30, Decimal("40.5")]


def test_a_price_list_in_another_currency_is_none_of_ours(harness: OdooHarness) -> None:
    dollars = next(row.id for row in harness.odoo.records("res.currency") if row.name == "USD")
    harness.odoo.add_pricelist("Export", currency_id=dollars)
    harness.odoo.add_pricelist("Pro")
    harness.odoo.add_pricelist("Pro")
    first, second = (str(row.id) for row in harness.odoo.records("product.pricelist")[1:])
    assert harness.adapter.price_categories() == [first, second]
    for name in ("Export", "Pro"):
        with pytest.raises(PriceCategoryUnknown):
            harness.adapter.products(ProductQuery(base_price=name))


def test_a_changed_rule_changes_the_digests_of_those_who_ask_for_it_alone(harness: OdooHarness) -> None:
    harness.seed(article("A1"))
    harness.odoo.add_pricelist("Pro", items=[{"compute_price": "percentage", "percent_price": 10}])
    before = [records(harness, base_price=name) for name in ("Pro", "article")]
    harness.odoo.write("product.pricelist.item", harness.odoo.records("product.pricelist.item"), {"percent_price": 20})
    after = [records(harness, base_price=name) for name in ("Pro", "article")]
    assert [
        next(iter(old.values())).digest != next(iter(new.values())).digest
        for old, new in zip(before, after, strict=True)
    ] == [True, False]


# --- stock -----------------------------------------------------------------------------------------------------------


def test_what_is_ordered_is_reserved_even_where_there_is_not_enough(harness: OdooHarness) -> None:
    harness.seed(article("A1", stock=pieces(47)))
    order = harness.odoo.place_order(harness.customer, [(harness.product("A1"), 503)])
    assert level(harness, "A1").reserved == 0
    harness.odoo.confirm(order)
    found = level(harness, "A1")
    assert (found.on_hand, found.reserved, found.prepared, found.incoming) == (47, 503, 0, 0)
    wanted = {StockType.REAL: 47, StockType.AVAILABLE: 47, StockType.FORECAST: -456, StockType.REAL_MINUS_ORDERS: -456}
    assert {name: quantity(found, stock_type=name) for name in wanted} == wanted


def test_warehouses_are_named_or_numbered(harness: OdooHarness) -> None:
    harness.seed(article("A1", stock=pieces(5, 7)))
    by_name = {one.name: one.id for one in harness.adapter.warehouses()}
    assert set(by_name) == set(harness.warehouses)
    assert level(harness, "A1", *by_name.values()).on_hand == 12
    assert level(harness, "A1", by_name[MAIN_WAREHOUSE], MAIN_WAREHOUSE.upper()).on_hand == 5
