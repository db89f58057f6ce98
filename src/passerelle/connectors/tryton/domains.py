"""The filter of a profile: one Tryton domain on product.template, held against a list of what is allowed.

`[["account_category.name", "=", "Outillage"], ["name", "not ilike", "%échantillon%"]]`, as JSON or as Python writes it.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from passerelle.errors import FilterInvalid

Fields = Mapping[str, Mapping[str, Any]]

LONGEST: Final = 2000  # characters
DEEPEST: Final = 8
OPERATORS: Final = frozenset(
    {"=", "!=", "<", "<=", ">", ">=", "in", "not in", "like", "not like", "ilike", "not ilike", "child_of",
     "not child_of"}
)  # fmt: skip


def condition(text: str, *, model: str, fields_of: Callable[[str], Fields]) -> list[Any]:
    """The domain that a filter is, [] for none. `fields_of` gives the fields of a model. Raises FilterInvalid."""
    if not text.strip():
        return []
    found = _parsed(text)
    if not isinstance(found, list):
        raise FilterInvalid(why="it is not a list of conditions")
    _check(found, model=model, fields_of=fields_of, depth=0)
    return [found]


def _parsed(text: str) -> Any:
    if len(text) > LONGEST:
        raise FilterInvalid(why=f"it is longer than {LONGEST} characters")
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return _listed(ast.literal_eval(text.strip()))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise FilterInvalid(why="it is not a Tryton domain", detail=type(error).__name__) from None


def _listed(value: Any) -> Any:
    """Tuples as lists, all the way down."""
    return [_listed(one) for one in value] if isinstance(value, (list, tuple)) else value


def _check(domain: list[Any], *, model: str, fields_of: Callable[[str], Fields], depth: int) -> None:
    if depth > DEEPEST:
        raise FilterInvalid(why="it is nested too deep")
    if domain and domain[0] in ("AND", "OR"):
        domain = domain[1:]
    for one in domain:
        if not isinstance(one, list) or not one:
            raise FilterInvalid(why=f"{one!r} is not a condition")
        if isinstance(one[0], list) or one[0] in ("AND", "OR"):
            _check(one, model=model, fields_of=fields_of, depth=depth + 1)
        else:
            _check_clause(one, model=model, fields_of=fields_of)


def _check_clause(clause: list[Any], *, model: str, fields_of: Callable[[str], Fields]) -> None:
    if len(clause) not in (3, 4) or not isinstance(clause[0], str) or not all(isinstance(e, str) for e in clause[3:]):
        raise FilterInvalid(why=f"{clause!r} is not a field, an operator and a value")
    name, operator, value = clause[:3]
    if operator not in OPERATORS:
        raise FilterInvalid(why=f"the operator {operator!r} is not one of: {', '.join(sorted(OPERATORS))}")
    if not (_plain(value) or (isinstance(value, list) and all(map(_plain, value)))):
        raise FilterInvalid(why=f"the value of {name} is neither a text, a number, nor a list of these")
    _check_path(name, model=model, fields_of=fields_of)


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float, bool))


def _check_path(path: str, *, model: str, fields_of: Callable[[str], Fields]) -> None:
    for step in path.split("."):
        known = fields_of(model) if model else {}
        if step not in known or not known[step].get("searchable", True):
            raise FilterInvalid(why=f"there is no field {path} to search by")
        model = str(known[step].get("relation") or "")
