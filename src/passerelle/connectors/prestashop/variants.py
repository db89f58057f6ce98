"""Options and variants of the adapter: PrestaShop's product options, their values, and combinations.

A combination of a product that does not exist would be created all the same and never be found again, so products are
asked for before variants are made of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from passerelle.connectors.prestashop import bodies, variant_bodies, variant_mapping
from passerelle.connectors.prestashop.calls import Calls, numbers
from passerelle.connectors.prestashop.client import Refused
from passerelle.connectors.prestashop.lookup import LONGEST_FILTER, any_of, chunks
from passerelle.connectors.prestashop.mapping import Languages, switch
from passerelle.connectors.prestashop.sending import send_batch, verify
from passerelle.connectors.prestashop.wire import SYSTEM, Entity, document, field
from passerelle.domain.catalogue import ShopVariant, split_shop_id, variant_shop_id
from passerelle.errors import AnswerIncomplete, GoneFromShop, RecordError
from passerelle.ports.shop import (
    OptionValueWrite,
    OptionWrite,
    Outcome,
    ShopOption,
    ShopOptionValue,
    VariantWrite,
)

COMBINATIONS = "combinations"
OWNED = "[id,id_product]"


class PrestashopVariants(Calls):
    """Options and variants."""

    # --- options --------------------------------------------------------------------------------------------------

    def options(self) -> list[ShopOption]:
        """All options, by the name that the back office shows, in the main language."""
        main = Languages.of(self._known()).main_id
        return [variant_mapping.option(one, language=main) for one in self._all("product_options", "[id,name]")]

    def option_values(self, options: Sequence[str]) -> list[ShopOptionValue]:
        """The values of these options, in the main language."""
        main = Languages.of(self._known()).main_id
        found: list[Entity] = []
        for chunk in chunks(numbers(options)):
            asked = {"filter[id_attribute_group]": any_of(chunk)}
            found += self._all("product_option_values", "[id,id_attribute_group,name]", asked)
        values = [variant_mapping.option_value(one, language=main) for one in found]
        return [value for value in values if value.option in options]

    def create_options(self, items: Sequence[OptionWrite]) -> list[Outcome]:
        """Create options that are chosen from a list, with the same name in every language."""
        languages = Languages.of(self._known())
        return send_batch(
            items,
            problem=lambda item: bodies.unsendable(item.key, item.name),
            send=lambda sent: self._created(
                "product_options",
                [variant_bodies.new_option(item, languages=languages) for item in sent],
                expected=[item.name for item in sent],
                told=lambda entity: variant_mapping.option(entity, language=languages.main_id).name,
            ),
        )

    def create_option_values(self, items: Sequence[OptionValueWrite]) -> list[Outcome]:
        """Create values of options, with the same text in every language."""
        languages = Languages.of(self._known())
        return send_batch(
            items,
            problem=lambda item: bodies.unsendable(item.key, item.text),
            send=lambda sent: self._created(
                "product_option_values",
                [variant_bodies.new_option_value(item, languages=languages) for item in sent],
                expected=[item.option for item in sent],
                told=lambda entity: field(entity, "id_attribute_group"),
            ),
        )

    # --- variants, read -------------------------------------------------------------------------------------------

    def variants(self, product_ids: Sequence[str]) -> list[ShopVariant]:
        """Every variant of these products."""
        return [variant_mapping.variant(one) for one in self._of_products(product_ids, display="full")]

    def _of_products(self, product_ids: Iterable[str], *, display: str) -> list[Entity]:
        """The combinations of these products; only the full display shows the ids of their values."""
        asked = numbers(product_ids)
        found: list[Entity] = []
        for chunk in chunks(asked):
            found += self._all(COMBINATIONS, display, {"filter[id_product]": any_of(chunk)})
        return [one for one in found if field(one, "id_product") in set(asked)]

    def _combinations(self, shop_ids: Iterable[str], *, display: str) -> dict[str, Entity]:
        """Those of the variants that exist, by their ids."""
        own = [split_shop_id(id)[1] for id in shop_ids]
        rows = self._by(COMBINATIONS, "id", own, display=display, shown=self._speaking(display))
        return {variant_mapping.shop_id(one): one for one in rows}

    def _holders(self, products: Iterable[str]) -> list[str]:
        """The ids of the variants that are the default of these products."""
        rows = self._of_products(products, display="[id,id_product,default_on]")
        return [variant_mapping.shop_id(one) for one in rows if switch(one, "default_on")]

    # --- variants, written ----------------------------------------------------------------------------------------

    def create_variants(self, items: Sequence[VariantWrite]) -> list[Outcome]:
        """Create variants in one request, in order; the shop keeps nothing unique.

        Where one becomes the default beside an older one, a request before it takes that from the older one.
        """
        chosen = variant_bodies.defaults_of(items)
        there = {field(one, "id") for one in self._by("products", "id", [i.shop_id for i in items], display="[id]")}

        def problem(item: VariantWrite) -> RecordError | None:
            if item.shop_id not in there:
                return GoneFromShop(key=item.key, shop_id=item.shop_id)
            return variant_bodies.problem(item) or variant_bodies.rival(item, chosen=chosen)

        return send_batch(items, problem=problem, send=self._create_variants, id_of=lambda item: item.shop_id)

    def _create_variants(self, items: list[VariantWrite]) -> list[str]:
        holders = self._holders(variant_bodies.defaults_of(items))
        if holders:
            self._change_variants(variant_bodies.in_order([], holders=holders))
        ids = self._created(
            COMBINATIONS,
            [variant_bodies.creation(item) for item in items],
            expected=[(item.shop_id, item.sku or "") for item in items],
            told=lambda entity: (field(entity, "id_product"), field(entity, "reference")),
        )
        return [variant_shop_id(item.shop_id, id) for item, id in zip(items, ids, strict=True)]

    def update_variants(self, items: Sequence[VariantWrite]) -> list[Outcome]:
        """Change variants in one request. Where one becomes the default, the older one stops being it in the same one.

        Without PATCH, what must be sent back as it is is read first.
        """
        chosen = variant_bodies.defaults_of(items)
        holders = [id for id in self._holders(chosen) if chosen[split_shop_id(id)[0]].shop_id != id]
        ids = [*holders, *(item.shop_id for item in items)]
        current = None if self._patches(COMBINATIONS) else self._combinations(ids, display="full")

        def problem(item: VariantWrite) -> RecordError | None:
            if current is not None and item.shop_id not in current:
                return GoneFromShop(key=item.key, shop_id=item.shop_id)
            return variant_bodies.problem(item) or variant_bodies.rival(item, chosen=chosen)

        return send_batch(
            items,
            problem=problem,
            send=lambda sent: self._update_variants(sent, holders, current),
            id_of=lambda item: item.shop_id,
        )

    def _update_variants(
        self, items: list[VariantWrite], holders: Sequence[str], current: Mapping[str, Entity] | None
    ) -> list[str]:
        products = variant_bodies.defaults_of(items)  # without those that have a problem of their own
        freed = [id for id in holders if split_shop_id(id)[0] in products]
        try:
            self._change_variants(variant_bodies.in_order(items, holders=freed), current)
        except Refused as refusal:
            there = self._left(freed)
            if not refusal.gone or len(there) == len(freed):
                raise
            # The older default was deleted meanwhile: none of the items is what is gone.
            self._change_variants(variant_bodies.in_order(items, holders=there), current)
        return [item.shop_id for item in items]

    def _change_variants(self, items: Sequence[VariantWrite], current: Mapping[str, Entity] | None = None) -> None:
        if self._patches(COMBINATIONS):
            parts = [variant_bodies.changes(item) for item in items]
        else:
            whole = current or self._combinations([item.shop_id for item in items], display="full")
            items = [item for item in items if item.shop_id in whole]  # an older default may be gone
            parts = [variant_bodies.replacement(item, current=whole[item.shop_id]) for item in items]
        answer = self._client.write(self._verb(COMBINATIONS), COMBINATIONS, body=document(parts))
        verify(COMBINATIONS, [field(one, "id") for one in answer], [split_shop_id(item.shop_id)[1] for item in items])

    def delete_variants(self, items: Sequence[VariantWrite]) -> list[Outcome]:
        """Delete variants in one request, or in several where their ids make its address too long.

        Those that are gone already are left out: one unknown id, and the shop deletes none.
        """
        return send_batch(items, send=self._delete_variants)

    def _delete_variants(self, items: list[VariantWrite]) -> list[str]:
        ids = [item.shop_id for item in items]
        for chunk in short(self._left(dict.fromkeys(ids))):
            self._delete_now(chunk)
        return ids

    def _delete_now(self, ids: list[str]) -> None:
        """The answer to a deletion is empty: what is left is looked at."""
        try:
            self._client.delete(COMBINATIONS, [split_shop_id(id)[1] for id in ids])
        except Refused as refusal:
            left = self._left(ids)
            if not refusal.gone or len(left) == len(ids):
                raise
            if left:  # someone else deleted the others meanwhile, and nothing was done
                self._delete_now(left)
            return
        if left := self._left(ids):
            raise AnswerIncomplete(system=SYSTEM, what="the deletion of variants", detail=", ".join(left[:3]))

    def _left(self, ids: Iterable[str]) -> list[str]:
        there = self._combinations(ids, display=OWNED)
        return [id for id in ids if id in there]


def short(ids: Iterable[str]) -> Iterator[list[str]]:
    """Ids of variants, cut so that the address of a request stays short enough."""
    chunk: list[str] = []
    room = LONGEST_FILTER
    for id in ids:
        cost = len(split_shop_id(id)[1]) + 1
        if chunk and cost > room:
            yield chunk
            chunk, room = [], LONGEST_FILTER
        chunk.append(id)
        room -= cost
    if chunk:
        yield chunk
