"""What is sold is not put back on sale, whenever orders are placed, cancelled, edited or entered in the ERP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal
from random import Random

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import FORMULAS, House, journal, sampled

from passerelle.sandbox.prestashop import Fault
from passerelle.sandbox.prestashop.faults import When
from passerelle.sandbox.sage100 import DocType

SEEDS, ROUNDS, ARTICLES = sampled(2, 120), 14, 6
CANCELLED, PAYMENT_ERROR = 6, 8
SHIPPED = {DocType.DELIVERY, DocType.INVOICE, DocType.POSTED_INVOICE}
CONTAINED = {
    "real": SHIPPED,
    "available": SHIPPED | {DocType.PREPARATION},
    "forecast": SHIPPED | {DocType.PREPARATION, DocType.ORDER},
    "real_minus_orders": SHIPPED | {DocType.PREPARATION, DocType.ORDER},
    "forecast_minus_purchases": SHIPPED | {DocType.PREPARATION, DocType.ORDER},
}
NEXT = {
    DocType.QUOTATION: DocType.ORDER, DocType.ORDER: DocType.PREPARATION, DocType.PREPARATION: DocType.DELIVERY,
    DocType.DELIVERY: DocType.INVOICE,
}  # fmt: skip
MOMENTS: tuple[tuple[When, str], ...] = (
    ("after_read", "orders"), ("before_write", "stock_availables"), ("during_write", "stock_availables"),
    ("after_write", "stock_availables"),
)  # fmt: skip


@dataclass
class Bought:
    """An order as the test knows it."""

    id: int
    lines: dict[str, int]
    state: int
    document: tuple[str, DocType] | None = None
    entered: dict[str, int] = field(default_factory=dict)  # what the ERP's document holds


@dataclass
class Town:
    """Buyers, the shop's back office and the people at the ERP."""

    house: House
    random: Random
    orders: list[Bought] = field(default_factory=list)
    given_back: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.refs = self.house.refs()

    # --- what happens ---

    def anything_in_the_shop(self) -> None:
        """One thing that a buyer or the back office does; the shop's dates have a resolution of a second."""
        self.house.clock.sleep(1)
        self.random.choice([self.place, self.place, self.cancel, self.edit, self.move])()

    def anything_during_the_run(self) -> None:
        """As before, noting what the shop itself puts back on sale: no run has a hand in that."""
        before = self.shown()
        self.anything_in_the_shop()
        for ref, quantity in self.shown().items():
            if quantity > before[ref]:
                self.given_back[ref] = self.given_back.get(ref, 0) + quantity - before[ref]

    def place(self) -> None:
        lines = self._lines()
        state = self.random.choice([1, 2, 2, 2, 3, 10, PAYMENT_ERROR])
        self.orders.append(Bought(self.house.shop.place_order(self._ids(lines), state=state), lines, state))

    def cancel(self) -> None:
        self._change([CANCELLED])

    def move(self) -> None:
        self._change([2, 3, 4, 5])

    def edit(self) -> None:
        if self.orders:
            order = self.random.choice(self.orders)
            order.lines = self._lines()
            self.house.shop.edit_order(order.id, self._ids(order.lines))

    def _change(self, states: list[int]) -> None:
        if self.orders:
            order = self.random.choice(self.orders)
            order.state = self.random.choice(states)
            self.house.shop.change_state(order.id, order.state)

    def enter_in_the_erp(self) -> None:
        """Someone enters an order as a quotation, an order or a delivery note."""
        waiting = [order for order in self.orders if order.document is None]
        if waiting:
            order = self.random.choice(waiting)
            kind = self.random.choice([DocType.QUOTATION, DocType.ORDER, DocType.DELIVERY])
            number = f"WEB{order.id:05d}"
            order.document, order.entered = (number, kind), dict(order.lines)
            self.house.sage.add_document(kind, number, f"MD-{order.id}", lines=list(order.lines.items()))

    def go_on_in_the_erp(self) -> None:
        """Someone turns a document into the next one."""
        open_ = [order for order in self.orders if order.document and order.document[1] in NEXT]
        if open_:
            order = self.random.choice(open_)
            assert order.document is not None
            number, kind = order.document
            order.document = (self.house.sage.transform_document(number, NEXT[kind], from_type=kind), NEXT[kind])

    def receive_goods(self) -> None:
        ref = self.random.choice(self.refs)
        self.house.sage.set_stock(ref, 1, on_hand=self.random.randrange(30), on_order=self.random.randrange(9))

    def _lines(self) -> dict[str, int]:
        return {ref: self.random.randint(1, 4) for ref in self.random.sample(self.refs, self.random.randint(1, 3))}

    def _ids(self, lines: dict[str, int]) -> list[tuple[int, int]]:
        return [(self.house.product(ref).id, quantity) for ref, quantity in lines.items()]

    # --- what the shop may show ---

    def allowed(self) -> dict[str, int]:
        """By reference: the ERP's formula less what open orders take that the ERP does not contain."""
        kind = self.house.wishes.stock_type
        query = f"SELECT AR_Ref, {FORMULAS[kind]} FROM F_ARTSTOCK WHERE DE_No = 1"
        left = {ref: Decimal(str(quantity)) for ref, quantity in self.house.sql(query)}
        for order in self.orders:
            for ref, quantity in self._missing(order, kind).items():
                left[ref] -= quantity
        return {ref: max(0, int(quantity.to_integral_value(ROUND_FLOOR))) for ref, quantity in left.items()}

    def _missing(self, order: Bought, kind: str) -> dict[str, int]:
        if order.state in (CANCELLED, PAYMENT_ERROR):
            return {}
        if order.document is None or order.document[1] not in CONTAINED[kind]:
            return order.lines
        return {ref: max(0, quantity - order.entered.get(ref, 0)) for ref, quantity in order.lines.items()}

    def shown(self) -> dict[str, int]:
        return {ref: self.house.stock_of(ref) for ref in self.refs}


def later(action: Callable[[], object], *, call: int) -> Callable[[], None]:
    """An action that happens at the n-th call only."""
    calls = iter(range(1, call + 1))

    def counted() -> None:
        if next(calls) == call:
            action()

    return counted


@pytest.fixture
def towns(build: Builder) -> Callable[[str, int], Town]:
    def made(stock_type: str, seed: int) -> Town:
        house = build(stock_type=stock_type)
        house.stock_catalogue(articles=ARTICLES)
        house.done()
        return Town(house, Random(f"{stock_type}-{seed}"))

    return made


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("stock_type", FORMULAS)
def test_no_run_ever_puts_sold_goods_back_on_sale(
    towns: Callable[[str, int], Town], stock_type: str, seed: int
) -> None:
    town = towns(stock_type, seed)
    house, random = town.house, town.random
    for _ in range(ROUNDS):
        for _ in range(random.randrange(4)):
            between = [town.anything_in_the_shop, town.enter_in_the_erp, town.go_on_in_the_erp, town.receive_goods]
            random.choice(between)()
        for _ in range(random.randrange(4)):
            when, resource = random.choice(MOMENTS)
            call = random.randint(1, 3)
            house.shop.hook(
                when, later(town.anything_during_the_run, call=call), resource=resource, times=call,
                after_entities=random.randint(1, 2),
            )  # fmt: skip
        town.given_back.clear()
        house.done("stocks")
        house.shop.mischief.hooks.clear()
        allowed = town.allowed()
        over = {ref: shown - allowed[ref] - town.given_back.get(ref, 0) for ref, shown in town.shown().items()}
        assert max(over.values()) <= 0, over
        house.done("stocks")
        assert town.shown() == town.allowed()
        assert house.done("stocks")["stocks"].writes == 0
        if random.random() < 0.3:
            house.clock.sleep(timedelta(minutes=random.randrange(1, 9)).total_seconds())


@pytest.fixture
def town(towns: Callable[[str, int], Town]) -> Town:
    return towns("real_minus_orders", 0)


def test_an_order_that_arrives_during_the_write_itself_is_corrected_by_the_same_run(town: Town) -> None:
    house = town.house
    house.sage.set_stock("ART-003", 1, on_hand=20, reserved=0, prepared=0)
    product = house.product("ART-003").id
    house.shop.hook("before_write", lambda: house.shop.place_order([(product, 4)]), resource="stock_availables")
    assert house.done("stocks")["stocks"].writes == 2
    assert house.shop.stock_of(product) == 16
    entries = [(entry.state, entry.key) for entry in journal(key="ART-003") if entry.kind == "set_stock"]
    assert entries[-2:] == [("confirmed", "ART-003")] * 2


@pytest.mark.parametrize(("first", "second"), [(CANCELLED, 2), (2, CANCELLED)])
def test_an_order_cancelled_or_taken_up_before_a_write_and_back_after_it_is_corrected(
    town: Town, first: int, second: int
) -> None:
    house = town.house
    house.sage.set_stock("ART-003", 1, on_hand=20, reserved=0, prepared=0)
    product = house.product("ART-003").id
    order = house.shop.place_order([(product, 4)], state=second)
    house.done("stocks")
    house.sage.set_stock("ART-003", 1, on_hand=30)

    def moves(state: int) -> Callable[[], None]:
        def move() -> None:
            house.clock.sleep(1)
            house.shop.change_state(order, state)

        return move

    house.shop.hook("before_write", moves(first), resource="stock_availables")
    house.shop.hook("after_write", moves(second), resource="stock_availables")
    house.done("stocks")
    assert house.shop.stock_of(product) == (26 if second == 2 else 30)


def test_what_happened_after_the_last_write_of_a_run_that_broke_off_is_corrected_by_the_next(town: Town) -> None:
    house = town.house
    house.sage.set_stock("ART-003", 1, on_hand=20, reserved=0, prepared=0)
    product = house.product("ART-003").id
    order = house.shop.place_order([(product, 4)], state=CANCELLED)
    house.done("stocks")
    house.sage.set_stock("ART-003", 1, on_hand=30)

    def move(state: int) -> None:
        house.clock.sleep(1)
        house.shop.change_state(order, state)

    def close() -> None:
        move(CANCELLED)
        house.shop.inject(Fault("status", method="GET", resource="orders", status=503, times=9))

    house.shop.hook("before_write", lambda: move(2), resource="stock_availables")
    house.shop.hook("after_write", close, resource="stock_availables")
    assert house.run("stocks").state == "failed"
    house.shop.mischief.faults.clear()
    house.done("stocks")
    assert house.shop.stock_of(product) == 30


def test_an_order_for_a_product_written_in_the_first_half_of_a_batch_that_was_cut_is_corrected(town: Town) -> None:
    """The batch is sent again by halves; the order arrives while the first half is."""
    house = town.house
    for ref in town.refs:
        house.sage.set_stock(ref, 1, on_hand=30, reserved=0, prepared=0)
    product = house.product(town.refs[0]).id
    house.shop.inject(Fault("error_after_commit", method="WRITE", resource="stock_availables"))
    buy = later(lambda: house.shop.place_order([(product, 4)]), call=2)
    house.shop.hook("before_write", buy, resource="stock_availables", times=2)
    house.done("stocks")
    assert house.shop.stock_of(product) == 26


def test_what_an_order_gained_after_it_was_entered_in_the_erp_is_kept_back(town: Town) -> None:
    house = town.house
    product = house.product("ART-003").id
    house.sage.set_stock("ART-003", 1, on_hand=20, reserved=0, prepared=0)
    order = house.shop.place_order([(product, 1)])
    house.sage.add_document(DocType.ORDER, "BC90001", f"MD-{order}", lines=[("ART-003", 1)])
    house.done("stocks")
    assert house.shop.stock_of(product) == 19
    house.shop.edit_order(order, [(product, 4)])
    house.done("stocks")
    assert house.shop.stock_of(product) == 16


def test_an_order_read_by_the_other_lane_is_kept_back_all_the_same(town: Town) -> None:
    """While the stocks run, a catalogue reads the shop's orders too: each has to see them for itself."""
    house = town.house
    house.sage.set_stock("ART-003", 1, on_hand=20, reserved=0, prepared=0)
    product = house.product("ART-003").id
    house.add_article(20)

    def meanwhile() -> None:
        house.shop.place_order([(product, 4)])
        house.done("catalogue")  # creates ART-020, and reads the orders for its first stock

    done: list[None] = []
    report = house.run("stocks", progress=lambda what, _, __: done.append(meanwhile()) if not done else None)
    assert report.state == "done", report.failure
    assert house.shop.stock_of(product) == 16


def test_an_order_from_before_the_profile_holds_the_first_stock_run_and_is_kept_back_once_approved(
    build: Builder,
) -> None:
    from passerelle.app import services

    house = build()
    house.stock_catalogue(articles=ARTICLES)
    product = house.shop.add_product("ART-003", name="Déjà là", price="10", stock=2)
    house.shop.place_order([(product, 3)])
    house.clock.sleep(3600)
    house.done("catalogue")
    held = house.run("stocks")
    assert (held.state, [text.code for text in held.held_by]) == ("held", ["guard_old_orders"])
    opened = house.opened()
    report = services.approve(opened, services.find_run(held.run)[0])
    assert report.state == "done"
    allowed = house.expected()["ART-003"].stock - 3
    assert house.shop.stock_of(product) == allowed
    house.clock.sleep(3600)
    house.shop.edit_order(1, [(product, 5)])
    house.sage.set_stock("ART-003", 1, on_hand=40)
    house.done("stocks")
    assert house.shop.stock_of(product) == house.expected()["ART-003"].stock - 5
    assert house.done("stocks")["stocks"].writes == 0


def test_an_order_for_a_product_whose_reference_differs_by_case_is_kept_back_from_the_first_run(
    build: Builder,
) -> None:
    house = build(stocks='older_orders = "count"')
    house.stock_catalogue(articles=ARTICLES)
    product = house.shop.add_product("art-003", name="Déjà là", price="10", stock=2)
    house.opened()
    house.shop.place_order([(product, 3)])
    house.done("stocks")
    assert house.shop.stock_of(product) == house.expected()["ART-003"].stock - 3


def test_a_first_stock_planned_long_ago_does_not_replace_what_the_stock_flow_sent_since(build: Builder) -> None:
    house = build()
    house.stock_catalogue(articles=ARTICLES)

    def sold() -> None:
        house.sage.set_stock("ART-003", 1, on_hand=1, reserved=0, prepared=0)
        house.done("stocks")

    told: list[None] = []

    def watched(what: str, done: int, total: int) -> None:
        if what == "Writing to the shop" and house.shop.products and len(house.shop.products) == ARTICLES and not told:
            told.append(sold())

    assert house.run("catalogue", progress=watched).state == "done"
    assert told
    house.done("stocks")
    assert house.stock_of("ART-003") == 1
