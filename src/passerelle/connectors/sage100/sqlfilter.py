"""The owner's SQL condition on F_ARTICLE: parsed, held against an allow-list, written again.

What reaches the database is never the owner's text but a condition built from the nodes allowed here. It is read as
T-SQL, which Sage integrators write, whatever the base is. Texts, numbers and dates are told apart because SQL Server
converts one into the other row by row, and fails on the first row where it cannot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from itertools import pairwise
from typing import Final

import sqlalchemy as sa
import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.errors import ParseError, SqlglotError

from passerelle.connectors.sage100 import sqlkinds, sqlwriting
from passerelle.errors import FilterInvalid

LONGEST: Final = 2000
DEEPEST: Final = 50  # parentheses one inside the other
FUNCTIONS: Final = (
    "UPPER, LOWER, LTRIM, RTRIM, TRIM, LEN, LEFT, RIGHT, SUBSTRING, COALESCE, ISNULL, ABS, YEAR, MONTH, DAY, GETDATE"
)
_CALLED: Final = frozenset({*FUNCTIONS.split(", "), "CURRENT_TIMESTAMP", "AND", "OR", "NOT", "IN", "LIKE", "BETWEEN"})

_ALLOWED: Final = frozenset({*sqlkinds.COMPARISONS, *sqlkinds.LOGIC, *sqlkinds.VALUES, *sqlkinds.SIGNATURES})
# The names of what sqlglot may hang on a node; anything else would be written without having been looked at.
_ARGUMENTS: Final = frozenset(
    {"this", "expression", "expressions", "low", "high", "start", "length", "position", "negate", "quoted", "is_string",
     "table", "is_null", "typed", "safe"}
)  # fmt: skip
_REFUSED: Final = frozenset(
    {TokenType.SEMICOLON, TokenType.PARAMETER, TokenType.PLACEHOLDER, TokenType.COLON, TokenType.DCOLON,
     TokenType.HEX_STRING, TokenType.BIT_STRING, TokenType.BYTE_STRING, TokenType.MOD, TokenType.HASH,
     TokenType.L_BRACE, TokenType.UNKNOWN, TokenType.DPIPE, TokenType.COLLATE, TokenType.EXECUTE, TokenType.SELECT,
     TokenType.UNION, TokenType.CASE, TokenType.EXISTS, TokenType.INTO, TokenType.HINT}
)  # fmt: skip
# What SQLAlchemy or a driver would take for a place of its own, even inside quotes.
_PLACE: Final = re.compile(r"%\([^)]*\)[sd]|__\[POSTCOMPILE_")


def condition(fragment: str, *, article: sa.Table, database: str) -> str:
    """The SQL of `fragment` for a database ("sqlite", "postgresql", "mssql"), its columns qualified and quoted.

    Raises FilterInvalid with the reason in plain words.
    """
    try:
        return _condition(fragment, article=article, database=database)
    except RecursionError:
        raise _refused("its parts are too deep one inside the other") from None


def _condition(fragment: str, *, article: sa.Table, database: str) -> str:
    _check_text(fragment)
    tree = _without_casts(_parsed(fragment))
    _check_nodes(tree)
    _check_columns(tree, article=article)
    kinds = sqlkinds.Kinds(article)
    _check_condition(tree, kinds=kinds)
    written = sqlwriting.written(tree, article=article, meant=kinds.meant, database=database)
    place = _PLACE.search(written)
    if place is not None:
        part = place.group()
        raise _refused(f"{part} is not allowed, even in a text")
    return written


def _shown(node: exp.Expr) -> str:
    return node.sql(dialect="tsql", comments=False)


def _refused(why: str) -> FilterInvalid:
    return FilterInvalid(why=why)


# --- the text --------------------------------------------------------------------------------------------------------


def _check_text(fragment: str) -> None:
    if len(fragment) > LONGEST:
        raise _refused(f"it is longer than {LONGEST} characters")
    if any(ord(letter) < 32 and letter not in "\t\r\n" for letter in fragment):
        raise _refused("it holds a control character")
    tokens = _tokens(fragment)
    if "--" in fragment or "/*" in fragment:
        _check_comments(fragment, tokens)
    for token in tokens:
        if token.token_type in _REFUSED:
            part = _said(token, fragment)
            raise _refused(f"{part} is not allowed: compare columns of F_ARTICLE with values")
    for token, following in pairwise(tokens):
        name = _said(token, fragment).upper()
        if following.token_type is TokenType.L_PAREN and name.isidentifier() and name not in _CALLED:
            raise _refused(f"{name} is not one of the functions of a filter: {FUNCTIONS}")
    _check_parentheses(tokens)


def _tokens(fragment: str) -> list[Token]:
    try:
        tokens = sqlglot.tokenize(fragment, dialect="tsql")
    except SqlglotError:
        raise _refused("a quote, a bracket or a comment is not closed; a quote inside a text is doubled: ''") from None
    if not tokens:
        raise _refused("it compares nothing")
    return tokens


def _check_comments(fragment: str, tokens: list[Token]) -> None:
    """A comment is refused, not dropped: what it hides might have been meant."""
    last = tokens[-1].end + 1
    if any(token.comments for token in tokens) or fragment[last:].strip():
        raise _refused("it holds a comment (-- or /*); take it out")


def _said(token: Token, fragment: str) -> str:
    return fragment[token.start : token.end + 1]


def _check_parentheses(tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        if depth < 0:
            raise _refused("it closes a parenthesis that it has not opened")
        if depth > DEEPEST:
            raise _refused(f"more than {DEEPEST} parentheses are one inside the other")
    if depth:
        raise _refused("it does not close a parenthesis")


# --- the tree --------------------------------------------------------------------------------------------------------


def _parsed(fragment: str) -> exp.Expr:
    try:
        statements = sqlglot.parse(f"SELECT 1 FROM t WHERE (\n{fragment}\n)", dialect="tsql")
    except ParseError as error:
        near = error.errors[0].get("highlight") if error.errors else ""
        if not near or near == ")":
            raise _refused("a part of it is missing or too much") from None
        raise _refused(f"it cannot be understood at {near}") from None
    except SqlglotError:
        raise _refused("it is not one SQL condition") from None
    return _only_condition(statements)


def _only_condition(statements: list[exp.Expr | None]) -> exp.Expr:
    select = statements[0] if len(statements) == 1 else None
    where = select.args.get("where") if isinstance(select, exp.Select) else None
    parts = {name for name, value in select.args.items() if value} if select is not None else set()
    if where is None or parts - {"expressions", "from_", "where", "kind"} or not isinstance(where.this, exp.Paren):
        raise _refused("it is not one SQL condition")
    inside: exp.Expr = where.this
    return inside


def _without_casts(tree: exp.Expr) -> exp.Expr:
    """Drop what the T-SQL reader puts inside LEN, LEFT, RIGHT, YEAR, MONTH, DAY; any other cast stays and is refused.

    A CAST that the owner writes there goes too: these functions give the same without it.
    """
    for cast in list(tree.find_all(exp.Cast, exp.TsOrDsToDate)):
        if isinstance(cast.parent, (exp.Length, exp.Left, exp.Right, *sqlkinds.DATE_PARTS)):
            cast.replace(cast.this)
    return tree


def _check_nodes(tree: exp.Expr) -> None:
    for node in tree.walk():
        if type(node) not in _ALLOWED:
            part = _shown(node)
            raise _refused(f"{part} is more than a filter may say")
        if isinstance(node, exp.In) and not node.expressions:
            raise _refused("IN needs a list of values")
        if isinstance(node, exp.Is) and not isinstance(node.expression, exp.Null):
            raise _refused("IS is only allowed with NULL")
        if not _ARGUMENTS.issuperset(name for name, value in node.args.items() if value):
            part = _shown(node)
            raise _refused(f"{part} is more than a filter may say")


def _check_columns(tree: exp.Expr, *, article: sa.Table) -> None:
    known = sqlkinds.spelled(article)
    for node in tree.find_all(exp.Column):
        if (
            len(node.parts) > 2
            or node.table.lower() not in ("", article.name.lower())
            or node.name.lower() not in known
        ):
            raise _no_column(node, known=known)


def _no_column(node: exp.Column, *, known: Mapping[str, sa.Column[object]]) -> FilterInvalid:
    part = _shown(node)
    near = get_close_matches(node.name.lower(), known, n=3, cutoff=0.6)
    near += [name for name in known if len(node.name) > 2 and node.name.lower() in name and name not in near]
    if near:
        names = ", ".join(known[name].key for name in near[:3])
        return _refused(f"F_ARTICLE has no column {part}; there is {names}")
    return _refused(f"F_ARTICLE has no column {part}; a text is written between single quotes")


# --- what is compared ------------------------------------------------------------------------------------------------


def _check_condition(node: exp.Expr, *, kinds: sqlkinds.Kinds) -> None:
    """Every operand of AND, OR, NOT is a comparison: `AR_Publie` alone is a number in SQL Server, no condition."""
    if isinstance(node, (exp.And, exp.Or)):
        _check_condition(node.this, kinds=kinds)
        _check_condition(node.expression, kinds=kinds)
    elif isinstance(node, (exp.Not, exp.Paren)):
        _check_condition(node.this, kinds=kinds)
    elif isinstance(node, sqlkinds.COMPARISONS):
        kinds.check(node)
    else:
        part = _shown(node)
        raise _refused(f"{part} is a value, not a comparison")
