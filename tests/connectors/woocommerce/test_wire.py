"""What the API writes, and how it is read."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from passerelle.connectors.woocommerce.amounts import instant, kilograms, number, plain, weighed
from passerelle.connectors.woocommerce.wire import OrderTax, Product, VendorError, sendable, shown
from passerelle.errors import AnswerUnreadable
from passerelle.testing.hostile import TEXTS


@pytest.mark.parametrize("text", TEXTS)
def test_a_name_that_is_sent_with_entities_is_read_as_it_was(text: str) -> None:
    assert "<" not in sendable(text)
    assert shown(sendable(text)) == text


def test_what_only_looks_like_an_entity_is_left_alone() -> None:
    assert shown("R&D &notanentity &copy A&B; &#39;x&#39; &amp;lt;") == "R&D &notanentity &copy A&B; 'x' &lt;"


@pytest.mark.parametrize(
    ("data", "status", "resource"),
    [({"status": 400, "resource_id": 10}, 400, 10), (500, 500, None), (None, None, None), ([], None, None)],
)
def test_the_data_of_an_error_may_be_a_bare_status_or_nothing(
    data: object, status: int | None, resource: int | None
) -> None:
    details = VendorError("c", "m", data).details
    assert (details.status, details.resource_id) == (status, resource)


def test_numbers_of_json_become_exact_decimals() -> None:
    assert msgspec.json.decode(b'{"rate_id":1,"rate_percent":5.5}', type=OrderTax).rate_percent == Decimal("5.5")
    row = msgspec.json.decode(b'{"id":1,"stock_quantity":-3,"manage_stock":"parent","strange":[]}', type=Product)
    assert (row.stock_quantity, row.manage_stock) == (Decimal(-3), "parent")


@pytest.mark.parametrize(("value", "text"), [("12.500000", "12.5"), ("100", "100"), ("1E+2", "100"), ("0.10", "0.1")])
def test_a_number_is_sent_with_a_dot_and_no_zeros_at_its_end(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


@pytest.mark.parametrize("unit", ["kg", "g", "lbs", "oz"])
@pytest.mark.parametrize("weight", ["0.35", "0.000001", "12.345678", "1000"])
def test_a_weight_comes_back_from_the_unit_of_the_shop(unit: str, weight: str) -> None:
    assert kilograms(weighed(Decimal(weight), unit=unit), unit=unit) == Decimal(weight)


def test_a_weight_is_converted() -> None:
    assert (weighed(Decimal("0.35"), unit="g"), weighed(Decimal(1), unit="lbs")) == ("350", "2.204622622")


@pytest.mark.parametrize("text", ["", "abc", "NaN", "1,5"])
def test_what_is_no_number_is_an_error(text: str) -> None:
    with pytest.raises(AnswerUnreadable):
        number(text, what="a price")


@pytest.mark.parametrize("text", [None, "", "yesterday", "2026-13-01T00:00:00"])
def test_what_is_no_date_is_an_error(text: str | None) -> None:
    with pytest.raises(AnswerUnreadable):
        instant(text, what="date_created_gmt")


def test_a_date_of_the_shop_is_utc_though_it_does_not_say_so() -> None:
    assert instant("2026-11-24T02:39:25", what="d").isoformat() == "2026-11-24T02:39:25+00:00"
