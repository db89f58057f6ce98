"""The two protocols: JSON-RPC, which every version has, and JSON-2 of Odoo 19."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from passerelle.sandbox.odoo import account_schema, loading, methods, sales, stock_schema
from passerelle.sandbox.odoo.database import Database
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.errors import (
    AccessDenied,
    BadValue,
    NoDatabase,
    NoMethod,
    NoModel,
    OdooError,
    PythonError,
    SerializationFailure,
    Unprocessable,
)
from passerelle.sandbox.odoo.external_ids import ARRIVED
from passerelle.sandbox.odoo.faults import Fault, Mischief
from passerelle.sandbox.odoo.wire import (
    Answer,
    Request,
    error_data,
    http_error,
    json2_error,
    json_answer,
    page,
    rpc_error,
    rpc_result,
)

PUBLIC = (account_schema, loading, sales, stock_schema)  # their public methods register when they are imported
_CHALLENGE = {"WWW-Authenticate": "Bearer "}
_UNMARSHALLED = "cannot marshal None unless allow_none is enabled"


class Served(Protocol):
    """What the protocols need of the simulated Odoo."""

    store: Database
    database: str
    version: int
    keys: dict[str, int]
    requests: list[tuple[str, str, int]]
    mischief: Mischief

    def logged_in(self, login: str, secret: str) -> int | None: ...


class Refused(Exception):
    """The fault says that nothing of the call is done."""


@dataclass(slots=True)
class Call:
    """One call of a method, whatever protocol it came by."""

    uid: int
    model: str
    method: str
    ids: Sequence[int]
    positional: Sequence[Any]
    named: dict[str, Any]
    context: dict[str, Any]
    arrived: int

    @property
    def entities(self) -> int:
        """How many records a writing call is about."""
        data = self.named.get("data") or self.named.get("vals_list") or (self.positional or [None])[-1]
        if self.method in ("create", "load"):
            return len(data) if isinstance(data, list) else 1
        return max(1, len(self.ids))


class Protocols:
    def __init__(self, odoo: Served) -> None:
        self.odoo = odoo

    def answer(self, request: Request) -> Answer:
        if request.path.startswith("/json/2/"):
            return self._json2(request) if self.odoo.version >= 19 else page(404, "Not Found")
        if request.path in ("/jsonrpc", "/web/webclient/version_info"):
            return self._json_rpc(request)
        if request.path in ("/web/version", "/json/version") and self.odoo.version >= 19:
            said = self.release
            return json_answer({"version_info": said["server_version_info"], "version": said["server_version"]})
        return page(404, "Not Found")

    @property
    def release(self) -> dict[str, Any]:
        serie = f"{self.odoo.version}.0"
        info = [self.odoo.version, 0, 0, "final", 0, ""]
        return {"server_version": serie, "server_version_info": info, "server_serie": serie, "protocol_version": 1}

    # JSON-RPC

    def _json_rpc(self, request: Request) -> Answer:
        try:
            body = dict(request.content)
        except ValueError:
            return page(400, "Invalid JSON data")
        ident, params = body.get("id"), body.get("params") or {}
        if request.path != "/jsonrpc":
            return rpc_result(ident, self.release)
        try:
            return self._service(ident, params, arrived=request.arrived)
        except OdooError as error:
            return rpc_error(ident, error)

    def _service(self, ident: Any, params: dict[str, Any], *, arrived: int) -> Answer:
        service, method, args = params.get("service"), params.get("method"), params.get("args") or []
        if service == "common":
            self.odoo.requests.append(("READ", f"common/{method}", 0))
            return rpc_result(ident, self._common(str(method), args))
        if service != "object" or method not in ("execute_kw", "execute"):
            raise BadValue(f"Method not available {service}.{method}")
        database, uid, secret, model, name, *rest = args
        self._demand_database(str(database))
        if self.odoo.keys.get(str(secret)) != uid and self.odoo.logged_in(str(uid), str(secret)) != uid:
            raise AccessDenied
        positional, named = _arguments(rest, keywords=method == "execute_kw")
        context = named.pop("context", None) or {}
        call = Call(uid, str(model), str(name), (), positional, named, context, arrived)
        result = self._performed(call, rpc=True)
        return rpc_result(ident, result, entities=call.entities)

    def _common(self, method: str, args: list[Any]) -> Any:
        if method == "version":
            return self.release
        if method in ("authenticate", "login"):
            self._demand_database(str(args[0]))
            return self.odoo.logged_in(str(args[1]), str(args[2])) or False
        raise BadValue(f"Method not available common.{method}")

    def _demand_database(self, name: str) -> None:
        if name != self.odoo.database:
            raise NoDatabase(f'connection to server failed: FATAL:  database "{name}" does not exist\n')

    # JSON-2

    def _json2(self, request: Request) -> Answer:
        asked = request.headers.get("x-odoo-database", self.odoo.database)
        if asked != self.odoo.database:
            return page(404, "Not Found")
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            message = "User not authenticated, use an API Key with a Bearer Authorization header."
            return http_error(401, name="Unauthorized", message=message, headers=_CHALLENGE)
        if key not in self.odoo.keys:
            return http_error(401, name="Unauthorized", message="Invalid apikey", headers=_CHALLENGE)
        if request.method != "POST":
            return http_error(405, name="MethodNotAllowed", message="The method is not allowed for the requested URL.")
        try:
            return self._json2_call(request, uid=self.odoo.keys[key])
        except (NoModel, NoMethod) as error:
            return http_error(404, name="NotFound", message=error.message)
        except Unprocessable as error:
            return http_error(422, name="UnprocessableEntity", message=error.message)
        except OdooError as error:
            return json2_error(error)

    def _json2_call(self, request: Request, *, uid: int) -> Answer:
        model, _, name = request.path.removeprefix("/json/2/").partition("/")
        try:
            body = dict(request.content)
        except ValueError:
            return http_error(400, name="BadRequest", message="could not parse the body as json")
        ids, context = body.pop("ids", None) or [], body.pop("context", None) or {}
        call = Call(uid, model, name, ids, (), body, context, request.arrived)
        result = self._performed(call, rpc=False)
        if name == "create" and isinstance(result, int):
            result = [result]
        return json_answer(result, entities=call.entities)

    # both

    def _performed(self, call: Call, *, rpc: bool) -> Any:
        """The method's result, its transaction committed. Raises OdooError, rolled back."""
        odoo = self.odoo
        if call.model not in odoo.store.tables:
            raise NoModel(f"Object {call.model} doesn't exist" if rpc else f"the model '{call.model}' does not exist")
        with odoo.store.transaction():
            env = Env(odoo.store, uid=call.uid, context={**call.context, ARRIVED: call.arrived})
            method = methods.found(env, call.model, call.method)
            if rpc and method.on_records:
                call.ids, call.positional = _split(call.positional)
            if not method.on_records and call.ids:
                raise Unprocessable(f"cannot call {call.model}.{call.method} with ids")
            result = methods.run(
                env, call.model, method, ids=call.ids, positional=call.positional, named=call.named
            )  # fmt: skip
        odoo.requests.append(
            ("WRITE" if method.writes else "READ", f"{call.model}/{call.method}", call.entities if method.writes else 0)
        )
        return result

    @staticmethod
    def _run(env: Env, call: Call, method: methods.Method) -> Any:
        """What a method makes of an argument of a wrong type is an error under its Python name, as in Odoo."""
        try:
            return methods.run(env, call.model, method, ids=call.ids, positional=call.positional, named=call.named)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise PythonError(error) from error


def _arguments(rest: list[Any], *, keywords: bool) -> tuple[list[Any], dict[str, Any]]:
    if not keywords:
        return rest, {}
    positional = list(rest[0]) if rest else []
    return positional, dict(rest[1]) if len(rest) > 1 and rest[1] else {}


def _split(positional: Sequence[Any]) -> tuple[list[int], Sequence[Any]]:
    """The first argument of a method on records names them."""
    if not positional:
        return [], ()
    first = positional[0]
    return ([first] if isinstance(first, int) else list(first or ())), positional[1:]


def names_of(request: Request) -> tuple[str, str]:
    """Model and method of a request, as far as it says; for faults, before anything is done."""
    if request.path.startswith("/json/2/"):
        model, _, method = request.path.removeprefix("/json/2/").partition("/")
        return model, method
    try:
        params = request.content.get("params") or {}
    except ValueError:
        return "", ""
    args = params.get("args") or []
    if params.get("service") == "object" and len(args) >= 5:
        return str(args[3]), str(args[4])
    return str(params.get("service") or ""), str(params.get("method") or "")


def writes(model: str, method: str) -> bool:
    one = methods.METHODS.get((model, method)) or methods.METHODS.get(("", method))
    return bool(one and one.writes)


def failed(request: Request, fault: Fault) -> Answer:
    """The answer of a fault that has one of its own."""
    ident = None
    rpc = not request.path.startswith("/json/2/")
    if rpc:
        ident = request.content.get("id")
    if fault.kind == "error_after_commit":
        data = error_data("builtins.TypeError", _UNMARSHALLED, [_UNMARSHALLED])
        error = {"code": 200, "message": "Odoo Server Error", "data": data}
        content = {"jsonrpc": "2.0", "id": ident, "error": error} if rpc else data
        return json_answer(content, status=200 if rpc else 500)
    failure = SerializationFailure()
    if names_of(request)[1] == "load":
        place = {"rows": {"from": 0, "to": 0}, "record": 0}
        result = {"ids": False, "messages": [{**place, "type": "error", "message": failure.message}], "nextrow": 0}
        return rpc_result(ident, result) if rpc else json_answer(result)
    return rpc_error(ident, failure) if rpc else json2_error(failure)
