"""The products that variants belong to, of this very moment: where they are, and which price they hold."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from passerelle.domain.facets import Facet, StoredPrice, VariantPrice
from passerelle.executor.run import Run
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.products import last_sent


class Parents:
    """Looked up once for a page of actions; costs nothing where none concerns variants."""

    def __init__(self, run: Run, actions: Sequence[Action]) -> None:
        mine = {action.parent for action in actions if action.target == "variant" and action.parent}
        self._links = run.store.links(kind="product", keys=sorted(mine)) if mine else {}
        sent = run.store.sent([link.id for link in self._links.values()], facet=Facet.PRICE) if mine else {}
        self._prices = {key: last_sent(sent.get(link.id, {}).get(Facet.PRICE)) for key, link in self._links.items()}
        shown = [action.key for action in actions if action.kind is ActionKind.SHOW_PRODUCT]
        ids = {key: link.shop_id for key, link in run.store.links(kind="product", keys=shown).items()} if shown else {}
        sold = run.store.variant_links(list(ids.values())) if shown else {}
        self._empty = {key for key in shown if ids.get(key) not in sold}
        sold_out = {action.key for action in actions if action.kind is ActionKind.SET_STOCK and action.parent}
        self._places = run.store.links(kind="variant", keys=sorted(sold_out)) if sold_out else {}

    def obstacle(self, action: Action) -> str:
        """Why an action must wait, "" for nothing.

        A price beside another base than the product holds would show a wrong one.
        """
        if action.key in self._empty and action.kind is ActionKind.SHOW_PRODUCT:
            return "it has no variant in the shop"
        if action.target != "variant" or not action.parent:
            return ""
        if action.parent not in self._links:
            return "its product is not linked"
        place = self._places.get(action.key)
        if place is not None and action.kind is ActionKind.SET_STOCK and place.shop_id != action.shop_id:
            return "it belongs to another product now"
        price, held = action.new.get(Facet.PRICE), self._prices[action.parent]
        if isinstance(price, VariantPrice) and price.base is not None and isinstance(held, StoredPrice):
            return "" if price.base == held.stored else "its product holds another price"
        return ""

    def placed(self, action: Action) -> Action:
        """A variant to create, with its product's shop id; anything else as it is."""
        if action.kind is not ActionKind.CREATE_VARIANT:
            return action
        return replace(action, shop_id=self._links[action.parent].shop_id)
