"""To the cent: the shop's own amounts add up, and the ERP's totals meet them, with a rounding line where they must."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from passerelle.domain.money import rounded
from passerelle.domain.orders import DocumentTotals, SalesDocument, SalesLine, SalesOrder, TaxedAmount
from passerelle.errors import OrderTotalDiffers, OrderUnmapped, OrderVatDiffers
from passerelle.planner.order_lines import charged_amounts, charged_vat, parts_of
from passerelle.planner.taxes import plain
from passerelle.planner.vat_rates import VatRates
from passerelle.profile.sections import OrderImportOptions

NOTHING = Decimal(0)
HALF_CENT = Decimal("0.005")
WIDEST_GAP = Decimal("0.05")


class RoundingNote(msgspec.Struct, frozen=True):
    """How far the ERP is from the shop at one rate (percent), before any rounding line: ERP less shop, unrounded."""

    rate: Decimal
    base_gap: Decimal
    vat_gap: Decimal


class _Side(msgspec.Struct, frozen=True):
    base: Decimal
    vat: Decimal

    def __str__(self) -> str:
        return f"{rounded(self.base, places=2)} + {rounded(self.vat, places=2)}"


def rates_of(order: SalesOrder, *, options: OrderImportOptions) -> VatRates:
    """The rates of a profile, asked about this order."""
    return VatRates(options.taxes, order=order.shop_id, exempt=not charged_vat(order))


def check_adds_up(order: SalesOrder) -> None:
    """Raises OrderTotalDiffers when the lines, delivery and wrapping less the discounts are not the shop's total.

    A shop that rounds each item adds up exactly. One that rounds only the total may show each amount up to half a cent
    beside what it added, and the total as much; on long orders such halves cancel out, so a gap above five cents is a
    charge that no line shows, unless the shop added its lines before it rounded them: some do, and the unit
    prices (6 decimals) then tell what it added.
    """
    unrounded = sum((line.unit.gross * line.quantity - line.total.gross for line in order.lines), NOTHING)
    gap = own_gap(order)
    if min(abs(gap), abs(gap - unrounded)) > min(_halves(order), WIDEST_GAP):
        found = rounded(order.total.gross - gap, places=2)
        raise OrderTotalDiffers(key=order.shop_id, shop=rounded(order.total.gross, places=2), found=found)


def own_gap(order: SalesOrder) -> Decimal:
    """What the shop charged beyond the lines, delivery and wrapping less the discounts, as it shows them."""
    found = sum((amount.gross for amount in charged_amounts(order)), NOTHING)
    found -= sum((discount.amount.gross for discount in order.discounts), NOTHING)
    return order.total.gross - found


def _halves(order: SalesOrder) -> Decimal:
    return HALF_CENT * (len(order.lines) + len(order.discounts) + 3)  # delivery, wrapping, total


def shop_totals(order: SalesOrder, *, options: OrderImportOptions) -> dict[str, tuple[Decimal, TaxedAmount]]:
    """What the shop counted after discounts, by the ERP's VAT code: (rate in percent, amounts).

    Raises OrderUnmapped.
    """
    rates = rates_of(order, options=options)
    found: dict[str, tuple[Decimal, TaxedAmount]] = {}
    for part in parts_of(order, rates=rates):
        code = rates.code(part.rate)
        _, so_far = found.get(code, (part.rate, TaxedAmount(NOTHING, NOTHING)))
        found[code] = (part.rate, TaxedAmount(so_far.net + part.net, so_far.gross + part.gross))
    return found


def rounding_notes(
    order: SalesOrder, *, totals: DocumentTotals, options: OrderImportOptions
) -> tuple[RoundingNote, ...]:
    """The gaps between the ERP and the shop, to be stored and shown; `totals` are those without a rounding line."""
    return tuple(
        RoundingNote(rate, erp.base - shop.base, erp.vat - shop.vat)
        for rate, shop, erp in _sides(order, totals=totals, options=options)
    )


def _sides(
    order: SalesOrder, *, totals: DocumentTotals, options: OrderImportOptions
) -> list[tuple[Decimal, _Side, _Side]]:
    """(rate, shop, ERP) of every VAT code that either has."""
    shop = shop_totals(order, options=options)
    by_tax = defaultdict(lambda: (NOTHING, NOTHING), totals.by_tax)
    sides = []
    for code in sorted({*shop, *totals.by_tax}):
        rate, amount = shop.get(code, (NOTHING, TaxedAmount(NOTHING, NOTHING)))
        sides.append((rate, _Side(amount.net, amount.gross - amount.net), _Side(*by_tax[code])))
    return sides


def settle_totals(
    document: SalesDocument, order: SalesOrder, *, totals: DocumentTotals, options: OrderImportOptions
) -> SalesDocument:
    """The document whose total is what the shop charged: itself, or itself with a rounding line.

    `totals` are the ERP's own of this document. Price the result again: it comes back unchanged when its total is
    right, and a total that its rounding line did not mend raises OrderTotalDiffers. What the shop's own lines lack of
    its total counts as no difference: `check_adds_up` has judged it.
    Raises OrderVatDiffers when base or VAT at one rate, or the VAT of all, differ by more than rounding; OrderUnmapped
    when a rounding line is needed and no article is set for it.
    """
    sides = _sides(order, totals=totals, options=options)
    gap = rounded(order.total.gross, places=2) - totals.total
    allowed = options.rounding_tolerance * max(1, len(sides)) + abs(own_gap(order))
    if gap and (abs(gap) > allowed or _is_rounded(document, options)):
        raise OrderTotalDiffers(key=order.shop_id, shop=rounded(order.total.gross, places=2), found=totals.total)
    if _is_rounded(document, options):
        return document  # the rates were compared before it had its rounding line
    for rate, shop, erp in sides:
        if max(abs(erp.base - shop.base), abs(erp.vat - shop.vat)) > options.rounding_tolerance:
            raise OrderVatDiffers(key=order.shop_id, rate=plain(rate), shop=shop, erp=erp)
    _check_vat(order, sides, options)
    return _with_rounding(document, gap, order=order, options=options) if gap else document


def _check_vat(order: SalesOrder, sides: list[tuple[Decimal, _Side, _Side]], options: OrderImportOptions) -> None:
    """The VAT of the whole: the only figure that says at which rate the shop counted its discounts."""
    shop = _Side(order.total.net, order.total.gross - order.total.net)
    erp = _Side(sum((erp.base for *_, erp in sides), NOTHING), sum((erp.vat for *_, erp in sides), NOTHING))
    if abs(erp.vat - shop.vat) > options.rounding_tolerance * max(1, len(sides)) + _halves(order):
        raise OrderVatDiffers(key=order.shop_id, rate=" + ".join(plain(r) for r, *_ in sides), shop=shop, erp=erp)


def _is_rounded(document: SalesDocument, options: OrderImportOptions) -> bool:
    last = document.lines[-1] if document.lines else None
    return last is not None and bool(options.rounding_article) and last.sku == options.rounding_article


def _with_rounding(
    document: SalesDocument, gap: Decimal, *, order: SalesOrder, options: OrderImportOptions
) -> SalesDocument:
    for name in ("rounding_article", "rounding_tax"):
        if not getattr(options, name):
            raise OrderUnmapped(
                key=order.shop_id, what="charge", value="rounding", option=f"orders.import.{name}"
            )  # fmt: skip
    line = SalesLine(
        sku=options.rounding_article,
        label=options.rounding_article,
        quantity=Decimal(1).copy_sign(gap),
        unit_price=abs(gap),
        tax_included=charged_vat(order),
        tax_code=options.rounding_tax,
    )
    return replace(document, lines=(*document.lines, line))
