"""Reading the articles of an Odoo and placing orders in it: loops over odoorpc beside ours."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.contest import against
from bench.figures import ROUNDS, Figure, Timing, each, timed
from bench.odoorpc_loop import COMPANY, connected, place_orders, read_products
from bench.scene import Server, run, serving
from passerelle.app import state, wiring
from passerelle.connectors.memory_shop.client import MemoryShopData
from passerelle.connectors.odoo.adapter import Odoo
from passerelle.connectors.odoo.config import OdooConfig
from passerelle.ports.clock import SystemClock
from passerelle.ports.erp import ProductQuery
from passerelle.transport.http import Tally
from passerelle.transport.limiter import MemoryLimiter

PRODUCTS, ORDERS, LINES, SAMPLE = 5_000, 200, 3, 60
REQUEST_MS, ENTITY_MS = 40, 4
MODEL = f"on a simulated Odoo 19 that takes {REQUEST_MS} ms a request + {ENTITY_MS} ms a record written"
PAID = {"payment_method": "ps_wirepayment", "payment_label": "Virement"}
PROFILE = """
[profile]
name = "bench"
key = "OB"
languages = {{ fr = "fr" }}
[erp]
connector = "odoo"
{erp}
[shop]
connector = "memory_shop"
path = "{shop}"
[articles]
export = true
[articles.texts]
name = "name"
[articles.tax.rules]
"20" = 1
"10" = 2
"5.5" = 3
"2.1" = 4
[articles.prices]
[customers.import]
single_account = "BENCH"
[orders.import]
statuses = [2]
[orders.import.taxes]
{taxes}
[orders.import.payment_methods]
"ps_wirepayment" = "Virement"
[guards]
first_orders = 100000
"""


def figures() -> dict[str, Figure]:
    """All figures of this family."""
    return {"odoo_read_over_odoorpc": _reading(), "odoo_orders_over_odoorpc": _ordering()}


def _reading() -> Figure:
    with serving("odoo", "--articles", str(PRODUCTS)) as server:
        session, count = connected(server.said), 0

        def peer() -> Timing:
            return each(timed(lambda: read_products(session, most=SAMPLE)), of=SAMPLE)

        def ours() -> Timing:
            nonlocal count
            adapter = _adapter(server)
            found = 0

            def read() -> None:
                nonlocal found
                found = sum(len(page) for page in adapter.products(ProductQuery(variants=True)))

            taken = timed(read)
            adapter.close()
            count = found
            return each(taken, of=found)

        loop, own = against(server, peer=peer, ours=ours, request_ms=REQUEST_MS, entity_ms=ENTITY_MS)
        how = (
            f"wall time an article of a loop over odoorpc (search, then browse one by one; {SAMPLE} articles) ÷ ours "
            f"(all {count} articles with their variants, prices, taxes and categories), in turn, medians of {ROUNDS}, "
            f"{MODEL}"
        )
        return Figure(round(loop.wall / own.wall, 1), "ratio", how)


def _adapter(server: Server) -> Odoo:
    clock = SystemClock()
    said = server.said
    names = ("url", "database", "login", "key")
    config = OdooConfig(**{name: said[name] for name in names}, company=COMPANY)
    limiter = MemoryLimiter(clock=clock, per_second=None)
    return Odoo(config, clock=clock, limiter=limiter, tally=Tally())


def _ordering() -> Figure:
    with (
        TemporaryDirectory(prefix="passerelle-bench-") as folder,
        serving("odoo", "--articles", "200") as server,
    ):
        house = _House(Path(folder), server)
        loop, own = against(server, peer=house.peer, ours=house.ours, request_ms=REQUEST_MS, entity_ms=ENTITY_MS)
        how = (
            f"wall time an order of a loop over odoorpc (create, then confirm, one by one; {SAMPLE} orders of {LINES} "
            f"lines) ÷ ours (a run of `orders` over {ORDERS} orders of {LINES} lines, from the shop's orders to the "
            f"settled journal), in turn, medians of {ROUNDS}, {MODEL}"
        )
        return Figure(round(loop.wall / own.wall, 1), "ratio", how)


class _House:
    """A profile that joins an Odoo and a shop in memory."""

    def __init__(self, folder: Path, server: Server) -> None:
        os.environ["PASSERELLE_HOME"] = str(folder / "home")
        state.prepare()
        said = {name: server.said[name] for name in ("url", "database", "login", "key")}
        erp = "\n".join(f'{name} = "{value}"' for name, value in {**said, "company": COMPANY}.items())
        self._shop = MemoryShopData(path=folder / "shop.json")
        self._shop.save()
        file = folder / "bench.toml"
        self._session = connected(said)
        shop = (folder / "shop.json").as_posix()
        file.write_text(PROFILE.format(erp=erp, shop=shop, taxes="\n".join(self._taxes())), encoding="utf-8")
        self._opened = wiring.open_profile(str(file))
        self._partner = self._session.env["res.partner"].create({"name": "Bench", "ref": "BENCH"})
        run(self._opened, "catalogue")
        run(self._opened, "orders")
        links = [one for page in self._opened.store.all_links(kind="product") for one in page]
        ranged = self._opened.store.variant_links([one.shop_id for one in links])
        self._links = [one for one in links if one.shop_id not in ranged]
        model = self._session.env["product.product"]
        rows = model.read(
            model.search([("default_code", "in", [one.erp_key for one in self._links])]), ["default_code"]
        )
        self._ids = {row["default_code"]: row["id"] for row in rows}
        self._number = 0
        time.sleep(1.5)  # orders of the very second in which a profile begins are not its own

    def _taxes(self) -> Iterator[str]:
        """The codes of the company's taxes, by rate."""
        taxes = self._session.env["account.tax"]
        for rate in ("20", "10", "5.5", "2.1"):
            wanted = [("type_tax_use", "=", "sale"), ("amount", "=", float(rate)), ("price_include", "=", False)]
            yield f'"{rate}" = "tax-{taxes.search(wanted)[0]}"'

    def peer(self) -> Timing:
        """A sample of orders, created and confirmed."""
        orders = [self._values(n) for n in range(SAMPLE)]
        return each(timed(lambda: place_orders(self._session, orders)), of=SAMPLE)

    def _values(self, number: int) -> dict[str, Any]:
        lines = [(0, 0, {"product_id": self._ids[one.erp_key], "product_uom_qty": 1}) for one in self._sold(number)]
        return {"partner_id": self._partner, "client_order_ref": f"LOOP-{number}", "order_line": lines}

    def _sold(self, number: int) -> list[Any]:
        return [self._links[(number * LINES + k) % len(self._links)] for k in range(LINES)]

    def ours(self) -> Timing:
        """Buyers order in the shop, then a run imports all of it."""
        for n in range(ORDERS):
            self._shop.place_order({one.shop_id: 1 for one in self._sold(self._number + n)}, sold=PAID)
        self._number += ORDERS
        created = 0

        def imported() -> None:
            nonlocal created
            created = int(run(self._opened, "orders").counts["created"])

        taken = timed(imported)
        if created != ORDERS:
            told = sorted({issue.code for issue in self._opened.store.issues(flow="orders")})
            raise RuntimeError(f"{created} of {ORDERS} orders were placed: {told}")
        return each(taken, of=ORDERS)
