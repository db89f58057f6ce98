"""HTTP with the PrestaShop webservice: addresses, authentication, and what its answers mean.

The status does not decide: any PHP notice turns it into 500, a 500 may have been done, and an unknown entity is a 404
without a body. The first error code that is not PHP's own does.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from urllib.parse import quote

from passerelle.connectors.prestashop.config import PrestashopConfig, api_root
from passerelle.connectors.prestashop.wire import (
    SYSTEM,
    Entity,
    VendorError,
    entities,
    first_error,
    noise,
    parse,
)
from passerelle.errors import (
    AnswerUnreadable,
    ConfigError,
    CredentialsRefused,
    RightMissing,
    ServiceDisabled,
    Unavailable,
    WriteUnanswered,
)
from passerelle.ports.clock import Clock
from passerelle.ports.limiter import Limiter
from passerelle.transport.http import Answer, Counts, Http

XML = {"Content-Type": "text/xml; charset=utf-8"}
BAD_KEY = frozenset({16, 17, 18, 19, 20, 21, 132})
NO_RIGHT = frozenset({25, 26, 101})
SERVICE_OFF = 22
GONE = frozenset({87, 92, 131})
VERBS = {"GET": "view", "POST": "add", "PUT": "modify", "PATCH": "patch", "DELETE": "delete"}
EVIDENCE = 400  # characters of an answer that are kept


class Refused(Exception):
    """The shop refused an entity of a write; those before it may have been stored.

    `gone` when the entity does not exist. `status` is the HTTP status, `code` the webservice's own (0 for none).
    """

    def __init__(self, *, code: int, text: str, status: int, gone: bool) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = status
        self.gone = gone


def is_final(answer: Answer) -> bool:
    """Whether asking again would change nothing: the webservice itself says why it refuses."""
    return b"<errors>" in answer.body


class PrestashopClient:
    """The webservice of one shop. Raises the connection errors of its answers: see `_connection_error`."""

    def __init__(self, config: PrestashopConfig, *, clock: Clock, limiter: Limiter, tally: Counts) -> None:
        self.address = api_root(config.url)
        self._key = config.key
        user = b64encode(f"{config.key}:".encode()).decode()
        self._http = Http(
            system=SYSTEM,
            headers={"Authorization": f"Basic {user}"},
            clock=clock,
            limiter=limiter,
            tally=tally,
            timeout=config.timeout,
            is_final=is_final,
        )

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()

    def home(self) -> tuple[Entity, str]:
        """The list of resources, and the shop's version ("" when it does not say)."""
        answer = self._http.read(f"{self.address}/")
        found = self._readable(answer, "api").find("api")
        if found is None:
            raise AnswerUnreadable(system=SYSTEM, why="the list of its resources is missing")
        return found, answer.headers.get("PSWS-Version", "")

    def rows(self, resource: str, parameters: dict[str, str] | None = None) -> list[Entity]:
        """The entities of a list. `parameters` are not yet encoded: `{"filter[id]": "[1|2]"}`."""
        query = "&".join(
            f"{quote(name, safe='')}={quote(value, safe=',')}" for name, value in (parameters or {}).items()
        )
        answer = self._http.read(f"{self.address}/{resource}?{query}")
        found = self._readable(answer, resource).find(resource)
        if found is None:
            raise AnswerUnreadable(system=SYSTEM, why=f"it holds no {resource}", detail=self._evidence(answer))
        return list(found)

    def schema(self, resource: str) -> Entity:
        """The fields of a resource with their sizes, as the shop declares them."""
        answer = self._http.read(f"{self.address}/{resource}?schema=synopsis")
        found = entities(self._readable(answer, resource))
        if not found:
            raise AnswerUnreadable(system=SYSTEM, why=f"it holds no {resource}", detail=self._evidence(answer))
        return found[0]

    def write(self, method: str, resource: str, *, body: bytes, query: str = "") -> list[Entity]:
        """One write; gives the entities of the answer, in the order they were sent. `query` is encoded: `?a=1`.

        Raises Refused, WriteUnanswered when nobody can tell whether it was done.
        """
        answer = self._http.write(method, f"{self.address}/{resource}{query}", body=body, headers=XML)
        found = self._accepted(answer, method=method, resource=resource)
        if not found:
            raise WriteUnanswered(system=SYSTEM, detail=self._evidence(answer))
        return found

    def delete(self, resource: str, ids: Sequence[str]) -> None:
        """Delete entities, all or none: the shop deletes nothing where it does not know one of them.

        Its answer to a deletion is empty. Raises Refused, WriteUnanswered when nobody can tell whether it was done.
        """
        listed = quote(f"[{','.join(ids)}]", safe=",")
        answer = self._http.write("DELETE", f"{self.address}/{resource}/?id={listed}", body=b"", headers={})
        self._accepted(answer, method="DELETE", resource=resource)
        if answer.status != 200 or answer.body.strip():
            raise WriteUnanswered(system=SYSTEM, detail=self._evidence(answer))

    def _accepted(self, answer: Answer, *, method: str, resource: str) -> list[Entity]:
        """The entities of an answer to a write, none where it says nothing. Raises Refused."""
        root = self._parsed(answer)
        error = None if root is None else self._judged(root, method=method, resource=resource)
        if error is not None:
            raise Refused(code=error.code, text=error.message, status=answer.status, gone=error.code in GONE)
        if answer.status == 404 and not answer.body.strip():
            raise Refused(code=0, text="an empty answer", status=404, gone=True)
        if 400 <= answer.status < 500:
            raise self._unreadable(answer)
        return [] if root is None else entities(root)

    def _readable(self, answer: Answer, resource: str) -> Entity:
        root = self._parsed(answer)
        if root is None:
            if answer.status >= 500:
                raise Unavailable(system=SYSTEM, detail=self._evidence(answer))
            raise self._unreadable(answer)
        error = self._judged(root, method="GET", resource=resource)
        if error is not None:
            raise AnswerUnreadable(
                system=SYSTEM, why=f"it refuses to show its {resource}", detail=f"code {error.code}: {error.message}"
            )
        if not entities(root):
            raise AnswerUnreadable(system=SYSTEM, why="it is empty", detail=self._evidence(answer, said=noise(root)))
        return root

    def _parsed(self, answer: Answer) -> Entity | None:
        try:
            return parse(answer.body)
        except ValueError:
            if answer.status in (401, 403):  # no key was seen, or something in front of the shop wants a password
                raise CredentialsRefused(system=SYSTEM, detail=self._evidence(answer)) from None
            return None

    def _judged(self, root: Entity, *, method: str, resource: str) -> VendorError | None:
        error = first_error(root)
        stops = error and _connection_error(error, method=method, resource=resource)
        if stops:
            raise stops
        return error

    def _unreadable(self, answer: Answer) -> AnswerUnreadable:
        kind = answer.headers.get("Content-Type", "").split(";")[0] or "nothing"
        return AnswerUnreadable(system=SYSTEM, why=f"{kind} instead of XML", detail=self._evidence(answer))

    def _evidence(self, answer: Answer, *, said: str = "") -> str:
        """What is kept of an answer; a page of errors may show the key."""
        text = said or answer.body.decode(errors="replace")
        return f"HTTP {answer.status}: {text[:EVIDENCE].replace(self._key, '***')}"


def _connection_error(error: VendorError, *, method: str, resource: str) -> ConfigError | None:
    detail = f"code {error.code}: {error.message}"
    if error.code in BAD_KEY:
        return CredentialsRefused(system=SYSTEM, detail=detail)
    if error.code in NO_RIGHT:
        return RightMissing(system=SYSTEM, verb=VERBS[method], resource=resource, detail=detail)
    if error.code == SERVICE_OFF:
        return ServiceDisabled(system=SYSTEM, detail=detail)
    return None
