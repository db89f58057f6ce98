"""Entering, transforming and deleting documents with their effect on the stock counters.

Each function works inside the transaction of the connection it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from .documents import PREFIXES, DocType, Document, Line, header_row, line_row
from .range_edits import numbers_of
from .rows import NO_DATE, Row, plain
from .sessions import Record, Session
from .stock_moves import NO_RANGE, Numbers, Quantity, insert, move

Item = str | tuple[str, ...]  # an article, or one with the values of its ranges: ("CHAUS-SECU", "42", "Noir")

# The columns in which a line remembers the document of a stage that it has left.
_STAGES: Final = {
    DocType.QUOTATION: "DE", DocType.ORDER: "BC", DocType.PREPARATION: "PL", DocType.DELIVERY: "BL",
}  # fmt: skip
_SAME_DOCUMENT = "DO_Domaine = ? AND DO_Type = ? AND DO_Piece = ?"
# The article's own tax in an accounting category goes before its family's.
_TAX_OF_ARTICLE = """
SELECT t.TA_Code, t.TA_Taux FROM F_TAXE t WHERE t.TA_Code = COALESCE(
  (SELECT ACP_ComptaCPT_Taxe1 FROM F_ARTCOMPTA WHERE AR_Ref = ? AND ACP_Champ = ?
   AND ACP_Type = 0 AND ACP_TypeFacture = 0),
  (SELECT FCP_ComptaCPT_Taxe1 FROM F_FAMCOMPTA WHERE FA_CodeFamille = ? AND FCP_Champ = ?
   AND FCP_Type = 0 AND FCP_TypeFacture = 0))
"""


def enter(connection: Session, document: Document, *, lines: Sequence[tuple[Item, Quantity]]) -> None:
    """Raises LookupError for an unknown article or value, the driver's IntegrityError for a number taken in a type."""
    filled = [_line(connection, document, item=item, quantity=Decimal(quantity)) for item, quantity in lines]
    created: Row = {"cbCreateur": "COLU", "cbCreation": document.at}
    insert(connection, "F_DOCENTETE", header_row(document, lines=filled) | created)
    (last,) = connection.execute("SELECT COALESCE(MAX(DL_No), 0) FROM F_DOCLIGNE").fetchone()
    for rank, line in enumerate(filled, start=1):
        row = line_row(document, line, rank=rank, number=last + rank) | created
        if document.type in _STAGES:
            row[f"DL_Qte{_STAGES[document.type]}"] = line.quantity
        insert(connection, "F_DOCLIGNE", row)
        move(
            connection,
            line.ref,
            depot=document.depot,
            kind=document.type,
            quantity=line.quantity,
            numbers=line.numbers,
        )


def transform(
    connection: Session, number: str, *, source: DocType | None, target: DocType, new_number: str, at: str
) -> str:
    """Moves the lines to a new header of another type, as Sage does; the old header disappears. Gives the number."""
    header = find(connection, number, kind=source)
    left = DocType(header["DO_Type"])
    number_taken = new_number or next_number(connection, target)
    new_header = {key: header[key] for key in header.keys() if key not in {"cbMarq", "cbModification"}}  # noqa: SIM118
    new_header |= {"DO_Domaine": target.domain, "DO_Type": int(target), "DO_DocType": int(target)}
    insert(connection, "F_DOCENTETE", new_header | {"DO_Piece": number_taken, "DO_Date": _day(at), "cbCreation": at})
    for line in lines(connection, header):
        _move(connection, line, kind=left, quantity=-_decimal(line["DL_Qte"]))
        _move(connection, line, kind=target, quantity=_decimal(line["DL_Qte"]))
        _carry_line(connection, line, left=left, target=target, number=number_taken, at=at)
    connection.execute(
        f"UPDATE F_DOCREGL SET DO_Domaine = ?, DO_Type = ?, DO_Piece = ? WHERE {_SAME_DOCUMENT}",
        (target.domain, int(target), number_taken, *_key(header)),
    )
    connection.execute("DELETE FROM F_DOCENTETE WHERE cbMarq = ?", (header["cbMarq"],))
    return number_taken


def transform_part(
    connection: Session, header: Record, *, target: DocType, quantities: dict[Item, Decimal], at: str
) -> str:
    """Moves a part of the lines to a new document; the rest stays, and both are marked as remainders.

    An article alone means its lines in their order, whatever combination each is of. Gives the new number. Raises
    LookupError when a quantity is more than the document holds.
    """
    number, left = next_number(connection, target), DocType(header["DO_Type"])
    new_header = {key: header[key] for key in header.keys() if key not in {"cbMarq", "cbModification"}}  # noqa: SIM118
    new_header |= {"DO_Domaine": target.domain, "DO_Type": int(target), "DO_DocType": int(target), "DO_Reliquat": 1}
    insert(connection, "F_DOCENTETE", new_header | {"DO_Piece": number, "DO_Date": _day(at), "cbCreation": at})
    connection.execute("UPDATE F_DOCENTETE SET DO_Reliquat = 1 WHERE cbMarq = ?", (header["cbMarq"],))
    (last,) = connection.execute("SELECT COALESCE(MAX(DL_No), 0) FROM F_DOCLIGNE").fetchone()
    rest = {_key_of(connection, item): quantity for item, quantity in quantities.items()}
    for line in lines(connection, header):
        exact, any_of = (line["AR_Ref"], _numbers(line)), (line["AR_Ref"], NO_RANGE)
        key = exact if exact in rest else any_of
        part = min(rest.get(key, Decimal(0)), _decimal(line["DL_Qte"]))
        if part <= 0:
            continue
        rest[key] -= part
        last += 1
        _split_line(connection, line, part=part, number=last)
        moved = connection.execute("SELECT * FROM F_DOCLIGNE WHERE DL_No = ?", (last,)).fetchone()
        _move(connection, line, kind=left, quantity=-part)
        _move(connection, line, kind=target, quantity=part)
        _carry_line(connection, moved, left=left, target=target, number=number, at=at)
    if any(rest.values()):
        raise LookupError(f"{header['DO_Piece']} holds less than {rest}")
    return number


def _move(connection: Session, line: Record, *, kind: DocType, quantity: Decimal) -> None:
    numbers = _numbers(line)
    move(connection, line["AR_Ref"], depot=line["DE_No"], kind=kind, quantity=quantity, numbers=numbers)


def _numbers(line: Record) -> Numbers:
    return int(line["AG_No1"] or 0), int(line["AG_No2"] or 0)


def _key_of(connection: Session, item: Item) -> tuple[str, Numbers]:
    """The article and the combination that are meant. Raises LookupError."""
    if isinstance(item, str):
        return item, NO_RANGE
    return item[0], numbers_of(connection, item[0], item[1:])


def _split_line(connection: Session, line: Record, *, part: Decimal, number: int) -> None:
    """A part of a line becomes a line of its own, whose DL_No is `number`; the amounts are shared by quantity."""
    quantity = _decimal(line["DL_Qte"])
    copy = {key: line[key] for key in line.keys() if key not in {"cbMarq", "cbModification"}}  # noqa: SIM118
    shares = {column: _decimal(line[column]) for column in ("DL_MontantHT", "DL_MontantTTC")}
    mine = {column: (amount * part / quantity).quantize(Decimal("0.01")) for column, amount in shares.items()}
    insert(connection, "F_DOCLIGNE", copy | mine | {"DL_No": number, "DL_Qte": part, "EU_Qte": part})
    if part == quantity:
        connection.execute("DELETE FROM F_DOCLIGNE WHERE cbMarq = ?", (line["cbMarq"],))
        return
    left: Row = {"DL_Qte": quantity - part, "EU_Qte": quantity - part}
    left |= {column: shares[column] - mine[column] for column in shares}
    assignments = ", ".join(f"{column} = ?" for column in left)
    connection.execute(
        f"UPDATE F_DOCLIGNE SET {assignments} WHERE cbMarq = ?", (*map(plain, left.values()), line["cbMarq"])
    )


def delete(connection: Session, number: str, *, kind: DocType | None) -> None:
    """Removes header, lines and due dates for good, and gives back what the lines held."""
    header = find(connection, number, kind=kind)
    for line in lines(connection, header):
        quantity = -_decimal(line["DL_Qte"])
        _move(connection, line, kind=DocType(header["DO_Type"]), quantity=quantity)
    for table in ("F_DOCLIGNE", "F_DOCREGL", "F_DOCENTETE"):
        connection.execute(f"DELETE FROM {table} WHERE {_SAME_DOCUMENT}", _key(header))


def find(connection: Session, number: str, *, kind: DocType | None) -> Record:
    """Raises LookupError when there is none, or when several types use this number and `kind` does not tell."""
    rows = connection.execute("SELECT * FROM F_DOCENTETE WHERE DO_Piece = ?", (number,)).fetchall()
    found = [row for row in rows if kind is None or row["DO_Type"] == kind]
    if len(found) != 1:
        raise LookupError(f"{len(found)} documents are numbered {number}")
    row: Record = found[0]
    return row


def _line(connection: Session, document: Document, *, item: Item, quantity: Decimal) -> Line:
    ref, numbers = _key_of(connection, item)
    article = connection.execute("SELECT * FROM F_ARTICLE WHERE AR_Ref = ?", (ref,)).fetchone()
    if article is None:
        raise LookupError(f"no article {ref}")
    category = document.tax_category
    tax = connection.execute(_TAX_OF_ARTICLE, (ref, category, article["FA_CodeFamille"], category)).fetchone()
    code, rate = (tax["TA_Code"], _decimal(tax["TA_Taux"])) if tax else ("", Decimal(0))
    price = _decimal(article["AR_PrixVen"]) or _decimal(article["AR_PrixAch"]) * _decimal(article["AR_Coef"])
    if article["AR_PrixTTC"]:
        price = price * 100 / (100 + rate)
    price = price.quantize(Decimal("0.000001"), ROUND_HALF_UP)
    label = (article["AR_Design"] or "").strip()
    ttc = bool(article["AR_PrixTTC"])
    return Line(article["AR_Ref"], label, quantity, price, rate, code, entered_ttc=ttc, numbers=numbers)


def _carry_line(connection: Session, line: Record, *, left: DocType, target: DocType, number: str, at: str) -> None:
    changes: Row = {"DO_Domaine": target.domain, "DO_Type": int(target), "DO_DocType": int(target)}
    changes |= {"DO_Piece": number, "DO_Date": _day(at)}
    if left in _STAGES:
        stage = _STAGES[left]
        changes |= {f"DL_Piece{stage}": line["DO_Piece"], f"DL_Date{stage}": line["DO_Date"]}
    if target in _STAGES:
        changes |= {f"DL_Qte{_STAGES[target]}": line["DL_Qte"]}
    assignments = ", ".join(f"{column} = ?" for column in changes)
    connection.execute(f"UPDATE F_DOCLIGNE SET {assignments} WHERE cbMarq = ?", (*changes.values(), line["cbMarq"]))


def lines(connection: Session, header: Record) -> list[Record]:
    """The lines of a document, in their order."""
    chosen = f"SELECT * FROM F_DOCLIGNE WHERE {_SAME_DOCUMENT} ORDER BY DL_Ligne, cbMarq"
    found: list[Record] = connection.execute(chosen, _key(header)).fetchall()
    return found


def _key(header: Record) -> tuple[int, int, str]:
    return header["DO_Domaine"], header["DO_Type"], header["DO_Piece"]


def next_number(connection: Session, kind: DocType) -> str:
    """The next free number of a kind."""
    prefix = PREFIXES[kind]
    (last,) = connection.execute(
        "SELECT MAX(DO_Piece) FROM F_DOCENTETE WHERE DO_Type = ? AND DO_Piece LIKE ?"
        " AND TRIM(SUBSTR(DO_Piece, ?), '0123456789') = ''",
        (int(kind), f"{prefix}_____", len(prefix) + 1),
    ).fetchone()
    return f"{prefix}{int(last[len(prefix) :]) + 1 if last else 1:05d}"


def _day(at: str) -> str:
    return at[:10] + NO_DATE[10:]


def _decimal(value: int | float | Decimal | None) -> Decimal:
    """The digits as the base shows them; SQLite has no decimal type of its own."""
    return Decimal(str(value or 0))
