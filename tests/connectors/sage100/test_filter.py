"""The owner's condition: what is let through, what it becomes, what is refused."""

from __future__ import annotations

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.sage100.harness import SageHarness

from passerelle.connectors.sage100.sqlfilter import LONGEST, condition
from passerelle.connectors.sage100.tables import Tables, declared
from passerelle.errors import FilterInvalid
from passerelle.ports.erp import ProductQuery, StockQuery

ARTICLE = Tables(declared())["F_ARTICLE"]


def seeded(harness: SageHarness) -> SageHarness:
    harness.edits.add_article("AB1", AR_PrixVen=10, AR_PrixAch=5, AR_Stat01="L'ete")
    harness.edits.add_article("AB2", AR_PrixVen=3, AR_PrixAch=5, **{"Marque commerciale": "Forgial", "Densité": "7.8"})
    harness.edits.add_article("CD:x%", AR_PrixVen=0, AR_Stat01=None)
    return harness


@pytest.mark.parametrize(
    ("fragment", "kept"),
    [
        ("AR_Ref <> 'AB1'", {"AB2", "CD:x%"}),
        ("ar_ref = N'AB1'", {"AB1"}),
        ("F_ARTICLE.AR_Ref LIKE 'AB%' AND NOT AR_PrixVen > AR_PrixAch * 1.5", {"AB2"}),
        ("[Densité] >= 7.5 OR \"Marque commerciale\" = 'x'", {"AB2"}),
        ("LEFT(AR_Ref, 2) = 'AB' AND RIGHT(AR_Ref, 1) IN ('2', '3')", {"AB2"}),
        ("RIGHT(LEFT(AR_Ref, 2), LEN('x')) = N'B'", {"AB1", "AB2"}),
        ("LEN(AR_Ref) = 3 AND SUBSTRING(AR_Ref, 3, 1) = '1'", {"AB1"}),
        ("ISNULL(AR_Stat01, '') = '' AND COALESCE(AR_PrixVen, 0) BETWEEN 1 AND 5", {"AB2"}),
        ("UPPER(AR_Stat01) = 'L''ETE' OR LOWER(AR_Ref) = 'cd:x%'", {"AB1", "CD:x%"}),
        ("AR_Ref LIKE '%:x!%' ESCAPE '!'", {"CD:x%"}),
        ("ABS(AR_PrixVen - 4) <= 1 -- ten\n", {"AB2"}),
        ("AR_Stat01 IS NULL /* none */", {"CD:x%"}),
        ("(AR_Ref NOT IN ('AB1'))", {"AB2", "CD:x%"}),
        ("  ", {"AB1", "AB2", "CD:x%"}),
    ],
)
def test_a_condition_keeps_the_articles_it_names(harness: SageHarness, fragment: str, kept: set[str]) -> None:
    adapter = seeded(harness).adapter
    read = {one.key for page in adapter.products(ProductQuery(filter=fragment)) for one in page}
    stock = {one.key for page in adapter.stock(StockQuery(warehouses=("1",), filter=fragment)) for one in page}
    assert read == stock == kept
    assert adapter.count(ProductQuery(filter=fragment)) == len(kept)


@pytest.mark.parametrize(
    "fragment",
    [
        "1=1) OR (1=1",
        "AR_Ref = 'a'; DROP TABLE F_ARTICLE",
        "AR_Ref = 'a' --",
        "AR_Ref IN (SELECT CT_Num FROM F_COMPTET)",
        "EXISTS (SELECT 1 FROM F_COMPTET)",
        "1 = 1 UNION SELECT 1",
        "1=1) UNION SELECT (1",
        "AR_Ref = @@version",
        "AR_Ref = CHAR(65)",
        "AR_Ref = SUSER_SNAME()",
        "xp_cmdshell('dir') = 1",
        "AR_Ref = :secret",
        "AR_Ref = ?",
        "AR_Ref COLLATE Latin1_General_BIN = 'a'",
        "CAST(AR_Ref AS INT) = 1",
        "LEN(CAST(AR_Ref AS XML)) = (SELECT 1)",
        "CASE WHEN 1=1 THEN 1 ELSE 0 END = 1",
        "CT_Num = 'x'",
        "LEFT(CT_Num, 1) = 'x'",
        "LEN(CT_Num) = 1",
        "F_COMPTET.AR_Ref = 'x'",
        "dbo.F_ARTICLE.AR_Ref = 'x'",
        "AR_Ref > ALL ('a')",
        "AR_Publie",
        "AR_Publie = 1 AND AR_Sommeil",
        "NOT AR_Publie",
        "AR_Ref IS 5",
        "1=1 GROUP BY AR_Ref",
        "1=1) ORDER BY (1",
        "1=1) AND (2=2",
        "AR_Ref = 'a\x00'",
        "AR_Ref = 'unterminated",
        "AR_Ref = 0x41",
        "WAITFOR DELAY '0:0:5'",
        "*",
        "(" * 900 + "1=1" + ")" * 900,
        "1=1 OR " * 400 + "1=1",
        "AR_Ref = '" + "a" * LONGEST + "'",
    ],
)
def test_anything_else_is_refused_before_a_query(fragment: str) -> None:
    with pytest.raises(FilterInvalid) as refused:
        condition(fragment, article=ARTICLE, database="sqlite")
    assert refused.value.params["why"]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_a_literal_comes_out_as_it_went_in(text: str) -> None:
    printable = "".join(letter for letter in text if ord(letter) >= 32)
    fragment = "AR_Ref = '" + printable.replace("'", "''") + "'"
    for database, dialect in (("sqlite", "sqlite"), ("postgresql", "postgres"), ("mssql", "tsql")):
        written = condition(fragment, article=ARTICLE, database=database)
        literal = sqlglot.parse_one(written, dialect=dialect).find(sqlglot.exp.Literal, sqlglot.exp.National)
        assert literal is not None
        assert literal.name == printable


def test_what_only_the_database_can_see_is_the_filter_s_fault(harness: SageHarness) -> None:
    seeded(harness)
    query = ProductQuery(filter="LEFT(AR_Ref, 1, 2, 3, 4) = 'a'")
    with pytest.raises(FilterInvalid):
        list(harness.adapter.products(query))


def test_a_condition_is_written_in_the_database_s_own_words() -> None:
    fragment = "LEFT([Densité], 1) = N'é' AND ISNULL(AR_PrixVen, 0) > 0"
    table = Tables({"f_article": {name.lower(): kind for name, kind in declared()["F_ARTICLE"].items()}})["F_ARTICLE"]
    with pytest.raises(FilterInvalid, match="has no column"):
        condition(fragment, article=table, database="postgresql")
    written = condition("AR_PrixVen > 0", article=table, database="postgresql")
    assert written == '("f_article"."ar_prixven" > 0)'
    assert condition("AR_Ref = N'é'", article=ARTICLE, database="mssql") == "([F_ARTICLE].[AR_Ref] = N'é')"
