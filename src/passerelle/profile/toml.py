"""Writing TOML: the few kinds of value an option may hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}


def inline(value: Any) -> str:
    """A value on one line. Raises TypeError for what TOML or the options do not hold."""
    match value:
        case bool():
            return "true" if value else "false"
        case StrEnum():
            return quoted(value.value)
        case str():
            return quoted(value)
        case int():
            return str(value)
        case Decimal() | float():
            return f"{Decimal(str(value)):f}"
        case date() | datetime() | time():
            return value.isoformat()
        case Mapping():
            return _table(value)
        case list() | tuple():
            return "[" + ", ".join(inline(item) for item in value) + "]"
    raise TypeError(f"no TOML for {type(value).__name__}")


def _table(value: Mapping[str, Any]) -> str:
    inner = ", ".join(f"{key(name)} = {inline(item)}" for name, item in value.items())
    return f"{{ {inner} }}" if inner else "{}"


def key(name: str) -> str:
    """A key, quoted unless it is a plain word."""
    return name if _BARE.fullmatch(name) else quoted(name)


def quoted(text: str) -> str:
    """A text between double quotes."""
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    return f"\\u{ord(char):04x}" if ord(char) < 0x20 or ord(char) == 0x7F else char
