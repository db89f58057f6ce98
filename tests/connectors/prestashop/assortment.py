"""What the tests of variants start from and how they look at the shop."""

from __future__ import annotations

from decimal import Decimal

from tests.connectors.prestashop.harness import PrestashopHarness

from passerelle.domain.facets import VariantPrice
from passerelle.ports.shop import VariantWrite

BASE = Decimal("10.000000")


def price(stored: str | None, *, base: Decimal = BASE) -> VariantPrice:
    return VariantPrice(stored=None if stored is None else Decimal(stored), base=base)


def change(number: int, *, product: int = 1, **changes: object) -> VariantWrite:
    return VariantWrite(key=f"V-{number}", shop_id=f"{product}/{number}", **changes)  # type: ignore[arg-type]


def methods(one: PrestashopHarness) -> list[str]:
    return [method for method, _, _ in one.shop.requests]


def defaults(one: PrestashopHarness, product: int = 1) -> list[int]:
    return [id for id, row in one.shop.combinations_of(product).items() if row.default_on == "1"]


def sized(one: PrestashopHarness, *sizes: str, product: str = "A") -> int:
    """A product of 10.00 with a combination of each size, 3 of each in stock; gives its id."""
    id = one.shop.add_product(product, name="Gant", price="10")
    option = next((row.id for row in one.shop.database["product_options"]), 0) or one.shop.add_option("Taille")
    for size in sizes:
        value = one.shop.option_values(option).get(size) or one.shop.add_option_value(option, size)
        one.shop.add_combination(id, values=[value], reference=f"{product}-{size}", stock=3, ean13="3760000000017")
    return id
