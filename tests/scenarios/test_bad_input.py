"""Bad input: one clear message, and the rest goes through; what is corrected heals by itself."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import FLOWS, House, issues, journal

from passerelle.app import services, wiring
from passerelle.errors import NotThisSystem, PasserelleError, Unavailable, WarehouseUnknown

pytestmark = pytest.mark.slow


def others_went_through(house: House, *but: str) -> None:
    expected = house.expected(*but)
    assert {ref: house.shown(ref) for ref in expected} == expected
    house.assert_nothing_free()


# --- articles ---------------------------------------------------------------------------------------------------------


def test_references_with_the_signs_of_the_filter_grammar_go_through_once(house: House) -> None:
    refs = ["A|B", "[C]", "D&E+F", "[1|2]", "G,H", "%I%", "J K", "L'M", "N#1/2?", "é è", "O..P"]
    for n, ref in enumerate(refs):
        house.sage.add_article(ref, AR_PrixVen=f"{n + 2}.50", AR_Design=f"Signes {n}", AR_Langue1="Signs")
        house.sage.set_stock(ref, 1, on_hand=n)
    house.settled()
    house.assert_shop_equals_erp()
    assert not issues()
    house.sql("UPDATE F_ARTICLE SET AR_PrixVen = AR_PrixVen + 1, AR_Design = AR_Design || ' bis'")
    house.settled()
    house.assert_shop_equals_erp()


def test_an_existing_product_with_a_reference_of_signs_is_found_and_not_doubled(house: House) -> None:
    for ref in ("A|B", "[C]", "D&E+F"):
        house.sage.add_article(ref, AR_PrixVen="3", AR_Langue1="x")
        house.shop.add_product(ref, name="Déjà là", price="1")
    house.done("catalogue")
    for ref in ("A|B", "[C]", "D&E+F"):
        assert house.product(ref).name[1] == "Déjà là"


Ailment = tuple[Callable[[House], object], str, Callable[[House], object]]
AILMENTS: dict[str, Ailment] = {
    "three hundred letters in a name": (
        lambda h: h.sage.update_article("ART-005", AR_Design="x" * 300), "text_refused",
        lambda h: h.sage.update_article("ART-005", AR_Design="Court"),
    ),
    "a sign the shop forbids in a name": (
        lambda h: h.sage.update_article("ART-005", AR_Design="a = b"), "text_refused",
        lambda h: h.sage.update_article("ART-005", AR_Design="a égale b"),
    ),
    "no name": (
        lambda h: h.sage.update_article("ART-005", AR_Design=" "), "name_missing",
        lambda h: h.sage.update_article("ART-005", AR_Design="Nommé"),
    ),
    "a price of 0": (
        lambda h: h.sage.set_price("ART-005", 0), "price_missing", lambda h: h.sage.set_price("ART-005", "8.80"),
    ),
    "a VAT code nobody mapped": (
        lambda h: h.sage.set_vat_of_article("ART-005", 1, "EXO"), "vat_unmapped",
        lambda h: h.sage.set_vat_of_article("ART-005", 1, "C20"),
    ),
    "a price beyond all bounds": (
        lambda h: h.sage.set_price("ART-005", "99999999999999"), "amount_refused",
        lambda h: h.sage.set_price("ART-005", "8.80"),
    ),
    "a price that is no number": (
        lambda h: h.sql("UPDATE F_ARTICLE SET AR_PrixVen = 'douze' WHERE AR_Ref = 'ART-005'"), "record_unreadable",
        lambda h: h.sage.set_price("ART-005", "8.80"),
    ),
    "ranges": (
        lambda h: h.sage.update_article("ART-005", AR_Gamme1=1), "variants_off",
        lambda h: h.sage.update_article("ART-005", AR_Gamme1=0),
    ),
    "a barcode the shop refuses": (
        lambda h: h.sage.update_article("ART-005", AR_CodeBarre="PAS-UN-EAN"), "refused_by_shop",
        lambda h: h.sage.update_article("ART-005", AR_CodeBarre="3760000000055"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("ailment", AILMENTS)
def test_a_bad_article_is_one_issue_and_the_others_go_through_until_it_is_corrected(
    house: House, ailment: str, new: bool
) -> None:
    spoil, code, cure = AILMENTS[ailment]
    if not new:
        house.done()
        house.sql("UPDATE F_ARTICLE SET AR_Design = AR_Design || ' bis'")
    spoil(house)
    house.done()
    assert {key for _, key in issues()} == {"ART-005"}
    assert issues()["catalogue", "ART-005"] == code
    others_went_through(house, "ART-005")
    again = house.done()
    assert sum(report.writes for report in again.values()) == (1 if code == "refused_by_shop" else 0)
    assert issues()["catalogue", "ART-005"] == code
    cure(house)
    house.done()
    assert not issues()
    house.assert_shop_equals_erp()


@pytest.mark.parametrize("ailment", [name for name in AILMENTS if name != "a barcode the shop refuses"])
def test_an_article_that_is_put_back_exactly_as_it_was_heals_too(house: House, ailment: str) -> None:
    house.done()
    before = house.sql("SELECT * FROM F_ARTICLE WHERE AR_Ref = 'ART-005'")[0]
    rates = house.sql("SELECT ACP_ComptaCPT_Taxe1 FROM F_ARTCOMPTA WHERE AR_Ref = 'ART-005' AND ACP_TypeFacture = 0")
    AILMENTS[ailment][0](house)
    house.done()
    assert ("catalogue", "ART-005") in issues()
    columns = [row[1] for row in house.sql("PRAGMA table_info(F_ARTICLE)")]
    assignments = ", ".join(f'"{name}" = ?' for name in columns)
    house.sql(f"UPDATE F_ARTICLE SET {assignments} WHERE AR_Ref = 'ART-005'", *before)
    house.sage.set_vat_of_article("ART-005", 1, rates[0][0] if rates else None)
    house.done()
    assert not issues()
    house.assert_shop_equals_erp()


def test_a_reference_that_the_shop_forbids_is_parked_and_never_altered(house: House) -> None:
    house.sage.add_article("X<10", AR_PrixVen="3", AR_Langue1="x")
    house.done()
    assert issues() == {("catalogue", "X<10"): "reference_refused"}
    others_went_through(house, "X<10")


def test_one_item_that_the_shop_refuses_does_not_keep_its_batch_back(house: House) -> None:
    """A barcode of letters: nothing on our side knows that the shop will not have it."""
    for n in (3, 11):
        house.sage.update_article(f"ART-{n:03d}", AR_CodeBarre=f"LETTRES{n}")
    report = house.run("catalogue")
    assert (report.counts["created"], report.counts["failed"]) == (23, 4)
    others_went_through(house, "ART-003", "ART-011")
    house.assert_no_double()
    states = {entry.key: entry.state for entry in journal() if entry.kind == "create_product"}
    assert {key for key, state in states.items() if state == "parked"} == {"ART-003", "ART-011"}
    for n in (3, 11):
        house.sage.update_article(f"ART-{n:03d}", AR_CodeBarre="")
    house.settled()
    house.assert_shop_equals_erp()


def test_a_price_that_vanished_in_the_erp_leaves_the_shop_s_price_alone(house: House) -> None:
    house.done()
    before = house.shop.displayed_price(house.product("ART-005").id)
    house.sage.set_price("ART-005", 0)
    house.settled()
    product = house.product("ART-005")
    assert (house.shop.displayed_price(product.id), product.text("active")) == (before, "1")


@pytest.mark.parametrize("order", [FLOWS, ("prices", "catalogue", "stocks"), ("catalogue",), ("prices",)])
def test_an_article_created_without_a_price_is_hidden_and_never_shown_at_0(
    house: House, order: tuple[str, ...]
) -> None:
    house.sage.set_price("ART-005", 0)
    house.done()
    assert house.product("ART-005").text("active") == "0"
    house.sage.set_price("ART-005", "8.80", ttc=True)
    house.shop.hook("after_write", house.assert_nothing_free, resource="products", times=1000)
    for flow in order:
        house.done(flow)
        house.assert_nothing_free()
    house.done()
    house.assert_shop_equals_erp()


def test_a_stock_that_is_no_number_is_an_issue_of_the_stocks_and_stops_no_catalogue(house: House) -> None:
    house.sql("UPDATE F_ARTSTOCK SET AS_QteSto = 9e999 WHERE AR_Ref = 'ART-005'")
    house.done()
    others_went_through(house, "ART-005")
    assert issues() == {("stocks", "ART-005"): "record_unreadable"}
    house.sage.set_stock("ART-005", 1, on_hand=4, reserved=0, prepared=0)
    house.done()
    assert not issues()
    house.assert_shop_equals_erp()


# --- products that go away in the shop --------------------------------------------------------------------------------


@pytest.mark.parametrize("flow", FLOWS)
def test_a_product_deleted_in_the_shop_is_told_of_and_made_again_by_the_catalogue(house: House, flow: str) -> None:
    house.done()
    house.shop.delete_product(house.product("ART-005").id)
    if flow == "stocks":  # nothing but the stock changes: the catalogue has to look at the article all the same
        house.sage.set_stock("ART-005", 1, on_hand=77)
    else:
        house.sage.update_article("ART-005", AR_Design="Renommé", AR_PrixVen="55.50")
    house.done(flow)
    assert issues() == {(flow, "ART-005"): "gone_from_shop"}
    house.done()
    house.settled()
    house.assert_shop_equals_erp()
    assert not issues()


def test_a_category_and_a_brand_deleted_in_the_shop_are_made_again_when_they_are_needed(house: House) -> None:
    house.done()
    scies = next(row.id for row in house.shop.categories.values() if row.name[1] == "Scies")
    house.shop.database["categories"].remove(scies)
    house.sage.update_article("ART-005", CL_No1=1, CL_No2=2)
    house.done()
    assert house.shown("ART-005") == house.expected()["ART-005"]


# --- connections ------------------------------------------------------------------------------------------------------


def test_a_depot_that_was_renamed_is_an_error_and_never_an_empty_sum(house: House) -> None:
    house.done()
    before = {ref: house.stock_of(ref) for ref in house.refs()}
    house.sage.rename_depot(1, "Entrepôt")
    report = house.run("stocks")
    assert isinstance(report.failure, WarehouseUnknown)
    assert "Entrepôt" in report.failure.message
    assert {ref: house.stock_of(ref) for ref in house.refs()} == before
    house.configure(warehouse="Entrepôt")
    house.settled()


@pytest.mark.parametrize("flow", FLOWS)
def test_a_database_that_is_not_there_or_is_none_fails_the_run_and_changes_nothing(house: House, flow: str) -> None:
    house.done()
    before = {ref: house.shown(ref) for ref in house.refs()}
    content = house.base.read_bytes()
    for path in house.folder.glob("sage.sqlite3*"):
        path.unlink()
    report = house.run(flow)
    assert isinstance(report.failure, (Unavailable, NotThisSystem)), report.failure
    assert not house.base.exists(), "a reader has made a base"
    house.base.write_bytes(b"not a database at all" * 100)
    assert isinstance(house.run(flow).failure, PasserelleError)
    house.base.write_bytes(content)
    assert {ref: house.shown(ref) for ref in house.refs()} == before


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda h: h.configure(key="WRONGKEYWRONGKEYWRONGKEYWRONGKEY"), "credentials_refused"),
        (lambda h: setattr(h.shop, "webservice_enabled", False), "service_disabled"),
        (lambda h: h.sage.rename_depot(1, "Entrepôt"), "warehouse_unknown"),
        (lambda h: h.shop.add_shop("Une autre"), "multishop_refused"),
    ],
)
def test_check_says_it_too_and_changes_nothing(house: House, spoil: Callable[[House], object], code: str) -> None:
    spoil(house)
    findings = services.check(house.opened())
    assert code in {finding.text.code for finding in findings}
    assert not house.writes()


def test_a_shop_in_maintenance_is_served_all_the_same(house: House) -> None:
    house.shop.maintenance = True
    house.settled()
    house.assert_shop_equals_erp()


def test_two_profiles_keep_their_links_apart(build: Builder) -> None:
    house = build()
    house.stock_catalogue(articles=3)
    house.done()
    other = house.folder / "autre.toml"
    other.write_text(house.profile.read_text(encoding="utf-8").replace('"maison"', '"autre"').replace('"MD"', '"AU"'))
    opened = wiring.open_profile(str(other), clock=house.clock, environ={})
    report = services.run_flow(opened, "catalogue")
    assert report.state == "done"
    assert report.counts["created"] == 0  # the shop has them: adopted by the second profile
    assert {row.text("reference") for row in house.shop.products.values()} == {"ART-001", "ART-002", "ART-003"}
    assert Decimal(house.product("ART-001").text("price")) > 0
