"""Builds the demo base: Outillage Martin, a tool-and-hardware dealer near Lyon, on a Sage-100-shaped database."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

from . import specials
from .articles import Article, draw_article
from .assortment import add_catalogue, add_families, add_family, add_texts, dress_article
from .parameters import fill_minimum, fill_parameters
from .ranged import add_ranged, paths
from .rows import BulkInsert, created_and_changed
from .schema import POSTGRESQL, SQLITE, Dialect, create_indexes_and_triggers, create_tables, make_older
from .sessions import Base, Session, in_database
from .third_parties import SUPPLIERS, add_customers, add_suppliers
from .trade import add_documents, add_stock
from .versions import NAMES, Version
from .vocabulary import load_vocabulary

_SMALLEST_WITH_SPECIALS = 50
_ARTICLES, _RANGED = 800, 100  # of the demo


def build_company(
    base: Base,
    *,
    articles: int = _ARTICLES,
    ranged: int | None = None,
    customers: int = 200,
    seed: int = 2026,
    version: Version = "100c",
) -> None:
    """Writes the whole company to a new SQLite file, or to a PostgreSQL database without one; see `Base`.

    The same numbers give the same rows. `articles` counts every row of F_ARTICLE but those of `ranged` articles, which
    come on top: None is 100 of them for the demo's 800 articles and none for any other number. Below 50 there are
    simple articles only; from 50 on, ten are services, a glove and a shoe with ranges, a packaging and a kit. `version`
    leaves out the columns that came later; see `versions`. Raises FileExistsError: a base is never written over.
    """
    if ranged is None:
        ranged = _RANGED if articles == _ARTICLES else 0
    with _new_base(base, version=version) as bulk:
        fill_minimum(bulk)
        fill_parameters(bulk)
        _fill_company(bulk, articles=articles, ranged=ranged, customers=customers, seed=seed)


def empty_base(base: Base, *, version: Version = "100c") -> None:
    """A base with its parameter lists and nothing to sell: one depot, family DIVERS at C20, customer CINTERNET.

    Raises FileExistsError.
    """
    rng = Random("empty")
    with _new_base(base, version=version) as bulk:
        fill_minimum(bulk)
        add_family(bulk, code="DIVERS", name="Divers", tax="C20", eco=False, rng=rng)
        customer = {"CT_Num": "CINTERNET", "CT_Intitule": "Client internet", "CT_Type": 0, "CT_Pays": "France"}
        bulk.add("F_COMPTET", {**customer, **created_and_changed(rng)})


def _fill_company(bulk: BulkInsert, *, articles: int, ranged: int, customers: int, seed: int) -> None:
    def rng(purpose: str) -> Random:
        """One stream a purpose: a change in one part leaves the others as they were."""
        return Random(f"{seed}-{purpose}")

    vocabulary = load_vocabulary()
    add_families(bulk, families=vocabulary.families, rng=rng("families"))
    for code, name in (("SERVICE", "Services et prestations"), ("DIVERS", "Divers")):
        add_family(bulk, code=code, name=name, tax="C20", eco=False, rng=rng("families"))
    catalogue = add_catalogue(bulk, vocabulary=vocabulary, more=paths(ranged), rng=rng("catalogue"))
    texts = add_texts(bulk, vocabulary=vocabulary, rng=rng("texts"))
    simple = articles - (specials.COUNT if articles >= _SMALLEST_WITH_SPECIALS else 0)
    sold = list(_add_simple_articles(bulk, count=simple, catalogue=catalogue, texts=texts, rng=rng("articles")))
    if simple < articles:
        specials.add_specials(bulk, simple=sold, rng=rng("specials"))
    add_ranged(bulk, count=ranged, catalogue=catalogue, rng=rng("ranged"))
    add_suppliers(bulk, rng=rng("suppliers"))
    buyers = add_customers(bulk, count=customers, rng=rng("customers"))
    held = add_documents(bulk, articles=sold, customers=buyers, rng=rng("documents"))
    add_stock(bulk, articles=sold, held=held, rng=rng("stock"))


def _add_simple_articles(
    bulk: BulkInsert, *, count: int, catalogue: dict[tuple[str, ...], int], texts: dict[str, int], rng: Random
) -> Iterator[Article]:
    products = load_vocabulary().products
    for index in range(count):
        article, row = draw_article(index, products=products, catalogue=catalogue, rng=rng)
        bulk.add("F_ARTICLE", row)
        dress_article(bulk, article, texts=texts, suppliers=SUPPLIERS, rng=rng)
        yield article


@contextmanager
def _new_base(base: Base, *, version: Version) -> Iterator[BulkInsert]:
    new = _new_file(base, version=version) if isinstance(base, Path) else _new_database(base, version=version)
    with new as bulk:
        yield bulk


@contextmanager
def _new_file(path: Path, *, version: Version) -> Iterator[BulkInsert]:
    """A base under a temporary name, which gets its own once complete: a killed build leaves no half company."""
    if path.exists():
        raise FileExistsError(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as connection:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        with _filled(connection, dialect=SQLITE, version=version) as bulk:
            yield bulk
        # Readers and writers do not wait for each other, as with SQL Server's row versions.
        connection.execute("PRAGMA journal_mode = WAL")
    os.replace(unfinished, path)


@contextmanager
def _new_database(address: str, *, version: Version) -> Iterator[BulkInsert]:
    with in_database(address) as session:  # one transaction, tables included
        if session.execute("SELECT to_regclass('F_ARTICLE')").fetchone()[0] is not None:
            raise FileExistsError("the database holds a company")
        with _filled(session, dialect=POSTGRESQL, version=version) as bulk:
            yield bulk


@contextmanager
def _filled(session: Session, *, dialect: Dialect, version: Version) -> Iterator[BulkInsert]:
    create_tables(session, dialect=dialect, version=version)
    bulk = BulkInsert(session, longest=NAMES if version != "100c" else None)
    yield bulk
    bulk.flush()
    make_older(session, dialect=dialect, version=version)
    stamps = dialect if version == "100c" else dialect.stamping_minutes()
    create_indexes_and_triggers(session, dialect=stamps)
