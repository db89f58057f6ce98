"""A price incl. VAT in the ERP displays to the cent in the shop, and no product ever shows at price 0."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from random import Random

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import SOAK, House, incl_vat

from passerelle.domain.pricing import Price, stored_price

CODES = {"C20": Decimal(20), "C10": Decimal(10), "C55": Decimal("5.5"), "C21": Decimal("2.1")}
CENT = Decimal("0.01")


def any_price(random: Random) -> Decimal:
    """From a cent to a hundred thousand, the small ones as often as the large ones."""
    return Decimal(random.randint(1, 10 ** random.randint(1, 7))) * CENT


@pytest.mark.parametrize("rate", CODES.values(), ids=str)
def test_ten_thousand_prices_incl_vat_display_to_the_cent(rate: Decimal) -> None:
    random = Random(f"prices-{rate}")
    for _ in range(10_000):
        wanted = any_price(random)
        held = stored_price(Price(wanted, tax_included=True), rate=rate, basis="excl", places=6)
        assert held == held.quantize(Decimal("0.000001"))
        assert (held * (1 + rate / 100)).quantize(CENT, ROUND_HALF_UP) == wanted


@pytest.mark.slow
@pytest.mark.parametrize("code", CODES)
def test_prices_display_to_the_cent_through_the_whole_way(build: Builder, code: str) -> None:
    house, random = build(), Random(f"shop-{code}")
    count = 2500 if SOAK else 100
    wanted = {f"P{n:05d}": (any_price(random), random.random() < 0.7) for n in range(count)}
    family = CODES[code]
    house.sage.set_vat_of_family("DIVERS", 1, code)
    _priced(house, wanted, new=True)
    house.done("catalogue", "prices")
    _assert_displayed(house, wanted, family)
    wanted = {ref: (any_price(random), included) for ref, (_, included) in wanted.items()}
    _priced(house, wanted, new=False)
    house.done("prices")
    _assert_displayed(house, wanted, family)
    house.assert_nothing_free()


def _priced(house: House, wanted: dict[str, tuple[Decimal, bool]], *, new: bool) -> None:
    for ref, (price, included) in wanted.items():
        if new:
            house.sage.add_article(ref, AR_PrixVen=str(price), AR_PrixTTC=int(included), AR_Langue1=ref)
        else:
            house.sage.set_price(ref, price)


def _assert_displayed(house: House, wanted: dict[str, tuple[Decimal, bool]], rate: Decimal) -> None:
    shown = {row.text("reference"): house.shop.displayed_price(row.id) for row in house.shop.products.values()}
    assert shown == {ref: incl_vat(price, included=included, rate=rate) for ref, (price, included) in wanted.items()}


def test_a_price_that_is_less_than_half_a_millionth_is_no_price(house: House) -> None:
    house.sage.set_price("ART-004", "0.0000004", ttc=False)
    house.done()
    assert house.product("ART-004").text("active") == "0"
    house.assert_nothing_free()


def test_a_change_of_vat_keeps_the_price_incl_vat(house: House) -> None:
    house.done()
    house.sage.set_price("ART-005", "19.99", ttc=True)
    house.done()
    for code in ("C55", "C21", "C20", "C10"):
        house.sage.set_vat_of_article("ART-005", 1, code)
        for flow in ("prices", "catalogue"):
            house.done(flow)
            assert house.shop.displayed_price(house.product("ART-005").id) == Decimal("19.99")
