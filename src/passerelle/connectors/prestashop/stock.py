"""Quantities: where those of products and variants are written, and writing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from passerelle.connectors.prestashop import bodies, mapping
from passerelle.connectors.prestashop.calls import Calls
from passerelle.connectors.prestashop.mapping import StockRow
from passerelle.connectors.prestashop.sending import send_batch, verify
from passerelle.connectors.prestashop.wire import Entity, document, field
from passerelle.domain.catalogue import split_shop_id, variant_shop_id
from passerelle.errors import GoneFromShop
from passerelle.ports.shop import Outcome, StockWrite

ROWS = "stock_availables"
ROW = "[id,id_product,id_product_attribute,quantity]"
OF_PRODUCTS = {"filter[id_product_attribute]": "0"}  # the row of the product itself, not those of its variants


class PrestashopStock(Calls):
    """The quantities of the adapter. The shop makes a product's own row the sum of its variants' by itself."""

    def stock_refs(self, shop_ids: Sequence[str]) -> dict[str, str]:
        """Where the quantity of each product or variant is written: its id → stock id."""
        return {id: row.id for id, row in self._stock(shop_ids).items()}

    def quantities(self, shop_ids: Sequence[str]) -> dict[str, int]:
        """What the shop shows of each product or variant."""
        return {id: row.quantity for id, row in self._stock(shop_ids).items()}

    def set_stock(self, items: Sequence[StockWrite]) -> list[Outcome]:
        """Write quantities in one request; the answer must repeat every one of them."""
        if self._patches(ROWS):
            return send_batch(items, send=self._set_stock, id_of=lambda item: item.shop_id)
        rows = self._by(ROWS, "id", [item.stock_ref for item in items], display="full")
        current = {field(row, "id"): row for row in rows}
        return send_batch(
            items,
            problem=lambda item: (
                None if item.stock_ref in current else GoneFromShop(key=item.key, shop_id=item.shop_id)
            ),
            send=lambda sent: self._set_stock(sent, current),
            id_of=lambda item: item.shop_id,
        )

    def _set_stock(self, items: Sequence[StockWrite], current: Mapping[str, Entity] | None = None) -> list[str]:
        if current is None:
            parts = [bodies.stock_line(item.stock_ref, item.quantity) for item in items]
        else:
            parts = [bodies.whole_stock_line(current[item.stock_ref], item.quantity) for item in items]
        answer = self._client.write(self._verb(ROWS), ROWS, body=document(parts))
        told = [(field(one, "id"), field(one, "quantity")) for one in answer]
        verify(ROWS, told, [(item.stock_ref, str(item.quantity)) for item in items])
        return [item.shop_id for item in items]

    def _stock(self, shop_ids: Sequence[str]) -> dict[str, StockRow]:
        """The rows of these products and variants, by their ids; the first where the shop has several."""
        parts = [split_shop_id(id) for id in dict.fromkeys(shop_ids)]
        products = [product for product, variant in parts if not variant]
        variants = [variant for _, variant in parts if variant]
        rows = self._by(ROWS, "id_product", products, display=ROW, shown=OF_PRODUCTS)
        rows += self._by(ROWS, "id_product_attribute", variants, display=ROW)
        asked, found = set(shop_ids), dict[str, StockRow]()
        for row in rows:
            owner = variant_shop_id(field(row, "id_product"), field(row, "id_product_attribute"))
            if owner in asked:
                found.setdefault(owner, StockRow(field(row, "id"), mapping.integer(row, "quantity")))
        return found
