"""Lines of documents that are of a combination: read back, placed by import files, taken and delivered by the robot."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.connectors.sage100.harness import BRUN, NOIR, SageHarness

from passerelle.connectors.sage100 import layouts
from passerelle.domain.orders import DocumentLine, SalesDocument, SalesLine
from passerelle.domain.stock import DocumentKind
from passerelle.errors import OrderFieldRefused, OrderFieldTooLong, OrderLineUnknown, OrderUnsupported, RecordError
from passerelle.sandbox.sage100 import Robot
from passerelle.testing.builders import article, pieces, sales_document
from passerelle.testing.erp_sink import nothing

replace = msgspec.structs.replace


def order(*lines: tuple[str, str], key: str = "MD-1") -> SalesDocument:
    """One piece of each (reference, id)."""
    made = sales_document(key, skus=tuple(sku for sku, _ in lines), tax_code="C20")
    named = [replace(line, erp_id=erp_id) for line, (_, erp_id) in zip(made.lines, lines, strict=True)]
    return replace(made, lines=tuple(named))


def written(harness: SageHarness, document: SalesDocument) -> list[list[str]]:
    """Article, first and second value of each line of the file."""
    assert harness.sink.place(document, handing_over=nothing) == ""
    text = (harness.folder / f"{document.order_key}.txt").read_bytes().decode("cp1252")
    return [record.split(";")[1:4] for record in text.split("\r\n") if record.startswith("L;")]


def stock(harness: SageHarness) -> list[tuple[Any, ...]]:
    """On hand and reserved of the article, then of its combinations in their order."""
    return [
        *harness.rows("SELECT AS_QteSto, AS_QteRes FROM F_ARTSTOCK WHERE AR_Ref = 'SECU'"),
        *harness.rows("SELECT GS_QteSto, GS_QteRes FROM F_GAMSTOCK ORDER BY AG_No1, AG_No2"),
    ]


# --- reading ---------------------------------------------------------------------------------------------------------


def lines(harness: SageHarness) -> list[DocumentLine]:
    (document,) = harness.adapter.documents("MD")
    return list(document.lines)


def test_a_line_bears_its_variant_s_reference_as_the_catalogue_has_it(shoe: SageHarness) -> None:
    shoe.edits.update_combination("SECU", BRUN, AE_Ref="SB-40 ")
    shoe.edits.add_article("GANT", AR_Gamme1=1)
    shoe.edits.add_combination("GANT", ("L",))
    shoe.edits.add_article("A1")
    items = (("SECU", *NOIR), ("SECU", *BRUN), ("GANT", "L"), "A1")
    shoe.edits.add_document(1, "BC1", "MD-1", lines=[(item, 2) for item in items])
    assert lines(shoe) == [DocumentLine(sku, Decimal(2)) for sku in ("SECU-40-Noir", "SB-40", "GANT-L", "A1")]
    found = shoe.sink.find_document("MD-1")
    assert found is not None
    assert list(found.lines) == lines(shoe)


def test_a_line_of_a_variant_asleep_or_gone_still_bears_its_reference(shoe: SageHarness) -> None:
    shoe.edits.update_combination("SECU", BRUN, AE_Ref="SB-40")
    shoe.edits.add_document(1, "BC1", "MD-1", lines=[(("SECU", *NOIR), 1), (("SECU", *BRUN), 1)])
    shoe.edits.set_combination_dormant("SECU", BRUN, True)
    assert [line.sku for line in lines(shoe)] == ["SECU-40-Noir", "SB-40"]
    shoe.edits.delete_combination("SECU", BRUN)
    assert [line.sku for line in lines(shoe)] == ["SECU-40-Noir", "SECU-40-Brun"]
    shoe.edits.delete_range_value("SECU", "Brun", position=1)
    assert [line.sku for line in lines(shoe)] == ["SECU-40-Noir", "SECU-40-3"]


def test_a_combination_that_is_there_twice_does_not_double_a_line(shoe: SageHarness) -> None:
    shoe.edits.add_document(1, "BC1", "MD-1", lines=[(("SECU", *NOIR), 1)])
    shoe.execute("INSERT INTO F_ARTENUMREF (AR_Ref, AG_No1, AG_No2, AE_Ref) VALUES ('SECU', 1, 2, '')")
    assert [line.sku for line in lines(shoe)] == ["SECU-40-Noir"]


def test_a_line_of_a_ranged_article_that_names_no_combination_bears_the_article_s_reference(shoe: SageHarness) -> None:
    shoe.edits.add_document(1, "BC1", "MD-1", lines=[("SECU", 1)])
    shoe.execute("UPDATE F_DOCLIGNE SET AG_No1 = NULL, AG_No2 = NULL")
    assert [line.sku for line in lines(shoe)] == ["SECU"]


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE F_DOCLIGNE RENAME COLUMN AG_No2 TO gone",
        "ALTER TABLE F_ARTGAMME RENAME TO gone",
        "ALTER TABLE F_ARTENUMREF RENAME TO gone",
    ],
)
def test_a_base_that_does_not_tell_variants_apart_gives_the_article(shoe: SageHarness, sql: str) -> None:
    shoe.edits.add_document(1, "BC1", "MD-1", lines=[(("SECU", *NOIR), 3)])
    shoe.execute(sql)
    assert lines(shoe) == [DocumentLine("SECU", Decimal(3))]


# --- placing ---------------------------------------------------------------------------------------------------------


def test_a_variant_is_written_as_its_article_and_its_values(shoe: SageHarness) -> None:
    shoe.edits.update_combination("SECU", BRUN, AE_Ref="SB-40")
    shoe.edits.add_article("GANT", AR_Gamme1=1)
    shoe.edits.add_combination("GANT", ("L",))
    shoe.edits.add_article("A1")
    assert written(shoe, order(("SB-40", ""), ("SECU-40-Noir", ""), ("GANT-L", ""), ("A1", "7"))) == [
        ["SECU", "40", "Brun"],
        ["SECU", "40", "Noir"],
        ["GANT", "L", ""],
        ["A1", "", ""],
    ]


@pytest.mark.parametrize("sku", ["OLD-NAME", "SECU", "A1", "SECU-40-Noir"])
def test_the_id_of_a_variant_counts_before_any_reference(shoe: SageHarness, sku: str) -> None:
    shoe.edits.add_article("A1")
    assert written(shoe, order((sku, "1-3"))) == [["SECU", "40", "Brun"]]


def test_an_id_that_is_gone_leaves_it_to_the_reference(shoe: SageHarness) -> None:
    shoe.edits.add_article("A1")
    assert written(shoe, order(("SECU-40-Noir", "77-78"), ("A1", "77-78"))) == [["SECU", "40", "Noir"], ["A1", "", ""]]


def test_a_reference_of_an_article_and_of_a_variant_is_the_article_s(shoe: SageHarness) -> None:
    shoe.edits.add_article("SECU-40-Noir")
    assert written(shoe, order(("SECU-40-Noir", ""))) == [["SECU-40-Noir", "", ""]]


def test_a_variant_that_bears_the_reference_of_its_own_article_is_found(shoe: SageHarness) -> None:
    shoe.edits.update_combination("SECU", BRUN, AE_Ref="SECU")
    assert written(shoe, order(("SECU", ""))) == [["SECU", "40", "Brun"]]


def test_many_lines_are_looked_up_together(shoe: SageHarness) -> None:
    for size in range(100, 330):
        shoe.edits.add_combination("SECU", (f"{size}", "Noir"))
    skus = [f"SECU-{size}-Noir" for size in range(100, 330)]
    assert written(shoe, order(*((sku, "") for sku in skus))) == [
        ["SECU", str(size), "Noir"] for size in range(100, 330)
    ]


def refused(harness: SageHarness, document: SalesDocument, *, error: type[RecordError], match: str) -> None:
    with pytest.raises(error, match=match) as found:
        harness.sink.place(document, handing_over=nothing)
    assert found.value.params["key"] == "1"
    assert list(harness.folder.rglob("*.t*")) == []


def test_an_article_with_ranges_is_never_written_without_its_values(shoe: SageHarness) -> None:
    refused(shoe, order(("SECU", "")), error=OrderFieldRefused, match="SECU has variants")
    cbmarq = str(shoe.rows("SELECT cbMarq FROM F_ARTICLE")[0][0])
    refused(shoe, order(("SECU", cbmarq)), error=OrderFieldRefused, match="SECU has variants")
    refused(shoe, order(("SECU-41-Noir", "")), error=OrderLineUnknown, match="SECU-41-Noir")


def test_a_base_without_combinations_places_no_ranged_article(shoe: SageHarness) -> None:
    shoe.execute("ALTER TABLE F_ARTENUMREF RENAME TO gone")
    refused(shoe, order(("SECU", "1-2")), error=OrderFieldRefused, match="SECU has variants")
    refused(shoe, order(("SECU-40-Noir", "1-2")), error=OrderLineUnknown, match="SECU-40-Noir")


def test_a_reference_that_two_variants_bear_is_refused_with_both(shoe: SageHarness) -> None:
    for values in (NOIR, BRUN):
        shoe.edits.update_combination("SECU", values, AE_Ref="SN-40")
    refused(
        shoe, order(("SN-40", "")), error=OrderFieldRefused, match=r"2 variants bear the reference SN-40 \(1-2, 1-3\)"
    )
    assert written(shoe, order(("SN-40", "1-3"))) == [["SECU", "40", "Brun"]]


def test_a_variant_of_which_a_value_is_gone_is_refused(shoe: SageHarness) -> None:
    shoe.edits.delete_range_value("SECU", "Noir", position=1)
    refused(shoe, order(("SECU-40-2", "")), error=OrderFieldRefused, match="SECU-40-2")
    refused(shoe, order(("ANY", "1-2")), error=OrderFieldRefused, match="SECU-40-2")
    refused(shoe, order(("ANY", "1-2"), ("NONE", "1-3")), error=OrderFieldRefused, match="SECU-40-2")
    refused(shoe, order(("ANY", "1-3"), ("NONE", "")), error=OrderLineUnknown, match="NONE")


@pytest.mark.parametrize("missing", ["value1", "value2"])
def test_a_layout_without_a_column_for_a_value_places_no_variant_that_needs_it(tmp_path: Path, missing: str) -> None:
    made = SageHarness(tmp_path, line_layout=layouts.LINE.replace(f"{missing}(35);", ""))
    made.edits.add_article("SECU", AR_Gamme1=1, AR_Gamme2=2)
    made.edits.add_combination("SECU", NOIR)
    made.seed(article("A1", stock=pieces(9)))
    refused(made, order(("SECU-40-Noir", "")), error=OrderUnsupported, match="value1 or value2")
    assert made.sink.place(order(("A1", ""), key="MD-2"), handing_over=nothing) == ""
    made.adapter.close()


def test_a_value_is_written_as_it_is_or_refused(shoe: SageHarness) -> None:
    for value, error in (("Noir;mat", OrderFieldRefused), ("扳手", OrderFieldRefused), ("x" * 36, OrderFieldTooLong)):
        numbers = shoe.edits.add_combination("SECU", ("40", value))
        refused(shoe, order(("ANY", numbers)), error=error, match="value2")
    numbers = shoe.edits.add_combination("SECU", ("40", "Gris œillet 12,5 €"))
    assert written(shoe, order(("ANY", numbers))) == [["SECU", "40", "Gris œillet 12,5 €"]]


# --- the robot -------------------------------------------------------------------------------------------------------


def test_an_order_of_variants_reserves_them_and_its_delivery_takes_them(shoe: SageHarness) -> None:
    shoe.edits.set_combination_stock("SECU", NOIR, 1, on_hand=5)
    shoe.edits.set_combination_stock("SECU", BRUN, 1, on_hand=7)
    robot = Robot(shoe.base, shoe.folder)
    shoe.sink.place(order(("SECU-40-Noir", ""), ("SECU-40-Brun", ""), ("SECU-40-Brun", "")), handing_over=nothing)
    robot.take()
    assert shoe.rows("SELECT AG_No1, AG_No2 FROM F_DOCLIGNE ORDER BY DL_Ligne") == [(1, 2), (1, 3), (1, 3)]
    assert stock(shoe) == [(12, 3), (5, 1), (7, 2)]
    placed = shoe.sink.find_document("MD-1")
    assert placed is not None
    assert [line.sku for line in placed.lines] == ["SECU-40-Noir", "SECU-40-Brun", "SECU-40-Brun"]
    robot.deliver(placed.number, lines={("SECU", *BRUN): 1})
    assert stock(shoe) == [(11, 2), (5, 1), (6, 1)]
    robot.deliver(placed.number, lines={"SECU": 1})
    assert stock(shoe) == [(10, 1), (4, 0), (6, 1)]
    note = robot.deliver(placed.number)
    assert stock(shoe) == [(9, 0), (4, 0), (5, 0)]
    robot.invoice(note)
    documents = [one for one in shoe.adapter.documents("MD") if one.kind is DocumentKind.INVOICE]
    assert [line.sku for one in documents for line in one.lines] == ["SECU-40-Brun"]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (("41", "Noir"), "énuméré de gamme inconnu"),
        (("40", ""), "énuméré"),
        (("", ""), "énuméré"),
        (("40", "Gris"), "en sommeil"),
    ],
)
def test_what_sage_does_not_sell_is_refused_as_sage_would(shoe: SageHarness, values: tuple[str, str], why: str) -> None:
    shoe.edits.add_combination("SECU", ("40", "Gris"), AE_Sommeil=1)
    shoe.sink.place(order(("SECU-40-Noir", "")), handing_over=nothing)
    path = shoe.folder / "MD-1.txt"
    content = path.read_bytes().decode("cp1252").replace("SECU;40;Noir", f"SECU;{values[0]};{values[1]}")
    path.write_bytes(content.encode("cp1252"))
    Robot(shoe.base, shoe.folder).take()
    assert why in (shoe.sink.refusal("MD-1") or "")
    assert shoe.documents_with("MD-1") == 0
    assert shoe.rows("SELECT 1 FROM F_GAMSTOCK") == []


def test_an_article_without_ranges_is_refused_with_a_value(shoe: SageHarness) -> None:
    shoe.seed(article("A1", stock=pieces(9)))
    shoe.sink.place(order(("A1", "")), handing_over=nothing)
    path = shoe.folder / "MD-1.txt"
    path.write_bytes(path.read_bytes().replace(b"L;A1;;", b"L;A1;40;"))
    Robot(shoe.base, shoe.folder).take()
    assert "au lieu de 0" in (shoe.sink.refusal("MD-1") or "")


def test_a_line_of_text_is_of_no_variant(shoe: SageHarness) -> None:
    line: SalesLine = order(("SECU-40-Noir", "")).lines[0]
    refused(
        shoe, replace(order(("A1", "")), lines=(replace(line, sku="  "),)), error=OrderLineUnknown, match="Article"
    )  # fmt: skip
