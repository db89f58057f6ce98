"""Options and variants of the memory shop; calls go through the adapter it is a part of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

from passerelle.connectors.memory_shop.client import MemoryShopData
from passerelle.connectors.memory_shop.desk import W
from passerelle.connectors.memory_shop.manifest import MOST_VARIANTS
from passerelle.connectors.memory_shop.mapping import PRICE_MAX, trouble
from passerelle.connectors.memory_shop.rows import Refused
from passerelle.connectors.memory_shop.wire import StoredOption, StoredOptionValue, StoredProduct, StoredVariant
from passerelle.domain.catalogue import ShopVariant, split_shop_id, variant_shop_id
from passerelle.domain.facets import VariantPrice
from passerelle.domain.money import rounded
from passerelle.ports.manifest import Capability
from passerelle.ports.shop import (
    OptionValueWrite,
    OptionWrite,
    Outcome,
    ShopOption,
    ShopOptionValue,
    VariantWrite,
)

T = TypeVar("T")
NEEDED = Capability.VARIANTS_WRITE


class MemoryVariants:
    """Options, their values and the variants of products."""

    data: MemoryShopData

    def _need(self, capability: Capability) -> None:
        raise NotImplementedError

    def _refuse(self, key: str, why: str) -> None:
        raise NotImplementedError

    def _read(self, call: str, ask: Callable[[], T]) -> T:
        raise NotImplementedError

    def _write(self, capability: Capability, call: str, items: Sequence[W], each: Callable[[W], str]) -> list[Outcome]:
        raise NotImplementedError

    # --- options ------------------------------------------------------------------------------------------------

    def options(self) -> list[ShopOption]:
        """All options."""
        self._need(NEEDED)
        return self._read("options", lambda: [ShopOption(row.id, row.name) for row in self.data.options.values()])

    def option_values(self, options: Sequence[str]) -> list[ShopOptionValue]:
        """The values of these options."""
        self._need(NEEDED)
        return self._read(
            "option_values",
            lambda: [
                ShopOptionValue(row.id, row.option, row.text)
                for row in self.data.option_values.values()
                if row.option in options
            ],
        )

    def create_options(self, items: Sequence[OptionWrite]) -> list[Outcome]:
        """Create the options of one batch."""
        return self._write(NEEDED, "create_options", items, self._option)

    def _option(self, item: OptionWrite) -> str:
        self._refuse(item.key, trouble("option", item.name))
        row = StoredOption(id=self.data.new_id(), name=item.name)
        self.data.options[row.id] = row
        return row.id

    def create_option_values(self, items: Sequence[OptionValueWrite]) -> list[Outcome]:
        """Create the values of one batch."""
        return self._write(NEEDED, "create_option_values", items, self._option_value)

    def _option_value(self, item: OptionValueWrite) -> str:
        self._refuse(item.key, trouble("option_value", item.text))
        if item.option not in self.data.options:
            raise Refused(f"the option {item.option} does not exist")
        row = StoredOptionValue(id=self.data.new_id(), option=item.option, text=item.text)
        self.data.option_values[row.id] = row
        return row.id

    # --- variants -----------------------------------------------------------------------------------------------

    def variants(self, product_ids: Sequence[str]) -> list[ShopVariant]:
        """Every variant of these products."""
        self._need(NEEDED)
        return self._read("variants", lambda: self._variants_of(product_ids))

    def _variants_of(self, product_ids: Sequence[str]) -> list[ShopVariant]:
        rows = [self.data.products[id] for id in dict.fromkeys(product_ids) if id in self.data.products]
        return [self._variant(row, own) for row in rows for own in row.variants.values()]

    def _variant(self, product: StoredProduct, row: StoredVariant) -> ShopVariant:
        return ShopVariant(
            shop_id=variant_shop_id(product.id, row.id),
            sku=row.sku,
            gtin=row.gtin,
            values=tuple(sorted(row.values, key=int)),
            price=row.price,
            weight=row.weight,
            default=row.default,
        )

    def create_variants(self, items: Sequence[VariantWrite]) -> list[Outcome]:
        """Create the variants of one batch."""
        return self._write(NEEDED, "create_variants", items, self._create_variant)

    def update_variants(self, items: Sequence[VariantWrite]) -> list[Outcome]:
        """Change the variants of one batch."""
        return self._write(NEEDED, "update_variants", items, self._update_variant)

    def delete_variants(self, items: Sequence[VariantWrite]) -> list[Outcome]:
        """Delete the variants of one batch; one that is gone counts as deleted."""
        return self._write(NEEDED, "delete_variants", items, self._delete_variant)

    def _create_variant(self, item: VariantWrite) -> str:
        self._refuse(item.key, self._trouble(item))
        product, _ = self.data.variant(item.shop_id)
        if len(product.variants) >= MOST_VARIANTS:
            raise Refused(f"the product {product.id} has {MOST_VARIANTS} variants already")
        row = StoredVariant(id=self.data.new_id(), stock_ref=self.data.new_id())
        product.variants[row.id] = row
        self._apply(item, product, row)
        self.data.sum_stock(product)
        return variant_shop_id(product.id, row.id)

    def _update_variant(self, item: VariantWrite) -> str:
        self._refuse(item.key, self._trouble(item))
        product, row = self.data.variant(item.shop_id)
        if row is None:
            raise Refused(f"{item.shop_id} is no variant", gone=True)
        self._apply(item, product, row)
        return item.shop_id

    def _delete_variant(self, item: VariantWrite) -> str:
        self._refuse(item.key, "")
        product, own = split_shop_id(item.shop_id)
        row = self.data.products.get(product)
        if row is not None and row.variants.pop(own, None) is not None:
            self.data.sum_stock(row)
        return item.shop_id

    def _trouble(self, item: VariantWrite) -> str:
        if any(id not in self.data.option_values for id in item.values or ()):
            return "one of its values does not exist"
        if item.price is not None and abs(_difference(item.price)) >= PRICE_MAX:
            return "the price is out of range"
        return trouble("sku", item.sku or "")

    def _apply(self, item: VariantWrite, product: StoredProduct, row: StoredVariant) -> None:
        """Put the changes in the row; a new default takes that from the others."""
        row.sku = row.sku if item.sku is None else item.sku
        row.gtin = row.gtin if item.gtin is None else item.gtin
        if item.weight is not None:
            row.weight = rounded(item.weight - (item.base_weight or Decimal(0)), places=6)
        if item.price is not None:
            row.price = rounded(_difference(item.price), places=6)
        if item.values is not None:
            row.values = list(item.values)
        if item.default:
            for other in product.variants.values():
                other.default = False
        row.default = row.default if item.default is None else item.default


def _difference(price: VariantPrice) -> Decimal:
    """What a variant costs more than its product."""
    return Decimal(0) if price.stored is None else price.stored - (price.base or Decimal(0))
