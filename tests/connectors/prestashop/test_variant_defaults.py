"""Which combination is the default, and combinations that are deleted."""

from __future__ import annotations

import pytest
from tests.connectors.prestashop.assortment import change, defaults, methods, price
from tests.connectors.prestashop.harness import PrestashopHarness, connect

from passerelle.errors import (
    AnswerIncomplete,
    RightMissing,
    WriteUnanswered,
)
from passerelle.ports.shop import (
    VariantWrite,
)
from passerelle.sandbox.prestashop import Fault

# The default


def test_a_new_default_takes_it_from_the_older_one_in_the_same_request(assorted: PrestashopHarness) -> None:
    assorted.adapter.update_variants([change(2, default=True)])
    assorted.adapter.update_variants([change(4, product=2, default=True)])
    assorted.shop.reset_counters()
    items = [change(3, default=True), change(1, price=price("12"))]
    assert [(one.shop_id, one.error) for one in assorted.adapter.update_variants(items)] == [
        ("1/3", None),
        ("1/1", None),
    ]
    assert [entities for method, _, entities in assorted.shop.requests if method != "GET"] == [3]
    assert (defaults(assorted), defaults(assorted, 2), assorted.shop.default_combination(1)) == ([3], [4], 3)
    assert assorted.shop.combinations_of(1)[2].reference == "A-M"


def test_the_older_default_may_be_in_the_same_batch_in_any_order(assorted: PrestashopHarness) -> None:
    assorted.adapter.update_variants([change(1, default=True)])
    assorted.adapter.update_variants([change(3, default=True), change(1, price=price("12"))])
    assert defaults(assorted) == [3]
    assorted.adapter.update_variants([change(2, default=True), change(3, default=False), change(1, default=False)])
    assert (defaults(assorted), assorted.shop.combinations_of(1)[1].price) == ([2], "2.000000")


def test_the_default_sent_again_stays_the_default(assorted: PrestashopHarness) -> None:
    for _ in range(2):
        assert assorted.adapter.update_variants([change(2, default=True)])[0].error is None
    assert defaults(assorted) == [2]


def test_an_older_default_that_goes_meanwhile_is_not_taken_for_the_new_one(assorted: PrestashopHarness) -> None:
    assorted.adapter.update_variants([change(2, default=True)])
    assorted.shop.hook("before_write", lambda: assorted.shop.delete_combination(2), resource="combinations")
    [outcome] = assorted.adapter.update_variants([change(3, default=True)])
    assert (outcome.error, defaults(assorted)) == (None, [3])


def test_without_a_default_in_the_batch_none_is_asked_for(assorted: PrestashopHarness) -> None:
    assorted.adapter.update_variants([change(1, price=price("11")), change(2, default=False)])
    assert methods(assorted) == (["PATCH"] if assorted.shop.patch else ["GET", "PUT"])


def test_a_variant_created_as_the_default_takes_it_from_the_older_one(assorted: PrestashopHarness) -> None:
    assorted.adapter.update_variants([change(2, default=True)])
    assorted.shop.reset_counters()
    new = VariantWrite(key="N", shop_id="1", sku="N", values=("1",), default=True)
    [outcome] = assorted.adapter.create_variants([new])
    assert outcome.error is None
    assert defaults(assorted) == [int(outcome.shop_id.removeprefix("1/"))]
    assert [method for method in methods(assorted) if method != "GET"] == [
        "PATCH" if assorted.shop.patch else "PUT",
        "POST",
    ]


def test_when_the_default_is_deleted_the_shop_opens_with_its_first_and_another_can_be_chosen(
    assorted: PrestashopHarness,
) -> None:
    assorted.adapter.update_variants([change(2, default=True)])
    assorted.adapter.delete_variants([change(2)])
    assert (defaults(assorted), assorted.shop.default_combination(1)) == ([], 1)
    assorted.adapter.update_variants([change(3, default=True)])
    assert (defaults(assorted), assorted.shop.default_combination(1)) == ([3], 3)


# Deleted


def test_one_that_is_gone_does_not_keep_the_others_from_being_deleted(assorted: PrestashopHarness) -> None:
    assorted.shop.delete_combination(2)
    outcomes = assorted.adapter.delete_variants([change(1), change(2), change(99)])
    assert [(one.shop_id, one.error) for one in outcomes] == [("1/1", None), ("1/2", None), ("1/99", None)]
    assert (list(assorted.shop.combinations_of(1)), assorted.shop.stock_of(1)) == ([3], 3)


def test_one_that_goes_while_the_others_are_deleted_does_not_assorted(assorted: PrestashopHarness) -> None:
    assorted.shop.hook("before_write", lambda: assorted.shop.delete_combination(2), resource="combinations")
    assert [one.error for one in assorted.adapter.delete_variants([change(1), change(2)])] == [None, None]
    assert list(assorted.shop.combinations_of(1)) == [3]


def test_a_combination_of_another_product_is_left_alone(assorted: PrestashopHarness) -> None:
    assorted.adapter.delete_variants([change(4, product=1)])
    assert list(assorted.shop.combinations_of(2)) == [4]
    assert "DELETE" not in methods(assorted)


def test_a_deletion_whose_answer_says_something_is_in_doubt(assorted: PrestashopHarness) -> None:
    assorted.shop.inject(Fault("html", method="DELETE"))
    with pytest.raises(WriteUnanswered):
        assorted.adapter.delete_variants([change(1)])


def test_a_deletion_that_left_something_is_an_error(
    assorted: PrestashopHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assorted.adapter._client, "delete", lambda resource, ids: None)
    with pytest.raises(AnswerIncomplete, match="the deletion of variants"):
        assorted.adapter.delete_variants([change(1)])


def test_a_key_that_may_not_delete_is_told_so(assorted: PrestashopHarness) -> None:
    rights = {**assorted.shop.keys[assorted.shop.key], "combinations": frozenset({"GET", "POST", "PUT", "PATCH"})}
    other = connect(assorted.url, assorted.shop.add_key(rights=rights))
    [finding] = [one for one in other.check() if one.text.code == "prestashop.no_variants"]
    assert finding.text.params["rights"] == "delete combinations"
    with pytest.raises(RightMissing) as raised:
        other.delete_variants([change(1)])
    assert raised.value.params == {"system": "PrestaShop", "verb": "delete", "resource": "combinations"}
