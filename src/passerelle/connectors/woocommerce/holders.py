"""Who holds a reference that the shop says is taken: a product, one in the bin, or a variation that nobody can reach.

The shop stores a variation of a product that does not exist, answers with 500, and from then on the reference is taken
by something that no route of the API shows or deletes (seen on WooCommerce 9.9.5).
"""

from __future__ import annotations

from passerelle.connectors.woocommerce import lookup
from passerelle.connectors.woocommerce.client import WoocommerceClient
from passerelle.connectors.woocommerce.refusal import SKU_KNOWN, SKU_TAKEN
from passerelle.connectors.woocommerce.wire import Product, VendorError
from passerelle.domain.catalogue import variant_shop_id
from passerelle.errors import RecordError, ReferenceInBin, ReferenceStuck, ReferenceTaken

ABSENT = "woocommerce_rest_product_invalid_id"


class Holders:
    """Asks the shop who holds a reference."""

    def __init__(self, client: WoocommerceClient) -> None:
        self._client = client

    def of_reference(self, key: str, sku: str, error: VendorError) -> RecordError | None:
        """Why a reference is taken; None where the refusal is about something else."""
        if error.code not in (SKU_TAKEN, SKU_KNOWN) or not sku:
            return None
        detail, other = f"{error.code}: {error.message}", error.details.resource_id
        shown = None if other is None else self._client.find(f"products/{other}", kind=Product, absent=ABSENT)
        if shown is None:
            shown = self._holding(sku)
        if shown is None or self._is_lost(shown):
            return ReferenceStuck(key=key, shop_id=other or (shown.id if shown else "?"), detail=detail)
        if shown.status == "trash":
            return ReferenceInBin(key=key, shop_id=shown.id, detail=detail)
        own = variant_shop_id(str(shown.parent_id), str(shown.id)) if shown.parent_id else str(shown.id)
        return ReferenceTaken(key=key, shop_id=own, detail=detail)

    def _holding(self, sku: str) -> Product | None:
        """The product or variation with this reference, in the bin or out of it."""
        for status in ("trash", "any"):
            if found := lookup.find(self._client, "sku", [sku], held=lambda row: row.sku, status=status):
                return found[0]
        return None

    def _is_lost(self, row: Product) -> bool:
        """Whether it is a variation without its product."""
        if row.type != "variation":
            return False
        parent = self._client.find(f"products/{row.parent_id}", kind=Product, absent=ABSENT) if row.parent_id else None
        return parent is None
