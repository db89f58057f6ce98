"""The shop's pages: a small French storefront to look at. It hides nothing out of kindness."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Protocol

from passerelle.sandbox.prestashop import assortment, ordering
from passerelle.sandbox.prestashop.database import HOME_CATEGORY, Database
from passerelle.sandbox.prestashop.table import Row
from passerelle.sandbox.prestashop.webservice import HTML, Answer

_PER_PAGE = 60
_STYLE = """
:root{--ink:#1d2430;--soft:#667085;--line:#e4e7ec;--accent:#b4481e;--paper:#f7f7f5}
*{box-sizing:border-box}body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
header{background:#fff;border-bottom:1px solid var(--line)}.wrap{max-width:1200px;margin:0 auto;padding:0 1rem}
header .wrap{display:flex;align-items:center;justify-content:space-between;min-height:4rem;gap:1rem}
header a{color:inherit;text-decoration:none;font-weight:700;font-size:1.25rem}header small{color:var(--soft)}
.page{display:grid;grid-template-columns:14rem 1fr;gap:2rem;padding-top:1.5rem;padding-bottom:3rem}
nav ul{list-style:none;margin:0;padding-left:.75rem}nav>ul{padding:0}nav a{color:var(--ink);text-decoration:none;
display:block;padding:.15rem 0}nav a:hover,.card:hover h2{color:var(--accent)}
nav span{color:var(--soft);font-size:.85em}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:1rem}
.card{background:#fff;border:1px solid var(--line);border-radius:.5rem;padding:1rem;color:inherit;text-decoration:none;
display:flex;flex-direction:column;gap:.25rem}.card h2{font-size:1rem;margin:0;flex:1}
.pic{aspect-ratio:4/3;border-radius:.35rem;background:#eceae5;display:grid;place-items:center;font-size:2rem;color:#a8a294}
.soft{color:var(--soft);font-size:.85rem}.price{font-size:1.2rem;font-weight:700}.in{color:#067647}.out{color:#b42318}
article{background:#fff;border:1px solid var(--line);border-radius:.5rem;padding:1.5rem}article h1{margin-top:0}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid var(--line)}
header a.soft{font-weight:400;font-size:1rem;margin-left:auto}
.choice{margin:1rem 0}.choice h2{font-size:1rem;margin:0 0 .25rem}
.choice ul{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem;margin:0;padding:0}
.choice a{display:block;border:1px solid var(--line);border-radius:.35rem;padding:.3rem .8rem;color:inherit;
text-decoration:none}.choice a:hover{border-color:var(--accent)}
.choice a.gone{color:var(--soft);border-style:dashed}
.choice a[aria-current]{border:1px solid var(--accent);background:#fdf1ec;font-weight:700}
main{min-width:0}.wide{overflow-x:auto}td a{color:inherit}tr[aria-current] td{background:#fdf1ec}
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


def page(shop: Front, path: str) -> Answer:
    """The page at a path: / · /c/ID a category · /p/ID a product, /p/ID/VARIANT · /orders all, with their parcels."""
    if shop.maintenance:
        return _html(shop, "<p>La boutique est en maintenance.</p>", status=503)
    kind, ident, variant = [*path.strip("/").split("/"), "", ""][:3]
    number = int(ident) if ident.isdigit() else 0
    if not kind:
        return _html(shop, _cards(shop, shop.database["products"], title="Tous nos produits"))
    if kind == "orders":
        return _html(shop, _orders(shop.database))
    category = shop.database["categories"].get(number)
    if kind == "c" and category:
        below = {one for child in shop.database.descendants(number) for one in shop.database.shelves.get(child, ())}
        rows = [shop.database["products"].rows[one] for one in sorted(below)]
        return _html(shop, _cards(shop, rows, title=_name(category)))
    product = shop.database["products"].get(number)
    if kind == "p" and product and _visible(product):
        try:
            return _html(shop, _sheet(shop, product, chosen=_chosen(shop.database, product, variant)))
        except KeyError:
            pass  # a variant that it does not have
    return _html(shop, "<article><h1>Page introuvable</h1></article>", status=404)


def _visible(row: Row) -> bool:
    return row.text("active") == "1" and row.text("state") == "1"


def _name(row: Row) -> str:
    value = row.values[row.resource.index["name"]]
    return escape(value[0] if isinstance(value, tuple) else value or "")


def _text(row: Row, field: str) -> str:
    value = row.values[row.resource.index[field]]
    return value[0] if isinstance(value, tuple) else value or ""


def _html(shop: Front, content: str, *, status: int = 200) -> Answer:
    menu = _menu(shop.database, HOME_CATEGORY)
    name = escape(shop.shop_name)
    document = (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{name}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head><body>'
        f'<header><div class="wrap"><a href="/">{name}</a><a class="soft" href="/orders">Commandes</a>'
        "<small>Boutique de démonstration</small></div></header>"
        f'<div class="wrap page"><nav aria-label="Catégories">{menu}</nav><main>{content}</main></div></body></html>'
    )
    return Answer(status, document.encode(), HTML)


def _menu(database: Database, parent: int) -> str:
    items = "".join(_menu_item(database, row) for row in database["categories"].by("id_parent", str(parent)))
    return f"<ul>{items}</ul>" if items else ""


def _menu_item(database: Database, row: Row) -> str:
    if row.text("active") != "1":
        return ""
    count = len(database.shelves.get(row.id, ()))
    return f'<li><a href="/c/{row.id}">{_name(row)} <span>({count})</span></a>{_menu(database, row.id)}</li>'


def _cards(shop: Front, rows: Iterable[Row], *, title: str) -> str:
    visible = [row for row in rows if _visible(row) and row.text("visibility") in ("both", "catalog")]
    cards = "".join(_card(shop.database, row) for row in visible[:_PER_PAGE])
    more = f" · les {_PER_PAGE} premiers" if len(visible) > _PER_PAGE else ""
    return f'<h1>{title}</h1><p class="soft">{len(visible)} produits{more}</p><div class="grid">{cards}</div>'


def _card(database: Database, row: Row) -> str:
    return (
        f'<a class="card" href="/p/{row.id}"><div class="pic" aria-hidden="true">{_name(row)[:1]}</div>'
        f"<h2>{_name(row)}</h2>{_facts(database, row)}</a>"
    )


def _facts(database: Database, row: Row, *, variant: Row | None = None) -> str:
    brand = database["manufacturers"].get(row.number("id_manufacturer"))
    brand_name = f"{escape(brand.text('name'))} · " if brand else ""
    combination = variant.id if variant else 0
    price = euros(ordering.displayed_price(database, row, combination=combination))
    reference = (variant.text("reference") if variant else "") or row.text("reference")
    return (
        f'<div class="soft">{brand_name}Réf. {escape(reference)}</div>'
        f'<div class="price">{price if row.text("show_price") == "1" else ""} <span class="soft">TTC</span></div>'
        f"{_stock(database, row, combination=combination)}"
    )


def _stock(database: Database, row: Row, *, combination: int = 0) -> str:
    quantity = database.stock(row.id, combination=combination)
    if quantity > 0:
        return f'<div class="in">En stock ({quantity})</div>'
    return '<div class="out">Rupture de stock</div>'


def _chosen(database: Database, product: Row, variant: str) -> Row | None:
    """The variant that the page shows: the one asked for, else the default. Raises KeyError for an unknown one."""
    wanted = variant or str(assortment.default_of(database, product.id))
    return assortment.bought(database, product.id, combination=int(wanted) if wanted.isdecimal() else -1)


def _sheet(shop: Front, row: Row, *, chosen: Row | None) -> str:
    short, long = _text(row, "description_short"), _text(row, "description")
    database = shop.database
    details = f"{_variants(database, row, chosen)}{_features(database, row)}"
    return (
        f"<article><h1>{_name(row)}</h1>{_facts(database, row, variant=chosen)}{_choice(database, row, chosen)}"
        f"<div>{short}</div><div>{long}</div>{details}</article>"
    )


def _choice(database: Database, product: Row, chosen: Row | None) -> str:
    """Each option with its values; a value leads to the variant that has it and otherwise differs the least."""
    if chosen is None:
        return ""
    rows = database["combinations"].by("id_product", str(product.id))
    known = {row.id: dict(assortment.choices_of(database, row)) for row in rows}
    sold = {row.number("id_product_attribute") for row in database.stock_rows(product.id) if row.number("quantity") > 0}
    options: dict[str, dict[str, None]] = {}
    for choices in known.values():
        for option, value in choices.items():
            options.setdefault(option, {})[value] = None
    groups = []
    for option, values in options.items():
        nearest = {value: _nearest(known, option, value, chosen=chosen.id) for value in values}
        links = (
            _value(product, one, value, known[chosen.id].get(option), one in sold) for value, one in nearest.items()
        )
        groups.append(f'<div class="choice"><h2>{escape(option)}</h2><ul>{"".join(links)}</ul></div>')
    return "".join(groups)


def _nearest(known: dict[int, dict[str, str]], option: str, value: str, *, chosen: int) -> int:
    """The variant with a value of an option that has most in common with the chosen one."""
    having = (one for one, choices in known.items() if choices.get(option) == value)
    return max(having, key=lambda one: len(known[one].items() & known[chosen].items()))


def _value(product: Row, variant: int, value: str, current: str | None, sold: bool) -> str:
    marks = ("" if sold else ' class="gone"') + (' aria-current="true"' if value == current else "")
    return f'<li><a{marks} href="/p/{product.id}/{variant}">{escape(value)}</a></li>'


def _variants(database: Database, product: Row, chosen: Row | None) -> str:
    """All that can be chosen, with the price and the stock of each; without values it is a nameless line."""
    rows = database["combinations"].by("id_product", str(product.id))
    if not rows:
        return ""
    default = assortment.default_of(database, product.id)
    lines = "".join(_variant(database, product, one, is_default=one.id == default, chosen=chosen) for one in rows)
    head = "".join(f"<th>{one}</th>" for one in ("Déclinaison", "Référence", "Code-barres", "Prix TTC", "Stock"))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
    return f'<h2>Déclinaisons</h2><div class="wide">{table}</div>'


def _variant(database: Database, product: Row, row: Row, *, is_default: bool, chosen: Row | None) -> str:
    price = ordering.displayed_price(database, product, combination=row.id)
    named = ", ".join(f"{option} : {value}" for option, value in assortment.choices_of(database, row))
    default = " <small>(par défaut)</small>" if is_default else ""
    cells = (
        f'<a href="/p/{product.id}/{row.id}">{escape(named) or "—"}</a>{default}',
        escape(row.text("reference")) or "—",
        escape(row.text("ean13")) or "—",
        euros(price) if product.text("show_price") == "1" else "",
        _stock(database, product, combination=row.id),
    )
    mark = ' aria-current="true"' if row is chosen else ""
    return f"<tr{mark}>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _features(database: Database, row: Row) -> str:
    found = assortment.features_of(database, row)
    lines = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in found)
    return f"<h2>Fiche technique</h2><table>{lines}</table>" if lines else ""


def _orders(database: Database) -> str:
    rows = sorted(database["orders"], key=lambda row: -row.id)
    lines = "".join(_order(database, row) for row in rows[:_PER_PAGE])
    head = "".join(f"<th>{one}</th>" for one in ("N°", "Référence", "Date", "Total TTC", "État", "Suivi"))
    count = f'<p class="soft">{len(rows)} commandes</p>'
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
    return f"<article><h1>Commandes</h1>{count}{table}</article>"


def _order(database: Database, row: Row) -> str:
    state = database["order_states"].get(row.number("current_state"))
    color = escape(state.text("color")) if state else ""
    parcels = database["order_carriers"].by("id_order", str(row.id))
    numbers = ", ".join(one.text("tracking_number") for one in parcels if one.text("tracking_number"))
    cells = (
        str(row.id),
        escape(row.text("reference")),
        f"{datetime.fromisoformat(row.text('date_add')):%d/%m/%Y %H:%M}",
        euros(Decimal(row.text("total_paid_tax_incl"))),
        f'<span style="color:{color}">{_name(state)}</span>' if state else "",
        escape(numbers) or "—",
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
