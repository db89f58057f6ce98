"""The operations of /products and of the variations below them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from passerelle.sandbox.woocommerce import product_write, variations
from passerelle.sandbox.woocommerce.database import Database
from passerelle.sandbox.woocommerce.errors import Refusal, invalid_id
from passerelle.sandbox.woocommerce.listing import Call, Given, Page, cut, dated, ids_of, listed, ordered
from passerelle.sandbox.woocommerce.product_view import shown_product, shown_variation
from passerelle.sandbox.woocommerce.rows import Product
from passerelle.sandbox.woocommerce.values import clean, folded, number, truth

_KEYS = {
    "title": lambda row: row.name.lower(),
    "slug": lambda row: row.slug,
    "price": lambda row: number(row.price),
    "menu_order": lambda row: row.menu_order,
}
_HIDDEN = ("trash", "auto-draft")


def list_products(database: Database, call: Call) -> Page:
    """Products; with `sku` or `global_unique_id` variations too. A SKU that cannot be reached is counted, not shown."""
    given = call.given
    rows = ordered(dated(_candidates(database, given), given), given, keys=_KEYS)
    live = [one for one in cut(rows, given) if database.live_product(one.id)]
    return Page([_with_meta(shown_product(database, one), given) for one in live], len(rows))


def _candidates(database: Database, given: Given) -> Iterable[Product]:
    found = _by_identity(database, given)
    rows = list(database.parents.values()) if found is None else list(found)
    rows = _of_status(database, rows, given)
    if given.get("type"):
        rows = [one for one in rows if one.type == given["type"]]
    for name in ("category", "brand", "tag"):
        if given.get(name):
            rows = _in_terms(rows, name, set(ids_of(given[name])))
    return _searched(rows, given)


def _by_identity(database: Database, given: Given) -> list[Product] | None:
    """What the SKU or the GTIN finds; None where neither is asked, an empty one counting as not asked."""
    skus = _skus(given)
    if skus:
        found = {one.id: one for sku in skus for one in database.with_sku(sku)}
        return list(found.values())
    gtin = str(given.get("global_unique_id") or "").strip()
    if gtin:
        return [one for part in {gtin, *listed(gtin)} for one in database.with_gtin(part)]
    if given.get("search_sku"):
        part = str(given["search_sku"]).casefold()
        return [one for one in database.state.products.values() if part in one.sku.casefold()]
    return None


def _skus(given: Given) -> list[str]:
    """The SKUs asked for: cut at commas and whole, a blank after a comma belongs to what follows. "0" asks nothing."""
    text = clean(given.get("sku") or "")
    if text in ("", "0"):
        return []
    parts = text.split(",")
    return [one for one in ([*parts, text] if len(parts) > 1 else parts) if one]


def _of_status(database: Database, rows: list[Product], given: Given) -> list[Product]:
    """Those of a status, or from 9.6 on of several: `include_status` rules, `exclude_status` takes away."""
    included, excluded = listed(given.get("include_status")), listed(given.get("exclude_status"))
    if not database.filters_statuses:
        included, excluded = [], []
    wanted = included or listed(given.get("status")) or ["any"]
    return [
        one
        for one in rows
        if one.status not in excluded and (one.status in wanted or ("any" in wanted and one.status not in _HIDDEN))
    ]


def _in_terms(rows: list[Product], name: str, idents: set[int]) -> list[Product]:
    field = {"category": "categories", "brand": "brands", "tag": "tags"}[name]
    return [one for one in rows if idents.intersection(getattr(one, field))]


def _searched(rows: list[Product], given: Given) -> list[Product]:
    for name in ("slug", "stock_status"):
        if given.get(name):
            rows = [one for one in rows if getattr(one, name) == given[name]]
    if given.get("search"):
        word = str(given["search"]).lower()
        rows = [one for one in rows if word in f"{one.name} {one.description} {one.short_description}".lower()]
    return rows


def _with_meta(shown: dict[str, Any], given: Given) -> dict[str, Any]:
    """Less the meta that `include_meta` leaves out or `exclude_meta` names."""
    wanted, unwanted = listed(given.get("include_meta")), listed(given.get("exclude_meta"))
    if wanted:
        shown["meta_data"] = [one for one in shown["meta_data"] if one["key"] in wanted]
    elif unwanted:
        shown["meta_data"] = [one for one in shown["meta_data"] if one["key"] not in unwanted]
    return shown


def _found(database: Database, call: Call, *, status: int) -> Product:
    product = database.live_product(call.ident)
    if not product:
        raise invalid_id("product", status=status)
    return product


def _own(database: Database, call: Call, *, status: int) -> Product:
    product = _found(database, call, status=status)
    if product.type == "variation":
        message = (
            "To manipulate product variations you should use the "
            "/products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint."
        )
        raise Refusal("woocommerce_rest_invalid_product_id", message, status=404)
    return product


def read_product(database: Database, call: Call) -> dict[str, Any]:
    return _with_meta(shown_product(database, _found(database, call, status=404)), call.given)


def create_product(database: Database, call: Call) -> dict[str, Any]:
    return shown_product(database, product_write.create(database, call.given))


def update_product(database: Database, call: Call) -> dict[str, Any]:
    product = _own(database, call, status=400)
    return shown_product(database, product_write.update(database, product, call.given))


def delete_product(database: Database, call: Call) -> dict[str, Any]:
    """To the trash, or for good with `force`; the answer shows it as it was."""
    return _deleted(database, call, _own(database, call, status=404), shown=shown_product)


def _deleted(database: Database, call: Call, product: Product, *, shown: Any) -> dict[str, Any]:
    answer: dict[str, Any] = shown(database, product)
    if truth(call.given.get("force", False)):
        product_write.delete(database, product)
    elif product.status == "trash":
        raise Refusal("woocommerce_rest_already_trashed", "The product has already been deleted.", status=410)
    else:
        product_write.trash(database, product)
    return answer


# variations


def list_variations(database: Database, call: Call) -> Page:
    """The variations of a product; none where it does not exist."""
    given, parent = call.given, database.parents.get(int(call.ids["product_id"]))
    rows = [database.state.products[one] for one in parent.children] if parent else []
    rows = _of_status(database, rows, given)
    if wanted := {folded(one) for one in _skus(given)}:
        rows = [one for one in rows if folded(one.sku) in wanted]
    rows = ordered(dated(_searched(rows, given), given), given, keys=_KEYS)
    return Page([shown_variation(database, one) for one in cut(rows, given)], len(rows))


def _variation(database: Database, call: Call) -> Product:
    """One of this product: one of another is not there."""
    found = database.live_product(call.ident)
    if not found or found.type != "variation" or found.parent_id != int(call.ids["product_id"]):
        raise invalid_id("product_variation", status=404)
    return found


def read_variation(database: Database, call: Call) -> dict[str, Any]:
    return shown_variation(database, _variation(database, call))


def create_variation(database: Database, call: Call) -> dict[str, Any]:
    variation = variations.create(database, int(call.ids["product_id"]), call.given)
    return shown_variation(database, variation, written=True)


def update_variation(database: Database, call: Call) -> dict[str, Any]:
    variation = variations.update(database, _variation(database, call), call.given)
    return shown_variation(database, variation, written=True)


def delete_variation(database: Database, call: Call) -> dict[str, Any]:
    return _deleted(database, call, _variation(database, call), shown=shown_variation)
