from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.profile.sample import HEAD, loaded, wrong

from passerelle.domain.stock import StockType
from passerelle.errors import (
    InvalidOption,
    MissingOption,
    OptionNeeds,
    ProfileSyntax,
    UnknownOption,
)
from passerelle.profile.sections import BrandOptions, CategoryOptions, TaxOptions

EXPORT = HEAD + '[articles]\nexport = true\n[articles.texts]\nname = "AR_Design"\n'


def only(text: str, **environ: dict[str, str]) -> object:
    found = wrong(text, **environ)
    assert len(found) == 1, found
    return found[0]


def test_a_profile_without_options_has_every_feature_off() -> None:
    articles = loaded(HEAD).profile.articles
    assert not articles.export
    assert [articles.texts, articles.tax, articles.brand, articles.categories, articles.prices, articles.stocks] == (
        [None] * 6
    )


def test_vat_brand_and_categories_are_on_without_a_table_when_articles_are_exported() -> None:
    articles = loaded(EXPORT).profile.articles
    assert (articles.tax, articles.brand, articles.categories) == (TaxOptions(), BrandOptions(), CategoryOptions())


def test_vat_is_on_without_a_table_when_only_prices_are_sent() -> None:
    articles = loaded(HEAD + "[articles.prices]\n").profile.articles
    assert articles.tax == TaxOptions()
    assert articles.brand is None
    assert articles.prices is not None


def test_a_table_with_enabled_false_is_off() -> None:
    articles = loaded(EXPORT + '[articles.brand]\nenabled = false\nfield = "Marque"\n').profile.articles
    assert articles.brand is None
    assert articles.categories is not None


def test_a_table_that_is_off_is_still_checked_for_wrong_names_but_not_for_missing_ones() -> None:
    problem = only(HEAD + "[articles.stocks]\nenabled = false\nsafty_stock = 1\n")
    assert isinstance(problem, UnknownOption)
    assert problem.params["nearest"].startswith("articles.stocks.safety_stock")


def test_texts_under_export_need_to_know_the_field_of_the_name() -> None:
    problem = only(HEAD + "[articles]\nexport = true\n")
    assert isinstance(problem, MissingOption)
    assert problem.message == "articles.texts.name is missing."


def test_every_kind_of_value_is_read() -> None:
    read = loaded(
        EXPORT
        + "[articles.tax.rules]\n20 = 1\n'5.5' = 3\n"
        + "[articles.prices]\ntax_included = true\nprecision = 4\n"
        + "[articles.stocks]\nwarehouses = ['Dépôt principal', 'B']\nstock_type = 'forecast'\n"
        + "orders_since = 2026-02-03\n"
        + "[guards]\ngone_percent = 12.5\nto_zero_percent = 40\n"
    ).profile
    assert read.articles.tax == TaxOptions(rules={"20": 1, "5.5": 3})
    assert read.articles.prices is not None
    assert (read.articles.prices.tax_included, read.articles.prices.precision) == ("true", 4)
    assert read.articles.stocks is not None
    assert read.articles.stocks.warehouses == ("Dépôt principal", "B")
    assert read.articles.stocks.stock_type is StockType.FORECAST
    assert read.articles.stocks.orders_since == date(2026, 2, 3)
    assert (read.guards.gone_percent, read.guards.to_zero_percent) == (Decimal("12.5"), Decimal(40))


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("[articles]\nexport = 'yes'", "articles.export", '"yes"'),
        ("[articles]\nexport = 1", "articles.export", "1"),
        ("[articles.tax]\nvat_category = true\n[articles.prices]", "articles.tax.vat_category", "true"),
        ("[articles.prices]\nprecision = 7", "articles.prices.precision", "7"),
        ("[articles.prices]\nprecision = 2.5", "articles.prices.precision", "2.5"),
        ("[articles.prices]\ntax_included = 'yes'", "articles.prices.tax_included", '"yes"'),
        ("[articles.prices]\n[articles.tax.rules]\n5.5 = 3", "articles.tax.rules", "{ "),
        ("[articles.stocks]\nwarehouses = []", "articles.stocks.warehouses", "[]"),
        ("[articles.stocks]\nwarehouses = 'A'", "articles.stocks.warehouses", '"A"'),
        ("[articles.stocks]\nwarehouses = ['A']\nstock_type = 'rael'", "articles.stocks.stock_type", '"rael"'),
        (
            "[articles.stocks]\nwarehouses = ['A']\norders_since = 2026-02-03T10:00:00",
            "articles.stocks.orders_since",
            "2026-02-03T10:00:00",
        ),
        ("[guards]\ngone_percent = 101", "guards.gone_percent", "101"),
        ("[guards]\ngone_percent = nan", "guards.gone_percent", "NaN"),
        ("[articles]\nstocks = true", "articles.stocks", "true"),
        ("[articles.brand]\nenabled = 'no'", "articles.brand.enabled", '"no"'),
        ("[[guards]]\n[[guards]]", "guards", "[{}, {}]"),
    ],
)
def test_a_value_that_is_not_allowed_is_named_with_its_key_and_what_is(line: str, key: str, value: str) -> None:
    problem = wrong(HEAD + line)[0]
    assert isinstance(problem, InvalidOption)
    assert problem.params["key"] == key
    assert problem.params["value"].startswith(value)
    assert problem.params["allowed"]


def test_the_choices_are_listed_when_a_choice_is_wrong() -> None:
    problem = only(HEAD + "[articles.stocks]\nwarehouses = ['A']\nstock_type = 'rael'")
    assert "real_minus_orders" in problem.params["allowed"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("line", "key", "near"),
    [
        ("[articles.stocks]\nwarehouse = ['A']", "articles.stocks.warehouse", "articles.stocks.warehouses"),
        ("[articles]\nstock_type = 'real'", "articles.stock_type", "articles.stocks.stock_type"),
        ("[article]\nexport = true", "article", "articles"),
        ("[shop.connexion]\nx = 1", "shop.connexion", "shop."),
        ("[customers]\nexport = true", "customers.export", "customers.import"),
        ("[articles.images]\nsource = 'erp'", "articles.images", "articles."),
        ("[orders.payments.methods]\nbank = 'V'", "orders.payments", "orders.import"),
        ("[articles]\nenabled = true", "articles.enabled", ""),
    ],
)
def test_a_name_that_does_not_exist_is_refused_with_the_nearest_ones(line: str, key: str, near: str) -> None:
    problem = wrong(HEAD + line)[0]
    assert isinstance(problem, UnknownOption)
    assert problem.params["key"] == key
    assert near in problem.params["nearest"]
    assert problem.params["nearest"]


def test_the_nearest_names_know_the_options_of_the_connector_in_use() -> None:
    problem = wrong(HEAD.replace('key = "${SHOP_KEY}"', 'kye = "${SHOP_KEY}"'))[0]
    assert isinstance(problem, UnknownOption)
    assert "shop.key" in problem.params["nearest"].split(", ")


@pytest.mark.parametrize(
    ("lines", "key", "needs"),
    [
        ("[articles]\ngone = 'leave'", "articles.gone", "articles.export"),
        ("[articles.texts]\nname = 'AR_Design'", "articles.texts", "articles.export"),
        ("[articles.brand]\nfield = 'Marque'", "articles.brand", "articles.export"),
        ("[articles.tax]\nvat_category = 2", "articles.tax", "articles.export / articles.prices"),
        (
            "[articles.prices]\nenabled = false\n[articles.tax]\nvat_category = 2",
            "articles.tax",
            "articles.export / articles.prices",
        ),
    ],
)
def test_an_option_whose_condition_is_off_says_what_it_waits_for(lines: str, key: str, needs: str) -> None:
    problem = only(HEAD + lines)
    assert isinstance(problem, OptionNeeds)
    assert problem.params == {"key": key, "needs": needs}


def test_all_problems_of_a_file_are_found_in_one_reading_misspelt_names_first() -> None:
    found = wrong(
        HEAD.replace('"MD"', '"much too long"') + "[articles]\nexport = true\n[articles.stocks]\nwarehose = 1\n"
    )
    assert [type(problem) for problem in found] == [UnknownOption, InvalidOption, MissingOption, MissingOption]


def test_loading_raises_the_first_problem() -> None:
    text = HEAD + "[articles]\nexprot = true\n"
    with pytest.raises(UnknownOption) as raised:
        loaded(text)
    assert raised.value.message == wrong(text)[0].message


def test_a_mistake_of_writing_is_placed_on_its_line() -> None:
    problem = only('[profile]\nname = "maison"\nfolder = "C:\\srv"\n')
    assert isinstance(problem, ProfileSyntax)
    assert problem.params == {"file": "maison.toml", "line": "3"}


def test_a_file_that_stops_in_the_middle_is_placed_on_its_last_line() -> None:
    problem = only("[profile]\nname =")
    assert isinstance(problem, ProfileSyntax)
    assert problem.params["line"] == "2"


def test_a_file_written_by_notepad_is_read() -> None:
    assert loaded("\ufeff" + HEAD.replace("\n", "\r\n")).profile.profile.name == "maison"


def test_an_unknown_connector_is_refused_with_the_list() -> None:
    problem = only(HEAD.replace('"ledger"', '"sage"'))
    assert isinstance(problem, InvalidOption)
    assert problem.params == {"key": "erp.connector", "value": '"sage"', "allowed": "ledger"}


def test_an_empty_file_lacks_its_name_and_both_connectors() -> None:
    assert {problem.params["key"] for problem in wrong("")} == {
        "profile.name",
        "profile.key",
        "erp.connector",
        "shop.connector",
    }


def test_a_text_in_a_language_that_the_profile_does_not_have_is_refused() -> None:
    problem = only(EXPORT.replace('"AR_Design"', '{ fr = "AR_Design", de = "AR_Langue1" }'))
    assert isinstance(problem, InvalidOption)
    assert problem.params == {"key": "articles.texts.name", "value": '"de"', "allowed": "fr"}


def test_the_name_of_a_product_cannot_be_fed_by_nothing() -> None:
    problem = only(EXPORT.replace('"AR_Design"', '" "'))
    assert isinstance(problem, InvalidOption)
    assert problem.params["key"] == "articles.texts.name"
