"""Orders of Odoo as documents: how far they are, what has left, and in which parcels."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.connectors.odoo.harness import REFERENCE, OdooHarness

from passerelle.domain.orders import DocumentLine, DocumentState, ErpDocument, Parcel
from passerelle.domain.stock import DocumentKind
from passerelle.sandbox.odoo.database import Record
from passerelle.testing.builders import article, pieces


def documents(harness: OdooHarness) -> list[ErpDocument]:
    return list(harness.adapter.documents("MD"))


@pytest.fixture
def order(harness: OdooHarness) -> Record:
    """A confirmed order MD-1 of four A1 and one A2, at 12.50 excl. VAT, with a service at 5.00."""
    harness.seed(article("A1", stock=pieces(9)), article("A2", stock=pieces(9)))
    service = harness.odoo.add_product("PORT", name="Port", list_price=5, storable=False, type="service")
    sold = [(harness.product("A1"), 4), (harness.product("A2"), 1), (service, 1)]
    made = harness.odoo.place_order(harness.customer, sold, reference="MD-1")
    harness.odoo.confirm(made)
    return made


def lines(**quantities: int) -> tuple[DocumentLine, ...]:
    return tuple(DocumentLine(sku, Decimal(quantity)) for sku, quantity in quantities.items())


def test_an_order_is_one_document_until_something_leaves(harness: OdooHarness, order: Record) -> None:
    [found] = documents(harness)
    assert (found.kind, found.state, found.number) == (DocumentKind.ORDER, DocumentState.CONFIRMED, order.name)
    assert (found.lines, found.total, found.parcels) == (lines(A1=4, A2=1, PORT=1), Decimal("81.00"), ())


def test_an_order_delivered_in_part_is_what_has_left_and_the_rest(harness: OdooHarness, order: Record) -> None:
    a1 = harness.product("A1").id
    harness.odoo.deliver(order, tracking="6A1", only={a1: 3})
    rest, left = documents(harness)
    assert (rest.kind, rest.lines, rest.parcels) == (DocumentKind.ORDER, lines(A1=1, A2=1), ())
    assert (left.kind, left.lines, left.parcels) == (
        DocumentKind.DELIVERY, lines(A1=3, PORT=1), (Parcel("6A1"),),
    )  # fmt: skip
    assert (rest.total, left.total) == (Decimal("30.00"), Decimal("51.00"))
    assert harness.sink.find_document("MD-1") == rest
    assert harness.sink.successors([order.name]) == {order.name: [left]}


def test_every_tracking_number_is_read_once_when_all_has_left(harness: OdooHarness, order: Record) -> None:
    carrier = harness.odoo.add_carrier("Messagerie")
    a1 = harness.product("A1").id
    first = harness.odoo.deliver(order, tracking="6A1, 6A2;6A3", only={a1: 3})
    harness.odoo.write("stock.picking", first, {"carrier_id": carrier})
    harness.odoo.deliver(order, tracking="6A3 6A4")
    [found] = documents(harness)
    assert (found.kind, found.state) == (DocumentKind.DELIVERY, DocumentState.READY)
    assert (found.lines, found.total) == (lines(A1=4, A2=1, PORT=1), Decimal("81.00"))
    assert {parcel.tracking_number: parcel.carrier for parcel in found.parcels} == {
        "6A1": "Messagerie", "6A2": "Messagerie", "6A3": "Messagerie", "6A4": "",
    }  # fmt: skip


def test_a_tracking_number_counts_once_its_parcel_has_left(harness: OdooHarness, order: Record) -> None:
    [picking] = harness.odoo.pickings_of(order)
    harness.odoo.write("stock.picking", picking, {"carrier_tracking_ref": "6A1"})
    assert [one.parcels for one in documents(harness)] == [()]


def test_an_invoice_before_the_delivery_moves_no_goods(harness: OdooHarness, order: Record) -> None:
    harness.odoo.invoice(order)
    assert [one.kind for one in documents(harness)] == [DocumentKind.ORDER]
    harness.odoo.deliver(order)
    [found] = documents(harness)
    assert (found.kind, found.origins) == (DocumentKind.INVOICE, (order.name,))


def test_a_cancelled_order_is_gone(harness: OdooHarness, order: Record) -> None:
    harness.odoo.cancel(order)
    assert documents(harness) == []
    assert harness.sink.successors([order.name]) == {order.name: []}


def test_what_was_archived_since_keeps_its_reference_on_documents(harness: OdooHarness) -> None:
    template = harness.odoo.add_template("Pull", attributes={"Taille": ["S", "M"]}, **{REFERENCE: "PULL"})
    variant = harness.odoo.variant(template, "M")
    order = harness.odoo.place_order(harness.customer, [(variant, 1)], reference="MD-1")
    harness.odoo.confirm(order)
    harness.odoo.archive(variant)
    assert [one.lines for one in documents(harness)] == [(DocumentLine("PULL-M", Decimal(1)),)]


def test_notes_and_sections_are_no_lines(harness: OdooHarness, order: Record) -> None:
    note = {"order_id": order.id, "display_type": "line_note", "name": "Sonnez fort"}
    harness.odoo.create("sale.order.line", note)
    assert documents(harness)[0].lines == lines(A1=4, A2=1, PORT=1)
