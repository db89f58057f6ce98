"""An order's way into a real Tryton, interrupted everywhere, and totals to the cent."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.connectors.tryton import company
from tests.connectors.tryton.harness import TrytonHarness
from tests.connectors.tryton.proxy import Strike

from passerelle.domain.orders import DocumentLine, SalesDocument, SalesLine
from passerelle.domain.parties import Address, Customer
from passerelle.domain.stock import DocumentKind
from passerelle.errors import (
    CapabilityMissing,
    CustomerUnknown,
    OrderCurrency,
    OrderFieldRefused,
    OrderLineUnknown,
    OrderUnmapped,
    OrderUnsupported,
    OutcomeUnknown,
)
from passerelle.testing.builders import HOME, VariantSeed, article, pieces, sales_document
from passerelle.testing.faults import Fault

replace = msgspec.structs.replace
WAY = ["create", "quote", "confirm", "write"]


def order(harness: TrytonHarness, **changes: object) -> SalesDocument:
    """An order of one piece of A1, which is in stock."""
    harness.seed(article("A1", stock=pieces(9)))
    return replace(sales_document("MD-1", skus=("A1",), tax_code=harness.tax_code), **changes)


def place(harness: TrytonHarness, document: SalesDocument) -> str:
    return harness.sink.place(document, handing_over=lambda: None)


def test_a_sale_is_called_by_its_key_only_when_it_is_whole(harness: TrytonHarness) -> None:
    document = order(harness)
    harness.proxy.calls.clear()
    place(harness, document)
    assert [method.rpartition(".")[2] for method in harness.proxy.writes] == WAY
    assert [row[1:] for row in harness.sales_with("MD-1")] == [("processing", "MD-1")]


@pytest.mark.parametrize("fault", [Fault.TIMEOUT, Fault.LOST_ANSWER])
@pytest.mark.parametrize("step", range(len(WAY)), ids=WAY)
def test_a_way_that_was_interrupted_ends_with_one_whole_sale(harness: TrytonHarness, fault: Fault, step: int) -> None:
    document = order(harness)
    harness.proxy.strike = Strike(fault, writes_only=True, skip=step, times=1)
    with pytest.raises(OutcomeUnknown):
        place(harness, document)
    done = fault is Fault.LOST_ANSWER and step == len(WAY) - 1
    assert [one.order_key for one in harness.adapter.documents("MD")] == (["MD-1"] if done else [])
    number = place(harness, document)
    [found] = harness.adapter.documents("MD")
    assert (found.kind, found.number, found.total) == (DocumentKind.ORDER, number, Decimal("12.00"))
    assert [row[1:] for row in harness.sales_with("MD-1")] == [("processing", "MD-1")]


def test_a_begun_sale_is_made_anew_as_its_order_is_now(harness: TrytonHarness) -> None:
    document = order(harness)
    harness.proxy.strike = Strike(Fault.TIMEOUT, writes_only=True, skip=1, times=1)
    with pytest.raises(OutcomeUnknown):
        place(harness, document)
    [line] = document.lines
    place(harness, replace(document, lines=(replace(line, quantity=Decimal(3)),)))
    [found] = harness.adapter.documents("MD")
    assert found.lines == (DocumentLine("A1", Decimal(3)),)
    assert harness.documents_with("MD-1") == 1


def test_a_quotation_stays_one(harness: TrytonHarness) -> None:
    place(harness, order(harness, kind=DocumentKind.QUOTATION))
    [found] = harness.adapter.documents("MD")
    assert found.kind is DocumentKind.QUOTATION


def test_a_cancelled_sale_is_not_placed_again(harness: TrytonHarness) -> None:
    document = order(harness, kind=DocumentKind.QUOTATION)
    place(harness, document)
    harness.rpc("sale.sale.cancel", [harness.sales_with("MD-1")[0][0]])
    assert list(harness.adapter.documents("MD")) == []
    with pytest.raises(OrderFieldRefused, match="cancelled"):
        place(harness, document)
    assert harness.documents_with("MD-1") == 1


def test_what_tryton_refuses_concerns_its_order_with_the_reason(harness: TrytonHarness) -> None:
    document = order(harness)
    harness.adapter._placing._warehouse = ""
    with pytest.raises(OrderFieldRefused, match="warehouse"):
        place(harness, document)
    assert list(harness.adapter.documents("MD")) == []
    number = place(harness, replace(document, warehouse=harness.warehouses[1]))
    assert [(one.number, one.kind) for one in harness.adapter.documents("MD")] == [(number, DocumentKind.ORDER)]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"kind": DocumentKind.INVOICE}, OrderUnsupported),
        ({"series": "1"}, OrderUnsupported),
        ({"customer_code": "ABSENT"}, CustomerUnknown),
        ({"currency": "USD"}, OrderCurrency),
        ({"delivery_address": replace(HOME, country="Atlantide")}, OrderFieldRefused),
    ],
    ids=["kind", "series", "customer", "currency", "country"],
)
def test_what_cannot_be_placed_is_refused_before_a_sale_is_made(
    harness: TrytonHarness, change: dict[str, object], error: type[Exception]
) -> None:
    document = order(harness)
    with pytest.raises(error):
        place(harness, replace(document, **change))
    assert harness.documents_with("MD-1") == 0


def test_an_unknown_tax_and_an_unknown_article_are_told(harness: TrytonHarness) -> None:
    document = order(harness)
    [line] = document.lines
    with pytest.raises(OrderUnmapped):
        harness.sink.price(replace(document, lines=(replace(line, tax_code="TVA 33 %"),)))
    with pytest.raises(OrderLineUnknown):
        place(harness, replace(document, lines=(replace(line, sku="ABSENT"),)))


def test_an_article_with_variants_is_sold_by_the_code_of_one(harness: TrytonHarness) -> None:
    variants = (VariantSeed(values=("L",)), VariantSeed(values=("XL",)))
    harness.seed(article("GANT", options=("Taille",), variants=variants))
    document = sales_document("MD-1", skus=("GANT",), tax_code=harness.tax_code)
    with pytest.raises(OrderFieldRefused, match="GANT"):
        place(harness, document)
    place(harness, replace(document, lines=(replace(document.lines[0], sku="GANT-XL"),)))
    [found] = harness.adapter.documents("MD")
    assert found.lines == (DocumentLine("GANT-XL", Decimal(1)),)


def test_a_delivery_address_is_added_once_and_used(harness: TrytonHarness) -> None:
    home = Address(
        name="Jean", line1="12 rue de l'Église", line2="Bât. B", postcode="75011", city="Paris", country="FR"
    )
    document = order(harness, delivery_address=home)
    place(harness, document)
    place(harness, replace(document, order_key="MD-2"))
    party = harness.rpc.fixed("party.party", [["code", "=", company.CUSTOMER]])
    rows = harness.rpc.rows("party.address", [["party", "=", party]], "street", "city")
    assert [(row["street"], row["city"]) for row in rows] == [
        ("1 rue du Port", "Brest"),
        ("12 rue de l'Église\nBât. B", "Paris"),
    ]
    sales = harness.rpc.rows("sale.sale", [], "shipment_address", "invoice_address")
    assert [(sale["invoice_address"], sale["shipment_address"]) for sale in sales] == [
        (rows[0]["id"], rows[1]["id"])
    ] * 2


def test_a_customer_is_a_party_with_all_that_is_known_of_it(harness: TrytonHarness) -> None:
    buyer = Customer(
        code="CL8", email="anne@example.test", first_name="Anne", last_name="Roy", phone="+33102030405",
        vat_number="FR40303265045", invoice_address=HOME, delivery_address=replace(HOME, city="Lyon"),
    )  # fmt: skip
    assert harness.sink.place_customer(buyer, handing_over=lambda: None) == "CL8"
    [party] = harness.rpc.rows("party.party", [["code", "=", "CL8"]], "name", "phone", "addresses", "tax_identifier")
    assert (party["name"], len(party["addresses"]), bool(party["tax_identifier"])) == ("Anne Roy", 2, True)
    with pytest.raises(CapabilityMissing):
        harness.sink.place_customer(replace(buyer, code=""), handing_over=lambda: None)


def test_goods_that_left_in_part_are_a_delivery_beside_the_rest(harness: TrytonHarness) -> None:
    document = order(harness)
    [line] = document.lines
    number = place(harness, replace(document, lines=(replace(line, quantity=Decimal(3)),)))
    sale = harness.rpc.one("sale.sale", [["reference", "=", "MD-1"]])
    [shipment] = harness.rpc.rows("stock.shipment.out", [["moves.sale", "=", sale]], "inventory_moves")
    harness.rpc("stock.move.write", shipment["inventory_moves"], {"quantity": 1.0})
    harness.ship(sale)
    rest, part = harness.adapter.documents("MD")
    assert (rest.kind, rest.lines, rest.total) == (DocumentKind.ORDER, (DocumentLine("A1", Decimal(2)),), Decimal(36))
    assert (part.kind, part.lines, part.total) == (DocumentKind.DELIVERY, (DocumentLine("A1", Decimal(1)),), Decimal(0))
    assert harness.sink.successors([number]) == {number: [part]}


LINES = st.builds(
    SalesLine,
    sku=st.just("PORT"),
    label=st.just("Port"),
    quantity=st.decimals("-9", "999", places=2).filter(bool),
    unit_price=st.decimals("0", "2000", places=3),
    tax_included=st.booleans(),
    tax_code=st.sampled_from(list(company.RATES.values())),
    discount=st.sampled_from([Decimal(0), Decimal("12.5")]),
)


@pytest.mark.parametrize("rounding", ["document", "line"])
def test_the_totals_told_beforehand_are_those_of_the_sale(harness: TrytonHarness, rounding: str) -> None:
    harness.seed(article("PORT"))
    harness.rpc("product.template.write", [harness.template("PORT")], {"type": "service"})
    harness.rpc("account.configuration.write", [1], {"tax_rounding": rounding})
    base = sales_document("MD-1", skus=("PORT",), tax_code=harness.tax_code)
    halves = tuple(replace(base.lines[0], unit_price=Decimal(one)) for one in ("2.345", "0.125", "1.005", "-0.125"))
    count = iter(range(1000))

    @settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(lines=st.lists(LINES, min_size=1, max_size=6))
    def agree(lines: list[SalesLine]) -> None:
        key = f"MD-{next(count)}"
        document = replace(base, order_key=key, kind=DocumentKind.QUOTATION, lines=(*lines, *halves))
        totals = harness.sink.price(document)
        place(harness, document)
        amounts = harness.rpc.rows("sale.sale", [["reference", "=", key]], "total_amount", "untaxed_amount")[0]
        assert totals.total == amounts["total_amount"]
        assert sum(base for base, _ in totals.by_tax.values()) == amounts["untaxed_amount"]

    agree()
