"""A code that Sage cannot hold: one clear issue, nothing cut, and the other orders go on."""

from __future__ import annotations

import pytest
from tests.scenarios.order_house import Trade
from tests.scenarios.test_orders import told, trade

from passerelle.sandbox.prestashop import Buyer, Destination

pytestmark = pytest.mark.slow
__all__ = ["trade"]


def test_a_customer_code_longer_than_sage_allows_is_one_clear_issue_and_heals_with_the_setting(trade: Trade) -> None:
    products = trade.open_shop()
    path = trade.house.profile
    settings = path.read_text(encoding="utf-8")
    path.write_text(settings.replace('prefix = "W"', 'prefix = "CLIENTSDUSITEWEB"'))
    order = trade.order((products[0], 1), buyer=Buyer(email="long@example.test", firstname="Jeanne", lastname="Long"))
    trade.day()
    assert told("orders") == [(str(order), "order_field_too_long")]
    assert not trade.documents(order)
    assert list(trade.folder.rglob("*.t*")) == []
    path.write_text(settings)
    trade.day()
    trade.assert_one_document_each(order)
    assert not told("orders")


@pytest.mark.parametrize("field", ["firstname", "city"])
def test_a_character_that_the_file_cannot_hold_is_one_clear_issue(trade: Trade, field: str) -> None:
    products = trade.open_shop()
    order = trade.order((products[0], 1), deliver_to=Destination(**{field: "東京"}))
    trade.day()
    assert told("orders") == [(str(order), "order_field_refused")]
    (issue,) = trade.house.opened().store.issues(flow="orders")
    assert "U+6771 東" in issue.params["why"]
    assert not trade.documents(order)
