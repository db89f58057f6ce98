"""A small company, a simulated shop and a profile file; the command line called in this process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from passerelle.app.state import configure
from passerelle.sandbox.prestashop import FakePrestashop
from passerelle.sandbox.sage100 import SageEdits, empty_base

configure()
ARTICLES = 12


@dataclass
class World:
    """What a test of the command line works with."""

    base: Path
    file: Path
    shop: FakePrestashop
    edits: SageEdits


@dataclass
class Said:
    """What a command printed and its exit status."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The JSON Lines of the output."""
        return [json.loads(line) for line in self.out.splitlines()]


PROFILE = """
[profile]
name = "essai"
key = "ES"
[erp]
connector = "sage100"
url = "sqlite:///{base}"
[shop]
connector = "prestashop"
url = "{url}"
key = "${{SHOP_KEY}}"
timeout = 5.0
[articles]
export = true
[articles.texts]
name = "AR_Design"
[articles.tax.rules]
"20" = 1
[articles.prices]
[articles.stocks]
warehouses = ["1"]
"""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    base = tmp_path / "sage.sqlite3"
    empty_base(base)
    edits = SageEdits(base)
    for number in range(1, ARTICLES + 1):
        edits.add_article(f"A{number:02}", AR_Design=f"Article {number}", AR_PrixVen=f"{number}.50")
        edits.set_stock(f"A{number:02}", 1, on_hand=number)
    shop = FakePrestashop(languages=("fr",))
    with shop.serve(port=0) as url:
        file = tmp_path / "essai.toml"
        file.write_text(PROFILE.format(base=base, url=url), encoding="utf-8")
        monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("SHOP_KEY", shop.key)
        monkeypatch.setenv("PASSERELLE_LANG", "en")
        yield World(base, file, shop, edits)


@pytest.fixture
def passerelle(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Call the command line as a shell would."""

    def call(*words: object) -> Said:
        from passerelle.cli.commands import main

        monkeypatch.setattr(sys, "argv", ["passerelle", *map(str, words)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call
