from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.sandbox.odoo.client import Client

from passerelle.sandbox.odoo import FakeOdoo


@pytest.fixture
def odoo() -> FakeOdoo:
    """An Odoo 19 with one product: id 1, reference A-1, 10.00 excl. VAT, 50 in the main warehouse; a customer, Jean."""
    return furnished(19)


@pytest.fixture(params=[16, 17, 18, 19])
def each(request: pytest.FixtureRequest) -> FakeOdoo:
    """The same in every version."""
    return furnished(request.param)


def furnished(version: int) -> FakeOdoo:
    one = FakeOdoo(version=version)
    one.add_product(
        "A-1", name={"fr_FR": "Marteau", "en_US": "Hammer"}, list_price=10, stock={"Dépôt principal": 50},
        barcode="3760000000017", category="Outillage/Frappe",
    )  # fmt: skip
    one.add_partner("Jean Dupont", ref="C-42", email="jean@example.test")
    return one


@pytest.fixture
def client(odoo: FakeOdoo) -> Iterator[Client]:
    with odoo.serve() as url:
        yield Client(url, odoo)


@pytest.fixture
def any_client(each: FakeOdoo) -> Iterator[Client]:
    with each.serve() as url:
        yield Client(url, each)


@pytest.fixture
def old() -> Iterator[Client]:
    """An Odoo 18, by JSON-RPC."""
    one = furnished(18)
    with one.serve() as url:
        yield Client(url, one)


@pytest.fixture
def jean(odoo: FakeOdoo) -> int:
    return next(one.id for one in odoo.records("res.partner") if one.ref == "C-42")


@pytest.fixture
def pull(odoo: FakeOdoo) -> int:
    """A template in S and M; M costs 2.00 more."""
    return odoo.add_template(
        "Pull", attributes={"Taille": ["S", "M"]}, list_price=40, extras={"M": 2}, codes={"S": "P-S", "M": "P-M"}
    )
