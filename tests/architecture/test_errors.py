"""Every error is raised somewhere, and a person can read it and its cure."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from passerelle.errors import PasserelleError, leaves

SOURCE = Path(__file__).parents[2] / "src" / "passerelle"
FAMILIES = {"config", "transient", "unknown", "record", "plan", "protocol"}
LEAVES = leaves()


@pytest.fixture(scope="module")
def raised() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py") if path.name != "errors.py")


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_an_error_belongs_to_a_family_and_is_raised(leaf: type[PasserelleError], raised: str) -> None:
    assert leaf.family in FAMILIES
    assert re.search(rf"\b{leaf.__name__}\(", raised), f"{leaf.__name__} is raised nowhere"


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_error_is_shown_with_its_next_step(
    leaf: type[PasserelleError], language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from passerelle.app.state import configure

    configure()
    from passerelle.cli.language import Translator
    from passerelle.cli.show import Screen

    names = {name for text in (leaf.template(), leaf.next_step) for _, name, _, _ in Formatter().parse(text) if name}
    Screen(language=Translator(language)).error(leaf(**{name: f"<{name}>" for name in names}))
    said = capsys.readouterr().err
    assert "→" in said
    assert all(f"<{name}>" in said for name in names)
    assert "{" not in said
