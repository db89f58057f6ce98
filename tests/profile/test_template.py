from __future__ import annotations

import re
import tomllib

from tests.profile.sample import ENVIRON, ERPS, SHOPS, BoutiqueConfig, LedgerConfig, loaded

from passerelle.profile.declared import walk
from passerelle.profile.template import rows, template


def printed(translate: object = str) -> str:
    return template(erp=("ledger", LedgerConfig), shop=("boutique", BoutiqueConfig), translate=translate)  # type: ignore[arg-type]


def test_the_printed_profile_loads_with_every_feature_on() -> None:
    read = loaded(printed(), environ=ENVIRON)
    articles = read.profile.articles
    assert articles.export
    assert None not in (articles.texts, articles.tax, articles.brand, articles.categories)
    assert articles.prices is not None
    assert articles.stocks is not None
    assert read.warnings == ()


def test_the_printed_profile_still_loads_when_every_comment_of_an_option_is_removed() -> None:
    bare = re.sub(r"^# (\w+ = .+)$", r"\1", printed(), flags=re.MULTILINE)
    assert loaded(bare, environ=ENVIRON).profile.articles.stocks is not None


def test_every_option_is_printed_with_its_label_and_help() -> None:
    text = " ".join(printed().replace("\n# ", " ").split())
    for row in rows(erp_configs=ERPS, shop_configs=SHOPS):
        assert row.label in text
        assert " ".join(row.help.split()) in text
        if row.type != "table":
            assert f"{row.key.rpartition('.')[2]} = " in text


def test_the_words_of_the_printed_profile_are_translated() -> None:
    text = printed(lambda template: template.upper() if "{" not in template else template)
    assert "# STOCKS." in text
    assert tomllib.loads(text)["articles"]["export"] is True


def test_every_option_has_one_row_with_its_default() -> None:
    found = {(row.connector, row.key): row for row in rows(erp_configs=ERPS, shop_configs=SHOPS)}
    expected = {declared.key for declared in walk(LedgerConfig, prefix="erp")}
    assert expected <= {key for connector, key in found if connector == "ledger"}
    assert found["", "articles.stocks.warehouses"].default == "required"
    assert found["", "articles.stocks.stock_type"].default == '"real_minus_orders"'
    assert found["", "articles.brand"].default == "on"
    assert found["", "articles.prices"].default == "off"
    assert found["", "articles.texts.name"].type == "text or table of text"
    assert found["", "articles.tax"].needs == "articles.export / articles.prices"
