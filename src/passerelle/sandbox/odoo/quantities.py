"""Quantities of products in the places that the context names: on hand, free, forecast."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.domains import descendants
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.fields import Compute

OPEN = frozenset({"waiting", "confirmed", "partially_available", "assigned"})


@dataclass(slots=True)
class Totals:
    on_hand: float = 0.0
    reserved: float = 0.0
    incoming: float = 0.0
    outgoing: float = 0.0

    @property
    def by_field(self) -> dict[str, float]:
        return {
            "qty_available": self.on_hand,
            "free_qty": self.on_hand - self.reserved,
            "incoming_qty": self.incoming,
            "outgoing_qty": self.outgoing,
            "virtual_available": self.on_hand + self.incoming - self.outgoing,
        }


def reader(name: str) -> Compute:
    """The compute function of one of the quantity fields, of a variant or of a template."""

    def compute(env: Env, record: Record) -> float:
        if record.table.model.name == "product.product":
            return totals(env, record).by_field[name]
        variants = env.table("product.product").by("product_tmpl_id", record.id)
        return sum((totals(env, one).by_field[name] for one in variants if one.values.get("active", True)), 0.0)

    return compute


def totals(env: Env, product: Record) -> Totals:
    """Counted once a call."""
    kept: dict[int, Totals] = env.kept.setdefault("totals", {})
    if product.id not in kept:
        kept[product.id] = _counted(env, product)
    return kept[product.id]


def _counted(env: Env, product: Record) -> Totals:
    here, found = places(env), Totals()
    for quant in env.table("stock.quant").by("product_id", product.id):
        if quant.values["location_id"] in here:
            found.on_hand += quant.values["quantity"]
            found.reserved += quant.values["reserved_quantity"]
    for move in env.table("stock.move").by("product_id", product.id):
        if move.values["state"] in OPEN:
            source, target = move.values["location_id"] in here, move.values["location_dest_id"] in here
            found.incoming += move.values["product_uom_qty"] if target and not source else 0.0
            found.outgoing += move.values["product_uom_qty"] if source and not target else 0.0
    return found


def places(env: Env) -> set[int]:
    """The locations that count: those of the context, else those of every warehouse of the allowed companies."""
    if "places" not in env.kept:
        env.kept["places"] = descendants(env, "stock.location", _roots(env))
    found: set[int] = env.kept["places"]
    return found


def _roots(env: Env) -> list[int]:
    if env.context.get("location"):
        return list(_idents(env, "stock.location", env.context["location"]))
    warehouses = env.table("stock.warehouse").rows.values()
    named = env.context.get("warehouse_id") if env.version >= 18 else None
    named = named or env.context.get("warehouse")
    if named:
        wanted = set(_idents(env, "stock.warehouse", named))
        return [one.values["view_location_id"] for one in warehouses if one.id in wanted]
    return [one.values["view_location_id"] for one in warehouses if one.values["company_id"] in env.companies]


def _idents(env: Env, model: str, value: Any) -> Iterable[int]:
    """An id, several, or a name."""
    values = value if isinstance(value, (list, tuple)) else [value]
    for one in values:
        if isinstance(one, str):
            yield from (row.id for row in env.table(model).rows.values() if one in env.name_of(row))
        else:
            yield int(one)
