"""The inverse of a run: what it wrote goes back to what was there before, as long as nobody wrote it since.

Pure: a journalled write, and what is known of its product now, give actions; what cannot be undone is a skip that says
why. Each facet taken back is pinned to the ERP's value that the run had written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from passerelle.domain.facets import (
    Body,
    Facet,
    Facets,
    Features,
    Logistics,
    StoredPrice,
    Texts,
    VariantPrice,
    Visibility,
    encode,
    fingerprint,
)
from passerelle.domain.texts import N_, Text, text
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.products import PAIR, Sent, last_sent
from passerelle.ports.store import LinkRow, SentRow

NAMES: Mapping[Facet, str] = {
    Facet.TEXTS: N_("texts"),
    Facet.TAX: N_("tax rule"),
    Facet.PRICE: N_("price"),
    Facet.BRAND: N_("brand"),
    Facet.CATEGORIES: N_("categories"),
    Facet.FEATURES: N_("features"),
    Facet.LOGISTICS: N_("reference, weight and barcode"),
    Facet.VISIBILITY: N_("visibility"),
    Facet.VARIANT: N_("reference, barcode and options of the variant"),
}
HIDDEN, SHOWN = Visibility(False), Visibility(True)


def undo_write(
    link: LinkRow, *, wrote: Facets, replaced: Facets, sent: Sent, run: int, apart: bool = False
) -> list[Action]:
    """Take the facets of one write back; `sent` is what was last written of the product, `run` the run undone.

    `apart`: its price would stand beside one of its product or of a variant that does not go back with it.
    """
    before = {facet: body for facet in wrote if (body := _before(wrote[facet], replaced.get(facet))) is not None}
    moved = {f for f in wrote if f in NAMES and not (f in before and _holds(sent.get(f), before[f]))}
    stays = {f: why for f in moved if (why := _obstacle(f, link, wrote, before, sent, run)) is not None}
    if apart and Facet.PRICE in moved:
        stays.setdefault(Facet.PRICE, _stays("undo_family", FAMILY, link, Facet.PRICE, run))
    back = moved - stays.keys()
    if stays.keys() & PAIR:  # one of the two alone would show another price
        stays |= {facet: _stays("undo_pair", TOGETHER, link, facet, run) for facet in back & PAIR}
        back -= PAIR
    elif back & PAIR:
        back |= PAIR & wrote.keys()
    skips = [_skip(link.erp_key, reason=stays[facet]) for facet in wrote if facet in stays]
    if not back:
        return skips
    new = {facet: before[facet] for facet in wrote if facet in back}
    return [_action(link, new, old={facet: wrote[facet] for facet in new}), *skips]


def price_back(actions: Iterable[Action]) -> Body | None:
    """The price that these actions bring back, if any."""
    return next((action.new[Facet.PRICE] for action in actions if Facet.PRICE in action.new), None)


def goes_along(row: SentRow | None, *, back: Body | None, base: Decimal) -> bool:
    """Whether a variant shows its right price once its product holds `base` again.

    `row` is what was last sent of its price, `back` what the undo brings back of it, if anything.
    """
    if row is None:
        return True
    price = back if back is not None else last_sent(row)
    if not isinstance(price, VariantPrice) or row.fingerprint is None:
        return False
    return price.base is None or price.base == base


def undo_creation(link: LinkRow, *, sent: Sent) -> list[Action]:
    """Hide a product that the run created: nothing is deleted, orders may name it. It stays so until it is released."""
    if link.gone:
        return []
    old = last_sent(sent.get(Facet.VISIBILITY)) or SHOWN
    return [_action(link, {Facet.VISIBILITY: HIDDEN}, old={Facet.VISIBILITY: old}, pins={Facet.VISIBILITY: SHOWN})]


def undo_nothing(kind: ActionKind, *, key: str) -> Action:
    """What cannot be undone at all, with the reason."""
    if kind is ActionKind.SET_STOCK:
        return _skip(key, reason=text("undo_stock", "{key}: its stock is not undone, the ERP decides it.", key=key))
    if kind in VARIANTS:
        return _skip(key, reason=text("undo_variant", VARIANTS[kind], key=key))
    if kind in FINAL:
        return _skip(key, reason=text("undo_final", "{key}: {what} cannot be undone.", key=key, what=FINAL[kind]))
    return _skip(key, reason=text("undo_kept", "{key}: it was created for the articles and stays.", key=key))


VARIANTS = {
    ActionKind.CREATE_VARIANT: N_("{key}: the variant stays in the shop; put it to sleep in the ERP to have it go."),
    ActionKind.REMOVE_VARIANT: N_("{key}: the variant was deleted; it comes back when the ERP sells it again."),
}
FINAL = {
    ActionKind.DELETE_PRODUCT: N_("the deletion of the product"),
    ActionKind.PLACE_CUSTOMER: N_("a customer placed in the ERP"),
    ActionKind.PLACE_ORDER: N_("an order placed in the ERP"),
    ActionKind.SET_STATUS: N_("a status of an order"),
    ActionKind.ADD_TRACKING: N_("a tracking number"),
}


def undo_unlinked(key: str) -> Action:
    """The product of a write is not linked any more."""
    return _skip(key, reason=text("undo_unlinked", "{key}: it is no longer linked with a product.", key=key))


def _action(link: LinkRow, new: Facets, *, old: Facets, pins: Facets | None = None) -> Action:
    kind = ActionKind.HIDE_PRODUCT if new.get(Facet.VISIBILITY) == HIDDEN else ActionKind.UPDATE_PRODUCT
    return Action(
        kind=ActionKind.UPDATE_VARIANT if link.kind == "variant" else kind, key=link.erp_key, erp_id=link.erp_id,
        shop_id=link.shop_id, link_id=link.id, new=new, old=old, target=link.kind,
        pins={facet: fingerprint(encode(body)) for facet, body in (pins or old).items()},
    )  # fmt: skip


def _skip(key: str, *, reason: Text) -> Action:
    return Action(kind=ActionKind.SKIP, key=key, reason=reason)


# --- what was there before -------------------------------------------------------------------------------------------


def _before(wrote: Body, replaced: Body | None) -> Body | None:
    """What is written to take a body back; None when what was there is not known, or cannot be written."""
    match wrote, replaced:
        case Texts(new), Texts(old):
            return Texts(_texts_before(new, old))
        case Features(new_values), Features(old_values):
            return Features({**dict.fromkeys(new_values, ()), **old_values})
        case Logistics(), Logistics():
            gained = (replaced.weight is None and wrote.weight is not None) or (wrote.gtin and not replaced.gtin)
            return None if gained else replaced
        case StoredPrice(), StoredPrice():
            return replaced if replaced.stored > 0 else None
        case _:
            return replaced


def _texts_before(new: dict[str, dict[str, str]], old: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """The former texts; one that was not there is emptied, but for a name, which no shop takes empty."""
    emptied = {
        field: {language: text if field == "name" else "" for language, text in by.items()} for field, by in new.items()
    }
    return {field: {**emptied.get(field, {}), **old.get(field, {})} for field in (*emptied, *old)}


# --- what stands in the way ------------------------------------------------------------------------------------------

UNKNOWN = N_("{key}, {field}: stays as it is, what was there before run {run} is not known or cannot be written.")
SINCE = N_("{key}, {field}: stays as it is, it was written again after run {run} or what the shop holds is in doubt.")
UNPRICED = N_("{key}, {field}: stays hidden, no price of it is known.")
TOGETHER = N_("{key}, {field}: stays as it is, price and tax rule are undone together or not at all.")

FAMILY = N_("{key}, {field}: stays as it is, a product's price and those of its variants are undone together or not.")


def _obstacle(facet: Facet, link: LinkRow, wrote: Facets, before: Facets, sent: Sent, run: int) -> Text | None:
    if facet not in before:
        return _stays("undo_unknown", UNKNOWN, link, facet, run)
    if not _holds(sent.get(facet), wrote[facet]):
        return _stays("undo_since", SINCE, link, facet, run)
    price = last_sent(sent.get(Facet.PRICE))
    if before[facet] == SHOWN and not (isinstance(price, StoredPrice) and price.stored > 0):
        return _stays("undo_unpriced", UNPRICED, link, facet, run)
    return None


def _stays(code: str, template: str, link: LinkRow, facet: Facet, run: int) -> Text:
    return text(code, template, key=link.erp_key, field=NAMES[facet], run=run)


def _holds(row: SentRow | None, body: Body) -> bool:
    """Whether this body is what was last written, as far as is known."""
    return row is not None and row.fingerprint == fingerprint(encode(body))
