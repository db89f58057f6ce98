"""Reconciling stocks: what the shop shows beside what the ERP says now, the shop's own orders taken off.

A product whose quantity is the one last sent, or the one that would be sent now, did not drift: sales made since, and
changes of the ERP that the next run sends, are no drift.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from passerelle.domain.catalogue import split_shop_id
from passerelle.domain.facets import Facet, Stock
from passerelle.domain.stock import StockLevel
from passerelle.errors import RecordError
from passerelle.executor.observe_stock import options_of, sellable, stock_query
from passerelle.executor.orders import STOCKS_RAN, OrderWatch
from passerelle.executor.reconcile_variants import by_product
from passerelle.executor.run import Run
from passerelle.executor.spool import Spool
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.guards import Totals
from passerelle.planner.products import Sent, last_sent, owned
from passerelle.planner.reconcile import unlink
from passerelle.planner.stocks import plan_stock
from passerelle.planner.variant_drift import unlink_variant
from passerelle.ports.erp import Record
from passerelle.ports.store import LinkRow

PAGE = 200  # products read back at a time


class StockReconciler:
    """Plans the repair of stocks. `variants`: the shop gives variants back."""

    def __init__(self, run: Run, *, spool: Spool, watch: OrderWatch, variants: bool) -> None:
        self._run = run
        self._spool = spool
        self._watch = watch
        self._options = options_of(run)
        self._variants = variants
        self._told: set[int] = set()  # links of products that are gone: a line each, however many variants they had
        self._read = 0

    def plan(self) -> Totals:
        """Spool the repairs; gives the totals the guards weigh."""
        run = self._run
        first = run.store.fact(STOCKS_RAN) is None
        older = self._watch.begin()
        for records in run.erp.stock(stock_query(run)):
            for start in range(0, len(records), PAGE):
                self._page(records[start : start + PAGE])
        return Totals(read=1, old_orders=older if first else 0)

    def _page(self, records: Sequence[Record[StockLevel]]) -> None:
        """Orders are read before and after the shop's quantities: what one of them touched in between is left alone."""
        run = self._run
        links = self._comparable(records)
        parents = _products_of(run, links.values())
        if links:
            self._watch.refresh()
            shop = _Shown(run, [*links.values(), *parents.values()])
            moving = self._watch.refresh()
            sent = run.store.sent([link.id for link in links.values()], facet=Facet.STOCK)
            for record in records:
                link = links.get(record.key)
                if link is None or link.shop_id in moving or self._left(link, parents, shop):
                    continue
                self._compare(record, link, sent.get(link.id, {}), shows=shop.quantity(link))
        self._read += len(records)
        run.progress("Reading the shop back", self._read, 0)

    def _comparable(self, records: Sequence[Record[StockLevel]]) -> dict[str, LinkRow]:
        links = sellable(self._run, [record.key for record in records])
        return {key: link for key, link in links.items() if self._variants or link.kind == "product"}

    def _left(self, link: LinkRow, parents: Mapping[str, LinkRow], shop: _Shown) -> bool:
        """Whether there is nothing to compare; what is gone from the shop is told."""
        product = parents.get(split_shop_id(link.shop_id)[0]) if link.kind == "variant" else link
        if product is None or product.gone:
            return True
        if not shop.has(product):
            if product.id not in self._told:
                self._spool.add(unlink(product))
                self._told.add(product.id)
            return True
        if not shop.has(link):
            self._spool.add(unlink_variant(link, parent=product.erp_key))
            return True
        return False

    def _compare(self, record: Record[StockLevel], link: LinkRow, sent: Sent, *, shows: int | None) -> None:
        row = sent.get(Facet.STOCK)
        if row is None or row.body is None or row.pin is not None or not owned(row) or shows is None:
            return  # nothing was sent, or the ERP does not own it
        if row.fingerprint is not None and last_sent(row) == Stock(shows):
            self._run.counts.unchanged += 1
            return
        wanted = self._wanted(record, link)
        if wanted is None or wanted.new[Facet.STOCK] == Stock(shows):
            self._run.counts.unchanged += 1
        else:
            self._spool.add(replace(wanted, old={Facet.STOCK: Stock(shows)}))

    def _wanted(self, record: Record[StockLevel], link: LinkRow) -> Action | None:
        """What would be sent now; None for an article whose stock is not sent: the flow of stocks tells about it."""
        try:
            level = record.read()
        except RecordError:
            return None
        action = plan_stock(
            level, link=link, shop_id=link.shop_id, sent={}, netted=self._watch.taken(record.key),
            digest=record.digest, options=self._options,
        )  # fmt: skip
        return action if action is not None and action.kind is ActionKind.SET_STOCK else None


def _products_of(run: Run, links: Iterable[LinkRow]) -> dict[str, LinkRow]:
    """The products that the variants among these links belong to, by the product's id."""
    ids = {split_shop_id(link.shop_id)[0] for link in links if link.kind == "variant"}
    return run.store.links_by_shop_id(kind="product", shop_ids=sorted(ids)) if ids else {}


class _Shown:
    """What the shop shows of some products and variants at one moment."""

    def __init__(self, run: Run, links: Sequence[LinkRow]) -> None:
        products = dict.fromkeys(link.shop_id for link in links if link.kind == "product")
        variants = {link.shop_id for link in links if link.kind == "variant"}
        self._stock = {one.shop_id: one.stock for one in run.shop.read_products(list(products))}
        if variants:
            found = by_product(run.shop, [split_shop_id(shop_id)[0] for shop_id in variants])
            there = sorted(variants.intersection(id for rows in found.values() for id in rows))
            quantities = run.shop.quantities(there)
            self._stock |= {shop_id: quantities.get(shop_id) for shop_id in there}

    def has(self, link: LinkRow) -> bool:
        """Whether it is in the shop."""
        return link.shop_id in self._stock

    def quantity(self, link: LinkRow) -> int | None:
        """How many it shows; None where the shop has no stock of it."""
        return self._stock[link.shop_id]
