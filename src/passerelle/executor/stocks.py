"""Pass 2 of stocks. The shop's orders are read again before each batch, and what moved during a write is corrected."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from passerelle.domain.catalogue import split_shop_id
from passerelle.domain.facets import Facet, Stock
from passerelle.errors import PasserelleError
from passerelle.executor.batches import Batch, Size, Write, unprepared
from passerelle.executor.execute import CALLS, count, pages_of, resolve
from passerelle.executor.observe_stock import options_of
from passerelle.executor.orders import OrderWatch
from passerelle.executor.outcomes import Item, postpone
from passerelle.executor.run import Run
from passerelle.planner.actions import ActionKind
from passerelle.planner.stocks import shown, with_netting
from passerelle.ports.shop import Outcome, StockWrite
from passerelle.ports.store import NewLink, Settlement

STOCK_ROW = "stock"  # the kind of link that says where a product's quantity is written


class StockExecutor:
    """Executes the stock actions of a run."""

    def __init__(self, run: Run, *, watch: OrderWatch) -> None:
        self._run = run
        self._watch = watch
        self._options = options_of(run)
        self._refs: dict[str, str] = {}
        self._done = 0
        self._moved: set[str] = set()  # products that orders touched since the batch was begun
        self._up_to_date = False  # whether the shop's orders were read since anything else was done

    def execute(self) -> None:
        """Raises ConfigError, TransientError, ProtocolError: the run ends there."""
        run = self._run
        size = Size(run.shop.manifest.max_batch.get(CALLS[ActionKind.SET_STOCK], 1))
        with ThreadPoolExecutor(run.shop.manifest.parallel_writes, "sending") as threads:
            for page in pages_of(run, ActionKind.SET_STOCK):
                self._watch.begin()
                items = self._referenced(self._unsent(resolve(run, page)))
                self._up_to_date = False
                while items:
                    most = size.now * run.shop.manifest.parallel_writes
                    together = most if _apart(_chunks(items[:most], size)) else size.now
                    head, items = items[:together], items[together:]
                    self._write(head, size, threads)
        self._watch.after_writes()

    def _write(self, items: list[Item], size: Size, threads: ThreadPoolExecutor) -> None:
        """Write as many products as go out at once, and again those that an order touched meanwhile.

        The orders read after a write are those read before the next: nothing is done in between.
        """
        run = self._run
        if not self._up_to_date:
            self._watch.refresh()
        fresh = [self._recomputed(item) for item in items]
        if run.approved:
            fresh = self._unchanged(fresh)
        first = True
        while fresh:
            self._moved = set()
            self._watch.before_writes()
            written: list[Item] = []
            for batch in self._sent(fresh, size, threads):
                written += batch.confirmed
                if first:
                    count(run, batch, batch.confirmed)
            first = False
            self._moved |= self._watch.refresh()
            self._up_to_date = True
            fresh = [self._again(item) for item in written if item.action.shop_id in self._moved]
        self._done += len(items)
        run.progress("Writing to the shop", self._done, run.counts.planned)

    def _sent(self, items: list[Item], size: Size, threads: ThreadPoolExecutor) -> list[Batch]:
        """Batches sent side by side; each is settled before what one of them met ends the run."""
        chunks = _chunks(items, size)
        batches = [Batch(self._run, Write(unprepared(self._send), renew=self._renewed), size) for _ in chunks]
        ahead = len(batches) > 1 and _apart(chunks)
        for batch, chunk in zip(batches, chunks, strict=True):
            batch.begin(chunk)
            if ahead:
                batch.send_ahead(threads)
        failed: list[PasserelleError] = []
        for batch in batches:
            if failed and not ahead:
                batch.withdraw(failed[0])  # nothing of it was sent
                continue
            try:
                batch.finish()
            except PasserelleError as error:
                failed.append(error)
        if failed:
            raise failed[0]
        return batches

    def _renewed(self, items: Sequence[Item]) -> list[Item]:
        """The quantities by the orders of this very moment."""
        self._moved |= self._watch.refresh()  # it may concern a part of the batch that was written just now
        return [self._recomputed(item) for item in items]

    def _recomputed(self, item: Item) -> Item:
        action = item.action
        taken = self._watch.taken(action.key)
        new = action.new
        if action.basis is not None:
            new = {Facet.STOCK: Stock(shown(action.basis, netted=taken, options=self._options))}
        digest = with_netting(item.source, netted=taken)
        moved = new != action.new
        if not moved and digest == action.digest:
            return item
        renewed = item.renewed or (moved and bool(item.journal_id))
        return replace(item, action=replace(action, new=new, digest=digest), renewed=renewed)

    def _again(self, item: Item) -> Item:
        return self._recomputed(replace(item, journal_id=0))

    def _unchanged(self, items: list[Item]) -> list[Item]:
        """Of an approved plan, only what is still what was approved; the rest waits for the next run."""
        settlement, kept = Settlement(), []
        for item in items:
            if item.action.new != item.planned:
                postpone(settlement, item, why="shop orders changed")
            else:
                kept.append(item)
        if settlement.action_states:
            self._run.counts.failed += len(settlement.action_states)
            self._run.store.settle(self._run.id, flow=self._run.flow, settlement=settlement)
        return kept

    def _send(self, items: Sequence[Item]) -> list[Outcome]:
        writes = []
        for item in items:
            body = item.action.new[Facet.STOCK]
            assert isinstance(body, Stock)
            action = item.action
            writes.append(
                StockWrite(
                    key=action.key, shop_id=action.shop_id, stock_ref=self._refs[action.shop_id], quantity=body.quantity
                )
            )
        return self._run.shop.set_stock(writes)

    def _unsent(self, items: list[Item]) -> list[Item]:
        """Of a catalogue's first stocks, those the flow of stocks has not sent meanwhile: it read the ERP later."""
        run = self._run
        if run.flow == "stocks":
            return items
        first = [item for item in items if not item.action.parent]  # not of what is sold no more
        sent = run.store.sent([item.link_id for item in first], facet=Facet.STOCK)
        known = {link_id for link_id, rows in sent.items() if rows[Facet.STOCK].body is not None}
        run.store.set_action_states(run.id, states={item.seq: "done" for item in first if item.link_id in known})
        return [item for item in items if item.link_id not in known]

    def _referenced(self, items: list[Item]) -> list[Item]:
        """Items whose place of writing is known; asked of the shop once per product, then kept as a link."""
        store, shop = self._run.store, self._run.shop
        rows = store.links(kind=STOCK_ROW, keys=[item.action.key for item in items])
        self._refs = {}
        unknown: list[Item] = []
        for item in items:
            row = rows.get(item.action.key)
            if row is not None and row.erp_id == item.action.shop_id:
                self._refs[item.action.shop_id] = row.shop_id
            else:
                unknown.append(item)
        if unknown:
            found = shop.stock_refs([item.action.shop_id for item in unknown])
            settlement = Settlement(unlink=[row.id for item in unknown if (row := rows.get(item.action.key))])
            for item in unknown:
                self._learn(item, found, settlement)
            store.settle(self._run.id, flow=self._run.flow, settlement=settlement)
        return [item for item in items if item.action.shop_id in self._refs]

    def _learn(self, item: Item, found: dict[str, str], settlement: Settlement) -> None:
        shop_id = item.action.shop_id
        if shop_id not in found:
            self._run.counts.failed += 1
            postpone(settlement, item, why="the product has no stock in the shop")
            return
        self._refs[shop_id] = found[shop_id]
        settlement.links.append(
            NewLink(kind=STOCK_ROW, erp_key=item.action.key, erp_id=shop_id, shop_id=found[shop_id], origin="created")
        )


def _chunks(items: list[Item], size: Size) -> list[list[Item]]:
    return [items[start : start + size.now] for start in range(0, len(items), size.now)]


def _apart(chunks: Sequence[Sequence[Item]]) -> bool:
    """Whether no product has quantities, of its own or of its variants, in two of the chunks."""
    products = [{split_shop_id(item.action.shop_id)[0] for item in chunk} for chunk in chunks]
    return sum(map(len, products)) == len(set().union(*products))
