"""What is sent to the shop."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.connectors.prestashop import bodies
from passerelle.connectors.prestashop.mapping import Languages
from passerelle.connectors.prestashop.wire import (
    Entity,
    document,
    entities,
    field,
    linked,
    parse,
    translated,
    translations,
)
from passerelle.errors import AmountRefused, AnswerIncomplete, ReferenceRefused, TextRefused
from passerelle.ports.shop import ProductWrite

LANGUAGES = Languages({"fr": "1", "en": "2"}, others=("5",), main="fr")


def built(xml: str) -> Entity:
    [found] = entities(parse(document([xml])))
    return found


def created(**changes: object) -> Entity:
    write = ProductWrite(key="A", **{"sku": "A-1", "texts": {"name": {"fr": "Écrou"}}, **changes})  # type: ignore[arg-type]
    return built(bodies.creation(write, languages=LANGUAGES, home="2"))


def test_a_new_product_is_what_the_back_office_would_make() -> None:
    one = created(price=Decimal("8.325"), visible=True, tax_rule="1")
    for name, value in bodies.AS_THE_BACK_OFFICE.items():
        assert field(one, name) == value
    assert [field(one, name) for name in ("price", "active", "id_tax_rules_group")] == ["8.325", "1", "1"]


def test_a_new_product_that_does_not_say_is_hidden_and_in_the_home_category() -> None:
    one = created()
    assert [field(one, name) for name in ("active", "price", "id_category_default")] == ["0", "0", "2"]
    assert [field(row, "id") for row in linked(one, "categories")] == ["2"]


def test_the_last_category_of_a_new_product_is_its_default_unless_it_says_otherwise() -> None:
    assert field(created(categories=("7", "9")), "id_category_default") == "9"
    one = created(categories=("7", "9"), default_category="11")
    assert field(one, "id_category_default") == "11"
    assert [field(row, "id") for row in linked(one, "categories")] == ["7", "9", "11"]


def test_every_language_of_the_shop_gets_a_text_of_a_new_product() -> None:
    assert translations(created(), "name") == {"1": "Écrou", "2": "Écrou", "5": "Écrou"}
    given_both = created(texts={"name": {"fr": "Écrou", "en": "Nut"}})
    assert translations(given_both, "name") == {"1": "Écrou", "2": "Nut", "5": "Écrou"}
    assert translations(created(texts={"name": {"en": "Nut"}}), "name") == dict.fromkeys("125", "Nut")


@given(st.text(max_size=200))
def test_an_address_part_is_always_valid(name: str) -> None:
    for text in bodies.slugs({"1": name}, fallback="").values():
        assert re.fullmatch(r"[a-z0-9-]{1,128}", text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Écrou à œillet – 8 µm", "ecrou-a-oeillet-8-m"), ("扳手", "a-1"), ("--", "a-1"), ("x" * 200, "x" * 128)],
)
def test_an_address_part_is_made_of_the_name_or_else_of_the_reference(name: str, expected: str) -> None:
    assert translations(created(texts={"name": {"fr": name}}), "link_rewrite")["1"] == expected


def test_a_given_address_part_is_used() -> None:
    assert translations(created(slug={"fr": "mon-ecrou"}), "link_rewrite") == dict.fromkeys("125", "mon-ecrou")


def test_a_change_carries_what_changes_and_nothing_else() -> None:
    write = ProductWrite(key="A", shop_id="31", price=Decimal("1E+2"), visible=False, brand="")
    one = built(bodies.changes(write, languages=LANGUAGES, current=None))
    assert {child.tag: child.text for child in one} == {
        "id": "31",
        "price": "100",
        "active": "0",
        "id_manufacturer": "0",
    }


def test_a_changed_text_takes_the_other_languages_back_along() -> None:
    write = ProductWrite(key="A", shop_id="31", texts={"name": {"en": "Nut"}})
    assert bodies.lacking(write, languages=LANGUAGES) == {"name"}
    current = built(f"<product>{translated('name', {'1': 'Écrou', '2': 'Old', '5': 'Mutter'})}</product>")
    one = built(bodies.changes(write, languages=LANGUAGES, current=current))
    assert translations(one, "name") == {"1": "Écrou", "2": "Nut", "5": "Mutter"}


def test_a_language_that_was_not_read_is_an_error_and_never_a_blank() -> None:
    write = ProductWrite(key="A", shop_id="31", texts={"name": {"en": "Nut"}})
    with pytest.raises(AnswerIncomplete, match="name in language 5"):
        bodies.changes(
            write, languages=LANGUAGES, current=built(f"<product>{translated('name', {'1': 'Écrou'})}</product>")
        )


def test_nothing_is_lacking_when_every_language_is_given() -> None:
    one = Languages({"fr": "1", "en": "2"}, others=(), main="fr")
    write = ProductWrite(key="A", texts={"name": {"fr": "Écrou", "en": "Nut"}})
    assert bodies.lacking(write, languages=one) == set()


def whole() -> Entity:
    texts = "".join(
        f'<{name}><language id="1">fr {name}</language><language id="2">en</language><language id="5"/></{name}>'
        for name in ("name", "description", "link_rewrite")
    )
    plain = "<id>31</id><price>5.000000</price><quantity>0</quantity><manufacturer_name>B</manufacturer_name>"
    more = "<position_in_category/><supplier_reference>S&amp;1</supplier_reference>"
    lists = "<associations><categories><category><id>2</id></category></categories></associations>"
    return built(f"<product>{plain}{more}{texts}{lists}</product>")


def test_a_replacement_carries_the_whole_product_without_what_the_shop_refuses() -> None:
    write = ProductWrite(key="A", shop_id="31", price=Decimal(9))
    one = built(bodies.replacement(write, languages=LANGUAGES, current=whole()))
    assert not {child.tag for child in one} & bodies.NOT_WRITABLE
    assert (field(one, "price"), field(one, "supplier_reference")) == ("9", "S&1")
    assert translations(one, "description") == {"1": "fr description", "2": "en", "5": ""}


def test_a_replacement_fills_address_parts_that_the_shop_would_refuse() -> None:
    write = ProductWrite(key="A", shop_id="31", price=Decimal(9))
    found = translations(built(bodies.replacement(write, languages=LANGUAGES, current=whole())), "link_rewrite")
    assert (found["1"], found["2"], found["5"]) == ("fr link_rewrite", "en", "fr-link-rewrite")


def test_categories_are_replaced_only_when_they_are_given() -> None:
    write = ProductWrite(key="A", shop_id="31", categories=("4", "6"))
    for xml in (
        bodies.changes(write, languages=LANGUAGES, current=None),
        bodies.replacement(write, languages=LANGUAGES, current=whole()),
    ):
        assert [field(row, "id") for row in linked(built(xml), "categories")] == ["4", "6"]


def test_features_are_sent_with_those_of_the_shop_that_are_not_ours_and_no_pair_twice() -> None:
    held = [("1", "11"), ("2", "21"), ("2", "22"), ("3", "31")]
    rows = "".join(
        f"<product_feature><id>{id}</id><id_feature_value>{value}</id_feature_value></product_feature>"
        for id, value in held
    )
    shelf = f"<associations><product_features>{rows}</product_features></associations>"
    write = ProductWrite(key="A", shop_id="31", features={"2": ("23", "23"), "3": ()})
    one = built(bodies.changes(write, languages=LANGUAGES, current=built(f"<product>{shelf}</product>")))
    assert bodies.features_of(one) == [("1", "11"), ("2", "23")]
    assert bodies.needed(write, languages=LANGUAGES) == {"product_features[id,id_feature_value]"}


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"sku": "A\x07"}, ReferenceRefused),
        ({"texts": {"description": {"fr": "a\x0bb"}}}, TextRefused),
        ({"slug": {"fr": "\ud800"}}, TextRefused),
        ({"gtin": "\x00"}, TextRefused),
        ({"price": Decimal("NaN")}, AmountRefused),
        ({"price": Decimal("123456789.123456")}, AmountRefused),
        ({"weight": Decimal("Infinity")}, AmountRefused),
    ],
)
def test_what_no_request_can_hold_is_told_before_it_is_sent(changes: dict[str, object], kind: type[Exception]) -> None:
    assert isinstance(bodies.problem(ProductWrite(key="A", **changes)), kind)  # type: ignore[arg-type]


def test_an_ordinary_product_has_no_problem() -> None:
    assert (
        bodies.problem(ProductWrite(key="A", sku="A-1", texts={"name": {"fr": "Écrou\n8"}}, price=Decimal(1))) is None
    )
