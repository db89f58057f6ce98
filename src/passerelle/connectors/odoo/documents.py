"""Sales orders as documents: what they hold, how far they are, what has left the warehouse.

An order of Odoo stays one record to its end; what becomes of it is told by its deliveries and invoices. So one order
gives a document, or two while a part of it is delivered: what has left, and the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from passerelle.connectors.odoo import wire
from passerelle.connectors.odoo.articles import PRODUCT, VARIANT, Articles
from passerelle.connectors.odoo.client import OdooClient
from passerelle.connectors.odoo.company import Company
from passerelle.connectors.odoo.wire import Row
from passerelle.domain.money import rounded
from passerelle.domain.orders import DocumentLine, DocumentState, ErpDocument, Parcel
from passerelle.domain.stock import DocumentKind

ORDER: Final = "sale.order"
LINE: Final = "sale.order.line"
PAGE: Final = 500
ORDER_FIELDS: Final = (
    "name", "state", "client_order_ref", "origin", "date_order", "amount_total", "amount_tax", "currency_id",
    "invoice_status", "delivery_status",
)  # fmt: skip
LINE_FIELDS: Final = (
    "order_id", "product_id", "product_uom_qty", "qty_delivered", "price_total", "display_type", "is_downpayment",
)  # fmt: skip
QUOTED: Final = ("draft", "sent")
CANCELLED: Final = "cancel"
NOTHING: Final = Decimal(0)
_SEPARATORS: Final = re.compile(r"[\s;,/]+")


class SoldProduct(msgspec.Struct, frozen=True):
    """What a line sells: a reference, and whether it is something that is delivered."""

    sku: str
    goods: bool


class Documents:
    """Reads the orders of one company."""

    def __init__(self, client: OdooClient, company: Company, articles: Articles, *, page: int = PAGE) -> None:
        self._client = client
        self._company = company
        self._articles = articles
        self._page = page
        self._sold: dict[int, SoldProduct] = {}

    def of_profile(self, profile_key: str) -> Iterator[ErpDocument]:
        """Those whose key starts with the profile's."""
        prefix = f"{profile_key}-"
        domain = [*self._there(), ["client_order_ref", "=like", f"{prefix}%"]]
        fields = self._company.there(ORDER, ORDER_FIELDS)
        context = self._company.context()
        for page in self._client.pages(ORDER, domain, fields=fields, context=context, size=self._page):
            kept = [row for row in page if wire.plain(row["client_order_ref"]).startswith(prefix)]
            yield from self._documents(kept)

    def with_key(self, order_key: str) -> list[ErpDocument]:
        """Those that carry this key, the earliest stage first; else the order that a stopped run left half placed."""
        found = self.orders([*self._there(), ["client_order_ref", "=", order_key]])
        if not found:
            half = self.orders([*self._there(), ["client_order_ref", "=", False], ["origin", "=", order_key]])
            found = [{**row, "client_order_ref": order_key} for row in half]
        return self._documents(found)

    def after(self, numbers: Sequence[str]) -> dict[str, list[ErpDocument]]:
        """Every number with what has been delivered or invoiced of that order."""
        wanted = [number for number in numbers if number.strip()]
        found = self._documents(self.orders([*self._there(), ["name", "in", wanted]])) if wanted else []
        return {number: [one for one in found if number in one.origins] for number in numbers}

    def orders(self, domain: Sequence[Any]) -> list[Row]:
        """Orders as Odoo holds them."""
        return self._company.rows(ORDER, domain, fields=ORDER_FIELDS)

    def _there(self) -> list[Any]:
        """What was cancelled is there no more."""
        return [["company_id", "=", self._company.id], ["state", "!=", CANCELLED]]

    def _documents(self, orders: list[Row]) -> list[ErpDocument]:
        if not orders:
            return []
        ids = [row["id"] for row in orders]
        lines = self._grouped(LINE, "order_id", ids, fields=LINE_FIELDS)
        parcels = self._parcels(ids)
        sold = self._products(wire.ref(row["product_id"]) for rows in lines.values() for row in rows)
        return [
            document
            for row in orders
            for document in documents_of(row, lines.get(row["id"], []), sold=sold, parcels=parcels.get(row["id"], ()))
        ]

    def _grouped(
        self, model: str, owner: str, ids: list[int], *, fields: Iterable[str], leaves: Sequence[Any] = ()
    ) -> dict[int, list[Row]]:  # fmt: skip
        found: dict[int, list[Row]] = {}
        for row in self._company.rows(model, [[owner, "in", ids], *leaves], fields=fields):
            found.setdefault(wire.ref(row[owner]) or 0, []).append(row)
        return found

    def _parcels(self, orders: list[int]) -> dict[int, tuple[Parcel, ...]]:
        """The tracking numbers of deliveries that have left, each once."""
        if not self._company.has("stock.picking", "sale_id"):
            return {}
        fields = ("sale_id", "carrier_tracking_ref", "carrier_id", "picking_type_code")
        rows = self._grouped("stock.picking", "sale_id", orders, fields=fields, leaves=[["state", "=", "done"]])
        return {order: _parcels(pickings) for order, pickings in rows.items()}

    # --- what lines sell ---

    def _products(self, ids: Iterable[int | None]) -> Mapping[int, SoldProduct]:
        """Every product with its reference, archived ones too."""
        unknown = sorted({id for id in ids if id is not None} - self._sold.keys())
        if unknown:
            fields = (*VARIANT, "type", "detailed_type")
            rows = self._company.rows(PRODUCT, [["id", "in", unknown]], fields=fields, active_test=False)
            nameless = [wire.ref(row["product_tmpl_id"]) or 0 for row in rows if not wire.plain(row["default_code"])]
            articles = self._articles.of_templates(nameless)
            for row in rows:
                article = articles.get(wire.ref(row["product_tmpl_id"]) or 0)
                made = "" if article is None else article.sku(row) if article.ranged else article.key
                service = "service" in (row.get("type"), row.get("detailed_type"))
                self._sold[row["id"]] = SoldProduct(wire.plain(row["default_code"]) or made, not service)
        return self._sold


def documents_of(
    order: Row, rows: Sequence[Row], *, sold: Mapping[int, SoldProduct], parcels: Sequence[Parcel]
) -> list[ErpDocument]:
    """The documents that an order is: a quotation, an order, and what was delivered of it. The earliest stage first."""
    lines = [row for row in rows if not row.get("display_type") and not row.get("is_downpayment")]
    lines = [row for row in lines if wire.ref(row["product_id"]) in sold]
    whole = [_line(row, sold, wire.number(row["product_uom_qty"])) for row in lines]
    if order["state"] in QUOTED:
        state = DocumentState.CONFIRMED if order["state"] == "sent" else DocumentState.ENTERED
        return [_document(order, DocumentKind.QUOTATION, whole, total=_total(order), state=state)]
    left = [row for row in lines if _goods(row, sold) and wire.number(row.get("qty_delivered"))]
    finished = _finished(order, lines, sold)
    if not left and not finished:
        return [_document(order, DocumentKind.ORDER, whole, total=_total(order), state=DocumentState.CONFIRMED)]
    if finished:
        return [_delivered(order, lines, sold, total=_total(order), parcels=parcels)]
    rest = [_line(row, sold, _missing(row)) for row in lines if _goods(row, sold) and _missing(row) > 0]
    remaining = sum((_share(row) for row in lines if _goods(row, sold)), NOTHING)
    return [
        _document(order, DocumentKind.ORDER, rest, total=remaining, state=DocumentState.CONFIRMED),
        _delivered(order, lines, sold, total=_total(order) - remaining, parcels=parcels),
    ]


def _delivered(
    order: Row, lines: Sequence[Row], sold: Mapping[int, SoldProduct], *, total: Decimal, parcels: Sequence[Parcel]
) -> ErpDocument:  # fmt: skip
    """What has left the warehouse, and the services beside it."""
    gone = [
        _line(row, sold, wire.number(row["qty_delivered" if _goods(row, sold) else "product_uom_qty"])) for row in lines
    ]
    kind, state = DocumentKind.DELIVERY, DocumentState.CONFIRMED
    if order.get("invoice_status") == "invoiced" and order.get("delivery_status", "full") == "full":
        kind = DocumentKind.INVOICE
    elif order.get("invoice_status") == "to invoice":
        state = DocumentState.READY
    shown = [line for line in gone if line.quantity]
    return _document(order, kind, shown, total=total, state=state, parcels=parcels)


def _document(
    order: Row,
    kind: DocumentKind,
    lines: Sequence[DocumentLine],
    *,
    total: Decimal,
    state: DocumentState,
    parcels: Sequence[Parcel] = (),
) -> ErpDocument:
    name = wire.plain(order["name"])
    moved = kind in (DocumentKind.DELIVERY, DocumentKind.INVOICE)
    return ErpDocument(
        order_key=wire.plain(order["client_order_ref"]),
        kind=kind,
        number=name,
        lines=tuple(lines),
        state=state,
        total=total,
        parcels=tuple(parcels),
        origins=(name,) if moved else (),
    )


def _finished(order: Row, lines: Sequence[Row], sold: Mapping[int, SoldProduct]) -> bool:
    """Whether nothing more will leave: Odoo says so, or every quantity has left."""
    if order.get("delivery_status"):
        return bool(order["delivery_status"] == "full")
    goods = [row for row in lines if _goods(row, sold)]
    return bool(goods) and all(_missing(row) <= 0 for row in goods)


def _goods(row: Row, sold: Mapping[int, SoldProduct]) -> bool:
    return sold[wire.ref(row["product_id"]) or 0].goods


def _line(row: Row, sold: Mapping[int, SoldProduct], quantity: Decimal) -> DocumentLine:
    return DocumentLine(sold[wire.ref(row["product_id"]) or 0].sku, quantity)


def _missing(row: Row) -> Decimal:
    return wire.number(row["product_uom_qty"]) - wire.number(row.get("qty_delivered"))


def _share(row: Row) -> Decimal:
    """What the missing part of a line is worth, incl. VAT."""
    ordered = wire.number(row["product_uom_qty"])
    if not ordered or _missing(row) <= 0:
        return NOTHING
    return rounded(wire.number(row["price_total"]) * _missing(row) / ordered, places=2)


def _total(order: Row) -> Decimal:
    return rounded(wire.number(order["amount_total"]), places=2)


def _parcels(pickings: Sequence[Row]) -> tuple[Parcel, ...]:
    found: dict[str, Parcel] = {}
    for row in pickings:
        if row.get("picking_type_code", "outgoing") == "outgoing":
            for number in filter(None, _SEPARATORS.split(wire.plain(row.get("carrier_tracking_ref")))):
                found.setdefault(number, Parcel(number, wire.named(row.get("carrier_id"))))
    return tuple(found.values())
