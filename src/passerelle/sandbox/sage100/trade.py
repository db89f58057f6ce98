"""Stock and open documents of the demo company; the counters are the sums of the open documents' lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from .articles import Article
from .documents import EFFECTS, PREFIXES, DocType, Document, Line, header_row, line_row
from .parameters import MAIN_DEPOT, SERVICE_DEPOT, SHOP_DEPOT
from .rows import BulkInsert, Row, created_and_changed, moment
from .third_parties import SUPPLIERS, Customer

_CENT = Decimal("0.01")
_RECENT = 1200  # days after January 2023: open documents are of the last months
# How many documents of each type for a hundred articles.
_FREQUENCIES = {
    DocType.QUOTATION: 2, DocType.ORDER: 6, DocType.PREPARATION: 2, DocType.DELIVERY: 3, DocType.INVOICE: 6,
    DocType.POSTED_INVOICE: 3, DocType.RETURN: 1, DocType.PURCHASE_ORDER: 2,
}  # fmt: skip
_OPEN = {DocType.ORDER, DocType.PREPARATION, DocType.PURCHASE_ORDER}

Counters = dict[tuple[str, int], dict[str, Decimal]]


def add_documents(
    bulk: BulkInsert, *, articles: Sequence[Article], customers: Sequence[Customer], rng: Random
) -> Counters:
    """Writes the documents and answers what the open ones hold, by (reference, depot) and counter."""
    held: defaultdict[tuple[str, int], dict[str, Decimal]] = defaultdict(dict)
    sold = [article for article in articles if article.sold]
    buyers = [customer for customer in customers if customer.active]
    if not sold or not buyers:
        return held
    line_number = 0
    for kind, share in _FREQUENCIES.items():
        count = max(1, len(articles) * share // 100)
        for rank in range(1, count + 1):
            document = _document(kind, rank=rank, customer=rng.choice(buyers), rng=rng)
            lines = [_line(rng.choice(sold), rng=rng) for _ in range(rng.choice((1, 1, 2, 3, 5)))]
            _write(bulk, document, lines=lines, first_number=line_number, rng=rng)
            line_number += len(lines)
            if kind in _OPEN:
                _hold(held, document, lines=lines)
        row: Row = {"DC_Domaine": kind.domain, "DC_IdCol": kind % 10, "DC_Souche": 0}
        bulk.add("F_DOCCURRENTPIECE", row | {"DC_Piece": f"{PREFIXES[kind]}{count + 1:05d}"})
    return held


def _document(kind: DocType, *, rank: int, customer: Customer, rng: Random) -> Document:
    buyer = f"F{rng.randrange(SUPPLIERS) + 1:04d}" if kind.domain == 1 else customer.code
    return Document(
        type=kind,
        number=f"{PREFIXES[kind]}{rank:05d}",
        at=moment(rng, after=_RECENT if kind in _OPEN else 0),
        customer=buyer,
        depot=rng.choice((MAIN_DEPOT, MAIN_DEPOT, MAIN_DEPOT, SHOP_DEPOT)),
        reference=rng.choice(("", "", f"CDE {rng.randrange(9999):04d}")),
        tariff=customer.tariff,
        tax_category=customer.tax_category,
    )


def _line(article: Article, *, rng: Random) -> Line:
    quantity = Decimal(rng.choice((1, 1, 1, 2, 3, 5, 10)))
    if article.by_measure and rng.random() < 0.3:
        quantity += Decimal("0.5")
    return Line(article.ref, article.label, quantity, article.price, article.rate, article.tax, article.entered_ttc)


def _write(bulk: BulkInsert, document: Document, *, lines: Sequence[Line], first_number: int, rng: Random) -> None:
    stamp: Row = {"cbCreateur": rng.choice(("COLU", "4   ")), "cbModification": document.at, "cbCreation": document.at}
    bulk.add("F_DOCENTETE", header_row(document, lines=lines) | stamp)
    for rank, line in enumerate(lines, start=1):
        bulk.add("F_DOCLIGNE", line_row(document, line, rank=rank, number=first_number + rank) | stamp)


def _hold(held: defaultdict[tuple[str, int], dict[str, Decimal]], document: Document, *, lines: list[Line]) -> None:
    counter, sign = EFFECTS[document.type]
    for line in lines:
        counters = held[line.ref, document.depot]
        counters[counter] = counters.get(counter, Decimal(0)) + sign * line.quantity


def add_stock(bulk: BulkInsert, *, articles: Sequence[Article], held: Counters, rng: Random) -> None:
    for article in articles:
        if not article.tracked:
            continue
        for depot, share in ((MAIN_DEPOT, 0.96), (SHOP_DEPOT, 0.55), (SERVICE_DEPOT, 0.08)):
            counters = held.get((article.ref, depot))
            if rng.random() < share or counters:
                _add_stock_row(bulk, article, depot=depot, counters=counters or {}, rng=rng)


def _add_stock_row(
    bulk: BulkInsert, article: Article, *, depot: int, counters: dict[str, Decimal], rng: Random
) -> None:
    on_hand = _on_hand(article, rng=rng)
    row: Row = {"AR_Ref": article.ref, "DE_No": depot, "AS_QteSto": on_hand, "AS_Principal": int(depot == MAIN_DEPOT)}
    row |= {"AS_MontSto": (on_hand * article.purchase).quantize(_CENT, ROUND_HALF_UP), "AS_Mouvemente": 1}
    row |= {name: counters.get(name, Decimal(0)) for name in ("AS_QteRes", "AS_QtePrepa", "AS_QteCom")}
    row |= {"AS_QteAControler": rng.randrange(1, 4) if rng.random() < 0.02 else 0}
    low = rng.choice((0, 0, 1, 5, 10))
    bulk.add("F_ARTSTOCK", row | {"AS_QteMini": low, "AS_QteMaxi": low * 5} | created_and_changed(rng))


def _on_hand(article: Article, *, rng: Random) -> Decimal:
    """Many of what is cheap, few of what is dear; one in eight out of stock, one in a hundred below zero."""
    draw = rng.random()
    if draw < 0.12:
        return Decimal(0)
    if draw < 0.13:
        return Decimal(-rng.randrange(1, 6))
    most = 4 if article.price > 200 else 25 if article.price > 20 else 150 if article.price > 1 else 4000
    quantity = Decimal(rng.randrange(1, most + 1))
    return quantity + Decimal("0.5") if article.by_measure and draw > 0.9 else quantity
