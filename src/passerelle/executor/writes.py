"""How each kind of action becomes a call to the shop: ERP keys are resolved to shop ids at the last moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar, assert_never

import msgspec

from passerelle.domain.catalogue import ShopProduct
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
    VariantPrice,
    VariantSheet,
    Visibility,
)
from passerelle.domain.orders import SalesDocument
from passerelle.domain.parties import Customer
from passerelle.errors import BrandMissing, CategoryMissing, FeatureMissing
from passerelle.executor.batches import Sending, Write, resolved, unprepared
from passerelle.executor.outcomes import Item
from passerelle.executor.run import Run
from passerelle.executor.variant_writes import ShopIds, VariantWrites
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.features import SEPARATOR, feature_of, folded, to_take_away, value_key
from passerelle.planner.ownership import written
from passerelle.planner.texts import slug
from passerelle.ports.shop import (
    BrandWrite,
    CategoryWrite,
    FeatureValueWrite,
    FeatureWrite,
    Outcome,
    ProductWrite,
)

T = TypeVar("T")


UPDATES = (
    ActionKind.UPDATE_PRODUCT, ActionKind.HIDE_PRODUCT, ActionKind.UPDATE_RANGED, ActionKind.SHOW_PRODUCT,
)  # fmt: skip


class Writes:
    """The writes of one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._ids = ShopIds(run)
        self._variants = VariantWrites(run, ids=self._ids)

    def of(self, kind: ActionKind) -> Write:
        """How actions of this kind are written."""
        shop = self._run.shop
        if kind in UPDATES:
            return Write(self._updates)
        if kind is ActionKind.DELETE_PRODUCT:
            return Write(resolved(_deletion, shop.delete_products))
        found = {
            ActionKind.CREATE_PRODUCT: (resolved(self.product, shop.create_products), self._find_products),
            ActionKind.CREATE_CATEGORY: (
                resolved(self._category_write, shop.create_categories), self._find_categories,
            ),
            ActionKind.CREATE_BRAND: (unprepared(self._create_brands), self._find_brands),
            ActionKind.CREATE_FEATURE: (unprepared(self._create_features), self._find_features),
            ActionKind.CREATE_FEATURE_VALUE: (
                resolved(self._feature_value_write, shop.create_feature_values), self._find_values,
            ),
        }.get(kind)  # fmt: skip
        return self._variants.of(kind) if found is None else Write(*found)

    # --- products ---

    def _updates(self, items: Sequence[Item]) -> Sending:
        """Where products that stay where they stand are is asked of the shop right before they are written."""
        shop, staying = self._run.shop, {i.action.shop_id: i.action for i in items if _stays(i.action)}

        def call(writes: Sequence[ProductWrite]) -> list[Outcome]:
            found = {one.shop_id: one for one in shop.read_products(list(staying))} if staying else {}
            return shop.update_products(
                [
                    _beside(write, action=staying[write.shop_id], there=found[write.shop_id])
                    if write.shop_id in found
                    else write
                    for write in writes
                ]
            )

        return resolved(self.product, call)(items)

    def product(self, action: Action) -> ProductWrite:
        """Raises CategoryMissing, BrandMissing, FeatureMissing."""
        creating = action.kind is ActionKind.CREATE_PRODUCT
        change = ProductWrite(key=action.key, shop_id=action.shop_id, sku=action.key if creating else None)
        for body in action.new.values():
            change = self._with(change, body)
        if isinstance(features := action.new.get(Facet.FEATURES), Features):
            change = msgspec.structs.replace(change, features=self._features(action, features))
        if isinstance(categories := action.new.get(Facet.CATEGORIES), Categories):
            change = change if _stays(action) else self._shelved(change, categories)
        if creating:
            home = str(self._default_category())
            names = (change.texts or {}).get("name", {})
            return msgspec.structs.replace(
                change, slug={language: slug(name, action.key) for language, name in names.items()},
                categories=change.categories or (home,), default_category=change.default_category or home,
                visible=bool(change.visible and change.price),
            )  # fmt: skip
        return written(change, owners=self._run.rules.owners)

    def _shelved(self, change: ProductWrite, body: Categories) -> ProductWrite:
        ids = tuple(self._category(change.key, key) for key in body.path) or (str(self._default_category()),)
        every = tuple(dict.fromkeys((*ids, *body.extra)))
        return msgspec.structs.replace(change, categories=every, default_category=ids[-1])

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
                return replace(change, brand=self._brand(change.key, name) if name else "")
            case Logistics(sku, weight, gtin):
                return replace(change, sku=sku, weight=weight, gtin=gtin or None)
            case Visibility(visible):
                return replace(change, visible=visible)
            case (
                Categories() | Features() | Stock() | Customer() | SalesDocument() | OrderStatus() | Tracking()
                | VariantSheet() | VariantPrice()
            ):  # fmt: skip
                return change
            case _:
                assert_never(body)

    def _features(self, action: Action, wanted: Features) -> dict[str, tuple[str, ...]]:
        old = action.old.get(Facet.FEATURES)
        away = to_take_away(wanted, old=old if isinstance(old, Features) else None)
        found: dict[str, tuple[str, ...]] = {}
        for name, values in wanted.values.items():
            feature = self._ids.of("feature", folded(name))
            if feature is None and values:
                raise FeatureMissing(key=action.key, feature=name)
            if feature is not None and (values or name in away):
                found[feature] = tuple(self._value(action.key, name, value) for value in values)
        return found

    def _value(self, key: str, feature: str, value: str) -> str:
        found = self._ids.of("feature_value", value_key(feature, value))
        if found is None:
            raise FeatureMissing(key=key, feature=f"{feature} = {value}")
        return found

    def _category(self, key: str, category: str) -> str:
        if category.startswith("="):
            return category[1:]
        found = self._ids.of("category", category)
        if found is None:
            raise CategoryMissing(key=key, category=category)
        return found

    def _brand(self, key: str, name: str) -> str:
        found = self._ids.of("brand", folded(name))
        if found is None:
            raise BrandMissing(key=key, brand=name)
        return found

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

    def _category_write(self, action: Action) -> CategoryWrite:
        """Raises CategoryMissing where its parent was not created."""
        node = action.category
        assert node is not None
        parent = self._ids.of("category", node.parent) if node.parent else self._run.rules.context.home_category
        if parent is None:
            raise CategoryMissing(key=action.key, category=node.parent)
        languages = self._run.rules.languages
        name = node.names.get(languages[0]) or next(iter(node.names.values()))  # in whatever language the ERP has one
        names = {language: node.names.get(language) or name for language in languages}
        return CategoryWrite(key=action.key, parent=parent, names=names)

    def _find_categories(self, items: Sequence[Item]) -> dict[str, str]:
        main = self._run.rules.languages[0]
        there = {(c.parent, c.names.get(main, "")): c.id for c in reversed(self._run.shop.categories())}
        found: dict[str, str] = {}
        for item in items:
            node = item.action.category
            assert node is not None
            parent = self._ids.of("category", node.parent) if node.parent else self._run.rules.context.home_category
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

    def _feature_value_write(self, action: Action) -> FeatureValueWrite:
        key = feature_of(action.key)
        feature = self._ids.of("feature", key)
        if feature is None:
            raise FeatureMissing(key=action.key, feature=key)
        return FeatureValueWrite(key=action.key, feature=feature, text=action.label)

    def _find_values(self, items: Sequence[Item]) -> dict[str, str]:
        keys = {feature_of(item.action.key) for item in items}
        ids = {shop_id: key for key in keys if (shop_id := self._ids.of("feature", key))}
        there = {
            f"{ids[value.feature]}{SEPARATOR}{folded(value.text)}": value.id
            for value in reversed(self._run.shop.feature_values(list(ids)) if ids else [])
        }
        return {item.action.key: there[item.action.key] for item in items if item.action.key in there}


def _deletion(action: Action) -> ProductWrite:
    return ProductWrite(key=action.key, shop_id=action.shop_id)


def _stays(action: Action) -> bool:
    """Whether a product stays where it stands, for the ERP has no place for it: only its further categories change."""
    body, old = action.new.get(Facet.CATEGORIES), action.old.get(Facet.CATEGORIES)
    placed = isinstance(old, Categories) and bool(old.path) and not action.repair
    return (
        action.kind is not ActionKind.CREATE_PRODUCT and isinstance(body, Categories) and not body.path and not placed
    )


def _beside(change: ProductWrite, *, action: Action, there: ShopProduct) -> ProductWrite:
    """The categories that a product stands in, those it was put into before apart, and its further ones."""
    body, old = action.new[Facet.CATEGORIES], action.old.get(Facet.CATEGORIES)
    assert isinstance(body, Categories)
    before = old.extra if isinstance(old, Categories) else ()
    kept = (id for id in there.categories if id == there.category or id not in before)
    return msgspec.structs.replace(change, categories=tuple(dict.fromkeys((*kept, *body.extra))))
