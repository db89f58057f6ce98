"""The table of traps: who is let in, and how answers look that are none."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from tests.sandbox.woocommerce.client import API, Client, Reply, basic, oauth, quoted

from passerelle.sandbox.woocommerce import FakeWoocommerce

JSON = {"Accept": "application/json"}


def signed(client: Client, *, age: int = 0, nonce: str = "", home: str = "", **other: str) -> Reply:
    """GET /products?per_page=1 with a signature, in the query."""
    shop = client.shop
    now = int(shop.database.now().timestamp()) - age
    keys = {"key": shop.consumer_key, "secret": shop.consumer_secret, **other}
    pairs = oauth("GET", (home or client.url) + f"{API}/products", "per_page=1", timestamp=now, nonce=nonce, **keys)
    query = "&".join(f"{name}={quoted(value)}" for name, value in pairs)
    return client.raw("GET", f"{API}/products?per_page=1&{query}", headers=JSON)


def test_basic_over_plain_http_is_as_good_as_no_credentials(client: Client) -> None:
    headers = JSON | {"Authorization": basic(client.key, client.secret)}
    with_key = client.raw("GET", f"{API}/products", headers=headers)
    without = client.raw("GET", f"{API}/products", headers=JSON)
    assert (with_key.status, with_key.code) == (401, "woocommerce_rest_cannot_view")
    assert with_key.text == without.text


def test_basic_and_keys_in_the_query_work_over_tls(shop: FakeWoocommerce) -> None:
    with shop.serve(tls=True) as url:
        client = Client(url, shop)
        assert url.startswith("https://127.0.0.1:")
        assert client.ids("/products") == [10]
        keys = f"consumer_key={client.key}&consumer_secret={client.secret}"
        assert client.raw("GET", f"{API}/products?{keys}", headers=JSON).status == 200


@pytest.mark.parametrize("method", ["HMAC-SHA1", "HMAC-SHA256"])
def test_a_signature_is_good_in_the_query(client: Client, method: str) -> None:
    assert signed(client, signature_method=method).status == 200


def test_a_signature_is_good_in_the_header(client: Client) -> None:
    now = int(client.shop.database.now().timestamp())
    pairs = oauth("GET", f"{client.url}{API}/products", "", key=client.key, secret=client.secret, timestamp=now)
    header = "OAuth " + ", ".join(f'{name}="{quoted(value)}"' for name, value in pairs)
    assert client.raw("GET", f"{API}/products", headers=JSON | {"Authorization": header}).status == 200


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ({"secret": "cs_other"}, "signature does not match"),
        ({"signature_method": "PLAINTEXT"}, "signature method is invalid"),
        ({"key": "ck_other"}, "Consumer key is invalid"),
        ({"age": 3600}, "Invalid timestamp"),
        ({"age": -3600}, "Invalid timestamp"),
    ],
)
def test_a_bad_signature_is_a_401(client: Client, problem: dict[str, str], message: str) -> None:
    reply = signed(client, **problem)  # type: ignore[arg-type]
    assert (reply.status, reply.code) == (401, "woocommerce_rest_authentication_error")
    assert message in reply.json["message"]


def test_the_moment_of_a_signature_is_compared_with_the_clock_of_the_shop(client: Client) -> None:
    client.shop.clock = lambda: datetime(2020, 1, 1, tzinfo=UTC)
    assert signed(client).status == 200
    assert signed(client, age=-16 * 60).status == 401


def test_a_nonce_is_good_once(client: Client) -> None:
    assert [signed(client, nonce="same").status for _ in range(2)] == [200, 401]


def test_a_missing_parameter_of_a_signature_is_named(client: Client) -> None:
    reply = client.raw("GET", f"{API}/products?oauth_consumer_key={client.key}", headers=JSON)
    assert (reply.status, reply.code) == (401, "woocommerce_rest_authentication_missing_parameter")


def test_a_signature_is_made_for_the_home_address_not_for_the_one_that_is_called() -> None:
    shop = FakeWoocommerce(home_url="https://boutique.example.test")
    with shop.serve() as url:
        client = Client(url, shop)
        assert signed(client).status == 401
        assert signed(client, home="https://boutique.example.test").status == 200


def test_commas_brackets_and_spaces_are_signed_as_they_are_meant(client: Client) -> None:
    client.shop.add_product("B 2", name="Vis")
    assert client.ids(f"/products?sku=A-1,{quote('B 2')}&orderby=id&order=asc") == [10, 11]


def test_a_list_in_the_query_is_signed_with_its_indexes(client: Client) -> None:
    client.shop.add_product("B", name="Vis")
    assert client.get("/products?include[]=10").status == 401
    assert client.ids("/products?include[0]=10&include[1]=11&orderby=id&order=asc") == [10, 11]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/products/10", "cannot_view"),
        ("POST", "/products", "cannot_create"),
        ("PUT", "/products/10", "cannot_edit"),
        ("DELETE", "/products/10", "cannot_delete"),
        ("POST", "/products/batch", "cannot_batch"),
    ],
)
def test_a_stranger_is_told_what_he_cannot_do(client: Client, method: str, path: str, code: str) -> None:
    reply = client.raw(method, API + path, headers=JSON)
    assert (reply.status, reply.code) == (401, f"woocommerce_rest_{code}")


def test_a_key_that_may_only_read_gets_a_401_not_a_403(client: Client) -> None:
    client.key, client.secret = client.shop.add_key(permissions="read")
    assert client.get("/products/10").status == 200
    reply = client.put("/products/10", {"name": "X"})
    assert (reply.status, reply.code) == (401, "woocommerce_rest_authentication_error")


def test_discovery_works_without_credentials_only(client: Client) -> None:
    found = client.raw("GET", "/wp-json/", headers=JSON)
    assert (found.status, found.json["home"]) == (200, client.url)
    assert "wc/v3" in found.json["namespaces"]
    refused = client.raw("GET", "/wp-json/", headers=JSON | {"Authorization": basic(client.key, client.secret)})
    assert (refused.status, refused.code) == (401, "invalid_username")


def test_the_rest_of_wordpress_refuses_the_keys_of_the_shop(client: Client) -> None:
    headers = JSON | {"Authorization": basic(client.key, client.secret)}
    assert client.raw("GET", "/wp-json/wp/v2/users/me", headers=headers).code == "invalid_username"
    assert client.raw("GET", "/wp-json/wp/v2/users/me", headers=JSON).status == 401


def test_keys_are_not_read_behind_a_plain_permalink(shop: FakeWoocommerce) -> None:
    with shop.serve(tls=True) as url:
        client = Client(url, shop)
        headers = JSON | {"Authorization": basic(client.key, client.secret)}
        assert client.raw("GET", "/?rest_route=/wc/v3/products", headers=headers).status == 401
        application = JSON | {"Authorization": basic(shop.app_user, shop.app_password)}
        assert client.raw("GET", "/?rest_route=/wc/v3/products", headers=application).status == 200


def test_an_application_password_opens_media_and_the_shop(shop: FakeWoocommerce) -> None:
    with shop.serve(tls=True) as url:
        client = Client(url, shop)
        own = {"Authorization": basic(shop.app_user, shop.app_password.replace(" ", ""))}
        assert client.raw("GET", f"{API}/products", headers=JSON | own).status == 200
        headers = own | {"Content-Type": "image/png", "Content-Disposition": 'attachment; filename="a.png"'}
        reply = client.raw("POST", "/wp-json/wp/v2/media", b"picture", headers)
        assert (reply.status, reply.json["title"]["raw"]) == (201, "a")
        shown = client.put("/products/10", {"images": [{"id": reply.json["id"]}]}).json["images"]
        assert [one["id"] for one in shown] == [reply.json["id"]]


# answers that are none


@pytest.mark.parametrize(("method", "path"), [("GET", "/nothere"), ("PUT", "/products"), ("GET", "/variations")])
def test_a_route_that_does_not_exist_is_a_404(client: Client, method: str, path: str) -> None:
    reply = client.call(method, path, {})
    assert (reply.status, reply.code) == (404, "rest_no_route")


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT"])
def test_post_and_patch_on_an_item_change_it(client: Client, method: str) -> None:
    assert client.call(method, "/products/10", {"regular_price": "12"}).status == 200
    assert client.shop.products[10].regular_price == "12"


def test_a_long_address_is_a_page_of_the_web_server(client: Client) -> None:
    reply = client.get(f"/products?sku={','.join(f'SKU-{one:05d}' for one in range(1000))}")
    assert (reply.status, reply.headers["Content-Type"]) == (414, "text/html")


def test_maintenance_answers_json_only_to_who_asks_for_it(client: Client) -> None:
    client.shop.maintenance = True
    asked = client.raw("GET", f"{API}/products", headers=JSON)
    assert (asked.status, asked.code, asked.headers["Retry-After"]) == (503, "wp_die", "600")
    page = client.raw("GET", f"{API}/products", headers={"Accept": "*/*"})
    assert (page.status, page.headers["Content-Type"]) == (503, "text/html; charset=UTF-8")


def test_a_shop_without_its_database_answers_500(client: Client) -> None:
    client.shop.database_down = True
    assert (client.get("/products").status, client.get("/products").code) == (500, "wp_die")


def test_an_error_may_hold_a_bare_number_as_data(client: Client) -> None:
    order = client.shop.place_order([(10, 1)])
    reply = client.post(f"/orders/{order}/refunds", {"amount": "1"})
    assert (reply.status, reply.json["data"]) == (500, 500)


def test_a_body_that_is_no_json_is_a_400(client: Client) -> None:
    reply = client.post("/products", b'{"name": "x')
    assert (reply.status, reply.code) == (400, "rest_invalid_json")


def test_a_body_without_its_content_type_is_not_read(shop: FakeWoocommerce) -> None:
    with shop.serve(tls=True) as url:
        client = Client(url, shop)
        headers = JSON | {"Authorization": basic(client.key, client.secret)}
        reply = client.raw("POST", f"{API}/products", b'{"name": "Vis"}', headers)
        assert (reply.status, reply.json["name"]) == (201, "Product")
