"""Odoo's own arithmetic of taxes, for the totals of an order before it is written.

A line is quantity × unit price × (1 − discount ÷ 100), each with the decimals that the database keeps. Rounded on each
line, its VAT is rounded to the cent, and of a price that includes it the rest is the base: 3 × 9.99 at 20 % are 24.97 +
5.00 (seen on Odoo 18.0). Rounded globally, the exact amounts of each tax are summed and rounded once; where all prices
include VAT, the total is what is rounded, and the base is what is left of it. A VAT on top that comes to nothing, being
0 % or less than half a cent on its line, does not keep an order from that (seen on Odoo 19.0).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

import msgspec

from passerelle.connectors.odoo.company import DIGITS, SaleTax
from passerelle.connectors.odoo.wire import Row
from passerelle.domain.money import HUNDRED, rounded, with_vat, without_vat
from passerelle.domain.orders import DocumentTotals, SalesDocument, SalesLine
from passerelle.errors import OrderUnmapped

CENTS: Final = 2
PRICE: Final = "Product Price"
DISCOUNT: Final = "Discount"
PRICE_FIELD: Final = "price_unit"
UNROUNDED: Final = 6  # decimals of a price that are sent where Odoo keeps them all
UNITS: Final = ("Product Unit of Measure", "Product Unit")  # up to 18, since 19
NOTHING: Final = Decimal(0)

Pair = tuple[Decimal, Decimal]  # base, VAT


class Digits(msgspec.Struct, frozen=True):
    """How many decimals a database keeps of prices, quantities and discounts."""

    price: int = DIGITS
    quantity: int = DIGITS
    discount: int = DIGITS

    @classmethod
    def of(cls, precision: Mapping[str, int], *, line: Mapping[str, Row]) -> Digits:
        """From the table of precisions, and what Odoo says of a line's fields: 19.0 no longer rounds its price."""
        units = next((precision[name] for name in UNITS if name in precision), DIGITS)
        rounds = line.get(PRICE_FIELD, {}).get("digits") is not False
        price = precision.get(PRICE, DIGITS) if rounds else UNROUNDED
        return cls(price, units, precision.get(DISCOUNT, DIGITS))


class PricedLine(msgspec.Struct, frozen=True):
    """A line as Odoo will hold it: the unit price on the basis of its tax, everything rounded as it keeps it."""

    code: str
    tax: SaleTax
    rate: Decimal
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal

    @property
    def amount(self) -> Decimal:
        """The whole line on the basis of its tax, exact."""
        return self.quantity * self.unit_price * (1 - self.discount / HUNDRED)


def shop_order(order_key: str) -> str:
    """The shop's own number in an order key, by which people know the order."""
    return order_key.partition("-")[2] or order_key


def tax_named(code: str, *, taxes: Iterable[SaleTax]) -> SaleTax | None:
    """The tax that a profile means: `tax-38`, 38, or its name where only one in use bears it."""
    known = [tax for tax in taxes if tax.active and tax.rate is not None]
    wanted = code.strip()
    found = [tax for tax in known if wanted in (tax.code, str(tax.id))] or [tax for tax in known if tax.name == wanted]
    return found[0] if len(found) == 1 else None


def priced(document: SalesDocument, *, taxes: Iterable[SaleTax], digits: Digits) -> list[PricedLine]:
    """The lines as Odoo will hold them. Raises OrderUnmapped for a tax that the company does not have in use."""
    known = list(taxes)
    return [_priced(line, document=document, taxes=known, digits=digits) for line in document.lines]


def _priced(line: SalesLine, *, document: SalesDocument, taxes: list[SaleTax], digits: Digits) -> PricedLine:
    tax = tax_named(line.tax_code, taxes=taxes)
    if tax is None or tax.rate is None:
        key = shop_order(document.order_key)
        raise OrderUnmapped(key=key, what="tax", value=line.tax_code, option="orders.import.taxes")
    price = line.unit_price
    if line.tax_included != tax.included:
        price = without_vat(price, rate=tax.rate) if line.tax_included else with_vat(price, rate=tax.rate)
    return PricedLine(
        line.tax_code, tax, tax.rate, rounded(line.quantity, places=digits.quantity),
        rounded(price, places=digits.price), rounded(line.discount, places=digits.discount),
    )  # fmt: skip


def totals(lines: Iterable[PricedLine], *, globally: bool) -> DocumentTotals:
    """The totals, per tax code as the document names it."""
    by_code: dict[int, list[PricedLine]] = {}
    for line in lines:
        by_code.setdefault(line.tax.id, []).append(line)
    pairs = _globally(by_code) if globally else {tax: _by_line(same) for tax, same in by_code.items()}
    return DocumentTotals(
        sum((base + vat for base, vat in pairs.values()), NOTHING),
        {by_code[tax][0].code: pair for tax, pair in pairs.items()},
    )


def _by_line(lines: list[PricedLine]) -> Pair:
    found = [_line(line) for line in lines]
    return sum((base for base, _ in found), NOTHING), sum((vat for _, vat in found), NOTHING)


def _line(line: PricedLine) -> Pair:
    amount = rounded(line.amount, places=CENTS)
    vat = rounded(_vat(amount, line), places=CENTS)
    return (amount - vat, vat) if line.tax.included else (amount, vat)


def _vat(amount: Decimal, line: PricedLine) -> Decimal:
    """The VAT of an amount on the basis of its tax, exact."""
    return amount * line.rate / (HUNDRED + line.rate if line.tax.included else HUNDRED)


def _globally(by_tax: dict[int, list[PricedLine]]) -> dict[int, Pair]:
    exact = {tax: _exact(lines) for tax, lines in by_tax.items()}
    vats = {tax: rounded(vat, places=CENTS) for tax, (_, vat) in exact.items()}
    included = not any(_adds(lines, vat=vats[tax]) for tax, lines in by_tax.items())
    whole = sum((base + (vat if included else NOTHING) for base, vat in exact.values()), NOTHING)
    untaxed = rounded(whole, places=CENTS) - (sum(vats.values(), NOTHING) if included else NOTHING)
    bases = {tax: _base(exact[tax], vats[tax], included=lines[0].tax.included) for tax, lines in by_tax.items()}
    if bases:  # what rounding each base alone leaves over stands with the largest
        largest = max(bases, key=lambda tax: abs(bases[tax]))
        bases[largest] += untaxed - sum(bases.values(), NOTHING)
    return {tax: (bases[tax], vats[tax]) for tax in exact}


def _adds(lines: list[PricedLine], *, vat: Decimal) -> bool:
    """Whether a tax on top comes to a cent or more, on some line or over the order."""
    amounts = (vat, *(_vat(line.amount, line) for line in lines))
    return not lines[0].tax.included and any(rounded(one, places=CENTS) for one in amounts)


def _base(exact: Pair, vat: Decimal, *, included: bool) -> Decimal:
    """Of prices that include it, the base is what the VAT leaves."""
    whole = exact[0] + exact[1]
    return rounded(whole, places=CENTS) - vat if included else rounded(exact[0], places=CENTS)


def _exact(lines: list[PricedLine]) -> Pair:
    amounts = [(line.amount, _vat(line.amount, line)) for line in lines]
    vat = sum((vat for _, vat in amounts), NOTHING)
    amount = sum((amount for amount, _ in amounts), NOTHING)
    return (amount - vat, vat) if lines[0].tax.included else (amount, vat)
