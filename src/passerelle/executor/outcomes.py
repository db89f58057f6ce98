"""From an action and what became of it to what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import msgspec

from passerelle.domain.facets import Facet, Facets, Ownership, Visibility, encode, fingerprint
from passerelle.errors import PasserelleError
from passerelle.planner.actions import Action, ActionKind, Origin, encode_facets
from passerelle.planner.products import ONCE
from passerelle.ports.store import NewIssue, NewLink, NewSent, OrderMove, OrderState, Settlement, Verdict

KNOWN_AT_ADOPTION = Visibility(True)


class Item(msgspec.Struct, frozen=True, gc=False):
    """An action being executed: its number, its journal entry, the link it concerns (0: none yet)."""

    seq: int
    action: Action
    journal_id: int = 0
    link_id: int = 0
    source: bytes = b""  # of a stock: the ERP record's digest, before the shop's orders are taken into account
    planned: Facets = {}
    renewed: bool = False  # its values changed after they were journalled


def sent_of(
    facets: Facets, *, link: int, known: bool = True, pins: Mapping[Facet, bytes] = MappingProxyType({})
) -> list[NewSent]:
    """The sent rows of bodies that were written; not `known`: what the shop holds of them is to be written again."""
    rows = []
    for facet, body in facets.items():
        stored = encode(body)
        print_ = fingerprint(stored) if known else None
        pin = pins.get(facet)
        rows.append(NewSent(link=link, facet=facet, ownership=Ownership.ERP, fingerprint=print_, body=stored, pin=pin))
    return rows


def unknown(facets: Iterable[Facet], *, link: int) -> list[NewSent]:
    """The sent rows of facets of which nobody knows what the shop holds: they are written again."""
    return [NewSent(link=link, facet=facet, ownership=Ownership.ERP, fingerprint=None, body=None) for facet in facets]


def confirm(settlement: Settlement, item: Item, *, shop_id: str, known: bool = True) -> None:
    """Note an item that was written."""
    action = item.action
    _verdict(settlement, item, state="confirmed", shop_id=shop_id)
    link = item.link_id
    if action.kind in CREATES:
        link = new_link(settlement, action, kind=CREATES[action.kind], shop_id=shop_id, origin=Origin.CREATED)
    if action.kind in (ActionKind.REMOVE_VARIANT, ActionKind.DELETE_PRODUCT):
        settlement.unlink.append(link)
        return
    settlement.sent.extend(sent_of(action.new, link=link, known=known, pins=action.pins))
    if action.kind is ActionKind.CREATE_PRODUCT and action.ranged:
        settlement.sent.append(stock_of_variants(link))
    visible = action.new.get(Facet.VISIBILITY)
    if item.link_id and isinstance(visible, Visibility):
        settlement.gone[item.link_id] = action.kind is ActionKind.HIDE_PRODUCT
    if action.kind is ActionKind.HIDE_PRODUCT:
        settlement.unseen.append(action.key)
    if action.kind is ActionKind.SET_STATUS:
        settlement.orders[action.key] = OrderMove(OrderState.ACKNOWLEDGED)


def stock_of_variants(link: int) -> NewSent:
    """The stock of a product with variants is theirs: the shop adds it up."""
    return NewSent(link=link, facet=Facet.STOCK, ownership=Ownership.SHOP, fingerprint=None, body=None)


CREATES = {
    ActionKind.CREATE_PRODUCT: "product",
    ActionKind.CREATE_CATEGORY: "category",
    ActionKind.CREATE_BRAND: "brand",
    ActionKind.CREATE_FEATURE: "feature",
    ActionKind.CREATE_FEATURE_VALUE: "feature_value",
    ActionKind.CREATE_OPTION: "option",
    ActionKind.CREATE_OPTION_VALUE: "option_value",
    ActionKind.CREATE_VARIANT: "variant",
}


def new_link(settlement: Settlement, action: Action, *, kind: str, shop_id: str, origin: Origin) -> int:
    """Add a link, in place of a stale one; gives its number as sent rows of the same settlement name it."""
    if action.link_id:
        settlement.unlink.append(action.link_id)
    settlement.links.append(
        NewLink(kind=kind, erp_key=action.key, erp_id=action.erp_id, shop_id=shop_id, origin=origin.value)
    )
    return -len(settlement.links)


def adopt(settlement: Settlement, item: Item) -> None:
    """Link to something the shop already has. A product's sheet was written by hand: the ERP feeds it no texts."""
    action = item.action
    settlement.action_states[item.seq] = "done"
    if action.target == "variant":
        link = new_link(settlement, action, kind="variant", shop_id=action.shop_id, origin=Origin.ADOPTED)
        settlement.sent.extend(sent_of(action.known, link=link))
        return
    if action.renamed_from and action.link_id:
        settlement.renamed[action.link_id] = action.key
        settlement.unseen.append(action.renamed_from)
        return
    link = new_link(settlement, action, kind=action.target, shop_id=action.shop_id, origin=Origin.ADOPTED)
    if action.target != "product":
        return
    if action.ranged:
        settlement.sent.append(stock_of_variants(link))
    known: Facets = {Facet.VISIBILITY: KNOWN_AT_ADOPTION, **action.known}
    settlement.sent.extend(sent_of(known, link=link))
    settlement.sent.extend(
        NewSent(link=link, facet=facet, ownership=Ownership.ERP_ONCE, fingerprint=None, body=None)
        for facet in sorted(ONCE)
    )


def park(settlement: Settlement, item: Item, error: PasserelleError) -> None:
    """Put an item aside with its reason."""
    _verdict(settlement, item, state="parked", detail=error.detail or error.message)
    settlement.issues.append(NewIssue(key=item.action.key, code=error.code(), params=error.params, detail=error.detail))


def postpone(settlement: Settlement, item: Item, *, why: str) -> None:
    """Leave an item for the next run; nothing is lost, its record is not noted as done."""
    _verdict(settlement, item, state="postponed", detail=why)


def doubt(settlement: Settlement, item: Item, *, why: str) -> None:
    """Nobody knows: the next run looks at the shop before it does anything about this record."""
    _verdict(settlement, item, state="doubted", detail=why)


def _verdict(settlement: Settlement, item: Item, *, state: str, shop_id: str = "", detail: str = "") -> None:
    settlement.action_states[item.seq] = "done" if state == "confirmed" else state
    if item.journal_id:
        shop_id = "" if shop_id == item.action.shop_id else shop_id
        new = encode_facets(item.action.new) if item.renewed else b""
        settlement.verdicts.append(
            Verdict(journal_id=item.journal_id, state=state, shop_id=shop_id, detail=detail, new=new)
        )
