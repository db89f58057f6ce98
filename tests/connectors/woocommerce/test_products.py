"""Products: what the shop would alter without a word, and what happens instead."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.woocommerce.conftest import Serve
from tests.connectors.woocommerce.harness import WoocommerceHarness

from passerelle.errors import (
    AmountRefused,
    CapabilityMissing,
    GoneFromShop,
    NameMissing,
    ReferenceInBin,
    ReferenceRefused,
    ReferenceStuck,
    ReferenceTaken,
    RefusedByShop,
    TextRefused,
)
from passerelle.ports.shop import (
    BrandWrite,
    CategoryWrite,
    FeatureValueWrite,
    FeatureWrite,
    Outcome,
    ProductWrite,
    StockWrite,
)
from passerelle.sandbox.woocommerce import FakeWoocommerce
from passerelle.testing.builders import ProductSeed, product, sizes


def made(outcomes: list[Outcome]) -> str:
    [outcome] = outcomes
    assert outcome.error is None, outcome.error
    return outcome.shop_id


def create(served: WoocommerceHarness, key: str = "A1", **changes: Any) -> Outcome:
    [outcome] = served.adapter.create_products([product(key, context=served.adapter.context(), **changes)])
    return outcome


def update(served: WoocommerceHarness, shop_id: str, **changes: Any) -> Outcome:
    [outcome] = served.adapter.update_products([ProductWrite(key="A1", shop_id=shop_id, **changes)])
    return outcome


def attributes(served: WoocommerceHarness, product: int) -> list[tuple[str, bool, int]]:
    """The attributes of a product: name, whether variants differ by it, how many values."""
    names = {one.id: one.name for one in served.shop.attributes.values()}
    rows = served.shop.products[product].attributes
    return [(names.get(one.id, one.name), one.variation, len(one.options)) for one in rows]


# --- altered without a word ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [".", ","])
@pytest.mark.parametrize("price", ["15.99", "1234.56", "0.000001"])
def test_a_price_is_right_whatever_the_separators_of_the_shop(serve: Serve, separator: str, price: str) -> None:
    served = serve(FakeWoocommerce(decimal_separator=separator))
    outcome = create(served, price=Decimal(price))
    assert Decimal(served.shop.products[int(outcome.shop_id)].regular_price) == Decimal(price)


@pytest.mark.parametrize("price", ["NaN", "-1", "1E+13"])
def test_what_is_no_price_is_refused_before_the_shop_empties_it(served: WoocommerceHarness, price: str) -> None:
    assert isinstance(create(served, price=Decimal(price)).error, AmountRefused)
    assert served.stored().products == []


def test_an_unknown_tax_class_is_refused_before_it_becomes_the_standard_one(served: WoocommerceHarness) -> None:
    assert isinstance(create(served, tax_rule="luxury").error, RefusedByShop)
    assert served.stored().products == []


def test_a_tax_class_that_went_since_is_told_by_the_answer(served: WoocommerceHarness) -> None:
    context = served.adapter.context()
    shop_id = served.seed_product(ProductSeed(sku="A1"))
    del served.shop.tax_classes["reduced-rate"]
    [outcome] = served.adapter.update_products([ProductWrite(key="A1", shop_id=shop_id, tax_rule="reduced-rate")])
    assert context.tax_rules[1].id == "reduced-rate"
    assert isinstance(outcome.error, RefusedByShop)


def test_an_unknown_category_is_refused_before_it_becomes_the_default_one(served: WoocommerceHarness) -> None:
    assert isinstance(create(served, categories=("987",), default_category="987").error, RefusedByShop)
    assert served.stored().products == []


def test_categories_are_asked_for_once(served: WoocommerceHarness) -> None:
    context = served.adapter.context()
    for key in ("A1", "A2"):
        served.shop.reset_counters()
        served.adapter.create_products([product(key, context=context)])
        asked = [path for _, path, _ in served.shop.requests if "categories" in path]
        assert len(asked) == (key == "A1")


@pytest.mark.parametrize("sku", ["A  B", " A", "A<B", "50%20", "x" * 101, "A\tB"])
def test_a_reference_that_the_shop_would_alter_is_refused(served: WoocommerceHarness, sku: str) -> None:
    assert isinstance(create(served, key="K", sku=sku).error, ReferenceRefused)
    assert served.stored().products == []


@pytest.mark.parametrize("gtin", ["325000O000014", "é"])
def test_a_barcode_of_letters_is_refused(served: WoocommerceHarness, gtin: str) -> None:
    assert isinstance(create(served, gtin=gtin).error, TextRefused)


def test_a_product_without_a_name_is_refused_before_it_is_published_as_product(served: WoocommerceHarness) -> None:
    with pytest.raises(NameMissing):
        create(served, texts={"description": {"fr": "<p>Sans nom</p>"}})
    assert served.stored().products == []


def test_texts_that_the_shop_has_no_place_for_are_a_missing_capability(served: WoocommerceHarness) -> None:
    with pytest.raises(CapabilityMissing, match="meta title"):
        create(served, texts={"name": {"fr": "Clé"}, "meta_title": {"fr": "Clé"}})
    assert served.stored().products == []


# --- what holds a reference ------------------------------------------------------------------------------------------


def test_a_reference_of_another_product_names_it(served: WoocommerceHarness) -> None:
    other = served.seed_product(ProductSeed(sku="a1"))
    error = create(served, "A1").error
    assert isinstance(error, ReferenceTaken)
    assert error.params["shop_id"] == other


def test_a_reference_of_a_variant_names_it_with_its_product(served: WoocommerceHarness) -> None:
    served.seed_product(ProductSeed(sku="P", variants=sizes("S")))
    error = create(served, "V-S").error
    assert isinstance(error, ReferenceTaken)
    assert error.params["shop_id"] == served.stored().variants[0].shop_id


def test_a_reference_in_the_bin_says_so(served: WoocommerceHarness) -> None:
    binned = served.seed_product(ProductSeed(sku="A1"))
    served.shop.trash_product(int(binned))
    assert served.adapter.find_products(skus=["A1"]) == []
    error = create(served, "A1").error
    assert isinstance(error, ReferenceInBin)
    assert (error.params["shop_id"], "bin" in error.message) == (binned, True)


def test_a_reference_held_by_what_nobody_can_reach_says_how_to_free_it(served: WoocommerceHarness) -> None:
    served.adapter.context()
    body = {"sku": "A1", "regular_price": "5"}
    with pytest.raises(Exception, match="did not answer"):
        served.adapter._client.create("products/999999/variations", body)
    error = create(served, "A1").error
    assert isinstance(error, ReferenceStuck)
    assert "database" in error.next_step


def test_a_barcode_of_another_product_names_it(served: WoocommerceHarness) -> None:
    other = served.seed_product(ProductSeed(sku="B", gtin="3250000000014"))
    error = create(served, gtin="3250000000014").error
    assert isinstance(error, RefusedByShop)
    assert other in error.message


def test_a_reference_that_an_update_takes_from_another_is_refused(served: WoocommerceHarness) -> None:
    served.seed_product(ProductSeed(sku="B"))
    shop_id = served.seed_product(ProductSeed(sku="A1"))
    assert isinstance(update(served, shop_id, sku="B").error, ReferenceTaken)


# --- the bin ---------------------------------------------------------------------------------------------------------


def test_a_product_in_the_bin_is_gone_though_the_shop_still_takes_changes(served: WoocommerceHarness) -> None:
    shop_id = served.seed_product(ProductSeed(sku="A1", stock=3))
    served.shop.trash_product(int(shop_id))
    assert served.adapter.read_products([shop_id]) == []
    assert isinstance(update(served, shop_id, price=Decimal(3)).error, GoneFromShop)
    write = StockWrite(key="A1", shop_id=shop_id, stock_ref=shop_id, quantity=4)
    assert isinstance(served.adapter.set_stock([write])[0].error, GoneFromShop)


def test_a_deleted_product_does_not_go_to_the_bin(served: WoocommerceHarness) -> None:
    shop_id = served.seed_product(ProductSeed(sku="A1"))
    made(served.adapter.delete_products([ProductWrite(key="A1", shop_id=shop_id)]))
    assert served.shop.product_by_sku("A1") == []
    assert create(served, "A1").error is None


# --- what stays ------------------------------------------------------------------------------------------------------


def test_an_attribute_of_the_product_alone_and_one_of_its_variants_stay_where_features_change(
    served: WoocommerceHarness,
) -> None:
    shop = served.adapter
    shop_id = served.seed_product(ProductSeed(sku="A1", variants=sizes("S")))
    row = served.shop.products[int(shop_id)]
    listed = [{"id": one.id, "variation": True, "options": ["S"]} for one in row.attributes]
    served.shop.edit_product(
        row.id, attributes=[*listed, {"name": "Notice", "visible": True, "options": ["Oui", "Non"]}]
    )
    feature = made(shop.create_features([FeatureWrite(key="f", name="Matière")]))
    value = made(shop.create_feature_values([FeatureValueWrite(key="v", feature=feature, text="Acier & bois")]))
    assert update(served, shop_id, features={feature: (value,)}).error is None
    assert attributes(served, row.id) == [("Taille", True, 1), ("Notice", False, 2), ("Matière", False, 1)]
    [read] = shop.read_products([shop_id])
    assert read.features == {feature: (value,)}
    size = str(row.attributes[0].id)
    assert update(served, shop_id, features={feature: (), size: (value,)}).error is None
    assert attributes(served, row.id) == [("Taille", True, 1), ("Notice", False, 2)]


def test_a_value_that_is_there_already_is_taken(served: WoocommerceHarness) -> None:
    shop = served.adapter
    feature = made(shop.create_features([FeatureWrite(key="f", name="Matière")]))
    writes = [FeatureValueWrite(key=text, feature=feature, text=text) for text in ("Acier", "acier")]
    first, second = (outcome.shop_id for outcome in shop.create_feature_values(writes))
    assert first == second


@pytest.mark.parametrize("name", ["Type", "Longueur totale hors tout en millimètres", "Ø", "🔧", "Couleur"])
def test_attributes_get_an_address_that_the_shop_takes_even_twice(served: WoocommerceHarness, name: str) -> None:
    outcomes = served.adapter.create_features([FeatureWrite(key=str(number), name=name) for number in range(3)])
    assert [outcome.error for outcome in outcomes] == [None] * 3
    slugs = [one.slug for one in served.shop.attributes.values()]
    assert len(set(slugs)) == 3
    assert all(len(slug.removeprefix("pa_")) <= 28 for slug in slugs)


def test_a_brand_is_taken_away_though_an_empty_list_would_not(served: WoocommerceHarness) -> None:
    brand = made(served.adapter.create_brands([BrandWrite(key="b", name="Facom")]))
    shop_id = create(served, brand=brand).shop_id
    assert served.shop.products[int(shop_id)].brands == [int(brand)]
    assert update(served, shop_id, price=Decimal(3)).error is None
    assert served.shop.products[int(shop_id)].brands == [int(brand)]
    assert update(served, shop_id, brand="").error is None
    assert served.shop.products[int(shop_id)].brands == []
    assert create(served, "A2", brand="").error is None


def test_a_category_that_is_there_already_under_its_parent_is_taken(served: WoocommerceHarness) -> None:
    context = served.adapter.context()
    write = CategoryWrite(key="c", parent=context.home_category, names={"fr": "Vis & écrous"})
    assert made(served.adapter.create_categories([write])) == made(served.adapter.create_categories([write]))


def test_the_main_category_is_the_shop_s_own_once_it_moved_the_product(served: WoocommerceHarness) -> None:
    rows = [served.shop.add_category(name) for name in ("Vis", "Promotions")]
    first, second = map(str, rows)
    shop_id = create(served, categories=(first, second), default_category=second).shop_id
    assert served.adapter.read_products([shop_id])[0].category == second
    served.shop.edit_product(int(shop_id), categories=[{"id": int(first)}])
    assert served.adapter.read_products([shop_id])[0].category == first


def test_weights_are_in_the_unit_of_the_shop(served: WoocommerceHarness) -> None:
    served.shop.settings["woocommerce_weight_unit"] = "g"
    shop_id = create(served, weight=Decimal("0.35")).shop_id
    assert served.shop.products[int(shop_id)].weight == "350"
    assert served.adapter.read_products([shop_id])[0].weight == Decimal("0.35")


def test_a_new_product_has_nothing_in_stock_until_it_is_told(served: WoocommerceHarness) -> None:
    row = served.shop.products[int(create(served).shop_id)]
    assert (row.manage_stock, row.stock_quantity, row.stock_status) == (True, 0, "outofstock")


def test_a_quantity_of_a_product_that_was_not_counted_is_counted_from_then_on(served: WoocommerceHarness) -> None:
    id = served.shop.add_product("A1", name="Clé")
    assert served.adapter.quantities([str(id)]) == {str(id): 0}
    made(served.adapter.set_stock([StockWrite(key="A1", shop_id=str(id), stock_ref=str(id), quantity=7)]))
    assert served.shop.stock_of(id) == 7


# --- lookups ---------------------------------------------------------------------------------------------------------


def test_a_hundred_references_take_one_request_and_one_with_a_comma_its_own(served: WoocommerceHarness) -> None:
    skus = [f"M-{number:03}" for number in range(98)]
    served.seed_product(ProductSeed(sku="M-005"))
    served.seed_product(ProductSeed(sku="M-001,M-002"))
    served.adapter.context()
    served.shop.reset_counters()
    found = served.adapter.find_products(skus=[*skus, "M-001,M-002"])
    assert sorted(one.sku for one in found) == ["M-001,M-002", "M-005"]
    assert len(served.shop.requests) == 2


def test_zero_is_a_reference_and_does_not_give_the_whole_catalogue(served: WoocommerceHarness) -> None:
    for sku in ("0", "A", "B"):
        served.seed_product(ProductSeed(sku=sku))
    served.adapter.context()
    served.shop.reset_counters()
    assert [one.sku for one in served.adapter.find_products(skus=["0"])] == ["0"]
    [(_, path, _)] = served.shop.requests
    assert "sku=0%2C0" in path


def test_references_are_alike_as_the_shop_says_without_case_accents_and_doubled_blanks(
    served: WoocommerceHarness,
) -> None:
    served.seed_product(ProductSeed(sku="Été 1"))
    assert [one.sku for one in served.adapter.find_products(skus=["ETE  1", "A"])] == ["Été 1"]
    refused = create(served, "ete 1").error
    assert isinstance(refused, ReferenceTaken)


def test_a_reference_in_the_bin_is_found_though_its_accents_differ(served: WoocommerceHarness) -> None:
    served.shop.trash_product(int(served.seed_product(ProductSeed(sku="Été-1"))))
    assert isinstance(create(served, "ete-1").error, ReferenceInBin)


def test_long_references_keep_the_address_short_enough(served: WoocommerceHarness) -> None:
    skus = [f"É{'🔧' * 90}{number}" for number in range(40)]
    served.seed_product(ProductSeed(sku=skus[7]))
    served.adapter.context()
    served.shop.reset_counters()
    assert [one.sku for one in served.adapter.find_products(skus=skus)] == [skus[7]]
    assert max(len(path) for _, path, _ in served.shop.requests) < 7500


def test_a_variant_is_no_product(served: WoocommerceHarness) -> None:
    served.seed_product(ProductSeed(sku="P", variants=sizes("S")))
    assert served.adapter.find_products(skus=["V-S"]) == []


def test_products_that_go_while_they_are_listed_hide_no_other(served: WoocommerceHarness) -> None:
    ids = [served.seed_product(ProductSeed(sku=f"L-{number:03}")) for number in range(150)]
    listed: list[str] = []
    for page in served.adapter.product_pages():
        listed += [one.shop_id for one in page]
        if len(listed) == 100:
            for id in ids[20:50]:
                served.delete_product(id)
    assert listed == ids
