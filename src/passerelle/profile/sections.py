"""Every option that is built. An option not built does not exist here, so a profile that names it is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from passerelle.domain.stock import StockType
from passerelle.domain.texts import N_
from passerelle.profile.option import option

TextSource = str | dict[str, str]


def _key(value: str) -> str | None:
    return None if re.fullmatch(r"[A-Z0-9]{2,4}", value) else N_("2 to 4 letters A to Z or digits")


def _name(value: str) -> str | None:
    return None if re.fullmatch(r"[\w.-]{1,60}", value) else N_("1 to 60 letters, digits, dots or dashes")


def _percent(value: Decimal) -> str | None:
    return None if 0 <= value <= 100 else N_("a percentage from 0 to 100")


def _rates(value: dict[str, Any]) -> str | None:
    return (
        None if all(key.strip() for key in value) else N_("a VAT rate or tax code on the left, a tax rule on the right")
    )


def _not_negative(value: int) -> str | None:
    return None if value >= 0 else N_("0 or more")


def _source_given(value: TextSource) -> str | None:
    sources = [value] if isinstance(value, str) else list(value.values())
    filled = sources and all(source.strip() for source in sources)
    return None if filled else N_("the name of an ERP field, an expression, or one per language")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The profile itself."""

    name: str = option(
        label=N_("Name"), allowed=N_("1 to 60 letters, digits, dots or dashes"), check=_name, example="maison-durand"
    )
    key: str = option(
        label=N_("Key"),
        help=N_("Written in order keys and customer codes; it never changes."),
        allowed=N_("2 to 4 letters A to Z or digits"),
        check=_key,
        example="MD",
    )
    languages: dict[str, str] = option(
        {"fr": "fr"},
        label=N_("Languages"),
        help=N_("Our language code on the left, the shop's on the right; the first one is the main one."),
        allowed=N_('a table such as { fr = "fr", en = "en" }'),
        check=lambda value: None if value else N_("at least one language"),
    )


@dataclass(frozen=True, kw_only=True)
class TextOptions:
    """Which ERP field feeds which text: a field, an expression like "{AR_Design} {AR_Stat01}", or one per language."""

    name: TextSource = option(
        label=N_("Name"),
        help=N_("The ERP field that gives the product its name."),
        allowed=N_("the name of an ERP field, an expression, or one per language"),
        check=_source_given,
        example="AR_Design",
    )
    summary: TextSource = option("", label=N_("Summary"), help=N_("The short description."), example="Accroche")
    description: TextSource = option(
        "",
        label=N_("Description"),
        help=N_("The long description; HTML is cleaned."),
        example={"fr": "Texte web"},
    )
    meta_title: TextSource = option("", label=N_("Meta title"))
    meta_description: TextSource = option("", label=N_("Meta description"))
    send_empty: bool = option(
        False, label=N_("Send empty texts"), help=N_("Off: an empty ERP text never blanks a text of the shop.")
    )


@dataclass(frozen=True, kw_only=True)
class TaxOptions:
    """VAT."""

    rules: dict[str, int] = option(
        {},
        label=N_("Tax rules"),
        help=N_("VAT rate or ERP tax code = the number of the shop's tax rule."),
        allowed=N_('a table such as { "20" = 1, "5.5" = 3 }, with the quotes on the left'),
        check=_rates,
        example={"20": 1, "5.5": 3},
    )
    vat_category: int = option(
        1,
        label=N_("Accounting category"),
        help=N_("The ERP's accounting category whose VAT is sent."),
        check=_not_negative,
    )


@dataclass(frozen=True, kw_only=True)
class BrandOptions:
    """Brand."""

    field: str = option(
        "",
        label=N_("Field"),
        help=N_("The ERP field that holds the brand; empty: no brand is sent."),
        example="Marque commerciale",
    )


@dataclass(frozen=True, kw_only=True)
class CategoryOptions:
    """Categories."""

    create: bool = option(
        True,
        label=N_("Create the ERP's tree"),
        help=N_("Off: the shop owns its tree and new products land in the default category."),
    )
    default: int | None = option(
        None,
        label=N_("Default category"),
        help=N_("The number of the shop's category for products without one; left out: its home category."),
        example=2,
    )


@dataclass(frozen=True, kw_only=True)
class PriceOptions:
    """Prices."""

    base_price: str = option(
        "article", label=N_("Base price"), help=N_('"article", or the name or number of a price category of the ERP.')
    )
    tax_included: Literal["auto", "true", "false"] = option(
        "auto",
        label=N_("Prices include VAT"),
        help=N_("Which ERP price is the reference, kept to the cent; auto: as the ERP says."),
        allowed=N_("auto, true, false"),
    )
    precision: int | None = option(
        None,
        label=N_("Decimals"),
        help=N_("Left out: what the shop stores."),
        example=6,
        allowed=N_("a number from 0 to 6"),
        check=lambda value: None if value is None or 0 <= value <= 6 else N_("a number from 0 to 6"),
    )


@dataclass(frozen=True, kw_only=True)
class StockOptions:
    """Stocks."""

    warehouses: tuple[str, ...] = option(
        label=N_("Warehouses"),
        help=N_("Those whose stock counts, by name."),
        example=("Dépôt principal",),
        allowed=N_("a list of warehouse names"),
        check=lambda value: None if value else N_("at least one warehouse"),
    )
    stock_type: StockType = option(StockType.REAL_MINUS_ORDERS, label=N_("Stock type"), allowed=", ".join(StockType))
    untracked_quantity: int | None = option(
        None,
        label=N_("Quantity of untracked articles"),
        help=N_("For articles not followed in stock; left out: they are not sent."),
        example=100,
        check=lambda v: None if v is None else _not_negative(v),
    )
    safety_stock: int = option(
        0, label=N_("Safety stock"), help=N_("Kept back from every article."), check=_not_negative
    )
    max_quantity: int | None = option(
        None, label=N_("Highest quantity shown"), example=50, check=lambda v: None if v is None else _not_negative(v)
    )
    allow_negative: bool = option(False, label=N_("Send negative stock"), help=N_("Off: 0 is sent instead."))
    orders_since: date | None = option(
        None,
        label=N_("Count shop orders since"),
        example=date(2026, 1, 1),
        help=N_("Shop orders that the ERP does not hold yet are kept back. Left out: since the profile was created."),
    )
    older_orders: Literal["ask", "count", "ignore"] = option(
        "ask",
        label=N_("Older open orders"),
        help=N_("What to do with shop orders from before that date: ask holds the first stock run."),
        allowed=N_("ask, count, ignore"),
    )


@dataclass(frozen=True, kw_only=True)
class ArticleOptions:
    """Articles. texts, tax, brand and categories are on with export; prices and stocks need no export."""

    export: bool = option(
        False,
        label=N_("Export articles"),
        help=N_("Switches on texts, VAT, brand and categories."),
        example=True,
    )
    create: bool = option(
        True, label=N_("Create products"), help=N_("Off: only products already in the shop are linked and updated.")
    )
    published_only: bool = option(True, label=N_("Published articles only"))
    filter: str = option(
        "",
        label=N_("Filter"),
        help=N_("A condition on the article's own columns."),
        example="FA_CodeFamille <> 'SERVICE'",
    )
    gone: Literal["hide", "leave"] = option(
        "hide",
        label=N_("Articles that are gone"),
        help=N_("What becomes of the product of an article that left the scope."),
        allowed=N_("hide, leave"),
        needs=("articles.export",),
    )
    texts: TextOptions | None = option(None, label=N_("Texts"), needs=("articles.export",), implied=True)
    tax: TaxOptions | None = option(None, label=N_("VAT"), needs=("articles.export | articles.prices",), implied=True)
    brand: BrandOptions | None = option(None, label=N_("Brand"), needs=("articles.export",), implied=True)
    categories: CategoryOptions | None = option(None, label=N_("Categories"), needs=("articles.export",), implied=True)
    prices: PriceOptions | None = option(None, label=N_("Prices"))
    stocks: StockOptions | None = option(None, label=N_("Stocks"))


@dataclass(frozen=True, kw_only=True)
class GuardOptions:
    """When a run waits for approval."""

    gone_percent: Decimal = option(Decimal(10), label=N_("Gone articles, percent"), check=_percent)
    to_zero_percent: Decimal = option(Decimal(30), label=N_("Stocks set to zero, percent"), check=_percent)
    price_move_percent: Decimal = option(
        Decimal(50), label=N_("Largest move of one price, percent"), check=lambda v: None if v >= 0 else N_("0 or more")
    )
    prices_moved_percent: Decimal = option(Decimal(30), label=N_("Prices that move, percent"), check=_percent)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One ERP company, one shop, and what goes between them. `erp` and `shop` are the connectors' own options."""

    profile: Identity
    erp: Any
    shop: Any
    articles: ArticleOptions = field(default_factory=ArticleOptions)
    guards: GuardOptions = field(default_factory=GuardOptions)
