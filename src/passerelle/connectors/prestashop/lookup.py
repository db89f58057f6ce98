"""Finding products by the exact value of a field, many at a time.

The webservice's filters cannot be trusted: a value that their grammar does not grasp switches the filter off and the
whole catalogue comes back, with status 200. So every request has a limit above what it can honestly give. Fewer rows
than the limit are all there is, filter or no filter; a full page is put aside, its values are asked one by one, and a
value that cannot be asked at all is looked for by walking through the catalogue. Every row is compared exactly,
ignoring case, because the database's own comparison also ignores accents and spaces at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from passerelle.connectors.prestashop.client import PrestashopClient
from passerelle.connectors.prestashop.wire import Entity, field, is_sendable

LONGEST_FILTER = 1200  # characters of an address that the values may take: some servers refuse 2,000 in all
MOST_VALUES = 100
SPARE = 20
WALK = 1000  # products a page, when the catalogue is walked through

_LISTABLE = re.compile(r"[^\[\]|\x00-\x1f\x7f]+")
_BRACKETED = re.compile(r"\[.*\]", re.DOTALL)
_APART = re.compile(r"[\[\]|\\\x00-\x1f\x7f]+")


def chunks(values: Sequence[str]) -> Iterator[list[str]]:
    """Cut values so that the address of a request stays short enough."""
    chunk: list[str] = []
    room = LONGEST_FILTER
    for value in values:
        cost = len(quote(value, safe="")) + 3
        if chunk and (cost > room or len(chunk) == MOST_VALUES):
            yield chunk
            chunk, room = [], LONGEST_FILTER
        chunk.append(value)
        room -= cost
    if chunk:
        yield chunk


def any_of(values: Sequence[str]) -> str:
    """The filter for one of several values that hold no bracket and no bar; a single one goes bare.

    In brackets, a single value such as 1,5 would be an interval.
    """
    return values[0] if len(values) == 1 else f"[{'|'.join(values)}]"


class Lookup:
    """Products by one field; `parameters` say what is shown of them."""

    def __init__(self, client: PrestashopClient, *, name: str, parameters: dict[str, str]) -> None:
        self._client = client
        self._name = name
        self._parameters = parameters

    def find(self, values: Sequence[str]) -> list[Entity]:
        """The products whose field is one of the values, ignoring case."""
        asked = {value.casefold(): value for value in values if value and is_sendable(value)}
        listable = [value for value in asked.values() if _LISTABLE.fullmatch(value)]
        alone = [value for value in asked.values() if not _LISTABLE.fullmatch(value)]
        found: list[Entity] = []
        for chunk in chunks(listable):
            page = self._page(any_of(chunk), limit=2 * len(chunk) + SPARE)
            if page is None:
                alone += chunk
            else:
                found += page
        found += self._one_by_one(alone)
        return [product for product in found if field(product, self._name).casefold() in asked]

    def by_id(self, ids: Sequence[str]) -> list[Entity]:
        """The products with these ids, those that exist."""
        known = [id for id in dict.fromkeys(ids) if id.isascii() and id.isdigit()]
        found: list[Entity] = []
        for chunk in chunks(known):
            page = {"filter[id]": any_of(chunk), "sort": "[id_ASC]", "limit": f"0,{len(chunk)}"}
            found += self._client.rows("products", {**self._parameters, **page})
        return [product for product in found if field(product, "id") in set(known)]

    def _one_by_one(self, values: Sequence[str]) -> list[Entity]:
        found: list[Entity] = []
        unaskable = set()
        for value in values:
            page = self._page(_alone(value), limit=SPARE)
            if page is None:
                unaskable.add(value.casefold())
            else:
                found += page
        return found + (self.by_id(self._walk(unaskable)) if unaskable else [])

    def _walk(self, folded: set[str]) -> list[str]:
        """Ids of the products with one of these values, from the whole catalogue."""
        ids: list[str] = []
        last = "0"
        shown = {"display": f"[id,{self._name}]", "sort": "[id_ASC]", "limit": f"0,{WALK}"}
        while page := self._client.rows("products", {**shown, "filter[id]": f">[{last}]"}):
            ids += [field(one, "id") for one in page if field(one, self._name).casefold() in folded]
            last = field(page[-1], "id")
        return ids

    def _page(self, value: str, *, limit: int) -> list[Entity] | None:
        """All rows of a filter, None when there may be more: too many to be an honest answer."""
        if not value:
            return None
        page = {f"filter[{self._name}]": value, "sort": "[id_ASC]", "limit": f"0,{limit}"}
        found = self._client.rows("products", {**self._parameters, **page})
        return found if len(found) < limit else None


def _alone(value: str) -> str:
    """The filter for one value: bare where the grammar leaves it alone, otherwise what holds its longest plain part."""
    if not _BRACKETED.search(value):
        return value
    plain = max(_APART.split(value), key=len)
    return f"%[{plain}]%" if plain else ""
