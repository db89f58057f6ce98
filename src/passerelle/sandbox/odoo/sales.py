"""The life of a sales order: its amounts, confirmed, delivered, invoiced, cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from passerelle.sandbox.odoo import fiscal, pricing, transfers
from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.errors import UserError
from passerelle.sandbox.odoo.fields import Behaviour, Values
from passerelle.sandbox.odoo.methods import Records, method
from passerelle.sandbox.odoo.quantities import OPEN
from passerelle.sandbox.odoo.taxes import Amounts, Line, Tax, line_amounts, order_amounts, summed
from passerelle.sandbox.odoo.values import exact

_CUSTOMERS = 5
_NOTHING = Amounts(Fraction(0), ())
_OF_COMPANY = ("partner_id", "pricelist_id", "fiscal_position_id", "warehouse_id", "carrier_id", "team_id")
_AMOUNTS = frozenset({"product_id", "product_uom_qty", "price_unit", "discount", "tax_id", "tax_ids", "display_type"})


def tax_field(env: Env) -> str:
    return "tax_ids" if env.version >= 19 else "tax_id"


class Orders(Behaviour):
    """Whoever names no price list, position or warehouse gets those that Odoo finds for the customer."""

    def prepare(self, env: Env, vals: Values) -> Values:
        company = int(vals.get("company_id") or env.company)
        found: Values = {"name": f"S{env.database.next_number('sale.order'):05d}"}
        partner = env.table("res.partner").rows.get(vals.get("partner_id") or 0)
        if partner is not None:
            found |= {"partner_invoice_id": _address(env, partner, "invoice")}
            found |= {"partner_shipping_id": _address(env, partner, "delivery")}
            ours = env.but(allowed_company_ids=[company])
            found["pricelist_id"] = ours.value(partner, "property_product_pricelist")
            found["fiscal_position_id"] = fiscal.position_of(ours, partner, delivery=vals.get("partner_shipping_id"))
        found["warehouse_id"] = _first_warehouse(env, company)
        full = {**found, **vals, "company_id": company}
        pricelist = env.table("product.pricelist").rows.get(full.get("pricelist_id") or 0)
        owner = pricelist or env.get("res.company", company)
        return {**full, "currency_id": owner.values["currency_id"]}

    def created(self, env: Env, record: Record, vals: Values) -> None:
        same_company(env, record, _OF_COMPANY, company=record.values["company_id"])
        retotal(env, record)

    def changed(self, env: Env, records: Sequence[Record], vals: Values) -> None:
        for record in records:
            same_company(env, record, _OF_COMPANY, company=record.values["company_id"])
            if "company_id" in vals:
                _put_taxes_back(env, record)
            if vals.keys() & {"company_id", "order_line"}:
                retotal(env, record)

    def delete(self, env: Env, records: Sequence[Record]) -> None:
        for record in records:
            if record.values["state"] not in ("draft", "cancel"):
                raise UserError(
                    "You can not delete a sent quotation or a confirmed sales order. You must first cancel it."
                )
            env.unlink(_lines(env, record))


def _put_taxes_back(env: Env, order: Record) -> None:
    """Naming the company of an order again gives its lines the taxes of their products (seen on Odoo 19.0)."""
    for line in _lines(env, order):
        if line.values.get("product_id"):
            product = env.get("product.product", line.values["product_id"])
            env.write([line], {tax_field(env): [(6, 0, fiscal.taxes_of(env, order, product))]})


def _address(env: Env, partner: Record, kind: str) -> int:
    """The first address of that kind below the partner, else the partner."""
    children = env.table("res.partner").by("parent_id", partner.id)
    return next((one.id for one in children if one.values.get("type") == kind), partner.id)


def _first_warehouse(env: Env, company: int) -> Any:
    found = env.table("stock.warehouse").by("company_id", company)
    return found[0].id if found else False


class Lines(Behaviour):
    """Without a price, a line takes the price list's; without taxes, the product's."""

    def prepare(self, env: Env, vals: Values) -> Values:
        if vals.get("display_type") or not vals.get("product_id"):
            return vals
        order = env.get("sale.order", vals["order_id"])
        product = env.get("product.product", int(vals["product_id"]))
        found: Values = {"name": _description(env, product)}
        if tax_field(env) not in vals:
            found[tax_field(env)] = [(6, 0, fiscal.taxes_of(env, order, product))]
        if "price_unit" not in vals:
            found |= _price(env, order, product, quantity=float(vals.get("product_uom_qty", 1)))
        return {**found, **{name: value for name, value in vals.items() if name != "name" or value}}

    def created(self, env: Env, record: Record, vals: Values) -> None:
        self._checked(env, record)
        order = env.get("sale.order", record.values["order_id"])
        if order.values["state"] == "sale" and goods(env, record):
            _transfer(env, order, [record])
        if "amount_total" in order.values:  # an order being made is totalled once, with all its lines
            retotal(env, order)

    def changed(self, env: Env, records: Sequence[Record], vals: Values) -> None:
        if _AMOUNTS & vals.keys():
            for record in records:
                self._checked(env, record)
                if "product_uom_qty" in vals:
                    _ask_for_more(env, record)
            for order in {one.values["order_id"] for one in records}:
                retotal(env, env.get("sale.order", order))

    @staticmethod
    def _checked(env: Env, record: Record) -> None:
        """A purchase tax of the same company passes, as in Odoo."""
        order = env.get("sale.order", record.values["order_id"])
        same_company(env, record, ("product_id", tax_field(env)), company=order.values["company_id"])

    def delete(self, env: Env, records: Sequence[Record]) -> None:
        for record in records:
            if env.get("sale.order", record.values["order_id"]).values["state"] == "sale":
                raise UserError(
                    "Once a sales order is confirmed, you can't remove one of its lines (we need to track if something "
                    "gets invoiced or delivered). Set the quantity to 0 instead."
                )


def same_company(env: Env, record: Record, names: Sequence[str], *, company: int) -> None:
    """Raises UserError where a record of another company is named."""
    for name in names:
        field = env.field(record.table.model.name, name)
        assert field
        found = record.values.get(name) or ()
        for ident in found if isinstance(found, tuple) else (found,):
            other = env.get(field.relation, ident)
            if (env.value(other, "company_id") or company) != company:
                own = env.name_of(env.get("res.company", company))
                raise UserError(
                    f"Incompatible companies on records:\n- “{env.name_of(record)}” belongs to company “{own}” and "
                    f"“{field.string}” ({name}: '{env.name_of(other)}') belongs to another company."
                )


def _description(env: Env, product: Record) -> str:
    text = env.value(product, "description_sale")
    return f"{env.name_of(product)}\n{text}" if text else env.name_of(product)


def _price(env: Env, order: Record, product: Record, *, quantity: float) -> Values:
    pricelist = env.table("product.pricelist").rows.get(order.values.get("pricelist_id") or 0)
    price, rule = pricing.price_of(env, pricelist, product, quantity=quantity, at=str(order.values["date_order"]))
    return {"price_unit": price, "pricelist_item_id": rule.id if rule else False}


# amounts


def _lines(env: Env, order: Record) -> list[Record]:
    return env.table("sale.order.line").by("order_id", order.id)


def line_of(env: Env, record: Record) -> Line:
    """What the arithmetic needs of a line."""
    values = record.values
    taxes = [env.get("account.tax", one).values | {"id": one} for one in values.get(tax_field(env)) or ()]
    return Line(
        exact(values.get("product_uom_qty") or 0.0),
        exact(values.get("price_unit") or 0.0),
        exact(values.get("discount") or 0.0),
        tuple(
            Tax(one["id"], exact(one["amount"]), one["amount_type"] == "fixed", bool(one.get("price_include")))
            for one in taxes
        ),
    )


def retotal(env: Env, order: Record) -> None:
    """Amounts of the lines and of the order."""
    globally = rounds_globally(env, order)
    records = _lines(env, order)
    found = {one.id: line_of(env, one) for one in records if not one.values.get("display_type")}
    older = env.version < 18
    shown = {ident: line_amounts(line, globally=globally, before_18=older) for ident, line in found.items()}
    for record in records:
        amounts = shown.get(record.id, _NOTHING)
        subtotal, total = float(amounts.untaxed), float(amounts.total)
        for name, value in (("price_subtotal", subtotal), ("price_total", total), ("price_tax", total - subtotal)):
            record.table.put(record, name, value)
    whole = order_amounts(list(found.values()), globally=True, before_18=older) if globally else summed(shown.values())
    named = {"amount_untaxed": whole.untaxed, "amount_tax": whole.tax, "amount_total": whole.total}
    env.write([order], {name: float(value) for name, value in named.items()})


def rounds_globally(env: Env, order: Record) -> bool:
    company = env.get("res.company", order.values["company_id"])
    return bool(company.values["tax_calculation_rounding_method"] == "round_globally")


def goods(env: Env, line: Record) -> bool:
    """A line of something to deliver."""
    if line.values.get("display_type") or not line.values.get("product_id"):
        return False
    return str(env.value(env.get("product.product", line.values["product_id"]), "type")) != "service"


# confirmed


@method("sale.order")
def action_confirm(env: Env, records: Records) -> bool:
    """Makes the transfer and overwrites date_order with the time of the confirmation."""
    orders = records.to_change("write")
    if any(one.values["state"] not in ("draft", "sent") for one in orders):
        raise UserError("Some orders are not in a state requiring confirmation.")
    for order in orders:
        env.write([order], {"state": "sale", "date_order": env.now[:19]})
        _transfer(env, order, [one for one in _lines(env, order) if goods(env, one)])
        settle_invoicing(env, order)
    return True


def _transfer(env: Env, order: Record, found: Sequence[Record], *, quantity: float | None = None) -> None:
    """A picking of these lines, of their quantities or of `quantity`. Raises UserError without a warehouse."""
    if not found:
        return
    warehouse = env.linked(order, "warehouse_id")
    if warehouse is None:
        company = env.get("res.company", order.values["company_id"]).values["name"]
        raise UserError(f"Please create a warehouse for company {company}.")
    reference = order.values.get("client_order_ref")
    place = {"location_id": warehouse.values["lot_stock_id"], "location_dest_id": _CUSTOMERS,
             "company_id": order.values["company_id"]}  # fmt: skip
    picking = env.create("stock.picking", {
        **place, "sale_id": order.id, "warehouse_id": warehouse.id, "scheduled_date": env.now[:19],
        "origin": f"{order.values['name']} - {reference}" if reference else order.values["name"],
        "partner_id": order.values.get("partner_shipping_id"), "carrier_id": order.values.get("carrier_id") or False,
    })  # fmt: skip
    for line in found:
        move = env.create("stock.move", {
            **place, "product_id": line.values["product_id"], "product_uom_qty": line.values["product_uom_qty"],
            "picking_id": picking.id, "sale_line_id": line.id, "origin": order.values["name"],
        })  # fmt: skip
        transfers.reserve(env, move)
    transfers.settle_state(env, picking)
    settle_delivery(env, order)


def _ask_for_more(env: Env, line: Record) -> None:
    """A larger quantity of a confirmed order goes to its open transfer, or to a new one; a smaller one is left."""
    order = env.get("sale.order", line.values["order_id"])
    if order.values["state"] != "sale" or not goods(env, line):
        return
    moves = [one for one in env.table("stock.move").by("sale_line_id", line.id) if one.values["state"] != "cancel"]
    more = line.values["product_uom_qty"] - sum(one.values["product_uom_qty"] for one in moves)
    waiting = next((one for one in moves if one.values["state"] in OPEN), None)
    if more <= 0:
        return
    if waiting is None:
        _transfer(env, order, [line], quantity=more)
        return
    env.write([waiting], {"product_uom_qty": waiting.values["product_uom_qty"] + more})
    transfers.reserve(env, waiting)


def settle_delivery(env: Env, order: Record) -> None:
    """What was delivered of each line, and how far the order is; a change moves the order's write_date."""
    moves = [one for picking in env.table("stock.picking").by("sale_id", order.id)
             for one in transfers.moves_of(env, picking)]  # fmt: skip
    for line in _lines(env, order):
        own = [one for one in moves if one.values.get("sale_line_id") == line.id and one.values["state"] == "done"]
        line.table.put(line, "qty_delivered", sum(one.values["product_uom_qty"] for one in own))
    states = [one.values["state"] for one in moves if one.values["state"] != "cancel"]
    env.write([order], {"delivery_status": _delivery_status(states)})


def _delivery_status(states: Sequence[str]) -> Any:
    if not states:
        return False
    if all(one == "done" for one in states):
        return "full"
    return "partial" if "done" in states else "pending"


# cancelled


@method("sale.order")
def action_cancel(env: Env, records: Records) -> Any:
    """True; for a confirmed order an action with nothing done, unless the context disables the warning."""
    orders: list[Record] = records.to_change("write")
    confirmed = [one for one in orders if one.values["state"] in ("sale", "done")]
    if confirmed and not env.context.get("disable_cancel_warning"):
        return {
            "name": "Cancel Sales Order", "view_mode": "form", "res_model": "sale.order.cancel", "view_id": 1136,
            "type": "ir.actions.act_window", "target": "new",
            "context": {
                "default_template_id": 14, "default_order_id": confirmed[0].id, "mark_so_as_canceled": True,
                "default_email_layout_xmlid": "mail.mail_notification_layout_with_responsible_signature",
                "model_description": "Sales Order",
            },
        }  # fmt: skip
    for order in orders:
        _cancel(env, order)
    return True


def _cancel(env: Env, order: Record) -> None:
    if order.values.get("locked"):
        raise UserError("You cannot cancel a locked order. Please unlock it first.")
    for picking in env.table("stock.picking").by("sale_id", order.id):
        if any(one.values["state"] in OPEN for one in transfers.moves_of(env, picking)):
            transfers.cancel(env, picking)
    env.write([order], {"state": "cancel", "invoice_status": "no"})
    settle_delivery(env, order)


@method("sale.order.cancel", name="action_cancel")
def cancel_by_wizard(env: Env, records: Records) -> bool:
    for wizard in records.all():
        _cancel(env, env.get("sale.order", wizard.values["order_id"]))
    return True


@method("sale.order")
def action_draft(env: Env, records: Records) -> bool:
    env.write([one for one in records.to_change("write") if one.values["state"] in ("cancel", "sent")],
              {"state": "draft"})  # fmt: skip
    return True


# invoiced


@method("sale.advance.payment.inv")
def create_invoices(env: Env, records: Records) -> dict[str, Any]:
    """Drafts of what can be invoiced; the answer holds nulls, which XML-RPC cannot carry."""
    orders = [env.get("sale.order", one) for one in env.context.get("active_ids") or ()]
    moves = [invoice(env, order) for order in orders]
    partner = orders[0].values["partner_id"] if orders else False
    return {
        "name": "Invoices", "type": "ir.actions.act_window", "res_model": "account.move", "target": "current",
        "view_mode": "list,kanban,form,activity", "res_id": moves[0].id if moves else False,
        "context": {"default_move_type": "out_invoice", "default_partner_id": partner,
                    "default_partner_shipping_id": partner, "default_invoice_payment_term_id": None},
    }  # fmt: skip


def invoice(env: Env, order: Record) -> Record:
    """A draft of the whole order. Raises UserError where nothing can be invoiced."""
    if order.values["state"] != "sale" or order.values["invoice_status"] != "to invoice":
        raise UserError("Cannot create an invoice. No items are available to invoice.")
    kept = ("company_id", "currency_id", "amount_untaxed", "amount_tax", "amount_total")
    sales = next((one.id for one in env.table("account.journal").by("company_id", order.values["company_id"])
                  if one.values["type"] == "sale"), False)  # fmt: skip
    move = env.create("account.move", {
        **{name: order.values[name] for name in kept}, "name": "/", "journal_id": sales,
        "partner_id": order.values.get("partner_invoice_id"), "ref": order.values.get("client_order_ref") or False,
        "invoice_origin": order.values["name"], "amount_residual": order.values["amount_total"],
    })  # fmt: skip
    for line in _lines(env, order):
        _invoice_line(env, move, line)
    settle_invoicing(env, order)
    return move


def _invoice_line(env: Env, move: Record, line: Record) -> None:
    kept = ("product_id", "name", "price_unit", "discount", "price_subtotal", "price_total")
    values = {name: line.values.get(name) or False for name in kept}
    env.create("account.move.line", {
        **values, "move_id": move.id, "quantity": line.values["product_uom_qty"],
        "tax_ids": [(6, 0, line.values.get(tax_field(env)) or ())], "sale_line_ids": [(6, 0, [line.id])],
    })  # fmt: skip
    line.table.put(line, "qty_invoiced", line.values["product_uom_qty"])


def settle_invoicing(env: Env, order: Record) -> None:
    """Moves the order's write_date."""
    rows = [one for one in _lines(env, order) if not one.values.get("display_type")]
    done = bool(rows) and all((one.values.get("qty_invoiced") or 0.0) >= one.values["product_uom_qty"] for one in rows)
    env.write([order], {"invoice_status": "invoiced" if done else "to invoice" if rows else "no"})
