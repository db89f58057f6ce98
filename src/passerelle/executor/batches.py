"""How one batch is sent: journalled first, bisected when refused, looked up when its answer is lost.

The one place where each family of errors has its arm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from msgspec.structs import replace

from passerelle.errors import (
    BrandMissing,
    CategoryMissing,
    ConfigError,
    FeatureMissing,
    GoneFromShop,
    OptionMissing,
    OutcomeUnknown,
    PasserelleError,
    ProtocolError,
    RateLimited,
    RecordError,
    RefusedByShop,
    TransientError,
    Unavailable,
)
from passerelle.executor.outcomes import Item, confirm, doubt, park, postpone, unknown
from passerelle.executor.run import Run
from passerelle.planner.actions import Action, ActionKind, encode_facets
from passerelle.ports.shop import BatchRefused, Outcome
from passerelle.ports.store import Intent, Settlement

T = TypeVar("T")
PATIENCE = 3  # times a shop that asks for fewer requests is waited for
MOST_LOST = 12  # answers lost in a row before a shop counts as away; telling a bad item apart may take eight
GROW_AFTER = 5  # good batches before a size that was halved grows again


@dataclass
class Size:
    """Entities per request: halved when the shop cannot follow, grown slowly afterwards."""

    largest: int
    now: int = 0
    good: int = 0
    lost: int = 0  # answers lost in a row

    def __post_init__(self) -> None:
        self.now = self.now or self.largest

    def shrink(self) -> None:
        """The shop did not follow."""
        self.now, self.good = max(1, self.now // 2), 0

    def grow(self) -> None:
        """One more good batch."""
        self.good, self.lost = self.good + 1, 0
        if self.good >= GROW_AFTER and self.now < self.largest:
            self.now, self.good = min(self.largest, self.now * 2), 0


# One request to the shop; it asks nothing of the store, which belongs to the run's own thread.
Sending = Callable[[], list[Outcome]]


@dataclass(frozen=True)
class Write:
    """How a kind of action reaches the shop.

    `prepare` gives what writes the items in one request, in order. `find` looks up what a create may have left in the
    shop: key → shop id; None for writes that may simply be sent again. `renew` brings items up to date before they are
    sent again.
    """

    prepare: Callable[[Sequence[Item]], Sending]
    find: Callable[[Sequence[Item]], dict[str, str]] | None = None
    renew: Callable[[Sequence[Item]], list[Item]] = list


def unprepared(send: Callable[[Sequence[Item]], list[Outcome]]) -> Callable[[Sequence[Item]], Sending]:
    """A way of writing that has nothing to prepare."""
    return lambda items: partial(send, items)


def resolved(
    write_of: Callable[[Action], T], call: Callable[[Sequence[T]], list[Outcome]]
) -> Callable[[Sequence[Item]], Sending]:
    """Send what can be resolved; what cannot, for want of something it needs, is an outcome of its own in its place."""

    def prepare(items: Sequence[Item]) -> Sending:
        writes: list[T] = []
        missing: dict[str, Outcome] = {}
        for item in items:
            try:
                writes.append(write_of(item.action))
            except (CategoryMissing, BrandMissing, FeatureMissing, OptionMissing) as error:
                missing[item.action.key] = Outcome(key=item.action.key, error=error)

        def send() -> list[Outcome]:
            done = {outcome.key: outcome for outcome in (call(writes) if writes else [])}
            return [missing.get(item.action.key) or done[item.action.key] for item in items]

        return send

    return prepare


@dataclass
class Batch:
    """One batch on its way; collects what is to be stored."""

    run: Run
    write: Write
    size: Size
    settlement: Settlement = field(default_factory=Settlement)
    items: list[Item] = field(default_factory=list)
    confirmed: list[Item] = field(default_factory=list)
    answer: Future[list[Outcome]] | None = None  # of a request sent ahead
    uncertain: set[int] = field(default_factory=set)  # actions that the shop may have done although it did not say so

    def perform(self, items: Sequence[Item]) -> list[Item]:
        """Journal, send, settle; gives the items that were written. Raises as `finish` does."""
        self.begin(items)
        return self.finish()

    def begin(self, items: Sequence[Item]) -> None:
        """Journal what is about to be sent."""
        self.items = self._intend(items)

    def send_ahead(self, thread: Executor) -> None:
        """Have the request sent while the run's own thread does something else."""
        self.answer = thread.submit(self.write.prepare(self.items))

    def went_well(self) -> bool:
        """Whether the request sent ahead has a plain answer; waits for it."""
        return self.answer is not None and self.answer.exception() is None

    def finish(self) -> list[Item]:
        """Send unless that was done ahead, then settle; gives the items that were written.

        Raises ConfigError, TransientError, ProtocolError: the run ends, and what was not written is postponed.
        """
        try:
            self._send(self.items)
        except ProtocolError:
            raise  # the entries stay `intended`: the next run looks at the shop first
        except (ConfigError, TransientError) as error:
            self.withdraw(error)
            raise
        self._store()
        return self.confirmed

    def _intend(self, items: Sequence[Item]) -> list[Item]:
        intents = [
            Intent(
                seq=item.seq, kind=item.action.kind.value, key=item.action.key, shop_id=item.action.shop_id,
                old=encode_facets(item.action.old), new=encode_facets(item.action.new),
            )
            for item in items
        ]  # fmt: skip
        ids = self.run.store.intend(self.run.id, token=self.run.token, intents=intents)
        return [replace(item, journal_id=number) for item, number in zip(items, ids, strict=True)]

    def _send(self, items: Sequence[Item]) -> None:
        try:
            outcomes = self._patiently(items)
        except BatchRefused:
            self.uncertain.update(item.seq for item in items)
            self._bisect(self._without_found(items, known=True))  # what comes before the refused one was done whole
        except OutcomeUnknown as error:
            self.uncertain.update(item.seq for item in items)
            self.size.shrink()
            self._lost(error)
            self._unanswered(items, error)
        except RecordError as error:
            self._refused(items, error)
        else:
            self.size.grow()
            self._note(items, outcomes)

    def _patiently(self, items: Sequence[Item]) -> list[Outcome]:
        for _ in range(PATIENCE):
            try:
                return self._ask(items)
            except RateLimited as error:
                self.size.shrink()
                self.run.clock.sleep(float(error.params.get("seconds", "1")) or 1.0)
        return self._ask(items)

    def _ask(self, items: Sequence[Item]) -> list[Outcome]:
        answer, self.answer = self.answer, None
        return self.write.prepare(items)() if answer is None else answer.result()

    def _note(self, items: Sequence[Item], outcomes: Sequence[Outcome]) -> None:
        for item, outcome in zip(items, outcomes, strict=True):
            if outcome.error is None:
                self._confirm(item, outcome.shop_id or item.action.shop_id)
            else:
                self._park(item, outcome.error)

    def _confirm(self, item: Item, shop_id: str, *, known: bool = True) -> None:
        action = item.action
        confirm(self.settlement, item, shop_id=shop_id, known=known)
        self.confirmed.append(item)
        of_this_flow = (self.run.flow == "stocks") == (action.kind is ActionKind.SET_STOCK)
        if action.ranged or action.parent or action.again:
            return  # seen once all its variants were found in order, by the next run
        if known and action.digest and of_this_flow and not action.pins and action.key not in self.run.parked_keys:
            self.settlement.seen[action.key] = action.digest

    def _park(self, item: Item, error: RecordError) -> None:
        park(self.settlement, item, error)
        if isinstance(error, GoneFromShop) and item.link_id:
            self.settlement.unlink.append(item.link_id)  # the next catalogue creates it again
            self.settlement.unseen.append(item.action.record)

    def _refused(self, items: Sequence[Item], error: RecordError) -> None:
        """A refusal raised for the whole call: one item is parked with it, several are told apart."""
        if len(items) == 1:
            self._park(items[0], error)
        else:
            self._bisect(self._without_found(items, known=True))

    def _bisect(self, items: Sequence[Item]) -> None:
        if not items:
            return
        if len(items) == 1:
            self._send(self.write.renew(items))
            return
        middle = len(items) // 2
        for half in (items[:middle], items[middle:]):
            self._send(self.write.renew(half))

    def _without_found(self, items: Sequence[Item], *, known: bool = False) -> list[Item]:
        """Take out what a create left in the shop: it is ours; not `known`, it is written again in full later."""
        if self.write.find is None:
            return list(items)
        found = self.write.find(items)
        for item in items:
            if item.action.key in found:
                self._confirm(item, found[item.action.key], known=known)
        return [item for item in items if item.action.key not in found]

    def _lost(self, error: OutcomeUnknown) -> None:
        """Each lost answer may have taken a minute: a shop that gives no other is left alone until the next run."""
        self.size.lost += 1
        if self.size.lost >= MOST_LOST:
            system = error.params.get("system", "-")
            raise Unavailable(system=system, detail=error.detail or error.message) from error

    def _unanswered(self, items: Sequence[Item], error: OutcomeUnknown) -> None:
        """Creates that are not found are never sent again in this run: the shop may still be working on them."""
        if self.write.find is not None:
            self.run.clock.sleep(2.0)
            for item in self._without_found(items):
                doubt(self.settlement, item, why=error.detail or error.message)
            return
        if len(items) == 1:
            self._once_more(items[0], error)
        else:
            self._bisect(items)

    def _once_more(self, item: Item, first: OutcomeUnknown) -> None:
        """A single write that says the same however often it is sent."""
        try:
            renewed = self.write.renew([item])
            self._note(renewed, self._patiently(renewed))
            self.size.grow()
        except OutcomeUnknown as again:
            self._lost(again)
            unanswered = RefusedByShop(key=item.action.key, why="-", detail=first.detail or first.message)
            self._park_uncertain(item, unanswered)
        except BatchRefused as refused:
            self._park_uncertain(item, RefusedByShop(key=item.action.key, why=refused.why))
        except RecordError as refused:
            self._park_uncertain(item, refused)

    def _park_uncertain(self, item: Item, error: RecordError) -> None:
        """Put an item aside that the shop may have taken all the same: what it holds is not known any more."""
        self._park(item, error)
        if item.link_id and item.link_id not in self.settlement.unlink:
            self.settlement.sent.extend(unknown(list(item.action.new), link=item.link_id))

    def withdraw(self, error: PasserelleError) -> None:
        """The run ends: what was not sent is postponed, what may have been done is in doubt."""
        settled = set(self.settlement.action_states)
        for item in self.items:
            if item.seq in settled:
                continue
            if item.seq in self.uncertain:
                doubt(self.settlement, item, why=error.message)  # the next run of the lane looks at the shop first
            else:
                postpone(self.settlement, item, why=error.message)
        self._store()

    def _store(self) -> None:
        finished = {item.action.key for item in self.confirmed} - self.run.parked_keys
        self.settlement.healed.extend(sorted(finished))
        self.run.store.settle(self.run.id, flow=self.run.flow, settlement=self.settlement)
