"""What the shop makes of accepted HTML: tags closed, unknown ones dropped, colours spelt out, entities resolved.

The real shop runs HTMLPurifier; this keeps its visible habits, so that a byte comparison of descriptions never settles.
"""

from __future__ import annotations

import html
import re

from lxml import etree
from lxml import html as lxml_html

_COLOURS = {
    "black": "#000000",
    "white": "#FFFFFF",
    "red": "#FF0000",
    "green": "#008000",
    "blue": "#0000FF",
    "yellow": "#FFFF00",
    "orange": "#FFA500",
    "gray": "#808080",
    "grey": "#808080",
    "silver": "#C0C0C0",
    "navy": "#000080",
    "purple": "#800080",
    "maroon": "#800000",
}
_TAG_NAMES = (
    "a abbr b big blockquote br caption center cite code col colgroup dd del dfn div dl dt em font h1 h2 h3 h4 h5 h6"
    " hr i img ins kbd li ol p pre q s small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var"
)
_TAGS = frozenset(_TAG_NAMES.split())
_ATTRIBUTE_NAMES = (
    "href src alt title class id style width height align border cellpadding cellspacing colspan rowspan target rel"
    " dir lang name size color face bgcolor valign"
)
_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
_EMPTY = frozenset({"br", "hr", "img", "col"})
_VOID = re.compile(r"<(br|hr|img|col)\b([^<>]*?)\s*/?>(?:</\1>)?")


def _declaration(text: str) -> str:
    name, _, value = text.partition(":")
    name, value = name.strip().lower(), value.strip()
    if name in ("color", "background-color", "border-color"):
        value = _COLOURS.get(value.lower(), value.upper() if value.startswith("#") else value)
    value = re.sub(r"url\(([^\"')]*)\)", r'url("\1")', value)
    return f"{name}:{value};"


def _style(text: str) -> str:
    return "".join(_declaration(one) for one in text.split(";") if ":" in one)


def _clean(element: etree._Element) -> None:
    for name in list(element.attrib):
        if name not in _ATTRIBUTES:
            del element.attrib[name]
    if "style" in element.attrib:
        element.set("style", _style(str(element.get("style"))))
    if element.text is None and len(element) == 0 and element.tag not in _EMPTY:
        element.text = ""  # so that an empty paragraph keeps its closing tag


def _complete(element: etree._Element) -> None:
    """What the shop adds by itself: a text for images, no back door for new windows, colours in figures."""
    if element.tag == "img" and "alt" not in element.attrib:
        element.set("alt", str(element.get("src") or "").rpartition("/")[2])
    if element.tag == "a" and element.get("target") == "_blank":
        element.set("rel", "noreferrer noopener")
    if "color" in element.attrib:
        colour = str(element.get("color"))
        element.set("color", _COLOURS.get(colour.lower(), colour))


def _prune(root: lxml_html.HtmlElement) -> None:
    for element in list(root.iterdescendants()):
        if not isinstance(element.tag, str):
            continue
        if element.tag in _TAGS:
            _clean(element)
            _complete(element)
        else:
            element.drop_tag()


def _text(value: str) -> str:
    return html.escape(html.unescape(value), quote=False)


def purified(value: str) -> str:
    """The HTML as stored."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if "<" not in value:
        return _text(value) if "&" in value or ">" in value else value
    # A '<' that opens no tag is text; libxml2 would swallow what follows.
    value = re.sub(r"<(?![a-zA-Z/!])", "&lt;", value)
    root = lxml_html.fragment_fromstring(value, create_parent="div")
    _prune(root)
    inner = html.escape(root.text or "", quote=False)
    inner += "".join(etree.tostring(one, encoding="unicode", method="xml") for one in root)
    return _VOID.sub(r"<\1\2 />", inner)
