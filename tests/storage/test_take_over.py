"""What the store does when sheets are taken over, and when products leave for good."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.scenarios.house import House
from tests.storage.test_store import new_run

from passerelle.domain.facets import Facet, Ownership, Texts, encode, fingerprint
from passerelle.ports.store import TAKEN_OVER, NewLink, NewSent, Settlement
from passerelle.storage.store import DjangoStore

SHEET = encode(Texts({"name": {"fr": "Vis"}}))


@pytest.fixture
def store(house: House) -> DjangoStore:
    return house.opened().store


def link(store: DjangoStore, key: str, shop_id: str, *facets: Facet, owner: Ownership, kind: str = "product") -> int:
    """A link whose facets are owned so; gives its id."""
    known = owner is Ownership.ERP
    rows = [
        NewSent(
            link=-1, facet=facet, ownership=owner, fingerprint=fingerprint(SHEET) if known else None,
            body=SHEET if known else None,
        )
        for facet in facets
    ]  # fmt: skip
    made = NewLink(kind=kind, erp_key=key, erp_id=key, shop_id=shop_id, origin="adopted")
    [identity] = store.settle(new_run(store), flow="catalogue", settlement=Settlement(links=[made], sent=rows))
    return identity


def owners(store: DjangoStore, links: Sequence[int]) -> dict[int, set[tuple[Facet, Ownership]]]:
    return {id: {(facet, row.ownership) for facet, row in rows.items()} for id, rows in store.sent(links).items()}


def test_only_what_the_erp_wrote_once_is_taken_over_and_its_record_is_looked_at_again(store: DjangoStore) -> None:
    once = link(store, "A", "1", Facet.TEXTS, Facet.CATEGORIES, owner=Ownership.ERP_ONCE)
    erp = link(store, "B", "2", Facet.TEXTS, owner=Ownership.ERP)
    shop = link(store, "C", "3", Facet.STOCK, owner=Ownership.SHOP)
    for flow in ("catalogue", "stocks"):
        store.remember(flow=flow, seen={"A": b"a", "B": b"b"})
    assert store.take_over([Facet.TEXTS]) == 1
    assert store.take_over([Facet.TEXTS]) == 0
    assert owners(store, [once, erp, shop]) == {
        once: {(Facet.TEXTS, Ownership.ERP), (Facet.CATEGORIES, Ownership.ERP_ONCE)},
        erp: {(Facet.TEXTS, Ownership.ERP)},
        shop: {(Facet.STOCK, Ownership.SHOP)},
    }
    row = store.sent([once])[once][Facet.TEXTS]
    assert (row.fingerprint, row.body) == (TAKEN_OVER, None)
    assert store.sent([erp])[erp][Facet.TEXTS].body == SHEET
    assert store.seen(flow="catalogue", keys=["A", "B"]) == {"B": b"b"}
    assert store.seen(flow="stocks", keys=["A", "B"]) == {"A": b"a", "B": b"b"}


def test_one_product_is_taken_over_alone(store: DjangoStore) -> None:
    for number, key in enumerate("AB", start=1):
        link(store, key, str(number), Facet.TEXTS, Facet.CATEGORIES, owner=Ownership.ERP_ONCE)
    both = [Facet.TEXTS, Facet.CATEGORIES]
    assert store.take_over(both, only="X") == 0
    assert store.take_over(both, only="A") == 1
    assert store.take_over(both) == 1


def test_a_product_that_is_linked_no_more_is_forgotten_with_its_variants_in_every_flow(store: DjangoStore) -> None:
    product = link(store, "TEE", "7", Facet.TEXTS, owner=Ownership.ERP)
    link(store, "TEE-S", "7/1", Facet.STOCK, owner=Ownership.ERP, kind="variant")
    store.remember(flow="stocks", seen={"TEE": b"t", "TEE-S": b"s", "OTHER": b"o"})
    store.settle(new_run(store), flow="catalogue", settlement=Settlement(unlink=[product]))
    assert store.links(kind="variant", keys=["TEE-S"]) == {}
    assert store.seen(flow="stocks", keys=["TEE", "TEE-S", "OTHER"]) == {"OTHER": b"o"}
