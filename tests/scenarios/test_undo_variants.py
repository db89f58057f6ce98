"""A run that wrote variants, taken back: the price of a product and those of its variants go back together."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import House, differences, stored
from tests.scenarios.ranged_house import RANGES, Shown, add_ranged, expected, name_ranges, shown
from tests.scenarios.test_undo import approve, nothing_to_write, reasons, taken_back, undo

from passerelle.app import services
from passerelle.app.selectors import plan_of
from passerelle.app.services import Report
from passerelle.planner.actions import ActionKind

pytestmark = pytest.mark.slow
OWN = ("M", "Bleu")  # the combination that has a price of its own


@pytest.fixture
def house(build: Builder) -> House:
    """A house in step with a ranged article, one combination of which has a price of its own."""
    made = build(extra=RANGES)
    made.stock_catalogue(articles=3)
    name_ranges(made)
    add_ranged(made, "CHEMISE", sizes=("S", "M"), colours=("Rouge", "Bleu"))
    made.sage.set_combination_price("CHEMISE", OWN, 1, "14.50")
    made.settled()
    made.shop.reset_counters()
    return made


def reprice(house: House, *, base: str = "", own: str = "") -> Report:
    """The article and its own-priced combination cost something else; gives the run of prices."""
    if base:
        house.sage.update_article("CHEMISE", AR_PrixVen=base)
    if own:
        house.sage.set_combination_price("CHEMISE", OWN, 1, own)
    return house.done("prices")["prices"]


def prices(house: House) -> dict[str, Decimal]:
    return {values: one.price for values, one in shown(house, "CHEMISE").items()}


def sku_of(house: House) -> str:
    """The reference of the combination that has a price of its own."""
    [row] = [
        row
        for row in house.shop.combinations_of(house.product("CHEMISE").id).values()
        if Decimal(row.text("price") or "0")
    ]
    return row.text("reference")


def assert_equal(house: House) -> None:
    assert shown(house, "CHEMISE") == expected(house, "CHEMISE")


@pytest.mark.parametrize(("base", "own"), [("12", "16"), ("12", ""), ("", "16")])
def test_a_price_run_of_a_ranged_article_is_brought_back_and_stays(house: House, base: str, own: str) -> None:
    before, was = stored(house.shop), shown(house, "CHEMISE")
    run = reprice(house, base=base, own=own)
    assert shown(house, "CHEMISE") != was
    taken_back(house, run)
    assert shown(house, "CHEMISE") == was
    assert {key for key in differences(before, house.shop) if key[2] != "date_upd"} == set()
    pinned = {key for key, code in reasons(house, house.run("prices", preview=True)) if code == "pinned"}
    assert pinned == {*(["CHEMISE"] if base else []), sku_of(house)}


def test_the_erp_that_changes_one_price_frees_that_one_beside_the_price_held_back(house: House) -> None:
    was = prices(house)
    taken_back(house, reprice(house, base="12", own="16"))
    reprice(house, own="17")
    assert prices(house) == {**was, "Bleu M": expected(house, "CHEMISE")["Bleu M"].price}
    assert nothing_to_write(house)
    reprice(house, base="13")
    assert_equal(house)
    assert nothing_to_write(house)


@pytest.mark.parametrize("only", ["CHEMISE", None])
def test_a_release_sends_the_prices_of_product_and_variants_again(house: House, only: str | None) -> None:
    taken_back(house, reprice(house, base="12", own="16"))
    services.release(house.opened(), only=only)
    services.release(house.opened(), only=only and sku_of(house))
    house.done("prices")
    assert_equal(house)
    assert nothing_to_write(house)


def test_a_release_of_a_variant_alone_sends_its_price_beside_the_one_held_back(house: House) -> None:
    was = prices(house)
    taken_back(house, reprice(house, base="12", own="16"))
    assert services.release(house.opened(), only=sku_of(house)) == 1
    house.done("prices")
    assert prices(house) == {**was, "Bleu M": expected(house, "CHEMISE")["Bleu M"].price}
    assert nothing_to_write(house)


def test_an_undo_is_undone_like_any_run(house: House) -> None:
    undone = taken_back(house, reprice(house, base="12", own="16"))
    taken_back(house, undone)
    assert_equal(house)


def test_a_price_stays_where_one_of_its_variants_was_priced_again_since(house: House) -> None:
    first = reprice(house, base="12", own="16")
    reprice(house, own="17")
    before = shown(house, "CHEMISE")
    planned = undo(house, first)
    told = dict(reasons(house, planned))
    assert told == {"CHEMISE": "undo_family", sku_of(house): "undo_since"}
    assert (planned.state, shown(house, "CHEMISE")) == ("done", before)
    assert_equal(house)


def test_a_variant_priced_again_between_the_preview_and_the_approval_keeps_the_others_waiting(house: House) -> None:
    planned = undo(house, reprice(house, base="12", own="16"))
    assert planned.counts["planned"] == 2
    reprice(house, own="17")
    done = approve(house, planned)
    assert (done.counts["updated"], done.counts["failed"]) == (0, 2)
    assert_equal(house)


def test_prices_of_variants_stay_where_that_of_their_product_was_written_again_since(house: House) -> None:
    first = reprice(house, own="16")
    reprice(house, base="12")
    planned = undo(house, first)
    assert dict(reasons(house, planned)) == {sku_of(house): "undo_since"}
    assert planned.state == "done"
    assert_equal(house)


def test_a_price_stays_where_a_variant_was_made_beside_it_since(house: House) -> None:
    first = reprice(house, base="12", own="16")
    house.sage.add_combination("CHEMISE", ("L", "Bleu"))
    house.sage.set_combination_price("CHEMISE", ("L", "Bleu"), 1, "20")
    house.done()
    before = shown(house, "CHEMISE")
    planned = undo(house, first)
    assert dict(reasons(house, planned)) == {"CHEMISE": "undo_family", _skus(house, "16"): "undo_family"}
    assert (planned.state, shown(house, "CHEMISE")) == ("done", before)


def _skus(house: House, price: str) -> str:
    product = house.product("CHEMISE")
    base = Decimal(product.text("price"))
    [row] = [
        row
        for row in house.shop.combinations_of(product.id).values()
        if base + Decimal(row.text("price") or "0") == Decimal(price)
    ]
    return row.text("reference")


def test_a_combination_that_took_its_articles_price_gets_its_own_back(house: House) -> None:
    was = prices(house)
    run = reprice(house, base="12", own="0")
    assert prices(house)["Bleu M"] == prices(house)["Rouge S"]
    taken_back(house, run)
    assert prices(house) == was


def test_a_barcode_of_a_variant_is_brought_back_and_stays(house: House) -> None:
    sheet = _sheets(house)
    sku = sku_of(house)
    house.sql("UPDATE F_ARTENUMREF SET AE_CodeBarre = '3250000000014' WHERE AR_Ref = 'CHEMISE'")
    house.sql(
        "UPDATE F_ARTENUMREF SET AE_CodeBarre = '' WHERE AR_Ref = 'CHEMISE' AND rowid > "
        "(SELECT MIN(rowid) FROM F_ARTENUMREF WHERE AR_Ref = 'CHEMISE')"
    )
    run = house.done("catalogue")["catalogue"]
    assert _sheets(house) != sheet
    taken_back(house, run)
    assert _sheets(house) == sheet
    assert sku_of(house) == sku


def _sheets(house: House) -> dict[str, str]:
    rows = house.shop.combinations_of(house.product("CHEMISE").id).values()
    return {row.text("reference"): row.text("ean13") for row in rows}


def test_variants_that_were_created_or_deleted_are_listed(house: House) -> None:
    house.configure(extra=RANGES + "delete_missing = true\n")
    house.settled()
    house.sage.add_combination("CHEMISE", ("L", "Bleu"))
    house.sage.set_combination_dormant("CHEMISE", ("S", "Rouge"), True)
    run = house.done("catalogue")["catalogue"]
    before = shown(house, "CHEMISE")
    planned = undo(house, run)
    kinds = {p.action.kind for p in plan_of(house.opened(), planned.run)}
    codes = [code for _, code in reasons(house, planned)]
    assert codes.count("undo_variant") == 2
    assert kinds <= {ActionKind.SKIP, ActionKind.UPDATE_VARIANT}
    if planned.state == "held":
        approve(house, planned)
    assert {one: seen.price for one, seen in shown(house, "CHEMISE").items()} == _prices_of(before)
    assert nothing_to_write(house)


def _prices_of(seen: dict[str, Shown]) -> dict[str, Decimal]:
    return {one: shown.price for one, shown in seen.items()}
