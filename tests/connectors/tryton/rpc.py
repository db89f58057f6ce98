"""A way round the adapter: JSON-RPC with a Tryton server, as plain as it gets."""

from __future__ import annotations

import json
import urllib.request
from base64 import b64encode
from typing import Any

from passerelle.connectors.tryton.wire import decode, encode

USER = "admin"
PASSWORD = "s3cret-Zanzibar"  # must never show in a message


class RpcError(Exception):
    """What the server answered in place of a result."""


class Rpc:
    """A session of its own with the database of a server."""

    def __init__(self, url: str, database: str) -> None:
        self._url = f"{url}/{database}/"
        self._headers = {"Content-Type": "application/json"}
        self._fixed: dict[str, int] = {}
        user, key = self._post("common.db.login", USER, {"password": PASSWORD})
        token = b64encode(f"{USER}:{user}:{key}".encode()).decode()
        self._headers["Authorization"] = f"Session {token}"
        self.refresh()

    def refresh(self) -> None:
        """Read the user's preferences again, once they have a company."""
        self._context = self._post("model.res.user.get_preferences", True, {})

    def __call__(self, method: str, *params: Any, **context: Any) -> Any:
        """Call a method of a model: `rpc("sale.sale.quote", [12])`."""
        return self._post(f"model.{method}", *params, {**self._context, **context})

    def wizard(self, method: str, *params: Any) -> Any:
        """Call a method of a wizard."""
        return self._post(f"wizard.{method}", *params, self._context)

    def rows(self, model: str, domain: list[Any], *fields: str, **context: Any) -> list[dict[str, Any]]:
        """The records of a domain, by their id."""
        found: list[dict[str, Any]] = self(
            f"{model}.search_read", domain, 0, None, [["id", "ASC"]], list(fields), **context
        )
        return found

    def ids(self, model: str, domain: list[Any], **context: Any) -> list[int]:
        """The numbers of the records of a domain."""
        return [int(row["id"]) for row in self.rows(model, domain, "rec_name", **context)]

    def one(self, model: str, domain: list[Any], **context: Any) -> int:
        """The number of the only record of a domain."""
        [found] = self.ids(model, domain, **context)
        return found

    def fixed(self, model: str, domain: list[Any]) -> int:
        """The same of a record that every test starts with, asked once."""
        question = f"{model} {domain}"
        if question not in self._fixed:
            self._fixed[question] = self.one(model, domain)
        return self._fixed[question]

    def _post(self, method: str, *params: Any) -> Any:
        body = encode({"id": 1, "method": method, "params": list(params)})
        with urllib.request.urlopen(urllib.request.Request(self._url, body, self._headers), timeout=120) as answer:
            said = decode(answer.read())
        if said.get("error"):
            raise RpcError(json.dumps(said["error"], default=str)[:2000])
        return said["result"]
