"""Who decides each field: what may be said, and what contradicts something else."""

from __future__ import annotations

import pytest
from tests.profile.sample import HEAD, loaded, wrong

from passerelle.errors import InvalidOption, OptionNeeds, UnknownOption
from passerelle.profile.ownership import OwnershipOptions

EXPORT = '[articles]\nexport = true\n{articles}[articles.texts]\nname = "AR_Design"\n'
STOCKS = '[articles.stocks]\nwarehouses = ["1"]\n'


def profile(*tables: str, articles: str = "") -> str:
    return HEAD + EXPORT.format(articles=articles) + "".join(tables)


def owners(**fields: str) -> str:
    return "[articles.ownership]\n" + "".join(f'{field} = "{owner}"\n' for field, owner in fields.items())


def test_the_erp_decides_everything_that_is_not_named() -> None:
    read = loaded(profile(owners(brand="shop", summary="erp_once"))).profile.articles.ownership
    assert read == OwnershipOptions(brand="shop", summary="erp_once")
    assert read.description == read.visibility == "erp"
    assert loaded(profile()).profile.articles.ownership is None


@pytest.mark.parametrize(
    ("field", "owner", "cure"),
    [
        ("name", "shop", "no product is created without a name"),
        ("price", "shop", "[articles.prices]"),
        ("price", "erp_once", "[articles.prices]"),
        ("brand", "merchant", "erp, erp_once, shop"),
    ],
)
def test_a_value_that_a_field_does_not_take_is_refused_with_those_it_takes(field: str, owner: str, cure: str) -> None:
    [problem] = wrong(profile(owners(**{field: owner})))
    assert isinstance(problem, InvalidOption)
    assert problem.params["key"] == f"articles.ownership.{field}"
    assert cure in problem.message


def test_a_field_that_is_misspelt_is_refused_with_the_nearest_name() -> None:
    [problem] = wrong(profile(owners(sumary="shop")))
    assert isinstance(problem, UnknownOption)
    assert problem.params["nearest"].startswith("articles.ownership.summary")


@pytest.mark.parametrize("field", ["weight", "barcode"])
def test_with_variants_the_erp_decides_weight_and_barcode(field: str) -> None:
    [problem] = wrong(profile(owners(**{field: "shop"}), "[articles.variants]\n"))
    assert isinstance(problem, InvalidOption)
    assert "articles.variants" in problem.message
    assert not wrong(profile(owners(**{field: "shop"})))


@pytest.mark.parametrize("gone", ["hide", "delete"])
def test_what_the_shop_decides_to_show_cannot_be_hidden_when_its_article_is_gone(gone: str) -> None:
    said = profile(owners(visibility="shop"), STOCKS, articles=f'gone = "{gone}"\n')
    [problem] = wrong(said)
    assert isinstance(problem, InvalidOption)
    assert problem.params["key"] == "articles.gone"
    assert not wrong(said.replace(gone, "zero_stock", 1))
    assert not wrong(said.replace(gone, "leave", 1))


def test_a_stock_of_0_for_what_is_gone_needs_the_stocks() -> None:
    [problem] = wrong(profile(articles='gone = "zero_stock"\n'))
    assert isinstance(problem, OptionNeeds)
    assert problem.params["needs"] == "articles.stocks"
    assert not wrong(profile(STOCKS, articles='gone = "zero_stock"\n'))


BROKEN = ["{AR_Design", "AR_Design}{", "{}", "{ }", "{AR_Design!r}", "{AR_Prix:.2f}", "{{AR_Design}"]


@pytest.mark.parametrize("source", BROKEN)
@pytest.mark.parametrize(
    ("key", "table"),
    [
        ("articles.texts.name", "[articles]\nexport = true\n[articles.texts]\nname = {}\n"),
        ("articles.texts.summary", '[articles]\nexport = true\n[articles.texts]\nname = "A"\nsummary = {}\n'),
        ("articles.categories.extra", "[articles.categories]\nextra = {}\n"),
        ("articles.categories.levels", "[articles.categories]\nlevels = [{}]\n"),
        ("articles.custom_fields.features", '[articles.custom_fields]\nfeatures = {{ "Saison" = {} }}\n'),
        ("articles.variants.options", '[articles.variants]\ngroup_by = "M"\noptions = {{ "Taille" = {} }}\n'),
    ],
)
def test_an_expression_whose_braces_are_wrong_is_refused_when_the_profile_is_read(
    key: str, table: str, source: str
) -> None:
    written = table.replace("{{", "\0").replace("}}", "\1").replace("{}", f"'{source}'").replace("\0", "{").replace(
        "\1", "}"
    )  # fmt: skip
    head = HEAD if "texts" in key else profile()
    [problem] = wrong(head + written)
    assert isinstance(problem, InvalidOption)
    assert problem.params["key"] == key


def test_a_field_without_braces_may_be_named_anyhow_and_braces_may_hold_any_name() -> None:
    said = '[articles.custom_fields.features]\n"A" = "Odd}name"\n"B" = "{Marque commerciale} / {AR_Stat01}"\n'
    assert not wrong(profile(said))
