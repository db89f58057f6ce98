from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.connectors.sage100.harness import SageHarness


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[SageHarness]:
    made = SageHarness(tmp_path)
    yield made
    made.adapter.close()
