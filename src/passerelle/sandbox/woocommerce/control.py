"""The door for other processes, outside the API: POST /_sandbox/ACTION with a JSON body.

cost {request_ms, entity_ms}, fault {fields of Fault}, order {lines: [[product, quantity] or [product, variation,
quantity]…], status, and what else place_order takes, as objects and lists}, status {order, status}, refund {order,
amount}, edit_order {order, fields as the API takes them}, stock {product, quantity}, product, variation, category,
brand, attribute and edit {product, fields} (arguments of add_product and so on), tax_class {name, rate, country}, save
{path}, reset {} (counters), settings {options by name, maintenance}. GET /_sandbox/state, /_sandbox/requests and
/_sandbox/dump read.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from passerelle.sandbox.prestashop.faults import Cost, Fault
from passerelle.sandbox.woocommerce.back_office import BackOffice
from passerelle.sandbox.woocommerce.database import Database
from passerelle.sandbox.woocommerce.exchange import JSON, Answer, Request
from passerelle.sandbox.woocommerce.sales import Buyer


class Controlled(Protocol):
    """What other processes may do with the shop beside the back office."""

    database: Database
    cost: Cost
    maintenance: bool
    requests: list[tuple[str, str, int]]

    @property
    def place_order(self) -> Callable[..., int]: ...
    def reset_counters(self) -> None: ...
    def as_json(self) -> dict[str, Any]: ...


def control_page(shop: Controlled, request: Request) -> Answer:
    """Answer a request of the control door: 200 with {"result": …}, 404 for an unknown action."""
    action = request.path.removeprefix("/_sandbox/")
    if request.method == "GET":
        reading = _READINGS.get(action)
        with shop.database.lock:
            return _json(reading(shop)) if reading else Answer(404, b"{}")
    acting = _ACTIONS.get(action)
    if acting is None:
        return Answer(404, b"{}")
    return _json(acting(shop, json.loads(request.body or b"{}")))


def _json(result: object) -> Answer:
    return Answer(200, json.dumps({"result": result}, ensure_ascii=False).encode(), JSON)


def _place_order(shop: Controlled, body: dict[str, Any]) -> int:
    wishes = {name: value for name, value in body.items() if name != "lines"}
    if "buyer" in wishes:
        wishes["buyer"] = Buyer(**wishes["buyer"])
    if "prices" in wishes:
        wishes["prices"] = {int(product): price for product, price in wishes["prices"].items()}
    return shop.place_order([tuple(one) for one in body["lines"]], **wishes)


def _set_cost(shop: Controlled, body: dict[str, Any]) -> None:
    shop.cost = Cost(**body)


def _set_settings(shop: Controlled, body: dict[str, Any]) -> None:
    options = dict(body)
    shop.maintenance = bool(options.pop("maintenance", shop.maintenance))
    shop.database.state.settings.update(options)


def _add_tax_class(shop: BackOffice, body: dict[str, Any]) -> str:
    slug = shop.add_tax_class(body["name"])
    shop.add_tax_rate(body["rate"], country=body["country"], name=f"TVA {body['rate']}", tax_class=slug)
    return slug


def _without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


_ACTIONS: dict[str, Callable[[Any, dict[str, Any]], object]] = {
    "cost": _set_cost,
    "settings": _set_settings,
    "fault": lambda shop, body: shop.inject(Fault(**body)),
    "order": _place_order,
    "status": lambda shop, body: shop.set_status(body["order"], body["status"]),
    "refund": lambda shop, body: shop.refund(body["order"], body["amount"]),
    "edit_order": lambda shop, body: shop.edit_order(body["order"], **_without(body, "order")),
    "stock": lambda shop, body: shop.set_stock(body["product"], body["quantity"]),
    "edit": lambda shop, body: shop.edit_product(body["product"], **_without(body, "product")),
    "product": lambda shop, body: shop.add_product(**body),
    "variation": lambda shop, body: shop.add_variation(**body),
    "category": lambda shop, body: shop.add_category(**body),
    "brand": lambda shop, body: shop.add_brand(**body),
    "tax_class": _add_tax_class,
    "attribute": lambda shop, body: shop.add_attribute(**body),
    "reset": lambda shop, body: shop.reset_counters(),
    "save": lambda shop, body: shop.save(body["path"]),
}


def _state(shop: BackOffice) -> dict[str, Any]:
    """Products and variations by id, fields as stored: small enough to compare whole shops."""
    return {"products": msgspec.to_builtins(shop.products, str_keys=True)}


_READINGS: dict[str, Callable[[Any], object]] = {
    "state": _state,
    "dump": lambda shop: shop.as_json(),
    "requests": lambda shop: shop.requests,
}
