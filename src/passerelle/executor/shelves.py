"""Further categories of products: the shop is asked for its categories once, and only if an article names some."""

from __future__ import annotations

from functools import cached_property

from passerelle.domain.catalogue import Product
from passerelle.domain.facets import Categories, Facet, Facets
from passerelle.executor.run import Run
from passerelle.planner.products import Sent, last_sent, owned
from passerelle.planner.shelves import Extra, Shelves, beside, extra, named

NONE = Extra((), ())


class ExtraCategories:
    """Finds what articles name among the shop's categories."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def of(self, product: Product) -> Extra:
        """The further categories of an article, in the flow that carries categories."""
        said = named(product, rules=self._run.rules) if self._run.flow == "catalogue" else ()
        return extra(product.sku, said=said, shelves=self._shelves) if said else NONE

    @cached_property
    def _shelves(self) -> Shelves:
        return Shelves(self._run.shop.categories(), main=self._run.rules.languages[0])


def shelved(bodies: Facets, *, extra: Extra, sent: Sent) -> tuple[Facets, Extra]:
    """The bodies with further categories, and of these what there is to tell: nothing where they are not ours."""
    body, row = bodies.get(Facet.CATEGORIES), sent.get(Facet.CATEGORIES)
    if not isinstance(body, Categories) or not owned(row):
        return bodies, NONE
    last = last_sent(row)
    put = beside(body, extra=extra, sent=last if isinstance(last, Categories) else None)
    return {**bodies, Facet.CATEGORIES: put}, extra
