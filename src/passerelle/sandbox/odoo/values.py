"""Values on their way in and out: what is stored of what was sent, what is answered of what is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from passerelle.sandbox.odoo.errors import BadValue
from passerelle.sandbox.odoo.fields import Field

_DATETIME = re.compile(r"(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d))?(?:\.\d+)?")


def stored(field: Field, value: Any, *, model: str, digits: int | None) -> Any:
    """A scalar as the column keeps it. Raises BadValue."""
    if value is None or (value is False and field.type not in {"boolean", "float", "monetary", "integer"}):
        return field.empty
    if field.translate and isinstance(value, Mapping):
        return dict(value)
    return _CONVERSIONS.get(field.type, lambda field, value, **_: value)(field, value, model=model, digits=digits)


def _number(field: Field, value: Any, *, model: str, digits: int | None) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError):
        raise BadValue(f"could not convert string to float: {value!r}") from None
    return found if digits is None else rounded(found, digits=digits)


def _integer(field: Field, value: Any, **_: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise BadValue(f"invalid literal for int() with base 10: {value!r}") from None


def _moment(field: Field, value: Any, **_: Any) -> str:
    found = _DATETIME.fullmatch(str(value))
    if not found:
        raise BadValue(f"time data {value!r} does not match format '%Y-%m-%d %H:%M:%S'")
    return f"{found[1]} {found[2] or '00:00:00'}"


def _date(field: Field, value: Any, **_: Any) -> str:
    return _moment(field, value)[:10]


def _option(field: Field, value: Any, *, model: str, **_: Any) -> Any:
    if field.selection and value not in dict(field.selection):
        raise BadValue(f"Wrong value for {model}.{field.name}: {value!r}")
    return value


def _reference(field: Field, value: Any, *, model: str, **_: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadValue(f"Wrong value for {model}.{field.name}: {value!r}")
    return value


_CONVERSIONS: dict[str, Any] = {
    "char": lambda field, value, **_: str(value),
    "text": lambda field, value, **_: str(value),
    "html": lambda field, value, **_: str(value),
    "float": _number,
    "monetary": _number,
    "integer": _integer,
    "boolean": lambda field, value, **_: bool(value),
    "datetime": _moment,
    "date": _date,
    "selection": _option,
    "many2one": _reference,
}


def rounded(value: float, *, digits: int) -> float:
    """Half away from zero, of the decimal number that the float stands for."""
    step = Decimal(1).scaleb(-digits)
    return float(Decimal(repr(float(value))).quantize(step, ROUND_HALF_UP))


@lru_cache(maxsize=4096)
def exact(value: float) -> Fraction:
    """The decimal number that a float stands for, not its binary value."""
    return Fraction(repr(float(value)))


def cents(value: Fraction) -> Fraction:
    """Two decimals, half away from zero."""
    top, bottom = abs(value.numerator), value.denominator
    whole = (200 * top + bottom) // (2 * bottom)
    return Fraction(whole if value.numerator >= 0 else -whole, 100)


def moment_key(value: Any) -> Any:
    """A datetime to compare with stored ones, which hold microseconds: "2026-11-24 02:45:30" is that second's start."""
    if not isinstance(value, str):
        return value
    full = value if len(value) > 10 else f"{value} 00:00:00"
    return full if "." in full else f"{full}.000000"
