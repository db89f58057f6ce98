"""Ranges as Sage's users change them, and the stock that follows."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from passerelle.sandbox.sage100 import DocType, Robot, SageEdits

from .conftest import Base

Edit = Callable[[SageEdits], object]

NOIR, BRUN = ("40", "Noir"), ("40", "Brun")


@pytest.fixture
def shoe(base: Base) -> Base:
    """SECU, sold as 40 Noir and 40 Brun, five and seven of them in depot 1."""
    base.edits.name_range(1, "Pointure")
    base.edits.name_range(2, "Couleur")
    base.edits.add_article("SECU", AR_Gamme1=1, AR_Gamme2=2, AR_PrixAch="2")
    for values, pieces in ((NOIR, 5), (BRUN, 7)):
        base.edits.add_combination("SECU", values)
        base.edits.set_combination_stock("SECU", values, 1, on_hand=pieces)
    return base


def counters(base: Base, counter: str = "QteSto") -> list[object]:
    """Of the article, then of its combinations."""
    article = base.rows(f"SELECT AS_{counter} FROM F_ARTSTOCK WHERE AR_Ref = 'SECU'")
    return [value for (value,) in article + base.rows(f"SELECT GS_{counter} FROM F_GAMSTOCK ORDER BY AG_No2")]


def test_a_combination_makes_the_values_it_needs_and_no_other(shoe: Base) -> None:
    assert shoe.rows("SELECT AG_No, EG_Enumere, AG_Type FROM F_ARTGAMME ORDER BY AG_No") == [
        (1, "40", 0),
        (2, "Noir", 1),
        (3, "Brun", 1),
    ]
    assert shoe.edits.add_combination("SECU", ("41", "Noir"), AE_Ref="SN-41") == "4-2"
    assert shoe.rows("SELECT AE_Ref, AE_Sommeil FROM F_ARTENUMREF WHERE AG_No1 = 4") == [("SN-41", 0)]


def test_a_number_is_never_given_again_while_a_combination_names_it(shoe: Base) -> None:
    shoe.edits.delete_range_value("SECU", "Brun", position=1)
    assert shoe.edits.add_combination("SECU", ("40", "Gris")) == "1-4"


def test_the_stock_of_an_article_is_the_sum_of_its_combinations_whatever_is_done(shoe: Base) -> None:
    assert counters(shoe) == [12, 5, 7]
    shoe.edits.set_combination_stock("SECU", NOIR, 1, on_hand="2.5", reserved=1)
    assert counters(shoe) == [9.5, 2.5, 7]
    assert counters(shoe, "QteRes") == [1, 1, 0]
    assert shoe.value("SELECT AS_MontSto FROM F_ARTSTOCK WHERE AR_Ref = 'SECU'") == 19
    shoe.edits.delete_combination("SECU", NOIR)
    assert counters(shoe) == [7, 7]
    assert counters(shoe, "QteRes") == [0, 0]


@pytest.mark.parametrize(
    ("kind", "counter", "expected"),
    [
        (DocType.ORDER, "QteRes", [3, 3, 0]),
        (DocType.PREPARATION, "QtePrepa", [3, 3, 0]),
        (DocType.DELIVERY, "QteSto", [9, 2, 7]),
        (DocType.RETURN, "QteSto", [15, 8, 7]),
        (DocType.PURCHASE_ORDER, "QteCom", [3, 3, 0]),
    ],
)
def test_a_document_moves_its_combination_with_its_article_and_moves_both_back(
    kind: DocType, counter: str, expected: list[int], shoe: Base
) -> None:
    before = counters(shoe, counter)
    shoe.edits.add_document(kind, "N1", lines=[(("SECU", *NOIR), 1), (("SECU", *NOIR), "2")])
    assert counters(shoe, counter) == expected
    shoe.edits.delete_document("N1")
    assert counters(shoe, counter) == before


def test_a_transformation_carries_the_combination(shoe: Base) -> None:
    shoe.edits.add_document(DocType.ORDER, "BC1", lines=[(("SECU", *BRUN), 2), ("A1", 1)])
    shoe.edits.transform_document("BC1", DocType.DELIVERY)
    assert (counters(shoe), counters(shoe, "QteRes")) == ([10, 5, 5], [0, 0, 0])
    assert shoe.rows("SELECT AR_Ref, AG_No1, AG_No2 FROM F_DOCLIGNE") == [("SECU", 1, 3), ("A1", 0, 0)]


def test_a_part_of_a_combination_s_line_is_delivered(shoe: Base, tmp_path: object) -> None:
    shoe.edits.add_document(DocType.ORDER, "BC1", "MD-1", lines=[(("SECU", *NOIR), 3), (("SECU", *BRUN), 3)])
    robot = Robot(shoe.path, shoe.path.parent)
    robot.deliver("BC1", lines={("SECU", *BRUN): 2})
    assert (counters(shoe), counters(shoe, "QteRes")) == ([10, 5, 5], [4, 3, 1])
    with pytest.raises(LookupError):
        robot.deliver("BC1", lines={("SECU", *BRUN): 2})
    assert counters(shoe) == [10, 5, 5]


@pytest.mark.parametrize(
    ("edit", "columns", "value"),
    [
        (lambda edits: edits.set_combination_dormant("SECU", NOIR, True), "AE_Sommeil", 1),
        (lambda edits: edits.update_combination("SECU", NOIR, AE_Ref="SN"), "AE_Ref", "SN"),
        (lambda edits: edits.update_combination("SECU", NOIR, AE_CodeBarre=None), "AE_CodeBarre", None),
    ],
)
def test_an_edit_of_a_combination_stamps_it_alone(edit: Edit, columns: str, value: object, shoe: Base) -> None:
    before = shoe.stamp("F_ARTICLE")
    edit(shoe.edits)
    assert shoe.rows(f"SELECT {columns} FROM F_ARTENUMREF WHERE AG_No2 = 2") == [(value,)]
    assert shoe.stamp("F_ARTICLE") == before


def test_a_price_is_set_for_a_category_or_a_customer_then_changed(shoe: Base) -> None:
    shoe.edits.set_combination_price("SECU", NOIR, 2, "4.15")
    shoe.edits.set_combination_price("SECU", NOIR, 2, Decimal("4.20"), barcode="3250000000014")
    shoe.edits.set_combination_price("SECU", NOIR, "CINTERNET", 3)
    assert shoe.rows("SELECT TG_RefCF, AG_No1, AG_No2, TG_Prix, TG_CodeBarre FROM F_TARIFGAM") == [
        ("a02", 1, 2, 4.2, "3250000000014"),
        ("CINTERNET", 1, 2, 3, None),
    ]


def test_an_article_that_is_renamed_or_deleted_takes_its_combinations_along(shoe: Base) -> None:
    shoe.edits.set_combination_price("SECU", NOIR, 1, 3)
    tables = ("F_ARTGAMME", "F_ARTENUMREF", "F_GAMSTOCK", "F_TARIFGAM")
    shoe.edits.rename_article("SECU", "SECU 2")
    assert {ref for table in tables for (ref,) in shoe.rows(f"SELECT AR_Ref FROM {table}")} == {"SECU 2"}
    shoe.edits.delete_article("SECU 2")
    assert [shoe.rows(f"SELECT 1 FROM {table}") for table in tables] == [[], [], [], []]


@pytest.mark.parametrize(
    "edit",
    [
        lambda edits: edits.add_combination("NONE", NOIR),
        lambda edits: edits.update_combination("SECU", ("41", "Noir"), AE_Ref="X"),
        lambda edits: edits.update_combination("SECU", ("40",), AE_Ref="X"),
        lambda edits: edits.update_combination("SECU", (), AE_Ref="X"),
        lambda edits: edits.update_combination("SECU", (*NOIR, "X"), AE_Ref="X"),
        lambda edits: edits.delete_combination("SECU", ("40", "Gris")),
        lambda edits: edits.delete_range_value("SECU", "Noir", position=0),
        lambda edits: edits.set_combination_price("SECU", ("40", "Gris"), 1, 1),
        lambda edits: edits.set_combination_stock("SECU", ("40", "Gris"), 1, on_hand=1),
        lambda edits: edits.set_combination_stock("SECU", NOIR, 9, on_hand=1),
        lambda edits: edits.add_document(1, "BC1", lines=[(("SECU", *NOIR), 1), (("SECU", "40", "Gris"), 1)]),
    ],
)
def test_what_does_not_exist_is_a_lookup_error_and_changes_nothing(edit: Edit, shoe: Base) -> None:
    with pytest.raises(LookupError):
        edit(shoe.edits)
    assert counters(shoe) == [12, 5, 7]
    assert shoe.rows("SELECT AE_Ref FROM F_ARTENUMREF") == [("",), ("",)]
    assert shoe.rows("SELECT 1 FROM F_DOCENTETE UNION ALL SELECT 1 FROM F_TARIFGAM") == []
