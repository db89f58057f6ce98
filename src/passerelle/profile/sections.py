"""Every option that is built. An option not built does not exist here, so a profile that names it is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from string import Formatter
from typing import Any, Literal

from passerelle.domain.stock import StockType
from passerelle.domain.texts import N_
from passerelle.profile.option import option
from passerelle.profile.ownership import OwnershipOptions

TextSource = str | dict[str, str]
ShopId = int | str  # what a shop calls a thing of its own: a number, or a word such as "processing"


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


_SHOP_ID = N_("a number, or a text between quotes")


def _not_negative(value: int) -> str | None:
    return None if value >= 0 else N_("0 or more")


_EXPRESSION = N_(
    'the name of an ERP field, or an expression such as "{AR_Design} {AR_Stat01}", each field in its own braces'
)


def _expressions(value: TextSource) -> str | None:
    """What is wrong with sources, empty ones allowed: braces that do not match or that hold more than a name."""
    return None if all(map(_is_source, [value] if isinstance(value, str) else value.values())) else _EXPRESSION


def _is_source(source: str) -> bool:
    if "{" not in source:
        return True  # a field's own name, whatever it is made of
    try:
        parts = [part[1:] for part in Formatter().parse(source) if part[1] is not None]
    except ValueError:
        return False
    return all(name and name.strip() and not spec and conversion is None for name, spec, conversion in parts)


def _source_given(value: TextSource) -> str | None:
    sources = [value] if isinstance(value, str) else list(value.values())
    filled = sources and all(source.strip() for source in sources)
    return _expressions(value) if filled else N_("the name of an ERP field, an expression, or one per language")


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
        check=_source_given,
        example="AR_Design",
    )
    summary: TextSource = option(
        "", label=N_("Summary"), help=N_("The short description."), check=_expressions, example="Accroche"
    )
    description: TextSource = option(
        "",
        label=N_("Description"),
        help=N_("The long description; HTML is cleaned."),
        check=_expressions,
        example={"fr": "Texte web"},
    )
    meta_title: TextSource = option("", label=N_("Meta title"), check=_expressions)
    meta_description: TextSource = option("", label=N_("Meta description"), check=_expressions)
    send_empty: bool = option(
        False, label=N_("Send empty texts"), help=N_("Off: an empty ERP text never blanks a text of the shop.")
    )


@dataclass(frozen=True, kw_only=True)
class TaxOptions:
    """VAT."""

    rules: dict[str, ShopId] = option(
        {},
        label=N_("Tax rules"),
        help=N_("VAT rate or ERP tax code = the number or name of the shop's tax rule."),
        allowed=N_('a table such as { "20" = 1, "5.5" = "reduced-rate" }, with the quotes on the left'),
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
    send_empty: bool = option(
        False,
        label=N_("Send empty brands"),
        help=N_("On: a brand that the ERP no longer gives is taken off the product, if Passerelle had put it there."),
    )


def _levels(value: tuple[str, ...]) -> str | None:
    filled = len(value) <= 6 and all(source.strip() and _is_source(source) for source in value)
    return None if filled else N_("a list of 1 to 6 ERP fields or expressions")


@dataclass(frozen=True, kw_only=True)
class CategoryOptions:
    """Categories."""

    create: bool = option(
        True,
        label=N_("Create the ERP's tree"),
        help=N_("Off: the shop owns its tree and new products land in the default category."),
    )
    levels: tuple[str, ...] = option(
        (),
        label=N_("Levels"),
        help=N_("ERP fields or expressions, one a level, root first; none: the ERP's own tree."),
        allowed=N_("a list of 1 to 6 ERP fields or expressions"),
        check=_levels,
        example=("FA_CodeFamille", "AR_Stat01"),
    )
    default: ShopId | None = option(
        None,
        label=N_("Default category"),
        allowed=_SHOP_ID,
        help=N_("The number of the shop's category for products without one; left out: its home category."),
        example=2,
    )
    extra: str = option(
        "",
        label=N_("Extra categories"),
        help=N_(
            "The ERP field or expression that holds further categories of the shop, by name or number, separated "
            'by |; "Parent > Child" where a name alone is not enough.'
        ),
        check=_expressions,
        example="CATEGORIES_WEB",
    )


def _unfit(value: dict[str, Any]) -> list[str]:
    """The names that cannot be used, or whose source cannot."""
    return [
        name
        for name, source in value.items()
        if not name.strip() or "=" in name or not str(source).strip() or not _is_source(str(source))
    ]


def _feature_sources(value: dict[str, Any]) -> str | None:
    wrong = _unfit(value)
    return N_("a feature's name without = on the left, an ERP field or an expression on the right") if wrong else None


@dataclass(frozen=True, kw_only=True)
class CustomFieldOptions:
    """ERP fields that become features of the product: the ERP's free fields, statistics, or any other."""

    features: dict[str, str] = option(
        label=N_("Features"),
        help=N_("The shop's feature, created when missing = the ERP field or expression that feeds it."),
        allowed=N_("a feature's name without = on the left, an ERP field or an expression on the right"),
        check=_feature_sources,
        example={"Matière": "MATIERE", "Collection": "{AR_Stat01} {AR_Stat02}"},
    )
    separator: str = option(
        "|", label=N_("Separator"), help=N_("What stands between several values of a field; empty: one value only.")
    )


def _options(value: dict[str, Any]) -> str | None:
    wrong = _unfit(value)
    return N_("an option's name without = on the left, an ERP field or an expression on the right") if wrong else None


@dataclass(frozen=True, kw_only=True)
class VariantOptions:
    """Variants: from the ERP's ranges, or from simple articles put together as one product."""

    delete_missing: bool = option(
        False,
        label=N_("Delete missing variants"),
        help=N_("Off: a variant that the ERP no longer sells stays in the shop with a stock of 0."),
    )
    group_by: str = option(
        "",
        label=N_("Group by"),
        help=N_(
            "The ERP field whose value simple articles share to become variants of one product; empty: no grouping. "
            "The article whose reference is that value gives the product its sheet, else the lowest reference."
        ),
        example="MODELE",
    )
    options: dict[str, str] = option(
        {},
        label=N_("Options"),
        help=N_("What grouped articles differ by = the ERP field or expression that says it."),
        allowed=N_("an option's name without = on the left, an ERP field or an expression on the right"),
        check=_options,
        example={"Taille": "TAILLE", "Couleur": "COULEUR"},
    )


@dataclass(frozen=True, kw_only=True)
class PriceOptions:
    """Prices."""

    base_price: str = option(
        "article", label=N_("Base price"), help=N_('"article", or the name or number of a price category of the ERP.')
    )
    variant_prices: str = option(
        "",
        label=N_("Price category of variants"),
        help=N_(
            "The price category whose prices variants take, by name or number; empty: that of the base price, else 1."
        ),
        example="2",
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
        help=N_("A condition on the article's own columns; an article that it leaves out counts as gone."),
        example="FA_CodeFamille <> 'SERVICE'",
    )
    gone: Literal["hide", "zero_stock", "delete", "archive", "leave"] = option(
        "hide",
        label=N_("Articles that are gone"),
        help=N_(
            "What becomes of the product of an article that left the scope. zero_stock: it stays visible, sold out. "
            "delete: for good; a product that the shop had before Passerelle is hidden instead. "
            "archive: where the shop can."
        ),
        allowed="hide, zero_stock, delete, archive, leave",
        needs=("articles.export",),
    )
    ownership: OwnershipOptions | None = option(
        None,
        label=N_("Who decides"),
        help=N_(
            "erp: the ERP; erp_once: the ERP when it creates the product, a person afterwards; "
            "shop: Passerelle never writes that field."
        ),
        needs=("articles.export | articles.prices",),
    )
    texts: TextOptions | None = option(None, label=N_("Texts"), needs=("articles.export",), implied=True)
    tax: TaxOptions | None = option(None, label=N_("VAT"), needs=("articles.export | articles.prices",), implied=True)
    brand: BrandOptions | None = option(None, label=N_("Brand"), needs=("articles.export",), implied=True)
    categories: CategoryOptions | None = option(None, label=N_("Categories"), needs=("articles.export",), implied=True)
    custom_fields: CustomFieldOptions | None = option(None, label=N_("Custom fields"), needs=("articles.export",))
    variants: VariantOptions | None = option(None, label=N_("Variants"), needs=("articles.export | articles.prices",))
    prices: PriceOptions | None = option(None, label=N_("Prices"))
    stocks: StockOptions | None = option(None, label=N_("Stocks"))


def _filled(value: dict[str, Any]) -> str | None:
    sides = [(key, item.strip() if isinstance(item, str) else "-") for key, item in value.items()]
    return None if all(key.strip() and item for key, item in sides) else N_("something on both sides")


def _table_rows(value: dict[str, Any]) -> str | None:
    wrong = [key for key in value if not re.fullmatch(_ROW, key)]
    return (
        N_("order, picking, delivery or invoice, alone or followed by .entered, .confirmed, .ready") if wrong else None
    )


_ROW = r"(quotation|order|picking|delivery|invoice)(\.(entered|confirmed|ready))?"
_ZONE = r"(france|eu|world)(\.vat)?(\.exempt)?"


def _zones(value: dict[str, str]) -> str | None:
    wrong = [key for key in value if not re.fullmatch(_ZONE, key)]
    return N_("france, eu or world, followed by .vat and .exempt where they apply") if wrong else None


@dataclass(frozen=True, kw_only=True)
class CustomerImportOptions:
    """How the buyers of imported orders become customers of the ERP."""

    prefix: str = option(
        "",
        label=N_("Prefix of new codes"),
        help=N_("New codes are this prefix, the profile's key and the shop's customer number."),
        example="WEB",
    )
    code_length: int = option(
        0,
        label=N_("Length of new codes"),
        help=N_("The number is filled with zeros up to this length; 0: not filled."),
        check=lambda value: None if 0 <= value <= 17 else N_("a number from 0 to 17"),
        allowed=N_("a number from 0 to 17"),
        example=10,
    )
    single_account: str = option(
        "",
        label=N_("One account for all orders"),
        help=N_("The code of the ERP customer that carries every order; empty: one customer per buyer."),
        example="WEB",
    )
    price_category: str = option("", label=N_("Price category of new customers"), example="1")
    account: str = option("", label=N_("Ledger account of new customers"), example="411000")


@dataclass(frozen=True, kw_only=True)
class CustomerOptions:
    """Customers."""

    import_: CustomerImportOptions | None = option(
        None, label=N_("Import of customers"), needs=("orders.import",), implied=True
    )


@dataclass(frozen=True, kw_only=True)
class OrderImportOptions:
    """Which shop orders become documents of the ERP, and how."""

    statuses: tuple[ShopId, ...] = option(
        label=N_("Statuses"),
        help=N_("Orders that have, or had, one of these statuses are imported."),
        allowed=N_('a list of statuses of the shop, such as [2] or ["processing"]'),
        check=lambda value: None if value else N_("at least one status"),
        example=(2,),
    )
    since: date | None = option(
        None,
        label=N_("Orders since"),
        help=N_("Orders created before are never imported. Left out: since the profile was created."),
        example=date(2026, 1, 1),
    )
    document: Literal["order"] = option("order", label=N_("Document"), allowed="order")
    dated: Literal["order", "today"] = option(
        "order", label=N_("Date of the document"), allowed=N_("order (the date of the order), today")
    )
    series: str = option("", label=N_("Numbering series"), example="WEB")
    warehouse: str = option("", label=N_("Warehouse of the document"), example="Dépôt principal")
    reference: str = option(
        "{shop_order}",
        label=N_("Reference of the document"),
        help=N_(
            "{shop_order} is the shop's reference, {shop_id} its number, {customer} the buyer, {payment} the payment."
        ),
    )
    status_after_import: ShopId | None = option(
        None,
        label=N_("Status after import"),
        allowed=_SHOP_ID,
        help=N_("Set in the shop once the document exists in the ERP."),
        example=3,
    )
    taxes: dict[str, str] = option(
        {},
        label=N_("VAT codes"),
        help=N_("VAT rate of the shop = the ERP's VAT code."),
        allowed=N_('a table such as { "20" = "C20" }, with the quotes on both sides'),
        check=_filled,
        example={"20": "C20"},
    )
    tax_categories: dict[str, str] = option(
        {"france": "1"},
        label=N_("Accounting categories"),
        help=N_("france, eu or world, .vat for a buyer with a VAT number, .exempt for an order charged without VAT."),
        allowed=N_('a table such as { "france" = "1", "eu.vat.exempt" = "2", "world.exempt" = "3" }'),
        check=_zones,
        example={"france": "1", "eu.vat.exempt": "2"},
    )
    payment_methods: dict[str, str] = option(
        {},
        label=N_("Payment methods"),
        help=N_("Payment module of the shop = payment method of the ERP."),
        check=_filled,
        example={"ps_wirepayment": "Virement"},
    )
    carriers: dict[str, str] = option(
        {},
        label=N_("Carriers"),
        help=N_("Number of the shop's carrier = carrier of the ERP."),
        check=_filled,
        example={"2": "Transporteur"},
    )
    shipping_articles: dict[str, str] = option(
        {},
        label=N_("Shipping articles"),
        help=N_('Number of the shop\'s carrier = the article that stands for its cost; "*" for all others.'),
        check=_filled,
        example={"*": "PORT"},
    )
    wrapping_article: str = option("", label=N_("Gift wrapping article"), example="EMBALLAGE")
    rounding_article: str = option("", label=N_("Rounding article"), example="ARRONDI")
    rounding_tax: str = option("", label=N_("VAT code of the rounding line"), help=N_("A code at 0 %."), example="C00")
    rounding_tolerance: Decimal = option(
        Decimal("0.05"),
        label=N_("Rounding tolerance"),
        help=N_("How far base and VAT may differ for each rate before an order is put aside."),
        check=lambda value: None if 0 <= value <= 1 else N_("an amount from 0 to 1"),
    )
    countries: dict[str, str] = option(
        {"FR": "France"},
        label=N_("Countries"),
        help=N_("Country code of the shop = the ERP's country."),
        check=_filled,
        example={"FR": "France", "BE": "Belgique"},
    )


@dataclass(frozen=True, kw_only=True)
class StatusOptions:
    """Statuses and tracking numbers that go back to the shop."""

    table: dict[str, ShopId] = option(
        label=N_("Table of statuses"),
        help=N_("Stage of the ERP's document = number or name of the shop's status; later stages win."),
        allowed=N_('a table such as { order = 3, delivery = 4, "invoice.ready" = 5 }'),
        check=_table_rows,
        example={"delivery": 4},
    )
    with_tracking: ShopId | None = option(
        None,
        label=N_("Status with a tracking number"),
        allowed=_SHOP_ID,
        help=N_("Set instead of the row's once a tracking number exists."),
        example=4,
    )
    notify: bool = option(False, label=N_("The shop tells the buyer"))
    backwards: bool = option(False, label=N_("Allow going backwards"))


@dataclass(frozen=True, kw_only=True)
class OrderOptions:
    """Orders."""

    import_: OrderImportOptions | None = option(None, label=N_("Import of orders"))
    status_updates: StatusOptions | None = option(None, label=N_("Status updates"), needs=("orders.import",))


@dataclass(frozen=True, kw_only=True)
class GuardOptions:
    """When a run waits for approval."""

    gone_percent: Decimal = option(Decimal(10), label=N_("Gone articles, percent"), check=_percent)
    to_zero_percent: Decimal = option(Decimal(30), label=N_("Stocks set to zero, percent"), check=_percent)
    price_move_percent: Decimal = option(
        Decimal(50), label=N_("Largest move of one price, percent"), check=lambda v: None if v >= 0 else N_("0 or more")
    )
    first_orders: int = option(
        50,
        label=N_("Orders of a first import"),
        help=N_("A first run that would import more orders waits for approval."),
        check=_not_negative,
    )
    prices_moved_percent: Decimal = option(Decimal(30), label=N_("Prices that move, percent"), check=_percent)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One ERP company, one shop, and what goes between them. `erp` and `shop` are the connectors' own options."""

    profile: Identity
    erp: Any
    shop: Any
    articles: ArticleOptions = field(default_factory=ArticleOptions)
    customers: CustomerOptions = field(default_factory=CustomerOptions)
    orders: OrderOptions = field(default_factory=OrderOptions)
    guards: GuardOptions = field(default_factory=GuardOptions)
