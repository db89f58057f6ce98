"""The robot that plays the warehouse at Odoo: validates the transfers, in one parcel or two, and invoices."""

from __future__ import annotations

from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.odoo import FakeOdoo


class Robot:
    """Works on the web orders of a simulated Odoo: those whose customer reference is a profile's key and a number.

    `confirms` makes it the salesperson too, who confirms quotations.
    """

    def __init__(self, odoo: FakeOdoo, *, confirms: bool = False) -> None:
        self._odoo = odoo
        self._confirms = confirms

    def work(self) -> int:
        """One step of each order that waits; gives how much was done. Every third order leaves in two parcels."""
        return sum(self._step(order) for order in self._odoo.orders() if "-" in (order.client_order_ref or ""))

    def _step(self, order: Record) -> int:
        if order.state in ("draft", "sent"):
            if self._confirms:
                self._odoo.confirm(order)
            return int(self._confirms)
        if order.state != "sale":
            return 0
        if self._waiting(order):
            self._send(order)
            return 1
        if order.invoice_status == "to invoice":
            self._odoo.invoice(order)
            return 1
        return 0

    def _waiting(self, order: Record) -> list[Record]:
        return [one for one in self._odoo.pickings_of(order) if one.state not in ("done", "cancel")]

    def _send(self, order: Record) -> None:
        digits = int("".join(one for one in order.client_order_ref if one.isdigit()) or "0")
        picking = self._waiting(order)[0]
        moves = [one for one in self._odoo.records("stock.move") if one.picking_id == picking.id]
        second = bool(picking.backorder_id)
        if digits % 3 == 0 and len(moves) > 1 and not second:
            first = {moves[0].product_id: moves[0].product_uom_qty}
            self._odoo.deliver(order, tracking=f"6A{digits:09d}1", only=first)
        else:
            self._odoo.deliver(order, tracking=f"6A{digits:09d}{2 if second else 1}")
