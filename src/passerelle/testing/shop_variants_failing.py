"""Obligations of a shop connector: what goes wrong with variants."""

from __future__ import annotations

import pytest

from passerelle.errors import OutcomeUnknown
from passerelle.ports.manifest import Capability
from passerelle.ports.shop import OptionValueWrite, OptionWrite, VariantWrite
from passerelle.testing.builders import ProductSeed
from passerelle.testing.faults import COMMITTED, Fault
from passerelle.testing.harness import ShopHarness, failure, injected, refused_as_missing
from passerelle.testing.shop_variants import (
    BASE,
    needs_variants,
    options_of,
    priced,
    seeded,
    send_missing_variants,
)


class ShopVariantsFailing:
    """A variant without an answer is unknown until it is looked for, and never made twice."""

    @pytest.mark.parametrize("fault", COMMITTED)
    def test_new_variants_without_an_answer_are_unknown_then_found_once(
        self, harness: ShopHarness, fault: Fault
    ) -> None:
        needs_variants(harness)
        values, product = options_of(harness, "S", "M"), harness.seed_product(ProductSeed(sku="P-1"))
        items = [VariantWrite(key=n, shop_id=product, sku=n, values=(values[n],)) for n in ("S", "M")]
        with injected(harness, fault):
            failure(lambda: harness.adapter.create_variants(items), families=COMMITTED[fault])
        send_missing_variants(harness, items)
        assert [(one.sku, one.values) for one in harness.stored().variants] == [
            ("S", (values["S"],)), ("M", (values["M"],))
        ]  # fmt: skip

    def test_half_a_batch_of_variants_without_an_answer_can_be_finished(self, harness: ShopHarness) -> None:
        needs_variants(harness)
        names = ("S", "M", "L", "XL")
        values, product = options_of(harness, *names), harness.seed_product(ProductSeed(sku="P-1"))
        items = [VariantWrite(key=n, shop_id=product, sku=n, values=(values[n],)) for n in names]
        with injected(harness, Fault.HALF_DONE):
            failure(lambda: harness.adapter.create_variants(items), families=(OutcomeUnknown,))
        assert 0 < len(harness.stored().variants) < 4
        send_missing_variants(harness, items)
        assert [one.sku for one in harness.stored().variants] == list(names)

    @pytest.mark.parametrize("fault", COMMITTED)
    def test_changed_variants_without_an_answer_are_unknown_and_sent_again_they_settle(
        self, harness: ShopHarness, fault: Fault
    ) -> None:
        needs_variants(harness)
        _, variants = seeded(harness, "S", "M")
        change = VariantWrite(key="S", shop_id=variants["S"], price=priced(harness, BASE * 2), default=True)
        with injected(harness, fault):
            failure(lambda: harness.adapter.update_variants([change]), families=COMMITTED[fault])
        [outcome] = harness.adapter.update_variants([change])
        assert outcome.error is None
        [small, medium] = harness.stored().variants
        assert (small.default, medium.default, small.price == medium.price) == (True, False, False)

    @pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.ERROR_AFTER_COMMIT])
    def test_deleted_variants_without_an_answer_are_unknown_and_sent_again_they_are_gone(
        self, harness: ShopHarness, fault: Fault
    ) -> None:
        needs_variants(harness)
        _, variants = seeded(harness, "S", "M", "L")
        items = [VariantWrite(key=size, shop_id=variants[size]) for size in ("S", "M")]
        with injected(harness, fault):
            failure(lambda: harness.adapter.delete_variants(items), families=COMMITTED[fault])
        assert [one.error for one in harness.adapter.delete_variants(items)] == [None, None]
        assert [one.sku for one in harness.stored().variants] == ["V-L"]

    def test_variants_that_are_not_declared_are_refused(self, harness: ShopHarness) -> None:
        shop, item = harness.adapter, VariantWrite(key="A", shop_id="1", sku="A")
        if Capability.VARIANTS_WRITE in shop.manifest.capabilities:
            pytest.skip(f"{shop.manifest.name} declares {Capability.VARIANTS_WRITE}")
        before = harness.stored()
        for what, act in {
            "options": shop.options,
            "option_values": lambda: shop.option_values(["1"]),
            "variants": lambda: shop.variants(["1"]),
            "create_options": lambda: shop.create_options([OptionWrite(key="o", name="O")]),
            "create_option_values": lambda: shop.create_option_values(
                [OptionValueWrite(key="v", option="1", text="v")]
            ),
            "create_variants": lambda: shop.create_variants([item]),
            "update_variants": lambda: shop.update_variants([item]),
            "delete_variants": lambda: shop.delete_variants([item]),
        }.items():
            refused_as_missing(act, what=what)
        assert harness.stored() == before
