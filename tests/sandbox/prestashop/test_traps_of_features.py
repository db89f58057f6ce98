"""The table of traps, features: each seen on a real PrestaShop 8.2.0. And the pages that show variants and features."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.sandbox.prestashop.client import Client, texts
from tests.sandbox.prestashop.test_shop import page

from passerelle.sandbox.prestashop import FakePrestashop

Pairs = list[tuple[int, int]]


def featured(*pairs: tuple[int, int | str], ident: int = 1) -> str:
    """A product with these (feature, value)."""
    entries = "".join(
        f"<product_feature><id>{feature}</id><id_feature_value>{value}</id_feature_value></product_feature>"
        for feature, value in pairs
    )
    features = f"<product_features>{entries}</product_features>"
    return f"<product><id>{ident}</id><associations>{features}</associations></product>"


def value(text: str = "Lin", feature: str = "1", **fields: str) -> str:
    plain = "".join(f"<{name}>{one}</{name}>" for name, one in fields.items())
    owner = f"<id_feature>{feature}</id_feature>" if feature else ""
    words = texts("value", {1: text, 2: text})
    return f"<product_feature_value>{owner}{plain}{words}</product_feature_value>"


@pytest.fixture(autouse=True)
def features(shop: FakePrestashop) -> None:
    """Feature 1 Matière with values 1 Coton and 2 Laine, feature 2 Usage with value 3 Bricolage."""
    shop.add_feature("Matière", ["Coton", "Laine"])
    shop.add_feature("Usage", ["Bricolage"])


def kept(shop: FakePrestashop) -> Pairs:
    return [(int(one), int(other)) for one, other in shop.products[1].links.get("product_features", ())]


def test_the_features_sent_replace_all_and_none_sent_are_kept(shop: FakePrestashop, client: Client) -> None:
    client.patch("products", featured((2, 3), (1, 2)))
    assert kept(shop) == [(1, 2), (2, 3)]
    client.patch("products", "<product><id>1</id><price>4</price></product>")
    assert kept(shop) == [(1, 2), (2, 3)]
    client.patch("products", featured((1, 1), (1, 2)))
    assert kept(shop) == [(1, 1), (1, 2)]
    client.patch("products", featured())
    assert kept(shop) == []


@pytest.mark.parametrize("pair", [(1, 3), (1, 999), (999, 1), (1, 0)])
def test_a_feature_that_makes_no_sense_is_stored_as_sent(
    shop: FakePrestashop, client: Client, pair: tuple[int, int]
) -> None:
    assert client.patch("products", featured(pair)).status == 200
    assert kept(shop) == [pair]


def test_a_pair_sent_twice_breaks_after_the_first_was_stored(shop: FakePrestashop, client: Client) -> None:
    client.patch("products", featured((2, 3)))
    reply = client.patch("products", featured((1, 1), (1, 1), (2, 3)))
    assert (reply.status, reply.text, kept(shop)) == (500, "", [(1, 1)])


def test_a_feature_without_its_value_is_stored_as_zero(shop: FakePrestashop, client: Client) -> None:
    shop.php_warnings = False
    assert client.patch("products", featured((1, ""))).status == 200
    assert kept(shop) == [(1, 0)]


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (value(), []),
        (value("Coton"), []),  # a double
        (value("a" * 255, custom="1"), []),
        (value(feature="777"), []),
        (value("a" * 256), [84]),
        (value("Ø=12"), [84]),
        (value(""), [84]),
        (value(feature=""), [41]),
        (value(custom="2"), [85]),
    ],
)
def test_a_feature_value_is_checked_for_its_text_and_not_for_its_feature(
    client: Client, body: str, codes: list[int]
) -> None:
    reply = client.post("product_feature_values", body)
    assert (reply.status, reply.codes) == (400 if codes else 201, codes)


def test_a_feature_needs_a_name_and_may_be_a_double(client: Client) -> None:
    named = f"<product_feature>{texts('name', {1: 'Matière', 2: 'Material'})}</product_feature>"
    assert client.post("product_features", "<product_feature></product_feature>").codes == [84]
    assert client.post("product_features", named).value("product_feature/position") == "2"


def test_values_of_several_features_are_listed_by_one_filter(client: Client) -> None:
    client.post("product_feature_values", value("Sur mesure", custom="1"))
    assert client.found("product_feature_values", "[1|2]", field="id_feature") == ["1", "2", "3", "4"]
    assert client.found("product_feature_values", "[1]", field="custom") == ["4"]


def test_a_deleted_value_or_feature_is_gone_from_the_products(shop: FakePrestashop, client: Client) -> None:
    client.patch("products", featured((1, 1), (1, 2), (2, 3)))
    client.call("DELETE", "/product_feature_values/1")
    assert kept(shop) == [(1, 2), (2, 3)]
    client.call("DELETE", "/product_features/2")
    assert kept(shop) == [(1, 2)]
    assert client.get("/product_feature_values/3").status == 404


def test_the_product_page_shows_variants_with_price_and_stock_and_features(
    shop: FakePrestashop, client: Client
) -> None:
    shop.add_option("Taille", ["S", "M"])
    shop.add_combination(1, values=["S"], reference="A-1-<S>", price="1", stock=3)
    shop.add_combination(1, values=["M"], reference="A-1-M", price="5", stock=0)
    client.patch("products", featured((1, 2)))
    text = page(client, "/p/1")[1]
    for part in ("Taille : S", "A-1-&lt;S&gt;", "13,20\u00a0€", "En stock (3)", "Taille : M", "18,00\u00a0€"):
        assert part in text
    assert "<th>Matière</th><td>Laine</td>" in text
    assert shop.features_of(1) == [("Matière", "Laine")]
    card = page(client, "/")[1]
    assert "13,20\u00a0€" in card  # the default combination's
    assert "12,00\u00a0€" not in card


def test_a_buyer_chooses_a_variant_by_its_options(shop: FakePrestashop, client: Client) -> None:
    shop.add_option("Taille", ["S", "M"])
    shop.add_option("Couleur", ["Bleu", "Écru & or"])
    for reference, stock, values in (("SB", 3, ("S", "Bleu")), ("MB", 0, ("M", "Bleu")), ("ME", 5, ("M", "Écru & or"))):
        shop.add_combination(1, values=values, reference=reference, price=str(stock), stock=stock)
    text = page(client, "/p/1")[1]
    chosen = '<a aria-current="true" href="/p/1/1">'
    assert f'<h2>Taille</h2><ul><li>{chosen}S</a></li><li><a class="gone" href="/p/1/2">M</a></li></ul>' in text
    assert f'<h2>Couleur</h2><ul><li>{chosen}Bleu</a></li><li><a href="/p/1/3">Écru &amp; or</a></li></ul>' in text
    assert "Réf. SB" in text
    text = page(client, "/p/1/3")[1]
    head = text[: text.index("<h2>Taille")]
    assert all(part in head for part in ("Réf. ME", "18,00\u00a0€", "En stock (5)"))
    assert '<tr aria-current="true"><td><a href="/p/1/3">Taille : M, Couleur : Écru &amp; or</a></td>' in text
    other = shop.add_product("B-1", name="Scie")
    assert [page(client, path)[0] for path in ("/p/1/9", "/p/1/x", f"/p/{other}/1")] == [404, 404, 404]


def test_a_product_page_without_variants_or_features_names_neither(client: Client) -> None:
    text = page(client, "/p/1")[1]
    assert "Déclinaisons" not in text
    assert "Fiche technique" not in text


def test_variants_and_features_survive_a_save(shop: FakePrestashop, tmp_path: Path) -> None:
    shop.add_option("Taille", ["S"])
    ident = shop.add_combination(1, values=["S"], stock=3)
    shop.save(tmp_path / "shop.json")
    loaded = FakePrestashop.load(tmp_path / "shop.json")
    assert loaded.as_json() == shop.as_json()
    assert (loaded.combination_names(ident), loaded.stock_of(1, combination=ident)) == ({"Taille": "S"}, 3)


def test_another_process_can_make_and_sell_variants(shop: FakePrestashop, client: Client) -> None:
    page(client, "/_sandbox/option", {"name": "Taille", "values": ["S", "M"]})
    made = page(client, "/_sandbox/combination", {"id_product": 1, "values": ["S"], "stock": 9})
    ident = json.loads(made[1])["result"]
    page(client, "/_sandbox/order", {"lines": [[1, ident, 2]]})
    assert shop.stock_of(1, combination=ident) == 7
    page(client, "/_sandbox/stock", {"product": 1, "quantity": 4, "combination": ident})
    assert json.loads(page(client, "/_sandbox/state")[1])["result"]["products"]["1"]["stock"] == 4
    page(client, "/_sandbox/feature", {"name": "Couleur", "values": ["Bleu"]})
    assert client.found("product_feature_values", "[3]", field="id_feature") == ["4"]


def test_a_value_named_by_a_text_that_several_have_is_refused(shop: FakePrestashop) -> None:
    shop.add_option("Taille", ["S"])
    shop.add_option("Pointure", ["S"])
    with pytest.raises(KeyError, match="2 option values"):
        shop.add_combination(1, values=["S"])
