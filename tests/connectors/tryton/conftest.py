from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.connectors.tryton.harness import TrytonHarness
from tests.connectors.tryton.live import DATABASE, CannotRun, Tryton, running
from tests.connectors.tryton.proxy import proxied
from tests.connectors.tryton.rpc import Rpc


@pytest.fixture(scope="session")
def server() -> Iterator[Tryton]:
    """A real Tryton with a company and nothing else in it; where there can be none, a skip that says why."""
    try:
        with running() as one:
            yield one
    except CannotRun as reason:
        pytest.skip(f"no Tryton on this machine: {reason}")


@pytest.fixture(scope="session")
def rpc(server: Tryton) -> Rpc:
    """A session of its own, round the adapter."""
    return Rpc(server.url, DATABASE)


@pytest.fixture
def harness(server: Tryton, rpc: Rpc) -> Iterator[TrytonHarness]:
    """The company as it was made, behind a proxy."""
    server.reset()
    with proxied(server.url) as proxy:
        made = TrytonHarness(server, proxy, rpc)
        yield made
        made.adapter.close()
