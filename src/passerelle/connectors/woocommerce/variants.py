"""Options and variants of the adapter: WooCommerce's global attributes, their terms, and variations.

Options and features are one thing there: attributes that products share. The products above new variations are asked
for first, because the shop would store a variation of a product that does not exist, where no route reaches it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from passerelle.connectors.woocommerce import mapping, variant_bodies
from passerelle.connectors.woocommerce.attributes import WoocommerceAttributes
from passerelle.connectors.woocommerce.calls import Result, outcomes, spread
from passerelle.connectors.woocommerce.holders import Holders
from passerelle.connectors.woocommerce.refusal import is_gone, refused
from passerelle.connectors.woocommerce.stock import PRODUCTS, WoocommerceStock, variations_of
from passerelle.connectors.woocommerce.wire import Product, Value, Variation, VendorError
from passerelle.domain.catalogue import ShopVariant, split_shop_id, variant_shop_id
from passerelle.errors import GoneFromShop, RecordError
from passerelle.ports.shop import Outcome, VariantWrite

PARENT = "id,type,sku,global_unique_id,regular_price,attributes,default_attributes,variations,meta_data"


class WoocommerceVariants(WoocommerceAttributes, WoocommerceStock):
    """Options and variants."""

    _holders: Holders

    # --- read -----------------------------------------------------------------------------------------------------

    def variants(self, product_ids: Sequence[str]) -> list[ShopVariant]:
        """Every variant of these products."""
        unit = self._known().facts["weight_unit"]
        parents = self._parents(product_ids).values()
        return [
            mapping.variant(row, parent=parent, unit=unit, named=self._terms.named)
            for parent in parents
            if parent.variations
            for row in self._variations(parent.id)
        ]

    def _parents(self, ids: Iterable[str]) -> dict[str, Product]:
        """Those of the products that exist, in the order of their ids."""
        return {str(row.id): row for row in self._by_id(PRODUCTS, ids, kind=Product, fields=PARENT)}

    # --- created --------------------------------------------------------------------------------------------------

    def create_variants(self, items: Sequence[VariantWrite]) -> list[Outcome]:
        """Create variants: the products above them in one request where they must change, then one for each product."""
        parents = self._parents(item.shop_id for item in items)
        values, most = self._chosen(items), self._known().price_max

        def problem(item: VariantWrite) -> RecordError | None:
            if item.shop_id not in parents:
                return GoneFromShop(key=item.key, shop_id=item.shop_id)
            return variant_bodies.problem(item, values=values, most=most)

        def send(sent: list[VariantWrite]) -> list[Result]:
            defaults = {item.shop_id: _values(item, values) for item in sent if item.default}
            self._prepare(sent, parents, values, defaults)
            return spread(sent, path_of=_path, send=lambda path, group: self._create(path, group, parents, values))

        return outcomes(items, send=send, problem=problem)

    def _create(
        self, path: str, items: list[VariantWrite], parents: Mapping[str, Product], values: Mapping[str, Value]
    ) -> list[Result]:
        unit = self._known().facts["weight_unit"]
        made = [variant_bodies.creation(item, parent=parents[item.shop_id], values=values, unit=unit) for item in items]
        rows = self._client.batch(path, "create", made, kind=Variation)
        return [self._created_variant(item, row) for item, row in zip(items, rows, strict=True)]

    def _created_variant(self, item: VariantWrite, row: Variation | VendorError) -> Result:
        if isinstance(row, VendorError):
            return self._holders.of_reference(item.key, item.sku or "", row) or refused(item.key, row)
        return variant_shop_id(item.shop_id, str(row.id))

    # --- changed --------------------------------------------------------------------------------------------------

    def update_variants(self, items: Sequence[VariantWrite]) -> list[Outcome]:
        """Change variants, in one request for each product.

        Where values, the default or a price that is the product's change, the products are read first, and written in
        one request more where they must change.
        """
        touched = [item for item in items if _concerns_product(item)]
        parents = self._parents(variant_bodies.product_of(item) for item in touched)
        values, most = self._chosen(items), self._known().price_max

        def problem(item: VariantWrite) -> RecordError | None:
            if _concerns_product(item) and variant_bodies.product_of(item) not in parents:
                return GoneFromShop(key=item.key, shop_id=item.shop_id)
            return variant_bodies.problem(item, values=values, most=most)

        def send(sent: list[VariantWrite]) -> list[Result]:
            self._prepare(sent, parents, values, self._defaults(sent, parents, values))
            return spread(
                sent, path_of=_path, send=lambda path, group: self._update_variants(path, group, parents, values)
            )

        return outcomes(items, send=send, problem=problem)

    def _update_variants(
        self, path: str, items: list[VariantWrite], parents: Mapping[str, Product], values: Mapping[str, Value]
    ) -> list[Result]:
        unit = self._known().facts["weight_unit"]
        changed = [
            {
                "id": int(split_shop_id(item.shop_id)[1]),
                **variant_bodies.changes(
                    item, parent=parents.get(variant_bodies.product_of(item)), values=values, unit=unit
                ),
            }
            for item in items
        ]
        rows = self._client.batch(path, "update", changed, kind=Variation)
        return [self._updated_variant(item, row) for item, row in zip(items, rows, strict=True)]

    def _updated_variant(self, item: VariantWrite, row: Variation | VendorError) -> Result:
        if isinstance(row, VendorError):
            taken = self._holders.of_reference(item.key, item.sku or "", row)
            return taken or refused(item.key, row, shop_id=item.shop_id)
        return item.shop_id

    def _defaults(
        self, items: Iterable[VariantWrite], parents: Mapping[str, Product], values: Mapping[str, Value]
    ) -> dict[str, list[Value]]:
        """What products open with from now on; nothing for those whose default is taken away without another."""
        found: dict[str, list[Value]] = {}
        for item in items:
            product = variant_bodies.product_of(item)
            if item.default:
                found[product] = self._of_variation(item, values)
            elif item.default is False and product not in found:
                opens = mapping.default_of(parents[product], named=self._terms.named)
                if opens and opens == {value.id for value in self._of_variation(item, values)}:
                    found[product] = []
        return found

    def _of_variation(self, item: VariantWrite, values: Mapping[str, Value]) -> list[Value]:
        """The values that a variation has once it is changed."""
        if item.values is not None:
            return _values(item, values)
        product, own = split_shop_id(item.shop_id)
        rows = [row for row in self._variations(int(product)) if str(row.id) == own]
        ids = [str(id) for row in rows for id in mapping.chosen(row, named=self._terms.named)]
        return list(self._terms.by_id(ids).values())

    def _prepare(
        self, items: Iterable[VariantWrite], parents: Mapping[str, Product], values: Mapping[str, Value],
        defaults: Mapping[str, Sequence[Value]],
    ) -> None:  # fmt: skip
        """Let the products list the values of their variations and open with the default, in one request."""
        groups: dict[str, list[VariantWrite]] = {}
        for item in items:
            if _concerns_product(item):
                groups.setdefault(variant_bodies.product_of(item), []).append(item)
        changes = [
            variant_bodies.above(
                parents[product],
                values=[value for item in some for value in _values(item, values)],
                default=defaults.get(product),
                gtins={item.gtin for item in some if item.gtin},
            )
            for product, some in groups.items()
        ]
        changes = [change for change in changes if change]
        if changes:
            self._client.batch(PRODUCTS, "update", changes, kind=Product)

    # --- deleted --------------------------------------------------------------------------------------------------

    def delete_variants(self, items: Sequence[VariantWrite]) -> list[Outcome]:
        """Delete variants, in one request for each product; a product without any is a simple one again."""
        found = outcomes(items, send=lambda sent: spread(sent, path_of=_path, send=self._delete_variants))
        parents = self._parents(variant_bodies.product_of(item) for item in items)
        bare = [one for one in parents.values() if one.type == "variable" and not one.variations]
        if bare:
            self._client.batch(PRODUCTS, "update", [variant_bodies.simple_again(one) for one in bare], kind=Product)
        return found

    def _delete_variants(self, path: str, items: list[VariantWrite]) -> list[Result]:
        ids = [int(split_shop_id(item.shop_id)[1]) for item in items]
        rows = self._client.batch(path, "delete", ids, kind=Variation)
        return [
            refused(item.key, row) if isinstance(row, VendorError) and not is_gone(row) else item.shop_id
            for item, row in zip(items, rows, strict=True)
        ]

    def _chosen(self, items: Iterable[VariantWrite]) -> dict[str, Value]:
        """Those of the values named that exist, by their ids."""
        ids = [id for item in items for id in item.values or ()]
        return self._terms.by_id(ids) if ids else {}


def _values(item: VariantWrite, values: Mapping[str, Value]) -> list[Value]:
    return [values[id] for id in dict.fromkeys(item.values or ())]


def _path(item: VariantWrite) -> str:
    return variations_of(variant_bodies.product_of(item))


def _concerns_product(item: VariantWrite) -> bool:
    """Whether its product must be known to change it."""
    own_price = item.price is None or item.price.stored is not None
    return not own_price or any(part is not None for part in (item.values, item.default, item.sku, item.gtin))
