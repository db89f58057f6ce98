"""Products written to the shop."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.connectors.prestashop.conftest import Serve
from tests.connectors.prestashop.harness import PrestashopHarness, connect

from passerelle.errors import AnswerIncomplete, GoneFromShop, RefusedByShop, TextRefused, WriteUnanswered
from passerelle.ports.shop import BatchRefused, BrandWrite, CategoryWrite, ProductWrite
from passerelle.sandbox.prestashop import FakePrestashop, Fault


def new(key: str, **changes: object) -> ProductWrite:
    texts = {"name": {"fr": f"Nom {key}", "en": f"Name {key}"}}
    values = {"sku": key, "texts": texts, "price": Decimal(10), **changes}
    return ProductWrite(key=key, **values)  # type: ignore[arg-type]


def change(shop_id: int, **changes: object) -> ProductWrite:
    return ProductWrite(key="A-1", shop_id=str(shop_id), **changes)  # type: ignore[arg-type]


@pytest.fixture(params=[True, False], ids=["with PATCH", "without PATCH"])
def either(request: pytest.FixtureRequest, serve: Serve) -> PrestashopHarness:
    """A shop with one product, id 1, in two languages."""
    one = serve(FakePrestashop(patch=request.param))
    one.shop.add_product(
        "A-1",
        name="x",
        price="10",
        stock=4,
        supplier_reference="S & 1",
        wholesale_price="3.500000",
        minimal_quantity="6",
        weight="1.250000",
        ean13="3250000000014",
    )
    one.shop.products[1].values[one.shop.products[1].resource.index["name"]] = ("Écrou", "Nut")
    return one


def test_a_batch_is_created_in_one_request_in_the_order_of_its_items(served: PrestashopHarness) -> None:
    outcomes = served.adapter.create_products([new(key) for key in ("B", "A", "C")])
    assert [(one.key, one.error) for one in outcomes] == [("B", None), ("A", None), ("C", None)]
    assert [served.shop.products[int(one.shop_id)].text("reference") for one in outcomes] == ["B", "A", "C"]
    assert served.tally.writes == 1


def test_a_created_product_can_be_bought(served: PrestashopHarness) -> None:
    [made] = served.adapter.create_products([new("A-1", visible=True, tax_rule="1", price=Decimal("8.325"))])
    assert served.shop.displayed_price(int(made.shop_id)) == Decimal("9.99")
    served.shop.set_stock(int(made.shop_id), 1)
    served.shop.place_order([(int(made.shop_id), 1)])
    assert served.shop.stock_of(int(made.shop_id)) == 0


def test_a_lost_answer_leaves_a_doubt_that_a_lookup_settles(served: PrestashopHarness) -> None:
    served.adapter.context()
    served.shop.inject(Fault("lost_answer", method="POST"))
    with pytest.raises(WriteUnanswered):
        served.adapter.create_products([new("A-1")])
    assert [one.sku for one in served.adapter.find_products(skus=["A-1"])] == ["A-1"]
    assert served.tally.writes == 1


@pytest.mark.parametrize("kind", ["lost_answer", "truncated_answer", "error_after_commit", "html"])
def test_a_write_whose_answer_says_nothing_is_in_doubt(served: PrestashopHarness, kind: str) -> None:
    served.adapter.context()
    served.shop.inject(Fault(kind, method="POST"))  # type: ignore[arg-type]
    with pytest.raises(WriteUnanswered):
        served.adapter.create_products([new("A-1")])


def test_a_batch_with_a_bad_second_item_is_refused_and_its_first_is_there(served: PrestashopHarness) -> None:
    with pytest.raises(BatchRefused, match="price is not accepted"):
        served.adapter.create_products([new("A"), new("B", price=Decimal(-1)), new("C")])
    assert [row.text("reference") for row in served.shop.products.values()] == ["A"]


def test_one_bad_item_is_an_outcome_in_plain_words_with_the_vendors_own_in_the_detail(
    served: PrestashopHarness,
) -> None:
    [outcome] = served.adapter.create_products([new("A", texts={"name": {"fr": "a > b"}})])
    assert isinstance(outcome.error, RefusedByShop)
    assert outcome.error.message == "A: the shop refuses it (its name is not accepted)."
    assert "code 84" in outcome.error.detail


def test_what_xml_cannot_hold_is_parked_alone_and_the_others_go_through(served: PrestashopHarness) -> None:
    bad = new("B", texts={"name": {"fr": "a\x00b"}})
    outcomes = served.adapter.create_products([new("A"), bad, new("C")])
    assert [isinstance(one.error, TextRefused) for one in outcomes] == [False, True, False]
    assert [row.text("reference") for row in served.shop.products.values()] == ["A", "C"]


def test_nothing_is_sent_when_nothing_can_be(served: PrestashopHarness) -> None:
    served.adapter.context()
    served.adapter.create_products([new("B", texts={"name": {"fr": "a\x00b"}})])
    served.adapter.create_products([])
    served.adapter.update_products([])
    served.adapter.set_stock([])
    assert served.tally.writes == 0


def test_an_answer_that_names_another_product_is_an_error(
    served: PrestashopHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = served.adapter._client.write
    monkeypatch.setattr(
        served.adapter._client, "write", lambda method, resource, *, body: write(method, resource, body=body)[::-1]
    )
    with pytest.raises(AnswerIncomplete, match="what was written to products"):
        served.adapter.create_products([new("A"), new("B")])


def test_an_answer_that_leaves_one_out_is_an_error(served: PrestashopHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    write = served.adapter._client.write
    monkeypatch.setattr(
        served.adapter._client, "write", lambda method, resource, *, body: write(method, resource, body=body)[:1]
    )
    with pytest.raises(AnswerIncomplete):
        served.adapter.create_products([new("A"), new("B")])


def test_a_price_alone_leaves_everything_else_as_it_was(either: PrestashopHarness) -> None:
    before = either.shop.as_json()
    [outcome] = either.adapter.update_products([change(1, price=Decimal("12.5"))])
    assert outcome.error is None
    row = either.shop.products[1]
    assert row.price == "12.500000"
    either.shop.database.change(row, {"price": "10.000000"})
    after = either.shop.as_json()
    assert without_dates(after) == without_dates(before)


def without_dates(content: object) -> object:
    """The whole shop without its clock's traces and without how the shop writes an empty number."""
    import re

    return re.sub(r"'(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|0|)'|None", "''", str(content))


def test_one_language_leaves_the_other_as_it_was(either: PrestashopHarness) -> None:
    either.adapter.update_products([change(1, texts={"name": {"en": "Hex nut"}, "summary": {"fr": "<p>Court</p>"}})])
    row = either.shop.products[1]
    assert row.name == {1: "Écrou", 2: "Hex nut"}
    assert row.description_short == {1: "<p>Court</p>", 2: ""}


def test_a_language_that_the_profile_does_not_feed_keeps_its_texts(either: PrestashopHarness) -> None:
    french = connect(either.url, either.shop.key, languages={"fr": "fr"})
    french.update_products([change(1, texts={"name": {"fr": "Boulon"}})])
    assert either.shop.products[1].name == {1: "Boulon", 2: "Nut"}


def test_texts_in_every_language_are_written_without_reading_first(served: PrestashopHarness) -> None:
    served.shop.add_product("A-1", name="x")
    served.adapter.context()
    served.shop.reset_counters()
    served.adapter.update_products([change(1, texts={"name": {"fr": "Écrou", "en": "Nut"}})])
    assert [method for method, _, _ in served.shop.requests] == ["PATCH"]


def test_a_batch_of_texts_reads_once_and_writes_once(served: PrestashopHarness) -> None:
    for number in range(30):
        served.shop.add_product(f"A-{number}", name="x")
    served.adapter.context()
    served.shop.reset_counters()
    served.adapter.update_products([change(id, texts={"name": {"fr": "Écrou"}}) for id in range(1, 31)])
    assert [method for method, _, _ in served.shop.requests] == ["GET", "PATCH"]


def test_categories_are_replaced_and_nothing_else_of_the_product(either: PrestashopHarness) -> None:
    category = either.shop.add_category("Vis")
    either.adapter.update_products([change(1, categories=(str(category),), default_category=str(category))])
    row = either.shop.products[1]
    assert row.linked("categories") == [category]
    assert (row.number("id_category_default"), row.name[1], either.shop.stock_of(1)) == (category, "Écrou", 4)


def test_one_product_that_is_gone_is_an_outcome(either: PrestashopHarness) -> None:
    [outcome] = either.adapter.update_products([change(99, price=Decimal(1))])
    assert isinstance(outcome.error, GoneFromShop)


def test_a_product_that_is_gone_is_told_apart_when_the_others_are_read_first(served: PrestashopHarness) -> None:
    served.shop.add_product("A-1", name="x")
    texts = {"name": {"fr": "Écrou"}}
    first, second = served.adapter.update_products([change(99, texts=texts), change(1, texts=texts)])
    assert isinstance(first.error, GoneFromShop)
    assert (second.error, second.shop_id, served.shop.products[1].name[1]) == (None, "1", "Écrou")


def test_categories_are_created_in_every_language_with_an_address(served: PrestashopHarness) -> None:
    [made] = served.adapter.create_categories([CategoryWrite(key="c", parent="2", names={"fr": "Vis à bois"})])
    row = served.shop.categories[int(made.shop_id)]
    assert row.name == {1: "Vis à bois", 2: "Vis à bois"}
    assert (row.link_rewrite[1], row.number("id_parent"), row.active) == ("vis-a-bois", 2, "1")


def test_a_category_under_a_parent_that_is_gone_is_in_doubt(served: PrestashopHarness) -> None:
    """The shop answers 500 without a word: nobody can tell."""
    with pytest.raises(WriteUnanswered):
        served.adapter.create_categories([CategoryWrite(key="c", parent="77", names={"fr": "Vis"})])


def test_brands_are_created_and_listed(served: PrestashopHarness) -> None:
    made = served.adapter.create_brands([BrandWrite(key="b", name="Facom & fils"), BrandWrite(key="c", name="Bosch")])
    assert {one.id: one.name for one in served.adapter.brands()} == {
        made[0].shop_id: "Facom & fils",
        made[1].shop_id: "Bosch",
    }


def test_a_brand_that_xml_cannot_hold_is_an_outcome(served: PrestashopHarness) -> None:
    [outcome] = served.adapter.create_brands([BrandWrite(key="b", name="a\x00")])
    assert isinstance(outcome.error, TextRefused)
