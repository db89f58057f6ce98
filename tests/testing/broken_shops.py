"""Memory shops with one defect each, and the obligation that must notice it."""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal

import msgspec
import structlog
from tests.connectors.memory_shop.test_contract import EVERYTHING
from tests.testing.defects import Defect

from passerelle.connectors.memory_shop.adapter import MemoryShop
from passerelle.connectors.memory_shop.mapping import order_of
from passerelle.domain.catalogue import ShopProduct
from passerelle.domain.money import rounded
from passerelle.errors import PasserelleError, RefusedByShop, Unavailable, WriteUnanswered
from passerelle.ports.shop import BatchRefused, Outcome
from passerelle.testing.faults import Fault

replace = msgspec.structs.replace


class CheckTriesAWrite(MemoryShop):
    def check(self):
        for row in self.data.products.values():
            row.stock += 1
        return super().check()


class ReadCountsAsWrite(MemoryShop):
    def _read(self, call, ask):
        self._tally.request(write=True)
        return super()._read(call, ask)


class WrongHome(MemoryShop):
    def context(self):
        return replace(super().context(), home_category="987")


class InventsProducts(MemoryShop):
    def read_products(self, shop_ids):
        found = super().read_products(shop_ids)
        absent = set(shop_ids) - {one.shop_id for one in found}
        return [*found, *(ShopProduct(shop_id=id, sku="") for id in absent)]


class OnePageOfProducts(MemoryShop):
    def product_pages(self):
        yield from list(super().product_pages())[:1]


class SaysNothingIsInStock(MemoryShop):
    def quantities(self, shop_ids):
        return {id: quantity for id, quantity in super().quantities(shop_ids).items() if quantity}


class NothingMeansAll(MemoryShop):
    def find_products(self, *, skus, gtins=()):
        return super().find_products(skus=skus or [row.sku for row in self.data.products.values()], gtins=gtins)


class LosesAccents(MemoryShop):
    def _product(self, row):
        read = super()._product(row)
        texts = {
            field: {code: text.encode("ascii", "ignore").decode() for code, text in by.items()}
            for field, by in read.texts.items()
        }
        return replace(read, texts=texts)


class LosesTheBrand(MemoryShop):
    def _product(self, row):
        return replace(super()._product(row), brand="")


class RemembersWhatItRead(MemoryShop):
    def read_products(self, shop_ids):
        kept = self.__dict__.setdefault("kept", {})
        for one in super().read_products(shop_ids):
            kept.setdefault(one.shop_id, one)
        return [kept[id] for id in shop_ids]


class EscapesHtml(MemoryShop):
    def _product(self, row):
        read = super()._product(row)
        texts = {code: text.replace("<", "&lt;") for code, text in read.texts.get("description", {}).items()}
        return replace(read, texts={**read.texts, "description": texts})


class FloatPrices(MemoryShop):
    def _product(self, row):
        return replace(super()._product(row), price=float(row.price))


class OnlyVisible(MemoryShop):
    def read_products(self, shop_ids):
        return [one for one in super().read_products(shop_ids) if one.visible]


class LosesCase(MemoryShop):
    def _product(self, row):
        return replace(super()._product(row), sku=row.sku.upper())


class FindsByPrefix(MemoryShop):
    def find_products(self, *, skus, gtins=()):
        return [self._product(row) for row in self.data.products.values() if any(row.sku.startswith(s) for s in skus)]


class BracketsFindAll(MemoryShop):
    def find_products(self, *, skus, gtins=()):
        if any("[" in sku for sku in skus):
            return [self._product(row) for row in self.data.products.values()]
        return super().find_products(skus=skus, gtins=gtins)


class OnePerReference(MemoryShop):
    def find_products(self, *, skus, gtins=()):
        return list({one.sku.casefold(): one for one in super().find_products(skus=skus, gtins=gtins)}.values())


class NoBarcodes(MemoryShop):
    def find_products(self, *, skus, gtins=()):
        return super().find_products(skus=skus)


class DropsTheLastPage(MemoryShop):
    def find_products(self, *, skus, gtins=()):
        return super().find_products(skus=skus, gtins=gtins)[:9]


class InventsAnOrder(MemoryShop):
    def orders(self, **since):
        yield from super().orders(**since)
        self.data.place_order({})
        yield from super().orders(**since)


class NaiveTimes(MemoryShop):
    def _pages(self, *since):
        for page in super()._pages(*since):
            yield [replace(one, created_at=one.created_at.replace(tzinfo=None)) for one in page]


class AllOrdersHold(MemoryShop):
    def _pages(self, *since):
        for page in super()._pages(*since):
            yield [replace(one, holds_stock=True) for one in page]


class AfterNotFrom(MemoryShop):
    def orders(self, *, updated_from=None, created_from=None):
        return super().orders(
            updated_from=updated_from and updated_from + timedelta(seconds=1), created_from=created_from
        )


class NewestFirstByOffset(MemoryShop):
    def _pages(self, *since):
        offset = 0
        while rows := sorted(self.data.orders.values(), key=lambda row: -int(row.id))[offset : offset + 3]:
            yield [order_of(row) for row in rows]
            offset += 3


class LastChangedByOffset(MemoryShop):
    def _pages(self, *since):
        offset = 0
        while rows := sorted(self.data.orders.values(), key=lambda row: row.updated_at)[offset : offset + 3]:
            yield [order_of(row) for row in rows]
            offset += 3


class IgnoresSince(MemoryShop):
    def orders(self, **since):
        return super().orders()


class DropsWeight(MemoryShop):
    def _create(self, item):
        return super()._create(replace(item, weight=None))


class CreatesVisible(MemoryShop):
    def _create(self, item):
        return super()._create(replace(item, visible=True))


def with_texts(item, change):
    """The write with each text changed."""
    texts = {field: {code: change(text) for code, text in by.items()} for field, by in (item.texts or {}).items()}
    return replace(item, texts=texts)


class WritesAscii(MemoryShop):
    def _create(self, item):
        return super()._create(with_texts(item, lambda text: text.encode("ascii", "ignore").decode()))


class CutsTexts(MemoryShop):
    def _create(self, item):
        return super()._create(with_texts(item, lambda text: text[:100]))


class CrashesOnOddText(MemoryShop):
    def create_products(self, items):
        for item in items:
            for text in item.texts["name"].values():
                if not text.isprintable():
                    raise ValueError("All strings must be XML compatible")
        return super().create_products(items)


class ReferenceAsNumber(MemoryShop):
    def _create(self, item):
        return super()._create(replace(item, sku=item.sku.lstrip("0")))


class CentsOnly(MemoryShop):
    def _create(self, item):
        return super()._create(replace(item, price=rounded(item.price, places=2)))


class ReplacesAll(MemoryShop):
    def _update(self, item):
        return super()._update(replace(item, gtin=item.gtin or ""))


class BlanksOtherLanguages(MemoryShop):
    def _update(self, item):
        texts = {field: {"fr": "", "en": "", **by} for field, by in (item.texts or {}).items()}
        return super()._update(replace(item, texts=texts))


class ForgetsBarcode(MemoryShop):
    def _update(self, item):
        return super()._update(replace(item, gtin=None))


class NoNegativeStock(MemoryShop):
    def _set_stock(self, item):
        return super()._set_stock(replace(item, quantity=max(0, item.quantity)))


class FlatTree(MemoryShop):
    def _category(self, item):
        return super()._category(replace(item, parent="2"))


class CapitalBrands(MemoryShop):
    def _brand(self, item):
        return super()._brand(replace(item, name=item.name.upper()))


class CapitalFeatures(MemoryShop):
    def _feature_value(self, item):
        return super()._feature_value(replace(item, text=item.text.upper()))


class ReplacesAllFeatures(MemoryShop):
    def _update(self, item):
        if item.features is not None:
            self.data.products[item.shop_id].features = {}
        return super()._update(item)


class OneAnswerPerBatch(MemoryShop):
    def _write(self, *call):
        return super()._write(*call)[:1]


class AnswersBackwards(MemoryShop):
    def _write(self, *call):
        return super()._write(*call)[::-1]


class OneRequestPerItem(MemoryShop):
    def _write(self, capability, call, items, each):
        return [
            outcome
            for item in items
            for outcome in super(OneRequestPerItem, self)._write(capability, call, [item], each)
        ]


class IdsOfTheFirst(MemoryShop):
    def _write(self, *call):
        outcomes = super()._write(*call)
        return [replace(outcome, shop_id=outcomes[0].shop_id) for outcome in outcomes]


class RefusesOneAsABatch(MemoryShop):
    def _write(self, *call):
        outcomes = super()._write(*call)
        if outcomes[0].error is not None:
            raise BatchRefused("no")
        return outcomes


class BlamesTheWholeBatch(MemoryShop):
    def _write(self, capability, call, items, each):
        try:
            return super()._write(capability, call, items, each)
        except BatchRefused as refused:
            return [Outcome(key=item.key, error=RefusedByShop(key=item.key, why=refused.why)) for item in items]


class HidesRefusals(MemoryShop):
    def _write(self, capability, call, items, each):
        return [
            Outcome(key=item.key, shop_id="1")
            for item in items
            if super(HidesRefusals, self)._write(capability, call, [item], each)
        ]


class SwallowsErrors(MemoryShop):
    def brands(self):
        try:
            return super().brands()
        except PasserelleError:
            return []


class ErrorMeansNotDone(MemoryShop):
    def _error(self, signal, *, write):
        error = super()._error(signal, write=write)
        return Unavailable(system="shop") if isinstance(error, WriteUnanswered) else error


class RetriesCreates(MemoryShop):
    def _write(self, capability, call, items, each):
        try:
            return super()._write(capability, call, items, each)
        except WriteUnanswered:
            return super()._write(capability, call, items, each)


class UnansweredIsDone(MemoryShop):
    def _write(self, capability, call, items, each):
        try:
            return super()._write(capability, call, items, each)
        except WriteUnanswered:
            return [Outcome(key=item.key) for item in items]


class ErrorEndsTheOrders(MemoryShop):
    def _pages(self, *since):
        try:
            yield from super()._pages(*since)
        except PasserelleError:
            return


class TellsTheKey(MemoryShop):
    def _error(self, signal, *, write):
        error = super()._error(signal, write=write)
        error.detail = f"https://{self._key}@shop.example.test/api"
        return error


class LogsTheKey(MemoryShop):
    def _count(self, *, write):
        structlog.get_logger("shop").info("request", url=f"https://shop.example.test/api?ws_key={self._key}")
        super()._count(write=write)


class RefusalTellsTheKey(MemoryShop):
    def _refusal(self, item, refused):
        return RefusedByShop(key=item.key, why=refused.why, detail=self._key)


class NeverSaysMissing(MemoryShop):
    def _need(self, capability):
        pass


class MixesUpRequests(MemoryShop):
    """Keeps what it is to write where the next request writes over it."""

    def set_stock(self, items):
        self._kept = items
        time.sleep(0.05)
        return super().set_stock(self._kept)


SHOP = [
    Defect("test_quantities_of_other_products_can_be_written_side_by_side", MixesUpRequests),
    Defect("test_check_changes_nothing_and_counts_no_write", CheckTriesAWrite),
    Defect("test_check_changes_nothing_and_counts_no_write", ReadCountsAsWrite),
    Defect("test_reading_changes_nothing_and_counts_no_write", ReadCountsAsWrite),
    Defect("test_the_context_names_what_exists", WrongHome),
    Defect("test_empty_is_empty", InventsProducts),
    Defect("test_asking_for_nothing_gives_nothing", NothingMeansAll),
    Defect("test_a_product_is_read_as_the_shop_holds_it", LosesAccents),
    Defect("test_a_price_read_is_an_exact_decimal", FloatPrices),
    Defect("test_a_deleted_product_is_not_read", InventsProducts),
    Defect("test_a_hidden_product_is_read", OnlyVisible),
    Defect("test_a_reference_is_found_whatever_its_case_and_given_as_stored", LosesCase),
    Defect("test_a_lookup_gives_only_what_was_asked", FindsByPrefix),
    Defect("test_an_odd_reference_finds_itself_alone", BracketsFindAll, {"reference": "A[B"}),
    Defect("test_an_odd_reference_that_is_not_there_finds_nothing", BracketsFindAll, {"reference": "A[B"}),
    Defect("test_every_product_with_a_reference_is_found", OnePerReference),
    Defect("test_a_barcode_is_found", NoBarcodes),
    Defect("test_many_are_found_and_read_each_once", DropsTheLastPage),
    Defect("test_no_order_is_no_order", InventsAnOrder),
    Defect("test_an_order_is_read_with_its_lines_and_aware_times", NaiveTimes),
    Defect("test_a_cancelled_order_holds_no_stock", AllOrdersHold),
    Defect("test_orders_of_one_second_are_all_read_from_that_second", AfterNotFrom),
    Defect("test_every_product_is_listed_once_with_its_name_and_whether_it_shows", OnePageOfProducts),
    Defect("test_the_quantity_that_a_product_shows_is_told", SaysNothingIsInStock),
    Defect("test_each_order_is_read_once_while_others_arrive", NewestFirstByOffset),
    Defect("test_an_order_changed_during_the_reading_is_not_lost", LastChangedByOffset),
    Defect("test_only_what_changed_since_is_read", IgnoresSince),
    Defect("test_only_what_was_created_since_is_read", IgnoresSince),
    Defect("test_every_declared_facet_reads_back_as_it_was_written", LosesTheBrand, {"text": "Écrou"}),
    Defect("test_every_declared_facet_that_is_changed_reads_back_changed", RemembersWhatItRead),
    Defect("test_html_is_read_back_as_the_shop_keeps_it", EscapesHtml),
    Defect("test_a_product_reads_back_as_written", DropsWeight),
    Defect("test_a_product_created_hidden_stays_hidden_until_it_is_shown", CreatesVisible),
    Defect("test_a_hostile_text_is_stored_as_it_is_within_the_limits", WritesAscii, {"text": "Boîte « IP65 »"}),
    Defect("test_an_impossible_text_is_refused_or_stored_never_altered", CutsTexts, {"text": "long " * 60}),
    Defect(
        "test_an_impossible_text_is_refused_or_stored_never_altered",
        CrashesOnOddText,
        {"text": "a\x0bb"},
        raises=ValueError,
    ),
    Defect("test_an_odd_reference_is_kept_and_found_again_or_refused", ReferenceAsNumber, {"reference": "00042"}),
    Defect("test_a_text_as_long_as_declared_is_stored", CutsTexts, {"field": "name"}),
    Defect("test_a_price_is_stored_to_its_last_place", CentsOnly, {"price": Decimal("1.005")}),
    Defect("test_an_update_changes_only_what_it_names", ReplacesAll),
    Defect("test_an_update_of_one_language_keeps_the_others", BlanksOtherLanguages),
    Defect("test_the_fields_of_a_product_can_be_changed_one_by_one", ForgetsBarcode),
    Defect("test_a_quantity_is_stored_exactly", NoNegativeStock, {"quantity": -3}),
    Defect("test_a_category_reads_back_under_its_parent_in_every_language", FlatTree),
    Defect("test_a_brand_reads_back_as_written", CapitalBrands, {"name": "Facom"}),
    Defect("test_a_feature_and_its_values_read_back_as_written", CapitalFeatures, {"name": "Norme"}),
    Defect("test_a_product_takes_the_values_of_a_feature_and_keeps_its_other_features", ReplacesAllFeatures),
    *(
        Defect(
            "test_a_batch_of_the_declared_size_is_one_request_with_one_outcome_per_item_in_order",
            broken,
            {"kind": "create_products"},
        )
        for broken in (OneAnswerPerBatch, AnswersBackwards, OneRequestPerItem, IdsOfTheFirst)
    ),
    Defect("test_a_bad_item_alone_is_an_outcome_with_its_error", RefusesOneAsABatch, raises=BatchRefused),
    Defect("test_a_bad_item_in_a_batch_hides_no_other", BlamesTheWholeBatch),
    Defect("test_a_bad_item_in_a_batch_hides_no_other", HidesRefusals),
    Defect("test_a_product_that_is_gone_is_an_outcome", HidesRefusals),
    Defect("test_the_stock_of_a_product_that_is_gone_is_an_outcome", HidesRefusals),
    Defect("test_a_failed_read_is_an_error_of_its_family", SwallowsErrors, {"fault": Fault.SERVICE_OFF}),
    Defect(
        "test_a_failed_write_is_an_error_of_its_family_and_changes_nothing",
        ErrorMeansNotDone,
        {"fault": Fault.SERVER_ERROR},
    ),
    Defect("test_a_create_without_an_answer_is_unknown_then_found_once", RetriesCreates, {"fault": Fault.LOST_ANSWER}),
    Defect(
        "test_an_update_without_an_answer_is_unknown_and_sent_again_it_settles",
        UnansweredIsDone,
        {"fault": Fault.ERROR_AFTER_COMMIT},
    ),
    Defect("test_half_a_batch_without_an_answer_is_unknown_and_can_be_finished", UnansweredIsDone),
    Defect("test_a_failure_between_two_pages_of_orders_is_an_error", ErrorEndsTheOrders),
    Defect("test_no_secret_shows_in_an_error_or_in_the_log", TellsTheKey, {"fault": Fault.FORBIDDEN}),
    Defect("test_no_secret_shows_in_an_error_or_in_the_log", LogsTheKey, {"fault": Fault.LOST_ANSWER}),
    Defect("test_a_refusal_shows_no_secret", RefusalTellsTheKey),
    Defect("test_what_is_not_declared_is_refused", NeverSaysMissing, needs={"without": EVERYTHING}),
]
