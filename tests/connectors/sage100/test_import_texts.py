"""The text of import files, to the letter; and the totals computed beforehand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from passerelle.connectors.sage100 import layouts
from passerelle.connectors.sage100.config import Sage100Config
from passerelle.connectors.sage100.imports import customer_file, format_of, order_file
from passerelle.connectors.sage100.pricing import totals
from passerelle.connectors.sage100.sold import Sold
from passerelle.domain.orders import DocumentTotals, SalesDocument, SalesLine
from passerelle.domain.parties import Address, Customer
from passerelle.errors import (
    CustomerNameMissing,
    InvalidOption,
    OrderFieldRefused,
    OrderFieldTooLong,
    OrderLineUnknown,
    OrderUnmapped,
    OrderUnsupported,
)
from passerelle.testing.builders import sales_document

HOME = Address(name="Jeanne Dœuf", company="Forge & Fils", line1="3 rue de l'Été", postcode="35000", city="Rennes",
               country="FR", phone="0299")  # fmt: skip
LINE = SalesLine(sku="A1", label="Clé plate", quantity=Decimal("1.50"), unit_price=Decimal("1234.5678901"),
                 tax_included=False, tax_code="C20", discount=Decimal("10.0"))  # fmt: skip


def order(*, line: SalesLine | None = None, address: Address | None = HOME, **changes: Any) -> SalesDocument:
    made = sales_document("MD-12", skus=("A1",), tax_code="C20", dated_on=date(2026, 2, 1))
    return msgspec.structs.replace(made, lines=(line or LINE,), delivery_address=address, **changes)


def written(document: SalesDocument, **options: Any) -> bytes:
    format = format_of(Sage100Config(url="", **options))
    sold = [Sold(line.sku) for line in document.lines]
    return order_file(document, sold=sold, format=format, countries={"FR": "France"})


def header(document: SalesDocument, **options: Any) -> list[str]:
    return written(document, **options).decode("cp1252").split("\r\n")[0].split(";")


def line_of(line: SalesLine) -> list[str]:
    return written(order(line=line)).decode("cp1252").split("\r\n")[1].split(";")


def test_a_whole_file_is_cp1252_with_carriage_returns_commas_and_no_header_row() -> None:
    document = order(
        reference="PS-12", series="WEB", warehouse="Dépôt", carrier="Colissimo", payment_method="CB", remark="Bon X"
    )
    expected = (
        "E;1;WEB;010226;CL1;PS-12;MD-12;Dépôt;Forge & Fils;3 rue de l'Été;;35000;Rennes;France;Jeanne Dœuf;Colissimo;;;"
        "CB;Bon X\r\n"
        "L;A1;;;;1,5;1234,56789;10;C20;Clé plate;Dépôt;;0\r\n"
    )
    assert written(document) == expected.encode("cp1252")


def test_a_price_incl_vat_has_its_own_column_and_says_so() -> None:
    fields = line_of(msgspec.structs.replace(LINE, tax_included=True, unit_price=Decimal("9.90")))
    assert (fields[6], fields[11], fields[12]) == ("", "9,9", "1")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1000000", "1000000"),
        ("0", "0"),
        ("-0.0000001", "0"),
        ("-2.50", "-2,5"),
        ("1E+3", "1000"),
        ("1E-6", "0,000001"),
    ],
)
def test_numbers_have_no_exponent_and_no_thousands_separator(value: str, text: str) -> None:
    assert line_of(msgspec.structs.replace(LINE, quantity=Decimal(value)))[5] == text


def test_other_formats_are_options() -> None:
    text = written(
        order(), separator="tab", encoding="utf-8", date_format="dd/mm/yyyy", decimal=".",
        header_layout="EN;date;web_no;type;customer", line_layout="LI;article;empty;qty;unit_ht;discount_pct;tax_code",
    )  # fmt: skip
    assert text == b"EN\t01/02/2026\tMD-12\t1\tCL1\r\nLI\tA1\t\t1.5\t1234.56789\t10\tC20\r\n"
    assert header(order(), date_format="yyyymmdd")[3] == "20260201"


def test_the_order_key_goes_where_it_is_searched() -> None:
    assert header(order(reference="PS-12"), order_key_field="DO_Ref")[5] == "MD-12"
    with pytest.raises(InvalidOption, match="coord02"):
        written(order(), order_key_field="DO_Coord02")
    layout = layouts.HEADER + ";coord02(25)"
    assert header(order(), order_key_field="DO_Coord02", header_layout=layout)[-1] == "MD-12"


@pytest.mark.parametrize("field", ["sku", "tax_code"])
def test_a_key_of_a_line_is_never_cut(field: str) -> None:
    with pytest.raises(OrderFieldTooLong) as refused:
        line_of(msgspec.structs.replace(LINE, **{field: "X" * 19}))
    assert refused.value.params["key"] == "12"


@pytest.mark.parametrize("field", ["customer_code", "reference", "order_key"])
def test_a_key_of_a_document_is_never_cut(field: str) -> None:
    with pytest.raises(OrderFieldTooLong):
        written(order(**{field: "MD-0123456789012345"}))


@pytest.mark.parametrize("sku", ["A;1", 'A"1', "A\n1", "A\u03b11", " A1"])
def test_a_key_is_never_altered(sku: str) -> None:
    with pytest.raises(OrderFieldRefused):
        line_of(msgspec.structs.replace(LINE, sku=sku))


def test_a_label_and_a_remark_are_cut_at_a_word() -> None:
    assert line_of(msgspec.structs.replace(LINE, label="mot " * 30))[9] == ("mot " * 17).strip()
    assert header(order(remark="x" * 100))[-1] == "x" * 69


def address(**changes: Any) -> SalesDocument:
    return order(address=msgspec.structs.replace(HOME, **changes))


def test_an_address_is_wrapped_over_its_two_columns() -> None:
    found = header(address(line1="Zone artisanale du Grand Chemin de la Forge", line2="Bâtiment B"))
    assert found[9:11] == ["Zone artisanale du Grand Chemin de", "la Forge Bâtiment B"]


@pytest.mark.parametrize("line", ["mot " * 50, "x" * 36, "x" * 200])
def test_an_address_that_does_not_fit_is_refused_never_cut(line: str) -> None:
    with pytest.raises(OrderFieldTooLong):
        written(address(line1=line))


@pytest.mark.parametrize("field", ["company", "city", "postcode"])
def test_a_name_that_does_not_fit_is_refused(field: str) -> None:
    with pytest.raises(OrderFieldTooLong):
        written(address(**{field: "x" * 36}))


@pytest.mark.parametrize(
    ("city", "found"),
    [("Łódź", "Lódz"), ("Zu\u0308rich", "Zürich"), ("a\u2011b\u2032c", "a-b'c"), ("x;y\r\n\"z\"\t", "x y   z"),
     ("\uff21", "A"), ("l\u2019\u00c9t\u00e9 \u20ac", "l\u2019\u00c9t\u00e9 \u20ac"),
     ("a\u037eb", "a b"), ("a\u2028b", "a b")],
)  # fmt: skip
def test_letters_outside_the_encoding_are_written_plainer(city: str, found: str) -> None:
    assert header(address(city=city))[12] == found


def test_a_letter_that_has_no_plainer_form_is_refused() -> None:
    with pytest.raises(OrderFieldRefused, match="contact"):
        written(address(name="Ωmega"))


@pytest.mark.parametrize(
    ("sku", "letter"), [("A\u03b11", "U+03B1 α"), ("A;1", "U+003B ;"), ("A\n1", "U+000A"), ("A\u200b1", "U+200B"),
                        ("A\u4e001", "U+4E00 一")],
)  # fmt: skip
def test_a_refusal_names_the_field_and_the_character(sku: str, letter: str) -> None:
    with pytest.raises(OrderFieldRefused) as refused:
        line_of(msgspec.structs.replace(LINE, sku=sku))
    assert (refused.value.params["key"], refused.value.params["field"]) == ("12", "article")
    assert refused.value.params["why"] == f"the import file cannot hold the letter {letter}"


def told(document: SalesDocument) -> list[tuple[str, str]]:
    with structlog.testing.capture_logs() as lines:
        written(document)
    return [(str(line["field"]), str(line.get("why", line.get("limit")))) for line in lines]


def test_what_is_written_otherwise_or_cut_is_told_in_the_log_without_the_text() -> None:
    assert told(order()) == []
    assert told(address(city="Łódź")) == [("city", "the import file cannot hold the letter U+0141 Ł")]
    assert told(address(line1="a\u0142b")) == [("address", "the import file cannot hold the letter U+0142 ł")]
    assert told(order(remark="mot " * 30)) == [("comment", "69")]
    assert told(order(line=msgspec.structs.replace(LINE, label="x" * 70))) == [("label", "69")]


@pytest.mark.parametrize("layout", ["E;type;customer;web_no", "E;type;customer(99);web_no(99)"])
def test_a_column_is_never_longer_than_sage_s_own_whatever_the_layout_says(layout: str) -> None:
    assert len(header(order(order_key="MD-" + "1" * 14), header_layout=layout)[3]) == 17
    for field in ("order_key", "customer_code"):
        with pytest.raises(OrderFieldTooLong) as refused:
            written(order(**{field: "MD-" + "1" * 15}), header_layout=layout)
        assert refused.value.params["limit"] == "17"


def test_what_the_layout_cannot_say_is_refused() -> None:
    short = "L;article;qty;unit_ht;discount_pct;tax_code"
    with pytest.raises(OrderUnsupported):
        written(order(line=msgspec.structs.replace(LINE, tax_included=True)), line_layout=short)
    with pytest.raises(OrderLineUnknown):
        written(order(line=msgspec.structs.replace(LINE, sku=" ")))


def test_a_customer_is_one_record() -> None:
    buyer = Customer(
        code="WEB007", email="a@example.test", first_name="Jeanne", last_name="Dœuf", price_category="1",
        tax_category="2", account="411WEB", vat_number="FR123", invoice_address=HOME,
    )  # fmt: skip
    format = format_of(Sage100Config(url=""))
    record = "C;WEB007;Jeanne Dœuf;;3 rue de l'Été;;35000;Rennes;France;0299;a@example.test;FR123;1;2;411WEB\r\n"
    assert customer_file(buyer, format=format, countries={"FR": "France"}) == record.encode("cp1252")
    company = msgspec.structs.replace(buyer, company="Forge")
    assert b"C;WEB007;Forge;Jeanne D\x9cuf;" in customer_file(company, format=format, countries={})
    with pytest.raises(CustomerNameMissing):
        customer_file(Customer(code="WEB007", email=""), format=format, countries={})


@pytest.mark.parametrize(
    ("layout", "good"),
    [
        (layouts.HEADER, True),
        ("E; type ; customer(17)", True),
        ("E;type;customer;empty;empty", True),
        ("E;type;customer;colour", False),
        ("E;type;customer;type", False),
        ("E;type", False),
        ("E;type;customer(0)", False),
        ("", False),
    ],
)
def test_a_layout_holds_known_columns_and_those_it_needs(layout: str, good: bool) -> None:
    assert layouts.fits(layout, known=layouts.HEADER_COLUMNS, needs=layouts.HEADER_NEEDS) is good


words = st.text(st.characters(codec="cp1252", exclude_categories=("Cs",)), max_size=60)
lines = st.builds(
    SalesLine,
    sku=st.from_regex(r"[A-Z0-9]{1,18}", fullmatch=True),
    label=words,
    quantity=st.decimals("-1000", "1000", places=3),
    unit_price=st.decimals("-99999", "99999", places=6),
    tax_included=st.booleans(),
    tax_code=st.sampled_from(["C20", "C10"]),
    discount=st.decimals("0", "100", places=2),
)


@given(st.lists(lines, min_size=1, max_size=5), words)
def test_what_is_written_is_read_back(made: list[SalesLine], remark: str) -> None:
    document = msgspec.structs.replace(order(remark=remark), lines=tuple(made))
    *records, end = written(document).decode("cp1252").split("\r\n")
    assert end == ""
    head, *rest = [record.split(";") for record in records]
    assert [len(record) for record in (head, *rest)] == [20, *[13] * len(made)]
    assert (head[0], head[4], head[6]) == ("E", "CL1", "MD-12")
    for fields, line in zip(rest, made, strict=True):
        price = fields[11] if fields[12] == "1" else fields[6]
        numbers = [Decimal(text.replace(",", ".")) for text in (fields[5], price, fields[7])]
        assert numbers == [line.quantity, line.unit_price, line.discount]
        assert (fields[1], fields[8], fields[12] == "1") == (line.sku, line.tax_code, line.tax_included)
        assert fields[9] == in_one_field(line.label)
    assert head[19] == in_one_field(remark)


def in_one_field(text: str) -> str:
    """What is left of a text of at most 69 letters of the encoding."""
    return "".join(" " if one in ';"' or ord(one) < 32 or 127 <= ord(one) < 160 else one for one in text).strip()


# --- totals ----------------------------------------------------------------------------------------------------------

RATES = {"C20": Decimal(20), "C55": Decimal("5.5")}


def total(*prices: str, incl: bool, code: str = "C20", by_line: bool = False, discount: str = "0") -> DocumentTotals:
    made = tuple(
        msgspec.structs.replace(
            LINE, quantity=Decimal(3), unit_price=Decimal(price), tax_included=incl, tax_code=code,
            discount=Decimal(discount),
        )
        for price in prices
    )  # fmt: skip
    return totals(msgspec.structs.replace(order(), lines=made), rates=RATES, by_line=by_line)


def pair(found: DocumentTotals, code: str = "C20") -> tuple[str, str]:
    base, vat = found.by_tax[code]
    return str(base), str(vat)


def test_vat_is_rounded_at_the_foot_or_on_each_line() -> None:
    assert pair(total("0.04", "0.04", incl=False)) == ("0.24", "0.05")
    assert pair(total("0.04", "0.04", incl=False, by_line=True)) == ("0.24", "0.04")
    assert pair(total("3.33", "3.33", "3.33", incl=True, code="C55"), "C55") == ("28.41", "1.56")
    assert pair(total("3.33", "3.33", "3.33", incl=True, code="C55", by_line=True), "C55") == ("28.41", "1.56")
    assert pair(total("0.01", "0.01", incl=True)) == ("0.05", "0.01")
    assert pair(total("0.01", "0.01", incl=True, by_line=True)) == ("0.06", "0.00")


def test_lines_are_rounded_half_up_after_their_discount() -> None:
    assert pair(total("0.335", incl=False)) == ("1.01", "0.20")
    assert total("10.00", incl=False, discount="33.333").total == Decimal("24.00")


def test_both_kinds_of_lines_of_a_code_are_computed_apart() -> None:
    both = total("0.04", incl=False), total("0.01", incl=True)
    made = tuple(
        msgspec.structs.replace(LINE, quantity=Decimal(3), unit_price=Decimal(price), tax_included=incl,
                                discount=Decimal(0))
        for price, incl in (("0.04", False), ("0.01", True))
    )  # fmt: skip
    found = totals(msgspec.structs.replace(order(), lines=made), rates=RATES, by_line=False)
    assert found.total == sum(one.total for one in both)
    assert pair(found) == ("0.15", "0.02")


def test_a_tax_code_that_the_base_lacks_parks_its_order() -> None:
    with pytest.raises(OrderUnmapped, match=r"Order 12.*ABSENT"):
        total("1", incl=False, code="ABSENT")
