"""Obligations of a shop connector: what is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from passerelle.domain.catalogue import ShopProduct
from passerelle.domain.orders import ShopOrder
from passerelle.ports.manifest import Capability
from passerelle.ports.shop import ListedProduct
from passerelle.testing.builders import ProductSeed
from passerelle.testing.harness import ShopHarness, can, needs
from passerelle.testing.hostile import REFERENCES

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def orders(harness: ShopHarness, *, updated_from: datetime = EPOCH) -> list[ShopOrder]:
    """All orders changed since."""
    return [order for page in harness.adapter.orders(updated_from=updated_from) for order in page]


def ids(products: list[ShopProduct]) -> list[str]:
    """Their ids, in order."""
    return sorted(product.shop_id for product in products)


class ShopReading:
    """What a shop is asked must be answered exactly, and asking changes nothing."""

    def test_check_changes_nothing_and_counts_no_write(self, harness: ShopHarness) -> None:
        harness.seed_product(ProductSeed(sku="A1", stock=3))
        before, writes = harness.stored(), harness.writes
        assert harness.adapter.check()
        assert harness.stored() == before
        assert harness.writes == writes

    def test_reading_changes_nothing_and_counts_no_write(self, harness: ShopHarness) -> None:
        shop_id = harness.seed_product(ProductSeed(sku="A1", stock=3))
        before, writes = harness.stored(), harness.writes
        for read in reads(harness, shop_id=shop_id).values():
            read()
        assert harness.stored() == before
        assert harness.writes == writes

    def test_the_context_names_what_exists(self, harness: ShopHarness) -> None:
        context = harness.adapter.context()
        assert context.default_language in context.languages
        assert set(harness.languages) == set(context.languages)
        assert context.home_category in {category.id for category in harness.adapter.categories()}
        assert len(context.currency) == 3
        assert all(rule.rate is None or isinstance(rule.rate, Decimal) for rule in context.tax_rules)
        assert harness.adapter.context() == context

    def test_empty_is_empty(self, harness: ShopHarness) -> None:
        assert harness.adapter.find_products(skus=["A1"], gtins=["3250000000014"]) == []
        assert harness.adapter.read_products(["999999"]) == []
        assert harness.adapter.stock_refs(["999999"]) == {}
        assert harness.adapter.quantities(["999999"]) == {}
        assert [one for page in harness.adapter.product_pages() for one in page] == []
        assert harness.adapter.brands() == []
        if Capability.FEATURES_WRITE in harness.adapter.manifest.capabilities:
            assert harness.adapter.features() == []
        if Capability.VARIANTS_WRITE in harness.adapter.manifest.capabilities:
            assert harness.adapter.options() == []
            assert harness.adapter.variants(["999999"]) == []

    def test_asking_for_nothing_gives_nothing(self, harness: ShopHarness) -> None:
        harness.seed_product(ProductSeed(sku="A1"))
        assert harness.adapter.find_products(skus=[]) == []
        assert harness.adapter.read_products([]) == []
        assert harness.adapter.stock_refs([]) == {}
        assert harness.adapter.quantities([]) == {}

    def test_a_product_is_read_as_the_shop_holds_it(self, harness: ShopHarness) -> None:
        shop_id = harness.seed_product(ProductSeed(sku="A1", name="Écrou & vis", gtin="3250000000014", stock=7))
        [read] = harness.adapter.read_products([shop_id])
        assert read == harness.stored().product(shop_id)
        assert (read.sku, read.gtin, read.stock, read.visible) == ("A1", "3250000000014", 7, True)
        assert read.texts["name"]["fr"] == "Écrou & vis"

    def test_a_price_read_is_an_exact_decimal(self, harness: ShopHarness) -> None:
        shop_id = harness.seed_product(ProductSeed(sku="A1", price=Decimal("16.658333")))
        [read] = harness.adapter.read_products([shop_id])
        assert isinstance(read.price, Decimal)
        assert read.price == Decimal("16.658333")

    def test_a_deleted_product_is_not_read(self, harness: ShopHarness) -> None:
        kept, deleted = (harness.seed_product(ProductSeed(sku=sku)) for sku in ("A1", "A2"))
        harness.delete_product(deleted)
        assert ids(harness.adapter.read_products([kept, deleted])) == [kept]
        assert harness.adapter.find_products(skus=["A2"]) == []
        assert set(harness.adapter.stock_refs([kept, deleted])) == {kept}

    def test_a_hidden_product_is_read(self, harness: ShopHarness) -> None:
        hidden = harness.seed_product(ProductSeed(sku="A1", visible=False))
        assert [product.visible for product in harness.adapter.read_products([hidden])] == [False]
        assert ids(harness.adapter.find_products(skus=["A1"])) == [hidden]

    def test_every_product_is_listed_once_with_its_name_and_whether_it_shows(self, harness: ShopHarness) -> None:
        shown = [harness.seed_product(ProductSeed(sku=f"A{number}")) for number in range(60)]
        hidden = harness.seed_product(ProductSeed(sku="B1", name="Écrou & vis", visible=False))
        listed = [one for page in harness.adapter.product_pages() for one in page]
        assert sorted(one.shop_id for one in listed) == sorted([*shown, hidden])
        by_id = {one.shop_id: one for one in listed}
        assert by_id[hidden] == ListedProduct(shop_id=hidden, sku="B1", name="Écrou & vis", visible=False)
        assert by_id[shown[7]].sku == "A7"
        assert by_id[shown[7]].visible

    def test_the_quantity_that_a_product_shows_is_told(self, harness: ShopHarness) -> None:
        first, second = (harness.seed_product(ProductSeed(sku=f"A{stock}", stock=stock)) for stock in (7, 0))
        assert harness.adapter.quantities([first, second, "999999"]) == {first: 7, second: 0}

    def test_a_reference_is_found_whatever_its_case_and_given_as_stored(self, harness: ShopHarness) -> None:
        harness.seed_product(ProductSeed(sku="AbC-1"))
        assert [product.sku for product in harness.adapter.find_products(skus=["aBc-1"])] == ["AbC-1"]

    def test_a_lookup_gives_only_what_was_asked(self, harness: ShopHarness) -> None:
        wanted = harness.seed_product(ProductSeed(sku="A1"))
        for other in ("A", "A10", "XA1", "A1 B"):
            harness.seed_product(ProductSeed(sku=other))
        assert ids(harness.adapter.find_products(skus=["A1", "ABSENT"])) == [wanted]

    @pytest.mark.parametrize("reference", REFERENCES)
    def test_an_odd_reference_finds_itself_alone(self, harness: ShopHarness, reference: str) -> None:
        harness.seed_product(ProductSeed(sku="ORDINARY"))
        wanted = can(harness.seed_product, ProductSeed(sku=reference))
        assert ids(harness.adapter.find_products(skus=[reference])) == [wanted]
        assert ids(harness.adapter.find_products(skus=["NOT-THERE", reference])) == [wanted]

    @pytest.mark.parametrize("reference", REFERENCES)
    def test_an_odd_reference_that_is_not_there_finds_nothing(self, harness: ShopHarness, reference: str) -> None:
        harness.seed_product(ProductSeed(sku="ORDINARY"))
        assert harness.adapter.find_products(skus=[reference]) == []

    def test_every_product_with_a_reference_is_found(self, harness: ShopHarness) -> None:
        twins = [can(harness.seed_product, ProductSeed(sku=sku)) for sku in ("A1", "A1", "a1")]
        assert ids(harness.adapter.find_products(skus=["A1"])) == sorted(twins)

    def test_a_barcode_is_found(self, harness: ShopHarness) -> None:
        wanted = harness.seed_product(ProductSeed(sku="A1", gtin="3250000000014"))
        harness.seed_product(ProductSeed(sku="A2", gtin="3250000000021"))
        harness.seed_product(ProductSeed(sku="A3"))
        assert ids(harness.adapter.find_products(skus=[], gtins=["3250000000014"])) == [wanted]

    def test_many_are_found_and_read_each_once(self, harness: ShopHarness) -> None:
        seeded = sorted(harness.seed_product(ProductSeed(sku=f"M-{n:04}", stock=n)) for n in range(harness.many))
        skus = [f"M-{n:04}" for n in range(harness.many)]
        assert ids(harness.adapter.find_products(skus=skus)) == seeded
        read = harness.adapter.read_products(seeded)
        assert ids(read) == seeded
        assert {product.sku: product.stock for product in read} == {f"M-{n:04}": n for n in range(harness.many)}
        assert set(harness.adapter.stock_refs(seeded)) == set(seeded)

    # --- orders -------------------------------------------------------------------------------------------------

    def test_no_order_is_no_order(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_READ)
        assert orders(harness) == []

    def test_an_order_is_read_with_its_lines_and_aware_times(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_READ)
        first, second = (harness.seed_product(ProductSeed(sku=sku, stock=9)) for sku in ("A1", "A2"))
        placed = harness.seed_order({first: 2, second: 1})
        [order] = orders(harness)
        assert order.shop_id == placed
        assert order.holds_stock
        assert sorted((line.product_id, line.sku, line.quantity) for line in order.lines) == sorted(
            [(first, "A1", Decimal(2)), (second, "A2", Decimal(1))]
        )
        assert order.created_at.utcoffset() == order.updated_at.utcoffset() == timedelta(0)
        assert all(isinstance(line.quantity, Decimal) for line in order.lines)

    def test_a_cancelled_order_holds_no_stock(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_READ)
        product = harness.seed_product(ProductSeed(sku="A1", stock=9))
        kept, cancelled = harness.seed_order({product: 1}), harness.seed_order({product: 1})
        harness.cancel_order(cancelled)
        assert {order.shop_id: order.holds_stock for order in orders(harness)} == {kept: True, cancelled: False}

    def test_orders_of_one_second_are_all_read_from_that_second(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_READ)
        product = harness.seed_product(ProductSeed(sku="A1", stock=999))
        placed = {harness.seed_order({product: 1}) for _ in range(harness.many)}
        latest = max(order.updated_at for order in orders(harness))
        same = [order.shop_id for order in orders(harness, updated_from=latest)]
        assert len(same) == len(set(same))
        assert set(same) == placed

    def test_each_order_is_read_once_while_others_arrive(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_READ)
        product = harness.seed_product(ProductSeed(sku="A1", stock=999))
        placed = [harness.seed_order({product: 1}) for _ in range(harness.many)]
        read: list[str] = []
        for page in harness.adapter.orders(updated_from=EPOCH):
            read += [order.shop_id for order in page]
            if len(read) < 2 * harness.many:
                harness.seed_order({product: 1})
        assert len(read) == len(set(read))
        assert set(placed) <= set(read)

    def test_an_order_changed_during_the_reading_is_not_lost(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_READ)
        product = harness.seed_product(ProductSeed(sku="A1", stock=999))
        placed = [harness.seed_order({product: 1}) for _ in range(harness.many)]
        read: set[str] = set()
        for number, page in enumerate(harness.adapter.orders(updated_from=EPOCH)):
            read |= {order.shop_id for order in page}
            if number == 0:
                can(harness.wait, 5)
                harness.cancel_order(placed[0])
                harness.cancel_order(placed[-1])
        assert read == set(placed)

    def test_only_what_changed_since_is_read(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_READ)
        product = harness.seed_product(ProductSeed(sku="A1", stock=9))
        old, touched = harness.seed_order({product: 1}), harness.seed_order({product: 1})
        can(harness.wait, 120)
        harness.cancel_order(touched)
        changed = {order.shop_id: order for order in orders(harness)}
        since = [order.shop_id for order in orders(harness, updated_from=changed[touched].updated_at)]
        assert since == [touched]
        assert changed[old].updated_at < changed[touched].updated_at

    def test_only_what_was_created_since_is_read(self, harness: ShopHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_READ)
        product = harness.seed_product(ProductSeed(sku="A1", stock=9))
        harness.seed_order({product: 1})
        can(harness.wait, 120)
        recent = harness.seed_order({product: 1})
        created = {order.shop_id: order.created_at for order in orders(harness)}[recent]
        pages = list(harness.adapter.orders(created_from=created))
        assert [order.shop_id for page in pages for order in page] == [recent]


def reads(harness: ShopHarness, *, shop_id: str) -> dict[str, Callable[[], object]]:
    """Every reading call of the port, by name."""
    shop = harness.adapter
    calls: dict[str, Callable[[], object]] = {
        "context": shop.context,
        "find_products": lambda: shop.find_products(skus=["A1"]),
        "read_products": lambda: shop.read_products([shop_id]),
        "product_pages": lambda: list(shop.product_pages()),
        "stock_refs": lambda: shop.stock_refs([shop_id]),
        "quantities": lambda: shop.quantities([shop_id]),
        "categories": shop.categories,
        "brands": shop.brands,
    }
    if Capability.FEATURES_WRITE in shop.manifest.capabilities:
        calls["features"] = shop.features
        calls["feature_values"] = lambda: shop.feature_values(["1"])
    if Capability.VARIANTS_WRITE in shop.manifest.capabilities:
        calls["options"] = shop.options
        calls["option_values"] = lambda: shop.option_values(["1"])
        calls["variants"] = lambda: shop.variants([shop_id])
    if Capability.ORDERS_READ in shop.manifest.capabilities:
        calls["orders"] = lambda: list(shop.orders(updated_from=EPOCH))
    return calls
