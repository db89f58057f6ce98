"""The contract kit every connector must pass, and the faults that try it."""

import pytest

MODULES = (
    "erp",
    "erp_batches",
    "erp_reading",
    "erp_sink",
    "erp_variants",
    "harness",
    "shop",
    "shop_batches",
    "shop_desk_reading",
    "shop_desk_writing",
    "shop_failing",
    "shop_reading",
    "shop_reading_back",
    "shop_side_by_side",
    "shop_variants",
    "shop_variants_failing",
    "shop_writing",
)

pytest.register_assert_rewrite(*(f"{__name__}.{module}" for module in MODULES))
