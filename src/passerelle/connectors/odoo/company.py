"""The company that a profile is for: its context, and what this Odoo knows. Fields are probed, never assumed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from passerelle.connectors.odoo import wire
from passerelle.connectors.odoo.client import OdooClient
from passerelle.connectors.odoo.config import OdooConfig
from passerelle.connectors.odoo.manifest import TITLE
from passerelle.connectors.odoo.wire import Row
from passerelle.domain.stock import Warehouse
from passerelle.errors import AddressInvalid, NotThisSystem, WarehouseMissing, WarehouseUnknown

DIGITS: Final = 2  # where a kind of numbers has no precision of its own


class SaleTax(msgspec.Struct, frozen=True):
    """A sales tax of the company. `rate` in percent, None where it is no percentage."""

    id: int
    name: str
    rate: Decimal | None
    included: bool
    active: bool = True

    @property
    def code(self) -> str:
        """What a profile calls it: names are given twice, and a bare number would look like a rate."""
        return f"tax-{self.id}"


class Place(msgspec.Struct, frozen=True):
    """A warehouse and the location that all of its stock is in."""

    id: int
    name: str
    location: int


class Company:
    """One company of one database. What seldom changes is asked once: the company, languages, fields."""

    def __init__(self, client: OdooClient, config: OdooConfig) -> None:
        self._client = client
        self._config = config
        self._row: Row | None = None
        self._languages: list[str] | None = None
        self._fields: dict[str, dict[str, Row] | None] = {}

    # --- the company ---

    @property
    def id(self) -> int:
        """Raises AddressInvalid when the profile does not say which company."""
        return int(self._known()["id"])

    @property
    def name(self) -> str:
        """Its name."""
        return wire.plain(self._known()["name"])

    @property
    def currency(self) -> str:
        """ISO 4217."""
        return wire.named(self._known()["currency_id"])

    @property
    def rounds_globally(self) -> bool:
        """Whether VAT is rounded once for the whole order instead of on each line."""
        return self._known().get("tax_calculation_rounding_method") == "round_globally"

    def _known(self) -> Row:
        if self._row is None:
            fields = ["name", "currency_id", "tax_calculation_rounding_method"]
            self._row = self._chosen(self._client.rows("res.company", [], fields=fields, context={}))
        return self._row

    def _chosen(self, found: list[Row]) -> Row:
        wanted = self._config.company.strip()
        if not wanted and len(found) == 1:
            return found[0]
        chosen = [row for row in found if wanted and wanted in (str(row["id"]), row["name"])]
        if len(chosen) != 1:
            names = ", ".join(f"{row['name']} ({row['id']})" for row in found) or "-"
            raise AddressInvalid(key="erp.company", why=f"the companies of this user are: {names}")
        return chosen[0]

    # --- how it is asked ---

    def context(self, *, lang: str = "", **more: Any) -> dict[str, Any]:
        """What goes with each call; without it the user's own company would count. Times are UTC, in texts too."""
        return {"allowed_company_ids": [self.id], "lang": lang or self.language, "tz": "UTC", **more}

    @property
    def languages(self) -> list[str]:
        """The languages that Odoo has switched on, such as fr_FR."""
        if self._languages is None:
            found = self._client.rows("res.lang", [["active", "=", True]], fields=["code"], context={})
            self._languages = [wire.plain(row["code"]) for row in found]
        return self._languages

    @property
    def language(self) -> str:
        """The main one: the option where it is there, else the first; asking for another is an error."""
        known = self.languages
        return self._config.language if self._config.language in known or not known else known[0]

    def fields(self, model: str) -> dict[str, Row]:
        """The fields of a model. Raises NotThisSystem for a model that is not there."""
        found = self.fields_if_any(model)
        if found is None:
            raise NotThisSystem(system=TITLE, why=f"it has no {model}; an app is not installed")
        return found

    def fields_if_any(self, model: str) -> dict[str, Row] | None:
        """None for a model that is not there."""
        if model not in self._fields:
            self._fields[model] = self._client.fields(model, context=self.context())
        return self._fields[model]

    def has(self, model: str, field: str) -> bool:
        """Whether a model is there and has a field."""
        return field in (self.fields_if_any(model) or {})

    def there(self, model: str, names: Iterable[str]) -> list[str]:
        """Those of these fields that the model has: one that it lacks would fail the whole call."""
        known = self.fields(model)
        return [name for name in dict.fromkeys(names) if name in known]

    def rows(
        self, model: str, domain: Sequence[Any], *, fields: Iterable[str], order: str = "id", **context: Any
    ) -> list[Row]:
        """The records of a model in this domain."""
        names = self.there(model, fields)
        return self._client.rows(model, domain, fields=names, order=order, context=self.context(**context))

    @property
    def ours(self) -> list[Any]:
        """The leaf that leaves out what belongs to other companies."""
        return ["company_id", "in", [False, self.id]]

    # --- small tables ---

    def taxes(self) -> dict[int, SaleTax]:
        """The sales taxes of the company by id, those that are switched off too."""
        domain = [["type_tax_use", "=", "sale"], ["company_id", "=", self.id]]
        fields = ["name", "amount", "amount_type", "price_include", "active"]
        found = self.rows("account.tax", domain, fields=fields, active_test=False)
        return {row["id"]: _sale_tax(row) for row in found}

    def places(self) -> list[Place]:
        """The warehouses of the company."""
        fields = ["name", "view_location_id", "company_id"]
        found = self.rows("stock.warehouse", [["company_id", "=", self.id]], fields=fields)
        return [Place(row["id"], wire.plain(row["name"]), wire.ref(row["view_location_id"]) or 0) for row in found]

    def warehouses(self) -> list[Warehouse]:
        """The warehouses of the company, as the port gives them."""
        return [Warehouse(str(place.id), place.name) for place in self.places()]

    def precision(self) -> dict[str, int]:
        """The decimal places of each kind of numbers, such as "Product Price"."""
        found = self.rows("decimal.precision", [], fields=["name", "digits"])
        return {wire.plain(row["name"]): int(row["digits"]) for row in found}


def _sale_tax(row: Row) -> SaleTax:
    percent = row.get("amount_type", "percent") == "percent"
    return SaleTax(
        row["id"],
        wire.plain(row["name"]),
        wire.number(row["amount"]) if percent else None,
        bool(row.get("price_include")),
        bool(row.get("active", True)),
    )


def chosen_places(names: Sequence[str], *, places: Sequence[Place]) -> list[Place]:
    """The warehouses meant, by name, else by number, each once. Raises WarehouseMissing, WarehouseUnknown."""
    if not names:
        raise WarehouseMissing()
    return list({place.id: place for place in (_place(name, places) for name in names)}.values())


def _place(name: str, places: Sequence[Place]) -> Place:
    wanted = name.strip()
    exact = [place for place in places if place.name == wanted] or [
        place for place in places if str(place.id) == wanted
    ]
    found = exact or [place for place in places if place.name.casefold() == wanted.casefold()]
    if len(found) != 1:
        raise WarehouseUnknown(name=name, existing=", ".join(f"{one.name} ({one.id})" for one in places))
    return found[0]
