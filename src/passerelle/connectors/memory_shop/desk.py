"""The memory shop behind the OrderDesk port."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import msgspec

from passerelle.connectors.memory_shop.client import MemoryShopData
from passerelle.connectors.memory_shop.rows import Refused
from passerelle.connectors.memory_shop.sales import sales_order_of, statuses_of
from passerelle.connectors.memory_shop.wire import STATUSES, StoredOrder
from passerelle.domain.orders import OrderStatuses, SalesOrder
from passerelle.errors import OrderUnreadable, RecordError
from passerelle.ports.manifest import Capability
from passerelle.ports.shop import Named, Outcome, StatusWrite, TrackingWrite

T = TypeVar("T")
REFUSED_IN_NUMBERS = "#<>;={}"


class Keyed(Protocol):
    """An item of a batch."""

    @property
    def key(self) -> str: ...


W = TypeVar("W", bound=Keyed)


class MemoryDesk:
    """Orders read whole, and what is sent back about them; calls go through the adapter it is a part of."""

    data: MemoryShopData
    _failed: dict[str, RecordError]

    def _need(self, capability: Capability) -> None:
        raise NotImplementedError

    def _read(self, call: str, ask: Callable[[], T]) -> T:
        raise NotImplementedError

    def _write(self, capability: Capability, call: str, items: Sequence[W], each: Callable[[W], str]) -> list[Outcome]:
        raise NotImplementedError

    def sales_orders(self, shop_ids: Sequence[str]) -> list[SalesOrder]:
        """Those of the orders that exist, whole; one whose currency nobody knows is told by `unreadable`."""
        self._need(Capability.ORDERS_IMPORT)
        rows = self._read("sales_orders", lambda: self._rows(shop_ids))
        orders = [sales_order_of(row) for row in rows]
        self._failed = {
            one.shop_id: OrderUnreadable(key=one.shop_id, why="it has no currency")
            for one in orders
            if not one.currency
        }
        return [one for one in orders if one.currency]

    def unreadable(self) -> dict[str, RecordError]:
        """Why orders were left out of the last `sales_orders`, by id."""
        self._need(Capability.ORDERS_IMPORT)
        return dict(self._failed)

    def statuses(self, shop_ids: Sequence[str]) -> dict[str, OrderStatuses]:
        """The statuses of those of the orders that exist."""
        self._need(Capability.ORDERS_IMPORT)
        return self._read("statuses", lambda: {row.id: statuses_of(row) for row in self._rows(shop_ids)})

    def order_statuses(self) -> list[Named]:
        """Every status an order can have."""
        self._need(Capability.ORDERS_IMPORT)
        return self._read("order_statuses", lambda: [Named(id, label) for id, (label, _) in STATUSES.items()])

    def carriers(self) -> list[Named]:
        """Every carrier."""
        self._need(Capability.ORDERS_IMPORT)
        return self._read("carriers", lambda: [Named(id, name) for id, name in self.data.state.carriers.items()])

    def set_statuses(self, items: Sequence[StatusWrite]) -> list[Outcome]:
        """Move orders to statuses of the shop, in order."""
        return self._write(Capability.ORDER_STATUS_WRITE, "set_statuses", items, self._set_status)

    def _set_status(self, item: StatusWrite) -> str:
        order = self._order(item.key)
        self.data.change_state(order.id, item.status)
        if item.notify:
            order.notified.append(item.status)
        return order.id

    def add_tracking(self, items: Sequence[TrackingWrite]) -> list[Outcome]:
        """Give orders tracking numbers, each once."""
        return self._write(Capability.TRACKING_WRITE, "add_tracking", items, self._add_tracking)

    def _add_tracking(self, item: TrackingWrite) -> str:
        order = self._order(item.key)
        for parcel in item.parcels:
            if set(parcel.tracking_number) & set(REFUSED_IN_NUMBERS) or not parcel.tracking_number.isascii():
                raise Refused(f"the tracking number {parcel.tracking_number} holds a character that is not allowed")
        there = {number for number, _ in order.parcels}
        for parcel in item.parcels:
            if parcel.tracking_number not in there:
                there.add(parcel.tracking_number)
                order.parcels.append((parcel.tracking_number, parcel.carrier))
        return order.id

    def _rows(self, shop_ids: Sequence[str]) -> list[StoredOrder]:
        ids = [id for id in dict.fromkeys(shop_ids) if id in self.data.orders]
        return [msgspec.structs.replace(self.data.orders[id]) for id in ids]

    def _order(self, id: str) -> StoredOrder:
        if id not in self.data.orders:
            raise Refused("this order does not exist")
        return self.data.orders[id]
