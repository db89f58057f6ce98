"""The demo base and all that is done to it are the same rows in a PostgreSQL database as in a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine
from tests.connectors.sage100.postgresql import database

from passerelle.sandbox.sage100 import DocType, Robot, SageEdits, build_company, empty_base
from passerelle.sandbox.sage100.schema import columns_named
from passerelle.sandbox.sage100.sessions import Base, change

CUSTOMER = "C;W1;Claire Martin;;1 rue Haute;;69003;Lyon;France;;claire@example.test;;;;"
ORDER = "E;1;;241126;{customer};PS-1;{key};;;;;;;;;;;;;"
LINES = ("L;A1;;;;3;10;0;C20;Marteau;;;", "L;A2;;;;1,5;;0;C55;Vis;;9,99;1", "L;PORT;;;;1;4,9;0;C20;Port;;;")
RANGED_LINES = tuple(f"L;SECU;40;{colour};;2;10;0;C20;Chaussure;;;" for colour in ("Noir", "Brun"))


@pytest.fixture
def address() -> Iterator[str]:
    with database() as made:
        yield made


def content(base: Base) -> dict[str, list[tuple[object, ...]]]:
    """The rows of every table with a cbMarq, but for the moments that triggers wrote."""
    with change(base) as session:
        found = {}
        for table, _ in columns_named("cbMarq"):
            rows = session.execute(f"SELECT * FROM {table} ORDER BY cbMarq").fetchall()
            found[table] = [tuple(plain(row[name]) for name in row.keys() if name != "cbModification") for row in rows]  # noqa: SIM118
        return found


def plain(value: object) -> object:
    """A value of either database: moments as texts, numbers by their digits."""
    if isinstance(value, datetime):
        return value.isoformat(" ", "milliseconds")
    if isinstance(value, str) and value[:4].isdigit() and value[4:5] == "-" and value[13:14] == ":":
        return datetime.fromisoformat(value).isoformat(" ", "milliseconds")
    return Decimal(str(value)).normalize() if isinstance(value, (int, float, Decimal)) else value


def test_the_same_numbers_build_the_same_company(address: str, tmp_path: Path) -> None:
    file = tmp_path / "sage.db"
    for base in (file, address):
        build_company(base, articles=120, ranged=30, customers=20)
    assert content(address) == content(file)


def test_the_robot_and_the_people_leave_the_same_rows(address: str, tmp_path: Path) -> None:
    bases: tuple[Base, Base] = (tmp_path / "sage.db", address)
    seen = []
    for number, base in enumerate(bases):
        with time_machine.travel("2026-11-24 10:00:00", tick=False):
            seen.append(play(base, tmp_path / f"import-{number}"))
    assert seen[0] == seen[1]
    assert content(bases[1]) == content(bases[0])


def play(base: Base, folder: Path) -> list[object]:
    """Everything that people and the robot can do; gives what they were told."""
    empty_base(base)
    sage = SageEdits(base)
    for ref in ("A1", "A2", "OLD", "GONE"):
        sage.add_article(ref, AR_PrixVen="12.5", AR_PrixAch="3.33", **{"Marque commerciale": "Forgial"})
        sage.set_stock(ref, 1, on_hand="40.5", to_check=1)
    sage.add_article("PORT", AR_SuiviStock=0)
    sage.set_vat_of_article("A2", 1, "C55")
    sage.set_category_price("A1", 2, "9.99", ttc=True)
    sage.set_price("A2", "9.99", ttc=True)
    sage.add_document(DocType.PURCHASE_ORDER, "CF1", lines=[("OLD", 3), ("GONE", "0.1")])
    sage.add_document(DocType.ORDER, "BCWEB01", lines=[("OLD", 1)])
    play_with_ranges(sage)
    sage.rename_article("OLD", "NEW")
    sage.delete_article("GONE")
    with pytest.raises(LookupError):
        sage.set_stock("GONE", 1, on_hand=1)
    folder.mkdir()
    write(folder, "C-W1", CUSTOMER)
    for number, customer in enumerate(("W1", "W1", "CINTERNET", "NOBODY"), start=1):
        write(folder, f"MD-{number}", ORDER.format(customer=customer, key=f"MD-{number}"), *LINES)
    write(folder, "MD-5", ORDER.format(customer="W1", key="MD-5"), *RANGED_LINES)
    robot = Robot(base, folder)
    told: list[object] = [robot.totals_of(folder / "MD-1.txt"), robot.take()]
    robot.confirm("BC00001")
    for lines in ({"A1": 1}, {"A1": 1, "A2": "0.5"}):
        told.append(robot.deliver("BC00001", tracking="6A1", lines=lines))
    told.append(robot.deliver("BC00001"))
    told += [robot.invoice("BL00001"), robot.prepare("BC00002")]
    robot.delete("PL00001")
    told += [robot.work() for _ in range(4)]
    return [*told, sorted(path.read_text(encoding="utf-8") for path in folder.glob("error/*.err"))]


def play_with_ranges(sage: SageEdits) -> None:
    """An article with two ranges, one value of which is gone."""
    sage.name_range(1, "Pointure")
    sage.name_range(1, "Taille")
    sage.add_article("SECU", AR_Gamme1=1, AR_Gamme2=2, AR_PrixAch="2.5")
    for values in (("40", "Noir"), ("40", "Brun"), ("41", "Noir")):
        sage.add_combination("SECU", values, AE_CodeBarre=None)
        sage.set_combination_stock("SECU", values, 1, on_hand="5.5", reserved=1)
    sage.update_combination("SECU", ("40", "Brun"), AE_Ref="SB-40")
    sage.set_combination_dormant("SECU", ("41", "Noir"), True)
    sage.set_combination_price("SECU", ("40", "Noir"), 2, "4.15", barcode="3250000000014")
    sage.set_combination_price("SECU", ("40", "Noir"), 2, "4.25")
    sage.add_document(DocType.ORDER, "BCWEB02", lines=[(("SECU", "40", "Brun"), "1.5")])
    sage.delete_combination("SECU", ("41", "Noir"))
    sage.delete_range_value("SECU", "41")


def write(folder: Path, stem: str, *records: str) -> None:
    (folder / f"{stem}.txt").write_bytes("".join(f"{record}\r\n" for record in records).encode("cp1252"))


def test_a_change_in_raw_sql_is_stamped_and_a_stamp_set_on_purpose_is_kept(address: str) -> None:
    empty_base(address)
    stamps = []
    for statement in (
        "INSERT INTO F_ARTICLE (AR_Ref, FA_CodeFamille, cbModification) VALUES ('A', 'DIVERS', '2020-01-01')",
        "UPDATE F_ARTICLE SET AR_PrixVen = 3",
        "UPDATE F_ARTICLE SET AR_PrixVen = 4, cbModification = '2021-01-01'",
    ):
        with change(address) as session:
            session.execute(statement)
            stamps.append(session.execute("SELECT cbModification FROM F_ARTICLE").fetchone()[0].year)
    assert stamps[0] == 2020
    assert stamps[1] > 2025
    assert stamps[2] == 2021


def test_a_company_is_never_written_over(address: str) -> None:
    empty_base(address)
    before = content(address)
    for build in (empty_base, build_company):
        with pytest.raises(FileExistsError):
            build(address)
    assert content(address) == before


def test_what_fails_halfway_leaves_nothing(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("passerelle.sandbox.sage100.company.fill_parameters", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            build_company(address)
    empty_base(address)
    with pytest.raises(LookupError):
        SageEdits(address).add_document(DocType.ORDER, "BC1", lines=[("ABSENT", 1)])
    assert content(address)["F_DOCENTETE"] == []
