"""What can go wrong on the way, on demand: answers lost, cut or late, batches half done, refusals, hooks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Literal

Kind = Literal[
    "error_after_commit",  # everything is stored, the answer is a 500 with an empty text/html body
    "lost_answer",  # everything is stored, the connection closes without an answer
    "truncated_answer",  # everything is stored, the answer breaks off in the middle
    "half_batch",  # the first `entities` are stored, then the server hangs `seconds` and closes
    "status",  # nothing is done; `status`, with Retry-After where `retry_after` is set
    "html",  # nothing is done; 200 with an HTML page
    "slow",  # everything is done, the answer takes `seconds`
    "reset",  # nothing is done, the connection is reset
]
When = Literal["after_read", "before_write", "during_write", "after_write"]
READS = frozenset({"GET", "HEAD"})


@dataclass(slots=True)
class Fault:
    """A fault for the next `times` matching requests, after `skip` matching ones that go well.

    `method` and `resource` None match any; the method "WRITE" matches POST, PUT, PATCH and DELETE. `seconds` are those
    of a hang or of a slow answer.
    """

    kind: Kind
    method: str | None = None
    resource: str | None = None
    times: int = 1
    skip: int = 0
    status: int = 503
    retry_after: int | None = None
    entities: int = 1
    seconds: float = 0.0


@dataclass(slots=True)
class Hook:
    """A callable that the server runs at a moment of a matching request."""

    when: When
    action: Callable[[], object]
    resource: str | None = None
    times: int = 1
    after_entities: int = 1


def _matches(method: str, wanted: str | None) -> bool:
    return wanted is None or wanted == method or (wanted == "WRITE" and method not in READS)


class Mischief:
    """The faults and hooks that wait for their request."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.faults: list[Fault] = []
        self.hooks: list[Hook] = []

    def next_fault(self, method: str, resource: str) -> Fault | None:
        """The fault for this request, counted."""
        with self._lock:
            for fault in self.faults:
                if _matches(method, fault.method) and fault.resource in (None, resource):
                    return self._count(fault)
        return None

    def _count(self, fault: Fault) -> Fault | None:
        if fault.skip > 0:
            fault.skip -= 1
            return None
        fault.times -= 1
        if fault.times <= 0:
            self.faults.remove(fault)
        return fault

    def run_hooks(self, when: When, resource: str, *, written: int = 0) -> None:
        """Run the hooks of this moment; those of `during_write` once their number of entities is stored."""
        for hook in self._due(when, resource, written):
            hook.action()

    def _due(self, when: When, resource: str, written: int) -> list[Hook]:
        if not self.hooks:
            return []
        with self._lock:
            due = [
                hook
                for hook in self.hooks
                if hook.when == when
                and hook.resource in (None, resource)
                and (when != "during_write" or written == hook.after_entities)
            ]
            for hook in due:
                hook.times -= 1
                if hook.times <= 0:
                    self.hooks.remove(hook)
        return due


@dataclass(slots=True)
class Cost:
    """What a request costs in time: so many milliseconds, plus so many for each entity written."""

    request_ms: float = 0.0
    entity_ms: float = 0.0

    def spend(self, entities: int) -> None:
        seconds = (self.request_ms + self.entity_ms * entities) / 1000
        if seconds > 0:
            time.sleep(seconds)
