"""Pass 2: run the plan as stored, stage by stage, in batches."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec

from passerelle.errors import PasserelleError
from passerelle.executor.batches import Batch, Size
from passerelle.executor.outcomes import CREATES, Item, adopt, postpone
from passerelle.executor.run import Run
from passerelle.executor.writes import Writes
from passerelle.planner.actions import STAGES, Action, ActionKind, counted, decode_action
from passerelle.ports.store import NewIssue, Settlement, SpooledAction

CALLS = {
    ActionKind.CREATE_CATEGORY: "create_categories",
    ActionKind.CREATE_BRAND: "create_brands",
    ActionKind.CREATE_FEATURE: "create_features",
    ActionKind.CREATE_FEATURE_VALUE: "create_feature_values",
    ActionKind.CREATE_PRODUCT: "create_products",
    ActionKind.UPDATE_PRODUCT: "update_products",
    ActionKind.HIDE_PRODUCT: "update_products",
    ActionKind.SET_STOCK: "set_stock",
    ActionKind.SET_STATUS: "set_statuses",
    ActionKind.ADD_TRACKING: "add_tracking",
}
LINKED_BY = {**CREATES, ActionKind.SET_STATUS: "order", ActionKind.ADD_TRACKING: "order"}
CREATING = (  # each needs those before it
    ActionKind.CREATE_CATEGORY,
    ActionKind.CREATE_BRAND,
    ActionKind.CREATE_FEATURE,
    ActionKind.CREATE_FEATURE_VALUE,
    ActionKind.CREATE_PRODUCT,
)
LISTED = (ActionKind.PARK, ActionKind.SKIP)
ADOPTING = ActionKind.LINK


class Executor:
    """Executes the selected, pending actions of a run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._writes = Writes(run)
        self._done = 0

    def execute(self) -> None:
        """All stages but the stock's. Raises ConfigError, TransientError, ProtocolError: the run ends there."""
        self.begin()
        for kind in CREATING:
            self._write(kind)
        with ThreadPoolExecutor(1, "sending") as thread:
            for kind in (ActionKind.UPDATE_PRODUCT, ActionKind.HIDE_PRODUCT):
                self._write_ahead(kind, thread)

    def begin(self) -> None:
        """What needs no call: issues are listed, links noted."""
        self._list_issues()
        self._link()

    def _list_issues(self) -> None:
        """Records the plan put aside become issues."""
        run = self._run
        for page in run.store.actions(run.id, stage=STAGES[ActionKind.PARK], pending=True):
            issues = []
            for spooled in page:
                action = decode_action(spooled.body)
                if action.kind is ActionKind.PARK and action.reason is not None:
                    run.parked_keys.add(action.key)
                    issues.append(
                        NewIssue(
                            key=action.key, code=action.reason.code, params=action.reason.params, detail=action.detail
                        )
                    )
            run.store.put_issues(run.id, flow=run.flow, issues=issues)
            run.store.set_action_states(run.id, states={spooled.seq: "listed" for spooled in page})

    def _link(self) -> None:
        run = self._run
        for page in run.store.actions(run.id, stage=STAGES[ADOPTING], pending=True):
            settlement = Settlement()
            actions = {spooled.seq: decode_action(spooled.body) for spooled in page}
            keys = [action.key for action in actions.values() if action.target == "product"]
            linked = run.store.links(kind="product", keys=keys)
            for spooled in page:
                action = actions[spooled.seq]
                if action.target == "product" and action.key in linked:
                    settlement.action_states[spooled.seq] = "done"  # the other lane was faster
                    continue
                adopt(settlement, Item(spooled.seq, action))
                run.counts.updated += counted(action, flow=run.flow)
            run.store.settle(run.id, flow=run.flow, settlement=settlement)

    def _write(self, kind: ActionKind) -> None:
        for batch in self._batches(kind):
            self._finish(batch)

    def _write_ahead(self, kind: ActionKind, thread: ThreadPoolExecutor) -> None:
        """Send a batch while the one before it is settled and the next one is journalled; one request at a time.

        Only for changes of what is there: no batch needs what another one creates.
        """
        sent: Batch | None = None
        for batch in self._batches(kind):
            if sent is not None and not sent.went_well():
                self._finish_before(batch, sent)
                sent = None
            batch.send_ahead(thread)
            if sent is not None:
                self._finish(sent)
            sent = batch
        if sent is not None:
            self._finish(sent)

    def _finish_before(self, batch: Batch, sent: Batch) -> None:
        """Settle what did not go well, which may take requests of its own, before the next batch is sent."""
        try:
            self._finish(sent)
        except PasserelleError as error:
            batch.withdraw(error)
            raise

    def _batches(self, kind: ActionKind) -> Iterator[Batch]:
        """The pending actions of a kind, each batch journalled."""
        run = self._run
        size = Size(run.shop.manifest.max_batch.get(CALLS[kind], 1))
        write = self._writes.of(kind)
        for page in run.store.actions(run.id, stage=STAGES[kind], pending=True):
            items = resolve(run, [spooled for spooled in page if spooled.kind == kind.value])
            while items:
                head, items = items[: size.now], items[size.now :]
                batch = Batch(run, write, size)
                batch.begin(head)
                yield batch

    def _finish(self, batch: Batch) -> None:
        run = self._run
        count(run, batch, batch.finish())
        self._done += len(batch.items)
        run.progress("Writing to the shop", self._done, run.counts.planned)


def resolve(run: Run, page: list[SpooledAction]) -> list[Item]:
    """Actions with the shop id of their product.

    Those whose product is not linked wait for the next run; so do creations of what was linked since they were planned.
    """
    actions = [(spooled.seq, decode_action(spooled.body)) for spooled in page]
    kind = LINKED_BY.get(actions[0][1].kind, "product") if actions else "product"
    links = run.store.links(kind=kind, keys=[action.key for _, action in actions])
    items, settlement = [], Settlement()
    for seq, action in actions:
        link = links.get(action.key)
        if action.kind in CREATES:
            if link is None or link.id == action.link_id:
                items.append(Item(seq, action))
            else:
                postpone(settlement, Item(seq, action), why="linked meanwhile")
        elif link is None:
            postpone(settlement, Item(seq, action), why="not linked")
        else:
            there = _at(action, link.shop_id)
            items.append(Item(seq, there, link_id=link.id, source=action.digest, planned=action.new))
    if settlement.action_states:
        run.counts.failed += len(settlement.action_states)
        run.store.settle(run.id, flow=run.flow, settlement=settlement)
    return items


def _at(action: Action, shop_id: str) -> Action:
    if action.shop_id == shop_id:
        return action
    return msgspec.structs.replace(action, shop_id=shop_id)


def count(run: Run, batch: Batch, confirmed: list[Item]) -> None:
    """Add what became of a batch to the run's counts."""
    counts = run.counts
    for item in confirmed:
        if counted(item.action, flow=run.flow):
            counts.created += item.action.kind is ActionKind.CREATE_PRODUCT
            counts.updated += item.action.kind is not ActionKind.CREATE_PRODUCT
    states = batch.settlement.action_states.values()
    counts.failed += sum(state in ("parked", "doubted", "postponed") for state in states)


def pages_of(run: Run, kind: ActionKind) -> Iterator[list[SpooledAction]]:
    """The pending actions of one kind."""
    for page in run.store.actions(run.id, stage=STAGES[kind], pending=True):
        yield [spooled for spooled in page if spooled.kind == kind.value]
