"""Reconciling orders: every order to import beside the ERP's documents. Nothing is written, on either side or here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from decimal import Decimal

from passerelle.domain.money import rounded
from passerelle.domain.orders import ErpDocument, SalesOrder, ShopOrder, order_key
from passerelle.domain.texts import Text, text
from passerelle.errors import (
    DocumentGone,
    DocumentTotalDiffers,
    OrderAbsent,
    OrderAwaited,
    OrderCancelled,
    OrderKeyTooLong,
    RecordError,
    leaves,
)
from passerelle.executor.placing import READ
from passerelle.executor.run import Run
from passerelle.executor.spool import Spool
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.netting import AFTERWARDS, by_order
from passerelle.ports.store import IssueRow, LedgerEntry, OrderState

ON_ITS_WAY = (OrderState.INTENDED, OrderState.PLACED)
DONE = (OrderState.CONFIRMED, OrderState.ACKNOWLEDGED)


class OrderReconciler:
    """Tells which orders are absent from the ERP, which totals differ, and what was cancelled on one side only."""

    def __init__(self, run: Run, *, spool: Spool, since: datetime) -> None:
        options = run.profile.orders.import_
        assert options is not None
        self._run = run
        self._spool = spool
        self._statuses = {str(status) for status in options.statuses}
        self._since = datetime.combine(options.since, time(), UTC) if options.since else since
        self._issues = {issue.key: issue for issue in run.store.issues(flow="orders")}
        found = list(run.erp.documents(run.profile.profile.key))
        self._documents = by_order(found)
        self._credited = {document.order_key for document in found if document.kind in AFTERWARDS}
        self._silent = False  # whether the ERP left out a total
        self._read = 0

    def plan(self) -> None:
        """Spool a line for every order a person must look at."""
        for page in self._run.shop.orders(created_from=self._since):
            for start in range(0, len(page), READ):
                self._some(page[start : start + READ])
        if self._silent:
            self._run.notes.append(
                text("totals_unread", "The ERP does not say the totals of some documents: they are not compared.")
            )

    def _some(self, orders: Sequence[ShopOrder]) -> None:
        entries = self._run.store.ledger_by_id([order.shop_id for order in orders])
        placed = self._placed(orders, entries)
        self._cancelled([order for order in orders if not order.holds_stock and placed.get(order.shop_id)], placed)
        holding = [order for order in orders if order.holds_stock]
        self._totals([order.shop_id for order in holding if placed.get(order.shop_id)], placed)
        for order in self._to_import([order for order in holding if not placed.get(order.shop_id)]):
            self._absent(order, entries.get(order.shop_id))
        self._read += len(orders)
        self._run.progress("Reading the shop back", self._read, 0)

    def _placed(self, orders: Sequence[ShopOrder], entries: dict[str, LedgerEntry]) -> dict[str, list[ErpDocument]]:
        """The documents of each order: those with its key, else what its document's lines have gone on to."""
        found = {order.shop_id: self._documents.get(self._key(order.shop_id), []) for order in orders}
        left = {
            entry.number: shop_id
            for shop_id, entry in entries.items()
            if entry.state in DONE and entry.number and not found[shop_id]
        }
        if left:
            after = self._run.sink.successors(list(left))
            found |= {left[number]: documents for number, documents in after.items() if number in left}
        return found

    def _key(self, shop_id: str) -> str:
        """The key of an order; "" for one that is too long to be in the ERP."""
        try:
            return order_key(self._run.profile.profile.key, shop_order_id=shop_id)
        except ValueError:
            return ""

    # --- cancelled in the shop ---

    def _cancelled(self, orders: Sequence[ShopOrder], placed: dict[str, list[ErpDocument]]) -> None:
        for order in orders:
            documents = placed[order.shop_id]
            if self._key(order.shop_id) not in self._credited:
                self._tell(order.reference, OrderCancelled(key=order.shop_id, number=documents[0].number))

    # --- totals ---

    def _totals(self, ids: list[str], placed: dict[str, list[ErpDocument]]) -> None:
        if not ids:
            return
        for order in self._run.desk.sales_orders(ids):
            self._total(order, placed[order.shop_id])
        for error in self._run.desk.unreadable().values():
            self._tell("", error)

    def _total(self, order: SalesOrder, documents: list[ErpDocument]) -> None:
        totals = [document.total for document in documents if document.total is not None]
        if len(totals) != len(documents):
            self._silent = True
            return
        said, charged = rounded(sum(totals, Decimal(0)), places=2), rounded(order.total.gross, places=2)
        if said == charged:
            self._run.counts.unchanged += 1
            return
        number = ", ".join(document.number for document in documents)
        self._tell(
            order.reference,
            DocumentTotalDiffers(key=order.shop_id, shop=charged, erp=said, number=number),
        )

    # --- absent from the ERP ---

    def _to_import(self, orders: list[ShopOrder]) -> list[ShopOrder]:
        """Those that have, or once had, a status of the list."""
        others = [order.shop_id for order in orders if order.status not in self._statuses]
        had = {
            shop_id
            for shop_id, known in (self._run.desk.statuses(others) if others else {}).items()
            if any(change.status in self._statuses for change in known.history)
        }
        return [order for order in orders if order.status in self._statuses or order.shop_id in had]

    def _absent(self, order: ShopOrder, entry: LedgerEntry | None) -> None:
        """An order that was put aside is told with its reason."""
        issue = self._issues.get(order.shop_id)
        if issue is not None:
            self._put_aside(order, issue)
            return
        key = order.shop_id
        if not self._key(key):
            error: RecordError = OrderKeyTooLong(key=key, order_key=f"{self._run.profile.profile.key}-{key}")
        elif entry is not None and entry.state in DONE:
            error = DocumentGone(key=key, number=entry.number or "-")
        elif entry is not None and entry.state in ON_ITS_WAY:
            error = OrderAwaited(key=key)
        else:
            error = OrderAbsent(key=key)
        self._tell(order.reference, error)

    def _put_aside(self, order: ShopOrder, issue: IssueRow) -> None:
        leaf = next((leaf for leaf in leaves() if leaf.code() == issue.code), RecordError)
        self._add(
            order.shop_id, order.reference, Text(issue.code, leaf.template(), issue.params),
            Text(f"{issue.code}_next", leaf.next_step, issue.params),
        )  # fmt: skip

    def _tell(self, reference: str, error: RecordError) -> None:
        step = Text(f"{error.code()}_next", error.next_step, error.params)
        self._add(error.params["key"], reference, Text.of(error), step)

    def _add(self, key: str, reference: str, reason: Text, next_step: Text) -> None:
        self._spool.add(
            Action(
                kind=ActionKind.PARK, key=key, shop_id=key, label=reference, reason=reason, next_step=next_step,
                target="order",
            )
        )  # fmt: skip
