"""One call's view of the records: who asks, for which companies, in which language, at what time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from passerelle.sandbox.odoo.database import Database, Record, Table
from passerelle.sandbox.odoo.errors import AccessError, BadValue, UserError, missing
from passerelle.sandbox.odoo.fields import TO_MANY, Field, Model

Reader = Callable[[Record], Any]
Rights = Mapping[str, frozenset[str]]  # model -> read, write, create, unlink
ROOT = 1
ADMIN = 2


class Env:
    """Built for each call; see the module. The administrator's Env reads everything."""

    def __init__(self, database: Database, *, uid: int = ADMIN, context: Mapping[str, Any] | None = None) -> None:
        self.database = database
        self.uid = uid
        self.context: dict[str, Any] = dict(context or {})
        self._names: dict[tuple[str, int], str] = {}
        self._companies: tuple[int, ...] | None = None
        self.kept: dict[Any, Any] = {}  # what was computed once for this call
        if self.lang not in {row.values["code"] for row in database["res.lang"].rows.values()}:
            raise UserError(f"Invalid language code: {self.lang}")

    def but(self, **context: Any) -> Env:
        """The same with another context."""
        return Env(self.database, uid=self.uid, context={**self.context, **context})

    @property
    def shown_context(self) -> dict[str, Any]:
        """The context as it was sent, for actions that carry it on."""
        return {name: value for name, value in self.context.items() if not name.startswith("__")}

    # who asks

    @property
    def version(self) -> int:
        return self.database.version

    @property
    def now(self) -> str:
        """When the transaction started, with microseconds: what write_date becomes."""
        return self.database.started_at

    @property
    def user(self) -> Record:
        return self.database["res.users"].rows[self.uid]

    @property
    def lang(self) -> str:
        return str(self.context.get("lang") or "en_US")

    @property
    def companies(self) -> tuple[int, ...]:
        """The allowed companies, the current one first; all of the user's where the context names none."""
        if self._companies is None:
            self._companies = self._allowed()
        return self._companies

    def _allowed(self) -> tuple[int, ...]:
        own = self.user.values["company_ids"]
        asked = self.context.get("allowed_company_ids")
        if not asked:
            current = self.user.values["company_id"]
            return (current, *(one for one in own if one != current))
        if not set(asked) <= set(own):
            raise AccessError("Access to unauthorized or invalid companies.")
        return tuple(asked)

    @property
    def company(self) -> int:
        return self.companies[0]

    # records

    def table(self, model: str) -> Table:
        return self.database.tables[model]

    def model(self, name: str) -> Model:
        return self.database.tables[name].model

    def get(self, model: str, ident: int) -> Record:
        """Raises MissingError."""
        record = self.database.tables[model].rows.get(ident)
        if record is None:
            raise missing(model, ident, uid=self.uid)
        return record

    def field(self, model: str, name: str) -> Field | None:
        """A field of the model or of the one it inherits from."""
        found = self.model(model).fields.get(name)
        if found is None and self.model(model).inherits[0]:
            return self.model(self.model(model).inherits[0]).fields.get(name)
        return found

    def value(self, record: Record, name: str) -> Any:
        """A field's value: an id for a many2one, a tuple of ids for a list. Raises BadValue for an unknown field."""
        return self.getter(record.table.model, name)(record)

    def linked(self, record: Record, name: str) -> Record | None:
        """The record that a many2one names."""
        ident = self.value(record, name)
        field = self.field(record.table.model.name, name)
        return self.get(field.relation, ident) if ident and field else None

    def listed(self, record: Record, name: str) -> list[Record]:
        """The records of a list."""
        field = self.field(record.table.model.name, name)
        return [self.get(field.relation, one) for one in self.value(record, name)] if field else []

    def getter(self, model: Model, name: str) -> Reader:
        """A function that gives the field's value of any record of the model."""
        field = model.fields.get(name)
        if field is None:
            return self._inherited(model, name)
        if field.compute:
            compute = field.compute
            return lambda record: compute(self, record)
        if field.type == "one2many":
            return self._children(field)
        if field.type == "many2many":
            return self._members(field)
        return self._plain(field)

    def _inherited(self, model: Model, name: str) -> Reader:
        parent, key = model.inherits
        if not parent or name not in self.model(parent).fields:
            raise BadValue(f"Invalid field '{name}' on model '{model.name}'")
        read, rows = self.getter(self.model(parent), name), self.table(parent).rows
        return lambda record: read(rows[record.values[key]])

    def _plain(self, field: Field) -> Reader:
        name, empty, company, lang = field.name, field.empty, self.company if field.per_company else 0, self.lang
        if field.per_company:
            return lambda record: (record.values.get(name) or {}).get(company, empty)
        if field.translate:
            return lambda record: _translated(record.values.get(name), lang)
        return lambda record: record.values.get(name, empty)

    def _children(self, field: Field) -> Reader:
        table = self.table(field.relation)
        hides = self._hides(table)
        sort = None if table.model.order == "id" else self._sorter(table.model)

        def children(record: Record) -> tuple[int, ...]:
            found = [one for one in table.by(field.inverse, record.id) if not hides or one.values.get("active", True)]
            return tuple(one.id for one in (sort(found) if sort else found))

        return children

    def _sorter(self, model: Model) -> Callable[[list[Record]], list[Record]]:
        from passerelle.sandbox.odoo.domains import ordered  # domains reads values through this module

        return lambda records: ordered(self, model, records, model.order)

    def _members(self, field: Field) -> Reader:
        table, name = self.table(field.relation), field.name
        if not self._hides(table):
            return lambda record: record.values.get(name) or ()
        rows = table.rows
        return lambda record: tuple(
            one for one in record.values.get(name) or () if one in rows and rows[one].values.get("active", True)
        )

    def _hides(self, table: Table) -> bool:
        """Archived records are left out."""
        return "active" in table.model.fields and bool(self.context.get("active_test", True))

    # answers

    def name_of(self, record: Record) -> str:
        """display_name."""
        key = (record.table.model.name, record.id)
        if key not in self._names:
            display = record.table.model.display
            self._names[key] = str(display(self, record) if display else self._plain_name(record))
        return self._names[key]

    def _plain_name(self, record: Record) -> Any:
        model = record.table.model
        return self.value(record, "name") if "name" in model.fields else f"{model.name},{record.id}"

    def reader(self, model: Model, name: str) -> Reader:
        """A function that gives the field as it is answered: [id, name] for a many2one, seconds for a datetime."""
        read = self.getter(model, name)
        field = self.field(model.name, name)
        assert field
        if field.type == "many2one":
            rows = self.table(field.relation).rows
            return lambda record: self._pair(rows, read(record))
        if field.type == "datetime":
            return lambda record: str(found)[:19] if (found := read(record)) else False
        if field.type in TO_MANY:
            return lambda record: list(read(record))
        return read

    def _pair(self, rows: Mapping[int, Record], ident: Any) -> Any:
        record = rows.get(ident) if ident else None
        return [ident, self.name_of(record)] if record is not None else False

    def forget(self) -> None:
        """After a change: names and quantities are found anew."""
        self._names.clear()
        self.kept.clear()

    # rights

    def allowed(self, model: str, operation: str) -> bool:
        rights: Rights | None = self.user.values.get("rights")
        return rights is None or operation in rights.get(model, ())

    def demand(self, model: str, operation: str) -> None:
        """Raises AccessError."""
        if self.allowed(model, operation):
            return
        verb = {"read": "access", "write": "modify", "create": "create", "unlink": "delete"}[operation]
        raise AccessError(
            f"You are not allowed to {verb} '{self.model(model).title}' ({model}) records.\n\n"
            "No group currently allows this operation.\n\n"
            "Contact your administrator to request access if necessary."
        )

    def visibility(self, model: Model) -> Callable[[Record], bool] | None:
        """The record rules of companies: shared records, and those of an allowed company. None: all are seen."""
        if not model.company:
            return None
        companies = frozenset(self.companies)
        if model.company == "id":
            return lambda record: record.id in companies
        read = self.getter(model, model.company)
        return lambda record: not (found := read(record)) or found in companies

    def demand_visible(self, records: Sequence[Record], operation: str) -> None:
        """Raises AccessError, as record rules do."""
        if not records:
            return
        model = records[0].table.model
        seen = self.visibility(model)
        if seen is None or all(seen(one) for one in records):
            return
        raise AccessError(
            "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\n"
            f"Sorry, {self.name_of(self.user)} (id={self.uid}) doesn't have '{operation}' access to:\n"
            f"- {model.title} ({model.name})\n"
        )

    # changes, made without asking for rights; see `orm`

    def create(self, model: str, vals: Mapping[str, Any]) -> Record:
        from passerelle.sandbox.odoo import changes  # it needs Env itself

        return changes.create(self, model, vals)

    def write(self, records: Iterable[Record], vals: Mapping[str, Any]) -> None:
        from passerelle.sandbox.odoo import changes

        changes.write(self, list(records), vals)

    def unlink(self, records: Iterable[Record]) -> None:
        from passerelle.sandbox.odoo import changes

        changes.unlink(self, list(records))


def _translated(found: Any, lang: str) -> Any:
    if not found:
        return False
    return found.get(lang) or found.get("en_US") or next(iter(found.values()))
