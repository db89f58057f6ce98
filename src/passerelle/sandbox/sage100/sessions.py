"""Changes of the demo base, in an SQLite file or in a PostgreSQL database: the same SQL for both, `?` for a value."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from .schema import spelling

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

# A file of SQLite, or the address of a PostgreSQL database as a profile writes it: postgresql://…
Base = Path | str

_BUSY_SECONDS = 30
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(100)"


class Record(Protocol):
    """A row, as sqlite3.Row gives it."""

    def __getitem__(self, key: Any, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...

    def keys(self) -> Sequence[str]: ...


class Session(Protocol):
    """What the demo base is asked through, whichever database holds it; rows are `Record`s."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Any: ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Any: ...

    def executescript(self, script: str, /) -> Any: ...


@contextmanager
def change(base: Base) -> Iterator[Session]:
    """One transaction on a base that is there; no other change runs beside it, and an exception undoes it."""
    with _in_file(base) if isinstance(base, Path) else in_database(base) as session:
        yield session


@contextmanager
def _in_file(path: Path) -> Iterator[Session]:
    uri = f"{path.resolve().as_uri()}?mode=rw"
    with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


@contextmanager
def in_database(address: str) -> Iterator[Session]:
    """The same in a PostgreSQL database, which may be empty. Its driver, psycopg, is an extra of this package."""
    import psycopg

    with psycopg.connect(address, row_factory=_rows) as connection:
        connection.execute(_ONE_AT_A_TIME)  # as in a file
        yield _Database(connection)


class _Database:
    def __init__(self, connection: Connection[_Row]) -> None:
        self._connection = connection

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Any:
        return self._connection.execute(_marked(sql), parameters)

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Any:
        return self._connection.cursor().executemany(_marked(sql), parameters)

    def executescript(self, script: str, /) -> Any:
        return self._connection.execute(script.encode())


class _Row:
    """Columns by position or by Sage's name, which PostgreSQL has folded to lower case."""

    def __init__(self, names: Sequence[str], values: Sequence[Any]) -> None:
        self._names, self._values = names, values

    def __getitem__(self, key: int | str) -> Any:
        return self._values[self._names.index(key) if isinstance(key, str) else key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def keys(self) -> Sequence[str]:
        return self._names


def _rows(cursor: Cursor[Any]) -> Callable[[Sequence[Any]], _Row]:
    spelled = spelling()
    names = [spelled.get(column.name, column.name) for column in cursor.description or ()]
    return lambda values: _Row(names, values)


def _marked(sql: str) -> bytes:
    """The placeholders of psycopg; no text of ours holds a question mark."""
    return sql.replace("%", "%%").replace("?", "%s").encode()
