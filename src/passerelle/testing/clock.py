"""A clock that stands still until it is told to go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class HeldClock:
    """A Clock whose time is set by hand. `sleep` moves it on without waiting."""

    def __init__(self, now: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)) -> None:
        self._now = now
        self._elapsed = 0.0

    def now(self) -> datetime:
        """The held time."""
        return self._now

    def monotonic(self) -> float:
        """Seconds slept or moved so far."""
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        """Move on, at once."""
        self._elapsed += seconds
        self._now += timedelta(seconds=seconds)
