"""Stock: the quantities of each product in each warehouse that counts, as Odoo computes them for that place.

Quantities are not stored in Odoo, so nothing tells when they change: they are read whole and compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from passerelle.connectors.odoo import mapping, wire
from passerelle.connectors.odoo.articles import PRODUCT, ArticleRows, Articles, Wanted, storable
from passerelle.connectors.odoo.company import Company, Place, chosen_places
from passerelle.connectors.odoo.wire import Row
from passerelle.domain.stock import StockLevel
from passerelle.ports.erp import Record, StockQuery

COUNTED: Final = ("product_tmpl_id", *mapping.QUANTITIES)
ByProduct = dict[int, list[Row]]  # by the number of the product, a row for each warehouse


class Stock:
    """Reads the stock of one company."""

    def __init__(self, company: Company, articles: Articles) -> None:
        self._company = company
        self._articles = articles

    def records(self, query: StockQuery) -> Iterator[list[Record[StockLevel]]]:
        """Raises WarehouseMissing, WarehouseUnknown and FilterInvalid at once."""
        places = chosen_places(query.warehouses, places=self._company.places())
        pages = self._articles.pages(query, Wanted(variants=query.variants))
        return (found for page in pages if (found := self._page(page, places=places, variants=query.variants)))

    def _page(self, page: list[ArticleRows], *, places: list[Place], variants: bool) -> list[Record[StockLevel]]:
        counted = self._counted([one.template["id"] for one in page], places)
        of_template: ByProduct = {}
        for rows in counted.values():
            of_template.setdefault(wire.ref(rows[0]["product_tmpl_id"]) or 0, []).extend(rows)
        records = []
        for one in page:
            if one.ranged and variants:
                records += [_record(one, counted.get(row["id"], []), variant=row) for row in one.variants]
            else:
                records.append(_record(one, of_template.get(one.template["id"], []), variant=None))
        return records

    def _counted(self, templates: list[int], places: list[Place]) -> ByProduct:
        found: ByProduct = {}
        for place in places:
            domain = [["product_tmpl_id", "in", templates]]
            for row in self._company.rows(PRODUCT, domain, fields=COUNTED, location=place.location):
                found.setdefault(row["id"], []).append(row)
        return found


def _record(article: ArticleRows, quantities: list[Row], *, variant: Row | None) -> Record[StockLevel]:
    key = article.key if variant is None else article.sku(variant)
    counted = [[wire.number(row.get(name)) for name in mapping.QUANTITIES] for row in quantities]
    identity = (key, article.template["id"], storable(article.template), article.ranged, article.twice.get(key))
    return Record(
        key=key,
        erp_id=article.erp_id if variant is None else str(variant["id"]),
        digest=mapping.digest(identity, counted),
        read=partial(mapping.level_of, article, quantities, variant=variant),
    )
