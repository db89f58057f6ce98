"""Attributes that products share and their values, kept for the life of an adapter.

The API names values by their names (in the default of a product by their slugs), the port by their ids: both are told
here. What is not known yet is looked for once more, for it may have been made since.
"""

from __future__ import annotations

from collections.abc import Iterable

from passerelle.connectors.woocommerce.calls import Calls, numbers
from passerelle.connectors.woocommerce.client import WoocommerceClient
from passerelle.connectors.woocommerce.wire import Attribute, Term, Value, shown
from passerelle.ports.shop import ShopContext

ATTRIBUTES = "products/attributes"


def terms_of(attribute: int | str) -> str:
    """Where the values of an attribute are."""
    return f"{ATTRIBUTES}/{attribute}/terms"


class Terms(Calls):
    """The shared attributes of a shop and their values."""

    def __init__(self, client: WoocommerceClient) -> None:
        self._client = client
        self._attributes: dict[int, Attribute] | None = None
        self._values: dict[int, dict[int, Value]] = {}  # by attribute
        self._unknown: set[tuple[int, str]] = set()  # looked for in vain: written raw by a plugin, or by hand

    def _known(self) -> ShopContext:
        raise NotImplementedError  # a list of attributes needs to know nothing of the shop

    def attributes(self) -> list[Attribute]:
        """All attributes as they are now."""
        rows = self._client.get(ATTRIBUTES, kind=list[Attribute])
        self._attributes = {row.id: row for row in sorted(rows, key=lambda row: row.id)}
        return list(self._attributes.values())

    def values(self, attribute: int) -> list[Value]:
        """All values of an attribute as they are now."""
        rows = self._all(terms_of(attribute), kind=Term)
        self._values[attribute] = {row.id: Value(attribute, row.id, shown(row.name), row.slug) for row in rows}
        return list(self._values[attribute].values())

    def values_of(self, attributes: Iterable[str]) -> list[Value]:
        """The values of these attributes as they are now; of one that is gone none."""
        there = {str(one.id) for one in self.attributes()}
        return [value for id in numbers(attributes) if id in there for value in self.values(int(id))]

    def by_id(self, ids: Iterable[str]) -> dict[str, Value]:
        """Those of the values that exist, by their ids."""
        wanted = set(numbers(ids))
        found = self._kept(wanted)
        if wanted - found.keys():
            for attribute in self.attributes():
                if wanted - found.keys():
                    self.values(attribute.id)
                    found = self._kept(wanted)
        return found

    def named(self, attribute: int, text: str) -> Value | None:
        """The value of an attribute with this name, or else this slug, as the API writes them."""
        found = self._named(attribute, text)
        if found is None and (attribute, text) not in self._unknown:
            self.values(attribute)
            found = self._named(attribute, text)
            if found is None:
                self._unknown.add((attribute, text))
        return found

    def _kept(self, wanted: set[str]) -> dict[str, Value]:
        every = (value for values in self._values.values() for value in values.values())
        return {str(value.id): value for value in every if str(value.id) in wanted}

    def _named(self, attribute: int, text: str) -> Value | None:
        name, values = shown(text), self._values.get(attribute, {}).values()
        by_name = (value for value in values if value.name == name)
        return next(by_name, None) or next((value for value in values if value.slug == text), None)
