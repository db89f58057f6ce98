"""The simulated Odoo: its records, its settings, what people do in it, and the server in front of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from passerelle.sandbox.odoo import (
    account_schema,
    base_schema,
    party_schema,
    product_schema,
    sale_schema,
    starting_data,
    stock_schema,
)
from passerelle.sandbox.odoo.back_office import BackOffice
from passerelle.sandbox.odoo.control import control_page
from passerelle.sandbox.odoo.database import Database, Record
from passerelle.sandbox.odoo.environment import ADMIN, Env, Rights
from passerelle.sandbox.odoo.faults import Cost, Fault, Hook, Mischief, When
from passerelle.sandbox.odoo.fields import Field
from passerelle.sandbox.odoo.server import serve
from passerelle.sandbox.odoo.starting_data import FRENCH

DEFAULT_KEY = "passerelle-sandbox-api-key-000000000001"
PASSWORD = "admin"  # of the administrator; an API key stands for it
_SCHEMAS = (base_schema, party_schema, product_schema, stock_schema, account_schema, sale_schema)


class FakeOdoo(BackOffice):
    """An Odoo 16 to 19 in memory, as a fresh installation with a French company: no product, no order.

    Company 1 is the user's own, sells in dollars and has no warehouse; company 2 is `company`. `tax_rounding` is
    "round_per_line" or "round_globally". `modules` may name "website_sale". `cost` is slept after each call. `requests`
    holds (READ or WRITE, model/method, records written) of every call that was carried out, and (FAULT, model/method,
    0) of those that a fault refused.
    """

    def __init__(
        self,
        *,
        version: int = 19,
        tax_rounding: str = "round_per_line",
        company: str = "Outillage Martin",
        currency: str = "EUR",
        modules: Sequence[str] = (),
        cost: Cost | None = None,
        key: str = DEFAULT_KEY,
    ) -> None:
        self.version = version
        self.database = "demo"
        self.login = "admin"
        self.api_key = key
        self.keys: dict[str, int] = {key: ADMIN}
        self.passwords: dict[str, str] = {self.login: PASSWORD}
        self.cost = cost or Cost()
        self.requests: list[tuple[str, str, int]] = []
        self.mischief = Mischief()
        self.company = FRENCH
        installed = frozenset(modules)
        models = {
            one.name: one.kept(version, installed)
            for schema in _SCHEMAS
            for one in schema.MODELS
            if version <= 16 or one.name != "stock.immediate.transfer"
        }
        self.store = Database(models, version=version, shown=self._shown)
        starting_data.install(
            self.store, company=company, currency=currency, rounding=tax_rounding, modules=installed
        )  # fmt: skip

    @contextlib.contextmanager
    def serve(self, *, port: int = 0) -> Iterator[str]:
        """Listen on 127.0.0.1 while the context lasts; yields the address, "http://127.0.0.1:PORT"."""
        with serve(self, port=port, door=lambda request: control_page(self, request)) as address:
            yield address

    def _shown(self, record: Record, name: str) -> Any:
        return self.env(active_test=False).value(record, name)

    def env(self, **context: Any) -> Env:
        """The administrator's view of the French company."""
        return Env(self.store, context={"allowed_company_ids": [self.company], **context})

    @contextlib.contextmanager
    def change(self, **context: Any) -> Iterator[Env]:
        """A transaction of someone in the back office."""
        with self.store.transaction():
            yield self.env(**context)

    # settings

    @property
    def clock(self) -> Callable[[], datetime]:
        """Replaceable; gives an aware datetime."""
        return self.store.clock

    @clock.setter
    def clock(self, clock: Callable[[], datetime]) -> None:
        self.store.clock = clock

    def logged_in(self, login: str, secret: str) -> int | None:
        """The user's id where the password or the key is right; `login` may be the id itself."""
        users = self.store["res.users"].rows.values()
        user = next((one for one in users if login in (one.values["login"], str(one.id))), None)
        if user is None or not secret:
            return None
        right = self.keys.get(secret) == user.id or self.passwords.get(user.values["login"]) == secret
        return user.id if right else None

    def add_user(
        self, login: str, *, rights: Mapping[str, Sequence[str]], companies: Sequence[int] = (FRENCH,), key: str = ""
    ) -> str:
        """A user who may do so much: {"sale.order": ["read", "create"]}. Returns the API key."""
        with self.change() as env:
            user = env.create("res.users", {
                "name": login, "login": login, "company_id": companies[0], "company_ids": [(6, 0, companies)],
                "tz": "Europe/Paris",
            })  # fmt: skip
            allowed: Rights = {model: frozenset(operations) for model, operations in rights.items()}
            user.values["rights"] = allowed
            secret = key or f"passerelle-sandbox-key-of-{login}"
            self.keys[secret] = user.id
            return secret

    def add_field(self, model: str, field: Field, *, default: Any = None) -> None:
        """Someone adds a field of their own, x_something, to a model."""
        fields: Any = self.store[model].model.fields
        fields[field.name] = field
        if field.type == "many2one" or field.index:
            raise ValueError("a field added later has no index")

    # faults and hooks

    def inject(self, fault: Fault) -> None:
        """Let the next matching calls fail."""
        self.mischief.faults.append(fault)

    def hook(self, when: When, action: Callable[[], object], *, resource: str | None = None, times: int = 1) -> None:
        """Run `action` at a moment of the next matching calls.

        `after_read`: the answer is made, not yet sent. `before_write`: the call was received, nothing is done.
        `after_write`: all is stored, the answer not yet sent.
        """
        self.mischief.hooks.append(Hook(when, action, resource, times))

    def reset_counters(self) -> None:
        """Forget the calls seen so far."""
        self.requests.clear()

    def as_json(self) -> dict[str, Any]:
        """Every stored record: {model: {id: values}}, transient ones left out."""
        with self.store.lock:
            return {
                name: {str(one.id): _plain(one.values) for one in table.rows.values()}
                for name, table in self.store.tables.items()
                if table.rows and not table.model.transient
            }


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()
            if name != "rights"}  # fmt: skip
