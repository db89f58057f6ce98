"""Undo: the journal of a run becomes a plan that waits for approval, then an ordinary run executes it."""

from __future__ import annotations

from passerelle.domain.facets import Facets, encode, fingerprint
from passerelle.domain.texts import Text, text
from passerelle.executor.outcomes import Item, postpone
from passerelle.executor.run import Run
from passerelle.executor.spool import Spool
from passerelle.planner import undo
from passerelle.planner.actions import AUXILIARY, Action, ActionKind, decode_action, decode_facets
from passerelle.planner.products import Sent
from passerelle.ports.store import JournalRow, LinkRow, Settlement

WRITTEN = ("confirmed", "written")
PRODUCT_FLOWS = ("catalogue", "prices")  # those that carry what an undo takes back


def plan(run: Run, *, undoes: int) -> list[Text]:
    """Spool the inverse of a run; gives why it waits, nothing when there is nothing to take back."""
    spool = Spool(run)
    for page in run.store.journal(run_id=undoes):
        rows = [row for row in page if row.state in WRITTEN]
        links = run.store.links_by_shop_id(kind="product", shop_ids=[row.shop_id for row in rows])
        sent = run.store.sent([link.id for link in links.values()])
        for row in rows:
            link = links.get(row.shop_id)
            for action in _inverse(run, row, link, sent.get(link.id, {}) if link else {}):
                spool.add(action)
    spool.flush()
    return [text("undo", "It takes back what run {run} wrote.", run=undoes)] if run.counts.planned else []


def _inverse(run: Run, row: JournalRow, link: LinkRow | None, sent: Sent) -> list[Action]:
    kind = ActionKind(row.kind)
    if kind in AUXILIARY:
        return [undo.undo_nothing(kind, key=_label(run, row))]
    if kind not in (ActionKind.CREATE_PRODUCT, ActionKind.UPDATE_PRODUCT, ActionKind.HIDE_PRODUCT):
        return [undo.undo_nothing(kind, key=row.key)]
    if link is None:
        return [undo.undo_unlinked(row.key)]
    if kind is ActionKind.CREATE_PRODUCT:
        return undo.undo_creation(link, sent=sent)
    wrote, replaced = decode_facets(row.new), decode_facets(row.old)
    return undo.undo_write(link, wrote=wrote, replaced=replaced, sent=sent, run=row.run_id)


def _label(run: Run, row: JournalRow) -> str:
    """The name of a category or brand, for a person."""
    for page in run.store.actions(row.run_id, number=row.seq):
        for spooled in page:
            return decode_action(spooled.body).label or row.key
    return row.key


def begin(run: Run) -> None:
    """Leave out what was written since the undo was planned, and have every flow look at its products again."""
    for page in run.store.actions(run.id, pending=True):
        actions = {spooled.seq: decode_action(spooled.body) for spooled in page}
        sent = run.store.sent([action.link_id for action in actions.values() if action.link_id])
        settlement = Settlement()
        for seq, action in actions.items():
            if not _still(action.old, sent=sent.get(action.link_id or 0, {})):
                postpone(settlement, Item(seq, action), why="written again since it was planned")
        run.counts.failed += len(settlement.action_states)
        run.store.settle(run.id, flow=run.flow, settlement=settlement)
        for flow in PRODUCT_FLOWS:
            run.store.forget(flow=flow, keys=[action.key for action in actions.values()])


def _still(old: Facets, *, sent: Sent) -> bool:
    """Whether every facet is what it was when it was planned; in doubt, it is the undo itself that was interrupted."""
    prints = {facet: row.fingerprint for facet, row in sent.items()}
    return all(f in prints and prints[f] in (None, fingerprint(encode(body))) for f, body in old.items())
