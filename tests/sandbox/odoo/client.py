"""A bare client for the tests of the simulated Odoo: no retry, nothing hidden."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any

from passerelle.sandbox.odoo import FakeOdoo

COMPANY = {"allowed_company_ids": [2]}


@dataclass(frozen=True)
class Reply:
    status: int
    text: str
    headers: http.client.HTTPMessage

    @property
    def content(self) -> Any:
        return json.loads(self.text)

    @property
    def error(self) -> str:
        """The class of the error, in either protocol; empty without one."""
        content = self.content
        if not isinstance(content, dict):
            return ""
        data = content.get("error", {}).get("data") if "jsonrpc" in content else content
        return str((data or {}).get("name", "")) if data and "debug" in data else ""

    @property
    def result(self) -> Any:
        assert not self.error, self.text
        content = self.content
        return content["result"] if isinstance(content, dict) and "jsonrpc" in content else content


class Client:
    def __init__(self, url: str, odoo: FakeOdoo) -> None:
        self.host = url.removeprefix("http://")
        self.odoo = odoo
        self.key = odoo.api_key
        self.uid = 2
        self.timeout = 5.0

    def send(self, path: str, body: Any, *, method: str = "POST", **headers: str) -> Reply:
        """Headers are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items() if value}
        connection = http.client.HTTPConnection(self.host, timeout=self.timeout)
        try:
            connection.request(method, path, json.dumps(body), sent)
            answer = connection.getresponse()
            return Reply(answer.status, answer.read().decode(), answer.headers)
        finally:
            connection.close()

    def json2(self, model: str, method: str, **body: Any) -> Reply:
        return self.send(f"/json/2/{model}/{method}", body, Authorization=f"bearer {self.key}")

    def rpc(self, model: str, method: str, *args: Any, **named: Any) -> Reply:
        call = [self.odoo.database, self.uid, self.key, model, method, list(args), named]
        return self.service("object", "execute_kw", *call)

    def service(self, service: str, method: str, *args: Any) -> Reply:
        params = {"service": service, "method": method, "args": list(args)}
        return self.send("/jsonrpc", {"jsonrpc": "2.0", "id": 1, "method": "call", "params": params})

    def ask(self, model: str, method: str, *, ids: list[int] | None = None, **named: Any) -> Reply:
        """By the protocol of the version, for the French company unless the context says otherwise."""
        named["context"] = {**COMPANY, **named.get("context", {})}
        if self.odoo.version >= 19:
            return self.json2(model, method, **({"ids": ids} if ids else {}), **named)
        return self.rpc(model, method, *([ids] if ids else []), **named)

    def call(self, model: str, method: str, *, ids: list[int] | None = None, **named: Any) -> Any:
        return self.ask(model, method, ids=ids, **named).result

    def read(self, model: str, ident: int, *fields: str, **context: Any) -> Any:
        """One record's fields; the value itself where one field is asked for."""
        row = self.call(model, "read", ids=[ident], fields=list(fields), context=context)[0]
        return row[fields[0]] if len(fields) == 1 else row
