"""Reads the files of orders and customers as Sage's import does, and totals a document by arithmetic of its own.

Money is counted in whole millionths here, so that no rounding happens but those that are meant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

HEADER = (
    "type", "series", "date", "customer", "reference", "web_no", "depot", "delivery_name", "addr1", "addr2", "zip",
    "city", "country", "contact", "carrier", "shipping_ht", "shipping_tax", "payment_mode", "comment",
)  # fmt: skip
LINE = (
    "article", "value1", "value2", "packaging", "qty", "unit_ht", "discount_pct", "tax_code", "label", "depot",
    "unit_ttc", "is_ttc",
)  # fmt: skip
CUSTOMER = (
    "code", "name", "contact", "addr1", "addr2", "zip", "city", "country", "phone", "email", "vat", "tariff",
    "tax_category", "collective",
)  # fmt: skip
WIDTHS = {
    "customer": 17, "reference": 17, "web_no": 17, "delivery_name": 35, "addr1": 35, "addr2": 35, "zip": 9, "city": 35,
    "country": 35, "contact": 35, "comment": 69, "article": 18, "value1": 35, "value2": 35, "tax_code": 5, "label": 69,
    "code": 17, "name": 35, "phone": 21, "email": 69, "vat": 25, "collective": 13,
}  # fmt: skip

Fields = dict[str, str]


class Refused(Exception):
    """The file cannot be imported; the message is what the person at Sage reads, in French."""


@dataclass(frozen=True, slots=True)
class OrderFile:
    """The records of an order's file."""

    header: Fields
    lines: list[Fields]


@dataclass(frozen=True, slots=True)
class Amounts:
    """A line in cents: as entered (incl. VAT if `ttc`), its VAT code and rate in percent."""

    cents: int
    ttc: bool
    code: str
    rate: Fraction


def records(path: Path, *, encoding: str = "cp1252") -> list[list[str]]:
    """The records of a file. Raises Refused."""
    text = path.read_bytes().decode(encoding)
    if text and not text.endswith("\r\n"):
        raise Refused("fichier tronqué")
    return [line.split(";") for line in text.split("\r\n")[:-1]]


def order_of(found: list[list[str]]) -> OrderFile:
    """The order of a file. Raises Refused."""
    if not found or found[0][0] != "E":
        raise Refused("le premier enregistrement n'est pas un entête")
    return OrderFile(_fields(found[0], HEADER), [_fields(one, LINE) for one in found[1:] if _mark(one) == "L"])


def customer_of(found: list[list[str]]) -> Fields:
    """The customer of a file. Raises Refused."""
    if len(found) != 1 or found[0][0] != "C":
        raise Refused("un fichier de client contient un seul enregistrement")
    return _fields(found[0], CUSTOMER)


def _mark(record: list[str]) -> str:
    if record[0] != "L":
        raise Refused(f"enregistrement inconnu : {record[0]}")
    return record[0]


def _fields(record: list[str], names: tuple[str, ...]) -> Fields:
    if len(record) != len(names) + 1:
        raise Refused(f"{len(record)} champs au lieu de {len(names) + 1}")
    fields = dict(zip(names, record[1:], strict=True))
    for name, value in fields.items():
        if len(value) > WIDTHS.get(name, 999):
            raise Refused(f"{name} : {len(value)} caractères au lieu de {WIDTHS[name]}")
    return fields


def number(text: str) -> Fraction:
    """A number with a decimal comma; nothing is 0. Raises Refused."""
    try:
        return Fraction(text.replace(",", ".") or "0")
    except ValueError:
        raise Refused(f"nombre illisible : {text}") from None


def half_up(value: Fraction) -> int:
    """The whole number nearest to `value`, halves away from zero."""
    whole = int(abs(value) + Fraction(1, 2))
    return whole if value >= 0 else -whole


def amounts_of(line: Fields, *, rate: Fraction) -> Amounts:
    """The line = quantity × price × (1 − discount), to the cent. Raises Refused."""
    ttc = line["is_ttc"].strip() == "1"
    price = number(line["unit_ttc"] if ttc else line["unit_ht"])
    cents = half_up(number(line["qty"]) * price * (100 - number(line["discount_pct"])))
    return Amounts(cents, ttc, line["tax_code"], rate)


def totals(lines: Iterable[Amounts], *, vat_rounding: str) -> dict[str, tuple[int, int]]:
    """(excl. VAT, VAT) in cents by VAT code: rounded at the foot of the document, or line by line."""
    groups: defaultdict[tuple[str, bool, Fraction, int], int] = defaultdict(int)
    for rank, line in enumerate(lines):
        groups[line.code, line.ttc, line.rate, rank if vat_rounding == "line" else 0] += line.cents
    found: defaultdict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for (code, ttc, rate, _), cents in groups.items():
        base = half_up(Fraction(cents * 100) / (100 + rate)) if ttc else cents
        vat = cents - base if ttc else half_up(cents * rate / 100)
        found[code] = (found[code][0] + base, found[code][1] + vat)
    return dict(found)
