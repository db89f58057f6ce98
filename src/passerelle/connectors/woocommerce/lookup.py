"""Finding products by reference or barcode, many at a time.

The filter takes a list and gives variations too. It compares as the shop's database does, without case, accents and
blanks that are doubled, and so does the shop where it says that a reference is taken: every row is compared again here
in the same way. A reference that holds a comma is only understood alone; an empty one, or 0 alone, would give the whole
catalogue (seen on WooCommerce 9.9.5).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

from passerelle.connectors.woocommerce.calls import PAGE
from passerelle.connectors.woocommerce.client import WoocommerceClient
from passerelle.connectors.woocommerce.wire import Product

LONGEST_FILTER = 6000  # characters of an address that the values may take: servers refuse 8,000 in all
MOST_VALUES = 100


def chunks(values: Sequence[str]) -> Iterator[list[str]]:
    """Cut values so that the address of a request stays short enough; one that holds a comma is alone."""
    chunk: list[str] = []
    room = LONGEST_FILTER
    for value in values:
        cost = len(quote(value, safe="")) + 3
        if "," in value:
            yield [value]
            continue
        if chunk and (cost > room or len(chunk) == MOST_VALUES):
            yield chunk
            chunk, room = [], LONGEST_FILTER
        chunk.append(value)
        room -= cost
    if chunk:
        yield chunk


def find(
    client: WoocommerceClient, name: str, values: Sequence[str], *, held: Callable[[Product], str], status: str = "any"
) -> list[Product]:
    """The products and variations whose field is one of the values, as the shop's database compares them."""
    asked = {alike(value): " ".join(value.split()) for value in values if value.strip() and _is_askable(value)}
    found: dict[int, Product] = {}
    for chunk in chunks(list(asked.values())):
        several = chunk * 2 if chunk == ["0"] else chunk
        for row in _rows(client, {name: ",".join(several), "status": status}):
            if alike(held(row)) in asked:
                found[row.id] = row
    return list(found.values())


def alike(reference: str) -> str:
    """The same for references that the shop takes for one: "Été  1" and "ete 1"."""
    bare = unicodedata.normalize("NFKD", " ".join(reference.split()).casefold())
    return "".join(one for one in bare if not unicodedata.combining(one)).replace("œ", "oe").replace("æ", "ae")


def _rows(client: WoocommerceClient, parameters: dict[str, str]) -> Iterator[Product]:
    number, full = 1, True
    while full:
        page = {**parameters, "per_page": str(PAGE), "page": str(number), "orderby": "id", "order": "asc"}
        rows = client.get("products", page, kind=list[Product])
        yield from rows
        number, full = number + 1, len(rows) == PAGE


def _is_askable(value: str) -> bool:
    """Whether an address can hold it: half a character pair cannot be encoded, and no reference holds one."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
