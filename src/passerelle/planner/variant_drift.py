"""What the shop holds of variants beside what it was last sent: what drifted, and the action that puts it right.

Pure. As for products, only what the ERP owns and no undo holds back is compared. Which variant the shop shows first is
the merchant's to change, as long as there is one; so are a weight and a barcode that the ERP does not give.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from msgspec.structs import replace

from passerelle.domain.catalogue import ShopProduct, ShopVariant
from passerelle.domain.facets import Body, Facet, Facets, StoredPrice, VariantPrice, VariantSheet, number
from passerelle.domain.texts import text
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.products import Sent, last_sent
from passerelle.planner.reconcile import as_buyers_see, known_body
from passerelle.planner.rules import Rules
from passerelle.ports.store import LinkRow

NAMED = 5  # variants of the merchant that a line names
NOTHING = Decimal(0)


class OptionIds(Protocol):
    """What the shop calls our option values, and how it names its own."""

    def option_value(self, option: str, value: str) -> str | None:
        """The shop's id of a value; None for one we do not know."""
        ...

    def option_and_value(self, value_id: str) -> tuple[str, str]:
        """The names of an option and its value."""
        ...


def drifted_variant(
    sent: Sent, *, found: ShopVariant, facet: Facet, led: bool, ids: OptionIds, rules: Rules
) -> Body | None:
    """The body that was sent and that the shop holds otherwise; None for no drift.

    `led`: one of the product's variants is the one that the shop shows first.
    """
    row = sent.get(facet)
    body = known_body(row) if row is not None else None
    return None if body is None or variant_holds(body, found, led=led, ids=ids, rules=rules) else body


def variant_holds(body: Body, found: ShopVariant, *, led: bool, ids: OptionIds, rules: Rules) -> bool:
    """Whether the shop holds what was sent of a variant."""
    match body:
        case VariantSheet():
            return found_sheet(body, found, led=led, ids=ids, rules=rules) == body
        case VariantPrice():
            return number(found.price) == _price_kept(body, rules)
        case _:
            raise AssertionError(body)


def found_sheet(body: VariantSheet, found: ShopVariant, *, led: bool, ids: OptionIds, rules: Rules) -> VariantSheet:
    """What the shop holds of a variant, in the form of what was sent."""
    same = set(found.values) == {ids.option_value(*pair) for pair in body.options}
    options = body.options if same else tuple(map(ids.option_and_value, found.values))
    return replace(
        body, options=options, sku=found.sku, gtin=found.gtin if body.gtin else "",
        weight=None if body.weight is None else number(found.weight + _weight_below(body, rules)),
        default=body.default and (led or found.default),
    )  # fmt: skip


def found_price(body: VariantPrice, found: ShopVariant, *, product: ShopProduct, rules: Rules) -> VariantPrice:
    """The price of a variant as a buyer would see it beside the price that its product was sent."""
    below = _price_below(body, rules)
    if body.stored is None:
        below = number(product.price or NOTHING) if rules.context.variant_basis == "difference" else NOTHING
    stored = number(found.price + below)
    reference, included = as_buyers_see(stored, found=product, tax_included=body.tax_included, rules=rules)
    return VariantPrice(stored=stored, base=number(below), reference=reference, tax_included=included)


def _price_kept(body: VariantPrice, rules: Rules) -> Decimal:
    return number(NOTHING if body.stored is None else body.stored - _price_below(body, rules))


def _price_below(body: VariantPrice, rules: Rules) -> Decimal:
    """What the shop adds to the price it keeps of a variant."""
    return (body.base or NOTHING) if rules.context.variant_basis == "difference" else NOTHING


def _weight_below(body: VariantSheet, rules: Rules) -> Decimal:
    return (body.base_weight or NOTHING) if rules.context.variant_basis == "difference" else NOTHING


def beside_another(body: Body, *, product: Sent) -> bool:
    """Whether a price was sent beside another one than its product was sent last: the next run of prices writes it."""
    if not isinstance(body, VariantPrice) or body.base is None:
        return False
    held = last_sent(product.get(Facet.PRICE))
    return not isinstance(held, StoredPrice) or held.stored != body.base


# --- actions ---------------------------------------------------------------------------------------------------------


def repair_variant(
    link: LinkRow, *, body: Body, found: ShopVariant, led: bool, product: ShopProduct, parent: str, ids: OptionIds,
    rules: Rules,
) -> Action:  # fmt: skip
    """The action that writes again what was sent of a variant of the article `parent`."""
    new: Facets
    old: Facets
    if isinstance(body, VariantSheet):
        new, old = {Facet.VARIANT: body}, {Facet.VARIANT: found_sheet(body, found, led=led, ids=ids, rules=rules)}
    else:
        assert isinstance(body, VariantPrice)
        new, old = {Facet.PRICE: body}, {Facet.PRICE: found_price(body, found, product=product, rules=rules)}
    return Action(
        kind=ActionKind.UPDATE_VARIANT, key=link.erp_key, label=_name(product, rules), erp_id=link.erp_id,
        shop_id=link.shop_id, link_id=link.id, new=new, old=old, target="variant", parent=parent,
        repair=True,
    )  # fmt: skip


def unlink_variant(link: LinkRow, *, parent: str) -> Action:
    """What there is to do about a variant that is gone from the shop while its product is there."""
    return Action(
        kind=ActionKind.UNLINK, key=link.erp_key, erp_id=link.erp_id, shop_id=link.shop_id, link_id=link.id,
        target="variant", parent=parent, repair=True,
        reason=text(
            "variant_gone", "{key}: its variant {shop_id} no longer exists in the shop.",
            key=link.erp_key, shop_id=link.shop_id,
        ),
        next_step=text(
            "variant_gone_next",
            "Run the catalogue: {key} is created again. If it was deleted on purpose, put it to sleep in the ERP.",
            key=link.erp_key,
        ),
    )  # fmt: skip


def variants_of_the_shop(link: LinkRow, *, strange: Sequence[ShopVariant]) -> Action:
    """What a person is told of the variants that the merchant made under one of our products."""
    names = [one.sku or one.shop_id for one in strange[:NAMED]] + ["…"] * (len(strange) > NAMED)
    reason = text(
        "variants_of_the_shop",
        "{key}: variants of the shop that no article is linked with: {count} ({references}). They are left alone.",
        key=link.erp_key, count=len(strange), references=", ".join(names),
    )  # fmt: skip
    return Action(kind=ActionKind.SKIP, key=link.erp_key, erp_id=link.erp_id, reason=reason, repair=True)


def _name(product: ShopProduct, rules: Rules) -> str:
    return product.texts.get("name", {}).get(rules.languages[0], "")
