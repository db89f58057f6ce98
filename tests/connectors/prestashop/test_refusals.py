"""What the shop's refusals and odd answers become."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from tests.connectors.prestashop.harness import PrestashopHarness, closed_address, connect

from passerelle.connectors.prestashop.client import Refused
from passerelle.connectors.prestashop.refusal import why
from passerelle.errors import (
    AddressRedirects,
    AnswerUnreadable,
    CredentialsRefused,
    RateLimited,
    RightMissing,
    ServiceDisabled,
    Unavailable,
    WriteUnanswered,
)
from passerelle.ports.shop import ProductWrite
from passerelle.sandbox.prestashop import Fault

READ_ONLY = dict.fromkeys(
    (
        *("products", "stock_availables", "categories", "manufacturers", "orders", "configurations", "currencies"),
        *("languages", "shops", "tax_rule_groups", "tax_rules", "taxes"),
    ),
    ("GET",),
)


def read(served: PrestashopHarness) -> None:
    served.adapter.brands()


def write(served: PrestashopHarness) -> None:
    served.adapter.create_products([ProductWrite(key="A", sku="A", price=Decimal(1), texts={"name": {"fr": "x"}})])


def unknown_key(served: PrestashopHarness) -> str:
    return "A" * 32


def malformed_key(served: PrestashopHarness) -> str:
    return "short"


def inactive_key(served: PrestashopHarness) -> str:
    return served.shop.add_key(rights=READ_ONLY, active=False)


@pytest.mark.parametrize("key", [unknown_key, malformed_key, inactive_key])
def test_a_wrong_key_is_said_at_once_without_showing_it(
    served: PrestashopHarness, key: Callable[[PrestashopHarness], str]
) -> None:
    wrong = key(served)
    with pytest.raises(CredentialsRefused) as caught:
        connect(served.url, wrong).brands()
    assert wrong not in caught.value.message + caught.value.detail
    assert len(served.shop.requests) <= 1


def test_a_right_that_is_missing_names_the_verb_and_the_resource(served: PrestashopHarness) -> None:
    one = connect(served.url, served.shop.add_key(rights=READ_ONLY))
    item = ProductWrite(key="A", sku="A", price=Decimal(1), texts={"name": {"fr": "x"}})
    with pytest.raises(RightMissing, match="add products"):
        one.create_products([item])


def test_a_resource_that_is_not_granted_at_all_is_a_missing_right(served: PrestashopHarness) -> None:
    one = connect(served.url, served.shop.add_key(rights={"products": ("GET",)}))
    with pytest.raises(RightMissing, match="view manufacturers"):
        one.brands()


def test_a_webservice_that_is_off_is_said_at_once(served: PrestashopHarness) -> None:
    served.shop.webservice_enabled = False
    with pytest.raises(ServiceDisabled):
        read(served)
    assert served.tally.requests == 1
    served.shop.webservice_enabled = True
    served.adapter.context()
    served.shop.webservice_enabled = False
    with pytest.raises(ServiceDisabled):
        write(served)


def test_another_host_name_is_a_wrong_address(served: PrestashopHarness) -> None:
    one = connect(served.url.replace("127.0.0.1", "localhost"), served.shop.key)
    with pytest.raises(AddressRedirects) as caught:
        one.brands()
    assert "localhost" in caught.value.message


def test_a_shop_that_is_not_there_is_unavailable_for_reads_and_for_writes(served: PrestashopHarness) -> None:
    served.adapter.context()
    served.adapter._client.address = closed_address()
    with pytest.raises(Unavailable):
        read(served)
    with pytest.raises(Unavailable):
        write(served)


def test_a_web_page_instead_of_xml_is_unreadable(served: PrestashopHarness) -> None:
    served.shop.inject(Fault("html"))
    with pytest.raises(AnswerUnreadable, match="text/html instead of XML"):
        read(served)


@pytest.mark.parametrize("kind", ["truncated_answer", "lost_answer"])
def test_a_read_that_breaks_off_is_asked_again(served: PrestashopHarness, kind: str) -> None:
    served.shop.add_manufacturer("Bosch")
    served.adapter.context()
    served.shop.inject(Fault(kind, method="GET"))  # type: ignore[arg-type]
    assert [one.name for one in served.adapter.brands()] == ["Bosch"]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_write_answered_by_a_failing_server_is_in_doubt_and_never_repeated(
    served: PrestashopHarness, status: int
) -> None:
    served.adapter.context()
    served.shop.inject(Fault("status", method="POST", status=status, times=5))
    with pytest.raises(WriteUnanswered):
        write(served)
    assert served.tally.writes == 1


def test_a_shop_that_asks_to_slow_down_is_not_in_doubt(served: PrestashopHarness) -> None:
    served.adapter.context()
    served.shop.inject(Fault("status", method="POST", status=429, retry_after=7))
    with pytest.raises(RateLimited) as caught:
        write(served)
    assert caught.value.params["seconds"] == "7"


def test_php_warnings_alone_leave_a_doubt(served: PrestashopHarness) -> None:
    """A product without a name: a 500 that holds nothing but PHP's own words."""
    served.adapter.context()
    with pytest.raises(WriteUnanswered, match="did not answer"):
        served.adapter._client.write(
            "POST", "products", body=b"<prestashop><product><price>1</price></product></prestashop>"
        )


def test_an_unknown_filter_is_unreadable_whatever_php_says_around_it(served: PrestashopHarness) -> None:
    with pytest.raises(AnswerUnreadable) as caught:
        served.adapter._client.rows("products", {"filter[nosuch]": "1"})
    assert caught.value.detail.startswith("code 32:")


def test_an_address_without_a_webservice_is_unreadable(served: PrestashopHarness) -> None:
    served.adapter._client.address = served.url.removesuffix("/api") + "/nosuch"
    with pytest.raises(AnswerUnreadable):
        read(served)


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (85, 'Validation error: "Property Product->price is not valid"', "its price is not accepted"),
        (84, 'Validation error: "La propriété Product-&gt;name n\'est pas valide."', "its name is not accepted"),
        (41, 'parameter "price" required', "its price is missing"),
        (93, 'parameter "manufacturer_name" not writable.', "its manufacturer_name is not accepted"),
        (46, "Unable to save resource", "the shop could not save it"),
        (127, "XML error", "the shop does not accept its data"),
        (92, "Invalid ID", "it no longer exists there"),
    ],
)
def test_a_refusal_is_said_in_plain_words(code: int, text: str, expected: str) -> None:
    assert why(Refused(code=code, text=text, status=400, gone=code == 92)) == expected
