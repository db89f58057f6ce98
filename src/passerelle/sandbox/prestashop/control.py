"""The door for other processes, outside the webservice: POST /_sandbox/ACTION with a JSON body.

cost {request_ms, entity_ms}, fault {fields of Fault}, order {lines: [[id, quantity] or [id, combination, quantity]…],
state, and what else place_order takes, as objects and lists}, state {order, state, employee}, edit {order, lines},
stock {product, quantity, combination}, product, option, combination and feature {arguments of add_product, add_option
and so on}, save {path}, reset {} (counters), settings {webservice_enabled, maintenance}. GET /_sandbox/state,
/_sandbox/requests and /_sandbox/dump read.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol

from passerelle.sandbox.prestashop.checkout import Buyer, Destination, Voucher
from passerelle.sandbox.prestashop.database import Database
from passerelle.sandbox.prestashop.faults import Cost, Fault
from passerelle.sandbox.prestashop.ordering import Line
from passerelle.sandbox.prestashop.webservice import Answer, Request


class Controlled(Protocol):
    """What other processes may do with the shop."""

    database: Database
    cost: Cost
    webservice_enabled: bool
    maintenance: bool
    requests: list[tuple[str, str, int]]

    def inject(self, fault: Fault) -> None: ...
    @property
    def place_order(self) -> Callable[..., int]: ...
    def change_state(self, order_id: int, state: int, *, employee: int = 0) -> None: ...
    def edit_order(self, order_id: int, lines: list[Line]) -> None: ...
    def set_stock(self, id_product: int, quantity: int, *, combination: int = 0) -> None: ...
    def add_option(self, name: str, values: list[str], *, group_type: str = "select") -> int: ...
    def add_combination(self, id_product: int, *, values: list[int | str], **fields: Any) -> int: ...
    def add_feature(self, name: str, values: list[str]) -> int: ...
    def add_product(self, reference: str, *, name: str, **fields: Any) -> int: ...
    def reset_counters(self) -> None: ...
    def save(self, path: str) -> None: ...
    def as_json(self) -> dict[str, Any]: ...


def control_page(shop: Controlled, request: Request) -> Answer:
    """Answer a request of the control door: 200 with {"result": …}, 404 for an unknown action."""
    action = request.path.removeprefix("/_sandbox/")
    if request.method == "GET":
        reading = _READINGS.get(action)
        with shop.database.lock:
            return _json(reading(shop)) if reading else Answer(404, b"{}", "application/json")
    acting = _ACTIONS.get(action)
    if acting is None:
        return Answer(404, b"{}", "application/json")
    return _json(acting(shop, json.loads(request.body or b"{}")))


def _json(result: object) -> Answer:
    return Answer(200, json.dumps({"result": result}, ensure_ascii=False).encode(), "application/json")


def _lines(body: dict[str, Any]) -> list[Line]:
    return [(int(product), int((*variant, 0)[0]), int(quantity)) for product, *variant, quantity in body["lines"]]


def _place_order(shop: Controlled, body: dict[str, Any]) -> int:
    wishes = {name: value for name, value in body.items() if name != "lines"}
    for name, made in (("buyer", Buyer), ("deliver_to", Destination), ("invoice_to", Destination)):
        if name in wishes:
            wishes[name] = made(**wishes[name])
    if "vouchers" in wishes:
        wishes["vouchers"] = tuple(Voucher(**one) for one in wishes["vouchers"])
    if "prices" in wishes:
        wishes["prices"] = {int(product): price for product, price in wishes["prices"].items()}
    return shop.place_order(_lines(body), **wishes)


def _set_cost(shop: Controlled, body: dict[str, Any]) -> None:
    shop.cost = Cost(**body)


def _set_settings(shop: Controlled, body: dict[str, Any]) -> None:
    shop.webservice_enabled = bool(body.get("webservice_enabled", shop.webservice_enabled))
    shop.maintenance = bool(body.get("maintenance", shop.maintenance))


_ACTIONS: dict[str, Callable[[Any, dict[str, Any]], object]] = {
    "cost": _set_cost,
    "settings": _set_settings,
    "fault": lambda shop, body: shop.inject(Fault(**body)),
    "order": _place_order,
    "state": lambda shop, body: shop.change_state(body["order"], body["state"], employee=body.get("employee", 0)),
    "edit": lambda shop, body: shop.edit_order(body["order"], _lines(body)),
    "stock": lambda shop, body: shop.set_stock(
        body["product"], body["quantity"], combination=body.get("combination", 0)
    ),
    "product": lambda shop, body: shop.add_product(**body),
    "option": lambda shop, body: shop.add_option(**body),
    "combination": lambda shop, body: shop.add_combination(**body),
    "feature": lambda shop, body: shop.add_feature(**body),
    "reset": lambda shop, body: shop.reset_counters(),
    "save": lambda shop, body: shop.save(body["path"]),
}


def _state(shop: Controlled) -> dict[str, Any]:
    """Products with stock, by id, fields as stored: small enough to compare whole shops."""
    database = shop.database
    products = {}
    for row in database["products"]:
        fields = dict(zip(row.resource.index, row.values, strict=True))
        products[row.id] = {**fields, "stock": database.stock(row.id), "categories": row.linked("categories")}
    return {"products": products}


_READINGS: dict[str, Callable[[Any], object]] = {
    "state": _state,
    "dump": lambda shop: shop.as_json(),
    "requests": lambda shop: shop.requests,
}
