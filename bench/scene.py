"""A merchant to measure with: a Sage-100-shaped base, a simulated shop in a process of its own, a profile."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from passerelle.app import services, state, wiring
from passerelle.cli.demo_erps import SAGE100, sage_connection
from passerelle.cli.demo_profile import profile_of
from passerelle.cli.demo_shops import PRESTASHOP, WOOCOMMERCE, prestashop_connection, woocommerce_connection
from passerelle.ports.store import OrderState
from passerelle.sandbox.sage100 import build_company

ROUNDING = "ECART"  # has no price, and orders need it
GUARDS = """
[guards]
prices_moved_percent = 100  # a bench that changes every price has no person to approve it
"""


@dataclass
class Server:
    """A simulated server; the `url` of a PrestaShop ends with /api, `said` is all that it told of itself."""

    process: subprocess.Popen[str]
    url: str
    key: str
    said: dict[str, str]

    def cost(self, *, request_ms: float, entity_ms: float) -> None:
        """Have each request, and each entity written, take that much longer."""
        self._post("cost", {"request_ms": request_ms, "entity_ms": entity_ms})

    def order(self, **wishes: Any) -> None:
        """A buyer orders; see `FakePrestashop.place_order`."""
        self._post("order", wishes)

    def reset(self) -> None:
        """Forget the requests seen so far."""
        self._post("reset", {})

    def requests(self) -> list[tuple[str, str, int]]:
        """The requests since then: method, target, entities written."""
        said = urllib3.request("GET", f"{self._door}/requests").json()["result"]
        return [(method, target, written) for method, target, written in said]

    def cpu(self) -> float:
        """CPU seconds spent so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def _door(self) -> str:
        return self.url.removesuffix("/api") + "/_sandbox"

    def patch(self, resource: str, body: bytes) -> bytes:
        """The answer to a PATCH of several entities."""
        headers = urllib3.make_headers(basic_auth=f"{self.key}:")
        return urllib3.request("PATCH", f"{self.url}/{resource}", body=body, headers=headers).data

    def add_tax_class(self, name: str, rate: str) -> None:
        """A further tax class of a WooCommerce, with its French rate."""
        self._post("tax_class", {"name": name, "rate": rate, "country": "FR"})

    def _post(self, action: str, body: dict[str, Any]) -> None:
        answer = urllib3.request("POST", f"{self._door}/{action}", json=body)
        if answer.status != 200:
            raise RuntimeError(f"{action}: HTTP {answer.status}")


@contextmanager
def serving(system: str = "prestashop", *arguments: str) -> Iterator[Server]:
    """A fresh simulated server while the block runs. One that tells of an authority is trusted by this process."""
    command = [sys.executable, "-m", f"passerelle.sandbox.{system}", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            if "ca" in said:
                os.environ["SSL_CERT_FILE"] = said["ca"]
            yield Server(process, said["url"], said["key"], said)
        finally:
            process.terminate()


def run(opened: wiring.Opened, flow: str) -> services.Report:
    """Run a flow; a run that is not done is no measurement."""
    report = services.run_flow(opened, flow)
    if report.state != "done" or report.counts["failed"]:
        raise RuntimeError(f"{flow}: {report.state} {report.counts} {report.held_by} {report.failure!r}")
    return report


@dataclass
class Scene:
    """What a bench works with."""

    base: Path
    file: Path  # the profile
    server: Server
    opened: wiring.Opened

    def run(self, flow: str) -> services.Report:
        """Run a flow; a run that is not done is no measurement."""
        return run(self.opened, flow)

    def run_waiting(self, flow: str) -> services.Report:
        """Run a flow whose orders may wait for their customers."""
        report = services.run_flow(self.opened, flow)
        if report.state != "done":
            raise RuntimeError(f"{flow}: {report.state} {report.held_by} {report.failure!r}")
        return report

    def acknowledged(self) -> int:
        """How many orders have their document and their status."""
        return sum(len(page) for page in self.opened.store.ledger(states=[OrderState.ACKNOWLEDGED]))

    def seed(self) -> None:
        """Bring shop and links up to date; articles that a person must correct first are put to sleep."""
        self.run("catalogue")
        self._put_to_sleep([issue.key for issue in self.opened.store.issues()])
        for flow in ("catalogue", "prices", "stocks"):
            self.run(flow)

    def _put_to_sleep(self, references: list[str]) -> None:
        with closing(sqlite3.connect(self.base)) as connection, connection:
            asleep = [(reference,) for reference in references if reference != ROUNDING]
            connection.executemany("UPDATE F_ARTICLE SET AR_Sommeil = 1 WHERE AR_Ref = ?", asleep)

    def change_stocks(self, *, most: int = 1_000_000) -> None:
        """One more of every article, in every warehouse: every quantity that the shop shows changes, none to zero."""
        with closing(sqlite3.connect(self.base)) as connection, connection:
            some = "SELECT AR_Ref FROM F_ARTICLE ORDER BY AR_Ref LIMIT ?"
            connection.execute(f"UPDATE F_ARTSTOCK SET AS_QteSto = AS_QteSto + 1 WHERE AR_Ref IN ({some})", (most,))

    def change_prices(self) -> None:
        """Every price one percent dearer: the article's own, or the purchase price that it is reckoned from."""
        with closing(sqlite3.connect(self.base)) as connection, connection:
            for column in ("AR_PrixVen", "AR_PrixAch"):
                connection.execute(f"UPDATE F_ARTICLE SET {column} = ROUND({column} * 1.01, 6)")


@contextmanager
def merchant(folder: Path, *, articles: int) -> Iterator[Scene]:
    """A base of so many articles, all published, and an empty shop; `folder` becomes the home of this process."""
    base = _base(folder, articles=articles)
    with serving() as server:
        shop = prestashop_connection(server.url, server.key)
        yield _scene(folder, base, server, profile_of(SAGE100, sage_connection(base, folder), PRESTASHOP, shop))


@contextmanager
def woocommerce_merchant(folder: Path, *, articles: int) -> Iterator[Scene]:
    """As `merchant`, with a WooCommerce over TLS."""
    base = _base(folder, articles=articles)
    with serving("woocommerce", "--tls") as server:
        for name, rate in (("Taux intermédiaire", "10"), ("Taux particulier", "2.1")):
            server.add_tax_class(name, rate)
        shop = woocommerce_connection(server.url, server.key, server.said["secret"])
        yield _scene(folder, base, server, profile_of(SAGE100, sage_connection(base, folder), WOOCOMMERCE, shop))


def _base(folder: Path, *, articles: int) -> Path:
    os.environ["PASSERELLE_HOME"] = str(folder / "home")
    state.prepare()
    base = folder / "sage100.sqlite3"
    build_company(base, articles=articles)
    _publish_all(base)
    return base


def _scene(folder: Path, base: Path, server: Server, profile: str) -> Scene:
    file = folder / "bench.toml"
    file.write_text(profile + GUARDS, encoding="utf-8")
    return Scene(base, file, server, wiring.open_profile(str(file)))


def _publish_all(base: Path) -> None:
    with closing(sqlite3.connect(base)) as connection, connection:
        connection.execute("UPDATE F_ARTICLE SET AR_Publie = 1, AR_Sommeil = 0")
