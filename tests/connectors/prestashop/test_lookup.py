"""Finding products in a shop whose filters cannot be trusted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.prestashop.harness import PrestashopHarness

from passerelle.connectors.prestashop import lookup
from passerelle.connectors.prestashop.lookup import any_of, chunks


def found(served: PrestashopHarness, *skus: str) -> list[str]:
    return sorted(one.sku for one in served.adapter.find_products(skus=skus))


def asked(served: PrestashopHarness, resource: str = "products") -> list[str]:
    return [path for _, path, _ in served.shop.requests if path.startswith(f"/api/{resource}?")]


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=64), max_size=300))
def test_chunks_hold_every_value_once_in_order_and_stay_short(values: list[str]) -> None:
    cut = list(chunks(values))
    assert [value for chunk in cut for value in chunk] == values
    assert all(len(chunk) <= lookup.MOST_VALUES for chunk in cut)


def test_a_single_value_goes_bare_and_several_in_a_list() -> None:
    assert any_of(["1,5"]) == "1,5"
    assert any_of(["A", "B"]) == "[A|B]"


def test_many_references_are_one_request_and_their_stock_another(served: PrestashopHarness) -> None:
    for number in range(40):
        served.shop.add_product(f"REF-{number}", name="x")
    served.adapter.context()
    served.shop.reset_counters()
    assert len(found(served, *(f"ref-{number}" for number in range(40)))) == 40
    assert len(served.shop.requests) == 2


def test_no_address_passes_2000_characters(served: PrestashopHarness) -> None:
    skus = [f"une référence assez longue numéro {number:05}" for number in range(200)]
    served.adapter.find_products(skus=skus, gtins=[f"{number:013}" for number in range(300)])
    assert max(len(path) for path in asked(served)) < 2000


ODD = [
    "A|B",
    "A[B",
    "A]B",
    "A[B]",
    "[A]",
    "[]",
    "A&B",
    "A+B",
    "50%",
    "%",
    "A,B",
    "1,5",
    "été",
    "x/y",
    " A",
    "A B",
    "!A",
]


@pytest.mark.parametrize("together", [True, False])
def test_odd_references_are_found_exactly(served: PrestashopHarness, together: bool) -> None:
    for number in range(120):
        served.shop.add_product(f"ORDINARY-{number}", name="x")
    for reference in ODD:
        served.shop.add_product(reference, name="x")
    if together:
        assert found(served, *ODD) == sorted(ODD)
    for reference in [] if together else ODD:
        assert found(served, reference) == [reference]


def test_a_reference_that_differs_by_an_accent_or_a_space_is_another_one(served: PrestashopHarness) -> None:
    for reference in ("ete", "été", "A1 "):
        served.shop.add_product(reference, name="x")
    assert found(served, "été") == ["été"]
    assert found(served, "A1") == []


def test_a_filter_that_is_ignored_fools_nobody(served: PrestashopHarness) -> None:
    for number in range(60):
        served.shop.add_product(f"ORDINARY-{number}", name="x")
    assert found(served, "A,B|C [x] 10%") == []
    served.shop.add_product("A,B|C [x] 10%", name="x")
    assert found(served, "A,B|C [x] 10%", "ORDINARY-7") == ["A,B|C [x] 10%", "ORDINARY-7"]


def test_an_ignored_filter_never_pulls_the_whole_catalogue(served: PrestashopHarness) -> None:
    for number in range(150):
        served.shop.add_product(f"ORDINARY-{number}", name="x")
    served.shop.add_product("[1,5]", name="x")
    served.adapter.context()
    served.shop.reset_counters()
    assert found(served, "[1,5]") == ["[1,5]"]
    assert all("limit=" in path for path in asked(served))


def test_a_value_that_cannot_be_asked_is_looked_for_page_by_page(
    served: PrestashopHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "WALK", 7)
    for number in range(30):
        served.shop.add_product(f"ORDINARY-{number}", name="x")
    served.shop.add_product("[]", name="x")
    assert found(served, "[]") == ["[]"]


def test_every_one_of_many_doubles_is_found(served: PrestashopHarness) -> None:
    for _ in range(3 * lookup.SPARE):
        served.shop.add_product("TWIN", name="x")
    assert found(served, "TWIN", "OTHER") == ["TWIN"] * 3 * lookup.SPARE


def test_ids_that_are_no_numbers_exist_nowhere(served: PrestashopHarness) -> None:
    served.shop.add_product("A-1", name="x")
    assert served.adapter.read_products(["", "x", "[1", "1|2", "²"]) == []
    assert [one.sku for one in served.adapter.read_products(["1", "1"])] == ["A-1"]
