"""Every connector over HTTP keeps the pace, and the patience, that its options give it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from passerelle.app.registry import ERPS, SHOPS, Tools
from passerelle.errors import PasserelleError
from passerelle.testing.clock import HeldClock
from passerelle.transport.http import Tally

OPTIONS: dict[str, dict[str, str]] = {
    "prestashop": {"key": "K" * 32},
    "woocommerce": {"consumer_key": "ck_1", "consumer_secret": "cs_1"},
    "odoo": {"database": "demo", "login": "admin", "key": "k"},
    "tryton": {"database": "demo", "user": "admin", "password": "k"},
}


def opened(name: str, url: str, *, clock: HeldClock, **options: float) -> Any:
    config, make = {**ERPS, **SHOPS}[name]
    return make(config(url=url, **OPTIONS[name], **options), Tools(clock, Tally(), {"fr": "fr"}))


def asked(adapter: Any) -> None:
    """Have it ask something, whatever comes of it."""
    with closing(adapter):
        try:
            adapter.check()
        except PasserelleError:
            return


class Busy(BaseHTTPRequestHandler):
    """Answers every request that it cannot answer it now."""

    def handle_one_request(self) -> None:
        super().handle_one_request()
        if self.raw_requestline:
            self.server.asked += 1  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *args: object) -> None:
        """Silent."""


@contextmanager
def busy() -> Iterator[tuple[str, ThreadingHTTPServer]]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        server.asked = 0  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", server
        server.shutdown()


@pytest.mark.parametrize("name", OPTIONS)
def test_no_more_requests_a_second_are_made_than_the_option_allows(name: str) -> None:
    taken = {}
    for rate in (0.01, None):
        clock = HeldClock()
        with busy() as (url, server):
            before = clock.monotonic()
            asked(opened(name, url, clock=clock, **({} if rate is None else {"requests_per_second": rate})))
            taken[rate] = clock.monotonic() - before
            assert server.asked > 1  # type: ignore[attr-defined]
            if rate is not None:
                assert taken[rate] >= (server.asked - 1) / rate  # type: ignore[attr-defined]
    assert taken[None] < taken[0.01]


@pytest.mark.parametrize("name", OPTIONS)
def test_an_answer_is_waited_for_as_long_as_the_option_says(name: str) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        started = time.monotonic()
        asked(opened(name, f"http://127.0.0.1:{deaf.getsockname()[1]}", clock=HeldClock(), timeout=0.2))
        assert 0.2 <= time.monotonic() - started < 30
