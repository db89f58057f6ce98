"""The profile of a demo, made of the words of its ERP and of its shop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from passerelle.profile.toml import inline, key

Connection = Mapping[str, Any]  # the lines of a side's section, by option


@dataclass(frozen=True, kw_only=True)
class ErpWords:
    """What a profile calls things of the ERP.

    `texts` is a text of the profile → our language code → the ERP's field; `features` a feature's name → its field.
    `imports` are further options of the import of orders; `taxes` is VAT rate → the ERP's code. `payments` and
    `carriers` are what the ERP calls a transfer and a cheque, a pick-up and a parcel service.
    """

    title: str
    texts: Mapping[str, Mapping[str, str]]
    brand: str
    features: Mapping[str, str]
    warehouses: tuple[str, ...]
    imports: Mapping[str, Any]
    taxes: Mapping[str, str]
    payments: tuple[str, str]
    carriers: tuple[str, str]
    shipping_article: str


@dataclass(frozen=True, kw_only=True)
class ShopWords:
    """What a profile calls things of the shop; the entries of ErpWords say what stands in each place."""

    title: str
    languages: tuple[str, ...]
    tax_rules: Mapping[str, int | str]
    paid: int | str
    imported: int | str
    shipped: int | str
    payments: tuple[str, str]
    carriers: tuple[str, str]


def profile_of(erp: ErpWords, erp_connection: Connection, shop: ShopWords, shop_connection: Connection) -> str:
    """The TOML of the profile `demo`."""
    said = [f"# The profile of the demo: {erp.title} and {shop.title}, both simulated on this machine."]
    for name, options in _sections(erp, erp_connection, shop, shop_connection):
        said += [f"[{name}]", *(f"{key(option)} = {inline(value)}" for option, value in options.items()), ""]
    return "\n".join(said)


def _sections(
    erp: ErpWords, erp_connection: Connection, shop: ShopWords, shop_connection: Connection
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "profile", {"name": "demo", "key": "OM", "languages": {code: code for code in shop.languages}}
    yield "erp", erp_connection
    yield "shop", shop_connection
    yield "articles", {"export": True}
    yield "articles.texts", {name: _spoken(fields, shop.languages) for name, fields in erp.texts.items()}
    yield "articles.tax.rules", shop.tax_rules
    yield "articles.brand", {"field": erp.brand}
    yield "articles.custom_fields.features", erp.features
    yield "articles.variants", {}
    yield "articles.prices", {}
    yield "articles.stocks", {"warehouses": erp.warehouses}
    yield "customers.import", {"prefix": "W"}
    yield "orders.import", {"statuses": (shop.paid,), "status_after_import": shop.imported, **erp.imports}
    yield "orders.import.taxes", erp.taxes
    yield "orders.import.payment_methods", dict(zip(shop.payments, erp.payments, strict=True))
    yield "orders.import.carriers", dict(zip(shop.carriers, erp.carriers, strict=True))
    yield "orders.import.shipping_articles", {"*": erp.shipping_article}
    yield "orders.status_updates", {"table": {"delivery": shop.shipped}}


def _spoken(fields: Mapping[str, str], languages: tuple[str, ...]) -> dict[str, str]:
    return {code: field for code, field in fields.items() if code in languages}
