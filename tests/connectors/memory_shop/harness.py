"""The memory shop as the contract kit sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from passerelle.connectors.memory_shop.adapter import MemoryShop
from passerelle.connectors.memory_shop.client import Fault as ShopFault
from passerelle.connectors.memory_shop.client import MemoryShopData
from passerelle.connectors.memory_shop.config import MemoryShopConfig
from passerelle.domain.catalogue import ShopProduct, ShopVariant
from passerelle.domain.money import rounded
from passerelle.domain.orders import Discount, ShippingLine, TaxedAmount
from passerelle.domain.parties import Customer
from passerelle.ports.shop import (
    ShopBrand,
    ShopCategory,
    ShopFeature,
    ShopFeatureValue,
    ShopOption,
    ShopOptionValue,
)
from passerelle.testing.builders import ProductSeed, SaleSeed, ShopVariantSeed
from passerelle.testing.clock import HeldClock
from passerelle.testing.faults import Fault
from passerelle.testing.harness import StoredShop
from passerelle.transport.http import Tally
from passerelle.transport.limiter import MemoryLimiter

SECRET = "memory-shop-key-0123456789"
WRITES = (
    "create_products",
    "update_products",
    "delete_products",
    "set_stock",
    "create_categories",
    "create_brands",
    "create_features",
    "create_feature_values",
    "create_options",
    "create_option_values",
    "create_variants",
    "update_variants",
    "delete_variants",
    "set_statuses",
    "add_tracking",
)
SIGNALS = {
    Fault.REFUSED: "refused",
    Fault.TIMEOUT: "timeout",
    Fault.REDIRECT: "redirect",
    Fault.NOT_THE_FORMAT: "unreadable",
    Fault.LOST_ANSWER: "lost",
    Fault.ERROR_AFTER_COMMIT: "500",
    Fault.CUT_ANSWER: "unreadable",
    Fault.HALF_DONE: "lost",
}
DONE: dict[Fault, int | None] = {
    Fault.LOST_ANSWER: None,
    Fault.ERROR_AFTER_COMMIT: None,
    Fault.CUT_ANSWER: None,
    Fault.HALF_DONE: 2,
}


@dataclass
class MemoryShopHarness:
    """A memory shop that pages by three and asks for a key."""

    kind: type[MemoryShop] = MemoryShop
    without: tuple[str, ...] = ()
    secret: str = SECRET
    many: int = 10
    next_status: str = "3"
    languages: tuple[str, ...] = ("fr", "en")
    requests: Mapping[str, int] = field(default_factory=dict)
    remembers: bool = True
    tally: Tally = field(default_factory=Tally)
    clock: HeldClock = field(default_factory=HeldClock)

    def __post_init__(self) -> None:
        self.data = MemoryShopData(clock=self.clock)
        self.data.page_size = 3
        self.data.key = self.secret
        self.adapter = self.kind(
            MemoryShopConfig(key=self.secret, max_batch=20, without=self.without),
            languages={"fr": "fr", "en": "en"},
            clock=self.clock,
            limiter=MemoryLimiter(clock=self.clock, per_second=None),
            tally=self.tally,
            data=self.data,
        )
        self.desk = self.adapter

    @property
    def writes(self) -> int:
        return self.tally.writes

    def stored(self) -> StoredShop:
        """The shop's rows, mapped here and not by the connector."""
        self.data.load()
        rows = msgspec.json.decode(msgspec.json.encode(self.data.state), type=type(self.data.state))
        products = [
            ShopProduct(
                **{name: getattr(row, name) for name in ("sku", "gtin", "texts", "tax_rule", "price", "weight")},
                **{name: getattr(row, name) for name in ("brand", "category", "visible", "stock")},
                shop_id=row.id,
                has_variants=bool(row.variants),
                categories=tuple(row.categories),
                features={id: tuple(values) for id, values in row.features.items()},
                stock_ref=row.stock_ref,
            )
            for row in rows.products.values()
        ]
        return StoredShop(
            products=products,
            categories=[ShopCategory(row.id, row.parent, row.names) for row in rows.categories.values()],
            brands=[ShopBrand(row.id, row.name) for row in rows.brands.values()],
            features=[ShopFeature(row.id, row.name) for row in rows.features.values()],
            feature_values=[ShopFeatureValue(row.id, row.feature, row.text) for row in rows.feature_values.values()],
            options=[ShopOption(row.id, row.name) for row in rows.options.values()],
            option_values=[ShopOptionValue(row.id, row.option, row.text) for row in rows.option_values.values()],
            variants=[
                ShopVariant(
                    **{name: getattr(row, name) for name in ("sku", "gtin", "price", "weight", "default")},
                    shop_id=f"{product.id}/{row.id}",
                    values=tuple(sorted(row.values, key=int)),
                )
                for product in rows.products.values()
                for row in product.variants.values()
            ],
            stocks={
                f"{product.id}/{row.id}": row.stock
                for product in rows.products.values()
                for row in product.variants.values()
            },
            rest=rows,
        )

    def seed_product(self, seed: ProductSeed) -> str:
        values: dict[str, Any] = {name: getattr(seed, name) for name in ("sku", "price", "gtin", "stock", "visible")}
        id = self.data.add_product(texts={"name": {"fr": seed.name, "en": seed.name}}, tax_rule="1", **values)
        for variant in seed.variants:
            self._seed_variant(id, variant)
        return id

    def _seed_variant(self, product: str, seed: ShopVariantSeed) -> None:
        values = [self._value(option, text) for option, text in seed.options.items()]
        names = ("sku", "gtin", "price", "weight", "default", "stock")
        self.data.add_variant(product, values=values, **{name: getattr(seed, name) for name in names})

    def _value(self, option: str, text: str) -> str:
        """The id of a value, made where it is missing."""
        options = {row.name: row.id for row in self.data.options.values()}
        owner = options.get(option) or self.data.add_option(option)
        values = {row.text: row.id for row in self.data.option_values.values() if row.option == owner}
        return values.get(text) or self.data.add_option_value(owner, text)

    def delete_product(self, shop_id: str) -> None:
        self.data.delete_product(shop_id)

    def delete_variant(self, shop_id: str) -> None:
        self.data.delete_variant(shop_id)

    def seed_order(self, pieces: Mapping[str, int]) -> str:
        return self.data.place_order(pieces)

    def seed_sale(self, seed: SaleSeed) -> str:
        buyer = Customer(
            shop_id="7",
            guest=seed.guest,
            email=seed.email,
            first_name=seed.first_name,
            last_name=seed.last_name,
            company=seed.invoice_address.company,
            vat_number=seed.vat_number,
            phone=seed.invoice_address.phone,
            invoice_address=seed.invoice_address,
            delivery_address=seed.delivery_address,
        )
        sold: dict[str, Any] = {
            "customer": buyer,
            "shipping": ShippingLine(carrier="2", name="La Poste", amount=seed.shipping),
            "wrapping": seed.wrapping,
            "discounts": _discounts(seed),
            **{name: getattr(seed, name) for name in ("payment_method", "payment_label", "message")},
        }
        return self.data.place_order(seed.pieces, sold=sold)

    def break_order(self, order_id: str) -> None:
        row = self.data.orders[order_id]
        row.sold = msgspec.structs.replace(row.sold, currency="")

    def set_status(self, order_id: str, status: str, *, author: str) -> None:
        self.data.change_state(order_id, status, author=author)

    def cancel_order(self, order_id: str) -> None:
        self.data.change_state(order_id, "6")

    def wait(self, seconds: int) -> None:
        self.clock.sleep(seconds)

    def status_of(self, order_id: str) -> str:
        self.data.load()
        return self.data.orders[order_id].status

    def parcels_of(self, order_id: str) -> list[str]:
        self.data.load()
        return [number for number, _ in self.data.orders[order_id].parcels]

    def inject(self, fault: Fault) -> None:
        calls = WRITES if fault in DONE else ("*",)
        signal = SIGNALS.get(fault, str(fault))
        self.data.faults = [ShopFault(call, signal, DONE.get(fault, 0)) for call in calls for _ in range(9)]

    def heal(self) -> None:
        self.data.faults = []


def _discounts(seed: SaleSeed) -> tuple[Discount, ...]:
    """The voucher, spread over lines that are all at 20 %."""
    if seed.voucher is None:
        return ()
    code, name, gross = seed.voucher
    return (Discount(code=code, name=name, amount=TaxedAmount(rounded(gross / Decimal("1.2"), places=2), gross)),)
