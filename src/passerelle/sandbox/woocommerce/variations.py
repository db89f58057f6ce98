"""Variations: written under their parent, broken where they say what the parent does not list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passerelle.sandbox.woocommerce import associations, images, product_write
from passerelle.sandbox.woocommerce.database import POSTS, Database
from passerelle.sandbox.woocommerce.errors import Crash
from passerelle.sandbox.woocommerce.product_view import full_title
from passerelle.sandbox.woocommerce.rows import Product


def create(database: Database, parent_id: int, given: Mapping[str, Any]) -> Product:
    """A variation of a product; of a simple one too, where nobody sees it.

    Raises:
        Crash: the parent does not exist. The variation is stored all the same, holds its SKU, and no route reaches it.
    """
    product_write.check(database, None, given)
    now = database.now()
    variation = Product(database.next_id(POSTS), now, now, type="variation", name="", parent_id=parent_id)
    variation.tax_class = "parent"
    database.insert(variation)
    parent = database.parents.get(parent_id)
    if parent is None:
        product_write.set_fields(database, variation, given)
        raise Crash
    parent.children.append(variation.id)
    _apply(database, variation, given, parent=parent)
    variation.slug = database.free_slug(full_title(database, variation))
    return variation


def update(database: Database, variation: Product, given: Mapping[str, Any]) -> Product:
    """Change what the body names; the date moves, its parent's too."""
    product_write.check(database, variation, given)
    _apply(database, variation, given, parent=database.state.products[variation.parent_id])
    return variation


def _apply(database: Database, variation: Product, given: Mapping[str, Any], *, parent: Product) -> None:
    product_write.set_fields(database, variation, given)
    if isinstance(given.get("attributes"), list):
        variation.choices = associations.choices(database, parent, given["attributes"])
    if "image" in given:
        image = given["image"]
        variation.images = images.taken(database, [image]) if isinstance(image, dict) else []
    product_write.settle(database, variation)
    database.touch(variation)
    if parent.type == "variable":
        product_write.sync_parent(database, parent)
