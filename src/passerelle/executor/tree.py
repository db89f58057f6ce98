"""Categories, brands, features and options that planned products need: found in the shop, or planned to be created."""

from __future__ import annotations

from collections.abc import Iterable

from passerelle.domain.catalogue import Category
from passerelle.domain.facets import Features
from passerelle.executor.outcomes import CREATES
from passerelle.executor.run import Run
from passerelle.executor.spool import Spool
from passerelle.planner.actions import Action, ActionKind, NewCategory
from passerelle.planner.features import SEPARATOR, folded, value_key
from passerelle.ports.store import LinkRow


class Tree:
    """Collects what products need while they are planned; asks the shop once, at the end, and only if needed."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._categories: dict[str, tuple[Category, int]] = {}
        self._brands: dict[str, str] = {}
        self._features: dict[str, str] = {}  # key → name
        self._values: dict[str, tuple[str, str]] = {}  # key of a value → key of its feature, text
        self._options: dict[str, str] = {}  # key → name
        self._option_values: dict[str, str] = {}  # key → text

    def need_categories(self, path: Iterable[Category]) -> None:
        """A product will be put under this path."""
        for level, category in enumerate(path):
            self._categories.setdefault(category.key, (category, level))

    def need_brand(self, name: str) -> None:
        """A product will carry this brand."""
        self._brands.setdefault(folded(name), name)

    def need_features(self, features: Features) -> None:
        """A product will have these features."""
        for name, values in features.values.items():
            if values:
                self._features.setdefault(folded(name), name)
            for value in values:
                self._values.setdefault(value_key(name, value), (folded(name), value))

    def need_options(self, options: Iterable[tuple[str, str]]) -> None:
        """A variant will have these values of these options."""
        for name, value in options:
            self._options.setdefault(folded(name), name)
            self._option_values.setdefault(value_key(name, value), value)

    def plan(self, spool: Spool) -> None:
        """Spool a link or a creation for everything that is not linked to something the shop still has."""
        if self._categories:
            self._plan_categories(spool)
        if self._brands:
            self._plan_brands(spool)
        if self._features:
            self._plan_features(spool)
        if self._options:
            self._plan_options(spool)

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
        there = {brand.id: folded(brand.name) for brand in self._run.shop.brands()}
        self._named(spool, ActionKind.CREATE_BRAND, wanted=self._brands, there=there)

    def _plan_features(self, spool: Spool) -> None:
        """A value is asked for only where its feature is there already."""
        shop = self._run.shop
        there = {feature.id: folded(feature.name) for feature in shop.features()}
        owners = self._named(spool, ActionKind.CREATE_FEATURE, wanted=self._features, there=there)
        values = {
            value.id: f"{owners[value.feature]}{SEPARATOR}{folded(value.text)}"
            for value in (shop.feature_values(list(owners)) if owners else [])
        }
        texts = {key: text for key, (_, text) in self._values.items()}
        self._named(spool, ActionKind.CREATE_FEATURE_VALUE, wanted=texts, there=values)

    def _plan_options(self, spool: Spool) -> None:
        """As features, of what variants differ by."""
        shop = self._run.shop
        there = {option.id: folded(option.name) for option in shop.options()}
        owners = self._named(spool, ActionKind.CREATE_OPTION, wanted=self._options, there=there)
        values = {
            value.id: f"{owners[value.option]}{SEPARATOR}{folded(value.text)}"
            for value in (shop.option_values(list(owners)) if owners else [])
        }
        self._named(spool, ActionKind.CREATE_OPTION_VALUE, wanted=self._option_values, there=values)

    def _named(
        self, spool: Spool, kind: ActionKind, *, wanted: dict[str, str], there: dict[str, str]
    ) -> dict[str, str]:  # fmt: skip
        """As `_found_or_created`; gives id → key of those that the shop has."""
        linked = self._run.store.links(kind=CREATES[kind], keys=list(wanted))
        known = self._found_or_created(spool, kind, wanted=wanted, linked=linked, there=there)
        return {shop_id: key for key, shop_id in known.items()}

    def _found_or_created(
        self, spool: Spool, kind: ActionKind, *, wanted: dict[str, str], linked: dict[str, LinkRow],
        there: dict[str, str],
    ) -> dict[str, str]:  # fmt: skip
        """Spool a link or a creation for each `wanted` key → name; `there` is what the shop has, id → key.

        Gives key → id of those that the shop has.
        """
        by_key = {key: id for id, key in sorted(there.items(), reverse=True)}
        known: dict[str, str] = {}
        for key, name in wanted.items():
            row = linked.get(key)
            if row is not None and row.shop_id in there:
                known[key] = row.shop_id
                continue
            found = by_key.get(key)
            if found:
                known[key] = found
            spool.add(
                Action(
                    kind=ActionKind.LINK if found else kind, key=key, label=name, shop_id=found or "",
                    link_id=row.id if row else None, target=CREATES[kind],
                )
            )  # fmt: skip
        return known


def _category_action(category: Category, *, level: int, found: str | None, stale: LinkRow | None) -> Action:
    node = NewCategory(category.key, category.parent, category.names, level)
    label = " / ".join(category.names.values())
    return Action(
        kind=ActionKind.LINK if found else ActionKind.CREATE_CATEGORY, key=category.key, label=label,
        shop_id=found or "", link_id=stale.id if stale else None, category=node, target="category",
    )  # fmt: skip
