"""The Odoo connector passes the contract kit, over both transports."""

from __future__ import annotations

import pytest
from tests.connectors.odoo.conftest import Serve
from tests.connectors.odoo.harness import OdooHarness

from passerelle.sandbox.odoo import FakeOdoo
from passerelle.testing.erp import ErpContract
from passerelle.testing.erp_sink import SinkContract


class TestErp(ErpContract):
    """Whole, on Odoo 19."""


class TestSink(SinkContract):
    """Whole, on Odoo 19."""


class TestErpBefore(ErpContract):
    """The versions that speak JSON-RPC."""

    @pytest.fixture(params=[16, 17, 18])
    def harness(self, request: pytest.FixtureRequest, serve: Serve) -> OdooHarness:
        return serve(FakeOdoo(version=request.param))


class TestSinkBefore(SinkContract):
    """The versions that speak JSON-RPC."""

    @pytest.fixture(params=[16, 17, 18])
    def harness(self, request: pytest.FixtureRequest, serve: Serve) -> OdooHarness:
        return serve(FakeOdoo(version=request.param))
