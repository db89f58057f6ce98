"""Orders that come back: what 500 of them cost in requests and time, until each has its document and its status."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure, timed
from bench.scene import Scene, merchant
from passerelle.sandbox.sage100 import Robot

ORDERS = 500
LINES = 4
BUYERS = 100
ARTICLES = 200
REQUEST_MS, ENTITY_MS = 40, 4


def figures() -> dict[str, Figure]:
    """All figures of this family."""
    with TemporaryDirectory(prefix="passerelle-bench-") as folder, merchant(Path(folder), articles=ARTICLES) as scene:
        scene.seed()
        robot = Robot(scene.base, scene.base.parent)
        scene.run("orders")
        _place(scene)
        scene.server.cost(request_ms=REQUEST_MS, entity_ms=ENTITY_MS)
        taken, requests = 0.0, 0
        for _ in range(3):  # customers, documents, the status after import
            report = None

            def run() -> None:
                nonlocal report
                report = scene.run_waiting("orders")

            taken += timed(run).wall
            assert report is not None
            requests += report.requests
            robot.take()
        if scene.acknowledged() != ORDERS:
            raise RuntimeError(f"{scene.acknowledged()} of {ORDERS} orders came through")
    said = f"{ORDERS} orders of {LINES} lines of {BUYERS} new buyers, in three runs of `orders` (customers, documents, "
    said += "status after import)"
    return {
        "requests_per_order": Figure(
            round(requests / ORDERS, 3), "requests", f"all requests to a simulated PrestaShop ÷ {said}"
        ),
        "orders_per_s_40ms": Figure(
            round(ORDERS / taken, 1),
            "orders/s",
            f"{said}, on a simulated PrestaShop that takes {REQUEST_MS} ms a request + {ENTITY_MS} ms an entity "
            "written; the time that the robot takes at Sage is not counted",
        ),
    }


def _place(scene: Scene) -> None:
    store = scene.opened.store
    linked = [link.shop_id for page in store.all_links(kind="product") for link in page if not link.gone]
    ranged = store.variant_links(linked)
    products = [int(shop_id) for shop_id in linked if shop_id not in ranged]
    for n in range(ORDERS):
        buyer = {"email": f"b{n % BUYERS}@example.test", "firstname": "Bea", "lastname": "Client"}
        lines = [[products[(n * LINES + k) % len(products)], 1 + k] for k in range(LINES)]
        scene.server.order(lines=lines, buyer=buyer, carrier=2, shipping=["4.90", "5.88"])
