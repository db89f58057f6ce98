"""What this connector declares."""

from __future__ import annotations

from typing import Final

from passerelle.ports.manifest import Capability, Manifest

TITLE: Final = "Sage 100"

MANIFEST: Final = Manifest(
    name="sage100",
    title=TITLE,
    capabilities=frozenset({Capability.PRODUCTS_READ, Capability.STOCK_READ, Capability.DOCUMENTS_READ}),
    tested_with=("SQLite copy of the 100c tables", "PostgreSQL 15 copy of the 100c tables"),
    never_run_on=("Microsoft SQL Server", "a real company of Sage 100"),
)
