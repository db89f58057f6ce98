"""What the shop holds beside what it was sent, facet by facet."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from passerelle.domain.catalogue import ShopProduct
from passerelle.domain.facets import (
    OF_PRODUCTS,
    Body,
    Brand,
    Categories,
    Facet,
    Facets,
    Features,
    Logistics,
    Ownership,
    Stock,
    StoredPrice,
    TaxRuleId,
    Texts,
    Visibility,
    encode,
    fingerprint,
)
from passerelle.domain.pricing import TaxRule
from passerelle.planner.actions import ActionKind
from passerelle.planner.products import Sent
from passerelle.planner.reconcile import (
    drifted,
    holds,
    in_doubt,
    repair,
    rewritten,
    still_right,
    unlink,
    unread,
)
from passerelle.planner.rules import Rules
from passerelle.ports.shop import ShopContext, TextLimit
from passerelle.ports.store import LinkRow, SentRow
from passerelle.profile.sections import ArticleOptions, PriceOptions
from passerelle.testing.hostile import TEXTS

PRICE = StoredPrice(Decimal("8.325000"), Decimal("9.990000"), True)
SENT: Facets = {
    Facet.TEXTS: Texts({"name": {"fr": "Clé", "en": "Key"}, "description": {"fr": "<p>a<br>b</p>"}}),
    Facet.TAX: TaxRuleId("1", Decimal(20)),
    Facet.PRICE: PRICE,
    Facet.BRAND: Brand("Forgial"),
    Facet.CATEGORIES: Categories(("OUTILS", "SCIES"), "Outils > Scies"),
    Facet.FEATURES: Features({"Matière": ("Acier", "Bois"), "Couleur": ()}),
    Facet.LOGISTICS: Logistics("A1", Decimal("0.350000"), "3250000000014"),
    Facet.VISIBILITY: Visibility(True),
    Facet.STOCK: Stock(7),
}
FOUND = ShopProduct(
    shop_id="12", sku="A1", gtin="3250000000014",
    texts={"name": {"fr": "Clé", "en": "Key"}, "description": {"fr": "<p>a<br>b</p>", "en": "not ours"}},
    tax_rule="1", price=Decimal("8.325"), weight=Decimal("0.35"), brand="4", category="31", categories=("31", "30"),
    features={"7": ("71", "72"), "8": ("81",)}, visible=True, stock=7,
)  # fmt: skip
LINK = LinkRow(id=1, kind="product", erp_key="A1", erp_id="1", shop_id="12", origin="created", gone=False)
CONTEXT = ShopContext(
    system="x", languages={"fr": "1", "en": "2"}, default_language="fr", currency="EUR", price_basis="excl",
    price_places=6, tax_rules=(TaxRule("1", "20 %", Decimal(20)), TaxRule("2", "10 %", Decimal(10))), home_category="2",
)  # fmt: skip
RULES = Rules(
    options=ArticleOptions(export=True, prices=PriceOptions()), context=CONTEXT, languages=["fr", "en"], taxes=None,
    places=6,
)  # fmt: skip


class Ids:
    """The shop's ids and names."""

    def brand(self, name: str) -> str | None:
        return {"Forgial": "4"}.get(name)

    def category(self, key: str) -> str | None:
        return {"OUTILS": "30", "SCIES": "31"}.get(key)

    def feature(self, name: str) -> str | None:
        return {"Matière": "7", "Couleur": "8"}.get(name)

    def feature_value(self, feature: str, value: str) -> str | None:
        return {"Acier": "71", "Bois": "72"}.get(value)

    def value_text(self, value_id: str, *, feature_id: str) -> str:
        return {"71": "Acier", "72": "Bois"}.get(value_id, value_id)

    def brand_name(self, brand_id: str) -> str:
        return f"brand {brand_id}"

    def category_path(self, category_id: str) -> str:
        return f"category {category_id}"


IDS = Ids()


def _sent(bodies: Facets = SENT, **changes: Any) -> Sent:
    rows = {facet: SentRow(Ownership.ERP, fingerprint(encode(body)), encode(body)) for facet, body in bodies.items()}
    return rows | {Facet(name): row for name, row in changes.items()}


def _row(sent: Body, **changes: Any) -> SentRow:
    values = {"ownership": Ownership.ERP, "fingerprint": fingerprint(encode(sent)), "body": encode(sent), **changes}
    return SentRow(**values)


def _drift(
    sent: Sent | None = None, *, link: LinkRow = LINK, rules: Rules = RULES, facets: frozenset[Facet] = OF_PRODUCTS,
    **found: Any,
) -> set[Facet]:  # fmt: skip
    shown = msgspec.structs.replace(FOUND, **found)
    bodies = drifted(link, sent=_sent() if sent is None else sent, found=shown, facets=facets, ids=IDS, rules=rules)
    return set(bodies)


def test_every_facet_that_is_compared_is_in_the_example() -> None:
    assert set(SENT) == OF_PRODUCTS - {Facet.VARIANT}


def test_a_shop_that_holds_what_it_was_sent_has_no_drift() -> None:
    assert _drift() == set()


@pytest.mark.parametrize(
    ("changed", "facets"),
    [
        ({"texts": {**FOUND.texts, "name": {"fr": "Clef", "en": "Key"}}}, {Facet.TEXTS}),
        ({"texts": {"name": FOUND.texts["name"]}}, {Facet.TEXTS}),
        ({"texts": {**FOUND.texts, "description": {"fr": "<p>a<br />b</p>"}}}, {Facet.TEXTS}),
        ({"tax_rule": "2"}, {Facet.TAX, Facet.PRICE}),
        ({"price": Decimal("8.325001")}, {Facet.TAX, Facet.PRICE}),
        ({"price": None}, {Facet.TAX, Facet.PRICE}),
        ({"brand": ""}, {Facet.BRAND}),
        ({"brand": "5"}, {Facet.BRAND}),
        ({"category": "30"}, {Facet.CATEGORIES}),
        ({"categories": ("31",)}, {Facet.CATEGORIES}),
        ({"categories": ("31", "30", "99")}, {Facet.CATEGORIES}),
        ({"features": {"8": ("81",)}}, {Facet.FEATURES}),
        ({"features": {"7": ("71", "72", "73")}}, {Facet.FEATURES}),
        ({"sku": "a1"}, {Facet.LOGISTICS}),
        ({"gtin": ""}, {Facet.LOGISTICS}),
        ({"weight": None}, {Facet.LOGISTICS}),
        ({"visible": False}, {Facet.VISIBILITY}),
        ({"stock": 8}, {Facet.STOCK}),
        ({"stock": None}, {Facet.STOCK}),
    ],
)  # fmt: skip
def test_what_changed_in_the_shop_is_drift_of_its_facet_alone(changed: dict[str, Any], facets: set[Facet]) -> None:
    assert _drift(**changed) == facets


@pytest.mark.parametrize(
    "changed",
    [
        {"texts": {**FOUND.texts, "summary": {"fr": "ajouté"}, "name": {"fr": "Clé", "en": "Key", "de": "Schlüssel"}}},
        {"price": Decimal("8.32500000")},
        {"weight": Decimal("0.350")},
        {"categories": ("30", "31")},
        {"features": {"7": ("72", "71"), "9": ("91",)}},
    ],
)  # fmt: skip
def test_what_we_never_sent_or_only_looks_different_is_no_drift(changed: dict[str, Any]) -> None:
    assert _drift(**changed) == set()


@pytest.mark.parametrize("text", TEXTS)
def test_a_hostile_text_that_was_kept_is_no_drift_and_one_more_letter_is(text: str) -> None:
    sent = _sent({Facet.TEXTS: Texts({"name": {"fr": text}})})
    assert _drift(sent, texts={"name": {"fr": text}}) == set()
    assert _drift(sent, texts={"name": {"fr": text + "x"}}) == {Facet.TEXTS}


@pytest.mark.parametrize(
    "row",
    [
        _row(SENT[Facet.VISIBILITY], ownership=Ownership.SHOP),
        _row(SENT[Facet.VISIBILITY], ownership=Ownership.ERP_ONCE),
        _row(SENT[Facet.VISIBILITY], pin=b"x" * 16),
        _row(SENT[Facet.VISIBILITY], fingerprint=None),
        _row(SENT[Facet.VISIBILITY], body=None),
    ],
    ids=("shop", "once", "pinned", "unknown", "never sent"),
)
def test_what_is_not_the_erps_or_not_known_is_no_drift(row: SentRow) -> None:
    assert _drift(_sent(visibility=row), visible=False) == set()


def test_a_facet_is_in_doubt_only_where_the_erp_owns_it_and_what_was_sent_is_not_known() -> None:
    facets = frozenset({Facet.VISIBILITY})
    unknown = {"fingerprint": None, "body": None}
    assert not in_doubt(_sent(), facets=facets)
    assert not in_doubt({}, facets=facets)
    assert in_doubt(_sent(visibility=_row(Visibility(True), **unknown)), facets=facets)
    assert not in_doubt(_sent(brand=_row(Brand("x"), **unknown)), facets=facets)
    assert not in_doubt(
        _sent(visibility=_row(Visibility(True), ownership=Ownership.ERP_ONCE, **unknown)), facets=facets
    )
    assert not in_doubt(_sent(visibility=_row(Visibility(True), pin=b"x" * 16, **unknown)), facets=facets)


def test_a_price_held_back_by_an_undo_is_not_written_with_its_tax_rule() -> None:
    assert _drift(_sent(price=_row(PRICE, pin=b"x" * 16)), tax_rule="2") == {Facet.TAX}


def test_only_the_facets_that_were_asked_are_compared() -> None:
    assert _drift(facets=frozenset({Facet.BRAND}), brand="", visible=False, sku="B") == {Facet.BRAND}


def test_html_is_compared_with_the_form_the_shop_gave_it() -> None:
    texts = SENT[Facet.TEXTS]
    kept = Texts({"description": {"fr": "<p>a<br />b</p>"}})
    row = SentRow(Ownership.ERP, fingerprint(encode(texts)), encode(kept))
    asked = {**FOUND.texts, "description": {"fr": "<p>a<br />b</p>"}}
    assert _drift(_sent(texts_kept=row), texts=asked) == set()
    edited = {**FOUND.texts, "description": {"fr": "<p>a<br />c</p>"}}
    assert _drift(_sent(texts_kept=row), texts=edited) == {Facet.TEXTS}


def test_the_form_of_an_older_text_says_nothing_of_the_new_one() -> None:
    kept = Texts({"description": {"fr": "<p>ancien</p>"}})
    row = SentRow(Ownership.ERP, b"another text....", encode(kept))
    assert _drift(_sent(texts_kept=row), texts={**FOUND.texts, "description": {"fr": "<p>ancien</p>"}}) == {Facet.TEXTS}


def test_only_html_that_the_shop_keeps_otherwise_is_noted() -> None:
    texts, limits = SENT[Facet.TEXTS], {"description": TextLimit(html=True), "name": TextLimit(128)}
    assert isinstance(texts, Texts)
    assert rewritten(texts, found=FOUND, limits=limits) is None
    shown = {"name": {"fr": "Altéré"}, "description": {"fr": "<p>a<br />b</p>"}}
    found = msgspec.structs.replace(FOUND, texts=shown)
    assert rewritten(texts, found=found, limits=limits) == Texts({"description": {"fr": "<p>a<br />b</p>"}})


def test_an_article_without_a_category_may_be_classified_in_the_shop() -> None:
    assert _drift(_sent(categories=_row(Categories(()))), category="55", categories=("55", "56")) == set()


def test_of_an_article_out_of_scope_only_its_being_shown_counts() -> None:
    gone = msgspec.structs.replace(LINK, gone=True)
    sent = _sent(visibility=_row(Visibility(False)))
    assert _drift(sent, link=gone, visible=True, sku="B", price=Decimal(1)) == {Facet.VISIBILITY}
    assert _drift(sent, link=gone, visible=False, sku="B") == set()


def test_showing_is_left_to_the_merchant_where_the_erp_does_not_decide_it() -> None:
    adopted = msgspec.structs.replace(LINK, origin="adopted")
    assert _drift(link=adopted, visible=False) == set()
    assert _drift(_sent(visibility=_row(Visibility(False))), visible=True) == set()
    shop_prices = Rules(options=ArticleOptions(export=True), context=CONTEXT, languages=["fr"], taxes=None, places=6)
    assert _drift(rules=shop_prices, visible=False) == set()


def _repaired(**found: Any) -> tuple[Facets, Facets]:
    shown = msgspec.structs.replace(FOUND, **found)
    bodies = drifted(LINK, sent=_sent(), found=shown, facets=OF_PRODUCTS, ids=IDS, rules=RULES)
    action = repair(LINK, bodies=bodies, found=shown, kept=None, ids=IDS, rules=RULES)
    assert (action.kind, action.repair, action.digest) == (ActionKind.UPDATE_PRODUCT, True, b"")
    return action.new, action.old


def test_a_repair_writes_what_was_sent_and_shows_what_is_there() -> None:
    new, old = _repaired(brand="5", category="99", categories=("99",), visible=False, sku="B1", weight=None)
    assert new == {f: SENT[f] for f in (Facet.BRAND, Facet.CATEGORIES, Facet.LOGISTICS, Facet.VISIBILITY)}
    assert old == {
        Facet.BRAND: Brand("brand 5"), Facet.CATEGORIES: Categories(("99",), "category 99"),
        Facet.LOGISTICS: Logistics("B1", Decimal("0.000000"), "3250000000014"), Facet.VISIBILITY: Visibility(False),
    }  # fmt: skip


def test_a_price_is_shown_as_a_buyer_sees_it() -> None:
    _, old = _repaired(price=Decimal(10), tax_rule="2")
    assert old[Facet.PRICE] == StoredPrice(Decimal("10.000000"), Decimal("11.000000"), True)


def test_features_are_shown_by_their_texts() -> None:
    _, old = _repaired(features={"7": ("71",), "8": ("81",)})
    assert old[Facet.FEATURES] == Features({"Matière": ("Acier",), "Couleur": ()})


def test_a_text_that_did_not_drift_is_not_shown_as_a_change() -> None:
    _, old = _repaired(texts={**FOUND.texts, "name": {"fr": "Clef", "en": "Key"}})
    assert old[Facet.TEXTS] == Texts({"name": {"fr": "Clef", "en": "Key"}, "description": {"fr": "<p>a<br>b</p>"}})


def test_a_brand_feature_or_category_that_is_not_linked_never_holds() -> None:
    stranger = msgspec.structs.replace(FOUND, brand="4", features={})
    assert not holds(Brand("Inconnue"), stranger, ids=IDS)
    assert not holds(Features({"Inconnue": ("Acier",)}), stranger, ids=IDS)
    assert not holds(Categories(("INCONNUE",)), stranger, ids=IDS)


@pytest.mark.parametrize(
    ("link", "sent", "right"),
    [
        (LINK, _sent(), True),
        (LINK, _sent(brand=_row(Brand("Autre"))), False),
        (LINK, _sent(brand=_row(SENT[Facet.BRAND], pin=b"x" * 16)), False),
        (LINK, _sent(brand=_row(SENT[Facet.BRAND], ownership=Ownership.SHOP)), False),
        (LINK, _sent(brand=_row(SENT[Facet.BRAND], fingerprint=None)), False),
        (LINK, {}, False),
        (msgspec.structs.replace(LINK, shop_id="13"), _sent(), False),
        (msgspec.structs.replace(LINK, gone=True), _sent(), False),
        (None, {}, False),
    ],
)
def test_an_approved_repair_is_right_only_while_it_is_what_was_last_sent(
    link: LinkRow | None, sent: Sent, right: bool
) -> None:
    shown = msgspec.structs.replace(FOUND, brand="")
    action = repair(LINK, bodies={Facet.BRAND: SENT[Facet.BRAND]}, found=shown, kept=None, ids=IDS, rules=RULES)
    assert still_right(action, link=link, sent=sent) is right


def test_a_product_linked_with_another_one_since_is_not_unlinked() -> None:
    assert still_right(unlink(LINK), link=LINK, sent={})
    assert not still_right(unlink(LINK), link=msgspec.structs.replace(LINK, shop_id="13"), sent={})
    assert not still_right(unlink(LINK), link=None, sent={})


def test_every_facet_that_cannot_be_read_back_is_said_once() -> None:
    assert unread(OF_PRODUCTS, reads_back=OF_PRODUCTS) == []
    said = unread(OF_PRODUCTS, reads_back=frozenset())
    assert len({note.code for note in said}) == len(said) == len(OF_PRODUCTS)
    unknown = frozenset({Facet.DOCUMENT, Facet.TRACKING})
    assert [note.code for note in unread(unknown, reads_back=unknown)] == ["unread_others"]
