"""Sales documents and customers as they are in the base."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import structlog

from passerelle.connectors.sage100 import mapping, queries, ranges
from passerelle.connectors.sage100.client import Client
from passerelle.connectors.sage100.pages import Page, Rows, Statements, pages
from passerelle.connectors.sage100.pricing import rates_of, shop_order
from passerelle.connectors.sage100.queries import KeyFields
from passerelle.connectors.sage100.sold import Sold, SoldArticles
from passerelle.connectors.sage100.tables import COUNTRIES
from passerelle.connectors.sage100.wire import Account, Country, Header, Line, TaxRow
from passerelle.domain.orders import ErpDocument, SalesDocument
from passerelle.domain.parties import Customer
from passerelle.errors import CustomerUnknown, FieldUnknown, RecordUnreadable

ORDER_KEYS: Final = ("DO_NoWeb", "DO_Ref", "DO_Coord01", "DO_Coord02", "DO_Coord03", "DO_Coord04")
CHUNK: Final = 500  # values in one IN list; SQL Server takes 2100 parameters, and four lists hold the same ones

log = structlog.get_logger("passerelle.sage100")


@dataclass(frozen=True, slots=True)
class Documents:
    """Reads one base. `order_key` and `tracking` name fields of the header, the latter "" for none."""

    client: Client
    order_key: str
    tracking: str = ""
    page: int = 1000

    def of_profile(self, profile_key: str) -> Iterator[ErpDocument]:
        """Those whose key starts with the profile's."""
        tables, fields, prefix = self.client.tables(), self._fields(), f"{profile_key}-"
        statements = Statements(
            queries.headers(tables, fields=fields, prefix=prefix, page=self.page),
            (queries.lines(tables, fields=fields, prefix=prefix),),
            page=self.page,
        )
        for page in pages(self.client, statements):
            yield from (one for one in _documents(page) if one.order_key.startswith(prefix))

    def with_key(self, order_key: str) -> ErpDocument | None:
        """The document at the earliest stage under an order key.

        Raises RecordUnreadable where the only ones are archives or invoices of a deposit: it is there all the same.
        """
        rows = self.client.rows(queries.headers_of(self.client.tables(), fields=self._fields(), order_key=order_key))
        exact = [row for row in rows if mapping.plain(Header._make(row).order_key) == order_key]
        found = self._with_lines(exact)
        if exact and not found:
            raise RecordUnreadable(key=order_key, why="the ERP holds it as an archive or as the invoice of a deposit")
        return found[0] if found else None

    def after(self, numbers: Sequence[str]) -> dict[str, list[ErpDocument]]:
        """Every number with the documents that its lines have gone on to."""
        found: dict[str, ErpDocument] = {}
        for some in _chunks(list(dict.fromkeys(number for number in numbers if number.strip()))):
            statement = queries.headers_after(self.client.tables(), fields=self._fields(), numbers=some)
            for one in self._with_lines(self.client.rows(statement)):
                found[f"{one.kind}/{one.number}"] = one
        return {
            number: [one for one in found.values() if mapping.same(number) in map(mapping.same, one.origins)]
            for number in numbers
        }

    def _with_lines(self, headers: Rows) -> list[ErpDocument]:
        found: list[ErpDocument] = []
        for some in _chunks(headers):
            statement = queries.lines_of(self.client.tables(), rows=[row[0] for row in some])
            found += _documents((some, self.client.rows(statement)))
        return found

    def _fields(self) -> KeyFields:
        """Raises FieldUnknown."""
        order_key = self._field(self.order_key, option="erp.order_key_field", nearest=ORDER_KEYS)
        tracking = self.tracking and self._field(self.tracking, option="erp.tracking_field", nearest=ORDER_KEYS[2:])
        return KeyFields(order_key, tracking)

    def _field(self, name: str, *, option: str, nearest: Sequence[str]) -> str:
        tables = self.client.tables()
        found = tables.header_field(name)
        if found is None:
            there = [one for one in nearest if tables.header_field(one)]
            raise FieldUnknown(key=option, field=name, nearest=", ".join(there))
        return found

    # --- what documents are made of ----------------------------------------------------------------------------------

    def customers(self, *, code: str = "", email: str = "") -> list[Customer]:
        """The customers with this code or e-mail; case counts in neither."""
        if not code.strip() and not email.strip():
            return []
        rows = self.client.rows(queries.customers(self.client.tables(), code=code, email=email))
        countries = mapping.iso_codes(self.countries()) if rows else {}
        return [mapping.customer(Account._make(row), countries=countries) for row in rows]

    def countries(self) -> list[Country]:
        """The countries that the base knows; none where it has no such list."""
        tables = self.client.tables()
        return list(map(Country._make, self.client.rows(queries.countries(tables)))) if tables.has(COUNTRIES) else []

    def rates(self) -> dict[str, Decimal]:
        """The rate of each tax code."""
        return rates_of(map(TaxRow._make, self.client.rows(queries.taxes(self.client.tables()))))

    def verify(self, document: SalesDocument) -> list[Sold]:
        """What each line sells. Raises CustomerUnknown, OrderLineUnknown for what the base does not have.

        Raises OrderFieldRefused for an article with ranges where the line does not say which combination is sold.
        """
        key = shop_order(document.order_key)
        if not self.customers(code=document.customer_code):
            raise CustomerUnknown(key=key, code=document.customer_code)
        return SoldArticles(self.client).of(document.lines, key=key)


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def _documents(page: Page) -> Iterator[ErpDocument]:
    """Those of a page that are not invoices of a deposit, nor archives."""
    headers, line_rows = page
    lines: dict[int, list[Line]] = {}
    for row in (row for row in line_rows if row.AR_Ref is not None):
        lines.setdefault(row[0], []).append(Line._make(row[1:]))
    for header in map(Header._make, headers):
        kind = mapping.kind(header)
        if kind is None:
            log.info("document left out", number=header.DO_Piece, type=header.DO_Type, origin=header.DO_Provenance)
        else:
            yield mapping.document(header, of_kind=kind, lines=lines.get(header.cbMarq, ()), sku=_sku)


def _sku(line: Line) -> str:
    """The reference of the variant that a line is of, else of its article."""
    return ranges.sku(line.AR_Ref, line) if line.AG_No1 else mapping.plain(line.AR_Ref)
