"""The loop and ours in turn, on one simulated server."""

from __future__ import annotations

from collections.abc import Callable

from bench.figures import ROUNDS, Timing, in_turn
from bench.scene import Server


def against(
    server: Server, *, peer: Callable[[], Timing], ours: Callable[[], Timing], request_ms: float, entity_ms: float
) -> tuple[Timing, Timing]:
    """The loop and ours in turn, on a server that takes so long; both an article. Printed with the CPU of each side."""
    server.cost(request_ms=request_ms, entity_ms=entity_ms)
    before = server.cpu()
    loop, own = in_turn(peer, ours)
    print(
        f"    {request_ms:g} + {entity_ms:g} ms, an article: the loop {loop.wall * 1e3:.2f} ms "
        f"(CPU {loop.cpu * 1e3:.2f}), ours {own.wall * 1e3:.3f} ms (CPU {own.cpu * 1e3:.3f}), "
        f"server CPU {(server.cpu() - before) / ROUNDS:.2f} s a round",
        flush=True,
    )
    return loop, own
