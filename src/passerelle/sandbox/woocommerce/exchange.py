"""A request and an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

JSON = "application/json; charset=UTF-8"
HTML = "text/html; charset=UTF-8"
_INDEXED = re.compile(r"(\w+)\[\w*\]")
_ROOT = "/wp-json"
_CREDENTIALS = ("oauth_", "consumer_key=", "consumer_secret=")


@dataclass
class Request:
    """What came in; headers in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    tls: bool = False

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def told(self) -> str:
        """The target without credentials and signatures."""
        parts = [one for one in self.query.split("&") if one and not one.startswith(_CREDENTIALS)]
        return f"{self.path}?{'&'.join(parts)}" if parts else self.path

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The query, decoded, in order."""
        return parse_qsl(self.query, keep_blank_values=True)

    @property
    def params(self) -> dict[str, Any]:
        """The query as PHP reads it: the last one counts, name[]=… makes a list."""
        found: dict[str, Any] = {}
        for name, value in self.pairs:
            indexed = _INDEXED.fullmatch(name)
            if indexed:
                held = found.get(indexed[1])
                found[indexed[1]] = [*(held if isinstance(held, list) else ()), value]
            else:
                found[name] = value
        return found

    @property
    def rest_path(self) -> str | None:
        """The path below /wp-json, of /?rest_route=… too; None for a page."""
        if self.path == _ROOT or self.path.startswith(f"{_ROOT}/"):
            return self.path.removeprefix(_ROOT).strip("/")
        route = self.params.get("rest_route")
        return str(route).strip("/") if self.path in ("/", "/index.php") and route else None


@dataclass
class Answer:
    """What goes out, and how many entities were written on the way."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    entities: int = 0
