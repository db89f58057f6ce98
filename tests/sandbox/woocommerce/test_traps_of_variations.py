"""The table of traps: attributes and variations."""

from __future__ import annotations

from typing import Any

from tests.sandbox.woocommerce.client import Client

Shirt = tuple[int, int, int]


def choices(shown: Any) -> dict[str, str]:
    return {one["name"]: one["option"] for one in shown["attributes"]}


def test_a_parent_makes_the_terms_it_lists_and_shows_them_in_their_own_order(client: Client) -> None:
    attribute = client.post("/products/attributes", {"name": "Couleur"}).json["id"]
    sent = [
        {"id": attribute, "variation": True, "options": ["Vert", "Bleu"]},
        {"name": "Taille", "options": ["S", "M"]},
    ]
    shown = client.post("/products", {"name": "T", "type": "variable", "attributes": sent}).json["attributes"]
    assert [(one["id"], one["slug"], one["options"]) for one in shown] == [
        (attribute, "pa_couleur", ["Bleu", "Vert"]),
        (0, "Taille", ["S", "M"]),
    ]
    assert sorted(one.name for one in client.shop.terms[attribute].values()) == ["Bleu", "Vert"]


def test_an_attribute_that_does_not_exist_or_has_no_value_is_dropped(client: Client) -> None:
    sent = [{"id": 99, "options": ["X"]}, {"name": "Vide", "options": []}]
    reply = client.put("/products/10", {"attributes": sent})
    assert (reply.status, reply.json["attributes"]) == (200, [])


def test_a_value_that_the_parent_does_not_know_is_stored_raw(client: Client, shirt: Shirt) -> None:
    body = {"sku": "TS-J", "regular_price": "23", "attributes": [{"id": 1, "option": "Jaune Vif"}]}
    reply = client.post(f"/products/{shirt[0]}/variations", body)
    assert (reply.status, choices(reply.json)) == (201, {"Couleur": "jaune-vif"})
    assert "Jaune Vif" not in {one.name for one in client.shop.terms[1].values()}


def test_an_attribute_that_the_parent_does_not_vary_by_is_dropped(client: Client, shirt: Shirt) -> None:
    body = {"attributes": [{"name": "Matière", "option": "Lin"}, {"name": "Taille", "option": "S"}]}
    assert choices(client.post(f"/products/{shirt[0]}/variations", body).json) == {"Taille": "S"}


def test_a_product_that_is_made_simple_loses_its_variations_for_good(client: Client, shirt: Shirt) -> None:
    product, red, blue = shirt
    assert client.put(f"/products/{product}", {"type": "simple"}).json["variations"] == []
    assert [client.get(f"/products/{one}").status for one in (red, blue)] == [404, 404]
    assert client.ids("/products?sku=TS-R-S,TS-B-M&include_status=any,trash") == []
    assert client.put(f"/products/{product}", {"type": "variable"}).json["variations"] == []


def test_an_attribute_that_its_product_leaves_out_hides_what_variations_keep(client: Client, shirt: Shirt) -> None:
    product, red, blue = shirt
    shown = client.get(f"/products/{product}").json["attributes"]
    sizes = [one for one in shown if one["name"] == "Taille"]
    left = client.put(f"/products/{product}", {"attributes": sizes}).json
    assert (left["type"], left["variations"]) == ("variable", [red, blue])
    path = f"/products/{product}/variations/{red}"
    assert choices(client.put(path, {"regular_price": "22"}).json) == {"Taille": "S"}
    assert client.put(f"/products/{product}", {"attributes": []}).json["type"] == "variable"
    assert choices(client.get(path).json) == {}
    client.put(f"/products/{product}", {"attributes": shown})
    assert choices(client.get(path).json) == {"Couleur": "Rouge", "Taille": "S"}


def test_a_value_that_its_product_leaves_out_stays_with_its_variation(client: Client, shirt: Shirt) -> None:
    product, red, _ = shirt
    sent = [{"id": 1, "variation": True, "options": ["Bleu"]}, {"name": "Taille", "variation": True, "options": ["M"]}]
    client.put(f"/products/{product}", {"attributes": sent})
    reply = client.put(f"/products/{product}/variations/{red}", {"regular_price": "22"})
    assert (reply.status, choices(reply.json)) == (200, {"Couleur": "Rouge", "Taille": "S"})


def test_a_variation_exists_below_its_parent_only(client: Client, shirt: Shirt) -> None:
    product, red, _ = shirt
    assert client.get(f"/products/{red}").json["parent_id"] == product
    for method in ("PUT", "DELETE"):
        reply = client.call(method, f"/products/{red}", {"regular_price": "30"})
        assert (reply.status, reply.code) == (404, "woocommerce_rest_invalid_product_id")
    reply = client.put(f"/products/{product}/variations/{red}", {"regular_price": "30"})
    assert (reply.status, reply.json["regular_price"]) == (200, "30")


def test_a_variation_of_another_product_is_not_there(client: Client, shirt: Shirt) -> None:
    path = f"/products/10/variations/{shirt[1]}"
    alone = [client.get(path), client.put(path, {"regular_price": "1"}), client.delete(f"{path}?force=true")]
    alone.append(client.put(f"/products/{shirt[0]}/variations/10", {}))
    assert {(one.status, one.code) for one in alone} == {(404, "woocommerce_rest_product_variation_invalid_id")}
    body = {"update": [{"id": shirt[1], "regular_price": "1"}], "delete": [shirt[1]]}
    answer = client.post("/products/10/variations/batch", body).json
    for [outcome] in answer.values():
        assert outcome["error"]["code"] == "woocommerce_rest_product_variation_invalid_id"
    assert client.shop.products[shirt[1]].regular_price == "20"


def test_the_answer_to_a_write_shows_the_tax_class_parent_and_a_read_that_of_the_parent(
    client: Client, shirt: Shirt
) -> None:
    client.put(f"/products/{shirt[0]}", {"tax_class": "reduced-rate"})
    path = f"/products/{shirt[0]}/variations/{shirt[1]}"
    assert client.put(path, {}).json["tax_class"] == "parent"
    assert client.get(path).json["tax_class"] == "reduced-rate"


def test_a_variation_without_stock_of_its_own_follows_its_parent(client: Client, shirt: Shirt) -> None:
    product, red, _ = shirt
    client.put(f"/products/{product}", {"manage_stock": True, "stock_quantity": 12})
    client.put(f"/products/{product}/variations/{red}", {"manage_stock": False})
    shown = client.get(f"/products/{product}/variations/{red}").json
    assert (shown["manage_stock"], shown["stock_quantity"]) == ("parent", 12)
    client.shop.place_order([(product, red, 2)])
    assert client.shop.stock_of(product) == 10


def test_a_variation_without_a_sku_shows_its_parents_and_is_not_found_by_it(client: Client, shirt: Shirt) -> None:
    shown = client.post(f"/products/{shirt[0]}/variations", {"regular_price": "1"}).json
    assert shown["sku"] == "TS"
    assert client.ids("/products?sku=TS") == [shirt[0]]


def test_a_variable_product_shows_the_lowest_price_and_is_in_stock_with_one_of_its_variations(
    client: Client, shirt: Shirt
) -> None:
    product, red, blue = shirt
    for variation in (red, blue):
        client.put(f"/products/{product}/variations/{variation}", {"regular_price": "30", "stock_quantity": 0})
    shown = client.get(f"/products/{product}").json
    assert (shown["price"], shown["stock_status"], shown["variations"]) == ("30", "outofstock", [red, blue])
    client.put(f"/products/{product}/variations/{blue}", {"regular_price": "25", "stock_quantity": 1})
    shown = client.get(f"/products/{product}").json
    assert (shown["price"], shown["stock_status"]) == ("25", "instock")


def test_a_variation_of_a_simple_product_is_accepted_and_shown_nowhere(client: Client) -> None:
    reply = client.post("/products/10/variations", {"sku": "A-1-X", "attributes": [{"name": "T", "option": "S"}]})
    assert (reply.status, reply.json["attributes"]) == (201, [])
    assert client.get("/products/10").json["variations"] == []


def test_a_missing_parent_crashes_and_leaves_an_orphan_that_holds_its_sku(client: Client) -> None:
    reply = client.post("/products/999/variations", {"sku": "zz2", "regular_price": "1"})
    assert (reply.status, reply.code) == (500, "internal_server_error")
    [orphan] = client.shop.product_by_sku("zz2")
    assert orphan.parent_id == 999
    assert client.post("/products", {"name": "X", "sku": "zz2"}).code == "product_invalid_sku"
    unreachable = (
        client.get(f"/products/{orphan.id}"),
        client.delete(f"/products/{orphan.id}?force=true"),
        client.put(f"/products/999/variations/{orphan.id}", {"sku": ""}),
        client.delete(f"/products/999/variations/{orphan.id}?force=true"),
    )
    assert {one.status for one in unreachable} == {404}
    for path in ("/products/batch", "/products/999/variations/batch"):
        [outcome] = client.post(path, {"delete": [orphan.id]}).json["delete"]
        assert outcome["error"]["data"]["status"] == 404


def test_a_deleted_parent_takes_its_variations_along(client: Client, shirt: Shirt) -> None:
    client.delete(f"/products/{shirt[0]}?force=true")
    assert [client.shop.product_by_sku(one) for one in ("TS", "TS-R-S")] == [[], []]


def test_the_image_of_a_variation_is_one_object_and_an_empty_one_removes_it(client: Client, shirt: Shirt) -> None:
    client.shop.remote_files["https://images.example.test/a.png"] = b"x"
    path = f"/products/{shirt[0]}/variations/{shirt[1]}"
    shown = client.put(path, {"image": {"src": "https://images.example.test/a.png"}}).json["image"]
    assert shown["src"].endswith("/a.png")
    assert client.put(path, {"regular_price": "3"}).json["image"]["id"] == shown["id"]
    assert client.put(path, {"image": {}}).json["image"] is None
