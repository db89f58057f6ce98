"""Obligations of a shop connector: what is written."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from passerelle.domain.catalogue import ShopProduct
from passerelle.errors import GoneFromShop, RecordError
from passerelle.ports.manifest import Capability
from passerelle.ports.shop import (
    BatchRefused,
    BrandWrite,
    CategoryWrite,
    FeatureValueWrite,
    FeatureWrite,
    Outcome,
    ProductWrite,
    ShopContext,
    ShopFeature,
    ShopFeatureValue,
    StockWrite,
    TextLimit,
)
from passerelle.testing.builders import ProductSeed, product
from passerelle.testing.harness import ShopHarness, StoredShop, needs
from passerelle.testing.hostile import BEYOND, PRICES, QUANTITIES, REFERENCES, TEXTS
from passerelle.testing.shop_batches import KINDS, batch, named_in

IMPOSSIBLE = Decimal(-1)  # a price that no shop takes


def create(harness: ShopHarness, item: ProductWrite) -> str:
    """Create one product; gives its id."""
    [outcome] = harness.adapter.create_products([item])
    assert outcome.error is None, f"the shop refuses an ordinary product: {outcome.error!r} {outcome.error.detail}"
    return outcome.shop_id


def differences(written: ProductWrite, stored: ShopProduct) -> dict[str, tuple[Any, Any]]:
    """What the shop holds otherwise than it was written: field → (written, stored)."""
    pairs = {
        "sku": (written.sku, stored.sku),
        "gtin": (written.gtin, stored.gtin),
        "tax_rule": (written.tax_rule, stored.tax_rule),
        "price": (written.price, stored.price),
        "weight": (written.weight, stored.weight),
        "brand": (written.brand, stored.brand),
        "category": (written.default_category, stored.category),
        "categories": (_sorted(written.categories), _sorted(stored.categories)),
        "visible": (written.visible, stored.visible),
    }
    for field, texts in (written.texts or {}).items():
        for language, text in texts.items():
            pairs[f"{field}.{language}"] = (text, stored.texts.get(field, {}).get(language))
    return {field: pair for field, pair in pairs.items() if pair[0] is not None and pair[0] != pair[1]}


def _sorted(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else sorted(values)


def fits(text: str, limit: TextLimit) -> bool:
    """Whether a text is within the limit the shop declares."""
    return (not limit.max_length or len(text) <= limit.max_length) and not set(text) & set(limit.forbidden)


def named(text: str, *, context: ShopContext) -> ProductWrite:
    """A product with this name in every language."""
    return product("A1", context=context, texts={"name": dict.fromkeys(context.languages, text)})


def attempt(harness: ShopHarness, item: ProductWrite) -> tuple[Outcome | None, RecordError | None]:
    """Try to create one product: its outcome, or the error that concerns it alone."""
    try:
        [outcome] = harness.adapter.create_products([item])
    except RecordError as error:
        return None, error
    return outcome, outcome.error


def assert_one_each(stored: StoredShop, skus: Sequence[str]) -> None:
    """Each reference is in the shop exactly once."""
    counts = {sku: len(stored.with_sku(sku)) for sku in skus}
    assert counts == dict.fromkeys(skus, 1)


class ShopWriting:
    """What is written must be stored as it was written, and nothing else must change."""

    def test_a_product_reads_back_as_written(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        written = product("A1", context=harness.adapter.context(), gtin="3250000000014")
        shop_id = create(harness, written)
        stored = harness.stored().product(shop_id)
        assert differences(written, stored) == {}
        assert harness.adapter.read_products([shop_id]) == [stored]

    def test_a_product_created_hidden_stays_hidden_until_it_is_shown(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        shop_id = create(harness, product("A1", context=harness.adapter.context(), visible=False))
        assert not harness.stored().product(shop_id).visible
        harness.adapter.update_products([ProductWrite(key="A1", shop_id=shop_id, visible=True)])
        assert harness.stored().product(shop_id).visible

    @pytest.mark.parametrize("text", TEXTS)
    def test_a_hostile_text_is_stored_as_it_is_within_the_limits(self, harness: ShopHarness, text: str) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        context = harness.adapter.context()
        written = named(text, context=context)
        outcome, error = attempt(harness, written)
        if error is not None or outcome is None:
            assert not fits(text, context.limits.get("name", TextLimit())), f"refused within the limits: {error!r}"
            assert harness.stored().products == []
        else:
            assert differences(written, harness.stored().product(outcome.shop_id)) == {}

    @pytest.mark.parametrize("text", BEYOND, ids=("too long", "control", "nul", "surrogate"))
    def test_an_impossible_text_is_refused_or_stored_never_altered(self, harness: ShopHarness, text: str) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        written = named(text, context=harness.adapter.context())
        outcome, error = attempt(harness, written)
        if error is not None or outcome is None:
            assert harness.stored().products == []
        else:
            assert differences(written, harness.stored().product(outcome.shop_id)) == {}

    @pytest.mark.parametrize("reference", REFERENCES)
    def test_an_odd_reference_is_kept_and_found_again_or_refused(self, harness: ShopHarness, reference: str) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        context = harness.adapter.context()
        outcome, error = attempt(harness, product(reference, context=context))
        if error is not None or outcome is None:
            assert not fits(reference, context.limits.get("sku", TextLimit())), f"refused within the limits: {error!r}"
            assert harness.stored().products == []
            return
        assert harness.stored().product(outcome.shop_id).sku == reference
        assert [found.shop_id for found in harness.adapter.find_products(skus=[reference])] == [outcome.shop_id]

    @pytest.mark.parametrize("field", ["name", "meta_title", "meta_description", "sku"])
    def test_a_text_as_long_as_declared_is_stored(self, harness: ShopHarness, field: str) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        context = harness.adapter.context()
        limit = context.limits.get(field, TextLimit())
        if not limit.max_length:
            pytest.skip(f"no longest {field} is declared")
        text = "x" * limit.max_length
        changes = {"sku": text} if field == "sku" else {"texts": {**_names(context), field: _all(text, context)}}
        written = product("A1", context=context, **changes)
        shop_id = create(harness, written)
        assert differences(written, harness.stored().product(shop_id)) == {}

    @pytest.mark.parametrize("price", PRICES)
    def test_a_price_is_stored_to_its_last_place(self, harness: ShopHarness, price: Decimal) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        context = harness.adapter.context()
        stored = price.quantize(Decimal(1).scaleb(-context.price_places))
        shop_id = create(harness, product("A1", context=context, price=stored))
        [read] = harness.adapter.read_products([shop_id])
        assert isinstance(read.price, Decimal)
        assert harness.stored().product(shop_id).price == read.price == stored

    def test_an_update_changes_only_what_it_names(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        written = product("A1", context=harness.adapter.context(), gtin="3250000000014")
        shop_id = create(harness, written)
        other = harness.seed_product(ProductSeed(sku="B1", stock=4))
        before = harness.stored()
        [outcome] = harness.adapter.update_products(
            [ProductWrite(key="A1", shop_id=shop_id, price=Decimal("9.990000"))]
        )
        assert (outcome.error, outcome.shop_id) == (None, shop_id)
        after = harness.stored()
        assert differences(written, after.product(shop_id)) == {"price": (Decimal("8.325000"), Decimal("9.990000"))}
        assert after.product(other) == before.product(other)

    def test_an_update_of_one_language_keeps_the_others(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        written = product("A1", context=harness.adapter.context())
        shop_id = create(harness, written)
        harness.adapter.update_products([ProductWrite(key="A1", shop_id=shop_id, texts={"name": {"fr": "Clé neuve"}})])
        changed = differences(written, harness.stored().product(shop_id))
        assert changed == {"name.fr": ("Clé plate fr", "Clé neuve")}

    def test_the_fields_of_a_product_can_be_changed_one_by_one(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        context = harness.adapter.context()
        written = product("A1", context=context, gtin="3250000000014")
        shop_id = create(harness, written)
        changes: dict[str, Any] = {
            "sku": "A1-BIS",
            "gtin": "3250000000021",
            "tax_rule": context.tax_rules[1].id,
            "weight": Decimal("1.250000"),
            "visible": False,
        }
        for field, value in changes.items():
            update = {field: value}
            [outcome] = harness.adapter.update_products([ProductWrite(key="A1", shop_id=shop_id, **update)])
            assert outcome.error is None, field
        assert set(differences(written, harness.stored().product(shop_id))) == set(changes)

    @pytest.mark.parametrize("quantity", QUANTITIES)
    def test_a_quantity_is_stored_exactly(self, harness: ShopHarness, quantity: int) -> None:
        needs(harness.adapter.manifest, Capability.STOCK_WRITE)
        shop_id, other = (harness.seed_product(ProductSeed(sku=sku, stock=5)) for sku in ("A1", "A2"))
        reference = harness.adapter.stock_refs([shop_id])[shop_id]
        [outcome] = harness.adapter.set_stock(
            [StockWrite(key="A1", shop_id=shop_id, stock_ref=reference, quantity=quantity)]
        )
        assert (outcome.key, outcome.error) == ("A1", None)
        assert harness.stored().product(shop_id).stock == quantity
        assert [read.stock for read in harness.adapter.read_products([shop_id])] == [quantity]
        assert harness.stored().product(other).stock == 5

    def test_a_category_reads_back_under_its_parent_in_every_language(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.CATEGORIES_WRITE)
        home = harness.adapter.context().home_category
        names = {code: {"fr": "Outils & vis", "en": "Tools & screws"}[code] for code in harness.languages}
        [first] = harness.adapter.create_categories([CategoryWrite(key="k", parent=home, names=names)])
        [second] = harness.adapter.create_categories([CategoryWrite(key="k2", parent=first.shop_id, names=names)])
        stored = {category.id: category for category in harness.stored().categories}
        assert (stored[first.shop_id].parent, stored[first.shop_id].names) == (home, names)
        assert stored[second.shop_id].parent == first.shop_id
        assert {category.id: category for category in harness.adapter.categories()} == stored

    @pytest.mark.parametrize("name", ["Facom", "Müller & Söhne", "L'Outil Parfait", "3M"])
    def test_a_brand_reads_back_as_written(self, harness: ShopHarness, name: str) -> None:
        needs(harness.adapter.manifest, Capability.BRANDS_WRITE)
        [outcome] = harness.adapter.create_brands([BrandWrite(key="b", name=name)])
        assert [(brand.id, brand.name) for brand in harness.adapter.brands()] == [(outcome.shop_id, name)]
        assert harness.adapter.brands() == harness.stored().brands

    # --- features -----------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("name", ["Matière", "Norme & usage", "Ø intérieur"])
    def test_a_feature_and_its_values_read_back_as_written(self, harness: ShopHarness, name: str) -> None:
        needs(harness.adapter.manifest, Capability.FEATURES_WRITE)
        [feature] = harness.adapter.create_features([FeatureWrite(key="f", name=name)])
        texts = ["Acier trempé", "10 mm & plus", "L'inox"]
        writes = [FeatureValueWrite(key=text, feature=feature.shop_id, text=text) for text in texts]
        ids = [outcome.shop_id for outcome in harness.adapter.create_feature_values(writes)]
        assert harness.adapter.features() == [ShopFeature(feature.shop_id, name)] == harness.stored().features
        values = [ShopFeatureValue(id, feature.shop_id, text) for id, text in zip(ids, texts, strict=True)]
        assert harness.adapter.feature_values([feature.shop_id]) == values == harness.stored().feature_values
        assert harness.adapter.feature_values([]) == []

    def test_a_product_takes_the_values_of_a_feature_and_keeps_its_other_features(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        needs(harness.adapter.manifest, Capability.FEATURES_WRITE)
        shop = harness.adapter
        ours, theirs = (f.shop_id for f in shop.create_features([FeatureWrite(key=n, name=n) for n in ("A", "B")]))
        writes = [FeatureValueWrite(key=t, feature=f, text=t) for f, t in ((ours, "x"), (ours, "y"), (theirs, "z"))]
        x, y, z = (outcome.shop_id for outcome in shop.create_feature_values(writes))
        made = replace(product("N-1", context=shop.context()), features={theirs: (z,)})
        id = create(harness, made)
        for wanted in ((x, y), (y,), ()):
            [outcome] = shop.update_products([ProductWrite(key="N-1", shop_id=id, features={ours: wanted})])
            assert outcome.error is None
            expected = {theirs: (z,), **({ours: wanted} if wanted else {})}
            assert harness.stored().product(id).features == expected
            [read] = shop.read_products([id])
            assert read.features == expected
        [outcome] = shop.update_products([ProductWrite(key="N-1", shop_id=id, price=Decimal(3))])
        assert harness.stored().product(id).features == {theirs: (z,)}

    # --- batches ------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_batch_of_the_declared_size_is_one_request_with_one_outcome_per_item_in_order(
        self, harness: ShopHarness, kind: str
    ) -> None:
        write, items = batch(harness, kind=kind)
        writes = harness.writes
        outcomes = write(items)
        assert harness.writes == writes + harness.requests.get(kind, 1)
        assert [outcome.key for outcome in outcomes] == [item.key for item in items]
        assert [outcome.error for outcome in outcomes] == [None] * len(items)
        assert named_in(harness.stored(), kind=kind, ids=[outcome.shop_id for outcome in outcomes]) == [
            item.key for item in items
        ]

    def test_a_bad_item_alone_is_an_outcome_with_its_error(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        bad = product("BAD", context=harness.adapter.context(), price=IMPOSSIBLE)
        [outcome] = harness.adapter.create_products([bad])
        assert outcome.key == "BAD"
        assert isinstance(outcome.error, RecordError)
        assert harness.stored().products == []

    def test_a_bad_item_in_a_batch_hides_no_other(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        context = harness.adapter.context()
        items = [product(key, context=context) for key in ("G1", "G2", "BAD", "G3")]
        items[2] = product("BAD", context=context, price=IMPOSSIBLE)
        good = ["G1", "G2", "G3"]
        try:
            outcomes = harness.adapter.create_products(items)
        except BatchRefused:
            send_missing(harness, [item for item in items if item.key in good])
        else:
            assert [outcome.key for outcome in outcomes] == ["G1", "G2", "BAD", "G3"]
            assert [isinstance(outcome.error, RecordError) for outcome in outcomes] == [False, False, True, False]
        assert_one_each(harness.stored(), good)
        assert harness.stored().with_sku("BAD") == []

    def test_a_product_that_is_gone_is_an_outcome(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        shop_id = harness.seed_product(ProductSeed(sku="A1"))
        harness.delete_product(shop_id)
        [outcome] = harness.adapter.update_products([ProductWrite(key="A1", shop_id=shop_id, price=Decimal(1))])
        assert isinstance(outcome.error, GoneFromShop)
        assert harness.stored().products == []

    def test_the_stock_of_a_product_that_is_gone_is_an_outcome(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.STOCK_WRITE)
        shop_id = harness.seed_product(ProductSeed(sku="A1"))
        reference = harness.adapter.stock_refs([shop_id])[shop_id]
        harness.delete_product(shop_id)
        [outcome] = harness.adapter.set_stock([StockWrite(key="A1", shop_id=shop_id, stock_ref=reference, quantity=1)])
        assert isinstance(outcome.error, RecordError)


def _all(text: str, context: ShopContext) -> dict[str, str]:
    return dict.fromkeys(context.languages, text)


def _names(context: ShopContext) -> dict[str, dict[str, str]]:
    return {"name": _all("Clé plate", context)}


def send_missing(harness: ShopHarness, items: Sequence[ProductWrite]) -> None:
    """What an executor does after a batch that stopped: look up what is there, send the rest one by one."""
    there = {found.sku for found in harness.adapter.find_products(skus=[item.key for item in items])}
    for item in items:
        if item.key not in there:
            create(harness, item)
