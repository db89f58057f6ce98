"""The variants of one article: what may be sold, which is which, what the shop should hold, and the actions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.domain.catalogue import Product, ShopVariant, Variant
from passerelle.domain.facets import (
    Body,
    Facet,
    Facets,
    Ownership,
    Stock,
    StoredPrice,
    VariantPrice,
    VariantSheet,
    Visibility,
    encode,
    fingerprint,
    number,
)
from passerelle.domain.pricing import Price, Tax
from passerelle.errors import VariantsTooMany
from passerelle.planner import variants
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.rules import Rules
from passerelle.planner.variants import Family, Known
from passerelle.ports.shop import ShopContext, TextLimit
from passerelle.ports.store import LinkRow, SentRow
from passerelle.profile.sections import ArticleOptions, PriceOptions

CONTEXT = ShopContext(
    system="shop", languages={"fr": "1"}, default_language="fr", currency="EUR", price_basis="excl", price_places=6,
    tax_rules=(), home_category="2",
    limits={"sku": TextLimit(20, "<>"), "option": TextLimit(20, "<>="), "option_value": TextLimit(10, "<>=")},
)  # fmt: skip
VAT = Tax("C20", Decimal(20))
NAMES = {"11": "taille = s", "12": "taille = m", "21": "couleur = bleu"}


def rules(*, prices: bool = True, **context: Any) -> Rules:
    options = ArticleOptions(prices=PriceOptions() if prices else None)
    shop = msgspec.structs.replace(CONTEXT, **context)
    return Rules(options=options, context=shop, languages=["fr"], taxes=None, places=6)


def excl(amount: str) -> Price:
    return Price(Decimal(amount), tax_included=False)


def variant(sku: str, size: str = "S", **values: Any) -> Variant:
    return Variant(**{"sku": sku, "erp_id": f"id {sku}", "options": (("Taille", size),), **values})


def product(*found: Variant, **values: Any) -> Product:
    given = {"price": excl("10"), "tax": VAT, **values}
    return Product(sku="A", erp_id="1", label="Article", has_variants=True, variants=found, **given)


def stored(amount: str) -> StoredPrice:
    return StoredPrice(number(Decimal(amount)), number(Decimal(amount)), False)


def family(*found: Variant, base: str = "10", old: str = "10", travels: bool = True, **values: Any) -> Family:
    return Family(
        product=product(*found, **values), digest=b"d", shop_id="7", base=stored(base), old_base=stored(old),
        erp_base=stored(base), travels=travels,
    )  # fmt: skip


def known(key: str, *, erp_id: str = "", shop_id: str = "7/1", **bodies: Body) -> Known:
    """A linked variant; `bodies` by the name of their facet."""
    link = LinkRow(
        id=5, kind="variant", erp_key=key, erp_id=erp_id or f"id {key}", shop_id=shop_id, origin="created", gone=False
    )  # fmt: skip
    sent = {
        Facet(name): SentRow(ownership=Ownership.ERP, fingerprint=fingerprint(encode(body)), body=encode(body))
        for name, body in bodies.items()
    }
    return Known(link, sent)


def sheet(sku: str, size: str = "S", **values: Any) -> VariantSheet:
    return VariantSheet(options=(("Taille", size),), sku=sku, gtin="", **values)


def codes(*found: Variant, used: Rules | None = None, **values: Any) -> dict[str, str]:
    """By reference, why a variant may not be written."""
    _, refused = variants.checked(product(*found, **values), rules=used or rules(), most=0)
    return {key: error.code() for key, error in refused.items()}


# --- what may be sold ---


def test_variants_that_can_be_told_apart_may_be_written() -> None:
    good, refused = variants.checked(product(variant("A-S"), variant("A-M", "M")), rules=rules(), most=2)
    assert ([one.sku for one in good], refused) == (["A-S", "A-M"], {})


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        ({"sku": "a-1"}, {"sku": "A-1"}, "reference"),
        ({"gtin": "3760000000017"}, {"gtin": "3760000000017"}, "barcode"),
        ({"options": (("Taille", "S "),)}, {"options": (("Taille", "s"),)}, "values"),
    ],
)
def test_two_that_a_shop_could_not_tell_apart_both_wait_and_name_each_other(
    first: dict[str, Any], second: dict[str, Any], what: str
) -> None:
    pair = variant("A-1", **first) if "sku" not in first else variant(**first, size="M")
    other = variant("A-2", **({"options": (("Taille", "L"),)} | second)) if "sku" not in second else variant(**second)
    good, refused = variants.checked(product(pair, other, variant("A-3", "XL")), rules=rules(), most=0)
    assert [one.sku for one in good] == ["A-3"]
    assert {key: (error.code(), error.params["other"], error.params["what"]) for key, error in refused.items()} == {
        pair.sku: ("variant_twice", other.sku, what), other.sku: ("variant_twice", pair.sku, what),
    }  # fmt: skip


def test_one_that_waits_for_another_reason_is_nobody_s_double() -> None:
    lost = variant("A-1", gtin="3760000000017", options=(("Taille", " "),))
    assert codes(lost, variant("A-2", gtin="3760000000017")) == {"A-1": "variant_incomplete"}


def test_no_barcode_at_all_is_not_the_same_barcode() -> None:
    assert codes(variant("A-1", gtin=""), variant("A-2", "M", gtin="")) == {}


@pytest.mark.parametrize(
    ("odd", "code"),
    [
        ({"sku": "A<1"}, "reference_refused"),
        ({"sku": "x" * 21}, "reference_refused"),
        ({"options": (("Taille", ""),)}, "variant_incomplete"),
        ({"options": (("Taille", "x" * 11),)}, "text_refused"),
        ({"options": (("Tai=lle", "S"),)}, "text_refused"),
        ({"tax": Tax("C55", Decimal("5.5"))}, "variant_tax_differs"),
        ({"price": excl("0")}, "price_missing"),
        ({"price": excl("-1")}, "price_missing"),
        ({"price": excl("99999999999999")}, "amount_refused"),
    ],
)
def test_a_variant_that_the_shop_would_not_take_waits_alone(odd: dict[str, Any], code: str) -> None:
    wrong = variant(**{"sku": "A-1", **odd})
    assert codes(wrong, variant("A-2", "M")) == {wrong.sku: code}


def test_a_price_incl_vat_cannot_be_stored_without_a_rate() -> None:
    assert codes(variant("A-1", price=Price(Decimal(12), True)), tax=None) == {"A-1": "vat_missing"}


def test_where_the_shop_owns_prices_none_is_missing() -> None:
    assert codes(variant("A-1", price=excl("0")), used=rules(prices=False), price=None) == {}


def test_more_variants_than_a_shop_holds_are_refused_as_a_whole() -> None:
    with pytest.raises(VariantsTooMany) as refused:
        variants.checked(product(variant("A-1"), variant("A-2", "M")), rules=rules(), most=1)
    assert (refused.value.params["count"], refused.value.params["limit"]) == ("2", "1")


def crowded(*now: Variant, linked: dict[str, str], staying: dict[str, str]) -> dict[str, str]:
    """Who waits for whom; `linked` and `staying` are reference → the size that the shop shows."""

    def told(sizes: dict[str, str]) -> dict[str, Known]:
        return {sku: known(sku, variant=sheet(sku, size)) for sku, size in sizes.items()}

    found = variants.crowded(now, known=told(linked), staying=told(staying))
    return {key: str(error.params["other"]) for key, error in found.items()}


def test_a_variant_waits_for_the_values_of_one_that_stays_as_it_is_new_or_not() -> None:
    assert crowded(variant("A", "m "), linked={"A": "S"}, staying={"OLD": "M"}) == {"A": "OLD"}
    assert crowded(variant("A", "M"), linked={}, staying={"OLD": "M"}) == {"A": "OLD"}


def test_one_that_waits_keeps_its_place_from_the_next_one() -> None:
    moving = [variant("C", "S"), variant("A", "M"), variant("B", "L")]
    linked = {"A": "S", "B": "XL", "C": "XS"}
    assert crowded(*moving, linked=linked, staying={"OLD": "M"}) == {"A": "OLD", "C": "A"}


def test_variants_that_change_their_values_with_each_other_do_not_wait() -> None:
    assert crowded(variant("A", "M"), variant("B", "S"), linked={"A": "S", "B": "M"}, staying={"OLD": "L"}) == {}


def test_a_double_that_the_shop_shows_already_is_not_what_a_variant_waits_for() -> None:
    assert crowded(variant("A", "M"), linked={"A": "M"}, staying={"OLD": "M"}) == {}


# --- the base price ---


def test_an_article_with_a_price_keeps_it() -> None:
    whole = product(variant("A-1", price=excl("5")))
    assert variants.based(whole) is whole


@pytest.mark.parametrize("own", [None, excl("0")])
def test_an_article_without_a_price_takes_the_lowest_of_its_variants(own: Price | None) -> None:
    priced = [variant("A-1", price=excl("30")), variant("A-2", "M", price=excl("20")), variant("A-3", "L")]
    free = variant("A-4", "XL", price=excl("0"))
    assert variants.based(product(*priced, free, price=own)).price == excl("20")


def test_an_article_of_which_nothing_has_a_price_has_none() -> None:
    assert variants.based(product(variant("A-1"), price=None)).price is None


def test_a_variant_without_a_price_of_its_own_follows_its_product_whatever_that_costs() -> None:
    one = variant("A-1")
    shown = variants.price(one, product=product(one), base=stored("10"), rules=rules())
    assert shown == VariantPrice(stored=None)
    assert shown == variants.price(one, product=product(one), base=stored("12"), rules=rules())


def test_where_the_shop_stores_whole_prices_a_variant_repeats_its_product_s() -> None:
    one = variant("A-1")
    shown = variants.price(one, product=product(one), base=stored("10"), rules=rules(variant_basis="whole"))
    assert shown == VariantPrice(stored=number(Decimal(10)), reference=number(Decimal(10)))
    own = variants.price(
        variant("A-2", price=excl("12")), product=product(), base=stored("10"), rules=rules(variant_basis="whole")
    )  # fmt: skip
    assert own == VariantPrice(stored=number(Decimal(12)), reference=number(Decimal(12)))


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_base_and_difference_add_up_to_the_variant_s_price(base: int, own: int) -> None:
    price = Price(Decimal(own) / 100, tax_included=True)
    held = stored(str(Decimal(base) / 100))
    shown = variants.price(variant("A-1", price=price), product=product(), base=held, rules=rules())
    assert shown is not None
    assert shown.stored is not None
    assert shown.base == held.stored
    incl = (held.stored + (shown.stored - shown.base)) * Decimal("1.2")
    assert incl.quantize(Decimal("0.01")) == price.amount


@pytest.mark.parametrize(("prices", "base"), [(False, stored("10")), (True, None)])
def test_without_prices_or_without_a_base_nothing_is_said_of_a_price(prices: bool, base: StoredPrice | None) -> None:
    one = variant("A-1", price=excl("12"))
    assert variants.price(one, product=product(one), base=base, rules=rules(prices=prices)) is None


# --- the sheet ---


def test_a_weight_of_its_own_is_said_beside_the_product_s() -> None:
    one = variant("A-1", weight=Decimal(3))
    told = variants.sheet(one, product=product(one, weight=Decimal(2)), default=True, rules=rules())
    assert (told.weight, told.base_weight, told.default) == (number(Decimal(3)), number(Decimal(2)), True)


@pytest.mark.parametrize("own", [None, Decimal(2), Decimal("2.00")])
def test_the_weight_of_the_product_is_not_repeated(own: Decimal | None) -> None:
    one = variant("A-1", weight=own)
    told = variants.sheet(one, product=product(one, weight=Decimal(2)), default=False, rules=rules())
    assert (told.weight, told.base_weight) == (None, None)


def test_names_and_values_are_cleaned_as_the_shop_shows_them() -> None:
    one = variant("A-1", options=((" Taille ", "S  \n étroit"),))
    assert variants.options_of(one, rules=rules()) == (("Taille", "S étroit"),)


# --- which is which ---


def test_the_erp_s_own_id_comes_before_the_reference() -> None:
    pairing = variants.paired(
        [variant("NEW", erp_id="1"), variant("OLD", "M", erp_id="9")],
        known=[known("OLD", erp_id="1"), known("OTHER", erp_id="2", variant=sheet("OTHER", "XL"))],
    )
    assert {sku: one.link.erp_key for sku, one in pairing.known.items()} == {"NEW": "OLD"}
    assert [one.link.erp_key for one in pairing.left] == ["OTHER"]


def test_the_reference_comes_before_the_values() -> None:
    pairing = variants.paired(
        [variant("A-1", "M", erp_id="8")],
        known=[known("B", erp_id="1", variant=sheet("B", "M")), known("A-1", erp_id="2", variant=sheet("A-1", "S"))],
    )
    assert pairing.known["A-1"].link.erp_key == "A-1"
    assert [one.link.erp_key for one in pairing.left] == ["B"]


def test_a_value_made_anew_is_found_by_its_values_whatever_their_case() -> None:
    pairing = variants.paired([variant("A-s", "s ", erp_id="9")], known=[known("OLD", variant=sheet("OLD", "S"))])
    assert (pairing.known["A-s"].link.erp_key, pairing.left) == ("OLD", [])


def test_one_link_is_never_two_variants_and_what_nobody_is_is_left() -> None:
    twins = [variant("A", "S", erp_id="8"), variant("B", "S", erp_id="9")]
    pairing = variants.paired(twins, known=[known("OLD", variant=sheet("OLD", "S"))])
    assert list(pairing.known) == ["A"]
    assert variants.paired([], known=[known("OLD")]).left == [known("OLD")]


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.lists(st.sampled_from("abcdef"), unique=True))
def test_every_link_is_somebody_or_left_and_none_is_both(now: list[str], before: list[str]) -> None:
    linked = [known(name, variant=sheet(name, name)) for name in before]
    pairing = variants.paired([variant(name, name) for name in now], known=linked)
    assert {sku: one.link.erp_key for sku, one in pairing.known.items()} == {sku: sku for sku in now if sku in before}
    assert {one.link.erp_key for one in pairing.left} == set(before) - set(now)


def there(id: str, sku: str = "", *values: str, **fields: Any) -> ShopVariant:
    return ShopVariant(shop_id=f"7/{id}", sku=sku, values=values, **fields)


def test_a_variant_of_the_shop_is_taken_by_its_reference_then_by_its_values() -> None:
    found = [there("1", "a-m", "11"), there("2", "", "12")]
    taken = variants.adoptable([variant("A-S", "S"), variant("A-M", "M")], found=found, names=NAMES)
    assert {sku: one.shop_id for sku, one in taken.items()} == {"A-M": "7/1"}
    taken = variants.adoptable([variant("B-S", "S"), variant("B-M", "M")], found=found, names=NAMES)
    assert {sku: one.shop_id for sku, one in taken.items()} == {"B-S": "7/1", "B-M": "7/2"}


def test_a_reference_that_two_of_the_shop_have_identifies_neither() -> None:
    found = [there("1", "A-S", "11"), there("2", "a-s", "21")]
    taken = variants.adoptable([variant("A-S", "M")], found=found, names=NAMES)
    assert taken == {}


def test_one_of_the_shop_is_taken_once_and_of_two_alike_the_first() -> None:
    found = [there("1", "", "11"), there("2", "", "11")]
    taken = variants.adoptable([variant("A-1", "S"), variant("A-2", "s")], found=found, names=NAMES)
    assert {sku: one.shop_id for sku, one in taken.items()} == {"A-1": "7/1"}


def test_one_with_more_options_than_ours_is_another() -> None:
    assert variants.adoptable([variant("A-S")], found=[there("1", "", "11", "21")], names=NAMES) == {}


# --- the one that the shop shows first ---


def default(
    *skus: str, linked: dict[str, Known] | None = None, left: list[Known] | None = None, **shop: Any
) -> str:  # fmt: skip
    return variants.default_of(
        [variant(sku) for sku in skus], known=linked or {}, staying=left or [], found=shop.get("found", []),
        adopted=shop.get("adopted", {}),
    )  # fmt: skip


def test_the_first_variant_is_the_default_of_a_new_product() -> None:
    assert default("A-1", "A-2") == "A-1"
    assert default() == ""


def test_the_one_that_is_the_default_stays_it() -> None:
    linked = {"A-1": known("A-1", variant=sheet("A-1")), "A-2": known("A-2", variant=sheet("A-2", default=True))}
    assert default("A-1", "A-2", linked=linked) == "A-2"


def test_an_adopted_default_stays_it_and_the_merchant_s_own_too() -> None:
    shown = there("1", "", default=True)
    assert default("A-1", "A-2", adopted={"A-2": shown}, found=[shown]) == "A-2"
    assert default("A-1", found=[shown]) == ""


def test_a_default_that_is_sold_no_more_but_stays_keeps_its_place() -> None:
    assert default("A-2", left=[known("A-1", variant=sheet("A-1", default=True))]) == ""


# --- actions ---


def test_a_variant_that_holds_everything_already_is_left_alone() -> None:
    one = variant("A-1")
    home = family(one)
    wanted = variants.bodies(one, family=home, base=home.base, default=False, rules=rules())
    held = known("A-1", variant=wanted[Facet.VARIANT], price=wanted[Facet.PRICE])
    assert variants.update(one, known=held, family=home, free=wanted, flow="catalogue") is None
    assert variants.relink(one, known=held, family=home) is None


def changed(flow: str, *, travels: bool) -> set[Facet]:
    """Of a variant whose price and barcode changed, what a flow writes."""
    one = variant("A-1", gtin="3760000000017", price=excl("12"))
    home = family(one, travels=travels)
    free = variants.bodies(one, family=home, base=home.base, default=False, rules=rules())
    action = variants.update(
        one,
        known=known("A-1", variant=sheet("A-1"), price=VariantPrice(stored=None)),
        family=home,
        free=free,
        flow=flow,
    )
    return set(action.new) if action else set()


def test_prices_travel_with_their_flow_and_with_their_product_s() -> None:
    assert changed("prices", travels=True) == {Facet.PRICE}
    assert changed("catalogue", travels=False) == {Facet.VARIANT}
    assert changed("catalogue", travels=True) == {Facet.VARIANT, Facet.PRICE}


@pytest.mark.parametrize(
    ("old", "new", "base", "move"),
    [
        (VariantPrice(stored=number(Decimal(20)), base=number(Decimal(10))), "25", "10", Decimal(25)),
        (VariantPrice(stored=None), "15", "10", Decimal(50)),  # it cost what its product did
        (VariantPrice(stored=number(Decimal(20)), base=number(Decimal(10))), "20", "12", Decimal(0)),  # the base moved
        (VariantPrice(stored=number(Decimal(20)), base=number(Decimal(10))), None, "12", Decimal(40)),
    ],
)
def test_how_far_a_price_moves_is_what_buyers_see(old: VariantPrice, new: str | None, base: str, move: Decimal) -> None:
    one = variant("A-1", price=excl(new) if new else None)
    home = family(one, base=base)
    free: Facets = {Facet.PRICE: variants.price(one, product=home.product, base=home.base, rules=rules()) or old}
    action = variants.update(one, known=known("A-1", price=old), family=home, free=free, flow="prices")
    assert action is not None
    assert action.price_move == move
    assert action.old == {Facet.PRICE: old}


def test_a_price_that_was_never_sent_moves_by_nothing_anybody_knows() -> None:
    one = variant("A-1", price=excl("12"))
    home = family(one)
    free = variants.bodies(one, family=home, base=home.base, default=False, rules=rules())
    action = variants.update(one, known=known("A-1"), family=home, free=free, flow="prices")
    assert action is not None
    assert action.price_move is None


def test_another_reference_or_id_keeps_the_link_s_place_and_all_that_was_sent() -> None:
    held = known("OLD", erp_id="1", variant=sheet("OLD"), stock=Stock(3))
    action = variants.relink(variant("NEW", erp_id="1"), known=held, family=family())
    assert action is not None
    assert (action.kind, action.key, action.renamed_from, action.shop_id) == (ActionKind.LINK, "NEW", "OLD", "7/1")
    assert action.known == {Facet.VARIANT: sheet("OLD"), Facet.STOCK: Stock(3)}


def test_an_adopted_variant_is_written_only_where_it_differs() -> None:
    one = variant("A-S", gtin="3760000000017", price=excl("12"))
    home = family(one)
    wanted = variants.bodies(one, family=home, base=home.base, default=False, rules=rules())
    same = there("1", "A-S", "11", gtin="3760000000017", price=Decimal(2))
    (link,) = variants.adopt(one, found=same, family=home, wanted=wanted, names=NAMES, flow="catalogue")
    assert (link.kind, link.known) == (ActionKind.LINK, wanted)
    other = there("1", "A-S", "12", gtin="3760000000017", price=Decimal(2))
    link, change = variants.adopt(one, found=other, family=home, wanted=wanted, names=NAMES, flow="catalogue")
    assert set(link.known) == {Facet.PRICE}
    assert set(change.new) == {Facet.VARIANT}
    held = change.old[Facet.VARIANT]
    assert isinstance(held, VariantSheet)
    assert held.options == (("taille", "m"),)


def test_an_adopted_price_that_differs_tells_what_the_shop_had() -> None:
    one = variant("A-S", price=excl("12"))
    home = family(one)
    wanted = variants.bodies(one, family=home, base=home.base, default=False, rules=rules())
    dear = there("1", "A-S", "11", price=Decimal(5))
    _, change = variants.adopt(one, found=dear, family=home, wanted=wanted, names=NAMES, flow="prices")
    held = change.old[Facet.PRICE]
    assert isinstance(held, VariantPrice)
    assert held.stored == 15


def test_a_variant_that_is_sold_no_more_is_sold_out_once() -> None:
    action = variants.sell_out(known("A-1", stock=Stock(4)), family=family())
    assert action is not None
    assert (action.kind, action.new, action.old) == (
        ActionKind.SET_STOCK, {Facet.STOCK: Stock(0)}, {Facet.STOCK: Stock(4)},
    )  # fmt: skip
    assert variants.sell_out(known("A-1", stock=Stock(0)), family=family()) is None


def test_a_removal_keeps_what_was_sent_for_an_undo() -> None:
    action = variants.remove(known("A-1", variant=sheet("A-1"), stock=Stock(4)), family=family())
    assert (action.kind, action.shop_id, action.parent) == (ActionKind.REMOVE_VARIANT, "7/1", "A")
    assert action.old == {Facet.VARIANT: sheet("A-1")}


def lead(kind: ActionKind, **new: Body) -> list[tuple[ActionKind, set[str]]]:
    action = Action(kind=kind, key="A", new={Facet(name): body for name, body in new.items()})
    return [(one.kind, {facet.value for facet in one.new}) for one in variants.split(action)]


def test_a_product_shows_once_its_variants_are_there() -> None:
    shown, price = Visibility(True), stored("10")
    create, show = ActionKind.CREATE_PRODUCT, ActionKind.SHOW_PRODUCT
    assert lead(create, visibility=shown, price=price) == [(create, {"price"}), (show, {"visibility"})]
    assert lead(create, visibility=shown) == [(create, set()), (show, {"visibility"})]
    assert lead(ActionKind.UPDATE_PRODUCT, visibility=shown) == [(show, {"visibility"})]


def test_a_product_that_is_to_be_hidden_waits_for_nothing() -> None:
    hidden = Visibility(False)
    assert lead(ActionKind.UPDATE_PRODUCT, visibility=hidden) == [(ActionKind.UPDATE_RANGED, {"visibility"})]
    assert lead(ActionKind.HIDE_PRODUCT, visibility=hidden) == [(ActionKind.HIDE_PRODUCT, {"visibility"})]
