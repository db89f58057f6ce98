"""Writes a plan down as it is made, weighing it for the guards."""

from __future__ import annotations

from passerelle.domain.texts import Text
from passerelle.errors import PasserelleError
from passerelle.executor.run import Run
from passerelle.planner.actions import Action, ActionKind, counted, encode_action
from passerelle.planner.guards import Weigher
from passerelle.ports.store import SpooledAction

BUFFER = 500


class Spool:
    """Numbers actions and stores them by the hundred, so that a plan of any length stays flat in memory."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._next = 1
        self._waiting: list[SpooledAction] = []
        self.weigher = Weigher(run.profile.guards)

    def add(self, action: Action) -> None:
        """Put one action into the plan."""
        self.weigher.see(action)
        counts = self._run.counts
        if action.kind is ActionKind.PARK:
            self._run.parked_keys.add(action.key)
            counts.parked += 1
        elif action.kind is ActionKind.SKIP:
            counts.skipped += 1
        elif counted(action, flow=self._run.flow):
            counts.planned += 1
        body = encode_action(action)
        self._waiting.append(
            SpooledAction(seq=self._next, stage=action.stage, kind=action.kind.value, key=action.key, body=body)
        )
        self._next += 1
        if len(self._waiting) >= BUFFER:
            self.flush()

    def park(self, key: str, *, error: PasserelleError, erp_id: str = "") -> None:
        """Put a record aside with its reason."""
        step = Text(f"{error.code()}_next", error.next_step, error.params)
        reason = Text.of(error)
        self.add(
            Action(kind=ActionKind.PARK, key=key, erp_id=erp_id, reason=reason, next_step=step, detail=error.detail)
        )

    def flush(self) -> None:
        """Store what waits."""
        if self._waiting:
            self._run.store.spool(self._run.id, actions=self._waiting)
            self._waiting = []
