"""Memory shops whose deletion of products has one defect each, and the obligation that must notice it."""

from __future__ import annotations

from tests.connectors.memory_shop.test_contract import EVERYTHING
from tests.testing.broken_shops import NeverSaysMissing, UnansweredIsDone
from tests.testing.defects import Defect

from passerelle.connectors.memory_shop.adapter import MemoryShop
from passerelle.connectors.memory_shop.rows import Refused
from passerelle.ports.shop import BatchRefused
from passerelle.testing.faults import Fault


class HidesInstead(MemoryShop):
    def _delete(self, item):
        self.data.products[item.shop_id].visible = False
        return item.shop_id


class DeletesEverything(MemoryShop):
    def _delete(self, item):
        self.data.products.clear()
        return item.shop_id


class GoneIsRefused(MemoryShop):
    def _delete(self, item):
        if item.shop_id not in self.data.products:
            raise Refused("it does not exist", gone=True)
        return super()._delete(item)


DELETIONS = [
    Defect("test_deleted_products_are_gone_and_the_others_stay_as_they_are", HidesInstead),
    Defect("test_deleted_products_are_gone_and_the_others_stay_as_they_are", DeletesEverything),
    Defect("test_a_product_that_is_gone_counts_as_deleted_and_keeps_no_other", GoneIsRefused, raises=BatchRefused),
    Defect(
        "test_a_deletion_without_an_answer_is_unknown_and_sent_again_it_is_done",
        UnansweredIsDone,
        {"fault": Fault.LOST_ANSWER},
    ),
    Defect("test_a_deletion_that_is_not_declared_is_refused", NeverSaysMissing, needs={"without": EVERYTHING}),
]
