"""Quantities."""

from __future__ import annotations

import pytest
from tests.connectors.prestashop.conftest import Serve
from tests.connectors.prestashop.harness import PrestashopHarness

from passerelle.errors import AnswerIncomplete, GoneFromShop, WriteUnanswered
from passerelle.ports.shop import BatchRefused, StockWrite
from passerelle.sandbox.prestashop import FakePrestashop, Fault


@pytest.fixture(params=[True, False], ids=["with PATCH", "without PATCH"])
def stocked(request: pytest.FixtureRequest, serve: Serve) -> PrestashopHarness:
    """Three products, each with 5 in stock; what must be known is known."""
    one = serve(FakePrestashop(patch=request.param))
    for number in range(3):
        one.shop.add_product(f"A-{number}", name="x", stock=5)
    one.adapter.context()
    one.shop.reset_counters()
    return one


def lines(stocked: PrestashopHarness, *quantities: int) -> list[StockWrite]:
    rows = {id: str(stocked.shop.stock_row(id).id) for id in range(1, 4)}
    return [
        StockWrite(key=f"A-{id}", shop_id=str(id), stock_ref=rows[id], quantity=quantity)
        for id, quantity in enumerate(quantities, start=1)
    ]


def test_quantities_are_one_write_and_still_count_for_the_product(stocked: PrestashopHarness) -> None:
    outcomes = stocked.adapter.set_stock(lines(stocked, 12, -3, 0))
    assert [(one.key, one.shop_id, one.error) for one in outcomes] == [(f"A-{n}", str(n), None) for n in (1, 2, 3)]
    assert [stocked.shop.stock_of(id) for id in (1, 2, 3)] == [12, -3, 0]
    assert stocked.tally.writes == 1


def test_with_patch_nothing_is_read_first(stocked: PrestashopHarness) -> None:
    stocked.adapter.set_stock(lines(stocked, 1, 2, 3))
    methods = [method for method, _, _ in stocked.shop.requests]
    assert methods == (["PATCH"] if stocked.shop.patch else ["GET", "PUT"])


def test_a_row_that_is_gone_is_an_outcome(stocked: PrestashopHarness) -> None:
    [outcome] = stocked.adapter.set_stock([StockWrite(key="A", shop_id="9", stock_ref="999", quantity=1)])
    assert isinstance(outcome.error, GoneFromShop)


def test_a_row_that_is_gone_among_others_hides_none(stocked: PrestashopHarness) -> None:
    one, two, three = lines(stocked, 7, 7, 7)
    gone = StockWrite(key="A", shop_id="9", stock_ref="999", quantity=1)
    if stocked.shop.patch:
        with pytest.raises(BatchRefused):
            stocked.adapter.set_stock([one, gone, two, three])
        assert [stocked.shop.stock_of(id) for id in (1, 2, 3)] == [7, 5, 5]
    else:
        outcomes = stocked.adapter.set_stock([one, gone, two, three])
        assert [isinstance(outcome.error, GoneFromShop) for outcome in outcomes] == [False, True, False, False]
        assert [stocked.shop.stock_of(id) for id in (1, 2, 3)] == [7, 7, 7]


def test_a_quantity_that_the_answer_does_not_repeat_is_an_error(
    stocked: PrestashopHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = stocked.adapter._client.write

    def another_quantity(method: str, resource: str, *, body: bytes) -> object:
        return write(method, resource, body=body.replace(b"<quantity>7<", b"<quantity>8<"))

    monkeypatch.setattr(stocked.adapter._client, "write", another_quantity)
    with pytest.raises(AnswerIncomplete, match="stock_availables"):
        stocked.adapter.set_stock(lines(stocked, 7))


def test_half_a_batch_without_an_answer_is_in_doubt_and_can_be_read(stocked: PrestashopHarness) -> None:
    stocked.shop.inject(Fault("half_batch", method="WRITE", entities=2))
    with pytest.raises(WriteUnanswered):
        stocked.adapter.set_stock(lines(stocked, 9, 9, 9))
    assert [one.stock for one in stocked.adapter.read_products(["1", "2", "3"])] == [9, 9, 5]


def test_stock_ids_are_one_request(stocked: PrestashopHarness) -> None:
    ids = [str(id) for id in range(1, 90)]
    refs = stocked.adapter.stock_refs(ids)
    assert refs == {str(id): str(stocked.shop.stock_row(id).id) for id in (1, 2, 3)}
    assert len(stocked.shop.requests) == 1
