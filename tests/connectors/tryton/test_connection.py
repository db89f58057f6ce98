"""Login, company, rights, filter: what is asked of a real Tryton before anything is read."""

from __future__ import annotations

import json

import pytest
from tests.connectors.tryton import company
from tests.connectors.tryton.harness import TrytonHarness, connect

from passerelle.errors import AddressInvalid, CredentialsRefused, FilterInvalid, NotThisSystem, WarehouseUnknown
from passerelle.ports.erp import ProductQuery, StockQuery
from passerelle.ports.manifest import Severity
from passerelle.testing.builders import article, pieces
from passerelle.testing.erp_reading import levels, products


def test_a_wrong_password_is_refused_and_never_shown(harness: TrytonHarness) -> None:
    wrong = connect(harness.proxy.url, password="Wr0ng-Samarkand")
    with pytest.raises(CredentialsRefused) as refused:
        wrong.currency()
    assert "Samarkand" not in repr(vars(refused.value))
    wrong.close()


def test_a_database_that_is_not_there_is_told(harness: TrytonHarness) -> None:
    lost = connect(harness.proxy.url, database="absent")
    with pytest.raises(NotThisSystem, match="absent"):
        lost.currency()
    lost.close()


@pytest.mark.parametrize("name", [company.COMPANY, "1"])
def test_a_company_is_named_by_name_or_number(harness: TrytonHarness, name: str) -> None:
    named = connect(harness.proxy.url, company=name)
    assert named.currency() == "EUR"
    named.close()


def test_another_company_than_there_is_is_an_error(harness: TrytonHarness) -> None:
    other = connect(harness.proxy.url, company="Ailleurs")
    with pytest.raises(AddressInvalid, match=company.COMPANY):
        other.currency()
    other.close()


def test_a_session_that_the_server_forgot_is_opened_again(harness: TrytonHarness) -> None:
    assert harness.adapter.currency() == "EUR"
    harness.adapter._client._session["Authorization"] = "Session YWRtaW46MTpmb3Jnb3R0ZW4="
    assert harness.adapter.currency() == "EUR"
    assert harness.proxy.calls.count("common.db.login") == 2


def test_the_check_names_the_version_and_finds_nothing_wrong(harness: TrytonHarness) -> None:
    [found] = harness.adapter.check()
    assert found.severity is Severity.OK
    assert "Tryton 7.0." in str(found.text)


def test_the_check_asks_for_a_warehouse_where_tryton_proposes_none(harness: TrytonHarness) -> None:
    bare = connect(harness.proxy.url)
    assert [one.text.code for one in bare.check()] == ["erp_answers", "tryton_warehouses"]
    bare.close()


def test_a_filter_reaches_through_relations(harness: TrytonHarness) -> None:
    harness.seed(article("A1", category=("Outillage",)), article("A2", category=("Jardin",)), article("A3"))
    inside = json.dumps([["categories.name", "in", ["Outillage", "Jardin"]]])
    assert set(products(harness, filter=inside)) == {"A1", "A2"}
    either = "['OR', ('code', '=', 'A3'), [('categories.name', '=', 'Jardin'), ('name', 'ilike', '%plate%')]]"
    assert set(products(harness, filter=either)) == {"A2", "A3"}


@pytest.mark.parametrize(
    "condition",
    [
        '[["code", "where", []]]',
        '[["categories.nothing", "=", 1]]',
        '[["code", "=", {"a": 1}]]',
        '[["code", "="]]',
        '["code", "=", "A1"]',
        '[["weight", "=", "abc"]]',
        '[["list_price", ">", 1]]',
        "__import__('os')",
        "[" * 40 + "]" * 40,
    ],
)
def test_a_filter_that_is_no_domain_is_refused_at_once(harness: TrytonHarness, condition: str) -> None:
    with pytest.raises(FilterInvalid):
        harness.adapter.products(ProductQuery(filter=condition))


def test_open_moves_reserve_and_announce(harness: TrytonHarness) -> None:
    harness.seed(article("A1", stock=pieces(9, 4)))
    first, second = (harness.warehouse(name) for name in harness.warehouses)
    shelf = harness.rpc.rows("stock.location", [["id", "in", [first, second]]], "storage_location", "output_location")
    lost = harness.rpc.fixed("stock.location", [["type", "=", "lost_found"]])
    product = harness.product("A1")
    places = [
        (shelf[0]["storage_location"], lost, 2),
        (lost, shelf[0]["storage_location"], 3),
        (shelf[0]["storage_location"], shelf[1]["storage_location"], 1),
        (shelf[0]["storage_location"], shelf[0]["output_location"], 5),
    ]
    moves = [
        {"product": product, "quantity": pieces, "unit": harness.unit, "from_location": source, "to_location": target}
        for source, target, pieces in places
    ]
    harness.rpc("stock.move.create", moves)
    one = levels(harness)["A1"]
    assert [one.on_hand, one.reserved, one.incoming] == [9, 3, 3]
    both = levels(harness, *harness.warehouses)["A1"]
    assert [both.on_hand, both.reserved, both.incoming] == [13, 2, 3]


def test_a_service_is_not_followed(harness: TrytonHarness) -> None:
    harness.seed(article("PORT"))
    harness.rpc("product.template.write", [harness.template("PORT")], {"type": "service"})
    assert not levels(harness)["PORT"].followed


def test_a_warehouse_of_sales_that_is_not_there_is_an_error(harness: TrytonHarness) -> None:
    with pytest.raises(WarehouseUnknown):
        harness.adapter.stock(StockQuery(warehouses=("Ailleurs",)))
