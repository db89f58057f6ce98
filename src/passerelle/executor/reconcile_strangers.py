"""The products of the shop that no article is linked with: counted and named, never touched."""

from __future__ import annotations

from passerelle.domain.texts import N_, Text, text
from passerelle.executor.run import Run
from passerelle.executor.spool import Spool
from passerelle.planner.actions import Action, ActionKind
from passerelle.ports.shop import ListedProduct

MOST = 200  # products that are named; all are counted
SHOWN = N_("{key}, {name}: no article is linked with this product.")
HIDDEN = N_("{key}, {name}: no article is linked with this product, which is hidden.")
# What a person may want to know, though nothing is wrong with it and nothing is left to do.
TOLD = frozenset({"stranger", "stranger_hidden", "strangers", "variants_of_the_shop"})


def tell_strangers(run: Run, *, spool: Spool) -> None:
    """Spool a line for each of the first ones, and note how many there are."""
    count = 0
    for page in run.shop.product_pages():
        linked = run.store.links_by_shop_id(kind="product", shop_ids=[one.shop_id for one in page])
        for one in page:
            if one.shop_id not in linked:
                count += 1
                if count <= MOST:
                    tell(run, spool, _stranger(one))
    if count:
        run.notes.append(
            text(
                "strangers", "Products of the shop that no article is linked with: {count}. They are left alone.",
                count=count,
            )
        )  # fmt: skip


def tell(run: Run, spool: Spool, action: Action) -> None:
    """Put a line for a person into a plan: it is nothing that was left unsent."""
    spool.add(action)
    run.counts.skipped -= 1


def is_told(said: Text | None) -> bool:
    """Whether a line or note is only for a person to know."""
    return said is not None and said.code in TOLD


def _stranger(product: ListedProduct) -> Action:
    key = product.sku or product.shop_id
    code, template = ("stranger", SHOWN) if product.visible else ("stranger_hidden", HIDDEN)
    return Action(
        kind=ActionKind.SKIP, key=key, label=product.name, shop_id=product.shop_id, repair=True,
        reason=text(code, template, key=key, name=product.name),
    )  # fmt: skip
