"""Sending a batch: one outcome for each item, in order, whatever the shop says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from passerelle.connectors.prestashop.client import Refused
from passerelle.connectors.prestashop.refusal import why
from passerelle.connectors.prestashop.wire import SYSTEM
from passerelle.errors import AnswerIncomplete, GoneFromShop, RecordError, RefusedByShop
from passerelle.ports.shop import BatchRefused, Outcome


class Keyed(Protocol):
    """An item of a batch."""

    @property
    def key(self) -> str: ...


W = TypeVar("W", bound=Keyed)


def send_batch(
    items: Sequence[W],
    *,
    send: Callable[[list[W]], list[str]],
    problem: Callable[[W], RecordError | None] = lambda item: None,
    id_of: Callable[[W], str] = lambda item: "",
) -> list[Outcome]:
    """One call of `send` for the items that have no problem of their own; one outcome for each item, in order.

    `send` gives their ids. Raises BatchRefused when the shop refuses one of several.
    """
    errors = [problem(item) for item in items]
    sent = [item for item, error in zip(items, errors, strict=True) if error is None]
    refused: RecordError | None = None
    ids: list[str] = []
    if sent:
        try:
            ids = send(sent)
        except Refused as refusal:
            if len(sent) > 1:
                raise BatchRefused(why(refusal)) from refusal
            refused = _refused(sent[0].key, id_of(sent[0]), refusal)
    given = iter(ids)
    return [
        Outcome(key=item.key, error=error or refused)
        if error or refused
        else Outcome(key=item.key, shop_id=next(given))
        for item, error in zip(items, errors, strict=True)
    ]


def verify(resource: str, told: Sequence[object], expected: Sequence[object]) -> None:
    """The answer repeats what was sent, in order: what it does not repeat cannot be counted as done.

    Raises AnswerIncomplete.
    """
    if told == expected:
        return
    odd = [pair for pair in zip(told, expected, strict=False) if pair[0] != pair[1]][:3]
    raise AnswerIncomplete(
        system=SYSTEM,
        what=f"what was written to {resource}",
        detail=f"{len(told)} of {len(expected)} entities; told and sent: {odd}",
    )


def _refused(key: str, shop_id: str, refusal: Refused) -> RecordError:
    detail = f"HTTP {refusal.status}, code {refusal.code}: {refusal.text}"
    if refusal.gone and shop_id:
        return GoneFromShop(key=key, shop_id=shop_id, detail=detail)
    return RefusedByShop(key=key, why=why(refusal), detail=detail)
