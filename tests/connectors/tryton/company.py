"""The company that the tests start from: euros, three VAT rates, two warehouses, one customer, no article."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.connectors.tryton.rpc import Rpc

COMPANY = "Maison Durand"
WAREHOUSES = ("Dépôt principal", "Réserve")
RATES = {Decimal(20): "TVA 20 %", Decimal(10): "TVA 10 %", Decimal("5.5"): "TVA 5,5 %", Decimal(0): "TVA 0 %"}
UNTAXED = "Comptable sans TVA"
TWICE_TAXED = "Comptable à deux taxes"
UNIT = "Pièce"
CUSTOMER = "CL1"


def make_company(rpc: Rpc) -> None:
    """Set up a database that has been initialised and holds nothing yet."""
    euro = rpc("currency.currency.create", [{"name": "Euro", "code": "EUR", "symbol": "€", "digits": 2}])[0]
    rpc("currency.currency.write", [euro], {"rounding": Decimal("0.01")})
    party = rpc("party.party.create", [{"name": COMPANY}])[0]
    company = rpc("company.company.create", [{"party": party, "currency": euro}])[0]
    user = rpc.one("res.user", [["login", "=", "admin"]])
    rpc("res.user.write", [user], {"companies": [["add", [company]]], "company": company})
    rpc.refresh()
    rpc("country.country.create", [{"name": "France", "code": "FR", "code3": "FRA", "code_numeric": "250"}])
    _make_accounts(rpc, company)
    _make_fiscal_year(rpc, company)
    _make_warehouses(rpc)
    _make_unit(rpc)
    _make_customer(rpc)


def _make_accounts(rpc: Rpc, company: int) -> None:
    session = rpc.wizard("account.create_chart.create")[0]
    template = rpc.one("account.account.template", [["parent", "=", None]])
    chart = {"account": {"company": company, "account_template": template}}
    rpc.wizard("account.create_chart.execute", session, chart, "create_account")
    accounts = {row["name"]: row["id"] for row in rpc.rows("account.account", [], "name")}
    chosen = {"account_receivable": accounts["Main Receivable"], "account_payable": accounts["Main Payable"]}
    rpc.wizard(
        "account.create_chart.execute", session, {"properties": {"company": company, **chosen}}, "create_properties"
    )
    taxes = [
        {
            "name": name, "description": name, "type": "percentage", "rate": rate / 100, "company": company,
            "invoice_account": accounts["Main Tax"], "credit_note_account": accounts["Main Tax"],
        }
        for rate, name in RATES.items()
    ]  # fmt: skip
    made = rpc("account.tax.create", taxes)
    categories = {f"Comptable {name}": [tax] for name, tax in zip(RATES.values(), made, strict=True)}
    for name, some in {**categories, UNTAXED: [], TWICE_TAXED: made[:2]}.items():
        values = {
            "name": name, "accounting": True, "customer_taxes": [["add", some]],
            "account_revenue": accounts["Main Revenue"], "account_expense": accounts["Main Expense"],
        }  # fmt: skip
        rpc("product.category.create", [values])


def _make_fiscal_year(rpc: Rpc, company: int) -> None:
    """One that is long enough for these tests to outlive its maker."""
    kinds = {row["name"]: row["id"] for row in rpc.rows("ir.sequence.type", [], "name")}
    moves = rpc(
        "ir.sequence.create", [{"name": "Écritures", "sequence_type": kinds["Account Move"], "company": company}]
    )
    invoices = rpc(
        "ir.sequence.strict.create", [{"name": "Factures", "sequence_type": kinds["Invoice"], "company": company}]
    )
    days = {"start_date": date(2020, 1, 1), "end_date": date(2099, 12, 31)}
    names = ("in_invoice_sequence", "in_credit_note_sequence", "out_invoice_sequence", "out_credit_note_sequence")
    sequences = {"company": company, **dict.fromkeys(names, invoices[0])}
    year = {
        "name": "Toujours", "company": company, "post_move_sequence": moves[0],
        "invoice_sequences": [["create", [sequences]]],
        "periods": [["create", [{"name": "Toujours", "type": "standard", **days}]]],
    }  # fmt: skip
    rpc("account.fiscalyear.create", [{**year, **days}])
    rpc("account.invoice.payment_term.create", [{"name": "Comptant", "lines": [["create", [{"type": "remainder"}]]]}])


def _make_warehouses(rpc: Rpc) -> None:
    first, second = WAREHOUSES
    rpc("stock.location.write", [rpc.one("stock.location", [["type", "=", "warehouse"]])], {"name": first})
    zones = ("input_location", "output_location", "storage_location")
    made = rpc("stock.location.create", [{"name": f"{second} {zone}", "type": "storage"} for zone in zones])
    rpc("stock.location.create", [{"name": second, "type": "warehouse", **dict(zip(zones, made, strict=True))}])


def _make_unit(rpc: Rpc) -> None:
    """A piece that can be broken: Tryton's own unit counts whole ones only."""
    category = rpc.one("product.uom.category", [["name", "=", "Units"]])
    unit = {"name": UNIT, "symbol": "pce", "category": category, "digits": 6, "rounding": 0.000001}
    rpc("product.uom.create", [{**unit, "factor": 1.0, "rate": 1.0}])


def _make_customer(rpc: Rpc) -> None:
    address = {"street": "1 rue du Port", "postal_code": "29200", "city": "Brest"}
    rpc("party.party.create", [{"name": "Client 1", "code": CUSTOMER, "addresses": [["create", [address]]]}])
