from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.profile.sample import ENVIRON, HEAD, BoutiqueConfig, LedgerConfig, loaded

from passerelle.profile.agreement import contradictions
from passerelle.profile.declared import Declared, options
from passerelle.profile.dump import digest, dump
from passerelle.profile.load import Loaded
from passerelle.profile.sections import ArticleOptions, GuardOptions, Identity, Profile
from passerelle.profile.toml import inline, quoted

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a declared type."""
    arms = get_args(hint)
    if get_origin(hint) is Literal:
        return st.sampled_from(arms)
    if get_origin(hint) is dict:
        return st.dictionaries(TEXTS, values(arms[1]), max_size=3)
    if get_origin(hint) is tuple:
        return st.lists(values(arms[0]), max_size=3).map(tuple)
    if arms:
        return st.one_of([values(arm) for arm in arms])
    if issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    return {
        str: TEXTS,
        bool: st.booleans(),
        int: st.integers(),
        Decimal: st.decimals(min_value=-(10**6), max_value=10**6, allow_nan=False) | st.decimals(0, 100, places=3),
        float: st.floats(allow_nan=False, allow_infinity=False),
        date: st.dates(),
        type(None): st.none(),
    }[hint]


def allowed(declared: Declared) -> st.SearchStrategy[Any]:
    """Any value that the option accepts."""
    if declared.key == "profile.name":
        return st.from_regex(r"[\w.-]{1,60}", fullmatch=True)
    if declared.key == "profile.key":
        return st.from_regex(r"[A-Z0-9]{2,4}", fullmatch=True)
    if declared.key.endswith("_percent"):
        return st.decimals(0, 100, places=3)
    if declared.key.startswith("articles.texts.") and declared.hint is not bool:
        return st.just("AR_Design") | st.just({"fr": "{AR_Design} x", "en": "AR_Langue1"})
    if declared.key == "profile.languages":
        return st.just({"fr": "fr", "en": "gb"}) | st.just({"en": "en", "fr": "fr"})
    check = declared.option.check or (lambda value: None)
    return values(declared.hint).filter(lambda value: check(value) is None)


@st.composite
def section(draw: st.DrawFn, declared_in: type, prefix: str, **fixed: Any) -> Any:
    """Any valid section; an optional table is there or not unless `fixed` says."""
    held: dict[str, Any] = {}
    for declared in options(declared_in, prefix=prefix):
        if declared.table is None:
            held[declared.name] = draw(allowed(declared))
        elif draw(st.booleans()):
            held[declared.name] = draw(section(declared.table, declared.key))
    return declared_in(**(held | fixed))


@st.composite
def articles(draw: st.DrawFn) -> ArticleOptions:
    """Any valid articles section: what waits for something off is off."""
    drawn = draw(section(ArticleOptions, "articles"))
    held = {declared.name: getattr(drawn, declared.name) for declared in fields(drawn)}
    if not drawn.export:
        held |= {"gone": "hide", "texts": None, "brand": None, "categories": None, "custom_fields": None}
        held["tax"] = drawn.tax if drawn.prices else None
        held["variants"] = drawn.variants if drawn.prices else None
        held["ownership"] = drawn.ownership if drawn.prices else None
    if contradictions(ArticleOptions(**held)):
        held |= {"gone": "leave" if drawn.export else "hide", "ownership": None}
    return ArticleOptions(**held)


@st.composite
def profiles(draw: st.DrawFn) -> Loaded:
    """Any profile that could have been loaded."""
    profile = Profile(
        profile=draw(section(Identity, "profile")),
        erp=draw(section(LedgerConfig, "erp")),
        shop=draw(section(BoutiqueConfig, "shop")),
        articles=draw(articles()),
        guards=draw(section(GuardOptions, "guards")),
    )
    return Loaded(profile=profile, erp_connector="ledger", shop_connector="boutique")


@given(profiles())
def test_a_profile_written_and_read_again_is_the_same(written: Loaded) -> None:
    read = loaded(dump(written), environ={})
    assert read.profile == written.profile
    assert dump(read) == dump(written)
    assert digest(read) == digest(written)


@given(st.recursive(TEXTS | st.booleans() | st.integers() | st.dates(), lambda inner: st.lists(inner, max_size=3)))
def test_a_value_written_inline_is_read_back(value: Any) -> None:
    assert tomllib.loads(f"x = {inline(value)}")["x"] == value


@given(TEXTS)
def test_any_text_may_be_a_key(name: str) -> None:
    assert tomllib.loads(f"{quoted(name)} = 1") == {name: 1}


def test_a_value_that_toml_cannot_hold_is_an_error() -> None:
    with pytest.raises(TypeError, match="no TOML for object"):
        inline(object())


def test_secrets_are_written_back_as_variables() -> None:
    text = dump(loaded(HEAD))
    assert 'key = "${SHOP_KEY}"' in text
    assert "reader:${ERP_PASSWORD}@" in text
    assert not [secret for secret in ENVIRON.values() if secret in text]


def test_a_text_that_looks_like_a_variable_is_written_so_that_it_stays_one_text() -> None:
    read = loaded(HEAD)
    changed = replace(read, profile=replace(read.profile, erp=replace(read.profile.erp, folder="${SHOP_KEY}")))
    assert loaded(dump(changed)).profile.erp.folder == "${SHOP_KEY}"


def test_a_table_that_is_switched_off_keeps_its_content() -> None:
    read = loaded(HEAD + "[articles.stocks]\nenabled = false\nwarehouses = ['A']\nsafety_stock = 3\n")
    again = loaded(dump(read).replace("enabled = false\n", ""))
    assert again.profile.articles.stocks is not None
    assert (again.profile.articles.stocks.warehouses, again.profile.articles.stocks.safety_stock) == (("A",), 3)


STOCKS = HEAD + "[articles.stocks]\nwarehouses = ['A']\n"


@pytest.mark.parametrize(
    "changed",
    [
        STOCKS.replace("['A']", "['B']"),
        STOCKS + "safety_stock = 1\n",
        STOCKS + "[articles.prices]\n",
        STOCKS.replace("erp.test", "other.test"),
        STOCKS.replace('"MD"', '"ME"'),
    ],
)
def test_the_digest_changes_with_everything_that_changes_a_plan(changed: str) -> None:
    assert digest(loaded(changed)) != digest(loaded(STOCKS))


@pytest.mark.parametrize(
    "changed",
    [STOCKS + "safety_stock = 0\n", STOCKS + "[guards]\ngone_percent = 99\n", "# note\n" + STOCKS],
)
def test_the_digest_ignores_defaults_written_out_comments_and_guards(changed: str) -> None:
    assert digest(loaded(changed)) == digest(loaded(STOCKS))


def test_the_digest_ignores_a_new_password_but_not_a_new_address_from_the_environment() -> None:
    assert digest(loaded(STOCKS, environ={"ERP_PASSWORD": "new", "SHOP_KEY": "new"})) == digest(loaded(STOCKS))
    moved = STOCKS.replace("mssql://reader:${ERP_PASSWORD}@erp.test/BASE", "${ERP_PASSWORD}")
    first, second = (
        digest(loaded(moved, environ={**ENVIRON, "ERP_PASSWORD": f"mssql://u:p@{host}/B"})) for host in ("a", "b")
    )
    assert first != second
