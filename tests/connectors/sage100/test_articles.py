"""What is read of an article, and how."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.sage100.harness import SageHarness

from passerelle.connectors.sage100 import mapping
from passerelle.connectors.sage100.wire import Article, CatalogueNode, CategoryPrice
from passerelle.domain.catalogue import Product
from passerelle.domain.pricing import Price
from passerelle.errors import FieldUnknown, PriceCategoryUnknown, RecordUnreadable
from passerelle.ports.erp import ProductQuery
from passerelle.testing.builders import article

CENTS = st.decimals(min_value=0, max_value=10_000, places=2)


def read(harness: SageHarness, ref: str = "A1", **query: Any) -> Product:
    found = {one.key: one for page in harness.adapter.products(ProductQuery(**query)) for one in page}
    return found[ref].read()


def digest(harness: SageHarness, ref: str = "A1", **query: Any) -> bytes:
    return {one.key: one.digest for page in harness.adapter.products(ProductQuery(**query)) for one in page}[ref]


# --- prices ----------------------------------------------------------------------------------------------------------


def row(**columns: Any) -> Article:
    values: dict[str, Any] = dict.fromkeys(Article._fields[:10])
    return Article(**{**values, "cbMarq": 1, "AR_Ref": "A1", **columns})


@given(sale=CENTS, purchase=CENTS, coefficient=CENTS, tariff=CENTS, tariff_coefficient=CENTS, has_row=st.booleans())
def test_the_first_price_above_zero_in_sages_order_is_the_base_price(
    sale: Decimal, purchase: Decimal, coefficient: Decimal, tariff: Decimal, tariff_coefficient: Decimal, has_row: bool
) -> None:
    category = CategoryPrice(tariff, 1, tariff_coefficient) if has_row else None
    found = mapping.price(
        row(AR_PrixVen=sale, AR_PrixTTC=0, AR_PrixAch=purchase, AR_Coef=coefficient),
        category=category,
        tax_included=None,
    )
    wanted = [(sale, False), (coefficient * purchase, False)]
    if has_row:
        wanted = [(tariff, True), (tariff_coefficient * purchase, True), *wanted]
    assert found == next((Price(amount, flag) for amount, flag in wanted if amount > 0), None)


def test_the_profile_says_whether_a_tariff_price_includes_vat(harness: SageHarness) -> None:
    harness.seed(article("A1", price=Decimal(10)))
    harness.edits.set_category_price("A1", 2, "8.10", ttc=True)
    assert read(harness, base_price="Professionnels").price == Price(Decimal("8.1"), True)
    assert read(harness, base_price="professionnels", tax_included=False).price == Price(Decimal("8.1"), False)
    assert read(harness, base_price="2").price == Price(Decimal("8.1"), True)
    assert read(harness, base_price="3").price == Price(Decimal(10), False)


def test_a_price_in_a_foreign_currency_is_not_used(harness: SageHarness) -> None:
    harness.seed(article("A1", price=Decimal(10)))
    harness.edits.set_category_price("A1", 2, 0)
    harness.execute("UPDATE F_ARTCLIENT SET AC_PrixDev = 7, AC_Devise = 2")
    assert read(harness, base_price="2").price == Price(Decimal(10), False)


def test_the_price_of_one_customer_is_not_that_of_the_category(harness: SageHarness) -> None:
    harness.seed(article("A1", price=Decimal(10)))
    sql = "INSERT INTO F_ARTCLIENT (AR_Ref, AC_Categorie, CT_Num, AC_PrixVen) VALUES ('A1', ?, ?, ?)"
    for values in ((2, "CINTERNET", 1), (0, "CINTERNET", 2), (2, "  ", 8), (2, None, 9)):
        harness.execute(sql, values)
    assert read(harness, base_price="2").price == Price(Decimal(8), False)


def test_an_unused_price_category_is_unknown_and_the_used_ones_are_named(harness: SageHarness) -> None:
    with pytest.raises(PriceCategoryUnknown) as refused:
        harness.adapter.products(ProductQuery(base_price="5"))
    assert "Revendeurs (4)" in refused.value.message


def test_prices_are_not_read_where_nobody_wants_them(harness: SageHarness) -> None:
    harness.seed(article("A1", price=Decimal(10)))
    query = ProductQuery(prices=False, base_price="no such thing", fields=frozenset({"AR_PrixVen"}))
    (page,) = harness.adapter.products(query)
    product = page[0].read()
    assert product.price is None
    assert product.fields == {"AR_PrixVen": "10"}


def test_a_price_that_is_no_number_concerns_its_article_alone(harness: SageHarness) -> None:
    harness.seed(article("A1"), article("A2"))
    harness.execute("UPDATE F_ARTICLE SET AR_PrixVen = 'gratuit' WHERE AR_Ref = 'A1'")
    with pytest.raises(RecordUnreadable, match="sale price is not a number"):
        read(harness, "A1")
    assert read(harness, "A2").price == Price(Decimal("12.5"), False)


# --- VAT -------------------------------------------------------------------------------------------------------------


def test_the_article_s_own_vat_comes_before_its_family_s(harness: SageHarness) -> None:
    harness.edits.add_article("A1")
    harness.edits.add_article("A2")
    harness.edits.set_vat_of_article("A1", 1, "C55")
    assert [read(harness, ref).tax.rate for ref in ("A1", "A2")] == [Decimal("5.5"), 20]  # type: ignore[union-attr]
    assert read(harness, "A1", vat_category=2).tax.code == "EXO"  # type: ignore[union-attr]


def test_an_amount_per_piece_is_no_vat_rate(harness: SageHarness) -> None:
    harness.edits.add_article("A1")
    harness.execute("UPDATE F_TAXE SET TA_TTaux = 1 WHERE TA_Code = 'C20'")
    assert read(harness).tax is None


def test_the_digest_follows_the_vat_of_the_family_and_its_rate(harness: SageHarness) -> None:
    harness.edits.add_article("A1")
    seen = {digest(harness)}
    harness.edits.set_vat_of_family("DIVERS", 1, "C10")
    seen.add(digest(harness))
    harness.execute("UPDATE F_TAXE SET TA_Taux = 9 WHERE TA_Code = 'C10'")
    seen.add(digest(harness))
    harness.edits.set_vat_of_article("A1", 1, "C55")
    seen.add(digest(harness))
    harness.execute("UPDATE F_TAXE SET TA_Taux = 5 WHERE TA_Code = 'C55'")
    assert len(seen | {digest(harness)}) == 5


def test_codes_are_compared_as_sql_server_does(harness: SageHarness) -> None:
    harness.edits.add_article("A1", FA_CodeFamille="divers  ")
    harness.execute("UPDATE F_FAMCOMPTA SET FCP_ComptaCPT_Taxe1 = 'c20 ' WHERE FCP_ComptaCPT_Taxe1 = 'C20'")
    product = read(harness, fields=frozenset({"FA_Intitule"}))
    assert product.tax is not None
    assert (product.tax.code, product.fields["FA_Intitule"]) == ("C20", "Divers")


# --- texts -----------------------------------------------------------------------------------------------------------


def test_only_the_spaces_at_the_end_are_taken_off(harness: SageHarness) -> None:
    harness.edits.add_article(" 00a b  ", AR_Design="  Clé  plate   ")
    assert (read(harness, " 00a b").sku, read(harness, " 00a b").label) == (" 00a b", "  Clé  plate")


def test_informations_libres_and_odd_names_are_fields(harness: SageHarness) -> None:
    harness.edits.add_article("A1", **{"Marque commerciale": "Forgial  ", "Densité": "7.850000", "AR_Stat01": None})
    names = frozenset({"marque commerciale", "Densité", "AR_Stat01", "FA_Intitule", "AR_Ref", "AR_DateApplication"})
    assert names - {"marque commerciale"} <= set(harness.adapter.fields())
    assert read(harness, fields=names).fields == {
        "marque commerciale": "Forgial",
        "Densité": "7.85",
        "AR_Stat01": "",
        "FA_Intitule": "Divers",
        "AR_Ref": "A1",
        "AR_DateApplication": "",
    }


def test_a_date_is_shown_without_the_time_it_does_not_have(harness: SageHarness) -> None:
    harness.edits.add_article("A1", AR_DateApplication="2026-03-01 00:00:00")
    assert read(harness, fields=frozenset({"AR_DateApplication"})).fields["AR_DateApplication"] == "2026-03-01"


def test_technical_columns_are_no_fields(harness: SageHarness) -> None:
    assert not [field for field in harness.adapter.fields() if field.startswith("cb")]


def test_an_unknown_field_is_refused_with_the_nearest_names(harness: SageHarness) -> None:
    with pytest.raises(FieldUnknown) as refused:
        harness.adapter.products(ProductQuery(fields=frozenset({"Marque"})))
    assert "Marque commerciale" in refused.value.params["nearest"]


def glossary(harness: SageHarness, number: int, *, order: int, text: str, start: str = "", end: str = "") -> None:
    harness.execute("INSERT INTO F_ARTGLOSS (AR_Ref, GL_No, AGL_Num) VALUES ('A1', ?, ?)", (number, order))
    harness.execute(
        "INSERT INTO F_GLOSSAIRE (GL_No, GL_Text, GL_TextLangue1, GL_PeriodeDeb, GL_PeriodeFin) VALUES (?, ?, ?, ?, ?)",
        (number, text, f"{text} en", start or None, end or "1753-01-01 00:00:00"),
    )


def test_long_texts_of_today_are_joined_in_their_order(harness: SageHarness) -> None:
    harness.edits.add_article("A1")
    glossary(harness, 1, order=3, text="third")
    glossary(harness, 2, order=1, text="first  ", start="2026-11-24 00:00:00", end="2026-11-24 00:00:00")
    glossary(harness, 3, order=2, text="")
    glossary(harness, 4, order=4, text="gone", end="2026-11-23 00:00:00")
    glossary(harness, 5, order=5, text="to come", start="2026-11-25 00:00:00")
    fields = read(harness, fields=frozenset({"GL_Text", "GL_TextLangue1"})).fields
    assert fields == {"GL_Text": "first\n\nthird", "GL_TextLangue1": "first   en\n\nen\n\nthird en"}


def test_the_digest_follows_a_long_text_that_expires(harness: SageHarness) -> None:
    harness.edits.add_article("A1")
    glossary(harness, 1, order=1, text="promotion", end="2026-11-24 00:00:00")
    fields = frozenset({"GL_Text"})
    before = digest(harness, fields=fields)
    harness.clock.sleep(86_400)
    assert digest(harness, fields=fields) != before
    assert read(harness, fields=fields).fields["GL_Text"] == ""


def test_a_period_that_is_no_date_is_refused(harness: SageHarness) -> None:
    harness.edits.add_article("A1")
    glossary(harness, 1, order=1, text="x", start="demain")
    with pytest.raises(RecordUnreadable, match="is not a date"):
        read(harness, fields=frozenset({"GL_Text"}))


def test_a_version_without_translated_long_texts_says_so_and_gives_no_empty_ones(harness: SageHarness) -> None:
    harness.edits.add_article("A1")
    glossary(harness, 1, order=1, text="x")
    harness.execute("ALTER TABLE F_GLOSSAIRE DROP COLUMN GL_TextLangue1")
    assert read(harness, fields=frozenset({"GL_Text"})).fields == {"GL_Text": "x"}
    with pytest.raises(FieldUnknown, match="GL_TextLangue1"):
        read(harness, fields=frozenset({"GL_Text", "GL_TextLangue1"}))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("1.500000"), "1.5"),
        (Decimal(100), "100"),
        (Decimal("NaN"), "NaN"),
        (None, ""),
        (7, "7"),
        (datetime(2026, 1, 31, 8, 5, tzinfo=UTC).replace(tzinfo=None), "2026-01-31 08:05:00"),
    ],
)
def test_any_column_has_a_text(value: object, shown: str) -> None:
    assert mapping.field_text(value) == shown


# --- weight, ranges, catalogue ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "kilograms"), [(0, "1500"), (1, "150"), (2, "1.5"), (3, "0.0015"), (4, "0.0000015")])
def test_a_weight_is_turned_into_kilograms(unit: int, kilograms: str) -> None:
    assert mapping.weight(row(AR_UnitePoids=unit, AR_PoidsNet=Decimal("1.5"))) == Decimal(kilograms)


def test_the_gross_weight_comes_before_the_net_one() -> None:
    assert mapping.weight(row(AR_UnitePoids=2, AR_PoidsBrut=Decimal(2), AR_PoidsNet=Decimal(1))) == 2


def test_an_unknown_unit_matters_only_where_there_is_a_weight() -> None:
    assert mapping.weight(row(AR_UnitePoids=9)) is None
    with pytest.raises(RecordUnreadable, match="AR_UnitePoids = 9"):
        mapping.weight(row(AR_UnitePoids=9, AR_PoidsNet=Decimal(1)))


def test_an_article_with_ranges_says_so(harness: SageHarness) -> None:
    harness.edits.add_article("A1", AR_Gamme1=1)
    assert read(harness).has_variants


def test_a_tree_that_loops_or_breaks_concerns_its_articles_alone(harness: SageHarness) -> None:
    nodes = {1: CatalogueNode(1, "A", 2), 2: CatalogueNode(2, "B", 1), 3: CatalogueNode(3, "C", 9)}
    assert mapping.path(nodes, leaf=1) == "the catalogue entry 1 is its own parent"
    assert mapping.path(nodes, leaf=3) == "the catalogue entry 9 does not exist"
    harness.edits.add_article("A1", CL_No1=77)
    harness.edits.add_article("A2")
    with pytest.raises(RecordUnreadable, match="77 does not exist"):
        read(harness, "A1")
    assert read(harness, "A2").categories == ()
    assert read(harness, "A1", categories=False).categories == ()


def test_catalogue_columns_can_be_texts_where_categories_are_off(harness: SageHarness) -> None:
    harness.edits.add_article("A1", CL_No1=4, CL_No2=5)
    product = read(harness, categories=False, fields=frozenset({"CL_No2", "CL_No1"}))
    assert product.fields == {"CL_No1": "4", "CL_No2": "5"}
