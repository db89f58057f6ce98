"""One order at a time: what its document says, and why it is put aside."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from passerelle.domain.orders import (
    NOTHING,
    Discount,
    DocumentTotals,
    SalesDocument,
    SalesOrder,
    ShippingLine,
    SoldLine,
    TaxedAmount,
)
from passerelle.domain.parties import Address, Customer
from passerelle.errors import (
    CustomerNameMissing,
    OrderCurrency,
    OrderFieldTooLong,
    OrderKeyTooLong,
    OrderLineUnknown,
    OrderTotalDiffers,
    OrderUnmapped,
    OrderUnreadable,
    OrderUnsupported,
    OrderVatDiffers,
)
from passerelle.planner.buyers import customer_of, identity_of, new_code, next_code
from passerelle.planner.order_lines import apportioned, unit_price
from passerelle.planner.order_totals import settle_totals
from passerelle.planner.orders import ErpArticle, plan_document, tax_category
from passerelle.planner.vat_rates import VatRates, fits
from passerelle.planner.zones import zone_of
from passerelle.profile.sections import CustomerImportOptions, OrderImportOptions

D = Decimal
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOME = Address(name="Anne Martin", line1="1 rue Haute", postcode="75001", city="Paris", country="FR")
ANNE = Customer(
    shop_id="3", email="anne@example.com", first_name="Anne", last_name="Martin", invoice_address=HOME,
    delivery_address=HOME,
)  # fmt: skip
OPTIONS = OrderImportOptions(
    statuses=(2,),
    taxes={"20": "C20", "5.5": "C55", "0": "C00"},
    tax_categories={"france": "1", "eu": "1", "eu.vat.exempt": "2", "world.exempt": "3"},
    payment_methods={"wire": "Virement"},
    carriers={"2": "Transporteur", "4": "Coursier"},
    shipping_articles={"4": "COURSE", "*": "PORT"},
    wrapping_article="EMBALLAGE",
    rounding_article="ARRONDI",
    rounding_tax="C00",
    countries={"FR": "France", "BE": "Belgique"},
)


def _both(net: str, gross: str) -> TaxedAmount:
    return TaxedAmount(D(net), D(gross))


def _sold(number: int = 1, *, net: str = "10.00", gross: str = "12.00", **changes: Any) -> SoldLine:
    amount = _both(net, gross)
    values: dict[str, Any] = {"unit": amount, "total": amount, "quantity": D(1), "rate": None, **changes}
    return SoldLine(product_id=str(number), sku=f"A{number}", name=f"Article {number}", **values)


def _order(*lines: SoldLine, **changes: Any) -> SalesOrder:
    """An order whose total is the sum of what it charges."""
    sold = lines or (_sold(),)
    shipping, wrapping = changes.get("shipping"), changes.get("wrapping", NOTHING)
    plus = [*(line.total for line in sold), *([shipping.amount] if shipping else []), wrapping]
    minus = [discount.amount for discount in changes.get("discounts", ())]
    total = TaxedAmount(
        sum((a.net for a in plus), D(0)) - sum((a.net for a in minus), D(0)),
        sum((a.gross for a in plus), D(0)) - sum((a.gross for a in minus), D(0)),
    )
    values: dict[str, Any] = {"customer": ANNE, "currency": "EUR", "total": total, "payment_method": "wire"}
    return SalesOrder(
        shop_id="7", reference="XKBK", status="2", created_at=AT, updated_at=AT, payment_label="Virement bancaire",
        lines=sold, **{**values, **changes},
    )  # fmt: skip


def _plan(order: SalesOrder, *, key: str = "MD", **changes: Any) -> SalesDocument:
    return plan_document(
        order, options=OrderImportOptions(**{**_as_dict(OPTIONS), **changes}), profile_key=key, currency="EUR",
        customer_code="WEBMD3", articles={line.article: ErpArticle(line.sku) for line in order.lines},
        dated_on=date(2026, 11, 24),
    )  # fmt: skip


def _as_dict(options: OrderImportOptions) -> dict[str, Any]:
    return {name: getattr(options, name) for name in options.__dataclass_fields__}


def _shipping(carrier: str = "2", *, net: str = "7.00", gross: str = "8.40") -> ShippingLine:
    return ShippingLine(carrier=carrier, name="Colis", amount=_both(net, gross))


def _prices(document: SalesDocument) -> list[tuple[str, Decimal]]:
    return [(line.sku, line.unit_price) for line in document.lines]


# --- the document ---


def test_a_document_carries_the_erps_own_names() -> None:
    document = _plan(_order(shipping=_shipping("4")), series="WEB", warehouse="Dépôt")
    assert (document.order_key, document.payment_method, document.carrier) == ("MD-7", "Virement", "Coursier")
    assert (document.series, document.warehouse, document.tax_category) == ("WEB", "Dépôt", "1")
    assert document.delivery_address == replace(HOME, country="France")


def test_lines_carry_the_shops_names_and_include_vat() -> None:
    first, shipping = _plan(_order(shipping=_shipping("4"))).lines
    assert (first.label, first.tax_included, first.tax_code, first.unit_price) == ("Article 1", True, "C20", D("12.00"))
    assert (shipping.sku, shipping.label, shipping.tax_code, shipping.unit_price) == (
        "COURSE", "Colis", "C20", D("8.40"),
    )  # fmt: skip


def test_a_reference_is_filled_in_once_and_knows_only_its_own_names() -> None:
    order = _order(customer=replace(ANNE, company="{shop_id}"))
    document = _plan(order, reference="{shop_order}/{shop_id} {customer} {payment} {other} {0.__class__}")
    assert document.reference == "XKBK/7 {shop_id} Virement bancaire {other} {0.__class__}"


def test_vouchers_come_before_what_the_buyer_wrote() -> None:
    discounts = tuple(Discount(code=c, name="Promo", amount=_both("1.00", "1.20")) for c in ("NOEL", ""))
    assert _plan(_order(discounts=discounts, message=" Sonner fort ")).remark == "NOEL, Promo\nSonner fort"


def test_an_order_charged_without_vat_has_lines_without_vat() -> None:
    order = _order(_sold(gross="10.00", rate=D(20)), customer=replace(ANNE, delivery_address=_at("CH")))
    document = _plan(order, countries={"FR": "France", "CH": "Suisse"})
    assert [(line.tax_included, line.tax_code) for line in document.lines] == [(False, "C00")]
    assert document.tax_category == "3"


def test_a_gift_stays_at_price_0() -> None:
    document = _plan(_order(_sold(1, net="10.00", gross="10.55"), _sold(2, net="0", gross="0")))
    assert [(line.sku, line.unit_price, line.tax_code) for line in document.lines] == [
        ("A1", D("10.55"), "C55"),
        ("A2", D(0), "C55"),
    ]


# --- what puts an order aside ---


@pytest.mark.parametrize(
    ("changes", "option"),
    [
        ({"payment_method": "paypal"}, "payment_methods"),
        ({"shipping": _shipping("9")}, "carriers"),
        ({"customer": replace(ANNE, delivery_address=replace(HOME, country="CH"))}, "countries"),
        ({"customer": replace(ANNE, invoice_address=replace(HOME, country="CH"))}, "countries"),
        ({"shipping": _shipping(net="7.00", gross="7.70")}, "taxes"),
    ],
)
def test_what_no_option_names_puts_the_order_aside(changes: dict[str, Any], option: str) -> None:
    with pytest.raises(OrderUnmapped) as caught:
        _plan(_order(**changes))
    assert caught.value.params["option"] == f"orders.import.{option}"


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"shipping": _shipping()}, {"shipping_articles": {"4": "COURSE"}}),
        ({"wrapping": _both("2.00", "2.40")}, {"wrapping_article": ""}),
        ({}, {"taxes": {"5.5": "C55"}}),
        ({}, {"tax_categories": {"france.exempt": "9"}}),
    ],
)
def test_an_article_or_code_that_is_not_set_puts_the_order_aside(
    changes: dict[str, Any], setting: dict[str, Any]
) -> None:
    with pytest.raises(OrderUnmapped) as caught:
        _plan(_order(**changes), **setting)
    assert caught.value.params["option"] == f"orders.import.{next(iter(setting))}"


def test_a_line_that_is_no_article_puts_the_order_aside() -> None:
    order = _order()
    with pytest.raises(OrderLineUnknown, match=r"Article 1.*A1"):
        plan_document(
            order, options=OPTIONS, profile_key="MD", currency="EUR", customer_code="X", articles={"1": None},
            dated_on=date(2026, 11, 24),
        )  # fmt: skip


def test_another_currency_puts_the_order_aside() -> None:
    with pytest.raises(OrderCurrency):
        _plan(_order(currency="CHF"))


def test_a_key_that_the_erp_cannot_hold_puts_the_order_aside() -> None:
    with pytest.raises(OrderKeyTooLong, match="MAIS-1234567890123"):
        _plan(replace(_order(), shop_id="1234567890123"), key="MAIS")


def test_a_charge_that_no_line_shows_puts_the_order_aside() -> None:
    with pytest.raises(OrderTotalDiffers, match=r"13\.00.*12\.00"):
        _plan(_order(total=_both("10.83", "13.00")))


def test_two_cents_that_the_rounding_of_the_total_explains_are_accepted() -> None:
    assert _plan(_order(total=_both("10.02", "12.02"))).lines
    with pytest.raises(OrderTotalDiffers):
        _plan(_order(total=_both("10.03", "12.03")))


def test_a_quantity_below_0_puts_the_order_aside() -> None:
    with pytest.raises(OrderUnsupported):
        _plan(_order(_sold(), _sold(2, net="-1.00", gross="-1.20", quantity=D(-1))))


def test_an_order_without_an_address_is_unreadable() -> None:
    with pytest.raises(OrderUnreadable):
        _plan(_order(customer=replace(ANNE, invoice_address=None, delivery_address=None)))


# --- discounts ---


def _discount(net: str, gross: str, *, free: bool = False) -> Discount:
    return Discount(code="NOEL", name="Noël", amount=_both(net, gross), free_shipping=free)


def test_a_discount_goes_over_the_goods_in_proportion_and_leaves_the_delivery_alone() -> None:
    lines = (_sold(1, net="20.00", gross="24.00"), _sold(2, net="10.00", gross="12.00"))
    document = _plan(_order(*lines, shipping=_shipping(), discounts=(_discount("7.50", "9.00"),)))
    assert _prices(document) == [("A1", D("18.00")), ("A2", D("9.00")), ("PORT", D("8.40"))]


def test_free_delivery_first_takes_off_the_delivery() -> None:
    document = _plan(_order(shipping=_shipping(), discounts=(_discount("8.00", "9.60", free=True),)))
    assert _prices(document) == [("A1", D("10.80"))]


def test_delivery_that_costs_nothing_has_no_line_and_needs_no_article() -> None:
    order = _order(shipping=_shipping(net="0", gross="0"))
    assert _prices(_plan(order, shipping_articles={})) == [("A1", D("12.00"))]


def test_a_discount_larger_than_the_goods_goes_on_to_delivery_and_wrapping() -> None:
    order = _order(
        shipping=_shipping(), wrapping=_both("2.00", "2.40"), discounts=(_discount("18.00", "21.60"),)
    )  # fmt: skip
    assert _prices(_plan(order)) == [("A1", D(0)), ("EMBALLAGE", D("1.20"))]


def test_a_discount_whose_vat_is_that_of_one_rate_goes_over_the_goods_of_that_rate() -> None:
    lines = (_sold(1, net="100.00", gross="120.00"), _sold(2, net="100.00", gross="105.50"))
    document = _plan(_order(*lines, discounts=(_discount("9.48", "10.00"),)))
    assert _prices(document) == [("A1", D("120.00")), ("A2", D("95.50"))]


def test_an_order_that_a_voucher_pays_whole_still_counts_as_charged_with_vat() -> None:
    order = _order(discounts=(_discount("10.00", "12.00"),))
    assert order.total.gross == order.total.net
    assert [(line.tax_included, line.tax_code) for line in _plan(order).lines] == [(True, "C20")]


@settings(max_examples=300)
@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=12).flatmap(
        lambda weights: st.tuples(st.just(weights), st.integers(0, sum(weights)))
    )
)
def test_shares_add_up_to_the_cent_and_none_exceeds_its_part(drawn: tuple[list[int], int]) -> None:
    weights, amount = drawn
    shares = apportioned(D(amount).scaleb(-2), weights=[D(weight).scaleb(-2) for weight in weights])
    cents = [int(share * 100) for share in shares]
    assert sum(cents) == amount
    assert all(0 <= cent <= weight for cent, weight in zip(cents, weights, strict=True))
    assert all(abs(c * sum(weights) - amount * w) < sum(weights) for c, w in zip(cents, weights, strict=True))


def test_the_odd_cent_goes_where_most_of_one_was_cut_off() -> None:
    assert apportioned(D("0.05"), weights=[D(1), D(2), D(1)]) == [D("0.01"), D("0.03"), D("0.01")]


@settings(max_examples=300)
@given(st.integers(0, 10**9), st.integers(1, 9_999))
def test_a_unit_price_of_six_decimals_reaches_every_amount_below_ten_thousand_pieces(cents: int, pieces: int) -> None:
    price = unit_price(D(cents).scaleb(-2), quantity=D(pieces))
    millionths = int(price * 10**6)
    assert D(millionths).scaleb(-6) == price
    assert (millionths * pieces + 5000) // 10_000 == cents


def test_a_unit_price_has_no_more_decimals_than_it_needs() -> None:
    assert unit_price(D("30.00"), quantity=D(3)) == D("10.00")
    assert unit_price(D("10.00"), quantity=D(3)) == D("3.333")


# --- rates ---


@pytest.mark.parametrize(
    ("net", "gross", "rate", "explained"),
    [
        ("7.00", "8.40", "20", True),
        ("8.33", "10.00", "20", True),
        ("8.333333", "10.000000", "20", True),
        ("8.333333", "10.100000", "20", False),
        ("10.00", "11.00", "20", False),
    ],
)
def test_a_rate_explains_amounts_within_their_own_rounding(net: str, gross: str, rate: str, explained: bool) -> None:
    assert fits(_both(net, gross), rate=D(rate)) is explained


def test_a_few_cents_that_several_rates_explain_are_never_guessed() -> None:
    rates = VatRates({"10": "C10", "5.5": "C55"}, order="7", exempt=False)
    with pytest.raises(OrderUnmapped, match="VAT rate"):
        rates.of(_both("0.10", "0.11"))


def test_the_shops_rate_settles_what_several_rates_explain() -> None:
    rates = VatRates({"10": "C10", "5.5": "C55"}, order="7", exempt=False)
    assert rates.of_line(_sold(net="0.10", gross="0.11", rate=D("5.5"))) == D("5.5")


def test_the_amounts_win_over_a_rate_that_the_shop_changed_since() -> None:
    rates = VatRates({"20": "C20", "10": "C10"}, order="7", exempt=False)
    assert rates.of_line(_sold(net="10.00", gross="12.00", rate=D(10))) == D(20)


# --- zones and accounting categories ---


def _at(country: str, postcode: str = "1000") -> Address:
    return replace(HOME, country=country, postcode=postcode)


@pytest.mark.parametrize(
    ("country", "postcode", "zone"),
    [
        ("FR", "75001", "france"),
        ("MC", "98000", "france"),
        ("FR", "98000", "france"),
        ("FR", "97400", "world"),
        ("FR", "988 00", "world"),
        *((code, "97000", "world") for code in ("GP", "MQ", "GF", "RE", "YT", "NC", "PF", "BL", "MF")),
        ("BE", "1000", "eu"),
        ("GR", "10431", "eu"),
        ("DE", "97070", "eu"),
        ("ES", "28001", "eu"),
        ("ES", "35001", "world"),
        ("GB", "SW1A", "world"),
        ("CH", "1200", "world"),
    ],
)
def test_the_zone_is_that_of_vat_not_of_the_map(country: str, postcode: str, zone: str) -> None:
    assert zone_of(_at(country, postcode)) == zone


def test_a_vat_number_without_its_own_row_falls_back_and_exemption_never_does() -> None:
    company = replace(ANNE, vat_number="BE0123456749", delivery_address=_at("BE"))
    exempt = _order(_sold(gross="10.00"), customer=company)
    assert tax_category(_order(customer=company), options=OPTIONS) == "1"
    assert tax_category(exempt, options=OPTIONS) == "2"
    with pytest.raises(OrderUnmapped, match=r"eu\.exempt"):
        tax_category(replace(exempt, customer=replace(company, vat_number="")), options=OPTIONS)


# --- the ERP's totals ---


def _totals(**by_tax: tuple[str, str]) -> DocumentTotals:
    both = {code: (D(base), D(vat)) for code, (base, vat) in by_tax.items()}
    return DocumentTotals(sum((base + vat for base, vat in both.values()), D(0)), both)


def _settle(order: SalesOrder, totals: DocumentTotals, **changes: Any) -> SalesDocument:
    options = OrderImportOptions(**{**_as_dict(OPTIONS), **changes})
    return settle_totals(_plan(order), order, totals=totals, options=options)


def test_equal_totals_leave_the_document_as_it_is() -> None:
    assert _settle(_order(), _totals(C20=("10.00", "2.00"))) == _plan(_order())


@pytest.mark.parametrize(("vat", "quantity"), [("2.03", D(-1)), ("1.97", D(1))])
def test_a_difference_becomes_a_rounding_line(vat: str, quantity: Decimal) -> None:
    line = _settle(_order(), _totals(C20=("10.00", vat))).lines[-1]
    assert (line.sku, line.quantity, line.unit_price, line.tax_code) == ("ARRONDI", quantity, D("0.03"), "C00")


@pytest.mark.parametrize("option", ["rounding_article", "rounding_tax"])
def test_a_difference_without_a_rounding_article_puts_the_order_aside(option: str) -> None:
    with pytest.raises(OrderUnmapped, match="rounding") as caught:
        _settle(_order(), _totals(C20=("10.00", "2.01")), **{option: ""})
    assert caught.value.params["option"] == f"orders.import.{option}"


def test_base_and_vat_that_differ_put_the_order_aside_though_the_total_is_right() -> None:
    with pytest.raises(OrderVatDiffers, match=r"at 20 %.*10\.00 \+ 2\.00.*10\.06 \+ 1\.94"):
        _settle(_order(), _totals(C20=("10.06", "1.94")))
    assert _settle(_order(), _totals(C20=("10.05", "1.95"))).lines


def test_another_vat_code_of_the_erp_puts_the_order_aside() -> None:
    with pytest.raises(OrderVatDiffers):
        _settle(_order(), _totals(C55=("11.37", "0.63")))


def test_a_total_that_differs_by_more_than_rounding_puts_the_order_aside() -> None:
    with pytest.raises(OrderTotalDiffers, match=r"12\.00.*12\.06"):
        _settle(_order(), _totals(C20=("10.03", "2.03")))


def test_a_second_rounding_line_is_never_added() -> None:
    order = _order()
    once = _settle(order, _totals(C20=("10.00", "1.99")))
    with pytest.raises(OrderTotalDiffers):
        settle_totals(once, order, totals=_totals(C20=("10.00", "1.99"), C00=("0.02", "0")), options=OPTIONS)


def test_vat_of_a_discount_that_no_spread_explains_puts_the_order_aside() -> None:
    lines = (_sold(1, net="100.00", gross="120.00"), _sold(2, net="100.00", gross="105.50"))
    order = _order(*lines, discounts=(_discount("10.00", "10.00"),))
    counted = _totals(C20=("95.56", "19.11"), C55=("95.57", "5.26"))
    with pytest.raises(OrderVatDiffers, match=r"5\.5 \+ 20|20 \+ 5\.5"):
        _settle(order, counted)


# --- buyers ---


def test_a_guest_is_known_by_the_address_and_an_account_by_its_number() -> None:
    assert identity_of(ANNE) == "3"
    first = identity_of(replace(ANNE, guest=True, shop_id="7", email=" Anne@Example.com"))
    assert first == identity_of(replace(ANNE, guest=True, shop_id="8", email="anne@example.com"))
    assert "anne" not in first.casefold()


def test_a_new_code_is_filled_up_and_never_cut() -> None:
    options = CustomerImportOptions(prefix="WEB", code_length=10)
    assert new_code("12", options=options, profile_key="MD", order="7") == "WEBMD00012"
    assert new_code("1234567", options=options, profile_key="MD", order="7") == "WEBMD1234567"
    with pytest.raises(OrderFieldTooLong):
        new_code("1" * 13, options=options, profile_key="MD", order="7")


def test_a_code_that_is_taken_takes_the_next_whatever_its_case() -> None:
    assert next_code("WEB1", taken={"WEB2"}, order="7") == "WEB1"
    assert next_code("WEB1", taken={"web1", "WEB1-2"}, order="7") == "WEB1-3"
    with pytest.raises(OrderFieldTooLong):
        next_code("W" * 16, taken={"W" * 16}, order="7")


def _customer(customer: Customer) -> Customer:
    return customer_of(
        _order(customer=customer), options=CustomerImportOptions(price_category="2", account="411000"),
        countries={"FR": "France"}, code="WEBMD3", tax_category="1",
    )  # fmt: skip


def test_a_buyer_becomes_a_customer_with_the_erps_country() -> None:
    customer = _customer(replace(ANNE, invoice_address=replace(HOME, company="Durand SA", phone="0102030405")))
    assert (customer.code, customer.company, customer.phone) == ("WEBMD3", "Durand SA", "0102030405")
    assert (customer.price_category, customer.tax_category, customer.account) == ("2", "1", "411000")
    assert customer.delivery_address == replace(HOME, country="France")


def test_a_buyer_without_any_name_puts_the_order_aside() -> None:
    with pytest.raises(CustomerNameMissing):
        _customer(replace(ANNE, first_name=" ", last_name=""))
