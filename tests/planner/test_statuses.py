"""Which status the shop should show, and whether it is ours to set."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from passerelle.domain.orders import DocumentState, ErpDocument, OrderStatuses, Parcel, StatusChange
from passerelle.domain.stock import DocumentKind
from passerelle.errors import StatusConflict
from passerelle.planner.statuses import decide, parcels, wanted_status
from passerelle.profile.sections import StatusOptions

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PAID, PREPARED, SHIPPED, DELIVERED, BY_PARCEL, CANCELLED = 2, 3, 4, 5, 20, 6
TABLE = StatusOptions(table={"order": PREPARED, "delivery": SHIPPED, "invoice.ready": DELIVERED})
TRACKED = StatusOptions(table=TABLE.table, with_tracking=BY_PARCEL)


def _document(
    kind: DocumentKind, state: DocumentState = DocumentState.ENTERED, *, numbers: tuple[str, ...] = ()
) -> ErpDocument:
    return ErpDocument(
        order_key="MD-7", kind=kind, number="1", lines=(), state=state, parcels=tuple(Parcel(n) for n in numbers)
    )


ORDER = _document(DocumentKind.ORDER)
DELIVERY = _document(DocumentKind.DELIVERY, DocumentState.CONFIRMED)
INVOICE = _document(DocumentKind.INVOICE, DocumentState.READY)


def _decide(*documents: ErpDocument, shows: int, **changes: Any) -> str | StatusConflict | None:
    options = changes.pop("options", TABLE)
    author = changes.pop("author", "Anne")
    history = changes.pop("history", (StatusChange(status=str(shows), at=AT, author=author),))
    values: dict[str, Any] = {"last_sent": None, "read_statuses": (PAID,), "status_after_import": None, **changes}
    now = OrderStatuses(shop_id="7", current=str(shows), history=history)
    return decide(wanted_status(documents, options=options), now=now, options=options, **values)


# --- wanted ---


@pytest.mark.parametrize(
    ("documents", "status"),
    [
        ((ORDER,), "3"),
        ((DELIVERY,), "4"),
        ((INVOICE,), "5"),
        ((_document(DocumentKind.INVOICE),), None),
        ((_document(DocumentKind.PICKING),), None),
        ((), None),
        ((ORDER, DELIVERY), "3"),
        ((DELIVERY, INVOICE), "4"),
        ((DELIVERY, _document(DocumentKind.RETURN)), "4"),
        ((_document(DocumentKind.CREDIT_NOTE),), None),
    ],
)
def test_the_least_advanced_document_decides(documents: tuple[ErpDocument, ...], status: str | None) -> None:
    assert wanted_status(documents, options=TABLE).status == status


def test_the_exact_state_wins_over_the_kind() -> None:
    options = StatusOptions(table={"order": PREPARED, "order.ready": SHIPPED})
    assert wanted_status([_document(DocumentKind.ORDER, DocumentState.READY)], options=options).status == "4"
    assert wanted_status([_document(DocumentKind.ORDER, DocumentState.CONFIRMED)], options=options).status == "3"


def test_later_stages_and_states_rank_higher() -> None:
    ranks = [
        wanted_status([_document(kind, state)], options=TABLE).rank
        for kind in list(DocumentKind)[:5]
        for state in DocumentState
    ]
    assert ranks == sorted(set(ranks))


def test_a_parcel_changes_the_status_of_what_was_delivered_only() -> None:
    sent = _document(DocumentKind.DELIVERY, numbers=("6A1",))
    picked = _document(DocumentKind.ORDER, numbers=("6A1",))
    assert wanted_status([sent], options=TRACKED).status == "20"
    assert wanted_status([picked], options=TRACKED).status == "3"
    assert wanted_status([DELIVERY], options=TRACKED).status == "4"
    assert wanted_status([sent], options=TABLE).status == "4"


# --- decided ---


@pytest.mark.parametrize("shows", [PAID, PREPARED])
def test_a_status_that_we_know_is_passed_over_even_if_a_person_set_it(shows: int) -> None:
    assert _decide(DELIVERY, shows=shows) == "4"


def test_the_status_after_import_and_the_last_one_sent_are_ours() -> None:
    assert _decide(DELIVERY, shows=11, status_after_import=11) == "4"
    assert _decide(DELIVERY, shows=12, last_sent="12") == "4"


def test_a_status_that_is_there_already_is_left() -> None:
    assert _decide(DELIVERY, shows=SHIPPED) is None


def test_no_row_is_nothing_to_do() -> None:
    assert _decide(_document(DocumentKind.PICKING), shows=PAID) is None


def test_the_shop_never_goes_backwards_unless_allowed() -> None:
    back = StatusOptions(table=TABLE.table, backwards=True)
    assert _decide(ORDER, shows=SHIPPED) is None
    assert _decide(ORDER, shows=SHIPPED, options=back) == "3"


def test_a_document_that_went_back_asks_for_nothing_although_the_shop_moved_on_by_itself() -> None:
    assert _decide(ORDER, shows=PAID, last_sent="4") is None


def test_a_parcel_that_comes_after_the_delivery_changes_its_status() -> None:
    sent = _document(DocumentKind.DELIVERY, numbers=("6A1",))
    assert _decide(sent, shows=SHIPPED, options=TRACKED, last_sent="4") == "20"
    assert (
        _decide(DELIVERY, shows=BY_PARCEL, options=StatusOptions(table={"delivery.entered": 4}, with_tracking=20))
        is None
    )


def test_what_a_person_chose_is_a_conflict_with_both_values() -> None:
    found = _decide(DELIVERY, shows=CANCELLED, author="Anne")
    assert isinstance(found, StatusConflict)
    assert found.params == {"key": "7", "wanted": "4", "current": "6"}


def test_what_the_shop_did_by_itself_is_passed_over() -> None:
    assert _decide(DELIVERY, shows=11, author="") == "4"


def test_the_latest_of_two_entries_says_who_chose() -> None:
    first, second = (StatusChange(status="6", at=AT, author=author) for author in ("", "Anne"))
    assert isinstance(_decide(DELIVERY, shows=CANCELLED, history=(first, second)), StatusConflict)
    assert _decide(DELIVERY, shows=CANCELLED, history=(second, first)) == "4"


def test_where_the_shop_does_not_remember_who_chose_nothing_is_overwritten() -> None:
    assert isinstance(_decide(DELIVERY, shows=CANCELLED, history=()), StatusConflict)


# --- parcels ---


def test_every_tracking_number_is_sent_once_in_order() -> None:
    documents = [
        _document(DocumentKind.DELIVERY, numbers=("6A2", "6A1")),
        _document(DocumentKind.INVOICE, numbers=(" 6A1", "", "6A3")),
        _document(DocumentKind.RETURN, numbers=("6A9",)),
    ]
    assert [parcel.tracking_number for parcel in parcels(documents)] == ["6A2", "6A1", "6A3"]
