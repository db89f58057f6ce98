from __future__ import annotations

import ast
import re
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from scripts import messages

from passerelle.errors import leaves

MARKS = ("\u200b", "\u200c")
JARGON = ("payload", "fingerprint", "lane", "empreinte", "charge utile", "facette", "spool", "endpoint", "token")
# The second person singular, and orders given as to a friend: the console says « vous ».
TU = re.compile(
    r"(?i:\b(tu|te|toi|ton|ta|tes)\b|\bt')|(^|[.;:]\s)(?i:corrige|ajoute|choisis|vérifie|relance|donne|attends|mets)\b"
)


def french() -> dict[str, str]:
    po, _ = messages.files("fr")
    with po.open("rb") as file:
        return dict(pair for message in read_po(file, locale="fr") if message.id for pair in forms(message))


def forms(message: Message) -> list[tuple[str, str]]:
    """The English and French of a message; its plural, where it has one, is told apart by a zero-width mark."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))] if message.string else []
    return [
        (f"{english}{mark}", french) for english, french, mark in zip(message.id, message.string, MARKS, strict=True)
    ]


def fields(template: str) -> list[str]:
    return sorted(field for _, field, _, _ in Formatter().parse(template) if field)


FRENCH = french()
STEPS = {leaf.next_step for leaf in leaves()}
SENTENCES = {leaf.template() for leaf in leaves()} | STEPS


def test_every_sentence_is_translated_and_the_files_are_up_to_date() -> None:
    assert messages.faults() == []


@pytest.mark.parametrize("english", sorted(FRENCH))
def test_a_translation_has_the_fields_of_its_sentence(english: str) -> None:
    assert fields(FRENCH[english]) == fields(english)


@pytest.mark.parametrize("english", sorted(FRENCH))
def test_a_translation_speaks_to_a_merchant(english: str) -> None:
    said = FRENCH[english]
    assert not TU.search(said)
    assert not [word for word in JARGON if re.search(rf"\b{word}\b", said, re.IGNORECASE)]


@pytest.mark.parametrize("english", sorted(FRENCH))
def test_a_translation_follows_french_typography(english: str) -> None:
    said = re.sub(r"`[^`]*`|https?://|\w+(\+\w+)?://|\{[^{}]*\}", "", FRENCH[english])
    assert not re.search(r"[^\u202f:/][;?!»]", said)
    assert not re.search(r"[\w»)](:)(\s|$)", said)
    assert not re.search(r"«[^\u202f]", said)
    assert " %" not in said


@pytest.mark.parametrize("english", sorted(SENTENCES))
def test_a_sentence_begins_with_a_capital_or_a_name_and_ends_with_a_full_stop(english: str) -> None:
    for said in (english, FRENCH[english]):
        assert said[0].isupper() or said[0] in '{"«'
        assert said.endswith(".")


@pytest.mark.parametrize("english", sorted(STEPS))
def test_a_next_step_is_an_order_given_politely_in_french(english: str) -> None:
    assert re.search(r"(ez|Il n'y a)\b", FRENCH[english]) or FRENCH[english].startswith("Seule")


def test_the_french_says_the_record_in_both_sentences_where_the_english_does() -> None:
    named = [leaf for leaf in leaves() if leaf.family == "record"]
    assert named
    for leaf in named:
        assert "{key}" in FRENCH[leaf.template()]
        assert "{key}" in FRENCH[leaf.next_step] or "{other}" in FRENCH[leaf.next_step]


def found_in(source: str) -> set[str | tuple[str, str]]:
    tree = ast.parse(source)
    return set(messages.marked(tree, places=dict(messages.places([tree]))))


def test_marked_texts_are_extracted() -> None:
    assert found_in('def N_(template): ...\nN_("a" "b")\nN_(name)') == {"ab"}


def test_the_texts_given_to_a_function_that_takes_a_template_are_extracted() -> None:
    source = 'def skip(level, code, template): ...\nskip(level, "code", "{key}: not sent.")'
    assert found_in(source) == {"{key}: not sent."}


def test_the_reasons_of_errors_are_extracted_with_named_fields() -> None:
    source = 'FilterInvalid(why=f"no column {column.name}")\nFilterInvalid(why="a" if x else "b")\nother(why="c")'
    assert found_in(source) == {"no column {name}", "a", "b"}


def test_a_reason_without_words_is_not_extracted() -> None:
    assert found_in('TextRefused(key=key, why=f"{length} > {limit}", field=name)') == set()


def test_plural_sentences_are_extracted_as_pairs() -> None:
    assert found_in('t.plural("{n} article", "{n} articles", count)') == {("{n} article", "{n} articles")}
