"""What `check` says of a base. It only reads: whether a login could write is asked for, never tried."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from passerelle.connectors.sage100 import queries
from passerelle.connectors.sage100.client import Client
from passerelle.connectors.sage100.config import Sage100Config
from passerelle.connectors.sage100.mapping import plain
from passerelle.connectors.sage100.tables import COLUMNS, CUSTOMERS, Tables
from passerelle.connectors.sage100.versions import OPTIONAL, lacking
from passerelle.domain.stock import Warehouse
from passerelle.domain.texts import N_, text
from passerelle.ports.manifest import Finding, Severity

# One row, one column: 1 when the login may change articles.
MAY_WRITE: Final = {
    "mssql": (
        "SELECT CASE WHEN HAS_PERMS_BY_NAME('F_ARTICLE', 'OBJECT', 'INSERT') = 1"
        " OR HAS_PERMS_BY_NAME('F_ARTICLE', 'OBJECT', 'UPDATE') = 1"
        " OR HAS_PERMS_BY_NAME('F_ARTICLE', 'OBJECT', 'DELETE') = 1 THEN 1 ELSE 0 END AS may_write"
    ),
    "postgresql": "SELECT CASE WHEN has_table_privilege(:name, 'INSERT, UPDATE, DELETE') THEN 1 ELSE 0 END",
}
COLLATION: Final = {
    "mssql": "SELECT CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS VARCHAR(128)) AS collation_name",
    "postgresql": "SELECT datcollate FROM pg_database WHERE datname = current_database()",
}


def findings(
    client: Client, *, total: int, published: int, depots: Sequence[Warehouse], currency: str, assumed: bool
) -> list[Finding]:
    """One line for each thing seen. `total` and `published` count the articles that are not dormant."""
    probe(client, names=sorted(COLUMNS.keys() - {CUSTOMERS}))
    found = [
        _ok("sage_reached", N_("The Sage 100 database answers ({database})."), database=client.database),
        _articles(total, published=published),
        _depots(depots),
        _currency(currency, assumed=assumed),
        _rights(may_write=may_write(client)),
    ]
    return found + _comparison(client) + _absent(client.tables())


def probe(client: Client, *, names: Iterable[str]) -> None:
    """Ask for no row of each table that is there or must be. Raises SchemaIncomplete, RightMissing with its name."""
    for name in names:
        if name not in OPTIONAL or client.tables().has(name):
            client.rows(queries.probe(client.tables()[name]))


def _absent(tables: Tables) -> list[Finding]:
    """One line for each thing that this base cannot give."""
    since = N_("This base has no {columns}, which Sage has since {version}: {why}.")
    anyway = N_("This base has no {columns}: {why}.")
    return [
        Finding(
            Severity.WARNING,
            text("sage_absent", since if feature.since else anyway,
                 columns=", ".join(missing), version=feature.since, why=feature.without),
        )
        for feature, missing in lacking(tables.has)
    ]  # fmt: skip


def _comparison(client: Client) -> list[Finding]:
    """How texts are compared: Passerelle does it as French_CI_AS, without case and with accents."""
    if client.database not in COLLATION:
        return []
    question = sa.text(COLLATION[client.database])
    collation = str(client.read(lambda connection: connection.execute(question).scalar()) or "?")
    if client.database == "postgresql" or "_CI_AS" in collation.upper():
        return [_ok("sage_collation", N_("Texts are compared as {collation} says."), collation=collation)]
    template = N_("Texts are compared as {collation} says; Passerelle ignores their case and keeps their accents.")
    step = N_("Check that no two codes of Sage differ only by case or by accents.")
    return [Finding(Severity.WARNING, text("sage_other_collation", template, collation=collation),
                    text("sage_compare_codes", step))]  # fmt: skip


def settings_findings(client: Client, *, config: Sage100Config) -> list[Finding]:
    """What is wrong with the settings of documents, and the folder that can be used. Raises SchemaIncomplete."""
    found = []
    if config.orders_folder:
        probe(client, names=[CUSTOMERS])
        found.append(_folder(Path(config.orders_folder)))
    if client.tables().header_field(config.order_key_field) is None:
        template = N_("The header of a document has no field {field}.")
        unknown = text("sage_no_order_key_field", template, field=config.order_key_field)
        step = text("sage_order_key_field", N_("Choose another field in erp.order_key_field."))
        found.append(Finding(Severity.ERROR, unknown, step))
    if config.tracking_field and client.tables().header_field(config.tracking_field) is None:
        template = N_("The header of a document has no field {field}.")
        unknown = text("sage_no_tracking_field", template, field=config.tracking_field)
        found.append(Finding(Severity.ERROR, unknown, text("sage_tracking_field", N_("Correct erp.tracking_field."))))
    return found


def _folder(folder: Path) -> Finding:
    """Asked of the system; nothing is written."""
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return _ok("sage_folder", N_("Import files can be written to the folder of orders_folder."))
    return Finding(
        Severity.ERROR,
        text("sage_no_folder", N_("Import files cannot be written to the folder of orders_folder.")),
        text("sage_make_folder", N_("Create the folder, and let Passerelle write to it.")),
    )


def currencies(client: Client) -> list[str]:
    """The different ISO codes of P_DEVISE."""
    rows = client.rows(queries.currencies(client.tables()))
    return list(dict.fromkeys(code for row in rows if (code := plain(row[0]))))


def may_write(client: Client) -> bool:
    """Whether this login may change articles, as the database says."""
    if client.file is not None:
        return os.access(client.file, os.W_OK)
    names = {"name": f'"{client.tables()["F_ARTICLE"].name}"'} if client.database == "postgresql" else {}
    question = sa.text(MAY_WRITE[client.database])
    return bool(client.read(lambda connection: connection.execute(question, names).scalar()))


def _ok(code: str, template: str, **params: object) -> Finding:
    return Finding(Severity.OK, text(code, template, **params))


def _articles(total: int, *, published: int) -> Finding:
    if published:
        template = N_("{total} articles that are not dormant, {published} of them published on the web.")
        return _ok("sage_articles", template, total=total, published=published)
    return Finding(
        Severity.WARNING,
        text("sage_no_articles", N_("No article is published on the web ({total} are not dormant)."), total=total),
        text("sage_publish", N_("Publish articles in Sage, or set articles.published_only to false.")),
    )


def _depots(depots: Sequence[Warehouse]) -> Finding:
    if depots:
        names = ", ".join(f"{depot.name} ({depot.id})" for depot in depots)
        return _ok("sage_depots", N_("Warehouses: {names}."), names=names)
    template = N_("The company has no warehouse, so no stock can be sent.")
    return Finding(Severity.WARNING, text("sage_no_depots", template))


def _currency(currency: str, *, assumed: bool) -> Finding:
    if not assumed:
        return _ok("sage_currency", N_("Amounts are in {currency}."), currency=currency)
    return Finding(
        Severity.WARNING,
        text("sage_currency_assumed", N_("The base does not tell its currency; {currency} is assumed."),
             currency=currency),
        text("sage_set_currency", N_("Set erp.currency.")),
    )  # fmt: skip


def _rights(*, may_write: bool) -> Finding:
    if not may_write:
        return _ok("sage_read_only", N_("This login can only read."))
    return Finding(
        Severity.WARNING,
        text("sage_may_write", N_("This login may change the Sage base; Passerelle only ever reads it.")),
        text("sage_use_reader", N_("Use a login that can only read.")),
    )
