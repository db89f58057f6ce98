"""The ERPs of the demo: each a whole company on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.cli.demo_profile import Connection, ErpWords

if TYPE_CHECKING:
    from passerelle.sandbox.odoo import FakeOdoo

ODOO = ErpWords(
    title="an Odoo company",
    texts={
        "name": {"fr": "name", "en": "name@en_US"},
        "description": {"fr": "description_sale", "en": "description_sale@en_US"},
    },
    brand="x_marque",
    features={"Saison": "x_saison"},
    warehouses=("Dépôt principal", "Magasin Villeurbanne"),
    imports={"rounding_article": "ECART", "wrapping_article": "DIVERS"},
    taxes={},  # Odoo's own numbers, known once it is up
    payments=("Virement", "Chèque"),
    carriers=("Enlèvement au magasin", "Messagerie 24/48 h"),
    shipping_article="PORT",
)
SAGE100 = ErpWords(
    title="a Sage 100 company",
    texts={
        "name": {"fr": "AR_Design", "en": "AR_Langue1"},
        "description": {"fr": "GL_Text", "en": "GL_TextLangue1"},
    },
    brand="Marque commerciale",
    features={"Saison": "AR_Stat02", "Densité": "Densité"},
    warehouses=("Dépôt principal", "Magasin Villeurbanne"),
    imports={"series": "Web", "rounding_article": "ECART", "rounding_tax": "EXO", "wrapping_article": "DIVERS"},
    taxes={"20": "C20", "10": "C10", "5.5": "C55", "2.1": "C21", "0": "EXO"},
    payments=("Virement", "Chèque"),
    carriers=("Enlèvement au magasin", "Messagerie 24/48 h"),
    shipping_article="PORT",
)


@dataclass(frozen=True)
class ErpHouse:
    """A company that is up. `work` is a day's work of its people; it gives how much was done."""

    words: ErpWords
    connection: Connection
    work: Callable[[], int]


def sage_connection(base: Path, imports: Path) -> Connection:
    """A Sage 100 base in a file, and its folder of import files."""
    return {
        "connector": "sage100",
        "url": f"sqlite:///{base.as_posix()}",
        "orders_folder": imports.as_posix(),
        "tracking_field": "DO_Coord01",
    }


@contextmanager
def sage100(folder: Path) -> Iterator[ErpHouse]:
    """A Sage 100 base with 900 articles, and a robot at Sage."""
    from passerelle.sandbox.sage100 import Robot, build_company

    base, imports = folder / "sage100.sqlite3", folder / "import"
    build_company(base)
    imports.mkdir()
    yield ErpHouse(SAGE100, sage_connection(base, imports), Robot(base, imports).work)


@contextmanager
def odoo(folder: Path) -> Iterator[ErpHouse]:
    """An Odoo 19 with 900 articles, and a robot in its warehouse."""
    from passerelle.sandbox.odoo import FakeOdoo
    from passerelle.sandbox.odoo.company import build_company
    from passerelle.sandbox.odoo.robot import Robot

    simulated = FakeOdoo()
    build_company(simulated)
    rates = {"20": 20.0, "10": 10.0, "5.5": 5.5, "2.1": 2.1, "0": 0.0}
    codes = {rate: f"tax-{simulated.tax(value)}" for rate, value in rates.items()}
    words = replace(ODOO, taxes=codes, imports={**ODOO.imports, "rounding_tax": codes["0"]})
    with simulated.serve() as url:
        yield ErpHouse(words, odoo_connection(url, simulated), Robot(simulated).work)


def odoo_connection(url: str, simulated: FakeOdoo) -> Connection:
    """A company in a simulated Odoo."""
    return {
        "connector": "odoo",
        "url": url,
        "database": simulated.database,
        "login": simulated.login,
        "key": simulated.api_key,
        "company": "Outillage Martin",
    }


ERPS: dict[str, Callable[[Path], AbstractContextManager[ErpHouse]]] = {"sage100": sage100, "odoo": odoo}
