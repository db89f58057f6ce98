"""A company in a real Tryton as the contract kit sees it; `rpc` goes round the adapter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.connectors.tryton import company
from tests.connectors.tryton.live import DATABASE
from tests.connectors.tryton.live import Tryton as Server
from tests.connectors.tryton.proxy import Proxy
from tests.connectors.tryton.rpc import PASSWORD, USER, Rpc

from passerelle.connectors.tryton.adapter import Tryton
from passerelle.connectors.tryton.config import TrytonConfig
from passerelle.domain.stock import DocumentKind
from passerelle.testing.builders import ArticleSeed
from passerelle.testing.clock import HeldClock
from passerelle.testing.faults import Fault
from passerelle.testing.harness import Cannot
from passerelle.transport.http import Tally
from passerelle.transport.limiter import MemoryLimiter

GRAMS = 1000
SHELVES = ["Storage Zone", f"{company.WAREHOUSES[1]} storage_location"]
STEPS = {"draft": "quote", "quotation": "confirm", "confirmed": "process"}
STATES = {DocumentKind.QUOTATION: "quotation", DocumentKind.ORDER: "processing"}


def connect(url: str, **options: Any) -> Tryton:
    """An adapter that never really waits and pages by three."""
    clock = HeldClock()
    given = {"url": url, "database": DATABASE, "user": USER, "password": PASSWORD, "timeout": 60, **options}
    return Tryton(
        TrytonConfig(**given),
        clock=clock,
        limiter=MemoryLimiter(clock=clock, per_second=None),
        tally=Tally(),
        page_size=3,
    )


class TrytonHarness:
    """An empty company behind a proxy."""

    secret = PASSWORD
    many = 8
    warehouses = company.WAREHOUSES
    tax_code = company.RATES[Decimal(20)]

    def __init__(self, server: Server, proxy: Proxy, rpc: Rpc, **options: Any) -> None:
        self.server = server
        self.proxy = proxy
        self.rpc = rpc
        self.adapter = self.sink = connect(proxy.url, **{"warehouse": self.warehouses[0], **options})
        self.unit = rpc.fixed("product.uom", [["name", "=", company.UNIT]])

    def stored(self) -> Any:
        return self.server.stored()

    # --- articles ---

    def seed(self, *articles: ArticleSeed) -> None:
        if any(seed.tax_included for seed in articles):
            raise Cannot("the list price of Tryton is always without VAT")
        known = self._known([seed.sku for seed in articles])
        new = [seed for seed in articles if seed.sku not in known]
        made = self.rpc("product.template.create", [self._new(seed) for seed in new]) if new else []
        for seed in articles:
            if seed.sku in known:
                self._change(known[seed.sku], seed)
        ids = known | {seed.sku: id for seed, id in zip(new, made, strict=True)}
        self._set_stock({ids[seed.sku]: seed for seed in articles})

    def _known(self, skus: list[str]) -> dict[str, int]:
        rows = self.rpc.rows("product.template", [["code", "in", skus]], "code", active_test=False)
        return {row["code"]: row["id"] for row in rows}

    def template(self, sku: str) -> int:
        """The number of an article."""
        return self._known([sku])[sku]

    def product(self, code: str) -> int:
        """The number of a variant."""
        return self.rpc.one("product.product", [["code", "=", code]], active_test=False)

    def _new(self, seed: ArticleSeed) -> dict[str, Any]:
        variants = [self._variant(seed.sku, one.sku, one.values, active=not one.asleep) for one in seed.variants]
        own = {"active": not seed.dormant, "identifiers": [["create", [{"code": seed.gtin}]]] if seed.gtin else None}
        return {
            "type": "goods", "default_uom": self.unit, "sale_uom": self.unit, "active": not seed.dormant,
            **self._columns(seed), "products": [["create", variants or [own]]],
        }  # fmt: skip

    def _variant(self, sku: str, code: str, values: tuple[str, ...], *, active: bool) -> dict[str, Any]:
        whole = code or "-".join((sku, *values))
        if not whole.startswith(sku):
            raise Cannot("the code of a variant begins with that of its article")
        return {"suffix_code": whole.removeprefix(sku), "active": active}

    def _columns(self, seed: ArticleSeed) -> dict[str, Any]:
        account = company.UNTAXED if seed.tax_rate is None else f"Comptable {company.RATES[seed.tax_rate]}"
        gram = self.rpc.fixed("product.uom", [["symbol", "=", "g"]])
        weight = None if seed.weight is None else float(seed.weight * GRAMS)
        category = self._category(seed.category)
        return {
            "name": seed.label,
            "code": seed.sku,
            "consumable": not seed.followed,
            "list_price": seed.price,
            "salable": seed.published,
            "account_category": self.rpc.fixed("product.category", [["name", "=", account]]),
            "categories": [["add", [category]]] if category else [],
            "weight": weight,
            "weight_uom": None if weight is None else gram,
        }

    def _category(self, path: tuple[str, ...]) -> int | None:
        """The number of a node of the tree, made where it is missing."""
        parent = None
        for name in path:
            wanted = [["name", "=", name], ["parent", "=", parent], ["accounting", "=", False]]
            found = self.rpc.ids("product.category", wanted)
            parent = (found or self.rpc("product.category.create", [{"name": name, "parent": parent}]))[0]
        return parent

    def _change(self, id: int, seed: ArticleSeed) -> None:
        columns = self._columns(seed)
        held = self.rpc.rows("product.template", [["id", "=", id]], "categories", "products", active_test=False)[0]
        wanted = {id for _, ids in columns["categories"] for id in ids}
        columns["categories"] += [["remove", [id for id in held["categories"] if id not in wanted]]]
        products = self.rpc.rows("product.product", [["template", "=", id]], "identifiers", active_test=False)
        for row in products:
            identifiers = [["delete", row["identifiers"]], *([["create", [{"code": seed.gtin}]]] if seed.gtin else [])]
            self.rpc("product.product.write", [row["id"]], {"identifiers": identifiers})
        if seed.dormant:
            self.rpc("product.product.write", [row["id"] for row in products], {"active": False})
        self.rpc("product.template.write", [id], {**columns, "active": not seed.dormant})

    def _set_stock(self, seeds: Mapping[int, ArticleSeed]) -> None:
        """By moves to and from the shelf of what is lost and found."""
        wanted = {id: seed for id, seed in seeds.items() if any(pieces is not None for pieces in seed.stock)}
        if not wanted:
            return
        lost = self.rpc.fixed("stock.location", [["type", "=", "lost_found"]])
        moves = []
        for rank, name in enumerate(self.warehouses):
            warehouse = self.warehouse(name)
            shelf = self.rpc.fixed("stock.location", [["parent", "=", warehouse], ["name", "in", SHELVES]])
            context = {"locations": [warehouse], "with_childs": True}
            for row in self.rpc.rows(
                "product.product", [["template", "in", list(wanted)]], "template", "quantity", **context
            ):
                pieces = wanted[row["template"]].stock[rank]
                gap = Decimal(0) if pieces is None else pieces - row["quantity"]
                if gap:
                    source, target = (lost, shelf) if gap > 0 else (shelf, lost)
                    moves.append(self._move(row["id"], abs(gap), source=source, target=target))
        if moves:
            self.rpc("stock.move.do", self.rpc("stock.move.create", moves))

    def _move(self, product: int, pieces: Decimal, *, source: int, target: int) -> dict[str, Any]:
        places = {"from_location": source, "to_location": target}
        return {"product": product, "quantity": float(pieces), "unit": self.unit, **places}

    def warehouse(self, name: str) -> int:
        """The number of a warehouse."""
        return self.rpc.fixed("stock.location", [["type", "=", "warehouse"], ["name", "=", name]])

    def delete(self, sku: str) -> None:
        self.rpc("product.template.delete", [self.template(sku)])

    def break_record(self, sku: str) -> None:
        taxed = self.rpc.fixed("product.category", [["name", "=", company.TWICE_TAXED]])
        self.rpc("product.template.write", [self.template(sku)], {"account_category": taxed})

    def filter_without(self, sku: str) -> str:
        return json.dumps([["code", "!=", sku]])

    # --- documents ---

    def seed_document(self, order_key: str, *, kind: DocumentKind, lines: Mapping[str, Decimal]) -> None:
        tax = self.rpc.fixed("account.tax", [["name", "=", self.tax_code]])
        rows = [
            {
                "product": self.product(sku), "quantity": float(pieces), "unit": self.unit,
                "unit_price": Decimal("10.00"), "taxes": [["add", [tax]]],
            }
            for sku, pieces in lines.items()
        ]  # fmt: skip
        [sale] = self.rpc("sale.sale.create", [self.sale(order_key, rows)])
        self.advance(sale, STATES.get(kind, "processing"))
        if kind not in STATES:
            self.ship(sale)
        if kind is DocumentKind.INVOICE:
            self.post(sale)

    def sale(self, order_key: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
        """The values of a sale to the only customer."""
        party = self.rpc.fixed("party.party", [["code", "=", company.CUSTOMER]])
        address = self.rpc.fixed("party.address", [["party", "=", party]])
        warehouse = self.warehouse(self.warehouses[0])
        return {
            "party": party, "reference": order_key or None, "warehouse": warehouse, "invoice_address": address,
            "shipment_address": address, "lines": [["create", lines]],
        }  # fmt: skip

    def advance(self, sale: int, state: str) -> None:
        """Bring a sale to a state, as the house's own people do."""
        while (now := self.rpc.rows("sale.sale", [["id", "=", sale]], "state")[0]["state"]) != state:
            self.rpc(f"sale.sale.{STEPS[now]}", [sale])

    def ship(self, sale: int) -> None:
        """Send all that is waiting."""
        shipments = self.rpc.ids("stock.shipment.out", [["moves.sale", "=", sale]])
        for step in ("assign_force", "pick", "pack", "done"):
            self.rpc(f"stock.shipment.out.{step}", shipments)

    def post(self, sale: int) -> None:
        """Post the invoices of a sale."""
        self.rpc("account.invoice.post", self.rpc.ids("account.invoice", [["sales", "=", sale]]))

    def documents_with(self, order_key: str) -> int:
        return len(self.sales_with(order_key))

    def sales_with(self, order_key: str) -> list[tuple[object, ...]]:
        """(id, state, reference) of the sales under an order key, finished or not."""
        sql = "SELECT id, state, reference FROM sale_sale WHERE reference IN (?, ?) ORDER BY id"
        return self.server.query(sql, (order_key, f"{order_key}*"))

    def transform(self, order_key: str, kind: DocumentKind) -> None:
        sale = self.rpc.one("sale.sale", [["reference", "=", order_key]])
        self.ship(sale)
        if kind is DocumentKind.INVOICE:
            self.post(sale)

    def take(self) -> None:
        pass

    # --- faults ---

    def inject(self, fault: Fault) -> None:
        if fault is Fault.HALF_DONE:
            raise Cannot("a call of Tryton is done whole or not at all")
        self.proxy.inject(fault)

    def heal(self) -> None:
        self.proxy.heal()
