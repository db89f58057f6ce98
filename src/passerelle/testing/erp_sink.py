"""The contract of placing documents in an ERP: subclass `SinkContract` and give it a `harness` fixture."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import msgspec
import pytest

from passerelle.domain.orders import DocumentLine, SalesDocument
from passerelle.domain.parties import Customer
from passerelle.domain.stock import DocumentKind
from passerelle.errors import OutcomeUnknown, RecordError
from passerelle.ports.manifest import Capability
from passerelle.testing.builders import article, pieces, sales_document
from passerelle.testing.faults import READ, Fault
from passerelle.testing.harness import SinkHarness, failure, injected, needs, refused_as_missing

BUYER = Customer(code="", shop_id="77", email="Jeanne@Example.test", last_name="D'Arc-Müller", company="Forge & Fils")


def document(harness: SinkHarness, order_key: str = "MD-1") -> SalesDocument:
    """An order of one piece of A1 and one of A2, 10.00 excl. VAT each; both articles are in the ERP."""
    harness.seed(article("A1", stock=pieces(9)), article("A2", stock=pieces(9)))
    return sales_document(order_key, skus=("A1", "A2"), tax_code=harness.tax_code)


class SinkContract:
    """What every implementation of the port ErpSink owes. The fixture `harness` gives a SinkHarness."""

    def test_a_document_placed_is_found_with_its_lines(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        number = harness.sink.place(document(harness))
        found = harness.sink.find_document("MD-1")
        assert found is not None
        assert (found.number, found.order_key, found.kind) == (number, "MD-1", DocumentKind.ORDER)
        assert sorted(found.lines, key=lambda line: line.sku) == [
            DocumentLine("A1", Decimal(1)),
            DocumentLine("A2", Decimal(1)),
        ]
        assert list(harness.adapter.documents("MD")) == [found]

    def test_the_same_order_key_twice_is_one_document(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        order = document(harness)
        assert harness.sink.place(order) == harness.sink.place(order)
        assert harness.documents_with("MD-1") == 1

    @pytest.mark.parametrize("fault", [Fault.LOST_ANSWER])
    def test_a_document_without_an_answer_is_unknown_then_found_then_one(
        self, harness: SinkHarness, fault: Fault
    ) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        order = document(harness)
        with injected(harness, fault):
            failure(lambda: harness.sink.place(order), families=(OutcomeUnknown,))
        found = harness.sink.find_document("MD-1")
        assert found is not None
        assert harness.sink.place(order) == found.number
        assert harness.documents_with("MD-1") == 1

    def test_a_document_that_is_not_there_is_none(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        harness.sink.place(document(harness, "MD-10"))
        assert harness.sink.find_document("MD-1") is None

    @pytest.mark.parametrize("fault", [Fault.TIMEOUT, Fault.UNAUTHORISED])
    def test_a_lookup_that_fails_is_an_error_never_none(self, harness: SinkHarness, fault: Fault) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        with injected(harness, fault):
            failure(lambda: harness.sink.find_document("MD-1"), families=READ[fault])
        with injected(harness, fault):
            failure(lambda: harness.sink.find_customers(code="CL1"), families=READ[fault])

    def test_pricing_writes_nothing_and_is_exact(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        order = document(harness)
        before = harness.stored()
        totals = harness.sink.price(order)
        assert totals.total == Decimal("24.00")
        assert totals.by_tax == {harness.tax_code: (Decimal("20.00"), Decimal("4.00"))}
        assert harness.stored() == before

    def test_an_article_the_erp_does_not_have_concerns_its_document_alone(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        order = sales_document("MD-1", skus=("ABSENT",), tax_code=harness.tax_code)
        with pytest.raises(RecordError):
            harness.sink.place(order)
        assert harness.documents_with("MD-1") == 0
        document(harness)

    def test_the_same_customer_twice_is_one_customer(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        code = harness.sink.place_customer(BUYER)
        assert harness.sink.place_customer(BUYER) == code
        expected = [msgspec.structs.replace(BUYER, code=code)]
        assert harness.sink.find_customers(code=code) == expected
        assert harness.sink.find_customers(email="jeanne@example.test") == expected
        assert harness.sink.find_customers(code="ABSENT", email="nobody@example.test") == []

    def test_asking_for_no_customer_gives_none(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        harness.sink.place_customer(BUYER)
        assert harness.sink.find_customers() == []

    def test_what_is_not_declared_is_refused(self, harness: SinkHarness) -> None:
        sink = harness.sink
        order = sales_document("MD-1", skus=("A1",), tax_code="X")
        calls: dict[str, Callable[[], object]] = {
            "price": lambda: sink.price(order),
            "place": lambda: sink.place(order),
            "find_document": lambda: sink.find_document("MD-1"),
            "find_customers": lambda: sink.find_customers(code="CL1"),
            "place_customer": lambda: sink.place_customer(BUYER),
        }
        if Capability.DOCUMENTS_WRITE not in harness.adapter.manifest.capabilities:
            for name, act in calls.items():
                refused_as_missing(act, what=name)
