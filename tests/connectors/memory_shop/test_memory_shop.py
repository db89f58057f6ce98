"""What the memory shop does beyond the contract: its own rules, its file, its failures on demand."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from passerelle.connectors.memory_shop.adapter import MemoryShop
from passerelle.connectors.memory_shop.client import MemoryShopData
from passerelle.connectors.memory_shop.config import MemoryShopConfig
from passerelle.connectors.memory_shop.rows import Refused
from passerelle.connectors.memory_shop.sales import sales_order_of, statuses_of
from passerelle.domain.orders import TaxedAmount
from passerelle.errors import (
    CredentialsRefused,
    LanguageUnknown,
    RateLimited,
    RefusedByShop,
    Unavailable,
    WriteUnanswered,
)
from passerelle.ports.shop import BatchRefused, ProductWrite, StockWrite, VariantWrite
from passerelle.testing.clock import HeldClock
from passerelle.transport.http import Tally
from passerelle.transport.limiter import MemoryLimiter


def adapter(data: MemoryShopData | None = None, **options: object) -> MemoryShop:
    languages = options.pop("languages", {"fr": "fr", "en": "en"})
    clock = HeldClock()
    return MemoryShop(
        MemoryShopConfig(**options),
        languages=languages,
        clock=clock,
        limiter=MemoryLimiter(clock=clock, per_second=None),
        tally=Tally(),
        data=data,
    )


@pytest.fixture
def data() -> MemoryShopData:
    return MemoryShopData(clock=HeldClock())


def stock_writes(data: MemoryShopData, *quantities: int) -> list[StockWrite]:
    ids = [data.add_product(sku=f"A{number}", stock=50) for number in range(len(quantities))]
    return [
        StockWrite(key=f"A{number}", shop_id=id, stock_ref=data.products[id].stock_ref, quantity=quantity)
        for number, (id, quantity) in enumerate(zip(ids, quantities, strict=True))
    ]


def stocks(data: MemoryShopData) -> list[int]:
    return [row.stock for row in data.products.values()]


# --- its own rules ---------------------------------------------------------------------------------------------------


def test_an_order_takes_its_pieces_and_a_cancelled_one_gives_them_back(data: MemoryShopData) -> None:
    product = data.add_product(sku="A1", stock=5)
    order = data.place_order({product: 2})
    assert stocks(data) == [3]
    data.change_state(order, "6")
    assert stocks(data) == [5]
    data.change_state(order, "2")
    assert stocks(data) == [3]


def test_an_order_whose_payment_failed_takes_nothing(data: MemoryShopData) -> None:
    product = data.add_product(sku="A1", stock=5)
    data.place_order({product: 2}, status="8")
    assert stocks(data) == [5]


def test_an_edited_order_moves_the_difference(data: MemoryShopData) -> None:
    first, second = data.add_product(sku="A1", stock=5), data.add_product(sku="A2", stock=5)
    order = data.place_order({first: 2})
    data.edit_order(order, {first: 1, second: 3})
    assert stocks(data) == [4, 2]


def test_the_displayed_price_includes_vat_to_the_cent(data: MemoryShopData) -> None:
    for rule, stored, shown in (("1", "8.325000", "9.99"), ("3", "9.469194", "9.99"), ("4", "9.784525", "9.99")):
        product = data.add_product(sku="A1", price=Decimal(stored), tax_rule=rule)
        assert data.displayed_price(product) == Decimal(shown)


def test_a_price_with_more_places_is_rounded_half_up_to_six(data: MemoryShopData) -> None:
    shop = adapter(data)
    [outcome] = shop.create_products([ProductWrite(key="A1", sku="A1", price=Decimal("8.1234565"))])
    assert data.products[outcome.shop_id].price == Decimal("8.123457")


def test_a_language_the_shop_does_not_have_is_named() -> None:
    with pytest.raises(LanguageUnknown, match='"de"'):
        adapter(languages={"fr": "fr", "de": "de"}).context()


def test_a_batch_beyond_the_declared_size_is_a_mistake_of_the_caller(data: MemoryShopData) -> None:
    with pytest.raises(ValueError, match="3 items"):
        adapter(data, max_batch=2).set_stock(stock_writes(data, 1, 2, 3))


def sized(data: MemoryShopData, *stocks: int) -> tuple[str, list[str]]:
    """A product of 10.00 and the ids of its variants, each 1.50 dearer than the one before, with these stocks."""
    product = data.add_product(sku="P", price=Decimal(10), tax_rule="1", stock=99)
    prices = [Decimal("1.5") * number for number in range(len(stocks))]
    made = [
        data.add_variant(product, sku=f"V{n}", stock=stock, price=price)
        for n, (stock, price) in enumerate(zip(stocks, prices, strict=True))
    ]
    return product, made


def variant_stocks(data: MemoryShopData, product: str) -> list[int]:
    return [row.stock for row in data.products[product].variants.values()]


def test_what_a_product_with_variants_has_in_stock_is_their_sum(data: MemoryShopData) -> None:
    product, [first, second] = sized(data, 3, 4)
    assert stocks(data) == [7]
    ref = adapter(data).stock_refs([second])[second]
    adapter(data).set_stock([StockWrite(key="V1", shop_id=second, stock_ref=ref, quantity=10)])
    assert (stocks(data), variant_stocks(data, product)) == ([13], [3, 10])
    data.delete_variant(first)
    assert stocks(data) == [10]


def test_an_order_of_a_variant_takes_its_pieces_and_a_cancelled_one_gives_them_back(data: MemoryShopData) -> None:
    product, [first, second] = sized(data, 3, 4)
    order = data.place_order({second: 2})
    assert (stocks(data), variant_stocks(data, product)) == ([5], [3, 2])
    data.edit_order(order, {first: 1})
    assert (stocks(data), variant_stocks(data, product)) == ([6], [2, 4])
    data.change_state(order, "6")
    assert (stocks(data), variant_stocks(data, product)) == ([7], [3, 4])


def test_the_goods_of_a_variant_that_was_deleted_come_back_to_nothing(data: MemoryShopData) -> None:
    _, made = sized(data, 3, 4)
    order = data.place_order({made[1]: 2})
    data.delete_variant(made[1])
    data.change_state(order, "6")
    assert stocks(data) == [3]


def test_a_variant_costs_its_difference_from_its_product(data: MemoryShopData) -> None:
    product, [_, second] = sized(data, 3, 4)
    assert (data.displayed_price(product), data.displayed_price(second)) == (Decimal("12.00"), Decimal("13.80"))
    order = data.place_order({second: 2})
    [line] = sales_order_of(data.orders[order]).lines
    assert (line.article, line.sku, line.unit.net) == (second, "V1", Decimal("11.5"))


def test_what_does_not_exist_cannot_be_ordered(data: MemoryShopData) -> None:
    product, _ = sized(data, 3)
    for missing in ("99", f"{product}/99"):
        with pytest.raises(Refused):
            data.place_order({missing: 1})


def test_a_product_bears_no_more_variants_than_declared(data: MemoryShopData) -> None:
    shop = adapter(data)
    product, _ = sized(data, *[0] * shop.manifest.most_variants)
    [outcome] = shop.create_variants([VariantWrite(key="N", shop_id=product, sku="N")])
    assert isinstance(outcome.error, RefusedByShop)
    assert len(data.products[product].variants) == shop.manifest.most_variants


def test_a_variant_of_a_value_that_does_not_exist_is_refused(data: MemoryShopData) -> None:
    product, _ = sized(data, 3)
    [outcome] = adapter(data).create_variants([VariantWrite(key="N", shop_id=product, sku="N", values=("77",))])
    assert isinstance(outcome.error, RefusedByShop)
    assert len(data.products[product].variants) == 1


# --- its failures ----------------------------------------------------------------------------------------------------


def test_a_call_can_fail_before_anything_is_done(data: MemoryShopData) -> None:
    writes = stock_writes(data, 1, 2)
    data.fail("set_stock", "refused")
    with pytest.raises(Unavailable):
        adapter(data).set_stock(writes)
    assert stocks(data) == [50, 50]


def test_an_answer_can_be_lost_after_the_commit(data: MemoryShopData) -> None:
    writes = stock_writes(data, 1, 2)
    data.fail("set_stock", "lost", done=None)
    with pytest.raises(WriteUnanswered):
        adapter(data).set_stock(writes)
    assert stocks(data) == [1, 2]


def test_half_a_batch_can_be_done_without_an_answer(data: MemoryShopData) -> None:
    writes = stock_writes(data, 1, 2, 3)
    data.fail("set_stock", "lost", done=2)
    with pytest.raises(WriteUnanswered):
        adapter(data).set_stock(writes)
    assert stocks(data) == [1, 2, 50]


def test_a_failure_can_wait_for_its_call(data: MemoryShopData) -> None:
    writes = stock_writes(data, 1, 2)
    data.fail("set_stock", "429", skip=1)
    shop = adapter(data)
    shop.set_stock(writes[:1])
    shop.brands()
    with pytest.raises(RateLimited):
        shop.set_stock(writes[1:])


def test_one_item_can_be_refused_and_stops_its_batch(data: MemoryShopData) -> None:
    writes = stock_writes(data, 1, 2, 3)
    data.refused["A1"] = "locked by its owner"
    shop = adapter(data)
    with pytest.raises(BatchRefused, match="locked"):
        shop.set_stock(writes)
    assert stocks(data) == [1, 50, 50]
    [outcome] = shop.set_stock(writes[1:2])
    assert isinstance(outcome.error, RefusedByShop)


def test_another_key_is_refused(data: MemoryShopData) -> None:
    data.key = "the-right-one"
    with pytest.raises(CredentialsRefused):
        adapter(data, key="another").brands()


def test_an_order_can_be_placed_between_a_read_and_a_write(data: MemoryShopData) -> None:
    [write] = stock_writes(data, 10)

    def order_arrives(call: str, items: object) -> None:
        if call == "set_stock":
            data.before.remove(order_arrives)
            data.place_order({write.shop_id: 1})

    data.before.append(order_arrives)
    adapter(data).set_stock([write])
    assert len(data.orders) == 1
    assert stocks(data) == [10]


# --- its file --------------------------------------------------------------------------------------------------------


def test_two_adapters_on_one_file_are_one_shop(tmp_path: Path) -> None:
    path = str(tmp_path / "shop.json")
    first, second = adapter(path=path), adapter(path=path)
    [made] = first.create_products([ProductWrite(key="A1", sku="A1", price=Decimal("8.325"), weight=Decimal("0.3"))])
    order = second.data.place_order({made.shop_id: 2})
    assert [one.stock for one in first.read_products([made.shop_id])] == [-2]
    assert second.read_products([made.shop_id]) == first.read_products([made.shop_id])
    assert [one.shop_id for page in first.orders() for one in page] == [order]


def test_a_killed_process_leaves_its_finished_writes_behind(tmp_path: Path) -> None:
    path = tmp_path / "shop.json"
    data = MemoryShopData(path=path)
    product = data.add_product(sku="A1", stock=1)
    program = (
        "import os, signal, sys\n"
        "from passerelle.connectors.memory_shop.client import MemoryShopData\n"
        "data = MemoryShopData(path=sys.argv[1])\n"
        "def sell(row): data.products[row].stock = 7; return row\n"
        "data.write('set_stock', [sys.argv[2]], sell)\n"
        "print('written', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path), product], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.kill()
    data.load()
    assert data.products[product].stock == 7
    assert [file.name for file in tmp_path.iterdir()] == ["shop.json"]


def test_rows_edited_by_hand_are_kept_by_saving(tmp_path: Path) -> None:
    data = MemoryShopData(path=tmp_path / "shop.json")
    product = data.add_product(sku="A1", texts={"name": {"fr": "Écrou ]]> 🔧"}})
    value = data.add_option_value(data.add_option("Taille"), "S")
    data.add_variant(product, sku="A1-S", values=[value], price=Decimal("0.5"), default=True)
    data.products[product].visible = True
    data.save()
    again = MemoryShopData(path=tmp_path / "shop.json")
    assert again.state == data.state


def test_an_order_reads_back_as_it_was_sold_from_the_file_too(tmp_path: Path) -> None:
    data = MemoryShopData(path=tmp_path / "shop.json")
    product = data.add_product(sku="A1", price=Decimal("8.325"), tax_rule="1", stock=9)
    order = data.place_order({product: 7}, sold={"payment_method": "card", "message": "Vite"})
    data.change_state(order, "4", author="3")
    row = MemoryShopData(path=tmp_path / "shop.json").orders[order]
    read = sales_order_of(row)
    assert (read.status, read.payment_method, read.message) == ("4", "card", "Vite")
    assert (read.total, read.paid) == (TaxedAmount(Decimal("58.28"), Decimal("69.93")), Decimal("69.93"))
    assert [(one.status, one.author) for one in statuses_of(row).history] == [("2", ""), ("4", "3")]


def test_what_is_given_of_a_sale_wins(data: MemoryShopData) -> None:
    product = data.add_product(sku="A1", price=Decimal(10), tax_rule="1", stock=9)
    odd = TaxedAmount(Decimal(1), Decimal(2))
    order = data.place_order({product: 1}, status="1", sold={"total": odd, "currency": "CHF"})
    read = sales_order_of(data.orders[order])
    assert (read.total, read.currency, read.paid) == (odd, "CHF", 0)
