"""Matching, taxes, prices, guards: the pure decisions about one article or one plan."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.domain.catalogue import ShopProduct
from passerelle.domain.facets import Facet, Stock, StoredPrice
from passerelle.domain.money import rounded, with_vat
from passerelle.domain.pricing import Price, Tax, TaxRule, stored_price
from passerelle.errors import (
    MatchAmbiguous,
    MatchContradicts,
    TaxKeyAmbiguous,
    TaxRuleUnknown,
    VatMissing,
    VatRateDiffers,
    VatUnmapped,
)
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.guards import Totals, Weigher
from passerelle.planner.matching import Candidates
from passerelle.planner.taxes import TaxMap
from passerelle.profile.sections import GuardOptions

RULES = (TaxRule("1", "20 %", Decimal(20)), TaxRule("3", "5.5 %", Decimal("5.5")), TaxRule("9", "EU", None))


def _shop(shop_id: str, sku: str, gtin: str = "") -> ShopProduct:
    return ShopProduct(shop_id=shop_id, sku=sku, gtin=gtin)


# --- matching ---


def test_the_exact_reference_wins_over_one_that_differs_by_case() -> None:
    found = Candidates([_shop("1", "abc"), _shop("2", "ABC")]).match("ABC", gtin="", gtin_shared=False)
    assert found is not None
    assert found.shop_id == "2"


def test_a_reference_that_differs_by_case_matches_when_it_is_alone() -> None:
    assert Candidates([_shop("1", "abc")]).match("ABC", gtin="", gtin_shared=False) is not None


def test_two_products_with_the_reference_are_never_guessed_between() -> None:
    with pytest.raises(MatchAmbiguous, match="1, 2"):
        Candidates([_shop("1", "ABC"), _shop("2", "ABC")]).match("ABC", gtin="", gtin_shared=False)


def test_a_barcode_matches_a_product_without_a_reference() -> None:
    found = Candidates([_shop("1", "", "3700000000017")]).match("ABC", gtin="3700000000017", gtin_shared=False)
    assert found is not None


def test_a_barcode_of_another_reference_is_an_issue() -> None:
    with pytest.raises(MatchContradicts, match="XYZ"):
        Candidates([_shop("1", "XYZ", "3700000000017")]).match("ABC", gtin="3700000000017", gtin_shared=False)


def test_a_barcode_two_articles_share_identifies_nothing() -> None:
    assert Candidates([_shop("1", "", "3700000000017")]).match("ABC", gtin="3700000000017", gtin_shared=True) is None


# --- taxes ---


def test_an_exact_tax_code_wins_over_the_rate() -> None:
    taxes = TaxMap({"20": 1, "C20": 9}, rules=RULES)
    assert taxes.rule(Tax("C20", Decimal(20)), key="A").rule == "9"
    assert taxes.rule(Tax("T20", Decimal(20)), key="A").rule == "1"


def test_a_rate_is_a_number_however_it_is_written() -> None:
    assert TaxMap({"5,50": 3}, rules=RULES).rule(Tax("X", Decimal("5.5")), key="A").rule == "3"


def test_what_cannot_be_mapped_says_why() -> None:
    taxes = TaxMap({"20": 1, "10": 3}, rules=RULES)
    with pytest.raises(VatMissing):
        taxes.rule(None, key="A")
    with pytest.raises(VatUnmapped, match=r"5\.5"):
        taxes.rule(Tax("C55", Decimal("5.5")), key="A")
    with pytest.raises(VatRateDiffers, match="10"):
        taxes.rule(Tax("C10", Decimal(10)), key="A")
    with pytest.raises(TaxRuleUnknown):
        TaxMap({"20": 77}, rules=RULES)


def test_a_key_that_is_a_code_of_another_rate_is_refused() -> None:
    with pytest.raises(TaxKeyAmbiguous):
        TaxMap({"20": 1}, rules=RULES).rule(Tax("20", Decimal("5.5")), key="A")


# --- prices ---


@given(
    st.decimals(min_value="0.01", max_value="99999.99", places=2),
    st.sampled_from([Decimal(20), Decimal(10), Decimal("5.5"), Decimal("2.1")]),
)
def test_a_price_incl_vat_shows_to_the_cent(amount: Decimal, rate: Decimal) -> None:
    stored = stored_price(Price(amount, True), rate=rate, basis="excl", places=6)
    assert rounded(with_vat(stored, rate=rate), places=2) == amount


def test_a_conversion_without_a_rate_is_an_error_and_none_is_needed_otherwise() -> None:
    assert stored_price(Price(Decimal("8.3333333"), False), rate=None, basis="excl", places=6) == Decimal("8.333333")
    with pytest.raises(ValueError, match="VAT rate"):
        stored_price(Price(Decimal(10), True), rate=None, basis="excl", places=6)


# --- guards ---


def _price(stored: str) -> StoredPrice:
    return StoredPrice(Decimal(stored), Decimal(stored), False)


def _reasons(actions: list[Action], **totals: int) -> list[str]:
    weigher = Weigher(GuardOptions())
    for action in actions:
        weigher.see(action)
    return [reason.code for reason in weigher.reasons(Totals(**totals))]


def _moves(count: int, old: str, new: str) -> list[Action]:
    bodies = {"old": {Facet.PRICE: _price(old)}, "new": {Facet.PRICE: _price(new)}}
    return [Action(kind=ActionKind.UPDATE_PRODUCT, key=f"A{n}", **bodies) for n in range(count)]  # type: ignore[arg-type]


def test_creations_are_never_held() -> None:
    created = [Action(kind=ActionKind.CREATE_PRODUCT, key=f"A{n}", new={Facet.PRICE: _price("1")}) for n in range(500)]
    assert _reasons(created, read=500) == []


def test_an_empty_source_holds() -> None:
    assert _reasons([], read=0, linked=10) == ["guard_empty"]


@pytest.mark.parametrize(("gone", "held"), [(10, []), (11, ["guard_gone"])])
def test_more_than_a_tenth_gone_holds(gone: int, held: list[str]) -> None:
    actions = [Action(kind=ActionKind.HIDE_PRODUCT, key=f"A{n}") for n in range(gone)]
    assert _reasons(actions, read=90, linked=100) == held


@pytest.mark.parametrize(("count", "held"), [(30, []), (31, ["guard_to_zero"])])
def test_more_than_three_tenths_sold_out_holds(count: int, held: list[str]) -> None:
    actions = [
        Action(kind=ActionKind.SET_STOCK, key=f"A{n}", old={Facet.STOCK: Stock(5)}, new={Facet.STOCK: Stock(0)})
        for n in range(count)
    ]
    assert _reasons(actions, read=100, linked=200, in_stock=100) == held


@pytest.mark.parametrize(("new", "held"), [("15", []), ("15.01", ["guard_price_jump"]), ("4.99", ["guard_price_jump"])])
def test_one_price_that_jumps_holds(new: str, held: list[str]) -> None:
    assert _reasons(_moves(1, "10", new), read=100, linked=100, priced=100) == held


@pytest.mark.parametrize(("count", "held"), [(30, []), (31, ["guard_prices"])])
def test_many_prices_that_move_hold(count: int, held: list[str]) -> None:
    assert _reasons(_moves(count, "10", "11"), read=100, linked=100, priced=100) == held
