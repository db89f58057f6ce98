"""The rows of the memory shop, as its owner sees and edits them in the back office."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from passerelle.connectors.memory_shop.wire import (
    ShopState,
    StoredBrand,
    StoredCategory,
    StoredFeature,
    StoredFeatureValue,
    StoredOption,
    StoredOptionValue,
    StoredOrder,
    StoredProduct,
    StoredVariant,
)
from passerelle.domain.catalogue import split_shop_id, variant_shop_id


class Refused(Exception):
    """The shop refuses one entity."""

    def __init__(self, why: str, *, gone: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.gone = gone


class Rows:
    """What the shop holds; it is read before a change by hand and kept after it."""

    state: ShopState

    def load(self) -> None:
        """Read what another process may have changed."""
        raise NotImplementedError

    def save(self) -> None:
        """Keep the rows."""
        raise NotImplementedError

    @property
    def products(self) -> dict[str, StoredProduct]:
        return self.state.products

    @property
    def categories(self) -> dict[str, StoredCategory]:
        return self.state.categories

    @property
    def features(self) -> dict[str, StoredFeature]:
        return self.state.features

    @property
    def feature_values(self) -> dict[str, StoredFeatureValue]:
        return self.state.feature_values

    @property
    def options(self) -> dict[str, StoredOption]:
        return self.state.options

    @property
    def option_values(self) -> dict[str, StoredOptionValue]:
        return self.state.option_values

    @property
    def brands(self) -> dict[str, StoredBrand]:
        return self.state.brands

    @property
    def orders(self) -> dict[str, StoredOrder]:
        return self.state.orders

    # --- rows ---------------------------------------------------------------------------------------------------

    def new_id(self) -> str:
        """The next number of the shop."""
        self.state.last_id += 1
        return str(self.state.last_id)

    def add_product(self, **values: Any) -> str:
        """Put a product in the shop, as its owner would in the back office; gives its id."""
        self.load()
        product = StoredProduct(id=self.new_id(), stock_ref=self.new_id(), **values)
        self.products[product.id] = product
        self.save()
        return product.id

    def delete_product(self, product_id: str) -> None:
        """Delete a product, as its owner would."""
        self.load()
        del self.products[product_id]
        self.save()

    def add_option(self, name: str) -> str:
        """An option made in the back office; gives its id."""
        self.load()
        row = StoredOption(id=self.new_id(), name=name)
        self.options[row.id] = row
        self.save()
        return row.id

    def add_option_value(self, option: str, text: str) -> str:
        """A value of an option made in the back office; gives its id."""
        self.load()
        row = StoredOptionValue(id=self.new_id(), option=option, text=text)
        self.option_values[row.id] = row
        self.save()
        return row.id

    def add_variant(self, product_id: str, **values: Any) -> str:
        """Give a product a variant, as its owner would in the back office; gives its id, "product/variant"."""
        self.load()
        product = self.products[product_id]
        variant = StoredVariant(id=self.new_id(), stock_ref=self.new_id(), **values)
        product.variants[variant.id] = variant
        self.sum_stock(product)
        self.save()
        return variant_shop_id(product.id, variant.id)

    def delete_variant(self, shop_id: str) -> None:
        """Delete a variant, as its owner would; what the product has in stock follows."""
        self.load()
        product, variant = split_shop_id(shop_id)
        del self.products[product].variants[variant]
        self.sum_stock(self.products[product])
        self.save()

    def variant(self, shop_id: str) -> tuple[StoredProduct, StoredVariant | None]:
        """The rows of an id, with no variant where the id is a product's. Raises Refused."""
        product, variant = split_shop_id(shop_id)
        row = self.products.get(product)
        if row is None or (variant and variant not in row.variants):
            raise Refused(f"{shop_id} does not exist", gone=True)
        return row, row.variants[variant] if variant else None

    def stock_refs(self, shop_ids: Sequence[str]) -> dict[str, str]:
        """Product or variant id → its stock row, for those that exist."""
        found = {}
        for id in shop_ids:
            product, variant = split_shop_id(id)
            row = self.products.get(product)
            own = row.variants.get(variant) if row and variant else row
            if own is not None:
                found[id] = own.stock_ref
        return found

    def quantities(self, shop_ids: Sequence[str]) -> dict[str, int]:
        """Product or variant id → what is shown of it, for those that exist."""
        found = {}
        for id in shop_ids:
            product, variant = split_shop_id(id)
            row = self.products.get(product)
            own = row.variants.get(variant) if row and variant else row
            if own is not None:
                found[id] = own.stock
        return found

    def products_after(self, last: int, *, size: int) -> list[StoredProduct]:
        """The next products after an id, in the order of their ids."""
        return [self.products[id] for id in sorted(self.products, key=int) if int(id) > last][:size]

    def set_stock(self, stock_ref: str, quantity: int) -> str:
        """Write a stock row; gives the id of the product or variant whose it is. Raises Refused."""
        for product in self.products.values():
            if product.stock_ref == stock_ref:
                product.stock = quantity
                return product.id
            for variant in product.variants.values():
                if variant.stock_ref == stock_ref:
                    variant.stock = quantity
                    self.sum_stock(product)
                    return variant_shop_id(product.id, variant.id)
        raise Refused("this stock row does not exist", gone=True)

    @staticmethod
    def sum_stock(product: StoredProduct) -> None:
        """What a product with variants has in stock is their sum."""
        product.stock = sum(variant.stock for variant in product.variants.values())
