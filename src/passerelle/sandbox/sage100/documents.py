"""What a sales or purchase document is made of, and which stock counter each kind moves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum
from typing import Final

from .rows import NO_DATE, Row

_CENT = Decimal("0.01")


class DocType(IntEnum):
    """DO_Type of the sales (domain 0) and purchase (domain 1) documents that move stock or lead to one that does."""

    QUOTATION = 0
    ORDER = 1
    PREPARATION = 2
    DELIVERY = 3
    RETURN = 4
    FINANCIAL_CREDIT = 5
    INVOICE = 6
    POSTED_INVOICE = 7
    PURCHASE_ORDER = 12
    PURCHASE_RECEIPT = 13

    @property
    def domain(self) -> int:
        return self // 10


PREFIXES: Final = {
    DocType.QUOTATION: "DE", DocType.ORDER: "BC", DocType.PREPARATION: "PL", DocType.DELIVERY: "BL",
    DocType.RETURN: "BR", DocType.FINANCIAL_CREDIT: "BA", DocType.INVOICE: "FA", DocType.POSTED_INVOICE: "FC",
    DocType.PURCHASE_ORDER: "CF", DocType.PURCHASE_RECEIPT: "LF",
}  # fmt: skip

# One counter a type: leaving a type undoes it, entering a type does it, so a transformation is both.
EFFECTS: Final[dict[DocType, tuple[str, int]]] = {
    DocType.ORDER: ("AS_QteRes", 1),
    DocType.PREPARATION: ("AS_QtePrepa", 1),
    DocType.DELIVERY: ("AS_QteSto", -1),
    DocType.INVOICE: ("AS_QteSto", -1),
    DocType.POSTED_INVOICE: ("AS_QteSto", -1),
    DocType.RETURN: ("AS_QteSto", 1),
    DocType.PURCHASE_ORDER: ("AS_QteCom", 1),
    DocType.PURCHASE_RECEIPT: ("AS_QteSto", 1),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A header. `at` is a DATETIME text; a web order carries its key in `web_no`."""

    type: DocType
    number: str
    at: str
    customer: str
    depot: int
    web_no: str = ""
    reference: str = ""
    external_ref: str = ""
    series: int = 0
    tariff: int = 1
    tax_category: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """`price` excludes VAT, `rate` is in percent; `numbers` are AG_No1 and AG_No2 of a combination, 0 for none."""

    ref: str
    label: str
    quantity: Decimal
    price: Decimal
    rate: Decimal
    tax: str
    entered_ttc: bool = False
    numbers: tuple[int, int] = (0, 0)

    @property
    def amount(self) -> Decimal:
        return (self.quantity * self.price).quantize(_CENT, ROUND_HALF_UP)


def totals(lines: Iterable[Line]) -> tuple[Decimal, Decimal]:
    """(excl. VAT, incl. VAT): VAT is rounded once a rate, at the foot of the document."""
    bases: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for line in lines:
        bases[line.rate] += line.amount
    vat = sum(((base * rate / 100).quantize(_CENT, ROUND_HALF_UP) for rate, base in bases.items()), Decimal(0))
    net = sum(bases.values(), Decimal(0))
    return net, net + vat


def header_row(document: Document, *, lines: Sequence[Line]) -> Row:
    net, gross = totals(lines)
    return {
        "DO_Domaine": document.type.domain, "DO_Type": int(document.type), "DO_DocType": int(document.type),
        "DO_Piece": document.number, "DO_Date": document.at[:10] + " 00:00:00", "DO_Tiers": document.customer,
        "CT_NumPayeur": document.customer, "DE_No": document.depot, "DO_NoWeb": document.web_no,
        "DO_Ref": document.reference, "DO_RefExterne": document.external_ref, "DO_Souche": document.series,
        "DO_Tarif": document.tariff, "N_CatCompta": document.tax_category, "DO_Statut": 2,
        "DO_DateLivr": NO_DATE, "DO_DateLivrRealisee": NO_DATE, "DO_DateExpedition": NO_DATE,
        "DO_TotalHT": net, "DO_TotalHTNet": net, "DO_TotalTTC": gross, "DO_NetAPayer": gross,
    }  # fmt: skip


def line_row(document: Document, line: Line, *, rank: int, number: int) -> Row:
    """`rank` counts from 1 and gives DL_Ligne in steps of 1000; `number` is DL_No, unique in the base."""
    gross = (line.price * (100 + line.rate) / 100).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    return {
        "DO_Domaine": document.type.domain, "DO_Type": int(document.type), "DO_DocType": int(document.type),
        "DO_Piece": document.number, "DO_Date": document.at[:10] + " 00:00:00", "CT_Num": document.customer,
        "DO_Ref": document.reference, "DL_Ligne": rank * 1000, "DL_No": number, "AR_Ref": line.ref,
        "AG_No1": line.numbers[0], "AG_No2": line.numbers[1],
        "DL_Design": line.label, "DL_Qte": line.quantity, "EU_Qte": line.quantity, "DL_PrixUnitaire": line.price,
        "DL_PUTTC": gross, "DL_TTC": int(line.entered_ttc), "DL_Taxe1": line.rate, "DL_CodeTaxe1": line.tax,
        "DE_No": document.depot, "DL_MontantHT": line.amount,
        "DL_MontantTTC": (line.amount * (100 + line.rate) / 100).quantize(_CENT, ROUND_HALF_UP),
        "DL_DateDE": NO_DATE, "DL_DateBC": NO_DATE, "DL_DatePL": NO_DATE, "DL_DateBL": NO_DATE,
        "DO_DateLivr": NO_DATE,
    }  # fmt: skip
