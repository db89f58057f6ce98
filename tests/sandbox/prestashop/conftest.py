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


@pytest.fixture
def sizes(shop: FakePrestashop) -> dict[str, int]:
    """Ids of the values S, M and L of the option Taille."""
    return shop.option_values(shop.add_option("Taille", ["S", "M", "L"]))


@pytest.fixture
def pair(shop: FakePrestashop, sizes: dict[str, int]) -> tuple[int, int]:
    """Combinations S (A-1-S, 3 in stock) and M (A-1-M, +2.00, 4 in stock) of product 1."""
    small = shop.add_combination(1, values=["S"], reference="A-1-S", stock=3, ean13="3760000000017")
    medium = shop.add_combination(1, values=["M"], reference="A-1-M", price="2", stock=4, weight="0.5")
    return small, medium
