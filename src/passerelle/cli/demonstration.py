"""The demo: a company at an ERP and a shop, both simulated on this machine, in a folder of their own."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from passerelle.app import services, state, wiring
from passerelle.app.settings import home
from passerelle.cli import codes
from passerelle.cli.demo_erps import ERPS, ErpHouse
from passerelle.cli.demo_profile import profile_of
from passerelle.cli.demo_shops import SHOPS, ShopHouse
from passerelle.cli.show import Screen
from passerelle.domain.texts import N_

ROUNDS = 10


def demonstrate(screen: Screen, *, erp: str, shop: str, once: bool, port: int) -> int:
    """Run every flow twice; without `once`, keep the shop open until the person leaves. Gives the exit status."""
    folder = _empty_folder()
    state.prepare()
    with ERPS[erp](folder) as company, SHOPS[shop](port) as front:
        file = folder / "demo.toml"
        said = profile_of(company.words, company.connection, front.words, front.connection)
        file.write_text(said, encoding="utf-8")
        opened = wiring.open_profile(str(file))
        _say(
            screen,
            N_("A company of 900 articles, a hundred of them with variants, and an empty shop; every flow, twice."),
        )
        day = Day(opened, screen, company=company, front=front)
        reports = [(number, report) for number in (1, 2) for report in day.run(number)]
        if not screen.json:
            screen.table(reports)
            _say(screen, N_("Some articles of this company are wrong on purpose; this is what you would read:"))
            screen.issues(opened.store.issues())
        if not once and all(report.failure is None for _, report in reports):
            _stay(screen, page=front.page, file=file)
    code = codes.worst(codes.of_report(report) for _, report in reports)
    return codes.DONE if code == codes.PARTLY else code  # some articles of the company are wrong on purpose


class Day:
    """A day of the shop: articles go out, buyers order, and the company's people work until all is delivered."""

    def __init__(self, opened: wiring.Opened, screen: Screen, *, company: ErpHouse, front: ShopHouse) -> None:
        self._opened, self._screen, self._company, self._front = opened, screen, company, front

    def run(self, number: int) -> Iterator[services.Report]:
        """One pass: each flow once, then those of orders as long as something is on its way; a summed report each."""
        for flow in ("catalogue", "prices"):
            yield self._told(self._flow(flow), number)
        if number == 1:
            self._front.place_orders()
        yield from (self._told(report, number) for report in self._orders())

    def _orders(self) -> list[services.Report]:
        sums: dict[str, services.Report] = {}
        for _ in range(ROUNDS):
            for flow in ("orders", "statuses", "stocks"):
                report = self._flow(flow)
                sums[flow] = report if flow not in sums else _sum(sums[flow], report)
            done = self._company.work()
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


def _stay(screen: Screen, *, page: str, file: Path) -> None:
    _say(screen, N_("Look at the shop: {address}"), address=page)
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
