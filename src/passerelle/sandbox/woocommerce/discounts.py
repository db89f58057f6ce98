"""How coupons spread over the lines of an order, in cents: the biggest lines first, the last cents one a piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, Decimal


@dataclass
class Share:
    """A line: its price in cents as the shop enters prices, with tax or without, and what coupons took of it."""

    price: int
    quantity: int
    taken: int = 0

    def take(self, cents: int) -> int:
        """Take so much, or what is left; gives how much that is."""
        found = min(cents, self.price - self.taken)
        self.taken += found
        return found


def spread(kind: str, amount: Decimal, shares: Sequence[Share], *, places: int) -> list[int]:
    """Take a coupon off the lines; gives what each one loses."""
    before = [one.taken for one in shares]
    # By price times quantity, though the price is the line's already: so does the shop.
    biggest_first = sorted((one for one in shares if one.quantity), key=lambda one: -one.price * one.quantity)
    if kind == "percent":
        _percent(amount, biggest_first)
    elif kind == "fixed_product":
        _each(int(amount.scaleb(places)), biggest_first)
    else:
        _together(int(amount.scaleb(places)), biggest_first)
    return [one.taken - old for one, old in zip(shares, before, strict=True)]


def _percent(percent: Decimal, shares: Sequence[Share]) -> None:
    """Of the price before any coupon, rounded down; what that leaves of the whole follows."""
    wanted = int((sum(one.price for one in shares) * percent / 100).quantize(Decimal(1), ROUND_HALF_DOWN))
    _last_cents(wanted - sum(one.take(int(one.price * percent / 100)) for one in shares), shares)


def _each(cents: int, shares: Sequence[Share]) -> int:
    return sum(one.take(cents * one.quantity) for one in shares)


def _together(cents: int, shares: Sequence[Share]) -> None:
    """The same for each piece, again while something of it is left."""
    pieces = sum(one.quantity for one in shares)
    each = cents // pieces if pieces else 0
    if not each:
        _last_cents(cents, shares)
    elif 0 < (taken := _each(each, shares)) < cents:
        _together(cents - taken, shares)


def _last_cents(cents: int, shares: Sequence[Share]) -> None:
    for one in shares:
        cents -= one.take(max(min(cents, one.quantity), 0))
