"""The shops of the demo: each served on this machine, with buyers of every kind who order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.cli.demo_profile import Connection, ShopWords

if TYPE_CHECKING:
    from passerelle.sandbox.prestashop import FakePrestashop
    from passerelle.sandbox.woocommerce import FakeWoocommerce

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


WOOCOMMERCE = ShopWords(
    title="a WooCommerce",
    languages=("fr",),
    tax_rules={"20": "standard", "10": "taux-intermediaire", "5.5": "reduced-rate", "2.1": "taux-particulier"},
    paid="processing",
    imported="on-hold",
    shipped="completed",
    payments=("bacs", "cheque"),
    carriers=("local_pickup", "flat_rate:1"),
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


def woocommerce_connection(url: str, key: str, secret: str) -> Connection:
    """A WooCommerce at an address."""
    return {"connector": "woocommerce", "url": url, "consumer_key": key, "consumer_secret": secret}


@contextmanager
def woocommerce(port: int) -> Iterator[ShopHouse]:
    """A WooCommerce in French, whose prices are entered without VAT."""
    from passerelle.sandbox.woocommerce import FakeWoocommerce

    shop = FakeWoocommerce(shop_name=SHOP_NAME)
    add_french_rates(shop)
    with shop.serve(port=port) as url:
        connection = woocommerce_connection(url, shop.consumer_key, shop.consumer_secret)
        yield ShopHouse(WOOCOMMERCE, connection, f"{url}/", lambda: order_at_woocommerce(shop))


def add_french_rates(shop: FakeWoocommerce) -> None:
    """The two French rates that a fresh shop lacks."""
    for name, rate in (("Taux intermédiaire", "10"), ("Taux particulier", "2.1")):
        shop.add_tax_rate(rate, country="FR", name=f"TVA {rate}", tax_class=shop.add_tax_class(name))


def order_at_woocommerce(shop: FakeWoocommerce) -> None:
    """What buyers of every kind order."""
    from passerelle.sandbox.woocommerce import Buyer

    sold = [
        one
        for one in sorted(shop.products.values(), key=lambda row: row.id)
        if one.status == "publish" and (one.stock_quantity or 0) > 5
    ]
    simple = [one.id for one in sold if one.type == "simple"]
    ranged = next(one for one in sold if one.type == "variation")
    martin = Buyer(email="claire.martin@example.test", first_name="Claire", last_name="Martin")
    forge = Buyer(email="achats@forge.example.test", first_name="Luc", last_name="Ferrand", company="Forge Ferrand")
    guest = Buyer(email="jo.passant@example.test", first_name="Jo", last_name="Passant", guest=True)
    shop.place_order([(simple[0], 0, 2), (ranged.parent_id, ranged.id, 1)], buyer=martin, shipping="4.90")
    shop.place_order([(simple[20], 0, 3)], buyer=forge, shipping="4.90")
    shop.place_order([(simple[41], 0, 1), (simple[60], 0, 4)], buyer=guest, coupon=("hello10", "10%"))
    shop.place_order([(simple[80], 0, 1)], buyer=martin, fee=("Emballage cadeau", "2.50"), shipping="4.90")
    shop.place_order([(simple[99], 0, 2)], buyer=forge, payment_method="alma", payment_title="Alma 3x", shipping="4.90")


SHOPS: dict[str, Callable[[int], AbstractContextManager[ShopHouse]]] = {
    "prestashop": prestashop,
    "woocommerce": woocommerce,
}
