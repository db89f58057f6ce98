"""A simulated WooCommerce, its adapter, and a way round it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from html import unescape
from typing import Any

from passerelle.connectors.woocommerce.adapter import Woocommerce
from passerelle.connectors.woocommerce.config import WoocommerceConfig
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
from passerelle.sandbox.prestashop.faults import Fault as ShopFault
from passerelle.sandbox.woocommerce import Buyer, FakeWoocommerce, variations
from passerelle.sandbox.woocommerce.errors import Refusal
from passerelle.sandbox.woocommerce.rows import Option, Product
from passerelle.testing.builders import ProductSeed, SaleSeed, ShopVariantSeed
from passerelle.testing.clock import HeldClock
from passerelle.testing.faults import Fault
from passerelle.testing.harness import Cannot, StoredShop
from passerelle.transport.http import Tally
from passerelle.transport.limiter import MemoryLimiter

HOME = "15"
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
    shop: FakeWoocommerce,
    *,
    languages: Mapping[str, str] | None = None,
    context: ShopContext | None = None,
    clock: HeldClock | None = None,
    tally: Tally | None = None,
    **options: Any,
) -> Woocommerce:
    """An adapter that never really waits."""
    clock = clock or HeldClock()
    keys = {"consumer_key": shop.consumer_key, "consumer_secret": shop.consumer_secret}
    return Woocommerce(
        WoocommerceConfig(**{"url": url, "timeout": 10, **keys, **options}),
        languages=languages or {"fr": "fr"},
        clock=clock,
        limiter=MemoryLimiter(clock=clock, per_second=None),
        tally=tally or Tally(),
        context=context,
    )


def closed_address() -> str:
    """An address that nobody listens to."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}"


@dataclass
class WoocommerceHarness:
    """A served shop as the contract kit sees it."""

    shop: FakeWoocommerce
    url: str
    many: int = 310
    next_status: str = "completed"
    languages: tuple[str, ...] = ("fr",)
    # The products above the variants in one request, then the variants of each of the two products.
    requests: Mapping[str, int] = field(
        default_factory=lambda: {"create_variants": 3, "update_variants": 2, "delete_variants": 3}
    )
    remembers: bool = False
    method: str | None = None  # the requests that faults strike, where it is not all of them
    options: Mapping[str, Any] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    clock: HeldClock = field(default_factory=HeldClock)

    def __post_init__(self) -> None:
        self.shop.clock = self.clock.now
        self.adapter = connect(self.url, self.shop, clock=self.clock, tally=self.tally, **self.options)
        self.desk = self.adapter

    @property
    def secret(self) -> str:
        return self.shop.consumer_secret

    @property
    def writes(self) -> int:
        return self.tally.writes

    # --- what the shop holds --------------------------------------------------------------------------------------

    def stored(self) -> StoredShop:
        """The shop's rows, mapped here and not by the connector."""
        rows = [row for row in self.shop.products.values() if row.status != "trash"]
        variations = [row for row in rows if row.type == "variation" and row.parent_id in self.shop.products]
        attributes = [(str(row.id), unescape(row.name)) for row in self.shop.attributes.values()]
        values = [
            (str(term.id), str(attribute), unescape(term.name))
            for attribute, terms in self.shop.terms.items()
            for term in terms.values()
        ]
        return StoredShop(
            products=[self._product(row) for row in rows if row.type != "variation"],
            categories=[
                ShopCategory(str(row.id), self._parent(row.id, row.parent), {"fr": unescape(row.name)})
                for row in self.shop.categories.values()
            ],
            brands=[ShopBrand(str(row.id), unescape(row.name)) for row in self.shop.brands.values()],
            features=[ShopFeature(*one) for one in attributes],
            feature_values=[ShopFeatureValue(*one) for one in values],
            options=[ShopOption(*one) for one in attributes],
            option_values=[ShopOptionValue(*one) for one in values],
            variants=[self._variant(row) for row in variations],
            stocks={_composite(row): row.stock_quantity or 0 for row in variations},
            rest=self.shop.as_json(),
        )

    def _parent(self, category: int, parent: int) -> str:
        """Categories of the first level stand under the default one."""
        return str(parent) if parent else ("" if str(category) == HOME else HOME)

    def _product(self, row: Product) -> ShopProduct:
        texts = {"name": unescape(row.name), "summary": row.short_description, "description": row.description}
        price = row.regular_price if row.type != "variable" else _meta(row, "_passerelle_price") or row.price
        main = _meta(row, "_passerelle_category")
        categories = [str(one) for one in row.categories]
        return ShopProduct(
            shop_id=str(row.id),
            sku=row.sku,
            gtin=row.global_unique_id,
            texts={field: {"fr": text} for field, text in texts.items()},
            tax_rule=row.tax_class or "standard",
            price=Decimal(price) if price else None,
            weight=Decimal(row.weight or "0"),
            brand=str(row.brands[0]) if row.brands else "",
            category=main if main in categories else next(iter(categories), ""),
            categories=tuple(categories),
            features={str(one.id): _ids(one) for one in row.attributes if not one.variation and one.options},
            visible=row.status == "publish",
            has_variants=bool(row.children),
            stock_ref=str(row.id),
            stock=row.stock_quantity if row.manage_stock else None,
        )

    def _variant(self, row: Product) -> ShopVariant:
        parent = self.shop.products[row.parent_id]
        chosen = self._values(row.choices)
        return ShopVariant(
            shop_id=_composite(row),
            sku=row.sku,
            gtin=row.global_unique_id,
            values=chosen,
            price=Decimal(row.regular_price or "0"),
            weight=Decimal(row.weight or parent.weight or "0"),
            default=bool(chosen) and chosen == self._values(parent.default_attributes),
        )

    def _values(self, choices: Mapping[str, str]) -> tuple[str, ...]:
        """The ids of the terms that choices (attribute's slug → term's slug) name."""
        found = [
            term.id
            for attribute in self.shop.attributes.values()
            for term in self.shop.terms.get(attribute.id, {}).values()
            if choices.get(attribute.slug) == term.slug
        ]
        return tuple(str(id) for id in sorted(found))

    # --- what people do -------------------------------------------------------------------------------------------

    def seed_product(self, seed: ProductSeed) -> str:
        status = "publish" if seed.visible else "draft"
        stock = None if seed.variants else seed.stock
        try:
            id = self.shop.add_product(
                seed.sku, name=_escaped(seed.name), price=str(seed.price), stock=stock, gtin=seed.gtin, status=status
            )
        except Refusal as refusal:
            raise Cannot(f"the shop itself refuses this: {refusal.message}") from None
        if self.shop.products[id].sku != seed.sku:
            raise Cannot(f"the shop itself makes {self.shop.products[id].sku!r} of this reference")
        if seed.variants:
            self._list(id, seed)
        for variant in seed.variants:
            self._seed_variant(id, variant)
        return str(id)

    def _list(self, product: int, seed: ProductSeed) -> None:
        """Let the product list all values of its variants, once: with three hundred of them that counts."""
        listed: dict[str, dict[str, None]] = {}
        for variant in seed.variants:
            for name, text in variant.options.items():
                listed.setdefault(name, {})[text] = None
        attributes = []
        for name, texts in listed.items():
            id = self._attributes.get(name) or self.shop.add_attribute(name)
            there = {term.name for term in self.shop.terms.get(id, {}).values()}
            for text in texts:
                if text not in there:
                    self.shop.add_term(id, text)
            attributes.append({"id": id, "visible": True, "variation": True, "options": list(texts)})
        price = {"key": "_passerelle_price", "value": str(seed.price)}
        self.shop.edit_product(product, type="variable", attributes=attributes, meta_data=[price])

    @property
    def _attributes(self) -> dict[str, int]:
        return {row.name: row.id for row in self.shop.attributes.values()}

    def _seed_variant(self, product: int, seed: ShopVariantSeed) -> None:
        ids = self._attributes
        chosen = [{"id": ids[name], "option": text} for name, text in seed.options.items()]
        body = {
            "sku": seed.sku, "regular_price": str(seed.price), "global_unique_id": seed.gtin, "attributes": chosen,
            "manage_stock": True, "stock_quantity": seed.stock, "weight": str(seed.weight) if seed.weight else "",
        }  # fmt: skip
        variations.create(self.shop.database, product, body)
        if seed.default:
            self.shop.edit_product(product, default_attributes=chosen)

    def delete_product(self, shop_id: str) -> None:
        self.shop.delete_product(int(shop_id))

    def delete_variant(self, shop_id: str) -> None:
        self.shop.delete_product(int(split_shop_id(shop_id)[1]))

    def seed_order(self, pieces: Mapping[str, int]) -> str:
        return str(self.shop.place_order(_lines(pieces)))

    def seed_sale(self, seed: SaleSeed) -> str:
        """Amounts are entered excl. VAT; wherever the goods go, the shop charges 20 %."""
        self._charge_in(seed.delivery_address.country)
        invoice, delivery = _place(seed.invoice_address), _place(seed.delivery_address)
        code, _, gross = seed.voucher or ("", "", Decimal(0))
        first, _, last = seed.delivery_address.name.partition(" ")
        order = self.shop.place_order(
            _lines(seed.pieces),
            buyer=Buyer(email=seed.email, first_name=seed.first_name, last_name=seed.last_name, guest=seed.guest),
            billing=invoice,
            deliver_to={**delivery, "first_name": first, "last_name": last},
            shipping=str(seed.shipping.net),
            shipping_title="Flat rate",
            fee=("Emballage cadeau", str(seed.wrapping.net)) if seed.wrapping.net else None,
            coupon=(code, f"{gross / Decimal('1.2'):.2f}") if seed.voucher else None,
            payment_method=seed.payment_method,
            payment_title=seed.payment_label,
            note=seed.message,
            meta={"_billing_vat_number": seed.vat_number} if seed.vat_number else {},
        )
        return str(order)

    def _charge_in(self, country: str) -> None:
        if not any(rate.country == country for rate in self.shop.tax_rates.values()):
            self.shop.add_tax_rate("20.0000", country=country, name="TVA")

    def break_order(self, order_id: str) -> None:
        self.shop.orders[int(order_id)].customer_id = "nobody"  # type: ignore[assignment]

    def set_status(self, order_id: str, status: str, *, author: str) -> None:
        self.shop.set_status(int(order_id), status)

    def status_of(self, order_id: str) -> str:
        return self.shop.orders[int(order_id)].status

    def parcels_of(self, order_id: str) -> list[str]:
        found = self.shop.meta_of(int(order_id))
        if "passerelle_tracking" in found:
            return str(found["passerelle_tracking"]).split("\n")
        return [one["tracking_number"] for one in found.get("_wc_shipment_tracking_items", [])]

    def cancel_order(self, order_id: str) -> None:
        self.shop.cancel_order(int(order_id))

    def wait(self, seconds: int) -> None:
        self.clock.sleep(seconds)

    # --- what goes wrong ------------------------------------------------------------------------------------------

    def inject(self, fault: Fault) -> None:
        if fault is Fault.REFUSED:
            self.adapter._client.home = closed_address()
        elif fault in FAULTS:
            injected = FAULTS[fault]()
            self.shop.inject(replace(injected, method=injected.method or self.method))
        else:
            self.shop.inject(ShopFault("status", method=self.method, status=int(fault), times=FOREVER))

    def heal(self) -> None:
        self.shop.mischief.faults.clear()
        self.adapter._client.home = self.url


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _meta(row: Product, key: str) -> str:
    return next((str(one.value) for one in row.meta if one.key == key), "")


def _ids(option: Option) -> tuple[str, ...]:
    return tuple(str(id) for id in sorted(option.options))


def _composite(row: Product) -> str:
    return f"{row.parent_id}/{row.id}"


def _place(address: Address) -> dict[str, str]:
    same = {name: getattr(address, name) for name in ("company", "postcode", "city", "country", "phone")}
    first, _, last = address.name.partition(" ")
    lines = {"address_1": address.line1, "address_2": address.line2, "state": address.region}
    return {**same, **lines, "first_name": first, "last_name": last}


def _lines(pieces: Mapping[str, int]) -> list[tuple[int, int] | tuple[int, int, int]]:
    """What is bought: product, variation (0 for none), quantity."""
    parts = [(*split_shop_id(id), quantity) for id, quantity in pieces.items()]
    return [(int(product), int(variant or 0), quantity) for product, variant, quantity in parts]
