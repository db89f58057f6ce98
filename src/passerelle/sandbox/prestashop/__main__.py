"""Run the simulated shop as a process of its own: prints one JSON line {"url", "key"} when it listens."""

from __future__ import annotations

import argparse
import json
import sys
import threading

from passerelle.sandbox.prestashop import Cost, FakePrestashop


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m passerelle.sandbox.prestashop", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed-file", help="a shop saved with FakePrestashop.save")
    parser.add_argument("--request-ms", type=float, default=0)
    parser.add_argument("--entity-ms", type=float, default=0)
    arguments = parser.parse_args()
    shop = FakePrestashop.load(arguments.seed_file) if arguments.seed_file else FakePrestashop()
    shop.cost = Cost(request_ms=arguments.request_ms, entity_ms=arguments.entity_ms)
    with shop.serve(port=arguments.port) as url:
        sys.stdout.write(json.dumps({"url": url, "key": shop.key}) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
