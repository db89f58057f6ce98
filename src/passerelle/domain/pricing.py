"""Prices and VAT as an ERP gives them, and what the shop must store for them."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

from passerelle.domain.money import rounded, with_vat, without_vat

Basis = Literal["excl", "incl"]


class Tax(msgspec.Struct, frozen=True):
    """The ERP's tax of an article: its own code and the rate in percent."""

    code: str
    rate: Decimal


class Price(msgspec.Struct, frozen=True):
    """A unit price; `tax_included` says which of the two prices is the reference, kept to the cent."""

    amount: Decimal
    tax_included: bool


class TaxRule(msgspec.Struct, frozen=True):
    """A tax rule of the shop. `rate` in percent for the shop's own country; None when the shop does not say."""

    id: str
    name: str
    rate: Decimal | None


def stored_price(price: Price, *, rate: Decimal | None, basis: Basis, places: int) -> Decimal:
    """What a shop that stores prices on `basis` with `places` decimals must hold for this reference price.

    `rate` is in percent and only needed when the reference and the shop's basis differ.
    Raises ValueError when it is needed and missing.
    """
    amount = price.amount
    if price.tax_included != (basis == "incl"):
        if rate is None:
            raise ValueError("a price cannot be converted without a VAT rate")
        amount = without_vat(amount, rate=rate) if price.tax_included else with_vat(amount, rate=rate)
    return rounded(amount, places=places)
