from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine
from tests.profile.sample import ENVIRON, BoutiqueConfig, LedgerConfig, loaded

from passerelle.cli.language import translator
from passerelle.domain.texts import Text, text
from passerelle.errors import (
    FilterInvalid,
    InvalidOption,
    PriceMissing,
    RefusedByShop,
    RightMissing,
    TextRefused,
    leaves,
)
from passerelle.profile.template import template

FR, EN = translator("fr"), translator("en")


def test_an_error_is_told_in_french_with_its_next_step() -> None:
    error = PriceMissing(key="REF-1")
    assert FR.error(error) == "Article REF-1\u202f: son prix est à 0, il n'est jamais envoyé."
    assert FR.next_step(error) == "Donnez un prix à l'article REF-1 dans l'ERP."


def test_an_error_is_told_in_english_as_it_is_written() -> None:
    error = PriceMissing(key="REF-1")
    assert EN.error(error) == error.message
    assert EN.next_step(error) == "Give REF-1 a price in the ERP."


@pytest.mark.parametrize("leaf", leaves(), ids=lambda leaf: leaf.__name__)
def test_every_error_has_its_french(leaf: type) -> None:
    error = leaf()
    assert FR.error(error) != EN.error(error)
    assert FR.next_step(error) != EN.next_step(error)


def test_a_reason_is_translated_inside_its_sentence() -> None:
    error = InvalidOption(key="guards.gone_percent", value="101", allowed="a percentage from 0 to 100")
    assert FR.error(error) == (
        "guards.gone_percent = 101 n'est pas accepté. Valeurs acceptées\u202f: un pourcentage de 0 à 100."
    )


def test_a_reason_that_names_something_is_translated_around_the_name() -> None:
    assert FR.error(FilterInvalid(why="F_ARTICLE has no column AR_Foo; there is AR_Ref")).endswith(
        "F_ARTICLE n'a pas de colonne AR_Foo\u202f; il y a AR_Ref."
    )


def test_a_reason_that_nobody_translated_stays_as_it_is() -> None:
    assert (
        FR.error(RefusedByShop(key="A", why="Duplicate entry")) == "A\u202f: la boutique le refuse (Duplicate entry)."
    )


def test_words_are_translated_but_names_are_not() -> None:
    error = RightMissing(system="read", verb="view", resource="products")
    assert FR.error(error) == "read n'autorise pas cette clé à consulter products."
    assert FR.error(TextRefused(key="name", field="name", why="<")).startswith("name\u202f: la boutique")


def test_a_stored_sentence_is_told_in_any_language() -> None:
    stored: Text = text("guard_renamed", "{count} references would change at once.", count=7)
    assert FR.text(stored) == "7 références changeraient d'un coup."
    assert EN.text(stored) == "7 references would change at once."


def test_an_empty_text_stays_empty() -> None:
    assert FR.gettext("") == ""


def test_amounts_are_written_the_french_way() -> None:
    assert FR.money(Decimal("12.5"), currency="EUR") == "12,50\u00a0€"
    assert FR.money(Decimal("1234.5"), currency="EUR") == "1\u202f234,50\u00a0€"
    assert FR.number(Decimal("1234.125")) == "1\u202f234,125"
    assert EN.money(Decimal("12.5"), currency="EUR") == "€12.50"


@time_machine.travel("2026-11-24T12:00:00Z")
def test_dates_are_written_day_first_in_the_zone_of_the_machine() -> None:
    at = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
    assert FR.moment(at) == at.astimezone().strftime("%d/%m/%Y %H:%M")
    assert EN.moment(at) == FR.moment(at)


def test_a_number_of_things_takes_its_plural() -> None:
    assert EN.plural("{n} article", "{n} articles", 1) == "1 article"
    assert FR.plural("{n} article", "{n} articles", 1500) == "1\u202f500 articles"


@pytest.mark.parametrize(
    ("asked", "language"),
    [("fr", "fr"), ("en", "en"), ("EN_us.UTF-8", "en"), ("en-GB", "en"), ("de", "fr"), ("", "fr")],
)
def test_the_language_comes_from_the_environment_and_is_french_otherwise(
    monkeypatch: pytest.MonkeyPatch, asked: str, language: str
) -> None:
    monkeypatch.setenv("PASSERELLE_LANG", asked)
    assert translator().language == language
    assert translator("en").language == "en"


def test_the_commented_profile_in_french_loads_too() -> None:
    printed = template(erp=("ledger", LedgerConfig), shop=("boutique", BoutiqueConfig), translate=FR.gettext)
    assert "# Un profil Passerelle" in printed
    assert "# Dépôts\u202f: Ceux dont le stock compte, par leur nom." in printed
    assert loaded(printed, environ=ENVIRON).profile.articles.stocks is not None
