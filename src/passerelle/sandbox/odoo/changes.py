"""Records made, changed and deleted: defaults, required fields, commands of lists, times of writing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from passerelle.sandbox.odoo import external_ids
from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.errors import BadValue, RequiredMissing, missing
from passerelle.sandbox.odoo.fields import TO_MANY, Field, Model, Values
from passerelle.sandbox.odoo.values import stored

# Sent by callers, decided by Odoo.
_OWN = frozenset({"id", "create_date", "write_date", "create_uid", "write_uid", "display_name"})
EXTERNAL = "__external__"  # the external id of a line that `load` makes
_NUMBERS = frozenset({"float", "monetary", "integer", "boolean"})


def create(env: Env, model: str, vals: Mapping[str, Any]) -> Record:
    """A new record with its lines. Raises BadValue, ValidationError, MissingError."""
    env.forget()
    table = env.table(model)
    external = vals.get(EXTERNAL)
    vals = {name: value for name, value in vals.items() if name != EXTERNAL}
    known(env, table.model, vals)
    given = table.model.behaviour.prepare(env, {name: value for name, value in vals.items() if name not in _OWN})
    given = _with_parent(env, table.model, given)
    full = {**_defaults(env, table.model, given), **given}
    record = table.insert()
    _store(env, record, full)
    for name in ("create_date", "write_date"):
        table.put(record, name, env.now)
    for name in ("create_uid", "write_uid"):
        table.put(record, name, env.uid)
    _require(env, record)
    _store_lists(env, record, full)
    if external:
        external_ids.remember(env, external, record)
    table.model.behaviour.created(env, record, given)
    return record


def write(env: Env, records: Sequence[Record], vals: Mapping[str, Any]) -> None:
    """Change records; even the same value again moves write_date."""
    if not records:
        return
    env.forget()
    model = records[0].table.model
    known(env, model, vals)
    given = {name: value for name, value in vals.items() if name not in _OWN}
    given = model.behaviour.change(env, records, given)
    own = _to_parents(env, model, records, given)
    for record in records:
        _store(env, record, own)
        _store_lists(env, record, own)
        _require(env, record)
        if own or not given:
            touch(env, record)
    env.forget()
    model.behaviour.changed(env, records, given)


def touch(env: Env, record: Record) -> None:
    """Move write_date."""
    record.table.put(record, "write_date", env.now)
    record.table.put(record, "write_uid", env.uid)


def unlink(env: Env, records: Sequence[Record]) -> None:
    if not records:
        return
    env.forget()
    model = records[0].table.model
    model.behaviour.delete(env, records)
    data = env.table("ir.model.data")
    for record in records:
        if record.id in record.table.rows:
            record.table.remove(record)
        for one in data.by("res_id", record.id):
            if one.values["model"] == model.name:
                data.remove(one)


def known(env: Env, model: Model, vals: Mapping[str, Any]) -> None:
    """Raises BadValue for a field that the version does not have."""
    for name in vals:
        if env.field(model.name, name) is None:
            raise BadValue(f"Invalid field '{name}' on model '{model.name}'")


def _with_parent(env: Env, model: Model, given: Values) -> Values:
    """Fields of the model that it inherits from go to a new record of that one, or to the one named."""
    parent, key = model.inherits
    if not parent:
        return given
    above = {name: value for name, value in given.items() if name not in model.fields}
    own = {name: value for name, value in given.items() if name in model.fields}
    if not own.get(key):
        own[key] = env.but(create_product_product=True).create(parent, above).id
    elif above:
        env.write([env.get(parent, own[key])], above)
    return own


def _to_parents(env: Env, model: Model, records: Sequence[Record], given: Values) -> Values:
    parent, key = model.inherits
    above = {name: value for name, value in given.items() if name not in model.fields} if parent else {}
    if above:
        env.write([env.get(parent, one.values[key]) for one in records], above)
    return {name: value for name, value in given.items() if name not in above}


def _defaults(env: Env, model: Model, given: Values) -> Values:
    found = {}
    for field in model.fields.values():
        if field.default is not None and field.name not in given:
            found[field.name] = field.default(env) if callable(field.default) else field.default
    return found


def _require(env: Env, record: Record) -> None:
    for field in record.table.model.fields.values():
        if not field.required or field.type in _NUMBERS or field.type in TO_MANY or field.compute:
            continue
        if record.values.get(field.name) in (False, None, {}):
            model = record.table.model
            raise RequiredMissing(model.name, model.title, field=field.name, label=field.string)


def _store(env: Env, record: Record, vals: Values) -> None:
    for name, value in vals.items():
        field = record.table.model.fields[name]
        if field.type not in TO_MANY and not field.compute:
            record.table.put(record, name, _column(env, record, field, value))


def _column(env: Env, record: Record, field: Field, value: Any) -> Any:
    digits = precision(env, field.digits) if field.digits and field.rounds else None
    found = stored(field, value, model=record.table.model.name, digits=digits)
    if field.type == "many2one" and found and found not in env.table(field.relation).rows:
        raise missing(field.relation, found, uid=env.uid)
    if field.per_company:
        return {**(record.values.get(field.name) or {}), env.company: found}
    if field.translate:
        return _translations(record.values.get(field.name) or {}, found, env.lang)
    return found


def _translations(old: Mapping[str, str], value: Any, lang: str) -> Any:
    """A first value is that of the source language too; a mapping sets several languages at once."""
    if isinstance(value, Mapping):
        return {**old, **value}
    if value is False:
        return {}
    return {**({} if old else {"en_US": value}), **old, lang: value}


def precision(env: Env, name: str) -> int:
    """The decimal places of a kind of numbers."""
    rows = env.table("decimal.precision").rows.values()
    return next((int(row.values["digits"]) for row in rows if row.values["name"] == name), 2)


def _store_lists(env: Env, record: Record, vals: Values) -> None:
    for name, value in vals.items():
        field = record.table.model.fields[name]
        if field.compute or value is False or value is None:
            continue
        if field.type == "many2many":
            old = record.values.get(name) or ()
            record.table.put(record, name, _members(env, field, old, commands(field, value)))
        elif field.type == "one2many":
            for command in commands(field, value):
                _line(env, record, field, command)


def commands(field: Field, value: Any) -> list[Sequence[Any]]:
    """(0, 0, vals), (1, id, vals), (2, id), (3, id), (4, id), (5,), (6, 0, ids). Raises BadValue for anything else."""
    if not isinstance(value, (list, tuple)):
        raise BadValue(f"Wrong value for {field.name}: {value!r}")
    if all(isinstance(one, int) and not isinstance(one, bool) for one in value):
        return [(6, 0, list(value))] if value else []
    if not all(isinstance(one, (list, tuple)) and one and one[0] in range(7) for one in value):
        raise BadValue(f"Wrong value for {field.name}: {value!r}")
    return list(value)


def _members(env: Env, field: Field, old: Sequence[int], orders: list[Sequence[Any]]) -> tuple[int, ...]:
    found = dict.fromkeys(old)
    for order in orders:
        code = order[0]
        if code == 0:
            found[env.create(field.relation, order[2]).id] = None
        elif code == 1:
            env.write([env.get(field.relation, order[1])], order[2])
        elif code in (2, 3):
            found.pop(order[1], None)
        elif code == 4:
            found[env.get(field.relation, order[1]).id] = None
        else:
            found = {env.get(field.relation, one).id: None for one in (order[2] if code == 6 else ())}
    return tuple(found)


def _line(env: Env, record: Record, field: Field, order: Sequence[Any]) -> None:
    table = env.table(field.relation)
    code = order[0]
    if code == 0:
        env.create(field.relation, {**order[2], field.inverse: record.id})
    elif code == 1:
        env.write([env.get(field.relation, order[1])], order[2])
    elif code in (2, 3):
        env.unlink([env.get(field.relation, order[1])])
    elif code == 4:
        env.write([env.get(field.relation, order[1])], {field.inverse: record.id})
    else:
        kept = set(order[2] if code == 6 else ())
        env.unlink([one for one in table.by(field.inverse, record.id) if one.id not in kept])
