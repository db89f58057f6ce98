"""Run the simulated shop as a process of its own: prints one JSON line {"url", "key", "secret"} when it listens.

With --tls also {"ca"}: the file of the authority to trust.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading

from passerelle.sandbox.woocommerce import Cost, FakeWoocommerce


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m passerelle.sandbox.woocommerce", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--seed-file", help="a shop saved with FakeWoocommerce.save")
    parser.add_argument("--request-ms", type=float, default=0)
    parser.add_argument("--entity-ms", type=float, default=0)
    arguments = parser.parse_args()
    shop = FakeWoocommerce.load(arguments.seed_file) if arguments.seed_file else FakeWoocommerce()
    shop.cost = Cost(request_ms=arguments.request_ms, entity_ms=arguments.entity_ms)
    with shop.serve(port=arguments.port, tls=arguments.tls) as url:
        told = {"url": url, "key": shop.consumer_key, "secret": shop.consumer_secret}
        if arguments.tls:
            told["ca"] = shop.ca_pem_path
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
