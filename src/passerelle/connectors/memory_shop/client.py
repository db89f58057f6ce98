"""The shop itself: its rows, its own rules, and the ways it can fail.

It is as unkind as a real shop where the port leaves freedom: it accepts the same reference twice, looks up references
without regard to case, works through a batch in order and stops at the first refusal with what came before done,
rounds prices to 6 decimals, keeps times to the second, and changes its own stock when an order is placed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

from passerelle.connectors.memory_shop.rows import Refused, Rows
from passerelle.connectors.memory_shop.sales import Bought, price_of, reference_of, sale
from passerelle.connectors.memory_shop.wire import (
    STATUSES,
    ShopState,
    StoredChange,
    StoredLine,
    StoredOrder,
    StoredProduct,
    decode,
    encode,
)
from passerelle.domain.money import rounded, with_vat
from passerelle.domain.pricing import TaxRule
from passerelle.ports.clock import Clock, SystemClock

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - the item of a batch
Hook = Callable[[str, Sequence[Any]], None]


class Failure(Exception):
    """The shop did not answer as it should: a status in digits, refused, lost, timeout, unreadable, redirect, off."""

    def __init__(self, signal: str) -> None:
        super().__init__(signal)
        self.signal = signal


@dataclass(slots=True)
class Fault:
    """A failure to come at `call` ("*": any), after `skip` calls that go well.

    `done` items of the batch are committed first; None: all of them.
    """

    call: str
    signal: str
    done: int | None = 0
    skip: int = 0


class MemoryShopData(Rows):
    """The shop's rows, shared by as many adapters as wanted. With a `path` the file is the truth between processes.

    `before` and `after` are called around each call with its name and items, and may raise; `refused` maps the key of
    an item to the reason why the shop will not take it; `key` is the key it asks for, if any. After editing rows by
    hand, `save()` keeps the change.
    """

    def __init__(self, *, path: str | Path = "", clock: Clock | None = None) -> None:
        self.path = Path(path) if path else None
        self.clock: Clock = clock or SystemClock()
        self.state = ShopState()
        self.page_size = 50
        self.key = ""
        self.before: list[Hook] = []
        self.after: list[Hook] = []
        self.faults: list[Fault] = []
        self.refused: dict[str, str] = {}
        self.calls: list[tuple[str, int]] = []
        self._lock = RLock()
        self._seen: tuple[int, int, int] | None = None
        self.load()

    # --- the file -----------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the file again if another process changed it."""
        if self.path is None or not self.path.exists():
            return
        seen = self._signature(self.path)
        if seen != self._seen:
            self.state = decode(self.path.read_bytes())
            self._seen = seen

    def save(self) -> None:
        """Keep the rows in the file, if there is one; a killed process leaves the old file or the new one."""
        if self.path is None:
            return
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        fresh.write_bytes(encode(self.state))
        os.replace(fresh, self.path)
        self._seen = self._signature(self.path)

    @staticmethod
    def _signature(path: Path) -> tuple[int, int, int]:
        found = path.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino

    # --- calls --------------------------------------------------------------------------------------------------

    def fail(self, call: str, signal: str, *, done: int | None = 0, skip: int = 0) -> None:
        """Let the next call of this name fail: see Fault and Failure."""
        self.faults.append(Fault(call, signal, done, skip))

    def read(self, call: str, ask: Callable[[], T], *, key: str = "") -> T:
        """One reading call. Raises Failure."""
        with self._lock:
            self._arrive(call, (), key)
            fault = self._fault(call)
            if fault is not None:
                raise Failure(fault.signal)
            answer = ask()
            self._leave(call, ())
            return answer

    def write(self, call: str, items: Sequence[I], each: Callable[[I], str], *, key: str = "") -> list[str]:
        """One writing call: the items in order, up to the first refusal. Raises Failure, Refused."""
        with self._lock:
            self._arrive(call, items, key)
            fault = self._fault(call)
            done = len(items) if fault is None or fault.done is None else fault.done
            try:
                ids = [each(item) for item in items[:done]]
            finally:
                self.save()
            if fault is not None:
                raise Failure(fault.signal)
            self._leave(call, items)
            return ids

    def _arrive(self, call: str, items: Sequence[Any], key: str) -> None:
        self.load()
        if self.key and key != self.key:
            raise Failure("401")
        self.calls.append((call, len(items)))
        for hook in list(self.before):
            hook(call, items)

    def _leave(self, call: str, items: Sequence[Any]) -> None:
        for hook in list(self.after):
            hook(call, items)

    def _fault(self, call: str) -> Fault | None:
        for fault in self.faults:
            if fault.call in ("*", call):
                if fault.skip == 0:
                    self.faults.remove(fault)
                    return fault
                fault.skip -= 1
                return None
        return None

    # --- prices -------------------------------------------------------------------------------------------------

    def tax_rule(self, rule: str) -> TaxRule | None:
        """A tax rule by id."""
        return next((found for found in self.state.tax_rules if found.id == rule), None)

    def displayed_price(self, shop_id: str) -> Decimal:
        """What a visitor pays for one product or variant: incl. VAT, 2 decimals, as the shop itself computes it."""
        product, variant = self.variant(shop_id)
        return rounded(with_vat(price_of(product, variant), rate=self._rate(product)), places=2)

    # --- orders -------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The shop's time: whole seconds."""
        return self.clock.now().replace(microsecond=0)

    def place_order(
        self,
        quantities: Mapping[str, int],
        *,
        status: str = "2",
        reference: str = "",
        sold: Mapping[str, Any] | None = None,
    ) -> str:
        """A visitor orders `quantities` (product or variant id → pieces), taken from its stock. Gives the order id.

        `sold` gives fields of the SalesOrder: customer, shipping, discounts, wrapping, payment… The lines cost the
        products' prices, rounded by line, unless it gives them too; the total follows unless it is given.
        """
        self.load()
        now = self.now()
        number = self.new_id()
        lines = self._lines(quantities)
        whole = sale(
            [self._bought(id, pieces) for id, pieces in quantities.items()],
            shop_id=number,
            reference=reference or f"CMD{number}",
            status=status,
            at=now,
            given={"currency": self.state.currency, **(sold or {})},
        )
        self.orders[number] = StoredOrder(
            id=number,
            reference=whole.reference,
            status=status,
            created_at=now,
            updated_at=now,
            lines=lines,
            history=[StoredChange(status, now)],
            sold=whole,
        )
        self._move(lines, sign=-1 if STATUSES[status][1] else 0)
        self.save()
        return number

    def _lines(self, quantities: Mapping[str, int]) -> list[StoredLine]:
        found = []
        for id, pieces in quantities.items():
            product, variant = self.variant(id)
            own = variant.id if variant else ""
            found.append(StoredLine(product.id, reference_of(product, variant), pieces, own))
        return found

    def _bought(self, shop_id: str, pieces: int) -> Bought:
        product, variant = self.variant(shop_id)
        return product, variant, pieces, self._rate(product)

    def _rate(self, product: StoredProduct) -> Decimal:
        rule = self.tax_rule(product.tax_rule)
        return Decimal(0) if rule is None or rule.rate is None else rule.rate

    def change_state(self, order_id: str, status: str, *, author: str = "") -> None:
        """Move an order to a status; a cancelled one gives its pieces back, a revived one takes them again.

        `author` is the person of the shop who does it, "" for the shop itself. Raises Refused.
        """
        self.load()
        if status not in STATUSES:
            raise Refused(f"the status {status} does not exist")
        order = self.orders[order_id]
        held, holds = STATUSES[order.status][1], STATUSES[status][1]
        self._move(order.lines, sign=int(held) - int(holds))
        order.status = status
        order.updated_at = self.now()
        order.history.append(StoredChange(status, order.updated_at, author))
        self.save()

    def edit_order(self, order_id: str, quantities: Mapping[str, int]) -> None:
        """Replace the lines of an order (product or variant id → pieces); the stock follows."""
        self.load()
        order = self.orders[order_id]
        holds = int(STATUSES[order.status][1])
        self._move(order.lines, sign=holds)
        order.lines = self._lines(quantities)
        self._move(order.lines, sign=-holds)
        order.updated_at = self.now()
        self.save()

    def _move(self, lines: Sequence[StoredLine], *, sign: int) -> None:
        for line in lines:
            product = self.products.get(line.product_id)
            variant = product.variants.get(line.variant_id) if product else None
            if variant is not None:
                variant.stock += sign * line.quantity
            if product is not None and (variant is not None or not line.variant_id):
                product.stock += sign * line.quantity
