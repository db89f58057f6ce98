"""The owner's SQL condition on F_ARTICLE: parsed, held against an allow-list, written again.

What reaches the database is never the owner's text but a condition built from the nodes allowed here. It is read as
T-SQL, which Sage integrators write, whatever the base is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from passerelle.errors import FilterInvalid

LONGEST: Final = 2000
_SQLGLOT_NAMES = {"sqlite": "sqlite", "postgresql": "postgres", "mssql": "tsql"}

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.Escape, exp.In, exp.Between, exp.Is)
_LOGIC = (exp.And, exp.Or, exp.Not, exp.Paren)
_VALUES = (exp.Column, exp.Identifier, exp.Literal, exp.National, exp.Null, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div)
_FUNCTIONS = (exp.Upper, exp.Lower, exp.Length, exp.Left, exp.Right, exp.Substring, exp.Coalesce, exp.Abs)
_ALLOWED: Final = frozenset({*_COMPARISONS, *_LOGIC, *_VALUES, *_FUNCTIONS})


def condition(fragment: str, *, article: sa.Table, database: str) -> str:
    """The SQL of `fragment` for a database ("sqlite", "postgresql", "mssql"), its columns qualified and quoted.

    Raises FilterInvalid with the reason in plain words.
    """
    tree = _without_casts(_parsed(fragment))
    _check_nodes(tree)
    _check_condition(tree)
    target = _SQLGLOT_NAMES[database]
    return _dialect(tree.transform(_columns(article)), target=target).sql(dialect=target, comments=False)


def _refused(why: str) -> FilterInvalid:
    return FilterInvalid(why=why)


def _parsed(fragment: str) -> exp.Expr:
    if len(fragment) > LONGEST:
        raise _refused(f"it is longer than {LONGEST} characters")
    if any(ord(letter) < 32 and letter not in "\t\r\n" for letter in fragment):
        raise _refused("it holds a control character")
    try:
        statements = sqlglot.parse(f"SELECT 1 FROM t WHERE ({fragment})", dialect="tsql")
    except (SqlglotError, RecursionError):
        raise _refused("it is not one SQL condition") from None
    return _only_condition(statements)


def _only_condition(statements: list[exp.Expr | None]) -> exp.Expr:
    select = statements[0] if len(statements) == 1 else None
    if not isinstance(select, exp.Select):
        raise _refused("it is not one SQL condition")
    where = select.args.get("where")
    parts = {name for name, value in select.args.items() if value}
    if where is None or parts - {"expressions", "from_", "where", "kind"} or not isinstance(where.this, exp.Paren):
        raise _refused("it is not one SQL condition")
    inside: exp.Expr = where.this
    return inside


def _without_casts(tree: exp.Expr) -> exp.Expr:
    """Drop the casts that the T-SQL reader puts inside LEN, LEFT and RIGHT; any other cast stays and is refused."""
    for cast in list(tree.find_all(exp.Cast)):
        if isinstance(cast.parent, (exp.Length, exp.Left, exp.Right)):
            cast.replace(cast.this)
    return tree


def _check_nodes(tree: exp.Expr) -> None:
    for node in tree.walk():
        if type(node) not in _ALLOWED:
            raise _refused(f"it uses {_name(node)}, which is not allowed")
        if isinstance(node, exp.In) and not node.expressions:
            raise _refused("IN needs a list of values")
        if isinstance(node, exp.Is) and not isinstance(node.expression, exp.Null):
            raise _refused("IS is only allowed with NULL")


def _name(node: exp.Expr) -> str:
    return node.name.upper() if isinstance(node, exp.Anonymous) else node.key.upper()


def _check_condition(node: exp.Expr) -> None:
    """Every operand of AND, OR, NOT is a comparison: `AR_Publie` alone is a number in SQL Server, no condition."""
    if isinstance(node, (exp.And, exp.Or)):
        _check_condition(node.this)
        _check_condition(node.expression)
    elif isinstance(node, (exp.Not, exp.Paren)):
        _check_condition(node.this)
    elif not isinstance(node, _COMPARISONS):
        raise _refused(f"{node.sql(dialect='tsql', comments=False)} is a value, not a comparison")


def _columns(article: sa.Table) -> Callable[[exp.Expr], exp.Expr]:
    spelled = {key.lower(): column.name for key, column in article.c.items()}

    def rewrite(node: exp.Expr) -> exp.Expr:
        return _column(node, spelled=spelled, table=article.name) if isinstance(node, exp.Column) else node

    return rewrite


def _column(node: exp.Column, *, spelled: dict[str, str], table: str) -> exp.Column:
    actual = spelled.get(node.name.lower())
    if len(node.parts) > 2 or node.table.lower() not in ("", table.lower()) or actual is None:
        raise _refused(f"F_ARTICLE has no column {node.sql(dialect='tsql', comments=False)}")
    return exp.column(actual, table=table, quoted=True)


def _dialect(tree: exp.Expr, *, target: str) -> exp.Expr:
    """What sqlglot leaves to us: only T-SQL has N'…', and SQLite has neither LEFT nor RIGHT."""
    if target != "tsql":
        for national in list(tree.find_all(exp.National)):
            national.replace(exp.Literal.string(national.this))
    if target == "sqlite":
        for part in list(tree.find_all(exp.Left, exp.Right)):
            part.replace(_substring(part))
    return tree


def _substring(node: exp.Func) -> exp.Expr:
    """SQLite has neither LEFT nor RIGHT."""
    length = node.expression
    if isinstance(node, exp.Left):
        return exp.Anonymous(this="SUBSTR", expressions=[node.this, exp.Literal.number(1), length])
    return exp.Anonymous(this="SUBSTR", expressions=[node.this, exp.Neg(this=exp.paren(length))])
