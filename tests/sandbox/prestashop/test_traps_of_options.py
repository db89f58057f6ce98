"""The table of traps, options of variants and orders of variants: each seen on a real PrestaShop 8.2.0."""

from __future__ import annotations

import pytest
from tests.sandbox.prestashop.client import Client, texts

from passerelle.sandbox.prestashop import FakePrestashop

# Options and their values


def option(group_type: str = "select", **names: str) -> str:
    kind = f"<group_type>{group_type}</group_type>" if group_type else ""
    return f"<product_option>{kind}{''.join(names.values())}</product_option>"


def words(name: str, text: str) -> str:
    return texts(name, {1: text, 2: text})


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (option("", name=words("name", "T"), public=words("public_name", "T")), [41]),
        (option(name=words("name", "T")), [84]),
        (option(name="<name>T</name>", public="<public_name>T</public_name>"), [84]),
        (option(name=texts("name", {2: "T"}), public=words("public_name", "T")), [84]),
        (option(name=words("name", "a" * 129), public=words("public_name", "T")), [84]),
        (option(name=words("name", "T"), public=words("public_name", "a" * 65)), [84]),
        (option(name=words("name", "a{b}"), public=words("public_name", "T")), [84]),
        (option("no such type", name=words("name", "T"), public=words("public_name", "T")), []),
    ],
)
def test_an_option_needs_a_type_of_any_kind_and_two_names(client: Client, body: str, codes: list[int]) -> None:
    reply = client.post("product_options", body)
    assert (reply.status, reply.codes) == (400 if codes else 201, codes)


def test_options_and_values_are_counted_and_may_be_doubles(client: Client, sizes: dict[str, int]) -> None:
    twin = option(name=words("name", "Taille"), public=words("public_name", "Taille"))
    assert client.post("product_options", twin).value("product_option/position") == "1"
    value = (
        f"<product_option_value><id_attribute_group>1</id_attribute_group>{words('name', 'S')}</product_option_value>"
    )
    reply = client.post("product_option_values", value, value)
    assert (reply.status, reply.values("product_option_value/position")) == (201, ["3", "4"])
    lost = value.replace(">1<", ">777<")
    assert client.post("product_option_values", lost).status == 201


def test_one_language_of_a_value_leaves_the_others(client: Client, shop: FakePrestashop, sizes: dict[str, int]) -> None:
    ident = sizes["S"]
    body = f"<product_option_value><id>{ident}</id>{texts('name', {2: 'Small'})}</product_option_value>"
    assert client.patch("product_option_values", body).status == 200
    row = shop.database["product_option_values"].rows[ident]
    assert (row.name, row.id_attribute_group) == ({1: "S", 2: "Small"}, "1")


def test_a_colour_group_is_known_by_its_type(client: Client, shop: FakePrestashop) -> None:
    plain = option(name=words("name", "T"), public=words("public_name", "T"))
    assert client.post("product_options", plain).value("product_option/is_color_group") == ""
    coloured = plain.replace("select", "color")
    assert client.post("product_options", coloured).value("product_option/is_color_group") == "1"
    assert client.get("/product_options/1").value("product_option/is_color_group") == "0"


# What an order keeps


def test_an_order_of_a_combination_copies_its_codes_and_falls_back_on_the_products(
    shop: FakePrestashop, client: Client, pair: tuple[int, int]
) -> None:
    shop.products[1].put("ean13", "3700000000001")
    shop.products[1].put("weight", "2")
    bare = shop.add_combination(1, values=["L"], stock=1)
    order = shop.place_order([(1, pair[1], 2), (1, bare, 1)])
    reply = client.get(f"/order_details?filter[id_order]=[{order}]&display=full&sort=[id_ASC]")

    def told(field: str) -> list[str]:
        return reply.values(f"order_details/order_detail/{field}")

    assert told("product_attribute_id") == [str(pair[1]), str(bare)]
    assert told("product_reference") == ["A-1-M", "A-1"]
    assert told("product_ean13") == ["3700000000001", "3700000000001"]
    assert told("product_name") == ["Marteau (Taille: M)", "Marteau (Taille: L)"]
    assert told("unit_price_tax_excl") == ["12.000000", "10.000000"]
    assert told("product_weight") == ["2.500000", "2.000000"]


def test_an_order_of_a_combination_moves_its_row_and_the_sum(shop: FakePrestashop, pair: tuple[int, int]) -> None:
    order = shop.place_order([(1, pair[1], 2)])
    assert (shop.stock_of(1), shop.stock_of(1, combination=pair[1])) == (5, 2)
    shop.delete_combination(pair[1])
    assert shop.stock_of(1) == 3
    shop.change_state(order, 6)
    assert (shop.stock_of(1), shop.stock_of(1, combination=pair[1])) == (5, 2)


def test_an_order_without_a_choice_takes_from_the_products_row_alone(
    shop: FakePrestashop, pair: tuple[int, int]
) -> None:
    shop.place_order([(1, 1)])
    assert (shop.stock_of(1), shop.stock_of(1, combination=pair[0])) == (6, 3)


def test_a_combination_of_another_product_cannot_be_ordered(shop: FakePrestashop, pair: tuple[int, int]) -> None:
    other = shop.add_product("B", name="B", stock=3)
    with pytest.raises(KeyError, match="combination"):
        shop.place_order([(other, pair[0], 1)])
