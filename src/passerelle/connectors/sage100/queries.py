"""Every SELECT of this connector but those of ranges, which `range_queries` holds.

They only ever read, in pages by cbMarq, and none is made for a single record.

Dependent rows are read for the articles of one page, in scope, and come with that article's cbMarq: two columns that
hold the same reference may spell it with another case or padding, which SQL Server ignores and Python does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from passerelle.connectors.sage100 import range_queries, wire
from passerelle.connectors.sage100.selects import AFTER, Conditions, Scope, Select, columns, of_page
from passerelle.connectors.sage100.tables import COUNTRIES, CUSTOMERS, Tables
from passerelle.connectors.sage100.versions import LINE_RANGES, RANGE_TABLES


def probe(table: sa.Table) -> Select:
    """No row of a table: what the login may not read is refused all the same."""
    return sa.select(table).where(sa.false())


def articles(tables: Tables, *, names: Sequence[str], scope: Scope, page: int) -> Select:
    """The next `page` articles after :after; the first name is cbMarq."""
    article = tables["F_ARTICLE"]
    chosen = sa.select(*columns(article, names)).where(article.c.cbMarq > AFTER, *scope.of(article))
    return chosen.order_by(article.c.cbMarq).limit(page)


def count(tables: Tables, *, scope: Scope) -> Select:
    """How many articles are in scope."""
    article = tables["F_ARTICLE"]
    return sa.select(sa.func.count()).select_from(article).where(*scope.of(article))


def article_vat(tables: Tables, *, scope: Scope, category: int) -> Select:
    """The sales tax code that articles of a page set themselves."""
    article, vat = tables["F_ARTICLE"], tables["F_ARTCOMPTA"]
    chosen = sa.select(article.c.cbMarq, vat.c.ACP_ComptaCPT_Taxe1).join_from(
        article, vat, vat.c.AR_Ref == article.c.AR_Ref
    )
    chosen = chosen.where(vat.c.ACP_Type == 0, vat.c.ACP_TypeFacture == 0, vat.c.ACP_Champ == category)
    return of_page(chosen, key=article.c.cbMarq, conditions=scope.of(article)).order_by(article.c.cbMarq, vat.c.cbMarq)


def category_prices(tables: Tables, *, scope: Scope, category: int) -> Select:
    """The tariff category's row of the articles of a page. A customer's row has category 0 or a customer."""
    article, price = tables["F_ARTICLE"], tables["F_ARTCLIENT"]
    chosen = sa.select(article.c.cbMarq, *columns(price, wire.CategoryPrice._fields)).join_from(
        article, price, price.c.AR_Ref == article.c.AR_Ref
    )
    no_customer = sa.func.coalesce(sa.func.rtrim(price.c.CT_Num), "") == ""
    chosen = of_page(chosen, key=article.c.cbMarq, conditions=scope.of(article))
    chosen = chosen.where(price.c.AC_Categorie == category, no_customer)
    return chosen.order_by(article.c.cbMarq, price.c.cbMarq)


def glossaries(tables: Tables, *, scope: Scope) -> Select:
    """The long texts of the articles of a page, in their order."""
    article, link, text = tables["F_ARTICLE"], tables["F_ARTGLOSS"], tables["F_GLOSSAIRE"]
    chosen = sa.select(article.c.cbMarq, *columns(text, wire.Glossary._fields))
    chosen = chosen.join_from(article, link, link.c.AR_Ref == article.c.AR_Ref).join(text, text.c.GL_No == link.c.GL_No)
    chosen = of_page(chosen, key=article.c.cbMarq, conditions=scope.of(article))
    return chosen.order_by(article.c.cbMarq, link.c.AGL_Num, link.c.GL_No)


def stock_sums(tables: Tables, *, scope: Scope, depots: Sequence[int]) -> Select:
    """The counters of every article of a page, summed over depots, 0 without a row.

    An outer join because it makes the database start from the page: an inner one may walk a whole depot each time.
    """
    article, stock = tables["F_ARTICLE"], tables["F_ARTSTOCK"]
    counters = [stock.c[name] for name in wire.StockSums._fields]
    sums = [
        sa.type_coerce(sa.func.coalesce(sa.func.sum(counter), 0), counter.type).label(name)
        for name, counter in zip(wire.StockSums._fields, counters, strict=True)
    ]
    counted = sa.and_(stock.c.AR_Ref == article.c.AR_Ref, stock.c.DE_No.in_(depots))
    chosen = sa.select(article.c.cbMarq, *sums).join_from(article, stock, counted, isouter=True)
    chosen = of_page(chosen, key=article.c.cbMarq, conditions=scope.of(article))
    return chosen.group_by(article.c.cbMarq).order_by(article.c.cbMarq)


def taxes(tables: Tables) -> Select:
    """Percentage taxes; eco-taxes that are an amount are not VAT."""
    tax = tables["F_TAXE"]
    return sa.select(*columns(tax, wire.TaxRow._fields)).where(sa.func.coalesce(tax.c.TA_TTaux, 0) == 0)


def family_vat(tables: Tables, *, category: int) -> Select:
    """The sales tax code of each family in an accounting category."""
    vat = tables["F_FAMCOMPTA"]
    chosen = sa.select(*columns(vat, wire.FamilyVat._fields)).order_by(vat.c.cbMarq)
    return chosen.where(vat.c.FCP_Type == 0, vat.c.FCP_TypeFacture == 0, vat.c.FCP_Champ == category)


def families(tables: Tables) -> Select:
    """Detail families: totals and centralisers hold no article."""
    family = tables["F_FAMILLE"]
    return sa.select(*columns(family, wire.Family._fields)).where(sa.func.coalesce(family.c.FA_Type, 0) == 0)


def catalogue(tables: Tables) -> Select:
    """The whole tree."""
    return sa.select(*columns(tables["F_CATALOGUE"], wire.CatalogueNode._fields))


def tariffs(tables: Tables) -> Select:
    """Tariff categories, unused ones too."""
    tariff = tables["P_CATTARIF"]
    return sa.select(*columns(tariff, wire.Tariff._fields)).order_by(tariff.c.cbIndice)


def depots(tables: Tables) -> Select:
    """All depots."""
    depot = tables["F_DEPOT"]
    return sa.select(*columns(depot, wire.Depot._fields)).order_by(depot.c.DE_No)


def currencies(tables: Tables) -> Select:
    """The ISO codes of the currencies that the company knows."""
    currency = tables["P_DEVISE"]
    return sa.select(currency.c.D_CodeISO).order_by(currency.c.cbIndice)


def _ours(header: sa.Table, *, field: str, prefix: str) -> Conditions:
    """Sales documents up to posted invoices whose key starts with `prefix`; Python compares it again, with its case."""
    escaped = "".join(f"!{letter}" if letter in "!%_[" else letter for letter in prefix)
    return [
        header.c.DO_Domaine == 0,
        header.c.DO_Type.between(0, 7),
        header.c[field].like(f"{escaped}%", escape="!"),
    ]


@dataclass(frozen=True, slots=True)
class KeyFields:
    """The columns of F_DOCENTETE that carry the order key and the tracking number; "" for none."""

    order_key: str
    tracking: str = ""

    def of(self, header: sa.Table) -> list[sa.ColumnElement[Any]]:
        """The columns of `wire.Header`."""
        tracking = header.c[self.tracking] if self.tracking else sa.null()
        own = columns(header, wire.HEADER_COLUMNS)
        return [*own, header.c[self.order_key].label("order_key"), tracking.label("tracking")]


def headers(tables: Tables, *, fields: KeyFields, prefix: str, page: int) -> Select:
    """The next `page` sales documents after :after."""
    header = tables["F_DOCENTETE"]
    chosen = sa.select(*fields.of(header))
    chosen = chosen.where(header.c.cbMarq > AFTER, *_ours(header, field=fields.order_key, prefix=prefix))
    return chosen.order_by(header.c.cbMarq).limit(page)


def lines(tables: Tables, *, fields: KeyFields, prefix: str) -> Select:
    """The lines with an article of the documents of a page, a comment has none; a document without one gives NULLs.

    An outer join for the reason that `stock_sums` gives.
    """
    header = tables["F_DOCENTETE"]
    conditions = _ours(header, field=fields.order_key, prefix=prefix)
    return of_page(_lines(tables), key=header.c.cbMarq, conditions=conditions)


def _lines(tables: Tables) -> Select:
    header, line = tables["F_DOCENTETE"], tables["F_DOCLIGNE"]
    with_article = sa.and_(*_same_document(header, line), sa.func.rtrim(line.c.AR_Ref) != "")
    chosen = sa.select(header.c.cbMarq, *columns(line, wire.LINE_COLUMNS))
    chosen = chosen.join_from(header, line, with_article, isouter=True)
    if all(map(tables.has, (*RANGE_TABLES, *LINE_RANGES))):
        chosen = range_queries.line_combination(tables, chosen, line=line)
    else:
        chosen = range_queries.no_combination(chosen)
    return chosen.order_by(header.c.cbMarq, line.c.DL_Ligne, line.c.cbMarq)


def _same_document(header: sa.Table, line: sa.Table) -> Conditions:
    return [line.c[name] == header.c[name] for name in ("DO_Domaine", "DO_Type", "DO_Piece")]


def lines_of(tables: Tables, *, rows: Sequence[int]) -> Select:
    """The lines of the documents with these cbMarq."""
    return _lines(tables).where(tables["F_DOCENTETE"].c.cbMarq.in_(rows))


def headers_of(tables: Tables, *, fields: KeyFields, order_key: str) -> Select:
    """The sales documents under one order key, archives too, the earliest stage first."""
    header = tables["F_DOCENTETE"]
    same_key = sa.func.rtrim(header.c[fields.order_key]) == order_key
    chosen = sa.select(*fields.of(header)).where(header.c.DO_Domaine == 0, header.c.DO_Type.between(0, 8), same_key)
    return chosen.order_by(header.c.DO_Type, header.c.cbMarq)


def headers_after(tables: Tables, *, fields: KeyFields, numbers: Sequence[str]) -> Select:
    """The sales documents with a line that had one of these numbers at an earlier stage."""
    header, line = tables["F_DOCENTETE"], tables["F_DOCLIGNE"]
    origins = [line.c[name] for name in wire.ORIGIN_COLUMNS]
    came = sa.or_(sa.false(), *(sa.func.rtrim(origin).in_(numbers) for origin in origins))
    chosen = sa.select(*fields.of(header)).where(header.c.DO_Domaine == 0, header.c.DO_Type.between(0, 7))
    chosen = chosen.where(sa.exists().where(*_same_document(header, line), came))
    return chosen.order_by(header.c.cbMarq)


def references(tables: Tables, *, skus: Sequence[str]) -> Select:
    """Those of these references that are articles, and whether they have ranges."""
    article = tables["F_ARTICLE"]
    return sa.select(article.c.AR_Ref, article.c.AR_Gamme1).where(sa.func.rtrim(article.c.AR_Ref).in_(skus))


def customers(tables: Tables, *, code: str, email: str) -> Select:
    """The customers with this code or this e-mail, dormant ones too; Python compares again."""
    account = tables[CUSTOMERS]
    wanted = {account.c.CT_Num: code.strip(), account.c.CT_EMail: email.strip()}
    same = [
        sa.func.upper(sa.func.ltrim(sa.func.rtrim(column))) == text.upper() for column, text in wanted.items() if text
    ]
    chosen = sa.select(*columns(account, wire.Account._fields)).where(account.c.CT_Type == 0, sa.or_(sa.false(), *same))
    return chosen.order_by(account.c.cbMarq)


def countries(tables: Tables) -> Select:
    """The labels of countries and their ISO codes."""
    return sa.select(*columns(tables[COUNTRIES], wire.Country._fields))


def every_statement(tables: Tables) -> dict[str, Select]:
    """One of each, with every clause it can have, so that they can be held against a dialect."""
    scope, fields = Scope(published_only=True, only="A1"), KeyFields("DO_NoWeb", "DO_Coord01")
    wanted = range_queries.Wanted(numbers=[1], own=["A1-L"], articles=["A1", "A1-L"])
    names = (*wire.Article._fields, *(name for name in tables.article_fields() if name not in wire.Article._fields))
    return {
        "articles": articles(tables, names=names, scope=scope, page=1000),
        "count": count(tables, scope=scope),
        "article_vat": article_vat(tables, scope=scope, category=1),
        "category_prices": category_prices(tables, scope=scope, category=1),
        "glossaries": glossaries(tables, scope=scope),
        "stock_sums": stock_sums(tables, scope=scope, depots=[1, 2]),
        "combinations": range_queries.combinations(tables, scope=scope, whole=True),
        "combinations_in_stock": range_queries.combinations(tables, scope=scope, whole=False),
        "range_prices": range_queries.range_prices(tables, scope=scope, category=2, prices=True),
        "range_barcodes": range_queries.range_prices(tables, scope=scope, category=2, prices=False),
        "range_sums": range_queries.range_sums(tables, scope=scope, depots=[1, 2]),
        "named_combinations": range_queries.named_combinations(tables, wanted=wanted, scope=scope),
        "taxes": taxes(tables),
        "family_vat": family_vat(tables, category=1),
        "families": families(tables),
        "catalogue": catalogue(tables),
        "tariffs": tariffs(tables),
        "depots": depots(tables),
        "currencies": currencies(tables),
        "headers": headers(tables, fields=fields, prefix="MD-", page=1000),
        "lines": lines(tables, fields=fields, prefix="MD-"),
        "lines_of": lines_of(tables, rows=[1, 2]),
        "headers_of": headers_of(tables, fields=fields, order_key="MD-1"),
        "headers_after": headers_after(tables, fields=fields, numbers=["BC1", "BC2"]),
        "references": references(tables, skus=["A1", "A2"]),
        "customers": customers(tables, code="CL1", email="a@example.test"),
        "countries": countries(tables),
        "probe": probe(tables["F_DOCENTETE"]),
    }
