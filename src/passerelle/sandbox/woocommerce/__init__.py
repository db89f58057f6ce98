"""A simulated WooCommerce 9.9.5: a small real HTTP(S) server with the REST API's traps and a storefront to look at."""

from passerelle.sandbox.prestashop.faults import Cost, Fault
from passerelle.sandbox.woocommerce.sales import Buyer
from passerelle.sandbox.woocommerce.shop import FakeWoocommerce

__all__ = ["Buyer", "Cost", "FakeWoocommerce", "Fault"]
