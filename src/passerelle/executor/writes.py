"""How each kind of action becomes a call to the shop: ERP keys are resolved to shop ids at the last moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import assert_never

import msgspec

from passerelle.domain.facets import (
    Body,
    Brand,
    Categories,
    Facet,
    Features,
    Logistics,
    OrderStatus,
    Stock,
    StoredPrice,
    TaxRuleId,
    Texts,
    Tracking,
    Visibility,
)
from passerelle.domain.orders import SalesDocument
from passerelle.domain.parties import Customer
from passerelle.errors import BrandMissing, CategoryMissing, FeatureMissing
from passerelle.executor.batches import Sending, Write, unprepared
from passerelle.executor.outcomes import Item
from passerelle.executor.run import Run
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.features import SEPARATOR, feature_of, folded, to_take_away, value_key
from passerelle.planner.texts import slug
from passerelle.ports.shop import (
    BrandWrite,
    CategoryWrite,
    FeatureValueWrite,
    FeatureWrite,
    Outcome,
    ProductWrite,
)


class Writes:
    """The writes of one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._ids: dict[tuple[str, str], str] = {}  # (kind, ERP key) → shop id, of categories and brands

    def of(self, kind: ActionKind) -> Write:
        """How actions of this kind are written."""
        match kind:
            case ActionKind.CREATE_PRODUCT:
                return Write(self._products(self._run.shop.create_products), self._find_products)
            case ActionKind.UPDATE_PRODUCT | ActionKind.HIDE_PRODUCT:
                return Write(self._products(self._run.shop.update_products))
            case ActionKind.CREATE_CATEGORY:
                return Write(unprepared(self._create_categories), self._find_categories)
            case ActionKind.CREATE_FEATURE:
                return Write(unprepared(self._create_features), self._find_features)
            case ActionKind.CREATE_FEATURE_VALUE:
                return Write(unprepared(self._create_values), self._find_values)
            case ActionKind.CREATE_BRAND:
                return Write(unprepared(self._create_brands), self._find_brands)
            case _:
                raise AssertionError(kind)

    # --- products ---

    def _products(self, call: Callable[[Sequence[ProductWrite]], list[Outcome]]) -> Callable[[Sequence[Item]], Sending]:
        """Send what can be resolved; what cannot is an outcome of its own, in its place."""

        def prepare(items: Sequence[Item]) -> Sending:
            writes: list[ProductWrite] = []
            missing: dict[str, Outcome] = {}
            for item in items:
                try:
                    writes.append(self.product(item.action))
                except (CategoryMissing, BrandMissing, FeatureMissing) as error:
                    missing[item.action.key] = Outcome(key=item.action.key, error=error)

            def send() -> list[Outcome]:
                done = {outcome.key: outcome for outcome in (call(writes) if writes else [])}
                return [missing.get(item.action.key) or done[item.action.key] for item in items]

            return send

        return prepare

    def product(self, action: Action) -> ProductWrite:
        """Raises CategoryMissing, BrandMissing, FeatureMissing."""
        creating = action.kind is ActionKind.CREATE_PRODUCT
        change = ProductWrite(key=action.key, shop_id=action.shop_id, sku=action.key if creating else None)
        for body in action.new.values():
            change = self._with(change, body)
        if isinstance(features := action.new.get(Facet.FEATURES), Features):
            change = msgspec.structs.replace(change, features=self._features(action, features))
        if creating:
            home = str(self._default_category())
            names = (change.texts or {}).get("name", {})
            change = msgspec.structs.replace(
                change, slug={language: slug(name, action.key) for language, name in names.items()},
                categories=change.categories or (home,), default_category=change.default_category or home,
                visible=bool(change.visible and change.price),
            )  # fmt: skip
        return change

    def _default_category(self) -> int | str:
        options = self._run.rules.options.categories
        return options.default if options and options.default is not None else self._run.rules.context.home_category

    def _with(self, change: ProductWrite, body: Body) -> ProductWrite:
        replace = msgspec.structs.replace
        match body:
            case Texts(values):
                return replace(change, texts=values)
            case TaxRuleId(rule):
                return replace(change, tax_rule=rule)
            case StoredPrice(stored):
                return replace(change, price=stored)
            case Brand(name):
                return replace(change, brand=self._brand(change.key, name))
            case Categories(path):
                ids = tuple(self._category(change.key, key) for key in path) or (str(self._default_category()),)
                return replace(change, categories=ids, default_category=ids[-1])
            case Logistics(sku, weight, gtin):
                return replace(change, sku=sku, weight=weight, gtin=gtin or None)
            case Visibility(visible):
                return replace(change, visible=visible)
            case Features() | Stock() | Customer() | SalesDocument() | OrderStatus() | Tracking():
                return change
            case _:
                assert_never(body)

    def _features(self, action: Action, wanted: Features) -> dict[str, tuple[str, ...]]:
        old = action.old.get(Facet.FEATURES)
        away = to_take_away(wanted, old=old if isinstance(old, Features) else None)
        found: dict[str, tuple[str, ...]] = {}
        for name, values in wanted.values.items():
            feature = self._shop_id("feature", folded(name))
            if feature is None and values:
                raise FeatureMissing(key=action.key, feature=name)
            if feature is not None and (values or name in away):
                found[feature] = tuple(self._value(action.key, name, value) for value in values)
        return found

    def _value(self, key: str, feature: str, value: str) -> str:
        found = self._shop_id("feature_value", value_key(feature, value))
        if found is None:
            raise FeatureMissing(key=key, feature=f"{feature} = {value}")
        return found

    def _category(self, key: str, category: str) -> str:
        found = self._shop_id("category", category)
        if found is None:
            raise CategoryMissing(key=key, category=category)
        return found

    def _brand(self, key: str, name: str) -> str:
        found = self._shop_id("brand", folded(name))
        if found is None:
            raise BrandMissing(key=key, brand=name)
        return found

    def _shop_id(self, kind: str, key: str) -> str | None:
        if (kind, key) not in self._ids:
            row = self._run.store.links(kind=kind, keys=[key]).get(key)
            if row is None:
                return None
            self._ids[kind, key] = row.shop_id
        return self._ids[kind, key]

    def _find_products(self, items: Sequence[Item]) -> dict[str, str]:
        """Products a create may have left: exactly one with the reference, and nobody's."""
        found = self._run.shop.find_products(skus=[item.action.key for item in items])
        owned = self._run.store.links_by_shop_id(kind="product", shop_ids=[product.shop_id for product in found])
        free: dict[str, str] = {}
        for product in sorted(found, key=lambda product: product.shop_id, reverse=True):
            if product.shop_id not in owned:
                free[product.sku] = product.shop_id
        return {item.action.key: free[item.action.key] for item in items if item.action.key in free}

    # --- categories and brands ---

    def _create_categories(self, items: Sequence[Item]) -> list[Outcome]:
        outcomes = []
        writes = []
        for item in items:
            node = item.action.category
            assert node is not None
            parent = self._shop_id("category", node.parent) if node.parent else self._run.rules.context.home_category
            if parent is None:
                error = CategoryMissing(key=item.action.key, category=node.parent)
                outcomes.append(Outcome(key=item.action.key, error=error))
            else:
                writes.append(CategoryWrite(key=item.action.key, parent=parent, names=node.names))
        return outcomes + (self._run.shop.create_categories(writes) if writes else [])

    def _find_categories(self, items: Sequence[Item]) -> dict[str, str]:
        main = self._run.rules.languages[0]
        there = {(c.parent, c.names.get(main, "")): c.id for c in reversed(self._run.shop.categories())}
        found: dict[str, str] = {}
        for item in items:
            node = item.action.category
            assert node is not None
            parent = self._shop_id("category", node.parent) if node.parent else self._run.rules.context.home_category
            name = node.names.get(main) or next(iter(node.names.values()))
            if parent and (parent, name) in there:
                found[item.action.key] = there[parent, name]
        return found

    def _create_brands(self, items: Sequence[Item]) -> list[Outcome]:
        return self._run.shop.create_brands([BrandWrite(key=i.action.key, name=i.action.label) for i in items])

    def _find_brands(self, items: Sequence[Item]) -> dict[str, str]:
        there = {folded(brand.name): brand.id for brand in reversed(self._run.shop.brands())}
        return {item.action.key: there[item.action.key] for item in items if item.action.key in there}

    # --- features ---

    def _create_features(self, items: Sequence[Item]) -> list[Outcome]:
        return self._run.shop.create_features([FeatureWrite(key=i.action.key, name=i.action.label) for i in items])

    def _find_features(self, items: Sequence[Item]) -> dict[str, str]:
        there = {folded(feature.name): feature.id for feature in reversed(self._run.shop.features())}
        return {item.action.key: there[item.action.key] for item in items if item.action.key in there}

    def _create_values(self, items: Sequence[Item]) -> list[Outcome]:
        """Those whose feature could not be created wait: each is an outcome in its place."""
        writes, missing = [], {}
        for item in items:
            key = feature_of(item.action.key)
            feature = self._shop_id("feature", key)
            if feature is None:
                missing[item.action.key] = Outcome(
                    key=item.action.key, error=FeatureMissing(key=item.action.key, feature=key)
                )
            else:
                writes.append(FeatureValueWrite(key=item.action.key, feature=feature, text=item.action.label))
        done = {outcome.key: outcome for outcome in (self._run.shop.create_feature_values(writes) if writes else [])}
        return [missing.get(item.action.key) or done[item.action.key] for item in items]

    def _find_values(self, items: Sequence[Item]) -> dict[str, str]:
        keys = {feature_of(item.action.key) for item in items}
        ids = {shop_id: key for key in keys if (shop_id := self._shop_id("feature", key))}
        there = {
            f"{ids[value.feature]}{SEPARATOR}{folded(value.text)}": value.id
            for value in reversed(self._run.shop.feature_values(list(ids)) if ids else [])
        }
        return {item.action.key: there[item.action.key] for item in items if item.action.key in there}
