"""A flow from end to end: settle what was left open, plan, weigh, execute."""

from __future__ import annotations

from datetime import datetime

from passerelle.domain.texts import Text
from passerelle.executor import undoing
from passerelle.executor.execute import Executor, pages_of
from passerelle.executor.ledger import Ledger
from passerelle.executor.observe import ProductObserver
from passerelle.executor.observe_stock import StockObserver, leave_to_stocks, plan_first_stock
from passerelle.executor.order_import import IMPORTED, OrderImporter
from passerelle.executor.order_statuses import OrderWriter, StatusObserver
from passerelle.executor.orders import STOCKS_RAN, OrderWatch
from passerelle.executor.outcomes import CREATES
from passerelle.executor.placing import Placer
from passerelle.executor.recheck import recheck
from passerelle.executor.reconcile import forget_gone
from passerelle.executor.rewritten import note_rewritten
from passerelle.executor.run import Run
from passerelle.executor.spool import Spool
from passerelle.executor.stocks import StockExecutor
from passerelle.planner.actions import ActionKind

LANES = {"catalogue": "bulk", "prices": "bulk", "orders": "orders", "statuses": "orders", "stocks": "orders"}
ABOUT_ORDERS = ("orders", "statuses")
FLOWS = tuple(LANES)


def plan(run: Run, *, watch: OrderWatch | None, since: datetime) -> list[Text]:
    """Pass 1: spool the plan; gives what holds it.

    `watch` is None where stocks are off; `since` is when the profile was created (aware).
    """
    if run.undoes is not None:
        return undoing.plan(run, undoes=run.undoes)
    spool = Spool(run)
    if run.flow == "orders":
        totals = OrderImporter(run, spool=spool, ledger=Ledger(run), since=since).plan()
    elif run.flow == "statuses":
        totals = StatusObserver(run, spool=spool, ledger=Ledger(run)).plan()
    elif run.flow == "stocks":
        assert watch is not None
        totals = StockObserver(run, spool=spool, watch=watch).plan()
    else:
        totals = ProductObserver(run, spool=spool).plan()
        if run.flow == "catalogue" and watch is not None:
            created = {
                spooled.key: CREATES[kind]
                for kind in (ActionKind.CREATE_PRODUCT, ActionKind.CREATE_VARIANT)
                for page in pages_of(run, kind)
                for spooled in page
            }
            plan_first_stock(run, spool=spool, watch=watch, created=created)
    spool.flush()
    return spool.weigher.reasons(totals)


def execute(run: Run, *, watch: OrderWatch | None) -> None:
    """Pass 2: run the plan as stored. Raises ConfigError, TransientError, ProtocolError: the run ends there."""
    if run.undoes is not None:
        undoing.begin(run)
        Executor(run).execute()
        return
    if run.flow in ABOUT_ORDERS:
        _execute_orders(run)
        return
    if watch is not None and run.flow == "stocks":
        watch.begin()  # before an approved plan is compared with the ERP: see recheck
    if run.approved:
        recheck(run)
    Executor(run).execute()
    if run.flow == "stocks":
        run.store.set_fact(STOCKS_RAN, value=b"1")
    forget_gone(run)
    if watch is not None:
        StockExecutor(run, watch=watch).execute()
        if run.flow == "catalogue":
            leave_to_stocks(run)
    if run.flow == "catalogue":
        note_rewritten(run)


def _execute_orders(run: Run) -> None:
    """What a shop order was planned from is journalled with it: a change since is told as such, not left out."""
    executor = Executor(run)
    executor.begin()
    if run.flow == "orders":
        run.store.set_fact(IMPORTED, value=b"1")
        Placer(run).execute()
    OrderWriter(run).execute()
