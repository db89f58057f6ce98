"""What the PrestaShop connector declares."""

from __future__ import annotations

from passerelle.domain.facets import OF_PRODUCTS
from passerelle.ports.manifest import Capability, Manifest

MANIFEST = Manifest(
    name="prestashop",
    title="PrestaShop",
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
        "create_products": 25,
        "update_products": 50,
        "delete_products": 50,
        "set_stock": 150,
        "create_categories": 1,
        "create_brands": 20,
        "create_features": 20,
        "create_feature_values": 50,
        "create_options": 20,
        "create_option_values": 50,
        "create_variants": 300,
        "update_variants": 300,
        "delete_variants": 300,
        "set_statuses": 25,
        "add_tracking": 25,
    },
    reads_back=OF_PRODUCTS,
    # The shop itself sets no limit; its product page and its back office carry every combination in one piece, and the
    # webservice lists their ids with each product.
    most_variants=5000,
    requests_per_second=None,
    parallel_reads=False,
    tested_with=("a simulated PrestaShop 9.1.4 held to recordings of a real one", "PrestaShop 8.2.0"),
    never_run_on=("PrestaShop 1.7", "several shops in one PrestaShop", "HTTPS"),
)
