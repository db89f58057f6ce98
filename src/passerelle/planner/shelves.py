"""Further categories of a product, which the ERP names as the shop does: by name, by path or by number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from passerelle.domain.catalogue import Product
from passerelle.domain.facets import Categories
from passerelle.domain.texts import Text, text
from passerelle.planner.features import folded
from passerelle.planner.rules import Rules
from passerelle.planner.texts import cleaned, rendered
from passerelle.ports.shop import ShopCategory

SEPARATOR = "|"
DEEPEST = 20  # levels of a tree: one that loops ends there


class Shelves:
    """The shop's categories."""

    def __init__(self, categories: Iterable[ShopCategory], *, main: str) -> None:
        self._parents: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._named: dict[str, list[str]] = {}
        for one in categories:
            name = folded(one.names.get(main, ""))
            self._parents[one.id], self._names[one.id] = one.parent, name
            if name:
                self._named.setdefault(name, []).append(one.id)

    def find(self, said: str) -> list[str]:
        """The ids of the categories that this may be: a number, a name, or a path such as Parent > Child."""
        if said in self._names:
            return [said]
        path = [folded(part) for part in said.split(">")]
        return [one for one in self._named.get(path[-1], ()) if self._path(one, levels=len(path)) == path]

    def _path(self, category: str, *, levels: int) -> list[str]:
        names: list[str] = []
        node: str | None = category
        while node in self._names and len(names) < min(levels, DEEPEST):
            names.insert(0, self._names[node])
            node = self._parents[node]
        return names


class Extra(msgspec.Struct, frozen=True):
    """The further categories of an article: shop ids in order, as the ERP names them, and what a person must be told.

    `whole`: each of them was found.
    """

    ids: tuple[str, ...]
    said: tuple[str, ...]
    told: tuple[Text, ...] = ()

    @property
    def whole(self) -> bool:
        return not self.told


def named(product: Product, *, rules: Rules) -> tuple[str, ...]:
    """What the ERP says of further categories, each once."""
    source = rules.categories.extra if rules.categories is not None else ""
    if not source:
        return ()
    parts = (cleaned(part, markup=False) for part in rendered(source, fields=product.fields).split(SEPARATOR))
    return tuple({folded(part): part for part in parts if part}.values())


def extra(key: str, *, said: Sequence[str], shelves: Shelves) -> Extra:
    """The categories that an article names, and a line for each that is not clear."""
    ids: set[str] = set()
    told: list[Text] = []
    for name in said:
        found = shelves.find(name)
        if len(found) == 1:
            ids.add(found[0])
        else:
            told.append(_several(key, name, len(found)) if found else _none(key, name))
    return Extra(_ordered(ids), tuple(said), tuple(told))


def beside(body: Categories, *, extra: Extra, sent: Categories | None) -> Categories:
    """The main path with the further categories; while one is not clear, none that was sent before is taken away."""
    ids = extra.ids if extra.whole or sent is None else _ordered({*extra.ids, *sent.extra})
    if not ids and not extra.said:
        return body
    label = " | ".join(part for part in (body.label, ", ".join(extra.said)) if part)
    return Categories(body.path, label, ids)


def _ordered(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(ids, key=lambda one: (len(one), one)))


def _none(key: str, name: str) -> Text:
    return text(
        "category_not_found",
        "{key}: the shop has no category {name}. Create it there or correct the article; the next run puts it in.",
        key=key, name=name,
    )  # fmt: skip


def _several(key: str, name: str, count: int) -> Text:
    return text(
        "category_ambiguous",
        "{key}: {count} categories of the shop are named {name}. In the article, write the one above it too "
        "(Parent > {name}), or its number.",
        key=key, name=name, count=count,
    )  # fmt: skip
