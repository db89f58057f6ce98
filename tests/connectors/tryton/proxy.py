"""A small HTTP proxy before the real server, which does on demand what networks and servers do."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from passerelle.testing.faults import Fault

READS = frozenset({"read", "search", "search_read", "search_count", "fields_get", "get_preferences", "get_access"})
AFTER_COMMIT = frozenset({Fault.LOST_ANSWER, Fault.ERROR_AFTER_COMMIT, Fault.CUT_ANSWER})
PAGE = b"<!doctype html><title>Maintenance</title>"


@dataclass
class Strike:
    """A fault for matching calls, after `skip` of them that go well. `times` None: until it is healed."""

    fault: Fault
    writes_only: bool = False
    skip: int = 0
    times: int | None = None

    def hits(self, *, write: bool) -> bool:
        """Whether it strikes this call, counted."""
        if (self.writes_only and not write) or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Proxy:
    """Listens on a port of its own and passes calls on to `upstream`; `calls` are the methods that were called."""

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream).netloc
        self._server: _Server | None = None
        self._port = 0
        self.strike: Strike | None = None
        self.calls: list[str] = []
        self.before: Callable[[str], None] | None = None
        self.listen()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def writes(self) -> list[str]:
        """The calls that were meant to change something."""
        return [method for method in self.calls if is_write(method)]

    def listen(self) -> None:
        """Take connections, on the same port as before."""
        if self._server is None:
            self._server = _Server(("127.0.0.1", self._port), self)
            self._port = self._server.server_address[1]

    def close(self) -> None:
        """Refuse connections, and drop those there are."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def inject(self, fault: Fault) -> None:
        """Fail every call this way until `heal`; what strikes after a commit strikes writes."""
        if fault is Fault.REFUSED:
            self.close()
        else:
            self.strike = Strike(fault, writes_only=fault in AFTER_COMMIT)

    def heal(self) -> None:
        self.strike = None
        self.listen()

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        """What the caller gets: status, headers, body; None: the connection closes without an answer."""
        method = str(json.loads(body).get("method"))
        self.calls.append(method)
        if self.before is not None:
            self.before(method)
        strike = self.strike
        if strike is None or not strike.hits(write=is_write(method)):
            return self._passed_on(path, headers, body)
        if strike.fault in AFTER_COMMIT:
            status, said, content = self._passed_on(path, headers, body)
            return _after_commit(strike.fault, status, said, content)
        return _instead(strike.fault, self.url)

    def _passed_on(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self._upstream, timeout=120)
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return answer.status, {"Content-Type": answer.headers.get("Content-Type", "")}, answer.read()
        finally:
            connection.close()


def is_write(method: str) -> bool:
    """Whether a method is meant to change something."""
    return method.startswith("model.") and method.rpartition(".")[2] not in READS


def _after_commit(
    fault: Fault, status: int, headers: dict[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes] | None:
    if fault is Fault.LOST_ANSWER:
        return None
    if fault is Fault.ERROR_AFTER_COMMIT:
        return 500, {"Content-Type": "text/html"}, b""
    return status, {**headers, "Content-Length": str(len(body) + 100)}, body[: len(body) // 2]


def _instead(fault: Fault, url: str) -> tuple[int, dict[str, str], bytes] | None:
    html = {"Content-Type": "text/html"}
    if fault is Fault.TIMEOUT:
        return None
    if fault is Fault.REDIRECT:
        return 302, {"Location": f"{url}/elsewhere"}, b""
    if fault is Fault.NOT_THE_FORMAT:
        return 200, html, PAGE
    return int(fault.value), html, PAGE


@contextmanager
def proxied(upstream: str) -> Iterator[Proxy]:
    """A proxy, until the block ends."""
    proxy = Proxy(upstream)
    try:
        yield proxy
    finally:
        proxy.close()


class _Server(ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], proxy: Proxy) -> None:
        self.proxy = proxy
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()
        for peer in list(self._open):
            with suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is not worth a traceback."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one packet: in two, each call waits 40 ms for an acknowledgement
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        passed = {name: self.headers[name] for name in ("Content-Type", "Authorization") if name in self.headers}
        answer = self.server.proxy.answer(self.path, passed, body)
        if answer is None:
            self.close_connection = True
            return
        status, headers, content = answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()
        self.close_connection = int(headers.get("Content-Length", len(content))) != len(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass
