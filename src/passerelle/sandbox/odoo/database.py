"""Records in memory, with the indexes that searches use and a journal to roll a failed call back."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from passerelle.sandbox.odoo.fields import Field, Model

MOMENT = "%Y-%m-%d %H:%M:%S.%f"


class Record:
    """One record: `values` as stored. Attributes read it as the administrator would: `order.amount_total`."""

    __slots__ = ("id", "table", "values")

    def __init__(self, table: Table, ident: int) -> None:
        self.table = table
        self.id = ident
        self.values: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in self.table.model.fields:
            inherited = self.table.model.inherits[0]
            if not inherited or name not in self.table.database.tables[inherited].model.fields:
                raise AttributeError(name)
        return self.table.database.shown(self, name)

    def __repr__(self) -> str:
        return f"{self.table.model.name}({self.id},)"


class Table:
    """The records of one model, in the order of their ids."""

    def __init__(self, database: Database, model: Model) -> None:
        self.database = database
        self.model = model
        self.rows: dict[int, Record] = {}
        self.next_id = 1
        indexed = (one for one in model.fields.values() if one.stored and (one.type == "many2one" or one.index))
        self.index: dict[str, defaultdict[Any, dict[int, Record]]] = {
            one.name: defaultdict(dict) for one in indexed if not one.per_company
        }

    def insert(self) -> Record:
        """A new record, still without values; ids are never used twice."""
        record = Record(self, self.next_id)
        self.next_id += 1
        self.rows[record.id] = record
        for index in self.index.values():
            index[False][record.id] = record
        self.database.undo.append(lambda: self._forget(record))
        return record

    def remove(self, record: Record) -> None:
        position = self.rows.copy()
        self._forget(record)
        self.database.undo.append(lambda: self._restore(record, position))

    def put(self, record: Record, name: str, value: Any) -> None:
        """Store one value."""
        old = record.values.get(name, False)
        self.database.undo.append(lambda: self._store(record, name, old))
        self._store(record, name, value)

    def by(self, name: str, value: Any) -> list[Record]:
        """The records whose indexed field has exactly this value, by id."""
        found = self.index[name].get(value)
        return [found[ident] for ident in sorted(found)] if found else []

    def _store(self, record: Record, name: str, value: Any) -> None:
        index = self.index.get(name)
        if index is not None:
            index[record.values.get(name, False)].pop(record.id, None)
            index[value][record.id] = record
        record.values[name] = value

    def _forget(self, record: Record) -> None:
        self.rows.pop(record.id, None)
        for name, index in self.index.items():
            index[record.values.get(name, False)].pop(record.id, None)

    def _restore(self, record: Record, rows: dict[int, Record]) -> None:
        self.rows = rows
        for name, index in self.index.items():
            index[record.values.get(name, False)][record.id] = record


class Database:
    """All tables of one Odoo, its clock and its numbering."""

    def __init__(self, models: dict[str, Model], *, version: int, shown: Callable[[Record, str], Any]) -> None:
        self.version = version
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.lock = threading.RLock()
        self.undo: list[Callable[[], None]] = []
        self.numbers: defaultdict[str, int] = defaultdict(int)
        self.committed: dict[str, int] = {}  # external id -> number of the transaction that wrote it last
        self.transactions = 0
        self.finished = 0  # the last transaction that is over
        self.started_at = ""
        self.tables = {name: Table(self, one) for name, one in models.items()}
        self.shown = shown
        self._depth = 0

    def __getitem__(self, model: str) -> Table:
        return self.tables[model]

    def field(self, model: str, name: str) -> Field | None:
        return self.tables[model].model.fields.get(name)

    def next_number(self, sequence: str) -> int:
        """Numbering has gaps: what a failed call took is not given back."""
        self.numbers[sequence] += 1
        return self.numbers[sequence]

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; every write in it has the time of its start."""
        with self.lock:
            if self._depth == 0:
                self.undo.clear()
                self.transactions += 1
                self.started_at = self.clock().astimezone(UTC).strftime(MOMENT)
            self._depth += 1
            try:
                with self.savepoint():
                    yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self.finished = self.transactions

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        """What happens in it is undone when it fails."""
        mark = len(self.undo)
        try:
            yield
        except BaseException:
            while len(self.undo) > mark:
                self.undo.pop()()
            raise
