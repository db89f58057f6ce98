"""The shop side: products, categories, brands and stock are written, orders are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

import msgspec

from passerelle.domain.catalogue import ShopProduct, ShopVariant
from passerelle.domain.facets import VariantPrice
from passerelle.domain.orders import OrderStatuses, Parcel, SalesOrder, ShopOrder
from passerelle.domain.pricing import Basis, TaxRule
from passerelle.errors import RecordError
from passerelle.ports.manifest import Finding, Manifest


class TextLimit(msgspec.Struct, frozen=True):
    """What the shop accepts in a text: at most `max_length` characters (0: no limit), none of `forbidden`."""

    max_length: int = 0
    forbidden: str = ""
    html: bool = False


class ShopContext(msgspec.Struct, frozen=True, kw_only=True):
    """What must be known of a shop before anything is planned; asked once, then kept until `check` or a refusal.

    `languages` maps our language codes to the shop's ids, `other_languages` are shop languages the profile does not
    feed. `price_basis` and `price_places` say how the shop stores prices; `variant_basis` whether prices and weights of
    variants are differences from the product's, or whole. `facts` is the connector's own.
    """

    system: str
    languages: dict[str, str]
    default_language: str  # one of ours
    other_languages: tuple[str, ...] = ()
    currency: str
    price_basis: Basis
    price_places: int
    price_max: Decimal = Decimal(10) ** 13
    variant_basis: Literal["difference", "whole"] = "difference"
    tax_rules: tuple[TaxRule, ...]
    home_category: str
    limits: dict[str, TextLimit] = {}  # by text field, and "sku", "feature_value", "option", "option_value"…
    facts: dict[str, str] = {}


class ShopCategory(msgspec.Struct, frozen=True):
    """A category of the shop; `names` by our language code."""

    id: str
    parent: str
    names: dict[str, str]


class ShopBrand(msgspec.Struct, frozen=True):
    """A brand of the shop."""

    id: str
    name: str


class ShopFeature(msgspec.Struct, frozen=True):
    """A feature of the shop, by its name in the main language."""

    id: str
    name: str


class ShopFeatureValue(msgspec.Struct, frozen=True):
    """A value that products share, of the feature with that id, in the main language."""

    id: str
    feature: str
    text: str


class ShopOption(msgspec.Struct, frozen=True):
    """What variants differ by, such as Size, by its name in the main language."""

    id: str
    name: str


class ShopOptionValue(msgspec.Struct, frozen=True):
    """A value of the option with that id, in the main language."""

    id: str
    option: str
    text: str


class ListedProduct(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a person needs to know a product of the shop by; `name` in the main language."""

    shop_id: str
    sku: str
    name: str
    visible: bool


class ProductWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A product to create (`shop_id` empty) or the changes to one; None leaves a field untouched.

    Ids are the shop's. `features` is feature → all its values of this product; features that it leaves out keep what
    the shop holds. `texts` is field → our language code → text; a language left out keeps what the shop holds.
    """

    key: str
    shop_id: str = ""
    sku: str | None = None
    texts: dict[str, dict[str, str]] | None = None
    slug: dict[str, str] | None = None
    tax_rule: str | None = None
    price: Decimal | None = None
    brand: str | None = None
    categories: tuple[str, ...] | None = None
    default_category: str | None = None
    features: dict[str, tuple[str, ...]] | None = None
    weight: Decimal | None = None
    gtin: str | None = None
    visible: bool | None = None


class VariantWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A variant to create (`shop_id` is its product's) or the changes to one (its own); None leaves a field untouched.

    `values` are the shop's ids of option values, one of each option; `gtin` "" takes the barcode away. `weight` and
    `base_weight`, kilograms, travel together: its own and its product's.
    """

    key: str
    shop_id: str
    sku: str | None = None
    gtin: str | None = None
    values: tuple[str, ...] | None = None
    price: VariantPrice | None = None
    weight: Decimal | None = None
    base_weight: Decimal | None = None
    default: bool | None = None


class StockWrite(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The quantity of a product or variant; `stock_ref` comes from `stock_refs`."""

    key: str
    shop_id: str
    stock_ref: str
    quantity: int


class CategoryWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A category to create under `parent` (a shop id)."""

    key: str
    parent: str
    names: dict[str, str]


class BrandWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A brand to create."""

    key: str
    name: str


class FeatureWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A feature to create, with that name in every language."""

    key: str
    name: str


class FeatureValueWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A value to create under `feature` (a shop id), with that text in every language."""

    key: str
    feature: str
    text: str


class OptionWrite(msgspec.Struct, frozen=True, kw_only=True):
    """An option to create, with that name in every language."""

    key: str
    name: str


class OptionValueWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A value to create under `option` (a shop id), with that text in every language."""

    key: str
    option: str
    text: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one item of a batch: done, with the shop's id, or an error that concerns this item alone."""

    key: str
    shop_id: str = ""
    error: RecordError | None = None


class BatchRefused(Exception):
    """The shop refused one item of a batch and does not say which; items before it may have been written."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Shop(Protocol):
    """A shop. Each write call is one request carrying the whole batch.

    Reads raise Unavailable when the shop does not answer. Writes raise WriteUnanswered when nobody can tell whether
    they were done, Unavailable when they surely were not, BatchRefused when one of several items was refused; a batch
    of one gives its refusal as an Outcome. All raise CredentialsRefused, RightMissing, AddressRedirects,
    ServiceDisabled, RateLimited, AnswerUnreadable.
    """

    @property
    def manifest(self) -> Manifest: ...

    def check(self) -> list[Finding]:
        """What is wrong with this connection; changes nothing."""
        ...

    def context(self) -> ShopContext:
        """Ask the shop what must be known before planning. Raises MultishopRefused, LanguageUnknown."""
        ...

    def find_products(self, *, skus: Sequence[str], gtins: Sequence[str] = ()) -> list[ShopProduct]:
        """Every product whose reference is one of `skus`, ignoring case, or whose barcode is one of `gtins`."""
        ...

    def read_products(self, shop_ids: Sequence[str]) -> list[ShopProduct]:
        """Those of the products that exist, with their stock."""
        ...

    def product_pages(self) -> Iterator[list[ListedProduct]]:
        """Every product of the shop, each once, by pages."""
        ...

    def create_products(self, items: Sequence[ProductWrite]) -> list[Outcome]: ...

    def update_products(self, items: Sequence[ProductWrite]) -> list[Outcome]: ...

    def delete_products(self, items: Sequence[ProductWrite]) -> list[Outcome]:
        """Delete products with their variants; one that is gone already counts as deleted."""
        ...

    def stock_refs(self, shop_ids: Sequence[str]) -> dict[str, str]:
        """Where the quantity of each product or variant is written: its id → stock id."""
        ...

    def quantities(self, shop_ids: Sequence[str]) -> dict[str, int]:
        """What the shop shows of those of the products and variants that exist: its id → quantity."""
        ...

    def set_stock(self, items: Sequence[StockWrite]) -> list[Outcome]: ...

    def categories(self) -> list[ShopCategory]: ...

    def create_categories(self, items: Sequence[CategoryWrite]) -> list[Outcome]: ...

    def brands(self) -> list[ShopBrand]: ...

    def create_brands(self, items: Sequence[BrandWrite]) -> list[Outcome]: ...

    def features(self) -> list[ShopFeature]: ...

    def feature_values(self, features: Sequence[str]) -> list[ShopFeatureValue]:
        """The values of these features that products share, not those made for one product."""
        ...

    def create_features(self, items: Sequence[FeatureWrite]) -> list[Outcome]: ...

    def create_feature_values(self, items: Sequence[FeatureValueWrite]) -> list[Outcome]: ...

    def options(self) -> list[ShopOption]: ...

    def option_values(self, options: Sequence[str]) -> list[ShopOptionValue]: ...

    def create_options(self, items: Sequence[OptionWrite]) -> list[Outcome]: ...

    def create_option_values(self, items: Sequence[OptionValueWrite]) -> list[Outcome]: ...

    def variants(self, product_ids: Sequence[str]) -> list[ShopVariant]:
        """Every variant of these products."""
        ...

    def create_variants(self, items: Sequence[VariantWrite]) -> list[Outcome]:
        """Create variants, of one product or of several; each outcome's `shop_id` is the variant's."""
        ...

    def update_variants(self, items: Sequence[VariantWrite]) -> list[Outcome]: ...

    def delete_variants(self, items: Sequence[VariantWrite]) -> list[Outcome]:
        """Delete variants; one that is gone already counts as deleted."""
        ...

    def orders(
        self, *, updated_from: datetime | None = None, created_from: datetime | None = None
    ) -> Iterator[list[ShopOrder]]:
        """Orders changed at or after `updated_from` (aware, UTC) and created at or after `created_from`, by pages."""
        ...

    def open_orders(self, *, created_before: datetime) -> Iterator[list[ShopOrder]]:
        """Orders created before that, neither cancelled nor shipped, by pages: what a first stock run asks about."""
        ...


class StatusWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A status to set; `key` is the shop's order id. `notify`: the shop tells the buyer."""

    key: str
    status: str
    notify: bool = False


class TrackingWrite(msgspec.Struct, frozen=True, kw_only=True):
    """The parcels an order must show; those it has are left as they are, none is taken away."""

    key: str
    parcels: tuple[Parcel, ...]


class Named(msgspec.Struct, frozen=True):
    """Something of the shop that a mapping names by its lasting id."""

    id: str
    label: str


class OrderDesk(Protocol):
    """Orders read whole, and what is sent back about them. Errors are those of Shop; `max_batch` counts here too."""

    def sales_orders(self, shop_ids: Sequence[str]) -> list[SalesOrder]:
        """Those of the orders that exist, whole, with their history. An order that cannot be read is left out and
        comes back from `unreadable`.
        """
        ...

    def unreadable(self) -> dict[str, RecordError]:
        """Why orders were left out of the last `sales_orders`, by id."""
        ...

    def statuses(self, shop_ids: Sequence[str]) -> dict[str, OrderStatuses]:
        """The statuses of those of the orders that exist, of this very moment."""
        ...

    def order_statuses(self) -> list[Named]:
        """Every status an order can have."""
        ...

    def carriers(self) -> list[Named]:
        """Every carrier in use, by its lasting id."""
        ...

    def set_statuses(self, items: Sequence[StatusWrite]) -> list[Outcome]:
        """Set statuses in one request, in order. A status that is set again may show twice in the shop's history."""
        ...

    def add_tracking(self, items: Sequence[TrackingWrite]) -> list[Outcome]:
        """Add the tracking numbers that are not there yet."""
        ...
