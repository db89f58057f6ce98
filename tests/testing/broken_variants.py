"""Memory shops whose variants have one defect each, and the obligation that must notice it."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from tests.connectors.memory_shop.test_contract import EVERYTHING
from tests.testing.broken_shops import (
    BlamesTheWholeBatch,
    HidesRefusals,
    NeverSaysMissing,
    RetriesCreates,
    UnansweredIsDone,
)
from tests.testing.defects import Defect

from passerelle.connectors.memory_shop.adapter import MemoryShop
from passerelle.connectors.memory_shop.rows import Refused
from passerelle.domain.catalogue import split_shop_id
from passerelle.domain.money import rounded
from passerelle.ports.shop import BatchRefused
from passerelle.testing.faults import Fault

replace = msgspec.structs.replace


class CapitalOptions(MemoryShop):
    def _option_value(self, item):
        return super()._option_value(replace(item, text=item.text.upper()))


class CutsOptionNames(MemoryShop):
    def _option(self, item):
        return super()._option(replace(item, name=item.name[:60]))


class AsciiOptionNames(MemoryShop):
    def _option(self, item):
        return super()._option(replace(item, name=item.name.encode("ascii", "ignore").decode()))


class LosesDifferences(MemoryShop):
    def _variant(self, product, row):
        return replace(super()._variant(product, row), price=Decimal(0))


class OnePageOfVariants(MemoryShop):
    def variants(self, product_ids):
        return super().variants(product_ids)[:100]


class QuantitiesOfTheProduct(MemoryShop):
    def quantities(self, shop_ids):
        return {id: self.data.products[split_shop_id(id)[0]].stock for id in super().quantities(shop_ids)}


class NoneMeansEveryVariant(MemoryShop):
    def variants(self, product_ids):
        return super().variants(product_ids or list(self.data.products))


class WholePrices(MemoryShop):
    """Stores a variant's price where the shop wants its difference."""

    def _apply(self, item, product, row):
        super()._apply(item, product, row)
        if item.price is not None:
            row.price = item.price.stored or Decimal(0)


class TrimsReferences(MemoryShop):
    def _create_variant(self, item):
        return super()._create_variant(replace(item, sku=item.sku.lstrip("0")))


class CutsReferencesAtATag(MemoryShop):
    """As PrestaShop does, whose answer shows what was sent."""

    def _create_variant(self, item):
        return super()._create_variant(replace(item, sku=item.sku.partition("<")[0]))


class CentsOfVariants(MemoryShop):
    def _apply(self, item, product, row):
        super()._apply(item, product, row)
        row.price = rounded(row.price, places=2)


class UpdateEmptiesTheRest(MemoryShop):
    """As a PUT of a few fields does."""

    def _update_variant(self, item):
        return super()._update_variant(replace(item, sku=item.sku or "", values=item.values or ()))


class RewritesItsSiblings(MemoryShop):
    def _update_variant(self, item):
        product, _ = self.data.variant(item.shop_id)
        for row in product.variants.values():
            row.sku = item.sku or row.sku
        return super()._update_variant(item)


class ProductWriteDropsVariants(MemoryShop):
    """As a product write does that sends a part of its combinations."""

    def _update(self, item):
        row = self.data.products[item.shop_id]
        row.variants = dict(list(row.variants.items())[:1])
        return super()._update(item)


class SecondDefault(MemoryShop):
    """Leaves the older default as it is."""

    def _apply(self, item, product, row):
        before = [one for one in product.variants.values() if one.default]
        super()._apply(item, product, row)
        for one in before:
            one.default = True


class KeepsTheFirstDefault(MemoryShop):
    def _update_variant(self, item):
        product, _ = self.data.variant(item.shop_id)
        taken = any(one.default for one in product.variants.values())
        return super()._update_variant(replace(item, default=None if taken else item.default))


class StockOfTheProduct(MemoryShop):
    """Writes the row of the product for one of its variants."""

    def _set_stock(self, item):
        product = self.data.products[split_shop_id(item.shop_id)[0]]
        product.stock = item.quantity
        return item.shop_id


class ForgetsWhichVariant(MemoryShop):
    def _pages(self, *since):
        for page in super()._pages(*since):
            yield [replace(one, lines=tuple(replace(line, variant_id="") for line in one.lines)) for one in page]


class GoneIsRefused(MemoryShop):
    """Does not count as deleted what is gone already."""

    def _delete_variant(self, item):
        product, variant = split_shop_id(item.shop_id)
        if variant not in self.data.products[product].variants:
            raise Refused("it does not exist", gone=True)
        return super()._delete_variant(item)


class MakesOrphans(MemoryShop):
    """Says that it made a variant of a product that does not exist, as PrestaShop would."""

    def _create_variant(self, item):
        if item.shop_id not in self.data.products:
            return f"{item.shop_id}/1"
        return super()._create_variant(item)


OPTION = {"kind": "option"}
VARIANTS = [
    Defect("test_an_option_and_its_values_read_back_as_written", CapitalOptions, {"name": "Taille"}),
    Defect(
        "test_a_hostile_name_of_an_option_is_kept_within_the_limits_or_refused",
        AsciiOptionNames,
        {**OPTION, "text": "Boîte « IP65 »"},
    ),
    Defect("test_a_name_of_an_option_as_long_as_declared_is_stored", CutsOptionNames, OPTION),
    Defect("test_variants_are_read_as_the_shop_holds_them", LosesDifferences),
    Defect("test_a_product_of_many_variants_is_read_whole", OnePageOfVariants),
    Defect("test_the_quantity_that_a_variant_shows_is_told_apart_from_its_product_s", QuantitiesOfTheProduct),
    Defect("test_variants_of_nothing_are_none", NoneMeansEveryVariant),
    Defect("test_a_variant_reads_back_as_written", WholePrices),
    Defect("test_an_odd_reference_of_a_variant_is_kept_or_refused", TrimsReferences, {"reference": "00042"}),
    Defect("test_an_odd_reference_of_a_variant_is_kept_or_refused", CutsReferencesAtATag, {"reference": "A<B"}),
    Defect("test_a_price_of_a_variant_is_stored_to_its_last_place", CentsOfVariants, {"price": Decimal("1.005")}),
    Defect("test_an_update_of_a_variant_changes_only_what_it_names", UpdateEmptiesTheRest),
    Defect("test_an_update_of_a_variant_changes_only_what_it_names", RewritesItsSiblings),
    Defect("test_a_change_of_a_product_leaves_its_variants_alone", ProductWriteDropsVariants),
    Defect("test_one_variant_at_a_time_is_the_default", SecondDefault),
    Defect("test_another_variant_becomes_the_default_before_or_after_the_default_is_deleted", KeepsTheFirstDefault),
    Defect("test_the_stock_of_a_variant_is_its_own", StockOfTheProduct, {"quantity": 7}),
    Defect("test_a_line_of_an_order_says_which_variant_was_sold", ForgetsWhichVariant),
    Defect("test_a_bad_variant_in_a_batch_hides_no_other", BlamesTheWholeBatch),
    Defect("test_a_bad_variant_in_a_batch_hides_no_other", HidesRefusals),
    Defect("test_a_variant_or_product_that_is_gone_is_an_outcome", GoneIsRefused, raises=BatchRefused),
    Defect("test_a_variant_or_product_that_is_gone_is_an_outcome", MakesOrphans),
    Defect(
        "test_new_variants_without_an_answer_are_unknown_then_found_once",
        RetriesCreates,
        {"fault": Fault.LOST_ANSWER},
    ),
    Defect("test_half_a_batch_of_variants_without_an_answer_can_be_finished", UnansweredIsDone),
    Defect(
        "test_changed_variants_without_an_answer_are_unknown_and_sent_again_they_settle",
        UnansweredIsDone,
        {"fault": Fault.ERROR_AFTER_COMMIT},
    ),
    Defect(
        "test_deleted_variants_without_an_answer_are_unknown_and_sent_again_they_are_gone",
        UnansweredIsDone,
        {"fault": Fault.LOST_ANSWER},
    ),
    Defect("test_variants_that_are_not_declared_are_refused", NeverSaysMissing, needs={"without": EVERYTHING}),
]
