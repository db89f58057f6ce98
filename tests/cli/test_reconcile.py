"""`passerelle reconcile`: its words, its JSON and its exit status."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from passerelle.executor.reconcile import RECONCILED

from .conftest import Said, World

Call = Callable[..., Said]


@pytest.fixture
def shown(world: World, passerelle: Call) -> World:
    assert passerelle("run", "all", world.file).code == 0
    return world


def _rename(world: World, ref: str, *, name: str) -> None:
    world.shop.product_by_reference(ref)[0].put("name", (name,))


def test_a_shop_that_holds_what_it_was_sent_is_said_to_and_ends_with_0(shown: World, passerelle: Call) -> None:
    for flow in ("catalogue", "prices", "stocks"):
        said = passerelle("reconcile", flow, shown.file)
        assert (said.code, "No drift" in said.out) == (0, True), said.out


def test_drift_is_shown_held_with_status_3_and_repaired_by_approve(shown: World, passerelle: Call) -> None:
    _rename(shown, "A03", name="Retouché")
    said = passerelle("reconcile", "catalogue", shown.file)
    assert said.code == 3
    assert "Retouché" in said.out
    assert "Article 3" in said.out
    assert "Nothing was sent" in said.out
    assert shown.shop.product_by_reference("A03")[0].name[1] == "Retouché"
    run = passerelle("reconcile", "catalogue", shown.file, "--json").lines[0]["run"]
    assert passerelle("approve", run).code == 0
    assert shown.shop.product_by_reference("A03")[0].name[1] == "Article 3"
    assert passerelle("reconcile", "catalogue", shown.file).code == 0


def test_json_names_what_was_sent_and_what_was_found(shown: World, passerelle: Call) -> None:
    _rename(shown, "A03", name="Retouché")
    shown.shop.delete_product(shown.shop.product_by_reference("A05")[0].id)
    said = passerelle("reconcile", "catalogue", shown.file, "--json")
    assert said.code == 3
    [line] = said.lines
    assert (line["flow"], line["state"], line["planned"], line["writes"]) == ("catalogue", "held", 2, 0)
    [drift] = line["drift"]
    assert drift.pop("number") > 0
    assert drift == {"key": "A03", "field": "name", "language": "fr", "sent": "Article 3", "found": "Retouché"}
    assert [gone["key"] for gone in line["gone"]] == ["A05"]
    assert line["told"] == []
    assert line["notes"] == []
    assert [reason["code"] for reason in line["held_by"]] == ["drift"]


def test_a_deleted_product_is_said_in_words(shown: World, passerelle: Call) -> None:
    shown.shop.delete_product(shown.shop.product_by_reference("A05")[0].id)
    said = passerelle("reconcile", "stocks", shown.file)
    assert said.code == 3
    assert "no longer exists in the shop" in " ".join(said.out.split())


def test_a_flow_that_is_off_says_which_option_it_needs(shown: World, passerelle: Call) -> None:
    said = passerelle("reconcile", "orders", shown.file)
    assert said.code == 2
    assert "orders.import" in said.err


def test_only_flows_that_can_be_compared_are_offered(world: World, passerelle: Call) -> None:
    assert passerelle("reconcile", "statuses", world.file).code == 2
    assert "statuses" not in RECONCILED


def test_a_product_that_no_article_is_linked_with_is_named_and_is_no_fault(shown: World, passerelle: Call) -> None:
    shown.shop.add_product("CADEAU", name="Carte cadeau", price="20")
    said = passerelle("reconcile", "catalogue", shown.file)
    assert said.code == 0
    assert "CADEAU, Carte cadeau" in said.out
    assert "No drift" in said.out
    [line] = passerelle("reconcile", "catalogue", shown.file, "--json").lines
    assert [(told["key"], told["code"]) for told in line["told"]] == [("CADEAU", "stranger")]
    assert [note["code"] for note in line["notes"]] == ["strangers"]
    assert (line["state"], line["skipped"]) == ("done", 0)
