"""Rows of the memory ERP → our structs. Pure and total: what is not understood is an error, never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from hashlib import blake2b

import msgspec

from passerelle.connectors.memory_erp.wire import (
    Article,
    ArticleRows,
    CategoryRow,
    DocumentRow,
    ErpState,
    StockRow,
    StockRows,
    VariantRow,
)
from passerelle.domain.catalogue import Category, Product, Variant
from passerelle.domain.money import HUNDRED, rounded, with_vat
from passerelle.domain.orders import DocumentLine, DocumentTotals, ErpDocument, SalesDocument, SalesLine
from passerelle.domain.pricing import Price, Tax
from passerelle.domain.stock import StockLevel, Warehouse
from passerelle.errors import (
    FieldUnknown,
    FilterInvalid,
    PriceCategoryUnknown,
    RecordUnreadable,
    WarehouseMissing,
    WarehouseUnknown,
)
from passerelle.ports.erp import ProductQuery

CONDITION = re.compile(r"\s*(\w+)\s*(=|<>)\s*'([^']*)'\s*")
MAX_LEVELS = 6
COLUMNS = ("sku", "label", "gtin")

_encoder = msgspec.msgpack.Encoder(order="deterministic")


def condition(filter: str, *, fields: Iterable[str]) -> Callable[[Article], bool]:
    """The test that a filter means: one comparison, `FIELD = 'value'` or `FIELD <> 'value'`. Raises FilterInvalid."""
    if not filter.strip():
        return lambda article: True
    match = CONDITION.fullmatch(filter)
    if match is None:
        raise FilterInvalid(why="it is not one comparison such as family <> 'SERVICE'", detail=filter)
    name, operator, value = match.groups()
    if name not in (*fields, *COLUMNS):
        raise FilterInvalid(why=f"the article has no column {name}")
    return lambda article: (value_of(article, name) == value) == (operator == "=")


def value_of(article: Article, name: str) -> str:
    """A field of an article as text."""
    return str(getattr(article, name)) if name in COLUMNS else article.fields.get(name, "")


def in_scope(article: Article, *, published_only: bool, only: str | None) -> bool:
    """Whether an article is read at all, whatever the filter says."""
    published = article.published or not published_only
    return published and not article.dormant and (only is None or article.sku == only)


def check_fields(wanted: Iterable[str], *, fields: Iterable[str]) -> None:
    """Raises FieldUnknown for the first field the ERP does not have."""
    known = (*fields, *COLUMNS)
    for name in sorted(wanted):
        if name not in known:
            raise FieldUnknown(key="articles", field=name, nearest=", ".join(sorted(known)[:3]))


def price_category(base_price: str, *, categories: list[str]) -> str:
    """The price category meant by name or number, "" for the article's own price. Raises PriceCategoryUnknown."""
    if base_price == "article":
        return ""
    if base_price in categories:
        return base_price
    if base_price.isdigit() and 1 <= int(base_price) <= len(categories):
        return categories[int(base_price) - 1]
    raise PriceCategoryUnknown(name=base_price, existing=", ".join(categories))


def variant_category(query: ProductQuery, *, categories: list[str]) -> str:
    """The price category of variants: the one named, else the base price's, else the first. Raises as above."""
    found = price_category(query.variant_prices or query.base_price, categories=categories)
    return found or categories[0] if categories else found


def resolve_warehouses(wanted: Iterable[str], *, warehouses: list[Warehouse]) -> list[Warehouse]:
    """The warehouses meant by name or id, each once. Raises WarehouseMissing, WarehouseUnknown."""
    found: dict[str, Warehouse] = {}
    for name in wanted:
        match = next((one for one in warehouses if name in (one.name, one.id)), None)
        if match is None:
            raise WarehouseUnknown(name=name, existing=", ".join(one.name for one in warehouses))
        found[match.id] = match
    if not found:
        raise WarehouseMissing()
    return list(found.values())


def raw(rows: ArticleRows | StockRows) -> bytes:
    """Raw rows as they are now, whatever becomes of them in the ERP."""
    return _encoder.encode(rows)


def digest(rows: bytes) -> bytes:
    """16 bytes that tell raw rows apart."""
    return blake2b(rows, digest_size=16).digest()


def rows_of(article: Article, *, state: ErpState) -> ArticleRows:
    """Every raw row that an article is made of."""
    taxes = {code: state.taxes[code] for code in article.taxes.values() if code in state.taxes}
    return ArticleRows(article=article, taxes=taxes, path=path_of(article, state.categories))


def stock_rows_of(article: Article, *, state: ErpState, warehouses: Iterable[str]) -> StockRows:
    """Every raw row that the stock of an article is made of, in these warehouses."""
    return StockRows(
        id=article.id,
        sku=article.sku,
        followed=article.followed,
        has_variants=ranged(article),
        rows=_shelved(article.id, state=state, warehouses=warehouses),
    )


def variant_stock_rows(
    article: Article, variant: VariantRow, *, state: ErpState, warehouses: Iterable[str]
) -> StockRows:
    """Every raw row that the stock of a variant is made of, in these warehouses."""
    return StockRows(
        id=variant.id,
        sku=variant_sku(article, variant),
        followed=article.followed,
        has_variants=False,
        rows=_shelved(variant.id, state=state, warehouses=warehouses),
    )


def _shelved(id: int, *, state: ErpState, warehouses: Iterable[str]) -> list[StockRow]:
    shelves = [state.stock.get(warehouse, {}) for warehouse in warehouses]
    return [shelf[id] for shelf in shelves if id in shelf]


def ranged(article: Article) -> bool:
    """Whether an article is sold as variants."""
    return article.has_variants or bool(article.variants)


def variant_sku(article: Article, variant: VariantRow) -> str:
    """What a variant is called: its own reference, else the article's with its values, or its number for one gone."""
    return variant.sku or "-".join((article.sku, *(value or str(variant.id) for value in variant.values)))


def awake(article: Article) -> list[VariantRow]:
    """The variants that are sold."""
    return [variant for variant in article.variants if not variant.asleep]


def path_of(article: Article, categories: Mapping[str, CategoryRow]) -> list[CategoryRow]:
    """The nodes above an article, root first; a loop in the tree ends it."""
    path: list[CategoryRow] = []
    row = categories.get(article.category)
    while row is not None and row not in path:
        path.insert(0, row)
        row = categories.get(row.parent)
    return path


def product_of(rows: bytes, *, query: ProductQuery, price_category: str, variant_prices: str) -> Product:
    """An article as the port gives it; the price categories are "" for its own prices. Raises RecordUnreadable."""
    known = msgspec.msgpack.decode(rows, type=ArticleRows)
    article, path = known.article, known.path if query.categories else []
    return Product(
        sku=article.sku,
        erp_id=str(article.id),
        label=article.label,
        fields={name: value_of(article, name) for name in query.fields},
        gtin=article.gtin,
        weight=article.weight,
        categories=tuple(Category(row.key, row.names, row.parent or None) for row in path[:MAX_LEVELS]),
        tax=_tax(known, category=query.vat_category),
        price=_price(article, chosen=price_category, tax_included=query.tax_included) if query.prices else None,
        followed=article.followed,
        has_variants=ranged(article),
        variants=tuple(
            _variant(article, one, query=query, chosen=variant_prices) for one in awake(article) if query.variants
        ),
    )


def _variant(article: Article, row: VariantRow, *, query: ProductQuery, chosen: str) -> Variant:
    own = None if row.price is None else (row.price, article.tax_included)
    found = row.category_prices.get(chosen, own) if query.prices else None
    included = query.tax_included
    return Variant(
        sku=variant_sku(article, row),
        erp_id=str(row.id),
        options=tuple(zip(article.options, row.values, strict=True)),
        gtin=row.gtin,
        price=None if found is None else Price(found[0], found[1] if included is None else included),
        weight=row.weight,
    )


def _tax(rows: ArticleRows, *, category: int) -> Tax | None:
    code = rows.article.taxes.get(str(category), "")
    if not code:
        return None
    if code not in rows.taxes:
        raise RecordUnreadable(key=rows.article.sku, why=f"the ERP has no tax {code}")
    return Tax(code, rows.taxes[code])


def _price(article: Article, *, chosen: str, tax_included: bool | None) -> Price:
    amount, included = article.category_prices.get(chosen, (article.price, article.tax_included))
    return Price(amount, included if tax_included is None else tax_included)


def level_of(rows: bytes) -> StockLevel:
    """The counters of an article summed over its warehouses; none is 0."""
    known = msgspec.msgpack.decode(rows, type=StockRows)

    def total(counter: str) -> Decimal:
        return sum((getattr(row, counter) for row in known.rows), Decimal(0))

    return StockLevel(
        sku=known.sku,
        erp_id=str(known.id),
        followed=known.followed,
        has_variants=known.has_variants,
        on_hand=total("on_hand"),
        reserved=total("reserved"),
        prepared=total("prepared"),
        blocked=total("blocked"),
        incoming=total("incoming"),
    )


def document_of(row: DocumentRow) -> ErpDocument:
    """A document as the port gives it."""
    lines = tuple(DocumentLine(line.sku, line.quantity) for line in row.document.lines)
    return ErpDocument(
        order_key=row.document.order_key,
        kind=row.kind,
        number=row.number,
        lines=lines,
        state=row.state,
        total=row.total,
        parcels=tuple(row.parcels),
        origins=tuple(row.origins),
    )


def totals(document: SalesDocument, *, taxes: Mapping[str, Decimal]) -> DocumentTotals:
    """The ERP's arithmetic: each line to the cent, VAT once per rate at the foot. Raises RecordUnreadable."""
    excl: dict[str, Decimal] = {}
    incl: dict[str, Decimal] = {}
    for line in document.lines:
        if line.tax_code not in taxes:
            raise RecordUnreadable(key=document.order_key, why=f"the ERP has no tax {line.tax_code}")
        side = incl if line.tax_included else excl
        side[line.tax_code] = side.get(line.tax_code, Decimal(0)) + line_amount(line)
    by_tax = {code: _foot(excl.get(code), incl.get(code), rate=taxes[code]) for code in sorted({*excl, *incl})}
    return DocumentTotals(sum((base + vat for base, vat in by_tax.values()), Decimal(0)), by_tax)


def line_amount(line: SalesLine) -> Decimal:
    """Quantity × price less discount, to the cent."""
    return rounded(line.quantity * line.unit_price * (1 - line.discount / HUNDRED), places=2)


def _foot(excl: Decimal | None, incl: Decimal | None, *, rate: Decimal) -> tuple[Decimal, Decimal]:
    base, vat = excl or Decimal(0), Decimal(0)
    vat += rounded(with_vat(base, rate=rate) - base, places=2)
    if incl is not None:
        inner = rounded(incl / (1 + rate / HUNDRED), places=2)
        base, vat = base + inner, vat + incl - inner
    return base, vat
