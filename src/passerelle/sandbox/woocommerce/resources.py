"""The routes of wc/v3 that this shop has; any other is a 404, as a route that does not exist is on a real one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from passerelle.sandbox.woocommerce import customers, order_routes, product_routes, reference_routes, schema, terms
from passerelle.sandbox.woocommerce.database import Database
from passerelle.sandbox.woocommerce.listing import Call, Page
from passerelle.sandbox.woocommerce.schema import Check

One = Callable[[Database, Call], dict[str, Any]]
Schema = Mapping[str, Check]
_NUMBER = r"[\d]+"
_WORD = r"[\w-]+"


@dataclass(frozen=True)
class Resource:
    """A collection: `path` with {parent_id}s, what can be done with it, what is checked, what it must be given.

    `name` is what faults and hooks call it. `raw_location`: the Location of a creation shows the route's pattern.
    """

    name: str
    path: str
    list: Callable[[Database, Call], Page] | None = None
    read: One | None = None
    create: One | None = None
    update: One | None = None
    delete: One | None = None
    reads: Schema = field(default_factory=lambda: schema.PAGES)
    writes: Schema = field(default_factory=dict)
    required: tuple[str, ...] = ()
    batch: bool = False
    raw_location: bool = False
    item: str = "id"  # how the last part of an item's path is called
    up: str = ""  # where the parent is
    linked: bool = True  # whether it shows _links
    deletes_objects: bool = False  # whether batches make objects of what they delete: 0 is one, a refusal names it


@dataclass(frozen=True)
class Route:
    """One address: `kind` collection, item, batch or single."""

    pattern: re.Pattern[str]
    kind: str
    resource: Resource


def _term_resource(kind: str, path: str) -> Resource:
    return Resource(
        kind,
        path,
        list=terms.list_terms(kind),
        read=terms.read_term(kind),
        create=terms.create_term(kind),
        update=terms.update_term(kind),
        delete=terms.delete_term(kind),
        reads=schema.TERMS,
        writes=schema.TERM,
        required=("name",),
        batch=True,
    )


_ATTRIBUTES = Resource(
    "attributes",
    "products/attributes",
    list=terms.list_attributes,
    read=terms.read_attribute,
    create=terms.create_attribute,
    update=terms.update_attribute,
    delete=terms.delete_attribute,
    reads={},
    writes=schema.ATTRIBUTE,
    required=("name",),
    batch=True,
)
_VARIATIONS = Resource(
    "variations",
    "products/{product_id}/variations",
    list=product_routes.list_variations,
    read=product_routes.read_variation,
    create=product_routes.create_variation,
    update=product_routes.update_variation,
    delete=product_routes.delete_variation,
    reads=schema.VARIATIONS,
    writes=schema.VARIATION,
    batch=True,
    raw_location=True,
    up="products/{product_id}",
    deletes_objects=True,
)
_PRODUCTS = Resource(
    "products",
    "products",
    list=product_routes.list_products,
    read=product_routes.read_product,
    create=product_routes.create_product,
    update=product_routes.update_product,
    delete=product_routes.delete_product,
    reads=schema.PRODUCTS,
    writes=schema.PRODUCT,
    batch=True,
)
_ORDERS = Resource(
    "orders",
    "orders",
    list=order_routes.list_orders,
    read=order_routes.read_order,
    create=order_routes.create_order,
    update=order_routes.update_order,
    delete=order_routes.delete_order,
    reads=schema.ORDERS,
    writes=schema.ORDER,
    batch=True,
)
_NOTES = Resource(
    "notes",
    "orders/{order_id}/notes",
    list=order_routes.list_notes,
    read=order_routes.read_note,
    create=order_routes.create_note,
    delete=order_routes.delete_note,
    reads={},
    writes=schema.NOTE,
    required=("note",),
    up="orders/{order_id}",
)
_REFUNDS = Resource(
    "refunds",
    "orders/{order_id}/refunds",
    list=order_routes.list_refunds,
    read=order_routes.read_refund,
    create=order_routes.create_refund,
    delete=order_routes.delete_refund,
    writes=schema.REFUND,
    raw_location=True,
    up="orders/{order_id}",
)
_CUSTOMERS = Resource(
    "customers",
    "customers",
    list=customers.list_all,
    read=customers.read,
    create=customers.create,
    update=customers.update,
    delete=customers.delete,
    reads=schema.CUSTOMERS,
    writes=schema.CUSTOMER,
    required=("email",),
    batch=True,
)
_COUPONS = Resource(
    "coupons",
    "coupons",
    list=order_routes.list_coupons,
    read=order_routes.read_coupon,
    create=order_routes.create_coupon,
    writes=schema.COUPON,
    required=("code",),
)
_OPTIONS = Resource(
    "settings",
    "settings/{group_id}",
    list=reference_routes.list_options,
    read=reference_routes.read_option,
    update=reference_routes.update_option,
    reads={},
    item="option",
)
_GATEWAYS = Resource(
    "payment_gateways",
    "payment_gateways",
    list=reference_routes.list_gateways,
    read=reference_routes.read_gateway,
    reads={},
    item="option",
)
_TAXES = Resource("taxes", "taxes", list=reference_routes.list_tax_rates, read=reference_routes.read_tax_rate)
_LISTS = (
    Resource("refunds", "refunds", list=order_routes.list_all_refunds, reads=schema.ORDERS),
    Resource(
        "tax_classes",
        "taxes/classes",
        list=reference_routes.list_tax_classes,
        create=reference_routes.create_tax_class,
        reads={},
        writes={"name": schema.text},
        required=("name",),
    ),
    Resource("settings", "settings", list=reference_routes.list_groups, reads={}),
    Resource("reports", "reports/orders/totals", list=order_routes.order_totals, reads={}, linked=False),
    Resource("shipping", "shipping/zones", list=reference_routes.list_zones, reads={}),
    Resource("shipping", "shipping/zones/{zone_id}/locations", list=reference_routes.list_zone_locations, reads={}),
    Resource("shipping", "shipping/zones/{zone_id}/methods", list=reference_routes.list_zone_methods, reads={}),
    Resource("shipping", "shipping_methods", list=reference_routes.list_shipping_methods, reads={}),
)
_SINGLES = (
    Resource("system_status", "system_status", read=reference_routes.system_status, linked=False),
    Resource("data", "data/currencies/current", read=reference_routes.current_currency),
)
_BRANDS = _term_resource("brands", "products/brands")
RESOURCES = (
    *_LISTS,
    _term_resource("terms", "products/attributes/{attribute_id}/terms"),
    _ATTRIBUTES,
    _BRANDS,
    _term_resource("categories", "products/categories"),
    _term_resource("tags", "products/tags"),
    _VARIATIONS,
    _PRODUCTS,
    _NOTES,
    _REFUNDS,
    _ORDERS,
    _CUSTOMERS,
    _COUPONS,
    _OPTIONS,
    _GATEWAYS,
    _TAXES,
)


def pattern_of(path: str) -> str:
    """The route as WordPress writes it: products/(?P<product_id>[\\d]+)/variations."""
    return re.sub(r"\{(\w+)\}", lambda found: f"(?P<{found[1]}>{_WORD if found[1] == 'group_id' else _NUMBER})", path)


def routes(*, has_brands: bool) -> list[Route]:
    """Every address that the shop answers; without brands there is no route to them."""
    found = [Route(re.compile(one.path), "single", one) for one in _SINGLES]
    for one in RESOURCES:
        if one is _BRANDS and not has_brands:
            continue
        base = pattern_of(one.path)
        if one.batch:
            found.append(Route(re.compile(f"{base}/batch"), "batch", one))
        found.append(Route(re.compile(base), "collection", one))
        if one.read:
            ident = f"(?P<{one.item}>{_NUMBER if one.item == 'id' else _WORD})"
            found.append(Route(re.compile(f"{base}/{ident}"), "item", one))
    return found
