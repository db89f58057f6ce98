"""Amounts, weights and dates between the API's texts and our numbers. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from passerelle.connectors.woocommerce.wire import SYSTEM
from passerelle.domain.money import rounded
from passerelle.errors import AnswerUnreadable

PLACES = 6
# Kilograms in one unit of the shop; a weight of ours needs more decimals in pounds and ounces to come back the same.
UNITS = {
    "kg": Decimal(1),
    "g": Decimal("0.001"),
    "lbs": Decimal("0.45359237"),
    "oz": Decimal("0.028349523125"),
}
_WEIGHT_PLACES = 9


def number(text: str, *, what: str) -> Decimal:
    """A decimal. Raises AnswerUnreadable."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise AnswerUnreadable(system=SYSTEM, why=f'{what} is "{text[:40]}"') from None
    if not found.is_finite():
        raise AnswerUnreadable(system=SYSTEM, why=f'{what} is "{text[:40]}"')
    return found


def amount(text: str) -> Decimal:
    """An amount, 0 where the shop leaves it empty. Raises AnswerUnreadable."""
    return number(text or "0", what="an amount")


def plain(value: Decimal) -> str:
    """A number as the shop understands it whatever its separators are: digits and a dot, no zeros at the end."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def kilograms(text: str, *, unit: str) -> Decimal:
    """A weight of the shop in kilograms, 0 where it has none. Raises AnswerUnreadable."""
    return rounded(number(text or "0", what="a weight") * UNITS[unit], places=PLACES)


def weighed(kilograms: Decimal, *, unit: str) -> str:
    """A weight in the shop's own unit."""
    return plain(rounded(kilograms / UNITS[unit], places=_WEIGHT_PLACES))


def instant(text: str | None, *, what: str) -> datetime:
    """A `…_gmt` date of the shop: UTC, though it does not say so. Raises AnswerUnreadable."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        raise AnswerUnreadable(system=SYSTEM, why=f'{what} is "{(text or "")[:40]}"') from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def gmt(moment: datetime) -> str:
    """A moment (aware) as a filter by date takes it, with `dates_are_gmt`: whole seconds of UTC."""
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()
