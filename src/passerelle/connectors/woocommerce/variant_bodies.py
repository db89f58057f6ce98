"""What is sent of variations, and of the products above them. Pure.

A variation takes its values from what its product lists: a value that the product lacks would be stored raw, so the
product comes first, as a variable one, with the values of all its variations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from passerelle.connectors.woocommerce.amounts import plain, weighed
from passerelle.connectors.woocommerce.bodies import (
    BASE_PRICE,
    OWN_REFERENCE,
    amount_problem,
    as_held,
    barcode_problem,
    reference_problem,
)
from passerelle.connectors.woocommerce.wire import Product, ProductAttribute, Value, sendable, shown
from passerelle.domain.catalogue import split_shop_id
from passerelle.errors import RecordError, RefusedByShop
from passerelle.ports.shop import VariantWrite


def product_of(write: VariantWrite) -> str:
    """The id of its product, whether it is to be made or changed."""
    return split_shop_id(write.shop_id)[0]


def problem(write: VariantWrite, *, values: Mapping[str, Value], most: Decimal) -> RecordError | None:
    """What cannot be stored as it is."""
    price = write.price.stored if write.price is not None else None
    if write.values is not None and any(id not in values for id in write.values):
        return RefusedByShop(key=write.key, why="one of its values does not exist there")
    return (
        reference_problem(write.key, write.sku or "")
        or barcode_problem(write.key, write.gtin)
        or amount_problem(write.key, "price", price, most=most)
        or amount_problem(write.key, "weight", write.weight, most=most)
    )


def creation(write: VariantWrite, *, parent: Product, values: Mapping[str, Value], unit: str) -> dict[str, Any]:
    """A whole new variation, with nothing in stock."""
    return {"manage_stock": True, "stock_quantity": 0, **changes(write, parent=parent, values=values, unit=unit)}


def changes(write: VariantWrite, *, parent: Product | None, values: Mapping[str, Value], unit: str) -> dict[str, Any]:
    """What changes. `parent` is the product as it was before, where its price is needed."""
    given: dict[str, Any] = {
        **_reference(write, parent),
        "global_unique_id": write.gtin,
        "regular_price": _price(write, parent),
        "weight": _weight(write, unit=unit),
        "attributes": None if write.values is None else [choice(values[id]) for id in dict.fromkeys(write.values)],
    }
    return {name: value for name, value in given.items() if value is not None}


def choice(value: Value) -> dict[str, Any]:
    """The value of an attribute as a variation or a default names it."""
    return {"id": value.attribute, "option": sendable(value.name)}


def _reference(write: VariantWrite, parent: Product | None) -> dict[str, Any]:
    """The reference; one that is its product's too is kept beside, and the shop shows the product's."""
    if write.sku and parent is not None and write.sku.casefold() == parent.sku.casefold():
        return {"sku": "", "meta_data": [{"key": OWN_REFERENCE, "value": write.sku}]}
    return {"sku": write.sku}


def _price(write: VariantWrite, parent: Product | None) -> str | None:
    """The price; that of the product where it has none of its own."""
    if write.price is None:
        return None
    if write.price.stored is not None:
        return plain(write.price.stored)
    return None if parent is None else base_price(parent)


def _weight(write: VariantWrite, *, unit: str) -> str | None:
    """The weight; with none of its own that of the product, which the shop shows by itself where there is nothing."""
    if write.weight is None:
        return None if write.base_weight is None else weighed(write.base_weight, unit=unit)
    return weighed(write.weight, unit=unit) if write.weight else ""


def base_price(parent: Product) -> str:
    """The price of a product itself: a variable one has it in a field of ours."""
    return parent.regular_price if parent.type != "variable" else parent.meta(BASE_PRICE)


# --- the product above -----------------------------------------------------------------------------------------------


def above(
    parent: Product, *, values: Iterable[Value], default: Iterable[Value] | None, gtins: Collection[str] = ()
) -> dict[str, Any]:
    """What must change in a product before variations have these values and barcodes; empty where nothing must.

    `default` are the values that it opens with, none of them for no default, None where that stays. A barcode stands
    once in a shop: that of a variation is taken off its product.
    """
    body: dict[str, Any] = {}
    attributes = _listing(parent.attributes, values)
    if parent.type != "variable":
        body = {"type": "variable", "manage_stock": False}
        if parent.regular_price:
            body["meta_data"] = [{"key": BASE_PRICE, "value": parent.regular_price}]
    if body or attributes != [as_held(one) for one in parent.attributes]:
        body["attributes"] = attributes
    if parent.global_unique_id and parent.global_unique_id in gtins:
        body["global_unique_id"] = ""
    if default is not None:
        body["default_attributes"] = [choice(value) for value in default]
    return {"id": parent.id, **body} if body else {}


def simple_again(parent: Product) -> dict[str, Any]:
    """A product whose last variation is gone, as one that can be sold by itself: under its own price."""
    return {
        "id": parent.id,
        "type": "simple",
        "regular_price": base_price(parent),
        "attributes": [as_held(one) for one in parent.attributes if not one.variation],
        "default_attributes": [],
        "manage_stock": True,
        "stock_quantity": 0,
    }


def _listing(held: Iterable[ProductAttribute], values: Iterable[Value]) -> list[dict[str, Any]]:
    """The attributes of a product with these values among those that variations differ by."""
    wanted: dict[int, list[str]] = {}
    for value in values:
        wanted.setdefault(value.attribute, []).append(value.name)
    listing = []
    for one in held:
        names = wanted.pop(one.id, None) if one.id else None
        there = {shown(text) for text in one.options}
        new = [sendable(name) for name in dict.fromkeys(names or ()) if name not in there]
        same = as_held(one)
        listing.append(same if names is None else {**same, "variation": True, "options": [*one.options, *new]})
    listing += [
        {
            "id": attribute, "visible": True, "variation": True,
            "options": [sendable(name) for name in dict.fromkeys(names)],
        }
        for attribute, names in wanted.items()
    ]  # fmt: skip
    return listing
