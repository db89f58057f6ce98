"""What an order charges, thing by thing: its VAT rate, and what the discounts take off it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import Enum, auto

import msgspec
from msgspec.structs import replace

from passerelle.domain.money import rounded, without_vat
from passerelle.domain.orders import Discount, SalesOrder, SoldLine, TaxedAmount
from passerelle.planner.vat_rates import VatRates

CENT = Decimal("0.01")
UNIT_PLACES = 6
DISCOUNT_SLACK = Decimal("0.02")  # both amounts of a discount rounded, and those its rate was averaged from


class PartKind(Enum):
    """What is charged; discounts are taken off in this order."""

    GOODS = auto()
    SHIPPING = auto()
    WRAPPING = auto()


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One thing charged: `amount` before discounts, `taken` what they take off it, incl. VAT, in whole cents."""

    kind: PartKind
    amount: TaxedAmount
    rate: Decimal
    line: SoldLine | None = None
    taken: Decimal = Decimal(0)

    @property
    def gross(self) -> Decimal:
        """What is left to pay, incl. VAT, in whole cents."""
        return rounded(self.amount.gross, places=2) - self.taken

    @property
    def net(self) -> Decimal:
        """What is left to pay, excl. VAT, as the shop counted it; unrounded where a discount was taken."""
        return self.amount.net - without_vat(self.taken, rate=self.rate)


def charged_amounts(order: SalesOrder) -> list[TaxedAmount]:
    """Everything the order charges, before its discounts."""
    shipping = [order.shipping.amount] if order.shipping else []
    return [*(line.total for line in order.lines), *shipping, order.wrapping]


def charged_vat(order: SalesOrder) -> bool:
    """Whether VAT was charged on anything: an order that a voucher pays whole has no VAT left in its total."""
    amounts = [*charged_amounts(order), *(line.unit for line in order.lines)]
    return order.total.gross != order.total.net or any(amount.gross != amount.net for amount in amounts)


def parts_of(order: SalesOrder, *, rates: VatRates) -> list[Part]:
    """What the order charges, after its discounts. Raises OrderUnmapped when the rate of something is not known."""
    found = [(PartKind.GOODS, line.total, line, rates.of_line(line)) for line in order.lines]
    extras = [(PartKind.SHIPPING, order.shipping.amount)] if order.shipping and order.shipping.amount.gross else []
    extras += [(PartKind.WRAPPING, order.wrapping)] if order.wrapping.gross else []
    rated = [*found, *((kind, amount, None, rates.of(amount)) for kind, amount in extras)]
    known = [(amount.gross, rate) for _, amount, _, rate in rated if rate is not None]
    main = max(known)[1] if known else rates.highest()  # for a gift: any rate of nothing is nothing
    parts = [
        Part(kind=kind, amount=amount, line=line, rate=main if rate is None else rate)
        for kind, amount, line, rate in rated
    ]
    return discounted(parts, discounts=order.discounts)


def discounted(parts: Sequence[Part], *, discounts: Iterable[Discount]) -> list[Part]:
    """The parts less the discounts. Free delivery first takes off the delivery; the rest goes over the goods, then the
    delivery, then the wrapping. What exceeds them all is left out.
    """
    left = list(parts)
    for discount in discounts:
        left = _one_discount(left, discount)
    return left


def _one_discount(parts: list[Part], discount: Discount) -> list[Part]:
    rest = TaxedAmount(discount.amount.net, rounded(discount.amount.gross, places=2))
    if discount.free_shipping:
        parts, rest = _off(parts, _of_kind(parts, PartKind.SHIPPING), rest)
    goods = _meant(parts, rest)
    for pool in (goods, *(_of_kind(parts, kind) for kind in PartKind)):
        parts, rest = _off(parts, pool, rest)
    return parts


def _of_kind(parts: Sequence[Part], kind: PartKind) -> list[int]:
    return [index for index, part in enumerate(parts) if part.kind is kind]


def _meant(parts: Sequence[Part], discount: TaxedAmount) -> list[int]:
    """The goods a discount is for: all, unless its own VAT says that it was for those of one rate."""
    goods = _of_kind(parts, PartKind.GOODS)
    if _explains(parts, goods, discount):
        return goods
    by_rate = [[i for i in goods if parts[i].rate == rate] for rate in dict.fromkeys(parts[i].rate for i in goods)]
    meant = [pool for pool in by_rate if _explains(parts, pool, discount)]
    return meant[0] if len(meant) == 1 else goods


def _explains(parts: Sequence[Part], pool: Sequence[int], discount: TaxedAmount) -> bool:
    whole = sum((parts[index].gross for index in pool), Decimal(0))
    if whole < discount.gross or not whole:
        return False
    net = sum((without_vat(parts[index].gross, rate=parts[index].rate) for index in pool), Decimal(0))
    return abs(net * discount.gross / whole - discount.net) <= DISCOUNT_SLACK


def _off(parts: list[Part], pool: Sequence[int], amount: TaxedAmount) -> tuple[list[Part], TaxedAmount]:
    """Take an amount off some parts, as far as they reach; gives the parts and what is left of the amount."""
    reached = [index for index in pool if parts[index].gross > 0]
    shares = apportioned(amount.gross, weights=[parts[index].gross for index in reached])
    left, net = list(parts), amount.net
    for index, share in zip(reached, shares, strict=True):
        left[index] = replace(parts[index], taken=parts[index].taken + share)
        net -= without_vat(share, rate=parts[index].rate)
    return left, TaxedAmount(net, amount.gross - sum(shares, Decimal(0)))


def apportioned(amount: Decimal, *, weights: Sequence[Decimal]) -> list[Decimal]:
    """`amount` in proportion to the weights (whole cents, all positive), in whole cents that add up to it exactly.

    The cents that proportion leaves over go where most of one was cut off. No share exceeds its weight.
    """
    whole = sum(weights, Decimal(0))
    wanted = min(amount, whole)
    if wanted <= 0:
        return [Decimal(0) for _ in weights]
    cents, total = int(wanted / CENT), int(whole / CENT)
    exact = [divmod(cents * int(weight / CENT), total) for weight in weights]
    over = cents - sum(floor for floor, _ in exact)
    first = sorted(range(len(exact)), key=lambda index: -exact[index][1])[:over]
    return [(floor + (index in first)) * CENT for index, (floor, _) in enumerate(exact)]


def unit_price(amount: Decimal, *, quantity: Decimal) -> Decimal:
    """The unit price with the fewest decimals, up to 6, whose product is the amount to the cent.

    Above some ten thousand pieces none may reach it: the nearest is given then.
    """
    exact = amount / quantity
    for places in range(2, UNIT_PLACES + 1):
        price = rounded(exact, places=places)
        if rounded(price * quantity, places=2) == amount:
            return price
    return rounded(exact, places=UNIT_PLACES)
