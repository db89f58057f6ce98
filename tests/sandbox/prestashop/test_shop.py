"""The shop around the webservice: pages, persistence, the control door, the process of its own, the server."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.sandbox.prestashop.client import Client

from passerelle.sandbox.prestashop import FakePrestashop


def page(client: Client, path: str, body: dict[str, Any] | None = None) -> tuple[int, str]:
    """Fetch something outside the webservice; a body makes it a POST."""
    connection = http.client.HTTPConnection(client.host, timeout=5)
    try:
        content = json.dumps(body).encode() if body is not None else None
        connection.request("POST" if body is not None else "GET", path, body=content)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_the_home_page_shows_what_a_buyer_would_see(shop: FakePrestashop, client: Client) -> None:
    brand = shop.add_manufacturer("Facom & Cie")
    shop.add_product("B-2", name="Établi <lourd>", price="1028.75", stock=0, id_manufacturer=str(brand))
    shop.add_product("HIDDEN", name="Caché", price="1", active="0")
    status, text = page(client, "/")
    assert status == 200
    for part in (
        "Outillage Martin",
        "12,00\u00a0€",
        "1\u202f234,50\u00a0€",
        "Réf. A-1",
        "Facom &amp; Cie",
        "En stock (5)",
    ):
        assert part in text
    assert "Établi &lt;lourd&gt;" in text
    assert "Rupture de stock" in text
    assert "Caché" not in text


def test_an_active_product_at_price_zero_is_shown_at_zero(shop: FakePrestashop, client: Client) -> None:
    shop.add_product("FREE", name="Gratuit", price="0")
    assert "0,00\u00a0€" in page(client, "/")[1]


def test_a_product_and_a_category_have_their_pages(shop: FakePrestashop, client: Client) -> None:
    hidden = shop.add_product("H", name="Caché", active="0")
    assert "Marteau" in page(client, "/p/1")[1]
    assert "Marteau" in page(client, "/c/3")[1]
    assert page(client, f"/p/{hidden}")[0] == 404
    assert page(client, "/nowhere")[0] == 404


def test_maintenance_closes_the_pages_and_not_the_webservice(shop: FakePrestashop, client: Client) -> None:
    shop.maintenance = True
    assert page(client, "/")[0] == 503
    assert client.get("/products").status == 200


def test_a_saved_shop_is_the_same_shop_when_loaded(shop: FakePrestashop, tmp_path: Path) -> None:
    order = shop.place_order([(1, 2)])
    shop.save(tmp_path / "shop.json")
    loaded = FakePrestashop.load(tmp_path / "shop.json")
    assert loaded.as_json() == shop.as_json()
    assert (loaded.stock_of(1), loaded.orders[order].reference) == (3, shop.orders[order].reference)
    assert [row.id for row in loaded.product_by_reference("A-1")] == [1]
    assert loaded.add_product("NEW", name="X") == 2


def test_another_process_can_act_through_the_control_door(shop: FakePrestashop, client: Client, tmp_path: Path) -> None:
    order = json.loads(page(client, "/_sandbox/order", {"lines": [[1, 2]], "state": 2})[1])["result"]
    page(client, "/_sandbox/edit", {"order": order, "lines": [[1, 1]]})
    page(client, "/_sandbox/state", {"order": order, "state": 6})
    page(client, "/_sandbox/stock", {"product": 1, "quantity": 40})
    page(client, "/_sandbox/product", {"reference": "C-1", "name": "Vis", "price": "2", "stock": 7})
    page(client, "/_sandbox/cost", {"request_ms": 1, "entity_ms": 2})
    page(client, "/_sandbox/save", {"path": str(tmp_path / "shop.json")})
    page(client, "/_sandbox/fault", {"kind": "status", "status": 429})
    page(client, "/_sandbox/settings", {"maintenance": True})
    assert client.get("/products").status == 429
    state = json.loads(page(client, "/_sandbox/state")[1])["result"]["products"]
    assert (state["1"]["stock"], state["1"]["categories"], state["2"]["reference"], state["2"]["stock"]) == (
        40,
        [3],
        "C-1",
        7,
    )
    assert json.loads(page(client, "/_sandbox/requests")[1])["result"] == [["GET", "/api/products", 0]]
    assert (shop.cost.entity_ms, shop.maintenance) == (2, True)
    assert FakePrestashop.load(tmp_path / "shop.json").stock_of(1) == 40
    assert page(client, "/_sandbox/nonsense", {})[0] == 404


def test_the_shop_runs_as_a_process_of_its_own(shop: FakePrestashop, tmp_path: Path) -> None:
    shop.save(tmp_path / "shop.json")
    command = [sys.executable, "-m", "passerelle.sandbox.prestashop", "--seed-file", str(tmp_path / "shop.json")]
    with subprocess.Popen([*command, "--request-ms", "1"], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            told = json.loads(process.stdout.readline())
            assert Client(told["url"], told["key"]).found("products", "A-1") == ["1"]
        finally:
            process.terminate()


def test_one_connection_serves_several_requests(client: Client) -> None:
    connection = http.client.HTTPConnection(client.host, timeout=5)
    try:
        for _ in range(2):
            connection.request("HEAD", f"/api/products?ws_key={client.key}")
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, b"")
            assert answer.version == 11
    finally:
        connection.close()


def test_the_server_is_gone_when_its_context_ends(shop: FakePrestashop) -> None:
    with shop.serve() as url:
        client = Client(url, shop.key)
        assert client.get("/products").status == 200
    with pytest.raises(ConnectionRefusedError):
        client.get("/products")


def test_a_second_shop_makes_it_a_multishop(shop: FakePrestashop, client: Client) -> None:
    shop.add_shop("Outillage Martin Pro")
    assert len(shop.shops) == 2
    assert client.found("configurations", "PS_MULTISHOP_FEATURE_ACTIVE", field="name") != []
    assert len(client.get("/shops?display=[id]").values("shops/shop/id")) == 2


def test_a_french_shop_has_its_vat_groups_in_every_country_of_the_union(client: Client) -> None:
    groups = client.get("/tax_rule_groups?display=full&sort=[id_ASC]").values("tax_rule_groups/tax_rule_group/name")
    assert groups[:2] == ["FR Taux standard (20%)", "FR Taux réduit (10%)"]
    rules = client.get("/tax_rules?display=full&filter[id_tax_rules_group]=[1]")
    assert len(rules.values("tax_rules/tax_rule/id_country")) > 1
    assert set(rules.values("tax_rules/tax_rule/id_tax")) == {"1"}


def test_a_field_that_does_not_exist_is_refused_when_a_test_seeds_it(shop: FakePrestashop) -> None:
    with pytest.raises(KeyError, match="colour"):
        shop.add_product("X", name="X", colour="red")
