"""PrestaShop behind the Shop port: products and what they hang on; stock, variants and the OrderDesk stand beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from passerelle.connectors.prestashop import bodies, mapping
from passerelle.connectors.prestashop import check as shop_check
from passerelle.connectors.prestashop import context as shop_context
from passerelle.connectors.prestashop.calls import numbers
from passerelle.connectors.prestashop.client import PrestashopClient
from passerelle.connectors.prestashop.config import PrestashopConfig
from passerelle.connectors.prestashop.deletion import PrestashopDeletion
from passerelle.connectors.prestashop.lookup import Lookup, any_of, chunks
from passerelle.connectors.prestashop.manifest import MANIFEST
from passerelle.connectors.prestashop.mapping import Languages
from passerelle.connectors.prestashop.orders import Lists, PrestashopDesk
from passerelle.connectors.prestashop.sending import send_batch, verify
from passerelle.connectors.prestashop.stock import PrestashopStock
from passerelle.connectors.prestashop.variants import PrestashopVariants
from passerelle.connectors.prestashop.wire import Entity, document, field
from passerelle.domain.catalogue import ShopProduct
from passerelle.domain.orders import ShopOrder
from passerelle.errors import GoneFromShop, RecordError
from passerelle.ports.clock import Clock
from passerelle.ports.limiter import Limiter
from passerelle.ports.manifest import Finding
from passerelle.ports.shop import (
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
)
from passerelle.transport.http import Counts

SHOWN = "id,reference,ean13,price,weight,id_tax_rules_group,id_manufacturer,id_category_default,active"
LINKED = f"categories[id],combinations[id],{bodies.FEATURES}"
PRODUCT = f"[{SHOWN},{','.join(mapping.TEXT_FIELDS.values())},{LINKED}]"
ORDER_ROW = "order_rows[product_id,product_attribute_id,product_reference,product_quantity]"
ORDER = f"[id,reference,current_state,date_add,date_upd,{ORDER_ROW}]"
ORDERS = 200  # a page
LISTED = "[id,reference,name,active]"
LIST = 1000  # products a page


class Prestashop(PrestashopDeletion, PrestashopVariants, PrestashopStock, PrestashopDesk):
    """One PrestaShop. `languages` is our code → the shop's iso code, tag or id.

    A `context` that the caller kept is used as it is; without one the shop is asked once, when it is first needed.
    """

    manifest = MANIFEST

    def __init__(
        self,
        config: PrestashopConfig,
        *,
        languages: Mapping[str, str],
        clock: Clock,
        limiter: Limiter,
        tally: Counts,
        context: ShopContext | None = None,
    ) -> None:
        self._client = PrestashopClient(config, clock=clock, limiter=limiter, tally=tally)
        self._lists = Lists(self._client)
        self._wanted = dict(languages)
        self._context = context

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def check(self) -> list[Finding]:
        """What is right and wrong with this connection; changes nothing."""
        return shop_check.findings(self._client, ask=self.context)

    def context(self) -> ShopContext:
        """Ask the shop what must be known before planning. Raises MultishopRefused, LanguageUnknown."""
        self._context = shop_context.read(self._client, languages=self._wanted)
        return self._context

    # --- products, read -------------------------------------------------------------------------------------------

    def find_products(self, *, skus: Sequence[str], gtins: Sequence[str] = ()) -> list[ShopProduct]:
        """Every product whose reference is one of `skus`, ignoring case, or whose barcode is one of `gtins`."""
        found = self._lookup("reference", PRODUCT).find(skus) + self._lookup("ean13", PRODUCT).find(gtins)
        return self._products(found)

    def read_products(self, shop_ids: Sequence[str]) -> list[ShopProduct]:
        """Those of the products that exist, with their stock."""
        return self._products(self._lookup("id", PRODUCT).by_id(shop_ids))

    def product_pages(self) -> Iterator[list[ListedProduct]]:
        """Every product of the shop, by pages."""
        languages = Languages.of(self._known())
        for page in self._pages("products", self._speaking(LISTED), size=LIST):
            yield [mapping.listed(one, languages=languages) for one in page]

    def _products(self, found: list[Entity]) -> list[ShopProduct]:
        once = {field(one, "id"): one for one in found}
        stock = self._stock(list(once))
        languages = Languages.of(self._known())
        return [mapping.product(one, languages=languages, stock=stock) for one in once.values()]

    def _lookup(self, name: str, display: str) -> Lookup:
        return Lookup(self._client, name=name, parameters=self._speaking(display))

    # --- products, written ----------------------------------------------------------------------------------------

    def create_products(self, items: Sequence[ProductWrite]) -> list[Outcome]:
        """Create products in one request, in order; the shop keeps no reference unique."""
        home = self._known().home_category
        languages = Languages.of(self._known())
        return send_batch(
            items,
            problem=bodies.problem,
            send=lambda sent: self._created(
                "products",
                [bodies.creation(item, languages=languages, home=home) for item in sent],
                expected=[item.sku or "" for item in sent],
                told=lambda entity: field(entity, "reference"),
            ),
        )

    def update_products(self, items: Sequence[ProductWrite]) -> list[Outcome]:
        """Change products in one request, after reading what must be sent back as it is."""
        current = self._current([item for item in items if bodies.problem(item) is None])

        def problem(item: ProductWrite) -> RecordError | None:
            found = bodies.problem(item)
            if found is None and current is not None and item.shop_id not in current:
                return GoneFromShop(key=item.key, shop_id=item.shop_id)
            return found

        return send_batch(
            items,
            problem=problem,
            send=lambda sent: self._update(sent, current or {}),
            id_of=lambda item: item.shop_id,
        )

    def _update(self, items: list[ProductWrite], current: Mapping[str, Entity]) -> list[str]:
        languages = Languages.of(self._known())
        if self._patches("products"):
            parts = [bodies.changes(item, languages=languages, current=current.get(item.shop_id)) for item in items]
        else:
            parts = [bodies.replacement(item, languages=languages, current=current[item.shop_id]) for item in items]
        ids = [item.shop_id for item in items]
        entities = self._client.write(self._verb("products"), "products", body=document(parts))
        verify("products", [field(one, "id") for one in entities], ids)
        return ids

    def _current(self, items: list[ProductWrite]) -> dict[str, Entity] | None:
        """The products as they are, where a part of them has to be sent back; None when nothing has to."""
        ids = [item.shop_id for item in items]
        if not self._patches("products"):
            found = self._lookup("id", "full").by_id(ids)
        else:
            languages = Languages.of(self._known())
            names = sorted(set().union(*(bodies.needed(item, languages=languages) for item in items)))
            if not names:
                return None
            found = self._lookup("id", f"[id,{','.join(names)}]").by_id(ids)
        return {field(one, "id"): one for one in found}

    # --- categories and brands ------------------------------------------------------------------------------------

    def categories(self) -> list[ShopCategory]:
        """The whole tree, its root included."""
        languages = Languages.of(self._known())
        found = self._all("categories", "[id,id_parent,name]")
        return [mapping.category(one, languages=languages) for one in found]

    def create_categories(self, items: Sequence[CategoryWrite]) -> list[Outcome]:
        """Create categories, visible, in every language."""
        languages = Languages.of(self._known())
        return send_batch(
            items,
            problem=lambda item: bodies.unsendable(item.key, *item.names.values()),
            send=lambda sent: self._created(
                "categories",
                [bodies.new_category(item, languages=languages) for item in sent],
                expected=[item.parent for item in sent],
                told=lambda entity: field(entity, "id_parent"),
            ),
        )

    def brands(self) -> list[ShopBrand]:
        """All brands."""
        return [mapping.brand(one) for one in self._all("manufacturers", "[id,name]")]

    def create_brands(self, items: Sequence[BrandWrite]) -> list[Outcome]:
        """Create brands, visible."""
        return send_batch(
            items,
            problem=lambda item: bodies.unsendable(item.key, item.name),
            send=lambda sent: self._created(
                "manufacturers",
                [bodies.new_brand(item) for item in sent],
                expected=[item.name for item in sent],
                told=lambda entity: field(entity, "name"),
            ),
        )

    # --- features -------------------------------------------------------------------------------------------------

    def features(self) -> list[ShopFeature]:
        """All features, by their name in the main language."""
        main = Languages.of(self._known()).main_id
        return [mapping.feature(one, language=main) for one in self._all("product_features", "[id,name]")]

    def feature_values(self, features: Sequence[str]) -> list[ShopFeatureValue]:
        """The values of these features that are not made for one product, in the main language."""
        main = Languages.of(self._known()).main_id
        found: list[Entity] = []
        for chunk in chunks(numbers(features)):
            found += self._all(
                "product_feature_values", "[id,id_feature,custom,value]", {"filter[id_feature]": any_of(chunk)}
            )
        asked = set(features)
        return [
            mapping.feature_value(one, language=main)
            for one in found
            if not mapping.switch(one, "custom") and field(one, "id_feature") in asked
        ]

    def create_features(self, items: Sequence[FeatureWrite]) -> list[Outcome]:
        """Create features, with the same name in every language."""
        languages = Languages.of(self._known())
        return send_batch(
            items,
            problem=lambda item: bodies.unsendable(item.key, item.name),
            send=lambda sent: self._created(
                "product_features",
                [bodies.new_feature(item, languages=languages) for item in sent],
                expected=[item.name for item in sent],
                told=lambda entity: mapping.feature(entity, language=languages.main_id).name,
            ),
        )

    def create_feature_values(self, items: Sequence[FeatureValueWrite]) -> list[Outcome]:
        """Create values that products share, with the same text in every language."""
        languages = Languages.of(self._known())
        return send_batch(
            items,
            problem=lambda item: bodies.unsendable(item.key, item.text),
            send=lambda sent: self._created(
                "product_feature_values",
                [bodies.new_feature_value(item, languages=languages) for item in sent],
                expected=[item.feature for item in sent],
                told=lambda entity: field(entity, "id_feature"),
            ),
        )

    # --- orders ---------------------------------------------------------------------------------------------------

    def orders(
        self, *, updated_from: datetime | None = None, created_from: datetime | None = None
    ) -> Iterator[list[ShopOrder]]:
        """Orders changed at or after `updated_from` (aware) and created at or after `created_from`, by pages.

        The shop's dates have whole seconds and no offset: what may lie at or after these moments is given.
        """
        context = self._known()
        zone = shop_context.zone_of(context)
        released = frozenset(context.facts["released"].split(","))
        parameters = {"display": ORDER}
        for name, moment in (("date_upd", updated_from), ("date_add", created_from)):
            if moment is not None:
                start = mapping.local_from(moment, zone=zone)
                parameters |= {"date": "1", f"filter[{name}]": f"[{start},{mapping.FAR}]"}
        for page in self._pages("orders", parameters, size=ORDERS):
            found = [mapping.order(one, zone=zone, released=released) for one in page]
            yield [
                one
                for one in found
                if mapping.may_be_from(one.updated_at, updated_from, zone=zone)
                and mapping.may_be_from(one.created_at, created_from, zone=zone)
            ]

    def open_orders(self, *, created_before: datetime) -> Iterator[list[ShopOrder]]:
        """Orders created before that whose state is neither cancelled nor shipped, by pages."""
        context = self._known()
        zone = shop_context.zone_of(context)
        released = frozenset(context.facts["released"].split(","))
        states = self._all("order_states", "[id,shipped]")
        waiting = [field(s, "id") for s in states if field(s, "shipped") != "1" and field(s, "id") not in released]
        if not waiting:
            return
        parameters = {"display": ORDER, "filter[current_state]": any_of(waiting)}
        for page in self._pages("orders", parameters, size=ORDERS):
            found = [mapping.order(one, zone=zone, released=released) for one in page]
            yield [one for one in found if one.created_at < created_before]

    # --- calls ----------------------------------------------------------------------------------------------------

    def _known(self) -> ShopContext:
        return self._context or self.context()
