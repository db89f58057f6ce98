"""The door for other processes, outside the API: POST /_sandbox/ACTION with a JSON body.

cost {request_ms, entity_ms}, fault {fields of Fault}, product {arguments of add_product}, stock {product, warehouse,
quantity}, write {model, ids, values}, confirm {order}, deliver {order, tracking, only}, invoice {order}, cancel
{order}, reset {} (counters). GET /_sandbox/requests and /_sandbox/dump read.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from passerelle.sandbox.odoo.faults import Cost, Fault
from passerelle.sandbox.odoo.wire import Answer, Request, json_answer


def control_page(odoo: Any, request: Request) -> Answer:
    """Answer a request of the control door: 200 with {"result": …}, 404 for an unknown action."""
    action = request.path.removeprefix("/_sandbox/")
    if request.method == "GET":
        reading = _READINGS.get(action)
        return json_answer({"result": reading(odoo)}) if reading else json_answer({}, status=404)
    acting = _ACTIONS.get(action)
    if acting is None:
        return json_answer({}, status=404)
    return json_answer({"result": acting(odoo, json.loads(request.body or b"{}"))})


def _set_cost(odoo: Any, body: dict[str, Any]) -> None:
    odoo.cost = Cost(**body)


def _deliver(odoo: Any, body: dict[str, Any]) -> int:
    only = body.get("only")
    share = {int(product): quantity for product, quantity in only.items()} if isinstance(only, dict) else only
    return int(odoo.deliver(body["order"], tracking=body.get("tracking", ""), only=share).id)


_ACTIONS: dict[str, Callable[[Any, dict[str, Any]], object]] = {
    "cost": _set_cost,
    "fault": lambda odoo, body: odoo.inject(Fault(**body)),
    "product": lambda odoo, body: odoo.add_product(**body),
    "stock": lambda odoo, body: odoo.set_stock(body["product"], body["warehouse"], body["quantity"]),
    "write": lambda odoo, body: odoo.write(body["model"], body["ids"], body["values"]),
    "confirm": lambda odoo, body: odoo.confirm(body["order"]),
    "deliver": _deliver,
    "invoice": lambda odoo, body: odoo.invoice(body["order"]).id,
    "cancel": lambda odoo, body: odoo.cancel(body["order"]),
    "reset": lambda odoo, body: odoo.reset_counters(),
}
_READINGS: dict[str, Callable[[Any], object]] = {
    "dump": lambda odoo: odoo.as_json(),
    "requests": lambda odoo: odoo.requests,
}
