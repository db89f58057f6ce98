"""Rows of one resource in memory, with the few indexes that keep look-ups cheap among 100,000 products."""

from __future__ import annotations

from collections.abc import Iterator

from passerelle.sandbox.prestashop.schema import Resource
from passerelle.sandbox.prestashop.values import collated

# A stored value: text as the database holds it, one text per language, or None for NULL.
Value = str | tuple[str, ...] | None


class Row:
    """One entity as stored. Fields read as attributes: `row.price == "23.900000"`, `row.name == {1: "…", 2: "…"}`."""

    __slots__ = ("checked", "links", "resource", "values")

    def __init__(self, resource: Resource, values: list[Value]) -> None:
        self.resource = resource
        self.values = values
        self.checked: list[Value] = []  # the values that passed the last check: those very objects pass again
        self.links: dict[str, tuple[tuple[str, ...], ...]] = {}

    @property
    def id(self) -> int:
        return int(self.text("id"))

    def text(self, name: str) -> str:
        """The stored text of an untranslated field, '' for NULL."""
        value = self.values[self.resource.index[name]]
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        """The stored integer."""
        return int(self.text(name) or 0)

    def put(self, name: str, value: Value) -> None:
        self.values[self.resource.index[name]] = value

    def linked(self, association: str) -> list[int]:
        """Ids of a stored association, in order."""
        return [int(one[0]) for one in self.links.get(association, ())]

    def __getattr__(self, name: str) -> str | dict[int, str] | None:
        try:
            value = self.values[self.resource.index[name]]
        except KeyError:
            raise AttributeError(name) from None
        return dict(enumerate(value, start=1)) if isinstance(value, tuple) else value


class Table:
    """All rows of a resource by id, ids given in order of creation, plus an index per indexed field."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.rows: dict[int, Row] = {}
        self.next_id = 1
        self._indexed = [(one.name, resource.index[one.name]) for one in resource.fields if one.indexed]
        self._by: dict[str, dict[str, dict[int, None]]] = {name: {} for name, _ in self._indexed}

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, ident: int) -> Row | None:
        return self.rows.get(ident)

    def add(self, row: Row) -> Row:
        """Store a new row under the next id, or under the id it carries."""
        ident = row.number("id") or self.next_id
        self.next_id = max(self.next_id, ident + 1)
        row.put("id", str(ident))
        self.rows[ident] = row
        for name, position in self._indexed:
            self._enter(name, row.values[position], ident)
        return row

    def replace(self, row: Row, values: list[Value]) -> None:
        """Change the values of a stored row."""
        for name, position in self._indexed:
            if row.values[position] != values[position]:
                self._leave(name, row.values[position], row.id)
                self._enter(name, values[position], row.id)
        row.values = values

    def remove(self, ident: int) -> None:
        row = self.rows.pop(ident)
        for name, position in self._indexed:
            self._leave(name, row.values[position], ident)

    def is_indexed(self, name: str) -> bool:
        return name in self._by

    def ids_by(self, name: str, value: str) -> list[int]:
        """Ids of the rows whose indexed field equals the value as the database compares it, in id order."""
        return sorted(self._by[name].get(collated(value), ()))

    def count_by(self, name: str, value: str) -> int:
        """How many ids `ids_by` would give."""
        return len(self._by[name].get(collated(value), ()))

    def by(self, name: str, value: str) -> list[Row]:
        return [self.rows[ident] for ident in self.ids_by(name, value)]

    def _enter(self, name: str, value: Value, ident: int) -> None:
        self._by[name].setdefault(collated(str(value or "")), {})[ident] = None

    def _leave(self, name: str, value: Value, ident: int) -> None:
        key = collated(str(value or ""))
        entries = self._by[name].get(key, {})
        entries.pop(ident, None)
        if not entries:
            self._by[name].pop(key, None)
