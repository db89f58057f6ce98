"""Categories and brands that the planned products need: found in the shop, or planned to be created."""

from __future__ import annotations

from collections.abc import Iterable

from passerelle.domain.catalogue import Category
from passerelle.executor.run import Run
from passerelle.executor.spool import Spool
from passerelle.planner.actions import Action, ActionKind, NewCategory
from passerelle.ports.store import LinkRow


class Tree:
    """Collects what products need while they are planned; asks the shop once, at the end, and only if needed."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._categories: dict[str, tuple[Category, int]] = {}
        self._brands: dict[str, str] = {}

    def need_categories(self, path: Iterable[Category]) -> None:
        """A product will be put under this path."""
        for level, category in enumerate(path):
            self._categories.setdefault(category.key, (category, level))

    def need_brand(self, name: str) -> None:
        """A product will carry this brand."""
        self._brands.setdefault(brand_key(name), name)

    def plan(self, spool: Spool) -> None:
        """Spool a link or a creation for everything that is not linked to something the shop still has."""
        if self._categories:
            self._plan_categories(spool)
        if self._brands:
            self._plan_brands(spool)

    def _plan_categories(self, spool: Spool) -> None:
        run = self._run
        there = run.shop.categories()
        ids = {category.id for category in there}
        linked = run.store.links(kind="category", keys=list(self._categories))
        main = run.rules.languages[0]
        named = {(c.parent, c.names.get(main, "").casefold()): c.id for c in there}
        known = {key: row.shop_id for key, row in linked.items() if row.shop_id in ids}
        for key, (category, level) in sorted(self._categories.items(), key=lambda entry: (entry[1][1], entry[0])):
            if key in known:
                continue
            parent = known.get(category.parent) if category.parent else run.rules.context.home_category
            name = category.names.get(main) or next(iter(category.names.values()))
            found = named.get((parent, name.casefold())) if parent else None
            if found is not None:
                known[key] = found
            spool.add(_category_action(category, level=level, found=found, stale=linked.get(key)))

    def _plan_brands(self, spool: Spool) -> None:
        store, shop = self._run.store, self._run.shop
        linked = store.links(kind="brand", keys=list(self._brands))
        there = {brand.id: brand.name for brand in shop.brands()}
        by_name = {brand_key(name): identity for identity, name in sorted(there.items(), reverse=True)}
        for key, name in self._brands.items():
            row = linked.get(key)
            if row is not None and row.shop_id in there:
                continue
            found = by_name.get(key)
            kind = ActionKind.LINK if found else ActionKind.CREATE_BRAND
            link_id = row.id if row else None
            spool.add(Action(kind=kind, key=key, label=name, shop_id=found or "", link_id=link_id, target="brand"))


def brand_key(name: str) -> str:
    """Brands that differ by case or spaces are one."""
    return " ".join(name.split()).casefold()


def _category_action(category: Category, *, level: int, found: str | None, stale: LinkRow | None) -> Action:
    node = NewCategory(category.key, category.parent, category.names, level)
    label = " / ".join(category.names.values())
    return Action(
        kind=ActionKind.LINK if found else ActionKind.CREATE_CATEGORY, key=category.key, label=label,
        shop_id=found or "", link_id=stale.id if stale else None, category=node, target="category",
    )  # fmt: skip
