"""Rows of the memory shop ↔ our structs. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from passerelle.connectors.memory_shop.wire import STATUSES, StoredCategory, StoredOrder, StoredProduct
from passerelle.domain.catalogue import ShopProduct
from passerelle.domain.money import rounded
from passerelle.domain.orders import OrderLine, ShopOrder
from passerelle.ports.shop import ListedProduct, ProductWrite, ShopCategory, TextLimit

T = TypeVar("T")

PRICE_MAX = Decimal(10) ** 13
LIMITS = {
    "name": TextLimit(128, "<>{}"),
    "summary": TextLimit(800, html=True),
    "description": TextLimit(html=True),
    "meta_title": TextLimit(255, "<>{}"),
    "meta_description": TextLimit(512, "<>{}"),
    "sku": TextLimit(64, "<>;={}"),
    "brand": TextLimit(64, "<>;={}"),
    "feature": TextLimit(128, "<>={}"),
    "feature_value": TextLimit(255, "<>={}"),
    "option": TextLimit(64, "<>={}"),
    "option_value": TextLimit(128, "<>={}"),
    "category": TextLimit(128, "<>;={}"),
}


@dataclass(frozen=True, slots=True)
class Languages:
    """Our language codes → the shop's."""

    codes: Mapping[str, str]

    def ours(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Texts by the shop's languages, by ours; what the profile does not feed is left out."""
        return {our: texts.get(code, "") for our, code in self.codes.items()}

    def theirs(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Texts by our languages, by the shop's."""
        return {self.codes[our]: text for our, text in texts.items()}


def product_of(row: StoredProduct, *, languages: Languages) -> ShopProduct:
    """A product as the port gives it."""
    return ShopProduct(
        shop_id=row.id,
        sku=row.sku,
        gtin=row.gtin,
        texts={field: languages.ours(texts) for field, texts in row.texts.items()},
        tax_rule=row.tax_rule,
        price=row.price,
        weight=row.weight,
        brand=row.brand,
        category=row.category,
        categories=tuple(row.categories),
        features={id: tuple(sorted(values, key=int)) for id, values in row.features.items()},
        visible=row.visible,
        has_variants=row.has_variants or bool(row.variants),
        stock_ref=row.stock_ref,
        stock=row.stock,
    )


def listed(row: StoredProduct, *, languages: Languages) -> ListedProduct:
    """A product as a person knows it."""
    names = languages.ours(row.texts.get("name", {}))
    return ListedProduct(shop_id=row.id, sku=row.sku, name=next(iter(names.values()), ""), visible=row.visible)


def category_of(row: StoredCategory, *, languages: Languages) -> ShopCategory:
    """A category as the port gives it."""
    return ShopCategory(row.id, row.parent, languages.ours(row.names))


def order_of(row: StoredOrder) -> ShopOrder:
    """An order as the port gives it. Raises KeyError for a status the shop does not have."""
    return ShopOrder(
        shop_id=row.id,
        reference=row.reference,
        status=row.status,
        created_at=row.created_at,
        updated_at=row.updated_at,
        holds_stock=STATUSES[row.status][1],
        lines=tuple(
            OrderLine(line.product_id, line.variant_id, line.sku, Decimal(line.quantity)) for line in row.lines
        ),
    )


def problem(write: ProductWrite) -> str:
    """Why the shop would not take this product; empty if it would."""
    texts = [(field, text) for field, by in (write.texts or {}).items() for text in by.values()]
    found = [trouble(field, text) for field, text in [*texts, ("sku", write.sku or "")]]
    if write.price is not None and not 0 <= write.price < PRICE_MAX:
        found.append("the price is out of range")
    return next((why for why in found if why), "")


def trouble(field: str, text: str) -> str:
    """Why the shop would not take this text; empty if it would."""
    limit = LIMITS.get(field, TextLimit())
    if limit.max_length and len(text) > limit.max_length:
        return f"{field} is longer than {limit.max_length} characters"
    if set(text) & set(limit.forbidden):
        return f"{field} holds one of {limit.forbidden}"
    return "" if _is_unicode(text) else f"{field} is not Unicode"


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def apply(write: ProductWrite, row: StoredProduct, *, languages: Languages, categories: Mapping[str, object]) -> None:
    """Put the changes in the row; unknown categories are dropped silently, as shops do."""
    for field, texts in (write.texts or {}).items():
        row.texts = {**row.texts, field: {**row.texts.get(field, {}), **languages.theirs(texts)}}
    row.slug = row.slug if write.slug is None else {**row.slug, **languages.theirs(write.slug)}
    row.price = row.price if write.price is None else rounded(write.price, places=6)
    row.sku = _given(write.sku, row.sku)
    row.tax_rule = _given(write.tax_rule, row.tax_rule)
    row.brand = _given(write.brand, row.brand)
    row.weight = _given(write.weight, row.weight)
    row.gtin = _given(write.gtin, row.gtin)
    row.visible = _given(write.visible, row.visible)
    row.category = _given(write.default_category, row.category)
    if write.categories is not None:
        row.categories = [id for id in write.categories if id in categories]
    merged = {**row.features, **{id: list(values) for id, values in (write.features or {}).items()}}
    row.features = {id: values for id, values in merged.items() if values}


def _given(new: T | None, old: T) -> T:
    return old if new is None else new


def slug(name: str) -> str:
    """The address part that the shop makes of a name: ASCII, lower case, dashes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())
