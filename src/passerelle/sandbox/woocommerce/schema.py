"""What WordPress checks of parameters before a single route runs. Inside a batch nothing of it is checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from passerelle.sandbox.woocommerce.errors import invalid_params
from passerelle.sandbox.woocommerce.values import moment

Problem = tuple[str, str]
# name, value -> what is wrong with it
Check = Callable[[str, Any], Problem | None]
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s.,;]+")


def _wrong_type(name: str, kind: str) -> Problem:
    return "rest_invalid_type", f"{name} is not of type {kind}."


def text(name: str, value: Any) -> Problem | None:
    return None if isinstance(value, str) else _wrong_type(name, "string")


def _is_integer(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return bool(re.fullmatch(r"\s*[+-]?\d+(\.0*)?", value))
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def integer(name: str, value: Any) -> Problem | None:
    return None if _is_integer(value) else _wrong_type(name, "integer")


def boolean(name: str, value: Any) -> Problem | None:
    known = isinstance(value, bool) or value in (0, 1, "0", "1", "true", "false", "")
    return None if known else _wrong_type(name, "boolean")


def array(name: str, value: Any) -> Problem | None:
    return None if isinstance(value, list | str) else _wrong_type(name, "array")


def mapping(name: str, value: Any) -> Problem | None:
    return None if isinstance(value, dict) else _wrong_type(name, "object")


def moment_text(name: str, value: Any) -> Problem | None:
    if not isinstance(value, str):
        return _wrong_type(name, "string")
    return None if moment(value) else ("rest_invalid_date", "Invalid date.")


def email(name: str, value: Any) -> Problem | None:
    if not isinstance(value, str):
        return _wrong_type(name, "string")
    return None if _EMAIL.fullmatch(value) else ("rest_invalid_email", "Invalid email address.")


def enum(*known: str) -> Check:
    """One of these words."""
    listed = ", ".join(known[:-1]) + f", and {known[-1]}" if len(known) > 2 else " or ".join(known)

    def check(name: str, value: Any) -> Problem | None:
        return None if value in known else ("rest_not_in_enum", f"{name} is not one of {listed}.")

    return check


def words(*known: str) -> Check:
    """A list of these words, or one text with commas."""
    one = enum(*known)

    def check(name: str, value: Any) -> Problem | None:
        parts = value.split(",") if isinstance(value, str) else value
        problems = (one(f"{name}[{index}]", part.strip()) for index, part in enumerate(parts))
        return next((problem for problem in problems if problem), None)

    return check


def between(low: int, high: int | None = None) -> Check:
    """An integer of a range."""

    def check(name: str, value: Any) -> Problem | None:
        if not _is_integer(value):
            return _wrong_type(name, "integer")
        if high is None:
            return (
                None if int(value) >= low else ("rest_out_of_bounds", f"{name} must be greater than or equal to {low}")
            )
        message = f"{name} must be between {low} (inclusive) and {high} (inclusive)"
        return None if low <= int(value) <= high else ("rest_out_of_bounds", message)

    return check


def records(**fields: Check) -> Check:
    """A list of objects with these fields; what is null is wrong too, unlike at the top."""
    one = record(**fields)

    def check(name: str, value: Any) -> Problem | None:
        if not isinstance(value, list):
            return None if value == "" else _wrong_type(name, "array")
        problems = (one(f"{name}[{index}]", item) for index, item in enumerate(value))
        return next((problem for problem in problems if problem), None)

    return check


def record(**fields: Check) -> Check:
    """An object with these fields, others allowed."""

    def check(name: str, value: Any) -> Problem | None:
        if not isinstance(value, dict):
            return _wrong_type(name, "object")
        problems = (fields[key](f"{name}[{key}]", one) for key, one in value.items() if key in fields)
        return next((problem for problem in problems if problem), None)

    return check


def validate(given: Mapping[str, Any], schema: Mapping[str, Check]) -> None:
    """Check the known parameters; null at the top counts as absent.

    Raises:
        Refusal: 400 rest_invalid_param naming every wrong parameter.
    """
    problems = {}
    for name, value in given.items():
        check = schema.get(name)
        if check is not None and value is not None and (problem := check(name, value)):
            problems[name] = problem
    if problems:
        raise invalid_params(problems)


META = records(id=integer, key=text)
_PLACE = dict.fromkeys(
    ["first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country", "phone"],
    text,
)
BILLING = record(**_PLACE, email=email)
SHIPPING = record(**_PLACE)
_STOCK: dict[str, Check] = {
    "stock_quantity": integer,
    "inventory_delta": integer,
    "low_stock_amount": integer,
    "stock_status": enum("instock", "outofstock", "onbackorder"),
    "backorders": enum("no", "notify", "yes"),
}
_COMMON: dict[str, Check] = {
    **dict.fromkeys(
        ["sku", "global_unique_id", "regular_price", "sale_price", "tax_class", "weight", "description"], text
    ),
    **dict.fromkeys(["virtual", "downloadable"], boolean),
    **dict.fromkeys(
        ["date_on_sale_from", "date_on_sale_from_gmt", "date_on_sale_to", "date_on_sale_to_gmt"], moment_text
    ),
    **_STOCK,
    "tax_status": enum("taxable", "shipping", "none"),
    "dimensions": record(length=text, width=text, height=text),
    "menu_order": integer,
    "meta_data": META,
}
_STATUSES = ("draft", "pending", "private", "publish", "future", "auto-draft", "trash")
PRODUCT: dict[str, Check] = {
    **_COMMON,
    **dict.fromkeys(
        ["name", "slug", "short_description", "external_url", "button_text", "purchase_note", "post_password"], text
    ),
    **dict.fromkeys(["featured", "manage_stock", "sold_individually", "reviews_allowed"], boolean),
    **dict.fromkeys(["upsell_ids", "cross_sell_ids", "grouped_products"], array),
    "type": enum("simple", "grouped", "external", "variable"),
    "status": enum(*_STATUSES),
    "catalog_visibility": enum("visible", "catalog", "search", "hidden"),
    "parent_id": integer,
    "categories": records(id=integer),
    "brands": records(id=integer),
    "tags": records(id=integer, name=text),
    "images": records(id=integer, src=text, name=text, alt=text),
    "attributes": records(id=integer, name=text, position=integer, visible=boolean, variation=boolean),
    "default_attributes": records(id=integer, name=text, option=text),
}
VARIATION: dict[str, Check] = {
    **_COMMON,
    "status": enum("draft", "pending", "private", "publish", "future", "auto-draft", "trash"),
    "image": record(id=integer, src=text, name=text, alt=text),
    "attributes": records(id=integer, name=text, option=text),
}
ORDER_STATUSES = (
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "checkout-draft",
)
ORDER: dict[str, Check] = {
    **dict.fromkeys(
        ["currency", "customer_note", "payment_method", "payment_method_title", "transaction_id", "created_via"], text
    ),
    "status": enum("auto-draft", *ORDER_STATUSES),
    "customer_id": integer,
    "parent_id": integer,
    "set_paid": boolean,
    "billing": BILLING,
    "shipping": SHIPPING,
    "line_items": records(
        id=integer,
        product_id=integer,
        variation_id=integer,
        quantity=integer,
        subtotal=text,
        total=text,
        tax_class=text,
    ),
    "shipping_lines": records(id=integer, method_id=text, total=text),
    "fee_lines": records(id=integer, name=text, total=text, tax_class=text, tax_status=enum("taxable", "none")),
    "coupon_lines": records(id=integer, code=text),
    "meta_data": META,
}
CUSTOMER: dict[str, Check] = {
    **dict.fromkeys(["first_name", "last_name", "username", "password"], text),
    "email": email,
    "billing": BILLING,
    "shipping": SHIPPING,
    "meta_data": META,
}
TERM: dict[str, Check] = {
    **dict.fromkeys(["name", "slug", "description"], text),
    "parent": integer,
    "menu_order": integer,
    "display": enum("default", "products", "subcategories", "both"),
}
ATTRIBUTE: dict[str, Check] = {
    "name": text,
    "slug": text,
    "type": enum("select"),
    "order_by": enum("menu_order", "name", "name_num", "id"),
    "has_archives": boolean,
}
NOTE: dict[str, Check] = {"note": text, "customer_note": boolean, "added_by_user": boolean}
REFUND: dict[str, Check] = {
    "amount": text,
    "reason": text,
    "api_refund": boolean,
    "api_restock": boolean,
    "line_items": array,
    "meta_data": META,
}
COUPON: dict[str, Check] = {
    "code": text,
    "amount": text,
    "discount_type": enum("percent", "fixed_cart", "fixed_product"),
    "free_shipping": boolean,
    "meta_data": META,
}
_SORTED = [
    "date",
    "id",
    "include",
    "title",
    "slug",
    "modified",
    "popularity",
    "rating",
    "post__in",
    "price",
    "sales",
    "menu_order",
    "random",
    "popularity",
    "rating",
    "menu_order",
    "price",
    "popularity",
    "rating",
]
PAGES: dict[str, Check] = {
    "page": between(1),
    "per_page": between(1, 100),
    "offset": integer,
    "order": enum("asc", "desc"),
}
PRODUCTS: dict[str, Check] = {
    **PAGES,
    **dict.fromkeys(["after", "before", "modified_after", "modified_before"], moment_text),
    "dates_are_gmt": boolean,
    "orderby": enum(*_SORTED),
    "status": enum("any", "future", "trash", *_STATUSES[:4]),
    **dict.fromkeys(["include_status", "exclude_status"], words("any", "future", "trash", *_STATUSES[:4])),
    "type": enum("simple", "grouped", "external", "variable"),
    "stock_status": enum("instock", "outofstock", "onbackorder"),
}
VARIATIONS: dict[str, Check] = {**PRODUCTS, "orderby": enum("date", "id", "include", "title", "slug", "modified")}
ORDERS: dict[str, Check] = {
    **PAGES,
    **dict.fromkeys(["after", "before", "modified_after", "modified_before"], moment_text),
    "dates_are_gmt": boolean,
    "orderby": enum("date", "id", "include", "title", "slug", "modified"),
    "status": words("any", "trash", "auto-draft", *ORDER_STATUSES),
    "customer": integer,
    "product": integer,
    "dp": integer,
}
TERMS: dict[str, Check] = {
    **PAGES,
    "orderby": enum("id", "include", "name", "slug", "term_group", "description", "count"),
    "parent": integer,
    "hide_empty": boolean,
}
CUSTOMERS: dict[str, Check] = {
    **PAGES,
    "email": email,
    "orderby": enum("id", "include", "name", "registered_date"),
}
