"""What is measured over 100,000 articles, on one scene: to fill the shop takes minutes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from bench import memory, noop
from bench.figures import Figure
from bench.scene import merchant

ARTICLES = 100_000


def figures() -> dict[str, Figure]:
    """All figures of this family."""
    with TemporaryDirectory(prefix="passerelle-bench-") as folder, merchant(Path(folder), articles=ARTICLES) as scene:
        scene.seed()
        unchanged = noop.figures(scene, articles=ARTICLES)  # first: the other changes every price
        return {**unchanged, "memory_100k_over_10k": memory.figure(scene, articles=ARTICLES)}
