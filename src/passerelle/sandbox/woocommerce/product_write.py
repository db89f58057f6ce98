"""What a product or variation becomes when the API writes it: nothing is refused that the real shop lets through."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from passerelle.sandbox.woocommerce import associations, images
from passerelle.sandbox.woocommerce.database import POSTS, UNCATEGORIZED, Database
from passerelle.sandbox.woocommerce.errors import Refusal
from passerelle.sandbox.woocommerce.product_view import on_sale
from passerelle.sandbox.woocommerce.rows import Product
from passerelle.sandbox.woocommerce.values import clean, decimal_text, kses, moment, number, slug, truth, whole

Given = Mapping[str, Any]
_TYPES = ("simple", "grouped", "external", "variable")
_STATUSES = ("draft", "pending", "private", "publish", "future", "auto-draft", "trash")
_TEXTS: dict[str, Callable[[Any], str]] = {
    "name": lambda value: kses(value).strip(),
    "description": kses,
    "short_description": kses,
    "purchase_note": kses,
    "external_url": str,
    "button_text": clean,
    "post_password": str,
    "catalog_visibility": str,
    "tax_status": str,
}
_BOOLEANS = ("featured", "virtual", "downloadable", "sold_individually", "reviews_allowed")
_LISTS = ("upsell_ids", "cross_sell_ids", "grouped_products")
# Meta keys that are fields in truth: writing them writes the field.
_FIELDS = {
    "_stock": "stock_quantity",
    "_regular_price": "regular_price",
    "_sale_price": "sale_price",
    "_sku": "sku",
    "_global_unique_id": "global_unique_id",
    "_weight": "weight",
    "_tax_class": "tax_class",
    "_tax_status": "tax_status",
    "_manage_stock": "manage_stock",
    "_stock_status": "stock_status",
    "_backorders": "backorders",
    "_virtual": "virtual",
}


def create(database: Database, given: Given) -> Product:
    """A product from a body; one without a name is called Product and published."""
    kind = given.get("type")
    check(database, None, given)
    now = database.now()
    product = Product(database.next_id(POSTS), now, now, type=str(kind) if kind in _TYPES else "simple")
    product.categories = [UNCATEGORIZED]
    if product.type == "variable":
        product.stock_status = "outofstock"
    # Stored first: a slug or a SKU must be there for what comes next in the same batch.
    product.slug = database.free_slug(str(given.get("slug") or given.get("name") or product.name))
    database.insert(product)
    _apply(database, product, given)
    return product


def update(database: Database, product: Product, given: Given) -> Product:
    """Change what the body names; even nothing bumps the date."""
    check(database, product, given)
    if given.get("type") in _TYPES and product.type != "variation":
        _become(database, product, str(given["type"]))
    if given.get("slug") and slug(str(given["slug"])) != product.slug:
        product.slug = database.free_slug(str(given["slug"]))
    _apply(database, product, given)
    database.touch(product)
    return product


def _become(database: Database, product: Product, kind: str) -> None:
    """Another type: one that is not variable any more loses its variations for good."""
    if product.type == "variable" and kind != "variable":
        for child in list(product.children):
            database.remove(database.state.products[child])
    product.type = kind


def check(database: Database, product: Product | None, given: Given) -> None:
    """What can make the whole write fail, before anything is stored.

    Raises:
        Refusal: the SKU or the GTIN is another's, an image cannot be had.
    """
    sku = clean(given.get("sku") or "")
    if sku and _holder(database.with_sku(sku), product):
        # The first that has it, which may be the product itself where a twin lives.
        first = min(one.id for one in database.with_sku(sku) if one.status != "trash")
        free = _unique_sku(database, sku)
        raise Refusal("product_invalid_sku", "Invalid or duplicated SKU.", resource_id=first, unique_sku=free)
    if product is None and any(one.status == "trash" for one in database.with_sku(sku)):
        message = f"The product with SKU ({sku}) you are trying to insert is already present in the lookup table"
        raise Refusal("woocommerce_rest_product_not_created", message)
    gtin = _gtin(given.get("global_unique_id"))
    twin = _holder(database.with_gtin(gtin), product) if gtin else None
    if twin:
        message = "Invalid or duplicated GTIN, UPC, EAN or ISBN."
        raise Refusal("product_invalid_global_unique_id", message, resource_id=twin.id)
    images.check(database, given.get("images"))
    images.check(database, [given["image"]] if isinstance(given.get("image"), dict) else None)


def _holder(found: list[Product], product: Product | None) -> Product | None:
    own = product.id if product else 0
    return next((one for one in found if one.id != own and one.status != "trash"), None)


def _unique_sku(database: Database, sku: str) -> str:
    count = 1
    while database.with_sku(f"{sku}-{count}"):
        count += 1
    return f"{sku}-{count}"


def _gtin(value: Any) -> str:
    return re.sub(r"[^0-9-]", "", str(value or ""))


def _apply(database: Database, product: Product, given: Given) -> None:
    set_fields(database, product, given)
    associations.assign(database, product, given)
    if "images" in given and isinstance(given["images"], list):
        product.images = images.taken(database, given["images"])
    settle(database, product)


def set_fields(database: Database, product: Product, given: Given) -> None:
    """The plain fields that a product and a variation share."""
    _set_texts(product, given)
    _set_identity(database, product, given)
    _set_tax_class(database, product, given)
    _set_prices(database, product, given)
    set_stock(product, given)
    _set_sizes(product, given)
    product.meta = database.put_meta(
        product.meta, given.get("meta_data") or (), own=lambda key, value: _set_own(database, product, key, value)
    )


def _set_texts(product: Product, given: Given) -> None:
    for name, read in _TEXTS.items():
        if given.get(name) is not None:
            setattr(product, name, read(given[name]))
    for name in _BOOLEANS:
        if given.get(name) is not None:
            setattr(product, name, truth(given[name]))
    for name in _LISTS:
        if isinstance(given.get(name), list):
            setattr(product, name, [whole(one) for one in given[name]])
    if given.get("menu_order") is not None:
        product.menu_order = whole(given["menu_order"])
    if given.get("status") is not None:
        product.status = str(given["status"]) if given["status"] in _STATUSES else "draft"


def _set_identity(database: Database, product: Product, given: Given) -> None:
    if given.get("sku") is not None:
        database.set_sku(product, clean(given["sku"]))
    if given.get("global_unique_id") is not None:
        database.set_gtin(product, _gtin(given["global_unique_id"]))


def _set_tax_class(database: Database, product: Product, given: Given) -> None:
    if given.get("tax_class") is None:
        return
    wanted = slug(str(given["tax_class"]))
    known = wanted in database.state.tax_classes or (wanted == "parent" and product.type == "variation")
    product.tax_class = wanted if known else ""


def _set_prices(database: Database, product: Product, given: Given) -> None:
    if product.type in ("variable", "grouped"):
        product.regular_price = product.sale_price = ""
        return
    separator = database.setting("woocommerce_price_decimal_sep")
    for name in ("regular_price", "sale_price"):
        if given.get(name) is not None:
            setattr(product, name, decimal_text(given[name], separator=separator))
    for name in ("date_on_sale_from", "date_on_sale_to"):
        for key, is_gmt in ((name, False), (f"{name}_gmt", True)):
            if key in given:
                setattr(product, name, moment(str(given[key] or ""), is_gmt=is_gmt))


def set_stock(product: Product, given: Given) -> None:
    """Stock fields; the quantity counts only where stock is managed."""
    if given.get("manage_stock") is not None:
        product.manage_stock = truth(given["manage_stock"]) and given["manage_stock"] != "parent"
    if given.get("backorders") is not None:
        product.backorders = given["backorders"] if given["backorders"] in ("no", "notify", "yes") else "no"
    if given.get("low_stock_amount") is not None:
        product.low_stock_amount = whole(given["low_stock_amount"])
    if given.get("stock_status") is not None:
        known = given["stock_status"] in ("instock", "outofstock", "onbackorder")
        product.stock_status = str(given["stock_status"]) if known else "instock"
    if not product.manage_stock:
        return
    if given.get("stock_quantity") is not None:
        product.stock_quantity = whole(given["stock_quantity"])
    elif given.get("inventory_delta") is not None:
        product.stock_quantity = (product.stock_quantity or 0) + whole(given["inventory_delta"])


def _set_sizes(product: Product, given: Given) -> None:
    if given.get("weight") is not None:
        product.weight = decimal_text(given["weight"])
    sizes = given.get("dimensions")
    if isinstance(sizes, dict):
        known = {name: decimal_text(sizes[name]) for name in product.dimensions if sizes.get(name) is not None}
        product.dimensions = {**product.dimensions, **known}


def _set_own(database: Database, product: Product, key: str, value: Any) -> bool:
    field = _FIELDS.get(key)
    if field == "stock_quantity":
        product.stock_quantity = whole(value)
    elif field and value is not None:
        set_fields(database, product, {field: value})
    return field is not None or key == "_price"


def settle(database: Database, product: Product) -> None:
    """What follows from the fields: a sale price that is none, the price, the stock status."""
    if product.sale_price and number(product.sale_price) >= number(product.regular_price):
        product.sale_price = ""
    if product.type == "variable":
        sync_parent(database, product)
        return
    product.price = product.sale_price if on_sale(database, product) else product.regular_price
    settle_stock(product)


def settle_stock(product: Product) -> None:
    """The status follows a managed quantity; without management quantity and backorders are emptied."""
    if not product.manage_stock:
        product.stock_quantity, product.backorders, product.low_stock_amount = None, "no", None
    elif (product.stock_quantity or 0) > 0:
        product.stock_status = "instock"
    else:
        product.stock_status = "outofstock" if product.backorders == "no" else "onbackorder"


def sync_parent(database: Database, parent: Product) -> None:
    """A variable product shows the lowest price of its variations, and is in stock when one of them is."""
    children = [database.state.products[one] for one in parent.children]
    sold = [one for one in children if one.status == "publish"]
    prices = [one.price for one in sold if one.price]
    parent.price = min(prices, key=number) if prices else ""
    if parent.manage_stock:
        settle_stock(parent)
        return
    parent.stock_quantity, parent.backorders, parent.low_stock_amount = None, "no", None
    statuses = {one.stock_status for one in sold}
    known = (one for one in ("instock", "onbackorder") if one in statuses)
    parent.stock_status = next(known, "outofstock")


def trash(database: Database, product: Product) -> None:
    """Put it in the trash with its variations: its SKU stays taken."""
    for one in (product, *(database.state.products[child] for child in product.children)):
        if one.status != "trash":
            one.status_before_trash, one.status = one.status, "trash"
        database.touch(one)


def delete(database: Database, product: Product) -> None:
    """Delete it for good, with its variations."""
    for child in list(product.children):
        database.remove(database.state.products[child])
    parent = database.state.products.get(product.parent_id)
    database.remove(product)
    if parent:
        parent.modified = database.now()
        sync_parent(database, parent)
