"""What people did to the shop behind our back is listed exactly and repaired once approved; then nothing is left."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import House, issues
from tests.scenarios.order_house import Trade

from passerelle.app import selectors, services
from passerelle.app.services import Report
from passerelle.connectors.prestashop import adapter
from passerelle.domain.facets import Facet
from passerelle.planner.actions import ActionKind
from passerelle.sandbox.prestashop import Fault

pytestmark = pytest.mark.slow
PRODUCT_FLOWS = ("catalogue", "prices", "stocks")
HTML = "<p>{AR_Design} & co<br>suite</p>"
Drift = set[tuple[str, str, str]]


@pytest.fixture
def shown(house: House) -> House:
    """A house of 25 articles whose shop is in step."""
    house.settled(*PRODUCT_FLOWS)
    return house


def reconcile(house: House, flow: str) -> Report:
    report = services.reconcile(house.opened(), flow)
    assert report.failure is None, (report.failure, report.failure.detail)
    return report


def drift(house: House, report: Report) -> Drift:
    """(article, field, language) of everything that drifted."""
    planned = selectors.plan_of(house.opened(), report.run)
    return {(p.action.key, change.field, change.language) for p in planned for change in p.changes}


def kinds(house: House, report: Report) -> dict[str, ActionKind]:
    return {p.action.key: p.action.kind for p in selectors.plan_of(house.opened(), report.run)}


def approve(house: House, report: Report) -> Report:
    opened = house.opened()
    done = services.approve(opened, opened.store.run(report.run))
    assert done.state == "done", (done.failure, getattr(done.failure, "detail", ""))
    return done


def assert_clean(house: House, *flows: str) -> None:
    for flow in flows:
        report = reconcile(house, flow)
        assert (report.state, report.held_by, report.notes, drift(house, report)) == ("done", [], [], set()), flow


def edit(house: House, ref: str, **fields: Any) -> None:
    """A merchant saves a product in the back office."""
    row = house.product(ref)
    for name, value in fields.items():
        row.put(name, tuple(value.values()) if isinstance(value, dict) else value)


def product_reads(house: House) -> list[str]:
    """The requests for products since the counters were reset."""
    seen = [target for method, target, _ in house.shop.requests if method == "GET"]
    return [target for target in seen if "/products?" in target]


def test_a_shop_that_nobody_touched_has_no_drift_and_nothing_is_written(shown: House) -> None:
    shown.shop.reset_counters()
    assert_clean(shown, *PRODUCT_FLOWS)
    assert shown.writes() == []


def test_what_a_merchant_changed_is_listed_exactly_and_approving_repairs_it(shown: House) -> None:
    before = {ref: shown.shown(ref) for ref in shown.refs()}
    edit(shown, "ART-001", price="99.000000")
    edit(shown, "ART-002", name={1: "Un autre nom", 2: shown.product("ART-002").name[2]})
    edit(shown, "ART-003", active="0")
    edit(shown, "ART-004", id_tax_rules_group="2" if before["ART-004"].tax_group != "2" else "1")
    edit(shown, "ART-005", ean13="", weight="7.5")
    edit(shown, "ART-006", id_manufacturer="0")
    shelf = shown.shop.add_category("Rayon du marchand")
    edit(shown, "ART-007", id_category_default=str(shelf))
    shown.shop.set_stock(shown.product("ART-008").id, 777)
    shown.shop.reset_counters()

    found = {flow: reconcile(shown, flow) for flow in PRODUCT_FLOWS}
    assert {flow: report.state for flow, report in found.items()} == dict.fromkeys(PRODUCT_FLOWS, "held")
    assert shown.writes() == []
    catalogue = drift(shown, found["catalogue"])
    assert {what for what in catalogue if not what[1].startswith("price")} == {
        ("ART-002", "name", "fr"), ("ART-003", "visible", ""), ("ART-004", "tax", ""), ("ART-005", "gtin", ""),
        ("ART-006", "brand", ""), ("ART-007", "categories", ""),
    }  # fmt: skip
    assert {key for key, field, _ in drift(shown, found["prices"]) if field.startswith("price")} == {"ART-001"}
    assert drift(shown, found["stocks"]) == {("ART-008", "stock", "")}

    for report in found.values():
        approve(shown, report)
    assert {ref: shown.shown(ref) for ref in shown.refs()} == before
    shown.assert_shop_equals_erp()
    assert_clean(shown, *PRODUCT_FLOWS)
    assert {flow: report.writes for flow, report in shown.done(*PRODUCT_FLOWS).items()} == dict.fromkeys(
        PRODUCT_FLOWS, 0
    )


def test_the_shop_is_read_back_in_pages(shown: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("passerelle.executor.reconcile.PAGE", 7)
    edit(shown, "ART-002", active="0")
    edit(shown, "ART-024", active="0")
    shown.shop.reset_counters()
    assert {key for key, *_ in drift(shown, reconcile(shown, "catalogue"))} == {"ART-002", "ART-024"}
    assert len(product_reads(shown)) == 5  # of 25 products, and the list of all


def test_a_plan_shows_what_the_shop_holds_and_what_it_was_sent(shown: House) -> None:
    edit(shown, "ART-001", price="99.000000")
    [planned] = selectors.plan_of(shown.opened(), reconcile(shown, "prices").run)
    [change] = [change for change in planned.changes if change.field == "price_incl"]
    rate = Decimal("1.10")  # the VAT of this article
    assert change.old == Decimal("99") * rate
    assert change.new == shown.expected()["ART-001"].price


def test_only_the_lines_that_are_chosen_are_repaired(shown: House) -> None:
    edit(shown, "ART-002", name={1: "Un autre nom", 2: "Another name"})
    edit(shown, "ART-003", active="0")
    report = reconcile(shown, "catalogue")
    [hidden] = [p for p in selectors.plan_of(shown.opened(), report.run) if p.action.key == "ART-003"]
    opened = shown.opened()
    services.approve(opened, opened.store.run(report.run), selection=str(hidden.number))
    assert shown.product("ART-003").text("active") == "1"
    assert shown.product("ART-002").name[1] == "Un autre nom"
    assert drift(shown, reconcile(shown, "catalogue")) == {("ART-002", "name", "fr"), ("ART-002", "name", "en")}


def test_a_deleted_product_is_told_and_the_next_catalogue_brings_it_back(shown: House) -> None:
    shown.shop.delete_product(shown.product("ART-010").id)
    report = reconcile(shown, "catalogue")
    assert kinds(shown, report) == {"ART-010": ActionKind.UNLINK}
    approve(shown, report)
    assert_clean(shown, *PRODUCT_FLOWS)
    shown.done(*PRODUCT_FLOWS)
    shown.assert_shop_equals_erp()


def test_a_product_that_is_restored_before_the_approval_stays_linked(shown: House) -> None:
    ident = shown.product("ART-010").id
    row = shown.shop.products[ident]
    shown.shop.database["products"].remove(ident)
    report = reconcile(shown, "catalogue")
    shown.shop.database["products"].add(row)
    done = approve(shown, report)
    assert (done.counts["updated"], done.counts["failed"]) == (0, 1)
    assert_clean(shown, "catalogue")


@pytest.mark.parametrize("flow", PRODUCT_FLOWS)
def test_a_deleted_product_is_told_by_every_flow(shown: House, flow: str) -> None:
    shown.shop.delete_product(shown.product("ART-010").id)
    assert kinds(shown, reconcile(shown, flow)) == {"ART-010": ActionKind.UNLINK}


def test_what_the_shop_owns_is_no_drift(build: Builder) -> None:
    """An adopted product keeps its hand-written sheet, its shelf, and stays hidden where it was hidden."""
    house = build()
    house.stock_catalogue()
    shelf = house.shop.add_category("Rayon fait main")
    house.shop.add_product("ART-001", name="Fiche à la main", price="5.5", categories=[shelf], active="0")
    house.settled(*PRODUCT_FLOWS)
    edit(house, "ART-001", name={1: "Réécrite", 2: "Rewritten"}, id_category_default="2")
    edit(house, "ART-002", description={1: "<p>Ajouté par le marchand</p>", 2: ""})
    assert_clean(house, *PRODUCT_FLOWS)


def test_html_that_the_shop_writes_its_own_way_is_no_drift(house: House) -> None:
    with_html(house)
    house.settled(*PRODUCT_FLOWS)
    kept = house.product("ART-001").description[1]
    assert "<br />" in kept  # it was rewritten
    assert_clean(house, "catalogue")
    edit(
        house,
        "ART-001",
        description={1: kept.replace("suite", "autre chose"), 2: house.product("ART-001").description[2]},
    )
    report = reconcile(house, "catalogue")
    assert drift(house, report) == {("ART-001", "description", "fr")}
    approve(house, report)
    assert house.product("ART-001").description[1] == kept
    assert_clean(house, "catalogue")


def test_html_that_the_erp_changes_is_judged_against_its_new_form(house: House) -> None:
    with_html(house)
    house.settled(*PRODUCT_FLOWS)
    house.sage.update_article("ART-001", AR_Design="Scie & rabot")
    house.settled(*PRODUCT_FLOWS)
    assert_clean(house, "catalogue")


def with_html(house: House) -> None:
    text = house.profile.read_text("utf-8")
    said = f"[articles.texts]\ndescription = '{HTML}'\n"
    house.profile.write_text(text.replace("[articles.texts]\n", said), encoding="utf-8")


def test_only_a_run_that_sends_html_reads_products_back(shown: House) -> None:
    shown.sage.update_article("ART-001", AR_Design="Scie & rabot")
    shown.shop.reset_counters()
    shown.done("catalogue")
    assert product_reads(shown) == []
    with_html(shown)
    shown.done("catalogue")
    assert len(product_reads(shown)) == 1


def test_an_article_out_of_scope_stays_hidden_and_nothing_else_is_told_of_it(shown: House) -> None:
    shown.sage.set_published("ART-003", False)
    shown.done("catalogue")
    edit(shown, "ART-003", name={1: "Peu importe", 2: "Whatever"})
    assert_clean(shown, "catalogue")
    edit(shown, "ART-003", active="1")
    report = reconcile(shown, "catalogue")
    assert drift(shown, report) == {("ART-003", "visible", "")}
    approve(shown, report)
    assert shown.product("ART-003").text("active") == "0"
    assert_clean(shown, "catalogue")


def test_a_repair_never_brings_back_what_the_erp_has_replaced_since(shown: House) -> None:
    edit(shown, "ART-002", name={1: "Un autre nom", 2: "Another name"})
    report = reconcile(shown, "catalogue")
    shown.sage.update_article("ART-002", AR_Design="Le nom d'aujourd'hui")
    shown.done("catalogue")
    done = approve(shown, report)
    assert (done.counts["updated"], done.counts["failed"]) == (0, 1)
    assert shown.product("ART-002").name[1] == "Le nom d'aujourd'hui"
    assert_clean(shown, "catalogue")


def test_a_repair_leaves_the_issue_of_its_article_open(shown: House) -> None:
    shown.sage.set_price("ART-002", 0)
    shown.done("catalogue")
    before = issues()
    assert any(key == "ART-002" for _, key in before)
    edit(shown, "ART-002", ean13="")
    approve(shown, reconcile(shown, "catalogue"))
    assert issues() == before


def test_a_deleted_brand_is_created_again_for_its_products(shown: House) -> None:
    brands = {ref: shown.shown(ref).brand for ref in shown.refs()}
    gone = next(row.id for row in shown.shop.manufacturers.values() if row.text("name") == "Forgial")
    shown.shop.database["manufacturers"].remove(gone)
    for ref, name in brands.items():
        if name == "Forgial":
            edit(shown, ref, id_manufacturer="0")
    report = reconcile(shown, "catalogue")
    assert {key for key, field, _ in drift(shown, report) if field == "brand"} == {
        ref for ref, name in brands.items() if name == "Forgial"
    }
    approve(shown, report)
    assert {ref: shown.shown(ref).brand for ref in shown.refs()} == brands
    assert_clean(shown, "catalogue")


def test_a_deleted_category_is_left_to_the_next_catalogue(shown: House) -> None:
    before = {ref: shown.shown(ref).category for ref in shown.refs()}
    gone = next(row.id for row in shown.shop.categories.values() if row.name[1] == "Scies")
    shown.shop.database["categories"].remove(gone)
    for ref, name in before.items():
        if name == "Scies":
            row = shown.product(ref)
            row.put("id_category_default", "2")
            row.links["categories"] = (("2",),)
    report = reconcile(shown, "catalogue")
    told = {p.action.reason.code for p in selectors.plan_of(shown.opened(), report.run) if p.action.reason}
    assert told == {"category_deleted"}
    assert [note.code for note in reconcile(shown, "catalogue").notes] == ["sent_unknown"]
    shown.done("catalogue")
    assert {ref: shown.shown(ref).category for ref in shown.refs()} == before
    assert_clean(shown, "catalogue")


# --- stocks ---


def test_a_sale_made_since_the_last_stock_is_no_drift(shown: House) -> None:
    product = shown.product("ART-005").id
    shown.shop.place_order([(product, 3)])
    assert_clean(shown, "stocks")
    shown.shop.set_stock(product, 500)
    report = reconcile(shown, "stocks")
    assert drift(shown, report) == {("ART-005", "stock", "")}
    approve(shown, report)
    assert shown.stock_of("ART-005") == shown.expected()["ART-005"].stock - 3
    assert_clean(shown, "stocks")


def test_a_sale_made_while_the_shop_is_read_is_no_drift(shown: House) -> None:
    product = shown.product("ART-005").id
    shown.shop.hook("after_read", lambda: shown.shop.place_order([(product, 3)]), resource="stock_availables")
    assert_clean(shown, "stocks")


def test_a_stock_that_the_erp_changed_and_nobody_sent_yet_is_no_drift(shown: House) -> None:
    shown.sage.set_stock("ART-005", 1, on_hand=3, reserved=0, prepared=0)
    assert_clean(shown, "stocks")


# --- what cannot be compared ---


def test_what_a_shop_cannot_give_back_is_said_and_never_called_sound(
    shown: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = adapter.Prestashop.manifest
    blind = msgspec.structs.replace(manifest, reads_back=manifest.reads_back - {Facet.TEXTS, Facet.STOCK})
    monkeypatch.setattr(adapter.Prestashop, "manifest", blind)
    edit(shown, "ART-002", name={1: "Un autre nom", 2: "Another name"})
    report = reconcile(shown, "catalogue")
    assert (report.state, [note.code for note in report.notes]) == ("done", ["unread_texts"])
    assert [note.code for note in reconcile(shown, "stocks").notes] == ["unread_stock"]


def test_a_shop_that_does_not_answer_is_a_failure_and_not_a_drift(shown: House) -> None:
    shown.shop.inject(Fault("status", method="GET", resource="products", times=99))
    report = services.reconcile(shown.opened(), "catalogue")
    assert report.state == "failed"
    assert report.failure is not None


# --- orders ---


@pytest.fixture
def trade(house: House) -> Trade:
    """A house that imports its orders, whose shop is in step."""
    return Trade(house)


def told(trade: Trade) -> dict[str, str]:
    """What reconciling orders says of each."""
    report = reconcile(trade.house, "orders")
    assert (report.state, report.held_by) == ("done", [])
    planned = list(selectors.plan_of(trade.house.opened(), report.run))
    assert all(p.action.next_step is not None for p in planned)
    assert report.counts["parked"] == len(planned)
    return {p.action.key: p.action.reason.code for p in planned if p.action.reason}


def test_orders_that_are_in_the_erp_to_the_cent_are_not_told_of(trade: Trade) -> None:
    products = trade.open_shop()
    trade.order((products[0], 2), (products[5], 1), carrier=2, shipping=("4.90", "5.88"))
    trade.order((products[3], 1), state=1)  # not paid: nobody expects it in the ERP
    trade.day()
    trade.house.shop.reset_counters()
    before = trade.house.sql("SELECT * FROM F_DOCENTETE")
    assert told(trade) == {}
    assert trade.house.writes() == []
    assert trade.house.sql("SELECT * FROM F_DOCENTETE") == before


def test_every_order_that_is_not_right_is_told_with_what_to_do(trade: Trade) -> None:
    products = trade.open_shop()
    fine, deleted, dearer, cancelled = (trade.order((product, 1)) for product in products[:4])
    trade.day(work=False)
    unpaid_way = trade.order((products[4], 1), module="alma")
    trade.house.done("orders")
    absent = trade.order((products[5], 1))
    sage = trade.house.sage
    sage.delete_document(trade.documents(deleted)[0][1])
    trade.house.sql("UPDATE F_DOCENTETE SET DO_TotalTTC = DO_TotalTTC + 0.01 WHERE DO_NoWeb = ?", f"MD-{dearer}")
    trade.house.shop.change_state(cancelled, 6)
    before = issues()
    assert told(trade) == {
        str(deleted): "document_gone", str(dearer): "document_total_differs", str(cancelled): "order_cancelled",
        str(unpaid_way): "order_unmapped", str(absent): "order_absent",
    }  # fmt: skip
    assert str(fine) not in told(trade)
    assert issues() == before


def test_an_order_handed_over_and_not_taken_yet_is_awaited(trade: Trade) -> None:
    products = trade.open_shop()
    first = trade.order((products[0], 1))
    trade.day(work=False)
    second = trade.order((products[1], 1))
    trade.house.done("orders")
    assert told(trade) == {str(second): "order_awaited"}
    trade.day(work=False)
    assert told(trade) == {}
    assert str(first) not in told(trade)


def test_an_order_delivered_and_invoiced_is_still_found_to_the_cent(trade: Trade) -> None:
    products = trade.open_shop()
    trade.order((products[0], 2), (products[5], 1))
    trade.day()
    trade.day()
    assert told(trade) == {}
