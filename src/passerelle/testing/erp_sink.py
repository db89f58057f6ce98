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
from passerelle.testing.erp_batches import SinkBatches
from passerelle.testing.erp_variants import RANGED, variants
from passerelle.testing.faults import READ, Fault
from passerelle.testing.harness import SinkHarness, can, failure, injected, needs, refused_as_missing

replace = msgspec.structs.replace

BUYER = Customer(
    code="CL77", shop_id="77", email="Jeanne@Example.test", last_name="D'Arc-Müller", company="Forge & Fils"
)


def document(harness: SinkHarness, order_key: str = "MD-1") -> SalesDocument:
    """An order of one piece of A1 and one of A2, 10.00 excl. VAT each; both articles are in the ERP."""
    harness.seed(article("A1", stock=pieces(9)), article("A2", stock=pieces(9)))
    return sales_document(order_key, skus=("A1", "A2"), tax_code=harness.tax_code)


def nothing() -> None:
    """What is called before a hand-over, where a test has nothing to journal."""


class Killed(BaseException):
    """The process ends while it journals that it hands something over."""


def place(harness: SinkHarness, order: SalesDocument) -> str:
    """Place a document and let the ERP take it; gives what `place` gave."""
    number = harness.sink.place(order, handing_over=nothing)
    harness.take()
    return number


def placed_and_killed(act: Callable[[Callable[[], None]], object]) -> bool:
    """Whether `handing_over` was called; it ends the process then."""

    def killed() -> None:
        raise Killed

    try:
        act(killed)
    except Killed:
        return True
    return False


class SinkContract(SinkBatches):
    """What every implementation of the port ErpSink owes. The fixture `harness` gives a SinkHarness."""

    def test_a_document_placed_is_found_with_its_lines(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        number = place(harness, document(harness))
        found = harness.sink.find_document("MD-1")
        assert found is not None
        assert number in ("", found.number)
        assert (bool(found.number), found.order_key, found.kind) == (True, "MD-1", DocumentKind.ORDER)
        assert sorted(found.lines, key=lambda line: line.sku) == [
            DocumentLine("A1", Decimal(1)),
            DocumentLine("A2", Decimal(1)),
        ]
        assert list(harness.adapter.documents("MD")) == [found]

    def test_the_same_order_key_twice_is_one_document(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        order = document(harness)
        first = harness.sink.place(order, handing_over=nothing)
        assert harness.sink.place(order, handing_over=nothing) == first
        harness.take()
        found = harness.sink.find_document("MD-1")
        assert found is not None
        assert place(harness, order) == found.number
        assert harness.documents_with("MD-1") == 1

    @pytest.mark.parametrize("fault", [Fault.LOST_ANSWER])
    def test_a_document_without_an_answer_is_unknown_then_found_then_one(
        self, harness: SinkHarness, fault: Fault
    ) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        order = document(harness)
        with injected(harness, fault):
            failure(lambda: harness.sink.place(order, handing_over=nothing), families=(OutcomeUnknown,))
        harness.take()
        assert harness.sink.find_document("MD-1") is not None
        number = place(harness, order)
        found = harness.sink.find_document("MD-1")
        assert found is not None
        assert number == found.number
        assert harness.documents_with("MD-1") == 1

    def test_what_was_not_journalled_is_not_handed_over(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        order = document(harness)
        called = placed_and_killed(lambda killed: harness.sink.place(order, handing_over=killed))
        harness.take()
        assert harness.documents_with("MD-1") == (0 if called else 1)
        place(harness, order)
        assert harness.documents_with("MD-1") == 1

    def test_what_was_journalled_is_resumed_once(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        order = document(harness)
        placed_and_killed(lambda killed: harness.sink.place(order, handing_over=killed))
        for _ in range(2):
            harness.sink.resume("MD-1")
            harness.take()
        found = harness.sink.find_document("MD-1")
        assert found is not None
        assert place(harness, order) == found.number
        assert harness.documents_with("MD-1") == 1

    def test_resuming_what_was_never_placed_does_nothing(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        before = harness.stored()
        harness.sink.resume("MD-1")
        harness.sink.resume_customer("CL77")
        harness.take()
        assert harness.stored() == before

    def test_a_document_that_is_not_there_is_none(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        place(harness, document(harness, "MD-10"))
        assert harness.sink.find_document("MD-1") is None

    @pytest.mark.parametrize("fault", [Fault.TIMEOUT, Fault.UNAUTHORISED])
    def test_a_lookup_that_fails_is_an_error_never_none(self, harness: SinkHarness, fault: Fault) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        sink = harness.sink
        lookups: list[Callable[[], object]] = [
            lambda: sink.find_document("MD-1"),
            lambda: sink.find_customers(code="CL1"),
            lambda: sink.successors(["BC1"]),
        ]
        for lookup in lookups:
            with injected(harness, fault):
                failure(lookup, families=READ[fault])

    def test_what_a_document_has_gone_on_to_is_found_by_its_number(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        place(harness, document(harness))
        before = harness.sink.find_document("MD-1")
        assert before is not None
        assert harness.sink.successors([before.number, "ABSENT"]) == {before.number: [], "ABSENT": []}
        can(harness.transform, "MD-1", DocumentKind.DELIVERY)
        found = harness.sink.successors([before.number])[before.number]
        assert len(found) == 1
        after = found[0]
        assert (after.kind, after.lines) == (DocumentKind.DELIVERY, before.lines)
        assert before.number in after.origins
        assert harness.sink.find_document("MD-1") == after

    def test_what_was_not_refused_has_no_refusal(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        place(harness, document(harness))
        assert [harness.sink.refusal(name) for name in ("MD-1", "MD-2", "CL77")] == [None] * 3

    def test_pricing_writes_nothing_and_is_exact(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        order = document(harness)
        before = harness.stored()
        totals = harness.sink.price(order)
        assert totals.total == Decimal("24.00")
        assert totals.by_tax == {harness.tax_code: (Decimal("20.00"), Decimal("4.00"))}
        harness.take()
        assert harness.stored() == before

    def test_an_article_the_erp_does_not_have_concerns_its_document_alone(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        order = sales_document("MD-1", skus=("ABSENT",), tax_code=harness.tax_code)
        with pytest.raises(RecordError):
            harness.sink.place(order, handing_over=nothing)
        harness.take()
        assert harness.documents_with("MD-1") == 0
        document(harness)

    @pytest.mark.parametrize("by", ["reference", "id"])
    def test_a_variant_is_placed_and_found_by_its_reference(self, harness: SinkHarness, by: str) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        document(harness)
        harness.seed(RANGED)
        skus = [one.sku for one in variants(harness, "SECU")]
        ids = [one.erp_id for one in variants(harness, "SECU")]
        order = sales_document("MD-1", skus=("A1", *skus), tax_code=harness.tax_code)
        if by == "id":
            plain, *named = order.lines
            named = [replace(line, sku="OLD-NAME", erp_id=id) for line, id in zip(named, ids, strict=True)]
            order = replace(order, lines=(plain, *named))
        place(harness, order)
        found = harness.sink.find_document("MD-1")
        assert found is not None
        assert list(found.lines) == [DocumentLine(sku, Decimal(1)) for sku in ("A1", *skus)]
        assert harness.documents_with("MD-1") == 1

    def test_an_article_with_variants_is_not_placed_without_one(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        document(harness)
        harness.seed(RANGED)
        for sku in ("SECU", "SECU-", "SECU-99-Noir"):
            order = sales_document("MD-1", skus=("A1", sku), tax_code=harness.tax_code)
            with pytest.raises(RecordError, match=sku):
                harness.sink.place(order, handing_over=nothing)
        harness.take()
        assert harness.documents_with("MD-1") == 0

    def test_the_same_customer_twice_is_one_customer(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        for _ in range(2):
            assert harness.sink.place_customer(BUYER, handing_over=nothing) == BUYER.code
        harness.take()
        assert harness.sink.place_customer(BUYER, handing_over=nothing) == BUYER.code
        harness.take()
        for found in (
            harness.sink.find_customers(code="CL77"),
            harness.sink.find_customers(email="jeanne@EXAMPLE.test"),
        ):
            assert [(one.code, one.email, one.company) for one in found] == [("CL77", BUYER.email, BUYER.company)]
        assert harness.sink.find_customers(code="ABSENT", email="nobody@example.test") == []

    def test_a_customer_is_handed_over_once_it_was_journalled(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        called = placed_and_killed(lambda killed: harness.sink.place_customer(BUYER, handing_over=killed))
        harness.take()
        assert len(harness.sink.find_customers(code="CL77")) == (0 if called else 1)
        harness.sink.resume_customer("CL77")
        harness.take()
        assert len(harness.sink.find_customers(code="CL77")) == 1

    def test_asking_for_no_customer_gives_none(self, harness: SinkHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
        harness.sink.place_customer(BUYER, handing_over=nothing)
        harness.take()
        assert harness.sink.find_customers() == []

    def test_what_is_not_declared_is_refused(self, harness: SinkHarness) -> None:
        sink = harness.sink
        order = sales_document("MD-1", skus=("A1",), tax_code="X")
        calls: dict[str, Callable[[], object]] = {
            "price": lambda: sink.price(order),
            "place": lambda: sink.place(order, handing_over=nothing),
            "resume": lambda: sink.resume("MD-1"),
            "find_document": lambda: sink.find_document("MD-1"),
            "successors": lambda: sink.successors(["BC1"]),
            "refusal": lambda: sink.refusal("MD-1"),
            "find_customers": lambda: sink.find_customers(code="CL1"),
            "place_customer": lambda: sink.place_customer(BUYER, handing_over=nothing),
            "resume_customer": lambda: sink.resume_customer("CL1"),
        }
        if Capability.DOCUMENTS_WRITE not in harness.adapter.manifest.capabilities:
            for name, act in calls.items():
                refused_as_missing(act, what=name)
