from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from tests.connectors.prestashop.harness import PrestashopHarness

from passerelle.sandbox.prestashop import FakePrestashop

Serve = Callable[[FakePrestashop], PrestashopHarness]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves a shop until the test ends, and gives its harness."""
    with ExitStack() as stack:
        yield lambda shop: PrestashopHarness(shop, stack.enter_context(shop.serve()))


@pytest.fixture
def served(serve: Serve) -> PrestashopHarness:
    """A PrestaShop 9 with French and English and no product."""
    return serve(FakePrestashop())
