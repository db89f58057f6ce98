"""The table of traps: writing products."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.sandbox.woocommerce.client import Client

from passerelle.sandbox.woocommerce import FakeWoocommerce

PICTURE = "https://images.example.test/red.png"


def put(client: Client, **fields: Any) -> Any:
    reply = client.put("/products/10", fields)
    assert reply.status == 200, reply.text
    return reply.json


# prices


@pytest.mark.parametrize(
    ("separator", "sent", "stored"),
    [
        (".", "15,99", "1599"),
        (".", "1.234,56", "1.23456"),
        (".", "abc", ""),
        (".", "1234.56", "1234.56"),
        (".", "10.123456", "10.123456"),
        (".", "99.50", "99.50"),
        (",", "15,99", "15.99"),
        (",", "15.99", "15.99"),
        (",", "1.234,56", "1234.56"),
    ],
)
def test_a_price_is_read_by_the_separator_of_the_shop_and_never_refused(separator: str, sent: str, stored: str) -> None:
    shop = FakeWoocommerce(decimal_separator=separator)
    shop.add_product("A", name="A")
    with shop.serve() as url:
        assert put(Client(url, shop), regular_price=sent)["regular_price"] == stored


def test_a_price_that_is_a_number_is_refused(client: Client) -> None:
    reply = client.put("/products/10", {"regular_price": 12.5})
    assert (reply.status, reply.code) == (400, "rest_invalid_param")
    assert client.shop.products[10].regular_price == "10"


def test_a_sale_price_that_is_no_lower_is_dropped(client: Client) -> None:
    assert put(client, sale_price="10")["sale_price"] == ""
    shown = put(client, sale_price="8")
    assert (shown["sale_price"], shown["price"], shown["on_sale"]) == ("8", "8", True)


def test_the_price_itself_cannot_be_written(client: Client) -> None:
    assert put(client, price="99")["price"] == "10"


def test_the_price_of_a_variable_product_is_ignored(client: Client, shirt: tuple[int, int, int]) -> None:
    reply = client.put(f"/products/{shirt[0]}", {"regular_price": "99"})
    assert (reply.status, reply.json["regular_price"], reply.json["price"]) == (200, "", "20")


# texts and identity


def test_a_product_without_a_name_is_published_as_product(client: Client) -> None:
    reply = client.post("/products", {"sku": "X"})
    assert (reply.status, reply.json["name"], reply.json["status"]) == (201, "Product", "publish")


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("Vis & écrous", "Vis &amp; écrous"),
        ("Vis &amp; écrous", "Vis &amp; écrous"),
        ("Vis <script>x</script>", "Vis x"),
        ("Vis < 5 mm", "Vis"),
        (" Vis ", "Vis"),
        ("Vis &lt; 5 mm", "Vis &lt; 5 mm"),
        ('Vis "inox"', 'Vis "inox"'),
    ],
)
def test_a_name_comes_back_encoded_and_without_what_follows_a_bare_bracket(
    client: Client, sent: str, stored: str
) -> None:
    assert put(client, name=sent)["name"] == stored


def test_a_description_loses_scripts_frames_and_handlers(client: Client) -> None:
    sent = '<p onclick="x()">Long</p><iframe src="http://x.test"></iframe><script>y</script>'
    assert put(client, description=sent)["description"] == "<p>Long</p>y"


@pytest.mark.parametrize(("sent", "stored"), [("  A 1 ", "A 1"), ("A  1", "A 1"), ("A%2F1", "A1"), ("0012", "0012")])
def test_a_sku_is_trimmed_and_its_blanks_collapse(client: Client, sent: str, stored: str) -> None:
    assert put(client, sku=sent)["sku"] == stored


def test_a_sku_is_unique_whatever_its_case_and_the_holder_is_named(client: Client, shirt: tuple[int, int, int]) -> None:
    for sku, holder in (("a-1", 10), ("ts-r-s", shirt[1])):
        reply = client.post("/products", {"name": "X", "sku": sku})
        assert (reply.status, reply.code) == (400, "product_invalid_sku")
        assert reply.json["data"]["resource_id"] == holder
        assert reply.json["data"]["unique_sku"] == f"{sku}-1"


def test_a_sku_held_in_the_trash_is_refused_without_an_id(client: Client) -> None:
    client.shop.trash_product(10)
    reply = client.post("/products", {"name": "X", "sku": "A-1"})
    assert (reply.status, reply.code) == (400, "woocommerce_rest_product_not_created")
    assert "resource_id" not in reply.json["data"]


def test_a_sku_is_unique_whatever_its_accents(client: Client) -> None:
    holder = client.shop.add_product("Été-1", name="É")
    reply = client.post("/products", {"name": "X", "sku": "ete-1"})
    assert (reply.code, reply.json["data"]["resource_id"]) == ("product_invalid_sku", holder)


def test_a_change_may_take_a_sku_from_the_trash_and_the_twins_then_refuse_even_their_own(client: Client) -> None:
    other = client.shop.add_product("B", name="B")
    client.shop.trash_product(10)
    assert client.put(f"/products/{other}", {"sku": "A-1"}).status == 200
    assert put(client, status="publish")["sku"] == "A-1"
    assert client.ids("/products?sku=A-1&orderby=id&order=asc") == [10, other]
    reply = client.put("/products/10", {"sku": "A-1"})
    assert (reply.status, reply.code) == (400, "product_invalid_sku")
    assert reply.json["data"]["resource_id"] == 10
    assert put(client, regular_price="11")["regular_price"] == "11"


def test_of_four_creations_of_one_sku_at_once_one_succeeds(client: Client) -> None:
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: client.post("/products", {"name": "X", "sku": "NEW"}), range(4)))
    assert sorted(one.status for one in replies) == [201, 400, 400, 400]
    assert len(client.shop.product_by_sku("NEW")) == 1


def test_a_gtin_is_unique(client: Client) -> None:
    put(client, global_unique_id="3760123450017")
    reply = client.post("/products", {"name": "X", "global_unique_id": "3760123450017"})
    assert (reply.code, reply.json["data"]["resource_id"]) == ("product_invalid_global_unique_id", 10)


def test_a_put_of_nothing_moves_the_date(client: Client) -> None:
    before = client.shop.products[10].modified
    client.shop.clock = lambda: before.replace(year=2030)
    assert put(client)["date_modified_gmt"].startswith("2030")


def test_null_at_the_top_is_as_if_it_were_not_sent(client: Client) -> None:
    assert put(client, regular_price=None, stock_quantity=None)["regular_price"] == "10"


# stock


@pytest.mark.parametrize("quantity", [3.7, "abc"])
def test_a_quantity_that_is_no_integer_is_refused(client: Client, quantity: object) -> None:
    assert client.put("/products/10", {"stock_quantity": quantity}).code == "rest_invalid_param"


def test_a_negative_quantity_is_accepted(client: Client) -> None:
    shown = put(client, stock_quantity=-3)
    assert (shown["stock_quantity"], shown["stock_status"]) == (-3, "outofstock")


def test_without_management_the_quantity_is_ignored_and_the_status_rules(client: Client) -> None:
    shown = put(client, manage_stock=False, stock_quantity=7, stock_status="onbackorder")
    assert (shown["stock_quantity"], shown["stock_status"], shown["backorders"]) == (None, "onbackorder", "no")


def test_with_management_the_status_follows_the_quantity(client: Client) -> None:
    assert put(client, stock_status="outofstock")["stock_status"] == "instock"
    assert put(client, stock_quantity=0, stock_status="instock")["stock_status"] == "outofstock"
    assert put(client, backorders="notify")["stock_status"] == "onbackorder"


def test_a_delta_moves_the_stock_unless_a_quantity_stands_beside_it(client: Client) -> None:
    assert put(client, inventory_delta=-3)["stock_quantity"] == 2
    assert put(client, inventory_delta=-3, stock_quantity=9)["stock_quantity"] == 9


def test_an_absolute_quantity_overwrites_what_was_sold_since(client: Client) -> None:
    client.shop.hook("before_write", lambda: client.shop.place_order([(10, 2)]))
    assert put(client, stock_quantity=5)["stock_quantity"] == 5


# tax, categories, brands, tags


def test_an_unknown_tax_class_becomes_the_standard_one(client: Client) -> None:
    assert put(client, tax_class="reduced-rate")["tax_class"] == "reduced-rate"
    assert put(client, tax_class="nowhere")["tax_class"] == ""


def test_an_unknown_category_becomes_the_default_one(client: Client) -> None:
    assert [one["id"] for one in put(client, categories=[{"id": 999}])["categories"]] == [15]


def test_lists_replace_what_was_there(client: Client) -> None:
    first, second = client.shop.add_category("Vis"), client.shop.add_category("Écrous")
    put(client, categories=[{"id": first}, {"id": second}])
    assert [one["id"] for one in put(client, categories=[{"id": second}])["categories"]] == [second]
    assert [one["id"] for one in put(client, categories=[])["categories"]] == [15]


def test_an_empty_list_of_brands_clears_nothing(client: Client) -> None:
    brand = client.shop.add_brand("Facom")
    put(client, brands=[{"id": brand}])
    assert [one["id"] for one in put(client, brands=[])["brands"]] == [brand]
    assert put(client, tags=[{"name": "promo"}])["tags"][0]["name"] == "promo"
    assert put(client, tags=[])["tags"] == []


@pytest.mark.parametrize("sent", [{"id": 0}, {"id": 999}, {"name": "Facom"}, {"slug": "facom"}])
def test_a_brand_that_is_not_named_by_its_id_clears_the_brands_without_a_word(client: Client, sent: Any) -> None:
    put(client, brands=[{"id": client.shop.add_brand("Facom")}])
    assert put(client, brands=[sent])["brands"] == []


def test_null_clears_no_brand(client: Client) -> None:
    brand = client.shop.add_brand("Facom")
    put(client, brands=[{"id": brand}])
    assert [one["id"] for one in put(client, brands=None)["brands"]] == [brand]


def test_a_category_has_one_name_below_one_parent(client: Client) -> None:
    first = client.post("/products/categories", {"name": "Vis"}).json["id"]
    reply = client.post("/products/categories", {"name": "vis"})
    assert (reply.status, reply.code, reply.json["data"]["resource_id"]) == (400, "term_exists", first)
    below = client.post("/products/categories", {"name": "Vis", "parent": first})
    assert (below.status, below.json["slug"]) == (201, "vis-2")


def test_a_category_that_goes_leaves_its_products_without_any(client: Client) -> None:
    category = client.shop.add_category("Vis")
    put(client, categories=[{"id": category}])
    assert client.delete(f"/products/categories/{category}").status == 501
    assert client.delete(f"/products/categories/{category}?force=true").status == 200
    assert client.get("/products/10").json["categories"] == []


def test_the_default_category_cannot_be_deleted(client: Client) -> None:
    reply = client.delete("/products/categories/15?force=true")
    assert (reply.status, reply.code) == (500, "woocommerce_rest_cannot_delete")


def test_the_name_of_a_category_is_encoded(client: Client) -> None:
    shown = client.post("/products/categories", {"name": "Vis & écrous"}).json
    assert (shown["name"], shown["slug"]) == ("Vis &amp; écrous", "vis-ecrous")


@pytest.mark.parametrize(
    ("slug", "problem"),
    [("couleur", "already in use"), ("a" * 29, "too long"), ("type", "reserved term")],
)
def test_the_slug_of_an_attribute_is_short_free_and_its_own(client: Client, slug: str, problem: str) -> None:
    client.shop.add_attribute("Couleur")
    reply = client.post("/products/attributes", {"name": "Autre", "slug": slug})
    assert (reply.status, reply.code) == (400, "woocommerce_rest_cannot_create")
    assert problem in reply.json["message"]


# meta


def test_meta_is_matched_by_key_and_by_id_only_with_its_key(client: Client) -> None:
    [first] = put(client, meta_data=[{"key": "erp_id", "value": "1"}])["meta_data"]
    [second] = put(client, meta_data=[{"key": "erp_id", "value": "2"}])["meta_data"]
    assert (second["id"], second["value"]) == (first["id"], "2")
    [third] = put(client, meta_data=[{"id": first["id"], "value": "3"}])["meta_data"]
    assert third["value"] == "2"
    [fourth] = put(client, meta_data=[{"id": first["id"], "key": "erp_id", "value": ""}])["meta_data"]
    assert fourth["value"] == ""
    assert put(client, meta_data=[{"key": "erp_id", "value": None}])["meta_data"] == []


def test_meta_scalars_come_back_as_text_and_structures_as_they_were(client: Client) -> None:
    sent = [("n", 1.10), ("b", True), ("i", 5), ("_private", {"a": [1, 2]})]
    shown = put(client, meta_data=[{"key": key, "value": value} for key, value in sent])["meta_data"]
    assert [one["value"] for one in shown] == ["1.1", "1", "5", {"a": [1, 2]}]


def test_internal_meta_keys_are_fields_in_truth(client: Client) -> None:
    shown = put(client, meta_data=[{"key": "_stock", "value": 999}, {"key": "_regular_price", "value": "1"}])
    assert (shown["stock_quantity"], shown["regular_price"], shown["meta_data"]) == (999, "1", [])


# images


def test_an_address_is_downloaded_again_each_time(client: Client) -> None:
    client.shop.remote_files[PICTURE] = b"picture"
    [first] = put(client, images=[{"src": PICTURE}])["images"]
    [second] = put(client, images=[{"src": PICTURE}])["images"]
    assert first["id"] != second["id"]
    assert second["src"].endswith("/red-1.png")
    [kept] = put(client, images=[{"id": second["id"], "alt": "Vis"}])["images"]
    assert (kept["id"], kept["alt"]) == (second["id"], "Vis")
    assert put(client, images=[])["images"] == []


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ({"src": "https://images.example.test/missing.png"}, "woocommerce_product_image_upload_error"),
        ({"src": "https://images.example.test/text"}, "woocommerce_product_image_upload_error"),
        ({"src": "http://127.0.0.1/red.png"}, "woocommerce_product_image_upload_error"),
        ({"src": "https://images.example.test:8443/red.png"}, "woocommerce_product_image_upload_error"),
        ({"id": 777777}, "woocommerce_product_invalid_image_id"),
    ],
)
def test_an_image_that_cannot_be_had_fails_the_whole_product(client: Client, image: Any, code: str) -> None:
    for address in ("https://images.example.test/text", "https://images.example.test:8443/red.png"):
        client.shop.remote_files[address] = b"picture"
    reply = client.put("/products/10", {"regular_price": "77", "images": [image]})
    assert (reply.status, reply.code) == (400, code)
    assert client.shop.products[10].regular_price == "10"


# going away


def test_a_deletion_without_force_goes_to_the_trash_and_shows_what_was(client: Client) -> None:
    reply = client.delete("/products/10")
    assert (reply.status, reply.json["status"]) == (200, "publish")
    assert client.shop.products[10].status == "trash"
    assert client.delete("/products/10").status == 410
    assert client.delete("/products/10?force=true").status == 200
    assert (client.get("/products/10").status, client.shop.product_by_sku("A-1")) == (404, [])


def test_an_unknown_product_is_a_404_when_read_and_a_400_when_changed(client: Client) -> None:
    replies = [client.get("/products/99"), client.put("/products/99", {}), client.delete("/products/99")]
    assert [one.status for one in replies] == [404, 400, 404]
    assert {one.code for one in replies} == {"woocommerce_rest_product_invalid_id"}
