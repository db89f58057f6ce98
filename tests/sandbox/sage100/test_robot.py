"""The robot that plays Sage imports what Sage would, refuses what it would, and keeps the stock counters right."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerelle.sandbox.sage100 import Robot, SageEdits, empty_base

HEADER = "E;1;;241126;CINTERNET;PS-1;{key};;;;;;;;;{carrier};;;;"
LINE = "L;{article};;;;{quantity};{net};0;{tax};Outil;;{gross};{ttc}"


class Desk:
    """A base with two articles, and the folder of import files."""

    def __init__(self, folder: Path) -> None:
        self.base, self.folder = folder / "sage.sqlite3", folder / "import"
        self.folder.mkdir()
        empty_base(self.base)
        self.sage = SageEdits(self.base)
        for ref in ("A1", "A2"):
            self.sage.add_article(ref, AR_PrixVen="10")
            self.sage.set_stock(ref, 1, on_hand=100)
        self.robot = Robot(self.base, self.folder)

    def write(self, *lines: str, key: str = "MD-1", carrier: str = "", end: str = "\r\n") -> Path:
        path = self.folder / f"{key}.txt"
        records = [HEADER.format(key=key, carrier=carrier), *lines]
        path.write_bytes(("\r\n".join(records) + end).encode("cp1252"))
        return path

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with self.robot._change() as connection:
            return [tuple(row) for row in connection.execute(statement)]

    def reason(self, key: str = "MD-1") -> str:
        return (self.folder / "error" / f"{key}.err").read_text(encoding="utf-8").strip()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def line(article: str = "A1", quantity: str = "1", *, net: str = "", gross: str = "", tax: str = "C20") -> str:
    return LINE.format(article=article, quantity=quantity, net=net, gross=gross, tax=tax, ttc=int(bool(gross)))


@pytest.mark.parametrize(
    ("lines", "total", "by_tax"),
    [
        ([line(net="83,33")], "100.00", {"C20": ("83.33", "16.67")}),
        ([line(gross="100")], "100.00", {"C20": ("83.33", "16.67")}),
        ([line(quantity="3", gross="0,335", tax="C55")], "1.01", {"C55": ("0.96", "0.05")}),
        ([line(net="10,005", tax="C21")], "10.22", {"C21": ("10.01", "0.21")}),
        ([line(net="5"), line(gross="6"), line("A2", gross="1,99", tax="EXO")], "13.99",
         {"C20": ("10.00", "2.00"), "EXO": ("1.99", "0.00")}),
    ],
)  # fmt: skip
def test_a_file_totals_what_a_person_reckons(
    desk: Desk, lines: list[str], total: str, by_tax: dict[str, tuple[str, str]]
) -> None:
    path = desk.write(*lines)
    expected = {code: (Decimal(base), Decimal(vat)) for code, (base, vat) in by_tax.items()}
    assert desk.robot.totals_of(path) == (Decimal(total), expected)
    assert desk.robot.take() == 1
    assert [Decimal(str(value)) for (value,) in desk.rows("SELECT DO_TotalTTC FROM F_DOCENTETE")] == [Decimal(total)]


@pytest.mark.parametrize(
    ("lines", "options", "reason"),
    [
        ([line("ABSENT", net="1")], {}, "article inconnu : ABSENT"),
        ([line(net="1", tax="XX")], {}, "code taxe inconnu : XX"),
        ([line(net="un")], {}, "nombre illisible : un"),
        ([line(net="1") + ";"], {}, "14 champs au lieu de 13"),
        ([line("A" * 19, net="1")], {}, "article : 19 caractères au lieu de 18"),
        ([line(net="1")], {"carrier": "Pigeon"}, "Pigeon n'est pas dans la liste P_EXPEDITION"),
        ([line(net="1")], {"end": ""}, "fichier tronqué"),
    ],
)
def test_a_file_that_sage_would_refuse_is_put_aside_with_its_reason(
    desk: Desk, lines: list[str], options: dict[str, str], reason: str
) -> None:
    desk.write(*lines, **options)
    desk.robot.take()
    assert desk.reason() == reason
    assert not desk.rows("SELECT 1 FROM F_DOCENTETE")


def test_a_dormant_article_is_refused(desk: Desk) -> None:
    desk.sage.set_dormant("A1", True)
    desk.write(line(net="1"))
    desk.robot.take()
    assert desk.reason() == "article en sommeil : A1"


def test_the_same_file_twice_is_two_documents_as_in_a_real_sage(desk: Desk) -> None:
    for _ in range(2):
        desk.write(line(net="1"))
        desk.robot.take()
    assert desk.rows("SELECT COUNT(*) FROM F_DOCENTETE WHERE DO_NoWeb = 'MD-1'") == [(2,)]


STEPS = st.lists(st.sampled_from(["take", "deliver", "part", "invoice", "delete"]), max_size=12)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_whatever_is_done_the_counters_are_what_the_documents_say(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    desk = Desk(tmp_path_factory.mktemp("robot"))
    for number, step in enumerate(steps):
        _do(desk, step, number)
        for ref in ("A1", "A2"):
            assert _counters(desk, ref) == (100 - _held(desk, ref, "3, 6"), _held(desk, ref, "1"))


def _do(desk: Desk, step: str, number: int) -> None:
    found = desk.rows("SELECT DO_Piece, DO_Type FROM F_DOCENTETE ORDER BY cbMarq")
    orders, notes = ([str(piece) for piece, kind in found if kind == of] for of in (1, 3))
    if step == "take":
        desk.write(line("A1", "2", net="1"), line("A2", "3", net="2"), key=f"MD-{number}")
        desk.robot.take()
    elif (
        step == "part"
        and orders
        and desk.rows(f"SELECT 1 FROM F_DOCLIGNE WHERE DO_Piece = '{orders[0]}' AND AR_Ref = 'A2'")
    ):
        desk.robot.deliver(orders[0], lines={"A2": 1})
    elif step == "deliver" and orders:
        desk.robot.deliver(orders[0])
    elif step == "invoice" and notes:
        desk.robot.invoice(notes[0])
    elif step == "delete" and found:
        desk.robot.delete(str(found[-1][0]))


def _counters(desk: Desk, ref: str) -> tuple[float, float]:
    ((on_hand, reserved),) = desk.rows(f"SELECT AS_QteSto, AS_QteRes FROM F_ARTSTOCK WHERE AR_Ref = '{ref}'")
    return float(str(on_hand)), float(str(reserved))


def _held(desk: Desk, ref: str, kinds: str) -> float:
    ((held,),) = desk.rows(f"SELECT SUM(DL_Qte) FROM F_DOCLIGNE WHERE AR_Ref = '{ref}' AND DO_Type IN ({kinds})")
    return float(str(held or 0))
