"""The owner's condition: what is let through, what it becomes, what is refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import sqlglot
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import mssql
from sqlglot import exp
from tests.connectors.sage100.harness import SageHarness
from tests.connectors.sage100.postgresql import database

from passerelle.connectors.sage100.adapter import Sage100
from passerelle.connectors.sage100.config import Sage100Config
from passerelle.connectors.sage100.queries import count
from passerelle.connectors.sage100.selects import Scope
from passerelle.connectors.sage100.sqlfilter import DEEPEST, LONGEST, condition
from passerelle.connectors.sage100.tables import Moment, Tables, declared
from passerelle.errors import ConfigError, FilterInvalid
from passerelle.ports.erp import ProductQuery, StockQuery
from passerelle.sandbox.sage100 import build_company
from passerelle.testing.clock import HeldClock

Row = dict[str, Any]
FREE: dict[str, Any] = {
    "AR_Stat01": sa.String(), "AR_DateModif": Moment(), "AR_Delai": sa.Integer(), "Marque commerciale": sa.String(),
    "Densité": sa.Numeric(24, 6), "Taux: 50%": sa.Numeric(24, 6), "a]b": sa.String(),
}  # fmt: skip
TABLES = Tables({**declared(), "F_ARTICLE": {**declared()["F_ARTICLE"], **FREE}})
ARTICLE = TABLES["F_ARTICLE"]
STOCK = StockQuery(warehouses=("1",), filter="AR_Ref = @x")
DIALECTS = {"sqlite": "sqlite", "postgresql": "postgres", "mssql": "tsql"}


def low(value: object) -> str:
    """As a column compares that ignores case, and as LIKE does in SQLite."""
    return str(value or "").lower()


def dated(row: Row, test: Callable[[datetime], bool]) -> bool:
    """What is not there is neither before nor after anything."""
    return row["AR_DateModif"] is not None and test(datetime.fromisoformat(row["AR_DateModif"]))


# Each condition beside what it means in Python.
HONEST: list[tuple[str, Callable[[Row], bool]]] = [
    ("FA_CodeFamille <> 'SERVICE'", lambda r: r["FA_CodeFamille"] != "SERVICE"),
    ("FA_CodeFamille != N'SERVICE'", lambda r: r["FA_CodeFamille"] != "SERVICE"),
    ("fa_codefamille = 'frappe'", lambda r: r["FA_CodeFamille"] == "FRAPPE"),
    ("F_ARTICLE.FA_CodeFamille = 'FRAPPE'", lambda r: r["FA_CodeFamille"] == "FRAPPE"),
    ("[FA_CodeFamille] = 'FRAPPE'", lambda r: r["FA_CodeFamille"] == "FRAPPE"),
    ("\"FA_CodeFamille\" = 'FRAPPE'", lambda r: r["FA_CodeFamille"] == "FRAPPE"),
    ("FA_CodeFamille IN ('FRAPPE', N'COUPE')", lambda r: r["FA_CodeFamille"] in ("FRAPPE", "COUPE")),
    ("FA_CodeFamille NOT IN ('FRAPPE')", lambda r: r["FA_CodeFamille"] != "FRAPPE"),
    ("NOT (AR_Delai = 2 OR AR_Stat01 = 'B')", lambda r: r["AR_Delai"] != 2 and r["AR_Stat01"] != "B"),
    ("NOT AR_Delai = 2 AND AR_Stat01 = 'B'", lambda r: r["AR_Delai"] != 2 and r["AR_Stat01"] == "B"),
    ("AR_Delai = 2 OR AR_Delai = 5 AND AR_PrixTTC = 1", lambda r: {2: 1, 5: r["AR_PrixTTC"]}.get(r["AR_Delai"]) == 1),
    ("AR_PrixVen > 10", lambda r: r["AR_PrixVen"] > 10),
    ("AR_PrixVen >= 9.65", lambda r: r["AR_PrixVen"] >= 9.65),
    ("AR_PrixVen < .5e2", lambda r: r["AR_PrixVen"] < 50),
    ("AR_PrixVen <= '16.9'", lambda r: r["AR_PrixVen"] <= 16.9),
    ("10 < AR_PrixVen", lambda r: r["AR_PrixVen"] > 10),
    ("AR_PrixVen BETWEEN 5 AND 20", lambda r: 5 <= r["AR_PrixVen"] <= 20),
    ("AR_PrixVen NOT BETWEEN 5 AND 20", lambda r: not 5 <= r["AR_PrixVen"] <= 20),
    ("AR_PrixVen - AR_PrixAch > 5", lambda r: r["AR_PrixVen"] - r["AR_PrixAch"] > 5),
    ("AR_PrixVen > AR_PrixAch * 2 + 1", lambda r: r["AR_PrixVen"] > r["AR_PrixAch"] * 2 + 1),
    ("(AR_PrixVen + 1) / 2 > 10", lambda r: (r["AR_PrixVen"] + 1) / 2 > 10),
    ("-AR_PrixVen < -20", lambda r: r["AR_PrixVen"] > 20),
    ("AR_PrixVen - -1 > 20", lambda r: r["AR_PrixVen"] + 1 > 20),
    ("ABS(AR_PrixVen - 20) < 10", lambda r: abs(r["AR_PrixVen"] - 20) < 10),
    ("AR_Delai IN (2, 5, 10)", lambda r: r["AR_Delai"] in (2, 5, 10)),
    ("AR_Design LIKE 'Ma%'", lambda r: low(r["AR_Design"]).startswith("ma")),
    ("AR_Design NOT LIKE '%a%'", lambda r: "a" not in low(r["AR_Design"])),
    ("AR_Ref LIKE '___-%'", lambda r: r["AR_Ref"][3:4] == "-"),
    ("AR_Ref LIKE '%!_%' ESCAPE '!'", lambda r: "_" in r["AR_Ref"]),
    ("AR_Design LIKE N'%é%'", lambda r: "é" in r["AR_Design"]),
    ("AR_Design LIKE '%(%'", lambda r: "(" in r["AR_Design"]),
    ("AR_Design <> 'a : b ? 100 % ; -- /* x */ @y'", lambda r: True),
    ("AR_Design = 'L''été' OR AR_Stat01 = 'B'", lambda r: r["AR_Stat01"] == "B"),
    ("AR_Langue2 IS NULL", lambda r: r["AR_Langue2"] is None),
    ("AR_Langue2 IS NOT NULL", lambda r: r["AR_Langue2"] is not None),
    ("ISNULL(AR_Langue2, 'x') = 'x'", lambda r: r["AR_Langue2"] is None),
    ("COALESCE(AR_Langue2, AR_Stat01, '') = 'B'", lambda r: r["AR_Langue2"] is None and r["AR_Stat01"] == "B"),
    ("[Densité] IS NULL", lambda r: r["Densité"] is None),
    ("ISNULL([Densité], 0) = 0", lambda r: not r["Densité"]),
    ("[Marque commerciale] = 'Forgial'", lambda r: r["Marque commerciale"] == "Forgial"),
    ("UPPER([Marque commerciale]) = 'FORGIAL'", lambda r: low(r["Marque commerciale"]) == "forgial"),
    ("LOWER(LTRIM(RTRIM(AR_Pays))) = 'italie'", lambda r: r["AR_Pays"] == "Italie"),
    ("TRIM(AR_Pays) = 'Italie'", lambda r: r["AR_Pays"] == "Italie"),
    ("LEN(AR_Ref) = 8", lambda r: len(r["AR_Ref"].rstrip(" ")) == 8),
    ("LEFT(AR_Ref, 1) = 'M' OR RIGHT(AR_Ref, 1) = '1'", lambda r: r["AR_Ref"][0] == "M" or r["AR_Ref"][-1] == "1"),
    ("SUBSTRING(AR_Ref, 4, 1) = '-'", lambda r: r["AR_Ref"][3:4] == "-"),
    ("RIGHT(LEFT(AR_Ref, 2), LEN('x')) = N'A'", lambda r: r["AR_Ref"][1:2] == "A"),
    ("AR_DateModif >= '2025-01-01'", lambda r: dated(r, lambda d: d.year >= 2025)),
    ("AR_DateModif < '20250101'", lambda r: dated(r, lambda d: d.year < 2025)),
    ("AR_DateModif BETWEEN '2024-01-01' AND N'2024-12-31T23:59:59'", lambda r: dated(r, lambda d: d.year == 2024)),
    ("YEAR(AR_DateModif) = 2025", lambda r: dated(r, lambda d: d.year == 2025)),
    ("MONTH(AR_DateModif) > 3", lambda r: dated(r, lambda d: d.month > 3)),
    ("DAY(AR_DateModif) <= 15", lambda r: dated(r, lambda d: d.day <= 15)),
    ("AR_DateModif > GETDATE() OR DAY(AR_DateModif) <> DAY(GETDATE()) + 40", lambda r: dated(r, bool)),
    ("1 = 0", lambda r: False),
    ("((((AR_PrixTTC))) = (1))", lambda r: r["AR_PrixTTC"] == 1),
    ("\r\n\t AR_PrixTTC\n=\n1 ", lambda r: r["AR_PrixTTC"] == 1),
]  # fmt: skip


CASELESS = {"fa_codefamille = 'frappe'", "AR_Design LIKE 'Ma%'", "AR_Design NOT LIKE '%a%'"}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("sage") / "sage.db"
    build_company(made, articles=150, customers=3)
    return made


@pytest.fixture(scope="module")
def rows(base: Path) -> dict[str, Row]:
    """The articles in scope when there is no filter, by reference."""
    with closing(sqlite3.connect(base)) as connection:
        connection.row_factory = sqlite3.Row
        found = connection.execute("SELECT * FROM F_ARTICLE WHERE AR_Publie = 1 AND AR_Sommeil = 0").fetchall()
    return {row["AR_Ref"].rstrip(" "): dict(row) for row in found}


@pytest.fixture(scope="module")
def erp(base: Path) -> Iterator[Sage100]:
    with closing(Sage100(Sage100Config(url=f"sqlite:///{base}"), clock=HeldClock(), page_size=20)) as made:
        yield made


def read(erp: Sage100, fragment: str) -> set[str]:
    return {one.key for page in erp.products(ProductQuery(filter=fragment)) for one in page}


@pytest.mark.parametrize(("fragment", "means"), HONEST, ids=[fragment for fragment, _ in HONEST])
def test_a_condition_keeps_the_articles_it_names(
    erp: Sage100, rows: dict[str, Row], fragment: str, means: Callable[[Row], bool]
) -> None:
    kept = {ref for ref, row in rows.items() if means(row)}
    stock = StockQuery(warehouses=("1",), filter=fragment)
    assert read(erp, fragment) == kept
    assert {one.key for page in erp.stock(stock) for one in page} == kept
    assert erp.count(ProductQuery(filter=fragment)) == len(kept)


def test_the_honest_conditions_tell_articles_apart(rows: dict[str, Row]) -> None:
    kept = [sum(map(means, rows.values())) for _, means in HONEST]
    assert sum(0 < number < len(rows) for number in kept) > 40


def test_a_postgresql_base_answers_as_the_file_does(erp: Sage100, rows: dict[str, Row]) -> None:
    """But for case, which is for the base's collation to say."""
    with database() as url:
        build_company(url, articles=150, customers=3)
        with closing(Sage100(Sage100Config(url=url), clock=HeldClock())) as on_server:
            for fragment, means in HONEST:
                if fragment not in CASELESS:
                    assert read(on_server, fragment) == {ref for ref, row in rows.items() if means(row)}, fragment


def test_a_blank_filter_is_none(erp: Sage100, rows: dict[str, Row]) -> None:
    assert read(erp, " \n ") == set(rows)


def test_the_filter_and_one_reference_hold_together(harness: SageHarness) -> None:
    for ref in ("A1", "A2"):
        harness.edits.add_article(ref)
    for only, found in (("A1", 0), ("A2", 1)):
        assert harness.adapter.count(ProductQuery(filter="1 = 0 OR AR_Ref = 'A2'", only=only)) == found


@pytest.mark.parametrize("fragment", [fragment for fragment, _ in HONEST])
def test_what_sql_server_is_sent_is_t_sql(fragment: str) -> None:
    table = Tables(
        {
            **declared(),
            "F_ARTICLE": {**declared()["F_ARTICLE"], **FREE, "AR_Langue2": sa.String(), "AR_Pays": sa.String()},
        }
    )
    written = condition(fragment, article=table["F_ARTICLE"], database="mssql")
    statement = count(table, scope=Scope(published_only=True, condition=written))
    sent = str(statement.compile(dialect=mssql.dialect(paramstyle="pyformat")))
    assert written in sent.replace("%%", "%")
    parsed = sqlglot.parse_one(written, dialect="tsql")
    assert parsed.sql(dialect="tsql") == written
    for column in parsed.find_all(exp.Column):
        assert column.table == "F_ARTICLE"


HOSTILE = [
    ("1=1) OR (1=1", "has not opened"),
    ("(1=1", "does not close"),
    ("(" * (DEEPEST + 1) + "1=1" + ")" * (DEEPEST + 1), f"more than {DEEPEST}"),
    ("AR_Ref = 'a'; DROP TABLE F_ARTICLE", "; is not allowed"),
    ("AR_Ref = 'a';", "; is not allowed"),
    ("AR_Ref = 'a' --", "comment"),
    ("AR_Ref = 'a' -- OR 1=1\n", "comment"),
    ("AR_Ref /* x */ = 'a'", "comment"),
    ("AR_Ref /*+ INDEX */ = 'a'", "comment"),
    ("AR_Ref = 'a' /* x", "not closed"),
    ("-- nothing", "compares nothing"),
    ("AR_Ref IN (SELECT CT_Num FROM F_COMPTET)", "SELECT is not allowed"),
    ("EXISTS (SELECT 1 FROM F_COMPTET)", "EXISTS is not allowed"),
    ("1 = 1 UNION ALL SELECT 1", "UNION is not allowed"),
    ("1=1) UNION SELECT (1", "UNION is not allowed"),
    ("AR_Ref = (VALUES ('a'))", "VALUES is not one"),
    ("EXEC xp_cmdshell 'dir'", "EXEC is not allowed"),
    ("xp_cmdshell('dir') = 1", "XP_CMDSHELL is not one"),
    ("WAITFOR DELAY '0:0:5'", "'0:0:5'"),
    ("AR_Ref = @@version", "@ is not allowed"),
    ("AR_Ref = @x", "@ is not allowed"),
    ("AR_Ref = :secret", ": is not allowed"),
    ("AR_Ref = ?", "? is not allowed"),
    ("AR_Ref = %s", "% is not allowed"),
    ("AR_Delai % 2 = 0", "% is not allowed"),
    ("AR_Ref = 0x41", "0x41 is not allowed"),
    ("AR_Ref = {d '2026-01-01'}", "{ is not allowed"),
    ("AR_Ref::text = 'a'", ":: is not allowed"),
    ("AR_Ref || 'a' = 'aa'", "|| is not allowed"),
    ("AR_Ref = `a`", "` is not allowed"),
    ("AR_Ref = 'a' COLLATE Latin1_General_BIN", "COLLATE is not allowed"),
    ("CASE WHEN 1=1 THEN 1 ELSE 0 END = 1", "CASE is not allowed"),
    ("CAST(AR_Ref AS INT) = 1", "CAST is not one"),
    ("CONVERT(INT, AR_Ref) = 1", "CONVERT is not one"),
    ("LEN(CAST(AR_Ref AS XML)) = 1", "CAST is not one"),
    ("AR_Ref = CHAR(65)", "CHAR is not one"),
    ("AR_Ref = SUSER_SNAME()", "SUSER_SNAME is not one"),
    ("DATEADD(day, -1, GETDATE()) < AR_DateModif", "DATEADD is not one"),
    ("SUM(AR_PrixVen) OVER () > 1", "SUM is not one"),
    ("AR_Ref = dbo.secret(1)", "SECRET is not one"),
    ("[xp_cmdshell](AR_Ref) = 'A'", "more than a filter"),
    ("IIF(1=1, 1, 0) = 1", "IIF is not one"),
    ("AR_Ref > ALL ('a')", "ALL is not one"),
    ("CT_Num = 'x'", "no column CT_Num"),
    ("LEFT(CT_Num, 1) = 'x'", "no column CT_Num"),
    ("F_COMPTET.AR_Ref = 'x'", "no column F_COMPTET.AR_Ref"),
    ("dbo.F_ARTICLE.AR_Ref = 'x'", "dbo.F_ARTICLE.AR_Ref"),
    ("AR_Ref = SERVICE", "single quotes"),
    ('AR_Ref = "SERVICE"', "single quotes"),
    ("CodeFamille = 'x'", "there is FA_CodeFamille"),
    ("AR_Publie", "AR_Publie is a value"),
    ("AR_Publie = 1 AND AR_Sommeil", "AR_Sommeil is a value"),
    ("NOT AR_Publie", "AR_Publie is a value"),
    ("(AR_Publie = 1) = 1", "AR_Publie = 1 is a comparison"),
    ("AR_Ref = NULL", "IS NULL"),
    ("AR_Ref IS 5", "only allowed with NULL"),
    ("AR_Ref IN ()", "list of values"),
    ("AR_Ref = TRUE", "more than a filter"),
    ("AR_Ref = 5", "5 is not a text"),
    ("AR_Ref IN ('a', 5)", "5 is not a text"),
    ("AR_Ref + 'x' = 'ax'", "AR_Ref is not a number"),
    ("AR_PrixVen = '5,50'", "'5,50' is not a number"),
    ("AR_PrixVen = 1e400", "1e400 is not a number"),
    ("AR_PrixVen LIKE '5%'", "AR_PrixVen is not a text"),
    ("AR_DateModif > '31/01/2026'", "'31/01/2026' is not a date"),
    ("AR_DateModif > '1066-10-14'", "'1066-10-14' is not a date"),
    ("YEAR(AR_Ref) = 2026", "AR_Ref is not a date"),
    ("GETDATE(1) = AR_DateModif", "too many values"),
    ("LEFT(AR_Ref, 1, 2, 3) = 'a'", "missing or too much"),
    ("LTRIM(AR_Ref, 'x') = 'a'", "too many values"),
    ("AR_Ref ILIKE 'a'", "more than a filter"),
    ("AR_Ref REGEXP 'a'", "more than a filter"),
    ("AR_Ref <=> 'a'", "more than a filter"),
    ("1=1 GROUP BY AR_Ref", "GROUP BY"),
    ("1=1) ORDER BY (1", "has not opened"),
    ("1=1 ORDER BY 1", "ORDER BY"),
    ("1=1 OPTION (RECOMPILE)", "OPTION is not one"),
    ("1=1 FOR XML AUTO", "understood at FOR"),
    ("AR_Ref := 'a'", "more than a filter"),
    ("AR_Ref = 'a', 1=1", "not one SQL condition"),
    ("AR_Ref = 'a' AND", "missing"),
    ("= 'a'", "missing"),
    ("AR_Ref = 'unterminated", "not closed"),
    ("AR_Ref = 'l'été'", "doubled"),
    ("[AR_Ref = 'a'", "not closed"),
    ("AR_Ref = 'a\x00'", "control character"),
    ("*", "more than a filter"),
    ("NOT " * 400 + "1=1", "too deep"),
    ("- " * 900 + "AR_PrixVen = 1", "too deep"),
    ("1=1 OR " * 400 + "1=1", f"longer than {LONGEST}"),
    ("AR_Ref = '" + "a" * LONGEST + "'", f"longer than {LONGEST}"),
    ("AR_Ref = '%(after)s'", "even in a text"),
    ("AR_Ref = '__[POSTCOMPILE_DE_No_1]'", "even in a text"),
]


@pytest.mark.parametrize(("fragment", "why"), HOSTILE, ids=[fragment[:60] for fragment, _ in HOSTILE])
def test_anything_else_is_refused_with_its_reason_before_a_query(fragment: str, why: str) -> None:
    for dialect in DIALECTS:
        with pytest.raises(FilterInvalid) as refused:
            condition(fragment, article=ARTICLE, database=dialect)
        assert why in refused.value.params["why"]
        assert "articles.filter" in refused.value.message
        assert isinstance(refused.value, ConfigError)


def test_a_refused_condition_is_refused_before_anything_is_read(
    harness: SageHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    erp, query = harness.adapter, ProductQuery(filter="AR_Ref = @x")
    erp.count(ProductQuery())  # the columns of the base are known from here on
    monkeypatch.setattr(erp._client, "read", lambda *_, **__: pytest.fail("a query was sent"))
    for ask in (lambda: erp.products(query), lambda: erp.count(query), lambda: erp.stock(STOCK)):
        with pytest.raises(FilterInvalid):
            ask()


# --- whatever is let through -----------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
TEXTS = st.sampled_from(["AR_Ref", "[Marque commerciale]", "[a]]b]", "ar_design"]) | TEXT.map(
    lambda text: "N'" + text.replace("'", "''") + "'"
)
NUMBERS = st.recursive(
    st.sampled_from(["AR_PrixVen", "[Taux: 50%]", "AR_Delai"]) | st.decimals(-99, 99, places=2).map(str),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner) | inner.map("-({})".format),
    max_leaves=5,
)
COMPARED = (
    st.builds("{} {} {}".format, TEXTS, st.sampled_from(["=", "<>", "!=", "<", ">="]), TEXTS)
    | st.builds("UPPER({}) LIKE {}".format, TEXTS, TEXTS)
    | st.builds("{} NOT LIKE {} ESCAPE '!'".format, TEXTS, TEXTS)
    | st.builds("{} NOT IN ({}, {})".format, TEXTS, TEXTS, TEXTS)
    | st.builds("{} BETWEEN {} AND {}".format, NUMBERS, NUMBERS, NUMBERS)
    | st.builds("LEN({}) > ABS({})".format, TEXTS, NUMBERS)
    | st.builds("ISNULL({}, {}) IS NOT NULL".format, NUMBERS, NUMBERS)
    | st.dates(date(1753, 1, 1)).map("AR_DateModif < '{}'".format)
)
CONDITIONS = st.recursive(
    COMPARED,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["AND", "OR"]), inner) | inner.map("NOT {}".format)
    ),
    max_leaves=6,
)


def outside_literals(written: str) -> str:
    """What is neither a text nor a quoted name."""
    kept, closing_mark = [], ""
    for letter in written:
        if closing_mark:
            closing_mark = "" if letter == closing_mark else closing_mark
        elif letter in "'\"[":
            closing_mark = {"[": "]"}.get(letter, letter)
        else:
            kept.append(letter)
    return "".join(kept)


def let_through(fragment: str, *, name: str) -> str | None:
    """What a condition becomes; None for one that is refused, with a reason."""
    try:
        return condition(fragment, article=ARTICLE, database=name)
    except FilterInvalid as error:
        refused = error
    assert refused.params["why"]
    return None


@settings(deadline=None)
@given(CONDITIONS)
def test_what_is_let_through_is_written_so_that_it_reads_as_itself(fragment: str) -> None:
    for name, dialect in DIALECTS.items():
        written = let_through(fragment, name=name)
        assume(written is not None)
        assert written is not None
        tree = sqlglot.parse_one(written, dialect=dialect)
        assert sqlglot.parse_one(tree.sql(dialect=dialect), dialect=dialect) == tree
        assert tree.sql(dialect=dialect) == written
        bare = outside_literals(written)
        assert not [mark for mark in ("--", "/*", ";", "@", "?", ":", "#") if mark in bare]
        assert "SELECT" not in bare.upper()
        if name == "mssql":
            assert condition(written, article=ARTICLE, database=name) == f"({written})"


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_a_literal_comes_out_as_it_went_in(text: str) -> None:
    printable = "".join(letter for letter in text if ord(letter) >= 32)
    fragment = "AR_Ref = '" + printable.replace("'", "''") + "'"
    for database_, dialect in DIALECTS.items():
        written = condition(fragment, article=ARTICLE, database=database_)
        literal = sqlglot.parse_one(written, dialect=dialect).find(exp.Literal, exp.National)
        assert literal is not None
        assert literal.name == printable


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_let_through_or_refused_never_something_else(fragment: str) -> None:
    for dialect in DIALECTS:
        written = let_through(fragment, name=dialect)
        assert written is None or sqlglot.parse_one(written, dialect=DIALECTS[dialect])


def test_what_only_the_database_can_see_is_the_filter_s_fault(harness: SageHarness) -> None:
    harness.edits.add_article("A1")
    digits = "1" * 25
    query = ProductQuery(filter=f"LEFT(AR_Ref, ABS(-9223372036854775807 - 1)) = '{digits}'")
    with pytest.raises(FilterInvalid, match="the database refuses it"):
        list(harness.adapter.products(query))


def test_a_condition_is_written_in_the_database_s_own_words() -> None:
    fragment = "LEFT([Densité], 1) = N'é' AND ISNULL(AR_PrixVen, 0) > 0"
    table = Tables({"f_article": {name.lower(): kind for name, kind in declared()["F_ARTICLE"].items()}})["F_ARTICLE"]
    with pytest.raises(FilterInvalid, match="has no column"):
        condition(fragment, article=table, database="postgresql")
    written = condition("AR_PrixVen > 0", article=table, database="postgresql")
    assert written == '("f_article"."ar_prixven" > 0)'
    assert condition("AR_Ref = N'é'", article=ARTICLE, database="mssql") == "([F_ARTICLE].[AR_Ref] = N'é')"


def test_a_date_is_written_so_that_every_language_of_sql_server_reads_the_same() -> None:
    written = condition("AR_DateModif > '2026-01-31'", article=ARTICLE, database="mssql")
    assert written == "([F_ARTICLE].[AR_DateModif] > '2026-01-31T00:00:00')"


def test_trim_is_written_for_servers_older_than_2017() -> None:
    written = condition("TRIM(AR_Ref) = 'a'", article=ARTICLE, database="mssql")
    assert written == "(LTRIM(RTRIM([F_ARTICLE].[AR_Ref])) = 'a')"
