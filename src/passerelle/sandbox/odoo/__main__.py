"""Run the simulated Odoo as a process of its own: prints one JSON line when it listens.

{"url", "database", "login", "key"}
"""

from __future__ import annotations

import argparse
import json
import sys
import threading

from passerelle.sandbox.odoo import Cost, FakeOdoo
from passerelle.sandbox.odoo.company import build_company


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m passerelle.sandbox.odoo", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--version", type=int, default=19, choices=(16, 17, 18, 19))
    parser.add_argument("--articles", type=int, default=0, help="fill it with the demo company, so many articles")
    parser.add_argument("--request-ms", type=float, default=0)
    parser.add_argument("--entity-ms", type=float, default=0)
    arguments = parser.parse_args()
    cost = Cost(request_ms=arguments.request_ms, entity_ms=arguments.entity_ms)
    odoo = FakeOdoo(version=arguments.version, cost=cost)
    if arguments.articles:
        build_company(odoo, articles=arguments.articles)
    with odoo.serve(port=arguments.port) as url:
        said = {"url": url, "database": odoo.database, "login": odoo.login, "key": odoo.api_key}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
