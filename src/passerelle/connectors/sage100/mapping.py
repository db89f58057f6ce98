"""From rows of Sage 100 to the canonical model. Pure and total: an unknown value is an error, never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from passerelle.connectors.sage100.wire import (
    Account,
    Article,
    CatalogueNode,
    CategoryPrice,
    Country,
    Depot,
    Glossary,
    Header,
    Line,
    Number,
    StockedArticle,
    StockSums,
    TaxRow,
)
from passerelle.domain.catalogue import Category, Product, Variant
from passerelle.domain.orders import DocumentLine, DocumentState, ErpDocument, Parcel
from passerelle.domain.parties import Address, Customer
from passerelle.domain.pricing import Price, Tax
from passerelle.domain.stock import DocumentKind, StockLevel, Warehouse
from passerelle.errors import RecordUnreadable

KILOGRAMS: Final = {0: Decimal(1000), 1: Decimal(100), 2: Decimal(1), 3: Decimal("0.001"), 4: Decimal("0.000001")}
LANGUAGE: Final = "fr"  # the catalogue has one label, in the company's language

_KINDS: Final = {
    0: DocumentKind.QUOTATION,
    1: DocumentKind.ORDER,
    2: DocumentKind.PICKING,
    3: DocumentKind.DELIVERY,
    4: DocumentKind.RETURN,
    5: DocumentKind.CREDIT_NOTE,
}
_INVOICE_KINDS: Final = {
    0: DocumentKind.INVOICE,
    1: DocumentKind.RETURN,
    2: DocumentKind.CREDIT_NOTE,
    3: DocumentKind.INVOICE,
}
_STATES: Final = {0: DocumentState.ENTERED, 1: DocumentState.CONFIRMED, 2: DocumentState.READY}
_BETWEEN_NUMBERS: Final = re.compile(r"[;,/\s]+")


def plain(value: object) -> str:
    """A text without the spaces that a CHAR column is padded with; nothing else of it is altered."""
    return "" if value is None else str(value).rstrip(" ")


def same(code: object) -> str:
    """The form in which SQL Server's collation compares codes: neither case nor trailing spaces count."""
    return plain(code).upper()


def field_text(value: object) -> str:
    """Any column as text: 1.500000 is 1.5, a date without time is 2026-01-31."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value.is_finite() else str(value)
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.time() != value.min.time() else value.date().isoformat()
    return plain(value)


def number(value: Number, *, name: str, key: str) -> Decimal:
    """A quantity or an amount, 0 for NULL. Raises RecordUnreadable for what is no number."""
    if value is None:
        return Decimal(0)
    if not isinstance(value, Decimal) or not value.is_finite():
        raise RecordUnreadable(key=key, why=f"{name} is not a number")
    return value


# --- articles --------------------------------------------------------------------------------------------------------


def product(
    article: Article,
    *,
    fields: dict[str, str],
    categories: tuple[Category, ...],
    tax: Tax | None,
    price: Price | None,
    variants: tuple[Variant, ...] = (),
) -> Product:
    """An article; its fields, categories, tax and price come from the functions below, its variants from `ranges`."""
    return Product(
        sku=plain(article.AR_Ref),
        erp_id=str(article.cbMarq),
        label=plain(article.AR_Design),
        fields=fields,
        gtin=plain(article.AR_CodeBarre).strip(),
        weight=weight(article),
        categories=categories,
        tax=tax,
        price=price,
        followed=bool(article.AR_SuiviStock),
        has_variants=bool(article.AR_Gamme1),
        variants=variants,
    )


def weight(article: Article) -> Decimal | None:
    """Kilograms: the gross weight, which carriers bill, else the net weight; None when both are 0."""
    key = plain(article.AR_Ref)
    gross = number(article.AR_PoidsBrut, name="AR_PoidsBrut", key=key)
    value = gross or number(article.AR_PoidsNet, name="AR_PoidsNet", key=key)
    if not value:
        return None
    if article.AR_UnitePoids not in KILOGRAMS:
        raise RecordUnreadable(key=key, why=f"AR_UnitePoids = {article.AR_UnitePoids} is no known unit of weight")
    return value * KILOGRAMS[article.AR_UnitePoids]


def price(article: Article, *, category: CategoryPrice | None, tax_included: bool | None) -> Price | None:
    """The base price: the tariff category's, else the article's; each falls back on coefficient × purchase price.

    `tax_included` None takes the flag of the row that gives the price. None when nothing is above 0.
    """
    key = plain(article.AR_Ref)
    purchase = number(article.AR_PrixAch, name="AR_PrixAch", key=key)
    found = _price(article.AR_PrixVen, coefficient=article.AR_Coef, purchase=purchase, key=key)
    flag = article.AR_PrixTTC
    if category is not None:
        special = _price(category.AC_PrixVen, coefficient=category.AC_Coef, purchase=purchase, key=key)
        found, flag = (special, category.AC_PrixTTC) if special > 0 else (found, flag)
    if found <= 0:
        return None
    return Price(found, bool(flag) if tax_included is None else tax_included)


def _price(sale: Number, *, coefficient: Number, purchase: Decimal, key: str) -> Decimal:
    amount = number(sale, name="the sale price", key=key)
    return amount if amount > 0 else number(coefficient, name="the coefficient", key=key) * purchase


def rates(rows: Iterable[TaxRow]) -> dict[str, Tax]:
    """Tax by code; one whose rate is no number is left out, and its articles have no VAT."""
    return {
        same(row.TA_Code): Tax(plain(row.TA_Code), row.TA_Taux)
        for row in rows
        if plain(row.TA_Code) and isinstance(row.TA_Taux, Decimal) and row.TA_Taux.is_finite()
    }


Path = tuple[Category, ...]


def path(nodes: Mapping[int, CatalogueNode], *, leaf: int) -> Path | str:
    """The categories from the root down to `leaf`, or why there is no such path. () for leaf 0."""
    found: list[Category] = []
    seen: set[int] = set()
    at = leaf
    while at:
        if at in seen:
            return f"the catalogue entry {at} is its own parent"
        if at not in nodes:
            return f"the catalogue entry {at} does not exist"
        seen.add(at)
        node = nodes[at]
        parent = node.CL_NoParent or 0
        found.append(Category(str(at), {LANGUAGE: plain(node.CL_Intitule)}, str(parent) if parent else None))
        at = parent
    return tuple(reversed(found))


def deepest(numbers: Sequence[int | None]) -> int:
    """The last of CL_No1..4 that is filled, 0 for none."""
    return next((found for found in reversed(numbers) if found), 0)


def in_force(text: Glossary, *, today: date) -> bool:
    """Whether a glossary text is valid today. An unreadable date counts as valid: reading the text then fails."""
    start, end = text.GL_PeriodeDeb, text.GL_PeriodeFin
    started = not isinstance(start, datetime) or start.date() <= today
    return started and (not isinstance(end, datetime) or today <= end.date())


def glossary_text(texts: Iterable[Glossary], *, name: str, key: str) -> str:
    """One language of an article's long texts, in their order, with an empty line between two."""
    parts: list[str] = []
    for text in texts:
        if isinstance(text.GL_PeriodeDeb, str) or isinstance(text.GL_PeriodeFin, str):
            raise RecordUnreadable(key=key, why="the period of one of its glossary texts is not a date")
        parts.append(plain(getattr(text, name)).strip())
    return "\n\n".join(part for part in parts if part)


# --- stock and documents ---------------------------------------------------------------------------------------------


def warehouse(depot: Depot) -> Warehouse:
    """A depot."""
    return Warehouse(str(depot.DE_No), plain(depot.DE_Intitule))


_NO_STOCK: Final = (Decimal(0),) * len(StockSums._fields)


def stock_level(article: StockedArticle, *, sums: StockSums | None) -> StockLevel:
    """An article's counters; without a row they are 0."""
    key = plain(article.AR_Ref)
    counters = zip(StockSums._fields, sums or _NO_STOCK, strict=True)
    on_hand, reserved, prepared, blocked, incoming = [number(value, name=name, key=key) for name, value in counters]
    return StockLevel(
        sku=key,
        erp_id=str(article.cbMarq),
        followed=bool(article.AR_SuiviStock),
        has_variants=bool(article.AR_Gamme1),
        on_hand=on_hand,
        reserved=reserved,
        prepared=prepared,
        blocked=blocked,
        incoming=incoming,
    )


def kind(header: Header) -> DocumentKind | None:
    """What a sales document is; None for an invoice that is not known to move goods, such as that of a deposit.

    The order of such a document stays kept back from the stock: nothing is sold twice.
    """
    if header.DO_Type in (6, 7):
        return _INVOICE_KINDS.get(header.DO_Provenance or 0)
    return _KINDS.get(header.DO_Type)


def document(
    header: Header, *, of_kind: DocumentKind, lines: Sequence[Line], sku: Callable[[Line], str]
) -> ErpDocument:
    """A sales document with its lines; `sku` gives the reference of what one is of."""
    number_ = plain(header.DO_Piece)
    total = number(header.DO_TotalTTC, name="DO_TotalTTC", key=number_)
    return ErpDocument(
        order_key=plain(header.order_key),
        kind=of_kind,
        number=number_,
        lines=tuple(DocumentLine(sku(line), number(line.DL_Qte, name="DL_Qte", key=number_)) for line in lines),
        state=_STATES.get(header.DO_Statut or 0, DocumentState.ENTERED),
        total=total or None,
        parcels=_parcels([header.tracking, *(line.DL_NoColis for line in lines)]),
        origins=origins(lines, number=number_),
    )


def _parcels(written: Iterable[object]) -> tuple[Parcel, ...]:
    """The tracking numbers in fields that may each hold several."""
    numbers = (one for text in written for one in _BETWEEN_NUMBERS.split(plain(text)))
    return tuple(Parcel(one) for one in dict.fromkeys(numbers) if one)


def origins(lines: Iterable[Line], *, number: str) -> tuple[str, ...]:
    """The numbers that lines had at earlier stages, each once."""
    earlier = (
        plain(piece) for line in lines for piece in (line.DL_PieceDE, line.DL_PieceBC, line.DL_PiecePL, line.DL_PieceBL)
    )
    return tuple(one for one in dict.fromkeys(earlier) if one and one != number)


# --- customers -------------------------------------------------------------------------------------------------------


def iso_codes(rows: Iterable[Country]) -> dict[str, str]:
    """The ISO code of each country's label, in the form in which Sage compares texts."""
    return {same(row.PA_Intitule): code for row in rows if (code := plain(row.PA_CodeISO2).strip().upper())}


def labels(rows: Iterable[Country]) -> dict[str, str]:
    """The label of each ISO code, the first one where there are several."""
    found: dict[str, str] = {}
    for row in rows:
        code = plain(row.PA_CodeISO2).strip().upper()
        if code and plain(row.PA_Intitule):
            found.setdefault(code, plain(row.PA_Intitule))
    return found


def customer(account: Account, *, countries: Mapping[str, str]) -> Customer:
    """A customer; `countries` gives ISO codes by label, and a label without one is given as it is."""
    return Customer(
        code=plain(account.CT_Num),
        email=plain(account.CT_EMail).strip(),
        last_name=plain(account.CT_Contact),
        company=plain(account.CT_Intitule),
        vat_number=plain(account.CT_Identifiant),
        phone=plain(account.CT_Telephone),
        price_category=str(account.N_CatTarif or ""),
        tax_category=str(account.N_CatCompta or ""),
        account=plain(account.CG_NumPrinc),
        invoice_address=_address(account, countries=countries),
    )


def _address(account: Account, *, countries: Mapping[str, str]) -> Address | None:
    if not any(map(plain, (account.CT_Adresse, account.CT_Complement, account.CT_CodePostal, account.CT_Ville))):
        return None
    label = plain(account.CT_Pays)
    return Address(
        name=plain(account.CT_Contact) or plain(account.CT_Intitule),
        company=plain(account.CT_Intitule),
        line1=plain(account.CT_Adresse),
        line2=plain(account.CT_Complement),
        postcode=plain(account.CT_CodePostal),
        city=plain(account.CT_Ville),
        region=plain(account.CT_CodeRegion),
        country=countries.get(same(label), label),
        phone=plain(account.CT_Telephone),
    )
