"""The table of traps: orders, their stock, notes and refunds."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sandbox.woocommerce.client import Client

from passerelle.sandbox.woocommerce import FakeWoocommerce

Shirt = tuple[int, int, int]


def order(client: Client, **body: Any) -> Any:
    """An order of one piece of product 10, or what is given."""
    reply = client.post("/orders", {"line_items": [{"product_id": 10, "quantity": 1}], **body})
    assert reply.status == 201, reply.text
    return reply.json


# references


def test_products_and_orders_share_one_sequence(client: Client) -> None:
    first = order(client)["id"]
    assert client.shop.add_product("B", name="B") == first + 1
    assert order(client)["id"] == first + 2


@pytest.mark.parametrize("reference", [{"product_id": 999}, {"sku": "NOPE"}])
def test_an_unknown_product_gives_an_empty_line(client: Client, reference: dict[str, Any]) -> None:
    [line] = order(client, line_items=[{**reference, "quantity": 1}])["line_items"]
    assert (line["name"], line["product_id"], line["total"], line["sku"]) == ("", 0, "0.00", None)


def test_an_order_without_lines_is_accepted(client: Client) -> None:
    assert order(client, line_items=[])["total"] == "0.00"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"line_items": [{"name": "Libre", "total": "5.00"}]}, "woocommerce_rest_required_product_reference"),
        ({"line_items": [{"product_id": 10, "quantity": 1.5}]}, "rest_invalid_param"),
        ({"line_items": [{"product_id": 10, "quantity": -1}]}, "woocommerce_rest_invalid_product_quantity"),
        ({"customer_id": 4242}, "woocommerce_rest_invalid_customer_id"),
        ({"shipping_lines": [{"total": "5.00"}]}, "woocommerce_rest_invalid_shipping_item"),
        ({"billing": {"email": "nobody"}}, "rest_invalid_param"),
        ({"meta_data": [{"key": "_billing_email", "value": "nobody"}]}, "order_invalid_billing_email"),
        ({"status": "shipped"}, "rest_invalid_param"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(client: Client, body: Any, code: str) -> None:
    reply = client.post("/orders", body)
    assert (reply.status, reply.code) == (400, code)
    assert client.shop.orders == {}


def test_number_total_and_dates_cannot_be_written(client: Client) -> None:
    shown = order(client, number="X-1", total="1.00", date_created="2001-01-01T00:00:00")
    assert (shown["number"], shown["total"]) == (str(shown["id"]), "12.00")
    assert not shown["date_created"].startswith("2001")


def test_another_currency_is_taken_as_it_is(client: Client) -> None:
    shown = order(client, currency="USD")
    assert (shown["currency"], shown["total"]) == ("USD", "12.00")


def test_meta_of_an_order_is_shown_with_its_underscore_and_not_searched(client: Client) -> None:
    ident = order(client, meta_data=[{"key": "_erp_id", "value": "1"}], transaction_id="TX-123")["id"]
    assert client.shop.meta_of(ident) == {"_erp_id": "1"}
    order(client)
    assert len(client.ids("/orders?meta_key=_erp_id&meta_value=1")) == 2
    assert client.ids("/orders?search=TX-123") == [ident]


# statuses and stock


@pytest.mark.parametrize(
    ("status", "left", "paid"),
    [
        ("pending", 4, False),
        ("on-hold", 3, False),
        ("processing", 3, True),
        ("completed", 3, True),
        ("failed", 4, False),
        ("cancelled", 4, False),
        ("checkout-draft", 4, False),
    ],
)
def test_the_status_decides_over_stock_and_payment(client: Client, status: str, left: int, paid: bool) -> None:
    client.shop.set_stock(10, 4)
    shown = order(client, status=status)
    assert client.shop.stock_of(10) == left
    assert (shown["date_paid"] is not None) == paid


def test_a_cancelled_order_gives_its_stock_back_and_takes_it_again(client: Client) -> None:
    ident = order(client, status="completed")["id"]
    seen = []
    for status in ("cancelled", "processing", "failed", "refunded"):
        assert client.put(f"/orders/{ident}", {"status": status}).json["status"] == status
        seen.append(client.shop.stock_of(10))
    assert seen == [5, 4, 4, 4]


def test_stock_goes_below_zero(client: Client) -> None:
    order(client, status="processing", line_items=[{"product_id": 10, "quantity": 100}])
    assert client.shop.stock_of(10) == -95


def test_paying_processes_an_order_and_completes_one_on_delivery(client: Client) -> None:
    assert order(client, set_paid=True, payment_method="bacs")["status"] == "processing"
    assert order(client, set_paid=True, payment_method="cod")["status"] == "completed"


def test_a_status_of_refunded_makes_a_refund_of_everything(client: Client) -> None:
    ident = order(client, status="processing")["id"]
    shown = client.put(f"/orders/{ident}", {"status": "refunded"}).json
    assert [(one["reason"], one["total"]) for one in shown["refunds"]] == [("Order fully refunded.", "-12.00")]
    assert (shown["total"], client.shop.stock_of(10)) == ("12.00", 4)


def test_any_lists_all_but_the_trash_and_several_statuses_can_be_asked_for(client: Client) -> None:
    idents = {status: order(client, status=status)["id"] for status in ("processing", "on-hold", "cancelled")}
    client.delete(f"/orders/{idents['cancelled']}")
    assert set(client.ids("/orders")) == {idents["processing"], idents["on-hold"]}
    assert client.ids("/orders?status=on-hold,trash&orderby=id&order=asc") == [idents["on-hold"], idents["cancelled"]]
    assert client.get("/orders?status=shipped").status == 400


def test_the_report_of_totals_lists_the_statuses(client: Client) -> None:
    order(client, status="on-hold")
    totals = {one["slug"]: one["total"] for one in client.get("/reports/orders/totals").json}
    assert (totals["on-hold"], totals["processing"]) == (1, 0)


def test_stock_moves_are_told_in_notes_alone(client: Client) -> None:
    ident = order(client, status="processing")["id"]
    notes = [one["note"] for one in client.get(f"/orders/{ident}/notes").json]
    assert notes == [
        "Order status changed from Pending payment to Processing.",
        "Stock levels reduced: Marteau (A-1) 5&rarr;4",
    ]
    client.post(f"/orders/{ident}/notes", {"note": "Suivi 123", "customer_note": True})
    assert [one["note"] for one in client.get(f"/orders/{ident}/notes?type=customer").json] == ["Suivi 123"]
    assert client.shop.notes_of(ident)[-1] == "Suivi 123"


# lines


def test_a_quantity_alone_changes_stock_and_no_amount(client: Client) -> None:
    shown = order(client, status="processing", line_items=[{"product_id": 10, "quantity": 3}])
    line = {"id": shown["line_items"][0]["id"], "quantity": 5}
    [changed] = client.put(f"/orders/{shown['id']}", {"line_items": [line]}).json["line_items"]
    assert (changed["quantity"], changed["total"], changed["price"]) == (5, "30.00", 6)
    assert client.shop.stock_of(10) == 0


def test_a_quantity_of_zero_removes_a_line_and_one_without_id_is_added(client: Client) -> None:
    shown = order(client, status="processing", line_items=[{"product_id": 10, "quantity": 3}])
    sent = [{"id": shown["line_items"][0]["id"], "quantity": 0}, {"product_id": 10, "quantity": 1}]
    changed = client.put(f"/orders/{shown['id']}", {"line_items": sent}).json
    assert [one["quantity"] for one in changed["line_items"]] == [1]
    assert (changed["total"], client.shop.stock_of(10)) == ("12.00", 4)
    again = client.put(f"/orders/{shown['id']}", {"line_items": [{"product_id": 10, "quantity": 1}]}).json
    assert len(again["line_items"]) == 2


def test_a_line_of_another_order_is_refused(client: Client) -> None:
    ident = order(client)["id"]
    assert client.put(f"/orders/{ident}", {"line_items": [{"id": 999, "quantity": 1}]}).status == 400


def test_the_price_of_a_line_is_a_float_with_what_floats_bring(client: Client) -> None:
    sent = [{"product_id": 10, "quantity": 3, "subtotal": "10.00", "total": "10.00"}]
    [line] = order(client, line_items=sent)["line_items"]
    assert line["price"] == 10 / 3
    assert (line["total"], line["total_tax"]) == ("10.00", "2.00")


def test_a_line_of_a_variation_names_it_and_keeps_its_choices(client: Client, shirt: Shirt) -> None:
    product, red, _ = shirt
    ident = order(client, line_items=[{"product_id": product, "variation_id": red, "quantity": 1}])["id"]
    client.delete(f"/products/{product}?force=true")
    [line] = client.get(f"/orders/{ident}").json["line_items"]
    assert (line["name"], line["product_id"], line["variation_id"]) == ("T-shirt - Rouge, S", product, red)
    assert {one["key"]: one["value"] for one in line["meta_data"]} == {"pa_couleur": "rouge", "taille": "S"}
    assert line["sku"] is None


def test_a_delivery_is_cut_at_its_colon_and_named_where_it_has_no_name(client: Client) -> None:
    [line] = order(client, shipping_lines=[{"method_id": "flat_rate:1"}])["shipping_lines"]
    assert [line[one] for one in ("method_id", "instance_id", "method_title", "total")] == [
        "flat_rate", "1", "Shipping", "0.00",
    ]  # fmt: skip


# coupons


def test_an_unknown_coupon_is_refused_and_leaves_an_order_behind_each_time(client: Client) -> None:
    body = {"line_items": [{"product_id": 10, "quantity": 1}], "coupon_lines": [{"code": "NOPE"}]}
    for count in (1, 2):
        reply = client.post("/orders", body)
        assert (reply.status, reply.code) == (400, "woocommerce_rest_invalid_coupon")
        assert [one["status"] for one in client.get("/orders").json] == ["pending"] * count


def test_a_coupon_is_in_the_lines_already(client: Client) -> None:
    client.post("/coupons", {"code": "DIX", "discount_type": "percent", "amount": "10"})
    shown = order(client, coupon_lines=[{"code": "dix"}])
    [line] = shown["line_items"]
    assert (line["subtotal"], line["total"], shown["total"]) == ("10.00", "9.00", "10.80")
    assert (shown["discount_total"], shown["coupon_lines"][0]["discount"]) == ("1.00", "1")


# refunds


def test_a_refund_asks_the_gateway_unless_it_is_told_not_to(client: Client) -> None:
    ident = order(client, status="processing")["id"]
    reply = client.post(f"/orders/{ident}/refunds", {"amount": "5"})
    assert (reply.status, reply.code) == (500, "woocommerce_rest_cannot_create_order_refund")
    assert client.post(f"/orders/{ident}/refunds", {"amount": "5", "api_refund": False}).status == 201
    assert client.post(f"/orders/{ident}/refunds", {"amount": "8", "api_refund": False}).status == 500
    shown = client.get(f"/orders/{ident}").json
    assert ([one["total"] for one in shown["refunds"]], shown["total"]) == (["-5.00"], "12.00")


def test_a_refund_is_not_compared_with_its_lines(client: Client) -> None:
    shown = order(client, status="processing", line_items=[{"product_id": 10, "quantity": 2}])
    line = shown["line_items"][0]["id"]
    items = [{"id": line, "quantity": 1, "refund_total": 10, "refund_tax": [{"id": 1, "refund_total": 2}]}]
    body = {"amount": "3.50", "api_refund": False, "line_items": items}
    refund = client.post(f"/orders/{shown['id']}/refunds", body).json
    assert (refund["amount"], refund["line_items"][0]["total"], refund["line_items"][0]["quantity"]) == (
        "3.50",
        "-10.00",
        -1,
    )
    assert client.shop.stock_of(10) == 4
    nothing = {"api_refund": False, "line_items": [{"id": line, "quantity": 1}]}
    assert client.post(f"/orders/{shown['id']}/refunds", nothing).json["amount"] == "0.00"


def test_refunds_are_read_below_the_order_and_all_together(client: Client) -> None:
    ident = order(client, status="processing")["id"]
    refund = client.shop.refund(ident, "2.00", reason="Retour")
    assert client.ids(f"/orders/{ident}/refunds") == [refund]
    [shown] = client.get("/refunds").json
    assert (shown["parent_id"], shown["reason"], shown["amount"]) == (ident, "Retour", "2.00")


def test_an_order_refunded_to_the_last_cent_is_refunded(client: Client) -> None:
    ident = order(client, status="processing")["id"]
    client.post(f"/orders/{ident}/refunds", {"amount": "12.00", "api_refund": False})
    assert client.get(f"/orders/{ident}").json["status"] == "refunded"


def test_an_unknown_order_is_a_404_when_read_and_a_400_when_changed(client: Client) -> None:
    assert [client.get("/orders/99").status, client.put("/orders/99", {}).status] == [404, 400]


def test_a_shop_on_other_settings_tells_them(client: Client) -> None:
    shop = FakeWoocommerce(prices_include_tax=True, round_at_subtotal=True, currency="CHF", country="CH", decimals=3)
    with shop.serve() as url:
        other = Client(url, shop)
        tax = {one["id"]: one["value"] for one in other.get("/settings/tax").json}
        assert tax["woocommerce_prices_include_tax"] == tax["woocommerce_tax_round_at_subtotal"] == "yes"
        general = {one["id"]: one["value"] for one in other.get("/settings/general").json}
        assert (general["woocommerce_price_num_decimals"], general["woocommerce_default_country"]) == ("3", "CH")
        assert other.get("/data/currencies/current").json["code"] == "CHF"
        assert other.get("/system_status").json["settings"]["number_of_decimals"] == 3
        shop.add_tax_rate("8.1", country="CH", name="TVA", tax_class=shop.add_tax_class("Taux normal"))
        assert {one["country"] for one in other.get("/taxes").json} == {"CH"}
        [rate] = other.get("/taxes?class=taux-normal").json
        assert (rate["rate"], rate["class"]) == ("8.1000", "taux-normal")
        assert other.get("/taxes/classes").json[-1]["slug"] == "taux-normal"
        assert other.put("/settings/tax/woocommerce_prices_include_tax", {"value": "perhaps"}).status == 400
