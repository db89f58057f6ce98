"""The ERP itself: its rows, what its documents do to its stock, and the ways it can fail."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

import msgspec

from passerelle.connectors.memory_erp.mapping import ranged, totals, variant_sku
from passerelle.connectors.memory_erp.wire import (
    Article,
    CategoryRow,
    DocumentRow,
    ErpState,
    StockRow,
    VariantRow,
    decode,
    encode,
)
from passerelle.domain.orders import SalesDocument, SalesLine
from passerelle.domain.parties import Customer
from passerelle.domain.stock import MOVES, DocumentKind, Warehouse

PREFIXES = {
    DocumentKind.QUOTATION: "DE",
    DocumentKind.ORDER: "BC",
    DocumentKind.PICKING: "PL",
    DocumentKind.DELIVERY: "BL",
    DocumentKind.INVOICE: "FA",
    DocumentKind.RETURN: "BR",
    DocumentKind.CREDIT_NOTE: "BA",
}

T = TypeVar("T")
Hook = Callable[[str], None]


class Failure(Exception):
    """The ERP did not answer as it should: unavailable, login, other (another database), lost, unreadable."""

    def __init__(self, signal: str) -> None:
        super().__init__(signal)
        self.signal = signal


@dataclass(slots=True)
class Fault:
    """A failure to come at `call` ("*": any), after `skip` calls that go well; `committed`: the write is done first."""

    call: str
    signal: str
    committed: bool = False
    skip: int = 0


class MemoryErpData:
    """The ERP's rows, shared by as many adapters as wanted. With a `path` the file is the truth between processes.

    `before` and `after` are called around each call with its name, and may raise. After editing rows by hand, `save()`
    keeps the change.
    """

    def __init__(self, *, path: str | Path = "") -> None:
        self.path = Path(path) if path else None
        self.state = ErpState()
        self.page_size = 500
        self.before: list[Hook] = []
        self.after: list[Hook] = []
        self.faults: list[Fault] = []
        self.calls: list[str] = []
        self._lock = RLock()
        self._seen: tuple[int, int, int] | None = None
        self.load()

    @property
    def articles(self) -> dict[int, Article]:
        return self.state.articles

    @property
    def taxes(self) -> dict[str, Decimal]:
        return self.state.taxes

    @property
    def categories(self) -> dict[str, CategoryRow]:
        return self.state.categories

    @property
    def warehouses(self) -> list[Warehouse]:
        return self.state.warehouses

    @property
    def documents(self) -> dict[str, DocumentRow]:
        return self.state.documents

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

    def fail(self, call: str, signal: str, *, committed: bool = False, skip: int = 0) -> None:
        """Let the next call of this name fail: see Fault and Failure."""
        self.faults.append(Fault(call, signal, committed, skip))

    def read(self, call: str, ask: Callable[[], T]) -> T:
        """One reading call. Raises Failure."""
        return self._call(call, ask, write=False)

    def write(self, call: str, act: Callable[[], T]) -> T:
        """One writing call. Raises Failure."""
        return self._call(call, act, write=True)

    def _call(self, call: str, act: Callable[[], T], *, write: bool) -> T:
        with self._lock:
            self.load()
            self.calls.append(call)
            for hook in list(self.before):
                hook(call)
            fault = self._fault(call)
            if fault is not None and not fault.committed:
                raise Failure(fault.signal)
            answer = act()
            if write:
                self.save()
            if fault is not None:
                raise Failure(fault.signal)
            for hook in list(self.after):
                hook(call)
            return answer

    def _fault(self, call: str) -> Fault | None:
        for fault in self.faults:
            if fault.call in ("*", call):
                if fault.skip == 0:
                    self.faults.remove(fault)
                    return fault
                fault.skip -= 1
                return None
        return None

    # --- rows ---------------------------------------------------------------------------------------------------

    def new_id(self) -> int:
        """The next number of the ERP."""
        self.state.last_id += 1
        return self.state.last_id

    def add_article(self, sku: str, *, tax: str = "C20", stock: Mapping[str, int] | None = None, **values: Any) -> int:
        """Put an article in the ERP; `tax` is its code in category 1, `stock` warehouse id → pieces. Gives its id."""
        self.load()
        values = {"label": f"Article {sku}", "taxes": {"1": tax} if tax else {}, **values}
        article = Article(id=self.new_id(), sku=sku, **values)
        self.articles[article.id] = article
        for warehouse, pieces in (stock or {}).items():
            self.set_stock(article.id, pieces, warehouse=warehouse)
        self.save()
        return article.id

    def add_variant(
        self, article_id: int, *values: str, stock: Mapping[str, int | Decimal] | None = None, **columns: Any
    ) -> int:
        """Let an article be sold in one more form, with its value of each of the article's options. Gives its id."""
        self.load()
        variant = VariantRow(id=self.new_id(), values=list(values), **columns)
        self.articles[article_id].variants.append(variant)
        for warehouse, pieces in (stock or {}).items():
            self.set_stock(variant.id, pieces, warehouse=warehouse)
        self.save()
        return variant.id

    def set_stock(self, article_id: int, pieces: int | Decimal, *, warehouse: str = "1", **counters: int) -> None:
        """Set the counters of an article or variant in one warehouse; those not named become 0."""
        self.load()
        row = StockRow(on_hand=Decimal(pieces), **{name: Decimal(value) for name, value in counters.items()})
        self.state.stock.setdefault(warehouse, {})[article_id] = row
        self.save()

    def add_category(self, *path: str) -> str:
        """A path of the tree, root first, made where it is missing; gives the key of its last node."""
        self.load()
        parent = ""
        for name in path:
            key = f"{parent}/{name}" if parent else name
            self.categories.setdefault(key, CategoryRow(key=key, names={"fr": name, "en": name}, parent=parent))
            parent = key
        self.save()
        return parent

    # --- documents ----------------------------------------------------------------------------------------------

    def place(self, document: SalesDocument) -> str:
        """Write a document, unless its order key is there; it moves the first warehouse's stock. Gives its number."""
        found = self.documents.get(document.order_key)
        if found is not None:
            return found.number
        number = f"{PREFIXES[document.kind]}{self.new_id():05}"
        row = DocumentRow(number=number, kind=document.kind, document=document, total=self._total(document))
        self.documents[document.order_key] = row
        self._move(row, sign=1)
        return row.number

    def _total(self, document: SalesDocument) -> Decimal | None:
        """The total incl. VAT; None where a line has a tax that the ERP does not know."""
        if any(line.tax_code not in self.taxes for line in document.lines):
            return None
        return totals(document, taxes=self.taxes).total

    def transform(self, order_key: str, kind: DocumentKind) -> None:
        """Turn a document into another kind, as the ERP's users do: it gets a new number and the counters follow."""
        self.load()
        row = self.documents[order_key]
        self._move(row, sign=-1)
        row.origins = [*row.origins, row.number]
        row.number, row.kind = f"{PREFIXES[kind]}{self.new_id():05}", kind
        self._move(row, sign=1)
        self.save()

    def merge(self, first: str, other: str, kind: DocumentKind) -> None:
        """Turn two documents into one that carries the first one's key, as a grouped delivery does."""
        self.transform(first, kind)
        self.transform(other, kind)
        row, gone = self.documents[first], self.documents.pop(other)
        row.origins += gone.origins
        row.document = msgspec.structs.replace(row.document, lines=row.document.lines + gone.document.lines)
        row.total = self._total(row.document)
        self.save()

    def delete_document(self, order_key: str) -> None:
        """Delete a document without successor; its quantities are given back."""
        self.load()
        self._move(self.documents.pop(order_key), sign=-1)
        self.save()

    def _move(self, row: DocumentRow, *, sign: int) -> None:
        counter = MOVES[row.kind]
        if counter is None:
            return
        direction = -sign if counter == "on_hand" else sign
        for line in row.document.lines:
            stock = self._row_of(line.sku)
            if stock is not None:
                setattr(stock, counter, getattr(stock, counter) + direction * line.quantity)

    def _row_of(self, sku: str) -> StockRow | None:
        for article in self.articles.values():
            names = {variant_sku(article, one): one.id for one in article.variants} or {article.sku: article.id}
            if sku in names and article.followed:
                rows = self.state.stock.setdefault(self.warehouses[0].id, {})
                return rows.setdefault(names[sku], StockRow())
        return None

    def sold(self, line: SalesLine) -> str:
        """The reference of what a line sells: that of the variant which its id names, else the line's own."""
        named = [
            variant_sku(article, one)
            for article in self.articles.values()
            for one in article.variants
            if str(one.id) == line.erp_id
        ]
        return named[0] if named else line.sku

    def sold_skus(self) -> set[str]:
        """The references that a line may bear: of variants, and of the articles that have none."""
        plain = {article.sku for article in self.articles.values() if not ranged(article)}
        return plain | {variant_sku(article, one) for article in self.articles.values() for one in article.variants}

    # --- what is taken later ------------------------------------------------------------------------------------

    def prepare(self, name: str, record: SalesDocument | Customer) -> bool:
        """Keep what is about to be handed over; False when something of this name was handed over before."""
        if name in self.state.waiting or name in self.state.refusals:
            return False
        self.state.ready[name] = record
        return True

    def hand_over(self, name: str) -> None:
        """Let what is ready wait for the ERP; nothing when it is not ready."""
        record = self.state.ready.pop(name, None)
        if record is not None:
            self.state.waiting[name] = record

    def take(self) -> None:
        """Let the ERP take everything that waits, customers first."""
        self.load()
        waiting, self.state.waiting = self.state.waiting, {}
        for record in waiting.values():
            if isinstance(record, Customer):
                self.place_customer(record)
        for record in waiting.values():
            if isinstance(record, SalesDocument):
                self.place(record)
        self.save()

    def refuse(self, name: str, why: str) -> None:
        """Let the ERP refuse what waits under an order key or customer code."""
        self.load()
        del self.state.waiting[name]
        self.state.refusals[name] = why
        self.save()

    # --- customers ----------------------------------------------------------------------------------------------

    def place_customer(self, customer: Customer) -> str:
        """Write a customer, unless its code or shop id is there. Gives its code."""
        known = self._known(customer)
        if known is not None:
            return known.code
        code = customer.code or f"CL{self.new_id():05}"
        self.state.customers[code] = msgspec.structs.replace(customer, code=code)
        return code

    def _known(self, customer: Customer) -> Customer | None:
        for known in self.state.customers.values():
            same_code = customer.code and known.code == customer.code
            if same_code or (customer.shop_id and known.shop_id == customer.shop_id):
                return known
        return None
