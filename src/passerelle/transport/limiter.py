"""A limiter in memory, for one process."""

from __future__ import annotations

from threading import Lock

from passerelle.ports.clock import Clock


class MemoryLimiter:
    """Spaces the requests to each host by 1/`per_second` seconds; None lets everything through."""

    def __init__(self, *, clock: Clock, per_second: float | None) -> None:
        self._clock = clock
        self._gap = 1 / per_second if per_second else 0.0
        self._next: dict[str, float] = {}
        self._lock = Lock()

    def acquire(self, host: str) -> None:
        """Wait for the host's next free moment."""
        if not self._gap:
            return
        with self._lock:
            now = self._clock.monotonic()
            at = max(now, self._next.get(host, now))
            self._next[host] = at + self._gap
        if at > now:
            self._clock.sleep(at - now)
