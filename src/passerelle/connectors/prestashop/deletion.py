"""Deletion of products. One unknown id, and the shop deletes none of a request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from passerelle.connectors.prestashop.calls import Calls
from passerelle.connectors.prestashop.client import Refused
from passerelle.connectors.prestashop.lookup import chunks
from passerelle.connectors.prestashop.sending import send_batch
from passerelle.connectors.prestashop.wire import SYSTEM, field
from passerelle.errors import AnswerIncomplete
from passerelle.ports.shop import Outcome, ProductWrite

PRODUCTS = "products"


class PrestashopDeletion(Calls):
    """Products that leave the shop for good."""

    def delete_products(self, items: Sequence[ProductWrite]) -> list[Outcome]:
        """Delete products in one request, or in several where their ids make its address too long.

        Those that are gone already are left out. The shop deletes their combinations, images and stock itself.
        """
        return send_batch(items, send=self._delete_products)

    def _delete_products(self, items: list[ProductWrite]) -> list[str]:
        ids = [item.shop_id for item in items]
        for chunk in chunks(self._there(ids)):
            self._delete_all(chunk)
        return ids

    def _delete_all(self, ids: list[str]) -> None:
        """The answer to a deletion is empty: what is left is looked at."""
        try:
            self._client.delete(PRODUCTS, ids)
        except Refused as refusal:
            left = self._there(ids)
            if not refusal.gone or len(left) == len(ids):
                raise
            if left:  # someone else deleted the others meanwhile, and nothing was done
                self._delete_all(left)
            return
        if left := self._there(ids):
            raise AnswerIncomplete(system=SYSTEM, what="the deletion of products", detail=", ".join(left[:3]))

    def _there(self, ids: Iterable[str]) -> list[str]:
        """Those of the products that exist."""
        return [field(one, "id") for one in self._by(PRODUCTS, "id", list(ids), display="[id]")]
