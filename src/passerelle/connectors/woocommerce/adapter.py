"""WooCommerce behind the Shop port: what is read of products and orders, categories, brands; the rest stands beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from passerelle.connectors.woocommerce import bodies, lookup, mapping
from passerelle.connectors.woocommerce import check as shop_check
from passerelle.connectors.woocommerce import context as shop_context
from passerelle.connectors.woocommerce.amounts import gmt
from passerelle.connectors.woocommerce.attributes import made_or_there
from passerelle.connectors.woocommerce.calls import Result, outcomes
from passerelle.connectors.woocommerce.client import WoocommerceClient
from passerelle.connectors.woocommerce.config import WoocommerceConfig
from passerelle.connectors.woocommerce.holders import Holders
from passerelle.connectors.woocommerce.manifest import MANIFEST, manifest
from passerelle.connectors.woocommerce.orders import WoocommerceDesk
from passerelle.connectors.woocommerce.products import CATEGORIES, PRODUCTS, WoocommerceProducts
from passerelle.connectors.woocommerce.terms import Terms
from passerelle.connectors.woocommerce.variants import WoocommerceVariants
from passerelle.connectors.woocommerce.wire import (
    Category,
    OrderHead,
    Product,
    StatusTotal,
    Term,
    sendable,
    shown,
)
from passerelle.domain.catalogue import ShopProduct
from passerelle.domain.orders import ShopOrder
from passerelle.ports.clock import Clock
from passerelle.ports.limiter import Limiter
from passerelle.ports.manifest import Finding, Manifest
from passerelle.ports.shop import (
    BrandWrite,
    CategoryWrite,
    ListedProduct,
    Outcome,
    ShopBrand,
    ShopCategory,
    ShopContext,
)
from passerelle.transport.http import Counts

BRANDS = "products/brands"
LISTED = "id,sku,name,status"
ORDER = "id,number,status,date_created_gmt,date_modified_gmt,line_items"
SECOND = timedelta(seconds=1)


class Woocommerce(WoocommerceProducts, WoocommerceVariants, WoocommerceDesk):
    """One WooCommerce. `languages` is our only code → the language of the shop.

    A `context` that the caller kept is used as it is; without one the shop is asked once, when it is first needed.
    """

    def __init__(
        self,
        config: WoocommerceConfig,
        *,
        languages: Mapping[str, str],
        clock: Clock,
        limiter: Limiter,
        tally: Counts,
        context: ShopContext | None = None,
    ) -> None:
        self._config = config
        self._client = WoocommerceClient(config, clock=clock, limiter=limiter, tally=tally)
        self._terms = Terms(self._client)
        self._holders = Holders(self._client)
        self._clock = clock
        self._wanted = dict(languages)
        self._context = context

    @property
    def manifest(self) -> Manifest:
        """What this shop can do, once it is known; an older one lacks brands and barcodes."""
        if self._context is None:
            return MANIFEST
        facts = self._context.facts
        return manifest(brands=facts["brands"] == "1", barcodes=facts["barcodes"] == "1")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def check(self) -> list[Finding]:
        """What is right and wrong with this connection; changes nothing."""
        return shop_check.findings(self._client, ask=self.context)

    def context(self) -> ShopContext:
        """Ask the shop what must be known before planning. Raises LanguageUnknown."""
        self._context = shop_context.read(self._client, languages=self._wanted)
        return self._context

    def _known(self) -> ShopContext:
        return self._context or self.context()

    # --- products, read -------------------------------------------------------------------------------------------

    def find_products(self, *, skus: Sequence[str], gtins: Sequence[str] = ()) -> list[ShopProduct]:
        """Every product whose reference is one of `skus`, ignoring case, or whose barcode is one of `gtins`.

        Variations are found by these too, and are no products.
        """
        rows = lookup.find(self._client, "sku", skus, held=lambda row: row.sku)
        if gtins and self._known().facts["barcodes"] == "1":
            rows += lookup.find(self._client, "global_unique_id", gtins, held=lambda row: row.global_unique_id)
        once = {row.id: row for row in rows if row.type != "variation"}
        return self._products(list(once.values()))

    def read_products(self, shop_ids: Sequence[str]) -> list[ShopProduct]:
        """Those of the products that exist, with their stock; one in the bin does not."""
        return self._products(self._by_id(PRODUCTS, shop_ids, kind=Product))

    def product_pages(self) -> Iterator[list[ListedProduct]]:
        """Every product of the shop, by pages."""
        for page in self._pages(PRODUCTS, kind=Product, parameters={"_fields": LISTED}):
            yield [mapping.listed(row) for row in page]

    def _products(self, rows: Sequence[Product]) -> list[ShopProduct]:
        context = self._known()
        unit, language = context.facts["weight_unit"], context.default_language
        return [mapping.product(row, language=language, unit=unit, named=self._terms.named) for row in rows]

    # --- categories and brands ------------------------------------------------------------------------------------

    def categories(self) -> list[ShopCategory]:
        """The whole tree, with the default category as its root."""
        context = self._known()
        language, home = context.default_language, context.home_category
        found = [mapping.category(row, language=language, home=home) for row in self._all(CATEGORIES, kind=Category)]
        root = [] if home != bodies.NOWHERE else [ShopCategory(home, "", {language: "-"})]
        return [*root, *found]

    def create_categories(self, items: Sequence[CategoryWrite]) -> list[Outcome]:
        """Create categories in one request; one that is there already under its parent is taken."""
        context = self._known()
        language, home = context.default_language, context.home_category

        def send(sent: list[CategoryWrite]) -> list[Result]:
            made = [
                {
                    "name": sendable(_named(item, language)),
                    "parent": 0 if item.parent == home else int(item.parent),
                }
                for item in sent
            ]
            rows = self._client.batch(CATEGORIES, "create", made, kind=Category)
            return [made_or_there(item.key, row) for item, row in zip(sent, rows, strict=True)]

        return outcomes(
            items,
            send=send,
            problem=lambda item: bodies.name_problem(item.key, "name", _named(item, language)),
        )

    def brands(self) -> list[ShopBrand]:
        """All brands. Raises CapabilityMissing before WooCommerce 9.6."""
        self._need_brands()
        return [ShopBrand(str(row.id), shown(row.name)) for row in self._all(BRANDS, kind=Term)]

    def create_brands(self, items: Sequence[BrandWrite]) -> list[Outcome]:
        """Create brands in one request. Raises CapabilityMissing before WooCommerce 9.6."""
        self._need_brands()

        def send(sent: list[BrandWrite]) -> list[Result]:
            rows = self._client.batch(BRANDS, "create", [{"name": sendable(item.name)} for item in sent], kind=Term)
            return [made_or_there(item.key, row) for item, row in zip(sent, rows, strict=True)]

        return outcomes(items, send=send, problem=lambda item: bodies.name_problem(item.key, "name", item.name))

    # --- orders ---------------------------------------------------------------------------------------------------

    def orders(
        self, *, updated_from: datetime | None = None, created_from: datetime | None = None
    ) -> Iterator[list[ShopOrder]]:
        """Orders changed at or after `updated_from` (aware) and created at or after `created_from`, by pages.

        The filters leave out their own second, and dates have whole seconds: each is asked from the second before.
        """
        parameters = {"_fields": ORDER}
        for name, moment in (("modified_after", updated_from), ("after", created_from)):
            if moment is not None:
                parameters |= {name: gmt(moment - SECOND), "dates_are_gmt": "true"}
        for page in self._pages("orders", kind=OrderHead, parameters=parameters):
            found = [mapping.order(row) for row in page]
            yield [
                one
                for one in found
                if mapping.may_be_from(one.updated_at, updated_from)
                and mapping.may_be_from(one.created_at, created_from)
            ]

    def open_orders(self, *, created_before: datetime) -> Iterator[list[ShopOrder]]:
        """Orders created before that whose status is neither cancelled nor completed, by pages."""
        known = self._client.get("reports/orders/totals", kind=list[StatusTotal])
        waiting = [one.slug for one in known if one.slug not in mapping.RELEASED | mapping.DONE]
        if not waiting:
            return
        parameters = {"_fields": ORDER, "status": ",".join(waiting)}
        for page in self._pages("orders", kind=OrderHead, parameters=parameters):
            found = [mapping.order(row) for row in page]
            yield [one for one in found if one.created_at < created_before]


def _named(item: CategoryWrite, language: str) -> str:
    """The name of a category in the shop's language, or else the first there is."""
    return item.names.get(language) or next(iter(item.names.values()), "")
