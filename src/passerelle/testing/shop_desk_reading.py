"""Obligations of an order desk: what is read."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from passerelle.domain.orders import SalesOrder, TaxedAmount
from passerelle.domain.parties import Address
from passerelle.errors import RecordError
from passerelle.ports.manifest import Capability
from passerelle.ports.shop import OrderDesk
from passerelle.testing.builders import ProductSeed, SaleSeed
from passerelle.testing.faults import READ, Fault
from passerelle.testing.harness import DeskHarness, assert_nothing_leaks, can, failure, injected, needs

ABSENT = "987654"
INVOICE = Address(
    name="Élodie Dupont-Ñ",
    company="Métal & Fils SARL",
    line1="3 rue du Marché",
    line2="Bâtiment C",
    postcode="69003",
    city="Lyon",
    country="FR",
    phone="+33 4 78 00 00 00",
)
DELIVERY = Address(name="Atelier Nord", line1="Grote Markt 1", postcode="1000", city="Bruxelles", country="BE")


def paid_order(harness: DeskHarness) -> str:
    """An order of one product of its own, paid."""
    sku = f"A{len(harness.stored().products) + 1}"
    return harness.seed_order({harness.seed_product(ProductSeed(sku=sku, stock=9)): 1})


def rich_sale(harness: DeskHarness) -> SaleSeed:
    """A sale with everything an order can have: two lines that round, a voucher, delivery, wrapping, two addresses."""
    first = harness.seed_product(ProductSeed(sku="A1", name="Clé plate", price=Decimal("12.500000"), stock=99))
    second = harness.seed_product(ProductSeed(sku="B-2", name="Vis & écrous", price=Decimal("8.325000"), stock=99))
    return SaleSeed(
        pieces={first: 3, second: 4},
        email="elodie.dupont@example.test",
        first_name="Élodie",
        last_name="Dupont-Ñ",
        vat_number="FR32123456789",
        invoice_address=INVOICE,
        delivery_address=DELIVERY,
        shipping=TaxedAmount(Decimal("4.90"), Decimal("5.88")),
        wrapping=TaxedAmount(Decimal("2.00"), Decimal("2.40")),
        voucher=("BIENVENUE", "Bienvenue", Decimal("5.00")),
        payment_method="ps_checkpayment",
        payment_label="Chèque",
        message="Sonner deux fois",
    )


def whole(harness: DeskHarness, order: str) -> SalesOrder:
    """One order, whole."""
    [read] = harness.desk.sales_orders([order])
    assert harness.desk.unreadable() == {}
    return read


def desk_reads(desk: OrderDesk, *, order: str) -> dict[str, Callable[[], object]]:
    """Every reading call of the port, by name."""
    return {
        "sales_orders": lambda: desk.sales_orders([order]),
        "statuses": lambda: desk.statuses([order]),
        "order_statuses": desk.order_statuses,
        "carriers": desk.carriers,
    }


class DeskReading:
    """An order is read as the shop counted it, to the cent, and asking changes nothing."""

    def test_an_order_reads_back_as_it_was_sold_to_the_cent(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_IMPORT)
        seed = rich_sale(harness)
        read = whole(harness, harness.seed_sale(seed))
        lines = {line.product_id: line for line in read.lines}
        first, second = (lines[product] for product in seed.pieces)
        assert (len(read.lines), [line.sku for line in (first, second)]) == (2, ["A1", "B-2"])
        assert (first.name, second.name) == ("Clé plate", "Vis & écrous")
        assert (first.quantity, first.unit, first.total) == (Decimal(3), amounts("12.5", "15"), amounts("37.5", "45"))
        assert (second.quantity, second.unit, second.total) == (
            Decimal(4),
            amounts("8.325", "9.99"),
            amounts("33.3", "39.96"),
        )
        assert {first.rate, second.rate} == {Decimal(20)}
        assert read.shipping is not None
        assert (read.shipping.amount, read.wrapping) == (amounts("4.9", "5.88"), amounts("2", "2.4"))
        assert read.total == amounts("73.53", "88.24")
        assert isinstance(read.total.gross, Decimal)

    def test_a_discount_is_a_positive_amount_with_its_code(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_IMPORT)
        read = whole(harness, harness.seed_sale(rich_sale(harness)))
        assert [(one.code, one.amount) for one in read.discounts] == [("BIENVENUE", amounts("4.17", "5"))]
        assert [one.name.casefold() for one in read.discounts] == ["bienvenue"]

    def test_a_buyer_is_read_with_both_addresses(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_IMPORT)
        buyer = whole(harness, harness.seed_sale(rich_sale(harness))).customer
        assert (buyer.email, buyer.first_name, buyer.last_name) == ("elodie.dupont@example.test", "Élodie", "Dupont-Ñ")
        assert (buyer.company, buyer.vat_number, buyer.phone) == (INVOICE.company, "FR32123456789", INVOICE.phone)
        assert (buyer.invoice_address, buyer.delivery_address) == (INVOICE, DELIVERY)
        assert buyer.shop_id

    def test_a_guest_is_told_from_a_customer(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_IMPORT)
        product = harness.seed_product(ProductSeed(sku="A1", stock=9))
        guest, known = (harness.seed_sale(SaleSeed(pieces={product: 1}, guest=guest)) for guest in (True, False))
        assert (whole(harness, guest).customer.guest, whole(harness, known).customer.guest) == (True, False)

    def test_the_rest_of_an_order_reads_back(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_IMPORT)
        order = harness.seed_sale(rich_sale(harness))
        read = whole(harness, order)
        assert (read.shop_id, read.status, read.currency) == (order, harness.status_of(order), "EUR")
        assert (read.payment_method, read.payment_label, read.message) == (
            "ps_checkpayment",
            "Chèque",
            "Sonner deux fois",
        )
        assert read.reference
        assert read.paid == read.total.gross
        assert read.created_at.tzinfo is not None

    def test_orders_that_do_not_exist_are_left_out(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_IMPORT)
        order = paid_order(harness)
        assert [one.shop_id for one in harness.desk.sales_orders([ABSENT, order])] == [order]
        assert harness.desk.unreadable() == {}
        assert set(harness.desk.statuses([ABSENT, order])) == {order}

    def test_asking_for_nothing_gives_nothing(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_IMPORT)
        paid_order(harness)
        assert (harness.desk.sales_orders([]), harness.desk.statuses([])) == ([], {})

    def test_an_order_that_cannot_be_read_hides_no_other(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_IMPORT)
        broken, sound = paid_order(harness), paid_order(harness)
        can(harness.break_order, broken)
        assert [one.shop_id for one in harness.desk.sales_orders([broken, sound])] == [sound]
        assert [(id, isinstance(error, RecordError)) for id, error in harness.desk.unreadable().items()] == [
            (broken, True)
        ]
        harness.desk.sales_orders([sound])
        assert harness.desk.unreadable() == {}

    def test_the_history_tells_who_set_a_status(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_IMPORT)
        needs_history(harness)
        order = paid_order(harness)
        before = harness.status_of(order)
        harness.set_status(order, harness.next_status, author="7")
        found = harness.desk.statuses([order])[order]
        assert (found.shop_id, found.current) == (order, harness.next_status)
        assert [(one.status, one.author) for one in found.history] == [(before, ""), (harness.next_status, "7")]

    def test_every_status_and_carrier_that_an_order_names_is_listed(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_IMPORT)
        read = whole(harness, harness.seed_sale(rich_sale(harness)))
        assert read.shipping is not None
        statuses = {one.id: one.label for one in harness.desk.order_statuses()}
        carriers = {one.id: one.label for one in harness.desk.carriers()}
        assert {read.status, harness.next_status} <= statuses.keys()
        assert carriers[read.shipping.carrier] == read.shipping.name
        assert all([*statuses.values(), *carriers.values()])

    def test_reading_changes_nothing_and_counts_no_write(self, harness: DeskHarness) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_IMPORT)
        order = harness.seed_sale(rich_sale(harness))
        before, writes = harness.stored(), harness.writes
        for read in desk_reads(harness.desk, order=order).values():
            assert read()
        assert harness.stored() == before
        assert harness.writes == writes

    @pytest.mark.parametrize("fault", READ)
    def test_a_failed_read_is_an_error_of_its_family(self, harness: DeskHarness, fault: Fault) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_IMPORT)
        for read in desk_reads(harness.desk, order=paid_order(harness)).values():
            with injected(harness, fault):
                failure(read, families=READ[fault])

    @pytest.mark.parametrize("fault", READ)
    def test_no_secret_shows_in_what_reading_raises(self, harness: DeskHarness, fault: Fault) -> None:
        needs(harness.adapter.manifest, Capability.ORDERS_IMPORT)
        for read in desk_reads(harness.desk, order=paid_order(harness)).values():
            assert_nothing_leaks(harness, fault, read)


def needs_history(harness: DeskHarness) -> None:
    """Skip a test of a shop that does not keep the statuses an order had."""
    if not harness.remembers:
        pytest.skip(f"{harness.adapter.manifest.name} keeps no history of statuses")


def amounts(net: str, gross: str) -> TaxedAmount:
    """An amount excl. and incl. VAT."""
    return TaxedAmount(Decimal(net), Decimal(gross))
