"""PrestaShop passes the contract kit, with PATCH and without it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.connectors.prestashop.harness import PrestashopHarness

from passerelle.sandbox.prestashop import FakePrestashop
from passerelle.testing.shop import OrderDeskContract, ShopContract


@pytest.fixture
def harness() -> Iterator[PrestashopHarness]:
    shop = FakePrestashop()
    with shop.serve() as url:
        yield PrestashopHarness(shop, url)


class TestShop(ShopContract):
    """PrestaShop 9."""


class TestShopWithoutPatch(ShopContract):
    """PrestaShop 1.7: every change is a whole record."""

    @pytest.fixture
    def harness(self) -> Iterator[PrestashopHarness]:
        shop = FakePrestashop(patch=False, version="1.7.8.11")
        with shop.serve() as url:
            yield PrestashopHarness(shop, url)


class TestOrderDesk(OrderDeskContract):
    """Statuses and parcels are not declared."""
