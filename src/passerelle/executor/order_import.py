"""Pass 1 of orders: which shop orders are to become documents of the ERP, and of which customer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time

from passerelle.domain.facets import Facet, OrderStatus
from passerelle.domain.orders import OrderStatuses, SalesDocument, SalesOrder, ShopOrder, SoldLine
from passerelle.domain.texts import text
from passerelle.errors import (
    CustomerAmbiguous,
    CustomerTaken,
    CustomerUnknown,
    OrderKeyTooLong,
    RecordError,
    StatusConflict,
)
from passerelle.executor.ledger import CUSTOMER, LANE, ORDER, Ledger
from passerelle.executor.order_statuses import named
from passerelle.executor.orders import OVERLAP
from passerelle.executor.placing import READ, digest_of
from passerelle.executor.run import Run
from passerelle.executor.spool import Spool
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.buyers import GUEST, customer_of, identity_of, new_code, next_code
from passerelle.planner.guards import Totals
from passerelle.planner.netting import touched
from passerelle.planner.order_totals import settle_totals
from passerelle.planner.orders import Articles, ErpArticle, plan_document, tax_category
from passerelle.planner.statuses import NO_RANK, Wanted, decide
from passerelle.ports.erp import ProductQuery
from passerelle.ports.store import LedgerEntry, LinkRow, OrderMove, OrderState, Settlement
from passerelle.profile.sections import CustomerImportOptions, OrderImportOptions, StatusOptions

CURSOR = "orders.import.cursor"
IMPORTED = "orders.imported"  # a first import was made, or approved


class OrderImporter:
    """Plans `orders`."""

    def __init__(self, run: Run, *, spool: Spool, ledger: Ledger, since: datetime) -> None:
        options = run.profile.orders.import_
        assert options is not None
        self._run = run
        self._spool = spool
        self._ledger = ledger
        self._options: OrderImportOptions = options
        self._since = datetime.combine(options.since, time(), UTC) if options.since else since
        self._buyers: Buyers
        self._currency = run.erp.currency()
        self._articles: dict[str, bool] = {}
        self._planned = 0

    def plan(self) -> Totals:
        """Spool the whole flow; gives the totals the guards weigh."""
        self._ledger.settle()
        self._buyers = Buyers(self._run, spool=self._spool)  # whose customers the ERP has taken by now
        self._read()
        self._ledger.follow()
        for entries in _grouped(self._run.store.ledger(states=(OrderState.DUE,))):
            self._import(entries)
        for entries in _grouped(self._run.store.ledger(states=(OrderState.CONFIRMED,))):
            self._acknowledge(entries)
        self._spool.flush()
        first = self._run.store.fact(IMPORTED) is None
        return Totals(read=1, first_orders=self._planned if first else 0)

    # --- which orders ---

    def _read(self) -> None:
        """Orders that changed: those that had a status of the list since they exist are due."""
        store = self._run.store
        stored = store.fact(CURSOR)
        cursor = datetime.fromisoformat(stored.decode()) if stored else None
        latest = cursor or self._since
        for page in self._run.shop.orders(updated_from=cursor - OVERLAP if cursor else self._since):
            before = store.orders_by_id([order.shop_id for order in page])
            fresh = [order for order in page if before.get(order.shop_id) != order]
            moved = {product for order in fresh for product in touched(before.get(order.shop_id), order)}
            if fresh:
                store.put_orders(fresh, touched=sorted(moved))
            self._mark(page)
            self._ledger.changed(page)
            latest = max(latest, *(order.updated_at for order in page))
        if latest != cursor:
            store.set_fact(CURSOR, value=latest.isoformat().encode())

    def _mark(self, page: Sequence[ShopOrder]) -> None:
        wanted = {str(status) for status in self._options.statuses}
        entries = self._run.store.ledger_by_id([order.shop_id for order in page])
        new = [
            order
            for order in page
            if order.created_at >= self._since and entries[order.shop_id].state is OrderState.SEEN
        ]
        due = [order.shop_id for order in new if order.status in wanted and order.holds_stock]
        others = [order.shop_id for order in new if order.status not in wanted and order.holds_stock]
        if others:
            statuses = self._run.desk.statuses(others)
            due += [id for id, known in statuses.items() if any(change.status in wanted for change in known.history)]
        self._run.store.set_due(due)

    # --- their documents ---

    def _import(self, entries: list[LedgerEntry]) -> None:
        chosen = [entry.shop_id for entry in entries if self._run.only in (None, entry.shop_id)]
        chosen = [shop_id for shop_id in self._not_cancelled(chosen) if not self._there_already(shop_id)]
        if not chosen:
            return
        found = self._run.desk.sales_orders(chosen)
        for shop_id, error in self._run.desk.unreadable().items():
            self._spool.park(shop_id, error=error)
        for order in found:
            try:
                self._one(order)
            except RecordError as error:
                self._spool.park(order.shop_id, error=error)

    def _not_cancelled(self, chosen: list[str]) -> list[str]:
        """An order that was given up before its import is not due any more; it is again once it comes back."""
        orders = self._run.store.orders_by_id(chosen)
        cancelled = [shop_id for shop_id in chosen if not orders[shop_id].holds_stock]
        if cancelled:
            moves = {shop_id: OrderMove(OrderState.SEEN) for shop_id in cancelled}
            self._run.store.settle(
                self._run.id, flow=self._run.flow, settlement=Settlement(orders=moves, healed=cancelled)
            )
        return [shop_id for shop_id in chosen if shop_id not in cancelled]

    def _there_already(self, shop_id: str) -> bool:
        try:
            documents = self._ledger.documents.get(self._ledger.key(shop_id))
        except ValueError as error:
            self._spool.park(shop_id, error=OrderKeyTooLong(key=shop_id, order_key=str(error).split()[2]))
            return True
        if documents:
            settlement = Settlement()
            self._ledger.confirm(settlement, shop_id, documents[0])
            self._run.store.settle(self._run.id, flow=self._run.flow, settlement=settlement)
        return bool(documents)

    def _one(self, order: SalesOrder) -> None:
        category = tax_category(order, options=self._options)
        buyer = self._buyers.of(order, tax_category=category, countries=self._options.countries)
        if buyer.waiting:
            reason = text(
                "order_waits_for_customer", "Order {key}: it waits until the ERP has taken its customer {customer}.",
                key=order.shop_id, customer=buyer.code,
            )  # fmt: skip
            self._spool.add(Action(kind=ActionKind.SKIP, key=order.shop_id, shop_id=order.shop_id, reason=reason))
            return
        document = plan_document(
            order, options=self._options, profile_key=self._run.profile.profile.key,
            currency=self._currency, customer_code=buyer.code, articles=self._articles_of(order),
            dated_on=self._day(order),
        )  # fmt: skip
        settled = self._settled(document, order)
        self._buyers.spool(buyer)
        self._planned += 1
        self._spool.add(
            Action(
                kind=ActionKind.PLACE_ORDER, key=order.shop_id, shop_id=order.shop_id, label=order.reference,
                digest=digest_of(order),
                new={Facet.DOCUMENT: settled}, detail="" if buyer.shared else buyer.code,
            )
        )  # fmt: skip

    def _settled(self, document: SalesDocument, order: SalesOrder) -> SalesDocument:
        """The document with its rounding line, priced again with it."""
        price = self._run.sink.price
        settled = settle_totals(document, order, totals=price(document), options=self._options)
        if settled is not document:
            settled = settle_totals(settled, order, totals=price(settled), options=self._options)
        return settled

    def _day(self, order: SalesOrder) -> date:
        at = order.created_at if self._options.dated == "order" else self._run.clock.now()
        return at.astimezone().date()

    def _articles_of(self, order: SalesOrder) -> Articles:
        """The ERP's article or variant of each line: by link, then by the reference that was sold."""
        store = self._run.store
        plain = sorted({line.product_id for line in order.lines if line.article == line.product_id})
        links = store.links_by_shop_id(kind="product", shop_ids=plain)
        variants = sorted({line.article for line in order.lines} - set(plain))
        links |= store.links_by_shop_id(kind="variant", shop_ids=variants) if variants else {}
        found = {line.article: self._article(line, links.get(line.article)) for line in order.lines}
        return found | dict.fromkeys(store.variant_links(plain))  # sold without a choice: which variant, nobody knows

    def _article(self, line: SoldLine, link: LinkRow | None) -> ErpArticle | None:
        if link is not None:
            return ErpArticle(link.erp_key, link.erp_id)
        return ErpArticle(line.sku) if self._exists(line.sku) else None

    def _exists(self, sku: str) -> bool:
        if sku and sku not in self._articles:
            self._articles[sku] = self._run.erp.count(ProductQuery(published_only=False, only=sku)) > 0
        return bool(sku) and self._articles[sku]

    # --- the status after import ---

    def _acknowledge(self, entries: list[LedgerEntry]) -> None:
        wanted = self._options.status_after_import
        if wanted is None:
            return
        ids = [entry.shop_id for entry in entries if self._run.only in (None, entry.shop_id)]
        links = self._run.store.links(kind=ORDER, keys=ids)
        for shop_id, now in self._run.desk.statuses(ids).items():
            if shop_id in links:
                self._status(shop_id, now, str(wanted))

    def _status(self, shop_id: str, now: OrderStatuses, wanted: str) -> None:
        options = self._run.profile.orders.status_updates or StatusOptions(table={})
        decided = decide(
            Wanted(wanted, NO_RANK), now=now, last_sent=None, options=options, read_statuses=self._options.statuses,
            status_after_import=self._options.status_after_import,
        )  # fmt: skip
        if isinstance(decided, StatusConflict):
            self._spool.park(shop_id, error=named(self._run, decided))
            return
        if decided is None:
            self._acknowledged(shop_id)
            return
        self._spool.add(
            Action(
                kind=ActionKind.SET_STATUS, key=shop_id, shop_id=shop_id, new={Facet.STATUS: OrderStatus(wanted)},
                old={Facet.STATUS: OrderStatus(now.current)},
            )
        )  # fmt: skip

    def _acknowledged(self, shop_id: str) -> None:
        """The shop is there already, or further on."""
        moves = {shop_id: OrderMove(OrderState.ACKNOWLEDGED)}
        settlement = Settlement(orders=moves, healed=[] if shop_id in self._run.parked_keys else [shop_id])
        self._run.store.settle(self._run.id, flow=self._run.flow, settlement=settlement)


class Buyer:
    """Who an order is for: the code in the ERP, and what has to happen before."""

    def __init__(self, code: str, *, waiting: bool = False, shared: bool = False, action: Action | None = None) -> None:
        self.code = code
        self.waiting = waiting  # the ERP is taking it
        self.shared = shared  # needs no link of its own
        self.action = action


class Buyers:
    """Finds or prepares the ERP customers of orders."""

    def __init__(self, run: Run, *, spool: Spool) -> None:
        self._run = run
        self._spool = spool
        self._options = run.profile.customers.import_ or CustomerImportOptions()
        self._known: dict[str, Buyer] = {}
        self._waiting = {
            row.shop_id: row.key for row in run.store.awaiting(lane=LANE) if row.kind == ActionKind.PLACE_CUSTOMER.value
        }
        self._taken: set[str] = set(self._waiting.values())

    def of(self, order: SalesOrder, *, tax_category: str, countries: dict[str, str]) -> Buyer:
        """Raises CustomerUnknown, CustomerAmbiguous, CustomerTaken, CustomerNameMissing, OrderUnmapped."""
        identity = identity_of(order.customer)
        if self._options.single_account:
            return self._single(order)
        if identity in self._waiting:
            return Buyer(self._waiting[identity], waiting=True)
        if identity not in self._known:
            self._known[identity] = self._found(order, identity) or self._new(order, identity, tax_category, countries)
        return self._known[identity]

    def spool(self, buyer: Buyer) -> None:
        """Put what has to happen before into the plan, once."""
        if buyer.action is not None:
            self._spool.add(buyer.action)
            buyer.action = None

    def _single(self, order: SalesOrder) -> Buyer:
        code = self._options.single_account
        if code not in self._known:
            if not self._run.sink.find_customers(code=code):
                raise CustomerUnknown(key=order.shop_id, code=code)
            self._known[code] = Buyer(code, shared=True)
        return self._known[code]

    def _found(self, order: SalesOrder, identity: str) -> Buyer | None:
        """By link; by e-mail where exactly one customer of the ERP has it."""
        store, sink = self._run.store, self._run.sink
        link = store.links_by_shop_id(kind=CUSTOMER, shop_ids=[identity]).get(identity)
        if link is not None:
            if not sink.find_customers(code=link.erp_key):
                raise CustomerUnknown(key=order.shop_id, code=link.erp_key)
            return Buyer(link.erp_key)
        found = sink.find_customers(email=order.customer.email) if order.customer.email else []
        if len(found) > 1:
            raise CustomerAmbiguous(key=order.shop_id, count=len(found))
        if not found:
            return None
        code = found[0].code
        owner = store.links(kind=CUSTOMER, keys=[code]).get(code)
        if owner is None:
            link_it = Action(kind=ActionKind.LINK, key=code, erp_id=code, shop_id=identity, adopt=True, target=CUSTOMER)
            return Buyer(code, action=link_it)
        if order.customer.guest or owner.shop_id.startswith(GUEST):
            return Buyer(code, shared=True)  # the same e-mail: the same person
        raise CustomerTaken(key=order.shop_id, code=code, other=owner.shop_id)

    def _new(self, order: SalesOrder, identity: str, tax_category: str, countries: dict[str, str]) -> Buyer:
        number = identity.removeprefix(GUEST)[:8] if order.customer.guest else order.customer.shop_id
        code = new_code(number, options=self._options, profile_key=self._run.profile.profile.key, order=order.shop_id)
        taken: set[str] = set()
        while (free := next_code(code, taken=taken, order=order.shop_id)) in self._taken or self._in_use(free):
            taken.add(free)
        code = free
        customer = customer_of(order, options=self._options, code=code, tax_category=tax_category, countries=countries)
        self._taken.add(code)
        action = Action(
            kind=ActionKind.PLACE_CUSTOMER, key=code, shop_id=identity, label=order.shop_id,
            new={Facet.CUSTOMER: customer}, target=CUSTOMER,
        )  # fmt: skip
        return Buyer(code, action=action)

    def _in_use(self, code: str) -> bool:
        links = self._run.store.links(kind=CUSTOMER, keys=[code])
        return bool(links) or bool(self._run.sink.find_customers(code=code))


def _grouped(pages: Iterator[list[LedgerEntry]]) -> Iterator[list[LedgerEntry]]:
    for page in list(pages):
        for start in range(0, len(page), READ):
            yield page[start : start + READ]
