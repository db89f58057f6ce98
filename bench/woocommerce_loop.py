"""The peer: a loop over the `woocommerce` package, as scripts write it. Two requests an article, no batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from woocommerce import API


def set_stocks(said: Mapping[str, str], wanted: Iterable[tuple[str, int]]) -> None:
    """Write quantities, given as (SKU, quantity): look the product up, put the quantity."""
    api = API(url=said["url"], consumer_key=said["key"], consumer_secret=said["secret"], version="wc/v3", timeout=60)
    for sku, quantity in wanted:
        [product] = api.get("products", params={"sku": sku}).json()
        api.put(f"products/{product['id']}", {"stock_quantity": quantity}).raise_for_status()
