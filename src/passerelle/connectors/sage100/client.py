"""The SQL connection: read-only, small, with short timeouts, and what its failures mean. Nothing else speaks SQL.

No message and no detail holds the address or the password.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from passerelle.connectors.sage100.faults import fault
from passerelle.connectors.sage100.manifest import TITLE
from passerelle.connectors.sage100.tables import COLUMNS, Tables
from passerelle.errors import AddressInvalid, FilterInvalid, NotThisSystem, Unavailable

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
            with self.connection() as connection:
                found = _reflected(connection)
            if not any(name.upper() == "F_ARTICLE" for name in found):
                raise NotThisSystem(system=TITLE, why="it has no table F_ARTICLE")
            self._tables = Tables(found)
        return self._tables

    @contextmanager
    def connection(self, *, filtered: bool = False) -> Iterator[Connection]:
        """A connection for a few reads; the errors of the driver leave it as ours.

        `filtered` says that these reads hold a condition of the owner's: what the database refuses is FilterInvalid.
        """
        self._require_file()
        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            found = fault(error, url=self._url)
            if filtered and isinstance(error, (sa.exc.ProgrammingError, sa.exc.DataError)):
                raise FilterInvalid(why="the database refuses it", detail=found.detail) from None
            raise found from None
        except PoolTimeout:
            raise Unavailable(system=TITLE, detail="no free connection") from None

    def rows(self, statement: sa.Select[Any], **parameters: object) -> Sequence[sa.Row[Any]]:
        """All rows of one statement."""
        with self.connection() as connection:
            return connection.execute(statement, parameters).fetchall()

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _require_file(self) -> None:
        if self.file is not None and not self.file.is_file():
            raise NotThisSystem(system=TITLE, why=f"there is no file {self.file.name}")


def _parsed(url: str) -> URL:
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        raise _refused("it is not a database address") from None
    parsed = parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))
    if parsed.get_backend_name() not in _DATABASES:
        raise _refused("it must start with mssql+pymssql://, postgresql:// or sqlite:///")
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise _refused("it names no file")
    return parsed


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        url = url.set(database=Path(url.database or "").resolve().as_uri(), query={"mode": "ro", "uri": "true"})
    try:
        engine = sa.create_engine(url, connect_args=_connect_args(url.drivername), **_POOL)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise _refused(f"the driver of {url.drivername} is not installed") from None
    if url.get_backend_name() == "postgresql":
        event.listen(engine, "connect", _make_read_only)
    return engine


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
