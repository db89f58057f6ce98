"""WooCommerce passes the contract kit, whichever way prices are entered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.connectors.woocommerce.harness import WoocommerceHarness

from passerelle.sandbox.woocommerce import FakeWoocommerce
from passerelle.testing.shop import OrderDeskContract, ShopContract
from passerelle.testing.shop_desk_writing import DeskWriting
from passerelle.testing.shop_reading_back import ShopReadingBack
from passerelle.testing.shop_variants import ShopVariants
from passerelle.testing.shop_writing import ShopWriting


@pytest.fixture
def harness() -> Iterator[WoocommerceHarness]:
    shop = FakeWoocommerce()
    with shop.serve() as url:
        yield WoocommerceHarness(shop, url)


class TestShop(ShopContract):
    """WooCommerce 9.9, prices excl. VAT, over plain http with signed requests."""


class TestShopWithPricesInclVat(ShopWriting, ShopVariants, ShopReadingBack):
    """The same with prices incl. VAT, written with a comma in the shop."""

    @pytest.fixture
    def harness(self) -> Iterator[WoocommerceHarness]:
        shop = FakeWoocommerce(prices_include_tax=True, decimal_separator=",")
        with shop.serve() as url:
            yield WoocommerceHarness(shop, url)


class TestOrderDesk(OrderDeskContract):
    """WooCommerce 9.9."""


class TestOrderDeskWithPlainTracking(DeskWriting):
    """Tracking numbers in a plain custom field, and orders that are rounded at the subtotal."""

    @pytest.fixture
    def harness(self) -> Iterator[WoocommerceHarness]:
        shop = FakeWoocommerce(round_at_subtotal=True)
        with shop.serve() as url:
            yield WoocommerceHarness(shop, url, options={"tracking": "meta"})
