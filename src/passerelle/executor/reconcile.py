"""Reconciling: the shop is read back and compared with what it was last sent. What drifted becomes a plan that waits
for approval; nothing is written before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from passerelle.domain.catalogue import ShopProduct, split_shop_id
from passerelle.domain.facets import Brand, Categories, Facet, Facets, Features
from passerelle.domain.texts import Text, text
from passerelle.executor.orders import OrderWatch
from passerelle.executor.outcomes import Item, postpone, unknown
from passerelle.executor.reconcile_orders import OrderReconciler
from passerelle.executor.reconcile_stock import StockReconciler
from passerelle.executor.reconcile_strangers import tell_strangers
from passerelle.executor.reconcile_variants import ReadBack, VariantReconciler, by_product, look_again
from passerelle.executor.run import Run
from passerelle.executor.shop_ids import NamesOfTheShop
from passerelle.executor.spool import Spool
from passerelle.executor.tree import Tree
from passerelle.planner.actions import STAGES, Action, ActionKind, decode_action
from passerelle.planner.guards import Totals
from passerelle.planner.ownership import overlooked
from passerelle.planner.products import Sent
from passerelle.planner.reconcile import (
    drifted,
    facets_compared,
    in_doubt,
    kept_texts,
    of_variants,
    repair,
    still_right,
    unlink,
    unread,
)
from passerelle.ports.store import LinkRow, Settlement

RECONCILED = ("catalogue", "prices", "stocks", "orders")
PAGE = 200  # products read back at a time


def plan(run: Run, *, watch: OrderWatch | None, since: datetime) -> list[Text]:
    """Spool what repairs the drift; gives what holds it, nothing where there is no drift.

    What could not be compared is in the run's notes. Of orders nothing is ever repaired: they are only told.
    """
    spool = Spool(run)
    if run.flow == "orders":
        OrderReconciler(run, spool=spool, since=since).plan()
        spool.flush()
        return []
    facets = facets_compared(run.flow, rules=run.rules)
    run.notes += unread(facets, reads_back=run.shop.manifest.reads_back)
    readable = facets & run.shop.manifest.reads_back
    totals = Totals(read=1)
    if run.flow != "stocks":
        ProductReconciler(run, spool=spool, facets=readable).plan()
    elif Facet.STOCK in readable:
        assert watch is not None
        variants = of_variants(run.flow, facets=readable) is not None
        totals = StockReconciler(run, spool=spool, watch=watch, variants=variants).plan()
    if run.flow == "catalogue":
        tell_strangers(run, spool=spool)
    spool.flush()
    if not run.counts.planned:
        return []
    drift = text("drift", "Records that the shop does not hold as they were sent: {count}.", count=run.counts.planned)
    return [drift, *spool.weigher.reasons(totals)]


class ProductReconciler:
    """Plans the repair of products and of their variants."""

    def __init__(self, run: Run, *, spool: Spool, facets: frozenset[Facet]) -> None:
        self._run = run
        self._spool = spool
        self._facets = facets
        self._ids = NamesOfTheShop(run)
        self._tree = Tree(run)
        facet = of_variants(run.flow, facets=facets)
        self._variants = (
            VariantReconciler(run, spool=spool, tree=self._tree, ids=self._ids, facet=facet) if facet else None
        )  # fmt: skip
        self._read = self._doubted = 0

    def plan(self) -> None:
        """Spool the repairs."""
        for links in pages(self._run):
            self._page(links)
        self._tree.plan(self._spool)
        doubted = self._doubted + (self._variants.doubted if self._variants else 0)
        if doubted:
            doubts = text(
                "sent_unknown",
                "Records of which nobody knows what was last sent: {count}. The next run sends them again.",
                count=doubted,
            )
            self._run.notes.append(doubts)

    def _page(self, links: Sequence[LinkRow]) -> None:
        run = self._run
        sent = run.store.sent([link.id for link in links])
        found = {product.shop_id: product for product in run.shop.read_products([link.shop_id for link in links])}
        for link in links:
            if link.shop_id in found:
                self._compare(link, sent.get(link.id, {}), found[link.shop_id])
            elif not link.gone:
                self._spool.add(unlink(link))
        if self._variants is not None:
            there = [link for link in links if link.shop_id in found]
            self._variants.page([ReadBack(link, sent.get(link.id, {}), found[link.shop_id]) for link in there])
        self._read += len(links)
        run.progress("Reading the shop back", self._read, 0)

    def _compare(self, link: LinkRow, sent: Sent, found: ShopProduct) -> None:
        self._doubted += not link.gone and in_doubt(sent, facets=self._facets)
        found = overlooked(found, sent=sent, owners=self._run.rules.owners)
        bodies = drifted(link, sent=sent, found=found, facets=self._facets, ids=self._ids, rules=self._run.rules)
        bodies = self._with_what_they_need(link, bodies)
        if not bodies:
            self._run.counts.unchanged += 1
            return
        kept = kept_texts(sent)
        self._spool.add(repair(link, bodies=bodies, found=found, kept=kept, ids=self._ids, rules=self._run.rules))

    def _with_what_they_need(self, link: LinkRow, bodies: Facets) -> Facets:
        """The bodies that can be written again. A brand or feature that was deleted is created, a category only by the
        catalogue.
        """
        brand, categories = bodies.get(Facet.BRAND), bodies.get(Facet.CATEGORIES)
        if isinstance(brand, Brand) and brand.name:
            self._tree.need_brand(brand.name)
        features = bodies.get(Facet.FEATURES)
        if isinstance(features, Features):
            self._tree.need_features(features)
        if isinstance(categories, Categories) and not self._ids.has_categories(categories):
            self._leave_to_catalogue(link, categories)
            return {facet: body for facet, body in bodies.items() if facet is not Facet.CATEGORIES}
        return bodies

    def _leave_to_catalogue(self, link: LinkRow, categories: Categories) -> None:
        """What a category was named and where it stood is known to the ERP alone."""
        run = self._run
        settlement = Settlement(sent=unknown([Facet.CATEGORIES], link=link.id), unseen=[link.erp_key])
        run.store.settle(run.id, flow=run.flow, settlement=settlement)
        reason = text(
            "category_deleted",
            "{key}: one of its categories ({categories}) was deleted in the shop. "
            "The next run of the catalogue creates it again.",
            key=link.erp_key, categories=categories.label,
        )  # fmt: skip
        self._spool.add(Action(kind=ActionKind.SKIP, key=link.erp_key, erp_id=link.erp_id, reason=reason, repair=True))


def pages(run: Run) -> Iterator[list[LinkRow]]:
    """The linked products, a page of products to read back at a time."""
    for links in run.store.all_links(kind="product"):
        chosen = [link for link in links if run.only in (None, link.erp_key)]
        for start in range(0, len(chosen), PAGE):
            yield chosen[start : start + PAGE]


def recheck_repairs(run: Run, actions: dict[int, Action]) -> None:
    """Postpone the repairs of an approved plan that would bring back what another run has replaced since.

    A repair says nothing of the issues that its article may have: they stay open.
    """
    if not actions:
        return
    run.parked_keys |= {issue.key for issue in run.store.issues(flow=run.flow)}
    repairs = {seq: action for seq, action in actions.items() if action.kind is not ActionKind.SKIP}
    links = _links_of(run, repairs.values())
    sent = run.store.sent([link.id for link in links.values()])
    settlement = Settlement()
    for seq, action in repairs.items():
        link = links.get((action.target, action.key))
        if not still_right(action, link=link, sent=sent.get(link.id, {}) if link else {}):
            postpone(settlement, Item(seq, action), why="sent again since it was planned")
    run.counts.failed += len(settlement.action_states)
    run.store.settle(run.id, flow=run.flow, settlement=settlement)


def _links_of(run: Run, actions: Collection[Action]) -> dict[tuple[str, str], LinkRow]:
    """The links of actions, by what they are of and their key."""
    found: dict[tuple[str, str], LinkRow] = {}
    for kind in ("product", "variant"):
        keys = [action.key for action in actions if action.target == kind]
        found |= {(kind, key): link for key, link in run.store.links(kind=kind, keys=keys).items()}
    return found


def forget_gone(run: Run) -> None:
    """Of an approved plan: what is gone from the shop, if it still is, is linked no more."""
    for page in run.store.actions(run.id, stage=STAGES[ActionKind.UNLINK], pending=True):
        actions = {spooled.seq: decode_action(spooled.body) for spooled in page}
        there = _in_the_shop(run, actions.values())
        settlement = Settlement()
        unlinked: list[Action] = []
        for seq, action in actions.items():
            if action.shop_id in there or action.link_id is None:
                postpone(settlement, Item(seq, action), why="it is in the shop again")
                run.counts.failed += 1
            else:
                settlement.unlink.append(action.link_id)
                settlement.action_states[seq] = "done"
                unlinked.append(action)
                run.counts.updated += 1
        run.store.settle(run.id, flow=run.flow, settlement=settlement)
        look_again(run, unlinked=[action for action in unlinked if action.target == "variant"])


def _in_the_shop(run: Run, actions: Collection[Action]) -> set[str]:
    """The ids of those of the products and variants that are there."""
    products = [action.shop_id for action in actions if action.target == "product"]
    parents = [split_shop_id(action.shop_id)[0] for action in actions if action.target == "variant"]
    there = {product.shop_id for product in run.shop.read_products(products)} if products else set()
    return there.union(*by_product(run.shop, parents).values())
