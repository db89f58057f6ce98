"""The store on its own: what is committed together, what is forgotten, who wins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.scenarios.house import House

from passerelle.domain.facets import Facet, Ownership, Stock, encode, fingerprint
from passerelle.errors import LeaseLost, ProfileKeyChanged, ProfileKeyTaken, RunUnknown
from passerelle.ports.store import Intent, NewIssue, NewLink, NewSent, Settlement, SpooledAction, Verdict
from passerelle.storage import leases
from passerelle.storage.links import COMPRESS_FROM, pack, unpack
from passerelle.storage.store import DjangoStore, register

BODY = encode(Stock(3))


@pytest.fixture
def store(house: House) -> DjangoStore:
    return house.opened().store


@pytest.fixture
def token(house: House, store: DjangoStore) -> Iterator[str]:
    with leases.held(house.opened().stored, lane="bulk", clock=house.clock) as held:
        yield held


def new_run(store: DjangoStore, flow: str = "catalogue") -> int:
    return store.open_run(flow=flow, lane="bulk", author="t", settings="s", only="")


def linked(store: DjangoStore, key: str = "A", shop_id: str = "1", origin: str = "created") -> int:
    """A link with its stock sent; gives the link's id."""
    settlement = Settlement(
        links=[NewLink(kind="product", erp_key=key, erp_id="9", shop_id=shop_id, origin=origin)],
        sent=[NewSent(link=-1, facet=Facet.STOCK, ownership=Ownership.ERP, fingerprint=fingerprint(BODY), body=BODY)],
        seen={key: b"digest"},
    )
    [identity] = store.settle(new_run(store), flow="catalogue", settlement=settlement)
    return identity


def intent(key: str, seq: int = 1) -> Intent:
    return Intent(seq=seq, kind="create_product", key=key, shop_id="", old=b"", new=b"x")


@pytest.mark.parametrize("body", [None, b"", b"short", b"long" * COMPRESS_FROM, bytes(range(256)) * 4])
def test_a_body_comes_back_as_it_was_stored(body: bytes | None) -> None:
    assert unpack(pack(body)) == body


def test_the_first_link_of_a_key_or_of_a_shop_id_wins(store: DjangoStore) -> None:
    first = linked(store, "A", "1")
    for key, shop_id in (("A", "2"), ("B", "1")):
        link = NewLink(kind="product", erp_key=key, erp_id="9", shop_id=shop_id, origin="adopted")
        store.settle(new_run(store), flow="catalogue", settlement=Settlement(links=[link]))
    rows = [row for page in store.all_links(kind="product") for row in page]
    assert [(row.id, row.erp_key, row.shop_id) for row in rows] == [(first, "A", "1")]


def test_what_is_sent_with_a_link_that_lost_is_not_stored_under_another(store: DjangoStore) -> None:
    link = linked(store, "A", "1")
    other = encode(Stock(99))
    settlement = Settlement(
        links=[NewLink(kind="product", erp_key="B", erp_id="9", shop_id="1", origin="adopted")],
        sent=[NewSent(link=-1, facet=Facet.STOCK, ownership=Ownership.ERP, fingerprint=b"f" * 16, body=other)],
    )
    store.settle(new_run(store), flow="catalogue", settlement=settlement)
    assert store.sent([link])[link][Facet.STOCK].body == BODY


def test_a_link_that_is_taken_away_takes_what_was_sent_and_seen_with_it(store: DjangoStore) -> None:
    link = linked(store)
    store.remember(flow="stocks", seen={"A": b"1", "B": b"2"})
    store.settle(new_run(store), flow="stocks", settlement=Settlement(unlink=[link]))
    assert store.links(kind="product", keys=["A"]) == {}
    assert store.sent([link]) == {}
    assert store.seen(flow="catalogue", keys=["A"]) == {}
    assert store.seen(flow="stocks", keys=["A", "B"]) == {"B": b"2"}


def test_a_settlement_is_stored_whole_or_not_at_all(store: DjangoStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(DjangoStore, "_heal", broken)
    with pytest.raises(RuntimeError):
        linked(store)
    assert store.links(kind="product", keys=["A"]) == {}
    assert store.seen(flow="catalogue", keys=["A"]) == {}


def test_an_issue_makes_its_record_be_looked_at_again_and_keeps_its_number_and_date(
    house: House, store: DjangoStore
) -> None:
    store.remember(flow="catalogue", seen={"A": b"1"})
    run = new_run(store)
    store.put_issues(run, flow="catalogue", issues=[NewIssue(key="A", code="x", params={}, detail="")])
    [first] = store.issues()
    assert store.seen(flow="catalogue", keys=["A"]) == {}
    house.clock.sleep(timedelta(days=1).total_seconds())
    store.put_issues(run, flow="catalogue", issues=[NewIssue(key="A", code="y", params={}, detail="")])
    [second] = store.issues()
    assert (second.id, second.since, second.code) == (first.id, first.since, "y")
    store.heal(flow="prices", keys=["A"])
    assert len(store.issues()) == 1
    store.heal(flow="catalogue", keys=["A"])
    assert store.issues() == []


def test_an_intent_is_committed_and_stays_open_until_it_is_settled(store: DjangoStore, token: str) -> None:
    run = new_run(store)
    first, second = store.intend(run, token=token, intents=[intent("A"), intent("B", 2)])
    assert [row.key for row in store.open_intents(lane="bulk")] == ["A", "B"]
    assert store.open_intents(lane="orders") == []
    verdicts = [Verdict(journal_id=first, state="confirmed", shop_id="7"), Verdict(journal_id=second, state="doubted")]
    store.settle(run, flow="catalogue", settlement=Settlement(verdicts=verdicts))
    assert [(row.key, row.state) for row in store.open_intents(lane="bulk")] == [("B", "doubted")]
    [page] = list(store.journal(key="A"))
    assert [(row.state, row.shop_id, row.new) for row in page] == [("confirmed", "7", b"x")]


def test_nothing_is_intended_under_a_lease_that_is_lost(store: DjangoStore) -> None:
    run = new_run(store)
    with pytest.raises(LeaseLost):
        store.intend(run, token="not ours", intents=[intent("A")])
    assert store.open_intents(lane="bulk") == []


def test_a_product_we_created_whose_stock_is_not_known_is_listed_and_one_a_buyer_touched_is_not(
    store: DjangoStore,
) -> None:
    created, touched, adopted = linked(store, "A", "1"), linked(store, "B", "2"), linked(store, "C", "3", "adopted")
    for link in (created, adopted):
        unknown = NewSent(link=link, facet=Facet.STOCK, ownership=Ownership.ERP, fingerprint=None, body=None)
        store.settle(new_run(store), flow="catalogue", settlement=Settlement(sent=[unknown]))
    store.stock_unknown(["2"])
    assert [link.erp_key for link in store.created_without(Facet.STOCK)] == ["A"]
    assert store.sent([touched])[touched][Facet.STOCK].fingerprint is None


def test_a_plan_is_read_in_its_order_and_by_stage_and_only_what_is_chosen(store: DjangoStore) -> None:
    run = new_run(store)
    spooled = [SpooledAction(seq=n, stage=n % 2, kind="k", key=str(n), body=b"") for n in range(1, 2503)]
    store.spool(run, actions=spooled)
    assert [a.seq for page in store.actions(run) for a in page] == list(range(1, 2503))
    store.deselect_all_but(run, selected=frozenset(range(1, 1502)))
    store.set_action_states(run, states={1: "done"})
    left = [a.seq for page in store.actions(run, stage=1, pending=True) for a in page]
    assert left == list(range(3, 1502, 2))


def test_a_run_of_another_profile_is_not_known(house: House, store: DjangoStore) -> None:
    other = DjangoStore(register(name="autre", key="AU", clock=house.clock), clock=house.clock, author="t")
    with pytest.raises(RunUnknown):
        other.run(new_run(store))


def test_a_profile_keeps_its_key_and_no_other_may_have_it(house: House, store: DjangoStore) -> None:
    with pytest.raises(ProfileKeyChanged):
        register(name="maison", key="ZZ", clock=house.clock)
    with pytest.raises(ProfileKeyTaken):
        register(name="autre", key="MD", clock=house.clock)
