"""Customers: partners of Odoo with a reference, their addresses below them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final

from passerelle.connectors.odoo import wire
from passerelle.connectors.odoo.company import Company
from passerelle.connectors.odoo.loading import Loader, NotLoaded, external
from passerelle.connectors.odoo.manifest import TITLE
from passerelle.connectors.odoo.wire import Row
from passerelle.domain.parties import Address, Customer
from passerelle.domain.texts import N_
from passerelle.errors import CapabilityMissing, CustomerRefused, CustomerUnknown, OrderUnmapped, RecordUnreadable

PARTNER: Final = "res.partner"
BY_ID: Final = re.compile(r"id-(\d+)")  # what a customer without a reference is called
POSTAL: Final = ("name", "street", "street2", "zip", "city", "country_id")
FIELDS: Final = (*POSTAL, "ref", "email", "phone", "vat", "is_company", "parent_id")
HASHED: Final = 8  # bytes of the hash that an address is known by


class Customers:
    """The customers of one company."""

    def __init__(self, company: Company, loader: Loader) -> None:
        self._company = company
        self._loader = loader
        self._countries: dict[str, int] = {}
        self._codes: dict[int, str] = {}

    # --- reading ---

    def find(self, *, code: str = "", email: str = "") -> list[Customer]:
        """Those with this reference, exactly, or this e-mail, whatever its case; contacts of a customer are none."""
        rows = {row["id"]: row for row in [*self._by_code(code), *self._by_email(email)]}
        return [self._customer(row) for _, row in sorted(rows.items())]

    def _by_code(self, code: str) -> list[Row]:
        if not code.strip():
            return []
        by_id = BY_ID.fullmatch(code)
        found = self._rows([["ref", "=", code]])
        return found or (self._rows([["id", "=", int(by_id[1])], ["ref", "=", False]]) if by_id else [])

    def _by_email(self, email: str) -> list[Row]:
        wanted = email.strip().casefold()
        if not wanted:
            return []
        rows = self._rows([["email", "=ilike", wanted.replace("\\", "\\\\")]])
        return [row for row in rows if wire.plain(row["email"]).strip().casefold() == wanted]

    def _rows(self, domain: list[Any]) -> list[Row]:
        own = [["parent_id", "=", False], self._company.ours]
        return self._company.rows(PARTNER, [*own, *domain], fields=FIELDS)

    def _customer(self, row: Row) -> Customer:
        company = bool(row.get("is_company"))
        name = wire.plain(row["name"])
        return Customer(
            code=wire.plain(row["ref"]) or f"id-{row['id']}",
            email=wire.plain(row["email"]),
            company=name if company else "",
            last_name="" if company else name,
            vat_number=wire.plain(row.get("vat")),
            phone=wire.plain(row.get("phone")),
            invoice_address=self._address(row),
        )

    def _address(self, row: Row) -> Address | None:
        if not wire.plain(row["street"]) and not wire.plain(row["city"]):
            return None
        return Address(
            name=wire.plain(row["name"]),
            line1=wire.plain(row["street"]),
            line2=wire.plain(row["street2"]),
            postcode=wire.plain(row["zip"]),
            city=wire.plain(row["city"]),
            country=self._code_of(wire.ref(row["country_id"])),
            phone=wire.plain(row.get("phone")),
        )

    def _code_of(self, country: int | None) -> str:
        self._read_countries()
        return self._codes.get(country or 0, "")

    def of_order(self, code: str, *, key: str) -> Row:
        """The partner with this code. Raises CustomerUnknown, RecordUnreadable where several bear it."""
        found = self._by_code(code)
        if not found:
            raise CustomerUnknown(key=key, code=code)
        if len(found) > 1:
            times = len(found)
            raise RecordUnreadable(key=key, why=f"the customer code {code} is given {times} times")
        return found[0]

    # --- placing ---

    def place(self, customer: Customer) -> str:
        """Place a customer once. Raises CapabilityMissing without a code, CustomerRefused, OrderUnmapped."""
        if not customer.code:
            raise CapabilityMissing(system=TITLE, capability="the next customer code")
        if customer.account:
            raise CustomerRefused(key=customer.code, why="ledger accounts of customers are set in Odoo itself")
        if not self._by_code(customer.code):
            columns, rows = self._sheet(customer)
            self._load(columns, rows, key=customer.code)
        return customer.code

    def _load(self, columns: list[str], rows: list[list[str]], *, key: str) -> int:
        """Raises CustomerRefused. The text of Odoo may repeat the very data that it refuses: it is not kept."""
        try:
            return self._loader.tried(lambda: self._loader.load(PARTNER, columns, rows))
        except NotLoaded as refused:
            raise CustomerRefused(key=key, why=_why(refused.fields), detail=", ".join(sorted(refused.fields))) from None

    def _sheet(self, customer: Customer) -> tuple[list[str], list[list[str]]]:
        """The columns and rows of `load`: the customer, then the addresses below it."""
        own = self._own_values(customer)
        children = self._children(customer)
        columns = [*own, *(f"child_ids/{name}" for name in (children[0] if children else ()))]
        first, *more = [list(child.values()) for child in children] or [[]]
        return columns, [[*own.values(), *first], *([""] * len(own) + child for child in more)]

    def _own_values(self, customer: Customer) -> dict[str, str]:
        values = {
            "id": external(f"customer_{customer.code}"),
            "ref": customer.code,
            "name": title_of(customer),
            "is_company": "1" if customer.company.strip() else "0",
            "email": customer.email,
            "phone": customer.phone,
            "vat": customer.vat_number,
            **self._postal(customer.invoice_address, key=customer.code),
        }
        if customer.price_category:
            values["property_product_pricelist/.id"] = self._pricelist(customer)
        return values

    def _pricelist(self, customer: Customer) -> str:
        wanted = customer.price_category.strip()
        rows = self._company.rows("product.pricelist", [self._company.ours], fields=("name",))
        found = [row["id"] for row in rows if wanted in (row["name"], str(row["id"]))]
        if len(found) != 1:
            raise CustomerRefused(key=customer.code, why=f"the ERP has no price list {wanted}")
        return str(found[0])

    def _children(self, customer: Customer) -> list[dict[str, str]]:
        """The delivery address where it is another one, the invoice address where it bears another name."""
        invoice, delivery = customer.invoice_address, customer.delivery_address
        found = []
        if invoice is not None and _name_of(invoice) not in ("", title_of(customer)) and customer.company.strip():
            found.append(self._child(customer, invoice, kind="invoice"))
        if delivery is not None and delivery != invoice:
            found.append(self._child(customer, delivery, kind="delivery"))
        return found

    def _child(self, customer: Customer, address: Address, *, kind: str) -> dict[str, str]:
        return {
            "id": external(f"{kind}_{customer.code}"),
            "type": kind,
            "name": _name_of(address),
            "phone": address.phone,
            **self._postal(address, key=customer.code),
        }

    def _postal(self, address: Address | None, *, key: str) -> dict[str, str]:
        if address is None:
            return {}
        return {
            "street": address.line1,
            "street2": address.line2,
            "zip": address.postcode,
            "city": address.city,
            "country_id/.id": str(self.country(address.country, key=key)),
        }

    # --- addresses of orders ---

    def delivery(self, partner: Row, address: Address | None, *, key: str) -> int:
        """The partner that goods go to: the customer, one of its addresses, or a new one below it, made once."""
        if address is None:
            return int(partner["id"])
        wanted = self._known_by(address, key=key)
        below = self._company.rows(PARTNER, [["parent_id", "=", partner["id"]]], fields=FIELDS)
        for row in [partner, *below]:
            if _known_as(row) == wanted or (row is partner and _known_as(row)[1:] == wanted[1:]):
                return int(row["id"])
        return self._new_address(partner, address, wanted=wanted, key=key)

    def _known_by(self, address: Address, *, key: str) -> tuple[str, ...]:
        postal = self._postal(address, key=key)
        return tuple(_folded(part) for part in (_name_of(address), *postal.values()))

    def _new_address(self, partner: Row, address: Address, *, wanted: Sequence[str], key: str) -> int:
        known = blake2b("\n".join(wanted).encode(), digest_size=HASHED).hexdigest()
        values = {
            "id": external(f"address_{partner['id']}-{known}"),
            "parent_id/.id": str(partner["id"]),
            "type": "delivery",
            "name": _name_of(address),
            "phone": address.phone,
            **self._postal(address, key=key),
        }
        return self._load(list(values), [list(values.values())], key=key)

    def country(self, label: str, *, key: str) -> int:
        """By ISO code, or by its name in the main language or English. Raises OrderUnmapped."""
        self._read_countries()
        found = self._countries.get(label.strip().casefold())
        if found is None:
            raise OrderUnmapped(key=key, what="country", value=label, option="orders.import.countries")
        return found

    def _read_countries(self) -> None:
        if self._countries:
            return
        for lang in dict.fromkeys(("en_US", self._company.language)):
            for row in self._company.rows("res.country", [], fields=("name", "code"), lang=lang):
                self._codes[row["id"]] = wire.plain(row["code"])
                for name in (row["name"], row["code"]):
                    self._countries[wire.plain(name).casefold()] = row["id"]


def title_of(customer: Customer) -> str:
    """What a customer is called: the company, else first and last name."""
    return customer.company.strip() or f"{customer.first_name.strip()} {customer.last_name.strip()}".strip()


def _name_of(address: Address) -> str:
    return ", ".join(filter(None, (address.company.strip(), address.name.strip())))


def _known_as(row: Row) -> tuple[str, ...]:
    texts = [wire.plain(row.get(name)) for name in POSTAL[:-1]]
    return tuple(_folded(part) for part in (*texts, str(wire.ref(row["country_id"]) or "")))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _why(fields: set[str]) -> str:
    if "vat" in fields:
        return N_("its VAT number is not valid")
    blamed = ", ".join(sorted(fields))
    return N_(f"it does not accept {blamed}") if fields else N_("its data are not accepted")
