"""The stored rows with what finds them: indexes by SKU and GTIN, sequences, the clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from passerelle.sandbox.woocommerce.rows import Meta, Product, State, Term
from passerelle.sandbox.woocommerce.values import folded, scalar, slug

UNCATEGORIZED = 15
# Products, variations, orders, refunds, coupons and images share one sequence.
POSTS = "posts"


def _system_clock() -> datetime:
    return datetime.now(UTC)


class Database:
    """What the shop knows. `lock` guards it; `clock` gives aware moments, which are stored to the second."""

    def __init__(self, state: State, *, version: str, has_brands: bool) -> None:
        self.home = "http://127.0.0.1"  # known once the shop listens
        self.version = version
        self.has_brands = has_brands
        # What stands at addresses from which images may be downloaded.
        self.remote_files: dict[str, bytes] = {}
        self.lock = threading.RLock()
        self.clock: Callable[[], datetime] = _system_clock
        self.load(state)

    def load(self, state: State) -> None:
        """Replace everything that is stored."""
        self.state = state
        self._by_sku: dict[str, list[int]] = {}
        self._by_gtin: dict[str, list[int]] = {}
        # Products without variations, in the order of their ids: what the list reads.
        self.parents: dict[int, Product] = {}
        self._slugs: set[str] = set()
        for product in state.products.values():
            self._index(product)

    # time and numbers

    def now(self) -> datetime:
        """The moment, to the second."""
        moment = self.clock()
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).replace(microsecond=0)

    def next_id(self, sequence: str) -> int:
        """The next number of a sequence: posts, items, users, terms, attributes, notes, meta, …"""
        number = self.state.sequences.get(sequence, 0) + 1
        self.state.sequences[sequence] = number
        return number

    def setting(self, name: str) -> str:
        """The value of an option; "" where the shop has none."""
        return self.state.settings.get(name, "")

    def is_on(self, name: str) -> bool:
        return self.setting(name) == "yes"

    @property
    def filters_statuses(self) -> bool:
        """Whether a list of products can be asked for several statuses: from 9.6 on."""
        major, minor = self.version.split(".")[:2]
        return (int(major), int(minor)) >= (9, 6)

    @property
    def places(self) -> int:
        """The decimals that the shop displays."""
        return int(self.setting("woocommerce_price_num_decimals"))

    # products

    def insert(self, product: Product) -> Product:
        """Store a new product or variation."""
        self.state.products[product.id] = product
        self._index(product)
        return product

    def _index(self, product: Product) -> None:
        if product.type != "variation":
            self.parents[product.id] = product
        self._slugs.add(product.slug)
        for index, value in ((self._by_sku, folded(product.sku)), (self._by_gtin, product.global_unique_id)):
            if value:
                index.setdefault(value, []).append(product.id)

    def remove(self, product: Product) -> None:
        """Delete a product or variation for good."""
        self.set_sku(product, "")
        self.set_gtin(product, "")
        self.state.products.pop(product.id, None)
        self.parents.pop(product.id, None)
        self._slugs.discard(product.slug)
        parent = self.state.products.get(product.parent_id)
        if parent and product.id in parent.children:
            parent.children.remove(product.id)

    def set_sku(self, product: Product, sku: str) -> None:
        self._reindex(self._by_sku, product.id, folded(product.sku), folded(sku))
        product.sku = sku

    def set_gtin(self, product: Product, gtin: str) -> None:
        self._reindex(self._by_gtin, product.id, product.global_unique_id, gtin)
        product.global_unique_id = gtin

    @staticmethod
    def _reindex(index: dict[str, list[int]], ident: int, old: str, new: str) -> None:
        if old == new:
            return
        if old and ident in index.get(old, ()):
            index[old].remove(ident)
        if new:
            index.setdefault(new, []).append(ident)

    def with_sku(self, sku: str) -> list[Product]:
        """Products and variations with this SKU, whatever its case and accents, those in the trash too."""
        return [self.state.products[one] for one in self._by_sku.get(folded(sku), ())]

    def with_gtin(self, gtin: str) -> list[Product]:
        return [self.state.products[one] for one in self._by_gtin.get(gtin, ())]

    def live_product(self, ident: int) -> Product | None:
        """A product or variation that the API can reach: not one whose parent does not exist."""
        product = self.state.products.get(ident)
        if product and product.type == "variation" and product.parent_id not in self.state.products:
            return None
        return product

    def free_slug(self, text: str) -> str:
        """A slug that no product has: oak, oak-2, oak-3 …"""
        base = slug(text) or "produit"
        found, number = base, 1
        while found in self._slugs:
            number += 1
            found = f"{base}-{number}"
        return found

    def touch(self, product: Product) -> None:
        """Note that it changed; a change of a variation shows at its parent."""
        product.modified = self.now()
        parent = self.state.products.get(product.parent_id)
        if parent:
            parent.modified = product.modified

    # terms

    def taxonomy(self, name: str, *, attribute: int = 0) -> dict[int, Term]:
        """categories, brands, tags, or the terms of an attribute."""
        if name == "terms":
            return self.state.terms.setdefault(attribute, {})
        found: dict[int, Term] = getattr(self.state, name)
        return found

    def add_term(self, terms: dict[int, Term], name: str, *, slug_text: str = "", **fields: Any) -> Term:
        """Store a term with a slug of its own."""
        term = Term(id=self.next_id("terms"), name=name, slug=slug_text or slug(name), **fields)
        taken = {one.slug for one in terms.values()}
        base, number = term.slug, 1
        while term.slug in taken:
            number += 1
            term.slug = f"{base}-{number}"
        terms[term.id] = term
        return term

    # meta

    def put_meta(self, stored: list[Meta], given: Iterable[Any], *, own: Callable[[str, Any], bool]) -> list[Meta]:
        """Apply `meta_data` items to stored ones; returns the new list.

        By key without an id, by id where the key stands beside it; null deletes, id and value alone do nothing. `own`
        takes the keys that are fields in truth and returns True for them.
        """
        found = list(stored)
        for item in given:
            if not isinstance(item, dict) or not item.get("key"):
                continue
            key, value = str(item["key"]), item.get("value")
            if own(key, value):
                continue
            ident = item.get("id")
            held = next((one for one in found if (one.id == ident if ident else one.key == key)), None)
            if value is None:
                found = [one for one in found if one is not held]
            elif held:
                found[found.index(held)] = Meta(held.id, key, scalar(value))
            else:
                found.append(Meta(self.next_id("meta"), key, scalar(value)))
        return found
