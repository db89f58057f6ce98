"""Articles as an ERP describes them and products as a shop shows them."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from passerelle.domain.pricing import Price, Tax


class Category(msgspec.Struct, frozen=True):
    """A node of the ERP's tree. `names` by our language code; the first level has no parent."""

    key: str
    names: dict[str, str]
    parent: str | None = None


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One form in which an article is sold: its value of each option, such as Size and Colour, in the ERP's order.

    `sku` is unique in the ERP and never empty: the connector makes one of the article's reference and the values where
    the ERP has none. `erp_id` is the ERP's own stable id. An option's value is empty where the ERP no longer has it.
    """

    sku: str
    erp_id: str
    options: tuple[tuple[str, str], ...]
    gtin: str = ""
    tax: Tax | None = None  # None: the tax of the article
    price: Price | None = None  # None: the price of the article
    weight: Decimal | None = None  # kilograms; None: the weight of the article


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """An article as the ERP holds it, for one profile's options.

    `variants` are those that are sold, where they were asked for; `has_variants` says that the article has some at all.
    `fields` holds the ERP fields that the profile names as sources of texts, brand…, by the ERP's own field name,
    empty text for none. `categories` is the path of its category, root first, at most 6 levels.
    """

    sku: str
    erp_id: str
    label: str
    fields: dict[str, str] = {}
    gtin: str = ""
    weight: Decimal | None = None  # kilograms, None when the ERP does not say
    categories: tuple[Category, ...] = ()
    tax: Tax | None = None
    price: Price | None = None
    followed: bool = True  # kept in stock
    has_variants: bool = False
    variants: tuple[Variant, ...] = ()


class ShopProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A product as the shop stores it, read for adoption, doubt and reconcile."""

    shop_id: str
    sku: str
    gtin: str = ""
    texts: dict[str, dict[str, str]] = {}  # field → our language code → text
    tax_rule: str = ""
    price: Decimal | None = None  # as stored: see ShopContext.price_basis
    weight: Decimal | None = None
    brand: str = ""  # the shop's id
    features: dict[str, tuple[str, ...]] = {}  # the shop's ids: feature → its values, in the order of their ids
    category: str = ""  # the shop's id of the default category
    categories: tuple[str, ...] = ()
    visible: bool = False
    has_variants: bool = False
    stock_ref: str = ""  # where the quantity is written
    stock: int | None = None


class ShopVariant(msgspec.Struct, frozen=True, kw_only=True):
    """A variant as the shop stores it. `shop_id` is its product's and its own: see `variant_shop_id`.

    `values` are the shop's ids of option values. `price` and `weight` are as the shop stores them: see
    ShopContext.variant_basis.
    """

    shop_id: str
    sku: str
    gtin: str = ""
    values: tuple[str, ...] = ()
    price: Decimal = Decimal(0)
    weight: Decimal = Decimal(0)
    default: bool = False


def variant_shop_id(product: str, variant: str) -> str:
    """What a variant is called among all products and variants of a shop; a plain product where it is none."""
    return f"{product}/{variant}" if variant not in ("", "0") else product


def split_shop_id(shop_id: str) -> tuple[str, str]:
    """(product, variant) ids; the second is "" for a product."""
    product, _, variant = shop_id.partition("/")
    return product, variant
