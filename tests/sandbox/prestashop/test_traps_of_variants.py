"""The table of traps, combinations: each seen on a real PrestaShop 8.2.0, some on a 9.1.4 too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.sandbox.prestashop.client import Client

from passerelle.sandbox.prestashop import FakePrestashop


def links(name: str, node: str, *idents: int) -> str:
    inner = "".join(f"<{node}><id>{one}</id></{node}>" for one in idents)
    return f"<associations><{name}>{inner}</{name}></associations>"


def values(*idents: int) -> str:
    return links("product_option_values", "product_option_value", *idents)


def combination(*idents: int, product: int = 1, minimal: str = "1", **fields: str) -> str:
    plain = "".join(f"<{field}>{value}</{field}>" for field, value in fields.items())
    quantity = f"<minimal_quantity>{minimal}</minimal_quantity>" if minimal else ""
    return f"<combination><id_product>{product}</id_product>{quantity}{plain}{values(*idents)}</combination>"


def changed(ident: int, **fields: str) -> str:
    plain = "".join(f"<{field}>{value}</{field}>" for field, value in fields.items())
    return f"<combination><id>{ident}</id>{plain}</combination>"


def stock(ident: int, quantity: int) -> str:
    return f"<stock_available><id>{ident}</id><quantity>{quantity}</quantity></stock_available>"


@pytest.fixture
def old_shop() -> FakePrestashop:
    """An 8.2.0 with product 1, 7 in stock, and the option values 1, 2 and 3."""
    one = FakePrestashop(version="8.2.0", php_warnings=False)
    one.add_product("A-1", name="Marteau", price="10", stock=7)
    one.add_option("Taille", ["S", "M", "L"])
    return one


@pytest.fixture
def old_client(old_shop: FakePrestashop) -> Iterator[Client]:
    with old_shop.serve() as url:
        yield Client(url, old_shop.key)


# What is created


def test_many_combinations_are_created_in_one_request(
    shop: FakePrestashop, client: Client, sizes: dict[str, int]
) -> None:
    reply = client.post("combinations", *(combination(one, reference=name) for name, one in sizes.items()))
    assert (reply.status, reply.values("combination/reference")) == (201, ["S", "M", "L"])
    assert [row.reference for row in shop.combinations_of(1).values()] == ["S", "M", "L"]


def test_a_batch_stops_at_its_second_item_and_keeps_the_first(
    shop: FakePrestashop, client: Client, pair: tuple[int, int]
) -> None:
    reply = client.patch("combinations", changed(pair[0], price="7"), changed(pair[1], price="dear"))
    assert (reply.status, reply.codes) == (400, [85])
    reply = client.patch("combinations", changed(pair[0], ean13=""), changed(99, price="1"))
    assert (reply.status, reply.codes) == (404, [92])
    found = shop.combinations_of(1)
    assert [found[one].price for one in pair] == ["7.000000", "2.000000"]
    assert found[pair[0]].ean13 == ""


@pytest.mark.parametrize(
    "body", ["<combination><minimal_quantity>1</minimal_quantity></combination>", combination(1, minimal="")]
)
def test_a_combination_without_a_required_field_is_a_400_with_code_41(client: Client, body: str) -> None:
    reply = client.post("combinations", body)
    assert (reply.status, reply.codes) == (400, [41])


def test_the_same_values_twice_make_two_combinations(
    shop: FakePrestashop, client: Client, sizes: dict[str, int]
) -> None:
    bodies = [combination(sizes["S"]), combination(sizes["S"]), combination(), combination(sizes["S"], sizes["M"])]
    assert client.post("combinations", *bodies).status == 201
    assert len(shop.combinations_of(1)) == 4


def test_one_value_named_twice_breaks_after_the_combination_was_stored(
    shop: FakePrestashop, client: Client, sizes: dict[str, int]
) -> None:
    reply = client.post("combinations", combination(sizes["S"], sizes["S"], reference="TWICE"))
    assert (reply.status, reply.text) == (500, "")
    (row,) = shop.combinations_of(1).values()
    assert (row.reference, row.linked("product_option_values")) == ("TWICE", [])


def test_an_unknown_value_or_product_is_taken_without_a_word(shop: FakePrestashop, client: Client) -> None:
    reply = client.post("combinations", combination(999))
    assert (reply.status, reply.values("combination/associations/product_option_values/*")) == (201, [])
    assert client.get("/products/1").values("product/associations/product_option_values/*/id") == ["999"]
    orphan = client.post("combinations", combination(product=500))
    assert (orphan.status, shop.stock_of(500, combination=int(orphan.value("combination/id")))) == (201, 0)
    assert client.call("DELETE", f"/combinations/{orphan.value('combination/id')}").status == 200
    assert len(client.found("stock_availables", "500", field="id_product")) == 1


@pytest.mark.parametrize("field", ["reference", "supplier_reference"])
def test_a_combination_reference_takes_what_a_product_reference_does_not(client: Client, field: str) -> None:
    assert client.post("combinations", combination(**{field: "a;={}b&lt;" + "c" * 57})).status == 201
    assert client.post("combinations", combination(**{field: "a" * 65})).codes == [85]


@pytest.mark.parametrize(
    ("price", "status"),
    [("-3.5", 200), ("9999999999", 200), ("99999999999", 400), ("1e3", 400), ("10,5", 400), ("1" * 21, 400)],
)
def test_the_price_of_a_combination_is_an_impact_of_at_most_ten_digits(
    client: Client, pair: tuple[int, int], price: str, status: int
) -> None:
    assert client.patch("combinations", changed(pair[0], price=price)).status == status


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("12345678.123456", "12345678.123456"),
        ("123456789.123456", "123456789.123460"),
        ("9999999999.999999", "10000000000.000000"),
    ],
)
def test_a_price_keeps_14_significant_digits_and_says_nothing(
    shop: FakePrestashop, client: Client, pair: tuple[int, int], sent: str, stored: str
) -> None:
    assert client.patch("combinations", changed(pair[0], price=sent)).status == 200
    assert shop.combinations_of(1)[pair[0]].price == stored
    assert client.patch("combinations", changed(pair[0], weight="123456789.123456")).codes == [85]


@pytest.mark.parametrize(
    ("sent", "stored"), [("A&lt;B", "A"), ("&lt;b>X&lt;/b>", "X"), ("&lt;", ""), ("a &lt; b", "a < b"), ("a>b", "a>b")]
)
def test_a_reference_is_cut_at_a_tag_and_the_answer_shows_it_whole(
    shop: FakePrestashop, client: Client, pair: tuple[int, int], sent: str, stored: str
) -> None:
    reply = client.patch("combinations", changed(pair[0], reference=sent))
    assert (reply.status, reply.value("combination/reference")) == (200, sent.replace("&lt;", "<"))
    assert shop.combinations_of(1)[pair[0]].reference == stored


def test_a_code_of_14_digits_is_refused_before_prestashop_9(client: Client, old_client: Client) -> None:
    assert client.post("combinations", combination(ean13="12345678901234")).status == 201
    assert old_client.post("combinations", combination(ean13="12345678901234")).codes == [85]


def test_a_quantity_in_a_combination_is_ignored(shop: FakePrestashop, client: Client, sizes: dict[str, int]) -> None:
    ident = int(client.post("combinations", combination(sizes["S"], quantity="9")).value("combination/id"))
    assert shop.stock_of(1, combination=ident) == 0


def test_a_patch_keeps_what_it_does_not_name_and_a_put_empties_it(
    shop: FakePrestashop, client: Client, pair: tuple[int, int]
) -> None:
    small = shop.combinations_of(1)[pair[0]]
    client.patch("combinations", changed(pair[0], price="1.123456789"))
    assert (small.price, small.reference, small.ean13) == ("1.123457", "A-1-S", "3760000000017")
    assert len(small.linked("product_option_values")) == 1
    client.put(
        "combinations",
        f"<combination><id>{pair[0]}</id><id_product>1</id_product><minimal_quantity>1</minimal_quantity></combination>",
    )
    assert (small.price, small.reference, small.ean13) == ("0.000000", "", "")
    assert len(small.linked("product_option_values")) == 1


def test_the_values_of_a_combination_are_replaced_as_a_set(
    shop: FakePrestashop, client: Client, pair: tuple[int, int], sizes: dict[str, int]
) -> None:
    client.patch("combinations", f"<combination><id>{pair[0]}</id>{values(sizes['L'])}</combination>")
    assert shop.combination_names(pair[0]) == {"Taille": "L"}
    client.patch("combinations", f"<combination><id>{pair[0]}</id>{values()}</combination>")
    assert shop.combination_names(pair[0]) == {}


# The default combination


def test_the_first_combination_is_the_default_without_saying_so(
    shop: FakePrestashop, client: Client, pair: tuple[int, int]
) -> None:
    reply = client.get("/products/1")
    assert reply.value("product/id_default_combination") == str(pair[0])
    assert reply.value("product/cache_default_attribute") == str(pair[0])
    assert (reply.value("product/product_type"), reply.value("product/type")) == ("combinations", "simple")
    assert client.get(f"/combinations/{pair[0]}").value("combination/default_on") == ""


def test_a_second_default_is_a_500_with_code_46_or_with_nothing(
    shop: FakePrestashop, client: Client, old_shop: FakePrestashop, old_client: Client
) -> None:
    bodies = [combination(default_on="1"), combination(default_on="1"), combination()]
    reply = client.post("combinations", *bodies)
    assert (reply.status, reply.codes) == (500, [46])
    older = old_client.post("combinations", *bodies)
    assert (older.status, older.text) == (500, "")
    assert len(shop.combinations_of(1)) == len(old_shop.combinations_of(1)) == 1


def test_defaults_are_swapped_in_one_request_when_the_old_one_goes_first(
    shop: FakePrestashop, client: Client, pair: tuple[int, int]
) -> None:
    small, medium = pair
    assert client.patch("combinations", changed(medium, default_on="1")).status == 200
    assert shop.default_combination(1) == medium
    swap = [changed(small, default_on="1"), changed(medium, default_on="0")]
    assert client.patch("combinations", *swap).status == 500
    assert client.patch("combinations", *reversed(swap)).status == 200
    assert shop.default_combination(1) == small


def test_the_product_names_its_default_and_another_products_one_leaves_none(
    shop: FakePrestashop, client: Client, pair: tuple[int, int]
) -> None:
    def choose(ident: int) -> str:
        body = f"<product><id>1</id><id_default_combination>{ident}</id_default_combination></product>"
        return client.patch("products", body).value("product/id_default_combination")

    other = shop.add_combination(shop.add_product("B", name="B"), values=["L"])
    assert choose(pair[1]) == str(pair[1])
    assert shop.combinations_of(1)[pair[1]].default_on == "1"
    assert choose(other) == str(pair[0])
    assert shop.products[1].cache_default_attribute == str(other)
    assert [row.default_on for row in shop.combinations_of(1).values()] == [None, None]


def test_any_write_to_a_combination_restores_the_products_type_and_not_its_date(
    shop: FakePrestashop, client: Client, pair: tuple[int, int]
) -> None:
    row = shop.products[1]
    for name, value in (("product_type", "standard"), ("date_upd", "2020-01-01 00:00:00")):
        row.put(name, value)
    client.patch("combinations", changed(pair[1], price="9"))
    assert (row.product_type, row.date_upd) == ("combinations", "2020-01-01 00:00:00")


# Stock


def test_the_first_combination_resets_the_stock_since_prestashop_9_and_not_before(
    shop: FakePrestashop, client: Client, old_shop: FakePrestashop, old_client: Client
) -> None:
    for one in (client, old_client):
        one.post("combinations", combination())
    assert (shop.stock_of(1), old_shop.stock_of(1)) == (0, 7)


def test_the_row_of_a_new_combination_sells_out_of_stock_as_its_product_does(
    shop: FakePrestashop, client: Client
) -> None:
    shop.stock_row(1).put("out_of_stock", "1")
    ident = int(client.post("combinations", combination()).value("combination/id"))
    assert shop.stock_row(1, combination=ident).out_of_stock == "1"


def test_the_products_row_is_the_sum_at_once_and_what_is_written_there_stays_until_the_next_sum(
    shop: FakePrestashop, client: Client, pair: tuple[int, int]
) -> None:
    own = shop.stock_row(1).id
    small, medium = (shop.stock_row(1, combination=one).id for one in pair)
    assert client.patch("stock_availables", stock(own, 99), stock(small, 10), stock(medium, -2)).status == 200
    assert shop.stock_of(1) == 8
    client.patch("stock_availables", stock(small, 5), stock(own, 99))
    assert (shop.stock_of(1), shop.stock_of(1, combination=pair[0])) == (99, 5)
    client.patch("combinations", changed(pair[0], price="1"))
    assert shop.stock_of(1) == 99
    client.patch("stock_availables", stock(medium, 1))
    assert shop.stock_of(1) == 6


# What is deleted


def test_a_deleted_combination_takes_its_stock_row_and_the_sum_follows(
    shop: FakePrestashop, client: Client, pair: tuple[int, int]
) -> None:
    assert client.call("DELETE", f"/combinations/{pair[0]}").status == 200
    assert (shop.stock_of(1), shop.default_combination(1)) == (4, pair[1])
    assert client.call("DELETE", f"/combinations/{pair[0]}").codes == [87]
    assert client.call("DELETE", f"/combinations/?id=[{pair[1]},{pair[0]}]").codes == [87]
    client.call("DELETE", f"/combinations/{pair[1]}")
    product = client.get("/products/1")
    assert (shop.stock_of(1), product.value("product/id_default_combination")) == (0, "0")
    assert product.value("product/product_type") == "combinations"


def test_several_combinations_are_deleted_together_or_none_of_them(
    shop: FakePrestashop, client: Client, pair: tuple[int, int]
) -> None:
    other = shop.add_combination(shop.add_product("B", name="B"), values=["L"])
    refused = client.call("DELETE", f"/combinations/?id=[{pair[0]},999,{other},998]")
    assert (refused.status, refused.codes) == (404, [87])
    assert "Id(s) not exists: 999, 998" in refused.text
    assert (list(shop.combinations_of(1)), shop.stock_of(1)) == (list(pair), 7)
    assert client.call("DELETE", f"/combinations/?id=[{pair[0]}|{pair[1]}]").status == 200
    assert list(shop.combinations_of(1)) == [pair[1]]
    reply = client.call("DELETE", f"/combinations/?id=%5B{pair[1]},{other},{other}%5D")
    assert (reply.status, reply.text) == (200, "")
    assert shop.combinations_of(1) == shop.combinations_of(2) == {}
    assert client.call("DELETE", "/combinations/?id=[]").codes == [87]


def test_a_deleted_default_leaves_none_that_says_so_and_a_deleted_value_does(
    shop: FakePrestashop, client: Client, pair: tuple[int, int], sizes: dict[str, int]
) -> None:
    large = shop.add_combination(1, values=["L"], default_on="1")
    client.call("DELETE", f"/combinations/{large}")
    assert [row.default_on for row in shop.combinations_of(1).values()] == [None, None]
    assert shop.products[1].cache_default_attribute == str(pair[0])
    client.patch("combinations", changed(pair[0], default_on="1"))
    client.call("DELETE", f"/product_option_values/{sizes['S']}")
    assert [row.default_on for row in shop.combinations_of(1).values()] == ["1"]


def test_a_put_of_the_default_without_saying_so_ends_it(
    shop: FakePrestashop, client: Client, pair: tuple[int, int]
) -> None:
    client.patch("combinations", changed(pair[1], default_on="1"))
    client.put("combinations", combination(product=1).replace("<combination>", f"<combination><id>{pair[1]}</id>"))
    assert (shop.combinations_of(1)[pair[1]].default_on, shop.default_combination(1)) == (None, pair[0])


def test_combinations_are_paged_by_id_within_a_product(shop: FakePrestashop, client: Client) -> None:
    shop.add_product("B", name="B")
    client.post("combinations", *(combination(product=1 + number % 2, reference=f"R{number}") for number in range(9)))
    found: list[str] = []
    last = "0"
    while True:
        query = f"filter[id_product]=[1]&filter[id]=>[{last}]&sort=[id_ASC]&limit=0,2&display=full"
        page = client.get(f"/combinations?{query}").values("combinations/combination/id")
        found += page
        if len(page) < 2:
            break
        last = page[-1]
    assert found == [str(one) for one in shop.combinations_of(1)]
    assert len(found) == 5


def test_a_deleted_product_leaves_a_stock_row_where_it_had_combinations(
    shop: FakePrestashop, client: Client, pair: tuple[int, int]
) -> None:
    client.call("DELETE", "/products/1")
    assert shop.combinations_of(1) == {}
    assert (shop.stock_row(1).quantity, shop.stock_row(1).out_of_stock) == ("0", "0")


def test_a_subset_of_combinations_on_a_product_deletes_the_others(
    shop: FakePrestashop, client: Client, pair: tuple[int, int]
) -> None:
    def keep(*idents: int) -> int:
        return client.patch(
            "products", f"<product><id>1</id>{links('combinations', 'combination', *idents)}</product>"
        ).status

    other = shop.add_combination(shop.add_product("B", name="B"), values=["L"])
    assert keep(pair[1], other, 999) == 200
    assert list(shop.combinations_of(1)) == [pair[1], other]
    assert (shop.stock_of(1), shop.stock_of(2, combination=other), shop.combinations_of(2)) == (4, 0, {})
    assert keep() == 200
    assert (shop.combinations_of(1), shop.stock_of(1)) == ({}, 0)


def test_option_values_sent_with_a_product_are_ignored(
    shop: FakePrestashop, client: Client, pair: tuple[int, int], sizes: dict[str, int]
) -> None:
    assert client.patch("products", f"<product><id>1</id>{values(sizes['L'])}</product>").status == 200
    shown = client.get("/products/1").values("product/associations/product_option_values/*/id")
    assert shown == [str(sizes["S"]), str(sizes["M"])]


def test_a_deleted_value_takes_every_combination_that_uses_it(
    shop: FakePrestashop, client: Client, pair: tuple[int, int], sizes: dict[str, int]
) -> None:
    assert client.call("DELETE", f"/product_option_values/{sizes['S']}").status == 200
    assert list(shop.combinations_of(1)) == [pair[1]]
    assert shop.stock_of(1) == 4


def test_a_deleted_option_leaves_the_combinations_without_its_values(
    shop: FakePrestashop, client: Client, pair: tuple[int, int]
) -> None:
    assert client.call("DELETE", "/product_options/1").status == 200
    assert client.get("/product_option_values/1").status == 404
    assert [row.linked("product_option_values") for row in shop.combinations_of(1).values()] == [[], []]


def test_a_subset_of_values_on_an_option_deletes_the_others_behind_the_combinations_back(
    shop: FakePrestashop, client: Client, pair: tuple[int, int], sizes: dict[str, int]
) -> None:
    body = f"<product_option><id>1</id>{values(sizes['M'])}</product_option>"
    assert client.patch("product_options", body).status == 200
    assert list(shop.option_values(1)) == ["M"]
    shown = client.get(f"/combinations/{pair[0]}").values("combination/associations/product_option_values/*/id")
    assert shown == [str(sizes["S"])]
    assert shop.combination_names(pair[0]) == {}


# What is read


def test_combinations_of_several_products_are_listed_by_one_filter(
    shop: FakePrestashop, client: Client, pair: tuple[int, int]
) -> None:
    other = shop.add_combination(shop.add_product("B", name="B"), values=["L"])
    shop.add_combination(shop.add_product("C", name="C"), values=["L"])
    assert client.found("combinations", "[1|2]", field="id_product") == [str(one) for one in (*pair, other)]
    assert client.found("combinations", "a-1-s") == [str(pair[0])]
    assert client.get("/combinations?filter[product_option_values]=[1]").codes[0] == 32
    assert client.get("/products?filter[id_default_combination]=[1]").codes[0] == 34


def test_a_choice_of_fields_shows_the_values_of_a_combination_without_their_ids(
    client: Client, pair: tuple[int, int]
) -> None:
    reply = client.get("/combinations?display=[id,product_option_values[id]]")
    assert len(reply.values("combinations/combination/associations/product_option_values/*")) == 2
    assert reply.values("combinations/combination/associations/product_option_values/*/id") == []
    full = client.get("/combinations?display=full")
    assert full.values("combinations/combination/associations/product_option_values/*/id") == ["1", "2"]
    of_product = client.get("/products?display=[id,combinations[id]]")
    assert of_product.values("products/product/associations/combinations/*/id") == [str(one) for one in pair]
