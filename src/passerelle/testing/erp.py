"""The contract of an ERP connector: subclass `ErpContract` in a test module and give it a `harness` fixture."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from passerelle.domain.orders import DocumentLine
from passerelle.domain.stock import DocumentKind
from passerelle.errors import WarehouseMissing, WarehouseUnknown
from passerelle.ports.erp import ProductQuery, StockQuery
from passerelle.ports.manifest import Capability
from passerelle.testing.builders import article, articles, pieces
from passerelle.testing.erp_reading import LOADED, ErpReading, erp_reads, levels, products
from passerelle.testing.erp_variants import ErpVariants
from passerelle.testing.faults import READ, Fault
from passerelle.testing.harness import ErpHarness, assert_nothing_leaks, failure, injected, needs, refused_as_missing


class ErpContract(ErpReading, ErpVariants):
    """What every implementation of the port ErpSource owes. The fixture `harness` gives an ErpHarness."""

    # --- stock --------------------------------------------------------------------------------------------------

    def test_stock_is_summed_over_the_warehouses_named_and_no_other(self, harness: ErpHarness) -> None:
        harness.seed(LOADED)
        first, second = harness.warehouses
        for chosen, expected in (((first,), 5), ((second,), 7), ((first, second), 12)):
            assert levels(harness, *chosen)["A1"].on_hand == expected
        assert isinstance(levels(harness)["A1"].on_hand, Decimal)

    def test_a_warehouse_named_twice_counts_once(self, harness: ErpHarness) -> None:
        harness.seed(LOADED)
        first = harness.warehouses[0]
        number = next(one.id for one in harness.adapter.warehouses() if one.name.strip() == first.strip())
        assert levels(harness, first, first)["A1"].on_hand == levels(harness, first, number)["A1"].on_hand == 5

    def test_a_followed_article_without_a_row_is_zero(self, harness: ErpHarness) -> None:
        harness.seed(article("A1"), article("A2", stock=pieces(None, 3)))
        read = levels(harness)
        assert set(read) == {"A1", "A2"}
        assert all(level.followed and level.on_hand == 0 for level in read.values())

    def test_an_unfollowed_article_is_said_to_be_so(self, harness: ErpHarness) -> None:
        harness.seed(article("A1", followed=False))
        assert [level.followed for level in levels(harness).values()] == [False]

    def test_negative_and_broken_quantities_are_exact(self, harness: ErpHarness) -> None:
        harness.seed(article("A1", stock=(Decimal(-2), None)), article("A2", stock=(Decimal("1.25"), None)))
        assert {sku: level.on_hand for sku, level in levels(harness).items()} == {"A1": -2, "A2": Decimal("1.25")}

    def test_a_warehouse_that_is_unknown_or_missing_is_an_error_never_an_empty_sum(self, harness: ErpHarness) -> None:
        harness.seed(LOADED)
        first = harness.warehouses[0]
        failure(lambda: levels(harness, "Dépôt renommé"), families=(WarehouseUnknown,))
        failure(lambda: levels(harness, first, "Dépôt renommé"), families=(WarehouseUnknown,))
        nothing = StockQuery(warehouses=())
        failure(lambda: list(harness.adapter.stock(nothing)), families=(WarehouseMissing,))

    def test_the_stock_read_is_that_of_the_articles_read(self, harness: ErpHarness) -> None:
        harness.seed(*articles(harness.many))
        read, stock = products(harness), levels(harness)
        assert {sku: one.erp_id for sku, one in read.items()} == {sku: one.erp_id for sku, one in stock.items()}

    # --- documents ----------------------------------------------------------------------------------------------

    def test_documents_are_read_with_their_kind_and_lines(self, harness: ErpHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_READ)
        harness.seed(article("A1", stock=pieces(9)), article("A2", stock=pieces(9)))
        lines = {"A1": Decimal(2), "A2": Decimal("1.5")}
        kinds = (DocumentKind.QUOTATION, DocumentKind.ORDER, DocumentKind.DELIVERY, DocumentKind.INVOICE)
        for number, kind in enumerate(kinds):
            harness.seed_document(f"MD-{number}", kind=kind, lines=lines)
        read = {document.order_key: document for document in harness.adapter.documents("MD")}
        assert {key: document.kind for key, document in read.items()} == {
            f"MD-{number}": kind for number, kind in enumerate(kinds)
        }
        for document in read.values():
            assert document.number
            assert sorted(document.lines, key=lambda line: line.sku) == [
                DocumentLine("A1", Decimal(2)),
                DocumentLine("A2", Decimal("1.5")),
            ]

    def test_documents_of_other_profiles_are_not_read(self, harness: ErpHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_READ)
        harness.seed(article("A1", stock=pieces(9)))
        for key in ("MD-1", "MDX-2", "M-3", "XMD-4", "MD", ""):
            harness.seed_document(key, kind=DocumentKind.ORDER, lines={"A1": Decimal(1)})
        assert [document.order_key for document in harness.adapter.documents("MD")] == ["MD-1"]

    def test_many_documents_are_read_each_once(self, harness: ErpHarness) -> None:
        needs(harness.adapter.manifest, Capability.DOCUMENTS_READ)
        harness.seed(article("A1", stock=pieces(9)))
        keys = [f"MD-{number}" for number in range(harness.many)]
        for key in keys:
            harness.seed_document(key, kind=DocumentKind.ORDER, lines={"A1": Decimal(1)})
        assert sorted(document.order_key for document in harness.adapter.documents("MD")) == sorted(keys)

    # --- failures -----------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("fault", READ)
    def test_a_failed_read_is_an_error_of_its_family(self, harness: ErpHarness, fault: Fault) -> None:
        harness.seed(LOADED)
        for read in erp_reads(harness).values():
            with injected(harness, fault):
                failure(read, families=READ[fault])
        assert set(products(harness)) == {"A1"}

    def test_a_failure_between_two_pages_is_an_error_not_an_end(self, harness: ErpHarness) -> None:
        harness.seed(*articles(harness.many))
        stock = StockQuery(warehouses=harness.warehouses)
        for pages in (harness.adapter.products(ProductQuery()), harness.adapter.stock(stock)):
            assert next(pages)
            with injected(harness, Fault.TIMEOUT):
                failure(lambda pages=pages: list(pages), families=READ[Fault.TIMEOUT])  # type: ignore[misc]

    @pytest.mark.parametrize("fault", READ)
    def test_no_secret_shows_in_an_error_or_in_the_log(self, harness: ErpHarness, fault: Fault) -> None:
        if not harness.secret:
            pytest.skip(f"{harness.adapter.manifest.name} has no secret")
        for read in [*erp_reads(harness).values(), harness.adapter.check]:
            assert_nothing_leaks(harness, fault, read)

    def test_no_secret_shows_in_what_check_finds(self, harness: ErpHarness) -> None:
        if not harness.secret:
            pytest.skip(f"{harness.adapter.manifest.name} has no secret")
        assert harness.secret not in repr(harness.adapter.check())

    def test_what_is_not_declared_is_refused(self, harness: ErpHarness) -> None:
        erp = harness.adapter
        calls: dict[Capability, Callable[[], object]] = {
            Capability.PRODUCTS_READ: lambda: list(erp.products(ProductQuery())),
            Capability.STOCK_READ: lambda: list(erp.stock(StockQuery(warehouses=harness.warehouses))),
            Capability.DOCUMENTS_READ: lambda: list(erp.documents("MD")),
        }
        for capability in calls.keys() - erp.manifest.capabilities:
            refused_as_missing(calls[capability], what=str(capability))
