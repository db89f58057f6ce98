"""`load`: rows of texts become records under external ids; the same ids again change them instead.

It does not raise: `ids` is False and `messages` says why, with everything of the call rolled back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from passerelle.sandbox.odoo import domains, external_ids
from passerelle.sandbox.odoo.changes import EXTERNAL
from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.environment import Env
from passerelle.sandbox.odoo.errors import BadArgument, OdooError, RequiredMissing, ValidationError
from passerelle.sandbox.odoo.fields import Field, Model, Values
from passerelle.sandbox.odoo.methods import method

_TRUE, _FALSE = frozenset({"1", "true", "yes"}), frozenset({"", "0", "false", "no"})
Row = Sequence[str]


class Complaint(Exception):
    """A message of the answer."""

    def __init__(self, message: str, *, field: str = "", title: str = "") -> None:
        super().__init__(message)
        self.content: dict[str, Any] = {"type": "error", "message": message}
        if field:
            self.content |= {"field": field, "field_name": title or field}


@method("", on_records=False)
def load(env: Env, model: Model, *, fields: Any, data: Any) -> dict[str, Any]:
    env.demand(model.name, "write")
    paths = [str(one).split("/") for one in fields]
    messages: list[dict[str, Any]] = []
    ids: list[int] = []
    try:
        with env.database.savepoint():
            for first, last, rows in _grouped(model, paths, data):
                place = {"rows": {"from": first, "to": last}, "record": len(ids)}
                loader = _Loader(env, model)
                record = loader.load(paths, rows)
                messages.extend({**place, **one} for one in loader.messages)
                ids.append(record.id if record else 0)
            if messages:
                raise _Failed
    except _Failed:
        return {"ids": False, "messages": messages, "nextrow": 0}
    return {"ids": ids, "messages": [], "nextrow": 0}


class _Failed(Exception):
    """Some row could not be loaded: all are rolled back."""


def _grouped(model: Model, paths: list[list[str]], data: Sequence[Row]) -> list[tuple[int, int, list[Row]]]:
    """Rows that fill nothing but columns of lists belong to the record above them."""
    own = [index for index, path in enumerate(paths) if not _in_list(model, path)]
    groups: list[tuple[int, int, list[Row]]] = []
    for number, row in enumerate(data):
        if groups and not any(row[index] for index in own):
            first, _, rows = groups[-1]
            groups[-1] = (first, number, [*rows, row])
        else:
            groups.append((number, number, [row]))
    return groups


def _in_list(model: Model, path: list[str]) -> bool:
    field = model.fields.get(path[0])
    return field is not None and field.type == "one2many"


class _Loader:
    """One record of one model from its rows."""

    def __init__(self, env: Env, model: Model, messages: list[dict[str, Any]] | None = None) -> None:
        self.env = env
        self.model = model
        self.messages: list[dict[str, Any]] = [] if messages is None else messages

    def load(self, paths: list[list[str]], rows: list[Row]) -> Record | None:
        """The record, or None where `messages` says what Odoo did not accept."""
        external, vals = self.values(paths, rows)
        try:
            return self._stored(external, vals)
        except RequiredMissing as error:
            message = f"Missing required value for the field '{error.label}' ({error.field})"
            self.messages.append({"type": "error", "message": message, "field": error.field})
        except OdooError as error:
            self.messages.append({"type": "error", "message": error.message})
        return None

    def _stored(self, external: str, vals: Values) -> Record:
        known = external_ids.find(self.env, external) if external else None
        if external:
            external_ids.claim(self.env, external)
        if known is None:
            return self.env.create(self.model.name, {**vals, EXTERNAL: external} if external else vals)
        if known.values["model"] != self.model.name:
            raise ValidationError(f"The external ID {external} is already used by a record of {known.values['model']}.")
        record = self.env.get(self.model.name, known.values["res_id"])
        self.env.write([record], vals)
        return record

    def values(self, paths: list[list[str]], rows: list[Row]) -> tuple[str, Values]:
        """The external id and the values of the first row, with the commands of its lists."""
        external, vals = "", Values()
        below: dict[str, list[int]] = {}
        for index, path in enumerate(paths):
            if path == ["id"]:
                external = _text(rows[0][index])
            elif path != [".id"]:
                field = self._field(path[0])
                if field.type == "one2many" and len(path) > 1:
                    below.setdefault(field.name, []).append(index)
                else:
                    vals[field.name] = self._converted(field, path[1:], rows[0][index])
        for name, columns in below.items():
            vals[name] = self._lines(name, [paths[one][1:] for one in columns], [[r[c] for c in columns] for r in rows])
        return external, vals

    def _field(self, name: str) -> Field:
        field = self.env.field(self.model.name, name)
        if field is None:
            raise Complaint(f"Unable to import: '{name}' is no field of {self.model.name}", field=name)
        return field

    def _lines(self, name: str, paths: list[list[str]], rows: list[Row]) -> list[tuple[int, int, Values]]:
        field = self._field(name)
        loader, orders = _Loader(self.env, self.env.model(field.relation), self.messages), []
        for row in rows:
            if not any(row):
                continue
            external, vals = loader.values(paths, [row])
            known = external_ids.find(self.env, external) if external else None
            if known is not None:
                orders.append((1, known.values["res_id"], vals))
            else:
                orders.append((0, 0, {**vals, EXTERNAL: external} if external else vals))
        return orders

    def _converted(self, field: Field, path: list[str], raw: Any) -> Any:
        """False where the text says nothing, or nothing that fits, of which `messages` then tells."""
        text = _text(raw)
        try:
            if field.type in {"many2one", "many2many"}:
                return self._reference(field, path, text)
            if field.type == "boolean":
                return _boolean(field, text)
            convert = _CONVERSIONS.get(field.type)
            return (convert(self.env, field, text) if convert else text) if text else False
        except Complaint as complaint:
            self.messages.append(complaint.content)
            return False

    def _reference(self, field: Field, path: list[str], raw: str) -> Any:
        texts = raw.split(",") if field.type == "many2many" else [raw]
        found = [self._one(field, path[0] if path else "", text.strip()) for text in texts if text.strip()]
        if field.type == "many2many":
            return [(6, 0, found)]
        return found[0] if found else False

    def _one(self, field: Field, kind: str, text: str) -> int:
        """By database id, external id or name."""
        if kind == ".id":
            if not text.isdigit() or not self._exists(field.relation, int(text)):
                raise _no_match(field, kind="database id", text=text)
            return int(text)
        if kind == "id":
            known = external_ids.find(self.env, text)
            if known is None or known.values["model"] != field.relation:
                raise _no_match(field, kind="external id", text=text)
            return int(known.values["res_id"])
        named = [one for one in domains.search(self.env, field.relation, []) if self.env.name_of(one) == text]
        if not named:
            raise _no_match(field, kind="name", text=text)
        return named[0].id

    def _exists(self, model: str, ident: int) -> bool:
        """Before 18 an archived record or one of another company is not found by its id."""
        if self.env.version >= 18:
            return ident in self.env.table(model).rows
        return bool(domains.search(self.env, model, [("id", "=", ident)]))


def _no_match(field: Field, *, kind: str, text: str) -> Complaint:
    message = f"No matching record found for {kind} '{text}' in field '{field.string}'"
    complaint = Complaint(message, field=field.name, title=field.string)
    complaint.content["moreinfo"] = {
        "name": "Possible Values", "type": "ir.actions.act_window", "target": "new", "view_mode": "list,form",
        "views": [[False, "list"], [False, "form"]], "context": {"create": False}, "help": "See all possible values",
        "res_model": field.relation if kind == "name" else "ir.model.data",
        "domain": [] if kind == "name" else [["model", "=", field.relation]],
    }  # fmt: skip
    return complaint


def _text(raw: Any) -> str:
    """Numbers crash the converters, and with them the call: every value must be a text. Raises BadArgument."""
    if raw is False or raw is None:
        return ""
    if not isinstance(raw, str):
        raise BadArgument(f"'{type(raw).__name__}' object has no attribute 'split'")
    return raw


def _boolean(field: Field, raw: str) -> bool:
    if raw.lower() not in _TRUE | _FALSE:
        raise Complaint(f"Unknown value '{raw}' for boolean field '{field.string}'", field=field.name)
    return raw.lower() in _TRUE


def _number(env: Env, field: Field, raw: str) -> float:
    try:
        return float(raw)
    except ValueError:
        raise Complaint(f"'{raw}' does not seem to be a number for field '{field.string}'", field=field.name) from None


def _moment(env: Env, field: Field, raw: str) -> str:
    """The text is a time of the user's zone (or of the context's `tz`), not UTC."""
    zone = ZoneInfo(str(env.context.get("tz") or env.user.values.get("tz") or "UTC"))
    try:
        local = datetime.strptime(raw, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
    except ValueError:
        message = f"'{raw}' does not seem to be a valid datetime for field '{field.string}'"
        raise Complaint(message, field=field.name) from None
    return local.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _option(env: Env, field: Field, raw: str) -> str:
    for value, label in field.selection:
        if raw in (value, label):
            return value
    raise Complaint(f"Value '{raw}' not found in selection field '{field.string}'", field=field.name)


_CONVERSIONS: dict[str, Callable[[Env, Field, str], Any]] = {
    "float": _number,
    "monetary": _number,
    "integer": lambda env, field, raw: int(_number(env, field, raw)),
    "datetime": _moment,
    "selection": _option,
}
