"""What a base may lack because its version of Sage is older, or because somebody gives a view instead of a table.

Everything else in `tables.COLUMNS` is required: it is in every version since V16 that has been described publicly.
Nothing is guessed from the version; the columns themselves are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from passerelle.domain.texts import N_


class Feature(NamedTuple):
    """Tables or columns that come and go together, since when, and what there is not where one of them is missing."""

    needs: tuple[str, ...]
    since: str
    without: str


ORIGINS: Final = tuple(f"F_DOCLIGNE.DL_Piece{stage}" for stage in ("DE", "BC", "PL", "BL"))
GLOSSARY_TABLES: Final = ("F_ARTGLOSS", "F_GLOSSAIRE")
RANGE_TABLES: Final = ("F_ARTENUMREF", "F_ARTGAMME")
RANGE_STOCK: Final = "F_GAMSTOCK"
RANGE_PRICES: Final = "F_TARIFGAM"
RANGE_NAMES: Final = "P_GAMME"
LINE_RANGES: Final = ("F_DOCLIGNE.AG_No1", "F_DOCLIGNE.AG_No2")

FEATURES: Final = (
    Feature(("F_DOCENTETE.DO_TotalTTC",), "100c",
            N_("the totals of its documents are not compared with those of the shop")),
    Feature(("F_GLOSSAIRE.GL_TextLangue1", "F_GLOSSAIRE.GL_TextLangue2"), "100c",
            N_("glossary texts are in one language only")),
    Feature(GLOSSARY_TABLES, "", N_("articles have no glossary texts")),
    Feature(RANGE_TABLES, "", N_("articles with ranges cannot be sent with their variants")),
    Feature((RANGE_STOCK,), "", N_("the stock of variants cannot be sent")),
    Feature((RANGE_PRICES,), "", N_("variants have the price of their article")),
    Feature((RANGE_NAMES,), "", N_("ranges are called Gamme 1 and Gamme 2")),
    Feature(LINE_RANGES, "", N_("the lines of its documents do not tell one variant from another")),
    Feature(("F_DOCENTETE.DO_NoWeb",), "", N_("erp.order_key_field must name another field")),
    Feature(tuple(f"F_DOCENTETE.{name}" for name in ("DO_Ref", "DO_Coord01", "DO_Coord02", "DO_Coord03", "DO_Coord04")),
            "", N_("these fields cannot be chosen")),
    Feature(("F_DOCENTETE.DO_Statut",), "", N_("every document counts as entered")),
    Feature(("F_DOCLIGNE.DL_NoColis",), "", N_("tracking numbers only come from erp.tracking_field")),
    Feature(ORIGINS, "", N_("no document is placed, because what becomes of it could not be told")),
    Feature(("F_COMPTET.CT_Contact", "F_COMPTET.CT_CodeRegion", "F_COMPTET.CG_NumPrinc"), "",
            N_("customers are read without them")),
    Feature(("F_PAYS", "F_PAYS.PA_CodeISO2"), "", N_("countries are written by their code")),
)  # fmt: skip
OPTIONAL: Final = frozenset(name for feature in FEATURES for name in feature.needs)


def lacking(has: Callable[[str], bool]) -> list[tuple[Feature, tuple[str, ...]]]:
    """Each feature of which something is missing, with what that is; `has` is asked for a table or `table.column`."""
    found = [(feature, tuple(name for name in feature.needs if not has(name))) for feature in FEATURES]
    return [(feature, missing) for feature, missing in found if missing]


def gone(names: Iterable[str], *, has: Callable[[str], bool]) -> str:
    """Those of these tables or columns that are not there, "" for none."""
    return ", ".join(name for name in names if not has(name))
