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


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """An article as the ERP holds it, for one profile's options.

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
