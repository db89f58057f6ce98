"""JSON-RPC with a Tryton server: login, session, and what its answers mean.

Every call is a POST, reads too. Refusals of the business (`UserError`, `UserWarning`) come as 200 and are rolled back;
so is any other error of a read. Any other error of a write is no proof that nothing was done.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import quote

from passerelle.connectors.tryton import wire
from passerelle.connectors.tryton.config import TrytonConfig
from passerelle.connectors.tryton.manifest import TITLE
from passerelle.errors import (
    AddressInvalid,
    AnswerUnreadable,
    CredentialsRefused,
    NotThisSystem,
    RightMissing,
    Unavailable,
    WriteUnanswered,
)
from passerelle.ports.clock import Clock
from passerelle.ports.limiter import Limiter
from passerelle.transport.http import Answer, Counts, Http

T = TypeVar("T")

JSON = {"Content-Type": "application/json"}
REFUSALS = frozenset({"UserError", "UserWarning"})
EVIDENCE = 400  # characters of an answer that are kept
BY_ID = [("id", "ASC")]
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Refused(Exception):
    """Tryton refused a call and rolled it back; the text says why, in the user's language. `kind` is Tryton's name."""

    def __init__(self, text: str, *, kind: str) -> None:
        super().__init__(text)
        self.text = text
        self.kind = kind


class TrytonClient:
    """A session with one database. Logs in when first needed, and again when the server has forgotten the session."""

    def __init__(self, config: TrytonConfig, *, clock: Clock, limiter: Limiter, tally: Counts) -> None:
        self._config = config
        self._server = f"{config.url.strip().rstrip('/')}/"
        self._address = f"{self._server}{quote(config.database, safe='')}/"
        self._session: dict[str, str] = {}
        self._context: dict[str, Any] = {}
        self._fields: dict[str, dict[str, dict[str, Any]]] = {}
        self._http = Http(
            system=TITLE, headers=JSON, clock=clock, limiter=limiter, tally=tally, timeout=config.timeout
        )  # fmt: skip

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()

    def version(self) -> str:
        """The server's version, such as 7.0.59."""
        answer = self._http.read(self._server, body=_call("common.server.version", ()))
        return str(self._read_result(answer, "common.server.version"))

    @property
    def context(self) -> dict[str, Any]:
        """What goes with each call: company, language and groups of the user. Raises AddressInvalid for the company."""
        if not self._context:
            said = self._ask("model.res.user.get_preferences", True, {})
            if not isinstance(said, dict):
                raise AnswerUnreadable(system=TITLE, why="the user has no preferences")
            said.pop("locale", None)
            self._context = {**said, "company": self._company()}
        return self._context

    @property
    def company(self) -> int:
        """The number of the company."""
        return int(self.context["company"])

    def _company(self) -> int:
        found = self._ask("model.company.company.search_read", [], 0, None, BY_ID, ["rec_name"], {})
        wanted = self._config.company.strip()
        if not wanted and len(found) == 1:
            return int(found[0]["id"])
        chosen = [one for one in found if wanted and wanted in (str(one["id"]), one["rec_name"])]
        if len(chosen) != 1:
            names = ", ".join(one["rec_name"] for one in found) or "-"
            raise AddressInvalid(key="erp.company", why=f"the companies of this database are: {names}")
        return int(chosen[0]["id"])

    # --- reads ---

    def ask(self, method: str, *params: Any, context: Mapping[str, Any] = NOTHING) -> Any:
        """One call that changes nothing, such as `sale.sale.search_count`; `context` is added to the user's."""
        return self._ask(f"model.{method}", *params, {**self.context, **context})

    def asked(self, method: str, *params: Any) -> Any:
        """The same where the question itself may be wrong. Raises Refused."""
        return self._said(self._answer(f"model.{method}", (*params, self.context)), f"model.{method}")

    def rows(
        self,
        model: str,
        kind: type[T],
        domain: Sequence[Any],
        *,
        limit: int | None = None,
        order: Sequence[tuple[str, str]] = BY_ID,
        fields: Sequence[str] = (),
        context: Mapping[str, Any] = NOTHING,
    ) -> list[T]:
        """The rows of a model in this domain, by their id. `fields` where they are not all those of `kind`."""
        names = list(fields) or wire.names_of(kind)
        return wire.rows_of(kind, self.raw(model, domain, names, limit=limit, order=order, context=context))

    def raw(
        self,
        model: str,
        domain: Sequence[Any],
        fields: Sequence[str],
        *,
        limit: int | None = None,
        order: Sequence[tuple[str, str]] = BY_ID,
        context: Mapping[str, Any] = NOTHING,
    ) -> list[dict[str, Any]]:
        """The same as Tryton gives them. Raises AnswerUnreadable."""
        found = self.ask(f"{model}.search_read", list(domain), 0, limit, list(order), list(fields), context=context)
        if not isinstance(found, list):
            raise AnswerUnreadable(system=TITLE, why=f"the list of {model} is missing")
        return found

    def fields(self, model: str) -> dict[str, dict[str, Any]]:
        """The fields of a model that the user may see, with their types; asked once."""
        if model not in self._fields:
            self._fields[model] = self.ask(f"{model}.fields_get", [])
        return self._fields[model]

    # --- writes ---

    def write(self, method: str, *params: Any) -> Any:
        """One call that changes something, sent once.

        Raises Refused when it was rolled back, WriteUnanswered when nobody can tell, Unavailable when it was not done.
        """
        name = f"model.{method}"
        body = _call(name, (*params, self.context))
        answer = self._http.write("POST", self._address, body=body, headers=self._credentials())
        if answer.status == 401:
            self._session = {}
            answer = self._http.write("POST", self._address, body=body, headers=self._credentials())
        try:
            return self._said(answer, name)
        except (AnswerUnreadable, Unavailable) as error:
            if answer.status in range(200, 300) or answer.status >= 500:
                raise WriteUnanswered(system=TITLE, detail=error.detail) from error
            raise
        except Refused as refused:
            if refused.kind == "ConcurrencyException":
                raise Unavailable(system=TITLE, detail=refused.text) from refused
            if refused.kind not in REFUSALS:
                raise WriteUnanswered(system=TITLE, detail=refused.text) from refused
            raise

    # --- answers ---

    def _ask(self, method: str, *params: Any) -> Any:
        return self._read_result(self._answer(method, params), method)

    def _answer(self, method: str, params: Sequence[Any]) -> Answer:
        body = _call(method, params)
        answer = self._http.read(self._address, body=body, headers=self._credentials())
        if answer.status == 401:
            self._session = {}
            answer = self._http.read(self._address, body=body, headers=self._credentials())
        return answer

    def _credentials(self) -> dict[str, str]:
        if not self._session:
            body = _call("common.db.login", (self._config.user, {"password": self._config.password}))
            said = self._read_result(self._http.read(self._address, body=body), "common.db.login")
            if not isinstance(said, list) or len(said) < 2:
                raise AnswerUnreadable(system=TITLE, why="the login gives no session")
            token = b64encode(f"{self._config.user}:{said[0]}:{said[1]}".encode()).decode()
            self._session = {"Authorization": f"Session {token}", **JSON}
        return self._session

    def _read_result(self, answer: Answer, method: str) -> Any:
        try:
            return self._said(answer, method)
        except Refused as refused:
            detail = self._clean(refused.text)
            if refused.kind in REFUSALS:
                raise _no_right(method, detail=detail) from None
            if refused.kind == "LoginException":
                raise CredentialsRefused(system=TITLE, detail="LoginException") from None
            raise AnswerUnreadable(system=TITLE, why=f"it fails to answer {method}", detail=detail) from None

    def _said(self, answer: Answer, method: str) -> Any:
        """What an answer says. Raises Refused, and the error of its status."""
        self._check_status(answer, method)
        try:
            said = wire.decode(answer.body)
        except ValueError:
            said = None
        if not isinstance(said, dict) or not {"result", "error"} & said.keys():
            kind = answer.headers.get("Content-Type", "").split(";")[0] or "nothing"
            raise AnswerUnreadable(system=TITLE, why=f"{kind} instead of JSON-RPC", detail=self._evidence(answer))
        if said.get("error"):
            raise _refusal(said["error"])
        return said["result"]

    def _check_status(self, answer: Answer, method: str) -> None:
        status, detail = answer.status, self._evidence(answer)
        if status == 401:
            raise CredentialsRefused(system=TITLE, detail=detail)
        if status == 403:  # also for a method that this version does not have
            raise _no_right(method, detail=detail)
        if status == 404:
            raise NotThisSystem(system=TITLE, why=f"there is no database {self._config.database}", detail=detail)
        if status >= 500:
            raise Unavailable(system=TITLE, detail=detail)
        if not 200 <= status < 300:
            raise AnswerUnreadable(system=TITLE, why=f"HTTP {status}", detail=detail)

    def _evidence(self, answer: Answer) -> str:
        return self._clean(f"HTTP {answer.status}: {answer.body.decode(errors='replace')[:EVIDENCE]}")

    def _clean(self, text: str) -> str:
        """A text without the password and the session, whoever repeats them."""
        token = self._session.get("Authorization", "")[len("Session ") :]
        for secret in filter(None, (self._config.password, token)):
            text = text.replace(secret, "***")
        return text


def _call(method: str, params: Sequence[Any]) -> bytes:
    return wire.encode({"id": 1, "method": method, "params": list(params)})


def _no_right(method: str, *, detail: str) -> RightMissing:
    model, _, name = method.removeprefix("model.").rpartition(".")
    verb = {"create": "add", "write": "modify", "delete": "delete"}.get(name, "view")
    return RightMissing(system=TITLE, verb=verb, resource=model or name, detail=detail)


def _refusal(error: Any) -> Refused:
    """`["UserError", ["message", "description", null]]`, or the text of an exception and its traceback."""
    kind, said = (error[0], error[1]) if isinstance(error, list) and len(error) > 1 else (str(error), "")
    if isinstance(said, list):
        texts = said[1:3] if kind == "UserWarning" else said[:2]
        return Refused(" ".join(str(one) for one in texts if one).strip(), kind=str(kind))
    return Refused(
        str(said or kind)[:EVIDENCE] if kind == "ConcurrencyException" else str(kind)[:EVIDENCE], kind=str(kind)
    )
