"""Passerelle's own memory. Each method is one transaction unless it says otherwise.

Rows that are read or written by the thousand are out of the garbage collector's sight (`gc=False`): they hold values
only, never a cycle, and looking at them again and again would cost a run a tenth of its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from passerelle.domain.facets import Facet, Ownership
from passerelle.domain.orders import ShopOrder


class StoredProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A profile as registered in the store."""

    id: int
    name: str
    key: str
    toml: str
    created_at: datetime


class LinkRow(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An ERP key and the shop id it is linked with."""

    id: int
    kind: str
    erp_key: str
    erp_id: str
    shop_id: str
    origin: str
    gone: bool


class NewLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link to store."""

    kind: str
    erp_key: str
    erp_id: str
    shop_id: str
    origin: str


TAKEN_OVER = b""  # the fingerprint of what we never wrote and shall write from now on


class SentRow(msgspec.Struct, frozen=True, gc=False):
    """Who owns a facet and what was last written, by which run; `fingerprint` None: not known.

    `pin` is the fingerprint of the ERP's value that an undo took back.
    """

    ownership: Ownership
    fingerprint: bytes | None
    body: bytes | None
    pin: bytes | None = None
    run_id: int | None = None


class NewSent(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What was just written of a facet. `link` is a link id, or -1, -2… for the NewLinks of the same call, in order."""

    link: int
    facet: Facet
    ownership: Ownership
    fingerprint: bytes | None
    body: bytes | None
    pin: bytes | None = None  # an ordinary write frees the facet


class SpooledAction(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An action as spooled; `body` is its encoded form."""

    seq: int
    stage: int
    kind: str
    key: str
    selected: bool = True
    state: str = "pending"
    body: bytes


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """A run."""

    id: int
    profile_id: int
    flow: str
    lane: str
    state: str
    author: str
    only: str
    settings: str
    planned_at: datetime
    ended_at: datetime | None
    counts: dict[str, float]
    held_by: list[dict[str, object]]
    failure: dict[str, object] | None
    undoes: int | None = None


class Intent(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A write that is about to be made."""

    seq: int
    kind: str
    key: str
    shop_id: str
    old: bytes
    new: bytes


class JournalRow(msgspec.Struct, frozen=True, kw_only=True):
    """A journalled write."""

    id: int
    run_id: int
    seq: int
    kind: str
    key: str
    shop_id: str
    state: str
    author: str
    at: datetime
    settled_at: datetime | None
    old: bytes
    new: bytes
    detail: str


class Verdict(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What became of a journalled write: confirmed, parked, postponed, doubted or undone (surely not written)."""

    journal_id: int
    state: str
    shop_id: str = ""  # where it is not the one that was journalled
    detail: str = ""
    new: bytes = b""  # what was written, when it is not what was journalled


class IssueRow(msgspec.Struct, frozen=True, kw_only=True):
    """Why a record waits for a person."""

    id: int
    flow: str
    key: str
    code: str
    params: dict[str, str]
    detail: str
    since: datetime


class NewIssue(msgspec.Struct, frozen=True, kw_only=True):
    """An issue to open, or to refresh when the record has one already."""

    key: str
    code: str
    params: dict[str, str]
    detail: str = ""


class OrderState(StrEnum):
    """How far an order is in the ledger."""

    SEEN = "seen"
    DUE = "due"  # to be imported
    INTENDED = "intended"  # journalled; the next run finds out
    PLACED = "placed"  # handed over to an ERP that takes it later
    CONFIRMED = "confirmed"  # its document exists
    ACKNOWLEDGED = "acknowledged"  # and the shop has its status after import


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An order in the ledger; `state_at` is when it came to this state, `number` the ERP document's."""

    shop_id: str
    state: OrderState
    number: str
    state_at: datetime | None


class OrderMove(msgspec.Struct, frozen=True):
    """A new state of an order."""

    state: OrderState
    number: str = ""


class Settlement(msgspec.Struct, kw_only=True):
    """Everything that is known after a batch, stored in one transaction."""

    verdicts: list[Verdict] = []
    action_states: dict[int, str] = {}  # seq → state
    links: list[NewLink] = []
    sent: list[NewSent] = []
    unlink: list[int] = []
    renamed: dict[int, str] = {}  # link id → new ERP key
    gone: dict[int, bool] = {}  # link id → gone
    seen: dict[str, bytes] = {}  # erp key → digest
    unseen: list[str] = []
    issues: list[NewIssue] = []
    healed: list[str] = []  # keys whose issue is closed
    orders: dict[str, OrderMove] = {}  # shop order id → where it is now


class Store(Protocol):
    """The store of one profile. All writes raise StorageFull or StoreBusy when they cannot be made."""

    # what is known of records
    def seen(self, *, flow: str, keys: Sequence[str]) -> dict[str, bytes]: ...

    def links(self, *, kind: str, keys: Sequence[str]) -> dict[str, LinkRow]: ...

    def links_by_erp_id(self, *, kind: str, erp_ids: Sequence[str]) -> dict[str, LinkRow]: ...

    def links_by_shop_id(self, *, kind: str, shop_ids: Sequence[str]) -> dict[str, LinkRow]: ...

    def all_links(self, *, kind: str) -> Iterator[list[LinkRow]]: ...

    def linked_keys(self, *, kind: str) -> Iterator[dict[str, int]]:
        """ERP key → link id of every link of a kind, by pages."""
        ...

    def sent(self, link_ids: Sequence[int], *, facet: Facet | None = None) -> dict[int, dict[Facet, SentRow]]: ...

    def count_links(self, *, kind: str, gone: bool = False) -> int: ...

    def count_sent(self, *, facet: Facet, other_than: bytes | None = None) -> int: ...

    def created_without(self, facet: Facet) -> list[LinkRow]: ...

    def variant_links(self, product_ids: Sequence[str]) -> dict[str, list[LinkRow]]:
        """The variants of these products, by the product's shop id; those without any are left out."""
        ...

    def remember(self, *, flow: str, seen: dict[str, bytes]) -> None: ...

    def forget(self, *, flow: str, keys: Sequence[str] | None = None) -> None: ...

    def stock_unknown(self, shop_ids: Sequence[str]) -> None:
        """The stock of these products was changed by the shop itself: what we sent no longer tells what it shows."""
        ...

    def unpin(self, pins: Sequence[tuple[int, Facet]]) -> None:
        """The ERP says something else now of these (link id, facet): an undo holds them back no more."""
        ...

    # facts
    def fact(self, name: str) -> bytes | None: ...

    def set_fact(self, name: str, *, value: bytes) -> None: ...

    def drop_fact(self, name: str) -> None: ...

    # runs and their plans
    def open_run(
        self, *, flow: str, lane: str, author: str, settings: str, only: str, undoes: int | None = None
    ) -> int: ...

    def run(self, run_id: int) -> RunRow: ...

    def set_run(
        self,
        run_id: int,
        *,
        state: str,
        counts: dict[str, float] | None = None,
        held_by: list[dict[str, object]] | None = None,
        failure: dict[str, object] | None = None,
        ended: bool = False,
    ) -> None: ...

    def unfinished_runs(self, *, lane: str) -> list[RunRow]: ...

    def spool(self, run_id: int, *, actions: Iterable[SpooledAction]) -> None: ...

    def actions(
        self, run_id: int, *, stage: int | None = None, pending: bool = False, number: int | None = None
    ) -> Iterator[list[SpooledAction]]: ...

    def set_action_states(self, run_id: int, *, states: dict[int, str]) -> None: ...

    def deselect_all_but(self, run_id: int, *, selected: frozenset[int]) -> None: ...

    # the journal
    def intend(self, run_id: int, *, token: str, intents: Sequence[Intent]) -> list[int]:
        """Commit what is about to be written. Raises LeaseLost when the lease's token is no longer ours."""
        ...

    def settle(self, run_id: int, *, flow: str, settlement: Settlement) -> list[int]:
        """Store what became of a batch; gives the ids of the new links, in order."""
        ...

    def open_intents(self, *, lane: str) -> list[JournalRow]: ...

    def handed_over(self, journal_id: int, *, token: str, order: str = "") -> None:
        """Commit that a file is about to be handed over. Raises LeaseLost."""
        ...

    def awaiting(self, *, lane: str) -> list[JournalRow]:
        """What was handed over and is not confirmed yet."""
        ...

    def journal(self, *, key: str | None = None, run_id: int | None = None) -> Iterator[list[JournalRow]]: ...

    # issues
    def issues(self, *, flow: str | None = None) -> list[IssueRow]: ...

    def put_issues(self, run_id: int, *, flow: str, issues: Sequence[NewIssue]) -> None: ...

    def heal(self, *, flow: str, keys: Sequence[str]) -> None: ...

    # orders
    def orders(self, *, holding: bool | None = None) -> Iterator[list[ShopOrder]]: ...

    def orders_by_id(self, ids: Sequence[str]) -> dict[str, ShopOrder]: ...

    def put_orders(self, orders: Sequence[ShopOrder], *, touched: Sequence[str]) -> None:
        """Store changed orders and mark the stock of the products they touch as unknown, in one transaction."""
        ...

    def ledger(self, *, states: Sequence[OrderState]) -> Iterator[list[LedgerEntry]]: ...

    def ledger_by_id(self, ids: Sequence[str]) -> dict[str, LedgerEntry]: ...

    def imported(self, ids: Sequence[str]) -> dict[str, ShopOrder]:
        """The orders as they were when their documents were journalled."""
        ...

    def set_due(self, ids: Sequence[str]) -> None:
        """Orders that were only seen are to be imported."""
        ...

    def intend_orders(self, run_id: int, *, token: str, intents: Sequence[Intent]) -> list[int | None]:
        """Commit that the documents of orders are about to be placed; None for one that is not due any more.

        Raises LeaseLost.
        """
        ...
