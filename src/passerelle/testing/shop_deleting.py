"""Obligations of a shop connector: deletion of products."""

from __future__ import annotations

import pytest

from passerelle.ports.manifest import Capability
from passerelle.ports.shop import ProductWrite
from passerelle.testing.builders import ProductSeed
from passerelle.testing.faults import COMMITTED, Fault
from passerelle.testing.harness import ShopHarness, failure, injected, needs, refused_as_missing

LOST = [Fault.LOST_ANSWER, Fault.ERROR_AFTER_COMMIT]


def seeded(harness: ShopHarness, *skus: str) -> list[ProductWrite]:
    """Products that may be deleted; skips where deletion is not declared."""
    needs(harness.adapter.manifest, Capability.PRODUCTS_DELETE)
    return [ProductWrite(key=sku, shop_id=harness.seed_product(ProductSeed(sku=sku, stock=3))) for sku in skus]


def left(harness: ShopHarness) -> list[str]:
    """The references of the products that the shop holds."""
    return sorted(product.sku for product in harness.stored().products)


class ShopDeleting:
    """What is deleted is gone, what is not named stays, and what is gone already counts as deleted."""

    def test_deleted_products_are_gone_and_the_others_stay_as_they_are(self, harness: ShopHarness) -> None:
        items = seeded(harness, "A", "B", "C")
        kept = harness.stored().product(items[2].shop_id)
        outcomes = harness.adapter.delete_products(items[:2])
        assert [(one.key, one.shop_id, one.error) for one in outcomes] == [
            (item.key, item.shop_id, None) for item in items[:2]
        ]
        assert harness.stored().products == [kept]
        assert harness.adapter.find_products(skus=["A", "B"]) == []

    def test_a_product_that_is_gone_counts_as_deleted_and_keeps_no_other(self, harness: ShopHarness) -> None:
        items = seeded(harness, "A", "B", "C")
        harness.adapter.delete_products(items[1:2])
        assert [one.error for one in harness.adapter.delete_products(items[:2])] == [None, None]
        assert left(harness) == ["C"]

    @pytest.mark.parametrize("fault", LOST)
    def test_a_deletion_without_an_answer_is_unknown_and_sent_again_it_is_done(
        self, harness: ShopHarness, fault: Fault
    ) -> None:
        items = seeded(harness, "A", "B", "C")
        with injected(harness, fault):
            failure(lambda: harness.adapter.delete_products(items[:2]), families=COMMITTED[fault])
        assert [one.error for one in harness.adapter.delete_products(items[:2])] == [None, None]
        assert left(harness) == ["C"]

    def test_a_deletion_that_is_not_declared_is_refused(self, harness: ShopHarness) -> None:
        shop = harness.adapter
        if Capability.PRODUCTS_DELETE in shop.manifest.capabilities:
            pytest.skip(f"{shop.manifest.name} declares {Capability.PRODUCTS_DELETE}")
        item = ProductWrite(key="A", shop_id=harness.seed_product(ProductSeed(sku="A")))
        refused_as_missing(lambda: shop.delete_products([item]), what="delete_products")
        assert left(harness) == ["A"]
