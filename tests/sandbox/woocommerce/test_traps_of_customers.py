"""The table of traps: accounts of buyers."""

from __future__ import annotations

import pytest
from tests.sandbox.woocommerce.client import Client

from passerelle.sandbox.woocommerce import Buyer

EMAIL = "achats@bati.test"


@pytest.fixture
def account(client: Client) -> int:
    body = {"email": EMAIL, "billing": {"company": "Bâti", "city": "Lyon"}, "password": "secret-of-a-test"}
    ident: int = client.post("/customers", body).json["id"]
    return ident


def test_an_email_is_required_and_unique_whatever_its_case(client: Client, account: int) -> None:
    assert client.post("/customers", {"first_name": "X"}).code == "rest_missing_callback_param"
    reply = client.post("/customers", {"email": EMAIL.upper()})
    assert (reply.status, reply.code) == (400, "registration-error-email-exists")
    assert "resource_id" not in reply.json["data"]


def test_a_bad_email_is_refused(client: Client) -> None:
    assert client.post("/customers", {"email": "nobody"}).code == "rest_invalid_param"
    assert client.post("/customers", {"email": EMAIL, "billing": {"email": ""}}).code == "rest_invalid_param"


def test_the_list_shows_the_role_customer_unless_all_are_asked_for(client: Client, account: int) -> None:
    client.shop.customers[account].role = "wholesale_customer"
    assert client.ids(f"/customers?email={EMAIL}") == []
    assert client.post("/customers", {"email": EMAIL}).code == "registration-error-email-exists"
    assert client.ids(f"/customers?email={EMAIL}&role=all") == [account]


def test_the_email_is_looked_up_exactly_and_without_its_case(client: Client, account: int) -> None:
    assert client.ids(f"/customers?email={EMAIL.upper()}") == [account]
    assert client.ids("/customers?email=achats@bati.tes") == []


def test_a_role_cannot_be_written(client: Client) -> None:
    shown = client.post("/customers", {"email": EMAIL, "role": "wholesale_customer"}).json
    assert shown["role"] == "customer"
    assert client.put(f"/customers/{shown['id']}", {"role": "administrator"}).json["role"] == "customer"


def test_a_username_is_made_from_the_email_unique_and_for_good(client: Client, account: int) -> None:
    assert client.get(f"/customers/{account}").json["username"] == "achats"
    assert client.post("/customers", {"email": "achats@autre.test"}).json["username"] == "achats-2"
    taken = client.post("/customers", {"email": "c@autre.test", "username": "achats"})
    assert taken.code == "registration-error-username-exists"
    assert client.put(f"/customers/{account}", {"username": "other"}).status == 400


def test_an_address_is_merged_field_by_field_and_not_checked(client: Client, account: int) -> None:
    shown = client.put(f"/customers/{account}", {"billing": {"country": "ZZ"}}).json["billing"]
    assert (shown["company"], shown["city"], shown["country"]) == ("Bâti", "Lyon", "ZZ")


def test_meta_with_an_underscore_is_hidden_and_internal_ones_do_nothing(client: Client, account: int) -> None:
    sent = [("_erp", "1"), ("erp", "2"), ("wp_capabilities", {"administrator": True})]
    body = {"meta_data": [{"key": key, "value": value} for key, value in sent]}
    shown = client.put(f"/customers/{account}", body).json
    assert [one["key"] for one in shown["meta_data"]] == ["erp"]
    assert shown["role"] == "customer"


def test_a_deletion_needs_force(client: Client, account: int) -> None:
    assert client.delete(f"/customers/{account}").status == 501
    assert client.delete(f"/customers/{account}?force=true").status == 200
    assert client.get(f"/customers/{account}").status == 404


def test_an_unknown_account_is_a_404_when_read_and_a_400_when_changed(client: Client) -> None:
    assert [client.get("/customers/99").status, client.put("/customers/99", {}).status] == [404, 400]


def test_a_guest_leaves_no_account(client: Client) -> None:
    guest = client.shop.place_order([(10, 1)], buyer=Buyer(email="g@example.test", guest=True))
    known = client.shop.place_order([(10, 1)], buyer=Buyer(email="k@example.test"))
    again = client.shop.place_order([(10, 1)], buyer=Buyer(email="k@example.test"))
    orders = client.shop.orders
    assert orders[guest].customer_id == 0
    assert orders[known].customer_id == orders[again].customer_id != 0
    assert client.get(f"/orders/{guest}").json["billing"]["email"] == "g@example.test"


def test_an_account_has_paid_once_an_order_is_completed(client: Client, account: int) -> None:
    order = client.shop.place_order([(10, 1)], buyer=Buyer(email=EMAIL))
    assert client.get(f"/customers/{account}").json["is_paying_customer"] is False
    client.shop.set_status(order, "completed")
    assert client.get(f"/customers/{account}").json["is_paying_customer"] is True
