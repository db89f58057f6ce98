"""A simulated Odoo, its adapter, and a way round it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from passerelle.connectors.odoo.adapter import Odoo
from passerelle.connectors.odoo.config import OdooConfig
from passerelle.domain.stock import DocumentKind
from passerelle.sandbox.odoo import FakeOdoo
from passerelle.sandbox.odoo import Fault as OdooFault
from passerelle.sandbox.odoo.database import Record
from passerelle.sandbox.odoo.fields import char
from passerelle.testing.builders import ArticleSeed, VariantSeed
from passerelle.testing.clock import HeldClock
from passerelle.testing.faults import Fault
from passerelle.testing.harness import Cannot
from passerelle.transport.http import Tally
from passerelle.transport.limiter import MemoryLimiter

REFERENCE = "x_reference"
UNUSED = "—"  # a value that every attribute has and no variant that is sold
FOREVER = 1000
FAULTS: dict[Fault, Callable[[], OdooFault]] = {
    Fault.TIMEOUT: lambda: OdooFault("reset", times=FOREVER),
    Fault.REDIRECT: lambda: OdooFault("status", status=302, times=FOREVER),
    Fault.NOT_THE_FORMAT: lambda: OdooFault("html", times=FOREVER),
    Fault.LOST_ANSWER: lambda: OdooFault("lost_answer", method="WRITE", times=FOREVER),
    Fault.ERROR_AFTER_COMMIT: lambda: OdooFault("error_after_commit", method="WRITE", times=FOREVER),
    Fault.CUT_ANSWER: lambda: OdooFault("truncated_answer", method="WRITE", times=FOREVER),
}


def connect(
    odoo: FakeOdoo, url: str, *, clock: HeldClock | None = None, tally: Tally | None = None, page: int = 3,
    **options: Any,
) -> Odoo:  # fmt: skip
    """An adapter that never really waits."""
    clock = clock or HeldClock()
    told = {"company": "Outillage Martin", "template_reference": REFERENCE, **options}
    config = OdooConfig(url=url, database=odoo.database, login=odoo.login, key=odoo.api_key, timeout=10, **told)
    limiter = MemoryLimiter(clock=clock, per_second=None)
    return Odoo(config, clock=clock, limiter=limiter, tally=tally or Tally(), page_size=page)


def precise(odoo: FakeOdoo, **digits: int) -> None:
    """Let Odoo keep more decimals: Product_Price=6."""
    for name, places in digits.items():
        wanted = name.replace("_", " ")
        for row in odoo.records("decimal.precision"):
            if row.values["name"] == wanted:
                odoo.write("decimal.precision", row, {"digits": places})


def closed_address() -> str:
    """An address that nobody listens to."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}"


@dataclass
class OdooHarness:
    """A served Odoo as the contract kit sees it: six decimals of prices, three of weights, two of quantities."""

    odoo: FakeOdoo
    url: str
    many: int = 8
    warehouses: tuple[str, str] = ("Dépôt principal", "Magasin Villeurbanne")
    options: dict[str, Any] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    clock: HeldClock = field(default_factory=HeldClock)

    def __post_init__(self) -> None:
        self.odoo.clock = self.clock.now
        self.odoo.add_field("product.template", char(REFERENCE, "Reference of the range"))
        precise(self.odoo, Product_Price=6, Stock_Weight=3)
        self.customer = self.odoo.add_partner("Client 1", ref="CL1", email="client1@example.test", is_company=True)
        self.adapter = connect(self.odoo, self.url, clock=self.clock, tally=self.tally, **self.options)
        self.sink = self.adapter

    @property
    def secret(self) -> str:
        return self.odoo.api_key

    @property
    def tax_code(self) -> str:
        return f"tax-{self.odoo.tax(20.0)}"

    def stored(self) -> dict[str, Any]:
        return self.odoo.as_json()

    # --- articles ---

    def seed(self, *articles: ArticleSeed) -> None:
        for seed in articles:
            known = self._template(seed.sku)
            if known is None:
                self._add(seed)
            else:
                self.odoo.write("product.template", known, {**self._values(seed), "active": not seed.dormant})
            template = self._template(seed.sku)
            assert template is not None
            self._count(template, seed)

    def _add(self, seed: ArticleSeed) -> None:
        values = {**self._values(seed), "active": True}
        if seed.options:
            lines = [self._attribute(name, rank, seed) for rank, name in enumerate(seed.options)]
            values |= {"attribute_line_ids": lines, REFERENCE: seed.sku}
        else:
            values["default_code"] = seed.sku
        template = self.odoo.create("product.template", values)
        if seed.dormant:
            self.odoo.write("product.template", template, {"active": False})

    def _values(self, seed: ArticleSeed) -> dict[str, Any]:
        kind = {"type": "consu", "is_storable": seed.followed} if self.odoo.version >= 18 else {
            "detailed_type": "product" if seed.followed else "consu"}  # fmt: skip
        tax = [] if seed.tax_rate is None else [self.odoo.tax(float(seed.tax_rate), included=seed.tax_included)]
        own: dict[str, Any] = {"barcode": seed.gtin or False, "weight": float(seed.weight or 0)}
        return {
            "name": {"fr_FR": seed.label, "en_US": seed.label}, "list_price": float(seed.price),
            "categ_id": self.odoo.category(seed.category), "taxes_id": [(6, 0, tax)], "sale_ok": seed.published,
            **kind, **({} if seed.options else own),
        }  # fmt: skip

    def _template(self, sku: str) -> Record | None:
        """An article by its reference; Odoo itself has none for one with variants."""
        for one in self.odoo.records("product.template"):
            if one.values.get(REFERENCE) == sku:
                return one
        found = self.odoo.product_by_code(sku)
        return self.odoo.record("product.template", found[0].values["product_tmpl_id"]) if found else None

    def _attribute(self, name: str, rank: int, seed: ArticleSeed) -> tuple[int, int, dict[str, Any]]:
        values = list(dict.fromkeys([*(one.values[rank] for one in seed.variants), UNUSED]))
        known = next((one for one in self.odoo.records("product.attribute") if one.name == name), None)
        attribute = known or self.odoo.create("product.attribute", {"name": name, "create_variant": "dynamic"})
        ids = [self._value(attribute, value) for value in values]
        return (0, 0, {"attribute_id": attribute.id, "value_ids": [(6, 0, ids)]})

    def _value(self, attribute: Record, name: str) -> int:
        for one in self.odoo.records("product.attribute.value"):
            if one.values["attribute_id"] == attribute.id and one.name == name:
                return one.id
        return self.odoo.create("product.attribute.value", {"name": name, "attribute_id": attribute.id}).id

    # --- variants and stock ---

    def _count(self, template: Record, seed: ArticleSeed) -> None:
        if not seed.options:
            self._stock(self.odoo.variants(template)[0], seed.stock)
            return
        self._keep_only(template, [one.values for one in seed.variants])
        for one in seed.variants:
            self._seed_variant(template, one)
        extras = {one.values[-1]: (one.price or seed.price) - seed.price for one in seed.variants if not one.asleep}
        for value, extra in extras.items():
            self.odoo.set_extra(template, value, str(extra))

    def _keep_only(self, template: Record, wanted: list[tuple[str, ...]]) -> None:
        for variant in self.odoo.variants(template):
            if self._names(variant) not in wanted:
                self.odoo.archive(variant)

    def _names(self, variant: Record) -> tuple[str, ...]:
        rows = self.odoo.store["product.template.attribute.value"].rows
        return tuple(rows[one].name for one in variant.values["product_template_attribute_value_ids"])

    def _seed_variant(self, template: Record, seed: VariantSeed) -> None:
        values = {"default_code": seed.sku or False, "barcode": seed.gtin or False, "active": not seed.asleep}
        known = next((one for one in self.odoo.variants(template) if self._names(one) == seed.values), None)
        if known is None:
            chosen = [self._template_value(template, rank, name) for rank, name in enumerate(seed.values)]
            made = {"product_tmpl_id": template.id, "product_template_attribute_value_ids": [(6, 0, chosen)]}
            known = self.odoo.create("product.product", made)
        self.odoo.write("product.product", known, values)
        self._stock(known, seed.stock)

    def _template_value(self, template: Record, rank: int, name: str) -> int:
        """The value of one attribute of a template, added to it where it is missing."""
        line = self.odoo.store["product.template.attribute.line"].by("product_tmpl_id", template.id)[rank]
        value = self._value(self.odoo.record("product.attribute", line.values["attribute_id"]), name)
        if value not in line.values["value_ids"]:
            self.odoo.write("product.template.attribute.line", line, {"value_ids": [(4, value)]})
        rows = self.odoo.store["product.template.attribute.value"].by("attribute_line_id", line.id)
        return next(one.id for one in rows if one.values["product_attribute_value_id"] == value)

    def _stock(self, product: Record, stock: tuple[Decimal | None, Decimal | None]) -> None:
        for warehouse, pieces in zip(self.warehouses, stock, strict=True):
            if pieces is not None:
                self.odoo.set_stock(product, warehouse, str(pieces))

    def product(self, sku: str) -> Record:
        """What a reference sells: an article, or a variant, by its own reference or one made of its values."""
        found = self.odoo.product_by_code(sku)
        if found:
            return found[0]
        for template in self.odoo.records("product.template"):
            for one in self.odoo.variants(template) if template.values.get(REFERENCE) else ():
                if sku == "-".join((template.values[REFERENCE], *self._names(one))):
                    return one
        raise KeyError(sku)

    # --- other records ---

    def delete(self, sku: str) -> None:
        template = self._template(sku)
        assert template is not None
        for variant in self.odoo.variants(template):
            self.odoo.unlink(variant)

    def break_record(self, sku: str) -> None:
        template = self._template(sku)
        assert template is not None
        two = [self.odoo.tax(20.0), self.odoo.tax(10.0)]
        self.odoo.write("product.template", template, {"taxes_id": [(6, 0, two)]})

    def filter_without(self, sku: str) -> str:
        return f"['&', ('default_code', '!=', {sku!r}), ('{REFERENCE}', '!=', {sku!r})]"

    def seed_document(self, order_key: str, *, kind: DocumentKind, lines: Mapping[str, Decimal]) -> None:
        sold = [(self.product(sku), str(quantity)) for sku, quantity in lines.items()]
        order = self.odoo.place_order(self.customer, sold, reference=order_key)
        if kind is not DocumentKind.QUOTATION:
            self.odoo.confirm(order)
            self._advance(order, kind)

    def _advance(self, order: Record, kind: DocumentKind) -> None:
        if kind in (DocumentKind.DELIVERY, DocumentKind.INVOICE):
            self.odoo.deliver(order)
        if kind is DocumentKind.INVOICE:
            self.odoo.invoice(order)
        if kind not in (DocumentKind.ORDER, DocumentKind.DELIVERY, DocumentKind.INVOICE):
            raise Cannot(f"an order of Odoo never becomes a {kind}")

    def documents_with(self, order_key: str) -> int:
        """Those that are whole, and those that are not yet."""
        orders = (one.values for one in self.odoo.orders())
        return sum(order_key in (one.get("client_order_ref"), one.get("origin")) for one in orders)

    def take(self) -> None:
        """Odoo takes at once."""

    def transform(self, order_key: str, kind: DocumentKind) -> None:
        self._advance(self.odoo.documents_with(order_key)[0], kind)

    # --- faults ---

    def inject(self, fault: Fault) -> None:
        if fault is Fault.REFUSED:
            self.adapter._client.move(closed_address())
        elif fault in FAULTS:
            self.odoo.inject(FAULTS[fault]())
        elif fault.isdigit():
            self.odoo.inject(OdooFault("status", status=int(fault), times=FOREVER))
        else:
            raise Cannot(f"one call of ours writes one record: there is no {fault!r}")

    def heal(self) -> None:
        self.odoo.mischief.faults.clear()
        self.adapter._client.move(self.url)
