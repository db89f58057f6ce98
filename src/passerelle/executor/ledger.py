"""Where orders stand: what a stopped run left open, what the ERP has taken meanwhile, what has left it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal

from passerelle.domain.facets import Facet
from passerelle.domain.orders import ErpDocument, SalesDocument, ShopOrder, order_key
from passerelle.errors import (
    ConfirmationLate,
    CustomerLate,
    CustomerRefused,
    DocumentGone,
    DocumentRefused,
    DocumentTotalDiffers,
    OrderCancelled,
    OrderChanged,
    RecordError,
)
from passerelle.executor.run import Run
from passerelle.executor.settle import wait_for_quiet
from passerelle.planner.actions import ActionKind, Origin, decode_facets
from passerelle.planner.netting import Documents, by_order
from passerelle.ports.store import (
    JournalRow,
    LedgerEntry,
    NewIssue,
    NewLink,
    OrderMove,
    OrderState,
    Settlement,
    Verdict,
)

LANE = "orders"
CUSTOMER, ORDER = "customer", "order"  # kinds of links
LATE = timedelta(hours=4)
DONE = (OrderState.CONFIRMED, OrderState.ACKNOWLEDGED)
# What only the ledger closes, once the cause is gone: that the order went on says nothing about it.
LASTING = {error.code() for error in (OrderChanged, OrderCancelled, DocumentGone, DocumentTotalDiffers)}


class Ledger:
    """The orders of a profile beside the documents that the ERP has of them, both read once a run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._issues = {issue.key: issue for issue in run.store.issues(flow="orders")}
        run.parked_keys |= {issue.key for issue in self._issues.values() if issue.code in LASTING}
        self.documents: Documents = by_order(run.erp.documents(run.profile.profile.key))

    def key(self, shop_id: str) -> str:
        """The key of an order. Raises ValueError when it is too long."""
        return order_key(self._run.profile.profile.key, shop_order_id=shop_id)

    def settle(self) -> None:
        """What a stopped run left: looked up in the ERP, finished, or made due again. Nothing is placed twice."""
        store = self._run.store
        kinds = (ActionKind.PLACE_CUSTOMER.value, ActionKind.PLACE_ORDER.value)
        rows = [row for row in store.open_intents(lane=LANE) if row.kind in kinds]
        if rows:
            wait_for_quiet(self._run, rows)
            self.documents = by_order(self._run.erp.documents(self._run.profile.profile.key))
        for row in rows:
            self._conclude(row, otherwise=self._undo)
        for row in store.awaiting(lane=LANE):
            self._conclude(row, otherwise=self._wait)

    def follow(self) -> None:
        """Of what the ERP had taken: what is gone from it, and what it totals otherwise than we asked."""
        for page in self._run.store.ledger(states=DONE):
            gone = [entry for entry in page if self.key(entry.shop_id) not in self.documents]
            self._gone(gone)
            self._there(entry for entry in page if entry.shop_id in self._issues)

    def changed(self, orders: Iterable[ShopOrder]) -> None:
        """Orders that the shop changed after their import: a person decides, the document stays as it is."""
        by_id = {order.shop_id: order for order in orders}
        entries = self._run.store.ledger_by_id(sorted(by_id))
        before = self._run.store.imported(sorted(by_id))
        for shop_id, entry in entries.items():
            if entry.state not in (OrderState.PLACED, *DONE) or shop_id not in before:
                continue
            conflict = _conflict(before[shop_id], by_id[shop_id], number=entry.number or "-")
            if conflict is not None:
                self._issue(conflict)
            elif self._has(shop_id, OrderChanged) or self._has(shop_id, OrderCancelled):
                self._heal(shop_id)

    # --- what a stopped run left ---

    def _conclude(self, row: JournalRow, *, otherwise: Callable[[JournalRow], None]) -> None:
        settlement = Settlement()
        if row.kind == ActionKind.PLACE_CUSTOMER.value:
            if not self._run.sink.find_customers(code=row.key):
                otherwise(row)
                return
            settlement.links.append(customer_link(code=row.key, identity=row.shop_id, origin=Origin.CREATED))
            settlement.healed.append(row.key)
        else:
            found = self.documents.get(self.key(row.shop_id))
            if not found:
                otherwise(row)
                return
            self.confirm(settlement, row.shop_id, found[0])
            self._compare(settlement, row, found)
        settlement.verdicts.append(Verdict(journal_id=row.id, state="confirmed"))
        self._run.store.settle(row.run_id, flow="orders", settlement=settlement)

    def _undo(self, row: JournalRow) -> None:
        """It was not handed over and is not there: an order is due again, a customer is planned again with it."""
        settlement = Settlement(verdicts=[Verdict(journal_id=row.id, state="undone", detail="not found in the ERP")])
        if row.kind == ActionKind.PLACE_ORDER.value:
            settlement.orders[row.shop_id] = OrderMove(OrderState.DUE)
        self._run.store.settle(row.run_id, flow="orders", settlement=settlement)

    def _wait(self, row: JournalRow) -> None:
        customer = row.kind == ActionKind.PLACE_CUSTOMER.value
        sink = self._run.sink
        name = row.key if customer else self.key(row.shop_id)
        (sink.resume_customer if customer else sink.resume)(name)
        why = sink.refusal(name)
        age = self._run.clock.now() - row.at
        if why is not None:
            self._issue(CustomerRefused(key=row.key, why=why) if customer else DocumentRefused(key=row.key, why=why))
        elif age >= LATE:
            hours = round(age.total_seconds() / 3600)
            self._issue(
                CustomerLate(key=row.key, hours=hours) if customer else ConfirmationLate(key=row.key, hours=hours)
            )

    def confirm(self, settlement: Settlement, shop_id: str, document: ErpDocument) -> None:
        """Note that an order's document exists."""
        options = self._run.profile.orders.import_
        done = options is None or options.status_after_import is None
        settlement.orders[shop_id] = OrderMove(
            OrderState.ACKNOWLEDGED if done else OrderState.CONFIRMED, document.number
        )
        settlement.links.append(
            NewLink(kind=ORDER, erp_key=shop_id, erp_id=document.number, shop_id=shop_id, origin=Origin.CREATED.value)
        )
        if shop_id not in self._run.parked_keys:
            settlement.healed.append(shop_id)

    def _compare(self, settlement: Settlement, row: JournalRow, found: list[ErpDocument]) -> None:
        asked = decode_facets(row.new).get(Facet.DOCUMENT)
        totals = [document.total for document in found if document.total is not None]
        if not isinstance(asked, SalesDocument) or len(totals) != len(found):
            return
        expected, said = self._run.sink.price(asked).total, sum(totals, Decimal(0))
        if expected != said:
            error = DocumentTotalDiffers(key=row.key, shop=expected, erp=said, number=found[0].number)
            settlement.issues.append(_issue(error))
            settlement.healed = []
            self._run.parked_keys.add(row.key)

    # --- what became of documents ---

    def _gone(self, entries: list[LedgerEntry]) -> None:
        if not entries:
            return
        after = self._run.sink.successors([entry.number for entry in entries if entry.number])
        for entry in entries:
            if after.get(entry.number):
                self.documents[self.key(entry.shop_id)] = after[entry.number]
            else:
                self._issue(DocumentGone(key=entry.shop_id, number=entry.number or "-"))

    def _there(self, entries: Iterable[LedgerEntry]) -> None:
        for entry in entries:
            documents = self.documents.get(self.key(entry.shop_id), [])
            if not documents:
                continue
            total = sum((document.total or Decimal(0) for document in documents), Decimal(0))
            issue = self._issues[entry.shop_id]
            right = issue.code == DocumentTotalDiffers.code() and issue.params.get("shop") == str(total)
            if issue.code == DocumentGone.code() or right:
                self._heal(entry.shop_id)

    def _has(self, key: str, error: type[RecordError]) -> bool:
        return key in self._issues and self._issues[key].code == error.code()

    def _issue(self, error: RecordError) -> None:
        self._run.store.put_issues(self._run.id, flow="orders", issues=[_issue(error)])
        self._run.parked_keys.add(error.params["key"])
        self._run.counts.parked += 1

    def _heal(self, key: str) -> None:
        self._run.parked_keys.discard(key)
        self._run.store.heal(flow="orders", keys=[key])


def customer_link(*, code: str, identity: str, origin: Origin) -> NewLink:
    """The link of a customer: its ERP code, and who it is in the shop."""
    return NewLink(kind=CUSTOMER, erp_key=code, erp_id=code, shop_id=identity, origin=origin.value)


def _issue(error: RecordError) -> NewIssue:
    return NewIssue(key=error.params["key"], code=error.code(), params=error.params, detail=error.detail)


def _conflict(before: ShopOrder, after: ShopOrder, *, number: str) -> RecordError | None:
    """What a person must know of an order that is not what was imported."""
    if before.holds_stock and not after.holds_stock:
        return OrderCancelled(key=after.shop_id, number=number)
    was, now = _described(before), _described(after)
    return OrderChanged(key=after.shop_id, before=was, after=now, number=number) if was != now else None


def _described(order: ShopOrder) -> str:
    return ", ".join(sorted(f"{line.sku or line.product_id} × {line.quantity.normalize():f}" for line in order.lines))
