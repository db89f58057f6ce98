from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.sandbox.woocommerce.client import Client

from passerelle.sandbox.woocommerce import FakeWoocommerce


@pytest.fixture
def shop() -> FakeWoocommerce:
    """A shop with one product: id 10, SKU A-1, 10.00 without tax, 5 in stock."""
    one = FakeWoocommerce()
    assert one.add_product("A-1", name="Marteau", price="10", stock=5) == 10
    return one


@pytest.fixture
def client(shop: FakeWoocommerce) -> Iterator[Client]:
    with shop.serve() as url:
        yield Client(url, shop)


@pytest.fixture
def shirt(shop: FakeWoocommerce) -> tuple[int, int, int]:
    """A variable product (Couleur global, Taille its own) with TS-R-S (20.00, 5 in stock) and TS-B-M (21.00)."""
    shop.add_attribute("Couleur", ["Rouge", "Bleu"])
    product = shop.add_product("TS", name="T-shirt")
    red = shop.add_variation(product, options={"Couleur": "Rouge", "Taille": "S"}, sku="TS-R-S", price="20", stock=5)
    blue = shop.add_variation(product, options={"Couleur": "Bleu", "Taille": "M"}, sku="TS-B-M", price="21", stock=3)
    return product, red, blue
