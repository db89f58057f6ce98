"""Pass 1 of stocks: every article's counters against what was last sent, the shop's own orders taken off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from passerelle.domain.facets import Facet, Ownership
from passerelle.domain.stock import StockLevel
from passerelle.domain.texts import text
from passerelle.errors import MatchTaken, RecordError, VariantsDiffer
from passerelle.executor.observe import SOLD_OUT, Pages, fresh_salt
from passerelle.executor.orders import STOCKS_RAN, OrderWatch
from passerelle.executor.run import Run
from passerelle.executor.spool import Spool
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.guards import Totals
from passerelle.planner.matching import Candidates
from passerelle.planner.products import Sent, check_reference
from passerelle.planner.stocks import plan_stock, with_netting
from passerelle.ports.erp import Record, StockQuery
from passerelle.ports.store import LinkRow, NewSent, Settlement
from passerelle.profile.sections import StockOptions

FIRST_STOCK = "first_stock"  # beside the flows, in what is remembered of records


def stock_query(run: Run) -> StockQuery:
    """What is asked of the ERP's stock."""
    options = run.profile.articles
    assert options.stocks is not None
    return StockQuery(
        warehouses=options.stocks.warehouses,
        published_only=options.published_only,
        filter=options.filter,
        variants=options.variants is not None,
        only=run.only,
    )


class StockObserver:
    """Plans `stocks`."""

    def __init__(self, run: Run, *, spool: Spool, watch: OrderWatch) -> None:
        self._run = run
        self._spool = spool
        self._watch = watch
        self._options = options_of(run)
        self._pages = Pages(run, spool=spool, identity=self._identity)
        self._issues = {issue.key for issue in run.store.issues(flow=run.flow)}
        self._quiet: dict[str, bytes] = {}
        self._claimed: dict[str, str] = {}

    def plan(self) -> Totals:
        """Spool the whole flow; gives the totals the guards weigh."""
        run = self._run
        fresh_salt(run)
        first = run.store.fact(STOCKS_RAN) is None
        older = self._watch.begin()
        for records in self._pages.changed(run.erp.stock(stock_query(run))):
            self._page(records)
        self._finish()
        return Totals(
            read=self._pages.read if run.only is None else 1,
            linked=run.store.count_links(kind="product"),
            in_stock=run.store.count_sent(facet=Facet.STOCK, other_than=SOLD_OUT) if run.counts.planned else 0,
            old_orders=older if first else 0,
        )

    def _identity(self, record: Record[StockLevel]) -> bytes:
        return with_netting(record.digest, netted=self._watch.taken(record.key))

    def _page(self, records: list[Record[StockLevel]]) -> None:
        store = self._run.store
        links = sellable(self._run, [record.key for record in records])
        sent = store.sent([row.id for row in links.values()], facet=Facet.STOCK)
        strangers = [record for record in records if record.key not in links]
        adopted = self._adopt(strangers) if strangers else {}
        for record in records:
            link = links.get(record.key)
            if link is not None or record.key in adopted:
                shop_id = link.shop_id if link else adopted[record.key]
                self._plan(record, link, shop_id, sent.get(link.id, {}) if link else {})
        self._remember()

    def _plan(self, record: Record[StockLevel], link: LinkRow | None, shop_id: str, sent: Sent) -> None:
        try:
            level = record.read()
        except RecordError as error:
            self._spool.park(record.key, error=error, erp_id=record.erp_id)
            return
        action = plan_stock(
            level, link=link, shop_id=shop_id, sent=sent, netted=self._watch.taken(record.key), digest=record.digest,
            options=self._options,
        )  # fmt: skip
        if action is None:
            self._run.counts.unchanged += 1
            self._quiet[record.key] = self._identity(record)
        else:
            self._spool.add(action)

    def _adopt(self, strangers: list[Record[StockLevel]]) -> dict[str, str]:
        """Link articles to products the shop already has, by reference; gives the shop ids."""
        run = self._run
        wanted = [record for record in strangers if self._usable(record) and not self._variant(record)]
        found = run.shop.find_products(skus=[record.key for record in wanted])
        candidates = Candidates(found)
        owners = run.store.links_by_shop_id(kind="product", shop_ids=[product.shop_id for product in found])
        ours = self._being_created([record.key for record in wanted])
        adopted: dict[str, str] = {}
        for record in wanted:
            if record.key in ours:
                self._absent(record)
                continue
            try:
                match = candidates.match(record.key, gtin="", gtin_shared=True)
                if match is None:
                    self._absent(record)
                    continue
                if match.has_variants:
                    raise VariantsDiffer(key=record.key, shop_id=match.shop_id)
                self._claim(match.shop_id, record.key, owners)
            except RecordError as error:
                self._spool.park(record.key, error=error, erp_id=record.erp_id)
                continue
            adopted[record.key] = match.shop_id
            self._spool.add(
                Action(
                    kind=ActionKind.LINK, key=record.key, erp_id=record.erp_id, shop_id=match.shop_id,
                    digest=record.digest, adopt=True,
                )
            )  # fmt: skip
        return adopted

    def _being_created(self, keys: list[str]) -> set[str]:
        """Those that a catalogue has just created, or may have: they are ours and not to be adopted.

        Asked after the shop: a product that was found had its creation journalled before.
        """
        store = self._run.store
        open_ = {row.key for row in store.open_intents(lane="bulk") if row.kind == ActionKind.CREATE_PRODUCT.value}
        return open_ | set(store.links(kind="product", keys=keys))

    def _variant(self, record: Record[StockLevel]) -> bool:
        """A variant is linked by the catalogue, under its product; its stock waits for that."""
        try:
            level = record.read()
        except RecordError as error:
            self._spool.park(record.key, error=error, erp_id=record.erp_id)
            return True
        if level.variant_of:
            self._absent(record)
        return bool(level.variant_of)

    def _usable(self, record: Record[StockLevel]) -> bool:
        """A reference the shop refuses is parked by the catalogue; here it is simply not in the shop."""
        try:
            check_reference(record.key, limit=self._run.rules.context.limits["sku"])
        except RecordError:
            self._absent(record)
            return False
        return True

    def _absent(self, record: Record[StockLevel]) -> None:
        reason = text("not_in_shop", "{key}: it is not in the shop.", key=record.key)
        self._spool.add(Action(kind=ActionKind.SKIP, key=record.key, erp_id=record.erp_id, reason=reason))

    def _claim(self, shop_id: str, key: str, owners: dict[str, LinkRow]) -> None:
        owner = owners[shop_id].erp_key if shop_id in owners else self._claimed.get(shop_id)
        if owner is not None:
            raise MatchTaken(key=key, shop_id=shop_id, other=owner)
        self._claimed[shop_id] = key

    def _finish(self) -> None:
        self._spool.flush()
        if self._run.only is None and self._pages.read:
            moot = [key for key in self._issues - self._run.parked_keys if not self._pages.holds(key)]
            self._run.store.heal(flow=self._run.flow, keys=moot)

    def _remember(self) -> None:
        if not self._quiet:
            return
        healed = [key for key in self._quiet if key in self._issues]
        self._run.store.remember(flow=self._run.flow, seen=self._quiet)
        self._run.store.heal(flow=self._run.flow, keys=healed)
        self._quiet = {}


def sellable(run: Run, keys: Sequence[str]) -> dict[str, LinkRow]:
    """The links of articles and variants, by reference. The variant where both have one: it carries the stock."""
    links = run.store.links(kind="product", keys=keys)
    if run.rules.options.variants is not None:
        links |= run.store.links(kind="variant", keys=keys)
    return links


def plan_first_stock(run: Run, *, spool: Spool, watch: OrderWatch, created: Mapping[str, str]) -> None:
    """The stock of what the catalogue creates (reference → product or variant), and of what it created before and was
    stopped.

    Those that need none, such as services, are noted: the ERP's stock is not read again for them.
    """
    left = [link.erp_key for link in run.store.created_without(Facet.STOCK)]
    settled = run.store.seen(flow=FIRST_STOCK, keys=left)
    wanted = {*created, *(key for key in left if key not in settled)}
    if not wanted:
        return
    needless: dict[str, bytes] = {}
    watch.begin()
    options = options_of(run)
    for page in run.erp.stock(stock_query(run)):
        mine = [record for record in page if record.key in wanted]
        links = sellable(run, [record.key for record in mine])
        for record in mine:
            link = links.get(record.key)
            try:
                level = record.read()
            except RecordError:
                continue  # the flow of stocks tells about it
            action = plan_stock(
                level, link=link, shop_id=link.shop_id if link else "", sent={}, netted=watch.taken(record.key),
                digest=record.digest, options=options, target=created.get(record.key, "product"),
            )  # fmt: skip
            if action is not None and action.kind is ActionKind.SET_STOCK:
                spool.add(action)
            else:
                needless[record.key] = record.digest
    spool.flush()
    run.store.remember(flow=FIRST_STOCK, seen=needless)


def leave_to_stocks(run: Run) -> None:
    """Created products whose first stock could not be sent (not followed, no stock in the shop): the flow of stocks
    looks at them, and the catalogue no more.
    """
    unknown = [
        NewSent(link=link.id, facet=Facet.STOCK, ownership=Ownership.ERP, fingerprint=None, body=None)
        for link in run.store.created_without(Facet.STOCK)
    ]
    if unknown:
        run.store.settle(run.id, flow=run.flow, settlement=Settlement(sent=unknown))


def options_of(run: Run) -> StockOptions:
    """The stock options, which are on whenever stock is planned."""
    options = run.profile.articles.stocks
    assert options is not None
    return options
