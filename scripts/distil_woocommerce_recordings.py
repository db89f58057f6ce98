"""Distil recorded exchanges with a WooCommerce shop into small shape files: what was asked, what kind of answer came.

    python scripts/distil_woocommerce_recordings.py SOURCE_FOLDER DEST_FOLDER

A recording is one HTTP exchange as text: request, empty line, answer. The shape keeps method, path, query, the body
needed to replay it, status, content type, the headers that say something of the resource, error codes, field names with
the types of their values; of amounts and quantities the values too. It keeps no prose, no host, no key.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

# Not covered: the list of routes, webhooks and roles of users, which the simulated shop does not have.
LEFT_OUT = frozenset({"00", "66", "93", "93b", "94", "95", "96"})
# Which key a recording used cannot be seen in all of them.
KEYS = {"03": "readonly", "18": "basic over http"}

_ANSWER = re.compile(r"^(HTTP/1\.1 \d{3} .*)$", re.MULTILINE)
_HEADERS = ("allow", "location", "retry-after", "x-wp-total", "x-wp-totalpages")
# The recorded shop was allowed to download from one port of its own machine.
_HOSTS = (
    ("http://127.0.0.1:8890/", "http://images.example.test/"),
    ("http://127.0.0.1:8870/", "http://localhost:8870/"),
)
_PROSE = 80
_NAMES_OF_AMOUNTS = (
    "amount cart_tax discount discount_tax discount_total price quantity regular_price shipping_tax shipping_tax_total"
    " shipping_total stock_quantity subtotal subtotal_tax tax_total total total_tax"
)
_AMOUNTS = frozenset(_NAMES_OF_AMOUNTS.split())
_TYPES = (
    ("empty", re.compile(r"")),
    ("int", re.compile(r"-?\d+")),
    ("decimal", re.compile(r"-?\d+\.\d+")),
    ("datetime", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")),
)


def distil(recording: str, *, number: str) -> dict[str, Any]:
    """The shape of one recording."""
    asked, status, answered = _ANSWER.split(recording, maxsplit=1)
    headers, body = _head(answered.lstrip("\n"))
    return {
        "request": _request(asked, number=number),
        "answer": answer_shape(int(status.split(" ")[1]), headers, body),
    }


def answer_shape(status: int, headers: dict[str, str], body: str) -> dict[str, Any]:
    """Status, content type, telling headers, error codes in order, and of each field's path the types of its values.

    Header names are in lower case.
    """
    kind = headers.get("content-type", "").replace(" ", "").lower()
    told = {name: _path(headers[name]) for name in _HEADERS if name in headers}
    relations = re.findall(r'rel="(prev|next)"', headers.get("link", ""))
    if relations:
        told["link"] = " ".join(relations)
    shape: dict[str, Any] = {"status": status, "content_type": kind, "headers": told, "codes": [], "fields": {}}
    if "json" not in kind:
        return shape
    content = json.loads(body)
    fields: dict[str, set[str]] = {}
    _collect(content, "", fields)
    shape["codes"] = _codes(content)
    shape["amounts"] = _amounts(content, "")
    shape["fields"] = {path: " ".join(sorted(found)) for path, found in fields.items()}
    return shape


def _path(value: str) -> str:
    """An address without its host."""
    return re.sub(r"^https?://[^/]+", "", value)


def type_of(value: object) -> str:
    """null, bool, integer, float, and of a text empty, int, decimal, datetime or text."""
    if value is None:
        return "null"
    if isinstance(value, bool | int | float):
        return {"int": "integer"}.get(type(value).__name__, type(value).__name__)
    return next((name for name, pattern in _TYPES if pattern.fullmatch(str(value))), "text")


def _collect(value: object, path: str, fields: dict[str, set[str]]) -> None:
    if isinstance(value, dict):
        fields.setdefault(path or "/", set()).add("object")
        for name, one in value.items():
            # Of links only the relation is told, of meta and settings by key not the key.
            if path.endswith("_links"):
                fields.setdefault(f"{path}/{name}", set()).add("links")
            else:
                _collect(one, f"{path}/{name}", fields)
    elif isinstance(value, list):
        fields.setdefault(path or "/", set()).add("list")
        for one in value:
            _collect(one, f"{path}[]", fields)
    else:
        fields.setdefault(path, set()).add(type_of(value))


def _amounts(value: object, path: str) -> list[str]:
    """Each amount or quantity as "path value", in order."""
    if isinstance(value, list):
        return [told for one in value for told in _amounts(one, f"{path}[]")]
    if not isinstance(value, dict):
        return []
    found = []
    for name, one in value.items():
        if name in _AMOUNTS and not isinstance(one, list | dict):
            found.append(f"{path}/{name} {one}")
        found += _amounts(one, f"{path}/{name}")
    return found


def _codes(content: object) -> list[str]:
    if isinstance(content, list):
        return [code for one in content for code in _codes(one)]
    if not isinstance(content, dict):
        return []
    own = [content["code"]] if "message" in content and "data" in content else []
    return own + [code for one in content.values() if not own for code in _codes(one)]


def _head(text: str) -> tuple[dict[str, str], str]:
    head, _, body = text.partition("\n\n")
    headers: dict[str, str] = {}
    for line in head.splitlines():
        name, _, value = line.partition(":")
        # The first Link announces the API; the second, where there is one, the pages.
        headers[name.lower()] = f"{headers.get(name.lower(), '')} {value.strip()}".strip()
    return headers, body


def _request(text: str, *, number: str) -> dict[str, Any]:
    first, _, rest = text.partition("\n")
    method, target, _ = first.split(" ", 2)
    path, _, query = target.partition("?")
    headers, body = _head(rest)
    pairs = parse_qsl(query, keep_blank_values=True)
    signed = any(name == "oauth_signature" for name, _ in pairs)
    kept = [(name, value) for name, value in pairs if not name.startswith("oauth_")]
    shape: dict[str, Any] = {"method": method, "path": path, "query": urlencode(kept, safe=",@:")}
    shape["key"] = "signature" if signed else KEYS.get(number) or _key(headers.get("authorization", ""))
    shape["accept"] = headers.get("accept", "")
    if "content-disposition" in headers:
        shape["file"] = headers["content-disposition"].partition('filename="')[2].rstrip('"')
    elif body.strip():
        shape["body"] = _body(body.strip())
    return shape


def _key(authorization: str) -> str:
    for word, key in (("consumer_key", "full"), ("other", "wrong"), ("application", "application")):
        if word in authorization:
            return key
    return "none"


def _body(text: str) -> Any:
    """The body as JSON, without long texts; one that is no JSON as it is, a shortened one as the number of items."""
    for recorded, plain in _HOSTS:
        text = text.replace(recorded, plain)
    shortened = re.search(r"\.\.\. (\d+) create items", text)
    if shortened:
        return {"create": [{"name": f"Produit {one}"} for one in range(int(shortened[1]))]}
    try:
        return _short(json.loads(text))
    except json.JSONDecodeError:
        return text


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _short(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_short(one) for one in value]
    return "Texte" if isinstance(value, str) and len(value) > _PROSE else value


def distilled(source: Path) -> dict[str, str]:
    """File name and content of every shape that the recordings in a folder yield."""
    shapes = {}
    for path in sorted(source.glob("*.http")):
        number = path.name.partition("-")[0]
        if number not in LEFT_OUT:
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
