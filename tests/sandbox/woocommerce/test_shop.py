"""The shop around its API: pages, other processes, saving."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.sandbox.woocommerce.client import Client

from passerelle.sandbox.woocommerce import FakeWoocommerce


def page(client: Client, path: str, body: object = None) -> tuple[int, str]:
    content = None if body is None else json.dumps(body).encode()
    reply = client.raw("GET" if body is None else "POST", path, content)
    return reply.status, reply.text


def told(client: Client, action: str, body: object = None) -> Any:
    status, text = page(client, f"/_sandbox/{action}", body)
    assert status == 200, text
    return json.loads(text)["result"]


def test_the_home_page_shows_what_a_buyer_would_see(shop: FakeWoocommerce, client: Client) -> None:
    brand = shop.add_brand("Facom & Cie")
    shop.add_product("B-2", name="Établi &lt;lourd&gt;", price="1028.75", stock=0, brands=[{"id": brand}])
    shop.add_product("HIDDEN", name="Caché", price="1", status="draft")
    status, text = page(client, "/")
    assert status == 200
    parts = ("Outillage Martin", "12,00\u00a0€", "1\u202f234,50\u00a0€", "Réf. A-1", "Facom &amp; Cie", "En stock (5)")
    for part in (*parts, "Établi &lt;lourd&gt;", "Rupture de stock"):
        assert part in text
    assert "Caché" not in text


def test_a_product_and_a_category_have_their_pages(
    shop: FakeWoocommerce, client: Client, shirt: tuple[int, int, int]
) -> None:
    tools = shop.add_category("Outils")
    hammers = shop.add_category("Marteaux", parent=tools)
    shop.edit_product(10, categories=[{"id": hammers}])
    assert "Marteau" in page(client, "/produit/marteau/")[1]
    assert "Réf. A-1" in page(client, "/categorie-produit/outils/")[1]
    text = page(client, f"/produit/{shop.products[shirt[0]].slug}/")[1]
    for part in ("Rouge, S", "TS-B-M", "24,00\u00a0€", "à partir de", "Couleur", "Bleu, Rouge"):
        assert part in text
    assert page(client, "/produit/nulle-part/")[0] == 404


def test_the_page_of_orders_shows_statuses_and_totals(shop: FakeWoocommerce, client: Client) -> None:
    shop.place_order([(10, 2)])
    text = page(client, "/commandes")[1]
    for part in ("Jeanne Martin", "24,00\u00a0€", "En cours", "Virement bancaire"):
        assert part in text


def test_maintenance_closes_the_pages_too(shop: FakeWoocommerce, client: Client) -> None:
    shop.maintenance = True
    assert page(client, "/")[0] == 503


def test_a_price_with_tax_is_shown_as_it_is() -> None:
    shop = FakeWoocommerce(prices_include_tax=True)
    shop.add_product("A", name="A", price="12")
    with shop.serve() as url:
        assert "12,00\u00a0€" in page(Client(url, shop), "/")[1]


def test_a_saved_shop_is_the_same_shop_when_loaded(
    shop: FakeWoocommerce, tmp_path: Path, shirt: tuple[int, int, int]
) -> None:
    order = shop.place_order([(10, 2), (shirt[0], shirt[1], 1)], coupon=("DIX", "10%"), shipping="5", fee=("F", "1"))
    shop.refund(order, "1.00")
    shop.save(tmp_path / "shop.json")
    loaded = FakeWoocommerce.load(tmp_path / "shop.json")
    assert loaded.as_json() == shop.as_json()
    assert (loaded.stock_of(10), loaded.orders[order].total) == (3, shop.orders[order].total)
    assert [one.id for one in loaded.product_by_sku("A-1")] == [10]
    assert loaded.add_product("NEW", name="X") == max(*shop.products, *shop.orders, *shop.database.state.refunds) + 1


def test_another_process_can_act_through_the_control_door(
    shop: FakeWoocommerce, client: Client, tmp_path: Path
) -> None:
    order = told(client, "order", {"lines": [[10, 2]], "buyer": {"guest": True}, "prices": {"10": "9.00"}})
    told(client, "edit_order", {"order": order, "customer_note": "Sonnez"})
    told(client, "status", {"order": order, "status": "cancelled"})
    told(client, "stock", {"product": 10, "quantity": 40})
    product = told(client, "product", {"sku": "C-1", "name": "Vis", "price": "2", "stock": 7})
    told(client, "variation", {"product": product, "options": {"Taille": "S"}, "sku": "C-1-S", "price": "3"})
    told(client, "edit", {"product": 10, "regular_price": "11"})
    told(client, "settings", {"woocommerce_prices_include_tax": "yes"})
    told(client, "cost", {"request_ms": 1, "entity_ms": 2})
    told(client, "save", {"path": str(tmp_path / "shop.json")})
    told(client, "fault", {"kind": "status", "status": 429})
    assert client.get("/products").status == 429
    state = told(client, "state")["products"]
    assert (state["10"]["stock_quantity"], state["10"]["regular_price"], state[str(product)]["type"]) == (
        40,
        "11",
        "variable",
    )
    assert [one[0] for one in told(client, "requests")] == ["GET"]
    told(client, "reset", {})
    assert told(client, "requests") == []
    assert (shop.cost.entity_ms, shop.settings["woocommerce_prices_include_tax"]) == (2, "yes")
    assert (shop.orders[order].status, shop.orders[order].customer_note) == ("cancelled", "Sonnez")
    assert FakeWoocommerce.load(tmp_path / "shop.json").stock_of(10) == 40
    assert page(client, "/_sandbox/nonsense", {})[0] == 404
    assert page(client, "/_sandbox/nonsense")[0] == 404


@pytest.mark.parametrize("tls", [False, True])
def test_the_shop_runs_as_a_process_of_its_own(shop: FakeWoocommerce, tmp_path: Path, tls: bool) -> None:
    shop.save(tmp_path / "shop.json")
    command = [sys.executable, "-m", "passerelle.sandbox.woocommerce", "--seed-file", str(tmp_path / "shop.json")]
    with subprocess.Popen([*command, *(["--tls"] if tls else [])], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            line = json.loads(process.stdout.readline())
            assert (line["key"], line["secret"]) == (shop.consumer_key, shop.consumer_secret)
            if tls:
                shop.ca_pem = Path(line["ca"]).read_bytes()
            assert Client(line["url"], shop).ids("/products?sku=A-1") == [10]
        finally:
            process.terminate()
