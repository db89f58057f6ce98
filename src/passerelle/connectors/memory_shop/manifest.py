"""What the memory shop declares."""

from __future__ import annotations

from passerelle.domain.facets import OF_PRODUCTS
from passerelle.ports.manifest import Capability, Manifest

CAPABILITIES = frozenset(
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
)
BATCHED = (
    "create_products",
    "update_products",
    "delete_products",
    "set_stock",
    "create_categories",
    "create_brands",
    "create_features",
    "create_feature_values",
    "create_options",
    "create_option_values",
    "create_variants",
    "update_variants",
    "delete_variants",
    "set_statuses",
    "add_tracking",
)

MOST_VARIANTS = 1000  # of one product: its own rule, so that a shop with a limit can be tried


def manifest(*, max_batch: int, without: tuple[str, ...]) -> Manifest:
    """The declaration of a memory shop that lacks the capabilities named in `without`."""
    return Manifest(
        name="memory_shop",
        title="Memory shop",
        capabilities=CAPABILITIES - frozenset(without),
        max_batch=dict.fromkeys(BATCHED, max_batch),
        reads_back=OF_PRODUCTS,
        most_variants=MOST_VARIANTS,
        parallel_reads=True,
        parallel_writes=2,
        tested_with=("memory",),
    )
