"""Products of the adapter, written: created, changed, deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from passerelle.connectors.woocommerce import bodies
from passerelle.connectors.woocommerce.amounts import number, plain
from passerelle.connectors.woocommerce.bodies import BASE_PRICE, Rules
from passerelle.connectors.woocommerce.calls import Calls, Result, numbers, outcomes
from passerelle.connectors.woocommerce.holders import Holders
from passerelle.connectors.woocommerce.refusal import is_gone, refused
from passerelle.connectors.woocommerce.terms import Terms
from passerelle.connectors.woocommerce.wire import SYSTEM, Category, Product, Value, VendorError
from passerelle.errors import CapabilityMissing, GoneFromShop, RecordError, ReferenceRefused, RefusedByShop
from passerelle.ports.shop import Outcome, ProductWrite

PRODUCTS = "products"
CATEGORIES = "products/categories"


class WoocommerceProducts(Calls):
    """Products, written."""

    _terms: Terms
    _holders: Holders
    _categories: frozenset[str] = frozenset()  # those that are known to exist

    def create_products(self, items: Sequence[ProductWrite]) -> list[Outcome]:
        """Create products in one request, in order; the shop keeps references and barcodes unique."""
        rules = self._ready(items)
        values = self._values(items)

        def send(sent: list[ProductWrite]) -> list[Result]:
            made = [bodies.creation(item, rules=rules, values=values) for item in sent]
            rows = self._client.batch(PRODUCTS, "create", made, kind=Product)
            return [self._created(item, row) for item, row in zip(sent, rows, strict=True)]

        return outcomes(items, send=send, problem=self._problem(items, rules, values))

    def _created(self, item: ProductWrite, row: Product | VendorError) -> Result:
        if isinstance(row, VendorError):
            return self._holders.of_reference(item.key, item.sku or "", row) or refused(item.key, row)
        return altered(item, row) or str(row.id)

    def update_products(self, items: Sequence[ProductWrite]) -> list[Outcome]:
        """Change products in one request, and in a second one the prices that we keep of those with variations.

        Where features change, the products' attributes are read first: what is not named is sent back.
        """
        rules = self._ready(items)
        values = self._values(items)
        featured = [item.shop_id for item in items if item.features is not None]
        held = {str(row.id): row for row in self._by_id(PRODUCTS, featured, kind=Product, fields="id,attributes")}
        unsound = self._problem(items, rules, values)

        def problem(item: ProductWrite) -> RecordError | None:
            if not numbers([item.shop_id]) or (item.features is not None and item.shop_id not in held):
                return GoneFromShop(key=item.key, shop_id=item.shop_id)
            return unsound(item)

        def send(sent: list[ProductWrite]) -> list[Result]:
            return self._update(sent, [_change(item, rules=rules, held=held, values=values) for item in sent])

        return outcomes(items, send=send, problem=problem)

    def _update(self, items: list[ProductWrite], changes: list[dict[str, Any]]) -> list[Result]:
        rows = self._client.batch(PRODUCTS, "update", changes, kind=Product)
        kept = [
            {"id": row.id, "meta_data": [{"key": BASE_PRICE, "value": plain(item.price)}]}
            for item, row in zip(items, rows, strict=True)
            if isinstance(row, Product) and row.type == "variable" and item.price is not None
        ]
        if kept:
            self._client.batch(PRODUCTS, "update", kept, kind=Product)
        return [self._updated(item, row) for item, row in zip(items, rows, strict=True)]

    def _updated(self, item: ProductWrite, row: Product | VendorError) -> Result:
        if isinstance(row, VendorError):
            return self._holders.of_reference(item.key, item.sku or "", row) or refused(
                item.key, row, shop_id=item.shop_id
            )
        if row.status == "trash":
            return GoneFromShop(key=item.key, shop_id=item.shop_id, detail="it is in the bin")
        return altered(item, row) or item.shop_id

    def delete_products(self, items: Sequence[ProductWrite]) -> list[Outcome]:
        """Delete products for good, with their variations, in one request."""

        def send(sent: list[ProductWrite]) -> list[Result]:
            ids = [int(item.shop_id) for item in sent]
            rows = self._client.batch(PRODUCTS, "delete", ids, kind=Product)
            return [
                refused(item.key, row) if isinstance(row, VendorError) and not is_gone(row) else item.shop_id
                for item, row in zip(sent, rows, strict=True)
            ]

        return outcomes(items, send=send)

    # --- before anything is sent ----------------------------------------------------------------------------------

    def _ready(self, items: Iterable[ProductWrite]) -> Rules:
        """What products are written by. Raises CapabilityMissing for what this shop has no place for."""
        bodies.need_texts(items)
        if any(item.brand for item in items):
            self._need_brands()
        return Rules.of(self._known())

    def _need_brands(self) -> None:
        if self._known().facts["brands"] != "1":
            raise CapabilityMissing(system=SYSTEM, capability="brands")

    def _values(self, items: Iterable[ProductWrite]) -> dict[str, Value]:
        wanted = [id for item in items for ids in (item.features or {}).values() for id in ids]
        return self._terms.by_id(wanted) if wanted else {}

    def _problem(self, items: Sequence[ProductWrite], rules: Rules, values: Mapping[str, Value]) -> _Problem:
        missing = self._missing_categories(items)
        return _Problem(rules=rules, missing=missing, values=values)

    def _missing_categories(self, items: Iterable[ProductWrite]) -> frozenset[str]:
        """Those of the categories that do not exist: the shop would put the default one in their place."""
        wanted = frozenset(id for item in items for id in bodies.categories_of(item))
        if wanted - self._categories:
            self._categories = frozenset(str(one.id) for one in self._all(CATEGORIES, kind=Category))
        return wanted - self._categories


class _Problem:
    """What of a product cannot be stored as it is."""

    def __init__(self, *, rules: Rules, missing: frozenset[str], values: Mapping[str, Value]) -> None:
        self._rules = rules
        self._missing = missing
        self._values = values

    def __call__(self, item: ProductWrite) -> RecordError | None:
        if self._missing.intersection(bodies.categories_of(item)):
            return RefusedByShop(key=item.key, why="one of its categories does not exist there")
        if any(id not in self._values for ids in (item.features or {}).values() for id in ids):
            return RefusedByShop(key=item.key, why="one of its features does not exist there")
        return bodies.problem(item, rules=self._rules)


def _change(
    item: ProductWrite, *, rules: Rules, held: Mapping[str, Product], values: Mapping[str, Value]
) -> dict[str, Any]:
    attributes = None
    if item.features is not None:
        attributes = bodies.featured(item.features, held=held[item.shop_id].attributes, values=values)
    return {"id": int(item.shop_id), **bodies.changes(item, rules=rules, attributes=attributes)}


def altered(item: ProductWrite, row: Product) -> RecordError | None:
    """What the shop made of an item otherwise than it was told, without a word: the answer is all that says so."""
    if item.sku is not None and row.sku != item.sku:
        return ReferenceRefused(key=item.key, why=row.sku)
    if item.tax_rule is not None and row.tax_class != bodies.tax_class(item.tax_rule):
        return RefusedByShop(key=item.key, why="its tax class does not exist there")
    wanted = {int(id) for id in bodies.categories_of(item)} if item.categories is not None else set()
    if wanted and wanted != {one.id for one in row.categories}:
        return RefusedByShop(key=item.key, why="one of its categories does not exist there")
    if item.price is not None and row.type != "variable" and _price(row) != item.price:
        return RefusedByShop(key=item.key, why="the shop does not keep its price", detail=row.regular_price)
    if item.brand is not None and not item.brand and row.brands:
        return RefusedByShop(key=item.key, why="the shop does not take its brand away")
    if item.brand and int(item.brand) not in {one.id for one in row.brands}:
        return RefusedByShop(key=item.key, why="its brand does not exist there")
    return None


def _price(row: Product) -> object:
    return number(row.regular_price, what="a price") if row.regular_price else None
