"""Orders on their way into Odoo: loaded as quotations, checked, confirmed, and only then given their keys.

An order takes several calls, and the process may end between any two. What makes it one order is its external id;
while it is not whole it carries its key as its origin and no customer reference, so that nobody takes it for done.
Placing it again goes on where it stopped. Several orders take the same calls together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from passerelle.connectors.odoo import wire
from passerelle.connectors.odoo.client import OdooClient, Refused
from passerelle.connectors.odoo.company import Company, SaleTax
from passerelle.connectors.odoo.config import OdooConfig
from passerelle.connectors.odoo.documents import CANCELLED, LINE, ORDER, QUOTED, Documents
from passerelle.connectors.odoo.loading import Loader, NotLoaded, external, reason
from passerelle.connectors.odoo.sheets import Sheet, Sheets, rows_of
from passerelle.connectors.odoo.totals import Digits, PricedLine, priced, shop_order, totals
from passerelle.connectors.odoo.wire import Row, moment
from passerelle.domain.orders import DocumentTotals, SalesDocument
from passerelle.domain.stock import DocumentKind
from passerelle.domain.texts import N_
from passerelle.errors import DocumentRefused, DocumentTotalDiffers, OrderUnsupported, RecordError
from passerelle.ports.erp import Placed

KINDS: Final = (DocumentKind.ORDER, DocumentKind.QUOTATION)
FINISHED: Final = ("id", "client_order_ref", "origin", "date_order")


class _Course(msgspec.Struct):
    """How far one document is: its order in Odoo, the error that stopped it."""

    document: SalesDocument
    order: Row | None = None
    error: RecordError | None = None
    expected: DocumentTotals | None = None

    @property
    def key(self) -> str:
        return shop_order(self.document.order_key)

    @property
    def whole(self) -> bool:
        order = self.order
        return order is not None and bool(order["client_order_ref"]) and order["state"] != CANCELLED

    @property
    def goes_on(self) -> bool:
        return self.error is None and not self.whole

    @property
    def outcome(self) -> Placed:
        number = wire.plain(self.order["name"]) if self.order is not None and self.error is None else ""
        return Placed(order_key=self.document.order_key, number=number, error=self.error)


class Placing:
    """Places documents in one company."""

    def __init__(
        self, client: OdooClient, company: Company, documents: Documents, loader: Loader, sheets: Sheets,
        config: OdooConfig,
    ) -> None:  # fmt: skip
        self._client = client
        self._company = company
        self._documents = documents
        self._loader = loader
        self._sheets = sheets
        self._confirm = config.confirm
        self._taxes: dict[int, SaleTax] = {}
        self._digits: Digits | None = None

    def price(self, document: SalesDocument) -> DocumentTotals:
        """Raises OrderUnmapped."""
        return totals(self._lines(document), globally=self._company.rounds_globally)

    def _lines(self, document: SalesDocument) -> list[PricedLine]:
        if self._digits is None:
            self._taxes = self._company.taxes()
            self._digits = Digits.of(self._company.precision(), line=self._company.fields(LINE))
        return priced(document, taxes=self._taxes.values(), digits=self._digits)

    def place(self, documents: Sequence[SalesDocument]) -> list[Placed]:
        """The number of each order, made or found, or its own error. Raises WriteUnanswered, Unavailable."""
        return self._loader.tried(lambda: self._placed(documents))

    def _placed(self, documents: Sequence[SalesDocument]) -> list[Placed]:
        """Once, from wherever an earlier try stopped. Raises Raced."""
        found = self._found([document.order_key for document in documents])
        courses = [_Course(document, found.get(document.order_key)) for document in documents]
        for step in (self._judge, self._write, self._check, self._confirm_all, self._finish):
            step([course for course in courses if course.goes_on])
        return [course.outcome for course in courses]

    def _found(self, keys: Sequence[str]) -> dict[str, Row]:
        """The order of each key: a whole one before one that is not, a living one before one that was cancelled."""
        whole = [["client_order_ref", "in", list(keys)]]
        unfinished = ["&", ["client_order_ref", "=", False], ["origin", "in", list(keys)]]
        rows = self._documents.orders([["company_id", "=", self._company.id], "|", *whole, *unfinished])
        found: dict[str, Row] = {}
        for row in sorted(rows, key=lambda row: (row["state"] == CANCELLED, not row["client_order_ref"])):
            found.setdefault(wire.plain(row["client_order_ref"]) or wire.plain(row["origin"]), row)
        return found

    # --- the steps ---

    def _judge(self, courses: list[_Course]) -> None:
        for course in courses:
            if course.document.kind not in KINDS:
                course.error = OrderUnsupported(key=course.key, what=course.document.kind.value)
            elif course.order is not None and course.order["state"] == CANCELLED:
                course.error = DocumentRefused(key=course.key, why=f"its order {course.order['name']} was cancelled")

    def _write(self, courses: list[_Course]) -> None:
        """Load those that are not there, and those whose quotation says something else."""
        sheets: dict[str, Sheet] = {}
        for course in courses:
            try:
                lines = self._lines(course.document)
                course.expected = totals(lines, globally=self._company.rounds_globally)
                if course.order is None or (_quoted(course.order) and not _agrees(course.order, course.expected)):
                    sheets[course.document.order_key] = self._sheets.of(course.document, lines)
            except RecordError as error:
                course.error = error
        wanted = [course for course in courses if course.document.order_key in sheets]
        self._load(wanted, sheets)
        self._read(wanted)

    def _load(self, courses: list[_Course], sheets: Mapping[str, Sheet]) -> None:
        """All at once; where Odoo refuses that, which undoes them all, one by one."""
        if not courses:
            return
        columns, rows = rows_of([sheets[one.document.order_key] for one in courses], columns=self._sheets.columns())
        try:
            self._loader.load(ORDER, columns, rows)
        except NotLoaded as refused:
            if len(courses) == 1:
                courses[0].error = DocumentRefused(key=courses[0].key, why=refused.text)
                return
            for course in courses:
                self._load([course], sheets)

    def _read(self, courses: list[_Course]) -> None:
        loaded = [course for course in courses if course.error is None]
        found = self._found([course.document.order_key for course in loaded]) if loaded else {}
        for course in loaded:
            course.order = found.get(course.document.order_key)
            if course.order is None:
                course.error = DocumentRefused(key=course.key, why="it is gone right after it was made")

    def _check(self, courses: list[_Course]) -> None:
        """An order that does not total what was computed stays a quotation: a person looks at it."""
        for course in courses:
            order, expected = course.order, course.expected
            assert order is not None
            assert expected is not None
            currency = wire.named(order["currency_id"])
            if currency != course.document.currency:
                why = N_(f"the price list of its customer counts in {currency}")
                course.error = DocumentRefused(key=course.key, why=why)
            elif not _agrees(order, expected):
                said = wire.number(order["amount_total"])
                course.error = DocumentTotalDiffers(
                    key=course.key, shop=expected.total, erp=said, number=order["name"]
                )  # fmt: skip

    def _confirm_all(self, courses: list[_Course]) -> None:
        """All at once, then those that are left one by one, to know which of them is refused and why."""
        if not self._confirm:
            return
        left = self._unconfirmed(courses)
        if len(left) > 1:
            self._call_confirm(left)
            self._read(left)
            left = self._unconfirmed(left)
        for course in left:
            why = self._call_confirm([course])
            self._read([course])
            if self._unconfirmed([course]):
                course.error = DocumentRefused(key=course.key, why=why)

    @staticmethod
    def _unconfirmed(courses: Sequence[_Course]) -> list[_Course]:
        wanted = [one for one in courses if one.document.kind is DocumentKind.ORDER and one.error is None]
        return [one for one in wanted if one.order is not None and _quoted(one.order)]

    def _call_confirm(self, courses: Sequence[_Course]) -> str:
        """Why it was refused. Whatever it answers is not believed: true, null and a question look alike from here."""
        ids = [one.order["id"] for one in courses if one.order is not None]
        try:
            self._client.write(ORDER, "action_confirm", on=ids, context=self._company.context())
        except Refused as refused:
            return reason(refused.text)
        return N_("Odoo asks a question before it confirms it")

    def _finish(self, courses: list[_Course]) -> None:
        """The date, which confirming overwrites, and the key, which says that the order is whole."""
        if not courses:
            return
        rows = [
            [
                external(one.document.order_key), one.document.order_key,
                one.document.reference or one.document.order_key, moment(one.document.dated_on),
            ]
            for one in courses
        ]  # fmt: skip
        try:
            self._loader.load(ORDER, FINISHED, rows)
        except NotLoaded as refused:
            for course in courses:
                course.error = DocumentRefused(key=course.key, why=refused.text)


def _quoted(order: Row) -> bool:
    return order["state"] in QUOTED


def _agrees(order: Row, expected: DocumentTotals) -> bool:
    vat = sum((vat for _, vat in expected.by_tax.values()), Decimal(0))
    said = (wire.number(order["amount_total"]), wire.number(order["amount_tax"]))
    return [_cents(one) for one in said] == [_cents(expected.total), _cents(vat)]


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))
