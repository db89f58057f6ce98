"""The table of traps: filters, pages, dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.sandbox.woocommerce.client import Client, quoted

from passerelle.sandbox.woocommerce import FakeWoocommerce

NOON = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def range_of_25(shop: FakeWoocommerce) -> list[int]:
    """25 products of the same second."""
    shop.clock = lambda: NOON
    return [shop.add_product(f"P-{one:02d}", name=f"Produit {one}", price="1") for one in range(25)]


@pytest.mark.parametrize("query", ["per_page=0", "per_page=101", "per_page=many", "page=0", "orderby=nope"])
def test_a_bad_paging_parameter_is_a_400(client: Client, query: str) -> None:
    reply = client.get(f"/products?{query}")
    assert (reply.status, reply.code) == (400, "rest_invalid_param")
    assert list(reply.json["data"]["params"]) == [query.partition("=")[0]]


def test_a_page_past_the_end_is_empty_and_keeps_the_totals(client: Client, range_of_25: list[int]) -> None:
    reply = client.get("/products?per_page=10&page=9")
    assert (reply.status, reply.json) == (200, [])
    assert (reply.headers["X-WP-Total"], reply.headers["X-WP-TotalPages"]) == ("26", "3")


def test_head_tells_the_totals(client: Client, range_of_25: list[int]) -> None:
    reply = client.call("HEAD", "/products")
    assert (reply.status, reply.text, reply.headers["X-WP-Total"]) == (200, "", "26")


def test_ten_are_shown_where_no_number_is_asked_even_of_skus(client: Client, range_of_25: list[int]) -> None:
    skus = ",".join(f"P-{one:02d}" for one in range(25))
    assert len(client.ids(f"/products?sku={skus}")) == 10
    assert len(client.ids(f"/products?sku={skus}&per_page=100")) == 25


def test_pages_by_date_overlap_where_dates_are_equal_and_by_id_they_do_not(
    client: Client, range_of_25: list[int]
) -> None:
    by_date = [one for page in (1, 2, 3) for one in client.ids(f"/products?per_page=10&page={page}")]
    by_id = [one for page in (1, 2, 3) for one in client.ids(f"/products?per_page=10&page={page}&orderby=id&order=asc")]
    assert len(set(by_date)) < 26
    assert by_id == [10, *range_of_25]


def test_an_unknown_parameter_filters_nothing(client: Client) -> None:
    orders = [client.shop.place_order([(10, 1)], meta={"erp_id": f"{one}"}) for one in range(2)]
    for query in (f"number={orders[0]}", "meta_key=erp_id&meta_value=0"):
        assert sorted(client.ids(f"/orders?{query}")) == orders
    assert len(client.ids("/customers?modified_after=2030-01-01T00:00:00")) == 1


def test_a_moment_without_a_zone_is_the_time_of_the_shop(client: Client) -> None:
    client.shop.clock = lambda: NOON
    client.shop.edit_product(10)
    just_before = (NOON - timedelta(seconds=1)).isoformat().removesuffix("+00:00")
    just_after = (NOON + timedelta(seconds=1)).isoformat().removesuffix("+00:00")
    # Read as Paris time, the later moment lies an hour back.
    assert client.ids(f"/products?modified_after={just_after}") == [10]
    assert client.ids(f"/products?modified_after={just_after}&dates_are_gmt=true") == []
    assert client.ids(f"/products?modified_after={just_before}&dates_are_gmt=true") == [10]
    assert client.ids(f"/products?modified_after={just_after}Z") == []


def test_the_bound_of_modified_after_is_left_out(client: Client) -> None:
    client.shop.clock = lambda: NOON
    client.shop.edit_product(10)
    assert client.ids("/products?modified_after=2026-11-24T12:00:00&dates_are_gmt=true") == []


def test_a_moment_is_noted_to_the_second_in_local_time_and_utc(client: Client) -> None:
    client.shop.clock = lambda: NOON + timedelta(microseconds=900_000)
    shown = client.put("/products/10", {}).json
    assert (shown["date_modified"], shown["date_modified_gmt"]) == ("2026-11-24T13:00:00", "2026-11-24T12:00:00")


def test_a_change_of_a_variation_shows_at_its_parent(client: Client, shirt: tuple[int, int, int]) -> None:
    product, red, _ = shirt
    client.shop.clock = lambda: NOON
    client.put(f"/products/{product}/variations/{red}", {"regular_price": "22"})
    since = "modified_after=2026-11-24T11:59:59&dates_are_gmt=true&modified_before=2026-11-24T12:00:01"
    assert client.ids(f"/products?{since}") == [product]
    assert client.ids(f"/products/{product}/variations?{since}") == [red]


def test_a_sale_bumps_the_date_of_a_product(client: Client) -> None:
    client.shop.clock = lambda: NOON
    client.shop.place_order([(10, 1)])
    assert client.get("/products/10").json["date_modified_gmt"] == "2026-11-24T12:00:00"


def test_skus_are_found_whatever_their_case_variations_too_and_missing_ones_are_absent(
    client: Client, shirt: tuple[int, int, int]
) -> None:
    found = client.get("/products?sku=ts-r-s,a-1,NOPE&per_page=100&orderby=id&order=asc").json
    assert [(one["sku"], one["type"], one["parent_id"]) for one in found] == [
        ("A-1", "simple", 0),
        ("TS-R-S", "variation", shirt[0]),
    ]


@pytest.mark.parametrize("asked", ["", "0", "%20"])
def test_an_empty_sku_and_a_zero_alone_are_no_filter(client: Client, asked: str) -> None:
    client.shop.add_product("B", name="B")
    client.shop.add_product("0", name="Zéro")
    assert len(client.ids(f"/products?sku={asked}")) == 3


def test_a_zero_among_skus_is_one_of_them(client: Client) -> None:
    zero = client.shop.add_product("0", name="Zéro")
    assert client.ids("/products?sku=0,A-1&orderby=id&order=asc") == [10, zero]


def test_a_sku_with_a_comma_is_found_alone_and_not_among_others(client: Client) -> None:
    ident = client.shop.add_product("SKU,D", name="D")
    assert client.ids("/products?sku=SKU,D") == [ident]
    assert client.ids("/products?sku=SKU,D,A-1") == [10]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("E A  B", ["E A B"]),
        ("e a  b,A-1", ["A-1", "E A B"]),
        ("E-Lead ,A-1", ["A-1", "E-Lead"]),
        ("E-Lead, A-1", ["E-Lead"]),
        ("A-1,,", ["A-1"]),
        (",", []),
        ("ETE-1", ["Été-1"]),
        ("ÉTÉ-1", ["Été-1"]),
    ],
)
def test_skus_are_compared_without_accents_and_a_blank_after_a_comma_misses(
    client: Client, asked: str, found: list[str]
) -> None:
    for sku in ("E A B", "E-Lead", "Été-1"):
        client.shop.add_product(sku, name=sku)
    rows = client.get(f"/products?sku={quoted(asked)}&orderby=id&order=asc").json
    assert [one["sku"] for one in rows] == found


def test_search_sku_finds_a_part_and_the_gtin_has_its_own_filter(client: Client) -> None:
    ident = client.shop.add_product("LONG-123", name="D", gtin="3760123450017")
    assert client.ids("/products?search_sku=ng-1") == [ident]
    assert client.ids("/products?global_unique_id=3760123450017") == [ident]


def test_the_type_variation_is_refused(client: Client) -> None:
    assert client.get("/products?type=variation").code == "rest_invalid_param"


def test_the_trash_is_listed_only_when_asked_for(client: Client) -> None:
    client.shop.trash_product(10)
    assert client.ids("/products") == []
    assert client.ids("/products?sku=A-1") == []
    assert client.ids("/products?status=trash&sku=A-1") == [10]
    assert client.get("/products/10").json["status"] == "trash"


def test_several_statuses_are_asked_for_by_another_parameter_which_older_shops_do_not_read(client: Client) -> None:
    client.shop.trash_product(10)
    ident = client.shop.add_product("B", name="B")
    assert client.get("/products?status=any,trash").code == "rest_invalid_param"
    asked = "/products?sku=a-1,b&include_status=any,trash&orderby=id&order=asc"
    assert client.ids(asked) == [10, ident]
    assert client.ids("/products?sku=a-1,b&include_status=any,trash&exclude_status=trash") == [ident]
    client.shop.database.version = "9.5.2"
    assert client.ids(asked) == [ident]


def test_drafts_are_in_the_list(client: Client) -> None:
    ident = client.shop.add_product("D", name="D", status="draft")
    assert ident in client.ids("/products")
    assert client.ids("/products?status=draft") == [ident]


def test_fields_cut_a_list_and_leave_the_links_of_a_single_item(client: Client) -> None:
    assert client.get("/products?_fields=id,sku").json == [{"id": 10, "sku": "A-1"}]
    assert list(client.get("/products/10?_fields=id,sku").json) == ["id", "sku", "_links"]


def test_include_takes_ids_and_can_keep_their_order(client: Client, range_of_25: list[int]) -> None:
    wanted = [range_of_25[3], range_of_25[1], range_of_25[7]]
    assert client.ids(f"/products?include={','.join(map(str, wanted))}&orderby=include") == wanted


def test_include_finds_no_variations(client: Client, shirt: tuple[int, int, int]) -> None:
    assert client.ids(f"/products?include={shirt[0]},{shirt[1]}") == [shirt[0]]


def test_meta_of_a_product_can_be_left_out(client: Client) -> None:
    client.put("/products/10", {"meta_data": [{"key": "erp_id", "value": "1"}, {"key": "other", "value": "2"}]})
    keys = [one["key"] for one in client.get("/products/10?include_meta=erp_id").json["meta_data"]]
    assert keys == ["erp_id"]
    assert [one["key"] for one in client.get("/products/10?exclude_meta=erp_id").json["meta_data"]] == ["other"]


def test_the_links_of_pages_name_the_next_and_the_previous_one(client: Client, range_of_25: list[int]) -> None:
    links = client.get("/products?per_page=10&page=2&_fields=id").headers["Link"]
    assert "page=1" in links.partition(",")[0]
    assert links.count("rel=") == 2


def test_a_shop_of_before_9_6_has_no_brands() -> None:
    shop = FakeWoocommerce(version="9.5.2", brands=False)
    shop.add_product("A", name="A")
    with shop.serve() as url:
        client = Client(url, shop)
        assert client.get("/products/brands").status == 404
        assert "brands" not in client.get("/products/10").json
