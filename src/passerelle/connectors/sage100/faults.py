"""What a database driver's error means for the owner."""

from __future__ import annotations

import re
from typing import Any, Final

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from passerelle.connectors.sage100.manifest import TITLE
from passerelle.connectors.sage100.tables import COLUMNS
from passerelle.domain.texts import N_
from passerelle.errors import (
    AnswerUnreadable,
    CredentialsRefused,
    NotThisSystem,
    PasserelleError,
    RightMissing,
    Unavailable,
)

# SQLSTATE of PostgreSQL, then the error numbers of SQL Server.
_LOGIN: Final = frozenset({"28P01", "28000", "18456", "18452", "18470", "18487", "18488"})
_NO_DATABASE: Final = frozenset({"3D000", "4060", "911"})
_NO_RIGHT: Final = frozenset({"42501", "229", "230", "916"})
# At connection time PostgreSQL's driver gives no SQLSTATE, only the server's sentence, in the server's language.
_LOGIN_WORDS: Final = ("authentication failed", "authentification", "login failed", "no password supplied",
                       "role", "rôle")  # fmt: skip
_DATABASE_WORDS: Final = ("database", "base de données")
_ABSENT_WORDS: Final = ("does not exist", "n'existe pas")


def fault(error: DBAPIError, *, url: URL) -> PasserelleError:
    """Our error for a driver's. Its detail is the driver's first line without the password."""
    code = _code(error.orig)
    words = _first_line(error.orig)
    detail = _redacted(f"{type(error.orig).__name__} {code} {words}", url=url)
    if code == "SQLITE_NOTADB":
        return NotThisSystem(system=TITLE, why="the file is not a database", detail=detail)
    if code in _NO_DATABASE or _says(words, _DATABASE_WORDS, _ABSENT_WORDS):
        return NotThisSystem(system=TITLE, why=f"there is no database {url.database}", detail=detail)
    if code in _LOGIN or _says(words, _LOGIN_WORDS):
        return CredentialsRefused(system=TITLE, detail=detail)
    if code in _NO_RIGHT:
        return RightMissing(system=TITLE, verb="read", resource=_table(words), detail=detail)
    if isinstance(error, (OperationalError, InterfaceError)) and code != "SQLITE_ERROR":
        return Unavailable(system=TITLE, detail=detail)
    return AnswerUnreadable(system=TITLE, why="the database refuses a query", detail=detail)


def _table(words: str) -> str:
    """The table of Sage that a sentence names, in any language and any case."""
    said = re.findall(r"\w+", words.upper())
    return next((name for name in COLUMNS if name in said), N_("the tables of the company"))


def _code(error: Any) -> str:
    """SQLSTATE (PostgreSQL), error number (SQL Server) or error name (SQLite)."""
    for name in ("sqlstate", "sqlite_errorname"):
        if code := getattr(error, name, None):
            return str(code)
    first = error.args[0] if getattr(error, "args", ()) else ""
    if isinstance(first, tuple):
        first = first[0]
    return str(first) if isinstance(first, int) else ""


def _first_line(error: Any) -> str:
    return " ".join(str(error).splitlines()[:2])[:300]


def _says(words: str, *each: tuple[str, ...]) -> bool:
    """Whether the sentence holds one word of every group."""
    return all(any(word in words.lower() for word in group) for group in each)


def _redacted(text: str, *, url: URL) -> str:
    file = url.database if url.get_backend_name() == "sqlite" else None
    for secret in (url.password, url.username, url.host, file):
        if secret:
            text = text.replace(str(secret), "…")
    return text
