"""A simulated PrestaShop, its adapter, and a way round it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from passerelle.connectors.prestashop.adapter import Prestashop
from passerelle.connectors.prestashop.config import PrestashopConfig
from passerelle.domain.catalogue import ShopProduct, ShopVariant, split_shop_id
from passerelle.domain.parties import Address
from passerelle.ports.shop import (
    ShopBrand,
    ShopCategory,
    ShopContext,
    ShopFeature,
    ShopFeatureValue,
    ShopOption,
    ShopOptionValue,
)
from passerelle.sandbox.prestashop import Buyer, Destination, FakePrestashop, Voucher
from passerelle.sandbox.prestashop import Fault as ShopFault
from passerelle.sandbox.prestashop.table import Row
from passerelle.testing.builders import ProductSeed, SaleSeed
from passerelle.testing.clock import HeldClock
from passerelle.testing.faults import Fault
from passerelle.testing.harness import StoredShop
from passerelle.transport.http import Tally
from passerelle.transport.limiter import MemoryLimiter

LANGUAGES = {"fr": 1, "en": 2}
TEXTS = {
    "name": "name",
    "summary": "description_short",
    "description": "description",
    "meta_title": "meta_title",
    "meta_description": "meta_description",
}
FOREVER = 1000
FAULTS: dict[Fault, Callable[[], ShopFault]] = {
    Fault.TIMEOUT: lambda: ShopFault("reset", times=FOREVER),
    Fault.REDIRECT: lambda: ShopFault("status", status=302, times=FOREVER),
    Fault.NOT_THE_FORMAT: lambda: ShopFault("html", times=FOREVER),
    Fault.LOST_ANSWER: lambda: ShopFault("lost_answer", method="WRITE", times=FOREVER),
    Fault.ERROR_AFTER_COMMIT: lambda: ShopFault("error_after_commit", method="WRITE", times=FOREVER),
    Fault.CUT_ANSWER: lambda: ShopFault("truncated_answer", method="WRITE", times=FOREVER),
    Fault.HALF_DONE: lambda: ShopFault("half_batch", method="WRITE", entities=2, times=FOREVER),
}


def connect(
    url: str,
    key: str,
    *,
    languages: Mapping[str, str] | None = None,
    context: ShopContext | None = None,
    clock: HeldClock | None = None,
    tally: Tally | None = None,
) -> Prestashop:
    """An adapter that never really waits."""
    clock = clock or HeldClock()
    return Prestashop(
        PrestashopConfig(url=url, key=key, timeout=10),
        languages=languages or {"fr": "fr", "en": "en"},
        clock=clock,
        limiter=MemoryLimiter(clock=clock, per_second=None),
        tally=tally or Tally(),
        context=context,
    )


def closed_address() -> str:
    """A webservice address that nobody listens to."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}/api"


@dataclass
class PrestashopHarness:
    """A served shop as the contract kit sees it."""

    shop: FakePrestashop
    url: str
    many: int = 410
    next_status: str = "3"
    languages: tuple[str, ...] = ("fr", "en")
    requests: Mapping[str, int] = field(default_factory=dict)
    remembers: bool = True
    method: str | None = None  # the requests that faults strike, where it is not all of them
    tally: Tally = field(default_factory=Tally)
    clock: HeldClock = field(default_factory=HeldClock)

    def __post_init__(self) -> None:
        self.shop.clock = self.clock.now
        self.adapter = connect(self.url, self.shop.key, clock=self.clock, tally=self.tally)
        self.desk = self.adapter

    @property
    def secret(self) -> str:
        return self.shop.key

    @property
    def writes(self) -> int:
        return self.tally.writes

    def stored(self) -> StoredShop:
        """The shop's rows, mapped here and not by the connector."""
        return StoredShop(
            products=[self._product(row) for row in self.shop.products.values()],
            categories=[
                ShopCategory(str(row.id), str(row.number("id_parent") or ""), _languages(row, "name"))
                for row in self.shop.categories.values()
            ],
            brands=[ShopBrand(str(row.id), row.text("name")) for row in self.shop.manufacturers.values()],
            features=[
                ShopFeature(str(row.id), _languages(row, "name")["fr"])
                for row in self.shop.database["product_features"]
            ],
            feature_values=[
                ShopFeatureValue(str(row.id), row.text("id_feature"), _languages(row, "value")["fr"])
                for row in self.shop.database["product_feature_values"]
            ],
            options=[
                ShopOption(str(row.id), _languages(row, "name")["fr"]) for row in self.shop.database["product_options"]
            ],
            option_values=[
                ShopOptionValue(str(row.id), row.text("id_attribute_group"), _languages(row, "name")["fr"])
                for row in self.shop.database["product_option_values"]
            ],
            variants=[_variant(row) for row in self.shop.database["combinations"]],
            stocks={
                _composite(row): self.shop.stock_of(row.number("id_product"), combination=row.id)
                for row in self.shop.database["combinations"]
            },
            rest=self.shop.as_json(),
        )

    def _product(self, row: Row) -> ShopProduct:
        stock = self.shop.stock_row(row.id)
        brand = row.number("id_manufacturer")
        return ShopProduct(
            shop_id=str(row.id),
            sku=row.text("reference"),
            gtin=row.text("ean13"),
            texts={ours: _languages(row, theirs) for ours, theirs in TEXTS.items()},
            tax_rule=str(row.number("id_tax_rules_group")),
            price=Decimal(row.text("price")),
            weight=Decimal(row.text("weight") or "0"),
            brand=str(brand or ""),
            category=str(row.number("id_category_default")),
            categories=tuple(str(id) for id in row.linked("categories")),
            features=_features(row),
            visible=row.text("active") == "1",
            has_variants=bool(self.shop.combinations_of(row.id)),
            stock_ref=str(stock.id),
            stock=stock.number("quantity"),
        )

    def seed_product(self, seed: ProductSeed) -> str:
        fields = {"ean13": seed.gtin, "active": str(int(seed.visible))}
        id = self.shop.add_product(seed.sku, name=seed.name, price=str(seed.price), stock=seed.stock, **fields)
        for variant in seed.variants:
            self.shop.add_combination(
                id,
                values=[self._value(option, text) for option, text in variant.options.items()],
                reference=variant.sku,
                price=str(variant.price),
                stock=variant.stock,
                ean13=variant.gtin,
                weight=str(variant.weight),
                default_on="1" if variant.default else None,
            )
        return str(id)

    def _value(self, option: str, text: str) -> int:
        """The id of a value, made where it is missing."""
        options = {row.name[1]: row.id for row in self.shop.database["product_options"]}
        owner = options.get(option) or self.shop.add_option(option)
        return self.shop.option_values(owner).get(text) or self.shop.add_option_value(owner, text)

    def delete_product(self, shop_id: str) -> None:
        self.shop.delete_product(int(shop_id))

    def delete_variant(self, shop_id: str) -> None:
        self.shop.delete_combination(int(split_shop_id(shop_id)[1]))

    def seed_order(self, pieces: Mapping[str, int]) -> str:
        return str(self.shop.place_order(_lines(pieces)))

    def seed_sale(self, seed: SaleSeed) -> str:
        deliver, invoice = (_destination(one, seed) for one in (seed.delivery_address, seed.invoice_address))
        code, label, amount = seed.voucher or ("", "", "")
        order = self.shop.place_order(
            _lines(seed.pieces),
            buyer=Buyer(email=seed.email, firstname=seed.first_name, lastname=seed.last_name, guest=seed.guest),
            deliver_to=deliver,
            invoice_to=invoice,
            carrier=2,
            shipping=(str(seed.shipping.net), str(seed.shipping.gross)),
            wrapping=(str(seed.wrapping.net), str(seed.wrapping.gross)),
            vouchers=(Voucher(code=code, name=label, amount=str(amount)),) if seed.voucher else (),
            module=seed.payment_method,
            payment=seed.payment_label,
            message=seed.message,
        )
        return str(order)

    def break_order(self, order_id: str) -> None:
        self.shop.database.change(self.shop.orders[int(order_id)], {"id_currency": "99"})

    def set_status(self, order_id: str, status: str, *, author: str) -> None:
        self.shop.change_state(int(order_id), int(status), employee=int(author))

    def status_of(self, order_id: str) -> str:
        return self.shop.orders[int(order_id)].text("current_state")

    def parcels_of(self, order_id: str) -> list[str]:
        return self.shop.parcels(int(order_id))

    def cancel_order(self, order_id: str) -> None:
        self.shop.change_state(int(order_id), 6)

    def wait(self, seconds: int) -> None:
        self.clock.sleep(seconds)

    def inject(self, fault: Fault) -> None:
        if fault is Fault.REFUSED:
            self.adapter._client.address = closed_address()
        elif fault in FAULTS:
            injected = FAULTS[fault]()
            self.shop.inject(replace(injected, method=injected.method or self.method))
        else:
            self.shop.inject(ShopFault("status", method=self.method, status=int(fault), times=FOREVER))

    def heal(self) -> None:
        self.shop.mischief.faults.clear()
        self.adapter._client.address = self.url


def _destination(address: Address, seed: SaleSeed) -> Destination:
    first, _, last = address.name.partition(" ")
    same = {name: getattr(address, name) for name in ("company", "postcode", "city", "country", "region", "phone")}
    lines = {"address1": address.line1, "address2": address.line2, "vat_number": seed.vat_number}
    return Destination(firstname=first, lastname=last, **same, **lines)


def _lines(pieces: Mapping[str, int]) -> list[tuple[int, int, int]]:
    """What is bought: product, combination (0 for none), quantity."""
    parts = [(*split_shop_id(id), quantity) for id, quantity in pieces.items()]
    return [(int(product), int(variant or 0), quantity) for product, variant, quantity in parts]


def _composite(row: Row) -> str:
    return f"{row.text('id_product')}/{row.id}"


def _variant(row: Row) -> ShopVariant:
    return ShopVariant(
        shop_id=_composite(row),
        sku=row.text("reference"),
        gtin=row.text("ean13"),
        values=tuple(str(id) for id in sorted(row.linked("product_option_values"))),
        price=Decimal(row.text("price")),
        weight=Decimal(row.text("weight")),
        default=row.text("default_on") == "1",
    )


def _features(row: Row) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for feature, value in sorted(row.links.get("product_features", ())):
        found[feature] = (*found.get(feature, ()), value)
    return found


def _languages(row: Row, name: str) -> dict[str, str]:
    stored: dict[int, str] = getattr(row, name)
    return {ours: stored[id] for ours, id in LANGUAGES.items()}
