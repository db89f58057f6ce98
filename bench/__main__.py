"""Run every bench, each family in a process of its own; print a line a figure; write bench/results.json."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

from bench import large, odoo, orders, prestashop_price, prestashop_stock, woocommerce_stock
from bench.figures import Figure

FAMILIES = {
    "prestashop_stock": prestashop_stock.figures,
    "prestashop_price": prestashop_price.figures,
    "woocommerce_stock": woocommerce_stock.figures,
    "odoo": odoo.figures,
    "orders": orders.figures,
    "large": large.figures,
}
RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("family", nargs="*", help=f"one of {', '.join(FAMILIES)}; all without")
    chosen = parser.parse_args().family or list(FAMILIES)
    started = time.monotonic()
    found = dict(_figures(chosen))
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    known = {**kept, **{name: asdict(figure) for name, figure in found.items()}}
    RESULTS.write_text(json.dumps(known, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"{time.monotonic() - started:.0f} s; load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs")


def _figures(families: list[str]) -> Iterator[tuple[str, Figure]]:
    for family in families:
        print(f"{family}:", flush=True)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            for name, figure in alone.submit(FAMILIES[family]).result().items():
                print(f"{name} = {figure.value:g} {figure.unit}", flush=True)
                yield name, figure


if __name__ == "__main__":
    main()
