"""Customers as parties, found by code or e-mail, and their addresses."""

from __future__ import annotations

from typing import Any, Final

from passerelle.connectors.tryton.client import Refused, TrytonClient
from passerelle.connectors.tryton.manifest import TITLE
from passerelle.connectors.tryton.mapping import customer_of
from passerelle.connectors.tryton.wire import AddressRow, MailRow, PartyRow
from passerelle.domain.parties import Address, Customer
from passerelle.errors import CapabilityMissing, CustomerRefused, OrderFieldRefused

PARTY: Final = "party.party"
ADDRESS: Final = "party.address"


class Parties:
    """Finds and makes customers."""

    def __init__(self, client: TrytonClient) -> None:
        self._client = client

    def find(self, *, code: str = "", email: str = "") -> list[Customer]:
        """The customers with this code (exact), and those with this e-mail (ignoring case), each once."""
        mails = self._mails(email) if email else {}
        found = self.with_code(code) if code else []
        if mails:
            found += self._client.rows(PARTY, PartyRow, [["id", "in", sorted(mails)]])
        return [customer_of(one, email=mails.get(one.id, "")) for one in {one.id: one for one in found}.values()]

    def with_code(self, code: str) -> list[PartyRow]:
        """The party with this code, or none."""
        return [one for one in self._client.rows(PARTY, PartyRow, [["code", "=", code]]) if one.code == code]

    def _mails(self, email: str) -> dict[int, str]:
        """The e-mail address as it is written, by party; a wildcard in it finds too much, which is sorted out here."""
        domain = [["type", "=", "email"], ["value", "ilike", email], ["party.active", "=", True]]
        rows = self._client.rows("party.contact_mechanism", MailRow, domain)
        return {row.party: row.value for row in rows if row.value and row.value.casefold() == email.casefold()}

    def place(self, customer: Customer) -> str:
        """Make a customer unless its code is there. Raises CustomerRefused, CapabilityMissing without a code."""
        if not customer.code:  # nothing would find it again after an answer that is lost
            raise CapabilityMissing(system=TITLE, capability="the next customer code")
        if not self.with_code(customer.code):
            try:
                self._client.write(f"{PARTY}.create", [self._party(customer)])
            except Refused as refused:
                if not self.with_code(customer.code):  # another worker was faster: a code is unique in Tryton
                    raise CustomerRefused(key=customer.code, why=refused.text) from None
        return customer.code

    def _party(self, customer: Customer) -> dict[str, Any]:
        person = " ".join(filter(None, (customer.first_name, customer.last_name)))
        addresses = [one for one in (customer.invoice_address, customer.delivery_address) if one is not None]
        distinct = [self._address(one, key=customer.code) for one in dict.fromkeys(addresses)]
        if distinct:
            distinct[0]["invoice"] = customer.invoice_address is not None
        mechanisms = [{"type": "email", "value": customer.email, "name": person}] if customer.email else []
        mechanisms += [{"type": "phone", "value": customer.phone}] if customer.phone else []
        identifiers = [{"type": "eu_vat", "code": customer.vat_number}] if customer.vat_number else []
        values: dict[str, Any] = {"name": customer.company or person, "code": customer.code}
        nested = {"addresses": distinct, "contact_mechanisms": mechanisms, "identifiers": identifiers}
        return values | {name: [["create", rows]] for name, rows in nested.items() if rows}

    # --- addresses ---

    def addresses(self, party: int) -> list[AddressRow]:
        """The addresses of a party, those marked for invoices first."""
        found = self._client.rows(ADDRESS, AddressRow, [["party", "=", party]])
        return sorted(found, key=lambda one: not one.invoice)

    def address(self, party: int, address: Address, *, key: str) -> int:
        """The number of this address of a party, made where it is missing. Raises OrderFieldRefused."""
        wanted = self._address(address, key=key)
        for one in self.addresses(party):
            if all((getattr(one, name) or "") == (value or "") for name, value in wanted.items()):
                return one.id
        try:
            made = self._client.write(f"{ADDRESS}.create", [{"party": party, **wanted}])
        except Refused as refused:
            raise OrderFieldRefused(key=key, field="delivery address", why=refused.text) from None
        return int(made[0])

    def _address(self, address: Address, *, key: str) -> dict[str, Any]:
        return {
            "party_name": address.name,
            "name": address.company,
            "street": "\n".join(filter(None, (address.line1, address.line2))),
            "postal_code": address.postcode,
            "city": address.city,
            "country": self._country(address.country, key=key),
        }

    def _country(self, country: str, *, key: str) -> int | None:
        """A country by its ISO code or its name. Raises OrderFieldRefused."""
        if not country:
            return None
        found = self._client.raw("country.country", ["OR", ["code", "=", country], ["name", "=", country]], ["code"])
        if not found:
            raise OrderFieldRefused(key=key, field="country", why=f"Tryton has no country {country}")
        return int(found[0]["id"])
