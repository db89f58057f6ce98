"""The Tryton connector passes the contract kit on a real server."""

from passerelle.testing.erp import ErpContract
from passerelle.testing.erp_sink import SinkContract


class TestErp(ErpContract):
    """Whole but for variants, which it does not declare."""


class TestSink(SinkContract):
    """Whole."""
