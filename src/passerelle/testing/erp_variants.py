"""Obligations of an ERP connector: what the variants of its articles are read as."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
import pytest

from passerelle.domain.catalogue import Product, Variant
from passerelle.domain.orders import DocumentLine
from passerelle.domain.pricing import Price
from passerelle.domain.stock import DocumentKind, StockLevel
from passerelle.errors import PriceCategoryUnknown
from passerelle.ports.erp import ProductQuery, Record, StockQuery
from passerelle.ports.manifest import Capability
from passerelle.testing.builders import ArticleSeed, VariantSeed, article, pieces
from passerelle.testing.harness import ErpHarness, can, failure, needs, refused_as_missing
from passerelle.testing.hostile import PRICES, REFERENCES, TEXTS

T = TypeVar("T")

FIRST = VariantSeed(values=("40", "Noir"), sku="SECU-40N", gtin="3250000000014", price=Decimal("61.123456"))
OTHER = VariantSeed(values=("40", "Châtaigne"), stock=pieces(3, 4))
ASLEEP = VariantSeed(values=("41", "Noir"), sku="SECU-41N", asleep=True, stock=pieces(9, 9))
RANGED = article(
    "SECU",
    label="Chaussure de sécurité",
    price=Decimal("59.90"),
    options=("Pointure", "Couleur"),
    variants=(msgspec.structs.replace(FIRST, stock=pieces(5, 7)), OTHER, ASLEEP),
)
SINGLE = article("GANT", options=("Taille",), variants=(VariantSeed(values=("L",)), VariantSeed(values=("XL",))))
CHANGES: dict[str, dict[str, Any]] = {
    "its price": {"price": Decimal("61.123457")},
    "no price any more": {"price": None},
    "its barcode": {"gtin": "3250000000021"},
    "its reference": {"sku": "SECU-40-NOIR"},
    "no reference any more": {"sku": ""},
    "asleep": {"asleep": True},
}


def with_variants(seed: ArticleSeed, *variants: VariantSeed) -> ArticleSeed:
    """The same article with other variants."""
    return msgspec.structs.replace(seed, variants=variants)


def flat(pages: Iterator[list[Record[T]]]) -> list[Record[T]]:
    """All records of all pages; none twice."""
    records = [record for page in pages for record in page]
    assert len({record.erp_id for record in records}) == len(records)
    return records


def products(harness: ErpHarness, **query: Any) -> dict[str, Product]:
    """Articles in scope with their variants, by reference."""
    records = flat(harness.adapter.products(ProductQuery(**{"variants": True, **query})))
    return {record.key: record.read() for record in records}


def variants(harness: ErpHarness, sku: str, **query: Any) -> list[Variant]:
    """The variants of one article."""
    return list(products(harness, **query)[sku].variants)


def stock_records(harness: ErpHarness, *warehouses: str, **query: Any) -> list[Record[StockLevel]]:
    """Stock by variant, over both warehouses unless they are named."""
    chosen = warehouses or harness.warehouses
    return flat(harness.adapter.stock(StockQuery(**{"warehouses": chosen, "variants": True, **query})))


def digests(harness: ErpHarness) -> dict[str, bytes]:
    """Digest of each article with its variants, by reference."""
    return {record.key: record.digest for record in flat(harness.adapter.products(ProductQuery(variants=True)))}


class ErpVariants:
    """Each article gives the variants that are sold, and the stock is that of each of them."""

    def test_variants_are_read_as_the_erp_holds_them(self, harness: ErpHarness) -> None:
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        harness.seed(RANGED, SINGLE)
        first, other = variants(harness, "SECU")
        assert (first.sku, first.gtin, first.price) == ("SECU-40N", FIRST.gtin, Price(Decimal("61.123456"), False))
        assert first.options == (("Pointure", "40"), ("Couleur", "Noir"))
        assert (other.gtin, other.price) == ("", None)
        assert other.options == (("Pointure", "40"), ("Couleur", "Châtaigne"))
        single = variants(harness, "GANT")
        assert [one.options for one in single] == [(("Taille", "L"),), (("Taille", "XL"),)]
        every = [first, other, *single]
        assert len({one.sku for one in every} - {"", "SECU", "GANT"}) == len({one.erp_id for one in every}) == 4
        assert all(one.has_variants for one in products(harness).values())

    @pytest.mark.parametrize("value", TEXTS)
    def test_a_hostile_value_is_read_as_it_is(self, harness: ErpHarness, value: str) -> None:
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        can(harness.seed, with_variants(SINGLE, VariantSeed(values=(value,)), VariantSeed(values=("XL",))))
        found = variants(harness, "GANT")
        assert [one.options for one in found] == [(("Taille", value),), (("Taille", "XL"),)]
        assert harness.adapter.count(ProductQuery(only=found[0].sku)) == 1

    @pytest.mark.parametrize("reference", REFERENCES)
    def test_an_odd_reference_of_a_variant_is_text_and_is_known(self, harness: ErpHarness, reference: str) -> None:
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        can(harness.seed, with_variants(SINGLE, VariantSeed(values=("L",), sku=reference, stock=pieces(4))))
        assert [one.sku for one in variants(harness, "GANT")] == [reference]
        (record,) = stock_records(harness)
        assert (record.key, record.read().sku) == (reference, reference)
        assert record.read().on_hand == 4
        count = harness.adapter.count
        assert [count(ProductQuery(only=sku)) for sku in (reference, "GANT", f"{reference}?")] == [1, 1, 0]

    @pytest.mark.parametrize("amount", PRICES)
    @pytest.mark.parametrize("tax_included", [False, True])
    def test_a_variant_s_price_is_an_exact_decimal_on_its_article_s_basis(
        self, harness: ErpHarness, amount: Decimal, tax_included: bool
    ) -> None:
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        seed = with_variants(SINGLE, VariantSeed(values=("L",), price=amount))
        harness.seed(msgspec.structs.replace(seed, tax_included=tax_included))
        (found,) = variants(harness, "GANT")
        assert found.price == Price(amount, tax_included)
        assert isinstance(found.price.amount, Decimal)
        (found,) = variants(harness, "GANT", tax_included=not tax_included)
        assert found.price == Price(amount, not tax_included)

    def test_prices_of_variants_are_not_read_where_nobody_wants_them(self, harness: ErpHarness) -> None:
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        harness.seed(RANGED)
        assert [one.price for one in variants(harness, "SECU", prices=False)] == [None, None]

    def test_a_price_category_of_variants_that_is_unknown_is_an_error_at_once(self, harness: ErpHarness) -> None:
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        query = ProductQuery(variants=True, variant_prices="Inconnue")
        failure(lambda: harness.adapter.products(query), families=(PriceCategoryUnknown,))
        for number, name in enumerate(harness.adapter.price_categories(), start=1):
            assert products(harness, variant_prices=name) == products(harness, variant_prices=str(number))

    def test_a_variant_asleep_is_nowhere(self, harness: ErpHarness) -> None:
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        harness.seed(RANGED)
        skus = [one.sku for one in variants(harness, "SECU")]
        assert len(skus) == 2
        assert "SECU-41N" not in skus
        assert [one.key for one in stock_records(harness)] == skus
        assert harness.adapter.count(ProductQuery(only="SECU-41N")) == 0
        harness.seed(with_variants(RANGED, ASLEEP))
        assert products(harness)["SECU"].has_variants
        assert stock_records(harness) == []
        assert variants(harness, "SECU") == []

    def test_variants_of_articles_out_of_scope_are_out_of_scope(self, harness: ErpHarness) -> None:
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        harness.seed(msgspec.structs.replace(RANGED, published=False))
        assert products(harness) == {}
        assert stock_records(harness) == []
        assert harness.adapter.count(ProductQuery(only="SECU-40N")) == 0
        assert harness.adapter.count(ProductQuery(only="SECU-40N", published_only=False)) == 1
        kept = harness.filter_without("SECU")
        assert harness.adapter.count(ProductQuery(only="SECU-40N", published_only=False, filter=kept)) == 0

    def test_only_gives_an_article_with_its_variants(self, harness: ErpHarness) -> None:
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        harness.seed(RANGED, SINGLE, article("PLAIN"))
        found = products(harness, only="SECU")
        assert found == {"SECU": products(harness)["SECU"]}
        skus = [one.sku for one in found["SECU"].variants]
        assert [one.key for one in stock_records(harness, only="SECU")] == skus

    def test_without_asking_there_are_no_variants(self, harness: ErpHarness) -> None:
        harness.seed(RANGED)
        found = products(harness, variants=False)["SECU"]
        assert (found.has_variants, found.variants) == (True, ())
        (level,) = (one.read() for one in stock_records(harness, variants=False))
        assert (level.sku, level.erp_id, level.has_variants) == ("SECU", found.erp_id, True)

    def test_asking_for_variants_changes_nothing_for_articles_without(self, harness: ErpHarness) -> None:
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        seeds = [article(f"A{number}", stock=pieces(number)) for number in range(harness.many)]
        harness.seed(*seeds, RANGED)
        plain, asked = products(harness, variants=False), products(harness)
        assert {sku: one for sku, one in asked.items() if sku != "SECU"} == {
            sku: one for sku, one in plain.items() if sku != "SECU"
        }
        levels = {one.key: one.read() for one in stock_records(harness, variants=False)}
        by_variant = {one.key: one.read() for one in stock_records(harness)}
        assert {seed.sku: levels[seed.sku] for seed in seeds}.items() <= by_variant.items()
        assert len(by_variant) == harness.many + 2

    # --- digests ------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("change", CHANGES)
    def test_the_digest_changes_with_a_variant_and_not_otherwise(self, harness: ErpHarness, change: str) -> None:
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        harness.seed(RANGED, SINGLE)
        before = digests(harness)
        assert digests(harness) == before
        harness.seed(with_variants(RANGED, msgspec.structs.replace(FIRST, **CHANGES[change]), OTHER, ASLEEP))
        after = digests(harness)
        assert after["SECU"] != before["SECU"]
        assert after["GANT"] == before["GANT"]

    def test_the_digest_changes_with_the_variants_there_are(self, harness: ErpHarness) -> None:
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        seen = []
        for seeds in ((FIRST,), (FIRST, OTHER), (OTHER,)):
            harness.seed(with_variants(RANGED, *seeds))
            seen.append(digests(harness)["SECU"])
        assert len(set(seen)) == 3

    # --- stock and documents ------------------------------------------------------------------------------------

    def test_stock_is_that_of_each_variant_over_the_warehouses_named(self, harness: ErpHarness) -> None:
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        third = VariantSeed(values=("41", "Châtaigne"))
        harness.seed(with_variants(RANGED, *RANGED.variants, third))
        ids = {one.sku: one.erp_id for one in variants(harness, "SECU")}
        first, second = harness.warehouses
        for chosen, expected in (((first,), [5, 3, 0]), ((second,), [7, 4, 0]), ((first, second), [12, 7, 0])):
            records = stock_records(harness, *chosen)
            assert {one.key: one.erp_id for one in records} == ids
            levels = [one.read() for one in records]
            assert [one.on_hand for one in levels] == expected
            assert all(one.followed and not one.has_variants for one in levels)

    def test_an_unfollowed_article_has_unfollowed_variants(self, harness: ErpHarness) -> None:
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        harness.seed(msgspec.structs.replace(SINGLE, followed=False))
        assert [one.read().followed for one in stock_records(harness)] == [False, False]

    def test_the_digest_of_stock_changes_with_that_of_its_variant_alone(self, harness: ErpHarness) -> None:
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        harness.seed(RANGED)
        before = [one.digest for one in stock_records(harness)]
        assert [one.digest for one in stock_records(harness)] == before
        harness.seed(with_variants(RANGED, msgspec.structs.replace(FIRST, stock=pieces(5, 8)), OTHER, ASLEEP))
        after = [one.digest for one in stock_records(harness)]
        assert [old != new for old, new in zip(before, after, strict=True)] == [True, False]

    def test_a_document_line_of_a_variant_bears_the_variant_s_reference(self, harness: ErpHarness) -> None:
        needs(harness.adapter.manifest, Capability.VARIANTS_READ)
        needs(harness.adapter.manifest, Capability.DOCUMENTS_READ)
        harness.seed(RANGED, article("PLAIN", stock=pieces(9)))
        skus = [*(one.sku for one in variants(harness, "SECU")), "PLAIN"]
        harness.seed_document("MD-1", kind=DocumentKind.ORDER, lines={sku: Decimal(2) for sku in skus})
        (document,) = harness.adapter.documents("MD")
        assert list(document.lines) == [DocumentLine(sku, Decimal(2)) for sku in skus]

    def test_variants_that_are_not_declared_are_refused(self, harness: ErpHarness) -> None:
        erp = harness.adapter
        if Capability.VARIANTS_READ not in erp.manifest.capabilities:
            query, stock = ProductQuery(variants=True), StockQuery(warehouses=harness.warehouses, variants=True)
            refused_as_missing(lambda: list(erp.products(query)), what="variants of articles")
            refused_as_missing(lambda: list(erp.stock(stock)), what="stock of variants")
