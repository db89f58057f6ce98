"""Faults and hooks of the simulated shop: what was stored, what was answered."""

from __future__ import annotations

import http.client
import json
import threading
import time
from typing import Any

import pytest
from tests.sandbox.woocommerce.client import Client

from passerelle.sandbox.woocommerce import Cost, FakeWoocommerce, Fault

PRICE = {"regular_price": "77"}


def stocks(*rows: tuple[int, int]) -> dict[str, Any]:
    return {"update": [{"id": ident, "stock_quantity": quantity} for ident, quantity in rows]}


@pytest.fixture
def three(shop: FakeWoocommerce) -> FakeWoocommerce:
    """Products 10 to 12, 5 in stock each."""
    for sku in ("A-2", "A-3"):
        shop.add_product(sku, name="Pince", price="10", stock=5)
    return shop


def test_an_error_after_the_commit_has_stored_everything(shop: FakeWoocommerce, client: Client) -> None:
    shop.inject(Fault("error_after_commit", method="WRITE"))
    assert client.get("/products/10").status == 200
    reply = client.put("/products/10", PRICE)
    assert (reply.status, reply.code) == (500, "internal_server_error")
    assert shop.products[10].regular_price == "77"


def test_a_lost_answer_has_stored_everything(shop: FakeWoocommerce, client: Client) -> None:
    shop.inject(Fault("lost_answer", method="WRITE", resource="products"))
    with pytest.raises(http.client.RemoteDisconnected):
        client.put("/products/10", PRICE)
    assert shop.products[10].regular_price == "77"


def test_a_truncated_answer_has_stored_everything(shop: FakeWoocommerce, client: Client) -> None:
    shop.inject(Fault("truncated_answer"))
    with pytest.raises(http.client.IncompleteRead):
        client.put("/products/10", PRICE)
    assert shop.products[10].regular_price == "77"


@pytest.mark.parametrize("tls", [False, True])
def test_a_reset_has_done_nothing(shop: FakeWoocommerce, tls: bool) -> None:
    shop.inject(Fault("reset"))
    with shop.serve(tls=tls) as url:
        with pytest.raises(OSError):
            Client(url, shop).put("/products/10", PRICE)
        assert shop.products[10].regular_price == "10"
        assert Client(url, shop).put("/products/10", PRICE).status == 200


def test_a_half_batch_has_stored_its_first_items(three: FakeWoocommerce, client: Client) -> None:
    three.inject(Fault("half_batch", method="WRITE", entities=2))
    with pytest.raises(http.client.RemoteDisconnected):
        client.post("/products/batch", stocks((10, 1), (11, 1), (12, 1)))
    assert [three.stock_of(one) for one in (10, 11, 12)] == [1, 1, 5]
    assert three.requests[-1][2] == 2


def test_a_status_has_done_nothing_and_may_name_a_delay(shop: FakeWoocommerce, client: Client) -> None:
    shop.inject(Fault("status", status=429, retry_after=3))
    reply = client.put("/products/10", PRICE)
    assert (reply.status, reply.headers["Retry-After"], reply.headers["Content-Type"]) == (429, "3", "text/html")
    assert shop.products[10].regular_price == "10"


def test_a_page_in_place_of_an_answer_has_done_nothing(shop: FakeWoocommerce, client: Client) -> None:
    shop.inject(Fault("html"))
    reply = client.put("/products/10", PRICE)
    assert reply.status == 200
    with pytest.raises(json.JSONDecodeError):
        _ = reply.json
    assert shop.products[10].regular_price == "10"


def test_a_slow_answer_makes_a_client_give_up_after_the_commit(shop: FakeWoocommerce, client: Client) -> None:
    stored = threading.Event()
    shop.inject(Fault("slow", seconds=0.4))
    shop.hook("after_write", stored.set)
    client.timeout = 0.05
    with pytest.raises(TimeoutError):
        client.put("/products/10", PRICE)
    assert stored.wait(5)
    assert shop.products[10].regular_price == "77"


def test_a_fault_hits_its_resource_so_many_times_after_those_it_skips(
    shop: FakeWoocommerce, client: Client, shirt: tuple[int, int, int]
) -> None:
    shop.inject(Fault("status", resource="variations", skip=1, times=2))
    assert client.get("/products").status == 200
    path = f"/products/{shirt[0]}/variations"
    assert [client.get(path).status for _ in range(4)] == [200, 503, 503, 200]


def test_an_order_comes_between_the_read_and_the_write(shop: FakeWoocommerce, client: Client) -> None:
    shop.hook("after_read", lambda: shop.place_order([(10, 2)]), resource="orders")
    assert client.ids("/orders") == []
    assert shop.stock_of(10) == 3
    client.post("/products/batch", stocks((10, 5)))
    assert (shop.stock_of(10), len(shop.orders)) == (5, 1)


def test_an_order_comes_in_the_middle_of_a_batch(three: FakeWoocommerce, client: Client) -> None:
    three.hook("during_write", lambda: three.place_order([(10, 1), (11, 1)]), after_entities=1)
    client.post("/products/batch", stocks((10, 9), (11, 9)))
    assert (three.stock_of(10), three.stock_of(11)) == (8, 9)


def test_the_server_spends_the_cost_of_what_was_written(three: FakeWoocommerce, client: Client) -> None:
    spent: list[int] = []

    class Counted(Cost):
        def spend(self, entities: int) -> None:
            spent.append(entities)

    three.cost = Counted()
    client.post("/products/batch", stocks((10, 1), (11, 1)))
    client.put("/products/10", PRICE)
    client.get("/products")
    assert spent == [2, 1, 0]


def test_a_request_and_an_item_of_a_batch_cost_little_of_this_machine(shop: FakeWoocommerce) -> None:
    idents = [shop.add_product(f"B-{one}", name="B", price="1", stock=1) for one in range(1000)]
    with shop.serve() as url:
        client = Client(url, shop)
        client.get("/products/10")
        start = time.process_time()
        for number in range(10):
            client.post("/products/batch", stocks(*((one, number) for one in idents[number * 100 :][:100])))
        spent = time.process_time() - start
    # 10 requests and 1,000 items with what the client itself spends; four times what it takes, for a busy machine.
    assert spent < 0.8
