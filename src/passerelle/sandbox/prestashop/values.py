"""How the shop checks a value and what it stores of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache

from passerelle.sandbox.prestashop.purifier import purified
from passerelle.sandbox.prestashop.schema import Field

_NUMBER = re.compile(r"^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_INT32 = 2**31
_DAY = r"\d{4}-(0?\d|1[0-2])-(0?\d|[12]\d|3[01])"
_PLACES = {"decimal": Decimal("0.000001"), "decimal3": Decimal("0.001"), "decimal2": Decimal("0.01")}
_PHP_FLOAT = Context(prec=14, rounding=ROUND_HALF_UP)
_TAG = re.compile(r"<(?!\s)[^>]*(?:>|$)")  # as strip_tags() sees one: also where it is never closed
_UNSAFE_HTML = re.compile(
    r"<\s*/?\s*(?:i?frame|form|input|embed|object|script)\b|javascript\s*:|vbscript\s*:|\bon[a-z]{3,}\s*=",
    re.IGNORECASE,
)


def _pattern(expression: str) -> Callable[[str], bool]:
    compiled = re.compile(expression)
    return lambda value: compiled.fullmatch(value) is not None


def _is_int(value: str) -> bool:
    return re.fullmatch(r"0|-?[1-9]\d*", value) is not None and -_INT32 <= int(value) < _INT32


def _is_unsigned(value: str) -> bool:
    return re.fullmatch(r"\d+", value) is not None and int(value) < 2 * _INT32


def untagged(value: str) -> str:
    """A plain text as the shop stores what was written to it: what looks like a tag is gone."""
    return _TAG.sub("", value) if "<" in value else value


def _is_float(value: str) -> bool:
    """PHP compares the text with the number it makes of it."""
    shape = re.fullmatch(r"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", value) is not None
    return shape and _php_float(Decimal(value)) == Decimal(value)


def _php_float(value: Decimal) -> Decimal:
    """A number after PHP had it in its hands: 14 significant digits, its `precision`."""
    return _PHP_FLOAT.plus(value)


CHECKS: dict[str, Callable[[str], bool]] = {
    "isUnsignedId": _is_unsigned,
    "isUnsignedInt": _is_unsigned,
    "isPositiveInt": _is_unsigned,
    "isInt": _is_int,
    "isBool": _pattern("[01]?"),
    "isPrice": _pattern(r"\d{1,10}(\.\d{1,9})?"),
    "isNegativePrice": _pattern(r"-?\d{1,10}(\.\d{1,9})?"),
    "isColor": _pattern(r"#[0-9a-fA-F]{6}|[a-zA-Z0-9-]*"),
    "isFloat": _is_float,
    "isUnsignedFloat": lambda value: _is_float(value) and not value.startswith("-"),
    "isReference": _pattern(r"[^<>;={}]*"),
    "isCatalogName": _pattern(r"[^<>{}]*"),
    "isGenericName": _pattern(r"[^<>={}]*"),
    "IsGenericName": _pattern(r"[^<>={}]*"),
    "isLinkRewrite": _pattern(r"[_a-zA-Z0-9-]+"),
    "isCleanHtml": lambda value: _UNSAFE_HTML.search(value) is None,
    "isGtin": _pattern(r"\d{0,14}"),
    "isIsbn": _pattern(r"[0-9-]{0,32}"),
    "isUpc": _pattern(r"\d{0,12}"),
    "isProductVisibility": _pattern("both|catalog|search|none"),
    "isDateFormat": _pattern(rf"{_DAY}( \d{{2}}:\d{{2}}:\d{{2}})?"),
    "isDate": _pattern(rf"{_DAY}( \d{{2}}:\d{{2}}:\d{{2}})?"),
    "isModuleName": _pattern(r"[a-zA-Z0-9_-]+"),
    "isTrackingNumber": _pattern(r"[~:,%&_=()\[\]. ?+@/a-zA-Z0-9-]*"),
    "isName": _pattern(r"[^0-9!<>,;?=+()@#\"°{}_$%:¤|]*"),
    "isCustomerName": _pattern(r"[^0-9!<>,;?=+()@#\"°{}_$%:¤|]*"),
    "isAddress": _pattern(r"[^!<>?=+@{}_$%]*"),
    "isCityName": _pattern(r"[^!<>;?=+@#\"°{}_$%]*"),
    "isPostCode": _pattern(r"[a-zA-Z 0-9-]*"),
    "isPhoneNumber": _pattern(r"[+0-9. ()/-]*"),
}


# Before PrestaShop 9 a product or category name could not hold these either, and no code had 14 digits.
_BEFORE_9 = {"isCatalogName": _pattern(r"[^<>;=#{}]*"), "isGtin": _pattern(r"\d{0,13}")}


def fault_of(field: Field, value: str | None, *, class_name: str, before_9: bool = False) -> str | None:
    """The sentence with which the shop refuses the value, or None; an empty optional value always passes."""
    if value is None or value == "":
        return f"Property {class_name}->{field.name} is empty" if field.required and not field.computed else None
    if field.max_size and len(value) > field.max_size:
        length = len(value)
        return f"Property {class_name}->{field.name} length ({length}) must be between 0 and {field.max_size}"
    check = (_BEFORE_9.get(field.check) if before_9 else None) or CHECKS.get(field.check)
    if (check is not None and not check(value)) or (field.choices and value not in field.choices):
        return f"Property {class_name}->{field.name} is not valid"
    return None


def number(value: str | None) -> Decimal:
    """The number at the start of a text, as MySQL casts it: 0 where there is none."""
    found = _NUMBER.match(value or "")
    try:
        return Decimal(found.group(1)) if found else Decimal(0)
    except InvalidOperation:  # pragma: no cover - the pattern only lets decimals through
        return Decimal(0)


def rounded(value: Decimal, *, kind: str = "decimal") -> str:
    """The value with the places the column has, half-up."""
    return str(value.quantize(_PLACES[kind], rounding=ROUND_HALF_UP))


def stored_text(kind: str, value: str | None) -> str | None:
    """What the column holds after the value was written: rounded, cast, purified."""
    return _short_text(kind, value) if value is None or len(value) <= _SHORT else _stored_text(kind, value)


def _stored_text(kind: str, value: str | None) -> str | None:
    if kind in ("text", "html"):
        return purified(value or "") if kind == "html" else value or ""
    if kind in _PLACES:
        return rounded(_php_float(number(value)), kind=kind)
    if kind in ("int", "bool"):
        return str(int(number(value))) if value else "0"
    if kind == "nullbool":
        return "1" if number(value) else None
    if kind == "nullint":
        return None if value is None else str(int(number(value)))
    if value:
        return value if kind == "date" or len(value) > 10 else f"{value} 00:00:00"
    return "0000-00-00" if kind == "date" else "0000-00-00 00:00:00"


# Zeros, flags and usual prices are stored a million times: one string each, and no second rounding.
_SHORT = 12
_short_text = lru_cache(maxsize=8192)(_stored_text)


def collated(value: str) -> str:
    """The key under which MySQL's utf8mb4 general collation compares: no case, no accents, no trailing spaces."""
    if value.isascii():
        return value.lower().rstrip(" ")
    plain = "".join(one for one in unicodedata.normalize("NFKD", value) if not unicodedata.combining(one))
    return plain.lower().rstrip(" ")


def slug(value: str) -> str:
    """The link rewrite that the shop makes of a name."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", value) if not unicodedata.combining(one))
    plain = plain.lower().replace("œ", "oe").replace("æ", "ae").replace("ß", "ss")
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’]", "-", plain)).strip("-")
