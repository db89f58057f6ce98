"""How the shop reads what it is given: prices, numbers, names, SKUs, slugs, moments."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

SHOP_ZONE = ZoneInfo("Europe/Paris")
_ENTITY = re.compile(r"&(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};|[a-zA-Z]{2,32}\d{0,2};)")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s[^<>]*)?)>")
_ALLOWED = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "code",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "figure",
        "figcaption",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
)
_BAD_ATTRIBUTE = re.compile(r"\s(?:on\w+|srcdoc|formaction)\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]*)", re.IGNORECASE)


def decimal_text(value: Any, *, separator: str = ".") -> str:
    """A price as the shop stores it. Nothing is refused: with a point as separator "15,99" is 1599; "abc" is ""."""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, float):
        return plain(Decimal(repr(value)))
    text = clean("" if value is None else str(value)).replace(separator, ".")
    head, point, tail = text.rpartition(".")
    if point and tail:
        text = head.replace(".", "") + point + tail
    return re.sub(r"[^0-9.-]", "", text)


def number(text: str) -> Decimal:
    """The number that PHP reads at the beginning of a text, 0 where there is none."""
    found = re.match(r"\s*-?\d*\.?\d+", text)
    return Decimal(found.group()) if found else Decimal(0)


def plain(value: Decimal) -> str:
    """Without exponent and trailing zeros: 2.10 is "2.1"."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def whole(value: Any) -> int:
    """PHP's intval: what cannot be read is 0, 3.7 is 3."""
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, float):
        return int(value)
    found = re.match(r"\s*[+-]?\d+", str(value or ""))
    return int(found.group()) if found else 0


def truth(value: Any) -> bool:
    """What WordPress takes for true."""
    if isinstance(value, str):
        return value.lower() not in ("", "0", "false", "no")
    return bool(value)


def clean(value: Any) -> str:
    """A one-line text (SKU, code): tags and %XX dropped, inner blanks collapsed, trimmed."""
    text = re.sub(r"<[^<>]*>", "", str(value))
    text = re.sub(r"<.*", "", text, flags=re.DOTALL) if "<" in text else text
    text = re.sub(r"\s+", " ", text)
    while found := re.search(r"%[a-fA-F0-9]{2}", text):
        text = text.replace(found.group(), "")
    return text.strip()


def kses(value: Any) -> str:
    """A text with harmless HTML: other tags and event handlers dropped, what follows an unescaped < lost, & encoded."""
    text = str(value)
    if "<" in text:
        text = "".join(_harmless(text))
    elif ">" in text:
        text = text.replace(">", "&gt;")
    return _ENTITY.sub("&amp;", text)


def _harmless(text: str) -> list[str]:
    parts, position = [], 0
    while (start := text.find("<", position)) >= 0:
        parts.append(text[position:start].replace(">", "&gt;"))
        found = _TAG.match(text, start)
        if not found:
            end = text.find(">", start)
            if end < 0:
                return parts
            position = end + 1
            continue
        if found.group(2).lower() in _ALLOWED:
            parts.append(f"<{found.group(1)}{found.group(2)}{_BAD_ATTRIBUTE.sub('', found.group(3))}>")
        position = found.end()
    return [*parts, text[position:].replace(">", "&gt;")]


def term_name(value: Any) -> str:
    """The name of a term: no tags at all, & < > encoded."""
    return _ENTITY.sub("&amp;", clean(value)).replace("<", "&lt;").replace(">", "&gt;")


def folded(sku: str) -> str:
    """A SKU as the database compares it: no case, no accents, no blanks at the end."""
    bare = unicodedata.normalize("NFKD", sku.casefold()).replace("œ", "oe").replace("æ", "ae")
    return "".join(one for one in bare if not unicodedata.combining(one)).rstrip(" ")


def slug(text: str) -> str:
    """WordPress's slug of a title: without accents, lower case, words joined by -."""
    bare = unicodedata.normalize("NFKD", re.sub(r"&[a-z]+;", "", re.sub(r"<[^>]*>", "", text))).lower()
    bare = "".join(one for one in bare if not unicodedata.combining(one)).replace("œ", "oe").replace("æ", "ae")
    bare = re.sub(r"[^a-z0-9_\s.-]", "", bare.replace("’", "-"))
    return re.sub(r"[\s.-]+", "-", bare).strip("-")


def scalar(value: Any) -> Any:
    """A meta value as it comes back: scalars are texts, lists and objects stay."""
    if value is True:
        return "1"
    if value is False:
        return ""
    if isinstance(value, float):
        return plain(Decimal(repr(value)))
    return str(value) if isinstance(value, int) else value


def fixed(value: Decimal, places: int) -> str:
    """An amount as the API shows it, rounded half away from zero."""
    return f"{rounded(value, places):f}"


def rounded(value: Decimal, places: int) -> Decimal:
    """Half away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), rounding="ROUND_HALF_UP")


@lru_cache(4096)
def local(moment: datetime | None) -> str | None:
    """The shop's own time, without a zone."""
    return moment.astimezone(SHOP_ZONE).strftime("%Y-%m-%dT%H:%M:%S") if moment else None


@lru_cache(4096)
def gmt(moment: datetime | None) -> str | None:
    """UTC, without a zone."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S") if moment else None


def shifted(moment: datetime) -> str:
    """The shop's own time with its offset added once more: how images show theirs."""
    offset = moment.astimezone(SHOP_ZONE).utcoffset()
    assert offset is not None
    return (moment.astimezone(SHOP_ZONE) + offset).strftime("%Y-%m-%dT%H:%M:%S")


def moment(text: str, *, is_gmt: bool = False) -> datetime | None:
    """A moment from ISO text: without a zone the shop's own time, unless `is_gmt`. None where it cannot be read."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC if is_gmt else SHOP_ZONE)
    return found.astimezone(UTC)
