"""What goes back, what stays, and which of the ERP's values an undo is pinned to."""

from __future__ import annotations

from decimal import Decimal

import pytest

from passerelle.domain.facets import (
    Body,
    Brand,
    Categories,
    Facet,
    Facets,
    Features,
    Logistics,
    Ownership,
    StoredPrice,
    TaxRuleId,
    Texts,
    VariantPrice,
    Visibility,
    encode,
    fingerprint,
)
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.products import Sent, changed, kept_back
from passerelle.planner.undo import goes_along, undo_creation, undo_nothing, undo_write
from passerelle.ports.store import LinkRow, SentRow

LINK = LinkRow(id=5, kind="product", erp_key="A1", erp_id="9", shop_id="77", origin="created", gone=False)
OLD_PRICE, NEW_PRICE = (StoredPrice(Decimal(n), Decimal(n), False) for n in (10, 12))
OLD_TAX, NEW_TAX = TaxRuleId("1", Decimal(20)), TaxRuleId("2", Decimal(10))
PAIR = {Facet.TAX: NEW_TAX, Facet.PRICE: NEW_PRICE}
OLD_PAIR = {Facet.TAX: OLD_TAX, Facet.PRICE: OLD_PRICE}


def _sent(bodies: Facets, *, known: bool = True) -> Sent:
    return {
        facet: SentRow(Ownership.ERP, fingerprint(encode(body)) if known else None, encode(body))
        for facet, body in bodies.items()
    }


def _undo(wrote: Facets, replaced: Facets, now: Facets | None = None) -> tuple[Facets, list[str]]:
    """What is written, and the codes of what stays."""
    actions = undo_write(LINK, wrote=wrote, replaced=replaced, sent=_sent(wrote if now is None else now), run=3)
    new: Facets = {}
    for action in actions:
        new |= action.new
    return new, [action.reason.code for action in actions if action.reason]


@pytest.mark.parametrize(
    ("facet", "old", "new"),
    [
        (Facet.TEXTS, Texts({"name": {"fr": "Clé"}}), Texts({"name": {"fr": "Clef"}})),
        (Facet.TAX, OLD_TAX, NEW_TAX),
        (Facet.PRICE, OLD_PRICE, NEW_PRICE),
        (Facet.BRAND, Brand("A"), Brand("B")),
        (Facet.CATEGORIES, Categories(("1", "2")), Categories(("1",))),
        (Facet.FEATURES, Features({"Couleur": ("rouge",)}), Features({"Couleur": ("bleu",)})),
        (Facet.LOGISTICS, Logistics("A1", Decimal(1), "1"), Logistics("A1", Decimal(2), "2")),
        (Facet.VISIBILITY, Visibility(True), Visibility(False)),
    ],
)
def test_each_facet_goes_back_to_what_it_replaced(facet: Facet, old: Body, new: Body) -> None:
    sent = _sent({Facet.PRICE: OLD_PRICE, facet: new})
    [action] = undo_write(LINK, wrote={facet: new}, replaced={facet: old}, sent=sent, run=3)
    assert (action.kind, action.new, action.old) == (ActionKind.UPDATE_PRODUCT, {facet: old}, {facet: new})
    assert action.pins == {facet: fingerprint(encode(new))}


def test_price_and_tax_go_back_together_even_if_one_did_not_move() -> None:
    assert _undo({**PAIR, Facet.TAX: OLD_TAX}, OLD_PAIR) == (OLD_PAIR, [])


@pytest.mark.parametrize("since", [{Facet.PRICE: OLD_PRICE}, {Facet.PRICE: StoredPrice(Decimal(3), Decimal(3), True)}])
def test_a_tax_whose_price_was_written_since_stays(since: Facets) -> None:
    new, codes = _undo(PAIR, OLD_PAIR, {**PAIR, **since})
    back_already = since == {Facet.PRICE: OLD_PRICE}
    assert (new, codes) == ((OLD_PAIR, []) if back_already else ({}, ["undo_pair", "undo_since"]))


def test_what_was_not_known_before_stays() -> None:
    assert _undo({Facet.BRAND: Brand("B")}, {}) == ({}, ["undo_unknown"])


def test_a_weight_or_barcode_that_was_not_said_before_cannot_be_taken_away() -> None:
    for old in (Logistics("A1", None, "2"), Logistics("A1", Decimal(2), "")):
        assert _undo({Facet.LOGISTICS: Logistics("A1", Decimal(2), "2")}, {Facet.LOGISTICS: old})[1] == ["undo_unknown"]


def test_a_price_of_nothing_never_comes_back() -> None:
    free = StoredPrice(Decimal(0), Decimal(0), False)
    assert _undo({Facet.PRICE: NEW_PRICE}, {Facet.PRICE: free}) == ({}, ["undo_unknown"])


def test_what_is_as_before_already_is_not_listed() -> None:
    old, new = Brand("A"), Brand("B")
    assert _undo({Facet.BRAND: new}, {Facet.BRAND: old}, {Facet.BRAND: old}) == ({}, [])


def test_what_is_in_doubt_stays() -> None:
    wrote: Facets = {Facet.BRAND: Brand("B")}
    [skip] = undo_write(LINK, wrote=wrote, replaced={Facet.BRAND: Brand("A")}, sent=_sent(wrote, known=False), run=3)
    assert skip.reason is not None
    assert skip.reason.code == "undo_since"


def test_a_text_that_was_not_there_is_emptied_but_a_name_is_kept() -> None:
    wrote = Texts({"name": {"fr": "Clef", "en": "Key"}, "summary": {"fr": "Neuf"}})
    new, _ = _undo({Facet.TEXTS: wrote}, {Facet.TEXTS: Texts({"name": {"fr": "Clé"}})})
    assert new == {Facet.TEXTS: Texts({"name": {"fr": "Clé", "en": "Key"}, "summary": {"fr": ""}})}


def test_a_product_without_a_price_is_not_shown_again() -> None:
    wrote: Facets = {Facet.VISIBILITY: Visibility(False)}
    assert _undo(wrote, {Facet.VISIBILITY: Visibility(True)}) == ({}, ["undo_unpriced"])


def test_a_creation_is_hidden_and_one_that_is_gone_is_left() -> None:
    [action] = undo_creation(LINK, sent=_sent({Facet.VISIBILITY: Visibility(True)}))
    assert (action.kind, action.new) == (ActionKind.HIDE_PRODUCT, {Facet.VISIBILITY: Visibility(False)})
    assert action.pins == {Facet.VISIBILITY: fingerprint(encode(Visibility(True)))}
    gone = LinkRow(id=5, kind="product", erp_key="A1", erp_id="9", shop_id="77", origin="created", gone=True)
    assert undo_creation(gone, sent={}) == []


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ActionKind.SET_STOCK, "undo_stock"),
        (ActionKind.PLACE_ORDER, "undo_final"),
        (ActionKind.PLACE_CUSTOMER, "undo_final"),
        (ActionKind.SET_STATUS, "undo_final"),
        (ActionKind.ADD_TRACKING, "undo_final"),
        (ActionKind.CREATE_CATEGORY, "undo_kept"),
        (ActionKind.CREATE_BRAND, "undo_kept"),
    ],
)
def test_what_cannot_be_undone_says_so(kind: ActionKind, code: str) -> None:
    action: Action = undo_nothing(kind, key="X")
    assert action.kind is ActionKind.SKIP
    assert action.reason is not None
    assert action.reason.code == code


# --- pins ---


def _pinned(undone: Facets) -> dict[Facet, bytes]:
    return {facet: fingerprint(encode(body)) for facet, body in undone.items()}


def test_a_pin_holds_while_the_erp_says_what_was_undone() -> None:
    sent = _sent(OLD_PAIR)
    pins = _pinned(PAIR)
    assert kept_back(PAIR, pins=pins, sent=sent) == pins
    assert changed(PAIR, sent=sent, flow="prices") == set(PAIR)  # what the pins hold back


@pytest.mark.parametrize("facet", PAIR)
def test_the_pins_of_price_and_tax_go_together(facet: Facet) -> None:
    sent = _sent(OLD_PAIR)
    wanted: Facets = {**PAIR, facet: OLD_PAIR[facet]}
    assert kept_back(wanted, pins=_pinned(PAIR), sent=sent) == {}


def test_a_pinned_price_goes_when_a_tax_that_is_not_pinned_moves() -> None:
    sent = _sent(OLD_PAIR)
    pins = _pinned({Facet.PRICE: NEW_PRICE})
    assert kept_back({**PAIR, Facet.TAX: OLD_TAX}, pins=pins, sent=sent) == pins
    assert kept_back(PAIR, pins=pins, sent=sent) == {}


# --- variants ---

VARIANT = LinkRow(id=6, kind="variant", erp_key="A1-M", erp_id="10", shop_id="77/1", origin="created", gone=False)
OLD_OWN, NEW_OWN = (VariantPrice(stored=Decimal(n + 5), base=Decimal(n)) for n in (10, 12))


def test_a_price_of_a_variant_goes_back_and_is_pinned() -> None:
    wrote, replaced = {Facet.PRICE: NEW_OWN}, {Facet.PRICE: OLD_OWN}
    [action] = undo_write(VARIANT, wrote=wrote, replaced=replaced, sent=_sent(wrote), run=3)
    assert (action.kind, action.target) == (ActionKind.UPDATE_VARIANT, "variant")
    assert (action.new, action.old) == (replaced, wrote)
    assert action.pins == {Facet.PRICE: fingerprint(encode(NEW_OWN))}


def test_a_price_that_would_stand_apart_stays_and_the_rest_goes_back() -> None:
    wrote: Facets = {**PAIR, Facet.BRAND: Brand("B")}
    replaced: Facets = {**OLD_PAIR, Facet.BRAND: Brand("A")}
    actions = undo_write(LINK, wrote=wrote, replaced=replaced, sent=_sent(wrote), run=3, apart=True)
    assert [action.new for action in actions if action.new] == [{Facet.BRAND: Brand("A")}]
    assert [action.reason.code for action in actions if action.reason] == ["undo_pair", "undo_family"]


@pytest.mark.parametrize(
    ("sent", "back", "goes"),
    [
        (None, None, True),  # its price is not sent
        (VariantPrice(stored=None), None, True),  # it costs what its product does
        (NEW_OWN, OLD_OWN, True),
        (OLD_OWN, None, True),  # the run did not come to it
        (NEW_OWN, None, False),
        (NEW_OWN, VariantPrice(stored=Decimal(9), base=Decimal(8)), False),
        (NEW_OWN, VariantPrice(stored=None), True),
    ],
)
def test_a_variant_goes_along_where_it_stands_beside_the_price_that_comes_back(
    sent: VariantPrice | None, back: VariantPrice | None, goes: bool
) -> None:
    row = _sent({Facet.PRICE: sent})[Facet.PRICE] if sent is not None else None
    assert goes_along(row, back=back, base=Decimal(10)) is goes


def test_a_variant_of_which_nobody_knows_what_it_holds_does_not_go_along() -> None:
    row = _sent({Facet.PRICE: OLD_OWN}, known=False)[Facet.PRICE]
    assert not goes_along(row, back=None, base=Decimal(10))
