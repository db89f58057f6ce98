"""The contract kit every connector must pass, and the faults that try it."""

import pytest

pytest.register_assert_rewrite(
    *(
        f"{__name__}.{module}"
        for module in ("erp", "erp_sink", "harness", "shop", "shop_failing", "shop_reading", "shop_writing")
    )
)
