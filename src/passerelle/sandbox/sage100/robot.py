"""The robot that plays the person at Sage: imports the files, confirms, delivers in one parcel or two, invoices.

As the real one it does not look whether an order was imported before: the same file twice is two documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from . import document_edits, import_files, range_edits
from .document_edits import Item
from .documents import DocType
from .import_files import Amounts, Fields, OrderFile, Refused
from .rows import NO_DATE, Row
from .sessions import Base, Session, change
from .stock_moves import NO_RANGE, Numbers, Quantity, insert, move
from .versions import kept

_CENT = Decimal("0.01")


class Robot:
    """Works on `base` (a file, or a postgresql:// address) and the import folder `folder`.

    `vat_rounding` is "document" (VAT rounded at the foot, per code) or "line". Changes are made one transaction each.
    """

    def __init__(
        self, base: Base, folder: Path, *, vat_rounding: str = "document", tracking_field: str = "DO_Coord01"
    ) -> None:
        self._base = base
        self._folder = folder
        self._vat_rounding = vat_rounding
        self._tracking_field = tracking_field

    # --- files ---

    def take(self) -> int:
        """Import the files that wait, customers first; gives how many. Those refused go to `error` with the reason."""
        waiting = sorted(self._folder.glob("*.txt"), key=lambda path: (not path.name.startswith("C-"), path.name))
        for path in waiting:
            try:
                self._import(path)
            except Refused as refused:
                self._move(path, "error")
                (self._folder / "error" / f"{path.stem}.err").write_text(f"{refused}\n", encoding="utf-8")
            else:
                self._move(path, "done")
        return len(waiting)

    def totals_of(self, path: Path) -> tuple[Decimal, dict[str, tuple[Decimal, Decimal]]]:
        """What an order's file totals: incl. VAT, and (excl. VAT, VAT) by VAT code."""
        with self._change() as connection:
            order = import_files.order_of(import_files.records(path))
            found = self._totals(self._amounts(connection, order))
        return _cents(sum(base + vat for base, vat in found.values())), {
            code: (_cents(base), _cents(vat)) for code, (base, vat) in found.items()
        }

    def _import(self, path: Path) -> None:
        found = import_files.records(path)
        with self._change() as connection:
            if path.name.startswith("C-"):
                self._customer(connection, import_files.customer_of(found))
            else:
                self._order(connection, import_files.order_of(found))

    def _move(self, path: Path, to: str) -> None:
        (self._folder / to).mkdir(exist_ok=True)
        path.replace(self._folder / to / path.name)

    # --- customers and orders ---

    def _customer(self, connection: Session, fields: Fields) -> None:
        if connection.execute("SELECT 1 FROM F_COMPTET WHERE CT_Num = ?", (fields["code"],)).fetchone():
            raise Refused(f"le client {fields['code']} existe déjà")
        insert(connection, "F_COMPTET", {
            "CT_Num": fields["code"], "CT_Intitule": fields["name"], "CT_Type": 0, "CT_Contact": fields["contact"],
            "CT_Adresse": fields["addr1"], "CT_Complement": fields["addr2"], "CT_CodePostal": fields["zip"],
            "CT_Ville": fields["city"], "CT_Pays": fields["country"], "CT_Telephone": fields["phone"],
            "CT_EMail": fields["email"], "CT_Identifiant": fields["vat"], "N_CatTarif": int(fields["tariff"] or 1),
            "N_CatCompta": int(fields["tax_category"] or 1), "CG_NumPrinc": fields["collective"] or "411000",
            "cbCreateur": "COLU",
        })  # fmt: skip

    def _order(self, connection: Session, order: OrderFile) -> None:
        head = order.header
        customer = connection.execute(
            "SELECT CT_Num, N_CatCompta, N_CatTarif FROM F_COMPTET WHERE CT_Type = 0 AND CT_Num = ?",
            (head["customer"],),
        ).fetchone()
        if customer is None:
            raise Refused(f"client inconnu : {head['customer']}")
        amounts = self._amounts(connection, order)
        _listed(connection, "P_REGLEMENT", "R_Intitule", head["payment_mode"])  # refused where it is not known
        number = document_edits.next_number(connection, DocType.ORDER)
        depot = _depot(connection, head["depot"])
        at = _date(head["date"])
        insert(connection, "F_DOCENTETE", self._header(head, number, at, depot) | {
            "DO_Tiers": customer["CT_Num"], "CT_NumPayeur": customer["CT_Num"],
            "N_CatCompta": customer["N_CatCompta"], "DO_Tarif": customer["N_CatTarif"],
            "DO_Souche": _listed(connection, "P_SOUCHEVENTE", "S_Intitule", head["series"], less=1),
            "DO_Expedit": _listed(connection, "P_EXPEDITION", "E_Intitule", head["carrier"]),
        } | self._total_columns(amounts))  # fmt: skip
        for rank, (line, amount) in enumerate(zip(order.lines, amounts, strict=True), start=1):
            self._line(connection, line, amount, rank=rank, number=number, at=at, depot=depot)

    def _header(self, head: Fields, number: str, at: str, depot: int) -> Row:
        return {
            "DO_Domaine": 0, "DO_Type": 1, "DO_DocType": 1, "DO_Piece": number, "DO_Date": at, "DE_No": depot,
            "DO_NoWeb": head["web_no"], "DO_Ref": head["reference"], "DO_Statut": 0, "DO_DateLivr": NO_DATE,
            "DO_DateLivrRealisee": NO_DATE, "DO_DateExpedition": NO_DATE, "cbCreateur": "COLU", "cbCreation": _now(),
        }  # fmt: skip

    def _line(
        self, connection: Session, line: Fields, amount: Amounts, *, rank: int, number: str, at: str,
        depot: int,
    ) -> None:  # fmt: skip
        quantity = Decimal(line["qty"].replace(",", "."))
        net, vat = import_files.totals([amount], vat_rounding="line")[amount.code]
        numbers = _combination(connection, line)
        (last,) = connection.execute("SELECT COALESCE(MAX(DL_No), 0) FROM F_DOCLIGNE").fetchone()
        row: Row = {
            "DO_Domaine": 0, "DO_Type": 1, "DO_DocType": 1, "DO_Piece": number, "DO_Date": at, "DL_Ligne": rank * 1000,
            "DL_No": last + 1, "AR_Ref": line["article"], "AG_No1": numbers[0], "AG_No2": numbers[1],
            "DL_Design": line["label"], "DL_Qte": quantity,
            "EU_Qte": quantity, "DL_QteBC": quantity, "DL_PrixUnitaire": line["unit_ht"].replace(",", ".") or "0",
            "DL_PUTTC": line["unit_ttc"].replace(",", ".") or "0", "DL_TTC": int(amount.ttc), "DE_No": depot,
            "DL_Taxe1": Decimal(amount.rate.numerator) / amount.rate.denominator, "DL_CodeTaxe1": amount.code,
            "DL_Remise01REM_Valeur": line["discount_pct"].replace(",", ".") or "0", "DL_Remise01REM_Type": 1,
            "DL_MontantHT": _cents(net), "DL_MontantTTC": _cents(net + vat), "DL_DateDE": NO_DATE, "DL_DateBC": at,
            "DL_DatePL": NO_DATE, "DL_DateBL": NO_DATE, "DO_DateLivr": NO_DATE, "cbCreateur": "COLU",
        }  # fmt: skip
        insert(connection, "F_DOCLIGNE", row)
        move(connection, line["article"], depot=depot, kind=DocType.ORDER, quantity=quantity, numbers=numbers)

    # --- arithmetic ---

    def _amounts(self, connection: Session, order: OrderFile) -> list[Amounts]:
        found = []
        for line in order.lines:
            article = connection.execute(
                "SELECT AR_Sommeil FROM F_ARTICLE WHERE AR_Ref = ?", (line["article"],)
            ).fetchone()
            if article is None:
                raise Refused(f"article inconnu : {line['article']}")
            if article["AR_Sommeil"]:
                raise Refused(f"article en sommeil : {line['article']}")
            _combination(connection, line)  # refused where it is not known
            found.append(import_files.amounts_of(line, rate=_rate(connection, line["tax_code"])))
        return found

    def _totals(self, amounts: list[Amounts]) -> dict[str, tuple[int, int]]:
        return import_files.totals(amounts, vat_rounding=self._vat_rounding)

    def _total_columns(self, amounts: list[Amounts]) -> Row:
        found = self._totals(amounts).values()
        net, gross = sum(base for base, _ in found), sum(base + vat for base, vat in found)
        return {
            "DO_TotalHT": _cents(net), "DO_TotalHTNet": _cents(net), "DO_TotalTTC": _cents(gross),
            "DO_NetAPayer": _cents(gross),
        }  # fmt: skip

    # --- what becomes of documents ---

    def confirm(self, number: str) -> None:
        """An entered order becomes one to prepare."""
        with self._change() as connection:
            header = document_edits.find(connection, number, kind=DocType.ORDER)
            connection.execute("UPDATE F_DOCENTETE SET DO_Statut = 2 WHERE cbMarq = ?", (header["cbMarq"],))

    def prepare(self, number: str) -> str:
        """An order becomes a preparation; gives its number."""
        return self._transform(number, source=DocType.ORDER, target=DocType.PREPARATION)

    def deliver(self, number: str, *, tracking: str = "", lines: Mapping[Item, Quantity] | None = None) -> str:
        """An order or preparation becomes a delivery note, or a part of it does; gives the number of the note.

        `lines` is article → quantity of this parcel, or (article, value of each range) → quantity; the rest stays where
        it was, marked as a remainder.
        """
        with self._change() as connection:
            header = document_edits.find(connection, number, kind=None)
            if lines is None:
                note = document_edits.transform(
                    connection, number, source=DocType(header["DO_Type"]), target=DocType.DELIVERY, new_number="",
                    at=_now(),
                )  # fmt: skip
            else:
                wanted = {ref: Decimal(str(quantity)) for ref, quantity in lines.items()}
                note = document_edits.transform_part(
                    connection, header, target=DocType.DELIVERY, quantities=wanted, at=_now()
                )
                self._retotal(connection, number, DocType(header["DO_Type"]))
                self._retotal(connection, note, DocType.DELIVERY)
            connection.execute(
                f"UPDATE F_DOCENTETE SET {self._tracking_field} = ? WHERE DO_Type = ? AND DO_Piece = ?",
                (tracking, int(DocType.DELIVERY), note),
            )
            return note

    def invoice(self, number: str) -> str:
        """A delivery note becomes an invoice; gives its number."""
        return self._transform(number, source=DocType.DELIVERY, target=DocType.INVOICE)

    def delete(self, number: str) -> None:
        """A document is deleted for good."""
        with self._change() as connection:
            document_edits.delete(connection, number, kind=None)

    def work(self) -> int:
        """What a person does of all that waits: one step of each document, files first; gives how much was done.

        Every third order leaves in two parcels. Only web orders are worked on.
        """
        done = self.take()
        for number, web_no, kind, status in self._open():
            done += 1
            if kind == DocType.DELIVERY:
                self.invoice(number)
            elif status == 0:
                self.confirm(number)
            else:
                self._send(number, web_no)
        return done

    def _send(self, number: str, web_no: str) -> None:
        digits = "".join(letter for letter in web_no if letter.isdigit()) or "0"
        with self._change() as connection:
            header = document_edits.find(connection, number, kind=DocType.ORDER)
            goods = [line for line in document_edits.lines(connection, header) if line["DL_Qte"] >= 1]
            rest = bool(header["DO_Reliquat"])
        if int(digits) % 3 == 0 and len(goods) > 1 and not rest:
            first = goods[0]
            self.deliver(number, tracking=f"6A{int(digits):09d}1", lines={first["AR_Ref"]: str(first["DL_Qte"])})
        else:
            self.deliver(number, tracking=f"6A{int(digits):09d}{2 if rest else 1}")

    def _open(self) -> list[tuple[str, str, int, int]]:
        with self._change() as connection:
            rows = connection.execute(
                "SELECT DO_Piece, DO_NoWeb, DO_Type, DO_Statut FROM F_DOCENTETE "
                "WHERE DO_NoWeb LIKE '%-%' AND DO_Domaine = 0 AND DO_Type IN (1, 3) ORDER BY DO_Type DESC, cbMarq"
            ).fetchall()
        return [tuple(row) for row in rows]

    def _transform(self, number: str, *, source: DocType, target: DocType) -> str:
        with self._change() as connection:
            return document_edits.transform(connection, number, source=source, target=target, new_number="", at=_now())

    def _retotal(self, connection: Session, number: str, kind: DocType) -> None:
        header = document_edits.find(connection, number, kind=kind)
        amounts = [
            Amounts(
                import_files.half_up(
                    Fraction(str(line["DL_Qte"]))
                    * Fraction(str(line["DL_PUTTC"] if line["DL_TTC"] else line["DL_PrixUnitaire"]))
                    * (100 - Fraction(str(line["DL_Remise01REM_Valeur"] or 0)))
                ),
                bool(line["DL_TTC"]), line["DL_CodeTaxe1"], Fraction(str(line["DL_Taxe1"])),
            )
            for line in document_edits.lines(connection, header)
        ]  # fmt: skip
        columns = kept(connection, "F_DOCENTETE", self._total_columns(amounts))
        if not columns:
            return
        assignments = ", ".join(f"{name} = ?" for name in columns)
        values = [format(value, "f") if isinstance(value, Decimal) else value for value in columns.values()]
        connection.execute(f"UPDATE F_DOCENTETE SET {assignments} WHERE cbMarq = ?", (*values, header["cbMarq"]))

    def _change(self) -> AbstractContextManager[Session]:
        return change(self._base)


def _cents(value: int) -> Decimal:
    return Decimal(value) * _CENT


def _rate(connection: Session, code: str) -> Fraction:
    row = connection.execute("SELECT TA_Taux FROM F_TAXE WHERE TA_Code = ?", (code,)).fetchone()
    if row is None:
        raise Refused(f"code taxe inconnu : {code}")
    return Fraction(str(row["TA_Taux"]))


def _combination(connection: Session, line: Fields) -> Numbers:
    """The numbers of the combination that a line names by the values of its article's ranges. Raises Refused."""
    ref, values = line["article"], tuple(value for value in (line["value1"], line["value2"]) if value)
    article = connection.execute("SELECT AR_Gamme1, AR_Gamme2 FROM F_ARTICLE WHERE AR_Ref = ?", (ref,)).fetchone()
    ranges = sum(bool(article[name]) for name in ("AR_Gamme1", "AR_Gamme2"))
    if len(values) != ranges:
        raise Refused(f"{ref} : {len(values)} énuméré(s) de gamme au lieu de {ranges}")
    if not values:
        return NO_RANGE
    try:
        numbers = range_edits.numbers_of(connection, ref, values)
    except LookupError:
        raise Refused(f"énuméré de gamme inconnu : {ref} {' / '.join(values)}") from None
    if range_edits.row_of(connection, ref, numbers)["AE_Sommeil"]:
        raise Refused(f"énuméré de gamme en sommeil : {ref} {' / '.join(values)}")
    return numbers


def _depot(connection: Session, name: str) -> int:
    if not name.strip():
        (number,) = connection.execute("SELECT DE_No FROM F_DEPOT ORDER BY DE_Principal DESC, DE_No").fetchone()
        return int(number)
    row = connection.execute(
        "SELECT DE_No FROM F_DEPOT WHERE TRIM(DE_Intitule) = ? OR CAST(DE_No AS TEXT) = ?", (name.strip(), name.strip())
    ).fetchone()
    if row is None:
        raise Refused(f"dépôt inconnu : {name}")
    return int(row["DE_No"])


def _listed(connection: Session, table: str, column: str, value: str, *, less: int = 0) -> int:
    """The index of a value in one of Sage's lists; the first where none is named. Raises Refused."""
    if not value.strip():
        return 1 - less
    row = connection.execute(
        f"SELECT cbIndice FROM {table} WHERE UPPER(TRIM({column})) = UPPER(?)", (value.strip(),)
    ).fetchone()
    if row is None:
        raise Refused(f"{value} n'est pas dans la liste {table}")
    return int(row["cbIndice"]) - less


def _date(text: str) -> str:
    """JJMMAA as a DATETIME. Raises Refused."""
    try:
        return datetime.strptime(text, "%d%m%y").strftime("%Y-%m-%d 00:00:00")  # noqa: DTZ007 - Sage has no zones
    except ValueError:
        raise Refused(f"date illisible : {text}") from None


def _now() -> str:
    return datetime.now().isoformat(" ", "milliseconds") + "000"  # noqa: DTZ005 - the server's local time, as Sage
