"""What a query of articles shares: its small tables, its prices, the fields it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any, Final

from passerelle.connectors.odoo import mapping, wire
from passerelle.connectors.odoo.articles import TEMPLATE, ArticleRows, Articles, Wanted
from passerelle.connectors.odoo.company import Company
from passerelle.connectors.odoo.config import OdooConfig
from passerelle.connectors.odoo.mapping import Reading, Tariff
from passerelle.connectors.odoo.pricelists import ITEM_FIELDS, PriceLists, needed
from passerelle.connectors.odoo.wire import Row
from passerelle.domain.catalogue import Product
from passerelle.errors import FieldUnknown, PriceCategoryUnknown
from passerelle.ports.clock import Clock
from passerelle.ports.erp import ProductQuery, Record

ARTICLE_PRICE: Final = "article"
TEXTUAL: Final = frozenset(
    {"char", "text", "html", "selection", "many2one", "integer", "float", "monetary", "boolean", "date", "datetime"}
)
TRANSLATED: Final = frozenset({"char", "text", "html"})
OWN: Final = ("barcode", "default_code", "weight", "volume", "standard_price")  # of the variant, shown by its template
TECHNICAL: Final = frozenset({"id", "create_uid", "write_uid", "create_date", "write_date", "__last_update"})
BASIC: Final = ("barcode", "weight", "weight_uom_name", "taxes_id", "categ_id", "list_price")


class Catalogue:
    """Articles of one company as the port gives them."""

    def __init__(self, company: Company, articles: Articles, config: OdooConfig, *, clock: Clock) -> None:
        self._company = company
        self._articles = articles
        self._root = config.root_category.strip()
        self._clock = clock

    # --- lists ---

    def fields(self) -> list[str]:
        """Names of fields that hold a text, and `name@en_US` for the other languages of those that are translated."""
        others = [lang for lang in self._company.languages if lang != self._company.language]
        found = []
        for name, described in sorted(self._company.fields(TEMPLATE).items()):
            if not _offered(name, described):
                continue
            found.append(name)
            if described.get("translate") and described["type"] in TRANSLATED:
                found += [f"{name}@{lang}" for lang in others]
        return found

    def price_categories(self) -> list[str]:
        """The price lists in the company's currency; those that share a name by their number."""
        rows = self.pricelists()
        names = [wire.plain(row["name"]) for row in rows]
        return [name if names.count(name) == 1 else str(row["id"]) for name, row in zip(names, rows, strict=True)]

    def pricelists(self) -> list[Row]:
        """Those that this company may use and that count in its currency."""
        found = self._company.rows(
            "product.pricelist", [self._company.ours], fields=("name", "currency_id", "company_id")
        )  # fmt: skip
        return [row for row in found if wire.named(row["currency_id"]) == self._company.currency]

    # --- records ---

    def records(self, query: ProductQuery) -> Iterator[list[Record[Product]]]:
        """Raises FilterInvalid, FieldUnknown and PriceCategoryUnknown at once."""
        self._articles.domain(query)
        texts = self._texts(query.fields)
        reading = self._reading(query, texts=texts)
        costs = reading.articles.lists.needs_cost
        wanted = Wanted(
            fields=(*BASIC, *(name for name, _ in texts.values()), *["standard_price"] * costs),
            variants=query.variants,
            variant_fields=("standard_price",) * costs,
            translated=_by_language(texts.values()),
        )
        return ([self._record(one, reading) for one in page] for page in self._articles.pages(query, wanted))

    def _record(self, article: ArticleRows, reading: Reading) -> Record[Product]:
        return Record(
            key=article.key,
            erp_id=article.erp_id,
            digest=mapping.digest(*mapping.rows_of(article, reading)),
            read=partial(mapping.product_of, article, reading),
        )

    def _reading(self, query: ProductQuery, *, texts: Mapping[str, tuple[str, str]]) -> Reading:
        nodes = self._nodes() if query.categories else {}
        articles, variants = self._tariffs(query)
        described = self._company.fields(TEMPLATE)
        return Reading(
            query=query,
            taxes=self._company.taxes(),
            nodes=nodes,
            root=self._root_of(nodes),
            attributes=self._articles.attributes(),
            articles=articles,
            variants=variants,
            texts=texts,
            described=described,
            languages=self._our_languages(),
            stamp=mapping.digest(articles.lists.rules(), articles.pricelist, variants.pricelist),
        )

    # --- texts ---

    def _texts(self, names: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Name → (field, language or ""). Raises FieldUnknown."""
        names = sorted(names)
        known = self.fields() if names else []
        return {name: self._source(name, known) for name in names}

    def _source(self, name: str, known: list[str]) -> tuple[str, str]:
        if name not in known:
            raise FieldUnknown(key="", field=name, nearest=", ".join(get_close_matches(name, known, n=3, cutoff=0.3)))
        own, _, lang = name.partition("@")
        return own, lang

    def _our_languages(self) -> dict[str, str]:
        """Our code → Odoo's, the main language first: fr → fr_FR."""
        every = dict.fromkeys([self._company.language, *self._company.languages])
        found: dict[str, str] = {}
        for lang in every:
            found.setdefault(lang.partition("_")[0], lang)
        return found

    # --- categories ---

    def _nodes(self) -> dict[int, Row]:
        """The whole tree, its names in every language where Odoo translates them."""
        main = {row["id"]: row for row in self._company.rows("product.category", [], fields=("name", "parent_id"))}
        if self._company.fields("product.category")["name"].get("translate"):
            for lang in self._our_languages().values():
                for row in self._company.rows("product.category", [], fields=("name",), lang=lang):
                    main.get(row["id"], {})[f"name@{lang}"] = row["name"]
        return main

    def _root_of(self, nodes: Mapping[int, Row]) -> int | None:
        """The category that is never shown itself: the option, where it is the top of a tree."""
        tops: dict[int, str] = {
            id: wire.plain(row["name"]) for id, row in nodes.items() if not wire.ref(row.get("parent_id"))
        }
        return next((id for id, name in tops.items() if self._root in (name, str(id))), None)

    # --- prices ---

    def _tariffs(self, query: ProductQuery) -> tuple[Tariff, Tariff]:
        """Of articles and of their variants. Raises PriceCategoryUnknown."""
        chosen = {name: self._pricelist(name) for name in (query.base_price, query.variant_prices or query.base_price)}
        lists = self._price_lists([one for one in chosen.values() if one is not None] if query.prices else [])
        of_articles, of_variants = chosen[query.base_price], chosen[query.variant_prices or query.base_price]
        return Tariff(lists, of_articles), Tariff(lists, of_variants)

    def _pricelist(self, name: str) -> int | None:
        """By name, else by number. Raises PriceCategoryUnknown."""
        if name == ARTICLE_PRICE:
            return None
        known: dict[int, str] = {row["id"]: wire.plain(row["name"]) for row in self.pricelists()}
        exact = [id for id, label in known.items() if label == name] or [id for id in known if str(id) == name]
        if len(exact) != 1:
            raise PriceCategoryUnknown(name=name, existing=", ".join(f"{label} ({id})" for id, label in known.items()))
        return exact[0]

    def _price_lists(self, chosen: list[int]) -> PriceLists:
        """The rules of these price lists and of those that they are based on."""
        now = f"{self._clock.now():%Y-%m-%d %H:%M:%S}"
        if not chosen:
            return PriceLists([], now=now)
        rows = self._company.rows("product.pricelist.item", [], fields=ITEM_FIELDS)
        bases: dict[int, set[int]] = {}
        for row in rows:
            base = wire.ref(row.get("base_pricelist_id"))
            if row.get("base") == "pricelist" and base is not None:
                bases.setdefault(wire.ref(row["pricelist_id"]) or 0, set()).add(base)
        every = set().union(*(needed(one, bases=bases) for one in chosen))
        return PriceLists([row for row in rows if wire.ref(row["pricelist_id"]) in every], now=now)


def _offered(name: str, described: Row) -> bool:
    if described.get("type") not in TEXTUAL or name in TECHNICAL:
        return False
    return bool(described.get("store")) or name in OWN or name.startswith("x_")


def _by_language(sources: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, Any]] = {}
    for name, lang in sources:
        if lang:
            found.setdefault(lang, {})[name] = None
    return {lang: tuple(names) for lang, names in found.items()}
