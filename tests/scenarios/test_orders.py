"""Orders become documents of the ERP, once and to the cent; statuses and tracking numbers come back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random

import pytest
from tests.scenarios.conftest import Builder
from tests.scenarios.house import FORMULAS, SOAK, House, issues
from tests.scenarios.order_house import ORDER_FLOWS, Trade

from passerelle.app import services
from passerelle.sandbox.prestashop import Buyer, Destination, Fault, Voucher

pytestmark = pytest.mark.slow


def told(flow: str) -> list[tuple[str, str]]:
    """The open issues of a flow: (key, code)."""
    return sorted((key, code) for (of, key), code in issues().items() if of == flow)


@pytest.fixture
def trade(house: House) -> Trade:
    """A house of 25 articles whose shop is in step."""
    return Trade(house)


def test_a_paid_order_becomes_one_document_and_comes_back_delivered_with_its_parcel(trade: Trade) -> None:
    products = trade.open_shop()
    order = trade.order((products[0], 2), (products[5], 1), carrier=2, shipping=("4.90", "5.88"))
    trade.day()
    trade.assert_one_document_each(order)
    assert trade.history(order)[:2] == [2, 3]
    assert trade.status(order) in (4, 5)
    assert trade.house.shop.parcels(order)
    again = trade.house.done("catalogue", "prices", *ORDER_FLOWS)
    assert {flow: report.writes for flow, report in again.items()} == dict.fromkeys(again, 0)


def test_the_order_waits_until_the_erp_has_its_new_customer(trade: Trade) -> None:
    products = trade.open_shop()
    order = trade.order((products[0], 1))
    report = trade.house.done("orders")["orders"]
    assert (report.counts["created"], report.counts["skipped"]) == (0, 1)
    names = sorted(path.name for path in trade.folder.glob("*.txt"))
    assert len(names) == 1
    assert names[0].startswith("C-")
    trade.house.done("orders")
    assert sorted(path.name for path in trade.folder.glob("*.txt")) == names
    trade.robot.take()
    trade.house.done("orders")
    assert [path.name for path in trade.folder.glob("*.txt")] == [f"MD-{order}.txt"]


def test_a_customer_whose_e_mail_the_erp_knows_is_used_as_it_is(trade: Trade) -> None:
    products = trade.open_shop()
    trade.house.sql("UPDATE F_COMPTET SET CT_EMail = '' ")
    code = trade.house.sql("SELECT CT_Num FROM F_COMPTET WHERE CT_Type = 0 ORDER BY CT_Num LIMIT 1")[0][0]
    trade.house.sql("UPDATE F_COMPTET SET CT_EMail = 'Claire@Example.test' WHERE CT_Num = ?", code)
    before = trade.house.sql("SELECT * FROM F_COMPTET ORDER BY CT_Num")
    order = trade.order((products[0], 1))
    trade.day(work=False)
    assert trade.house.sql("SELECT DO_Tiers FROM F_DOCENTETE WHERE DO_NoWeb = ?", f"MD-{order}") == [(code,)]
    assert trade.house.sql("SELECT * FROM F_COMPTET ORDER BY CT_Num") == before


def test_vouchers_wrapping_and_free_delivery_keep_the_total_to_the_cent(trade: Trade) -> None:
    products = trade.open_shop()
    orders = [
        trade.order((products[0], 3), (products[1], 2), vouchers=(Voucher(name="Noël", code="NOEL", percent="15"),)),
        trade.order((products[2], 1), wrapping=("2.50", "3.00"), carrier=2, shipping=("4.90", "5.88")),
        trade.order((products[3], 7), carrier=2, shipping=("4.90", "5.88"), vouchers=(Voucher(free_shipping=True),)),
        trade.order((products[4], 1), (products[6], 5), vouchers=(Voucher(amount="3.33"),)),
        trade.order((products[7], 2), buyer=Buyer(email="passant@example.test", guest=True)),
    ]
    trade.day()
    trade.assert_one_document_each(*orders)
    assert not told("orders")


def test_a_shop_that_adds_its_lines_before_it_rounds_them_is_met_to_the_cent(trade: Trade) -> None:
    """Sixteen lines shown as 11.48 are 183.68, and the shop charges 16 x 11.484 = 183.74 (seen on PrestaShop 8.2.0)."""
    shop = trade.house.shop
    product = next(id for id in trade.open_shop() if shop.products[id].text("id_tax_rules_group") == "1")  # 20 %
    order = trade.order(
        *[(product, 1)] * 16, prices={product: "9.57"}, round_type=2, carrier=2, shipping=("7.00", "8.40")
    )
    assert trade.charged(order) == Decimal("192.14")
    trade.day(work=False)
    trade.assert_one_document_each(order)


def test_an_order_without_vat_goes_to_its_accounting_category(trade: Trade) -> None:
    trade.configure(more="")
    products = trade.open_shop()
    swiss = Destination(country="CH", city="Genève", postcode="1200")
    order = trade.order((products[0], 2), deliver_to=swiss, tax_free=True)
    trade.house.run("orders")
    assert [code for _, code in told("orders")] == ["order_unmapped"]
    path = trade.house.profile
    path.write_text(path.read_text(encoding="utf-8").replace('"FR" = "France"', '"FR" = "France"\n"CH" = "Suisse"'))
    trade.day()
    trade.assert_one_document_each(order)
    assert not told("orders")


BAD: dict[str, tuple[str, Callable[[Trade, list[int]], int]]] = {
    "an unknown payment": ("order_unmapped", lambda t, p: t.order((p[0], 1), module="alma", payment="Alma 3x")),
    "a country nobody mapped": (
        "order_unmapped", lambda t, p: t.order((p[0], 1), deliver_to=Destination(country="BE")),
    ),
    "dollars": ("order_currency", lambda t, p: t.order((p[0], 1), currency="USD")),
    "an address of 200 letters": (
        "order_field_too_long", lambda t, p: t.order((p[0], 1), deliver_to=Destination(address1="rue " + "x" * 196)),
    ),
    "a customer without a name": (
        "customer_name_missing",
        lambda t, p: t.order((p[0], 1), buyer=Buyer(email="sans@example.test", firstname="", lastname="")),
    ),
    "an article the ERP does not have": ("order_line_unknown", lambda t, p: t.order((_stranger(t), 1))),
}  # fmt: skip


def _stranger(trade: Trade) -> int:
    return trade.house.shop.add_product(reference="INCONNU", name="Inconnu", price="10")


@pytest.mark.parametrize("case", BAD)
def test_a_bad_order_waits_with_one_clear_issue_and_the_others_go_through(trade: Trade, case: str) -> None:
    code, placed = BAD[case]
    products = trade.open_shop()
    bad = placed(trade, products)
    good = trade.order((products[1], 1), buyer=Buyer(email="bon@example.test", firstname="Bon", lastname="Client"))
    trade.day()
    trade.assert_one_document_each(good)
    assert told("orders") == [(str(bad), code)]
    assert not trade.documents(bad)


def test_mapping_what_was_missing_heals_the_order_by_itself(trade: Trade) -> None:
    products = trade.open_shop()
    order = trade.order((products[0], 1), module="alma", payment="Alma 3x")
    trade.day()
    path = trade.house.profile
    path.write_text(path.read_text(encoding="utf-8").replace('= "Virement"', '= "Virement"\n"alma" = "Carte"'))
    trade.day()
    trade.assert_one_document_each(order)
    assert not told("orders")


def test_an_order_cancelled_before_its_import_never_becomes_a_document(trade: Trade) -> None:
    products = trade.open_shop()
    order = trade.order((products[0], 1))
    trade.house.shop.change_state(order, 6)
    trade.day()
    assert not trade.documents(order)
    trade.house.shop.change_state(order, 2)
    trade.house.clock.sleep(5)
    trade.day()
    trade.assert_one_document_each(order)


def test_an_order_cancelled_after_its_import_is_told_and_left_alone(trade: Trade) -> None:
    products = trade.open_shop()
    order = trade.order((products[0], 1))
    for _ in range(2):
        trade.house.done("orders")
        trade.robot.take()
    trade.house.done("orders")
    trade.house.clock.sleep(10)
    trade.house.shop.change_state(order, 6, employee=1)
    documents = trade.documents(order)
    trade.house.done("orders", "statuses")
    assert told("orders") == [(str(order), "order_cancelled")]
    assert trade.documents(order) == documents
    assert trade.status(order) == 6


def test_a_status_set_by_a_person_is_a_conflict_and_one_set_by_a_module_is_not(trade: Trade) -> None:
    products = trade.open_shop()
    by_person, by_module = trade.order((products[0], 1)), trade.order((products[1], 1))
    for _ in range(2):
        trade.house.done("orders")
        trade.robot.take()
    trade.house.done("orders")
    trade.house.clock.sleep(10)
    trade.house.shop.change_state(by_person, 9, employee=1)
    trade.house.shop.change_state(by_module, 9)
    for order in (by_person, by_module):
        trade.robot.deliver(trade.documents(order)[0][1], tracking=f"6A{order}")
    trade.house.done("orders", "statuses")
    assert told("statuses") == [(str(by_person), "status_conflict")]
    (issue,) = trade.house.opened().store.issues(flow="statuses")
    labels = {str(id): row.name[1] for id, row in trade.house.shop.database["order_states"].rows.items()}
    assert (issue.params["wanted"], issue.params["current"]) == (labels["4"], labels["9"])
    assert trade.status(by_person) == 9
    assert trade.status(by_module) == 4


def test_two_parcels_are_both_told_once_and_the_order_is_sent_when_all_of_it_is(trade: Trade) -> None:
    products = trade.open_shop()
    refs = trade.house.refs()
    order = trade.order((products[0], 3), (products[1], 2))
    for _ in range(2):
        trade.house.done("orders")
        trade.robot.take()
    trade.house.done("orders", "statuses")
    number = trade.documents(order)[0][1]
    trade.robot.deliver(number, tracking="6A001", lines={refs[0]: 3})
    trade.house.done("orders", "statuses")
    assert trade.house.shop.parcels(order) == ["6A001"]
    assert trade.status(order) == 3
    trade.robot.deliver(number, tracking="6A002")
    trade.house.done("orders", "statuses")
    trade.house.done("orders", "statuses")
    assert sorted(trade.house.shop.parcels(order)) == ["6A001", "6A002"]
    assert trade.history(order) == [2, 3, 4]


def test_a_document_deleted_in_the_erp_is_told_and_its_goods_stay_off_the_shelf(trade: Trade) -> None:
    products = trade.open_shop()
    ref = trade.house.refs()[0]
    before = trade.house.stock_of(ref)
    order = trade.order((products[0], 2))
    for _ in range(2):
        trade.house.done("orders")
        trade.robot.take()
    trade.house.done("orders", "stocks")
    assert trade.house.stock_of(ref) == before - 2
    trade.robot.delete(trade.documents(order)[0][1])
    trade.house.done("orders", "stocks")
    assert told("orders") == [(str(order), "document_gone")]
    assert trade.house.stock_of(ref) == before - 2
    assert not list(trade.folder.glob("*.txt"))


def _awaiting(trade: Trade) -> tuple[int, list[int]]:
    """An order whose document was handed over and is not taken yet, and the products of the shop."""
    products = trade.open_shop()
    order = trade.order((products[0], 1))
    trade.house.done("orders")
    trade.robot.take()
    trade.house.done("orders")
    return order, products


def test_a_change_made_while_the_erp_takes_the_order_stays_told_until_it_is_undone(trade: Trade) -> None:
    order, products = _awaiting(trade)
    trade.house.clock.sleep(10)
    trade.house.shop.edit_order(order, [(products[0], 5)])
    trade.house.clock.sleep(600)
    trade.order((products[2], 1))  # what is read of the shop begins after the change from now on
    trade.house.done("orders")
    trade.robot.take()
    for _ in range(3):  # confirmed, then the status after import, then nothing
        trade.house.clock.sleep(600)
        trade.house.done("orders")
        assert told("orders") == [(str(order), "order_changed")]
    assert trade.status(order) == 3
    trade.house.shop.edit_order(order, [(products[0], 1)])
    trade.house.done("orders")
    assert not told("orders")


def test_a_total_that_differs_in_the_erp_stays_told_until_it_is_corrected(trade: Trade) -> None:
    order, _ = _awaiting(trade)
    trade.robot.take()
    trade.house.sql("UPDATE F_DOCENTETE SET DO_TotalTTC = DO_TotalTTC + 1 WHERE DO_NoWeb = ?", f"MD-{order}")
    for _ in range(3):
        trade.house.clock.sleep(600)
        trade.house.done("orders")
        assert told("orders") == [(str(order), "document_total_differs")]
    trade.house.sql("UPDATE F_DOCENTETE SET DO_TotalTTC = DO_TotalTTC - 1 WHERE DO_NoWeb = ?", f"MD-{order}")
    trade.house.done("orders")
    assert not told("orders")


def test_a_flow_on_one_order_leaves_the_others_alone(trade: Trade) -> None:
    products = trade.open_shop()
    orders = [trade.order((products[n], 1)) for n in range(2)]
    for _ in range(2):
        trade.house.done("orders")
        trade.robot.take()
    report = trade.house.run("orders", only=str(orders[1]))
    assert report.state == "done"
    assert [trade.status(order) for order in orders] == [2, 3]


def test_a_refused_file_is_told_and_heals_once_it_is_imported_again(trade: Trade) -> None:
    products = trade.open_shop()
    ref = trade.house.refs()[0]
    order = trade.order((products[0], 1))
    trade.house.done("orders")
    trade.robot.take()
    trade.house.done("orders")
    trade.house.sql("UPDATE F_ARTICLE SET AR_Ref = 'AUTRE' WHERE AR_Ref = ?", ref)
    trade.robot.take()
    trade.house.done("orders")
    assert told("orders") == [(str(order), "document_refused")]
    trade.house.sql("UPDATE F_ARTICLE SET AR_Ref = ? WHERE AR_Ref = 'AUTRE'", ref)
    refused = trade.folder / "error" / f"MD-{order}.txt"
    trade.house.done("orders")
    assert not (trade.folder / refused.name).exists()
    refused.rename(trade.folder / refused.name)
    trade.robot.take()
    trade.house.done("orders")
    trade.assert_one_document_each(order)
    assert not told("orders")


def test_a_file_that_is_never_taken_becomes_an_issue_after_four_hours_and_is_not_written_again(trade: Trade) -> None:
    products = trade.open_shop()
    order = trade.order((products[0], 1))
    trade.house.done("orders")
    trade.robot.take()
    trade.house.done("orders")
    taken = trade.folder / f"MD-{order}.txt"
    taken.unlink()
    trade.house.clock.sleep(3 * 3600)
    trade.house.done("orders")
    assert not told("orders")
    trade.house.clock.sleep(3601)
    trade.house.done("orders")
    assert told("orders") == [(str(order), "confirmation_late")]
    assert not taken.exists()


def test_a_first_import_of_many_orders_waits_for_approval(trade: Trade) -> None:
    products = trade.open_shop()
    trade.house.configure(guards="first_orders = 3", extra=trade.house.wishes.extra)
    for n in range(4):
        trade.order((products[n], 1))
    report = trade.house.run("orders")
    assert (report.state, [reason.code for reason in report.held_by]) == ("held", ["guard_first_orders"])
    assert not list(trade.folder.iterdir())


def test_an_approved_order_that_changed_meanwhile_waits_and_the_others_are_placed(trade: Trade) -> None:
    products = trade.open_shop()
    trade.house.configure(guards="first_orders = 1")
    stays, changes = trade.order((products[0], 1)), trade.order((products[1], 1))
    report = trade.house.run("orders")
    assert report.state == "held"
    trade.house.clock.sleep(5)
    trade.house.shop.edit_order(changes, [(products[1], 4)])
    opened = trade.house.opened()
    row, _ = services.find_run(report.run)
    assert services.approve(opened, row).state == "done"
    trade.day()
    trade.assert_one_document_each(stays, changes)
    ((quantity,),) = trade.house.sql(
        "SELECT DL_Qte FROM F_DOCLIGNE l JOIN F_DOCENTETE d ON d.DO_Piece = l.DO_Piece AND d.DO_Type = l.DO_Type "
        "WHERE DO_NoWeb = ?", f"MD-{changes}",
    )  # fmt: skip
    assert quantity == 4


FAULTS = ("error_after_commit", "lost_answer", "truncated_answer", "half_batch")


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("resource", ["order_histories", "order_carriers"])
def test_a_lost_answer_about_a_status_or_a_parcel_doubles_nothing(build: Builder, kind: str, resource: str) -> None:
    house = build(timeout=0.4)
    house.stock_catalogue()
    trade = Trade(house)
    products = trade.open_shop()
    orders = [trade.order((products[n], 1)) for n in range(4)]
    fault = Fault(kind, entities=2, seconds=0.6) if kind == "half_batch" else Fault(kind)
    fault.method, fault.resource = ("POST" if resource == "order_histories" else "PATCH"), resource
    house.shop.inject(fault)
    for _ in range(12):
        for flow in ORDER_FLOWS:
            assert house.run(flow).state in ("done", "failed")
        trade.robot.work()
    trade.day()
    trade.assert_one_document_each(*orders)
    for order in orders:
        parcels, states = house.shop.parcels(order), trade.history(order)
        assert len(parcels) == len(set(parcels)) >= 1
        assert len(states) == len(set(states)), states


def test_two_shops_with_the_same_order_numbers_share_one_base(build: Builder) -> None:
    first = build()
    first.stock_catalogue()
    trade = Trade(first)
    order = trade.order((trade.open_shop()[0], 1), buyer=Buyer(email="un@example.test", firstname="A", lastname="Un"))
    trade.day(work=False)
    second = build()
    second.base, second.sage = first.base, first.sage
    second.configure(erp=first.wishes.erp, extra=first.wishes.extra, stocks='older_orders = "count"')
    text = second.profile.read_text(encoding="utf-8")
    second.profile.write_text(text.replace('key = "MD"', 'key = "M2"', 1), encoding="utf-8")
    second.done("catalogue")
    product = second.product(second.refs()[0]).id
    buyer = Buyer(email="deux@example.test", firstname="B", lastname="Deux")
    assert second.shop.place_order([(product, 2)], buyer=buyer) == order
    for _ in range(3):
        second.done("orders")
        trade.robot.take()
    second.done("orders")
    rows = first.sql("SELECT DO_NoWeb FROM F_DOCENTETE WHERE DO_NoWeb LIKE 'M%-%' ORDER BY DO_NoWeb")
    assert [key for (key,) in rows] == [f"M2-{order}", f"MD-{order}"]
    assert not told("orders")


@pytest.mark.parametrize("stock_type", sorted(FORMULAS))
@pytest.mark.parametrize("seed", range(20 if SOAK else 2))
def test_over_whole_histories_what_is_sold_is_never_on_sale_again(build: Builder, stock_type: str, seed: int) -> None:
    """Orders are placed, cancelled, imported, delivered whole or in part, invoiced, and documents are deleted."""
    rng = Random(f"{stock_type} {seed}")
    house = build(stock_type=stock_type)
    house.stock_catalogue()
    trade = Trade(house)
    products = trade.open_shop()[:3]
    start = {product: house.shop.stock_of(product) for product in products}
    live: dict[int, dict[int, int]] = {}
    for _ in range(14):
        _step(trade, rng, products, live)
        house.clock.sleep(7)
        for flow in rng.sample(ORDER_FLOWS, rng.randrange(0, 3)):
            house.done(flow)
        house.done("stocks")
        for product in products:
            sold = sum(lines.get(product, 0) for lines in live.values())
            assert house.shop.stock_of(product) <= max(0, start[product] - sold), (product, live)


def _step(trade: Trade, rng: Random, products: list[int], live: dict[int, dict[int, int]]) -> None:
    """One thing that a buyer or a person at Sage does."""
    numbers = [(order, kind, number) for order in live for kind, number, _ in trade.documents(order)]
    what = rng.choice(["order", "order", "cancel", "take", "take", "deliver", "part", "invoice", "delete"])
    if what == "order":
        lines = {product: rng.randrange(1, 3) for product in rng.sample(products, 2)}
        live[trade.order(*lines.items())] = lines
    elif what == "cancel" and live:
        order = rng.choice(sorted(live))
        trade.house.shop.change_state(order, 6)
        del live[order]
    elif what == "take":
        trade.robot.take()
    elif numbers:
        order, kind, number = rng.choice(numbers)
        if what in ("deliver", "part") and kind == 1:
            first = trade.house.sql("SELECT AR_Ref FROM F_DOCLIGNE WHERE DO_Piece = ? ORDER BY DL_Ligne", number)[0][0]
            trade.robot.deliver(number, tracking=f"6A{number}", lines={first: 1} if what == "part" else None)
        elif what == "invoice" and kind == 3:
            trade.robot.invoice(number)
        elif what == "delete" and kind == 1:
            trade.robot.delete(number)
