"""The table of traps, writing: what is unique and what is not, external ids, lists, products and partners."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from tests.sandbox.odoo.client import Client

from passerelle.sandbox.odoo import FakeOdoo, Fault

PARTNER = ["id", "name", "email", "ref"]


def load(client: Client, model: str, fields: list[str], *rows: list[Any], **context: Any) -> Any:
    return client.call(model, "load", fields=fields, data=list(rows), context=context)


# what is unique


def test_a_reference_may_be_given_twice(any_client: Client) -> None:
    any_client.call("product.template", "create", vals_list=[{"name": "Double", "default_code": "A-1"}])
    assert len(any_client.odoo.product_by_code("A-1")) == 2


def test_a_bar_code_may_not(any_client: Client) -> None:
    vals = {"name": "Double", "barcode": "3760000000017"}
    assert any_client.ask("product.template", "create", vals_list=[vals]).error == "odoo.exceptions.ValidationError"
    assert len(any_client.odoo.products) == 1


def test_references_and_e_mails_of_partners_may_be_given_twice(client: Client) -> None:
    client.call("res.partner", "create", vals_list=[{"name": "Jean", "ref": "C-42", "email": "jean@example.test"}])
    assert client.call("res.partner", "search_count", domain=[["ref", "=", "C-42"]]) == 2


def test_a_customer_reference_may_be_given_twice(client: Client, jean: int) -> None:
    for _ in range(2):
        client.call("sale.order", "create", vals_list=[{"partner_id": jean, "client_order_ref": "PS-1"}])
    assert len(client.odoo.documents_with("PS-1")) == 2


def test_an_external_id_may_not(client: Client) -> None:
    vals = {"module": "ps1", "name": "one", "model": "res.partner", "res_id": 1}
    client.call("ir.model.data", "create", vals_list=[vals])
    assert client.ask("ir.model.data", "create", vals_list=[vals]).error == "odoo.exceptions.ValidationError"


@pytest.mark.parametrize(
    ("vat", "holds"),
    [("FR23334175221", True), ("FR123", False), ("FR24334175221", False), ("BE0477472701", True), ("", True)],
)
def test_a_vat_number_is_checked(client: Client, vat: str, holds: bool) -> None:
    reply = client.ask("res.partner", "create", vals_list=[{"name": "Forge", "vat": vat, "is_company": True}])
    assert (reply.error == "") is holds


# load


def test_loading_the_same_external_id_again_changes_the_same_record(any_client: Client) -> None:
    made = load(any_client, "res.partner", PARTNER, ["ps1.c_77", "Un", "un@example.test", "77"])
    again = load(any_client, "res.partner", PARTNER, ["ps1.c_77", "Un bis", "un@example.test", "77"])
    assert made["ids"] == again["ids"]
    assert made["messages"] == []
    assert any_client.read("res.partner", made["ids"][0], "name") == "Un bis"
    assert any_client.odoo.external_ids("res.partner") == {"ps1.c_77": made["ids"][0]}


def test_loading_an_order_twice_doubles_neither_it_nor_its_lines(any_client: Client) -> None:
    tax = "tax_ids" if any_client.odoo.version >= 19 else "tax_id"
    rate = str(any_client.odoo.tax(5.5))
    partner = str(next(one.id for one in any_client.odoo.records("res.partner") if one.ref == "C-42"))
    fields = ["id", "partner_id/.id", "client_order_ref", "order_line/id",
              "order_line/product_id/.id", "order_line/product_uom_qty", "order_line/price_unit",
              f"order_line/{tax}/.id"]  # fmt: skip
    rows = [["ps1.o_1", partner, "PS-1", "ps1.l_1", "1", "2", "10", rate],
            ["", "", "", "ps1.l_2", "1", "1", "4.5", rate]]  # fmt: skip
    first, second = (load(any_client, "sale.order", fields, *rows) for _ in range(2))
    assert first["ids"] == second["ids"]
    (order,) = any_client.odoo.orders()
    assert len(order.order_line) == 2
    assert (order.amount_untaxed, order.amount_total) == (24.5, 25.85)


@pytest.mark.parametrize(("columns", "kept"), [((), True), (("company_id/.id",), False)])
def test_loading_an_order_again_with_its_company_puts_back_the_taxes_of_its_products(
    odoo: FakeOdoo, client: Client, jean: int, columns: tuple[str, ...], kept: bool
) -> None:
    asked = odoo.tax(5.5)
    fields = ["id", "partner_id/.id", *columns, "order_line/id", "order_line/product_id/.id", "order_line/tax_ids/.id"]
    row = ["ps1.o_1", str(jean), *(str(odoo.company) for _ in columns), "ps1.o_1_1", "1", str(asked)]
    taxes = []
    for _ in range(2):
        order = load(client, "sale.order", fields, row)["ids"][0]
        taxes += [list(line.tax_ids) for line in odoo.store["sale.order.line"].by("order_id", order)]
    assert taxes == [[asked], [asked] if kept else [odoo.tax(20)]]


def test_a_load_that_fails_does_not_raise_and_keeps_nothing(client: Client) -> None:
    rows = [["ps1.o_1", "999999"]]
    answer = load(client, "sale.order", ["id", "partner_id/.id"], *rows)
    assert answer["ids"] is False
    assert [one["field"] for one in answer["messages"]] == ["partner_id", "partner_id"]
    answer = load(client, "res.partner", ["id", "name", "vat"], ["ps1.a", "Bon", ""], ["ps1.b", "Faux", "FR123"])
    assert answer["ids"] is False
    assert answer["messages"][0]["rows"] == {"from": 1, "to": 1}
    assert client.odoo.external_ids("res.partner") == {}
    assert client.call("res.partner", "search_count", domain=[["name", "=", "Bon"]]) == 0


def test_a_value_that_is_no_text_crashes_the_load(client: Client, jean: int) -> None:
    reply = client.ask("sale.order", "load", fields=["id", "partner_id/.id"], data=[["ps1.o_1", jean]])
    assert (reply.status, reply.error) == (500, "builtins.TypeError")


def test_a_loaded_time_is_one_of_the_users_zone_and_not_utc(client: Client, jean: int) -> None:
    fields = ["id", "partner_id/.id", "date_order"]
    row = ["ps1.o_1", str(jean), "2026-11-23 22:15:00"]
    (order,) = load(client, "sale.order", fields, row)["ids"]
    assert client.read("sale.order", order, "date_order") == "2026-11-23 21:15:00"
    load(client, "sale.order", fields, row, tz="UTC")
    assert client.read("sale.order", order, "date_order") == "2026-11-23 22:15:00"


def test_an_empty_text_empties_the_field(client: Client) -> None:
    (partner,) = load(client, "res.partner", PARTNER, ["ps1.c", "Un", "un@example.test", "77"])["ids"]
    load(client, "res.partner", PARTNER, ["ps1.c", "Un", "", "77"])
    assert client.read("res.partner", partner, "email") is False


def test_references_are_loaded_by_database_id_external_id_or_name(client: Client) -> None:
    load(client, "res.partner", ["id", "name"], ["ps1.firm", "Forge"])
    firm = client.odoo.external_ids("res.partner")["ps1.firm"]
    for column, text in (("parent_id/id", "ps1.firm"), ("parent_id/.id", str(firm)), ("parent_id", "Forge")):
        (child,) = load(client, "res.partner", ["id", "name", column], [f"ps1.{len(column)}", "Luc", text])["ids"]
        assert client.read("res.partner", child, "parent_id") == [firm, "Forge"]


@pytest.mark.parametrize(("version", "found"), [(17, False), (18, True)])
def test_an_archived_record_is_not_found_by_its_id_in_a_load_before_18(version: int, found: bool) -> None:
    odoo = FakeOdoo(version=version)
    partner = odoo.add_partner("Parti", active=False)
    with odoo.serve() as url:
        fields, row = ["id", "partner_id/.id"], ["ps1.o", str(partner)]
        assert bool(load(Client(url, odoo), "sale.order", fields, row)["ids"]) is found
        assert load(Client(url, odoo), "sale.order", fields, row, active_test=False)["ids"]


def test_an_external_id_of_another_model_is_not_taken_over(client: Client, jean: int) -> None:
    load(client, "res.partner", ["id", "name"], ["ps1.x", "Un"])
    answer = load(client, "sale.order", ["id", "partner_id/.id"], ["ps1.x", str(jean)])
    assert (answer["ids"], client.odoo.orders()) == (False, [])


def test_of_calls_at_the_same_time_for_one_external_id_one_wins_and_none_doubles(odoo: FakeOdoo) -> None:
    answers: list[Any] = []
    odoo.hook("before_write", threading.Barrier(4).wait, times=4)  # all four are in before the first begins
    with odoo.serve() as url:

        def one() -> None:
            answers.append(load(Client(url, odoo), "res.partner", ["id", "name"], ["ps1.c", "Un"]))

        threads = [threading.Thread(target=one) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    won = [one for one in answers if one["ids"]]
    assert len(won) == 1
    assert {one["messages"][0]["message"] for one in answers if not one["ids"]} == {
        "could not serialize access due to concurrent update\n"
    }
    assert len(odoo.external_ids("res.partner")) == 1


def test_a_race_can_be_ordered(client: Client) -> None:
    client.odoo.inject(Fault("serialisation", method="load"))
    assert load(client, "res.partner", ["id", "name"], ["ps1.c", "Un"])["ids"] is False
    assert load(client, "res.partner", ["id", "name"], ["ps1.c", "Un"])["ids"]


# records


def test_the_old_name_of_a_field_is_refused_in_the_new_version_and_the_other_way_round(any_client: Client) -> None:
    new = any_client.odoo.version >= 19
    for tax, unit, right in (("tax_ids", "product_uom_id", new), ("tax_id", "product_uom", not new)):
        line = (0, 0, {"product_id": 1, tax: [], unit: 1})
        partner = any_client.odoo.add_partner("Ève")
        reply = any_client.ask("sale.order", "create", vals_list=[{"partner_id": partner, "order_line": [line]}])
        assert reply.error == ("" if right else "builtins.ValueError")
    assert len(any_client.odoo.orders()) == 1


def test_what_makes_a_product_followed_in_stock_depends_on_the_version(any_client: Client) -> None:
    known = any_client.call(
        "product.template", "fields_get", allfields=["is_storable", "detailed_type", "type"], attributes=["type"]
    )
    new = any_client.odoo.version >= 18
    assert set(known) == ({"type", "is_storable"} if new else {"type", "detailed_type"})
    kind = any_client.read("product.product", 1, "type")
    assert kind == ("consu" if new else "product")


def test_an_order_is_locked_by_a_flag_or_before_17_by_a_state(any_client: Client) -> None:
    known = any_client.call("sale.order", "fields_get", allfields=["locked", "state"])
    assert ("locked" in known) is (any_client.odoo.version >= 17)
    assert ("done" in dict(known["state"]["selection"])) is (any_client.odoo.version == 16)


def test_a_field_of_a_web_site_exists_where_there_is_one() -> None:
    for modules, known in (((), set()), (("website_sale",), {"is_published", "website_published"})):
        odoo = FakeOdoo(modules=modules)
        with odoo.serve() as url:
            found = Client(url, odoo).call(
                "product.template", "fields_get", allfields=["is_published", "website_published"]
            )
        assert set(found) == known


def test_a_template_with_variants_has_no_reference_and_no_bar_code_of_its_own(
    client: Client, odoo: FakeOdoo, pull: int
) -> None:
    row = client.read("product.template", pull, "default_code", "barcode", "product_variant_count")
    assert row == {"id": pull, "default_code": False, "barcode": False, "product_variant_count": 2}
    assert client.read("product.template", 1, "default_code") == "A-1"
    names = [client.read("product.product", one.id, "display_name") for one in odoo.variants(pull)]
    assert names == ["[P-S] Pull (S)", "[P-M] Pull (M)"]


def test_a_value_taken_off_a_template_archives_its_variant_where_it_was_sold(
    client: Client, odoo: FakeOdoo, pull: int, jean: int
) -> None:
    small, medium = odoo.variants(pull)
    odoo.place_order(jean, [(medium, 1)])
    line = client.read("product.template", pull, "attribute_line_ids")[0]
    value = odoo.records("product.attribute.value")[0].id
    client.call("product.template.attribute.line", "write", ids=[line], vals={"value_ids": [(6, 0, [value])]})
    assert [one.active for one in odoo.variants(pull)] == [True, False]
    odoo.unlink(small)
    assert client.call("product.product", "search", domain=[["product_tmpl_id", "=", pull]]) == []


def test_a_product_that_was_sold_cannot_be_deleted_only_archived(client: Client, odoo: FakeOdoo, jean: int) -> None:
    odoo.place_order(jean, [(1, 1)])
    assert client.ask("product.product", "unlink", ids=[1]).error == "odoo.exceptions.UserError"
    assert client.call("product.product", "write", ids=[1], vals={"active": False}) is True


def test_archiving_a_template_archives_its_variants(client: Client, odoo: FakeOdoo, pull: int) -> None:
    client.call("product.template", "action_archive", ids=[pull])
    assert [one.active for one in odoo.variants(pull)] == [False, False]
    client.call("product.template", "action_unarchive", ids=[pull])
    assert [one.active for one in odoo.variants(pull)] == [True, True]


def test_a_picture_of_the_template_is_that_of_its_variants_until_they_have_their_own(
    client: Client, odoo: FakeOdoo, pull: int
) -> None:
    small, medium = odoo.variants(pull)
    odoo.write("product.template", pull, {"image_1920": "Z3Jvc3Nl"})
    odoo.write("product.product", small, {"image_variant_1920": "cGV0aXRl"})
    assert client.read("product.product", small.id, "image_1920") == "cGV0aXRl"
    assert client.read("product.product", medium.id, "image_1920") == "Z3Jvc3Nl"


def test_what_a_call_did_before_it_failed_is_undone(client: Client, jean: int) -> None:
    lines = [(0, 0, {"product_id": 1}), (0, 0, {"product_id": 999})]
    before = client.odoo.as_json()
    reply = client.ask("sale.order", "create", vals_list=[{"partner_id": jean, "order_line": lines}])
    assert reply.error == "odoo.exceptions.MissingError"
    assert client.odoo.as_json() == before


def test_numbers_that_a_failed_call_took_leave_a_gap(client: Client, jean: int) -> None:
    client.ask("sale.order", "create", vals_list=[{"partner_id": jean, "order_line": [(0, 0, {"product_id": 999})]}])
    (order,) = client.call("sale.order", "create", vals_list=[{"partner_id": jean}])
    assert client.read("sale.order", order, "name") == "S00002"


def test_dates_that_callers_send_for_writing_are_not_taken(client: Client) -> None:
    client.call("res.partner", "write", ids=[1], vals={"write_date": "2020-01-01 00:00:00", "ref": "X"})
    assert client.read("res.partner", 1, "write_date") > "2020-01-02"
