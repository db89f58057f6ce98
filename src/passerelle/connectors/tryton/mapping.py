"""Tryton's rows as our records. Pure and total: what is not known is an error of its record."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec

from passerelle.connectors.tryton.pricing import TaxUse
from passerelle.connectors.tryton.wire import (
    CategoryRow,
    IdentifierRow,
    LineRow,
    PartyRow,
    ProductRow,
    SaleRow,
    TaxRow,
    TemplateRow,
)
from passerelle.domain.catalogue import Category, Product
from passerelle.domain.money import HUNDRED
from passerelle.domain.orders import DocumentLine, DocumentState, ErpDocument
from passerelle.domain.parties import Customer
from passerelle.domain.pricing import Price, Tax
from passerelle.domain.stock import DocumentKind, StockLevel
from passerelle.errors import RecordUnreadable

DEEPEST: Final = 6  # levels of categories
GOODS: Final = frozenset({"goods", "assets"})
BARCODE_LENGTHS: Final = frozenset({8, 12, 13, 14})
UNFINISHED: Final = "*"  # behind the order key of a sale that is still being entered by us
STATES: Final = {
    "draft": (DocumentKind.QUOTATION, DocumentState.ENTERED),
    "quotation": (DocumentKind.QUOTATION, DocumentState.CONFIRMED),
    "confirmed": (DocumentKind.ORDER, DocumentState.CONFIRMED),
    "processing": (DocumentKind.ORDER, DocumentState.READY),
    "done": (DocumentKind.ORDER, DocumentState.READY),
}
POSTED: Final = frozenset({"awaiting payment", "partially paid", "paid"})
TEXT_TYPES: Final = frozenset(
    {"char", "text", "integer", "float", "numeric", "boolean", "date", "datetime", "selection", "many2one"}
)
NO_TEXTS: Final = frozenset(
    {"id", "create_uid", "create_date", "write_uid", "write_date", "quantity", "forecast_quantity", "cost_value"}
)

_encoder = msgspec.msgpack.Encoder(order="deterministic")


class ArticleRows(msgspec.Struct, frozen=True, kw_only=True):
    """Every row that one article is made of.

    `path` is its category and those above, deepest first; `taxes` those of its accounting category, `unit` the
    kilograms of one unit of its weight. `texts` are the fields that the profile named, as Tryton gave them.
    """

    template: TemplateRow
    products: tuple[ProductRow, ...] = ()
    identifiers: tuple[IdentifierRow, ...] = ()
    path: tuple[CategoryRow, ...] = ()
    taxes: tuple[TaxRow, ...] = ()
    unit: Decimal | None = None
    texts: dict[str, Any] = {}


class StockRows(msgspec.Struct, frozen=True, kw_only=True):
    """Every row that the stock of one article is made of; quantities in its default unit."""

    template: TemplateRow
    products: tuple[ProductRow, ...]
    outgoing: Decimal = Decimal(0)
    incoming: Decimal = Decimal(0)


def digest(rows: ArticleRows | StockRows) -> bytes:
    """16 bytes that change with any of the rows."""
    return blake2b(_encoder.encode(msgspec.to_builtins(rows, builtin_types=(Decimal,))), digest_size=16).digest()


def key_of(template: TemplateRow, products: Sequence[ProductRow]) -> str:
    """What an article is called: the code of its only variant, else its own; `#` and its number where it has none."""
    own = products[0].code if len(products) == 1 else template.code
    return own or f"#{template.id}"


# --- articles ---


def product_of(
    rows: ArticleRows, *, language: str, tax_included: bool | None, labels: Mapping[str, Mapping[str, str]]
) -> Product:
    """An article. `labels` are the names of the values of each selection. Raises RecordUnreadable."""
    template, key = rows.template, key_of(rows.template, rows.products)
    if key == f"#{template.id}":
        raise RecordUnreadable(key=template.name or key, why="it has no code")
    return Product(
        sku=key,
        erp_id=str(template.id),
        label=template.name,
        fields={name: _text(value, labels=labels.get(name, {})) for name, value in rows.texts.items()},
        gtin=_gtin(rows.identifiers),
        weight=None if template.weight is None or rows.unit is None else template.weight * rows.unit,
        categories=_categories(rows.path, key=key, language=language),
        tax=_tax(rows.taxes, key=key),
        price=None if template.list_price is None else Price(template.list_price, bool(tax_included)),
        followed=followed(template),
        has_variants=len(rows.products) > 1,
    )


def followed(template: TemplateRow) -> bool:
    """Whether its stock is kept: services have none, and of consumables Tryton gives out what is not there."""
    return template.type in GOODS and not template.consumable


def _gtin(identifiers: Iterable[IdentifierRow]) -> str:
    """The first EAN, else the first identifier without a type that could be a barcode."""
    for one in identifiers:
        if one.type == "ean":
            return one.code
    untyped = (one.code for one in identifiers if not one.type)
    return next((code for code in untyped if code.isascii() and code.isdigit() and len(code) in BARCODE_LENGTHS), "")


def _categories(path: Sequence[CategoryRow], *, key: str, language: str) -> tuple[Category, ...]:
    if len(path) > DEEPEST:
        raise RecordUnreadable(key=key, why=f"its category is more than {DEEPEST} levels deep")
    return tuple(
        Category(str(one.id), {language: one.name}, None if one.parent is None else str(one.parent))
        for one in reversed(path)
    )


def _tax(taxes: Sequence[TaxRow], *, key: str) -> Tax | None:
    if not taxes:
        return None
    if len(taxes) > 1:
        raise RecordUnreadable(key=key, why="its accounting category has several customer taxes")
    rate = percent(taxes[0])
    if rate is None:
        raise RecordUnreadable(key=key, why=f"its tax {taxes[0].name} is not a percentage")
    return Tax(taxes[0].name, rate)


def _text(value: Any, *, labels: Mapping[str, str]) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else ""
        case Decimal():
            return f"{value.normalize():f}"
        case date() | datetime():
            return value.isoformat()
        case dict():
            return str(value.get("rec_name") or "")
        case _:
            return labels.get(str(value), str(value))


def chain(start: int | None, *, categories: Mapping[int, CategoryRow]) -> tuple[CategoryRow, ...]:
    """A category and those above it, deepest first; a tree that loops ends one level too deep."""
    found: list[CategoryRow] = []
    while start is not None and start in categories and len(found) <= DEEPEST:
        found.append(categories[start])
        start = categories[start].parent
    return tuple(found)


# --- taxes ---


def percent(tax: TaxRow) -> Decimal | None:
    """The rate of a tax in percent, None where it is not that simple."""
    if tax.type != "percentage" or tax.rate is None or tax.childs or tax.update_unit_price:
        return None
    return plain(tax.rate * HUNDRED)


def tax_uses(taxes: Iterable[TaxRow]) -> dict[str, TaxUse]:
    """The taxes that a sale may bear, by name; a name that two of them have is left out."""
    usable = [
        one for one in taxes if one.parent is None and (one.group is None or one.group.kind in ("sale", "both"))
    ]  # fmt: skip
    often = Counter(one.name for one in usable)
    found = {one.name: (one.id, percent(one)) for one in usable if often[one.name] == 1}
    return {name: TaxUse(id, rate) for name, (id, rate) in found.items() if rate is not None}


# --- stock ---


def level_of(rows: StockRows) -> StockLevel:
    """The counters of an article, those of all its variants together."""
    return StockLevel(
        sku=key_of(rows.template, rows.products),
        erp_id=str(rows.template.id),
        followed=followed(rows.template),
        has_variants=len(rows.products) > 1,
        on_hand=sum((one.quantity or Decimal(0) for one in rows.products), Decimal(0)),
        reserved=rows.outgoing,
        incoming=rows.incoming,
    )


# --- documents ---


class _Counted(NamedTuple):
    """A line with what was sold and what of it has left, None where it is nothing that leaves; in the default unit."""

    line: LineRow
    sold: Decimal
    left: Decimal | None


def documents_of(sale: SaleRow, *, lines: Sequence[LineRow], shipped: Mapping[int, Decimal]) -> list[ErpDocument]:
    """A sale as documents: one, or two where a part of its goods has left. `shipped` by line, in the default unit.

    Raises RecordUnreadable for a state that nobody knows.
    """
    if sale.state not in STATES:
        raise RecordUnreadable(key=number_of(sale), why=f"the state {sale.state} is not known")
    kind, state = STATES[sale.state]
    counted = [_counted(line, shipped) for line in lines]
    everything = [(line, sold) for line, sold, _ in counted]
    goods = [one for one in counted if one.left is not None]
    if kind is DocumentKind.QUOTATION or (not goods and sale.invoice_state not in POSTED):
        return [_document(sale, kind, state, everything)]
    if all(one.left == one.sold for one in goods):
        return [_gone_on(sale, everything, posted=sale.invoice_state in POSTED)]
    rest = [(line, sold - (left or 0)) for line, sold, left in counted if left != sold]
    part = [(line, left) for line, _, left in counted if left]
    found = [_document(sale, kind, state, rest)]
    if part:  # the whole total stands on the rest, so that the two together say what the sale says
        found.append(msgspec.structs.replace(_gone_on(sale, part, posted=False), total=Decimal(0)))
    return found


def _gone_on(sale: SaleRow, lines: Iterable[tuple[LineRow, Decimal]], *, posted: bool) -> ErpDocument:
    """What has left the house, or what will never have to and has its invoice."""
    kind = DocumentKind.INVOICE if posted else DocumentKind.DELIVERY
    state = DocumentState.CONFIRMED if posted else DocumentState.READY
    return msgspec.structs.replace(_document(sale, kind, state, lines), origins=(number_of(sale),))


def _document(
    sale: SaleRow, kind: DocumentKind, state: DocumentState, lines: Iterable[tuple[LineRow, Decimal]]
) -> ErpDocument:
    return ErpDocument(
        order_key=order_key_of(sale),
        kind=kind,
        number=number_of(sale),
        lines=tuple(DocumentLine(line.product.code or "", pieces) for line, pieces in lines),
        state=state,
        total=sale.total_amount,
    )


def order_key_of(sale: SaleRow) -> str:
    """The key of the shop's order, finished or not."""
    return (sale.reference or "").removesuffix(UNFINISHED)


def number_of(sale: SaleRow) -> str:
    """The number, which Tryton gives with the quotation; before it, the record's own in brackets, as Tryton does."""
    return sale.number or f"({sale.id})"


def _counted(line: LineRow, shipped: Mapping[int, Decimal]) -> _Counted:
    sold = plain(line.quantity * line.unit.factor / line.product.unit.factor)
    if line.product.type not in GOODS or line.quantity <= 0:
        return _Counted(line, sold, None)
    return _Counted(line, sold, min(plain(shipped.get(line.id, Decimal(0))), sold))


def plain(value: Decimal) -> Decimal:
    """A number with six decimals at most and no zeros behind them."""
    return Decimal(f"{round(value, 6).normalize():f}")


def shipped_lines(moves: Iterable[tuple[str | None, Decimal]]) -> dict[int, Decimal]:
    """The quantity that has left, by the sale line that each move comes of."""
    found: dict[int, Decimal] = defaultdict(Decimal)
    for origin, pieces in moves:
        model, _, number = (origin or "").partition(",")
        if model == "sale.line" and number.isdigit():
            found[int(number)] += pieces
    return found


# --- customers ---


def customer_of(party: PartyRow, *, email: str) -> Customer:
    """A party; Tryton has one name, which is read as the company's."""
    return Customer(code=party.code, email=email or party.email or "", company=party.name or "")
