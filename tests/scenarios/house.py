"""A merchant's house for whole stories: a small Sage base, a simulated PrestaShop, a profile, and an oracle.

The oracle reads the Sage base with SQL of its own and says what the shop should show, without any code of the product.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from passerelle.app.state import configure
from passerelle.sandbox.prestashop import FakePrestashop
from passerelle.sandbox.prestashop.table import Row
from passerelle.sandbox.sage100 import SageEdits, empty_base
from passerelle.testing.clock import HeldClock

configure()  # the tables can only be imported once Django knows its settings

from passerelle.app import services, wiring  # noqa: E402
from passerelle.app.services import Report  # noqa: E402
from passerelle.storage import models  # noqa: E402

SOAK = bool(os.environ.get("PASSERELLE_SOAK"))
FLOWS = ("catalogue", "prices", "stocks")
TAX_GROUPS = {Decimal("20"): "1", Decimal("10"): "2", Decimal("5.5"): "3", Decimal("2.1"): "4"}
FORMULAS = {
    "real": "AS_QteSto",
    "available": "AS_QteSto - AS_QtePrepa - AS_QteAControler",
    "forecast": "AS_QteSto + AS_QteCom - AS_QteRes - AS_QtePrepa",
    "real_minus_orders": "AS_QteSto - AS_QteRes - AS_QtePrepa - AS_QteAControler",
    "forecast_minus_purchases": "AS_QteSto - AS_QteRes - AS_QtePrepa",
}
PROFILE = """
[profile]
name = "maison"
key = "MD"
languages = {{ fr = "fr", en = "en" }}
[erp]
connector = "sage100"
url = "sqlite:///{base}"
{erp}
[shop]
connector = "prestashop"
url = "{url}"
key = "{key}"
timeout = {timeout}
[articles]
export = true
{articles}
[articles.texts]
name = {{ fr = "AR_Design", en = "AR_Langue1" }}
[articles.tax.rules]
"20" = 1
"10" = 2
"5.5" = 3
"2.1" = 4
[articles.brand]
field = "Marque commerciale"
[articles.prices]
[articles.stocks]
warehouses = ["{warehouse}"]
stock_type = "{stock_type}"
{stocks}
[guards]
{guards}
"""
NO_GUARDS = """
gone_percent = 100
to_zero_percent = 100
price_move_percent = 1000000000000
prices_moved_percent = 100
"""


def sampled(few: int, many: int) -> int:
    """How many examples: a sample, or the full count where PASSERELLE_SOAK is set."""
    return many if SOAK else few


@dataclass(frozen=True)
class Expected:
    """What the shop should show of one article."""

    name: str
    price: Decimal  # incl. VAT, to the cent
    tax_group: str
    brand: str
    category: str
    ean: str
    stock: int


@dataclass
class Wishes:
    """What a story wants different from the usual profile."""

    guards: str = NO_GUARDS
    stock_type: str = "real_minus_orders"
    articles: str = ""
    stocks: str = ""
    timeout: float = 20.0
    key: str = ""
    warehouse: str = ""
    extra: str = ""
    erp: str = ""


@dataclass
class House:
    """Everything a story is about."""

    folder: Path
    url: str
    shop: FakePrestashop
    clock: HeldClock = field(default_factory=HeldClock)
    wishes: Wishes = field(default_factory=Wishes)

    def __post_init__(self) -> None:
        self.base = self.folder / "sage.sqlite3"
        if 0 in _STOCKED:
            self.base.write_bytes(_STOCKED[0])
        else:
            empty_base(self.base)
            _STOCKED[0] = self.base.read_bytes()
        self.sage = SageEdits(self.base)
        self.shop.clock = self.clock.now
        self.depot = str(self.sql("SELECT DE_Intitule FROM F_DEPOT")[0][0]).strip()
        self.profile = self.folder / "maison.toml"
        self.configure()

    # --- the profile ---

    def configure(self, **changes: Any) -> None:
        """Write the profile, with these wishes changed."""
        for name, value in changes.items():
            setattr(self.wishes, name, value)
        w = self.wishes
        self.profile.write_text(
            PROFILE.format(
                base=self.base, erp=w.erp, url=self.url, key=w.key or self.shop.key, timeout=w.timeout,
                articles=w.articles, warehouse=w.warehouse or self.depot,
                stock_type=w.stock_type, stocks=w.stocks, guards=w.guards,
            ) + w.extra,
            encoding="utf-8",
        )  # fmt: skip

    def opened(self) -> wiring.Opened:
        return wiring.open_profile(str(self.profile), clock=self.clock, environ={})

    # --- what people do ---

    def run(self, flow: str, **options: Any) -> Report:
        """Run one flow."""
        return services.run_flow(self.opened(), flow, **options)

    def done(self, *names: str) -> dict[str, Report]:
        """Run flows (all of them without names), each of which must be done."""
        reports = {flow: self.run(flow) for flow in names or FLOWS}
        for flow, report in reports.items():
            told = (flow, report.failure, getattr(report.failure, "detail", ""), [str(t) for t in report.held_by])
            assert report.state == "done", told
        return reports

    def settled(self, *names: str) -> None:
        """Run flows until nothing is left to write, then see that nothing is: at most two more runs."""
        self.done(*names)
        self.done(*names)
        again = self.done(*names)
        assert {flow: report.writes for flow, report in again.items()} == dict.fromkeys(again, 0)

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask or change the Sage base behind everybody's back."""
        with closing(sqlite3.connect(self.base, timeout=10)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    def stock_catalogue(self, *, articles: int = 25) -> None:
        """Fill the base: a tree of categories, brands, all four VAT rates, prices incl. and excl. VAT, stock."""
        if articles in _STOCKED:
            self.base.write_bytes(_STOCKED[articles])
            return
        for number, name, parent in ((1, "Outils", 0), (2, "Scies", 1), (3, "Rabots", 1), (4, "Visserie", 0)):
            self.sql(
                "INSERT INTO F_CATALOGUE (CL_No, CL_Intitule, CL_NoParent, CL_Niveau) VALUES (?, ?, ?, ?)",
                number, name, parent, int(bool(parent)),
            )  # fmt: skip
        for n in range(1, articles + 1):
            self.add_article(n)
        self.sql("PRAGMA wal_checkpoint(TRUNCATE)")
        _STOCKED[articles] = self.base.read_bytes()

    def add_article(self, n: int) -> str:
        """The n-th article of the house."""
        ref = f"ART-{n:03d}"
        leaf = n % 4  # 0: none, 1: Outils alone, 2: Scies, 3: Rabots
        self.sage.add_article(
            ref, AR_PrixVen=f"{3 + n * 7 % 50}.{n * 37 % 100:02d}", AR_PrixTTC=n % 2, AR_Design=f"Outil n° {n} élégant",
            AR_Langue1=f"Tool no. {n}", AR_CodeBarre=ean13(n), CL_No1=1 if leaf else 4, CL_No2=leaf if leaf > 1 else 0,
            **{"Marque commerciale": ("Forgial", "Lame & Cie", "")[n % 3]},
        )  # fmt: skip
        rate = ("C20", "C10", "C55", "C21")[n % 4]
        if rate != "C20":
            self.sage.set_vat_of_article(ref, 1, rate)
        self.sage.set_stock(ref, 1, on_hand=10 + n, reserved=n % 3, prepared=n % 2)
        return ref

    def refs(self) -> list[str]:
        """References in scope, in order."""
        return sorted(ref for (ref,) in self.sql(f"SELECT AR_Ref FROM F_ARTICLE WHERE {IN_SCOPE}"))

    def product(self, ref: str) -> Row:
        """The only product of a reference."""
        found = self.shop.product_by_reference(ref)
        assert len(found) == 1, f"{len(found)} products for {ref}"
        return found[0]

    def stock_of(self, ref: str) -> int:
        return self.shop.stock_of(self.product(ref).id)

    def writes(self) -> list[tuple[str, str, int]]:
        """The writing requests seen since the counters were reset."""
        return [request for request in self.shop.requests if request[0] not in ("GET", "HEAD")]

    # --- the oracle ---

    def expected(self, *but: str) -> dict[str, Expected]:
        """What the shop should show, from the base alone (no shop orders taken into account)."""
        rows = self.sql(ARTICLES.format(stock=FORMULAS[self.wishes.stock_type]))
        return {row[0]: self._expected(row) for row in rows if row[0] not in but}

    def _expected(self, row: tuple[Any, ...]) -> Expected:
        _, design, price, included, rate, brand, leaf, ean, stock = row
        return Expected(
            name=design.strip(), price=incl_vat(Decimal(str(price)), included=bool(included), rate=Decimal(str(rate))),
            tax_group=TAX_GROUPS[Decimal(str(rate))], brand=(brand or "").strip(), category=leaf or "", ean=ean or "",
            stock=max(0, int(Decimal(str(stock or 0)).to_integral_value(ROUND_FLOOR))),
        )  # fmt: skip

    def shown(self, ref: str) -> Expected:
        """What the shop shows of a reference."""
        product = self.product(ref)
        category = self.shop.categories[product.number("id_category_default")]
        maker = self.shop.manufacturers.get(product.number("id_manufacturer"))
        return Expected(
            name=product.name[1], price=self.shop.displayed_price(product.id),
            tax_group=product.text("id_tax_rules_group"), brand=maker.text("name") if maker else "",
            category="" if category.id == 2 else category.name[1], ean=product.text("ean13"),
            stock=self.shop.stock_of(product.id),
        )  # fmt: skip

    def assert_shop_equals_erp(self) -> None:
        """Every article in scope is there once, visible, as the ERP says; everything else we made is hidden."""
        expected = self.expected()
        shown = {ref: self.shown(ref) for ref in expected}
        assert shown == expected
        hidden = {row.text("reference") for row in self.shop.products.values() if row.text("active") != "1"}
        visible = {row.text("reference") for row in self.shop.products.values() if row.text("active") == "1"}
        assert visible == set(expected)
        assert not hidden & set(expected)
        self.assert_no_double()

    def assert_no_double(self) -> None:
        """No reference, category, brand, feature or value twice, and nothing visible without a price."""
        self.assert_nothing_free()
        for what, values in (
            ("reference", [row.text("reference") for row in self.shop.products.values()]),
            ("category", [(row.text("id_parent"), row.name[1]) for row in self.shop.categories.values()]),
            ("brand", [row.text("name").casefold() for row in self.shop.manufacturers.values()]),
            ("feature", [row.name[1].casefold() for row in self.shop.database["product_features"]]),
            ("value", [(r.id_feature, r.value[1].casefold()) for r in self.shop.database["product_feature_values"]]),
        ):
            assert len(values) == len(set(values)), f"a double {what}: {sorted(values, key=str)}"

    def assert_nothing_free(self) -> None:
        """No product is visible at price 0."""
        free = [
            row.text("reference")
            for row in list(self.shop.products.values())
            if row.text("active") == "1" and Decimal(row.text("price") or "0") <= 0
        ]
        assert not free


# A killed process loses nothing that was committed; only a power cut would, and no test cuts the power.
HASTY = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
IN_SCOPE = "AR_Publie = 1 AND AR_Sommeil = 0"
ARTICLES = f"""
SELECT a.AR_Ref, a.AR_Design, a.AR_PrixVen, a.AR_PrixTTC,
  (SELECT TA_Taux FROM F_TAXE WHERE TA_Code = COALESCE(
    (SELECT ACP_ComptaCPT_Taxe1 FROM F_ARTCOMPTA c WHERE c.AR_Ref = a.AR_Ref AND ACP_Champ = 1 AND ACP_Type = 0
       AND ACP_TypeFacture = 0),
    (SELECT FCP_ComptaCPT_Taxe1 FROM F_FAMCOMPTA f WHERE f.FA_CodeFamille = a.FA_CodeFamille AND FCP_Champ = 1
       AND FCP_Type = 0 AND FCP_TypeFacture = 0))),
  a."Marque commerciale",
  (SELECT CL_Intitule FROM F_CATALOGUE WHERE CL_No = CASE WHEN a.CL_No2 > 0 THEN a.CL_No2 ELSE a.CL_No1 END),
  a.AR_CodeBarre,
  (SELECT SUM({{stock}}) FROM F_ARTSTOCK s WHERE s.AR_Ref = a.AR_Ref AND s.DE_No = 1)
FROM F_ARTICLE a WHERE {IN_SCOPE}
"""


_STOCKED: dict[int, bytes] = {}  # bases by their number of articles: filled once, then copied


def incl_vat(price: Decimal, *, included: bool, rate: Decimal) -> Decimal:
    """What a buyer pays: the price incl. VAT to the cent."""
    value = price if included else price * (100 + rate) / 100
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def ean13(n: int) -> str:
    """A valid EAN 13."""
    digits = f"376{n:09d}"
    total = sum(int(digit) * (3 if i % 2 else 1) for i, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def stored(shop: FakePrestashop) -> dict[tuple[str, int, str], object]:
    """Every field of every row of a shop: (table, id, field) → value."""
    fields: dict[tuple[str, int, str], object] = {}
    for table in shop.as_json()["tables"]:
        for ident, row in shop.database[table].rows.items():
            fields |= {(table, ident, name): row.values[index] for name, index in row.resource.index.items()}
            fields[table, ident, "links"] = str(row.links)
    return fields


def differences(before: dict[tuple[str, int, str], object], shop: FakePrestashop) -> set[tuple[str, int, str]]:
    """What is not as it was."""
    after = stored(shop)
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def open_home(folder: Path, template: Path) -> None:
    """Give this process a PASSERELLE_HOME of its own, its tables made already."""
    from django.db import connections

    connections["default"].close()
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(template, folder / "passerelle.sqlite3")
    os.environ["PASSERELLE_HOME"] = str(folder)
    settings = connections["default"].settings_dict
    settings["NAME"] = str(folder / "passerelle.sqlite3")
    settings["OPTIONS"]["init_command"] = HASTY


def close_home() -> None:
    """Let go of the database."""
    from django.db import connections

    connections["default"].close()


def journal(*, key: str | None = None) -> list[models.Journal]:
    """The journal, oldest first."""
    found = models.Journal.objects.order_by("id")
    return list(found if key is None else found.filter(key=key))


def issues() -> dict[tuple[str, str], str]:
    """Open issues: (flow, key) → code."""
    return {(issue.flow, issue.key): issue.code for issue in models.Issue.objects.all()}
