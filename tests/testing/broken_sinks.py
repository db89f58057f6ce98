"""Memory ERPs that place documents with one defect each, and the obligation that must notice it."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from tests.connectors.memory_erp.test_contract import EVERYTHING
from tests.testing.broken_erps import NeverSaysMissing
from tests.testing.defects import Defect

from passerelle.connectors.memory_erp.adapter import MemoryErp
from passerelle.connectors.memory_erp.mapping import document_of
from passerelle.domain.orders import DocumentTotals
from passerelle.errors import PasserelleError, RecordUnreadable, Unavailable
from passerelle.testing.faults import Fault

replace = msgspec.structs.replace


class DropsLines(MemoryErp):
    def place(self, document):
        return super().place(replace(document, lines=document.lines[:1]))


class PlacesTwice(MemoryErp):
    def place(self, document):
        found = self.data.documents.pop(document.order_key, None)
        number = super().place(document)
        if found is not None:
            self.data.documents[f"{document.order_key} (1)"] = found
        return number


class NotDoneForSure(MemoryErp):
    def _error(self, signal, *, write):
        return Unavailable(system="ERP")


class FindsByPrefix(MemoryErp):
    def find_document(self, order_key):
        return next((document_of(row) for key, row in self.data.documents.items() if key.startswith(order_key)), None)


class FailedLookupIsNone(MemoryErp):
    def find_document(self, order_key):
        try:
            return super().find_document(order_key)
        except PasserelleError:
            return None


class PricesByPlacing(MemoryErp):
    def price(self, document):
        self.place(document)
        return super().price(document)


class RoundsToUnits(MemoryErp):
    def price(self, document):
        totals = super().price(document)
        return DocumentTotals(totals.total + Decimal("0.01"), totals.by_tax)


class PlacesAnything(MemoryErp):
    def _place(self, document):
        try:
            return super()._place(document)
        except RecordUnreadable:
            return self.data.place(document)


class CustomerEachTime(MemoryErp):
    def place_customer(self, customer):
        return super().place_customer(replace(customer, code=f"X{self.data.new_id()}", shop_id=""))


class NobodyMeansAll(MemoryErp):
    def find_customers(self, *, code="", email=""):
        return super().find_customers(code=code, email=email) or list(self.data.state.customers.values())


SINK = [
    Defect("test_a_document_placed_is_found_with_its_lines", DropsLines),
    Defect("test_the_same_order_key_twice_is_one_document", PlacesTwice),
    Defect(
        "test_a_document_without_an_answer_is_unknown_then_found_then_one",
        NotDoneForSure,
        {"fault": Fault.LOST_ANSWER},
    ),
    Defect("test_a_document_that_is_not_there_is_none", FindsByPrefix),
    Defect("test_a_lookup_that_fails_is_an_error_never_none", FailedLookupIsNone, {"fault": Fault.TIMEOUT}),
    Defect("test_pricing_writes_nothing_and_is_exact", PricesByPlacing),
    Defect("test_pricing_writes_nothing_and_is_exact", RoundsToUnits),
    Defect("test_an_article_the_erp_does_not_have_concerns_its_document_alone", PlacesAnything),
    Defect("test_the_same_customer_twice_is_one_customer", CustomerEachTime),
    Defect("test_asking_for_no_customer_gives_none", NobodyMeansAll),
    Defect("test_what_is_not_declared_is_refused", NeverSaysMissing, needs={"without": EVERYTHING}),
]
