"""A simulated PrestaShop 9.1: a small real HTTP server with the webservice's traps and a storefront to look at."""

from passerelle.sandbox.prestashop.checkout import Buyer, Destination, Voucher
from passerelle.sandbox.prestashop.faults import Cost, Fault
from passerelle.sandbox.prestashop.shop import FakePrestashop

__all__ = ["Buyer", "Cost", "Destination", "FakePrestashop", "Fault", "Voucher"]
