"""HTTP with one database of an Odoo: the transport of its version, and what its answers mean.

Odoo 19 and later speak JSON-2 with real statuses; before, JSON-RPC answers 200 to everything and its error says what
happened. What Odoo raises on purpose (`UserError`, `ValidationError`, a missing right) was rolled back. Any other error
of a write is no proof that nothing was done: seen on Odoo 18.0, a method that returned nothing had committed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Protocol

from passerelle.connectors.odoo import wire
from passerelle.connectors.odoo.config import OdooConfig
from passerelle.connectors.odoo.manifest import TITLE
from passerelle.connectors.odoo.wire import Row, VendorError
from passerelle.errors import (
    AnswerUnreadable,
    ConfigError,
    CredentialsRefused,
    NotThisSystem,
    PasserelleError,
    RightMissing,
    Unavailable,
    WriteUnanswered,
)
from passerelle.ports.clock import Clock
from passerelle.ports.limiter import Limiter
from passerelle.transport.http import Answer, Counts, Http

JSON: Final = {"Content-Type": "application/json; charset=utf-8"}
JSON_2_SINCE: Final = 19
HAS_ACCESS_SINCE: Final = 18
EVIDENCE: Final = 400  # characters of an answer that are kept
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
PAGE: Final = 1000
VERBS: Final = {"create": "add", "write": "modify", "load": "modify", "unlink": "delete"}


class Refused(Exception):
    """Odoo refused a call and rolled it back; the text says why, in its own language, and may name people."""

    def __init__(self, error: VendorError) -> None:
        super().__init__(error.name)
        self.name = error.name
        self.text = error.message


class Raced(Exception):
    """Another transaction was in the way, and this call was rolled back."""


class _Door(Protocol):
    """One way to call: where a call goes and what it says, and what its answer holds."""

    def call(self, model: str, method: str, *, on: Sequence[int] | None, named: Mapping[str, Any]) -> tuple[str, bytes]:
        """The address and the body."""
        ...

    def result(self, said: Any) -> Any:
        """What an answer without an error says. Raises ValueError."""
        ...


class OdooClient:
    """One database. The transport is chosen, and the user known, at the first call."""

    def __init__(self, config: OdooConfig, *, clock: Clock, limiter: Limiter, tally: Counts) -> None:
        self._config = config
        self.address = config.url.strip().rstrip("/")
        self._version: tuple[int, str] | None = None
        self._door: _Door | None = None
        self._http = Http(system=TITLE, headers=JSON, clock=clock, limiter=limiter, tally=tally, timeout=config.timeout)

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()

    def move(self, address: str) -> None:
        """Speak to another address from now on."""
        self.address, self._door = address, None

    # --- who answers ---

    @property
    def version(self) -> str:
        """Such as 18.0; "" where the server does not say. It chooses how to call; fields are probed."""
        return self._known_version()[1]

    @property
    def asks_access(self) -> bool:
        """Whether rights are asked for with `has_access`, which came with Odoo 18."""
        return self._known_version()[0] >= HAS_ACCESS_SINCE

    def _known_version(self) -> tuple[int, str]:
        if self._version is None:
            answer = self._http.read(f"{self.address}/jsonrpc", body=_rpc("common", "version", ()))
            if answer.status == 404:  # the old transport is gone
                self._version = _serie(
                    self._read(self._http.read(f"{self.address}/web/version"), "version", result=_as_is)
                )
            else:
                self._version = _serie(self._read(answer, "version", result=_rpc_result))
        return self._version

    def _opened(self) -> _Door:
        if self._door is None:
            newer = self._known_version()[0] >= JSON_2_SINCE
            self._door = _Json2(self.address) if newer else _JsonRpc(self.address, self._config, uid=self._uid())
        return self._door

    def _uid(self) -> int:
        config = self._config
        body = _rpc("common", "authenticate", (config.database, config.login, config.key, {}))
        found = self._read(self._http.read(f"{self.address}/jsonrpc", body=body), "authenticate", result=_rpc_result)
        if not isinstance(found, int) or isinstance(found, bool):
            raise CredentialsRefused(system=TITLE, detail="authenticate gives no user")
        return found

    def _headers(self) -> dict[str, str]:
        """The key is in the body of JSON-RPC, and nobody else's business there."""
        if isinstance(self._opened(), _JsonRpc):
            return {}
        return {"Authorization": f"bearer {self._config.key}", "X-Odoo-Database": self._config.database}

    # --- reads ---

    def ask(self, model: str, method: str, *, on: Sequence[int] | None = None, **named: Any) -> Any:
        """One call that changes nothing. Raises Unavailable, ConfigError, AnswerUnreadable."""
        address, body = self._opened().call(model, method, on=on, named=named)
        answer = self._http.read(address, body=body, headers=self._headers())
        return self._read(answer, f"{model}.{method}", result=self._opened().result)

    def rows(
        self,
        model: str,
        domain: Sequence[Any],
        *,
        fields: Sequence[str],
        context: Mapping[str, Any],
        limit: int | None = None,
        order: str = "id",
    ) -> list[Row]:
        """The records of a model in this domain."""
        named: dict[str, Any] = {
            "domain": list(domain),
            "fields": list(fields),
            "order": order,
            "context": dict(context),
        }
        if limit is not None:
            named["limit"] = limit
        found = self.ask(model, "search_read", **named)
        if not isinstance(found, list) or not all(isinstance(row, dict) and "id" in row for row in found):
            raise AnswerUnreadable(system=TITLE, why=f"the list of {model} is missing")
        return found

    def pages(
        self,
        model: str,
        domain: Sequence[Any],
        *,
        fields: Sequence[str],
        context: Mapping[str, Any],
        size: int = PAGE,
    ) -> Iterator[list[Row]]:
        """The same, by id, so that what is added meanwhile neither shifts the pages nor repeats a record."""
        last = 0
        while True:
            asked = [*domain, ["id", ">", last]]
            found = self.rows(model, asked, fields=fields, context=context, limit=size)
            if found:
                yield found
            if len(found) < size:
                return
            last = int(found[-1]["id"])

    def fields(self, model: str, *, context: Mapping[str, Any]) -> dict[str, Row] | None:
        """The fields of a model that the user may see; None for a model that this database does not have."""
        attributes = ["type", "string", "relation", "store", "searchable", "selection", "translate", "digits"]
        try:
            found: dict[str, Row] = self.ask(model, "fields_get", attributes=attributes, context=dict(context))
        except AnswerUnreadable as error:
            if error.params["why"] == _lacking(model):
                return None
            raise
        return found

    # --- writes ---

    def write(self, model: str, method: str, *, on: Sequence[int] | None = None, **named: Any) -> Any:
        """One call that changes something, sent once; its answer may be anything, null too.

        Raises Refused and Raced when it was rolled back, WriteUnanswered when nobody can tell, Unavailable when it was
        not done.
        """
        door = self._opened()
        address, body = door.call(model, method, on=on, named=named)
        answer = self._http.write("POST", address, body=body, headers=self._headers())
        said = self._decoded(answer)
        error = wire.vendor_error(said)
        if error is not None:
            raise self._of_write(error, f"{model}.{method}")
        if answer.status >= 500 or (answer.status == 200 and said is _UNREADABLE):
            raise WriteUnanswered(system=TITLE, detail=self._evidence(answer))
        self._check_status(answer, f"{model}.{method}", said=said)
        try:
            return door.result(said)
        except ValueError:
            raise WriteUnanswered(system=TITLE, detail=self._evidence(answer)) from None

    def _of_write(self, error: VendorError, call: str) -> Exception:
        if error.races:
            return Raced(error.name)
        if error.name in wire.REFUSALS:
            return Refused(error)
        known = self._known_error(error, call)
        return known or WriteUnanswered(system=TITLE, detail=self._clean(f"{error.name}: {error.message}"))

    # --- answers ---

    def _read(self, answer: Answer, call: str, *, result: Any) -> Any:
        said = self._decoded(answer)
        error = wire.vendor_error(said)
        if error is not None:
            raise self._of_read(error, call)
        self._check_status(answer, call, said=said)
        try:
            return result(said)
        except ValueError:
            raise self._unreadable(answer) from None

    def _of_read(self, error: VendorError, call: str) -> PasserelleError:
        detail = self._clean(f"{error.name}: {error.message}")
        known = self._known_error(error, call)
        if known is not None:
            return known
        if error.races:
            return Unavailable(system=TITLE, detail=detail)
        if call.endswith(".fields_get"):
            return AnswerUnreadable(system=TITLE, why=_lacking(call.removesuffix(".fields_get")), detail=detail)
        return AnswerUnreadable(system=TITLE, why=f"it fails to answer {call}", detail=detail)

    def _known_error(self, error: VendorError, call: str) -> ConfigError | None:
        """The errors that mean the same whatever was asked."""
        detail = self._clean(f"{error.name}: {error.message}")
        if error.name in wire.DENIED:
            return CredentialsRefused(system=TITLE, detail=detail)
        if error.name == wire.NO_RIGHT:
            model, _, method = call.rpartition(".")
            return RightMissing(system=TITLE, verb=VERBS.get(method, "view"), resource=model or method, detail=detail)
        if error.name.endswith("OperationalError") or (
            "database" in error.message and "does not exist" in error.message
        ):
            return NotThisSystem(system=TITLE, why=f"it has no database {self._config.database}", detail=detail)
        return None

    def _check_status(self, answer: Answer, call: str, *, said: Any) -> None:
        """What a status says where the body says nothing that is Odoo's."""
        status, detail = answer.status, self._evidence(answer)
        if status in (401, 403):
            raise CredentialsRefused(system=TITLE, detail=detail)
        if status == 404:
            raise NotThisSystem(system=TITLE, why=f"nothing answers to {call}", detail=detail)
        if status >= 500:
            raise Unavailable(system=TITLE, detail=detail)
        if status != 200 or said is _UNREADABLE:
            raise self._unreadable(answer)

    def _decoded(self, answer: Answer) -> Any:
        try:
            return wire.decode(answer.body)
        except ValueError:
            return _UNREADABLE

    def _unreadable(self, answer: Answer) -> AnswerUnreadable:
        kind = answer.headers.get("Content-Type", "").split(";")[0] or "nothing"
        return AnswerUnreadable(system=TITLE, why=f"{kind} instead of its data", detail=self._evidence(answer))

    def _evidence(self, answer: Answer) -> str:
        return self._clean(f"HTTP {answer.status}: {answer.body.decode(errors='replace')}")

    def _clean(self, text: str) -> str:
        """What is kept of a text that Odoo wrote: neither the key nor an e-mail address."""
        return wire.without_addresses(text.replace(self._config.key, "***"))[:EVIDENCE]


def _lacking(model: str) -> str:
    return f"it has no {model}; an app is not installed"


_UNREADABLE: Final = object()


class _Json2:
    """`POST /json/2/<model>/<method>` with arguments by name."""

    def __init__(self, address: str) -> None:
        self._address = address

    def call(self, model: str, method: str, *, on: Sequence[int] | None, named: Mapping[str, Any]) -> tuple[str, bytes]:
        body = dict(named) if on is None else {"ids": list(on), **named}
        return f"{self._address}/json/2/{model}/{method}", wire.encode(body)

    def result(self, said: Any) -> Any:
        return said


class _JsonRpc:
    """`POST /jsonrpc`, which answers 200 to everything."""

    def __init__(self, address: str, config: OdooConfig, *, uid: int) -> None:
        self._address = f"{address}/jsonrpc"
        self._credentials = (config.database, uid, config.key)

    def call(self, model: str, method: str, *, on: Sequence[int] | None, named: Mapping[str, Any]) -> tuple[str, bytes]:
        positional = [] if on is None else [list(on)]
        return self._address, _rpc("object", "execute_kw", (*self._credentials, model, method, positional, dict(named)))

    def result(self, said: Any) -> Any:
        return _rpc_result(said)


def _rpc(service: str, method: str, arguments: Sequence[Any]) -> bytes:
    params = {"service": service, "method": method, "args": list(arguments)}
    return wire.encode({"jsonrpc": "2.0", "id": 1, "method": "call", "params": params})


def _rpc_result(said: Any) -> Any:
    """Raises ValueError. A method that returns nothing may leave the result out."""
    if not isinstance(said, dict) or "jsonrpc" not in said or "error" in said:
        raise ValueError
    return said.get("result")


def _as_is(said: Any) -> Any:
    return said


def _serie(said: Any) -> tuple[int, str]:
    """(19, "19.0") of `{"server_version_info": [19, 0, 0, "final", 0, ""], "server_serie": "19.0"}`.

    `/web/version` says the same as `version_info` and `version`.
    """
    info = said.get("server_version_info", said.get("version_info")) if isinstance(said, dict) else None
    if not isinstance(info, list) or not info:
        raise NotThisSystem(system=TITLE, why="it does not tell its version")
    first = str(info[0]).rpartition("~")[2]  # "saas~17" on Odoo Online
    if not first.isdigit():
        raise NotThisSystem(system=TITLE, why=f"its version is {first}")
    return int(first), wire.plain(said.get("server_serie", said.get("version"))) or first
