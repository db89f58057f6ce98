"""What must be known of a shop before anything is planned."""

from __future__ import annotations

from collections.abc import Mapping

from passerelle.connectors.woocommerce import mapping
from passerelle.connectors.woocommerce.amounts import PLACES, UNITS
from passerelle.connectors.woocommerce.bodies import NOWHERE, SKU_LENGTH, TERM_LENGTH
from passerelle.connectors.woocommerce.client import NO_ROUTE, WoocommerceClient
from passerelle.connectors.woocommerce.wire import (
    SYSTEM,
    Category,
    Environment,
    Setting,
    SystemStatus,
    TaxClass,
    TaxRate,
    Term,
)
from passerelle.domain.pricing import Basis, TaxRule
from passerelle.errors import AnswerUnreadable, LanguageUnknown
from passerelle.ports.shop import ShopContext, TextLimit

# What a fresh installation has, for a setting that the shop does not show.
SETTINGS = {
    "woocommerce_currency": "USD",
    "woocommerce_default_country": "US:CA",
    "woocommerce_calc_taxes": "no",
    "woocommerce_price_num_decimals": "2",
    "woocommerce_prices_include_tax": "no",
    "woocommerce_weight_unit": "kg",
    "woocommerce_manage_stock": "yes",
}
GROUPS = ("general", "tax", "products")
BARCODES = (9, 2)  # the version from which on products have one
NO_GROUP = "rest_setting_setting_group_invalid"
# The default category cannot be asked for; these are the addresses that WooCommerce gives it in English and French.
DEFAULT_SLUGS = ("uncategorized", "uncategorised", "non-classe", "non-categorise")
LIMITS = {
    "name": TextLimit(),
    "summary": TextLimit(html=True),
    "description": TextLimit(html=True),
    "sku": TextLimit(SKU_LENGTH, "<"),
    "category": TextLimit(TERM_LENGTH),
    "brand": TextLimit(TERM_LENGTH),
    "feature_value": TextLimit(TERM_LENGTH),
    "option": TextLimit(TERM_LENGTH),
    "option_value": TextLimit(TERM_LENGTH),
}


def read(client: WoocommerceClient, *, languages: Mapping[str, str]) -> ShopContext:
    """Ask the shop. `languages` is our only code → the shop's language. Raises LanguageUnknown."""
    environment = client.get("system_status", {"_fields": "environment"}, kind=SystemStatus).environment
    settings = _settings(client)
    taxed = settings["woocommerce_calc_taxes"] == "yes"  # without it the shop charges its prices as they are
    basis: Basis = "incl" if taxed and settings["woocommerce_prices_include_tax"] == "yes" else "excl"
    chosen = _chosen(languages, environment)
    return ShopContext(
        system=f"{SYSTEM} {environment.version}".strip(),
        languages=chosen,
        default_language=next(iter(chosen)),
        currency=settings["woocommerce_currency"],
        price_basis=basis,
        # The shop keeps any number of decimals. On both bases six keep the ERP's price to the cent in a line of many
        # pieces: 12.345 excl. VAT is 14.814 incl., and as 14.81 a hundred of them would be forty cents short.
        price_places=PLACES,
        variant_basis="whole",
        tax_rules=_tax_rules(client, country=settings["woocommerce_default_country"].partition(":")[0], taxed=taxed),
        home_category=home_of(client),
        limits=LIMITS,
        facts=_facts(settings, environment) | {"brands": str(int(_has_brands(client)))},
    )


def home_of(client: WoocommerceClient) -> str:
    """The category for products without any: among the first that were made."""
    parameters = {"_fields": "id,name,slug", "per_page": "100", "orderby": "id", "order": "asc"}
    by_slug = {row.slug: str(row.id) for row in client.get("products/categories", parameters, kind=list[Category])}
    return next((by_slug[slug] for slug in DEFAULT_SLUGS if slug in by_slug), NOWHERE)


def _has_brands(client: WoocommerceClient) -> bool:
    """Brands are part of WooCommerce from 9.6 on."""
    return client.find("products/brands", {"per_page": "1"}, kind=list[Term], absent=NO_ROUTE) is not None


def _chosen(wanted: Mapping[str, str], environment: Environment) -> dict[str, str]:
    """The language of the one shop there is: it has no other, so there can be no second one of ours."""
    tag = environment.language.replace("_", "-").lower()
    names = {tag, tag.partition("-")[0]}
    known = [our for our, name in wanted.items() if name.replace("_", "-").lower() in names]
    strange = [name for our, name in wanted.items() if our not in known[:1]]
    if strange:
        raise LanguageUnknown(language=strange[0], existing=environment.language)
    return dict.fromkeys(known, environment.language)


def _settings(client: WoocommerceClient) -> dict[str, str]:
    found: dict[str, str] = {}
    for group in GROUPS:
        path, shown = f"settings/{group}", {"_fields": "id,value"}
        rows = client.find(path, shown, kind=list[Setting], absent=NO_GROUP)  # a shop without taxes may lack theirs
        found |= {row.id: str(row.value) for row in rows or ()}
    settings = {name: found.get(name) or default for name, default in SETTINGS.items()}
    if settings["woocommerce_weight_unit"] not in UNITS:
        raise AnswerUnreadable(system=SYSTEM, why=f'its unit of weight is "{settings["woocommerce_weight_unit"][:20]}"')
    return settings


def _tax_rules(client: WoocommerceClient, *, country: str, taxed: bool) -> tuple[TaxRule, ...]:
    classes = client.get("taxes/classes", kind=list[TaxClass])
    rates: list[TaxRate] = []
    number, full = 1, taxed
    while full:
        page = {"per_page": "100", "page": str(number), "orderby": "id", "order": "asc"}
        rows = client.get("taxes", page, kind=list[TaxRate])
        rates, number, full = [*rates, *rows], number + 1, len(rows) == 100
    return mapping.tax_rules(classes, rates=rates, country=country)


def _keeps_barcodes(version: str) -> bool:
    """Whether products have a barcode. Before, the API takes no notice of one, and a search by it finds everything."""
    parts = version.split(".")[:2]
    return not all(part.isdigit() for part in parts) or tuple(map(int, parts)) >= BARCODES


def _facts(settings: Mapping[str, str], environment: Environment) -> dict[str, str]:
    return {
        "barcodes": str(int(_keeps_barcodes(environment.version))),
        "home": environment.home_url.rstrip("/"),
        "weight_unit": settings["woocommerce_weight_unit"],
        "decimals": settings["woocommerce_price_num_decimals"],
        "taxes": settings["woocommerce_calc_taxes"],
        "stock": settings["woocommerce_manage_stock"],
        "multisite": str(int(environment.wp_multisite)),
    }
