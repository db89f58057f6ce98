"""Secrets of a profile: taken from the environment, never shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

HIDDEN = "***"
_REFERENCE = re.compile(r"\$\$\{|\$\{([^}]*)\}")
_LOGIN = re.compile(r"[A-Za-z][\w+.-]*://[^/@]*@")
_PASSWORD = re.compile(r"(://[^/:@]*:)([^/@]+)(?=@)")


class VariableMissing(Exception):
    """A text names a variable that the environment does not have."""

    def __init__(self, variable: str) -> None:
        self.variable = variable
        super().__init__(variable)


def texts_in(value: Any, *, change: Callable[[str], str]) -> Any:
    """The same value with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: texts_in(item, change=change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(texts_in(item, change=change) for item in value)
    return value


def expand(value: Any, *, environ: Mapping[str, str]) -> Any:
    """Every `${NAME}` replaced by the variable NAME, every `$${` by `${`. Raises VariableMissing.

    In the login part of an address the variable is percent-encoded, so that a password may hold any character.
    """
    return texts_in(value, change=lambda text: _expand(text, environ=environ))


def _expand(text: str, *, environ: Mapping[str, str]) -> str:
    login = _LOGIN.match(text)

    def replace(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return "${"
        if name not in environ:
            raise VariableMissing(name)
        return quote(environ[name], safe="") if login and found.end() <= login.end() else environ[name]

    return _REFERENCE.sub(replace, text)


def refers(value: Any) -> bool:
    """Whether a value holds `${`, escaped or not."""
    return bool(value != escaped(value))


def escaped(value: Any) -> Any:
    """The value as it must be written so that `expand` gives it back."""
    return texts_in(value, change=lambda text: text.replace("${", "$${"))


def in_clear(value: Any, *, secret: bool) -> bool:
    """Whether a value as written holds a secret that everyone who reads the file can see."""
    if not isinstance(value, str):
        return False
    if "://" in value:
        password = _PASSWORD.search(value)
        return password is not None and not _REFERENCE.search(password[2])
    return secret and bool(value) and not _REFERENCE.search(value)


def shown(value: Any, *, secret: bool) -> Any:
    """The value without its secrets: addresses lose their password, any other secret text is hidden."""
    return texts_in(value, change=lambda text: _shown(text, secret=secret))


def _shown(text: str, *, secret: bool) -> str:
    if "://" in text:
        return _PASSWORD.sub(rf"\g<1>{HIDDEN}", text)
    return HIDDEN if secret else text
