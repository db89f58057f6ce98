"""How actions on variants and their options become calls to the shop."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from passerelle.domain.catalogue import split_shop_id
from passerelle.domain.facets import Facet, VariantPrice, VariantSheet
from passerelle.errors import OptionMissing
from passerelle.executor.batches import Write, resolved, unprepared
from passerelle.executor.outcomes import Item
from passerelle.executor.run import Run
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.features import SEPARATOR, feature_of, folded, value_key
from passerelle.ports.shop import OptionValueWrite, OptionWrite, Outcome, VariantWrite


class ShopIds:
    """The shop's ids of categories, brands, features, options… by our keys; each is looked up once."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._ids: dict[tuple[str, str], str] = {}  # (kind, ERP key) → shop id

    def of(self, kind: str, key: str) -> str | None:
        """None for what is not linked."""
        if (kind, key) not in self._ids:
            row = self._run.store.links(kind=kind, keys=[key]).get(key)
            if row is None:
                return None
            self._ids[kind, key] = row.shop_id
        return self._ids[kind, key]


class VariantWrites:
    """The writes of one run that concern variants."""

    def __init__(self, run: Run, *, ids: ShopIds) -> None:
        self._run = run
        self._ids = ids

    def of(self, kind: ActionKind) -> Write:
        """How actions of this kind are written."""
        shop = self._run.shop
        match kind:
            case ActionKind.CREATE_OPTION:
                return Write(unprepared(self._create_options), self._find_options)
            case ActionKind.CREATE_OPTION_VALUE:
                return Write(resolved(self._option_value_write, shop.create_option_values), self._find_option_values)
            case ActionKind.CREATE_VARIANT:
                return Write(resolved(self.variant, shop.create_variants), self._find_variants)
            case ActionKind.UPDATE_VARIANT:
                return Write(resolved(self.variant, shop.update_variants))
            case ActionKind.REMOVE_VARIANT:
                return Write(resolved(self.variant, shop.delete_variants))
            case _:
                raise AssertionError(kind)

    def variant(self, action: Action) -> VariantWrite:
        """Raises OptionMissing."""
        change = VariantWrite(key=action.key, shop_id=action.shop_id)
        sheet, price = action.new.get(Facet.VARIANT), action.new.get(Facet.PRICE)
        if isinstance(price, VariantPrice):
            change = msgspec.structs.replace(change, price=price)
        if not isinstance(sheet, VariantSheet):
            return change
        old = action.old.get(Facet.VARIANT)
        same = isinstance(old, VariantSheet) and old.options == sheet.options
        before = old if isinstance(old, VariantSheet) else None
        known = before is not None and before.sku == sheet.sku and not action.repair
        weight, base_weight = _weights(sheet, before)
        return msgspec.structs.replace(
            change, sku=None if known else sheet.sku, gtin=_gtin(sheet, before), weight=weight, base_weight=base_weight,
            values=None if same else tuple(self._option_value(action.key, *pair) for pair in sheet.options),
            default=None if isinstance(old, VariantSheet) and old.default == sheet.default else sheet.default,
        )  # fmt: skip

    def _option_value(self, key: str, option: str, value: str) -> str:
        found = self._ids.of("option_value", value_key(option, value))
        if found is None:
            raise OptionMissing(key=key, option=f"{option} = {value}")
        return found

    def _find_variants(self, items: Sequence[Item]) -> dict[str, str]:
        """Variants a create may have left: under its product, with its reference, and nobody's."""
        products = {item.action.shop_id for item in items if item.action.shop_id}
        found = self._run.shop.variants(sorted(products)) if products else []
        owned = self._run.store.links_by_shop_id(kind="variant", shop_ids=[one.shop_id for one in found])
        free = {
            (split_shop_id(one.shop_id)[0], one.sku): one.shop_id for one in reversed(found) if one.shop_id not in owned
        }
        return {
            item.action.key: free[item.action.shop_id, item.action.key]
            for item in items
            if (item.action.shop_id, item.action.key) in free
        }

    # --- options ---

    def _create_options(self, items: Sequence[Item]) -> list[Outcome]:
        return self._run.shop.create_options([OptionWrite(key=i.action.key, name=i.action.label) for i in items])

    def _find_options(self, items: Sequence[Item]) -> dict[str, str]:
        there = {folded(option.name): option.id for option in reversed(self._run.shop.options())}
        return {item.action.key: there[item.action.key] for item in items if item.action.key in there}

    def _option_value_write(self, action: Action) -> OptionValueWrite:
        key = feature_of(action.key)
        option = self._ids.of("option", key)
        if option is None:
            raise OptionMissing(key=action.key, option=key)
        return OptionValueWrite(key=action.key, option=option, text=action.label)

    def _find_option_values(self, items: Sequence[Item]) -> dict[str, str]:
        keys = {feature_of(item.action.key) for item in items}
        ids = {shop_id: key for key in keys if (shop_id := self._ids.of("option", key))}
        there = {
            f"{ids[value.option]}{SEPARATOR}{folded(value.text)}": value.id
            for value in reversed(self._run.shop.option_values(list(ids)) if ids else [])
        }
        return {item.action.key: there[item.action.key] for item in items if item.action.key in there}


def _gtin(sheet: VariantSheet, before: VariantSheet | None) -> str | None:
    """What the ERP never gave is not taken away: it is the merchant's."""
    if sheet.gtin:
        return sheet.gtin
    return "" if before is not None and before.gtin else None


def _weights(sheet: VariantSheet, before: VariantSheet | None) -> tuple[Decimal | None, Decimal | None]:
    """As for the barcode; a weight that the ERP no longer gives becomes that of the product."""
    if sheet.weight is not None:
        return sheet.weight, sheet.base_weight
    return (Decimal(0), Decimal(0)) if before is not None and before.weight is not None else (None, None)
