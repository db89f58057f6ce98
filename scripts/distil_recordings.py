"""Distil recorded webservice exchanges into small shape files: what was asked, what kind of answer came back.

    python scripts/distil_recordings.py SOURCE_FOLDER DEST_FOLDER

A recording is one HTTP exchange as text: request, the line "######## RESPONSE (n ms) ########", answer. The shape keeps
method, path, query, the body needed to replay it, status, content type, error codes, element names with the types of
their values. It keeps no prose, no host, no cookie, no key.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from lxml import etree

# The recordings of what the simulated PrestaShop covers, by number.
_COVERED_NUMBERS = (
    "01 02 03 04 05 06 07 08 09 10 11 12 13 14 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40"
    " 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 64 75 79 80 81 82 83 84 85 86 90 92 93 94 95 96 97 98"
    " 100 101 102 103"
)
COVERED = tuple(_COVERED_NUMBERS.split())
# Which key a recording used cannot be seen in it: the full one unless told here.
KEYS = {"02": "readonly", "20": "inactive", "22": "readonly", "23": "readonly"}

_SEPARATOR = re.compile(r"^######## RESPONSE .*########\n", re.MULTILINE)
_XLINK = "{http://www.w3.org/1999/xlink}href"
_PROSE = 80
_TYPES = (
    ("empty", re.compile(r"")),
    ("int", re.compile(r"-?\d+")),
    ("decimal", re.compile(r"-?\d+\.\d+")),
    ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("datetime", re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")),
)


def distil(recording: str, *, number: str) -> dict[str, Any]:
    """The shape of one recording."""
    asked, answered = _SEPARATOR.split(recording, maxsplit=1)
    return {"request": _request(asked, number=number), "answer": answer_shape(*_answer(answered))}


def answer_shape(status: int, content_type: str, body: str) -> dict[str, Any]:
    """Status, content type, error codes in order, and of each element's path its "@attributes" and types of values."""
    shape: dict[str, Any] = {"status": status, "content_type": content_type.replace(" ", "").lower()}
    if "xml" not in content_type or not body.strip():
        return {**shape, "codes": [], "elements": {}}
    root = etree.fromstring(body.encode(), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    codes = [int(code.text or "0") for code in root.iterfind("errors/error/code")]
    elements: dict[str, set[str]] = {}
    for child in () if codes else root:
        _collect(child, child.tag, elements)
    return {**shape, "codes": codes, "elements": {path: " ".join(sorted(one)) for path, one in elements.items()}}


def type_of(text: str) -> str:
    """empty, int, decimal, date, datetime or text."""
    return next((name for name, pattern in _TYPES if pattern.fullmatch(text)), "text")


def _collect(element: etree._Element, path: str, elements: dict[str, set[str]]) -> None:
    found = elements.setdefault(path, set())
    found.update("@xlink:href" if name == _XLINK else f"@{name}" for name in element.attrib)
    if len(element) == 0:
        found.add(type_of((element.text or "").strip()))
    for child in element:
        _collect(child, f"{path}/{child.tag}", elements)


def _head(text: str) -> tuple[str, dict[str, str], str]:
    head, _, body = text.partition("\n\n")
    first, *lines = head.splitlines()
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return first, headers, body


def _request(text: str, *, number: str) -> dict[str, Any]:
    first, headers, body = _head(text)
    method, target, _ = first.split(" ", 2)
    path, _, query = target.partition("?")
    shape: dict[str, Any] = {"method": method, "path": path, "query": re.sub(r"ws_key=\w+", "ws_key=KEY", query)}
    shape["key"] = KEYS.get(number) or _key(headers, query)
    if not headers.get("host", "").startswith("127.0.0.1"):
        shape["host"] = "wrong"
    if "local-content-sha1" in headers:
        shape["local_content_sha1"] = "known"
    if body.strip():
        shape["body"] = _plain_body(body.strip())
    return shape


def _key(headers: dict[str, str], query: str) -> str:
    authorization = headers.get("authorization", "")
    if not authorization:
        return "query" if "ws_key" in query else "none"
    return "full" if "<" in authorization else "unknown"


def _plain_body(body: str) -> str:
    """The body without links and long texts; one that is no XML as it is."""
    try:
        root = etree.fromstring(body.encode(), etree.XMLParser(strip_cdata=True, remove_blank_text=True))
    except etree.XMLSyntaxError:
        return body
    for element in root.iter():
        element.attrib.pop(_XLINK, None)
        if element.text and len(element.text) > _PROSE:
            element.text = "<p>Texte</p>"
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode")


def _answer(text: str) -> tuple[int, str, str]:
    first, headers, body = _head(text)
    return int(first.split(" ")[1]), headers.get("content-type", ""), body


def distilled(source: Path) -> dict[str, str]:
    """File name and content of every shape that the recordings in a folder yield."""
    shapes = {}
    for path in sorted(source.glob("*.http")):
        number = path.name.partition("-")[0]
        if number in COVERED:
            shape = distil(path.read_text(encoding="utf-8"), number=number)
            shapes[f"{path.stem}.json"] = json.dumps(shape, ensure_ascii=False, indent=1) + "\n"
    return shapes


def main() -> None:
    source, destination = map(Path, sys.argv[1:3])
    for name, content in distilled(source).items():
        (destination / name).write_text(content, encoding="utf-8")
        print(name)


if __name__ == "__main__":
    main()
