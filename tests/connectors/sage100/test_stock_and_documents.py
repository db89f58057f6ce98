"""Counters by depot, and the documents that carry our keys."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.connectors.sage100.harness import SageHarness

from passerelle.domain.stock import DocumentKind, StockLevel
from passerelle.errors import WarehouseUnknown
from passerelle.ports.erp import StockQuery


def levels(harness: SageHarness, *depots: str) -> dict[str, StockLevel]:
    pages = harness.adapter.stock(StockQuery(warehouses=depots))
    return {one.key: one.read() for page in pages for one in page}


def test_every_counter_is_summed_over_the_depots(harness: SageHarness) -> None:
    harness.edits.add_article("A1", AR_SuiviStock=2)
    harness.edits.set_stock("A1", 1, on_hand="0.1", reserved=1, prepared=2, to_check=3, on_order=4)
    harness.edits.set_stock("A1", 2, on_hand="0.2", reserved=10, prepared=20, to_check=30, on_order=40)
    level = levels(harness, "1", "2")["A1"]
    counters = (level.on_hand, level.reserved, level.prepared, level.blocked, level.incoming)
    assert counters == (Decimal("0.3"), 11, 22, 33, 44)


def test_a_counter_that_is_null_is_zero(harness: SageHarness) -> None:
    harness.edits.add_article("A1")
    harness.edits.set_stock("A1", 1, on_hand=4)
    harness.execute("UPDATE F_ARTSTOCK SET AS_QteRes = NULL")
    assert (levels(harness, "1")["A1"].on_hand, levels(harness, "1")["A1"].reserved) == (4, 0)


def test_a_depot_is_found_by_name_then_number_then_name_ignoring_case(harness: SageHarness) -> None:
    harness.edits.add_article("A1")
    harness.edits.set_stock("A1", 1, on_hand=1)
    harness.edits.set_stock("A1", 2, on_hand=2)
    assert levels(harness, "dépôt PRINCIPAL")["A1"].on_hand == 1
    assert levels(harness, "Réserve")["A1"].on_hand == 2
    harness.edits.rename_depot(1, "2")
    assert levels(harness, "2")["A1"].on_hand == 1


def test_a_name_that_two_depots_bear_is_refused(harness: SageHarness) -> None:
    harness.edits.rename_depot(1, "Réserve")
    with pytest.raises(WarehouseUnknown) as refused:
        levels(harness, "Réserve")
    assert refused.value.params["existing"] == "Réserve (1), Réserve (2)"


def test_a_renamed_depot_is_an_error_that_names_those_there_are(harness: SageHarness) -> None:
    harness.edits.rename_depot(1, "Entrepôt")
    with pytest.raises(WarehouseUnknown, match="Entrepôt"):
        levels(harness, "Dépôt principal")


def test_an_article_with_ranges_says_so_in_its_stock(harness: SageHarness) -> None:
    harness.edits.add_article("A1", AR_Gamme1=1)
    assert levels(harness, "1")["A1"].has_variants


def document(harness: SageHarness, number: str, *, key: str = "MD-1", type: int = 1) -> None:
    if not harness.rows("SELECT 1 FROM F_ARTICLE"):
        harness.edits.add_article("A1")
    harness.edits.add_document(type, number, key, lines=[("A1", 2)])


def kinds(harness: SageHarness) -> dict[str, DocumentKind]:
    return {one.number: one.kind for one in harness.adapter.documents("MD")}


@pytest.mark.parametrize(
    ("type", "origin", "kind"),
    [
        (6, 0, DocumentKind.INVOICE),
        (6, 1, DocumentKind.RETURN),
        (7, 2, DocumentKind.CREDIT_NOTE),
        (7, 3, DocumentKind.INVOICE),
        (7, None, DocumentKind.INVOICE),
        (6, 4, None),
        (6, 9, None),
        (8, 0, None),
    ],
)
def test_an_invoice_is_what_its_origin_says(
    harness: SageHarness, type: int, origin: int | None, kind: DocumentKind | None
) -> None:
    document(harness, "FA1", type=6)
    harness.execute("UPDATE F_DOCENTETE SET DO_Type = ?, DO_Provenance = ?", (type, origin))
    assert kinds(harness).get("FA1") is kind


def test_purchases_and_stock_moves_are_no_sales_documents(harness: SageHarness) -> None:
    document(harness, "BC1")
    harness.execute("UPDATE F_DOCENTETE SET DO_Domaine = 1, DO_Type = 12")
    assert kinds(harness) == {}


def test_an_order_that_was_transformed_is_read_at_its_new_stage(harness: SageHarness) -> None:
    document(harness, "BC1")
    delivery = harness.edits.transform_document("BC1", 3)
    (found,) = harness.adapter.documents("MD")
    assert (found.number, found.kind, found.order_key) == (delivery, DocumentKind.DELIVERY, "MD-1")
    assert [(line.sku, line.quantity) for line in found.lines] == [("A1", 2)]


def test_comment_lines_are_left_out_and_padding_is_taken_off(harness: SageHarness) -> None:
    document(harness, "BC1", key="MD-1   ")
    harness.execute("UPDATE F_DOCLIGNE SET AR_Ref = 'A1   '")
    for reference in (None, "", "  "):
        columns = "DO_Domaine, DO_Type, DO_Piece, AR_Ref, DL_Qte"
        harness.execute(f"INSERT INTO F_DOCLIGNE ({columns}) VALUES (0, 1, 'BC1', ?, 1)", (reference,))
    (found,) = harness.adapter.documents("MD")
    assert found.order_key == "MD-1"
    assert [line.sku for line in found.lines] == ["A1"]


def test_a_document_without_any_article_has_no_lines(harness: SageHarness) -> None:
    document(harness, "BC1")
    harness.execute("UPDATE F_DOCLIGNE SET AR_Ref = NULL")
    assert [one.lines for one in harness.adapter.documents("MD")] == [()]


def test_the_key_is_compared_with_its_case(harness: SageHarness) -> None:
    document(harness, "BC1", key="md-1")
    assert kinds(harness) == {}


@pytest.mark.parametrize("prefix", ["%", "_", "M_", "[M]", "!"])
def test_a_key_is_never_a_pattern(harness: SageHarness, prefix: str) -> None:
    document(harness, "BC1")
    document(harness, "BC2", key=f"{prefix}-2")
    assert [one.order_key for one in harness.adapter.documents(prefix)] == [f"{prefix}-2"]


def test_the_key_is_read_in_the_field_that_the_profile_names(tmp_path: Path) -> None:
    harness = SageHarness(tmp_path, order_key_field="DO_Coord02", orders_folder="")
    document(harness, "BC1", key="")
    harness.execute("UPDATE F_DOCENTETE SET DO_Coord02 = 'MD-7'")
    assert [one.order_key for one in harness.adapter.documents("MD")] == ["MD-7"]
    harness.adapter.close()
