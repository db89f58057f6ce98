"""Obligations of a shop connector: what reconciling compares is read back as it was written, or not declared."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from passerelle.domain.catalogue import ShopProduct
from passerelle.domain.facets import Facet
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
    TextLimit,
    VariantWrite,
)
from passerelle.testing.builders import product
from passerelle.testing.harness import ShopHarness, needs
from passerelle.testing.hostile import TEXTS

HTML = '<p style="color:red">un<br>deux</p><ul><li>trois</ul>'
PLAIN = ("name", "meta_title", "meta_description")


class ShopReadingBack:
    """A facet that is declared as read back is given as the shop holds it."""

    @pytest.mark.parametrize("text", TEXTS)
    def test_every_declared_facet_reads_back_as_it_was_written(self, harness: ShopHarness, text: str) -> None:
        written, quantity = _write(harness, text=text, number=1)
        assert _away(harness, written, quantity=quantity) == {}

    def test_every_declared_facet_that_is_changed_reads_back_changed(self, harness: ShopHarness) -> None:
        first, quantity = _write(harness, text="Avant", number=1)
        assert _away(harness, first, quantity=quantity) == {}
        second, other = _write(harness, text="Après", number=2, shop_id=first.shop_id)
        assert _away(harness, second, quantity=other) == {}

    def test_html_is_read_back_as_the_shop_keeps_it(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        _needs_facet(harness, Facet.TEXTS)
        context = harness.adapter.context()
        texts = {"name": _all("Clé", context), "description": _all(HTML, context)}
        shop_id = _done(harness.adapter.create_products([product("A1", context=context, texts=texts)]))
        kept = harness.stored().product(shop_id).texts["description"]
        for _ in range(2):
            [read] = harness.adapter.read_products([shop_id])
            assert read.texts["description"] == kept
        assert all("trois" in text and "<" in text for text in kept.values())


def _needs_facet(harness: ShopHarness, facet: Facet) -> None:
    if facet not in harness.adapter.manifest.reads_back:
        pytest.skip(f"{facet} is not declared as read back")


def _all(text: str, context: ShopContext) -> dict[str, str]:
    return dict.fromkeys(context.languages, text)


def _done(outcomes: list[Outcome]) -> str:
    [outcome] = outcomes
    assert outcome.error is None, f"the shop refuses something ordinary: {outcome.error!r} {outcome.error.detail}"
    return outcome.shop_id


def _fits(text: str, limit: TextLimit | None) -> bool:
    """Whether a shop takes a text; of what it names no limit for, it has no such text at all."""
    if limit is None:
        return False
    return (not limit.max_length or len(text) <= limit.max_length) and not set(text) & set(limit.forbidden)


def _write(harness: ShopHarness, *, text: str, number: int, shop_id: str = "") -> tuple[ProductWrite, int]:
    """Write every facet of one product, each value of its own; a text that the shop declares to refuse is left out."""
    shop, manifest = harness.adapter, harness.adapter.manifest
    for capability in (Capability.PRODUCTS_WRITE, Capability.BRANDS_WRITE, Capability.CATEGORIES_WRITE):
        needs(manifest, capability)
    context = shop.context()
    fitting = {field: _all(text, context) for field in PLAIN if _fits(text, context.limits.get(field))}
    category = _done(
        shop.create_categories(
            [CategoryWrite(key="C", parent=context.home_category, names=_all(f"Rayon {number}", context))]
        )
    )
    changes: dict[str, Any] = {
        "shop_id": shop_id, "texts": {"name": _all("Clé", context)} | fitting,
        "tax_rule": context.tax_rules[number].id, "price": Decimal(f"8.32500{number}"), "gtin": f"325000000001{number}",
        "brand": _done(shop.create_brands([BrandWrite(key="B", name=f"Marque {number}")])), "visible": number % 2 == 0,
        "categories": (context.home_category, category), "default_category": category,
        "weight": Decimal(f"0.35000{number}"), "features": _features(harness, number),
    }  # fmt: skip
    written = product(f"A{number}", context=context, **changes)
    shop_id = _done(shop.update_products([written]) if shop_id else shop.create_products([written]))
    written = product(f"A{number}", context=context, **(changes | {"shop_id": shop_id}))
    if Capability.STOCK_WRITE in manifest.capabilities:
        reference = shop.stock_refs([shop_id])[shop_id]
        _done(shop.set_stock([StockWrite(key="A1", shop_id=shop_id, stock_ref=reference, quantity=40 + number)]))
    return written, 40 + number


def _features(harness: ShopHarness, number: int) -> dict[str, tuple[str, ...]] | None:
    shop = harness.adapter
    if Capability.FEATURES_WRITE not in shop.manifest.capabilities:
        return None
    feature = _done(shop.create_features([FeatureWrite(key="F", name=f"Matière {number}")]))
    outcomes = [
        shop.create_feature_values([FeatureValueWrite(key=text, feature=feature, text=text)])
        for text in ("Acier", f"Bois {number}")
    ]
    return {feature: tuple(_done(one) for one in outcomes)}


def _away(harness: ShopHarness, written: ProductWrite, *, quantity: int) -> dict[Facet, tuple[Any, Any]]:
    """The declared facets that are read otherwise than they were written: facet → (written, read)."""
    [read] = harness.adapter.read_products([written.shop_id])
    pairs = _pairs(written, read, quantity=quantity)
    if Facet.VARIANT in harness.adapter.manifest.reads_back:
        pairs[Facet.VARIANT] = _variant(harness, written.shop_id, number=quantity)
    return {facet: pairs[facet] for facet in harness.adapter.manifest.reads_back if pairs[facet][0] != pairs[facet][1]}


def _variant(harness: ShopHarness, product: str, *, number: int) -> tuple[Any, Any]:
    """Write a variant of the product, which then has one more; what was written of it, and what is read."""
    shop = harness.adapter
    option = _done(shop.create_options([OptionWrite(key="O", name=f"Option {number}")]))
    value = _done(shop.create_option_values([OptionValueWrite(key="V", option=option, text=f"Valeur {number}")]))
    weight = Decimal(f"0.0000{number}")
    write = VariantWrite(
        key="V", shop_id=product, sku=f"V-{number}", gtin=f"32500000000{number}", values=(value,), weight=weight,
        base_weight=Decimal(0), default=True,
    )  # fmt: skip
    id = _done(shop.create_variants([write]))
    [read] = [one for one in shop.variants([product]) if one.shop_id == id]
    written = (write.sku, write.gtin, write.values, weight, True)
    return written, (read.sku, read.gtin, read.values, read.weight, read.default)


def _pairs(written: ProductWrite, read: ShopProduct, *, quantity: int) -> dict[Facet, tuple[Any, Any]]:
    texts = written.texts or {}
    features = {feature: read.features.get(feature, ()) for feature in written.features or {}}
    return {
        Facet.TEXTS: (texts, {field: read.texts.get(field, {}) for field in texts}),
        Facet.TAX: (written.tax_rule, read.tax_rule),
        Facet.PRICE: (written.price, read.price),
        Facet.BRAND: (written.brand, read.brand),
        Facet.CATEGORIES: (
            (written.default_category, sorted(written.categories or ())), (read.category, sorted(read.categories)),
        ),
        Facet.FEATURES: (
            {feature: sorted(values) for feature, values in (written.features or {}).items()},
            {feature: sorted(values) for feature, values in features.items()},
        ),
        Facet.LOGISTICS: ((written.sku, written.weight, written.gtin), (read.sku, read.weight, read.gtin)),
        Facet.VISIBILITY: (written.visible, read.visible),
        Facet.STOCK: (quantity, read.stock),
    }  # fmt: skip
