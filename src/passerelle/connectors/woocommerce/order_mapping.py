"""What the API's orders mean, as our structs. Pure: an unknown value is an error, never a guess.

Lines are excl. tax whatever the shop's prices are, with six decimals asked for. A shop that rounds each line has added
the rounded amounts up, one that rounds at the subtotal the others; what the order itself charges tells which. Coupons
are in the lines already: `subtotal` is before them, `total` after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from passerelle.connectors.woocommerce.amounts import PLACES, amount, instant
from passerelle.connectors.woocommerce.mapping import reference
from passerelle.connectors.woocommerce.wire import (
    Charge,
    Coupon,
    Delivery,
    Line,
    LineTax,
    Order,
    OrderHead,
    Place,
    shown,
)
from passerelle.domain.money import HUNDRED, rounded
from passerelle.domain.orders import (
    NOTHING,
    Discount,
    OrderStatuses,
    SalesOrder,
    ShippingLine,
    SoldLine,
    StatusChange,
    TaxedAmount,
)
from passerelle.domain.parties import Address, Customer
from passerelle.errors import OrderUnsupported

ZERO = Decimal(0)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Rounding:
    """To how many decimals the amounts of lines are taken."""

    places: int

    def of(self, part: Line | Delivery | Charge) -> TaxedAmount:
        """What a part of an order costs, after discounts."""
        return self._taxed(part.total, part.total_tax, [one.total for one in part.taxes])

    def before(self, line: Line) -> TaxedAmount:
        """What a line costs before discounts."""
        return self._taxed(line.subtotal, line.subtotal_tax, [one.subtotal for one in line.taxes])

    def _taxed(self, net: str, tax: str, taxes: Sequence[str]) -> TaxedAmount:
        """An amount and its tax.

        The shop rounds the tax of a line as it is set when it is asked (seen on WooCommerce 9.9.5): unrounded is the
        sum of its rates alone.
        """
        exact = sum(map(amount, taxes), ZERO) if taxes and self.places == PLACES else amount(tax)
        low, high = self._round(amount(net)), self._round(exact)
        return TaxedAmount(low, low + high)

    def _round(self, value: Decimal) -> Decimal:
        return rounded(value, places=self.places)


def sales_order(row: Order, *, decimals: int, vat_field: str) -> SalesOrder:
    """A whole order. `decimals` are those of the shop's prices. Raises OrderUnsupported, AnswerUnreadable."""
    rounding = rounding_of(row, decimals=decimals)
    rates = {one.rate_id: one.rate_percent for one in row.tax_lines}
    total = amount(row.total)
    return SalesOrder(
        shop_id=str(row.id),
        reference=row.number,
        status=row.status,
        created_at=instant(row.date_created_gmt, what="date_created_gmt"),
        updated_at=instant(row.date_modified_gmt, what="date_modified_gmt"),
        currency=row.currency,
        payment_method=row.payment_method,
        payment_label=shown(row.payment_method_title),
        customer=_customer(row, vat_field=vat_field),
        lines=tuple(_line(one, rates=rates, rounding=rounding) for one in row.line_items if one.quantity),
        shipping=_shipping(row, rounding=rounding),
        discounts=_discounts(row, rounding=rounding),
        wrapping=_fees(row, rounding=rounding),
        total=TaxedAmount(total - amount(row.total_tax), total),
        paid=_paid(row, total=total),
        message=shown(row.customer_note).strip(),
    )


def rounding_of(row: Order, *, decimals: int) -> Rounding:
    """As the shop rounded when it added this order up: each line, or the sum."""
    total = amount(row.total)
    each, whole = Rounding(decimals), Rounding(PLACES)
    return min((each, whole), key=lambda one: abs(total - charged(row, rounding=one)))


def charged(row: Order, *, rounding: Rounding) -> Decimal:
    """What the parts of an order make together, after discounts."""
    parts: list[Line | Delivery | Charge] = [*row.line_items, *row.shipping_lines, *row.fee_lines]
    return sum((rounding.of(one).gross for one in parts), ZERO)


# --- lines -----------------------------------------------------------------------------------------------------------


def before(line: Line, *, rounding: Rounding) -> TaxedAmount:
    """What a line costs before discounts. Where someone raised its total by hand, that is what it costs."""
    first, last = rounding.before(line), rounding.of(line)
    return last if last.net > first.net else first


def _line(line: Line, *, rates: Mapping[int, Decimal | None], rounding: Rounding) -> SoldLine:
    whole, exact = before(line, rounding=rounding), before(line, rounding=Rounding(PLACES))
    rate = _rate(line.taxes, rates=rates)
    net = rounded(exact.net / line.quantity, places=PLACES)
    gross = exact.gross / line.quantity if rate is None else net * (1 + rate / HUNDRED)
    return SoldLine(
        product_id=reference(line.product_id),
        variant_id=reference(line.variation_id),
        sku=line.sku or "",
        name=shown(line.name),
        quantity=line.quantity,
        unit=TaxedAmount(net, rounded(gross, places=PLACES)),
        total=whole,
        rate=rate,
    )


def _rate(taxes: Sequence[LineTax], *, rates: Mapping[int, Decimal | None]) -> Decimal | None:
    """The one rate that is charged on something; of none or of several on top of each other nothing is guessed."""
    charged = [one.id for one in taxes if one.total or one.subtotal]
    return rates.get(charged[0]) if len(charged) == 1 else None


# --- delivery and fees -----------------------------------------------------------------------------------------------


def _shipping(row: Order, *, rounding: Rounding) -> ShippingLine | None:
    """The delivery, free or not, under its method and the method's number; several parcels' together."""
    if not row.shipping_lines:
        return None
    first = row.shipping_lines[0]
    return ShippingLine(
        carrier=carrier(first.method_id, first.instance_id),
        name=shown(first.method_title),
        amount=_together(row, row.shipping_lines, what="delivery", rounding=rounding),
    )


def carrier(method: str, instance: str | int) -> str:
    """What a shipping method is called for good: `flat_rate:1`; one that stands in no zone has no number."""
    number = str(instance)
    return f"{method}:{number}" if number not in ("", "0") else method


def _fees(row: Order, *, rounding: Rounding) -> TaxedAmount:
    """The fees of an order, all together."""
    return _together(row, [one for one in row.fee_lines if amount(one.total) > 0], what="fees", rounding=rounding)


def _together(row: Order, parts: Sequence[Delivery | Charge], *, what: str, rounding: Rounding) -> TaxedAmount:
    """The sum of some charges. Raises OrderUnsupported where they bear different taxes: no one rate is their sum's."""
    amounts = [rounding.of(one) for one in parts]
    taxed = {frozenset(tax.id for tax in one.taxes if tax.total) for one in parts if amount(one.total)}
    if len(taxed) > 1:
        raise OrderUnsupported(key=str(row.id), what=f"{what} at several rates of VAT")
    return TaxedAmount(sum((one.net for one in amounts), ZERO), sum((one.gross for one in amounts), ZERO))


# --- discounts -------------------------------------------------------------------------------------------------------


def _discounts(row: Order, *, rounding: Rounding) -> tuple[Discount, ...]:
    """The coupons of an order, then the fees below 0.

    What the lines lost is what counts: the cent by which the coupons may differ from it goes to the last one. What no
    coupon explains, a price lowered by hand, is a discount of its own, without a code.
    """
    lost = _lost(row.line_items, rounding=rounding)
    found = [_coupon(one) for one in row.coupon_lines]
    net = lost.net - sum((one.amount.net for one in found), ZERO)
    gross = lost.gross - sum((one.amount.gross for one in found), ZERO)
    if found and max(abs(net), abs(gross)) <= CENT * (len(found) + len(row.line_items)):
        last = found[-1]
        amounts = TaxedAmount(last.amount.net + net, last.amount.gross + gross)
        found[-1] = Discount(code=last.code, name=last.name, amount=amounts, free_shipping=last.free_shipping)
    elif net or gross:
        found.append(Discount(code="", name="", amount=TaxedAmount(net, gross)))
    return (*(one for one in found if one.amount != NOTHING or one.code), *_negative_fees(row, rounding=rounding))


def _lost(lines: Iterable[Line], *, rounding: Rounding) -> TaxedAmount:
    """What the lines cost less than before their discounts."""
    net = gross = ZERO
    for line in lines:
        first, last = before(line, rounding=rounding), rounding.of(line)
        net, gross = net + first.net - last.net, gross + first.gross - last.gross
    return TaxedAmount(net, gross)


def _coupon(one: Coupon) -> Discount:
    net = rounded(amount(one.discount), places=2)
    gross = net + rounded(amount(one.discount_tax), places=2)
    return Discount(code=one.code, name=one.code, amount=TaxedAmount(net, gross))


def _negative_fees(row: Order, *, rounding: Rounding) -> list[Discount]:
    found = []
    for one in row.fee_lines:
        if amount(one.total) < 0:
            taken = rounding.of(one)
            found.append(Discount(code="", name=shown(one.name or ""), amount=TaxedAmount(-taken.net, -taken.gross)))
    return found


def _paid(row: Order, *, total: Decimal) -> Decimal:
    """What was received and not paid back; refunds are below 0."""
    if row.date_paid_gmt is None:
        return ZERO
    return total + sum((amount(one.total) for one in row.refunds), ZERO)


# --- the buyer -------------------------------------------------------------------------------------------------------


def _customer(row: Order, *, vat_field: str) -> Customer:
    """The buyer with both addresses of this order. A guest has no account, and the e-mail alone tells who it is."""
    invoice, delivery = _address(row.billing), _address(row.shipping)
    return Customer(
        shop_id=reference(row.customer_id),
        guest=not row.customer_id,
        email=row.billing.email,
        first_name=shown(row.billing.first_name),
        last_name=shown(row.billing.last_name),
        company=shown(row.billing.company),
        vat_number=next((str(one.value).strip() for one in row.meta_data if one.key == vat_field and one.value), ""),
        phone=row.billing.phone or row.shipping.phone,
        invoice_address=invoice,
        delivery_address=delivery or invoice,
    )


def _address(place: Place) -> Address | None:
    """An address; None where there is none, as of goods that nobody delivers."""
    if not place.country:
        return None
    return Address(
        name=shown(f"{place.first_name} {place.last_name}".strip()),
        company=shown(place.company),
        line1=shown(place.address_1),
        line2=shown(place.address_2),
        postcode=place.postcode,
        city=shown(place.city),
        region=place.state,
        country=place.country,
        phone=place.phone,
    )


# --- statuses --------------------------------------------------------------------------------------------------------


def statuses(row: OrderHead) -> OrderStatuses:
    """The statuses of an order. The shop remembers none but when it was paid and when it was completed.

    What was paid has been in preparation then, or is completed at once; nobody knows who set the current one.
    """
    passed = (("processing", row.date_paid_gmt), ("completed", row.date_completed_gmt))
    history = tuple(
        StatusChange(status=status, at=instant(at, what=f"the date of {status}"))
        for status, at in passed
        if at is not None and status != row.status
    )
    return OrderStatuses(shop_id=str(row.id), current=row.status, history=history)
