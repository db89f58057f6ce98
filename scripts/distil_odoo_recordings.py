"""Distil recorded calls of an Odoo into small shape files: what was asked, what kind of answer came back.

    python scripts/distil_odoo_recordings.py SOURCE_FOLDER DEST_FOLDER

A recording is one call as JSON: transport, request, and the response, the fault or the status. The shape keeps what is
needed to send the call again and, of the answer, its status, the class of its error, its keys, the types of its
values, amounts and states. It keeps no prose, no header, no key, no time.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

# Not covered by the simulated Odoo: reading nested records in one call.
UNCOVERED = frozenset({"68"})
# XML-RPC's fault codes, by the class of error that JSON-RPC names in full.
FAULTS = {
    "odoo.exceptions.AccessDenied": 3, "odoo.exceptions.AccessError": 4, "odoo.exceptions.UserError": 2,
    "odoo.exceptions.ValidationError": 2, "odoo.exceptions.MissingError": 2, "odoo.exceptions.RedirectWarning": 2,
}  # fmt: skip
# Amounts, quantities and states are kept as they are: the simulator has to come to the same.
KEPT = frozenset({
    "amount_untaxed", "amount_tax", "amount_total", "amount_residual", "price_subtotal", "price_tax", "price_total",
    "qty_available", "free_qty", "virtual_available", "incoming_qty", "outgoing_qty", "quantity", "reserved_quantity",
    "available_quantity", "lst_price", "price_extra", "state", "delivery_status", "invoice_status", "payment_state",
})  # fmt: skip
_NONE = "cannot marshal None"
_DATETIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_RIGHT, _WRONG = "<secret>", "<wrong>"


def distil(recording: dict[str, Any]) -> dict[str, Any]:
    """The shape of one recording."""
    transport = recording["transport"]
    if transport.startswith("JSON-2"):
        return {"request": _json2_request(transport, recording["request"]), "answer": _json2_answer(recording)}
    if transport.startswith("JSON-RPC"):
        return {"request": _rpc_request(recording["request"]), "answer": _rpc_answer(recording["response"])}
    return {"request": _xml_request(transport, recording["request"]), "answer": _xml_answer(recording)}


def shape_of(value: Any) -> Any:
    """Keys of mappings, the one shape of a list's items, the type of anything else."""
    if isinstance(value, dict):
        return {key: f"={one!r}" if key in KEPT else shape_of(one) for key, one in sorted(value.items())}
    if isinstance(value, list):
        return [merged([shape_of(one) for one in value])] if value else []
    if value is False or value is None:
        return "false" if value is False else "null"
    if isinstance(value, str):
        return "datetime" if _DATETIME.fullmatch(value) else "date" if _DATE.fullmatch(value) else "text"
    return type(value).__name__


def merged(shapes: list[Any]) -> Any:
    """One shape for several: what may be false and what it is otherwise, keys of all of them."""
    first, *rest = shapes
    for one in rest:
        first = _both(first, one)
    return first


def _both(left: Any, right: Any) -> Any:
    if left == right:
        return left
    if isinstance(left, dict) and isinstance(right, dict):
        keys = sorted({*left, *right})
        return {key: _both(left.get(key, "absent"), right.get(key, "absent")) for key in keys}
    if isinstance(left, list) and isinstance(right, list):
        return [_both(left[0], right[0])] if left and right else left or right
    parts = {part for one in (left, right) for part in (one.split("|") if isinstance(one, str) else ["list"])}
    return "|".join(sorted(parts))


def _json2_request(transport: str, request: dict[str, Any]) -> dict[str, Any]:
    path = next(part for part in transport.split() if part.startswith("/json/2/"))
    _, _, _, model, method = path.split("/")
    key = "right" if "Authorization" in request["headers"] else "none"
    return {"protocol": "json2", "key": key, "model": model, "method": method, "body": request["body"]}


def _json2_answer(recording: dict[str, Any]) -> dict[str, Any]:
    status, response = recording["status"], recording["response"]
    kind = recording["response_headers"]["Content-Type"]
    if status == 200:
        return {"status": status, "content_type": kind, "result": _result(response)}
    return {"status": status, "content_type": kind, "error": response["name"], "keys": sorted(response)}


def _rpc_request(request: dict[str, Any]) -> dict[str, Any]:
    params = request["params"]
    if params["service"] == "common":
        return {"protocol": "common", "method": params["method"], "args": params["args"]}
    model, method, args, named = params["args"][3:]
    return {"protocol": "rpc", "model": model, "method": method, "args": args, "kwargs": named}


def _rpc_answer(response: dict[str, Any]) -> dict[str, Any]:
    if "error" not in response:
        return {"status": 200, "result": _result(response["result"])}
    error = response["error"]
    return {"status": 200, "error": error["data"]["name"], "code": error["code"], "keys": sorted(error["data"])}


def _xml_request(transport: str, request: dict[str, Any]) -> dict[str, Any]:
    if transport.endswith("common"):
        args = [_RIGHT if one == "<password>" else one for one in request["args"]]
        return {"protocol": "common", "method": request["method"], "args": args}
    return {"protocol": "rpc", **request}


def _xml_answer(recording: dict[str, Any]) -> dict[str, Any]:
    fault = recording.get("fault")
    if fault is None:
        return {"result": _result(recording["response"])}
    return {"none": True} if _NONE in fault["faultString"] else {"fault": fault["faultCode"]}


def _result(response: Any) -> Any:
    """What fields_get tells is kept as it is, but for the labels; of anything else the shape."""
    described = isinstance(response, dict) and response and all(
        isinstance(one, dict) and "type" in one and "store" in one for one in response.values()
    )  # fmt: skip
    if described:
        return {name: {key: one[key] for key in sorted(one) if key != "string"} for name, one in response.items()}
    return shape_of(response)


def distilled(source: Path) -> dict[str, str]:
    """File name and content of every shape that the recordings in a folder yield."""
    shapes = {}
    for path in sorted(source.glob("*.json")):
        if path.name.partition("-")[0] in UNCOVERED:
            continue
        shape = distil(json.loads(path.read_text(encoding="utf-8")))
        if "bad-key" in path.name:
            shape["request"]["key"] = "wrong"  # which key it was cannot be seen
        if "access-denied" in path.name:
            shape["request"]["secret"] = _WRONG
        if path.name.startswith(("78-", "78b-")):
            shape["request"]["user"] = "demo"
        shapes[path.name] = json.dumps(shape, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return shapes


def main() -> None:
    source, destination = map(Path, sys.argv[1:3])
    for name, content in distilled(source).items():
        (destination / name).write_text(content, encoding="utf-8")
        print(name)


if __name__ == "__main__":
    main()
