"""Changes made to the demo base as Sage's users make them, each in a short transaction of its own.

The base's triggers set cbModification of the changed rows and of no other: a stock move leaves F_ARTICLE alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from . import document_edits, range_edits, stock_moves
from .document_edits import Item
from .documents import DocType, Document
from .range_edits import Values
from .rows import NO_DATE, Row, plain, quoted
from .schema import columns_named
from .sessions import Base, Session, change
from .stock_moves import Quantity

_REFERENCE_COLUMNS = ("AR_Ref", "AR_Substitut", "NO_RefDet", "AR_RefCompose")
_KEPT_AFTER_DELETION = {"F_DOCLIGNE", "P_EXPEDITION"}


class SageEdits:
    """Opens the base, a file or a postgresql:// address, for each change only, so that others read in between.

    A reference, depot or document that does not exist is a LookupError, and nothing is changed.
    """

    def __init__(self, base: Base) -> None:
        self._base = base

    def add_article(self, ref: str, **columns: object) -> None:
        """A new row of F_ARTICLE; without other columns a published one of family DIVERS, at price 0."""
        row: Row = {"AR_Ref": ref, "AR_Design": f"Article {ref}", "FA_CodeFamille": "DIVERS", "AR_Publie": 1}
        row |= {"AR_DateApplication": NO_DATE, "AR_DateCreation": _today(), "AR_DateModif": _today()}
        with self._change() as connection:
            stock_moves.insert(connection, "F_ARTICLE", row | {"cbCreateur": "COLU", "cbCreation": _now()} | columns)

    def update_article(self, ref: str, **columns: object) -> None:
        with self._change() as connection:
            _update(connection, "F_ARTICLE", {"AR_DateModif": _today()} | columns, key={"AR_Ref": ref})

    def set_price(self, ref: str, price: Quantity, ttc: bool | None = None) -> None:
        """The sale price; `ttc` tells whether it includes VAT, None leaves that as it is."""
        columns: Row = {"AR_PrixVen": str(price)}
        self.update_article(ref, **columns, **({} if ttc is None else {"AR_PrixTTC": int(ttc)}))

    def set_published(self, ref: str, published: bool) -> None:
        self.update_article(ref, AR_Publie=int(published))

    def set_dormant(self, ref: str, dormant: bool) -> None:
        self.update_article(ref, AR_Sommeil=int(dormant))

    def rename_article(self, old: str, new: str) -> None:
        """What Sage's maintenance tool does: every table follows and cbMarq stays."""
        with self._change() as connection:
            _require_article(connection, old)
            for table, column in columns_named(*_REFERENCE_COLUMNS):
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (new, old))

    def delete_article(self, ref: str) -> None:
        """The rows disappear; document lines keep the reference, as after a purge (Sage refuses it before one)."""
        with self._change() as connection:
            _require_article(connection, ref)
            for table, column in columns_named("AR_Ref"):
                if table not in _KEPT_AFTER_DELETION:
                    connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (ref,))

    def set_stock(
        self,
        ref: str,
        depot: int,
        *,
        on_hand: Quantity | None = None,
        reserved: Quantity | None = None,
        prepared: Quantity | None = None,
        to_check: Quantity | None = None,
        on_order: Quantity | None = None,
    ) -> None:
        """Sets the counters that are given, in sale units; makes the depot's row if the article has none."""
        counters = _counters(on_hand, reserved, prepared, to_check, on_order)
        with self._change() as connection:
            _require_article(connection, ref)
            for counter, quantity in counters.items():
                if quantity is not None:
                    stock_moves.move_counter(
                        connection, ref, depot=depot, counter=counter, quantity=quantity, add=False
                    )

    # --- ranges ---

    def name_range(self, number: int, name: str) -> None:
        """The label of a range in the company's list; AR_Gamme1 and AR_Gamme2 of an article are such numbers."""
        with self._change() as connection:
            range_edits.name_range(connection, number, name=name)

    def add_combination(self, ref: str, values: Values, **columns: object) -> str:
        """Lets an article be sold with one value of each of its ranges; gives the numbers, as in "11-21"."""
        with self._change() as connection:
            _require_article(connection, ref)
            first, other = range_edits.add_combination(connection, ref, values, columns=columns)
            return f"{first}-{other}"

    def update_combination(self, ref: str, values: Values, **columns: object) -> None:
        """Columns of F_ARTENUMREF: AE_Ref is its own reference ("": none), AE_CodeBarre its bar code."""
        with self._change() as connection:
            range_edits.update_combination(connection, ref, values, columns=columns)

    def set_combination_dormant(self, ref: str, values: Values, dormant: bool) -> None:
        self.update_combination(ref, values, AE_Sommeil=int(dormant))

    def delete_combination(self, ref: str, values: Values) -> None:
        """Its prices and its stock go with it; its values stay."""
        with self._change() as connection:
            range_edits.delete_combination(connection, ref, values)

    def delete_range_value(self, ref: str, value: str, *, position: int = 0) -> None:
        """A value of the first (0) or second (1) range goes, and combinations still name it."""
        with self._change() as connection:
            range_edits.delete_value(connection, ref, value, position=position)

    def set_combination_price(
        self, ref: str, values: Values, target: int | str, price: Quantity, *, barcode: str | None = None
    ) -> None:
        """What a combination costs a tariff category (1 to 32), or a customer by its code."""
        named = target if isinstance(target, str) else f"a{target:02d}"
        columns: Row = {"TG_Prix": str(price)}
        columns |= {} if barcode is None else {"TG_CodeBarre": barcode}
        with self._change() as connection:
            range_edits.set_price(connection, ref, values, target=named, columns=columns)

    def set_combination_stock(
        self,
        ref: str,
        values: Values,
        depot: int,
        *,
        on_hand: Quantity | None = None,
        reserved: Quantity | None = None,
        prepared: Quantity | None = None,
        to_check: Quantity | None = None,
        on_order: Quantity | None = None,
    ) -> None:
        """Sets the counters that are given; those of the article stay the sum of its combinations."""
        counters = _counters(on_hand, reserved, prepared, to_check, on_order)
        with self._change() as connection:
            range_edits.set_stock(connection, ref, values, depot=depot, counters=counters)

    # --- the rest ---

    def rename_depot(self, depot: int, name: str) -> None:
        with self._change() as connection:
            _update(connection, "F_DEPOT", {"DE_Intitule": name}, key={"DE_No": depot})

    def set_vat_of_article(self, ref: str, category: int, tax_code: str | None) -> None:
        """The article's sales tax in an accounting category; None gives it back its family's."""
        with self._change() as connection:
            _require_article(connection, ref)
            _set_tax(connection, "F_ARTCOMPTA", "ACP", key={"AR_Ref": ref}, category=category, tax=tax_code)

    def set_vat_of_family(self, family: str, category: int, tax_code: str | None) -> None:
        with self._change() as connection:
            _set_tax(connection, "F_FAMCOMPTA", "FCP", key={"FA_CodeFamille": family}, category=category, tax=tax_code)

    def set_category_price(self, ref: str, category: int, price: Quantity, ttc: bool = False) -> None:
        """The article's price in a tariff category (1 to 32)."""
        row: Row = {"AC_PrixVen": str(price), "AC_PrixTTC": int(ttc)}
        with self._change() as connection:
            _require_article(connection, ref)
            _upsert(connection, "F_ARTCLIENT", row, key={"AR_Ref": ref, "AC_Categorie": category})

    def add_document(
        self,
        type: DocType | int,
        number: str,
        web_no: str = "",
        *,
        lines: Sequence[tuple[Item, Quantity]],
        customer: str = "",
        depot: int = 1,
        reference: str = "",
        external_ref: str = "",
        tax_category: int = 1,
    ) -> None:
        """Enters a document of today at the articles' prices; the first customer of the base when none is named.

        A line of an article with ranges is of ("CHAUS-SECU", "42", "Noir"): the article, then the values.
        """
        with self._change() as connection:
            document = Document(
                type=DocType(type),
                number=number,
                at=_now(),
                customer=customer or _first_customer(connection),
                depot=depot,
                web_no=web_no,
                reference=reference,
                external_ref=external_ref,
                tax_category=tax_category,
            )
            document_edits.enter(connection, document, lines=lines)

    def transform_document(
        self, number: str, to_type: DocType | int, *, from_type: DocType | int | None = None, new_number: str = ""
    ) -> str:
        """Turns a document into one of a later type and gives its number, the next of its series by default."""
        with self._change() as connection:
            return document_edits.transform(
                connection,
                number,
                source=_doc_type(from_type),
                target=DocType(to_type),
                new_number=new_number,
                at=_now(),
            )

    def delete_document(self, number: str, *, type: DocType | int | None = None) -> None:
        with self._change() as connection:
            document_edits.delete(connection, number, kind=_doc_type(type))

    def _change(self) -> AbstractContextManager[Session]:
        return change(self._base)


def _counters(*quantities: Quantity | None) -> dict[str, Quantity | None]:
    return dict(zip(stock_moves.COUNTERS, quantities, strict=True))


def _update(connection: Session, table: str, columns: Row, *, key: Row) -> None:
    if not _changed(connection, table, columns, key=key):
        raise LookupError(f"no row of {table} with {key}")


def _upsert(connection: Session, table: str, columns: Row, *, key: Row) -> None:
    if not _changed(connection, table, columns, key=key):
        stock_moves.insert(connection, table, key | columns)


def _changed(connection: Session, table: str, columns: Row, *, key: Row) -> int:
    assignments = ", ".join(f"{quoted(column)} = ?" for column in columns)
    condition = " AND ".join(f"{column} = ?" for column in key)
    values = [plain(value) for value in (*columns.values(), *key.values())]
    return int(connection.execute(f"UPDATE {table} SET {assignments} WHERE {condition}", values).rowcount)


def _set_tax(connection: Session, table: str, prefix: str, *, key: Row, category: int, tax: str | None) -> None:
    """Sales (type 0), plain invoices (0): the row that a sale reads."""
    key = key | {f"{prefix}_Type": 0, f"{prefix}_TypeFacture": 0, f"{prefix}_Champ": category}
    if tax is not None:
        _upsert(connection, table, {f"{prefix}_ComptaCPT_Taxe1": tax}, key=key)
        return
    condition = " AND ".join(f"{column} = ?" for column in key)
    connection.execute(f"DELETE FROM {table} WHERE {condition}", list(key.values()))


def _require_article(connection: Session, ref: str) -> None:
    if connection.execute("SELECT 1 FROM F_ARTICLE WHERE AR_Ref = ?", (ref,)).fetchone() is None:
        raise LookupError(f"no article {ref}")


def _first_customer(connection: Session) -> str:
    (code,) = connection.execute("SELECT MIN(CT_Num) FROM F_COMPTET WHERE CT_Type = 0").fetchone()
    return str(code)


def _doc_type(value: DocType | int | None) -> DocType | None:
    return None if value is None else DocType(value)


def _now() -> str:
    return datetime.now().isoformat(" ", "milliseconds") + "000"  # noqa: DTZ005 - the server's local time, as Sage


def _today() -> str:
    return _now()[:10] + NO_DATE[10:]
