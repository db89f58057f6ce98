"""A house for each test: its own PASSERELLE_HOME, Sage base, shop and profile."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.scenarios.house import House, Wishes, close_home, open_home

from passerelle.app.state import prepare
from passerelle.sandbox.prestashop import FakePrestashop


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database whose tables are made."""
    from django.db import connection

    folder = tmp_path_factory.mktemp("template")
    before = os.environ.get("PASSERELLE_HOME")
    os.environ["PASSERELLE_HOME"] = str(folder)
    prepare()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    close_home()
    if before is None:
        del os.environ["PASSERELLE_HOME"]
    else:
        os.environ["PASSERELLE_HOME"] = before
    return folder / "passerelle.sqlite3"


Builder = Callable[..., House]


@pytest.fixture
def build(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Builder]:
    """Makes houses, one after the other: the database of the last one is the one in use."""
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    count = iter(range(1_000_000))
    with ExitStack() as stack:

        def made(*, shop: FakePrestashop | None = None, **wishes: Any) -> House:
            folder = tmp_path / f"house-{next(count)}"
            open_home(folder, template)
            fake = shop or FakePrestashop()
            url = stack.enter_context(fake.serve())
            return House(folder, url, fake, wishes=Wishes(**wishes))

        yield made
        close_home()


@pytest.fixture
def house(build: Builder) -> House:
    """A house with 25 articles."""
    made = build()
    made.stock_catalogue()
    return made
