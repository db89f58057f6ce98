"""Why the shop refused an item of a batch, in plain words. The vendor's own text goes to the detail."""

from __future__ import annotations

from passerelle.connectors.woocommerce.wire import VendorError
from passerelle.errors import GoneFromShop, RecordError, RefusedByShop

SKU_TAKEN = "product_invalid_sku"
SKU_KNOWN = "woocommerce_rest_product_not_created"  # by a product in the bin, or by what was just being made
GTIN_TAKEN = "product_invalid_global_unique_id"
TERM_EXISTS = "term_exists"
GONE = frozenset(
    {
        "woocommerce_rest_product_invalid_id",
        "woocommerce_rest_invalid_product_id",
        "woocommerce_rest_product_variation_invalid_id",
        "woocommerce_rest_product_variation_invalid_parent",
        "woocommerce_rest_invalid_variation_id",
        "woocommerce_rest_shop_order_invalid_id",
    }
)


def is_gone(error: VendorError) -> bool:
    """Whether the record does not exist any more."""
    return error.code in GONE


def refused(key: str, error: VendorError, *, shop_id: str = "") -> RecordError:
    """A refusal of the item with that key; `shop_id` where it is in the shop already."""
    detail = f"{error.code}: {error.message}"
    if shop_id and is_gone(error):
        return GoneFromShop(key=key, shop_id=shop_id, detail=detail)
    return RefusedByShop(key=key, why=_why(error), detail=detail)


def _why(error: VendorError) -> str:
    other = error.details.resource_id
    if error.code in (SKU_TAKEN, SKU_KNOWN):
        return f"its reference belongs to product {other}" if other else "its reference is taken"
    if error.code == GTIN_TAKEN:
        return f"its barcode belongs to product {other}" if other else "its barcode is not accepted"
    if is_gone(error):
        return "it no longer exists there"
    return "the shop does not accept its data"
