"""The memory ERP passes the contract kit."""

import pytest
from tests.connectors.memory_erp.harness import MemoryErpHarness

from passerelle.testing.erp import ErpContract
from passerelle.testing.erp_sink import SinkContract


@pytest.fixture
def harness() -> MemoryErpHarness:
    return MemoryErpHarness()


class TestErp(ErpContract):
    """Whole."""


class TestSink(SinkContract):
    """Whole."""
