"""Customers and addresses."""

from __future__ import annotations

import msgspec


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A postal address; `country` is ISO 3166-1 alpha-2, `region` the shop's or the ERP's own label."""

    name: str
    company: str = ""
    line1: str
    line2: str = ""
    postcode: str = ""
    city: str
    region: str = ""
    country: str
    phone: str = ""


class Customer(msgspec.Struct, frozen=True, kw_only=True, tag="customer"):
    """A customer of the shop or of the ERP. `code` is the ERP's own, empty while it has none.

    `price_category`, `tax_category` and `account` are the ERP's: tariff, accounting category, ledger account.
    """

    code: str = ""
    shop_id: str = ""
    guest: bool = False
    email: str
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    vat_number: str = ""
    phone: str = ""
    price_category: str = ""
    tax_category: str = ""
    account: str = ""
    invoice_address: Address | None = None
    delivery_address: Address | None = None
