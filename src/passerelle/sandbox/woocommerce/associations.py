"""Categories, brands, tags and attributes of a product: every list that is sent replaces the one that was there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passerelle.sandbox.woocommerce.database import UNCATEGORIZED, Database
from passerelle.sandbox.woocommerce.product_view import attribute_key
from passerelle.sandbox.woocommerce.rows import Option, Product, Term
from passerelle.sandbox.woocommerce.values import clean, slug, term_name, truth, whole


def assign(database: Database, product: Product, given: Mapping[str, Any]) -> None:
    """Take over the lists that the body names."""
    if isinstance(given.get("categories"), list):
        product.categories = _known(database.state.categories, given["categories"]) or [UNCATEGORIZED]
    if database.has_brands and given.get("brands"):  # an empty list changes nothing
        product.brands = _known(database.state.brands, given["brands"])
    if isinstance(given.get("tags"), list):
        product.tags = [_tag(database, one) for one in given["tags"] if isinstance(one, dict)]
    if isinstance(given.get("attributes"), list):
        found = [_option(database, one) for one in given["attributes"] if isinstance(one, dict)]
        product.attributes = [one for one in found if one]
    if isinstance(given.get("default_attributes"), list):
        product.default_attributes = choices(database, product, given["default_attributes"])


def _known(terms: Mapping[int, Term], given: list[Any]) -> list[int]:
    """Ids that exist, each once; the others are dropped without a word."""
    idents = (whole(one.get("id")) for one in given if isinstance(one, dict))
    return list(dict.fromkeys(one for one in idents if one in terms))


def _tag(database: Database, given: Mapping[str, Any]) -> int:
    """A tag by id or by name; a name that no tag has makes one."""
    tags = database.state.tags
    if whole(given.get("id")) in tags:
        return whole(given["id"])
    name = term_name(given.get("name") or "")
    found = next((one for one in tags.values() if one.name.lower() == name.lower()), None)
    return (found or database.add_term(tags, name)).id


def _option(database: Database, given: Mapping[str, Any]) -> Option | None:
    """An attribute of the body: a global one by id, else one of the product's own by name."""
    values = given.get("options")
    texts = values.split("|") if isinstance(values, str) else list(values or ())
    texts = [clean(one) for one in texts]
    ident = whole(given.get("id"))
    position, visible, varies = whole(given.get("position")), truth(given.get("visible")), truth(given.get("variation"))
    if ident:
        if ident not in database.state.attributes or not texts:
            return None
        idents = list(dict.fromkeys(_value(database, ident, one) for one in texts if one))
        return Option(ident, database.state.attributes[ident].name, idents, position, visible, varies)
    name = clean(given.get("name") or "")
    return Option(0, name, [one for one in texts if one], position, visible, varies) if name and texts else None


def _value(database: Database, attribute: int, text: str) -> int:
    """The term of an attribute by name or slug; made where there is none."""
    terms = database.taxonomy("terms", attribute=attribute)
    name, address = term_name(text), slug(text)
    folded = name.lower()
    found = next((one for one in terms.values() if one.name.lower() == folded or one.slug == address), None)
    return (found or database.add_term(terms, name)).id


def choices(database: Database, parent: Product, given: list[Any]) -> dict[str, str]:
    """What a variation says of its parent's attributes: key -> slug of a term, or text for those of its own.

    An attribute that the parent does not vary by is dropped; a value without a term stays as a bare slug.
    """
    found = {}
    for one in given:
        if not isinstance(one, dict):
            continue
        option = _parents_option(database, parent, one)
        if option:
            key, text = attribute_key(database, option), clean(one.get("option") or "")
            found[key] = _slug_of_value(database, option.id, text) if option.id else text
    return found


def _parents_option(database: Database, parent: Product, given: Mapping[str, Any]) -> Option | None:
    ident, key = whole(given.get("id")), slug(str(given.get("name") or ""))
    for option in parent.attributes:
        same = option.id == ident if ident else attribute_key(database, option) == key
        if same and option.variation:
            return option
    return None


def _slug_of_value(database: Database, attribute: int, text: str) -> str:
    name = term_name(text).lower()
    terms = database.state.terms.get(attribute, {}).values()
    return next((one.slug for one in terms if one.name.lower() == name), slug(text))
