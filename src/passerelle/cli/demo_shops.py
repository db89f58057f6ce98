"""The shops of the demo: each served on this machine, with buyers of every kind who order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.cli.demo_profile import Connection, ShopWords

if TYPE_CHECKING:
    from passerelle.sandbox.prestashop import FakePrestashop

SHOP_NAME = "Outillage Martin"
PRESTASHOP = ShopWords(
    title="a PrestaShop",
    languages=("fr", "en"),
    tax_rules={"20": 1, "10": 2, "5.5": 3, "2.1": 4},
    paid=2,
    imported=3,
    shipped=4,
    payments=("ps_wirepayment", "ps_checkpayment"),
    carriers=("1", "2"),
)


@dataclass(frozen=True)
class ShopHouse:
    """A shop that is up. `page` is what a person can look at; each order placed asks something else of the import."""

    words: ShopWords
    connection: Connection
    page: str
    place_orders: Callable[[], None]


def prestashop_connection(url: str, key: str) -> Connection:
    """A PrestaShop at an address."""
    return {"connector": "prestashop", "url": url, "key": key}


@contextmanager
def prestashop(port: int) -> Iterator[ShopHouse]:
    """A PrestaShop in French and English."""
    from passerelle.sandbox.prestashop import FakePrestashop

    shop = FakePrestashop(shop_name=SHOP_NAME)
    with shop.serve(port=port) as url:
        page = url.removesuffix("/api") + "/"
        yield ShopHouse(PRESTASHOP, prestashop_connection(url, shop.key), page, lambda: order_at_prestashop(shop))


def order_at_prestashop(shop: FakePrestashop) -> None:
    """What buyers of every kind order."""
    from passerelle.sandbox.prestashop import Buyer, Destination, Voucher

    sold = [id for id, row in sorted(shop.products.items()) if row.text("active") == "1" and shop.stock_of(id) > 5]
    ids = [id for id in sold if not shop.combinations_of(id)]
    ranged = [found for id in sold for found in [_best_stocked(shop, id)] if found is not None]
    martin = Buyer(email="claire.martin@example.test", firstname="Claire", lastname="Martin")
    forge = Buyer(email="achats@forge.example.test", firstname="Luc", lastname="Ferrand", company="Forge Ferrand")
    guest = Buyer(email="jo.passant@example.test", firstname="Jo", lastname="Passant", guest=True)
    cost = ("4.90", "5.88")
    shop.place_order([(ids[0], 2), (*ranged[0], 1)], buyer=martin, carrier=2, shipping=cost)
    shop.place_order(
        [(ids[20], 3)], buyer=forge, deliver_to=Destination(company="Forge Ferrand"), carrier=2, shipping=cost
    )
    shop.place_order(
        [(ids[41], 1), (ids[60], 4)], buyer=guest, vouchers=(Voucher(name="Bienvenue", code="HELLO10", percent="10"),)
    )
    shop.place_order(
        [(ids[80], 1)], buyer=martin, wrapping=("2.50", "3.00"), message="Sonner deux fois", carrier=2, shipping=cost
    )
    shop.place_order([(ids[99], 2)], buyer=forge, module="alma", payment="Alma 3x", carrier=2, shipping=cost)


def _best_stocked(shop: FakePrestashop, product: int) -> tuple[int, int] | None:
    """A product and that of its variants of which there is most; None where it has none."""
    variants = shop.combinations_of(product)
    return (product, max(variants, key=lambda one: shop.stock_of(product, combination=one))) if variants else None


SHOPS: dict[str, Callable[[int], AbstractContextManager[ShopHouse]]] = {"prestashop": prestashop}
