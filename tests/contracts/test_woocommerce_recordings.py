"""The simulated WooCommerce held to recordings of a real one: status, headers, error codes, fields, types, amounts."""

from __future__ import annotations

import importlib.util
import json
import os
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.contracts.woocommerce.states import recorded_shop
from tests.sandbox.woocommerce.client import Client, basic, oauth, quoted

from passerelle.sandbox.woocommerce import FakeWoocommerce, Fault

SHAPES = Path(__file__).parent / "woocommerce"
SCRIPT = Path(__file__).parents[2] / "scripts" / "distil_woocommerce_recordings.py"
RECORDINGS = os.environ.get("PASSERELLE_RECORDINGS")

# Path of a field -> why the simulator does without it, there or everywhere.
LEFT_OUT = {
    "/related_ids[]": "nothing is recommended",
    "/_links/customer": "links beyond the tree of resources",
    "/_links/email_templates": "links beyond the tree of resources",
}
# The recordings of which only what the simulator shows is compared: it shows less.
PARTIAL = {"09": "most of the status is about the server", "45": "resized copies"}


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("distil_woocommerce_recordings", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


distil = _script()


def _names() -> list[str]:
    return sorted(path.stem for path in SHAPES.glob("*.json"))


def replay(name: str, shape: dict[str, Any]) -> dict[str, Any]:
    """Send the recorded request to a simulated shop that holds what it mentions; return the shape of the answer."""
    request = shape["request"]
    shop = recorded_shop(name, shape["answer"]["headers"].get("location", ""))
    shop.maintenance = "maintenance" in name
    shop.database_down = "database-down" in name
    if "bad-gateway" in name:
        shop.inject(Fault("status", status=502))
    with shop.serve(tls=request["key"] not in ("signature", "basic over http")) as url:
        target, headers = _prepared(shop, url, request)
        body = request.get("body")
        if "file" in request:
            content = b"\x89PNG picture"
            headers |= {"Content-Type": "image/png", "Content-Disposition": f'attachment; filename="{request["file"]}"'}
        else:
            content = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body else b""
            headers["Content-Type"] = "application/json"
        reply = Client(url, shop).raw(request["method"], target, content or None, headers)
    told = {key.lower(): value for key, value in reply.headers.items()}
    return dict(distil.answer_shape(reply.status, told, reply.text))


def _prepared(shop: FakeWoocommerce, url: str, request: dict[str, Any]) -> tuple[str, dict[str, str]]:
    readonly = shop.add_key(permissions="read")
    own = (shop.consumer_key, shop.consumer_secret)
    keys = {"full": own, "basic over http": own, "readonly": readonly, "wrong": (own[0], "cs_wrong")}
    keys["application"] = (shop.app_user, shop.app_password)
    headers = {"Accept": request["accept"]} if request["accept"] else {}
    query = request["query"]
    if request["key"] in keys:
        headers["Authorization"] = basic(*keys[request["key"]])
    if request["key"] == "signature":
        now = int(shop.database.now().timestamp())
        pairs = oauth("GET", url + request["path"], query, key=own[0], secret=own[1], timestamp=now)
        query = "&".join([query, *(f"{key}={quoted(value)}" for key, value in pairs)])
    return request["path"] + (f"?{query}" if query else ""), headers


def _comparable(shape: dict[str, Any]) -> dict[str, str]:
    """Fields less those that the simulator leaves out."""
    return {path: found for path, found in shape["fields"].items() if not any(one in path for one in LEFT_OUT)}


@pytest.mark.parametrize("name", _names())
def test_the_simulator_answers_as_the_recorded_shop_did(name: str) -> None:
    shape = json.loads((SHAPES / f"{name}.json").read_text(encoding="utf-8"))
    expected, found = shape["answer"], replay(name, shape)
    for part in ("status", "content_type", "headers", "codes"):
        assert found[part] == expected[part], f"{part}: {found[part]} instead of {expected[part]}"
    fields, wanted = _comparable(found), _comparable(expected)
    if name.partition("-")[0] in PARTIAL:
        wanted = {path: one for path, one in wanted.items() if path in fields}
        assert wanted
    assert fields == wanted
    assert found.get("amounts") == expected.get("amounts")


@pytest.mark.skipif(not RECORDINGS, reason="PASSERELLE_RECORDINGS names no folder of full recordings")
def test_distilling_the_full_recordings_yields_the_committed_shapes() -> None:
    folder = Path(RECORDINGS or "")
    shapes = distil.distilled(folder / "woocommerce" if (folder / "woocommerce").is_dir() else folder)
    committed = {path.name: path.read_text(encoding="utf-8") for path in SHAPES.glob("*.json")}
    assert shapes == committed


def test_the_shapes_hold_no_host_no_cookie_and_no_key() -> None:
    for path in SHAPES.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert "127.0.0.1" not in text
        assert "cookie" not in text.lower()
        assert "Basic " not in text
        assert not re.search(r"\b(ck|cs)_[0-9a-f]{8}", text)
