"""Orders placed in Odoo: one each, whatever happens on the way, and as the shop had them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.connectors.odoo.conftest import Serve
from tests.connectors.odoo.harness import OdooHarness, connect, precise

from passerelle.connectors.odoo.adapter import Odoo
from passerelle.domain.orders import SalesDocument
from passerelle.domain.parties import Address, Customer
from passerelle.domain.stock import DocumentKind
from passerelle.errors import (
    CapabilityMissing,
    CustomerRefused,
    CustomerUnknown,
    DocumentRefused,
    DocumentTotalDiffers,
    OrderFieldRefused,
    OrderUnmapped,
    OrderUnsupported,
    OutcomeUnknown,
    RecordError,
    RecordUnreadable,
    Unavailable,
    WarehouseUnknown,
)
from passerelle.sandbox.odoo import FakeOdoo, Fault
from passerelle.sandbox.odoo.database import Record
from passerelle.testing.builders import article, pieces, sales_document

replace = msgspec.structs.replace
HERE = Address(name="Jean Dupont", line1="1 rue de la Paix", postcode="75002", city="Paris", country="France")
THERE = Address(name="Jean Dupont", line1="5 av. des Livraisons", postcode="69001", city="Lyon", country="FR")


def nothing() -> None:
    """What is called before a hand-over, which Odoo never does."""


def an_order(harness: OdooHarness, key: str = "MD-1", **changes: Any) -> SalesDocument:
    """Two articles at 10.00 each, dated in the past, sent to another address than the customer's."""
    harness.seed(article("A1", stock=pieces(9)), article("A2", stock=pieces(9)))
    full = {"delivery_address": THERE, "remark": "Sonnez fort", "payment_method": "Virement", **changes}
    return sales_document(key, skus=("A1", "A2"), tax_code=harness.tax_code, **full)


def place(harness: OdooHarness, document: SalesDocument) -> str:
    return harness.sink.place(document, handing_over=nothing)


def the_order(harness: OdooHarness, key: str = "MD-1") -> Record:
    """The one order of a key, which must be whole."""
    assert harness.documents_with(key) == 1
    [order] = harness.odoo.documents_with(key)
    return order


def is_as_asked(harness: OdooHarness, *, state: str = "sale") -> None:
    """One order, complete, dated by the shop, of the right total, delivered once, to one address."""
    order = the_order(harness)
    assert (order.state, order.date_order[:10], order.amount_total) == (state, "2026-11-24", 24.0)
    assert len(order.order_line) == 3
    assert len(harness.odoo.pickings_of(order)) == (state == "sale")
    addresses = harness.odoo.store["res.partner"].by("parent_id", harness.customer)
    assert [one.id for one in addresses] == [order.partner_shipping_id]


# --- what is written -------------------------------------------------------------------------------------------------


def test_an_order_is_written_as_the_shop_had_it(harness: OdooHarness) -> None:
    carrier = harness.odoo.add_carrier("Messagerie", price="9.90")
    product = harness.odoo.record("delivery.carrier", carrier).values["product_id"]
    harness.odoo.write("product.product", product, {"default_code": "PORT"})
    document = an_order(harness, warehouse=harness.warehouses[1], carrier="Messagerie", reference="XKBKNABJK")
    shipping = replace(document.lines[0], sku="PORT", label="Livraison", unit_price=Decimal("5.00"))
    number = place(harness, replace(document, lines=(*document.lines, shipping)))
    order = the_order(harness)
    assert (order.name, order.client_order_ref, order.origin) == (number, "MD-1", "XKBKNABJK")
    assert order.date_order == "2026-11-24 12:00:00"
    assert (order.partner_id, order.carrier_id) == (harness.customer, carrier)
    assert order.warehouse_id == harness.odoo.warehouses[harness.warehouses[1]].id
    assert not order.fiscal_position_id
    lines = [harness.odoo.record("sale.order.line", id) for id in order.order_line]
    assert [line.is_delivery for line in lines] == [False, False, True, False]
    assert [line.name for line in lines[:3]] == ["Article A1", "Article A2", "Livraison"]
    assert (lines[3].display_type, lines[3].name) == ("line_note", "Sonnez fort\nVirement")
    assert [tuple(line.tax_ids) for line in lines[:3]] == [(harness.odoo.tax(20.0),)] * 3


def test_the_taxes_are_those_asked_for_whatever_the_customer_s_country(harness: OdooHarness) -> None:
    harness.odoo.write("res.partner", harness.customer, {"vat": "BE0477472701", "country_id": 2})
    place(harness, an_order(harness))
    assert the_order(harness).amount_total == 24.0
    place(harness, an_order(harness, "MD-2", tax_category="Intra-EU B2B"))
    position = harness.odoo.record("account.fiscal.position", the_order(harness, "MD-2").fiscal_position_id)
    assert (position.name, the_order(harness, "MD-2").amount_total) == ("Intra-EU B2B", 24.0)


@pytest.mark.parametrize("rounding", ["round_per_line", "round_globally"])
@pytest.mark.parametrize("included", [True, False])
def test_the_price_told_beforehand_is_what_odoo_counts(serve: Serve, rounding: str, included: bool) -> None:
    harness = serve(FakeOdoo(tax_rounding=rounding))
    code = f"tax-{harness.odoo.tax(5.5, included=included)}"
    document = an_order(harness)
    odd = [
        replace(line, tax_code=code, unit_price=Decimal(price), tax_included=True, quantity=Decimal(quantity))
        for line, price, quantity in zip(document.lines, ("9.99", "0.07"), ("3", "7"), strict=True)
    ]
    document = replace(document, lines=(*odd, document.lines[0]))
    expected = harness.sink.price(document)
    place(harness, document)
    assert Decimal(str(the_order(harness).amount_total)) == expected.total


@pytest.mark.parametrize(("version", "total"), [(18, 19.99), (19, 19.98)])
def test_a_price_with_vat_is_kept_to_the_cent_by_taxes_on_top_where_odoo_rounds_no_price(
    serve: Serve, version: int, total: float
) -> None:
    harness = serve(FakeOdoo(version=version))
    precise(harness.odoo, Product_Price=2)
    document = an_order(harness)
    [first, *_] = document.lines
    sold = replace(first, unit_price=Decimal("9.99"), tax_included=True, quantity=Decimal(2))
    document = replace(document, lines=(sold,))
    assert float(harness.sink.price(document).total) == total
    place(harness, document)
    assert the_order(harness).amount_total == total


def test_a_quotation_that_says_something_else_is_written_again_with_the_taxes_asked_for(serve: Serve) -> None:
    harness = serve(FakeOdoo())
    code = f"tax-{harness.odoo.tax(5.5)}"
    document = an_order(harness)
    document = replace(document, lines=tuple(replace(one, tax_code=code) for one in document.lines))
    harness.odoo.inject(Fault("status", status=503, method="action_confirm"))
    with pytest.raises(OutcomeUnknown):
        place(harness, document)
    [half] = harness.odoo.documents_with("MD-1") or [one for one in harness.odoo.orders() if one.origin == "MD-1"]
    harness.odoo.mischief.faults.clear()
    harness.odoo.write(
        "sale.order.line", harness.odoo.record("sale.order.line", half.order_line[0]), {"price_unit": 1.0}
    )
    place(harness, document)
    assert the_order(harness).amount_total == float(harness.sink.price(document).total) == 21.1


def test_a_quotation_stays_one_and_orders_too_where_they_are_not_to_be_confirmed(serve: Serve) -> None:
    harness = serve(FakeOdoo())
    place(harness, an_order(harness, kind=DocumentKind.QUOTATION))
    is_as_asked(harness, state="draft")
    assert [one.kind for one in harness.adapter.documents("MD")] == [DocumentKind.QUOTATION]
    harness = serve(FakeOdoo(), confirm=False)
    number = place(harness, an_order(harness))
    assert place(harness, an_order(harness)) == number
    is_as_asked(harness, state="draft")


def test_an_order_whose_profile_names_no_warehouse_goes_to_that_of_the_connection(serve: Serve) -> None:
    harness = serve(FakeOdoo(), warehouse="Magasin Villeurbanne")
    place(harness, an_order(harness))
    place(harness, an_order(harness, "MD-2", warehouse="Dépôt principal"))
    chosen = [the_order(harness, key).warehouse_id for key in ("MD-1", "MD-2")]
    assert chosen == [harness.odoo.warehouses[name].id for name in ("Magasin Villeurbanne", "Dépôt principal")]


def test_an_address_is_made_once_and_known_again(harness: OdooHarness) -> None:
    for key, address in (("MD-1", THERE), ("MD-2", replace(THERE, city="LYON")), ("MD-3", None)):
        place(harness, an_order(harness, key, delivery_address=address))
    [address] = harness.odoo.store["res.partner"].by("parent_id", harness.customer)
    chosen = [the_order(harness, key).partner_shipping_id for key in ("MD-1", "MD-2", "MD-3")]
    assert chosen == [address.id, address.id, harness.customer]
    assert (address.type, address.street, address.zip, address.country_id) == (
        "delivery", "5 av. des Livraisons", "69001", 1,
    )  # fmt: skip


# --- what stops it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"customer_code": "CL9"}, CustomerUnknown),
        ({"customer_code": "TWICE"}, RecordUnreadable),
        ({"carrier": "Inconnu"}, OrderUnmapped),
        ({"tax_category": "Inconnue"}, OrderUnmapped),
        ({"delivery_address": replace(THERE, country="Atlantide")}, OrderUnmapped),
        ({"series": "WEB"}, OrderFieldRefused),
        ({"currency": "USD"}, DocumentRefused),
        ({"kind": DocumentKind.INVOICE}, OrderUnsupported),
        ({"warehouse": "Inconnu"}, WarehouseUnknown),
    ],
)
def test_what_odoo_does_not_have_stops_the_order_before_it_is_confirmed(
    harness: OdooHarness, changes: dict[str, Any], error: type[Exception]
) -> None:
    for _ in range(2):
        harness.odoo.add_partner("Twice", ref="TWICE")
    with pytest.raises(error):
        place(harness, an_order(harness, **changes))
    assert not [order for order in harness.odoo.orders() if order.state == "sale"]
    assert list(harness.adapter.documents("MD")) == []


def test_a_reference_given_twice_is_not_guessed_but_an_id_tells_which(harness: OdooHarness) -> None:
    document = an_order(harness)
    wanted = harness.product("A1")
    harness.odoo.add_product("A1", name="Double")
    with pytest.raises(OrderFieldRefused, match="A1 2 times"):
        place(harness, document)
    by_id = replace(document.lines[0], erp_id=f"T{wanted.values['product_tmpl_id']}")
    place(harness, replace(document, lines=(by_id, document.lines[1])))
    line = harness.odoo.record("sale.order.line", the_order(harness).order_line[0])
    assert line.product_id == wanted.id


def test_a_total_that_is_not_what_was_computed_stays_a_quotation_until_it_is(harness: OdooHarness) -> None:
    document = an_order(harness)
    harness.sink.price(document)
    tax = harness.odoo.tax(20.0)
    harness.odoo.write("account.tax", tax, {"amount": 19.6})
    with pytest.raises(DocumentTotalDiffers) as differs:
        place(harness, document)
    assert (differs.value.params["shop"], differs.value.params["erp"]) == ("24.00", "23.92")
    assert [order.state for order in harness.odoo.orders()] == ["draft"]
    assert list(harness.adapter.documents("MD")) == []
    harness.odoo.write("account.tax", tax, {"amount": 20.0})
    place(harness, document)
    is_as_asked(harness)


def test_a_customer_s_price_list_in_another_currency_stops_its_order(harness: OdooHarness) -> None:
    dollars = next(row.id for row in harness.odoo.records("res.currency") if row.name == "USD")
    harness.odoo.write(
        "res.partner", harness.customer,
        {"property_product_pricelist": harness.odoo.add_pricelist("Export", currency_id=dollars)},
    )  # fmt: skip
    with pytest.raises(DocumentRefused, match="USD"):
        place(harness, an_order(harness))


def test_an_order_that_was_cancelled_is_neither_there_nor_made_again(harness: OdooHarness) -> None:
    document = an_order(harness)
    place(harness, document)
    harness.odoo.cancel(the_order(harness))
    assert list(harness.adapter.documents("MD")) == []
    assert harness.sink.find_document("MD-1") is None
    with pytest.raises(DocumentRefused, match="cancelled"):
        place(harness, document)
    assert harness.documents_with("MD-1") == 1


# --- whatever happens on the way -------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process ends."""


def dying(adapter: Odoo, *, after: int, answered: bool) -> list[str]:
    """Let the process end at a request of the adapter, before or after it is made; gives the requests made."""
    http = adapter._client._http
    once, made = http._once, []

    def request(method: str, url: str, **rest: Any) -> Any:
        if len(made) == after and not answered:
            raise Killed
        answer = once(method, url, **rest)
        made.append(url)
        if len(made) == after + 1 and answered:
            raise Killed
        return answer

    http._once = request  # type: ignore[method-assign]
    return made


def requests_of_an_order(harness: OdooHarness) -> int:
    made = dying(harness.adapter, after=10_000, answered=True)
    place(harness, an_order(harness, "MD-0"))
    return len(made)


@pytest.mark.parametrize("version", [19, 17])
def test_a_process_killed_between_any_two_calls_leaves_one_order(serve: Serve, version: int) -> None:
    count = requests_of_an_order(serve(FakeOdoo(version=version)))
    assert count > 10
    for after in range(count):
        for answered in (False, True):
            harness = serve(FakeOdoo(version=version))
            document = an_order(harness)
            dying(harness.adapter, after=after, answered=answered)
            with pytest.raises(Killed):
                place(harness, document)
            harness.adapter.close()
            harness.sink = harness.adapter = connect(harness.odoo, harness.url)
            if list(harness.adapter.documents("MD")):  # nobody takes half an order for done
                is_as_asked(harness)
            place(harness, document)
            is_as_asked(harness)
            harness.adapter.close()


@pytest.mark.parametrize("version", [19, 17])
@pytest.mark.parametrize("kind", ["lost_answer", "truncated_answer", "error_after_commit"])
@pytest.mark.parametrize("skip", range(4))
def test_an_answer_lost_at_any_write_leaves_one_order(serve: Serve, version: int, kind: Any, skip: int) -> None:
    harness = serve(FakeOdoo(version=version))
    document = an_order(harness)
    harness.odoo.inject(Fault(kind, method="WRITE", skip=skip))
    with pytest.raises(OutcomeUnknown):
        place(harness, document)
    if list(harness.adapter.documents("MD")):
        is_as_asked(harness)
    place(harness, document)
    is_as_asked(harness)


@pytest.mark.parametrize("skip", range(4))
@pytest.mark.parametrize("version", [19, 17])
def test_a_race_that_odoo_lost_is_tried_again(serve: Serve, version: int, skip: int) -> None:
    harness = serve(FakeOdoo(version=version))
    document = an_order(harness)
    harness.odoo.inject(Fault("serialisation", method="WRITE", skip=skip, times=3))
    place(harness, document)
    is_as_asked(harness)


def test_races_that_never_end_are_given_up_and_nothing_was_done(harness: OdooHarness) -> None:
    document = an_order(harness, delivery_address=None)
    harness.odoo.inject(Fault("serialisation", method="WRITE", times=100))
    with pytest.raises(Unavailable):
        place(harness, document)
    assert harness.odoo.orders() == []


def test_four_at_once_place_one_order(harness: OdooHarness) -> None:
    document = an_order(harness)
    workers = [connect(harness.odoo, harness.url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda worker: worker.place(document, handing_over=nothing), workers))
    assert len(set(numbers)) == 1
    is_as_asked(harness)
    for worker in workers:
        worker.close()


def answering(adapter: Odoo, *, method: str, instead: Callable[[Callable[[], Any]], Any]) -> None:
    """Let a method of Odoo answer something else; `instead` is given how to do it."""
    write = adapter._client.write

    def call(model: str, name: str, **rest: Any) -> Any:
        def done() -> Any:
            return write(model, name, **rest)

        return instead(done) if name == method else done()

    adapter._client.write = call  # type: ignore[method-assign]


def test_a_question_instead_of_a_confirmation_means_that_nothing_was_done(harness: OdooHarness) -> None:
    document = an_order(harness)
    answering(harness.adapter, method="action_confirm", instead=lambda do: {"type": "ir.actions.act_window"})
    with pytest.raises(DocumentRefused, match="asks a question"):
        place(harness, document)
    assert [order.state for order in harness.odoo.orders()] == ["draft"]
    harness.sink = connect(harness.odoo, harness.url)
    place(harness, document)
    is_as_asked(harness)


def test_no_answer_at_all_from_a_confirmation_that_was_done_is_no_failure(harness: OdooHarness) -> None:
    def null(do: Callable[[], Any]) -> None:
        do()

    answering(harness.adapter, method="action_confirm", instead=null)
    place(harness, an_order(harness))
    is_as_asked(harness)


def test_an_order_that_someone_confirmed_meanwhile_is_done(harness: OdooHarness) -> None:
    def confirmed(do: Callable[[], Any]) -> Any:
        harness.odoo.confirm(harness.odoo.orders()[0])
        return do()

    answering(harness.adapter, method="action_confirm", instead=confirmed)
    place(harness, an_order(harness))
    is_as_asked(harness)


# --- several at once -------------------------------------------------------------------------------------------------


def test_several_orders_take_the_writes_of_one(harness: OdooHarness) -> None:
    documents = [an_order(harness, f"MD-{number}", delivery_address=None) for number in range(1, 21)]
    harness.tally.writes = 0
    outcomes = harness.sink.place_many(documents)
    assert [one.error for one in outcomes] == [None] * 20
    assert harness.tally.writes == 3
    assert {order.state for order in harness.odoo.orders()} == {"sale"}


def test_an_order_that_odoo_refuses_leaves_the_others_of_its_batch_alone(harness: OdooHarness) -> None:
    documents = [an_order(harness, f"MD-{number}") for number in range(1, 4)]
    archived = harness.odoo.add_partner("Gone", ref="CL2")
    documents[1] = replace(documents[1], customer_code="CL2")
    answering(harness.adapter, method="load", instead=_refusing(harness, archived))
    outcomes = harness.sink.place_many(documents)
    assert [isinstance(one.error, RecordError) for one in outcomes] == [False, True, False]
    assert [harness.documents_with(f"MD-{number}") for number in range(1, 4)] == [1, 0, 1]


def _refusing(harness: OdooHarness, partner: int) -> Callable[[Callable[[], Any]], Any]:
    """The partner is gone by the time that orders are loaded."""

    def load(do: Callable[[], Any]) -> Any:
        if partner in harness.odoo.store["res.partner"].rows:
            children = [one.id for one in harness.odoo.store["res.partner"].by("parent_id", partner)]
            if children:  # its address was the last thing looked up
                for one in (*children, partner):
                    harness.odoo.unlink(one, model="res.partner")
        return do()

    return load


# --- customers -------------------------------------------------------------------------------------------------------

BUYER = Customer(
    code="WEB-77", shop_id="77", email="Jeanne@Example.test", first_name="Jeanne", last_name="D'Arc",
    company="Forge & Fils", phone="+33100000000", invoice_address=HERE, delivery_address=THERE,
)  # fmt: skip


def test_a_customer_is_written_with_its_addresses_below_it(harness: OdooHarness) -> None:
    harness.sink.place_customer(BUYER, handing_over=nothing)
    [partner] = [one for one in harness.odoo.records("res.partner") if one.ref == "WEB-77"]
    assert (partner.name, partner.is_company, partner.email) == ("Forge & Fils", True, "Jeanne@Example.test")
    assert (partner.street, partner.zip, partner.city) == ("1 rue de la Paix", "75002", "Paris")
    below = harness.odoo.store["res.partner"].by("parent_id", partner.id)
    assert [(one.type, one.street) for one in below] == [
        ("invoice", "1 rue de la Paix"), ("delivery", "5 av. des Livraisons"),
    ]  # fmt: skip
    [found] = harness.sink.find_customers(email="JEANNE@example.test")
    assert found.invoice_address is not None
    assert (found.code, found.company, found.invoice_address.country) == ("WEB-77", "Forge & Fils", "FR")


def test_a_person_is_no_company_and_has_a_name(harness: OdooHarness) -> None:
    harness.sink.place_customer(replace(BUYER, company="", delivery_address=HERE), handing_over=nothing)
    [found] = harness.sink.find_customers(code="WEB-77")
    assert (found.company, found.last_name) == ("", "Jeanne D'Arc")
    assert not [one for one in harness.odoo.records("res.partner") if one.parent_id]


def test_a_vat_number_that_odoo_refuses_is_the_customer_s_issue_and_is_not_repeated(harness: OdooHarness) -> None:
    with pytest.raises(CustomerRefused, match="VAT number") as refused:
        harness.sink.place_customer(replace(BUYER, vat_number="FR123"), handing_over=nothing)
    assert "FR123" not in f"{refused.value} {refused.value.detail}"
    assert harness.sink.find_customers(code="WEB-77") == []
    harness.sink.place_customer(replace(BUYER, vat_number="FR23334175221"), handing_over=nothing)
    assert [one.vat_number for one in harness.sink.find_customers(code="WEB-77")] == ["FR23334175221"]


def test_a_customer_without_a_reference_is_called_by_its_number(harness: OdooHarness) -> None:
    partner = harness.odoo.add_partner("Ancien client", email="a_b@example.test")
    harness.odoo.add_partner("Autre", email="aXb@example.test")
    [found] = harness.sink.find_customers(email="A_B@example.test")
    assert found.code == f"id-{partner}"
    assert harness.sink.find_customers(code=found.code) == [found]
    place(harness, an_order(harness, customer_code=found.code))
    assert the_order(harness).partner_id == partner


def test_contacts_of_a_customer_are_no_customers(harness: OdooHarness) -> None:
    harness.odoo.add_partner("Contact", parent_id=harness.customer, email="client1@example.test", ref="CL1")
    assert len(harness.sink.find_customers(email="client1@example.test")) == 1
    assert len(harness.sink.find_customers(code="CL1")) == 1


@pytest.mark.parametrize("kind", ["lost_answer", "error_after_commit"])
def test_a_customer_whose_answer_is_lost_is_one(harness: OdooHarness, kind: Any) -> None:
    harness.odoo.inject(Fault(kind, method="WRITE"))
    with pytest.raises(OutcomeUnknown):
        harness.sink.place_customer(BUYER, handing_over=nothing)
    assert harness.sink.place_customer(BUYER, handing_over=nothing) == "WEB-77"
    assert len(harness.sink.find_customers(code="WEB-77")) == 1
    assert len([one for one in harness.odoo.records("res.partner") if one.parent_id]) == 2


def test_what_odoo_cannot_do_for_a_customer_is_said(harness: OdooHarness) -> None:
    with pytest.raises(CapabilityMissing):
        harness.sink.place_customer(replace(BUYER, code=""), handing_over=nothing)
    with pytest.raises(CustomerRefused, match="ledger"):
        harness.sink.place_customer(replace(BUYER, account="411000"), handing_over=nothing)
    with pytest.raises(CustomerRefused, match="Gros"):
        harness.sink.place_customer(replace(BUYER, price_category="Gros"), handing_over=nothing)
    harness.odoo.add_pricelist("Gros")
    harness.sink.place_customer(replace(BUYER, price_category="Gros"), handing_over=nothing)
