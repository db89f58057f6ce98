"""Amounts: decimals with a currency, rounded half-up, once, last."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import msgspec

HUNDRED = Decimal(100)


class Money(msgspec.Struct, frozen=True):
    """An amount in a currency (ISO 4217 code)."""

    amount: Decimal
    currency: str


def rounded(value: Decimal, *, places: int) -> Decimal:
    """`value` with `places` decimals, half-up (12.345 → 12.35), as French invoices round."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def without_vat(amount: Decimal, *, rate: Decimal) -> Decimal:
    """The amount excl. VAT of an amount incl. VAT, unrounded (28 digits); `rate` in percent."""
    return amount / (1 + rate / HUNDRED)


def with_vat(amount: Decimal, *, rate: Decimal) -> Decimal:
    """The amount incl. VAT of an amount excl. VAT, unrounded; `rate` in percent."""
    return amount * (1 + rate / HUNDRED)
