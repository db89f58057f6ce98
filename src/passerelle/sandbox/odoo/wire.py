"""Requests and answers of the HTTP server, and how errors look in JSON-RPC and in JSON-2."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from passerelle.sandbox.odoo.errors import OdooError

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"


@dataclass(slots=True)
class Request:
    """One request as read from the wire; header names in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""
    arrived: int = 0  # how many transactions were over when it came in
    _content: Any = None

    @property
    def content(self) -> dict[str, Any]:
        """The body as JSON, parsed once; {} for anything but an object. Raises ValueError."""
        if self._content is None:
            found = json.loads(self.body or b"{}")
            self._content = found if isinstance(found, dict) else {}
        content: dict[str, Any] = self._content
        return content


@dataclass(slots=True)
class Answer:
    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    entities: int = 0


def json_answer(
    content: Any, *, status: int = 200, entities: int = 0, headers: Mapping[str, str] | None = None
) -> Answer:
    return Answer(status, json.dumps(content, ensure_ascii=False).encode(), JSON, dict(headers or {}), entities)


def page(status: int, text: str) -> Answer:
    return Answer(status, f"<!doctype html><html><body><h1>{text}</h1></body></html>".encode(), HTML)


def error_data(name: str, message: str, arguments: list[Any]) -> dict[str, Any]:
    """What both protocols tell of an error; the traceback is left out, as in a log that was tidied."""
    debug = f"Traceback (most recent call last):\n  [... frames removed ...]\n{name.rpartition('.')[2]}: {message}"
    return {"name": name, "message": message, "arguments": arguments, "context": {}, "debug": debug}


def rpc_result(ident: Any, result: Any, *, entities: int = 0) -> Answer:
    return json_answer({"jsonrpc": "2.0", "id": ident, "result": result}, entities=entities)


def rpc_error(ident: Any, error: OdooError) -> Answer:
    """Always HTTP 200: the class of the error stands in its data alone."""
    data = error_data(error.name, error.message, list(error.args))
    content = {"code": 200, "message": "Odoo Server Error", "data": data}
    return json_answer({"jsonrpc": "2.0", "id": ident, "error": content})


def json2_error(error: OdooError) -> Answer:
    return json_answer(error_data(error.name, error.message, list(error.args)), status=error.status)


def http_error(status: int, *, name: str, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """An error that JSON-2 raises before any model is asked."""
    content = error_data(f"werkzeug.exceptions.{name}", message, [message, status])
    return json_answer(content, status=status, headers=headers)
