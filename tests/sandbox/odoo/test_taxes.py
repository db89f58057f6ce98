"""The simulated Odoo's own arithmetic of taxes, against amounts worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from passerelle.sandbox.odoo import FakeOdoo
from passerelle.sandbox.odoo.taxes import Line, Tax, line_amounts, order_amounts
from passerelle.sandbox.odoo.values import cents, rounded

TWENTY = Tax(1, Fraction(20), fixed=False, included=False)
TWENTY_IN = Tax(2, Fraction(20), fixed=False, included=True)
LOW = Tax(3, Fraction("5.5"), fixed=False, included=False)
ECO = Tax(4, Fraction("0.25"), fixed=True, included=False)
NONE = Tax(5, Fraction(0), fixed=False, included=False)
TEN_IN = Tax(6, Fraction(10), fixed=False, included=True)


def line(quantity: str, price: str, *taxes: Tax, discount: str = "0") -> Line:
    return Line(Fraction(quantity), Fraction(price), Fraction(discount), taxes)


def amounts(*lines: Line, globally: bool) -> tuple[str, str, str]:
    found = order_amounts(lines, globally=globally)
    untaxed, tax, total = (f"{float(one):.2f}" for one in (found.untaxed, found.tax, found.total))
    return untaxed, tax, total


@pytest.mark.parametrize(
    ("lines", "per_line", "globally"),
    [
        # 3 x 0.33 at 20 %: 0.198 a line
        ([line("1", "0.33", TWENTY)] * 3, ("0.99", "0.21", "1.20"), ("0.99", "0.20", "1.19")),
        # 10 % off 0.99: 0.891 a line
        ([line("1", "0.99", TWENTY, discount="10")] * 4, ("3.56", "0.72", "4.28"), ("3.56", "0.71", "4.27")),
        # prices that hold their tax: 9.99 is 8.325 + 1.665
        ([line("3", "9.99", TWENTY_IN)], ("24.97", "5.00", "29.97"), ("24.97", "5.00", "29.97")),
        ([line("1", "9.99", TWENTY_IN)] * 2, ("16.64", "3.34", "19.98"), ("16.65", "3.33", "19.98")),
        # one line holds its tax, the other does not: no total is kept as it was
        ([line("1", "9.99", TWENTY_IN), line("1", "0.33", LOW)], ("8.65", "1.69", "10.34"), ("8.66", "1.69", "10.35")),
        # a tax on top that comes to nothing does not keep the total from being rounded as it was (seen on 19.0)
        (
            [line("1.25", "575.89", TWENTY_IN), line("1", "7.57", LOW, discount="100")],
            ("599.88", "119.98", "719.86"),
            ("599.88", "119.98", "719.86"),
        ),
        (
            [line("-1", "428.54", TEN_IN, discount="10"), line("144", "0.33", NONE, discount="5")],
            ("-305.49", "-35.06", "-340.55"),
            ("-305.48", "-35.06", "-340.54"),
        ),
        ([line("1", "0.005", LOW), line("1", "0.018", LOW)], ("0.03", "0.00", "0.03"), ("0.02", "0.00", "0.02")),
        ([line("1", "0.005", TWENTY), line("1", "0.018", TWENTY)], ("0.03", "0.00", "0.03"), ("0.03", "0.00", "0.03")),
        # two rates, each rounded for itself
        ([line("1", "0.33", TWENTY), line("1", "0.33", LOW)], ("0.66", "0.09", "0.75"), ("0.66", "0.09", "0.75")),
        # an amount a unit beside a rate
        ([line("4", "1.10", TWENTY, ECO)], ("4.40", "1.88", "6.28"), ("4.40", "1.88", "6.28")),
        ([line("2", "5", TWENTY), line("-1", "5", TWENTY)], ("5.00", "1.00", "6.00"), ("5.00", "1.00", "6.00")),
        ([line("1", "7.77")], ("7.77", "0.00", "7.77"), ("7.77", "0.00", "7.77")),
    ],
)
def test_an_order_comes_to_the_amounts_worked_out_by_hand(
    lines: list[Line], per_line: tuple[str, str, str], globally: tuple[str, str, str]
) -> None:
    assert amounts(*lines, globally=False) == per_line
    assert amounts(*lines, globally=True) == globally


@pytest.mark.parametrize(
    ("lines", "per_line", "globally"),
    [
        # of a price that holds its tax the price without is rounded, the tax is the rest
        ([line("3", "9.99", TWENTY_IN)], ("24.98", "4.99", "29.97"), ("24.98", "4.99", "29.97")),
        # the untaxed amount is the sum of the lines' cents, the tax is taken of them and rounded once
        ([line("1", "0.994", TWENTY)] * 3, ("2.97", "0.60", "3.57"), ("2.97", "0.59", "3.56")),
        ([line("1", "9.99", TWENTY_IN)] * 2, ("16.66", "3.32", "19.98"), ("16.66", "3.32", "19.98")),
        ([line("4", "1.10", TWENTY, ECO)], ("4.40", "1.88", "6.28"), ("4.40", "1.88", "6.28")),
    ],
)
def test_before_18_an_order_comes_to_other_amounts(
    lines: list[Line], per_line: tuple[str, str, str], globally: tuple[str, str, str]
) -> None:
    for rounding, expected in ((False, per_line), (True, globally)):
        found = order_amounts(lines, globally=rounding, before_18=True)
        assert tuple(f"{float(one):.2f}" for one in (found.untaxed, found.tax, found.total)) == expected


@pytest.mark.parametrize(("version", "untaxed"), [(16, 24.98), (17, 24.98), (18, 24.97), (19, 24.97)])
def test_the_version_says_which_part_of_a_price_is_rounded(version: int, untaxed: float) -> None:
    odoo = FakeOdoo(version=version)
    product = odoo.add_product("A", name="A", list_price="9.99", taxes=[odoo.tax(20, included=True)])
    order = odoo.place_order(odoo.add_partner("Jean"), [(product, 3)])
    assert (order.amount_untaxed, order.amount_total) == (untaxed, 29.97)


def test_a_line_shows_cents_whatever_the_order_does() -> None:
    found = line_amounts(line("1", "0.333", TWENTY), globally=True)
    assert (found.untaxed, found.tax) == (Fraction("0.33"), Fraction("0.07"))


@pytest.mark.parametrize(
    ("value", "expected"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("1.004", "1"), ("4.995", "5"), ("0", "0")]
)
def test_half_a_cent_goes_away_from_zero(value: str, expected: str) -> None:
    assert cents(Fraction(value)) == Fraction(expected)


def test_a_float_is_rounded_as_the_decimal_number_it_stands_for() -> None:
    assert [rounded(one, digits=2) for one in (2.675, 1.005, -2.675, 8.325)] == [2.68, 1.01, -2.68, 8.33]


@pytest.mark.parametrize(("rounding", "total"), [("round_per_line", 1.20), ("round_globally", 1.19)])
def test_the_company_says_how_its_orders_are_rounded(rounding: str, total: float) -> None:
    odoo = FakeOdoo(tax_rounding=rounding)
    product = odoo.add_product("A", name="A", list_price="0.33")
    order = odoo.place_order(odoo.add_partner("Jean"), [(product, 1)] * 3)
    assert order.amount_total == total
