"""Taxes and totals of orders: the shop's own arithmetic, by line or at the subtotal, prices with tax or without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

from passerelle.sandbox.woocommerce.database import Database
from passerelle.sandbox.woocommerce.product_view import shown_tax_class
from passerelle.sandbox.woocommerce.rows import ZERO, Line, Order, Product, Tax, TaxLine, TaxRate
from passerelle.sandbox.woocommerce.values import number, rounded

# The digits that the shop keeps of a tax before it rounds it to what is displayed.
_KEPT = Decimal("0.000001")


def calculate(database: Database, order: Order, *, stored: Mapping[int, Decimal] | None = None) -> None:
    """Taxes of every line, tax lines, totals.

    `stored` is what lines cost before a coupon that is being applied: fees below zero still go by that.
    """
    country = tax_country(database, order)
    for line in order.lines:
        tax_line(database, order, line, country=country, stored=stored or {})
    _sum_taxes(database, order)
    _sum_totals(database, order)


def tax_country(database: Database, order: Order) -> str:
    """Where the order is taxed: delivery, else billing, else the shop's own country."""
    based_on = database.setting("woocommerce_tax_based_on")
    delivery, billing = order.shipping.get("country", ""), order.billing.get("country", "")
    wanted = {"shipping": delivery or billing, "billing": billing}.get(based_on, "")
    return wanted or home_country(database)


def home_country(database: Database) -> str:
    return database.setting("woocommerce_default_country").partition(":")[0]


def rates(database: Database, country: str, class_slug: str, *, for_shipping: bool = False) -> list[TaxRate]:
    """The rates of a class in a country, one a priority; none where the shop knows none."""
    if not database.is_on("woocommerce_calc_taxes"):
        return []
    found: dict[int, TaxRate] = {}
    for one in sorted(database.state.tax_rates.values(), key=lambda rate: (rate.priority, rate.order, rate.id)):
        if one.country in ("", country) and one.class_slug == class_slug and (one.shipping or not for_shipping):
            found.setdefault(one.priority, one)
    return list(found.values())


def taxes_on(net: Decimal, found: Sequence[TaxRate]) -> dict[int, Decimal]:
    """What a net amount owes of each rate, kept to six digits."""
    return {one.id: (net * Decimal(one.rate) / 100).quantize(_KEPT, ROUND_HALF_UP) for one in found}


def net_price(database: Database, product: Product, *, quantity: int) -> Decimal:
    """The price of so many without tax: from a price with tax, that of the shop's country is taken out, unrounded."""
    price = number(product.price) * quantity
    if not database.is_on("woocommerce_prices_include_tax") or product.tax_status != "taxable":
        return price
    found = rates(database, home_country(database), shown_tax_class(database, product))
    return price - taxes_within(price, found)


def taxes_within(gross: Decimal, found: Sequence[TaxRate]) -> Decimal:
    """The tax inside a gross amount, kept to six digits."""
    percent = sum((Decimal(one.rate) for one in found), ZERO)
    return (gross - gross / (1 + percent / 100)).quantize(_KEPT, ROUND_HALF_UP)


def tax_line(database: Database, order: Order, line: Line, *, country: str, stored: Mapping[int, Decimal]) -> None:
    """Replace the taxes of a line by what its amounts owe."""
    if line.kind == "fee_lines" and line.total < 0:
        line.taxes = _taxes_of_discount(database, order, line, country=country, stored=stored)
        return
    found = _rates_of(database, order, line, country=country)
    totals, subtotals = taxes_on(line.total, found), taxes_on(line.subtotal, found)
    of_product = line.kind == "line_items"
    line.taxes = [Tax(one.id, totals[one.id], subtotals[one.id] if of_product else None) for one in found]


def _rates_of(database: Database, order: Order, line: Line, *, country: str) -> list[TaxRate]:
    if line.tax_status != "taxable":
        return []
    if line.kind != "shipping_lines":
        return rates(database, country, line.tax_class)
    return rates(database, country, _shipping_class(database, order), for_shipping=True)


def _shipping_class(database: Database, order: Order) -> str:
    """The class of delivery: "inherit" takes the first that the lines have, the standard one before the others."""
    wanted = database.setting("woocommerce_shipping_tax_class")
    if wanted != "inherit":
        return wanted
    present = {one.tax_class for one in order.lines if one.kind == "line_items"}
    return next((one for one in ("", *database.state.tax_classes) if one in present), "")


def _taxes_of_discount(
    database: Database, order: Order, fee: Line, *, country: str, stored: Mapping[int, Decimal]
) -> list[Tax]:
    """A negative fee is spread over what it is taken off, untaxed parts too, and taxed as that is."""
    costs: dict[str, Decimal] = {}
    paid = {one.id: stored.get(one.id, one.total) for one in order.lines if one is not fee and one.total > 0}
    for line in (one for one in order.lines if one.id in paid and one.tax_status == "taxable"):
        class_slug = _shipping_class(database, order) if line.kind == "shipping_lines" else line.tax_class
        costs[class_slug] = costs.get(class_slug, ZERO) + paid[line.id]
    total = sum(paid.values(), ZERO)
    taxes: dict[int, Decimal] = {}
    for class_slug, cost in costs.items():
        for rate, tax in taxes_on(fee.total * cost / total, rates(database, country, class_slug)).items():
            taxes[rate] = taxes.get(rate, ZERO) + tax
    return [Tax(rate, tax) for rate, tax in taxes.items()]


def round_tax(database: Database, tax: Decimal) -> Decimal:
    """To the displayed decimals; halves go down where prices include the tax."""
    mode = ROUND_HALF_DOWN if database.is_on("woocommerce_prices_include_tax") else ROUND_HALF_UP
    return tax.quantize(Decimal(1).scaleb(-database.places), mode)


def _at_subtotal(database: Database) -> bool:
    return database.is_on("woocommerce_tax_round_at_subtotal")


def line_tax(database: Database, line: Line, *, subtotal: bool = False) -> Decimal:
    """The tax of a line: the sum of its rates, each rounded unless the shop rounds at the subtotal."""
    amounts = [(one.subtotal or ZERO) if subtotal else one.total for one in line.taxes]
    if _at_subtotal(database):
        return sum(amounts, ZERO)
    return sum((round_tax(database, one) for one in amounts), ZERO)


def _sum_taxes(database: Database, order: Order) -> None:
    sums: dict[int, dict[bool, Decimal]] = {}
    for line in order.lines:
        for one in line.taxes:
            tax = one.total if _at_subtotal(database) else round_tax(database, one.total)
            both = sums.setdefault(one.rate_id, {True: ZERO, False: ZERO})
            both[line.kind == "shipping_lines"] += tax
    held = {one.rate_id: one for one in order.tax_lines}
    order.tax_lines = []
    for rate, both in sums.items():
        kept = held.get(rate) or TaxLine(database.next_id("items"), rate)
        kept.tax_total, kept.shipping_tax_total = both[False], both[True]
        order.tax_lines.append(kept)
    order.cart_tax = sum((one[False] for one in sums.values()), ZERO)
    order.shipping_tax = sum((one[True] for one in sums.values()), ZERO)
    order.total_tax = rounded(order.cart_tax + order.shipping_tax, database.places)


def _sum_totals(database: Database, order: Order) -> None:
    products = [one for one in order.lines if one.kind == "line_items"]
    places = database.places
    before, after = (_items_total(database, products, name) for name in ("subtotal", "total"))
    deliveries = (one.total for one in order.lines if one.kind == "shipping_lines")
    order.shipping_total = sum((rounded(one, places) for one in deliveries), ZERO)
    fees = sum((one.total for one in order.lines if one.kind == "fee_lines"), ZERO)
    order.discount_total = rounded(before - after, places)
    order.discount_tax = round_tax(database, _unrounded(products, subtotal=True) - _unrounded(products, subtotal=False))
    taxes = order.cart_tax + order.shipping_tax
    order.total = rounded(after + fees + order.shipping_total + taxes, places)


def _items_total(database: Database, lines: Iterable[Line], name: str) -> Decimal:
    amounts = [getattr(line, name) for line in lines]
    if not _at_subtotal(database):
        amounts = [rounded(one, database.places) for one in amounts]
    return sum(amounts, ZERO)


def _unrounded(lines: Iterable[Line], *, subtotal: bool) -> Decimal:
    taxes = [tax for line in lines for tax in line.taxes]
    return sum(((one.subtotal or ZERO) if subtotal else one.total for one in taxes), ZERO)
