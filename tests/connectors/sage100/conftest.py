from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.connectors.sage100.harness import BRUN, NOIR, SageHarness


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[SageHarness]:
    made = SageHarness(tmp_path)
    yield made
    made.adapter.close()


@pytest.fixture
def shoe(harness: SageHarness) -> SageHarness:
    """An article SECU at 59.90 excl. VAT, sold as 40 Noir and 40 Brun."""
    harness.edits.name_range(1, "Pointure")
    harness.edits.name_range(2, "Couleur")
    harness.edits.add_article("SECU", AR_Gamme1=1, AR_Gamme2=2, AR_PrixVen="59.90", AR_SuiviStock=2)
    for values in (NOIR, BRUN):
        harness.edits.add_combination("SECU", values)
    return harness
