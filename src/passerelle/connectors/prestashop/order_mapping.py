"""What the webservice's orders mean, as our structs. Pure and total: an unknown value is an error, never a guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from passerelle.connectors.prestashop.mapping import instant, integer, number, reference_to, switch
from passerelle.connectors.prestashop.wire import Entity, linked, optional
from passerelle.connectors.prestashop.wire import field as text_of
from passerelle.domain.orders import (
    Discount,
    OrderStatuses,
    SalesOrder,
    ShippingLine,
    SoldLine,
    StatusChange,
    TaxedAmount,
)
from passerelle.domain.parties import Address, Customer
from passerelle.errors import OrderUnreadable

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Names:
    """The rarely changing lists that orders name by id."""

    currencies: Mapping[str, str]  # id → ISO 4217
    countries: Mapping[str, str]  # id → ISO 3166-1 alpha-2
    regions: Mapping[str, str]  # id → name
    carriers: Mapping[str, tuple[str, str]]  # id of any version → lasting id, name
    taxes: Mapping[str, Decimal]  # id → percent


@dataclass(frozen=True, slots=True)
class Parts:
    """What was read beside a batch of orders: by its own id, or by the order's."""

    customers: Mapping[str, Entity] = field(default_factory=dict)
    addresses: Mapping[str, Entity] = field(default_factory=dict)
    lines: Mapping[str, Sequence[Entity]] = field(default_factory=dict)
    discounts: Mapping[str, Sequence[Entity]] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)  # voucher id → its code
    messages: Mapping[str, Sequence[Entity]] = field(default_factory=dict)


def sales_order(entity: Entity, *, parts: Parts, names: Names, zone: ZoneInfo) -> SalesOrder:
    """A whole order. Raises OrderUnreadable, AnswerUnreadable, AnswerIncomplete."""
    id = text_of(entity, "id")
    return SalesOrder(
        shop_id=id,
        reference=text_of(entity, "reference"),
        status=text_of(entity, "current_state"),
        created_at=instant(entity, "date_add", zone=zone),
        updated_at=instant(entity, "date_upd", zone=zone),
        currency=_named(names.currencies, entity, "id_currency", order=id, what="currency"),
        payment_method=text_of(entity, "module"),
        payment_label=text_of(entity, "payment"),
        customer=_customer(entity, parts=parts, names=names),
        lines=tuple(_line(row, names=names) for row in parts.lines.get(id, ()) if integer(row, "product_quantity")),
        shipping=_shipping(entity, names=names),
        discounts=_discounts(entity, parts=parts),
        wrapping=_amount(entity, "total_wrapping"),
        total=_amount(entity, "total_paid"),
        paid=number(entity, "total_paid_real"),
        message=_message(entity, said=parts.messages.get(id, ())),
    )


def _message(entity: Entity, *, said: Sequence[Entity]) -> str:
    """What the buyer wrote, then the words for a gift, then the shopkeeper's note. What modules write is private."""
    buyers = [
        text_of(one, "message") for one in said if not switch(one, "private") and not reference_to(one, "id_employee")
    ]
    texts = [*buyers, optional(entity, "gift_message"), optional(entity, "note")]
    return "\n".join(text.strip() for text in texts if text.strip())


def _amount(entity: Entity, name: str) -> TaxedAmount:
    return TaxedAmount(number(entity, f"{name}_tax_excl"), number(entity, f"{name}_tax_incl"))


def _named(names: Mapping[str, str], entity: Entity, name: str, *, order: str, what: str) -> str:
    id = text_of(entity, name)
    if id not in names:
        raise OrderUnreadable(key=order, why=f"its {what} {id} does not exist")
    return names[id]


def _line(row: Entity, *, names: Names) -> SoldLine:
    """A line as ordered: what was returned or refunded later stays in its quantity."""
    return SoldLine(
        product_id=text_of(row, "product_id"),
        variant_id=reference_to(row, "product_attribute_id"),
        sku=text_of(row, "product_reference"),
        name=text_of(row, "product_name"),
        quantity=number(row, "product_quantity"),
        unit=_amount(row, "unit_price"),
        total=_amount(row, "total_price"),
        rate=_rate(row, names=names),
    )


def _rate(row: Entity, *, names: Names) -> Decimal | None:
    """The rate of a line's one tax; of none or of several on top of each other nothing is guessed."""
    taxes = [text_of(tax, "id") for tax in linked(row, "taxes")]
    return names.taxes.get(taxes[0]) if len(taxes) == 1 else None


def _shipping(entity: Entity, *, names: Names) -> ShippingLine | None:
    """The delivery, free or not, with the carrier's lasting id; None where nothing is delivered."""
    carrier, amount = reference_to(entity, "id_carrier"), _amount(entity, "total_shipping")
    if not carrier and not amount.gross:
        return None
    lasting, name = names.carriers.get(carrier, (carrier, ""))
    return ShippingLine(carrier=lasting, name=name, amount=amount)


def _discounts(entity: Entity, *, parts: Parts) -> tuple[Discount, ...]:
    """The vouchers of an order.

    The shop rounds each voucher and their sum apart: the cent between them goes to the last one. A discount that no
    voucher explains is one of its own, without a code.
    """
    total = _amount(entity, "total_discounts")
    rows = [row for row in parts.discounts.get(text_of(entity, "id"), ()) if optional(row, "deleted") in ("", "0")]
    found = [_discount(row, codes=parts.codes) for row in rows]
    net = total.net - sum((one.amount.net for one in found), Decimal(0))
    gross = total.gross - sum((one.amount.gross for one in found), Decimal(0))
    if found and max(abs(net), abs(gross)) <= CENT * len(found):
        last = found[-1]
        amount = TaxedAmount(last.amount.net + net, last.amount.gross + gross)
        found[-1] = Discount(code=last.code, name=last.name, amount=amount, free_shipping=last.free_shipping)
    elif gross > 0:
        found.append(Discount(code="", name="", amount=TaxedAmount(net, gross)))
    return tuple(found)


def _discount(row: Entity, *, codes: Mapping[str, str]) -> Discount:
    return Discount(
        code=codes.get(text_of(row, "id_cart_rule"), ""),
        name=text_of(row, "name"),
        amount=TaxedAmount(number(row, "value_tax_excl"), number(row, "value")),
        free_shipping=switch(row, "free_shipping"),
    )


def _customer(entity: Entity, *, parts: Parts, names: Names) -> Customer:
    """The buyer with both addresses of this order; company, VAT number and phone are first those of the invoice."""
    order = text_of(entity, "id")
    buyer = _part(parts.customers, entity, "id_customer", what="customer")
    invoice = _part(parts.addresses, entity, "id_address_invoice", what="invoice address")
    delivery = _part(parts.addresses, entity, "id_address_delivery", what="delivery address")
    return Customer(
        shop_id=text_of(buyer, "id"),
        guest=switch(buyer, "is_guest"),
        email=text_of(buyer, "email"),
        first_name=text_of(buyer, "firstname"),
        last_name=text_of(buyer, "lastname"),
        company=text_of(invoice, "company") or text_of(buyer, "company"),
        vat_number=text_of(invoice, "vat_number"),
        phone=_phone(invoice) or _phone(delivery),
        invoice_address=_address(invoice, names=names, order=order),
        delivery_address=_address(delivery, names=names, order=order),
    )


def _part(parts: Mapping[str, Entity], entity: Entity, name: str, *, what: str) -> Entity:
    id = text_of(entity, name)
    if id not in parts:
        raise OrderUnreadable(key=text_of(entity, "id"), why=f"its {what} {id} does not exist")
    return parts[id]


def _address(entity: Entity, *, names: Names, order: str) -> Address:
    region = reference_to(entity, "id_state")
    return Address(
        name=f"{text_of(entity, 'firstname')} {text_of(entity, 'lastname')}".strip(),
        company=text_of(entity, "company"),
        line1=text_of(entity, "address1"),
        line2=text_of(entity, "address2"),
        postcode=text_of(entity, "postcode"),
        city=text_of(entity, "city"),
        region=names.regions.get(region, ""),
        country=_named(names.countries, entity, "id_country", order=order, what="country"),
        phone=_phone(entity),
    )


def _phone(address: Entity) -> str:
    return text_of(address, "phone") or text_of(address, "phone_mobile")


def statuses(entity: Entity, *, history: Sequence[Entity], zone: ZoneInfo) -> OrderStatuses:
    """The statuses of an order; `history` by id. What the webservice writes has no author, like the shop itself."""
    changes = tuple(
        StatusChange(
            status=text_of(one, "id_order_state"),
            at=instant(one, "date_add", zone=zone),
            author=reference_to(one, "id_employee"),
        )
        for one in history
    )
    return OrderStatuses(shop_id=text_of(entity, "id"), current=text_of(entity, "current_state"), history=changes)
