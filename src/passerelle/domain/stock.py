"""Stock counters, the quantities a shop may show, and which ERP documents move which counter."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec


class Warehouse(msgspec.Struct, frozen=True):
    """A warehouse of the ERP."""

    id: str
    name: str


class StockType(StrEnum):
    """Which quantity the shop shows."""

    REAL = "real"
    AVAILABLE = "available"
    FORECAST = "forecast"
    REAL_MINUS_ORDERS = "real_minus_orders"
    FORECAST_MINUS_PURCHASES = "forecast_minus_purchases"


class StockLevel(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The counters of one article or variant, summed over the warehouses that count. Units: the article's sale unit.

    `variant_of` is the reference of the article that a variant belongs to, "" for an article. `has_variants`: an
    article whose variants have counters of their own, which were not asked for.
    """

    sku: str
    erp_id: str = ""
    followed: bool = True
    has_variants: bool = False
    variant_of: str = ""
    on_hand: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    prepared: Decimal = Decimal(0)
    blocked: Decimal = Decimal(0)  # on hand but not sellable: quality control
    incoming: Decimal = Decimal(0)


class Counter(StrEnum):
    """The counter that an ERP document moves."""

    RESERVED = "reserved"
    PREPARED = "prepared"
    ON_HAND = "on_hand"


class DocumentKind(StrEnum):
    """Sales documents, as far as stock is concerned."""

    QUOTATION = "quotation"
    ORDER = "order"
    PICKING = "picking"
    DELIVERY = "delivery"
    INVOICE = "invoice"
    RETURN = "return"
    CREDIT_NOTE = "credit_note"


MOVES: dict[DocumentKind, Counter | None] = {
    DocumentKind.QUOTATION: None,
    DocumentKind.ORDER: Counter.RESERVED,
    DocumentKind.PICKING: Counter.PREPARED,
    DocumentKind.DELIVERY: Counter.ON_HAND,
    DocumentKind.INVOICE: Counter.ON_HAND,
    DocumentKind.RETURN: None,
    DocumentKind.CREDIT_NOTE: None,
}

READS: dict[StockType, frozenset[Counter]] = {
    StockType.REAL: frozenset({Counter.ON_HAND}),
    StockType.AVAILABLE: frozenset({Counter.ON_HAND, Counter.PREPARED}),
    StockType.FORECAST: frozenset(Counter),
    StockType.REAL_MINUS_ORDERS: frozenset(Counter),
    StockType.FORECAST_MINUS_PURCHASES: frozenset(Counter),
}


def quantity(level: StockLevel, *, stock_type: StockType) -> Decimal:
    """The quantity of a stock type, before netting, safety stock and rounding. May be negative."""
    match stock_type:
        case StockType.REAL:
            return level.on_hand
        case StockType.AVAILABLE:
            return level.on_hand - level.prepared - level.blocked
        case StockType.FORECAST:
            return level.on_hand + level.incoming - level.reserved - level.prepared
        case StockType.REAL_MINUS_ORDERS:
            return level.on_hand - level.reserved - level.prepared - level.blocked
        case StockType.FORECAST_MINUS_PURCHASES:
            return level.on_hand - level.reserved - level.prepared
