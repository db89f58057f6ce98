"""Orders of a small shop, counted in whole numbers and fractions, become documents of a small ERP: same total."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from msgspec import Struct
from msgspec.structs import replace

from passerelle.domain.orders import (
    Discount,
    DocumentTotals,
    SalesDocument,
    SalesOrder,
    ShippingLine,
    SoldLine,
    TaxedAmount,
)
from passerelle.domain.parties import Address, Customer
from passerelle.errors import OrderTotalDiffers, OrderVatDiffers, RecordError
from passerelle.planner.order_totals import rounding_notes, settle_totals
from passerelle.planner.orders import ErpArticle, plan_document
from passerelle.profile.sections import OrderImportOptions

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
RATES = {"20": "C20", "10": "C10", "5.5": "C55", "2.1": "C21", "0": "C00"}
BY_CODE = {code: Fraction(rate) / 100 for rate, code in RATES.items()}
OPTIONS = OrderImportOptions(
    statuses=(2,),
    taxes=RATES,
    tax_categories={"france": "1", "france.exempt": "4"},
    payment_methods={"wire": "Virement"},
    carriers={"2": "Transporteur"},
    shipping_articles={"*": "PORT"},
    wrapping_article="EMBALLAGE",
    rounding_article="ARRONDI",
    rounding_tax="C00",
)
HOME = Address(name="Anne Martin", line1="1 rue Haute", postcode="75001", city="Paris", country="FR")
many = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _cents(value: Fraction) -> Fraction:
    """Half-up to the cent, away from zero."""
    cents = math.floor(abs(value) * 100 + Fraction(1, 2))
    return Fraction(cents if value >= 0 else -cents, 100)


def _decimal(value: Fraction) -> Decimal:
    """With the six decimals that shops store."""
    return Decimal(math.floor(value * 10**6 + Fraction(1, 2))).scaleb(-6)


def _amount(net: Fraction, gross: Fraction) -> TaxedAmount:
    return TaxedAmount(_decimal(net), _decimal(gross))


def _fraction(value: Decimal) -> Fraction:
    return Fraction(*value.as_integer_ratio())


# --- the shop ---


class Good(Struct, frozen=True):
    """Something in a cart; `price` excl. VAT, `rate` in percent as people write it."""

    rate: str
    price: Fraction
    quantity: int
    says_rate: bool


class Cart(Struct, frozen=True):
    """What a buyer put together; a voucher is (kind, size), shipping and wrapping are (price excl. VAT, rate)."""

    goods: tuple[Good, ...]
    rounding: str
    exempt: bool = False
    vouchers: tuple[tuple[str, Fraction], ...] = ()
    shipping: tuple[Fraction, str] | None = None
    wrapping: tuple[Fraction, str] | None = None


def _charged(price: Fraction, rate: str, *, exempt: bool) -> tuple[Fraction, Fraction]:
    return price, price if exempt else price * (1 + Fraction(rate) / 100)


def _line(good: Good, *, rounding: str, exempt: bool) -> tuple[Fraction, Fraction]:
    sides = _charged(good.price, good.rate, exempt=exempt)
    if rounding == "item":
        return (_cents(sides[0]) * good.quantity, _cents(sides[1]) * good.quantity)
    exact = (sides[0] * good.quantity, sides[1] * good.quantity)
    return exact if rounding == "total" else (_cents(exact[0]), _cents(exact[1]))


def _voucher(kind: str, size: Fraction, goods: tuple[Fraction, Fraction]) -> tuple[Fraction, Fraction]:
    """A share of the goods, or an amount incl. VAT whose VAT is the goods' average."""
    net, gross = goods
    if kind == "percent":
        return _cents(net * size), _cents(gross * size)
    taken = min(_cents(size), _cents(gross))
    return (_cents(taken * net / gross) if gross else Fraction(0)), taken


def sell(cart: Cart) -> SalesOrder:
    """The order the shop makes of a cart, by its own rounding."""
    counted = [_line(good, rounding=cart.rounding, exempt=cart.exempt) for good in cart.goods]
    goods = (sum((n for n, _ in counted), Fraction(0)), sum((g for _, g in counted), Fraction(0)))
    extras = {
        name: (_cents(side[0]), _cents(side[1]))
        for name, extra in (("shipping", cart.shipping), ("wrapping", cart.wrapping))
        if extra and (side := _charged(*extra, exempt=cart.exempt))
    }
    discounts, left = [], goods
    for kind, size in cart.vouchers:
        free = kind == "free_shipping"
        taken = extras.get("shipping", (Fraction(0), Fraction(0))) if free else _voucher(kind, size, left)
        left = left if free else (left[0] - taken[0], left[1] - taken[1])
        discounts.append(Discount(code=kind, name=kind, amount=_amount(*taken), free_shipping=free))
    sides = [goods, *extras.values(), *((-_fraction(d.amount.net), -_fraction(d.amount.gross)) for d in discounts)]
    total = _amount(_cents(sum((n for n, _ in sides), Fraction(0))), _cents(sum((g for _, g in sides), Fraction(0))))
    return SalesOrder(
        shop_id="7", reference="XKBKNABJK", status="2", created_at=AT, updated_at=AT, currency="EUR",
        payment_method="wire", payment_label="Virement bancaire",
        customer=Customer(shop_id="3", email="anne@example.com", first_name="Anne", last_name="Martin",
                          invoice_address=HOME, delivery_address=HOME),
        lines=tuple(_sold(*sold, number, cart) for number, sold in enumerate(zip(cart.goods, counted, strict=True))),
        shipping=ShippingLine(carrier="2", name="Colis", amount=_amount(*extras["shipping"]))
        if cart.shipping else None,
        wrapping=_amount(*extras.get("wrapping", (Fraction(0), Fraction(0)))),
        discounts=tuple(discounts), total=total, paid=total.gross,
    )  # fmt: skip


def _sold(good: Good, line: tuple[Fraction, Fraction], number: int, cart: Cart) -> SoldLine:
    shown = (_cents(line[0]), _cents(line[1]))
    return SoldLine(
        product_id=str(number), sku=f"A{number}", name=f"Article {number}", quantity=Decimal(good.quantity),
        unit=_amount(*_charged(good.price, good.rate, exempt=cart.exempt)), total=_amount(*shown),
        rate=Decimal(good.rate) if good.says_rate else None,
    )  # fmt: skip


# --- the ERP ---


def price(document: SalesDocument, *, vat_rounding: str) -> DocumentTotals:
    """Lines to the cent; VAT once a code at the foot, or line by line; what was entered incl. VAT stays so."""
    parts: dict[str, list[tuple[Fraction, bool]]] = defaultdict(list)
    for line in document.lines:
        amount = _cents(_fraction(line.quantity) * _fraction(line.unit_price))
        parts[line.tax_code].append((amount, line.tax_included))
    by_tax = {code: _counted(lines, rate=BY_CODE[code], vat_rounding=vat_rounding) for code, lines in parts.items()}
    shown = {code: (_decimal(base), _decimal(vat)) for code, (base, vat) in by_tax.items()}
    return DocumentTotals(_decimal(sum((b + v for b, v in by_tax.values()), Fraction(0))), shown)


def _counted(lines: list[tuple[Fraction, bool]], *, rate: Fraction, vat_rounding: str) -> tuple[Fraction, Fraction]:
    if vat_rounding == "line":
        lines_base = [_cents(amount / (1 + rate)) if incl else amount for amount, incl in lines]
        vats = [
            amount - base if incl else _cents(base * rate)
            for (amount, incl), base in zip(lines, lines_base, strict=True)
        ]
        return sum(lines_base, Fraction(0)), sum(vats, Fraction(0))
    if vat_rounding == "recounted":  # each line's base to the cent, then VAT on their sum: the total may move
        base = sum((_cents(amount / (1 + rate)) if incl else amount for amount, incl in lines), Fraction(0))
        return base, _cents(base * rate)
    excl = sum((amount for amount, incl in lines if not incl), Fraction(0))
    incl_sum = sum((amount for amount, incl in lines if incl), Fraction(0))
    inner = _cents(incl_sum / (1 + rate))
    return excl + inner, _cents(excl * rate) + incl_sum - inner


# --- carts ---


def _price(low: str, high: str) -> SearchStrategy[Fraction]:
    return st.decimals(low, high, places=6).map(_fraction)


@st.composite
def goods(draw: DrawFn, most: int = 40) -> Good:
    """A price excl. VAT with six decimals, or one that makes whole cents incl. VAT."""
    rate = draw(st.sampled_from(sorted(RATES)))
    exact = draw(_price("1.5", "300"))
    round_gross = _fraction(_decimal(_cents(exact) / (1 + Fraction(rate) / 100)))
    cost = draw(st.sampled_from([exact, round_gross, _cents(exact)]))
    return Good(rate, cost, draw(st.integers(1, most)), draw(st.booleans()))


VOUCHERS = st.one_of(
    st.tuples(st.just("percent"), st.sampled_from([Fraction(5, 100), Fraction(1, 3), Fraction(10, 100), Fraction(1)])),
    st.tuples(st.just("amount"), _price("0.5", "80")),
    st.tuples(st.just("free_shipping"), st.just(Fraction(0))),
)
EXTRAS = st.none() | st.tuples(_price("2", "30"), st.sampled_from(["20", "10", "5.5"]))


def _gifts(found: list[Good]) -> tuple[Good, ...]:
    return (*found, Good("20", Fraction(0), 1, found[0].says_rate))


carts = st.builds(
    Cart,
    st.lists(goods(), min_size=1, max_size=8).flatmap(lambda found: st.sampled_from([tuple(found), _gifts(found)])),
    st.sampled_from(["item", "line", "total"]),
    st.booleans(),
    st.lists(VOUCHERS, max_size=2, unique_by=lambda voucher: voucher[0]).map(tuple),
    EXTRAS,
    EXTRAS,
)
plain_carts = st.builds(
    Cart,
    st.lists(goods(most=4), min_size=1, max_size=5).map(tuple),
    st.sampled_from(["line", "total"]),
    st.booleans(),
    st.just(()),
    EXTRAS,
)
foot = st.sampled_from(["document", "line", "recounted"])


def _planned(order: SalesOrder) -> SalesDocument:
    return plan_document(
        order, options=OPTIONS, profile_key="MD", currency="EUR", customer_code="WEBMD3",
        articles={line.article: ErpArticle(line.sku) for line in order.lines}, dated_on=date(2026, 11, 24),
    )  # fmt: skip


def _settled(order: SalesOrder, *, vat_rounding: str) -> SalesDocument:
    document = _planned(order)
    totals = price(document, vat_rounding=vat_rounding)
    return settle_totals(document, order, totals=totals, options=OPTIONS)


@many
@given(cart=carts, vat_rounding=foot)
def test_the_document_totals_what_the_shop_charged_or_the_order_says_why_not(cart: Cart, vat_rounding: str) -> None:
    order = sell(cart)
    try:
        document = _settled(order, vat_rounding=vat_rounding)
    except (OrderVatDiffers, OrderTotalDiffers) as error:
        event(f"{error.code()} ({cart.rounding})")
        return
    event("placed with a rounding line" if document.lines[-1].sku == "ARRONDI" else "placed")
    assert price(document, vat_rounding=vat_rounding).total == order.total.gross
    assert all(line.tax_included is not cart.exempt for line in document.lines) or order.total.gross == order.total.net


@many
@given(cart=plain_carts)
def test_a_plain_order_is_never_put_aside(cart: Cart) -> None:
    order = sell(cart)
    assert price(_settled(order, vat_rounding="document"), vat_rounding="document").total == order.total.gross


@many
@given(cart=carts)
def test_the_document_itself_is_off_by_no_more_than_the_shops_own_rounding(cart: Cart) -> None:
    order = sell(cart)
    slack = Decimal("0.005") * (len(order.lines) + 1) if cart.rounding == "total" else Decimal(0)
    assert abs(price(_planned(order), vat_rounding="document").total - order.total.gross) <= slack


@many
@given(cart=carts.map(lambda cart: replace(cart, vouchers=())))
def test_an_order_without_vouchers_is_put_aside_for_a_gap_in_base_or_vat_only(cart: Cart) -> None:
    order = sell(cart)
    document = _planned(order)
    totals = price(document, vat_rounding="document")
    gaps = [abs(gap) for gap in _gaps(order, cart, totals)]
    try:
        settle_totals(document, order, totals=totals, options=OPTIONS)
    except OrderVatDiffers:
        assert max(gaps) > Fraction(5, 100)
    else:
        assert max(gaps) <= Fraction(5, 100)
    notes = rounding_notes(order, totals=totals, options=OPTIONS)
    assert max(max(abs(note.base_gap), abs(note.vat_gap)) for note in notes) == _decimal(max(gaps))


def _gaps(order: SalesOrder, cart: Cart, totals: DocumentTotals) -> list[Fraction]:
    """Base and VAT of the ERP less the shop's, by code, from the cart's own rates."""
    shop: dict[str, list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    charged = [(good.rate, line.total) for good, line in zip(cart.goods, order.lines, strict=True)]
    charged += [(cart.shipping[1], order.shipping.amount)] if cart.shipping and order.shipping else []
    charged += [(cart.wrapping[1], order.wrapping)] if cart.wrapping else []
    for rate, amount in charged:
        side = shop[RATES["0" if cart.exempt else rate]]
        side[0] += _fraction(amount.net)
        side[1] += _fraction(amount.gross - amount.net)
    codes = {*shop, *totals.by_tax}
    erp = {code: totals.by_tax.get(code, (Decimal(0), Decimal(0))) for code in codes}
    return [_fraction(erp[code][side]) - shop[code][side] for code in codes for side in (0, 1)]


def test_most_orders_of_any_kind_are_placed() -> None:
    placed, aside = 0, 0

    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    @given(cart=carts, vat_rounding=st.just("document"))
    def count(cart: Cart, vat_rounding: str) -> None:
        nonlocal placed, aside
        try:
            _settled(sell(cart), vat_rounding=vat_rounding)
        except RecordError:
            aside += cart.rounding != "item"  # a shop that rounds each item really counts another VAT
        else:
            placed += 1

    count()
    assert aside <= (placed + aside) // 100
