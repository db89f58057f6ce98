"""Quantities: what the shop shows, and writing them. They stand in the products and variations themselves."""

from __future__ import annotations

from collections.abc import Sequence

from passerelle.connectors.woocommerce import mapping
from passerelle.connectors.woocommerce.calls import Calls, Result, outcomes, spread
from passerelle.connectors.woocommerce.refusal import refused
from passerelle.connectors.woocommerce.wire import Product, Variation, VendorError
from passerelle.domain.catalogue import split_shop_id, variant_shop_id
from passerelle.errors import GoneFromShop, RefusedByShop
from passerelle.ports.shop import Outcome, StockWrite

PRODUCTS = "products"
COUNTED = "id,type,manage_stock,stock_quantity,variations"
VARIATION = "id,sku,global_unique_id,regular_price,weight,manage_stock,stock_quantity,attributes,meta_data"


def variations_of(product: int | str) -> str:
    """Where the variations of a product are."""
    return f"{PRODUCTS}/{product}/variations"


class WoocommerceStock(Calls):
    """The quantities of the adapter."""

    def stock_refs(self, shop_ids: Sequence[str]) -> dict[str, str]:
        """Where the quantity of each product or variant is written: its own id."""
        return {id: id for id in self.quantities(shop_ids)}

    def quantities(self, shop_ids: Sequence[str]) -> dict[str, int]:
        """What the shop shows of each product or variant; 0 where it does not count it.

        A product whose variations are counted shows what they are together.
        """
        asked = dict.fromkeys(shop_ids)
        parts = [split_shop_id(id) for id in asked]
        rows = self._by_id(PRODUCTS, (product for product, _ in parts), kind=Product, fields=COUNTED)
        owners = {product for product, variant in parts if variant}
        alone = {product for product, variant in parts if not variant}
        found: dict[str, int] = {}
        for row in rows:
            product, own = str(row.id), mapping.quantity(row)
            below: dict[str, int] = {}
            if row.variations and (product in owners or (product in alone and own is None)):
                below = {
                    variant_shop_id(product, str(one.id)): mapping.quantity(one) or 0
                    for one in self._variations(row.id)
                }
            found[product] = sum(below.values()) if own is None else own
            found |= below
        return {id: found[id] for id in asked if id in found}

    def _variations(self, product: int) -> list[Variation]:
        """All variations of a product that exists."""
        pages = self._pages(variations_of(product), kind=Variation, parameters={"_fields": VARIATION})
        return [row for page in pages for row in page]

    def set_stock(self, items: Sequence[StockWrite]) -> list[Outcome]:
        """Write quantities: one request for all products, and one for the variants of each product."""
        return outcomes(items, send=self._set_stock)

    def _set_stock(self, items: list[StockWrite]) -> list[Result]:
        def send(path: str, group: list[StockWrite]) -> list[Result]:
            rows = self._client.batch(path, "update", [_counted(item) for item in group], kind=Product)
            return [_settled(item, row) for item, row in zip(group, rows, strict=True)]

        return spread(items, path_of=_path, send=send)


def _path(item: StockWrite) -> str:
    product, variant = split_shop_id(item.shop_id)
    return variations_of(product) if variant else PRODUCTS


def _counted(item: StockWrite) -> dict[str, object]:
    """A quantity counts only where stock is managed; sent together, it is taken."""
    product, variant = split_shop_id(item.shop_id)
    return {"id": int(variant or product), "manage_stock": True, "stock_quantity": item.quantity}


def _settled(item: StockWrite, row: Product | VendorError) -> Result:
    if isinstance(row, VendorError):
        return refused(item.key, row, shop_id=item.shop_id)
    if row.status == "trash":
        return GoneFromShop(key=item.key, shop_id=item.shop_id, detail="it is in the bin")
    if mapping.quantity(row) != item.quantity:
        return RefusedByShop(key=item.key, why="the shop does not keep its quantity", detail=str(row.stock_quantity))
    return item.shop_id
