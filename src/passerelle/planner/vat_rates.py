"""The VAT rate of an amount of the shop, and the ERP's code for it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from passerelle.domain.money import HUNDRED, rounded
from passerelle.domain.orders import SoldLine, TaxedAmount, rate_of
from passerelle.errors import OrderUnmapped
from passerelle.planner.taxes import as_rate, plain

CENT_PLACES = 2
FINEST_PLACES = 5  # shops that store six decimals may be wrong in the sixth


class VatRates:
    """The rates of a profile and their codes, asked about one order. `exempt`: it was charged without VAT."""

    def __init__(self, taxes: Mapping[str, str], *, order: str, exempt: bool) -> None:
        self._codes = {rate: code for key, code in taxes.items() if (rate := as_rate(key)) is not None}
        self._order = order
        self._exempt = exempt

    def code(self, rate: Decimal) -> str:
        """The ERP's code of a rate. Raises OrderUnmapped."""
        if rate not in self._codes:
            raise self._unmapped(rate)
        return self._codes[rate]

    def of_line(self, line: SoldLine) -> Decimal | None:
        """The rate of a line; None where it costs nothing and says none. Raises OrderUnmapped.

        The shop's own rate wins while the amounts allow it: a tax record may have changed since the sale. Where they
        allow no rate at all (an untaxed part inside the price), the shop's rate stands and the totals decide.
        """
        amount = line.unit if line.unit.gross else line.total
        if line.rate is None or self._exempt:
            return self.of(amount)
        if fits(amount, rate=line.rate):
            return line.rate
        found = self._fitting(amount)
        return found[0] if len(found) == 1 else line.rate

    def of(self, amount: TaxedAmount) -> Decimal | None:
        """The only rate that explains an amount; None for nothing. Raises OrderUnmapped for no rate or several."""
        if self._exempt:
            return Decimal(0)
        if not amount.gross:
            return None
        found = self._fitting(amount)
        if len(found) != 1:
            raise self._unmapped(rounded(rate_of(amount), places=CENT_PLACES))
        return found[0]

    def highest(self) -> Decimal:
        """The highest rate there is, 0 without any."""
        return max(self._codes, default=Decimal(0))

    def _fitting(self, amount: TaxedAmount) -> list[Decimal]:
        return [rate for rate in self._codes if fits(amount, rate=rate)]

    def _unmapped(self, rate: Decimal) -> OrderUnmapped:
        return OrderUnmapped(key=self._order, what="VAT rate", value=plain(rate), option="orders.import.taxes")


def fits(amount: TaxedAmount, *, rate: Decimal) -> bool:
    """Whether the rate explains both amounts, each of which may be off by half of its last decimal."""
    factor = 1 + rate / HUNDRED
    return abs(amount.gross - amount.net * factor) <= _half(amount.gross) + _half(amount.net) * factor


def _half(value: Decimal) -> Decimal:
    exponent = value.normalize().as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else CENT_PLACES
    return Decimal(5).scaleb(-1 - min(max(places, CENT_PLACES), FINEST_PLACES))
