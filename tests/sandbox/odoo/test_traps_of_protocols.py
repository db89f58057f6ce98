"""The table of traps, protocols: how calls fail, and what an answer does not mean."""

from __future__ import annotations

import pytest
from tests.sandbox.odoo.client import COMPANY, Client

from passerelle.sandbox.odoo import FakeOdoo

NOBODY = 999_999


# JSON-RPC


def test_a_wrong_password_is_no_error_but_false(old: Client) -> None:
    reply = old.service("common", "authenticate", "demo", "admin", "wrong", {})
    assert (reply.status, reply.result) == (200, False)


def test_an_api_key_stands_for_the_password(old: Client) -> None:
    assert old.service("common", "authenticate", "demo", "admin", old.key, {}).result == 2


def test_a_call_with_a_wrong_key_is_denied_with_status_200(old: Client) -> None:
    old.key = "wrong"
    reply = old.rpc("res.partner", "search_count", [])
    assert (reply.status, reply.error) == (200, "odoo.exceptions.AccessDenied")


def test_an_unknown_database_is_an_error_of_the_database_driver(old: Client) -> None:
    reply = old.service("common", "authenticate", "nodb", "admin", old.key, {})
    assert (reply.status, reply.error) == (200, "psycopg2.OperationalError")


@pytest.mark.parametrize(
    ("model", "method", "args", "name"),
    [
        ("x.model", "search", [[]], "odoo.exceptions.UserError"),
        ("res.partner", "nomethod", [[]], "builtins.AttributeError"),
        ("res.partner", "_compute_display_name", [[1]], "odoo.exceptions.AccessError"),
        ("res.partner", "search", [[["nofield", "=", 1]]], "builtins.ValueError"),
        ("res.partner", "search", [[["name", "~", 1]]], "builtins.ValueError"),
        ("res.partner", "write", [[NOBODY], {"name": "X"}], "odoo.exceptions.MissingError"),
        ("sale.order", "create", [{"company_id": 2}], "odoo.exceptions.ValidationError"),
        ("product.pricelist", "get_product_price", [1, 1, 1], "builtins.AttributeError"),
    ],
)
def test_every_error_of_json_rpc_has_status_200_and_its_class_in_the_data(
    old: Client, model: str, method: str, args: list[object], name: str
) -> None:
    reply = old.rpc(model, method, *args)
    assert (reply.status, reply.error, reply.content["error"]["code"]) == (200, name, 200)


def test_json_2_does_not_exist_before_19(old: Client) -> None:
    assert old.json2("res.partner", "search", domain=[]).status == 404


def test_json_rpc_still_works_on_19(client: Client) -> None:
    assert client.rpc("res.partner", "search_count", [["ref", "=", "C-42"]]).result == 1


def test_xml_rpc_is_not_simulated(client: Client) -> None:
    assert client.send("/xmlrpc/2/object", {}).status == 404


@pytest.mark.parametrize("version", [16, 17, 18, 19])
def test_the_version_is_told_without_credentials(version: int) -> None:
    odoo = FakeOdoo(version=version)
    with odoo.serve() as url:
        client = Client(url, odoo)
        assert client.service("common", "version").result["server_version_info"][0] == version
        assert client.send("/web/webclient/version_info", {"id": 1}).result["server_serie"] == f"{version}.0"
        assert client.send("/web/version", None, method="GET").status == (200 if version >= 19 else 404)


# JSON-2


def test_no_key_and_a_wrong_key_are_401(client: Client) -> None:
    assert client.send("/json/2/res.partner/search", {}).status == 401
    client.key = "wrong"
    reply = client.json2("res.partner", "search")
    assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, "Bearer ")


@pytest.mark.parametrize(
    ("model", "method", "body", "status"),
    [
        ("x.model", "search", {"domain": []}, 404),
        ("res.partner", "nomethod", {}, 404),
        ("res.partner", "_search", {"domain": []}, 403),
        ("res.partner", "search", {"domain": [["nofield", "=", 1]]}, 500),
        ("res.partner", "search_read", {"foo": 1}, 500),
        ("res.partner", "search", {"foo": 1}, 422),
        ("res.partner", "search", {"ids": [1]}, 422),
        ("res.partner", "write", {"ids": [NOBODY], "vals": {"name": "X"}}, 404),
        ("sale.order", "create", {"vals_list": [{"company_id": 2}]}, 422),
        ("res.company", "search", {"context": {"allowed_company_ids": [3]}}, 403),
    ],
)
def test_json_2_answers_real_statuses(
    client: Client, model: str, method: str, body: dict[str, object], status: int
) -> None:
    reply = client.json2(model, method, **body)
    assert reply.status == status
    assert set(reply.content) == {"name", "message", "arguments", "context", "debug"}


def test_reading_what_is_not_there_is_200_and_nothing(client: Client) -> None:
    reply = client.json2("res.partner", "read", ids=[NOBODY], fields=["name"])
    assert (reply.status, reply.content) == (200, [])


def test_create_always_answers_a_list_in_json_2_and_what_it_was_given_in_json_rpc(client: Client) -> None:
    assert client.json2("crm.team", "create", vals_list={"name": "A"}).result == [3]
    assert client.rpc("crm.team", "create", {"name": "B"}).result == 4
    assert client.rpc("crm.team", "create", [{"name": "C"}]).result == [5]


def test_a_request_by_get_is_405(client: Client) -> None:
    reply = client.send("/json/2/res.partner/search", None, method="GET", Authorization=f"bearer {client.key}")
    assert reply.status == 405


# answers


def test_a_method_that_returns_nothing_has_done_its_work(any_client: Client) -> None:
    place = any_client.odoo.warehouses["Dépôt principal"].lot_stock_id
    vals = {"product_id": 1, "location_id": place, "inventory_quantity": 7}
    made = any_client.call("stock.quant", "create", vals_list=[vals], context={"inventory_mode": True})
    assert any_client.call("stock.quant", "action_apply_inventory", ids=made) is None
    assert any_client.odoo.stock_of(1) == 7


def test_posting_an_invoice_answers_false_and_has_posted_it(client: Client, odoo: FakeOdoo, jean: int) -> None:
    order = odoo.place_order(jean, [(1, 2)])
    odoo.confirm(order)
    wizard = client.call("sale.advance.payment.inv", "create", vals_list=[{"advance_payment_method": "delivered"}])
    context = {"active_model": "sale.order", "active_ids": [order.id]}
    made = client.call("sale.advance.payment.inv", "create_invoices", ids=wizard, context=context)["res_id"]
    assert client.read("account.move", made, "state") == "draft"
    assert client.call("account.move", "action_post", ids=[made]) is False
    assert client.read("account.move", made, "state", "payment_state", "amount_total") == {
        "id": made, "state": "posted", "payment_state": "not_paid", "amount_total": 24.0,
    }  # fmt: skip


def test_an_unknown_field_fails_the_whole_call_but_fields_get_leaves_it_out(any_client: Client) -> None:
    assert list(any_client.call("product.product", "fields_get", allfields=["name", "nofield"])) == ["name"]
    assert any_client.ask("product.product", "search_read", domain=[], fields=["name", "nofield"]).error == (
        "builtins.ValueError"
    )


def test_rights_are_asked_for_and_the_refusal_is_an_access_error(client: Client, odoo: FakeOdoo) -> None:
    client.key = odoo.add_user("reader", rights={"res.partner": ["read"]})
    assert client.call("res.partner", "has_access", operation="read") is True
    assert client.call("res.partner", "has_access", operation="write") is False
    reply = client.ask("res.partner", "create", vals_list=[{"name": "X"}])
    assert (reply.status, reply.error) == (403, "odoo.exceptions.AccessError")


def test_rights_are_asked_for_by_another_name_in_older_versions(old: Client) -> None:
    assert old.rpc("res.partner", "check_access_rights", "write", False, context=COMPANY).result is True
    assert old.rpc("res.partner", "has_access", [], "write").result is True
    old.key, old.uid = old.odoo.add_user("nobody", rights={}), 3
    assert old.rpc("res.partner", "check_access_rights", "write", raise_exception=False).result is False
    assert old.rpc("res.partner", "check_access_rights", "write").error == "odoo.exceptions.AccessError"


def test_a_language_that_is_not_installed_fails_the_call(client: Client) -> None:
    assert client.read("product.product", 1, "name", lang="fr_FR") == "Marteau"
    assert client.read("product.product", 1, "name") == "Hammer"
    assert client.ask("product.product", "search", context={"lang": "de_DE"}).error == "odoo.exceptions.UserError"
