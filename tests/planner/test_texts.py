"""Texts: sources, cleaning, refusals, slugs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.errors import NameMissing, TextRefused
from passerelle.planner.texts import cleaned, fields_named, paragraphs, rendered, slug, texts_of
from passerelle.ports.shop import TextLimit
from passerelle.profile.sections import TextOptions

LIMITS = {"name": TextLimit(128, "<>;=#{}"), "description": TextLimit(html=True)}


def _texts(options: TextOptions, fields: dict[str, str]) -> dict[str, dict[str, str]]:
    return texts_of("A1", options=options, fields=fields, languages=["fr", "en"], limits=LIMITS)


def test_one_source_feeds_every_language() -> None:
    assert _texts(TextOptions(name="AR_Design"), {"AR_Design": " Vis  à bois "})["name"] == {
        "fr": "Vis à bois",
        "en": "Vis à bois",
    }


def test_a_language_without_text_is_left_out_and_not_blanked() -> None:
    options = TextOptions(name={"fr": "AR_Design", "en": "AR_Langue1"})
    assert _texts(options, {"AR_Design": "Vis", "AR_Langue1": ""})["name"] == {"fr": "Vis"}


def test_send_empty_sends_an_empty_text_but_never_an_empty_name() -> None:
    options = TextOptions(name="AR_Design", description="GL_Text", send_empty=True)
    found = _texts(options, {"AR_Design": "Vis", "GL_Text": ""})
    assert found["description"] == {"fr": "", "en": ""}
    with pytest.raises(NameMissing):
        _texts(options, {"AR_Design": " "})


def test_an_expression_joins_fields_and_is_empty_without_any() -> None:
    assert rendered("{brand} {label}", fields={"brand": "Forgial", "label": "Marteau"}) == "Forgial Marteau"
    assert rendered("{brand} {label}", fields={}) == ""
    assert fields_named({"fr": "{brand} {label}", "en": "label_en"}) == {"brand", "label", "label_en"}


def test_a_name_of_300_letters_is_refused_and_not_cut() -> None:
    with pytest.raises(TextRefused, match="300 > 128"):
        _texts(TextOptions(name="AR_Design"), {"AR_Design": "a" * 300})


def test_a_character_the_shop_forbids_is_named() -> None:
    with pytest.raises(TextRefused, match="="):
        _texts(TextOptions(name="AR_Design"), {"AR_Design": "Cheville Ø 8 = mèche 8"})


def test_markup_is_sanitised_and_plain_text_becomes_paragraphs() -> None:
    assert cleaned('<p onclick="x()">Bon<script>alert(1)</script></p>', markup=True) == "<p>Bon</p>"
    assert paragraphs("Un & deux\n\nTrois\nquatre") == "<p>Un &amp; deux</p><p>Trois<br>quatre</p>"


@given(st.text(max_size=80))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = cleaned(text, markup=False)
    assert cleaned(once, markup=False) == once


@given(st.text(max_size=80), st.text(max_size=20))
def test_a_slug_is_always_an_address(name: str, sku: str) -> None:
    made = slug(name, sku)
    assert made
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_slug_keeps_what_french_letters_sound_like() -> None:
    assert slug("Clé à œillet Ø 8") == "cle-a-oeillet-8"
