"""What the Tryton connector declares."""

from __future__ import annotations

from typing import Final

from passerelle.ports.manifest import Capability, Manifest

TITLE: Final = "Tryton"

MANIFEST: Final = Manifest(
    name="tryton",
    title=TITLE,
    capabilities=frozenset(
        {
            Capability.PRODUCTS_READ,
            Capability.STOCK_READ,
            Capability.DOCUMENTS_READ,
            Capability.DOCUMENTS_WRITE,
        }
    ),
    tested_with=("Tryton 7.0.59 on SQLite",),
    never_run_on=("Tryton on PostgreSQL", "Tryton 6.0 and 8.0", "HTTPS"),
)
