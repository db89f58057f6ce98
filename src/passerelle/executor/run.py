"""What one run of one flow works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from passerelle.domain.texts import Text
from passerelle.planner.rules import Rules
from passerelle.ports.clock import Clock
from passerelle.ports.erp import ErpSink, ErpSource
from passerelle.ports.shop import OrderDesk, Shop
from passerelle.ports.store import Store
from passerelle.profile.sections import Profile

Progress = Callable[[str, int, int], None]  # what (an English template), done, of how many (0: not known)


def silent(what: str, done: int, total: int) -> None:
    """Nobody watches."""


@dataclass
class Counts:
    """What a run did, as it is reported."""

    planned: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    parked: int = 0
    failed: int = 0


@dataclass
class Run:
    """One run. `token` is the lease's; `held` says whether a person approves before anything is written.

    `undoes` is the run whose writes this one takes back, if any.
    """

    id: int
    flow: str
    profile: Profile
    rules: Rules
    erp: ErpSource
    shop: Shop
    store: Store
    clock: Clock
    token: str
    only: str | None = None
    approved: bool = False
    undoes: int | None = None
    progress: Progress = silent
    counts: Counts = field(default_factory=Counts)
    notes: list[Text] = field(default_factory=list)  # what a person is told beside the plan
    parked_keys: set[str] = field(default_factory=set)

    @property
    def sink(self) -> ErpSink:
        """The ERP as a place to put documents: a connector implements both ports, or says what it lacks."""
        return cast(ErpSink, self.erp)

    @property
    def desk(self) -> OrderDesk:
        """The shop as the desk of its orders."""
        return cast(OrderDesk, self.shop)
