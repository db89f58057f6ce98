"""The simulated PrestaShop held to recordings of a real one: same status, error codes, elements and types."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
from base64 import b64encode
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from passerelle.sandbox.prestashop import FakePrestashop

SHAPES = Path(__file__).parent / "prestashop"
SCRIPT = Path(__file__).parents[2] / "scripts" / "distil_recordings.py"
RECORDINGS = os.environ.get("PASSERELLE_RECORDINGS")

# What products are linked to, here or there: other entities than in the recorded shop.
OTHER_DATA = ("images", "combinations", "product_option_values", "attachments", "product_features", "accessories")
# Element -> why its content may differ from the recorded one; its place and name may not.
DIFFERENT_DATA = {
    "id_supplier": "no suppliers",
    "id_default_image": "no images",
    "id_default_combination": "no variants",
    "cache_default_attribute": "no variants",
    "product_attribute_id": "no variants",
    "low_stock_threshold": "NULL until something is written there",
    "redirect_type": "demo products carry one",
    "reduction_percent": "no discounts",
    "product_supplier_reference": "no suppliers",
    "id_order_invoice": "no invoices as entities",
}


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("distil_recordings", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


distil = _script()


def _names() -> list[str]:
    return sorted(path.stem for path in SHAPES.glob("*.json"))


def _product(shop: FakePrestashop, ident: int, **fields: Any) -> None:
    texts = {"description": "<p>Texte</p>", "description_short": "<p>Texte</p>", **fields}
    reference = texts.pop("reference", f"demo_{ident}")
    home = texts.pop("categories", [2])
    name = texts.pop("name", f"Produit {ident}")
    price = texts.pop("price", "23.9")
    shop.add_product(reference, name=name, price=price, categories=home, id=str(ident), **texts)


def recorded_shop(name: str) -> FakePrestashop:
    """The entities that the recordings mention, under their ids; what a recording creates is not there yet."""
    shop = FakePrestashop(shop_name="Boutique Test")
    for brand in ("Studio Design", "Graphic Corner", "Fabricant ERP")[: 2 if "post-manufacturer" in name else 3]:
        shop.add_manufacturer(brand)
    for ident in range(3, 10 if "post-category" in name else 11):
        assert shop.add_category(f"Catégorie {ident}") == ident
    for ident in (1, 2, 3, *range(6, 20)):
        _product(shop, ident, id_manufacturer="1")
    _product(shop, 20, id_manufacturer="1", reference="demo_10")
    if not name.startswith(("35", "93")):
        _later_products(shop, name)
        _orders(shop, name)
    _variants(shop, name)
    return shop


def _variants(shop: FakePrestashop, name: str) -> None:
    """The demo shop's options and features, and what the recordings had made of their own."""
    for ident in range(1, 5):
        shop.add_option(f"Option {ident}", [f"{ident}.{one}" for one in range(7 if ident == 1 else 6)])
    for ident in range(1, 3):
        shop.add_feature(f"Caractéristique {ident}", [f"{ident}.{one}" for one in range(5)])
    if not name.startswith(("38", "40")):
        shop.add_option("Pointure", [] if name.startswith("41") else ["39", "40", "41"])
        shop.add_feature("Matériau ERP", [])
    if name.startswith(("57", "58")):
        shop.database["combinations"].next_id = 40
        for size in (39, 40):
            shop.add_combination(25, values=[str(size)], reference=f"ERP-FULL-1-{size}", ean13=f"37601234500{size}")


def _later_products(shop: FakePrestashop, name: str) -> None:
    shop.database["stock_availables"].next_id = 64
    details = {"weight": "1.234567", "ean13": "3760123450017", "id_manufacturer": "3"}
    if name.startswith("92"):
        details |= {"location": "A1-B2", "isbn": "978-2-1234-5680-3", "upc": "123456789012", "mpn": "MPN-1"}
        details |= {"name": "Émoji 😀 日本 €", "unit_price": "5", "price": "20"}
    _product(shop, 25, categories=[2, 10], **details)
    shop.products[25].links["product_features"] = (("3", "11"),)
    shop.products[25].links["accessories"] = (("1",),)
    for attribute in (40, 41, 42) if name.startswith("56") else ():
        values = {"id_product": "25", "id_product_attribute": str(attribute), "id_shop": "1", "out_of_stock": "2"}
        shop.database.insert("stock_availables", values)
    if name.startswith("94"):
        _product(shop, 27)
    _product(shop, 32, id_manufacturer="1", categories=[3], id_category_default="4")
    _product(shop, 36, id_manufacturer="1")


def _orders(shop: FakePrestashop, name: str) -> None:
    for _ in range(7):
        order = shop.place_order([(1, 1), (25, 2)], state=8)
    if name.startswith(("86", "90")):
        shop.change_state(order, 4)
        shop.orders[order].put("shipping_number", "TRK-9")


def replay(name: str, request: dict[str, Any]) -> dict[str, Any]:
    """Send the recorded request to a simulated shop that holds what it mentions; return the shape of the answer."""
    shop = recorded_shop(name)
    shop.webservice_enabled = "webservice-disabled" not in name
    readonly = shop.add_key(rights={"categories": {"GET", "HEAD"}, "products": {"GET", "HEAD"}})
    keys = {"full": shop.key, "readonly": readonly, "unknown": "A" * 32}
    keys["inactive"] = shop.add_key(rights={"products": {"GET"}}, active=False)
    with shop.serve() as url:
        address = url.removeprefix("http://").removesuffix("/api")
        headers = (
            {"Host": address} if request.get("host") != "wrong" else {"Host": address.replace("127.0.0.1", "localhost")}
        )
        if request["key"] in keys:
            headers["Authorization"] = "Basic " + b64encode(f"{keys[request['key']]}:".encode()).decode()
        target = request["path"] + (f"?{request['query']}" if request["query"] else "")
        target = target.replace("KEY", shop.key)
        connection = http.client.HTTPConnection(address)
        try:
            if request.get("local_content_sha1"):
                headers["Local-Content-Sha1"] = _exchange(connection, "GET", target, headers, None)[2]
            status, body, _, kind = _exchange(connection, request["method"], target, headers, request.get("body"))
        finally:
            connection.close()
    return dict(distil.answer_shape(status, kind, body))


def _exchange(
    connection: http.client.HTTPConnection, method: str, target: str, headers: dict[str, str], body: str | None
) -> tuple[int, str, str, str]:
    connection.request(method, target, body=body.encode() if body else None, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    return answer.status, text, answer.headers.get("Content-Sha1", ""), answer.headers.get("Content-Type", "")


def _comparable(elements: dict[str, str], *, links: bool = False) -> dict[str, str]:
    """Elements without the rows of what the simulator does not hold, and without links, which depend on the ids."""
    kept = {}
    for path, found in elements.items():
        above, _, below = path.partition("/associations/")
        if above.startswith("product") and below.partition("/")[0] in OTHER_DATA and "/" in below:
            continue
        attributes = [one for one in found.split() if one.startswith("@") and one != "@xlink:href"]
        types = [one for one in found.split() if not one.startswith("@")]
        if path.rpartition("/")[2] in DIFFERENT_DATA or below:
            types = []
        kept[path] = " ".join([*attributes, *types])
    return kept


@pytest.mark.parametrize("name", _names())
def test_the_simulator_answers_as_the_recorded_shop_did(name: str) -> None:
    shape = json.loads((SHAPES / f"{name}.json").read_text(encoding="utf-8"))
    expected, found = shape["answer"], replay(name, shape["request"])
    for part in ("status", "content_type", "codes"):
        assert found[part] == expected[part], f"{part}: {found[part]} instead of {expected[part]}"
    assert list(_comparable(found["elements"])) == list(_comparable(expected["elements"]))
    assert _comparable(found["elements"]) == _comparable(expected["elements"])


@pytest.mark.skipif(not RECORDINGS, reason="PASSERELLE_RECORDINGS names no folder of full recordings")
def test_distilling_the_full_recordings_yields_the_committed_shapes() -> None:
    folder = Path(RECORDINGS or "")
    shapes = distil.distilled(folder / "prestashop" if (folder / "prestashop").is_dir() else folder)
    committed = {path.name: path.read_text(encoding="utf-8") for path in SHAPES.glob("*.json")}
    assert shapes == committed


def test_the_shapes_hold_no_host_no_cookie_and_no_key() -> None:
    for path in SHAPES.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert "127.0.0.1" not in text
        assert "cookie" not in text.lower()
        assert "Basic " not in text
