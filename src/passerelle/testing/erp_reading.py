"""Obligations of an ERP connector: what its articles are read as."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from passerelle.domain.catalogue import Product
from passerelle.domain.stock import StockLevel
from passerelle.errors import (
    FieldUnknown,
    FilterInvalid,
    PriceCategoryUnknown,
    RecordError,
)
from passerelle.ports.erp import ProductQuery, Record, StockQuery
from passerelle.ports.manifest import Capability
from passerelle.testing.builders import ArticleSeed, article, articles, pieces
from passerelle.testing.harness import (
    ErpHarness,
    can,
    failure,
)
from passerelle.testing.hostile import PRICES, REFERENCES, TEXTS

T = TypeVar("T")

LOADED = article(
    "A1",
    label="Écrou & vis <8 µm>",
    price=Decimal("12.345678"),
    gtin="3250000000014",
    weight=Decimal("0.350"),
    category=("Outillage", "Vis"),
    stock=pieces(5, 7),
)
CHANGES: dict[str, dict[str, Any]] = {
    "label": {"label": "Autre"},
    "price": {"price": Decimal("12.345679")},
    "tax basis": {"tax_included": True},
    "VAT": {"tax_rate": Decimal(10)},
    "barcode": {"gtin": "3250000000021"},
    "weight": {"weight": Decimal("0.351")},
    "category": {"category": ("Outillage", "Clous")},
    "parent category": {"category": ("Jardin", "Vis")},
    "followed": {"followed": False},
}


def changed(seed: ArticleSeed, **changes: Any) -> ArticleSeed:
    """The same article with other values."""
    return ArticleSeed(**{**{name: getattr(seed, name) for name in seed.__struct_fields__}, **changes})


def flat(pages: Iterator[list[Record[T]]]) -> list[Record[T]]:
    """All records of all pages."""
    return [record for page in pages for record in page]


def products(harness: ErpHarness, **query: Any) -> dict[str, Product]:
    """Articles in scope, mapped, by reference; none twice."""
    records = flat(harness.adapter.products(ProductQuery(**query)))
    assert len({record.erp_id for record in records}) == len(records)
    return {record.key: record.read() for record in records}


def levels(harness: ErpHarness, *warehouses: str, **query: Any) -> dict[str, StockLevel]:
    """Stock by reference, over the first warehouse unless others are named."""
    chosen = warehouses or harness.warehouses[:1]
    records = flat(harness.adapter.stock(StockQuery(warehouses=chosen, **query)))
    assert len({record.erp_id for record in records}) == len(records)
    return {record.key: record.read() for record in records}


def digests(harness: ErpHarness) -> dict[str, bytes]:
    """Digest of each article by reference."""
    return {record.key: record.digest for record in flat(harness.adapter.products(ProductQuery()))}


def stock_digests(harness: ErpHarness) -> dict[str, bytes]:
    """Digest of the stock of each article over both warehouses, by reference."""
    pages = harness.adapter.stock(StockQuery(warehouses=harness.warehouses))
    return {record.key: record.digest for record in flat(pages)}


def erp_reads(harness: ErpHarness) -> dict[str, Callable[[], object]]:
    """Every reading call of the port, by name."""
    erp = harness.adapter
    calls: dict[str, Callable[[], object]] = {
        "currency": erp.currency,
        "warehouses": erp.warehouses,
        "price_categories": erp.price_categories,
        "products": lambda: products(harness),
        "count": lambda: erp.count(ProductQuery()),
        "stock": lambda: levels(harness),
    }
    if Capability.DOCUMENTS_READ in erp.manifest.capabilities:
        calls["documents"] = lambda: list(erp.documents("MD"))
    return calls


class ErpReading:
    """Articles are read exactly, each once, and reading changes nothing."""

    # --- reading changes nothing --------------------------------------------------------------------------------

    def test_check_changes_nothing(self, harness: ErpHarness) -> None:
        harness.seed(LOADED)
        before = harness.stored()
        harness.adapter.check()
        assert harness.stored() == before

    def test_reading_changes_nothing(self, harness: ErpHarness) -> None:
        harness.seed(LOADED)
        before = harness.stored()
        for read in [*erp_reads(harness).values(), harness.adapter.fields]:
            read()
        assert harness.stored() == before

    def test_empty_is_empty(self, harness: ErpHarness) -> None:
        assert products(harness) == {}
        assert harness.adapter.count(ProductQuery()) == 0
        assert levels(harness) == {}
        if Capability.DOCUMENTS_READ in harness.adapter.manifest.capabilities:
            assert list(harness.adapter.documents("MD")) == []

    # --- articles -----------------------------------------------------------------------------------------------

    def test_an_article_is_read_as_the_erp_holds_it(self, harness: ErpHarness) -> None:
        harness.seed(LOADED)
        read = products(harness)["A1"]
        assert (read.sku, read.label, read.gtin) == (LOADED.sku, LOADED.label, LOADED.gtin)
        assert read.weight == LOADED.weight
        assert [next(iter(category.names.values())) for category in read.categories] == ["Outillage", "Vis"]
        assert [category.parent for category in read.categories] == [None, read.categories[0].key]
        assert read.tax is not None
        assert read.tax.rate == 20
        assert read.followed
        assert not read.has_variants

    def test_an_article_with_nothing_filled_is_read_with_nothing(self, harness: ErpHarness) -> None:
        harness.seed(article("A1", tax_rate=None, price=Decimal(0), followed=False))
        read = products(harness)["A1"]
        assert (read.gtin, read.weight, read.categories, read.tax) == ("", None, (), None)
        assert read.price is None or read.price.amount == 0
        assert not read.followed

    @pytest.mark.parametrize("amount", PRICES)
    @pytest.mark.parametrize("tax_included", [False, True])
    def test_a_price_is_an_exact_decimal(self, harness: ErpHarness, amount: Decimal, tax_included: bool) -> None:
        can(harness.seed, article("A1", price=amount, tax_included=tax_included))
        price = products(harness)["A1"].price
        assert price is not None
        assert isinstance(price.amount, Decimal)
        assert (price.amount, price.tax_included) == (amount, tax_included)

    def test_the_profile_can_say_whether_prices_include_vat(self, harness: ErpHarness) -> None:
        harness.seed(article("A1", tax_included=False))
        price = products(harness, tax_included=True)["A1"].price
        assert price is not None
        assert price.tax_included

    @pytest.mark.parametrize("rate", ["20", "10", "5.5"])
    def test_a_vat_rate_is_an_exact_decimal(self, harness: ErpHarness, rate: str) -> None:
        harness.seed(article("A1", tax_rate=Decimal(rate)))
        tax = products(harness)["A1"].tax
        assert tax is not None
        assert isinstance(tax.rate, Decimal)
        assert tax.rate == Decimal(rate)

    @pytest.mark.parametrize("label", TEXTS)
    def test_a_hostile_label_is_read_as_it_is(self, harness: ErpHarness, label: str) -> None:
        can(harness.seed, article("A1", label=label))
        assert products(harness)["A1"].label == label

    @pytest.mark.parametrize("reference", REFERENCES)
    def test_an_odd_reference_is_text_and_finds_itself_alone(self, harness: ErpHarness, reference: str) -> None:
        can(harness.seed, article(reference, stock=pieces(4)))
        harness.seed(article("ORDINARY"))
        assert set(products(harness)) == {reference, "ORDINARY"}
        assert [one.sku for one in products(harness, only=reference).values()] == [reference]
        assert [one.on_hand for one in levels(harness, only=reference).values()] == [4]
        assert products(harness, only=f"{reference}?") == {}

    def test_each_article_is_read_once_while_others_arrive(self, harness: ErpHarness) -> None:
        seeds = articles(harness.many)
        harness.seed(*seeds)
        read: list[str] = []
        for number, page in enumerate(harness.adapter.products(ProductQuery())):
            read += [record.key for record in page]
            if number < 2:
                harness.seed(*articles(1, start=harness.many + number + 1))
        assert len(read) == len(set(read))
        assert {seed.sku for seed in seeds} <= set(read)

    def test_the_stock_of_each_article_is_read_once_while_others_arrive(self, harness: ErpHarness) -> None:
        seeds = articles(harness.many)
        harness.seed(*seeds)
        read: dict[str, Decimal] = {}
        for number, page in enumerate(harness.adapter.stock(StockQuery(warehouses=harness.warehouses[:1]))):
            assert not read.keys() & {record.key for record in page}
            read |= {record.key: record.read().on_hand for record in page}
            if number < 2:
                harness.seed(*articles(1, start=harness.many + number + 1))
        assert {seed.sku: seed.stock[0] for seed in seeds}.items() <= read.items()

    def test_dormant_unpublished_and_deleted_articles_are_not_read(self, harness: ErpHarness) -> None:
        harness.seed(article("A1"), article("OUT"), article("OFF", published=False), article("ASLEEP", dormant=True))
        harness.delete("OUT")
        assert set(products(harness)) == set(levels(harness)) == {"A1"}
        assert set(products(harness, published_only=False)) == {"A1", "OFF"}
        assert set(levels(harness, published_only=False)) == {"A1", "OFF"}

    def test_an_article_that_leaves_the_scope_is_no_longer_read(self, harness: ErpHarness) -> None:
        harness.seed(article("A1"), article("A2"))
        assert set(products(harness)) == {"A1", "A2"}
        harness.seed(article("A2", dormant=True))
        assert set(products(harness)) == {"A1"}

    def test_the_count_is_what_is_read(self, harness: ErpHarness) -> None:
        harness.seed(*articles(harness.many), article("OFF", published=False), article("ASLEEP", dormant=True))
        for published_only in (True, False):
            query = ProductQuery(published_only=published_only)
            assert harness.adapter.count(query) == len(flat(harness.adapter.products(query)))
        assert harness.adapter.count(ProductQuery()) == harness.many

    def test_every_field_offered_can_be_asked(self, harness: ErpHarness) -> None:
        harness.seed(LOADED)
        offered = harness.adapter.fields()
        assert offered
        assert len(offered) == len(set(offered))
        fields = products(harness, fields=frozenset(offered))["A1"].fields
        assert set(fields) == set(offered)
        assert all(isinstance(text, str) for text in fields.values())

    def test_every_price_category_offered_can_be_asked(self, harness: ErpHarness) -> None:
        harness.seed(LOADED)
        for number, name in enumerate(harness.adapter.price_categories(), start=1):
            assert set(products(harness, base_price=name)) == {"A1"}
            assert set(products(harness, base_price=str(number))) == {"A1"}

    def test_what_the_erp_does_not_have_is_an_error_before_the_first_page(self, harness: ErpHarness) -> None:
        erp = harness.adapter
        failure(lambda: list(erp.products(ProductQuery(fields=frozenset({"NoSuchField"})))), families=(FieldUnknown,))
        failure(lambda: list(erp.products(ProductQuery(base_price="Inconnue"))), families=(PriceCategoryUnknown,))
        failure(lambda: list(erp.products(ProductQuery(base_price="9999"))), families=(PriceCategoryUnknown,))

    @pytest.mark.parametrize("condition", ["NoSuchColumn = 'x'", "; drop table articles", "(", "1 = 1; 2 = 2"])
    def test_a_filter_that_is_not_one_condition_is_refused(self, harness: ErpHarness, condition: str) -> None:
        erp, chosen = harness.adapter, harness.warehouses
        query = ProductQuery(filter=condition)
        stock = StockQuery(warehouses=chosen, filter=condition)
        for read in (lambda: erp.products(query), lambda: erp.count(query), lambda: erp.stock(stock)):
            failure(read, families=(FilterInvalid,))  # before anything is read

    def test_a_filter_leaves_out_what_it_says_and_nothing_else(self, harness: ErpHarness) -> None:
        harness.seed(*articles(harness.many), article("OUT"), article("OFF", published=False))
        condition = harness.filter_without("OUT")
        kept = set(products(harness)) - {"OUT"}
        assert set(products(harness, filter=condition)) == set(levels(harness, filter=condition)) == kept
        assert harness.adapter.count(ProductQuery(filter=condition)) == len(kept) == harness.many
        for sku in ("OUT", "OFF"):
            assert products(harness, filter=condition, only=sku) == {}
            assert harness.adapter.count(ProductQuery(filter=condition, only=sku)) == 0

    def test_a_record_that_cannot_be_mapped_concerns_itself_alone(self, harness: ErpHarness) -> None:
        harness.seed(article("A1"), article("BROKEN"), article("A3"))
        can(harness.break_record, "BROKEN")
        records = {record.key: record for record in flat(harness.adapter.products(ProductQuery()))}
        assert set(records) == {"A1", "BROKEN", "A3"}
        assert records["BROKEN"].digest
        with pytest.raises(RecordError):
            records["BROKEN"].read()
        assert [records[key].read().sku for key in ("A1", "A3")] == ["A1", "A3"]

    # --- digests ------------------------------------------------------------------------------------------------

    def test_the_digest_of_an_unchanged_article_stays(self, harness: ErpHarness) -> None:
        harness.seed(LOADED, article("A2"))
        first = digests(harness)
        assert digests(harness) == first
        assert len(set(first.values())) == len(first)
        assert all(isinstance(digest, bytes) and len(digest) >= 16 for digest in first.values())

    @pytest.mark.parametrize("change", CHANGES)
    def test_the_digest_changes_with_the_article_and_with_no_other(self, harness: ErpHarness, change: str) -> None:
        harness.seed(LOADED, article("A2"))
        before = digests(harness)
        can(harness.seed, changed(LOADED, **CHANGES[change]))
        after = digests(harness)
        assert after["A1"] != before["A1"]
        assert after["A2"] == before["A2"]

    def test_the_digest_of_stock_changes_with_the_stock_of_its_article_alone(self, harness: ErpHarness) -> None:
        harness.seed(LOADED, article("A2", stock=pieces(1)))
        before = stock_digests(harness)
        assert stock_digests(harness) == before
        harness.seed(changed(LOADED, stock=pieces(5, 8)))
        after = stock_digests(harness)
        assert after["A1"] != before["A1"]
        assert after["A2"] == before["A2"]
