"""Records for tests, in our own words, whichever vendor holds them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from passerelle.domain.orders import NOTHING, SalesDocument, SalesLine, TaxedAmount
from passerelle.domain.parties import Address
from passerelle.domain.stock import DocumentKind
from passerelle.ports.shop import ProductWrite, ShopContext


class VariantSeed(msgspec.Struct, frozen=True, kw_only=True):
    """A variant of an article to put in an ERP: its value of each of the article's options, in their order.

    `sku` "" leaves it to the connector to make one; `price` None is the article's, any other on the article's basis;
    `stock` as in ArticleSeed.
    """

    values: tuple[str, ...]
    sku: str = ""
    gtin: str = ""
    price: Decimal | None = None
    asleep: bool = False
    stock: tuple[Decimal | None, Decimal | None] = (None, None)


class ArticleSeed(msgspec.Struct, frozen=True, kw_only=True):
    """An article to put in an ERP without its adapter.

    `tax_rate` in percent, one of 20, 10 and 5.5 (None: no VAT); `category` is its path in the tree, root first; `stock`
    holds the pieces on hand in the first warehouse and in the second, None for no row there; `weight` in kilograms.
    `options` names what its `variants` differ by, one or two; variants that were there and are not named any more go.
    """

    sku: str
    label: str = "Clé plate"
    price: Decimal = Decimal("12.50")
    tax_included: bool = False
    tax_rate: Decimal | None = Decimal(20)
    gtin: str = ""
    weight: Decimal | None = None
    category: tuple[str, ...] = ()
    followed: bool = True
    published: bool = True
    dormant: bool = False
    stock: tuple[Decimal | None, Decimal | None] = (None, None)
    options: tuple[str, ...] = ()
    variants: tuple[VariantSeed, ...] = ()


class ShopVariantSeed(msgspec.Struct, frozen=True, kw_only=True):
    """A variant of a product to put in a shop without its adapter.

    `options` is option → value, which are made where the shop does not have them; `price` and `weight` as the shop
    stores them, see ShopContext.variant_basis.
    """

    sku: str
    options: dict[str, str]
    price: Decimal = Decimal("0.000000")
    weight: Decimal = Decimal("0.000000")
    gtin: str = ""
    default: bool = False
    stock: int = 0


class ProductSeed(msgspec.Struct, frozen=True, kw_only=True):
    """A product to put in a shop without its adapter; its price as the shop stores it.

    With `variants`, its stock is theirs.
    """

    sku: str
    name: str = "Clé plate"
    price: Decimal = Decimal("12.500000")
    gtin: str = ""
    stock: int = 0
    visible: bool = True
    variants: tuple[ShopVariantSeed, ...] = ()


HOME = Address(name="Jean Acheteur", line1="12 rue de l'Église", postcode="75011", city="Paris", country="FR")


class SaleSeed(msgspec.Struct, frozen=True, kw_only=True):
    """An order that a visitor places: pieces by product or variant id at the shop's prices, all at the same VAT.

    `voucher` is (code, label, amount incl. VAT); `shipping` and `wrapping` are what the shop charges for them.
    """

    pieces: Mapping[str, int]
    email: str = "jean.acheteur@example.test"
    first_name: str = "Jean"
    last_name: str = "Acheteur"
    guest: bool = False
    vat_number: str = ""
    invoice_address: Address = HOME
    delivery_address: Address = HOME
    shipping: TaxedAmount = NOTHING
    wrapping: TaxedAmount = NOTHING
    voucher: tuple[str, str, Decimal] | None = None
    payment_method: str = "ps_wirepayment"
    payment_label: str = "Virement bancaire"
    message: str = ""


def article(sku: str, **changes: Any) -> ArticleSeed:
    """An ordinary article."""
    return ArticleSeed(sku=sku, **changes)


def pieces(first: int | None, second: int | None = None) -> tuple[Decimal | None, Decimal | None]:
    """Pieces on hand in the two warehouses."""
    return (None if first is None else Decimal(first), None if second is None else Decimal(second))


def articles(count: int, *, start: int = 1) -> list[ArticleSeed]:
    """`count` ordinary articles, each with a reference of its own."""
    return [article(f"ART-{number:05}", stock=pieces(number % 7)) for number in range(start, start + count)]


def product(key: str, *, context: ShopContext, **changes: Any) -> ProductWrite:
    """An ordinary product to create in the shop of `context`, with every field filled."""
    languages = list(context.languages)
    values: dict[str, Any] = {
        "sku": key,
        "texts": {
            "name": {code: f"Clé plate {code}" for code in languages},
            "description": {code: f"<p>Description {code}</p>" for code in languages},
        },
        "slug": dict.fromkeys(languages, "cle-plate"),
        "tax_rule": context.tax_rules[0].id,
        "price": Decimal("8.325000"),
        "categories": (context.home_category,),
        "default_category": context.home_category,
        "weight": Decimal("0.350000"),
        "visible": True,
    }
    return ProductWrite(key=key, **{**values, **changes})


def sizes(*names: str, stock: int = 0) -> tuple[ShopVariantSeed, ...]:
    """A variant of each size, under its own reference, none the default."""
    return tuple(ShopVariantSeed(sku=f"V-{name}", options={"Taille": name}, stock=stock) for name in names)


def sales_document(order_key: str, *, skus: tuple[str, ...], tax_code: str, **changes: Any) -> SalesDocument:
    """An ordinary order of one piece of each article at 10.00 excl. VAT."""
    lines = tuple(
        SalesLine(
            sku=sku,
            label=f"Article {sku}",
            quantity=Decimal(1),
            unit_price=Decimal("10.00"),
            tax_included=False,
            tax_code=tax_code,
        )
        for sku in skus
    )
    values: dict[str, Any] = {
        "kind": DocumentKind.ORDER,
        "customer_code": "CL1",
        "dated_on": date(2026, 11, 24),
        "currency": "EUR",
        "lines": lines,
    }
    return SalesDocument(order_key=order_key, **{**values, **changes})
