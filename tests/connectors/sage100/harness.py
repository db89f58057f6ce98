"""A Sage 100 base, in an SQLite file or a PostgreSQL database, as the contract kit and these tests see it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import event

from passerelle.connectors.sage100 import files
from passerelle.connectors.sage100.adapter import Sage100
from passerelle.connectors.sage100.config import Sage100Config
from passerelle.domain.stock import DocumentKind
from passerelle.sandbox.sage100 import Robot, SageEdits, Version, empty_base
from passerelle.sandbox.sage100.sessions import Base, change
from passerelle.testing.builders import ArticleSeed
from passerelle.testing.clock import HeldClock
from passerelle.testing.faults import Fault
from passerelle.testing.harness import Cannot

TAXES = {Decimal(20): "C20", Decimal(10): "C10", Decimal("5.5"): "C55", None: ""}
TYPES = {
    DocumentKind.QUOTATION: 0,
    DocumentKind.ORDER: 1,
    DocumentKind.PICKING: 2,
    DocumentKind.DELIVERY: 3,
    DocumentKind.RETURN: 4,
    DocumentKind.CREDIT_NOTE: 5,
    DocumentKind.INVOICE: 6,
}
# What the drivers of the three databases raise: SQLite's class with PostgreSQL's or SQL Server's code.
DRIVER_ERRORS: dict[Fault, tuple[type[sqlite3.Error], dict[str, str], tuple[Any, ...]]] = {
    Fault.UNAUTHORISED: (sqlite3.OperationalError, {"sqlstate": "28P01"}, ("password authentication failed",)),
    Fault.FORBIDDEN: (sqlite3.ProgrammingError, {}, (229, "The SELECT permission was denied")),
    Fault.REFUSED: (sqlite3.OperationalError, {}, ("connection refused",)),
    Fault.TIMEOUT: (sqlite3.OperationalError, {"sqlite_errorname": "SQLITE_BUSY"}, ("database is locked",)),
    Fault.NOT_THE_FORMAT: (sqlite3.DatabaseError, {"sqlite_errorname": "SQLITE_CORRUPT"}, ("malformed",)),
}


RENAME = files.rename
NOIR, BRUN = ("40", "Noir"), ("40", "Brun")  # values of the ranges of the article that the fixture `shoe` has


class SageHarness:
    """An empty base with two depots and a folder of import files. `execute` and `rows` go round the adapter."""

    tax_code = "C20"

    secret = "dossier-secret-7f3a"  # the folder of the file: an address is never shown, whatever it holds
    many = 8
    warehouses = ("Dépôt principal", "Réserve")

    driver_errors = DRIVER_ERRORS

    def __init__(self, folder: Path, *, version: Version = "100c", **options: Any) -> None:
        self.version: Version = version
        url = self.make_base(folder)
        self.edits = SageEdits(self.base)
        self.execute("INSERT INTO F_DEPOT (DE_No, DE_Intitule) VALUES (2, 'Réserve   ')")
        self.execute("INSERT INTO F_COMPTET (CT_Num, CT_Intitule, CT_Type) VALUES ('CL1', 'Client 1', 0)")
        self.clock = HeldClock()
        self.folder = folder / "imports"
        for place in (self.folder, self.folder / "done", self.folder / "error"):
            place.mkdir()
        config = Sage100Config(url=url, **{"orders_folder": str(self.folder), **options})
        self.sink = self.adapter = Sage100(config, clock=self.clock, page_size=3)
        self._fault: Any = None
        self._documents = 0

    def make_base(self, folder: Path) -> str:
        """Make the base; gives its address for the profile."""
        (folder / self.secret).mkdir()
        self.base: Base = folder / self.secret / "sage.db"
        empty_base(self.base, version=self.version)
        return f"sqlite:///{self.base}"

    @property
    def path(self) -> Path:
        """The file of the base."""
        assert isinstance(self.base, Path)
        return self.base

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        with change(self.base) as session:
            session.execute(sql, parameters)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        with change(self.base) as session:
            return [tuple(row) for row in session.execute(sql, parameters)]

    def stored(self) -> str:
        with closing(sqlite3.connect(self.path)) as connection:
            return "\n".join(connection.iterdump())

    def seed(self, *articles: ArticleSeed) -> None:
        for seed in articles:
            known = self.rows("SELECT 1 FROM F_ARTICLE WHERE AR_Ref = ?", (seed.sku,))
            write = self.edits.update_article if known else self.edits.add_article
            write(seed.sku, **self._columns(seed))
            self.edits.set_vat_of_article(seed.sku, 1, TAXES[seed.tax_rate])
            for depot, pieces in enumerate(seed.stock, start=1):
                if pieces is not None:
                    self.edits.set_stock(seed.sku, depot, on_hand=pieces)
            self._seed_variants(seed)

    def _seed_variants(self, seed: ArticleSeed) -> None:
        known = self.combinations(seed.sku)
        for values in known.keys() - {one.values for one in seed.variants}:
            self.edits.delete_combination(seed.sku, values)
        for one in seed.variants:
            if max(map(len, one.values)) > 35:
                raise Cannot("a value of a range has 35 characters at most")
            if one.values not in known:
                self.edits.add_combination(seed.sku, one.values)
            columns = {"AE_Ref": one.sku, "AE_CodeBarre": one.gtin or None, "AE_Sommeil": int(one.asleep)}
            self.edits.update_combination(seed.sku, one.values, **columns)
            self.edits.set_combination_price(seed.sku, one.values, 1, one.price or 0)
            for depot, pieces in enumerate(one.stock, start=1):
                if pieces is not None:
                    self.edits.set_combination_stock(seed.sku, one.values, depot, on_hand=pieces)

    def combinations(self, sku: str) -> dict[tuple[str, ...], tuple[str, str]]:
        """The values of each combination of an article, with its own reference and its numbers."""
        rows = self.rows(
            "SELECT v.EG_Enumere, w.EG_Enumere, e.AE_Ref, e.AG_No1, e.AG_No2 FROM F_ARTENUMREF e"
            " LEFT JOIN F_ARTGAMME v ON v.AG_No = e.AG_No1 LEFT JOIN F_ARTGAMME w ON w.AG_No = e.AG_No2"
            " WHERE e.AR_Ref = ?",
            (sku,),
        )
        return {
            (first,) if other is None else (first, other): (own or "", f"{number}-{second}")
            for first, other, own, number, second in rows
        }

    def range_number(self, name: str) -> int:
        """The number of a range in the company's list, made where it is missing."""
        found = self.rows("SELECT cbIndice FROM P_GAMME WHERE G_Intitule = ?", (name,))
        if found:
            return int(found[0][0])
        number = len(self.rows("SELECT 1 FROM P_GAMME")) + 1
        self.edits.name_range(number, name)
        return number

    def _columns(self, seed: ArticleSeed) -> dict[str, Any]:
        numbers = [self.category(seed.category[: level + 1]) for level in range(len(seed.category))]
        return {
            "AR_Design": seed.label,
            "AR_PrixVen": seed.price,
            "AR_PrixTTC": int(seed.tax_included),
            "AR_CodeBarre": seed.gtin or None,
            "AR_PoidsBrut": seed.weight or 0,
            "AR_SuiviStock": 2 if seed.followed else 0,
            "AR_Publie": int(seed.published),
            "AR_Sommeil": int(seed.dormant),
            **{f"AR_Gamme{rank}": self.range_number(name) for rank, name in enumerate(seed.options, start=1)},
            **{f"CL_No{level + 1}": number for level, number in enumerate((numbers + [0] * 4)[:4])},
        }

    def category(self, path: tuple[str, ...]) -> int:
        """The number of a node of the catalogue, made where it is missing."""
        parent = 0
        for level, label in enumerate(path):
            where = "SELECT CL_No FROM F_CATALOGUE WHERE CL_Intitule = ? AND CL_NoParent = ?"
            found = self.rows(where, (label, parent))
            number = found[0][0] if found else len(self.rows("SELECT 1 FROM F_CATALOGUE")) + 1
            if not found:
                self.execute(
                    "INSERT INTO F_CATALOGUE (CL_No, CL_Intitule, CL_NoParent, CL_Niveau) VALUES (?, ?, ?, ?)",
                    (number, label, parent, level),
                )
            parent = number
        return parent

    def delete(self, sku: str) -> None:
        self.edits.delete_article(sku)

    def break_record(self, sku: str) -> None:
        self.edits.update_article(sku, AR_PoidsBrut=1, AR_UnitePoids=9)

    def filter_without(self, sku: str) -> str:
        return f"NOT AR_Ref = N'{sku}'"

    def seed_document(self, order_key: str, *, kind: DocumentKind, lines: Mapping[str, Decimal]) -> None:
        self._documents += 1
        named = {sku: self._item(sku) for sku in lines}
        self.edits.add_document(
            TYPES[kind], f"WB{self._documents:05}", order_key, lines=[(named[sku], lines[sku]) for sku in lines]
        )

    def _item(self, sku: str) -> str | tuple[str, ...]:
        """What a reference sells, as the base's own edits name it."""
        for (ref,) in self.rows("SELECT DISTINCT AR_Ref FROM F_ARTENUMREF"):
            for values, (own, _) in self.combinations(ref).items():
                if sku == (own or "-".join((ref, *values))):
                    return (ref, *values)
        return sku

    # --- the importer ------------------------------------------------------------------------------------------------

    def documents_with(self, order_key: str) -> int:
        return len(self.rows("SELECT 1 FROM F_DOCENTETE WHERE DO_NoWeb = ?", (order_key,)))

    def transform(self, order_key: str, kind: DocumentKind) -> None:
        [(number,)] = self.rows("SELECT DO_Piece FROM F_DOCENTETE WHERE DO_NoWeb = ?", (order_key,))
        self.edits.transform_document(number, TYPES[kind])

    def take(self) -> None:
        """What the person at Sage does with files of the default layout."""
        Robot(self.base, self.folder).take()

    def inject(self, fault: Fault) -> None:
        if fault is Fault.LOST_ANSWER:
            files.rename = _renamed_without_an_answer
            return
        if fault not in self.driver_errors:
            raise Cannot(f"there is no HTTP between us and a database that could answer {fault}")
        kind, attributes, arguments = self.driver_errors[fault]

        def fail(*_: object) -> None:
            error = kind(*arguments, f"at {self.base}")
            for name, value in attributes.items():
                setattr(error, name, value)
            raise error

        self._fault = fail
        event.listen(self.adapter._client._engine, "do_execute", fail)

    def heal(self) -> None:
        files.rename = RENAME
        if self._fault is None:
            return
        event.remove(self.adapter._client._engine, "do_execute", self._fault)
        self._fault = None


def _renamed_without_an_answer(source: Path, target: Path) -> None:
    source.rename(target)
    raise OSError(5, "the network folder does not answer")
