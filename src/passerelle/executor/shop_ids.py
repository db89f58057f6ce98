"""What the shop calls our brands, categories, features, options, and how it names its own; asked if needed, once."""

from __future__ import annotations

from functools import cached_property

from passerelle.domain.facets import Categories
from passerelle.executor.run import Run
from passerelle.planner.features import folded, value_key
from passerelle.ports.shop import ShopCategory

DEEPEST = 20  # levels of a tree: one that loops ends there


class NamesOfTheShop:
    """Looks brands and categories up, by our keys and by the shop's ids."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._values: dict[str, dict[str, str]] = {}  # feature → value → text, by ids

    def brand(self, name: str) -> str | None:
        """The shop's id of a brand; None for one we do not know."""
        return self._linked_brands.get(folded(name))

    def category(self, key: str) -> str | None:
        """The shop's id of a category; None for one we do not know."""
        return key[1:] if key.startswith("=") else self._linked_categories.get(key)

    def has_categories(self, body: Categories) -> bool:
        """Whether the shop still has every one of these categories."""
        return {*map(self.category, body.path), *body.extra} <= self._categories.keys()

    def feature(self, name: str) -> str | None:
        """The shop's id of a feature; None for one we do not know."""
        return self._linked_features.get(folded(name))

    def feature_value(self, feature: str, value: str) -> str | None:
        """The shop's id of a feature's value; None for one we do not know."""
        return self._linked_values.get(value_key(feature, value))

    def value_text(self, value_id: str, *, feature_id: str) -> str:
        """The text of a feature's value, its id where the shop does not list it."""
        if feature_id not in self._values:
            self._values[feature_id] = {one.id: one.text for one in self._run.shop.feature_values([feature_id])}
        return self._values[feature_id].get(value_id, value_id)

    def option_value(self, option: str, value: str) -> str | None:
        """The shop's id of an option's value; None for one we do not know."""
        return self._linked_option_values.get(value_key(option, value))

    def option_and_value(self, value_id: str) -> tuple[str, str]:
        """The names of an option and its value, their ids where the shop does not list them."""
        return self._options_and_values.get(value_id, ("-", value_id))

    def brand_name(self, brand_id: str) -> str:
        """The shop's own name of a brand, its id where it has none."""
        return self._brands.get(brand_id, brand_id)

    def category_path(self, category_id: str) -> str:
        """The names down to a category, for a person."""
        names: list[str] = []
        home = self._run.rules.context.home_category
        node = self._categories.get(category_id)
        while node is not None and len(names) < DEEPEST and (not names or node.id != home):
            names.insert(0, self._name(node))
            node = self._categories.get(node.parent)
        return " > ".join(names) or category_id

    def _name(self, category: ShopCategory) -> str:
        return category.names.get(self._run.rules.languages[0]) or category.id

    @cached_property
    def _linked_brands(self) -> dict[str, str]:
        return self._linked("brand")

    @cached_property
    def _linked_categories(self) -> dict[str, str]:
        return self._linked("category")

    @cached_property
    def _linked_features(self) -> dict[str, str]:
        return self._linked("feature")

    @cached_property
    def _linked_values(self) -> dict[str, str]:
        return self._linked("feature_value")

    @cached_property
    def _linked_option_values(self) -> dict[str, str]:
        return self._linked("option_value")

    @cached_property
    def _options_and_values(self) -> dict[str, tuple[str, str]]:
        names = {option.id: option.name for option in self._run.shop.options()}
        values = self._run.shop.option_values(list(names)) if names else []
        return {value.id: (names[value.option], value.text) for value in values}

    def _linked(self, kind: str) -> dict[str, str]:
        return {link.erp_key: link.shop_id for page in self._run.store.all_links(kind=kind) for link in page}

    @cached_property
    def _brands(self) -> dict[str, str]:
        return {brand.id: brand.name for brand in self._run.shop.brands()}

    @cached_property
    def _categories(self) -> dict[str, ShopCategory]:
        return {category.id: category for category in self._run.shop.categories()}
