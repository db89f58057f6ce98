"""What a connector says of itself, and what a check finds."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from passerelle.domain.facets import Facet
from passerelle.domain.texts import Text


class Capability(StrEnum):
    """What a connector may declare; what it does not declare raises CapabilityMissing when it is called."""

    PRODUCTS_READ = "products.read"
    VARIANTS_READ = "variants.read"
    STOCK_READ = "stock.read"
    DOCUMENTS_READ = "documents.read"
    DOCUMENTS_WRITE = "documents.write"
    PRODUCTS_WRITE = "products.write"
    PRODUCTS_DELETE = "products.delete"
    PRODUCTS_ARCHIVE = "products.archive"
    STOCK_WRITE = "stock.write"
    CATEGORIES_WRITE = "categories.write"
    BRANDS_WRITE = "brands.write"
    FEATURES_WRITE = "features.write"
    VARIANTS_WRITE = "variants.write"
    ORDERS_READ = "orders.read"  # as far as stock is concerned
    ORDERS_IMPORT = "orders.import"  # whole
    ORDER_STATUS_WRITE = "orders.status.write"
    TRACKING_WRITE = "orders.tracking.write"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A connector's declaration. `max_batch` gives the entities one call may carry, by kind of write.

    `reads_back` are the facets that a shop gives back as it holds them: what reconciling can compare. `most_variants`:
    how many variants of one product a shop bears; 0: nobody says. `parallel_writes`: how many requests that write
    quantities may be under way at once, each of other products.
    """

    name: str
    title: str
    capabilities: frozenset[Capability]
    max_batch: dict[str, int] = {}
    reads_back: frozenset[Facet] = frozenset()
    most_variants: int = 0
    requests_per_second: float | None = None
    parallel_reads: bool = False
    parallel_writes: int = 1
    tested_with: tuple[str, ...] = ()
    never_run_on: tuple[str, ...] = ()


class Severity(StrEnum):
    """How much a finding of `check` matters."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


class Finding(msgspec.Struct, frozen=True):
    """One line of `check`: what was seen, and what to do about it."""

    severity: Severity
    text: Text
    next_step: Text | None = None
