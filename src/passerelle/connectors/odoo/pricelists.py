"""Prices by a price list of Odoo, evaluated here: no public method of Odoo gives them.

The first rule that suits wins, in Odoo's own order: variant before product before category before all, the largest
quantity first. A rule gives a fixed price, a percentage off, or a formula: a discount, then rounding, then a surcharge,
then margins around the base.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import msgspec

from passerelle.connectors.odoo import wire
from passerelle.connectors.odoo.wire import Row
from passerelle.domain.money import HUNDRED

ITEM_FIELDS: Final = (
    "pricelist_id", "applied_on", "product_tmpl_id", "product_id", "categ_id", "min_quantity", "date_start",
    "date_end", "base", "base_pricelist_id", "compute_price", "fixed_price", "percent_price", "price_discount",
    "price_round", "price_surcharge", "price_min_margin", "price_max_margin",
)  # fmt: skip
DEEPEST: Final = 10  # price lists based on one another
ONE: Final = Decimal(1)


class Sold(msgspec.Struct, frozen=True, kw_only=True):
    """What is priced: a product, or one of its variants. `categories` is its own and all above it."""

    template: int
    variant: int | None
    categories: frozenset[int]
    list_price: Decimal
    cost: Decimal = Decimal(0)


class PriceListLoop(ValueError):
    """Price lists are based on one another in a circle."""


class PriceLists:
    """The rules of the price lists that a price depends on, at one moment (`now`: a UTC text as Odoo writes them)."""

    def __init__(self, items: Iterable[Row], *, now: str) -> None:
        self._items: dict[int, list[Row]] = {}
        for row in sorted(items, key=_rank):
            if _valid(row, now):
                self._items.setdefault(wire.ref(row["pricelist_id"]) or 0, []).append(row)

    @property
    def needs_cost(self) -> bool:
        """Whether some rule starts from the cost."""
        return any(row.get("base") == "standard_price" for rows in self._items.values() for row in rows)

    def rules(self) -> list[Row]:
        """The rules in force, for digests."""
        return [row for _, rows in sorted(self._items.items()) for row in rows]

    def price(self, pricelist: int, *, of: Sold, quantity: Decimal = ONE, depth: int = 0) -> Decimal:
        """The unit price. Raises PriceListLoop."""
        if depth > DEEPEST:
            raise PriceListLoop
        rule = next((row for row in self._items.get(pricelist, ()) if _suits(row, of=of, quantity=quantity)), None)
        if rule is None:
            return of.list_price
        return _evaluated(rule, base=lambda: self._base(rule, of=of, quantity=quantity, depth=depth))

    def _base(self, rule: Row, *, of: Sold, quantity: Decimal, depth: int) -> Decimal:
        base = rule.get("base")
        other = wire.ref(rule.get("base_pricelist_id"))
        if base == "pricelist" and other is not None:
            return self.price(other, of=of, quantity=quantity, depth=depth + 1)
        return of.cost if base == "standard_price" else of.list_price


def _rank(row: Row) -> tuple[str, Decimal, int, int]:
    """Odoo's order: applied_on, min_quantity desc, categ_id desc, id desc."""
    return (
        wire.plain(row["applied_on"]), -wire.number(row.get("min_quantity")), -(wire.ref(row.get("categ_id")) or 0),
        -int(row["id"]),
    )  # fmt: skip


def _valid(row: Row, now: str) -> bool:
    start, end = wire.plain(row.get("date_start")), wire.plain(row.get("date_end"))
    return (not start or start <= now) and (not end or now <= end)


def _suits(row: Row, *, of: Sold, quantity: Decimal) -> bool:
    if quantity < wire.number(row.get("min_quantity")):
        return False
    match row["applied_on"]:
        case "0_product_variant":
            return of.variant is not None and wire.ref(row.get("product_id")) == of.variant
        case "1_product":
            return wire.ref(row.get("product_tmpl_id")) == of.template
        case "2_product_category":
            return wire.ref(row.get("categ_id")) in of.categories
        case _:
            return True


def _evaluated(rule: Row, *, base: Callable[[], Decimal]) -> Decimal:
    match rule["compute_price"]:
        case "fixed":
            return wire.number(rule["fixed_price"])
        case "percentage":
            start = base()
            return start - start * wire.number(rule["percent_price"]) / HUNDRED
        case _:
            return _formula(rule, base())


def _formula(rule: Row, base: Decimal) -> Decimal:
    price = base - base * wire.number(rule.get("price_discount")) / HUNDRED
    step = wire.number(rule.get("price_round"))
    if step:
        price = (price / step).quantize(ONE, rounding=ROUND_HALF_UP) * step
    price += wire.number(rule.get("price_surcharge"))
    least, most = wire.number(rule.get("price_min_margin")), wire.number(rule.get("price_max_margin"))
    if least:
        price = max(price, base + least)
    if most:
        price = min(price, base + most)
    return price


def needed(pricelist: int, *, bases: Mapping[int, set[int]]) -> set[int]:
    """A price list and those that it is based on; `bases` says which each is based on directly."""
    found: set[int] = set()
    waiting = [pricelist]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += bases.get(one, ())
    return found
