"""Pass 1 of articles that left the scope: what becomes of their products."""

from __future__ import annotations

from collections.abc import Sequence

from passerelle.domain.facets import Facet
from passerelle.executor.pins import Pins
from passerelle.executor.run import Run
from passerelle.executor.spool import Spool
from passerelle.planner import gone
from passerelle.ports.store import LinkRow


class Leaving:
    """Plans what the profile wants for the products of articles that are gone."""

    def __init__(self, run: Run, *, spool: Spool, pins: Pins) -> None:
        self._run = run
        self._spool = spool
        self._pins = pins
        self._policy = run.rules.options.gone

    def plan(self, links: Sequence[LinkRow]) -> None:
        """Spool what there is to do for these products; one that an undo brought back stays."""
        if self._policy == "zero_stock":
            self._sell_out(links)
            return
        sent = self._run.store.sent([link.id for link in links])
        for link in links:
            action = gone.leave(link, policy=self._policy, sent=sent.get(link.id, {}))
            free, _ = self._pins.free(link.erp_key, link=link, bodies=gone.HIDDEN, sent=sent.get(link.id, {}))
            if free:
                self._spool.add(action)

    def _sell_out(self, links: Sequence[LinkRow]) -> None:
        """A product with variants has no stock of its own to write: the shop adds up theirs."""
        store = self._run.store
        variants = store.variant_links([link.shop_id for link in links])
        rows = [*links, *(row for some in variants.values() for row in some)]
        sent = store.sent([row.id for row in rows], facet=Facet.STOCK)
        sold: list[str] = []
        for product in links:
            for one in variants.get(product.shop_id, [product]):
                action = gone.sell_out(one, product=product, sent=sent.get(one.id, {}))
                if action is not None:
                    sold.append(action.key)
                    self._spool.add(action)
        store.forget(flow="stocks", keys=sold)  # on sale again one day, their stock is looked at afresh
