"""What people read, in their language: sentences, amounts and dates. The web console uses it too."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from string import Formatter

from babel.dates import format_datetime
from babel.numbers import format_currency, format_decimal
from babel.support import NullTranslations, Translations

from passerelle.domain.texts import Text
from passerelle.errors import PasserelleError, fill

LOCALE = Path(__file__).parent.parent / "locale"
DOMAIN = "passerelle"
LANGUAGES = {"fr": "fr_FR", "en": "en_GB"}
VARIABLE = "PASSERELLE_LANG"
# Parameters that hold English words rather than names or values: they are translated like the sentence around them.
SPOKEN = frozenset({"allowed", "capability", "field", "state", "verb", "what", "why"})


class Translator:
    """One language, "fr" or "en". The English templates are the keys; one that has no translation stays English."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._locale = LANGUAGES[language]
        self._catalogue: NullTranslations = Translations.load(LOCALE, [language], DOMAIN)

    def gettext(self, template: str) -> str:
        """A template or a word in this language, its fields unfilled."""
        return self._catalogue.gettext(template) if template else ""

    def text(self, sentence: Text) -> str:
        """A sentence, filled in."""
        return self._filled(sentence.template, params=sentence.params)

    def error(self, error: PasserelleError) -> str:
        """What happened."""
        return self.text(Text.of(error))

    def next_step(self, error: PasserelleError) -> str:
        """What to do about it."""
        return self._filled(error.next_step, params=error.params)

    def plural(self, singular: str, plural: str, n: int) -> str:
        """One of two templates for a number of things; {n} is that number, with this language's separators."""
        return fill(self._catalogue.ngettext(singular, plural, n), {"n": self.number(Decimal(n))})

    def number(self, value: Decimal) -> str:
        """1 234,5 in French."""
        return format_decimal(value, locale=self._locale, decimal_quantization=False)

    def money(self, amount: Decimal, *, currency: str) -> str:
        """12,50 € in French; `currency` is an ISO 4217 code."""
        return format_currency(amount, currency, locale=self._locale)

    def moment(self, at: datetime) -> str:
        """24/11/2026 14:05, in the time zone of this machine."""
        return format_datetime(at.astimezone(), "dd/MM/yyyy HH:mm", locale=self._locale)

    def _filled(self, template: str, *, params: Mapping[str, str]) -> str:
        return fill(self.gettext(template), {name: self._shown(name, value) for name, value in params.items()})

    def _shown(self, name: str, value: str) -> str:
        if name == "since" and (at := _moment(value)) is not None:
            return self.moment(at)
        return self._said(value) if name in SPOKEN else value

    def _said(self, words: str) -> str:
        translated = self.gettext(words)
        if translated != words:
            return translated
        for pattern, template in self._fragments:
            found = pattern.fullmatch(words)
            if found:
                return fill(self.gettext(template), found.groupdict())
        return words

    @cached_property
    def _fragments(self) -> list[tuple[re.Pattern[str], str]]:
        """Patterns of the translated templates that have a field, the longest first.

        A parameter such as a reason is stored filled in, in English; its template is found again by its fixed words.
        """
        keys = [key for key in getattr(self._catalogue, "_catalog", {}) if isinstance(key, str)]
        longest_first = sorted(keys, key=len, reverse=True)
        return [(pattern, key) for key in longest_first if (pattern := _pattern(key)) is not None]


def translator(language: str | None = None) -> Translator:
    """The translator of a language; without one, that of PASSERELLE_LANG, French if it names none we have."""
    asked = language or os.environ.get(VARIABLE, "")
    short = re.split(r"[_.-]", asked.strip().lower())[0]
    return _translator(short if short in LANGUAGES else "fr")


@cache
def _translator(language: str) -> Translator:
    return Translator(language)


def _moment(value: str) -> datetime | None:
    """A time that was stored as a parameter; None for anything else."""
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _pattern(template: str) -> re.Pattern[str] | None:
    """What a reason filled in from this template looks like; None when it is a whole sentence or has no field."""
    pieces = list(Formatter().parse(template))
    fields = [field for _, field, _, _ in pieces if field]
    words = "".join(literal for literal, _, _, _ in pieces)
    if (
        not fields
        or len(set(fields)) < len(fields)
        or not all(map(str.isidentifier, fields))
        or words.endswith(".")
        or not re.search("[a-z]", words)
    ):
        return None
    parts = [re.escape(literal) + (f"(?P<{field}>.+?)" if field else "") for literal, field, _, _ in pieces]
    return re.compile("".join(parts), re.DOTALL)
