"""What Tryton sends and is sent: its typed JSON, and the rows of the models that are read.

Numbers with a point are read as decimals: a quantity is a float in Tryton, and 1.25 is 1.25 here. A flag is 0 or 1 on
SQLite and false or true elsewhere. A field asked as `unit.factor` comes as `"unit.": {"factor": …}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from passerelle.connectors.tryton.manifest import TITLE
from passerelle.errors import AnswerUnreadable

T = TypeVar("T")


class TemplateRow(msgspec.Struct, frozen=True, kw_only=True):
    """A product.template; weight and its unit only where product_measurements is installed."""

    id: int
    code: str | None
    name: str = ""
    type: str
    consumable: bool
    list_price: Decimal | None = None
    account_category: int | None = None
    categories: tuple[int, ...] = ()
    weight: Decimal | None = None
    weight_uom: int | None = None


class ProductRow(msgspec.Struct, frozen=True, kw_only=True):
    """A product.product, which Tryton calls a variant. `quantity` is only asked with locations."""

    id: int
    template: int
    code: str | None
    quantity: Decimal | None = None


class IdentifierRow(msgspec.Struct, frozen=True, kw_only=True):
    """A product.identifier."""

    id: int
    product: int
    type: str | None
    code: str


class CategoryRow(msgspec.Struct, frozen=True, kw_only=True):
    """A product.category, of the tree or of accounting."""

    id: int
    name: str
    parent: int | None
    customer_taxes_used: tuple[int, ...]


class _Group(msgspec.Struct, frozen=True):
    kind: str


class TaxRow(msgspec.Struct, frozen=True, kw_only=True):
    """An account.tax; `rate` 0.2 is 20 %."""

    id: int
    name: str
    type: str
    rate: Decimal | None
    parent: int | None
    childs: tuple[int, ...]
    update_unit_price: bool
    group: _Group | None = msgspec.field(name="group.", default=None)


class UnitRow(msgspec.Struct, frozen=True, kw_only=True):
    """A product.uom: one of it is `factor` of its category's base unit."""

    id: int
    factor: Decimal


class LocationRow(msgspec.Struct, frozen=True, kw_only=True):
    """A stock.location."""

    id: int
    name: str


class MoveRow(msgspec.Struct, frozen=True, kw_only=True):
    """A stock.move; `internal_quantity` in the product's default unit, `origin` such as `sale.line,12`."""

    id: int
    product: int
    internal_quantity: Decimal
    origin: str | None = None


class SaleRow(msgspec.Struct, frozen=True, kw_only=True):
    """A sale.sale."""

    id: int
    number: str | None
    reference: str | None
    state: str
    invoice_state: str
    total_amount: Decimal


class _Unit(msgspec.Struct, frozen=True):
    factor: Decimal


class _LineProduct(msgspec.Struct, frozen=True, kw_only=True):
    code: str | None
    type: str
    unit: _Unit = msgspec.field(name="default_uom.")


class LineRow(msgspec.Struct, frozen=True, kw_only=True):
    """A sale.line with a product."""

    id: int
    sale: int
    quantity: Decimal
    unit: _Unit = msgspec.field(name="unit.")
    product: _LineProduct = msgspec.field(name="product.")


class PartyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A party.party."""

    id: int
    code: str
    name: str | None
    email: str | None


class AddressRow(msgspec.Struct, frozen=True, kw_only=True):
    """A party.address."""

    id: int
    party_name: str | None
    name: str | None
    street: str | None
    postal_code: str | None
    city: str | None
    country: int | None
    invoice: bool = False


class MailRow(msgspec.Struct, frozen=True, kw_only=True):
    """A party.contact_mechanism."""

    id: int
    party: int
    value: str | None


class SoldRow(msgspec.Struct, frozen=True, kw_only=True):
    """A product.product as a sale needs it."""

    id: int
    template: int
    code: str | None
    default_uom: int


def rows_of(kind: type[T], found: Any) -> list[T]:
    """The rows of a list. Raises AnswerUnreadable."""
    try:
        return msgspec.convert(found, list[kind], strict=False)  # type: ignore[valid-type]
    except msgspec.ValidationError as error:
        why = f"a {kind.__name__} is not what it was"
        raise AnswerUnreadable(system=TITLE, why=why, detail=str(error)) from error


def names_of(kind: type[Any]) -> list[str]:
    """The fields to ask for one kind of row, those of other models by their path."""
    return list(_paths(kind))


def _paths(kind: type[Any]) -> Iterable[str]:
    for field in msgspec.structs.fields(kind):
        name = field.encode_name
        if name == "id":
            continue
        if not name.endswith("."):
            yield name
            continue
        nested = next(one for one in getattr(field.type, "__args__", (field.type,)) if issubclass(one, msgspec.Struct))
        yield from (f"{name}{path}" for path in _paths(nested))


def encode(body: Any) -> bytes:
    """The JSON of a call."""
    return json.dumps(body, default=_typed).encode("ascii")


def _typed(value: Any) -> dict[str, Any]:
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, date) and not isinstance(value, datetime):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    raise TypeError(type(value).__name__)


def decode(body: bytes) -> Any:
    """What an answer holds. Raises ValueError."""
    return json.loads(body, parse_float=Decimal, object_hook=_plain)


def _plain(value: dict[str, Any]) -> Any:
    match value.get("__class__"):
        case "Decimal":
            return Decimal(value["decimal"])
        case "date":
            return date(value["year"], value["month"], value["day"])
        case "datetime":
            return datetime(**{name: part for name, part in value.items() if name != "__class__"})  # noqa: DTZ001
    return value
