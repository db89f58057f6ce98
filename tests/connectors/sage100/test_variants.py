"""Combinations of ranges as variants: what they are called, cost and hold, and what becomes of odd bases."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.sage100.harness import BRUN, NOIR, SageHarness

from passerelle.domain.catalogue import Product, Variant
from passerelle.domain.pricing import Price
from passerelle.errors import PriceCategoryUnknown, RecordUnreadable
from passerelle.ports.erp import ProductQuery, StockQuery

SIZE, COLOUR = 1, 2


def read(harness: SageHarness, ref: str = "SECU", **query: Any) -> Product:
    pages = harness.adapter.products(ProductQuery(variants=True, **query))
    return {one.key: one for page in pages for one in page}[ref].read()


def variants(harness: SageHarness, **query: Any) -> list[Variant]:
    return list(read(harness, **query).variants)


def digest(harness: SageHarness, **query: Any) -> bytes:
    pages = harness.adapter.products(ProductQuery(**{"variants": True, **query}))
    return {one.key: one.digest for page in pages for one in page}["SECU"]


# --- references ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blank", ["", "   ", None])
def test_a_blank_reference_is_made_of_the_article_and_its_values(shoe: SageHarness, blank: str | None) -> None:
    shoe.edits.update_combination("SECU", NOIR, AE_Ref=blank)
    assert [one.sku for one in variants(shoe)] == ["SECU-40-Noir", "SECU-40-Brun"]


def test_values_are_spelled_as_sage_spells_them_but_for_the_spaces_at_their_end(shoe: SageHarness) -> None:
    shoe.edits.add_article("A 1/B", AR_Gamme1=SIZE)
    shoe.edits.add_combination("A 1/B", (" Grand  modèle é-œ  ",))
    (found,) = read(shoe, "A 1/B").variants
    assert (found.sku, found.options) == ("A 1/B- Grand  modèle é-œ", (("Pointure", " Grand  modèle é-œ"),))


def test_a_reference_of_its_own_is_taken_and_its_id_is_its_numbers(shoe: SageHarness) -> None:
    shoe.edits.update_combination("SECU", NOIR, AE_Ref="SN-40  ")
    assert [(one.sku, one.erp_id) for one in variants(shoe)] == [("SN-40", "1-2"), ("SECU-40-Brun", "1-3")]
    shoe.edits.add_article("GANT", AR_Gamme1=SIZE)
    assert shoe.edits.add_combination("GANT", ("L",)) == "4-0"
    assert [one.erp_id for one in read(shoe, "GANT").variants] == ["4-0"]


def test_variants_come_in_the_order_of_their_values_in_sage(shoe: SageHarness) -> None:
    for values in (("39", "Noir"), ("41", "Brun"), ("40", "Blanc"), ("39", "Brun")):
        shoe.edits.add_combination("SECU", values)
    found = ["-".join(value for _, value in one.options) for one in variants(shoe)]
    assert found == ["40-Noir", "40-Brun", "40-Blanc", "39-Noir", "39-Brun", "41-Brun"]


@pytest.mark.parametrize(("position", "gone"), [(0, "40"), (1, "Noir")])
def test_a_value_that_sage_no_longer_has_is_empty_and_the_other_variants_stay(
    shoe: SageHarness, position: int, gone: str
) -> None:
    shoe.edits.add_combination("SECU", ("41", "Brun"))
    shoe.edits.delete_range_value("SECU", gone, position=position)
    found = variants(shoe)
    assert len(found) == len({one.sku for one in found}) == 3
    assert found[0].options[position] == (("Pointure", "Couleur")[position], "")
    assert found[0].sku == ("SECU-1-Noir" if position == 0 else "SECU-40-2")
    assert found[2].options == (("Pointure", "41"), ("Couleur", "Brun"))


def test_two_combinations_without_any_value_left_are_told_apart(shoe: SageHarness) -> None:
    shoe.execute("DELETE FROM F_ARTGAMME")
    assert [one.sku for one in variants(shoe)] == ["SECU-1-2", "SECU-1-3"]


@pytest.mark.parametrize("name", ["", "  ", None])
def test_a_range_without_a_name_is_called_by_its_place(shoe: SageHarness, name: str | None) -> None:
    shoe.execute("UPDATE P_GAMME SET G_Intitule = ?", (name,))
    assert variants(shoe)[0].options == (("Gamme 1", "40"), ("Gamme 2", "Noir"))
    shoe.execute("DELETE FROM P_GAMME")
    assert variants(shoe)[0].options == (("Gamme 1", "40"), ("Gamme 2", "Noir"))


def test_two_ranges_of_one_name_are_told_apart(shoe: SageHarness) -> None:
    shoe.edits.name_range(COLOUR, "POINTURE ")
    assert variants(shoe)[0].options == (("Pointure", "40"), ("POINTURE 2", "Noir"))


def test_a_combination_of_two_ranges_without_a_second_value_is_incomplete(shoe: SageHarness) -> None:
    shoe.execute("UPDATE F_ARTENUMREF SET AG_No2 = NULL WHERE AG_No2 = 3")
    incomplete, whole = variants(shoe)
    assert (incomplete.sku, incomplete.erp_id, incomplete.options[1]) == ("SECU-40", "1-0", ("Couleur", ""))
    assert whole.options[1] == ("Couleur", "Noir")


def test_a_combination_that_is_there_twice_is_one_variant(shoe: SageHarness) -> None:
    shoe.execute("INSERT INTO F_ARTENUMREF (AR_Ref, AG_No1, AG_No2, AE_Ref) VALUES ('SECU', 1, 2, 'LATER')")
    assert [one.sku for one in variants(shoe)] == ["SECU-40-Noir", "SECU-40-Brun"]
    levels = shoe.adapter.stock(StockQuery(warehouses=("1",), variants=True))
    assert [one.key for page in levels for one in page] == ["SECU-40-Noir", "SECU-40-Brun"]


# --- barcodes and prices ---------------------------------------------------------------------------------------------


def test_the_barcode_is_the_combination_s_own_else_that_of_the_price_category(shoe: SageHarness) -> None:
    shoe.edits.update_combination("SECU", NOIR, AE_CodeBarre=" 3250000000014 ")
    for values in (NOIR, BRUN):
        shoe.edits.set_combination_price("SECU", values, 2, 0, barcode="3250000000021")
    assert [one.gtin for one in variants(shoe, variant_prices="2")] == ["3250000000014", "3250000000021"]
    assert [one.gtin for one in variants(shoe, variant_prices="2", prices=False)] == ["3250000000014", "3250000000021"]
    assert [one.gtin for one in variants(shoe)] == ["3250000000014", ""]


def test_two_combinations_of_one_barcode_are_both_read(shoe: SageHarness) -> None:
    for values in (NOIR, BRUN):
        shoe.edits.update_combination("SECU", values, AE_CodeBarre="3250000000014")
    assert [one.gtin for one in variants(shoe)] == ["3250000000014"] * 2


@pytest.mark.parametrize(
    ("query", "amount"),
    [
        ({}, "61"),
        ({"variant_prices": "1"}, "61"),
        ({"variant_prices": "Professionnels"}, "62"),
        ({"variant_prices": "professionnels", "base_price": "3"}, "62"),
        ({"base_price": "2"}, "62"),
        ({"base_price": "article"}, "61"),
        ({"base_price": "2", "variant_prices": "1"}, "61"),
        ({"variant_prices": "3"}, None),
    ],
)
def test_the_price_is_that_of_the_category_named_else_of_the_base_price_s_else_of_the_first(
    shoe: SageHarness, query: dict[str, str], amount: str | None
) -> None:
    shoe.edits.set_combination_price("SECU", NOIR, 1, 61)
    shoe.edits.set_combination_price("SECU", NOIR, 2, 62)
    first, other = variants(shoe, **query)
    assert first.price == (None if amount is None else Price(Decimal(amount), False))
    assert other.price is None


def test_a_price_of_zero_is_the_article_s(shoe: SageHarness) -> None:
    shoe.edits.set_combination_price("SECU", NOIR, 1, 0)
    shoe.edits.set_combination_price("SECU", BRUN, 1, -1)
    assert [one.price for one in variants(shoe)] == [None, None]


@pytest.mark.parametrize("customer", ["A01", "CL1", "a1", "a010", " a01"])
def test_the_price_of_a_customer_or_supplier_is_nobody_else_s(shoe: SageHarness, customer: str) -> None:
    before = digest(shoe)
    shoe.edits.set_combination_price("SECU", NOIR, customer, 7, barcode="3250000000014")
    assert [(one.price, one.gtin) for one in variants(shoe)] == [(None, "")] * 2
    assert digest(shoe) == before
    shoe.execute("INSERT INTO F_TARIFGAM (AR_Ref, AG_No1, AG_No2, TG_RefCF, TG_Prix) VALUES ('SECU', 1, 2, 'a01  ', 8)")
    assert variants(shoe)[0].price == Price(Decimal(8), False)


@pytest.mark.parametrize(
    ("category_flag", "article_flag", "included"),
    [(1, 0, True), (0, 1, False), (None, 1, True), (None, 0, False)],
)
def test_a_variant_s_price_includes_vat_where_its_article_s_row_of_the_category_says_so_else_the_article(
    shoe: SageHarness, category_flag: int | None, article_flag: int, included: bool
) -> None:
    shoe.edits.update_article("SECU", AR_PrixTTC=article_flag)
    shoe.edits.set_combination_price("SECU", NOIR, 2, 62)
    if category_flag is not None:
        shoe.edits.set_category_price("SECU", 2, 0, ttc=bool(category_flag))
    shoe.edits.set_category_price("SECU", 1, 5, ttc=not included)
    assert variants(shoe, variant_prices="2")[0].price == Price(Decimal(62), included)
    asked = variants(shoe, variant_prices="2", tax_included=not included)
    assert asked[0].price == Price(Decimal(62), not included)


def test_the_flag_of_one_customer_s_row_is_not_that_of_the_category(shoe: SageHarness) -> None:
    shoe.edits.set_combination_price("SECU", NOIR, 2, 62)
    sql = "INSERT INTO F_ARTCLIENT (AR_Ref, AC_Categorie, CT_Num, AC_PrixTTC) VALUES ('SECU', ?, ?, ?)"
    for values in ((2, "CL1", 1), (2, "  ", 0), (2, None, 1)):
        shoe.execute(sql, values)
    first, other = variants(shoe, variant_prices="2")
    assert (first.price, other.price) == (Price(Decimal(62), False), None)


def test_a_category_that_is_unknown_is_told_before_anything_is_read(shoe: SageHarness) -> None:
    for query in ({"variant_prices": "5"}, {"variant_prices": "", "base_price": "Inconnu"}):
        with pytest.raises(PriceCategoryUnknown):
            shoe.adapter.products(ProductQuery(variants=True, **query))
    shoe.adapter.products(ProductQuery(variant_prices="5"))


def test_a_price_that_is_no_number_concerns_its_article_alone(shoe: SageHarness) -> None:
    shoe.edits.add_article("A1")
    shoe.edits.set_combination_price("SECU", NOIR, 1, 61)
    shoe.execute("UPDATE F_TARIFGAM SET TG_Prix = 'gratuit'")
    with pytest.raises(RecordUnreadable, match=r"SECU.*TG_Prix is not a number"):
        read(shoe)
    assert read(shoe, "A1").sku == "A1"


# --- digests ---------------------------------------------------------------------------------------------------------


def test_the_digest_follows_every_row_that_a_variant_is_made_of(shoe: SageHarness) -> None:
    seen = [digest(shoe)]
    for change in (
        lambda: shoe.edits.name_range(COLOUR, "Coloris"),
        lambda: shoe.execute("UPDATE F_ARTGAMME SET EG_Enumere = 'Ébène' WHERE EG_Enumere = 'Noir'"),
        lambda: shoe.edits.set_combination_price("SECU", BRUN, 1, 61),
        lambda: shoe.edits.set_category_price("SECU", 1, 0, ttc=True),
        lambda: shoe.edits.set_combination_price("SECU", BRUN, 1, 61, barcode="3250000000014"),
        lambda: shoe.edits.delete_range_value("SECU", "40"),
    ):
        change()
        seen.append(digest(shoe))
    assert len(set(seen)) == len(seen)


def test_the_digest_does_not_follow_what_nobody_sells_or_wants(shoe: SageHarness) -> None:
    shoe.edits.add_combination("SECU", ("41", "Noir"), AE_Sommeil=1)
    before, without, without_prices = digest(shoe), digest(shoe, variants=False), digest(shoe, prices=False)
    shoe.edits.update_combination("SECU", ("41", "Noir"), AE_Ref="X")
    shoe.edits.set_combination_price("SECU", NOIR, 2, 62)
    shoe.edits.set_combination_stock("SECU", NOIR, 1, on_hand=5)
    assert digest(shoe) == before
    shoe.edits.set_combination_price("SECU", NOIR, 1, 61)
    assert digest(shoe) != before
    assert digest(shoe, variants=False) == without
    shoe.edits.set_combination_price("SECU", NOIR, 1, 63)
    assert digest(shoe, prices=False) != without_prices  # a row is there now, which may hold a barcode
    assert digest(shoe, prices=False) == digest(shoe, prices=False)
