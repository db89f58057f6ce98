"""How the API shows products and variations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from passerelle.sandbox.woocommerce.database import Database
from passerelle.sandbox.woocommerce.rows import Meta, Option, Product, Term
from passerelle.sandbox.woocommerce.starting_data import CURRENCIES
from passerelle.sandbox.woocommerce.values import fixed, gmt, local, number, shifted, slug

# What an attribute of a variation is stored under: pa_couleur, or the slug of a name.
Key = str


def attribute_key(database: Database, option: Option) -> Key:
    """The key that choices of variations use for an attribute of their parent."""
    found = database.state.attributes.get(option.id)
    return found.slug if found else slug(option.name)


def on_sale(database: Database, product: Product) -> bool:
    """Whether the sale price holds now."""
    if not product.sale_price or number(product.sale_price) >= number(product.regular_price):
        return False
    now, start, end = database.now(), product.date_on_sale_from, product.date_on_sale_to
    return (start is None or start <= now) and (end is None or now <= end)


def shown_tax_class(database: Database, product: Product) -> str:
    """A variation of class "parent" shows its parent's."""
    parent = database.state.products.get(product.parent_id)
    return parent.tax_class if product.tax_class == "parent" and parent else product.tax_class


def choice_values(database: Database, variation: Product) -> list[dict[str, Any]]:
    """The attributes of a variation, in its parent's order: a slug without a term is shown raw."""
    parent = database.state.products.get(variation.parent_id)
    shown = []
    for option in parent.attributes if parent else ():
        key = attribute_key(database, option)
        value = variation.choices.get(key)
        if value:
            terms = database.state.terms.get(option.id, {}) if option.id else {}
            name = next((term.name for term in terms.values() if term.slug == value), value)
            shown.append({"id": option.id, "name": option_name(database, option), "slug": key, "option": name})
    return shown


def option_name(database: Database, option: Option) -> str:
    found = database.state.attributes.get(option.id)
    return found.name if found else option.name


def variation_title(database: Database, variation: Product) -> str:
    """ "Rouge, S"."""
    return ", ".join(str(one["option"]) for one in choice_values(database, variation))


def full_title(database: Database, product: Product) -> str:
    """The name on order lines: "T-shirt - Rouge, S"."""
    parent = database.state.products.get(product.parent_id)
    if not parent or product.type != "variation":
        return product.name
    title = variation_title(database, product)
    return f"{parent.name} - {title}" if title else parent.name


def shown_sku(database: Database, product: Product) -> str:
    """A variation without its own shows its parent's."""
    parent = database.state.products.get(product.parent_id)
    return product.sku or (parent.sku if parent else "")


def permalink(database: Database, product: Product) -> str:
    parent = database.state.products.get(product.parent_id)
    if not parent or product.type != "variation":
        return f"{database.home}/produit/{product.slug}/"
    query = "&".join(f"attribute_{key}={quote(value)}" for key, value in product.choices.items())
    return f"{database.home}/produit/{parent.slug}/" + (f"?{query}" if query else "")


def shown_meta(metas: Iterable[Meta]) -> list[dict[str, Any]]:
    return [{"id": one.id, "key": one.key, "value": one.value} for one in metas]


def _dates(product: Product) -> dict[str, Any]:
    return {
        "date_created": local(product.created),
        "date_created_gmt": gmt(product.created),
        "date_modified": local(product.modified),
        "date_modified_gmt": gmt(product.modified),
    }


def _prices(database: Database, product: Product) -> dict[str, Any]:
    return {
        "price": product.price,
        "regular_price": product.regular_price,
        "sale_price": product.sale_price,
        "date_on_sale_from": local(product.date_on_sale_from),
        "date_on_sale_from_gmt": gmt(product.date_on_sale_from),
        "date_on_sale_to": local(product.date_on_sale_to),
        "date_on_sale_to_gmt": gmt(product.date_on_sale_to),
        "on_sale": on_sale(database, product),
    }


def _stock(database: Database, product: Product) -> dict[str, Any]:
    managed: bool | str = product.manage_stock
    quantity, backorders = product.stock_quantity, product.backorders
    parent = database.state.products.get(product.parent_id)
    if product.type == "variation" and not managed and parent and parent.manage_stock:
        managed, quantity, backorders = "parent", parent.stock_quantity, parent.backorders
    return {
        "manage_stock": managed,
        "stock_quantity": quantity,
        "backorders": backorders,
        "backorders_allowed": backorders != "no",
        "backordered": bool(managed) and backorders != "no" and (quantity or 0) < 0,
        "low_stock_amount": product.low_stock_amount,
    }


def _sizes(database: Database, product: Product) -> dict[str, Any]:
    parent = database.state.products.get(product.parent_id) if product.type == "variation" else None
    sizes = product.dimensions
    if parent and not any(sizes.values()):
        sizes = parent.dimensions
    return {"weight": product.weight or (parent.weight if parent else ""), "dimensions": dict(sizes)}


def _price_html(database: Database, product: Product) -> str:
    if not product.price:
        return ""
    symbol = CURRENCIES[database.setting("woocommerce_currency")][2]
    amount = fixed(number(product.price), database.places)
    return (
        '<span class="woocommerce-Price-amount amount"><bdi><span class="woocommerce-Price-currencySymbol">'
        f"{symbol}</span>{amount}</bdi></span>"
    )


def _linked(terms: dict[int, Term], idents: Iterable[int]) -> list[dict[str, Any]]:
    return [{"id": one, "name": terms[one].name, "slug": terms[one].slug} for one in idents if one in terms]


def shown_image(database: Database, ident: int) -> dict[str, Any] | None:
    """An image of a product; its local dates are one offset too late."""
    image = database.state.images.get(ident)
    if not image:
        return None
    twice = shifted(image.created)
    return {
        "id": image.id,
        "date_created": twice,
        "date_created_gmt": gmt(image.created),
        "date_modified": twice,
        "date_modified_gmt": gmt(image.created),
        "src": f"{database.home}/wp-content/uploads/{image.file}",
        "name": image.name,
        "alt": image.alt,
    }


def _options(database: Database, product: Product) -> list[dict[str, Any]]:
    shown = []
    for option in product.attributes:
        attribute = database.state.attributes.get(option.id)
        if option.id and not attribute:
            continue
        shown.append(
            {
                "id": option.id,
                "name": attribute.name if attribute else option.name,
                "slug": attribute.slug if attribute else option.name,
                "position": option.position,
                "visible": option.visible,
                "variation": option.variation,
                "options": option_values(database, option),
            }
        )
    return shown


def option_values(database: Database, option: Option) -> list[str]:
    """The values of an attribute; those of a global one in the order of its terms, not as they were sent."""
    if not option.id:
        return [str(one) for one in option.options]
    terms = database.state.terms.get(option.id, {})
    found = [terms[one] for one in option.options if one in terms]
    return [term.name for term in sorted(found, key=lambda one: (one.menu_order, one.name))]


def _default_options(database: Database, product: Product) -> list[dict[str, Any]]:
    shown = []
    for option in product.attributes:
        value = product.default_attributes.get(attribute_key(database, option))
        if value:
            shown.append({"id": option.id, "name": option_name(database, option), "option": value})
    return shown


def _texts(product: Product) -> dict[str, Any]:
    return {
        "featured": product.featured,
        "catalog_visibility": product.catalog_visibility,
        "description": product.description,
        "short_description": product.short_description,
    }


def _nothing_downloadable(product: Product) -> dict[str, Any]:
    return {"downloadable": product.downloadable, "downloads": [], "download_limit": -1, "download_expiry": -1}


def _shipping() -> dict[str, Any]:
    return {"shipping_class": "", "shipping_class_id": 0}


def _associations(database: Database, product: Product) -> dict[str, Any]:
    state, is_variation = database.state, product.type == "variation"
    brands = {"brands": _linked(state.brands, product.brands)} if database.has_brands else {}
    return {
        "categories": _linked(state.categories, product.categories),
        **brands,
        "tags": _linked(state.tags, product.tags),
        "images": [shown for one in product.images if (shown := shown_image(database, one))],
        "attributes": choice_values(database, product) if is_variation else _options(database, product),
        "default_attributes": _default_options(database, product),
        "variations": list(product.children) if product.type == "variable" else [],
        "grouped_products": list(product.grouped_products),
    }


def shown_product(database: Database, product: Product) -> dict[str, Any]:
    """As /products/{id} and the list show it; variations too, with `parent_id` and some numbers as text."""
    is_variation = product.type == "variation"
    shown = {
        "id": product.id,
        "name": full_title(database, product),
        "slug": product.slug,
        "permalink": permalink(database, product),
        **_dates(product),
        "type": product.type,
        "status": product.status,
        **_texts(product),
        "sku": shown_sku(database, product),
        **_prices(database, product),
        "purchasable": bool(product.price) and product.status == "publish",
        "total_sales": str(product.total_sales) if is_variation else product.total_sales,
        "virtual": product.virtual,
        **_nothing_downloadable(product),
        "external_url": product.external_url,
        "button_text": product.button_text,
        "tax_status": product.tax_status,
        "tax_class": shown_tax_class(database, product),
        **_stock(database, product),
        "sold_individually": product.sold_individually,
        **_sizes(database, product),
        "shipping_required": not product.virtual,
        "shipping_taxable": not product.virtual and product.tax_status in ("taxable", "shipping"),
        **_shipping(),
        "reviews_allowed": product.reviews_allowed and not is_variation,
        "average_rating": "0.00" if is_variation else "0",
        "rating_count": 0,
        "upsell_ids": list(product.upsell_ids),
        "cross_sell_ids": list(product.cross_sell_ids),
        "parent_id": product.parent_id,
        "purchase_note": product.purchase_note,
        **_associations(database, product),
        "menu_order": product.menu_order,
        "price_html": _price_html(database, product),
        "related_ids": [],
        "meta_data": shown_meta(product.meta),
        "stock_status": product.stock_status,
        "has_options": product.type == "variable",
        "post_password": product.post_password,
        "global_unique_id": product.global_unique_id,
    }
    if not is_variation:
        shown |= {"permalink_template": f"{database.home}/produit/%pagename%/", "generated_slug": product.slug}
    return shown


def shown_variation(database: Database, product: Product, *, written: bool = False) -> dict[str, Any]:
    """As the variation routes show it. The answer to a write shows the tax class as stored: "parent"."""
    return {
        "id": product.id,
        "type": "variation",
        **_dates(product),
        "description": product.description,
        "permalink": permalink(database, product),
        "sku": shown_sku(database, product),
        "global_unique_id": product.global_unique_id,
        **_prices(database, product),
        "status": product.status,
        "purchasable": bool(product.price) and product.status == "publish",
        "virtual": product.virtual,
        **_nothing_downloadable(product),
        "tax_status": product.tax_status,
        "tax_class": product.tax_class if written else shown_tax_class(database, product),
        **_stock(database, product),
        "stock_status": product.stock_status,
        **_sizes(database, product),
        **_shipping(),
        "image": shown_image(database, product.images[0]) if product.images else None,
        "attributes": choice_values(database, product),
        "menu_order": product.menu_order,
        "meta_data": shown_meta(product.meta),
        "name": variation_title(database, product),
        "parent_id": product.parent_id,
    }
