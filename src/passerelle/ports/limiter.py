"""How many requests a host may be asked."""

from __future__ import annotations

from typing import Protocol


class Limiter(Protocol):
    """Waits until one more request to a host is allowed."""

    def acquire(self, host: str) -> None: ...
