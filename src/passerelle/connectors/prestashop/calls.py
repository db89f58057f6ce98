"""What every part of the adapter calls the shop with: lists by id, pages, and writes whose answer is verified."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from passerelle.connectors.prestashop.client import PrestashopClient
from passerelle.connectors.prestashop.lookup import any_of, chunks
from passerelle.connectors.prestashop.mapping import Languages
from passerelle.connectors.prestashop.sending import verify
from passerelle.connectors.prestashop.wire import Entity, document, field
from passerelle.ports.shop import ShopContext

PAGE = 1000  # categories, brands, features, variants… a page
EVERY: Mapping[str, str] = MappingProxyType({})


def numbers(ids: Iterable[str]) -> list[str]:
    """Those that can be ids of the shop, each once: a filter that is not understood would give everything."""
    return [id for id in dict.fromkeys(ids) if id.isascii() and id.isdigit() and id != "0"]


class Calls:
    """The calls that the parts of the adapter share."""

    _client: PrestashopClient

    def _known(self) -> ShopContext:
        raise NotImplementedError

    def _patches(self, resource: str) -> bool:
        return resource in self._known().facts["patch"].split(",")

    def _verb(self, resource: str) -> str:
        return "PATCH" if self._patches(resource) else "PUT"

    def _speaking(self, display: str) -> dict[str, str]:
        """What is shown, in every language: one that is switched off is only shown when it is asked for by its id."""
        shown = {"display": display}
        if self._known().facts["inactive"]:
            shown["language"] = any_of(Languages.of(self._known()).all)
        return shown

    def _by(
        self, resource: str, name: str, values: Sequence[str], *, display: str, shown: Mapping[str, str] = EVERY
    ) -> list[Entity]:
        """The entities whose field is one of these ids, by id."""
        asked = numbers(values)
        found: list[Entity] = []
        for chunk in chunks(asked):
            parameters = {"display": display, **shown, f"filter[{name}]": any_of(chunk), "sort": "[id_ASC]"}
            found += self._client.rows(resource, parameters)
        return [one for one in found if field(one, name) in set(asked)]

    def _all(self, resource: str, display: str, parameters: Mapping[str, str] = EVERY) -> list[Entity]:
        shown = {**parameters, "display": display}
        return [one for page in self._pages(resource, shown, size=PAGE) for one in page]

    def _pages(self, resource: str, parameters: dict[str, str], *, size: int) -> Iterator[list[Entity]]:
        """By id, so that what is added or changed meanwhile neither shifts the pages nor repeats a record."""
        last = "0"
        while True:
            page = {"filter[id]": f">[{last}]", "sort": "[id_ASC]", "limit": f"0,{size}"}
            found = self._client.rows(resource, {**parameters, **page})
            if found:
                yield found
            if len(found) < size:
                return
            last = field(found[-1], "id")

    def _created(
        self, resource: str, parts: list[str], *, expected: Sequence[object], told: Callable[[Entity], object]
    ) -> list[str]:
        answer = self._client.write("POST", resource, body=document(parts))
        verify(resource, [told(one) for one in answer], expected)
        return [field(one, "id") for one in answer]
