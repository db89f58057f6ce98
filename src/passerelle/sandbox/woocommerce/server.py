"""The HTTP server, with TLS on demand: HTTP/1.1 with keep-alive, a thread a connection, one write an answer, faults."""

from __future__ import annotations

import contextlib
import os
import socket
import socketserver
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any, Protocol

import msgspec

from passerelle.sandbox.prestashop.faults import READS, Cost, Fault, Mischief
from passerelle.sandbox.woocommerce.errors import CRASHED
from passerelle.sandbox.woocommerce.exchange import HTML, Answer, Request
from passerelle.sandbox.woocommerce.webservice import Shop, Webservice, page_of_nginx

_LARGEST_BODY = 64 * 1024 * 1024
_REASONS = {one.value: one.phrase for one in HTTPStatus}


class Served(Shop, Protocol):
    """What the server needs of the shop beside what the API needs."""

    cost: Cost
    mischief: Mischief
    requests: list[tuple[str, str, int]]


# Answers a request outside the API, e.g. the storefront.
Pages = Callable[[Request], Answer]


class HalfDone(Exception):
    """The batch stops here by a fault, after so many items."""

    def __init__(self, written: int) -> None:
        super().__init__()
        self.written = written


class Hangup(Exception):
    """Close the connection without an answer; `reset` drops it hard."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__()
        self.reset = reset


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, port: int, shop: Served, pages: Pages, context: ssl.SSLContext | None) -> None:
        self.shop = shop
        self.pages = pages
        self.context = context
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Connection)
        scheme = "https" if context else "http"
        self.address = f"{scheme}://127.0.0.1:{self.server_address[1]}"
        self.webservice = Webservice(shop)

    def get_request(self) -> tuple[socket.socket, Any]:
        """The connection; its TLS handshake happens on its own thread, with the first read."""
        connection, address = super().get_request()
        if self.context:
            connection = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def close_connections(self) -> None:
        """End the connections that clients keep alive, so that their threads end."""
        for one in list(self.open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is no event; anything else is printed by the base class."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    server: _Server

    def handle(self) -> None:
        self.server.open.add(self.connection)
        try:
            while (request := self._read()) is not None:
                if not self._serve(request):
                    return
        except Hangup as hangup:
            self._drop(reset=hangup.reset)
        finally:
            self.server.open.discard(self.connection)

    def _read(self) -> Request | None:
        line = self.rfile.readline(65537)
        if not line.strip():
            return None
        method, target, _ = [*line.decode("latin-1").split(" ", 2), "", ""][:3]
        headers = self._headers()
        if headers.get("expect", "").lower() == "100-continue":
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = min(int(headers.get("content-length", "0")), _LARGEST_BODY)
        path, _, query = target.partition("?")
        body = self.rfile.read(length) if length else b""
        return Request(method, path, query, headers, body, tls=self.server.context is not None)

    def _headers(self) -> dict[str, str]:
        headers = {}
        while (line := self.rfile.readline(65537)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        return headers

    def _serve(self, request: Request) -> bool:
        """Answer; False closes the connection."""
        keep = request.headers.get("connection", "").lower() != "close"
        if request.rest_path is None:
            self._send(request, self.server.pages(request))
            return keep
        resource = self.server.webservice.resource_of(request)
        fault = self.server.shop.mischief.next_fault(request.method, resource)
        answer = _Exchange(self.server, request, resource, fault).run()
        self.server.shop.cost.spend(answer.entities)
        truncated = fault is not None and fault.kind == "truncated_answer"
        self._send(request, answer, truncated=truncated)
        return not truncated and keep

    def _send(self, request: Request, answer: Answer, *, truncated: bool = False) -> None:
        lines = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Unknown')}", "Server: nginx/1.22.1"]
        lines.append(f"Content-Type: {answer.content_type}")
        lines.extend(f"{name}: {value}" for name, value in answer.headers.items())
        lines.append(f"Content-Length: {len(answer.body)}")
        body = b"" if request.method == "HEAD" else answer.body
        if truncated:
            body = body[: len(body) // 2]
        # One write for head and body: two would wait for the client's delayed acknowledgement.
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode("utf-8") + body)

    def _drop(self, *, reset: bool) -> None:
        if reset:
            self.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
            )
            self.connection.close()


class _Exchange:
    """One API request with the fault that hits it."""

    def __init__(self, server: _Server, request: Request, resource: str, fault: Fault | None) -> None:
        self.server = server
        self.shop = server.shop
        self.request = request
        self.resource = resource
        self.fault = fault

    def run(self) -> Answer:
        """The answer to send; Hangup where none is sent."""
        kind = self.fault.kind if self.fault else ""
        if self.fault and kind in ("status", "html", "reset"):
            return self._refused(self.fault)
        answer = self._handled()
        if self.fault and kind == "slow":
            time.sleep(self.fault.seconds)
        if kind == "lost_answer":
            raise Hangup
        if kind == "error_after_commit":
            return Answer(500, msgspec.json.encode(CRASHED), entities=answer.entities)
        return answer

    def _handled(self) -> Answer:
        reads = self.request.method in READS
        mischief = self.shop.mischief
        if not reads:
            mischief.run_hooks("before_write", self.resource)
        half: HalfDone | None = None
        with self.shop.database.lock:
            try:
                answer = self.server.webservice.answer(self.request, between=self._between)
            except HalfDone as stopped:
                half, answer = stopped, Answer(0, entities=stopped.written)
            self.shop.requests.append((self.request.method, self.request.told, answer.entities))
        mischief.run_hooks("after_read" if reads else "after_write", self.resource)
        if half is not None:
            time.sleep(self.fault.seconds if self.fault else 0)
            raise Hangup
        return answer

    def _between(self, written: int) -> None:
        if self.fault and self.fault.kind == "half_batch" and written >= self.fault.entities:
            raise HalfDone(written)
        self.shop.mischief.run_hooks("during_write", self.resource, written=written)

    def _refused(self, fault: Fault) -> Answer:
        self.shop.requests.append((self.request.method, self.request.told, 0))
        if fault.kind == "reset":
            raise Hangup(reset=True)
        if fault.kind == "html":
            return Answer(200, b"<!doctype html><html><body><h1>Connexion</h1></body></html>", HTML)
        answer = page_of_nginx(fault.status, _REASONS.get(fault.status, "Error"))
        if fault.retry_after is not None:
            answer.headers["Retry-After"] = str(fault.retry_after)
        return answer


@contextlib.contextmanager
def serve(shop: Served, *, port: int, pages: Pages, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve the shop on loopback while the context lasts; yields its address, "http(s)://127.0.0.1:PORT"."""
    server = _Server(port, shop, pages, context)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.address
    finally:
        server.shutdown()
        server.close_connections()
        server.server_close()
        thread.join()
