"""Warehouses, locations, stock rows, pickings and their movements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from passerelle.sandbox.odoo import transfers
from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.errors import UserError
from passerelle.sandbox.odoo.fields import (
    Behaviour,
    Model,
    Values,
    boolean,
    char,
    choice,
    computed,
    lines,
    many,
    model,
    moment,
    number,
    one,
)
from passerelle.sandbox.odoo.methods import METHODS, Records, method

CUSTOMERS = 5  # the location that deliveries go to
_STATES = (("draft", "Draft"), ("waiting", "Waiting"), ("confirmed", "Waiting"), ("assigned", "Ready"),
           ("done", "Done"), ("cancel", "Cancelled"))  # fmt: skip
_MOVE_STATES = (*_STATES, ("partially_available", "Partially Available"))
_USAGES = (("supplier", "Vendor"), ("view", "View"), ("internal", "Internal"), ("customer", "Customer"),
           ("inventory", "Inventory Loss"))  # fmt: skip
UNITS = "Product Unit of Measure"


def _location_name(env: Env, record: Record) -> str:
    parent = env.linked(record, "location_id")
    name = str(record.values["name"])
    return f"{env.name_of(parent)}/{name}" if parent and record.values.get("usage") != "view" else name


class _Warehouses(Behaviour):
    def prepare(self, env: Env, vals: Values) -> Values:
        """A warehouse comes with its view location and its stock below it."""
        company = vals.get("company_id") or env.company
        code = str(vals.get("code") or vals.get("name"))[:5]
        view = env.create("stock.location", {"name": code, "usage": "view", "company_id": company})
        place = {"name": "Stock", "usage": "internal", "location_id": view.id, "company_id": company}
        stock = env.create("stock.location", place)
        return {**vals, "company_id": company, "code": code, "view_location_id": view.id, "lot_stock_id": stock.id}


class _Quants(Behaviour):
    def prepare(self, env: Env, vals: Values) -> Values:
        location = env.get("stock.location", int(vals.get("location_id") or 0))
        return {**vals, "company_id": location.values.get("company_id") or False, "in_date": env.now[:19]}


class _Pickings(Behaviour):
    def prepare(self, env: Env, vals: Values) -> Values:
        warehouse = env.get("stock.warehouse", int(vals["warehouse_id"]))
        code = warehouse.values["code"]
        return {"name": f"{code}/OUT/{env.database.next_number(f'picking {code}'):05d}", "state": "draft", **vals}


MODELS = (
    model(
        "stock.location",
        "Inventory Locations",
        [
            char("name", "Location Name", required=True),
            computed(char("complete_name", "Full Location Name"), _location_name),
            choice("usage", "Location Type", _USAGES, default="internal"),
            one("location_id", "Parent Location", "stock.location"),
            lines("child_ids", "Contains", "stock.location", "location_id"),
            one("company_id", "Company", "res.company"),
            boolean("active", "Active", default=True),
        ],
        order="complete_name, id",
        display=_location_name,
        parent="location_id",
    ),
    model(
        "stock.warehouse",
        "Warehouse",
        [
            char("name", "Warehouse", required=True),
            char("code", "Short Name", required=True),
            one("company_id", "Company", "res.company", required=True),
            one("view_location_id", "View Location", "stock.location"),
            one("lot_stock_id", "Location Stock", "stock.location"),
            one("partner_id", "Address", "res.partner"),
            boolean("active", "Active", default=True),
        ],
        behaviour=_Warehouses(),
    ),
    model(
        "stock.quant",
        "Quants",
        [
            one("product_id", "Product", "product.product", required=True),
            one("location_id", "Location", "stock.location", required=True),
            one("company_id", "Company", "res.company"),
            number("quantity", "Quantity", default=0.0),
            number("reserved_quantity", "Reserved Quantity", default=0.0),
            computed(number("available_quantity", "Available Quantity"),
                     lambda env, record: record.values["quantity"] - record.values["reserved_quantity"]),
            number("inventory_quantity", "Counted Quantity"),
            boolean("inventory_quantity_set", "Inventory Quantity Set"),
            moment("in_date", "Incoming Date"),
        ],
        display=lambda env, record: env.name_of(env.get("product.product", record.values["product_id"])),
        behaviour=_Quants(),
    ),
    model(
        "stock.picking",
        "Transfer",
        [
            char("name", "Reference", index=True),
            char("origin", "Source Document", index=True),
            choice("state", "Status", _STATES),
            one("sale_id", "Sales Order", "sale.order"),
            one("partner_id", "Contact", "res.partner"),
            one("carrier_id", "Carrier", "delivery.carrier"),
            char("carrier_tracking_ref", "Tracking Reference"),
            computed(char("carrier_tracking_url", "Tracking URL"), lambda env, record: False),
            moment("scheduled_date", "Scheduled Date"),
            moment("date_done", "Date of Transfer"),
            one("location_id", "Source Location", "stock.location"),
            one("location_dest_id", "Destination Location", "stock.location"),
            one("backorder_id", "Back Order of", "stock.picking"),
            lines("move_ids", "Stock Moves", "stock.move", "picking_id"),
            computed(char("picking_type_code", "Type of Operation"), lambda env, record: "outgoing"),
            one("warehouse_id", "Warehouse", "stock.warehouse"),
            one("company_id", "Company", "res.company"),
        ],
        order="scheduled_date, id desc",
        behaviour=_Pickings(),
    ),
    model(
        "stock.move",
        "Stock Move",
        [
            one("product_id", "Product", "product.product", required=True),
            number("product_uom_qty", "Demand", digits=UNITS),
            number("quantity", "Quantity", since=17),
            boolean("picked", "Picked", since=17),
            number("quantity_done", "Quantity Done", until=16),
            computed(number("reserved_availability", "Quantity Reserved", until=16),
                     lambda env, record: sum(one for _, one in record.values.get("reservations") or ())),
            choice("state", "Status", _MOVE_STATES, default="draft"),
            one("picking_id", "Transfer", "stock.picking"),
            one("location_id", "Source Location", "stock.location"),
            one("location_dest_id", "Destination Location", "stock.location"),
            one("sale_line_id", "Sale Line", "sale.order.line"),
            one("company_id", "Company", "res.company"),
            char("origin", "Source Document"),
            moment("date", "Date Scheduled"),
        ],
        display=lambda env, record: env.name_of(env.get("product.product", record.values["product_id"])),
    ),
    model(
        "stock.backorder.confirmation",
        "Backorder Confirmation",
        [many("pick_ids", "Transfers", "stock.picking"), boolean("show_transfers", "Show Transfers")],
        transient=True,
    ),
    model(
        "stock.immediate.transfer",
        "Immediate Transfer",
        [many("pick_ids", "Transfers", "stock.picking", until=16), boolean("show_transfers", "Show Transfers")],
        transient=True,
    ),
)  # fmt: skip


# counted stock


@method("stock.quant", on_records=False, name="create")
def create_quant(env: Env, model: Model, *, vals_list: Any) -> Any:
    """In inventory mode a product already counted in a place keeps its row, and only there a quantity is taken."""
    env.demand("stock.quant", "create")
    if not env.context.get("inventory_mode"):
        return METHODS["", "create"].call(env, model, vals_list=vals_list)
    many_vals = vals_list if isinstance(vals_list, list) else [vals_list]
    records = []
    for vals in many_vals:
        quant = transfers.quant_of(env, int(vals["product_id"]), int(vals["location_id"]))
        env.write([quant], {"inventory_quantity": vals.get("inventory_quantity", 0), "inventory_quantity_set": True})
        records.append(quant.id)
    return records if isinstance(vals_list, list) else records[0]


@method("stock.quant")
def action_apply_inventory(env: Env, records: Records) -> None:
    """Answers nothing, having done its work."""
    for quant in records.to_change("write"):
        transfers.set_on_hand(env, quant, float(quant.values.get("inventory_quantity") or 0.0))
        env.write([quant], {"inventory_quantity": 0.0, "inventory_quantity_set": False})


# pickings


@method("stock.picking")
def button_validate(env: Env, records: Records) -> Any:
    """True, or a wizard's action, with nothing done, where less is picked than was asked for."""
    pickings: list[Record] = records.to_change("write")
    for picking in pickings:
        if picking.values["state"] in ("done", "cancel"):
            raise UserError(f"You cannot validate a transfer that is {picking.values['state']}.")
    if any(not any(transfers.picked(env, one).values()) for one in pickings):
        return _nothing_picked(env, pickings)
    partial = [one for one in pickings if transfers.is_partial(env, one)]
    if partial and not env.context.get("skip_backorder"):
        return _wizard(env, "Create Backorder?", "stock.backorder.confirmation", pickings)
    refused = env.context.get("picking_ids_not_to_create_backorder") or ()
    for picking in pickings:
        deliver(env, picking, backorder=picking.id not in refused)
    return True


def _nothing_picked(env: Env, pickings: Sequence[Record]) -> dict[str, Any]:
    if env.version <= 16:
        return _wizard(env, "Immediate Transfer?", "stock.immediate.transfer", pickings)
    raise UserError(
        "You cannot validate a transfer if no quantities are reserved. To force the transfer, encode quantities."
    )


def deliver(env: Env, picking: Record, *, backorder: bool = True) -> Record | None:
    """Carry a picking out and tell its order; returns the backorder."""
    from passerelle.sandbox.odoo import sales  # which makes pickings itself

    left = transfers.carry_out(env, picking, backorder=backorder)
    order = env.linked(picking, "sale_id")
    if order is not None:
        sales.settle_delivery(env, order)
    return left


def _wizard(env: Env, name: str, wizard: str, pickings: Sequence[Record]) -> dict[str, Any]:
    ids = [one.id for one in pickings]
    context = {**env.shown_context, "button_validate_picking_ids": ids, "default_show_transfers": len(ids) > 1}
    return {
        "name": name, "type": "ir.actions.act_window", "view_mode": "form", "res_model": wizard,
        "views": [[895, "form"]], "view_id": 895, "target": "new",
        "context": {**context, "default_pick_ids": [[4, one] for one in ids]},
    }  # fmt: skip


@method("stock.backorder.confirmation")
def process(env: Env, records: Records) -> bool:
    for ident in env.context.get("button_validate_picking_ids") or ():
        deliver(env, env.get("stock.picking", ident))
    return True


@method("stock.backorder.confirmation")
def process_cancel_backorder(env: Env, records: Records) -> bool:
    for ident in env.context.get("button_validate_picking_ids") or ():
        deliver(env, env.get("stock.picking", ident), backorder=False)
    return True


@method("stock.immediate.transfer", name="process", until=16)
def process_immediately(env: Env, records: Records) -> bool:
    for ident in env.context.get("button_validate_picking_ids") or ():
        picking = env.get("stock.picking", ident)
        for move in transfers.moves_of(env, picking):
            env.write([move], {"quantity_done": sum(one for _, one in move.values.get("reservations") or ())})
        deliver(env, picking)
    return True


@method("stock.picking")
def action_assign(env: Env, records: Records) -> bool:
    for picking in records.to_change("write"):
        for move in transfers.moves_of(env, picking):
            if move.values["state"] in ("confirmed", "partially_available"):
                transfers.reserve(env, move)
        transfers.settle_state(env, picking)
    return True


@method("stock.picking", name="action_cancel")
def cancel_picking(env: Env, records: Records) -> bool:
    for picking in records.to_change("write"):
        transfers.cancel(env, picking)
    return True
