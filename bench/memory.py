"""The peak memory of a run over every article, beside that over a tenth of them: each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure
from bench.scene import Scene, merchant, run
from passerelle.app import state, wiring

FEWER = 10_000
FLOWS = ("catalogue", "prices")
Peaks = dict[str, int]  # KiB after each flow, of the process that ran them all


def figure(scene: Scene, *, articles: int) -> Figure:
    """How much more a scene of so many articles takes than one of a tenth. Every price of the scene changes."""
    many = peaks(scene)
    few = json.loads(_alone(str(FEWER)))
    for name in few:
        print(f"    peak after {name}: {few[name] / 1024:.0f} MiB for {FEWER}, {many[name] / 1024:.0f} for {articles}")
    how = (
        f"peak resident memory of a process that runs `catalogue` with nothing to do, then `prices` with every price "
        f"changed, over {articles} articles ÷ over {FEWER}, links warm, once each; simulated PrestaShop in a process "
        f"of its own, without added time"
    )
    last = FLOWS[-1]
    return Figure(round(many[last] / few[last], 2), "ratio", how)


def peaks(scene: Scene) -> Peaks:
    """Change every price, and have a fresh process run the flows."""
    scene.server.cost(request_ms=0, entity_ms=0)
    scene.change_prices()
    found: Peaks = json.loads(_alone(str(scene.file)))
    return found


def _alone(given: str) -> str:
    command = [sys.executable, "-m", "bench.memory", given]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()[-1]


def _of_file(file: str) -> Peaks:
    state.prepare()
    opened = wiring.open_profile(file)
    found = {"the start": _peak()}
    for flow in FLOWS:
        run(opened, flow)
        found[flow] = _peak()
    return found


def _of_number(articles: int) -> Peaks:
    with TemporaryDirectory(prefix="passerelle-bench-") as folder, merchant(Path(folder), articles=articles) as scene:
        scene.seed()
        return peaks(scene)


def _peak() -> int:
    """KiB. Not getrusage: its ru_maxrss begins with what the parent held when it started the process."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    argument = sys.argv[1]
    print(json.dumps(_of_number(int(argument)) if argument.isdecimal() else _of_file(argument)))
