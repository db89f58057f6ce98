"""Customers and documents on their way into the ERP, each journalled before it is handed over."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from passerelle.domain.facets import Facet
from passerelle.domain.orders import SalesDocument, SalesOrder
from passerelle.domain.parties import Customer
from passerelle.errors import ConfigError, OutcomeUnknown, RecordError, TransientError
from passerelle.executor.execute import pages_of
from passerelle.executor.ledger import CUSTOMER, LANE, ORDER, customer_link
from passerelle.executor.outcomes import Item, doubt, park, postpone
from passerelle.executor.run import Run
from passerelle.planner.actions import Action, ActionKind, Origin, decode_action, encode_facets
from passerelle.ports.erp import Placed
from passerelle.ports.store import Intent, NewLink, OrderMove, OrderState, Settlement, Verdict

READ = 100  # orders read whole at a time


def digest_of(order: SalesOrder) -> bytes:
    """16 bytes that tell an order from itself once anything of it has changed."""
    return blake2b(_encoder.encode(order), digest_size=16).digest()


_encoder = msgspec.msgpack.Encoder(order="deterministic")


class Placer:
    """Executes the customers and documents of a run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._handed = False
        self._done = 0

    def execute(self) -> None:
        """Raises ConfigError, TransientError, ProtocolError: the run ends there, what was not placed is due again."""
        for page in pages_of(self._run, ActionKind.PLACE_CUSTOMER):
            for spooled in page:
                self._customer(Item(spooled.seq, decode_action(spooled.body)))
        for page in pages_of(self._run, ActionKind.PLACE_ORDER):
            items = [Item(spooled.seq, decode_action(spooled.body)) for spooled in page]
            self._orders(self._unchanged(items) if self._run.approved else items)

    def _unchanged(self, items: list[Item]) -> list[Item]:
        """Of an approved plan, the orders that are still what was approved; the others wait for the next run."""
        kept = []
        for start in range(0, len(items), READ):
            some = items[start : start + READ]
            now = {
                order.shop_id: digest_of(order) for order in self._run.desk.sales_orders([i.action.key for i in some])
            }
            for item in some:
                if now.get(item.action.key) == item.action.digest:
                    kept.append(item)
                    continue
                settlement = Settlement()
                postpone(settlement, item, why="changed in the shop since it was planned")
                self._run.counts.failed += 1
                self._settle(settlement)
        return kept

    def _customer(self, item: Item) -> None:
        run, action = self._run, item.action
        customer = action.new[Facet.CUSTOMER]
        assert isinstance(customer, Customer)
        if self._known(action):
            self._settle(Settlement(action_states={item.seq: "done"}))
            return
        journal = run.store.intend(run.id, token=run.token, intents=[self._intent(item)])[0]
        item = Item(item.seq, action, journal_id=journal)
        settlement = Settlement()
        code = self._place(item, settlement, lambda: run.sink.place_customer(customer, handing_over=self._over(item)))
        if code:
            settlement.links.append(customer_link(code=code, identity=action.shop_id, origin=Origin.CREATED))
        self._settle(settlement)

    def _known(self, action: Action) -> bool:
        """Whether this person has a customer in the ERP by now, or one that the ERP is about to take."""
        run = self._run
        kind = ActionKind.PLACE_CUSTOMER.value  # the number of an order may be that of a customer, too
        waiting = [row.shop_id for row in run.store.awaiting(lane=LANE) if row.kind == kind]
        linked = run.store.links_by_shop_id(kind=CUSTOMER, shop_ids=[action.shop_id])
        return bool(linked) or action.shop_id in waiting

    def _orders(self, items: list[Item]) -> None:
        """As many at a time as the ERP takes in one request."""
        size = self._run.erp.manifest.max_batch.get("place_many", 1)
        for start in range(0, len(items), size):
            ready = self._journalled(self._with_customers(items[start : start + size]))
            if size > 1:
                self._together(ready)
            else:
                for item in ready:
                    self._order(item)

    def _with_customers(self, items: list[Item]) -> list[Item]:
        """Those whose customer is in the ERP; the others wait."""
        run = self._run
        named = {item.action.detail for item in items if item.action.detail}
        links = run.store.links(kind=CUSTOMER, keys=sorted(named)) if named else {}
        settlement = Settlement()
        ready = [item for item in items if not item.action.detail or item.action.detail in links]
        for item in items:
            if item not in ready:
                postpone(settlement, item, why="its customer is not in the ERP yet")
        if settlement.action_states:
            run.counts.skipped += len(settlement.action_states)
            self._settle(settlement)
        return ready

    def _journalled(self, items: list[Item]) -> list[Item]:
        """Those that this run places: another one may have been faster."""
        run, intents = self._run, [self._intent(item) for item in items]
        ids = run.store.intend_orders(run.id, token=run.token, intents=intents) if intents else []
        pairs = list(zip(items, ids, strict=True))
        taken = {item.seq: "done" for item, journal in pairs if journal is None}
        if taken:
            self._settle(Settlement(action_states=taken))
        return [Item(item.seq, item.action, journal_id=journal) for item, journal in pairs if journal is not None]

    def _order(self, item: Item) -> None:
        run, document = self._run, _document(item)
        settlement = Settlement()
        number = self._place(item, settlement, lambda: run.sink.place(document, handing_over=self._over(item)))
        if number:
            self._placed(settlement, item.action, number)
        self._settle(settlement)
        self._told()

    def _together(self, items: list[Item]) -> None:
        """Several documents in one call; a lost answer leaves all of them in doubt."""
        settlement = Settlement()
        try:
            outcomes = self._run.sink.place_many([_document(item) for item in items]) if items else []
        except OutcomeUnknown as error:
            for item in items:
                doubt(settlement, item, why=error.detail or error.message)
            self._run.counts.failed += len(items)
        except (ConfigError, TransientError) as error:
            for item in items:
                postpone(settlement, item, why=error.message)
                self._due(settlement, item)
            self._settle(settlement)
            raise
        else:
            for item, outcome in zip(items, outcomes, strict=True):
                self._note(settlement, item, outcome)
        self._settle(settlement)
        self._told(len(items))

    def _note(self, settlement: Settlement, item: Item, outcome: Placed) -> None:
        if outcome.error is not None:
            park(settlement, item, outcome.error)
            self._due(settlement, item)
            return
        settlement.action_states[item.seq] = "done"
        settlement.healed.append(item.action.key)
        settlement.verdicts.append(Verdict(journal_id=item.journal_id, state="confirmed"))
        self._run.counts.created += 1
        self._placed(settlement, item.action, outcome.number)

    def _told(self, count: int = 1) -> None:
        self._done += count
        self._run.progress("Handing orders to the ERP", self._done, self._run.counts.planned)

    def _placed(self, settlement: Settlement, action: Action, number: str) -> None:
        options = self._run.profile.orders.import_
        waits = options is not None and options.status_after_import is not None
        state = OrderState.CONFIRMED if waits else OrderState.ACKNOWLEDGED
        settlement.orders[action.shop_id] = OrderMove(state, number)
        settlement.links.append(
            NewLink(kind=ORDER, erp_key=action.key, erp_id=number, shop_id=action.shop_id, origin=Origin.CREATED.value)
        )

    def _place(self, item: Item, settlement: Settlement, call: Callable[[], str]) -> str:
        """Place one; gives what the ERP calls it, "" when it takes it later or refused it."""
        self._handed = False
        order = item.action.kind is ActionKind.PLACE_ORDER
        try:
            name = call()
        except RecordError as error:
            park(settlement, *_about_its_order(item, error))
            self._due(settlement, item)
        except OutcomeUnknown as error:
            if self._handed:
                settlement.action_states[item.seq] = "done"  # journalled as handed over: the next run finishes it
            else:
                doubt(settlement, item, why=error.detail or error.message)
            self._run.counts.failed += order
        except (ConfigError, TransientError) as error:
            if self._handed:
                settlement.action_states[item.seq] = "done"
            else:
                postpone(settlement, item, why=error.message)
                self._due(settlement, item)
            self._settle(settlement)
            raise
        else:
            settlement.action_states[item.seq] = "done"
            settlement.healed.append(item.action.key)
            self._run.counts.created += order
            if self._exists(item, name):
                settlement.verdicts.append(Verdict(journal_id=item.journal_id, state="confirmed"))
                return name
            if not self._handed:  # it had been handed over before: found there, not written again
                self._over(item)()
        return ""

    def _exists(self, item: Item, name: str) -> bool:
        """Whether the ERP has it by now; the code of a customer is known before the customer is there."""
        if self._handed or not name:
            return False
        customer = item.action.kind is ActionKind.PLACE_CUSTOMER
        return not customer or bool(self._run.sink.find_customers(code=name))

    def _due(self, settlement: Settlement, item: Item) -> None:
        if item.action.kind is ActionKind.PLACE_ORDER:
            settlement.orders[item.action.shop_id] = OrderMove(OrderState.DUE)
            self._run.counts.failed += 1

    def _over(self, item: Item) -> Callable[[], None]:
        def journal() -> None:
            order = item.action.shop_id if item.action.kind is ActionKind.PLACE_ORDER else ""
            self._run.store.handed_over(item.journal_id, token=self._run.token, order=order)
            self._handed = True

        return journal

    def _intent(self, item: Item) -> Intent:
        action = item.action
        return Intent(
            seq=item.seq, kind=action.kind.value, key=action.key, shop_id=action.shop_id, old=b"",
            new=encode_facets(action.new),
        )  # fmt: skip

    def _settle(self, settlement: Settlement) -> None:
        self._run.store.settle(self._run.id, flow=self._run.flow, settlement=settlement)


def _document(item: Item) -> SalesDocument:
    document = item.action.new[Facet.DOCUMENT]
    assert isinstance(document, SalesDocument)
    return document


def _about_its_order(item: Item, error: RecordError) -> tuple[Item, RecordError]:
    """What is wrong with a customer is told of the order that brought it: that is what a person knows."""
    if item.action.kind is not ActionKind.PLACE_CUSTOMER:
        return item, error
    told = type(error)(detail=error.detail, **{**error.params, "key": item.action.label})
    return replace(item, action=replace(item.action, key=item.action.label)), told
