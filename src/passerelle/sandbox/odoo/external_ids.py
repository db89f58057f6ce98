"""External ids: the rows of ir.model.data, unique by module and name."""

from __future__ import annotations

from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.errors import SerializationFailure

_DEFAULT_MODULE = "__import__"
ARRIVED = "__arrived__"  # in the context: how many transactions there had been when the request came in


def parts(external: str) -> tuple[str, str]:
    module, _, name = external.rpartition(".")
    return module or _DEFAULT_MODULE, name


def find(env: Env, external: str) -> Record | None:
    module, name = parts(external)
    found = (one for one in env.table("ir.model.data").by("name", name) if one.values["module"] == module)
    return next(found, None)


def remember(env: Env, external: str, record: Record) -> None:
    module, name = parts(external)
    values = {"module": module, "name": name, "model": record.table.model.name, "res_id": record.id}
    env.create("ir.model.data", values)


def claim(env: Env, external: str) -> None:
    """A call that came in before another one wrote this id cannot be put in an order with it.

    Raises SerializationFailure.
    """
    database = env.database
    old = database.committed.get(external, 0)
    if old > env.context.get(ARRIVED, database.transactions):
        raise SerializationFailure
    database.committed[external] = database.transactions
    database.undo.append(lambda: database.committed.__setitem__(external, old))
