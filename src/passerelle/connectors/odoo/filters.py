"""The owner's filter: an Odoo domain typed as text, parsed, and held against an allow-list before it is sent.

`[("categ_id", "child_of", 5), ("list_price", ">", 10)]`, in Odoo's prefix notation with & | !.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, Final

from passerelle.connectors.odoo.wire import Row
from passerelle.errors import FilterInvalid

LONGEST: Final = 2000
MOST_LEAVES: Final = 100
DEEPEST: Final = 3  # fields in one dotted path
LOGIC: Final = {"&": 2, "|": 2, "!": 1}
COMPARISONS: Final = frozenset(
    {"=", "!=", ">", ">=", "<", "<=", "like", "not like", "ilike", "not ilike", "=like", "=ilike"}
)
LISTS: Final = frozenset({"in", "not in"})
TREES: Final = frozenset({"child_of", "parent_of"})
OPERATORS: Final = COMPARISONS | LISTS | TREES
_SCALARS: Final = (str, int, float, bool)

Fields = Callable[[str], Mapping[str, Row] | None]


def domain_of(condition: str, *, model: str, fields: Fields) -> list[Any]:
    """The domain that a filter says; [] for none. `fields` gives those of a model. Raises FilterInvalid."""
    if not condition.strip():
        return []
    if len(condition) > LONGEST:
        raise _invalid(f"it is longer than {LONGEST} characters")
    parts = _parsed(condition)
    if len(parts) > 2 * MOST_LEAVES:
        raise _invalid(f"it has more than {MOST_LEAVES} conditions")
    checked = [_part(part, model=model, fields=fields) for part in parts]
    return _joined(checked) if checked else []


def _invalid(why: str) -> FilterInvalid:
    return FilterInvalid(why=why)


def _parsed(condition: str) -> list[Any]:
    try:
        found = ast.literal_eval(condition.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise _invalid("it is not a list such as [('categ_id', 'child_of', 5)]") from None
    if isinstance(found, tuple) and len(found) == 3 and isinstance(found[0], str) and isinstance(found[1], str):
        found = [found]  # one condition without its brackets
    if not isinstance(found, list):
        raise _invalid("it is not a list such as [('categ_id', 'child_of', 5)]")
    return found


def _part(part: Any, *, model: str, fields: Fields) -> Any:
    if isinstance(part, str):
        if part not in LOGIC:
            raise _invalid(f"{part!r} is neither a condition nor one of & | !")
        return part
    if not isinstance(part, (list, tuple)) or len(part) != 3:
        raise _invalid(f"{part!r} is not a field, an operator and a value")
    path, operator, value = part
    if not isinstance(path, str) or not isinstance(operator, str):
        raise _invalid(f"{part!r} is not a field, an operator and a value")
    name = operator.lower()
    if name not in OPERATORS:
        raise _invalid(f"the operator {operator!r} is not one of {', '.join(sorted(OPERATORS))}")
    _check_path(path, model=model, fields=fields)
    return [path, name, _value(value, operator=name)]


def _check_path(path: str, *, model: str, fields: Fields) -> None:
    names = path.split(".")
    if len(names) > DEEPEST:
        raise _invalid(f"{path} goes through more than {DEEPEST} fields")
    for place, name in enumerate(names):
        known = fields(model) or {}
        if name not in known:
            raise _invalid(f"{model} has no field {name}")
        if known[name].get("searchable") is False:
            raise _invalid(f"{path} cannot be searched in Odoo")
        model = str(known[name].get("relation") or "")
        if not model and place + 1 < len(names):
            raise _invalid(f"{name} leads to no other record")


def _value(value: Any, *, operator: str) -> Any:
    if operator in LISTS or (operator in TREES and isinstance(value, (list, tuple))):
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, _SCALARS) for one in value):
            raise _invalid(f"{operator} needs a list of values, not {value!r}")
        return list(value)
    if value is None:
        return False
    if not isinstance(value, _SCALARS):
        raise _invalid(f"{value!r} is not a text, a number, True or False")
    return value


def _joined(parts: list[Any]) -> list[Any]:
    """The same with the & that Odoo reads between conditions written, so that it can be joined to others."""
    missing = 1  # conditions still owed, as in Odoo's own normalisation
    out: list[Any] = []
    for part in parts:
        if missing == 0:
            out.insert(0, "&")
            missing = 1
        out.append(part)
        missing += LOGIC[part] - 1 if isinstance(part, str) else -1
    if missing:
        raise _invalid("an & | or ! has nothing to join")
    return out
