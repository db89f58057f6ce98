"""Texts of a product: from the ERP's fields to what the shop accepts, or a refusal that says why."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from string import Formatter

import nh3

from passerelle.domain.facets import nfc
from passerelle.errors import NameMissing, TextRefused
from passerelle.ports.shop import TextLimit
from passerelle.profile.sections import TextOptions, TextSource

FIELDS = ("name", "summary", "description", "meta_title", "meta_description")
TAGS = {
    "p", "br", "strong", "b", "em", "i", "u", "ul", "ol", "li", "h2", "h3", "h4", "a", "table", "thead", "tbody",
    "tr", "td", "th", "span", "div", "sup", "sub",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES = re.compile(r"\s+")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>")


def per_language(source: TextSource, *, languages: Iterable[str]) -> dict[str, str]:
    """The source of each language. One source alone feeds every language."""
    if isinstance(source, str):
        return dict.fromkeys(languages, source) if source else {}
    return {language: part for language, part in source.items() if part}


def fields_named(source: TextSource) -> set[str]:
    """The ERP fields that a source reads."""
    parts = [source] if isinstance(source, str) else list(source.values())
    return {name for part in parts if part for name in _names(part)}


def _names(part: str) -> list[str]:
    if "{" not in part:
        return [part]
    return [name for _, name, _, _ in Formatter().parse(part) if name]


def rendered(part: str, *, fields: dict[str, str]) -> str:
    """The text of one source, its fields filled in; a field the record does not have is empty."""
    if "{" not in part:
        return fields.get(part, "").strip()
    pieces = [
        (literal, fields.get(name, "").strip() if name else "") for literal, name, _, _ in Formatter().parse(part)
    ]
    return "".join(literal + value for literal, value in pieces).strip() if any(v for _, v in pieces) else ""


def texts_of(
    key: str, *, options: TextOptions, fields: dict[str, str], languages: list[str], limits: dict[str, TextLimit]
) -> dict[str, dict[str, str]]:
    """Field → language → text, empty ones left out; the first language is the main one.

    Raises NameMissing without a name in the main language, TextRefused for what the shop does not accept.
    """
    values: dict[str, dict[str, str]] = {}
    for field in FIELDS:
        limit = limits.get(field, TextLimit())
        for language, part in per_language(getattr(options, field), languages=languages).items():
            text = cleaned(rendered(part, fields=fields), markup=limit.html)
            if text or options.send_empty:
                values.setdefault(field, {})[language] = accepted(text, key=key, field=field, limit=limit)
    if not values.get("name", {}).get(languages[0]):
        raise NameMissing(key=key)
    values["name"] = {language: text for language, text in values["name"].items() if text}
    return values


def cleaned(text: str, *, markup: bool) -> str:
    """NFC, without control characters; HTML sanitised where the shop takes it, on one line where it does not."""
    text = _CONTROL.sub("", nfc(text)).strip()
    if not markup:
        return _SPACES.sub(" ", text)
    if not _MARKUP.search(text):
        return paragraphs(text)
    return nh3.clean(text, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel=None)


def paragraphs(text: str) -> str:
    """Plain text as HTML: a blank line starts a paragraph, a line break stays one."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if block.strip()]
    return "".join(f"<p>{html.escape(block, quote=False).replace(chr(10), '<br>')}</p>" for block in blocks)


def accepted(text: str, *, key: str, field: str, limit: TextLimit) -> str:
    """`text` itself. Raises TextRefused when the shop does not take it: it is never altered silently."""
    if limit.max_length and len(text) > limit.max_length:
        raise TextRefused(key=key, field=field, why=f"{len(text)} > {limit.max_length}")
    forbidden = sorted(set(text) & set(limit.forbidden))
    if forbidden:
        raise TextRefused(key=key, field=field, why=" ".join(forbidden))
    return text


def slug(*candidates: str) -> str:
    """The first candidate that leaves something of the letters a-z, digits and dashes an address is made of."""
    for candidate in candidates:
        plain = unicodedata.normalize("NFKD", candidate.replace("œ", "oe").replace("Œ", "oe").replace("ß", "ss"))
        made = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower()).strip("-")
        if made:
            return made[:120].rstrip("-")
    return "article"
