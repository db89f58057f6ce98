"""`statuses`: what has become of the ERP's documents goes back to the shop, as status and tracking numbers."""

from __future__ import annotations

from collections.abc import Sequence

from passerelle.domain.facets import Facet, OrderStatus, Tracking, encode, fingerprint
from passerelle.domain.orders import OrderStatuses, Parcel
from passerelle.errors import StatusConflict
from passerelle.executor.batches import Batch, Size, Write, unprepared
from passerelle.executor.execute import CALLS, pages_of, resolve
from passerelle.executor.ledger import ORDER, Ledger
from passerelle.executor.outcomes import Item, sent_of
from passerelle.executor.run import Run
from passerelle.executor.spool import Spool
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.guards import Totals
from passerelle.planner.products import Sent, last_sent
from passerelle.planner.statuses import Wanted, decide, parcels, wanted_status
from passerelle.ports.shop import Outcome, StatusWrite, TrackingWrite
from passerelle.ports.store import LinkRow, Settlement

BATCH = 100


class StatusObserver:
    """Plans `statuses`."""

    def __init__(self, run: Run, *, spool: Spool, ledger: Ledger) -> None:
        options, imports = run.profile.orders.status_updates, run.profile.orders.import_
        assert options is not None
        assert imports is not None
        self._run = run
        self._spool = spool
        self._ledger = ledger
        self._options = options
        self._imports = imports
        self._issues = {issue.key for issue in run.store.issues(flow=run.flow)}

    def plan(self) -> Totals:
        """Spool the whole flow. Orders of which nothing changed cost nothing."""
        self._ledger.follow()
        for links in self._run.store.all_links(kind=ORDER):
            chosen = [link for link in links if self._run.only in (None, link.erp_key)]
            for start in range(0, len(chosen), BATCH):
                self._page(chosen[start : start + BATCH])
        self._spool.flush()
        return Totals(read=1)

    def _page(self, links: Sequence[LinkRow]) -> None:
        sent = self._run.store.sent([link.id for link in links])
        changed = []
        for link in links:
            rows = sent.get(link.id, {})
            self._tracking(link, rows)
            if self._moved(link, rows):
                changed.append(link)
            else:
                self._run.counts.unchanged += 1
        if changed:
            now = self._run.desk.statuses([link.shop_id for link in changed])
            for link in changed:
                if link.shop_id in now:
                    self._status(link, sent.get(link.id, {}), now[link.shop_id])

    def _wanted(self, link: LinkRow) -> Wanted:
        documents = self._ledger.documents.get(self._ledger.key(link.shop_id), [])
        return wanted_status(documents, options=self._options)

    def _moved(self, link: LinkRow, rows: Sent) -> bool:
        wanted = self._wanted(link).status
        if wanted is None:
            return False
        return _sent_status(rows) != wanted or link.erp_key in self._issues

    def _status(self, link: LinkRow, rows: Sent, now: OrderStatuses) -> None:
        wanted = self._wanted(link)
        assert wanted.status is not None
        decided = decide(
            wanted, now=now, last_sent=_sent_status(rows), options=self._options,
            read_statuses=self._imports.statuses, status_after_import=self._imports.status_after_import,
        )  # fmt: skip
        if isinstance(decided, str) and self._given_up(link):
            decided = StatusConflict(key=link.erp_key, wanted=decided, current=now.current)
        if isinstance(decided, StatusConflict):
            self._spool.park(link.erp_key, error=named(self._run, decided))
        elif decided is None:
            self._agree(link, wanted.status)
        else:
            self._spool.add(
                Action(
                    kind=ActionKind.SET_STATUS, key=link.erp_key, shop_id=link.shop_id, link_id=link.id,
                    new={Facet.STATUS: OrderStatus(decided)}, old={Facet.STATUS: OrderStatus(now.current)},
                )
            )  # fmt: skip

    def _given_up(self, link: LinkRow) -> bool:
        """Whether the shop cancelled the order: no status brings it back, whoever cancelled it."""
        order = self._run.store.orders_by_id([link.shop_id]).get(link.shop_id)
        return order is not None and not order.holds_stock

    def _agree(self, link: LinkRow, status: str) -> None:
        """The shop is there already, or further on."""
        self._run.counts.unchanged += 1
        settlement = Settlement(sent=sent_of({Facet.STATUS: OrderStatus(status)}, link=link.id))
        settlement.healed.append(link.erp_key)
        self._run.store.settle(self._run.id, flow=self._run.flow, settlement=settlement)

    def _tracking(self, link: LinkRow, rows: Sent) -> None:
        documents = self._ledger.documents.get(self._ledger.key(link.shop_id), [])
        body = Tracking(tuple(parcel.tracking_number for parcel in parcels(documents)))
        row = rows.get(Facet.TRACKING)
        if not body.numbers or (row is not None and row.fingerprint == fingerprint(encode(body))):
            return
        old = last_sent(row)
        self._spool.add(
            Action(
                kind=ActionKind.ADD_TRACKING, key=link.erp_key, shop_id=link.shop_id, link_id=link.id,
                new={Facet.TRACKING: body}, old={Facet.TRACKING: old} if old else {},
            )
        )  # fmt: skip


def named(run: Run, conflict: StatusConflict) -> StatusConflict:
    """A conflict that says the statuses as the shop calls them: their numbers tell a person nothing."""
    labels = {status.id: status.label for status in run.desk.order_statuses()}
    said = {name: labels.get(conflict.params[name], conflict.params[name]) for name in ("wanted", "current")}
    return StatusConflict(key=conflict.params["key"], **said)


class OrderWriter:
    """Executes statuses and tracking numbers, of whichever flow."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def execute(self) -> None:
        """Raises ConfigError, TransientError, ProtocolError: the run ends there."""
        self._write(ActionKind.ADD_TRACKING, Write(unprepared(self._tracking)))
        self._write(ActionKind.SET_STATUS, Write(unprepared(self._statuses), self._already))

    def _write(self, kind: ActionKind, write: Write) -> None:
        run = self._run
        size = Size(run.shop.manifest.max_batch.get(CALLS[kind], 1))
        for page in pages_of(run, kind):
            items = resolve(run, page)
            while items:
                head, items = items[: size.now], items[size.now :]
                batch = Batch(run, write, size)
                run.counts.updated += len(batch.perform(head))
                states = batch.settlement.action_states.values()
                run.counts.failed += sum(state in ("parked", "doubted", "postponed") for state in states)

    def _statuses(self, items: Sequence[Item]) -> list[Outcome]:
        options = self._run.profile.orders.status_updates
        notify = options is not None and options.notify
        return self._run.desk.set_statuses(
            [StatusWrite(key=item.action.shop_id, status=_status_of(item), notify=notify) for item in items]
        )

    def _already(self, items: Sequence[Item]) -> dict[str, str]:
        """Orders that have the status although the shop did not say so: it is not set a second time."""
        now = self._run.desk.statuses([item.action.shop_id for item in items])
        return {
            item.action.key: item.action.shop_id
            for item in items
            if item.action.shop_id in now and now[item.action.shop_id].current == _status_of(item)
        }

    def _tracking(self, items: Sequence[Item]) -> list[Outcome]:
        return self._run.desk.add_tracking([TrackingWrite(key=i.action.shop_id, parcels=_parcels_of(i)) for i in items])


def _status_of(item: Item) -> str:
    body = item.action.new[Facet.STATUS]
    assert isinstance(body, OrderStatus)
    return body.status


def _parcels_of(item: Item) -> tuple[Parcel, ...]:
    body = item.action.new[Facet.TRACKING]
    assert isinstance(body, Tracking)
    return tuple(Parcel(number) for number in body.numbers)


def _sent_status(rows: Sent) -> str | None:
    body = last_sent(rows.get(Facet.STATUS))
    return body.status if isinstance(body, OrderStatus) else None
