"""The memory ERP as the contract kit sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from passerelle.connectors.memory_erp.adapter import MemoryErp
from passerelle.connectors.memory_erp.client import Fault as ErpFault
from passerelle.connectors.memory_erp.client import MemoryErpData
from passerelle.connectors.memory_erp.config import MemoryErpConfig
from passerelle.connectors.memory_erp.wire import Article, VariantRow
from passerelle.domain.stock import DocumentKind
from passerelle.testing.builders import ArticleSeed, sales_document
from passerelle.testing.clock import HeldClock
from passerelle.testing.faults import Fault
from passerelle.testing.harness import Cannot

TAXES = {Decimal(20): "C20", Decimal(10): "C10", Decimal("5.5"): "C55"}
SIGNALS = {
    Fault.UNAUTHORISED: "login",
    Fault.TIMEOUT: "lost",
    Fault.REFUSED: "unavailable",
    Fault.NOT_THE_FORMAT: "unreadable",
    Fault.LOST_ANSWER: "lost",
}


@dataclass
class MemoryErpHarness:
    """A memory ERP that pages by three."""

    kind: type[MemoryErp] = MemoryErp
    secret: str = ""
    many: int = 10
    warehouses: tuple[str, str] = ("Principal", "Réserve")
    tax_code: str = "C20"
    without: tuple[str, ...] = ()
    later: bool = False
    data: MemoryErpData = field(default_factory=MemoryErpData)

    def __post_init__(self) -> None:
        self.data.page_size = 3
        config = MemoryErpConfig(without=self.without, later=self.later)
        self.adapter = self.kind(config, clock=HeldClock(), data=self.data)
        self.sink = self.adapter

    def stored(self) -> bytes:
        return msgspec.json.encode(self.data.state)

    def seed(self, *articles: ArticleSeed) -> None:
        for seed in articles:
            known = self._id(seed.sku)
            id = self.data.add_article(
                seed.sku,
                label=seed.label,
                price=seed.price,
                tax_included=seed.tax_included,
                tax="" if seed.tax_rate is None else TAXES[seed.tax_rate],
                gtin=seed.gtin,
                weight=seed.weight,
                category=self.data.add_category(*seed.category),
                followed=seed.followed,
                published=seed.published,
                dormant=seed.dormant,
                options=list(seed.options),
            )
            before = self.data.articles[known].variants if known else []
            self._keep(known, instead_of=id)
            self._seed_variants(self.data.articles[known or id], seed=seed, before=before)
            for warehouse, pieces in zip(("1", "2"), seed.stock, strict=True):
                if pieces is not None:
                    self.data.set_stock(known or id, pieces, warehouse=warehouse)
        self.data.save()

    def _seed_variants(self, article: Article, *, seed: ArticleSeed, before: list[VariantRow]) -> None:
        ids = {tuple(row.values): row.id for row in before}
        for one in seed.variants:
            row = VariantRow(
                id=ids.get(one.values) or self.data.new_id(),
                sku=one.sku,
                values=list(one.values),
                gtin=one.gtin,
                price=one.price,
                asleep=one.asleep,
            )
            article.variants.append(row)
            for warehouse, pieces in zip(("1", "2"), one.stock, strict=True):
                if pieces is not None:
                    self.data.set_stock(row.id, pieces, warehouse=warehouse)

    def _keep(self, known: int | None, *, instead_of: int) -> None:
        if known is not None:
            self.data.articles[known] = self.data.articles.pop(instead_of)
            self.data.articles[known].id = known

    def _id(self, sku: str) -> int | None:
        return next((id for id, article in self.data.articles.items() if article.sku == sku), None)

    def delete(self, sku: str) -> None:
        del self.data.articles[self._id(sku) or 0]
        self.data.save()

    def break_record(self, sku: str) -> None:
        self.data.articles[self._id(sku) or 0].taxes = {"1": "NOT-THERE"}

    def filter_without(self, sku: str) -> str:
        return f"sku <> '{sku}'"

    def seed_document(self, order_key: str, *, kind: DocumentKind, lines: Mapping[str, Decimal]) -> None:
        document = sales_document(order_key, skus=tuple(lines), tax_code="C20", kind=kind)
        counted = tuple(msgspec.structs.replace(line, quantity=lines[line.sku]) for line in document.lines)
        self.data.place(msgspec.structs.replace(document, lines=counted))

    def documents_with(self, order_key: str) -> int:
        return sum(row.document.order_key == order_key for row in self.data.documents.values())

    def take(self) -> None:
        self.data.take()

    def transform(self, order_key: str, kind: DocumentKind) -> None:
        self.data.transform(order_key, kind)

    def inject(self, fault: Fault) -> None:
        if fault not in SIGNALS:
            raise Cannot(f"there is no HTTP between us and the memory ERP that could answer {fault}")
        calls = ("place", "place_customer") if fault is Fault.LOST_ANSWER else ("*",)
        self.data.faults = [
            ErpFault(call, SIGNALS[fault], committed=fault is Fault.LOST_ANSWER) for call in calls for _ in range(9)
        ]

    def heal(self) -> None:
        self.data.faults = []
