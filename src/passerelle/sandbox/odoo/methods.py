"""Public methods: which exist, how their arguments are bound, and those that every model has."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from passerelle.sandbox.odoo import domains
from passerelle.sandbox.odoo.changes import precision
from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.errors import AccessError, BadArgument, NoMethod, Unprocessable, missing
from passerelle.sandbox.odoo.fields import NEWEST, TEXTS, Field, Model


@dataclass(frozen=True, slots=True)
class Method:
    """`call(env, subject, **arguments)`; the subject is the model, or the records of a method called on ids.

    `open_` takes arguments that the signature does not name, and fails only when it meets one.
    """

    name: str
    call: Callable[..., Any]
    on_records: bool
    arguments: tuple[str, ...]
    required: frozenset[str]
    open_: bool
    since: int
    until: int
    writes: bool


METHODS: dict[tuple[str, str], Method] = {}


def method(
    model: str, *, on_records: bool = True, since: int = 16, until: int = NEWEST, writes: bool = True, name: str = ""
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function callable from outside; "" is every model. Its keyword-only parameters are the arguments."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        named = [one for one in inspect.signature(function).parameters.values() if one.kind is one.KEYWORD_ONLY]
        open_ = any(one.kind is one.VAR_KEYWORD for one in inspect.signature(function).parameters.values())
        arguments = tuple(one.name for one in named)
        required = frozenset(one.name for one in named if one.default is one.empty)
        public = name or function.__name__
        METHODS[model, public] = Method(
            public, function, on_records, arguments, required, open_, since, until, writes
        )  # fmt: skip
        return function

    return register


def found(env: Env, model: str, name: str) -> Method:
    """Raises AccessError for a private method, NoMethod for one that does not exist."""
    if name.startswith("_"):
        raise AccessError(f"Private methods (such as '{model}.{name}') cannot be called remotely.")
    one = METHODS.get((model, name)) or METHODS.get(("", name))
    if one is None or not one.since <= env.version <= one.until:
        raise NoMethod(f"The method '{model}.{name}' does not exist")
    return one


def run(env: Env, model: str, one: Method, *, ids: Sequence[int], positional: Sequence[Any], named: Any) -> Any:
    """Call a method with what came over the wire. Raises BadArgument, and whatever the method raises."""
    arguments = {**dict(zip(one.arguments, positional, strict=False)), **named}
    extra = [name for name in arguments if name not in one.arguments]
    if len(positional) > len(one.arguments) or (extra and not one.open_) or one.required - arguments.keys():
        raise Unprocessable(f"{model}.{one.name}() got arguments that it does not have, or lacks some")
    if not one.on_records:
        return one.call(env, env.model(model), **arguments)
    return one.call(env, Records(env, model, ids), **arguments)


class Records(Sequence[Record]):
    """The records that a method is called on; those that do not exist are noticed when they are touched."""

    def __init__(self, env: Env, model: str, ids: Sequence[int]) -> None:
        self.env = env
        self.model = env.model(model)
        self.ids = list(ids)

    def existing(self) -> list[Record]:
        rows = self.env.table(self.model.name).rows
        return [rows[one] for one in self.ids if one in rows]

    def __getitem__(self, index: Any) -> Any:
        return self.all()[index]

    def __len__(self) -> int:
        return len(self.ids)

    def all(self) -> list[Record]:
        """Raises MissingError."""
        rows = self.env.table(self.model.name).rows
        for one in self.ids:
            if one not in rows:
                raise missing(self.model.name, one, uid=self.env.uid)
        return [rows[one] for one in self.ids]

    def to_change(self, operation: str) -> list[Record]:
        """All of them, where rights and record rules allow the operation."""
        self.env.demand(self.model.name, operation)
        records = self.all()
        self.env.demand_visible(records, operation)
        return records


# reading


@method("", on_records=False, writes=False)
def search(
    env: Env, model: Model, *, domain: Any = (), offset: int = 0, limit: Any = None, order: Any = None
) -> list[int]:
    env.demand(model.name, "read")
    found_ones = domains.search(env, model.name, domain, order=order or None, limit=limit or None, offset=offset)
    return [one.id for one in found_ones]


@method("", on_records=False, writes=False)
def search_count(env: Env, model: Model, *, domain: Any = (), limit: Any = None) -> int:
    env.demand(model.name, "read")
    return len(domains.search(env, model.name, domain, order="id", limit=limit or None))


@method("", on_records=False, writes=False)
def search_read(
    env: Env, model: Model, *, domain: Any = None, fields: Any = None, offset: int = 0, limit: Any = None,
    order: Any = None, **more: Any,
) -> list[dict[str, Any]]:  # fmt: skip
    for name in more:
        raise BadArgument(f"BaseModel._read_format() got an unexpected keyword argument '{name}'")
    env.demand(model.name, "read")
    readers = _readers(env, model, fields)
    records = domains.search(env, model.name, domain or (), order=order or None, limit=limit or None, offset=offset)
    return [{name: read(record) for name, read in readers} for record in records]


@method("", writes=False)
def read(env: Env, records: Records, *, fields: Any = None, load: Any = "_classic_read") -> list[dict[str, Any]]:
    env.demand(records.model.name, "read")
    readers = _readers(env, records.model, fields, pairs=load == "_classic_read")
    existing = records.existing()
    env.demand_visible(existing, "read")
    return [{name: reader(record) for name, reader in readers} for record in existing]


def _readers(env: Env, model: Model, fields: Any, *, pairs: bool = True) -> list[tuple[str, Any]]:
    names = dict.fromkeys(["id", *(fields or _all_names(env, model))])
    readers: list[tuple[str, Any]] = []
    for name in names:
        if name == "id":
            readers.append((name, lambda record: record.id))
            continue
        plain = env.reader(model, name)
        field = env.field(model.name, name)
        assert field
        readers.append((name, plain if pairs or field.type != "many2one" else env.getter(model, name)))
    return readers


def _all_names(env: Env, model: Model) -> list[str]:
    above = env.model(model.inherits[0]).fields if model.inherits[0] else {}
    return [*model.fields, *(name for name in above if name not in model.fields)]


@method("", on_records=False, writes=False)
def fields_get(env: Env, model: Model, *, allfields: Any = None, attributes: Any = None) -> dict[str, dict[str, Any]]:
    """Unknown names are left out."""
    names = [name for name in _all_names(env, model) if not allfields or name in allfields]
    described = {}
    for name in names:
        field = env.field(model.name, name)
        assert field
        full = _description(field, inherited=name not in model.fields) | _digits(env, field)
        described[name] = {key: value for key, value in full.items() if not attributes or key in attributes}
    return described


def _description(field: Field, *, inherited: bool) -> dict[str, Any]:
    kept = field.stored and not field.per_company
    full: dict[str, Any] = {
        "name": field.name, "type": field.type, "string": field.string, "store": kept and not inherited,
        "readonly": field.readonly, "required": field.required, "searchable": True, "sortable": kept,
        "company_dependent": field.per_company,
    }  # fmt: skip
    if field.relation:
        full["relation"] = field.relation
    if field.inverse:
        full["relation_field"] = field.inverse
    if field.type == "selection":
        full["selection"] = [list(one) for one in field.selection]
    if field.type in TEXTS:
        full["translate"] = field.translate
    return full


def _digits(env: Env, field: Field) -> dict[str, Any]:
    """How a number is rounded, as (digits in all, decimals); prices say False since 19."""
    if not field.digits:
        return {}
    return {"digits": [16, precision(env, field.digits)] if field.rounds else False}


@method("", on_records=False, writes=False)
def name_search(
    env: Env, model: Model, *, name: str = "", domain: Any = None, operator: str = "ilike", limit: Any = 100
) -> list[list[Any]]:
    env.demand(model.name, "read")
    records = domains.search(env, model.name, domain or ())
    named = [one for one in records if name.casefold() in env.name_of(one).casefold()]
    if operator == "=":
        named = [one for one in named if env.name_of(one) == name]
    return [[one.id, env.name_of(one)] for one in named[: limit or None]]


@method("", writes=False)
def exists(env: Env, records: Records) -> list[int]:
    return [one.id for one in records.existing()]


# rights


@method("", on_records=False, until=18, writes=False)
def check_access_rights(env: Env, model: Model, *, operation: str, raise_exception: bool = True) -> bool:
    if raise_exception:
        env.demand(model.name, operation)
    return env.allowed(model.name, operation)


@method("", since=18, writes=False)
def has_access(env: Env, records: Records, *, operation: str) -> bool:
    """On no record: the rights alone."""
    seen = env.visibility(records.model)
    return env.allowed(records.model.name, operation) and all(seen is None or seen(one) for one in records.existing())


# writing


@method("", on_records=False)
def create(env: Env, model: Model, *, vals_list: Any) -> int | list[int]:
    """A mapping gives an id, a list of mappings a list of ids."""
    env.demand(model.name, "create")
    many = vals_list if isinstance(vals_list, list) else [vals_list]
    if not all(isinstance(one, Mapping) for one in many):
        raise BadArgument(f"{model.name}.create() takes mappings")
    records = [env.create(model.name, one) for one in many]
    env.demand_visible(records, "create")
    return [one.id for one in records] if isinstance(vals_list, list) else records[0].id


@method("")
def write(env: Env, records: Records, *, vals: Any) -> bool:
    env.write(records.to_change("write"), vals)
    return True


@method("")
def unlink(env: Env, records: Records) -> bool:
    env.unlink(records.to_change("unlink"))
    return True


@method("")
def action_archive(env: Env, records: Records) -> bool:
    env.write(records.to_change("write"), {"active": False})
    return True


@method("")
def action_unarchive(env: Env, records: Records) -> bool:
    env.write(records.to_change("write"), {"active": True})
    return True


@method("res.users", on_records=False, writes=False)
def context_get(env: Env, model: Model) -> dict[str, Any]:
    """What the user's own preferences say, as every client asks after its login."""
    user = env.user.values
    return {"lang": user.get("lang") or "en_US", "tz": user.get("tz") or False, "uid": env.uid}
