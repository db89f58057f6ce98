"""Lists: filters by date and id, order, pages. With equal dates pages may overlap, as the real ones do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from passerelle.sandbox.woocommerce.values import moment, truth

Given = Mapping[str, Any]


@dataclass
class Call:
    """One operation of a resource: the ids in its path and what is given, in the body or the query."""

    ids: dict[str, Any] = field(default_factory=dict)
    given: Given = field(default_factory=dict)

    @property
    def ident(self) -> int:
        return int(self.ids.get("id") or 0)

    @property
    def dp(self) -> int | None:
        value = str(self.given.get("dp", ""))
        return int(value) if value.isdigit() else None


@dataclass
class Page:
    """A page of a list; `total` None where the vendor counts nothing."""

    items: list[dict[str, Any]]
    total: int | None = None


class Dated(Protocol):
    """A row with an id and its dates."""

    id: int
    created: datetime
    modified: datetime


Record = TypeVar("Record")
Post = TypeVar("Post", bound=Dated)


def listed(value: Any) -> list[str]:
    """Words of a list or of a text with commas."""
    parts = value if isinstance(value, list) else str(value or "").split(",")
    return [str(one).strip() for one in parts if str(one).strip()]


def ids_of(value: Any) -> list[int]:
    return [int(one) for one in listed(value) if one.isdigit()]


def dated(rows: Iterable[Post], given: Given) -> list[Post]:
    """Rows after and before the moments given, bounds excluded; include and exclude."""
    found = list(rows)
    is_gmt = truth(given.get("dates_are_gmt", False))
    tests: list[tuple[str, Callable[[Post, datetime], bool]]] = [
        ("modified_after", lambda row, bound: row.modified > bound),
        ("modified_before", lambda row, bound: row.modified < bound),
        ("after", lambda row, bound: row.created > bound),
        ("before", lambda row, bound: row.created < bound),
    ]
    for name, test in tests:
        bound = moment(str(given[name]), is_gmt=is_gmt) if given.get(name) else None
        if bound:
            found = [row for row in found if test(row, bound)]
    if given.get("include"):
        wanted = set(ids_of(given["include"]))
        found = [row for row in found if row.id in wanted]
    if given.get("exclude"):
        unwanted = set(ids_of(given["exclude"]))
        found = [row for row in found if row.id not in unwanted]
    return found


def ordered(rows: list[Post], given: Given, *, keys: Mapping[str, Callable[[Post], Any]]) -> list[Post]:
    """Rows in the order asked for, by date descending without one.

    Rows that are equal in it stand one way round on odd pages and the other way on even ones.
    """
    by, down = str(given.get("orderby") or "date"), str(given.get("order") or "desc") == "desc"
    if by == "include":
        places = {ident: place for place, ident in enumerate(ids_of(given.get("include")))}
        return sorted(rows, key=lambda row: places.get(row.id, 0))
    if by == "id":
        return sorted(rows, key=lambda row: row.id, reverse=down)
    key = {"date": lambda row: row.created, "modified": lambda row: row.modified, **keys}.get(by)
    turned = int(given.get("page") or 1) % 2 == 0
    rows = sorted(rows, key=lambda row: row.id, reverse=down != turned)
    # Python keeps the order of equal rows, descending too.
    return sorted(rows, key=key, reverse=down) if key else rows


def cut(rows: Sequence[Record], given: Given) -> Sequence[Record]:
    """The page asked for."""
    size = int(given.get("per_page") or 10)
    start = int(given["offset"]) if given.get("offset") else (int(given.get("page") or 1) - 1) * size
    return rows[start : start + size]
