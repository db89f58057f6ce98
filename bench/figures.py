"""A figure, and what several timings of it amount to."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

ROUNDS = 5


@dataclass(frozen=True)
class Figure:
    """One line of the result: `how` says in one sentence what was measured, with the server's cost model."""

    value: float
    unit: str
    how: str


@dataclass(frozen=True)
class Timing:
    """What one piece of work took, in seconds: on the clock, and of this process's CPU."""

    wall: float
    cpu: float


def timed(work: Callable[[], object]) -> Timing:
    """Do `work` once."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Timing(time.perf_counter() - wall, time.process_time() - cpu)


def in_turn(*works: Callable[[], Timing], rounds: int = ROUNDS) -> list[Timing]:
    """Do the works one after the other, `rounds` times; gives the medians of each."""
    taken = [[work() for work in works] for _ in range(rounds)]
    return [
        Timing(median(one.wall for one in column), median(one.cpu for one in column))
        for column in zip(*taken, strict=True)
    ]


def each(timing: Timing, *, of: int) -> Timing:
    """What one of so many took."""
    return Timing(timing.wall / of, timing.cpu / of)
