"""An ERP and a shop of any make, side by side: what stories of every pair need of each.

Both are driven and read through the harnesses of their connectors' own tests, never through the connectors.
"""

from __future__ import annotations

import atexit
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from tests.connectors.memory_erp.harness import MemoryErpHarness
from tests.connectors.memory_shop.harness import SECRET, MemoryShopHarness
from tests.connectors.odoo.harness import REFERENCE, OdooHarness
from tests.connectors.prestashop.harness import PrestashopHarness
from tests.connectors.sage100.harness import SageHarness
from tests.connectors.tryton import company
from tests.connectors.tryton.harness import TrytonHarness
from tests.connectors.tryton.live import DATABASE, CannotRun, running
from tests.connectors.tryton.live import Tryton as Server
from tests.connectors.tryton.proxy import proxied
from tests.connectors.tryton.rpc import PASSWORD, USER, Rpc
from tests.connectors.woocommerce.harness import WoocommerceHarness
from tests.scenarios.house import NO_GUARDS

from passerelle.app import services, wiring
from passerelle.app.services import Report
from passerelle.connectors.memory_erp.client import MemoryErpData
from passerelle.domain.catalogue import ShopProduct
from passerelle.ports.manifest import Capability
from passerelle.sandbox.odoo import FakeOdoo
from passerelle.sandbox.prestashop import FakePrestashop
from passerelle.sandbox.woocommerce import FakeWoocommerce
from passerelle.testing.builders import ArticleSeed, ProductSeed, article, pieces
from passerelle.testing.clock import HeldClock
from passerelle.testing.harness import DeskHarness, SinkHarness, StoredShop

CENT = Decimal("0.01")
RATES = (Decimal(20), Decimal(10), Decimal("5.5"))
FLOWS = ("catalogue", "prices", "stocks")
CHARGES = ("PORT", "EMBALLAGE", "ARRONDI")  # articles that stand for costs of an order
ORDER_FLOWS = ("orders", "statuses", "stocks")


@dataclass(frozen=True)
class ErpSide:
    """An ERP: its harness, its lines of the profile, and the words that a profile of it uses.

    `tax_codes` is rate → code for the lines of documents; `charges` makes the articles that stand for costs.
    """

    harness: SinkHarness
    toml: str
    label_field: str
    tax_codes: Mapping[str, str]
    payment: str
    carrier: str
    country: str
    rounding_tax: str
    total_of: Callable[[str], Decimal]  # of the document under an order key, incl. VAT
    knows_gross_prices: bool = True  # an article's own price can hold its VAT
    leaves_out: str = ""  # a filter without the articles that stand for costs, where what is unpublished is not sold

    def can(self, capability: Capability) -> bool:
        return capability in self.harness.adapter.manifest.capabilities


@dataclass(frozen=True)
class ShopSide:
    """A shop: its harness, its lines of the profile, its own names of what a profile maps."""

    harness: DeskHarness
    toml: str
    languages: tuple[str, ...]
    tax_rules: Mapping[str, str]  # rate → rule, as TOML
    paid: str
    imported: str
    shipped: str
    payment: str
    carrier: str
    charged: Callable[[str], Decimal]  # of an order, incl. VAT

    def can(self, capability: Capability) -> bool:
        return capability in self.harness.adapter.manifest.capabilities


_STOPPED_AT_EXIT = ExitStack()
atexit.register(_STOPPED_AT_EXIT.close)
Opening = Callable[[Path, HeldClock], AbstractContextManager[Any]]


# --- ERPs -------------------------------------------------------------------------------------------------------------


def memory_erp(folder: Path, clock: HeldClock) -> AbstractContextManager[ErpSide]:
    path = folder / "erp.json"
    data = MemoryErpData(path=path)
    data.state.customers.clear()
    data.save()
    harness = MemoryErpHarness(data=data)

    def total_of(order_key: str) -> Decimal:
        data.load()
        found = [row.document for row in data.documents.values() if row.document.order_key == order_key]
        return sum((harness.adapter.price(document).total for document in found), Decimal(0))

    return nullcontext(
        ErpSide(
            harness,
            f'connector = "memory_erp"\npath = "{path.as_posix()}"',
            "label",
            {"20": "C20", "10": "C10", "5.5": "C55", "0": "C0"},
            "Virement",
            "Transporteur",
            "France",
            "C0",
            total_of,
        )
    )


def sage100(folder: Path, clock: HeldClock) -> AbstractContextManager[ErpSide]:
    harness = SageHarness(folder)
    for table, column, name in (
        ("P_EXPEDITION", "E_Intitule", "Transporteur"),
        ("P_REGLEMENT", "R_Intitule", "Virement"),
    ):
        harness.execute(f"INSERT INTO {table} ({column}, cbIndice) VALUES (?, 1)", (name,))

    def total_of(order_key: str) -> Decimal:
        rows = harness.rows("SELECT DO_TotalTTC FROM F_DOCENTETE WHERE DO_NoWeb = ?", (order_key,))
        return sum((Decimal(str(total)) for (total,) in rows), Decimal(0))

    toml = f'connector = "sage100"\nurl = "sqlite:///{harness.path.as_posix()}"'
    return nullcontext(
        ErpSide(
            cast(SinkHarness, harness),
            f'{toml}\norders_folder = "{harness.folder.as_posix()}"',
            "AR_Design",
            {"20": "C20", "10": "C10", "5.5": "C55", "0": "EXO"},
            "Virement",
            "Transporteur",
            "France",
            "EXO",
            total_of,
        )
    )


@contextmanager
def odoo(folder: Path, clock: HeldClock) -> Iterator[ErpSide]:
    simulated = FakeOdoo()
    simulated.add_carrier("Transporteur")
    with simulated.serve() as url:
        harness = OdooHarness(simulated, url, clock=clock)

        def total_of(order_key: str) -> Decimal:
            found = [one for one in simulated.orders() if one.client_order_ref == order_key]
            return sum((Decimal(str(one.amount_total)).quantize(CENT) for one in found), Decimal(0))

        rates = {"20": 20.0, "10": 10.0, "5.5": 5.5, "0": 0.0}
        options = {
            "connector": "odoo", "url": url, "database": simulated.database, "login": simulated.login,
            "key": simulated.api_key, "company": "Outillage Martin", "template_reference": REFERENCE,
        }  # fmt: skip
        codes = {rate: f"tax-{simulated.tax(value)}" for rate, value in rates.items()}
        try:
            yield ErpSide(
                harness, _toml(options), "name", codes, "Virement", "Transporteur", "France", codes["0"], total_of
            )
        finally:
            harness.adapter.close()


@contextmanager
def tryton(folder: Path, clock: HeldClock) -> Iterator[ErpSide]:
    """A real one; skips the test where none can be had."""
    server = live_tryton()
    server.reset()
    rpc = Rpc(server.url, DATABASE)
    with proxied(server.url) as proxy:
        harness = TrytonHarness(server, proxy, rpc)

        def total_of(order_key: str) -> Decimal:
            rows = rpc.rows("sale.sale", [["reference", "=", order_key]], "total_amount")
            return sum((row["total_amount"] for row in rows), Decimal(0))

        options = {
            "connector": "tryton", "url": server.url, "database": DATABASE, "user": USER, "password": PASSWORD,
            "warehouse": harness.warehouses[0],
        }  # fmt: skip
        codes = {f"{rate.normalize():f}": code for rate, code in company.RATES.items()}
        try:
            yield ErpSide(
                harness, _toml(options), "name", codes, "Virement", "Transporteur", "FR", codes["0"], total_of,
                knows_gross_prices=False, leaves_out=json.dumps([["code", "not in", list(CHARGES)]]),
            )  # fmt: skip
        finally:
            harness.adapter.close()


@cache
def live_tryton() -> Server:
    """One server for all the tests of this process; a skip that says why where there can be none."""
    try:
        return _STOPPED_AT_EXIT.enter_context(running())
    except CannotRun as reason:
        pytest.skip(f"no Tryton on this machine: {reason}")


def _toml(options: Mapping[str, str]) -> str:
    return "\n".join(f'{name} = "{value}"' for name, value in options.items())


# --- shops ------------------------------------------------------------------------------------------------------------


def memory_shop(folder: Path, clock: HeldClock) -> AbstractContextManager[ShopSide]:
    path = folder / "shop.json"
    harness = MemoryShopHarness(clock=clock)
    harness.data.path = path
    harness.data.save()

    def charged(order: str) -> Decimal:
        harness.data.load()
        sold = harness.data.orders[order].sold
        assert sold is not None
        return sold.total.gross

    toml = f'connector = "memory_shop"\npath = "{path.as_posix()}"\nkey = "{SECRET}"\nmax_batch = 3'
    rules = {"20": "1", "10": "2", "5.5": "3"}
    return nullcontext(
        ShopSide(harness, toml, ("fr", "en"), rules, "2", "3", "4", "ps_wirepayment", "2", charged)
    )  # fmt: skip


@contextmanager
def prestashop(folder: Path, clock: HeldClock) -> Iterator[ShopSide]:
    shop = FakePrestashop()
    with shop.serve() as url:
        harness = PrestashopHarness(shop, url, clock=clock)

        def charged(order: str) -> Decimal:
            return Decimal(shop.orders[int(order)].text("total_paid_tax_incl")).quantize(CENT)

        toml = f'connector = "prestashop"\nurl = "{url}"\nkey = "{shop.key}"'
        rules = {"20": "1", "10": "2", "5.5": "3"}
        yield ShopSide(harness, toml, ("fr", "en"), rules, "2", "3", "4", "ps_wirepayment", "2", charged)


@contextmanager
def woocommerce(folder: Path, clock: HeldClock) -> Iterator[ShopSide]:
    shop = FakeWoocommerce()
    ten = shop.add_tax_class("Taux intermédiaire")
    shop.add_tax_rate("10", country="FR", name="TVA 10", tax_class=ten)
    with shop.serve() as url:
        harness = WoocommerceHarness(shop, url, clock=clock)

        def charged(order: str) -> Decimal:
            return Decimal(shop.orders[int(order)].total).quantize(CENT)

        keys = {"consumer_key": shop.consumer_key, "consumer_secret": shop.consumer_secret}
        toml = _toml({"connector": "woocommerce", "url": url, **keys})
        rules = {"20": "standard", "10": ten, "5.5": "reduced-rate"}
        yield ShopSide(
            harness, toml, ("fr",), rules, "processing", "on-hold", "completed", "bacs", "flat_rate:1", charged
        )  # fmt: skip
        harness.adapter.close()


ERPS: dict[str, Opening] = {"sage100": sage100, "odoo": odoo, "tryton": tryton, "memory": memory_erp}
SHOPS: dict[str, Opening] = {"prestashop": prestashop, "woocommerce": woocommerce, "memory": memory_shop}

PROFILE = """
[profile]
name = "paire"
key = "MD"
languages = {{ {languages} }}
[erp]
{erp}
[shop]
{shop}
[articles]
export = true
filter = {filter}
[articles.texts]
name = "{label}"
[articles.tax.rules]
{rules}
{variants}
[articles.prices]
[articles.stocks]
warehouses = [{warehouses}]
[guards]
{guards}
{orders}
"""
ORDERS = """
[customers.import]
prefix = "W"
[orders.import]
statuses = [{paid}]
status_after_import = {imported}
rounding_article = "ARRONDI"
rounding_tax = "{rounding}"
wrapping_article = "EMBALLAGE"
[orders.import.taxes]
{taxes}
[orders.import.payment_methods]
"{shop_payment}" = "{erp_payment}"
[orders.import.carriers]
"{shop_carrier}" = "{erp_carrier}"
[orders.import.shipping_articles]
"*" = "PORT"
[orders.import.countries]
"FR" = "{country}"
[orders.status_updates]
table = {{ delivery = {shipped} }}
"""


@dataclass(frozen=True)
class Shown:
    """What the two sides must agree on about one article: its price incl. VAT, to the cent."""

    name: str
    price: Decimal
    tax_rule: str
    gtin: str
    category: str
    stock: int
    visible: bool = True


@dataclass
class Pair:
    """One ERP, one shop, the profile that joins them, and an oracle that knows what was put into the ERP."""

    folder: Path
    erp: ErpSide
    shop: ShopSide
    clock: HeldClock
    guards: str = NO_GUARDS
    articles: dict[str, ArticleSeed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.profile = self.folder / "paire.toml"
        self.configure()

    @property
    def trades(self) -> bool:
        """Whether orders can go all the way."""
        return self.erp.can(Capability.DOCUMENTS_WRITE) and self.shop.can(Capability.ORDERS_IMPORT)

    @property
    def ranges(self) -> bool:
        """Whether variants can."""
        return self.erp.can(Capability.VARIANTS_READ) and self.shop.can(Capability.VARIANTS_WRITE)

    def configure(self, *, guards: str = NO_GUARDS) -> None:
        """Write the profile."""
        erp, shop = self.erp, self.shop
        orders = ORDERS.format(
            paid=_word(shop.paid), imported=_word(shop.imported), shipped=_word(shop.shipped),
            rounding=erp.rounding_tax,
            taxes="\n".join(f'"{rate}" = "{code}"' for rate, code in erp.tax_codes.items()),
            shop_payment=shop.payment, erp_payment=erp.payment, shop_carrier=shop.carrier, erp_carrier=erp.carrier,
            country=erp.country,
        )  # fmt: skip
        said = PROFILE.format(
            languages=", ".join(f'{code} = "{code}"' for code in shop.languages), erp=erp.toml, shop=shop.toml,
            filter=json.dumps(erp.leaves_out), label=erp.label_field,
            rules="\n".join(f'"{rate}" = {_word(id)}' for rate, id in shop.tax_rules.items()),
            variants="[articles.variants]" if self.ranges else "", guards=guards,
            warehouses=", ".join(f'"{one.strip()}"' for one in erp.harness.warehouses),
            orders=orders if self.trades else "",
        )  # fmt: skip
        self.profile.write_text(said, encoding="utf-8")

    def opened(self) -> wiring.Opened:
        return wiring.open_profile(str(self.profile), clock=self.clock, environ={})

    # --- what people do ---

    def seed(self, *articles: ArticleSeed) -> None:
        """Put articles in the ERP, or change them."""
        self.erp.harness.seed(*articles)
        self.articles |= {one.sku: one for one in articles}

    def stock_up(self) -> None:
        """Seven articles: all VAT rates, prices incl. and excl. VAT, a tree of categories, stock in both places."""
        self.seed(*(self.article(n) for n in range(1, 8)))
        if self.trades:
            self.erp.harness.seed(
                *(article(sku, published=bool(self.erp.leaves_out), followed=False) for sku in CHARGES)
            )

    def article(self, n: int, **changes: Any) -> ArticleSeed:
        """The n-th article."""
        values: dict[str, Any] = {
            "label": f"Outil n° {n} élégant",
            "price": Decimal(f"{3 + n * 7 % 50}.{n * 37 % 100:02d}"),
            "tax_included": n % 2 == 1 and self.erp.knows_gross_prices,
            "tax_rate": RATES[n % 3],
            "gtin": _ean13(n) if n % 4 else "",
            "weight": Decimal("0.25") if n % 2 else None,
            "category": (("Outils",), ("Outils", "Scies"), ("Visserie",))[n % 3],
            "stock": pieces(10 + n, 3 if n % 2 else None),
        }
        return article(f"ART-{n:03d}", **{**values, **changes})

    def run(self, flow: str, **options: Any) -> Report:
        return services.run_flow(self.opened(), flow, **options)

    def done(self, *names: str) -> dict[str, Report]:
        """Run flows, each of which must be done."""
        reports = {flow: self.run(flow) for flow in names or FLOWS}
        for flow, report in reports.items():
            told = (flow, report.failure, getattr(report.failure, "detail", ""), [str(t) for t in report.held_by])
            assert report.state == "done", told
            assert not report.counts["failed"], (flow, report.counts, self.told())
        return reports

    def nothing_to_do(self, *names: str) -> None:
        """Another run writes nothing."""
        assert {flow: report.writes for flow, report in self.done(*names).items()} == dict.fromkeys(names or FLOWS, 0)

    def told(self) -> list[tuple[str, str]]:
        """The open issues: (key, code)."""
        return sorted((issue.key, issue.code) for issue in self.opened().store.issues())

    def day(self, *, rounds: int = 8) -> None:
        """The flows of orders, and the ERP taking what it was handed, until nothing moves."""
        for _ in range(rounds):
            reports = self.done(*ORDER_FLOWS)
            self.erp.harness.take()
            if not any(report.writes for report in reports.values()) and not services.pending(self.opened()):
                return
        raise AssertionError(f"it never comes to rest: {self.told()}")

    # --- the oracle ---

    def expected(self) -> dict[str, Shown]:
        """What the shop should show of every article in scope."""
        return {
            one.sku: Shown(
                name=one.label, price=gross(one), tax_rule=self.shop.tax_rules[f"{one.tax_rate.normalize():f}"],
                gtin=one.gtin, category=one.category[-1] if one.category else "",
                stock=int(sum(q or 0 for q in one.stock)),
            )
            for one in self.articles.values()
            if one.published and not one.dormant and one.tax_rate is not None
        }  # fmt: skip

    def stored(self) -> StoredShop:
        return self.shop.harness.stored()

    def shown(self) -> dict[str, Shown]:
        """What the shop shows of every product that is visible."""
        there = self.stored()
        names = {one.id: one.names["fr"] for one in there.categories}
        return {one.sku: self._shown(one, names) for one in there.products if one.visible}

    def _shown(self, product: ShopProduct, names: Mapping[str, str]) -> Shown:
        rate = next(Decimal(rate) for rate, id in self.shop.tax_rules.items() if id == product.tax_rule)
        assert product.price is not None
        price = product.price if self.basis == "incl" else product.price * (100 + rate) / 100
        return Shown(
            name=product.texts["name"]["fr"], price=price.quantize(CENT, ROUND_HALF_UP), tax_rule=product.tax_rule,
            gtin=product.gtin, category=names[product.category], stock=product.stock or 0,
        )  # fmt: skip

    @property
    def basis(self) -> str:
        """Which price this shop stores."""
        context = self.opened().kept_context()
        assert context is not None
        return context.price_basis

    def product(self, sku: str) -> ShopProduct:
        """The only product of a reference."""
        [found] = self.stored().with_sku(sku)
        return found

    def assert_in_step(self) -> None:
        """Every article in scope is there once, as the ERP says; what left the scope is hidden; nothing is double."""
        assert self.shown() == self.expected()
        there = self.stored()
        assert len({one.sku for one in there.products}) == len(there.products)
        tree = [(one.parent, one.names["fr"]) for one in there.categories]
        assert len(set(tree)) == len(tree)

    def adopted(self, seed: ProductSeed) -> str:
        """A product that the shop had before us."""
        return self.shop.harness.seed_product(seed)


def gross(seed: ArticleSeed) -> Decimal:
    """What a buyer pays for one, to the cent."""
    assert seed.tax_rate is not None
    value = seed.price if seed.tax_included else seed.price * (100 + seed.tax_rate) / 100
    return value.quantize(CENT, ROUND_HALF_UP)


def _word(id: str) -> str:
    return id if id.isdigit() else f'"{id}"'


def _ean13(n: int) -> str:
    digits = f"376{n:09d}"
    total = sum(int(digit) * (3 if i % 2 else 1) for i, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
