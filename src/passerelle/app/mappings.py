"""The part of `check` that looks at a profile's mappings with both sides open."""

from __future__ import annotations

from typing import cast

import msgspec

from passerelle.app.wiring import Opened
from passerelle.domain.texts import N_, Text, text
from passerelle.errors import (
    ArticleUnknown,
    CategoryUnknown,
    FieldUnknown,
    PasserelleError,
    StatusUnknown,
    WarehouseUnknown,
)
from passerelle.planner.rules import product_query
from passerelle.planner.texts import FIELDS, fields_named
from passerelle.ports.erp import ErpSource, ProductQuery
from passerelle.ports.manifest import Finding, Severity
from passerelle.ports.shop import OrderDesk, Shop
from passerelle.profile.nearest import nearest
from passerelle.profile.sections import ArticleOptions, OrderImportOptions


def check_mappings(opened: Opened, erp: ErpSource, shop: Shop) -> list[Finding]:
    """Findings about fields, taxes, warehouses, price category, default category. Raises the first that stops a run."""
    _fields(opened, erp)
    opened.keep_context(shop.context())
    opened.rules(erp, shop)
    _warehouses(opened, erp)
    _default_category(opened, shop)
    orders = _orders(opened, erp, shop)
    query = product_query(opened.profile, flow="catalogue")
    found = filter_matches(erp, query=query) if query.filter.strip() else _in_scope(erp.count(query))
    next(iter(erp.products(query)), None)  # the filter and the price category are resolved before the first page
    severity = Severity.OK if found.params["count"] != "0" else Severity.WARNING
    return [*orders, Finding(severity, found)]


def filter_matches(erp: ErpSource, *, query: ProductQuery) -> Text:
    """How many of the articles in scope the filter keeps, and how many there would be without it."""
    count, without = erp.count(query), erp.count(msgspec.structs.replace(query, filter=""))
    template = N_("{count} articles match articles.filter ({without} without it).")
    if count == 1:
        template = N_("1 article matches articles.filter ({without} without it).")
    elif count == 0:
        template = N_("No article matches articles.filter ({without} without it).")
    return text("filter_matches", template, count=count, without=without)


def _in_scope(count: int) -> Text:
    template = N_("{count} articles of the ERP are in scope.")
    if count == 1:
        template = N_("1 article of the ERP is in scope.")
    elif count == 0:
        template = N_("No article of the ERP is in scope.")
    return text("in_scope", template, count=count)


def _orders(opened: Opened, erp: ErpSource, shop: Shop) -> list[Finding]:
    """Every status the profile names is one of the shop's, every article that stands for a cost is in the ERP.

    Lists the shop's statuses and carriers, to be copied into the profile, and the carriers that are not there yet.
    """
    imports, updates = opened.profile.orders.import_, opened.profile.orders.status_updates
    if imports is None:
        return []
    named = {"orders.import.statuses": list(imports.statuses)}
    if imports.status_after_import is not None:
        named["orders.import.status_after_import"] = [imports.status_after_import]
    if updates is not None:
        named["orders.status_updates.table"] = list(updates.table.values())
        if updates.with_tracking is not None:
            named["orders.status_updates.with_tracking"] = [updates.with_tracking]
    there = {status.id: status.label for status in cast(OrderDesk, shop).order_statuses()}
    for option, statuses in named.items():
        for status in statuses:
            if str(status) not in there:
                raise StatusUnknown(status=status, option=option, known=_listed(there))
    for option, sku in _articles(imports):
        if not erp.count(ProductQuery(published_only=False, only=sku)):
            raise ArticleUnknown(sku=sku, option=option)
    listed = text("order_statuses", "Order statuses of the shop: {statuses}.", statuses=_listed(there))
    return [Finding(Severity.OK, listed), *_carriers(imports, shop)]


def _carriers(imports: OrderImportOptions, shop: Shop) -> list[Finding]:
    carriers = {carrier.id: carrier.label for carrier in cast(OrderDesk, shop).carriers()}
    missing = {id: label for id, label in carriers.items() if id not in imports.carriers}
    if not missing:
        return []
    template = N_("Carriers of the shop that orders.import.carriers does not link yet: {carriers}.")
    step = text("carriers_unlinked_next", N_("Link them, or their orders will wait."))
    return [Finding(Severity.WARNING, text("carriers_unlinked", template, carriers=_listed(missing)), step)]


def _listed(named: dict[str, str]) -> str:
    return ", ".join(f"{id} {label}" for id, label in named.items())


def _articles(imports: OrderImportOptions) -> list[tuple[str, str]]:
    shipping = [("orders.import.shipping_articles", sku) for sku in imports.shipping_articles.values()]
    others = [
        ("orders.import.wrapping_article", imports.wrapping_article),
        ("orders.import.rounding_article", imports.rounding_article),
    ]
    return [(option, sku) for option, sku in (*shipping, *others) if sku]


def _fields(opened: Opened, erp: ErpSource) -> None:
    known = erp.fields()
    for key, fields in _named(opened.profile.articles).items():
        for field in sorted(fields - set(known)):
            raise FieldUnknown(key=key, field=field, nearest=", ".join(nearest(field, among=known)) or "-")


def located(error: PasserelleError, *, articles: ArticleOptions) -> PasserelleError:
    """An error that names the option which is wrong, where a connector knows the field alone."""
    if not isinstance(error, FieldUnknown):
        return error
    field = error.params["field"]
    key = next((key for key, fields in _named(articles).items() if field in fields), error.params["key"])
    return FieldUnknown(detail=error.detail, **{**error.params, "key": key})


def _named(articles: ArticleOptions) -> dict[str, set[str]]:
    """The ERP fields that each option of articles reads."""
    named = {
        f"articles.texts.{field}": fields_named(getattr(articles.texts, field)) for field in FIELDS if articles.texts
    }
    if articles.brand and articles.brand.field:
        named["articles.brand.field"] = {articles.brand.field}
    for number, source in enumerate(articles.categories.levels if articles.categories else (), start=1):
        named[f"articles.categories.levels {number}"] = fields_named(source)
    if articles.categories and articles.categories.extra:
        named["articles.categories.extra"] = fields_named(articles.categories.extra)
    for feature, source in (articles.custom_fields.features if articles.custom_fields else {}).items():
        named[f"articles.custom_fields.features.{feature}"] = fields_named(source)
    variants = articles.variants
    if variants and variants.group_by:
        named["articles.variants.group_by"] = {variants.group_by}
        named |= {f"articles.variants.options.{name}": fields_named(one) for name, one in variants.options.items()}
    return named


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
