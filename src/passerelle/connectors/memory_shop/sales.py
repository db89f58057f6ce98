"""What a sale of the memory shop costs, and how its stored orders are told. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from passerelle.connectors.memory_shop.wire import StoredOrder, StoredProduct, StoredVariant
from passerelle.domain.money import rounded, with_vat
from passerelle.domain.orders import (
    NOTHING,
    OrderStatuses,
    SalesOrder,
    SoldLine,
    StatusChange,
    TaxedAmount,
)
from passerelle.domain.parties import Address, Customer

HOME = Address(name="Jean Acheteur", line1="12 rue de l'Église", postcode="75011", city="Paris", country="FR")
BUYER = Customer(
    shop_id="1",
    email="jean.acheteur@example.test",
    first_name="Jean",
    last_name="Acheteur",
    invoice_address=HOME,
    delivery_address=HOME,
)
UNPAID = ("1", "6", "8")
Bought = tuple[StoredProduct, StoredVariant | None, int, Decimal]  # product, its variant, pieces, VAT in percent


def sale(
    bought: Sequence[Bought], *, shop_id: str, reference: str, status: str, at: datetime, given: Mapping[str, Any]
) -> SalesOrder:
    """A whole order: lines rounded to the cent, a total that is their sum, and what is `given`."""
    fields: dict[str, Any] = {
        "payment_method": "bankwire",
        "payment_label": "Virement bancaire",
        "customer": BUYER,
        "lines": tuple(_line(*one) for one in bought),
        **given,
    }
    made = SalesOrder(
        shop_id=shop_id,
        reference=reference,
        status=status,
        created_at=at,
        updated_at=at,
        **{"total": NOTHING, **fields},
    )
    whole = made if "total" in given else msgspec.structs.replace(made, total=total_of(made))
    return whole if "paid" in given or status in UNPAID else msgspec.structs.replace(whole, paid=whole.total.gross)


def price_of(product: StoredProduct, variant: StoredVariant | None) -> Decimal:
    """What one costs excl. VAT: a variant's price is a difference from its product's."""
    return product.price + (variant.price if variant else Decimal(0))


def reference_of(product: StoredProduct, variant: StoredVariant | None) -> str:
    """The reference that an order keeps: the product's where the variant has none."""
    return (variant.sku if variant else "") or product.sku


def _line(product: StoredProduct, variant: StoredVariant | None, quantity: int, rate: Decimal) -> SoldLine:
    price = price_of(product, variant)
    unit = TaxedAmount(price, rounded(with_vat(price, rate=rate), places=6))
    return SoldLine(
        product_id=product.id,
        variant_id=variant.id if variant else "",
        sku=reference_of(product, variant),
        name=next(iter(product.texts.get("name", {}).values()), product.sku),
        quantity=Decimal(quantity),
        unit=unit,
        total=TaxedAmount(rounded(unit.net * quantity, places=2), rounded(unit.gross * quantity, places=2)),
        rate=rate,
    )


def total_of(order: SalesOrder) -> TaxedAmount:
    """What is charged: lines, delivery and wrapping, less the discounts."""
    added = [line.total for line in order.lines] + [order.wrapping]
    added += [order.shipping.amount] if order.shipping else []
    taken = [discount.amount for discount in order.discounts]
    return TaxedAmount(
        sum((one.net for one in added), Decimal(0)) - sum((one.net for one in taken), Decimal(0)),
        sum((one.gross for one in added), Decimal(0)) - sum((one.gross for one in taken), Decimal(0)),
    )


def sales_order_of(row: StoredOrder) -> SalesOrder:
    """An order as the port gives it: as it was sold, with the status and the dates of today."""
    return msgspec.structs.replace(row.sold, status=row.status, updated_at=row.updated_at)


def statuses_of(row: StoredOrder) -> OrderStatuses:
    """The statuses of an order."""
    history = tuple(StatusChange(status=one.status, at=one.at, author=one.author) for one in row.history)
    return OrderStatuses(shop_id=row.id, current=row.status, history=history)
