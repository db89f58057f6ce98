"""The memory ERP passes the contract kit."""

import pytest
from tests.connectors.memory_erp.harness import MemoryErpHarness

from passerelle.testing.erp import ErpContract
from passerelle.testing.erp_sink import SinkContract

EVERYTHING = ("products.read", "variants.read", "stock.read", "documents.read", "documents.write")


@pytest.fixture
def harness() -> MemoryErpHarness:
    return MemoryErpHarness()


class TestErp(ErpContract):
    """Whole."""


class TestErpWithoutVariants(ErpContract):
    """The same ERP, which reads none."""

    @pytest.fixture
    def harness(self) -> MemoryErpHarness:
        return MemoryErpHarness(without=("variants.read",))


class TestSink(SinkContract):
    """Whole."""


class TestSinkThatTakesLater(SinkContract):
    """The same ERP, which takes what is handed over when it pleases."""

    @pytest.fixture
    def harness(self) -> MemoryErpHarness:
        return MemoryErpHarness(later=True)


class TestSinkThatIsClosed(SinkContract):
    """The same ERP, which no document can be placed in."""

    @pytest.fixture
    def harness(self) -> MemoryErpHarness:
        return MemoryErpHarness(without=("documents.write",))
