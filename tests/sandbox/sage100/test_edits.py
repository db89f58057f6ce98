from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal

import pytest

from passerelle.sandbox.sage100 import DocType, SageEdits

from .conftest import Base

Edit = Callable[[SageEdits], object]

OLD = "2020-01-01 00:00:00.000000"
STOCK = "SELECT AS_QteSto, AS_QteRes, AS_QtePrepa, AS_QteCom FROM F_ARTSTOCK WHERE AR_Ref = 'A1' AND DE_No = 1"


@pytest.mark.parametrize(
    ("kind", "counters"),
    [
        (DocType.QUOTATION, (10, 0, 0, 0)),
        (DocType.ORDER, (10, 3, 0, 0)),
        (DocType.PREPARATION, (10, 0, 3, 0)),
        (DocType.DELIVERY, (7, 0, 0, 0)),
        (DocType.RETURN, (13, 0, 0, 0)),
        (DocType.FINANCIAL_CREDIT, (10, 0, 0, 0)),
        (DocType.INVOICE, (7, 0, 0, 0)),
        (DocType.PURCHASE_ORDER, (10, 0, 0, 3)),
        (DocType.PURCHASE_RECEIPT, (13, 0, 0, 0)),
    ],
)
def test_a_document_moves_its_counter_and_its_deletion_moves_it_back(
    kind: DocType, counters: tuple[int, ...], base: Base
) -> None:
    base.edits.add_document(kind, "N1", lines=[("A1", 1), ("A1", "2")])
    assert base.rows(STOCK) == [counters]
    base.edits.delete_document("N1")
    assert base.rows(STOCK) == [(10, 0, 0, 0)]
    assert base.rows("SELECT 1 FROM F_DOCENTETE UNION ALL SELECT 1 FROM F_DOCLIGNE") == []


def test_an_order_walks_to_its_invoice_on_the_same_lines(base: Base) -> None:
    base.edits.add_document(DocType.ORDER, "BC00007", "MD-123", lines=[("A1", 4)])
    line = base.value("SELECT cbMarq FROM F_DOCLIGNE")
    seen = []
    number = "BC00007"
    for kind in (DocType.PREPARATION, DocType.DELIVERY, DocType.INVOICE):
        number = base.edits.transform_document(number, kind)
        seen += base.rows(STOCK)
    assert seen == [(10, 0, 4, 0), (6, 0, 0, 0), (6, 0, 0, 0)]
    assert base.rows("SELECT DO_Type, DO_Piece, DO_NoWeb FROM F_DOCENTETE") == [(6, "FA00001", "MD-123")]
    assert base.rows(
        "SELECT cbMarq, DO_Type, DO_Piece, DL_PieceBC, DL_PiecePL, DL_PieceBL, DL_QteBC FROM F_DOCLIGNE"
    ) == [(line, 6, "FA00001", "BC00007", "PL00001", "BL00001", 4)]


def test_a_document_is_priced_from_the_article_with_vat_at_its_foot(base: Base) -> None:
    base.edits.add_article("TTC", AR_PrixVen="9.99", AR_PrixTTC=1)
    base.edits.add_article("COEF", AR_PrixAch="4.00", AR_Coef="1.5")
    base.edits.set_vat_of_article("COEF", 1, "C55")
    base.edits.add_document(DocType.ORDER, "BC1", lines=[("A1", 2), ("TTC", 1), ("COEF", 1)])
    assert base.rows("SELECT AR_Ref, DL_PrixUnitaire, DL_TTC, DL_CodeTaxe1, DL_MontantHT FROM F_DOCLIGNE") == [
        ("A1", 12.5, 0, "C20", 25),
        ("TTC", 8.325, 1, "C20", 8.33),
        ("COEF", 6, 0, "C55", 6),
    ]
    assert base.rows("SELECT DO_TotalHT, DO_TotalTTC FROM F_DOCENTETE") == [(39.33, 46.33)]


def test_fractions_of_a_unit_leave_no_binary_remainder(base: Base) -> None:
    for number in range(3):
        base.edits.add_document(DocType.ORDER, f"BC{number}", lines=[("A1", Decimal("0.1"))])
    assert base.value("SELECT AS_QteRes FROM F_ARTSTOCK") == 0.3


def test_an_article_not_followed_in_stock_moves_nothing(base: Base) -> None:
    base.edits.add_article("PORT", AR_SuiviStock=0)
    base.edits.add_document(DocType.ORDER, "BC1", lines=[("PORT", 1)])
    assert base.rows("SELECT 1 FROM F_ARTSTOCK WHERE AR_Ref = 'PORT'") == []


def test_a_first_move_makes_the_stock_row(base: Base) -> None:
    base.edits.add_article("NEW")
    base.edits.add_document(DocType.PURCHASE_ORDER, "CF1", lines=[("NEW", 6)])
    assert base.rows("SELECT DE_No, AS_QteSto, AS_QteCom FROM F_ARTSTOCK WHERE AR_Ref = 'NEW'") == [(1, 0, 6)]


def test_a_stock_move_stamps_the_stock_row_and_not_the_article(base: Base) -> None:
    base.edits.set_stock("A1", 1, on_hand=4, to_check=1)
    base.edits.add_document(DocType.ORDER, "BC1", lines=[("A1", 1)])
    assert base.rows("SELECT AS_QteSto, AS_QteAControler, AS_QteRes, AS_MontSto FROM F_ARTSTOCK") == [(4, 1, 1, 20)]
    assert base.stamp("F_ARTICLE") == OLD
    assert str(base.stamp("F_ARTSTOCK")) > OLD


@pytest.mark.parametrize(
    ("edit", "columns", "value"),
    [
        (lambda edits: edits.set_price("A1", "9.90", ttc=True), "AR_PrixVen, AR_PrixTTC", (9.9, 1)),
        (lambda edits: edits.set_price("A1", 7), "AR_PrixVen, AR_PrixTTC", (7, 0)),
        (lambda edits: edits.set_published("A1", False), "AR_Publie, AR_Sommeil", (0, 0)),
        (lambda edits: edits.set_dormant("A1", True), "AR_Publie, AR_Sommeil", (1, 1)),
        (lambda edits: edits.update_article("A1", AR_Design="Massette"), "AR_Design, AR_PrixVen", ("Massette", 12.5)),
        (
            lambda edits: edits.update_article("A1", **{"Marque commerciale": "Forgial"}),
            '"Marque commerciale", AR_Design',
            ("Forgial", "Marteau"),
        ),
    ],
)
def test_an_edit_of_the_article_stamps_the_article_alone(
    edit: Edit, columns: str, value: tuple[object, ...], base: Base
) -> None:
    edit(base.edits)
    assert base.rows(f"SELECT {columns} FROM F_ARTICLE") == [value]
    assert str(base.stamp("F_ARTICLE")) > OLD
    assert base.stamp("F_ARTSTOCK") == OLD


def test_vat_is_set_and_given_back_on_the_article_without_touching_it(base: Base) -> None:
    override = "SELECT ACP_Champ, ACP_ComptaCPT_Taxe1, ACP_Type, ACP_TypeFacture FROM F_ARTCOMPTA"
    base.edits.set_vat_of_article("A1", 1, "C10")
    base.edits.set_vat_of_article("A1", 1, "C55")
    assert base.rows(override) == [(1, "C55", 0, 0)]
    base.edits.set_vat_of_article("A1", 1, None)
    assert base.rows(override) == []
    assert base.stamp("F_ARTICLE") == OLD


def test_the_vat_of_a_family_changes_its_sales_row_of_that_category_only(base: Base) -> None:
    rows = "SELECT FCP_Type, FCP_TypeFacture, FCP_Champ, FCP_ComptaCPT_Taxe1 FROM F_FAMCOMPTA"
    before = set(base.rows(rows))
    base.edits.set_vat_of_family("DIVERS", 1, "C10")
    assert set(base.rows(rows)) - before == {(0, 0, 1, "C10")}
    assert before - set(base.rows(rows)) == {(0, 0, 1, "C20")}


def test_a_category_price_is_added_then_changed(base: Base) -> None:
    base.edits.set_category_price("A1", 2, "11.00")
    base.edits.set_category_price("A1", 2, "10.00", ttc=True)
    assert base.rows("SELECT AC_Categorie, AC_PrixVen, AC_PrixTTC FROM F_ARTCLIENT") == [(2, 10, 1)]


def test_a_rename_follows_everywhere_and_keeps_the_row_number(base: Base) -> None:
    base.edits.add_document(DocType.ORDER, "BC1", lines=[("A1", 1)])
    base.edits.set_category_price("A1", 2, 9)
    row_number = base.value("SELECT cbMarq FROM F_ARTICLE")
    base.edits.rename_article("A1", "A 1/BIS")
    assert base.rows("SELECT AR_Ref, cbMarq FROM F_ARTICLE") == [("A 1/BIS", row_number)]
    for table in ("F_ARTSTOCK", "F_ARTCLIENT", "F_DOCLIGNE"):
        assert base.rows(f"SELECT AR_Ref FROM {table}") == [("A 1/BIS",)], table


def test_a_deleted_article_is_gone_from_every_table_but_its_documents(base: Base) -> None:
    base.edits.add_document(DocType.INVOICE, "FA1", lines=[("A1", 1)])
    base.edits.delete_article("A1")
    assert base.rows("SELECT AR_Ref FROM F_ARTICLE UNION ALL SELECT AR_Ref FROM F_ARTSTOCK") == []
    assert base.rows("SELECT AR_Ref FROM F_DOCLIGNE") == [("A1",)]


def test_a_depot_keeps_its_number_under_another_name(base: Base) -> None:
    base.edits.rename_depot(1, "Entrepôt")
    assert base.rows("SELECT DE_No, DE_Intitule FROM F_DEPOT") == [(1, "Entrepôt")]


@pytest.mark.parametrize(
    "edit",
    [
        lambda edits: edits.set_price("NONE", 1),
        lambda edits: edits.set_stock("NONE", 1, on_hand=1),
        lambda edits: edits.set_stock("A1", 9, on_hand=1),
        lambda edits: edits.rename_article("NONE", "B"),
        lambda edits: edits.delete_article("NONE"),
        lambda edits: edits.set_vat_of_article("NONE", 1, "C20"),
        lambda edits: edits.rename_depot(9, "X"),
        lambda edits: edits.add_document(1, "BC1", lines=[("A1", 1), ("NONE", 1)]),
        lambda edits: edits.add_document(1, "BC1", lines=[("A1", 1)], depot=9),
        lambda edits: edits.transform_document("NONE", 3),
        lambda edits: edits.delete_document("NONE"),
    ],
)
def test_what_does_not_exist_is_a_lookup_error_and_changes_nothing(edit: Edit, base: Base) -> None:
    with pytest.raises(LookupError):
        edit(base.edits)
    assert base.rows(STOCK) == [(10, 0, 0, 0)]
    assert base.rows("SELECT 1 FROM F_DOCENTETE") == []


def test_a_number_used_by_two_types_must_be_told_apart(base: Base) -> None:
    base.edits.add_document(DocType.QUOTATION, "0001", lines=[("A1", 1)])
    base.edits.add_document(DocType.ORDER, "0001", lines=[("A1", 1)])
    with pytest.raises(LookupError):
        base.edits.delete_document("0001")
    base.edits.delete_document("0001", type=DocType.QUOTATION)
    assert base.rows("SELECT DO_Type FROM F_DOCENTETE") == [(1,)]


def test_an_edit_does_not_wait_for_a_reader_who_is_half_way(base: Base) -> None:
    base.edits.add_article("A2")
    with closing(sqlite3.connect(base.path)) as reader:
        cursor = reader.execute("SELECT AR_Ref FROM F_ARTICLE ORDER BY cbMarq")
        first = cursor.fetchone()
        base.edits.set_price("A2", 5)
        assert [first, *cursor.fetchall()] == [("A1",), ("A2",)]
    assert base.value("SELECT AR_PrixVen FROM F_ARTICLE WHERE AR_Ref = 'A2'") == 5
