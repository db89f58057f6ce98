"""What the memory ERP does beyond the contract: its documents, its arithmetic, its file, its failures on demand."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from passerelle.connectors.memory_erp.adapter import MemoryErp
from passerelle.connectors.memory_erp.client import MemoryErpData
from passerelle.connectors.memory_erp.config import MemoryErpConfig
from passerelle.domain.orders import SalesDocument, SalesLine
from passerelle.domain.pricing import Price
from passerelle.domain.stock import DocumentKind, StockLevel
from passerelle.errors import NotThisSystem, Unavailable, WriteUnanswered
from passerelle.ports.erp import ProductQuery, StockQuery
from passerelle.testing.builders import sales_document
from passerelle.testing.clock import HeldClock
from passerelle.testing.erp_sink import BUYER, nothing


@dataclass
class Company:
    data: MemoryErpData
    erp: MemoryErp

    def level(self, sku: str = "A1") -> StockLevel:
        pages = self.erp.stock(StockQuery(warehouses=("Principal", "Réserve")))
        return {record.key: record.read() for page in pages for record in page}[sku]


@pytest.fixture
def company() -> Company:
    data = MemoryErpData()
    data.add_article("A1", stock={"1": 10, "2": 5}, fields={"brand": "Facom", "family": "VIS"})
    data.add_article("A2", stock={"1": 3}, fields={"family": "SERVICE"})
    return Company(data, MemoryErp(MemoryErpConfig(), clock=HeldClock(), data=data))


def test_documents_move_the_counter_of_their_kind(company: Company) -> None:
    company.erp.place(sales_document("MD-1", skus=("A1",), tax_code="C20"), handing_over=nothing)
    assert (company.level().on_hand, company.level().reserved) == (15, 1)
    company.data.transform("MD-1", DocumentKind.PICKING)
    assert (company.level().reserved, company.level().prepared) == (0, 1)
    company.data.transform("MD-1", DocumentKind.INVOICE)
    assert (company.level().on_hand, company.level().prepared) == (14, 0)
    company.data.delete_document("MD-1")
    assert company.level().on_hand == 15


def with_variants(company: Company) -> tuple[int, int]:
    article = company.data.add_article("GANT", options=["Taille"], price=Decimal(5))
    large = company.data.add_variant(
        article, "L", price=Decimal(6), category_prices={"Professionnels": (Decimal(4), True)}, stock={"1": 8}
    )
    return large, company.data.add_variant(article, "XL", sku="GANT-EXTRA", stock={"1": 9})


def test_a_document_moves_the_stock_of_its_variant_alone(company: Company) -> None:
    with_variants(company)
    order = sales_document("MD-1", skus=("GANT-EXTRA", "GANT-EXTRA"), tax_code="C20", kind=DocumentKind.DELIVERY)
    company.erp.place(order, handing_over=nothing)
    pages = company.erp.stock(StockQuery(warehouses=("Principal",), variants=True))
    levels = {record.key: record.read().on_hand for page in pages for record in page}
    assert levels == {"A1": 10, "A2": 3, "GANT-L": 8, "GANT-EXTRA": 7}


def test_a_variant_s_price_is_that_of_the_category_else_its_own_else_the_article_s(company: Company) -> None:
    with_variants(company)

    def prices(**query: str) -> list[Price | None]:
        pages = company.erp.products(ProductQuery(variants=True, only="GANT", **query))
        return [variant.price for page in pages for record in page for variant in record.read().variants]

    assert prices() == prices(base_price="1") == [Price(Decimal(6), False), None]
    assert prices(base_price="Professionnels") == prices(variant_prices="2") == [Price(Decimal(4), True), None]


def test_variants_and_their_stock_are_kept_in_the_file(tmp_path: Path) -> None:
    data = MemoryErpData(path=tmp_path / "erp.json")
    company = Company(data, MemoryErp(MemoryErpConfig(), clock=HeldClock(), data=data))
    large, extra = with_variants(company)
    data.articles[large - 1].variants[1].asleep = True
    data.save()
    again = MemoryErp(MemoryErpConfig(path=str(tmp_path / "erp.json")), clock=HeldClock())
    query = StockQuery(warehouses=("Principal",), variants=True)
    found = [(one.key, one.erp_id, one.read().on_hand) for page in again.stock(query) for one in page]
    assert found == [("GANT-L", str(large), 8)]
    assert extra == large + 1


def test_a_quotation_moves_nothing(company: Company) -> None:
    before = company.level()
    quotation = sales_document("MD-1", skus=("A1",), tax_code="C20", kind=DocumentKind.QUOTATION)
    company.erp.place(quotation, handing_over=nothing)
    assert company.level() == before


def test_placing_a_document_twice_moves_the_stock_once(company: Company) -> None:
    document = sales_document("MD-1", skus=("A1",), tax_code="C20")
    company.erp.place(document, handing_over=nothing)
    company.erp.place(document, handing_over=nothing)
    assert company.level().reserved == 1


def lines(*prices: str, tax_included: bool, tax_code: str = "C20", discount: str = "0") -> SalesDocument:
    made = tuple(
        SalesLine(
            sku="A1",
            label="",
            quantity=Decimal(3),
            unit_price=Decimal(price),
            tax_included=tax_included,
            tax_code=tax_code,
            discount=Decimal(discount),
        )
        for price in prices
    )
    return msgspec.structs.replace(sales_document("MD-1", skus=("A1",), tax_code="C20"), lines=made)


def test_lines_are_rounded_each_and_vat_once_at_the_foot(company: Company) -> None:
    totals = company.erp.price(lines("0.335", "0.335", tax_included=False))
    assert totals.by_tax == {"C20": (Decimal("2.02"), Decimal("0.40"))}
    assert totals.total == Decimal("2.42")


def test_lines_incl_vat_keep_their_total(company: Company) -> None:
    totals = company.erp.price(lines("9.99", tax_included=True, tax_code="C55"))
    assert totals.total == Decimal("29.97")
    assert totals.by_tax == {"C55": (Decimal("28.41"), Decimal("1.56"))}


def test_a_discount_is_taken_before_rounding(company: Company) -> None:
    assert company.erp.price(lines("10.00", tax_included=False, discount="33.333")).total == Decimal("24.00")


@pytest.mark.parametrize(
    ("condition", "found"), [("family = 'VIS'", {"A1"}), ("family <> 'SERVICE'", {"A1"}), ("sku = 'A2'", {"A2"})]
)
def test_a_filter_is_one_comparison(company: Company, condition: str, found: set[str]) -> None:
    pages = company.erp.products(ProductQuery(filter=condition))
    assert {record.key for page in pages for record in page} == found


def test_a_price_category_is_used_where_the_article_has_one(company: Company) -> None:
    company.data.articles[1].price = Decimal(10)
    company.data.articles[1].category_prices = {"Professionnels": (Decimal(8), True)}
    for chosen, expected in (("article", 10), ("Public", 10), ("Professionnels", 8), ("2", 8)):
        pages = company.erp.products(ProductQuery(base_price=chosen, only="A1"))
        [price] = [record.read().price for page in pages for record in page]
        assert price is not None
        assert price.amount == expected


def test_a_record_reads_as_it_was_when_its_page_was_read(company: Company) -> None:
    [record, *_] = next(company.erp.products(ProductQuery()))
    company.data.articles[1].label = "changed since"
    assert record.read().label == "Article A1"


def test_a_reference_that_is_there_twice_is_read_twice(company: Company) -> None:
    company.data.add_article("A1")
    pages = company.erp.products(ProductQuery(only="A1"))
    assert [(record.key, record.erp_id) for page in pages for record in page] == [("A1", "1"), ("A1", "3")]


def test_a_page_can_fail_after_one_that_went_well(company: Company) -> None:
    company.data.page_size = 1
    company.data.fail("products", "other", skip=1)
    pages = company.erp.products(ProductQuery())
    assert [record.key for record in next(pages)] == ["A1"]
    with pytest.raises(NotThisSystem):
        next(pages)


def test_a_document_can_be_placed_without_an_answer_or_not_at_all(company: Company) -> None:
    document = sales_document("MD-1", skus=("A1",), tax_code="C20")
    company.data.fail("place", "unavailable")
    with pytest.raises(Unavailable):
        company.erp.place(document, handing_over=nothing)
    assert company.erp.find_document("MD-1") is None
    company.data.fail("place", "lost", committed=True)
    with pytest.raises(WriteUnanswered):
        company.erp.place(document, handing_over=nothing)
    assert company.erp.find_document("MD-1") is not None


def test_hooks_see_each_call(company: Company) -> None:
    seen: list[str] = []
    company.data.before.append(seen.append)
    company.data.after.append(lambda call: seen.append(f"after {call}"))
    company.erp.currency()
    assert seen == ["currency", "after currency"]


def test_two_adapters_on_one_file_are_one_company(tmp_path: Path) -> None:
    config = MemoryErpConfig(path=str(tmp_path / "erp.json"))
    first, second = (MemoryErp(config, clock=HeldClock()) for _ in range(2))
    category = first.data.add_category("Outils", "Vis")
    first.data.add_article("A1", price=Decimal("12.345678"), stock={"1": 4}, category=category)
    second.place(sales_document("MD-1", skus=("A1",), tax_code="C20"), handing_over=nothing)
    assert [document.order_key for document in first.documents("MD")] == ["MD-1"]
    assert MemoryErpData(path=tmp_path / "erp.json").state == second.data.state
    [product] = [record.read() for page in second.products(ProductQuery()) for record in page]
    assert product.price is not None
    assert product.price.amount == Decimal("12.345678")
    assert [one.key for one in product.categories] == ["Outils", "Outils/Vis"]


def test_a_document_that_goes_on_gets_a_new_number_and_keeps_its_total(company: Company) -> None:
    first = company.erp.place(sales_document("MD-1", skus=("A1",), tax_code="C20"), handing_over=nothing)
    company.data.transform("MD-1", DocumentKind.DELIVERY)
    found = company.erp.find_document("MD-1")
    assert found is not None
    assert (found.number[:2], found.origins, found.total) == ("BL", (first,), Decimal("12.00"))


def test_a_delivery_made_of_two_orders_carries_the_key_of_one(company: Company) -> None:
    numbers = [
        company.erp.place(sales_document(key, skus=(sku,), tax_code="C20"), handing_over=nothing)
        for key, sku in (("MD-1", "A1"), ("MD-2", "A2"))
    ]
    company.data.merge("MD-1", "MD-2", DocumentKind.DELIVERY)
    assert company.erp.find_document("MD-2") is None
    found = company.erp.successors(numbers)
    assert [[one.order_key for one in found[number]] for number in numbers] == [["MD-1"], ["MD-1"]]
    assert [line.sku for line in found[numbers[1]][0].lines] == ["A1", "A2"]


def test_what_the_erp_refuses_is_said_and_never_handed_over_again(company: Company) -> None:
    company.erp.later = True
    order = sales_document("MD-1", skus=("A1",), tax_code="C20")
    assert company.erp.place(order, handing_over=nothing) == ""
    company.data.refuse("MD-1", "period closed")
    assert company.erp.refusal("MD-1") == "period closed"
    assert company.erp.place(order, handing_over=nothing) == ""
    company.data.take()
    assert company.erp.find_document("MD-1") is None


def test_what_fails_before_the_hand_over_was_surely_not_done(company: Company) -> None:
    company.erp.later = True
    company.data.fail("place_customer.prepare", "lost", committed=True)
    with pytest.raises(Unavailable):
        company.erp.place_customer(BUYER, handing_over=nothing)
    company.data.take()
    assert company.erp.find_customers(code=BUYER.code) == []
