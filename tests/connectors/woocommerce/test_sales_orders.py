"""Whole orders: to the cent, however the shop enters prices and rounds."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.connectors.woocommerce.conftest import Serve
from tests.connectors.woocommerce.harness import WoocommerceHarness

from passerelle.connectors.woocommerce.order_mapping import sales_order
from passerelle.connectors.woocommerce.wire import Order
from passerelle.domain.orders import Discount, SalesOrder, TaxedAmount
from passerelle.errors import OrderUnreadable, OrderUnsupported
from passerelle.planner.order_totals import check_adds_up, own_gap
from passerelle.ports.shop import StatusWrite
from passerelle.sandbox.woocommerce import Buyer, FakeWoocommerce

CENT = Decimal("0.01")
# Prices and quantities whose tax is never a whole number of cents.
ODD = [("0.33", 1), ("0.33", 1), ("0.33", 1), ("9.99", 7), ("0.333", 7), ("12.345", 3), ("0.05", 1)]


def amounts(net: str, gross: str) -> TaxedAmount:
    return TaxedAmount(Decimal(net), Decimal(gross))


def whole(served: WoocommerceHarness, order: int) -> SalesOrder:
    """One order, whole, which must add up."""
    [read] = served.desk.sales_orders([str(order)])
    assert served.desk.unreadable() == {}
    check_adds_up(read)
    return read


def shelf(served: WoocommerceHarness, *prices: str, **fields: Any) -> list[int]:
    return [
        served.shop.add_product(f"A{number}", name=f"Article {number}", price=price, stock=99, **fields)
        for number, price in enumerate(prices)
    ]


# --- to the cent -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("coupon", [None, ("DIX", "10%"), ("CINQ", "5.00"), ("TOUT", "100%")])
@pytest.mark.parametrize("round_at_subtotal", [False, True], ids=["each line", "subtotal"])
@pytest.mark.parametrize("incl", [False, True], ids=["excl", "incl"])
def test_an_order_adds_up_to_what_the_shop_charged(
    serve: Serve, incl: bool, round_at_subtotal: bool, coupon: tuple[str, str] | None
) -> None:
    served = serve(FakeWoocommerce(prices_include_tax=incl, round_at_subtotal=round_at_subtotal))
    goods = shelf(served, *(price for price, _ in ODD))
    book = served.shop.add_product("L", name="Livre", price="7.77", stock=9, tax_class="reduced-rate")
    lines = [(id, quantity) for id, (_, quantity) in zip(goods, ODD, strict=True)]
    options: dict[str, Any] = {"coupon": coupon} if coupon else {}
    order = served.shop.place_order([*lines, (book, 3)], shipping="4.90", fee=("Emballage", "1.99"), **options)
    read = whole(served, order)
    row = served.shop.orders[order]
    assert read.total.gross == row.total
    assert abs(own_gap(read)) <= CENT
    assert {line.rate for line in read.lines} == {Decimal(20), Decimal("5.5")}
    assert bool(read.discounts) == bool(coupon)


def test_lines_that_are_rounded_and_lines_that_are_not_are_told_apart(serve: Serve) -> None:
    # Seen on WooCommerce 9.9.5: 3 x 0.33 at 20 % is 1.20 rounded by line, 1.19 rounded at the subtotal.
    for at_subtotal, total, line in ((False, "1.20", "0.40"), (True, "1.19", "0.396")):
        served = serve(FakeWoocommerce(round_at_subtotal=at_subtotal))
        goods = shelf(served, "0.33", "0.33", "0.33")
        read = whole(served, served.shop.place_order([(id, 1) for id in goods]))
        assert read.total.gross == Decimal(total)
        assert [one.total.gross for one in read.lines] == [Decimal(line)] * 3


def test_many_lines_of_prices_that_include_tax_add_up(serve: Serve) -> None:
    # Each line's net is a third of a cent short of what it shows: thirty of them would be ten cents away.
    served = serve(FakeWoocommerce(prices_include_tax=True))
    read = whole(served, served.shop.place_order([(id, 1) for id in shelf(served, *["10.00"] * 30)]))
    assert read.total == amounts("249.90", "300")
    assert own_gap(read) == 0


@pytest.mark.parametrize("at_subtotal", [False, True], ids=["each line", "subtotal"])
def test_an_order_adds_up_though_the_shop_was_set_otherwise_since(serve: Serve, at_subtotal: bool) -> None:
    # Seen on WooCommerce 9.9.5: the tax of old lines is shown rounded by today's settings, their total is what it was.
    served = serve(FakeWoocommerce(prices_include_tax=True, round_at_subtotal=at_subtotal))
    order = served.shop.place_order([(id, 1) for id in shelf(served, *["9.99"] * 30)], shipping="4.90")
    charged = served.shop.orders[order].total
    served.shop.settings["woocommerce_prices_include_tax"] = "no"
    served.shop.settings["woocommerce_tax_round_at_subtotal"] = "no"
    read = whole(served, order)
    assert read.total.gross == charged
    assert abs(own_gap(read)) <= CENT


def test_a_fee_below_zero_is_one_discount_whose_tax_is_that_of_several_rates(served: WoocommerceHarness) -> None:
    [standard] = shelf(served, "33.33")
    reduced = served.shop.add_product("R", name="Livre", price="10.10", stock=9, tax_class="reduced-rate")
    read = whole(served, served.shop.place_order([(standard, 3), (reduced, 2)], fee=("Remise", "-3.00")))
    # 2.495715 of it at 20 % and 0.504285 at 5.5 %: 0.50 and 0.03.
    assert [one.amount for one in read.discounts] == [amounts("3", "3.53")]


def test_a_foreign_order_is_charged_no_tax(served: WoocommerceHarness) -> None:
    [id] = shelf(served, "10")
    buyer = Buyer(country="DE", postcode="10115", city="Berlin")
    read = whole(served, served.shop.place_order([(id, 2)], buyer=buyer, shipping="4.90"))
    assert read.total == amounts("24.90", "24.90")
    assert read.lines[0].total == amounts("20", "20")


# --- discounts -------------------------------------------------------------------------------------------------------


def test_a_coupon_is_taken_off_once(served: WoocommerceHarness) -> None:
    [id] = shelf(served, "3.50")
    read = whole(served, served.shop.place_order([(id, 3)], coupon=("DIX", "10%")))
    assert read.lines[0].total == amounts("10.50", "12.60")
    assert [(one.code.upper(), one.amount) for one in read.discounts] == [("DIX", amounts("1.05", "1.26"))]
    assert read.total.gross == Decimal("11.34")


def test_a_price_that_was_lowered_by_hand_is_a_discount_without_a_code(served: WoocommerceHarness) -> None:
    [id] = shelf(served, "10")
    order = served.shop.place_order([(id, 1)])
    line = served.shop.orders[order].lines[0]
    served.shop.edit_order(order, line_items=[{"id": line.id, "quantity": 1, "subtotal": "10", "total": "8"}])
    read = whole(served, order)
    assert read.discounts == (Discount(code="", name="", amount=amounts("2", "2.4")),)


def test_a_price_that_was_raised_by_hand_is_the_price(served: WoocommerceHarness) -> None:
    [id] = shelf(served, "10")
    order = served.shop.place_order([(id, 1)])
    line = served.shop.orders[order].lines[0]
    served.shop.edit_order(order, line_items=[{"id": line.id, "quantity": 1, "subtotal": "10", "total": "12"}])
    read = whole(served, order)
    assert (read.discounts, read.lines[0].total) == ((), amounts("12", "14.4"))


def test_a_fee_is_what_wrapping_is_and_one_below_zero_a_discount(served: WoocommerceHarness) -> None:
    [id] = shelf(served, "10")
    fee = whole(served, served.shop.place_order([(id, 1)], fee=("Paiement à la livraison", "2.50")))
    assert (fee.wrapping, fee.discounts) == (amounts("2.5", "3"), ())
    rebate = whole(served, served.shop.place_order([(id, 1)], fee=("Remise & fidélité", "-1.00")))
    assert rebate.wrapping == amounts("0", "0")
    assert [(one.name, one.amount) for one in rebate.discounts] == [("Remise & fidélité", amounts("1", "1.2"))]


def test_fees_at_several_rates_park_the_order(served: WoocommerceHarness) -> None:
    [id] = shelf(served, "10")
    order = served.shop.place_order([(id, 1)], fee=("Emballage", "2.50"))
    served.shop.edit_order(order, fee_lines=[{"name": "Livre offert", "total": "1.00", "tax_class": "reduced-rate"}])
    assert served.desk.sales_orders([str(order)]) == []
    error = served.desk.unreadable()[str(order)]
    assert isinstance(error, OrderUnsupported)
    assert "fees at several rates" in error.message


# --- the rest of an order --------------------------------------------------------------------------------------------


def test_goods_that_nobody_delivers_go_to_the_invoice_address(served: WoocommerceHarness) -> None:
    [id] = shelf(served, "10", virtual=True)
    read = whole(served, served.shop.place_order([(id, 1)], deliver_to={}))
    assert read.shipping is None
    assert read.customer.delivery_address == read.customer.invoice_address
    assert read.customer.delivery_address is not None


def test_a_deleted_product_is_known_by_the_reference_it_had_or_by_nothing(served: WoocommerceHarness) -> None:
    [id] = shelf(served, "10")
    order = served.shop.place_order([(id, 1)])
    served.shop.delete_product(id)
    [line] = whole(served, order).lines
    assert (line.sku, line.name) == ("", "Article 0")


def test_what_was_paid_back_is_not_paid(served: WoocommerceHarness) -> None:
    [id] = shelf(served, "10")
    order = served.shop.place_order([(id, 1)])
    assert whole(served, order).paid == Decimal(12)
    served.shop.refund(order, "3.50")
    read = whole(served, order)
    assert (read.total.gross, read.paid) == (Decimal(12), Decimal("8.5"))
    assert whole(served, served.shop.place_order([(id, 1)], status="on-hold")).paid == 0


def test_a_vat_number_is_read_from_the_field_that_is_named(serve: Serve) -> None:
    served = serve(FakeWoocommerce(), vat_number_field="tva")
    [id] = shelf(served, "10")
    order = served.shop.place_order([(id, 1)], meta={"tva": " FR32123456789 ", "_billing_vat_number": "X"})
    assert whole(served, order).customer.vat_number == "FR32123456789"


def test_an_order_in_the_bin_does_not_exist(served: WoocommerceHarness) -> None:
    [id] = shelf(served, "10")
    order = served.shop.place_order([(id, 1)])
    served.shop.orders[order].status = "trash"
    assert served.desk.sales_orders([str(order)]) == []
    assert served.desk.statuses([str(order)]) == {}


def test_two_taxes_on_top_of_each_other_give_no_rate() -> None:
    taxes = [{"id": 1, "total": "2", "subtotal": "2"}, {"id": 2, "total": "1", "subtotal": "1"}]
    line = {
        "product_id": 5, "quantity": 1, "subtotal": "10", "subtotal_tax": "3", "total": "10", "total_tax": "3",
        "taxes": taxes,
    }  # fmt: skip
    read = mapped(line_items=[line], total="13.00", total_tax="3.00")
    assert (read.lines[0].rate, read.lines[0].total) == (None, amounts("10", "13"))


@pytest.mark.parametrize("change", [{"total": "abc"}, {"date_created_gmt": "soon"}])
def test_an_amount_or_a_date_that_is_none_concerns_its_order(
    served: WoocommerceHarness, monkeypatch: pytest.MonkeyPatch, change: dict[str, str]
) -> None:
    raw = msgspec.json.encode({**BARE, **change})
    monkeypatch.setattr(served.adapter, "_raw", lambda ids: [msgspec.Raw(raw)])
    assert served.desk.sales_orders(["7"]) == []
    assert isinstance(served.desk.unreadable()["7"], OrderUnreadable)


BARE: dict[str, Any] = {
    "id": 7,
    "status": "processing",
    "number": "7",
    "currency": "EUR",
    "total": "0.00",
    "total_tax": "0.00",
    "customer_id": 0,
    "billing": {"country": "FR"},
    "shipping": {},
    "date_created_gmt": "2026-11-24T02:39:25",
    "date_modified_gmt": "2026-11-24T02:39:25",
}


def mapped(**changes: Any) -> SalesOrder:
    """An order as the API shows it, mapped."""
    row = msgspec.convert({**BARE, **changes}, Order)
    return sales_order(row, decimals=2, vat_field="vat")


# --- statuses and times ----------------------------------------------------------------------------------------------


def test_a_completed_order_was_in_preparation_when_it_was_paid(served: WoocommerceHarness) -> None:
    [id] = shelf(served, "10")
    order = served.shop.place_order([(id, 1)])
    assert [one.status for one in served.desk.statuses([str(order)])[str(order)].history] == []
    served.clock.sleep(60)
    served.shop.set_status(order, "completed")
    now = served.desk.statuses([str(order)])[str(order)]
    assert (now.current, [one.status for one in now.history]) == ("completed", ["processing"])


def test_open_orders_are_those_that_wait(served: WoocommerceHarness) -> None:
    [id] = shelf(served, "10")
    statuses = ("processing", "on-hold", "completed", "cancelled", "pending", "failed")
    placed = {status: str(served.shop.place_order([(id, 1)], status=status)) for status in statuses}
    later = served.clock.now() + timedelta(seconds=1)
    found = [one.shop_id for page in served.adapter.open_orders(created_before=later) for one in page]
    assert found == [placed["processing"], placed["on-hold"]]
    assert list(served.adapter.open_orders(created_before=served.clock.now() - timedelta(days=1))) in ([], [[]])


def test_our_own_status_changes_the_date_of_an_order_and_nothing_else_of_it(served: WoocommerceHarness) -> None:
    [id] = shelf(served, "10")
    order = str(served.shop.place_order([(id, 2)]))
    [[before]] = served.adapter.orders()
    served.clock.sleep(60)
    served.desk.set_statuses([StatusWrite(key=order, status="completed")])
    [[after]] = served.adapter.orders(updated_from=before.updated_at + timedelta(seconds=1))
    assert after.updated_at > before.updated_at
    assert (after.holds_stock, after.lines) == (before.holds_stock, before.lines)


def test_statuses_go_in_one_request_with_what_is_known_of_them_asked_first(served: WoocommerceHarness) -> None:
    [id] = shelf(served, "10")
    orders = [str(served.shop.place_order([(id, 1)])) for _ in range(3)]
    served.shop.reset_counters()
    served.desk.set_statuses([StatusWrite(key=order, status="completed") for order in orders])
    assert [(method, entities) for method, _, entities in served.shop.requests] == [("GET", 0), ("POST", 3)]


def test_orders_of_a_summer_day_and_a_winter_day_are_utc(served: WoocommerceHarness) -> None:
    [id] = shelf(served, "10")
    order = served.shop.place_order([(id, 1)])
    [[read]] = served.adapter.orders(updated_from=served.clock.now() - timedelta(minutes=1))
    assert read.created_at == served.shop.orders[order].created.replace(microsecond=0)
