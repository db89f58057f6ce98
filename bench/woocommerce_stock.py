"""Stock changes sent to a WooCommerce over TLS: a loop over its Python package beside ours."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.contest import against
from bench.figures import ROUNDS, Figure, Timing, each, timed
from bench.scene import Scene, woocommerce_merchant
from bench.woocommerce_loop import set_stocks

ARTICLES = 5_000  # changed, about: a few of the base are not followed in stock
SAMPLE = 60  # of them, for the loop
COSTS = {"40ms": (40, 4), "0ms": (0, 0), "real": (57, 25)}  # ms a request, ms an entity written
SLOW = {"real": 1_000}  # articles changed where the server's own time is most of it: 5,000 would take ten minutes
BATCH = 50


def figures() -> dict[str, Figure]:
    """All figures of this family."""
    with (
        TemporaryDirectory(prefix="passerelle-bench-") as folder,
        woocommerce_merchant(Path(folder), articles=ARTICLES) as scene,
    ):
        os.environ["REQUESTS_CA_BUNDLE"] = scene.server.said["ca"]
        scene.seed()
        bench = _Stocks(scene)
        bench.warm()
        found = {
            f"woocommerce_stock_{name}": bench.ratio(*cost, most=SLOW.get(name, ARTICLES))
            for name, cost in COSTS.items()
        }
        scene.server.cost(request_ms=0, entity_ms=0)
        return {**found, "woocommerce_requests_per_item": bench.requests()}


class _Stocks:
    """The two contestants, on one shop."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        linked = (link for page in scene.opened.store.all_links(kind="product") for link in page)
        self._skus = [link.erp_key for link in islice((one for one in linked if not one.gone), SAMPLE)]
        self._most = ARTICLES
        self._changed = 0  # articles, by the last run of ours
        self._quantity = 1_000_000

    def warm(self) -> None:
        """One round that is not counted, at no added time: links are known afterwards."""
        self._peer()
        self._ours()

    def ratio(self, request_ms: float, entity_ms: float, *, most: int) -> Figure:
        """How many times longer an article takes with the loop, where so many of ours change at most."""
        self._most = most
        peer, ours = against(
            self._scene.server, peer=self._peer, ours=self._ours, request_ms=request_ms, entity_ms=entity_ms
        )
        how = (
            f"wall time an article of a loop over the package woocommerce 3.0 (SKU lookup, put; {SAMPLE} articles) ÷ "
            f"ours (a run of `stocks` after {self._changed} articles changed), in turn, medians of {ROUNDS}, over TLS, "
            f"on a simulated WooCommerce that takes {request_ms:g} ms a request + {entity_ms:g} ms an entity written"
        )
        return Figure(round(peer.wall / ours.wall, 1), "ratio", how)

    def requests(self) -> Figure:
        """How many writing requests an article takes."""
        self._scene.change_stocks()
        report = self._scene.run("stocks")
        how = (
            f"writing requests of a run of `stocks` ÷ {report.counts['updated']:g} simple products that changed, links "
            f"warm, {BATCH} products a call; simulated WooCommerce"
        )
        return Figure(round(report.writes / report.counts["updated"], 4), "requests", how)

    def _peer(self) -> Timing:
        self._quantity += 1
        wanted = [(sku, self._quantity) for sku in self._skus]
        return each(timed(lambda: set_stocks(self._scene.server.said, wanted)), of=SAMPLE)

    def _ours(self) -> Timing:
        self._scene.change_stocks(most=self._most)
        return each(timed(self._run), of=self._changed)

    def _run(self) -> None:
        self._changed = int(self._scene.run("stocks").counts["updated"])
