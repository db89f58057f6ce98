"""Taxes, fiscal positions, invoices and their payments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.errors import UserError
from passerelle.sandbox.odoo.fields import (
    Behaviour,
    Field,
    Values,
    boolean,
    char,
    choice,
    integer,
    lines,
    many,
    model,
    moment,
    money,
    number,
    one,
)
from passerelle.sandbox.odoo.methods import Records, method
from passerelle.sandbox.odoo.values import rounded

_USES = (("sale", "Sales"), ("purchase", "Purchases"), ("none", "None"))
_KINDS = (("percent", "Percentage of Price"), ("fixed", "Fixed"))
_OVERRIDES = (("tax_included", "Tax Included"), ("tax_excluded", "Tax Excluded"))
_MOVES = (("out_invoice", "Customer Invoice"), ("out_refund", "Customer Credit Note"))
_STATES = (("draft", "Draft"), ("posted", "Posted"), ("cancel", "Cancelled"))
_PAID = (("not_paid", "Not Paid"), ("in_payment", "In Payment"), ("partial", "Partially Paid"), ("paid", "Paid"))
_JOURNALS = (("sale", "Sales"), ("bank", "Bank"), ("cash", "Cash"), ("general", "Miscellaneous"))


class _Taxes(Behaviour):
    def prepare(self, env: Env, vals: Values) -> Values:
        """From 18 on a tax says in price_include_override what older versions say in price_include."""
        if "price_include_override" in vals:
            return {**vals, "price_include": vals["price_include_override"] == "tax_included"}
        return vals


MODELS = (
    model(
        "account.tax",
        "Tax",
        [
            char("name", "Tax Name", required=True, translate=True),
            number("amount", "Amount"),
            choice("amount_type", "Tax Computation", _KINDS, default="percent", required=True),
            choice("type_tax_use", "Tax Type", _USES, default="sale", required=True),
            boolean("price_include", "Included in Price"),
            choice("price_include_override", "Included in Price", _OVERRIDES, since=18),
            boolean("include_base_amount", "Affect Base of Subsequent Taxes"),
            one("tax_group_id", "Tax Group", "account.tax.group"),
            one("country_id", "Country", "res.country"),
            one("company_id", "Company", "res.company", required=True, default=lambda env: env.company),
            integer("sequence", "Sequence", default=1),
            char("description", "Description"),
            boolean("active", "Active", default=True),
            # what a fiscal position makes of a tax: before 19 its own lines, from 19 on told by the taxes themselves
            many("original_tax_ids", "Replaces", "account.tax", since=19),
            many("fiscal_position_ids", "Fiscal Positions", "account.fiscal.position", since=19),
        ],
        order="sequence, id",
        behaviour=_Taxes(),
    ),
    model("account.tax.group", "Tax Group", [char("name", "Name", required=True), one("company_id", "Company",
                                                                                     "res.company")]),
    model(
        "account.fiscal.position",
        "Fiscal Position",
        [
            char("name", "Fiscal Position", required=True, translate=True),
            integer("sequence", "Sequence"),
            boolean("auto_apply", "Detect Automatically"),
            boolean("vat_required", "VAT required"),
            one("country_id", "Country", "res.country"),
            one("country_group_id", "Country Group", "res.country.group"),
            one("company_id", "Company", "res.company", required=True, default=lambda env: env.company),
            lines("tax_ids", "Tax Mapping", "account.fiscal.position.tax", "position_id", until=18),
            many("tax_ids", "Taxes", "account.tax", since=19),
            boolean("active", "Active", default=True),
        ],
        order="sequence, id",
    ),
    model(
        "account.fiscal.position.tax",
        "Tax Mapping of Fiscal Position",
        [
            one("position_id", "Fiscal Position", "account.fiscal.position", required=True),
            one("tax_src_id", "Tax on Product", "account.tax", required=True),
            one("tax_dest_id", "Tax to Apply", "account.tax"),
        ],
    ),
    model(
        "account.journal",
        "Journal",
        [
            char("name", "Journal Name", required=True, translate=True),
            char("code", "Short Code"),
            choice("type", "Type", _JOURNALS, required=True),
            one("company_id", "Company", "res.company", required=True),
            boolean("active", "Active", default=True),
        ],
    ),
    model(
        "account.move",
        "Journal Entry",
        [
            char("name", "Number", index=True),
            choice("state", "Status", _STATES, default="draft"),
            choice("move_type", "Type", _MOVES, default="out_invoice"),
            choice("payment_state", "Payment Status", _PAID, default="not_paid"),
            char("ref", "Reference", index=True),
            char("payment_reference", "Payment Reference"),
            char("invoice_origin", "Origin", index=True),
            one("partner_id", "Partner", "res.partner"),
            one("company_id", "Company", "res.company"),
            one("currency_id", "Currency", "res.currency"),
            one("journal_id", "Journal", "account.journal"),
            Field("invoice_date", "date", "Invoice/Bill Date"),
            Field("invoice_date_due", "date", "Due Date"),
            Field("date", "date", "Date"),
            money("amount_untaxed", "Untaxed Amount"),
            money("amount_tax", "Tax"),
            money("amount_total", "Total"),
            money("amount_residual", "Amount Due"),
            one("reversed_entry_id", "Reversal of", "account.move"),
            many("matched_payment_ids", "Payments", "account.payment"),
            lines("invoice_line_ids", "Invoice lines", "account.move.line", "move_id"),
        ],
        order="date desc, name desc, id desc",
    ),
    model(
        "account.move.line",
        "Journal Item",
        [
            one("move_id", "Journal Entry", "account.move", required=True),
            one("product_id", "Product", "product.product"),
            char("name", "Label"),
            number("quantity", "Quantity"),
            number("price_unit", "Unit Price"),
            number("discount", "Discount (%)"),
            many("tax_ids", "Taxes", "account.tax"),
            money("price_subtotal", "Subtotal"),
            money("price_total", "Total"),
            many("sale_line_ids", "Sales Order Lines", "sale.order.line"),
        ],
    ),
    model(
        "account.payment",
        "Payments",
        [
            number("amount", "Amount"),
            Field("date", "date", "Date"),
            char("memo", "Memo"),
            one("journal_id", "Journal", "account.journal"),
            one("partner_id", "Customer", "res.partner"),
            one("company_id", "Company", "res.company"),
        ],
    ),
    model(
        "account.payment.register",
        "Pay",
        [
            number("amount", "Amount"),
            Field("payment_date", "date", "Payment Date"),
            one("journal_id", "Journal", "account.journal"),
            char("communication", "Memo"),
        ],
        transient=True,
    ),
    model(
        "account.move.reversal",
        "Account Move Reversal",
        [char("reason", "Reason"), Field("date", "date", "Reversal date"), one("journal_id", "Journal",
                                                                             "account.journal")],
        transient=True,
    ),
    model(
        "delivery.carrier",
        "Shipping Methods",
        [
            char("name", "Delivery Method", required=True, translate=True),
            one("product_id", "Delivery Product", "product.product"),
            choice("delivery_type", "Provider", (("fixed", "Fixed Price"), ("base_on_rule", "Based on Rules")),
                   default="fixed"),
            number("fixed_price", "Fixed Price"),
            one("company_id", "Company", "res.company"),
            boolean("active", "Active", default=True),
            moment("last_used", "Last used"),
        ],
        order="name, id",
    ),
)  # fmt: skip


@method("account.move")
def action_post(env: Env, records: Records) -> bool:
    """Answers false, having done its work."""
    for move in records.to_change("write"):
        if move.values["state"] != "draft":
            raise UserError(f"The entry {move.values['name']} (id {move.id}) must be in draft.")
        prefix = "RINV" if move.values["move_type"] == "out_refund" else "INV"
        name = f"{prefix}/{env.now[:4]}/{env.database.next_number(prefix):05d}"
        dated = {"invoice_date": env.now[:10], "invoice_date_due": env.now[:10], "date": env.now[:10]}
        env.write([move], {"name": name, "state": "posted", "payment_reference": name, **dated})
    return False


@method("account.payment.register")
def action_create_payments(env: Env, records: Records) -> dict[str, Any]:
    wizard = records.all()[0]
    moves = [env.get("account.move", one) for one in env.context.get("active_ids") or ()]
    amount = float(wizard.values.get("amount") or sum(one.values["amount_residual"] for one in moves))
    payment = env.create("account.payment", {
        "amount": amount, "date": wizard.values.get("payment_date") or env.now[:10],
        "memo": wizard.values.get("communication") or False, "journal_id": wizard.values.get("journal_id") or False,
    })  # fmt: skip
    _settle(env, moves, payment, amount=amount)
    return {
        "name": "Payments", "type": "ir.actions.act_window", "res_model": "account.payment",
        "context": {"create": False}, "view_mode": "form", "res_id": payment.id,
    }  # fmt: skip


def _settle(env: Env, moves: Sequence[Record], payment: Record, *, amount: float) -> None:
    for move in moves:
        if move.values["state"] != "posted":
            raise UserError("You can only register payment for posted journal entries.")
        part = min(amount, move.values["amount_residual"])
        amount -= part
        left = rounded(move.values["amount_residual"] - part, digits=2)
        env.write([move], {
            "amount_residual": left, "payment_state": "partial" if left else "paid",
            "matched_payment_ids": [(4, payment.id)],
        })  # fmt: skip


@method("account.move.reversal")
def refund_moves(env: Env, records: Records) -> dict[str, Any]:
    """A draft credit note of the whole invoice."""
    found = [_refund(env, env.get("account.move", one)) for one in env.context.get("active_ids") or ()]
    return {
        "name": "Reverse Moves", "type": "ir.actions.act_window", "res_model": "account.move", "view_mode": "form",
        "res_id": found[0].id, "context": {"default_move_type": "out_refund"},
    }  # fmt: skip


def _refund(env: Env, move: Record) -> Record:
    kept = ("partner_id", "company_id", "currency_id", "journal_id", "invoice_origin", "amount_untaxed", "amount_tax",
            "amount_total")  # fmt: skip
    values = {name: move.values.get(name, False) for name in kept}
    return env.create("account.move", {
        **values, "move_type": "out_refund", "reversed_entry_id": move.id, "name": "/",
        "ref": f"Reversal of: {move.values['name']}", "amount_residual": move.values["amount_total"],
    })  # fmt: skip
