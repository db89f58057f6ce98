"""Pass 1: read the ERP page by page, compare with what we last wrote, and spool the actions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

from passerelle.domain.catalogue import Product, ShopProduct
from passerelle.domain.facets import Brand, Categories, Facet, Facets, Features, Stock, Visibility, encode, fingerprint
from passerelle.domain.texts import Text, text
from passerelle.errors import MatchTaken, RecordError, ReferenceTwice
from passerelle.executor.pins import Pins
from passerelle.executor.run import Run
from passerelle.executor.spool import Spool
from passerelle.executor.tree import Tree
from passerelle.planner import products
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.guards import Totals
from passerelle.planner.matching import Candidates
from passerelle.planner.products import PAIR
from passerelle.planner.rules import product_query, salt
from passerelle.ports.erp import Record
from passerelle.ports.store import LinkRow

T = TypeVar("T")
SOLD_OUT = fingerprint(encode(Stock(0)))


@dataclass
class Mapped:
    """An article whose record changed, mapped."""

    record: Record[Product]
    product: Product
    bodies: Facets


class Pages:
    """Pages of ERP records, reduced to those whose digest is not the one that needed nothing last time."""

    def __init__(self, run: Run, *, spool: Spool, identity: Callable[[Record[Any]], bytes] | None = None) -> None:
        self._run = run
        self._spool = spool
        self._digest: Callable[[Record[Any]], bytes] = identity or attrgetter("digest")
        self._present: set[int] = set()  # hash() is enough inside one process; what is stored uses blake2b
        self.read = 0

    def changed(self, pages: Iterator[list[Record[T]]]) -> Iterator[list[Record[T]]]:
        """The changed records of each page."""
        run = self._run
        for page in pages:
            self.read += len(page)
            fresh = self._once(page)
            seen = run.store.seen(flow=run.flow, keys=[record.key for record in fresh])
            changed = [record for record in fresh if seen.get(record.key) != self._digest(record)]
            run.counts.unchanged += len(fresh) - len(changed)
            run.progress("Reading the ERP", self.read, 0)
            if changed:
                yield changed

    def holds(self, key: str) -> bool:
        """Whether a record with this key was read."""
        return hash(key) in self._present

    def _once(self, page: list[Record[T]]) -> list[Record[T]]:
        new = {hash(record.key) for record in page}
        if len(new) == len(page) and new.isdisjoint(self._present):
            self._present |= new
            return page
        fresh = []
        for record in page:
            if hash(record.key) in self._present:
                error = ReferenceTwice(key=record.key, others=record.erp_id)
                self._spool.park(record.key, error=error, erp_id=record.erp_id)
            else:
                self._present.add(hash(record.key))
                fresh.append(record)
        return fresh


class ProductObserver:
    """Plans `catalogue` or `prices`."""

    def __init__(self, run: Run, *, spool: Spool) -> None:
        self._run = run
        self._spool = spool
        self._tree = Tree(run)
        self._renamed: list[tuple[Mapped, LinkRow]] = []
        self._renames = 0
        self._pages = Pages(run, spool=spool)
        self._pins = Pins(run, spool=spool)
        self._kept: set[int] = set()  # links whose article has another reference now
        self._claimed: dict[str, str] = {}  # shop id → the article that takes it in this plan
        self._issues = {issue.key for issue in run.store.issues(flow=run.flow)}
        self._quiet: dict[str, bytes] = {}
        told = run.store.issues(flow="catalogue") if run.flow == "prices" else []
        self._told = {
            (issue.key, issue.code): Text(issue.code, "{key}: see its issue under Articles.", {"key": issue.key})
            for issue in told
        }

    def plan(self) -> Totals:
        """Spool the whole flow; gives the totals the guards weigh."""
        run = self._run
        fresh_salt(run)
        query = product_query(run.profile, flow=run.flow, only=run.only)
        for records in self._pages.changed(run.erp.products(query)):
            self._page(records)
        complete = run.only is None and self._pages.read > 0
        if self._renamed:
            self._rename()
        if complete and run.flow == "catalogue":
            self._gone()
        self._tree.plan(self._spool)
        self._finish(complete=complete)
        moves = run.counts.planned > 0  # where nothing does, what it is a share of is not counted
        return Totals(
            read=self._pages.read if run.only is None else 1,
            linked=run.store.count_links(kind="product"),
            in_stock=run.store.count_sent(facet=Facet.STOCK, other_than=SOLD_OUT) if moves else 0,
            priced=run.store.count_sent(facet=Facet.PRICE) if moves else 0,
            renamed=self._renames,
        )

    def _page(self, records: list[Record[Product]]) -> None:
        mapped = [found for record in records if (found := self._mapped(record)) is not None]
        store = self._run.store
        links = store.links(kind="product", keys=[m.record.key for m in mapped])
        sent = store.sent([row.id for row in links.values()])
        strangers = [m for m in mapped if m.record.key not in links]
        for m in mapped:
            link = links.get(m.record.key)
            if link is not None:
                self._linked(m, link, sent.get(link.id, {}))
        if strangers:
            self._strangers(strangers)
        if len(self._quiet) >= 500:
            self._remember()

    def _mapped(self, record: Record[Product]) -> Mapped | None:
        run = self._run
        try:
            product = products.shelved(record.read(), rules=run.rules)
            products.check_reference(product.sku, limit=run.rules.context.limits["sku"])
            return Mapped(record, product, products.wanted(product, flow=run.flow, rules=run.rules))
        except RecordError as error:
            self._park(record, error)
            return None

    def _park(self, record: Record[Product], error: RecordError) -> None:
        """Put an article aside, unless the catalogue has said the same of it already."""
        told = self._told.get((record.key, error.code()))
        if told is None:
            self._spool.park(record.key, error=error, erp_id=record.erp_id)
        else:
            self._spool.add(Action(kind=ActionKind.SKIP, key=record.key, erp_id=record.erp_id, reason=told))

    # --- articles that are linked ---

    def _linked(self, m: Mapped, link: LinkRow, sent: products.Sent) -> None:
        run = self._run
        priceless = self._priceless(m, new=False)
        bodies = products.for_linked(m.bodies, gone=link.gone, priceless=priceless, rules=run.rules)
        bodies, pins = self._pins.free(m.record.key, link=link, bodies=bodies, sent=sent)
        action = products.update(m.product, link=link, sent=sent, digest=m.record.digest, bodies=bodies, flow=run.flow)
        if action is not None:
            self._need(action, m.product)
            self._spool.add(msgspec.structs.replace(action, pins=pins) if pins else action)
        elif pins:
            run.store.heal(flow=run.flow, keys=[m.record.key])
        elif not priceless:
            self._nothing_to_do(m.record)

    def _nothing_to_do(self, record: Record[Product]) -> None:
        self._run.counts.unchanged += 1
        self._quiet[record.key] = record.digest

    def _priceless(self, m: Mapped, *, new: bool) -> bool:
        """Tell about an article without a price; whether its price must be left alone."""
        said = products.no_price(m.product, rules=self._run.rules)
        if isinstance(said, RecordError):
            self._park(m.record, said)
            return True
        if isinstance(said, Text) and new:
            self._spool.add(Action(kind=ActionKind.SKIP, key=m.record.key, erp_id=m.record.erp_id, reason=said))
        return False

    # --- articles that are not ---

    def _strangers(self, strangers: list[Mapped]) -> None:
        run = self._run
        self._match(self._without_renamed(strangers) if run.only is None else strangers)

    def _match(self, strangers: list[Mapped]) -> None:
        run = self._run
        gtins = Counter(m.product.gtin for m in strangers if m.product.gtin)
        found = run.shop.find_products(skus=[m.product.sku for m in strangers], gtins=list(gtins))
        candidates = Candidates(found)
        owners = run.store.links_by_shop_id(kind="product", shop_ids=[product.shop_id for product in found])
        for m in strangers:
            try:
                match = candidates.match(m.product.sku, gtin=m.product.gtin, gtin_shared=gtins[m.product.gtin] > 1)
                if match is not None:
                    self._claim(match.shop_id, m.record.key, owners)
            except RecordError as error:
                self._spool.park(m.record.key, error=error, erp_id=m.record.erp_id)
                continue
            if match is None:
                self._missing(m)
            else:
                self._adopt(m, match)

    # --- articles whose reference changed ---

    def _without_renamed(self, strangers: list[Mapped]) -> list[Mapped]:
        """Set aside the articles whose ERP id is linked under another reference, until the whole ERP was read."""
        owners = self._run.store.links_by_erp_id(kind="product", erp_ids=[m.record.erp_id for m in strangers])
        self._renamed += [(m, owners[m.record.erp_id]) for m in strangers if m.record.erp_id in owners]
        return [m for m in strangers if m.record.erp_id not in owners]

    def _rename(self) -> None:
        """A rename is believed if the old reference is gone and barcode or name agrees; the others are strangers."""
        sent = self._run.store.sent([link.id for _, link in self._renamed])
        others: list[Mapped] = []
        for m, link in self._renamed:
            if self._pages.holds(link.erp_key) or not products.same_article(m.bodies, sent=sent.get(link.id, {})):
                others.append(m)
                continue
            self._renames += 1
            self._kept.add(link.id)
            self._spool.add(
                Action(
                    kind=ActionKind.LINK, key=m.record.key, label=m.product.label, erp_id=m.record.erp_id,
                    shop_id=link.shop_id, link_id=link.id, digest=m.record.digest, renamed_from=link.erp_key,
                )
            )  # fmt: skip
            self._linked(m, link, sent.get(link.id, {}))
        if others:
            self._match(others)

    def _claim(self, shop_id: str, key: str, owners: dict[str, LinkRow]) -> None:
        owner = owners[shop_id].erp_key if shop_id in owners else self._claimed.get(shop_id)
        if owner is not None:
            raise MatchTaken(key=key, shop_id=shop_id, other=owner)
        self._claimed[shop_id] = key

    def _adopt(self, m: Mapped, match: ShopProduct) -> None:
        priceless = self._priceless(m, new=False)
        bodies = {facet: body for facet, body in m.bodies.items() if not (priceless and facet in PAIR)}
        link, action = products.adopt(
            m.product, found=match, digest=m.record.digest, bodies=bodies, flow=self._run.flow
        )
        self._spool.add(link)
        if action is not None:
            self._need(action, m.product)
            self._spool.add(action)

    def _missing(self, m: Mapped) -> None:
        run = self._run
        if run.flow != "catalogue" or not run.rules.options.create:
            reason = text("not_in_shop", "{key}: it is not in the shop.", key=m.record.key)
            self._spool.add(Action(kind=ActionKind.SKIP, key=m.record.key, erp_id=m.record.erp_id, reason=reason))
            return
        self._priceless(m, new=True)
        if (unplaced := products.to_classify(m.product, rules=run.rules)) is not None:
            self._spool.add(Action(kind=ActionKind.SKIP, key=m.record.key, erp_id=m.record.erp_id, reason=unplaced))
        action = products.create(m.product, digest=m.record.digest, bodies=m.bodies)
        self._need(action, m.product)
        self._spool.add(action)

    def _need(self, action: Action, product: Product) -> None:
        brand, categories = action.new.get(Facet.BRAND), action.new.get(Facet.CATEGORIES)
        features = action.new.get(Facet.FEATURES)
        if isinstance(features, Features):
            self._tree.need_features(features)
        if isinstance(brand, Brand) and brand.name:
            self._tree.need_brand(brand.name)
        if isinstance(categories, Categories) and categories.path:
            self._tree.need_categories(product.categories)

    # --- the end of the read ---

    def _gone(self) -> None:
        """Products whose article is not in a complete, non-empty read."""
        if self._run.rules.options.gone == "leave":
            return
        store = self._run.store
        for page in store.linked_keys(kind="product"):
            left = [key for key, link_id in page.items() if link_id not in self._kept and not self._pages.holds(key)]
            there = [link for link in store.links(kind="product", keys=left).values() if not link.gone]
            sent = store.sent([link.id for link in there], facet=Facet.VISIBILITY)
            for link in there:
                hide = _hide(link)
                free, _ = self._pins.free(link.erp_key, link=link, bodies=hide.new, sent=sent.get(link.id, {}))
                if free:
                    self._spool.add(hide)

    def _finish(self, *, complete: bool) -> None:
        self._remember()
        self._pins.flush()
        self._spool.flush()
        moot = self._issues - self._run.parked_keys
        if complete:
            self._run.store.heal(flow=self._run.flow, keys=[key for key in moot if not self._pages.holds(key)])

    def _remember(self) -> None:
        healed = [key for key in self._quiet if key in self._issues]
        self._run.store.remember(flow=self._run.flow, seen=self._quiet)
        self._run.store.heal(flow=self._run.flow, keys=healed)
        self._quiet = {}


def _hide(link: LinkRow) -> Action:
    return Action(
        kind=ActionKind.HIDE_PRODUCT, key=link.erp_key, erp_id=link.erp_id, shop_id=link.shop_id, link_id=link.id,
        new={Facet.VISIBILITY: Visibility(False)}, old={Facet.VISIBILITY: Visibility(True)},
        reason=text("gone", "{key}: it is no longer among the articles to sell online.", key=link.erp_key),
    )  # fmt: skip


def fresh_salt(run: Run) -> None:
    """Options or shop context changed since the flow last ran: every record is looked at again."""
    current = salt(run.profile, context=run.rules.context, flow=run.flow)
    name = f"salt.{run.flow}"
    if run.store.fact(name) != current:
        run.store.forget(flow=run.flow)
        run.store.set_fact(name, value=current)
