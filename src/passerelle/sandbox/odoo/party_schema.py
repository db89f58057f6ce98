"""Partners: customers, their addresses and contacts, tags; VAT numbers are checked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.errors import UserError, ValidationError
from passerelle.sandbox.odoo.fields import (
    Behaviour,
    Values,
    boolean,
    char,
    choice,
    computed,
    integer,
    lines,
    many,
    model,
    one,
    text,
)

_KINDS = (("contact", "Contact"), ("invoice", "Invoice Address"), ("delivery", "Delivery Address"),
          ("other", "Other Address"))  # fmt: skip
_COMPANY_TYPES = (("person", "Individual"), ("company", "Company"))
_FRENCH = re.compile(r"FR([0-9A-HJ-NP-Z]{2})(\d{9})")
_OTHER = re.compile(r"[A-Z]{2}[0-9A-Z+*]{5,14}")


class _Partners(Behaviour):
    def prepare(self, env: Env, vals: Values) -> Values:
        return _with_type(vals)

    def created(self, env: Env, record: Record, vals: Values) -> None:
        _check(env, record)

    def change(self, env: Env, records: Sequence[Record], vals: Values) -> Values:
        return _with_type(vals)

    def changed(self, env: Env, records: Sequence[Record], vals: Values) -> None:
        if {"vat", "country_id"} & vals.keys():
            for record in records:
                _check(env, record)

    def delete(self, env: Env, records: Sequence[Record]) -> None:
        for record in records:
            if env.table("sale.order").by("partner_id", record.id):
                raise UserError(
                    "The operation cannot be completed: another model requires the record being deleted. "
                    "If possible, archive it instead.\n\nModel: Sales Order (sale.order)\n"
                    "Field: Customer (partner_id)\n"
                )


def _with_type(vals: Values) -> Values:
    """company_type is but another way to write is_company."""
    if "company_type" not in vals:
        return vals
    rest = {name: value for name, value in vals.items() if name != "company_type"}
    return {"is_company": vals["company_type"] == "company", **rest}


def _check(env: Env, record: Record) -> None:
    """Raises ValidationError where the VAT number or a mandatory name does not hold."""
    if not record.values.get("name") and record.values.get("type", "contact") == "contact":
        raise ValidationError("Contacts require a name")
    vat = record.values.get("vat")
    if vat and not vat_number_holds(str(vat), country=_country_code(env, record)):
        raise ValidationError(
            f"\nThe VAT number [{vat}] for partner [{record.values.get('name')}] does not seem to be valid. "
            "\nNote: the expected format is FR23334175221"
        )


def _country_code(env: Env, record: Record) -> str:
    country = env.linked(record, "country_id")
    return str(country.values["code"]) if country else ""


def vat_number_holds(vat: str, *, country: str) -> bool:
    """A French number by its key; any other by its form. One without a country's letters is not looked at."""
    plain = vat.replace(" ", "").replace(".", "").upper()
    if country == "FR" and not plain[:2].isalpha():
        plain = f"FR{plain}"
    if not plain[:2].isalpha():
        return True
    french = _FRENCH.fullmatch(plain)
    if plain.startswith("FR"):
        return french is not None and _french_key_holds(french[1], french[2])
    return bool(_OTHER.fullmatch(plain))


def _french_key_holds(key: str, siren: str) -> bool:
    return not key.isdigit() or int(key) == (12 + 3 * (int(siren) % 97)) % 97


def _name(env: Env, record: Record) -> str:
    """An address is shown under the name of its company."""
    name = str(record.values.get("name") or "")
    parent = env.linked(record, "parent_id")
    if parent is None or record.values.get("is_company"):
        return name
    if not name:
        kind = str(record.values.get("type"))
        name = dict(_KINDS).get(kind, kind)
    return f"{env.name_of(parent)}, {name}"


def _commercial(env: Env, record: Record) -> int:
    """The company a contact belongs to, or the partner itself."""
    parent = env.linked(record, "parent_id")
    return record.id if parent is None or record.values.get("is_company") else _commercial(env, parent)


MODELS = (
    model(
        "res.partner",
        "Contact",
        [
            char("name", "Name", index=True),
            computed(char("complete_name", "Complete Name"), lambda env, record: env.name_of(record)),
            char("email", "Email", index=True),
            char("phone", "Phone"),
            char("mobile", "Mobile", until=18),
            char("street", "Street"),
            char("street2", "Street2"),
            char("zip", "Zip"),
            char("city", "City"),
            one("country_id", "Country", "res.country"),
            char("ref", "Reference", index=True),
            char("vat", "Tax ID"),
            char("lang", "Language", default="en_US"),
            char("website", "Website Link"),
            char("function", "Job Position"),
            text("comment", "Notes"),
            choice("type", "Address Type", _KINDS, default="contact"),
            boolean("is_company", "Is a Company"),
            computed(
                choice("company_type", "Company Type", _COMPANY_TYPES),
                lambda env, record: "company" if record.values.get("is_company") else "person",
            ),
            one("parent_id", "Related Company", "res.partner"),
            lines("child_ids", "Contact", "res.partner", "parent_id"),
            computed(one("commercial_partner_id", "Commercial Entity", "res.partner"), _commercial),
            many("category_id", "Tags", "res.partner.category"),
            integer("customer_rank", "Customer Rank"),
            integer("supplier_rank", "Supplier Rank"),
            one("user_id", "Salesperson", "res.users"),
            one("company_id", "Company", "res.company"),
            one("property_product_pricelist", "Pricelist", "product.pricelist", per_company=True),
            one("property_account_position_id", "Fiscal Position", "account.fiscal.position", per_company=True),
            boolean("active", "Active", default=True),
        ],
        order="complete_name, id desc",
        display=_name,
        behaviour=_Partners(),
    ),
    model(
        "res.partner.category",
        "Partner Tags",
        [
            char("name", "Name", required=True, translate=True),
            one("parent_id", "Category", "res.partner.category"),
            boolean("active", "Active", default=True),
        ],
        order="name, id",
    ),
)
