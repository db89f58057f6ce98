"""Tracking numbers: where they are written, and that buyers are told once."""

from __future__ import annotations

import pytest
from tests.connectors.woocommerce.conftest import Serve
from tests.connectors.woocommerce.harness import WoocommerceHarness

from passerelle.domain.orders import Parcel
from passerelle.errors import TrackingRefused, WriteUnanswered
from passerelle.ports.shop import TrackingWrite
from passerelle.sandbox.prestashop.faults import Fault as ShopFault
from passerelle.sandbox.woocommerce import FakeWoocommerce


def an_order(served: WoocommerceHarness) -> int:
    product = served.shop.add_product("A1", name="Clé", price="10", stock=9)
    return served.shop.place_order([(product, 1)])


def track(served: WoocommerceHarness, order: int, *numbers: str) -> None:
    write = TrackingWrite(key=str(order), parcels=tuple(Parcel(number, "Colissimo") for number in numbers))
    [outcome] = served.desk.add_tracking([write])
    assert outcome.error is None


def test_parcels_stand_where_the_usual_plugins_look(served: WoocommerceHarness) -> None:
    order = an_order(served)
    track(served, order, "6A1")
    [one] = served.shop.meta_of(order)["_wc_shipment_tracking_items"]
    assert (one["tracking_number"], one["custom_tracking_provider"]) == ("6A1", "Colissimo")
    assert one["date_shipped"] == str(int(served.clock.now().timestamp()))


def test_parcels_that_a_plugin_wrote_stay_as_they_are(served: WoocommerceHarness) -> None:
    order = an_order(served)
    theirs = [{"tracking_provider": "ups", "tracking_number": "1Z9", "tracking_id": "abc", "date_shipped": "1"}]
    served.shop.edit_order(order, meta_data=[{"key": "_wc_shipment_tracking_items", "value": theirs}])
    track(served, order, "1Z9", "6A1")
    items = served.shop.meta_of(order)["_wc_shipment_tracking_items"]
    assert (items[0], [one["tracking_number"] for one in items]) == (theirs[0], ["1Z9", "6A1"])


def test_a_plain_field_can_hold_them(serve: Serve) -> None:
    served = serve(FakeWoocommerce(), tracking="meta")
    order = an_order(served)
    for numbers in (("6A1",), ("6A1", "6A2")):
        track(served, order, *numbers)
    assert served.shop.meta_of(order) == {"passerelle_tracking": "6A1\n6A2"}


def test_numbers_that_are_there_are_not_written_again(served: WoocommerceHarness) -> None:
    order = an_order(served)
    track(served, order, "6A1")
    writes = served.writes
    track(served, order, "6A1")
    assert served.writes == writes


def test_buyers_are_told_only_if_asked_for_and_once(serve: Serve) -> None:
    silent, telling = serve(FakeWoocommerce()), serve(FakeWoocommerce(), tracking_note=True)
    for served, expected in ((silent, []), (telling, ["Colissimo 6A1, Colissimo 6A2"])):
        order = an_order(served)
        track(served, order, "6A1", "6A2")
        track(served, order, "6A1", "6A2")
        assert [note for note in served.shop.notes_of(order) if "6A" in note] == expected


def test_a_note_whose_answer_is_lost_is_not_sent_again(serve: Serve) -> None:
    served = serve(FakeWoocommerce(), tracking_note=True)
    order = an_order(served)
    served.shop.inject(ShopFault("lost_answer", method="WRITE", resource="notes"))
    with pytest.raises(WriteUnanswered):
        track(served, order, "6A1")
    track(served, order, "6A1")
    assert [note for note in served.shop.notes_of(order) if "6A" in note] == ["Colissimo 6A1"]


@pytest.mark.parametrize("number", ["N°1", "<b>", "", " 6A1", "6" * 65, "a\nb"])
def test_what_is_no_tracking_number_is_refused(served: WoocommerceHarness, number: str) -> None:
    order = an_order(served)
    [outcome] = served.desk.add_tracking([TrackingWrite(key=str(order), parcels=(Parcel(number),))])
    assert isinstance(outcome.error, TrackingRefused)
    assert served.shop.meta_of(order) == {}
