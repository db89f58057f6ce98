"""The shapes of Odoo's answers, and its values: an empty one is `false` whatever its type."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec

Row = dict[str, Any]

SERIALISATION: Final = ("could not serialize access", "duplicate key value", "deadlock detected")
# What Odoo raises on purpose, before it commits: the call was rolled back.
REFUSALS: Final = frozenset(
    f"odoo.exceptions.{name}" for name in ("UserError", "ValidationError", "MissingError", "RedirectWarning")
)
DENIED: Final = frozenset({"odoo.exceptions.AccessDenied", "werkzeug.exceptions.Unauthorized",
                           "odoo.http.SessionExpiredException"})  # fmt: skip
NO_RIGHT: Final = "odoo.exceptions.AccessError"


class VendorError(msgspec.Struct, frozen=True):
    """What went wrong, as Odoo says it: `name` is the class of the exception."""

    name: str = ""
    message: str = ""

    @property
    def races(self) -> bool:
        """Whether another transaction was in the way; this one was rolled back."""
        return self.name.rpartition(".")[2] == "SerializationFailure" or raced(self.message)


def raced(message: str) -> bool:
    """Whether a message tells of two transactions at once."""
    return any(sign in message for sign in SERIALISATION)


def encode(body: Mapping[str, Any]) -> bytes:
    """A body to send."""
    return msgspec.json.encode(body)


def decode(body: bytes) -> Any:
    """An answer, its numbers exact. Raises ValueError."""
    return json.loads(body, parse_float=Decimal)


def vendor_error(said: Any) -> VendorError | None:
    """The error in an answer of JSON-RPC (`error.data`) or of JSON-2 (the whole body); None where there is none."""
    if not isinstance(said, dict):
        return None
    error = _inner(said, "error")
    data = _inner(error, "data")
    if not isinstance(data.get("name"), str) or not isinstance(data.get("message"), str) or "arguments" not in data:
        return None
    return VendorError(data["name"], data["message"])


def _inner(said: Row, name: str) -> Row:
    found = said.get(name)
    return found if isinstance(found, dict) else said


def plain(value: Any) -> str:
    """A text; "" for none."""
    return value if isinstance(value, str) else ""


def number(value: Any) -> Decimal:
    """A number; 0 for none. Raises ValueError for what is none."""
    if value is False or value is None:
        return Decimal(0)
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int):
        return Decimal(value)
    raise ValueError(f"{value!r} is not a number")


def ref(value: Any) -> int | None:
    """The id that a many2one holds: `[38, "20% G"]`, or 38."""
    found = value[0] if isinstance(value, list) and value else value
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def named(value: Any) -> str:
    """The name that a many2one shows; "" for none."""
    return value[1] if isinstance(value, list) and len(value) > 1 and isinstance(value[1], str) else ""


def ids(value: Any) -> list[int]:
    """The ids that a one2many or many2many holds."""
    return [one for one in value if isinstance(one, int)] if isinstance(value, list) else []


def moment(day: date) -> str:
    """A day as a UTC time of Odoo: noon, so that it is that day in every time zone of Europe and its islands."""
    return f"{day.isoformat()} 12:00:00"


_EMAIL: Final = re.compile(r"[^\s@\"'<>\[\](),;:]+@[^\s@\"'<>\[\](),;:]+")


def without_addresses(text: str) -> str:
    """A text without the e-mail addresses in it."""
    return _EMAIL.sub("***", text)
