"""Moves of the stock counters: F_ARTSTOCK of an article, F_GAMSTOCK of a combination of its ranges.

A counter is named without the prefix of its column: QteSto is AS_QteSto of an article, GS_QteSto of a combination.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from .documents import EFFECTS, DocType
from .rows import Row, insert_statement, plain
from .sessions import Session
from .versions import kept

Quantity = int | str | Decimal
Numbers = tuple[int, int]  # AG_No1 and AG_No2 of a combination, 0 for none

NO_RANGE: Final[Numbers] = (0, 0)
COUNTERS: Final = ("QteSto", "QteRes", "QtePrepa", "QteAControler", "QteCom")


def insert(connection: Session, table: str, row: Row) -> None:
    """Columns that the base's version lacks are left out."""
    row = kept(connection, table, row)
    connection.execute(insert_statement(table, columns=tuple(row)), [plain(value) for value in row.values()])


def move(
    connection: Session,
    ref: str | None,
    *,
    depot: int,
    kind: DocType,
    quantity: Decimal,
    numbers: Numbers = NO_RANGE,
) -> None:
    """What a line of a document of this kind does to the stock counters; articles not followed have none."""
    if kind not in EFFECTS or not ref:
        return
    mode = connection.execute("SELECT AR_SuiviStock FROM F_ARTICLE WHERE AR_Ref = ?", (ref,)).fetchone()
    if mode is None or mode["AR_SuiviStock"] == 0:
        return
    counter, sign = EFFECTS[kind]
    counter = counter.removeprefix("AS_")
    move_counter(connection, ref, depot=depot, counter=counter, quantity=sign * quantity, add=True)
    if numbers[0]:
        move_combination(connection, ref, numbers, depot=depot, counter=counter, quantity=sign * quantity, add=True)


def move_counter(connection: Session, ref: str, *, depot: int, counter: str, quantity: Quantity, add: bool) -> None:
    """Sets or moves one F_ARTSTOCK counter, making the row if there is none; the stock's value follows."""
    known = connection.execute("SELECT 1 FROM F_ARTSTOCK WHERE AR_Ref = ? AND DE_No = ?", (ref, depot)).fetchone()
    if known is None:
        _require_depot(connection, depot)
        insert(connection, "F_ARTSTOCK", {"AR_Ref": ref, "DE_No": depot, "AS_Mouvemente": 1, "cbCreateur": "COLU"})
    column = f"AS_{counter}"
    before = f"{column} + " if add else ""
    connection.execute(
        f"UPDATE F_ARTSTOCK SET {column} = ROUND({before}CAST(? AS NUMERIC), 6) WHERE AR_Ref = ? AND DE_No = ?",
        (str(quantity), ref, depot),
    )
    if counter == "QteSto":
        connection.execute(
            "UPDATE F_ARTSTOCK SET AS_MontSto = ROUND(AS_QteSto * (SELECT a.AR_PrixAch FROM F_ARTICLE a"
            " WHERE a.AR_Ref = F_ARTSTOCK.AR_Ref), 2) WHERE AR_Ref = ? AND DE_No = ?",
            (ref, depot),
        )


def move_combination(
    connection: Session, ref: str, numbers: Numbers, *, depot: int, counter: str, quantity: Decimal, add: bool
) -> None:
    """Sets or moves one F_GAMSTOCK counter, making the row if there is none; F_ARTSTOCK is not touched."""
    same = "AR_Ref = ? AND AG_No1 = ? AND AG_No2 = ? AND DE_No = ?"
    key = (ref, *numbers, depot)
    if connection.execute(f"SELECT 1 FROM F_GAMSTOCK WHERE {same}", key).fetchone() is None:
        _require_depot(connection, depot)
        row: Row = {"AR_Ref": ref, "AG_No1": numbers[0], "AG_No2": numbers[1], "DE_No": depot, "cbCreateur": "COLU"}
        insert(connection, "F_GAMSTOCK", row)
    column = f"GS_{counter}"
    before = f"{column} + " if add else ""
    connection.execute(
        f"UPDATE F_GAMSTOCK SET {column} = ROUND({before}CAST(? AS NUMERIC), 6) WHERE {same}", (str(quantity), *key)
    )


def _require_depot(connection: Session, depot: int) -> None:
    if connection.execute("SELECT 1 FROM F_DEPOT WHERE DE_No = ?", (depot,)).fetchone() is None:
        raise LookupError(f"no depot {depot}")
