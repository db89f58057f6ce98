"""The SELECTs of ranges: combinations of values, their prices and their counters; see `queries` for what they share.

Articles without ranges are left out by AR_Gamme1, so that a base that has few ranges pays for few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from passerelle.connectors.sage100 import wire
from passerelle.connectors.sage100.selects import Conditions, Scope, Select, of_page
from passerelle.connectors.sage100.tables import Tables
from passerelle.connectors.sage100.versions import RANGE_NAMES

Column = sa.ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Values:
    """F_ARTENUMREF beside the one or two values of F_ARTGAMME that a combination is made of."""

    combination: sa.Table
    first: sa.FromClause
    second: sa.FromClause

    @classmethod
    def of(cls, tables: Tables) -> Values:
        """Raises SchemaIncomplete."""
        values = tables["F_ARTGAMME"]
        return cls(tables["F_ARTENUMREF"], values.alias("value_1"), values.alias("value_2"))

    def columns(self) -> list[Column]:
        """The first columns of `wire.Combination`."""
        own = self.combination.c
        return [own.AG_No1, second(own).label("AG_No2"), own.AE_Ref, *self.texts()]

    def texts(self) -> list[Column]:
        """Both values, NULL where there is none."""
        return [self.first.c.EG_Enumere.label("value1"), self.second.c.EG_Enumere.label("value2")]


def second(own: Any) -> sa.ColumnElement[int]:
    """The second value's number: none is 0, but some programs write NULL."""
    return sa.func.coalesce(own.AG_No2, sa.literal_column("0"))  # no parameter: GROUP BY must find it again


def combinations(tables: Tables, *, scope: Scope, whole: bool) -> Select:
    """The combinations of a page's articles that are not asleep; `whole` adds what only articles need."""
    article, values = tables["F_ARTICLE"], Values.of(tables)
    own = values.combination
    more: list[Column] = [own.c.AE_CodeBarre, article.c.AR_Gamme2] if whole else []
    named = whole and tables.has(RANGE_NAMES)
    names = [tables[RANGE_NAMES].alias(f"range_{number}") for number in (1, 2)] if named else []
    more += [one.c.G_Intitule.label(f"name{number}") for number, one in enumerate(names, start=1)]
    chosen = sa.select(article.c.cbMarq, *values.columns(), *more)
    chosen = chosen.join_from(article, own, own.c.AR_Ref == article.c.AR_Ref)
    chosen = _with_values(chosen, values=values, of=own.c)
    for one, number in zip(names, (article.c.AR_Gamme1, article.c.AR_Gamme2), strict=False):
        chosen = chosen.outerjoin(one, one.c.cbIndice == number)
    chosen = of_page(chosen, key=article.c.cbMarq, conditions=_ranged(article, scope=scope))
    chosen = chosen.where(own.c.AG_No1 > 0, sa.func.coalesce(own.c.AE_Sommeil, 0) == 0)
    return chosen.order_by(article.c.cbMarq, own.c.AG_No1, second(own.c), own.c.cbMarq)


def _with_values(chosen: Select, *, values: Values, of: Any) -> Select:
    """With the values whose numbers are in the columns `of`."""
    chosen = chosen.outerjoin(values.first, values.first.c.AG_No == of.AG_No1)
    return chosen.outerjoin(values.second, values.second.c.AG_No == of.AG_No2)


def _ranged(article: sa.Table, *, scope: Scope) -> Conditions:
    return [*scope.of(article), article.c.AR_Gamme1 > 0]


def range_prices(tables: Tables, *, scope: Scope, category: int, prices: bool) -> Select:
    """What a page's combinations have in a tariff category; Python compares the target again, with its case."""
    article, price, flag = tables["F_ARTICLE"], tables["F_TARIFGAM"], tables["F_ARTCLIENT"]
    found = [price.c.AG_No1, second(price.c).label("AG_No2"), price.c.TG_RefCF, price.c.TG_CodeBarre]
    found += [price.c.TG_Prix, flag.c.AC_PrixTTC] if prices else []
    chosen = sa.select(article.c.cbMarq, *found).join_from(article, price, price.c.AR_Ref == article.c.AR_Ref)
    order = [article.c.cbMarq, price.c.cbMarq]
    if prices:
        no_customer = sa.func.coalesce(sa.func.rtrim(flag.c.CT_Num), "") == ""
        same = sa.and_(flag.c.AR_Ref == article.c.AR_Ref, flag.c.AC_Categorie == category, no_customer)
        chosen, order = chosen.outerjoin(flag, same), [*order, flag.c.cbMarq]
    chosen = of_page(chosen, key=article.c.cbMarq, conditions=_ranged(article, scope=scope))
    return chosen.where(sa.func.rtrim(price.c.TG_RefCF) == target(category)).order_by(*order)


def target(category: int) -> str:
    """How F_TARIFGAM names a tariff category; any other target is a customer or a supplier."""
    return f"a{category:02d}"


def range_sums(tables: Tables, *, scope: Scope, depots: Sequence[int]) -> Select:
    """The counters of a page's combinations that have a row, summed over depots."""
    article, stock = tables["F_ARTICLE"], tables["F_GAMSTOCK"]
    sums = [
        sa.type_coerce(sa.func.coalesce(sa.func.sum(stock.c[name]), 0), stock.c[name].type).label(name)
        for name in wire.RangeSums._fields
    ]
    counted = sa.and_(stock.c.AR_Ref == article.c.AR_Ref, stock.c.DE_No.in_(depots))
    keys = [article.c.cbMarq, stock.c.AG_No1, second(stock.c)]
    chosen = sa.select(*keys, *sums).join_from(article, stock, counted, isouter=True)  # outer: see `stock_sums`
    chosen = of_page(chosen, key=article.c.cbMarq, conditions=_ranged(article, scope=scope))
    return chosen.group_by(*keys).order_by(*keys)


def line_combination(tables: Tables, chosen: Select, *, line: sa.Table) -> Select:
    """A SELECT of lines with the combination that each is of."""
    values = Values.of(tables)
    own = values.combination
    same = [own.c.AR_Ref == line.c.AR_Ref, own.c.AG_No1 == line.c.AG_No1, second(own.c) == second(line.c)]
    reference = sa.select(sa.func.min(own.c.AE_Ref)).where(*same).scalar_subquery()  # no join: it could double a line
    first = sa.func.coalesce(line.c.AG_No1, 0).label("AG_No1")
    keys = [first, second(line.c).label("AG_No2"), reference.label("AE_Ref")]
    return _with_values(chosen.add_columns(*keys, *values.texts()), values=values, of=line.c)


def no_combination(chosen: Select) -> Select:
    """The same from a base that does not tell which combination a line is of."""
    nothing = [sa.null().label(name) for name in ("AE_Ref", "value1", "value2")]
    return chosen.add_columns(sa.literal(0).label("AG_No1"), sa.literal(0).label("AG_No2"), *nothing)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What combinations are looked for by: numbers of first values, own references, references of their articles."""

    numbers: Sequence[int] = ()
    own: Sequence[str] = ()
    articles: Sequence[str] = ()


def named_combinations(tables: Tables, *, wanted: Wanted, scope: Scope | None) -> Select:
    """The combinations that `wanted` may mean; Python compares again. With a scope only those that it sells."""
    article, values = tables["F_ARTICLE"], Values.of(tables)
    own = values.combination
    chosen = sa.select(article.c.AR_Ref, *values.columns())
    chosen = chosen.join_from(article, own, own.c.AR_Ref == article.c.AR_Ref)
    chosen = _with_values(chosen, values=values, of=own.c)
    asked = (
        (own.c.AG_No1, wanted.numbers),
        (sa.func.rtrim(own.c.AE_Ref), wanted.own),
        (sa.func.rtrim(article.c.AR_Ref), wanted.articles),
    )
    meant = [column.in_(values) for column, values in asked if values]
    chosen = chosen.where(sa.or_(sa.false(), *meant), own.c.AG_No1 > 0, article.c.AR_Gamme1 > 0)
    if scope is not None:
        chosen = chosen.where(*scope.of(article), sa.func.coalesce(own.c.AE_Sommeil, 0) == 0)
    return chosen.order_by(article.c.cbMarq, own.c.AG_No1, second(own.c), own.c.cbMarq)
