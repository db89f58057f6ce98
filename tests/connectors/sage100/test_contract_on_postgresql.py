"""The Sage 100 connector passes the contract kit on a PostgreSQL base as it does on a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.connectors.sage100.harness import SageHarness
from tests.connectors.sage100.postgresql import PASSWORD, database

from passerelle.sandbox.sage100 import empty_base
from passerelle.sandbox.sage100.sessions import Session, change
from passerelle.testing.erp import ErpContract
from passerelle.testing.erp_sink import SinkContract
from passerelle.testing.faults import Fault

pytestmark = pytest.mark.slow


class ServerHarness(SageHarness):
    """The same base in a database, whose address holds a password."""

    secret = PASSWORD

    def __init__(self, folder: Path, *, address: str) -> None:
        self.base = address
        self.driver_errors = driver_errors()
        super().__init__(folder)

    def make_base(self, folder: Path) -> str:
        return str(self.base)

    def stored(self) -> str:
        with change(self.base) as session:
            return "\n".join(
                f"{table} {tuple(row)}"
                for table in tables(session)
                for row in session.execute(f"SELECT * FROM {table}")
            )


def tables(session: Session) -> list[str]:
    """The tables of the base."""
    found = session.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1")
    return [name for (name,) in found]


def driver_errors() -> dict[Fault, tuple[type[Exception], dict[str, str], tuple[str]]]:
    """What psycopg raises; its classes know their codes themselves."""
    from psycopg import OperationalError, errors

    return {
        Fault.UNAUTHORISED: (errors.InvalidPassword, {}, ("password authentication failed",)),
        Fault.FORBIDDEN: (errors.InsufficientPrivilege, {}, ("permission denied for table f_article",)),
        Fault.REFUSED: (OperationalError, {}, ("connection refused",)),
        Fault.TIMEOUT: (errors.QueryCanceled, {}, ("canceling statement due to statement timeout",)),
        Fault.NOT_THE_FORMAT: (errors.DataCorrupted, {}, ("invalid page in block 0",)),
    }


@pytest.fixture(scope="module")
def empty() -> Iterator[str]:
    """A base with its parameter lists, which it keeps a copy of: a database for each test would take minutes."""
    with database() as address:
        empty_base(address)
        with change(address) as session:
            session.execute("CREATE SCHEMA kept")
            for table in tables(session):
                session.execute(f"CREATE TABLE kept.{table} AS TABLE {table}")
        yield address


@pytest.fixture
def harness(empty: str, tmp_path: Path) -> Iterator[ServerHarness]:
    with change(empty) as session:
        for table in tables(session):
            session.execute(f"DELETE FROM {table}")
            session.execute(f"INSERT INTO {table} SELECT * FROM kept.{table}")
    made = ServerHarness(tmp_path, address=empty)
    yield made
    made.adapter.close()


class TestErp(ErpContract):
    """Whole."""


class TestSink(SinkContract):
    """By import files that a robot takes."""
