"""The variants of one article: what the shop should hold of each, which are which, and the actions for them.

A variant's price and its product's are written one right after the other, because shops store the difference between
them. What a variant shows is therefore planned beside the price that its product holds after the plan (`base`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from passerelle.domain.catalogue import Product, ShopVariant, Variant
from passerelle.domain.facets import (
    Body,
    Facet,
    Facets,
    Logistics,
    Stock,
    StoredPrice,
    VariantPrice,
    VariantSheet,
    Visibility,
    number,
)
from passerelle.domain.pricing import Price, stored_price
from passerelle.domain.texts import N_, text
from passerelle.errors import (
    AmountRefused,
    PriceMissing,
    RecordError,
    VariantIncomplete,
    VariantsTooMany,
    VariantTaxDiffers,
    VariantTwice,
    VatMissing,
)
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.features import folded, value_key
from passerelle.planner.products import Sent, check_reference, differs, last_sent
from passerelle.planner.rules import Rules
from passerelle.planner.texts import accepted, cleaned
from passerelle.ports.shop import TextLimit
from passerelle.ports.store import LinkRow

REFERENCE, BARCODE, VALUES = N_("reference"), N_("barcode"), N_("values")


class Known(msgspec.Struct, frozen=True):
    """A variant that is linked, and what was last sent of it."""

    link: LinkRow
    sent: Sent


class Family(msgspec.Struct, kw_only=True):
    """A product on its way through a plan, with its variants.

    `lead` are the product's own actions. `base` is the price it holds once they are done, `old_base` the one it holds
    now, `erp_base` the one that the ERP says. `travels`: prices of variants are written by this plan. `quiet`: there
    is nothing to do for the product itself.
    """

    product: Product
    digest: bytes
    shop_id: str = ""
    lead: list[Action] = []
    base: StoredPrice | None = None
    old_base: StoredPrice | None = None
    erp_base: StoredPrice | None = None
    travels: bool = True
    quiet: bool = False
    known: list[Known] = []


class Pairing(msgspec.Struct, frozen=True):
    """Which variant is which: those that are linked, by reference, and the links that no variant of the ERP is."""

    known: dict[str, Known]
    left: list[Known]


def based(product: Product) -> Product:
    """The article at the lowest price of its variants, where it has none of its own."""
    if product.price is not None and product.price.amount > 0:
        return product
    priced = [one.price for one in product.variants if one.price is not None and one.price.amount > 0]
    return replace(product, price=min(priced, key=lambda price: price.amount)) if priced else product


def weighed(product: Product, *, bodies: Facets) -> Product:
    """The article with the weight that its product keeps, where the ERP no longer says one."""
    body = bodies.get(Facet.LOGISTICS)
    if product.weight is not None or not isinstance(body, Logistics):
        return product
    return replace(product, weight=body.weight)


# --- what may be sold ------------------------------------------------------------------------------------------------


def checked(product: Product, *, rules: Rules, most: int) -> tuple[list[Variant], dict[str, RecordError]]:
    """The variants that may be written, and by reference why others may not. Raises VariantsTooMany."""
    if most and len(product.variants) > most:
        raise VariantsTooMany(key=product.sku, count=len(product.variants), limit=most)
    refused: dict[str, RecordError] = {}
    good: list[Variant] = []
    for variant in product.variants:
        try:
            _check(variant, product, rules)
        except RecordError as error:
            refused[variant.sku] = error
        else:
            good.append(variant)
    refused |= _twice(good)
    return [variant for variant in good if variant.sku not in refused], refused


def _check(variant: Variant, product: Product, rules: Rules) -> None:
    check_reference(variant.sku, limit=rules.context.limits["sku"])
    for option, value in variant.options:
        if not value.strip():
            raise VariantIncomplete(key=variant.sku, option=option)
    options_of(variant, rules=rules)
    if variant.tax is not None and variant.tax != product.tax:
        raise VariantTaxDiffers(key=variant.sku, other=product.sku)
    if rules.options.prices is not None:
        _check_price(variant, product, rules)


def _check_price(variant: Variant, product: Product, rules: Rules) -> None:
    price = variant.price or product.price
    if price is None or price.amount <= 0:
        raise PriceMissing(key=variant.sku)
    if _stored(variant.sku, price, product, rules) >= rules.context.price_max:
        raise AmountRefused(key=variant.sku, field="price", value=price.amount)


def _twice(variants: Sequence[Variant]) -> dict[str, RecordError]:
    """Variants that a shop or a till could not tell apart: all of them wait, for nobody knows which one is right."""
    found: dict[str, RecordError] = {}
    for what, name in ((REFERENCE, _folded_sku), (BARCODE, _gtin), (VALUES, _shown_values)):
        alike: dict[str, list[Variant]] = defaultdict(list)
        for variant in variants:
            if value := name(variant):
                alike[value].append(variant)
        for value, several in alike.items():
            for index, variant in enumerate(several if len(several) > 1 else ()):
                other = several[0 if index else 1].sku
                found.setdefault(variant.sku, VariantTwice(key=variant.sku, other=other, what=what, value=value))
    return found


def crowded(
    variants: Sequence[Variant], *, known: Mapping[str, Known], staying: Mapping[str, Known]
) -> dict[str, RecordError]:
    """Variants with the values of one that is `staying` in the shop as it is: they wait, or it would show both."""
    left, waiting = list(variants), dict(staying)
    found: dict[str, RecordError] = {}
    while waiting:  # what waits keeps its own place, where the next one may have wanted to go
        there = {values: key for key, one in waiting.items() if (values := _known_values(one)) is not None}
        waiting = {}
        for variant in list(left):
            other, own = there.get(_values(variant)), known.get(variant.sku)
            if other is None or (own is not None and _known_values(own) == _values(variant)):
                continue
            error = VariantTwice(key=variant.sku, other=other, what=VALUES, value=_shown_values(variant))
            found[variant.sku] = error
            left.remove(variant)
            if own is not None:
                waiting[variant.sku] = own
    return found


def _folded_sku(variant: Variant) -> str:
    return variant.sku.casefold()


def _gtin(variant: Variant) -> str:
    return variant.gtin


def _shown_values(variant: Variant) -> str:
    return ", ".join(folded(value) for _, value in variant.options)


# --- what the shop should hold ---------------------------------------------------------------------------------------


def options_of(variant: Variant, *, rules: Rules) -> tuple[tuple[str, str], ...]:
    """The names and values of its options as the shop takes them. Raises TextRefused."""
    limits, key = rules.context.limits, variant.sku
    by_name, by_value = limits.get("option", TextLimit()), limits.get("option_value", TextLimit())
    return tuple(
        (
            accepted(cleaned(name, markup=False), key=key, field=name, limit=by_name),
            accepted(cleaned(value, markup=False), key=key, field=name, limit=by_value),
        )
        for name, value in variant.options
    )


def sheet(variant: Variant, *, product: Product, default: bool, rules: Rules) -> VariantSheet:
    """What tells it from the others."""
    own = variant.weight if variant.weight != product.weight else None
    return VariantSheet(
        options=options_of(variant, rules=rules), sku=variant.sku, gtin=variant.gtin,
        weight=number(own) if own is not None else None,
        base_weight=number(product.weight or Decimal(0)) if own is not None else None, default=default,
    )  # fmt: skip


def price(variant: Variant, *, product: Product, base: StoredPrice | None, rules: Rules) -> VariantPrice | None:
    """Its price beside its product's; None where the shop owns prices, or its product's is not known."""
    if rules.options.prices is None or base is None:
        return None
    difference = rules.context.variant_basis == "difference"
    if variant.price is None:
        if difference:
            return VariantPrice(stored=None)
        return VariantPrice(stored=base.stored, reference=base.reference, tax_included=base.tax_included)
    return VariantPrice(
        stored=number(_stored(variant.sku, variant.price, product, rules)), base=base.stored if difference else None,
        reference=number(variant.price.amount), tax_included=variant.price.tax_included,
    )  # fmt: skip


def _stored(sku: str, price: Price, product: Product, rules: Rules) -> Decimal:
    rate = product.tax.rate if product.tax else None
    try:
        return stored_price(price, rate=rate, basis=rules.context.price_basis, places=rules.places)
    except ValueError as error:
        raise VatMissing(key=sku) from error


def bodies(variant: Variant, *, family: Family, base: StoredPrice | None, default: bool, rules: Rules) -> Facets:
    """Everything the shop should hold of a variant, its stock apart."""
    found: Facets = {Facet.VARIANT: sheet(variant, product=family.product, default=default, rules=rules)}
    if (shown := price(variant, product=family.product, base=base, rules=rules)) is not None:
        found[Facet.PRICE] = shown
    return found


# --- which is which --------------------------------------------------------------------------------------------------


def paired(variants: Iterable[Variant], *, known: Sequence[Known]) -> Pairing:
    """By the ERP's own id, then by reference, then by the values of its options: a value made anew has a new id."""
    matched: dict[str, Known] = {}
    left = list(known)
    waiting = list(variants)
    for name_of_variant, name_of_known in (
        (lambda one: one.erp_id, lambda one: one.link.erp_id),
        (lambda one: one.sku, lambda one: one.link.erp_key),
        (_values, _known_values),
    ):
        by_name = {name_of_known(one): one for one in left}
        for variant in list(waiting):
            found = by_name.pop(name_of_variant(variant), None)
            if found is not None:
                matched[variant.sku] = found
                left.remove(found)
                waiting.remove(variant)
    return Pairing(matched, left)


def _values(variant: Variant) -> object:
    return frozenset(value_key(option, value) for option, value in variant.options)


def _known_values(known: Known) -> object:
    body = last_sent(known.sent.get(Facet.VARIANT))
    if not isinstance(body, VariantSheet):
        return None
    return frozenset(value_key(option, value) for option, value in body.options)


def adoptable(
    variants: Sequence[Variant], *, found: Sequence[ShopVariant], names: Mapping[str, str]
) -> dict[str, ShopVariant]:
    """The shop's variants that these are: by reference, then by values. `names` is value id → key of the value.

    A reference that several of the shop's variants have identifies none.
    """
    often = Counter(one.sku.casefold() for one in found)
    by_sku = {one.sku.casefold(): one for one in found if one.sku and often[one.sku.casefold()] == 1}
    by_values = {frozenset(names.get(value, value) for value in one.values): one for one in reversed(found)}
    matched: dict[str, ShopVariant] = {}
    taken: set[str] = set()
    for variant in variants:
        one = by_sku.get(variant.sku.casefold())
        if one is not None:
            matched[variant.sku] = one
            taken.add(one.shop_id)
    for variant in variants:
        one = by_values.get(frozenset(value_key(option, value) for option, value in variant.options))
        if variant.sku not in matched and one is not None and one.shop_id not in taken:
            matched[variant.sku] = one
            taken.add(one.shop_id)
    return matched


def default_of(
    variants: Sequence[Variant], *, known: Mapping[str, Known], staying: Iterable[Known],
    found: Sequence[ShopVariant], adopted: Mapping[str, ShopVariant],
) -> str:  # fmt: skip
    """The reference of the variant that the shop shows first: the one that is it already, else the first one.

    "" where it is none of these: one of the merchant's own, or one that is `staying` in the shop as it is.
    """
    for sku, one in known.items():
        if is_default(one):
            return sku
    for sku, shown in adopted.items():
        if shown.default:
            return sku
    if any(map(is_default, staying)) or any(one.default for one in found):
        return ""
    return variants[0].sku if variants else ""


def is_default(known: Known) -> bool:
    """Whether it was sent as the one that the shop shows first."""
    body = last_sent(known.sent.get(Facet.VARIANT))
    return isinstance(body, VariantSheet) and body.default


# --- actions ---------------------------------------------------------------------------------------------------------


def split(action: Action) -> list[Action]:
    """The actions of a product with variants: it shows once they are there, and its price is written beside theirs."""
    if action.kind is ActionKind.HIDE_PRODUCT:
        return [action]
    kind = ActionKind.UPDATE_RANGED if action.kind is ActionKind.UPDATE_PRODUCT else action.kind
    shown = action.new.get(Facet.VISIBILITY) == Visibility(True)
    new: Facets = {f: body for f, body in action.new.items() if not (shown and f is Facet.VISIBILITY)}
    old: Facets = {f: body for f, body in action.old.items() if f in new}
    rest = replace(action, kind=kind, new=new, old=old, ranged=True)
    if not shown:
        return [rest]
    show = replace(
        action, kind=ActionKind.SHOW_PRODUCT, ranged=True, new={Facet.VISIBILITY: Visibility(True)},
        old={f: body for f, body in action.old.items() if f is Facet.VISIBILITY},
    )  # fmt: skip
    return [rest, show] if new or action.kind is ActionKind.CREATE_PRODUCT else [show]


def create(variant: Variant, *, family: Family, new: Facets) -> Action:
    """Create a variant under its product."""
    return replace(_action(ActionKind.CREATE_VARIANT, variant, family), shop_id=family.shop_id, new=new)


def update(variant: Variant, *, known: Known, family: Family, free: Facets, flow: str) -> Action | None:
    """Bring a linked variant up to date with the bodies that may be sent; None when it holds them already."""
    moved = {facet for facet, body in free.items() if differs(known.sent.get(facet), body)}
    if flow == "prices":
        moved &= {Facet.PRICE}
    elif not family.travels:
        moved -= {Facet.PRICE}
    if not moved:
        return None
    old: Facets = {facet: body for facet in moved if (body := last_sent(known.sent.get(facet))) is not None}
    return replace(
        _action(ActionKind.UPDATE_VARIANT, variant, family), shop_id=known.link.shop_id, link_id=known.link.id,
        new={facet: free[facet] for facet in free if facet in moved}, old=old,
        price_move=_move(old.get(Facet.PRICE), free.get(Facet.PRICE), family) if Facet.PRICE in moved else None,
    )  # fmt: skip


def relink(variant: Variant, *, known: Known, family: Family) -> Action | None:
    """The same variant under another reference or id: a link in place of the old one, with all that was sent."""
    link = known.link
    if (link.erp_key, link.erp_id) == (variant.sku, variant.erp_id):
        return None
    sent: Facets = {
        facet: body
        for facet, row in known.sent.items()
        if row.fingerprint is not None and (body := last_sent(row)) is not None
    }
    return replace(
        _action(ActionKind.LINK, variant, family), shop_id=link.shop_id, link_id=link.id, known=sent,
        renamed_from=link.erp_key,
    )  # fmt: skip


def adopt(
    variant: Variant, *, found: ShopVariant, family: Family, wanted: Facets, names: Mapping[str, str], flow: str
) -> list[Action]:
    """Link a variant of the shop, and what must change of it."""
    held = observed(found, wanted=wanted, names=names)
    keep: Facets = {facet: body for facet, body in wanted.items() if held.get(facet) == body}
    link = replace(_action(ActionKind.LINK, variant, family), shop_id=found.shop_id, known=keep, adopt=True)
    moved = {
        facet
        for facet in wanted
        if facet not in keep and (facet is Facet.PRICE) <= family.travels and (flow != "prices" or facet is Facet.PRICE)
    }
    if not moved:
        return [link]
    change = replace(
        _action(ActionKind.UPDATE_VARIANT, variant, family), shop_id=found.shop_id,
        new={facet: body for facet, body in wanted.items() if facet in moved},
        old={facet: body for facet, body in held.items() if facet in moved},
    )  # fmt: skip
    return [link, change]


def observed(found: ShopVariant, *, wanted: Facets, names: Mapping[str, str]) -> Facets:
    """What the shop holds of a variant, in the form of the bodies it is compared with."""
    held: Facets = {}
    sheet, shown = wanted.get(Facet.VARIANT), wanted.get(Facet.PRICE)
    if isinstance(sheet, VariantSheet):
        held[Facet.VARIANT] = _observed_sheet(found, sheet, names)
    if isinstance(shown, VariantPrice):
        held[Facet.PRICE] = _observed_price(found, shown)
    return held


def _observed_sheet(found: ShopVariant, sheet: VariantSheet, names: Mapping[str, str]) -> VariantSheet:
    there = {names.get(value, value) for value in found.values}
    same = there == {value_key(option, value) for option, value in sheet.options}
    over = (sheet.weight or Decimal(0)) - (sheet.base_weight or Decimal(0))
    weighs = sheet.weight is None or number(found.weight) == number(over)
    return VariantSheet(
        options=sheet.options if same else tuple(tuple(name.split(" = ", 1)) for name in sorted(there)),  # type: ignore[misc]
        sku=found.sku, gtin=found.gtin if sheet.gtin else "", weight=sheet.weight if weighs else number(found.weight),
        base_weight=sheet.base_weight if weighs else Decimal(0), default=found.default,
    )  # fmt: skip


def _observed_price(found: ShopVariant, shown: VariantPrice) -> VariantPrice:
    if shown.stored is None:
        return shown if not found.price else VariantPrice(stored=number(found.price), base=number(Decimal(0)))
    holds = number(found.price) == number(shown.stored - (shown.base or Decimal(0)))
    return shown if holds else replace(shown, stored=number(found.price + (shown.base or Decimal(0))), reference=None)


def remove(known: Known, *, family: Family) -> Action:
    """Delete a variant that the ERP no longer sells."""
    old: Facets = {f: body for f in (Facet.VARIANT, Facet.PRICE) if (body := last_sent(known.sent.get(f))) is not None}
    return replace(_of_link(ActionKind.REMOVE_VARIANT, known, family), old=old)


def sell_out(known: Known, *, family: Family) -> Action | None:
    """A stock of 0 for a variant that the ERP no longer sells; None when that was sent."""
    none = Stock(0)
    row = known.sent.get(Facet.STOCK)
    if not differs(row, none):
        return None
    old = last_sent(row)
    return replace(
        _of_link(ActionKind.SET_STOCK, known, family), digest=b"", new={Facet.STOCK: none},
        old={Facet.STOCK: old} if old else {},
        reason=text("variant_sold_out", "{key}: the ERP no longer sells this variant.", key=known.link.erp_key),
    )  # fmt: skip


def _action(kind: ActionKind, variant: Variant, family: Family) -> Action:
    values = ", ".join(value for _, value in variant.options)
    return Action(
        kind=kind, key=variant.sku, label=f"{family.product.label} – {values}", erp_id=variant.erp_id,
        digest=family.digest, target="variant", parent=family.product.sku,
    )  # fmt: skip


def _of_link(kind: ActionKind, known: Known, family: Family) -> Action:
    link = known.link
    return Action(
        kind=kind, key=link.erp_key, label=family.product.label, erp_id=link.erp_id, shop_id=link.shop_id,
        link_id=link.id, digest=family.digest, target="variant", parent=family.product.sku,
    )  # fmt: skip


def _move(old: Body | None, new: Body | None, family: Family) -> Decimal | None:
    """By how many percent the price that buyers see moves; None where the old one is not known."""
    if not isinstance(old, VariantPrice) or not isinstance(new, VariantPrice):
        return None
    before, after = _shown(old, family.old_base), _shown(new, family.base)
    if not before or after is None:
        return None
    return abs(after - before) / before * 100


def _shown(price: VariantPrice, base: StoredPrice | None) -> Decimal | None:
    if price.stored is not None:
        return price.stored
    return base.stored if base is not None else None
