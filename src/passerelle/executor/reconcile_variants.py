"""Reconciling variants: those of a page of products, read back beside what they were last sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from passerelle.domain.catalogue import ShopProduct, ShopVariant, split_shop_id
from passerelle.domain.facets import Facet, VariantSheet
from passerelle.executor.observe_stock import FIRST_STOCK
from passerelle.executor.reconcile_strangers import tell
from passerelle.executor.run import Run
from passerelle.executor.shop_ids import NamesOfTheShop
from passerelle.executor.spool import Spool
from passerelle.executor.tree import Tree
from passerelle.planner.actions import Action
from passerelle.planner.products import Sent
from passerelle.planner.reconcile import in_doubt
from passerelle.planner.variant_drift import (
    beside_another,
    drifted_variant,
    repair_variant,
    unlink_variant,
    variants_of_the_shop,
)
from passerelle.ports.shop import Shop
from passerelle.ports.store import LinkRow

PRODUCTS = 50  # whose variants are asked of the shop at a time


class ReadBack(msgspec.Struct, frozen=True):
    """A linked product as the shop holds it, and what it was last sent."""

    link: LinkRow
    sent: Sent
    found: ShopProduct


class VariantReconciler:
    """Plans the repair of one facet of variants."""

    def __init__(self, run: Run, *, spool: Spool, tree: Tree, ids: NamesOfTheShop, facet: Facet) -> None:
        self._run = run
        self._spool = spool
        self._tree = tree
        self._ids = ids
        self._facet = facet
        self.doubted = 0  # variants of which nobody knows what they were last sent

    def page(self, products: Sequence[ReadBack]) -> None:
        """Spool the repairs of the variants of some products that are in the shop."""
        sold = [one for one in products if not one.link.gone]
        links = self._run.store.variant_links([one.link.shop_id for one in sold])
        sent = self._run.store.sent([row.id for rows in links.values() for row in rows])
        asked = [one for one in sold if one.link.shop_id in links or one.found.has_variants]
        there = by_product(self._run.shop, [one.link.shop_id for one in asked])
        for one in asked:
            self._product(one, links.get(one.link.shop_id, []), sent, there.get(one.link.shop_id, {}))

    def _product(
        self, one: ReadBack, links: Sequence[LinkRow], sent: Mapping[int, Sent], there: dict[str, ShopVariant]
    ) -> None:
        led = any(variant.default for variant in there.values())
        ours = {link.shop_id for link in links}
        for link in links:
            if link.shop_id in there:
                self._compare(one, link, sent.get(link.id, {}), found=there[link.shop_id], led=led)
            else:
                self._spool.add(unlink_variant(link, parent=one.link.erp_key))
        strange = [variant for shop_id, variant in there.items() if shop_id not in ours]
        if strange and self._facet is Facet.VARIANT:
            tell(self._run, self._spool, variants_of_the_shop(one.link, strange=strange))

    def _compare(self, one: ReadBack, link: LinkRow, sent: Sent, *, found: ShopVariant, led: bool) -> None:
        body = drifted_variant(
            sent, found=found, facet=self._facet, led=led, ids=self._ids, rules=self._run.rules
        )  # fmt: skip
        unclear = body is not None and beside_another(body, product=one.sent)
        self.doubted += unclear or in_doubt(sent, facets=frozenset({self._facet}))
        if body is None or unclear:
            self._run.counts.unchanged += 1
            return
        if isinstance(body, VariantSheet):
            self._tree.need_options(body.options)
        self._spool.add(
            repair_variant(
                link, body=body, found=found, led=led, product=one.found, parent=one.link.erp_key, ids=self._ids,
                rules=self._run.rules,
            )
        )  # fmt: skip


def by_product(shop: Shop, product_ids: Iterable[str]) -> dict[str, dict[str, ShopVariant]]:
    """The variants that these products have in the shop: product → its variants by id."""
    found: dict[str, dict[str, ShopVariant]] = {}
    for chunk in _chunks(sorted(set(product_ids))):
        for variant in shop.variants(chunk):
            found.setdefault(split_shop_id(variant.shop_id)[0], {})[variant.shop_id] = variant
    return found


def _chunks(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), PRODUCTS):
        yield ids[start : start + PRODUCTS]


def look_again(run: Run, *, unlinked: Sequence[Action]) -> None:
    """Have every flow look again at what belongs to variants that are no longer linked: the catalogue creates them."""
    for flow in ("catalogue", "prices"):
        run.store.forget(flow=flow, keys=[action.parent for action in unlinked])
    for flow in ("stocks", FIRST_STOCK):
        run.store.forget(flow=flow, keys=[action.key for action in unlinked])
