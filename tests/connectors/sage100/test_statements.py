"""Every statement, held against SQL Server's language; and the promises of paging."""

from __future__ import annotations

from contextlib import closing

import pytest
import sqlalchemy as sa
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.dialects import mssql, postgresql, sqlite
from sqlglot import exp
from tests.connectors.sage100.harness import SageHarness

from passerelle.connectors.sage100 import queries
from passerelle.connectors.sage100.adapter import Sage100
from passerelle.connectors.sage100.config import Sage100Config
from passerelle.connectors.sage100.findings import COLLATION, MAY_WRITE
from passerelle.connectors.sage100.selects import Scope
from passerelle.connectors.sage100.sqlfilter import condition
from passerelle.connectors.sage100.tables import Tables, declared
from passerelle.ports.erp import ProductQuery, StockQuery
from passerelle.testing.builders import articles
from passerelle.testing.clock import HeldClock

TABLES = Tables(declared())
FILTER = condition("AR_Ref LIKE 'A%' AND ISNULL(AR_PrixVen, 0) > 0", article=TABLES["F_ARTICLE"], database="mssql")
SCOPE = Scope(published_only=True, condition=FILTER)
STATEMENTS = queries.every_statement(TABLES) | {
    "filtered": queries.articles(TABLES, names=("cbMarq", "AR_Ref"), scope=SCOPE, page=1000),
    "filtered_count": queries.count(TABLES, scope=SCOPE),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_is_one_select_in_sql_server_s_language(name: str) -> None:
    values = {"after": 0, "last": 1000}
    bound = STATEMENTS[name].params({key: values[key] for key in values})
    written = str(bound.compile(dialect=mssql.dialect(), compile_kwargs={"literal_binds": True}))
    (parsed,) = sqlglot.parse(written, dialect="tsql")
    assert isinstance(parsed, exp.Select)
    assert not list(parsed.find_all(exp.Insert, exp.Update, exp.Delete, exp.Into, exp.Command))


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])
@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_compiles_for_the_other_databases(name: str, dialect: sa.Dialect) -> None:
    assert str(STATEMENTS[name].compile(dialect=dialect)).startswith("SELECT")


@pytest.mark.parametrize("written", [MAY_WRITE["mssql"], COLLATION["mssql"]])
def test_the_questions_of_check_are_sql_server_s_language(written: str) -> None:
    (parsed,) = sqlglot.parse(written, dialect="tsql")
    assert isinstance(parsed, exp.Select)


def statements_of(adapter: Sage100, read: object) -> list[str]:
    seen: list[str] = []

    def note(conn: object, cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    engine = adapter._client._engine
    event.listen(engine, "before_cursor_execute", note)
    assert callable(read)
    read()
    event.remove(engine, "before_cursor_execute", note)
    return seen


@pytest.mark.parametrize(("page_size", "pages"), [(10, 4), (31, 1)])
def test_the_number_of_queries_follows_the_pages_not_the_records(
    harness: SageHarness, page_size: int, pages: int
) -> None:
    harness.seed(*articles(30))
    everything = ProductQuery(base_price="2", fields=frozenset({"GL_Text", "FA_Intitule"}))
    stock = StockQuery(warehouses=harness.warehouses)
    config = Sage100Config(url=f"sqlite:///{harness.path}")
    with closing(Sage100(config, clock=HeldClock(), page_size=page_size)) as adapter:
        adapter.fields()
        of_products = statements_of(
            adapter, lambda: [one.read() for page in adapter.products(everything) for one in page]
        )
        of_stock = statements_of(adapter, lambda: [one.read() for page in adapter.stock(stock) for one in page])
    last_is_empty = page_size == 10
    small_tables, depots = 5, 1
    assert len(of_products) == small_tables + 4 * pages - 3 * last_is_empty
    assert len(of_stock) == depots + 2 * pages - last_is_empty


def test_only_the_columns_that_are_needed_are_selected(harness: SageHarness) -> None:
    adapter = harness.adapter
    adapter.fields()
    query = ProductQuery(prices=False, categories=False)
    seen = " ".join(statements_of(adapter, lambda: list(adapter.products(query))))
    for name in ("AR_PrixVen", "CL_No1", "Densité", "F_GLOSSAIRE", "F_CATALOGUE", "F_ARTCLIENT", "FA_Intitule"):
        assert name not in seen


def test_the_rows_to_compare_with_are_those_the_records_are_made_of(harness: SageHarness) -> None:
    harness.seed(*articles(8))
    query = ProductQuery(base_price="2", fields=frozenset({"GL_Text"}))
    harness.adapter.fields()
    of_records = statements_of(harness.adapter, lambda: list(harness.adapter.products(query)))
    of_rows = statements_of(harness.adapter, lambda: list(harness.adapter.typed_rows(query)))
    paged = [statement for statement in of_records if "F_ARTICLE" in statement]
    assert paged == [statement for statement in of_rows if "F_ARTICLE" in statement]
    assert sum(len(page[0]) for page in harness.adapter.typed_rows(query)) == 8


def test_an_article_is_read_once_whatever_arrives_between_pages(tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(max_examples=15, deadline=None)
    @given(
        first=st.integers(0, 12),
        arrivals=st.lists(st.integers(0, 4), max_size=5),
        deleted=st.sets(st.integers(1, 12)),
    )
    def run(first: int, arrivals: list[int], deleted: set[int]) -> None:
        harness = SageHarness(tmp_path_factory.mktemp("base"))
        harness.seed(*articles(first))
        there = first
        gone = {f"ART-{number:05}" for number in deleted if number <= first}
        read: list[str] = []
        for number, page in enumerate(harness.adapter.products(ProductQuery())):
            read += [record.key for record in page]
            if number == 0:
                for ref in gone:
                    harness.delete(ref)
            if number < len(arrivals):
                harness.seed(*articles(arrivals[number], start=there + 1))
                there += arrivals[number]
        harness.adapter.close()
        assert len(read) == len(set(read))
        assert {f"ART-{number:05}" for number in range(1, first + 1)} - gone <= set(read)

    run()
