"""What this connector declares."""

from __future__ import annotations

from typing import Final

import msgspec

from passerelle.ports.manifest import Capability, Manifest

TITLE: Final = "Sage 100"

MANIFEST: Final = Manifest(
    name="sage100",
    title=TITLE,
    capabilities=frozenset(
        {
            Capability.PRODUCTS_READ,
            Capability.VARIANTS_READ,
            Capability.STOCK_READ,
            Capability.DOCUMENTS_READ,
            Capability.DOCUMENTS_WRITE,
        }
    ),
    tested_with=("SQLite copies of the V16, V21 and 100c tables", "PostgreSQL 15 copy of the 100c tables"),
    never_run_on=("Microsoft SQL Server", "a real company of Sage 100", "the importer of a real Sage 100"),
)


def manifest(*, importing: bool) -> Manifest:
    """What one connection declares: without a folder of import files it places no documents."""
    missing = frozenset() if importing else frozenset({Capability.DOCUMENTS_WRITE})
    return msgspec.structs.replace(MANIFEST, capabilities=MANIFEST.capabilities - missing)
