"""The Sage 100 connector passes the contract kit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.connectors.sage100.harness import SageHarness

from passerelle.testing.erp import ErpContract
from passerelle.testing.erp_sink import SinkContract


class TestErp(ErpContract):
    """Whole."""


class TestSink(SinkContract):
    """By import files that a robot takes."""


class TestSinkWithoutAFolder(SinkContract):
    """The same base, which no document can be placed in."""

    @pytest.fixture
    def harness(self, tmp_path: Path) -> Iterator[SageHarness]:
        made = SageHarness(tmp_path, orders_folder="")
        yield made
        made.adapter.close()
