"""The SQL connection: read-only, small, with short timeouts, and what its failures mean. Nothing else speaks SQL.

No message and no detail holds the address or the password.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from passerelle.connectors.sage100.faults import fault
from passerelle.connectors.sage100.manifest import TITLE
from passerelle.connectors.sage100.tables import COLUMNS, Tables
from passerelle.errors import (
    AddressInvalid,
    AnswerUnreadable,
    FilterInvalid,
    NotThisSystem,
    PasserelleError,
    Unavailable,
)

T = TypeVar("T")

CONNECT_SECONDS: Final = 5
QUERY_SECONDS: Final = 30
_DRIVERS: Final = {"postgresql": "postgresql+psycopg", "mssql": "mssql+pymssql"}
_DATABASES: Final = ("sqlite", "postgresql", "mssql")
_POOL: Final[dict[str, Any]] = {"pool_size": 2, "max_overflow": 3, "pool_pre_ping": True, "pool_recycle": 1800}


class Client:
    """One company's database. Opening it costs nothing; the first statement connects."""

    def __init__(self, url: str) -> None:
        self._url = _parsed(url)
        self._engine = _engine(self._url)
        self._tables: Tables | None = None

    @property
    def database(self) -> str:
        """Which database it is: "sqlite", "postgresql" or "mssql"."""
        return self._engine.dialect.name

    @property
    def file(self) -> Path | None:
        """The file of an SQLite base."""
        return Path(self._url.database or "") if self.database == "sqlite" else None

    def tables(self) -> Tables:
        """The base's own tables, read once. Raises NotThisSystem when there is no F_ARTICLE."""
        if self._tables is None:
            found = self.read(_reflected)
            if not any(name.upper() == "F_ARTICLE" for name in found):
                raise NotThisSystem(system=TITLE, why="it has no table F_ARTICLE")
            self._tables = Tables(found)
        return self._tables

    def read(self, act: Callable[[Connection], T], *, filtered: bool = False) -> T:
        """What `act` reads on one connection; the errors of the driver become ours.

        `filtered` says that these reads hold a condition of the owner's: what the database refuses is FilterInvalid.
        They are raised outside the `except`, so that no chained error carries the driver's text, which holds addresses.
        """
        self._require_file()
        found: PasserelleError
        try:
            with self._engine.connect() as connection:
                return act(connection)
        except DBAPIError as error:
            found = fault(error, url=self._url)
        except PoolTimeout:
            found = Unavailable(system=TITLE, detail="no free connection")
        if filtered and isinstance(found, AnswerUnreadable):
            raise FilterInvalid(why="the database refuses it", detail=found.detail)
        raise found

    def rows(self, statement: sa.Select[Any], *, filtered: bool = False) -> Sequence[Any]:
        """All rows of one statement."""
        return self.read(lambda connection: connection.execute(statement).fetchall(), filtered=filtered)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _require_file(self) -> None:
        if self.file is not None and not self.file.is_file():
            raise NotThisSystem(system=TITLE, why=f"there is no file {self.file.name}")


def _parsed(url: str) -> URL:
    parsed = _url(url)
    if parsed is None:
        raise _refused("it is not a database address")
    parsed = parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))
    if parsed.get_backend_name() not in _DATABASES:
        raise _refused("it must start with mssql+pymssql://, postgresql:// or sqlite:///")
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise _refused("it names no file")
    return parsed


def _url(url: str) -> URL | None:
    try:
        return sa.make_url(url)
    except (ArgumentError, ValueError):
        return None


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        url = url.set(database=Path(url.database or "").resolve().as_uri(), query={"mode": "ro", "uri": "true"})
    engine = _created(url)
    if engine is None:
        raise _refused(f"the driver of {url.drivername} is not installed")
    if url.get_backend_name() == "postgresql":
        event.listen(engine, "connect", _make_read_only)
    return engine


def _created(url: URL) -> Engine | None:
    try:
        return sa.create_engine(url, connect_args=_connect_args(url.drivername), **_POOL)
    except (ModuleNotFoundError, NoSuchModuleError):
        return None


def _refused(why: str) -> AddressInvalid:
    return AddressInvalid(key="erp.url", why=why)


def _connect_args(driver: str) -> dict[str, Any]:
    if driver == "mssql+pymssql":
        return {"login_timeout": CONNECT_SECONDS, "timeout": QUERY_SECONDS, "appname": "Passerelle", "read_only": True}
    if driver == "postgresql+psycopg":
        return {"connect_timeout": CONNECT_SECONDS, "application_name": "Passerelle"}
    return {"timeout": CONNECT_SECONDS} if driver.startswith("sqlite") else {}


def _make_read_only(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        cursor.execute(f"SET statement_timeout = {QUERY_SECONDS * 1000}")
    connection.commit()


def _reflected(connection: Connection) -> dict[str, dict[str, Any]]:
    """The tables or views that bear Sage's names: name → column → type."""
    inspector = sa.inspect(connection)
    names = [*inspector.get_table_names(), *inspector.get_view_names()]
    wanted = [name for name in names if name.upper() in _SAGE_NAMES]
    return {name: {column["name"]: column["type"] for column in inspector.get_columns(name)} for name in wanted}


_SAGE_NAMES = frozenset(name.upper() for name in COLUMNS)
