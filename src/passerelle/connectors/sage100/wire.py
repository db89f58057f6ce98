"""Rows of a Sage 100 base, by the vendor's own column names. Any column but a key may be NULL."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

Number = Decimal | None
Text = str | None
Flag = int | None


class Article(NamedTuple):
    """F_ARTICLE. Prices and catalogue numbers are only there when they are asked for."""

    cbMarq: int
    AR_Ref: str
    AR_Design: Text
    FA_CodeFamille: Text
    AR_CodeBarre: Text
    AR_UnitePoids: Flag
    AR_PoidsBrut: Number
    AR_PoidsNet: Number
    AR_SuiviStock: Flag
    AR_Gamme1: Flag
    AR_PrixVen: Number = None
    AR_PrixTTC: Flag = None
    AR_PrixAch: Number = None
    AR_Coef: Number = None
    CL_No1: int | None = None
    CL_No2: int | None = None
    CL_No3: int | None = None
    CL_No4: int | None = None


PRICE_COLUMNS: Final = ("AR_PrixVen", "AR_PrixTTC", "AR_PrixAch", "AR_Coef")
CATALOGUE_COLUMNS: Final = ("CL_No1", "CL_No2", "CL_No3", "CL_No4")
IDENTITY_COLUMNS: Final = Article._fields[: Article._fields.index("AR_PrixVen")]


class CategoryPrice(NamedTuple):
    """F_ARTCLIENT, the row of one tariff category."""

    AC_PrixVen: Number
    AC_PrixTTC: Flag
    AC_Coef: Number


class Glossary(NamedTuple):
    """F_GLOSSAIRE, one long text of an article, in the order of F_ARTGLOSS."""

    GL_PeriodeDeb: datetime | str | None
    GL_PeriodeFin: datetime | str | None
    GL_Text: Text
    GL_TextLangue1: Text
    GL_TextLangue2: Text


class TaxRow(NamedTuple):
    """F_TAXE, a rate in percent."""

    TA_Code: str
    TA_Taux: Number


class Family(NamedTuple):
    """F_FAMILLE, detail families."""

    FA_CodeFamille: str
    FA_Intitule: Text


class FamilyVat(NamedTuple):
    """F_FAMCOMPTA, sales invoices of one accounting category."""

    FA_CodeFamille: str
    FCP_ComptaCPT_Taxe1: Text


class CatalogueNode(NamedTuple):
    """F_CATALOGUE; parent 0 for none."""

    CL_No: int
    CL_Intitule: Text
    CL_NoParent: int | None


class Tariff(NamedTuple):
    """P_CATTARIF; a blank label is a category that is not used."""

    cbIndice: int
    CT_Intitule: Text


class Depot(NamedTuple):
    """F_DEPOT."""

    DE_No: int
    DE_Intitule: Text


class StockedArticle(NamedTuple):
    """F_ARTICLE as far as stock needs it."""

    cbMarq: int
    AR_Ref: str
    AR_SuiviStock: Flag
    AR_Gamme1: Flag


class StockSums(NamedTuple):
    """F_ARTSTOCK, summed over the depots that count."""

    AS_QteSto: Number
    AS_QteRes: Number
    AS_QtePrepa: Number
    AS_QteAControler: Number
    AS_QteCom: Number


class Header(NamedTuple):
    """F_DOCENTETE, sales; `order_key` is the field that carries it."""

    cbMarq: int
    DO_Type: int
    DO_Provenance: Flag
    DO_Piece: str
    order_key: Text


class Line(NamedTuple):
    """F_DOCLIGNE with an article."""

    AR_Ref: str
    DL_Qte: Number
