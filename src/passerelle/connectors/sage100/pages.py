"""Pages of typed rows: what `products()` and `stock()` are made of, and what a bench compares them with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy.engine import Connection

from passerelle.connectors.sage100.client import Client
from passerelle.connectors.sage100.selects import Select

Rows = Sequence[Any]  # of SQLAlchemy's Row
Page = tuple[Rows, ...]


@dataclass(frozen=True, slots=True)
class Statements:
    """The SELECT of a page's own rows, which begin with cbMarq, and those of the rows that depend on them.

    `filtered` says that the owner's condition is in them; None stands for dependent rows that nobody wants.
    """

    own: Select
    dependent: tuple[Select | None, ...]
    filtered: bool = False
    page: int = 1000


def pages(client: Client, statements: Statements) -> Iterator[Page]:
    """Each page: its own rows, then the rows of each dependent SELECT. Memory holds one page.

    Rows that arrive meanwhile get a higher cbMarq, so every row is met once.
    """
    after = 0
    while True:
        page = client.read(partial(_page, statements, after=after), filtered=statements.filtered)
        if page[0]:
            yield page
        if len(page[0]) < statements.page:
            return
        after = page[0][-1][0]


def _page(statements: Statements, connection: Connection, *, after: int) -> Page:
    own = connection.execute(statements.own, {"after": after}).fetchall()
    if not own:
        return (own,)
    limits = {"after": after, "last": own[-1][0]}
    selects = statements.dependent
    return (own, *([] if select is None else connection.execute(select, limits).fetchall() for select in selects))
