"""The table of traps: taxes, rounding and totals of orders, each computed by hand."""

from __future__ import annotations

from typing import Any

import pytest
from tests.sandbox.woocommerce.client import Client

from passerelle.sandbox.woocommerce import Buyer, FakeWoocommerce

TOTALS = ("total", "total_tax", "cart_tax", "shipping_total", "shipping_tax", "discount_total", "discount_tax")


def sold(shop: FakeWoocommerce, *lines: tuple[int, int], **wishes: Any) -> Any:
    """Place an order and read it through the API."""
    ident = shop.place_order(list(lines), **wishes)
    with shop.serve() as url:
        return Client(url, shop).get(f"/orders/{ident}").json


def totals(shown: Any) -> list[str]:
    return [shown[name] for name in TOTALS]


def priced(shop: FakeWoocommerce, *prices: str, **fields: Any) -> list[int]:
    return [shop.add_product(f"P-{one}", name=f"P {one}", price=price, **fields) for one, price in enumerate(prices)]


@pytest.mark.parametrize(("at_subtotal", "total", "tax"), [(False, "1.20", "0.21"), (True, "1.19", "0.20")])
def test_three_lines_of_33_cents_differ_by_a_cent(at_subtotal: bool, total: str, tax: str) -> None:
    shop = FakeWoocommerce(round_at_subtotal=at_subtotal)
    shown = sold(shop, *((one, 1) for one in priced(shop, "0.33", "0.33", "0.33")))
    assert (shown["total"], shown["total_tax"]) == (total, tax)
    assert [one["total_tax"] for one in shown["line_items"]] == ["0.07"] * 3
    assert shown["line_items"][0]["taxes"] == [{"id": 1, "total": "0.066", "subtotal": "0.066"}]


def test_a_line_keeps_more_decimals_than_it_shows() -> None:
    shop = FakeWoocommerce()
    ident = shop.place_order([(priced(shop, "0.333")[0], 7)])
    with shop.serve() as url:
        client = Client(url, shop)
        [line] = client.get(f"/orders/{ident}").json["line_items"]
        assert (line["total"], client.get(f"/orders/{ident}").json["total"]) == ("2.33", "2.80")
        [line] = client.get(f"/orders/{ident}?dp=6").json["line_items"]
        assert (line["total"], line["total_tax"]) == ("2.331000", "0.470000")


def test_a_price_with_tax_becomes_a_net_line_and_the_total_is_what_the_buyer_saw() -> None:
    shop = FakeWoocommerce(prices_include_tax=True)
    shown = sold(shop, (priced(shop, "9.99")[0], 1))
    [line] = shown["line_items"]
    # 9.99 / 1.2 = 8.325; the tax of 1.665 is rounded down, so that both together are 9.99.
    assert (line["total"], line["total_tax"], shown["total"]) == ("8.33", "1.66", "9.99")
    assert shown["prices_include_tax"] is True


def test_an_amount_that_is_sent_is_net_whatever_the_prices_of_the_shop_are() -> None:
    shop = FakeWoocommerce(prices_include_tax=True)
    [product] = priced(shop, "12.00")
    shown = sold(shop, (product, 2))
    assert [shown["line_items"][0][one] for one in ("total", "total_tax")] == ["20.00", "4.00"]
    shown = sold(shop, (product, 1), prices={product: "12.00"})
    assert [shown["line_items"][0][one] for one in ("total", "total_tax")] == ["12.00", "2.40"]


@pytest.mark.parametrize(
    ("country", "delivered", "tax"),
    [("FR", None, "2.00"), ("DE", None, "0.00"), ("DE", {"country": "FR"}, "2.00"), ("FR", {"country": "DE"}, "0.00")],
)
def test_the_tax_is_that_of_the_place_of_delivery(country: str, delivered: Any, tax: str) -> None:
    shop = FakeWoocommerce()
    shown = sold(shop, (priced(shop, "10")[0], 1), buyer=Buyer(country=country), deliver_to=delivered)
    assert shown["total_tax"] == tax
    assert bool(shown["tax_lines"]) == (tax != "0.00")


def test_without_an_address_the_shop_is_where_it_is_taxed() -> None:
    shop = FakeWoocommerce()
    shown = sold(shop, (priced(shop, "10")[0], 1), buyer=Buyer(country=""), deliver_to={})
    assert shown["total_tax"] == "2.00"


def test_abroad_a_price_with_tax_loses_the_tax_of_the_shops_own_country() -> None:
    shop = FakeWoocommerce(prices_include_tax=True)
    shown = sold(shop, (priced(shop, "12.00")[0], 1), buyer=Buyer(country="US"))
    assert totals(shown)[:2] == ["10.00", "0.00"]


def test_a_further_rate_of_another_country_is_used_there() -> None:
    shop = FakeWoocommerce()
    rate = shop.add_tax_rate("19.0000", country="DE", name="MwSt")
    shown = sold(shop, (priced(shop, "10")[0], 1), buyer=Buyer(country="DE"))
    assert [(one["rate_id"], one["tax_total"], one["rate_percent"]) for one in shown["tax_lines"]] == [
        (rate, "1.90", 19)
    ]


@pytest.mark.parametrize(
    ("classes", "tax"),
    [(["", "reduced-rate"], "1.98"), (["reduced-rate"], "0.54"), (["zero-rate"], "0.00"), ([""], "1.98")],
)
def test_delivery_is_taxed_as_the_lines_are_the_standard_rate_before_the_others(classes: list[str], tax: str) -> None:
    shop = FakeWoocommerce()
    products = [shop.add_product(f"P{one}", name="P", price="10", tax_class=one) for one in classes]
    assert sold(shop, *((one, 1) for one in products), shipping="9.90")["shipping_tax"] == tax


def test_free_delivery_is_a_line_of_nothing_and_none_is_no_line() -> None:
    shop = FakeWoocommerce()
    [product] = priced(shop, "10")
    assert [one["total"] for one in sold(shop, (product, 1), shipping="0")["shipping_lines"]] == ["0.00"]
    assert sold(shop, (product, 1))["shipping_lines"] == []


def test_fees_are_taxed_and_a_negative_one_is_spread_over_the_rates() -> None:
    shop = FakeWoocommerce()
    [standard] = priced(shop, "30")
    reduced = shop.add_product("L", name="Livre", price="10", tax_class="reduced-rate")
    shown = sold(shop, (standard, 1), fee=("Emballage", "2.50"))
    assert totals(shown)[:2] == ["39.00", "6.50"]
    shown = sold(shop, (standard, 1), (reduced, 1), fee=("Remise", "-4.00"))
    # 3.00 off at 20 % and 1.00 off at 5.5 %: taxes of 6.00 - 0.60 and 0.55 - 0.06 (0.055 rounds away from zero).
    assert [(one["rate_id"], one["tax_total"]) for one in shown["tax_lines"]] == [(1, "5.40"), (2, "0.49")]
    assert totals(shown)[:2] == ["41.89", "5.89"]


def test_a_percentage_is_taken_off_each_line() -> None:
    shop = FakeWoocommerce()
    shown = sold(shop, (priced(shop, "3.50")[0], 3), coupon=("DIX", "10%"))
    assert totals(shown) == ["11.34", "1.89", "1.89", "0.00", "0.00", "1.05", "0.21"]


def test_an_amount_is_what_the_buyer_saves_where_prices_include_the_tax() -> None:
    shop = FakeWoocommerce(prices_include_tax=True)
    shown = sold(shop, (priced(shop, "12.00")[0], 2), coupon=("SIX", "6.00"))
    assert totals(shown)[:2] == ["18.00", "3.00"]
    assert (shown["discount_total"], shown["discount_tax"]) == ("5.00", "1.00")


def test_an_amount_is_spread_by_pieces_and_its_last_cents_go_to_the_biggest_line() -> None:
    shop = FakeWoocommerce()
    first, second = priced(shop, "10", "20")
    shown = sold(shop, (first, 1), (second, 2), coupon=("DIX", "10.00"))
    assert [one["total"] for one in shown["line_items"]] == ["6.67", "33.33"]
    assert shown["discount_total"] == "10.00"


def test_a_product_without_tax_pays_none() -> None:
    shop = FakeWoocommerce()
    shown = sold(shop, (priced(shop, "10", tax_status="none")[0], 1), shipping="5")
    assert (shown["cart_tax"], shown["line_items"][0]["taxes"]) == ("0.00", [])


def test_a_shop_without_decimals_shows_none() -> None:
    shop = FakeWoocommerce(decimals=0)
    shown = sold(shop, (priced(shop, "10")[0], 1))
    assert (shown["total"], shown["total_tax"]) == ("12", "2")


def test_changing_the_address_taxes_again() -> None:
    shop = FakeWoocommerce()
    ident = shop.place_order([(priced(shop, "10")[0], 1)], status="pending")
    shop.edit_order(ident, shipping={"country": "DE"})
    assert str(shop.orders[ident].total) == "10.00"


# a basket of 20 %, 5.5 % and 0 %, as a real shop added it up


def basket(client: Client, **body: Any) -> Any:
    """3 pieces of 33.33 at 20 %, 2 of 10.10 at 5.5 %, 1 of 5.00 at 0 %, delivery 10.00."""
    made = (("H-20", "33.33", ""), ("H-55", "10.10", "reduced-rate"), ("H-0", "5.00", "zero-rate"))
    ids = [client.shop.add_product(sku, name=sku, price=price, tax_class=rate) for sku, price, rate in made]
    lines = [{"product_id": id, "quantity": quantity} for id, quantity in zip(ids, (3, 2, 1), strict=True)]
    for code, kind, amount in (("dix", "percent", "10"), ("cinq", "fixed_cart", "5")):
        client.post("/coupons", {"code": code, "discount_type": kind, "amount": amount})
    delivery = [{"method_id": "flat_rate:1", "total": "10.00"}]
    reply = client.post("/orders", {"line_items": lines, "shipping_lines": delivery, **body})
    assert reply.status == 201, reply.text
    return reply.json


def amounts(rows: Any, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(one[name] for name in names) for one in rows]


BOTH_COUPONS = [{"code": "dix"}, {"code": "cinq"}]


def test_a_fee_below_nothing_is_taxed_at_every_rate_and_what_is_untaxed_takes_its_share() -> None:
    fees = [
        {"name": "Emballage", "total": "4.17"},
        {"name": "Réduit", "total": "2.00", "tax_class": "reduced-rate"},
        {"name": "Sans", "total": "1.50", "tax_status": "none"},
        {"name": "Remise", "total": "-3.00"},
    ]
    shop = FakeWoocommerce()
    with shop.serve() as url:
        shown = basket(Client(url, shop), fee_lines=fees)
    assert totals(shown) == ["163.40", "23.54", "21.54", "10.00", "2.00", "0.00", "0.00"]
    assert [one["total_tax"] for one in shown["fee_lines"]] == ["0.83", "0.11", "0.00", "-0.51"]
    assert amounts(shown["fee_lines"][3]["taxes"], "id", "total") == [(1, "-0.479462"), (2, "-0.02564"), (3, "0")]
    assert amounts(shown["tax_lines"], "tax_total") == [("20.35",), ("1.19",), ("0.00",)]


def test_the_amounts_of_coupons_have_no_zeros_at_the_end() -> None:
    shop = FakeWoocommerce()
    with shop.serve() as url:
        shown = basket(Client(url, shop), coupon_lines=BOTH_COUPONS)
    assert totals(shown) == ["138.08", "20.41", "18.41", "10.00", "2.00", "17.52", "2.70"]
    assert amounts(shown["line_items"], "subtotal", "subtotal_tax", "total", "total_tax") == [
        ("99.99", "20.00", "87.48", "17.50"),
        ("20.20", "1.11", "16.52", "0.91"),
        ("5.00", "0.00", "3.67", "0.00"),
    ]
    assert amounts(shown["coupon_lines"], "discount", "discount_tax") == [("12.52", "2.11"), ("5", "0.59")]


def test_coupons_do_not_add_up_to_the_discount_and_half_a_cent_goes_down_where_prices_include_the_tax() -> None:
    shop = FakeWoocommerce(prices_include_tax=True)
    with shop.serve() as url:
        shown = basket(Client(url, shop), coupon_lines=BOTH_COUPONS, fee_lines=[{"name": "Sac", "total": "5.00"}])
    assert totals(shown) == ["125.67", "18.44", "16.44", "10.00", "2.00", "15.25", "2.28"]
    assert amounts(shown["line_items"], "subtotal", "subtotal_tax", "total", "total_tax") == [
        ("83.33", "16.66", "72.90", "14.58"),
        ("19.15", "1.05", "15.66", "0.86"),
        ("5.00", "0.00", "3.67", "0.00"),
    ]
    assert shown["line_items"][0]["taxes"][0]["subtotal"] == "16.665"
    assert amounts(shown["coupon_lines"], "discount", "discount_tax") == [("10.74", "1.78"), ("4.49", "0.51")]


@pytest.mark.parametrize(
    ("codes", "lines", "noted", "total"),
    [
        (["dixeuros"], ["7.23", "34.44"], [("8.34", "1.66")], "50.00"),
        (["dixeuros", "dix"], ["6.23", "30.44"], [("8.34", "1.66"), ("5", "1")], "44.00"),
        (["unites"], ["7.50", "35.00"], [("7.5", "1.5")], "51.00"),
        (["unites", "dix", "cinq"], ["5.12", "28.22"], [("7.5", "1.5"), ("5", "1"), ("4.16", "0.84")], "40.00"),
    ],
)
def test_each_coupon_is_taken_off_the_price_before_any_as_a_real_shop_did(
    codes: list[str], lines: list[str], noted: list[tuple[str, str]], total: str
) -> None:
    shop = FakeWoocommerce(prices_include_tax=True)
    one, two = priced(shop, "12", "24")
    with shop.serve() as url:
        client = Client(url, shop)
        client.post("/coupons", {"code": "dix", "discount_type": "percent", "amount": "10"})
        client.post("/coupons", {"code": "unites", "discount_type": "fixed_product", "amount": "3"})
        for code, amount in (("cinq", "5"), ("dixeuros", "10")):
            client.post("/coupons", {"code": code, "discount_type": "fixed_cart", "amount": amount})
        sold = [{"product_id": one, "quantity": 1}, {"product_id": two, "quantity": 2}]
        shown = client.post("/orders", {"line_items": sold, "coupon_lines": [{"code": code} for code in codes]}).json
    assert [line["total"] for line in shown["line_items"]] == lines
    assert amounts(shown["coupon_lines"], "discount", "discount_tax") == noted
    assert shown["total"] == total


def test_the_checkout_notes_what_a_coupon_took_otherwise_than_the_api() -> None:
    shop = FakeWoocommerce(prices_include_tax=True)
    made = (("33.33", "", 3), ("10.10", "reduced-rate", 2), ("5.00", "zero-rate", 1))
    lines = [(shop.add_product(p, name=p, price=p, tax_class=rate), quantity) for p, rate, quantity in made]
    shown = sold(shop, *lines, coupon=("dix", "10%"))
    assert amounts(shown["coupon_lines"], "discount", "discount_tax") == [("10.75", "1.77")]
    with shop.serve() as url:
        client = Client(url, shop)
        body = [{"product_id": id, "quantity": quantity} for id, quantity in lines]
        again = client.post("/orders", {"line_items": body, "coupon_lines": [{"code": "dix"}]}).json
    assert amounts(again["coupon_lines"], "discount", "discount_tax") == [("10.74", "1.78")]
    assert totals(shown) == totals(again)


def test_a_fee_below_nothing_is_taxed_by_what_the_lines_cost_before_the_coupon_of_the_same_request() -> None:
    shop = FakeWoocommerce()
    standard, reduced = priced(shop, "20")[0], shop.add_product("R", name="R", price="10", tax_class="reduced-rate")
    with shop.serve() as url:
        client = Client(url, shop)
        client.post("/coupons", {"code": "cinq", "discount_type": "fixed_cart", "amount": "5"})
        lines = [{"product_id": standard, "quantity": 1}, {"product_id": reduced, "quantity": 2}]
        fee = {"fee_lines": [{"name": "Remise", "total": "-4.00"}], "coupon_lines": [{"code": "cinq"}]}
        shown = client.post("/orders", {"line_items": lines, **fee}).json
    assert amounts(shown["fee_lines"][0]["taxes"], "total") == [("-0.4",), ("-0.11",)]


def test_the_tax_of_a_line_is_rounded_as_the_shop_is_set_when_it_is_read_and_the_total_stays() -> None:
    shop = FakeWoocommerce(prices_include_tax=True)
    ident = shop.place_order([(priced(shop, "9.99")[0], 1)])
    shop.settings["woocommerce_prices_include_tax"] = "no"
    with shop.serve() as url:
        shown = Client(url, shop).get(f"/orders/{ident}").json
    assert (shown["line_items"][0]["total_tax"], shown["total_tax"], shown["total"]) == ("1.67", "1.66", "9.99")


def test_the_tax_of_an_order_that_is_rounded_at_the_subtotal_keeps_its_decimals() -> None:
    shop = FakeWoocommerce(round_at_subtotal=True)
    ident = shop.place_order([(one, 1) for one in priced(shop, "0.33", "0.33", "0.33")])
    with shop.serve() as url:
        shown = Client(url, shop).get(f"/orders/{ident}?dp=6").json
    assert [shown[name] for name in ("cart_tax", "total_tax", "total")] == ["0.198000", "0.200000", "1.190000"]
