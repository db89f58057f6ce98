"""Features of a product: what an ERP field says, cut into values, and what is taken away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.domain.facets import Features, Ownership, encode, fingerprint
from passerelle.errors import TextRefused
from passerelle.planner.features import feature_of, features_of, folded, to_take_away, value_key
from passerelle.planner.products import differs
from passerelle.ports.shop import TextLimit
from passerelle.ports.store import SentRow
from passerelle.profile.sections import CustomFieldOptions

LIMITS = {"feature_value": TextLimit(20, "<>={}")}


def made(source: str, fields: dict[str, str], *, separator: str = "|") -> tuple[str, ...]:
    options = CustomFieldOptions(features={"Matière": source}, separator=separator)
    return features_of("A1", options=options, fields=fields, limits=LIMITS).values["Matière"]


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("", ()),
        ("Acier", ("Acier",)),
        (" Acier | Laiton|", ("Acier", "Laiton")),
        ("Acier|ACIER|acier ", ("Acier",)),
        ("Acier   trempé|Acier trempé", ("Acier trempé",)),
        ("|", ()),
    ],
)
def test_a_field_is_cut_at_the_separator_and_says_each_value_once(said: str, values: tuple[str, ...]) -> None:
    assert made("M", {"M": said}) == values


def test_without_a_separator_a_field_is_one_value() -> None:
    assert made("M", {"M": "Acier | Laiton"}, separator="") == ("Acier | Laiton",)


def test_an_expression_puts_fields_together_and_is_empty_when_they_are() -> None:
    assert made("{A} {B}", {"A": "10", "B": "mm"}) == ("10 mm",)
    assert made("Ø {A}", {"A": ""}) == ()


@pytest.mark.parametrize("said", ["a=b", "<b>gras", "x" * 21])
def test_a_value_that_the_shop_refuses_parks_the_article_and_names_the_feature(said: str) -> None:
    with pytest.raises(TextRefused) as refused:
        made("M", {"M": f"Acier|{said}"})
    assert refused.value.params["field"] == "Matière"


@given(st.text(alphabet="abAB é|", max_size=12))
def test_values_are_never_empty_never_twice_and_never_hold_the_separator(said: str) -> None:
    values = made("M", {"M": said})
    assert all(value and "|" not in value and value == value.strip() for value in values)
    assert len({folded(value) for value in values}) == len(values)


@given(st.text(alphabet="abA é", min_size=1), st.text(alphabet="abA =é", min_size=1))
def test_the_key_of_a_value_names_its_feature(feature: str, value: str) -> None:
    if feature.strip() and value.strip():
        assert feature_of(value_key(feature, value)) == folded(feature)


def test_only_what_we_sent_is_taken_away() -> None:
    new = Features({"A": (), "B": (), "C": ("x",)})
    assert to_take_away(new, old=None) == frozenset()
    assert to_take_away(new, old=Features({"A": ("y",), "B": (), "C": ("z",)})) == {"A"}


def test_features_that_the_erp_never_filled_are_nothing_to_write() -> None:
    empty, full = Features({"A": ()}), Features({"A": ("x",)})
    assert not differs(None, empty)
    assert differs(None, full)
    sent = SentRow(ownership=Ownership.ERP, fingerprint=fingerprint(encode(full)), body=encode(full))
    assert differs(sent, empty)
    assert not differs(sent, full)
