"""The ERP's own fields become features of the shop, and those of the merchant stay."""

from __future__ import annotations

from random import Random

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import House, issues, sampled

from passerelle.sandbox.prestashop import FakePrestashop, Fault

FIELDS = """
[articles.custom_fields.features]
"Saison" = "AR_Stat02"
"Gamme" = "AR_Stat01"
"""


@pytest.fixture
def house(build: Builder) -> House:
    made = build(extra=FIELDS)
    made.stock_catalogue(articles=6)
    return made


def named(row: object) -> str:
    """The name of a row in the main language."""
    return str(getattr(row, "name", None)[1])  # type: ignore[index]


def features(house: House, ref: str) -> dict[str, set[str]]:
    """Feature → values of a product, as the shop's own tables say."""
    shop = house.shop.database
    found: dict[str, set[str]] = {}
    for feature, value in house.product(ref).links.get("product_features", ()):
        text = shop["product_feature_values"].rows[int(value)].value[1]  # type: ignore[index]
        found.setdefault(named(shop["product_features"].rows[int(feature)]), set()).add(text)
    return found


def fill(house: House, ref: str, *, season: str = "", range_: str = "") -> None:
    house.sql("UPDATE F_ARTICLE SET AR_Stat02 = ?, AR_Stat01 = ? WHERE AR_Ref = ?", season, range_, ref)


def by_hand(shop: FakePrestashop, feature: str, value: str) -> tuple[str, str]:
    """A feature and a value that the merchant made."""
    row = shop.database.insert("product_features", {"name": feature})
    text = shop.database.insert("product_feature_values", {"id_feature": str(row.id), "value": value, "custom": "0"})
    return str(row.id), str(text.id)


def test_fields_become_features_made_once_and_a_second_run_writes_nothing(house: House) -> None:
    fill(house, "ART-001", season="Printemps | Été", range_="Pro")
    fill(house, "ART-002", season="été")
    house.done()
    assert features(house, "ART-001") == {"Saison": {"Printemps", "Été"}, "Gamme": {"Pro"}}
    assert features(house, "ART-002") == {"Saison": {"Été"}}
    assert features(house, "ART-003") == {}
    assert sorted(named(row) for row in house.shop.database["product_features"]) == ["Gamme", "Saison"]
    assert len(house.shop.database["product_feature_values"].rows) == 3
    assert {flow: report.writes for flow, report in house.done().items()} == {"catalogue": 0, "prices": 0, "stocks": 0}


def test_a_changed_field_sends_the_features_of_that_article_alone(house: House) -> None:
    fill(house, "ART-001", season="Printemps", range_="Pro")
    house.done()
    fill(house, "ART-001", season="Printemps", range_="Loisir")
    house.shop.reset_counters()
    house.done("catalogue")
    assert features(house, "ART-001") == {"Saison": {"Printemps"}, "Gamme": {"Loisir"}}
    sent = [(path.split("?")[0].rpartition("/")[2], entities) for _, path, entities in house.writes()]
    assert sent == [("product_feature_values", 1), ("products", 1)]


def test_a_field_that_is_emptied_takes_our_values_away_and_leaves_those_of_the_merchant(house: House) -> None:
    fill(house, "ART-001", season="Printemps", range_="Pro")
    house.done()
    product = house.product("ART-001")
    hand = by_hand(house.shop, "Garantie", "10 ans")
    product.links["product_features"] = (*product.links["product_features"], hand)
    fill(house, "ART-001", range_="Pro")
    house.settled()
    assert features(house, "ART-001") == {"Gamme": {"Pro"}, "Garantie": {"10 ans"}}


def test_a_feature_and_a_value_that_the_shop_has_are_used_and_not_made_again(house: House) -> None:
    by_hand(house.shop, "SAISON", "Printemps")
    fill(house, "ART-001", season="printemps")
    house.done()
    assert features(house, "ART-001") == {"SAISON": {"Printemps"}}
    assert len(house.shop.database["product_features"].rows) == 1


def test_what_the_erp_never_filled_is_left_as_an_adopted_product_has_it(build: Builder) -> None:
    shop = FakePrestashop()
    house = build(shop=shop, extra=FIELDS)
    house.stock_catalogue(articles=6)
    hand = by_hand(shop, "Saison", "Hiver")
    product = shop.products[shop.add_product("ART-001", name="Fait main", price="5")]
    product.links["product_features"] = (hand,)
    fill(house, "ART-001", range_="Pro")
    house.settled()
    assert features(house, "ART-001") == {"Saison": {"Hiver"}, "Gamme": {"Pro"}}


def test_a_value_that_the_shop_refuses_parks_its_article_alone(house: House) -> None:
    fill(house, "ART-001", season="a = b")
    fill(house, "ART-002", season="Été")
    house.done()
    assert issues()["catalogue", "ART-001"] == "text_refused"
    assert features(house, "ART-002") == {"Saison": {"Été"}}
    fill(house, "ART-001", season="Été")
    house.settled()
    assert not issues()


@pytest.mark.parametrize("kind", ["error_after_commit", "lost_answer", "half_batch", "truncated_answer"])
@pytest.mark.parametrize("resource", ["product_features", "product_feature_values"])
def test_a_lost_answer_makes_no_feature_twice(house: House, kind: str, resource: str) -> None:
    house.configure(timeout=0.4)
    for n in range(1, 7):
        fill(house, f"ART-{n:03d}", season=f"S{n}", range_="Pro")
    fault = Fault(kind, method="POST", resource=resource, entities=1, seconds=0.6)  # type: ignore[arg-type]
    house.shop.inject(fault)
    house.run("catalogue")
    house.clock.sleep(30)
    house.settled("catalogue", "prices", "stocks")
    names = [named(row) for row in house.shop.database["product_features"]]
    values = [row.value[1] for row in house.shop.database["product_feature_values"]]  # type: ignore[index]
    assert len(names) == len(set(names)), names
    assert len(values) == len(set(values)), values
    assert features(house, "ART-004") == {"Saison": {"S4"}, "Gamme": {"Pro"}}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(sampled(5, 100)))
def test_over_any_history_the_shop_has_what_the_erp_says_and_keeps_the_rest(house: House, seed: int) -> None:
    rng = Random(seed)
    hand = by_hand(house.shop, "Garantie", "10 ans")
    house.done()
    for ref in house.refs()[:3]:
        house.product(ref).links["product_features"] = (hand,)
    wanted: dict[str, dict[str, set[str]]] = {ref: {} for ref in house.refs()}
    for _ in range(6):
        for ref in rng.sample(house.refs(), 3):
            season, range_ = (rng.sample(["a", "b", "É", "c d"], rng.randrange(3)) for _ in range(2))
            fill(house, ref, season="|".join(season), range_=" | ".join(range_))
            pairs = {"Saison": set(season), "Gamme": set(range_)}
            wanted[ref] = {name: values for name, values in pairs.items() if values}
        house.done("catalogue")
        assert house.done("catalogue")["catalogue"].writes == 0
        for ref in house.refs():
            kept = {"Garantie": {"10 ans"}} if ref in house.refs()[:3] else {}
            assert features(house, ref) == wanted[ref] | kept
