"""PrestaShop passes the contract kit, with PATCH and without it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.connectors.prestashop.harness import PrestashopHarness

from passerelle.sandbox.prestashop import FakePrestashop
from passerelle.testing.faults import WRITE, Fault
from passerelle.testing.shop import OrderDeskContract, ShopContract
from passerelle.testing.shop_variants import ShopVariants
from passerelle.testing.shop_variants_failing import ShopVariantsFailing


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

    @pytest.mark.parametrize("fault", WRITE)
    def test_a_failed_write_is_an_error_of_its_family_and_changes_nothing(
        self, harness: PrestashopHarness, fault: Fault
    ) -> None:
        # An update reads first: where the reading fails, nothing was sent and nothing is in doubt.
        harness.method = "WRITE"
        super().test_a_failed_write_is_an_error_of_its_family_and_changes_nothing(harness, fault)


class TestVariantsOfPrestashop8(ShopVariants, ShopVariantsFailing):
    """PrestaShop 8.2, which answers less: a second default, for one, is a 500 without a word."""

    @pytest.fixture
    def harness(self) -> Iterator[PrestashopHarness]:
        shop = FakePrestashop(version="8.2.0", php_warnings=False)
        with shop.serve() as url:
            yield PrestashopHarness(shop, url)


class TestOrderDesk(OrderDeskContract):
    """PrestaShop 9."""


class TestOrderDeskWithoutPatch(OrderDeskContract):
    """PrestaShop 1.7: a parcel is sent back whole."""

    @pytest.fixture
    def harness(self) -> Iterator[PrestashopHarness]:
        shop = FakePrestashop(patch=False, version="1.7.8.11")
        with shop.serve() as url:
            yield PrestashopHarness(shop, url)
