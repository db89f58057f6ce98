"""Undo: the journal of a run becomes a plan that waits for approval, then an ordinary run executes it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from passerelle.domain.catalogue import split_shop_id
from passerelle.domain.facets import Body, Facet, Facets, StoredPrice, VariantPrice, encode, fingerprint
from passerelle.domain.texts import Text, text
from passerelle.executor.outcomes import Item, postpone
from passerelle.executor.run import Run
from passerelle.executor.spool import Spool
from passerelle.planner import undo
from passerelle.planner.actions import AUXILIARY, Action, ActionKind, decode_action, decode_facets
from passerelle.planner.products import Sent, last_sent
from passerelle.ports.store import JournalRow, LinkRow, Settlement

WRITTEN = ("confirmed", "written")
UNDOABLE = (
    ActionKind.CREATE_PRODUCT, ActionKind.UPDATE_PRODUCT, ActionKind.HIDE_PRODUCT, ActionKind.UPDATE_RANGED,
    ActionKind.SHOW_PRODUCT, ActionKind.UPDATE_VARIANT,
)  # fmt: skip
PRICING = (
    ActionKind.UPDATE_PRODUCT.value, ActionKind.UPDATE_RANGED.value, ActionKind.UPDATE_VARIANT.value,
)  # fmt: skip
PRODUCT_FLOWS = ("catalogue", "prices")  # those that carry what an undo takes back


def plan(run: Run, *, undoes: int) -> list[Text]:
    """Spool the inverse of a run; gives why it waits, nothing when there is nothing to take back."""
    spool = Spool(run)
    apart = _Families(run, undoes=undoes).apart()
    for written in _written(run, undoes):
        for row in written.rows:
            for action in written.inverse(run, row, apart=row.shop_id in apart):
                spool.add(replace(action, parent=written.parent(row) if action.target == "variant" else ""))
    spool.flush()
    return [text("undo", "It takes back what run {run} wrote.", run=undoes)] if run.counts.planned else []


class _Written(msgspec.Struct, frozen=True):
    """A page of what a run wrote, with the links it concerns now, by shop id, and what was last sent of them."""

    rows: list[JournalRow]
    links: dict[str, LinkRow]
    sent: dict[int, Sent]

    def inverse(self, run: Run, row: JournalRow, *, apart: bool = False) -> list[Action]:
        """The actions that take one write back, and what says why others stay."""
        link = self.links.get(row.shop_id)
        return _inverse(run, row, link, self.sent.get(link.id, {}) if link else {}, apart=apart)

    def parent(self, row: JournalRow) -> str:
        """The reference of the article that a variant belongs to."""
        product = self.links.get(split_shop_id(row.shop_id)[0])
        return product.erp_key if product else ""


def _written(run: Run, undoes: int) -> Iterator[_Written]:
    """Page by page."""
    for page in run.store.journal(run_id=undoes):
        rows = [row for row in page if row.state in WRITTEN]
        products = [split_shop_id(row.shop_id)[0] for row in rows]
        links = run.store.links_by_shop_id(kind="product", shop_ids=products)
        links |= run.store.links_by_shop_id(kind="variant", shop_ids=[row.shop_id for row in rows])
        yield _Written(rows, links, run.store.sent([link.id for link in links.values()]))


class _Families:
    """The prices of products and of their variants that an undo would tear apart.

    A shop adds a variant's price to its product's: where one of them cannot go back, the others stay with it.
    """

    def __init__(self, run: Run, *, undoes: int) -> None:
        self._run = run
        self._back: dict[str, Body] = {}  # shop id → the price that would come back, of products with variants
        self._held: dict[str, Body | None] = {}  # of products: what they hold now
        if run.store.count_links(kind="variant"):
            for written in _written(run, undoes):
                self._collect(written)

    def _collect(self, written: _Written) -> None:
        for row in written.rows:
            if row.kind not in PRICING or (price := undo.price_back(written.inverse(self._run, row))) is None:
                continue
            self._back[row.shop_id] = price
            product = written.links.get(split_shop_id(row.shop_id)[0])
            if product is not None:
                self._held[product.shop_id] = last_sent(written.sent.get(product.id, {}).get(Facet.PRICE))

    def apart(self) -> set[str]:
        """The shop ids of the products and variants whose prices stay."""
        torn = {product for product in self._held if not self._goes_back_whole(product)}
        return {
            shop_id for shop_id, price in self._back.items() if shop_id in torn or self._strays(shop_id, price, torn)
        }

    def _goes_back_whole(self, product: str) -> bool:
        """Whether every variant of a product whose price goes back shows its right price then."""
        base = self._back.get(product)
        if not isinstance(base, StoredPrice):
            return True  # it is not this product's price that goes back
        links = self._run.store.variant_links([product]).get(product, [])
        sent = self._run.store.sent([link.id for link in links], facet=Facet.PRICE)
        return all(
            undo.goes_along(
                sent.get(link.id, {}).get(Facet.PRICE), back=self._back.get(link.shop_id), base=base.stored
            )
            for link in links
        )  # fmt: skip

    def _strays(self, shop_id: str, price: Body, torn: set[str]) -> bool:
        """Whether a variant's price was made beside another one than its product holds after the undo."""
        product = split_shop_id(shop_id)[0]
        held = self._held.get(product) if product in torn else self._back.get(product, self._held.get(product))
        if not isinstance(price, VariantPrice) or price.base is None or not isinstance(held, StoredPrice):
            return False
        return price.base != held.stored


def _inverse(run: Run, row: JournalRow, link: LinkRow | None, sent: Sent, *, apart: bool) -> list[Action]:
    kind = ActionKind(row.kind)
    if kind in AUXILIARY:
        return [undo.undo_nothing(kind, key=_label(run, row))]
    if kind not in UNDOABLE:
        return [undo.undo_nothing(kind, key=row.key)]
    if link is None:
        return [undo.undo_unlinked(row.key)]
    if kind is ActionKind.CREATE_PRODUCT:
        return undo.undo_creation(link, sent=sent)
    wrote, replaced = decode_facets(row.new), decode_facets(row.old)
    return undo.undo_write(link, wrote=wrote, replaced=replaced, sent=sent, run=row.run_id, apart=apart)


def _label(run: Run, row: JournalRow) -> str:
    """The name of a category or brand, for a person."""
    for page in run.store.actions(row.run_id, number=row.seq):
        for spooled in page:
            return decode_action(spooled.body).label or row.key
    return row.key


def begin(run: Run) -> None:
    """Leave out what was written since the undo was planned, and have every flow look at its products again.

    A price whose product or variant was priced anew meanwhile would stand apart: it is left out too.
    """
    assert run.undoes is not None
    apart = _Families(run, undoes=run.undoes).apart()
    for page in run.store.actions(run.id, pending=True):
        actions = {spooled.seq: decode_action(spooled.body) for spooled in page}
        sent = run.store.sent([action.link_id for action in actions.values() if action.link_id])
        settlement = Settlement()
        for seq, action in actions.items():
            if not _still(action.old, sent=sent.get(action.link_id or 0, {})):
                postpone(settlement, Item(seq, action), why="written again since it was planned")
            elif Facet.PRICE in action.new and action.shop_id in apart:
                postpone(settlement, Item(seq, action), why="a price of its product or variants changed meanwhile")
        run.counts.failed += len(settlement.action_states)
        run.store.settle(run.id, flow=run.flow, settlement=settlement)
        for flow in PRODUCT_FLOWS:
            run.store.forget(flow=flow, keys=[action.record for action in actions.values()])


def _still(old: Facets, *, sent: Sent) -> bool:
    """Whether every facet is what it was when it was planned; in doubt, it is the undo itself that was interrupted."""
    prints = {facet: row.fingerprint for facet, row in sent.items()}
    return all(f in prints and prints[f] in (None, fingerprint(encode(body))) for f, body in old.items())
