"""Texts, numbers and dates in a filter: what may be compared with what."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import sqlalchemy as sa
from sqlglot import exp

from passerelle.connectors.sage100.tables import Moment
from passerelle.errors import FilterInvalid

DATE_PARTS: Final = (exp.Year, exp.Month, exp.Day)
COMPARISONS: Final = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.Escape, exp.In, exp.Between, exp.Is
)  # fmt: skip
CONNECTIVES: Final = (exp.And, exp.Or, exp.Not)
LOGIC: Final = (*CONNECTIVES, exp.Paren)
ARITHMETIC: Final = (exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div)
VALUES: Final = (exp.Column, exp.Identifier, exp.Literal, exp.National, exp.Null, *ARITHMETIC)
# What a function gives, then what its arguments are.
SIGNATURES: Final[dict[type[exp.Expr], tuple[str, ...]]] = {
    exp.Upper: ("text", "text"),
    exp.Lower: ("text", "text"),
    exp.Trim: ("text", "text"),
    exp.Left: ("text", "text", "number"),
    exp.Right: ("text", "text", "number"),
    exp.Substring: ("text", "text", "number", "number"),
    exp.Length: ("number", "text"),
    exp.Abs: ("number", "number"),
    exp.Year: ("number", "date"),
    exp.Month: ("number", "date"),
    exp.Day: ("number", "date"),
    exp.CurrentTimestamp: ("date",),
    exp.Coalesce: (),  # that of its arguments
}


def spelled(article: sa.Table) -> dict[str, sa.Column[Any]]:
    """The columns that a filter may name, by their name in small letters."""
    return {key.lower(): column for key, column in article.c.items()}


def quoted(node: exp.Expr) -> bool:
    """Whether this is a value between quotes: a text, and as well the number or the date that it spells."""
    return isinstance(node, exp.National) or (isinstance(node, exp.Literal) and node.is_string)


def moment(text: str) -> datetime | None:
    """The date of '2026-01-31', '20260131' or '2026-01-31T18:00:00'; None for anything else.

    SQL Server's dates begin in 1753.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo is None and found.year >= 1753 else None


def number(text: str) -> str | None:
    """The number that a text spells, in digits; None when it spells none."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return f"{value:f}" if value.is_finite() and abs(value.adjusted()) < 30 else None


def operands(node: exp.Expr) -> list[exp.Expr]:
    """The values that a comparison or a function holds against each other."""
    if isinstance(node, exp.Escape):
        return operands(node.this)
    if isinstance(node, exp.Between):
        return [node.this, node.args["low"], node.args["high"]]
    if isinstance(node, (exp.In, exp.Coalesce)):
        return [node.this, *node.expressions]
    named = ("this",) if isinstance(node, exp.Is) else ("this", "expression", "start", "length")
    return [node.args[name] for name in named if isinstance(node.args.get(name), exp.Expr)]


class Kinds:
    """The kinds of the values of one filter. Raises FilterInvalid where two do not go together.

    `meant` are the values between quotes that stand for a number or a date, with that kind.
    """

    def __init__(self, article: sa.Table) -> None:
        self._columns = spelled(article)
        self.meant: list[tuple[exp.Expr, str]] = []

    def of(self, node: exp.Expr) -> str:
        """text, number or date; "" for what can be any: NULL, and a value between quotes."""
        if isinstance(node, exp.Paren):
            return self.of(node.this)
        if isinstance(node, exp.Column):
            return _kind(self._columns[node.name.lower()].type)
        if isinstance(node, exp.Literal):
            return "" if node.is_string else "number"
        if isinstance(node, exp.Coalesce):
            return self._shared(operands(node))
        if isinstance(node, ARITHMETIC):
            return "number"
        return SIGNATURES[type(node)][0] if type(node) in SIGNATURES else ""

    def _shared(self, values: list[exp.Expr]) -> str:
        return next((kind for value in values if (kind := self.of(value))), "")

    def check(self, comparison: exp.Expr) -> None:
        """Hold a comparison and everything inside it against its kinds, what is inside first."""
        for node in reversed(list(comparison.walk(bfs=False))):
            if isinstance(node, (*CONNECTIVES, *COMPARISONS)) and node is not comparison and not _inner(node):
                part = _shown(node)
                raise FilterInvalid(why=f"{part} is a comparison, not a value")
            self._check(node)

    def _check(self, node: exp.Expr) -> None:
        if isinstance(node, exp.Literal) and not node.is_string and number(node.name) is None:
            raise _mismatch(node, kind="number")
        if isinstance(node, exp.Like):
            self._need(operands(node), "text")
        elif isinstance(node, ARITHMETIC):
            self._need(operands(node), "number")
        elif isinstance(node, (exp.Coalesce, *COMPARISONS)):
            self._alike(node)
        elif type(node) in SIGNATURES:
            self._arguments(node)

    def _alike(self, node: exp.Expr) -> None:
        values = operands(node)
        if not isinstance(node, (exp.Coalesce, exp.Is)) and any(isinstance(value, exp.Null) for value in values):
            raise FilterInvalid(why="nothing equals NULL; write IS NULL or IS NOT NULL")
        if not isinstance(node, exp.Escape):
            self._need(values, self._shared(values))

    def _arguments(self, node: exp.Expr) -> None:
        given, wanted = operands(node), SIGNATURES[type(node)][1:]
        if len(given) > len(wanted):
            part = _shown(node)
            raise FilterInvalid(why=f"{part} has too many values")
        for value, kind in zip(given, wanted, strict=False):
            self._need([value], kind)

    def _need(self, values: list[exp.Expr], kind: str) -> None:
        for value in values:
            if isinstance(value, exp.Null) or not kind:
                continue
            if (self.of(value) or _spells(value, kind)) != kind:
                raise _mismatch(value, kind=kind)
            if quoted(value) and kind != "text":
                self.meant.append((value, kind))


def _inner(node: exp.Expr) -> bool:
    """A LIKE stands inside its ESCAPE."""
    return isinstance(node, exp.Like) and isinstance(node.parent, exp.Escape)


def _kind(type_: object) -> str:
    if isinstance(type_, (Moment, sa.DateTime, sa.Date)):
        return "date"
    return "text" if isinstance(type_, sa.String) else "number"


def _spells(value: exp.Expr, kind: str) -> str:
    """The kind of a value that has none of its own: a text is what it spells."""
    inside = value.this if isinstance(value, exp.Paren) else value
    if not quoted(inside):
        return kind  # COALESCE(NULL, …)
    spelled = {"date": moment, "number": number}.get(kind)
    return kind if spelled is None or spelled(inside.name) is not None else "text"


def _mismatch(value: exp.Expr, *, kind: str) -> FilterInvalid:
    part = _shown(value)
    if kind == "date":
        return FilterInvalid(why=f"{part} is not a date; dates are written like '2026-01-31'")
    if kind == "number":
        return FilterInvalid(why=f"{part} is not a number; numbers are written like 12.5")
    return FilterInvalid(why=f"{part} is not a text; texts are written between single quotes")


def _shown(node: exp.Expr) -> str:
    return node.sql(dialect="tsql", comments=False)
