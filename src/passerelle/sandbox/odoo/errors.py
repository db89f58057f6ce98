"""How a call ends badly: each error under the name that JSON-RPC answers and with the status of JSON-2."""

from __future__ import annotations


class OdooError(Exception):
    """`name` stands in the answer's data; `status` is JSON-2's. The transaction is rolled back."""

    name = "odoo.exceptions.UserError"
    status = 422

    @property
    def message(self) -> str:
        return str(self.args[0]) if self.args else ""


class UserError(OdooError):
    """A person could read this one: a step that is not possible in this state."""


class ValidationError(OdooError):
    name = "odoo.exceptions.ValidationError"


class RequiredMissing(ValidationError):
    """A mandatory field without a value."""

    def __init__(self, model: str, title: str, *, field: str, label: str) -> None:
        super().__init__(
            "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n"
            "- Delete: another model requires the record being deleted. If possible, archive it instead.\n\n"
            f"Model: {title} ({model})\nField: {label} ({field})\n"
        )
        self.field = field
        self.label = label


class MissingError(OdooError):
    name = "odoo.exceptions.MissingError"
    status = 404


class AccessError(OdooError):
    """Rights, record rules and private methods."""

    name = "odoo.exceptions.AccessError"
    status = 403


class AccessDenied(OdooError):
    """Wrong login, password or key."""

    name = "odoo.exceptions.AccessDenied"
    status = 403

    def __init__(self) -> None:
        super().__init__("Access Denied")


class BadValue(OdooError):
    """An unknown field, operator or selection: the whole call fails."""

    name = "builtins.ValueError"
    status = 500


class BadArgument(OdooError):
    """An argument the method does not have."""

    name = "builtins.TypeError"
    status = 500


class Unprocessable(OdooError):
    """JSON-2 cannot bind the arguments; JSON-RPC says TypeError."""

    name = "builtins.TypeError"


class NoMethod(OdooError):
    name = "builtins.AttributeError"
    status = 404


class NoModel(OdooError):
    """JSON-RPC answers a UserError, JSON-2 a 404."""

    status = 404


class NoDatabase(OdooError):
    name = "psycopg2.OperationalError"
    status = 404


class SerializationFailure(OdooError):
    name = "psycopg2.errors.SerializationFailure"
    status = 500

    def __init__(self) -> None:
        super().__init__("could not serialize access due to concurrent update\n")


class PythonError(OdooError):
    """Any other exception of a method: its Python name, and 500 in JSON-2."""

    status = 500

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.name = f"builtins.{type(error).__name__}"


def missing(model: str, ident: int, *, uid: int) -> MissingError:
    return MissingError(f"Record does not exist or has been deleted.\n(Record: {model}({ident},), User: {uid})")
