"""PrestaShop behind the OrderDesk port: whole orders, their statuses and parcels, read and written in batches.

A hundred orders take one request for each of: the orders, their lines, customers, addresses, vouchers, voucher codes
and messages. What rarely changes (currencies, countries, regions, carriers, taxes) is read once, and again where an
order names an id that is not in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from passerelle.connectors.prestashop import context as shop_context
from passerelle.connectors.prestashop import mapping, order_mapping
from passerelle.connectors.prestashop.calls import Calls, numbers
from passerelle.connectors.prestashop.client import PrestashopClient
from passerelle.connectors.prestashop.lookup import chunks
from passerelle.connectors.prestashop.order_mapping import Names, Parts
from passerelle.connectors.prestashop.sending import send_batch, verify
from passerelle.connectors.prestashop.wire import Entity, document, field, linked, optional, tag, translations
from passerelle.domain.orders import OrderStatuses, SalesOrder
from passerelle.errors import (
    AnswerIncomplete,
    AnswerUnreadable,
    OrderUnreadable,
    RecordError,
    RefusedByShop,
    TrackingRefused,
)
from passerelle.ports.shop import Named, Outcome, StatusWrite, TrackingWrite

CUSTOMER = "[id,email,firstname,lastname,company,is_guest]"
ADDRESS = (
    "[id,firstname,lastname,company,vat_number,address1,address2,postcode,city,id_country,id_state,phone,phone_mobile]"
)
# Accents are refused everywhere, # by some versions only (8.2.0 takes it): refused, it would fail the whole batch.
TRACKING = re.compile(r"[~:,%&_=()\[\]. ?+@/a-zA-Z0-9-]+")
LONGEST_TRACKING = 64


class Lists:
    """The rarely changing lists of a shop, kept for the life of an adapter."""

    def __init__(self, client: PrestashopClient) -> None:
        self._client = client
        self._kept: dict[str, dict[str, Entity]] = {}

    def entities(self, resource: str, *, needed: Iterable[str], display: str) -> dict[str, Entity]:
        """The entities of a list by id; read anew when one of the `needed` ids is not among those that are kept."""
        kept = self._kept.get(resource)
        if kept is None or not set(needed) <= kept.keys():
            kept = {field(one, "id"): one for one in self._client.rows(resource, {"display": display})}
            self._kept[resource] = kept
        return kept


class PrestashopDesk(Calls):
    """The OrderDesk port of the adapter."""

    _lists: Lists
    _unreadable: Mapping[str, RecordError] = {}

    # --- whole orders ---------------------------------------------------------------------------------------------

    def sales_orders(self, shop_ids: Sequence[str]) -> list[SalesOrder]:
        """Those of the orders that exist, whole; those that cannot be read are told by `unreadable`."""
        zone = shop_context.zone_of(self._known())
        read: list[SalesOrder] = []
        failed: dict[str, RecordError] = {}
        for chunk in chunks(numbers(shop_ids)):
            found = self._by("orders", "id", chunk, display="full")
            parts = self._parts(found)
            names = self._names(found, parts)
            for entity in found:
                try:
                    read.append(order_mapping.sales_order(entity, parts=parts, names=names, zone=zone))
                except OrderUnreadable as error:
                    failed[field(entity, "id")] = error
                except (AnswerUnreadable, AnswerIncomplete) as error:
                    why = error.params.get("why") or f"{error.params.get('what', 'a part')} is missing"
                    failed[field(entity, "id")] = OrderUnreadable(key=field(entity, "id"), why=why)
        self._unreadable = failed
        return read

    def unreadable(self) -> dict[str, RecordError]:
        """Why orders were left out of the last `sales_orders`, by id."""
        return dict(self._unreadable)

    def _parts(self, orders: Sequence[Entity]) -> Parts:
        ids = [field(one, "id") for one in orders]
        homes = ("id_address_invoice", "id_address_delivery")
        discounts = self._by("order_cart_rules", "id_order", ids, display="full")
        codes = self._by("cart_rules", "id", [field(one, "id_cart_rule") for one in discounts], display="[id,code]")
        return Parts(
            customers=_by_id(self._by("customers", "id", [field(o, "id_customer") for o in orders], display=CUSTOMER)),
            addresses=_by_id(
                self._by("addresses", "id", [field(o, name) for o in orders for name in homes], display=ADDRESS)
            ),
            lines=_by_order(self._by("order_details", "id_order", ids, display="full")),
            discounts=_by_order(discounts),
            codes={field(one, "id"): field(one, "code") for one in codes},
            messages=_by_order(self._by("messages", "id_order", ids, display="full")),
        )

    def _names(self, orders: Sequence[Entity], parts: Parts) -> Names:
        addresses = parts.addresses.values()
        lines = [line for rows in parts.lines.values() for line in rows]
        needed = {
            "currencies": {field(one, "id_currency") for one in orders},
            "carriers": {mapping.reference_to(one, "id_carrier") for one in orders} - {""},
            "countries": {field(one, "id_country") for one in addresses},
            "states": {mapping.reference_to(one, "id_state") for one in addresses} - {""},
            "taxes": {field(tax, "id") for line in lines for tax in linked(line, "taxes")},
        }
        shown = {
            "currencies": "[id,iso_code]",
            "carriers": "[id,id_reference,name]",
            "countries": "[id,iso_code]",
            "states": "[id,name]",
            "taxes": "[id,rate]",
        }
        lists = {
            name: self._lists.entities(name, needed=needed[name], display=shown[name]) if needed[name] else {}
            for name in shown
        }
        return Names(
            currencies={id: field(one, "iso_code") for id, one in lists["currencies"].items()},
            countries={id: field(one, "iso_code") for id, one in lists["countries"].items()},
            regions={id: field(one, "name") for id, one in lists["states"].items()},
            carriers={id: (field(one, "id_reference"), field(one, "name")) for id, one in lists["carriers"].items()},
            taxes={id: mapping.number(one, "rate") for id, one in lists["taxes"].items()},
        )

    # --- statuses -------------------------------------------------------------------------------------------------

    def statuses(self, shop_ids: Sequence[str]) -> dict[str, OrderStatuses]:
        """The statuses of those of the orders that exist, of this very moment."""
        zone = shop_context.zone_of(self._known())
        found: dict[str, OrderStatuses] = {}
        for chunk in chunks(numbers(shop_ids)):
            orders = self._by("orders", "id", chunk, display="[id,current_state]")
            history = _by_order(self._by("order_histories", "id_order", chunk, display="full"))
            for one in orders:
                id = field(one, "id")
                found[id] = order_mapping.statuses(one, history=history.get(id, ()), zone=zone)
        return found

    def order_statuses(self) -> list[Named]:
        """Every status an order can have, by its name in the main language."""
        return [
            Named(field(one, "id"), self._spoken(translations(one, "name")))
            for one in self._states()
            if optional(one, "deleted") in ("", "0")
        ]

    def _states(self) -> list[Entity]:
        return self._client.rows("order_states", {"display": "full", "sort": "[id_ASC]"})

    def _spoken(self, texts: Mapping[str, str]) -> str:
        context = self._known()
        return texts.get(context.languages[context.default_language]) or next(iter(texts.values()), "")

    def carriers(self) -> list[Named]:
        """Every carrier in use, by its lasting id: the other one is new with each change of a carrier."""
        rows = self._client.rows("carriers", {"display": "[id,id_reference,name,active,deleted]", "sort": "[id_ASC]"})
        return [
            Named(field(one, "id_reference"), field(one, "name"))
            for one in rows
            if mapping.switch(one, "active") and not mapping.switch(one, "deleted")
        ]

    def set_statuses(self, items: Sequence[StatusWrite]) -> list[Outcome]:
        """Set statuses, those that the buyer is told of in a request of their own.

        The shop answers an unknown status or order with nothing at all, as if it had failed: both are asked first.
        """
        if not items:
            return []
        existing = {field(one, "id") for one in self._by("orders", "id", [item.key for item in items], display="[id]")}
        known = {field(one, "id") for one in self._states()}

        def problem(item: StatusWrite) -> RecordError | None:
            if item.key not in existing:
                return RefusedByShop(key=item.key, why="the order does not exist there")
            return None if item.status in known else RefusedByShop(key=item.key, why="the status does not exist there")

        return send_batch(items, send=self._set_statuses, problem=problem)

    def _set_statuses(self, items: list[StatusWrite]) -> list[str]:
        once = len({item.key for item in items}) == len(items)
        ordered = sorted(items, key=lambda item: item.notify) if once else items
        for notify, group in groupby(ordered, key=lambda item: item.notify):
            sent = [(item.key, item.status) for item in group]
            parts = [
                f"<order_history>{tag('id_order', order)}{tag('id_order_state', status)}</order_history>"
                for order, status in sent
            ]
            query = "?sendemail=1" if notify else ""
            answer = self._client.write("POST", "order_histories", body=document(parts), query=query)
            verify("order_histories", [(field(a, "id_order"), field(a, "id_order_state")) for a in answer], sent)
        return [item.key for item in items]

    # --- parcels --------------------------------------------------------------------------------------------------

    def add_tracking(self, items: Sequence[TrackingWrite]) -> list[Outcome]:
        """Add the tracking numbers that are not there yet: first where an order's parcel has none, then as new parcels.

        Changed parcels go in one request, new ones in another.
        """
        ids = [item.key for item in items]
        parcels = _by_order(self._by("order_carriers", "id_order", ids, display="full"))
        bare = [id for id in ids if id not in parcels]
        orders = {field(one, "id"): one for one in self._by("orders", "id", bare, display="[id,id_carrier]")}

        def problem(item: TrackingWrite) -> RecordError | None:
            if item.key not in parcels and item.key not in orders:
                return RefusedByShop(key=item.key, why="the order does not exist there")
            return _refused_number(item)

        return send_batch(items, send=lambda sent: self._track(sent, parcels, orders), problem=problem)

    def _track(
        self, items: list[TrackingWrite], parcels: Mapping[str, list[Entity]], orders: Mapping[str, Entity]
    ) -> list[str]:
        changed: list[tuple[Entity, str]] = []
        added: list[dict[str, str]] = []
        numbers: dict[str, list[str]] = {}
        for item in items:
            numbers.setdefault(item.key, []).extend(parcel.tracking_number for parcel in item.parcels)
        for order, wanted in numbers.items():
            rows = parcels.get(order, [])
            there = {field(row, "tracking_number") for row in rows}
            missing = [number for number in dict.fromkeys(wanted) if number not in there]
            free = [row for row in rows if not field(row, "tracking_number")]
            changed += zip(free, missing, strict=False)
            model = {
                "id_order": order,
                "id_carrier": field(rows[0] if rows else orders[order], "id_carrier") or "0",
                "id_order_invoice": field(rows[0], "id_order_invoice") if rows else "0",
            }
            added += [{**model, "tracking_number": number} for number in missing[len(free) :]]
        self._change(changed)
        self._add(added)
        return [item.key for item in items]

    def _change(self, changed: Sequence[tuple[Entity, str]]) -> None:
        if not changed:
            return
        whole = not self._patches("order_carriers")
        parts = [_parcel(row, number, whole=whole) for row, number in changed]
        answer = self._client.write(self._verb("order_carriers"), "order_carriers", body=document(parts))
        told = [(field(one, "id"), field(one, "tracking_number")) for one in answer]
        verify("order_carriers", told, [(field(row, "id"), number) for row, number in changed])

    def _add(self, added: Sequence[Mapping[str, str]]) -> None:
        """New parcels cost and weigh nothing: the first one carries what the order does."""
        if not added:
            return
        nothing = dict.fromkeys(("weight", "shipping_cost_tax_excl", "shipping_cost_tax_incl"), "0")
        answer = self._client.write(
            "POST", "order_carriers", body=document(_entity({**one, **nothing}) for one in added)
        )
        told = [(field(one, "id_order"), field(one, "tracking_number")) for one in answer]
        verify("order_carriers", told, [(one["id_order"], one["tracking_number"]) for one in added])


def _by_id(rows: Iterable[Entity]) -> dict[str, Entity]:
    return {field(row, "id"): row for row in rows}


def _by_order(rows: Iterable[Entity]) -> dict[str, list[Entity]]:
    found: dict[str, list[Entity]] = {}
    for row in rows:
        found.setdefault(field(row, "id_order"), []).append(row)
    return found


def _refused_number(item: TrackingWrite) -> RecordError | None:
    for parcel in item.parcels:
        number = parcel.tracking_number
        if not TRACKING.fullmatch(number):
            return TrackingRefused(key=item.key, number=number, why="it holds a character that is not allowed there")
        if len(number) > LONGEST_TRACKING:
            return TrackingRefused(key=item.key, number=number, why=f"it is longer than {LONGEST_TRACKING} characters")
    return None


def _parcel(row: Entity, number: str, *, whole: bool) -> str:
    """A parcel with its number; PUT empties what is left out, so without PATCH the whole of it is sent back."""
    kept = {child.tag: child.text or "" for child in row} if whole else {"id": field(row, "id")}
    return _entity({**kept, "tracking_number": number})


def _entity(fields: Mapping[str, str]) -> str:
    return f"<order_carrier>{''.join(tag(name, value) for name, value in fields.items())}</order_carrier>"
