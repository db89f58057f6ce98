"""Pass 2: run the plan as stored, stage by stage, in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from passerelle.errors import PasserelleError
from passerelle.executor.batches import Batch, Size
from passerelle.executor.outcomes import CREATES, Item, adopt, postpone
from passerelle.executor.parents import Parents
from passerelle.executor.run import Run
from passerelle.executor.writes import Writes
from passerelle.planner.actions import STAGES, Action, ActionKind, counted, decode_action
from passerelle.ports.store import LinkRow, NewIssue, Settlement, SpooledAction

CALLS = {
    ActionKind.CREATE_CATEGORY: "create_categories",
    ActionKind.CREATE_BRAND: "create_brands",
    ActionKind.CREATE_FEATURE: "create_features",
    ActionKind.CREATE_FEATURE_VALUE: "create_feature_values",
    ActionKind.CREATE_OPTION: "create_options",
    ActionKind.CREATE_OPTION_VALUE: "create_option_values",
    ActionKind.CREATE_PRODUCT: "create_products",
    ActionKind.UPDATE_PRODUCT: "update_products",
    ActionKind.HIDE_PRODUCT: "update_products",
    ActionKind.DELETE_PRODUCT: "delete_products",
    ActionKind.UPDATE_RANGED: "update_products",
    ActionKind.SHOW_PRODUCT: "update_products",
    ActionKind.CREATE_VARIANT: "create_variants",
    ActionKind.UPDATE_VARIANT: "update_variants",
    ActionKind.REMOVE_VARIANT: "delete_variants",
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
    ActionKind.CREATE_OPTION,
    ActionKind.CREATE_OPTION_VALUE,
    ActionKind.CREATE_PRODUCT,
)
TOGETHER = (ActionKind.UPDATE_RANGED, ActionKind.UPDATE_VARIANT)  # a product's price, right before those of variants
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
        self._write(ActionKind.DELETE_PRODUCT)
        self._write(ActionKind.REMOVE_VARIANT)
        self._write(*TOGETHER)
        self._write(ActionKind.CREATE_VARIANT)
        self._write(ActionKind.SHOW_PRODUCT)

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
            linked = {
                (kind, key)
                for kind in ("product", "variant")
                for key, row in run.store.links(kind=kind, keys=_keys(actions.values(), kind)).items()
            }
            for spooled in page:
                action = actions[spooled.seq]
                if (action.target, action.key) in linked and not (action.target == "variant" and action.link_id):
                    settlement.action_states[spooled.seq] = "done"  # the other lane was faster
                    continue
                adopt(settlement, Item(spooled.seq, action))
                run.counts.updated += counted(action, flow=run.flow)
            run.store.settle(run.id, flow=run.flow, settlement=settlement)

    def _write(self, *kinds: ActionKind) -> None:
        for batch in self._batches(*kinds):
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

    def _batches(self, *kinds: ActionKind) -> Iterator[Batch]:
        """The pending actions of some kinds of one stage, page by page in this order, each batch journalled."""
        run = self._run
        sizes = {kind: Size(run.shop.manifest.max_batch.get(CALLS[kind], 1)) for kind in kinds}
        for page in run.store.actions(run.id, stage=STAGES[kinds[0]], pending=True):
            for kind in kinds:
                items = resolve(run, [spooled for spooled in page if spooled.kind == kind.value])
                size = sizes[kind]
                while items:
                    count = _together(items[: size.now])
                    head, items = items[:count], items[count:]
                    batch = Batch(run, self._writes.of(kind), size)
                    batch.begin(head)
                    yield batch

    def _finish(self, batch: Batch) -> None:
        run = self._run
        count(run, batch, batch.finish())
        self._done += len(batch.items)
        run.progress("Writing to the shop", self._done, run.counts.planned)


def _together(items: Sequence[Item]) -> int:
    """How many of the items, from the first on, need none of each other: a category comes after its parent."""
    made: set[str] = set()
    for count, item in enumerate(items):
        node = item.action.category
        if node is not None and node.parent in made:
            return count
        made.add(item.action.key)
    return len(items)


def _keys(actions: Iterable[Action], kind: str) -> list[str]:
    return [action.key for action in actions if action.target == kind]


def resolve(run: Run, page: list[SpooledAction]) -> list[Item]:
    """Actions with the shop id of what they concern.

    Those whose product is not linked wait for the next run; so do creations of what was linked since they were
    planned, and what was planned beside another price of its product than the one it holds.
    """
    actions = [(spooled.seq, decode_action(spooled.body)) for spooled in page]
    links = {
        (kind, row.erp_key): row
        for kind, keys in _by_kind(actions).items()
        for row in run.store.links(kind=kind, keys=keys).values()
    }
    parents = Parents(run, [action for _, action in actions])
    items, settlement = [], Settlement()
    for seq, action in actions:
        link = links.get((_kind(action), action.key))
        why = parents.obstacle(action) or _obstacle(action, link)
        if why:
            postpone(settlement, Item(seq, action), why=why)
        elif action.kind in CREATES:
            items.append(Item(seq, parents.placed(action)))
        else:
            assert link is not None
            there = _at(action, link.shop_id)
            items.append(Item(seq, there, link_id=link.id, source=action.digest, planned=action.new))
    if settlement.action_states:
        run.counts.failed += len(settlement.action_states)
        run.store.settle(run.id, flow=run.flow, settlement=settlement)
    return items


def _obstacle(action: Action, link: LinkRow | None) -> str:
    if action.kind in CREATES:
        return "" if link is None or link.id == action.link_id else "linked meanwhile"
    return "" if link is not None else "not linked"


def _kind(action: Action) -> str:
    return LINKED_BY.get(action.kind, action.target)


def _by_kind(actions: Iterable[tuple[int, Action]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for _, action in actions:
        found.setdefault(_kind(action), []).append(action.key)
    return found


def _at(action: Action, shop_id: str) -> Action:
    if action.shop_id == shop_id:
        return action
    return msgspec.structs.replace(action, shop_id=shop_id)


def count(run: Run, batch: Batch, confirmed: list[Item]) -> None:
    """Add what became of a batch to the run's counts."""
    counts = run.counts
    for item in confirmed:
        if counted(item.action, flow=run.flow):
            new = item.action.kind in (ActionKind.CREATE_PRODUCT, ActionKind.CREATE_VARIANT)
            counts.created += new
            counts.updated += not new
    states = batch.settlement.action_states.values()
    counts.failed += sum(state in ("parked", "doubted", "postponed") for state in states)


def pages_of(run: Run, kind: ActionKind) -> Iterator[list[SpooledAction]]:
    """The pending actions of one kind."""
    for page in run.store.actions(run.id, stage=STAGES[kind], pending=True):
        yield [spooled for spooled in page if spooled.kind == kind.value]
