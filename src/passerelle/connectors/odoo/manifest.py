"""What this connector declares."""

from __future__ import annotations

from typing import Final

from passerelle.ports.manifest import Capability, Manifest

TITLE: Final = "Odoo"

MANIFEST: Final = Manifest(
    name="odoo",
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
    max_batch={"place_many": 50},
    tested_with=(
        "a simulated Odoo 16, 17, 18 and 19, held to recordings of Odoo 18.0 and 19.0 Community",
        "a real Odoo 19.0 Community: articles, variants, price lists and stock read, orders placed",
    ),
    never_run_on=("Odoo 16 and 17", "Odoo Enterprise", "Odoo Online", "a merchant's own Odoo"),
)
