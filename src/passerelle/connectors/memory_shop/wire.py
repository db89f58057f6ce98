"""What the memory shop stores, and the JSON file it may be kept in."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from passerelle.domain.orders import SalesOrder
from passerelle.domain.pricing import TaxRule

# Status id → (label, whether its orders hold stock), as a French shop has them.
STATUSES: dict[str, tuple[str, bool]] = {
    "1": ("En attente de paiement", True),
    "2": ("Paiement accepté", True),
    "3": ("En préparation", True),
    "4": ("Expédié", True),
    "5": ("Livré", True),
    "6": ("Annulé", False),
    "8": ("Erreur de paiement", False),
}


class StoredVariant(msgspec.Struct, kw_only=True):
    """A variant row. `price` and `weight` are differences from its product's, 6 decimals; `values` are ids."""

    id: str
    stock_ref: str
    sku: str = ""
    gtin: str = ""
    values: list[str] = []
    price: Decimal = Decimal(0)
    weight: Decimal = Decimal(0)
    default: bool = False
    stock: int = 0


class StoredProduct(msgspec.Struct, kw_only=True):
    """A product row. `texts` is field → shop language → text; `price` excl. VAT, 6 decimals; `variants` by their id.

    `has_variants` says that it has some which are not in these rows.
    """

    id: str
    stock_ref: str
    sku: str = ""
    gtin: str = ""
    texts: dict[str, dict[str, str]] = {}
    slug: dict[str, str] = {}
    tax_rule: str = "0"
    price: Decimal = Decimal(0)
    weight: Decimal | None = None
    brand: str = ""
    category: str = ""
    categories: list[str] = []
    features: dict[str, list[str]] = {}
    visible: bool = False
    has_variants: bool = False
    variants: dict[str, StoredVariant] = {}
    stock: int = 0


class StoredCategory(msgspec.Struct, kw_only=True):
    """A category row; `names` by shop language."""

    id: str
    parent: str
    names: dict[str, str]


class StoredBrand(msgspec.Struct, kw_only=True):
    """A brand row."""

    id: str
    name: str


class StoredFeature(msgspec.Struct, kw_only=True):
    """A feature row."""

    id: str
    name: str


class StoredFeatureValue(msgspec.Struct, kw_only=True):
    """A value of a feature."""

    id: str
    feature: str
    text: str


class StoredOption(msgspec.Struct, kw_only=True):
    """An option of variants."""

    id: str
    name: str


class StoredOptionValue(msgspec.Struct, kw_only=True):
    """A value of an option."""

    id: str
    option: str
    text: str


class StoredLine(msgspec.Struct):
    """A line of an order; `variant_id` is "" for a product without variants."""

    product_id: str
    sku: str
    quantity: int
    variant_id: str = ""


class StoredChange(msgspec.Struct):
    """A status that an order had since a moment, and who of the shop set it ("" for the shop itself)."""

    status: str
    at: datetime
    author: str = ""


class StoredOrder(msgspec.Struct, kw_only=True):
    """An order row. Times are aware, UTC, whole seconds. `parcels` holds (tracking number, carrier).

    `sold` is the order as it was sold, whole; its status, times and lines are those of this row.
    """

    id: str
    reference: str
    status: str
    created_at: datetime
    updated_at: datetime
    lines: list[StoredLine]
    parcels: list[tuple[str, str]] = []
    history: list[StoredChange] = []
    notified: list[str] = []
    sold: SalesOrder


def _tax_rules() -> list[TaxRule]:
    rates = {"1": "20", "2": "10", "3": "5.5", "4": "2.1", "5": "0"}
    return [TaxRule(id, f"TVA {rate} %", Decimal(rate)) for id, rate in rates.items()]


def _root() -> dict[str, StoredCategory]:
    return {"2": StoredCategory(id="2", parent="1", names={"fr": "Accueil", "en": "Home"})}


class ShopState(msgspec.Struct, kw_only=True):
    """The whole shop."""

    languages: list[str] = msgspec.field(default_factory=lambda: ["fr", "en"])
    currency: str = "EUR"
    home: str = "2"
    tax_rules: list[TaxRule] = msgspec.field(default_factory=_tax_rules)
    products: dict[str, StoredProduct] = {}
    categories: dict[str, StoredCategory] = msgspec.field(default_factory=_root)
    brands: dict[str, StoredBrand] = {}
    features: dict[str, StoredFeature] = {}
    feature_values: dict[str, StoredFeatureValue] = {}
    options: dict[str, StoredOption] = {}
    option_values: dict[str, StoredOptionValue] = {}
    orders: dict[str, StoredOrder] = {}
    carriers: dict[str, str] = msgspec.field(default_factory=lambda: {"1": "Retrait", "2": "La Poste"})
    last_id: int = 100


def encode(state: Any) -> bytes:
    """The JSON of a whole shop."""
    return msgspec.json.format(msgspec.json.encode(state), indent=1)


def decode(data: bytes) -> ShopState:
    """The shop of a JSON file. Raises msgspec.DecodeError."""
    return msgspec.json.decode(data, type=ShopState)
