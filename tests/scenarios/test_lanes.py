"""One run a lane, whoever starts it; and what happens when our own disk is full."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import pytest
from django.db import OperationalError, connection
from tests.scenarios.house import House, journal

from passerelle.app.services import Report
from passerelle.errors import LaneBusy, LeaseLost, StorageFull
from passerelle.storage import leases, models


@contextmanager
def holding(house: House, lane: str) -> Iterator[str]:
    opened = house.opened()
    with leases.held(opened.stored, lane=lane, clock=house.clock) as token:
        yield token


def lend(house: House, *, pid: int, host: str = "", lane: str = "bulk") -> None:
    """A lease of another process."""
    opened = house.opened()
    now = house.clock.now()
    models.Lease.objects.create(
        profile_id=opened.stored.id, lane=lane, token="another", host=host or socket.gethostname(), pid=pid,
        taken_at=now, expires_at=now + timedelta(seconds=60),
    )  # fmt: skip


def test_a_second_run_of_a_lane_is_refused_and_the_other_lane_goes_on(house: House) -> None:
    house.done()
    with holding(house, "bulk"):
        for flow in ("catalogue", "prices"):
            with pytest.raises(LaneBusy) as refused:
                house.run(flow)
            assert str(os.getpid()) in refused.value.message
        assert house.run("stocks").state == "done"
    assert house.run("catalogue").state == "done"


def test_the_lease_of_a_dead_process_is_free_at_once(house: House) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    lend(house, pid=dead.pid)
    assert house.run("catalogue").state == "done"


def test_the_lease_of_a_process_of_another_machine_is_kept_until_it_expires(house: House) -> None:
    lend(house, pid=1, host="ailleurs.example.test")
    with pytest.raises(LaneBusy):
        house.run("catalogue")
    house.clock.sleep(59)
    with pytest.raises(LaneBusy):
        house.run("catalogue")
    house.clock.sleep(1)
    assert house.run("catalogue").state == "done"


def test_a_run_whose_lease_was_taken_over_sends_nothing_more(house: House) -> None:
    def taken_over() -> None:
        models.Lease.objects.filter(lane="bulk").update(token="somebody else's")

    entries: list[int] = []

    def watched(what: str, done: int, total: int) -> None:
        if what == "Writing to the shop" and not entries:
            taken_over()
            entries.extend([len(journal()), len(house.writes())])

    report = house.run("catalogue", progress=watched)
    assert isinstance(report.failure, LeaseLost)
    assert [len(journal()), len(house.writes())] == entries
    models.Lease.objects.all().delete()
    house.settled()
    house.assert_shop_equals_erp()


def test_the_heart_goes_on_beating_after_a_beat_that_could_not_be_noted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, tried = Event(), []

    class Lease:
        class objects:
            @staticmethod
            def filter(**_: str) -> None:
                tried.append(1)
                if len(tried) == 3:
                    stop.set()
                raise OperationalError("database is locked")

    monkeypatch.setattr(leases, "BEAT", 0.001)
    monkeypatch.setattr(leases.models, "Lease", Lease)
    leases._beat("a token", house.clock, stop)
    assert len(tried) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flow", "room"),
    [*(("catalogue", room) for room in (0, 1, 2, 4, 8, 16)), *(("stocks", room) for room in (0, 1, 2))],
)
def test_nothing_is_sent_that_was_not_journalled_when_the_disk_is_full(house: House, flow: str, room: int) -> None:
    house.done()
    for n in range(1, 26):
        house.sage.update_article(f"ART-{n:03d}", AR_Design=f"Un nom assez long pour prendre de la place {n}")
        house.sage.set_stock(f"ART-{n:03d}", 1, on_hand=n)
    for n in range(30, 60):
        house.add_article(n)
    house.shop.reset_counters()
    sent_before = len(journal())
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + room}")
    failure = _failure_of(house, flow)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1000000")
    assert isinstance(failure, StorageFull)
    written = sum(entities for method, path, entities in house.writes())
    assert written <= len(journal()) - sent_before
    house.settled()
    house.assert_shop_equals_erp()


def _failure_of(house: House, flow: str) -> Exception | None:
    try:
        report: Report = house.run(flow)
    except StorageFull as full:
        return full
    return report.failure
