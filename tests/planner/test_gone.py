"""What becomes of products whose article is gone: the actions, the guard, and what a shop cannot do."""

from __future__ import annotations

from decimal import Decimal

import pytest

from passerelle.domain.facets import Body, Facet, Ownership, Stock, Texts, encode, fingerprint
from passerelle.planner.actions import ActionKind
from passerelle.planner.gone import HIDDEN, leave, sell_out
from passerelle.planner.guards import Totals, Weigher
from passerelle.ports.store import LinkRow, SentRow
from passerelle.profile.sections import GuardOptions


def link(key: str = "A", *, origin: str = "created", kind: str = "product") -> LinkRow:
    return LinkRow(id=7, kind=kind, erp_key=key, erp_id="1", shop_id="12", origin=origin, gone=False)


def row(body: Body, *, ownership: Ownership = Ownership.ERP) -> SentRow:
    stored = encode(body)
    return SentRow(ownership, fingerprint(stored), stored)


def test_only_what_passerelle_created_is_deleted() -> None:
    texts = Texts({"name": {"fr": "Vis"}})
    deleted = leave(link(), policy="delete", sent={Facet.TEXTS: row(texts)})
    assert (deleted.kind, deleted.new, deleted.old) == (ActionKind.DELETE_PRODUCT, HIDDEN, {Facet.TEXTS: texts})
    hidden = leave(link(origin="adopted"), policy="delete", sent={})
    assert hidden.kind is ActionKind.HIDE_PRODUCT
    assert hidden.reason is not None
    assert hidden.reason.code == "gone_adopted"
    assert leave(link(), policy="hide", sent={}).kind is ActionKind.HIDE_PRODUCT


def test_a_stock_of_0_is_sent_once_and_never_where_the_shop_adds_it_up() -> None:
    sold = sell_out(link(), product=link(), sent={Facet.STOCK: row(Stock(5))})
    assert sold is not None
    assert (sold.new, sold.old, sold.record) == ({Facet.STOCK: Stock(0)}, {Facet.STOCK: Stock(5)}, "A")
    assert sell_out(link(), product=link(), sent={Facet.STOCK: row(Stock(0))}) is None
    theirs = SentRow(Ownership.SHOP, None, None)
    assert sell_out(link(), product=link(), sent={Facet.STOCK: theirs}) is None


@pytest.mark.parametrize("policy", ["hide", "delete", "zero_stock"])
def test_the_guard_counts_every_product_that_leaves_and_its_variants_once(policy: str) -> None:
    weigher = Weigher(GuardOptions(gone_percent=Decimal(10), to_zero_percent=Decimal(100)))
    for key in ("A", "B"):
        product = link(key)
        if policy == "zero_stock":
            for variant in (link(f"{key}-S", kind="variant"), link(f"{key}-M", kind="variant")):
                action = sell_out(variant, product=product, sent={Facet.STOCK: row(Stock(5))})
                assert action is not None
                weigher.see(action)
        else:
            weigher.see(leave(product, policy=policy, sent={}))
    assert weigher.reasons(Totals(read=20, linked=20, in_stock=100)) == []
    [held] = weigher.reasons(Totals(read=19, linked=19, in_stock=100))
    assert (held.code, held.params["count"]) == ("guard_gone", "2")
