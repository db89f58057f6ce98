"""The ledger of shop orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from passerelle.domain.orders import ShopOrder
from passerelle.ports.clock import Clock
from passerelle.ports.store import LedgerEntry, OrderMove, OrderState
from passerelle.storage import sql
from passerelle.storage.links import LinkTables

PAGE = 500
ENTRY = "shop_order_id, state, number, state_at"
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(ShopOrder)


def _entry(row: tuple[Any, ...]) -> LedgerEntry:
    shop_id, state, number, at = row
    return LedgerEntry(shop_id=shop_id, state=OrderState(state), number=number, state_at=sql.aware(at))


class OrderTables(LinkTables):
    """The table order of one profile."""

    profile_id: int
    clock: Clock

    def orders(self, *, holding: bool | None = None) -> Iterator[list[ShopOrder]]:
        """Known orders, by pages; `holding`: only those that (do not) hold stock."""
        where, given = "profile_id = %s", [self.profile_id]
        if holding is not None:
            where, given = f"{where} AND holds_stock = %s", [*given, holding]
        for page in self._pages("shop_order_id, body", where, given):
            yield [_decoder.decode(bytes(body)) for _, body in page]

    def orders_by_id(self, ids: Sequence[str]) -> dict[str, ShopOrder]:
        """Known orders among these."""
        return self._bodies("body", ids)

    def imported(self, ids: Sequence[str]) -> dict[str, ShopOrder]:
        """The orders as they were when their documents were journalled."""
        return self._bodies("imported", ids)

    @sql.writes
    def put_orders(self, orders: Sequence[ShopOrder], *, touched: Sequence[str]) -> None:
        """Store changed orders and mark the stock of the products they touch as unknown."""
        sql.many(
            "INSERT INTO storage_order (profile_id, shop_order_id, state, number, body, updated_at, holds_stock) "
            "VALUES (%s, %s, 'seen', '', %s, %s, %s) ON CONFLICT (profile_id, shop_order_id) DO UPDATE SET "
            "body = excluded.body, updated_at = excluded.updated_at, holds_stock = excluded.holds_stock",
            [(self.profile_id, o.shop_id, _encoder.encode(o), sql.moment(o.updated_at), o.holds_stock) for o in orders],
        )
        self._stock_unknown(touched)

    def ledger(self, *, states: Sequence[OrderState]) -> Iterator[list[LedgerEntry]]:
        """The entries in these states, by pages."""
        marks = ", ".join(["%s"] * len(states))
        given = [self.profile_id, *(state.value for state in states)]
        for page in self._pages(ENTRY, f"profile_id = %s AND state IN ({marks})", given):
            yield [_entry(row) for row in page]

    def ledger_by_id(self, ids: Sequence[str]) -> dict[str, LedgerEntry]:
        """The entries of these orders."""
        query = f"SELECT {ENTRY} FROM storage_order WHERE profile_id = %s AND shop_order_id IN ({{keys}})"
        return {row[0]: _entry(row) for row in sql.among(query, ids, [self.profile_id])}

    @sql.writes
    def set_due(self, ids: Sequence[str]) -> None:
        """Orders that were only seen are to be imported."""
        query = (
            "UPDATE storage_order SET state = 'due', state_at = %s "
            "WHERE profile_id = %s AND state = 'seen' AND shop_order_id IN ({keys})"
        )
        sql.execute_among(query, ids, [sql.moment(self.clock.now()), self.profile_id])

    def _take_order(self, shop_id: str) -> bool:
        """Move a due order to `intended`, with what it is now; whether it was due."""
        query = (
            "UPDATE storage_order SET state = 'intended', state_at = %s, imported = body "
            "WHERE profile_id = %s AND shop_order_id = %s AND state = 'due'"
        )
        return sql.execute(query, [sql.moment(self.clock.now()), self.profile_id, shop_id]) == 1

    def _move_orders(self, moves: Mapping[str, OrderMove]) -> None:
        at = sql.moment(self.clock.now())
        sql.many(
            "UPDATE storage_order SET state = %s, state_at = %s, number = CASE WHEN %s = '' THEN number ELSE %s END "
            "WHERE profile_id = %s AND shop_order_id = %s",
            [(m.state.value, at, m.number, m.number, self.profile_id, id) for id, m in moves.items()],
        )

    def _pages(self, columns: str, where: str, given: Sequence[Any]) -> Iterator[list[tuple[Any, ...]]]:
        query = (
            f"SELECT {columns} FROM storage_order WHERE {where} AND shop_order_id > %s "
            f"ORDER BY shop_order_id LIMIT {PAGE}"
        )
        last = ""
        while page := sql.rows(query, [*given, last]):
            yield page
            last = page[-1][0]

    def _bodies(self, column: str, ids: Sequence[str]) -> dict[str, ShopOrder]:
        query = (
            f"SELECT shop_order_id, {column} FROM storage_order "
            f"WHERE profile_id = %s AND {column} IS NOT NULL AND shop_order_id IN ({{keys}})"
        )
        return {key: _decoder.decode(bytes(body)) for key, body in sql.among(query, ids, [self.profile_id])}
