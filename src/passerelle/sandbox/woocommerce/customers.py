"""Accounts of buyers. The list shows the role customer only, unless all are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from passerelle.sandbox.woocommerce.database import Database
from passerelle.sandbox.woocommerce.errors import Refusal
from passerelle.sandbox.woocommerce.listing import Call, Page, cut, ids_of
from passerelle.sandbox.woocommerce.product_view import shown_meta
from passerelle.sandbox.woocommerce.rows import Customer, Meta
from passerelle.sandbox.woocommerce.schema import email as email_problem
from passerelle.sandbox.woocommerce.starting_data import EMPTY_BILLING, EMPTY_SHIPPING
from passerelle.sandbox.woocommerce.terms import need_force
from passerelle.sandbox.woocommerce.values import clean, gmt, local, slug

_INTERNAL = frozenset({"wp_capabilities", "wp_user_level", "session_tokens", "nickname"})


def shown(customer: Customer) -> dict[str, Any]:
    """As /customers shows it, without the meta that begin with _."""
    digest = sha256(customer.email.strip().lower().encode()).hexdigest()
    return {
        "id": customer.id,
        "date_created": local(customer.created),
        "date_created_gmt": gmt(customer.created),
        "date_modified": local(customer.modified),
        "date_modified_gmt": gmt(customer.modified),
        "email": customer.email,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "role": customer.role,
        "username": customer.username,
        "billing": {**EMPTY_BILLING, **customer.billing},
        "shipping": {**EMPTY_SHIPPING, **customer.shipping},
        "is_paying_customer": customer.is_paying_customer,
        "avatar_url": f"https://secure.gravatar.com/avatar/{digest}?s=96&d=mm&r=g",
        "meta_data": shown_meta(one for one in customer.meta if not one.key.startswith("_")),
    }


def list_all(database: Database, call: Call) -> Page:
    given, role = call.given, str(call.given.get("role") or "customer")
    found = [one for one in database.state.customers.values() if role in ("all", one.role)]
    if given.get("email"):
        found = [one for one in found if one.email.lower() == str(given["email"]).lower()]
    if given.get("search"):
        word = str(given["search"]).lower()
        found = [one for one in found if word in f"{one.email} {one.username}".lower()]
    if given.get("include"):
        found = [one for one in found if one.id in ids_of(given["include"])]
    by_id = given.get("orderby") in ("id", "registered_date")
    found.sort(key=lambda one: (one.id if by_id else one.username, one.id), reverse=given.get("order") == "desc")
    return Page([shown(one) for one in cut(found, given)], len(found))


def _found(database: Database, call: Call, *, status: int) -> Customer:
    customer = database.state.customers.get(call.ident)
    if not customer:
        raise Refusal("woocommerce_rest_invalid_id", "Invalid resource ID.", status=status)
    return customer


def read(database: Database, call: Call) -> dict[str, Any]:
    return shown(_found(database, call, status=404))


def create(database: Database, call: Call) -> dict[str, Any]:
    """An account; its role is customer whatever is sent."""
    given = call.given
    email = clean(given.get("email") or "")
    if email_problem("email", email):
        raise Refusal("registration-error-invalid-email", "Please provide a valid email address.")
    if with_email(database, email):
        message = f"An account is already registered with {email}. Please log in or use a different email address."
        raise Refusal("registration-error-email-exists", message)
    customer = add(database, email, username=_username(database, email, str(given.get("username") or "")))
    if not given.get("password"):
        customer.meta.append(Meta(database.next_id("meta"), "default_password_nag", "1"))
    customer.modified = customer.created
    _change(database, customer, given)
    return shown(customer)


def with_email(database: Database, email: str) -> Customer | None:
    return next((one for one in database.state.customers.values() if one.email.lower() == email.lower()), None)


def add(database: Database, email: str, *, username: str) -> Customer:
    """Store an empty account."""
    customer = Customer(database.next_id("users"), database.now(), email, username)
    customer.billing, customer.shipping = dict(EMPTY_BILLING), dict(EMPTY_SHIPPING)
    database.state.customers[customer.id] = customer
    return customer


def _username(database: Database, email: str, wanted: str) -> str:
    taken = {one.username for one in database.state.customers.values()}
    if wanted and wanted in taken:
        message = "An account is already registered with that username. Please choose another."
        raise Refusal("registration-error-username-exists", message)
    return wanted or free_username(database, email)


def free_username(database: Database, email: str) -> str:
    """The beginning of the e-mail, with a number where that is taken."""
    taken = {one.username for one in database.state.customers.values()}
    base = slug(email.partition("@")[0]) or "client"
    found, count = base, 1
    while found in taken:
        count += 1
        found = f"{base}-{count}"
    return found


def update(database: Database, call: Call) -> dict[str, Any]:
    customer, given = _found(database, call, status=400), call.given
    if given.get("username") and given["username"] != customer.username:
        raise Refusal("woocommerce_rest_customer_invalid_argument", "Username isn't editable.")
    email = clean(given.get("email") or "")
    twin = with_email(database, email) if email else None
    if twin and twin is not customer:
        raise Refusal("woocommerce_rest_customer_invalid_email", "Email address is invalid.")
    customer.email = email or customer.email
    _change(database, customer, given)
    customer.modified = database.now()
    return shown(customer)


def _change(database: Database, customer: Customer, given: Mapping[str, Any]) -> None:
    for name in ("first_name", "last_name"):
        if given.get(name) is not None:
            setattr(customer, name, clean(given[name]))
    for name in ("billing", "shipping"):
        if isinstance(given.get(name), dict):
            held = getattr(customer, name)
            changed = {key: clean(value) for key, value in given[name].items() if key in held and value is not None}
            setattr(customer, name, {**held, **changed})
    customer.meta = database.put_meta(
        customer.meta, given.get("meta_data") or (), own=lambda key, value: key in _INTERNAL
    )


def delete(database: Database, call: Call) -> dict[str, Any]:
    need_force(call, "Customers do not support trashing.")
    customer = _found(database, call, status=400)
    del database.state.customers[customer.id]
    return shown(customer)
