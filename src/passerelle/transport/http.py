"""HTTP with the rules every connector shares.

Reads are retried (a timeout, a broken connection, 429, 502, 503, 504); writes never are: a write whose answer is lost
is `WriteUnanswered`, and only the executor, which can look at the other side, may send it again. Redirects are never
followed: a shop that redirects its webservice is set up wrongly. What the retries and the limits mean is the same for
all vendors; what a status or a body means is the connector's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from types import MappingProxyType
from typing import Protocol
from urllib.parse import urlsplit

import structlog
import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from passerelle.errors import AddressInvalid, AddressRedirects, RateLimited, Unavailable, WriteUnanswered
from passerelle.ports.clock import Clock
from passerelle.ports.limiter import Limiter

log = structlog.get_logger("passerelle.http")

READ_RETRIES = 3
RETRIED = frozenset({429, 502, 503, 504})
LONGEST_WAIT = 30.0
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Counts(Protocol):
    """Counts requests; the run shows them."""

    def request(self, *, write: bool) -> None: ...


class Tally:
    """Requests made, and those that were meant to change something."""

    def __init__(self) -> None:
        self.requests = 0
        self.writes = 0
        self._lock = Lock()

    def request(self, *, write: bool) -> None:
        """Count one request."""
        with self._lock:
            self.requests += 1
            self.writes += write


class Http:
    """A session with one system. `system` names it in errors; `timeout` in seconds, connect and read.

    `is_final` tells an answer that asking again would not change, whatever its status: a 503 that says why.
    `sign` gives the headers that one request alone may carry, from its method and address: each retry is signed anew.
    """

    def __init__(
        self,
        *,
        system: str,
        headers: Mapping[str, str],
        clock: Clock,
        limiter: Limiter,
        tally: Counts,
        timeout: float = 60.0,
        user_agent: str = "Passerelle",
        is_final: Callable[[Answer], bool] = lambda answer: False,
        sign: Callable[[str, str], Mapping[str, str]] = lambda method, url: {},
    ) -> None:
        self.system = system
        self._is_final = is_final
        self._sign = sign
        self._clock = clock
        self._limiter = limiter
        self._tally = tally
        self._headers = {"User-Agent": user_agent, **headers}
        self._pool = urllib3.PoolManager(
            maxsize=4, retries=False, timeout=urllib3.Timeout(connect=min(10.0, timeout), read=timeout)
        )
        self._hosts: dict[tuple[str, str], urllib3.HTTPConnectionPool] = {}

    def close(self) -> None:
        """Close the kept connections."""
        self._pool.clear()
        self._hosts.clear()

    def read(self, url: str, *, body: bytes | None = None, headers: Mapping[str, str] = _NONE) -> Answer:
        """GET, or with a `body` a POST that changes nothing: a call of JSON-RPC. Retried.

        Raises Unavailable, RateLimited, AddressRedirects, AddressInvalid.
        """
        method = "GET" if body is None else "POST"
        wait = 0.5
        for attempt in range(READ_RETRIES + 1):
            last = attempt == READ_RETRIES
            try:
                answer = self._once(method, url, body=body, headers=headers, write=False)
            except (HTTPError, OSError) as error:
                self._refuse_address(error, url)
                if last:
                    raise Unavailable(system=self.system, detail=type(error).__name__) from error
                self._clock.sleep(wait)
            else:
                if answer.status not in RETRIED or last or self._is_final(answer):
                    return self._settled(answer, url)
                self._clock.sleep(self._pause(answer, wait))
            wait *= 2
        raise AssertionError("unreachable")

    def write(self, method: str, url: str, *, body: bytes, headers: Mapping[str, str]) -> Answer:
        """One write, never retried.

        Raises Unavailable when it surely did not reach the other side, WriteUnanswered when nobody can tell,
        RateLimited, AddressRedirects, AddressInvalid.
        """
        try:
            answer = self._once(method, url, body=body, headers=headers, write=True)
        except (NewConnectionError, ConnectTimeoutError, SSLError) as error:
            self._refuse_address(error, url)
            raise Unavailable(system=self.system, detail=type(error).__name__) from error
        except (HTTPError, OSError) as error:
            self._refuse_address(error, url)
            raise WriteUnanswered(system=self.system, detail=type(error).__name__) from error
        return self._settled(answer, url)

    def _once(self, method: str, url: str, *, body: bytes | None, headers: Mapping[str, str], write: bool) -> Answer:
        parts = urlsplit(url)
        host = parts.netloc
        self._limiter.acquire(host)
        self._tally.request(write=write)
        started = self._clock.monotonic()
        answer = self._host(parts.scheme, host).urlopen(
            method, url[len(f"{parts.scheme}://{host}") :] or "/", body=body,
            headers={**self._headers, **headers, **self._sign(method, url)}, redirect=False,
        )  # fmt: skip
        log.debug(
            "request",
            system=self.system,
            method=method,
            path=parts.path,
            status=answer.status,
            seconds=round(self._clock.monotonic() - started, 3),
        )
        return Answer(answer.status, answer.headers, answer.data)

    def _host(self, scheme: str, host: str) -> urllib3.HTTPConnectionPool:
        """The connections to a host, looked up once: taking an address apart costs urllib3 half a request."""
        if (scheme, host) not in self._hosts:
            self._hosts[scheme, host] = self._pool.connection_from_url(f"{scheme}://{host}")
        return self._hosts[scheme, host]

    def _settled(self, answer: Answer, url: str) -> Answer:
        if 300 <= answer.status < 400 and answer.status != 304:
            parts = urlsplit(url)
            raise AddressRedirects(url=f"{parts.scheme}://{parts.netloc}{parts.path}", detail=f"HTTP {answer.status}")
        if answer.status == 429:
            raise RateLimited(system=self.system, seconds=round(self._pause(answer, LONGEST_WAIT)))
        return answer

    def _pause(self, answer: Answer, default: float) -> float:
        asked = answer.headers.get("Retry-After", "")
        return min(float(asked), LONGEST_WAIT) if asked.isdigit() else default

    def _refuse_address(self, error: Exception, url: str) -> None:
        if isinstance(error, urllib3.exceptions.LocationValueError):
            raise AddressInvalid(key="url", why="it is not an HTTP address", detail=type(error).__name__) from error
