"""HTTP with the REST API of a WooCommerce: addresses, authentication, and what its answers mean.

Over TLS the key goes along (HTTP Basic). Over plain http, where the shop ignores it without a hint, each request is
signed instead (OAuth 1.0a, one-legged), anew for each retry, because the shop refuses a nonce that it has seen.

The body of an answer may be HTML whatever is asked for, so only a body of the expected form counts as an answer. A
write that is answered by 5xx, or by something else than its result, may have been done.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from passerelle.connectors.woocommerce.config import ROOT, WoocommerceConfig, home_of
from passerelle.connectors.woocommerce.wire import SYSTEM, BatchItem, Index, VendorError
from passerelle.errors import (
    AnswerUnreadable,
    ConfigError,
    CredentialsRefused,
    RightMissing,
    Unavailable,
    WriteUnanswered,
)
from passerelle.ports.clock import Clock
from passerelle.ports.limiter import Limiter
from passerelle.transport.http import Answer, Counts, Http

T = TypeVar("T")
JSON = {"Content-Type": "application/json; charset=utf-8"}
ACCEPTED = {"Accept": "application/json", "Accept-Encoding": "gzip"}
SAID = 200  # characters of a message that are kept
NO_ROUTE = "rest_no_route"
BAD_KEY = "woocommerce_rest_authentication_error"
_TAG = re.compile(r"<[^>]*>")
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)

Parameters = Mapping[str, str]
NONE: Parameters = {}


class WoocommerceClient:
    """The API of one shop. Raises the connection errors of its answers: see `_connection_error`."""

    def __init__(self, config: WoocommerceConfig, *, clock: Clock, limiter: Limiter, tally: Counts) -> None:
        self.home = home_of(config.url)
        self._config = config
        self._clock = clock
        self._let_in = False  # whether the shop has shown us anything yet
        self._http = self._session(ACCEPTED | self._basic(), limiter=limiter, tally=tally, signed=not self._is_safe)
        self._stranger = self._session(ACCEPTED, limiter=limiter, tally=tally, signed=False)

    @property
    def address(self) -> str:
        """Where the API is."""
        return self.home + ROOT

    @property
    def _is_safe(self) -> bool:
        return self.home.lower().startswith("https://")

    def _session(self, headers: Mapping[str, str], *, limiter: Limiter, tally: Counts, signed: bool) -> Http:
        options: dict[str, Any] = {"sign": self._signature} if signed else {}
        return Http(
            system=SYSTEM, headers=headers, clock=self._clock, limiter=limiter, tally=tally,
            timeout=self._config.timeout, **options,
        )  # fmt: skip

    def _basic(self) -> dict[str, str]:
        if not self._is_safe:
            return {}
        user = b64encode(f"{self._config.consumer_key.strip()}:{self._config.consumer_secret.strip()}".encode())
        return {"Authorization": f"Basic {user.decode()}"}

    def _signature(self, method: str, url: str) -> dict[str, str]:
        from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client  # type: ignore[import-untyped]

        signer = Client(
            self._config.consumer_key.strip(), client_secret=self._config.consumer_secret.strip(),
            signature_method=SIGNATURE_HMAC_SHA256, nonce=token_hex(16),
            timestamp=str(int(self._clock.now().timestamp())),
        )  # fmt: skip
        _, headers, _ = signer.sign(url, http_method=method)
        return dict(headers)

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()
        self._stranger.close()

    # --- reading --------------------------------------------------------------------------------------------------

    def index(self) -> Index | None:
        """What the site says to anyone, without the key, which it would refuse there; None where it says nothing."""
        answer = self._stranger.read(f"{self.home}/wp-json/")
        if answer.status != 200:
            return None
        try:
            return msgspec.json.decode(answer.body, type=Index)
        except msgspec.DecodeError:
            return None

    def get(self, path: str, parameters: Parameters = NONE, *, kind: type[T]) -> T:
        """What the shop shows at a path of its API. `parameters` are not yet encoded."""
        answer = self._http.read(self._url(path, parameters))
        if answer.status != 200:
            raise self._failed_read(answer, self._error(answer), path)
        found = self._decoded(answer, kind)
        self._let_in = True
        return found

    def find(self, path: str, parameters: Parameters = NONE, *, kind: type[T], absent: str) -> T | None:
        """As `get`; None where the shop itself says, with the code `absent`, that there is no such thing."""
        answer = self._http.read(self._url(path, parameters))
        error = self._error(answer) if answer.status == 404 else None
        if error is not None and error.code == absent:
            return None
        if answer.status != 200:
            raise self._failed_read(answer, self._error(answer), path)
        return self._decoded(answer, kind)

    def _failed_read(self, answer: Answer, error: VendorError | None, path: str) -> Exception:
        if (stop := self._connection_error(answer, error, verb="view", path=path)) is not None:
            return stop
        if answer.status >= 500:
            return Unavailable(system=SYSTEM, detail=self._evidence(answer, error))
        if error is None:
            return self._not_json(answer)
        return AnswerUnreadable(
            system=SYSTEM, why=f"it refuses to show its {path}", detail=self._evidence(answer, error)
        )

    def _decoded(self, answer: Answer, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(answer.body.lstrip(b"\xef\xbb\xbf \t\r\n"), type=kind)
        except msgspec.ValidationError as error:
            raise AnswerUnreadable(
                system=SYSTEM, why="one of its fields is not what it was", detail=str(error)
            ) from None
        except msgspec.DecodeError:
            raise self._not_json(answer) from None

    # --- writing --------------------------------------------------------------------------------------------------

    def batch(self, path: str, verb: str, items: Sequence[Any], *, kind: type[T]) -> list[T | VendorError]:
        """Create, update or delete several records in one request; what became of each, in order.

        A batch is always answered with 200 and is not checked by the shop: its items must be right.
        Raises WriteUnanswered when nobody can tell what was done.
        """
        answer = self._post(f"{path}/batch", {verb: items})
        try:
            rows = msgspec.json.decode(answer.body, type=dict[str, list[msgspec.Raw]]).get(verb, [])
            found = [_outcome(row, kind) for row in rows]
        except msgspec.DecodeError:
            raise WriteUnanswered(system=SYSTEM, detail=self._evidence(answer, None)) from None
        failed = [one for one in found if isinstance(one, VendorError) and (one.details.status or 0) >= 500]
        if len(found) != len(items) or failed:
            said = self._evidence(answer, failed[0] if failed else None)
            raise WriteUnanswered(system=SYSTEM, detail=f"{len(found)} of {len(items)} items; {said}")
        return found

    def create(self, path: str, body: Any) -> None:
        """Create one record of a kind that has no batches. Raises as `batch`."""
        self._post(path, body)

    def _post(self, path: str, body: Any) -> Answer:
        answer = self._http.write("POST", self._url(path, NONE), body=msgspec.json.encode(body), headers=JSON)
        if answer.status in (200, 201):
            return answer
        error = self._error(answer)
        if (stop := self._connection_error(answer, error, verb="write", path=path)) is not None:
            raise stop
        if 400 <= answer.status < 500:
            raise AnswerUnreadable(
                system=SYSTEM, why=f"it does not take what is written to {path}", detail=self._evidence(answer, error)
            )
        raise WriteUnanswered(system=SYSTEM, detail=self._evidence(answer, error))

    # --- answers --------------------------------------------------------------------------------------------------

    def _url(self, path: str, parameters: Parameters) -> str:
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
        return f"{self.address}/{path}" + (f"?{query}" if query else "")

    def _error(self, answer: Answer) -> VendorError | None:
        try:
            return msgspec.json.decode(answer.body, type=VendorError)
        except msgspec.DecodeError:
            return None

    def _connection_error(
        self, answer: Answer, error: VendorError | None, *, verb: str, path: str
    ) -> ConfigError | None:
        """What stops the whole connection.

        A key that may only read is refused with the code of a wrong secret, in the shop's language: what tells them
        apart is that the shop has shown us something before.
        """
        detail, resource = self._evidence(answer, error), path.partition("/")[0]
        if answer.status == 401:
            only_reads = verb == "write" and self._let_in and error is not None and error.code == BAD_KEY
            if only_reads:
                return RightMissing(system=SYSTEM, verb=verb, resource=resource, detail=detail)
            return CredentialsRefused(system=SYSTEM, detail=detail)
        if answer.status == 403 and error is not None:
            return RightMissing(system=SYSTEM, verb=verb, resource=resource, detail=detail)
        return CredentialsRefused(system=SYSTEM, detail=detail) if answer.status == 403 else None

    def _not_json(self, answer: Answer) -> AnswerUnreadable:
        kind = answer.headers.get("Content-Type", "").split(";")[0] or "nothing"
        why = "an incomplete answer" if "json" in kind else f"{kind} instead of JSON"
        return AnswerUnreadable(system=SYSTEM, why=why, detail=self._evidence(answer, None))

    def _evidence(self, answer: Answer, error: VendorError | None) -> str:
        """What is kept of an answer: never its body, which may be about a buyer, and never the key."""
        title = _TITLE.search(answer.body[:4000])
        page = title.group(1).decode(errors="replace").strip() if title else f"{len(answer.body)} bytes"
        said = f"{error.code}: {_TAG.sub('', error.message)}" if error else page
        for secret in (self._config.consumer_key.strip(), self._config.consumer_secret.strip()):
            said = said.replace(secret, "***")
        return f"HTTP {answer.status}, {said[:SAID]}"


def _outcome(row: msgspec.Raw, kind: type[T]) -> T | VendorError:
    """What became of an item of a batch. Raises msgspec.DecodeError."""
    error = msgspec.json.decode(row, type=BatchItem).error
    return msgspec.json.decode(row, type=kind) if error is None else error
