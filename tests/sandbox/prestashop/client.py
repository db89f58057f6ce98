"""A bare client for the tests of the simulated shop: no retry, no redirect, nothing hidden."""

from __future__ import annotations

import http.client
import re
from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import quote

from lxml import etree

Languages = dict[int, str]


@dataclass(frozen=True)
class Reply:
    status: int
    text: str
    headers: http.client.HTTPMessage

    @property
    def xml(self) -> etree._Element:
        return etree.fromstring(self.text.encode())

    @property
    def codes(self) -> list[int]:
        # Not parsed: an answer that quotes a body with control characters is itself no XML.
        return [int(code) for code in re.findall(r"<code><!\[CDATA\[(\d+)\]\]></code>", self.text)]

    def value(self, path: str) -> str:
        """The text of the first element at a path below the first entity."""
        found = self.xml.find(path)
        assert found is not None, f"{path} is not in {self.text}"
        return found.text or ""

    def values(self, path: str) -> list[str]:
        return [one.text or "" for one in self.xml.iterfind(path)]


class Client:
    def __init__(self, url: str, key: str) -> None:
        self.host = url.removeprefix("http://").removesuffix("/api")
        self.key = key
        self.timeout = 5.0

    def call(self, method: str, path: str, body: str | bytes | None = None, **headers: str) -> Reply:
        """Send a request below /api; headers are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key and "Authorization" not in sent:
            sent["Authorization"] = "Basic " + b64encode(f"{self.key}:".encode()).decode()
        content = body.encode() if isinstance(body, str) else body
        connection = http.client.HTTPConnection(self.host, timeout=self.timeout)
        try:
            connection.request(method, f"/api{path}", body=content, headers=sent)
            answer = connection.getresponse()
            return Reply(answer.status, answer.read().decode(), answer.headers)
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Reply:
        return self.call("GET", path, **headers)

    def post(self, resource: str, *entities: str) -> Reply:
        return self.call("POST", f"/{resource}", document(*entities))

    def put(self, resource: str, *entities: str) -> Reply:
        return self.call("PUT", f"/{resource}", document(*entities))

    def patch(self, resource: str, *entities: str) -> Reply:
        return self.call("PATCH", f"/{resource}", document(*entities))

    def found(self, resource: str, value: str, *, field: str = "reference") -> list[str]:
        """Ids that a filter returns, in order."""
        reply = self.get(f"/{resource}?filter[{field}]={quote(value)}&display=[id]&sort=[id_ASC]")
        assert reply.status == 200, reply.text
        return reply.values(f"{resource}/*/id")


def document(*entities: str) -> str:
    return f"<prestashop>{''.join(entities)}</prestashop>"


def texts(name: str, languages: Languages) -> str:
    """A translated element."""
    inner = "".join(f'<language id="{one}"><![CDATA[{text}]]></language>' for one, text in languages.items())
    return f"<{name}>{inner}</{name}>"


def product(price: str = "10", **fields: str) -> str:
    """A product as a connector would create it, less what is given as an empty mapping."""
    name = fields.pop("name", texts("name", {1: "Marteau", 2: "Hammer"}))
    plain = "".join(f"<{field}>{value}</{field}>" for field, value in fields.items())
    return f"<product><price>{price}</price>{plain}{name}</product>"
