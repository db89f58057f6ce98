"""Sheets that were taken over: what the shop holds is looked at before the ERP's own texts and categories go over it.

So the plan shows what changes, an undo can bring it back, and what is right already is not written.
"""

from __future__ import annotations

from collections.abc import Iterable

from passerelle.domain.catalogue import ShopProduct
from passerelle.domain.facets import Body, Categories, Facet, Facets, Ownership, encode, fingerprint
from passerelle.executor.run import Run
from passerelle.executor.shop_ids import NamesOfTheShop
from passerelle.planner.ownership import for_existing
from passerelle.planner.products import ONCE, Sent
from passerelle.planner.reconcile import found_body, holds
from passerelle.ports.store import TAKEN_OVER, LinkRow, NewSent, SentRow, Settlement


class TakenOver:
    """Reads products that were taken over, and were not written since."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._ids = NamesOfTheShop(run)

    def look(self, articles: Iterable[tuple[LinkRow, Facets]], *, sent: dict[int, Sent]) -> None:
        """Put what the shop holds into `sent`, by link id, as if it had been sent. Costs nothing without any.

        `articles` are links with what the ERP says. What the shop holds already counts as sent from now on.
        """
        mine = [(link, facets) for link, bodies in articles if (facets := taken(bodies, sent=sent.get(link.id, {})))]
        if not mine:
            return
        found = {one.shop_id: one for one in self._run.shop.read_products([link.shop_id for link, _ in mine])}
        right: list[NewSent] = []
        for link, bodies in mine:
            if link.shop_id in found:
                rows = self._rows(bodies, found[link.shop_id])
                sent[link.id] = {**sent[link.id], **rows}
                right += [_settled(link, facet, row) for facet, row in rows.items() if row.fingerprint is not None]
        if right:
            self._run.store.settle(self._run.id, flow=self._run.flow, settlement=Settlement(sent=right))

    def _rows(self, bodies: Facets, found: ShopProduct) -> dict[Facet, SentRow]:
        ours = for_existing(bodies, sent={}, owners=self._run.rules.owners)
        return {facet: self._row(body, found) for facet, body in ours.items()}

    def _row(self, body: Body, found: ShopProduct) -> SentRow:
        if holds(body, found, ids=self._ids):
            stored = encode(body)
            return SentRow(Ownership.ERP, fingerprint(stored), stored)
        return SentRow(Ownership.ERP, None, encode(self._held(body, found)))

    def _held(self, body: Body, found: ShopProduct) -> Body:
        if not isinstance(body, Categories):
            return found_body(body, found, ids=self._ids)
        others = tuple(one for one in found.categories if one != found.category)
        return Categories((f"={found.category}",), self._ids.category_path(found.category), others)


def taken(bodies: Facets, *, sent: Sent) -> Facets:
    """Those of the bodies whose facet was taken over and not written since."""
    return {f: bodies[f] for f in ONCE & bodies.keys() if f in sent and sent[f].fingerprint == TAKEN_OVER}


def _settled(link: LinkRow, facet: Facet, row: SentRow) -> NewSent:
    return NewSent(link=link.id, facet=facet, ownership=row.ownership, fingerprint=row.fingerprint, body=row.body)
