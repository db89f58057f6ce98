"""The tables of a Sage 100 base as SQLAlchemy tables, under the names this very base spells them with.

SQL Server keeps the case of names, PostgreSQL folds it, older versions lack some columns, and informations libres are
columns with any name. So the columns are read once, and every statement is built on what is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from passerelle.connectors.sage100.manifest import TITLE
from passerelle.connectors.sage100.versions import OPTIONAL
from passerelle.errors import SchemaIncomplete

_SIX_PLACES = Decimal("0.000001")


def exact(value: object) -> object:
    """The decimal that a DECIMAL(24,6) column of SQLite holds: it hands out integers and binary floats.

    What is no number stays as it is, so that the record it stands in is reported and not the whole page.
    """
    if type(value) is int:
        return Decimal(value)
    if type(value) is not float:
        return value
    digits = repr(value)
    if len(digits) < 9 and "e" not in digits:
        return Decimal(digits)
    try:
        return Decimal(digits).quantize(_SIX_PLACES)
    except InvalidOperation:
        return value


class Exact(sa.Numeric[Decimal]):
    """DECIMAL(24,6) as an exact Decimal."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(24, 6)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        numeric: Any = super()
        return exact if dialect.name == "sqlite" else numeric.result_processor(dialect, coltype)


class Moment(sa.TypeDecorator[datetime]):
    """A DATETIME, None for Sage's empty dates; SQLite holds it as ISO text. Unreadable text stays as it is."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return sa.String() if dialect.name == "sqlite" else sa.DateTime()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value.strip())
            except ValueError:
                return value
        return None if isinstance(value, datetime) and value.year <= 1900 else value


_T, _N, _I, _D = sa.String, Exact, sa.Integer, Moment
_ARTICLE: Final[dict[str, type[TypeEngine[Any]]]] = {
    "cbMarq": _I, "AR_Ref": _T, "AR_Design": _T, "FA_CodeFamille": _T, "AR_CodeBarre": _T, "AR_UnitePoids": _I,
    "AR_PoidsNet": _N, "AR_PoidsBrut": _N, "AR_SuiviStock": _I, "AR_Gamme1": _I, "AR_Gamme2": _I, "AR_PrixVen": _N,
    "AR_PrixTTC": _I, "AR_PrixAch": _N, "AR_Coef": _N, "AR_Sommeil": _I, "AR_Publie": _I,
    "CL_No1": _I, "CL_No2": _I, "CL_No3": _I, "CL_No4": _I,
}  # fmt: skip
COLUMNS: Final[dict[str, dict[str, type[TypeEngine[Any]]]]] = {
    "F_ARTICLE": _ARTICLE,
    "F_FAMILLE": {"FA_CodeFamille": _T, "FA_Type": _I, "FA_Intitule": _T},
    "F_CATALOGUE": {"CL_No": _I, "CL_Intitule": _T, "CL_NoParent": _I},
    "F_TAXE": {"TA_Code": _T, "TA_TTaux": _I, "TA_Taux": _N},
    "F_ARTCOMPTA": {"AR_Ref": _T, "ACP_Type": _I, "ACP_Champ": _I, "ACP_TypeFacture": _I, "ACP_ComptaCPT_Taxe1": _T,
                    "cbMarq": _I},
    "F_FAMCOMPTA": {"FA_CodeFamille": _T, "FCP_Type": _I, "FCP_Champ": _I, "FCP_TypeFacture": _I,
                    "FCP_ComptaCPT_Taxe1": _T, "cbMarq": _I},
    "P_CATTARIF": {"cbIndice": _I, "CT_Intitule": _T},
    "F_ARTCLIENT": {"AR_Ref": _T, "AC_Categorie": _I, "CT_Num": _T, "AC_PrixVen": _N, "AC_PrixTTC": _I, "AC_Coef": _N,
                    "cbMarq": _I},
    "P_GAMME": {"cbIndice": _I, "G_Intitule": _T},
    "F_ARTGAMME": {"AG_No": _I, "EG_Enumere": _T},
    "F_ARTENUMREF": {"AR_Ref": _T, "AG_No1": _I, "AG_No2": _I, "AE_Ref": _T, "AE_CodeBarre": _T, "AE_Sommeil": _I,
                     "cbMarq": _I},
    "F_TARIFGAM": {"AR_Ref": _T, "TG_RefCF": _T, "AG_No1": _I, "AG_No2": _I, "TG_Prix": _N, "TG_CodeBarre": _T,
                   "cbMarq": _I},
    "F_ARTGLOSS": {"AR_Ref": _T, "GL_No": _I, "AGL_Num": _I},
    "F_GLOSSAIRE": {"GL_No": _I, "GL_PeriodeDeb": _D, "GL_PeriodeFin": _D, "GL_Text": _T, "GL_TextLangue1": _T,
                    "GL_TextLangue2": _T},
    "F_DEPOT": {"DE_No": _I, "DE_Intitule": _T},
    "F_ARTSTOCK": {"AR_Ref": _T, "DE_No": _I, "AS_QteSto": _N, "AS_QteRes": _N, "AS_QtePrepa": _N,
                   "AS_QteAControler": _N, "AS_QteCom": _N},
    "F_GAMSTOCK": {"AR_Ref": _T, "AG_No1": _I, "AG_No2": _I, "DE_No": _I, "GS_QteSto": _N, "GS_QteRes": _N,
                   "GS_QtePrepa": _N, "GS_QteAControler": _N, "GS_QteCom": _N},
    "P_DEVISE": {"cbIndice": _I, "D_CodeISO": _T},
    "F_DOCENTETE": {"cbMarq": _I, "DO_Domaine": _I, "DO_Type": _I, "DO_Provenance": _I, "DO_Piece": _T, "DO_NoWeb": _T,
                    "DO_Ref": _T, "DO_Coord01": _T, "DO_Coord02": _T, "DO_Coord03": _T, "DO_Coord04": _T,
                    "DO_Statut": _I, "DO_TotalTTC": _N},
    "F_DOCLIGNE": {"cbMarq": _I, "DO_Domaine": _I, "DO_Type": _I, "DO_Piece": _T, "DL_Ligne": _I, "AR_Ref": _T,
                   "AG_No1": _I, "AG_No2": _I, "DL_Qte": _N, "DL_NoColis": _T, "DL_PieceDE": _T, "DL_PieceBC": _T,
                   "DL_PiecePL": _T, "DL_PieceBL": _T},
    "F_COMPTET": {"cbMarq": _I, "CT_Type": _I, "CT_Num": _T, "CT_Intitule": _T, "CT_Contact": _T, "CT_Adresse": _T,
                  "CT_Complement": _T, "CT_CodePostal": _T, "CT_Ville": _T, "CT_CodeRegion": _T, "CT_Pays": _T,
                  "CT_Telephone": _T, "CT_EMail": _T, "CT_Identifiant": _T, "N_CatTarif": _I, "N_CatCompta": _I,
                  "CG_NumPrinc": _T},
    "F_PAYS": {"PA_Intitule": _T, "PA_CodeISO2": _T},
}  # fmt: skip

# A base that no document is placed in may lack it.
CUSTOMERS: Final = "F_COMPTET"
COUNTRIES: Final = "F_PAYS"
# Tables whose informations libres can be named in the settings.
_OPEN: Final = frozenset({"F_ARTICLE", "F_DOCENTETE"})
_ARTICLE_DATES = frozenset({"AR_DATECREATION", "AR_DATEMODIF", "AR_DATEAPPLICATION"})

Found = Mapping[str, Mapping[str, TypeEngine[Any]]]


def declared() -> Found:
    """The columns above, spelled as SQL Server spells them."""
    return {table: {name: kind() for name, kind in columns.items()} for table, columns in COLUMNS.items()}


class Tables:
    """The tables of one base. `found` holds its own spelling: table → column → type."""

    def __init__(self, found: Found) -> None:
        self._found = {table.upper(): (table, columns) for table, columns in found.items()}
        self._built: dict[str, sa.Table] = {}

    def __getitem__(self, name: str) -> sa.Table:
        """A table, columns keyed by Sage's spelling; an optional one may be absent. Raises SchemaIncomplete."""
        if name not in self._built:
            self._built[name] = self._build(name)
        return self._built[name]

    def _build(self, name: str) -> sa.Table:
        if name.upper() not in self._found:
            raise SchemaIncomplete(system=TITLE, what=name)
        actual, columns = self._found[name.upper()]
        spelled = {column.upper(): column for column in columns}
        missing = [f"{name}.{column}" for column in COLUMNS[name] if column.upper() not in spelled]
        if required := [column for column in missing if column not in OPTIONAL]:
            raise SchemaIncomplete(system=TITLE, what=", ".join(required))
        parts = [
            sa.Column(spelled[column.upper()], kind(), key=column)
            for column, kind in COLUMNS[name].items()
            if column.upper() in spelled
        ]
        if name in _OPEN:
            parts += _other_columns(columns, of=name)
        return sa.Table(actual, sa.MetaData(), *parts)

    def has(self, name: str) -> bool:
        """Whether this base has a table, or a column written `table.column`."""
        table, _, column = name.upper().partition(".")
        if table not in self._found:
            return False
        return not column or column in map(str.upper, self._found[table][1])

    def length(self, table: str, column: str) -> int | None:
        """How many characters a text column holds; None where the base does not say."""
        if not self.has(f"{table}.{column}"):
            return None
        columns = self._found[table.upper()][1]
        (kind,) = (kind for name, kind in columns.items() if name.upper() == column.upper())
        return kind.length if isinstance(kind, sa.String) else None

    def header_field(self, name: str) -> str | None:
        """The column of F_DOCENTETE with this name, whose case does not count; None when there is none."""
        return next((key for key in self["F_DOCENTETE"].c.keys() if key.lower() == name.strip().lower()), None)  # noqa: SIM118

    def article_fields(self) -> list[str]:
        """Columns of F_ARTICLE that can feed a text: all but Sage's technical ones, informations libres included."""
        return [key for key in self["F_ARTICLE"].c.keys() if not key.lower().startswith("cb")]  # noqa: SIM118


def _other_columns(columns: Mapping[str, TypeEngine[Any]], *, of: str) -> list[sa.Column[Any]]:
    known = {column.upper() for column in COLUMNS[of]}
    typed = ((name, _kind(name, kind)) for name, kind in columns.items() if name.upper() not in known)
    return [sa.Column(name, kind) for name, kind in typed if kind is not None]


def _kind(name: str, reflected: TypeEngine[Any]) -> TypeEngine[Any] | None:
    """How a column that this connector does not know by name is read; None: it cannot be shown as text."""
    if name.upper() in _ARTICLE_DATES or isinstance(reflected, sa.DateTime):
        return Moment()
    if isinstance(reflected, sa.Integer):
        return sa.Integer()
    if isinstance(reflected, (sa.Numeric, sa.Float)):
        return Exact()
    return sa.String() if isinstance(reflected, sa.String) else None
