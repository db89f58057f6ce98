"""Price changes sent to a PrestaShop: a prestapyt loop beside ours."""

from __future__ import annotations

import warnings
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.contest import against
from bench.figures import ROUNDS, Figure, Timing, each, timed
from bench.prestapyt_loop import set_prices
from bench.scene import Scene, merchant

ARTICLES = 5_000  # changed, about: those that a person must correct first are asleep
SAMPLE = 60  # of them, for the loop
COSTS = {"40ms": (40, 4), "0ms": (0, 0)}  # ms a request, ms an entity written


def figures() -> dict[str, Figure]:
    """All figures of this family."""
    warnings.filterwarnings("ignore", module="prestapyt")  # it does not know the shop's version, and works
    with TemporaryDirectory(prefix="passerelle-bench-") as folder, merchant(Path(folder), articles=ARTICLES) as scene:
        scene.seed()
        bench = _Prices(scene)
        bench.warm()
        return {f"prestashop_price_{name}": bench.ratio(*cost) for name, cost in COSTS.items()}


class _Prices:
    """The two contestants, on one shop."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        linked = (link for page in scene.opened.store.all_links(kind="product") for link in page)
        self._references = [link.erp_key for link in islice((one for one in linked if not one.gone), SAMPLE)]
        self._changed = 0  # articles, by the last run of ours
        self._cents = 1_000

    def warm(self) -> None:
        """One round that is not counted, at no added time."""
        self._peer()
        self._ours()

    def ratio(self, request_ms: float, entity_ms: float) -> Figure:
        """How many times longer an article takes with the loop."""
        peer, ours = against(
            self._scene.server, peer=self._peer, ours=self._ours, request_ms=request_ms, entity_ms=entity_ms
        )
        how = (
            f"wall time an article of a prestapyt loop (search by reference, get, put; {SAMPLE} articles) ÷ ours (a "
            f"run of `prices` after {self._changed} prices changed), in turn, medians of {ROUNDS}, on a simulated "
            f"PrestaShop that takes {request_ms:g} ms a request + {entity_ms:g} ms an entity written"
        )
        return Figure(round(peer.wall / ours.wall, 1), "ratio", how)

    def _peer(self) -> Timing:
        self._cents += 1
        price = f"{self._cents / 100:.6f}"
        wanted = [(reference, price) for reference in self._references]
        server = self._scene.server
        return each(timed(lambda: set_prices(server.url, server.key, wanted)), of=SAMPLE)

    def _ours(self) -> Timing:
        self._scene.change_prices()
        taken = timed(self._run)
        return each(taken, of=self._changed)

    def _run(self) -> None:
        self._changed = int(self._scene.run("prices").counts["updated"])
