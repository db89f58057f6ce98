"""The memory shop passes the contract kit."""

import pytest
from tests.connectors.memory_shop.harness import MemoryShopHarness

from passerelle.testing.shop import OrderDeskContract, ShopContract

EVERYTHING = (
    "products.write",
    "products.delete",
    "stock.write",
    "categories.write",
    "brands.write",
    "features.write",
    "variants.write",
    "orders.read",
    "orders.import",
    "orders.status.write",
    "orders.tracking.write",
)


@pytest.fixture
def harness() -> MemoryShopHarness:
    return MemoryShopHarness()


class TestShop(ShopContract):
    """Whole."""


class TestOrderDesk(OrderDeskContract):
    """Whole."""


class TestShopThatOnlyReads(ShopContract):
    """The same shop without anything it could declare."""

    @pytest.fixture
    def harness(self) -> MemoryShopHarness:
        return MemoryShopHarness(without=EVERYTHING)


class TestOrderDeskThatIsClosed(OrderDeskContract):
    """The same shop without anything it could declare."""

    @pytest.fixture
    def harness(self) -> MemoryShopHarness:
        return MemoryShopHarness(without=EVERYTHING)
