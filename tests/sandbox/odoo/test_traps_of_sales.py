"""The table of traps, sales: prices, taxes, confirmation, stock, deliveries, cancellation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.sandbox.odoo.client import Client

from passerelle.sandbox.odoo import FakeOdoo
from passerelle.sandbox.odoo.database import Record

QUANTITIES = ("qty_available", "free_qty", "virtual_available", "outgoing_qty")


def quantities(client: Client, product: int = 1, **context: Any) -> tuple[float, ...]:
    row = client.read("product.product", product, *QUANTITIES, **context)
    return tuple(row[name] for name in QUANTITIES)


@pytest.fixture
def order(odoo: FakeOdoo, jean: int) -> Record:
    """Two of A-1 and one service, still a quotation."""
    service = odoo.add_product("PORT", name="Port", list_price=5, type="service", storable=False)
    return odoo.place_order(jean, [(1, 2), (service, 1)], reference="PS-1001", date_order="2026-11-20 08:00:00")


# prices and taxes


def test_an_order_line_without_a_price_takes_the_price_lists(client: Client, odoo: FakeOdoo, jean: int) -> None:
    prices = odoo.add_pricelist("Pro", items=[
        {"applied_on": "3_global", "compute_price": "percentage", "percent_price": 10},
        {"applied_on": "1_product", "product_tmpl_id": 1, "fixed_price": 8.5},
        {"applied_on": "1_product", "product_tmpl_id": 1, "fixed_price": 7, "min_quantity": 10},
    ])  # fmt: skip
    lines = [(0, 0, {"product_id": 1, "product_uom_qty": quantity}) for quantity in (12, 2)]
    vals = {"partner_id": jean, "pricelist_id": prices, "order_line": lines}
    (made,) = client.call("sale.order", "create", vals_list=[vals])
    rows = client.call("sale.order.line", "search_read", domain=[["order_id", "=", made]],
                       fields=["price_unit", "pricelist_item_id"], order="id")  # fmt: skip
    assert [row["price_unit"] for row in rows] == [7.0, 8.5]
    assert all(row["pricelist_item_id"] for row in rows)


@pytest.mark.parametrize(
    ("rule", "price"),
    [
        ({"compute_price": "percentage", "percent_price": 25}, 7.5),
        ({"compute_price": "formula", "price_discount": 33, "price_round": 0.5, "price_surcharge": -0.01}, 6.49),
        ({"compute_price": "formula", "base": "standard_price", "price_discount": -50}, 6.0),
        ({"compute_price": "formula", "price_discount": 90, "price_min_margin": -2}, 8.0),
        ({"compute_price": "fixed", "fixed_price": 3, "date_end": "2020-01-01 00:00:00"}, 10.0),
        ({"compute_price": "fixed", "fixed_price": 3, "applied_on": "2_product_category", "categ_id": 2}, 3.0),
        ({"compute_price": "fixed", "fixed_price": 3, "applied_on": "0_product_variant", "product_id": 1}, 3.0),
    ],
)
def test_a_price_rule_is_computed_as_it_says(odoo: FakeOdoo, jean: int, rule: dict[str, Any], price: float) -> None:
    odoo.write("product.product", 1, {"standard_price": 4})
    prices = odoo.add_pricelist("Pro", items=[{"applied_on": "3_global", **rule}])
    made = odoo.place_order(jean, [(1, 1)], pricelist_id=prices)
    assert odoo.records("sale.order.line")[0].price_unit == price
    assert made.pricelist_id == prices


def test_a_tax_of_another_company_is_refused_and_a_purchase_tax_is_not(client: Client, jean: int) -> None:
    def made(tax: int) -> str:
        line = (0, 0, {"product_id": 1, "tax_ids": [(6, 0, [tax])]})
        return client.ask("sale.order", "create", vals_list=[{"partner_id": jean, "order_line": [line]}]).error

    assert made(client.odoo.tax(15, company=1)) == "odoo.exceptions.UserError"
    assert made(client.odoo.tax(20, use="purchase")) == ""


@pytest.mark.parametrize(
    ("country", "vat", "position", "tax"),
    [
        ("FR", False, "EU private", 2.0),
        ("FR", "FR23334175221", "Domestic - France", 2.0),
        ("BE", "BE0477472701", "Intra-EU B2B", 0.0),
        ("CH", False, "Import/Export outside Europe", 0.0),
    ],
)
def test_a_fiscal_position_applies_by_itself(odoo: FakeOdoo, country: str, vat: Any, position: str, tax: float) -> None:
    partner = odoo.add_partner("Forge", country_code=country, vat=vat)
    made = odoo.place_order(partner, [(1, 1)])
    assert odoo.env().linked(made, "fiscal_position_id").name == position  # type: ignore[union-attr]
    assert made.amount_tax == tax


@pytest.mark.parametrize("version", [18, 19])
def test_taxes_and_a_position_that_are_given_are_kept(version: int) -> None:
    odoo = FakeOdoo(version=version)
    product = odoo.add_product("A", name="A", list_price=10)
    partner = odoo.add_partner("Suisse", country_code="CH")
    assert odoo.place_order(partner, [(product, 1)]).amount_tax == 0
    assert odoo.place_order(partner, [(product, 1)], fiscal_position_id=False).amount_tax == 2


def test_the_address_of_an_order_is_the_customers_own_for_that(odoo: FakeOdoo, jean: int) -> None:
    depot = odoo.add_partner("Dépôt", parent_id=jean, type="delivery")
    made = odoo.place_order(jean, [(1, 1)])
    assert (made.partner_invoice_id, made.partner_shipping_id) == (jean, depot)


# confirmation


def test_confirming_overwrites_the_date_which_can_be_written_back(
    client: Client, odoo: FakeOdoo, order: Record
) -> None:
    odoo.clock = lambda: datetime(2030, 1, 5, 10, tzinfo=UTC)
    assert client.call("sale.order", "action_confirm", ids=[order.id]) is True
    assert client.read("sale.order", order.id, "date_order") == "2030-01-05 10:00:00"
    client.call("sale.order", "write", ids=[order.id], vals={"date_order": "2026-11-20 08:00:00"})
    assert client.read("sale.order", order.id, "date_order", "state") == {
        "id": order.id, "date_order": "2026-11-20 08:00:00", "state": "sale",
    }  # fmt: skip


def test_confirming_twice_is_refused_and_makes_no_second_transfer(any_client: Client) -> None:
    odoo = any_client.odoo
    made = odoo.place_order(odoo.add_partner("Ève"), [(1, 2)])
    assert any_client.call("sale.order", "action_confirm", ids=[made.id]) is True
    assert any_client.ask("sale.order", "action_confirm", ids=[made.id]).error == "odoo.exceptions.UserError"
    assert len(odoo.pickings_of(made)) == 1


def test_a_service_is_not_in_the_transfer(client: Client, odoo: FakeOdoo, order: Record) -> None:
    odoo.confirm(order)
    (picking,) = client.read("sale.order", order.id, "picking_ids")
    row = client.read("stock.picking", picking, "name", "origin", "state", "move_ids")
    assert (row["name"], row["origin"], row["state"]) == ("PRINC/OUT/00001", "S00001 - PS-1001", "assigned")
    assert len(row["move_ids"]) == 1


def test_a_confirmed_order_is_not_deleted(client: Client, odoo: FakeOdoo, order: Record) -> None:
    odoo.confirm(order)
    assert client.ask("sale.order", "unlink", ids=[order.id]).error == "odoo.exceptions.UserError"
    odoo.cancel(order)
    assert client.call("sale.order", "unlink", ids=[order.id]) is True


def test_a_line_of_a_confirmed_order_is_not_removed_but_asked_for_more_of(
    client: Client, odoo: FakeOdoo, order: Record
) -> None:
    odoo.confirm(order)
    line = order.order_line[0]
    assert client.ask("sale.order.line", "unlink", ids=[line]).error == "odoo.exceptions.UserError"
    client.call("sale.order.line", "write", ids=[line], vals={"product_uom_qty": 5})
    assert quantities(client) == (50, 45, 45, 5)
    assert len(odoo.pickings_of(order)) == 1
    odoo.deliver(order)
    client.call("sale.order.line", "write", ids=[line], vals={"product_uom_qty": 6})
    assert [one.state for one in odoo.pickings_of(order)] == ["done", "assigned"]
    assert order.delivery_status == "partial"


def test_an_order_names_nothing_of_another_company(client: Client, odoo: FakeOdoo, jean: int) -> None:
    team = next(one.id for one in odoo.records("crm.team") if one.company_id == 1)
    reply = client.ask("sale.order", "create", vals_list=[{"partner_id": jean, "team_id": team}])
    assert reply.error == "odoo.exceptions.UserError"


# stock


def test_an_order_takes_what_is_free_and_what_is_forecast(any_client: Client) -> None:
    odoo = any_client.odoo
    assert quantities(any_client) == (50, 50, 50, 0)
    made = odoo.place_order(odoo.add_partner("Ève"), [(1, 2)])
    assert quantities(any_client) == (50, 50, 50, 0)
    odoo.confirm(made)
    assert quantities(any_client) == (50, 48, 48, 2)
    odoo.deliver(made)
    assert quantities(any_client) == (48, 48, 48, 0)


def test_what_is_oversold_leaves_nothing_free_and_a_forecast_below_zero(
    client: Client, odoo: FakeOdoo, jean: int
) -> None:
    made = odoo.place_order(jean, [(1, 500)])
    odoo.confirm(made)
    assert quantities(client) == (50, 0, -450, 500)
    assert odoo.pickings_of(made)[0].state == "assigned"  # a part of it can go


def test_nothing_to_reserve_leaves_the_transfer_waiting_until_goods_come(odoo: FakeOdoo, jean: int) -> None:
    product = odoo.add_product("VIDE", name="Rien")
    made = odoo.place_order(jean, [(product, 5)])
    odoo.confirm(made)
    assert odoo.pickings_of(made)[0].state == "confirmed"
    odoo.set_stock(product, "Dépôt principal", 9)
    assert odoo.pickings_of(made)[0].state == "assigned"
    assert odoo.products[product].free_qty == 4


@pytest.mark.parametrize("version", [17, 18, 19])
def test_quantities_are_summed_over_all_warehouses_unless_the_context_names_one(version: int) -> None:
    odoo = FakeOdoo(version=version)
    odoo.add_product("A", name="A", stock={"Dépôt principal": 5, "Magasin Villeurbanne": 7})
    main, shop = odoo.warehouses.values()
    with odoo.serve() as url:
        client = Client(url, odoo)
        assert quantities(client)[0] == 12
        assert quantities(client, warehouse=shop.id)[0] == 7
        assert quantities(client, warehouse_id=main.id)[0] == (5 if version >= 18 else 12)
        assert quantities(client, location=main.lot_stock_id)[0] == 5
        assert quantities(client, allowed_company_ids=[1])[0] == 0


def test_stock_moves_the_date_of_its_row_alone(client: Client, odoo: FakeOdoo, jean: int) -> None:
    made = odoo.place_order(jean, [(1, 2)])
    odoo.clock = lambda: datetime(2030, 1, 5, 10, tzinfo=UTC)
    odoo.confirm(made)
    (row,) = client.call("stock.quant", "search_read", domain=[["location_id.usage", "=", "internal"]],
                         fields=["quantity", "reserved_quantity", "available_quantity", "write_date"])  # fmt: skip
    assert (row["quantity"], row["reserved_quantity"], row["available_quantity"]) == (50, 2, 48)
    assert row["write_date"] == "2030-01-05 10:00:00"
    assert client.read("product.product", 1, "write_date") < "2030"


def test_what_is_not_followed_in_stock_has_no_quantity(client: Client, odoo: FakeOdoo, jean: int) -> None:
    product = odoo.add_product("LOOSE", name="Vrac", storable=False)
    odoo.confirm(odoo.place_order(jean, [(product, 3)]))
    assert quantities(client, product)[:2] == (0, 0)
    assert odoo.deliver(odoo.orders()[0]).state == "done"


# deliveries


def test_a_partial_delivery_answers_a_wizard_with_nothing_done(any_client: Client) -> None:
    odoo = any_client.odoo
    made = odoo.place_order(odoo.add_partner("Ève"), [(1, 4)])
    odoo.confirm(made)
    (picking,) = odoo.pickings_of(made)
    move = next(one for one in odoo.records("stock.move") if one.picking_id == picking.id)
    done = "quantity" if odoo.version >= 17 else "quantity_done"
    any_client.call("stock.move", "write", ids=[move.id], vals={done: 1})
    wizard = any_client.call("stock.picking", "button_validate", ids=[picking.id])
    assert wizard["res_model"] == "stock.backorder.confirmation"
    assert (picking.state, made.delivery_status) == ("assigned", "pending")
    form = any_client.call("stock.backorder.confirmation", "create", vals_list=[{}], context=wizard["context"])
    ids = form if isinstance(form, list) else [form]
    assert any_client.call("stock.backorder.confirmation", "process", ids=ids, context=wizard["context"]) is True
    assert [(one.state, one.backorder_id) for one in odoo.pickings_of(made)] == [
        ("done", False), ("assigned", picking.id),
    ]  # fmt: skip
    assert made.delivery_status == "partial"


def test_a_transfer_of_nothing_is_a_wizard_before_17_and_refused_since() -> None:
    for version in (16, 18):
        odoo = FakeOdoo(version=version)
        product = odoo.add_product("A", name="A", stock={"Dépôt principal": 5 if version == 16 else 0})
        made = odoo.place_order(odoo.add_partner("Ève"), [(product, 4)])
        odoo.confirm(made)
        (picking,) = odoo.pickings_of(made)
        with odoo.serve() as url:
            client = Client(url, odoo)
            reply = client.ask("stock.picking", "button_validate", ids=[picking.id])
            if version == 18:
                assert reply.error == "odoo.exceptions.UserError"
                continue
            wizard = reply.result
            (form,) = client.call(wizard["res_model"], "create", vals_list=[{}], context=wizard["context"])
            client.call(wizard["res_model"], "process", ids=[form], context=wizard["context"])
        assert (picking.state, odoo.stock_of(product)) == ("done", 1)


def test_several_parcels_are_several_transfers_each_with_its_tracking_number(
    client: Client, odoo: FakeOdoo, order: Record
) -> None:
    odoo.confirm(order)
    odoo.deliver(order, tracking="6A1", only={1: 1})
    assert order.delivery_status == "partial"
    odoo.deliver(order, tracking="6A2")
    rows = client.call("stock.picking", "search_read", domain=[["sale_id", "=", order.id], ["state", "=", "done"]],
                       fields=["carrier_tracking_ref", "backorder_id"], order="id")  # fmt: skip
    assert [row["carrier_tracking_ref"] for row in rows] == ["6A1", "6A2"]
    assert rows[1]["backorder_id"][0] == rows[0]["id"]
    assert order.delivery_status == "full"


def later(odoo: FakeOdoo, change: Callable[[], object]) -> None:
    odoo.clock = lambda: datetime(2030, 1, 5, 10, tzinfo=UTC)
    change()


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        (lambda o, order: o.deliver(order), True),
        (lambda o, order: o.invoice(order), True),
        (lambda o, order: o.write("sale.order.line", order.order_line[0], {"product_uom_qty": 3}), True),
        (lambda o, order: o.write("stock.picking", o.pickings_of(order), {"carrier_tracking_ref": "6A"}), False),
    ],
    ids=["delivery", "invoice", "line", "tracking number"],
)
def test_an_orders_date_moves_with_it_but_not_with_a_tracking_number(
    client: Client, odoo: FakeOdoo, order: Record, change: Any, moves: bool
) -> None:
    odoo.confirm(order)
    later(odoo, lambda: change(odoo, order))
    assert (client.read("sale.order", order.id, "write_date") > "2030") is moves


# cancellation


def test_cancelling_a_confirmed_order_answers_a_wizard_with_nothing_done(any_client: Client) -> None:
    odoo = any_client.odoo
    made = odoo.place_order(odoo.add_partner("Ève"), [(1, 4)])
    odoo.confirm(made)
    wizard = any_client.call("sale.order", "action_cancel", ids=[made.id])
    assert (wizard["res_model"], made.state) == ("sale.order.cancel", "sale")
    context = {"disable_cancel_warning": True}
    assert any_client.call("sale.order", "action_cancel", ids=[made.id], context=context) is True
    assert (made.state, odoo.pickings_of(made)[0].state, odoo.products[1].free_qty) == ("cancel", "cancel", 50)


def test_a_quotation_is_cancelled_at_once(client: Client, order: Record) -> None:
    assert client.call("sale.order", "action_cancel", ids=[order.id]) is True
    assert order.state == "cancel"


# invoices


def test_an_invoice_names_the_order_and_is_paid_by_a_wizard(client: Client, odoo: FakeOdoo, order: Record) -> None:
    odoo.confirm(order)
    move = odoo.invoice(order)
    assert (move.ref, move.invoice_origin, move.amount_total) == ("PS-1001", "S00001", 30.0)
    assert (order.invoice_status, order.invoice_ids) == ("invoiced", (move.id,))
    context = {"active_model": "account.move", "active_ids": [move.id]}
    pay = client.call("account.payment.register", "create", vals_list=[{"amount": 12}], context=context)
    client.call("account.payment.register", "action_create_payments", ids=pay, context=context)
    assert (move.payment_state, move.amount_residual) == ("partial", 18.0)
    back = client.call("account.move.reversal", "create", vals_list=[{"reason": "retour"}], context=context)
    refund = client.call("account.move.reversal", "refund_moves", ids=back, context=context)["res_id"]
    row = client.read("account.move", refund, "move_type", "state", "reversed_entry_id", "amount_total")
    assert (row["move_type"], row["state"], row["amount_total"]) == ("out_refund", "draft", 30.0)
    assert row["reversed_entry_id"][0] == move.id
