"""The webservice's XML: reading entities, building them, telling its errors.

An entity is an element such as `<product>`, with one child a field; a translated field has one `<language id="…">` a
language; associations stand under `<associations>`. Bodies are built by joining text: a batch of stock lines costs
less that way than the parsing of its answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from passerelle.errors import AnswerIncomplete

Entity = Any  # lxml.etree._Element

SYSTEM = "PrestaShop"
# 2 to 15 are PHP's own errors, warnings and notices, put among the answer's errors; 0 is an exception without a code.
NOISE = frozenset({0, *range(2, 16)})

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
_UNSENDABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<prestashop>'
_TAIL = "</prestashop>"


@dataclass(frozen=True, slots=True)
class VendorError:
    """An error as the webservice writes it; its text is in the language of the shop."""

    code: int
    message: str


def parse(body: bytes) -> Entity:
    """The `<prestashop>` element of an answer. Raises ValueError for anything else.

    White space and a byte order mark before the XML are let through: badly saved modules put them there.
    """
    try:
        root = etree.fromstring(body.lstrip(b"\xef\xbb\xbf \t\r\n"), _PARSER)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    if root is None or root.tag != "prestashop":
        raise ValueError("its root is not <prestashop>")
    return root


def first_error(root: Entity) -> VendorError | None:
    """The first error that says something, None if there is none.

    PHP's own notices are put before and after it, and any of them turns the status into 500: neither the status nor
    the first line decides.
    """
    for error in root.iterfind("errors/error"):
        text = (error.findtext("code") or "").strip()
        if text.isdigit() and int(text) not in NOISE:
            return VendorError(int(text), (error.findtext("message") or "").strip())
    return None


def noise(root: Entity) -> str:
    """PHP's own messages in an answer."""
    return " ".join((error.findtext("message") or "").strip() for error in root.iterfind("errors/error"))


def entities(root: Entity) -> list[Entity]:
    """The entities that an answer to a write holds."""
    return [child for child in root if child.tag != "errors"]


def field(entity: Entity, name: str) -> str:
    """A plain field. Raises AnswerIncomplete when the entity lacks it."""
    return _child(entity, name).text or ""


def optional(entity: Entity, name: str) -> str:
    """A plain field that older shops do not have, "" there."""
    return entity.findtext(name) or ""


def translations(entity: Entity, name: str) -> dict[str, str]:
    """A translated field: language id → text. Raises AnswerIncomplete when the entity lacks it."""
    return {one.get("id"): one.text or "" for one in _child(entity, name).iterchildren("language")}


def _child(entity: Entity, name: str) -> Entity:
    # iterchildren is a third of the cost of find, which counts when a batch of stock lines is read back.
    for found in entity.iterchildren(name):
        return found
    raise AnswerIncomplete(system=SYSTEM, what=f"{entity.tag}/{name}")


def linked(entity: Entity, association: str) -> list[Entity]:
    """The rows of an association, empty for none."""
    found = entity.find(f"associations/{association}")
    return [] if found is None else list(found)


def is_sendable(text: str) -> bool:
    """Whether XML can hold this text: control characters have no place in it."""
    return _UNSENDABLE.search(text) is None


def escape(text: str) -> str:
    """Text as the content of an element; a carriage return would otherwise be lost on the way."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def tag(name: str, value: str) -> str:
    """A plain field."""
    return f"<{name}>{escape(value)}</{name}>"


def translated(name: str, texts: Mapping[str, str]) -> str:
    """A translated field, from language id → text."""
    inner = "".join(f'<language id="{id}">{escape(text)}</language>' for id, text in texts.items())
    return f"<{name}>{inner}</{name}>"


def document(parts: Iterable[str]) -> bytes:
    """The body of a request that carries these entities."""
    return f"{_HEAD}{''.join(parts)}{_TAIL}".encode()
