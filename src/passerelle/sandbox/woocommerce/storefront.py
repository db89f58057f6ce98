"""The shop's pages: a small French storefront to look at. It hides nothing out of kindness."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from html import escape
from typing import Protocol

from passerelle.sandbox.woocommerce.calculation import home_country, rates, round_tax, taxes_on
from passerelle.sandbox.woocommerce.database import Database
from passerelle.sandbox.woocommerce.exchange import HTML, Answer
from passerelle.sandbox.woocommerce.product_view import (
    choice_values,
    option_name,
    option_values,
    shown_sku,
    shown_tax_class,
    variation_title,
)
from passerelle.sandbox.woocommerce.rows import Order, Product, Term
from passerelle.sandbox.woocommerce.values import SHOP_ZONE, number

_PER_PAGE = 60
_STATUSES = {
    "pending": "En attente de paiement",
    "processing": "En cours",
    "on-hold": "En attente",
    "completed": "Terminée",
    "cancelled": "Annulée",
    "refunded": "Remboursée",
    "failed": "Échouée",
    "checkout-draft": "Brouillon",
}
_STYLE = """
:root{--ink:#2b2233;--soft:#6d6476;--line:#e7e2ec;--accent:#7f54b3;--paper:#faf9fb}
*{box-sizing:border-box}body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
header{background:#fff;border-bottom:3px solid var(--accent)}.wrap{max-width:1200px;margin:0 auto;padding:0 1rem}
header .wrap{display:flex;align-items:center;min-height:4rem;gap:1rem;flex-wrap:wrap}
header a{color:inherit;text-decoration:none;font-weight:700;font-size:1.25rem}header small{color:var(--soft)}
header a.soft{font-weight:400;font-size:1rem;margin-left:auto}
.page{display:grid;grid-template-columns:14rem minmax(0,1fr);gap:2rem;padding-top:1.5rem;padding-bottom:3rem}
nav ul{list-style:none;margin:0;padding-left:.75rem}nav>ul{padding:0}
nav a{color:var(--ink);text-decoration:none;display:block;padding:.15rem 0}nav a:hover{color:var(--accent)}
.soft,nav span{color:var(--soft);font-size:.85rem}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:1rem}
.card,article{background:#fff;border:1px solid var(--line);border-radius:.5rem;padding:1rem;color:inherit}
.card{text-decoration:none;display:flex;flex-direction:column;gap:.25rem}.card h2{font-size:1rem;margin:0;flex:1}
.card:hover{border-color:var(--accent)}article{padding:1.5rem}article h1{margin-top:0}
.pic{aspect-ratio:4/3;border-radius:.35rem;background:#f0ecf4;display:grid;place-items:center;font-size:2rem;color:#a99bb9}
.price{font-size:1.2rem;font-weight:700}.in{color:#067647}.out{color:#b42318}.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid var(--line)}
@media(max-width:700px){.page{grid-template-columns:1fr}}
"""


class Front(Protocol):
    """What the pages need of the shop."""

    database: Database
    shop_name: str
    maintenance: bool


def euros(value: Decimal) -> str:
    """A price as French readers expect it: 1 234,50 €, with no-break spaces."""
    return f"{value:,.2f}".replace(",", "\u202f").replace(".", ",") + "\u00a0€"


def price_with_tax(database: Database, product: Product) -> Decimal:
    """What a buyer of the shop's own country pays for one."""
    price = number(product.price)
    if database.is_on("woocommerce_prices_include_tax") or product.tax_status != "taxable":
        return price
    found = taxes_on(price, rates(database, home_country(database), shown_tax_class(database, product)))
    return round_tax(database, price + sum(found.values()))


def page(shop: Front, path: str) -> Answer:
    """The page at a path: / · /categorie-produit/SLUG/ · /produit/SLUG/ · /commandes for the staff."""
    if shop.maintenance:
        return _html(shop, "<p>La boutique est en maintenance.</p>", status=503)
    database = shop.database
    kind, name = [*path.strip("/").split("/"), ""][:2]
    if not kind:
        return _html(shop, _cards(database, database.parents.values(), title="Tous nos produits"))
    if kind == "commandes":
        return _html(shop, _orders(database))
    if kind == "categorie-produit":
        category = next((one for one in database.state.categories.values() if one.slug == name), None)
        if category:
            return _html(shop, _category(database, category))
    product = next((one for one in database.parents.values() if one.slug == name), None)
    if kind == "produit" and product and product.status == "publish":
        return _html(shop, _sheet(database, product))
    return _html(shop, "<article><h1>Page introuvable</h1></article>", status=404)


def _html(shop: Front, content: str, *, status: int = 200) -> Answer:
    name = escape(shop.shop_name)
    document = (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{name}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head><body>'
        f'<header><div class="wrap"><a href="/">{name}</a><a class="soft" href="/commandes">Commandes</a>'
        '<small>Boutique de démonstration</small></div></header><div class="wrap page">'
        f'<nav aria-label="Catégories">{_menu(shop.database, 0)}</nav><main>{content}</main></div></body></html>'
    )
    return Answer(status, document.encode(), HTML)


def _menu(database: Database, parent: int) -> str:
    items = "".join(
        f'<li><a href="/categorie-produit/{one.slug}/">{one.name} <span>({len(_in(database, one))})</span></a>'
        f"{_menu(database, one.id)}</li>"
        for one in sorted(database.state.categories.values(), key=lambda term: (term.menu_order, term.name))
        if one.parent == parent
    )
    return f"<ul>{items}</ul>" if items else ""


def _in(database: Database, category: Term) -> list[Product]:
    return [one for one in database.parents.values() if category.id in one.categories and one.status == "publish"]


def _category(database: Database, category: Term) -> str:
    below = [category]
    for one in below:
        below.extend(term for term in database.state.categories.values() if term.parent == one.id)
    found = {product.id: product for one in below for product in _in(database, one)}
    return _cards(database, found.values(), title=category.name)


def _cards(database: Database, rows: Iterable[Product], *, title: str) -> str:
    visible = [one for one in rows if one.status == "publish" and one.catalog_visibility in ("visible", "catalog")]
    cards = "".join(_card(database, one) for one in visible[:_PER_PAGE])
    more = f" · les {_PER_PAGE} premiers" if len(visible) > _PER_PAGE else ""
    return f'<h1>{title}</h1><p class="soft">{len(visible)} produits{more}</p><div class="grid">{cards}</div>'


def _card(database: Database, product: Product) -> str:
    return (
        f'<a class="card" href="/produit/{product.slug}/"><div class="pic" aria-hidden="true">{product.name[:1]}</div>'
        f"<h2>{product.name}</h2>{_facts(database, product)}</a>"
    )


def _facts(database: Database, product: Product) -> str:
    brands = [database.state.brands[one].name for one in product.brands if one in database.state.brands]
    reference = f"Réf. {escape(product.sku)}" if product.sku else "Sans référence"
    return (
        f'<div class="soft">{" · ".join([*brands, reference])}</div>'
        f'<div class="price">{_price(database, product)}</div>{_stock(product)}'
    )


def _price(database: Database, product: Product) -> str:
    if not product.price:
        return '<span class="soft">Prix à venir</span>'
    start = "à partir de " if product.type == "variable" else ""
    return f'{start}{euros(price_with_tax(database, product))} <span class="soft">TTC</span>'


def _stock(product: Product) -> str:
    if product.stock_status == "instock":
        count = f" ({product.stock_quantity})" if product.manage_stock else ""
        return f'<div class="in">En stock{count}</div>'
    word = "Sur commande" if product.stock_status == "onbackorder" else "Rupture de stock"
    return f'<div class="out">{word}</div>'


def _sheet(database: Database, product: Product) -> str:
    return (
        f"<article><h1>{product.name}</h1>{_facts(database, product)}<div>{product.short_description}</div>"
        f"<div>{product.description}</div>{_variations(database, product)}{_attributes(database, product)}</article>"
    )


def _variations(database: Database, product: Product) -> str:
    if not product.children:
        return ""
    lines = "".join(_variation(database, database.state.products[one]) for one in product.children)
    head = "".join(f"<th>{one}</th>" for one in ("Déclinaison", "Référence", "Code-barres", "Prix TTC", "Stock"))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
    return f'<h2>Déclinaisons</h2><div class="wide">{table}</div>'


def _variation(database: Database, variation: Product) -> str:
    title = variation_title(database, variation) if choice_values(database, variation) else "—"
    cells = (
        title,
        escape(shown_sku(database, variation)) or "—",
        escape(variation.global_unique_id) or "—",
        euros(price_with_tax(database, variation)) if variation.price else "—",
        _stock(variation),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _attributes(database: Database, product: Product) -> str:
    lines = "".join(
        f"<tr><th>{option_name(database, one)}</th><td>{', '.join(option_values(database, one))}</td></tr>"
        for one in product.attributes
        if one.visible
    )
    return f"<h2>Informations complémentaires</h2><table>{lines}</table>" if lines else ""


def _orders(database: Database) -> str:
    found = sorted(database.state.orders.values(), key=lambda one: -one.id)
    lines = "".join(_order(one) for one in found[:_PER_PAGE])
    head = "".join(f"<th>{one}</th>" for one in ("N°", "Date", "Client", "Paiement", "Total TTC", "État"))
    count = f'<p class="soft">{len(found)} commandes</p>'
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
    return f'<article><h1>Commandes</h1>{count}<div class="wide">{table}</div></article>'


def _order(order: Order) -> str:
    name = f"{order.billing.get('first_name', '')} {order.billing.get('last_name', '')}".strip()
    cells = (
        str(order.id),
        f"{order.created.astimezone(SHOP_ZONE):%d/%m/%Y %H:%M}",
        escape(name) or "—",
        escape(order.payment_method_title) or "—",
        euros(order.total),
        _STATUSES.get(order.status, escape(order.status)),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
