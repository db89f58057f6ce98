"""Deletion of products, as PrestaShop does it: all of a request or none."""

from __future__ import annotations

import pytest
from tests.connectors.prestashop.conftest import Serve
from tests.connectors.prestashop.harness import PrestashopHarness

from passerelle.errors import AnswerIncomplete, RightMissing, WriteUnanswered
from passerelle.ports.shop import ProductWrite
from passerelle.sandbox.prestashop import FakePrestashop, Fault


def write(number: int) -> ProductWrite:
    return ProductWrite(key=f"P-{number}", shop_id=str(number))


@pytest.fixture
def stocked(serve: Serve) -> PrestashopHarness:
    """A shop with the products 1 to 120."""
    one = serve(FakePrestashop())
    for number in range(1, 121):
        one.shop.add_product(f"P-{number}", name=f"Produit {number}", price="1", stock=1)
    one.adapter.context()
    one.shop.reset_counters()
    return one


def deletions(one: PrestashopHarness) -> int:
    return sum(method == "DELETE" for method, _, _ in one.shop.requests)


def test_a_batch_is_deleted_in_one_request_and_what_the_shop_hangs_on_it_goes_too(stocked: PrestashopHarness) -> None:
    outcomes = stocked.adapter.delete_products([write(number) for number in range(1, 51)])
    assert [one.error for one in outcomes] == [None] * 50
    assert deletions(stocked) == 1
    assert sorted(stocked.shop.products) == list(range(51, 121))
    assert not [row for row in stocked.shop.database["stock_availables"] if row.number("id_product") <= 50]


def test_one_that_is_gone_does_not_keep_the_others_from_being_deleted(stocked: PrestashopHarness) -> None:
    outcomes = stocked.adapter.delete_products([write(1), write(999), write(2)])
    assert [(one.shop_id, one.error) for one in outcomes] == [("1", None), ("999", None), ("2", None)]
    assert not {1, 2} & stocked.shop.products.keys()


def test_one_that_goes_while_the_others_are_deleted_does_not_either(stocked: PrestashopHarness) -> None:
    stocked.shop.hook("before_write", lambda: stocked.shop.database["products"].remove(2), resource="products")
    assert [one.error for one in stocked.adapter.delete_products([write(1), write(2)])] == [None, None]
    assert not {1, 2} & stocked.shop.products.keys()


def test_an_id_that_is_no_number_deletes_nothing(stocked: PrestashopHarness) -> None:
    stocked.adapter.delete_products([ProductWrite(key="A", shop_id=""), ProductWrite(key="B", shop_id="1,2")])
    assert len(stocked.shop.products) == 120
    assert deletions(stocked) == 0


def test_a_deletion_whose_answer_says_something_is_in_doubt(stocked: PrestashopHarness) -> None:
    stocked.shop.inject(Fault("html", method="DELETE"))
    with pytest.raises(WriteUnanswered):
        stocked.adapter.delete_products([write(1)])


def test_a_deletion_that_left_something_is_an_error(
    stocked: PrestashopHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stocked.adapter._client, "delete", lambda resource, ids: None)
    with pytest.raises(AnswerIncomplete, match="the deletion of products"):
        stocked.adapter.delete_products([write(1)])


def test_a_key_that_may_not_delete_is_told_so(stocked: PrestashopHarness, serve: Serve) -> None:
    rights = {**stocked.shop.keys[stocked.shop.key], "products": frozenset({"GET", "POST", "PUT", "PATCH"})}
    stocked.shop.keys[stocked.shop.key] = rights
    with pytest.raises(RightMissing) as raised:
        stocked.adapter.delete_products([write(1)])
    assert raised.value.params == {"system": "PrestaShop", "verb": "delete", "resource": "products"}
    assert 1 in stocked.shop.products
