"""Articles and their stock, read by pages of product templates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeVar

import msgspec

from passerelle.connectors.tryton import domains
from passerelle.connectors.tryton.client import Refused, TrytonClient
from passerelle.connectors.tryton.mapping import (
    NO_TEXTS,
    TEXT_TYPES,
    ArticleRows,
    StockRows,
    chain,
    digest,
    key_of,
    level_of,
    product_of,
)
from passerelle.connectors.tryton.wire import (
    CategoryRow,
    IdentifierRow,
    LocationRow,
    MoveRow,
    ProductRow,
    TaxRow,
    TemplateRow,
    UnitRow,
    names_of,
    rows_of,
)
from passerelle.domain.catalogue import Product
from passerelle.domain.stock import StockLevel
from passerelle.errors import (
    FieldUnknown,
    FilterInvalid,
    PriceCategoryUnknown,
    WarehouseMissing,
    WarehouseUnknown,
)
from passerelle.ports.erp import ProductQuery, Record, StockQuery

T = TypeVar("T")
Group = list[tuple[TemplateRow, tuple[ProductRow, ...]]]

TEMPLATE: Final = "product.template"
PRODUCT: Final = "product.product"
MEASURES: Final = frozenset({"weight", "weight_uom"})
IDENTIFIERS: Final = (("sequence", "ASC NULLS FIRST"), ("id", "ASC"))
OPEN: Final = ("draft", "assigned")  # moves that are planned and not done


class SmallTables(msgspec.Struct, frozen=True):
    """What the rows of articles point at, read once a run."""

    categories: dict[int, CategoryRow]
    taxes: dict[int, TaxRow]
    units: dict[int, UnitRow]
    labels: dict[str, dict[str, str]]  # of selections: field → value → what people read


class Catalogue:
    """Reads articles and stock through a client, `page_size` templates at a time."""

    def __init__(self, client: TrytonClient, *, page_size: int) -> None:
        self._client = client
        self._page_size = page_size

    # --- scope ---

    def scope(self, query: ProductQuery | StockQuery) -> list[Any]:
        """The domain of a query. The server is asked once whether it understands the filter. Raises FilterInvalid."""
        domain: list[Any] = [["salable", "=", True]] if query.published_only else []
        condition = domains.condition(query.filter, model=TEMPLATE, fields_of=self._client.fields)
        if condition:
            try:
                self._client.asked(f"{TEMPLATE}.search_count", condition)
            except Refused as refused:
                raise FilterInvalid(why="Tryton does not understand it", detail=refused.text) from None
        if query.only is not None:
            domain.append(["OR", ["code", "=", query.only], ["products.code", "=", query.only]])
        return domain + condition

    def count(self, query: ProductQuery) -> int:
        """How many articles are in scope; a variant too is found by its code in `only`."""
        domain = self.scope(query)
        if query.only is None:
            return int(self._client.ask(f"{TEMPLATE}.search_count", domain))
        return sum(
            key_of(template, products) == query.only or query.only in [one.code for one in products]
            for group in self._groups(domain)
            for template, products in group
        )

    def texts(self) -> list[str]:
        """The fields of a variant, its article's included, that can be read as a text."""
        known = self._client.fields(PRODUCT)
        return sorted(name for name, said in known.items() if said["type"] in TEXT_TYPES and name not in NO_TEXTS)

    # --- articles ---

    def products(self, query: ProductQuery) -> Iterator[list[Record[Product]]]:
        """Raises FilterInvalid, FieldUnknown, PriceCategoryUnknown at once, not when the first page is asked for."""
        self._check_price_category(query)
        fields = self._client.fields(PRODUCT) if query.fields else {}
        asked = self._asked_texts(query, fields)
        domain = self.scope(query)
        small = self._small_tables(query, fields)
        make = partial(self._article, query=query, small=small)
        return self._pages(domain, only=query.only, make=lambda group: self._articles(group, asked=asked, make=make))

    def _check_price_category(self, query: ProductQuery) -> None:
        if query.base_price != "article":
            raise PriceCategoryUnknown(name=query.base_price, existing="article")

    def _asked_texts(self, query: ProductQuery, fields: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
        """What is asked of Tryton for each field of the profile: of a record, its name."""
        known = self.texts() if query.fields else []
        for name in sorted(query.fields):
            if name not in known:
                raise FieldUnknown(key="articles.texts", field=name, nearest=", ".join(known[:10]))
        return {name: f"{name}.rec_name" if fields[name]["type"] == "many2one" else name for name in query.fields}

    def _small_tables(self, query: ProductQuery, fields: Mapping[str, Mapping[str, Any]]) -> SmallTables:
        client = self._client
        categories = client.rows("product.category", CategoryRow, [])
        taxes = client.rows("account.tax", TaxRow, [["company", "=", client.company]], context={"active_test": False})
        weighed = client.fields(TEMPLATE).keys() >= MEASURES
        units = client.rows("product.uom", UnitRow, [], context={"active_test": False}) if weighed else []
        return SmallTables(
            {one.id: one for one in categories},
            {one.id: one for one in taxes},
            {one.id: one for one in units},
            {name: _labels(fields[name]) for name in query.fields if fields[name]["type"] == "selection"},
        )

    def _articles(
        self, group: Group, *, asked: Mapping[str, str], make: Callable[[ArticleRows], Record[Product]]
    ) -> list[Record[Product]]:
        products = [one.id for _, some in group for one in some]
        identifiers: dict[int, list[IdentifierRow]] = defaultdict(list)
        if products:
            domain = [["product", "in", products]]
            for row in self._client.rows("product.identifier", IdentifierRow, domain, order=IDENTIFIERS):
                identifiers[row.product].append(row)
        texts = self._texts(products, asked) if asked and products else {}
        return [
            make(
                ArticleRows(
                    template=template,
                    products=some,
                    identifiers=tuple(identifiers[some[0].id]) if len(some) == 1 else (),
                    texts=texts.get(some[0].id, {}) if some else dict.fromkeys(asked),
                )
            )
            for template, some in group
        ]

    def _texts(self, products: Sequence[int], asked: Mapping[str, str]) -> dict[int, dict[str, Any]]:
        """The values of the fields that the profile names, by variant."""
        found = self._client.raw(PRODUCT, [["id", "in", list(products)]], sorted(set(asked.values())))
        return {
            row["id"]: {name: row.get(f"{name}.") if "." in path else row.get(name) for name, path in asked.items()}
            for row in found
        }

    def _article(self, rows: ArticleRows, *, query: ProductQuery, small: SmallTables) -> Record[Product]:
        template = rows.template if query.prices else msgspec.structs.replace(rows.template, list_price=None)
        accounting = small.categories.get(template.account_category or 0)
        first = min(template.categories, default=None) if query.categories else None
        unit = small.units.get(template.weight_uom or 0)
        whole = msgspec.structs.replace(
            rows,
            template=template,
            path=chain(first, categories=small.categories),
            taxes=tuple(small.taxes[id] for id in (accounting.customer_taxes_used if accounting else ())),
            unit=unit.factor if unit else None,
        )
        language = str(self._client.context.get("language") or "fr")[:2]
        read = partial(product_of, whole, language=language, tax_included=query.tax_included, labels=small.labels)
        return Record(
            key=key_of(template, rows.products), erp_id=str(template.id), digest=digest(whole), read=read
        )  # fmt: skip

    # --- stock ---

    def stock(self, query: StockQuery) -> Iterator[list[Record[StockLevel]]]:
        """Raises WarehouseMissing, WarehouseUnknown, FilterInvalid at once."""
        chosen = chosen_warehouses(query.warehouses, known=self.warehouses())
        domain = self.scope(query)
        return self._pages(
            domain, only=query.only, make=lambda group: self._levels(group, warehouses=chosen), locations=chosen
        )

    def warehouses(self) -> list[LocationRow]:
        """The locations that are warehouses."""
        return self._client.rows("stock.location", LocationRow, [["type", "=", "warehouse"]])

    def _levels(self, group: Group, *, warehouses: Sequence[int]) -> list[Record[StockLevel]]:
        products = [one.id for _, some in group for one in some]
        outgoing = self._planned(products, warehouses, way=("from_location", "to_location"))
        incoming = self._planned(products, warehouses, way=("to_location", "from_location"))
        found = []
        for template, some in group:
            rows = StockRows(
                template=template,
                products=some,
                outgoing=sum((outgoing[one.id] for one in some), Decimal(0)),
                incoming=sum((incoming[one.id] for one in some), Decimal(0)),
            )
            key = key_of(template, some)
            found.append(
                Record(key=key, erp_id=str(template.id), digest=digest(rows), read=partial(level_of, rows))
            )  # fmt: skip
        return found

    def _planned(
        self, products: Sequence[int], warehouses: Sequence[int], *, way: tuple[str, str]
    ) -> dict[int, Decimal]:
        """What open moves take over the edge of these warehouses, one way, by variant."""
        inside, outside = way
        found: dict[int, Decimal] = defaultdict(Decimal)
        domain = [
            ["product", "in", list(products)],
            ["company", "=", self._client.company],
            ["state", "in", list(OPEN)],
            [inside, "child_of", list(warehouses), "parent"],
            [outside, "not child_of", list(warehouses), "parent"],
        ]
        for row in self._client.rows("stock.move", MoveRow, domain) if products else ():
            found[row.product] += row.internal_quantity
        return found

    # --- pages ---

    def _pages(
        self,
        domain: list[Any],
        *,
        only: str | None,
        make: Callable[[Group], list[Record[T]]],
        locations: Sequence[int] = (),
    ) -> Iterator[list[Record[T]]]:
        for group in self._groups(domain, locations=locations):
            wanted = [one for one in group if only is None or key_of(*one) == only]
            if wanted:
                yield make(wanted)

    def _groups(self, domain: list[Any], *, locations: Sequence[int] = ()) -> Iterator[Group]:
        """Templates with their active variants, by id, so that what is added meanwhile shifts no page."""
        last, known = 0, self._client.fields(TEMPLATE)
        fields = [name for name in names_of(TemplateRow) if name in known]
        while page := self._client.rows(
            TEMPLATE, TemplateRow, [*domain, ["id", ">", last]], limit=self._page_size, fields=fields
        ):
            last = page[-1].id
            yield self._with_products(page, locations=locations)

    def _with_products(self, page: Sequence[TemplateRow], *, locations: Sequence[int]) -> Group:
        """`with_childs` must be said: without it the sum over two warehouses is that of neither (seen on 7.0.59)."""
        counted = {"locations": list(locations), "with_childs": True} if locations else {}
        fields = ["template", "code", *(["quantity"] if locations else [])]
        found: dict[int, list[ProductRow]] = defaultdict(list)
        domain = [["template", "in", [one.id for one in page]]]
        for row in rows_of(ProductRow, self._client.raw(PRODUCT, domain, fields, context=counted)):
            found[row.template].append(row)
        return [(template, tuple(found[template.id])) for template in page]


def _labels(field: Mapping[str, Any]) -> dict[str, str]:
    """What people read for each value of a selection; empty where the server computes the list."""
    listed = field.get("selection")
    pairs = listed if isinstance(listed, list) else []
    return {str(value): str(label) for value, label in pairs if value is not None}


def chosen_warehouses(wanted: Iterable[str], *, known: Sequence[LocationRow]) -> list[int]:
    """The numbers of warehouses named by name or number, each once. Raises WarehouseMissing, WarehouseUnknown."""
    found: dict[int, None] = {}
    for name in wanted:
        same = [one.id for one in known if one.name.strip() == name.strip()]
        ids = same or [one.id for one in known if str(one.id) == name.strip()]
        if len(ids) != 1:
            raise WarehouseUnknown(name=name, existing=", ".join(one.name for one in known))
        found[ids[0]] = None
    if not found:
        raise WarehouseMissing()
    return list(found)
