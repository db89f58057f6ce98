"""What the memory ERP declares."""

from __future__ import annotations

from passerelle.ports.manifest import Capability, Manifest

MANIFEST = Manifest(
    name="memory_erp",
    title="Memory ERP",
    capabilities=frozenset(
        {
            Capability.PRODUCTS_READ,
            Capability.STOCK_READ,
            Capability.DOCUMENTS_READ,
            Capability.DOCUMENTS_WRITE,
        }
    ),
    parallel_reads=True,
    tested_with=("memory",),
)
