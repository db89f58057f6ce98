"""Import files in their folder, whatever happens meanwhile; and what is read of documents and customers."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.connectors.sage100.harness import SageHarness

from passerelle.connectors.sage100 import files
from passerelle.domain.orders import DocumentState, Parcel, SalesDocument
from passerelle.domain.parties import Address
from passerelle.domain.stock import DocumentKind
from passerelle.errors import (
    CapabilityMissing,
    CustomerUnknown,
    FieldUnknown,
    FolderUnusable,
    OrderFieldRefused,
    RecordUnreadable,
    WriteUnanswered,
)
from passerelle.ports.manifest import Capability, Severity
from passerelle.testing.builders import article, pieces, sales_document
from passerelle.testing.erp_sink import BUYER, nothing


def order(harness: SageHarness, key: str = "MD-1") -> SalesDocument:
    harness.seed(article("A1", stock=pieces(9)))
    return sales_document(key, skus=("A1",), tax_code="C20")


def names(harness: SageHarness) -> set[str]:
    return {path.relative_to(harness.folder).as_posix() for path in harness.folder.rglob("*") if path.is_file()}


def test_a_file_is_whole_and_on_the_disk_before_it_gets_its_name(
    harness: SageHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (seen.append("fsync"), real(number))[1])
    monkeypatch.setattr(files, "rename", lambda source, target: (seen.append("rename"), os.replace(source, target)))

    def handing_over() -> None:
        seen.append((names(harness), (harness.folder / "MD-1.tmp").read_bytes()[:5]))

    assert harness.sink.place(order(harness), handing_over=handing_over) == ""
    assert seen == ["fsync", "fsync", ({"MD-1.tmp"}, b"E;1;;"), "rename", "fsync"]
    assert names(harness) == {"MD-1.txt"}


def test_a_process_killed_at_the_hand_over_leaves_what_resume_finishes(harness: SageHarness) -> None:
    def killed() -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        harness.sink.place(order(harness), handing_over=killed)
    assert names(harness) == {"MD-1.tmp"}
    harness.sink.resume("MD-1")
    assert names(harness) == {"MD-1.txt"}


@pytest.mark.parametrize("where", ["", "done", "error"])
def test_a_name_is_never_given_twice(harness: SageHarness, where: str) -> None:
    for stem in ("MD-1", "C-CL77"):
        (harness.folder / where / f"{stem}.txt").write_text("first")
        (harness.folder / f"{stem}.tmp").write_text("second")
    called: list[int] = []
    assert harness.sink.place(order(harness), handing_over=lambda: called.append(1)) == ""
    assert harness.sink.place_customer(BUYER, handing_over=lambda: called.append(1)) == "CL77"
    harness.sink.resume("MD-1")
    harness.sink.resume_customer("CL77")
    assert called == []
    assert {path.read_text() for path in harness.folder.rglob("*.txt")} == {"first"}
    assert len(list(harness.folder.rglob("*.txt"))) == 2


def test_a_folder_that_is_gone_is_an_error_never_nothing_to_do(harness: SageHarness) -> None:
    document = order(harness)
    shutil.rmtree(harness.folder)
    for act in (
        lambda: harness.sink.place(document, handing_over=nothing),
        lambda: harness.sink.place_customer(BUYER, handing_over=nothing),
        lambda: harness.sink.resume("MD-1"),
        lambda: harness.sink.refusal("MD-1"),
    ):
        with pytest.raises(FolderUnusable):
            act()
    assert "sage_no_folder" in findings(harness)


def test_a_full_disk_is_told_before_anything_is_journalled(
    harness: SageHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "a-secret-path")

    monkeypatch.setattr(os, "fsync", full)
    called: list[int] = []
    with pytest.raises(FolderUnusable, match="No space left") as refused:
        harness.sink.place(order(harness), handing_over=lambda: called.append(1))
    assert called == []
    assert "a-secret-path" not in repr(vars(refused.value))


def test_a_rename_that_fails_is_unknown_and_resumed(harness: SageHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(source: Path, target: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(files, "rename", refused)
        with pytest.raises(WriteUnanswered):
            harness.sink.place(order(harness), handing_over=nothing)
    harness.sink.resume("MD-1")
    assert names(harness) == {"MD-1.txt"}


def test_a_folder_that_cannot_be_synced_is_used_all_the_same(
    harness: SageHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_folders(path: Any, flags: int, *rest: Any) -> int:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "open", no_folders)
    harness.sink.place(order(harness), handing_over=nothing)
    assert names(harness) == {"MD-1.txt"}


@pytest.mark.parametrize("code", ["../X", "A/B", "A B", "É1", ".", "A:B"])
def test_a_code_that_is_no_file_name_is_refused(harness: SageHarness, code: str) -> None:
    with pytest.raises(OrderFieldRefused):
        harness.sink.place_customer(msgspec.structs.replace(BUYER, code=code), handing_over=nothing)
    assert harness.sink.refusal(code) is None
    assert names(harness) == set()


def test_a_customer_without_a_code_cannot_be_placed_by_a_file(harness: SageHarness) -> None:
    with pytest.raises(CapabilityMissing):
        harness.sink.place_customer(msgspec.structs.replace(BUYER, code=""), handing_over=nothing)


def test_a_document_waits_for_its_customer(harness: SageHarness) -> None:
    document = msgspec.structs.replace(order(harness), customer_code="CL77")
    with pytest.raises(CustomerUnknown):
        harness.sink.place(document, handing_over=nothing)
    assert names(harness) == set()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"Article inconnu\r\nligne 2", "Article inconnu"),
        ("\n  Période clôturée ".encode("cp1252"), "Période clôturée"),
        ("\ufeffPériode".encode(), "Période"),
        (b"", files.NO_REASON),
    ],
)
def test_a_refusal_is_the_first_line_beside_the_file(harness: SageHarness, content: bytes, why: str) -> None:
    harness.sink.place(order(harness), handing_over=nothing)
    assert harness.sink.refusal("MD-1") is None
    (harness.folder / "MD-1.txt").rename(harness.folder / "error" / "MD-1.txt")
    (harness.folder / "error" / "MD-1.err").write_bytes(content)
    (harness.folder / "error" / "C-CL77.err").write_bytes(b"Compte ferm\xe9")
    assert harness.sink.refusal("MD-1") == why
    assert harness.sink.refusal("CL77") == "Compte fermé"
    (harness.folder / "error" / "MD-1.txt").rename(harness.folder / "done" / "MD-1.txt")
    assert harness.sink.refusal("MD-1") is None


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_base_is_written_to_only_where_there_is_a_folder(harness: SageHarness, tmp_path: Path) -> None:
    assert Capability.DOCUMENTS_WRITE in harness.adapter.manifest.capabilities
    (tmp_path / "other").mkdir()
    with closing(SageHarness(tmp_path / "other", orders_folder="").adapter) as closed:
        assert Capability.DOCUMENTS_WRITE not in closed.manifest.capabilities


def seeded(harness: SageHarness, number: str = "BC1", key: str = "MD-1") -> None:
    harness.seed(article("A1", stock=pieces(9)))
    harness.edits.add_document(1, number, key, lines=[("A1", 1)])


@pytest.mark.parametrize(
    ("code", "state"),
    [(0, DocumentState.ENTERED), (1, DocumentState.CONFIRMED), (2, DocumentState.READY), (None, DocumentState.ENTERED)],
)
def test_the_state_and_the_total_are_those_of_the_header(
    harness: SageHarness, code: int | None, state: DocumentState
) -> None:
    seeded(harness)
    harness.execute("UPDATE F_DOCENTETE SET DO_Statut = ?, DO_TotalTTC = 15.006", (code,))
    found = harness.sink.find_document("MD-1")
    assert found is not None
    assert (found.state, str(found.total)) == (state, "15.006")
    harness.execute("UPDATE F_DOCENTETE SET DO_TotalTTC = 0")
    [found] = harness.adapter.documents("MD")
    assert found.total is None


@pytest.mark.parametrize("field", ["DO_Coord03", "Numéro de suivi", "numéro DE suivi"])
def test_every_tracking_number_is_read_once(tmp_path: Path, field: str) -> None:
    harness = SageHarness(tmp_path, tracking_field=field)
    seeded(harness)
    harness.execute('ALTER TABLE F_DOCENTETE ADD COLUMN "Numéro de suivi" VARCHAR(99)')
    column = field if field.startswith("DO_") else "Numéro de suivi"
    harness.execute(f'UPDATE F_DOCENTETE SET "{column}" = ?', ("6A1; 6A2/6A3,6A1  6A4  ",))
    harness.execute("UPDATE F_DOCLIGNE SET DL_NoColis = '6A4 6A5'")
    with closing(harness.adapter):
        [found] = harness.adapter.documents("MD")
        assert found.parcels == tuple(Parcel(f"6A{number}") for number in range(1, 6))


def test_a_tracking_field_that_is_gone_is_said(tmp_path: Path) -> None:
    harness = SageHarness(tmp_path, tracking_field="Suivi")
    with closing(harness.adapter):
        assert findings(harness)["sage_no_tracking_field"] is Severity.ERROR
        with pytest.raises(FieldUnknown):
            list(harness.adapter.documents("MD"))


def test_check_says_that_the_folder_can_be_used_and_writes_nothing(harness: SageHarness) -> None:
    assert findings(harness)["sage_folder"] is Severity.OK
    assert names(harness) == set()


def findings(harness: SageHarness) -> dict[str, Severity]:
    return {finding.text.code: finding.severity for finding in harness.adapter.check()}


def test_an_older_base_reads_without_the_columns_it_lacks(harness: SageHarness) -> None:
    seeded(harness)
    harness.execute("ALTER TABLE F_DOCENTETE DROP COLUMN DO_TotalTTC")
    harness.execute("ALTER TABLE F_DOCLIGNE DROP COLUMN DL_NoColis")
    harness.execute("DROP TABLE F_PAYS")
    found = harness.sink.find_document("MD-1")
    assert found is not None
    assert (found.total, found.parcels) == (None, ())
    assert harness.sink.place(order(harness, "MD-2"), handing_over=nothing) == ""
    assert harness.sink.successors(["BC1"]) == {"BC1": []}


def test_several_documents_under_a_key_give_the_earliest_stage(harness: SageHarness) -> None:
    seeded(harness)
    harness.edits.add_document(3, "BL1", "MD-1", lines=[("A1", 1)])
    harness.edits.add_document(1, "BC9", "md-1", lines=[("A1", 1)])
    found = harness.sink.find_document("MD-1")
    assert found is not None
    assert found.number == "BC1"


def test_an_order_that_is_only_an_archive_is_never_placed_again(harness: SageHarness) -> None:
    seeded(harness)
    harness.execute("UPDATE F_DOCENTETE SET DO_Type = 8")
    with pytest.raises(RecordUnreadable):
        harness.sink.place(order(harness), handing_over=nothing)
    assert names(harness) == set()


def test_successors_are_found_through_every_stage_and_under_any_key(harness: SageHarness) -> None:
    seeded(harness)
    seeded(harness, "BC2", "MD-2")
    delivery = harness.edits.transform_document("BC1", 3)
    invoice = harness.edits.transform_document(delivery, 6)
    harness.execute("UPDATE F_DOCENTETE SET DO_NoWeb = ''")
    found = harness.sink.successors(["BC1", delivery, "BC2", *(f"X{number}" for number in range(1200))])
    assert [one.number for one in found["BC1"]] == [one.number for one in found[delivery]] == [invoice]
    assert (found["BC1"][0].kind, found["BC1"][0].origins) == (DocumentKind.INVOICE, ("BC1", delivery))
    assert found["BC2"] == []


def test_customers_are_found_by_code_or_e_mail_dormant_ones_too(harness: SageHarness) -> None:
    harness.execute("DELETE FROM F_PAYS")
    harness.execute("INSERT INTO F_PAYS (PA_Intitule, PA_CodeISO2) VALUES ('Belgique', 'BE')")
    columns = (
        "CT_Num, CT_Intitule, CT_Type, CT_EMail, CT_Sommeil, CT_Pays, CT_Ville, N_CatTarif, N_CatCompta, CG_NumPrinc"
    )
    rows: list[tuple[Any, ...]] = [
        ("CL2  ", "Forge ", 0, " Jeanne@Example.test ", 1, "BELGIQUE", "Mons", 2, 3, "411000"),
        ("CL3", "Autre", 0, "jeanne@example.test", 0, "Ailleurs", "Oslo", 0, None, None),
        ("FO1", "Fournisseur", 1, "jeanne@example.test", 0, "", "", 1, 1, "401000"),
    ]
    for row in rows:
        harness.execute(f"INSERT INTO F_COMPTET ({columns}) VALUES ({', '.join('?' * 10)})", row)
    by_mail = harness.sink.find_customers(email="JEANNE@example.test")
    assert [one.code for one in by_mail] == ["CL2", "CL3"]
    [found] = harness.sink.find_customers(code="cl2")
    assert found == by_mail[0]
    assert found.invoice_address is not None
    assert (found.company, found.price_category, found.tax_category, found.account, found.invoice_address.country) == (
        "Forge", "2", "3", "411000", "BE",
    )  # fmt: skip
    assert by_mail[1].invoice_address is not None
    assert (by_mail[1].invoice_address.country, by_mail[1].price_category) == ("Ailleurs", "")
    assert harness.sink.find_customers(code="FO1") == []


def test_the_country_is_written_as_the_base_spells_it(harness: SageHarness) -> None:
    document = order(harness)
    harness.execute("DELETE FROM F_PAYS")
    harness.execute("INSERT INTO F_PAYS (PA_Intitule, PA_CodeISO2) VALUES ('Belgique', 'BE')")
    there = Address(name="Jeanne", line1="1 rue", postcode="7000", city="Mons", country="BE")
    harness.sink.place(msgspec.structs.replace(document, delivery_address=there), handing_over=nothing)
    assert b";Belgique;" in (harness.folder / "MD-1.txt").read_bytes()


def test_vat_is_rounded_where_the_option_says(tmp_path: Path) -> None:
    harness = SageHarness(tmp_path, vat_rounding="line")
    with closing(harness.adapter):
        made = order(harness)
        cheap = msgspec.structs.replace(made.lines[0], unit_price=made.lines[0].unit_price / 500)
        assert str(harness.sink.price(msgspec.structs.replace(made, lines=(cheap, cheap))).total) == "0.04"
