"""A house that imports its orders: an import folder, a robot that plays Sage, and an oracle over both sides."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.scenarios.house import House

from passerelle.app.services import Report
from passerelle.sandbox.prestashop import Buyer
from passerelle.sandbox.sage100 import Robot

ERP = 'orders_folder = "{folder}"\ntracking_field = "DO_Coord01"\nvat_rounding = "{rounding}"'
ORDERS = """
[customers.import]
prefix = "W"
[orders.import]
statuses = [2]
{after}
{more}
rounding_article = "ARRONDI"
rounding_tax = "EXO"
wrapping_article = "EMBALLAGE"
[orders.import.taxes]
"20" = "C20"
"10" = "C10"
"5.5" = "C55"
"2.1" = "C21"
"0" = "EXO"
[orders.import.tax_categories]
"france" = "1"
"world.exempt" = "3"
"eu" = "1"
[orders.import.payment_methods]
"ps_wirepayment" = "Virement"
[orders.import.carriers]
"1" = "Retrait"
"2" = "Transporteur"
[orders.import.shipping_articles]
"*" = "PORT"
[orders.import.countries]
"FR" = "France"
[orders.status_updates]
table = {{ delivery = 4, invoice = 5 }}
"""
LISTS = (
    ("P_EXPEDITION", "E_Intitule", ("Retrait", "Transporteur")),
    ("P_REGLEMENT", "R_Intitule", ("Virement", "Carte")),
)
ORDER_FLOWS = ("orders", "statuses", "stocks")


class Trade:
    """A house with its robot."""

    def __init__(self, house: House, *, after: int | None = 3, more: str = "", rounding: str = "document") -> None:
        self.house = house
        self.folder: Path = house.folder / "import"
        self.folder.mkdir(exist_ok=True)
        self.rounding = rounding
        self.configure(after=after, more=more)
        for ref in ("PORT", "EMBALLAGE", "ARRONDI"):
            house.sage.add_article(ref, AR_Publie=0, AR_SuiviStock=0)
        for table, column, names in LISTS:
            for index, name in enumerate(names, start=1):
                house.sql(f"INSERT INTO {table} ({column}, cbIndice) VALUES (?, ?)", name, index)
        self.robot = Robot(house.base, self.folder, vat_rounding=rounding)

    def configure(self, *, after: int | None = 3, more: str = "") -> None:
        said = "" if after is None else f"status_after_import = {after}"
        self.house.configure(
            erp=ERP.format(folder=self.folder.as_posix(), rounding=self.rounding),
            extra=ORDERS.format(after=said, more=more),
        )

    def open_shop(self) -> list[int]:
        """Articles and their stock are in the shop; gives the product ids by reference order."""
        self.house.done("catalogue", "prices", "stocks")
        return [self.house.product(ref).id for ref in self.house.refs()]

    def order(self, *lines: tuple[int, int], **wishes: Any) -> int:
        """A paid order of a usual buyer."""
        wishes.setdefault("buyer", Buyer(email="claire@example.test", firstname="Claire", lastname="Martin"))
        return self.house.shop.place_order(lines, **wishes)

    def day(self, rounds: int = 10, *, work: bool = True) -> dict[str, Report]:
        """Flows and robot in turn until nothing moves; gives the reports of the last round."""
        for _ in range(rounds):
            reports = self.house.done(*ORDER_FLOWS)
            if not (self.robot.work() if work else self.robot.take()) and not any(r.writes for r in reports.values()):
                return reports
        raise AssertionError("it never comes to rest")

    def documents(self, order: int) -> list[tuple[int, str, Decimal]]:
        """(type, number, total incl. VAT) of the documents that carry an order's key."""
        rows = self.house.sql(
            "SELECT DO_Type, DO_Piece, DO_TotalTTC FROM F_DOCENTETE WHERE DO_NoWeb = ? ORDER BY DO_Type, DO_Piece",
            f"MD-{order}",
        )  # fmt: skip
        return [(int(kind), str(number), Decimal(str(total))) for kind, number, total in rows]

    def charged(self, order: int) -> Decimal:
        """What the shop charged, incl. VAT."""
        return Decimal(self.house.shop.orders[order].text("total_paid_tax_incl")).quantize(Decimal("0.01"))

    def status(self, order: int) -> int:
        return self.house.shop.orders[order].number("current_state")

    def history(self, order: int) -> list[int]:
        """The states an order had, in order."""
        rows = self.house.shop.database["order_histories"].by("id_order", str(order))
        return [row.number("id_order_state") for row in rows]

    def assert_one_document_each(self, *orders: int) -> None:
        """Every order is one document (or one in several parts), and totals what the buyer paid."""
        for order in orders:
            found = self.documents(order)
            assert found, f"no document for order {order}"
            assert sum(total for *_, total in found) == self.charged(order), (order, found)
        doubles = self.house.sql(
            "SELECT DO_NoWeb FROM F_DOCENTETE WHERE DO_NoWeb LIKE 'MD-%' AND DO_Reliquat = 0 "
            "GROUP BY DO_NoWeb, DO_Type HAVING COUNT(*) > 1"
        )
        assert not doubles
        customers = self.house.sql("SELECT CT_EMail, COUNT(*) FROM F_COMPTET WHERE CT_Num LIKE 'W%' GROUP BY CT_EMail")
        assert all(count == 1 for _, count in customers), customers
