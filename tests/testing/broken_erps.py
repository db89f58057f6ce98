"""Memory ERPs with one defect each, and the obligation that must notice it."""

from __future__ import annotations

import html
from decimal import Decimal

import msgspec
from tests.connectors.memory_erp.test_contract import EVERYTHING
from tests.testing.defects import Defect

from passerelle.connectors.memory_erp.adapter import MemoryErp
from passerelle.connectors.memory_erp.mapping import document_of
from passerelle.domain.pricing import Price, Tax
from passerelle.domain.stock import DocumentKind
from passerelle.domain.texts import text
from passerelle.errors import (
    FieldUnknown,
    FilterInvalid,
    PasserelleError,
    PriceCategoryUnknown,
    RecordUnreadable,
    WarehouseUnknown,
)
from passerelle.ports.manifest import Finding, Severity
from passerelle.testing.faults import Fault

replace = msgspec.structs.replace
SECRET = "erp-password-0123456789"


class CheckTriesAWrite(MemoryErp):
    def check(self):
        self.data.add_article("TRIED")
        return super().check()


class ReadingMakesRows(MemoryErp):
    def count(self, query):
        self.data.state.stock.setdefault("9", {})
        return super().count(query)


class CountsTheHeader(MemoryErp):
    def count(self, query):
        return super().count(query) + 1


class Changed(MemoryErp):
    """Changes what each article reads as."""

    def _product(self, article, *, query, chosen):
        record = super()._product(article, query=query, chosen=chosen)
        return replace(record, read=lambda: self.change(record.read(), query))

    def change(self, product, query):
        raise NotImplementedError


class LosesAccents(Changed):
    def change(self, product, query):
        return replace(product, label=product.label.encode("ascii", "ignore").decode())


class WeighsNothing(Changed):
    def change(self, product, query):
        return replace(product, weight=product.weight or Decimal(0))


class FloatPrices(Changed):
    def change(self, product, query):
        return replace(product, price=Price(float(product.price.amount), product.price.tax_included))


class CentsOnly(Changed):
    def change(self, product, query):
        return replace(product, price=Price(round(product.price.amount, 2), product.price.tax_included))


class IgnoresTheBasisAsked(MemoryErp):
    def products(self, query):
        return super().products(replace(query, tax_included=None))


class WholeRates(Changed):
    def change(self, product, query):
        return replace(product, tax=Tax(product.tax.code, Decimal(int(product.tax.rate))))


class Escapes(Changed):
    def change(self, product, query):
        return replace(product, label=html.escape(product.label))


class ReferenceAsNumber(MemoryErp):
    def _product(self, article, *, query, chosen):
        record = super()._product(article, query=query, chosen=chosen)
        return replace(record, key=record.key.lstrip("0"))


class OnlyByPrefix(MemoryErp):
    def _scope(self, query):
        every = super()._scope(replace(query, only=None))
        return lambda article: every(article) and article.sku.startswith((query.only or "")[:1])


class NewestFirstByOffset(MemoryErp):
    def _pages(self, call, wanted, make):
        offset = 0
        while rows := sorted(filter(wanted, self.data.articles.values()), key=lambda row: -row.id)[offset : offset + 3]:
            yield [record for row in rows for record in make(row)]
            offset += 3


class SellsTheDormant(MemoryErp):
    def _scope(self, query):
        return lambda article: article.published or not query.published_only


class RemembersTheFirstList(MemoryErp):
    def products(self, query):
        if not hasattr(self, "first"):
            self.first = list(super().products(query))
        return iter(self.first)


class OffersWhatItRefuses(MemoryErp):
    def fields(self):
        return [*super().fields(), "NotThere"]

    def price_categories(self):
        return [*super().price_categories(), "Pas là"]


class UnknownFieldIsEmpty(MemoryErp):
    def products(self, query):
        try:
            return super().products(query)
        except FieldUnknown:
            return super().products(replace(query, fields=frozenset()))


class OddFilterIsNoFilter(MemoryErp):
    def _scope(self, query):
        try:
            return super()._scope(query)
        except FilterInvalid:
            return super()._scope(replace(query, filter=""))


class FiltersPricesAlone(MemoryErp):
    def stock(self, query):
        return super().stock(replace(query, filter=""))


class CountsTheFiltered(MemoryErp):
    def count(self, query):
        return super().count(replace(query, filter=""))


class MapsAtOnce(MemoryErp):
    def _product(self, article, *, query, chosen):
        record = super()._product(article, query=query, chosen=chosen)
        product = record.read()
        return replace(record, read=lambda: product)


class RestlessDigest(MemoryErp):
    reads = 0

    def _product(self, article, *, query, chosen):
        self.reads += 1
        record = super()._product(article, query=query, chosen=chosen)
        return replace(record, digest=self.reads.to_bytes(16, "big"))


class DigestOfTheReference(MemoryErp):
    def _product(self, article, *, query, chosen):
        record = super()._product(article, query=query, chosen=chosen)
        return replace(record, digest=record.key.encode().ljust(16))

    def _level(self, article, *, warehouses):
        record = super()._level(article, warehouses=warehouses)
        return replace(record, digest=record.key.encode().ljust(16))


class DigestWithoutTheTree(MemoryErp):
    def _product(self, article, *, query, chosen):
        record = super()._product(article, query=query, chosen=chosen)
        row = msgspec.json.encode(replace(article, category=""))
        return replace(record, digest=row)


class AllWarehouses(MemoryErp):
    def stock(self, query):
        return super().stock(replace(query, warehouses=tuple(one.name for one in self.data.warehouses)))


class CountsTwice(MemoryErp):
    chosen = ()

    def stock(self, query):
        self.chosen = query.warehouses
        return super().stock(query)

    def _level(self, article, *, warehouses):
        record = super()._level(article, warehouses=warehouses)
        times = len(self.chosen) / len(set(warehouses))
        return replace(record, read=lambda: replace(record.read(), on_hand=record.read().on_hand * int(times)))


class OnlyWithARow(MemoryErp):
    def stock(self, query):
        for page in super().stock(query):
            yield [one for one in page if int(one.erp_id) in self.data.state.stock.get("1", {})]


class ChangedStock(MemoryErp):
    """Changes what each stock level reads as."""

    def _level(self, article, *, warehouses):
        record = super()._level(article, warehouses=warehouses)
        return replace(record, read=lambda: self.change(record.read()))

    def change(self, level):
        raise NotImplementedError


class FollowsAll(ChangedStock):
    def change(self, level):
        return replace(level, followed=True)


class IdsOfTheRow(ChangedStock):
    def change(self, level):
        return replace(level, erp_id=f"9{level.erp_id}")


class WholePieces(ChangedStock):
    def change(self, level):
        return replace(level, on_hand=Decimal(max(0, int(level.on_hand))))


class UnknownWarehouseIsEmpty(MemoryErp):
    def stock(self, query):
        try:
            yield from super().stock(query)
        except WarehouseUnknown:
            yield from super().stock(replace(query, warehouses=tuple(self.known(query.warehouses))))

    def known(self, names):
        return [name for name in names if name in {one.name for one in self.data.warehouses}] or ["2"]


class AllOrders(MemoryErp):
    def documents(self, profile_key):
        for document in super().documents(profile_key):
            yield replace(document, kind=DocumentKind.ORDER)


class AnyPrefix(MemoryErp):
    def documents(self, profile_key):
        rows = self._read("documents", lambda: list(self.data.documents.items()))
        return (document_of(row) for key, row in rows if key.startswith(profile_key))


class FirstPageOnly(MemoryErp):
    def documents(self, profile_key):
        return iter(list(super().documents(profile_key))[:9])


class SwallowsErrors(MemoryErp):
    def warehouses(self):
        try:
            return super().warehouses()
        except PasserelleError:
            return []


class ErrorEndsThePages(MemoryErp):
    def _pages(self, call, wanted, make):
        try:
            yield from super()._pages(call, wanted, make)
        except PasserelleError:
            return


class TellsThePassword(MemoryErp):
    def _error(self, signal, *, write):
        error = super()._error(signal, write=write)
        error.detail = f"mssql+pymssql://reader:{SECRET}@server/COMPANY"
        return error


class ChecksWithThePassword(MemoryErp):
    def check(self):
        return [Finding(Severity.OK, text("url", "{url} answers.", url=f"mssql://reader:{SECRET}@server"))]


class NeverSaysMissing(MemoryErp):
    def _need(self, *capabilities):
        pass


HIDING = {"secret": SECRET}
ERP = [
    Defect("test_check_changes_nothing", CheckTriesAWrite),
    Defect("test_reading_changes_nothing", ReadingMakesRows),
    Defect("test_empty_is_empty", CountsTheHeader),
    Defect("test_an_article_is_read_as_the_erp_holds_it", LosesAccents),
    Defect("test_an_article_with_nothing_filled_is_read_with_nothing", WeighsNothing),
    Defect("test_a_price_is_an_exact_decimal", FloatPrices, {"amount": Decimal("0.1"), "tax_included": True}),
    Defect("test_a_price_is_an_exact_decimal", CentsOnly, {"amount": Decimal("1.005"), "tax_included": False}),
    Defect("test_the_profile_can_say_whether_prices_include_vat", IgnoresTheBasisAsked),
    Defect("test_a_vat_rate_is_an_exact_decimal", WholeRates, {"rate": "5.5"}),
    Defect("test_a_hostile_label_is_read_as_it_is", Escapes, {"label": "Scie <sauteuse> & lame"}),
    Defect("test_an_odd_reference_is_text_and_finds_itself_alone", ReferenceAsNumber, {"reference": "00042"}),
    Defect("test_an_odd_reference_is_text_and_finds_itself_alone", OnlyByPrefix, {"reference": "O'B"}),
    Defect("test_each_article_is_read_once_while_others_arrive", NewestFirstByOffset),
    Defect("test_the_stock_of_each_article_is_read_once_while_others_arrive", NewestFirstByOffset),
    Defect("test_dormant_unpublished_and_deleted_articles_are_not_read", SellsTheDormant),
    Defect("test_an_article_that_leaves_the_scope_is_no_longer_read", RemembersTheFirstList),
    Defect("test_the_count_is_what_is_read", CountsTheHeader),
    Defect("test_every_field_offered_can_be_asked", OffersWhatItRefuses, raises=FieldUnknown),
    Defect("test_every_price_category_offered_can_be_asked", OffersWhatItRefuses, raises=PriceCategoryUnknown),
    Defect("test_what_the_erp_does_not_have_is_an_error_before_the_first_page", UnknownFieldIsEmpty),
    Defect("test_a_filter_that_is_not_one_condition_is_refused", OddFilterIsNoFilter, {"condition": "("}),
    Defect("test_a_filter_leaves_out_what_it_says_and_nothing_else", FiltersPricesAlone),
    Defect("test_a_filter_leaves_out_what_it_says_and_nothing_else", CountsTheFiltered),
    Defect("test_a_record_that_cannot_be_mapped_concerns_itself_alone", MapsAtOnce, raises=RecordUnreadable),
    Defect("test_the_digest_of_an_unchanged_article_stays", RestlessDigest),
    Defect("test_the_digest_changes_with_the_article_and_with_no_other", DigestOfTheReference, {"change": "label"}),
    Defect("test_the_digest_changes_with_the_article_and_with_no_other", DigestWithoutTheTree, {"change": "category"}),
    Defect("test_the_digest_of_stock_changes_with_the_stock_of_its_article_alone", DigestOfTheReference),
    Defect("test_stock_is_summed_over_the_warehouses_named_and_no_other", AllWarehouses),
    Defect("test_a_warehouse_named_twice_counts_once", CountsTwice),
    Defect("test_a_followed_article_without_a_row_is_zero", OnlyWithARow),
    Defect("test_an_unfollowed_article_is_said_to_be_so", FollowsAll),
    Defect("test_negative_and_broken_quantities_are_exact", WholePieces),
    Defect("test_a_warehouse_that_is_unknown_or_missing_is_an_error_never_an_empty_sum", UnknownWarehouseIsEmpty),
    Defect("test_the_stock_read_is_that_of_the_articles_read", IdsOfTheRow),
    Defect("test_documents_are_read_with_their_kind_and_lines", AllOrders),
    Defect("test_documents_of_other_profiles_are_not_read", AnyPrefix),
    Defect("test_many_documents_are_read_each_once", FirstPageOnly),
    Defect("test_a_failed_read_is_an_error_of_its_family", SwallowsErrors, {"fault": Fault.TIMEOUT}),
    Defect("test_a_failure_between_two_pages_is_an_error_not_an_end", ErrorEndsThePages),
    Defect("test_no_secret_shows_in_an_error_or_in_the_log", TellsThePassword, {"fault": Fault.REFUSED}, HIDING),
    Defect("test_no_secret_shows_in_what_check_finds", ChecksWithThePassword, needs=HIDING),
    Defect("test_what_is_not_declared_is_refused", NeverSaysMissing, needs={"without": EVERYTHING}),
]
