"""What is decided without an Odoo: prices of price lists, totals, filters, what answers mean."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerelle.connectors.odoo import wire
from passerelle.connectors.odoo.client import OdooClient, Raced, Refused
from passerelle.connectors.odoo.company import SaleTax
from passerelle.connectors.odoo.config import OdooConfig
from passerelle.connectors.odoo.filters import domain_of
from passerelle.connectors.odoo.pricelists import PriceListLoop, PriceLists, Sold
from passerelle.connectors.odoo.totals import Digits, priced, tax_named, totals
from passerelle.domain.orders import SalesDocument, SalesLine
from passerelle.domain.stock import DocumentKind
from passerelle.errors import (
    AnswerUnreadable,
    CredentialsRefused,
    FilterInvalid,
    NotThisSystem,
    OrderUnmapped,
    RightMissing,
    Unavailable,
    WriteUnanswered,
)
from passerelle.sandbox.odoo import FakeOdoo
from passerelle.testing.clock import HeldClock
from passerelle.transport.http import Answer, Tally
from passerelle.transport.limiter import MemoryLimiter

NOW = "2026-11-24 09:00:00"

# --- prices ----------------------------------------------------------------------------------------------------------

SHIRT = Sold(template=40, variant=51, categories=frozenset({15, 3}), list_price=Decimal("10.0"), cost=Decimal("4.0"))
# As read from Odoo 18.0, whose own order line got 7.0 for 12 pieces.
RECORDED = [
    {"id": 3, "pricelist_id": [1, "Pro EUR"], "applied_on": "1_product", "product_tmpl_id": [40, "T-shirt"],
     "product_id": False, "categ_id": False, "compute_price": "fixed", "fixed_price": Decimal("7.0"),
     "percent_price": Decimal("0.0"), "min_quantity": Decimal("10.0"), "date_start": False, "date_end": False,
     "base": "list_price"},
    {"id": 2, "pricelist_id": [1, "Pro EUR"], "applied_on": "1_product", "product_tmpl_id": [40, "T-shirt"],
     "product_id": False, "categ_id": False, "compute_price": "fixed", "fixed_price": Decimal("8.5"),
     "percent_price": Decimal("0.0"), "min_quantity": Decimal("0.0"), "date_start": False, "date_end": False,
     "base": "list_price"},
    {"id": 1, "pricelist_id": [1, "Pro EUR"], "applied_on": "3_global", "product_tmpl_id": False,
     "product_id": False, "categ_id": False, "compute_price": "percentage", "fixed_price": Decimal("0.0"),
     "percent_price": Decimal("10.0"), "min_quantity": Decimal("0.0"), "date_start": False, "date_end": False,
     "base": "list_price"},
]  # fmt: skip


def item(id: int, **values: Any) -> dict[str, Any]:
    """A rule of price list 1: 10 % off everything, unless said otherwise."""
    plain = {"pricelist_id": [1, "L"], "applied_on": "3_global", "compute_price": "percentage", "percent_price": 10}
    return {"id": id, **plain, "base": "list_price", "fixed_price": 0, **values}


def price(*items: dict[str, Any], quantity: int = 1, of: Sold = SHIRT, pricelist: int = 1) -> Decimal:
    return PriceLists(items, now=NOW).price(pricelist, of=of, quantity=Decimal(quantity))


@pytest.mark.parametrize(("quantity", "expected"), [(1, "8.5"), (9, "8.5"), (10, "7.0"), (12, "7.0")])
def test_the_price_of_a_quantity_is_the_one_that_odoo_itself_gave(quantity: int, expected: str) -> None:
    assert price(*RECORDED, quantity=quantity) == Decimal(expected)


def test_a_product_without_a_rule_of_its_own_gets_what_is_for_all() -> None:
    other = msgspec.structs.replace(SHIRT, template=41, list_price=Decimal("45.0"))
    assert price(*RECORDED, of=other) == Decimal("40.5")
    assert price(item(1, applied_on="1_product", product_tmpl_id=[9, "x"])) == 10


def test_the_nearest_rule_wins_whatever_its_age() -> None:
    everything, category, product, variant = (
        item(9, compute_price="fixed", fixed_price=1),
        item(1, applied_on="2_product_category", categ_id=[3, "Above"], compute_price="fixed", fixed_price=2),
        item(2, applied_on="1_product", product_tmpl_id=[40, "x"], compute_price="fixed", fixed_price=3),
        item(3, applied_on="0_product_variant", product_id=[51, "x"], compute_price="fixed", fixed_price=4),
    )
    assert price(everything) == 1
    assert price(everything, category) == 2
    assert price(everything, category, product) == 3
    assert price(everything, category, product, variant) == 4
    assert price(everything, variant, of=msgspec.structs.replace(SHIRT, variant=None)) == 1


@pytest.mark.parametrize(
    ("dates", "counts"),
    [
        ({"date_start": "2026-11-24 09:00:00"}, True),
        ({"date_start": "2026-11-24 09:00:01"}, False),
        ({"date_end": "2026-11-24 09:00:00"}, True),
        ({"date_end": "2026-11-24 08:59:59"}, False),
    ],
)
def test_a_rule_counts_between_its_dates(dates: dict[str, str], counts: bool) -> None:
    assert price(item(1, **dates)) == (9 if counts else 10)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ({"price_discount": 25}, "7.5"),
        ({"price_discount": 33, "price_round": Decimal("0.05")}, "6.70"),
        ({"price_discount": 25, "price_round": 10, "price_surcharge": Decimal("-0.01")}, "9.99"),
        ({"price_discount": 50, "price_min_margin": -2}, "8"),
        ({"price_discount": -50, "price_max_margin": 2}, "12"),
        ({"base": "standard_price", "price_discount": -100}, "8.0"),
    ],
)
def test_a_formula_discounts_rounds_adds_and_keeps_its_margins(formula: dict[str, Any], expected: str) -> None:
    assert price(item(1, compute_price="formula", **formula)) == Decimal(expected)


def test_a_price_list_may_be_based_on_another_but_not_on_itself() -> None:
    based = item(1, compute_price="formula", base="pricelist", base_pricelist_id=[2, "M"], price_discount=10)
    below = item(2, pricelist_id=[2, "M"], compute_price="fixed", fixed_price=20)
    assert price(based, below) == 18
    with pytest.raises(PriceListLoop):
        price(based, item(2, pricelist_id=[2, "M"], compute_price="formula", base="pricelist",
                          base_pricelist_id=[1, "L"]))  # fmt: skip


# --- totals ----------------------------------------------------------------------------------------------------------


def tax(id: int, rate: str, *, included: bool = False, active: bool = True) -> SaleTax:
    return SaleTax(id, f"{rate}% G", Decimal(rate), included, active)


def document(*lines: SalesLine) -> SalesDocument:
    return SalesDocument(
        order_key="MD-1", kind=DocumentKind.ORDER, customer_code="CL1", dated_on=date(2026, 11, 24), currency="EUR",
        lines=lines,
    )  # fmt: skip


def line(
    quantity: str, unit_price: str, *, code: str = "tax-38", included: bool = False, discount: str = "0"
) -> SalesLine:
    return SalesLine(
        sku="A1", label="A1", quantity=Decimal(quantity), unit_price=Decimal(unit_price), tax_included=included,
        tax_code=code, discount=Decimal(discount),
    )  # fmt: skip


def test_the_totals_are_those_of_recorded_orders() -> None:
    taxes = [tax(38, "20"), tax(43, "20", included=True)]
    order = document(line("2", "10.0"), line("1", "45.0", discount="10"), line("1", "5.0"))
    found = totals(priced(order, taxes=taxes, digits=Digits()), globally=False)
    assert (found.total, found.by_tax) == (Decimal("78.60"), {"tax-38": (Decimal("65.50"), Decimal("13.10"))})
    order = document(line("3", "9.99", code="43", included=True), line("1", "5.0", code="43", included=True))
    found = totals(priced(order, taxes=taxes, digits=Digits()), globally=False)
    assert found.by_tax == {"43": (Decimal("24.97") + Decimal("4.17"), Decimal("5.00") + Decimal("0.83"))}


def test_a_price_on_the_other_basis_is_converted_and_kept_as_odoo_keeps_it() -> None:
    [found] = priced(document(line("1", "9.99", included=True)), taxes=[tax(38, "20")], digits=Digits())
    assert found.unit_price == Decimal("8.33")
    [found] = priced(document(line("1", "9.99", included=True)), taxes=[tax(38, "20")], digits=Digits(price=4))
    assert found.unit_price == Decimal("8.3250")
    [found] = priced(document(line("1", "10")), taxes=[tax(38, "20", included=True)], digits=Digits())
    assert found.unit_price == 12


def test_a_tax_is_known_by_its_code_its_number_or_a_name_of_its_own() -> None:
    taxes = [tax(38, "20"), tax(20, "10"), tax(40, "5.5", active=False), tax(41, "20"), SaleTax(42, "Eco", None, False)]
    assert [tax_named(code, taxes=taxes) for code in ("tax-38", "38", " 20 ", "10% G")] == [
        taxes[0], taxes[0], taxes[1], taxes[1],
    ]  # fmt: skip
    assert [tax_named(code, taxes=taxes) for code in ("20% G", "40", "tax-42", "99", "")] == [None] * 5
    with pytest.raises(OrderUnmapped, match="tax-40"):
        priced(document(line("1", "1", code="tax-40")), taxes=taxes, digits=Digits())


@pytest.mark.parametrize(
    ("sold", "total", "vat"),
    [
        ([("45", "1.25", "575.89", "0"), ("41", "1", "7.57", "100")], "719.86", "119.98"),
        (
            [("48", "-1", "428.54", "10"), ("50", "144", "0.33", "5"), ("50", "144", "9.99", "33.33")],
            "618.55",
            "-20.11",
        ),
        ([("45", "7", "125.94", "0"), ("46", "2", "1.05", "5"), ("41", "2", "993.64", "100")], "883.58", "147.11"),
        ([("41", "0.5", "0.01", "0"), ("41", "2", "0.01", "10")], "0.03", "0"),
        ([("41", "0.5", "0.01", "0"), ("41", "2", "0.01", "10"), ("40", "1", "5", "0")], "6.02", "1.00"),
    ],
)
def test_a_tax_on_top_that_comes_to_nothing_leaves_the_total_as_the_prices_have_it(
    sold: list[tuple[str, str, str, str]], total: str, vat: str
) -> None:
    """Amounts of a real Odoo 19.0 that rounds globally."""
    on_top = [tax(40, "20"), tax(41, "10"), tax(50, "0")]
    inside = [tax(45, "20", included=True), tax(46, "10", included=True), tax(48, "5.5", included=True)]
    lines = [line(quantity, price, code=f"tax-{code}", included=int(code) in (45, 46, 48), discount=off)
             for code, quantity, price, off in sold]  # fmt: skip
    found = totals(priced(document(*lines), taxes=on_top + inside, digits=Digits()), globally=True)
    assert (found.total, sum(one for _, one in found.by_tax.values())) == (Decimal(total), Decimal(vat))


def test_prices_keep_the_decimals_of_their_kind_or_six_where_odoo_rounds_none() -> None:
    table = {"Product Price": 3, "Product Unit": 2, "Discount": 1}
    assert Digits.of(table, line={"price_unit": {"digits": [16, 3]}}) == Digits(price=3, quantity=2, discount=1)
    assert Digits.of(table, line={"price_unit": {"digits": False}}) == Digits(price=6, quantity=2, discount=1)
    assert Digits.of({}, line={}) == Digits()


AMOUNTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(999), places=2)
SOLD = st.tuples(
    st.decimals(min_value=Decimal("0.01"), max_value=Decimal(40), places=2),
    AMOUNTS,
    st.sampled_from([(20.0, False), (20.0, True), (10.0, False), (5.5, True), (2.1, False), (2.1, True), (0.0, False)]),
    st.sampled_from(["0", "5", "33.33", "100"]),
)
SIMULATED = {rounding: FakeOdoo(tax_rounding=rounding) for rounding in ("round_per_line", "round_globally")}


@pytest.mark.parametrize("rounding", SIMULATED)
@settings(max_examples=300, deadline=None)
@given(sold=st.lists(SOLD, min_size=1, max_size=6))
def test_a_document_totals_what_the_simulated_odoo_counts_by_itself(rounding: str, sold: list[Any]) -> None:
    odoo = SIMULATED[rounding]
    product = (odoo.product_by_code("A1") or [odoo.record("product.product", odoo.add_product("A1", name="A1"))])[0]
    taxes = {
        odoo.tax(rate, included=included): tax(odoo.tax(rate, included=included), str(rate), included=included)
        for *_, (rate, included), _ in sold
    }
    rows = [
        {"product_id": product.id, "product_uom_qty": float(quantity), "price_unit": float(unit),
         "discount": float(off), "tax_ids": [(6, 0, [odoo.tax(rate, included=included)])]}
        for quantity, unit, (rate, included), off in sold
    ]  # fmt: skip
    partner = odoo.records("res.partner")[0].id
    order = odoo.create(
        "sale.order", {"partner_id": partner, "company_id": odoo.company, "order_line": [(0, 0, row) for row in rows]}
    )
    asked = document(
        *(
            line(str(quantity), str(unit), code=f"tax-{odoo.tax(rate, included=included)}", included=included,
                 discount=off)
            for quantity, unit, (rate, included), off in sold
        )
    )  # fmt: skip
    found = totals(
        priced(asked, taxes=taxes.values(), digits=Digits()), globally=rounding == "round_globally"
    )  # fmt: skip
    assert float(found.total) == pytest.approx(order.amount_total, abs=1e-9)
    assert float(sum(base for base, _ in found.by_tax.values())) == pytest.approx(order.amount_untaxed, abs=1e-9)


# --- filters ---------------------------------------------------------------------------------------------------------

KNOWN: dict[str, dict[str, Any]] = {
    "product.template": {
        "categ_id": {"type": "many2one", "relation": "product.category"},
        "list_price": {"type": "float"},
        "lst_price": {"type": "float", "searchable": False},
        "name": {"type": "char"},
    },
    "product.category": {"name": {"type": "char"}, "parent_id": {"relation": "product.category"}},
}


def domain(condition: str) -> list[Any]:
    return domain_of(condition, model="product.template", fields=KNOWN.get)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("", []),
        ("[]", []),
        ("[('categ_id', 'child_of', 5)]", [["categ_id", "child_of", 5]]),
        ("('name', '=', None)", [["name", "=", False]]),
        ("[('categ_id.parent_id.name', 'ILIKE', 'vis')]", [["categ_id.parent_id.name", "ilike", "vis"]]),
        ("[('name', 'in', ('A', 'B'))]", [["name", "in", ["A", "B"]]]),
        (
            "['|', ('name', '=', 'A'), '!', ('name', '=', 'B'), ('list_price', '>', 1.5)]",
            ["&", "|", ["name", "=", "A"], "!", ["name", "=", "B"], ["list_price", ">", 1.5]],
        ),
    ],
)
def test_a_filter_is_a_domain_of_odoo_whose_joins_are_written_out(condition: str, expected: list[Any]) -> None:
    assert domain(condition) == expected


@pytest.mark.parametrize(
    "condition",
    [
        "[('nothing', '=', 1)]",
        "[('name.more', '=', 1)]",
        "[('categ_id.parent_id.parent_id.name', '=', 1)]",
        "[('lst_price', '=', 1)]",
        "[('name', 'any', [('id', '=', 1)])]",
        "[('name', 'in', 'A')]",
        "[('name', '=', ['A'])]",
        "[('name', 'in', [[1]])]",
        "['|', ('name', '=', 'A')]",
        "['&']",
        "['x', ('name', '=', 'A')]",
        "[('name', '=')]",
        "[1]",
        "{'name': 1}",
        "__import__('os').remove('x')",
        "[('name', '=', lambda: 1)]",
        "[" + "('name', '=', 'A')," * 300 + "]",
        "[" * 3000,
    ],
)
def test_anything_else_is_refused_with_a_reason(condition: str) -> None:
    with pytest.raises(FilterInvalid) as refused:
        domain(condition)
    assert refused.value.params["why"]


# --- answers ---------------------------------------------------------------------------------------------------------


def test_an_error_is_known_in_both_transports() -> None:
    data = {"name": "builtins.ValueError", "message": "Invalid field", "arguments": ["Invalid field"], "context": {}}
    rpc = {"jsonrpc": "2.0", "id": 1, "error": {"code": 200, "message": "Odoo Server Error", "data": data}}
    assert wire.vendor_error(rpc) == wire.vendor_error(data) == wire.VendorError("builtins.ValueError", "Invalid field")
    for said in ([], None, {"jsonrpc": "2.0", "result": True}, {"ids": False, "messages": []}, {"name": "Wizard"}):
        assert wire.vendor_error(said) is None


NO_ANSWER, NO_KEY, NO_RIGHT, OTHER = WriteUnanswered, CredentialsRefused, RightMissing, AnswerUnreadable
# (status, name of the error) → what a read and a write raise; as recorded of Odoo 19.0 and, at 200, of Odoo 18.0.
ERRORS: dict[tuple[int, str], tuple[type[Exception], type[Exception]]] = {
    (401, "werkzeug.exceptions.Unauthorized"): (NO_KEY, NO_KEY),
    (200, "odoo.exceptions.AccessDenied"): (NO_KEY, NO_KEY),
    (403, "odoo.exceptions.AccessError"): (NO_RIGHT, NO_RIGHT),
    (200, "odoo.exceptions.AccessError"): (NO_RIGHT, NO_RIGHT),
    (422, "odoo.exceptions.UserError"): (OTHER, Refused),
    (200, "odoo.exceptions.ValidationError"): (OTHER, Refused),
    (404, "odoo.exceptions.MissingError"): (OTHER, Refused),
    (404, "werkzeug.exceptions.NotFound"): (OTHER, NO_ANSWER),
    (500, "builtins.ValueError"): (OTHER, NO_ANSWER),
    (200, "builtins.TypeError"): (OTHER, NO_ANSWER),
    (500, "psycopg2.errors.SerializationFailure"): (Unavailable, Raced),
    (200, "psycopg2.OperationalError"): (NotThisSystem, NotThisSystem),
}


@pytest.mark.parametrize(("said", "raised"), ERRORS.items())
def test_an_error_is_judged_by_its_name_and_only_what_was_rolled_back_is_a_refusal(
    said: tuple[int, str], raised: tuple[type[Exception], type[Exception]]
) -> None:
    status, name = said
    clock = HeldClock()
    config = OdooConfig(url="http://127.0.0.1:9", database="d", login="l", key="secret-key-1")
    limiter = MemoryLimiter(clock=clock, per_second=None)
    client = OdooClient(config, clock=clock, limiter=limiter, tally=Tally())
    client._version = (19, "19.0")
    data = {"name": name, "message": "no, secret-key-1 of jean@example.test", "arguments": [], "context": {}}
    body = wire.encode({"jsonrpc": "2.0", "error": {"data": data}} if status == 200 else data)
    client._http._once = lambda *_, **__: Answer(status, {}, body)  # type: ignore[method-assign]
    for act, error in zip((lambda: client.ask("res.partner", "read"), lambda: client.write("res.partner", "write")),
                          raised, strict=True):  # fmt: skip
        with pytest.raises(error) as failed:
            act()
        assert "secret-key-1" not in f"{failed.value} {getattr(failed.value, 'detail', '')}"
        assert "jean@" not in getattr(failed.value, "detail", "")
    client.close()


def test_numbers_are_exact_and_an_empty_value_is_false() -> None:
    [row] = wire.decode(b'[{"price": 0.1, "many": 1234567.123456, "none": false, "of": [38, "20% G"]}]')
    assert (wire.number(row["price"]), wire.number(row["many"])) == (Decimal("0.1"), Decimal("1234567.123456"))
    assert (wire.number(row["none"]), wire.plain(row["none"]), wire.ref(row["none"]), wire.ids(row["none"])) == (
        0, "", None, [],
    )  # fmt: skip
    assert (wire.ref(row["of"]), wire.named(row["of"])) == (38, "20% G")
    with pytest.raises(ValueError, match="not a number"):
        wire.number("8")


def test_no_e_mail_address_is_kept_of_what_odoo_writes() -> None:
    assert wire.without_addresses('for "Jean <jean.d@example.test>", (id=4)') == 'for "Jean <***>", (id=4)'
