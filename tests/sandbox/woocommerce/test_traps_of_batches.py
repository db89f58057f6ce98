"""The table of traps: batches."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.sandbox.woocommerce.client import Client

Shirt = tuple[int, int, int]
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def batch(client: Client, path: str = "/products/batch", **items: Any) -> Any:
    reply = client.post(path, items)
    assert reply.status == 200, reply.text
    return reply.json


def test_more_than_a_hundred_items_together_are_refused_and_nothing_is_done(client: Client) -> None:
    creations = [{"name": "X", "sku": f"X-{one}"} for one in range(60)]
    reply = client.post("/products/batch", {"create": creations, "update": [{"id": 10, "name": "Y"}] * 41})
    assert (reply.status, reply.code) == (413, "woocommerce_rest_request_entity_too_large")
    assert len(client.shop.products) == 1
    assert len(batch(client, create=creations, update=[{"id": 10}] * 40)["update"]) == 40


def test_each_item_has_its_outcome_in_order_and_the_answer_is_200(client: Client) -> None:
    found = batch(
        client,
        create=[{"name": "A", "sku": "NEW"}, {"name": "B", "sku": "A-1"}],
        update=[{"id": 999, "name": "X"}, {"id": 10, "name": "Pince"}, {"sku": "A-1", "name": "Y"}],
    )
    assert found["create"][0]["sku"] == "NEW"
    assert (found["create"][1]["id"], found["create"][1]["error"]["code"]) == (0, "product_invalid_sku")
    assert [one["id"] for one in found["update"]] == [999, 10, None]
    assert found["update"][0]["error"]["data"]["status"] == 400
    assert found["update"][2]["error"]["code"] == "woocommerce_rest_product_invalid_id"
    assert client.shop.products[10].name == "Pince"


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ({"regular_price": 5}, ("5", 5)),
        ({"regular_price": 12.5}, ("12.5", 5)),
        ({"stock_quantity": "abc"}, ("10", 0)),
        ({"stock_quantity": 3.7}, ("10", 3)),
        ({"stock_quantity": "8"}, ("10", 8)),
        ({"status": "nonsense"}, ("10", 5)),
    ],
)
def test_nothing_is_checked_inside_a_batch(client: Client, given: dict[str, Any], stored: tuple[str, int]) -> None:
    [outcome] = batch(client, update=[{"id": 10, **given}])["update"]
    assert (outcome["regular_price"], outcome["stock_quantity"]) == stored


def test_a_deletion_in_a_batch_is_for_good_and_zero_is_skipped(client: Client) -> None:
    found = batch(client, delete=[0, 10, 999])["delete"]
    assert [one["id"] for one in found] == [10, 999]
    assert found[1]["error"]["data"]["status"] == 404
    assert client.shop.products == {}


def test_zero_among_the_deletions_of_variations_is_refused_for_itself(client: Client, shirt: Shirt) -> None:
    product, red, blue = shirt
    outcomes = batch(client, f"/products/{product}/variations/batch", delete=[0, red])["delete"]
    assert [one["id"] for one in outcomes] == [{"id": 0, "product_id": product, "force": True}, red]
    assert outcomes[0]["error"]["code"] == "woocommerce_rest_product_variation_invalid_id"
    assert client.shop.products[product].children == [blue]


@pytest.mark.parametrize("status", ["processing", "completed", "on-hold", "cancelled"])
def test_a_status_that_is_unknown_makes_an_order_of_a_batch_pending(client: Client, status: str) -> None:
    order = client.shop.place_order([(10, 2)], status=status)
    [outcome] = batch(client, "/orders/batch", update=[{"id": order, "status": "nonsense"}])["update"]
    assert (outcome["status"], client.shop.stock_of(10)) == ("pending", 5)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("wc-completed", "completed"), ("trash", "trash"), ("draft", "pending"), ("", "processing"), (None, "processing")],
)
def test_a_status_of_a_batch_may_have_its_prefix_be_the_trash_or_nothing(
    client: Client, sent: str | None, kept: str
) -> None:
    order = client.shop.place_order([(10, 2)])
    [outcome] = batch(client, "/orders/batch", update=[{"id": order, "status": sent}])["update"]
    assert outcome["status"] == kept


def test_a_failed_deletion_among_terms_is_a_number_and_zero_is_skipped(client: Client) -> None:
    path = f"/products/attributes/{client.shop.add_attribute('Couleur')}/terms/batch"
    [outcome] = batch(client, path, delete=[0, 999])["delete"]
    assert (outcome["id"], outcome["error"]["code"]) == (999, "woocommerce_rest_term_invalid")


def test_the_same_status_again_moves_the_date_alone(client: Client) -> None:
    order = client.shop.place_order([(10, 2)])
    before = (client.shop.notes_of(order), client.shop.stock_of(10))
    client.shop.clock = lambda: NOON
    [outcome] = batch(client, "/orders/batch", update=[{"id": order, "status": "processing"}])["update"]
    assert outcome["date_modified_gmt"] == "2026-11-24T12:00:00"
    assert (client.shop.notes_of(order), client.shop.stock_of(10)) == before


def test_a_variation_among_products_is_refused_for_itself(client: Client, shirt: Shirt) -> None:
    found = batch(client, update=[{"id": shirt[1], "regular_price": "30"}, {"id": 10, "regular_price": "30"}])["update"]
    assert found[0]["error"]["code"] == "woocommerce_rest_invalid_product_id"
    assert found[0]["error"]["data"]["status"] == 404
    assert found[1]["regular_price"] == "30"


def test_a_failed_deletion_among_variations_names_an_object(client: Client, shirt: Shirt) -> None:
    path = f"/products/{shirt[0]}/variations/batch"
    [outcome] = batch(client, path, delete=[999])["delete"]
    assert outcome["id"] == {"id": 999, "product_id": shirt[0], "force": True}


def test_an_unknown_variation_has_the_status_404(client: Client, shirt: Shirt) -> None:
    path = f"/products/{shirt[0]}/variations/batch"
    [outcome] = batch(client, path, update=[{"id": 999}])["update"]
    assert outcome["error"]["data"]["status"] == 404


def test_one_product_twice_is_changed_twice_in_order(client: Client) -> None:
    found = batch(client, update=[{"id": 10, "stock_quantity": 1}, {"id": 10, "stock_quantity": 2}])["update"]
    assert [one["stock_quantity"] for one in found] == [1, 2]
    assert client.shop.stock_of(10) == 2


def test_a_creation_sees_the_one_before_it(client: Client) -> None:
    found = batch(client, create=[{"name": "A", "sku": "N"}, {"name": "B", "sku": "n"}])["create"]
    assert found[1]["error"]["data"]["resource_id"] == found[0]["id"]


def test_a_bad_image_fails_its_item_alone_and_wholly(client: Client) -> None:
    other = client.shop.add_product("B", name="B", price="1")
    image = [{"src": "https://images.example.test/missing.png"}]
    items = [{"id": 10, "regular_price": "7", "images": image}, {"id": other, "regular_price": "7"}]
    found = batch(client, update=items)["update"]
    assert found[0]["error"]["code"] == "woocommerce_product_image_upload_error"
    assert [client.shop.products[one].regular_price for one in (10, other)] == ["10", "7"]


def test_fields_cut_creations_and_leave_changes_whole_or_drop_everything(client: Client) -> None:
    created = batch(client, "/products/batch?_fields=create,id,sku", create=[{"name": "A", "sku": "N"}])
    assert [sorted(one) for one in created["create"]] == [["id", "sku"]]
    changed = batch(client, "/products/batch?_fields=update,id,sku", update=[{"id": 10}])
    assert "description" in changed["update"][0]
    assert batch(client, "/products/batch?_fields=update.id", update=[{"id": 10}]) == []


def test_an_empty_batch_answers_an_empty_list(client: Client) -> None:
    assert batch(client) == []


def test_a_batch_of_terms_names_the_one_that_is_there(client: Client) -> None:
    attribute = client.shop.add_attribute("Couleur", ["Rouge"])
    path = f"/products/attributes/{attribute}/terms/batch"
    found = batch(client, path, create=[{"name": "rouge"}, {"name": "Bleu"}])["create"]
    assert found[0]["error"]["code"] == "term_exists"
    assert found[0]["error"]["data"]["resource_id"] == next(iter(client.shop.terms[attribute]))
    assert found[1]["name"] == "Bleu"


def test_the_number_of_items_is_counted(client: Client) -> None:
    batch(client, create=[{"name": "A"}, {"name": "B", "sku": "A-1"}], update=[{"id": 10}])
    assert client.shop.requests == [("POST", "/wp-json/wc/v3/products/batch", 3)]
