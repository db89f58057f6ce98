"""The simulated Odoo held to recordings of real ones: same status, class of error, keys, types, amounts and states.

The calls are sent again in the order of the recordings to one simulated Odoo 18, and those of JSON-2 to one 19; what
had been made in between without being recorded is made by `BEFORE`.
"""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from passerelle.sandbox.odoo import FakeOdoo

SHAPES = Path(__file__).parent / "odoo"
SCRIPT = Path(__file__).parents[2] / "scripts" / "distil_odoo_recordings.py"
RECORDINGS = os.environ.get("PASSERELLE_RECORDINGS")
# Key -> why its content may be unset here and set there, or the other way round.
DIFFERENT_DATA = {
    "email": "other people", "carrier_tracking_url": "no carrier is connected", "help": "no prose",
    "currency_id": "other currencies", "tax_group_id": "other groups", "search_view_id": "no views",
}  # fmt: skip
# Recording -> why the states in it are not compared.
OTHER_STATES = {"67": "the orders went on without being recorded"}
# What the client of the recorded database draws its screens with; no connector reads it.
SCREEN = frozenset({
    "id", "display_name", "xml_id", "path", "help", "binding_model_id", "binding_type", "binding_view_types", "view_id",
    "domain", "mobile_view_mode", "views", "limit", "group_ids", "search_view_id", "embedded_action_ids", "filter",
    "cache", "context",
})  # fmt: skip


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("distil_odoo_recordings", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


distil = _script()


def _names() -> list[str]:
    return sorted((path.stem for path in SHAPES.glob("*.json")), key=_number)


def _number(name: str) -> tuple[int, str]:
    digits = re.match(r"(\d+)(b?)-", name)
    assert digits
    return int(digits[1]), digits[2]


def _shape(name: str) -> dict[str, Any]:
    shape: dict[str, Any] = json.loads((SHAPES / f"{name}.json").read_text(encoding="utf-8"))
    return shape


# what the recorded databases held, under the ids they held it


def _next(odoo: FakeOdoo, **idents: int) -> None:
    for model, ident in idents.items():
        odoo.store[model.replace("__", ".")].next_id = ident


def _make(odoo: FakeOdoo, model: str, ident: int, **values: Any) -> None:
    odoo.store[model].next_id = ident
    assert odoo.create(model, values).id == ident


def _french_18() -> FakeOdoo:
    odoo = FakeOdoo(version=18, company="FR Company")
    _make(odoo, "res.country", 75, name="France", code="FX")
    _make(odoo, "res.currency", 125, name="EURO")
    _make(odoo, "product.category", 15, name="Catégorie")
    _make(odoo, "res.partner.category", 8, name="Étiquette")
    _make(odoo, "account.journal", 14, name="Banque", type="bank", company_id=2)
    for ident, included in ((38, False), (43, True), (51, False)):
        _make(odoo, "account.tax", ident, name="20%", amount=20, price_include=included)
    odoo.write("res.company", 2, {"account_sale_tax_id": 38})
    _next(odoo, stock__location=38)
    odoo.create("stock.warehouse", {"name": "Entrepot Lyon", "code": "LYO", "company_id": 2})
    _next(odoo, product__template=40, product__product=51, res__users=6, res__partner=44, stock__quant=39)
    odoo.add_user("demo", rights={"sale.order": ["read"]}, companies=(1,), key="demo-key")
    _next(odoo, res__partner=45, product__template__attribute__value=19, product__attribute=7)
    _next(odoo, product__attribute__value=18, account__move=49, stock__picking=20, stock__move=44)
    return odoo


def _pulls(odoo: FakeOdoo) -> None:
    for ident, code, quant in ((54, "PULL-0", 41), (55, "PULL-1", 43)):
        odoo.write("product.product", ident, {"default_code": code})
        _next(odoo, stock__quant=quant)
        odoo.set_stock(ident, 3, 20)


def _delivery_line(odoo: FakeOdoo) -> None:
    _next(odoo, product__product=56)
    kind: dict[str, Any] = {"type": "service"}
    odoo.add_product("SHIP", name="Livraison DHL", storable=False, taxes=[51], **kind)
    _make(odoo, "delivery.carrier", 4, name="DHL", product_id=56)
    _next(odoo, sale__order=25, sale__order__line=51)


def _less_picked(odoo: FakeOdoo) -> None:
    odoo.write("stock.move", 44, {"quantity": 1})


def _wizard(model: str, **values: Any) -> Callable[[FakeOdoo], None]:
    return lambda odoo: _make(odoo, model, 1, **values)


def _confirmed_254(odoo: FakeOdoo) -> None:
    _next(odoo, sale__order=254)
    odoo.confirm(odoo.place_order(45, [(51, 1)], warehouse_id=3))


def _oversold(odoo: FakeOdoo) -> None:
    odoo.set_stock(51, 3, 47)
    odoo.confirm(odoo.place_order(45, [(51, 503)], warehouse_id=3))


def _tax_included(odoo: FakeOdoo) -> None:
    _next(odoo, sale__order=258, sale__order__line=725)
    lines = [(0, 0, {"product_id": 51, "product_uom_qty": quantity, "price_unit": price, "tax_id": [(6, 0, [43])]})
             for quantity, price in ((3, 9.99), (1, 5.0))]  # fmt: skip
    odoo.create("sale.order", {"partner_id": 45, "order_line": lines})


def _french_19() -> FakeOdoo:
    odoo = FakeOdoo(version=19, company="FR Company")
    _make(odoo, "account.tax", 51, name="20%", amount=20)
    _make(odoo, "account.tax", 86, name="24%", amount=24)
    odoo.write("res.company", 2, {"account_sale_tax_id": 51})
    _next(odoo, product__product=58, res__partner=46, stock__quant=39)
    odoo.add_partner("Jean")
    return odoo


def _stock_19(odoo: FakeOdoo) -> None:
    for code in ("A", "B"):
        odoo.add_product(code, name=code, taxes=[51], storable=code == "A")
    odoo.write("product.product", 59, {"type": "service"})
    place = odoo.warehouses["Entrepot Lyon"].lot_stock_id
    odoo.create("stock.quant", {"product_id": 58, "location_id": place, "inventory_quantity": 50})


def _order_19(odoo: FakeOdoo) -> None:
    _next(odoo, sale__order=25, stock__picking=20, account__move=85)


def _paid_19(odoo: FakeOdoo) -> None:
    odoo.write("account.move", 85, {"state": "posted", "payment_state": "paid", "amount_residual": 0})


BEFORE: dict[str, Callable[[FakeOdoo], None]] = {
    "28": _pulls,
    "37": _delivery_line,
    "51": _less_picked,
    "52": _wizard("stock.backorder.confirmation"),
    "57": _wizard("sale.advance.payment.inv"),
    "71": lambda odoo: _next(odoo, sale__order=251),
    "74": _confirmed_254,
    "76": _oversold,
    "77": _wizard("account.move.reversal"),
    "79b": _tax_included,
    "90": _stock_19,
    "92": _order_19,
    "96": _wizard("sale.advance.payment.inv"),
    "97": _paid_19,
}


# sending them again


class Replay:
    """The answers of a simulated Odoo to all recorded calls, as shapes."""

    def __init__(self) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        self._run(_french_18(), [name for name in _names() if _number(name) < (80, "")])
        self._run(_french_19(), [name for name in _names() if _number(name) >= (80, "")])

    def _run(self, odoo: FakeOdoo, names: list[str]) -> None:
        with odoo.serve() as url:
            connection = http.client.HTTPConnection(url.removeprefix("http://"))
            for name in names:
                prepare = BEFORE.get(name.partition("-")[0])
                if prepare is not None:
                    prepare(odoo)
                request = _shape(name)["request"]
                send = _json2 if request["protocol"] == "json2" else _rpc
                self.answers[name] = send(odoo, connection, request)
            connection.close()


def _json2(odoo: FakeOdoo, connection: http.client.HTTPConnection, request: dict[str, Any]) -> dict[str, Any]:
    keys = {"right": odoo.api_key, "wrong": "nobody's"}
    headers = {"Authorization": f"bearer {keys[request['key']]}"} if request["key"] in keys else {}
    body = json.dumps(request["body"])
    connection.request("POST", f"/json/2/{request['model']}/{request['method']}", body, headers)
    answer = connection.getresponse()
    recording = {"status": answer.status, "response": json.loads(answer.read())}
    return dict(distil._json2_answer({**recording, "response_headers": dict(answer.headers)}))


def _rpc(odoo: FakeOdoo, connection: http.client.HTTPConnection, request: dict[str, Any]) -> dict[str, Any]:
    body = {"jsonrpc": "2.0", "id": 1, "method": "call", "params": _params(odoo, request)}
    connection.request("POST", "/jsonrpc", json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = json.loads(answer.read())
    assert answer.status == 200
    return {**distil._rpc_answer(content), "none": "result" in content and _has_null(content["result"])}


def _params(odoo: FakeOdoo, request: dict[str, Any]) -> dict[str, Any]:
    if request["protocol"] == "common":
        known = {"<secret>": odoo.api_key, "erp": odoo.database}
        args = [known.get(one, one) if isinstance(one, str) else one for one in request["args"]]
        return {"service": "common", "method": request["method"], "args": args}
    uid, secret = (6, "demo-key") if request.get("user") == "demo" else (2, request.get("secret", odoo.api_key))
    call = [request["model"], request["method"], request["args"], request["kwargs"]]
    return {"service": "object", "method": "execute_kw", "args": [odoo.database, uid, secret, *call]}


def _has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_null(one) for one in value.values())
    return any(_has_null(one) for one in value) if isinstance(value, list) else value is None


@cache
def replayed() -> Replay:
    return Replay()


# comparing


def _same(expected: Any, found: Any, *, key: str = "") -> bool:
    """Equal, but for what is unset in one of the two databases, and lists that are empty in one."""
    if isinstance(expected, dict) and isinstance(found, dict):
        if "res_model" in expected:
            expected, found = (
                {name: one for name, one in each.items() if name not in SCREEN} for each in (expected, found)
            )
        return expected.keys() == found.keys() and all(
            _same(expected[name], found[name], key=name) for name in expected
        )
    if isinstance(expected, list) and isinstance(found, list):
        return not expected or not found or _same(expected[0], found[0], key=key)
    if expected == found or key in DIFFERENT_DATA:
        return True
    if isinstance(expected, str) and isinstance(found, str):
        left, right = (set(one.split("|")) for one in (expected, found))
        return not any(one.startswith("=") for one in left) and bool(left & right)
    return False


@pytest.mark.parametrize("name", _names())
def test_the_simulator_answers_as_the_recorded_odoo_did(name: str) -> None:
    expected, found = _shape(name)["answer"], replayed().answers[name]
    if name.partition("-")[0] in OTHER_STATES:
        expected, found = (json.loads(re.sub(r"='[^|\"]*'", "text", json.dumps(one))) for one in (expected, found))
    if "fault" in expected:
        assert distil.FAULTS.get(found.get("error"), 1 if "error" in found else 0) == expected["fault"], found
    elif "none" in expected:
        assert found["none"], found
    else:
        for part in expected:
            assert _same(expected[part], found.get(part)), f"{part}: {found.get(part)} instead of {expected[part]}"


@pytest.mark.skipif(not RECORDINGS, reason="PASSERELLE_RECORDINGS names no folder of full recordings")
def test_distilling_the_full_recordings_yields_the_committed_shapes() -> None:
    folder = Path(RECORDINGS or "")
    shapes = distil.distilled(folder / "odoo" if (folder / "odoo").is_dir() else folder)
    committed = {path.name: path.read_text(encoding="utf-8") for path in SHAPES.glob("*.json")}
    assert shapes == committed


def test_the_shapes_hold_no_host_no_key_and_no_prose() -> None:
    for path in SHAPES.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert "127.0.0.1" not in text
        assert "bearer" not in text.lower()
        assert "Traceback" not in text
        assert not re.search(r'"message": "(?!text)', text)
