"""Ranges [gammes] of articles: their values, the combinations that are sold, what these cost and hold.

Each function works inside the transaction of the connection it is given; an article, value or combination that is not
there is a LookupError. F_ARTSTOCK of an article is kept the sum of its combinations.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from . import stock_moves
from .rows import Row, plain
from .sessions import Record, Session
from .stock_moves import Numbers, Quantity, insert

Values = tuple[str, ...]  # one value of each range of an article


def name_range(connection: Session, number: int, *, name: str) -> None:
    """The label of a range in the company's list, made where the list has none of this number."""
    changed = connection.execute("UPDATE P_GAMME SET G_Intitule = ? WHERE cbIndice = ?", (name, number)).rowcount
    if not changed:
        insert(connection, "P_GAMME", {"G_Intitule": name, "cbIndice": number})


def add_value(connection: Session, ref: str, value: str, *, position: int) -> int:
    """The number (AG_No) of a value of an article's first (0) or second (1) range, made where it is missing."""
    found = _value(connection, ref, value, position=position)
    if found is not None:
        return found
    (last,) = connection.execute("SELECT COALESCE(MAX(AG_No), 0) FROM F_ARTGAMME").fetchone()
    (used,) = connection.execute(
        "SELECT COALESCE(MAX(CASE WHEN AG_No1 > AG_No2 THEN AG_No1 ELSE AG_No2 END), 0) FROM F_ARTENUMREF"
    ).fetchone()
    number = max(int(last), int(used or 0)) + 1
    insert(
        connection,
        "F_ARTGAMME",
        {"AR_Ref": ref, "AG_No": number, "EG_Enumere": value, "AG_Type": position, "cbCreateur": "COLU"},
    )
    return number


def _value(connection: Session, ref: str, value: str, *, position: int) -> int | None:
    row = connection.execute(
        "SELECT AG_No FROM F_ARTGAMME WHERE AR_Ref = ? AND AG_Type = ? AND EG_Enumere = ?", (ref, position, value)
    ).fetchone()
    return None if row is None else int(row["AG_No"])


def numbers_of(connection: Session, ref: str, values: Values) -> Numbers:
    """The numbers of the values of a combination that is there, 0 for no second range. Raises LookupError."""
    found = [_value(connection, ref, value, position=position) for position, value in enumerate(values)]
    if not found or len(found) > 2 or None in found:
        raise LookupError(f"{ref} has no values {values}")
    first, other = int(found[0] or 0), int(found[1] or 0) if len(found) == 2 else 0
    row_of(connection, ref, (first, other))
    return first, other


def row_of(connection: Session, ref: str, numbers: Numbers) -> Record:
    """The row of a combination. Raises LookupError."""
    row: Record | None = connection.execute(
        f"SELECT * FROM F_ARTENUMREF WHERE {_COMBINATION}", (ref, *numbers)
    ).fetchone()
    if row is None:
        raise LookupError(f"{ref} has no combination {numbers}")
    return row


_COMBINATION: Final = "AR_Ref = ? AND AG_No1 = ? AND AG_No2 = ?"


def add_combination(connection: Session, ref: str, values: Values, *, columns: Row) -> Numbers:
    """Lets an article be sold in one more combination; its values are made where they are missing."""
    numbers = [add_value(connection, ref, value, position=position) for position, value in enumerate(values)]
    first, other = numbers[0], numbers[1] if len(numbers) == 2 else 0
    row: Row = {"AR_Ref": ref, "AG_No1": first, "AG_No2": other, "AE_Ref": "", "cbCreateur": "COLU"}
    insert(connection, "F_ARTENUMREF", row | columns)
    return first, other


def update_combination(connection: Session, ref: str, values: Values, *, columns: Row) -> None:
    numbers = numbers_of(connection, ref, values)
    assignments = ", ".join(f"{column} = ?" for column in columns)
    connection.execute(
        f"UPDATE F_ARTENUMREF SET {assignments} WHERE {_COMBINATION}",
        (*map(plain, columns.values()), ref, *numbers),
    )


def delete_combination(connection: Session, ref: str, values: Values) -> None:
    """The combination, its prices and its stock are gone for good; its values stay."""
    numbers = numbers_of(connection, ref, values)
    held = connection.execute(f"SELECT * FROM F_GAMSTOCK WHERE {_COMBINATION}", (ref, *numbers)).fetchall()
    for row in held:
        for counter in stock_moves.COUNTERS:
            stock_moves.move_counter(
                connection, ref, depot=row["DE_No"], counter=counter, quantity=-_decimal(row[f"GS_{counter}"]), add=True
            )
    for table in ("F_GAMSTOCK", "F_TARIFGAM", "F_ARTENUMREF"):
        connection.execute(f"DELETE FROM {table} WHERE {_COMBINATION}", (ref, *numbers))


def delete_value(connection: Session, ref: str, value: str, *, position: int) -> None:
    """A value is gone while combinations still name it, as in bases that others wrote to."""
    number = _value(connection, ref, value, position=position)
    if number is None:
        raise LookupError(f"{ref} has no value {value}")
    connection.execute("DELETE FROM F_ARTGAMME WHERE AG_No = ?", (number,))


def set_price(connection: Session, ref: str, values: Values, *, target: str, columns: Row) -> None:
    """What a combination costs a target: `a02` is the second tariff category, anything else a third party."""
    numbers = numbers_of(connection, ref, values)
    assignments = ", ".join(f"{column} = ?" for column in columns)
    changed = connection.execute(
        f"UPDATE F_TARIFGAM SET {assignments} WHERE {_COMBINATION} AND TG_RefCF = ?",
        (*map(plain, columns.values()), ref, *numbers, target),
    ).rowcount
    if not changed:
        keys: Row = {"AR_Ref": ref, "AG_No1": numbers[0], "AG_No2": numbers[1], "TG_RefCF": target}
        insert(connection, "F_TARIFGAM", keys | columns | {"cbCreateur": "COLU"})


def set_stock(
    connection: Session, ref: str, values: Values, *, depot: int, counters: dict[str, Quantity | None]
) -> None:
    """Sets counters of a combination, by their names without prefix; the article's follow by the difference."""
    numbers = numbers_of(connection, ref, values)
    for counter, quantity in counters.items():
        if quantity is None:
            continue
        row = connection.execute(
            f"SELECT GS_{counter} FROM F_GAMSTOCK WHERE {_COMBINATION} AND DE_No = ?", (ref, *numbers, depot)
        ).fetchone()
        before = Decimal(0) if row is None else _decimal(row[0])
        difference = Decimal(str(quantity)) - before
        stock_moves.move_counter(connection, ref, depot=depot, counter=counter, quantity=difference, add=True)
        stock_moves.move_combination(
            connection, ref, numbers, depot=depot, counter=counter, quantity=Decimal(str(quantity)), add=False
        )


def _decimal(value: object) -> Decimal:
    return Decimal(str(value or 0))
