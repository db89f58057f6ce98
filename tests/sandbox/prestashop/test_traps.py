"""The table of traps, writing: what bites a connector on a real PrestaShop, one test each."""

from __future__ import annotations

import pytest
from tests.sandbox.prestashop.client import Client, document, product, texts

from passerelle.sandbox.prestashop import FakePrestashop

CATEGORIES = "<associations><categories>{}</categories></associations>"


def category(parent: str) -> str:
    slugs = texts("link_rewrite", {1: "vis", 2: "screws"})
    return f"<category>{parent}<active>1</active>{texts('name', {1: 'Vis', 2: 'Screws'})}{slugs}</category>"


def linked(*idents: int) -> str:
    return CATEGORIES.format("".join(f"<category><id>{one}</id></category>" for one in idents))


# PUT replaces


def test_a_put_empties_every_field_it_does_not_name(shop: FakePrestashop, client: Client) -> None:
    shop.products[1].put("ean13", "3760123450017")
    assert (
        client.put(
            "products", f"<product><id>1</id><price>22</price>{texts('name', {1: 'A', 2: 'B'})}</product>"
        ).status
        == 200
    )
    stored = shop.products[1]
    assert (stored.reference, stored.ean13, stored.id_category_default, stored.id_tax_rules_group) == ("", "", "0", "0")
    assert (stored.active, stored.state, stored.price) == ("0", "0", "22.000000")
    assert stored.link_rewrite == {1: "", 2: ""}


def test_a_put_of_id_and_price_alone_empties_even_the_name(shop: FakePrestashop, client: Client) -> None:
    assert client.put("products", "<product><id>1</id><price>22</price></product>").status == 200
    assert shop.products[1].name == {1: "", 2: ""}


def test_a_put_keeps_associations_that_it_does_not_name(shop: FakePrestashop, client: Client) -> None:
    client.put("products", "<product><id>1</id><price>22</price></product>")
    assert shop.products[1].linked("categories") == [3]


def test_a_put_without_a_required_field_is_a_400_with_code_41(client: Client) -> None:
    reply = client.put("products", "<product><id>1</id><reference>X</reference></product>")
    assert (reply.status, reply.codes) == (400, [41])


def test_a_put_stock_row_without_id_shop_drops_out_of_the_total(shop: FakePrestashop, client: Client) -> None:
    body = (
        "<stock_available><id>1</id><id_product>1</id_product><id_product_attribute>0</id_product_attribute>"
        "<quantity>9</quantity><depends_on_stock>0</depends_on_stock><out_of_stock>2</out_of_stock></stock_available>"
    )
    reply = client.put("stock_availables", body)
    assert (reply.status, reply.value("stock_available/id_shop")) == (200, "")
    assert shop.stock_of(1) == 0
    assert client.get("/stock_availables/1").codes == [131]
    assert client.found("stock_availables", "1", field="id_product") == ["1"]


def test_a_verbatim_round_trip_is_refused_for_fields_that_cannot_be_written(client: Client) -> None:
    reply = client.call("PUT", "/products/1", client.get("/products/1").text)
    assert (reply.status, reply.codes) == (400, [93])


@pytest.mark.parametrize(("position", "code"), [("", 134), ("0", 134), ("2", 135)])
def test_a_position_outside_the_default_category_is_a_500(client: Client, position: str, code: int) -> None:
    body = f"<product><id>1</id><price>1</price><position_in_category>{position}</position_in_category></product>"
    reply = client.patch("products", body)
    assert (reply.status, reply.codes) == (500, [code])


# PATCH and translated fields


def test_a_patch_keeps_what_it_does_not_name(shop: FakePrestashop, client: Client) -> None:
    assert client.patch("products", "<product><id>1</id><price>21.5</price></product>").status == 200
    stored = shop.products[1]
    assert (stored.price, stored.reference, stored.active) == ("21.500000", "A-1", "1")
    assert stored.linked("categories") == [3]


def test_a_patch_of_one_language_blanks_the_others_of_an_optional_field(shop: FakePrestashop, client: Client) -> None:
    client.patch("products", f"<product><id>1</id>{texts('name', {2: 'Hammer'})}</product>")
    assert shop.products[1].name == {1: "", 2: "Hammer"}


def test_a_patch_of_one_language_keeps_the_others_of_a_required_field(shop: FakePrestashop, client: Client) -> None:
    client.patch("categories", f"<category><id>3</id>{texts('name', {2: 'Hand tools'})}</category>")
    assert shop.categories[3].name == {1: "Outils à main", 2: "Hand tools"}


def test_a_plain_text_goes_to_every_language_on_patch(shop: FakePrestashop, client: Client) -> None:
    client.patch("products", "<product><id>1</id><name>Maillet</name></product>")
    assert shop.products[1].name == {1: "Maillet", 2: "Maillet"}


def test_a_plain_text_for_the_name_is_a_500_on_post(shop: FakePrestashop, client: Client) -> None:
    reply = client.post("products", product(name="<name>Maillet</name>"))
    assert (reply.status, reply.codes, len(shop.products)) == (500, [3], 1)


def test_a_nameless_product_is_created_where_php_warnings_are_not_reported() -> None:
    shop = FakePrestashop(php_warnings=False)
    with shop.serve() as url:
        assert Client(url, shop.key).post("products", product(name="")).status == 201
    assert shop.products[1].name == {1: "", 2: ""}


def test_a_shop_without_patch_does_not_name_it_and_refuses_it() -> None:
    shop = FakePrestashop(version="1.7.5.2", patch=False)
    with shop.serve() as url:
        client = Client(url, shop.key)
        products = client.get("").xml.find("api/products")
        assert products is not None
        assert set(products.attrib) >= {"get", "put", "post", "delete", "head"}
        assert "patch" not in products.attrib
        assert client.patch("products", "<product><id>1</id></product>").codes == [23]


# POST


def test_a_post_without_state_and_active_creates_an_invisible_product(shop: FakePrestashop, client: Client) -> None:
    ident = int(client.post("products", product(reference="N")).value("product/id"))
    stored = shop.products[ident]
    assert (stored.active, stored.state, stored.available_for_order, stored.minimal_quantity) == ("0", "0", "0", "0")
    assert (stored.show_price, stored.id_tax_rules_group, stored.linked("categories")) == ("0", "0", [])
    assert (stored.visibility, stored.condition, stored.product_type) == ("both", "new", "standard")


def test_the_reply_echoes_what_was_sent_and_a_get_shows_what_is_stored(client: Client) -> None:
    reply = client.post("products", product("8.123456789"))
    assert reply.value("product/price") == "8.123456789"
    ident = reply.value("product/id")
    assert client.get(f"/products/{ident}").value("product/price") == "8.123457"


def test_the_link_rewrite_is_made_from_the_name_on_post_only(shop: FakePrestashop, client: Client) -> None:
    client.post("products", product(name=texts("name", {1: "Clé à molette", 2: "Wrench"})))
    assert shop.products[2].link_rewrite == {1: "cle-a-molette", 2: "wrench"}
    client.patch("products", f"<product><id>2</id>{texts('name', {1: 'Pince', 2: 'Pliers'})}</product>")
    assert shop.products[2].link_rewrite == {1: "cle-a-molette", 2: "wrench"}


def test_an_invalid_link_rewrite_is_repaired_on_post_and_refused_on_patch(shop: FakePrestashop, client: Client) -> None:
    sent = product(name=texts("name", {1: "A", 2: "B"}) + texts("link_rewrite", {1: "é è", 2: "b"}))
    assert client.post("products", sent).status == 201
    assert shop.products[2].link_rewrite == {1: "e-e", 2: "b"}
    reply = client.patch("products", f"<product><id>2</id>{texts('link_rewrite', {1: 'é è', 2: 'b'})}</product>")
    assert (reply.status, reply.codes) == (400, [84])


def test_the_same_reference_and_the_same_brand_are_accepted_twice(shop: FakePrestashop, client: Client) -> None:
    assert [client.post("products", product(reference="A-1")).status for _ in range(2)] == [201, 201]
    assert len(shop.product_by_reference("A-1")) == 3
    brand = "<manufacturer><name>Facom</name></manufacturer>"
    assert [client.post("manufacturers", brand).status for _ in range(2)] == [201, 201]
    assert len(shop.manufacturers) == 2


def test_an_id_in_a_post_is_refused(client: Client) -> None:
    reply = client.post("products", f"<product><id>9</id><price>1</price>{texts('name', {1: 'A'})}</product>")
    assert (reply.status, reply.codes) == (400, [91])


def test_a_product_comes_with_a_stock_row_at_zero_and_its_own_quantity_is_always_zero(client: Client) -> None:
    ident = client.post("products", product()).value("product/id")
    assert len(client.found("stock_availables", ident, field="id_product")) == 1
    assert client.get("/products/1").value("product/quantity") == "0"


# associations


def test_an_empty_association_clears_and_a_subset_removes_the_rest(shop: FakePrestashop, client: Client) -> None:
    client.patch("products", f"<product><id>1</id>{linked(2, 3)}</product>")
    assert shop.products[1].linked("categories") == [2, 3]
    client.patch("products", f"<product><id>1</id>{linked(2)}</product>")
    assert shop.products[1].linked("categories") == [2]
    client.patch("products", f"<product><id>1</id>{linked()}</product>")
    assert shop.products[1].linked("categories") == []


def test_an_unknown_category_is_a_200_and_the_product_is_in_none(shop: FakePrestashop, client: Client) -> None:
    reply = client.patch("products", f"<product><id>1</id>{linked(999)}</product>")
    assert (reply.status, shop.products[1].linked("categories")) == (200, [])


def test_unknown_brand_tax_group_and_default_category_are_not_checked(shop: FakePrestashop, client: Client) -> None:
    sent = "<id_manufacturer>99</id_manufacturer><id_tax_rules_group>99</id_tax_rules_group>"
    assert client.patch("products", f"<product><id>1</id>{sent}</product>").status == 200
    assert shop.products[1].id_manufacturer == "99"


def test_an_unknown_association_is_a_400_after_the_fields_were_stored(shop: FakePrestashop, client: Client) -> None:
    sent = "<product><id>1</id><price>77</price><associations><nonsense/></associations></product>"
    reply = client.patch("products", sent)
    assert (reply.status, reply.codes) == (400, [86])
    assert shop.products[1].price == "77.000000"


def test_an_unknown_field_is_ignored_without_a_word(client: Client) -> None:
    assert client.patch("products", "<product><id>1</id><colour>red</colour></product>").status == 200


def test_a_category_without_its_parent_is_a_500_with_an_empty_body(client: Client) -> None:
    for reply in (
        client.post("categories", category("<id_parent>99</id_parent>")),
        client.patch("categories", "<category><id>3</id><id_parent>99</id_parent></category>"),
    ):
        assert (reply.status, reply.text, reply.headers["Content-Type"]) == (500, "", "text/html; charset=utf-8")


def test_a_category_that_names_no_parent_is_created_and_hangs_nowhere(client: Client) -> None:
    reply = client.post("categories", category(""))
    assert (reply.status, reply.value("category/level_depth")) == (201, "0")


def test_a_category_without_its_link_rewrite_is_a_500_and_is_not_created(shop: FakePrestashop, client: Client) -> None:
    sent = f"<category><id_parent>2</id_parent><active>1</active>{texts('name', {1: 'Vis', 2: 'Screws'})}</category>"
    reply = client.post("categories", sent)
    assert (reply.status, reply.codes, len(shop.categories)) == (500, [3, 3], 3)


def test_a_plain_link_rewrite_is_taken_for_its_letters(shop: FakePrestashop, client: Client) -> None:
    client.post("products", product(name=texts("name", {1: "A", 2: "B"}) + "<link_rewrite>plain</link_rewrite>"))
    assert shop.products[2].link_rewrite == {1: "l", 2: "a"}


def test_a_deleted_category_stays_the_default_of_its_products(shop: FakePrestashop, client: Client) -> None:
    assert client.call("DELETE", "/categories/3").status == 200
    assert (shop.products[1].id_category_default, shop.products[1].linked("categories")) == ("3", [])


# several entities in one request


def test_a_batch_stops_at_its_bad_item_and_keeps_what_came_before(shop: FakePrestashop, client: Client) -> None:
    shop.add_product("A-2", name="Pince", price="10")
    entities = (
        f"<product><id>{one}</id><price>{price}</price></product>" for one, price in ((1, 11), (2, "x"), (3, 1))
    )
    reply = client.patch("products", *entities)
    assert (reply.status, reply.codes) == (400, [85])
    assert (shop.products[1].price, shop.products[2].price) == ("11.000000", "10.000000")
    assert reply.xml.find("product") is None


def test_a_batch_with_an_unknown_id_is_a_404_with_code_92_and_its_first_item_stored(
    shop: FakePrestashop, client: Client
) -> None:
    reply = client.patch("products", *(f"<product><id>{one}</id><price>99</price></product>" for one in (1, 999)))
    assert (reply.status, reply.codes, shop.products[1].price) == (404, [92], "99.000000")


def test_the_id_in_the_body_wins_over_the_id_in_the_address(shop: FakePrestashop, client: Client) -> None:
    other = shop.add_product("A-2", name="Pince", price="10")
    client.call("PATCH", f"/products/{other}", document("<product><id>1</id><price>33</price></product>"))
    assert (shop.products[1].price, shop.products[other].price) == ("33.000000", "10.000000")


def test_the_same_id_twice_in_one_request_is_refused(client: Client) -> None:
    reply = client.patch("products", *["<product><id>1</id><price>1</price></product>"] * 2)
    assert (reply.status, reply.codes) == (400, [89])


def test_a_missing_id_is_refused_on_patch(client: Client) -> None:
    assert client.patch("products", "<product><price>1</price></product>").codes == [90]


# values


@pytest.mark.parametrize("price", ["10,5", "1e3", "-1", " 10", "12345678901", "1.0123456789"])
def test_a_price_that_is_no_plain_decimal_is_refused(client: Client, price: str) -> None:
    reply = client.patch("products", f"<product><id>1</id><price>{price}</price></product>")
    assert (reply.status, reply.codes) == (400, [85])


@pytest.mark.parametrize("name", ["A > B", "a{b}", "x" * 129])
def test_a_name_with_forbidden_characters_or_too_long_is_refused(client: Client, name: str) -> None:
    reply = client.patch("products", f"<product><id>1</id>{texts('name', {1: name, 2: 'ok'})}</product>")
    assert (reply.status, reply.codes) == (400, [84])


def test_a_name_may_hold_an_equals_sign_and_a_hash(shop: FakePrestashop, client: Client) -> None:
    client.patch("products", f"<product><id>1</id>{texts('name', {1: 'L=10; #4', 2: '😀 日本'})}</product>")
    assert shop.products[1].name == {1: "L=10; #4", 2: "😀 日本"}


def test_before_prestashop_9_a_name_may_not_hold_them() -> None:
    shop = FakePrestashop(version="8.2.0")
    shop.add_product("A-1", name="Vis")
    with shop.serve() as url:
        body = f"<product><id>1</id>{texts('name', {1: 'Vis #4', 2: 'Screw'})}</product>"
        assert Client(url, shop.key).patch("products", body).codes == [84]


@pytest.mark.parametrize(("field", "value"), [("condition", "neuf"), ("visibility", "all"), ("product_type", "simple")])
def test_a_field_with_fixed_choices_refuses_anything_else(client: Client, field: str, value: str) -> None:
    assert client.patch("products", f"<product><id>1</id><{field}>{value}</{field}></product>").codes == [85]


@pytest.mark.parametrize("reference", ["a=b", "a;b", "a{b", "x" * 65])
def test_a_reference_with_forbidden_characters_or_too_long_is_refused(client: Client, reference: str) -> None:
    reply = client.patch("products", f"<product><id>1</id><reference>{reference}</reference></product>")
    assert (reply.status, reply.codes) == (400, [85])


@pytest.mark.parametrize("value", ["2", "true", "oui"])
def test_a_boolean_is_0_or_1(client: Client, value: str) -> None:
    assert client.patch("products", f"<product><id>1</id><active>{value}</active></product>").codes == [85]


@pytest.mark.parametrize(
    "html", ["<script>x</script>", "<iframe src='x'></iframe>", "<p onclick='x'>a</p>", "<a href='javascript:x'>a</a>"]
)
def test_dangerous_html_is_a_400_with_code_84(client: Client, html: str) -> None:
    reply = client.patch("products", f"<product><id>1</id>{texts('description', {1: html, 2: 'ok'})}</product>")
    assert (reply.status, reply.codes) == (400, [84])


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ('<p style="color:red">a</p>', '<p style="color:#FF0000;">a</p>'),
        ("<p>un<b>deux", "<p>un<b>deux</b></p>"),
        ("a > b", "a &gt; b"),
        ("a<br>b", "a<br />b"),
        ("<p>caf&eacute;</p>", "<p>café</p>"),
        ('<img src="x/a.png">', '<img src="x/a.png" alt="a.png" />'),
        ('<a href="x" target="_blank">y</a>', '<a href="x" target="_blank" rel="noreferrer noopener">y</a>'),
    ],
)
def test_accepted_html_is_rewritten(shop: FakePrestashop, client: Client, sent: str, stored: str) -> None:
    reply = client.patch("products", f"<product><id>1</id>{texts('description', {1: sent, 2: ''})}</product>")
    assert sent in reply.text
    assert shop.products[1].description == {1: stored, 2: ""}


def test_a_control_character_is_a_500_with_code_127_last(client: Client) -> None:
    reply = client.patch("products", "<product><id>1</id><reference>a\x01b</reference></product>")
    assert (reply.status, reply.codes) == (500, [3, 3, 3, 127])


def test_wrong_bytes_are_a_500_and_a_declared_encoding_is_converted(shop: FakePrestashop, client: Client) -> None:
    body = "<prestashop><product><id>1</id><location>é</location></product></prestashop>".encode("latin-1")
    assert client.call("PATCH", "/products", body).codes[-1] == 127
    assert client.call("PATCH", "/products", b'<?xml version="1.0" encoding="ISO-8859-1"?>' + body).status == 200
    assert shop.products[1].location == "é"
