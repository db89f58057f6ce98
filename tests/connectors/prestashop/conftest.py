from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from tests.connectors.prestashop.assortment import sized
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


@pytest.fixture(params=[True, False], ids=["with PATCH", "without PATCH"])
def assorted(request: pytest.FixtureRequest, serve: Serve) -> PrestashopHarness:
    """A shop whose product 1 has the combinations 1 (S), 2 (M) and 3 (L), and product 2 the combination 4 (S)."""
    one = serve(FakePrestashop(patch=request.param, version="9.1.4" if request.param else "1.7.8.11"))
    sized(one, "S", "M", "L")
    sized(one, "S", product="B")
    one.adapter.context()
    one.shop.reset_counters()
    return one
