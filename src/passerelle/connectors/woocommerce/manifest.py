"""What the WooCommerce connector declares."""

from __future__ import annotations

from msgspec.structs import replace

from passerelle.domain.facets import OF_PRODUCTS, Facet
from passerelle.ports.manifest import Capability, Manifest

# Up to 100 are taken, but the shop needs 25 to 50 ms for each (seen on WooCommerce 9.9.5) and hosts cut at 30 seconds.
BATCH = 50

MANIFEST = Manifest(
    name="woocommerce",
    title="WooCommerce",
    capabilities=frozenset(
        {
            Capability.PRODUCTS_WRITE,
            Capability.PRODUCTS_DELETE,
            Capability.STOCK_WRITE,
            Capability.CATEGORIES_WRITE,
            Capability.BRANDS_WRITE,
            Capability.FEATURES_WRITE,
            Capability.VARIANTS_WRITE,
            Capability.ORDERS_READ,
            Capability.ORDERS_IMPORT,
            Capability.ORDER_STATUS_WRITE,
            Capability.TRACKING_WRITE,
        }
    ),
    max_batch={
        "create_products": BATCH,
        "update_products": BATCH,
        "delete_products": BATCH,
        "set_stock": BATCH,
        "create_categories": BATCH,
        "create_brands": BATCH,
        "create_features": BATCH,
        "create_feature_values": BATCH,
        "create_options": BATCH,
        "create_option_values": BATCH,
        "create_variants": BATCH,
        "update_variants": BATCH,
        "delete_variants": BATCH,
        "set_statuses": BATCH,
        "add_tracking": BATCH,
    },
    reads_back=OF_PRODUCTS,
    requests_per_second=None,
    parallel_reads=False,
    parallel_writes=2,
    tested_with=("a simulated WooCommerce held to recordings of a real one", "WooCommerce 9.9.5 on WordPress 6.9"),
    never_run_on=("WooCommerce before 9.6", "several languages (WPML, Polylang)", "multisite"),
)


def manifest(*, brands: bool, barcodes: bool) -> Manifest:
    """The declaration of a shop; brands came with WooCommerce 9.6, barcodes with 9.2."""
    lacking = frozenset({Facet.BRAND} if not brands else ()) | frozenset({Facet.LOGISTICS} if not barcodes else ())
    without = frozenset({Capability.BRANDS_WRITE} if not brands else ())
    return replace(MANIFEST, capabilities=MANIFEST.capabilities - without, reads_back=MANIFEST.reads_back - lacking)
