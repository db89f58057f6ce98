"""One run per profile and lane, whoever starts it.

A lease expires 60 seconds after its last heartbeat. The heartbeat has its own thread and its own connection, so that a
run that waits for a slow shop keeps its lease. A dead process of the same machine frees its lease at once.
"""

from __future__ import annotations

import os
import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Event, Thread

from django.db import DatabaseError, connection

from passerelle.errors import LaneBusy
from passerelle.ports.clock import Clock
from passerelle.ports.store import StoredProfile
from passerelle.storage import models, sql

EXPIRY = timedelta(seconds=60)
BEAT = 10.0


def alive(pid: int) -> bool:
    """Whether a process of this machine runs."""
    if sys.platform == "win32":
        return _alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _zombie(pid)


def _zombie(pid: int) -> bool:
    """A killed process whose parent has not looked yet holds nothing any more (Linux)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def _alive_on_windows(pid: int) -> bool:
    import ctypes

    handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, pid)  # type: ignore[attr-defined]
    if not handle:
        return False
    ctypes.windll.kernel32.CloseHandle(handle)  # type: ignore[attr-defined]
    return True


@sql.writes
def take(profile: StoredProfile, *, lane: str, clock: Clock) -> str:
    """Take the lease of a lane; gives its token. Raises LaneBusy."""
    now, host = clock.now(), socket.gethostname()
    held = models.Lease.objects.filter(profile_id=profile.id, lane=lane).first()
    if held is not None:
        dead = held.host == host and not alive(held.pid)
        if held.expires_at > now and not dead:
            raise LaneBusy(
                profile=profile.name, who=f"{held.host}, {held.pid}", since=held.taken_at.isoformat(timespec="seconds")
            )
        models.Lease.objects.filter(profile_id=profile.id, lane=lane).delete()
    token = secrets.token_hex(16)
    models.Lease.objects.create(
        profile_id=profile.id, lane=lane, token=token, host=host, pid=os.getpid(), taken_at=now, expires_at=now + EXPIRY
    )
    return token


@sql.writes
def release(token: str) -> None:
    """Give a lease back."""
    models.Lease.objects.filter(token=token).delete()


@contextmanager
def held(profile: StoredProfile, *, lane: str, clock: Clock) -> Iterator[str]:
    """Hold the lease of a lane while the block runs. Raises LaneBusy."""
    token = take(profile, lane=lane, clock=clock)
    stop = Event()
    beating = Thread(target=_beat, args=(token, clock, stop), daemon=True, name=f"lease-{lane}")
    beating.start()
    try:
        yield token
    finally:
        stop.set()
        beating.join()
        release(token)


def _beat(token: str, clock: Clock, stop: Event) -> None:
    try:
        while not stop.wait(BEAT):
            with suppress(DatabaseError):  # a busy or full database: the next beat may do better, expiry takes six
                models.Lease.objects.filter(token=token).update(expires_at=clock.now() + EXPIRY)
    finally:
        connection.close()
