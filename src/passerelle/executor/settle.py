"""What a stopped run left open: creates are looked for in the shop before anything is sent again."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from passerelle.domain.catalogue import split_shop_id
from passerelle.executor.execute import CREATING
from passerelle.executor.outcomes import CREATES, Item, confirm, postpone, unknown
from passerelle.executor.run import Run
from passerelle.executor.writes import Writes
from passerelle.planner.actions import Action, ActionKind, decode_action, decode_facets
from passerelle.ports.store import JournalRow, LinkRow, Settlement

QUIET = timedelta(seconds=5)  # a shop may still be working on what it was sent just before the end
PLACED = (ActionKind.PLACE_CUSTOMER, ActionKind.PLACE_ORDER)  # into the ERP: the ledger settles them
CREATED = (*CREATING, ActionKind.CREATE_VARIANT)
NOT_AGAIN = {kind.value for kind in (*CREATED, *PLACED)}
ABOUT_ORDERS = (ActionKind.SET_STATUS.value, ActionKind.ADD_TRACKING.value)


def settle_doubts(run: Run, *, lane: str) -> int:
    """Settle every open journal entry of a lane; gives how many there were. Raises what reading the shop raises."""
    rows = run.store.open_intents(lane=lane)
    if not rows:
        return 0
    for kind in CREATED:
        mine = [row for row in rows if row.kind == kind.value]
        if mine:
            wait_for_quiet(run, mine)
            _creates(run, kind, mine)
    _again(run, [row for row in rows if row.kind not in NOT_AGAIN])
    return len(rows)


def wait_for_quiet(run: Run, rows: list[JournalRow]) -> None:
    """Give the other side time to finish what it was sent just before the end."""
    rest = max(row.at for row in rows) + QUIET - run.clock.now()
    if rest > timedelta(0):
        run.clock.sleep(min(rest, QUIET).total_seconds())  # the machine's clock may have been set back


def _creates(run: Run, kind: ActionKind, rows: list[JournalRow]) -> None:
    """Found: it is ours, and written again in full. Not found: it was not made, and will be planned again."""
    write = Writes(run).of(kind)
    assert write.find is not None
    items = {row.id: Item(row.seq, _action(run, row), journal_id=row.id) for row in rows}
    linked = run.store.links(kind=CREATES[kind], keys=[row.key for row in rows])
    found = write.find([item for item in items.values() if item.action.key not in linked])
    for row in rows:
        settlement, item = Settlement(), items[row.id]
        if item.action.key in found:
            confirm(settlement, item, shop_id=found[item.action.key], known=False)
        else:
            postpone(settlement, item, why="not found in the shop")
        settlement.unseen.append(item.action.record)
        run.store.settle(row.run_id, flow=run.store.run(row.run_id).flow, settlement=settlement)


def _action(run: Run, row: JournalRow) -> Action:
    """As it was planned, at the place where it was sent: that of a variant's product was not known before."""
    for page in run.store.actions(row.run_id, number=row.seq):
        for spooled in page:
            return replace(decode_action(spooled.body), shop_id=row.shop_id)
    return Action(kind=ActionKind(row.kind), key=row.key, shop_id=row.shop_id, new=decode_facets(row.new))


def _again(run: Run, rows: list[JournalRow]) -> None:
    """Writes that say the same however often they are sent: what the shop holds is unknown, they are planned again."""
    links = _links(run, rows)
    for row in rows:
        settlement = Settlement()
        item = Item(row.seq, Action(kind=ActionKind(row.kind), key=row.key), journal_id=row.id)
        postpone(settlement, item, why="outcome unknown; planned again")
        origin = run.store.run(row.run_id)
        if origin.undoes is not None:
            settlement.action_states[row.seq] = "pending"  # no later run plans it: its own approval goes on with it
        link = links.get(row.id)
        if link is not None:
            settlement.sent.extend(unknown(decode_facets(row.new), link=link.id))
        product = links.get(-row.id)
        settlement.unseen += [row.key, *([product.erp_key] if product else [])]
        run.store.settle(row.run_id, flow=origin.flow, settlement=settlement)


def _links(run: Run, rows: list[JournalRow]) -> dict[int, LinkRow]:
    """By the entry's id, what it was written to; by that id below 0, the product of a variant."""
    store, found = run.store, dict[int, LinkRow]()
    variants = [row for row in rows if split_shop_id(row.shop_id)[1] and row.kind not in ABOUT_ORDERS]
    others = [row for row in rows if row not in variants]
    products = store.links(kind="product", keys=[row.key for row in others if row.kind not in ABOUT_ORDERS])
    orders = store.links(kind="order", keys=[row.key for row in others if row.kind in ABOUT_ORDERS])
    for row in others:
        link = (orders if row.kind in ABOUT_ORDERS else products).get(row.key)
        if link is not None:
            found[row.id] = link
    own = store.links_by_shop_id(kind="variant", shop_ids=[row.shop_id for row in variants])
    parents = store.links_by_shop_id(kind="product", shop_ids=[split_shop_id(row.shop_id)[0] for row in variants])
    for row in variants:
        if row.shop_id in own:
            found[row.id] = own[row.shop_id]
        if (product := parents.get(split_shop_id(row.shop_id)[0])) is not None:
            found[-row.id] = product
    return found
