"""What older versions lack, what a base may spell or hold otherwise, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
import sqlglot
from sqlalchemy.dialects import mssql
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlglot import exp
from tests.connectors.sage100.harness import SageHarness

from passerelle.connectors.sage100 import findings, layouts
from passerelle.connectors.sage100.adapter import Sage100
from passerelle.connectors.sage100.config import Sage100Config
from passerelle.connectors.sage100.faults import fault
from passerelle.connectors.sage100.tables import COLUMNS
from passerelle.connectors.sage100.versions import FEATURES, OPTIONAL
from passerelle.domain.catalogue import Product
from passerelle.domain.stock import DocumentKind
from passerelle.errors import CapabilityMissing, FieldUnknown, OrderFieldTooLong, RightMissing, SchemaIncomplete
from passerelle.ports.erp import ProductQuery, StockQuery
from passerelle.ports.manifest import Severity
from passerelle.sandbox.sage100 import Version, build_company
from passerelle.testing.builders import article, pieces, sales_document
from passerelle.testing.clock import HeldClock
from passerelle.testing.erp_sink import BUYER, nothing

VERSIONS: tuple[Version, ...] = ("v16", "v21", "100c")


@pytest.fixture(params=VERSIONS)
def company(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    build_company(tmp_path / "base.db", articles=120, customers=20, version=request.param)
    return request.param, tmp_path / "base.db"


@pytest.fixture(params=["v16", "v21"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SageHarness]:
    made = SageHarness(tmp_path, version=request.param)
    yield made
    made.adapter.close()


def opened(path: Path, **options: Any) -> Sage100:
    return Sage100(Sage100Config(url=f"sqlite:///{path}", **options), clock=HeldClock())


def read(harness: SageHarness, **query: Any) -> dict[str, Product]:
    return {one.key: one.read() for page in harness.adapter.products(ProductQuery(**query)) for one in page}


def absent(adapter: Sage100) -> list[str]:
    return [str(one.text) for one in adapter.check() if one.text.code == "sage_absent"]


# --- versions --------------------------------------------------------------------------------------------------------


def test_the_same_company_reads_the_same_in_every_version(tmp_path: Path) -> None:
    query = ProductQuery(base_price="2", fields=frozenset({"AR_Stat01", "GL_Text", "FA_Intitule", "Densité"}))
    found: list[Any] = []
    for version in VERSIONS:
        build_company(tmp_path / version, articles=120, customers=20, version=version)
        with closing(opened(tmp_path / version)) as adapter:
            stock = StockQuery(warehouses=("1", "2"))
            found.append((
                {one.key: one.read() for page in adapter.products(query) for one in page},
                {one.key: one.read() for page in adapter.stock(stock) for one in page},
            ))  # fmt: skip
    assert found[0] == found[1] == found[2]
    assert len(found[0][0]) > 50


def test_check_says_what_a_version_does_not_have(company: tuple[str, Path]) -> None:
    version, path = company
    with closing(opened(path)) as adapter:
        said = absent(adapter)
    if version == "100c":
        assert said == []
        return
    assert said == [
        "This base has no F_DOCENTETE.DO_TotalTTC, which Sage has since 100c: "
        "the totals of its documents are not compared with those of the shop.",
        "This base has no F_GLOSSAIRE.GL_TextLangue1, F_GLOSSAIRE.GL_TextLangue2, which Sage has since 100c: "
        "glossary texts are in one language only.",
    ]


def test_a_text_that_a_version_lacks_cannot_be_chosen_and_is_never_sent_empty(old: SageHarness) -> None:
    old.seed(article("A1"))
    assert "GL_Text" in old.adapter.fields()
    assert "GL_TextLangue1" not in old.adapter.fields()
    with pytest.raises(FieldUnknown, match="GL_TextLangue1"):
        old.adapter.products(ProductQuery(fields=frozenset({"GL_TextLangue1"})))


def test_a_total_that_a_version_lacks_is_none_and_not_zero(old: SageHarness) -> None:
    old.seed(article("A1", stock=pieces(9)))
    assert old.sink.place(sales_document("MD-1", skus=("A1",), tax_code="C20"), handing_over=nothing) == ""
    old.take()
    found = old.sink.find_document("MD-1")
    assert found is not None
    assert (found.total, found.kind, len(found.number)) == (None, DocumentKind.ORDER, 7)


@pytest.mark.parametrize(("version", "limit"), [("v16", 35), ("v21", 35), ("100c", 69)])
def test_a_customer_s_name_is_never_longer_than_the_base_s_own_column(
    tmp_path: Path, version: Version, limit: int
) -> None:
    layout = layouts.CUSTOMER.replace("name(35)", "name(200)")
    made = SageHarness(tmp_path, version=version, customer_layout=layout)
    buyer = msgspec.structs.replace(BUYER, company="x" * (limit + 1))
    with closing(made.adapter), pytest.raises(OrderFieldTooLong) as refused:
        made.sink.place_customer(buyer, handing_over=nothing)
    assert refused.value.params | {"value": ""} == {"key": "CL77", "field": "name", "value": "", "limit": str(limit)}
    assert list(made.folder.rglob("*.t*")) == []


def test_what_a_robot_and_a_person_do_works_in_every_version(old: SageHarness) -> None:
    old.seed(article("A1", stock=pieces(9)), article("A2", stock=pieces(9)))
    old.edits.add_document(1, "BC90001", "MD-1", lines=[("A1", "2"), ("A2", "1")])
    assert old.edits.transform_document("BC90001", 3).startswith("BL")
    (document,) = old.adapter.documents("MD")
    assert (document.kind, document.origins) == (DocumentKind.DELIVERY, ("BC90001",))
    assert old.rows("SELECT DISTINCT DO_DateLivr FROM F_DOCENTETE") == [("1900-01-01 00:00:00",)]


# --- changes ---------------------------------------------------------------------------------------------------------


def digests(harness: SageHarness) -> dict[str, bytes]:
    return {one.key: one.digest for page in harness.adapter.products(ProductQuery()) for one in page}


def test_two_changes_in_the_same_minute_are_both_seen(old: SageHarness) -> None:
    old.edits.add_article("A1", AR_PrixVen=10)
    seen = [digests(old)["A1"]]
    for price in (11, 12):
        old.edits.set_price("A1", price)
        old.execute("UPDATE F_ARTICLE SET cbModification = '2026-01-31 10:00:00.000000'")
        seen.append(digests(old)["A1"])
    assert len(set(seen)) == 3


def test_a_new_date_of_change_alone_changes_nothing(harness: SageHarness) -> None:
    harness.edits.add_article("A1", AR_PrixVen=10)
    before = digests(harness)
    harness.execute("UPDATE F_ARTICLE SET cbModification = '2026-01-31 10:00:00.000000'")
    assert digests(harness) == before


def test_an_article_deleted_for_good_is_simply_not_read_any_more(old: SageHarness) -> None:
    old.seed(article("A1", stock=pieces(1)), article("A2", stock=pieces(1)))
    old.delete("A1")
    assert set(read(old)) == {"A2"}
    stock = old.adapter.stock(StockQuery(warehouses=("1",)))
    assert [one.key for page in stock for one in page] == ["A2"]


@pytest.mark.parametrize("version", ["v16", "v21"])
def test_an_old_base_keeps_its_dates_to_the_minute(tmp_path: Path, version: Version) -> None:
    made = SageHarness(tmp_path, version=version)
    made.edits.add_article("A1")
    made.edits.update_article("A1", AR_Design="Autre")
    [(stamp,)] = made.rows("SELECT cbModification FROM F_ARTICLE")
    made.adapter.close()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:00\.000000", stamp)


# --- keys and none ---------------------------------------------------------------------------------------------------


def test_keys_are_the_same_whatever_their_case_and_the_spaces_behind_them(harness: SageHarness) -> None:
    harness.seed(article("VIS-1", stock=pieces(9)))
    harness.execute("DELETE FROM F_ARTCOMPTA")
    harness.execute("UPDATE F_ARTICLE SET AR_Ref = 'VIS-1 ', FA_CodeFamille = 'divers  '")
    harness.execute("UPDATE F_TAXE SET TA_Code = 'c20  ' WHERE TA_Code = 'C20'")
    found = read(harness, fields=frozenset({"FA_Intitule"}))["VIS-1"]
    assert found.tax is not None
    assert (found.sku, found.tax.code, found.fields) == ("VIS-1", "c20", {"FA_Intitule": "Divers"})
    assert harness.adapter.count(ProductQuery(only="VIS-1")) == 1
    order = sales_document("MD-1", skus=("VIS-1",), tax_code="C20", customer_code="cl1")
    assert harness.sink.price(order).total > 0
    assert harness.sink.place(order, handing_over=nothing) == ""


def test_zero_and_blank_are_none(harness: SageHarness) -> None:
    harness.execute("INSERT INTO F_TAXE (TA_No, TA_Code, TA_Taux) VALUES (99, '', 33)")
    harness.execute("INSERT INTO F_FAMILLE (FA_CodeFamille, FA_Intitule) VALUES ('', 'nobody')")
    harness.execute("INSERT INTO F_FAMCOMPTA (FA_CodeFamille, FCP_ComptaCPT_Taxe1) VALUES ('', '')")
    harness.edits.add_article("A1", FA_CodeFamille="", CL_No1=0, AR_CodeBarre="", AR_PrixVen=0)
    harness.edits.add_article("A2", FA_CodeFamille="  ", AR_CodeBarre=None)
    for found in read(harness).values():
        assert (found.tax, found.categories, found.gtin, found.price) == (None, (), "", None)
    harness.execute("UPDATE F_COMPTET SET N_CatTarif = 0, N_CatCompta = 0, CG_NumPrinc = ''")
    (customer,) = harness.sink.find_customers(code="CL1")
    assert (customer.price_category, customer.tax_category, customer.account) == ("", "", "")


@pytest.mark.parametrize("none", ["1753-01-01 00:00:00", "1900-01-01 00:00:00", None])
def test_the_empty_dates_of_both_types_are_none(harness: SageHarness, none: str | None) -> None:
    harness.edits.add_article("A1", AR_DateApplication=none)
    harness.execute(
        "INSERT INTO F_GLOSSAIRE (GL_No, GL_Text, GL_PeriodeDeb, GL_PeriodeFin) VALUES (1, 'T', ?, ?)", (none, none)
    )
    harness.execute("INSERT INTO F_ARTGLOSS (AR_Ref, GL_No) VALUES ('A1', 1)")
    fields = read(harness, fields=frozenset({"AR_DateApplication", "GL_Text"}))["A1"].fields
    assert fields == {"AR_DateApplication": "", "GL_Text": "T"}


# --- other bases -----------------------------------------------------------------------------------------------------


def test_every_missing_column_of_a_table_is_named_at_once(harness: SageHarness) -> None:
    for name in ("AS_QteCom", "AS_QteSto"):
        harness.execute(f"ALTER TABLE F_ARTSTOCK RENAME COLUMN {name} TO x{name}")
    with pytest.raises(SchemaIncomplete) as refused:
        harness.adapter.check()
    assert refused.value.params["what"] == "F_ARTSTOCK.AS_QteSto, F_ARTSTOCK.AS_QteCom"


@pytest.mark.parametrize("name", sorted(OPTIONAL))
def test_no_optional_column_stops_the_reading(harness: SageHarness, name: str) -> None:
    harness.seed(article("A1", stock=pieces(9)))
    table, _, column = name.partition(".")
    tracked = harness.base
    harness.edits.add_document(1, "BC90001", "MD-1", lines=[("A1", "1")])
    harness.execute(f"ALTER TABLE {table} RENAME {f'COLUMN {column} ' if column else ''}TO gone")
    field = "DO_Ref" if column == "DO_NoWeb" else "DO_NoWeb"
    assert isinstance(tracked, Path)
    with closing(opened(tracked, order_key_field=field)) as adapter:
        assert [one for one in absent(adapter) if name in one] != []
        assert [one.read().sku for page in adapter.products(ProductQuery()) for one in page] == ["A1"]
        assert len(list(adapter.documents("MD"))) == (1 if field == "DO_NoWeb" else 0)


def test_an_order_key_field_that_the_base_lacks_is_told_with_those_it_has(harness: SageHarness) -> None:
    harness.execute("ALTER TABLE F_DOCENTETE RENAME COLUMN DO_NoWeb TO gone")
    assert "sage_no_order_key_field" in {one.text.code for one in harness.adapter.check()}
    with pytest.raises(FieldUnknown) as refused:
        list(harness.adapter.documents("MD"))
    assert (refused.value.params["key"], refused.value.params["field"]) == ("erp.order_key_field", "DO_NoWeb")
    assert refused.value.params["nearest"].startswith("DO_Ref, DO_Coord01")


def test_nothing_is_placed_where_the_course_of_a_document_cannot_be_told(harness: SageHarness) -> None:
    harness.seed(article("A1", stock=pieces(9)))
    harness.execute("ALTER TABLE F_DOCLIGNE RENAME COLUMN DL_PieceBC TO gone")
    for act in (
        lambda: harness.sink.place(sales_document("MD-1", skus=("A1",), tax_code="C20"), handing_over=nothing),
        lambda: harness.sink.place_customer(BUYER, handing_over=nothing),
        lambda: harness.sink.successors(["BC1"]),
    ):
        with pytest.raises(CapabilityMissing, match=r"documents\.write"):
            act()
    assert list(harness.folder.rglob("*.t*")) == []


def test_views_are_read_as_tables_are(harness: SageHarness) -> None:
    harness.seed(article("A1", stock=pieces(4)))
    for table in ("F_ARTICLE", "F_ARTSTOCK"):
        harness.execute(f"ALTER TABLE {table} RENAME TO the_{table}")
        harness.execute(f"CREATE VIEW {table} AS SELECT * FROM the_{table}")
    assert set(read(harness)) == {"A1"}
    stock = harness.adapter.stock(StockQuery(warehouses=("1",)))
    assert [one.read().on_hand for page in stock for one in page] == [4]
    assert "sage_articles" in {one.text.code for one in harness.adapter.check()}


@pytest.mark.parametrize(
    ("collation", "code"),
    [
        ("French_CI_AS", "sage_collation"),
        ("French_CI_AI", "sage_other_collation"),
        ("Latin1_General_BIN", "sage_other_collation"),
        ("Whatever_90", "sage_other_collation"),
        ("", "sage_other_collation"),
    ],
)
def test_a_collation_that_compares_otherwise_is_told(
    harness: SageHarness, monkeypatch: pytest.MonkeyPatch, collation: str, code: str
) -> None:
    monkeypatch.setitem(findings.COLLATION, "sqlite", f"SELECT '{collation}'")
    (found,) = [one for one in harness.adapter.check() if "collation" in one.text.code]
    assert found.text.code == code
    assert found.severity is (Severity.OK if code == "sage_collation" else Severity.WARNING)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("The SELECT permission was denied on the object 'F_ARTCOMPTA', database 'BIJOU', schema 'dbo'.", 229),
        ("L'autorisation SELECT a été refusée sur l'objet 'F_ARTCOMPTA', base de données 'BIJOU'.", 229),
        ("permission denied for table f_artcompta", None),
        ("droit refusé pour la table f_artcompta", None),
    ],
)
def test_a_table_that_the_login_may_not_read_is_named(words: str, number: int | None) -> None:
    driver: Any = Exception(*([(number, words)] if number else [words]))
    if number is None:
        driver.sqlstate = "42501"
    for kind in (ProgrammingError, OperationalError):
        found = fault(kind("SELECT 1", {}, driver), url=sa.make_url("mssql+pymssql://lecteur:secret@srv/BIJOU"))
        assert isinstance(found, RightMissing)
        assert found.params["resource"] == "F_ARTCOMPTA"


def test_check_asks_every_table_for_nothing(harness: SageHarness) -> None:
    seen: list[str] = []
    sa.event.listen(
        harness.adapter._client._engine, "before_cursor_execute", lambda *of: seen.append(of[2]), named=False
    )
    harness.adapter.check()
    probed = {table for table in COLUMNS for said in seen if f'FROM "{table}"' in said and "0 = 1" in said}
    assert probed == set(COLUMNS)


# --- the catalogue of SQL Server -------------------------------------------------------------------------------------


class Stopped(Exception):
    """The statement was seen."""


class Recorder:
    """A connection that only notes what it is asked."""

    def __init__(self) -> None:
        self.dialect = mssql.dialect()
        self.asked: list[Any] = []

    def execution_options(self, **_: object) -> Recorder:
        return self

    def execute(self, statement: Any, values: dict[str, Any] | None = None, *_: object) -> Any:
        self.asked.append(statement.params(values or {}))
        raise Stopped

    scalars = execute


@pytest.mark.parametrize("question", ["get_columns", "get_table_names", "get_view_names"])
def test_the_questions_to_the_catalogue_are_sql_server_s_language(question: str) -> None:
    recorder = Recorder()
    recorder.dialect.server_version_info = (10, 50)
    names = ("F_ARTICLE",) if question == "get_columns" else ()
    with pytest.raises(Stopped):
        getattr(recorder.dialect, question)(recorder, *names, schema="dbo")
    (asked,) = recorder.asked
    written = asked.compile(dialect=recorder.dialect, compile_kwargs={"literal_binds": True})
    (parsed,) = sqlglot.parse(str(written), dialect="tsql")
    assert isinstance(parsed, exp.Select)


def test_the_readme_says_of_every_optional_column_what_is_absent_without_it() -> None:
    readme = (files("passerelle.connectors.sage100") / "README.md").read_text(encoding="utf-8")
    rows = [line for line in readme.splitlines() if line.startswith(("| `F_", "| `P_")) and line.count("|") == 4]
    for feature in FEATURES:
        (row,) = [line for line in rows if f"`{feature.needs[0]}`" in line]
        assert all(f"`{name}`" in row for name in feature.needs)
        assert feature.without in row
