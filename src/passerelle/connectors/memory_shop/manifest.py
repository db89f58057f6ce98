"""What the memory shop declares."""

from __future__ import annotations

from passerelle.domain.facets import Facet
from passerelle.ports.manifest import Capability, Manifest

CAPABILITIES = frozenset(
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
)
READS_BACK = frozenset(
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
)
BATCHED = (
    "create_products",
    "update_products",
    "set_stock",
    "create_categories",
    "create_brands",
    "create_features",
    "create_feature_values",
    "set_statuses",
    "add_tracking",
)


def manifest(*, max_batch: int, without: tuple[str, ...]) -> Manifest:
    """The declaration of a memory shop that lacks the capabilities named in `without`."""
    return Manifest(
        name="memory_shop",
        title="Memory shop",
        capabilities=CAPABILITIES - frozenset(without),
        max_batch=dict.fromkeys(BATCHED, max_batch),
        reads_back=READS_BACK,
        parallel_reads=True,
        tested_with=("memory",),
    )
