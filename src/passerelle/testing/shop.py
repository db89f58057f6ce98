"""The contract of a shop connector: subclass `ShopContract` in a test module and give it a `harness` fixture."""

from __future__ import annotations

import pytest

from passerelle.domain.orders import Parcel
from passerelle.errors import OutcomeUnknown, RecordError
from passerelle.ports.manifest import Capability
from passerelle.testing.builders import ProductSeed
from passerelle.testing.faults import Fault
from passerelle.testing.harness import DeskHarness, failure, injected, needs, refused_as_missing
from passerelle.testing.shop_failing import ShopFailing
from passerelle.testing.shop_reading import ShopReading
from passerelle.testing.shop_writing import ShopWriting


class ShopContract(ShopReading, ShopWriting, ShopFailing):
    """What every implementation of the port Shop owes. The fixture `harness` gives a ShopHarness over an empty shop."""


def paid_order(harness: DeskHarness) -> str:
    """An order of one product, paid."""
    return harness.seed_order({harness.seed_product(ProductSeed(sku="A1", stock=9)): 1})


class OrderDeskContract:
    """What every implementation of the port OrderDesk owes. The fixture `harness` gives a DeskHarness."""

    def test_a_status_is_written(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDER_STATUS_WRITE)
        order, other = paid_order(harness), paid_order(harness)
        untouched = harness.status_of(other)
        harness.desk.set_status(order, status=harness.next_status, notify=False)
        assert harness.status_of(order) == harness.next_status
        assert harness.status_of(other) == untouched

    def test_a_status_without_an_answer_is_unknown_and_written(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDER_STATUS_WRITE)
        order = paid_order(harness)
        with injected(harness, Fault.LOST_ANSWER):
            failure(
                lambda: harness.desk.set_status(order, status=harness.next_status, notify=False),
                families=(OutcomeUnknown,),
            )
        assert harness.status_of(order) == harness.next_status

    def test_a_status_that_does_not_exist_concerns_this_order_alone(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDER_STATUS_WRITE)
        order = paid_order(harness)
        before = harness.status_of(order)
        with pytest.raises(RecordError):
            harness.desk.set_status(order, status="987654", notify=False)
        assert harness.status_of(order) == before

    def test_an_order_that_does_not_exist_concerns_itself_alone(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDER_STATUS_WRITE)
        with pytest.raises(RecordError):
            harness.desk.set_status("987654", status=harness.next_status, notify=False)

    def test_every_parcel_is_written_once(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.TRACKING_WRITE)
        order = paid_order(harness)
        for number in ("6A00000000001", "6A00000000002", "6A00000000001"):
            harness.desk.add_tracking(order, parcel=Parcel(number))
        assert sorted(harness.parcels_of(order)) == ["6A00000000001", "6A00000000002"]

    def test_what_is_not_declared_is_refused(self, harness: DeskHarness) -> None:
        desk = harness.desk
        if Capability.ORDER_STATUS_WRITE not in harness.adapter.manifest.capabilities:
            refused_as_missing(lambda: desk.set_status("1", status="1", notify=False), what="set_status")
        if Capability.TRACKING_WRITE not in harness.adapter.manifest.capabilities:
            refused_as_missing(lambda: desk.add_tracking("1", parcel=Parcel("6A1")), what="add_tracking")
