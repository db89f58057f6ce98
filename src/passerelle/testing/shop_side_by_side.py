"""What a shop owes that takes several requests at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from passerelle.ports.manifest import Capability
from passerelle.ports.shop import Outcome, StockWrite
from passerelle.testing.builders import ProductSeed
from passerelle.testing.harness import ShopHarness, needs


class ShopSideBySide:
    """Part of ShopContract: as many requests as `parallel_writes` says."""

    def test_quantities_of_other_products_can_be_written_side_by_side(self, harness: ShopHarness) -> None:
        manifest = harness.adapter.manifest
        needs(manifest, Capability.STOCK_WRITE)
        if manifest.parallel_writes < 2:
            pytest.skip(f"{manifest.name} takes one request after the other")
        parts = [_quantities(harness, part) for part in range(manifest.parallel_writes)]
        with ThreadPoolExecutor(len(parts)) as threads:
            answers = list(threads.map(harness.adapter.set_stock, parts))
        for part, outcomes in zip(parts, answers, strict=True):
            assert outcomes == [Outcome(key=item.key, shop_id=item.shop_id) for item in part]
        stored = harness.stored()
        assert [stored.product(item.shop_id).stock for part in parts for item in part] == [
            item.quantity for part in parts for item in part
        ]


def _quantities(harness: ShopHarness, part: int) -> Sequence[StockWrite]:
    """A quantity of its own for each of five new products."""
    keys = [f"P-{part}{number}" for number in range(5)]
    ids = [harness.seed_product(ProductSeed(sku=key, stock=1)) for key in keys]
    refs = harness.adapter.stock_refs(ids)
    return [
        StockWrite(key=key, shop_id=id, stock_ref=refs[id], quantity=100 * (part + 1) + number)
        for number, (key, id) in enumerate(zip(keys, ids, strict=True))
    ]
