"""Stock changes sent to a PrestaShop: a prestapyt loop beside ours, and the CPU of a changed line beside its XML."""

from __future__ import annotations

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

from lxml import etree

from bench.contest import against
from bench.figures import ROUNDS, Figure, Timing, each, in_turn, timed
from bench.prestapyt_loop import set_stocks
from bench.scene import Scene, merchant

ARTICLES = 5_000  # changed, about: a few of the base are not followed in stock
Lines = list[tuple[str, str]]  # stock id, quantity
SAMPLE = 60  # of them, for the loop
BATCH = 100
COSTS = {"40ms": (40, 4), "0ms": (0, 0), "real": (22, 1)}  # ms a request, ms an entity written


def figures() -> dict[str, Figure]:
    """All figures of this family."""
    warnings.filterwarnings("ignore", module="prestapyt")  # it does not know the shop's version, and works
    with TemporaryDirectory(prefix="passerelle-bench-") as folder, merchant(Path(folder), articles=ARTICLES) as scene:
        scene.seed()
        bench = _Stocks(scene)
        bench.warm()
        found = {f"prestashop_stock_{name}": bench.ratio(*cost) for name, cost in COSTS.items()}
        scene.server.cost(request_ms=0, entity_ms=0)
        return {**found, **bench.cpu()}


class _Stocks:
    """The two contestants, on one shop."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._rows = [link for page in scene.opened.store.all_links(kind="stock") for link in page]
        self._changed = 0  # articles, by the last run of ours
        self._quantity = 1_000_000

    def warm(self) -> None:
        """One round that is not counted, at no added time: links and stock rows are known afterwards."""
        self._peer()
        self._ours()

    def ratio(self, request_ms: float, entity_ms: float) -> Figure:
        """How many times longer an article takes with the loop."""
        peer, ours = against(
            self._scene.server, peer=self._peer, ours=self._ours, request_ms=request_ms, entity_ms=entity_ms
        )
        how = (
            f"wall time an article of a prestapyt loop (search, get, put; {SAMPLE} articles) ÷ ours (a run of `stocks` "
            f"after {self._changed} articles changed), in turn, medians of {ROUNDS}, on a simulated PrestaShop that "
            f"takes {request_ms:g} ms a request + {entity_ms:g} ms an entity written"
        )
        return Figure(round(peer.wall / ours.wall, 1), "ratio", how)

    def _peer(self) -> Timing:
        self._quantity += 1
        wanted = [(int(row.erp_id), self._quantity) for row in self._rows[:SAMPLE]]
        server = self._scene.server
        return each(timed(lambda: set_stocks(server.url, server.key, wanted)), of=SAMPLE)

    def _ours(self) -> Timing:
        self._scene.change_stocks()
        taken = timed(self._run)
        return each(taken, of=self._changed)

    def _run(self) -> None:
        self._changed = int(self._scene.run("stocks").counts["updated"])

    def cpu(self) -> dict[str, Figure]:
        """Our CPU a changed line, and beside that of its XML alone."""
        batches = self._batches()
        answers = [self._scene.server.patch("stock_availables", _body(lines)) for lines in batches]
        xml, ours = in_turn(lambda: each(timed(lambda: _xml(batches, answers)), of=len(self._rows)), self._ours)
        print(f"    a line: XML {xml.cpu * 1e6:.1f} µs, ours {ours.cpu * 1e6:.0f} µs of client CPU", flush=True)
        whole = (
            f"client CPU a changed stock line, from the ERP's row to the settled journal, in a run of `stocks` with "
            f"{self._changed} changed articles, median of {ROUNDS}; simulated PrestaShop in a process of its own, no "
            f"added time"
        )
        beside = f"{whole}; ÷ building the request and parsing the whole answer, fields read, with lxml, by {BATCH}"
        return {
            "client_cpu_over_xml": Figure(round(ours.cpu / xml.cpu, 1), "ratio", beside),
            "client_cpu_us_per_item": Figure(round(ours.cpu * 1e6, 1), "µs", whole),
        }

    def _batches(self) -> list[Lines]:
        lines = [(row.shop_id, "12") for row in self._rows]
        return [lines[start : start + BATCH] for start in range(0, len(lines), BATCH)]


def _xml(batches: list[Lines], answers: list[bytes]) -> None:
    for lines, answer in zip(batches, answers, strict=True):
        _body(lines)
        for entity in etree.fromstring(answer):
            entity.findtext("id"), entity.findtext("quantity")


def _body(lines: Lines) -> bytes:
    root = etree.Element("prestashop")
    for stock_id, quantity in lines:
        entity = etree.SubElement(root, "stock_available")
        etree.SubElement(entity, "id").text = stock_id
        etree.SubElement(entity, "quantity").text = quantity
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
