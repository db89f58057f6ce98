"""An order of a shop → the document to place in the ERP, before the ERP has counted anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import msgspec

from passerelle.domain.orders import SalesDocument, SalesLine, SalesOrder, order_key
from passerelle.domain.parties import Address
from passerelle.domain.stock import DocumentKind
from passerelle.errors import (
    OrderCurrency,
    OrderKeyTooLong,
    OrderLineUnknown,
    OrderUnmapped,
    OrderUnreadable,
    OrderUnsupported,
)
from passerelle.planner.buyers import labelled, title_of
from passerelle.planner.order_lines import Part, PartKind, charged_vat, parts_of, unit_price
from passerelle.planner.order_totals import check_adds_up, rates_of
from passerelle.planner.vat_rates import VatRates
from passerelle.planner.zones import category_key, category_of, zone_of
from passerelle.profile.sections import OrderImportOptions


class ErpArticle(msgspec.Struct, frozen=True):
    """What a line is in the ERP: a reference, and the ERP's own id where it is linked."""

    sku: str
    erp_id: str = ""


Articles = Mapping[str, ErpArticle | None]  # by the shop's id of the product or variant


def plan_document(
    order: SalesOrder,
    *,
    options: OrderImportOptions,
    profile_key: str,
    currency: str,
    customer_code: str,
    articles: Articles,
    dated_on: date,
) -> SalesDocument:
    """The document of an order, before any arithmetic of the ERP; see `settle_totals` for what follows.

    `currency` is the ERP's ("" where it does not say), `dated_on` the day by the options, in the company's own time
    zone. In `delivery_address`, `country` is the ERP's label, not the ISO code.
    Raises OrderKeyTooLong, OrderCurrency, OrderTotalDiffers, OrderUnmapped, OrderLineUnknown, OrderUnsupported,
    OrderUnreadable.
    """
    key = _key(order, profile_key)
    if currency and order.currency != currency:
        raise OrderCurrency(key=order.shop_id, currency=order.currency, erp=currency)
    check_adds_up(order)
    buyer = order.customer
    labelled(buyer.invoice_address, countries=options.countries, order=order.shop_id)
    return SalesDocument(
        order_key=key,
        kind=DocumentKind(options.document),
        customer_code=customer_code,
        dated_on=dated_on,
        currency=order.currency,
        reference=reference_of(order, template=options.reference),
        series=options.series,
        warehouse=options.warehouse,
        payment_method=_payment(order, options),
        carrier=_carrier(order, options),
        delivery_address=labelled(buyer.delivery_address, countries=options.countries, order=order.shop_id),
        tax_category=tax_category(order, options=options),
        remark=_remark(order),
        lines=_lines(order, articles=articles, options=options),
    )


def tax_category(order: SalesOrder, *, options: OrderImportOptions) -> str:
    """The ERP's accounting category of an order, and of a customer made for it. Raises OrderUnmapped, OrderUnreadable.

    The zone is where the goods go; the invoice address counts where nothing is delivered.
    """
    zone = zone_of(_destination(order))
    vat_number, exempt = bool(order.customer.vat_number.strip()), not charged_vat(order)
    found = category_of(options.tax_categories, zone=zone, vat_number=vat_number, exempt=exempt)
    if not found:
        case = category_key(zone, vat_number=vat_number, exempt=exempt)
        raise _unmapped(order, "accounting category", case, "tax_categories")
    return found


def reference_of(order: SalesOrder, *, template: str) -> str:
    """The template with its names filled in, once and as plain text; a name that is not known stays as it is."""
    values = {
        "shop_order": order.reference,
        "shop_id": order.shop_id,
        "customer": title_of(order.customer),
        "payment": order.payment_label,
    }
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), template)


def _key(order: SalesOrder, profile_key: str) -> str:
    try:
        return order_key(profile_key, shop_order_id=order.shop_id)
    except ValueError as error:
        raise OrderKeyTooLong(key=order.shop_id, order_key=f"{profile_key}-{order.shop_id}") from error


def _destination(order: SalesOrder) -> Address:
    address = order.customer.delivery_address or order.customer.invoice_address
    if address is None:
        raise OrderUnreadable(key=order.shop_id, why="it has no address")
    return address


def _payment(order: SalesOrder, options: OrderImportOptions) -> str:
    method = options.payment_methods.get(order.payment_method)
    if not method:
        raise _unmapped(order, "payment method", order.payment_method, "payment_methods")
    return method


def _carrier(order: SalesOrder, options: OrderImportOptions) -> str:
    if order.shipping is None or not order.shipping.carrier:
        return ""
    carrier = options.carriers.get(order.shipping.carrier)
    if not carrier:
        raise _unmapped(order, "carrier", order.shipping.carrier, "carriers")
    return carrier


def _remark(order: SalesOrder) -> str:
    vouchers = ", ".join(discount.code or discount.name for discount in order.discounts)
    return "\n".join(text for text in (vouchers, order.message.strip()) if text)


def _lines(order: SalesOrder, *, articles: Articles, options: OrderImportOptions) -> tuple[SalesLine, ...]:
    for line in order.lines:  # before the rates: a line nobody knows says more than its VAT
        if articles.get(line.article) is None:
            raise OrderLineUnknown(key=order.shop_id, name=line.name, sku=line.sku or "-")
    rates = rates_of(order, options=options)
    parts = [part for part in parts_of(order, rates=rates) if part.kind is PartKind.GOODS or part.gross]
    lines = [_line(order, part, rates=rates, articles=articles, options=options) for part in parts]
    return tuple(line for line in lines if line.quantity)


def _line(
    order: SalesOrder, part: Part, *, rates: VatRates, articles: Articles, options: OrderImportOptions
) -> SalesLine:  # fmt: skip
    article, label = _article(order, part, articles=articles, options=options)
    quantity = part.line.quantity if part.line else Decimal(1)
    if quantity < 0 or (not quantity and part.gross):
        raise OrderUnsupported(key=order.shop_id, what=f"{label}: {quantity}")
    return SalesLine(
        sku=article.sku,
        erp_id=article.erp_id,
        label=label,
        quantity=quantity,
        unit_price=unit_price(part.gross, quantity=quantity) if quantity else Decimal(0),
        tax_included=charged_vat(order),
        tax_code=rates.code(part.rate),
    )


def _article(
    order: SalesOrder, part: Part, *, articles: Articles, options: OrderImportOptions
) -> tuple[ErpArticle, str]:  # fmt: skip
    """What is charged, and its label."""
    if part.line is not None:
        return articles[part.line.article] or ErpArticle(""), part.line.name
    if part.kind is PartKind.WRAPPING:
        if not options.wrapping_article:
            raise _unmapped(order, "charge", "gift wrapping", "wrapping_article")
        return ErpArticle(options.wrapping_article), options.wrapping_article
    assert order.shipping is not None
    by_carrier = options.shipping_articles
    sku = by_carrier.get(order.shipping.carrier) or by_carrier.get("*")
    if not sku:
        raise _unmapped(order, "shipping cost of carrier", order.shipping.carrier, "shipping_articles")
    return ErpArticle(sku), order.shipping.name or sku


def _unmapped(order: SalesOrder, what: str, value: str, option: str) -> OrderUnmapped:
    return OrderUnmapped(key=order.shop_id, what=what, value=value, option=f"orders.import.{option}")
