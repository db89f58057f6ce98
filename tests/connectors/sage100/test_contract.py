"""The Sage 100 connector passes the contract kit."""

from passerelle.testing.erp import ErpContract


class TestErp(ErpContract):
    """Whole."""
