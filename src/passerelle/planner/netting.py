"""Which quantities of shop orders the ERP's counters do not contain yet.

An order is *contained* when its ERP document moves a counter that the stock type reads. What the contained documents
lack still counts: the rest of an order delivered in part, under the stock type `real`, and what was added to an order
after it came into the ERP. An article that the ERP's document replaces by another one, or holds fewer of, counts too:
nothing tells it from goods that were sold since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec.structs import replace

from passerelle.domain.orders import ErpDocument, OrderLine, ShopOrder, order_key
from passerelle.domain.stock import MOVES, READS, DocumentKind, StockType

Documents = dict[str, list[ErpDocument]]  # by order key
ProductRef = tuple[str, str]  # the shop's id of the product or variant, and the reference the order line had
AFTERWARDS = frozenset({DocumentKind.RETURN, DocumentKind.CREDIT_NOTE})


def by_order(documents: Iterable[ErpDocument]) -> Documents:
    """Documents by order key; returns and credit notes say nothing of what the order still takes."""
    found: Documents = defaultdict(list)
    for document in documents:
        if document.kind not in AFTERWARDS:
            found[document.order_key].append(document)
    return dict(found)


def pending_lines(order: ShopOrder, *, documents: Sequence[ErpDocument], stock_type: StockType) -> list[OrderLine]:
    """The lines of an order with the quantities the ERP's counters do not contain."""
    if not order.holds_stock:
        return []
    contained = [document for document in documents if MOVES[document.kind] in READS[stock_type]]
    taken: dict[str, Decimal] = defaultdict(Decimal)
    for document in contained:
        for line in document.lines:
            taken[line.sku.casefold()] += line.quantity
    return [rest for line in order.lines if (rest := _rest(line, taken)).quantity > 0]


def _rest(line: OrderLine, taken: dict[str, Decimal]) -> OrderLine:
    sku = line.sku.casefold()
    used = min(taken[sku], line.quantity) if sku in taken else Decimal(0)
    if used:
        taken[sku] -= used
    return replace(line, quantity=line.quantity - used)


def netted(
    orders: Iterable[ShopOrder], *, profile_key: str, documents: Documents, stock_type: StockType
) -> dict[ProductRef, Decimal]:
    """Quantity to take off, by the shop's id of product or variant, and by reference.

    Raises ValueError for an order key over 17 characters.
    """
    total: dict[ProductRef, Decimal] = defaultdict(Decimal)
    for order in orders:
        found = documents.get(order_key(profile_key, shop_order_id=order.shop_id), [])
        for line in pending_lines(order, documents=found, stock_type=stock_type):
            total[line.article, line.sku] += line.quantity
    return dict(total)


def touched(before: ShopOrder | None, after: ShopOrder, *, written: bool = False) -> set[str]:
    """The shop's ids of products and variants whose stock the shop may have changed between two readings of an order.

    An order first seen when it holds nothing may have taken stock and given it back in between: written again is safe.
    Where stock was `written` between the readings, any change counts: cancelled before that write and taken up again
    after it, an order looks as if nothing had happened but its status.
    """
    if before is None:
        return {line.article for line in after.lines}
    if not written:
        if (before.holds_stock, before.lines) == (after.holds_stock, after.lines):
            return set()
        if not before.holds_stock and not after.holds_stock:
            return set()
    return {line.article for line in (*before.lines, *after.lines)}
