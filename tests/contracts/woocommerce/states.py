"""The recorded shop as it stood before each recording: the entities that it mentions, under their ids."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from passerelle.sandbox.woocommerce import FakeWoocommerce, coupons, customers, images, orders, refunds, stock
from passerelle.sandbox.woocommerce.listing import Call
from passerelle.sandbox.woocommerce.product_write import create as create_product
from passerelle.sandbox.woocommerce.variations import create as create_variation

START = datetime(2026, 11, 24, 2, 36, 12, tzinfo=UTC)
SHAPES = Path(__file__).parent
# Where the number in a Location comes from, by the collection before it.
_SEQUENCES = {
    "attributes": "attributes",
    "categories": "terms",
    "brands": "terms",
    "customers": "users",
    "notes": "notes",
}


def body_of(number: str) -> dict[str, Any]:
    """What a recording sent."""
    [path] = SHAPES.glob(f"{number}-*.json")
    body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["request"]["body"]
    return body


def recorded_shop(name: str, location: str) -> FakeWoocommerce:
    """The shop before a recording, whose next id is the one that its Location names."""
    number = int("".join(one for one in name.partition("-")[0] if one.isdigit()))
    shop = FakeWoocommerce(shop_name="Boutique Test", prices_include_tax=number == 100, round_at_subtotal=number == 99)
    shop.clock = lambda: START
    _State(shop, number).build()
    collection, _, ident = location.rpartition("/")
    if ident:
        sequence = _SEQUENCES.get(collection.rpartition("/")[2], "posts")
        shop.database.state.sequences[sequence] = int(ident) - 1
    return shop


class _State:
    def __init__(self, shop: FakeWoocommerce, number: int) -> None:
        self.shop = shop
        self.number = number

    def build(self) -> None:
        """Run the chapters that came before the recording."""
        alone: dict[int, Callable[[], object]] = {
            98: self._three_for_33_cents,
            99: self._three_for_33_cents,
            100: lambda: self._product(639, sku="TTC", name="TTC", regular_price="12.00"),
            19: self._many,
            103: self._two_rates,
            104: self._left_behind,
        }
        if self.number in alone:
            alone[self.number]()
            return
        chapters: tuple[tuple[int, Callable[[], object]], ...] = (
            (11, self._screw),
            (21, self._terms),
            (31, self._shirt),
            (37, self._pictures),
        )
        chapters += ((50, self._range), (60, self._customers), (71, self._orders))
        for first, chapter in chapters:
            if first <= self.number:
                chapter()

    def _product(self, ident: int, **fields: Any) -> None:
        self.shop.database.state.sequences["posts"] = ident - 1
        create_product(self.shop.database, fields)

    def _screw(self) -> None:
        self._product(10, **body_of("10"))
        if self.number > 15:
            self.shop.edit_product(10, regular_price="1", stock_quantity=999, backorders="no")
            self.shop.edit_product(10, meta_data=[{"key": "erp_ref", "value": None}])
        elif self.number in (14, 15):
            self.shop.edit_product(10, regular_price="10", stock_quantity=50, backorders="no")
        if self.number >= 20:
            self.shop.edit_product(10, meta_data=[{"key": "num", "value": 1.10}, {"key": "b", "value": True}])
        if self.number == 16:
            self._product(12, name="A", sku="SKU-A", regular_price="1")
            self._product(13, name="B", sku="SKU-B", regular_price="2")
        if self.number == 17:
            self._product(639, sku="TTC", name="TTC", regular_price="14")

    def _terms(self) -> None:
        self.shop.add_attribute("Couleur", [] if self.number == 22 else ["Rouge", "Bleu"])
        self.shop.database.state.sequences["terms"] = 17
        if self.number >= 24:
            self.shop.add_category("Quincaillerie")
            self.shop.add_category("Vis")
        if self.number >= 26:
            self.shop.database.state.sequences["terms"] = 21
            self.shop.add_brand("Facom")

    def _shirt(self) -> None:
        self._product(17, **body_of("30"))
        self._variation(18, body_of("31"))
        if self.number == 31:
            self.shop.delete_product(18)
        if self.number in (33, 34, 37) or self.number >= 50:
            new = body_of("32")
            self._variation(19, new["create"][0])
            self._variation(20, new["create"][2])
            self.shop.edit_product(18, **{key: one for key, one in new["update"][0].items() if key != "id"})

    def _variation(self, ident: int, given: dict[str, Any]) -> None:
        self.shop.database.state.sequences["posts"] = ident - 1
        create_variation(self.shop.database, 17, given)

    def _pictures(self) -> None:
        for picture in ("red.png", "blue.png", "doc.txt"):
            self.shop.remote_files[f"http://images.example.test/{picture}"] = b"picture"
        self.shop.edit_product(10, brands=[{"id": 22}], tags=[{"name": "promo"}])
        if self.number == 37:
            self._picture()
        if self.number == 40:
            self.shop.database.state.sequences["posts"] = 22

    def _picture(self) -> None:
        """The picture of the red variation."""
        self.shop.database.state.sequences["posts"] = 25
        image = images.attach(self.shop.database, "ref-VIS-640.png", size=1389, title="ref-VIS-640")
        self.shop.edit_product(18, image={"id": image.id, "alt": "via media"})

    def _range(self) -> None:
        self.shop.clock = lambda: START + timedelta(seconds=1)
        for number in range(100):
            meta = [{"key": "_erp_id", "value": f"{5000 + number}"}]
            price, stock = f"{number + 1}.50", {"manage_stock": True, "stock_quantity": number or 3}
            fields = {"sku": f"P-{number:04d}", "name": f"Produit {number:03d}", "regular_price": price, **stock}
            self._product(28 + number, **fields, meta_data=meta)
        for ident in range(1000, 1000 + 108 - 102 if self.number in (55, 56) else 1000):
            self._product(ident, name="Autre", sku=f"AUTRE-{ident}")
        if self.number == 53:
            self.shop.trash_product(126)
        if self.number == 57:
            self.shop.clock = lambda: datetime(2026, 11, 24, 2, 38, 40, tzinfo=UTC)
            self.shop.edit_product(28)
            self.shop.clock = lambda: datetime(2026, 11, 24, 2, 38, 41, tzinfo=UTC)
            self.shop.edit_product(18)

    def _customers(self) -> None:
        self._picture()
        self.shop.edit_product(18, regular_price="19.5")
        if self.number > 60:
            customers.create(self.shop.database, Call(given=body_of("60")))
        if self.number == 67:
            self.shop.customers[2].role = "subscriber"
        for number in range(3 if self.number == 69 else 0):
            customers.create(self.shop.database, Call(given={"email": f"x{number}@bati.test"}))
        if self.number == 69:
            customers.update(self.shop.database, Call({"id": 2}, body_of("68")))

    def _orders(self) -> None:
        self._product(133, sku="RND", name="Round", regular_price="0.333")
        if self.number == 76:
            coupon = {"code": "DIX", "discount_type": "percent", "amount": "10"}
            self.shop.database.state.sequences["posts"] = 141
            coupons.create(self.shop.database, coupon)
        if self.number == 92:
            for status, count in (("pending", 10), ("processing", 1), ("completed", 2)):
                for _ in range(count):
                    self.shop.place_order([(133, 1)], status=status)
        if self.number < 78 or self.number > 89:
            return
        self._order(132, body_of("70"))
        self._history()
        if self.number >= 85:
            self._refunds()
        if self.number == 89:
            billing = body_of("71")["billing"]
            self._order(134, {"billing": billing, "line_items": [{"product_id": 133, "quantity": 7}]})

    def _history(self) -> None:
        """What became of order 132, one recording after the other."""
        if self.number == 80:
            self.shop.clock = lambda: datetime(2026, 11, 24, 2, 40, 3, tzinfo=UTC)
        if self.number > 79:
            self._update(body_of("79"))
        if self.number >= 81:
            self._update({"status": "cancelled"})
            self._update({"status": "processing"})
        if self.number >= 82:
            self._update(body_of("81"))
            self._update({"line_items": [{"product_id": 34, "quantity": 1, "total": "7.50", "subtotal": "7.50"}]})
            self._update({"line_items": [{"id": 2, "quantity": 0}]})
        if self.number == 83:
            stock.add_note(self.shop.database, self.shop.orders[132], "Suivi 123", customer=True)

    def _order(self, ident: int, body: dict[str, Any]) -> None:
        self.shop.database.state.sequences["posts"] = ident - 1
        orders.create(self.shop.database, body)

    def _update(self, body: dict[str, Any]) -> None:
        orders.update(self.shop.database, self.shop.orders[132], body)

    def _refunds(self) -> None:
        order = self.shop.orders[132]
        refunds.create(self.shop.database, order, body_of("84"))
        nothing = {"api_refund": False, "api_restock": True, "line_items": [{"id": 1, "quantity": 1}]}
        refunds.create(self.shop.database, order, nothing)

    def _many(self) -> None:
        for ident in range(10, 10 + 614):
            self._product(ident, name="Autre", sku=f"AUTRE-{ident}")

    def _three_for_33_cents(self) -> None:
        for ident in (166, 167, 168):
            self._product(ident, sku=f"BN-0-{ident}", name=f"Bench {ident}", regular_price="5")

    def _two_rates(self) -> None:
        self._product(10, sku="FR1", name="fr", regular_price="10")
        self._product(15, sku="LIV", name="livre", regular_price="10", tax_class="reduced-rate")

    def _left_behind(self) -> None:
        self._product(10, sku="P1", name="p", regular_price="10")
        self._order(11, {"line_items": [{"product_id": 10}]})
