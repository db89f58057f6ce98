"""What each option asks of the ERP and of the shop: refused before anything is read where one of them cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from passerelle.errors import OptionUnsupported
from passerelle.ports.manifest import Capability, Manifest
from passerelle.profile.sections import Profile

_READS = frozenset({Capability.PRODUCTS_READ})
_WRITES = frozenset({Capability.PRODUCTS_WRITE})


@dataclass(frozen=True)
class Need:
    """An option, the flow that it first matters to, and what it asks of both sides where `asked` says that it is on."""

    option: str
    flow: str
    asked: Callable[[Profile], bool]
    erp: frozenset[Capability] = frozenset()
    shop: frozenset[Capability] = frozenset()


NEEDS = (
    Need("articles.export", "catalogue", lambda p: p.articles.export, _READS, _WRITES),
    Need(
        "articles.categories", "catalogue",
        lambda p: p.articles.export and p.articles.categories is not None and p.articles.categories.create,
        shop=frozenset({Capability.CATEGORIES_WRITE}),
    ),
    Need(
        "articles.brand", "catalogue",
        lambda p: p.articles.export and p.articles.brand is not None and bool(p.articles.brand.field),
        shop=frozenset({Capability.BRANDS_WRITE}),
    ),
    Need(
        "articles.custom_fields", "catalogue", lambda p: p.articles.custom_fields is not None,
        shop=frozenset({Capability.FEATURES_WRITE}),
    ),
    Need(
        "articles.variants", "catalogue",
        lambda p: p.articles.variants is not None and not p.articles.variants.group_by,
        frozenset({Capability.VARIANTS_READ}), frozenset({Capability.VARIANTS_WRITE}),
    ),
    Need(
        "articles.variants.group_by", "catalogue",
        lambda p: p.articles.variants is not None and bool(p.articles.variants.group_by),
        shop=frozenset({Capability.VARIANTS_WRITE}),
    ),
    Need(
        'articles.gone = "delete"', "catalogue", lambda p: p.articles.export and p.articles.gone == "delete",
        shop=frozenset({Capability.PRODUCTS_DELETE}),
    ),
    Need(
        'articles.gone = "archive"', "catalogue", lambda p: p.articles.export and p.articles.gone == "archive",
        shop=frozenset({Capability.PRODUCTS_ARCHIVE}),
    ),
    Need("articles.prices", "prices", lambda p: p.articles.prices is not None, _READS, _WRITES),
    Need(
        "articles.stocks", "stocks", lambda p: p.articles.stocks is not None,
        frozenset({Capability.STOCK_READ}), frozenset({Capability.STOCK_WRITE}),
    ),
    Need(
        "orders.import", "orders", lambda p: p.orders.import_ is not None,
        frozenset({Capability.DOCUMENTS_READ, Capability.DOCUMENTS_WRITE}), frozenset({Capability.ORDERS_IMPORT}),
    ),
    Need(
        "orders.import.status_after_import", "orders",
        lambda p: p.orders.import_ is not None and p.orders.import_.status_after_import is not None,
        shop=frozenset({Capability.ORDER_STATUS_WRITE}),
    ),
    Need(
        "orders.status_updates", "statuses", lambda p: p.orders.status_updates is not None,
        frozenset({Capability.DOCUMENTS_READ}),
        frozenset({Capability.ORDER_STATUS_WRITE, Capability.TRACKING_WRITE}),
    ),
)  # fmt: skip


def check_options(profile: Profile, *, erp: Manifest, shop: Manifest) -> None:
    """Raises OptionUnsupported for the first option that is on and asks for what its side does not declare."""
    for need in NEEDS:
        if not need.asked(profile):
            continue
        for manifest, asked in ((erp, need.erp), (shop, need.shop)):
            missing = sorted(asked - manifest.capabilities)
            if missing:
                raise OptionUnsupported(option=need.option, system=manifest.title, capability=missing[0])


def able(need: Need, *, manifest: Manifest, side: str) -> bool | None:
    """Whether a connector can do what an option asks of its side ("erp" or "shop"); None where it asks nothing."""
    asked = need.erp if side == "erp" else need.shop
    return asked <= manifest.capabilities if asked else None
