"""The figures that the README quotes are there, and each says how it was measured."""

from __future__ import annotations

import json
from pathlib import Path

RESULTS = Path(__file__).parents[2] / "bench" / "results.json"
NAMES = {
    "prestashop_stock_40ms",
    "prestashop_stock_0ms",
    "prestashop_stock_real",
    "prestashop_price_40ms",
    "prestashop_price_0ms",
    "memory_100k_over_10k",
    "noop_100k_requests",
    "noop_100k_stock_writes",
    "noop_100k_over_read",
    "client_cpu_over_xml",
    "client_cpu_us_per_item",
}


def test_every_figure_has_a_value_a_unit_and_a_sentence_on_how_it_was_measured() -> None:
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert results.keys() >= NAMES
    for name in NAMES:
        assert results[name].keys() == {"value", "unit", "how"}
        assert "simulated PrestaShop" in results[name]["how"]
