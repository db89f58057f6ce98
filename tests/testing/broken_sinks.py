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
from passerelle.ports.erp import Placed
from passerelle.testing.erp_sink import nothing
from passerelle.testing.faults import Fault

replace = msgspec.structs.replace


class DropsLines(MemoryErp):
    def place(self, document, *, handing_over):
        return super().place(replace(document, lines=document.lines[:1]), handing_over=handing_over)


class PlacesTwice(MemoryErp):
    def place(self, document, *, handing_over):
        found = self.data.documents.pop(document.order_key, None)
        number = super().place(document, handing_over=handing_over)
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
        self.place(document, handing_over=nothing)
        return super().price(document)


class RoundsToUnits(MemoryErp):
    def price(self, document):
        totals = super().price(document)
        return DocumentTotals(totals.total + Decimal("0.01"), totals.by_tax)


class PlacesAnything(MemoryErp):
    def _verify(self, document):
        pass


class HandsOverFirst(MemoryErp):
    def _hand_over(self, call, name, record, handing_over):
        super()._hand_over(call, name, record, nothing)
        handing_over()


class NeverResumes(MemoryErp):
    def resume(self, order_key):
        pass

    def resume_customer(self, code):
        pass


class ResumesFromNothing(MemoryErp):
    def resume(self, order_key):
        self.data.new_id()


class LosesTheTrail(MemoryErp):
    def successors(self, numbers):
        return {number: [] for number in numbers}


class RefusesAll(MemoryErp):
    def refusal(self, name):
        return super().refusal(name) or "because"


class CustomerEachTime(MemoryErp):
    def place_customer(self, customer, *, handing_over):
        again = replace(customer, code=f"X{self.data.new_id()}", shop_id="")
        super().place_customer(again, handing_over=handing_over)
        return customer.code


class NobodyMeansAll(MemoryErp):
    def find_customers(self, *, code="", email=""):
        return super().find_customers(code=code, email=email) or list(self.data.state.customers.values())


class IgnoresTheId(MemoryErp):
    def place(self, document, *, handing_over):
        lines = tuple(replace(line, erp_id="") for line in document.lines)
        return super().place(replace(document, lines=lines), handing_over=handing_over)


class AnswersBackwards(MemoryErp):
    def place_many(self, documents):
        return super().place_many(documents)[::-1]


class PlacesManyTwice(PlacesTwice):
    def place_many(self, documents):
        return [Placed(order_key=one.order_key, number=self.place(one, handing_over=nothing)) for one in documents]


class OneBadSpoilsAll(MemoryErp):
    def place_many(self, documents):
        outcomes = super().place_many(documents)
        bad = next((one.error for one in outcomes if one.error is not None), None)
        return [replace(one, error=bad) for one in outcomes]


class TakesManyAllTheSame(MemoryErp):
    def place_many(self, documents):
        return [Placed(order_key=one.order_key, number="BC1") for one in documents]


SINK = [
    Defect("test_documents_placed_together_are_each_there_once_in_order", AnswersBackwards),
    Defect("test_documents_placed_together_twice_are_the_same_documents", PlacesManyTwice),
    Defect("test_a_document_that_is_refused_leaves_the_others_alone", OneBadSpoilsAll),
    Defect("test_an_answer_that_is_lost_leaves_open_which_were_placed", NotDoneForSure),
    Defect("test_an_erp_that_takes_one_at_a_time_says_so", TakesManyAllTheSame, needs={"later": True}),
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
    Defect("test_a_variant_is_placed_and_found_by_its_reference", IgnoresTheId, {"by": "id"}, raises=RecordUnreadable),
    Defect("test_an_article_with_variants_is_not_placed_without_one", PlacesAnything),
    Defect("test_the_same_customer_twice_is_one_customer", CustomerEachTime),
    Defect("test_asking_for_no_customer_gives_none", NobodyMeansAll),
    Defect("test_what_was_not_journalled_is_not_handed_over", HandsOverFirst, needs={"later": True}),
    Defect("test_what_was_journalled_is_resumed_once", NeverResumes, needs={"later": True}),
    Defect("test_resuming_what_was_never_placed_does_nothing", ResumesFromNothing),
    Defect("test_what_a_document_has_gone_on_to_is_found_by_its_number", LosesTheTrail),
    Defect("test_what_was_not_refused_has_no_refusal", RefusesAll),
    Defect("test_a_customer_is_handed_over_once_it_was_journalled", HandsOverFirst, needs={"later": True}),
    Defect("test_a_customer_is_handed_over_once_it_was_journalled", NeverResumes, needs={"later": True}),
    Defect("test_what_is_not_declared_is_refused", NeverSaysMissing, needs={"without": EVERYTHING}),
]
