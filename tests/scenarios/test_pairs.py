"""The same stories for every ERP with every shop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from tests.scenarios.house import SOAK, close_home, open_home
from tests.scenarios.sides import ERPS, FLOWS, ORDER_FLOWS, SHOPS, Pair, gross

from passerelle.app import services
from passerelle.domain.catalogue import split_shop_id
from passerelle.domain.orders import TaxedAmount
from passerelle.domain.stock import DocumentKind
from passerelle.ports.shop import ProductWrite
from passerelle.testing.builders import ArticleSeed, ProductSeed, SaleSeed, VariantSeed, pieces
from passerelle.testing.clock import HeldClock
from passerelle.testing.faults import Fault
from passerelle.testing.harness import can

pytestmark = pytest.mark.slow
change = msgspec.structs.replace
COLOURS = ("Rouge", "Vert", "Bleu")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each story for each pair; but a real server takes its time, and two stories stand for it but in a soak."""
    if "shop_name" not in metafunc.fixturenames:
        return
    pairs = [
        (erp, shop) for erp in ERPS for shop in SHOPS if erp != "tryton" or SOAK or metafunc.function in TOUCHSTONES
    ]
    metafunc.parametrize(("erp_name", "shop_name"), pairs, ids=lambda one: one)


@pytest.fixture
def pair(
    erp_name: str, shop_name: str, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pair]:
    """A pair with seven articles, nothing of which is in the shop yet."""
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    open_home(tmp_path / "home", template)
    clock = HeldClock()
    with ExitStack() as stack:
        shop = stack.enter_context(SHOPS[shop_name](tmp_path, clock))
        erp = stack.enter_context(ERPS[erp_name](tmp_path, clock))
        made = Pair(tmp_path, erp, shop, clock)
        made.stock_up()
        yield made
        close_home()


@pytest.fixture
def ranged(pair: Pair) -> Pair:
    """A pair in step, with an article that is sold in three colours."""
    if not pair.ranges:
        pytest.skip("variants are not for both of these")
    pair.seed(shirt())
    pair.done()
    return pair


@pytest.fixture
def trade(pair: Pair) -> Pair:
    """A pair in step whose orders can go all the way."""
    if not pair.trades:
        pytest.skip("orders are not for both of these")
    pair.done()
    pair.day()
    return pair


def shirt(**changes: object) -> ArticleSeed:
    """An article in three colours, one of them dearer."""
    variants = tuple(
        VariantSeed(values=(colour,), sku=f"CHEM-{colour[0]}", stock=pieces(4 + n),
                    price=Decimal("14.00") if colour == "Bleu" else None)
        for n, colour in enumerate(COLOURS)
    )  # fmt: skip
    seed = ArticleSeed(sku="CHEM", label="Chemise", price=Decimal("12.00"), options=("Couleur",), variants=variants)
    return change(seed, **changes)


def sale(pieces: dict[str, int], **changes: object) -> SaleSeed:
    return SaleSeed(pieces=pieces, **changes)  # type: ignore[arg-type]


# --- articles ---------------------------------------------------------------------------------------------------------


def test_a_first_run_brings_every_article_to_the_shop_and_a_second_one_writes_nothing(pair: Pair) -> None:
    pair.done()
    pair.assert_in_step()
    pair.nothing_to_do()
    assert not pair.told()


def test_what_changes_in_the_erp_changes_in_the_shop_and_nothing_else_does(pair: Pair) -> None:
    pair.done()
    before = {one.sku: one for one in pair.stored().products}
    one, two, three = (pair.articles[f"ART-00{n}"] for n in (1, 2, 3))
    pair.seed(change(one, label="Outil renommé"), change(two, price=two.price + 1), change(three, stock=pieces(99, 1)))
    pair.done()
    pair.assert_in_step()
    pair.nothing_to_do()
    after = {product.sku: product for product in pair.stored().products}
    assert {sku for sku in after if after[sku] != before[sku]} == {one.sku, two.sku, three.sku}
    assert change(after["ART-003"], stock=0) == change(before["ART-003"], stock=0)


def test_an_article_that_leaves_the_scope_is_hidden_and_comes_back(pair: Pair) -> None:
    pair.done()
    seed = pair.articles["ART-004"]
    pair.seed(change(seed, published=False))
    pair.done()
    pair.assert_in_step()
    assert not pair.product("ART-004").visible
    pair.seed(seed)
    pair.done()
    pair.assert_in_step()
    pair.nothing_to_do()


def test_an_article_deleted_in_the_erp_is_hidden_and_never_deleted(pair: Pair) -> None:
    unused = pair.article(8, stock=pieces(None))  # what was ever in a warehouse can only be archived in some ERPs
    pair.seed(unused)
    pair.done()
    pair.erp.harness.delete(unused.sku)
    del pair.articles[unused.sku]
    pair.done()
    pair.assert_in_step()
    assert not pair.product(unused.sku).visible


def test_a_product_that_the_shop_had_is_adopted_and_its_texts_stay(pair: Pair) -> None:
    held = pair.adopted(ProductSeed(sku="ART-002", name="Fiche écrite à la main", stock=1))
    pair.done()
    product = pair.product("ART-002")
    assert (product.shop_id, product.texts["name"]["fr"]) == (held, "Fiche écrite à la main")
    assert pair._shown(product, {product.category: ""}).price == gross(pair.articles["ART-002"])
    pair.nothing_to_do()


def test_a_product_that_is_not_ours_is_never_touched(pair: Pair) -> None:
    stranger = pair.adopted(ProductSeed(sku="AILLEURS", name="Pas à nous", stock=7))
    before = pair.stored().product(stranger)
    pair.done()
    pair.seed(*(change(one, price=one.price + 1) for one in pair.articles.values()))
    pair.done()
    assert pair.stored().product(stranger) == before


def test_a_plan_writes_nothing_and_says_what_the_run_then_does(pair: Pair) -> None:
    before = pair.stored()
    report = pair.run("catalogue", preview=True)
    assert (report.state, report.writes) == ("planned", 0)
    assert pair.stored() == before
    done = pair.done("catalogue")["catalogue"]
    assert done.counts["created"] == len(pair.expected())


def test_prices_that_all_move_are_held_and_go_out_as_approved(pair: Pair) -> None:
    pair.done()
    pair.configure(guards="")
    shown = pair.shown()
    pair.seed(*(change(one, price=one.price * 3) for one in pair.articles.values()))
    report = pair.run("prices")
    assert report.state == "held"
    assert pair.shown() == shown
    opened = pair.opened()
    assert services.approve(opened, services.find_run(report.run)[0]).state == "done"
    pair.assert_in_step()


def test_what_a_person_changed_in_the_shop_is_found_and_mended_when_approved(pair: Pair) -> None:
    pair.done()
    pair.nothing_to_do()
    product = pair.product("ART-006")
    write = pair.shop.harness.adapter
    assert product.price is not None
    [outcome] = write.update_products([ProductWrite(key="X", shop_id=product.shop_id, price=product.price + 1)])
    assert outcome.error is None
    opened = pair.opened()
    report = services.reconcile(opened, "prices")
    assert report.state == "held"
    assert services.approve(opened, services.find_run(report.run)[0]).state == "done"
    pair.assert_in_step()


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.ERROR_AFTER_COMMIT, Fault.HALF_DONE])
def test_answers_that_are_lost_leave_nothing_twice_and_nothing_out(pair: Pair, fault: Fault) -> None:
    can(pair.shop.harness.inject, fault)
    for flow in FLOWS:
        pair.run(flow)
    pair.shop.harness.heal()
    for flow in (*FLOWS, *FLOWS):
        pair.run(flow)
    pair.done()
    pair.assert_in_step()
    pair.nothing_to_do()


# --- variants ---------------------------------------------------------------------------------------------------------


def test_variants_are_there_with_their_own_reference_price_and_stock(ranged: Pair) -> None:
    product = ranged.product("CHEM")
    assert product.visible
    there = ranged.stored()
    texts = {value.id: value.text for value in there.option_values}
    found = {
        one.sku: (tuple(texts[value] for value in one.values), there.stocks[one.shop_id])
        for one in there.variants
        if split_shop_id(one.shop_id)[0] == product.shop_id
    }
    assert found == {"CHEM-R": (("Rouge",), 4), "CHEM-V": (("Vert",), 5), "CHEM-B": (("Bleu",), 6)}
    assert _prices(ranged) == {"CHEM-R": Decimal("14.40"), "CHEM-V": Decimal("14.40"), "CHEM-B": Decimal("16.80")}
    ranged.nothing_to_do()


def test_one_variant_s_price_and_stock_change_alone(ranged: Pair) -> None:
    before = _prices(ranged)
    seed = shirt()
    red, green, blue = seed.variants
    ranged.seed(shirt(variants=(red, change(green, stock=pieces(50)), change(blue, price=Decimal("15.00")))))
    ranged.done()
    assert _prices(ranged) == {**before, "CHEM-B": Decimal("18.00")}
    assert sorted(ranged.stored().stocks.values()) == [4, 6, 50]
    ranged.nothing_to_do()


def test_a_variant_that_is_not_sold_any_more_shows_no_stock(ranged: Pair) -> None:
    seed = shirt()
    red, green, blue = seed.variants
    ranged.seed(shirt(variants=(red, change(green, asleep=True), blue)))
    ranged.done()
    there = ranged.stored()
    assert {one.sku: there.stocks[one.shop_id] for one in there.variants} == {"CHEM-R": 4, "CHEM-V": 0, "CHEM-B": 6}
    ranged.nothing_to_do()


def _prices(pair: Pair) -> dict[str, Decimal]:
    """What buyers pay for each variant, at 20 %."""
    there, product = pair.stored(), pair.product("CHEM")
    context = pair.opened().kept_context()
    assert context is not None
    base = (product.price or Decimal(0)) if context.variant_basis == "difference" else Decimal(0)
    times = Decimal(1) if context.price_basis == "incl" else Decimal("1.2")
    return {one.sku: ((base + one.price) * times).quantize(Decimal("0.01")) for one in there.variants}


# --- orders -----------------------------------------------------------------------------------------------------------


def test_a_paid_order_becomes_one_document_to_the_cent_and_gets_its_status(trade: Pair) -> None:
    harness, shop = trade.erp.harness, trade.shop
    bought = {trade.product("ART-001").shop_id: 2, trade.product("ART-002").shop_id: 1}
    shipping = TaxedAmount(Decimal("4.90"), Decimal("5.88"))
    order = shop.harness.seed_sale(
        sale(bought, shipping=shipping, payment_method=shop.payment, email="claire@example.test")
    )
    trade.day()
    assert not trade.told()
    assert harness.documents_with(f"MD-{order}") == 1
    assert trade.erp.total_of(f"MD-{order}") == shop.charged(order)
    assert shop.harness.status_of(order) == shop.imported
    trade.nothing_to_do(*ORDER_FLOWS)


def test_a_delivered_order_is_shown_as_shipped(trade: Pair) -> None:
    shop = trade.shop
    order = shop.harness.seed_sale(sale({trade.product("ART-003").shop_id: 1}, payment_method=shop.payment))
    trade.day()
    can(trade.erp.harness.transform, f"MD-{order}", DocumentKind.DELIVERY)
    trade.day()
    assert shop.harness.status_of(order) == shop.shipped
    trade.nothing_to_do(*ORDER_FLOWS)


def test_what_is_sold_is_not_sold_again_before_and_after_the_erp_has_the_order(trade: Pair) -> None:
    shop, sku = trade.shop, "ART-002"
    wanted = trade.expected()[sku].stock
    order = shop.harness.seed_sale(sale({trade.product(sku).shop_id: 3}, payment_method=shop.payment))
    trade.done("stocks")
    assert trade.product(sku).stock == wanted - 3
    trade.day()
    assert trade.erp.harness.documents_with(f"MD-{order}") == 1
    trade.done("stocks")
    assert trade.product(sku).stock == wanted - 3


def test_a_cancelled_order_gives_its_pieces_back_and_is_not_imported(trade: Pair) -> None:
    shop, sku = trade.shop, "ART-002"
    wanted = trade.expected()[sku].stock
    order = shop.harness.seed_sale(sale({trade.product(sku).shop_id: 3}, payment_method=shop.payment))
    trade.done("stocks")
    shop.harness.cancel_order(order)
    trade.clock.sleep(5)
    trade.day()
    assert trade.erp.harness.documents_with(f"MD-{order}") == 0
    assert trade.product(sku).stock == wanted


def test_a_buyer_s_two_orders_are_two_documents_of_one_customer(trade: Pair) -> None:
    shop, product = trade.shop, trade.product("ART-001").shop_id
    orders = [
        shop.harness.seed_sale(sale({product: n}, payment_method=shop.payment, email="deux@example.test"))
        for n in (1, 2)
    ]
    trade.day()
    assert [trade.erp.harness.documents_with(f"MD-{order}") for order in orders] == [1, 1]
    assert len(trade.erp.harness.sink.find_customers(email="deux@example.test")) == 1


def test_an_order_whose_payment_nobody_mapped_waits_and_goes_through_once_it_is(trade: Pair) -> None:
    shop = trade.shop
    order = shop.harness.seed_sale(sale({trade.product("ART-001").shop_id: 1}, payment_method="alma"))
    fine = shop.harness.seed_sale(sale({trade.product("ART-002").shop_id: 1}, payment_method=shop.payment))
    for _ in range(4):
        for flow in ORDER_FLOWS:
            trade.run(flow)
        trade.erp.harness.take()
    assert [code for _, code in trade.told()] == ["order_unmapped"]
    count = trade.erp.harness.documents_with
    assert (count(f"MD-{order}"), count(f"MD-{fine}")) == (0, 1)
    said = trade.profile.read_text(encoding="utf-8")
    mapped = f'[orders.import.payment_methods]\n"alma" = "{trade.erp.payment}"'
    trade.profile.write_text(said.replace("[orders.import.payment_methods]", mapped), encoding="utf-8")
    trade.day()
    assert count(f"MD-{order}") == 1
    assert not trade.told()


TOUCHSTONES = (
    test_a_first_run_brings_every_article_to_the_shop_and_a_second_one_writes_nothing,
    test_a_paid_order_becomes_one_document_to_the_cent_and_gets_its_status,
)
