"""What `check` says of a connection. Rights are asked for, never tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from passerelle.connectors.odoo.client import OdooClient
from passerelle.connectors.odoo.company import Company
from passerelle.connectors.odoo.config import OdooConfig
from passerelle.connectors.odoo.manifest import TITLE
from passerelle.domain.texts import N_, Text, text
from passerelle.errors import PasserelleError, RightMissing, WarehouseUnknown
from passerelle.ports.erp import ProductQuery
from passerelle.ports.manifest import Finding, Severity

TO_READ: Final = (
    "product.template", "product.product", "product.category", "product.attribute", "product.pricelist",
    "product.pricelist.item", "account.tax", "stock.warehouse", "sale.order", "sale.order.line", "stock.picking",
    "res.partner", "res.country", "decimal.precision",
)  # fmt: skip
TO_WRITE: Final = ("sale.order", "sale.order.line", "res.partner")
VERBS: Final = {"read": "view", "create": "add", "write": "modify"}
APPS: Final = {"sale.order": "Sales", "stock.warehouse": "Inventory", "delivery.carrier": "Delivery Costs"}


def findings(
    client: OdooClient, company: Company, config: OdooConfig, *, count: Callable[[ProductQuery], int]
) -> list[Finding]:
    """One line for each thing seen; where something may not be read, that alone."""
    rights = _rights(client, company)
    reached = N_("Odoo {version} answers for {company}.")
    found = [
        _ok("odoo_reached", reached, version=client.version, company=company.name),
        _ok("odoo_currency", N_("Amounts are in {currency}."), currency=company.currency),
        *rights,
    ]
    if any(one.severity is Severity.ERROR for one in rights):
        return found
    return [
        *found,
        _articles(total=count(ProductQuery(published_only=False)), published=count(ProductQuery())),
        *_apps(company),
        *_warehouses(company, config),
        _language(company, config),
        _taxes(company),
    ]


def _ok(code: str, template: str, **params: object) -> Finding:
    return Finding(Severity.OK, text(code, template, **params))


def _articles(*, total: int, published: int) -> Finding:
    if published:
        template = N_("{total} articles that are not archived, {published} of them published.")
        return _ok("odoo_articles", template, total=total, published=published)
    return Finding(
        Severity.WARNING,
        text("odoo_no_articles", N_("No article is published ({total} are not archived)."), total=total),
        text("odoo_publish", N_("Publish articles in Odoo, or set articles.published_only to false.")),
    )


def _apps(company: Company) -> list[Finding]:
    """The apps whose models are not there."""
    missing = [app for model, app in APPS.items() if company.fields_if_any(model) is None]
    step = text("odoo_install_app", N_("Install it in Odoo, if orders are to be imported."))
    return [
        Finding(Severity.WARNING, text("odoo_no_app", N_("The app {app} is not installed in Odoo."), app=app), step)
        for app in missing
    ]


def _rights(client: OdooClient, company: Company) -> list[Finding]:
    """A right to read that is missing is an error; one to write stops orders alone."""
    asked = [(model, "read") for model in TO_READ] + [
        (model, verb) for model in TO_WRITE for verb in ("create", "write")
    ]
    there = [(model, verb) for model, verb in asked if company.fields_if_any(model) is not None]
    missing = [(model, verb) for model, verb in there if not _allowed(client, company, model, verb)]
    read = [_of_error(RightMissing(system=TITLE, verb=VERBS[verb], resource=model))
            for model, verb in missing if verb == "read"]  # fmt: skip
    written = [f"{VERBS[verb]} {model}" for model, verb in missing if verb != "read"]
    return read + ([_no_orders(written)] if written else [])


def _no_orders(rights: Sequence[str]) -> Finding:
    said = text(
        "odoo_no_orders", N_("Orders cannot be imported with this key; it lacks the rights to {rights}."),
        rights=", ".join(rights),
    )  # fmt: skip
    return Finding(
        Severity.WARNING,
        said,
        text("odoo_give_rights", N_("Give its user these rights, if orders are to be imported.")),
    )


def _allowed(client: OdooClient, company: Company, model: str, verb: str) -> bool:
    """`has_access` since Odoo 18, `check_access_rights` before; both only answer."""
    context = company.context()
    if client.asks_access:
        return bool(client.ask(model, "has_access", on=[], operation=verb, context=context))
    return bool(client.ask(model, "check_access_rights", operation=verb, raise_exception=False, context=context))


def _warehouses(company: Company, config: OdooConfig) -> list[Finding]:
    places = company.warehouses()
    if not places:
        template = N_("The company has no warehouse, so no stock can be sent.")
        return [Finding(Severity.WARNING, text("odoo_no_warehouse", template))]
    names = ", ".join(f"{place.name} ({place.id})" for place in places)
    found = [_ok("odoo_warehouses", N_("Warehouses: {names}."), names=names)]
    wanted = config.warehouse.strip()
    if wanted and all(wanted not in (place.name, place.id) for place in places):
        found.append(_of_error(WarehouseUnknown(name=wanted, existing=names)))
    return found


def _language(company: Company, config: OdooConfig) -> Finding:
    known = ", ".join(company.languages) or "-"
    if config.language in company.languages:
        return _ok("odoo_languages", N_("Texts are read in {language}; Odoo has {known}."),
                   language=config.language, known=known)  # fmt: skip
    return Finding(
        Severity.WARNING,
        text("odoo_no_language", N_("Odoo has no {language}; texts are read in {used}."), language=config.language,
             used=company.language),
        text("odoo_add_language", N_("Add the language in Odoo, or name another one in erp.language: it has {known}."),
             known=known),
    )  # fmt: skip


def _taxes(company: Company) -> Finding:
    """What orders.import.taxes and articles.tax.rules may name."""
    taxes = [tax for tax in company.taxes().values() if tax.active and tax.rate is not None]
    names = ", ".join(f"{tax.name} ({tax.code})" for tax in taxes)
    if taxes:
        return _ok("odoo_taxes", N_("Sales taxes: {names}."), names=names)
    return Finding(Severity.WARNING, text("odoo_no_taxes", N_("The company has no sales tax.")))


def _of_error(error: PasserelleError) -> Finding:
    """An error as a finding, with its own next step."""
    return Finding(Severity.ERROR, Text.of(error), Text(f"{error.code()}.next_step", error.next_step, error.params))
