"""The story of an order at a merchant whose Sage base is a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.connectors.sage100.postgresql import database
from tests.scenarios.house import House, close_home, issues, open_home
from tests.scenarios.order_house import ORDER_FLOWS, Trade

from passerelle.sandbox.prestashop import FakePrestashop
from passerelle.sandbox.sage100 import SageEdits, empty_base
from passerelle.sandbox.sage100.sessions import change

pytestmark = pytest.mark.slow

ARTICLES = 6


@dataclass
class ServerHouse(House):
    """A house whose base is the database at `address`."""

    address: str = ""

    def __post_init__(self) -> None:
        self.base = self.address
        empty_base(self.address)
        self.sage = SageEdits(self.address)
        self.shop.clock = self.clock.now
        self.depot = str(self.sql("SELECT DE_Intitule FROM F_DEPOT")[0][0]).strip()
        self.profile = self.folder / "maison.toml"
        self.configure()

    def configure(self, **changes: Any) -> None:
        super().configure(**changes)
        said = self.profile.read_text(encoding="utf-8")
        self.profile.write_text(said.replace(f"sqlite:///{self.address}", self.address), encoding="utf-8")

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with change(self.address) as session:
            found = session.execute(statement, values)
            return [tuple(row) for row in found] if found.description else []

    def stock_catalogue(self, *, articles: int = ARTICLES) -> None:
        for number, name, parent in ((1, "Outils", 0), (2, "Scies", 1), (3, "Rabots", 1), (4, "Visserie", 0)):
            self.sql(
                "INSERT INTO F_CATALOGUE (CL_No, CL_Intitule, CL_NoParent, CL_Niveau) VALUES (?, ?, ?, ?)",
                number, name, parent, int(bool(parent)),
            )  # fmt: skip
        for n in range(1, articles + 1):
            self.add_article(n)


@pytest.fixture
def trade(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trade]:
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    shop = FakePrestashop()
    with database() as address, shop.serve() as url:
        open_home(tmp_path / "house", template)
        house = ServerHouse(tmp_path / "house", url, shop, address=address)
        house.stock_catalogue()
        yield Trade(house)
        close_home()


def test_an_order_is_imported_netted_sent_in_two_parcels_and_then_nothing_moves(trade: Trade) -> None:
    house = trade.house
    products = trade.open_shop()
    house.assert_shop_equals_erp()
    refs = house.refs()
    before = [house.stock_of(ref) for ref in refs[:2]]
    order = trade.order((products[0], 3), (products[1], 2), carrier=2, shipping=("4.90", "5.88"))

    def shown() -> list[int]:
        """What the shop sells after a run of stocks, beside what it sold before the order."""
        house.done("stocks")
        return [now - then for now, then in zip(map(house.stock_of, refs[:2]), before, strict=True)]

    assert shown() == [-3, -2]  # Sage knows nothing of the order yet
    house.done("orders")
    assert trade.robot.take() == 1  # the customer
    house.done("orders")
    assert shown() == [-3, -2]  # the order's file waits
    assert trade.robot.take() == 1
    house.done("orders", "statuses")
    trade.assert_one_document_each(order)
    assert (trade.history(order), shown()) == ([2, 3], [-3, -2])  # Sage holds the goods now
    house.assert_shop_equals_erp()

    number = trade.documents(order)[0][1]
    trade.robot.confirm(number)
    trade.robot.deliver(number, tracking="6A001", lines={refs[0]: 3})
    house.done("orders", "statuses")
    assert (house.shop.parcels(order), trade.history(order)) == (["6A001"], [2, 3])
    trade.assert_one_document_each(order)
    trade.robot.deliver(number, tracking="6A002")
    house.done("orders", "statuses")
    house.done("orders", "statuses")
    assert sorted(house.shop.parcels(order)) == ["6A001", "6A002"]
    assert trade.history(order) == [2, 3, 4]
    assert shown() == [-3, -2]
    house.assert_shop_equals_erp()

    again = house.done("catalogue", "prices", *ORDER_FLOWS)
    assert {flow: report.writes for flow, report in again.items()} == dict.fromkeys(again, 0)
    assert not issues()


def test_whatever_the_robot_makes_of_a_day_of_orders_each_is_one_document_to_the_cent(trade: Trade) -> None:
    products = trade.open_shop()
    orders = [
        trade.order((products[n % ARTICLES], 1 + n), (products[(n + 1) % ARTICLES], 2), carrier=2,
                    shipping=("4.90", "5.88"))
        for n in range(4)
    ]  # fmt: skip
    trade.day()
    trade.assert_one_document_each(*orders)
    assert {trade.status(order) for order in orders} <= {4, 5}
    trade.house.assert_shop_equals_erp()
    assert not issues()
