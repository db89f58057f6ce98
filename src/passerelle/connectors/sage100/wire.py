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


class Combination(NamedTuple):
    """F_ARTENUMREF, one combination of an article's values; AG_No2 is 0 where there is one range.

    `value1` and `value2` are those of F_ARTGAMME, None where Sage has no such value (any more); `name1` and `name2` are
    the labels of P_GAMME. What follows the second value is only there where articles are read.
    """

    AG_No1: int
    AG_No2: int
    AE_Ref: Text
    value1: Text
    value2: Text
    AE_CodeBarre: Text = None
    AR_Gamme2: Flag = None
    name1: Text = None
    name2: Text = None


class RangePrice(NamedTuple):
    """F_TARIFGAM, a combination in one tariff category, with the F_ARTCLIENT flag of that category.

    Prices are only there when they are asked for.
    """

    AG_No1: int
    AG_No2: int
    TG_RefCF: Text
    TG_CodeBarre: Text
    TG_Prix: Number = None
    AC_PrixTTC: Flag = None


class NamedCombination(NamedTuple):
    """A combination and its article."""

    AR_Ref: str
    AG_No1: int
    AG_No2: int
    AE_Ref: Text
    value1: Text
    value2: Text


class RangeSums(NamedTuple):
    """F_GAMSTOCK of one combination, summed over the depots that count."""

    GS_QteSto: Number
    GS_QteRes: Number
    GS_QtePrepa: Number
    GS_QteAControler: Number
    GS_QteCom: Number


class Header(NamedTuple):
    """F_DOCENTETE, sales; `order_key` and `tracking` are the fields that carry them."""

    cbMarq: int
    DO_Type: int
    DO_Provenance: Flag
    DO_Piece: str
    DO_Statut: Flag
    DO_TotalTTC: Number
    order_key: Text
    tracking: Text


class Line(NamedTuple):
    """F_DOCLIGNE with an article. The pieces are the numbers it had as quotation, order, picking and delivery.

    AG_No1 is 0 where the article has no ranges; the rest of its combination is as in `Combination`.
    """

    AR_Ref: str
    DL_Qte: Number
    DL_NoColis: Text
    DL_PieceDE: Text
    DL_PieceBC: Text
    DL_PiecePL: Text
    DL_PieceBL: Text
    AG_No1: int
    AG_No2: int
    AE_Ref: Text
    value1: Text
    value2: Text


HEADER_COLUMNS: Final = Header._fields[: Header._fields.index("order_key")]
LINE_COLUMNS: Final = Line._fields[: Line._fields.index("AG_No1")]
ORIGIN_COLUMNS: Final = ("DL_PieceDE", "DL_PieceBC", "DL_PiecePL", "DL_PieceBL")


class Account(NamedTuple):
    """F_COMPTET, a customer. The country is a label."""

    CT_Num: str
    CT_Intitule: Text
    CT_Contact: Text
    CT_Adresse: Text
    CT_Complement: Text
    CT_CodePostal: Text
    CT_Ville: Text
    CT_CodeRegion: Text
    CT_Pays: Text
    CT_Telephone: Text
    CT_EMail: Text
    CT_Identifiant: Text
    N_CatTarif: Flag
    N_CatCompta: Flag
    CG_NumPrinc: Text


class Country(NamedTuple):
    """F_PAYS."""

    PA_Intitule: Text
    PA_CodeISO2: Text
