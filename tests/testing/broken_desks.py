"""Memory shops whose order desk has one defect each, and the obligation that must notice it."""

from __future__ import annotations

import msgspec
from tests.connectors.memory_shop.test_contract import EVERYTHING
from tests.testing.defects import Defect

from passerelle.connectors.memory_shop.adapter import MemoryShop
from passerelle.domain.orders import TaxedAmount
from passerelle.errors import PasserelleError, WriteUnanswered
from passerelle.ports.shop import BatchRefused, Outcome
from passerelle.testing.faults import Fault


def changed(orders, **fields):
    return [msgspec.structs.replace(order, **fields) for order in orders]


class OneCentOff(MemoryShop):
    def sales_orders(self, shop_ids):
        found = super().sales_orders(shop_ids)
        return [
            msgspec.structs.replace(one, total=TaxedAmount(one.total.net, one.total.gross + one.total.gross / 10000))
            for one in found
        ]


class DiscountsAreNegative(MemoryShop):
    def sales_orders(self, shop_ids):
        return [
            msgspec.structs.replace(one, discounts=tuple(changed(one.discounts, amount=TaxedAmount(-4, -5))))
            for one in super().sales_orders(shop_ids)
        ]


class OneAddressForBoth(MemoryShop):
    def sales_orders(self, shop_ids):
        return [
            msgspec.structs.replace(
                one, customer=msgspec.structs.replace(one.customer, delivery_address=one.customer.invoice_address)
            )
            for one in super().sales_orders(shop_ids)
        ]


class NobodyIsAGuest(MemoryShop):
    def sales_orders(self, shop_ids):
        return [
            msgspec.structs.replace(one, customer=msgspec.structs.replace(one.customer, guest=False))
            for one in super().sales_orders(shop_ids)
        ]


class PaymentByItsLabel(MemoryShop):
    def sales_orders(self, shop_ids):
        return [
            msgspec.structs.replace(one, payment_method=one.payment_label) for one in super().sales_orders(shop_ids)
        ]


class UnknownOrdersAreUnreadable(MemoryShop):
    def unreadable(self):
        return {**super().unreadable(), "987654": WriteUnanswered(system="x")}


class NothingIsEverything(MemoryShop):
    def sales_orders(self, shop_ids):
        return super().sales_orders(shop_ids or list(self.data.orders))


class BrokenOrderIsDropped(MemoryShop):
    def unreadable(self):
        return {}


class NobodySignsAnything(MemoryShop):
    def statuses(self, shop_ids):
        return {
            id: msgspec.structs.replace(one, history=tuple(changed(one.history, author="")))
            for id, one in super().statuses(shop_ids).items()
        }


class CarriersByAnotherId(MemoryShop):
    def carriers(self):
        return [msgspec.structs.replace(one, id=f"v{one.id}") for one in super().carriers()]


class ReadingMarks(MemoryShop):
    def sales_orders(self, shop_ids):
        for id in shop_ids:
            self.data.orders[id].notified.append("seen")
        return super().sales_orders(shop_ids)


class FailedReadIsEmpty(MemoryShop):
    def statuses(self, shop_ids):
        try:
            return super().statuses(shop_ids)
        except PasserelleError:
            return {}


class ReadingTellsTheKey(MemoryShop):
    def _read(self, call, ask):
        try:
            return super()._read(call, ask)
        except PasserelleError as error:
            error.detail = f"key={self._key}"
            raise


class StatusGoesNowhere(MemoryShop):
    def _set_status(self, item):
        return self._order(item.key).id


class OurStatusIsSigned(MemoryShop):
    def _set_status(self, item):
        self.data.change_state(item.key, item.status, author="1")
        return item.key


class StatusTakesStockAgain(MemoryShop):
    def _set_status(self, item):
        order = self._order(item.key)
        if order.status == item.status:
            self.data._move(order.lines, sign=-1)
        return super()._set_status(item)


class StatusCannotFail(MemoryShop):
    def set_statuses(self, items):
        try:
            return super().set_statuses(items)
        except (PasserelleError, BatchRefused):
            return [Outcome(key=item.key) for item in items]


class BadStatusIsDone(MemoryShop):
    def set_statuses(self, items):
        return [
            Outcome(key=one.key) if one.error else one
            for item in items
            for one in super(BadStatusIsDone, self).set_statuses([item])
        ]


class ParcelsPileUp(MemoryShop):
    def _add_tracking(self, item):
        self._order(item.key).parcels += [(parcel.tracking_number, parcel.carrier) for parcel in item.parcels]
        return item.key


class ParcelsCannotFail(MemoryShop):
    def add_tracking(self, items):
        try:
            return super().add_tracking(items)
        except PasserelleError:
            return [Outcome(key=item.key) for item in items]


class EveryNumberIsFine(MemoryShop):
    def _add_tracking(self, item):
        order = self._order(item.key)
        order.parcels += [(one.tracking_number, "") for one in item.parcels]
        return order.id


class WritingTellsTheKey(MemoryShop):
    def _write(self, capability, call, items, each):
        try:
            return super()._write(capability, call, items, each)
        except PasserelleError as error:
            error.detail = f"key={self._key}"
            raise


class UndeclaredAllTheSame(MemoryShop):
    def carriers(self):
        return []


LOST = {"fault": Fault.LOST_ANSWER}
OFF = {"fault": Fault.SERVICE_OFF}
DESK = [
    Defect("test_an_order_reads_back_as_it_was_sold_to_the_cent", OneCentOff),
    Defect("test_a_discount_is_a_positive_amount_with_its_code", DiscountsAreNegative),
    Defect("test_a_buyer_is_read_with_both_addresses", OneAddressForBoth),
    Defect("test_a_guest_is_told_from_a_customer", NobodyIsAGuest),
    Defect("test_the_rest_of_an_order_reads_back", PaymentByItsLabel),
    Defect("test_orders_that_do_not_exist_are_left_out", UnknownOrdersAreUnreadable),
    Defect("test_asking_for_nothing_gives_nothing", NothingIsEverything),
    Defect("test_an_order_that_cannot_be_read_hides_no_other", BrokenOrderIsDropped),
    Defect("test_the_history_tells_who_set_a_status", NobodySignsAnything),
    Defect("test_every_status_and_carrier_that_an_order_names_is_listed", CarriersByAnotherId, raises=KeyError),
    Defect("test_reading_changes_nothing_and_counts_no_write", ReadingMarks),
    Defect("test_a_failed_read_is_an_error_of_its_family", FailedReadIsEmpty, given=OFF),
    Defect("test_no_secret_shows_in_what_reading_raises", ReadingTellsTheKey, given=OFF),
    Defect("test_a_batch_of_statuses_is_written_with_one_outcome_each_in_order", StatusGoesNowhere),
    Defect("test_what_we_set_bears_no_name_of_a_person", OurStatusIsSigned),
    Defect("test_a_status_set_twice_is_harmless", StatusTakesStockAgain),
    Defect("test_a_status_without_an_answer_is_unknown_and_written", StatusCannotFail, given=LOST),
    Defect("test_a_status_that_does_not_exist_concerns_its_order_alone", BadStatusIsDone),
    Defect("test_an_order_that_does_not_exist_concerns_itself_alone", BadStatusIsDone),
    Defect("test_every_parcel_is_written_once", ParcelsPileUp),
    Defect("test_parcels_without_an_answer_are_unknown_and_sent_again_they_are_there_once", ParcelsPileUp, given=LOST),
    Defect("test_a_number_that_is_refused_concerns_its_order_alone", EveryNumberIsFine),
    Defect("test_a_failed_write_is_an_error_of_its_family_and_changes_nothing", ParcelsCannotFail, given=OFF),
    Defect("test_no_secret_shows_in_what_writing_raises", WritingTellsTheKey, given=OFF),
    Defect("test_what_is_not_declared_is_refused", UndeclaredAllTheSame, needs={"without": EVERYTHING}),
]
