"""The same company in SQLite and in PostgreSQL reads the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.connectors.sage100.postgresql import PASSWORD, address, database, server

from passerelle.connectors.sage100.adapter import Sage100
from passerelle.connectors.sage100.config import Sage100Config
from passerelle.errors import AnswerUnreadable, CredentialsRefused, FilterInvalid, NotThisSystem, RightMissing
from passerelle.ports.erp import ProductQuery, StockQuery
from passerelle.ports.manifest import Severity
from passerelle.sandbox.sage100 import DocType, SageEdits, Version, build_company
from passerelle.sandbox.sage100.sessions import Base, change
from passerelle.testing.builders import sales_document
from passerelle.testing.clock import HeldClock


@dataclass(frozen=True)
class Company:
    """The same rows in a file and in a database of its own, with a login that may read and one that may nothing."""

    file: Path
    database: str
    reader: str
    stranger: str

    def open(self, user: str = "postgres", *, asked: str = "") -> Sage100:
        url = address(asked or self.database, user=user)
        return Sage100(Sage100Config(url=url), clock=HeldClock(), page_size=50)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    file = tmp_path_factory.mktemp("sage") / "sage.db"
    with database() as url, server() as connection:
        for base in (file, url):
            fill(base)
        name = url.rpartition("/")[2]
        made = Company(file, name, f"{name}_reader", f"{name}_stranger")
        for role in (made.reader, made.stranger):
            connection.execute(f"CREATE ROLE {role} LOGIN")
        with change(url) as session:
            session.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {made.reader}")
        yield made
        with change(url) as session:
            session.execute(f"DROP OWNED BY {made.reader}")
        for role in (made.reader, made.stranger):
            connection.execute(f"DROP ROLE {role}")


def fill(base: Base) -> None:
    build_company(base, articles=120, customers=5)
    with change(base) as session:
        (reference,) = session.execute("SELECT AR_Ref FROM F_ARTICLE ORDER BY cbMarq").fetchone()
    edits = SageEdits(base)
    edits.add_document(DocType.ORDER, "BC99001", "MD-1", lines=[(reference, "1.5")])
    edits.add_document(DocType.ORDER, "BC99002", "MD-2", lines=[(reference, "2")])
    edits.transform_document("BC99002", DocType.DELIVERY)


def in_file(company: Company) -> Sage100:
    return Sage100(Sage100Config(url=f"sqlite:///{company.file}"), clock=HeldClock())


QUERIES = [
    ProductQuery(),
    ProductQuery(published_only=False, base_price="Revendeurs", vat_category=2),
    ProductQuery(
        base_price="1",
        fields=frozenset(
            {"AR_Stat01", "Marque commerciale", "Densité", "FA_Intitule", "GL_Text", "AR_DateApplication"}
        ),
    ),
    ProductQuery(filter="LEFT(AR_Ref, 1) <> 'A' AND [Densité] IS NULL OR AR_Design LIKE '%: 50%%'", prices=False),
]


@pytest.mark.parametrize("query", QUERIES)
def test_products_are_the_same(company: Company, query: ProductQuery) -> None:
    with closing(company.open(company.reader)) as ours, closing(in_file(company)) as theirs:
        read, expected = (
            {one.key: one.read() for page in erp.products(query) for one in page} for erp in (ours, theirs)
        )
        assert read == expected
        assert len(read) == ours.count(query) > 10


def test_stock_documents_and_lists_are_the_same(company: Company) -> None:
    with closing(company.open(company.reader)) as ours, closing(in_file(company)) as theirs:
        query = StockQuery(warehouses=("Dépôt principal", "Dépôt SAV"), published_only=False)
        read, expected = ({one.key: one.read() for page in erp.stock(query) for one in page} for erp in (ours, theirs))
        assert read == expected
        assert list(ours.documents("MD")) == list(theirs.documents("MD")) != []
        assert ours.warehouses() == theirs.warehouses()
        assert ours.price_categories() == theirs.price_categories()
        assert ours.currency() == theirs.currency() == "EUR"


def test_what_documents_are_placed_with_is_the_same(company: Company, tmp_path: Path) -> None:
    file = Sage100Config(url=f"sqlite:///{company.file}", orders_folder=str(tmp_path))
    on_server = Sage100Config(url=address(company.database, user=company.reader), orders_folder=str(tmp_path))
    with closing(sqlite3.connect(company.file)) as connection:
        code, email = connection.execute(
            "SELECT CT_Num, CT_EMail FROM F_COMPTET WHERE CT_Type = 0 AND CT_EMail <> ''"
        ).fetchone()
    ours, theirs = (Sage100(config, clock=HeldClock()) for config in (on_server, file))
    with closing(ours), closing(theirs):
        found = ours.find_document("MD-1")
        assert found == theirs.find_document("MD-1")
        assert found is not None
        assert ours.successors(["BC99002"]) == theirs.successors(["BC99002"]) != {"BC99002": []}
        assert ours.find_customers(code=code) == theirs.find_customers(code=code) != []
        assert ours.find_customers(email=email.upper()) == theirs.find_customers(email=email.upper()) != []
        order = sales_document("MD-3", skus=(found.lines[0].sku,), tax_code="C20", customer_code=code)
        assert ours.price(order) == theirs.price(order)
        assert ours.place(order, handing_over=lambda: None) == ""
        assert theirs.place(order, handing_over=pytest.fail) == ""


def test_the_rights_of_a_login_are_asked_for(company: Company) -> None:
    for user, code, severity in (
        (company.reader, "sage_read_only", Severity.OK),
        ("postgres", "sage_may_write", Severity.WARNING),
    ):
        with closing(company.open(user)) as erp:
            found = {finding.text.code: finding.severity for finding in erp.check()}
            assert found[code] is severity
            assert found["sage_collation"] is Severity.OK


def test_even_a_login_that_may_write_only_reads(company: Company) -> None:
    with closing(company.open()) as erp:
        delete = sa.text("DELETE FROM F_ARTICLE")
        with pytest.raises(AnswerUnreadable) as refused:
            erp._client.read(lambda connection: connection.execute(delete))
        assert "read-only transaction" in refused.value.detail
        assert erp.count(ProductQuery()) > 0


def test_what_is_wrong_with_a_connection_is_told_apart(company: Company) -> None:
    for user, asked, error in (
        ("passerelle_nobody", company.database, CredentialsRefused),
        (company.reader, "passerelle_nowhere", NotThisSystem),
        (company.stranger, company.database, RightMissing),
    ):
        with closing(company.open(user, asked=asked)) as erp, pytest.raises(error) as refused:
            erp.count(ProductQuery())
        assert PASSWORD not in f"{refused.value} {refused.value.detail}"
        assert refused.value.__context__ is None


def test_a_comparison_that_makes_no_sense_is_the_filter_s_fault(company: Company) -> None:
    with closing(company.open(company.reader)) as erp, pytest.raises(FilterInvalid):
        erp.count(ProductQuery(filter="AR_Ref = 5"))


@pytest.mark.parametrize("version", ["v16", "v21"])
def test_an_older_version_reads_there_as_in_a_file(tmp_path: Path, version: Version) -> None:
    with database() as url:
        for base in (tmp_path / "sage.db", url):
            build_company(base, articles=60, customers=5, version=version)
            SageEdits(base).add_article("NEW-1", AR_PrixVen=3)
        addresses = (url, f"sqlite:///{tmp_path / 'sage.db'}")
        adapters = [Sage100(Sage100Config(url=one), clock=HeldClock()) for one in addresses]
        query = ProductQuery(fields=frozenset({"AR_DateApplication", "GL_Text"}))
        read = [{one.key: one.read() for page in erp.products(query) for one in page} for erp in adapters]
        said = [[str(one.text) for one in erp.check() if one.text.code == "sage_absent"] for erp in adapters]
        for erp in adapters:
            erp.close()
    assert read[0] == read[1]
    assert read[0]["NEW-1"].fields["AR_DateApplication"] == ""
    assert said[0] == said[1] != []
