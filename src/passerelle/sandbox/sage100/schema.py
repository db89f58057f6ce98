"""The tables of the demo base, for SQLite; other databases replace the same three markers."""

from __future__ import annotations

import re
import sqlite3
from importlib.resources import files

_SQLITE = {"{{PK}}": "INTEGER PRIMARY KEY AUTOINCREMENT", "{{TS}}": "TEXT", "{{CI}}": " COLLATE NOCASE"}

# As TG_CBINS_ and TG_CBUPD_ do in Sage: a change that does not set cbModification itself gets the server's local time.
# Milliseconds as DATETIME has them, written with six decimals so that texts compare as instants do.
_NOW = "strftime('%Y-%m-%d %H:%M:%f000', 'now', 'localtime')"
_TRIGGERS = """
CREATE TRIGGER TG_CBINS_{table} AFTER INSERT ON {table} WHEN NEW.cbModification IS NULL
BEGIN UPDATE {table} SET cbModification = {now} WHERE cbMarq = NEW.cbMarq; END;
CREATE TRIGGER TG_CBUPD_{table} AFTER UPDATE ON {table} WHEN NEW.cbModification IS OLD.cbModification
BEGIN UPDATE {table} SET cbModification = {now} WHERE cbMarq = NEW.cbMarq; END;
"""


def table_definitions(*, markers: dict[str, str]) -> str:
    """The CREATE TABLE statements, each ended by a semicolon and a line end, with the three markers replaced."""
    script = _read("schema.sql")
    for marker, text in markers.items():
        script = script.replace(marker, text)
    return script


def create_tables(connection: sqlite3.Connection) -> None:
    connection.executescript(table_definitions(markers=_SQLITE))


def create_indexes_and_triggers(connection: sqlite3.Connection) -> None:
    """Apart from the tables, because filling a big base first and indexing it after is much faster."""
    stamped = re.findall(r"CREATE TABLE (\w+) \([^;]*?\bcbModification\b", _read("schema.sql"))
    connection.executescript(_read("indexes.sql"))
    connection.executescript("".join(_TRIGGERS.format(table=table, now=_NOW) for table in stamped))


def _read(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
