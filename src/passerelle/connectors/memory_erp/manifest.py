"""What the memory ERP declares."""

from __future__ import annotations

from passerelle.ports.manifest import Capability, Manifest

CAPABILITIES = frozenset(
    {
        Capability.PRODUCTS_READ,
        Capability.VARIANTS_READ,
        Capability.STOCK_READ,
        Capability.DOCUMENTS_READ,
        Capability.DOCUMENTS_WRITE,
    }
)


def manifest(*, without: tuple[str, ...], later: bool = False) -> Manifest:
    """The declaration of a memory ERP that lacks the capabilities named in `without`."""
    return Manifest(
        name="memory_erp",
        title="Memory ERP",
        capabilities=CAPABILITIES - frozenset(without),
        max_batch={} if later else {"place_many": 3},
        parallel_reads=True,
        tested_with=("memory",),
    )
