"""The command that gives the sheets of adopted products to the ERP."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.cli.conftest import Said, World

Call = Callable[..., Said]


@pytest.fixture
def adopted(world: World, passerelle: Call) -> World:
    """A01 and A02 were in the shop before."""
    for ref in ("A01", "A02"):
        world.shop.add_product(ref, name=f"Fait main {ref}", price="5")
    assert passerelle("run", "all", world.file).code == 0
    return world


def name(world: World, ref: str) -> str:
    return str(world.shop.product_by_reference(ref)[0].name[1])  # type: ignore[index]


def test_it_says_how_many_sends_nothing_and_names_the_next_command(adopted: World, passerelle: Call) -> None:
    said = passerelle("take-over", adopted.file)
    assert said.code == 0
    assert "The ERP decides the sheets of 2 products from now on" in said.out
    assert f"passerelle plan catalogue {adopted.file}" in said.out
    assert name(adopted, "A01") == "Fait main A01"
    planned = passerelle("plan", "catalogue", adopted.file)
    assert "Fait main A01" in planned.out
    assert "Article 1" in planned.out
    assert passerelle("run", "catalogue", adopted.file, "--json").lines[0]["updated"] == 2
    assert name(adopted, "A01") == "Article 1"
    assert passerelle("run", "catalogue", adopted.file, "--json").lines[0]["writes"] == 0
    assert "No product is left to take over." in passerelle("take-over", adopted.file).out


def test_one_product_and_one_facet_can_be_chosen(adopted: World, passerelle: Call) -> None:
    call = ("take-over", adopted.file, "--only", "A01", "--facet", "texts", "--json")
    assert passerelle(*call).lines == [{"taken_over": 1}]
    assert passerelle(*call).lines == [{"taken_over": 0}]
    assert passerelle("run", "catalogue", adopted.file, "--json").lines[0]["updated"] == 1
    assert (name(adopted, "A01"), name(adopted, "A02")) == ("Article 1", "Fait main A02")
    assert passerelle("take-over", adopted.file, "--facet", "categories", "--json").lines == [{"taken_over": 2}]


def test_a_product_that_was_never_adopted_is_not_counted(adopted: World, passerelle: Call) -> None:
    assert passerelle("take-over", adopted.file, "--only", "A05", "--json").lines == [{"taken_over": 0}]


def test_a_facet_that_cannot_be_taken_over_is_refused(adopted: World, passerelle: Call) -> None:
    assert passerelle("take-over", adopted.file, "--facet", "price").code == 2
