from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url
from tests.profile.sample import ENVIRON, HEAD, loaded, wrong

from passerelle.errors import InvalidOption, SecretMissing
from passerelle.profile.environment import escaped, expand


def test_variables_are_replaced_in_both_connections() -> None:
    profile = loaded(HEAD).profile
    assert profile.erp.url == "mssql://reader:s3cret@erp.test/BASE"
    assert profile.shop.key == "K3Y"


def test_variables_are_replaced_inside_tables_too() -> None:
    assert loaded(HEAD + '[shop.extra]\na = "x${SHOP_KEY}"\n').profile.shop.extra == {"a": "xK3Y"}


def test_a_variable_that_is_not_set_is_named_with_its_option() -> None:
    found = wrong(HEAD, environ={"SHOP_KEY": "K3Y"})
    assert [type(problem) for problem in found] == [SecretMissing]
    assert found[0].params == {"key": "erp.url", "variable": "ERP_PASSWORD"}


def test_a_variable_outside_the_connections_is_plain_text() -> None:
    text = HEAD + "[articles]\nfilter = \"A = '${ERP_PASSWORD}'\"\n"
    assert loaded(text).profile.articles.filter == "A = '${ERP_PASSWORD}'"


def test_two_dollars_write_a_dollar_and_a_brace() -> None:
    assert loaded(HEAD.replace("[shop]", 'folder = "$${A}"\n[shop]')).profile.erp.folder == "${A}"


def test_a_value_of_the_environment_is_not_expanded_again() -> None:
    assert expand("${A}", environ={"A": "${B}"}) == "${B}"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1))
def test_a_password_of_any_characters_reaches_the_database_as_it_is(password: str) -> None:
    profile = loaded(HEAD, environ={**ENVIRON, "ERP_PASSWORD": password}).profile
    assert make_url(profile.erp.url).password == password
    assert make_url(profile.erp.url).host == "erp.test"


@given(st.text(alphabet="${}Aé"))
def test_an_escaped_text_expands_to_itself(text: str) -> None:
    assert expand(escaped(text), environ={}) == text


def test_secrets_in_clear_are_accepted_with_a_warning_that_does_not_show_them() -> None:
    read = loaded(HEAD.replace("${SHOP_KEY}", "PLAIN1").replace("${ERP_PASSWORD}", "PLAIN2"))
    assert [warning.params["key"] for warning in read.warnings] == ["erp.url", "shop.key"]
    assert "PLAIN" not in " ".join(map(str, read.warnings))
    assert str(read.warnings[0]).endswith("here write ${ITS_NAME}.")


def test_secrets_of_the_environment_give_no_warning() -> None:
    assert loaded(HEAD).warnings == ()


def test_an_address_without_a_password_gives_no_warning() -> None:
    assert loaded(HEAD.replace("mssql://reader:${ERP_PASSWORD}@erp.test/BASE", "sqlite:///base.db")).warnings == ()


def test_no_secret_is_shown_by_a_profile_or_by_a_message() -> None:
    assert "s3cret" not in repr(loaded(HEAD))
    assert "K3Y" not in repr(loaded(HEAD))
    text = HEAD.replace('key = "${SHOP_KEY}"', 'key = ["PLAIN"]')
    (problem,) = wrong(text)
    assert isinstance(problem, InvalidOption)
    assert problem.params["value"] == '["***"]'
