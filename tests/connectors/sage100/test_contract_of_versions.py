"""The Sage 100 connector passes the contract kit on the bases of older versions as well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.connectors.sage100.harness import SageHarness

from passerelle.sandbox.sage100 import Version
from passerelle.testing.erp import ErpContract
from passerelle.testing.erp_sink import SinkContract


@pytest.fixture(params=["v16", "v21"])
def harness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SageHarness]:
    version: Version = request.param
    made = SageHarness(tmp_path, version=version)
    yield made
    made.adapter.close()


class TestErp(ErpContract):
    """Whole."""


class TestSink(SinkContract):
    """By import files that a robot takes."""
