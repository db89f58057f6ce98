"""The totals of a sale by Tryton's own arithmetic, as a 7.0.59 computes them.

    unit price   excl. VAT, less the discount, with the decimals that the server keeps of a price
    line         quantity × unit price, to the cent, a half goes to the even cent: 2.345 is 2.34
    VAT          of the unrounded lines of one tax, those that give and those that take apart, rounded the same way,
                 once for the document or for each line (`tax_rounding` of the accounting configuration)
    total        lines + VAT

French invoices round a half up; where Tryton's even cent differs, the rounding line of the order makes up for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

import msgspec

from passerelle.domain.money import HUNDRED, rounded, without_vat
from passerelle.domain.orders import DocumentTotals, SalesDocument, SalesLine
from passerelle.errors import OrderUnmapped

NOTHING: Final = Decimal(0)


class Rounding(msgspec.Struct, frozen=True):
    """How a company rounds: the smallest amount of its currency, decimals of a unit price, VAT on each line or not."""

    cent: Decimal
    price_places: int
    by_line: bool


class TaxUse(msgspec.Struct, frozen=True):
    """A tax that a sale may bear: its number in Tryton and its rate in percent."""

    id: int
    rate: Decimal


def totals(document: SalesDocument, *, taxes: Mapping[str, TaxUse], rounding: Rounding) -> DocumentTotals:
    """Raises OrderUnmapped for a tax that Tryton does not have."""
    groups: dict[tuple[str, bool], list[Decimal]] = defaultdict(list)
    for line in document.lines:
        amount = line.quantity * unit_price(line, tax=tax_of(document, line, taxes=taxes), rounding=rounding)
        groups[line.tax_code, amount >= 0].append(amount)
    by_tax: dict[str, tuple[Decimal, Decimal]] = {}
    for (code, _), amounts in groups.items():
        base, vat = by_tax.get(code, (NOTHING, NOTHING))
        base += sum((to_cent(amount, rounding=rounding) for amount in amounts), NOTHING)
        by_tax[code] = base, vat + _vat(amounts, rate=taxes[code].rate, rounding=rounding)
    return DocumentTotals(sum((base + vat for base, vat in by_tax.values()), NOTHING), by_tax)


def unit_price(line: SalesLine, *, tax: TaxUse, rounding: Rounding) -> Decimal:
    """The unit price excl. VAT that Tryton is given."""
    price = line.unit_price * (1 - line.discount / HUNDRED)
    if line.tax_included:
        price = without_vat(price, rate=tax.rate)
    return rounded(price, places=rounding.price_places)


def tax_of(document: SalesDocument, line: SalesLine, *, taxes: Mapping[str, TaxUse]) -> TaxUse:
    """The tax of a line. Raises OrderUnmapped."""
    if line.tax_code not in taxes:
        key = shop_order(document.order_key)
        raise OrderUnmapped(key=key, what="tax", value=line.tax_code, option="orders.import.taxes")
    return taxes[line.tax_code]


def shop_order(order_key: str) -> str:
    """The shop's own number in an order key, by which people know the order."""
    return order_key.partition("-")[2] or order_key


def to_cent(amount: Decimal, *, rounding: Rounding) -> Decimal:
    """An amount as Tryton's currency rounds it."""
    return (amount / rounding.cent).quantize(Decimal(1), rounding=ROUND_HALF_EVEN) * rounding.cent


def _vat(amounts: list[Decimal], *, rate: Decimal, rounding: Rounding) -> Decimal:
    parts = [amount * rate / HUNDRED for amount in amounts]
    if not rounding.by_line:
        parts = [sum(parts, NOTHING)]
    return sum((to_cent(part, rounding=rounding) for part in parts), NOTHING)
