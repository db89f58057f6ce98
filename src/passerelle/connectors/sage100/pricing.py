"""The totals of a document by the arithmetic that Sage is assumed to follow. No base has confirmed it yet.

A line is round(quantity × unit price × (1 − discount ÷ 100), 2), half-up, with the six decimals that Sage keeps.
Lines excl. VAT: base = their sum, VAT = round(base × rate ÷ 100, 2) at the foot, or the sum of the lines' own VAT.
Lines incl. VAT: gross = their sum, base = round(gross ÷ (1 + rate ÷ 100), 2) at the foot or on each line, VAT = gross
− base. A tax code that has both kinds is computed apart for each, and the two are added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from passerelle.connectors.sage100.mapping import same
from passerelle.connectors.sage100.wire import TaxRow
from passerelle.domain.money import HUNDRED, rounded, with_vat, without_vat
from passerelle.domain.orders import DocumentTotals, SalesDocument, SalesLine
from passerelle.errors import OrderUnmapped

CENTS: Final = 2
KEPT: Final = 6  # decimals of DECIMAL(24,6)

Pair = tuple[Decimal, Decimal]


def rates_of(rows: Iterable[TaxRow]) -> dict[str, Decimal]:
    """The rate in percent of each tax code, in the form in which Sage compares codes."""
    return {same(row.TA_Code): row.TA_Taux or Decimal(0) for row in rows}


def totals(document: SalesDocument, *, rates: Mapping[str, Decimal], by_line: bool) -> DocumentTotals:
    """The totals; `by_line` rounds VAT on each line. Raises OrderUnmapped for a tax code that the base lacks."""
    by_code: dict[str, list[SalesLine]] = {}
    for line in document.lines:
        if same(line.tax_code) not in rates:
            raise OrderUnmapped(
                key=shop_order(document.order_key), what="tax", value=line.tax_code, option="orders.import.taxes"
            )
        by_code.setdefault(line.tax_code, []).append(line)
    by_tax = {code: _pair(lines, rate=rates[same(code)], by_line=by_line) for code, lines in by_code.items()}
    return DocumentTotals(sum((base + vat for base, vat in by_tax.values()), Decimal(0)), by_tax)


def shop_order(order_key: str) -> str:
    """The shop's own number in an order key, by which people know the order."""
    return order_key.partition("-")[2] or order_key


def kept(value: Decimal) -> Decimal:
    """A price or quantity as Sage keeps it."""
    return rounded(value, places=KEPT)


def line_amount(line: SalesLine) -> Decimal:
    """A line to the cent, on its own basis."""
    amount = kept(line.quantity) * kept(line.unit_price) * (1 - kept(line.discount) / HUNDRED)
    return rounded(amount, places=CENTS)


def _pair(lines: Iterable[SalesLine], *, rate: Decimal, by_line: bool) -> Pair:
    """Base and VAT of the lines of one tax code."""
    excl = _rounded_apart([line_amount(line) for line in lines if not line.tax_included], by_line=by_line)
    incl = _rounded_apart([line_amount(line) for line in lines if line.tax_included], by_line=by_line)
    pairs = [_of_excl(base, rate=rate) for base in excl] + [_of_incl(gross, rate=rate) for gross in incl]
    return sum((base for base, _ in pairs), Decimal(0)), sum((vat for _, vat in pairs), Decimal(0))


def _rounded_apart(amounts: list[Decimal], *, by_line: bool) -> list[Decimal]:
    """The amounts whose VAT is rounded once each: every line, or their sum."""
    return amounts if by_line or not amounts else [sum(amounts, Decimal(0))]


def _of_excl(base: Decimal, *, rate: Decimal) -> Pair:
    return base, rounded(with_vat(base, rate=rate) - base, places=CENTS)


def _of_incl(gross: Decimal, *, rate: Decimal) -> Pair:
    base = rounded(without_vat(gross, rate=rate), places=CENTS)
    return base, gross - base
