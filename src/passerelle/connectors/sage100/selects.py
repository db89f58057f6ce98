"""What the SELECTs of this connector share: pages by cbMarq, the articles in scope, columns that may be missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from passerelle.connectors.sage100.versions import OPTIONAL

AFTER: Final = sa.bindparam("after", type_=sa.Integer)
LAST: Final = sa.bindparam("last", type_=sa.Integer)

Select = sa.Select[Any]
Conditions = list[sa.ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which articles: `condition` is SQL that the filter has made, `only` one reference."""

    published_only: bool
    condition: str = ""
    only: str | None = None

    def of(self, article: sa.Table) -> Conditions:
        """The conditions on F_ARTICLE. A flag may be NULL, which is 0."""
        conditions = [sa.func.coalesce(article.c.AR_Sommeil, 0) == 0]
        if self.published_only:
            conditions.append(article.c.AR_Publie == 1)
        if self.condition:
            conditions.append(sa.literal_column(self.condition))
        if self.only is not None:
            conditions.append(sa.func.rtrim(article.c.AR_Ref) == self.only.rstrip(" "))
        return conditions


def columns(table: sa.Table, names: Iterable[str]) -> list[sa.ColumnElement[Any]]:
    """Columns by Sage's names; one that this version lacks is NULL."""
    return [_column(table, name).label(name) for name in names]


def _column(table: sa.Table, name: str) -> sa.ColumnElement[Any]:
    optional = f"{table.name.upper()}.{name}" in OPTIONAL
    return sa.null() if optional and name not in table.c else table.c[name]


def of_page(chosen: Select, *, key: sa.Column[Any], conditions: Conditions) -> Select:
    """Only what belongs to the rows of one page, from :after to :last."""
    return chosen.where(key > AFTER, key <= LAST, *conditions)
