"""Pass 1: read the ERP page by page, compare with what we last wrote, and spool the actions."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

from passerelle.domain.catalogue import Product, ShopProduct
from passerelle.domain.facets import (
    Body,
    Brand,
    Categories,
    Facet,
    Facets,
    Features,
    Stock,
    StoredPrice,
    encode,
    fingerprint,
    number,
)
from passerelle.domain.texts import Text, text
from passerelle.errors import MatchTaken, RecordError, ReferenceTwice, VariantsDiffer
from passerelle.executor.articles import articles
from passerelle.executor.gone import Leaving
from passerelle.executor.pins import Pins
from passerelle.executor.run import Run
from passerelle.executor.shelves import NONE, ExtraCategories, shelved
from passerelle.executor.spool import Spool
from passerelle.executor.takeover import TakenOver
from passerelle.executor.tree import Tree
from passerelle.executor.variants import VariantObserver
from passerelle.planner import ownership, products, variants
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.grouping import is_group
from passerelle.planner.guards import Totals
from passerelle.planner.matching import Candidates
from passerelle.planner.products import PAIR
from passerelle.planner.rules import salt
from passerelle.planner.shelves import Extra
from passerelle.planner.variants import Family, Known
from passerelle.ports.erp import Record
from passerelle.ports.store import LinkRow, Settlement

T = TypeVar("T")
SOLD_OUT = fingerprint(encode(Stock(0)))


@dataclass
class Mapped:
    """An article whose record changed, mapped."""

    record: Record[Product]
    product: Product
    bodies: Facets
    extra: Extra = NONE


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
        self._extra = ExtraCategories(run)
        self._taken_over = TakenOver(run)
        self._renamed: list[tuple[Mapped, LinkRow]] = []
        self._renames = 0
        self._pages = Pages(run, spool=spool)
        self._pins = Pins(run, spool=spool)
        self._variants = VariantObserver(run, spool=spool, tree=self._tree, pins=self._pins)
        self._families: list[tuple[Mapped, Family]] = []  # products with variants, until their page is planned
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
        for records in self._pages.changed(articles(run)):
            self._page(records)
        complete = run.only is None and self._pages.read > 0
        if self._renamed:
            self._rename()
            self._plan_variants()
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
        known = self._variants.known(links.values())
        self._taken_over.look([(links[m.record.key], m.bodies) for m in mapped if m.record.key in links], sent=sent)
        strangers = [m for m in mapped if m.record.key not in links]
        for m in mapped:
            link = links.get(m.record.key)
            if link is not None:
                self._linked(m, link, sent.get(link.id, {}), known=known.get(link.shop_id, []))
        if strangers:
            self._strangers(strangers)
        self._plan_variants()
        if len(self._quiet) >= 500:
            self._remember()

    def _mapped(self, record: Record[Product]) -> Mapped | None:
        run = self._run
        try:
            product = variants.based(products.shelved(record.read(), rules=run.rules))
            products.check_reference(product.sku, limit=run.rules.context.limits["sku"])
            bodies = products.wanted(product, flow=run.flow, rules=run.rules)
            return Mapped(record, product, bodies, self._extra.of(product))
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

    def _linked(self, m: Mapped, link: LinkRow, sent: products.Sent, *, known: list[Known]) -> None:
        run = self._run
        if known and not m.product.has_variants:
            self._park(m.record, VariantsDiffer(key=m.record.key, shop_id=link.shop_id))
            return
        priceless = self._priceless(m, new=False)
        back = link.gone and self._may_show(link)
        bodies = ownership.for_existing(m.bodies, sent=sent, owners=run.rules.owners, gone=back)
        bodies = products.keeping_weight(bodies, sent=sent)
        bodies, extra = shelved(bodies, extra=m.extra, sent=sent)
        self._tell(m, extra)
        bodies = products.for_linked(bodies, gone=back, priceless=priceless, rules=run.rules)
        bodies, pins = self._pins.free(m.record.key, link=link, bodies=bodies, sent=sent)
        action = products.update(m.product, link=link, sent=sent, digest=m.record.digest, bodies=bodies, flow=run.flow)
        if action is not None and (pins or extra.told):
            action = msgspec.structs.replace(action, pins=pins, again=bool(extra.told))
        quiet = not priceless and not extra.told
        if m.product.has_variants:
            old, shop_id = products.last_sent(sent.get(Facet.PRICE)), link.shop_id
            weighed = dataclasses.replace(m, product=variants.weighed(m.product, bodies=bodies))
            self._family(weighed, action, old=old, shop_id=shop_id, known=known, quiet=not pins and quiet)
        elif action is not None:
            self._need(action, m.product)
            self._spool.add(action)
        elif pins:
            run.store.heal(flow=run.flow, keys=[m.record.key])
        elif quiet:
            self._nothing_to_do(m.record)

    def _may_show(self, link: LinkRow) -> bool:
        """Whether what was hidden is shown again: where the shop owns the prices, only what has one there."""
        run = self._run
        if run.rules.options.prices is not None or any(one.price for one in run.shop.read_products([link.shop_id])):
            return True
        run.store.settle(run.id, flow=run.flow, settlement=Settlement(gone={link.id: False}))
        return False

    def _family(
        self, m: Mapped, action: Action | None, *, old: Body | None = None, shop_id: str, quiet: bool = False,
        known: list[Known] | None = None, link: Action | None = None,
    ) -> None:  # fmt: skip
        """A product whose variants are planned with it, at the end of its page."""
        new = action.new.get(Facet.PRICE) if action is not None else None
        erp, held = m.bodies.get(Facet.PRICE), old if isinstance(old, StoredPrice) else None
        lead = [one for one in (link, *(variants.split(action) if action else ())) if one is not None]
        for one in lead:
            self._need(one, m.product)
        family = Family(
            product=m.product, digest=m.record.digest, shop_id=shop_id, lead=lead, known=known or [],
            base=new if isinstance(new, StoredPrice) else held, old_base=held,
            erp_base=erp if isinstance(erp, StoredPrice) else None,
            travels=self._run.flow == "prices" or isinstance(new, StoredPrice), quiet=quiet and not lead,
        )  # fmt: skip
        self._families.append((m, family))

    def _plan_variants(self) -> None:
        families, self._families = self._families, []
        records = {id(family): m.record for m, family in families}
        for family in self._variants.plan([family for _, family in families]):
            self._nothing_to_do(records[id(family)])

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
                    if match.has_variants and not m.product.has_variants:
                        raise VariantsDiffer(key=m.record.key, shop_id=match.shop_id)
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
            same = is_group(m.record) or products.same_article(m.bodies, sent=sent.get(link.id, {}))
            if self._pages.holds(link.erp_key) or not same:
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
            known = self._variants.known([link]).get(link.shop_id, [])
            self._linked(m, link, sent.get(link.id, {}), known=known)
        if others:
            self._match(others)

    def _claim(self, shop_id: str, key: str, owners: dict[str, LinkRow]) -> None:
        owner = owners[shop_id].erp_key if shop_id in owners else self._claimed.get(shop_id)
        if owner is not None:
            raise MatchTaken(key=key, shop_id=shop_id, other=owner)
        self._claimed[shop_id] = key

    def _adopt(self, m: Mapped, match: ShopProduct) -> None:
        priceless = self._priceless(m, new=False)
        ours = ownership.for_existing(m.bodies, sent={}, owners=self._run.rules.owners)
        bodies = {facet: body for facet, body in ours.items() if not (priceless and facet in PAIR)}
        link, action = products.adopt(
            m.product, found=match, digest=m.record.digest, bodies=bodies, flow=self._run.flow
        )
        if m.product.has_variants:
            held = None if match.price is None else StoredPrice(number(match.price), number(match.price), False)
            link = msgspec.structs.replace(link, ranged=True)
            self._family(m, action, link=link, old=held, shop_id=match.shop_id)
            return
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
        if m.product.has_variants and not m.product.variants:
            reason = text("no_variant_sold", "{key}: none of its variants is sold.", key=m.record.key)
            self._spool.add(Action(kind=ActionKind.SKIP, key=m.record.key, erp_id=m.record.erp_id, reason=reason))
            return
        self._priceless(m, new=True)
        if (unplaced := products.to_classify(m.product, rules=run.rules)) is not None:
            self._spool.add(Action(kind=ActionKind.SKIP, key=m.record.key, erp_id=m.record.erp_id, reason=unplaced))
        bodies, extra = shelved(ownership.at_creation(m.bodies, owners=run.rules.owners), extra=m.extra, sent={})
        self._tell(m, extra)
        action = products.create(m.product, digest=m.record.digest, bodies=bodies)
        action = msgspec.structs.replace(action, again=bool(extra.told))
        if m.product.has_variants:
            self._family(m, action, shop_id="")
            return
        self._need(action, m.product)
        self._spool.add(action)

    def _tell(self, m: Mapped, extra: Extra) -> None:
        """Which of an article's further categories are not clear."""
        for reason in extra.told:
            self._spool.add(Action(kind=ActionKind.SKIP, key=m.record.key, erp_id=m.record.erp_id, reason=reason))

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
        leaving = Leaving(self._run, spool=self._spool, pins=self._pins)
        for page in store.linked_keys(kind="product"):
            left = [key for key, link_id in page.items() if link_id not in self._kept and not self._pages.holds(key)]
            leaving.plan([link for link in store.links(kind="product", keys=left).values() if not link.gone])

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


def fresh_salt(run: Run) -> None:
    """Options or shop context changed since the flow last ran: every record is looked at again."""
    current = salt(run.profile, context=run.rules.context, flow=run.flow)
    name = f"salt.{run.flow}"
    if run.store.fact(name) != current:
        run.store.forget(flow=run.flow)
        run.store.set_fact(name, value=current)
