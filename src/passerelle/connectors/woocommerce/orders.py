"""WooCommerce behind the OrderDesk port: whole orders, their statuses and tracking numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from passerelle.connectors.woocommerce import order_mapping
from passerelle.connectors.woocommerce.calls import PAGE, Calls, Result, chunks, numbers, outcomes
from passerelle.connectors.woocommerce.config import Tracking, WoocommerceConfig
from passerelle.connectors.woocommerce.refusal import refused
from passerelle.connectors.woocommerce.wire import (
    SYSTEM,
    Order,
    OrderHead,
    Ref,
    ShippingMethod,
    StatusTotal,
    VendorError,
    Zone,
    shown,
)
from passerelle.domain.orders import OrderStatuses, Parcel, SalesOrder
from passerelle.errors import (
    AnswerUnreadable,
    OrderUnreadable,
    OrderUnsupported,
    RecordError,
    RefusedByShop,
    TrackingRefused,
)
from passerelle.ports.clock import Clock
from passerelle.ports.shop import Named, Outcome, StatusWrite, TrackingWrite

ORDERS = "orders"
HEAD = "id,status,date_paid_gmt,date_completed_gmt"
ITEMS = "_wc_shipment_tracking_items"  # where the usual tracking plugins look
PLAIN = "passerelle_tracking"
# Plugins put the number in an address and a mail: what is no letter, digit or usual sign is none of a carrier's.
TRACKING = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/:+-]*")
LONGEST_TRACKING = 64


class WoocommerceDesk(Calls):
    """The OrderDesk port of the adapter."""

    _config: WoocommerceConfig
    _clock: Clock
    _unreadable: Mapping[str, RecordError] = {}

    # --- whole orders ---------------------------------------------------------------------------------------------

    def sales_orders(self, shop_ids: Sequence[str]) -> list[SalesOrder]:
        """Those of the orders that exist, whole, a hundred in one request; those in the bin do not exist."""
        read: list[SalesOrder] = []
        failed: dict[str, RecordError] = {}
        for chunk in chunks(numbers(shop_ids)):
            for raw in self._raw(chunk):
                id = str(_id_of(raw))
                try:
                    read.append(self._whole(raw))
                except OrderUnsupported as error:
                    failed[id] = error
                except AnswerUnreadable as error:
                    failed[id] = OrderUnreadable(key=id, why=error.params["why"])
                except msgspec.ValidationError as error:
                    failed[id] = OrderUnreadable(key=id, why="one of its fields is not what it was", detail=str(error))
        self._unreadable = failed
        return read

    def _raw(self, ids: Sequence[str]) -> list[msgspec.Raw]:
        """Orders not yet looked into, so that one that is odd hides no other."""
        asked = {"include": ",".join(ids), "per_page": str(PAGE), "orderby": "id", "order": "asc", "dp": "6"}
        rows = self._client.get(ORDERS, asked, kind=list[msgspec.Raw])
        return [row for row in rows if str(_id_of(row)) in ids]

    def _whole(self, raw: msgspec.Raw) -> SalesOrder:
        row = msgspec.json.decode(raw, type=Order)
        decimals = self._known().facts["decimals"]
        return order_mapping.sales_order(row, decimals=int(decimals), vat_field=self._config.vat_number_field)

    def unreadable(self) -> dict[str, RecordError]:
        """Why orders were left out of the last `sales_orders`, by id."""
        return dict(self._unreadable)

    # --- statuses -------------------------------------------------------------------------------------------------

    def statuses(self, shop_ids: Sequence[str]) -> dict[str, OrderStatuses]:
        """The statuses of those of the orders that exist, of this very moment."""
        rows = self._by_id(ORDERS, shop_ids, kind=OrderHead, fields=HEAD)
        return {str(row.id): order_mapping.statuses(row) for row in rows}

    def order_statuses(self) -> list[Named]:
        """Every status an order can have, those of plugins too, named in the shop's language."""
        rows = self._client.get("reports/orders/totals", kind=list[StatusTotal])
        return [Named(row.slug, shown(row.name)) for row in rows]

    def carriers(self) -> list[Named]:
        """Every shipping method in use, of every zone, as `flat_rate:1`."""
        found: dict[str, Named] = {}
        for zone in self._client.get("shipping/zones", kind=list[Zone]):
            methods = self._client.get(f"shipping/zones/{zone.id}/methods", kind=list[ShippingMethod])
            for one in methods:
                if one.enabled:
                    id = order_mapping.carrier(one.method_id, one.instance_id)
                    found[id] = Named(id, shown(one.title))
        return list(found.values())

    def set_statuses(self, items: Sequence[StatusWrite]) -> list[Outcome]:
        """Set statuses in one request, in order. Whether buyers are told is for the shop's own mails to say.

        A batch makes an order of an unknown status pending, and gives its stock back: statuses are asked for first.
        """
        known = {one.id for one in self.order_statuses()} if items else set()

        def problem(item: StatusWrite) -> RecordError | None:
            if not numbers([item.key]):
                return RefusedByShop(key=item.key, why="the order does not exist there")
            return None if item.status in known else RefusedByShop(key=item.key, why="the status does not exist there")

        def send(sent: list[StatusWrite]) -> list[Result]:
            changes = [{"id": int(item.key), "status": item.status} for item in sent]
            rows = self._client.batch(ORDERS, "update", changes, kind=OrderHead)
            return [_set(item, row) for item, row in zip(sent, rows, strict=True)]

        return outcomes(items, send=send, problem=problem)

    # --- tracking -------------------------------------------------------------------------------------------------

    def add_tracking(self, items: Sequence[TrackingWrite]) -> list[Outcome]:
        """Add the tracking numbers that are not there yet, in one request; then, if asked for, one note for each order.

        A note is only sent for what was just written: a buyer is told once at most.
        """
        rows = self._by_id(ORDERS, (item.key for item in items), kind=OrderHead, fields="id,status,meta_data")
        held = {str(row.id): row for row in rows}

        def problem(item: TrackingWrite) -> RecordError | None:
            if item.key not in held:
                return RefusedByShop(key=item.key, why="the order does not exist there")
            return refused_number(item)

        return outcomes(items, send=lambda sent: self._track(sent, held), problem=problem)

    def _track(self, items: list[TrackingWrite], held: Mapping[str, OrderHead]) -> list[Result]:
        wanted: dict[str, dict[str, Parcel]] = {}
        for item in items:
            wanted.setdefault(item.key, {}).update({one.tracking_number: one for one in item.parcels})
        new = {
            order: added
            for order, parcels in wanted.items()
            if (added := [one for number, one in parcels.items() if number not in self._numbers(held[order])])
        }
        failed: dict[str, RecordError] = {}
        if new:
            changes = [
                {"id": int(order), "meta_data": [self._meta(held[order], added)]} for order, added in new.items()
            ]
            rows = self._client.batch(ORDERS, "update", changes, kind=Ref)
            failed = {
                order: refused(order, row) for order, row in zip(new, rows, strict=True) if isinstance(row, VendorError)
            }
        if self._config.tracking_note:
            self._tell({order: added for order, added in new.items() if order not in failed})
        return [failed.get(item.key) or item.key for item in items]

    def _numbers(self, row: OrderHead) -> set[str]:
        """The tracking numbers that an order shows."""
        if self._config.tracking == Tracking.META:
            return set(_lines_of(row))
        return {str(one.get("tracking_number", "")) for one in _items_of(row)}

    def _meta(self, row: OrderHead, added: Iterable[Parcel]) -> dict[str, Any]:
        """The custom field of an order with more parcels; what it holds stays."""
        if self._config.tracking == Tracking.META:
            return {"key": PLAIN, "value": "\n".join([*_lines_of(row), *(one.tracking_number for one in added)])}
        shipped = str(int(self._clock.now().timestamp()))
        items = [
            {
                "tracking_provider": "",
                "custom_tracking_provider": one.carrier,
                "custom_tracking_link": "",
                "tracking_number": one.tracking_number,
                "date_shipped": shipped,
            }
            for one in added
        ]
        return {"key": ITEMS, "value": [*_items_of(row), *items]}

    def _tell(self, new: Mapping[str, Sequence[Parcel]]) -> None:
        for order, added in new.items():
            listed = ", ".join(f"{one.carrier} {one.tracking_number}".strip() for one in added)
            self._client.create(f"{ORDERS}/{order}/notes", {"note": listed, "customer_note": True})


def _id_of(raw: msgspec.Raw) -> int:
    try:
        return msgspec.json.decode(raw, type=Ref).id
    except msgspec.ValidationError as error:
        raise AnswerUnreadable(system=SYSTEM, why="an order has no number", detail=str(error)) from None


def _set(item: StatusWrite, row: OrderHead | VendorError) -> Result:
    if isinstance(row, VendorError):
        return refused(item.key, row)
    if row.status != item.status:
        return RefusedByShop(key=item.key, why="the shop does not keep its status", detail=row.status)
    return item.key


def _lines_of(row: OrderHead) -> list[str]:
    text = next((str(one.value) for one in row.meta_data if one.key == PLAIN and one.value), "")
    return [line for line in text.split("\n") if line]


def _items_of(row: OrderHead) -> list[dict[str, Any]]:
    """The parcels as tracking plugins keep them; what is none of theirs is left alone."""
    value = next((one.value for one in row.meta_data if one.key == ITEMS), None)
    rows = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for one in rows if isinstance(one, dict)]


def refused_number(item: TrackingWrite) -> RecordError | None:
    """Why a tracking number cannot be one."""
    for parcel in item.parcels:
        number = parcel.tracking_number
        if not TRACKING.fullmatch(number):
            return TrackingRefused(key=item.key, number=number, why="it holds a character that is not allowed there")
        if len(number) > LONGEST_TRACKING:
            return TrackingRefused(key=item.key, number=number, why=f"it is longer than {LONGEST_TRACKING} characters")
    return None
