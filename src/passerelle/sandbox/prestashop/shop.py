"""The simulated shop: its data, its settings, what people do in it, and the server in front of it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypedDict, Unpack

from passerelle.sandbox.prestashop import checkout, lifecycle, ordering, persistence, storefront
from passerelle.sandbox.prestashop.back_office import Assortment
from passerelle.sandbox.prestashop.checkout import Buyer, Destination, Voucher, Wishes
from passerelle.sandbox.prestashop.control import control_page
from passerelle.sandbox.prestashop.database import HOME_CATEGORY, Database
from passerelle.sandbox.prestashop.faults import Cost, Fault, Hook, Mischief, When
from passerelle.sandbox.prestashop.ordering import Line
from passerelle.sandbox.prestashop.resources import DESCRIPTIONS, VERBS
from passerelle.sandbox.prestashop.server import serve
from passerelle.sandbox.prestashop.table import Row, Value
from passerelle.sandbox.prestashop.values import slug
from passerelle.sandbox.prestashop.webservice import Answer, Request, Rights

DEFAULT_KEY = "PASSERELLESANDBOXKEY000000000001"
ALL_VERBS = frozenset(VERBS)


class Ordering(TypedDict, total=False):
    """The optional arguments of `place_order`: the fields of `checkout.Wishes`."""

    buyer: Buyer
    deliver_to: Destination
    invoice_to: Destination | None
    carrier: int
    shipping: tuple[str, str]
    wrapping: tuple[str, str]
    vouchers: tuple[Voucher, ...]
    prices: Mapping[int, str] | None
    module: str
    payment: str
    round_type: int | None
    tax_free: bool
    currency: str
    message: str
    note: str
    gift_message: str


class FakePrestashop(Assortment):
    """A PrestaShop 9.1 in memory, as a fresh French installation: no product, no order.

    `languages` are ISO codes, the first is the default (ids 1, 2, …). `patch=False` gives a shop of before PATCH (1.7).
    `php_warnings=False` is a shop whose error_reporting leaves warnings out: fewer 500s, and a nameless product is
    created. `cost` is slept after each request. `requests` holds (method, path with query, entities written) of every
    webservice request, in order.
    """

    def __init__(
        self,
        *,
        version: str = "9.1.4",
        languages: tuple[str, ...] = ("fr", "en"),
        currency: str = "EUR",
        patch: bool = True,
        cost: Cost | None = None,
        shop_name: str = "Outillage Martin",
        php_warnings: bool = True,
        key: str = DEFAULT_KEY,
    ) -> None:
        self.version = version
        self.shop_name = shop_name
        self.patch = patch
        self.php_warnings = php_warnings
        self.cost = cost or Cost()
        self.webservice_enabled = True
        self.maintenance = False  # closes the shop pages, not the webservice
        self.key = key
        self.keys: dict[str, Rights] = {key: dict.fromkeys(DESCRIPTIONS, ALL_VERBS)}
        self.inactive_keys: set[str] = set()
        self.requests: list[tuple[str, str, int]] = []
        self.mischief = Mischief()
        self.languages = languages
        self.database = Database(languages=len(languages), before_9=int(version.partition(".")[0]) < 9)
        persistence.install(self.database, languages=languages, currency=currency, version=version, name=shop_name)

    @contextlib.contextmanager
    def serve(self, *, port: int = 0) -> Iterator[str]:
        """Listen on 127.0.0.1 while the context lasts; yields the webservice's address, "http://127.0.0.1:PORT/api"."""
        with serve(self, port=port, pages=self._page) as address:
            yield f"{address}/api"

    def _page(self, request: Request, address: str) -> Answer:
        if request.path.startswith("/_sandbox/"):
            return control_page(self, request)
        with self.database.lock:
            return storefront.page(self, request.path)

    # settings

    @property
    def clock(self) -> Callable[[], datetime]:
        """Replaceable; the shop writes its local time (Europe/Paris) with a resolution of one second."""
        return self.database.clock

    @clock.setter
    def clock(self, clock: Callable[[], datetime]) -> None:
        self.database.clock = clock

    @property
    def shops(self) -> list[Row]:
        """The shops of the installation; one, until `add_shop`."""
        return list(self.database["shops"])

    def add_shop(self, name: str) -> Row:
        """Make it a multishop."""
        if not self.database.setting("PS_MULTISHOP_FEATURE_ACTIVE"):
            self.database.insert("configurations", {"name": "PS_MULTISHOP_FEATURE_ACTIVE", "value": "1"})
        return self.database.insert(
            "shops", {"id_shop_group": "1", "id_category": "2", "active": "1", "name": name, "theme_name": "classic"}
        )

    def add_key(self, *, rights: Mapping[str, Iterable[str]], active: bool = True) -> str:
        """A further webservice key with the verbs it may use for each resource."""
        key = f"PASSERELLERESTRICTEDKEY{len(self.keys):09d}"
        self.keys[key] = {name: frozenset(verbs) for name, verbs in rights.items()}
        if not active:
            self.inactive_keys.add(key)
        return key

    # faults and hooks

    def inject(self, fault: Fault) -> None:
        """Let the next matching requests fail."""
        self.mischief.faults.append(fault)

    def hook(
        self,
        when: When,
        action: Callable[[], object],
        *,
        resource: str | None = None,
        times: int = 1,
        after_entities: int = 1,
    ) -> None:
        """Run `action` at a moment of the next matching requests.

        `after_read`: the answer is made, not yet sent. `before_write`: the request was received, nothing is done.
        `during_write`: so many entities of the batch are stored. `after_write`: all stored, the answer not yet sent.
        """
        self.mischief.hooks.append(Hook(when, action, resource, times, after_entities))

    def reset_counters(self) -> None:
        """Forget the requests seen so far."""
        self.requests.clear()

    # the shop's side, without the webservice

    @property
    def products(self) -> dict[int, Row]:
        """Products by id, fields as stored: `shop.products[1].price == "23.900000"`."""
        return self.database["products"].rows

    @property
    def categories(self) -> dict[int, Row]:
        return self.database["categories"].rows

    @property
    def manufacturers(self) -> dict[int, Row]:
        return self.database["manufacturers"].rows

    @property
    def orders(self) -> dict[int, Row]:
        return self.database["orders"].rows

    def product_by_reference(self, reference: str) -> list[Row]:
        """Every product with exactly this reference: the shop allows doubles."""
        found = self.database["products"].by("reference", reference)
        return [row for row in found if row.text("reference") == reference]

    def displayed_price(self, id_product: int, *, combination: int = 0) -> Decimal:
        """The price incl. VAT on the product page, which opens with the default combination."""
        return ordering.displayed_price(self.database, self.products[id_product], combination=combination)

    def add_product(
        self,
        reference: str,
        *,
        name: str,
        price: str = "0",
        stock: int = 0,
        categories: Iterable[int] = (HOME_CATEGORY,),
        **fields: Value,
    ) -> int:
        """A product made in the back office, with its defaults: visible, for sale, VAT 20 %. Returns its id."""
        with self.database.lock:
            home = list(categories)
            given: dict[str, Value] = {
                **dict.fromkeys(("state", "active", "available_for_order", "show_price", "minimal_quantity"), "1"),
                "id_tax_rules_group": "1",
                "id_category_default": str(home[-1] if home else HOME_CATEGORY),
                "reference": reference,
                "name": name,
                "price": price,
                "link_rewrite": slug(name),
                "low_stock_threshold": None,
                **fields,
            }
            row = self.database.insert("products", given)
            lifecycle.ADDED["products"](self.database, row)
            self.database.shelve(row, home)
            self.set_stock(row.id, stock)
            return row.id

    def add_category(self, name: str, *, parent: int = HOME_CATEGORY) -> int:
        """A category made in the back office. Returns its id."""
        with self.database.lock:
            values: dict[str, Value] = {"name": name, "link_rewrite": slug(name), "id_parent": str(parent)}
            row = self.database.insert("categories", {**values, "active": "1"})
            lifecycle.ADDED["categories"](self.database, row)
            return row.id

    def add_manufacturer(self, name: str) -> int:
        """A brand made in the back office. Returns its id."""
        with self.database.lock:
            return self.database.insert("manufacturers", {"name": name, "active": "1"}).id

    def delete_product(self, id_product: int) -> None:
        """Someone deletes a product in the back office."""
        with self.database.lock:
            row = self.products[id_product]
            self.database["products"].remove(id_product)
            lifecycle.DELETED["products"](self.database, row)

    def place_order(self, lines: Iterable[Line], *, state: int = 2, **wishes: Unpack[Ordering]) -> int:
        """A buyer orders; returns the order's id. Payment error (8) takes no stock.

        A line is (id_product, quantity) or (id_product, combination, quantity).

        All else is optional, see `checkout.Wishes`: `buyer` (e-mail, names, company, guest), `deliver_to` and
        `invoice_to` (Destination: company, vat_number, address1 …, country as ISO code, region), `carrier` (id, 0 for
        none), `shipping` and `wrapping` as ("4.90", "5.88") excl. and incl. VAT, `vouchers` (percent or amount incl.
        VAT, code, free_shipping), `prices` {id_product: "9.90"} excl. VAT, `module` and `payment` (its label),
        `round_type` (1 item, 2 line, 3 total; else PS_ROUND_TYPE), `tax_free`, `currency`, `message` (the buyer's),
        `note` (the shopkeeper's), `gift_message`.
        The VAT is that of the country it is delivered to.
        """
        with self.database.lock:
            return checkout.place(self.database, list(lines), state=state, wishes=Wishes(**wishes)).id

    def change_state(self, order_id: int, state: int, *, employee: int = 0) -> None:
        """Someone moves the order to a state: cancelled (6) gives the stock back, a sale after it takes it again.

        `employee` is who is named in the history; 0 for the shop itself, as for the webservice.
        """
        with self.database.lock:
            self.database.insert(
                "order_histories",
                {"id_order": str(order_id), "id_order_state": str(state), "id_employee": str(employee)},
            )
            ordering.apply_state(self.database, order_id, state=state)

    def add_carrier(self, name: str) -> int:
        """A carrier made in the back office. Returns its id, which is also its lasting reference."""
        with self.database.lock:
            row = self.database.insert("carriers", {"name": name, "delay": name, "active": "1"})
            self.database.change(row, {"id_reference": str(row.id)})
            return row.id

    def edit_carrier(self, carrier: int, *, name: str) -> int:
        """Someone changes a carrier: the shop deletes it and makes a new one of the same reference. Returns its id."""
        with self.database.lock:
            old = self.database["carriers"].rows[carrier]
            reference = old.text("id_reference")
            self.database.change(old, {"deleted": "1"})
            return self.database.insert(
                "carriers", {"name": name, "delay": name, "active": "1", "id_reference": reference}
            ).id

    def parcels(self, order_id: int) -> list[str]:
        """The tracking numbers of an order, in the order of its parcels."""
        rows = self.database["order_carriers"].by("id_order", str(order_id))
        return [row.text("tracking_number") for row in rows if row.text("tracking_number")]

    def edit_order(self, order_id: int, lines: Iterable[Line]) -> None:
        """Someone replaces the lines of an order in the back office."""
        with self.database.lock:
            checkout.edit(self.database, self.orders[order_id], list(lines))

    # persistence

    def save(self, path: Path | str) -> None:
        """Write the whole shop to a JSON file."""
        with self.database.lock:
            content = json.dumps(self.as_json(), ensure_ascii=False)
        Path(path).write_text(content, encoding="utf-8")

    def as_json(self) -> dict[str, Any]:
        """The whole shop: settings and stored rows."""
        settings = {
            "version": self.version,
            "shop_name": self.shop_name,
            "patch": self.patch,
            "php_warnings": self.php_warnings,
            "key": self.key,
            "languages": list(self.languages),
        }
        return {"settings": settings, **persistence.dumped(self.database)}

    @classmethod
    def load(cls, path: Path | str) -> FakePrestashop:
        """A shop as it was saved."""
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        settings = dict(content["settings"])
        settings["languages"] = tuple(settings["languages"])
        shop = cls(**settings)
        persistence.restore(shop.database, content)
        return shop
