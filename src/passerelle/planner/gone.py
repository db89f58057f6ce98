"""What becomes of the product of an article that left the scope."""

from __future__ import annotations

from passerelle.domain.facets import Facet, Facets, Stock, Visibility
from passerelle.domain.texts import Text, text
from passerelle.planner.actions import Action, ActionKind, Origin
from passerelle.planner.products import Sent, differs, last_sent
from passerelle.ports.store import LinkRow

HIDDEN: Facets = {Facet.VISIBILITY: Visibility(False)}
SHOWN: Facets = {Facet.VISIBILITY: Visibility(True)}


def leave(link: LinkRow, *, policy: str, sent: Sent) -> Action:
    """Hide the product, or delete it where that is wanted and Passerelle created it."""
    if policy == "delete" and link.origin == Origin.CREATED.value:
        old = {facet: body for facet, row in sent.items() if (body := last_sent(row)) is not None}
        return _action(ActionKind.DELETE_PRODUCT, link, reason=_gone(link.erp_key), new=HIDDEN, old=old)
    reason = _kept(link.erp_key) if policy == "delete" else _gone(link.erp_key)
    return _action(ActionKind.HIDE_PRODUCT, link, reason=reason, new=HIDDEN, old=SHOWN)


def sell_out(link: LinkRow, *, product: LinkRow, sent: Sent) -> Action | None:
    """A stock of 0 for a product or one of its variants; None where that was sent, or the shop adds it up itself."""
    row, none = sent.get(Facet.STOCK), Stock(0)
    if not differs(row, none):
        return None
    old = last_sent(row)
    return _action(
        ActionKind.SET_STOCK, link, reason=_gone(product.erp_key), new={Facet.STOCK: none},
        old={Facet.STOCK: old} if old else {}, parent=product.erp_key,
    )  # fmt: skip


def _action(
    kind: ActionKind, link: LinkRow, *, reason: Text, new: Facets, old: Facets, parent: str = ""
) -> Action:  # fmt: skip
    return Action(
        kind=kind, key=link.erp_key, erp_id=link.erp_id, shop_id=link.shop_id, link_id=link.id, new=new, old=old,
        reason=reason, target=link.kind, parent=parent,
    )  # fmt: skip


def _gone(key: str) -> Text:
    return text("gone", "{key}: it is no longer among the articles to sell online.", key=key)


def _kept(key: str) -> Text:
    return text(
        "gone_adopted",
        "{key}: it is no longer among the articles to sell online; the shop had this product before Passerelle, "
        "so it is hidden, not deleted.",
        key=key,
    )
