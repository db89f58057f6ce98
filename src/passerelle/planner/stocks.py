"""The quantity a shop may show: depots summed → netting → safety stock → whole units → not below 0 → highest shown."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from hashlib import blake2b

from passerelle.domain.facets import Facet, Stock
from passerelle.domain.stock import StockLevel, quantity
from passerelle.domain.texts import N_, text
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.products import Sent, differs, last_sent
from passerelle.ports.store import LinkRow
from passerelle.profile.sections import StockOptions

LARGEST = 2**31 - 1


def shown(basis: Decimal, *, netted: Decimal, options: StockOptions) -> int:
    """The quantity to send for a counted stock; `netted` is what shop orders still take."""
    whole = int((basis - netted - options.safety_stock).to_integral_value(rounding=ROUND_FLOOR))
    if not options.allow_negative:
        whole = max(whole, 0)
    if options.max_quantity is not None:
        whole = min(whole, options.max_quantity)
    return max(-LARGEST, min(whole, LARGEST))


def basis_of(level: StockLevel, *, options: StockOptions) -> Decimal | None:
    """The stock before netting; None for an article that is not followed in stock."""
    return quantity(level, stock_type=options.stock_type) if level.followed else None


def with_netting(digest: bytes, *, netted: Decimal) -> bytes:
    """The identity of a stock record: the shop's own orders are part of its source."""
    if not netted:
        return digest
    return blake2b(digest + f"{netted.normalize():f}".encode(), digest_size=16).digest()


def plan_stock(
    level: StockLevel,
    *,
    link: LinkRow | None,
    shop_id: str,
    sent: Sent,
    netted: Decimal,
    digest: bytes,
    options: StockOptions,
    target: str = "product",
) -> Action | None:
    """The action for the stock of one article or variant: a quantity, a skip with its reason, or nothing.

    `target` is the kind of what is not linked yet.
    """
    if level.has_variants:
        template = N_("{key}: it has ranges, whose stock is sent once variants are switched on (articles.variants).")
        return skip(level, "variants_not_sent", template)
    basis = basis_of(level, options=options)
    if basis is None and options.untracked_quantity is None:
        template = N_("{key}: not followed in stock, and no quantity is set for such articles.")
        return skip(level, "stock_not_followed", template)
    if basis is None:
        assert options.untracked_quantity is not None
        body = Stock(options.untracked_quantity)
    else:
        body = Stock(shown(basis, netted=netted, options=options))
    row = sent.get(Facet.STOCK)
    if not differs(row, body):
        return None
    old = last_sent(row)
    return Action(
        kind=ActionKind.SET_STOCK, key=level.sku, erp_id=level.erp_id, shop_id=shop_id,
        link_id=link.id if link else None, digest=digest, basis=basis, target=link.kind if link else target,
        new={Facet.STOCK: body}, old={Facet.STOCK: old} if old else {},
    )  # fmt: skip


def skip(level: StockLevel, code: str, template: str) -> Action:
    """Nothing is sent, and a person can read why."""
    return Action(kind=ActionKind.SKIP, key=level.sku, erp_id=level.erp_id, reason=text(code, template, key=level.sku))
