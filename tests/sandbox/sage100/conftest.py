from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from passerelle.sandbox.sage100 import SageEdits, build_company, empty_base


class Base:
    """A demo base under test, read the way another program would."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.edits = SageEdits(path)

    def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()

    def value(self, sql: str, *values: object) -> object:
        ((value,),) = self.rows(sql, *values)
        return value

    def stamp(self, table: str) -> object:
        return self.value(f"SELECT MAX(cbModification) FROM {table}")


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """Built once; tests of this fixture only read it."""
    path = tmp_path_factory.mktemp("sage") / "martin.db"
    build_company(path)
    return Base(path)


@pytest.fixture
def base(tmp_path: Path) -> Base:
    """One followed article A1 at 12.50 (bought at 5.00) with 10 pieces in depot 1, everything dated 2020."""
    path = tmp_path / "base.db"
    empty_base(path)
    base = Base(path)
    base.edits.add_article("A1", AR_PrixVen="12.50", AR_PrixAch="5.00", AR_Design="Marteau")
    base.edits.set_stock("A1", 1, on_hand=10)
    with closing(sqlite3.connect(path)) as connection:
        for table in ("F_ARTICLE", "F_ARTSTOCK", "F_FAMCOMPTA", "F_DEPOT"):
            connection.execute(f"UPDATE {table} SET cbModification = '2020-01-01 00:00:00.000000'")
        connection.commit()
    return base
