"""A profile that names a field which the ERP does not have: told by `check` and before a run writes anything."""

from __future__ import annotations

import pytest
from tests.scenarios.conftest import Builder

from passerelle.app import services
from passerelle.errors import FieldUnknown

NAMING = [
    ('[articles.variants]\ngroup_by = "AR_Stat1"\n', "articles.variants.group_by"),
    ('[articles.categories]\nextra = "{AR_Stat1}"\n', "articles.categories.extra"),
    ('[articles.categories]\nlevels = ["AR_Stat02", "{AR_Stat1}"]\n', "articles.categories.levels 2"),
    (
        '[articles.custom_fields.features]\n"Saison" = "{AR_Stat1} {AR_Stat02}"\n',
        "articles.custom_fields.features.Saison",
    ),
]


@pytest.mark.parametrize(("table", "key"), NAMING)
def test_an_expression_with_an_unknown_field_is_refused_with_the_nearest_one(
    build: Builder, table: str, key: str
) -> None:
    house = build(extra=table)
    house.stock_catalogue(articles=1)
    [told] = [found for found in services.check(house.opened()) if found.severity.value == "error"]
    assert (told.text.code, told.text.params["key"], told.text.params["field"]) == ("field_unknown", key, "AR_Stat1")
    assert told.text.params["nearest"].startswith("AR_Stat0")
    report = house.run("catalogue")
    assert isinstance(report.failure, FieldUnknown)
    assert (report.failure.params["key"], report.failure.params["field"]) == (key, "AR_Stat1")
    assert (report.writes, len(house.shop.products)) == (0, 0)


@pytest.mark.parametrize("expression", ["{1/0}", "{AR_Ref*9**9**9}", "{__import__('os')}"])
def test_an_expression_computes_nothing_it_is_a_field_that_the_erp_does_not_have(
    build: Builder, expression: str
) -> None:
    house = build(extra=f'[articles.custom_fields.features]\n"Saison" = "{expression}"\n')
    house.stock_catalogue(articles=1)
    report = house.run("catalogue")
    assert isinstance(report.failure, FieldUnknown)
    assert report.failure.params["field"] == expression[1:-1]
    assert (report.writes, len(house.shop.products)) == (0, 0)
