"""A filter that was let through, written for one database: SQL Server's own words, or those of another for the same."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlglot import exp

from passerelle.connectors.sage100.sqlkinds import DATE_PARTS, moment, number, spelled

_SQLGLOT_NAMES: Final = {"sqlite": "sqlite", "postgresql": "postgres", "mssql": "tsql"}
_MOMENTS: Final = {"sqlite": "%Y-%m-%d %H:%M:%S", "postgres": "%Y-%m-%d %H:%M:%S", "tsql": "%Y-%m-%dT%H:%M:%S"}
_PARTS: Final = {exp.Year: "%Y", exp.Month: "%m", exp.Day: "%d"}


def written(tree: exp.Expr, *, article: sa.Table, meant: list[tuple[exp.Expr, str]], database: str) -> str:
    """The SQL of a condition, its columns qualified and quoted, without comments. The tree is used up.

    `meant`: the values between quotes that stand for a number or a date.
    """
    target = _SQLGLOT_NAMES[database]
    for value, kind in meant:
        value.replace(_spelled_out(value.name, kind=kind, target=target))
    columns = spelled(article)
    for node in reversed(list(tree.walk(bfs=False))):  # what is inside first
        if isinstance(node, exp.Column):
            node.replace(exp.column(columns[node.name.lower()].name, table=article.name, quoted=True))
        elif (spoken := _SPOKEN[target](node)) is not node:
            node.replace(spoken)
    return tree.sql(dialect=target, comments=False)


def _spelled_out(text: str, *, kind: str, target: str) -> exp.Expr:
    """SQLite would compare the text; SQL Server would read a date as its language does, but for the form with a T."""
    if kind == "number":
        return exp.Literal.number(number(text))
    at = moment(text)
    return exp.Literal.string("" if at is None else at.strftime(_MOMENTS[target]))


# --- what sqlglot leaves to us ----------------------------------------------------------------------------------------


def _tsql(node: exp.Expr) -> exp.Expr:
    """TRIM came with SQL Server 2017."""
    if isinstance(node, exp.Trim) and not node.args.get("position"):
        return exp.Trim(this=exp.Trim(this=node.this, position="TRAILING"), position="LEADING")
    return node


def _elsewhere(node: exp.Expr) -> exp.Expr:
    """Only SQL Server has N'…', and its LEN leaves out the spaces at the end."""
    if isinstance(node, exp.National):
        return exp.Literal.string(node.this)
    if isinstance(node, exp.Length):
        return exp.Length(this=exp.Trim(this=node.this, position="TRAILING"))
    return node


def _postgres(node: exp.Expr) -> exp.Expr:
    if isinstance(node, DATE_PARTS):
        return type(node)(this=exp.cast(node.this, "TIMESTAMP"))
    return _elsewhere(node)


def _sqlite(node: exp.Expr) -> exp.Expr:
    """SQLite has neither LEFT nor RIGHT, YEAR, MONTH, DAY, and its CURRENT_TIMESTAMP is that of Greenwich."""
    if isinstance(node, exp.CurrentTimestamp):
        return exp.Anonymous(this="DATETIME", expressions=[exp.Literal.string("now"), exp.Literal.string("localtime")])
    if isinstance(node, DATE_PARTS):
        part = exp.Anonymous(this="STRFTIME", expressions=[exp.Literal.string(_PARTS[type(node)]), node.this])
        return exp.cast(part, "INTEGER")
    return _substring(node) if isinstance(node, (exp.Left, exp.Right)) else _elsewhere(node)


def _substring(node: exp.Left | exp.Right) -> exp.Expr:
    if isinstance(node, exp.Left):
        return exp.Anonymous(this="SUBSTR", expressions=[node.this, exp.Literal.number(1), node.expression])
    return exp.Anonymous(this="SUBSTR", expressions=[node.this, exp.Neg(this=exp.paren(node.expression))])


_SPOKEN: Final = {"tsql": _tsql, "postgres": _postgres, "sqlite": _sqlite}
