"""What can go wrong on the way, on demand: answers lost, cut or late, refusals, races, hooks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Literal

Kind = Literal[
    "error_after_commit",  # everything is stored, the answer is the error of a value that could not be carried
    "lost_answer",  # everything is stored, the connection closes without an answer
    "truncated_answer",  # everything is stored, the answer breaks off in the middle
    "serialisation",  # nothing is done; `load` answers ids False, any other call the database's error
    "status",  # nothing is done; `status`, with Retry-After where `retry_after` is set
    "html",  # nothing is done; 200 with an HTML page
    "slow",  # everything is done, the answer takes `seconds`
    "reset",  # nothing is done, the connection is reset
]
When = Literal["after_read", "before_write", "after_write"]


@dataclass(slots=True)
class Fault:
    """A fault for the next `times` matching calls, after `skip` matching ones that go well.

    `method` is a method's name, "WRITE" or "READ" for any that writes or does not; `resource` is a model; None matches
    any.
    """

    kind: Kind
    method: str | None = None
    resource: str | None = None
    times: int = 1
    skip: int = 0
    status: int = 503
    retry_after: int | None = None
    seconds: float = 0.0


@dataclass(slots=True)
class Hook:
    """A callable that the server runs at a moment of a matching call."""

    when: When
    action: Callable[[], object]
    resource: str | None = None
    times: int = 1


class Mischief:
    """The faults and hooks that wait for their call."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.faults: list[Fault] = []
        self.hooks: list[Hook] = []

    def next_fault(self, model: str, method: str, *, writes: bool) -> Fault | None:
        """The fault for this call, counted."""
        with self._lock:
            for fault in self.faults:
                named = fault.method in (None, method, "WRITE" if writes else "READ")
                if named and fault.resource in (None, model):
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

    def run_hooks(self, when: When, model: str) -> None:
        for hook in self._due(when, model):
            hook.action()

    def _due(self, when: When, model: str) -> list[Hook]:
        if not self.hooks:
            return []
        with self._lock:
            due = [hook for hook in self.hooks if hook.when == when and hook.resource in (None, model)]
            for hook in due:
                hook.times -= 1
                if hook.times <= 0:
                    self.hooks.remove(hook)
        return due


@dataclass(slots=True)
class Cost:
    """What a call costs in time: so many milliseconds, plus so many for each record written."""

    request_ms: float = 0.0
    entity_ms: float = 0.0

    def spend(self, entities: int) -> None:
        seconds = (self.request_ms + self.entity_ms * entities) / 1000
        if seconds > 0:
            time.sleep(seconds)
