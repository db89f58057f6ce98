"""A profile's options beside its shop's context: all that planning a record needs, worked out once a run."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from passerelle.errors import CurrencyDiffers, OptionUnsupported, PrecisionTooLow
from passerelle.planner.taxes import TaxMap
from passerelle.planner.texts import fields_named
from passerelle.ports.erp import ProductQuery
from passerelle.ports.shop import ShopContext
from passerelle.profile.ownership import ERP_OWNS, OwnershipOptions
from passerelle.profile.sections import (
    ArticleOptions,
    BrandOptions,
    CategoryOptions,
    CustomFieldOptions,
    Profile,
    TaxOptions,
)

TEXTS = ("name", "summary", "description", "meta_title", "meta_description")
LOWEST_PRECISION = 4  # 9.99 incl. 20 % is 8.325: with two decimals the shop would show 10.00


@dataclass(frozen=True)
class Rules:
    """What planning needs. `places`: decimals of a stored price."""

    options: ArticleOptions
    context: ShopContext
    languages: list[str]
    taxes: TaxMap | None
    places: int

    @property
    def brand_field(self) -> str:
        """The ERP field that holds the brand, "" for none."""
        return (self.options.brand or BrandOptions()).field if self.options.export else ""

    @property
    def categories(self) -> CategoryOptions | None:
        """The options of categories, None when they are off."""
        return self.options.categories if self.options.export else None

    @property
    def owners(self) -> OwnershipOptions:
        """Who decides each field."""
        return self.options.ownership or ERP_OWNS

    @property
    def custom_fields(self) -> CustomFieldOptions | None:
        """The options of custom fields, None when they are off."""
        return self.options.custom_fields if self.options.export else None


def rules_of(profile: Profile, *, context: ShopContext, erp_currency: str) -> Rules:
    """Raises CurrencyDiffers, TaxRuleUnknown, PrecisionTooLow, OptionUnsupported."""
    options = profile.articles
    _check_texts(options, context)
    if options.prices and erp_currency and erp_currency != context.currency:
        raise CurrencyDiffers(erp=erp_currency, shop=context.currency)
    taxes = TaxMap(options.tax.rules, rules=context.tax_rules) if options.tax else None
    return Rules(
        options=options,
        context=context,
        languages=list(profile.profile.languages),
        taxes=taxes,
        places=_places(options, context),
    )


def _check_texts(options: ArticleOptions, context: ShopContext) -> None:
    """Every text that is fed has its place in the shop, which names those that it has by what each may hold."""
    for name in TEXTS if options.export and options.texts and context.limits else ():
        if getattr(options.texts, name) and name not in context.limits:
            raise OptionUnsupported(option=f"articles.texts.{name}", system=context.system, capability=f"text {name}")


def _places(options: ArticleOptions, context: ShopContext) -> int:
    asked = options.prices.precision if options.prices else None
    if asked is None:
        return context.price_places
    may_include = options.prices is not None and options.prices.tax_included != "false"
    if context.price_basis == "excl" and may_include and asked < LOWEST_PRECISION:
        raise PrecisionTooLow(places=asked)
    return min(asked, context.price_places)


def product_query(profile: Profile, *, flow: str, only: str | None = None) -> ProductQuery:
    """What a flow asks of the ERP's articles."""
    options = profile.articles
    tax = options.tax or TaxOptions()
    prices = options.prices
    return ProductQuery(
        published_only=options.published_only,
        filter=options.filter,
        fields=frozenset(_fields(options) if flow == "catalogue" else _grouping(options)),
        base_price=prices.base_price if prices else "article",
        tax_included={"auto": None, "true": True, "false": False}[prices.tax_included if prices else "auto"],
        vat_category=tax.vat_category,
        categories=flow == "catalogue" and _reads_the_tree(options),
        prices=prices is not None,
        variants=options.variants is not None,
        variant_prices=prices.variant_prices if prices else "",
        only=only,
    )


def _reads_the_tree(options: ArticleOptions) -> bool:
    return options.categories is not None and options.categories.create and not options.categories.levels


def _fields(options: ArticleOptions) -> set[str]:
    texts = options.texts
    sources = [texts.name, texts.summary, texts.description, texts.meta_title, texts.meta_description] if texts else []
    sources += list(options.custom_fields.features.values()) if options.custom_fields else []
    sources += options.categories.levels if options.categories and options.categories.create else ()
    sources += [options.categories.extra] if options.categories else []
    named = {name for source in sources for name in fields_named(source)}
    return named | _grouping(options) | ({options.brand.field} if options.brand and options.brand.field else set())


def _grouping(options: ArticleOptions) -> set[str]:
    """What puts articles together and tells them apart: every flow needs it."""
    variants = options.variants
    if variants is None or not variants.group_by:
        return set()
    return {variants.group_by}.union(*(fields_named(source) for source in variants.options.values()))


def salt(profile: Profile, *, context: ShopContext, flow: str) -> bytes:
    """Hash of everything besides the ERP's record that decides what a flow sends: options and shop context."""
    said = msgspec.json.encode([flow, profile.articles, profile.profile.languages, context], order="deterministic")
    return blake2b(said, digest_size=16).digest()
