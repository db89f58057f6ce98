"""Variants: the product comes first, and what the shop would break or lose is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.woocommerce.harness import WoocommerceHarness

from passerelle.domain.facets import VariantPrice
from passerelle.errors import GoneFromShop, ReferenceStuck, ReferenceTaken, RefusedByShop, WriteUnanswered
from passerelle.ports.shop import (
    OptionValueWrite,
    OptionWrite,
    Outcome,
    ProductWrite,
    StockWrite,
    VariantWrite,
)
from passerelle.sandbox.prestashop.faults import Fault as ShopFault
from passerelle.testing.builders import ProductSeed, ShopVariantSeed, product, sizes


def ids(outcomes: list[Outcome]) -> list[str]:
    """The ids of outcomes that all went well."""
    assert [one.error for one in outcomes] == [None] * len(outcomes)
    return [one.shop_id for one in outcomes]


def values_of(served: WoocommerceHarness, *names: str, option: str = "Taille") -> list[str]:
    """Make an option with these values; gives their ids."""
    shop = served.adapter
    [owner] = ids(shop.create_options([OptionWrite(key="o", name=option)]))
    return ids(shop.create_option_values([OptionValueWrite(key=n, option=owner, text=n) for n in names]))


def variant(product: str, sku: str, value: str, **changes: Any) -> VariantWrite:
    return VariantWrite(key=sku, shop_id=product, sku=sku, values=(value,), **changes)


def written(served: WoocommerceHarness) -> list[tuple[str, int]]:
    """The writing requests so far: where, and how many records."""
    return [
        (path.removeprefix("/wp-json/wc/v3/"), entities)
        for method, path, entities in served.shop.requests
        if method == "POST"
    ]


# --- the product first -----------------------------------------------------------------------------------------------


def test_the_product_lists_the_values_before_the_variants_are_made(served: WoocommerceHarness) -> None:
    small, medium = values_of(served, "S & XS", "M")
    owner = served.seed_product(ProductSeed(sku="P", stock=7))
    served.shop.reset_counters()
    ids(served.adapter.create_variants([variant(owner, "P-S", small), variant(owner, "P-M", medium)]))
    assert written(served) == [("products/batch", 1), (f"products/{owner}/variations/batch", 2)]
    row = served.shop.products[int(owner)]
    assert (row.type, row.manage_stock, [len(one.options) for one in row.attributes]) == ("variable", False, [2])
    assert [one.values for one in served.adapter.variants([owner])] == [(small,), (medium,)]


def test_a_product_that_lists_the_values_already_is_not_written_again(served: WoocommerceHarness) -> None:
    [small] = values_of(served, "S")
    owner = served.seed_product(ProductSeed(sku="P"))
    ids(served.adapter.create_variants([variant(owner, "P-1", small)]))
    served.shop.reset_counters()
    ids(served.adapter.create_variants([variant(owner, "P-2", small)]))
    assert written(served) == [(f"products/{owner}/variations/batch", 1)]


def test_values_of_variants_that_are_there_stay_listed(served: WoocommerceHarness) -> None:
    owner = served.seed_product(ProductSeed(sku="P", variants=sizes("S", "M")))
    before = served.stored().variants
    size = next(iter(served.shop.attributes))
    [large] = ids(served.adapter.create_option_values([OptionValueWrite(key="L", option=str(size), text="L")]))
    ids(served.adapter.create_variants([variant(owner, "P-L", large)]))
    assert served.stored().variants[:2] == before
    assert len(served.shop.products[int(owner)].attributes[0].options) == 3


def test_a_variant_of_a_product_that_is_gone_makes_nothing(served: WoocommerceHarness) -> None:
    [small] = values_of(served, "S")
    owner = served.seed_product(ProductSeed(sku="P"))
    served.delete_product(owner)
    before = served.stored()
    [outcome] = served.adapter.create_variants([variant(owner, "P-S", small)])
    assert isinstance(outcome.error, GoneFromShop)
    assert served.stored() == before


def test_an_unknown_value_is_refused_before_it_is_stored_raw(served: WoocommerceHarness) -> None:
    owner = served.seed_product(ProductSeed(sku="P"))
    [outcome] = served.adapter.create_variants([variant(owner, "P-S", "987")])
    assert isinstance(outcome.error, RefusedByShop)
    assert served.stored().variants == []


def test_a_value_that_someone_wrote_raw_is_none_of_ours(served: WoocommerceHarness) -> None:
    owner = served.seed_product(ProductSeed(sku="P", variants=sizes("S")))
    row = next(one for one in served.shop.products.values() if one.type == "variation")
    row.choices = dict.fromkeys(row.choices, "jaune")
    assert [one.values for one in served.adapter.variants([owner])] == [()]
    served.shop.reset_counters()
    served.adapter.variants([owner])
    assert not [path for _, path, _ in served.shop.requests if "terms" in path]


# --- lost and half done ----------------------------------------------------------------------------------------------


def test_a_reference_that_an_unreachable_variation_holds_says_how_to_free_it(served: WoocommerceHarness) -> None:
    [small] = values_of(served, "S")
    owner = served.seed_product(ProductSeed(sku="P"))
    with pytest.raises(WriteUnanswered):
        served.adapter._client.create("products/999999/variations", {"sku": "P-S"})
    assert served.adapter.variants([owner]) == []
    [outcome] = served.adapter.create_variants([variant(owner, "P-S", small)])
    assert isinstance(outcome.error, ReferenceStuck)
    assert ("P-S" in outcome.error.message, "orphaned" in outcome.error.next_step) == (True, True)
    [other] = served.adapter.create_variants([variant(owner, "P-S-2", small)])
    assert other.error is None


def test_a_batch_half_applied_at_a_timeout_is_found_and_finished(served: WoocommerceHarness) -> None:
    values = values_of(served, "S", "M", "L", "XL")
    owner = served.seed_product(ProductSeed(sku="P"))
    items = [variant(owner, f"P-{number}", value) for number, value in enumerate(values)]
    served.shop.inject(ShopFault("half_batch", method="WRITE", resource="variations", entities=2))
    with pytest.raises(WriteUnanswered):
        served.adapter.create_variants(items)
    there = {one.sku for one in served.adapter.variants([owner])}
    assert there == {"P-0", "P-1"}
    outcomes = served.adapter.create_variants(items)
    assert [isinstance(one.error, ReferenceTaken) for one in outcomes] == [True, True, False, False]
    assert sorted(one.sku for one in served.stored().variants) == ["P-0", "P-1", "P-2", "P-3"]


def test_what_was_done_of_two_products_before_an_answer_was_lost_is_found(served: WoocommerceHarness) -> None:
    small, medium = values_of(served, "S", "M")
    owners = [served.seed_product(ProductSeed(sku=sku)) for sku in ("P", "Q")]
    items = [variant(owners[0], "P-S", small), variant(owners[1], "Q-M", medium)]
    served.shop.inject(ShopFault("lost_answer", method="WRITE", resource="variations", skip=1))
    with pytest.raises(WriteUnanswered):
        served.adapter.create_variants(items)
    assert sorted(one.sku for one in served.adapter.variants(owners)) == ["P-S", "Q-M"]


# --- prices ----------------------------------------------------------------------------------------------------------


def test_the_price_of_a_product_outlives_its_variants(served: WoocommerceHarness) -> None:
    shop, [small] = served.adapter, values_of(served, "S")
    [owner] = ids(shop.create_products([product("P", context=shop.context(), price=Decimal("8.325"))]))
    item = variant(owner, "P-S", small, price=VariantPrice(stored=Decimal("9.99")))
    [id] = ids(shop.create_variants([item]))
    assert [(one.price, one.has_variants) for one in shop.read_products([owner])] == [(Decimal("8.325"), True)]
    ids(shop.update_products([ProductWrite(key="P", shop_id=owner, price=Decimal("7.5"))]))
    assert shop.read_products([owner])[0].price == Decimal("7.5")
    assert served.stored().variant(id).price == Decimal("9.99")
    ids(shop.delete_variants([VariantWrite(key="P-S", shop_id=id)]))
    row = served.shop.products[int(owner)]
    assert (row.type, row.regular_price, row.attributes) == ("simple", "7.5", [])
    assert served.stored().product(owner).price == Decimal("7.5")


def test_a_product_whose_variants_are_the_merchant_s_shows_their_lowest_price(served: WoocommerceHarness) -> None:
    id = served.shop.add_product("P", name="Clé")
    for size, price in (("S", "12"), ("M", "9.5")):
        served.shop.add_variation(id, options={"Taille": size}, sku=size, price=price)
    assert served.adapter.read_products([str(id)])[0].price == Decimal("9.5")


def test_a_price_change_of_variants_asks_nothing_first(served: WoocommerceHarness) -> None:
    served.seed_product(ProductSeed(sku="P", variants=sizes("S", "M")))
    variants = served.stored().variants
    served.adapter.context()
    served.shop.reset_counters()
    price = VariantPrice(stored=Decimal(5))
    ids(served.adapter.update_variants([VariantWrite(key=v.sku, shop_id=v.shop_id, price=price) for v in variants]))
    assert len(served.shop.requests) == 1


# --- references and barcodes that stand once -------------------------------------------------------------------------


def test_a_variant_may_have_the_reference_of_its_product(served: WoocommerceHarness) -> None:
    small, medium = values_of(served, "S", "M")
    owner = served.seed_product(ProductSeed(sku="P"))
    items = [variant(owner, "P", small), variant(owner, "P-M", medium)]
    [first, _] = ids(served.adapter.create_variants(items))
    assert [one.sku for one in served.adapter.variants([owner])] == ["P", "P-M"]
    [again] = ids(served.adapter.update_variants([VariantWrite(key="P", shop_id=first, sku="P")]))
    assert again == first
    ids(served.adapter.update_variants([VariantWrite(key="P", shop_id=first, sku="P-S")]))
    assert [one.sku for one in served.adapter.variants([owner])] == ["P-S", "P-M"]


def test_a_variant_without_a_reference_does_not_read_as_its_product(served: WoocommerceHarness) -> None:
    nameless = ShopVariantSeed(sku="", options={"Taille": "S"})
    owner = served.seed_product(ProductSeed(sku="P", variants=(nameless,)))
    assert [one.sku for one in served.adapter.variants([owner])] == [""]


def test_the_barcode_of_a_variant_is_taken_off_its_product(served: WoocommerceHarness) -> None:
    [small] = values_of(served, "S")
    owner = served.seed_product(ProductSeed(sku="P", gtin="3250000000014"))
    ids(served.adapter.create_variants([variant(owner, "P-S", small, gtin="3250000000014")]))
    assert [one.gtin for one in served.adapter.variants([owner])] == ["3250000000014"]
    assert served.stored().product(owner).gtin == ""


# --- the default -----------------------------------------------------------------------------------------------------


def test_a_default_that_is_taken_away_without_another_leaves_none(served: WoocommerceHarness) -> None:
    small = ShopVariantSeed(sku="S", options={"Taille": "S"}, default=True)
    served.seed_product(ProductSeed(sku="P", variants=(small, *sizes("M"))))
    first, second = served.stored().variants
    assert (first.default, second.default) == (True, False)
    ids(served.adapter.update_variants([VariantWrite(key="M", shop_id=second.shop_id, default=False)]))
    assert served.stored().variant(first.shop_id).default
    ids(served.adapter.update_variants([VariantWrite(key="S", shop_id=first.shop_id, default=False)]))
    assert [one.default for one in served.stored().variants] == [False, False]


# --- stock -----------------------------------------------------------------------------------------------------------


def test_quantities_go_in_one_batch_for_products_and_one_for_each_product_of_variants(
    served: WoocommerceHarness,
) -> None:
    alone = [served.seed_product(ProductSeed(sku=f"A{number}")) for number in range(3)]
    served.seed_product(ProductSeed(sku="P", variants=sizes("S", "M")))
    served.seed_product(ProductSeed(sku="Q", variants=sizes("L")))
    targets = [*(one.shop_id for one in served.stored().variants), *alone]
    served.adapter.context()
    served.shop.reset_counters()
    writes = [StockWrite(key=id, shop_id=id, stock_ref=id, quantity=n) for n, id in enumerate(targets, 3)]
    assert ids(served.adapter.set_stock(writes)) == targets
    assert sorted(entities for _, entities in written(served)) == [1, 2, 3]
    assert served.adapter.quantities(targets) == {id: n for n, id in enumerate(targets, 3)}


def test_the_stock_of_a_variant_that_is_gone_concerns_it_alone(served: WoocommerceHarness) -> None:
    served.seed_product(ProductSeed(sku="P", variants=sizes("S", "M")))
    first, second = (one.shop_id for one in served.stored().variants)
    served.delete_variant(first)
    writes = [StockWrite(key=id, shop_id=id, stock_ref=id, quantity=4) for id in (first, second)]
    gone, kept = served.adapter.set_stock(writes)
    assert isinstance(gone.error, GoneFromShop)
    assert (kept.error, served.stored().stocks) == (None, {second: 4})
