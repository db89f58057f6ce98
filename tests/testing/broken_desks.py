"""Memory shops whose order desk has one defect each, and the obligation that must notice it."""

from __future__ import annotations

import contextlib

from tests.connectors.memory_shop.test_contract import EVERYTHING
from tests.testing.defects import Defect

from passerelle.connectors.memory_shop.adapter import MemoryShop
from passerelle.errors import PasserelleError


class StatusGoesNowhere(MemoryShop):
    def set_status(self, shop_order_id, *, status, notify):
        pass


class StatusCannotFail(MemoryShop):
    def set_status(self, shop_order_id, *, status, notify):
        with contextlib.suppress(PasserelleError):
            super().set_status(shop_order_id, status=status, notify=notify)


class ParcelsPileUp(MemoryShop):
    def add_tracking(self, shop_order_id, *, parcel):
        self.data.orders[shop_order_id].parcels.append((parcel.tracking_number, parcel.carrier))


DESK = [
    Defect("test_a_status_is_written", StatusGoesNowhere),
    Defect("test_a_status_without_an_answer_is_unknown_and_written", StatusCannotFail),
    Defect("test_a_status_that_does_not_exist_concerns_this_order_alone", StatusCannotFail),
    Defect("test_an_order_that_does_not_exist_concerns_itself_alone", StatusCannotFail),
    Defect("test_every_parcel_is_written_once", ParcelsPileUp),
    Defect("test_what_is_not_declared_is_refused", StatusGoesNowhere, needs={"without": EVERYTHING}),
]
