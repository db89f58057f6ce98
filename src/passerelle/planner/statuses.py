"""Which status the shop should show for the ERP's documents of an order, and whether to set it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec

from passerelle.domain.orders import DocumentState, ErpDocument, OrderStatuses, Parcel
from passerelle.domain.stock import DocumentKind
from passerelle.errors import StatusConflict
from passerelle.planner.netting import AFTERWARDS
from passerelle.profile.sections import ShopId, StatusOptions

_STAGES = (
    DocumentKind.QUOTATION,
    DocumentKind.ORDER,
    DocumentKind.PICKING,
    DocumentKind.DELIVERY,
    DocumentKind.INVOICE,
)
_STATES = (DocumentState.ENTERED, DocumentState.CONFIRMED, DocumentState.READY)
_SENT = _STAGES.index(DocumentKind.DELIVERY)

Rank = tuple[int, int, bool]  # stage, state within it, whether a parcel is known
NO_RANK: Rank = (-1, 0, False)


class Wanted(msgspec.Struct, frozen=True):
    """The shop's status that the documents ask for, None for none, and how far along it is."""

    status: str | None
    rank: Rank


def wanted_status(documents: Sequence[ErpDocument], *, options: StatusOptions) -> Wanted:
    """What the documents of one order ask for. The least advanced decides: an order is delivered when all of it is.

    Returns and credit notes say nothing of how far an order is.
    """
    counted = [document for document in documents if document.kind not in AFTERWARDS]
    if not counted:
        return Wanted(None, NO_RANK)
    stage, state = min((_STAGES.index(document.kind), _STATES.index(document.state)) for document in counted)
    tracked = stage >= _SENT and options.with_tracking is not None and bool(parcels(counted))
    row = options.with_tracking if tracked else _row(options, stage, state)
    return Wanted(None if row is None else str(row), (stage, state, tracked))


def _row(options: StatusOptions, stage: int, state: int) -> ShopId | None:
    kind = _STAGES[stage].value
    return options.table.get(f"{kind}.{_STATES[state].value}", options.table.get(kind))


def decide(
    wanted: Wanted,
    *,
    now: OrderStatuses,
    last_sent: str | None,
    options: StatusOptions,
    read_statuses: Collection[ShopId],
    status_after_import: ShopId | None,
) -> str | StatusConflict | None:
    """The status to set, None when there is nothing to do, or the conflict for a person to solve.

    Set when the shop shows a status we know: one of those read, the one after import, what we last sent, any row of
    the table. Never backwards unless allowed. Otherwise the shop's own doing (a module, a payment that comes in) is
    passed over, and what a person chose, or may have chosen where the shop does not remember, is left alone.
    """
    if wanted.status is None or wanted.status == now.current:
        return None
    ranks = _ranks(options)
    further = any(shown in ranks and ranks[shown] > wanted.rank for shown in (now.current, last_sent))
    if further and not options.backwards:
        return None
    known = {str(status) for status in (*read_statuses, status_after_import)} | {last_sent, *ranks}
    if now.current in known or _set_by_shop(now):
        return wanted.status
    return StatusConflict(key=now.shop_id, wanted=wanted.status, current=now.current)


def _ranks(options: StatusOptions) -> dict[str | None, Rank]:
    """How far along each status of the table is; the earliest row where it stands in several."""
    ranks: dict[str | None, Rank] = {}
    rows = [(_rank(key), str(status)) for key, status in options.table.items()]
    if options.with_tracking is not None:
        rows.append(((_SENT, 0, True), str(options.with_tracking)))
    for rank, status in sorted(rows):
        ranks.setdefault(status, rank)
    return ranks


def _rank(key: str) -> Rank:
    kind, _, state = key.partition(".")
    return (_STAGES.index(DocumentKind(kind)), _STATES.index(DocumentState(state)) if state else 0, False)


def _set_by_shop(now: OrderStatuses) -> bool:
    """Whether the shop remembers that nobody chose its current status."""
    changes = [change for change in now.history if change.status == now.current]
    return bool(changes) and not changes[-1].author


def parcels(documents: Iterable[ErpDocument]) -> tuple[Parcel, ...]:
    """The parcels of an order in order, every tracking number once."""
    found: dict[str, Parcel] = {}
    for document in documents:
        for parcel in document.parcels if document.kind not in AFTERWARDS else ():
            number = parcel.tracking_number.strip()
            if number:
                found.setdefault(number, Parcel(number, parcel.carrier))
    return tuple(found.values())
