"""Goods on the move: reservations, pickings validated whole or in part, what is left for a backorder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.domains import descendants
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.quantities import OPEN

Reservation = tuple[int, float]  # quant, quantity


def storable(env: Env, product: Record) -> bool:
    """Followed in stock."""
    if env.version >= 18:
        return bool(env.value(product, "is_storable"))
    return str(env.value(product, "type")) == "product"


def quant_of(env: Env, product: int, location: int) -> Record:
    """The stock row of a product in a place, made where there is none."""
    for one in env.table("stock.quant").by("product_id", product):
        if one.values["location_id"] == location:
            return one
    return env.but(inventory_mode=False).create("stock.quant", {"product_id": product, "location_id": location})


def done_field(env: Env) -> str:
    """What was picked of a movement, or will be."""
    return "quantity" if env.version >= 17 else "quantity_done"


# reservations


def reserve(env: Env, move: Record) -> None:
    """Take what is free in the movement's source, as far as it goes; sets the movement's state."""
    product = env.get("product.product", move.values["product_id"])
    wanted = move.values["product_uom_qty"]
    if not storable(env, product):
        _set(env, move, state="assigned", reservations=(), taken=wanted)
        return
    here = descendants(env, "stock.location", [move.values["location_id"]])
    held: list[Reservation] = list(move.values.get("reservations") or ())
    missing = wanted - sum(one for _, one in held)
    for quant in env.table("stock.quant").by("product_id", product.id):
        free = quant.values["quantity"] - quant.values["reserved_quantity"]
        if quant.values["location_id"] in here and missing > 0 and free > 0:
            part = min(missing, free)
            env.write([quant], {"reserved_quantity": quant.values["reserved_quantity"] + part})
            held.append((quant.id, part))
            missing -= part
    taken = sum(one for _, one in held)
    state = "assigned" if missing <= 0 else "partially_available" if taken else "confirmed"
    _set(env, move, state=state, reservations=tuple(held), taken=taken)


def _set(env: Env, move: Record, *, state: str, reservations: tuple[Reservation, ...], taken: float) -> None:
    move.table.put(move, "reservations", reservations)
    values: dict[str, Any] = {"state": state}
    if env.version >= 17:
        values["quantity"] = taken
    env.write([move], values)


def release(env: Env, move: Record) -> None:
    """Give back what a movement had reserved."""
    for ident, quantity in move.values.get("reservations") or ():
        quant = env.get("stock.quant", ident)
        env.write([quant], {"reserved_quantity": max(0.0, quant.values["reserved_quantity"] - quantity)})
    move.table.put(move, "reservations", ())


def set_on_hand(env: Env, quant: Record, quantity: float) -> None:
    """An inventory: movements that waited for the goods get them, those that now lack them lose them."""
    env.write([quant], {"quantity": quantity})
    product = quant.values["product_id"]
    moves = [one for one in env.table("stock.move").by("product_id", product) if one.values["state"] in OPEN]
    for move in reversed(moves):
        if quant.values["reserved_quantity"] > quantity and any(one == quant.id for one, _ in move.values.get(
            "reservations") or ()):  # fmt: skip
            release(env, move)
    for move in moves:
        reserve(env, move)
    for picking in {one.values["picking_id"] for one in moves if one.values.get("picking_id")}:
        settle_state(env, env.get("stock.picking", picking))


# pickings


def moves_of(env: Env, picking: Record) -> list[Record]:
    return env.table("stock.move").by("picking_id", picking.id)


def settle_state(env: Env, picking: Record) -> None:
    """A picking is ready as soon as a part of it is."""
    states = {one.values["state"] for one in moves_of(env, picking)}
    alive = states - {"cancel"}
    if not alive:
        state = "cancel"
    elif alive == {"done"}:
        state = "done"
    else:
        state = "assigned" if alive & {"assigned", "partially_available"} else "confirmed"
    if state != picking.values["state"]:
        env.write([picking], {"state": state})


def picked(env: Env, picking: Record) -> dict[int, float]:
    """What each movement will take: what was marked as picked, or everything that is reserved."""
    moves = [one for one in moves_of(env, picking) if one.values["state"] in OPEN]
    marked = any(one.values.get("picked") for one in moves)
    name = done_field(env)
    return {
        one.id: 0.0 if marked and not one.values.get("picked") else float(one.values.get(name) or 0.0) for one in moves
    }


def is_partial(env: Env, picking: Record) -> bool:
    taken = picked(env, picking)
    return any(taken[one.id] < one.values["product_uom_qty"] for one in moves_of(env, picking) if one.id in taken)


def carry_out(env: Env, picking: Record, *, backorder: bool = True) -> Record | None:
    """Move the goods; what is left goes to a picking of its own, which is returned, or is cancelled."""
    taken = picked(env, picking)
    rest: list[tuple[Record, float]] = []
    for ident, quantity in taken.items():
        move = env.get("stock.move", ident)
        wanted = move.values["product_uom_qty"]
        release(env, move)
        if quantity < wanted:
            rest.append((move, wanted - quantity))
        _move_goods(env, move, quantity)
    env.write([picking], {"state": "done", "date_done": env.now[:19]})
    return _left_over(env, picking, rest) if rest and backorder else None


def _move_goods(env: Env, move: Record, quantity: float) -> None:
    if not quantity:
        env.write([move], {"state": "cancel"})
        return
    product = env.get("product.product", move.values["product_id"])
    if storable(env, product):
        for place, sign in ((move.values["location_id"], -1), (move.values["location_dest_id"], 1)):
            quant = quant_of(env, product.id, place)
            env.write([quant], {"quantity": quant.values["quantity"] + sign * quantity})
    env.write([move], {"state": "done", "product_uom_qty": quantity, done_field(env): quantity, "date": env.now[:19]})


def _left_over(env: Env, picking: Record, rest: Sequence[tuple[Record, float]]) -> Record:
    kept = ("origin", "sale_id", "partner_id", "carrier_id", "location_id", "location_dest_id", "company_id",
            "warehouse_id", "scheduled_date")  # fmt: skip
    values = {name: picking.values.get(name, False) for name in kept}
    backorder = env.create("stock.picking", {**values, "backorder_id": picking.id})
    for move, quantity in rest:
        again = {name: move.values.get(name, False) for name in _MOVE_FIELDS}
        made = env.create("stock.move", {**again, "picking_id": backorder.id, "product_uom_qty": quantity})
        reserve(env, made)
    settle_state(env, backorder)
    return backorder


_MOVE_FIELDS = ("product_id", "location_id", "location_dest_id", "sale_line_id", "company_id", "origin")


def cancel(env: Env, picking: Record) -> None:
    """What is not delivered yet will not be."""
    for move in moves_of(env, picking):
        if move.values["state"] in OPEN:
            release(env, move)
            env.write([move], {"state": "cancel"})
    settle_state(env, picking)
