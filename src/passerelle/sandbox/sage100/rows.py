"""Rows on their way into the demo base, and the few values that Sage writes in its own manner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from .sessions import Session

Row = dict[str, object]

NO_DATE = "1753-01-01 00:00:00"  # what a DATETIME column of Sage holds for "no date"
_FIRST_DAY = datetime(2023, 1, 2, 8, 0, 0)  # noqa: DTZ001 - Sage stores the server's local time, without a zone
_DAYS = 1390  # up to the end of October 2026
_PENDING_ROWS = 5000


class BulkInsert:
    """Collects rows of many tables and writes each table's with one executemany.

    `longest` cuts the texts of the columns it names.
    """

    def __init__(self, session: Session, *, longest: Mapping[str, int] | None = None) -> None:
        self._session = session
        self._longest = longest or {}
        self._pending: defaultdict[tuple[str, ...], list[list[object]]] = defaultdict(list)

    def add(self, table: str, row: Row) -> None:
        row = row | {name: str(row[name])[:length] for name, length in self._longest.items() if name in row}
        rows = self._pending[(table, *row)]
        rows.append([plain(value) for value in row.values()])
        if len(rows) >= _PENDING_ROWS:
            self._write((table, *row), rows)

    def flush(self) -> None:
        for shape, rows in self._pending.items():
            self._write(shape, rows)

    def _write(self, shape: tuple[str, ...], rows: list[list[object]]) -> None:
        self._session.executemany(insert_statement(shape[0], columns=shape[1:]), rows)
        rows.clear()


def insert_statement(table: str, *, columns: tuple[str, ...]) -> str:
    names = ", ".join(map(quoted, columns))
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"


def quoted(column: str) -> str:
    """A column's name in SQL, in quotes where it must be: in PostgreSQL they keep its case."""
    return column if column.isascii() and column.isidentifier() else f'"{column}"'


def plain(value: object) -> object:
    """A Decimal goes in as digits: the column's numeric affinity keeps them, no binary float is made here."""
    return format(value, "f") if type(value) is Decimal else value


def moment(rng: Random, *, after: int = 0) -> str:
    """A working hour between `after` days from January 2023 and October 2026, in the form of a DATETIME."""
    day = rng.randrange(after, _DAYS)
    at = _FIRST_DAY + timedelta(days=day, seconds=rng.randrange(10 * 3600), milliseconds=rng.randrange(1000))
    return at.isoformat(" ", "microseconds")


def day(rng: Random, *, after: int = 0) -> str:
    return moment(rng, after=after)[:10] + " 00:00:00"


def created_and_changed(rng: Random) -> Row:
    """The technical columns of a row that a user created, then touched later or not at all."""
    first, second = moment(rng), moment(rng)
    return {"cbCreateur": "COLU", "cbModification": max(first, second), "cbCreation": min(first, second)}
