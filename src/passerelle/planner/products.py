"""One article: what the shop should hold of it, and the action that gets it there."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from passerelle.domain.catalogue import Category, Product, ShopProduct
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
    Visibility,
    decode,
    encode,
    fingerprint,
    number,
)
from passerelle.domain.pricing import stored_price
from passerelle.domain.texts import Text, text
from passerelle.errors import (
    AmountRefused,
    PriceMissing,
    RecordError,
    ReferenceRefused,
    VariantsOff,
    VatMissing,
)
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.features import features_of, folded
from passerelle.planner.rules import Rules
from passerelle.planner.texts import cleaned, rendered, texts_of
from passerelle.ports.shop import TextLimit
from passerelle.ports.store import LinkRow, SentRow

CATALOGUE = (
    Facet.TEXTS, Facet.TAX, Facet.PRICE, Facet.BRAND, Facet.CATEGORIES, Facet.FEATURES, Facet.LOGISTICS,
    Facet.VISIBILITY,
)  # fmt: skip
PRICES = (Facet.TAX, Facet.PRICE)
PAIR = frozenset({Facet.TAX, Facet.PRICE})
ONCE = frozenset({Facet.TEXTS, Facet.CATEGORIES})  # of an adopted product: its sheet was written by hand
Sent = dict[Facet, SentRow]


def facets_of(flow: str, *, rules: Rules) -> tuple[Facet, ...]:
    """The facets that a flow carries."""
    if flow == "catalogue":
        return CATALOGUE
    return PRICES if rules.options.export else (*PRICES, Facet.LOGISTICS)


def wanted(product: Product, *, flow: str, rules: Rules) -> Facets:
    """The bodies the shop should hold. Raises RecordError: the article is parked.

    A missing price leaves the price out and hides the product; the caller lists it.
    """
    if product.has_variants and rules.options.variants is None:
        raise VariantsOff(key=product.sku)
    bodies: Facets = {}
    for facet in facets_of(flow, rules=rules):
        body = _BUILDERS[facet](product, rules)
        if body is not None:
            bodies[facet] = body
    return bodies


def check_reference(sku: str, *, limit: TextLimit) -> None:
    """Raises ReferenceRefused for a reference the shop would refuse or alter."""
    if not sku.strip():
        raise ReferenceRefused(key=sku, why="-")
    if limit.max_length and len(sku) > limit.max_length:
        raise ReferenceRefused(key=sku, why=f"{len(sku)} > {limit.max_length}")
    forbidden = sorted(set(sku) & set(limit.forbidden))
    if forbidden or not sku.isprintable():
        raise ReferenceRefused(key=sku, why=" ".join(forbidden) or "?")


def _texts(product: Product, rules: Rules) -> Body | None:
    if rules.options.texts is None:
        return None
    return Texts(
        texts_of(
            product.sku,
            options=rules.options.texts,
            fields=product.fields,
            languages=rules.languages,
            limits=rules.context.limits,
        )
    )


def _tax(product: Product, rules: Rules) -> Body | None:
    return rules.taxes.rule(product.tax, key=product.sku) if rules.taxes else None


def _price(product: Product, rules: Rules) -> Body | None:
    if rules.options.prices is None or product.price is None or product.price.amount <= 0:
        return None
    rate = product.tax.rate if product.tax else None
    try:
        stored = stored_price(product.price, rate=rate, basis=rules.context.price_basis, places=rules.places)
    except ValueError as error:
        raise VatMissing(key=product.sku) from error
    if stored <= 0:
        return None
    if stored >= rules.context.price_max:
        raise AmountRefused(key=product.sku, field="price", value=product.price.amount)
    return StoredPrice(number(stored), number(product.price.amount), product.price.tax_included)


def _brand(product: Product, rules: Rules) -> Body | None:
    field = rules.brand_field
    name = cleaned(product.fields.get(field, ""), markup=False) if field else ""
    empty = bool(field) and rules.options.brand is not None and rules.options.brand.send_empty
    return Brand(name) if name or empty else None


def shelved(product: Product, *, rules: Rules) -> Product:
    """The article with the path of its category, where the profile makes it of ERP fields: those that are filled.

    The key of such a category is its path, so that two "Accessories" under different parents are two.
    """
    options = rules.categories
    if options is None or not options.create or not options.levels:
        return product
    path: list[Category] = []
    for source in options.levels:
        name = cleaned(rendered(source, fields=product.fields), markup=False)
        if name:
            parent = path[-1].key if path else None
            key = f"{parent or ''}/{folded(name)}"
            path.append(Category(key, dict.fromkeys(rules.languages, name), parent))
    return replace(product, categories=tuple(path))


def to_classify(product: Product, *, rules: Rules) -> Text | None:
    """What a person must be told of the category of an article that is created where the shop owns its tree."""
    if rules.categories is None or (rules.categories.create and rules.owners.categories != "shop"):
        return None
    return text(
        "to_classify", "{key}: created in the default category; put it in its place in the shop.", key=product.sku
    )


def _categories(product: Product, rules: Rules) -> Body | None:
    options = rules.categories
    if options is None:
        return None
    if not options.create or not product.categories:
        return Categories(())
    names = [category.names.get(rules.languages[0]) or category.key for category in product.categories]
    return Categories(tuple(category.key for category in product.categories), " > ".join(names))


def _features(product: Product, rules: Rules) -> Body | None:
    options = rules.custom_fields
    if options is None:
        return None
    return features_of(product.sku, options=options, fields=product.fields, limits=rules.context.limits)


def _logistics(product: Product, rules: Rules) -> Body | None:
    return Logistics(product.sku, number(product.weight) if product.weight else None, product.gtin)


def _visibility(product: Product, rules: Rules) -> Body | None:
    sold = bool(product.variants) or not product.has_variants
    return Visibility(sold and _price(product, rules) is not None)


_BUILDERS = {
    Facet.TEXTS: _texts,
    Facet.TAX: _tax,
    Facet.PRICE: _price,
    Facet.BRAND: _brand,
    Facet.CATEGORIES: _categories,
    Facet.FEATURES: _features,
    Facet.LOGISTICS: _logistics,
    Facet.VISIBILITY: _visibility,
}


def no_price(product: Product, *, rules: Rules) -> RecordError | Text | None:
    """What a person must be told about the price of an article that has none."""
    if rules.options.prices is None:
        return text(
            "price_to_complete", "{key}: created hidden, its price is to be completed in the shop.", key=product.sku
        )
    return PriceMissing(key=product.sku) if _price(product, rules) is None else None


def keeping_weight(bodies: Facets, *, sent: Sent) -> Facets:
    """The bodies with the weight that was last sent, where the ERP no longer says one: the shop's is never blanked."""
    body, before = bodies.get(Facet.LOGISTICS), last_sent(sent.get(Facet.LOGISTICS))
    if not isinstance(body, Logistics) or not isinstance(before, Logistics) or body.weight is not None:
        return bodies
    return {**bodies, Facet.LOGISTICS: replace(body, weight=before.weight)}


def for_linked(bodies: Facets, *, gone: bool, priceless: bool, rules: Rules) -> Facets:
    """The bodies that may be written to a product that exists.

    A price that vanished in the ERP leaves the shop's price, tax and visibility alone. Where the shop owns the prices,
    showing the product is the shop's business too, unless we hid it and its article is back.
    """
    if priceless:
        return {facet: body for facet, body in bodies.items() if facet not in PAIR | {Facet.VISIBILITY}}
    if rules.options.prices is None and Facet.VISIBILITY in bodies:
        rest: Facets = {facet: body for facet, body in bodies.items() if facet != Facet.VISIBILITY}
        return {**rest, Facet.VISIBILITY: Visibility(True)} if gone else rest
    return bodies


def create(product: Product, *, digest: bytes, bodies: Facets) -> Action:
    """The action that creates a product, hidden while it has no price."""
    return Action(
        kind=ActionKind.CREATE_PRODUCT,
        key=product.sku,
        label=product.label,
        erp_id=product.erp_id,
        digest=digest,
        new=bodies,
    )


def update(product: Product, *, link: LinkRow, sent: Sent, digest: bytes, bodies: Facets, flow: str) -> Action | None:
    """The action that brings a linked product up to date; None when it holds everything already."""
    moved = changed(bodies, sent=sent, flow=flow)
    if not moved:
        return None
    return Action(
        kind=ActionKind.UPDATE_PRODUCT, key=product.sku, label=product.label, erp_id=product.erp_id,
        shop_id=link.shop_id, link_id=link.id, digest=digest,
        new={facet: bodies[facet] for facet in bodies if facet in moved},
        old={facet: body for facet in moved if (body := last_sent(sent.get(facet))) is not None},
    )  # fmt: skip


def changed(bodies: Facets, *, sent: Sent, flow: str) -> set[Facet]:
    """The facets that a flow would write."""
    moved = {facet for facet, body in bodies.items() if differs(sent.get(facet), body)}
    if flow == "catalogue" and moved & (PAIR | {Facet.VISIBILITY}) == {Facet.PRICE}:
        moved -= PAIR  # a price alone travels with the flow `prices`; one that makes the product visible does not
    if moved & PAIR:
        moved |= {facet for facet in PAIR & bodies.keys() if owned(sent.get(facet))}
    return moved


def kept_back(bodies: Facets, *, pins: dict[Facet, bytes], sent: Sent) -> dict[Facet, bytes]:
    """The pins that still hold: the ERP says what was undone. Price and tax are held back together or not at all."""
    kept = {facet: pin for facet, pin in pins.items() if facet in bodies and pin == fingerprint(encode(bodies[facet]))}
    for facet in PAIR & bodies.keys() - kept.keys():
        if facet in pins or differs(sent.get(facet), bodies[facet]):
            return {facet: pin for facet, pin in kept.items() if facet not in PAIR}
    return kept


def same_article(bodies: Facets, *, sent: Sent) -> bool:
    """Whether an article under a new reference agrees with what was sent under the old one: barcode, or every name."""
    new, old = bodies.get(Facet.LOGISTICS), last_sent(sent.get(Facet.LOGISTICS))
    if isinstance(new, Logistics) and isinstance(old, Logistics) and new.gtin and new.gtin == old.gtin:
        return True
    texts, former = bodies.get(Facet.TEXTS), last_sent(sent.get(Facet.TEXTS))
    if not isinstance(texts, Texts) or not isinstance(former, Texts):
        return False
    return texts.values.get("name") == former.values.get("name")


def owned(row: SentRow | None) -> bool:
    """Whether the ERP owns this facet."""
    return row is None or row.ownership is Ownership.ERP


def differs(row: SentRow | None, body: Body) -> bool:
    """Whether a body must be written: the ERP owns it and it is not what was last sent.

    Features that the ERP never filled are nothing to write: those of the shop stay.
    """
    if row is None and isinstance(body, Features) and not any(body.values.values()):
        return False
    return owned(row) and (row is None or row.fingerprint != fingerprint(encode(body)))


def last_sent(row: SentRow | None) -> Body | None:
    """What was last written of a facet."""
    return decode(row.body) if row is not None and row.body is not None else None


def adopt(
    product: Product, *, found: ShopProduct, digest: bytes, bodies: Facets, flow: str
) -> tuple[Action, Action | None]:
    """Link an article to a product the shop already has; and what must change of it.

    Texts and categories become `erp_once` and are left alone; visibility follows the ERP's later changes only.
    """
    held = _observed(found, bodies)
    keep = {f: body for f, body in bodies.items() if f not in ONCE and (held.get(f) == body or f is Facet.VISIBILITY)}
    link = Action(
        kind=ActionKind.LINK,
        key=product.sku,
        label=product.label,
        erp_id=product.erp_id,
        shop_id=found.shop_id,
        digest=digest,
        adopt=True,
        known=keep,
    )
    changed = {facet for facet in bodies if facet not in keep and facet not in ONCE}
    if flow == "catalogue" and changed & PAIR == {Facet.PRICE}:
        changed -= PAIR
    if changed & PAIR:
        changed |= PAIR & bodies.keys()
    if not changed:
        return link, None
    return link, Action(
        kind=ActionKind.UPDATE_PRODUCT, key=product.sku, label=product.label, erp_id=product.erp_id,
        shop_id=found.shop_id, digest=digest, new={f: bodies[f] for f in bodies if f in changed},
        old={f: held[f] for f in changed if f in held},
    )  # fmt: skip


def _observed(found: ShopProduct, bodies: Facets) -> Facets:
    """What the shop holds, in the form of the bodies it is compared with."""
    held: Facets = {}
    price, tax, logistics = bodies.get(Facet.PRICE), bodies.get(Facet.TAX), bodies.get(Facet.LOGISTICS)
    if isinstance(price, StoredPrice) and found.price is not None:
        same = number(found.price) == price.stored
        held[Facet.PRICE] = price if same else StoredPrice(number(found.price), number(found.price), False)
    if isinstance(tax, TaxRuleId):
        held[Facet.TAX] = TaxRuleId(found.tax_rule, tax.rate if found.tax_rule == tax.rule else None)
    if isinstance(logistics, Logistics):
        weight = number(found.weight) if found.weight and logistics.weight else None
        held[Facet.LOGISTICS] = Logistics(found.sku, weight, found.gtin if logistics.gtin else "")
    return held


def moved(old: Body | None, new: Body | None) -> Decimal | None:
    """By how many percent a price moves; None without an old price."""
    if not isinstance(old, StoredPrice) or not isinstance(new, StoredPrice) or old.stored <= 0:
        return None
    return abs(new.stored - old.stored) / old.stored * 100
