"""Filters, sorting and paging of lists, with the grammar of the webservice.

A value with a [...] pair in a place that the grammar does not know is no error: the filter is left out and everything
comes back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from passerelle.sandbox.prestashop.database import Database
from passerelle.sandbox.prestashop.schema import Field, Resource
from passerelle.sandbox.prestashop.table import Row, Table
from passerelle.sandbox.prestashop.values import collated, number

_BRACKETS = re.compile(r"(.*)\[(.*)\](.*)", re.DOTALL)
_INTERVAL = re.compile(r"([\d.:\-\s]+),([\d.:\-\s]+)")
_NUMERIC = ("int", "nullint", "bool", "decimal", "decimal3", "decimal2")
_DATES = ("date", "datetime")

Test = Callable[[str], bool]
Key = Decimal | str


class Condition:
    """One filter: the field, the test of its text, and the exact values where an index can answer."""

    __slots__ = ("exact", "field", "test")

    def __init__(self, field: Field, *, test: Test, exact: list[str] | None = None) -> None:
        self.field = field
        self.test = test
        self.exact = exact


def _key(field: Field, value: str) -> Key:
    if field.kind in _NUMERIC:
        return number(value)
    if field.kind in _DATES:
        return value if len(value) > 10 or field.kind == "date" else f"{value} 00:00:00"
    return collated(value)


def _limit(field: Field, value: str) -> Any:
    """A key to compare with others of the same field: all numbers, or all texts."""
    return _key(field, value)


def _like(pattern: str) -> Test:
    expression = "".join({"%": ".*", "_": "."}.get(one, re.escape(one)) for one in collated(pattern))
    compiled = re.compile(expression, re.DOTALL)
    return lambda value: compiled.fullmatch(collated(value)) is not None


def condition(field: Field, value: str) -> Condition | None:
    """The condition that the value expresses, None where the grammar does not grasp it."""
    found = _BRACKETS.fullmatch(value)
    if found is None:
        return _any_of(field, [value])
    before, inner, after = found.groups()
    if before == "%" or after == "%":
        return Condition(field, test=_like(f"{before}{inner}{after}"))
    if after:
        return None
    if before in (">", "<", "!"):
        return _compared(field, before, inner)
    return None if before else _bracketed(field, inner)


def _bracketed(field: Field, inner: str) -> Condition:
    if inner.find("|") > 0:
        return _any_of(field, inner.split("|"))
    interval = _INTERVAL.fullmatch(inner)
    if interval is None:
        return _any_of(field, [inner])
    low, high = sorted(_limit(field, one) for one in interval.groups())
    return Condition(field, test=lambda value: low <= _key(field, value) <= high)


def _any_of(field: Field, values: list[str]) -> Condition:
    wanted = {_key(field, one) for one in values}
    return Condition(field, test=lambda value: _key(field, value) in wanted, exact=values)


def _compared(field: Field, sign: str, inner: str) -> Condition:
    limit = _limit(field, inner)
    tests: dict[str, Test] = {
        ">": lambda value: _key(field, value) > limit,
        "<": lambda value: _key(field, value) < limit,
        "!": lambda value: _key(field, value) != limit,
    }
    return Condition(field, test=tests[sign])


def _texts(row: Row, field: Field) -> tuple[str, ...]:
    value = row.values[row.resource.index[field.name]]
    return value if isinstance(value, tuple) else (value or "",)


def _matches(row: Row, condition_: Condition) -> bool:
    return any(condition_.test(text) for text in _texts(row, condition_.field))


def _candidates(table: Table, conditions: list[Condition]) -> Iterable[Row]:
    """The rows that the most selective index leaves, as a database chooses."""
    usable = [one for one in conditions if one.exact and (one.field.name == "id" or table.is_indexed(one.field.name))]
    if not usable:
        return table
    best = min(usable, key=lambda one: _expected(table, one))
    return [table.rows[ident] for ident in sorted(_indexed(table, best)) if ident in table.rows]


def _expected(table: Table, condition_: Condition) -> int:
    field, exact = condition_.field, condition_.exact or []
    if field.name == "id":
        return len(exact)
    return sum(table.count_by(field.name, _lookup(field, value)) for value in exact)


def _indexed(table: Table, condition_: Condition) -> set[int]:
    field, exact = condition_.field, condition_.exact or []
    if field.name == "id":
        return {int(number(value)) for value in exact}
    return {ident for value in exact for ident in table.ids_by(field.name, _lookup(field, value))}


def _lookup(field: Field, value: str) -> str:
    return str(int(number(value))) if field.kind in _NUMERIC else value


def _natural(resource: Resource, rows: Iterable[Row]) -> Iterable[Row]:
    """The order without `sort`: products not in state 1 (as POST leaves them) come first; everything else by id."""
    if resource.name == "products":
        return sorted(rows, key=lambda row: (row.text("state"), row.id))
    return rows


def _sorted(rows: Iterable[Row], sorts: list[tuple[Field, bool]]) -> Iterable[Row]:
    if sorts[0][0].name == "id" and not sorts[0][1]:
        return rows  # ids are given in ascending order, and every candidate list keeps that order
    ordered = list(rows)
    for field, descending in reversed(sorts):
        ordered.sort(key=_sort_key(field), reverse=descending)
    return ordered


def _sort_key(field: Field) -> Callable[[Row], Any]:
    return lambda row: _key(field, _texts(row, field)[0])


def select(
    database: Database,
    resource: Resource,
    *,
    conditions: list[Condition],
    sorts: list[tuple[Field, bool]],
    limit: tuple[int, int] | None,
) -> Iterator[Row]:
    """The rows of a list. `limit` is (offset, count), None for all."""
    table = database[resource.name]
    rows: Iterable[Row] = _candidates(table, conditions)
    if conditions:
        rows = (row for row in rows if all(_matches(row, one) for one in conditions))
    by_key = any(one.field.name == "id" or table.is_indexed(one.field.name) for one in conditions)
    if sorts:
        rows = _sorted(rows, sorts)
    elif not by_key:
        rows = _natural(resource, rows)
    offset, count = limit or (0, len(table))
    return islice(rows, offset, offset + count)
