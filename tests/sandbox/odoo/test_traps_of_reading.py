"""The table of traps, reading: domains, archived records, companies, and the times that lie."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.sandbox.odoo.client import Client

from passerelle.sandbox.odoo import FakeOdoo

NOW = datetime(2030, 1, 5, 10, 0, 0, 250_000, tzinfo=UTC)


@pytest.fixture
def tick(odoo: FakeOdoo) -> Callable[[], datetime]:
    """The clock of Odoo; a call of it lets a minute pass."""
    at = [NOW]
    odoo.clock = lambda: at[0]

    def on() -> datetime:
        at[0] += timedelta(minutes=1)
        return at[0]

    return on


def codes(client: Client, *domain: Any, **context: Any) -> list[Any]:
    rows = client.call(
        "product.product", "search_read", domain=list(domain), fields=["default_code"], order="id", context=context
    )  # fmt: skip
    return [row["default_code"] for row in rows]


# domains


@pytest.fixture
def four(odoo: FakeOdoo) -> FakeOdoo:
    """A-1 in Outillage/Frappe, B-2 and b-3 in Visserie, one without a reference that has no price."""
    odoo.add_product("B-2", name="Vis 4 x 40", list_price="0.12", category="Visserie", weight=0.125)
    odoo.add_product("b-3", name="Écrou", list_price=3, category="Visserie")
    odoo.add_product(None, name="Sans référence")
    return odoo


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        ([["default_code", "=", "B-2"]], ["B-2"]),
        ([["default_code", "=ilike", "b-%"]], ["B-2", "b-3"]),
        ([["default_code", "like", "B"]], ["B-2"]),
        ([["default_code", "=", False]], [False]),
        ([["default_code", "!=", "B-2"]], ["A-1", "b-3", False]),
        ([["default_code", "in", ["A-1", "b-3"]]], ["A-1", "b-3"]),
        ([["default_code", "not in", ["A-1", False]]], ["B-2", "b-3"]),
        ([["list_price", ">=", 3], ["list_price", "<", 10]], ["b-3"]),
        (["|", ["list_price", ">", 9], ["name", "ilike", "ÉCR"]], ["A-1", "b-3"]),
        (["!", ["sale_ok", "=", False], ["list_price", "=", 0]], [False]),
        (["&", "|", ["id", "=", 1], ["id", "=", 2], ["id", ">", 1]], ["B-2"]),
        ([["categ_id.name", "=", "Visserie"]], ["B-2", "b-3"]),
        ([["categ_id", "child_of", "Outillage"]], ["A-1"]),
        ([["taxes_id.amount", "=", 20]], ["A-1", "B-2", "b-3", False]),
        ([["qty_available", ">", 0]], ["A-1"]),
    ],
)
def test_a_domain_finds_what_odoo_finds(four: FakeOdoo, client: Client, domain: list[Any], found: list[Any]) -> None:
    assert codes(client, *domain) == found


def test_results_are_sorted_as_asked_and_nothing_comes_last(four: FakeOdoo, client: Client) -> None:
    def ordered(order: str, **more: Any) -> list[Any]:
        rows = client.call("product.product", "search_read", domain=[], fields=["default_code"], order=order, **more)
        return [row["default_code"] for row in rows]

    assert ordered("default_code, id") == ["A-1", "B-2", "b-3", False]
    assert ordered("default_code desc") == [False, "b-3", "B-2", "A-1"]
    assert ordered("id desc", limit=2, offset=1) == ["b-3", "B-2"]


def test_numbers_are_rounded_to_the_precision_of_their_kind(four: FakeOdoo, client: Client) -> None:
    product = four.product_by_code("B-2")[0].id
    client.call("product.product", "write", ids=[product], vals={"weight": 8.325})
    assert client.read("product.product", product, "weight") == 8.33


def test_a_price_is_rounded_up_to_odoo_18_and_kept_as_it_is_since(each: FakeOdoo, any_client: Client) -> None:
    any_client.call("product.template", "write", ids=[1], vals={"list_price": 8.325123})
    older = each.version <= 18
    assert any_client.read("product.template", 1, "list_price") == (8.33 if older else 8.325123)
    said = any_client.call("sale.order.line", "fields_get", attributes=["digits"])
    assert (said["price_unit"]["digits"], said["discount"]["digits"]) == ([16, 2] if older else False, [16, 2])


def test_archived_records_are_only_found_by_those_who_ask(odoo: FakeOdoo, client: Client) -> None:
    odoo.archive(1)
    assert codes(client) == []
    assert codes(client, ["active", "in", [True, False]]) == ["A-1"]
    assert codes(client, active_test=False) == ["A-1"]
    assert client.read("product.product", 1, "active") is False


def test_an_archived_tax_is_not_among_a_products_taxes(odoo: FakeOdoo, client: Client) -> None:
    tax = odoo.tax(20, included=True)
    product = odoo.add_product("INC", name="TTC", taxes=[tax])
    odoo.write("account.tax", tax, {"active": False})
    assert client.read("product.product", product, "taxes_id") == []
    assert client.read("product.product", product, "taxes_id", active_test=False) == [tax]


# companies


def test_without_a_company_the_user_works_for_the_one_in_dollars(client: Client, jean: int) -> None:
    order = client.json2("sale.order", "create", vals_list=[{"partner_id": jean}]).result
    assert client.odoo.orders()[0].id == order[0]
    assert client.odoo.orders()[0].company_id == 1
    assert client.odoo.records("res.currency")[0].name == "USD"
    assert client.odoo.orders()[0].currency_id == 1


def test_a_company_without_a_warehouse_cannot_confirm_an_order_for_goods(client: Client, jean: int) -> None:
    line = [(0, 0, {"product_id": 1})]
    order = client.json2("sale.order", "create", vals_list=[{"partner_id": jean, "order_line": line}]).result
    reply = client.json2("sale.order", "action_confirm", ids=order)
    assert (reply.status, reply.error) == (422, "odoo.exceptions.UserError")
    assert client.odoo.orders()[0].state == "draft"


def test_a_shared_product_shows_the_currency_of_the_main_company(client: Client) -> None:
    assert client.read("product.product", 1, "currency_id", "company_id") == {
        "id": 1, "currency_id": [1, "USD"], "company_id": False,
    }  # fmt: skip


def test_records_of_another_company_are_not_found_and_not_read(client: Client) -> None:
    assert {row["company_id"][0] for row in client.call("account.tax", "search_read", fields=["company_id"])} == {2}
    foreign = client.odoo.tax(15, company=1)
    assert client.ask("account.tax", "read", ids=[foreign], fields=["name"]).status == 403


def test_tax_names_say_neither_sale_nor_purchase(client: Client) -> None:
    rows = client.call("account.tax", "search_read", domain=[["name", "=", "20% G"]], fields=["type_tax_use"])
    assert sorted(row["type_tax_use"] for row in rows) == ["purchase", "sale"]


def test_taxes_that_prices_hold_exist_but_are_archived(client: Client) -> None:
    found = client.call("account.tax", "search", domain=[["price_include", "=", True]])
    assert found == []
    assert len(client.call("account.tax", "search", domain=[["price_include", "=", True], ["active", "=", False]])) == 8


# write_date


def stamp(client: Client, model: str, ident: int) -> str:
    return str(client.read(model, ident, "write_date", active_test=False))


def test_a_search_after_the_last_date_finds_the_same_record_again(
    client: Client, odoo: FakeOdoo, tick: Callable[[], datetime]
) -> None:
    odoo.write("product.template", 1, {"list_price": 11})
    last = stamp(client, "product.product", 1)
    assert last == "2030-01-05 10:00:00"
    assert codes(client, ["write_date", ">", last]) == ["A-1"]
    tick()
    assert codes(client, ["write_date", ">", "2030-01-05 10:00:01"]) == []


def test_a_date_that_is_exact_to_the_second_is_not_found_after_itself(client: Client, odoo: FakeOdoo) -> None:
    odoo.clock = lambda: NOW.replace(microsecond=0)
    odoo.write("product.template", 1, {"list_price": 11})
    assert codes(client, ["write_date", ">", "2030-01-05 10:00:00"]) == []
    assert codes(client, ["write_date", ">=", "2030-01-05 10:00:00"]) == ["A-1"]


def test_what_a_template_writes_for_its_only_variant_moves_both(
    client: Client, odoo: FakeOdoo, tick: Callable[[], datetime]
) -> None:
    tick()
    client.call("product.template", "write", ids=[1], vals={"default_code": "A-2"})
    assert codes(client) == ["A-2"]
    for model in ("product.template", "product.product"):
        assert stamp(client, model, 1) == "2030-01-05 10:01:00"


def test_a_long_transaction_commits_with_a_date_older_than_the_cursor(
    client: Client, odoo: FakeOdoo, tick: Callable[[], datetime]
) -> None:
    began = tick()
    odoo.add_product("B-2", name="Vis")
    tick()
    odoo.write("product.template", 1, {"list_price": 11}, at=began - timedelta(seconds=30))
    assert stamp(client, "product.product", 1) < stamp(client, "product.product", 2)


MOVES: list[tuple[str, Callable[[FakeOdoo, int], object], set[str]]] = [
    ("a template field", lambda o, t: o.write("product.template", t, {"list_price": 41}), {"template", "S", "M"}),
    ("the same value again", lambda o, t: o.write("product.template", t, {"name": "Pull"}), {"template", "S", "M"}),
    ("a template image", lambda o, t: o.write("product.template", t, {"image_1920": "eA=="}), {"template", "S", "M"}),
    ("a variant field", lambda o, t: o.write("product.product", o.variant(t, "S"), {"weight": 2}), {"S"}),
    (
        "a variant image",
        lambda o, t: o.write("product.product", o.variant(t, "S"), {"image_variant_1920": "eA=="}),
        {"S"},
    ),
    ("a price extra", lambda o, t: o.set_extra(t, "M", 5), set()),
    ("a price list rule", lambda o, t: o.add_pricelist("Pro", items=[{"fixed_price": 3}]), set()),
    ("a category name", lambda o, t: o.write("product.category", 1, {"name": "Tout"}), set()),
    ("a tax", lambda o, t: o.write("account.tax", o.tax(20), {"amount": 19.6}), set()),
    ("stock", lambda o, t: o.set_stock(o.variant(t, "S"), "Dépôt principal", 3), set()),
]


@pytest.mark.parametrize(("change", "moved"), [(one, moved) for _, one, moved in MOVES], ids=[one[0] for one in MOVES])
def test_a_change_moves_the_dates_that_it_moves_in_odoo(
    client: Client, odoo: FakeOdoo, pull: int, tick: Callable[[], datetime], change: Any, moved: set[str]
) -> None:
    records = {"template": ("product.template", pull)}
    records |= {size: ("product.product", odoo.variant(pull, size).id) for size in "SM"}
    before = {name: stamp(client, *one) for name, one in records.items()}
    tick()
    change(odoo, pull)
    assert {name for name, one in records.items() if stamp(client, *one) != before[name]} == moved


def test_a_price_extra_changes_the_price_of_a_variant_whose_date_stands_still(
    client: Client, odoo: FakeOdoo, pull: int, tick: Callable[[], datetime]
) -> None:
    medium = odoo.variant(pull, "M").id
    assert client.read("product.product", medium, "lst_price") == 42.0
    value = odoo.records("product.template.attribute.value")[1].id
    before = stamp(client, "product.template.attribute.value", value)
    tick()
    odoo.set_extra(pull, "M", 5)
    assert client.read("product.product", medium, "lst_price") == 45.0
    assert stamp(client, "product.template.attribute.value", value) > before


def test_an_address_does_not_move_its_customer_but_a_tag_does(
    client: Client, odoo: FakeOdoo, jean: int, tick: Callable[[], datetime]
) -> None:
    before = stamp(client, "res.partner", jean)
    tick()
    odoo.add_partner("Dépôt", parent_id=jean, type="delivery")
    assert stamp(client, "res.partner", jean) == before
    tag = odoo.create("res.partner.category", {"name": "Pro"}).id
    odoo.write("res.partner", jean, {"category_id": [(4, tag)]})
    assert stamp(client, "res.partner", jean) > before


def test_a_deleted_record_leaves_no_trace(client: Client, odoo: FakeOdoo) -> None:
    product = odoo.add_product("B-2", name="Vis")
    odoo.unlink(product)
    assert codes(client, ["write_date", ">=", "2000-01-01 00:00:00"], active_test=False) == ["A-1"]
    assert client.call("product.template", "search", domain=[], context={"active_test": False}) == [1]
