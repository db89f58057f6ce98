"""What a model is made of: its fields, how it is shown and sorted, what happens when its records change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from passerelle.sandbox.odoo.database import Record
    from passerelle.sandbox.odoo.environment import Env

Values = dict[str, Any]
Compute = Callable[["Env", "Record"], Any]
NEWEST = 99
TO_MANY = frozenset({"one2many", "many2many"})
TEXTS = frozenset({"char", "text", "html"})
PRICE = "Product Price"


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    `inverse` names the many2one of the other side (one2many). `compute` gives the value where nothing is stored.
    `per_company` and `translate` keep one value a company or a language. `digits` is the decimal precision that a float
    is rounded to when written; without `rounds` it is only how many are shown. `since` and `until` are the versions
    that know it, `module` what must be installed.
    """

    name: str
    type: str
    string: str
    relation: str = ""
    inverse: str = ""
    stored: bool = True
    readonly: bool = False
    required: bool = False
    default: Any = None
    compute: Compute | None = None
    selection: tuple[tuple[str, str], ...] = ()
    digits: str = ""
    rounds: bool = True
    translate: bool = False
    per_company: bool = False
    index: bool = False
    since: int = 16
    until: int = NEWEST
    module: str = ""

    @property
    def empty(self) -> Any:
        """What an unset field reads as."""
        if self.type in TO_MANY:
            return ()
        return {"float": 0.0, "monetary": 0.0, "integer": 0}.get(self.type, False)


def char(name: str, string: str, **more: Any) -> Field:
    return Field(name, "char", string, **more)


def text(name: str, string: str, **more: Any) -> Field:
    return Field(name, "text", string, **more)


def boolean(name: str, string: str, **more: Any) -> Field:
    return Field(name, "boolean", string, **more)


def integer(name: str, string: str, **more: Any) -> Field:
    return Field(name, "integer", string, **more)


def number(name: str, string: str, **more: Any) -> Field:
    return Field(name, "float", string, **more)


def price(name: str, string: str, **more: Any) -> tuple[Field, Field]:
    """A unit price: rounded to the decimals of its precision up to Odoo 18, kept as it is since (seen on 19.0)."""
    kept = number(name, string, digits=PRICE, **more)
    return replace(kept, until=18), replace(kept, since=19, rounds=False)


def money(name: str, string: str, **more: Any) -> Field:
    return Field(name, "monetary", string, **more)


def moment(name: str, string: str, **more: Any) -> Field:
    return Field(name, "datetime", string, **more)


def binary(name: str, string: str, **more: Any) -> Field:
    return Field(name, "binary", string, **more)


def choice(name: str, string: str, options: Iterable[tuple[str, str]], **more: Any) -> Field:
    return Field(name, "selection", string, selection=tuple(options), **more)


def one(name: str, string: str, relation: str, **more: Any) -> Field:
    """A many2one: the id of another record, or False."""
    return Field(name, "many2one", string, relation=relation, **more)


def many(name: str, string: str, relation: str, **more: Any) -> Field:
    """A many2many: ids of other records."""
    return Field(name, "many2many", string, relation=relation, **more)


def lines(name: str, string: str, relation: str, inverse: str, **more: Any) -> Field:
    """A one2many: the records whose `inverse` is this one."""
    return Field(name, "one2many", string, relation=relation, inverse=inverse, **more)


def computed(one_field: Field, compute: Compute) -> Field:
    """The same field, read-only and not stored."""
    return Field(
        one_field.name, one_field.type, one_field.string, relation=one_field.relation, stored=False, readonly=True,
        compute=compute, selection=one_field.selection, since=one_field.since, until=one_field.until,
        module=one_field.module, inverse=one_field.inverse,
    )  # fmt: skip


class Behaviour:
    """What a model does when its records are made, changed or deleted; each hook may raise, which rolls all back."""

    def prepare(self, env: Env, vals: Values) -> Values:
        """Before a record is made: its values, completed."""
        return vals

    def created(self, env: Env, record: Record, vals: Values) -> None:
        """After it was made, its lines included."""

    def change(self, env: Env, records: Sequence[Record], vals: Values) -> Values:
        """Before records are changed: the values to store in them."""
        return vals

    def changed(self, env: Env, records: Sequence[Record], vals: Values) -> None:
        """After they were changed."""

    def delete(self, env: Env, records: Sequence[Record]) -> None:
        """Before records are deleted."""


@dataclass(frozen=True, slots=True)
class Model:
    """One model: `order` is its default, `display` its name for people, `parent` what child_of climbs.

    `inherits` is (model, many2one): fields it lacks are read and written there. `company` is the many2one that record
    rules compare with the allowed companies.
    """

    name: str
    title: str
    fields: Mapping[str, Field]
    order: str = "id"
    display: Compute | None = None
    parent: str = "parent_id"
    inherits: tuple[str, str] = ("", "")
    company: str = ""
    behaviour: Behaviour = field(default_factory=Behaviour)
    transient: bool = False

    def kept(self, version: int, modules: frozenset[str]) -> Model:
        """This model as one version has it."""
        fields = {
            one_field.name: one_field
            for one_field in self.fields.values()
            if one_field.since <= version <= one_field.until and (not one_field.module or one_field.module in modules)
        }
        return Model(
            self.name, self.title, fields, self.order, self.display, self.parent, self.inherits, self.company,
            self.behaviour, self.transient,
        )  # fmt: skip


def model(name: str, title: str, fields: Iterable[Field], **more: Any) -> Model:
    """A model with the fields that every model has beside its own."""
    own: dict[str, Field] = {}
    for one_field in (*_EVERY, *fields):  # a field that changed with a version stands in it twice
        own[one_field.name if one_field.name not in own else f"{one_field.name} {one_field.since}"] = one_field
    if "company_id" in own and "company" not in more:
        more["company"] = "company_id"
    return Model(name, title, own, **more)


_EVERY = (
    integer("id", "ID", readonly=True),
    char("display_name", "Display Name", stored=False, readonly=True, compute=lambda env, record: env.name_of(record)),
    moment("create_date", "Created on", readonly=True),
    moment("write_date", "Last Updated on", readonly=True),
    one("create_uid", "Created by", "res.users", readonly=True),
    one("write_uid", "Last Updated by", "res.users", readonly=True),
)
