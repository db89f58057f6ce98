"""Memory ERPs whose variants have one defect each, and the obligation that must notice it."""

from __future__ import annotations

import html
from decimal import Decimal

import msgspec
from tests.testing.broken_erps import Changed, NeverSaysMissing, RestlessDigest
from tests.testing.defects import Defect

from passerelle.connectors.memory_erp.adapter import MemoryErp
from passerelle.domain.pricing import Price
from passerelle.errors import PriceCategoryUnknown

replace = msgspec.structs.replace


class ChangedVariants(Changed):
    """Changes what each variant reads as."""

    def change(self, product, query):
        return replace(product, variants=tuple(self.variant(one, product, query) for one in product.variants))

    def variant(self, variant, product, query):
        raise NotImplementedError


class VariantsShareAReference(ChangedVariants):
    def variant(self, variant, product, query):
        return replace(variant, sku=product.sku)


class SortsOptions(ChangedVariants):
    def variant(self, variant, product, query):
        return replace(variant, options=tuple(sorted(variant.options)))


class EscapesValues(ChangedVariants):
    def variant(self, variant, product, query):
        return replace(variant, options=tuple((name, html.escape(value)) for name, value in variant.options))


class VariantReferenceAsNumber(ChangedVariants):
    def variant(self, variant, product, query):
        return replace(variant, sku=variant.sku.lstrip("0"))


class CountsArticlesOnly(MemoryErp):
    def _sells(self, query, sku):
        return False


class CountsAnyVariant(MemoryErp):
    def _sells(self, query, sku):
        return True


class VariantsInCents(ChangedVariants):
    def variant(self, variant, product, query):
        return replace(
            variant, price=variant.price and Price(round(variant.price.amount, 2), variant.price.tax_included)
        )


class VariantsIgnoreTheBasisAsked(ChangedVariants):
    def variant(self, variant, product, query):
        return replace(variant, price=variant.price and Price(variant.price.amount, False))


class AlwaysPricesVariants(MemoryErp):
    def products(self, query):
        return super().products(replace(query, prices=True))


class UnknownVariantPricesAreNone(MemoryErp):
    def products(self, query):
        try:
            return super().products(query)
        except PriceCategoryUnknown:
            return super().products(replace(query, variant_prices=""))


class SellsSleepingVariants(MemoryErp):
    def _levels(self, article, *, warehouses):
        return [self._variant_level(article, one, warehouses=warehouses) for one in article.variants]


class OneVariantForAll(ChangedVariants):
    def change(self, product, query):
        return replace(product, variants=product.variants[:1] if query.only else product.variants)


class AlwaysReadsVariants(MemoryErp):
    def products(self, query):
        return super().products(replace(query, variants=True))


class EveryArticleVaries(MemoryErp):
    def _levels(self, article, *, warehouses):
        return [self._variant_level(article, one, warehouses=warehouses) for one in article.variants]


class DigestWithoutVariants(MemoryErp):
    def _product(self, article, *, query, chosen):
        record = super()._product(article, query=query, chosen=chosen)
        return replace(record, digest=msgspec.json.encode(replace(article, variants=[])).ljust(16))


class ArticleStockForEachVariant(MemoryErp):
    def _variant_level(self, article, variant, *, warehouses):
        record = super()._variant_level(article, variant, warehouses=warehouses)
        levels = [super(ArticleStockForEachVariant, self)._variant_level(article, one, warehouses=warehouses).read()
                  for one in article.variants]  # fmt: skip
        total = sum((level.on_hand for level in levels), Decimal(0))
        return replace(record, read=lambda: replace(record.read(), on_hand=total))


class FollowsAllVariants(MemoryErp):
    def _variant_level(self, article, variant, *, warehouses):
        record = super()._variant_level(article, variant, warehouses=warehouses)
        return replace(record, read=lambda: replace(record.read(), followed=True))


class StockDigestOfTheArticle(MemoryErp):
    def _variant_level(self, article, variant, *, warehouses):
        record = super()._variant_level(article, variant, warehouses=warehouses)
        shelves = [self.data.state.stock.get(one.id, {}) for one in warehouses]
        return replace(record, digest=msgspec.json.encode(shelves))


class LinesOfTheArticle(MemoryErp):
    def documents(self, profile_key):
        for document in super().documents(profile_key):
            lines = (replace(line, sku=line.sku.partition("-")[0]) for line in document.lines)
            yield replace(document, lines=tuple(lines))


ERP_VARIANTS = [
    Defect("test_variants_are_read_as_the_erp_holds_them", VariantsShareAReference),
    Defect("test_variants_are_read_as_the_erp_holds_them", SortsOptions),
    Defect("test_a_hostile_value_is_read_as_it_is", EscapesValues, {"value": "Scie <sauteuse> & lame"}),
    Defect("test_a_hostile_value_is_read_as_it_is", CountsArticlesOnly, {"value": "000123"}),
    Defect("test_an_odd_reference_of_a_variant_is_text_and_is_known", VariantReferenceAsNumber, {"reference": "00042"}),
    Defect("test_an_odd_reference_of_a_variant_is_text_and_is_known", CountsAnyVariant, {"reference": "%"}),
    Defect(
        "test_a_variant_s_price_is_an_exact_decimal_on_its_article_s_basis",
        VariantsInCents,
        {"amount": Decimal("1.005"), "tax_included": False},
    ),
    Defect(
        "test_a_variant_s_price_is_an_exact_decimal_on_its_article_s_basis",
        VariantsIgnoreTheBasisAsked,
        {"amount": Decimal("0.1"), "tax_included": False},
    ),
    Defect("test_prices_of_variants_are_not_read_where_nobody_wants_them", AlwaysPricesVariants),
    Defect("test_a_price_category_of_variants_that_is_unknown_is_an_error_at_once", UnknownVariantPricesAreNone),
    Defect("test_a_variant_asleep_is_nowhere", SellsSleepingVariants),
    Defect("test_variants_of_articles_out_of_scope_are_out_of_scope", CountsAnyVariant),
    Defect("test_only_gives_an_article_with_its_variants", OneVariantForAll),
    Defect("test_without_asking_there_are_no_variants", AlwaysReadsVariants),
    Defect("test_asking_for_variants_changes_nothing_for_articles_without", EveryArticleVaries),
    Defect("test_the_digest_changes_with_a_variant_and_not_otherwise", DigestWithoutVariants, {"change": "asleep"}),
    Defect("test_the_digest_changes_with_a_variant_and_not_otherwise", RestlessDigest, {"change": "asleep"}),
    Defect("test_the_digest_changes_with_the_variants_there_are", DigestWithoutVariants),
    Defect("test_stock_is_that_of_each_variant_over_the_warehouses_named", ArticleStockForEachVariant),
    Defect("test_an_unfollowed_article_has_unfollowed_variants", FollowsAllVariants),
    Defect("test_the_digest_of_stock_changes_with_that_of_its_variant_alone", StockDigestOfTheArticle),
    Defect("test_a_document_line_of_a_variant_bears_the_variant_s_reference", LinesOfTheArticle),
    Defect("test_variants_that_are_not_declared_are_refused", NeverSaysMissing, needs={"without": ("variants.read",)}),
]
