"""What the shop holds of variants beside what it was sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import msgspec
import pytest

from passerelle.domain.catalogue import ShopProduct, ShopVariant
from passerelle.domain.facets import (
    OF_PRODUCTS,
    Body,
    Facet,
    Ownership,
    StoredPrice,
    VariantPrice,
    VariantSheet,
    encode,
    fingerprint,
)
from passerelle.domain.pricing import TaxRule
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.reconcile import facets_compared, of_variants, still_right
from passerelle.planner.rules import Rules
from passerelle.planner.variant_drift import (
    beside_another,
    drifted_variant,
    repair_variant,
    unlink_variant,
    variants_of_the_shop,
)
from passerelle.ports.shop import ShopContext
from passerelle.ports.store import LinkRow, SentRow
from passerelle.profile.sections import ArticleOptions, PriceOptions, VariantOptions

SHEET = VariantSheet(
    options=(("Taille", "M"), ("Couleur", "Bleu")), sku="A1-M", gtin="3250000000014", weight=Decimal("0.350000"),
    base_weight=Decimal("0.300000"), default=True,
)  # fmt: skip
PRICE = VariantPrice(
    stored=Decimal("12.500000"), base=Decimal("10.000000"), reference=Decimal("15.000000"), tax_included=True
)
FOUND = ShopVariant(
    shop_id="12/34", sku="A1-M", gtin="3250000000014", values=("2", "1"), price=Decimal("2.5"), weight=Decimal("0.05"),
    default=True,
)  # fmt: skip
PRODUCT = ShopProduct(shop_id="12", sku="A1", texts={"name": {"fr": "Chemise"}}, tax_rule="1", price=Decimal(10))
LINK = LinkRow(id=7, kind="variant", erp_key="A1-M", erp_id="9", shop_id="12/34", origin="created", gone=False)


def _rules(basis: Literal["difference", "whole"] = "difference", **options: Any) -> Rules:
    context = ShopContext(
        system="x", languages={"fr": "1"}, default_language="fr", currency="EUR", price_basis="excl", price_places=6,
        variant_basis=basis, tax_rules=(TaxRule("1", "20 %", Decimal(20)),), home_category="2",
    )  # fmt: skip
    chosen = {"export": True, "prices": PriceOptions(), "variants": VariantOptions(), **options}
    return Rules(options=ArticleOptions(**chosen), context=context, languages=["fr"], taxes=None, places=6)


class Ids:
    """The shop's ids and names of option values."""

    def option_value(self, option: str, value: str) -> str | None:
        return {("Taille", "M"): "1", ("Couleur", "Bleu"): "2"}.get((option, value))

    def option_and_value(self, value_id: str) -> tuple[str, str]:
        return {"1": ("Taille", "M"), "2": ("Couleur", "Bleu"), "3": ("Couleur", "Rouge")}[value_id]


def _facet(body: Body) -> Facet:
    return Facet.VARIANT if isinstance(body, VariantSheet) else Facet.PRICE


def _row(body: Body, **changes: Any) -> SentRow:
    values = {"ownership": Ownership.ERP, "fingerprint": fingerprint(encode(body)), "body": encode(body), **changes}
    return SentRow(**values)


def _drifts(
    body: Body, *, led: bool = True, rules: Rules | None = None, row: SentRow | None = None, **found: Any
) -> bool:
    sent = {_facet(body): row or _row(body)}
    shown = msgspec.structs.replace(FOUND, **found)
    drift = drifted_variant(sent, found=shown, facet=_facet(body), led=led, ids=Ids(), rules=rules or _rules())
    assert drift in (None, body)
    return drift is not None


def _repair(body: Body, **found: Any) -> Action:
    return repair_variant(
        LINK, body=body, found=msgspec.structs.replace(FOUND, **found), led=True, product=PRODUCT, parent="A1",
        ids=Ids(), rules=_rules(),
    )  # fmt: skip


@pytest.mark.parametrize("body", [SHEET, PRICE])
def test_a_shop_that_holds_what_it_was_sent_has_no_drift(body: Body) -> None:
    assert not _drifts(body)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (SHEET, {"sku": "OTHER"}),
        (SHEET, {"gtin": ""}),
        (SHEET, {"values": ("1",)}),
        (SHEET, {"values": ("1", "3")}),
        (SHEET, {"weight": Decimal("0.06")}),
        (PRICE, {"price": Decimal("2.500001")}),
        (PRICE, {"price": Decimal(0)}),
        (VariantPrice(stored=None), {"price": Decimal("0.01")}),
    ],
)
def test_what_was_changed_is_a_drift(body: Body, found: dict[str, Any]) -> None:
    assert _drifts(body, **found)


def test_what_the_erp_does_not_give_is_the_merchants() -> None:
    silent = msgspec.structs.replace(SHEET, gtin="", weight=None, base_weight=None)
    assert not _drifts(silent, gtin="3250000000021", weight=Decimal("0.7"))


def test_another_variant_may_be_shown_first_as_long_as_there_is_one() -> None:
    assert not _drifts(SHEET, default=False, led=True)
    assert _drifts(SHEET, default=False, led=False)
    assert not _drifts(msgspec.structs.replace(SHEET, default=False), default=True)


@pytest.mark.parametrize(("price", "weight", "drifts"), [("12.5", "0.35", False), ("2.5", "0.05", True)])
def test_a_shop_that_keeps_whole_prices_and_weights_is_compared_with_those(
    price: str, weight: str, drifts: bool
) -> None:
    whole = _rules("whole")
    found = {"price": Decimal(price), "weight": Decimal(weight)}
    assert _drifts(msgspec.structs.replace(PRICE, base=None), rules=whole, **found) is drifts
    assert _drifts(SHEET, rules=whole, **found) is drifts


@pytest.mark.parametrize("changes", [{"ownership": Ownership.SHOP}, {"pin": b"x"}, {"fingerprint": None}])
def test_what_is_not_the_erps_or_held_back_or_not_known_is_not_compared(changes: dict[str, Any]) -> None:
    assert not _drifts(SHEET, row=_row(SHEET, **changes), sku="OTHER")
    assert drifted_variant({}, found=FOUND, facet=Facet.PRICE, led=True, ids=Ids(), rules=_rules()) is None


def test_a_price_is_shown_with_vat_where_the_erp_counts_with_it() -> None:
    action = _repair(PRICE, price=Decimal(5))
    assert action.new == {Facet.PRICE: PRICE}
    assert action.old == {
        Facet.PRICE: VariantPrice(
            stored=Decimal("15.000000"), base=Decimal("10.000000"), reference=Decimal("18.000000"), tax_included=True
        )
    }


def test_a_repair_names_its_article_and_what_the_shop_holds() -> None:
    action = _repair(SHEET, values=("1", "3"), weight=Decimal("0.1"))
    assert (action.kind, action.target, action.parent, action.repair) == (
        ActionKind.UPDATE_VARIANT, "variant", "A1", True,
    )  # fmt: skip
    held = action.old[Facet.VARIANT]
    assert isinstance(held, VariantSheet)
    assert held.options == (("Taille", "M"), ("Couleur", "Rouge"))
    assert (held.weight, held.default) == (Decimal("0.400000"), SHEET.default)


@pytest.mark.parametrize(
    ("body", "held", "beside"),
    [(PRICE, "10", False), (PRICE, "11", True), (VariantPrice(stored=None), "11", False), (SHEET, "11", False)],
)
def test_a_price_beside_another_one_of_its_product_is_left_to_the_next_run(body: Body, held: str, beside: bool) -> None:
    product = {Facet.PRICE: _row(StoredPrice(Decimal(held), Decimal(held), False))}
    assert beside_another(body, product=product) is beside
    assert beside_another(body, product={}) is (body is PRICE)


def test_a_variant_that_was_linked_anew_since_is_not_unlinked() -> None:
    action = unlink_variant(LINK, parent="A1")
    assert still_right(action, link=LINK, sent={})
    assert not still_right(action, link=msgspec.structs.replace(LINK, id=8), sent={})
    assert not still_right(action, link=None, sent={})


def test_a_few_variants_of_the_merchant_are_named_and_all_are_counted() -> None:
    strange = [ShopVariant(shop_id=f"12/{n}", sku=f"S{n}" if n else "") for n in range(7)]
    reason = variants_of_the_shop(LINK, strange=strange).reason
    assert reason is not None
    assert (reason.params["count"], reason.params["references"]) == ("7", "12/0, S1, S2, S3, S4, …")


@pytest.mark.parametrize(
    ("flow", "facet"), [("catalogue", Facet.VARIANT), ("prices", Facet.PRICE), ("stocks", Facet.STOCK)]
)
def test_each_flow_compares_its_facet_of_variants_where_the_shop_gives_it_back(flow: str, facet: Facet) -> None:
    facets = facets_compared(flow, rules=_rules())
    assert of_variants(flow, facets=facets & OF_PRODUCTS) is facet
    assert of_variants(flow, facets=facets - {Facet.VARIANT}) is None
    assert of_variants(flow, facets=facets - {facet}) is None
    assert of_variants(flow, facets=facets_compared(flow, rules=_rules(variants=None))) is None
