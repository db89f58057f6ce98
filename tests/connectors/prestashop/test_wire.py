"""The XML of the webservice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.connectors.prestashop import wire
from passerelle.errors import AnswerIncomplete

SENDABLE = st.text().filter(wire.is_sendable)


def root(inner: str) -> wire.Entity:
    return wire.parse(f"<prestashop>{inner}</prestashop>".encode())


def errors(*codes: object) -> str:
    rows = "".join(f"<error><code>{code}</code><message>m{code}</message></error>" for code in codes)
    return f"<errors>{rows}</errors>"


@given(SENDABLE)
def test_any_text_that_xml_can_hold_comes_back_as_it_was(text: str) -> None:
    [entity] = wire.entities(wire.parse(wire.document([f"<a>{wire.tag('b', text)}</a>"])))
    assert wire.field(entity, "b") == text


@given(st.dictionaries(st.sampled_from("123456789"), SENDABLE, min_size=1))
def test_translated_texts_come_back_as_they_were(texts: dict[str, str]) -> None:
    [entity] = wire.entities(wire.parse(wire.document([f"<a>{wire.translated('name', texts)}</a>"])))
    assert wire.translations(entity, "name") == texts


@pytest.mark.parametrize("text", ["\x00", "a\x0bb", "\ud800", "\ufffe", "\x1f"])
def test_what_xml_cannot_hold_is_told(text: str) -> None:
    assert not wire.is_sendable(text)


@pytest.mark.parametrize("body", [b"", b"<html><body>x</body></html>", b"<prestashop><a>", b"TCPDF ERROR", b"{}"])
def test_anything_but_a_whole_prestashop_document_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        wire.parse(body)


def test_white_space_and_a_byte_order_mark_before_the_xml_are_let_through() -> None:
    body = b"\xef\xbb\xbf\n <?xml version='1.0' encoding='UTF-8'?><prestashop><a/></prestashop>"
    assert wire.entities(wire.parse(body))[0].tag == "a"


def test_an_entity_of_a_document_type_is_not_opened(tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("x") / "secret"
    secret.write_text("private")
    body = f'<!DOCTYPE a [<!ENTITY e SYSTEM "{secret.as_uri()}">]><prestashop><a><b>&e;</b></a></prestashop>'
    [entity] = wire.entities(wire.parse(body.encode()))
    assert "private" not in wire.field(entity, "b")


@pytest.mark.parametrize(
    ("codes", "expected"),
    [((3, 3, 127), 127), ((32, 3, 3), 32), ((5, 76), 76), ((140, 46), 140), ((3, 3), None), ((0,), None), ((), None)],
)
def test_the_first_error_that_is_not_phps_own_decides(codes: tuple[int, ...], expected: int | None) -> None:
    found = wire.first_error(root(errors(*codes)))
    assert (found.code if found else None) == expected


def test_errors_are_no_entities() -> None:
    assert [one.tag for one in wire.entities(root(errors(3) + "<product/><product/>"))] == ["product", "product"]


def test_a_field_that_is_left_out_is_an_error_and_an_empty_one_is_empty() -> None:
    [entity] = wire.entities(root("<product><reference/></product>"))
    assert wire.field(entity, "reference") == ""
    with pytest.raises(AnswerIncomplete, match="product/price"):
        wire.field(entity, "price")
    with pytest.raises(AnswerIncomplete, match="product/name"):
        wire.translations(entity, "name")
