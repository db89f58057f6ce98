"""What the shop holds beside what it was last sent: the facets that drifted, and the action that puts them right.

Pure. Only what the ERP owns and no undo holds back is compared; what we do not know to have sent is left to the next
ordinary run.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

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
    Stock,
    StoredPrice,
    TaxRuleId,
    Texts,
    Visibility,
    encode,
    fingerprint,
    nfc,
    number,
)
from passerelle.domain.money import rounded, with_vat
from passerelle.domain.texts import Text, text
from passerelle.errors import GoneFromShop
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.ownership import of_the_erp
from passerelle.planner.products import PAIR, Sent, facets_of, last_sent, owned
from passerelle.planner.rules import Rules
from passerelle.ports.shop import TextLimit
from passerelle.ports.store import LinkRow, SentRow


class ShopIds(Protocol):
    """What the shop calls our brands, categories and features, and how it names its own."""

    def brand(self, name: str) -> str | None:
        """The shop's id of a brand; None for one we do not know."""
        ...

    def category(self, key: str) -> str | None: ...

    def feature(self, name: str) -> str | None: ...

    def feature_value(self, feature: str, value: str) -> str | None: ...

    def value_text(self, value_id: str, *, feature_id: str) -> str: ...

    def brand_name(self, brand_id: str) -> str: ...

    def category_path(self, category_id: str) -> str:
        """The names down to a category, for a person."""
        ...


def facets_compared(flow: str, *, rules: Rules) -> frozenset[Facet]:
    """The facets that reconciling a flow is about: what its profile sends today.

    A price alone belongs to the flow of prices. Facet.VARIANT: what the flow carries of variants, see `of_variants`.
    """
    variants = frozenset({Facet.VARIANT} if rules.options.variants is not None else ())
    if flow == "stocks":
        return variants | {Facet.STOCK}
    on = {
        Facet.TEXTS: rules.options.texts is not None,
        Facet.TAX: rules.taxes is not None,
        Facet.PRICE: flow == "prices",
        Facet.BRAND: bool(rules.brand_field),
        Facet.CATEGORIES: rules.categories is not None,
        Facet.FEATURES: rules.custom_fields is not None,
    }
    decided = {facet for facet in facets_of(flow, rules=rules) if of_the_erp(facet, owners=rules.owners)}
    return variants | {facet for facet in decided if on.get(facet, True)}


def of_variants(flow: str, *, facets: frozenset[Facet]) -> Facet | None:
    """The facet of variants that reconciling a flow compares; None where the shop gives none of it back.

    A variant's price is compared with the prices alone: the catalogue leaves it to them, as that of a product.
    """
    facet = {"catalogue": Facet.VARIANT, "prices": Facet.PRICE, "stocks": Facet.STOCK}[flow]
    return facet if {facet, Facet.VARIANT} <= facets else None


def drifted(
    link: LinkRow, *, sent: Sent, found: ShopProduct, facets: frozenset[Facet], ids: ShopIds, rules: Rules
) -> Facets:
    """The bodies that were sent and that the shop holds otherwise; tax and price of one product go together.

    Of an article that is out of scope only this counts: that its product stays hidden.
    """
    watched = OF_PRODUCTS & facets & ({Facet.VISIBILITY} if link.gone else OF_PRODUCTS)
    known = {facet: body for facet, row in sent.items() if (body := known_body(row)) is not None}
    kept = kept_texts(sent)
    away = {
        facet
        for facet in watched & known.keys()
        if not holds(known[facet], found, ids=ids, kept=kept) and not _left_to_the_shop(known[facet], link, rules)
    }
    if away & PAIR and not link.gone:
        away |= PAIR & known.keys()
    return {facet: body for facet, body in known.items() if facet in away}


def known_body(row: SentRow) -> Body | None:
    """What the shop should hold of a facet; None where the ERP does not decide it, or nobody knows what was sent."""
    known = owned(row) and row.pin is None and row.fingerprint is not None
    return last_sent(row) if known else None


def in_doubt(sent: Sent, *, facets: frozenset[Facet]) -> bool:
    """Whether nobody knows what the shop was last sent of one of the facets; the next ordinary run sends it again."""
    rows = [row for facet, row in sent.items() if facet in facets]
    return any(owned(row) and row.pin is None and row.fingerprint is None for row in rows)


def _left_to_the_shop(body: Body, link: LinkRow, rules: Rules) -> bool:
    """Whether showing a product is the merchant's own decision.

    It is where the shop owns the prices, where a product was created hidden for want of one, and where it was adopted:
    nothing tells what was hidden before from what was hidden since.
    """
    if not isinstance(body, Visibility) or link.gone:
        return False
    return rules.options.prices is None or not body.visible or link.origin == "adopted"


def kept_texts(sent: Sent) -> Texts | None:
    """The texts as the shop kept what was last sent; None where it kept them as they were, or nobody looked."""
    row, texts = sent.get(Facet.TEXTS_KEPT), sent.get(Facet.TEXTS)
    if row is None or texts is None or row.fingerprint != texts.fingerprint:
        return None
    body = last_sent(row)
    return body if isinstance(body, Texts) else None


def rewritten(texts: Texts, *, found: ShopProduct, limits: dict[str, TextLimit]) -> Texts | None:
    """Of texts that were just written, the HTML that the shop keeps otherwise; None for none."""
    values: dict[str, dict[str, str]] = {}
    for field, by_language in texts.values.items():
        if not limits.get(field, TextLimit()).html:
            continue
        for language, said in by_language.items():
            now = nfc(_shown(found, field, language))
            if now != nfc(said):
                values.setdefault(field, {})[language] = now
    return Texts(values) if values else None


def holds(body: Body, found: ShopProduct, *, ids: ShopIds, kept: Texts | None = None) -> bool:
    """Whether the shop holds what was sent."""
    match body:
        case Texts(values):
            return all(
                _text_holds(found, field, language, said, kept)
                for field, by_language in values.items()
                for language, said in by_language.items()
            )
        case TaxRuleId(rule):
            return found.tax_rule == rule
        case StoredPrice(stored):
            return found.price is not None and number(found.price) == stored
        case Brand(name):
            return found.brand == (ids.brand(name) if name else "")
        case Categories():
            return _categories_hold(body, found, ids)
        case Features(values):
            return all(_feature_holds(name, some, found, ids) for name, some in values.items())
        case Logistics():
            return found_body(body, found, ids=ids) == body
        case Visibility(visible):
            return found.visible == visible
        case Stock(quantity):
            return found.stock == quantity
        case _:
            raise AssertionError(body)


def _shown(found: ShopProduct, field: str, language: str) -> str:
    return found.texts.get(field, {}).get(language, "")


def _text_holds(found: ShopProduct, field: str, language: str, said: str, kept: Texts | None) -> bool:
    now = nfc(_shown(found, field, language))
    return now == nfc(said) or (kept is not None and now == kept.values.get(field, {}).get(language))


def _categories_hold(body: Categories, found: ShopProduct, ids: ShopIds) -> bool:
    """An article without a category was put in the chosen default for the shop to classify: any place is right."""
    wanted, extra = [ids.category(key) for key in body.path], set(body.extra)
    if not wanted:
        return extra <= set(found.categories)
    return found.category == wanted[-1] and set(found.categories) == {*wanted, *extra}


def _feature_holds(name: str, values: tuple[str, ...], found: ShopProduct, ids: ShopIds) -> bool:
    """A feature that the ERP does not fill is not ours."""
    shown = found.features.get(ids.feature(name) or "", ())
    return not values or set(shown) == {ids.feature_value(name, value) for value in values}


def found_body(
    body: Body, found: ShopProduct, *, ids: ShopIds, kept: Texts | None = None, rules: Rules | None = None
) -> Body:
    """What the shop holds, in the form of what was sent, to be shown beside it."""
    match body:
        case Texts(values):
            return Texts({field: _now(found, field, by, kept) for field, by in values.items()})
        case TaxRuleId(rule, rate):
            return TaxRuleId(found.tax_rule, rate if found.tax_rule == rule else None)
        case StoredPrice():
            return _price(body, found, rules)
        case Brand(name):
            same = found.brand == ids.brand(name)
            return body if same else Brand(ids.brand_name(found.brand) if found.brand else "")
        case Categories():
            return Categories((found.category,), ids.category_path(found.category))
        case Features(values):
            return Features({name: _values(name, some, found, ids) for name, some in values.items()})
        case Logistics(_, weight, gtin):
            held = None if weight is None else number(found.weight or number(weight) * 0)
            return Logistics(found.sku, held, found.gtin if gtin else "")
        case Visibility():
            return Visibility(found.visible)
        case Stock():
            return Stock(found.stock or 0)
        case _:
            raise AssertionError(body)


def _now(found: ShopProduct, field: str, by_language: dict[str, str], kept: Texts | None) -> dict[str, str]:
    """The texts of a field; what the shop only writes its own way is no difference."""
    return {
        language: said if _text_holds(found, field, language, said, kept) else _shown(found, field, language)
        for language, said in by_language.items()
    }


def _values(name: str, values: tuple[str, ...], found: ShopProduct, ids: ShopIds) -> tuple[str, ...]:
    """The texts of a feature's values."""
    if _feature_holds(name, values, found, ids):
        return values
    feature_id = ids.feature(name) or ""
    return tuple(ids.value_text(value, feature_id=feature_id) for value in found.features.get(feature_id, ()))


def _price(sent: StoredPrice, found: ShopProduct, rules: Rules | None) -> StoredPrice:
    """The shop's price; incl. VAT, as a buyer sees it, where that is what the ERP counts in and the rate is known."""
    if found.price is None:
        return StoredPrice(number(sent.stored * 0), number(sent.stored * 0), sent.tax_included)
    stored = number(found.price)
    if stored == sent.stored:
        return sent
    return StoredPrice(stored, *as_buyers_see(stored, found=found, tax_included=sent.tax_included, rules=rules))


def as_buyers_see(
    stored: Decimal, *, found: ShopProduct, tax_included: bool, rules: Rules | None
) -> tuple[Decimal, bool]:
    """A price of a product's, and whether it includes VAT: where the ERP counts with VAT, if the rate is known."""
    rates = {rule.id: rule.rate for rule in rules.context.tax_rules} if rules else {}
    rate = rates.get(found.tax_rule)
    if rules and tax_included and rules.context.price_basis == "excl" and rate is not None:
        return number(rounded(with_vat(stored, rate=rate), places=4)), True
    return stored, bool(rules and rules.context.price_basis == "incl")


def repair(
    link: LinkRow, *, bodies: Facets, found: ShopProduct, kept: Texts | None, ids: ShopIds, rules: Rules
) -> Action:
    """The action that writes again what was sent."""
    old = {facet: found_body(body, found, ids=ids, kept=kept, rules=rules) for facet, body in bodies.items()}
    return Action(
        kind=ActionKind.HIDE_PRODUCT if link.gone else ActionKind.UPDATE_PRODUCT, key=link.erp_key,
        label=_shown(found, "name", rules.languages[0]), erp_id=link.erp_id, shop_id=link.shop_id, link_id=link.id,
        new=bodies, old=old, repair=True,
    )  # fmt: skip


def unlink(link: LinkRow) -> Action:
    """What there is to do about a product that is gone from the shop; its variants go with it."""
    error = GoneFromShop(key=link.erp_key, shop_id=link.shop_id)
    return Action(
        kind=ActionKind.UNLINK, key=link.erp_key, erp_id=link.erp_id, shop_id=link.shop_id, link_id=link.id,
        reason=Text.of(error), next_step=Text(f"{error.code()}_next", error.next_step, error.params), repair=True,
    )  # fmt: skip


def still_right(action: Action, *, link: LinkRow | None, sent: Sent) -> bool:
    """Whether an approved repair writes what was last sent: another run may have sent something newer since."""
    if link is None or link.shop_id != action.shop_id:
        return False
    if action.kind is ActionKind.UNLINK:
        return link.id == action.link_id
    if link.gone != (action.kind is ActionKind.HIDE_PRODUCT):
        return False
    rows = {facet: sent.get(facet) for facet in action.new}
    return all(
        row is not None and known_body(row) is not None and row.fingerprint == fingerprint(encode(action.new[facet]))
        for facet, row in rows.items()
    )


_UNREAD = {
    Facet.TEXTS: text("unread_texts", "The shop does not show its texts to us: nobody knows whether they changed."),
    Facet.TAX: text("unread_tax", "The shop does not show its tax rules to us: nobody knows whether they changed."),
    Facet.PRICE: text("unread_price", "The shop does not show its prices to us: nobody knows whether they changed."),
    Facet.BRAND: text("unread_brand", "The shop does not show its brands to us: nobody knows whether they changed."),
    Facet.CATEGORIES: text(
        "unread_categories", "The shop does not show its categories to us: nobody knows whether they changed."
    ),
    Facet.FEATURES: text(
        "unread_features", "The shop does not show its features to us: nobody knows whether they changed."
    ),
    Facet.LOGISTICS: text(
        "unread_logistics",
        "The shop does not show references, weights and barcodes to us: nobody knows whether they changed.",
    ),
    Facet.VISIBILITY: text(
        "unread_visibility", "The shop does not show us what is hidden: nobody knows whether that changed."
    ),
    Facet.VARIANT: text(
        "unread_variants", "The shop does not show its variants to us: nobody knows whether they changed."
    ),
    Facet.STOCK: text("unread_stock", "The shop does not show its stock to us: nobody knows whether it changed."),
}


def unread(facets: frozenset[Facet], *, reads_back: frozenset[Facet]) -> list[Text]:
    """What must be said of the facets that cannot be compared: never that they did not drift."""
    others = text("unread_others", "Some fields are not compared with the shop yet: nobody knows whether they changed.")
    lacking = [facet for facet in Facet if facet in facets and facet not in OF_PRODUCTS & reads_back]
    said = {note.code: note for note in (_UNREAD.get(facet, others) for facet in lacking)}
    return list(said.values())
