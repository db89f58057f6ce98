"""The memory shop behind the Shop and OrderDesk ports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Protocol, TypeVar

from passerelle.connectors.memory_shop.client import Failure, MemoryShopData
from passerelle.connectors.memory_shop.config import MemoryShopConfig
from passerelle.connectors.memory_shop.desk import Keyed, MemoryDesk, W
from passerelle.connectors.memory_shop.manifest import manifest
from passerelle.connectors.memory_shop.mapping import (
    LIMITS,
    PRICE_MAX,
    Languages,
    apply,
    category_of,
    listed,
    order_of,
    problem,
    product_of,
    slug,
    trouble,
)
from passerelle.connectors.memory_shop.rows import Refused
from passerelle.connectors.memory_shop.variants import MemoryVariants
from passerelle.connectors.memory_shop.wire import (
    StoredBrand,
    StoredCategory,
    StoredFeature,
    StoredFeatureValue,
    StoredOrder,
    StoredProduct,
)
from passerelle.domain.catalogue import ShopProduct
from passerelle.domain.orders import ShopOrder
from passerelle.domain.texts import N_, text
from passerelle.errors import (
    AddressRedirects,
    AnswerUnreadable,
    CapabilityMissing,
    CredentialsRefused,
    GoneFromShop,
    LanguageUnknown,
    NotThisSystem,
    PasserelleError,
    RateLimited,
    RecordError,
    RefusedByShop,
    RightMissing,
    ServiceDisabled,
    Unavailable,
    WriteUnanswered,
)
from passerelle.ports.clock import Clock
from passerelle.ports.limiter import Limiter
from passerelle.ports.manifest import Capability, Finding, Severity
from passerelle.ports.shop import (
    BatchRefused,
    BrandWrite,
    CategoryWrite,
    FeatureValueWrite,
    FeatureWrite,
    ListedProduct,
    Outcome,
    ProductWrite,
    ShopBrand,
    ShopCategory,
    ShopContext,
    ShopFeature,
    ShopFeatureValue,
    StockWrite,
)

T = TypeVar("T")


class Counts(Protocol):
    """Counts requests."""

    def request(self, *, write: bool) -> None: ...


class MemoryShop(MemoryVariants, MemoryDesk):
    """A Shop and an OrderDesk over MemoryShopData. `languages` maps our codes to the shop's."""

    def __init__(
        self,
        config: MemoryShopConfig,
        *,
        languages: Mapping[str, str],
        clock: Clock,
        limiter: Limiter,
        tally: Counts,
        context: ShopContext | None = None,
        data: MemoryShopData | None = None,
    ) -> None:
        self.manifest = manifest(max_batch=config.max_batch, without=config.without)
        self.data = data if data is not None else MemoryShopData(path=config.path, clock=clock)
        self._failed = {}
        self._languages = Languages(languages)
        self._key = config.key
        self._limiter = limiter
        self._tally = tally

    def check(self) -> list[Finding]:
        """Whether the shop answers and has the profile's languages."""
        context = self.context()
        found = text(
            "shop_answers", N_("{system} answers and counts in {currency}."), system="memory", currency=context.currency
        )
        return [Finding(Severity.OK, found)]

    def context(self) -> ShopContext:
        """What must be known of the shop. Raises LanguageUnknown."""
        state = self._read("context", lambda: self.data.state)
        for code in self._languages.codes.values():
            if code not in state.languages:
                raise LanguageUnknown(language=code, existing=", ".join(state.languages))
        fed = set(self._languages.codes.values())
        return ShopContext(
            system=self.manifest.title,
            languages=dict(self._languages.codes),
            default_language=next(iter(self._languages.codes)),
            other_languages=tuple(code for code in state.languages if code not in fed),
            currency=state.currency,
            price_basis="excl",
            price_places=6,
            price_max=PRICE_MAX,
            tax_rules=tuple(state.tax_rules),
            home_category=state.home,
            limits=LIMITS,
        )

    # --- products -----------------------------------------------------------------------------------------------

    def find_products(self, *, skus: Sequence[str], gtins: Sequence[str] = ()) -> list[ShopProduct]:
        """Every product with one of these references, whatever their case, or one of these barcodes."""
        folded, codes = {sku.casefold() for sku in skus} - {""}, set(gtins) - {""}
        return self._read(
            "find_products",
            lambda: [
                self._product(row)
                for row in self.data.products.values()
                if row.sku.casefold() in folded or row.gtin in codes
            ],
        )

    def read_products(self, shop_ids: Sequence[str]) -> list[ShopProduct]:
        """Those of the products that exist."""
        return self._read("read_products", lambda: [self._product(row) for row in self._existing(shop_ids)])

    def product_pages(self) -> Iterator[list[ListedProduct]]:
        """Every product, by pages in the order of their ids."""
        last = 0
        while page := self._read("product_pages", partial(self.data.products_after, last, size=self.data.page_size)):
            yield [listed(row, languages=self._languages) for row in page]
            last = int(page[-1].id)

    def create_products(self, items: Sequence[ProductWrite]) -> list[Outcome]:
        """Create the products of one batch, hidden unless they say otherwise."""
        return self._write(Capability.PRODUCTS_WRITE, "create_products", items, self._create)

    def update_products(self, items: Sequence[ProductWrite]) -> list[Outcome]:
        """Change the products of one batch."""
        return self._write(Capability.PRODUCTS_WRITE, "update_products", items, self._update)

    def _create(self, item: ProductWrite) -> str:
        self._refuse(item.key, problem(item))
        row = StoredProduct(id=self.data.new_id(), stock_ref=self.data.new_id())
        apply(item, row, languages=self._languages, categories=self.data.categories)
        row.slug = row.slug or {code: slug(name) for code, name in row.texts.get("name", {}).items()}
        self.data.products[row.id] = row
        return row.id

    def _update(self, item: ProductWrite) -> str:
        self._refuse(item.key, problem(item))
        row = self.data.products.get(item.shop_id)
        if row is None:
            raise Refused("this product does not exist", gone=True)
        apply(item, row, languages=self._languages, categories=self.data.categories)
        return row.id

    def delete_products(self, items: Sequence[ProductWrite]) -> list[Outcome]:
        """Delete the products of one batch; one that is gone counts as deleted."""
        return self._write(Capability.PRODUCTS_DELETE, "delete_products", items, self._delete)

    def _delete(self, item: ProductWrite) -> str:
        self._refuse(item.key, "")
        self.data.products.pop(item.shop_id, None)
        return item.shop_id

    # --- stock --------------------------------------------------------------------------------------------------

    def stock_refs(self, shop_ids: Sequence[str]) -> dict[str, str]:
        """Product or variant id → stock id, for those that exist."""
        return self._read("stock_refs", lambda: self.data.stock_refs(shop_ids))

    def quantities(self, shop_ids: Sequence[str]) -> dict[str, int]:
        """Product or variant id → quantity, for those that exist."""
        return self._read("quantities", lambda: self.data.quantities(shop_ids))

    def set_stock(self, items: Sequence[StockWrite]) -> list[Outcome]:
        """Write the quantities of one batch."""
        return self._write(Capability.STOCK_WRITE, "set_stock", items, self._set_stock)

    def _set_stock(self, item: StockWrite) -> str:
        self._refuse(item.key, "")
        return self.data.set_stock(item.stock_ref, item.quantity)

    # --- categories and brands ----------------------------------------------------------------------------------

    def categories(self) -> list[ShopCategory]:
        """The whole tree."""
        return self._read(
            "categories",
            lambda: [category_of(row, languages=self._languages) for row in self.data.categories.values()],
        )

    def create_categories(self, items: Sequence[CategoryWrite]) -> list[Outcome]:
        """Create the categories of one batch."""
        return self._write(Capability.CATEGORIES_WRITE, "create_categories", items, self._category)

    def _category(self, item: CategoryWrite) -> str:
        self._refuse(item.key, next((why for name in item.names.values() if (why := trouble("category", name))), ""))
        if item.parent not in self.data.categories:
            raise Refused(f"the category {item.parent} does not exist")
        row = StoredCategory(id=self.data.new_id(), parent=item.parent, names=self._languages.theirs(item.names))
        self.data.categories[row.id] = row
        return row.id

    def brands(self) -> list[ShopBrand]:
        """All brands."""
        return self._read("brands", lambda: [ShopBrand(row.id, row.name) for row in self.data.brands.values()])

    def create_brands(self, items: Sequence[BrandWrite]) -> list[Outcome]:
        """Create the brands of one batch."""
        return self._write(Capability.BRANDS_WRITE, "create_brands", items, self._brand)

    def _brand(self, item: BrandWrite) -> str:
        self._refuse(item.key, trouble("brand", item.name))
        row = StoredBrand(id=self.data.new_id(), name=item.name)
        self.data.brands[row.id] = row
        return row.id

    # --- features -----------------------------------------------------------------------------------------------

    def features(self) -> list[ShopFeature]:
        """All features."""
        return self._read("features", lambda: [ShopFeature(row.id, row.name) for row in self.data.features.values()])

    def feature_values(self, features: Sequence[str]) -> list[ShopFeatureValue]:
        """The values of these features."""
        return self._read(
            "feature_values",
            lambda: [
                ShopFeatureValue(row.id, row.feature, row.text)
                for row in self.data.feature_values.values()
                if row.feature in features
            ],
        )

    def create_features(self, items: Sequence[FeatureWrite]) -> list[Outcome]:
        """Create the features of one batch."""
        return self._write(Capability.FEATURES_WRITE, "create_features", items, self._feature)

    def _feature(self, item: FeatureWrite) -> str:
        self._refuse(item.key, trouble("feature", item.name))
        row = StoredFeature(id=self.data.new_id(), name=item.name)
        self.data.features[row.id] = row
        return row.id

    def create_feature_values(self, items: Sequence[FeatureValueWrite]) -> list[Outcome]:
        """Create the values of one batch."""
        return self._write(Capability.FEATURES_WRITE, "create_feature_values", items, self._feature_value)

    def _feature_value(self, item: FeatureValueWrite) -> str:
        self._refuse(item.key, trouble("feature_value", item.text))
        if item.feature not in self.data.features:
            raise Refused(f"the feature {item.feature} does not exist")
        row = StoredFeatureValue(id=self.data.new_id(), feature=item.feature, text=item.text)
        self.data.feature_values[row.id] = row
        return row.id

    # --- orders -------------------------------------------------------------------------------------------------

    def orders(
        self, *, updated_from: datetime | None = None, created_from: datetime | None = None
    ) -> Iterator[list[ShopOrder]]:
        """Orders changed and created at or after these moments, by pages in the order of their ids."""
        self._need(Capability.ORDERS_READ)
        return self._pages(updated_from, created_from)

    def open_orders(self, *, created_before: datetime) -> Iterator[list[ShopOrder]]:
        """Orders created before that, neither cancelled nor shipped (statuses 4 and 5), by pages."""
        self._need(Capability.ORDERS_READ)
        for page in self._pages(None, None):
            yield [
                one
                for one in page
                if one.created_at < created_before and one.holds_stock and one.status not in ("4", "5")
            ]

    def _pages(self, updated_from: datetime | None, created_from: datetime | None) -> Iterator[list[ShopOrder]]:
        last = 0
        while page := self._read("orders", partial(self._orders_after, last, updated_from, created_from)):
            yield [order_of(row) for row in page]
            last = int(page[-1].id)

    def _orders_after(self, last: int, updated: datetime | None, created: datetime | None) -> list[StoredOrder]:
        rows = (self.data.orders[id] for id in sorted(self.data.orders, key=int) if int(id) > last)
        wanted = (
            row
            for row in rows
            if (updated is None or row.updated_at >= updated) and (created is None or row.created_at >= created)
        )
        return list(islice(wanted, self.data.page_size))

    # --- calls --------------------------------------------------------------------------------------------------

    def _existing(self, shop_ids: Sequence[str]) -> list[StoredProduct]:
        return [self.data.products[id] for id in dict.fromkeys(shop_ids) if id in self.data.products]

    def _product(self, row: StoredProduct) -> ShopProduct:
        return product_of(row, languages=self._languages)

    def _refuse(self, key: str, why: str) -> None:
        why = self.data.refused.get(key, why)
        if why:
            raise Refused(why)

    def _need(self, capability: Capability) -> None:
        if capability not in self.manifest.capabilities:
            raise CapabilityMissing(system=self.manifest.title, capability=str(capability))

    def _read(self, call: str, ask: Callable[[], T]) -> T:
        self._count(write=False)
        try:
            return self.data.read(call, ask, key=self._key)
        except Failure as failure:
            raise self._error(failure.signal, write=False) from failure

    def _write(self, capability: Capability, call: str, items: Sequence[W], each: Callable[[W], str]) -> list[Outcome]:
        self._need(capability)
        if len(items) > self.manifest.max_batch[call]:
            raise ValueError(f"{len(items)} items are more than one {call} carries")
        self._count(write=True)
        try:
            ids = self.data.write(call, items, each, key=self._key)
        except Failure as failure:
            raise self._error(failure.signal, write=True) from failure
        except Refused as refused:
            if len(items) > 1:
                raise BatchRefused(refused.why) from refused
            return [Outcome(key=items[0].key, error=self._refusal(items[0], refused))]
        return [Outcome(key=item.key, shop_id=id) for item, id in zip(items, ids, strict=True)]

    def _refusal(self, item: Keyed, refused: Refused) -> RecordError:
        if refused.gone:
            return GoneFromShop(key=item.key, shop_id=getattr(item, "shop_id", ""), detail=refused.why)
        return RefusedByShop(key=item.key, why=refused.why)

    def _count(self, *, write: bool) -> None:
        self._limiter.acquire(self.manifest.name)
        self._tally.request(write=write)

    def _error(self, signal: str, *, write: bool) -> PasserelleError:
        """What a failure of the shop means for us. Only a connection never made is surely not done."""
        system = self.manifest.title
        match signal:
            case "401":
                return CredentialsRefused(system=system, detail=signal)
            case "403":
                return RightMissing(system=system, verb="use", resource="this call", detail=signal)
            case "404" | "409" | "422":
                return NotThisSystem(system=system, why=f"it answers {signal}", detail=signal)
            case "429":
                return RateLimited(system=system, seconds=30, detail=signal)
            case "off":
                return ServiceDisabled(system=system, detail=signal)
            case "redirect":
                return AddressRedirects(url=system, detail=signal)
            case "refused":
                return Unavailable(system=system, detail=signal)
            case "unreadable" if not write:
                return AnswerUnreadable(system=system, why="it is not what a shop answers", detail=signal)
        return WriteUnanswered(system=system, detail=signal) if write else Unavailable(system=system, detail=signal)
