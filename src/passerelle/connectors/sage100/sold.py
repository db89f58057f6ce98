"""What a line of an order sells: the article and, where it has ranges, the values of one combination.

A combination is found by its id, which stays whatever it is called, else by its reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from passerelle.connectors.sage100 import queries, range_queries, ranges
from passerelle.connectors.sage100.client import Client
from passerelle.connectors.sage100.mapping import plain, same
from passerelle.connectors.sage100.range_queries import Wanted
from passerelle.connectors.sage100.selects import Scope
from passerelle.connectors.sage100.versions import RANGE_TABLES, gone
from passerelle.connectors.sage100.wire import NamedCombination
from passerelle.domain.orders import SalesLine
from passerelle.errors import OrderFieldRefused, OrderLineUnknown

CHUNK: Final = 100  # a reference is looked for under up to 19 others, and SQL Server takes 2100 parameters
LONGEST: Final = 19  # characters of F_ARTICLE.AR_Ref


class Sold(NamedTuple):
    """An article's reference and the values of its ranges, "" where it has none."""

    article: str
    value1: str = ""
    value2: str = ""


@dataclass(frozen=True, slots=True)
class SoldArticles:
    """Looks in one base."""

    client: Client

    def sells(self, sku: str, *, scope: Scope, filtered: bool = False) -> bool:
        """Whether a reference is that of a combination in scope."""
        return any(same(ranges.sku(one.AR_Ref, one)) == same(sku) for one in self._named([sku], scope, filtered))

    def of(self, lines: Sequence[SalesLine], *, key: str) -> list[Sold]:
        """What each line sells; `key` is the shop's order. Raises OrderLineUnknown, OrderFieldRefused."""
        articles = self._articles({line.sku for line in lines})
        wanted = {pair for line in lines if (pair := ranges.numbers_of(line.erp_id))}
        rows = self._numbered({first for first, _ in wanted})
        numbered = {_numbers(row): row for row in rows if _numbers(row) in wanted}
        rest = {
            line.sku
            for line in lines
            if ranges.numbers_of(line.erp_id) not in numbered and articles.get(same(line.sku)) is not False
        }
        found = _Found(articles, numbered, _by_sku(self._named(rest)))
        return [found.sold(line, key=key) for line in lines]

    def _articles(self, skus: set[str]) -> dict[str, bool]:
        """Those of these references that are articles, and whether they have ranges."""
        rows: list[Any] = []
        for some in _chunks(list(skus)):
            rows += self.client.rows(queries.references(self.client.tables(), skus=some))
        return {same(row[0]): bool(row[1]) for row in rows}

    def _numbered(self, numbers: Iterable[int]) -> Iterator[NamedCombination]:
        for some in _chunks(list(numbers)):
            yield from self._rows(Wanted(numbers=some))

    def _named(
        self, skus: Iterable[str], scope: Scope | None = None, filtered: bool = False
    ) -> Iterator[NamedCombination]:
        """The combinations that these references may be those of."""
        for some in _chunks([sku for sku in skus if sku.strip()]):
            parts = {part for sku in some for part in ranges.article_parts(sku, longest=LONGEST)}
            own = [sku.rstrip(" ") for sku in some]
            yield from self._rows(Wanted(own=own, articles=sorted(parts)), scope=scope, filtered=filtered)

    def _rows(
        self, wanted: Wanted, *, scope: Scope | None = None, filtered: bool = False
    ) -> Iterator[NamedCombination]:
        tables = self.client.tables()
        if not gone(RANGE_TABLES, has=tables.has):
            statement = range_queries.named_combinations(tables, wanted=wanted, scope=scope)
            yield from map(NamedCombination._make, self.client.rows(statement, filtered=filtered))


class _Found(NamedTuple):
    """What the base has under the references and ids of some lines; `articles` says whether each has ranges."""

    articles: dict[str, bool]
    numbered: dict[ranges.Numbers, NamedCombination]
    named: dict[str, list[NamedCombination]]

    def sold(self, line: SalesLine, *, key: str) -> Sold:
        """Raises OrderLineUnknown, OrderFieldRefused."""
        numbers, ranged = ranges.numbers_of(line.erp_id), self.articles.get(same(line.sku))
        if numbers is not None and numbers in self.numbered:
            return _values(self.numbered[numbers], key=key)
        if ranged is False:
            return Sold(line.sku)
        named = self.named.get(same(line.sku), [])
        if len(named) == 1:
            return _values(named[0], key=key)
        if named:
            count, ids = len(named), ", ".join(ranges.erp_id(_numbers(one)) for one in named)
            raise _refused(f"{count} variants bear the reference {line.sku} ({ids})", key=key)
        if ranged:
            raise _refused(f"the article {line.sku} has variants, and the line does not say which one", key=key)
        raise OrderLineUnknown(key=key, name=line.label, sku=line.sku)


def _numbers(row: NamedCombination) -> ranges.Numbers:
    return row.AG_No1, row.AG_No2


def _by_sku(rows: Iterable[NamedCombination]) -> dict[str, list[NamedCombination]]:
    """The combinations by what they are called, each once."""
    found: dict[str, list[NamedCombination]] = {}
    for row in {_numbers(row): row for row in rows}.values():
        found.setdefault(same(ranges.sku(row.AR_Ref, row)), []).append(row)
    return found


def _values(row: NamedCombination, *, key: str) -> Sold:
    """Raises OrderFieldRefused for a combination of which Sage no longer has a value."""
    sold = Sold(plain(row.AR_Ref), plain(row.value1), plain(row.value2))
    if not sold.value1 or (row.AG_No2 and not sold.value2):
        variant = ranges.sku(row.AR_Ref, row)
        raise _refused(f"Sage no longer has a value of the variant {variant}", key=key)
    return sold


def _refused(why: str, *, key: str) -> OrderFieldRefused:
    return OrderFieldRefused(key=key, field="article", why=why)


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
