"""The demo: a Sage-100-shaped company and a simulated PrestaShop on this machine, in a folder of their own."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.app import services, state, wiring
from passerelle.app.settings import home
from passerelle.cli import codes
from passerelle.cli.show import Screen
from passerelle.domain.texts import N_

if TYPE_CHECKING:
    from passerelle.sandbox.prestashop import FakePrestashop
    from passerelle.sandbox.sage100 import Robot

ERPS = ("sage100",)
SHOPS = ("prestashop",)
SHOP_NAME = "Outillage Martin"
ROUNDS = 10

PROFILE = """\
# The profile of the demo: a Sage 100 company and a PrestaShop, both simulated on this machine.
[profile]
name = "demo"
key = "OM"
languages = {{ fr = "fr", en = "en" }}

[erp]
connector = "sage100"
url = "sqlite:///{base}"
orders_folder = "{folder}"
tracking_field = "DO_Coord01"

[shop]
connector = "prestashop"
url = "{url}"
key = "{key}"

[articles]
export = true

[articles.texts]
name = {{ fr = "AR_Design", en = "AR_Langue1" }}
description = {{ fr = "GL_Text", en = "GL_TextLangue1" }}

[articles.tax.rules]
"20" = 1
"10" = 2
"5.5" = 3
"2.1" = 4

[articles.brand]
field = "Marque commerciale"

[articles.custom_fields.features]
"Saison" = "AR_Stat02"
"Densité" = "Densité"

[articles.variants]

[articles.prices]

[articles.stocks]
warehouses = ["Dépôt principal", "Magasin Villeurbanne"]

[customers.import]
prefix = "W"

[orders.import]
statuses = [2]
status_after_import = 3
series = "Web"
rounding_article = "ECART"
rounding_tax = "EXO"
wrapping_article = "DIVERS"

[orders.import.taxes]
"20" = "C20"
"10" = "C10"
"5.5" = "C55"
"2.1" = "C21"
"0" = "EXO"

[orders.import.payment_methods]
"ps_wirepayment" = "Virement"
"ps_checkpayment" = "Chèque"

[orders.import.carriers]
"1" = "Enlèvement au magasin"
"2" = "Messagerie 24/48 h"

[orders.import.shipping_articles]
"*" = "PORT"

[orders.status_updates]
table = {{ delivery = 4 }}
"""


def demonstrate(screen: Screen, *, once: bool, port: int) -> int:
    """Run every flow twice; without `once`, keep the shop open until the person leaves. Gives the exit status."""
    folder = _empty_folder()
    from passerelle.sandbox.prestashop import FakePrestashop
    from passerelle.sandbox.sage100 import Robot, build_company

    base, imports = folder / "sage100.sqlite3", folder / "import"
    build_company(base)
    imports.mkdir()
    robot = Robot(base, imports)
    state.prepare()
    shop = FakePrestashop(shop_name=SHOP_NAME)
    with shop.serve(port=port) as url:
        file = folder / "demo.toml"
        said = PROFILE.format(base=base.as_posix(), url=url, key=shop.key, folder=imports.as_posix())
        file.write_text(said, encoding="utf-8")
        opened = wiring.open_profile(str(file))
        _say(screen, N_("A company of 900 articles, 102 of them with ranges, and an empty shop; every flow, twice."))
        day = Day(opened, screen, shop=shop, robot=robot)
        reports = [(number, report) for number in (1, 2) for report in day.run(number)]
        if not screen.json:
            screen.table(reports)
            _say(screen, N_("Some articles of this company are wrong on purpose; this is what you would read:"))
            screen.issues(opened.store.issues())
        if not once and all(report.failure is None for _, report in reports):
            _stay(screen, url=url, file=file)
    code = codes.worst(codes.of_report(report) for _, report in reports)
    return codes.DONE if code == codes.PARTLY else code  # some articles of the company are wrong on purpose


class Day:
    """A day of the shop: articles go out, buyers order, and a robot plays the person at Sage until all is delivered."""

    def __init__(self, opened: wiring.Opened, screen: Screen, *, shop: FakePrestashop, robot: Robot) -> None:
        self._opened, self._screen, self._shop, self._robot = opened, screen, shop, robot

    def run(self, number: int) -> Iterator[services.Report]:
        """One pass: each flow once, then those of orders as long as something is on its way; a summed report each."""
        for flow in ("catalogue", "prices"):
            yield self._told(self._flow(flow), number)
        if number == 1:
            place_orders(self._shop)
        yield from (self._told(report, number) for report in self._orders())

    def _orders(self) -> list[services.Report]:
        sums: dict[str, services.Report] = {}
        for _ in range(ROUNDS):
            for flow in ("orders", "statuses", "stocks"):
                report = self._flow(flow)
                sums[flow] = report if flow not in sums else _sum(sums[flow], report)
            done = self._robot.work()
            if not done and not services.pending(self._opened):
                break
        return list(sums.values())

    def _flow(self, flow: str) -> services.Report:
        with self._screen.progress(flow) as progress:
            return services.run_flow(self._opened, flow, progress=progress)

    def _told(self, report: services.Report, number: int) -> services.Report:
        if self._screen.json or report.failure is not None:
            self._screen.report(report, number=number)
        return report


def place_orders(shop: FakePrestashop) -> None:
    """What buyers of every kind order: each order asks something else of the import."""
    from passerelle.sandbox.prestashop import Buyer, Destination, Voucher

    sold = [id for id, row in sorted(shop.products.items()) if row.text("active") == "1" and shop.stock_of(id) > 5]
    ids = [id for id in sold if not shop.combinations_of(id)]
    ranged = [found for id in sold for found in [_best_stocked(shop, id)] if found is not None]
    martin = Buyer(email="claire.martin@example.test", firstname="Claire", lastname="Martin")
    forge = Buyer(email="achats@forge.example.test", firstname="Luc", lastname="Ferrand", company="Forge Ferrand")
    guest = Buyer(email="jo.passant@example.test", firstname="Jo", lastname="Passant", guest=True)
    cost = ("4.90", "5.88")
    shop.place_order([(ids[0], 2), (*ranged[0], 1)], buyer=martin, carrier=2, shipping=cost)
    shop.place_order(
        [(ids[20], 3)], buyer=forge, deliver_to=Destination(company="Forge Ferrand"), carrier=2, shipping=cost
    )
    shop.place_order(
        [(ids[41], 1), (ids[60], 4)], buyer=guest, vouchers=(Voucher(name="Bienvenue", code="HELLO10", percent="10"),)
    )
    shop.place_order(
        [(ids[80], 1)], buyer=martin, wrapping=("2.50", "3.00"), message="Sonner deux fois", carrier=2, shipping=cost
    )
    shop.place_order([(ids[99], 2)], buyer=forge, module="alma", payment="Alma 3x", carrier=2, shipping=cost)


def _best_stocked(shop: FakePrestashop, product: int) -> tuple[int, int] | None:
    """A product and that of its variants of which there is most; None where it has none."""
    variants = shop.combinations_of(product)
    return (product, max(variants, key=lambda one: shop.stock_of(product, combination=one))) if variants else None


def _sum(first: services.Report, then: services.Report) -> services.Report:
    """The report of several runs of one flow; its issues and its state are those of the last."""
    counts = {name: first.counts.get(name, 0) + then.counts.get(name, 0) for name in first.counts | then.counts}
    counts |= {name: then.counts.get(name, 0) for name in ("parked", "unchanged")}
    return replace(
        then, counts=counts, requests=first.requests + then.requests, writes=first.writes + then.writes,
        seconds=round(first.seconds + then.seconds, 3), failure=first.failure or then.failure,
    )  # fmt: skip


def _empty_folder() -> Path:
    """The demo's own home, emptied: it is never the home of real profiles."""
    folder = home() / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PASSERELLE_HOME"] = str(folder)
    return folder


def _stay(screen: Screen, *, url: str, file: Path) -> None:
    _say(screen, N_("Look at the shop: {address}"), address=url.removesuffix("/api") + "/")
    _say(
        screen,
        N_("In another window: PASSERELLE_HOME={home} passerelle plan prices {file}"),
        home=file.parent,
        file=file,
    )
    _say(screen, N_("Ctrl-C ends the demo."))
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return


def _say(screen: Screen, template: str, **params: object) -> None:
    if not screen.json:
        screen.say(template, **params)
