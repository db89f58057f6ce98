"""A town for random stories: an ERP and a shop in memory, a profile with any options, and the people of both sides.

Whatever happens is a tuple (what, which, other, number), so that hypothesis can make stories shorter.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from tests.scenarios.house import NO_GUARDS, ean13

from passerelle.app import registry, services, wiring
from passerelle.connectors.memory_erp.adapter import MemoryErp
from passerelle.connectors.memory_erp.client import MemoryErpData
from passerelle.connectors.memory_erp.wire import Article, VariantRow
from passerelle.connectors.memory_shop.adapter import MemoryShop
from passerelle.connectors.memory_shop.client import MemoryShopData
from passerelle.connectors.memory_shop.wire import StoredProduct
from passerelle.domain.catalogue import split_shop_id
from passerelle.testing.clock import HeldClock

Event = tuple[str, int, int, int]
FLOWS = ("catalogue", "prices", "stocks")
NUMBERS = itertools.count()
SIZES, COLOURS, MODELS = ("S", "M", "L", "XL"), ("Rouge", "Bleu"), ("", "Marin", "Sport")
RATES = ("C20", "C10", "C55")
FIELDS = ["label", "brand", "family", "model", "size"]
PROFILE = """
[profile]
name = "{name}"
key = "{key}"
languages = {{ fr = "fr", en = "en" }}
[erp]
connector = "memory_erp"
[shop]
connector = "memory_shop"
max_batch = {batch}
[articles]
export = true
published_only = {published_only}
[articles.texts]
name = "label"
[articles.tax.rules]
"20" = 1
"10" = 2
"5.5" = 3
[articles.brand]
field = "brand"
[articles.categories]
{categories}
{prices}
[articles.stocks]
warehouses = {warehouses}
stock_type = "real"
safety_stock = {safety}
{features}
{variants}
[guards]
{guards}
"""
CATEGORIES = {"tree": "create = true", "levels": 'levels = ["family", "brand"]', "of the shop": "create = false"}
FEATURES = '[articles.custom_fields.features]\n"Famille" = "family"'
GROUPED = 'group_by = "model"\n[articles.variants.options]\n"Taille" = "size"'


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What a merchant wants. `prices` is empty where the shop owns them, else auto, true or false (incl. VAT)."""

    variants: bool = True
    delete_missing: bool = False
    grouped: bool = False
    prices: str = "auto"
    base_price: str = "article"
    variant_prices: str = ""
    categories: str = "tree"
    features: bool = True
    published_only: bool = True
    both_warehouses: bool = False
    safety: int = 0
    batch: int = 50

    def profile(self, number: int) -> str:
        """The profile that says so."""
        prices = f'tax_included = "{self.prices}"\nbase_price = "{self.base_price}"'
        if self.variant_prices:
            prices += f'\nvariant_prices = "{self.variant_prices}"'
        variants = f"[articles.variants]\ndelete_missing = {str(self.delete_missing).lower()}\n"
        return PROFILE.format(
            name=f"ville-{number}", key=f"{number:04X}"[-4:], batch=self.batch,
            published_only=str(self.published_only).lower(), categories=CATEGORIES[self.categories],
            prices=f"[articles.prices]\n{prices}" if self.prices else "",
            warehouses='["Principal", "Réserve"]' if self.both_warehouses else '["Principal"]', safety=self.safety,
            features=FEATURES if self.features else "",
            variants=variants + (GROUPED if self.grouped else "") if self.variants else "", guards=NO_GUARDS,
        )  # fmt: skip


@dataclass
class Town:
    """Both sides, and the application between them."""

    folder: Path
    wishes: Wishes
    clock: HeldClock = field(default_factory=HeldClock)
    categories_at_once: int = 1  # as PrestaShop takes them

    def __post_init__(self) -> None:
        self.number = next(NUMBERS)
        self.erp = MemoryErpData()
        self.erp.state.fields = FIELDS
        self.shop = MemoryShopData(clock=self.clock)
        self.file = self.folder / f"ville-{self.number}.toml"
        self.configure(self.wishes)

    def configure(self, wishes: Wishes) -> None:
        """Write the profile and open it."""
        self.wishes = wishes
        self.file.write_text(wishes.profile(self.number), encoding="utf-8")
        self.opened = wiring.open_profile(str(self.file), clock=self.clock)

    def flows(self) -> list[str]:
        """Those that the profile switches on."""
        return [flow for flow in FLOWS if flow != "prices" or self.wishes.prices]

    def run(self, flow: str) -> services.Report:
        """One run, which must be done."""
        self.clock.sleep(60)
        report = services.run_flow(self.opened, flow)
        told = (flow, report.failure, getattr(report.failure, "detail", ""), [str(t) for t in report.held_by])
        assert report.state == "done", told
        return report

    def done(self, *names: str) -> dict[str, int]:
        """Run flows, all of them without names: how often each one wrote."""
        return {flow: self.run(flow).writes for flow in names or self.flows()}

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Have the application open these two sides."""
        erps, shops = dict(registry.ERPS), dict(registry.SHOPS)
        registry.ERPS["memory_erp"] = (erps["memory_erp"][0], lambda c, t: MemoryErp(c, clock=t.clock, data=self.erp))
        registry.SHOPS["memory_shop"] = (shops["memory_shop"][0], self._opened_shop)
        try:
            yield
        finally:
            registry.ERPS.update(erps)
            registry.SHOPS.update(shops)

    def _opened_shop(self, config: Any, tools: registry.Tools) -> MemoryShop:
        limiter = registry._limiter(config, tools)
        shop = MemoryShop(
            config, languages=dict(tools.languages), clock=tools.clock, limiter=limiter, tally=tools.tally,
            data=self.shop,
        )  # fmt: skip
        batches = {**shop.manifest.max_batch, "create_categories": self.categories_at_once}
        shop.manifest = msgspec.structs.replace(shop.manifest, max_batch=batches)
        return shop


class Office:
    """The people at the ERP: what they do to articles, variants and groups."""

    def __init__(self, town: Town) -> None:
        self.town, self.erp, self.last = town, town.erp, 0
        self.erp.add_category("Outils", "Scies")
        self.erp.add_category("Outils", "Rabots")

    def happen(self, event: Event) -> None:
        """One thing they do; nothing where there is nothing to do it to."""
        what, which, other, n = event
        of_variants = [article for article in self.erp.articles.values() if article.variants]
        if what.startswith("add_"):
            getattr(self, what)(other, n)
        elif what.startswith("variant_") and of_variants:
            article = of_variants[which % len(of_variants)]
            getattr(self, what)(article, article.variants[other % len(article.variants)], n)
        elif what.startswith("article_") and self.erp.articles:
            getattr(self, what)(list(self.erp.articles.values())[which % len(self.erp.articles)], n)

    def new(self, letter: str) -> str:
        """A reference nobody has had."""
        self.last += 1
        return f"{letter}{self.last:03d}"

    # --- new articles ---

    def add_simple(self, other: int, n: int) -> None:
        sku = self.new("A")
        fields = {"brand": ("", "Forgial", "Lame & Cie")[other % 3], "family": ("", "Bois|Fer", "Inox")[n % 3]}
        self.erp.add_article(
            sku, label=f"Outil {sku}", price=amount(n), tax_included=bool(n % 2), tax=RATES[other % 3], fields=fields,
            category=("", "Outils", "Outils/Scies")[n % 3], stock={"1": n % 30, "2": other},
        )  # fmt: skip

    def add_member(self, other: int, n: int) -> None:
        self.add_simple(0, n)
        article = list(self.erp.articles.values())[-1]
        article.fields |= {"model": MODELS[1 + other % 2], "size": SIZES[n % 4]}

    def add_ranged(self, other: int, n: int) -> None:
        sku = self.new("A")
        options = ["Taille", "Couleur"][: 1 + other % 2]
        ident = self.erp.add_article(
            sku, label=f"Vêtement {sku}", price=amount(n), tax_included=bool(n % 2), options=options,
            tax=RATES[other % 3], weight=(None, Decimal(1))[n % 2],
        )  # fmt: skip
        ranges = [SIZES[: 1 + n % 3], COLOURS[: 1 + n % 2]][: len(options)]
        for number, values in enumerate(itertools.product(*ranges)):
            self.erp.add_variant(ident, *values, stock={"1": n % 20 + number, "2": other})

    # --- articles ---

    def article_price(self, article: Article, n: int) -> None:
        article.price = amount(n)

    def article_price_incl(self, article: Article, n: int) -> None:
        article.tax_included = bool(n % 2)

    def article_category_price(self, article: Article, n: int) -> None:
        article.category_prices = {} if n % 3 == 0 else {"Professionnels": (amount(n), article.tax_included)}

    def article_label(self, article: Article, n: int) -> None:
        article.label = f"Désignation {n} « été »"

    def article_brand(self, article: Article, n: int) -> None:
        article.fields["brand"] = ("Forgial", "Neuve", f"M{n}")[n % 3]

    def article_family(self, article: Article, n: int) -> None:
        article.fields["family"] = ("", "Fer", "Bois|Inox")[n % 3]

    def article_category(self, article: Article, n: int) -> None:
        article.category = ("", "Outils", "Outils/Scies", "Outils/Rabots")[n % 4]

    def article_weight(self, article: Article, n: int) -> None:
        article.weight = Decimal(1 + n % 50) / 4

    def article_gtin(self, article: Article, n: int) -> None:
        article.gtin = self.gtin()

    def article_tax(self, article: Article, n: int) -> None:
        article.taxes = {"1": RATES[n % 3]}

    def article_rename(self, article: Article, n: int) -> None:
        article.sku = self.new("R")

    def article_publish(self, article: Article, n: int) -> None:
        article.published = bool(n % 3)

    def article_sleep(self, article: Article, n: int) -> None:
        article.dormant = n % 3 == 0

    def article_delete(self, article: Article, n: int) -> None:
        del self.erp.articles[article.id]

    def article_stock(self, article: Article, n: int) -> None:
        self.erp.set_stock(article.id, n % 30, warehouse=str(1 + n % 2))

    def article_model(self, article: Article, n: int) -> None:
        if not article.options:
            article.fields["model"] = MODELS[n % 3]

    def article_size(self, article: Article, n: int) -> None:
        if not article.options:
            article.fields["size"] = ("", *SIZES)[n % 5]

    def article_new_variant(self, article: Article, n: int) -> None:
        values = [SIZES[n % 4], COLOURS[n % 2]][: len(article.options)]
        if article.options and self.apart(article, values, but=None):
            self.erp.add_variant(article.id, *values, stock={"1": n % 20})

    # --- variants ---

    def variant_price(self, article: Article, variant: VariantRow, n: int) -> None:
        variant.price = None if n % 4 == 0 else amount(n)

    def variant_category_price(self, article: Article, variant: VariantRow, n: int) -> None:
        name = ("Public", "Professionnels")[n % 2]
        variant.category_prices = {} if n % 5 == 0 else {name: (amount(n), article.tax_included)}

    def variant_reference(self, article: Article, variant: VariantRow, n: int) -> None:
        variant.sku = self.new("V") if n % 4 or not self.apart(article, variant.values, but=variant) else ""

    def variant_gtin(self, article: Article, variant: VariantRow, n: int) -> None:
        variant.gtin = (self.gtin(), "", article.variants[0].gtin)[n % 3]

    def variant_sleep(self, article: Article, variant: VariantRow, n: int) -> None:
        variant.asleep = n % 3 != 0

    def variant_weight(self, article: Article, variant: VariantRow, n: int) -> None:
        variant.weight = None if n % 4 == 0 else Decimal(1 + n % 50) / 4

    def variant_stock(self, article: Article, variant: VariantRow, n: int) -> None:
        self.erp.set_stock(variant.id, n % 30, warehouse=str(1 + n % 2))

    def variant_delete(self, article: Article, variant: VariantRow, n: int) -> None:
        if len(article.variants) > 1:
            article.variants.remove(variant)

    def variant_made_anew(self, article: Article, variant: VariantRow, n: int) -> None:
        """Its value is deleted and typed again: the same combination under a new id."""
        stock = {key: shelf.pop(variant.id) for key, shelf in self.erp.state.stock.items() if variant.id in shelf}
        variant.id = self.erp.new_id()
        for key, row in stock.items():
            self.erp.state.stock[key][variant.id] = row

    def variant_value_deleted(self, article: Article, variant: VariantRow, n: int) -> None:
        self.revalue(article, n % len(article.options), variant.values[n % len(article.options)], "")

    def variant_value_renamed(self, article: Article, variant: VariantRow, n: int) -> None:
        position = n % len(article.options)
        new = (f"Valeur {n}", SIZES[n % 4].lower())[n % 2]
        if all(new.casefold() != row.values[position].casefold() for row in article.variants):
            self.revalue(article, position, variant.values[position], new)

    def revalue(self, article: Article, position: int, old: str, new: str) -> None:
        for row in article.variants:
            if row.values[position] == old:
                row.values = [new if at == position else value for at, value in enumerate(row.values)]

    def apart(self, article: Article, values: list[str], *, but: VariantRow | None) -> bool:
        """Whether no other variant would make its reference of the same values."""
        return all(row is but or row.sku or row.values != values for row in article.variants)

    def gtin(self) -> str:
        self.last += 1
        return ean13(self.last)


class Merchant:
    """The people at the shop: they make things of their own, and look at nobody else's."""

    def __init__(self, town: Town) -> None:
        self.shop = town.shop
        self.option = self.shop.add_option("Doublure")
        self.value = self.shop.add_option_value(self.option, "Laine")
        self.shop.add_option_value(self.shop.add_option("taille"), "s")
        self.made: list[str] = []
        self.product = self.shop.add_product(sku="MAIN", visible=True, price=Decimal(5), tax_rule="1")
        self.make("", self.product)

    def happen(self, which: int) -> None:
        """A combination of the merchant's own under one of the products with variants."""
        ours = [product for product in self.shop.products.values() if product.variants and product.id != self.product]
        if ours:
            self.make("A LA MAIN", ours[which % len(ours)].id)

    def make(self, sku: str, product: str) -> None:
        values = [self.value]
        self.made.append(self.shop.add_variant(product, sku=sku, values=values, price=Decimal(3), stock=2))

    def own(self) -> dict[str, str]:
        """All that is theirs, as it stands."""
        rows = {shop_id: str(self.row(shop_id).variants.get(split_shop_id(shop_id)[1])) for shop_id in self.made}
        theirs = [self.shop.options[self.option], self.shop.option_values[self.value]]
        return rows | {"product": str(self.shop.products[self.product]), "options": str(theirs)}

    def row(self, shop_id: str) -> StoredProduct:
        return self.shop.products[split_shop_id(shop_id)[0]]


def amount(n: int) -> Decimal:
    """A price to the cent, 0 now and then."""
    return Decimal(n) / 100 if n % 7 else Decimal(0)


EVENTS = tuple(name for name in vars(Office) if name.startswith(("add_", "article_", "variant_")))
