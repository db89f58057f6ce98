"""What the PrestaShop connector declares."""

from __future__ import annotations

from passerelle.domain.facets import Facet
from passerelle.ports.manifest import Capability, Manifest

MANIFEST = Manifest(
    name="prestashop",
    title="PrestaShop",
    capabilities=frozenset(
        {
            Capability.PRODUCTS_WRITE,
            Capability.STOCK_WRITE,
            Capability.CATEGORIES_WRITE,
            Capability.BRANDS_WRITE,
            Capability.FEATURES_WRITE,
            Capability.ORDERS_READ,
            Capability.ORDERS_IMPORT,
            Capability.ORDER_STATUS_WRITE,
            Capability.TRACKING_WRITE,
        }
    ),
    max_batch={
        "create_products": 25,
        "update_products": 50,
        "set_stock": 100,
        "create_categories": 1,
        "create_brands": 20,
        "create_features": 20,
        "create_feature_values": 50,
        "set_statuses": 25,
        "add_tracking": 25,
    },
    reads_back=frozenset(
        {
            Facet.TEXTS,
            Facet.TAX,
            Facet.PRICE,
            Facet.BRAND,
            Facet.CATEGORIES,
            Facet.FEATURES,
            Facet.LOGISTICS,
            Facet.VISIBILITY,
            Facet.STOCK,
        }
    ),
    requests_per_second=None,
    parallel_reads=False,
    tested_with=("a simulated PrestaShop 9.1.4 held to recordings of a real one", "PrestaShop 8.2.0"),
    never_run_on=("PrestaShop 1.7", "several shops in one PrestaShop", "HTTPS"),
)
