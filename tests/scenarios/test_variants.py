"""Articles with ranges become products with variants, whose prices and stock are their own."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import House, issues
from tests.scenarios.ranged_house import RANGES, add_ranged, expected, name_ranges, shown

from passerelle.sandbox.prestashop import Fault
from passerelle.storage import models


@pytest.fixture
def house(build: Builder) -> House:
    made = build(extra=RANGES)
    made.stock_catalogue(articles=3)
    name_ranges(made)
    add_ranged(made, "CHEMISE", colours=("Rouge", "Bleu"))
    add_ranged(made, "BOTTE", sizes=("40", "41"), price="59.90", ttc=1)
    return made


def assert_equal(house: House, *refs: str) -> None:
    """The shop shows of these articles what the ERP says, and their stock adds up."""
    for ref in refs:
        product = house.product(ref)
        assert shown(house, ref) == expected(house, ref)
        assert house.shop.stock_of(product.id) == sum(one.stock for one in shown(house, ref).values())
        assert product.text("active") == "1"


def sent(house: House) -> list[tuple[str, int]]:
    """(resource, entities) of each write since the counters were reset."""
    return [(path.split("?")[0].strip("/").rpartition("/")[2], entities) for _, path, entities in house.writes()]


def test_ranged_articles_are_created_with_their_variants_and_a_second_run_writes_nothing(house: House) -> None:
    house.done()
    assert_equal(house, "CHEMISE", "BOTTE")
    assert len(shown(house, "CHEMISE")) == 6
    assert {flow: report.writes for flow, report in house.done().items()} == {"catalogue": 0, "prices": 0, "stocks": 0}
    assert {flow: report.writes for flow, report in house.done().items()} == {"catalogue": 0, "prices": 0, "stocks": 0}
    assert not issues()


def test_options_and_values_are_made_once_for_all_articles(house: House) -> None:
    house.done()
    add_ranged(house, "GANT", sizes=("S", "XL"), colours=("rouge",))
    house.done()
    options = [row.name[1] for row in house.shop.database["product_options"]]
    values = [(row.text("id_attribute_group"), row.name[1]) for row in house.shop.database["product_option_values"]]
    assert sorted(options) == ["Couleur", "Taille"]
    assert len(values) == len({(group, text.casefold()) for group, text in values})


def test_a_ranged_product_is_hidden_until_its_variants_are_there(house: House) -> None:
    house.shop.reset_counters()
    house.done("catalogue")
    visible = [
        (index, path) for index, (_, path, _) in enumerate(house.writes()) if path.split("?")[0].endswith("products")
    ]
    made = [index for index, (_, path, _) in enumerate(house.writes()) if "combinations" in path]
    assert max(made) < max(index for index, _ in visible)
    assert_equal(house, "CHEMISE")


def test_a_changed_price_of_one_combination_sends_one(house: House) -> None:
    house.done()
    house.sage.set_combination_price("CHEMISE", ("M", "Bleu"), 1, "14.50")
    house.shop.reset_counters()
    house.done("prices")
    assert sent(house) == [("combinations", 1)]
    assert_equal(house, "CHEMISE", "BOTTE")


def test_the_price_of_the_article_moves_and_only_variants_with_their_own_are_written_again(house: House) -> None:
    house.sage.set_combination_price("CHEMISE", ("M", "Bleu"), 1, "14.50")
    house.done()
    house.sage.update_article("CHEMISE", AR_PrixVen="12")
    house.shop.reset_counters()
    house.done("prices")
    assert sent(house) == [("products", 1), ("combinations", 1)]
    assert_equal(house, "CHEMISE", "BOTTE")
    house.settled()


def test_without_a_price_of_its_own_an_article_takes_the_lowest_of_its_variants(house: House) -> None:
    house.sage.update_article("CHEMISE", AR_PrixVen="0")
    for number, values in enumerate([(s, c) for s in ("S", "M", "L") for c in ("Rouge", "Bleu")]):
        house.sage.set_combination_price("CHEMISE", values, 1, str(20 + number))
    house.done()
    assert Decimal(house.product("CHEMISE").text("price")) == 20
    assert_equal(house, "CHEMISE")
    house.sage.set_combination_price("CHEMISE", ("S", "Rouge"), 1, "30")
    house.settled()
    assert Decimal(house.product("CHEMISE").text("price")) == 21
    assert_equal(house, "CHEMISE")


def test_a_variant_without_any_price_is_listed_and_the_others_are_sold(house: House) -> None:
    house.sage.update_article("BOTTE", AR_PrixVen="0")
    house.sage.set_combination_price("BOTTE", ("40",), 1, "80")
    house.done()
    assert not issues()
    assert {one.price for one in shown(house, "BOTTE").values()} == {Decimal("80.00")}


def test_the_stock_of_one_combination_sends_one(house: House) -> None:
    house.done()
    house.sage.set_combination_stock("CHEMISE", ("S", "Rouge"), 1, on_hand=42)
    house.shop.reset_counters()
    house.done("stocks")
    assert sent(house) == [("stock_availables", 1)]
    assert_equal(house, "CHEMISE", "BOTTE")


def test_a_sleeping_combination_is_sold_out_and_comes_back_when_it_wakes(house: House) -> None:
    house.done()
    house.sage.set_combination_dormant("BOTTE", ("40",), True)
    house.done()
    assert {label: one.stock for label, one in shown(house, "BOTTE").items()} == {"40": 0, "41": 6}
    house.settled()
    house.sage.set_combination_dormant("BOTTE", ("40",), False)
    house.done()
    assert_equal(house, "BOTTE", "CHEMISE")
    house.settled()


def test_a_sleeping_combination_is_deleted_where_the_profile_says_so(house: House) -> None:
    house.configure(extra=RANGES + "delete_missing = true\n")
    house.done()
    house.sage.set_combination_dormant("CHEMISE", ("S", "Rouge"), True)
    house.shop.reset_counters()
    house.done("catalogue")
    assert sent(house)[0][0] == "combinations"
    assert len(shown(house, "CHEMISE")) == 5
    assert_equal(house, "CHEMISE", "BOTTE")
    house.settled()
    house.sage.set_combination_dormant("CHEMISE", ("S", "Rouge"), False)
    house.settled()
    assert_equal(house, "CHEMISE", "BOTTE")


def test_the_default_moves_to_another_variant_when_it_is_deleted(house: House) -> None:
    house.configure(extra=RANGES + "delete_missing = true\n")
    house.done()
    before = defaults(house, "CHEMISE")
    house.sage.set_combination_dormant("CHEMISE", ("S", "Rouge"), True)
    house.done("catalogue")
    after = defaults(house, "CHEMISE")
    assert len(before) == len(after) == 1
    assert before != after


def defaults(house: House, ref: str) -> list[int]:
    """The combinations of a product that are its default."""
    found = house.shop.combinations_of(house.product(ref).id)
    return [ident for ident, row in found.items() if row.text("default_on") == "1"]


def test_a_new_combination_is_created_beside_the_others(house: House) -> None:
    house.done()
    house.sage.add_combination("BOTTE", ("42",))
    house.sage.set_combination_stock("BOTTE", ("42",), 1, on_hand=3)
    house.done()
    assert_equal(house, "BOTTE")
    assert len(shown(house, "BOTTE")) == 3
    house.settled()


def test_a_reference_given_to_a_combination_reaches_it_and_makes_no_second_one(house: House) -> None:
    house.done()
    house.sage.update_combination("BOTTE", ("40",), AE_Ref="BOTTE-40-NEW", AE_CodeBarre="3760000000017")
    house.done()
    assert_equal(house, "BOTTE")
    references = {row.text("reference") for row in house.shop.combinations_of(house.product("BOTTE").id).values()}
    assert references == {"BOTTE-40-NEW", "BOTTE-41"}
    house.settled()


def test_a_value_deleted_in_sage_parks_its_variants_and_the_others_go_on(house: House) -> None:
    house.done()
    kept = shown(house, "CHEMISE")
    house.sage.delete_range_value("CHEMISE", "Bleu", position=1)
    house.sage.set_combination_price("CHEMISE", ("M", "Rouge"), 1, "19")
    house.done()
    told = {(issue.code, issue.params.get("option")) for issue in models.Issue.objects.all()}
    assert told == {("variant_incomplete", "Couleur")}
    now = shown(house, "CHEMISE")
    assert now["Rouge M"].price == Decimal("22.80")
    assert {label for label, one in kept.items() if one != now[label]} == {"Rouge M"}


def test_two_combinations_with_one_barcode_wait_and_say_so(house: House) -> None:
    for size in ("40", "41"):
        house.sage.update_combination("BOTTE", (size,), AE_CodeBarre="3760000000017")
    house.done()
    twice = {key: code for (flow, key), code in issues().items() if flow == "catalogue"}
    assert twice == {"BOTTE-40": "variant_twice", "BOTTE-41": "variant_twice"}
    assert house.product("BOTTE").text("active") == "0"
    house.sage.update_combination("BOTTE", ("41",), AE_CodeBarre=None)
    house.settled()
    assert_equal(house, "BOTTE")
    assert not issues()


def test_a_product_of_300_combinations_takes_at_most_12_writes_to_create_reprice_and_restock(house: House) -> None:
    sizes, colours = tuple(str(n) for n in range(30, 60)), tuple(f"Teinte {n}" for n in range(10))
    house.done()
    add_ranged(house, "BASKET", sizes=sizes, colours=colours)
    house.shop.reset_counters()
    house.done()
    assert_equal(house, "BASKET")
    house.sage.update_article("BASKET", AR_PrixVen="11")
    for number, values in enumerate((s, c) for s in sizes for c in colours):
        house.sage.set_combination_price("BASKET", values, 1, str(12 + number))
        house.sage.set_combination_stock("BASKET", values, 1, on_hand=100 + number)
    house.done("prices", "stocks")
    assert_equal(house, "BASKET")
    assert len(sent(house)) <= 12, sent(house)


def test_the_variants_and_combinations_of_the_merchant_are_not_touched(house: House) -> None:
    house.done()
    product = house.product("BOTTE").id
    own = house.shop.add_option("Doublure", ["Laine"])
    value = house.shop.option_values(own)["Laine"]
    made = house.shop.add_combination(product, values=[value], reference="A LA MAIN", price="3", stock=2)
    kept = list(house.shop.combinations_of(product)[made].values)
    house.sage.update_article("BOTTE", AR_PrixVen="70")
    house.settled()
    assert house.shop.combinations_of(product)[made].values == kept
    assert house.shop.stock_of(product, combination=made) == 2


def test_a_combination_made_by_hand_with_the_same_values_is_adopted(house: House) -> None:
    house.done("catalogue")
    product = house.product("BOTTE").id
    size = house.shop.option_values(option(house, "Taille"))
    made = house.shop.add_combination(product, values=[size.get("42") or add_value(house, "42")], price="1", stock=9)
    house.sage.add_combination("BOTTE", ("42",))
    house.sage.set_combination_stock("BOTTE", ("42",), 1, on_hand=3)
    house.done()
    assert made in house.shop.combinations_of(product)
    assert_equal(house, "BOTTE")
    house.settled()


def option(house: House, name: str) -> int:
    return next(row.id for row in house.shop.database["product_options"] if row.name[1] == name)


def add_value(house: House, text: str) -> int:
    group = str(option(house, "Taille"))
    return house.shop.database.insert("product_option_values", {"id_attribute_group": group, "name": text}).id


def test_an_article_without_ranges_is_not_linked_with_a_product_that_has_variants(house: House) -> None:
    product = house.shop.add_product(reference="ART-001", name="Tablier")
    group = house.shop.add_option("Taille", ["U"])
    house.shop.add_combination(product, values=[house.shop.option_values(group)["U"]])
    house.done("catalogue")
    assert issues() == {("catalogue", "ART-001"): "variants_differ"}


def test_without_the_option_ranged_articles_are_put_aside_and_say_how_to_have_them_sent(house: House) -> None:
    house.configure(extra="")
    house.done()
    off = {key: code for (flow, key), code in issues().items() if flow == "catalogue"}
    assert off == {"CHEMISE": "variants_off", "BOTTE": "variants_off"}
    house.configure(extra=RANGES)
    house.settled()
    assert_equal(house, "CHEMISE", "BOTTE")
    assert not issues()


def test_an_article_of_60_000_combinations_is_put_aside_whole_and_the_others_are_sent(house: House) -> None:
    house.sage.add_article("MONSTRE", AR_Design="Monstre", AR_PrixVen="5", AR_Gamme1=1, AR_Gamme2=2)
    house.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO F_ARTGAMME "
        "(AR_Ref, AG_No, EG_Enumere, AG_Type) SELECT 'MONSTRE', 100000 + i, 'V' || i, i > 300 FROM n"
    )
    house.sql(
        "INSERT INTO F_ARTENUMREF (AR_Ref, AG_No1, AG_No2, AE_Ref) SELECT 'MONSTRE', a.AG_No, b.AG_No, '' "
        "FROM F_ARTGAMME a JOIN F_ARTGAMME b ON b.AR_Ref = 'MONSTRE' AND b.AG_Type = 1 "
        "WHERE a.AR_Ref = 'MONSTRE' AND a.AG_Type = 0"
    )
    assert house.sql("SELECT COUNT(*) FROM F_ARTENUMREF WHERE AR_Ref = 'MONSTRE'") == [(60_000,)]
    house.done("catalogue")
    assert issues() == {("catalogue", "MONSTRE"): "variants_too_many"}
    assert not house.shop.product_by_reference("MONSTRE")
    assert_equal(house, "CHEMISE", "BOTTE")


def test_a_range_name_that_the_shop_refuses_is_told_and_nothing_is_half_made(house: House) -> None:
    house.sage.name_range(1, "Taille <EU>")
    house.done()
    assert {code for (flow, _), code in issues().items() if flow == "catalogue"} == {"text_refused"}
    assert house.product("BOTTE").text("active") == "0"
    assert not house.shop.combinations_of(house.product("BOTTE").id)
    house.sage.name_range(1, "Taille")
    house.settled()
    assert_equal(house, "CHEMISE", "BOTTE")
    assert not issues()


def test_an_option_that_the_shop_does_not_create_keeps_its_variants_waiting_until_it_does(house: House) -> None:
    house.shop.inject(Fault("status", method="POST", resource="product_options", times=99, status=500))
    house.done()
    told = set(issues().values())
    assert "option_missing" in told
    assert not house.shop.combinations_of(house.product("BOTTE").id)
    house.shop.mischief.faults.clear()
    house.settled()
    assert_equal(house, "CHEMISE", "BOTTE")
    assert not issues()


def test_a_range_renamed_in_sage_makes_an_option_of_the_new_name_and_keeps_the_variants(house: House) -> None:
    house.done()
    before = set(house.shop.combinations_of(house.product("BOTTE").id))
    house.sage.name_range(1, "Pointure")
    house.settled()
    values = {value for one in shown(house, "BOTTE").values() for value in one.values}
    assert values == {("Pointure", "40"), ("Pointure", "41")}
    assert set(house.shop.combinations_of(house.product("BOTTE").id)) == before


@pytest.mark.parametrize("theirs", [{"ean13": "3250000000014"}, {"weight": "0.500000"}])
def test_a_barcode_or_weight_that_only_the_merchant_gave_a_variant_stays(house: House, theirs: dict[str, str]) -> None:
    house.done()
    product = house.product("BOTTE").id
    row = next(row for row in house.shop.combinations_of(product).values() if row.text("reference") == "BOTTE-40")
    for field, value in theirs.items():
        row.put(field, value)
    house.sage.update_combination("BOTTE", ("40",), AE_Ref="BOTTE-NEUVE")
    house.settled()
    assert row.text("reference") == "BOTTE-NEUVE"
    assert {field: row.text(field) for field in theirs} == theirs
