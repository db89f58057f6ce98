"""The table of traps, reading: errors, filters, lists, dates, stock and orders, one test each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.sandbox.prestashop.client import Client, product

from passerelle.sandbox.prestashop import FakePrestashop

# errors


def test_an_unknown_filter_is_a_500_with_code_32_first(client: Client) -> None:
    reply = client.get("/products?filter[foo]=[1]")
    assert (reply.status, reply.codes) == (500, [32, 3, 3, 3, 3])


def test_an_unknown_filter_is_a_400_where_php_warnings_are_not_reported() -> None:
    shop = FakePrestashop(php_warnings=False)
    with shop.serve() as url:
        reply = Client(url, shop.key).get("/products?filter[foo]=[1]")
    assert (reply.status, reply.codes) == (400, [32])


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("filter[reference]=", 33),
        ("filter[quantity]=[1]", 34),
        ("filter[date_upd]=>[2026-01-01]", 32),
        ("display=[id,foo]", 35),
        ("display=id", 36),
        ("sort=[id]", 37),
        ("sort=[foo_ASC]", 38),
        ("sort=[date_upd_ASC]", 38),
        ("limit=1,2,3", 39),
        ("schema=foo", 28),
        ("display=[id,categories]", 35),
        ("display=[id,categories[name]]", 35),
    ],
)
def test_a_malformed_query_is_a_500_with_its_code_first(client: Client, query: str, code: int) -> None:
    reply = client.get(f"/products?{query}")
    assert (reply.status, reply.codes[0]) == (500, code)


def test_an_unknown_field_is_a_400_without_warnings_for_a_single_product(client: Client) -> None:
    reply = client.get("/products/1?display=[foo]")
    assert (reply.status, reply.codes) == (400, [35])


@pytest.mark.parametrize("query", ["limit=-1", "filter[id][a]=[1]"])
def test_a_query_that_the_database_refuses_is_a_500_with_an_empty_body(client: Client, query: str) -> None:
    reply = client.get(f"/products?{query}")
    assert (reply.status, reply.text) == (500, "")


def test_one_language_can_be_asked_for_and_an_unknown_one_is_a_400(client: Client) -> None:
    assert client.get("/products/1?language=2").values("product/name/language") == ["Marteau"]
    assert client.get("/products/1?language=9").codes == [81]
    assert client.get("/products/1?language=x").codes == [79, 81]


def test_an_unknown_id_is_a_404_without_body_and_without_content_type(client: Client) -> None:
    reply = client.get("/products/99")
    assert (reply.status, reply.text, reply.headers["Content-Type"]) == (404, "", None)


def test_each_bad_key_has_its_own_codes(shop: FakePrestashop, client: Client) -> None:
    restricted = shop.add_key(rights={"products": {"GET"}})
    inactive = shop.add_key(rights={"products": {"GET"}}, active=False)
    host = f"http://{client.host}/api"
    assert Client(host, "A" * 32).get("/products").codes == [20, 21]
    assert Client(host, inactive).get("/products").codes == [20, 21]
    assert Client(host, "short").get("/products").codes == [18]
    assert Client(host, restricted).get("/orders").codes == [26]
    reply = Client(host, restricted).patch("products", "<product><id>1</id></product>")
    assert (reply.status, reply.codes) == (405, [25])


def test_no_credentials_are_a_401_in_plain_text(client: Client) -> None:
    reply = Client(f"http://{client.host}/api", "").get("/products")
    assert (reply.status, reply.text, reply.headers["Content-Type"]) == (
        401,
        "401 Unauthorized",
        "text/html; charset=utf-8",
    )
    assert reply.headers["WWW-Authenticate"].startswith("Basic realm=")


def test_stock_rows_are_neither_created_nor_deleted(client: Client) -> None:
    for reply in (client.post("stock_availables", ""), client.call("DELETE", "/stock_availables/1")):
        assert (reply.status, reply.codes) == (405, [101])


def test_a_disabled_webservice_is_a_503_and_maintenance_does_not_block_it(shop: FakePrestashop, client: Client) -> None:
    shop.maintenance = True
    assert client.get("/products").status == 200
    shop.webservice_enabled = False
    reply = client.get("/products")
    assert (reply.status, reply.codes, reply.headers["PSWS-Version"]) == (503, [22], "0")


def test_a_wrong_host_or_an_unknown_shop_is_redirected_to_the_shops_home(client: Client) -> None:
    wrong = client.get("/products?limit=1", Host="localhost")
    assert (wrong.status, wrong.headers["Location"]) == (302, f"http://{client.host}/?url=products&limit=1")
    assert client.get("/products?id_shop=7").status == 302
    assert client.get("/products?id_shop=1").status == 200


def test_deleting_again_is_a_404_with_code_87(client: Client) -> None:
    first, second = client.call("DELETE", "/products/?id=[1]"), client.call("DELETE", "/products/1")
    assert (first.status, first.text, second.status, second.codes) == (200, "", 404, [87])


def test_a_known_sha1_is_answered_with_a_304(client: Client) -> None:
    sha1 = client.get("/products/1").headers["Content-Sha1"]
    assert client.get("/products/1", Local_Content_Sha1=sha1).status == 304
    client.patch("products", "<product><id>1</id><price>1</price></product>")
    assert client.get("/products/1", Local_Content_Sha1=sha1).status == 200


# filters and lists


@pytest.fixture
def references(shop: FakePrestashop) -> FakePrestashop:
    for reference in ("B|1", "C,D", "E%F", "G[H", "I&J", "K/L", "M N", "é-1", "demo_1", "demoX1", "demo_11"):
        shop.add_product(reference, name="X", price="1")
    return shop


@pytest.mark.parametrize("reference", ["A-1", "B|1", "C,D", "E%F", "G[H", "I&J", "K/L", "M N", "é-1"])
def test_the_bare_form_finds_odd_references_exactly(references: FakePrestashop, client: Client, reference: str) -> None:
    assert client.found("products", reference) == [str(references.product_by_reference(reference)[0].id)]


def test_a_value_that_the_grammar_does_not_grasp_returns_everything(references: FakePrestashop, client: Client) -> None:
    everything = [str(one) for one in references.products]
    assert client.found("products", "[G[H]") == everything
    assert client.found("products", "A,B|C [x] 10%") == everything


def test_a_bar_inside_brackets_is_split(references: FakePrestashop, client: Client) -> None:
    assert client.found("products", "[B|1]") == []
    assert client.found("products", "[A-1|C,D]") == ["1", "3"]


def test_filters_ignore_case_accents_and_trailing_spaces(references: FakePrestashop, client: Client) -> None:
    assert client.found("products", "a-1") == ["1"]
    assert client.found("products", "[E-1]") == client.found("products", "é-1")
    assert client.found("products", "A-1 ") == ["1"]


def test_percent_and_underscore_are_wildcards_in_a_like(references: FakePrestashop, client: Client) -> None:
    assert client.found("products", "[demo_1]%") == ["10", "11", "12"]
    assert client.found("products", "%[11]") == ["12"]
    assert client.found("products", "[demo_1]") == ["10"]


def test_intervals_are_inclusive_and_comparisons_strict(references: FakePrestashop, client: Client) -> None:
    assert client.found("products", "[2,4]", field="id") == ["2", "3", "4"]
    assert client.found("products", "[4,2]", field="id") == ["2", "3", "4"]
    assert client.found("products", ">[10]", field="id") == ["11", "12"]
    assert client.found("products", "<[3]", field="id") == ["1", "2"]
    assert client.found("products", "![1]", field="id") == [str(one) for one in range(2, 13)]


def test_without_sort_new_products_come_first(client: Client) -> None:
    client.post("products", product())
    assert client.get("/products?display=[id]").values("products/product/id") == ["2", "1"]
    assert client.get("/products?display=[id]&sort=[id_ASC]").values("products/product/id") == ["1", "2"]


def test_a_limit_is_offset_and_count_and_a_word_is_zero(references: FakePrestashop, client: Client) -> None:
    assert client.get("/products?display=[id]&sort=[id_ASC]&limit=2,3").values("products/product/id") == ["3", "4", "5"]
    empty = client.get("/products?limit=abc")
    assert (empty.status, empty.values("products/product")) == (200, [])


def test_lists_without_display_hold_ids_only(client: Client) -> None:
    found = client.get("/products").xml.find("products/product")
    assert found is not None
    assert (found.get("id"), len(found)) == ("1", 0)


def test_an_association_can_be_displayed_beside_chosen_fields(client: Client) -> None:
    reply = client.get("/products?display=[id,categories[id]]")
    assert reply.values("products/product/associations/categories/category/id") == ["3"]


# dates


def test_dates_are_local_to_the_shop_and_stock_does_not_move_them(shop: FakePrestashop, client: Client) -> None:
    shop.clock = lambda: datetime(2026, 7, 14, 12, 0, 0, 900000, tzinfo=UTC)
    client.patch("products", "<product><id>1</id><price>1</price></product>")
    assert shop.products[1].date_upd == "2026-07-14 14:00:00"
    shop.clock = lambda: datetime(2026, 7, 14, 13, 0, 0, tzinfo=UTC)
    client.patch("stock_availables", "<stock_available><id>1</id><quantity>9</quantity></stock_available>")
    shop.place_order([(1, 1)])
    assert (shop.products[1].date_upd, shop.stock_of(1)) == ("2026-07-14 14:00:00", 8)


def test_date_upd_cannot_be_written(shop: FakePrestashop, client: Client) -> None:
    client.patch("products", "<product><id>1</id><date_upd>2001-01-01 00:00:00</date_upd></product>")
    assert shop.products[1].date_upd != "2001-01-01 00:00:00"


def test_greater_than_is_strict_at_the_second(shop: FakePrestashop, client: Client) -> None:
    moment = datetime(2026, 1, 1, 11, 0, 0, tzinfo=UTC)
    shop.clock = lambda: moment
    shop.place_order([(1, 1)])
    for shift, found in ((0, 0), (-1, 1)):
        since = (moment + timedelta(hours=1, seconds=shift)).strftime("%Y-%m-%d%%20%H:%M:%S")
        reply = client.get(f"/orders?filter[date_upd]=>[{since}]&date=1&display=[id]")
        assert len(reply.values("orders/order/id")) == found


# stock and orders


@pytest.mark.parametrize("quantity", ["1.5", "1,5", "3000000000", "x"])
def test_a_quantity_is_a_32_bit_integer(client: Client, quantity: str) -> None:
    body = f"<stock_available><id>1</id><quantity>{quantity}</quantity></stock_available>"
    assert client.patch("stock_availables", body).codes == [85]


def test_a_negative_quantity_is_accepted(shop: FakePrestashop, client: Client) -> None:
    client.patch("stock_availables", "<stock_available><id>1</id><quantity>-3</quantity></stock_available>")
    assert shop.stock_of(1) == -3


def test_an_order_takes_stock_unless_the_payment_failed(shop: FakePrestashop) -> None:
    shop.place_order([(1, 2)], state=10)
    shop.place_order([(1, 2)], state=8)
    assert shop.stock_of(1) == 3


def test_cancelling_gives_stock_back_and_only_a_sale_takes_it_again(shop: FakePrestashop, client: Client) -> None:
    order = shop.place_order([(1, 2)], state=2)
    history = "<order_history><id_order>{}</id_order><id_order_state>{}</id_order_state></order_history>"
    seen = []
    for state in (6, 10, 6, 2, 3, 7, 6):
        assert client.post("order_histories", history.format(order, state)).status == 201
        seen.append(shop.stock_of(1))
    assert seen == [5, 5, 7, 5, 5, 5, 7]


def test_an_edited_order_moves_the_stock_by_the_difference(shop: FakePrestashop) -> None:
    order = shop.place_order([(1, 2)])
    shop.edit_order(order, [(1, 1)])
    assert shop.stock_of(1) == 4
    assert shop.orders[order].total_paid_tax_incl == "12.000000"


def test_the_same_state_twice_adds_a_line_and_an_unknown_one_is_an_empty_500(
    shop: FakePrestashop, client: Client
) -> None:
    order = shop.place_order([(1, 1)])
    body = f"<order_history><id_order>{order}</id_order><id_order_state>2</id_order_state></order_history>"
    assert client.post("order_histories", body).status == 201
    assert len(client.found("order_histories", str(order), field="id_order")) == 2
    reply = client.post("order_histories", body.replace("<id_order_state>2", "<id_order_state>999"))
    assert (reply.status, reply.text) == (500, "")


def test_patching_the_state_of_an_order_adds_a_history_line(shop: FakePrestashop, client: Client) -> None:
    order = shop.place_order([(1, 1)])
    client.patch("orders", f"<order><id>{order}</id><current_state>4</current_state></order>")
    histories = client.get(f"/order_histories?filter[id_order]=[{order}]&display=[id_order_state]")
    assert histories.values("order_histories/order_history/id_order_state") == ["2", "4"]
    assert (shop.orders[order].invoice_number, shop.orders[order].delivery_number) == ("1", "1")


@pytest.mark.parametrize(
    ("stored", "group", "shown"), [("8.325", "1", "9.99"), ("8.33", "1", "10.00"), ("9.469194", "3", "9.99")]
)
def test_the_displayed_price_is_rounded_half_up_from_the_stored_one(
    shop: FakePrestashop, stored: str, group: str, shown: str
) -> None:
    ident = shop.add_product("P", name="P", price=stored, id_tax_rules_group=group)
    assert shop.displayed_price(ident) == Decimal(shown)
