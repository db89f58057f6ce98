"""From what TOML holds to what an option declares."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from passerelle.domain.texts import N_


class Unfit(Exception):
    """A value does not have the declared type; `allowed` says in English what has."""

    def __init__(self, allowed: str) -> None:
        self.allowed = allowed
        super().__init__(allowed)


def typed(value: Any, *, hint: Any) -> Any:
    """The value as its declared type.

    Types are str, bool, int, Decimal, float, date, Literal, a StrEnum, tables, lists and unions of these.
    Raises Unfit for a value of another type and TypeError for a declaration this loader does not know.
    """
    origin = get_origin(hint)
    if origin in _SHAPES:
        return _SHAPES[origin](value, get_args(hint))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _choice(value, tuple(hint), build=hint)
    if hint in _PLAIN:
        fits, allowed, build = _PLAIN[hint]
        if not fits(value):
            raise Unfit(allowed)
        return build(value)
    raise TypeError(f"an option cannot be declared as {hint!r}")


def _choice(value: Any, choices: tuple[str, ...], *, build: Callable[[str], Any] = str) -> Any:
    word = str(value).lower() if isinstance(value, bool) else value
    if word not in choices:
        raise Unfit(", ".join(choices))
    return build(word)


def _union(value: Any, arms: tuple[Any, ...]) -> Any:
    refusals: list[Unfit] = []
    for arm in arms:
        if arm is NoneType:
            continue
        try:
            return typed(value, hint=arm)
        except Unfit as unfit:
            refusals.append(unfit)
    raise refusals[0]


def _table(value: Any, arms: tuple[Any, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unfit(N_("a table"))
    return {key: typed(item, hint=arms[1]) for key, item in value.items()}


def _list(value: Any, arms: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise Unfit(N_("a list"))
    return tuple(typed(item, hint=arms[0]) for item in value)


def _number(value: Any) -> bool:
    return _whole(value) or (isinstance(value, Decimal) and value.is_finite())


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _day(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


_SHAPES: dict[Any, Callable[[Any, tuple[Any, ...]], Any]] = {
    Literal: _choice,
    Union: _union,
    UnionType: _union,
    dict: _table,
    tuple: _list,
}
_PLAIN: dict[Any, tuple[Callable[[Any], bool], str, Callable[[Any], Any]]] = {
    str: (lambda value: isinstance(value, str), N_("a text between quotes"), str),
    bool: (lambda value: isinstance(value, bool), N_("true or false"), bool),
    int: (_whole, N_("a whole number"), int),
    float: (_number, N_("a number"), float),
    Decimal: (_number, N_("a number"), Decimal),
    date: (_day, N_("a date such as 2026-11-24"), lambda value: value),
}
