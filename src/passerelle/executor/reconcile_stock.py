"""Reconciling stocks: what the shop shows beside what the ERP says now, the shop's own orders taken off.

A product whose quantity is the one last sent, or the one that would be sent now, did not drift: sales made since, and
changes of the ERP that the next run sends, are no drift.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from passerelle.domain.facets import Facet, Stock
from passerelle.domain.stock import StockLevel
from passerelle.errors import RecordError
from passerelle.executor.observe_stock import options_of, stock_query
from passerelle.executor.orders import STOCKS_RAN, OrderWatch
from passerelle.executor.run import Run
from passerelle.executor.spool import Spool
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.guards import Totals
from passerelle.planner.products import Sent, last_sent, owned
from passerelle.planner.reconcile import unlink
from passerelle.planner.stocks import plan_stock
from passerelle.ports.erp import Record
from passerelle.ports.store import LinkRow

PAGE = 200  # products read back at a time


class StockReconciler:
    """Plans the repair of stocks."""

    def __init__(self, run: Run, *, spool: Spool, watch: OrderWatch) -> None:
        self._run = run
        self._spool = spool
        self._watch = watch
        self._options = options_of(run)
        self._read = 0

    def plan(self) -> Totals:
        """Spool the repairs; gives the totals the guards weigh."""
        run = self._run
        first = run.store.fact(STOCKS_RAN) is None
        older = self._watch.begin()
        for records in run.erp.stock(stock_query(run)):
            for start in range(0, len(records), PAGE):
                self._page(records[start : start + PAGE])
        return Totals(read=1, old_orders=older if first else 0)

    def _page(self, records: Sequence[Record[StockLevel]]) -> None:
        """Orders are read before and after the shop's quantities: what one of them touched in between is left alone."""
        run = self._run
        links = run.store.links(kind="product", keys=[record.key for record in records])
        if not links:
            return
        self._watch.refresh()
        found = {one.shop_id: one for one in run.shop.read_products([link.shop_id for link in links.values()])}
        moving = self._watch.refresh()
        sent = run.store.sent([link.id for link in links.values()], facet=Facet.STOCK)
        for record in records:
            link = links.get(record.key)
            if link is None or link.gone or link.shop_id in moving:
                continue
            if link.shop_id not in found:
                self._spool.add(unlink(link))
            else:
                self._compare(record, link, sent.get(link.id, {}), shows=found[link.shop_id].stock)
        self._read += len(records)
        run.progress("Reading the shop back", self._read, 0)

    def _compare(self, record: Record[StockLevel], link: LinkRow, sent: Sent, *, shows: int | None) -> None:
        row = sent.get(Facet.STOCK)
        if row is None or row.body is None or row.pin is not None or not owned(row) or shows is None:
            return  # nothing was sent, or the ERP does not own it
        if row.fingerprint is not None and last_sent(row) == Stock(shows):
            self._run.counts.unchanged += 1
            return
        wanted = self._wanted(record, link)
        if wanted is None or wanted.new[Facet.STOCK] == Stock(shows):
            self._run.counts.unchanged += 1
        else:
            self._spool.add(replace(wanted, old={Facet.STOCK: Stock(shows)}))

    def _wanted(self, record: Record[StockLevel], link: LinkRow) -> Action | None:
        """What would be sent now; None for an article whose stock is not sent: the flow of stocks tells about it."""
        try:
            level = record.read()
        except RecordError:
            return None
        action = plan_stock(
            level, link=link, shop_id=link.shop_id, sent={}, netted=self._watch.taken(record.key),
            digest=record.digest, options=self._options,
        )  # fmt: skip
        return action if action is not None and action.kind is ActionKind.SET_STOCK else None
