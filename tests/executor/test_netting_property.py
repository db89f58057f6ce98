"""Sold goods are not sold again: orders come, go and change at any moment of a run, under every stock type."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passerelle.app.state import configure, prepare

configure()

from passerelle.app import registry, services, wiring  # noqa: E402
from passerelle.connectors.memory_erp.adapter import MemoryErp  # noqa: E402
from passerelle.connectors.memory_erp.client import MemoryErpData  # noqa: E402
from passerelle.connectors.memory_shop.adapter import MemoryShop  # noqa: E402
from passerelle.connectors.memory_shop.client import MemoryShopData  # noqa: E402
from passerelle.domain.orders import SalesDocument, SalesLine  # noqa: E402
from passerelle.domain.stock import MOVES, READS, DocumentKind, StockLevel, StockType, quantity  # noqa: E402
from passerelle.testing.clock import HeldClock  # noqa: E402

EXAMPLES = 5000 if os.environ.get("PASSERELLE_SOAK") else 120
SKUS = ("A1", "A2", "A3")
HELD = {"1", "2", "3", "4", "5"}  # statuses in which the shop keeps the goods aside
NUMBERS = itertools.count()

PROFILE = """
[profile]
name = "{name}"
key = "{key}"
[erp]
connector = "memory_erp"
[shop]
connector = "memory_shop"
[articles]
published_only = true
[articles.stocks]
warehouses = ["Principal"]
stock_type = "{stock_type}"
[guards]
to_zero_percent = 100
"""

moments = st.sampled_from(
    [
        ("start", 0),
        ("before", "orders"),
        ("after", "orders"),
        ("erp", "stock"),
        ("before", "set_stock"),
        ("after", "set_stock"),
    ]
)
events = st.one_of(
    st.tuples(st.just("place"), st.sampled_from(SKUS), st.integers(1, 6), st.sampled_from(["1", "2", "3", "5", "8"])),
    st.tuples(st.just("cancel"), st.integers(0, 5)),
    st.tuples(st.just("edit"), st.integers(0, 5), st.integers(1, 6)),
)
documents = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(list(DocumentKind)[:5])), max_size=3)
counters = st.fixed_dictionaries(
    {
        "pieces": st.integers(0, 30),
        "reserved": st.integers(0, 5),
        "prepared": st.integers(0, 5),
        "incoming": st.integers(0, 9),
    }
)


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setenv("PASSERELLE_HOME", str(tmp_path_factory.mktemp("home")))
    prepare()
    yield
    patch.undo()


@dataclass
class Town:
    """A memory ERP and a memory shop under one profile; orders may happen at any call."""

    stock_type: StockType
    folder: Path
    clock: HeldClock = field(default_factory=HeldClock)

    def __post_init__(self) -> None:
        number = next(NUMBERS)
        self.key = f"{number:04X}"[-4:]
        self.erp = MemoryErpData()
        self.shop = MemoryShopData(clock=self.clock)
        self.ids = {sku: self.shop.add_product(sku=sku, visible=True, price=Decimal(5), tax_rule="1") for sku in SKUS}
        self.articles = {sku: self.erp.add_article(sku, price=Decimal(5)) for sku in SKUS}
        self.released = 0  # units given back by a shop during a run: it puts them on sale itself
        self.file = self.folder / f"{number}.toml"
        self.file.write_text(PROFILE.format(name=f"town-{number}", key=self.key, stock_type=self.stock_type.value))
        self.opened = wiring.open_profile(str(self.file), clock=self.clock)
        self.clock.sleep(60)

    def happen(self, event: tuple[Any, ...]) -> None:
        """One thing a buyer or the merchant does in the shop."""
        self.clock.sleep(1)
        orders = sorted(self.shop.orders, key=int)
        if event[0] == "place":
            _, sku, pieces, status = event
            self.shop.place_order({self.ids[sku]: pieces}, status=status)
        elif orders and event[0] == "cancel":
            row = self.shop.orders[orders[event[1] % len(orders)]]
            self.released += sum(int(line.quantity) for line in row.lines) if row.status in HELD else 0
            self.shop.change_state(row.id, "6")
        elif orders and event[0] == "edit":
            row = self.shop.orders[orders[event[1] % len(orders)]]
            self.released += sum(int(line.quantity) for line in row.lines) if row.status in HELD else 0
            self.shop.edit_order(row.id, {row.lines[0].product_id: event[2]})

    def enter(self, order: int, kind: DocumentKind) -> None:
        """The merchant types an order of the shop into the ERP."""
        orders = sorted(self.shop.orders, key=int)
        if not orders:
            return
        row = self.shop.orders[orders[order % len(orders)]]
        names = {shop_id: sku for sku, shop_id in self.ids.items()}
        lines = tuple(
            SalesLine(
                sku=names[line.product_id], label="x", quantity=Decimal(line.quantity), unit_price=Decimal(5),
                tax_included=False, tax_code="C20",
            )
            for line in row.lines
        )  # fmt: skip
        document = SalesDocument(
            order_key=f"{self.key}-{row.id}", kind=kind, customer_code="C", dated_on=self.clock.now().date(),
            currency="EUR", lines=lines,
        )  # fmt: skip
        if document.order_key not in self.erp.documents:
            self.erp.place(document)

    def receive(self, sku: str, pieces: int) -> None:
        """Goods come in."""
        self.erp.state.stock["1"][self.articles[sku]].on_hand += pieces
        self.erp.save()

    def run(self) -> services.Report:
        """One run of the stocks."""
        report = services.run_flow(self.opened, "stocks")
        assert report.failure is None, report.failure
        assert report.state == "done", report.held_by
        return report

    def sellable(self, sku: str) -> int:
        """What may be on sale, from the ERP's rows and the shop's orders, by an arithmetic of its own."""
        row = self.erp.state.stock["1"][self.articles[sku]]
        level = StockLevel(
            sku=sku, on_hand=Decimal(row.on_hand), reserved=Decimal(row.reserved), prepared=Decimal(row.prepared),
            incoming=Decimal(row.incoming), blocked=Decimal(row.blocked),
        )  # fmt: skip
        left = quantity(level, stock_type=self.stock_type)
        for order in self.shop.orders.values():
            document = self.erp.documents.get(f"{self.key}-{order.id}")
            contained = document is not None and MOVES[document.kind] in READS[self.stock_type]
            held = sum(line.quantity for line in document.document.lines if line.sku == sku) if contained else 0
            if order.status in HELD:
                sold = sum(Decimal(line.quantity) for line in order.lines if line.product_id == self.ids[sku])
                left -= max(Decimal(0), sold - held)
        return int(left)

    def shown(self, sku: str) -> int:
        """What the shop has on sale."""
        return int(self.shop.products[self.ids[sku]].stock)


@contextmanager
def connected(town: Town) -> Iterator[None]:
    """Have the application open this town's two sides."""
    erps, shops = dict(registry.ERPS), dict(registry.SHOPS)
    registry.ERPS["memory_erp"] = (erps["memory_erp"][0], lambda c, t: MemoryErp(c, clock=t.clock, data=town.erp))
    registry.SHOPS["memory_shop"] = (
        shops["memory_shop"][0],
        lambda c, t: MemoryShop(
            c,
            languages=dict(t.languages),
            clock=t.clock,
            limiter=registry._limiter(c, t),
            tally=t.tally,
            data=town.shop,
        ),
    )
    try:
        yield
    finally:
        registry.ERPS.update(erps)
        registry.SHOPS.update(shops)


@contextmanager
def meanwhile(town: Town, happenings: list[tuple[tuple[str, Any], tuple[Any, ...]]]) -> Iterator[None]:
    """Let each event happen once, at the first call it is meant for."""
    waiting = list(happenings)

    def at(when: str) -> Callable[..., None]:
        def hook(call: str, *_: Any) -> None:
            for entry in [e for e in waiting if e[0] == (when, call)][:1]:
                waiting.remove(entry)
                town.happen(entry[1])

        return hook

    town.shop.before.append(at("before"))
    town.shop.after.append(at("after"))
    town.erp.after.append(at("erp"))
    try:
        yield
    finally:
        town.shop.before.clear()
        town.shop.after.clear()
        town.erp.after.clear()


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    stock_type=st.sampled_from(list(StockType)),
    stocks=st.tuples(counters, counters, counters),
    before=st.lists(events, max_size=3),
    entered=documents,
    during=st.lists(st.tuples(moments, events), max_size=4),
    received=st.integers(1, 5),
    sold=st.lists(events, max_size=2),
)
def test_what_is_sold_is_never_put_back_on_sale(
    tmp_path: Path, stock_type: StockType, stocks: Any, before: Any, entered: Any, during: Any, received: int, sold: Any
) -> None:
    town = Town(stock_type, tmp_path)
    for sku, row in zip(SKUS, stocks, strict=True):
        values = dict(row)
        town.erp.set_stock(town.articles[sku], values.pop("pieces"), **values)
    with connected(town):
        town.run()
        for event in before:
            town.happen(event)
        for order, kind in entered:
            town.enter(order, kind)
        town.run()
        town.released = 0
        for sku in SKUS:
            town.receive(sku, received)
        with meanwhile(town, during):
            town.run()
        for sku in SKUS:
            assert town.shown(sku) <= max(0, town.sellable(sku)) + town.released
        for event in sold:
            town.happen(event)
        town.run()
        for sku in SKUS:
            assert town.shown(sku) == max(0, town.sellable(sku))
        assert town.run().writes == 0
