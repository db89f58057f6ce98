"""Buyers of shop orders as customers of the ERP: who they are, what they are called, which code they get."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from hashlib import blake2b
from itertools import count

from msgspec.structs import replace

from passerelle.domain.orders import SalesOrder
from passerelle.domain.parties import Address, Customer
from passerelle.errors import CustomerNameMissing, OrderFieldTooLong, OrderUnmapped
from passerelle.profile.sections import CustomerImportOptions

CODE_LENGTH = 17
GUEST = "g-"


def identity_of(customer: Customer) -> str:
    """Who a buyer is in the shop: the account's number; for a guest, who has another with each order, the e-mail.

    Only a hash of the e-mail is kept: 8 bytes, in hexadecimal.
    """
    if not customer.guest:
        return customer.shop_id
    return GUEST + blake2b(customer.email.strip().casefold().encode(), digest_size=8).hexdigest()


def title_of(customer: Customer) -> str:
    """The name of a customer on its documents: the company, else last and first name; "" for none."""
    address = customer.invoice_address
    company = customer.company.strip() or (address.company.strip() if address else "")
    return company or f"{customer.last_name.strip()} {customer.first_name.strip()}".strip()


def new_code(
    shop_customer_id: str,
    *,
    options: CustomerImportOptions,
    profile_key: str,
    order: str,
    max_length: int = CODE_LENGTH,
) -> str:
    """The code of a new customer: prefix, profile key and number, filled with zeros to the length asked for.

    `order` is the shop's order id. Raises OrderFieldTooLong: a code is never truncated.
    """
    start = f"{options.prefix}{profile_key}"
    return _fitting(start + shop_customer_id.zfill(options.code_length - len(start)), order=order, limit=max_length)


def next_code(code: str, *, taken: Collection[str], order: str, max_length: int = CODE_LENGTH) -> str:
    """The code itself, or with the first free number behind it: `-2`, `-3`… ERPs ignore the case of codes.

    Raises OrderFieldTooLong.
    """
    used = {other.casefold() for other in taken}
    tries = (code if number == 1 else f"{code}-{number}" for number in count(1))
    return _fitting(next(one for one in tries if one.casefold() not in used), order=order, limit=max_length)


def _fitting(code: str, *, order: str, limit: int) -> str:
    if len(code) > limit:
        raise OrderFieldTooLong(key=order, field="customer code", value=code, limit=limit)
    return code


def customer_of(
    order: SalesOrder, *, options: CustomerImportOptions, countries: Mapping[str, str], code: str, tax_category: str
) -> Customer:
    """The buyer of an order as a customer to place in the ERP; `country` of its addresses is the ERP's own label.

    Raises CustomerNameMissing, OrderUnmapped.
    """
    customer = order.customer
    if not title_of(customer):
        raise CustomerNameMissing(key=order.shop_id)
    invoice, delivery = customer.invoice_address, customer.delivery_address
    return replace(
        customer,
        code=code,
        company=customer.company.strip() or (invoice.company.strip() if invoice else ""),
        phone=customer.phone or (invoice.phone if invoice else ""),
        price_category=options.price_category,
        tax_category=tax_category,
        account=options.account,
        invoice_address=labelled(invoice, countries=countries, order=order.shop_id),
        delivery_address=labelled(delivery, countries=countries, order=order.shop_id),
    )


def labelled(address: Address | None, *, countries: Mapping[str, str], order: str) -> Address | None:
    """An address whose country is the ERP's own label instead of the ISO code. Raises OrderUnmapped."""
    if address is None:
        return None
    label = countries.get(address.country)
    if not label:
        raise OrderUnmapped(key=order, what="country", value=address.country, option="orders.import.countries")
    return replace(address, country=label)
