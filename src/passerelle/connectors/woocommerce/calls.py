"""What every part of the adapter calls the shop with: records by id, whole lists, and batches with their outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from passerelle.connectors.woocommerce.client import NONE, Parameters, WoocommerceClient
from passerelle.errors import RecordError
from passerelle.ports.shop import Outcome, ShopContext

PAGE = 100  # the most that the shop gives at a time


class Row(Protocol):
    """A record with a number."""

    @property
    def id(self) -> int: ...


class Keyed(Protocol):
    """An item of a batch."""

    @property
    def key(self) -> str: ...


R = TypeVar("R", bound=Row)
T = TypeVar("T")
W = TypeVar("W", bound=Keyed)
Result = str | RecordError  # the shop's id of an item that is done, or why it is not


def numbers(ids: Iterable[str]) -> list[str]:
    """Those that can be ids of the shop, each once: an empty list of ids would mean every record."""
    return [id for id in dict.fromkeys(ids) if id.isascii() and id.isdigit() and id != "0" and len(id) < 19]


def chunks(values: Sequence[T], *, size: int = PAGE) -> Iterator[Sequence[T]]:
    """Values, so many at a time."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def outcomes(
    items: Sequence[W],
    *,
    send: Callable[[list[W]], Sequence[Result]],
    problem: Callable[[W], RecordError | None] = lambda item: None,
) -> list[Outcome]:
    """Send the items that have no problem of their own; one outcome for each item, in order."""
    errors = [problem(item) for item in items]
    sent = [item for item, error in zip(items, errors, strict=True) if error is None]
    results = iter(send(sent) if sent else ())
    found = []
    for item, error in zip(items, errors, strict=True):
        result = error if error is not None else next(results)
        if isinstance(result, str):
            found.append(Outcome(key=item.key, shop_id=result))
        else:
            found.append(Outcome(key=item.key, error=result))
    return found


def _list_of(kind: type[R]) -> type[list[R]]:
    return list[kind]  # type: ignore[valid-type]


def spread(
    items: Sequence[T], *, path_of: Callable[[T], str], send: Callable[[str, list[T]], Sequence[Result]]
) -> list[Result]:
    """Send items in one batch for each path; their results in the order of the items."""
    groups: dict[str, list[int]] = {}
    for index, item in enumerate(items):
        groups.setdefault(path_of(item), []).append(index)
    done: dict[int, Result] = {}
    for path, indexes in groups.items():
        results = send(path, [items[index] for index in indexes])
        done |= dict(zip(indexes, results, strict=True))
    return [done[index] for index in range(len(items))]


class Calls:
    """The calls that the parts of the adapter share."""

    _client: WoocommerceClient

    def _known(self) -> ShopContext:
        raise NotImplementedError

    def _by_id(self, path: str, ids: Iterable[str], *, kind: type[R], fields: str = "") -> list[R]:
        """Those of the records that exist, by number; those in the bin do not."""
        found: list[R] = []
        shown = {"_fields": fields} if fields else {}
        for chunk in chunks(numbers(ids)):
            parameters = {"include": ",".join(chunk), "per_page": str(PAGE), "orderby": "id", "order": "asc", **shown}
            rows = self._client.get(path, parameters, kind=_list_of(kind))
            found += [row for row in rows if str(row.id) in chunk]
        return found

    def _all(self, path: str, *, kind: type[R], parameters: Parameters = NONE) -> list[R]:
        """The whole of a list that rarely changes, by number."""
        found: dict[int, R] = {}
        number, full = 1, True
        while full:
            page = {"per_page": str(PAGE), "page": str(number), "orderby": "id", "order": "asc", **parameters}
            rows = self._client.get(path, page, kind=_list_of(kind))
            found |= {row.id: row for row in rows}
            number, full = number + 1, len(rows) == PAGE
        return [found[id] for id in sorted(found)]

    def _pages(self, path: str, *, kind: type[R], parameters: Parameters = NONE) -> Iterator[list[R]]:
        """A list by pages, each record once, whatever is added or goes meanwhile.

        By number, and each page begins with the last record of the one before: where it does not, something before it
        is gone and what follows has moved up.
        """
        last = offset = 0
        while True:
            page = {"per_page": str(PAGE), "offset": str(offset), "orderby": "id", "order": "asc", **parameters}
            rows = self._client.get(path, page, kind=_list_of(kind))
            if offset and (not rows or rows[0].id > last):
                offset = max(0, offset - PAGE)
                continue
            if fresh := [row for row in rows if row.id > last]:
                last = fresh[-1].id
                yield fresh
            if len(rows) < PAGE:
                return
            offset += len(rows) - 1
