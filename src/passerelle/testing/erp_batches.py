"""What an ERP that takes several documents in one call owes."""

from __future__ import annotations

import pytest

from passerelle.errors import OutcomeUnknown, RecordError
from passerelle.ports.manifest import Capability
from passerelle.testing.builders import article, pieces, sales_document
from passerelle.testing.faults import Fault
from passerelle.testing.harness import SinkHarness, failure, injected, needs, refused_as_missing

MANY = "place_many"


def several(harness: SinkHarness, count: int) -> list[str]:
    """Order keys of so many orders, whose articles are in the ERP."""
    harness.seed(article("A1", stock=pieces(99)), article("A2", stock=pieces(99)))
    return [f"MD-{number}" for number in range(1, count + 1)]


class SinkBatches:
    """Part of SinkContract: what the ERP says in `max_batch` of "place_many", it does; else the call is refused."""

    def test_documents_placed_together_are_each_there_once_in_order(self, harness: SinkHarness) -> None:
        most = _most(harness)
        keys = several(harness, most)
        orders = [sales_document(key, skus=("A1", "A2"), tax_code=harness.tax_code) for key in keys]
        outcomes = harness.sink.place_many(orders)
        assert [one.order_key for one in outcomes] == keys
        assert [one.error for one in outcomes] == [None] * most
        found = [harness.sink.find_document(key) for key in keys]
        assert [one.number for one in outcomes] == [one.number for one in found if one is not None]
        assert [harness.documents_with(key) for key in keys] == [1] * most

    def test_documents_placed_together_twice_are_the_same_documents(self, harness: SinkHarness) -> None:
        keys = several(harness, _most(harness))
        orders = [sales_document(key, skus=("A1",), tax_code=harness.tax_code) for key in keys]
        first = harness.sink.place_many(orders[:1])
        again = harness.sink.place_many(orders)
        assert again[0] == first[0]
        assert [harness.documents_with(key) for key in keys] == [1] * len(keys)
        assert harness.sink.place_many(orders) == again

    def test_a_document_that_is_refused_leaves_the_others_alone(self, harness: SinkHarness) -> None:
        keys = several(harness, _most(harness))
        orders = [sales_document(key, skus=("A1",), tax_code=harness.tax_code) for key in keys]
        orders[1] = sales_document(keys[1], skus=("NOT-THERE",), tax_code=harness.tax_code)
        outcomes = harness.sink.place_many(orders)
        assert [isinstance(one.error, RecordError) for one in outcomes] == [key == keys[1] for key in keys]
        assert [harness.documents_with(key) for key in keys] == [int(key != keys[1]) for key in keys]

    def test_an_answer_that_is_lost_leaves_open_which_were_placed(self, harness: SinkHarness) -> None:
        keys = several(harness, _most(harness))
        orders = [sales_document(key, skus=("A1",), tax_code=harness.tax_code) for key in keys]
        with injected(harness, Fault.LOST_ANSWER):
            failure(lambda: harness.sink.place_many(orders), families=(OutcomeUnknown,))
        outcomes = harness.sink.place_many(orders)
        assert [one.error for one in outcomes] == [None] * len(keys)
        assert [harness.documents_with(key) for key in keys] == [1] * len(keys)

    def test_an_erp_that_takes_one_at_a_time_says_so(self, harness: SinkHarness) -> None:
        if harness.adapter.manifest.max_batch.get(MANY, 1) > 1:
            pytest.skip(f"{harness.adapter.manifest.name} takes several documents in one call")
        [key] = several(harness, 1)
        order = sales_document(key, skus=("A1",), tax_code=harness.tax_code)
        refused_as_missing(lambda: harness.sink.place_many([order]), what=MANY)


def _most(harness: SinkHarness) -> int:
    """How many documents to try, two at least."""
    needs(harness.adapter.manifest, Capability.DOCUMENTS_WRITE)
    most = harness.adapter.manifest.max_batch.get(MANY, 1)
    if most < 2:
        pytest.skip(f"{harness.adapter.manifest.name} takes one document at a time")
    return min(most, 5)
