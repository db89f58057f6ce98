"""A run in which nothing changed: what it asks of the shop, and how much dearer it is than the read it cannot avoid."""

from __future__ import annotations

from bench.figures import ROUNDS, Figure, Timing, in_turn, timed
from bench.scene import Scene
from passerelle.connectors.sage100.adapter import Sage100
from passerelle.planner.rules import product_query
from passerelle.transport.http import Tally

FLOWS = ("catalogue", "prices")


def figures(scene: Scene, *, articles: int) -> dict[str, Figure]:
    """All figures of a scene with so many articles, up to date."""
    server = scene.server
    server.reset()
    ours, read = in_turn(lambda: timed(lambda: _flows(scene)), lambda: timed(lambda: _read(scene)))
    requests = len(server.requests())
    server.reset()
    scene.run("stocks")
    writes = sum(method != "GET" for method, _, _ in server.requests())
    _say(ours, read)
    return _figures(ours, read, requests=requests, writes=writes, articles=articles)


def _figures(ours: Timing, read: Timing, *, requests: int, writes: int, articles: int) -> dict[str, Figure]:
    unchanged = f"{articles} published articles of which nothing changed, simulated PrestaShop without added time"
    over = (
        f"wall time of `catalogue` and `prices` ÷ iterating the same tables, columns and pages as typed SQLAlchemy "
        f"rows, in turn, medians of {ROUNDS}; {unchanged}"
    )
    return {
        "noop_100k_requests": Figure(
            requests, "requests", f"requests of {ROUNDS} runs of `catalogue` and of `prices`; {unchanged}"
        ),
        "noop_100k_stock_writes": Figure(writes, "requests", f"writing requests of a run of `stocks`; {unchanged}"),
        "noop_100k_over_read": Figure(round(ours.wall / read.wall, 2), "ratio", over),
    }


def _flows(scene: Scene) -> None:
    for flow in FLOWS:
        scene.run(flow)


def _read(scene: Scene) -> None:
    profile = scene.opened.profile
    with scene.opened.connections(tally=Tally()) as (erp, _):
        assert isinstance(erp, Sage100)
        for flow in FLOWS:
            for page in erp.typed_rows(product_query(profile, flow=flow)):
                for rows in page:
                    for _row in rows:
                        pass


def _say(ours: Timing, read: Timing) -> None:
    print(
        f"    nothing changed: ours {ours.wall:.2f} s (CPU {ours.cpu:.2f}), the read alone {read.wall:.2f} s "
        f"(CPU {read.cpu:.2f})",
        flush=True,
    )
