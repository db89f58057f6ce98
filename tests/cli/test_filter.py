"""What the command line says of a filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.cli.conftest import World

Call = Callable[..., Any]


def write(world: World, condition: str) -> None:
    """Give the profile a filter."""
    text = world.file.read_text(encoding="utf-8")
    world.file.write_text(text.replace("[articles]\n", f"[articles]\nfilter = '''{condition}'''\n"), encoding="utf-8")


SAID = [
    ("AR_PrixVen > 3", "en", "10 articles match articles.filter (12 without it)."),
    ("AR_Ref = 'A01'", "en", "1 article matches articles.filter (12 without it)."),
    ("1 = 0", "en", "No article matches articles.filter (12 without it)."),
    ("AR_PrixVen > 3", "fr", "10 articles correspondent à articles.filter (12 sans lui)."),
    ("AR_Ref = 'A01'", "fr", "1 article correspond à articles.filter (12 sans lui)."),
    ("1 = 0", "fr", "Aucun article ne correspond à articles.filter (12 sans lui)."),
]


@pytest.mark.parametrize(("condition", "language", "sentence"), SAID)
def test_check_and_plan_tell_how_many_match(
    world: World, passerelle: Call, monkeypatch: pytest.MonkeyPatch, condition: str, language: str, sentence: str
) -> None:
    monkeypatch.setenv("PASSERELLE_LANG", language)
    write(world, condition)
    assert sentence in passerelle("check", world.file).out
    for flow in ("catalogue", "prices", "stocks"):
        assert sentence in passerelle("plan", flow, world.file).out
    assert passerelle("plan", "catalogue", world.file, "--json").lines[0]["notes"] == [
        {"code": "filter_matches", "message": sentence}
    ]


REFUSED = [
    ("CodeFamille = 'x'", "en", "F_ARTICLE has no column CodeFamille; there is FA_CodeFamille."),
    ("CodeFamille = 'x'", "fr", "F_ARTICLE n'a pas de colonne CodeFamille\u202f; il y a FA_CodeFamille."),
    ("AR_Ref = 5", "fr", "5 n'est pas un texte"),
    ("AR_Ref = @x", "fr", "@ n'est pas admis"),
    ("CAST(AR_Ref AS INT) = 1", "fr", "CAST n'est pas une des fonctions"),
]


@pytest.mark.parametrize(("condition", "language", "sentence"), REFUSED)
def test_a_filter_that_cannot_be_used_is_refused_in_the_owner_s_language(
    world: World, passerelle: Call, monkeypatch: pytest.MonkeyPatch, condition: str, language: str, sentence: str
) -> None:
    monkeypatch.setenv("PASSERELLE_LANG", language)
    write(world, condition)
    checked, planned = passerelle("check", world.file), passerelle("plan", "catalogue", world.file)
    for said in (checked.out, planned.err):
        assert "articles.filter" in said
        assert sentence in said
    assert checked.code == 4
    assert planned.code != 0
