"""Whole orders, their statuses and parcels."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.prestashop.conftest import Serve
from tests.connectors.prestashop.harness import PrestashopHarness

from passerelle.domain.orders import Parcel, SalesOrder, TaxedAmount
from passerelle.errors import OrderUnreadable, RefusedByShop, TrackingRefused
from passerelle.ports.shop import Named, StatusWrite, TrackingWrite
from passerelle.sandbox.prestashop import Buyer, Destination, FakePrestashop, Voucher


@pytest.fixture
def selling(served: PrestashopHarness) -> PrestashopHarness:
    served.shop.add_product("A-1", name="Clé", price="12.5", stock=1000)
    served.shop.add_product("B-2", name="Livre", price="10.123457", stock=1000, id_tax_rules_group="3")
    return served


def sold(selling: PrestashopHarness, lines: list[tuple[int, int]], **wishes: Any) -> SalesOrder:
    order = str(selling.shop.place_order(lines, **wishes))
    [read] = selling.adapter.sales_orders([order])
    return read


def asked(selling: PrestashopHarness, resource: str, *, method: str = "GET") -> list[str]:
    return [
        path
        for verb, path, _ in selling.shop.requests
        if verb == method and path.partition("?")[0].endswith(f"/{resource}")
    ]


def found(order: SalesOrder) -> TaxedAmount:
    """Lines, delivery and wrapping, less the discounts."""
    added = [line.total for line in order.lines] + [order.wrapping]
    added += [order.shipping.amount] if order.shipping else []
    taken = [one.amount for one in order.discounts]
    return TaxedAmount(
        sum((one.net for one in added), Decimal(0)) - sum((one.net for one in taken), Decimal(0)),
        sum((one.gross for one in added), Decimal(0)) - sum((one.gross for one in taken), Decimal(0)),
    )


@pytest.mark.parametrize("round_type", [1, 2])
def test_the_parts_of_an_order_make_its_total_to_the_cent(selling: PrestashopHarness, round_type: int) -> None:
    vouchers = (
        Voucher(name="Fidélité", code="VIP", percent="7.5"),
        Voucher(name="Dix", amount="10"),
        Voucher(name="Port offert", free_shipping=True),
    )
    order = sold(
        selling,
        [(1, 3), (2, 7)],
        vouchers=vouchers,
        shipping=("4.90", "5.88"),
        wrapping=("1.67", "2.00"),
        round_type=round_type,
    )
    assert found(order) == order.total
    assert [one.code for one in order.discounts] == ["VIP", "", ""]
    assert [one.free_shipping for one in order.discounts] == [False, False, True]
    assert order.discounts[2].amount.gross >= Decimal("5.87")


def test_rounding_by_total_leaves_fractions_of_a_cent_in_the_lines(selling: PrestashopHarness) -> None:
    order = sold(selling, [(2, 7)], round_type=3)
    assert order.lines[0].total == TaxedAmount(Decimal("70.864199"), Decimal("74.761729"))
    assert order.total == TaxedAmount(Decimal("70.86"), Decimal("74.76"))


def test_rounding_by_piece_and_by_line_differ(selling: PrestashopHarness) -> None:
    lines = [sold(selling, [(2, 7)], round_type=kind).lines[0].total.gross for kind in (1, 2)]
    assert lines == [Decimal("74.76"), Decimal("74.76")]
    nets = [sold(selling, [(2, 7)], round_type=kind).lines[0].total.net for kind in (1, 2)]
    assert nets == [Decimal("70.84"), Decimal("70.86")]


def test_the_rate_of_a_line_is_that_of_its_tax_and_none_where_there_is_no_tax(selling: PrestashopHarness) -> None:
    assert [line.rate for line in sold(selling, [(1, 1), (2, 1)]).lines] == [20, Decimal("5.5")]
    abroad = sold(selling, [(1, 1)], deliver_to=Destination(country="US", region="New York"), tax_free=True)
    assert (abroad.lines[0].rate, abroad.total.net) == (None, abroad.total.gross)
    assert abroad.lines[0].unit == TaxedAmount(Decimal("12.5"), Decimal("12.5"))
    assert abroad.customer.delivery_address is not None
    assert (abroad.customer.delivery_address.country, abroad.customer.delivery_address.region) == ("US", "New York")


def test_a_carrier_is_named_by_its_lasting_id_even_in_an_old_version(selling: PrestashopHarness) -> None:
    carrier = selling.shop.add_carrier("La Poste")
    first = sold(selling, [(1, 1)], carrier=carrier, shipping=("5", "6"))
    version = selling.shop.edit_carrier(carrier, name="Colissimo")
    second = sold(selling, [(1, 1)], carrier=version, shipping=("5", "6"))
    again = selling.adapter.sales_orders([first.shop_id])[0]
    named = [(one.shipping.carrier, one.shipping.name) for one in (first, second, again) if one.shipping]
    assert named == [(str(carrier), "La Poste"), (str(carrier), "Colissimo"), (str(carrier), "La Poste")]
    assert selling.adapter.carriers()[-1] == Named(str(carrier), "Colissimo")
    assert len(selling.adapter.carriers()) == 3


def test_a_free_delivery_keeps_its_carrier_and_none_is_none(selling: PrestashopHarness) -> None:
    free, none = sold(selling, [(1, 1)]), sold(selling, [(1, 1)], carrier=0)
    assert free.shipping is not None
    assert (free.shipping.carrier, free.shipping.amount.gross) == ("1", 0)
    assert none.shipping is None


def test_the_company_of_the_buyer_stands_in_for_that_of_the_invoice(selling: PrestashopHarness) -> None:
    buyer = Buyer(email="achats@example.test", company="Métal & Fils")
    order = sold(selling, [(1, 1)], buyer=buyer, deliver_to=Destination(phone_mobile="+33 6 00 00 00 00"))
    assert (order.customer.company, order.customer.phone) == ("Métal & Fils", "+33 6 00 00 00 00")


def test_a_line_without_a_piece_is_left_out(selling: PrestashopHarness) -> None:
    assert [line.sku for line in sold(selling, [(1, 0), (2, 1)]).lines] == ["B-2"]


def test_the_message_of_an_order_is_the_buyers_then_the_words_for_a_gift_then_the_note(
    selling: PrestashopHarness,
) -> None:
    order = sold(selling, [(1, 1)], note="Fragile", gift_message="Bon anniversaire", message="Après 17 h")
    assert order.message == "Après 17 h\nBon anniversaire\nFragile"


def test_what_a_module_or_an_employee_wrote_on_an_order_is_not_the_buyers(selling: PrestashopHarness) -> None:
    order = selling.shop.place_order([(1, 1)], message="Sonner")
    messages = selling.shop.database
    messages.insert("messages", {"id_order": str(order), "message": "Transaction 4711", "private": "1"})
    messages.insert("messages", {"id_order": str(order), "message": "Expédié demain", "id_employee": "1"})
    [read] = selling.adapter.sales_orders([str(order)])
    assert read.message == "Sonner"


def test_another_currency_is_named(selling: PrestashopHarness) -> None:
    assert sold(selling, [(1, 1)], currency="CHF").currency == "CHF"


def test_an_unknown_currency_and_a_lost_address_concern_their_order_alone(selling: PrestashopHarness) -> None:
    first, second, third = (selling.seed_order({"1": 1}) for _ in range(3))
    selling.break_order(first)
    selling.shop.database.change(selling.shop.orders[int(second)], {"id_address_invoice": "999"})
    assert [one.shop_id for one in selling.adapter.sales_orders([first, second, third])] == [third]
    why = {id: error.params["why"] for id, error in selling.adapter.unreadable().items()}
    assert why == {first: "its currency 99 does not exist", second: "its invoice address 999 does not exist"}
    assert all(isinstance(error, OrderUnreadable) for error in selling.adapter.unreadable().values())


def test_a_discount_that_no_voucher_explains_is_one_of_its_own(selling: PrestashopHarness) -> None:
    order = selling.seed_order({"1": 1})
    changes: dict[str, Any] = {"total_discounts_tax_excl": "1.00", "total_discounts_tax_incl": "1.20"}
    selling.shop.database.change(selling.shop.orders[int(order)], changes)
    [read] = selling.adapter.sales_orders([order])
    assert [(one.code, one.amount) for one in read.discounts] == [("", TaxedAmount(Decimal(1), Decimal("1.2")))]


def test_five_hundred_orders_take_few_requests(selling: PrestashopHarness) -> None:
    orders = [
        selling.shop.place_order(
            [(1, 1), (2, 1), (1, 2), (2, 2)],
            buyer=Buyer(email=f"b{number}@example.test", guest=True),
            deliver_to=Destination(address1=f"{number} rue A"),
            invoice_to=Destination(address1=f"{number} rue B"),
            vouchers=(Voucher(code=f"C{number}", amount="1"),),
        )
        for number in range(500)
    ]
    selling.shop.reset_counters()
    read = selling.adapter.sales_orders([str(one) for one in orders])
    assert len(read) == 500
    assert {len(one.lines) for one in read} == {4}
    assert {one.discounts[0].code for one in read} == {f"C{number}" for number in range(500)}
    assert len(selling.shop.requests) / 500 < 0.15
    assert max(len(path) for _, path, _ in selling.shop.requests) < 2000


def test_lists_that_rarely_change_are_read_once(selling: PrestashopHarness) -> None:
    orders = [selling.seed_order({"1": 1}) for _ in range(2)]
    for order in orders:
        selling.adapter.sales_orders([order])
    assert [len(asked(selling, name)) for name in ("carriers", "countries", "states")] == [1, 1, 0]


def test_no_password_and_no_key_of_a_buyer_is_asked(selling: PrestashopHarness) -> None:
    selling.adapter.sales_orders([selling.seed_order({"1": 1})])
    [path] = asked(selling, "customers")
    assert "full" not in path
    assert "passwd" not in path


# --- statuses ---------------------------------------------------------------------------------------------------------


def test_statuses_bear_their_names_in_the_main_language(selling: PrestashopHarness) -> None:
    names = {one.id: one.label for one in selling.adapter.order_statuses()}
    assert (names["2"], len(names)) == ("Paiement accepté", 13)


def test_the_buyers_that_are_told_go_in_a_request_of_their_own(selling: PrestashopHarness) -> None:
    orders = [selling.seed_order({"1": 1}) for _ in range(4)]
    items = [StatusWrite(key=one, status="4", notify=number % 2 == 0) for number, one in enumerate(orders)]
    outcomes = selling.adapter.set_statuses(items)
    assert [one.shop_id for one in outcomes] == orders
    assert [path.partition("?")[2] for path in asked(selling, "order_histories", method="POST")] == ["", "sendemail=1"]
    assert {selling.status_of(one) for one in orders} == {"4"}


def test_two_statuses_of_one_order_are_set_in_order(selling: PrestashopHarness) -> None:
    order = selling.seed_order({"1": 1})
    items = [StatusWrite(key=order, status="4", notify=True), StatusWrite(key=order, status="5")]
    assert [one.error for one in selling.adapter.set_statuses(items)] == [None, None]
    assert selling.status_of(order) == "5"


def test_what_the_shop_does_not_know_is_never_sent(selling: PrestashopHarness) -> None:
    order = selling.seed_order({"1": 1})
    outcomes = selling.adapter.set_statuses(
        [StatusWrite(key=order, status="99"), StatusWrite(key="777", status="3"), StatusWrite(key="x", status="3")]
    )
    assert [type(one.error) for one in outcomes] == [RefusedByShop] * 3
    assert asked(selling, "order_histories", method="POST") == []


# --- parcels ----------------------------------------------------------------------------------------------------------


def track(served: PrestashopHarness, order: str, *numbers: str) -> object:
    item = TrackingWrite(key=order, parcels=tuple(Parcel(number) for number in numbers))
    [outcome] = served.adapter.add_tracking([item])
    return outcome.error


@pytest.mark.parametrize("patch", [True, False])
def test_a_parcel_keeps_its_weight_and_its_cost(serve: Serve, patch: bool) -> None:
    shop = FakePrestashop(patch=patch)
    shop.add_product("A-1", name="x", stock=9, weight="1.5")
    served = serve(shop)
    order = str(shop.place_order([(1, 2)], shipping=("5", "6")))
    assert track(served, order, "6A1", "6A2") is None
    rows = [
        (row.text("tracking_number"), row.text("weight"), row.text("shipping_cost_tax_incl"), row.text("id_carrier"))
        for row in shop.database["order_carriers"]
    ]
    assert rows == [("6A1", "3.000000", "6.000000", "1"), ("6A2", "0.000000", "0.000000", "1")]
    assert shop.orders[1].text("shipping_number") == "6A1"


def test_numbers_that_are_there_cost_no_write(selling: PrestashopHarness) -> None:
    order = selling.seed_order({"1": 1})
    track(selling, order, "6A1", "6A2")
    writes = selling.writes
    assert track(selling, order, "6A2", "6A1") is None
    assert selling.writes == writes == 2


def test_an_order_that_nobody_delivers_gets_its_parcel(selling: PrestashopHarness) -> None:
    order = str(selling.shop.place_order([(1, 1)], carrier=0))
    assert track(selling, order, "6A1") is None
    assert selling.parcels_of(order) == ["6A1"]


@pytest.mark.parametrize("number", ["N°1", "6A#1", "é", "", "6A;1", "1" * 65])
def test_a_number_that_the_shop_refuses_is_never_sent(selling: PrestashopHarness, number: str) -> None:
    error = track(selling, selling.seed_order({"1": 1}), number)
    assert isinstance(error, TrackingRefused)
    assert selling.writes == 0
