"""A simulated Odoo 16 to 19: a small real HTTP server with the traps of its API, in JSON-RPC and JSON-2."""

from passerelle.sandbox.odoo.faults import Cost, Fault
from passerelle.sandbox.odoo.odoo import FakeOdoo

__all__ = ["Cost", "FakeOdoo", "Fault"]
