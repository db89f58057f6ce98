"""Sentences for people, kept as a code, an English template and named parameters until they are shown."""

from __future__ import annotations

from typing import Any

import msgspec

from passerelle.errors import PasserelleError, fill


class Text(msgspec.Struct, frozen=True):
    """One sentence: `template` is the English text and the key of its translations."""

    code: str
    template: str
    params: dict[str, str] = {}

    @classmethod
    def of(cls, error: PasserelleError) -> Text:
        """The sentence of an error."""
        return cls(error.code(), error.template(), error.params)

    def __str__(self) -> str:
        return fill(self.template, self.params)


def text(code: str, template: str, **params: Any) -> Text:
    """A sentence; the parameters are stored as text."""
    return Text(code, template, {name: str(value) for name, value in params.items()})


def N_(template: str) -> str:
    """Mark a template for extraction."""
    return template
