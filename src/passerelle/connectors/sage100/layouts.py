"""The layout of an import file: which columns its records have, in which order and how long.

Sage imports what the "format paramétrable" of the company says, and no two need be alike: the columns are options.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

EMPTY: Final = "empty"  # a column that this connector never fills

HEADER_COLUMNS: Final = (
    "type", "series", "date", "customer", "reference", "web_no", "coord01", "coord02", "coord03", "coord04", "depot",
    "delivery_name", "addr1", "addr2", "zip", "city", "country", "contact", "phone", "carrier", "shipping_ht",
    "shipping_tax", "payment_mode", "tax_category", "currency", "comment", EMPTY,
)  # fmt: skip
LINE_COLUMNS: Final = (
    "article", "value1", "value2", "packaging", "qty", "unit_ht", "discount_pct", "tax_code", "label", "depot",
    "unit_ttc", "is_ttc", EMPTY,
)  # fmt: skip
CUSTOMER_COLUMNS: Final = (
    "code", "name", "contact", "addr1", "addr2", "zip", "city", "country", "phone", "email", "vat", "tariff",
    "tax_category", "collective", EMPTY,
)  # fmt: skip
HEADER: Final = (
    "E;type;series;date;customer(17);reference(17);web_no(17);depot;delivery_name(35);addr1(35);addr2(35);zip(9);"
    "city(35);country(35);contact(35);carrier;shipping_ht;shipping_tax;payment_mode;comment(69)"
)
LINE: Final = (
    "L;article(18);value1(35);value2(35);packaging(35);qty;unit_ht;discount_pct;tax_code(5);label(69);depot;"
    "unit_ttc;is_ttc"
)
CUSTOMER: Final = (
    "C;code(17);name(35);contact(35);addr1(35);addr2(35);zip(9);city(35);country(35);phone(21);email(69);vat(25);"
    "tariff;tax_category;collective(13)"
)
# How long Sage's own columns are, at most in any version: beyond, an importer cuts without a word.
LONGEST: Final = {
    "customer": 17, "reference": 17, "web_no": 17, "coord01": 25, "coord02": 25, "coord03": 25, "coord04": 25,
    "delivery_name": 69, "addr1": 35, "addr2": 35, "zip": 9, "city": 35, "country": 35, "contact": 35, "phone": 21,
    "comment": 69, "article": 18, "value1": 35, "value2": 35, "packaging": 35, "tax_code": 5, "label": 69, "code": 17,
    "name": 69, "email": 69, "vat": 25, "collective": 13,
}  # fmt: skip
# What a record cannot do without: what it is found again by, and what its amounts are made of.
HEADER_NEEDS: Final = frozenset({"type", "customer"})
LINE_NEEDS: Final = frozenset({"article", "qty", "discount_pct", "tax_code"})
CUSTOMER_NEEDS: Final = frozenset({"code", "name", "email"})

_MARK = re.compile(r"\w{1,9}")
_COLUMN = re.compile(r"(\w+)(?:\(([1-9]\d{0,3})\))?")


@dataclass(frozen=True, slots=True)
class Column:
    """A column and the characters it may hold, never more than Sage's own; None: that is not known here."""

    name: str
    limit: int | None


@dataclass(frozen=True, slots=True)
class Layout:
    """The record mark, then the columns in their order."""

    mark: str
    columns: tuple[Column, ...]

    def limit(self, name: str) -> int | None:
        """How long a column may be; 0 when the layout does not have it."""
        return next((column.limit for column in self.columns if column.name == name), 0)

    def narrowed(self, name: str, *, to: int) -> Layout:
        """The same with at most `to` characters in a column."""
        narrow = [
            Column(name, min(column.limit or to, to)) if column.name == name else column for column in self.columns
        ]
        return Layout(self.mark, tuple(narrow))


def parsed(written: str) -> Layout | None:
    """The layout that a text means, None when it is none: a mark, then names with an optional length, `;` between."""
    mark, *names = [part.strip() for part in written.split(";")]
    found = [_COLUMN.fullmatch(name) for name in names]
    if not _MARK.fullmatch(mark) or not all(found):
        return None
    return Layout(mark, tuple(Column(match[1], _limit(match[1], match[2])) for match in found if match))


def _limit(name: str, written: str | None) -> int | None:
    longest = LONGEST.get(name)
    if written is None:
        return longest
    return min(int(written), longest or int(written))


def fits(written: str, *, known: tuple[str, ...], needs: frozenset[str]) -> bool:
    """Whether a text is a layout of known columns, none but the empty one twice, with those that must be there."""
    layout = parsed(written)
    if layout is None:
        return False
    names = [column.name for column in layout.columns if column.name != EMPTY]
    return set(names) <= set(known) and len(names) == len(set(names)) and needs <= set(names)
