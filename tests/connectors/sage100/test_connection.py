"""Addresses, failures and what `check` says."""

from __future__ import annotations

import os
import sqlite3
import tomllib
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DataError, DBAPIError, OperationalError, ProgrammingError
from tests.connectors.sage100.harness import SageHarness

from passerelle.connectors.sage100.adapter import Sage100
from passerelle.connectors.sage100.config import Sage100Config
from passerelle.connectors.sage100.faults import fault
from passerelle.connectors.sage100.manifest import MANIFEST
from passerelle.errors import (
    AddressInvalid,
    AnswerUnreadable,
    CredentialsRefused,
    NotThisSystem,
    PasserelleError,
    RightMissing,
    SchemaIncomplete,
    Unavailable,
)
from passerelle.ports.erp import ProductQuery, StockQuery
from passerelle.ports.manifest import Severity
from passerelle.testing.clock import HeldClock

PASSWORD = "m0t-de-passe"


def adapter(url: str, **options: Any) -> Sage100:
    return Sage100(Sage100Config(url=url, **options), clock=HeldClock())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        f"mysql://lecteur:{PASSWORD}@srv/BIJOU",
        f"sage://lecteur:{PASSWORD}@srv/BIJOU",
        "sqlite://",
        "sqlite:///:memory:",
        f"mssql+pymssql://lecteur:{PASSWORD}@srv:port/BIJOU",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(AddressInvalid) as refused:
        adapter(url)
    assert refused.value.params["key"] == "erp.url"
    assert PASSWORD not in repr(vars(refused.value))
    assert refused.value.__context__ is None


def test_the_options_never_show_the_address() -> None:
    config = Sage100Config(url=f"mssql+pymssql://lecteur:{PASSWORD}@srv/BIJOU")
    assert PASSWORD not in repr(config)
    assert PASSWORD not in str(config)


def test_a_missing_file_is_named_and_not_created(tmp_path: Path) -> None:
    path = tmp_path / "absente.db"
    with pytest.raises(NotThisSystem, match=r"there is no file absente\.db"):
        adapter(f"sqlite:///{path}").count(ProductQuery())
    assert not path.exists()


def test_a_file_that_is_no_database_is_not_a_sage_base(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("du texte, bien plus long que seize octets\n" * 100)
    with pytest.raises(NotThisSystem, match="not a database"):
        adapter(f"sqlite:///{tmp_path}/notes.db").check()


def test_another_database_is_not_a_sage_base(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE customers (id INTEGER)")
    with pytest.raises(NotThisSystem, match="F_ARTICLE"):
        adapter(f"sqlite:///{tmp_path}/other.db").fields()


def test_a_table_or_column_that_every_version_has_is_named_when_it_is_missing(harness: SageHarness) -> None:
    harness.execute("ALTER TABLE F_ARTSTOCK RENAME COLUMN AS_QtePrepa TO QtePrepa")
    with pytest.raises(SchemaIncomplete, match=r"no F_ARTSTOCK\.AS_QtePrepa, which"):
        harness.adapter.check()
    harness.execute("DROP TABLE F_DEPOT")
    with pytest.raises(SchemaIncomplete, match="no F_DEPOT, w"), closing(adapter(f"sqlite:///{harness.path}")) as it:
        it.stock(StockQuery(warehouses=("1",)))


def test_the_file_is_opened_for_reading_only(harness: SageHarness) -> None:
    delete = sa.text("DELETE FROM F_ARTICLE")
    with pytest.raises(Unavailable) as refused:
        harness.adapter._client.read(lambda connection: connection.execute(delete))
    assert "readonly database" in refused.value.detail


def test_a_database_that_does_not_answer_is_unavailable() -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    with pytest.raises(Unavailable):
        adapter(f"postgresql://lecteur:{PASSWORD}@127.0.0.1:1/BIJOU").check()


class Refused(Exception):
    """What a driver raises; the attributes are those of psycopg or sqlite3."""

    def __init__(self, *arguments: object, **attributes: str) -> None:
        super().__init__(*arguments)
        for name, value in attributes.items():
            setattr(self, name, value)


@pytest.mark.parametrize(
    ("kind", "driver", "expected"),
    [
        (OperationalError, Refused("FATAL: password authentication failed", sqlstate="28P01"), CredentialsRefused),
        (OperationalError, Refused("FATAL: password authentication failed for user"), CredentialsRefused),
        (OperationalError, Refused("authentification par mot de passe échouée pour « lecteur »"), CredentialsRefused),
        (OperationalError, Refused('FATAL: database "BIJOU" does not exist'), NotThisSystem),
        (OperationalError, Refused("la base de données « BIJOU » n'existe pas"), NotThisSystem),
        (OperationalError, Refused('FATAL: role "lecteur" does not exist'), CredentialsRefused),
        (OperationalError, Refused((18456, b"Login failed for user")), CredentialsRefused),
        (OperationalError, Refused(18456, b"Login failed for user"), CredentialsRefused),
        (OperationalError, Refused((4060, b"Cannot open database")), NotThisSystem),
        (OperationalError, Refused((20009, b"Unable to connect")), Unavailable),
        (OperationalError, Refused("timeout expired"), Unavailable),
        (OperationalError, Refused("locked", sqlite_errorname="SQLITE_BUSY"), Unavailable),
        (ProgrammingError, Refused((229, b"The SELECT permission was denied")), RightMissing),
        (ProgrammingError, Refused("permission denied", sqlstate="42501"), RightMissing),
        (ProgrammingError, Refused("syntax error", sqlstate="42601"), AnswerUnreadable),
        (DataError, Refused("out of range", sqlstate="22003"), AnswerUnreadable),
    ],
)
def test_a_driver_s_error_becomes_ours(
    kind: type[DBAPIError], driver: Exception, expected: type[PasserelleError]
) -> None:
    url = sa.make_url(f"mssql+pymssql://lecteur:{PASSWORD}@srv-sage/BIJOU")
    driver.args = (*driver.args, f"lecteur {PASSWORD} srv-sage")
    found = fault(kind("SELECT 1", {}, driver), url=url)
    assert type(found) is expected
    for secret in (PASSWORD, "srv-sage"):
        assert secret not in f"{found.message} {found.detail} {found.params}"


# --- check -----------------------------------------------------------------------------------------------------------


def said(harness: SageHarness) -> dict[str, tuple[Severity, str]]:
    return {finding.text.code: (finding.severity, str(finding.text)) for finding in harness.adapter.check()}


def test_check_names_the_articles_and_the_depots(harness: SageHarness) -> None:
    harness.edits.add_article("A1")
    harness.edits.add_article("A2", AR_Publie=0)
    harness.edits.add_article("A3", AR_Sommeil=1)
    found = said(harness)
    assert found["sage_articles"] == (
        Severity.OK,
        "2 articles that are not dormant, 1 of them published on the web.",
    )
    assert found["sage_depots"][1] == "Warehouses: Dépôt principal (1), Réserve (2)."
    assert found["sage_currency"] == (Severity.OK, "Amounts are in EUR.")


def test_check_warns_where_nothing_is_published_or_there_is_no_depot(harness: SageHarness) -> None:
    harness.execute("DELETE FROM F_DEPOT")
    found = said(harness)
    assert found["sage_no_articles"][0] is found["sage_no_depots"][0] is Severity.WARNING


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="the superuser may write anywhere")
def test_a_file_that_cannot_be_written_is_no_warning(harness: SageHarness) -> None:
    harness.path.chmod(0o444)
    assert said(harness)["sage_read_only"][0] is Severity.OK


def test_a_login_that_can_write_is_a_warning(harness: SageHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: (path, mode) == (harness.path, os.W_OK))
    assert said(harness)["sage_may_write"][0] is Severity.WARNING
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert said(harness)["sage_read_only"][0] is Severity.OK


def test_the_currency_is_the_option_else_the_only_one_of_the_base_else_euros(harness: SageHarness) -> None:
    harness.execute("UPDATE P_DEVISE SET D_CodeISO = 'CHF'")
    assert harness.adapter.currency() == "CHF"
    harness.execute("INSERT INTO P_DEVISE (D_CodeISO, cbIndice) VALUES ('USD', 2)")
    assert harness.adapter.currency() == "EUR"
    assert said(harness)["sage_currency_assumed"][0] is Severity.WARNING
    with closing(adapter(f"sqlite:///{harness.path}", currency="USD")) as chosen:
        assert chosen.currency() == "USD"
        assert "sage_currency" in {finding.text.code for finding in chosen.check()}


def test_the_quality_file_says_what_the_manifest_says() -> None:
    quality = tomllib.loads((files("passerelle.connectors.sage100") / "quality.toml").read_text(encoding="utf-8"))
    assert quality["capabilities"] == sorted(MANIFEST.capabilities)
    assert quality["tested_with"] == list(MANIFEST.tested_with)
    assert quality["never_run_on"] == list(MANIFEST.never_run_on)
    assert quality["limits"]
