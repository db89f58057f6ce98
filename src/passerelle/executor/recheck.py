"""An approved plan is executed as it was approved: what changed in the ERP meanwhile waits for the next run."""

from __future__ import annotations

from collections.abc import Iterator

from passerelle.executor.articles import articles
from passerelle.executor.observe_stock import stock_query
from passerelle.executor.outcomes import Item, postpone
from passerelle.executor.reconcile import recheck_repairs
from passerelle.executor.run import Run
from passerelle.planner.actions import AUXILIARY, Action, ActionKind, decode_action
from passerelle.planner.guards import LEAVING
from passerelle.ports.store import Settlement

SHOP_SIDE = (*AUXILIARY, ActionKind.PARK, ActionKind.SKIP)


def recheck(run: Run) -> None:
    """Postpone the pending actions whose ERP record is not what they were planned from."""
    now: dict[str, bytes] | None = None
    for page in run.store.actions(run.id, pending=True):
        settlement = Settlement()
        actions = {spooled.seq: decode_action(spooled.body) for spooled in page}
        planned = {seq: action for seq, action in actions.items() if not action.repair}
        if planned and now is None:
            now = dict(_digests(run))
        recheck_repairs(run, {seq: action for seq, action in actions.items() if action.repair})
        for seq, action in planned.items():
            if not _holds(run, action, now or {}):
                postpone(settlement, Item(seq, action), why="changed in the ERP since it was planned")
        run.counts.failed += len(settlement.action_states)
        run.store.settle(run.id, flow=run.flow, settlement=settlement)


def _holds(run: Run, action: Action, now: dict[str, bytes]) -> bool:
    if action.kind in SHOP_SIDE or action.target not in ("product", "variant"):
        return True
    if action.kind in LEAVING or (action.kind is ActionKind.SET_STOCK and action.reason is not None):
        return action.record not in now
    if action.kind is ActionKind.SET_STOCK and run.flow != "stocks":
        return True  # the first stock of a creation: as the creation
    return now.get(action.record) == action.digest


def _digests(run: Run) -> Iterator[tuple[str, bytes]]:
    if run.flow == "stocks":
        for levels in run.erp.stock(stock_query(run)):
            yield from ((record.key, record.digest) for record in levels)
    else:
        for page in articles(run):
            yield from ((record.key, record.digest) for record in page)
