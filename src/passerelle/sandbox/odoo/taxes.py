"""The arithmetic of taxes: per line or globally, prices with or without tax, in exact fractions.

Rounded per line, a line's price is rounded before its tax is taken of it, and the order is the sum of its lines.
Rounded globally, the exact amounts of each tax are summed over the order and rounded once; the untaxed amount is the
rounded sum of the exact ones, or, where every price holds its tax, what is left of the rounded total. A tax on top that
comes to nothing on its line, being 0 % or less than half a cent, does not keep an order from that: two lines of 0.005
and 0.018 at 10 % on top are 0.03 + 0.00.

Before 18 a line's price without tax is in cents even where taxes are rounded globally, and of a price that holds its
tax it is the price without tax that is rounded, the tax being the rest: 29.97 at 20 % is 24.98 + 4.99 there and 24.97 +
5.00 since. The latter was seen on Odoo 18.0, and the rules of global rounding on Odoo 19.0; those of before 18 are
taken from Odoo's published source and were not seen on a running one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from passerelle.sandbox.odoo.values import cents


@dataclass(frozen=True, slots=True)
class Tax:
    ident: int
    amount: Fraction  # in percent, or an amount of money a unit
    fixed: bool
    included: bool


@dataclass(frozen=True, slots=True)
class Line:
    """`price` is of one unit, before the discount, which is in percent."""

    quantity: Fraction
    price: Fraction
    discount: Fraction
    taxes: tuple[Tax, ...]


@dataclass(frozen=True, slots=True)
class Amounts:
    untaxed: Fraction
    by_tax: tuple[tuple[Tax, Fraction], ...]

    @property
    def tax(self) -> Fraction:
        return sum((amount for _, amount in self.by_tax), Fraction(0))

    @property
    def total(self) -> Fraction:
        return self.untaxed + self.tax


def line_amounts(line: Line, *, globally: bool, before_18: bool = False) -> Amounts:
    """What the line itself shows, always in cents."""
    exact = _amounts(line, rounding=not globally, before_18=before_18)
    return Amounts(cents(exact.untaxed), tuple((tax, cents(amount)) for tax, amount in exact.by_tax))


def order_amounts(lines: Sequence[Line], *, globally: bool, before_18: bool = False) -> Amounts:
    exact = [_amounts(line, rounding=not globally, before_18=before_18) for line in lines]
    whole = summed(exact)
    by_tax = tuple((tax, cents(amount)) for tax, amount in whole.by_tax)
    if globally and not before_18 and not _adds(exact, by_tax):
        tax_total = sum((amount for _, amount in by_tax), Fraction(0))
        return Amounts(cents(whole.total) - tax_total, by_tax)
    return Amounts(cents(whole.untaxed), by_tax)


def _adds(lines: Iterable[Amounts], by_tax: Iterable[tuple[Tax, Fraction]]) -> bool:
    """Whether a tax on top comes to a cent or more, on some line or over the order."""
    found = [*by_tax, *(one for line in lines for one in line.by_tax)]
    return any(cents(amount) for tax, amount in found if not tax.included)


def _amounts(line: Line, *, rounding: bool, before_18: bool) -> Amounts:
    """Every tax is taken of the price without any tax; `rounding` makes cents of each step."""
    keep = cents if rounding else Fraction
    raw = (cents if before_18 else keep)(line.quantity * line.price * (1 - line.discount / 100))
    included = [tax for tax in line.taxes if tax.included]
    fixed = sum((tax.amount * line.quantity for tax in included if tax.fixed), Fraction(0))
    rates = sum((tax.amount for tax in included if not tax.fixed), Fraction(0))
    net = (raw - fixed) / (1 + rates / 100)
    if before_18:
        base = cents(net)
        found = [(tax, keep(_of(tax, line, base))) for tax in included[:-1]]
        found += [(tax, raw - base - sum((one for _, one in found), Fraction(0))) for tax in included[-1:]]
    else:
        found = [(tax, keep(_of(tax, line, net))) for tax in included]
        base = raw - sum((amount for _, amount in found), Fraction(0))
    found += [(tax, keep(_of(tax, line, base))) for tax in line.taxes if not tax.included]
    return Amounts(base, tuple(found))


def _of(tax: Tax, line: Line, base: Fraction) -> Fraction:
    return tax.amount * line.quantity if tax.fixed else base * tax.amount / 100


def summed(amounts: Iterable[Amounts]) -> Amounts:
    """The sum, tax by tax."""
    untaxed, by_tax = Fraction(0), dict[Tax, Fraction]()
    for one in amounts:
        untaxed += one.untaxed
        for tax, amount in one.by_tax:
            by_tax[tax] = by_tax.get(tax, Fraction(0)) + amount
    return Amounts(untaxed, tuple(by_tax.items()))
