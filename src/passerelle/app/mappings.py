"""The part of `check` that looks at a profile's mappings with both sides open."""

from __future__ import annotations

from passerelle.app.wiring import Opened
from passerelle.domain.texts import text
from passerelle.errors import CategoryUnknown, FieldUnknown, WarehouseUnknown
from passerelle.planner.rules import product_query
from passerelle.planner.texts import FIELDS, fields_named
from passerelle.ports.erp import ErpSource
from passerelle.ports.manifest import Finding, Severity
from passerelle.ports.shop import Shop
from passerelle.profile.nearest import nearest


def check_mappings(opened: Opened, erp: ErpSource, shop: Shop) -> list[Finding]:
    """Findings about fields, taxes, warehouses, price category, default category. Raises the first that stops a run."""
    _fields(opened, erp)
    opened.keep_context(shop.context())
    opened.rules(erp, shop)
    _warehouses(opened, erp)
    _default_category(opened, shop)
    query = product_query(opened.profile, flow="catalogue")
    count = erp.count(query)
    next(iter(erp.products(query)), None)  # the filter and the price category are resolved before the first page
    severity = Severity.OK if count else Severity.WARNING
    return [Finding(severity, text("in_scope", "{count} articles of the ERP are in scope.", count=count))]


def _fields(opened: Opened, erp: ErpSource) -> None:
    articles, known = opened.profile.articles, erp.fields()
    named = {
        f"articles.texts.{field}": fields_named(getattr(articles.texts, field)) for field in FIELDS if articles.texts
    }
    if articles.brand and articles.brand.field:
        named["articles.brand.field"] = {articles.brand.field}
    for key, fields in named.items():
        for field in sorted(fields - set(known)):
            raise FieldUnknown(key=key, field=field, nearest=", ".join(nearest(field, among=known)) or "-")


def _warehouses(opened: Opened, erp: ErpSource) -> None:
    stocks = opened.profile.articles.stocks
    if stocks is None:
        return
    there = erp.warehouses()
    known = {name.casefold() for warehouse in there for name in (warehouse.name, warehouse.id)}
    for name in stocks.warehouses:
        if name.casefold() not in known:
            raise WarehouseUnknown(name=name, existing=", ".join(warehouse.name for warehouse in there))


def _default_category(opened: Opened, shop: Shop) -> None:
    categories = opened.profile.articles.categories
    if categories is None or categories.default is None:
        return
    if str(categories.default) not in {category.id for category in shop.categories()}:
        raise CategoryUnknown(category=categories.default)
