"""Faults and hooks of the simulated shop: what was stored, what was answered."""

from __future__ import annotations

import http.client
import threading
import time

import pytest
from tests.sandbox.prestashop.client import Client

from passerelle.sandbox.prestashop import Cost, FakePrestashop, Fault

PRICE = "<product><id>1</id><price>77</price></product>"


def stock(*rows: tuple[int, int]) -> list[str]:
    return [
        f"<stock_available><id>{one}</id><quantity>{quantity}</quantity></stock_available>" for one, quantity in rows
    ]


@pytest.fixture
def three(shop: FakePrestashop) -> FakePrestashop:
    """Three products with stock rows 1 to 3."""
    for reference in ("A-2", "A-3"):
        shop.add_product(reference, name="Pince", price="10", stock=5)
    return shop


def test_an_error_after_the_commit_has_stored_everything(shop: FakePrestashop, client: Client) -> None:
    shop.inject(Fault("error_after_commit", method="PATCH"))
    reply = client.patch("products", PRICE)
    assert (reply.status, reply.text, reply.headers["Content-Type"]) == (500, "", "text/html; charset=utf-8")
    assert shop.products[1].price == "77.000000"


def test_a_lost_answer_has_stored_everything(shop: FakePrestashop, client: Client) -> None:
    shop.inject(Fault("lost_answer", method="WRITE", resource="products"))
    with pytest.raises(http.client.RemoteDisconnected):
        client.patch("products", PRICE)
    assert shop.products[1].price == "77.000000"
    assert shop.requests == [("PATCH", "/api/products", 1)]


def test_a_truncated_answer_breaks_off_after_the_commit(shop: FakePrestashop, client: Client) -> None:
    shop.inject(Fault("truncated_answer"))
    with pytest.raises(http.client.IncompleteRead):
        client.patch("products", PRICE)
    assert shop.products[1].price == "77.000000"


@pytest.mark.parametrize(("entities", "quantities"), [(0, [5, 5, 5]), (2, [1, 2, 5]), (3, [1, 2, 3]), (9, [1, 2, 3])])
def test_half_a_batch_is_stored_and_no_answer_comes(
    three: FakePrestashop, client: Client, entities: int, quantities: list[int]
) -> None:
    three.inject(Fault("half_batch", entities=min(entities, 3), resource="stock_availables"))
    with pytest.raises(http.client.RemoteDisconnected):
        client.patch("stock_availables", *stock((1, 1), (2, 2), (3, 3)))
    assert [three.stock_of(one) for one in (1, 2, 3)] == quantities
    assert three.requests == [("PATCH", "/api/stock_availables", min(entities, 3))]


def test_a_reset_does_nothing(shop: FakePrestashop, client: Client) -> None:
    shop.inject(Fault("reset"))
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        client.patch("products", PRICE)
    assert shop.products[1].price == "10.000000"


@pytest.mark.parametrize("status", [401, 403, 404, 429, 502, 503])
def test_a_refusal_does_nothing_and_says_when_to_come_back(shop: FakePrestashop, client: Client, status: int) -> None:
    shop.inject(Fault("status", status=status, retry_after=3))
    reply = client.patch("products", PRICE)
    assert (reply.status, reply.headers["Retry-After"]) == (status, "3")
    assert shop.products[1].price == "10.000000"


def test_html_with_a_200_is_no_xml(shop: FakePrestashop, client: Client) -> None:
    shop.inject(Fault("html"))
    reply = client.get("/products")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_a_slow_answer_makes_a_client_give_up_after_the_commit(shop: FakePrestashop, client: Client) -> None:
    stored = threading.Event()
    shop.inject(Fault("slow", seconds=0.4))
    shop.hook("after_write", stored.set)
    client.timeout = 0.05
    with pytest.raises(TimeoutError):
        client.patch("products", PRICE)
    assert stored.wait(5)
    assert shop.products[1].price == "77.000000"


def test_a_fault_hits_so_many_requests_after_those_it_skips(shop: FakePrestashop, client: Client) -> None:
    shop.inject(Fault("status", resource="products", skip=1, times=2))
    assert client.get("/languages").status == 200
    assert [client.get("/products").status for _ in range(4)] == [200, 503, 503, 200]


def test_an_order_comes_between_the_read_and_the_write(shop: FakePrestashop, client: Client) -> None:
    shop.hook("after_read", lambda: shop.place_order([(1, 2)]), resource="orders")
    assert client.get("/orders?display=[id]").values("orders/order/id") == []
    assert shop.stock_of(1) == 3
    client.patch("stock_availables", *stock((1, 5)))
    assert (shop.stock_of(1), len(shop.orders)) == (5, 1)


def test_an_order_comes_just_before_and_just_after_a_write(shop: FakePrestashop, client: Client) -> None:
    seen: list[int] = []
    shop.hook("before_write", lambda: seen.append(shop.stock_of(1)), resource="stock_availables")
    shop.hook("after_write", lambda: seen.append(shop.place_order([(1, 2)]) and shop.stock_of(1)))
    client.patch("stock_availables", *stock((1, 9)))
    assert seen == [5, 7]


def test_an_order_comes_in_the_middle_of_a_batch(three: FakePrestashop, client: Client) -> None:
    three.hook("during_write", lambda: three.place_order([(1, 1), (2, 1)]), after_entities=1)
    client.patch("stock_availables", *stock((1, 9), (2, 9)))
    assert (three.stock_of(1), three.stock_of(2)) == (8, 9)


def test_a_request_costs_what_the_model_says(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    Cost(request_ms=40, entity_ms=4).spend(5)
    Cost().spend(5)
    assert slept == [0.06]


def test_the_server_spends_the_cost_of_what_was_written(shop: FakePrestashop, client: Client) -> None:
    spent: list[int] = []

    class Counted(Cost):
        def spend(self, entities: int) -> None:
            spent.append(entities)

    shop.cost = Counted()
    client.patch("products", PRICE)
    client.get("/products")
    assert spent == [1, 0]
