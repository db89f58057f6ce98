"""What a fresh Odoo with a French company holds: companies, taxes, warehouses, positions, no product."""

from __future__ import annotations

from typing import Any

from passerelle.sandbox.odoo.database import Database, Record
from passerelle.sandbox.odoo.environment import ADMIN, Env

MAIN, FRENCH = 1, 2  # companies; the first is the user's own and sells in dollars
RATES = (20.0, 10.0, 5.5, 2.1)
WAREHOUSES = (("Dépôt principal", "PRINC"), ("Magasin Villeurbanne", "MAG"))
MODULES = ("base", "product", "sale", "sale_management", "sale_stock", "stock", "account", "delivery", "stock_delivery",
           "base_vat", "l10n_fr", "l10n_fr_account")  # fmt: skip
_COUNTRIES = (
    ("France", "FR", True), ("Belgique", "BE", True), ("Allemagne", "DE", True), ("Luxembourg", "LU", True),
    ("Italie", "IT", True), ("Espagne", "ES", True), ("Suisse", "CH", False), ("Monaco", "MC", False),
    ("Royaume-Uni", "GB", False), ("États-Unis", "US", False),
)  # fmt: skip
_PRECISIONS = (("Product Price", 2), ("Discount", 2), ("Product Unit of Measure", 2), ("Product Unit", 2),
               ("Stock Weight", 2), ("Volume", 2))  # fmt: skip


def install(database: Database, *, company: str, currency: str, rounding: str, modules: frozenset[str]) -> None:
    """Fill a new database."""
    with database.transaction():
        for code, name in (("en_US", "English (US)"), ("fr_FR", "French / Français")):
            _bare(database, "res.lang", {"code": code, "name": name, "active": True})
        for name in ("OdooBot", "Administrator"):
            login = "__system__" if name == "OdooBot" else "admin"
            _bare(database, "res.users", {
                "name": name, "login": login, "company_id": MAIN, "company_ids": (MAIN, FRENCH), "lang": "en_US",
                "tz": "Europe/Paris", "active": True,
            })  # fmt: skip
        env = Env(database, uid=ADMIN)
        _world(env, modules)
        _companies(env, company=company, currency=currency, rounding=rounding)
        _stock(env)
        _taxes(env)
        _positions(env)
        _bare(database, "product.category", {"name": "All"})
        _bare(database, "uom.uom", {"name": {"en_US": "Units", "fr_FR": "Unité(s)"}, "factor": 1.0})


def _bare(database: Database, model: str, values: dict[str, Any]) -> Record:
    """A record without any of the checks."""
    record = database[model].insert()
    for name, value in values.items():
        record.table.put(record, name, value)
    for name in ("create_date", "write_date"):
        record.table.put(record, name, database.started_at)
    return record


def _world(env: Env, modules: frozenset[str]) -> None:
    for name, symbol in (("USD", "$"), ("EUR", "€"), ("CHF", "CHF"), ("GBP", "£")):
        env.create("res.currency", {"name": name, "symbol": symbol})
    europe = env.create("res.country.group", {"name": "European Union"})
    for name, code, inside in _COUNTRIES:
        groups = [(6, 0, [europe.id] if inside else [])]
        env.create("res.country", {"name": name, "code": code, "country_group_ids": groups})
    for name, digits in _PRECISIONS:
        env.create("decimal.precision", {"name": name, "digits": digits})
    for name in sorted({*MODULES, *modules}):
        env.create("ir.module.module", {"name": name, "shortdesc": name, "state": "installed"})
    for name in ("website_sale", "mrp"):
        if name not in modules:
            env.create("ir.module.module", {"name": name, "shortdesc": name, "state": "uninstalled"})
    for name, table in env.database.tables.items():
        _bare(env.database, "ir.model", {"model": name, "name": table.model.title})


def country(env: Env, code: str) -> int:
    return env.table("res.country").by("code", code)[0].id


def money_of(env: Env, name: str) -> int:
    """The currency's id; made where it is not known."""
    found = env.table("res.currency").by("name", name)
    return found[0].id if found else env.create("res.currency", {"name": name, "symbol": name}).id


def _companies(env: Env, *, company: str, currency: str, rounding: str) -> None:
    for name, code, money in (("My Company (San Francisco)", "US", "USD"), (company, "FR", currency)):
        partner = env.create("res.partner", {"name": name, "is_company": True, "country_id": country(env, code)})
        env.create("res.company", {
            "name": name, "currency_id": money_of(env, money), "country_id": country(env, code),
            "partner_id": partner.id, "tax_calculation_rounding_method": rounding,
        })  # fmt: skip
    for ident in (1, 2):
        env.table("res.users").rows[ident].values["partner_id"] = env.create(
            "res.partner", {"name": "Administrator"}
        ).id
    for owner in (MAIN, FRENCH):
        for name, kind in (("Customer Invoices", "sale"), ("Bank", "bank")):
            env.create("account.journal", {"name": name, "type": kind, "company_id": owner, "code": kind[:3].upper()})
        env.create("crm.team", {"name": "Sales", "company_id": owner})


def _stock(env: Env) -> None:
    for name, usage in (("Physical Locations", "view"), ("Partners", "view"), ("Virtual Locations", "view"),
                        ("Vendors", "supplier"), ("Customers", "customer")):  # fmt: skip
        parent = False if usage == "view" else 2
        env.create("stock.location", {"name": name, "usage": usage, "location_id": parent})
    for name, code in WAREHOUSES:
        env.create("stock.warehouse", {"name": name, "code": code, "company_id": FRENCH})


def _taxes(env: Env) -> None:
    """The main company's, then for the French one each rate for sales and purchases under the same name.

    Those that prices include exist as well, archived until someone uses them.
    """
    for use in ("sale", "purchase"):
        _tax(env, "15%", 15.0, use=use, company=MAIN)
    for use in ("sale", "purchase"):
        for rate in RATES:
            _tax(env, f"{rate:g}% G", rate, use=use, company=FRENCH)
    for use in ("sale", "purchase"):
        for rate in RATES:
            _tax(env, f"{rate:g}% G INC", rate, use=use, company=FRENCH, included=True)
    for name in ("0% EXEMPT G", "0% EX G", "0% EU G"):
        _tax(env, name, 0.0, use="sale", company=FRENCH)
    for company in (MAIN, FRENCH):
        found = env.table("account.tax").by("company_id", company)
        first = {
            use: next(one.id for one in found if one.values["type_tax_use"] == use) for use in ("sale", "purchase")
        }
        env.write([env.get("res.company", company)],
                  {f"account_{use}_tax_id": ident for use, ident in first.items()})  # fmt: skip


def _tax(env: Env, name: str, rate: float, *, use: str, company: int, included: bool = False) -> Record:
    group = env.create("account.tax.group", {"name": f"VAT {rate:g}%", "company_id": company})
    values: dict[str, Any] = {
        "name": name, "amount": rate, "type_tax_use": use, "company_id": company, "price_include": included,
        "active": not included, "tax_group_id": group.id, "country_id": country(env, "US" if company == MAIN else "FR"),
    }  # fmt: skip
    return env.create("account.tax", values)


def _positions(env: Env) -> None:
    """Applied by themselves, in this order; abroad the taxes become 0 %."""
    europe = env.table("res.country.group").rows[1].id
    by_name = {env.value(one, "name"): one.id for one in env.table("account.tax").rows.values()
               if one.values["type_tax_use"] == "sale"}  # fmt: skip
    rows: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("Domestic - France", {"vat_required": True, "country_id": country(env, "FR")}, ""),
        ("EU private", {"country_group_id": europe}, ""),
        ("Intra-EU B2B", {"vat_required": True, "country_group_id": europe}, "0% EU G"),
        ("Import/Export outside Europe", {}, "0% EX G"),
    )
    for sequence, (name, values, target) in enumerate(rows, start=1):
        # A customer with a VAT number is asked for before one without.
        rank = {"EU private": 30, "Intra-EU B2B": 20}.get(name, sequence * 10 if sequence < 4 else 40)
        position = env.create("account.fiscal.position", {
            "name": name, "sequence": rank, "auto_apply": True, "company_id": FRENCH, **values,
        })  # fmt: skip
        if target:
            _map(env, position, by_name, by_name[target])


def _map(env: Env, position: Record, taxes: dict[str, int], target: int) -> None:
    sources = [ident for name, ident in taxes.items() if name.endswith(" G") and not name.startswith("0%")]
    if env.version >= 19:
        env.write([env.get("account.tax", target)],
                  {"original_tax_ids": [(6, 0, sources)], "fiscal_position_ids": [(4, position.id)]})  # fmt: skip
        return
    for source in sources:
        values = {"position_id": position.id, "tax_src_id": source, "tax_dest_id": target}
        env.create("account.fiscal.position.tax", values)
