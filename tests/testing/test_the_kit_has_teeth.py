"""Every obligation of the contract kit fails a connector that breaks it, and lets the sound one pass."""

from __future__ import annotations

import pytest
from tests.connectors.memory_erp.harness import MemoryErpHarness
from tests.connectors.memory_shop.harness import MemoryShopHarness
from tests.testing.broken_deletions import DELETIONS
from tests.testing.broken_desks import DESK
from tests.testing.broken_erp_variants import ERP_VARIANTS
from tests.testing.broken_erps import ERP
from tests.testing.broken_shops import SHOP
from tests.testing.broken_sinks import SINK
from tests.testing.broken_variants import VARIANTS
from tests.testing.defects import Defect, fails, obligations

from passerelle.testing.erp import ErpContract
from passerelle.testing.erp_sink import SinkContract
from passerelle.testing.shop import OrderDeskContract, ShopContract

KITS = [
    (ShopContract, MemoryShopHarness, [*SHOP, *VARIANTS, *DELETIONS]),
    (OrderDeskContract, MemoryShopHarness, DESK),
    (ErpContract, MemoryErpHarness, [*ERP, *ERP_VARIANTS]),
    (SinkContract, MemoryErpHarness, SINK),
]
CASES = [
    pytest.param(contract, harness, defect, id=f"{contract.__name__}-{defect}")
    for contract, harness, defects in KITS
    for defect in defects
]


@pytest.mark.parametrize(("contract", "harness", "defect"), CASES)
def test_a_broken_connector_fails(contract: type, harness: type, defect: Defect) -> None:
    broken = harness(kind=defect.broken, **defect.needs)
    assert fails(contract, defect, harness=broken)


@pytest.mark.parametrize(("contract", "harness", "defect"), CASES)
def test_the_same_obligation_lets_the_sound_connector_pass(contract: type, harness: type, defect: Defect) -> None:
    assert not fails(contract, defect, harness=harness(**defect.needs))


@pytest.mark.parametrize(("contract", "harness", "defects"), KITS)
def test_every_obligation_is_tried_on_a_broken_connector(contract: type, harness: type, defects: list[Defect]) -> None:
    assert obligations(contract) == {defect.obligation for defect in defects}
