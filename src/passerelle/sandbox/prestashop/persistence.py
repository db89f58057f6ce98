"""A fresh installation, and the whole shop to JSON and back."""

from __future__ import annotations

from typing import Any

from passerelle.sandbox.prestashop import starting_data
from passerelle.sandbox.prestashop.database import HOME_CATEGORY, ROOT_CATEGORY, Database
from passerelle.sandbox.prestashop.table import Row, Table, Value


def install(database: Database, *, languages: tuple[str, ...], currency: str, version: str, name: str) -> None:
    """Fill an empty database with what a fresh French shop holds.

    Raises:
        KeyError: a language or a currency that the simulator does not know.
    """
    _languages(database, languages)
    _currency(database, currency)
    _taxes(database)
    _order_states(database, languages)
    _delivery(database)
    for ident, key, value in starting_data.configurations(version=version, shop_name=name):
        database.insert("configurations", {"id": str(ident), "name": key, "value": value})
    database.insert(
        "shops", {"id_shop_group": "1", "id_category": "2", "active": "1", "name": name, "theme_name": "hummingbird"}
    )
    for ident, parent, label in ((ROOT_CATEGORY, 0, "Racine"), (HOME_CATEGORY, ROOT_CATEGORY, "Accueil")):
        values: dict[str, Value] = {"id": str(ident), "id_parent": str(parent), "level_depth": str(ident - 1)}
        values["is_root_category"] = "1" if ident == HOME_CATEGORY else "0"
        database.insert("categories", {**values, "name": label, "link_rewrite": label.lower(), "active": "1"})


def _languages(database: Database, languages: tuple[str, ...]) -> None:
    for code in languages:
        name, locale, language_code, lite, full = starting_data.LANGUAGES[code]
        values: dict[str, Value] = {"name": name, "iso_code": code, "locale": locale, "language_code": language_code}
        database.insert("languages", {**values, "active": "1", "date_format_lite": lite, "date_format_full": full})


def _currency(database: Database, code: str) -> None:
    name, symbol, numeric = starting_data.CURRENCIES[code]
    values: dict[str, Value] = {"names": name, "symbol": symbol, "iso_code": code}
    values |= {"numeric_iso_code": numeric, "precision": "2", "conversion_rate": "1", "active": "1"}
    database.insert("currencies", values)


def _taxes(database: Database) -> None:
    for ident, code, country in starting_data.COUNTRIES:
        values: dict[str, Value] = {"id": str(ident), "id_zone": "1", "iso_code": code, "active": "1", "name": country}
        database.insert("countries", values)
    for ident, code, country in starting_data.OVERSEAS:
        abroad: dict[str, Value] = {"id": str(ident), "id_zone": "2", "iso_code": code, "active": "1", "name": country}
        database.insert("countries", abroad)
    for group, name, rate in starting_data.TAX_GROUPS:
        _tax_group(database, group, rules=[(country, name, rate) for country, _, _ in starting_data.COUNTRIES])
    _tax_group(database, starting_data.EU_GROUP, rules=list(starting_data.EU_TAXES))


def _tax_group(database: Database, group: str, *, rules: list[tuple[int, str, str]]) -> None:
    row = database.insert("tax_rule_groups", {"name": group, "active": "1"})
    taxes: dict[str, Row] = {}
    for country, name, rate in rules:
        if name not in taxes:
            taxes[name] = database.insert("taxes", {"rate": rate, "active": "1", "name": name})
        values: dict[str, Value] = {"id_tax_rules_group": str(row.id), "id_country": str(country)}
        values |= {"id_tax": str(taxes[name].id), "zipcode_from": "0", "zipcode_to": "0"}
        database.insert("tax_rules", values)


def _order_states(database: Database, languages: tuple[str, ...]) -> None:
    for ident, french, english, template, color, flags in starting_data.ORDER_STATES:
        names = tuple(french if code == "fr" else english for code in languages)
        values: dict[str, Value] = {"id": str(ident), "name": names, "template": template, "color": color}
        values["module_name"] = starting_data.PAYMENT_MODULES.get(ident, "")
        database.insert("order_states", {**values, "unremovable": "1", **dict.fromkeys(flags.split(), "1")})


def _delivery(database: Database) -> None:
    for country, code, name in starting_data.REGIONS:
        region: dict[str, Value] = {"id_country": str(country), "iso_code": code, "name": name}
        database.insert("states", {**region, "id_zone": "2", "active": "1"})
    for name, delay in starting_data.CARRIERS:
        row = database.insert("carriers", {"name": name, "delay": delay, "active": "1", "shipping_method": "1"})
        database.change(row, {"id_reference": str(row.id)})


def dumped(database: Database) -> dict[str, Any]:
    """Every row, with values and stored associations."""
    tables = {
        name: {"next_id": table.next_id, "rows": [{"values": row.values, "links": row.links} for row in table]}
        for name, table in database.tables.items()
    }
    return {"tables": tables, "shelves": [[key, list(shelf.items())] for key, shelf in database.shelves.items()]}


def restore(database: Database, content: dict[str, Any]) -> None:
    """Replace what the database holds by what was dumped."""
    for name, saved in content["tables"].items():
        table = database.tables[name] = Table(database.tables[name].resource)
        for one in saved["rows"]:
            values = [tuple(value) if isinstance(value, list) else value for value in one["values"]]
            row = table.add(Row(table.resource, values))
            row.links = {key: tuple(tuple(link) for link in links) for key, links in one["links"].items()}
        table.next_id = saved["next_id"]
    database.shelves = {category: dict(shelf) for category, shelf in content["shelves"]}
