"""What is sent of products, and what the shop would not take or would alter. Pure.

A batch checks nothing: a price that is no number empties the price, an unknown tax class becomes the standard one, an
unknown category the default one. So everything is checked here first. Lists (categories, brands, attributes) replace
what the shop holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from passerelle.connectors.woocommerce.amounts import plain, weighed
from passerelle.connectors.woocommerce.wire import SYSTEM, ProductAttribute, Value, sendable
from passerelle.errors import (
    AmountRefused,
    CapabilityMissing,
    NameMissing,
    RecordError,
    ReferenceRefused,
    RefusedByShop,
    TextRefused,
)
from passerelle.ports.shop import ProductWrite, ShopContext

TEXT_FIELDS = {"name": "name", "summary": "short_description", "description": "description"}
SKU_LENGTH = 100
TERM_LENGTH = 200
GTIN_LENGTH = 100
# Fields of our own, hidden from the shop's pages: what the shop has no place for.
BASE_PRICE = "_passerelle_price"  # the price of a product whose variations have theirs
MAIN_CATEGORY = "_passerelle_category"  # the one of its categories that it belongs to first
OWN_REFERENCE = "_passerelle_sku"  # of a variation whose reference is its product's too: the shop takes none twice
NOWHERE = "0"  # the parent of the first level, where the shop's default category is not known by its address
STANDARD = "standard"  # products name this tax class by nothing
SHOWN, HIDDEN = "publish", "draft"
CONTROL = "it holds a control character"
_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_OCTET = re.compile(r"%[0-9a-fA-F]{2}")  # dropped from references without a word
_GTIN = re.compile(r"[0-9-]*")


@dataclass(frozen=True, slots=True)
class Rules:
    """What of a shop its products are written by."""

    main: str  # our code of its language
    tax_classes: Collection[str]
    weight_unit: str
    price_max: Decimal

    @classmethod
    def of(cls, context: ShopContext) -> Rules:
        """Those of a shop."""
        classes = {rule.id for rule in context.tax_rules}
        return cls(context.default_language, classes, context.facts["weight_unit"], context.price_max)


def need_texts(writes: Iterable[ProductWrite]) -> None:
    """Raises CapabilityMissing for texts that WooCommerce has no place for."""
    for name in sorted({name for write in writes for name in write.texts or {}} - TEXT_FIELDS.keys()):
        raise CapabilityMissing(system=SYSTEM, capability=name.replace("_", " "))


# --- what would be refused or altered --------------------------------------------------------------------------------


def problem(write: ProductWrite, *, rules: Rules) -> RecordError | None:
    """What cannot be stored as it is."""
    sku, key = write.sku or "", write.key
    texts = {**(write.texts or {}), "slug": write.slug or {}}
    for name, by_language in texts.items():
        for text in by_language.values():
            if _UNSENDABLE.search(text):
                return TextRefused(key=key, field=name, why=CONTROL)
    name = (write.texts or {}).get("name", {}).get(rules.main, "")
    if name != " ".join(name.split()):
        return TextRefused(key=key, field="name", why="it has blanks that the shop would drop")
    if write.tax_rule is not None and write.tax_rule not in rules.tax_classes:
        return RefusedByShop(key=key, why="its tax class does not exist there")
    return reference_problem(key, sku) or barcode_problem(key, write.gtin) or _amounts(write, rules)


def _amounts(write: ProductWrite, rules: Rules) -> RecordError | None:
    for name, value, most in (("price", write.price, rules.price_max), ("weight", write.weight, rules.price_max)):
        if (error := amount_problem(write.key, name, value, most=most)) is not None:
            return error
    return None


def amount_problem(key: str, name: str, value: Decimal | None, *, most: Decimal) -> RecordError | None:
    """Why an amount cannot be stored: a batch would make nothing, or something else, of it."""
    if value is None or (value.is_finite() and 0 <= value < most):
        return None
    return AmountRefused(key=key, field=name, value=value)


def reference_problem(key: str, sku: str) -> RecordError | None:
    """Why the shop would alter a reference, or not take it."""
    if _UNSENDABLE.search(sku):
        return ReferenceRefused(key=key, why=CONTROL)
    if "<" in sku:  # what follows is dropped
        return ReferenceRefused(key=key, why="<")
    if sku != " ".join(sku.split()):
        return ReferenceRefused(key=key, why="it has blanks that the shop would drop")
    if found := _OCTET.search(sku):
        return ReferenceRefused(key=key, why=found.group())
    return ReferenceRefused(key=key, why=f"{len(sku)} > {SKU_LENGTH}") if len(sku) > SKU_LENGTH else None


def barcode_problem(key: str, gtin: str | None) -> RecordError | None:
    """Why the shop would not take a barcode."""
    if gtin and (not _GTIN.fullmatch(gtin) or len(gtin) > GTIN_LENGTH):
        return TextRefused(key=key, field="barcode", why="it is not made of digits")
    return None


def name_problem(key: str, field: str, *names: str) -> RecordError | None:
    """Why the shop would alter the name of a category, a brand, an attribute or a value, or not take it."""
    for name in names:
        if _UNSENDABLE.search(name):
            return TextRefused(key=key, field=field, why=CONTROL)
        if name != " ".join(name.split()) or not name:
            return TextRefused(key=key, field=field, why="it has blanks that the shop would drop")
        if len(sendable(name)) > TERM_LENGTH:  # & < > are stored as entities
            return TextRefused(key=key, field=field, why=f"{len(sendable(name))} > {TERM_LENGTH}")
        if found := _OCTET.search(name):
            return TextRefused(key=key, field=field, why=found.group())
    return None


# --- products --------------------------------------------------------------------------------------------------------


def creation(write: ProductWrite, *, rules: Rules, values: Mapping[str, Value]) -> dict[str, Any]:
    """A whole new product; hidden unless it says otherwise, and with nothing in stock. Raises NameMissing.

    Without a name and a status the shop would publish a product called "Product".
    """
    body = changes(write, rules=rules, attributes=featured(write.features or {}, held=(), values=values))
    if not body.get("name"):
        raise NameMissing(key=write.key)
    slug = (write.slug or {}).get(rules.main)
    return {
        "type": "simple", "status": HIDDEN, "manage_stock": True, "stock_quantity": 0, **body,
        **({"slug": slug} if slug else {}),
    }  # fmt: skip


def changes(write: ProductWrite, *, rules: Rules, attributes: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    """What changes, and nothing else. `attributes` is the whole list, None where it stays."""
    body = _texts(write, rules=rules)
    given: dict[str, Any] = {
        "sku": write.sku,
        "global_unique_id": write.gtin,
        "tax_class": None if write.tax_rule is None else tax_class(write.tax_rule),
        "regular_price": None if write.price is None else plain(write.price),
        "weight": None if write.weight is None else weighed(write.weight, unit=rules.weight_unit),
        "status": None if write.visible is None else (SHOWN if write.visible else HIDDEN),
        "brands": _brands(write),
        "categories": None if write.categories is None else [{"id": int(id)} for id in categories_of(write)],
        "meta_data": _main_category(write),
        "attributes": attributes or None if not write.shop_id else attributes,
    }
    return body | {name: value for name, value in given.items() if value is not None}


def _brands(write: ProductWrite) -> list[dict[str, int]] | None:
    """The brand; an empty list would change nothing, one that does not exist takes the brand away."""
    if write.brand:
        return [{"id": int(write.brand)}]
    return [{"id": 0}] if write.brand is not None and write.shop_id else None


def _main_category(write: ProductWrite) -> list[dict[str, str]] | None:
    main = write.default_category
    return [{"key": MAIN_CATEGORY, "value": main}] if main and main != NOWHERE else None


def categories_of(write: ProductWrite) -> list[str]:
    """The categories of a product, the one it belongs to first among them; none stands for the shop's default one."""
    every = [*(write.categories or ()), *([write.default_category] if write.default_category else [])]
    return [id for id in dict.fromkeys(every) if id != NOWHERE]


def tax_class(rule: str) -> str:
    """A tax class as products name it."""
    return "" if rule == STANDARD else rule


def _texts(write: ProductWrite, *, rules: Rules) -> dict[str, str]:
    found = {}
    for ours, by_language in (write.texts or {}).items():
        if rules.main in by_language:
            text = by_language[rules.main]
            found[TEXT_FIELDS[ours]] = sendable(text) if ours == "name" else text
    return found


# --- attributes of a product -----------------------------------------------------------------------------------------


def featured(
    wanted: Mapping[str, tuple[str, ...]], *, held: Sequence[ProductAttribute], values: Mapping[str, Value]
) -> list[dict[str, Any]]:
    """The whole list of attributes with these features (attribute → its values, by ids).

    Attributes that are not named stay, and so does one that variations differ by.
    """
    fixed = {str(one.id) for one in held if one.variation}
    kept = [as_held(one) for one in held if str(one.id) not in wanted or str(one.id) in fixed]
    return kept + [
        {
            "id": int(attribute), "visible": True, "variation": False,
            "options": [sendable(values[id].name) for id in ids],
        }
        for attribute, ids in wanted.items()
        if ids and attribute not in fixed
    ]  # fmt: skip


def as_held(attribute: ProductAttribute) -> dict[str, Any]:
    """An attribute to be sent back as it is."""
    name = {} if attribute.id else {"name": attribute.name}
    return {
        "id": attribute.id, **name, "position": attribute.position, "visible": attribute.visible,
        "variation": attribute.variation, "options": attribute.options,
    }  # fmt: skip
