"""The shop's own orders, as far as stock is concerned: followed while a run lasts, netted from what the ERP counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import msgspec

from passerelle.domain.orders import ShopOrder
from passerelle.domain.stock import StockType
from passerelle.executor.run import Run
from passerelle.planner.netting import Documents, by_order, netted, touched
from passerelle.ports.manifest import Capability
from passerelle.ports.store import LinkRow

OVERLAP = timedelta(minutes=2)  # a shop writes an order in several steps, and dates have a resolution of a second
CURSOR = "orders.cursor"
BEHIND = {flow: f"orders.behind.{flow}" for flow in ("catalogue", "stocks")}  # stock is being written by that flow
OLDER = "orders.older"
NOTHING = Decimal(0)
STOCKS_RAN = "stocks.ran"  # a person answered about older orders, or there were none


class OrderWatch:
    """Knows the quantities that shop orders take and the ERP does not contain yet."""

    def __init__(self, run: Run, *, since: datetime) -> None:
        options = run.profile.articles.stocks
        assert options is not None
        self._run = run
        self._options = options
        self._since = datetime.combine(options.orders_since, time(), UTC) if options.orders_since else since
        self._documents: Documents = {}
        self._holding: dict[str, ShopOrder] = {}
        self._read: dict[str, ShopOrder] = {}  # as this watch last read them: the other lane reads orders too
        self._latest: datetime | None = None  # how far this watch has read
        self._has_read = False
        self._older: frozenset[str] = frozenset()
        self._taken: dict[str, Decimal] = {}
        self._unlinked: dict[str, Decimal] = {}  # by reference, ignoring case: products that are not linked yet
        self._begun = False
        self._writing = False
        self._waiting = 0
        self._readable = Capability.ORDERS_READ in run.shop.manifest.capabilities

    def begin(self) -> int:
        """Fix what is known before the stock is read; gives how many older open orders a person must be told of."""
        if self._begun:
            return self._waiting
        run, self._begun = self._run, True
        self._waiting = self._look_back()
        self.refresh()
        for page in run.store.orders(holding=True):
            self._holding.update((order.shop_id, order) for order in page)
        if Capability.DOCUMENTS_READ in run.erp.manifest.capabilities:
            self._documents = by_order(run.erp.documents(run.profile.profile.key))
        self._recount()
        return self._waiting

    def before_writes(self) -> None:
        """Stock is about to be written. A run that ends before the orders are read again leaves that to the next."""
        if self._readable and not self._writing:
            self._run.store.set_fact(BEHIND[self._run.flow], value=b"")
            self._writing = True

    def after_writes(self) -> None:
        """The orders were read since the last write."""
        if self._writing:
            self._run.store.drop_fact(BEHIND[self._run.flow])
            self._writing = False

    def taken(self, key: str) -> Decimal:
        """What shop orders take of an article, beyond what the ERP's counters contain."""
        if not self._taken and not self._unlinked:
            return NOTHING
        return self._taken.get(key, NOTHING) + self._unlinked.get(key.casefold(), NOTHING)

    def refresh(self) -> set[str]:
        """Read the orders that changed; gives the ids of the shop products they touch. Those must be written again."""
        if not self._readable:
            return set()
        store, cursor = self._run.store, self._latest if self._has_read else self._cursor()
        written = self._has_read or any(store.fact(name) is not None for name in BEHIND.values())
        ids: set[str] = set()
        latest = cursor
        for page in self._changed(cursor):
            before = self._before(page)
            fresh = [order for order in page if before.get(order.shop_id) != order]
            moved = {
                product for order in fresh for product in touched(before.get(order.shop_id), order, written=written)
            }
            if fresh:
                store.put_orders(fresh, touched=sorted(moved))
            ids |= moved
            self._note(page)
            latest = max([latest, *(o.updated_at for o in page)], key=lambda at: at or datetime.min.replace(tzinfo=UTC))
        if latest is not None and latest != cursor:
            store.set_fact(CURSOR, value=latest.isoformat().encode())
        self._latest, self._has_read = latest, True
        if ids:
            self._recount()
        return ids

    def _before(self, page: list[ShopOrder]) -> dict[str, ShopOrder]:
        """The orders of a page as this watch knew them; in its first reading, as any run knew them."""
        ids = [order.shop_id for order in page]
        if not self._has_read:
            return self._run.store.orders_by_id(ids)
        known = ((key, self._read.get(key) or self._holding.get(key)) for key in ids)
        return {key: order for key, order in known if order is not None}

    def _changed(self, cursor: datetime | None) -> Iterable[list[ShopOrder]]:
        if cursor is None:  # older ones that change now count too, if they were counted
            return self._run.shop.orders(updated_from=self._since)
        return self._run.shop.orders(updated_from=cursor - OVERLAP)

    def _cursor(self) -> datetime | None:
        stored = self._run.store.fact(CURSOR)
        return datetime.fromisoformat(stored.decode()) if stored else None

    def _note(self, orders: list[ShopOrder]) -> None:
        for order in orders:
            self._read[order.shop_id] = order
            if order.holds_stock:
                self._holding[order.shop_id] = order
            else:
                self._holding.pop(order.shop_id, None)

    def _look_back(self) -> int:
        """Once, before the first stock is sent: open orders from before the date that counts."""
        store = self._run.store
        if self._options.older_orders == "ignore" or not self._readable:
            return 0
        stored = store.fact(OLDER)
        if stored is None:
            pages = self._run.shop.open_orders(created_before=self._since)
            orders = [order for page in pages for order in page if order.holds_stock]
            store.put_orders(orders, touched=[])
            stored = msgspec.json.encode([order.shop_id for order in orders])
            store.set_fact(OLDER, value=stored)
        self._older = frozenset(msgspec.json.decode(stored, type=list[str]))
        return len(self._older) if self._options.older_orders == "ask" else 0

    def _recount(self) -> None:
        run = self._run
        counted = [
            order for order in self._holding.values() if order.created_at >= self._since or order.shop_id in self._older
        ]
        links = _links(run, counted)
        taken = netted(
            [_named(order, links) for order in counted], profile_key=run.profile.profile.key, documents=self._documents,
            stock_type=StockType(self._options.stock_type),
        )  # fmt: skip
        self._taken, self._unlinked = {}, {}
        for (article, sku), quantity in taken.items():
            if article in links:
                key = links[article].erp_key
                self._taken[key] = self._taken.get(key, Decimal(0)) + quantity
            elif sku:
                self._unlinked[sku.casefold()] = self._unlinked.get(sku.casefold(), Decimal(0)) + quantity


def _links(run: Run, orders: Sequence[ShopOrder]) -> dict[str, LinkRow]:
    """What the lines of these orders are linked with, by the shop's id of product or variant.

    A variant that is not linked counts as its product, as long as the product itself is what is sold in the ERP.
    """
    lines = {line.article: line.product_id for order in orders for line in order.lines}
    products = run.store.links_by_shop_id(kind="product", shop_ids=sorted(set(lines.values())))
    found = {article: products[product] for article, product in lines.items() if product in products}
    variants = [article for article, product in lines.items() if article != product]
    return found | (run.store.links_by_shop_id(kind="variant", shop_ids=sorted(variants)) if variants else {})


def _named(order: ShopOrder, links: dict[str, LinkRow]) -> ShopOrder:
    """An order whose lines carry the ERP's references of today: an article may have been renamed since it was sold."""
    lines = tuple(
        msgspec.structs.replace(line, sku=links[line.article].erp_key) if line.article in links else line
        for line in order.lines
    )
    return msgspec.structs.replace(order, lines=lines)
