"""Orders, as far as stock is concerned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.connectors.prestashop.harness import PrestashopHarness

from passerelle.connectors.prestashop import adapter
from passerelle.domain.orders import ShopOrder


def read(served: PrestashopHarness, **since: datetime) -> list[ShopOrder]:
    return [one for page in served.adapter.orders(**since) for one in page]


@pytest.fixture
def selling(served: PrestashopHarness) -> PrestashopHarness:
    served.shop.add_product("A-1", name="x", stock=100)
    return served


def at(selling: PrestashopHarness, moment: datetime) -> str:
    selling.shop.clock = lambda: moment
    return selling.seed_order({"1": 1})


def test_an_order_is_read_with_what_it_holds(selling: PrestashopHarness) -> None:
    sold = at(selling, datetime(2026, 11, 24, 9, 30, tzinfo=UTC))
    [one] = read(selling)
    assert (one.shop_id, one.status, one.holds_stock) == (sold, "2", True)
    assert one.created_at == one.updated_at == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    assert [(line.product_id, line.variant_id, line.sku, line.quantity) for line in one.lines] == [("1", "", "A-1", 1)]


def test_a_cancelled_order_and_a_payment_error_hold_nothing(selling: PrestashopHarness) -> None:
    cancelled = selling.seed_order({"1": 1})
    selling.cancel_order(cancelled)
    selling.shop.place_order([(1, 1)], state=8)
    selling.shop.place_order([(1, 1)], state=10)
    assert [one.holds_stock for one in read(selling)] == [False, False, True]


def test_orders_changed_or_created_before_are_left_out(selling: PrestashopHarness) -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    old = at(selling, noon - timedelta(hours=2))
    new = at(selling, noon)
    selling.shop.clock = lambda: noon + timedelta(hours=1)
    selling.cancel_order(old)
    assert [one.shop_id for one in read(selling, updated_from=noon)] == [old, new]
    assert [one.shop_id for one in read(selling, created_from=noon)] == [new]
    assert [one.shop_id for one in read(selling, updated_from=noon + timedelta(minutes=30), created_from=noon)] == []


@pytest.mark.parametrize("minutes", range(-30, 150, 15))
def test_no_order_is_lost_in_the_night_when_the_clocks_go_back(selling: PrestashopHarness, minutes: int) -> None:
    start = datetime(2026, 10, 25, 0, 0, tzinfo=UTC) + timedelta(minutes=minutes)
    later = [at(selling, start + timedelta(minutes=more)) for more in (0, 20, 40, 60, 80, 120)]
    assert [one.shop_id for one in read(selling, updated_from=start)] == later


def test_no_order_is_lost_or_repeated_between_pages_while_others_arrive_and_change(
    selling: PrestashopHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "ORDERS", 3)
    sold = [selling.seed_order({"1": 1}) for _ in range(8)]
    seen: list[str] = []
    for number, page in enumerate(selling.adapter.orders()):
        seen += [one.shop_id for one in page]
        if number == 0:
            selling.cancel_order(sold[0])
            sold.append(selling.seed_order({"1": 1}))
    assert seen == sold


def test_only_what_stock_needs_is_asked_of_an_order(selling: PrestashopHarness) -> None:
    selling.seed_order({"1": 1})
    read(selling)
    [asked] = [path for _, path, _ in selling.shop.requests if path.startswith("/api/orders")]
    assert "full" not in asked
    assert "customer" not in asked
