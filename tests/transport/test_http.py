"""The HTTP client: what is retried, what never is, and what each failure means."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from passerelle.errors import AddressRedirects, RateLimited, Unavailable, WriteUnanswered
from passerelle.testing.clock import HeldClock
from passerelle.transport.http import Http, Tally
from passerelle.transport.limiter import MemoryLimiter

OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
LATER = b"HTTP/1.1 503 Unavailable\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: 7\r\n\r\n"
BUSY = b"HTTP/1.1 429 Too Many\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: 4\r\n\r\n"
MOVED = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
CUT = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 200\r\n\r\nhalf"
NOTHING = b""


@contextmanager
def answering(*answers: bytes) -> Iterator[str]:
    """A server that gives these answers, one a connection, then closes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for answer in answers:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                peer.recv(65536)
                peer.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/api"
    finally:
        listener.close()
        thread.join(timeout=2)


def client(clock: HeldClock, tally: Tally | None = None) -> Http:
    limiter = MemoryLimiter(clock=clock, per_second=None)
    return Http(system="Shop", headers={}, clock=clock, limiter=limiter, tally=tally or Tally(), timeout=2)


def test_a_question_put_by_post_is_retried_like_any_read() -> None:
    tally = Tally()
    with answering(NOTHING, LATER, OK) as url:
        assert client(HeldClock(), tally).read(url, body=b"{}").body == b"ok"
    assert (tally.requests, tally.writes) == (3, 0)


def test_a_read_is_retried_after_the_time_the_server_asks() -> None:
    clock, tally = HeldClock(), Tally()
    before = clock.now()
    with answering(LATER, NOTHING, OK) as url:
        assert client(clock, tally).read(url).body == b"ok"
    assert tally.requests == 3
    assert (clock.now() - before).total_seconds() >= 7


def test_a_read_that_never_succeeds_is_unavailable() -> None:
    with answering(NOTHING, NOTHING, NOTHING, NOTHING) as url, pytest.raises(Unavailable):
        client(HeldClock()).read(url)


@pytest.mark.parametrize("answer", [NOTHING, CUT])
def test_a_write_without_a_whole_answer_is_never_sent_again(answer: bytes) -> None:
    tally = Tally()
    with answering(answer, OK) as url, pytest.raises(WriteUnanswered):
        client(HeldClock(), tally).write("POST", url, body=b"x", headers={})
    assert (tally.requests, tally.writes) == (1, 1)


def test_a_write_that_cannot_connect_was_surely_not_made() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unavailable):
        client(HeldClock()).write("POST", f"http://127.0.0.1:{port}/", body=b"x", headers={})


def test_a_redirect_is_a_setting_to_correct() -> None:
    with answering(MOVED) as url, pytest.raises(AddressRedirects, match="/api"):
        client(HeldClock()).read(url)


def test_a_write_that_is_too_fast_says_how_long_to_wait() -> None:
    with answering(BUSY) as url, pytest.raises(RateLimited) as caught:
        client(HeldClock()).write("POST", url, body=b"x", headers={})
    assert caught.value.params["seconds"] == "4"


def test_the_limiter_spaces_requests_to_one_host_only() -> None:
    clock = HeldClock()
    limiter = MemoryLimiter(clock=clock, per_second=2)
    start = clock.monotonic()
    for _ in range(3):
        limiter.acquire("a")
    limiter.acquire("b")
    assert clock.monotonic() - start == pytest.approx(1.0)
