"""A batch of each kind of write, as large as a shop connector declares, and how it is found in the shop afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from passerelle.ports.manifest import Capability
from passerelle.ports.shop import (
    BrandWrite,
    CategoryWrite,
    FeatureValueWrite,
    FeatureWrite,
    OptionValueWrite,
    OptionWrite,
    Outcome,
    ProductWrite,
    ShopContext,
    StockWrite,
    VariantWrite,
)
from passerelle.testing.builders import ProductSeed, product, sizes
from passerelle.testing.harness import ShopHarness, StoredShop, needs

Writing = tuple[Callable[[Sequence[Any]], list[Outcome]], list[Any]]
KINDS = {
    "create_products": Capability.PRODUCTS_WRITE,
    "update_products": Capability.PRODUCTS_WRITE,
    "delete_products": Capability.PRODUCTS_DELETE,
    "set_stock": Capability.STOCK_WRITE,
    "create_categories": Capability.CATEGORIES_WRITE,
    "create_brands": Capability.BRANDS_WRITE,
    "create_features": Capability.FEATURES_WRITE,
    "create_feature_values": Capability.FEATURES_WRITE,
    "create_options": Capability.VARIANTS_WRITE,
    "create_option_values": Capability.VARIANTS_WRITE,
    "create_variants": Capability.VARIANTS_WRITE,
    "update_variants": Capability.VARIANTS_WRITE,
    "delete_variants": Capability.VARIANTS_WRITE,
}


def batch(harness: ShopHarness, *, kind: str) -> Writing:
    """A writing call, named as in the port, and as many items as it may carry; skips where it is not declared."""
    needs(harness.adapter.manifest, KINDS[kind])
    size = harness.adapter.manifest.max_batch[kind]
    keys = [f"N-{number:03}" for number in range(size)]
    call: Callable[[Sequence[Any]], list[Outcome]] = getattr(harness.adapter, kind)
    return call, _ITEMS[kind](harness, keys)


def named_in(stored: StoredShop, *, kind: str, ids: Sequence[str]) -> list[str]:
    """The keys that the shop holds under these ids, in their order, told by what `batch` wrote there."""
    if kind == "delete_variants":  # told by its place, where nothing is left under its id
        there = {variant.shop_id for variant in stored.variants}
        return ["" if id in there else f"N-{number:03}" for number, id in enumerate(ids)]
    if kind == "delete_products":
        products = {product.shop_id for product in stored.products}
        return ["" if id in products else f"N-{number:03}" for number, id in enumerate(ids)]
    names = _names(stored, kind=kind)
    return [names.get(id, "") for id in ids]


def _names(stored: StoredShop, *, kind: str) -> dict[str, str]:
    match kind:
        case "create_categories":
            return {category.id: category.names["fr"] for category in stored.categories}
        case "create_brands":
            return {brand.id: brand.name for brand in stored.brands}
        case "create_features":
            return {feature.id: feature.name for feature in stored.features}
        case "create_feature_values":
            return {value.id: value.text for value in stored.feature_values}
        case "create_options":
            return {option.id: option.name for option in stored.options}
        case "create_option_values":
            return {value.id: value.text for value in stored.option_values}
        case "create_variants" | "update_variants":
            return {variant.shop_id: variant.sku for variant in stored.variants}
        case "set_stock":
            return {one.shop_id: f"N-{one.stock:03}" for one in stored.products if one.stock is not None}
        case _:
            return {one.shop_id: one.sku for one in stored.products}


def _all(text: str, context: ShopContext) -> dict[str, str]:
    return dict.fromkeys(context.languages, text)


def _products(harness: ShopHarness, keys: list[str]) -> list[Any]:
    context = harness.adapter.context()
    return [product(key, context=context) for key in keys]


def _changes(harness: ShopHarness, keys: list[str]) -> list[Any]:
    seeded = {key: harness.seed_product(ProductSeed(sku=f"old {key}")) for key in keys}
    return [ProductWrite(key=key, shop_id=id, sku=key) for key, id in seeded.items()]


def _quantities(harness: ShopHarness, keys: list[str]) -> list[Any]:
    seeded = {key: harness.seed_product(ProductSeed(sku=f"old {key}")) for key in keys}
    refs = harness.adapter.stock_refs(list(seeded.values()))
    return [
        StockWrite(key=key, shop_id=id, stock_ref=refs[id], quantity=number)
        for number, (key, id) in enumerate(seeded.items())
    ]


def _categories(harness: ShopHarness, keys: list[str]) -> list[Any]:
    context = harness.adapter.context()
    return [CategoryWrite(key=key, parent=context.home_category, names=_all(key, context)) for key in keys]


def _feature_values(harness: ShopHarness, keys: list[str]) -> list[Any]:
    [feature] = harness.adapter.create_features([FeatureWrite(key="f", name="F")])
    return [FeatureValueWrite(key=key, feature=feature.shop_id, text=key) for key in keys]


def _option_values(harness: ShopHarness, keys: list[str]) -> list[Any]:
    [option] = harness.adapter.create_options([OptionWrite(key="o", name="O")])
    return [OptionValueWrite(key=key, option=option.shop_id, text=key) for key in keys]


def _new_variants(harness: ShopHarness, keys: list[str]) -> list[Any]:
    """Of two products, each with a value of its own."""
    owners = [harness.seed_product(ProductSeed(sku=sku)) for sku in ("P1", "P2")]
    shop, room = harness.adapter, harness.adapter.manifest.max_batch["create_option_values"]
    texts = _option_values(harness, keys)
    parts = [texts[start : start + room] for start in range(0, len(texts), room)]
    values = [outcome.shop_id for part in parts for outcome in shop.create_option_values(part)]
    return [
        VariantWrite(key=key, shop_id=owners[number % 2], sku=key, values=(value,), default=number < 2)
        for number, (key, value) in enumerate(zip(keys, values, strict=True))
    ]


def _seeded_variants(harness: ShopHarness, keys: list[str]) -> list[str]:
    half = len(keys) // 2
    for owner, names in (("P1", keys[:half]), ("P2", keys[half:])):
        harness.seed_product(ProductSeed(sku=owner, variants=sizes(*names)))
    ids = {variant.sku: variant.shop_id for variant in harness.stored().variants}
    return [ids[f"V-{key}"] for key in keys]


def _variant_changes(harness: ShopHarness, keys: list[str]) -> list[Any]:
    ids = _seeded_variants(harness, keys)
    weight = Decimal("0.250000")
    return [VariantWrite(key=k, shop_id=id, sku=k, weight=weight) for k, id in zip(keys, ids, strict=True)]


def _deletions(harness: ShopHarness, keys: list[str]) -> list[Any]:
    return [VariantWrite(key=k, shop_id=id) for k, id in zip(keys, _seeded_variants(harness, keys), strict=True)]


_ITEMS: dict[str, Callable[[ShopHarness, list[str]], list[Any]]] = {
    "create_products": _products,
    "update_products": _changes,
    "delete_products": _changes,
    "set_stock": _quantities,
    "create_categories": _categories,
    "create_brands": lambda _, keys: [BrandWrite(key=key, name=key) for key in keys],
    "create_features": lambda _, keys: [FeatureWrite(key=key, name=key) for key in keys],
    "create_feature_values": _feature_values,
    "create_options": lambda _, keys: [OptionWrite(key=key, name=key) for key in keys],
    "create_option_values": _option_values,
    "create_variants": _new_variants,
    "update_variants": _variant_changes,
    "delete_variants": _deletions,
}
