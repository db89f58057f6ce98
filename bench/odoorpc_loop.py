"""The peer: loops over odoorpc, as scripts and connectors write them. A request for each record, and for each step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import odoorpc

COMPANY = "Outillage Martin"
FIELDS = (
    "default_code",
    "name",
    "list_price",
    "barcode",
    "weight",
    "qty_available",
    "free_qty",
    "taxes_id",
    "categ_id",
)


def connected(said: Mapping[str, str]) -> Any:
    """A session with the server that told this of itself."""
    host, _, port = said["url"].removeprefix("http://").partition(":")
    session = odoorpc.ODOO(host, port=int(port), protocol="jsonrpc", timeout=60)
    session.login(said["database"], said["login"], said["key"])
    [company] = session.env["res.company"].search([("name", "=", COMPANY)])
    session.env.context["allowed_company_ids"] = [company]  # the user's own has no warehouse
    return session


def read_products(session: Any, *, most: int) -> int:
    """Search the products, then browse them one by one; gives how many were read."""
    model = session.env["product.product"]
    ids = model.search([("sale_ok", "=", True)])[:most]
    for product in ids:
        row = model.browse(product)
        for field in FIELDS:
            getattr(row, field)
    return len(ids)


def place_orders(session: Any, orders: Iterable[Mapping[str, Any]]) -> None:
    """Create and confirm orders, one by one."""
    model = session.env["sale.order"]
    for values in orders:
        order = model.create(dict(values))
        model.browse(order).action_confirm()
