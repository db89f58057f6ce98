"""The demo base as older versions of Sage 100 have it: fewer columns, shorter ones, and dates to the minute.

V16 stands for V16 and V17, V21 for the last version before the 100c of today.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from .rows import Row
    from .sessions import Session

Version = Literal["v16", "v21", "100c"]

NO_SMALL_DATE: Final = "1900-01-01 00:00:00"  # "no date" in a SMALLDATETIME, which does not reach back to 1753

NAMES: Final = {"CT_Intitule": 35, "LI_Intitule": 35}  # 69 since then
# Columns that came after V21, then those that came after V17; cbCreation came everywhere after V21.
_AFTER_V21: Final = {
    "F_DOCENTETE": ("DO_TotalHTNet", "DO_TotalTTC", "DO_NetAPayer", "DO_MontantRegle", "DO_RefExterne"),
    "F_GLOSSAIRE": ("GL_TextLangue1", "GL_TextLangue2"),
    "F_ARTICLEMEDIA": ("ME_TypeMIME", "ME_Origine"),
    "F_COLLABORATEUR": ("CO_Sommeil",),
    "F_DOCREGL": ("DO_PieceAcompte",),
}
_AFTER_V17: Final = {
    "F_DOCENTETE": ("DO_TotalHT", "cbHash", "cbHashVersion", "cbHashDate", "cbHashOrder"),
    "F_COMPTET": ("CT_Prospect",),
    "F_ARTSTOCK": ("AS_Mouvemente",),
}
LATER: Final = frozenset(
    name for columns in (*_AFTER_V21.values(), *_AFTER_V17.values()) for name in columns
) | {"cbCreation"}  # fmt: skip


def widths(script: str, *, version: Version) -> str:
    """The table definitions with the lengths of a version."""
    if version != "100c":
        for name, length in NAMES.items():
            script = script.replace(f"{name} VARCHAR(69)", f"{name} VARCHAR({length})")
    if version == "v16":
        script = re.sub(r"\b((?:DO|DL)_Piece(?:DE|BC|PL|BL|Orig)?) VARCHAR\(13\)", r"\1 VARCHAR(9)", script)
    return script


def age(session: Session, *, version: Version, moments: dict[str, list[str]], minute: str) -> None:
    """Take from a filled base what its version does not have.

    `moments` names the dates of each table, `minute` is the SQL of a date {name} as a SMALLDATETIME keeps it.
    """
    if version == "100c":
        return
    gone = {table: set(columns) for table, columns in _AFTER_V21.items()}
    for table, columns in (_AFTER_V17 if version == "v16" else {}).items():
        gone.setdefault(table, set()).update(columns)
    for table, names in moments.items():
        if "cbCreation" in names:
            gone.setdefault(table, set()).add("cbCreation")
    for table, dropped in gone.items():
        for name in sorted(dropped):
            session.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    for table, names in moments.items():
        if kept_names := [name for name in names if name not in gone.get(table, ())]:
            changes = ", ".join(f"{name} = {minute.replace('{name}', name)}" for name in kept_names)
            session.execute(f"UPDATE {table} SET {changes}")


def kept(session: Session, table: str, row: Row) -> Row:
    """A row without the columns that the base's version lacks, and with its way to write no date."""
    if not any(name in LATER or _before_1900(value) for name, value in row.items()):
        return row
    if "cbcreation" in columns_of(session, "F_ARTICLE"):
        return row
    there = columns_of(session, table)
    present = {name: value for name, value in row.items() if name not in LATER or name.lower() in there}
    return {name: NO_SMALL_DATE if _before_1900(value) else value for name, value in present.items()}


def _before_1900(value: object) -> bool:
    return isinstance(value, str) and value.startswith("1753-")


def columns_of(session: Session, table: str) -> set[str]:
    """The names of a table's columns, in lower case."""
    found = session.execute(f"SELECT * FROM {table} WHERE 1 = 0").description
    return {column[0].lower() for column in found}
