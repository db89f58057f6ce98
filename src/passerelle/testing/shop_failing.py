"""Obligations of a shop connector: what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from passerelle.errors import OutcomeUnknown
from passerelle.ports.manifest import Capability
from passerelle.ports.shop import (
    BatchRefused,
    BrandWrite,
    CategoryWrite,
    FeatureValueWrite,
    FeatureWrite,
    OptionWrite,
    Outcome,
    ProductWrite,
    StockWrite,
    VariantWrite,
)
from passerelle.testing.builders import ProductSeed, product, sizes
from passerelle.testing.faults import COMMITTED, READ, WRITE, Fault
from passerelle.testing.harness import (
    ShopHarness,
    assert_nothing_leaks,
    failure,
    injected,
    needs,
    refused_as_missing,
)
from passerelle.testing.shop_reading import EPOCH, reads
from passerelle.testing.shop_writing import assert_one_each, send_missing

Act = Callable[[], Any]


def raising(write: Callable[[], list[Outcome]]) -> Act:
    """The call, raising the error of its only outcome, or that of a refused batch."""

    def act() -> list[Outcome]:
        outcomes = write()
        if len(outcomes) == 1 and outcomes[0].error is not None:
            raise outcomes[0].error
        return outcomes

    return act


def writes(harness: ShopHarness) -> dict[str, Act]:
    """One write of each declared kind, ready to be sent."""
    shop, context = harness.adapter, harness.adapter.context()
    id = harness.seed_product(ProductSeed(sku="OLD", stock=1))
    ref, home = shop.stock_refs([id])[id], context.home_category
    names = dict.fromkeys(context.languages, "Neuf")
    declared = shop.manifest.capabilities
    calls: dict[Capability, dict[str, Act]] = {
        Capability.PRODUCTS_WRITE: {
            "create_products": lambda: shop.create_products([product("NEW", context=context)]),
            "update_products": lambda: shop.update_products([ProductWrite(key="OLD", shop_id=id, price=Decimal(2))]),
        },
        Capability.STOCK_WRITE: {
            "set_stock": lambda: shop.set_stock([StockWrite(key="OLD", shop_id=id, stock_ref=ref, quantity=8)])
        },
        Capability.CATEGORIES_WRITE: {
            "create_categories": lambda: shop.create_categories([CategoryWrite(key="c", parent=home, names=names)])
        },
        Capability.BRANDS_WRITE: {"create_brands": lambda: shop.create_brands([BrandWrite(key="b", name="Neuf")])},
        Capability.FEATURES_WRITE: {
            "create_features": lambda: shop.create_features([FeatureWrite(key="f", name="Neuf")])
        },
        Capability.VARIANTS_WRITE: _variant_writes(harness) if Capability.VARIANTS_WRITE in declared else {},
    }
    return {name: raising(act) for need, acts in calls.items() if need in declared for name, act in acts.items()}


def _variant_writes(harness: ShopHarness) -> dict[str, Act]:
    shop = harness.adapter
    owner = harness.seed_product(ProductSeed(sku="OWNER", variants=sizes("S", "M")))
    [small, medium] = shop.variants([owner])
    new = VariantWrite(key="NEW", shop_id=owner, sku="NEW", values=small.values)
    change = VariantWrite(key="S", shop_id=small.shop_id, sku="CHANGED")
    return {
        "create_options": lambda: shop.create_options([OptionWrite(key="o", name="Neuf")]),
        "create_variants": lambda: shop.create_variants([new]),
        "update_variants": lambda: shop.update_variants([change]),
        "delete_variants": lambda: shop.delete_variants([VariantWrite(key="M", shop_id=medium.shop_id)]),
    }


class ShopFailing:
    """Each failure must become an error of the right family, and never an empty or a cheerful answer."""

    @pytest.mark.parametrize("fault", READ)
    def test_a_failed_read_is_an_error_of_its_family(self, harness: ShopHarness, fault: Fault) -> None:
        shop_id = harness.seed_product(ProductSeed(sku="A1", stock=3))
        for read in reads(harness, shop_id=shop_id).values():
            with injected(harness, fault):
                failure(read, families=READ[fault])
        assert [found.shop_id for found in harness.adapter.find_products(skus=["A1"])] == [shop_id]

    @pytest.mark.parametrize("fault", WRITE)
    def test_a_failed_write_is_an_error_of_its_family_and_changes_nothing(
        self, harness: ShopHarness, fault: Fault
    ) -> None:
        acts = writes(harness)
        before = harness.stored()
        for act in acts.values():
            sent = harness.writes
            with injected(harness, fault):
                error = failure(act, families=WRITE[fault] + READ[fault])
            # A connector that reads before it writes, and fails there, has surely done nothing.
            due = WRITE[fault] if harness.writes > sent else READ[fault]
            assert isinstance(error, due), f"{error!r} is none of {due}"
        assert harness.stored() == before

    @pytest.mark.parametrize("fault", COMMITTED)
    def test_a_create_without_an_answer_is_unknown_then_found_once(self, harness: ShopHarness, fault: Fault) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        item = product("A1", context=harness.adapter.context())
        with injected(harness, fault):
            failure(lambda: harness.adapter.create_products([item]), families=COMMITTED[fault])
        found = [one.shop_id for one in harness.adapter.find_products(skus=["A1"])]
        assert len(found) == 1
        assert [one.shop_id for one in harness.stored().products] == found

    @pytest.mark.parametrize("fault", COMMITTED)
    def test_an_update_without_an_answer_is_unknown_and_sent_again_it_settles(
        self, harness: ShopHarness, fault: Fault
    ) -> None:
        acts = writes(harness)
        for name in ("update_products", "set_stock"):
            if name in acts:
                with injected(harness, fault):
                    failure(acts[name], families=COMMITTED[fault])
                acts[name]()
        [old] = harness.stored().with_sku("OLD")
        assert (old.price if "update_products" in acts else 2, old.stock if "set_stock" in acts else 8) == (2, 8)

    def test_half_a_batch_without_an_answer_is_unknown_and_can_be_finished(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        context = harness.adapter.context()
        items = [product(f"H{number}", context=context) for number in range(4)]
        with injected(harness, Fault.HALF_DONE):
            failure(lambda: harness.adapter.create_products(items), families=(OutcomeUnknown,))
        assert 0 < len(harness.stored().products) < 4
        send_missing(harness, items)
        assert_one_each(harness.stored(), [item.key for item in items])

    def test_a_failure_between_two_pages_of_orders_is_an_error(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_READ)
        sold = harness.seed_product(ProductSeed(sku="A1", stock=999))
        for _ in range(harness.many):
            harness.seed_order({sold: 1})
        pages = harness.adapter.orders(updated_from=EPOCH)
        assert next(pages)
        with injected(harness, Fault.SERVICE_OFF):
            failure(lambda: list(pages), families=READ[Fault.SERVICE_OFF])

    @pytest.mark.parametrize("fault", [*READ, *COMMITTED])
    def test_no_secret_shows_in_an_error_or_in_the_log(self, harness: ShopHarness, fault: Fault) -> None:
        acts = writes(harness)
        if fault in READ:
            for read in reads(harness, shop_id="1").values():
                assert_nothing_leaks(harness, fault, read)
        for act in acts.values():
            assert_nothing_leaks(harness, fault, act)

    def test_a_refusal_shows_no_secret(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.PRODUCTS_WRITE)
        context = harness.adapter.context()
        items = [product(key, context=context, price=Decimal(-1)) for key in ("A1", "A2")]
        try:
            shown = repr(harness.adapter.create_products(items))
        except BatchRefused as refused:
            shown = refused.why
        [outcome] = harness.adapter.create_products(items[:1])
        assert outcome.error is not None
        assert harness.secret not in shown + repr(outcome) + outcome.error.message + outcome.error.detail

    def test_what_is_not_declared_is_refused(self, harness: ShopHarness) -> None:
        shop = harness.adapter
        write = ProductWrite(key="A1", shop_id="1", sku="A1")
        calls: dict[Capability, dict[str, Act]] = {
            Capability.PRODUCTS_WRITE: {
                "create_products": lambda: shop.create_products([write]),
                "update_products": lambda: shop.update_products([write]),
            },
            Capability.STOCK_WRITE: {
                "set_stock": lambda: shop.set_stock([StockWrite(key="A1", shop_id="1", stock_ref="1", quantity=1)])
            },
            Capability.CATEGORIES_WRITE: {
                "create_categories": lambda: shop.create_categories([CategoryWrite(key="c", parent="2", names={})])
            },
            Capability.BRANDS_WRITE: {"create_brands": lambda: shop.create_brands([BrandWrite(key="b", name="b")])},
            Capability.FEATURES_WRITE: {
                "create_features": lambda: shop.create_features([FeatureWrite(key="f", name="f")]),
                "create_feature_values": lambda: shop.create_feature_values(
                    [FeatureValueWrite(key="v", feature="1", text="v")]
                ),
            },
            Capability.ORDERS_READ: {"orders": lambda: list(shop.orders(updated_from=EPOCH))},
        }
        before = harness.stored()
        for capability in calls.keys() - shop.manifest.capabilities:
            for name, act in calls[capability].items():
                refused_as_missing(act, what=name)
        assert harness.stored() == before
