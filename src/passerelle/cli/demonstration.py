"""The demo: a Sage-100-shaped company and a simulated PrestaShop on this machine, in a folder of their own."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from passerelle.app import services, state, wiring
from passerelle.app.settings import home
from passerelle.cli import codes
from passerelle.cli.show import Screen
from passerelle.domain.texts import N_

ERPS = ("sage100",)
SHOPS = ("prestashop",)
SHOP_NAME = "Outillage Martin"

PROFILE = """\
# The profile of the demo: a Sage 100 company and a PrestaShop, both simulated on this machine.
[profile]
name = "demo"
key = "OM"
languages = {{ fr = "fr", en = "en" }}

[erp]
connector = "sage100"
url = "sqlite:///{base}"

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

[articles.prices]

[articles.stocks]
warehouses = ["Dépôt principal", "Magasin Villeurbanne"]
"""


def demonstrate(screen: Screen, *, once: bool, port: int) -> int:
    """Run every flow twice; without `once`, keep the shop open until the person leaves. Gives the exit status."""
    folder = _empty_folder()
    from passerelle.sandbox.prestashop import FakePrestashop
    from passerelle.sandbox.sage100 import build_company

    base = folder / "sage100.sqlite3"
    build_company(base)
    state.prepare()
    shop = FakePrestashop(shop_name=SHOP_NAME)
    with shop.serve(port=port) as url:
        file = folder / "demo.toml"
        file.write_text(PROFILE.format(base=base.as_posix(), url=url, key=shop.key), encoding="utf-8")
        opened = wiring.open_profile(str(file))
        _say(screen, N_("A company of 800 articles and an empty shop; every flow, twice."))
        reports = [(number, report) for number in (1, 2) for report in _pass(screen, opened, number)]
        if not screen.json:
            screen.table(reports)
            _say(screen, N_("Some articles of this company are wrong on purpose; this is what you would read:"))
            screen.issues(opened.store.issues())
        if not once and all(report.failure is None for _, report in reports):
            _stay(screen, url=url, file=file)
    code = codes.worst(codes.of_report(report) for _, report in reports)
    return codes.DONE if code == codes.PARTLY else code  # some articles of the company are wrong on purpose


def _pass(screen: Screen, opened: wiring.Opened, number: int) -> Iterator[services.Report]:
    for flow in services.available_flows(opened):
        with screen.progress(flow) as progress:
            report = services.run_flow(opened, flow, progress=progress)
        if screen.json or report.failure is not None:
            screen.report(report, number=number)
        yield report


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
