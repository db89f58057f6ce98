"""Orders as a real shop makes and changes them: its own arithmetic, its states, its parcels."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.sandbox.prestashop.client import Client
from tests.sandbox.prestashop.test_shop import page

from passerelle.sandbox.prestashop import Buyer, Destination, FakePrestashop, Voucher

TOTALS = (
    "total_products",
    "total_products_wt",
    "total_discounts_tax_incl",
    "total_paid_tax_excl",
    "total_paid_tax_incl",
)


def totals(shop: FakePrestashop, order: int) -> list[str]:
    return [shop.orders[order].text(name).removesuffix("0000") for name in TOTALS]


def history(order: int, state: int) -> str:
    return f"<order_history><id_order>{order}</id_order><id_order_state>{state}</id_order_state></order_history>"


@pytest.mark.parametrize(
    ("round_type", "charged"),
    [
        (1, ["9.30", "11.20", "0.00", "9.30", "11.20"]),  # 10 × 0.93 and 10 × 1.12
        (2, ["9.33", "11.20", "0.00", "9.33", "11.20"]),
        (3, ["9.33", "11.20", "0.00", "9.33", "11.20"]),
    ],
)
def test_the_rounding_decides_what_ten_pieces_cost(shop: FakePrestashop, round_type: int, charged: list[str]) -> None:
    shop.products[1].put("price", "0.933333")
    assert totals(shop, shop.place_order([(1, 10)], round_type=round_type)) == charged


def test_a_percentage_and_a_free_delivery_are_taken_off_and_the_delivery_stays_shown(shop: FakePrestashop) -> None:
    vouchers = (Voucher(percent="10"), Voucher(free_shipping=True))
    order = shop.place_order([(1, 3)], vouchers=vouchers, shipping=("4.90", "5.88"))
    assert totals(shop, order) == ["30.00", "36.00", "9.48", "27.00", "32.40"]
    assert shop.orders[order].text("total_shipping_tax_incl") == "5.880000"


def test_an_amount_is_spread_over_the_rates(shop: FakePrestashop) -> None:
    shop.add_product("B-2", name="Livre", price="20", id_tax_rules_group="3")
    order = shop.place_order([(1, 1), (2, 1)], vouchers=(Voucher(amount="5", code="CINQ"),))
    # 12.00 at 20 % and 21.10 at 5.5 %: 1.8127 and 3.1873 incl. VAT; a voucher's row is not rounded.
    [rule] = shop.database["order_cart_rules"]
    assert (rule.text("value"), rule.text("value_tax_excl")) == ("5.000000", "4.531722")
    assert totals(shop, order) == ["30.00", "33.10", "5.00", "25.47", "28.10"]


def test_the_vat_is_that_of_the_country_of_delivery(shop: FakePrestashop) -> None:
    shop.products[1].put("id_tax_rules_group", "5")
    orders = [shop.place_order([(1, 1)], deliver_to=Destination(country=code)) for code in ("FR", "DE", "CH")]
    assert [totals(shop, order)[-1] for order in orders] == ["12.00", "11.90", "10.00"]


def test_a_guest_is_a_new_customer_each_time_and_anyone_else_is_known_again(shop: FakePrestashop) -> None:
    for guest in (True, True, False, False):
        shop.place_order([(1, 1)], buyer=Buyer(email="a@example.test", guest=guest))
    assert [order.number("id_customer") for order in shop.orders.values()] == [1, 2, 3, 3]


def test_a_batch_of_states_stops_at_an_unknown_one_and_keeps_what_came_before(
    shop: FakePrestashop, client: Client
) -> None:
    first, second = shop.place_order([(1, 1)]), shop.place_order([(1, 1)])
    reply = client.post("order_histories", history(first, 6), history(second, 99), history(second, 6))
    assert (reply.status, reply.text) == (500, "")
    assert [shop.orders[one].text("current_state") for one in (first, second)] == ["6", "2"]
    assert shop.stock_row(1).text("quantity") == "4"


def test_an_employee_signs_and_the_webservice_does_not(shop: FakePrestashop, client: Client) -> None:
    order = shop.place_order([(1, 1)])
    shop.change_state(order, 3, employee=4)
    client.post("order_histories", history(order, 4))
    reply = client.get(f"/order_histories?filter[id_order]=[{order}]&display=full&sort=[id_ASC]")
    assert reply.values("order_histories/order_history/id_employee") == ["0", "4", "0"]


def test_a_number_with_a_hash_or_an_accent_is_a_400_and_a_good_one_moves_no_date(
    shop: FakePrestashop, client: Client
) -> None:
    shop.clock = lambda: datetime(2026, 11, 24, 9, tzinfo=UTC)
    order = shop.place_order([(1, 1)])
    shop.clock = lambda: datetime(2026, 11, 24, 10, tzinfo=UTC)
    for number in ("6A#1", "é"):
        reply = client.patch(
            "order_carriers", f"<order_carrier><id>1</id><tracking_number>{number}</tracking_number></order_carrier>"
        )
        assert (reply.status, reply.codes) == (400, [85])
    client.patch("order_carriers", "<order_carrier><id>1</id><tracking_number>6A1</tracking_number></order_carrier>")
    assert shop.parcels(order) == ["6A1"]
    assert shop.orders[order].text("date_upd") == "2026-11-24 10:00:00"
    assert client.get(f"/orders/{order}").value("order/shipping_number") == "6A1"


def test_a_put_of_a_parcel_empties_what_it_does_not_name(shop: FakePrestashop, client: Client) -> None:
    order = shop.place_order([(1, 1)], shipping=("5", "6"))
    client.put(
        "order_carriers",
        f"<order_carrier><id>1</id><id_order>{order}</id_order><id_carrier>1</id_carrier></order_carrier>",
    )
    [row] = shop.database["order_carriers"]
    assert (row.text("shipping_cost_tax_incl"), row.text("weight")) == ("0.000000", "0.000000")


def test_a_changed_carrier_is_a_new_one_of_the_same_reference(shop: FakePrestashop) -> None:
    carrier = shop.add_carrier("La Poste")
    version = shop.edit_carrier(carrier, name="Colissimo")
    rows = shop.database["carriers"].rows
    assert [rows[one].text("deleted") for one in (carrier, version)] == ["1", "0"]
    assert {rows[one].text("id_reference") for one in (carrier, version)} == {str(carrier)}


def test_the_page_of_orders_shows_states_and_parcels(shop: FakePrestashop, client: Client) -> None:
    order = shop.place_order([(1, 2)])
    shop.change_state(order, 4)
    client.patch("order_carriers", "<order_carrier><id>1</id><tracking_number>6A1</tracking_number></order_carrier>")
    status, text = page(client, "/orders")
    assert status == 200
    for part in (shop.orders[order].text("reference"), "Expédié", "6A1", "24,00\u00a0€"):
        assert part in text


def test_another_process_can_order_all_that_a_buyer_can(shop: FakePrestashop, client: Client) -> None:
    wishes = {
        "lines": [[1, 1]],
        "state": 1,
        "buyer": {"email": "a@example.test", "guest": True},
        "deliver_to": {"country": "BE", "city": "Bruxelles"},
        "vouchers": [{"code": "CINQ", "amount": "5"}],
        "shipping": ["4.90", "5.88"],
        "prices": {"1": "20"},
        "carrier": 2,
    }
    assert page(client, "/_sandbox/order", wishes) == (200, '{"result": 1}')
    assert totals(shop, 1) == ["20.00", "24.00", "5.00", "20.73", "24.88"]
    page(client, "/_sandbox/state", {"order": 1, "state": 3, "employee": 2})
    assert [row.text("id_employee") for row in shop.database["order_histories"]] == ["0", "2"]
