"""What must be known of a shop before anything is planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from passerelle.connectors.prestashop import mapping
from passerelle.connectors.prestashop.client import PrestashopClient
from passerelle.connectors.prestashop.lookup import any_of
from passerelle.connectors.prestashop.wire import SYSTEM, Entity, field
from passerelle.domain.pricing import TaxRule
from passerelle.errors import AnswerIncomplete, AnswerUnreadable, LanguageUnknown, MultishopRefused
from passerelle.ports.shop import ShopContext, TextLimit

# What a fresh installation has, for a setting that the shop does not show.
SETTINGS = {
    "PS_LANG_DEFAULT": "1",
    "PS_CURRENCY_DEFAULT": "1",
    "PS_COUNTRY_DEFAULT": "8",
    "PS_TIMEZONE": "Europe/Paris",
    "PS_HOME_CATEGORY": "2",
    "PS_OS_CANCELED": "6",
    "PS_OS_ERROR": "8",
    "PS_PRODUCT_SHORT_DESC_LIMIT": "800",
    "PS_STOCK_MANAGEMENT": "1",
    "PS_TAX": "1",
}
PRICE_MAX = Decimal(10) ** 10  # ten digits before the dot
PATCHED = ("products", "stock_availables")
PATCHED_ORDERS = ("order_carriers",)
PATCHED_VARIANTS = ("combinations",)
CATALOGUE_NAME = "<>;=#{}"
GENERIC_NAME = "<>={}"
REFERENCE = "<>;={}"


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the shop."""

    id: str
    codes: tuple[str, ...]  # iso code, tag, locale, lower case
    active: bool


def rights(home: Entity) -> dict[str, frozenset[str]]:
    """What the key may do: resource → HTTP methods. PATCH is absent where the shop does not know it."""
    methods = ("get", "post", "put", "patch", "delete")
    return {one.tag: frozenset(verb.upper() for verb in methods if one.get(verb) == "true") for one in home}


def read(client: PrestashopClient, *, languages: Mapping[str, str]) -> ShopContext:
    """Ask the shop. `languages` is ours → the shop's iso code, tag or id.

    Raises MultishopRefused, LanguageUnknown.
    """
    home, version = client.home()
    allowed = rights(home)
    _refuse_multishop(client)
    known = _languages(client)
    chosen = _chosen(languages, known)
    settings = _settings(client)
    main = next((our for our, id in chosen.items() if id == settings["PS_LANG_DEFAULT"]), next(iter(chosen)))
    return ShopContext(
        system=f"{SYSTEM} {version}".strip(),
        languages=chosen,
        default_language=main,
        other_languages=tuple(one.id for one in known if one.id not in chosen.values()),
        currency=_currency(client, settings["PS_CURRENCY_DEFAULT"]),
        price_basis="excl",
        price_places=6,
        price_max=PRICE_MAX,
        tax_rules=_tax_rules(client, country=settings["PS_COUNTRY_DEFAULT"]),
        home_category=settings["PS_HOME_CATEGORY"],
        limits=limits(client.schema("products"), short=settings["PS_PRODUCT_SHORT_DESC_LIMIT"]),
        facts=_facts(settings, allowed, [one for one in known if one.id not in chosen.values()], known),
    )


def zone_of(context: ShopContext) -> ZoneInfo:
    """The shop's time zone."""
    name = context.facts["timezone"]
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise AnswerUnreadable(system=SYSTEM, why=f'its time zone is "{name}"') from None


def limits(schema: Entity, *, short: str) -> dict[str, TextLimit]:
    """What the shop accepts, from the sizes that it declares; `short` is its own limit of short descriptions.

    The short description is counted without its tags; 0 or less means 800 there. Which characters are refused was
    tried on PrestaShop 8.2.0.
    """
    shortest = int(short) if short.isdigit() and int(short) > 0 else 800
    return {
        "name": TextLimit(_size(schema, "name", 128), CATALOGUE_NAME),
        "summary": TextLimit(shortest, html=True),
        "description": TextLimit(_size(schema, "description", 0), html=True),
        "meta_title": TextLimit(_size(schema, "meta_title", 128), GENERIC_NAME),
        "meta_description": TextLimit(_size(schema, "meta_description", 255), GENERIC_NAME),
        "sku": TextLimit(_size(schema, "reference", 32), REFERENCE),
        "gtin": TextLimit(_size(schema, "ean13", 13)),
        "slug": TextLimit(_size(schema, "link_rewrite", 128)),
        "category": TextLimit(128, CATALOGUE_NAME),
        "brand": TextLimit(64, CATALOGUE_NAME),
        "feature_value": TextLimit(255, GENERIC_NAME),
        "option": TextLimit(64, GENERIC_NAME),  # its name may be twice as long, what buyers read of it may not
        "option_value": TextLimit(128, GENERIC_NAME),
    }


def _size(schema: Entity, name: str, default: int) -> int:
    found = schema.find(name)
    size = "" if found is None else found.get("maxSize", "")
    return int(size) if size.isdigit() else default


def _refuse_multishop(client: PrestashopClient) -> None:
    shops = client.rows("shops", {"display": "[id,deleted]"})
    count = sum(not mapping.switch(shop, "deleted") for shop in shops)
    if count > 1:
        raise MultishopRefused(system=SYSTEM, count=count)


def _languages(client: PrestashopClient) -> list[Language]:
    found = client.rows("languages", {"display": "full", "sort": "[id_ASC]"})
    names = ("iso_code", "language_code", "locale")
    return [
        Language(
            field(one, "id"),
            tuple((one.findtext(name) or "").lower() for name in names),
            mapping.switch(one, "active"),
        )
        for one in found
    ]


def _chosen(wanted: Mapping[str, str], known: list[Language]) -> dict[str, str]:
    by_name = {name: one.id for one in reversed(known) for name in (*one.codes, one.id) if name}
    existing = ", ".join(one.codes[0] for one in known)
    for name in wanted.values():
        if name.lower() not in by_name:
            raise LanguageUnknown(language=name, existing=existing)
    return {our: by_name[name.lower()] for our, name in wanted.items()}


def _settings(client: PrestashopClient) -> dict[str, str]:
    asked = {"filter[name]": any_of(list(SETTINGS)), "display": "[id,name,value]", "sort": "[id_ASC]"}
    found = {field(one, "name"): field(one, "value") for one in reversed(client.rows("configurations", asked))}
    return {name: found.get(name) or default for name, default in SETTINGS.items()}


def _currency(client: PrestashopClient, id: str) -> str:
    for one in client.rows("currencies", {"display": "[id,iso_code]"}):
        if field(one, "id") == id:
            return field(one, "iso_code")
    raise AnswerIncomplete(system=SYSTEM, what=f"its currency {id}")


def _tax_rules(client: PrestashopClient, *, country: str) -> tuple[TaxRule, ...]:
    return mapping.tax_rules(
        client.rows("tax_rule_groups", {"display": "full", "sort": "[id_ASC]"}),
        rules=client.rows("tax_rules", {"display": "full", "filter[id_country]": country}),
        taxes=client.rows("taxes", {"display": "[id,rate]"}),
        country=country,
    )


def _facts(
    settings: Mapping[str, str], allowed: Mapping[str, frozenset[str]], unfed: list[Language], known: list[Language]
) -> dict[str, str]:
    return {
        "timezone": settings["PS_TIMEZONE"],
        "released": f"{settings['PS_OS_CANCELED']},{settings['PS_OS_ERROR']}",
        "patch": ",".join(
            name for name in (*PATCHED, *PATCHED_ORDERS, *PATCHED_VARIANTS) if "PATCH" in allowed.get(name, ())
        ),
        "unfed": ", ".join(one.codes[0] for one in unfed if one.active),
        "inactive": ",".join(one.id for one in known if not one.active),
        "stock_management": settings["PS_STOCK_MANAGEMENT"],
        "tax": settings["PS_TAX"],
    }
