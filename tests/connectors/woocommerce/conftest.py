from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from tests.connectors.woocommerce.harness import WoocommerceHarness

from passerelle.sandbox.woocommerce import FakeWoocommerce

Serve = Callable[..., WoocommerceHarness]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves a shop until the test ends, and gives its harness; options are those of the connection."""
    with ExitStack() as stack:

        def served(shop: FakeWoocommerce, **options: Any) -> WoocommerceHarness:
            return WoocommerceHarness(shop, stack.enter_context(shop.serve()), options=options)

        yield served


@pytest.fixture
def served(serve: Serve) -> WoocommerceHarness:
    """A French WooCommerce 9.9 with no product."""
    return serve(FakeWoocommerce())
