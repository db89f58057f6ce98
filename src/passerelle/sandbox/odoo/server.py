"""The HTTP server: HTTP/1.1 with keep-alive, a thread a connection, one write an answer, faults on demand."""

from __future__ import annotations

import contextlib
import os
import socket
import socketserver
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Protocol

from passerelle.sandbox.odoo.faults import Cost, Fault
from passerelle.sandbox.odoo.protocols import Protocols, Served, failed, names_of, writes
from passerelle.sandbox.odoo.wire import Answer, Request, page

_LARGEST_BODY = 64 * 1024 * 1024
_REASONS = {one.value: one.phrase for one in HTTPStatus}


class Priced(Served, Protocol):
    """What the server needs beside what the protocols need."""

    cost: Cost


# Answers a request of the control door.
Door = Callable[[Request], Answer]


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

    def __init__(self, port: int, odoo: Priced, door: Door) -> None:
        self.odoo = odoo
        self.door = door
        self.protocols = Protocols(odoo)
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Connection)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"

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
        length = min(int(headers.get("content-length", "0")), _LARGEST_BODY)
        path, _, query = target.partition("?")
        return Request(method, path, query, headers, self.rfile.read(length) if length else b"")

    def _headers(self) -> dict[str, str]:
        headers = {}
        while (line := self.rfile.readline(65537)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        return headers

    def _serve(self, request: Request) -> bool:
        """Answer; False closes the connection."""
        keep = request.headers.get("connection", "").lower() != "close"
        if request.path.startswith("/_sandbox/"):
            self._send(self.server.door(request))
            return keep
        model, method = names_of(request)
        fault = self.server.odoo.mischief.next_fault(model, method, writes=writes(model, method))
        answer = _exchange(self.server, request, fault)
        self.server.odoo.cost.spend(answer.entities)
        truncated = fault is not None and fault.kind == "truncated_answer"
        self._send(answer, truncated=truncated)
        return keep and not truncated

    def _send(self, answer: Answer, *, truncated: bool = False) -> None:
        lines = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Unknown')}", "Server: Werkzeug/3.0.1"]
        lines.append(f"Content-Type: {answer.content_type}")
        lines.extend(f"{name}: {value}" for name, value in answer.headers.items())
        lines.append(f"Content-Length: {len(answer.body)}")
        body = answer.body[: len(answer.body) // 2] if truncated else answer.body
        # One write for head and body: two would wait for the client's delayed acknowledgement.
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def _drop(self, *, reset: bool) -> None:
        if reset:
            self.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
            )
            self.connection.close()


def _exchange(server: _Server, request: Request, fault: Fault | None) -> Answer:
    """One request with the fault that hits it. Raises Hangup where no answer is sent."""
    kind = fault.kind if fault else ""
    if fault and kind in ("status", "html", "reset", "serialisation"):
        return _refused(server, request, fault)
    answer = _handled(server, request)
    if fault and kind == "slow":
        time.sleep(fault.seconds)
    if kind == "lost_answer":
        raise Hangup
    return failed(request, fault) if fault and kind == "error_after_commit" else answer


def _handled(server: _Server, request: Request) -> Answer:
    request.arrived = server.odoo.store.finished
    model, method = names_of(request)
    changes = writes(model, method)
    mischief = server.odoo.mischief
    if changes:
        mischief.run_hooks("before_write", model)
    answer = server.protocols.answer(request)
    mischief.run_hooks("after_write" if changes else "after_read", model)
    return answer


def _refused(server: _Server, request: Request, fault: Fault) -> Answer:
    server.odoo.requests.append(("FAULT", "/".join(names_of(request)), 0))
    if fault.kind == "reset":
        raise Hangup(reset=True)
    if fault.kind == "serialisation":
        return failed(request, fault)
    if fault.kind == "html":
        return page(200, "Connexion")
    answer = page(fault.status, _REASONS.get(fault.status, "Error"))
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


@contextlib.contextmanager
def serve(odoo: Priced, *, port: int, door: Door) -> Iterator[str]:
    """Serve on loopback while the context lasts; yields the address, "http://127.0.0.1:PORT"."""
    server = _Server(port, odoo, door)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.address
    finally:
        server.shutdown()
        server.close_connections()
        server.server_close()
        thread.join()
