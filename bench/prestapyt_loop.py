"""The peer: a loop over prestapyt, as scripts and connectors write it. Three requests an article, no batches."""

from __future__ import annotations

from collections.abc import Iterable

from prestapyt import PrestaShopWebServiceDict

NOT_WRITABLE = ("manufacturer_name", "quantity")  # of a product: the shop shows them, and refuses them


def set_stocks(url: str, key: str, wanted: Iterable[tuple[int, int]]) -> None:
    """Write quantities, given as (product id, quantity): look the stock row up, read it, put it back changed."""
    shop = PrestaShopWebServiceDict(url, key)
    for product, quantity in wanted:
        own_row = {"filter[id_product]": str(product), "filter[id_product_attribute]": "0"}
        row = shop.search("stock_availables", options=own_row)[0]
        content = shop.get("stock_availables", row)
        content["stock_available"]["quantity"] = str(quantity)
        shop.edit("stock_availables", content)


def set_prices(url: str, key: str, wanted: Iterable[tuple[str, str]]) -> None:
    """Write net prices, given as (reference, price): look the product up, read it, put it back changed."""
    shop = PrestaShopWebServiceDict(url, key)
    for reference, price in wanted:
        product = shop.search("products", options={"filter[reference]": reference})[0]
        content = shop.get("products", product)
        for name in NOT_WRITABLE:
            content["product"].pop(name, None)
        content["product"]["price"] = price
        shop.edit("products", content)
