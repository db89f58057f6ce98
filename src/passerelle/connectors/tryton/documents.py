"""Sales as documents: those of a profile, one by its key, those that went on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from passerelle.connectors.tryton.client import TrytonClient
from passerelle.connectors.tryton.mapping import UNFINISHED, documents_of, shipped_lines
from passerelle.connectors.tryton.wire import LineRow, MoveRow, SaleRow
from passerelle.domain.orders import ErpDocument

CHUNK: Final = 500  # numbers in one question


class Documents:
    """Reads sales of the company; those that were cancelled are none."""

    def __init__(self, client: TrytonClient, *, page_size: int) -> None:
        self._client = client
        self._page_size = page_size

    def of_profile(self, profile_key: str) -> Iterator[ErpDocument]:
        """The sales whose reference is an order key of this profile, but those that are still being entered by us."""
        prefix, last = f"{profile_key}-", 0
        domain = [*self._alive(), ["reference", "like", f"{prefix}%"]]
        while page := self._client.rows(
            "sale.sale", SaleRow, [*domain, ["id", ">", last]], limit=self._page_size
        ):  # fmt: skip
            last = page[-1].id
            mine = [one for one in page if (one.reference or "").startswith(prefix)]
            yield from self._documents([one for one in mine if not (one.reference or "").endswith(UNFINISHED)])

    def with_key(self, order_key: str) -> ErpDocument | None:
        """The earliest stage of the sale under this key, one that is still being entered too."""
        sales = self.sales(order_key)
        found = self._documents([sale for sale in sales if sale.state != "cancelled"][:1])
        return found[0] if found else None

    def after(self, numbers: Sequence[str]) -> dict[str, list[ErpDocument]]:
        """Every number with what of its sale has gone on."""
        asked = list(dict.fromkeys(number for number in numbers if number))
        found: list[ErpDocument] = []
        for start in range(0, len(asked), CHUNK):
            domain = [*self._alive(), ["number", "in", asked[start : start + CHUNK]]]
            found += self._documents(self._client.rows("sale.sale", SaleRow, domain))
        return {number: [one for one in found if number in one.origins] for number in numbers}

    def sales(self, order_key: str) -> list[SaleRow]:
        """The sales under this key, cancelled and unfinished ones too, the oldest first."""
        references = [order_key, f"{order_key}{UNFINISHED}"]
        domain = [["company", "=", self._client.company], ["reference", "in", references]]
        return [one for one in self._client.rows("sale.sale", SaleRow, domain) if one.reference in references]

    def _alive(self) -> list[Any]:
        return [["company", "=", self._client.company], ["state", "!=", "cancelled"]]

    def _documents(self, sales: Sequence[SaleRow]) -> list[ErpDocument]:
        if not sales:
            return []
        ids = [one.id for one in sales]
        lines: dict[int, list[LineRow]] = defaultdict(list)
        domain = [["sale", "in", ids], ["type", "=", "line"], ["product", "!=", None]]
        for line in self._client.rows("sale.line", LineRow, domain):
            lines[line.sale].append(line)
        shipped = shipped_lines((one.origin, one.internal_quantity) for one in self._moves(ids))
        return [one for sale in sales for one in documents_of(sale, lines=lines[sale.id], shipped=shipped)]

    def _moves(self, sales: Sequence[int]) -> list[MoveRow]:
        """The moves of these sales that have brought goods to a customer."""
        domain = [["sale", "in", list(sales)], ["state", "=", "done"], ["to_location.type", "=", "customer"]]
        return self._client.rows("stock.move", MoveRow, domain)
