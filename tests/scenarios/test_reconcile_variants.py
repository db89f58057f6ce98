"""What people did to variants behind our back is listed exactly and repaired; what is theirs is only told."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import msgspec
import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import House
from tests.scenarios.ranged_house import RANGES, add_ranged, expected, label, name_ranges, named, shown
from tests.scenarios.test_reconcile import approve, assert_clean, drift, reconcile, with_html

from passerelle.app import selectors, services
from passerelle.app.services import Report
from passerelle.connectors.prestashop import adapter
from passerelle.domain.facets import Facet
from passerelle.planner.actions import Action, ActionKind
from passerelle.sandbox.prestashop.table import Row

pytestmark = pytest.mark.slow
PRODUCT_FLOWS = ("catalogue", "prices", "stocks")
RANGED = ("CHEMISE", "BOTTE")


@pytest.fixture
def house(build: Builder) -> House:
    """A house with two ranged articles, whose shop is in step."""
    made = build(extra=RANGES)
    made.stock_catalogue(articles=3)
    name_ranges(made)
    add_ranged(made, "CHEMISE", colours=("Rouge", "Bleu"))
    add_ranged(made, "BOTTE", sizes=("40", "41"), price="59.90", ttc=1)
    made.sage.set_combination_price("CHEMISE", ("M", "Bleu"), 1, "14.50")
    made.settled(*PRODUCT_FLOWS)
    return made


def combination(house: House, ref: str, values: str) -> Row:
    """One combination of the shop, by its values: "Bleu M"."""
    rows = house.shop.combinations_of(house.product(ref).id).values()
    [found] = [row for row in rows if label(_values(house, row)) == values]
    return found


def _values(house: House, row: Row) -> set[tuple[str, str]]:
    return {named(house, int(link[0])) for link in row.links["product_option_values"]}


def actions(house: House, report: Report) -> list[Action]:
    return [planned.action for planned in selectors.plan_of(house.opened(), report.run)]


def fields(house: House, report: Report) -> dict[str, set[str]]:
    """What drifted of each record."""
    found: dict[str, set[str]] = {}
    for key, field, _ in drift(house, report):
        found.setdefault(key, set()).add(field)
    return found


def assert_in_step(house: House) -> None:
    """The shop shows what the ERP says, reconciling finds nothing, and no flow has anything to write."""
    for ref in RANGED:
        assert shown(house, ref) == expected(house, ref)
    assert_clean(house, *PRODUCT_FLOWS)
    assert {report.writes for report in house.done(*PRODUCT_FLOWS).values()} == {0}


def test_variants_that_nobody_touched_have_no_drift_and_nothing_is_written(house: House) -> None:
    house.shop.reset_counters()
    assert_clean(house, *PRODUCT_FLOWS)
    assert house.writes() == []
    asked = [target for _, target, _ in house.shop.requests if "/combinations?" in target]
    assert len(asked) == len(PRODUCT_FLOWS)  # the variants of all products together


def test_a_sheet_that_was_changed_is_listed_and_repaired(house: House) -> None:
    row = combination(house, "CHEMISE", "Bleu M")
    sku = row.text("reference")
    row.put("reference", "AUTRE")
    report = reconcile(house, "catalogue")
    assert fields(house, report) == {sku: {"sku"}}
    [action] = actions(house, report)
    assert (action.kind, action.target, action.parent) == (ActionKind.UPDATE_VARIANT, "variant", "CHEMISE")
    assert (reconcile(house, "prices").state, reconcile(house, "stocks").state) == ("done", "done")
    approve(house, report)
    assert row.text("reference") == sku
    assert_in_step(house)


@pytest.mark.parametrize("theirs", [{"ean13": "3250000000014"}, {"weight": "0.500000"}])
def test_a_barcode_or_weight_of_the_merchant_is_not_taken_away_by_a_repair(
    house: House, theirs: dict[str, str]
) -> None:
    row = combination(house, "CHEMISE", "Bleu M")
    for field, value in theirs.items():
        row.put(field, value)
    assert_clean(house, "catalogue")
    sku = row.text("reference")
    row.put("reference", "AUTRE")
    approve(house, reconcile(house, "catalogue"))
    assert row.text("reference") == sku
    assert {field: row.text(field) for field in theirs} == theirs


def test_a_variant_deleted_in_the_shop_and_met_by_the_flow_of_stocks_is_created_again(house: House) -> None:
    product, gone = house.product("BOTTE").id, combination(house, "BOTTE", "40").id
    house.shop.database["combinations"].remove(gone)
    for stock in house.shop.database["stock_availables"].by("id_product_attribute", str(gone)):
        house.shop.database["stock_availables"].remove(stock.id)
    house.sage.set_combination_stock("BOTTE", ("40",), 1, on_hand=99)
    house.run("stocks")
    house.done("catalogue", "stocks")
    assert product == house.product("BOTTE").id
    assert_in_step(house)


def test_values_that_were_exchanged_are_listed_by_their_names_and_repaired(house: House) -> None:
    row, other = combination(house, "BOTTE", "40"), combination(house, "CHEMISE", "Bleu M")
    sku, was = row.text("reference"), row.links["product_option_values"]
    row.links["product_option_values"] = other.links["product_option_values"]
    report = reconcile(house, "catalogue")
    [planned] = [p for p in selectors.plan_of(house.opened(), report.run) if p.changes]
    assert planned.action.key == sku
    assert {(change.field, change.language, change.old, change.new) for change in planned.changes} == {
        ("option", "Taille", "M", "40")
    }
    approve(house, report)
    assert row.links["product_option_values"] == was
    assert_in_step(house)


def test_a_value_that_was_deleted_is_made_again_for_its_variant(house: House) -> None:
    row = combination(house, "BOTTE", "40")
    [[value]] = row.links["product_option_values"]
    house.shop.database["product_option_values"].remove(int(value))
    row.links["product_option_values"] = ()
    report = reconcile(house, "catalogue")
    assert ActionKind.CREATE_OPTION_VALUE in {action.kind for action in actions(house, report)}
    approve(house, report)
    assert_in_step(house)


@pytest.mark.parametrize(("ref", "values"), [("CHEMISE", "Bleu M"), ("BOTTE", "41")])
def test_a_price_that_was_changed_is_shown_as_a_buyer_sees_it_and_repaired(house: House, ref: str, values: str) -> None:
    row = combination(house, ref, values)
    row.put("price", "5.000000")
    report = reconcile(house, "prices")
    assert set(fields(house, report)) == {row.text("reference")}
    assert reconcile(house, "catalogue").state == "done"
    [planned] = selectors.plan_of(house.opened(), report.run)
    prices = {change.field: change for change in planned.changes if change.field in ("price_incl", "price_excl")}
    if values == "Bleu M":  # with a price of its own
        assert prices["price_excl"].new == Decimal("14.50")
        assert prices["price_excl"].old == Decimal(house.product(ref).text("price")) + 5
    else:  # at its article's price
        assert {(change.field, change.new) for change in planned.changes} == {("price_of_product", True)}
    approve(house, report)
    assert_in_step(house)


def test_a_price_of_the_product_that_was_changed_is_repaired_and_its_variants_follow(house: House) -> None:
    house.product("CHEMISE").put("price", "99.000000")
    report = reconcile(house, "prices")
    assert {action.key for action in actions(house, report)} == {"CHEMISE"}
    approve(house, report)
    assert_in_step(house)


def test_a_repaired_price_never_stands_beside_another_one_of_its_product(house: House) -> None:
    combination(house, "CHEMISE", "Bleu M").put("price", "5.000000")
    report = reconcile(house, "prices")
    house.sage.update_article("CHEMISE", AR_PrixVen="12")
    house.done("prices")
    done = approve(house, report)
    assert (done.counts["updated"], done.counts["failed"]) == (0, 1)
    assert_in_step(house)


def test_a_price_sent_beside_another_one_of_its_product_is_left_to_the_next_run(house: House) -> None:
    house.sage.update_article("CHEMISE", AR_PrixVen="12")
    planned = house.run("prices", preview=True)
    [line] = [p.number for p in selectors.plan_of(house.opened(), planned.run) if p.action.key == "CHEMISE"]
    opened = house.opened()
    services.approve(opened, opened.store.run(planned.run), selection=str(line))  # not those of its variants
    combination(house, "CHEMISE", "Bleu M").put("price", "5.000000")
    report = reconcile(house, "prices")
    assert (report.state, [note.code for note in report.notes]) == ("done", ["sent_unknown"])
    house.done("prices")
    assert_in_step(house)


def test_a_stock_that_was_changed_is_listed_and_repaired(house: House) -> None:
    row = combination(house, "CHEMISE", "Bleu M")
    product = house.product("CHEMISE").id
    house.shop.set_stock(product, 777, combination=row.id)
    report = reconcile(house, "stocks")
    assert drift(house, report) == {(row.text("reference"), "stock", "")}
    [action] = actions(house, report)
    assert (action.kind, action.target) == (ActionKind.SET_STOCK, "variant")
    approve(house, report)
    assert_in_step(house)


def test_a_sale_of_a_variant_made_since_is_no_drift(house: House) -> None:
    row = combination(house, "BOTTE", "40")
    house.shop.place_order([(house.product("BOTTE").id, row.id, 2)])
    assert_clean(house, "stocks")


@pytest.mark.parametrize("flow", PRODUCT_FLOWS)
def test_a_deleted_variant_is_told_by_every_flow_and_the_next_catalogue_brings_it_back(house: House, flow: str) -> None:
    row = combination(house, "CHEMISE", "Bleu M")
    house.shop.delete_combination(row.id)
    report = reconcile(house, flow)
    [action] = actions(house, report)
    assert (action.kind, action.key, action.parent) == (ActionKind.UNLINK, row.text("reference"), "CHEMISE")
    approve(house, report)
    assert_clean(house, *PRODUCT_FLOWS)
    house.done(*PRODUCT_FLOWS)
    assert_in_step(house)


def test_a_deleted_product_is_told_once_with_all_its_variants(house: House) -> None:
    house.shop.delete_product(house.product("CHEMISE").id)
    for flow in PRODUCT_FLOWS:
        assert [action.key for action in actions(house, reconcile(house, flow))] == ["CHEMISE"]
    approve(house, reconcile(house, "stocks"))
    house.done(*PRODUCT_FLOWS)
    assert_in_step(house)


def test_a_variant_that_is_back_before_the_approval_stays_linked(house: House) -> None:
    row = combination(house, "BOTTE", "40")
    house.shop.database["combinations"].remove(row.id)
    report = reconcile(house, "catalogue")
    house.shop.database["combinations"].add(row)
    done = approve(house, report)
    assert (done.counts["updated"], done.counts["failed"]) == (0, 1)
    assert_clean(house, "catalogue")


def test_another_variant_that_the_merchant_shows_first_is_no_drift(house: House) -> None:
    rows = house.shop.combinations_of(house.product("BOTTE").id).values()
    before = {row.id: row.text("default_on") for row in rows}
    for row in rows:
        row.put("default_on", "0" if row.text("default_on") == "1" else "1")
    assert {row.id: row.text("default_on") for row in rows} != before
    assert_clean(house, "catalogue")


def test_variants_of_the_merchant_are_told_and_left_alone(house: House) -> None:
    value = combination(house, "CHEMISE", "Bleu M").links["product_option_values"][0][0]
    mine = house.shop.add_combination(house.product("BOTTE").id, values=[int(value)], reference="MAISON")
    simple = house.shop.add_combination(house.product("ART-001").id, values=[int(value)], reference="AUTRE")
    before = {ident: house.shop.database["combinations"].rows[ident].text("reference") for ident in (mine, simple)}
    house.shop.reset_counters()
    report = reconcile(house, "catalogue")
    assert (report.state, report.notes, report.counts["skipped"]) == ("done", [], 0)
    told = {action.key: action.reason.params["references"] for action in actions(house, report) if action.reason}
    assert told == {"BOTTE": "MAISON", "ART-001": "AUTRE"}
    assert reconcile(house, "prices").state == "done"
    assert house.writes() == []
    assert {ident: house.shop.database["combinations"].rows[ident].text("reference") for ident in before} == before


def test_variants_of_an_article_out_of_scope_are_not_compared(house: House) -> None:
    row = combination(house, "BOTTE", "40")
    house.sage.set_published("BOTTE", False)
    house.done("catalogue")
    row.put("reference", "AUTRE")
    row.put("price", "9.000000")
    assert_clean(house, *PRODUCT_FLOWS)


@pytest.mark.parametrize(
    ("flow", "change"),
    [
        ("catalogue", lambda house, row: row.put("reference", "AUTRE")),
        ("prices", lambda house, row: row.put("price", "9.000000")),
        ("stocks", lambda house, row: house.shop.set_stock(house.product("BOTTE").id, 777, combination=row.id)),
    ],
)
def test_a_shop_that_gives_no_variant_back_is_never_called_sound(
    house: House, monkeypatch: pytest.MonkeyPatch, flow: str, change: Callable[[House, Row], None]
) -> None:
    manifest = adapter.Prestashop.manifest
    blind = msgspec.structs.replace(manifest, reads_back=manifest.reads_back - {Facet.VARIANT})
    monkeypatch.setattr(adapter.Prestashop, "manifest", blind)
    change(house, combination(house, "BOTTE", "40"))
    report = reconcile(house, flow)
    assert (report.state, [note.code for note in report.notes]) == ("done", ["unread_variants"])


def test_html_of_a_ranged_article_that_the_shop_writes_its_own_way_is_no_drift(house: House) -> None:
    with_html(house)
    house.settled(*PRODUCT_FLOWS)  # its description is added to a product that is there
    assert "<br />" in house.product("CHEMISE").description[1]
    assert_clean(house, "catalogue")


# --- products that no article is linked with ---


def test_products_that_no_article_is_linked_with_are_counted_named_and_never_touched(house: House) -> None:
    house.shop.add_product("CADEAU", name="Carte cadeau", price="20")
    house.shop.add_product("", name="Ancienne lampe", price="5", active="0")
    house.shop.reset_counters()
    report = reconcile(house, "catalogue")
    assert (report.state, report.held_by, report.counts["skipped"]) == ("done", [], 0)
    assert [(note.code, note.params["count"]) for note in report.notes] == [("strangers", "2")]
    told = [(action.label, action.reason.code) for action in actions(house, report) if action.reason]
    assert told == [("Carte cadeau", "stranger"), ("Ancienne lampe", "stranger_hidden")]
    assert house.writes() == []
    assert reconcile(house, "prices").notes == []


def test_of_many_such_products_the_first_are_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("passerelle.executor.reconcile_strangers.MOST", 3)
    for number in range(5):
        house.shop.add_product(f"X-{number}", name="Divers", price="1")
    report = reconcile(house, "catalogue")
    assert [action.key for action in actions(house, report)] == ["X-0", "X-1", "X-2"]
    assert [note.params["count"] for note in report.notes] == ["5"]


def test_a_repair_is_approved_beside_what_is_only_told(house: House) -> None:
    house.shop.add_product("CADEAU", name="Carte cadeau", price="20")
    house.product("ART-001").put("active", "0")
    report = reconcile(house, "catalogue")
    done = approve(house, report)
    assert (done.counts["updated"], done.counts["failed"]) == (1, 0)
    assert house.product("ART-001").text("active") == "1"
    assert house.product("CADEAU").text("active") == "1"
