"""The simulated shop: its data, its settings, what people do in it, and the server in front of it."""

from __future__ import annotations

import contextlib
import json
import ssl
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict, Unpack

import msgspec

from passerelle.sandbox.prestashop.faults import Cost, Fault, Hook, Mischief, When
from passerelle.sandbox.woocommerce import orders, refunds, sales, starting_data, storefront
from passerelle.sandbox.woocommerce.auth import Doorman, Key
from passerelle.sandbox.woocommerce.back_office import BackOffice
from passerelle.sandbox.woocommerce.control import control_page
from passerelle.sandbox.woocommerce.database import Database
from passerelle.sandbox.woocommerce.exchange import Answer, Request
from passerelle.sandbox.woocommerce.rows import Order, State
from passerelle.sandbox.woocommerce.sales import Buyer, Wishes
from passerelle.sandbox.woocommerce.server import serve

DEFAULT_KEY = "ck_" + "1" * 40
DEFAULT_SECRET = "cs_" + "2" * 40
_POSITIONS = {"EUR": "right_space"}


class Ordering(TypedDict, total=False):
    """The optional arguments of `place_order`: the fields of `sales.Wishes`."""

    buyer: Buyer
    billing: Mapping[str, str]
    deliver_to: Mapping[str, str] | None
    shipping: str | None
    shipping_method: str
    shipping_instance: str
    shipping_title: str
    fee: tuple[str, str] | None
    coupon: tuple[str, str] | None
    payment_method: str
    payment_title: str
    transaction_id: str
    prices: Mapping[int, str]
    currency: str
    note: str
    meta: Mapping[str, Any]


class FakeWoocommerce(BackOffice):
    """A WooCommerce 9.9.5 in memory, as a fresh French installation: no product, no order, three tax rates.

    `prices_include_tax`, `round_at_subtotal`, `decimal_separator` and `decimals` are the shop's options; `settings`
    holds all of them, live. `brands=False` is a shop of before 9.6. `home_url` is what the shop believes its address to
    be where that differs from where it listens. `cost` is slept after each request. `requests` holds (method, path with
    query but without credentials, entities written) of every API request, in order.
    """

    def __init__(
        self,
        *,
        version: str = "9.9.5",
        shop_name: str = "Outillage Martin",
        currency: str = "EUR",
        prices_include_tax: bool = False,
        round_at_subtotal: bool = False,
        brands: bool = True,
        decimal_separator: str = ".",
        decimals: int = 2,
        country: str = "FR",
        home_url: str = "",
        cost: Cost | None = None,
    ) -> None:
        self.shop_name = shop_name
        self.home_url = home_url
        self.cost = cost or Cost()
        self.maintenance = False
        self.database_down = False
        self.requests: list[tuple[str, str, int]] = []
        self.mischief = Mischief()
        self.ca_pem = b""
        self.ca_pem_path = ""
        settings = {
            "woocommerce_currency": currency,
            "woocommerce_currency_pos": _POSITIONS.get(currency, "left"),
            "woocommerce_default_country": country,
            "woocommerce_price_decimal_sep": decimal_separator,
            "woocommerce_price_thousand_sep": " " if decimal_separator == "," else ",",
            "woocommerce_price_num_decimals": str(decimals),
            "woocommerce_prices_include_tax": "yes" if prices_include_tax else "no",
            "woocommerce_tax_round_at_subtotal": "yes" if round_at_subtotal else "no",
        }
        self.database = Database(starting_data.fresh(settings), version=version, has_brands=brands)
        self.doorman = Doorman(seconds=lambda: self.database.now().timestamp(), home=lambda: self.database.home)
        self.consumer_key, self.consumer_secret = DEFAULT_KEY, DEFAULT_SECRET
        self.doorman.keys[DEFAULT_KEY] = Key(DEFAULT_KEY, DEFAULT_SECRET)
        self.app_user, self.app_password = "admin", "abcd efgh ijkl mnop qrst uvwx"
        self.doorman.passwords[self.app_user] = self.app_password

    @contextlib.contextmanager
    def serve(self, *, port: int = 0, tls: bool = False) -> Iterator[str]:
        """Listen on 127.0.0.1 while the context lasts; yields the home URL, "http://127.0.0.1:PORT".

        With `tls` it is https, by a certificate of an authority of its own: trust `ca_pem_path` while it lasts.
        """
        with contextlib.ExitStack() as stack:
            context = stack.enter_context(self._certified()) if tls else None
            address = stack.enter_context(serve(self, port=port, pages=self._page, context=context))
            self.database.home = self.home_url or address
            yield address

    @contextlib.contextmanager
    def _certified(self) -> Iterator[ssl.SSLContext]:
        import trustme  # a development dependency: only who asks for TLS needs it

        authority = trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
        self.ca_pem = authority.cert_pem.bytes()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "ca.pem"
            path.write_bytes(self.ca_pem)
            self.ca_pem_path = str(path)
            yield context

    def _page(self, request: Request) -> Answer:
        if request.path.startswith("/_sandbox/"):
            return control_page(self, request)
        with self.database.lock:
            return storefront.page(self, request.path)

    # settings

    @property
    def version(self) -> str:
        return self.database.version

    @property
    def clock(self) -> Callable[[], datetime]:
        """Replaceable; the shop notes moments to the second and shows them in its local time (Europe/Paris) and UTC.

        Timestamps of signatures are compared with it too.
        """
        return self.database.clock

    @clock.setter
    def clock(self, clock: Callable[[], datetime]) -> None:
        self.database.clock = clock

    def add_key(self, *, permissions: str = "read") -> tuple[str, str]:
        """A further key pair: read, write or read_write."""
        number = len(self.doorman.keys)
        key = Key(f"ck_{number:040d}", f"cs_{number:040d}", permissions)
        self.doorman.keys[key.consumer_key] = key
        return key.consumer_key, key.consumer_secret

    # faults and hooks

    def inject(self, fault: Fault) -> None:
        """Let the next matching requests fail. Resources: products, variations, orders, notes, categories, terms …"""
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
        `during_write`: so many items of the batch are stored. `after_write`: all stored, the answer not yet sent.
        """
        self.mischief.hooks.append(Hook(when, action, resource, times, after_entities))

    def reset_counters(self) -> None:
        """Forget the requests seen so far."""
        self.requests.clear()

    # sales

    def place_order(
        self,
        lines: Iterable[tuple[int, int] | tuple[int, int, int]],
        *,
        status: str = "processing",
        **wishes: Unpack[Ordering],
    ) -> int:
        """A buyer orders; returns the order's id. The status takes the stock or leaves it.

        A line is (product, quantity) or (product, variation or 0, quantity). All else is optional, see `sales.Wishes`:
        `buyer`, `billing` and `deliver_to` (fields of an address), `shipping` net, `fee` (name, net), `coupon` (code,
        "10%" or "5.00"), `payment_method` and `payment_title`, `prices` {id: net}, `currency`, `note` (the buyer's).
        """
        found = [(one[0], one[1] if len(one) == 3 else 0, one[-1]) for one in lines]
        with self.database.lock:
            return sales.place(self.database, found, status=status, wishes=Wishes(**wishes)).id

    def set_status(self, order_id: int, status: str) -> None:
        """Someone moves the order to a status: cancelled gives the stock back, processing takes it again."""
        with self.database.lock:
            orders.set_status(self.database, self.orders[order_id], status)

    def cancel_order(self, order_id: int) -> None:
        self.set_status(order_id, "cancelled")

    def refund(self, order_id: int, amount: str, *, reason: str = "", lines: Iterable[Mapping[str, Any]] = ()) -> int:
        """Someone gives money back in the back office; returns the refund's id.

        `lines` are items of the API: {"id", "quantity", "refund_total", "refund_tax": [{"id", "refund_total"}]}.
        """
        given = {"amount": amount, "reason": reason, "api_refund": False, "line_items": list(lines)}
        with self.database.lock:
            return refunds.create(self.database, self.orders[order_id], given).id

    def edit_order(self, order_id: int, **fields: Any) -> None:
        """Someone edits an order in the back office; fields as the API takes them."""
        with self.database.lock:
            orders.update(self.database, self.orders[order_id], fields)

    @property
    def orders(self) -> dict[int, Order]:
        return self.database.state.orders

    def notes_of(self, order_id: int) -> list[str]:
        """The notes of an order, the oldest first."""
        return [one.note for one in self.database.state.notes if one.order_id == order_id]

    def meta_of(self, order_id: int) -> dict[str, Any]:
        """The meta of an order by key."""
        return {one.key: one.value for one in self.orders[order_id].meta}

    # persistence

    def as_json(self) -> dict[str, Any]:
        """The whole shop: what it was made with and stored rows."""
        made = {"version": self.version, "shop_name": self.shop_name, "brands": self.database.has_brands}
        made["home_url"] = self.home_url
        return {"made": made, "state": msgspec.to_builtins(self.database.state, str_keys=True)}

    def save(self, path: Path | str) -> None:
        """Write the whole shop to a JSON file."""
        with self.database.lock:
            content = json.dumps(self.as_json(), ensure_ascii=False)
        Path(path).write_text(content, encoding="utf-8")

    @classmethod
    def load(cls, path: Path | str) -> FakeWoocommerce:
        """A shop as it was saved."""
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        shop = cls(**content["made"])
        shop.database.load(msgspec.convert(content["state"], State, strict=False))
        return shop
