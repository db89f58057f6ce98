"""Combinations: many at once, what a change touches, what cannot be sent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.connectors.prestashop.assortment import change, defaults, methods, price, sized
from tests.connectors.prestashop.conftest import Serve
from tests.connectors.prestashop.harness import PrestashopHarness

from passerelle.domain.facets import VariantPrice
from passerelle.errors import (
    AmountRefused,
    GoneFromShop,
    ReferenceRefused,
    RefusedByShop,
    TextRefused,
)
from passerelle.ports.shop import (
    BatchRefused,
    ProductWrite,
    StockWrite,
    VariantWrite,
)
from passerelle.sandbox.prestashop import FakePrestashop


@pytest.fixture
def many(serve: Serve) -> PrestashopHarness:
    """An 8.2.0 with two products without combinations and 300 values of one option."""
    one = serve(FakePrestashop(version="8.2.0", php_warnings=False))
    for name in ("A", "B"):
        one.shop.add_product(name, name=name, price="10", stock=7)
    one.shop.add_option("Pointure", [f"{number:03}" for number in range(300)])
    one.adapter.context()
    one.shop.reset_counters()
    return one


def three_hundred() -> list[VariantWrite]:
    """Of product 1, one for each value; the first is the default."""
    return [
        VariantWrite(
            key=f"V-{number}", shop_id="1", sku=f"V-{number}", values=(str(number),), price=price("12.5"),
            weight=Decimal("0.4"), base_weight=Decimal("0.3"), default=number == 1,
        )
        for number in range(1, 301)
    ]  # fmt: skip


# Three hundred


def test_three_hundred_are_created_in_one_request_and_restocked_in_two(many: PrestashopHarness) -> None:
    outcomes = many.adapter.create_variants(three_hundred())
    assert [(one.key, one.shop_id, one.error) for one in outcomes] == [
        (f"V-{number}", f"1/{number}", None) for number in range(1, 301)
    ]
    assert many.tally.writes == 1
    ids = [one.shop_id for one in outcomes]
    many.shop.reset_counters()
    refs = many.adapter.stock_refs(ids)
    assert (list(refs), len(many.shop.requests)) == (ids, 3)
    size = many.adapter.manifest.max_batch["set_stock"]
    for start in range(0, 300, size):
        lines = [StockWrite(key=id, shop_id=id, stock_ref=refs[id], quantity=2) for id in ids[start : start + size]]
        assert [one.shop_id for one in many.adapter.set_stock(lines)] == ids[start : start + size]
    assert many.tally.writes == 3
    assert (many.shop.stock_of(1), many.shop.stock_of(1, combination=300), many.shop.stock_of(2)) == (600, 2, 7)


def test_three_hundred_are_priced_anew_in_one_request(many: PrestashopHarness) -> None:
    many.adapter.create_variants(three_hundred())
    many.shop.reset_counters()
    changes = [change(number, price=price(f"{10 + number}.99")) for number in range(1, 301)]
    assert [one.error for one in many.adapter.update_variants(changes)] == [None] * 300
    assert many.shop.requests == [("PATCH", "/api/combinations", 300)]
    rows = many.shop.combinations_of(1)
    assert {number: row.price for number, row in rows.items()} == {n: f"{n}.990000" for n in range(1, 301)}
    assert {row.weight for row in rows.values()} == {"0.100000"}


def test_three_hundred_are_read_in_one_request_and_deleted_in_one(many: PrestashopHarness) -> None:
    made = many.adapter.create_variants(three_hundred())
    many.shop.reset_counters()
    assert [one.shop_id for one in many.adapter.variants(["1", "2"])] == [one.shop_id for one in made]
    assert methods(many) == ["GET"]
    outcomes = many.adapter.delete_variants([change(number) for number in range(1, 301)])
    assert [one.error for one in outcomes] == [None] * 300
    assert methods(many).count("DELETE") == 1
    assert many.shop.combinations_of(1) == {}


def test_more_than_a_page_is_read_whole_each_once(serve: Serve) -> None:
    one = serve(FakePrestashop())
    for product in ("A", "B"):
        sized(one, *(f"{number:04}" for number in range(700)), product=product)
    read = one.adapter.variants(["2", "1"])
    assert [variant.shop_id for variant in read] == [f"{1 if n <= 700 else 2}/{n}" for n in range(1, 1401)]


def test_ids_too_long_for_one_address_are_deleted_in_several_requests(many: PrestashopHarness) -> None:
    many.shop.database["combinations"].next_id = 1_000_000
    made = many.adapter.create_variants(three_hundred())
    many.shop.reset_counters()
    many.adapter.delete_variants([VariantWrite(key=one.key, shop_id=one.shop_id) for one in made])
    paths = [path for method, path, _ in many.shop.requests if method == "DELETE"]
    assert len(paths) == 2
    assert max(map(len, paths)) < 1300
    assert many.shop.combinations_of(1) == {}


# What changes, and what does not


def test_one_change_is_one_entity_and_nothing_else_of_the_shop_moves(assorted: PrestashopHarness) -> None:
    before = assorted.shop.as_json()
    assert assorted.adapter.update_variants([change(2, price=price("12.5"))])[0].error is None
    writes = [request for request in assorted.shop.requests if request[0] != "GET"]
    assert writes == [("PATCH" if assorted.shop.patch else "PUT", "/api/combinations", 1)]
    row = assorted.shop.combinations_of(1)[2]
    assert row.price == "2.500000"
    assorted.shop.database.change(row, {"price": "0"})
    assert assorted.shop.as_json() == before


def test_what_is_not_ours_of_a_combination_is_sent_back_as_it_was(assorted: PrestashopHarness) -> None:
    theirs = {
        "ecotax": "0.150000", "wholesale_price": "4.200000", "available_date": "2027-01-31", "minimal_quantity": "6",
        "supplier_reference": "S & 1", "unit_price_impact": "-1.000000", "low_stock_threshold": "3", "upc": "12",
        "available_later": ("Bientôt", "Soon"),
    }  # fmt: skip
    row = assorted.shop.combinations_of(1)[2]
    assorted.shop.database.change(row, theirs)  # type: ignore[arg-type]
    row.links["images"] = (("9",),)
    links = dict(row.links)
    write = change(2, sku="NEW", gtin="3250000000014", price=price(None), weight=Decimal("0.5"))
    assert assorted.adapter.update_variants([write])[0].error is None
    row = assorted.shop.combinations_of(1)[2]
    later = row.available_later
    kept = {name: later if name == "available_later" else row.text(name) for name in theirs}
    assert kept == {**theirs, "available_later": {1: "Bientôt", 2: "Soon"}}
    assert (row.reference, row.ean13, row.price, row.weight) == ("NEW", "3250000000014", "0.000000", "0.500000")
    assert row.links == links


def test_a_language_that_is_switched_off_keeps_its_words_without_patch(serve: Serve) -> None:
    one = serve(FakePrestashop(patch=False))
    sized(one, "S")
    row = one.shop.combinations_of(1)[1]
    one.shop.database.change(row, {"available_now": ("Ici", "Here")})
    one.shop.database.change(one.shop.database["languages"].rows[2], {"active": "0"})
    one.adapter.update_variants([change(1, price=price("11"))])
    assert one.shop.combinations_of(1)[1].available_now == {1: "Ici", 2: "Here"}


def test_the_values_of_a_variant_are_replaced_as_a_set(assorted: PrestashopHarness) -> None:
    colour = assorted.shop.add_option("Couleur", ["Bleu"])
    [blue] = assorted.shop.option_values(colour).values()
    assorted.adapter.update_variants([change(2, values=("1", str(blue), "1"))])
    assert assorted.shop.combination_names(2) == {"Taille": "S", "Couleur": "Bleu"}
    assert [one.values for one in assorted.adapter.variants(["1"])] == [("1",), ("1", str(blue)), ("3",)]


def test_a_write_of_a_product_never_names_its_variants(
    assorted: PrestashopHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []
    write = assorted.adapter._client.write

    def seen(method: str, resource: str, *, body: bytes) -> object:
        sent.append(body)
        return write(method, resource, body=body)

    monkeypatch.setattr(assorted.adapter._client, "write", seen)
    products = [ProductWrite(key="A", shop_id="1", price=Decimal(11), texts={"name": {"fr": "Gants"}}, features={})]
    assert assorted.adapter.update_products(products)[0].error is None
    assert len(sent) == 1
    assert all(word not in sent[0] for word in (b"<combinations", b"id_default_combination", b"<product_option_values"))
    assert (list(assorted.shop.combinations_of(1)), assorted.shop.stock_of(1), defaults(assorted)) == ([1, 2, 3], 9, [])


@pytest.mark.parametrize(
    ("stored", "base", "impact"),
    [
        ("12.990000", "10", "2.990000"), ("9.5", "10", "-0.500000"), (None, "10", "0.000000"), ("10", "10", "0.000000"),
        ("16.658333", "0.000001", "16.658332"), ("12345678.123456", "0", "12345678.123456"),
        ("9999999999", "0", "9999999999.000000"),
    ],
)  # fmt: skip
def test_a_price_is_its_exact_difference_from_the_products(
    assorted: PrestashopHarness, stored: str | None, base: str, impact: str
) -> None:
    write = change(1, price=price(stored, base=Decimal(base)))
    assert assorted.adapter.update_variants([write])[0].error is None
    assert assorted.shop.combinations_of(1)[1].price == impact
    assert assorted.adapter.variants(["1"])[0].price == Decimal(impact)


def test_a_price_without_that_of_its_product_is_a_mistake_of_the_caller(assorted: PrestashopHarness) -> None:
    with pytest.raises(ValueError, match="product's"):
        assorted.adapter.update_variants([change(1, price=VariantPrice(stored=Decimal(1)))])


# What cannot be sent


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"price": price("10000000010")}, AmountRefused),
        ({"price": price("NaN")}, AmountRefused),
        ({"price": price("123456789.123456", base=Decimal(0))}, AmountRefused),
        ({"sku": "X", "weight": Decimal("-10000000000")}, AmountRefused),
        ({"sku": "X", "weight": Decimal("Infinity")}, AmountRefused),
        ({"sku": "a\x0bb"}, ReferenceRefused),
        ({"sku": "A<B"}, ReferenceRefused),
        ({"sku": "X", "gtin": "1\x002"}, TextRefused),
    ],
)
def test_what_cannot_be_sent_is_parked_alone_and_the_others_go_through(
    assorted: PrestashopHarness, changes: dict[str, object], error: type[Exception]
) -> None:
    items = [change(1, price=price("11")), change(2, **changes), change(3, price=price("12"))]
    assert [type(one.error) for one in assorted.adapter.update_variants(items)] == [type(None), error, type(None)]
    assert [row.price for row in assorted.shop.combinations_of(1).values()] == ["1.000000", "0.000000", "2.000000"]


def test_a_refusal_is_told_in_plain_words(assorted: PrestashopHarness) -> None:
    [outcome] = assorted.adapter.update_variants([change(1, sku="x" * 65)])
    assert isinstance(outcome.error, RefusedByShop)
    assert outcome.error.message == "V-1: the shop refuses it (its reference is not accepted)."
    with pytest.raises(BatchRefused, match="reference is not accepted"):
        assorted.adapter.update_variants([change(2, price=price("11")), change(1, sku="x" * 65), change(3, sku="Z")])
    assert [row.price for row in assorted.shop.combinations_of(1).values()][1] == "1.000000"
    assert assorted.shop.combinations_of(1)[3].reference == "A-L"


def test_a_variant_that_is_gone_is_an_outcome(assorted: PrestashopHarness) -> None:
    [outcome] = assorted.adapter.update_variants([change(99, price=price("11"))])
    assert isinstance(outcome.error, GoneFromShop)


def test_no_variant_is_made_of_a_product_that_is_gone(assorted: PrestashopHarness) -> None:
    new = [VariantWrite(key=id, shop_id=id, sku=f"N-{id}", values=("1",)) for id in ("77", "2")]
    gone, made = assorted.adapter.create_variants(new)
    assert isinstance(gone.error, GoneFromShop)
    assert made.shop_id == "2/5"
    assert assorted.shop.combinations_of(77) == {}


def test_two_defaults_of_a_product_in_one_batch_are_one_and_a_refusal(assorted: PrestashopHarness) -> None:
    first, second = assorted.adapter.update_variants([change(1, default=True), change(2, default=True)])
    assert first.error is None
    assert isinstance(second.error, RefusedByShop)
    assert defaults(assorted) == [1]
