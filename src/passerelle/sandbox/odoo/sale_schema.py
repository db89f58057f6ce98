"""Sales orders and their lines."""

from __future__ import annotations

from typing import Any

from passerelle.sandbox.odoo import sales
from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.fields import (
    Field,
    boolean,
    char,
    choice,
    computed,
    integer,
    lines,
    many,
    model,
    moment,
    money,
    number,
    one,
    price,
    text,
)
from passerelle.sandbox.odoo.stock_schema import UNITS

_STATES_16 = (("draft", "Quotation"), ("sent", "Quotation Sent"), ("sale", "Sales Order"), ("done", "Locked"),
              ("cancel", "Cancelled"))  # fmt: skip
_STATES = tuple(one_state for one_state in _STATES_16 if one_state[0] != "done")
_INVOICE = (("upselling", "Upselling Opportunity"), ("invoiced", "Fully Invoiced"), ("to invoice", "To Invoice"),
            ("no", "Nothing to Invoice"))  # fmt: skip
_DELIVERY = (("pending", "Not Delivered"), ("started", "Started"), ("partial", "Partially Delivered"),
             ("full", "Fully Delivered"))  # fmt: skip
_DISPLAYS = (("line_section", "Section"), ("line_note", "Note"))
_METHODS = (("delivered", "Regular invoice"), ("percentage", "Down payment (percentage)"),
            ("fixed", "Down payment (fixed amount)"))  # fmt: skip


def _invoices(env: Env, record: Record) -> tuple[int, ...]:
    found = env.table("account.move").by("invoice_origin", record.values.get("name"))
    return tuple(one_move.id for one_move in found)


def _line_name(env: Env, record: Record) -> str:
    order = env.get("sale.order", record.values["order_id"])
    return f"{order.values['name']} - {str(record.values.get('name') or '').partition(chr(10))[0]}"


def _of_order(name: str) -> Any:
    return lambda env, record: env.get("sale.order", record.values["order_id"]).values.get(name, False)


MODELS = (
    model(
        "sale.order",
        "Sales Order",
        [
            char("name", "Order Reference", index=True),
            choice("state", "Status", _STATES, default="draft", since=17),
            choice("state", "Status", _STATES_16, default="draft", until=16),
            boolean("locked", "Locked", since=17),
            one("partner_id", "Customer", "res.partner", required=True),
            one("partner_invoice_id", "Invoice Address", "res.partner"),
            one("partner_shipping_id", "Delivery Address", "res.partner"),
            one("company_id", "Company", "res.company", required=True, default=lambda env: env.company),
            one("pricelist_id", "Pricelist", "product.pricelist"),
            one("currency_id", "Currency", "res.currency"),
            one("fiscal_position_id", "Fiscal Position", "account.fiscal.position"),
            one("warehouse_id", "Warehouse", "stock.warehouse"),
            one("carrier_id", "Delivery Method", "delivery.carrier"),
            one("team_id", "Sales Team", "crm.team"),
            one("user_id", "Salesperson", "res.users"),
            char("client_order_ref", "Customer Reference", index=True),
            char("origin", "Source Document", index=True),
            text("note", "Terms and conditions"),
            moment("date_order", "Order Date", required=True, default=lambda env: env.now[:19]),
            moment("commitment_date", "Delivery Date"),
            boolean("require_payment", "Online payment"),
            lines("order_line", "Order Lines", "sale.order.line", "order_id"),
            lines("picking_ids", "Transfers", "stock.picking", "sale_id"),
            computed(many("invoice_ids", "Invoices", "account.move"), _invoices),
            choice("invoice_status", "Invoice Status", _INVOICE, default="no", readonly=True),
            choice("delivery_status", "Delivery Status", _DELIVERY, readonly=True),
            money("amount_untaxed", "Untaxed Amount", readonly=True),
            money("amount_tax", "Taxes", readonly=True),
            money("amount_total", "Total", readonly=True),
        ],
        order="date_order desc, id desc",
        behaviour=sales.Orders(),
    ),
    model(
        "sale.order.line",
        "Sales Order Line",
        [
            one("order_id", "Order Reference", "sale.order", required=True),
            integer("sequence", "Sequence", default=10),
            one("product_id", "Product", "product.product"),
            text("name", "Description", required=True),
            choice("display_type", "Display Type", _DISPLAYS),
            number("product_uom_qty", "Quantity", digits=UNITS, default=1.0),
            one("product_uom", "Unit of Measure", "uom.uom", until=18, default=1),
            one("product_uom_id", "Unit", "uom.uom", since=19, default=1),
            *price("price_unit", "Unit Price"),
            number("discount", "Discount (%)", digits="Discount"),
            many("tax_id", "Taxes", "account.tax", until=18),
            many("tax_ids", "Taxes", "account.tax", since=19),
            one("pricelist_item_id", "Pricelist Rule", "product.pricelist.item"),
            money("price_subtotal", "Subtotal", readonly=True),
            Field("price_tax", "float", "Total Tax", readonly=True),
            money("price_total", "Total", readonly=True),
            boolean("is_delivery", "Is a Delivery"),
            number("qty_delivered", "Delivery Quantity"),
            number("qty_invoiced", "Invoiced Quantity"),
            computed(one("company_id", "Company", "res.company"), _of_order("company_id")),
            computed(choice("state", "Order Status", _STATES_16), _of_order("state")),
            computed(one("currency_id", "Currency", "res.currency"), _of_order("currency_id")),
            computed(one("order_partner_id", "Customer", "res.partner"), _of_order("partner_id")),
        ],
        order="order_id, sequence, id",
        display=_line_name,
        behaviour=sales.Lines(),
    ),
    model(
        "sale.order.cancel",
        "Sales Order Cancel",
        [one("order_id", "Sale Order", "sale.order")],
        transient=True,
    ),
    model(
        "sale.advance.payment.inv",
        "Sales Advance Payment Invoice",
        [choice("advance_payment_method", "Create Invoice", _METHODS, default="delivered", required=True),
         many("sale_order_ids", "Sales Orders", "sale.order")],
        transient=True,
    ),
)  # fmt: skip
