"""Runs flows in processes that kill themselves: one process that stays, one fork of it for each run.

Reads one job a line (JSON: home, profile, now, flow, approve, call, phase, number, pragmas) and answers one
line: how the fork ended, a negative number for the signal. With `call` empty the flow runs to its end; `approve` is the
run to approve instead, or 0.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import datetime
from typing import Any

from passerelle.app.state import configure
from passerelle.testing.clock import HeldClock

configure()

import msgspec  # noqa: E402

from passerelle.app import services, wiring  # noqa: E402
from passerelle.connectors.prestashop import adapter  # noqa: E402
from passerelle.connectors.sage100 import adapter as _sage  # noqa: E402, F401 - imported once, before the forks
from passerelle.storage.store import DjangoStore  # noqa: E402

SMALL = {"create_products": 6, "update_products": 8, "set_stock": 9, "create_categories": 1, "create_brands": 1}
SMALL |= {"create_features": 1, "create_feature_values": 2, "create_options": 1, "create_option_values": 2}
SMALL |= {"create_variants": 3, "update_variants": 3, "delete_variants": 1}


def shrink_batches() -> None:
    """Several batches of 25 articles."""
    small = msgspec.structs.replace(adapter.MANIFEST, max_batch=SMALL)
    adapter.Prestashop.manifest = small  # type: ignore[misc]


def die_at(call: str, *, phase: str, number: int) -> None:
    """SIGKILL this process before or after the n-th call of a method of the store."""
    original = getattr(DjangoStore, call)
    count = 0

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        count += 1
        if count == number and phase == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if count == number and phase == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(DjangoStore, call, wrapped)


def run(job: dict[str, Any]) -> int:
    """One flow, in the fork."""
    from django.db import connections

    os.environ["PASSERELLE_HOME"] = job["home"]
    settings = connections["default"].settings_dict
    settings["NAME"] = f"{job['home']}/passerelle.sqlite3"
    settings["OPTIONS"]["init_command"] = job["pragmas"]
    shrink_batches()
    if job["call"]:
        die_at(job["call"], phase=job["phase"], number=job["number"])
    opened = wiring.open_profile(job["profile"], clock=HeldClock(datetime.fromisoformat(job["now"])), environ={})
    if job["approve"]:
        report = services.approve(opened, services.find_run(job["approve"])[0])
    else:
        report = services.run_flow(opened, job["flow"])
    return 0 if report.state == "done" else 9


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 8
            try:
                code = run(json.loads(line))
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
