"""Obligations of a shop connector: variants of products, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from passerelle.domain.catalogue import ShopVariant
from passerelle.domain.facets import VariantPrice
from passerelle.errors import GoneFromShop, RecordError
from passerelle.ports.manifest import Capability
from passerelle.ports.shop import (
    BatchRefused,
    OptionValueWrite,
    OptionWrite,
    Outcome,
    ProductWrite,
    ShopOption,
    ShopOptionValue,
    StockWrite,
    TextLimit,
    VariantWrite,
)
from passerelle.testing.builders import ProductSeed, ShopVariantSeed, sizes
from passerelle.testing.harness import ShopHarness, needs
from passerelle.testing.hostile import BEYOND, PRICES, QUANTITIES, REFERENCES, TEXTS
from passerelle.testing.shop_reading import orders
from passerelle.testing.shop_writing import fits

BASE = Decimal("12.500000")  # what a seeded product costs
NOTHING = Decimal("0.000000")
IMPOSSIBLE = VariantPrice(stored=Decimal(10) ** 20, base=BASE)  # a price that no shop takes


def needs_variants(harness: ShopHarness) -> None:
    """Skip a test of a shop that does not declare variants."""
    needs(harness.adapter.manifest, Capability.VARIANTS_WRITE)


def options_of(harness: ShopHarness, *names: str) -> dict[str, str]:
    """Make an option with these values; gives the ids of the values by name."""
    [option] = harness.adapter.create_options([OptionWrite(key="Taille", name="Taille")])
    writes = [OptionValueWrite(key=name, option=option.shop_id, text=name) for name in names]
    return {outcome.key: outcome.shop_id for outcome in harness.adapter.create_option_values(writes)}


def priced(harness: ShopHarness, stored: Decimal | None) -> VariantPrice:
    """A price of a variant of a seeded product, as this shop wants to be told."""
    difference = harness.adapter.context().variant_basis == "difference"
    return VariantPrice(stored=stored, base=BASE if difference else None)


def kept(harness: ShopHarness, whole: Decimal, *, base: Decimal) -> Decimal:
    """What this shop stores of an amount of a variant."""
    return whole - base if harness.adapter.context().variant_basis == "difference" else whole


def made(outcomes: Sequence[Outcome]) -> list[str]:
    """The ids of outcomes that all went well."""
    wrong = {one.key: f"{one.error!r} {one.error.detail}" for one in outcomes if one.error is not None}
    assert not wrong, f"the shop refuses something ordinary: {wrong}"
    return [one.shop_id for one in outcomes]


def ids_of(variants: Sequence[ShopVariant]) -> dict[str, str]:
    """Their ids by reference."""
    return {variant.sku: variant.shop_id for variant in variants}


def seeded(harness: ShopHarness, *names: str, stock: int = 0) -> tuple[str, dict[str, str]]:
    """A product with a variant of each size: its id, and theirs by size."""
    product = harness.seed_product(ProductSeed(sku="P-1", variants=sizes(*names, stock=stock)))
    found = {one.sku.removeprefix("V-"): one.shop_id for one in harness.stored().variants}
    assert list(found) == list(names)
    return product, found


def defaults(harness: ShopHarness) -> list[str]:
    """The references of the variants that say they are the default."""
    return [variant.sku for variant in harness.stored().variants if variant.default]


class ShopVariants:
    """What is written of variants is stored as it was written, and what is not ours is left alone."""

    # --- options ------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("name", ["Taille", "Couleur & finition", "Ø intérieur"])
    def test_an_option_and_its_values_read_back_as_written(self, harness: ShopHarness, name: str) -> None:
        needs_variants(harness)
        shop = harness.adapter
        [option, other] = made(shop.create_options([OptionWrite(key=n, name=n) for n in (name, "Autre")]))
        texts = ["38", "L'écru & bleu", "XL (large)"]
        writes = [OptionValueWrite(key=text, option=option, text=text) for text in texts]
        ids = made(shop.create_option_values(writes))
        assert shop.options() == [ShopOption(option, name), ShopOption(other, "Autre")] == harness.stored().options
        values = [ShopOptionValue(id, option, text) for id, text in zip(ids, texts, strict=True)]
        assert shop.option_values([option]) == values == harness.stored().option_values
        assert shop.option_values([other]) == shop.option_values([]) == []

    @pytest.mark.parametrize("kind", ["option", "option_value"])
    @pytest.mark.parametrize("text", [*TEXTS, *BEYOND])
    def test_a_hostile_name_of_an_option_is_kept_within_the_limits_or_refused(
        self, harness: ShopHarness, kind: str, text: str
    ) -> None:
        needs_variants(harness)
        shop, limit = harness.adapter, harness.adapter.context().limits.get(kind, TextLimit())
        [owner] = made(shop.create_options([OptionWrite(key="o", name="Taille")]))
        if kind == "option":
            [outcome] = shop.create_options([OptionWrite(key="t", name=text)])
            stored = [one.name for one in harness.stored().options if one.id != owner]
        else:
            [outcome] = shop.create_option_values([OptionValueWrite(key="t", option=owner, text=text)])
            stored = [one.text for one in harness.stored().option_values]
        if outcome.error is None:
            assert stored == [text]
        else:
            assert stored == []
            assert text in BEYOND or not fits(text, limit), f"refused within the limits: {outcome.error!r}"

    @pytest.mark.parametrize("kind", ["option", "option_value"])
    def test_a_name_of_an_option_as_long_as_declared_is_stored(self, harness: ShopHarness, kind: str) -> None:
        needs_variants(harness)
        text = "x" * harness.adapter.context().limits[kind].max_length
        [option] = made(harness.adapter.create_options([OptionWrite(key="o", name=text if kind == "option" else "T")]))
        if kind == "option_value":
            made(harness.adapter.create_option_values([OptionValueWrite(key="v", option=option, text=text)]))
            assert [value.text for value in harness.stored().option_values] == [text]
        else:
            assert [one.name for one in harness.stored().options] == [text]

    # --- read ---------------------------------------------------------------------------------------------------

    def test_variants_are_read_as_the_shop_holds_them(self, harness: ShopHarness) -> None:
        needs_variants(harness)
        small = ShopVariantSeed(
            sku="P-1-S", options={"Taille": "S", "Couleur": "Bleu"}, gtin="3250000000014", default=True,
            price=Decimal("1.666667"), weight=Decimal("-0.050000"), stock=3,
        )  # fmt: skip
        product = harness.seed_product(ProductSeed(sku="P-1", variants=(small, *sizes("M"))))
        other = harness.seed_product(ProductSeed(sku="P-2", variants=sizes("L")))
        alone = harness.seed_product(ProductSeed(sku="P-3"))
        read = harness.adapter.variants([product, alone])
        assert read == [one for one in harness.stored().variants if one.sku in ("P-1-S", "V-M")]
        assert [(one.gtin, one.price, one.default) for one in read] == [
            ("3250000000014", Decimal("1.666667"), True), ("", NOTHING, False)
        ]  # fmt: skip
        assert all(isinstance(amount, Decimal) for one in read for amount in (one.price, one.weight))
        assert all(one.shop_id.startswith(f"{product}/") for one in read)
        assert len(read[0].values) == 2
        assert [one.sku for one in harness.adapter.variants([other])] == ["V-L"]
        products = harness.adapter.read_products([product, other, alone])
        assert {one.shop_id: one.has_variants for one in products} == {product: True, other: True, alone: False}

    def test_a_product_of_many_variants_is_read_whole(self, harness: ShopHarness) -> None:
        needs_variants(harness)
        product, seeds = seeded(harness, *(f"{number:03}" for number in range(300)))
        read = harness.adapter.variants([product])
        assert sorted(one.shop_id for one in read) == sorted(seeds.values())
        assert set(harness.adapter.stock_refs(list(seeds.values()))) == set(seeds.values())

    def test_the_quantity_that_a_variant_shows_is_told_apart_from_its_product_s(self, harness: ShopHarness) -> None:
        needs_variants(harness)
        product, variants = seeded(harness, "S", "M", "L", stock=4)
        gone = variants.pop("S")
        harness.delete_variant(gone)
        told = harness.adapter.quantities([product, gone, *variants.values()])
        assert told == {product: 8, variants["M"]: 4, variants["L"]: 4}

    def test_variants_of_nothing_are_none(self, harness: ShopHarness) -> None:
        needs_variants(harness)
        product, variants = seeded(harness, "S", "M")
        harness.delete_variant(variants["S"])
        assert harness.adapter.variants([]) == harness.adapter.variants(["999999"]) == []
        assert [one.sku for one in harness.adapter.variants([product])] == ["V-M"]
        assert set(harness.adapter.stock_refs(list(variants.values()))) == {variants["M"]}

    # --- written ------------------------------------------------------------------------------------------------

    def test_a_variant_reads_back_as_written(self, harness: ShopHarness) -> None:
        needs_variants(harness)
        sizes, product = options_of(harness, "S", "M"), harness.seed_product(ProductSeed(sku="P-1"))
        written = VariantWrite(
            key="P-1-S", shop_id=product, sku="P-1-S", gtin="3250000000014", values=(sizes["S"],), default=True,
            price=priced(harness, Decimal("14.990000")), weight=Decimal("0.250000"), base_weight=Decimal("0.300000"),
        )  # fmt: skip
        plain = VariantWrite(
            key="P-1-M", shop_id=product, sku="P-1-M", values=(sizes["M"],), base_weight=Decimal("0.300000"),
            price=priced(harness, None),
        )  # fmt: skip
        first, second = made(harness.adapter.create_variants([written, plain]))
        expected = ShopVariant(
            shop_id=first, sku="P-1-S", gtin="3250000000014", values=(sizes["S"],), default=True,
            price=kept(harness, Decimal("14.990000"), base=BASE),
            weight=kept(harness, Decimal("0.250000"), base=Decimal("0.300000")),
        )  # fmt: skip
        assert first.startswith(f"{product}/")
        assert harness.stored().variant(first) == expected
        read = {one.shop_id: one for one in harness.adapter.variants([product])}
        assert read == {one.shop_id: one for one in harness.stored().variants}
        assert (read[second].price, read[second].weight) == (
            kept(harness, BASE, base=BASE), kept(harness, Decimal("0.300000"), base=Decimal("0.300000")),
        )  # fmt: skip

    @pytest.mark.parametrize("reference", [*REFERENCES, "", "A<B", "A < B", "<b>X</b>"])
    def test_an_odd_reference_of_a_variant_is_kept_or_refused(self, harness: ShopHarness, reference: str) -> None:
        needs_variants(harness)
        sizes, product = options_of(harness, "S"), harness.seed_product(ProductSeed(sku="P-1"))
        write = VariantWrite(key="k", shop_id=product, sku=reference, values=(sizes["S"],))
        [outcome] = harness.adapter.create_variants([write])
        if outcome.error is None:
            assert [one.sku for one in harness.stored().variants] == [reference]
            assert [one.sku for one in harness.adapter.variants([product])] == [reference]
        else:
            limit = harness.adapter.context().limits.get("sku", TextLimit())
            assert not fits(reference, limit), f"refused within the limits: {outcome.error!r}"
            assert harness.stored().variants == []

    @pytest.mark.parametrize("price", PRICES)
    def test_a_price_of_a_variant_is_stored_to_its_last_place(self, harness: ShopHarness, price: Decimal) -> None:
        needs_variants(harness)
        whole = price.quantize(NOTHING)
        _, variants = seeded(harness, "S")
        write = VariantWrite(key="S", shop_id=variants["S"], price=priced(harness, whole))
        assert made(harness.adapter.update_variants([write])) == [variants["S"]]
        assert harness.stored().variant(variants["S"]).price == kept(harness, whole, base=BASE)

    def test_an_update_of_a_variant_changes_only_what_it_names(self, harness: ShopHarness) -> None:
        needs_variants(harness)
        _, variants = seeded(harness, "S", "M", stock=4)
        other = harness.seed_product(ProductSeed(sku="P-2", variants=sizes("L", stock=2)))
        values = options_of(harness, "XS")
        before = harness.stored()
        changes: dict[str, dict[str, Any]] = {
            "price": {"price": priced(harness, Decimal("9.990000"))},
            "values": {"values": (values["XS"],)},
            "sku": {"sku": "NEW", "gtin": "3250000000021", "weight": Decimal("1.250000")},
        }
        for change in changes.values():
            made(harness.adapter.update_variants([VariantWrite(key="S", shop_id=variants["S"], **change)]))
        after = harness.stored()
        assert after.variant(variants["S"]) == ShopVariant(
            shop_id=variants["S"], sku="NEW", gtin="3250000000021", values=(values["XS"],),
            price=kept(harness, Decimal("9.990000"), base=BASE), weight=Decimal("1.250000"),
        )  # fmt: skip
        untouched = [one for one in before.variants if one.shop_id != variants["S"]]
        assert [one for one in after.variants if one.shop_id != variants["S"]] == untouched
        assert (after.stocks, after.products) == (before.stocks, before.products)
        assert [one.shop_id for one in harness.adapter.variants([other])] == [untouched[1].shop_id]

    def test_a_change_of_a_product_leaves_its_variants_alone(self, harness: ShopHarness) -> None:
        needs_variants(harness)
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        product, variants = seeded(harness, "S", "M", stock=4)
        made(harness.adapter.update_variants([VariantWrite(key="M", shop_id=variants["M"], default=True)]))
        before = harness.stored()
        texts = {"name": {"fr": "Autre nom"}}
        made(harness.adapter.update_products([ProductWrite(key="P-1", shop_id=product, texts=texts, visible=False)]))
        after = harness.stored()
        assert (after.variants, after.stocks) == (before.variants, before.stocks)
        assert after.product(product).texts["name"]["fr"] == "Autre nom"

    # --- the default --------------------------------------------------------------------------------------------

    def test_one_variant_at_a_time_is_the_default(self, harness: ShopHarness) -> None:
        needs_variants(harness)
        product, variants = seeded(harness, "S", "M", "L")
        for size in ("S", "M", "S"):
            change = VariantWrite(key=size, shop_id=variants[size], default=True)
            made(harness.adapter.update_variants([change]))
            assert defaults(harness) == [f"V-{size}"]
        swap = [VariantWrite(key=key, shop_id=variants[key], default=key == "L") for key in ("L", "S")]
        made(harness.adapter.update_variants(swap))
        assert defaults(harness) == ["V-L"]
        value = options_of(harness, "XL")["XL"]
        new = VariantWrite(key="XL", shop_id=product, sku="V-XL", values=(value,), default=True)
        made(harness.adapter.create_variants([new]))
        assert defaults(harness) == ["V-XL"]

    def test_another_variant_becomes_the_default_before_or_after_the_default_is_deleted(
        self, harness: ShopHarness
    ) -> None:
        needs_variants(harness)
        _, variants = seeded(harness, "S", "M", "L")
        shop, at = harness.adapter, {size: VariantWrite(key=size, shop_id=id) for size, id in variants.items()}
        made(shop.update_variants([VariantWrite(key="S", shop_id=variants["S"], default=True)]))
        made(shop.delete_variants([at["S"]]))
        made(shop.update_variants([VariantWrite(key="M", shop_id=variants["M"], default=True)]))
        assert defaults(harness) == ["V-M"]
        made(shop.update_variants([VariantWrite(key="L", shop_id=variants["L"], default=True)]))
        made(shop.delete_variants([at["M"]]))
        assert defaults(harness) == [one.sku for one in harness.stored().variants] == ["V-L"]

    # --- stock and orders ---------------------------------------------------------------------------------------

    @pytest.mark.parametrize("quantity", QUANTITIES)
    def test_the_stock_of_a_variant_is_its_own(self, harness: ShopHarness, quantity: int) -> None:
        needs_variants(harness)
        needs(harness.adapter.manifest, Capability.STOCK_WRITE)
        _, variants = seeded(harness, "S", "M", stock=4)
        alone = harness.seed_product(ProductSeed(sku="P-2", stock=6))
        refs = harness.adapter.stock_refs([*variants.values(), alone])
        assert set(refs) == {*variants.values(), alone}
        writes = [
            StockWrite(key="S", shop_id=variants["S"], stock_ref=refs[variants["S"]], quantity=quantity),
            StockWrite(key="P-2", shop_id=alone, stock_ref=refs[alone], quantity=9),
        ]
        assert made(harness.adapter.set_stock(writes)) == [variants["S"], alone]
        assert harness.stored().stocks == {variants["S"]: quantity, variants["M"]: 4}
        assert harness.stored().product(alone).stock == 9

    def test_a_line_of_an_order_says_which_variant_was_sold(self, harness: ShopHarness) -> None:
        needs_variants(harness)
        needs(harness.adapter.manifest, Capability.ORDERS_READ)
        product, variants = seeded(harness, "S", "M", stock=4)
        nameless = ShopVariantSeed(sku="", options={"Taille": "XL"}, stock=4)
        bare = harness.seed_product(ProductSeed(sku="P-3", variants=(nameless,)))
        alone = harness.seed_product(ProductSeed(sku="P-2", stock=6))
        [without] = harness.adapter.variants([bare])
        harness.seed_order({variants["M"]: 2, alone: 1, without.shop_id: 1})
        [order] = orders(harness)
        assert {line.article: (line.sku, line.quantity) for line in order.lines} == {
            variants["M"]: ("V-M", Decimal(2)), alone: ("P-2", Decimal(1)), without.shop_id: ("P-3", Decimal(1))
        }  # fmt: skip
        assert sorted(line.product_id for line in order.lines) == sorted([product, alone, bare])

    # --- batches ------------------------------------------------------------------------------------------------

    def test_a_bad_variant_in_a_batch_hides_no_other(self, harness: ShopHarness) -> None:
        needs_variants(harness)
        keys = ("G1", "G2", "BAD", "G3")
        values, product = options_of(harness, *keys), harness.seed_product(ProductSeed(sku="P-1"))
        items = [
            VariantWrite(
                key=key, shop_id=product, sku=key, values=(values[key],),
                price=IMPOSSIBLE if key == "BAD" else priced(harness, BASE),
            )
            for key in keys
        ]  # fmt: skip
        try:
            outcomes = harness.adapter.create_variants(items)
        except BatchRefused:
            send_missing_variants(harness, [item for item in items if item.key != "BAD"])
        else:
            assert [(one.key, isinstance(one.error, RecordError)) for one in outcomes] == [
                (key, key == "BAD") for key in keys
            ]
        assert sorted(one.sku for one in harness.stored().variants) == ["G1", "G2", "G3"]
        [alone] = harness.adapter.create_variants([items[2]])
        assert isinstance(alone.error, RecordError)

    def test_a_variant_or_product_that_is_gone_is_an_outcome(self, harness: ShopHarness) -> None:
        needs_variants(harness)
        product, variants = seeded(harness, "S", "M")
        [values, _] = (one.values for one in harness.stored().variants)
        harness.delete_variant(variants["S"])
        gone = VariantWrite(key="S", shop_id=variants["S"], sku="NEW")
        [outcome] = harness.adapter.update_variants([gone])
        assert isinstance(outcome.error, GoneFromShop)
        both = [gone, VariantWrite(key="M", shop_id=variants["M"])]
        assert made(harness.adapter.delete_variants(both)) == [variants["S"], variants["M"]]
        assert harness.stored().variants == []
        harness.delete_product(product)
        [outcome] = harness.adapter.create_variants([VariantWrite(key="L", shop_id=product, sku="L", values=values)])
        assert isinstance(outcome.error, RecordError)
        assert harness.stored().variants == []


def send_missing_variants(harness: ShopHarness, items: Sequence[VariantWrite]) -> None:
    """What an executor does after a batch that stopped: look up what is there, send the rest one by one."""
    there = ids_of(harness.adapter.variants([item.shop_id for item in items]))
    for item in items:
        if item.sku not in there:
            made(harness.adapter.create_variants([item]))
