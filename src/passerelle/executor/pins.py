"""What an undo took back stays so while the ERP still says what was undone, or until it is released."""

from __future__ import annotations

from passerelle.domain.facets import Facet, Facets
from passerelle.domain.texts import text
from passerelle.executor.run import Run
from passerelle.executor.spool import Spool
from passerelle.planner import products
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.products import Sent
from passerelle.ports.store import LinkRow


class Pins:
    """The pins of the products that a plan looks at."""

    def __init__(self, run: Run, *, spool: Spool) -> None:
        self._run = run
        self._spool = spool
        self._outdated: list[tuple[int, Facet]] = []

    def free(self, key: str, *, link: LinkRow, bodies: Facets, sent: Sent) -> tuple[Facets, dict[Facet, bytes]]:
        """The bodies that may be sent, and the pins that hold others back; a record that waits for one is listed."""
        pins = {facet: row.pin for facet, row in sent.items() if row.pin is not None}
        if not pins:
            return bodies, {}
        kept = products.kept_back(bodies, pins=pins, sent=sent)
        self._outdated += [(link.id, facet) for facet in pins.keys() & bodies.keys() - kept.keys()]
        waiting = products.changed({facet: bodies[facet] for facet in kept}, sent=sent, flow=self._run.flow)
        if waiting:
            self._list(key, link=link, undo=max(sent[facet].run_id or 0 for facet in waiting))
        free: Facets = {facet: body for facet, body in bodies.items() if facet not in kept}
        return free, kept if waiting else {}

    def _list(self, key: str, *, link: LinkRow, undo: int) -> None:
        reason = text(
            "pinned",
            "{key}: undone by run {run}, it stays so until the ERP says something else or `passerelle release`.",
            key=key, run=undo,
        )  # fmt: skip
        self._spool.add(Action(kind=ActionKind.SKIP, key=key, erp_id=link.erp_id, reason=reason))

    def flush(self) -> None:
        """Forget the pins of what the ERP says differently now."""
        if self._outdated:
            self._run.store.unpin(self._outdated)
            self._outdated = []
