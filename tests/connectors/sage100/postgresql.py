"""Databases of their own on the PostgreSQL server of this machine, for the time of a test; without one, a skip."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

SERVER = "127.0.0.1:5432"
PASSWORD = "s3cret-passw0rd"  # this server takes any: it is there to see that it never shows


@contextmanager
def database() -> Iterator[str]:
    """The address of a new, empty database. A power cut would cost it its last changes, and no test cuts the power."""
    name = f"passerelle_{uuid.uuid4().hex[:12]}"
    with server() as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
            yield address(name)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def address(name: str, *, user: str = "postgres") -> str:
    """Of a database, as a profile writes it."""
    return f"postgresql://{user}:{PASSWORD}@{SERVER}/{name}"


@contextmanager
def server() -> Iterator[Any]:
    """A connection that may make databases and roles; each statement stands alone."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    try:
        opened = psycopg.connect(f"{address('postgres')}?connect_timeout=3", autocommit=True)
    except psycopg.OperationalError:
        pytest.skip(f"no PostgreSQL answers on {SERVER}")
    with opened as connection:
        yield connection
