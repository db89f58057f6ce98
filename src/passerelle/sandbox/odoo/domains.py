"""Search domains: prefix notation, dotted paths, the operators, the order of results."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from passerelle.sandbox.odoo.database import Record, Table
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.errors import BadValue
from passerelle.sandbox.odoo.fields import TO_MANY, Field, Model
from passerelle.sandbox.odoo.values import moment_key

# Computed on the fly; other computed fields say how they are searched.
_UNSEARCHABLE = frozenset({"lst_price", "price_extra", "combination_indices", "currency_id"})
Test = Callable[[Record], bool]
Leaf = Sequence[Any]
_PATTERNS = frozenset({"like", "ilike", "=like", "=ilike", "not like", "not ilike"})
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
OPERATORS = frozenset({"=", "!=", "<>", "in", "not in", "child_of", "=?", *_PATTERNS, *_COMPARISONS})


def search(
    env: Env, model: str, domain: Sequence[Any], *, order: str | None = None, limit: int | None = None, offset: int = 0
) -> list[Record]:
    """The records that the caller may see, archived ones left out unless the domain or the context speaks of them."""
    table = env.table(model)
    test = compiled(env, table.model, _with_active(env, table.model, domain))
    found: Iterable[Record] = _candidates(env, table, domain)
    found = filter(test, filter(env.visibility(table.model), found) if table.model.company else found)
    sorting = (order or table.model.order).strip().lower()
    stop = None if not limit else offset + limit
    if sorting in {"id", "id asc"}:
        return list(islice(found, offset, stop))
    return ordered(env, table.model, list(found), sorting)[offset:stop]


def _with_active(env: Env, model: Model, domain: Sequence[Any]) -> list[Any]:
    asked = any(_is_leaf(one) and one[0] == "active" for one in domain)
    if asked or "active" not in model.fields or not env.context.get("active_test", True):
        return list(domain)
    return [("active", "=", True), *domain]


def _candidates(env: Env, table: Table, domain: Sequence[Any]) -> Iterable[Record]:
    """Fewer than all where every record must pass a leaf that an index answers."""
    if any(one in ("|", "!") for one in domain if isinstance(one, str)):
        return list(table.rows.values())
    for leaf in filter(_is_leaf, domain):
        name, operator, value = leaf
        if name in table.index and operator in ("=", "in") and value not in (False, None) and value != []:
            values = value if operator == "in" and isinstance(value, (list, tuple)) else [value]
            if all(isinstance(one, (int, str)) and not isinstance(one, bool) for one in values):
                return _indexed(table, name, values)
        if name == "id" and operator in (">", "in", "="):
            return _by_id(table, operator, value)
    return list(table.rows.values())


def _indexed(table: Table, name: str, values: Sequence[Any]) -> list[Record]:
    if table.model.fields[name].type == "many2one" and any(isinstance(one, str) for one in values):
        return list(table.rows.values())  # by name, which the test sees to
    found = {record.id: record for one in values for record in table.by(name, one)}
    return [found[ident] for ident in sorted(found)]


def _by_id(table: Table, operator: str, value: Any) -> list[Record]:
    if operator == ">" and isinstance(value, int):
        ids = list(table.rows)
        return [table.rows[one] for one in ids[bisect_right(ids, value) :]]
    wanted = value if operator == "in" else [value]
    if not isinstance(wanted, (list, tuple)):
        return list(table.rows.values())
    return [table.rows[one] for one in sorted({one for one in wanted if isinstance(one, int)}) if one in table.rows]


# what a domain says


def compiled(env: Env, model: Model, domain: Sequence[Any]) -> Test:
    """Raises BadValue for a malformed domain, an unknown field or operator."""
    stack: list[Test] = []
    for token in reversed(domain):
        if token == "!":
            stack.append(_negated(_popped(stack, domain)))
        elif token in ("&", "|"):
            stack.append(_joined(str(token), _popped(stack, domain), _popped(stack, domain)))
        elif _is_leaf(token):
            stack.append(_leaf(env, model, token))
        else:
            raise BadValue(f"Invalid leaf {token!r}")
    return _all(stack)


def _popped(stack: list[Test], domain: Sequence[Any]) -> Test:
    if not stack:
        raise BadValue(f"Domain {list(domain)!r} is not valid")
    return stack.pop()


def _all(tests: list[Test]) -> Test:
    if not tests:
        return lambda record: True
    if len(tests) == 1:
        return tests[0]
    first_first = tests[::-1]
    return lambda record: all(test(record) for test in first_first)


def _negated(test: Test) -> Test:
    return lambda record: not test(record)


def _joined(token: str, left: Test, right: Test) -> Test:
    if token == "&":
        return lambda record: left(record) and right(record)
    return lambda record: left(record) or right(record)


def _is_leaf(token: Any) -> bool:
    return isinstance(token, (list, tuple)) and len(token) == 3


def _leaf(env: Env, model: Model, leaf: Leaf) -> Test:
    path, operator, value = leaf
    if path in (0, 1):
        return lambda record: path == 1
    name, _, rest = str(path).partition(".")
    field = env.field(model.name, name)
    if field is None:
        word = "condition" if env.version >= 19 else "leaf"
        raise BadValue(f"Invalid field {model.name}.{name} in {word} {(path, operator, value)!r}")
    if operator not in OPERATORS:
        raise BadValue(f"Invalid operator {operator!r} in {(path, operator, value)!r}")
    if rest:
        return _through(env, model, field, (rest, operator, value))
    if operator == "child_of":
        return _below(env, model, field, value)
    return _compared(env, model, field, str(operator), value)


def _through(env: Env, model: Model, field: Field, leaf: Leaf) -> Test:
    """A dotted path: any of the linked records passes. A negative test on nothing linked passes as well."""
    if not field.relation:
        raise BadValue(f"Invalid field {model.name}.{field.name}.{leaf[0]} in leaf {tuple(leaf)!r}")
    rows = env.table(field.relation).rows
    read, test = env.but(active_test=False).getter(model, field.name), _leaf(env, env.model(field.relation), leaf)
    if field.type == "many2one":
        return lambda record: bool((found := read(record)) and found in rows and test(rows[found]))
    return lambda record: any(test(rows[one]) for one in read(record) if one in rows)


def _below(env: Env, model: Model, field: Field, value: Any) -> Test:
    """The records named and all below them."""
    target = model.name if field.name == "id" else field.relation
    wanted = descendants(env, target, _named(env, target, value))
    if field.name == "id":
        return lambda record: record.id in wanted
    read = env.getter(model, field.name)
    if field.type in TO_MANY:
        return lambda record: not wanted.isdisjoint(read(record))
    return lambda record: read(record) in wanted


def descendants(env: Env, model: str, idents: Iterable[int]) -> set[int]:
    """These records and what is below them in their tree."""
    table = env.table(model)
    found, waiting = set(idents), list(idents)
    while waiting:
        for child in table.by(table.model.parent, waiting.pop()):
            if child.id not in found:
                found.add(child.id)
                waiting.append(child.id)
    return found


def _named(env: Env, model: str, value: Any) -> list[int]:
    if isinstance(value, str):
        return [one.id for one in search(env, model, []) if value.casefold() in env.name_of(one).casefold()]
    return [value] if isinstance(value, int) else list(value or [])


def _compared(env: Env, model: Model, field: Field, operator: str, value: Any) -> Test:
    if field.name in _UNSEARCHABLE:
        raise BadValue(f"Cannot convert {model.name}.{field.name} to SQL because it is not stored")
    read = (lambda record: record.id) if field.name == "id" else env.getter(model, field.name)
    if field.type in TO_MANY or field.type == "many2one":
        return _related(env, field, read, operator, value)
    if operator in _PATTERNS:
        return _patterned(read, operator, value)
    if operator in _COMPARISONS:
        return _ranked(field, read, operator, value)
    return _equal(field, read, operator, value)


def _ranked(field: Field, read: Callable[[Record], Any], operator: str, value: Any) -> Test:
    compare = _COMPARISONS[operator]
    if field.type == "datetime":
        limit = moment_key(value)
        return lambda record: bool(found := read(record)) and compare(moment_key(found), limit)
    return lambda record: (found := read(record)) is not False and compare(found, value)


def _equal(field: Field, read: Callable[[Record], Any], operator: str, value: Any) -> Test:
    if operator == "=?" and value in (False, None):
        return lambda record: True
    negative = operator in ("!=", "<>", "not in")
    many = operator in ("in", "not in") and isinstance(value, (list, tuple))
    wanted = {_plain(field, one) for one in (value if many else [value])}
    return lambda record: (_plain(field, read(record)) in wanted) != negative


def _plain(field: Field, value: Any) -> Any:
    """What equality compares; False, None and, for texts, nothing at all are the same."""
    if value is None or value is False:
        return 0 if field.type in {"integer", "float", "monetary"} else False
    return moment_key(value) if field.type == "datetime" else value


def _patterned(read: Callable[[Record], Any], operator: str, value: Any) -> Test:
    negative, bare = operator.startswith("not "), operator.removeprefix("not ")
    text = str(value or "")
    pattern = text if bare.startswith("=") else f"%{text}%"
    flags = re.DOTALL | (re.IGNORECASE if bare.endswith("ilike") else 0)
    parts = (".*" if one == "%" else "." if one == "_" else re.escape(one) for one in pattern)
    match = re.compile("".join(parts), flags).fullmatch
    return lambda record: bool(match(str(read(record) or ""))) != negative


def _related(env: Env, field: Field, read: Callable[[Record], Any], operator: str, value: Any) -> Test:
    """An id, several, a name, or nothing at all."""
    negative = operator in ("!=", "<>") or operator.startswith("not ")
    wanted = _wanted(env, field, operator, value)
    if field.type in TO_MANY:
        empty = False in wanted
        return lambda record: (not wanted.isdisjoint(found := read(record)) or (empty and not found)) != negative
    if operator in _COMPARISONS:
        compare = _COMPARISONS[operator]
        return lambda record: bool(found := read(record)) and compare(found, value)
    return lambda record: ((read(record) or False) in wanted) != negative


def _wanted(env: Env, field: Field, operator: str, value: Any) -> set[Any]:
    values = list(value) if isinstance(value, (list, tuple)) else [value]
    found: set[Any] = {one or False for one in values if not isinstance(one, str)}
    for name in (one for one in values if isinstance(one, str)):
        partly = operator.endswith("like")
        found |= {
            one.id
            for one in env.table(field.relation).rows.values()
            if (name.casefold() in env.name_of(one).casefold() if partly else name == env.name_of(one))
        }
    return found


# order


def ordered(env: Env, model: Model, records: list[Record], order: str) -> list[Record]:
    """Sorted as the database does: nothing comes last in ascending order, first in descending."""
    for part in reversed([one.split() for one in order.split(",") if one.strip()]):
        name, descending = part[0], "desc" in [one.lower() for one in part[1:]]
        records = sorted(records, key=_sort_key(env, model, name), reverse=descending)
    return records


def _sort_key(env: Env, model: Model, name: str) -> Callable[[Record], Any]:
    field = env.field(model.name, name)
    if field is None or field.type in TO_MANY:
        raise BadValue(f"Invalid field {name!r} on model {model.name!r}")
    if name == "id":
        return lambda record: record.id
    read = env.getter(model, name)
    if field.type == "many2one":
        rows = env.table(field.relation).rows
        return lambda record: _rank(env.name_of(rows[found]) if (found := read(record)) else None)
    if field.type in {"boolean", "integer", "float", "monetary"}:
        return lambda record: (False, read(record))
    return lambda record: _rank(read(record) or None)


def _rank(value: Any) -> tuple[bool, Any]:
    return value is None, value.casefold() if isinstance(value, str) else value or 0
