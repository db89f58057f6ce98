"""What Passerelle writes, cut into facets: a change of stock sends the stock and nothing else.

A facet's body is what we last wrote (or want to write). Its fingerprint is blake2b-128 of the deterministic msgpack
encoding, decimals quantised and texts in NFC first, because `Decimal("1.5")` and `Decimal("1.50")` encode differently.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from enum import StrEnum
from hashlib import blake2b

import msgspec

from passerelle.domain.orders import SalesDocument
from passerelle.domain.parties import Customer

PLACES = Decimal("0.000001")


class Facet(StrEnum):
    """The facets that are built so far: of a product, then of an order."""

    TEXTS = "texts"
    TEXTS_KEPT = "texts_kept"  # as the shop keeps what was sent, where it writes HTML its own way
    TAX = "tax"
    PRICE = "price"
    BRAND = "brand"
    CATEGORIES = "categories"
    FEATURES = "features"
    LOGISTICS = "logistics"
    VISIBILITY = "visibility"
    VARIANT = "variant"
    STOCK = "stock"
    CUSTOMER = "customer"
    DOCUMENT = "document"
    STATUS = "status"
    TRACKING = "tracking"


# What a shop may give back of its products and variants, for reconciling to compare it with what was sent.
OF_PRODUCTS = frozenset(
    {
        Facet.TEXTS,
        Facet.TAX,
        Facet.PRICE,
        Facet.BRAND,
        Facet.CATEGORIES,
        Facet.FEATURES,
        Facet.LOGISTICS,
        Facet.VISIBILITY,
        Facet.VARIANT,
        Facet.STOCK,
    }
)


class Ownership(StrEnum):
    """Who owns a facet of one product: the ERP, the ERP at creation only, or the shop."""

    ERP = "erp"
    ERP_ONCE = "erp_once"
    SHOP = "shop"


class Texts(msgspec.Struct, frozen=True, tag="texts"):
    """Field (name, summary, description, meta_title…) → our language code → text; empty texts are left out."""

    values: dict[str, dict[str, str]]


class TaxRuleId(msgspec.Struct, frozen=True, gc=False, tag="tax"):
    """The shop's tax rule and its rate in percent when it was chosen."""

    rule: str
    rate: Decimal | None


class StoredPrice(msgspec.Struct, frozen=True, gc=False, tag="price"):
    """The price as the shop stores it, beside the ERP's reference price it was made from."""

    stored: Decimal
    reference: Decimal
    tax_included: bool


class Brand(msgspec.Struct, frozen=True, gc=False, tag="brand"):
    """The brand's name as the ERP writes it; empty for none."""

    name: str


class Categories(msgspec.Struct, frozen=True, tag="categories"):
    """The ERP keys of the categories, root first; the last one is the default category. Empty: the chosen default.

    `label` names them for a person. `also` are further categories, by the shop's own ids; bodies without any are
    written as they were before there was such a thing. A key that begins with = is the shop's own id: what a product
    held before it was taken over.
    """

    path: tuple[str, ...]
    label: str = ""
    also: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET

    @property
    def extra(self) -> tuple[str, ...]:
        """The further categories, none where there are none."""
        return self.also if isinstance(self.also, tuple) else ()


class Features(msgspec.Struct, frozen=True, tag="features"):
    """Feature → its values in order. None: the ERP has no value, and what we sent before is taken away.

    Features that are not named here are not ours.
    """

    values: dict[str, tuple[str, ...]]


class Logistics(msgspec.Struct, frozen=True, gc=False, tag="logistics"):
    """The reference, the weight in kilograms (None: not said) and the barcode ("" for none)."""

    sku: str
    weight: Decimal | None
    gtin: str


class Visibility(msgspec.Struct, frozen=True, gc=False, tag="visibility"):
    """Whether the product shows in the shop."""

    visible: bool


class VariantSheet(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="variant"):
    """What tells a variant from the others: option → value, reference, barcode ("" for none), its weight.

    Weights are in kilograms, six decimals; `weight` None: that of the product, `base_weight`. `default`: the one that
    the shop shows first.
    """

    options: tuple[tuple[str, str], ...]
    sku: str
    gtin: str
    weight: Decimal | None = None
    base_weight: Decimal | None = None
    default: bool = False


class VariantPrice(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag="variant_price"):
    """A variant's price beside that of its product, both as the shop stores prices, and the ERP's reference price.

    `stored` None: the product's price, whatever it is. `base` is None where the shop stores no differences.
    """

    stored: Decimal | None
    base: Decimal | None = None
    reference: Decimal | None = None
    tax_included: bool = False


class Stock(msgspec.Struct, frozen=True, gc=False, tag="stock"):
    """The quantity the shop shows."""

    quantity: int


class OrderStatus(msgspec.Struct, frozen=True, gc=False, tag="status"):
    """The shop's status of an order."""

    status: str


class Tracking(msgspec.Struct, frozen=True, tag="tracking"):
    """The tracking numbers of an order, in the ERP's order."""

    numbers: tuple[str, ...]


Body = (
    Texts | TaxRuleId | StoredPrice | Brand | Categories | Features | Logistics | Visibility | Stock
    | VariantSheet | VariantPrice
    | Customer | SalesDocument | OrderStatus | Tracking
)  # fmt: skip
Facets = dict[Facet, Body]

_encoder = msgspec.msgpack.Encoder(order="deterministic")
_decoder: msgspec.msgpack.Decoder[Body] = msgspec.msgpack.Decoder(Body)


def nfc(value: str) -> str:
    """`value` in Unicode NFC."""
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def number(value: Decimal) -> Decimal:
    """`value` with exactly six decimals, the finest a body holds."""
    return value.quantize(PLACES)


def encode(body: Body) -> bytes:
    """The stored form of a body."""
    return _encoder.encode(body)


def decode(data: bytes) -> Body:
    """The body of a stored form."""
    return _decoder.decode(data)


def fingerprint(encoded: bytes) -> bytes:
    """16 bytes that tell two encoded bodies apart."""
    return blake2b(encoded, digest_size=16).digest()
