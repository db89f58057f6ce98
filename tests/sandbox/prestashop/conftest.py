from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.sandbox.prestashop.client import Client

from passerelle.sandbox.prestashop import FakePrestashop


@pytest.fixture
def shop() -> FakePrestashop:
    """A shop with one visible product: id 1, reference A-1, 10.00 excl. VAT, 5 in stock, in category 3."""
    one = FakePrestashop()
    category = one.add_category("Outils à main")
    one.add_product("A-1", name="Marteau", price="10", stock=5, categories=[category])
    return one


@pytest.fixture
def client(shop: FakePrestashop) -> Iterator[Client]:
    with shop.serve() as url:
        yield Client(url, shop.key)
