"""A company in Tryton as an ErpSource and ErpSink."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from passerelle.connectors.tryton.catalogue import Catalogue
from passerelle.connectors.tryton.check import findings
from passerelle.connectors.tryton.client import TrytonClient
from passerelle.connectors.tryton.config import TrytonConfig
from passerelle.connectors.tryton.documents import Documents
from passerelle.connectors.tryton.manifest import MANIFEST, TITLE
from passerelle.connectors.tryton.parties import Parties
from passerelle.connectors.tryton.placing import Placing, currency_of
from passerelle.domain.catalogue import Product
from passerelle.domain.orders import DocumentTotals, ErpDocument, SalesDocument
from passerelle.domain.parties import Customer
from passerelle.domain.stock import StockLevel, Warehouse
from passerelle.errors import CapabilityMissing
from passerelle.ports.clock import Clock
from passerelle.ports.erp import Placed, ProductQuery, Record, StockQuery
from passerelle.ports.limiter import Limiter
from passerelle.ports.manifest import Capability, Finding
from passerelle.transport.http import Counts

PAGE: Final = 500


class Tryton:
    """One company. `page_size` is the number of articles or sales read at a time."""

    def __init__(
        self, config: TrytonConfig, *, clock: Clock, limiter: Limiter, tally: Counts, page_size: int = PAGE
    ) -> None:
        self.manifest = MANIFEST
        self._config = config
        self._client = TrytonClient(config, clock=clock, limiter=limiter, tally=tally)
        self._catalogue = Catalogue(self._client, page_size=page_size)
        self._documents = Documents(self._client, page_size=page_size)
        self._parties = Parties(self._client)
        self._placing = Placing(
            self._client, documents=self._documents, parties=self._parties, warehouse=config.warehouse
        )  # fmt: skip

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()

    def check(self) -> list[Finding]:
        """See `findings`."""
        return findings(
            self._client, currency=self.currency(), warehouses=self.warehouses(), chosen=self._config.warehouse
        )  # fmt: skip

    # --- lists ---

    def currency(self) -> str:
        """The company's currency."""
        return currency_of(self._client)[0]

    def fields(self) -> list[str]:
        """The fields of a variant, those of its article included."""
        return self._catalogue.texts()

    def warehouses(self) -> list[Warehouse]:
        """All warehouses."""
        return [Warehouse(str(one.id), one.name) for one in self._catalogue.warehouses()]

    def price_categories(self) -> list[str]:
        """None: price lists are formulas, which only the server can work out."""
        self._client.context  # noqa: B018 - an ERP that does not answer is an error here too
        return []

    # --- articles ---

    def products(self, query: ProductQuery) -> Iterator[list[Record[Product]]]:
        """Raises FilterInvalid, FieldUnknown, PriceCategoryUnknown and CapabilityMissing at once."""
        _without_variants(wanted=query.variants)
        return self._catalogue.products(query)

    def count(self, query: ProductQuery) -> int:
        """How many articles are in scope. Raises FilterInvalid."""
        return self._catalogue.count(query)

    def stock(self, query: StockQuery) -> Iterator[list[Record[StockLevel]]]:
        """Raises WarehouseUnknown, WarehouseMissing, FilterInvalid and CapabilityMissing at once."""
        _without_variants(wanted=query.variants)
        return self._catalogue.stock(query)

    # --- documents ---

    def documents(self, profile_key: str) -> Iterator[ErpDocument]:
        """Sales by their reference; what is still being entered by Passerelle itself is left out."""
        return self._documents.of_profile(profile_key)

    def price(self, document: SalesDocument) -> DocumentTotals:
        """By the arithmetic of `pricing`. Raises OrderUnmapped, OrderCurrency."""
        return self._placing.price(document)

    def place(self, document: SalesDocument, *, handing_over: Callable[[], None]) -> str:
        """Place a document at once; nothing is handed over. The same order key twice gives the same sale."""
        return self._placing.place(document)

    def place_many(self, documents: Sequence[SalesDocument]) -> list[Placed]:
        """Raises CapabilityMissing: a sale goes its way alone, see `place`."""
        raise CapabilityMissing(system=TITLE, capability="several documents in one call")

    def resume(self, order_key: str) -> None:
        """Nothing: a sale that was begun is placed again, see `place`."""

    def find_document(self, order_key: str) -> ErpDocument | None:
        """The earliest stage of the sale under this key."""
        return self._documents.with_key(order_key)

    def successors(self, numbers: Sequence[str]) -> dict[str, list[ErpDocument]]:
        """Every number is a key of the answer; a sale keeps its own when its goods have left."""
        return self._documents.after(numbers)

    def refusal(self, name: str) -> str | None:
        """None: Tryton refuses at once."""
        return None

    def find_customers(self, *, code: str = "", email: str = "") -> list[Customer]:
        """Parties by code, or by an e-mail address of theirs."""
        return self._parties.find(code=code, email=email)

    def place_customer(self, customer: Customer, *, handing_over: Callable[[], None]) -> str:
        """Make a party at once. Raises CustomerRefused, CapabilityMissing without a code."""
        return self._parties.place(customer)

    def resume_customer(self, code: str) -> None:
        """Nothing: a party is made in one call."""


def _without_variants(*, wanted: bool) -> None:
    if wanted:
        raise CapabilityMissing(system=TITLE, capability=Capability.VARIANTS_READ.value)
