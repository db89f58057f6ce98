"""Articles, page by page, with every row that each is made of.

An article is a template. One whose attributes leave a choice has variants (`product.product`), each with its own
reference; Odoo gives the template none then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from passerelle.connectors.odoo import wire
from passerelle.connectors.odoo.client import OdooClient
from passerelle.connectors.odoo.company import Company
from passerelle.connectors.odoo.config import OdooConfig
from passerelle.connectors.odoo.filters import domain_of
from passerelle.connectors.odoo.wire import Row
from passerelle.ports.erp import ProductQuery, StockQuery

TEMPLATE: Final = "product.template"
PRODUCT: Final = "product.product"
PAGE: Final = 500
IDENTITY: Final = ("name", "default_code", "attribute_line_ids", "product_variant_id")
STORABLE: Final = ("is_storable", "detailed_type", "type")  # since 18, up to 17, always
VARIANT: Final = (
    "product_tmpl_id", "default_code", "barcode", "weight", "weight_uom_name", "product_template_attribute_value_ids",
)  # fmt: skip
VALUE: Final = (
    "name", "attribute_line_id", "attribute_id", "product_attribute_value_id", "price_extra", "product_tmpl_id",
)  # fmt: skip
MADE: Final = "T"  # what the reference of a template starts with where Odoo holds none


class ArticleRows(msgspec.Struct):
    """The raw rows of one article. `lines` are the attributes that leave a choice, `values` those of its variants.

    `twice` are the references of it or its variants that several products bear, with the ids of them all.
    """

    template: Row
    reference: str
    lines: list[Row] = []
    variants: list[Row] = []
    values: list[Row] = []
    twice: dict[str, list[int]] = {}

    @property
    def ranged(self) -> bool:
        """Whether it is sold as variants."""
        return bool(self.lines)

    @property
    def erp_id(self) -> str:
        """Variants have numbers of their own, so that a template's needs its letter."""
        return f"{MADE}{self.template['id']}"

    @property
    def key(self) -> str:
        """Its reference; where it is sold as variants that of the template, made of its number if it has none."""
        own = self.reference if self.ranged else wire.plain(self.template.get("default_code"))
        return own or self.erp_id

    @property
    def own_references(self) -> list[str]:
        """What Odoo itself holds as references of it, or of its variants."""
        rows = self.variants if self.ranged else [self.template]
        return [sku for row in rows if (sku := wire.plain(row.get("default_code")))]

    def sku(self, variant: Row) -> str:
        """The reference of a variant: its own, else the article's with its values."""
        own = wire.plain(variant.get("default_code"))
        return own or "-".join((self.key, *(value or str(variant["id"]) for _, value in self.options(variant))))

    def options(self, variant: Row) -> list[tuple[int, str]]:
        """(id of the attribute, value) of each choice, the value "" where Odoo no longer has it."""
        chosen = set(wire.ids(variant.get("product_template_attribute_value_ids")))
        by_line = {wire.ref(one["attribute_line_id"]): wire.plain(one["name"]) for one in self.values
                   if one["id"] in chosen}  # fmt: skip
        return [(wire.ref(line["attribute_id"]) or 0, by_line.get(line["id"], "")) for line in self.lines]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is read of each article beside its identity: fields, whether with variants, texts in other languages."""

    fields: tuple[str, ...] = ()
    variants: bool = False
    variant_fields: tuple[str, ...] = ()
    translated: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # language → fields


class Articles:
    """Reads the articles of one company."""

    def __init__(self, client: OdooClient, company: Company, config: OdooConfig, *, page: int = PAGE) -> None:
        self._client = client
        self._company = company
        self._reference = config.template_reference.strip()
        self._page = page

    def domain(self, query: ProductQuery | StockQuery) -> list[Any]:
        """The articles in scope; `only` leaves more than it asks for. Raises FilterInvalid."""
        condition = domain_of(query.filter, model=TEMPLATE, fields=self._company.fields_if_any)
        own: list[Any] = [self._company.ours]
        if query.published_only:
            own.append([self._published(), "=", True])
        named = [["default_code", "!=", False], ["attribute_line_ids", "!=", False]]
        if query.only is not None:
            named = self._named(query.only)
        return [*own, *["|"] * (len(named) - 1), *named, *condition]

    def _published(self) -> str:
        """Published on Odoo's own site where there is one, else what may be sold."""
        return "is_published" if self._company.has(TEMPLATE, "is_published") else "sale_ok"

    def _named(self, sku: str) -> list[Any]:
        found: list[Any] = [["default_code", "=", sku]]
        if self._reference:
            found.append([self._reference, "=", sku])
        number = sku.removeprefix(MADE)
        if number != sku and number.isascii() and number.isdigit():
            found.append(["id", "=", int(number)])
        return found

    # --- pages ---

    def pages(self, query: ProductQuery | StockQuery, wanted: Wanted) -> Iterator[list[ArticleRows]]:
        """The articles of a query, each once, by their number. Raises FilterInvalid at once."""
        domain = self.domain(query)
        return self._kept(self.of_domain(domain, wanted), only=query.only)

    @staticmethod
    def _kept(pages: Iterator[list[ArticleRows]], *, only: str | None) -> Iterator[list[ArticleRows]]:
        for page in pages:
            kept = page if only is None else [one for one in page if one.key == only]
            if kept:
                yield kept

    def of_domain(self, domain: Sequence[Any], wanted: Wanted) -> Iterator[list[ArticleRows]]:
        """The articles in a domain of templates."""
        company = self._company
        asked = company.there(TEMPLATE, (*IDENTITY, *STORABLE, *wanted.fields, *filter(None, [self._reference])))
        attributes = self.attributes()
        found = self._client.pages(TEMPLATE, domain, fields=asked, context=company.context(), size=self._page)
        return (self._page_of(templates, wanted, attributes=attributes) for templates in found)

    def attributes(self) -> dict[int, Row]:
        """The attributes by id."""
        found = self._company.rows("product.attribute", [], fields=["name", "create_variant"])
        return {row["id"]: row for row in found}

    def _page_of(
        self, templates: list[Row], wanted: Wanted, *, attributes: Mapping[int, Row]
    ) -> list[ArticleRows]:  # fmt: skip
        lines = self._lines([row["id"] for row in templates if row.get("attribute_line_ids")], attributes)
        page = [
            ArticleRows(row, wire.plain(row.get(self._reference)), lines.get(row["id"], [])) for row in templates
        ]  # fmt: skip
        if wanted.variants:
            self._add_variants([one for one in page if one.ranged], wanted)
        self._add_translations(page, wanted)
        self._add_twice(page)
        return page

    def _lines(self, templates: list[int], attributes: Mapping[int, Row]) -> dict[int, list[Row]]:
        """The attributes of each template that leave a choice and make variants."""
        fields = ("product_tmpl_id", "attribute_id", "value_ids")
        rows = self._below("product.template.attribute.line", templates, fields=fields, order="sequence, id")
        return _grouped(row for row in rows if _chooses(row, attributes))

    def _add_variants(self, page: list[ArticleRows], wanted: Wanted) -> None:
        ids = [one.template["id"] for one in page]
        variants = _grouped(self._below(PRODUCT, ids, fields=(*VARIANT, *wanted.variant_fields), order="id"))
        values = _grouped(self._values(ids))
        for one in page:
            one.values = values.get(one.template["id"], [])
            found = variants.get(one.template["id"], [])
            one.variants = _in_order(found, values=one.values, lines=one.lines)

    def _values(self, templates: list[int]) -> list[Row]:
        """The values of these templates, in the order in which Odoo shows them."""
        rows = self._below("product.template.attribute.value", templates, fields=VALUE, order="attribute_line_id, id")
        ids = sorted({wire.ref(row["product_attribute_value_id"]) or 0 for row in rows})
        known = self._company.rows("product.attribute.value", [["id", "in", ids]], fields=("sequence",)) if ids else []
        rank = {row["id"]: (row.get("sequence") or 0, row["id"]) for row in known}
        return sorted(rows, key=lambda row: rank.get(wire.ref(row["product_attribute_value_id"]) or 0, (0, 0)))

    def _below(self, model: str, templates: list[int], *, fields: Iterable[str], order: str) -> list[Row]:
        if not templates:
            return []
        return self._company.rows(model, [["product_tmpl_id", "in", templates]], fields=fields, order=order)

    def _add_translations(self, page: list[ArticleRows], wanted: Wanted) -> None:
        ids = [one.template["id"] for one in page]
        for lang, names in wanted.translated.items():
            rows = self._company.rows(TEMPLATE, [["id", "in", ids]], fields=names, lang=lang, active_test=False)
            by_id = {row["id"]: row for row in rows}
            for one in page:
                told = by_id.get(one.template["id"], {})
                one.template |= {f"{name}@{lang}": told.get(name, False) for name in names}

    def _add_twice(self, page: list[ArticleRows]) -> None:
        """References are not unique in Odoo: who else bears them, on other pages too."""
        owners = self.owners(sorted({sku for one in page for sku in one.own_references}))
        for one in page:
            found = {sku: [row["id"] for row in owners.get(sku, [])] for sku in one.own_references}
            one.twice = {sku: ids for sku, ids in found.items() if len(ids) > 1}

    def owners(self, skus: Sequence[str]) -> dict[str, list[Row]]:
        """The products and variants that bear each of these references exactly."""
        if not skus:
            return {}
        domain = [["default_code", "in", list(skus)], self._company.ours]
        found: dict[str, list[Row]] = {}
        for row in self._company.rows(PRODUCT, domain, fields=("default_code", "product_tmpl_id")):
            found.setdefault(wire.plain(row["default_code"]), []).append(row)
        return found

    # --- single articles and variants ---

    def sells(self, query: ProductQuery, sku: str) -> bool:
        """Whether an article in scope has an active variant with this reference."""
        scope = self.domain(msgspec.structs.replace(query, only=None))
        templates = {wire.ref(row["product_tmpl_id"]) or 0 for row in self.owners([sku]).get(sku, [])}
        pages = self.of_domain([*scope, ["id", "in", sorted(templates)]], Wanted()) if templates else iter(())
        return any(one.ranged for page in pages for one in page) or self.made_of(sku, within=scope) is not None

    def of_templates(self, ids: Sequence[int]) -> dict[int, ArticleRows]:
        """These articles with their variants, whatever their scope, asleep ones too."""
        if not ids:
            return {}
        domain = [["id", "in", sorted(set(ids))], ["active", "in", [True, False]]]
        pages = self.of_domain(domain, Wanted(variants=True))
        return {one.template["id"]: one for page in pages for one in page}

    def made_of(self, sku: str, *, within: Sequence[Any]) -> tuple[ArticleRows, Row] | None:
        """The article and its variant whose reference was made of theirs: `CHAUS-42-Noir`."""
        starts = [sku[:place] for place, letter in enumerate(sku) if letter == "-"]
        named = [leaf for start in starts for leaf in self._named(start)]
        if not named:
            return None
        domain = [*within, *["|"] * (len(named) - 1), *named]
        for page in self.of_domain(domain, Wanted(variants=True)):
            for one in page:
                for variant in one.variants:
                    if not wire.plain(variant.get("default_code")) and one.sku(variant) == sku:
                        return one, variant
        return None


def storable(template: Row) -> bool:
    """Whether Odoo keeps it in stock."""
    if "is_storable" in template:
        return bool(template["is_storable"])
    return "product" in (template.get("detailed_type"), template.get("type"))


def _chooses(line: Row, attributes: Mapping[int, Row]) -> bool:
    attribute = attributes.get(wire.ref(line["attribute_id"]) or 0, {})
    return len(wire.ids(line["value_ids"])) > 1 and attribute.get("create_variant") != "no_variant"


def _grouped(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(wire.ref(row["product_tmpl_id"]) or 0, []).append(row)
    return found


def _in_order(variants: list[Row], *, values: list[Row], lines: list[Row]) -> list[Row]:
    """In the order of their values in Odoo, which is that of `values`, the first attribute first."""
    rank = {one["id"]: place for place, one in enumerate(values)}
    line_of = {one["id"]: wire.ref(one["attribute_line_id"]) for one in values}

    def place_of(variant: Row) -> tuple[list[int], int]:
        chosen = wire.ids(variant.get("product_template_attribute_value_ids"))
        by_line = {line_of.get(one): rank.get(one, len(rank)) for one in chosen}
        return [by_line.get(line["id"], len(rank)) for line in lines], variant["id"]

    return sorted(variants, key=place_of)
