"""The text of an import file. Pure: a record is what the layout says, or it is refused; nothing is cut in silence.

Keys are written as they are or refused. Only a label and a comment may be cut, at a word: nobody finds anything by
them, and Sage keeps the label of the article. What is cut or written with other letters is told in the log, by the name
of its field.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Final

import structlog

from passerelle.connectors.sage100.config import Sage100Config
from passerelle.connectors.sage100.layouts import Column, Layout, parsed
from passerelle.connectors.sage100.pricing import kept, shop_order
from passerelle.connectors.sage100.sold import Sold
from passerelle.domain.orders import SalesDocument, SalesLine
from passerelle.domain.parties import Address, Customer
from passerelle.domain.stock import DocumentKind
from passerelle.domain.texts import N_
from passerelle.errors import (
    CustomerNameMissing,
    InvalidOption,
    OrderFieldRefused,
    OrderFieldTooLong,
    OrderLineUnknown,
    OrderUnsupported,
)

END_OF_RECORD: Final = "\r\n"
TYPES: Final = {
    DocumentKind.QUOTATION: 0,
    DocumentKind.ORDER: 1,
    DocumentKind.PICKING: 2,
    DocumentKind.DELIVERY: 3,
    DocumentKind.RETURN: 4,
    DocumentKind.CREDIT_NOTE: 5,
    DocumentKind.INVOICE: 6,
}
ORDER_KEY_COLUMNS: Final = {
    "DO_NoWeb": "web_no",
    "DO_Ref": "reference",
    "DO_Coord01": "coord01",
    "DO_Coord02": "coord02",
    "DO_Coord03": "coord03",
    "DO_Coord04": "coord04",
}
CUT: Final = frozenset({"label", "comment"})
ALTERED: Final = frozenset(
    {"delivery_name", "addr1", "addr2", "zip", "city", "country", "contact", "phone", "name"}
)  # fitted to the encoding; what is in neither set is a key, a number or a code
_DATES: Final = {"ddmmyy": "%d%m%y", "dd/mm/yyyy": "%d/%m/%Y", "yyyymmdd": "%Y%m%d"}
_PLAINER: Final = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "′": "'", "“": " ", "”": " ", "„": " ", "″": " ", "‐": "-", "‑": "-", "‒": "-",
     "–": "-", "—": "-", "―": "-", "−": "-", "…": "...", "€": "EUR", "\u00ad": "", "\u200b": "", "\u200d": "",
     "\ufeff": "", "\ufe0f": "", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ħ": "h", "Ħ": "H"}
)  # fmt: skip

Fields = Mapping[str, str]

log = structlog.get_logger("passerelle.sage100")


@dataclass(frozen=True, slots=True)
class Format:
    """How import files are written; `order_column` is the one that carries the order key."""

    header: Layout
    line: Layout
    customer: Layout
    order_column: str
    separator: str
    encoding: str
    date_format: str
    decimal: str

    def narrowed(self, column: str, *, to: int | None) -> Format:
        """The same for a base whose own column of customers is shorter; None where that is not known."""
        return self if to is None else replace(self, customer=self.customer.narrowed(column, to=to))

    def moment(self, day: date) -> str:
        """A date."""
        return day.strftime(_DATES[self.date_format])

    def number(self, value: Decimal) -> str:
        """At most six decimals, no thousands separator, no exponent."""
        rounded = kept(value)
        return f"{rounded.normalize():f}".replace(".", self.decimal) if rounded else "0"


def format_of(config: Sage100Config) -> Format:
    """The format that the options mean. Raises InvalidOption when the order key would not be in the file."""
    header, line, customer = parsed(config.header_layout), parsed(config.line_layout), parsed(config.customer_layout)
    column = ORDER_KEY_COLUMNS[config.order_key_field]
    if header is None or header.limit(column) == 0:
        raise InvalidOption(key="erp.header_layout", value=config.header_layout, allowed=f"a layout with {column}")
    if line is None or customer is None:
        raise InvalidOption(key="erp.line_layout", value=config.line_layout, allowed="a layout")
    separator = "\t" if config.separator == "tab" else config.separator
    return Format(
        header, line, customer, column, separator, config.encoding, config.date_format, config.decimal
    )  # fmt: skip


# --- documents -------------------------------------------------------------------------------------------------------


def order_file(document: SalesDocument, *, sold: Sequence[Sold], format: Format, countries: Mapping[str, str]) -> bytes:
    """The file of a document; `sold` is what each line sells, `countries` gives Sage's label of an ISO code.

    Raises OrderFieldTooLong, OrderUnsupported, OrderLineUnknown, OrderFieldRefused.
    """
    key = shop_order(document.order_key)
    records = [_record(format.header, _header(document, format=format, key=key, countries=countries), format, key=key)]
    lines = zip(document.lines, sold, strict=True)
    records += [
        _record(format.line, _line(document, line, sold=one, format=format), format, key=key) for line, one in lines
    ]
    return _encoded(records, format=format)


def _header(document: SalesDocument, *, format: Format, key: str, countries: Mapping[str, str]) -> Fields:
    fields = {
        "type": str(TYPES[document.kind]),
        "series": document.series,
        "date": format.moment(document.dated_on),
        "customer": document.customer_code,
        "reference": document.reference,
        "web_no": document.order_key,
        "depot": document.warehouse,
        "carrier": document.carrier,
        "payment_mode": document.payment_method,
        "tax_category": document.tax_category,
        "currency": document.currency,
        "comment": document.remark,
    }
    address = document.delivery_address
    if address is not None:
        name = address.company or address.name
        fields |= {"delivery_name": name, "contact": address.name if address.company else "", "phone": address.phone}
        fields |= _address(address, format.header, format, key=key, countries=countries)
    return fields | {format.order_column: document.order_key}


def _line(document: SalesDocument, line: SalesLine, sold: Sold, *, format: Format) -> Fields:
    key = shop_order(document.order_key)
    if not sold.article.strip():
        raise OrderLineUnknown(key=key, name=line.label, sku="?")
    price = "unit_ttc" if line.tax_included else "unit_ht"
    if format.line.limit(price) == 0 or (line.tax_included and format.line.limit("is_ttc") == 0):
        what = "a price incl. VAT" if line.tax_included else "a price excl. VAT"
        raise OrderUnsupported(key=key, what=f"{what}, for which erp.line_layout has no column")
    if (sold.value1 and format.line.limit("value1") == 0) or (sold.value2 and format.line.limit("value2") == 0):
        raise OrderUnsupported(
            key=key, what="a variant, for which erp.line_layout has no column value1 or value2"
        )  # fmt: skip
    return {
        "article": sold.article,
        "value1": sold.value1,
        "value2": sold.value2,
        "qty": format.number(line.quantity),
        price: format.number(line.unit_price),
        "is_ttc": str(int(line.tax_included)),
        "discount_pct": format.number(line.discount),
        "tax_code": line.tax_code,
        "label": line.label,
        "depot": document.warehouse,
    }


# --- customers -------------------------------------------------------------------------------------------------------


def customer_file(customer: Customer, *, format: Format, countries: Mapping[str, str]) -> bytes:
    """The file of a customer. Raises CustomerNameMissing, OrderFieldTooLong, OrderFieldRefused."""
    person = " ".join(filter(None, (customer.first_name.strip(), customer.last_name.strip())))
    name = customer.company.strip() or person
    if not name:
        raise CustomerNameMissing(key=customer.code)
    address = customer.invoice_address
    fields = {
        "code": customer.code,
        "name": name,
        "contact": person if customer.company.strip() else "",
        "phone": customer.phone or (address.phone if address else ""),
        "email": customer.email.strip(),
        "vat": customer.vat_number,
        "tariff": customer.price_category,
        "tax_category": customer.tax_category,
        "collective": customer.account,
    }
    key, layout = customer.code, format.customer
    if address is not None:
        fields |= _address(address, layout, format, key=key, countries=countries)
    return _encoded([_record(layout, fields, format, key=key)], format=format)


def _address(
    address: Address, layout: Layout, format: Format, *, key: str, countries: Mapping[str, str]
) -> dict[str, str]:
    """The columns of a postal address; its lines move to the next column where they are too long for their own."""
    clean = partial(_clean, format=format, key=key, field="address")
    first, second = _wrapped(clean(address.line1), clean(address.line2), layout=layout, key=key)
    return {
        "addr1": first,
        "addr2": second,
        "zip": address.postcode,
        "city": address.city,
        "country": countries.get(address.country.upper(), address.country),
    }


def _wrapped(first: str, second: str, *, layout: Layout, key: str) -> tuple[str, str]:
    """Both lines of an address in two columns, broken between words only. Raises OrderFieldTooLong."""
    room, more = layout.limit("addr1"), layout.limit("addr2")
    if (_holds(room, first) and _holds(more, second)) or room == more == 0:
        return first, second
    whole = " ".join(filter(None, (first, second)))
    here = whole if room is None else _cut(whole, room)
    there = whole[len(here) :].strip()
    broken_word = bool(there) and whole[len(here)] != " "
    if broken_word or not _holds(more, there):
        raise OrderFieldTooLong(key=key, field="address", value=whole, limit=(room or 0) + (more or 0))
    return here, there


def _holds(limit: int | None, text: str) -> bool:
    return limit is None or len(text) <= limit


# --- records ---------------------------------------------------------------------------------------------------------


def _record(layout: Layout, fields: Fields, format: Format, *, key: str) -> str:
    values = (_value(column, fields.get(column.name, ""), format, key=key) for column in layout.columns)
    return format.separator.join((layout.mark, *values))


def _value(column: Column, text: str, format: Format, *, key: str) -> str:
    """A field as it is written. Raises OrderFieldTooLong, OrderFieldRefused."""
    alterable = column.name in CUT or column.name in ALTERED
    written = _clean(text, format=format, key=key, field=column.name)
    if not alterable and written != _given(text):
        raise OrderFieldRefused(key=key, field=column.name, why=_altered(text, format))
    if column.name in CUT and column.limit is not None and len(written) > column.limit:
        log.warning("text cut for the import file", key=key, field=column.name, length=len(written), limit=column.limit)
        return _cut(written, column.limit)
    if not _holds(column.limit, written):
        raise OrderFieldTooLong(key=key, field=column.name, value=written, limit=column.limit)
    return written


def _given(text: str) -> str:
    return unicodedata.normalize("NFC", text).rstrip(" ")


def _altered(text: str, format: Format) -> str:
    """Which character is not written as it is."""
    for letter in _given(text):
        if _ends_something(letter, format.separator) or not _can_write(letter, encoding=format.encoding):
            return f"the import file cannot hold the letter {named(letter)}"
    return N_("it begins or ends with a space")


def named(letter: str) -> str:
    """A character and its number, since some cannot be seen: U+03A9 Ω."""
    shown = f" {letter}" if letter.isprintable() and not letter.isspace() else ""
    return f"U+{ord(letter):04X}{shown}"


def _clean(text: str, *, format: Format, key: str, field: str) -> str:
    """A text as one field of the file can hold it. Raises OrderFieldRefused."""
    written = _one_field(_fitted(text, key=key, field=field, encoding=format.encoding), format.separator)
    if written != _given(text):
        log.warning("text altered for the import file", key=key, field=field, why=_altered(text, format))
    return written


def _one_field(text: str, separator: str) -> str:
    """Without what would end a field or a record: separators, line ends, quotes and other control characters."""
    return "".join(" " if _ends_something(letter, separator) else letter for letter in text).strip()


def _ends_something(letter: str, separator: str) -> bool:
    return letter in (separator, '"') or unicodedata.category(letter) in ("Cc", "Zl", "Zp")


def _fitted(text: str, *, key: str, field: str, encoding: str) -> str:
    """A text in the letters of the encoding: an accent that it lacks is left out. Raises OrderFieldRefused."""
    can_write = partial(_can_write, encoding=encoding)
    return "".join(_letter(one, can_write, key=key, field=field) for one in unicodedata.normalize("NFC", text))


def _letter(letter: str, can_write: Callable[[str], bool], *, key: str, field: str) -> str:
    if can_write(letter) or unicodedata.category(letter) in ("Cc", "Zl", "Zp"):
        return letter
    plainer = letter.translate(_PLAINER)
    bare = "".join(one for one in unicodedata.normalize("NFKD", plainer) if not unicodedata.combining(one))
    for found in (plainer, bare):
        if can_write(found):
            return found
    raise OrderFieldRefused(key=key, field=field, why=f"the import file cannot hold the letter {named(letter)}")


def _can_write(text: str, *, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _cut(text: str, limit: int) -> str:
    """At most `limit` characters, whole words where there are any."""
    if len(text) <= limit:
        return text
    kept_part = text[:limit] if text[limit] == " " else text[: text.rfind(" ", 0, limit) + 1]
    return kept_part.rstrip() or text[:limit]


def _encoded(records: list[str], *, format: Format) -> bytes:
    return "".join(record + END_OF_RECORD for record in records).encode(format.encoding)
