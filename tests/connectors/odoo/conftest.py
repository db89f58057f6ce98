from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from tests.connectors.odoo.harness import OdooHarness

from passerelle.sandbox.odoo import FakeOdoo

Serve = Callable[..., OdooHarness]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves an Odoo until the test ends, and gives its harness."""
    with ExitStack() as stack:

        def start(odoo: FakeOdoo, **options: object) -> OdooHarness:
            made = OdooHarness(odoo, stack.enter_context(odoo.serve()), options=dict(options))
            stack.callback(made.adapter.close)
            return made

        yield start


@pytest.fixture
def harness(serve: Serve) -> OdooHarness:
    """An Odoo 19 with a French company and one customer, CL1."""
    return serve(FakeOdoo())
