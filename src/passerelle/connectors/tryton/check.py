"""What `check` says of a company. It only reads: rights are asked for, never tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from passerelle.connectors.tryton.client import TrytonClient
from passerelle.connectors.tryton.manifest import TITLE
from passerelle.domain.stock import Warehouse
from passerelle.domain.texts import N_, Text, text
from passerelle.errors import RightMissing
from passerelle.ports.manifest import Finding, Severity

# What is read of each model, and written to some.
NEEDED: Final = {
    "product.template": ("read",),
    "product.product": ("read",),
    "product.category": ("read",),
    "account.tax": ("read",),
    "stock.move": ("read",),
    "stock.location": ("read",),
    "party.party": ("read", "create"),
    "party.address": ("read", "create"),
    "sale.sale": ("read", "create", "write"),
    "sale.line": ("read", "create"),
}
VERBS: Final = {"read": "view", "create": "add", "write": "modify"}


def findings(
    client: TrytonClient, *, currency: str, warehouses: Sequence[Warehouse], chosen: str
) -> list[Finding]:  # fmt: skip
    """One line for each thing seen."""
    answers = N_("{system} answers and counts in {currency}.")
    system = f"{TITLE} {client.version()}"
    found = [Finding(Severity.OK, text("erp_answers", answers, system=system, currency=currency))]
    return found + _rights(client) + _warehouses(warehouses, chosen=chosen) + _countries(client)


def _rights(client: TrytonClient) -> list[Finding]:
    said = client.ask("ir.model.access.get_access", list(NEEDED))
    missing = [
        RightMissing(system=TITLE, verb=VERBS[verb], resource=model)
        for model, verbs in NEEDED.items()
        for verb in verbs
        if not said.get(model, {}).get(verb)
    ]
    return [Finding(Severity.ERROR, Text.of(one), _step(one)) for one in missing]


def _step(error: RightMissing) -> Text:
    return Text(f"{error.code()}_step", error.next_step, error.params)


def _warehouses(warehouses: Sequence[Warehouse], *, chosen: str) -> list[Finding]:
    """With several warehouses Tryton proposes none, and refuses a sale without."""
    if chosen or len(warehouses) == 1:
        return []
    names = ", ".join(one.name for one in warehouses) or "-"
    several = text("tryton_warehouses", N_("Tryton proposes no warehouse for a sale; it has: {names}."), names=names)
    step = text("tryton_choose_warehouse", N_("Name one in erp.warehouse, or in orders.import.warehouse."))
    return [Finding(Severity.WARNING, several, step)]


def _countries(client: TrytonClient) -> list[Finding]:
    if client.ask("country.country.search_count", []):
        return []
    none = text("tryton_countries", N_("Tryton has no list of countries, so no address can be given one."))
    step = text("tryton_load_countries", N_("Run trytond_import_countries on the server."))
    return [Finding(Severity.WARNING, none, step)]
