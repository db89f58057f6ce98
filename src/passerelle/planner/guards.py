"""Guards look at the whole plan before the first write, and hold it for a person's approval."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from passerelle.domain.facets import Facet, Stock
from passerelle.domain.texts import Text, text
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.products import moved
from passerelle.profile.sections import GuardOptions


class Totals(msgspec.Struct, kw_only=True):
    """What there is, against which the plan is weighed."""

    read: int = 0  # records of a complete read
    linked: int = 0  # products linked and not gone
    in_stock: int = 0  # products whose last sent stock is not 0
    priced: int = 0  # products with a sent price
    old_orders: int = 0  # open shop orders from before the date that counts, on a first stock run
    renamed: int = 0
    first_orders: int = 0  # orders that the first import of a profile would place


class Weigher:
    """Sees every action go by and says at the end what holds the plan."""

    def __init__(self, options: GuardOptions) -> None:
        self._options = options
        self._to_zero = self._prices = 0
        self._gone: set[str] = set()  # of each, all variants count once
        self._jump: tuple[Decimal, str] | None = None

    def see(self, action: Action) -> None:
        """Count one action."""
        if action.kind in LEAVING or (action.kind is ActionKind.SET_STOCK and action.reason is not None):
            self._gone.add(action.record)
        if action.kind is ActionKind.SET_STOCK:
            self._to_zero += _sold_out(action)
            return
        move = action.price_move or moved(action.old.get(Facet.PRICE), action.new.get(Facet.PRICE))
        if move:
            self._prices += 1
            if self._jump is None or move > self._jump[0]:
                self._jump = (move, action.key)

    def reasons(self, totals: Totals) -> list[Text]:
        """Why the plan waits; nothing when it may go."""
        options = self._options
        found = [
            _empty(totals),
            _share(
                "guard_gone",
                "{count} of {total} products would leave the shop ({percent} %).",
                len(self._gone),
                totals.linked,
                options.gone_percent,
            ),
            _share(
                "guard_to_zero",
                "{count} of {total} products in stock would be sold out ({percent} %).",
                self._to_zero,
                totals.in_stock,
                options.to_zero_percent,
            ),
            self._largest(),
            _share(
                "guard_prices",
                "{count} of {total} prices would move ({percent} %).",
                self._prices,
                totals.priced,
                options.prices_moved_percent,
            ),
            _old_orders(totals),
            _renamed(totals),
            _first_orders(totals, options.first_orders),
        ]
        return [reason for reason in found if reason is not None]

    def _largest(self) -> Text | None:
        if self._jump is None or self._jump[0] <= self._options.price_move_percent:
            return None
        return text(
            "guard_price_jump",
            "{key}: its price would move by {percent} %.",
            key=self._jump[1],
            percent=_percent(self._jump[0]),
        )


LEAVING = (ActionKind.HIDE_PRODUCT, ActionKind.DELETE_PRODUCT)
MOST_RENAMED = 5


def _sold_out(action: Action) -> bool:
    old, new = action.old.get(Facet.STOCK), action.new.get(Facet.STOCK)
    return isinstance(old, Stock) and isinstance(new, Stock) and old.quantity > 0 >= new.quantity


def _empty(totals: Totals) -> Text | None:
    if totals.read:
        return None
    return text("guard_empty", "The ERP gave no article at all; {count} products are linked.", count=totals.linked)


def _old_orders(totals: Totals) -> Text | None:
    if not totals.old_orders:
        return None
    return text(
        "guard_old_orders",
        "{count} open shop orders are older than this profile. Approve to keep their quantities back from the stock, "
        "or set articles.stocks.older_orders.",
        count=totals.old_orders,
    )


def _renamed(totals: Totals) -> Text | None:
    if totals.renamed <= MOST_RENAMED:
        return None
    return text("guard_renamed", "{count} references would change at once.", count=totals.renamed)


def _first_orders(totals: Totals, limit: int) -> Text | None:
    if totals.first_orders <= limit:
        return None
    return text("guard_first_orders", "This first import would place {count} orders.", count=totals.first_orders)


def _share(code: str, template: str, count: int, total: int, limit: Decimal) -> Text | None:
    if not total or Decimal(count) * 100 <= limit * total:
        return None
    return text(code, template, count=count, total=total, percent=_percent(Decimal(count) * 100 / total))


def _percent(value: Decimal) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
