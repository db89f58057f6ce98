"""Obligations of an order desk: what is sent back about orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from passerelle.domain.orders import Parcel
from passerelle.errors import RecordError
from passerelle.ports.manifest import Capability
from passerelle.ports.shop import BatchRefused, Outcome, StatusWrite, TrackingWrite
from passerelle.testing.faults import COMMITTED, READ, WRITE, Fault
from passerelle.testing.harness import DeskHarness, assert_nothing_leaks, failure, injected, needs, refused_as_missing
from passerelle.testing.shop_desk_reading import ABSENT, desk_reads, needs_history, paid_order
from passerelle.testing.shop_failing import raising


def tracking(order: str, *numbers: str) -> TrackingWrite:
    """Parcels to show on an order."""
    return TrackingWrite(key=order, parcels=tuple(Parcel(number) for number in numbers))


def each(write: Callable[[Sequence[Any]], list[Outcome]], items: Sequence[Any]) -> list[bool]:
    """Send a batch, item by item where it is refused; whether each item was done."""
    try:
        outcomes = write(items)
    except BatchRefused:
        outcomes = [outcome for item in items for outcome in write([item])]
    assert [outcome.key for outcome in outcomes] == [item.key for item in items]
    assert all(outcome.error is None or isinstance(outcome.error, RecordError) for outcome in outcomes)
    return [outcome.error is None for outcome in outcomes]


def desk_writes(harness: DeskHarness) -> dict[str, Callable[[], Any]]:
    """One write of each declared kind, ready to be sent."""
    order, desk = paid_order(harness), harness.desk
    status = StatusWrite(key=order, status=harness.next_status)
    calls: dict[Capability, tuple[str, Callable[[], list[Outcome]]]] = {
        Capability.ORDER_STATUS_WRITE: ("set_statuses", lambda: desk.set_statuses([status])),
        Capability.TRACKING_WRITE: ("add_tracking", lambda: desk.add_tracking([tracking(order, "6A00000000001")])),
    }
    declared = harness.adapter.manifest.capabilities
    return {name: raising(act) for need, (name, act) in calls.items() if need in declared}


class DeskWriting:
    """What is written is there, once, and what fails is said of the order it concerns."""

    def test_a_batch_of_statuses_is_written_with_one_outcome_each_in_order(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDER_STATUS_WRITE)
        size = harness.adapter.manifest.max_batch["set_statuses"]
        orders, other = [paid_order(harness) for _ in range(size)], paid_order(harness)
        untouched, writes = harness.status_of(other), harness.writes
        items = [StatusWrite(key=order, status=harness.next_status) for order in reversed(orders)]
        outcomes = harness.desk.set_statuses(items)
        assert [(one.key, one.error) for one in outcomes] == [(item.key, None) for item in items]
        assert harness.writes == writes + 1
        assert {harness.status_of(order) for order in orders} == {harness.next_status}
        assert harness.status_of(other) == untouched

    def test_what_we_set_bears_no_name_of_a_person(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDER_STATUS_WRITE)
        needs(harness.adapter.manifest, Capability.ORDERS_IMPORT)
        needs_history(harness)
        order = paid_order(harness)
        harness.desk.set_statuses([StatusWrite(key=order, status=harness.next_status, notify=True)])
        found = harness.desk.statuses([order])[order]
        assert (found.history[-1].status, found.history[-1].author) == (harness.next_status, "")

    def test_a_status_set_twice_is_harmless(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDER_STATUS_WRITE)
        order = paid_order(harness)
        item = StatusWrite(key=order, status=harness.next_status)
        harness.desk.set_statuses([item])
        stock = [product.stock for product in harness.stored().products]
        [outcome] = harness.desk.set_statuses([item])
        assert outcome.error is None
        assert harness.status_of(order) == harness.next_status
        assert [product.stock for product in harness.stored().products] == stock

    @pytest.mark.parametrize("fault", COMMITTED)
    def test_a_status_without_an_answer_is_unknown_and_written(self, harness: DeskHarness, fault: Fault) -> None:
        needs(harness.adapter.manifest, Capability.ORDER_STATUS_WRITE)
        order = paid_order(harness)
        with injected(harness, fault):
            failure(
                lambda: harness.desk.set_statuses([StatusWrite(key=order, status=harness.next_status)]),
                families=COMMITTED[fault],
            )
        assert harness.status_of(order) == harness.next_status

    def test_a_status_that_does_not_exist_concerns_its_order_alone(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDER_STATUS_WRITE)
        first, odd, last = (paid_order(harness) for _ in range(3))
        before = harness.status_of(odd)
        items = [StatusWrite(key=order, status=harness.next_status) for order in (first, odd, last)]
        items[1] = StatusWrite(key=odd, status=ABSENT)
        assert each(harness.desk.set_statuses, items) == [True, False, True]
        assert [harness.status_of(order) for order in (first, odd, last)] == [
            harness.next_status,
            before,
            harness.next_status,
        ]

    def test_an_order_that_does_not_exist_concerns_itself_alone(self, harness: DeskHarness) -> None:
        order = paid_order(harness)
        if Capability.ORDER_STATUS_WRITE in harness.adapter.manifest.capabilities:
            items = [StatusWrite(key=key, status=harness.next_status) for key in (ABSENT, order)]
            assert each(harness.desk.set_statuses, items) == [False, True]
            assert harness.status_of(order) == harness.next_status
        needs(harness.adapter.manifest, Capability.TRACKING_WRITE)
        parcels = [tracking(key, "6A00000000001") for key in (ABSENT, order)]
        assert each(harness.desk.add_tracking, parcels) == [False, True]
        assert harness.parcels_of(order) == ["6A00000000001"]

    def test_every_parcel_is_written_once(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.TRACKING_WRITE)
        order, other = paid_order(harness), paid_order(harness)
        one, two, three = "6A00000000001", "6A00000000002", "XY123 456/7"
        assert each(harness.desk.add_tracking, [tracking(order, one), tracking(other)]) == [True, True]
        assert each(harness.desk.add_tracking, [tracking(order, one, two), tracking(other, three)]) == [True, True]
        assert each(harness.desk.add_tracking, [tracking(order, two, three, three)]) == [True]
        assert sorted(harness.parcels_of(order)) == [one, two, three]
        assert harness.parcels_of(other) == [three]

    @pytest.mark.parametrize("fault", COMMITTED)
    def test_parcels_without_an_answer_are_unknown_and_sent_again_they_are_there_once(
        self, harness: DeskHarness, fault: Fault
    ) -> None:
        needs(harness.adapter.manifest, Capability.TRACKING_WRITE)
        order = paid_order(harness)
        item = tracking(order, "6A00000000001", "6A00000000002")
        with injected(harness, fault):
            failure(lambda: harness.desk.add_tracking([item]), families=COMMITTED[fault])
        assert each(harness.desk.add_tracking, [item]) == [True]
        assert sorted(harness.parcels_of(order)) == ["6A00000000001", "6A00000000002"]

    def test_a_number_that_is_refused_concerns_its_order_alone(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.TRACKING_WRITE)
        first, odd, last = (paid_order(harness) for _ in range(3))
        items = [tracking(first, "6A1"), tracking(odd, "N°#<é>"), tracking(last, "6A3")]
        assert each(harness.desk.add_tracking, items) == [True, False, True]
        assert [harness.parcels_of(order) for order in (first, odd, last)] == [["6A1"], [], ["6A3"]]

    @pytest.mark.parametrize("fault", WRITE)
    def test_a_failed_write_is_an_error_of_its_family_and_changes_nothing(
        self, harness: DeskHarness, fault: Fault
    ) -> None:
        acts = desk_writes(harness)
        before = harness.stored()
        for act in acts.values():
            sent = harness.writes
            with injected(harness, fault):
                error = failure(act, families=WRITE[fault] + READ[fault])
            due = WRITE[fault] if harness.writes > sent else READ[fault]
            assert isinstance(error, due), f"{error!r} is none of {due}"
        assert harness.stored() == before

    @pytest.mark.parametrize("fault", [*WRITE, *COMMITTED])
    def test_no_secret_shows_in_what_writing_raises(self, harness: DeskHarness, fault: Fault) -> None:
        for act in desk_writes(harness).values():
            assert_nothing_leaks(harness, fault, act)

    def test_what_is_not_declared_is_refused(self, harness: DeskHarness) -> None:
        desk = harness.desk
        calls: dict[Capability, dict[str, Callable[[], object]]] = {
            Capability.ORDERS_IMPORT: {**desk_reads(desk, order="1"), "unreadable": desk.unreadable},
            Capability.ORDER_STATUS_WRITE: {
                "set_statuses": lambda: desk.set_statuses([StatusWrite(key="1", status="1")])
            },
            Capability.TRACKING_WRITE: {"add_tracking": lambda: desk.add_tracking([tracking("1", "6A1")])},
        }
        before = harness.stored()
        for capability in calls.keys() - harness.adapter.manifest.capabilities:
            for name, act in calls[capability].items():
                refused_as_missing(act, what=name)
        assert harness.stored() == before
