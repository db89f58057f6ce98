"""Any catalogue under any options, through any changes: the shop equals the ERP, and what is the merchant's stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scenarios.house import close_home, open_home, sampled
from tests.scenarios.random_oracle import Form, Sold, expected, priceless, shown, told
from tests.scenarios.random_town import EVENTS, Event, Merchant, Office, Town, Wishes

PARTS = 4  # as many tests, so that they run side by side
EXAMPLES = sampled(300, 5000) // PARTS

wanted = st.builds(
    Wishes,
    variants=st.sampled_from([True, True, True, False]),
    delete_missing=st.booleans(),
    grouped=st.booleans(),
    prices=st.sampled_from(["auto", "auto", "true", "false", ""]),
    base_price=st.sampled_from(["article", "Professionnels"]),
    variant_prices=st.sampled_from(["", "2"]),
    categories=st.sampled_from(["tree", "levels", "of the shop"]),
    features=st.booleans(),
    published_only=st.booleans(),
    both_warehouses=st.booleans(),
    safety=st.sampled_from([0, 2]),
    batch=st.sampled_from([1, 3, 50]),
)
numbers = st.integers(0, 11)
beginnings = st.tuples(
    st.sampled_from(["add_simple", "add_member", "add_ranged"]), numbers, numbers, st.integers(1, 5000)
)
events = st.tuples(st.sampled_from(EVENTS), numbers, numbers, st.integers(0, 5000))
bursts = st.lists(st.lists(events, min_size=1, max_size=5), min_size=1, max_size=sampled(2, 3))
orders = st.permutations(["catalogue", "prices", "stocks"])
thorough = settings(
    max_examples=EXAMPLES, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def home(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("home")
    patch.setenv("PASSERELLE_HOME", str(folder))
    open_home(folder, template)
    yield
    close_home()
    patch.undo()


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(PARTS))
@thorough
@given(wishes=wanted, begun=st.lists(beginnings, min_size=1, max_size=5), changes=bursts, order=orders, hand=numbers)
def test_through_any_changes_the_shop_equals_the_erp_and_planning_again_is_empty(
    tmp_path: Path,
    part: int,
    wishes: Wishes,
    begun: list[Event],
    changes: list[list[Event]],
    order: list[str],
    hand: int,
) -> None:
    town = Town(tmp_path, wishes)
    office, merchant = Office(town), Merchant(town)
    for event in begun:
        office.happen(event)
    with town.connected():
        town.done()
        merchant.happen(hand)
        theirs = merchant.own()
        for burst in changes:
            for event in burst:
                office.happen(event)
            office.happen(("add_simple", 0, 0, 1))  # an ERP without any article is a guard's story
            town.done(*(flow for flow in order if flow in town.flows()))
            town.done()
            assert set(town.done().values()) == {0}
            assert merchant.own() == theirs
            compare(town)


def compare(town: Town) -> None:
    """Every article is there once as the ERP says; what left is hidden; what waits is told and nothing else."""
    wanted, waiting, issues = expected(town), priceless(town), told(town)
    for sku, sold in wanted.items():
        found = [product for product in town.shop.products.values() if product.sku == sku]
        if issues.get(sku) == "variants_differ":  # it had variants: a person decides what becomes of its product
            assert any(product.variants for product in found)
            waiting.add(sku)
        elif sold.forms:
            assert len(found) == 1, f"{len(found)} products for {sku}"
            assert found[0].visible or not town.wishes.prices, f"{sku} is not visible"
            _equal(sold, shown(town, found[0]), town=town, issues=issues)
    visible = [product for product in town.shop.products.values() if product.visible and product.sku != "MAIN"]
    assert {product.sku for product in visible} <= wanted.keys() | waiting
    if town.wishes.prices:
        assert all(town.shop.displayed_price(product.id) > 0 for product in visible)


def _equal(sold: Sold, seen: Sold, *, town: Town, issues: dict[str, str]) -> None:
    """What the ERP leaves empty of brand, weight and barcode stays as it was.

    `crowded` are those whose values one that waits, or is sold no more, still has in the shop.
    """
    assert replace(seen, forms={}) == replace(sold, forms={}, refused={}, brand=sold.brand or seen.brand)
    assert {key: issues.get(key) for key in sold.refused} == sold.refused
    crowded = {
        form.sku for values, form in sold.forms.items()
        if values in seen.forms and issues.get(form.sku) == "variant_twice"
    }  # fmt: skip
    for values, form in sold.forms.items():
        if form.sku not in crowded:
            assert values in seen.forms, f"{form.sku} is not there"
            assert seen.forms[values] == _known(form, seen.forms[values])
    kept = {key: one for key, one in seen.forms.items() if key not in sold.forms and one.sku != "A LA MAIN"}
    if not sold.refused and not crowded:  # what waits may still have its former values and reference
        assert not (kept and town.wishes.delete_missing), f"{sold.label} still shows {kept}"
        assert all(form.stock == 0 for form in kept.values()), f"{sold.label} still sells {kept}"


def _known(form: Form, there: Form) -> Form:
    return replace(
        form, price=there.price if form.price is None else form.price, gtin=form.gtin or there.gtin,
        weight=there.weight if form.weight is None else form.weight,
    )  # fmt: skip
