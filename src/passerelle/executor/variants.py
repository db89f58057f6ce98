"""Pass 1 of variants: page by page, beside their products."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from passerelle.domain.catalogue import ShopVariant, Variant, split_shop_id
from passerelle.domain.facets import Facet, Facets, VariantSheet
from passerelle.domain.texts import N_, text
from passerelle.errors import RecordError
from passerelle.executor.pins import Pins
from passerelle.executor.run import Run
from passerelle.executor.spool import Spool
from passerelle.executor.tree import Tree
from passerelle.planner import variants
from passerelle.planner.actions import Action, ActionKind
from passerelle.planner.features import folded, value_key
from passerelle.planner.variants import Family, Known
from passerelle.ports.store import LinkRow

PRODUCTS = 50  # asked of the shop at a time


class VariantObserver:
    """Plans the variants of the products of a page, once their products are planned."""

    def __init__(self, run: Run, *, spool: Spool, tree: Tree, pins: Pins) -> None:
        self._run = run
        self._spool = spool
        self._tree = tree
        self._pins = pins
        self._options = run.rules.options.variants
        self._deletes = self._options is not None and self._options.delete_missing
        self._names: dict[str, str] | None = None  # the shop's value id → key of the value
        self._leaving: set[int] = set()  # links of variants that this plan deletes

    def known(self, products: Iterable[LinkRow]) -> dict[str, list[Known]]:
        """The linked variants of these products, by the product's shop id; nothing where variants are off."""
        if self._options is None:
            return {}
        links = self._run.store.variant_links([link.shop_id for link in products])
        sent = self._run.store.sent([row.id for rows in links.values() for row in rows])
        return {shop_id: [Known(row, sent.get(row.id, {})) for row in rows] for shop_id, rows in links.items()}

    def plan(self, families: Sequence[Family]) -> list[Family]:
        """Spool the actions of some products and of their variants; gives those that there is nothing to do for."""
        quiet: list[Family] = []
        for start in range(0, len(families), PRODUCTS):
            chunk = families[start : start + PRODUCTS]
            sorted_out = [_Sorted(self._run, family, deletes=self._deletes) for family in chunk]
            there = self._in_the_shop([one for one in sorted_out if one.family.shop_id and self._looks(one)])
            quiet += [
                one.family for one in sorted_out if not self._family(one, there.get(one.family.shop_id, []))
            ]  # fmt: skip
        return quiet

    def _looks(self, one: _Sorted) -> bool:
        """Whether other variants of the shop matter: one may be ours, or be the one that it shows first."""
        known = one.pairing.known
        first = variants.default_of(one.good, known=known, staying=self._staying(one), found=[], adopted={})
        return bool(one.strangers) or (bool(first) and not variants.is_default(known[first]))

    def _in_the_shop(self, families: Sequence[_Sorted]) -> dict[str, list[ShopVariant]]:
        """What the shop has under these products that is linked with nothing."""
        if not families:
            return {}
        run = self._run
        found = run.shop.variants([one.family.shop_id for one in families])
        owned = run.store.links_by_shop_id(kind="variant", shop_ids=[one.shop_id for one in found])
        free: dict[str, list[ShopVariant]] = {}
        for one in found:
            if one.shop_id not in owned:
                free.setdefault(split_shop_id(one.shop_id)[0], []).append(one)
        return free

    def _family(self, one: _Sorted, found: list[ShopVariant]) -> bool:
        """Whether there was anything to do or to tell."""
        family = one.family
        actions = [*family.lead, *self._from_elsewhere(one)]
        names = self._value_names() if found and one.strangers else {}
        adopted = variants.adoptable(one.strangers, found=found, names=names)
        default = variants.default_of(
            one.good, known=one.pairing.known, staying=self._staying(one), found=found, adopted=adopted
        )
        for variant in one.good:
            wanted = variants.bodies(
                variant, family=family, base=family.base, default=variant.sku == default, rules=self._run.rules
            )
            if variant.sku in one.pairing.known:
                actions += self._linked(variant, one.pairing.known[variant.sku], family, wanted)
            elif variant.sku in adopted:
                actions += variants.adopt(
                    variant, found=adopted[variant.sku], family=family, wanted=wanted, names=names, flow=self._run.flow
                )
            else:
                actions.append(self._missing_in_shop(variant, family, wanted))
        actions += [action for known in one.missing for action in self._missing_in_erp(known, family)]
        for action in actions:
            self._need(action)
            self._spool.add(action)
        for key, error in one.refused.items():
            self._spool.park(key, error=error)
        return bool(actions or one.refused) or not family.quiet

    def _staying(self, one: _Sorted) -> list[Known]:
        """The variants that stay in the shop as they are: put aside, or not sold any more and not to be deleted."""
        return [*one.waiting, *(known for known in one.missing if not self._goes(known, one.family))]

    def _goes(self, known: Known, family: Family) -> bool:
        """Whether a variant that the ERP no longer sells under this product is deleted by this plan."""
        if self._run.flow != "catalogue":
            return False
        return self._deletes or known.link.id in self._leaving or self._is_alone(known.link, family)

    def _linked(self, variant: Variant, known: Known, family: Family, wanted: Facets) -> list[Action]:
        """What an undo holds back is judged by the ERP's own base price, which that undo may hold back too."""
        linked = variants.relink(variant, known=known, family=family)
        told = variants.bodies(
            variant, family=family, base=family.erp_base, default=_default(wanted), rules=self._run.rules
        )
        free, pins = self._pins.free(variant.sku, link=known.link, bodies=told, sent=known.sent)
        open_ = {facet: body for facet, body in wanted.items() if facet in free or facet not in told}
        action = variants.update(variant, known=known, family=family, free=open_, flow=self._run.flow)
        if action is not None and pins:
            action = replace(action, pins=pins)
        if action is None and pins:
            family.quiet = False
        return [one for one in (linked, action) if one is not None]

    def _missing_in_shop(self, variant: Variant, family: Family, wanted: Facets) -> Action:
        run = self._run
        if run.flow != "catalogue" or not run.rules.options.create:
            reason = text("variant_not_in_shop", "{key}: this variant is not in the shop.", key=variant.sku)
        elif run.rules.options.prices is not None and Facet.PRICE not in wanted:
            template = N_("{key}: this variant waits until the price of its product is known.")
            reason = text("variant_waits", template, key=variant.sku)
        else:
            return variants.create(variant, family=family, new=wanted)
        return Action(kind=ActionKind.SKIP, key=variant.sku, erp_id=variant.erp_id, reason=reason)

    def _from_elsewhere(self, one: _Sorted) -> list[Action]:
        """Variants of this product that were another's until now: deleted there, for a reference has one place."""
        run = self._run
        if run.flow != "catalogue" or not one.strangers:
            return []
        links = run.store.links(kind="variant", keys=[variant.sku for variant in one.strangers])
        ids = {variant.sku: variant.erp_id for variant in one.strangers}
        moved = [link for key, link in links.items() if link.erp_id == ids[key] and link.id not in self._leaving]
        sent = run.store.sent([link.id for link in moved])
        self._leaving |= {link.id for link in moved}
        return [variants.remove(Known(link, sent.get(link.id, {})), family=one.family) for link in moved]

    def _missing_in_erp(self, known: Known, family: Family) -> list[Action]:
        """A variant that the ERP no longer sells: deleted, or sold out."""
        run = self._run
        if run.flow != "catalogue" or known.link.id in self._leaving:
            return []
        if self._goes(known, family):
            self._leaving.add(known.link.id)
            if self._is_alone(known.link, family):
                run.store.forget(flow="stocks", keys=[known.link.erp_key])  # from now on its product's
            return [variants.remove(known, family=family)]
        if run.rules.options.stocks is None:
            template = N_("{key}: the ERP no longer sells this variant; set its stock in the shop by hand.")
            reason = text("variant_kept", template, key=known.link.erp_key)
            return [Action(kind=ActionKind.SKIP, key=known.link.erp_key, erp_id=known.link.erp_id, reason=reason)]
        action = variants.sell_out(known, family=family)
        if action is None:
            return []
        run.store.forget(flow="stocks", keys=[action.key])  # sold again one day, its stock is looked at afresh
        return [action]

    def _is_alone(self, link: LinkRow, family: Family) -> bool:
        """Whether the article of a variant left its group and is a product of its own: it is not sold twice."""
        assert self._options is not None
        if not self._options.group_by:
            return False
        own = self._run.store.links(kind="product", keys=[link.erp_key]).get(link.erp_key)
        return own is not None and not own.gone and own.shop_id != family.shop_id

    def _need(self, action: Action) -> None:
        sheet = action.new.get(Facet.VARIANT)
        if isinstance(sheet, VariantSheet):
            self._tree.need_options(sheet.options)

    def _value_names(self) -> dict[str, str]:
        if self._names is None:
            options = {one.id: folded(one.name) for one in self._run.shop.options()}
            values = self._run.shop.option_values(list(options)) if options else []
            self._names = {one.id: value_key(options[one.option], one.text) for one in values}
        return self._names


class _Sorted:
    """A product whose variants are told apart: which may be written, which are linked, which are not sold any more."""

    def __init__(self, run: Run, family: Family, *, deletes: bool) -> None:
        self.family = family
        self.refused: dict[str, RecordError] = {}
        self.good: list[Variant] = []
        self.strangers: list[Variant] = []
        self.missing: list[Known] = []
        self.waiting: list[Known] = []  # linked, and put aside
        try:
            most = run.shop.manifest.most_variants
            self.good, self.refused = variants.checked(family.product, rules=run.rules, most=most)
        except RecordError as error:  # of the whole product: none of its variants is touched
            self.refused = {family.product.sku: error}
            self.pairing = variants.Pairing({}, [])
            family.lead = []
            return
        every = variants.paired(family.product.variants, known=family.known)
        self.missing = every.left
        staying = {sku: one for sku, one in every.known.items() if sku in self.refused}
        staying |= {} if deletes else {one.link.erp_key: one for one in every.left}
        self.refused |= variants.crowded(self.good, known=every.known, staying=staying)
        self.good = [variant for variant in self.good if variant.sku not in self.refused]
        self.waiting = [one for sku, one in every.known.items() if sku in self.refused]
        known = {sku: one for sku, one in every.known.items() if sku not in self.refused}
        self.pairing = variants.Pairing(known, every.left)
        self.strangers = [one for one in self.good if one.sku not in known]


def _default(wanted: Facets) -> bool:
    sheet = wanted.get(Facet.VARIANT)
    return isinstance(sheet, VariantSheet) and sheet.default
