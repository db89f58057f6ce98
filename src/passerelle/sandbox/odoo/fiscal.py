"""Fiscal positions: the one that a customer's country and VAT number ask for, and what it makes of taxes."""

from __future__ import annotations

from typing import Any

from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.environment import Env


def position_of(env: Env, partner: Record, *, delivery: Any = None) -> Any:
    """The customer's own position, else the first that applies by itself; False where none does."""
    own = env.value(partner, "property_account_position_id")
    if own:
        return own
    address = env.table("res.partner").rows.get(delivery or 0, partner)
    country = env.linked(address, "country_id") or env.linked(partner, "country_id")
    if country is None:
        return False
    positions = env.table("account.fiscal.position").by("company_id", env.company)
    for one in sorted(positions, key=lambda one: (one.values.get("sequence") or 0, one.id)):
        if one.values.get("auto_apply") and one.values.get("active", True) and _applies(one, partner, country):
            return one.id
    return False


def _applies(position: Record, partner: Record, country: Record) -> bool:
    if position.values.get("vat_required") and not partner.values.get("vat"):
        return False
    if position.values.get("country_id"):
        return bool(position.values["country_id"] == country.id)
    group = position.values.get("country_group_id")
    return not group or group in (country.values.get("country_group_ids") or ())


def taxes_of(env: Env, order: Record, product: Record) -> tuple[int, ...]:
    """The product's sale taxes of the order's company, as the order's position maps them."""
    rows = env.table("account.tax").rows
    own = [
        one for one in env.value(product, "taxes_id") if rows[one].values["company_id"] == order.values["company_id"]
    ]
    position = env.linked(order, "fiscal_position_id")
    if position is None:
        return tuple(own)
    return tuple(dict.fromkeys(found for one in own for found in _mapped(env, position, one)))


def _mapped(env: Env, position: Record, tax: int) -> list[int]:
    if env.version >= 19:
        found = [one.id for one in env.table("account.tax").rows.values()
                 if position.id in (one.values.get("fiscal_position_ids") or ())
                 and tax in (one.values.get("original_tax_ids") or ())]  # fmt: skip
        return found or [tax]
    rules = [one for one in env.table("account.fiscal.position.tax").by("position_id", position.id)
             if one.values["tax_src_id"] == tax]  # fmt: skip
    return [one.values["tax_dest_id"] for one in rules if one.values.get("tax_dest_id")] if rules else [tax]
