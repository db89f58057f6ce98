"""What the webservice's entities mean."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.connectors.prestashop import mapping
from passerelle.connectors.prestashop.wire import Entity, parse
from passerelle.domain.orders import OrderLine
from passerelle.errors import AnswerUnreadable

PARIS = ZoneInfo("Europe/Paris")
AUTUMN = datetime(2026, 10, 25, tzinfo=UTC)  # at 01:00 UTC the clocks go back from 03:00 to 02:00


def entity(inner: str) -> Entity:
    return parse(f"<prestashop>{inner}</prestashop>".encode())[0]


def order(**changes: str) -> Entity:
    fields = {
        "id": "7",
        "reference": "ABC",
        "current_state": "2",
        "date_add": "2026-07-01 10:00:00",
        "date_upd": "2026-12-01 10:00:00",
        **changes,
    }
    rows = (
        "<order_row><product_id>1</product_id><product_attribute_id>0</product_attribute_id>"
        "<product_reference>A-1</product_reference><product_quantity>2</product_quantity></order_row>"
        "<order_row><product_id>2</product_id><product_attribute_id>40</product_attribute_id>"
        "<product_reference/><product_quantity>1</product_quantity></order_row>"
    )
    plain = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return entity(f"<order>{plain}<associations><order_rows>{rows}</order_rows></associations></order>")


def read(**changes: str) -> mapping.ShopOrder:
    return mapping.order(order(**changes), zone=PARIS, released=frozenset({"6", "8"}))


def test_an_order_is_read_with_its_times_in_utc_and_its_lines() -> None:
    found = read()
    assert found.created_at == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert found.updated_at == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert found.lines == (OrderLine("1", "", "A-1", Decimal(2)), OrderLine("2", "40", "", Decimal(1)))


@pytest.mark.parametrize(("state", "holds"), [("1", True), ("2", True), ("5", True), ("6", False), ("8", False)])
def test_only_cancelled_orders_and_payment_errors_hold_no_stock(state: str, holds: bool) -> None:
    assert read(current_state=state).holds_stock is holds


@pytest.mark.parametrize("value", ["0000-00-00 00:00:00", "", "2026-07-01"])
def test_a_date_that_is_none_is_an_error(value: str) -> None:
    with pytest.raises(AnswerUnreadable, match="date_upd"):
        read(date_upd=value)


def test_an_hour_that_comes_twice_is_read_as_the_first_one() -> None:
    assert read(date_upd="2026-10-25 02:30:00").updated_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "asked"),
    [
        (datetime(2026, 7, 1, 8, 0, 0, 900000, tzinfo=UTC), "2026-07-01 10:00:00"),
        (datetime(2026, 12, 1, 9, tzinfo=UTC), "2026-12-01 10:00:00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25 01:30:00"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25 01:30:00"),
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "2026-03-29 01:30:00"),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "2026-03-29 03:30:00"),
    ],
)
def test_orders_are_asked_from_the_shops_own_time(moment: datetime, asked: str) -> None:
    assert mapping.local_from(moment, zone=PARIS) == asked


@given(
    st.integers(-4 * 3600, 4 * 3600).map(lambda seconds: datetime.fromtimestamp(AUTUMN.timestamp() + seconds, UTC)),
    st.integers(0, 4 * 3600),
)
def test_nothing_that_comes_later_is_left_out_when_the_clocks_go_back(start: datetime, later: int) -> None:
    changed = datetime.fromtimestamp(start.timestamp() + later, UTC)
    written = changed.astimezone(PARIS).strftime(mapping.LOCAL)
    assert written >= mapping.local_from(start, zone=PARIS)
    assert mapping.may_be_from(read(date_upd=written).updated_at, start, zone=PARIS)


def test_what_came_before_is_left_out() -> None:
    found = read(date_upd="2026-07-01 10:00:00").updated_at
    assert not mapping.may_be_from(found, datetime(2026, 7, 1, 8, 0, 1, tzinfo=UTC), zone=PARIS)
    assert mapping.may_be_from(found, datetime(2026, 7, 1, 8, 0, 0, 5, tzinfo=UTC), zone=PARIS)


def group(id: str, *, active: str = "1", deleted: str = "0") -> Entity:
    flags = f"<active>{active}</active><deleted>{deleted}</deleted>"
    return entity(f"<tax_rule_group><id>{id}</id><name>G{id}</name>{flags}</tax_rule_group>")


def rule(group: str, tax: str, *, country: str = "8", state: str = "0", zipcode: str = "0") -> Entity:
    where = f"<id_country>{country}</id_country><id_state>{state}</id_state>"
    codes = f"<zipcode_from>{zipcode}</zipcode_from><zipcode_to>{zipcode}</zipcode_to>"
    return entity(
        f"<tax_rule><id_tax_rules_group>{group}</id_tax_rules_group>{where}{codes}<id_tax>{tax}</id_tax></tax_rule>"
    )


def rate_of(*rules: Entity) -> Decimal | None:
    tax = entity("<tax><id>1</id><rate>5.500</rate></tax>")
    [_, found] = mapping.tax_rules([group("4")], rules=rules, taxes=[tax], country="8")
    return found.rate


def test_the_rate_of_a_tax_rule_is_that_of_the_shops_own_country() -> None:
    assert rate_of(rule("4", "1"), rule("4", "9", country="3"), rule("5", "9")) == Decimal("5.5")


def test_a_rule_without_tax_charges_none() -> None:
    assert rate_of(rule("4", "0")) == 0


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [rule("4", "1", country="3")],
        [rule("4", "1", state="12")],
        [rule("4", "1", zipcode="97")],
        [rule("4", "77")],
        [rule("4", "1"), rule("4", "1")],
    ],
    ids=["no rule", "another country", "one region", "some postcodes", "an unknown tax", "two taxes"],
)
def test_a_rate_that_the_shop_does_not_say_is_not_guessed(rules: list[Entity]) -> None:
    assert rate_of(*rules) is None


def test_tax_rules_that_are_off_or_deleted_are_left_out_and_no_tax_can_be_chosen() -> None:
    groups = [group("1"), group("2", active="0"), group("3", deleted="1")]
    found = mapping.tax_rules(groups, rules=[], taxes=[], country="8")
    assert [(one.id, one.rate) for one in found] == [("0", Decimal(0)), ("1", None)]


@pytest.mark.parametrize("value", ["yes", "2", "-1"])
def test_a_switch_that_is_neither_on_nor_off_is_an_error(value: str) -> None:
    with pytest.raises(AnswerUnreadable, match="active"):
        mapping.switch(entity(f"<product><active>{value}</active></product>"), "active")


def test_a_number_that_is_none_is_an_error_and_nothing_is_zero() -> None:
    one = entity("<product><price>dear</price><weight/></product>")
    assert mapping.number(one, "weight") == 0
    with pytest.raises(AnswerUnreadable, match="price"):
        mapping.number(one, "price")
    with pytest.raises(AnswerUnreadable, match="price"):
        mapping.integer(one, "price")
