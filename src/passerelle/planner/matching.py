"""Which product of the shop an unlinked article is, if any: by reference, then by barcode; never a guess."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from passerelle.domain.catalogue import ShopProduct
from passerelle.errors import MatchAmbiguous, MatchContradicts


class Candidates:
    """Products of the shop that may be the articles of one page."""

    def __init__(self, products: Iterable[ShopProduct]) -> None:
        self._by_sku: dict[str, list[ShopProduct]] = defaultdict(list)
        self._by_gtin: dict[str, list[ShopProduct]] = defaultdict(list)
        for product in {product.shop_id: product for product in products}.values():
            if product.sku:
                self._by_sku[product.sku.casefold()].append(product)
            if product.gtin:
                self._by_gtin[product.gtin].append(product)

    def match(self, sku: str, *, gtin: str, gtin_shared: bool) -> ShopProduct | None:
        """The product of an article, None when the shop has none.

        `gtin_shared`: another article has the same barcode, so it identifies nothing. Raises MatchAmbiguous and
        MatchContradicts.
        """
        alike = self._by_sku.get(sku.casefold(), [])
        exact = [product for product in alike if product.sku == sku]
        found = exact or alike
        if len(found) > 1:
            raise MatchAmbiguous(key=sku, count=len(found), candidates=_ids(found))
        if found:
            return found[0]
        return self._by_barcode(sku, gtin) if gtin and not gtin_shared else None

    def _by_barcode(self, sku: str, gtin: str) -> ShopProduct | None:
        found = self._by_gtin.get(gtin, [])
        if len(found) > 1:
            raise MatchAmbiguous(key=sku, count=len(found), candidates=_ids(found))
        if not found:
            return None
        if found[0].sku:
            raise MatchContradicts(key=sku, shop_id=found[0].shop_id, other=found[0].sku)
        return found[0]


def _ids(products: list[ShopProduct]) -> str:
    return ", ".join(sorted(product.shop_id for product in products))
