"""The contract kit every connector must pass, and the faults that try it."""

import pytest

MODULES = (
    "erp",
    "erp_reading",
    "erp_sink",
    "harness",
    "shop",
    "shop_failing",
    "shop_reading",
    "shop_writing",
)

pytest.register_assert_rewrite(*(f"{__name__}.{module}" for module in MODULES))
