"""Who decides what, field by field."""

from __future__ import annotations

from decimal import Decimal

from passerelle.domain.catalogue import ShopProduct
from passerelle.domain.facets import (
    Body,
    Brand,
    Categories,
    Facet,
    Facets,
    Logistics,
    Ownership,
    Texts,
    Visibility,
    decode,
    encode,
    fingerprint,
    number,
)
from passerelle.planner.ownership import at_creation, for_existing, of_the_erp, overlooked, written
from passerelle.planner.products import Sent, changed
from passerelle.ports.shop import ProductWrite
from passerelle.ports.store import SentRow
from passerelle.profile.ownership import ERP_OWNS, OwnershipOptions

LEFT = OwnershipOptions(
    name="erp_once", description="shop", brand="shop", categories="erp_once", weight="erp_once", barcode="shop",
    visibility="erp_once",
)  # fmt: skip
TWO = number(Decimal(2))


def said(name: str, *, weight: Decimal = TWO, brand: str = "Forgial") -> Facets:
    """What the ERP says of an article."""
    return {
        Facet.TEXTS: Texts(
            {"name": {"fr": name}, "description": {"fr": "<p>d</p>"}, "meta_title": {"fr": f"m {name}"}}
        ),
        Facet.BRAND: Brand(brand),
        Facet.CATEGORIES: Categories(("1",)),
        Facet.LOGISTICS: Logistics("A", weight, "376"),
        Facet.VISIBILITY: Visibility(True),
    }


def sent(bodies: Facets) -> Sent:
    return {facet: row(body) for facet, body in bodies.items()}


def row(body: Body) -> SentRow:
    stored = encode(body)
    return SentRow(Ownership.ERP, fingerprint(stored), stored)


def test_what_the_shop_decides_is_left_out_at_creation_and_erp_once_is_not() -> None:
    made = at_creation(said("Vis"), owners=LEFT)
    assert made.keys() == {Facet.TEXTS, Facet.CATEGORIES, Facet.LOGISTICS, Facet.VISIBILITY}
    assert made[Facet.TEXTS] == Texts({"name": {"fr": "Vis"}, "meta_title": {"fr": "m Vis"}})
    assert made[Facet.LOGISTICS] == Logistics("A", TWO, "")


def test_nothing_moves_when_only_what_is_not_the_erp_s_changes() -> None:
    made = at_creation(said("Vis"), owners=LEFT)
    now = said("Autre nom", weight=number(Decimal(9)), brand="Autre")
    texts = now[Facet.TEXTS]
    assert isinstance(texts, Texts)
    now[Facet.TEXTS] = Texts({**texts.values, "meta_title": {"fr": "m Vis"}})
    bodies = for_existing(now, sent=sent(made), owners=LEFT)
    assert bodies.keys() == {Facet.TEXTS, Facet.LOGISTICS}
    assert not changed(bodies, sent=sent(made), flow="catalogue")


def test_what_was_sent_before_a_field_was_given_to_the_shop_does_not_move_either() -> None:
    before = sent(said("Vis"))
    assert not changed(for_existing(said("Vis"), sent=before, owners=LEFT), sent=before, flow="catalogue")


def test_of_what_moves_only_the_erp_s_own_fields_are_written() -> None:
    write = ProductWrite(
        key="A", shop_id="1", texts={"name": {"fr": "x"}, "meta_title": {"fr": "y"}}, weight=TWO, gtin="376", sku="A"
    )
    assert written(write, owners=ERP_OWNS) == write
    assert written(write, owners=LEFT) == ProductWrite(key="A", shop_id="1", texts={"meta_title": {"fr": "y"}}, sku="A")


def test_a_product_hidden_because_its_article_was_gone_is_shown_again_whoever_decides() -> None:
    assert Facet.VISIBILITY not in for_existing(said("Vis"), sent={}, owners=LEFT)
    assert for_existing(said("Vis"), sent={}, owners=LEFT, gone=True)[Facet.VISIBILITY] == Visibility(True)


def test_a_brand_is_taken_off_only_where_one_had_been_put() -> None:
    empty = said("Vis", brand="")
    assert Facet.BRAND not in at_creation(empty, owners=ERP_OWNS)
    assert Facet.BRAND not in for_existing(empty, sent={}, owners=ERP_OWNS)
    had = sent({Facet.BRAND: Brand("Forgial")})
    assert for_existing(empty, sent=had, owners=ERP_OWNS)[Facet.BRAND] == Brand("")


def test_compared_with_the_shop_the_fields_of_others_are_as_they_were_sent() -> None:
    found = ShopProduct(
        shop_id="1",
        sku="A",
        gtin="400",
        weight=Decimal(9),
        texts={"name": {"fr": "À la main"}, "meta_title": {"fr": "?"}},
    )
    seen = overlooked(found, sent=sent(said("Vis")), owners=LEFT)
    assert (seen.gtin, seen.weight, seen.texts["name"]) == ("376", TWO, {"fr": "Vis"})
    assert seen.texts["meta_title"] == {"fr": "?"}
    assert overlooked(found, sent=sent(said("Vis")), owners=ERP_OWNS) == found


def test_every_facet_but_those_that_are_named_is_the_erp_s() -> None:
    others = {Facet.BRAND, Facet.CATEGORIES, Facet.VISIBILITY}
    assert {facet for facet in Facet if not of_the_erp(facet, owners=LEFT)} == others


def test_a_body_of_categories_from_before_there_were_further_ones_is_read_and_written_the_same() -> None:
    old = b"\x83\xa4type\xaacategories\xa5label\xa1x\xa4path\x91\xa11"
    body = decode(old)
    assert body == Categories(("1",), "x")
    assert isinstance(body, Categories)
    assert body.extra == ()
    assert b"also" not in encode(body)
    assert decode(encode(Categories(("1",), "x", ("7",)))) == Categories(("1",), "x", ("7",))
